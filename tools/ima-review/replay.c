// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host's lists: replayed in all banks side by side, compared with the quote and each other
 *
 * All lists of a host hold the same entries and differ in the template digest alone. So they are
 * read in step, one entry of each at a time, and memory does not grow with them.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <string.h>

#include "ima-review.h"

#define BINARY "binary_runtime_measurements_"
#define ASCII  "ascii_runtime_measurements_"
#define LISTS  IR_BANKS

struct lane {
	struct ir_bank *bank;
	FILE *file, *ascii_file;
	struct ir_list list;
	struct ir_ascii ascii;
	struct ir_entry entry;
	bool has, ended, broken;	/* the binary list */
	bool ascii_ended, ascii_broken; /* its ascii form */
	uint8_t digest[IR_DIGEST_MAX];	/* what was extended */
};

struct replay {
	struct ir_review *r;
	struct lane lanes[LISTS];
	size_t n;
	struct ir_anchors *anchors;
	uint64_t boots, forms_bad;
	uint64_t named;	   /* entries with the name of an anchor and the data of something else */
	char *first_named; /* the first of them, and why it is none */
	bool boot_bad;	   /* the first one */
	bool extended;	   /* PCR 10, by the last entry */
};

static const struct ir_hash *sha1(void)
{
	return ir_hash_of_tpm(0x0004);
}

/* ---- banks ---- */

static struct ir_bank *bank_add(struct ir_review *r, const struct ir_hash *hash, uint16_t alg)
{
	struct ir_bank *bank;

	for (size_t i = 0; i < r->n_banks; i++)
		if (r->banks[i].alg == alg && r->banks[i].hash == hash)
			return &r->banks[i];
	if (r->n_banks == IR_BANKS)
		return NULL;
	bank = &r->banks[r->n_banks++];
	*bank = (struct ir_bank){ .hash = hash, .alg = alg };
	return bank;
}

/* Those of the quote in its order, then lists without a bank. */
static void find_banks(struct ir_review *r)
{
	for (size_t i = 0; r->have_quote && i < r->quote.selection.n; i++) {
		uint16_t alg = r->quote.selection.banks[i].alg;
		struct ir_bank *bank = bank_add(r, ir_hash_of_tpm(alg), alg);

		if (!bank)
			continue;
		bank->quoted = true;
		bank->pcrs = ir_pcrs_bank(&r->pcrs, alg);
	}
	for (size_t i = 0; i < r->manifest.n; i++) {
		const char *name = r->manifest.files[i].name;
		const struct ir_hash *hash;
		struct ir_bank *bank;

		if (strncmp(name, BINARY, strlen(BINARY)))
			continue;
		name += strlen(BINARY);
		hash = ir_hash_named(name, strlen(name));
		bank = hash ? bank_add(r, hash, hash->tpm) : NULL;
		if (bank)
			bank->listed = true;
		else if (strncmp(name, "tpm_alg_", 8))
			ir_finding(&r->checks[IR_CHECK_FORMS], "list %s: of an unknown hash", name);
	}
}

static void open_lanes(struct replay *p)
{
	struct ir_review *r = p->r;

	for (size_t i = 0; i < r->n_banks; i++) {
		struct ir_bank *bank = &r->banks[i];
		struct lane *lane = &p->lanes[p->n];
		IR_FREE char *binary = NULL, *ascii = NULL;

		if (!bank->listed)
			continue;
		binary = ir_text(BINARY "%s", bank->hash->name);
		ascii = ir_text(ASCII "%s", bank->hash->name);
		lane->bank = bank;
		lane->file = ir_evidence_open(r->dir, binary);
		if (!lane->file) {
			ir_finding(&r->checks[IR_CHECK_REPLAY], "%s: cannot be read: %s", binary,
				   strerror(errno));
			bank->listed = false;
			bank->bad++;
			continue;
		}
		ir_list_begin(&lane->list, lane->file, bank->hash);
		lane->ascii_file = ir_evidence_open(r->dir, ascii);
		if (lane->ascii_file) {
			ir_ascii_begin(&lane->ascii, lane->ascii_file);
		} else {
			p->forms_bad++;
			lane->ascii_ended = lane->ascii_broken = true;
			ir_finding(&r->checks[IR_CHECK_FORMS], "%s: missing", ascii);
		}
		p->n++;
	}
}

