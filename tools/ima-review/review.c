// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The review: all checks over a folder of evidence, and what may be said afterwards
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libaudit.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "ima-review.h"

const char *const ir_state_words[] = {
	[IR_HOLDS] = "holds",	     [IR_FAILED] = "FAILED", [IR_SKIPPED] = "skipped",
	[IR_WORD] = "kernel's word", [IR_NOTED] = "noted",
};
const char *const ir_check_titles[IR_CHECKS] = {
	[IR_CHECK_EVIDENCE] = "evidence",     [IR_CHECK_SIGNATURE] = "signature",
	[IR_CHECK_STRUCTURE] = "structure",   [IR_CHECK_REPLAY] = "replay",
	[IR_CHECK_PREFIX] = "covered prefix", [IR_CHECK_BOOT] = "boot_aggregate",
	[IR_CHECK_FORMS] = "list forms",      [IR_CHECK_NAMESPACES] = "namespace lists",
	[IR_CHECK_AUDIT] = "audit log",
};

void ir_check_set(struct ir_check *check, enum ir_state state, const char *format, ...)
{
	va_list args;

	free(check->text);
	check->state = state;
	va_start(args, format);
	if (vasprintf(&check->text, format, args) < 0)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	va_end(args);
}

void ir_finding(struct ir_check *check, const char *format, ...)
{
	va_list args;

	if (check->n_findings == IR_FINDINGS) {
		check->more++;
		return;
	}
	va_start(args, format);
	if (vasprintf(&check->findings[check->n_findings++], format, args) < 0)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	va_end(args);
}

/* ---- the files ---- */

static void check_sum_of_manifest(struct ir_review *r)
{
	struct ir_check *check = &r->checks[IR_CHECK_EVIDENCE];
	IR_FREE uint8_t *text = NULL;
	IR_FREE char *want = NULL;
	char sum[65];
	size_t size;

	if (ir_evidence_sum(r->dir, IR_MANIFEST, sum) ||
	    ir_read_file(r->dir, IR_MANIFEST_SUM, 4096, &text, &size)) {
		ir_finding(check, "%s: missing", IR_MANIFEST_SUM);
		return;
	}
	want = ir_text("%s  %s\n", sum, IR_MANIFEST);
	if (strcmp(want, (char *)text))
		ir_finding(check, "%s: changed (not the checksum in %s)", IR_MANIFEST,
			   IR_MANIFEST_SUM);
}

static void check_strangers(struct ir_review *r)
{
	struct ir_check *check = &r->checks[IR_CHECK_EVIDENCE];
	DIR *dir = fdopendir(openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..") ||
		    !strcmp(d->d_name, IR_MANIFEST) || !strcmp(d->d_name, IR_MANIFEST_SUM) ||
		    ir_manifest_file(&r->manifest, d->d_name))
			continue;
		{
			IR_FREE char *name = ir_escape(d->d_name, strlen(d->d_name));

			ir_finding(check, "%s: not in the manifest", name);
		}
	}
	if (dir)
		closedir(dir);
}

static void check_evidence(struct ir_review *r)
{
	struct ir_check *check = &r->checks[IR_CHECK_EVIDENCE];

	check_sum_of_manifest(r);
	for (size_t i = 0; i < r->manifest.n; i++) {
		const struct ir_file *file = &r->manifest.files[i];
		char sum[65];
		int rc = ir_evidence_sum(r->dir, file->name, sum);

		if (rc)
			ir_finding(check, "%s: cannot be read: %s", file->name, strerror(-rc));
		else if (strcmp(sum, file->sha256))
			ir_finding(check, "%s: changed (not the sha256 in the manifest)",
				   file->name);
	}
	check_strangers(r);
	if (check->n_findings)
		ir_check_set(check, IR_FAILED, "the files are not those that were collected");
	else
		ir_check_set(check, IR_HOLDS, "%zu files as in the manifest", r->manifest.n);
}

/* ---- 1 and 2: the quote ---- */

struct quote_files {
	uint8_t *message, *signature, *pcrs, *public;
	size_t message_size, signature_size, pcrs_size, public_size;
};

static void quote_files_free(struct quote_files *f)
{
	free(f->message);
	free(f->signature);
	free(f->pcrs);
	free(f->public);
}

static int read_quote_files(struct ir_review *r, struct quote_files *f, const char **missing)
{
	const struct {
		const char *name;
		uint8_t **bytes;
		size_t *size;
	} files[] = {
		{ IR_QUOTE_MSG, &f->message, &f->message_size },
		{ IR_QUOTE_SIG, &f->signature, &f->signature_size },
		{ IR_QUOTE_PCRS, &f->pcrs, &f->pcrs_size },
		{ IR_AK_PUBLIC, &f->public, &f->public_size },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		int rc =
			ir_read_file(r->dir, files[i].name, 1 << 20, files[i].bytes, files[i].size);

		if (rc) {
			*missing = files[i].name;
			return rc;
		}
	}
	return 0;
}

