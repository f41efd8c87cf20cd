// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Labelled children - a command that carries its id before its first instruction
 *
 *	caller                              child
 *	fork ------------------------------> waits
 *	write its audit_containerid
 *	release ---------------------------> child()
 *	ready()                <------------ REPORT_READY, waits
 *	release ---------------------------> last(), exec
 *	end of the report pipe <------------ closed by the exec
 *
 * In the foreground the caller would stay the owner of the id for as long as the command runs. So
 * an intermediate forks the child, writes the label and exits; the child falls to the caller, which
 * is a subreaper for that moment. The kernel takes a label only from an ancestor, hence no sibling
 * (CLONE_PARENT) in the place of the intermediate.
 *
 * The label writes an audit record, and the kernel holds who writes one for as long as a full
 * backlog may make it wait, out of reach of signals. So a label with a time limit is left to an
 * intermediate as well: the caller goes on without it.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contid.h"
#include "cleanup.h"
#include "held.h"

#define DRAWS	     8
#define INITIAL_USER 0xEFFFFFFDU /* inode of the initial user namespace, PROC_USER_INIT_INO */

struct contid_launch_saved {
	sigset_t mask;
	struct sigaction chld;
};

/* What the child and the intermediate tell, one write each, so that none is cut. */
enum report_kind { REPORT_CHILD, REPORT_READY, REPORT_FAILED, REPORT_EXEC, REPORT_LABEL };
struct report {
	enum report_kind kind;
	int err;
	pid_t pid;
	uint64_t id;
};

/* Both ends of a pipe that no exec inherits, -1 closed. */
struct ends {
	int read, write;
};

static int ends_open(struct ends *ends)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	*ends = (struct ends){ fd[0], fd[1] };
	return 0;
}

static void end_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void ends_close(struct ends *ends)
{
	end_close(&ends->read);
	end_close(&ends->write);
}

#define CLEANUP_ENDS __attribute__((cleanup(ends_close)))

