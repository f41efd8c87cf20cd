// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nsbench - instructions per operation on namespaces, and of their audit records
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Prints lines "name value", each the median of several rounds.
 *
 *	nsbench off	for each type: unshare, and the life of a child that unshares, from fork to
 *the end of the namespace; an open that a rule audits; on vanilla, too nsbench info	a system
 *call that a rule audits, of a task in a network namespace of its own, without and with
 *kernel.audit_ns_info
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>

#include "audit.h"

#define SAMPLES 201
#define LIVES	1000

#define INFO	"/proc/sys/kernel/audit_ns_info"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static const struct {
	const char *name;
	int flag;
} types[] = {
	{ "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS },    { "uts", CLONE_NEWUTS },
	{ "ipc", CLONE_NEWIPC },   { "pid", CLONE_NEWPID },   { "cgroup", CLONE_NEWCGROUP },
	{ "net", CLONE_NEWNET },   { "time", CLONE_NEWTIME },
};

static long *took;
static int flag;

static void do_life(void)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		long begin = now();

		if (unshare(flag))
			_exit(1);
		*took = now() - begin;
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("unshare");
}

static void lives(void)
{
	long samples[SAMPLES];

	took = mmap(NULL, sizeof(*took), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (took == MAP_FAILED)
		die("mmap");
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		flag = types[t].flag;
		printf("life.%s %ld\n", types[t].name, average(do_life, LIVES));
		for (int i = 0; i < SAMPLES; i++) {
			do_life();
			samples[i] = *took;
		}
		printf("unshare.%s %ld\n", types[t].name, middle(samples, SAMPLES));
		fflush(stdout);
	}
}

static void do_open(void)
{
	int fd = open("/etc/passwd", O_RDONLY);

	if (fd < 0)
		die("/etc/passwd");
	close(fd);
}

static void do_getppid(void)
{
	syscall(SYS_getppid);
}

static void off(void)
{
	struct server s;

	lives();
	event = do_open;
	start_daemon(AUDIT_EOE);
	serve(&s, events);
	audit_rule(SYS_openat);
	ask(&s, "audited", 0);
}

static void in_namespace(const char *name)
{
	static bool inside;

	if (!inside && unshare(CLONE_NEWNET))
		die("unshare");
	inside = true;
	events(name);
}

static void info(void)
{
	struct server s;

	event = do_getppid;
	start_daemon(AUDIT_EOE);
	serve(&s, in_namespace);
	audit_rule(SYS_getppid);
	ask(&s, "info.off", 0);
	put(INFO, "1");
	ask(&s, "info.on", 0);
}

int main(int argc, char *argv[])
{
	const char *what = argc == 2 ? argv[1] : "";

	fix_addresses(argv);
	if (!strcmp(what, "off")) {
		off();
	} else if (!strcmp(what, "info")) {
		info();
	} else {
		fprintf(stderr, "usage: nsbench off|info\n");
		return 2;
	}
	return 0;
}
