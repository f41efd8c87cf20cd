// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One record: a line of audit text
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <libaudit.h>
#include <string.h>

#include "record.h"

/* auditd puts what it has interpreted behind this byte (log_format = ENRICHED) */
#define ENRICHED '\035'

/* decimal, at least one digit, at most @max; NULL else */
static const char *decimal(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		unsigned int digit = (unsigned int)(*s - '0');

		if (n > (max - digit) / 10)
			return NULL;
		n = n * 10 + digit;
	}
	*out = n;
	return s;
}

static bool starts(const char **s, const char *with)
{
	size_t n = strlen(with);

	if (strncmp(*s, with, n))
		return false;
	*s += n;
	return true;
}

bool contid_head_parse(const char *line, struct contid_head *head)
{
	char name[64];
	const char *s = line;
	uint64_t sec, msec;
	size_t n;

	*head = (struct contid_head){ 0 };
	if (starts(&s, "node=")) {
		head->node = s;
		head->node_size = strcspn(s, " ");
		s += head->node_size;
		if (!head->node_size || *s++ != ' ')
			return false;
	}
	if (!starts(&s, "type="))
		return false;
	n = strcspn(s, " ");
	if (!n || n >= sizeof(name))
		return false;
	memcpy(name, s, n);
	name[n] = '\0';
	head->type = contid_record_type(name);
	if (head->type < 0)
		return false;
	s += n;
	if (!starts(&s, " msg=audit("))
		return false;
	s = decimal(s, CONTID_SEC_MAX, &sec);
	if (!s || *s != '.')
		return false;
	s = decimal(s + 1, 999, &msec);
	if (!s || *s != ':')
		return false;
	s = decimal(s + 1, CONTID_SERIAL_MAX, &head->serial);
	if (!s || !starts(&s, "):"))
		return false;
	head->sec = (int64_t)sec;
	head->msec = (unsigned int)msec;
	head->body = s + strspn(s, " ");
	return true;
}

bool contid_type_is_user(int type)
{
	return (type >= AUDIT_FIRST_USER_MSG && type <= AUDIT_LAST_USER_MSG) ||
	       (type >= AUDIT_FIRST_USER_MSG2 && type <= AUDIT_LAST_USER_MSG2) ||
	       type == AUDIT_USER;
}

struct fields {
	struct contid_field *at;
	bool *quoted;
	size_t n, outer;
};

static void add(struct fields *fields, const char *name, const char *value, bool quoted)
{
	fields->quoted[fields->n] = quoted;
	fields->at[fields->n].name = name;
	fields->at[fields->n++].value = value;
}

/* Values that may have blanks without being quoted: they end where the next field begins. */
static bool is_phrase(const char *name)
{
	return !strcmp(name, "cause") || !strcmp(name, "text");
}

/* Where the value at @s ends: a blank, and of a phrase the blank before the next `name=`. */
static char *value_end(char *s, bool phrase)
{
	char *end = s + strcspn(s, " ");

	while (phrase && *end) {
		char *word = end + strspn(end, " ");
		char *after = word + strcspn(word, " =");

		if (!*word || *after == '=')
			break;
		end = after;
	}
	return end;
}

/* The sign that ends a field name at @s; of a policy rule also `uid>0`. NULL: a word of its own */
static char *name_end(char *s, bool rule)
{
	char *end = s + strcspn(s, rule ? " =<>" : " =");

	return end == s || *end == ' ' || !*end ? NULL : end;
}

/* `avc:  denied  { read write } for  ...`: no field, but the point of the record */
static char *access_vector(struct contid_arena *arena, struct fields *fields, char *s)
{
	char *open, *close, *result;

	if (strncmp(s, "avc:", 4))
		return s;
	result = s + 4 + strspn(s + 4, " ");
	open = strchr(result, '{');
	close = open ? strchr(open, '}') : NULL;
	if (!close)
		return s;
	fields->at[fields->n].name = "seresult";
	fields->at[fields->n++].value = contid_arena_text(arena, result, strcspn(result, " "));
	open += 1 + strspn(open + 1, " ");
	fields->at[fields->n].name = "seperms";
	while (close > open && close[-1] == ' ')
		close--;
	fields->at[fields->n++].value = contid_arena_text(arena, open, (size_t)(close - open));
	return close;
}

