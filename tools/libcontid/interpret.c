// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What libauparse makes of the fields that it knows
 *
 * The library trusts a log more than one may: of hex with an odd number of digits, as in a record
 * that was cut, it makes text without an end, and of quotes that do not match memory that is lost.
 * So it never sees the lines, but records that are made of the fields which this library has found
 * in them, one event at a time, and only the values that are what their type says.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <auparse.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interpret.h"

#define ENRICHED '\035'

/**
 * struct contid_interpreter - what is kept from event to event
 * @text:	records of the event, @used of @size bytes
 * @cwd:	they have a field cwd, of which the library keeps a copy, and frees the last one
 */
struct contid_interpreter {
	auparse_state_t *au;
	char *text;
	size_t used, size;
	bool cwd;
};

struct contid_interpreter *contid_interpreter_new(void)
{
	struct contid_interpreter *interpreter = calloc(1, sizeof(*interpreter));

	if (!interpreter)
		return NULL;
	interpreter->au = auparse_init(AUSOURCE_BUFFER, "");
	if (!interpreter->au) {
		free(interpreter);
		return NULL;
	}
	/* whoever writes it escapes as his format wants it */
	auparse_set_escape_mode(interpreter->au, AUPARSE_ESC_RAW);
	return interpreter;
}

void contid_interpreter_free(struct contid_interpreter *interpreter)
{
	if (!interpreter)
		return;
	auparse_destroy(interpreter->au);
	free(interpreter->text);
	free(interpreter);
}

/* ---- what the library is given ---- */

/* False without memory. */
static bool put(struct contid_interpreter *interpreter, const char *text, size_t size)
{
	if (interpreter->size - interpreter->used <= size) {
		size_t more = interpreter->size + size + 4096;
		char *bigger = realloc(interpreter->text, more);

		if (!bigger)
			return false;
		interpreter->text = bigger;
		interpreter->size = more;
	}
	memcpy(interpreter->text + interpreter->used, text, size);
	interpreter->used += size;
	interpreter->text[interpreter->used] = '\0';
	return true;
}

/* only bytes that are printable in ASCII and not in @but */
static bool is_plain(const char *text, size_t size, const char *but)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] < ' ' || text[i] > '~' || strchr(but, text[i]))
			return false;
	return true;
}

static bool put_field(struct contid_interpreter *interpreter, const struct contid_field *field,
		      bool quoted)
{
	const char *quote = quoted ? "\"" : "";
	size_t name = strlen(field->name), value = strlen(field->value);

	/* `type`, `node` and `msg` are what the library finds a record by; the kernel never quotes
	 * a blank, and a program's message is as good without interpretation
	 */
	if (!is_plain(field->name, name, " \"'=,(){}") || !strcmp(field->name, "type") ||
	    !strcmp(field->name, "node") || !strcmp(field->name, "msg") || !value ||
	    !is_plain(field->value, value, quoted ? " \"'" : " \"'(){}"))
		return true;
	return put(interpreter, " ", 1) && put(interpreter, field->name, name) &&
	       put(interpreter, "=", 1) && put(interpreter, quote, strlen(quote)) &&
	       put(interpreter, field->value, value) && put(interpreter, quote, strlen(quote));
}

/* Where `NAME="value"`, `NAME=value` or `NAME={ value }` at @s ends; NULL it is none of these. */
static const char *enriched_end(const char *s)
{
	const char *value = s + strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), *end;
	bool quoted, braced;

	if (value == s || *value++ != '=')
		return NULL;
	quoted = *value == '"';
	braced = *value == '{';
	end = value + (quoted || braced);
	end += strcspn(end, quoted ? "\"" : braced ? "}" : " ");
	if (!is_plain(value + (quoted || braced), (size_t)(end - value) - (quoted || braced),
		      braced ? "\"'{}" : "\"'(){}"))
		return NULL;
	if (quoted || braced)
		end = *end ? end + 1 : NULL;
	return end && (*end == ' ' || !*end) ? end : NULL;
}

/* What auditd knew about ids when it wrote the record, which may be another machine's. */
static bool put_enriched(struct contid_interpreter *interpreter, const char *line)
{
	const char *s = strrchr(line, ENRICHED), *end;
	char before = ENRICHED;

	for (; s && *s; s = end) {
		end = enriched_end(s + 1);
		if (!end)
			break;
		if (!put(interpreter, &before, 1) ||
		    !put(interpreter, s + 1, (size_t)(end - s - 1)))
			return false;
		before = ' ';
	}
	return true;
}

