/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes that the kernel may hold - who writes an audit record waits while the backlog is full,
 * and no signal ends that
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_HELD_H
#define CONTID_HELD_H

#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#include "cleanup.h"

static inline int64_t held_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Whether a child ends within so many seconds. It is not reaped. */
static inline bool held_ends(pid_t pid, unsigned int seconds)
{
	int64_t until = held_now() + (int64_t)seconds * 1000, left;
	CLEANUP_FD int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };
	int rc;

	if (pidfd < 0)
		return true;
	do {
		left = until - held_now();
		rc = poll(&pollfd, 1, left > INT_MAX ? INT_MAX : left > 0 ? (int)left : 0);
	} while ((rc < 0 && errno == EINTR) || (!rc && left > 0));
	return rc > 0;
}

/*
 * Before it may be held: all descriptors but two, which may be one, are closed. Others wait for the
 * end of what it inherited, as an engine does that reads what its runtime says.
 */
static inline void held_keep(int a, int b)
{
	unsigned int low = (unsigned int)(a < b ? a : b), high = (unsigned int)(a < b ? b : a);

	if (low)
		close_range(0, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

#endif /* CONTID_HELD_H */
