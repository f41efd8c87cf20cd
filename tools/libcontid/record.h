/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One record: a line of audit text
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_RECORD_H
#define CONTID_RECORD_H

#include "arena.h"
#include "contid.h"

#define CONTID_SEC_MAX	  INT64_C(253402300799) /* year 9999: RFC 3339 has four digits */
#define CONTID_SERIAL_MAX UINT64_C(0xffffffff)	/* unsigned int of the kernel */

/**
 * struct contid_head - `node=NAME type=TYPE msg=audit(SEC.MSEC:SERIAL): `
 * @node:	not ended by a NUL; NULL if the line has none
 * @node_size:	bytes of it
 * @type:	number
 * @sec: @msec: @serial: the stamp
 * @body:	what follows
 */
struct contid_head {
	const char *node;
	size_t node_size;
	int type;
	int64_t sec;
	unsigned int msec;
	uint64_t serial;
	const char *body;
};

/* False: not a line of audit. */
bool contid_head_parse(const char *line, struct contid_head *head);

/**
 * struct contid_parsed - what is known of a record beside the public part
 * @outer:	so many of the fields are of whoever wrote the record; those behind are of the
 *		text in msg='...', that is, of any program that may send a message
 * @quoted:	of each field: its value stood in quotes, so it is not hex
 */
struct contid_parsed {
	size_t outer;
	const bool *quoted;
};

/* Whether @type is a message of a user-space program. */
bool contid_type_is_user(int type);
/**
 * contid_record_parse - fields of a line
 * @line:	as it was read; must live as long as the record
 * @head:	of the same line
 *
 * Return: 0 or -ENOMEM.
 */
int contid_record_parse(struct contid_arena *arena, const char *line,
			const struct contid_head *head, struct contid_record *record,
			struct contid_parsed *parsed);
/* Index of the first of the first @n fields of that name, or -1. */
long contid_record_find(const struct contid_record *record, size_t n, const char *name);
/**
 * contid_decode - text of a value the kernel may have written in hex
 *
 * `(null)`, `(none)` and `?` of an unquoted value are no text: NULL. A byte 0 in the hex ends it.
 */
const char *contid_decode(struct contid_arena *arena, const char *value, bool quoted);

#endif /* CONTID_RECORD_H */
