// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Queue to output
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "contid.h"
#include "worker.h"

enum { BATCH = 256, IDLE_MS = 500 };

/* SIGHUP: whatever is wrong with the new configuration, the old one goes on. */
static void reload(struct worker *worker)
{
	struct output output;
	struct config config;
	char error[512];

	worker->reload = 0;
	if (config_read(worker->config, &config, error, sizeof(error))) {
		syslog(LOG_ERR, "%s; the old configuration stays", error);
		return;
	}
	if (output_open(&output, &config, (uid_t)-1, (gid_t)-1, error, sizeof(error))) {
		syslog(LOG_ERR, "%s; the old output stays", error);
		return;
	}
	output_close(&worker->output);
	worker->output = output;
	worker->said = 0;
	if (queue_limit(worker->queue, config.queue))
		syslog(LOG_ERR, "queue: no memory for %zu records; its size stays", config.queue);
}

static int write_event(const struct contid_event *event, void *data)
{
	CLEANUP_FREE char *text = contid_event_json(event);
	struct worker *worker = data;
	int err;

	if (!text)
		return -ENOMEM;
	for (;;) {
		err = output_write(&worker->output, text, strlen(text));
		if (err != -EINTR)
			break;
		if (worker->reload)
			reload(worker);
	}
	if (err) {
		worker->failed++;
		if (err != worker->said)
			syslog(LOG_ERR, "output: %s; events are lost and counted", strerror(-err));
	}
	worker->said = err;
	return 0;
}

/* An event of our own in the same form; numbers with 0x, which no converter takes for text. */
static int write_report(struct worker *worker)
{
	struct contid_reader *reader;
	char line[256];
	struct timespec ts;
	int err, n;

	clock_gettime(CLOCK_REALTIME, &ts);
	n = snprintf(line, sizeof(line),
		     "type=DAEMON_ERR msg=audit(%jd.%03ld:%" PRIu64
		     "): op=contid-audisp-lost pid=%d uid=%u records=0x%" PRIx64
		     " events=0x%" PRIx64 " res=failed\n",
		     (intmax_t)ts.tv_sec, ts.tv_nsec / 1000000, ++worker->serial, getpid(),
		     getuid(), worker->lost, worker->failed);
	err = contid_reader_new(&reader, write_event, worker);
	if (err)
		return err;
	contid_reader_this_boot(reader);
	err = contid_reader_feed(reader, line, (size_t)n);
	if (!err)
		err = contid_reader_flush(reader);
	contid_reader_free(reader);
	return err;
}

/* As long as the output fails, the counts grow. */
static int report(struct worker *worker, bool now)
{
	uint64_t failed = worker->failed;
	int err;

	worker->lost += queue_lost(worker->queue, now);
	if ((!worker->lost && !failed) || (worker->said && !now))
		return 0;
	err = write_report(worker);
	if (err)
		return err;
	if (worker->said && !now) {
		worker->failed = failed;
		return 0;
	}
	syslog(LOG_WARNING,
	       "%" PRIu64 " records lost, the queue was full; %" PRIu64 " events not written",
	       worker->lost, failed);
	worker->lost = 0;
	worker->failed = 0;
	return 0;
}

/* Whether auditd has sent something that the other thread has not read yet. */
static bool more_to_read(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&fd, 1, 0) > 0 && fd.revents & POLLIN;
}

static int feed(struct contid_reader *reader, char **lines, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n; i++) {
		if (!err)
			err = contid_reader_feed(reader, lines[i], strlen(lines[i]));
		if (!err)
			err = contid_reader_feed(reader, "\n", 1);
		free(lines[i]);
	}
	return err;
}

static int work(struct worker *worker, struct contid_reader *reader)
{
	char *lines[BATCH];
	bool closed = false;
	size_t n;
	int err = 0;

	while (!err) {
		n = queue_take(worker->queue, lines, BATCH, IDLE_MS, &closed);
		if (worker->reload)
			reload(worker);
		err = feed(reader, lines, n);
		if (!err)
			err = contid_reader_age(reader);
		if (!err)
			err = report(worker, false);
		if (!n && (closed || (worker->end && !more_to_read())))
			break;
	}
	if (!err)
		err = contid_reader_flush(reader);
	return err ? err : report(worker, true);
}

int worker_run(struct worker *worker)
{
	struct contid_reader *reader;
	int err = contid_reader_new(&reader, write_event, worker);

	if (err)
		return err;
	contid_reader_this_boot(reader);
	err = work(worker, reader);
	contid_reader_free(reader);
	return err;
}
