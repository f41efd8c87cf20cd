// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What libauparse is given, and what it gives back
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdlib.h>
#include <string.h>

#include "../contid.h"

static int each(const struct contid_event *event, void *data)
{
	for (size_t i = 0; i < event->n; i++)
		for (size_t j = 0; j < event->records[i].n; j++)
			if (event->records[i].fields[j].interpreted)
				*(size_t *)data += strlen(event->records[i].fields[j].interpreted);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct contid_reader *reader;
	static size_t sum;

	if (!reader && contid_reader_new(&reader, each, &sum))
		abort();
	contid_reader_feed(reader, (const char *)data, size);
	contid_reader_flush(reader);
	return 0;
}
