// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Standard input to queue
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intake.h"

enum { BUFFER = 256 * 1024, LINE = 16 * 1024 };

/**
 * struct lines - bytes that have been read and not put
 * @used:	bytes of @buf
 * @skip:	they go on a line that was too long
 */
struct lines {
	char buf[BUFFER];
	size_t used;
	bool skip;
};

static void put(struct lines *lines, struct queue *queue, const char *line, size_t size, bool wait)
{
	if (lines->skip || size >= LINE)
		queue_lose(queue);
	else if (size)
		queue_put(queue, line, size, wait);
	lines->skip = false;
}

static void split(struct lines *lines, struct queue *queue, bool wait)
{
	char *line = lines->buf, *end = lines->buf + lines->used, *newline;

	while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
		put(lines, queue, line, (size_t)(newline - line), wait);
		line = newline + 1;
	}
	lines->used = (size_t)(end - line);
	if (lines->used >= LINE) {
		lines->skip = true;
		lines->used = 0;
	}
	memmove(lines->buf, line, lines->used);
}

void intake(int fd, struct queue *queue)
{
	static struct lines lines;
	struct stat st;
	bool wait = !fstat(fd, &st) && S_ISREG(st.st_mode);

	lines.used = 0;
	for (;;) {
		ssize_t n = read(fd, lines.buf + lines.used, BUFFER - lines.used);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			break;
		lines.used += (size_t)n;
		split(&lines, queue, wait);
	}
	if (lines.used || lines.skip)
		put(&lines, queue, lines.buf, lines.used, wait);
	queue_close(queue);
}
