// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keylime's runtime policies: what a host, or a container, is allowed to measure
 *
 * One for the host from its list, one for each container from the records and lists that are
 * attributed to it. Keylime parses the templates ima, ima-ng, ima-sig and ima-buf; entries of other
 * templates are left out.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <json.h>
#include <libaudit.h>
#include <string.h>

#include "report.h"

struct policy {
	uint64_t contid; /* CONTID_UNSET: the host */
	struct json_object *digests, *keyrings, *buffers;
	struct json_object *seen; /* what they have, by kind, digest and name */
	bool anchors;
};

struct export
{
	struct ir_review *r;
	struct policy *host;
	struct policy **of; /* of each container, NULL: nothing yet */
};

static struct policy *policy_new(uint64_t contid)
{
	struct policy *p = ir_alloc(sizeof(*p));

	*p = (struct policy){ .contid = contid,
			      .digests = json_object_new_object(),
			      .keyrings = json_object_new_object(),
			      .buffers = json_object_new_object(),
			      .seen = json_object_new_object() };
	return p;
}

/* NULL: of a container beyond those that are counted. */
static struct policy *policy_of(struct export *export, uint64_t contid)
{
	const struct ir_attribution *who = &export->r->who;
	const struct ir_container *c = ir_container_find(who, contid);
	struct policy **p = c ? &export->of[c - who->containers] : NULL;

	if (p && !*p)
		*p = policy_new(contid);
	return p ? *p : NULL;
}

/* name: [digest, ...], each once */
static void allow(struct policy *policy, struct json_object *map, const char *name,
		  const char *digest)
{
	IR_FREE char *key = ir_text("%c %s %s",
				    map == policy->digests  ? 'd' :
				    map == policy->keyrings ? 'k' :
							      'b',
				    digest, name);
	struct json_object *list;

	if (json_object_object_get_ex(policy->seen, key, NULL))
		return;
	json_object_object_add(policy->seen, key, NULL);
	if (!json_object_object_get_ex(map, name, &list)) {
		list = json_object_new_array();
		json_object_object_add(map, name, list);
	}
	json_object_array_add(list, json_object_new_string(digest));
}

/* Keylime takes buffers that begin as DER does for keys, and their name for a keyring. */
static void allow_entry(struct policy *policy, const struct ir_entry *entry)
{
	const struct ir_field *buf = ir_entry_field(entry, "buf");
	IR_FREE char *digest = NULL, *path = NULL;

	if (!entry->path || !entry->file_digest || entry->violation || entry->bad ||
	    !ir_template_keylime(entry->template))
		return;
	if (ir_anchor_named(entry)) {
		policy->anchors = true;
		return;
	}
	digest = ir_hex(entry->file_digest, entry->file_digest_size);
	path = ir_path_text(entry);
	allow(policy,
	      !buf				? policy->digests :
	      buf->size && buf->data[0] == 0x30 ? policy->keyrings :
						  policy->buffers,
	      path, digest);
}

/* With a quote, what it does not cover may be anybody's: nothing is allowed for that. */
static int host_entry(const struct ir_shown *shown, void *data)
{
	const struct export *export = data;
	const struct ir_review *r = export->r;

	if (shown->flags & IR_ENTRY_OTHER_PCR ||
	    (r->have_quote && r->covered_known && shown->entry->number > r->covered))
		return 0;
	allow_entry(export->host, shown->entry);
	return 0;
}

static int own_entry(const struct ir_namespace *ns, const struct ir_entry *entry, void *data)
{
	struct policy *policy = policy_of(data, ns->contid);

	if (policy)
		allow_entry(policy, entry);
	return 0;
}

