// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What libauparse makes of the fields that it knows
 *
 * The library gets one event at a time, which it may split again as it likes: records come back in
 * their order all the same.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <auparse.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "interpret.h"

struct contid_interpreter {
	auparse_state_t *au;
	char *text;
	size_t size;
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

/* the lines of the event, one after the other; 0 bytes without memory */
static size_t join(struct contid_interpreter *interpreter, const struct contid_record *records,
		   size_t n)
{
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		size += strlen(records[i].raw) + 1;
	if (size + 1 > interpreter->size) {
		char *text = realloc(interpreter->text, size + 1);

		if (!text)
			return 0;
		interpreter->text = text;
		interpreter->size = size + 1;
	}
	size = 0;
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(records[i].raw);

		memcpy(interpreter->text + size, records[i].raw, length);
		size += length;
		interpreter->text[size++] = '\n';
	}
	interpreter->text[size] = '\0';
	return size;
}

/* the value as the library has it, which keeps the quotes */
static bool is_value(const char *theirs, const char *ours)
{
	size_t n = strlen(ours);

	if (*theirs == '"' || *theirs == '\'')
		return !strncmp(theirs + 1, ours, n) && (!theirs[n + 1] || !theirs[n + 2]);
	return !strcmp(theirs, ours);
}

static int fields(auparse_state_t *au, struct contid_arena *arena, struct contid_record *record)
{
	struct contid_field *field = (struct contid_field *)record->fields;
	size_t at = 0;

	if (auparse_first_field(au) <= 0)
		return 0;
	do {
		const char *name, *value, *text;
		size_t found;

		if (auparse_get_field_type(au) == AUPARSE_TYPE_UNCLASSIFIED)
			continue;
		name = auparse_get_field_name(au);
		value = name ? auparse_get_field_str(au) : NULL;
		if (!value)
			continue;
		for (found = at; found < record->n; found++)
			if (!strcmp(field[found].name, name) && is_value(value, field[found].value))
				break;
		if (found == record->n)
			continue;
		at = found + 1;
		text = auparse_interpret_field(au);
		if (!text || !strcmp(text, field[found].value) || !strcmp(text, value))
			continue;
		field[found].interpreted = contid_arena_text(arena, text, strlen(text));
		if (!field[found].interpreted)
			return -ENOMEM;
	} while (auparse_next_field(au) > 0);
	return 0;
}

int contid_interpret(struct contid_interpreter *interpreter, struct contid_arena *arena,
		     struct contid_record *records, size_t n)
{
	auparse_state_t *au = interpreter->au;
	size_t size = join(interpreter, records, n), at = 0;
	int err = 0;

	if (!size || auparse_new_buffer(au, interpreter->text, size))
		return -ENOMEM;
	while (!err && auparse_next_event(au) > 0) {
		if (auparse_first_record(au) <= 0)
			continue;
		do {
			int type = auparse_get_type(au);

			while (at < n && records[at].type != type)
				at++;
			if (at == n)
				return 0;
			err = fields(au, arena, &records[at++]);
		} while (!err && auparse_next_record(au) > 0);
	}
	return err;
}
