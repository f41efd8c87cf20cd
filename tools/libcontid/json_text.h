/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON, written from the front to the end
 *
 * Whoever writes an object begins and ends it; commas come by themselves. Memory that is missing
 * is noticed at the end.
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_JSON_TEXT_H
#define CONTID_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct contid_json - text so far; all zero is none
 * @failed:	there was no memory
 * @comma:	a value stands before, within the same object or list
 */
struct contid_json {
	char *text;
	size_t used, size;
	bool failed;
	bool comma;
};

/* @key is that of the object around it, NULL in a list or outside. */
void contid_json_open(struct contid_json *json, const char *key, char bracket);
void contid_json_close(struct contid_json *json, char bracket);
/**
 * contid_json_text - a string; NULL is null
 *
 * Bytes that are no UTF-8 become `\xNN`, four characters of the string.
 */
void contid_json_text(struct contid_json *json, const char *key, const char *text);
void contid_json_number(struct contid_json *json, const char *key, int64_t number);
/* A string of a number: many readers have 53 bits. */
void contid_json_id(struct contid_json *json, const char *key, uint64_t id);
void contid_json_hex(struct contid_json *json, const char *key, uint64_t id);
void contid_json_null(struct contid_json *json, const char *key);
/* The text, freed by the caller; NULL without memory. */
char *contid_json_end(struct contid_json *json);

#endif /* CONTID_JSON_TEXT_H */
