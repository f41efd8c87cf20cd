// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reports: text, CSV, JSON and HTML say the same
 *
 * Copyright (C) 2026 Overlay Team
 */
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

static const struct unit_test tests[] = {
	TEST(a_violation_is_one_in_every_report),
};

UNIT(tests)
