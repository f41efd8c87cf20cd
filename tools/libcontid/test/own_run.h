/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A /run of a test's own, since the folder of states is there
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef OWN_RUN_H
#define OWN_RUN_H

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <unistd.h>

#include "unit.h"

static inline bool own_run_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* As whoever may not, root of a user namespace may. */
static inline bool own_run_enter(void)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	if (!unshare(CLONE_NEWNS))
		return true;
	return !unshare(CLONE_NEWUSER | CLONE_NEWNS) && own_run_put("/proc/self/uid_map", uid) &&
	       own_run_put("/proc/self/setgroups", "deny") &&
	       own_run_put("/proc/self/gid_map", gid);
}

/* Ends the test if nobody may make namespaces here. */
static inline void own_run(void)
{
	static bool tried, own;

	if (!tried)
		own = own_run_enter() && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
		      !mount("none", "/run", "tmpfs", 0, "mode=755");
	tried = true;
	if (!own)
		unit_skip("no namespaces of one's own");
}

#endif /* OWN_RUN_H */
