// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of the host's list counts as an anchor and as a boot_aggregate: entries that were extended
 * into PCR 10 and that the quote covers, and no others
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../ima-review.h"
#include "build.h"

#define BOOT "0a1b2c3d-4e5f-6789-abcd-ef0123456789"

static char folder[] = "/tmp/replay-test.XXXXXX";
static struct ir_review review;
static struct build list;
static uint8_t boot_pcrs[320], child_digest[32], forged_digest[32];
static int64_t count_before, count_after; /* -2: as many as there are */
static uint64_t ascii_lines;

/* An entry of ima-ng for content that hashes to @digest. */
static void add_file(const char *path, const uint8_t digest[32], uint32_t pcr, bool violation)
{
	struct build data = build_ng(path, "sha256", digest, 32);

	build_entry(&list, "sha256", pcr, "ima-ng", &data, violation, false);
	free(data.p);
}

static void add_boot(const uint8_t pcrs[320], uint32_t pcr, bool violation)
{
	uint8_t digest[32];

	build_hash("sha256", pcrs, 320, digest);
	add_file("boot_aggregate", digest, pcr, violation);
}

/* The first and last anchor of namespace 0x4b: one entry, @running. */
static void add_anchor(const uint8_t running[32], uint32_t pcr)
{
	uint8_t bytes[64] = { 1, IR_ANCHOR_FIRST, 0, 0, 0x0b }, digest[32];
	struct build data = { 0 };

	bytes[8] = 0x4b;
	bytes[16] = 3;
	bytes[24] = 1;
	memcpy(bytes + 32, running, 32);
	build_hash("sha256", bytes, sizeof(bytes), digest);
	build_d_ng(&data, "sha256", digest, 32);
	build_field(&data, "ima_ns:0x4b", sizeof("ima_ns:0x4b"));
	build_field(&data, bytes, sizeof(bytes));
	build_entry(&list, "sha256", pcr, "ima-buf", &data, false, false);
	free(data.p);
}

/* The list of the namespace: one entry. Its running digest in @running. */
static struct build child(uint8_t first, uint8_t running[32])
{
	uint8_t digest[64] = { first }, extended[32 + 64] = { 0 };
	struct build own = { 0 }, data = build_ng("/bin/x", "sha256", digest, 32);

	build_entry(&own, "sha256", 10, "ima-ng", &data, false, false);
	build_digest("sha256", "ima-ng", &data, false, extended + 32);
	build_hash("sha256", extended, 64, running);
	free(data.p);
	return own;
}

static void begin(void)
{
	list.n = 0;
	count_before = count_after = -2;
	ascii_lines = UINT64_MAX;
	memset(boot_pcrs, 0x11, sizeof(boot_pcrs));
	free(child(1, child_digest).p);
	free(child(2, forged_digest).p);
}

static void end(void)
{
	static const char *const names[] = { "binary_runtime_measurements_sha256",
					     "ascii_runtime_measurements_sha256",
					     "ns-0x4b.binary_runtime_measurements_sha256",
					     IR_QUOTE_PCRS,
					     IR_MANIFEST,
					     IR_MANIFEST_SUM };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlinkat(review.dir, names[i], 0);
	ir_review_free(&review);
	rmdir(folder);
}

/* Its ascii form, up to @ascii_lines; how many entries it has. */
static int64_t add_ascii(int dir, struct ir_manifest *m)
{
	FILE *file = fmemopen(list.p, list.n, "r");
	struct build ascii = { 0 };
	struct ir_entry entry;
	struct ir_list own;

	ir_list_begin(&own, file, ir_hash_named("sha256", 6));
	while (ir_list_next(&own, &entry) == 1) {
		size_t size;
		char *line = ir_entry_ascii(&entry, entry.digest, 32, &size);

		if (own.n <= ascii_lines)
			build_put(&ascii, line, size);
		free(line);
	}
	unit_true(!ir_store_bytes(dir, m, "ascii_runtime_measurements_sha256", ascii.p, ascii.n));
	ir_list_end(&own);
	fclose(file);
	free(ascii.p);
	return (int64_t)own.n;
}