/* The key that must have signed, and the one of the bundle, which tells its attributes. */
static bool find_key(struct ir_review *r, const struct quote_files *f, struct ir_check *check,
		     char **error)
{
	IR_FREE uint8_t *bytes = NULL;
	struct ir_key bundle;
	size_t size;
	int rc;

	rc = ir_key_public(f->public, f->public_size, &bundle);
	if (rc) {
		ir_finding(check, "%s: no public key that we know", IR_AK_PUBLIC);
		ir_check_set(check, IR_FAILED, "there is no key");
		bundle = (struct ir_key){ 0 };
	}
	if (!r->ak_file) {
		r->key = bundle;
		if (bundle.pkey)
			r->key_name = ir_hex(bundle.name, bundle.name_size);
		return bundle.pkey != NULL;
	}
	rc = ir_read_file(AT_FDCWD, r->ak_file, 65536, &bytes, &size);
	if (rc) {
		*error = ir_text("%s: cannot be read: %s", r->ak_file, strerror(-rc));
		ir_key_free(&bundle);
		return false;
	}
	rc = ir_key_file(bytes, size, &r->key);
	if (rc) {
		*error = ir_text(rc == -EINVAL ?
					 "%s: its line 'name:' holds no name of a TPM's key; take "
					 "the file as 'ima-review enroll' printed it" :
					 "%s: neither PEM nor TPM2B_PUBLIC of an ECC or RSA key",
				 r->ak_file);
		ir_key_free(&bundle);
		return false;
	}
	r->pinned = true;
	/* a name is the digest of the public area, and its attributes are part of that */
	r->attributes_pinned = r->key.name_size > 0;
	if (bundle.pkey && !ir_key_same(&bundle, &r->key))
		ir_finding(check, "%s is another key than the pinned one", IR_AK_PUBLIC);
	else if (bundle.pkey && r->key.name_size &&
		 (r->key.name_size != bundle.name_size ||
		  memcmp(r->key.name, bundle.name, bundle.name_size)))
		ir_finding(check, "%s has another name than the pinned key", IR_AK_PUBLIC);
	else if (bundle.pkey && !r->key.has_attributes) {
		/* the same key: what is known of it is in the bundle */
		r->key.has_attributes = true;
		r->key.restricted = bundle.restricted;
		r->key.hash = bundle.hash;
		memcpy(r->key.name, bundle.name, sizeof(bundle.name));
		r->key.name_size = bundle.name_size;
	}
	r->key_name = ir_hex(r->key.name, r->key.name_size);
	ir_key_free(&bundle);
	return true;
}

static void check_signature(struct ir_review *r, const struct quote_files *f, char **error)
{
	struct ir_check *check = &r->checks[IR_CHECK_SIGNATURE];
	const char *why;
	const struct ir_hash *hash;

	if (!find_key(r, f, check, error))
		return;
	if (!ir_quote_signed(&r->key, f->message, f->message_size, f->signature, f->signature_size,
			     &r->quote_hash, &why)) {
		ir_check_set(check, IR_FAILED, "%s", why);
		return;
	}
	if (check->n_findings) {
		ir_check_set(
			check, IR_FAILED,
			"signed by the pinned key, but what the evidence says of it does not fit");
		return;
	}
	if (!r->key.has_attributes || !r->key.restricted) {
		ir_check_set(check, IR_FAILED,
			     "the key is not a restricted signing key of a TPM: whoever may use it "
			     "signs any quote");
		return;
	}
	hash = ir_hash_of_tpm(r->quote_hash);
	ir_check_set(check, IR_HOLDS, "%s with %s by the %s key %s", r->key.type,
		     hash ? hash->name : "?", r->pinned ? "pinned" : "unpinned", r->key_name);
	if (!r->pinned)
		ir_finding(check,
			   "unpinned: the key came with the evidence, any TPM has such a key; "
			   "give the enrolled one with --ak");
	else if (!r->attributes_pinned)
		ir_finding(
			check,
			"the pinned key has no name: that it is restricted is the evidence's own "
			"word; pin what 'ima-review enroll' printed");
}

static void check_selection(struct ir_review *r)
{
	struct ir_check *check = &r->checks[IR_CHECK_STRUCTURE];
	const struct ir_pcrs *quoted = &r->quote.selection;
	const struct ir_manifest *m = &r->manifest;

	if (r->quote.selection_odd)
		ir_finding(check, "the quote has PCRs beyond 23, or a bank twice");
	for (size_t i = 0; i < quoted->n; i++)
		if (quoted->banks[i].selected != (1u << IR_PCRS) - 1)
			ir_finding(check, "bank 0x%04x: quoted PCRs are not 0 to 10",
				   quoted->banks[i].alg);
	for (size_t i = 0; i < m->n_banks; i++)
		if (!ir_pcrs_bank(quoted, m->banks[i]))
			ir_finding(check, "bank 0x%04x: active, but not quoted", m->banks[i]);
	if (quoted->n != m->n_banks)
		ir_finding(check, "%zu banks are quoted, %zu were asked for", quoted->n,
			   m->n_banks);
	if (!quoted->n)
		ir_finding(check, "no PCR is quoted");
	for (size_t i = 0; i < quoted->n; i++)
		if (!ir_pcrs_bank(&r->pcrs, quoted->banks[i].alg))
			ir_finding(check, "%s: lacks bank 0x%04x", IR_QUOTE_PCRS,
				   quoted->banks[i].alg);
}

