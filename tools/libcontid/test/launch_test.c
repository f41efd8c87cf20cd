// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Labelled children: their life, whatever becomes of the label. Labels themselves need a kernel
 * that has them, see tests/contid.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "../contid.h"

static char *sh(const char *script)
{
	return (char *)script;
}

/* a command of the shell, unlabelled */
#define COMMAND(SCRIPT, ...)                                                                       \
	{                                                                                          \
		.unlabelled = true, .argv = (char *const[]){ "sh", "-c", sh(SCRIPT), NULL },       \
		__VA_ARGS__                                                                        \
	}

static void nothing_is_left(void)
{
	unit_int(-1, waitpid(-1, NULL, WNOHANG));
	unit_int(ECHILD, errno);
}

static int status_of(const char *script, bool foreground)
{
	struct contid_launch launch = COMMAND(script, .foreground = foreground);

	unit_int(0, contid_launch(&launch));
	return contid_launch_wait(&launch);
}

static void the_status_is_the_commands_own(void)
{
	for (int foreground = 0; foreground < 2; foreground++) {
		unit_int(0, status_of("exit 0", foreground));
		unit_int(7, status_of("exit 7", foreground));
		unit_int(255, status_of("exit 255", foreground));
		unit_int(128 + SIGKILL, status_of("kill -KILL $$", foreground));
		unit_int(128 + SIGTERM, status_of("kill $$", foreground));
		nothing_is_left();
	}
}

static void an_exec_that_fails_is_told_with_its_errno(void)
{
	char *const missing[] = { "/nonexistent/program", NULL }, *const folder[] = { "/", NULL };

	for (int foreground = 0; foreground < 2; foreground++) {
		struct contid_launch launch = { .unlabelled = true,
						.foreground = foreground,
						.argv = missing };

		unit_int(-ENOENT, contid_launch(&launch));
		unit_int(ENOENT, launch.exec_errno);
		unit_int(0, launch.label_errno);
		launch.argv = folder;
		unit_int(-EACCES, contid_launch(&launch));
		unit_int(EACCES, launch.exec_errno);
		nothing_is_left();
	}
}

/* Where the kernel has no labels the command must not run, nor anything remain. */
static void a_refused_label_starts_nothing(void)
{
	static const char mark[] = "/tmp/contid-launch-ran";
	uint64_t id;
	bool there = contid_get(0, &id) != -ENOSYS;

	unlink(mark);
	for (int i = 0; i < 4; i++) {
		char *const argv[] = { "touch", (char *)mark, NULL };
		struct contid_launch launch = {
			.id = CONTID_UNSET, .join = i & 1, .foreground = i & 2, .argv = argv
		};
		int err = contid_launch(&launch);

		unit_int(there ? -EINVAL : -ENOSYS, err);
		unit_int(-err, launch.label_errno);
		unit_int(0, launch.exec_errno);
		unit_int(-1, access(mark, F_OK));
		nothing_is_left();
	}
}

static int step_of(struct contid_launch *launch, char step, int err)
{
	int fd = *(int *)launch->data;

	if (write(fd, &step, 1) != 1)
		return -EIO;
	return err;
}
static int child_ok(struct contid_launch *launch, void *data)
{
	(void)data;
	return step_of(launch, 'c', 0);
}
static int child_bad(struct contid_launch *launch, void *data)
{
	(void)data;
	return step_of(launch, 'c', -ENOTUNIQ);
}
static int ready_ok(struct contid_launch *launch, void *data)
{
	(void)data;
	if (kill(launch->pid, 0))
		return -errno;
	return step_of(launch, 'r', 0);
}
static int ready_bad(struct contid_launch *launch, void *data)
{
	(void)data;
	return step_of(launch, 'r', -EDQUOT);
}
static int last_ok(struct contid_launch *launch, void *data)
{
	(void)data;
	return step_of(launch, 'l', 0);
}
static int last_bad(struct contid_launch *launch, void *data)
{
	(void)data;
	return step_of(launch, 'l', -EUSERS);
}

