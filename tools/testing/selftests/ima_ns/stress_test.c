// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - thousands of namespaces that use one program
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

#define MAX_NAMESPACES	5000

/*
 * One namespace without the comfort of a struct container: a process that
 * mounts, activates, loads and runs, then waits for its end.
 */
static int live(int ready, int end)
{
	char byte = 0;
	long err;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		err = -errno;
	else
		err = put_text("/proc/self/uid_map", "0 0 1");
	if (!err && mount("none", SEC, "securityfs", 0, NULL))
		err = -errno;
	if (!err)
		err = put_text(IMA "/active", "1\n");
	if (!err)
		err = put_text(IMA "/policy", RULE_EXEC);
	if (!err)
		err = fn_exec((const long[]){ (long)PROG });
	if (!err)
		err = fn_exec((const long[]){ (long)PROG });
	if (write(ready, &err, sizeof(err)) != sizeof(err))
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

FIXTURE(crowd)
{
	long slab;
};

FIXTURE_SETUP(crowd)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	self->slab = slab_kib();
}

FIXTURE_TEARDOWN(crowd)
{
	audit_close();
}

TEST_F_TIMEOUT(crowd, each_namespace_records_the_program_once, 1000)
{
	int ready[2], end[2], status, i, failed = 0;
	int n = scaled(MAX_NAMESPACES, 500);
	static pid_t pid[MAX_NAMESPACES];
	long pid_max = sysctl_get("/proc/sys/kernel/pid_max");
	long err, records = 0;

	if (n > pid_max - 1000)
		n = pid_max - 1000;
	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(end, O_CLOEXEC));
	for (i = 0; i < n; i++) {
		pid[i] = fork();
		ASSERT_LE(0, pid[i]);
		if (!pid[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(end[1]);
			_exit(live(ready[1], end[0]));
		}
		ASSERT_EQ((ssize_t)sizeof(err),
			  read(ready[0], &err, sizeof(err)));
		if (err && !failed++)
			TH_LOG("namespace %d: %s", i, strerror(-err));
		if (i % 100 == 99) {
			records += audit_count(AUDIT_INTEGRITY_RULE,
					       "file=\"" PROG "\" .* ima_ns=0x[0-9a-f]+$");
			audit_clear_entries();
		}
	}
	records += audit_count(AUDIT_INTEGRITY_RULE,
			       "file=\"" PROG "\" .* ima_ns=0x[0-9a-f]+$");
	TH_LOG("%d namespaces, slab %ld KiB each", n,
	       (slab_kib() - self->slab) / n);
	EXPECT_EQ(0, failed);
	EXPECT_EQ(n, records);
	/* all of them end at once */
	close(end[1]);
	for (i = 0; i < n; i++)
		if (waitpid(pid[i], &status, 0) != pid[i] || status)
			failed++;
	EXPECT_EQ(0, failed);
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