static void close_lanes(struct replay *p)
{
	for (size_t i = 0; i < p->n; i++) {
		ir_list_end(&p->lanes[i].list);
		ir_ascii_end(&p->lanes[i].ascii);
		fclose(p->lanes[i].file);
		if (p->lanes[i].ascii_file)
			fclose(p->lanes[i].ascii_file);
	}
}

/* ---- one entry ---- */

static const char *shown_path(const struct ir_entry *entry, char buf[80])
{
	IR_FREE char *text = NULL;

	if (!entry->path)
		return "no path";
	text = ir_escape((const char *)entry->path, entry->path_size < 60 ? entry->path_size : 60);
	snprintf(buf, 80, "%s%s", text, entry->path_size > 60 ? "..." : "");
	return buf;
}

/* The template digest of a bank whose hash the kernel lacks: SHA-1 and zeros. */
static bool padded_digest(const struct ir_entry *entry, const struct ir_hash *hash, uint8_t *out)
{
	memset(out, 0, IR_DIGEST_MAX);
	return hash->size >= sha1()->size && ir_entry_digest(entry, sha1(), out);
}

/* Compares the stored digest with that of the data, and finds out how the kernel hashes here. */
static bool digest_good(struct ir_bank *bank, const struct ir_entry *entry, bool *unknown)
{
	uint8_t own[IR_DIGEST_MAX], padded[IR_DIGEST_MAX];
	bool is_own, is_padded;

	*unknown = !ir_hash_works(bank->hash);
	is_own = !*unknown && ir_entry_digest(entry, bank->hash, own) &&
		 !memcmp(own, entry->digest, bank->hash->size);
	if (is_own && (!bank->style_known || !bank->padded)) {
		bank->style_known = true;
		return true;
	}
	is_padded = bank->hash != sha1() && padded_digest(entry, bank->hash, padded) &&
		    !memcmp(padded, entry->digest, bank->hash->size);
	if (is_padded && (!bank->style_known || bank->padded)) {
		bank->style_known = bank->padded = true;
		*unknown = false;
		return true;
	}
	return false;
}

static void judge_entry(struct replay *p, struct lane *lane)
{
	struct ir_check *check = &p->r->checks[IR_CHECK_REPLAY];
	struct ir_bank *bank = lane->bank;
	struct ir_entry *entry = &lane->entry;
	bool first = lane == p->lanes, unknown = false;
	char path[80];

	bank->entries++;
	if (entry->violation) {
		bank->violations++;
		memset(lane->digest, 0xff, sizeof(lane->digest));
	} else {
		memcpy(lane->digest, entry->digest, bank->hash->size);
		if (!digest_good(bank, entry, &unknown)) {
			bank->bad++;
			ir_finding(check, "entry %" PRIu64 ", bank %s: %s (%s)", entry->number,
				   bank->hash->name,
				   unknown ? "this verifier lacks the hash of its template digest" :
					     "its template digest is not that of its data",
				   shown_path(entry, path));
		}
	}
	/* the rest is the same in each list, and compared */
	if (!first)
		return;
	if (!entry->known) {
		bank->bad++;
		ir_finding(check, "entry %" PRIu64 ": unknown template %.64s", entry->number,
			   entry->template);
	} else if (entry->bad) {
		bank->bad++;
		ir_finding(check, "entry %" PRIu64 ": %s (template %.64s)", entry->number,
			   entry->bad, entry->template);
	}
}

static void extend_lane(struct replay *p, struct lane *lane)
{
	struct ir_bank *bank = lane->bank;

	if (lane->entry.pcr != IR_PCR)
		return;
	if (ir_hash_works(bank->hash))
		ir_extend(bank->hash, bank->pcr, lane->digest);
	p->extended = true;
}

