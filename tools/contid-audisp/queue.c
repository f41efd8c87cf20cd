// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records that wait
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "queue.h"

int queue_init(struct queue *queue, size_t limit)
{
	pthread_condattr_t monotonic;

	*queue = (struct queue){ .size = limit, .limit = limit };
	queue->lines = calloc(limit, sizeof(*queue->lines));
	if (!queue->lines)
		return -ENOMEM;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->filled, &monotonic);
	pthread_cond_init(&queue->emptied, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return 0;
}

static char *shift(struct queue *queue)
{
	char *line = queue->lines[queue->first];

	queue->first = (queue->first + 1) % queue->size;
	queue->count--;
	return line;
}

void queue_free(struct queue *queue)
{
	while (queue->count)
		free(shift(queue));
	free(queue->lines);
	pthread_cond_destroy(&queue->filled);
	pthread_cond_destroy(&queue->emptied);
	pthread_mutex_destroy(&queue->lock);
}

int queue_limit(struct queue *queue, size_t limit)
{
	char **lines;
	size_t count = 0, size;

	pthread_mutex_lock(&queue->lock);
	size = limit > queue->count ? limit : queue->count;
	lines = calloc(size, sizeof(*lines));
	if (lines) {
		while (queue->count)
			lines[count++] = shift(queue);
		free(queue->lines);
		queue->lines = lines;
		queue->size = size;
		queue->limit = limit;
		queue->first = 0;
		queue->count = count;
		pthread_cond_broadcast(&queue->emptied);
	}
	pthread_mutex_unlock(&queue->lock);
	return lines ? 0 : -ENOMEM;
}

bool queue_put(struct queue *queue, const char *line, size_t size, bool wait)
{
	char *copy = strndup(line, size);
	bool put = false;

	pthread_mutex_lock(&queue->lock);
	while (wait && copy && queue->count >= queue->limit)
		pthread_cond_wait(&queue->emptied, &queue->lock);
	if (copy && queue->count < queue->limit) {
		queue->lines[(queue->first + queue->count) % queue->size] = copy;
		queue->count++;
		put = true;
		pthread_cond_signal(&queue->filled);
	} else {
		queue->lost++;
	}
	pthread_mutex_unlock(&queue->lock);
	if (!put)
		free(copy);
	return put;
}

void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

void queue_wake(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->woken = true;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

size_t queue_take(struct queue *queue, char **lines, size_t max, unsigned int ms, bool *closed)
{
	struct timespec until;
	size_t n = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&queue->lock);
	while (!queue->count && !queue->closed && !queue->woken)
		if (pthread_cond_timedwait(&queue->filled, &queue->lock, &until))
			break;
	queue->woken = false;
	*closed = queue->closed && !queue->count;
	while (queue->count && n < max)
		lines[n++] = shift(queue);
	if (n)
		pthread_cond_signal(&queue->emptied);
	pthread_mutex_unlock(&queue->lock);
	return n;
}

uint64_t queue_lost(struct queue *queue, bool now)
{
	uint64_t lost = 0;

	pthread_mutex_lock(&queue->lock);
	if (now || queue->count <= queue->limit / 2) {
		lost = queue->lost;
		queue->lost = 0;
	}
	pthread_mutex_unlock(&queue->lock);
	return lost;
}

void queue_lose(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->lost++;
	pthread_mutex_unlock(&queue->lock);
}

size_t queue_count(struct queue *queue)
{
	size_t count;

	pthread_mutex_lock(&queue->lock);
	count = queue->count;
	pthread_mutex_unlock(&queue->lock);
	return count;
}