static bool put_record(struct contid_interpreter *interpreter, const struct contid_record *record,
		       const struct contid_parsed *parsed)
{
	char head[80];
	/* by number, since it lacks the names of ours */
	int n = snprintf(head, sizeof(head),
			 "type=UNKNOWN[%d] msg=audit(1700000000.000:1):", record->type);

	if (n < 0 || (size_t)n >= sizeof(head) || !put(interpreter, head, (size_t)n))
		return false;
	for (size_t i = 0; i < record->n; i++) {
		const char *name = record->fields[i].name;

		if (contid_record_find(record, i, name) >= 0)
			continue;
		if (!strcmp(name, "cwd")) {
			if (interpreter->cwd)
				continue;
			interpreter->cwd = true;
		}
		if (!put_field(interpreter, &record->fields[i], parsed->quoted[i]))
			return false;
	}
	return put_enriched(interpreter, record->raw) && put(interpreter, "\n", 1);
}

/* ---- what it gives back ---- */

static bool all_of(const char *text, const char *digits)
{
	return *text && !text[strspn(text, digits)];
}

/* Whether a value is what the library takes it for. */
static bool is_of_type(int type, const char *value, bool quoted)
{
	static const char upper[] = "0123456789ABCDEF", hex[] = "0123456789abcdefABCDEFx",
			  decimal[] = "0123456789-+";

	switch (type) {
	case AUPARSE_TYPE_UNCLASSIFIED:
	case AUPARSE_TYPE_RESOLVE: /* asks the network */
		return false;
	case AUPARSE_TYPE_ESCAPED:
	case AUPARSE_TYPE_ESCAPED_KEY:
	case AUPARSE_TYPE_ESCAPED_FILE:
	case AUPARSE_TYPE_PROCTITLE:
	case AUPARSE_TYPE_TTY_DATA:
		return quoted || (all_of(value, upper) && strlen(value) % 2 == 0);
	case AUPARSE_TYPE_SOCKADDR:
		/* all of struct sockaddr_in at least, or all that a netlink one has */
		return !quoted && all_of(value, upper) && strlen(value) % 2 == 0 &&
		       strlen(value) >= 24;
	case AUPARSE_TYPE_UID:
	case AUPARSE_TYPE_GID:
	case AUPARSE_TYPE_SESSION:
	case AUPARSE_TYPE_EXIT:
		return all_of(value, decimal);
	case AUPARSE_TYPE_SUCCESS:
	case AUPARSE_TYPE_MAC_LABEL:
	case AUPARSE_TYPE_ADDR:
	case AUPARSE_TYPE_PERM:
		return true;
	default:
		return !quoted && all_of(value, hex);
	}
}

static int interpret_record(auparse_state_t *au, struct contid_arena *arena,
			    struct contid_record *record, const struct contid_parsed *parsed)
{
	struct contid_field *field = (struct contid_field *)record->fields;
	size_t at = 0;

	if (auparse_first_field(au) <= 0)
		return 0;
	do {
		int type = auparse_get_field_type(au);
		const char *name, *text;
		size_t found = at;

		if (type == AUPARSE_TYPE_UNCLASSIFIED)
			continue;
		name = auparse_get_field_name(au);
		while (name && found < record->n && strcmp(field[found].name, name))
			found++;
		if (!name || found == record->n)
			continue;
		at = found + 1;
		if (!is_of_type(type, field[found].value, parsed->quoted[found]))
			continue;
		text = auparse_interpret_field(au);
		if (!text || !strcmp(text, field[found].value))
			continue;
		field[found].interpreted = contid_arena_text(arena, text, strlen(text));
		if (!field[found].interpreted)
			return -ENOMEM;
	} while (auparse_next_field(au) > 0);
	return 0;
}

int contid_interpret(struct contid_interpreter *interpreter, struct contid_arena *arena,
		     struct contid_record *records, const struct contid_parsed *parsed, size_t n)
{
	auparse_state_t *au = interpreter->au;
	size_t at = 0;
	int err = 0;

	interpreter->used = 0;
	interpreter->cwd = false;
	for (size_t i = 0; i < n; i++)
		if (!put_record(interpreter, &records[i], &parsed[i]))
			return -ENOMEM;
	if (auparse_new_buffer(au, interpreter->text, interpreter->used))
		return -ENOMEM;
	/* it may split the event as it likes: records come back in their order all the same */
	while (!err && auparse_next_event(au) > 0) {
		if (auparse_first_record(au) <= 0)
			continue;
		do {
			int type = auparse_get_type(au);

			while (at < n && records[at].type != type)
				at++;
			if (at == n)
				return 0;
			err = interpret_record(au, arena, &records[at], &parsed[at]);
			at++;
		} while (!err && auparse_next_record(au) > 0);
	}
	return err;
}
