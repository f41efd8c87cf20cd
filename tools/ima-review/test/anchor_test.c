// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Anchors: bytes, order, and the running digest of a namespace's list
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "../../libcontid/test/unit.h"
#include "../ima-review.h"
#include "build.h"

static struct ir_entry entry;
static struct ir_list list;
static FILE *opened;

/* 64 bytes as the kernel makes them */
static void anchor_bytes(uint8_t out[64], uint8_t flags, uint64_t id, uint64_t count,
			 const uint8_t running[32])
{
	memset(out, 0, 64);
	out[0] = 1;
	out[1] = flags;
	out[4] = 0x0b;
	for (int i = 0; i < 8; i++) {
		out[8 + i] = (uint8_t)(id >> 8 * i);
		out[24 + i] = (uint8_t)(count >> 8 * i);
	}
	out[16] = 3;
	memcpy(out + 32, running, 32);
}

static void host_entry_of(const char *template, const char *name, const uint8_t *bytes, size_t size)
{
	static struct build data, out;
	uint8_t digest[32];

	data.n = out.n = 0;
	build_hash("sha256", bytes, size, digest);
	build_d_ng(&data, "sha256", digest, 32);
	build_field(&data, name, strlen(name) + 1);
	build_field(&data, bytes, size);
	build_entry(&out, "sha1", 10, template, &data, false, false);
	if (opened) {
		ir_list_end(&list);
		fclose(opened);
	}
	opened = fmemopen(out.p, out.n, "r");
	ir_list_begin(&list, opened, ir_hash_named("sha1", 4));
	unit_int(1, ir_list_next(&list, &entry));
}

static void host_entry(const char *name, const uint8_t *bytes, size_t size)
{
	host_entry_of("ima-buf", name, bytes, size);
}

static const uint8_t zeros[32];

static void a_good_one_is_parsed(void)
{
	uint8_t bytes[64], running[32];
	struct ir_anchor anchor;

	memset(running, 0xaa, sizeof(running));
	anchor_bytes(bytes, 1, 0x4b, 7, running);
	host_entry("ima_ns:0x4b", bytes, 64);
	unit_true(ir_anchor_is(&entry));
	unit_true(!ir_anchor_parse(&entry, &anchor));
	unit_int(0x4b, anchor.id);
	unit_int(3, anchor.parent);
	unit_int(7, anchor.count);
	unit_int(IR_ANCHOR_FIRST, anchor.flags);
	unit_bytes(running, anchor.digest, 32);
	host_entry("kexec-cmdline", bytes, 64);
	unit_true(!ir_anchor_is(&entry));
}

/* Its template may be called anything, and no digest would tell. */
static void an_anchor_is_one_by_its_data(void)
{
	static const char *const names[] = { "ima-buf", "ima-sig",	 "ima-cid",
					     "ima-ng",	"d-ng|n-ng|sig", "d-ng|sig|sig",
					     "else",	"sig|n-ng|buf" };
	uint8_t bytes[64], key[64] = { 0x30, 0x3e };
	struct ir_anchor anchor;

	anchor_bytes(bytes, 1, 0x4b, 7, zeros);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		host_entry_of(names[i], "ima_ns:0x4b", bytes, 64);
		unit_true(ir_anchor_is(&entry));
		unit_int(!i, ir_anchor_named(&entry));
		unit_true(!ir_anchor_parse(&entry, &anchor));
		unit_int(0x4b, anchor.id);
		host_entry_of(names[i], "kexec-cmdline", bytes, 64);
		unit_true(!ir_anchor_is(&entry));
		/* what users may bring in under that name */
		host_entry_of(names[i], "ima_ns:0x4b", key, 64);
		unit_true(!ir_anchor_is(&entry));
		host_entry_of(names[i], "ima_ns:0x4b", bytes, 63);
		unit_true(!ir_anchor_is(&entry));
		host_entry_of(names[i], "ima_ns:0x4b ", bytes, 64);
		unit_true(!ir_anchor_is(&entry));
	}
	/* of a file that has those bytes for a signature, and another content */
	host_entry_of("ima-sig", "ima_ns:0x4b", bytes, 64);
	((uint8_t *)entry.fields[0].data)[20] ^= 1;
	unit_true(!ir_anchor_is(&entry));
}

static const char *bad_after(int at, uint8_t value, const char *name)
{
	static uint8_t bytes[64];
	struct ir_anchor anchor;

	anchor_bytes(bytes, 1, 0x4b, 7, zeros);
	if (at >= 0)
		bytes[at] = value;
	host_entry(name, bytes, 64);
	unit_true(ir_anchor_named(&entry));
	return ir_anchor_parse(&entry, &anchor);
}

