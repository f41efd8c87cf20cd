// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit log since boot
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>
#include <time.h>

#include "ima-review.h"

struct copy {
	struct ir_store store;
	int64_t since;
	uint64_t events;
};

static int copy_event(const struct contid_event *event, void *data)
{
	struct copy *copy = data;
	int rc = 0;

	ir_progress("audit events", ++copy->events, 0);
	if (event->sec < copy->since)
		return 0;
	for (size_t i = 0; !rc && i < event->n; i++) {
		rc = ir_store_write(&copy->store, event->records[i].raw,
				    strlen(event->records[i].raw));
		if (!rc)
			rc = ir_store_write(&copy->store, "\n", 1);
	}
	return rc;
}

/* Seconds since the epoch at which the kernel was started, as far as clocks tell. */
static int64_t boot_time(void)
{
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return now.tv_sec - up.tv_sec - 1;
}

int ir_collect_log(const struct ir_collect *c, int dir, struct ir_manifest *manifest)
{
	struct copy copy = { .since = c->logs ? INT64_MIN : boot_time() };
	struct contid_reader *reader;
	int rc, end;

	rc = contid_reader_new(&reader, copy_event, &copy);
	if (rc)
		return rc;
	contid_reader_interpret(reader, false);
	rc = ir_store_begin(&copy.store, dir, manifest, IR_AUDIT_LOG);
	if (!rc) {
		rc = contid_reader_files(reader, c->logs);
		/* a host without auditd has none */
		if (rc == -ENOENT && !c->logs)
			rc = 0;
		end = ir_store_end(&copy.store);
		rc = rc ? rc : end;
	}
	contid_reader_free(reader);
	return rc;
}
