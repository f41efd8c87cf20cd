// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whoever enters the user namespace of a container is out of reach of what runs there
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "../enter.h"

static volatile int secret = 4711;

/* Root of a user namespace, which others enter: 'e' if it may read the memory of one of them. */
static void container(int in, int out)
{
	int seen = 0;
	struct iovec here = { &seen, sizeof(seen) }, there = { (void *)&secret, sizeof(secret) };
	char answer = unshare(CLONE_NEWUSER) ? '-' : '+';
	pid_t pid;

	if (write(out, &answer, 1) == 1 && read(in, &pid, sizeof(pid)) == sizeof(pid)) {
		answer = process_vm_readv(pid, &here, 1, &there, 1, 0) > 0 ? 'e' : 'n';
		if (write(out, &answer, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static char seen_from_inside(int (*enter)(int pidfd))
{
	int to[2], from[2], ready[2], pidfd;
	pid_t inside, helper;
	char answer = 0, entered = 0;

	unit_true(!pipe(to) && !pipe(from) && !pipe(ready));
	inside = fork();
	if (!inside)
		container(to[0], from[1]);
	unit_int(1, read(from[0], &answer, 1));
	pidfd = (int)syscall(SYS_pidfd_open, inside, 0);
	helper = fork();
	if (!helper) {
		entered = enter(pidfd) ? '-' : '+';
		if (write(ready[1], &entered, 1) == 1)
			pause();
		_exit(0);
	}
	unit_int(1, read(ready[0], &entered, 1));
	/* else nobody may make user namespaces here, and there is nothing to see */
	if (answer == '+' && entered == '+') {
		unit_int(sizeof(helper), write(to[1], &helper, sizeof(helper)));
		unit_int(1, read(from[0], &answer, 1));
	}
	kill(helper, SIGKILL);
	kill(inside, SIGKILL);
	waitpid(helper, NULL, 0);
	waitpid(inside, NULL, 0);
	for (int i = 0; i < 2; i++) {
		close(to[i]);
		close(from[i]);
		close(ready[i]);
	}
	close(pidfd);
	return answer;
}

static void memory_is_not_read_from_inside(void)
{
	unit_true(seen_from_inside(enter_user_ns) != 'e');
}

static void it_is_not_dumpable_before_it_joins(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		/* no such descriptor: the join fails */
		if (enter_user_ns(-1) != -EBADF)
			_exit(1);
		_exit(prctl(PR_GET_DUMPABLE) ? 2 : 0);
	}
	waitpid(child, &status, 0);
	unit_int(0, status);
}

static const struct unit_test tests[] = {
	TEST(memory_is_not_read_from_inside),
	TEST(it_is_not_dumpable_before_it_joins),
};

UNIT(tests)
