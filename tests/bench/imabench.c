// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * imabench - instructions per operation, and memory per IMA namespace
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Prints lines "name value", each the median of several rounds.
 *
 *	imabench host	nothing active, then the rule on the host
 *	imabench child	the rule in a child; beside 10, 100, 1000 others; at 1 to 32 levels
 *	imabench memory	bytes of slab memory
 *
 * The program runs from a tmpfs, and the rule is about files of a tmpfs.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mount.h>

#include "bench.h"

#define RULE  "audit func=FILE_CHECK mask=MAY_READ fsmagic=0x01021994\n"
#define FILE_ "/tmp/bench-file"
#define IMA   "/mnt/integrity/ima/"
#define OPENS 400
#define EXECS 12

static void do_open(void)
{
	int fd = open(FILE_, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(FILE_);
	close(fd);
}

static void do_exec(void)
{
	run_nothing("/usr/local/bin/imabench");
}

static void report(const char *name)
{
	printf("open.%s %ld\n", name, median(do_open, OPENS));
	printf("exec.%s %ld\n", name, median(do_exec, EXECS));
	fflush(stdout);
}

/* One user namespace further down, with a mount namespace it owns */
static void enter(void)
{
	char map[64];

	snprintf(map, sizeof(map), "0 %d 1", geteuid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		die("unshare");
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", map);
	put("/proc/self/gid_map", map);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("private mounts");
}

static void mount_ima(void)
{
	if (mount("none", "/mnt", "securityfs", 0, NULL))
		die("securityfs");
}

static void activate(void)
{
	put(IMA "active", "1");
}

/* A process of its own runs fn and waits; its end ends what it made. */
struct other {
	pid_t pid;
	int go;
};

static void start(struct other *o, void (*fn)(int), int arg)
{
	int ready[2], go[2];
	char c;

	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		die("pipe");
	o->pid = fork();
	if (o->pid < 0)
		die("fork");
	if (!o->pid) {
		close(go[1]);
		close(ready[0]);
		fn(arg);
		if (write(ready[1], "", 1) != 1)
			die("pipe");
		(void)!read(go[0], &c, 1);
		_exit(0);
	}
	close(ready[1]);
	close(go[0]);
	o->go = go[1];
	if (read(ready[0], &c, 1) != 1)
		die("a container ended");
	close(ready[0]);
}

static void stop(struct other *o)
{
	close(o->go);
	waitpid(o->pid, NULL, 0);
}

static void with_rule(int levels)
{
	while (levels--) {
		enter();
		mount_ima();
		activate();
		put(IMA "policy", RULE);
		do_open();
	}
}

static void measure_at(int levels)
{
	char name[32];

	with_rule(levels);
	snprintf(name, sizeof(name), "depth%d", levels);
	report(name);
}

/* The task that measures, beside others that are no descendants of it */
static int ask[2], answer[2];

static void serve(int unused)
{
	char name[32];
	ssize_t n;

	(void)unused;
	with_rule(1);
	if (fork())
		return;
	while ((n = read(ask[0], name, sizeof(name))) > 0) {
		report(name);
		if (write(answer[1], "", 1) != 1)
			die("pipe");
	}
	_exit(0);
}

static void measure(int others)
{
	char name[32] = "", c;

	snprintf(name, sizeof(name), "others%d", others);
	if (write(ask[1], name, sizeof(name)) != sizeof(name) || read(answer[0], &c, 1) != 1)
		die("the measuring task ended");
}

static void child(void)
{
	static const int depths[] = { 1, 2, 4, 8, 16, 32 };
	static const int counts[] = { 0, 10, 100, 1000 };
	static struct other others[1000];
	struct other o;
	int n = 0;

	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		start(&o, measure_at, depths[i]);
		stop(&o);
	}
	if (pipe(ask) || pipe(answer))
		die("pipe");
	start(&o, serve, 0);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (; n < counts[i]; n++)
			start(&others[n], with_rule, 1);
		measure(counts[i]);
	}
	/* the end of the guest ends the others */
}

static void only_user_ns(int unused)
{
	(void)unused;
	enter();
}

static void inactive(int unused)
{
	(void)unused;
	enter();
	mount_ima();
	if (umount("/mnt"))
		die("umount");
}

static void active(int unused)
{
	(void)unused;
	enter();
	mount_ima();
	activate();
	if (umount("/mnt"))
		die("umount");
}

static long bytes_of(void (*fn)(int), int count)
{
	static struct other others[200];
	long before, after;

	before = slab_bytes();
	for (int i = 0; i < count; i++)
		start(&others[i], fn, 0);
	after = slab_bytes();
	/* each holds the pipes of those before it */
	for (int i = count; i--;)
		stop(&others[i]);
	sleep(1);
	return (after - before) / count;
}

static void memory(void)
{
	unsigned long size;
	long user_ns;
	FILE *f;

	/* what the first ones allocate for all */
	bytes_of(active, 20);
	user_ns = bytes_of(only_user_ns, 200);
	printf("memory.inactive %ld\n", bytes_of(inactive, 200) - user_ns);
	printf("memory.active %ld\n", bytes_of(active, 200) - user_ns);
	f = fopen("/sys/kernel/slab/ima_status/object_size", "re");
	if (!f || fscanf(f, "%lu", &size) != 1)
		die("object_size of ima_status");
	fclose(f);
	printf("memory.status %lu\n", size);
}

int main(int argc, char *argv[])
{
	const char *what = argc == 2 ? argv[1] : "";
	int fd;

	if (!strcmp(what, "nothing"))
		return 0;
	fd = open(FILE_, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "text\n", 5) != 5 || close(fd))
		die(FILE_);
	if (!strcmp(what, "host")) {
		report("idle");
		put("/sys/kernel/security/ima/policy", RULE);
		report("host");
	} else if (!strcmp(what, "child")) {
		child();
	} else if (!strcmp(what, "memory")) {
		memory();
	} else {
		fprintf(stderr, "usage: imabench host|child|memory\n");
		return 2;
	}
	return 0;
}
