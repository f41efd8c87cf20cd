// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Labels that the kernel does not take at once, as it does with a full audit backlog: this program
 * has other functions in the place of those that write to /proc
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "../contid.h"

static const char mark[] = "/tmp/contid-slow-ran";
static char *const touch[] = { "touch", (char *)mark, NULL };

/* What a writer of labels tells: it is another process. */
static volatile struct told {
	pid_t writer;
	int files;
	bool child_ended;
} * told;

static void (*in_write)(pid_t pid);

int contid_set(pid_t pid, uint64_t id)
{
	(void)id;
	in_write(pid);
	return 0;
}

int contid_join(pid_t pid, uint64_t id)
{
	return contid_set(pid, id);
}

static void forget(void)
{
	if (!told)
		told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	unit_true(told != MAP_FAILED);
	*told = (struct told){ 0 };
	unlink(mark);
}

static void nothing_is_left(void)
{
	unit_int(-1, waitpid(-1, NULL, WNOHANG));
	unit_int(ECHILD, errno);
}

/* In another one the caller writes the label itself, without a limit. */
static void initial_user_ns(void)
{
	struct stat st;

	unit_int(0, stat("/proc/self/ns/user", &st));
	if (st.st_ino != 0xEFFFFFFD)
		unit_skip("not in the initial user namespace");
}

static void for_ever(pid_t pid)
{
	(void)pid;
	for (;;)
		pause();
}

static void nothing_is_started_after_the_time_limit(void)
{
	initial_user_ns();
	in_write = for_ever;
	for (int i = 0; i < 4; i++) {
		struct contid_launch launch = {
			.id = 42, .join = i & 1, .foreground = i & 2, .timeout = 1, .argv = touch
		};

		forget();
		unit_int(-ETIMEDOUT, contid_launch(&launch));
		unit_int(ETIMEDOUT, launch.label_errno);
		unit_int(0, launch.exec_errno);
		unit_int(-1, access(mark, F_OK));
		nothing_is_left();
	}
}

static void a_moment(pid_t pid)
{
	(void)pid;
	told->writer = getpid();
	poll(NULL, 0, 100);
}

static void within_the_limit_all_is_as_without(void)
{
	initial_user_ns();
	in_write = a_moment;
	for (int i = 0; i < 4; i++) {
		struct contid_launch launch = {
			.id = 42, .foreground = i & 1, .timeout = i & 2 ? 60 : 0, .argv = touch
		};

		forget();
		unit_int(0, contid_launch(&launch));
		unit_int(0, contid_launch_wait(&launch));
		unit_int(0, access(mark, F_OK));
		/* with a limit, or in the foreground, it is not the caller who may be held */
		unit_int(!i, told->writer == getpid());
		nothing_is_left();
	}
	unlink(mark);
}

static void count_files(pid_t pid)
{
	(void)pid;
	for (int fd = 0; fd < 1024; fd++)
		told->files += fcntl(fd, F_GETFD) >= 0;
}

/* An engine reads what its runtime says until nobody holds the other end. */
static void who_may_be_held_holds_no_file(void)
{
	struct contid_launch launch = { .id = 42, .timeout = 60, .argv = touch };

	initial_user_ns();
	forget();
	in_write = count_files;
	unit_int(0, contid_launch(&launch));
	unit_int(0, contid_launch_wait(&launch));
	/* by which it tells how it went */
	unit_int(1, told->files);
	unlink(mark);
}

static void until_the_child_ends(pid_t pid)
{
	siginfo_t info;

	told->writer = getpid();
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	told->child_ended = true;
	_exit(0);
}

static void the_child_ends_while_the_label_is_held(void)
{
	pid_t caller;

	initial_user_ns();
	forget();
	in_write = until_the_child_ends;
	caller = fork();
	if (!caller) {
		struct contid_launch launch = { .id = 42, .timeout = 60, .argv = touch };

		contid_launch(&launch);
		_exit(0);
	}
	for (int left = 500; left && !told->writer; left--)
		poll(NULL, 0, 10);
	unit_true(told->writer != 0);
	kill(caller, SIGKILL);
	waitpid(caller, NULL, 0);
	for (int left = 500; left && !told->child_ended; left--)
		poll(NULL, 0, 10);
	if (!told->child_ended)
		kill(told->writer, SIGKILL);
	unit_true(told->child_ended);
	unit_int(-1, access(mark, F_OK));
}

static const struct unit_test tests[] = {
	TEST(nothing_is_started_after_the_time_limit),
	TEST(within_the_limit_all_is_as_without),
	TEST(who_may_be_held_holds_no_file),
	TEST(the_child_ends_while_the_label_is_held),
};

UNIT(tests)