static void check_structure(struct ir_review *r, const struct quote_files *f)
{
	struct ir_check *check = &r->checks[IR_CHECK_STRUCTURE];
	uint8_t own[IR_NONCE_MAX];
	const uint8_t *nonce = r->nonce;
	size_t nonce_size = r->nonce_size;

	if (ir_quote_decode(f->message, f->message_size, &r->quote)) {
		ir_check_set(check, IR_FAILED, "%s: no attestation", IR_QUOTE_MSG);
		return;
	}
	if (ir_pcrs_parse(f->pcrs, f->pcrs_size, &r->pcrs)) {
		r->pcrs = (struct ir_pcrs){ 0 };
		ir_finding(check, "%s: no list of PCRs", IR_QUOTE_PCRS);
	}
	if (r->quote.magic != 0xff544347)
		ir_finding(check, "magic 0x%08x: not made by a TPM", r->quote.magic);
	if (r->quote.type != 0x8018)
		ir_finding(check, "type 0x%04x: not a quote", r->quote.type);
	if (!nonce) {
		nonce_size = (size_t)ir_unhex(r->manifest.nonce, strlen(r->manifest.nonce), own,
					      sizeof(own));
		nonce = own;
	}
	if (r->quote.nonce_size != nonce_size || memcmp(r->quote.nonce, nonce, nonce_size)) {
		IR_FREE char *seen = ir_hex(r->quote.nonce, r->quote.nonce_size);
		IR_FREE char *want = ir_hex(nonce, nonce_size);

		ir_finding(check, "nonce is %s, not %s: the quote was made for another question",
			   seen, want);
	}
	if (r->quote.type == 0x8018)
		check_selection(r);
	r->have_quote = r->quote.type == 0x8018 && r->quote.selection.n;
	if (check->n_findings)
		ir_check_set(check, IR_FAILED, "it is not the quote that was asked for");
	else
		ir_check_set(check, IR_HOLDS, "PCRs 0 to 10 of %zu banks, %s", r->quote.selection.n,
			     r->nonce ? "nonce as asked" :
					"nonce of the collector: freshness is not proven");
}

static int check_quote(struct ir_review *r, char **error)
{
	struct quote_files f __attribute__((cleanup(quote_files_free))) = { 0 };
	const char *missing = NULL;

	if (r->unquoted) {
		ir_check_set(&r->checks[IR_CHECK_SIGNATURE], IR_SKIPPED, "not asked for");
		ir_check_set(&r->checks[IR_CHECK_STRUCTURE], IR_SKIPPED, "not asked for");
		/* values that nobody vouches for; boot_aggregate may be compared with them */
		if (!ir_read_file(r->dir, IR_QUOTE_PCRS, 1 << 20, &f.pcrs, &f.pcrs_size) &&
		    ir_pcrs_parse(f.pcrs, f.pcrs_size, &r->pcrs))
			r->pcrs = (struct ir_pcrs){ 0 };
		return 0;
	}
	if (ir_tss_decoder(error))
		return -ENOSYS;
	if (read_quote_files(r, &f, &missing)) {
		ir_check_set(&r->checks[IR_CHECK_SIGNATURE], IR_FAILED, "%s: missing", missing);
		ir_check_set(&r->checks[IR_CHECK_STRUCTURE], IR_FAILED, "there is no quote");
		return 0;
	}
	check_signature(r, &f, error);
	if (*error)
		return -EINVAL;
	check_structure(r, &f);
	return 0;
}

/* ---- 7: lists of namespaces ---- */

#define NS_PREFIX "ns-0x"

static int by_id(const void *x, const void *y)
{
	uint64_t a = ((const struct ir_namespace *)x)->id, b = ((const struct ir_namespace *)y)->id;

	return a < b ? -1 : a > b;
}

static void namespace_add(struct ir_review *r, uint64_t id, size_t sorted)
{
	struct ir_namespace ns = { .id = id, .contid = CONTID_UNSET, .count = -1 };

	if (sorted && bsearch(&ns, r->namespaces, sorted, sizeof(ns), by_id))
		return;
	r->namespaces = ir_array(r->namespaces, r->n_namespaces + 1, sizeof(*r->namespaces));
	r->namespaces[r->n_namespaces++] = ns;
}