static void the_steps_come_in_order(void)
{
	static const struct {
		int (*child)(struct contid_launch *launch, void *data);
		int (*ready)(struct contid_launch *launch, void *data);
		int (*last)(struct contid_launch *launch, void *data);
		int err;
		const char *steps;
	} table[] = {
		{ child_ok, ready_ok, last_ok, 0, "crlx" },
		{ child_bad, ready_ok, last_ok, -ENOTUNIQ, "c" },
		{ child_ok, ready_bad, last_ok, -EDQUOT, "cr" },
		{ child_ok, ready_ok, last_bad, -EUSERS, "crl" },
		{ NULL, NULL, NULL, 0, "x" },
	};

	for (size_t i = 0; i < 2 * sizeof(table) / sizeof(*table); i++) {
		char steps[8] = "", script[32];
		int fd[2];
		struct contid_launch launch =
			COMMAND(script, .child = table[i / 2].child, .ready = table[i / 2].ready,
				.last = table[i / 2].last, .data = &fd[1], .foreground = i & 1);

		unit_int(0, pipe(fd));
		snprintf(script, sizeof(script), "printf x >&%d", fd[1]);
		unit_int(table[i / 2].err, contid_launch(&launch));
		if (!table[i / 2].err)
			unit_int(0, contid_launch_wait(&launch));
		nothing_is_left();
		close(fd[1]);
		unit_true(read(fd[0], steps, sizeof(steps) - 1) > 0);
		close(fd[0]);
		unit_text(table[i / 2].steps, steps);
	}
}

/* What a command writes: without @launch, as fork() and exec() alone have it. */
static char *output_of(struct contid_launch *launch, char *const *argv)
{
	static char texts[2][4096];
	char *text = texts[!launch];
	int fd[2], stdout_ = dup(STDOUT_FILENO), err = 0;
	ssize_t n, size = 0;
	pid_t pid = 0;

	fflush(stdout);
	fcntl(stdout_, F_SETFD, FD_CLOEXEC);
	unit_int(0, pipe2(fd, O_CLOEXEC));
	dup2(fd[1], STDOUT_FILENO);
	if (launch) {
		launch->argv = argv;
		err = contid_launch(launch);
	} else {
		pid = fork();
		if (!pid)
			execvp(argv[0], argv);
	}
	dup2(stdout_, STDOUT_FILENO);
	close(stdout_);
	close(fd[1]);
	unit_int(0, err);
	while ((n = read(fd[0], text + size, 4095 - (size_t)size)) > 0)
		size += n;
	close(fd[0]);
	text[size] = '\0';
	unit_true(size > 0);
	if (launch)
		unit_int(0, contid_launch_wait(launch));
	else
		waitpid(pid, NULL, 0);
	return text;
}

static void descriptors_are_the_callers_alone(void)
{
	char *const argv[] = { "sh", "-c", "cd /proc/$$/fd && echo *", NULL };
	int fd = open("/dev/null", O_RDONLY);

	for (int foreground = 0; foreground < 2; foreground++) {
		struct contid_launch launch = { .unlabelled = true, .foreground = foreground };

		unit_text(output_of(NULL, argv), output_of(&launch, argv));
	}
	close(fd);
}

static void mask_and_dispositions_are_the_callers(void)
{
	char *const argv[] = { "grep", "^Sig[BIC]", "/proc/self/status", NULL };

	for (int foreground = 0; foreground < 2; foreground++) {
		struct contid_launch launch = { .unlabelled = true, .foreground = foreground };
		sigset_t usr1, before, after;
		const char *seen, *expected;
		void (*chld)(int);

		sigemptyset(&usr1);
		sigaddset(&usr1, SIGUSR1);
		sigprocmask(SIG_SETMASK, &usr1, &before);
		signal(SIGCHLD, SIG_IGN);
		signal(SIGUSR2, SIG_IGN);
		seen = output_of(&launch, argv);
		expected = output_of(NULL, argv);
		sigprocmask(SIG_SETMASK, &before, &after);
		chld = signal(SIGCHLD, SIG_DFL);
		signal(SIGUSR2, SIG_DFL);
		unit_text(expected, seen);
		unit_true(strstr(seen, "SigBlk:\t0000000000000200"));
		/* the caller has back what was its own */
		unit_true(chld == SIG_IGN);
		for (int signal = 1; signal < SIGRTMAX; signal++)
			if (signal < 32 || signal >= SIGRTMIN)
				unit_int(signal == SIGUSR1, sigismember(&after, signal));
	}
}