/* False at the end of the pipe. */
static bool receive(int fd, void *data, size_t size)
{
	ssize_t n;

	do {
		n = read(fd, data, size);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

static void report(int fd, struct report report)
{
	ssize_t n;

	do {
		n = write(fd, &report, sizeof(report));
	} while (n < 0 && errno == EINTR);
}

/* SIGPIPE is blocked: a child that was killed is seen by what it does not report. */
static void release(int fd)
{
	ssize_t n;

	do {
		n = write(fd, "", 1);
	} while (n < 0 && errno == EINTR);
}

static int label(struct contid_launch *launch, pid_t pid)
{
	for (int draws = 0;; draws++) {
		int err = launch->draw ? contid_draw(&launch->id) : 0;

		if (err)
			return err;
		err = launch->join ? contid_join(pid, launch->id) : contid_set(pid, launch->id);
		if (err != -ENOTUNIQ || !launch->draw || draws == DRAWS)
			return err;
	}
}

static _Noreturn void give_up(int back, enum report_kind kind, int err)
{
	report(back, (struct report){ .kind = kind, .err = err });
	_exit(125);
}

/* Waits for a release. Without a caller nobody will, and the child is not to run. */
static void held(int go)
{
	char byte;

	if (!receive(go, &byte, 1))
		_exit(125);
}

static _Noreturn void child(struct contid_launch *launch, struct ends *go, struct ends *back,
			    struct ends *told)
{
	int err;

	/* without them the end of the caller is seen here, whenever it comes */
	end_close(&go->write);
	end_close(&back->read);
	launch->pid = getpid();
	if (told->write >= 0)
		report(told->write, (struct report){ .kind = REPORT_CHILD, .pid = launch->pid });
	ends_close(told);
	held(go->read);
	err = launch->child ? launch->child(launch, launch->data) : 0;
	if (err)
		give_up(back->write, REPORT_FAILED, -err);
	report(back->write, (struct report){ .kind = REPORT_READY });
	held(go->read);
	err = launch->last ? launch->last(launch, launch->data) : 0;
	if (err)
		give_up(back->write, REPORT_FAILED, -err);
	sigaction(SIGCHLD, &launch->saved->chld, NULL);
	sigprocmask(SIG_SETMASK, &launch->saved->mask, NULL);
	execvp(launch->argv[0], launch->argv);
	give_up(back->write, REPORT_EXEC, errno);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	reap(pid);
}

/* Forks the child and labels it. After a failure there is no child. */
static int start(struct contid_launch *launch, struct ends *go, struct ends *back,
		 struct ends *told)
{
	int err;

	launch->pid = fork();
	if (launch->pid < 0)
		return -errno;
	if (!launch->pid)
		child(launch, go, back, told);
	/* not the pipe either whose end lets the child go */
	if (told->write >= 0)
		held_keep(told->write, told->write);
	err = launch->unlabelled ? 0 : label(launch, launch->pid);
	if (err) {
		launch->label_errno = -err;
		end(launch->pid);
	}
	return err;
}

static _Noreturn void intermediate(struct contid_launch *launch, struct ends *go, struct ends *back,
				   struct ends *told)
{
	int err;

	end_close(&told->read);
	err = start(launch, go, back, told);
	report(told->write, (struct report){ .kind = launch->label_errno ? REPORT_LABEL :
						     err		 ? REPORT_FAILED :
									   REPORT_READY,
					     .err = -err,
					     .pid = launch->pid,
					     .id = launch->id });
	_exit(0);
}

/* What the intermediate has told, or -EIO if it was killed; nobody knows the child then. */
static int hear(struct contid_launch *launch, int told, struct ends *go)
{
	struct report report;
	int err = -EIO;

	while (receive(told, &report, sizeof(report))) {
		launch->pid = report.pid;
		if (report.kind == REPORT_CHILD)
			continue;
		err = -report.err;
		launch->id = report.id;
		launch->label_errno = report.kind == REPORT_LABEL ? report.err : 0;
	}
	if (err == -EIO && launch->pid > 0) {
		/* it ends of itself when nobody can release it */
		ends_close(go);
		reap(launch->pid);
	}
	return err;
}

/* The label takes too long. The child ends of itself, whatever holds the intermediate. */
static int give_up_on(struct contid_launch *launch, pid_t pid, int told, struct ends *go)
{
	ends_close(go);
	kill(pid, SIGKILL);
	if (held_ends(pid, 1)) {
		reap(pid);
		/* the child has fallen to us */
		if (!hear(launch, told, go))
			reap(launch->pid);
	}
	launch->label_errno = ETIMEDOUT;
	return -ETIMEDOUT;
}

/* As start(), but by an intermediate that is gone when this returns, or out of our reach. */
static int start_by_intermediate(struct contid_launch *launch, struct ends *go, struct ends *back)
{
	CLEANUP_ENDS struct ends told = { -1, -1 };
	int before = 0, err;
	pid_t pid;

	err = ends_open(&told);
	if (err)
		return err;
	/* it is a subreaper for this moment alone: later orphans are not ours */
	if (prctl(PR_GET_CHILD_SUBREAPER, &before) || prctl(PR_SET_CHILD_SUBREAPER, 1))
		return -errno;
	pid = fork();
	if (!pid)
		intermediate(launch, go, back, &told);
	err = -errno;
	if (pid > 0) {
		end_close(&told.write);
		if (!launch->timeout || held_ends(pid, launch->timeout)) {
			/* the child falls to us before this returns */
			reap(pid);
			err = hear(launch, told.read, go);
		} else {
			err = give_up_on(launch, pid, told.read, go);
		}
	}
	if (!before)
		prctl(PR_SET_CHILD_SUBREAPER, 0);
	return err;
}

/* From the labelled child to its exec. */
static int let_go(struct contid_launch *launch, int go, int back)
{
	struct report report = { 0 };
	int err;

	release(go);
	if (!receive(back, &report, sizeof(report)))
		/* killed by somebody else */
		return -ECHILD;
	if (report.kind != REPORT_READY)
		return -report.err;
	err = launch->ready ? launch->ready(launch, launch->data) : 0;
	if (err)
		return err;
	release(go);
	if (!receive(back, &report, sizeof(report)))
		return 0;
	if (report.kind == REPORT_EXEC)
		launch->exec_errno = report.err;
	return -report.err;
}

static void restore(struct contid_launch *launch)
{
	sigaction(SIGCHLD, &launch->saved->chld, NULL);
	sigprocmask(SIG_SETMASK, &launch->saved->mask, NULL);
	free(launch->saved);
	launch->saved = NULL;
}

/*
 * Whether an intermediate would be allowed what its parent is. The right of a delegated writer is
 * its process's own and no fork has it. It stays the owner then, which keeps nobody from joining
 * who could: joining is for writers of the host.
 */
static bool fork_may_label(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) || st.st_ino == INITIAL_USER;
}

static bool by_intermediate(const struct contid_launch *launch)
{
	if (launch->unlabelled)
		return launch->foreground;
	return (launch->foreground || launch->timeout) && fork_may_label();
}

int contid_launch(struct contid_launch *launch)
{
	/* who is told to ignore its children would not learn how the command ended */
	static const struct sigaction by_default = { .sa_handler = SIG_DFL };
	CLEANUP_ENDS struct ends go = { -1, -1 };
	CLEANUP_ENDS struct ends back = { -1, -1 };
	struct ends nobody = { -1, -1 };
	sigset_t all;
	int err;

	launch->pid = 0;
	launch->label_errno = 0;
	launch->exec_errno = 0;
	err = ends_open(&go);
	if (!err)
		err = ends_open(&back);
	if (err)
		return err;
	launch->saved = malloc(sizeof(*launch->saved));
	if (!launch->saved)
		return -ENOMEM;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &launch->saved->mask);
	sigaction(SIGCHLD, &by_default, &launch->saved->chld);

	err = by_intermediate(launch) ? start_by_intermediate(launch, &go, &back) :
					start(launch, &go, &back, &nobody);
	if (!err) {
		end_close(&go.read);
		end_close(&back.write);
		err = let_go(launch, go.write, back.read);
		if (err)
			end(launch->pid);
	}
	if (err)
		restore(launch);
	return err;
}