static int rule_event(const struct contid_event *event, void *data)
{
	for (size_t i = 0; event->chain.n && i < event->n; i++) {
		struct policy *policy;
		IR_FREE char *path = NULL, *digest = NULL, *shown = NULL;
		uint8_t bytes[IR_DIGEST_MAX];
		size_t size;
		char *hex;

		if (event->records[i].type != AUDIT_INTEGRITY_RULE ||
		    !ir_rule_record(&event->records[i], &path, &size, &digest))
			continue;
		hex = strchr(digest, ':');
		if (!hex || ir_unhex(hex + 1, strlen(hex + 1), bytes, sizeof(bytes)) <= 0)
			continue;
		policy = policy_of(data, event->chain.id[0]);
		shown = ir_escape(path, size);
		if (policy)
			allow(policy, policy->digests, shown, hex + 1);
	}
	return 0;
}

static void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	json_object_put(policy->digests);
	json_object_put(policy->keyrings);
	json_object_put(policy->buffers);
	json_object_put(policy->seen);
	free(policy);
}

static struct json_object *policy_json(const struct policy *policy)
{
	struct json_object *root = json_object_new_object(), *meta = json_object_new_object(),
			   *ima = json_object_new_object(), *excludes = json_object_new_array();

	json_object_object_add(meta, "version", json_object_new_int(1));
	json_object_object_add(meta, "generator", json_object_new_int(0));
	json_object_object_add(root, "meta", meta);
	json_object_object_add(root, "release", json_object_new_int(0));
	json_object_object_add(root, "digests", json_object_get(policy->digests));
	/* anchors of namespaces change with every boot */
	if (policy->contid == CONTID_UNSET)
		json_object_array_add(excludes, json_object_new_string("ima_ns:.*"));
	json_object_object_add(root, "excludes", excludes);
	json_object_object_add(root, "keyrings", json_object_get(policy->keyrings));
	json_object_object_add(ima, "ignored_keyrings", json_object_new_array());
	/* of the template digests in ascii_runtime_measurements, which Keylime's agent reads */
	json_object_object_add(ima, "log_hash_alg", json_object_new_string("sha1"));
	json_object_object_add(ima, "dm_policy", NULL);
	json_object_object_add(root, "ima", ima);
	json_object_object_add(root, "ima-buf", json_object_get(policy->buffers));
	json_object_object_add(root, "verification-keys", json_object_new_string(""));
	return root;
}

static int write_policy(int dir, const struct policy *policy)
{
	IR_FREE char *name = policy->contid == CONTID_UNSET ?
				     ir_copy("host.json") :
				     ir_text("contid-%" PRIu64 ".json", policy->contid);
	struct json_object *root = policy_json(policy);
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	IR_FCLOSE FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int rc = file ? 0 : -errno;

	if (file) {
		fputs(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
								   JSON_C_TO_STRING_NOSLASHESCAPE),
		      file);
		fputc('\n', file);
		if (fflush(file) || ferror(file))
			rc = -EIO;
	}
	json_object_put(root);
	return rc;
}

int ir_report_keylime(struct ir_review *r, const char *folder, char **error)
{
	struct export export = { .r = r };
	int dir IR_CLOSE = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	*error = NULL;
	if (dir < 0) {
		*error = ir_text("%s: cannot be opened: %s; give a folder with --export-to", folder,
				 strerror(errno));
		return -errno;
	}
	export.host = policy_new(CONTID_UNSET);
	export.of = ir_alloc(r->who.n_containers * sizeof(*export.of));
	rc = ir_review_entries(r, host_entry, &export);
	if (!rc)
		rc = ir_review_namespace_entries(r, own_entry, &export);
	if (!rc)
		rc = ir_review_events(r, rule_event, &export);
	if (rc == -ENOENT)
		rc = 0;
	if (!rc)
		rc = write_policy(dir, export.host);
	for (size_t i = 0; !rc && i < r->who.n_containers; i++)
		if (export.of[i])
			rc = write_policy(dir, export.of[i]);
	policy_free(export.host);
	for (size_t i = 0; i < r->who.n_containers; i++)
		policy_free(export.of[i]);
	free(export.of);
	if (rc)
		*error = ir_text("%s: policies cannot be written: %s; look at the file system",
				 folder, strerror(-rc));
	return rc;
}
