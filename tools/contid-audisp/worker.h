/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queue to output
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef AUDISP_WORKER_H
#define AUDISP_WORKER_H

#include <signal.h>

#include "output.h"
#include "queue.h"

/**
 * struct worker - what the worker works on
 * @queue:	lines
 * @output:	events
 * @config:	file to read again
 * @uid: @gid:	owner of new files
 * @reload: @end: set by whoever gets the signals, who wakes the queue then
 * @lost:	records that found no room since the last report
 * @failed:	events that were not written since
 * @serial:	of the last report
 * @said:	errno of the output that syslog knows
 */
struct worker {
	struct queue *queue;
	struct output output;
	const char *config;
	volatile sig_atomic_t reload, end;
	uint64_t lost, failed;
	uint64_t serial;
	int said;
};

/* Until the queue is closed and empty, or @end is set and nothing is left. 0 or -ENOMEM. */
int worker_run(struct worker *worker);

#endif /* AUDISP_WORKER_H */