/* Banks that the kernel has no list of get SHA-1 of the data and zeros. */
static void extend_unlisted(struct replay *p, const struct ir_entry *entry)
{
	struct ir_review *r = p->r;
	uint8_t digest[IR_DIGEST_MAX];

	for (size_t i = 0; i < r->n_banks; i++) {
		struct ir_bank *bank = &r->banks[i];

		if (bank->listed || !bank->hash)
			continue;
		bank->padded = bank->style_known = true;
		bank->entries++;
		if (entry->violation) {
			bank->violations++;
			memset(digest, 0xff, sizeof(digest));
		} else if (!padded_digest(entry, bank->hash, digest)) {
			bank->bad++;
			continue;
		}
		if (entry->pcr == IR_PCR && ir_hash_works(bank->hash))
			ir_extend(bank->hash, bank->pcr, digest);
	}
}

/* ---- 4: the covered prefix ---- */

/* Whether the quoted digest is the one of PCRs 0 to 9 as read and PCR 10 as it is now. */
static bool quote_fits(const struct ir_review *r)
{
	uint8_t bytes[IR_BANKS * IR_PCRS * IR_DIGEST_MAX], digest[IR_DIGEST_MAX];
	const struct ir_hash *hash = ir_hash_of_tpm(r->quote_hash);
	size_t n = 0;

	if (!hash || r->quote.digest_size != hash->size)
		return false;
	for (size_t i = 0; i < r->quote.selection.n; i++) {
		const struct ir_bank_pcrs *asked = &r->quote.selection.banks[i];
		const struct ir_bank *bank = NULL;

		for (size_t j = 0; j < r->n_banks; j++)
			if (r->banks[j].quoted && r->banks[j].alg == asked->alg)
				bank = &r->banks[j];
		if (!bank || !bank->hash || !bank->pcrs)
			return false;
		for (int pcr = 0; pcr < IR_PCRS; pcr++) {
			if (!(asked->selected >> pcr & 1))
				continue;
			if (pcr != IR_PCR && bank->pcrs->size[pcr] != bank->hash->size)
				return false;
			memcpy(bytes + n, pcr == IR_PCR ? bank->pcr : bank->pcrs->value[pcr],
			       bank->hash->size);
			n += bank->hash->size;
		}
	}
	return ir_digest(hash, bytes, n, digest) && !memcmp(digest, r->quote.digest, hash->size);
}

static void cover(struct replay *p, uint64_t entries)
{
	struct ir_review *r = p->r;

	if (!r->have_quote || r->covered_known || !quote_fits(r))
		return;
	r->covered_known = true;
	r->covered = entries;
	for (size_t i = 0; i < r->n_banks; i++)
		memcpy(r->banks[i].pcr_covered, r->banks[i].pcr, IR_DIGEST_MAX);
}

/* ---- 5: boot_aggregate ---- */

/* What is wrong with a boot_aggregate; NULL if nothing is. Freed by the caller. */
static char *boot_wrong(const struct ir_review *r, const struct ir_entry *entry)
{
	const struct ir_hash *hash = ir_hash_named(entry->hash, strlen(entry->hash));
	const struct ir_bank_pcrs *pcrs;
	uint8_t bytes[10 * IR_DIGEST_MAX], digest[IR_DIGEST_MAX];
	int last;

	if (!hash || !entry->file_digest)
		return ir_text("boot_aggregate without a digest");
	if (ir_is_filled(entry->file_digest, entry->file_digest_size, 0))
		return ir_text("boot_aggregate is zero: the kernel saw no TPM");
	pcrs = hash->tpm ? ir_pcrs_bank(&r->pcrs, hash->tpm) : NULL;
	/* for a bank that was not quoted nobody vouches */
	if (pcrs && r->have_quote && !ir_pcrs_bank(&r->quote.selection, hash->tpm))
		pcrs = NULL;
	if (!pcrs)
		return ir_text("no %sPCRs of bank %s to recompute it",
			       r->have_quote ? "quoted " : "", hash->name);
	/* 8 and 9 were left out when there was SHA-1 only */
	last = hash == sha1() ? 8 : 10;
	for (int pcr = 0; pcr < last; pcr++) {
		if (pcrs->size[pcr] != hash->size)
			return ir_text("PCR %d of bank %s was not read", pcr, hash->name);
		memcpy(bytes + (size_t)pcr * hash->size, pcrs->value[pcr], hash->size);
	}
	if (!ir_digest(hash, bytes, (size_t)last * hash->size, digest) ||
	    entry->file_digest_size != hash->size || memcmp(digest, entry->file_digest, hash->size))
		return ir_text("boot_aggregate is not the %s of PCRs 0 to %d", hash->name,
			       last - 1);
	return NULL;
}

