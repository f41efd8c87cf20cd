// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nsact - what the scenarios of namespaces in audit need and a shell cannot do
 *
 * nsact ids			prints the ids of its namespaces as NS_INFO has them
 * nsact new HOW TYPES [COMMAND...]
 *				a child in new namespaces prints its ids and executes COMMAND; HOW
 *				is the call: unshare, clone or clone3
 * nsact become TYPES COMMAND...
 *				unshares and executes COMMAND without a child
 * nsact taken TYPES		clone3() with a process id that is in use; prints the error
 * nsact enter TYPE FILE [COMMAND...]
 *				joins the namespace of FILE; a child prints its ids and executes
 *				COMMAND
 * nsact join TYPES PID [COMMAND...]
 *				the same with the namespaces of a process, all in one call
 * nsact anonymous		makes mount namespaces that are none: open_tree(), fsmount()
 * nsact drop CAP COMMAND...	executes COMMAND without a capability
 * nsact loop N TYPES [SECONDS]	N times a child in new namespaces that exits at once, or as often as
 *				fits into the time; prints how often
 * nsact many N TYPES		N children in new namespaces; says "ready", ends with its standard
 *				input
 * nsact fail N TYPES		a child unshares while the kernel fails its N-th allocation; prints
 *				the error, what is left of N (0: an allocation failed), and the ids
 * nsact hold			a child in a new pid namespace exits, its pidfd stays; says "ready",
 *				ends with its standard input
 *
 * TYPES is a list with commas, or all. A new user namespace maps root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* in the order of the fields of NS_INFO */
static const struct {
	const char *name;
	unsigned long flag;
} types[] = {
	{ "net", CLONE_NEWNET },       { "uts", CLONE_NEWUTS },	  { "ipc", CLONE_NEWIPC },
	{ "pid", CLONE_NEWPID },       { "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS },
	{ "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

/* as far as set_tid */
struct clone3_args {
	uint64_t flags;
	uint64_t pidfd;
	uint64_t child_tid;
	uint64_t parent_tid;
	uint64_t exit_signal;
	uint64_t stack;
	uint64_t stack_size;
	uint64_t tls;
	uint64_t set_tid;
	uint64_t set_tid_size;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "nsact: %s: %s\n", what, strerror(errno));
	exit(125);
}

static unsigned long flags_of(const char *list)
{
	unsigned long flags = 0;
	size_t i, len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		for (i = 0; i < TYPES; i++)
			if ((len == 3 && !strncmp(list, "all", len)) ||
			    (len == strlen(types[i].name) && !strncmp(list, types[i].name, len)))
				flags |= types[i].flag;
		if (!list[len])
			return flags;
	}
}

static void print_ids(void)
{
	char line[512], path[64];
	int len = 0, fd;
	size_t i;

	for (i = 0; i < TYPES; i++) {
		__u64 id;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", types[i].name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || ioctl(fd, NS_GET_ID, &id))
			die(path);
		close(fd);
		len += snprintf(line + len, sizeof(line) - len, "%s%sns=0x%llx", i ? " " : "",
				types[i].name, (unsigned long long)id);
	}
	puts(line);
	fflush(stdout);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

/* the one id that a process may map itself */
static void map_root(unsigned long flags)
{
	if (!(flags & CLONE_NEWUSER))
		return;
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", "0 0 1");
	put("/proc/self/gid_map", "0 0 1");
}

static _Noreturn void run(char *const argv[])
{
	if (!*argv)
		exit(0);
	execvp(*argv, argv);
	die(*argv);
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* in a child, which is in the pid and time namespace that its parent has for children */
static int run_in_child(pid_t pid, unsigned long mapped, char *const argv[])
{
	if (pid < 0)
		die("child");
	if (pid)
		return status_of(pid);
	map_root(mapped);
	print_ids();
	run(argv);
}

static pid_t clone3(struct clone3_args args)
{
	args.exit_signal = SIGCHLD;
	return syscall(SYS_clone3, &args, sizeof(args));
}

static int in_new(const char *how, unsigned long flags, char *const argv[])
{
	if (!strcmp(how, "clone3"))
		return run_in_child(clone3((struct clone3_args){ .flags = flags }), flags, argv);
	/* has the bit of time in its exit signal */
	if (!strcmp(how, "clone") && !(flags & CLONE_NEWTIME))
		return run_in_child(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0), flags, argv);
	if (strcmp(how, "unshare")) {
		errno = EINVAL;
		die(how);
	}
	if (unshare(flags))
		die("unshare");
	map_root(flags);
	return run_in_child(fork(), 0, argv);
}

static void become(unsigned long flags, char *const argv[])
{
	if (unshare(flags))
		die("unshare");
	map_root(flags);
	run(argv);
}

/* the first process of a pid namespace has number 1 in there */
static void taken(unsigned long flags)
{
	pid_t tid[] = { 1, getpid() };
	size_t n = flags & CLONE_NEWPID ? 2 : 1;
	pid_t pid = clone3((struct clone3_args){
		.flags = flags,
		.set_tid = (uintptr_t)(tid + 2 - n),
		.set_tid_size = n,
	});

	if (!pid)
		exit(0);
	puts(pid < 0 ? strerrorname_np(errno) : "0");
}

static int enter(int fd, unsigned long flags, char *const argv[])
{
	if (fd < 0 || setns(fd, flags))
		die("setns");
	close(fd);
	return run_in_child(fork(), 0, argv);
}

static void anonymous(void)
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | AT_RECURSIVE);
	int fs = syscall(SYS_fsopen, "tmpfs", 0);

	if (tree < 0 || fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) ||
	    syscall(SYS_fsmount, fs, 0, 0) < 0)
		die("anonymous mounts");
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void loop(long n, unsigned long flags, long seconds)
{
	time_t end = now() + seconds;
	long i;

	for (i = 0; i < n && (!seconds || now() < end); i++) {
		pid_t pid = clone3((struct clone3_args){ .flags = flags });

		if (!pid)
			_exit(0);
		if (pid < 0 || status_of(pid))
			die("child");
	}
	printf("%ld\n", i);
}

