/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that wait - whoever puts never waits, and what finds no room is counted
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef AUDISP_QUEUE_H
#define AUDISP_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct queue - a ring of lines
 * @lock:	of all members
 * @filled:	there is something to take, or @closed or @woken was set
 * @emptied:	there is room
 * @lines:	@size places, @count of them in use from @first on
 * @limit:	lines that may wait; @size is no less
 * @lost:	lines that found no room since queue_lost() was asked
 * @closed:	nothing will be put any more
 * @woken:	whoever takes shall look around
 */
struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	char **lines;
	size_t size, limit, first, count;
	uint64_t lost;
	bool closed, woken;
};

int queue_init(struct queue *queue, size_t limit);
void queue_free(struct queue *queue);
/* -ENOMEM; lines that wait stay, even if they are more than the new limit. */
int queue_limit(struct queue *queue, size_t limit);
/* A copy of @size bytes. @wait: for room, else the line is lost. False: it is lost. */
bool queue_put(struct queue *queue, const char *line, size_t size, bool wait);
void queue_close(struct queue *queue);
void queue_wake(struct queue *queue);
/**
 * queue_take - the oldest lines
 * @lines:	@max places, each line to be freed by the caller
 * @ms:		wait that long for the first
 * @closed:	out: none is left and none will come
 *
 * Return: how many.
 */
size_t queue_take(struct queue *queue, char **lines, size_t max, unsigned int ms, bool *closed);
/* How many lines were lost; once there is room again, unless @now. */
uint64_t queue_lost(struct queue *queue, bool now);
/* One more that never came so far. */
void queue_lose(struct queue *queue);
size_t queue_count(struct queue *queue);

#endif /* AUDISP_QUEUE_H */