/*
 * The first one has to be good. Later ones are of kernels that kexec started, or of a file: a path
 * that is too long for the kernel is measured by its last name alone, and anybody may make one. The
 * PCRs are no secret, so such a file may be good as well.
 */
static void check_boot(struct replay *p, const struct ir_entry *entry)
{
	struct ir_review *r = p->r;
	struct ir_check *check = &r->checks[IR_CHECK_BOOT];
	IR_FREE char *wrong = boot_wrong(r, entry);
	bool first = !p->boots++;

	if (wrong && first) {
		p->boot_bad = true;
		ir_finding(check, "entry %" PRIu64 ": %s", entry->number, wrong);
	} else if (wrong) {
		p->boots--;
		ir_finding(check, "entry %" PRIu64 " is named boot_aggregate and is none: %s",
			   entry->number, wrong);
	}
	if (!wrong && !first)
		ir_finding(check,
			   "entry %" PRIu64 " is a later boot_aggregate: of a kernel that kexec "
			   "started, or of a file of that name",
			   entry->number);
	if (!wrong || first || !r->pcrs.n)
		ir_anchors_epoch(&r->anchors);
}

/* ---- 6: ascii against binary, and lists against each other ---- */

static unsigned int newlines(const char *text, size_t size)
{
	unsigned int n = 0;

	for (size_t i = 0; i + 1 < size; i++)
		n += text[i] == '\n';
	return n;
}

static void compare_ascii(struct replay *p, struct lane *lane)
{
	struct ir_check *check = &p->r->checks[IR_CHECK_FORMS];
	const struct ir_entry *entry = &lane->entry;
	const struct ir_hash *hash = lane->bank->hash;
	IR_FREE char *want = NULL;
	size_t size;
	int rc;

	if (lane->ascii_ended)
		return;
	want = ir_entry_ascii(entry, entry->digest, hash->size, &size);
	rc = ir_ascii_next(&lane->ascii, newlines(want, size));
	if (rc != 1) {
		lane->ascii_ended = true;
		if (rc) {
			lane->ascii_broken = true;
			p->forms_bad++;
			ir_finding(check, ASCII "%s: line %" PRIu64 ": %s", hash->name,
				   lane->ascii.n + (rc == -EBADMSG),
				   rc == -EIO ? "cannot be read" : lane->ascii.error);
		}
		return;
	}
	/* without fields there is nothing to compare but the head */
	if (entry->known && !entry->bad) {
		if (size == lane->ascii.size && !memcmp(want, lane->ascii.line, size))
			return;
	} else if (lane->ascii.pcr == entry->pcr && lane->ascii.digest_size == hash->size &&
		   !memcmp(lane->ascii.digest, entry->digest, hash->size) &&
		   !strcmp(lane->ascii.template, entry->template)) {
		return;
	}
	p->forms_bad++;
	ir_finding(check, "entry %" PRIu64 ", %s: ascii and binary differ in the %s", entry->number,
		   hash->name,
		   lane->ascii.pcr != entry->pcr ? "PCR" :
		   lane->ascii.digest_size != hash->size ||
				   memcmp(lane->ascii.digest, entry->digest, hash->size) ?
						   "template digest" :
		   strcmp(lane->ascii.template, entry->template) ? "template" :
								   "fields");
}