static void every_byte_counts(void)
{
	uint8_t bytes[64];
	struct ir_anchor anchor;

	unit_text("its version is not 1", bad_after(0, 2, "ima_ns:0x4b"));
	unit_text("it has unknown flags", bad_after(1, 8, "ima_ns:0x4b"));
	unit_text("its reserved bytes are not zero", bad_after(3, 1, "ima_ns:0x4b"));
	unit_text("its running digest is not of sha256", bad_after(5, 1, "ima_ns:0x4b"));
	unit_text("its data name another namespace than its name", bad_after(8, 1, "ima_ns:0x4b"));
	unit_text("its data name another namespace than its name", bad_after(-1, 0, "ima_ns:0x4c"));
	unit_text("it covers no entry", bad_after(24, 0, "ima_ns:0x4b"));
	unit_text("its name has no id", bad_after(-1, 0, "ima_ns:0x4B"));
	unit_text("its name has no id", bad_after(-1, 0, "ima_ns:0x04b"));
	unit_text("its name has no id", bad_after(-1, 0, "ima_ns:0x12345678123456781"));
	anchor_bytes(bytes, 1, 0x4b, 7, zeros);
	host_entry("ima_ns:0x4b", bytes, 63);
	unit_text("its data are not 64 bytes", ir_anchor_parse(&entry, &anchor));
	host_entry("ima_ns:0x4b", bytes, 64);
	((uint8_t *)entry.fields[2].data)[40] ^= 1;
	unit_text("its digest is not that of its data", ir_anchor_parse(&entry, &anchor));
}

static const char *add(struct ir_anchors *anchors, uint8_t flags, uint64_t id, uint64_t count)
{
	struct ir_anchor a = { .flags = flags, .id = id, .count = count };

	return ir_anchors_add(anchors, &a);
}

static void order_is_checked(void)
{
	struct ir_anchors a = { 0 };

	unit_text("the first of its namespace is missing", add(&a, 0, 5, 1));
	ir_anchors_clear(&a);
	unit_true(!add(&a, IR_ANCHOR_FIRST, 5, 1));
	unit_true(!add(&a, IR_ANCHOR_FIRST, 6, 1));
	unit_true(!add(&a, 0, 5, 4));
	unit_text("it covers fewer entries than the one before", add(&a, 0, 5, 3));
	ir_anchors_clear(&a);
	unit_true(!add(&a, IR_ANCHOR_FIRST, 5, 1));
	unit_text("a second first one of its namespace", add(&a, IR_ANCHOR_FIRST, 5, 2));
	ir_anchors_clear(&a);
	unit_true(!add(&a, IR_ANCHOR_FIRST | IR_ANCHOR_LAST, 5, 1));
	unit_text("it follows the last one of its namespace", add(&a, 0, 5, 2));
	ir_anchors_clear(&a);
	unit_true(!add(&a, IR_ANCHOR_FIRST, 5, 2));
	a.anchors[0].digest[0] = 1;
	unit_text("it covers as many entries as the one before, and has another digest",
		  add(&a, IR_ANCHOR_LAST, 5, 2));
	ir_anchors_clear(&a);
}

/* After kexec ids start anew: what was before stays until the namespace begins again. */
static void a_first_one_sets_old_ones_aside(void)
{
	struct ir_anchors a = { 0 };

	unit_true(!add(&a, IR_ANCHOR_FIRST, 5, 3));
	unit_true(!add(&a, IR_ANCHOR_FIRST, 6, 4));
	ir_anchors_epoch(&a);
	unit_int(3, ir_anchors_first(&a, 5)->count);
	unit_true(!add(&a, IR_ANCHOR_FIRST, 5, 1));
	unit_int(1, ir_anchors_first(&a, 5)->count);
	unit_true(!ir_anchors_next(&a, ir_anchors_first(&a, 5)));
	unit_true(!a.anchors[0].begins && a.anchors[2].begins);
	unit_text("a second first one of its namespace", add(&a, IR_ANCHOR_FIRST, 5, 2));
	unit_true(!add(&a, IR_ANCHOR_LAST, 5, 2));
	/* the other one goes on */
	unit_text("it covers fewer entries than the one before", add(&a, 0, 6, 3));
	unit_true(!add(&a, 0, 6, 5));
	unit_int(4, ir_anchors_first(&a, 6)->count);
	unit_int(3, ir_anchors_next(&a, ir_anchors_first(&a, 6))->count);
	unit_int(2, a.n_ids);
	ir_anchors_clear(&a);
}