static void (*handle(int number, void (*handler)(int)))(int)
{
	return signal(number, handler);
}

static void signals_are_passed_on(void)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGWINCH, SIGCONT };

	for (size_t i = 0; i < 2 * sizeof(signals) / sizeof(*signals); i++) {
		char script[128];
		struct contid_launch launch = COMMAND(script, .foreground = i & 1);
		int fd[2], signal = signals[i / 2];
		char byte;
		/* a shell cannot trap what it was told to ignore, as nohup and background jobs are
		 */
		void (*before)(int) = handle(signal, SIG_DFL);

		unit_int(0, pipe(fd));
		snprintf(script, sizeof(script),
			 "trap 'exit 42' %d; printf x >&%d; while :; do sleep 0.05; done", signal,
			 fd[1]);
		unit_int(0, contid_launch(&launch));
		unit_int(1, read(fd[0], &byte, 1));
		close(fd[0]);
		close(fd[1]);
		/* from a process; it is blocked until the wait */
		kill(getpid(), signal);
		unit_int(42, contid_launch_wait(&launch));
		nothing_is_left();
		handle(signal, before);
	}
}

static int die(struct contid_launch *launch, void *data)
{
	if (write(*(int *)data, &launch->pid, sizeof(launch->pid)) < 0)
		return -EIO;
	return kill(getpid(), SIGKILL);
}

static void without_its_caller_the_command_does_not_start(void)
{
	for (int foreground = 0; foreground < 2; foreground++) {
		int fd[2];
		pid_t caller, command;
		char byte;

		unit_int(0, pipe(fd));
		caller = fork();
		if (!caller) {
			struct contid_launch launch = COMMAND("printf x >&9", .ready = die,
							      .data = &fd[1],
							      .foreground = foreground);

			close(fd[0]);
			dup2(fd[1], 9);
			contid_launch(&launch);
			_exit(0);
		}
		close(fd[1]);
		unit_int(sizeof(command), read(fd[0], &command, sizeof(command)));
		waitpid(caller, NULL, 0);
		/* the end of the pipe: it is gone, without a word */
		unit_int(0, read(fd[0], &byte, 1));
		close(fd[0]);
	}
}

static void later_orphans_are_not_the_callers(void)
{
	int is = 7;

	unit_int(0, status_of("sh -c 'sleep 0.1 & exit 0'", true));
	unit_int(0, prctl(PR_GET_CHILD_SUBREAPER, &is));
	unit_int(0, is);
	nothing_is_left();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	unit_int(0, status_of("exit 0", true));
	unit_int(0, prctl(PR_GET_CHILD_SUBREAPER, &is));
	unit_int(1, is);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static void job_control_stops_the_caller_too(void)
{
	int fd[2], status;
	pid_t caller;

	unit_int(0, pipe(fd));
	caller = fork();
	if (!caller) {
		struct contid_launch launch = COMMAND("kill -TSTP $$; exit 5", .foreground = true);

		/* the kernel ignores the signal in an orphaned group, which this one is not */
		setpgid(0, 0);
		_exit(contid_launch(&launch) ? 125 : contid_launch_wait(&launch));
	}
	close(fd[1]);
	close(fd[0]);
	unit_int(caller, waitpid(caller, &status, WUNTRACED));
	unit_true(WIFSTOPPED(status));
	kill(caller, SIGCONT);
	unit_int(caller, waitpid(caller, &status, WUNTRACED));
	unit_true(WIFEXITED(status));
	unit_int(5, WEXITSTATUS(status));
}

static const struct unit_test tests[] = {
	TEST(the_status_is_the_commands_own),
	TEST(an_exec_that_fails_is_told_with_its_errno),
	TEST(a_refused_label_starts_nothing),
	TEST(the_steps_come_in_order),
	TEST(descriptors_are_the_callers_alone),
	TEST(mask_and_dispositions_are_the_callers),
	TEST(signals_are_passed_on),
	TEST(without_its_caller_the_command_does_not_start),
	TEST(later_orphans_are_not_the_callers),
	TEST(job_control_stops_the_caller_too),
};

UNIT(tests)
