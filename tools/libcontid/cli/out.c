// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Output of our programs: rows as a table, as NDJSON, as CSV
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../utf8.h"
#include "out.h"

void cli_out_init(struct cli_out *out)
{
	*out = (struct cli_out){
		.file = stdout,
		.end = '\n',
		.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
	};
}

bool cli_out_option(struct cli_out *out, struct cli_parse *parse, int key)
{
	static const char *const formats[] = { "table", "json", "csv" };

	switch (key) {
	case CLI_KEY_JSON:
		out->format = CLI_JSON;
		return true;
	case CLI_KEY_FORMAT:
		for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
			if (strcmp(parse->arg, formats[i]))
				continue;
			out->format = (enum cli_format)i;
			return true;
		}
		exit(cli_usage(parse, "--format=%s: table, json or csv", parse->arg));
	case '0':
		out->end = '\0';
		return true;
	case CLI_KEY_COLOR:
		if (!strcmp(parse->arg, "always"))
			out->color = true;
		else if (!strcmp(parse->arg, "never"))
			out->color = false;
		else if (strcmp(parse->arg, "auto"))
			exit(cli_usage(parse, "--color=%s: auto, always or never", parse->arg));
		return true;
	}
	return false;
}

char *cli_escape(const char *bytes, size_t size)
{
	const unsigned char *s = (const unsigned char *)bytes;
	char *text = malloc(size * 4 + 1), *to = text;

	if (!text)
		return NULL;
	while (size) {
		size_t n = utf8_size(s, size);
		/* C1 controls are two bytes in UTF-8 */
		bool control = n && (s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0));

		if (!n || control) {
			n = n ? n : 1;
			for (size_t i = 0; i < n; i++)
				to += sprintf(to, "\\x%02x", s[i]);
		} else {
			if (*s == '\\')
				*to++ = '\\';
			memcpy(to, s, n);
			to += n;
		}
		s += n;
		size -= n;
	}
	*to = '\0';
	return text;
}

static _Noreturn void no_memory(void)
{
	exit(cli_fail(CLI_SYSTEM, "out of memory"));
}

static char *copy(const char *text)
{
	char *out = cli_escape(text, strlen(text));

	if (!out)
		no_memory();
	return out;
}

static void csv_cell(FILE *file, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, file);
		return;
	}
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

static void csv_row(struct cli_out *out, const char *const *values)
{
	for (size_t i = 0; i < out->n; i++) {
		if (i)
			fputc(',', out->file);
		if (values[i]) {
			char *text = copy(values[i]);

			csv_cell(out->file, text);
			free(text);
		}
	}
	fputc(out->end, out->file);
}

static void json_row(struct cli_out *out, const char *const *values)
{
	struct json_object *row = json_object_new_object();

	if (!row)
		no_memory();
	for (size_t i = 0; i < out->n; i++) {
		struct json_object *value = NULL;
		char *text = NULL;

		if (values[i]) {
			switch (out->columns[i].type) {
			case CLI_NUMBER:
				value = json_object_new_int64(strtoll(values[i], NULL, 10));
				break;
			case CLI_RAW:
				value = json_tokener_parse(values[i]);
				break;
			case CLI_TEXT:
				text = copy(values[i]);
				value = json_object_new_string(text);
				break;
			}
		}
		free(text);
		json_object_object_add(row, out->columns[i].key, value);
	}
	fputs(json_object_to_json_string_ext(row, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE),
	      out->file);
	fputc(out->end, out->file);
	json_object_put(row);
}

void cli_out_begin(struct cli_out *out, const struct cli_column *columns, size_t n)
{
	out->columns = columns;
	out->n = n;
	if (out->format != CLI_CSV)
		return;
	for (size_t i = 0; i < n; i++)
		fprintf(out->file, "%s%s", i ? "," : "", columns[i].key);
	fputc(out->end, out->file);
}

void cli_out_row(struct cli_out *out, const char *const *values)
{
	char **cells;

	if (out->format == CLI_JSON) {
		json_row(out, values);
		return;
	}
	if (out->format == CLI_CSV) {
		csv_row(out, values);
		return;
	}
	cells = reallocarray(out->cells, out->n_cells + out->n, sizeof(*cells));
	if (!cells)
		no_memory();
	out->cells = cells;
	for (size_t i = 0; i < out->n; i++)
		cells[out->n_cells++] = copy(values[i] ? values[i] : "-");
}

/* columns on a terminal: characters, not bytes */
static int width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void table_row(struct cli_out *out, char *const *cells, const int *widths)
{
	for (size_t i = 0; i < out->n; i++) {
		fputs(cells[i], out->file);
		if (i + 1 < out->n)
			fprintf(out->file, "%*s", widths[i] - width(cells[i]) + 2, "");
	}
	fputc(out->end, out->file);
}

int cli_out_end(struct cli_out *out)
{
	if (out->format == CLI_TABLE && out->n) {
		int *widths = calloc(out->n, sizeof(*widths));
		char **titles = calloc(out->n, sizeof(*titles));

		if (!widths || !titles)
			no_memory();
		for (size_t i = 0; i < out->n; i++) {
			titles[i] = (char *)out->columns[i].title;
			widths[i] = width(titles[i]);
		}
		for (size_t i = 0; i < out->n_cells; i++)
			if (width(out->cells[i]) > widths[i % out->n])
				widths[i % out->n] = width(out->cells[i]);
		if (out->color)
			fputs("\033[1m", out->file);
		table_row(out, titles, widths);
		if (out->color)
			fputs("\033[0m", out->file);
		for (size_t i = 0; i < out->n_cells; i += out->n)
			table_row(out, out->cells + i, widths);
		free(titles);
		free(widths);
	}
	for (size_t i = 0; i < out->n_cells; i++)
		free(out->cells[i]);
	free(out->cells);
	out->cells = NULL;
	out->n_cells = 0;
	return fflush(out->file) || ferror(out->file) ? -EIO : 0;
}
