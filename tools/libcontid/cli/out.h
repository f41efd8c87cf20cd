/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output of our programs: rows as a table, as NDJSON, as CSV
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "options.h"

/* Keys of the options that CLI_OUTPUT() gives a command. */
enum { CLI_KEY_JSON = 0x400, CLI_KEY_FORMAT, CLI_KEY_COLOR };
#define CLI_OUTPUT(COMMAND)                                                                        \
	OPTION(COMMAND, CLI_KEY_JSON, "json", NULL, "the same as --format=json")                   \
	OPTION(COMMAND, CLI_KEY_FORMAT, "format", "table|json|csv",                                \
	       "form of the output; json is one object a line")                                    \
	OPTION(COMMAND, '0', "null", NULL, "end each row with a NUL byte instead of a newline")    \
	OPTION(COMMAND, CLI_KEY_COLOR, "color", "auto|always|never",                               \
	       "colours; auto: on a terminal, unless NO_COLOR is set")

enum cli_format { CLI_TABLE, CLI_JSON, CLI_CSV };

enum cli_type {
	CLI_TEXT,   /* a JSON string */
	CLI_NUMBER, /* a JSON number */
	CLI_RAW,    /* JSON already, shown as it is in a table */
};

struct cli_column {
	const char *key;   /* of JSON */
	const char *title; /* of table and CSV */
	enum cli_type type;
};

struct cli_out {
	FILE *file;
	enum cli_format format;
	char end; /* of a row */
	bool color;
	const struct cli_column *columns;
	size_t n;
	char **cells;
	size_t n_cells;
};

void cli_out_init(struct cli_out *out); /* a table on stdout */
/* True if @key is one of the options above; a bad argument exits as cli_next() does. */
bool cli_out_option(struct cli_out *out, struct cli_parse *parse, int key);
void cli_out_begin(struct cli_out *out, const struct cli_column *columns, size_t n);
/* @values: n texts, NULL is null in JSON and "-" in a table; copied */
void cli_out_row(struct cli_out *out, const char *const *values);
/* Writes the table, whose columns are as wide as their widest cell. -EIO if writing failed. */
int cli_out_end(struct cli_out *out);

/**
 * cli_escape - bytes as printable UTF-8
 * @bytes:	@size bytes of whatever
 *
 * Control characters and bytes that are no UTF-8 become `\xNN`, a backslash `\\`.
 *
 * Return: text, freed by the caller; NULL without memory.
 */
char *cli_escape(const char *bytes, size_t size);

#endif /* CLI_OUT_H */
