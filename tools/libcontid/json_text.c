// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * JSON, written from the front to the end
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "utf8.h"

static bool room(struct contid_json *json, size_t size)
{
	size_t more = json->used + size + 1;
	char *text;

	if (json->failed)
		return false;
	if (more <= json->size)
		return true;
	more += more / 2 + 1024;
	text = realloc(json->text, more);
	if (!text) {
		json->failed = true;
		return false;
	}
	json->text = text;
	json->size = more;
	return true;
}

static void put(struct contid_json *json, const char *text, size_t size)
{
	if (!room(json, size))
		return;
	memcpy(json->text + json->used, text, size);
	json->used += size;
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* a control character, a quote or a backslash */
static void escaped(struct contid_json *json, unsigned char c)
{
	char escape[8] = { '\\', c == '\n' ? 'n' : c == '\t' ? 't' : (char)c };
	size_t n = 2;

	if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
		n = (size_t)snprintf(escape, sizeof(escape), "\\u%04x", c);
	put(json, escape, n);
}

static void quoted(struct contid_json *json, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	put(json, "\"", 1);
	while (*s) {
		const unsigned char *run = s;
		char escape[8];
		size_t n;

		while (plain(*s))
			s++;
		put(json, (const char *)run, (size_t)(s - run));
		if (!*s)
			break;
		n = utf8_size(s, 4);
		if (!n)
			put(json, escape,
			    (size_t)snprintf(escape, sizeof(escape), "\\\\x%02x", *s++));
		else if (n > 1)
			put(json, (const char *)s, n), s += n;
		else
			escaped(json, *s++);
	}
	put(json, "\"", 1);
}

static void before(struct contid_json *json, const char *key)
{
	if (json->comma)
		put(json, ",", 1);
	json->comma = true;
	if (!key)
		return;
	quoted(json, key);
	put(json, ":", 1);
}

void contid_json_open(struct contid_json *json, const char *key, char bracket)
{
	before(json, key);
	put(json, &bracket, 1);
	json->comma = false;
}

void contid_json_close(struct contid_json *json, char bracket)
{
	put(json, &bracket, 1);
	json->comma = true;
}

void contid_json_null(struct contid_json *json, const char *key)
{
	before(json, key);
	put(json, "null", 4);
}

void contid_json_text(struct contid_json *json, const char *key, const char *text)
{
	if (!text) {
		contid_json_null(json, key);
		return;
	}
	before(json, key);
	quoted(json, text);
}

void contid_json_number(struct contid_json *json, const char *key, int64_t number)
{
	char text[24];

	before(json, key);
	put(json, text, (size_t)snprintf(text, sizeof(text), "%" PRId64, number));
}

void contid_json_id(struct contid_json *json, const char *key, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, id);
	contid_json_text(json, key, text);
}

void contid_json_hex(struct contid_json *json, const char *key, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, id);
	contid_json_text(json, key, text);
}

char *contid_json_end(struct contid_json *json)
{
	char *text = json->text;

	if (json->failed || !room(json, 0)) {
		free(text);
		text = NULL;
	} else {
		text = json->text;
		text[json->used] = '\0';
	}
	*json = (struct contid_json){ 0 };
	return text;
}