/* The lists as evidence, with the PCRs of @boot_pcrs; @first: of the namespace's list. */
static void evidence(uint8_t first)
{
	struct ir_manifest m = { .lost = -1, .violations = -1, .boot = BOOT };
	struct ir_pcrs pcrs = { .n = 1, .banks = { { .alg = 0x000b, .selected = 0x7ff } } };
	struct build own = child(first, (uint8_t[32]){ 0 });
	int64_t entries;
	uint8_t *bytes;
	size_t size;
	int dir;

	strcpy(folder, "/tmp/replay-test.XXXXXX");
	unit_true(mkdtemp(folder));
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	m.host = ir_copy("h");
	m.kernel = ir_copy("k");
	m.time = ir_copy("t");
	m.tool = ir_copy("t");
	m.nonce = ir_copy("");
	m.ak_name = ir_copy("");
	for (int pcr = 0; pcr < 11; pcr++) {
		pcrs.banks[0].size[pcr] = 32;
		if (pcr < 10)
			memcpy(pcrs.banks[0].value[pcr], boot_pcrs + 32 * pcr, 32);
	}
	bytes = ir_pcrs_bytes(&pcrs, &size);
	unit_true(!ir_store_bytes(dir, &m, IR_QUOTE_PCRS, bytes, size));
	unit_true(!ir_store_bytes(dir, &m, "binary_runtime_measurements_sha256", list.p, list.n));
	entries = add_ascii(dir, &m);
	m.count_before = count_before == -2 ? entries : count_before;
	m.count_after = count_after == -2 ? entries : count_after;
	unit_true(!ir_store_bytes(dir, &m, "ns-0x4b.binary_runtime_measurements_sha256", own.p,
				  own.n));
	unit_true(!ir_manifest_write(dir, &m));
	ir_manifest_free(&m);
	free(own.p);
	free(bytes);
	close(dir);
}

/* All of it without a quote. */
static void review_unquoted(uint8_t first)
{
	char *error = NULL;

	evidence(first);
	review = (struct ir_review){ .folder = folder, .dir = -1, .unquoted = true };
	unit_true(!ir_review_run(&review, &error));
}

static void an_anchor_counts(void)
{
	begin();
	add_boot(boot_pcrs, 10, false);
	add_anchor(child_digest, 10);
	review_unquoted(1);
	unit_int(1, review.namespaces[0].anchors);
	unit_int(IR_HOLDS, review.checks[IR_CHECK_BOOT].state);
	unit_int(IR_WORD, review.checks[IR_CHECK_NAMESPACES].state);
	/* without a quote the host's list is not proven, so nothing that hangs on it is */
	unit_text("as anchored in a list that is not proven", review.namespaces[0].note);
	unit_int(0, review.namespaces[0].proven);
	end();
	review_unquoted(2);
	unit_int(IR_FAILED, review.checks[IR_CHECK_NAMESPACES].state);
	end();
}

static void an_anchor_of_another_pcr_is_none(void)
{
	begin();
	add_boot(boot_pcrs, 10, false);
	add_anchor(forged_digest, 11);
	review_unquoted(2);
	unit_int(0, review.namespaces[0].anchors);
	unit_text("kernel's word", review.namespaces[0].note);
	unit_int(1, review.other_pcr);
	end();
}

/* Whoever hides anchors would have a changed list taken for one without anchors. */
static void anchors_are_not_hidden(void)
{
	uint8_t other[320] = { 0 };

	for (int i = 0; i < 3; i++) {
		begin();
		add_boot(boot_pcrs, 10, false);
		add_anchor(child_digest, 10);
		add_boot(i == 0 ? other : boot_pcrs, i == 1 ? 11 : 10, i == 2);
		review_unquoted(2);
		unit_int(1, review.namespaces[0].anchors);
		unit_int(IR_FAILED, review.checks[IR_CHECK_NAMESPACES].state);
		unit_int(IR_HOLDS, review.checks[IR_CHECK_BOOT].state);
		end();
	}
}

