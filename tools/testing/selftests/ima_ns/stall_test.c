// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - a container whose records wait for the audit backlog holds
 * up nobody else
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The kernel thread that empties the backlog is starved: it is bound to one
 * CPU, where a task of a realtime class spins. A container then floods the
 * backlog until its tasks wait in audit_log_start().
 */

#include "common.h"
#include "../kselftest_harness.h"

#define FILES		64
#define RT_RUNTIME	"/proc/sys/kernel/sched_rt_runtime_us"

static struct shared {
	atomic_int hog, done;
} *sh;

static pid_t find_kthread(const char *name)
{
	struct dirent *e;
	pid_t found = 0;
	DIR *dir = opendir("/proc");

	while (dir && !found && (e = readdir(dir))) {
		char path[300], comm[32] = "";
		int fd;

		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, comm, sizeof(comm) - 1) > 0 &&
		    !strncmp(comm, name, strlen(name)))
			found = atoi(e->d_name);
		close(fd);
	}
	if (dir)
		closedir(dir);
	return found;
}

static long bind_to(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(pid, sizeof(set), &set) ? -errno : 0;
}

/* files of the flood: each is recorded once, so each costs a record */
static long fn_flood(const long *args)
{
	char path[64];
	int i;

	for (i = 0; i < FILES; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s.%d", (const char *)args[0], i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		close(fd);
	}
	atomic_store(&sh->done, 1);
	return 0;
}

FIXTURE(starved)
{
	struct container *flooder, *late, *early;
	pid_t hog;
};

FIXTURE_SETUP(starved)
{
	char path[64];
	int i;

	SETUP_WORKDIR();
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, sh);
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), DATA ".%d", i);
		ASSERT_EQ(0, make_file(path, path));
	}
	ASSERT_EQ(0, bind_to(0, 0));
	self->flooder = ct_active(NULL, (struct ct_opts){},
				  RULE_READ RULE_EXEC);
	self->early = ct_active(NULL, (struct ct_opts){}, RULE_EXEC);
	self->late = ct_active(NULL, (struct ct_opts){}, RULE_EXEC);
	ASSERT_NE(NULL, self->flooder);
	ASSERT_NE(NULL, self->early);
	ASSERT_NE(NULL, self->late);
	/* this one has its record already */
	ASSERT_EQ(0, ct_exec(self->early, PROG));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 4));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_BACKLOG_WAIT_TIME, 60000));

	ASSERT_EQ(0, bind_to(find_kthread("kauditd"), 1));
	ASSERT_EQ(0, put_text(RT_RUNTIME, "-1"));
	self->hog = fork();
	ASSERT_LE(0, self->hog);
	if (!self->hog) {
		struct sched_param param = { .sched_priority = 1 };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (bind_to(0, 1) || sched_setscheduler(0, SCHED_FIFO, &param))
			_exit(1);
		atomic_store(&sh->hog, 1);
		for (;;)
			;
	}
	while (!atomic_load(&sh->hog))
		usleep(1000);
}

FIXTURE_TEARDOWN(starved)
{
	int status;

	if (self->hog > 0) {
		kill(self->hog, SIGKILL);
		waitpid(self->hog, &status, 0);
	}
	put_text(RT_RUNTIME, "950000");
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, AUDIT_LIMIT_ALL);
	ct_end(self->flooder);
	ct_end(self->early);
	ct_end(self->late);
	audit_close();
}

static unsigned long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000UL + t.tv_nsec / 1000000;
}

TEST_F_TIMEOUT(starved, others_run_the_same_program_at_once, 300)
{
	unsigned long start;
	const int ms = scaled(2000, 8000);

	/* fills the backlog and waits */
	ASSERT_EQ(0, ct_begin(self->flooder, fn_flood, (long)DATA, 0, 0, 0));
	usleep(ms * 1000 / 2);
	ASSERT_EQ(0, atomic_load(&sh->done));
	/* waits with its record of the program */
	ASSERT_EQ(0, ct_begin(self->late, fn_exec, (long)PROG, 0, 0, 0));
	usleep(ms * 1000 / 4);
	EXPECT_EQ(CT_CALL, atomic_load(&self->late->state));

	start = now_ms();
	EXPECT_EQ(0, ct_exec(self->early, PROG));
	EXPECT_EQ(0, ct_exec(NULL, PROG));
	EXPECT_EQ(0, ct_use(NULL, PROG));
	EXPECT_GT((unsigned long)ms, now_ms() - start);

	/* so does a change, which both will see */
	start = now_ms();
	EXPECT_EQ(0, chmod(PROG, 0711));
	EXPECT_EQ(0, truncate(PROG, sizeof(struct tiny_program)));
	EXPECT_GT((unsigned long)ms, now_ms() - start);
	EXPECT_EQ(0, atomic_load(&sh->done));
	EXPECT_EQ(CT_CALL, atomic_load(&self->late->state));

	kill(self->hog, SIGKILL);
	EXPECT_EQ(0, ct_finish(self->flooder));
	EXPECT_EQ(0, ct_finish(self->late));
	/* both the old and, run again, the new contents are recorded */
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, AUDIT_LIMIT_ALL);
	EXPECT_EQ(0, ct_exec(self->late, PROG));
	EXPECT_COUNT(2, audit_count_file(self->late, PROG));
}

TEST_HARNESS_MAIN