/* Files are ns-0x<id>.<name>; those of one namespace follow each other once sorted. */
static void find_namespaces(struct ir_review *r)
{
	size_t sorted = 0;

	for (size_t i = 0; i < r->manifest.n; i++) {
		const char *name = r->manifest.files[i].name;
		char *end;
		uint64_t id;

		if (strncmp(name, NS_PREFIX, strlen(NS_PREFIX)))
			continue;
		errno = 0;
		id = strtoull(name + strlen(NS_PREFIX), &end, 16);
		if (!errno && *end == '.' && id)
			namespace_add(r, id, 0);
	}
	if (r->n_namespaces)
		qsort(r->namespaces, r->n_namespaces, sizeof(*r->namespaces), by_id);
	for (size_t i = 0; i < r->n_namespaces; i++)
		if (!sorted || r->namespaces[sorted - 1].id != r->namespaces[i].id)
			r->namespaces[sorted++] = r->namespaces[i];
	r->n_namespaces = sorted;
	for (size_t i = 0; i < r->anchors.n; i++)
		if (r->anchors.anchors[i].begins)
			namespace_add(r, r->anchors.anchors[i].id, sorted);
}

static FILE *open_list(struct ir_review *r, uint64_t id, const struct ir_hash **hash)
{
	static const uint16_t order[] = { 0x000b, 0x0004, 0x000c, 0x000d };

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		const struct ir_hash *h = ir_hash_of_tpm(order[i]);
		IR_FREE char *name = ir_text(NS_PREFIX "%" PRIx64 ".binary_runtime_measurements_%s",
					     id, h->name);
		FILE *file = ir_manifest_file(&r->manifest, name) ? ir_evidence_open(r->dir, name) :
								    NULL;

		if (file) {
			*hash = h;
			return file;
		}
	}
	return NULL;
}

/* Without anchors: every digest is recomputed, nothing is proven. */
static const char *replay_namespace(struct ir_list *list, struct ir_namespace *ns,
				    uint64_t *bad_entry)
{
	struct ir_entry entry;
	uint8_t digest[IR_DIGEST_MAX];
	int rc;

	while ((rc = ir_list_next(list, &entry)) == 1) {
		ns->entries++;
		*bad_entry = entry.number;
		ns->violations += entry.violation;
		if (!entry.violation && (!ir_entry_digest(&entry, list->hash, digest) ||
					 memcmp(digest, entry.digest, list->hash->size)))
			return "its template digest is not that of its data";
		if (!entry.known)
			return "unknown template";
		if (entry.bad)
			return entry.bad;
	}
	*bad_entry = list->n + 1;
	return rc < 0 ? rc == -EIO ? "cannot be read" : list->error : NULL;
}

/* Whether the host's list is proven as far as the quote goes, by whatever key. */
static bool quote_holds(const struct ir_review *r)
{
	static const int needed[] = { IR_CHECK_EVIDENCE, IR_CHECK_SIGNATURE, IR_CHECK_STRUCTURE,
				      IR_CHECK_REPLAY, IR_CHECK_PREFIX };

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (r->checks[needed[i]].state != IR_HOLDS)
			return false;
	return r->have_quote && r->covered_known;
}

/* Named by the collector: a container can hide it, and is not to fail the host's review by that. */
static bool sha256_missing(const struct ir_review *r, uint64_t id)
{
	IR_FREE char *name =
		ir_text(NS_PREFIX "%" PRIx64 ".binary_runtime_measurements_sha256", id);

	return ir_manifest_why(&r->manifest, name) != NULL;
}

static void check_namespace(struct ir_review *r, struct ir_namespace *ns, uint64_t *failed)
{
	struct ir_check *check = &r->checks[IR_CHECK_NAMESPACES];
	const struct ir_hash *hash = NULL;
	IR_FCLOSE FILE *file = open_list(r, ns->id, &hash);
	IR_FREE char *error = NULL, *name = NULL;
	IR_FREE uint8_t *count = NULL;
	const struct ir_anchor *last = NULL;
	uint64_t anchors = 0, bad_entry = 0, total;
	struct ir_list list;
	const char *bad;
	size_t size;

	for (const struct ir_anchor *a = ir_anchors_first(&r->anchors, ns->id); a;
	     a = ir_anchors_next(&r->anchors, a)) {
		last = a;
		anchors++;
	}
	ns->anchors = anchors;
	if (!file) {
		ns->note = anchors ? "no list: only its digests stay" : "no list";
		return;
	}
	ns->listed = true;
	name = ir_text(NS_PREFIX "%" PRIx64 ".runtime_measurements_count", ns->id);
	if (!ir_read_file(r->dir, name, 64, &count, &size))
		ns->count = ir_number((char *)count);
	ir_list_begin(&list, file, hash);
	bad = replay_namespace(&list, ns, &bad_entry);
	ir_list_end(&list);
	if (bad) {
		(*failed)++;
		ns->note = "broken";
		ir_finding(check, "namespace 0x%" PRIx64 ": entry %" PRIu64 ": %s", ns->id,
			   bad_entry, bad);
		return;
	}
	if (ns->count >= 0 && ns->entries < (uint64_t)ns->count) {
		(*failed)++;
		ir_finding(check,
			   "namespace 0x%" PRIx64 ": %" PRIu64 " entries, its count says %" PRId64,
			   ns->id, ns->entries, ns->count);
	}
	if (!anchors) {
		ns->note = "kernel's word";
		return;
	}
	if (hash->tpm != 0x000b && sha256_missing(r, ns->id)) {
		ns->note = "its sha256 list was not collected";
		return;
	}
	if (hash->tpm != 0x000b) {
		(*failed)++;
		ns->note = "no sha256 list";
		ir_finding(check, "namespace 0x%" PRIx64 ": anchored, but without its sha256 list",
			   ns->id);
		return;
	}
	rewind(file);
	ir_list_begin(&list, file, hash);
	if (ir_anchors_check(&r->anchors, ns->id, &list, &ns->proven, &total, &error) < 0) {
		(*failed)++;
		ns->note = "not what was anchored";
		ir_finding(check, "namespace 0x%" PRIx64 ": %s%s", ns->id, error,
			   last->epoch == r->anchors.epoch ?
				   "" :
				   "; a boot_aggregate behind that does not set anchors aside");
	} else if (!quote_holds(r)) {
		ns->note = "as anchored in a list that is not proven";
	} else if (ns->proven == total) {
		ns->note = "proven";
	} else {
		ns->note = "proven up to its last anchor";
		ir_finding(check,
			   "namespace 0x%" PRIx64 ": %" PRIu64
			   " entries after its last anchor: not proven",
			   ns->id, total - ns->proven);
	}
	/* an anchor is worth what the list is that has it */
	if (!quote_holds(r))
		ns->proven = 0;
	ir_list_end(&list);
}

