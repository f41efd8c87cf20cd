// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - thousands of namespaces that use one program
 *
 * Copyright (C) 2026 Overlay Team
 *
 * timeout: 1000
 * mem: 2560
 * smp: 2
 */

#include "common.h"
#include "../kselftest_harness.h"

#define MAX_NAMESPACES	5000
#define EMPTY_NAMESPACES 200
#define SAMPLE		100
/* slab of one namespace with its securityfs */
#define MAX_KIB		48
#define MAX_KIB_DEBUG	192

/* what a namespace says about itself */
struct report {
	long err;
	unsigned long ns;	/* time of an exec that records nothing */
};

static unsigned long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000UL + t.tv_nsec;
}

static long map_self(void)
{
	long err = 0;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return -errno;
	prctl(PR_SET_DUMPABLE, 1);
	err = put_text("/proc/self/uid_map", "0 0 1");
	if (!err)
		err = put_text("/proc/self/setgroups", "deny");
	if (!err)
		err = put_text("/proc/self/gid_map", "0 0 1");
	return err;
}

/*
 * One namespace without the comfort of a struct container: a process that
 * mounts, activates, loads and runs, then waits for its end.
 */
static int live(int ready, int end, bool with_ima)
{
	struct report r = {};
	char byte = 0;

	r.err = map_self();
	if (!r.err && with_ima) {
		if (mount("none", SEC, "securityfs", 0, NULL))
			r.err = -errno;
		if (!r.err)
			r.err = put_text(IMA "/active", "1\n");
		if (!r.err)
			r.err = put_text(IMA "/policy", RULE_EXEC);
	}
	if (!r.err)
		r.err = fn_exec((const long[]){ (long)PROG });
	r.ns = now_ns();
	if (!r.err)
		r.err = fn_exec((const long[]){ (long)PROG });
	r.ns = now_ns() - r.ns;
	if (write(ready, &r, sizeof(r)) != sizeof(r))
		return 1;
	/* the other end of the pipe is closed when all shall end */
	return read(end, &byte, 1) != 0;
}

static long slab_kib(void)
{
	char line[256];
	long kib = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Slab: %ld kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

struct crowd {
	int ready[2], end[2];
	int n;
	pid_t *pid;
};

FIXTURE(crowd)
{
	struct crowd all;
};

FIXTURE_SETUP(crowd)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	self->all.pid = calloc(MAX_NAMESPACES + EMPTY_NAMESPACES, sizeof(pid_t));
	ASSERT_NE(NULL, self->all.pid);
	ASSERT_EQ(0, pipe2(self->all.ready, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(self->all.end, O_CLOEXEC));
}

FIXTURE_TEARDOWN(crowd)
{
	audit_close();
}

/* one more; its report */
static struct report add_one(struct crowd *all, bool with_ima)
{
	struct report r = { .err = -EPIPE };
	pid_t pid = fork();

	if (pid < 0)
		return (struct report){ .err = -errno };
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(all->end[1]);
		_exit(live(all->ready[1], all->end[0], with_ima));
	}
	all->pid[all->n++] = pid;
	if (read(all->ready[0], &r, sizeof(r)) != sizeof(r))
		r.err = -EPIPE;
	return r;
}

/* all of them end at once; Return: how many did not end well */
static int end_all(struct crowd *all)
{
	int status, failed = 0;

	close(all->end[1]);
	while (all->n) {
		pid_t pid = all->pid[--all->n];

		failed += waitpid(pid, &status, 0) != pid || status;
	}
	return failed;
}

static long take_records(void)
{
	long n = audit_count(AUDIT_INTEGRITY_RULE,
			     "file=\"" PROG "\" .* ima_ns=0x[0-9a-f]+$");

	audit_clear_entries();
	return n;
}

TEST_F_TIMEOUT(crowd, each_namespace_records_the_program_once, 1000)
{
	unsigned long first = ULONG_MAX, last = ULONG_MAX;
	int i, failed = 0, n = scaled(MAX_NAMESPACES, 500);
	long pid_max = sysctl_get("/proc/sys/kernel/pid_max");
	long records = 0, slab, empty, each;
	struct report r;

	ASSERT_LT(n + EMPTY_NAMESPACES, pid_max - 1000);
	/* what a process with a user and a mount namespace costs anyway */
	slab = slab_kib();
	for (i = 0; i < EMPTY_NAMESPACES; i++) {
		r = add_one(&self->all, false);
		ASSERT_EQ(0, r.err);
	}
	empty = (slab_kib() - slab) / EMPTY_NAMESPACES;
	slab = slab_kib();
	for (i = 0; i < n; i++) {
		r = add_one(&self->all, true);
		if (r.err && !failed++)
			TH_LOG("namespace %d: %s", i, strerror(-r.err));
		if (i < SAMPLE && r.ns < first)
			first = r.ns;
		if (i >= n - SAMPLE && r.ns < last)
			last = r.ns;
		if (i % 100 == 99)
			records += take_records();
	}
	records += take_records();
	each = (slab_kib() - slab) / n - empty;
	TH_LOG("%d namespaces, %ld KiB each beside %ld KiB without IMA", n,
	       each, empty);
	TH_LOG("an exec %lu us, at last %lu us", first / 1000, last / 1000);
	EXPECT_EQ(0, failed);
	EXPECT_EQ(n, records);
	EXPECT_GE((long)scaled(MAX_KIB, MAX_KIB_DEBUG), each);
	/* the fastest of many: no access gets slower with their number */
	EXPECT_GE(3 * first, last);
	EXPECT_EQ(0, end_all(&self->all));
	/* and the file is as usable as before */
	EXPECT_EQ(0, ct_exec(NULL, PROG));
}

/* one namespace that has used very many files, and ends */
TEST_F_TIMEOUT(crowd, very_many_files_in_one_namespace, 1000)
{
	struct container *c = ct_active(NULL, (struct ct_opts){},
					"audit func=FILE_CHECK mask=MAY_READ fsmagic=0x01021994\n");
	int i, n = scaled(20000, 2000);
	char path[64];
	long records = 0;

	ASSERT_NE(NULL, c);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), W "/f.%d", i);
		ASSERT_EQ(0, make_file(path, ""));
		ASSERT_EQ(0, ct_use(c, path));
		if (i % 100 == 99) {
			records += audit_count(AUDIT_INTEGRITY_RULE,
					       "file=\"" W "/f\\.");
			audit_clear_entries();
		}
	}
	EXPECT_EQ(n, records);
	ct_end(c);
}

TEST_HARNESS_MAIN
