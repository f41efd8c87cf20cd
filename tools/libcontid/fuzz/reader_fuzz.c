// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Any bytes as audit text, cut anywhere: no event says more than its lines
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdlib.h>
#include <string.h>

#include "../contid.h"

static int each(const struct contid_event *event, void *data)
{
	if (!event->n || event->kind >= CONTID_KINDS || event->chain.n > CONTID_CHAIN_MAX)
		abort();
	for (size_t i = 0; i < event->n; i++) {
		const struct contid_record *record = &event->records[i];

		*(size_t *)data += strlen(record->raw) + strlen(record->name);
		for (size_t j = 0; j < record->n; j++)
			*(size_t *)data +=
				strlen(record->fields[j].name) + strlen(record->fields[j].value);
	}
	for (size_t i = 0; i < event->chain.n; i++)
		if (!contid_event_has(event, event->chain.id[i]))
			abort();
	for (size_t i = 0; i < event->n_targets; i++)
		if (event->targets[i].chain.n > CONTID_CHAIN_MAX)
			abort();
	contid_event_action(event);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct contid_reader *reader;
	size_t sum = 0, cut = size ? data[0] % (size + 1) : 0;

	if (contid_reader_new(&reader, each, &sum))
		abort();
	contid_reader_interpret(reader, false);
	contid_reader_feed(reader, (const char *)data, cut);
	contid_reader_feed(reader, (const char *)data + cut, size - cut);
	contid_reader_flush(reader);
	contid_reader_free(reader);
	return 0;
}