/* a child's list of @n entries, the third a violation; R after each in @running */
static struct build child_list(int n, uint8_t running[][32])
{
	struct build out = { 0 };
	uint8_t r[32 + 64] = { 0 };

	for (int i = 0; i < n; i++) {
		uint8_t digest[64] = { (uint8_t)(i + 1) };
		char path[16];
		struct build data;

		snprintf(path, sizeof(path), "/bin/%d", i);
		data = build_ng(path, "sha256", digest, 32);
		build_entry(&out, "sha256", 10, "ima-ng", &data, i == 2, false);
		build_digest("sha256", "ima-ng", &data, false, r + 32);
		if (i == 2)
			memset(r + 32, 0xff, 32);
		build_hash("sha256", r, 64, r);
		memcpy(running[i], r, 32);
		free(data.p);
	}
	return out;
}

static int checked(const struct build *bytes, const struct ir_anchors *anchors, uint64_t *proven,
		   uint64_t *total, char **error)
{
	struct ir_list own;
	FILE *file = fmemopen(bytes->p, bytes->n, "r");
	int rc;

	ir_list_begin(&own, file, ir_hash_named("sha256", 6));
	rc = ir_anchors_check(anchors, 0x4b, &own, proven, total, error);
	ir_list_end(&own);
	fclose(file);
	return rc;
}

static void lists_are_held_against_anchors(void)
{
	uint8_t running[6][32];
	struct build bytes = child_list(6, running);
	struct ir_anchors anchors = { 0 };
	struct ir_anchor a = { .id = 0x4b, .flags = IR_ANCHOR_FIRST, .count = 1, .entry = 3 },
			 other = { .id = 0x4c, .flags = IR_ANCHOR_FIRST, .count = 1 };
	uint64_t proven, total;
	char *error;

	unit_int(-ENOENT, checked(&bytes, &anchors, &proven, &total, &error));
	unit_int(6, total);
	unit_int(0, proven);
	memcpy(a.digest, running[0], 32);
	unit_true(!ir_anchors_add(&anchors, &a));
	unit_true(!ir_anchors_add(&anchors, &other));
	a = (struct ir_anchor){ .id = 0x4b, .count = 4, .entry = 9 };
	memcpy(a.digest, running[3], 32);
	unit_true(!ir_anchors_add(&anchors, &a));
	unit_int(2, checked(&bytes, &anchors, &proven, &total, &error));
	unit_int(4, proven);
	unit_int(6, total);
	/* two anchors of one count */
	a.flags = IR_ANCHOR_LAST;
	unit_true(!ir_anchors_add(&anchors, &a));
	unit_int(3, checked(&bytes, &anchors, &proven, &total, &error));
	/* a bit of the list */
	bytes.p[bytes.n - 2] ^= 1;
	unit_int(-EBADMSG, checked(&bytes, &anchors, &proven, &total, &error));
	unit_text("entry 6: its template digest is not that of its data", error);
	bytes.p[bytes.n - 2] ^= 1;
	/* a list that lacks what was anchored */
	anchors.anchors[2].count = anchors.anchors[3].count = 9;
	unit_int(-EBADMSG, checked(&bytes, &anchors, &proven, &total, &error));
	unit_text("6 entries, but anchor 9 of the host's list covers 9", error);
	/* a bit of an anchor */
	anchors.anchors[2].count = anchors.anchors[3].count = 4;
	anchors.anchors[2].digest[0] ^= 1;
	unit_int(-EBADMSG, checked(&bytes, &anchors, &proven, &total, &error));
	unit_text("entries up to 4 are not those of anchor 9 of the host's list", error);
	anchors.anchors[2].digest[0] ^= 1;
	/* an entry removed from the middle */
	memmove(bytes.p + bytes.n / 6, bytes.p + bytes.n / 3, bytes.n - bytes.n / 3);
	bytes.n -= bytes.n / 6;
	unit_int(-EBADMSG, checked(&bytes, &anchors, &proven, &total, &error));
	unit_text("entries up to 4 are not those of anchor 9 of the host's list", error);
	ir_anchors_clear(&anchors);
	free(bytes.p);
}

static const struct unit_test tests[] = {
	TEST(a_good_one_is_parsed),
	TEST(an_anchor_is_one_by_its_data),
	TEST(every_byte_counts),
	TEST(order_is_checked),
	TEST(a_first_one_sets_old_ones_aside),
	TEST(lists_are_held_against_anchors),
};

UNIT(tests)
