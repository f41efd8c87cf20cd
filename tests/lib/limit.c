// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * limit - runs a program for some time and ends all that it leaves behind
 *
 * limit SECONDS COMMAND...
 *
 * The exit status is that of COMMAND, 124 if the time was over. Whatever COMMAND started,
 * in sessions or namespaces of its own or not, has ended when this returns; if a process of it
 * cannot be killed, the status is not 0: 125, unless COMMAND has one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Orphans become children of ours, one generation after the other. False: one is still there. */
static bool end_children(void)
{
	char path[64];
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	for (int round = 0; round < 6000; round++) {
		FILE *f = fopen(path, "r");

		while (f && fscanf(f, "%d", &pid) == 1)
			kill(pid, SIGKILL);
		if (f)
			fclose(f);
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return true;
		usleep(10000);
	}
	fprintf(stderr, "limit: a process cannot be killed\n");
	return false;
}

int main(int argc, char *argv[])
{
	struct timespec now, end;
	sigset_t set;
	int status = 0, result = 124;
	pid_t pid, got;

	if (argc < 3) {
		fprintf(stderr, "usage: limit SECONDS COMMAND...\n");
		return 125;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid < 0)
		return 125;
	if (!pid) {
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		setsid();
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += atoi(argv[1]);
	for (;;) {
		while ((got = waitpid(-1, &status, WNOHANG)) > 0)
			if (got == pid)
				break;
		if (got == pid) {
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			break;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end.tv_sec)
			break;
		sigtimedwait(&set, NULL, &(struct timespec){ .tv_sec = end.tv_sec - now.tv_sec });
	}
	if (!end_children() && !result)
		return 125;
	return result;
}
