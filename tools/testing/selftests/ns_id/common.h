/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Namespace ids - helpers of the selftests
 *
 * Copyright (C) 2026 Overlay Team
 */

#ifndef _SELFTEST_NS_ID_COMMON_H
#define _SELFTEST_NS_ID_COMMON_H

#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#ifndef NS_GET_MNTNS_ID
#define NS_GET_MNTNS_ID _IOR(NSIO, 0x5, __u64)
#endif

#ifndef NS_GET_ID
#define NS_GET_ID _IOR(NSIO, 13, __u64)
#endif

/* The number of 6.18: programs of today run there. */
static_assert(NS_GET_ID == 0x8008b70d, "NS_GET_ID is ABI");

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define NS_ID_RESTRICT "/proc/sys/kernel/ns_id_restrict"
#define NS_NOBODY 65534

#define NS_TYPES 8
#define NS_LAST_FIXED_ID 8

/*
 * In the order of the fixed ids, which start at 1. "children" is the link that
 * shows what setns() and unshare() set for a type that changes with the next
 * child only.
 */
static const struct ns_type {
	const char *name;
	const char *children;
	unsigned long flag;
	unsigned int pidfd_ioctl;
} ns_types[NS_TYPES] = {
	{ "ipc",    "ipc",               CLONE_NEWIPC,    2 },
	{ "uts",    "uts",               CLONE_NEWUTS,    10 },
	{ "user",   "user",              CLONE_NEWUSER,   9 },
	{ "pid",    "pid_for_children",  CLONE_NEWPID,    5 },
	{ "cgroup", "cgroup",            CLONE_NEWCGROUP, 1 },
	{ "time",   "time_for_children", CLONE_NEWTIME,   7 },
	{ "net",    "net",               CLONE_NEWNET,    4 },
	{ "mnt",    "mnt",               CLONE_NEWNS,     3 },
};

#define NS_ALL_FLAGS                                                      \
	(CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWUSER | CLONE_NEWPID |     \
	 CLONE_NEWCGROUP | CLONE_NEWTIME | CLONE_NEWNET | CLONE_NEWNS)

/* The members every kernel with clone3() knows. */
struct ns_clone_args {
	uint64_t flags;
	uint64_t pidfd;
	uint64_t child_tid;
	uint64_t parent_tid;
	uint64_t exit_signal;
	uint64_t stack;
	uint64_t stack_size;
	uint64_t tls;
};

/* fork() into new namespaces; the time namespace takes effect at once. */
static inline pid_t ns_fork(uint64_t flags)
{
	struct ns_clone_args args = {
		.flags = flags,
		.exit_signal = SIGCHLD,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

static inline int ns_open(const char *pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static inline int ns_open_pid(pid_t pid, const char *name)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return ns_open(text, name);
}

/* The id behind a descriptor; 0, which no descriptor can have, on error. */
static inline uint64_t ns_id(int fd)
{
	__u64 id = 0;

	if (ioctl(fd, NS_GET_ID, &id))
		return 0;
	return id;
}

static inline uint64_t ns_id_of_self(const char *name)
{
	int fd = ns_open("self", name);
	uint64_t id;

	if (fd < 0)
		return 0;
	id = ns_id(fd);
	close(fd);
	return id;
}

/* Whether the running kernel has the feature. */
static inline bool ns_id_available(void)
{
	int fd = ns_open("self", "user");
	__u64 id;
	int ret;

	if (fd < 0)
		return false;
	ret = ioctl(fd, NS_GET_ID, &id);
	close(fd);
	return !ret || errno != ENOTTY;
}

/* Reap @pid. Return its exit status, or minus the signal that ended it. */
static inline int ns_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1000;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* A child that lives in the new namespaces until its input is closed. */
struct ns_holder {
	pid_t pid;
	int fd;
};

static inline int ns_hold(struct ns_holder *h, uint64_t flags)
{
	int go[2], ready[2];
	char c;

	if (pipe2(go, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		return -1;
	h->pid = ns_fork(flags);
	if (h->pid < 0)
		return -1;
	if (!h->pid) {
		close(go[1]);
		close(ready[0]);
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		if (read(go[0], &c, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(go[0]);
	close(ready[1]);
	h->fd = go[1];
	if (read(ready[0], &c, 1) != 1)
		return -1;
	close(ready[0]);
	return 0;
}

static inline int ns_release(struct ns_holder *h)
{
	close(h->fd);
	return ns_wait(h->pid);
}

/* Write the sysctl. Return 0 or the error. */
static inline int ns_restrict(const char *text)
{
	int fd = open(NS_ID_RESTRICT, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		ret = errno;
	close(fd);
	return ret;
}

/* Its first character, ? on error. */
static inline char ns_restricted(void)
{
	int fd = open(NS_ID_RESTRICT, O_RDONLY | O_CLOEXEC);
	char c = 0;

	if (fd < 0 || read(fd, &c, 1) != 1)
		c = '?';
	close(fd);
	return c;
}

static inline int ns_be_nobody(void)
{
	return setresgid(NS_NOBODY, NS_NOBODY, NS_NOBODY) ||
	       setresuid(NS_NOBODY, NS_NOBODY, NS_NOBODY);
}

/* Root without the capability that sees all namespaces. */
static inline int ns_drop_sys_admin(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -1;
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	return syscall(SYS_capset, &head, data);
}

#endif /* _SELFTEST_NS_ID_COMMON_H */