/* Anchored, without a list, and without the anchor of its end. */
static bool is_withheld(const struct ir_review *r, const struct ir_namespace *ns,
			const struct ir_anchor **last)
{
	if (ns->listed || !ns->anchors)
		return false;
	for (const struct ir_anchor *a = ir_anchors_first(&r->anchors, ns->id); a;
	     a = ir_anchors_next(&r->anchors, a))
		*last = a;
	return !((*last)->flags & IR_ANCHOR_LAST);
}

/*
 * A namespace may end before its list is read and have its last anchor after the quote, or later:
 * anchors have a budget. One of a kernel before kexec has none. So this is to be looked at, and
 * proves nothing bad; but whoever keeps a list from the collector shows the same.
 */
static uint64_t find_withheld(struct ir_review *r)
{
	uint64_t withheld = 0;

	for (size_t i = 0; i < r->n_namespaces; i++) {
		struct ir_namespace *ns = &r->namespaces[i];
		const struct ir_anchor *last = NULL;

		if (!is_withheld(r, ns, &last))
			continue;
		withheld++;
		ns->note = "no list, and no last anchor: it may live";
		ir_finding(&r->checks[IR_CHECK_NAMESPACES],
			   "namespace 0x%" PRIx64 ": anchored up to its entry %" PRIu64
			   ", not ended, and the evidence has no list of it%s",
			   ns->id, last->count,
			   last->epoch == r->anchors.epoch ?
				   "" :
				   "; it may be of a kernel before the later boot_aggregate");
	}
	return withheld;
}

static void say_missing(struct ir_review *r)
{
	const struct ir_manifest *m = &r->manifest;
	const size_t most = 8;

	for (size_t i = 0; i < m->n_missing && i < most; i++)
		ir_finding(&r->checks[IR_CHECK_NAMESPACES], "%s: not collected: %s",
			   m->missing[i].name, m->missing[i].why);
	if (m->n_missing > most)
		ir_finding(&r->checks[IR_CHECK_NAMESPACES], "%zu more files were not collected",
			   m->n_missing - most);
}

void ir_review_namespaces(struct ir_review *r)
{
	struct ir_check *check = &r->checks[IR_CHECK_NAMESPACES];
	uint64_t failed = r->bad_anchors, anchored = 0, listed = 0, withheld;
	const bool proven = quote_holds(r);

	find_namespaces(r);
	ir_attribution_owners(&r->who);
	for (size_t i = 0; i < r->n_namespaces; i++) {
		struct ir_namespace *ns = &r->namespaces[i];
		const struct ir_container *c = ir_container_of(&r->who, ns->id);
		struct ir_node *node;

		check_namespace(r, ns, &failed);
		anchored += ns->anchors > 0;
		listed += ns->listed;
		if (c)
			ns->contid = c->contid;
		node = ir_node_get(&r->who, ns->contid, ns->id);
		node->count[IR_HOW_LIST] += ns->entries;
		node->violations += ns->violations;
	}
	withheld = find_withheld(r);
	say_missing(r);
	if (failed)
		ir_check_set(check, IR_FAILED, "a list is not what the host's list or itself says");
	else if (withheld || r->manifest.n_missing)
		ir_check_set(check, IR_NOTED,
			     "%" PRIu64 " lists, %" PRIu64
			     " namespaces anchored in the host's list%s, %" PRIu64
			     " not ended and without a list, %zu files not collected",
			     listed, anchored, proven ? "" : " (which is not proven)", withheld,
			     r->manifest.n_missing);
	else if (anchored)
		ir_check_set(check, proven ? IR_HOLDS : IR_WORD,
			     "%" PRIu64 " lists, %" PRIu64
			     " namespaces anchored in the host's list%s",
			     listed, anchored, proven ? "" : " (which is not proven)");
	else
		ir_check_set(check, IR_WORD, "%" PRIu64 " lists, none anchored in the host's list",
			     listed);
}

