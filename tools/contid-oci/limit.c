// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - steps that end in time
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../libcontid/cleanup.h"
#include "limit.h"

#define OUT_MAX (1 << 20)

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Whether @fd became readable before @end. */
static bool readable_until(int fd, int64_t end)
{
	for (;;) {
		struct pollfd pollfd = { .fd = fd, .events = POLLIN };
		int64_t left = end - now();
		int rc = poll(&pollfd, 1, left > 0 ? (int)left : 0);

		if (rc > 0)
			return true;
		if (!rc || errno != EINTR)
			return false;
	}
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -ECHILD;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int wait_until(pid_t pid, int64_t end)
{
	CLEANUP_FD int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd >= 0 && readable_until(pidfd, end))
		return reap(pid);
	kill(pid, SIGKILL);
	/*
	 * One that the kernel holds, in the wait for a full audit backlog, is not waited for: it
	 * ends when it is let go, and init reaps it.
	 */
	if (pidfd >= 0 && readable_until(pidfd, now() + 1000))
		reap(pid);
	return -ETIMEDOUT;
}

int limit_wait(pid_t pid, unsigned int seconds)
{
	return wait_until(pid, now() + (int64_t)seconds * 1000);
}

/* No signal of the caller's is blocked in what is run. */
static void unblock(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run_program(char *const *argv, int out, int failed)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(out >= 0 ? out : null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	unblock();
	execvp(argv[0], argv);
	err = errno;
	if (write(failed, &err, sizeof(err)) < 0)
		_exit(127);
	_exit(126);
}

/* Until its end, or @end. */
static int read_until(int fd, int64_t end, char **out)
{
	size_t size = 0;
	ssize_t n;

	*out = malloc(OUT_MAX + 1);
	if (!*out)
		return -ENOMEM;
	do {
		if (!readable_until(fd, end))
			return -ETIMEDOUT;
		n = read(fd, *out + size, OUT_MAX - size);
		size += n > 0 ? (size_t)n : 0;
		if (size == OUT_MAX)
			return -EFBIG;
	} while (n > 0 || (n < 0 && errno == EINTR));
	(*out)[size] = '\0';
	return n < 0 ? -errno : 0;
}

int limit_run(char *const *argv, unsigned int seconds, char **out)
{
	int64_t end = now() + (int64_t)seconds * 1000;
	int text[2] = { -1, -1 }, failed[2], err = 0, rc = 0, status;
	pid_t pid;

	if (out)
		*out = NULL;
	if (pipe2(failed, O_CLOEXEC))
		return -errno;
	if (out && pipe2(text, O_CLOEXEC))
		rc = -errno;
	pid = rc ? -1 : fork();
	if (!pid)
		run_program(argv, text[1], failed[1]);
	if (!rc && pid < 0)
		rc = -errno;
	close(failed[1]);
	if (text[1] >= 0)
		close(text[1]);
	if (pid > 0) {
		if (read(failed[0], &err, sizeof(err)) == sizeof(err))
			rc = -err;
		if (!rc && out)
			rc = read_until(text[0], end, out);
		status = wait_until(pid, rc ? now() : end);
		rc = rc ? rc : status;
	}
	close(failed[0]);
	if (text[0] >= 0)
		close(text[0]);
	if (rc && out) {
		free(*out);
		*out = NULL;
	}
	return rc;
}

/* One that the kernel holds is to hold nothing else: an engine reads our stderr until its end. */
static void drop_files(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	close_range(3, ~0U, 0);
}

int limit_call(int (*work)(void *data), void *data, unsigned int seconds)
{
	pid_t pid = fork();
	int rc;

	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		drop_files();
		rc = work(data);
		_exit(rc < 0 ? -rc : rc);
	}
	rc = limit_wait(pid, seconds);
	return rc > 0 ? -rc : rc;
}
