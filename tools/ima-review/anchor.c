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
#define FORMAT "d-ng|n-ng|buf" /* of ima-buf */

static uint64_t little(const uint8_t *p, size_t size)
{
	uint64_t n = 0;

	while (size--)
		n = n << 8 | p[size];
	return n;
}

static bool named(const struct ir_entry *entry)
{
	return entry->path && entry->path_size > strlen(PREFIX) &&
	       !memcmp(entry->path, PREFIX, strlen(PREFIX));
}

bool ir_anchor_named(const struct ir_entry *entry)
{
	return !strcmp(entry->template, "ima-buf") && named(entry);
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

/* @sure: the digest is that of the data, not only one that this verifier cannot make */
static bool digest_fits(const struct ir_entry *entry, const struct ir_field *buf, bool sure)
{
	const struct ir_hash *hash = ir_hash_named(entry->hash, strlen(entry->hash));
	uint8_t digest[IR_DIGEST_MAX];

	if (!hash || !ir_hash_works(hash))
		return hash && !sure;
	return ir_digest(hash, buf->data, buf->size, digest) &&
	       !memcmp(digest, entry->file_digest, hash->size);
}

/*
 * The template's name is in no digest, so that of an anchor can be any. What it holds is: nothing
 * else that the kernel measures has such a name and such data. A key, whose keyring anybody may
 * name, begins with 0x30, and a signature with 3 or 5 or 6.
 */
bool ir_anchor_is(const struct ir_entry *entry)
{
	struct ir_entry as;
	uint64_t id;

	return memmem(entry->data, entry->size, PREFIX, strlen(PREFIX)) &&
	       ir_entry_as(entry, FORMAT, &as) && named(&as) &&
	       parse_id(as.path + strlen(PREFIX), as.path_size - strlen(PREFIX), &id) &&
	       as.fields[2].size == IR_ANCHOR_SIZE && as.fields[2].data[0] == 1 &&
	       digest_fits(&as, &as.fields[2], false);
}

const char *ir_anchor_parse(const struct ir_entry *entry, struct ir_anchor *anchor)
{
	const struct ir_field *buf;
	struct ir_entry as;
	uint64_t id;

	*anchor = (struct ir_anchor){ .entry = entry->number };
	if (!ir_entry_as(entry, FORMAT, &as) || !named(&as) || entry->violation)
		return "it is no good entry";
	if (!parse_id(as.path + strlen(PREFIX), as.path_size - strlen(PREFIX), &id))
		return "its name has no id";
	buf = &as.fields[2];
	if (buf->size != IR_ANCHOR_SIZE)
		return "its data are not 64 bytes";
	if (!digest_fits(&as, buf, true))
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

struct ir_anchor_slot {
	uint64_t id;
	size_t first, last; /* index + 1; 0: free */
};

/* Ids are counted up by the kernel; others make a search longer, and no worse than linear. */
static struct ir_anchor_slot *slot_of(const struct ir_anchors *anchors, uint64_t id)
{
	size_t at = (id * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (anchors->n_slots - 1);

	while (anchors->slots[at].first && anchors->slots[at].id != id)
		at = (at + 1) & (anchors->n_slots - 1);
	return &anchors->slots[at];
}

static void slots_grow(struct ir_anchors *anchors)
{
	struct ir_anchor_slot *old = anchors->slots;
	size_t n = anchors->n_slots;

	if (anchors->n_ids * 2 < n)
		return;
	anchors->n_slots = n ? n * 2 : 64;
	anchors->slots = ir_alloc(anchors->n_slots * sizeof(*anchors->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i].first)
			*slot_of(anchors, old[i].id) = old[i];
	free(old);
}

const struct ir_anchor *ir_anchors_first(const struct ir_anchors *anchors, uint64_t id)
{
	const struct ir_anchor_slot *slot = anchors->n_slots ? slot_of(anchors, id) : NULL;

	return slot && slot->first ? &anchors->anchors[slot->first - 1] : NULL;
}

const struct ir_anchor *ir_anchors_next(const struct ir_anchors *anchors,
					const struct ir_anchor *anchor)
{
	return anchor->next ? &anchors->anchors[anchor->next] : NULL;
}

static const char *misplaced(const struct ir_anchor *before, const struct ir_anchor *anchor)
{
	if (!before)
		return anchor->flags & IR_ANCHOR_FIRST ? NULL :
							 "the first of its namespace is missing";
	if (anchor->flags & IR_ANCHOR_FIRST)
		return "a second first one of its namespace";
	if (before->flags & IR_ANCHOR_LAST)
		return "it follows the last one of its namespace";
	if (anchor->count < before->count)
		return "it covers fewer entries than the one before";
	if (anchor->count == before->count &&
	    memcmp(anchor->digest, before->digest, sizeof(anchor->digest)))
		return "it covers as many entries as the one before, and has another digest";
	return NULL;
}

/*
 * Ids start anew with each kernel, so a first one behind a later boot_aggregate is of another
 * namespace. Nothing else sets anchors aside: a boot_aggregate may be anybody's file.
 */
static bool begins_anew(const struct ir_anchors *anchors, const struct ir_anchor *before,
			const struct ir_anchor *anchor)
{
	return anchor->flags & IR_ANCHOR_FIRST && before->epoch != anchors->epoch;
}

const char *ir_anchors_add(struct ir_anchors *anchors, const struct ir_anchor *anchor)
{
	struct ir_anchor *added, *before = NULL;
	struct ir_anchor_slot *slot;
	const char *bad;

	if (anchors->n == anchors->room) {
		anchors->room = anchors->room ? anchors->room * 2 : 16;
		anchors->anchors =
			ir_array(anchors->anchors, anchors->room, sizeof(*anchors->anchors));
	}
	slots_grow(anchors);
	slot = slot_of(anchors, anchor->id);
	if (!slot->first) {
		slot->id = anchor->id;
		anchors->n_ids++;
	} else if (begins_anew(anchors, &anchors->anchors[slot->last - 1], anchor)) {
		anchors->anchors[slot->first - 1].begins = false;
	} else {
		before = &anchors->anchors[slot->last - 1];
	}
	bad = misplaced(before, anchor);
	added = &anchors->anchors[anchors->n++];
	*added = *anchor;
	added->next = 0;
	added->begins = !before;
	added->epoch = anchors->epoch;
	if (before)
		before->next = anchors->n - 1;
	else
		slot->first = anchors->n;
	slot->last = anchors->n;
	return bad;
}

void ir_anchors_epoch(struct ir_anchors *anchors)
{
	anchors->epoch++;
}

void ir_anchors_clear(struct ir_anchors *anchors)
{
	free(anchors->anchors);
	free(anchors->slots);
	*anchors = (struct ir_anchors){ 0 };
}

int ir_anchors_check(const struct ir_anchors *anchors, uint64_t id, struct ir_list *list,
		     uint64_t *proven, uint64_t *total, char **error)
{
	const struct ir_hash *sha256 = ir_hash_of_tpm(0x000b);
	uint8_t running[32] = { 0 }, digest[IR_DIGEST_MAX];
	const struct ir_anchor *next = ir_anchors_first(anchors, id);
	const bool none = !next;
	struct ir_entry entry;
	int held = 0;

	*proven = *total = 0;
	*error = NULL;
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
		for (; next && next->count == entry.number; next = ir_anchors_next(anchors, next)) {
			if (memcmp(running, next->digest, sizeof(running))) {
				*error = ir_text("entries up to %" PRIu64
						 " are not those of anchor %" PRIu64
						 " of the host's list",
						 entry.number, next->entry);
				return -EBADMSG;
			}
			held++;
			*proven = entry.number;
		}
	}
	if (next) {
		*error = ir_text("%" PRIu64 " entries, but anchor %" PRIu64
				 " of the host's list covers %" PRIu64,
				 *total, next->entry, next->count);
		return -EBADMSG;
	}
	return none ? -ENOENT : held;
}