/* ---- 8: the audit log ---- */

struct log_pass {
	struct ir_review *r;
	struct ir_serials serials;
	uint64_t starts, ends;
	uint64_t first;
};

static int log_event(const struct contid_event *event, void *data)
{
	struct log_pass *pass = data;
	bool daemon = false;

	for (size_t i = 0; i < event->n; i++) {
		int type = event->records[i].type;

		/* serials of the daemon's own records are of another row */
		if (type < AUDIT_FIRST_DAEMON || type > AUDIT_LAST_DAEMON)
			continue;
		daemon = true;
		pass->starts += type == AUDIT_DAEMON_START;
		pass->ends += type == AUDIT_DAEMON_END || type == AUDIT_DAEMON_ABORT;
	}
	pass->r->events++;
	pass->r->records += event->n;
	if (!daemon && event->serial)
		ir_serials_add(&pass->serials, event->serial);
	ir_attribution_event(&pass->r->who, event);
	return 0;
}

int ir_review_events(struct ir_review *r, contid_event_fn each, void *data)
{
	IR_FCLOSE FILE *file = ir_manifest_file(&r->manifest, IR_AUDIT_LOG) ?
				       ir_evidence_open(r->dir, IR_AUDIT_LOG) :
				       NULL;
	IR_FREE char *buf = ir_alloc(1 << 16);
	struct contid_reader *reader;
	struct stat st;
	uint64_t done = 0;
	size_t got;
	int rc;

	if (!file)
		return -ENOENT;
	if (fstat(fileno(file), &st))
		return -errno;
	rc = contid_reader_new(&reader, each, data);
	if (rc)
		return rc;
	contid_reader_boot(reader, r->manifest.boot);
	contid_reader_interpret(reader, false);
	while (!rc && (got = fread(buf, 1, 1 << 16, file)) > 0) {
		rc = contid_reader_feed(reader, buf, got);
		done += got;
		ir_progress("audit log, MiB", done >> 20, (uint64_t)st.st_size >> 20);
	}
	if (!rc && ferror(file))
		rc = -EIO;
	if (!rc)
		rc = contid_reader_flush(reader);
	contid_reader_free(reader);
	return rc;
}

static void check_audit(struct ir_review *r)
{
	struct ir_check *check = &r->checks[IR_CHECK_AUDIT];
	struct log_pass pass = { .r = r };
	int rc = ir_review_events(r, log_event, &pass);
	size_t shown = 0;

	if (rc == -ENOENT) {
		ir_check_set(check, IR_NOTED, "the evidence has no audit log");
		return;
	}
	if (rc) {
		ir_check_set(check, IR_FAILED, "cannot be read: %s", strerror(-rc));
		return;
	}
	r->gaps = ir_serials_gaps(&pass.serials, &r->missing);
	r->daemons = pass.starts;
	for (size_t i = 1; i < pass.serials.n && shown < 8; i++, shown++)
		ir_finding(check, "serials %" PRIu64 " to %" PRIu64 " are missing",
			   pass.serials.ranges[i - 1].to + 1, pass.serials.ranges[i].from - 1);
	if (r->gaps > shown)
		ir_finding(check, "%" PRIu64 " gaps in all, %" PRIu64 " serials are missing",
			   r->gaps, r->missing);
	if (pass.serials.n && pass.serials.ranges[0].from > 1)
		ir_finding(check, "it begins with serial %" PRIu64 ", what was before is not there",
			   pass.serials.ranges[0].from);
	if (r->manifest.lost > 0)
		ir_finding(check, "the kernel lost %" PRId64 " records", r->manifest.lost);
	else if (r->manifest.lost < 0)
		ir_finding(check, "the kernel's counter of lost records is not known");
	if (pass.starts > 1 || pass.ends)
		ir_finding(check,
			   "the daemon was started %" PRIu64 " times and ended %" PRIu64 " times",
			   pass.starts, pass.ends);
	if (r->who.matches_lost)
		ir_finding(check, "%" PRIu64 " matches had no room", r->who.matches_lost);
	ir_check_set(check, check->n_findings ? IR_NOTED : IR_HOLDS,
		     "%" PRIu64 " events, %" PRIu64 " gaps, %" PRId64 " lost", r->events, r->gaps,
		     r->manifest.lost < 0 ? 0 : r->manifest.lost);
	ir_serials_free(&pass.serials);
}

