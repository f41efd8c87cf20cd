// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Whatever an event is made of, each form of it is one line of JSON
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "../contid.h"

static void check(const char *text, int depth)
{
	struct json_tokener *tokener = json_tokener_new_ex(depth);
	struct json_object *object;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
	if (!object || strchr(text, '\n'))
		abort();
	json_object_put(object);
	json_tokener_free(tokener);
}

static int each(const struct contid_event *event, void *data)
{
	(void)data;
	for (int format = 0; format < CONTID_EXPORTS; format++) {
		char *text = contid_event_export(event, (enum contid_export)format);

		if (!text)
			abort();
		check(text, 16);
		free(text);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct contid_reader *reader;

	if (contid_reader_new(&reader, each, NULL))
		abort();
	contid_reader_interpret(reader, false);
	contid_reader_feed(reader, (const char *)data, size);
	contid_reader_flush(reader);
	contid_reader_free(reader);
	return 0;
}
