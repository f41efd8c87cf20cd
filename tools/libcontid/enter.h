/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Helpers of the host in the user namespace of a container
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_ENTER_H
#define CONTID_ENTER_H

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

/*
 * Joins the user namespace of a process and makes a mount namespace in it. For a process of its
 * own, which keeps its uid. Return: 0, or -errno.
 *
 * From the join on, root of the container has all capabilities over the caller, which is root of
 * the host and has its descriptors. Where both see each other, with the host's pid namespace in the
 * container, ptrace() would be its way out; a process that is not dumpable is left to the
 * namespace that it was started in.
 */
static inline int enter_user_ns(int pidfd)
{
	if (prctl(PR_SET_DUMPABLE, 0))
		return -errno;
	if (setns(pidfd, CLONE_NEWUSER))
		return -errno;
	/* the join may have cleared it */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return unshare(CLONE_NEWNS) ? -errno : 0;
}

#endif /* CONTID_ENTER_H */