/* ---- all of it ---- */

static void read_containers(struct ir_review *r)
{
	IR_FCLOSE FILE *file = ir_manifest_file(&r->manifest, IR_CONTAINERS) ?
				       ir_evidence_open(r->dir, IR_CONTAINERS) :
				       NULL;
	char line[65536];
	uint64_t n = 0;

	while (file && fgets(line, sizeof(line), file)) {
		n++;
		if (!ir_container_parse(&r->who, line))
			ir_finding(&r->checks[IR_CHECK_EVIDENCE],
				   "%s: line %" PRIu64 ": no container", IR_CONTAINERS, n);
	}
}

/* Host entries, once the log is known: match or none. */
static void count_matches(struct ir_review *r)
{
	struct ir_node *host;
	uint64_t matched = 0;

	ir_attribution_done(&r->who);
	for (size_t i = 0; i < r->who.n_matches; i++) {
		r->who.nodes[r->who.matches[i].node].count[IR_HOW_MATCH]++;
		matched += !i || r->who.matches[i].entry != r->who.matches[i - 1].entry;
	}
	host = ir_node_get(&r->who, CONTID_UNSET, IR_IMANS_HOST);
	host->count[IR_HOW_NONE] += r->entries - (matched < r->entries ? matched : r->entries);
	host->violations += r->violations;
}

int ir_review_run(struct ir_review *r, char **error)
{
	IR_FREE uint8_t *text = NULL;
	IR_FREE char *why = NULL;
	size_t size;
	int rc;

	*error = NULL;
	r->dir = open(r->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir < 0) {
		*error = ir_text("%s: cannot be opened: %s; give a folder that 'ima-review collect "
				 "-o' made",
				 r->folder, strerror(errno));
		return -errno;
	}
	rc = ir_read_file(r->dir, IR_MANIFEST, 4 << 20, &text, &size);
	if (rc) {
		*error = ir_text("%s/%s: cannot be read: %s; give a folder that 'ima-review "
				 "collect -o' made",
				 r->folder, IR_MANIFEST, strerror(-rc));
		return rc;
	}
	rc = ir_manifest_parse((char *)text, size, &r->manifest, &why);
	if (rc) {
		*error = ir_text("%s/%s: not a manifest: %s; collect the evidence again", r->folder,
				 IR_MANIFEST, why);
		return rc;
	}
	check_evidence(r);
	rc = check_quote(r, error);
	if (rc)
		return rc;
	read_containers(r);
	ir_review_lists(r);
	check_audit(r);
	ir_review_namespaces(r);
	count_matches(r);
	ir_progress_end();
	return 0;
}

int ir_review_status(const struct ir_review *r)
{
	if (!r->have_list)
		return CLI_LACKS;
	for (int i = 0; i <= IR_CHECK_NAMESPACES; i++)
		if (r->checks[i].state == IR_FAILED)
			return CLI_NOTHING;
	return CLI_DONE;
}

void ir_review_free(struct ir_review *r)
{
	for (int i = 0; i < IR_CHECKS; i++) {
		free(r->checks[i].text);
		for (size_t j = 0; j < r->checks[i].n_findings; j++)
			free(r->checks[i].findings[j]);
	}
	ir_manifest_free(&r->manifest);
	ir_key_free(&r->key);
	ir_anchors_clear(&r->anchors);
	ir_attribution_free(&r->who);
	free(r->key_name);
	free(r->flags);
	free(r->namespaces);
	if (r->dir > 0)
		close(r->dir);
}

/* ---- entries again, for reports ---- */

static const char *state_of(const struct ir_review *r, uint64_t number, uint8_t flags)
{
	if (flags & IR_ENTRY_BAD)
		return "broken";
	if (flags & IR_ENTRY_VIOLATION)
		return "violation";
	if (!r->have_quote || !r->covered_known)
		return "unproven";
	if (flags & IR_ENTRY_OTHER_PCR)
		return "other PCR";
	if (number > r->covered)
		return "after the quote";
	if (r->bad || ir_review_status(r))
		return "listed";
	/* by some TPM, which may be one of software */
	return r->pinned ? "proven" : "unpinned";
}

int ir_review_entries(struct ir_review *r, int (*each)(const struct ir_shown *, void *), void *data)
{
	IR_FREE char *name = NULL;
	IR_FCLOSE FILE *file = NULL;
	struct ir_entry entry;
	struct ir_list list;
	int rc = 0;

	if (!r->list_hash)
		return 0;
	name = ir_text("binary_runtime_measurements_%s", r->list_hash->name);
	file = ir_evidence_open(r->dir, name);
	if (!file)
		return -errno;
	ir_list_begin(&list, file, r->list_hash);
	while (!rc && ir_list_next(&list, &entry) == 1 && entry.number <= r->entries) {
		struct ir_shown shown = { .entry = &entry };

		shown.flags = r->flags[entry.number - 1];
		shown.state = state_of(r, entry.number, shown.flags);
		shown.matches = ir_attribution_matches(&r->who, entry.number, &shown.n);
		shown.how = shown.n ? IR_HOW_MATCH : IR_HOW_NONE;
		rc = each(&shown, data);
	}
	ir_list_end(&list);
	return rc;
}