/* A kernel that kexec started, which took the list along. */
static void a_later_kernel_begins_anew(void)
{
	begin();
	add_boot(boot_pcrs, 10, false);
	add_anchor(forged_digest, 10);
	add_boot(boot_pcrs, 10, false);
	add_anchor(child_digest, 10);
	review_unquoted(1);
	unit_int(1, review.namespaces[0].anchors);
	unit_int(IR_WORD, review.checks[IR_CHECK_NAMESPACES].state);
	end();
}

static void the_first_boot_aggregate_is_good(void)
{
	uint8_t other[320] = { 0 };

	begin();
	add_boot(other, 10, false);
	add_boot(boot_pcrs, 10, false);
	review_unquoted(1);
	unit_int(IR_FAILED, review.checks[IR_CHECK_BOOT].state);
	end();
}

/* As ir_review_run() does it, with a quote of which this is known: @covered, and its bank. */
static void review_lists(bool covered, uint16_t bank)
{
	struct ir_manifest own = { 0 };

	evidence(1);
	review = (struct ir_review){ .dir = open(folder, O_RDONLY | O_DIRECTORY),
				     .have_quote = true,
				     .covered_known = covered };
	review.manifest = own;
	review.manifest.n = 1;
	review.manifest.files = ir_alloc(sizeof(*review.manifest.files));
	review.manifest.files[0].name = ir_copy("binary_runtime_measurements_sha256");
	review.quote.selection.n = 1;
	review.quote.selection.banks[0].alg = bank;
	review.pcrs.n = 1;
	review.pcrs.banks[0].alg = 0x000b;
	for (int pcr = 0; pcr < 10; pcr++) {
		review.pcrs.banks[0].size[pcr] = 32;
		memcpy(review.pcrs.banks[0].value[pcr], boot_pcrs + 32 * pcr, 32);
	}
	ir_review_lists(&review);
}

static void pcrs_that_were_not_quoted_prove_no_boot(void)
{
	begin();
	add_boot(boot_pcrs, 10, false);
	review_lists(false, 0x000b);
	unit_int(IR_HOLDS, review.checks[IR_CHECK_BOOT].state);
	end();
	review_lists(false, 0x0004);
	unit_int(IR_FAILED, review.checks[IR_CHECK_BOOT].state);
	unit_text("entry 1: no quoted PCRs of bank sha256 to recompute it",
		  review.checks[IR_CHECK_BOOT].findings[0]);
	end();
}

static void what_is_after_the_quote_changes_nothing(void)
{
	begin();
	add_anchor(forged_digest, 10);
	review_lists(true, 0x000b);
	unit_int(0, review.anchors.n);
	end();
	begin();
	add_boot(boot_pcrs, 10, false);
	review_lists(true, 0x000b);
	unit_int(IR_FAILED, review.checks[IR_CHECK_BOOT].state);
	end();
}

/* A count that is missing must not take the comparison with it. */
static void a_list_that_was_cut_is_found(void)
{
	begin();
	add_boot(boot_pcrs, 10, false);
	add_file("/bin/x", child_digest, 10, false);
	review_unquoted(1);
	unit_int(IR_HOLDS, review.checks[IR_CHECK_FORMS].state);
	end();
	ascii_lines = 1;
	review_unquoted(1);
	unit_int(IR_FAILED, review.checks[IR_CHECK_FORMS].state);
	end();
	for (int i = 0; i < 2; i++) {
		count_before = i ? -2 : -1;
		count_after = i ? -1 : -2;
		review_unquoted(1);
		unit_int(IR_FAILED, review.checks[IR_CHECK_FORMS].state);
		unit_text(i ? "runtime_measurements_count was not read after the lists" :
			      "runtime_measurements_count was not read before the lists",
			  review.checks[IR_CHECK_FORMS].findings[0]);
		end();
	}
}

static const struct unit_test tests[] = {
	TEST(an_anchor_counts),
	TEST(an_anchor_of_another_pcr_is_none),
	TEST(anchors_are_not_hidden),
	TEST(a_later_kernel_begins_anew),
	TEST(the_first_boot_aggregate_is_good),
	TEST(pcrs_that_were_not_quoted_prove_no_boot),
	TEST(what_is_after_the_quote_changes_nothing),
	TEST(a_list_that_was_cut_is_found),
};

UNIT(tests)
