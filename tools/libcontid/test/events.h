/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of text, for tests
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef EVENTS_H
#define EVENTS_H

#include <json.h>

#include "unit.h"
#include "../contid.h"

#define STAMP "msg=audit(1700000000.123:45): "
#define SUBJECT                                                                                    \
	"ppid=1 pid=500 auid=4294967295 uid=0 gid=7 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 "  \
	"tty=pts0 ses=4294967295 comm=\"sh\" exe=\"/bin/dash\" subj=unconfined"
#define CALL "arch=c000003e syscall=257 success=yes exit=3 a0=1 a1=2 a2=3 a3=4 items=0 " SUBJECT

/* what test_each() has been given: JSON of each event */
static char *seen[64];
static size_t n_seen;

static int test_each(const struct contid_event *event, void *data)
{
	(void)data;
	unit_true(n_seen < sizeof(seen) / sizeof(*seen));
	seen[n_seen] = contid_event_json(event);
	unit_true(seen[n_seen] != NULL);
	n_seen++;
	return 0;
}

static inline void forget(void)
{
	while (n_seen)
		free(seen[--n_seen]);
}

/* Reads @text as a whole. */
static inline void read_with(const char *text, contid_event_fn each, void *data)
{
	struct contid_reader *reader;

	forget();
	unit_int(0, contid_reader_new(&reader, each, data));
	unit_int(0, contid_reader_feed(reader, text, strlen(text)));
	unit_int(0, contid_reader_flush(reader));
	contid_reader_free(reader);
}

static inline void read_text(const char *text)
{
	read_with(text, test_each, NULL);
}

/* JSON of a member of the only event, "a.b.0" */
static inline const char *member(const char *path)
{
	static char text[4096];
	struct json_object *root, *at;
	char *copy = strdup(path), *save = NULL;

	unit_int(1, n_seen);
	root = at = json_tokener_parse(seen[0]);
	unit_true(root != NULL);
	for (char *part = strtok_r(copy, ".", &save); part; part = strtok_r(NULL, ".", &save)) {
		if (json_object_is_type(at, json_type_array))
			at = json_object_array_get_idx(at, (size_t)atoi(part));
		else if (!json_object_object_get_ex(at, part, &at))
			at = json_object_new_string("(no such member)");
	}
	snprintf(text, sizeof(text), "%s",
		 json_object_to_json_string_ext(at, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	free(copy);
	json_object_put(root);
	return text;
}

#define is(EXPECTED, PATH) unit_text(EXPECTED, member(PATH))

#endif /* EVENTS_H */