static void wait_for_end_of_input(void)
{
	char c;

	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
}

static void many(long n, unsigned long flags)
{
	signal(SIGTERM, SIG_IGN);
	/* children in a group of their own can be ended at once */
	if (setpgid(0, 0))
		die("setpgid");
	for (; n > 0; n--) {
		pid_t pid = clone3((struct clone3_args){ .flags = flags });

		if (pid < 0)
			die("child");
		if (!pid) {
			/* the first process of a pid namespace gets only what it handles */
			signal(SIGTERM, _exit);
			for (;;)
				pause();
		}
	}
	wait_for_end_of_input();
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
}

static void fail(const char *nth, unsigned long flags)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	char left[16] = "";
	int rc;

	if (fd < 0 || write(fd, nth, strlen(nth)) < 0)
		die("fail-nth");
	rc = unshare(flags) ? errno : 0;
	/* what is left of the count: 0 if an allocation failed, N less the allocations if none did
	 */
	if (pread(fd, left, sizeof(left) - 1, 0) < 0 || write(fd, "0", 1) < 0)
		die("fail-nth");
	printf("%s %d ", rc ? strerrorname_np(rc) : "0", atoi(left));
	print_ids();
}

static void hold(void)
{
	int fd = -1;
	pid_t pid = clone3((struct clone3_args){
		.flags = CLONE_NEWPID | CLONE_PIDFD,
		.pidfd = (uintptr_t)&fd,
	});

	if (!pid) {
		print_ids();
		exit(0);
	}
	if (pid < 0 || status_of(pid))
		die("child");
	wait_for_end_of_input();
	close(fd);
}

int main(int argc, char *argv[])
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "ids") && argc == 2)
		print_ids();
	else if (!strcmp(what, "new") && argc >= 4)
		return in_new(argv[2], flags_of(argv[3]), argv + 4);
	else if (!strcmp(what, "become") && argc >= 4)
		become(flags_of(argv[2]), argv + 3);
	else if (!strcmp(what, "taken") && argc == 3)
		taken(flags_of(argv[2]));
	else if (!strcmp(what, "enter") && argc >= 4)
		return enter(open(argv[3], O_RDONLY | O_CLOEXEC), flags_of(argv[2]), argv + 4);
	else if (!strcmp(what, "join") && argc >= 4)
		return enter(syscall(SYS_pidfd_open, atoi(argv[3]), 0), flags_of(argv[2]),
			     argv + 4);
	else if (!strcmp(what, "anonymous") && argc == 2)
		anonymous();
	else if (!strcmp(what, "drop") && argc >= 4 && !prctl(PR_CAPBSET_DROP, atoi(argv[2])))
		run(argv + 3);
	else if (!strcmp(what, "loop") && (argc == 4 || argc == 5))
		loop(atol(argv[2]), flags_of(argv[3]), argc == 5 ? atol(argv[4]) : 0);
	else if (!strcmp(what, "many") && argc == 4)
		many(atol(argv[2]), flags_of(argv[3]));
	else if (!strcmp(what, "fail") && argc == 4)
		fail(argv[2], flags_of(argv[3]));
	else if (!strcmp(what, "hold") && argc == 2)
		hold();
	else {
		fprintf(stderr, "nsact: see its source\n");
		return 2;
	}
	return 0;
}