/* Whether the child has it from the kernel already, as a member of the same foreground group. */
static bool from_terminal(const siginfo_t *info, pid_t child)
{
	if (info->si_code != SI_KERNEL)
		return false;
	switch (info->si_signo) {
	case SIGINT:
	case SIGQUIT:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGHUP:
	case SIGCONT:
	case SIGWINCH:
		return getpgid(child) == getpgrp();
	}
	return false;
}

int contid_launch_wait(struct contid_launch *launch)
{
	int status;
	sigset_t all;

	sigfillset(&all);
	for (;;) {
		pid_t pid = waitpid(launch->pid, &status, WNOHANG | WUNTRACED);
		siginfo_t info;

		if (pid < 0 && errno != EINTR) {
			status = 125 << 8;
			break;
		}
		if (pid > 0 && !WIFSTOPPED(status))
			break;
		/* A shell sees us alone, so we stop as well; its SIGCONT is passed on. Not for
		 * SIGSTOP, whose sender may continue the child alone.
		 */
		if (pid > 0 && WSTOPSIG(status) != SIGSTOP)
			kill(getpid(), SIGSTOP);
		if (pid > 0 || sigwaitinfo(&all, &info) < 0)
			continue;
		if (info.si_signo != SIGCHLD && info.si_signo != SIGURG &&
		    !from_terminal(&info, launch->pid))
			kill(launch->pid, info.si_signo);
	}
	restore(launch);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
