// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Anchors: entries of the host's list that fix what the list of a namespace held
 *
 * Template ima-buf, name `ima_ns:0x<id>`, 64 bytes, little endian: version 1, flags, 2 of zero,
 * TPM algorithm of the running digest, id, id of the nearest active ancestor, count, running
 * digest.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <string.h>

#include "ima-review.h"

#define PREFIX "ima_ns:0x"

static uint64_t little(const uint8_t *p, size_t size)
{
	uint64_t n = 0;

	while (size--)
		n = n << 8 | p[size];
	return n;
}

bool ir_anchor_is(const struct ir_entry *entry)
{
	return !strcmp(entry->template, "ima-buf") && entry->path &&
	       entry->path_size > strlen(PREFIX) && !memcmp(entry->path, PREFIX, strlen(PREFIX));
}

/* lower-case hex without leading zeros, 1 to 16 digits */
static bool parse_id(const uint8_t *text, size_t size, uint64_t *id)
{
	if (size > 16 || (text[0] == '0' && size > 1))
		return false;
	*id = 0;
	for (size_t i = 0; i < size; i++) {
		if (text[i] >= '0' && text[i] <= '9')
			*id = *id << 4 | (uint64_t)(text[i] - '0');
		else if (text[i] >= 'a' && text[i] <= 'f')
			*id = *id << 4 | (uint64_t)(text[i] - 'a' + 10);
		else
			return false;
	}
	return true;
}

const char *ir_anchor_parse(const struct ir_entry *entry, struct ir_anchor *anchor)
{
	const struct ir_field *buf = ir_entry_field(entry, "buf");
	const struct ir_hash *hash = ir_hash_named(entry->hash, strlen(entry->hash));
	uint8_t digest[IR_DIGEST_MAX];
	uint64_t id;

	*anchor = (struct ir_anchor){ .entry = entry->number };
	if (!parse_id(entry->path + strlen(PREFIX), entry->path_size - strlen(PREFIX), &id))
		return "its name has no id";
	if (entry->bad || entry->violation)
		return "it is no good entry";
	if (!buf || buf->size != IR_ANCHOR_SIZE)
		return "its data are not 64 bytes";
	if (!hash || !ir_digest(hash, buf->data, buf->size, digest) ||
	    memcmp(digest, entry->file_digest, hash->size))
		return "its digest is not that of its data";
	if (buf->data[0] != 1)
		return "its version is not 1";
	if (buf->data[1] & ~(IR_ANCHOR_FIRST | IR_ANCHOR_LAST | IR_ANCHOR_CLOSED))
		return "it has unknown flags";
	if (buf->data[2] || buf->data[3])
		return "its reserved bytes are not zero";
	if (little(buf->data + 4, 4) != 0x000b)
		return "its running digest is not of sha256";
	anchor->flags = buf->data[1];
	anchor->id = little(buf->data + 8, 8);
	anchor->parent = little(buf->data + 16, 8);
	anchor->count = little(buf->data + 24, 8);
	memcpy(anchor->digest, buf->data + 32, sizeof(anchor->digest));
	if (anchor->id != id)
		return "its data name another namespace than its name";
	if (!anchor->count)
		return "it covers no entry";
	return NULL;
}

const char *ir_anchors_add(struct ir_anchors *anchors, const struct ir_anchor *anchor)
{
	const struct ir_anchor *before = NULL;
	const char *bad = NULL;

	for (size_t i = anchors->n; i-- > 0 && !before;)
		if (anchors->anchors[i].id == anchor->id)
			before = &anchors->anchors[i];
	if (!before && !(anchor->flags & IR_ANCHOR_FIRST))
		bad = "the first of its namespace is missing";
	else if (before && (anchor->flags & IR_ANCHOR_FIRST))
		bad = "a second first one of its namespace";
	else if (before && (before->flags & IR_ANCHOR_LAST))
		bad = "it follows the last one of its namespace";
	else if (before && anchor->count < before->count)
		bad = "it covers fewer entries than the one before";
	else if (before && anchor->count == before->count &&
		 memcmp(anchor->digest, before->digest, sizeof(anchor->digest)))
		bad = "it covers as many entries as the one before, and has another digest";
	if (anchors->n == anchors->room) {
		anchors->room = anchors->room ? anchors->room * 2 : 16;
		anchors->anchors =
			ir_array(anchors->anchors, anchors->room, sizeof(*anchors->anchors));
	}
	anchors->anchors[anchors->n++] = *anchor;
	return bad;
}

void ir_anchors_clear(struct ir_anchors *anchors)
{
	free(anchors->anchors);
	*anchors = (struct ir_anchors){ 0 };
}

int ir_anchors_check(const struct ir_anchors *anchors, uint64_t id, struct ir_list *list,
		     uint64_t *proven, uint64_t *total, char **error)
{
	const struct ir_hash *sha256 = ir_hash_of_tpm(0x000b);
	uint8_t running[32] = { 0 }, digest[IR_DIGEST_MAX];
	size_t next = 0;
	int held = 0, rc = 0;
	struct ir_entry entry;

	*proven = *total = 0;
	*error = NULL;
	while (next < anchors->n && anchors->anchors[next].id != id)
		next++;
	if (next == anchors->n)
		rc = -ENOENT;
	for (;;) {
		int got = ir_list_next(list, &entry);

		if (got < 0) {
			*error = ir_text("entry %" PRIu64 ": %s", list->n + 1,
					 got == -EIO ? "cannot be read" : list->error);
			return -EBADMSG;
		}
		if (!got)
			break;
		*total = entry.number;
		if (entry.violation) {
			memset(digest, 0xff, sizeof(digest));
		} else if (!ir_entry_digest(&entry, sha256, digest) ||
			   memcmp(digest, entry.digest, sha256->size)) {
			*error = ir_text("entry %" PRIu64
					 ": its template digest is not that of its data",
					 entry.number);
			return -EBADMSG;
		}
		ir_extend(sha256, running, digest);
		while (next < anchors->n && anchors->anchors[next].count == entry.number) {
			const struct ir_anchor *a = &anchors->anchors[next];

			if (memcmp(running, a->digest, sizeof(running))) {
				*error = ir_text("entries up to %" PRIu64
						 " are not those of anchor %" PRIu64
						 " of the host's list",
						 entry.number, a->entry);
				return -EBADMSG;
			}
			held++;
			*proven = entry.number;
			do {
				next++;
			} while (next < anchors->n && anchors->anchors[next].id != id);
		}
	}
	if (next < anchors->n) {
		*error = ir_text("%" PRIu64 " entries, but anchor %" PRIu64
				 " of the host's list covers %" PRIu64,
				 *total, anchors->anchors[next].entry,
				 anchors->anchors[next].count);
		return -EBADMSG;
	}
	return rc ? rc : held;
}
