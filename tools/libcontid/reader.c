// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A reader of audit text: lines to events
 *
 * Records of one event have one stamp, and need not follow each other: the kernel interleaves the
 * events of its processors. So events are kept until their EOE, which auditd's log lacks, or until
 * no record has joined them for two seconds, by the stamps of the log or by the clock of a stream.
 * libauparse can do that, too, but holds a record behind PROCTITLE for another event, takes a
 * message of user space as the end of one, and compares a new record with every open event.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "event_build.h"
#include "interpret.h"
#include "record.h"

enum {
	PATIENCE = 2000,	   /* ms without another record that make an event complete */
	LINE_MAX_SIZE = 16 * 1024, /* auditd writes at most 8970 bytes */
	BUCKETS = 1024,		   /* a power of two */
	PENDING_MAX = 8192,	   /* events that wait */
	PENDING_SIZE = 32 << 20,   /* bytes of their lines */
};

/**
 * struct pending - an event that may still get records
 * @next:	in its bucket
 * @newer: @older: in the order of their last record
 * @last:	ms of the log when the last record came
 * @came:	ms of the clock when it came
 * @text:	@used of @size bytes: lines, each ended by a NUL
 * @n:		how many lines
 */
struct pending {
	struct pending *next;
	struct pending *newer, *older;
	uint64_t serial;
	int64_t stamp;
	int64_t last;
	int64_t came;
	char *text;
	size_t used, size, n;
	size_t node_size;
	char node[];
};

/**
 * struct contid_reader - state of a reader
 * @log:	newest stamp seen, in ms
 * @now:	clock of the call that is being served, in ms
 * @line:	@line_used bytes of a line whose end has not come
 * @skip:	that line is too long: forget it
 * @this_boot:	@boot is for events of this host since @booted, in ms
 */
struct contid_reader {
	contid_event_fn each;
	void *data;
	char boot[37];
	bool has_boot;
	bool this_boot;
	int64_t booted;
	bool interpret;
	char host[HOST_NAME_MAX + 1];
	struct contid_interpreter *interpreter;
	struct contid_arena arena;
	struct pending *buckets[BUCKETS];
	struct pending *oldest, *newest;
	size_t n_pending, pending_size;
	int64_t log, now;
	char line[LINE_MAX_SIZE];
	size_t line_used;
	bool skip;
};

static int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int contid_reader_new(struct contid_reader **out, contid_event_fn each, void *data)
{
	struct contid_reader *reader = calloc(1, sizeof(*reader));

	*out = reader;
	if (!reader)
		return -ENOMEM;
	reader->each = each;
	reader->data = data;
	reader->log = INT64_MIN;
	reader->interpret = true;
	if (gethostname(reader->host, sizeof(reader->host) - 1))
		strcpy(reader->host, "localhost");
	return 0;
}

int contid_reader_boot(struct contid_reader *reader, const char *boot)
{
	if (boot && strlen(boot) >= sizeof(reader->boot))
		return -EINVAL;
	reader->has_boot = boot;
	reader->this_boot = false;
	if (boot)
		strcpy(reader->boot, boot);
	return 0;
}

int contid_reader_this_boot(struct contid_reader *reader)
{
	struct timespec real, up;
	char boot[37];
	int err = contid_boot_id(boot);

	if (err)
		return err;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &up);
	contid_reader_boot(reader, boot);
	reader->this_boot = true;
	reader->booted =
		(int64_t)(real.tv_sec - up.tv_sec) * 1000 + (real.tv_nsec - up.tv_nsec) / 1000000;
	return 0;
}

void contid_reader_interpret(struct contid_reader *reader, bool on)
{
	reader->interpret = on;
}

/* ---- events that wait ---- */

static size_t bucket_of(const struct contid_head *head)
{
	uint64_t hash = head->serial * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)head->sec;

	return (hash >> 32 ^ hash) & (BUCKETS - 1);
}

static int64_t stamp_of(const struct contid_head *head)
{
	return head->sec * 1000 + head->msec;
}

static struct pending *pending_find(const struct contid_reader *reader,
				    const struct contid_head *head)
{
	struct pending *p = reader->buckets[bucket_of(head)];

	while (p && (p->serial != head->serial || p->stamp != stamp_of(head) ||
		     p->node_size != head->node_size ||
		     memcmp(p->node, head->node ? head->node : "", p->node_size)))
		p = p->next;
	return p;
}

static void line_up(struct contid_reader *reader, struct pending *p)
{
	p->older = reader->newest;
	p->newer = NULL;
	if (p->older)
		p->older->newer = p;
	else
		reader->oldest = p;
	reader->newest = p;
}

static void step_out(struct contid_reader *reader, struct pending *p)
{
	if (p->older)
		p->older->newer = p->newer;
	else
		reader->oldest = p->newer;
	if (p->newer)
		p->newer->older = p->older;
	else
		reader->newest = p->older;
}

static struct pending *pending_new(struct contid_reader *reader, const struct contid_head *head)
{
	struct pending *p = calloc(1, sizeof(*p) + head->node_size);
	size_t bucket = bucket_of(head);

	if (!p)
		return NULL;
	p->serial = head->serial;
	p->stamp = stamp_of(head);
	p->node_size = head->node_size;
	if (head->node)
		memcpy(p->node, head->node, head->node_size);
	p->next = reader->buckets[bucket];
	reader->buckets[bucket] = p;
	reader->n_pending++;
	line_up(reader, p);
	return p;
}