static void compare_lists(struct replay *p, struct lane *lane)
{
	const struct ir_entry *a = &p->lanes[0].entry, *b = &lane->entry;
	const char *what = NULL;

	if (a->pcr != b->pcr)
		what = "PCR";
	else if (strcmp(a->template, b->template))
		what = "template";
	else if (a->size != b->size || memcmp(a->data, b->data, a->size))
		what = "template data";
	else if (a->violation != b->violation)
		what = "digest of a violation";
	if (!what)
		return;
	p->forms_bad++;
	ir_finding(&p->r->checks[IR_CHECK_FORMS],
		   "entry %" PRIu64 ": lists %s and %s differ in the %s", a->number,
		   p->lanes[0].bank->hash->name, lane->bank->hash->name, what);
}

/* What the binary list lacks and the ascii list has, up to the count; then the lengths. */
static void compare_lengths(struct replay *p)
{
	struct ir_review *r = p->r;
	struct ir_check *check = &r->checks[IR_CHECK_FORMS];
	const struct ir_manifest *m = &r->manifest;

	for (size_t i = 0; i < p->n; i++) {
		struct lane *lane = &p->lanes[i];
		const char *name = lane->bank->hash->name;
		uint64_t lines = lane->ascii.n;

		/* A line of a name with newlines counts more than once; the list grew meanwhile. */
		while (!lane->ascii_ended && ir_ascii_next(&lane->ascii, 0) == 1)
			lines = lane->ascii.n;
		if (m->count_before < 0 || m->count_after < 0)
			continue;
		if (!lane->broken && (lane->bank->entries < (uint64_t)m->count_before ||
				      lane->bank->entries > (uint64_t)m->count_after)) {
			p->forms_bad++;
			ir_finding(check,
				   BINARY "%s: %" PRIu64
					  " entries, runtime_measurements_count says %" PRId64,
				   name, lane->bank->entries, m->count_after);
		}
		if (!lane->ascii_broken && lines < (uint64_t)m->count_before) {
			p->forms_bad++;
			ir_finding(check,
				   ASCII "%s: %" PRIu64
					 " lines, runtime_measurements_count says %" PRId64,
				   name, lines, m->count_after);
		}
	}
}

/* ---- all entries ---- */

/* Only the kernel makes such entries, so one that is wrong fails. */
static void note_anchor(struct replay *p, const struct ir_entry *entry)
{
	struct ir_anchor anchor;
	const char *bad = ir_anchor_parse(entry, &anchor);

	if (!bad)
		bad = ir_anchors_add(&p->r->anchors, &anchor);
	if (!bad && strcmp(entry->template, "ima-buf"))
		bad = "its template was given another name than ima-buf";
	if (!bad)
		return;
	p->r->bad_anchors++;
	ir_finding(&p->r->checks[IR_CHECK_NAMESPACES],
		   "entry %" PRIu64 " of the host's list: anchor: %s", entry->number, bad);
}

static void note_entry(struct replay *p, const struct ir_entry *entry)
{
	struct ir_review *r = p->r;
	/* of other entries the quote says nothing, or nothing of their data */
	const bool extended = entry->pcr == IR_PCR && !entry->violation;
	const bool after = r->have_quote && r->covered_known;
	struct ir_anchor anchor;
	uint8_t flags = 0;

	if (entry->number > r->room_flags) {
		r->room_flags = r->room_flags ? r->room_flags * 2 : 4096;
		r->flags = ir_array(r->flags, r->room_flags, 1);
	}
	if (entry->violation) {
		flags |= IR_ENTRY_VIOLATION;
		r->violations++;
	}
	if (!entry->known || entry->bad)
		flags |= IR_ENTRY_BAD;
	if (entry->pcr != IR_PCR) {
		flags |= IR_ENTRY_OTHER_PCR;
		r->other_pcr += !after;
	}
	if (!ir_template_keylime(entry->template)) {
		flags |= IR_ENTRY_TEMPLATE;
		r->other_templates++;
	}
	if (extended && !after && entry->path && entry->path_size == 14 &&
	    !memcmp(entry->path, "boot_aggregate", 14)) {
		check_boot(p, entry);
	} else if (extended && !after && ir_anchor_is(entry)) {
		flags |= IR_ENTRY_ANCHOR;
		note_anchor(p, entry);
	} else if (extended && !after && ir_anchor_named(entry)) {
		/* the first tells what they are */
		if (!p->named++)
			p->first_named = ir_text("entry %" PRIu64 ": %s", entry->number,
						 ir_anchor_parse(entry, &anchor));
	}
	r->flags[entry->number - 1] = flags;
	ir_attribution_entry(&r->who, entry);
}

