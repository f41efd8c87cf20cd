/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IMA namespaces - an audit backlog that nobody empties
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The kernel thread that empties it is frozen with the freezer of cgroup 1, the
 * only one that holds kernel threads. A realtime hog would not do: the fair
 * server lets others run beside it. A process of its own freezes and thaws,
 * so that the thread goes on even if the test is killed.
 */
#ifndef IMA_NS_STALL_H
#define IMA_NS_STALL_H

#include "common.h"

#define STALL_DIR	W "/freezer"
#define STALL_GROUP	STALL_DIR "/kauditd"
#define STALL_FILES	64

static __maybe_unused pid_t find_kthread(const char *name)
{
	struct dirent *e;
	pid_t found = 0;
	DIR *dir = opendir("/proc");

	while (dir && !found && (e = readdir(dir))) {
		char path[300], comm[32] = "";
		int fd;

		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, comm, sizeof(comm) - 1) > 0 &&
		    !strncmp(comm, name, strlen(name)))
			found = atoi(e->d_name);
		close(fd);
	}
	if (dir)
		closedir(dir);
	return found;
}

static long stall_freeze(pid_t pid)
{
	char text[32];
	int tries;
	long ret;

	if (pid <= 0)
		return -ESRCH;
	mkdir(STALL_DIR, 0755);
	if (mount("none", STALL_DIR, "cgroup", 0, "freezer") ||
	    mkdir(STALL_GROUP, 0755))
		return -errno;
	snprintf(text, sizeof(text), "%d\n", pid);
	ret = put_text(STALL_GROUP "/cgroup.procs", text);
	if (!ret)
		ret = put_text(STALL_GROUP "/freezer.state", "FROZEN\n");
	for (tries = 0; !ret && tries < 1000; tries++) {
		ssize_t len;
		int fd;

		fd = open(STALL_GROUP "/freezer.state", O_RDONLY | O_CLOEXEC);
		len = read(fd, text, sizeof(text));
		close(fd);
		if (len == 7 && !memcmp(text, "FROZEN\n", 7))
			return 0;
		usleep(10000);
	}
	return ret ?: -ETIMEDOUT;
}

static void stall_thaw(pid_t pid)
{
	char text[32];

	snprintf(text, sizeof(text), "%d\n", pid);
	put_text(STALL_GROUP "/freezer.state", "THAWED\n");
	put_text(STALL_DIR "/cgroup.procs", text);
	rmdir(STALL_GROUP);
	umount2(STALL_DIR, MNT_DETACH);
	rmdir(STALL_DIR);
}

/* Return: what stall_end() wants, or -errno */
static __maybe_unused pid_t stall_begin(void)
{
	pid_t pid, kauditd = find_kthread("kauditd");
	int ready[2], sig;
	sigset_t set;
	long ret;

	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		/* out of reach of whoever ends the test and its group */
		setsid();
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		ret = stall_freeze(kauditd);
		if (write(ready[1], &ret, sizeof(ret)) == sizeof(ret) && !ret)
			sigwait(&set, &sig);
		stall_thaw(kauditd);
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = -EPIPE;
	close(ready[0]);
	if (ret) {
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
	return ret ?: pid;
}

/* the backlog is emptied again */
static __maybe_unused long stall_end(pid_t *pid)
{
	long ret = 0;

	if (*pid > 0 &&
	    (kill(*pid, SIGTERM) || waitpid(*pid, NULL, 0) != *pid))
		ret = -errno;
	*pid = 0;
	return ret;
}

static bool waits_for_backlog(struct container *c)
{
	char path[64], text[64] = "";
	int fd;

	if (atomic_load(&c->state) != CT_CALL)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/wchan", c->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return !strcmp(text, "audit_log_start");
}

/* calls and returns when the call waits for the backlog; false: it does not */
static __maybe_unused bool ct_begin_waits(struct container *c, ct_fn fn, long a)
{
	int tries;

	if (ct_begin(c, fn, a, 0, 0, 0))
		return false;
	for (tries = 0; tries < 3000; tries++) {
		if (waits_for_backlog(c))
			return true;
		if (atomic_load(&c->state) != CT_CALL)
			return false;
		usleep(10000);
	}
	return false;
}

static long fn_use(const long *args)
{
	int fd = open((const char *)args[0], O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

/* files of the flood: each is recorded once, so each costs a record */
static __maybe_unused long make_flood(void)
{
	char path[64];
	long ret = 0;
	int i;

	for (i = 0; i < STALL_FILES && !ret; i++) {
		snprintf(path, sizeof(path), W "/flood.%d", i);
		ret = make_file(path, path);
	}
	return ret;
}

static long fn_flood(const long *args __maybe_unused)
{
	char path[64];
	long ret = 0;
	int i;

	for (i = 0; i < STALL_FILES && !ret; i++) {
		snprintf(path, sizeof(path), W "/flood.%d", i);
		ret = fn_use((const long[]){ (long)path });
	}
	return ret;
}

#endif /* IMA_NS_STALL_H */