static void pending_free(struct pending *p)
{
	free(p->text);
	free(p);
}

static void pending_remove(struct contid_reader *reader, struct pending *p)
{
	struct contid_head head = { .serial = p->serial, .sec = p->stamp / 1000 };
	struct pending **link = &reader->buckets[bucket_of(&head)];

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	step_out(reader, p);
	reader->n_pending--;
	reader->pending_size -= p->size;
}

static int pending_add(struct contid_reader *reader, struct pending *p, const char *line,
		       size_t size)
{
	if (p->size - p->used < size + 1) {
		size_t more = p->size + size + 1 + p->size / 2;
		char *text = realloc(p->text, more);

		if (!text)
			return -ENOMEM;
		reader->pending_size += more - p->size;
		p->text = text;
		p->size = more;
	}
	memcpy(p->text + p->used, line, size + 1);
	p->used += size + 1;
	p->n++;
	p->last = reader->log;
	p->came = reader->now;
	step_out(reader, p);
	line_up(reader, p);
	return 0;
}

/* ---- complete events ---- */

static const char *boot_of(const struct contid_reader *reader, const struct pending *p)
{
	bool here = !p->node_size || (p->node_size == strlen(reader->host) &&
				      !memcmp(p->node, reader->host, p->node_size));

	if (!reader->has_boot || (reader->this_boot && (!here || p->stamp < reader->booted)))
		return NULL;
	return reader->boot;
}

static int emit(struct contid_reader *reader, struct pending *p)
{
	struct contid_event_source source = {
		.n = p->n,
		.host = reader->host,
		.boot = boot_of(reader, p),
	};
	struct contid_event event;
	const char **lines;
	int err;

	pending_remove(reader, p);
	if (reader->interpret && !reader->interpreter) {
		reader->interpreter = contid_interpreter_new();
		if (!reader->interpreter) {
			pending_free(p);
			return -ENOMEM;
		}
	}
	source.interpreter = reader->interpret ? reader->interpreter : NULL;
	lines = contid_arena_get(&reader->arena, p->n, sizeof(*lines));
	if (lines) {
		const char *line = p->text;

		for (size_t i = 0; i < p->n; i++, line += strlen(line) + 1)
			lines[i] = line;
	}
	source.lines = lines;
	err = lines ? contid_event_build(&reader->arena, &source, &event) : -ENOMEM;
	if (!err)
		err = reader->each(&event, reader->data);
	contid_arena_reset(&reader->arena);
	pending_free(p);
	return err;
}

/* By the log: its stamps may jump back when the clock is set, then the limits end the wait. */
static int emit_settled(struct contid_reader *reader)
{
	int err = 0;

	while (!err && reader->oldest &&
	       (reader->oldest->last < reader->log - PATIENCE || reader->n_pending > PENDING_MAX ||
		reader->pending_size > PENDING_SIZE))
		err = emit(reader, reader->oldest);
	return err;
}

int contid_reader_age(struct contid_reader *reader)
{
	int err = 0;

	reader->now = clock_ms();
	while (!err && reader->oldest && reader->oldest->came <= reader->now - PATIENCE)
		err = emit(reader, reader->oldest);
	return err;
}

/* ---- lines ---- */

static int take_line(struct contid_reader *reader, const char *line, size_t size)
{
	struct contid_head head;
	struct pending *p;
	int err;

	if (!contid_head_parse(line, &head))
		return 0;
	p = pending_find(reader, &head);
	if (head.type == AUDIT_EOE)
		return p ? emit(reader, p) : 0;
	if (stamp_of(&head) > reader->log)
		reader->log = stamp_of(&head);
	if (!p)
		p = pending_new(reader, &head);
	if (!p)
		return -ENOMEM;
	err = pending_add(reader, p, line, size);
	return err ? err : emit_settled(reader);
}

static int end_line(struct contid_reader *reader)
{
	size_t size = reader->line_used;

	reader->line_used = 0;
	if (reader->skip) {
		reader->skip = false;
		return 0;
	}
	if (size && reader->line[size - 1] == '\r')
		size--;
	for (size_t i = 0; i < size; i++)
		if (!reader->line[i])
			reader->line[i] = ' ';
	reader->line[size] = '\0';
	return size ? take_line(reader, reader->line, size) : 0;
}

int contid_reader_feed(struct contid_reader *reader, const char *text, size_t size)
{
	int err = 0;

	reader->now = clock_ms();
	while (size && !err) {
		const char *end = memchr(text, '\n', size);
		size_t n = end ? (size_t)(end - text) : size;

		if (n > sizeof(reader->line) - 1 - reader->line_used)
			reader->skip = true;
		if (reader->skip) {
			reader->line_used = 0;
		} else {
			memcpy(reader->line + reader->line_used, text, n);
			reader->line_used += n;
		}
		if (end) {
			err = end_line(reader);
			n++;
		}
		text += n;
		size -= n;
	}
	return err;
}

int contid_reader_flush(struct contid_reader *reader)
{
	int err = end_line(reader);

	while (!err && reader->oldest)
		err = emit(reader, reader->oldest);
	reader->log = INT64_MIN;
	return err;
}

void contid_reader_free(struct contid_reader *reader)
{
	if (!reader)
		return;
	while (reader->oldest) {
		struct pending *p = reader->oldest;

		pending_remove(reader, p);
		pending_free(p);
	}
	contid_interpreter_free(reader->interpreter);
	contid_arena_free(&reader->arena);
	free(reader);
}
