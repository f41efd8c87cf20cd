// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Output in the three forms
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "unit.h"
#include "../cli/out.h"

static const struct cli_column columns[] = {
	{ "id", "ID", CLI_TEXT },
	{ "pid", "PID", CLI_NUMBER },
	{ "list", "LIST", CLI_RAW },
};
static const char *const full[] = { "18446744073709551614", "7", "[1,2]" };
static const char *const odd[] = { "a,\"b\"\n\xff\\", NULL, NULL };

static char *written(enum cli_format format, char end)
{
	struct cli_out out;
	static char *text;
	size_t size;

	cli_out_init(&out);
	out.format = format;
	out.end = end;
	out.file = open_memstream(&text, &size);
	cli_out_begin(&out, columns, 3);
	cli_out_row(&out, full);
	cli_out_row(&out, odd);
	unit_int(0, cli_out_end(&out));
	fclose(out.file);
	return text;
}

static void a_table_is_aligned(void)
{
	unit_text("ID                    PID  LIST\n"
		  "18446744073709551614  7    [1,2]\n"
		  "a,\"b\"\\x0a\\xff\\\\       -    -\n",
		  written(CLI_TABLE, '\n'));
}

static void json_is_one_object_a_line(void)
{
	unit_text("{\"id\":\"18446744073709551614\",\"pid\":7,\"list\":[1,2]}\n"
		  "{\"id\":\"a,\\\"b\\\"\\\\x0a\\\\xff\\\\\\\\\",\"pid\":null,\"list\":null}\n",
		  written(CLI_JSON, '\n'));
}

static void csv_is_quoted_where_needed(void)
{
	unit_text(
		"id,pid,list\n18446744073709551614,7,\"[1,2]\"\n\"a,\"\"b\"\"\\x0a\\xff\\\\\",,\n",
		written(CLI_CSV, '\n'));
}

static void rows_may_end_with_nul(void)
{
	unit_bytes("id,pid,list\0"
		   "18446744073709551614",
		   written(CLI_CSV, '\0'), 32);
}

static void escaping_knows_utf8(void)
{
	static const struct {
		const char *in, *out;
	} table[] = {
		{ "plain", "plain" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "\xe2\x82\xac\xf0\x9f\x90\xa7", "\xe2\x82\xac\xf0\x9f\x90\xa7" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xe0\x80\x80", "\\xe0\\x80\\x80" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xc2\x9b", "\\xc2\\x9b" },
		{ "\xe2\x82", "\\xe2\\x82" },
		{ "\x1b[1m", "\\x1b[1m" },
		{ "a\\b", "a\\\\b" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		unit_text(table[i].out, cli_escape(table[i].in, strlen(table[i].in)));
}

static const struct unit_test tests[] = {
	TEST(a_table_is_aligned),	  TEST(json_is_one_object_a_line),
	TEST(csv_is_quoted_where_needed), TEST(rows_may_end_with_nul),
	TEST(escaping_knows_utf8),
};

UNIT(tests)