/* One entry of each list that goes on; false at the end of all of them. */
static bool step(struct replay *p)
{
	struct ir_review *r = p->r;
	bool any = false, all = true;

	p->extended = false;
	for (size_t i = 0; i < p->n; i++) {
		struct lane *lane = &p->lanes[i];
		int rc;

		lane->has = false;
		if (lane->ended) {
			all = false;
			continue;
		}
		rc = ir_list_next(&lane->list, &lane->entry);
		if (rc == 1) {
			lane->has = any = true;
			continue;
		}
		lane->ended = true;
		all = false;
		if (!rc)
			continue;
		lane->broken = true;
		lane->bank->bad++;
		ir_finding(&r->checks[IR_CHECK_REPLAY], BINARY "%s: entry %" PRIu64 ": %s",
			   lane->bank->hash->name, lane->list.n + 1,
			   rc == -EIO ? "cannot be read" : lane->list.error);
	}
	for (size_t i = 0; i < p->n; i++) {
		struct lane *lane = &p->lanes[i];

		if (!lane->has)
			continue;
		judge_entry(p, lane);
		extend_lane(p, lane);
		compare_ascii(p, lane);
		if (i && p->lanes[0].has)
			compare_lists(p, lane);
	}
	if (p->lanes[0].has) {
		const struct ir_entry *entry = &p->lanes[0].entry;

		note_entry(p, entry);
		extend_unlisted(p, entry);
		r->entries = entry->number;
	}
	/* beyond the end of one list there is nothing to compare all banks with */
	if (any && all && p->extended)
		cover(p, r->entries);
	return any;
}

static void say_replay(struct replay *p)
{
	struct ir_review *r = p->r;
	struct ir_check *check = &r->checks[IR_CHECK_REPLAY];
	IR_FREE char *text = ir_copy("");
	uint64_t bad = 0;

	for (size_t i = 0; i < r->n_banks; i++) {
		const struct ir_bank *bank = &r->banks[i];
		char *more;

		if (!bank->hash) {
			bad++;
			ir_finding(check, "bank 0x%04x: unknown to this verifier", bank->alg);
			continue;
		}
		if (bank->quoted && !ir_hash_works(bank->hash)) {
			bad++;
			ir_finding(check, "bank %s: this verifier lacks the hash",
				   bank->hash->name);
		}
		bad += bank->bad;
		more = ir_text("%s%s%s %" PRIu64 " entries%s", text, *text ? ", " : "",
			       bank->hash->name, bank->entries,
			       !bank->padded ? "" :
			       bank->listed  ? " (the kernel lacks it: SHA-1 and zeros)" :
					       " (no list: SHA-1 and zeros)");
		free(text);
		text = more;
	}
	if (r->violations)
		ir_finding(check, "%" PRIu64 " violation%s: what was measured there is uncertain",
			   r->violations, r->violations == 1 ? "" : "s");
	r->bad = bad;
	if (!r->have_list)
		ir_check_set(check, IR_FAILED, "the evidence has no binary list");
	else
		ir_check_set(check, bad ? IR_FAILED : IR_HOLDS, "%s%s", text,
			     r->violations ? "; with violations" : "");
}

/* Whether a quoted bank holds more than SHA-1 of the entries. */
static bool beyond_sha1(const struct ir_review *r)
{
	for (size_t i = 0; i < r->n_banks; i++)
		if (r->banks[i].quoted && r->banks[i].hash != sha1() && !r->banks[i].padded)
			return true;
	return false;
}

