// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid - namespaces of the container that `contid run` starts
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "contid.h"
#include "unshare.h"

static const int flag_of[CONTID_NS_TYPES] = {
	[CONTID_NS_NET] = CLONE_NEWNET,	      [CONTID_NS_UTS] = CLONE_NEWUTS,
	[CONTID_NS_IPC] = CLONE_NEWIPC,	      [CONTID_NS_PID] = CLONE_NEWPID,
	[CONTID_NS_USER] = CLONE_NEWUSER,     [CONTID_NS_MNT] = CLONE_NEWNS,
	[CONTID_NS_CGROUP] = CLONE_NEWCGROUP, [CONTID_NS_TIME] = CLONE_NEWTIME,
};

bool unshare_parse(const char *list, int *flags, char *bad, size_t size)
{
	for (;;) {
		size_t n = strcspn(list, ",");
		int i = 0;

		while (i < CONTID_NS_TYPES &&
		       (strlen(contid_ns_names[i]) != n || strncmp(contid_ns_names[i], list, n)))
			i++;
		if (i == CONTID_NS_TYPES) {
			snprintf(bad, size, "%.*s", (int)n, list);
			return false;
		}
		*flags |= flag_of[i];
		if (!list[n])
			return true;
		list += n + 1;
	}
}

int unshare_leave(int flags)
{
	if (flags && unshare(flags))
		return -errno;
	/* what is mounted inside stays inside */
	if (flags & CLONE_NEWNS && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return 0;
}

/* "0 0 4294967295", or whatever range our own namespace has, onto itself. */
static int map_write(pid_t pid, const char *name)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FILE FILE *own = NULL;
	CLEANUP_FD int fd = -1;
	unsigned int inside, outside, count;
	char path[64];
	size_t size;
	FILE *out;

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	own = fopen(path, "re");
	if (!own)
		return -errno;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	while (fscanf(own, "%u %u %u", &inside, &outside, &count) == 3)
		fprintf(out, "%u %u %u\n", inside, inside, count);
	if (fclose(out))
		return -ENOMEM;
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* the kernel takes a map in one write */
	if (fd < 0 || write(fd, text, size) < 0)
		return -errno;
	return 0;
}

int unshare_map(pid_t pid)
{
	int err = map_write(pid, "uid_map");

	return err ? err : map_write(pid, "gid_map");
}

int unshare_enter(struct contid_launch *launch, int flags, int told)
{
	pid_t pid;

	if (!(flags & CLONE_NEWPID))
		return 0;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid) {
		if (write(told, &pid, sizeof(pid)) < 0)
			kill(pid, SIGKILL);
		/* above all the pipe whose end tells that the command runs */
		close_range(3, ~0U, 0);
		launch->pid = pid;
		_exit(contid_launch_wait(launch));
	}
	/* the child stands for the command, so the command does not outlive it */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (flags & CLONE_NEWNS &&
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return -errno;
	return 0;
}