static int parse(struct contid_arena *arena, struct fields *fields, char *s, bool rule)
{
	fields->outer = SIZE_MAX;
	while (*s) {
		char *name = s += strspn(s, " ,"), *end = name_end(s, rule), *value;

		if (!*s)
			break;
		if (!end) {
			s += strcspn(s, " ");
			continue;
		}
		value = end + 1;
		if (*end == '=') {
			*end = '\0';
		} else {
			/* the sign belongs to the name */
			name = contid_arena_text(arena, name, (size_t)(end - name + 1));
			if (!name)
				return -ENOMEM;
		}
		if (*value == '"') {
			end = value + 1 + strcspn(value + 1, "\"");
			s = *end ? end + 1 : end;
			*end = '\0';
			add(fields, name, value + 1, true);
		} else if (*value == '\'' && !strcmp(name, "msg")) {
			/* all that follows is a program's text, whatever it looks like */
			if (fields->outer == SIZE_MAX)
				fields->outer = fields->n;
			end = value + strlen(value);
			if (end > value + 1 && end[-1] == '\'')
				end[-1] = '\0';
			s = value + 1;
		} else if (*value == '\'') {
			end = value + 1 + strcspn(value + 1, "'");
			s = *end ? end + 1 : end;
			*end = '\0';
			add(fields, name, value + 1, true);
		} else {
			end = value_end(value, is_phrase(name));
			s = *end ? end + 1 : end;
			*end = '\0';
			add(fields, name, value, false);
		}
	}
	if (fields->outer == SIZE_MAX)
		fields->outer = fields->n;
	return 0;
}

long contid_record_find(const struct contid_record *record, size_t n, const char *name)
{
	for (size_t i = 0; i < n && i < record->n; i++)
		if (!strcmp(record->fields[i].name, name))
			return (long)i;
	return -1;
}

/* N of ` record=N`; what a program writes in a message is none */
static unsigned int role_of(const struct contid_record *record, size_t outer)
{
	long i = contid_record_find(record, outer, "record");
	uint64_t role = 0;
	const char *end;

	if (i < 0)
		return 0;
	end = decimal(record->fields[i].value, UINT32_MAX, &role);
	return end && !*end ? (unsigned int)role : 0;
}

int contid_record_parse(struct contid_arena *arena, const char *line,
			const struct contid_head *head, struct contid_record *record,
			struct contid_parsed *parsed)
{
	bool rule = head->type == AUDIT_INTEGRITY_POLICY_RULE;
	const char *name = contid_record_name(head->type);
	const char *enriched = strrchr(head->body, ENRICHED);
	size_t size = enriched ? (size_t)(enriched - head->body) : strlen(head->body);
	struct fields fields = { 0 };
	size_t most = 2; /* an access vector */
	char *text;

	for (size_t i = 0; i < size; i++)
		most += head->body[i] == '=' || head->body[i] == '<' || head->body[i] == '>';
	text = contid_arena_text(arena, head->body, size);
	name = contid_arena_text(arena, name, strlen(name));
	fields.at = contid_arena_get(arena, most, sizeof(*fields.at));
	fields.quoted = contid_arena_get(arena, most, sizeof(*fields.quoted));
	if (!text || !name || !fields.at || !fields.quoted)
		return -ENOMEM;
	if (head->type == AUDIT_AVC) {
		text = access_vector(arena, &fields, text);
		for (size_t i = 0; i < fields.n; i++)
			if (!fields.at[i].value)
				return -ENOMEM;
	}
	if (parse(arena, &fields, text, rule))
		return -ENOMEM;
	*record = (struct contid_record){
		.type = head->type,
		.name = name,
		.n = fields.n,
		.fields = fields.at,
		.raw = line,
	};
	*parsed = (struct contid_parsed){ .outer = fields.outer, .quoted = fields.quoted };
	record->role = role_of(record, fields.outer);
	return 0;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

const char *contid_decode(struct contid_arena *arena, const char *value, bool quoted)
{
	size_t size = strlen(value);
	char *out;

	if (quoted)
		return value;
	if (!size || !strcmp(value, "(null)") || !strcmp(value, "(none)") || !strcmp(value, "?"))
		return NULL;
	if (size % 2)
		return value;
	out = contid_arena_get(arena, size / 2 + 1, 1);
	for (size_t i = 0; out && i < size; i += 2) {
		int high = digit(value[i]), low = digit(value[i + 1]);

		if (high < 0 || low < 0)
			return value;
		out[i / 2] = (char)(high << 4 | low);
	}
	return out;
}