static void say_prefix(struct replay *p)
{
	struct ir_review *r = p->r;
	struct ir_check *check = &r->checks[IR_CHECK_PREFIX];

	if (r->unquoted) {
		ir_check_set(check, IR_SKIPPED, "not asked for");
		return;
	}
	if (!r->have_quote) {
		ir_check_set(check, IR_FAILED, "there is no quote to compare with");
		return;
	}
	if (!r->covered_known) {
		ir_check_set(
			check, IR_FAILED,
			"no beginning of the list gives the quoted PCRs: entries were removed, "
			"swapped or changed, or the PCRs 0 to 9 were");
		return;
	}
	ir_check_set(check, IR_HOLDS, "entries 1 to %" PRIu64 " of %" PRIu64, r->covered,
		     r->entries);
	if (!beyond_sha1(r))
		ir_finding(check, "by SHA-1 alone, of which collisions can be made");
	if (r->other_pcr)
		ir_finding(check, "%" PRIu64 " of them are of other PCRs than 10: not proven",
			   r->other_pcr);
	if (r->covered < r->entries)
		ir_finding(check, "%" PRIu64 " after the quote: not proven",
			   r->entries - r->covered);
}

static void say_boot(struct replay *p)
{
	struct ir_review *r = p->r;
	struct ir_check *check = &r->checks[IR_CHECK_BOOT];

	if (!p->boots)
		ir_check_set(check, IR_FAILED, "the list has no boot_aggregate");
	else if (r->unquoted && !r->pcrs.n) {
		for (size_t i = 0; i < check->n_findings; i++)
			free(check->findings[i]);
		check->n_findings = 0;
		ir_check_set(check, IR_SKIPPED, "there are no PCRs to compare with");
	} else if (p->boot_bad)
		ir_check_set(check, IR_FAILED, "it is not that of the boot PCRs");
	else
		ir_check_set(check, IR_HOLDS, "%" PRIu64 " recomputed from the boot PCRs",
			     p->boots);
}

/* Whoever adds a key may name its keyring as an anchor: that is told, and fails nothing. */
static void say_named(struct replay *p)
{
	if (p->named)
		ir_finding(&p->r->checks[IR_CHECK_NAMESPACES],
			   "%" PRIu64 " entr%s of the host's list named as an anchor and none: %s",
			   p->named, p->named == 1 ? "y" : "ies", p->first_named);
	free(p->first_named);
}

static void say_forms(struct replay *p)
{
	struct ir_review *r = p->r;
	struct ir_check *check = &r->checks[IR_CHECK_FORMS];

	compare_lengths(p);
	/* without both nothing tells a list that was cut from a whole one */
	if (r->manifest.count_before < 0 || r->manifest.count_after < 0) {
		p->forms_bad++;
		ir_finding(check, "runtime_measurements_count was not read %s the lists",
			   r->manifest.count_before < 0 ? "before" : "after");
	}
	if (r->other_templates)
		ir_finding(check,
			   "%" PRIu64 " entries of templates that Keylime does not parse (it knows "
			   "ima, ima-ng, ima-sig and ima-buf)",
			   r->other_templates);
	if (p->forms_bad || !p->n)
		ir_check_set(check, IR_FAILED, "the forms of the list do not agree");
	else
		ir_check_set(check, IR_HOLDS,
			     "%zu binary and %zu ascii lists agree, count %" PRId64, p->n, p->n,
			     r->manifest.count_after);
}

void ir_review_lists(struct ir_review *r)
{
	struct replay p = { .r = r };
	uint64_t n = 0;

	find_banks(r);
	open_lanes(&p);
	r->have_list = p.n > 0;
	if (p.n)
		r->list_hash = p.lanes[0].bank->hash;
	cover(&p, 0);
	while (step(&p))
		if (!(++n & 1023))
			ir_progress("entries of the host's list", n,
				    r->manifest.count_after > 0 ?
					    (uint64_t)r->manifest.count_after :
					    0);
	say_replay(&p);
	say_prefix(&p);
	say_boot(&p);
	say_forms(&p);
	say_named(&p);
	close_lanes(&p);
}
