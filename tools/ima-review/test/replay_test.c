// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of the host's list counts as an anchor and as a boot_aggregate: entries that were extended
 * into PCR 10 and that the quote covers, and no others
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "evidence.h"

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

/* In all lists, so that they agree; whether the namespace's list is changed or not. */
static void an_anchor_with_another_template_is_found(void)
{
	static const char *const names[] = { "ima-sig", "d-ng|n-ng|evmsig", "d-ng|n-ng|modsig" };

	for (size_t i = 0; i < 2 * sizeof(names) / sizeof(*names); i++) {
		begin();
		add_boot(boot_pcrs, 10, false);
		anchor_template = names[i / 2];
		add_anchor(child_digest, 10);
		review_unquoted(i % 2 ? 2 : 1);
		unit_int(IR_HOLDS, review.checks[IR_CHECK_REPLAY].state);
		unit_int(1, review.namespaces[0].anchors);
		unit_int(IR_FAILED, review.checks[IR_CHECK_NAMESPACES].state);
		unit_text("entry 2 of the host's list: anchor: its template was given another name "
			  "than ima-buf",
			  review.checks[IR_CHECK_NAMESPACES].findings[0]);
		end();
	}
}

/* With func=KEY_CHECK any user names entries; nothing fails for that, and nothing is lost. */
static void a_keyring_named_as_an_anchor_is_a_finding(void)
{
	const struct ir_check *check = &review.checks[IR_CHECK_NAMESPACES];

	begin();
	add_boot(boot_pcrs, 10, false);
	add_key("ima_ns:0x1", 200);
	for (size_t i = 0; i < 2 * IR_FINDINGS; i++)
		add_key("ima_ns:0x4b", 64);
	add_key("ima_ns:0x", 64);
	add_anchor(child_digest, 10);
	review_unquoted(1);
	unit_int(1, review.namespaces[0].anchors);
	unit_int(1, review.n_namespaces);
	unit_int(IR_WORD, check->state);
	unit_int(1, check->n_findings);
	unit_text(
		"41 entries of the host's list named as an anchor and none: entry 2: its data are "
		"not 64 bytes",
		check->findings[0]);
	end();
	/* a second first one is named all the same */
	add_anchor(child_digest, 10);
	review_unquoted(1);
	unit_int(IR_FAILED, check->state);
	unit_text("entry 45 of the host's list: anchor: a second first one of its namespace",
		  check->findings[0]);
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

/* Whoever hides anchors would have a changed list taken for one without anchors. The last one has
 * the content that anybody can make of the PCRs.
 */
static void anchors_are_not_hidden(void)
{
	uint8_t other[320] = { 0 };

	for (int i = 0; i < 4; i++) {
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

/* A kernel that kexec started, which took the list along: its namespaces begin with a first one. */
static void a_later_kernel_begins_anew(void)
{
	begin();
	add_boot(boot_pcrs, 10, false);
	add_anchor(forged_digest, 10);
	add_boot(boot_pcrs, 10, false);
	add_anchor(child_digest, 10);
	review_unquoted(1);
	unit_int(1, review.namespaces[0].anchors);
	unit_int(1, review.n_namespaces);
	unit_int(IR_WORD, review.checks[IR_CHECK_NAMESPACES].state);
	unit_int(IR_HOLDS, review.checks[IR_CHECK_BOOT].state);
	unit_int(1, review.checks[IR_CHECK_BOOT].n_findings);
	unit_text("entry 3 is a later boot_aggregate: of a kernel that kexec started, or of a file "
		  "of that name",
		  review.checks[IR_CHECK_BOOT].findings[0]);
	end();
}

/* It begins nothing: what was anchored is held against the list as before. */
static void a_later_boot_aggregate_alone_changes_nothing(void)
{
	const struct ir_check *check = &review.checks[IR_CHECK_NAMESPACES];

	begin();
	add_boot(boot_pcrs, 10, false);
	add_anchor(child_digest, 10);
	add_boot(boot_pcrs, 10, false);
	review_unquoted(1);
	unit_int(1, review.namespaces[0].anchors);
	unit_int(IR_WORD, check->state);
	unit_int(1, review.checks[IR_CHECK_BOOT].n_findings);
	end();
	review_unquoted(2);
	unit_int(IR_FAILED, check->state);
	unit_text("namespace 0x4b: entries up to 1 are not those of anchor 2 of the host's list; a "
		  "boot_aggregate behind that does not set anchors aside",
		  check->findings[0]);
	end();
}

/* Whoever keeps a list from the collector is told; one that ended has its last anchor. */
static void a_list_that_is_withheld_is_told(void)
{
	const struct ir_check *check = &review.checks[IR_CHECK_NAMESPACES];

	begin();
	child_listed = false;
	add_boot(boot_pcrs, 10, false);
	add_anchor(child_digest, 10);
	review_unquoted(1);
	unit_int(IR_NOTED, check->state);
	unit_int(0, ir_review_status(&review));
	unit_int(1, check->n_findings);
	unit_text("namespace 0x4b: anchored up to its entry 1, not ended, and the evidence has no "
		  "list of it",
		  check->findings[0]);
	unit_text("no list, and no last anchor: it may live", review.namespaces[0].note);
	end();
	/* of a kernel before kexec, or of this one and somebody made such a file */
	add_boot(boot_pcrs, 10, false);
	review_unquoted(1);
	unit_int(IR_NOTED, check->state);
	unit_true(strstr(check->findings[0], "; it may be of a kernel before the later boot_aggr"));
	end();
	anchor_flags = IR_ANCHOR_LAST;
	add_anchor(child_digest, 10);
	review_unquoted(1);
	unit_int(IR_WORD, check->state);
	unit_int(0, check->n_findings);
	unit_text("no list: only its digests stay", review.namespaces[0].note);
	end();
}

static void a_file_that_was_not_collected_is_told(void)
{
	const struct ir_check *check = &review.checks[IR_CHECK_NAMESPACES];

	begin();
	child_missing = "another file is mounted over it";
	add_boot(boot_pcrs, 10, false);
	add_anchor(child_digest, 10);
	review_unquoted(1);
	unit_int(IR_NOTED, check->state);
	unit_text("ns-0x4b.policy: not collected: another file is mounted over it",
		  check->findings[0]);
	unit_int(1, review.namespaces[0].anchors);
	end();
	/* nothing is better for it */
	review_unquoted(2);
	unit_int(IR_FAILED, check->state);
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
	TEST(an_anchor_with_another_template_is_found),
	TEST(a_keyring_named_as_an_anchor_is_a_finding),
	TEST(an_anchor_of_another_pcr_is_none),
	TEST(anchors_are_not_hidden),
	TEST(a_later_kernel_begins_anew),
	TEST(a_later_boot_aggregate_alone_changes_nothing),
	TEST(a_list_that_is_withheld_is_told),
	TEST(a_file_that_was_not_collected_is_told),
	TEST(the_first_boot_aggregate_is_good),
	TEST(pcrs_that_were_not_quoted_prove_no_boot),
	TEST(what_is_after_the_quote_changes_nothing),
	TEST(a_list_that_was_cut_is_found),
};

UNIT(tests)
