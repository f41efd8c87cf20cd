// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Tasks - what /proc tells of their ids and of their namespaces
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "contid.h"
#include "cleanup.h"

/* of the uapi headers from 6.18 on */
#ifndef NS_GET_ID
#define NS_GET_ID _IOR(NSIO, 13, __u64)
#endif

const char *const contid_ns_names[CONTID_NS_TYPES] = {
	[CONTID_NS_NET] = "net",       [CONTID_NS_UTS] = "uts",	  [CONTID_NS_IPC] = "ipc",
	[CONTID_NS_PID] = "pid",       [CONTID_NS_USER] = "user", [CONTID_NS_MNT] = "mnt",
	[CONTID_NS_CGROUP] = "cgroup", [CONTID_NS_TIME] = "time",
};

/* The folder of a task; 0 is the caller. */
static int task_open(pid_t pid)
{
	char path[32] = "/proc/self";
	int fd;

	if (pid < 0)
		return -ESRCH;
	if (pid)
		snprintf(path, sizeof(path), "/proc/%d", pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

/* A file of a task: -ESRCH without the task, -ENOSYS if it lacks nothing but the file. */
static int file_open(pid_t pid, const char *name, int flags)
{
	CLEANUP_FD int task = task_open(pid);
	int fd, err;

	if (task < 0)
		return task;
	fd = openat(task, name, flags | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		return fd;
	err = errno;
	if (err != ENOENT)
		return -err;
	return faccessat(task, "stat", F_OK, 0) ? -ESRCH : -ENOSYS;
}

static int number_read(pid_t pid, const char *name, uint64_t *value)
{
	CLEANUP_FD int fd = file_open(pid, name, O_RDONLY);
	char text[32], *end;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !n || errno || (*end && strcmp(end, "\n")) ? -EPROTO : 0;
}

static int text_write(pid_t pid, const char *name, const char *text)
{
	CLEANUP_FD int fd = file_open(pid, name, O_WRONLY);

	if (fd < 0)
		return fd;
	/* one write, and never a part of it */
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int contid_get(pid_t pid, uint64_t *id)
{
	return number_read(pid, "audit_containerid", id);
}

int contid_set(pid_t pid, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, id);
	return text_write(pid, "audit_containerid", text);
}

int contid_join(pid_t pid, uint64_t id)
{
	char text[32];

	snprintf(text, sizeof(text), "join:%" PRIu64, id);
	return text_write(pid, "audit_containerid", text);
}

int contid_cap_get(pid_t pid, bool *on)
{
	uint64_t value;
	int err = number_read(pid, "audit_capcontainerid", &value);

	if (!err)
		*on = value == 1;
	return err;
}

int contid_cap_set(pid_t pid, bool on)
{
	return text_write(pid, "audit_capcontainerid", on ? "1" : "0");
}

int contid_ns_id(int fd, uint64_t *id)
{
	__u64 value;

	if (ioctl(fd, NS_GET_ID, &value))
		return -errno;
	*id = value;
	return 0;
}

static int ns_id_of(int task, const char *name, uint64_t *id)
{
	char path[16];
	CLEANUP_FD int fd = -1;

	snprintf(path, sizeof(path), "ns/%s", name);
	fd = openat(task, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return contid_ns_id(fd, id);
}

int contid_ns_ids(pid_t pid, uint64_t ids[CONTID_NS_TYPES])
{
	CLEANUP_FD int task = task_open(pid);
	int first = 0;
	bool some = false;

	memset(ids, 0, CONTID_NS_TYPES * sizeof(*ids));
	if (task < 0)
		return task;
	for (int i = 0; i < CONTID_NS_TYPES; i++) {
		int err = ns_id_of(task, contid_ns_names[i], &ids[i]);

		some |= !err;
		first = first ? first : err;
	}
	if (some)
		return 0;
	if (first == -ENOTTY)
		return -ENOSYS;
	/* a task that ends loses its namespaces before its folder, and then it is a zombie */
	return first == -ENOENT ? -ESRCH : first;
}

int contid_boot_id(char boot[37])
{
	CLEANUP_FD int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, boot, 36);
	boot[36] = '\0';
	if (n < 0)
		return -errno;
	return n == 36 && strspn(boot, "0123456789abcdef-") == 36 ? 0 : -EPROTO;
}
