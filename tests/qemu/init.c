// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First program of a test guest: mounts what the tests need, runs what the host
 * put into /run-this and says through a port of its own whether it succeeded.
 *
 * The word "pass" goes to the port named verdict only after the program exited
 * with 0. Nothing printed on the console can pass or fail a run.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static bool debian, installed;
static int verdict = -1;

static void off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void fail(const char *what)
{
	dprintf(2, "init: %s: %s\n", what, strerror(errno));
	if (verdict >= 0)
		dprintf(verdict, "init: %s: %s\n", what, strerror(errno));
	off();
}

static void mnt(const char *dev, const char *dir, const char *type, const char *opts, bool must)
{
	mkdir(dir, 0755);
	if (mount(dev, dir, type, 0, opts) && errno != EBUSY && must)
		fail(dir);
}

static int run(char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (!pid) {
		setsid();
		execvp(argv[0], argv);
		_exit(127);
	}
	while (1) {
		pid_t got = wait(&status);

		if (got == pid)
			break;
		if (got < 0 && errno != EINTR)
			fail("wait");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The path of a virtio port by its name */
static int open_port(const char *want)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *de;
	char path[512], name[64];
	int fd = -1;

	while (dir && fd < 0 && (de = readdir(dir))) {
		FILE *f;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", de->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%63s", name) == 1 && !strcmp(name, want)) {
			snprintf(path, sizeof(path), "/dev/%s", de->d_name);
			fd = open(path, O_WRONLY | O_CLOEXEC);
		}
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return fd;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0) {
		if (write(fd, text, strlen(text)) < 0)
			dprintf(2, "init: %s: %s\n", path, strerror(errno));
		close(fd);
	}
}

/*
 * A process in the initramfs cannot make user namespaces in a chroot, and there
 * is no way to pivot away from it: move to a file system of its own first.
 */
static void move_root(void)
{
	if (debian) {
		mnt("/dev/vda", "/new", "ext4", "", true);
		for (const char *const *d =
			     (const char *const[]){ "tests", "selftests", "packages", NULL };
		     *d; d++) {
			char to[64], from[64];

			snprintf(to, sizeof(to), "/new/%s", *d);
			snprintf(from, sizeof(from), "/%s", *d);
			if (access(from, F_OK))
				continue;
			mkdir(to, 0755);
			run((char *[]){ "/bin/busybox", "cp", "-a", from, "/new/", NULL });
		}
		run((char *[]){ "/bin/busybox", "cp", "-a", "/run-this", "/new/run-this", NULL });
		run((char *[]){ "/bin/busybox", "cp", "-a", "/usr/local/.", "/new/usr/local",
				NULL });
		/* what the packages of tools/ would install */
		if (installed && !access("/installed", F_OK))
			run((char *[]){ "/bin/busybox", "cp", "-a", "/installed/.", "/new/",
					NULL });
	} else {
		mnt("root", "/new", "tmpfs", "mode=755", true);
		run((char *[]){ "/bin/busybox", "sh", "-c",
				"for d in /*; do case $d in /new|/proc|/sys|/dev|/run) ;;"
				" *) cp -a $d /new/;; esac; done;"
				" mkdir -p /new/proc /new/sys /new/dev /new/run /new/tmp",
				NULL });
	}
	for (const char *const *d = (const char *const[]){ "/proc", "/sys", "/dev", NULL }; *d;
	     d++) {
		char to[64];

		snprintf(to, sizeof(to), "/new%s", *d);
		mkdir(to, 0755);
		if (mount(*d, to, NULL, MS_MOVE, NULL))
			fail(to);
	}
	if (chdir("/new") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		fail("new root");
	/* what the packages of tools/ do when they are installed */
	if (debian && installed) {
		run((char *[]){ "/sbin/ldconfig", NULL });
		run((char *[]){ "/bin/systemd-sysusers", NULL });
	}
}

int main(void)
{
	char cmdline[4096] = "", *p;
	int ktap, fd, status;
	FILE *f;

	mnt("proc", "/proc", "proc", NULL, true);
	mnt("sys", "/sys", "sysfs", NULL, true);
	mnt("dev", "/dev", "devtmpfs", NULL, true);

	f = fopen("/proc/cmdline", "r");
	if (!f || !fgets(cmdline, sizeof(cmdline), f))
		fail("/proc/cmdline");
	fclose(f);
	debian = strstr(cmdline, "guest.root=debian");
	installed = !strstr(cmdline, "guest.installed=no");
	verdict = open_port("verdict");
	ktap = open_port("ktap");

	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "linux", 1);
	setenv("LIB", "/tests/lib", 1);
	p = strstr(cmdline, "guest.flavour=");
	if (p) {
		p += strlen("guest.flavour=");
		p[strcspn(p, " \n")] = '\0';
		setenv("FLAVOUR", p, 1);
	}

	move_root();

	mnt("run", "/run", "tmpfs", "mode=755", true);
	mnt("tmp", "/tmp", "tmpfs", "mode=1777", true);
	mnt("pts", "/dev/pts", "devpts", "ptmxmode=0666", true);
	mnt("shm", "/dev/shm", "tmpfs", NULL, true);
	mnt("mqueue", "/dev/mqueue", "mqueue", NULL, false);
	mnt("securityfs", "/sys/kernel/security", "securityfs", NULL, true);
	mnt("debugfs", "/sys/kernel/debug", "debugfs", NULL, false);
	mnt("cgroup2", "/sys/fs/cgroup", "cgroup2", NULL, false);
	put("/sys/fs/cgroup/cgroup.subtree_control", "+memory +pids");
	put("/proc/sys/kernel/printk_ratelimit", "0");
	run((char *[]){ "ip", "link", "set", "lo", "up", NULL });
	if (symlink("/proc/self/fd", "/dev/fd"))
		dprintf(2, "init: /dev/fd: %s\n", strerror(errno));

	/* what was allocated before the tests is not theirs */
	put("/sys/kernel/debug/kmemleak", "clear");

	if (ktap >= 0) {
		dup2(ktap, 1);
	} else {
		fd = open("/dev/ttyS0", O_RDWR);
		if (fd >= 0) {
			dup2(fd, 0);
			dup2(fd, 1);
			dup2(fd, 2);
		}
	}
	/* the guest has booted, says this line of the console */
	dprintf(2, "init: ready\n");
	status = run((char *[]){ "/run-this", NULL });
	if (verdict >= 0)
		dprintf(verdict, status ? "fail %d\n" : "pass\n", status);
	off();
}
