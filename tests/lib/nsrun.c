// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nsrun - runs a program in a container of its own, or in one that exists
 *
 * nsrun [-u UID] [-m MAP] [-r ROOT] [-s DIR] [-f FILE] COMMAND...
 *	new user, mount and pid namespace, created by UID (0); ids mapped by MAP ("0 UID 1" for
 *	UID other than 0, else "0 0 65536"); chroot to ROOT; /proc mounted; securityfs mounted on
 *	DIR; the process id seen from outside is written to FILE once all that is done
 * nsrun -t PID [-r ROOT] COMMAND...
 *	joins the user, mount and pid namespace of PID as root there
 *
 * The exit status is that of COMMAND, 125 if it was never reached.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "nsrun: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd))
		die(path);
}

static void put_proc(pid_t pid, const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	put(path, text);
}

static void join(const char *pid, const char *ns, int type)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, type))
		die(path);
	close(fd);
}

static void be_root(void)
{
	if (setgroups(0, NULL) && errno != EPERM)
		die("setgroups");
	if (setresgid(0, 0, 0) || setresuid(0, 0, 0))
		die("root of the user namespace");
}

static void enter(const char *root)
{
	if (root && (chroot(root) || chdir("/")))
		die(root);
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static _Noreturn void run(char *const argv[])
{
	execvp(argv[0], argv);
	fprintf(stderr, "nsrun: %s: %s\n", argv[0], strerror(errno));
	exit(errno == ENOENT ? 127 : 126);
}

int main(int argc, char *argv[])
{
	const char *map = NULL, *root = NULL, *sec = NULL, *file = NULL, *target = NULL;
	int up[2], down[2], ready[2], opt;
	pid_t pid, inner;
	uid_t uid = 0;
	char byte = 0, text[64];

	while ((opt = getopt(argc, argv, "+u:m:r:s:f:t:")) != -1) {
		switch (opt) {
		case 'u':
			uid = atoi(optarg);
			break;
		case 'm':
			map = optarg;
			break;
		case 'r':
			root = optarg;
			break;
		case 's':
			sec = optarg;
			break;
		case 'f':
			file = optarg;
			break;
		case 't':
			target = optarg;
			break;
		default:
			return 125;
		}
	}
	argv += optind;
	if (!*argv) {
		fprintf(stderr, "usage: nsrun [options] COMMAND...\n");
		return 125;
	}

	if (target) {
		/* the mount namespace last: /proc may be another one in it */
		char mnt[64];
		int fd;

		snprintf(mnt, sizeof(mnt), "/proc/%s/ns/mnt", target);
		fd = open(mnt, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die(mnt);
		join(target, "pid_for_children", CLONE_NEWPID);
		join(target, "user", CLONE_NEWUSER);
		if (setns(fd, CLONE_NEWNS))
			die("mount namespace");
		be_root();
		enter(root);
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid)
			run(argv);
		return status_of(pid);
	}

	if (!map) {
		snprintf(text, sizeof(text), uid ? "0 %u 1" : "0 %u 65536", uid);
		map = text;
	}
	if (pipe2(up, O_CLOEXEC) || pipe2(down, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		if (uid &&
		    (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
			die("owner");
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID))
			die("unshare");
		if (write(up[1], &byte, 1) != 1 || read(down[0], &byte, 1) != 1)
			_exit(125);
		be_root();
		/* a test that is killed leaves nothing behind; the ids had to change before */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		inner = fork();
		if (inner < 0)
			die("fork");
		if (inner) {
			if (write(up[1], &inner, sizeof(inner)) != sizeof(inner))
				die("pipe");
			_exit(status_of(inner));
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
			die("private mounts");
		enter(root);
		if (mount("proc", "/proc", "proc", 0, NULL))
			die("/proc");
		if (sec && mount("securityfs", sec, "securityfs", 0, NULL))
			die(sec);
		if (write(ready[1], &byte, 1) != 1)
			die("pipe");
		run(argv);
	}
	close(up[1]);
	close(down[0]);
	close(ready[1]);
	if (read(up[0], &byte, 1) != 1)
		return status_of(pid);
	if (uid) {
		/* as the kernel asks of a map that its owner writes */
		put_proc(pid, "setgroups", "deny");
	}
	if (*map) {
		put_proc(pid, "uid_map", map);
		put_proc(pid, "gid_map", map);
	}
	if (write(down[1], &byte, 1) != 1)
		die("pipe");
	if (read(up[0], &inner, sizeof(inner)) == sizeof(inner) && read(ready[0], &byte, 1) == 1 &&
	    file) {
		/* through a rename, so that a reader never sees half of it */
		char tmp[4096];

		snprintf(tmp, sizeof(tmp), "%s.new", file);
		snprintf(text, sizeof(text), "%d\n", inner);
		put(tmp, text);
		if (rename(tmp, file))
			die(file);
	}
	return status_of(pid);
}
