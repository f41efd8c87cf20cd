// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reports: text, CSV, JSON and HTML say the same
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "../commands.h"
#include "evidence.h"

static char *text;
static size_t size;

static struct ir_output output(void)
{
	free(text);
	text = NULL;
	return (struct ir_output){ .file = open_memstream(&text, &size),
				   .entries = true,
				   .end = '\n' };
}

/* What @report says, in text. */
static void said(int (*report)(struct ir_review *, const struct ir_output *))
{
	struct ir_output o = output();

	unit_int(0, report(&review, &o));
	fclose(o.file);
}

static void said_in_html(void)
{
	struct ir_output o = output();

	unit_int(0, ir_report_html(&review, o.file));
	fclose(o.file);
}

static void a_violation_is_one_in_every_report(void)
{
	begin();
	child_violation = true;
	add_boot(boot_pcrs, 10, false);
	review_unquoted(1);
	/* as if an anchor covered it */
	review.namespaces[0].proven = 2;
	said(ir_report_csv);
	unit_true(strstr(text, "\nnamespace,1,10,anchored,"));
	unit_true(strstr(text, "\nnamespace,2,10,violation,"));
	said(ir_report_text);
	unit_true(strstr(text, "      2  10  violation  "));
	said(ir_report_json);
	unit_true(strstr(text, "\"state\":\"violation\""));
	said_in_html();
	unit_true(strstr(text, "class=\"bad\">violation<"));
	end();
}

static char policies[] = "/tmp/report-test.XXXXXX";

/* show --export=keylime of the evidence: its status; what it says in @text. */
static int exported(void)
{
	struct ir_options o = { .export = "keylime", .export_to = policies };
	int old = dup(STDERR_FILENO), file, status;

	strcpy(policies, "/tmp/report-test.XXXXXX");
	unit_true(mkdtemp(policies));
	file = open("/tmp", O_RDWR | O_TMPFILE, 0600);
	dup2(file, STDERR_FILENO);
	o.review = (struct ir_review){ .folder = folder, .dir = -1, .unquoted = true };
	status = ir_options_report(&o, true);
	dup2(old, STDERR_FILENO);
	close(old);
	free(text);
	text = ir_alloc(4096);
	unit_true(pread(file, text, 4095, 0) >= 0);
	close(file);
	review = o.review;
	return status;
}

static void a_list_that_failed_makes_no_policy(void)
{
	char *sentence, *path;

	begin();
	add_boot(boot_pcrs, 10, false);
	add_file("/bin/x", child_digest, 10, false);
	evidence(1);
	unit_int(CLI_DONE, exported());
	path = ir_text("%s/host.json", policies);
	unit_true(!access(path, F_OK));
	unlink(path);
	free(path);
	unit_int(0, rmdir(policies));
	end();
	/* not what was measured */
	list.p[list.n - 5] ^= 1;
	evidence(1);
	unit_int(CLI_NOTHING, exported());
	unit_int(0, rmdir(policies));
	sentence = ir_sentence(&review);
	unit_true(strstr(sentence, "FAILED: replay"));
	unit_true(strstr(text, sentence));
	unit_true(strstr(text, "; no policies are written\n"));
	free(sentence);
	end();
}

static const struct unit_test tests[] = {
	TEST(a_violation_is_one_in_every_report),
	TEST(a_list_that_failed_makes_no_policy),
};

UNIT(tests)