int ir_review_namespace_entries(struct ir_review *r,
				int (*each)(const struct ir_namespace *, const struct ir_entry *,
					    void *),
				void *data)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < r->n_namespaces; i++) {
		const struct ir_hash *hash = NULL;
		IR_FCLOSE FILE *file = open_list(r, r->namespaces[i].id, &hash);
		struct ir_entry entry;
		struct ir_list list;

		if (!file)
			continue;
		ir_list_begin(&list, file, hash);
		while (!rc && ir_list_next(&list, &entry) == 1)
			rc = each(&r->namespaces[i], &entry, data);
		ir_list_end(&list);
	}
	return rc;
}

/* ---- what is proven ---- */

size_t ir_statements(const struct ir_review *r, struct ir_statement **out)
{
	struct ir_statement *s = ir_alloc(8 * sizeof(*s));
	const bool quote = quote_holds(r);
	uint64_t anchored = 0;

	for (size_t i = 0; i < r->n_namespaces; i++)
		anchored += r->namespaces[i].proven > 0;
	s[0].claim = "the host list up to entry n is what this kernel extended into this TPM since "
		     "boot";
	s[0].state = quote && r->pinned ? "proven" : quote ? "unpinned" : "unproven";
	s[0].detail = quote ? ir_text("n = %" PRIu64 "%s%s", r->covered,
				      r->pinned ? "" : ", of some TPM",
				      r->nonce ? "" : "; freshness is not proven, no --nonce") :
			      ir_text(r->unquoted ? "without a quote nothing is" :
						    "checks 1 to 4 do not all hold");
	s[1].claim = "the machine is the enrolled one";
	s[1].state = quote && r->pinned ? "proven" : quote ? "some TPM" : "unproven";
	s[1].detail = ir_text("key %s", r->key_name ? r->key_name : "none");
	s[2].claim = "what booted is good";
	s[2].state = "not judged";
	s[2].detail = ir_text("check 5 only ties the list to the boot PCRs: %s",
			      ir_state_words[r->checks[IR_CHECK_BOOT].state]);
	s[3].claim = "files outside the policy, memory, scripts read by an interpreter";
	s[3].state = "not covered";
	s[3].detail = ir_copy("no list has them");
	s[4].claim = "entries after n";
	s[4].state = "not proven";
	s[4].detail = quote ? ir_text("%" PRIu64 " entries", r->entries - r->covered) :
			      ir_text("all %" PRIu64 " entries", r->entries);
	s[5].claim = "namespace lists";
	s[5].state = anchored && quote ? "up to the last anchor" : "kernel's word";
	s[5].detail = ir_text("%zu namespaces, %" PRIu64 " anchored", r->n_namespaces, anchored);
	s[6].claim = "contid, imans, audit records";
	s[6].state = "kernel's word";
	s[6].detail = ir_text("not proven by the TPM, through a log that host root can edit; "
			      "%" PRIu64 " gaps, %" PRIu64 " serials missing",
			      r->gaps, r->missing);
	s[7].claim = "a violation";
	s[7].state = r->violations ? "uncertain" : "none seen";
	s[7].detail = ir_text("the measured content is uncertain: %" PRIu64 " on the host's list",
			      r->violations);
	*out = s;
	return 8;
}

void ir_statements_free(struct ir_statement *statements, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(statements[i].detail);
	free(statements);
}

char *ir_sentence(const struct ir_review *r)
{
	IR_FREE char *violations = r->violations ?
					   ir_text("; %" PRIu64 " violation%s", r->violations,
						   r->violations == 1 ? "" : "s") :
					   ir_copy("");
	const char *age = "";
	int first = 0;

	if (!r->have_list)
		return ir_copy("FAILED: there is no measurement list");
	while (first <= IR_CHECK_NAMESPACES && r->checks[first].state != IR_FAILED)
		first++;
	if (first <= IR_CHECK_NAMESPACES)
		return ir_text("%sFAILED: %s: %s%s", r->unquoted ? "unproven, " : "",
			       ir_check_titles[first], r->checks[first].text, violations);
	if (r->unquoted)
		return ir_text("unproven: %" PRIu64 " entries, no quote was looked at%s",
			       r->entries, violations);
	/* whoever asks no nonce may be shown the quote of a better day */
	if (!r->nonce)
		age = "; no nonce was asked for, so they may be old";
	if (!r->pinned)
		return ir_text("unpinned: %" PRIu64 " of %" PRIu64
			       " entries are proven, by some TPM%s%s",
			       r->covered - r->other_pcr, r->entries, violations, age);
	return ir_text("proven: %" PRIu64 " of %" PRIu64 " entries, by the enrolled TPM%s%s",
		       r->covered - r->other_pcr, r->entries, violations, age);
}
