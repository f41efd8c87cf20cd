// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - many tasks at once
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Sizes shrink on the debug flavour, whose checkers (KASAN, lockdep, PROVE_RCU,
 * DEBUG_ATOMIC_SLEEP, kmemleak) are the other half of these tests.
 *
 * timeout: 900
 * smp: 2
 */

#include "common.h"
#include "../kselftest_harness.h"

#define RULE_NONE	"dont_audit func=KEXEC_KERNEL_CHECK \n"
#define MAX_TASKS	128

/* shared by all processes of a test */
static struct shared {
	atomic_int arrived;
	atomic_int go;
	atomic_int stop;
	atomic_int count;
	atomic_int writers;
	long result[MAX_TASKS];
} *sh;

static void barrier_wait(void)
{
	atomic_fetch_add(&sh->arrived, 1);
	while (!atomic_load(&sh->go))
		sched_yield();
}

/*
 * Forks args[1] tasks that start together to run args[0](i); their results
 * are in sh->result. Return: 0, -errno
 */
static long fn_parallel(const long *args)
{
	long (*work)(int) = (long (*)(int))args[0];
	int i, n = args[1], status;
	pid_t pid[MAX_TASKS];
	long ret = 0;

	atomic_store(&sh->arrived, 0);
	atomic_store(&sh->go, 0);
	for (i = 0; i < n; i++) {
		pid[i] = fork();
		if (pid[i] < 0)
			return -errno;
		if (!pid[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			barrier_wait();
			sh->result[i] = work(i);
			_exit(0);
		}
	}
	while (atomic_load(&sh->arrived) < n)
		usleep(1000);
	atomic_store(&sh->go, 1);
	for (i = 0; i < n; i++)
		if (waitpid(pid[i], &status, 0) != pid[i] || status)
			ret = -EINTR;
	return ret;
}

static int count_results(int n, long value)
{
	int i, found = 0;

	for (i = 0; i < n; i++)
		found += sh->result[i] == value;
	return found;
}

FIXTURE(racing)
{
	struct container *c;
};

FIXTURE_SETUP(racing)
{
	SETUP_WORKDIR();
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, sh);
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	self->c = ct_start(NULL, (struct ct_opts){});
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, ct_mount(self->c));
}

FIXTURE_TEARDOWN(racing)
{
	ct_end(self->c);
	audit_close();
}

static long activate(int i __maybe_unused)
{
	return put_text(IMA "/active", "1\n");
}

TEST_F_TIMEOUT(racing, of_100_activations_one_succeeds, 300)
{
	const int n = 100;
	unsigned int round;

	for (round = 0; round < scaled(5, 2); round++) {
		ASSERT_EQ(0, ct_call(self->c, fn_parallel, (long)activate, n,
				     0, 0));
		EXPECT_EQ(1, count_results(n, 0));
		EXPECT_EQ(n - 1, count_results(n, -EBUSY));
		ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
		EXPECT_STREQ("1\n", ct_out(self->c));
		ct_end(self->c);
		self->c = ct_start(NULL, (struct ct_opts){});
		ASSERT_NE(NULL, self->c);
		ASSERT_EQ(0, ct_mount(self->c));
	}
}

/* each gets in some times; Return: how many loads went through, or -errno */
static long load_often(int i __maybe_unused)
{
	long done = 0;
	int round;

	for (round = 0; round < 50; round++) {
		int fd = open(IMA "/policy", O_WRONLY | O_CLOEXEC);

		if (fd < 0 && errno == EBUSY)
			continue;
		if (fd < 0)
			return -errno;
		if (write(fd, RULE_NONE, strlen(RULE_NONE)) < 0)
			done = -errno;
		else
			done++;
		sched_yield();
		close(fd);
		if (done < 0)
			break;
	}
	return done;
}

TEST_F_TIMEOUT(racing, writers_take_turns_and_lose_nothing, 300)
{
	const int n = 8;
	long all = 0;
	int i;

	ASSERT_EQ(0, ct_activate(self->c));
	ASSERT_EQ(0, ct_call(self->c, fn_parallel, (long)load_often, n, 0, 0));
	for (i = 0; i < n; i++) {
		EXPECT_LE(0, sh->result[i]);
		all += sh->result[i];
	}
	EXPECT_LT(0, all);
	EXPECT_EQ(all * (long)strlen(RULE_NONE),
		  ct_cat(self->c, IMA "/policy"));
}

static long exec_prog(int i __maybe_unused)
{
	return fn_exec((const long[]){ (long)PROG });
}

TEST_F_TIMEOUT(racing, one_file_run_by_many_tasks_is_one_record, 300)
{
	const int n = 32;
	unsigned int round, rounds = scaled(10, 3);

	ASSERT_EQ(0, ct_activate(self->c));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, ct_append(NULL, PROG));
		ASSERT_EQ(0, ct_call(self->c, fn_parallel, (long)exec_prog, n,
				     0, 0));
		EXPECT_EQ(n, count_results(n, 0));
		EXPECT_COUNT((long)round + 1, audit_count_file(self->c, PROG));
	}
}

TEST_F_TIMEOUT(racing, one_file_run_in_n_namespaces_at_once_is_n_records, 300)
{
	struct container *c[16];
	unsigned int i, round, n = scaled(16, 8), rounds = scaled(5, 2);

	for (i = 0; i < n; i++) {
		c[i] = ct_active(NULL, (struct ct_opts){}, RULE_EXEC);
		ASSERT_NE(NULL, c[i]);
	}
	ASSERT_EQ(0, audit_clear());
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, ct_append(NULL, PROG));
		for (i = 0; i < n; i++)
			ASSERT_EQ(0, ct_begin(c[i], fn_exec, (long)PROG,
					      0, 0, 0));
		for (i = 0; i < n; i++)
			EXPECT_EQ(0, ct_finish(c[i]));
		for (i = 0; i < n; i++)
			EXPECT_COUNT((long)round + 1,
				     audit_count_file(c[i], PROG));
	}
	for (i = 0; i < n; i++)
		ct_end(c[i]);
}

/* task 0 loads rules, 1 reads them, the others use files */
static long load_read_use(int i)
{
	static char buf[65536];
	int round, rounds = scaled(100, 30);
	long ret = 0;

	for (round = 0; round < rounds && ret >= 0; round++) {
		if (i == 0) {
			ret = put_text(IMA "/policy", round % 2 ? RULE_NONE :
				       RULE_EXEC);
		} else if (i == 1) {
			int fd = open(IMA "/policy", O_RDONLY | O_CLOEXEC);

			if (fd < 0 || read(fd, buf, sizeof(buf)) < 0)
				ret = -errno;
			close(fd);
		} else {
			ret = exec_prog(i);
		}
	}
	return ret;
}

TEST_F_TIMEOUT(racing, loading_reading_and_matching_rules, 300)
{
	const int n = 6;

	ASSERT_EQ(0, ct_activate(self->c));
	ASSERT_EQ(0, ct_call(self->c, fn_parallel, (long)load_read_use, n,
			     0, 0));
	EXPECT_EQ(n, count_results(n, 0));
	EXPECT_EQ((long)scaled(100, 30) / 2 *
		  (long)(strlen(RULE_NONE) + strlen(RULE_EXEC)),
		  ct_cat(self->c, IMA "/policy"));
}

/* private mounts of one user namespace come and go */
static long mount_often(int i)
{
	int round;

	if (unshare(CLONE_NEWNS))
		return -errno;
	for (round = 0; round < 20; round++) {
		if (mount("none", SEC, "securityfs", 0, NULL))
			return -errno;
		if (i == 0 && round == 10)
			put_text(IMA "/active", "1\n");
		if (access(IMA "/policy", F_OK))
			return -errno;
		if (umount2(SEC, MNT_DETACH))
			return -errno;
	}
	return 0;
}

TEST_F_TIMEOUT(racing, mounting_umounting_activating_and_ending, 300)
{
	unsigned int round;
	const int n = 8;

	for (round = 0; round < scaled(5, 2); round++) {
		ASSERT_EQ(0, ct_umount(self->c));
		ASSERT_EQ(0, ct_call(self->c, fn_parallel, (long)mount_often,
				     n, 0, 0));
		EXPECT_EQ(n, count_results(n, 0));
		ASSERT_EQ(0, ct_mount(self->c));
		ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
		EXPECT_STREQ("1\n", ct_out(self->c));
		ct_end(self->c);
		self->c = ct_start(NULL, (struct ct_opts){});
		ASSERT_NE(NULL, self->c);
		ASSERT_EQ(0, ct_mount(self->c));
	}
}

/* killed wherever it is: while it mounts, activates, loads or runs */
TEST_F_TIMEOUT(racing, ending_at_any_moment, 300)
{
	unsigned int round;

	for (round = 0; round < scaled(60, 15); round++) {
		struct container *c = ct_start(NULL, (struct ct_opts){});

		ASSERT_NE(NULL, c);
		ASSERT_EQ(0, ct_mount(c));
		ASSERT_EQ(0, ct_activate(c));
		ASSERT_EQ(0, ct_load(c, IMA "/policy", RULE_EXEC RULE_READ));
		ASSERT_EQ(0, ct_begin(c, fn_parallel, (long)load_read_use, 4,
				      0, 0));
		usleep(round * 1000);
		kill(c->pid, SIGKILL);
		ASSERT_LE(0, fn_reap((const long[]){ c->pid }));
		c->pid = 0;
	}
}

/* host and containers change the program while others run it */
static long change_or_run(int i)
{
	int round;
	long ret;

	for (round = 0; round < 20; round++) {
		if (i < 2) {
			ret = fn_append((const long[]){ (long)PROG });
			if (ret && ret != -ETXTBSY)
				return ret;
		} else {
			ret = exec_prog(i);
			if (ret && ret != -ETXTBSY)
				return ret;
		}
	}
	return 0;
}

TEST_F_TIMEOUT(racing, the_last_of_many_changes_is_recorded, 300)
{
	unsigned int round;
	const int n = 8;
	long before;

	ASSERT_EQ(0, ct_activate(self->c));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	for (round = 0; round < scaled(10, 3); round++) {
		ASSERT_EQ(0, ct_call(self->c, fn_parallel, (long)change_or_run,
				     n, 0, 0));
		EXPECT_EQ(n, count_results(n, 0));
		/* now it is quiet: run, change, run */
		ASSERT_EQ(0, ct_exec(self->c, PROG));
		EXPECT_LE(1, audit_count_current(self->c, PROG)) {
			audit_dump();
		}
		before = audit_count_file(self->c, PROG);
		ASSERT_EQ(0, ct_exec(self->c, PROG));
		EXPECT_COUNT(before, audit_count_file(self->c, PROG));
		ASSERT_EQ(0, ct_append(NULL, PROG));
		ASSERT_EQ(0, ct_exec(self->c, PROG));
		EXPECT_COUNT(before + 1, audit_count_file(self->c, PROG));
		EXPECT_COUNT(1, audit_count_current(self->c, PROG));
	}
}

/* both hold the file open for writing before one of them closes it */
static long append_and_close(int i)
{
	int fd = open(DATA, O_WRONLY | O_APPEND | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return -errno;
	atomic_fetch_add(&sh->writers, 1);
	while (atomic_load(&sh->writers) < 2)
		sched_yield();
	ret = write(fd, i ? "b" : "a", 1) == 1 ? 0 : -errno;
	/* the second to write closes last, the first at about the same time */
	atomic_fetch_add(&sh->writers, 1);
	while (atomic_load(&sh->writers) < 4)
		sched_yield();
	return close(fd) ? -errno : ret;
}

TEST_F_TIMEOUT(racing, what_two_writers_leave_that_close_at_once_is_recorded, 300)
{
	unsigned int round, rounds = scaled(200, 40);

	ASSERT_EQ(0, ct_activate(self->c));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, make_file(DATA, "1"));
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, ct_use(self->c, DATA));
		ASSERT_EQ(0, audit_clear());
		atomic_store(&sh->writers, 0);
		ASSERT_EQ(0, ct_call(self->c, fn_parallel,
				     (long)append_and_close, 2, 0, 0));
		ASSERT_EQ(2, count_results(2, 0));
		ASSERT_EQ(0, ct_use(self->c, DATA));
		ASSERT_COUNT(1, audit_count_current(self->c, DATA));
		ASSERT_COUNT(1, audit_count_file(self->c, DATA));
	}
}

/* task 0 drops what the kernel may drop, the others use files */
static long drop_or_use(int i)
{
	int round, rounds = scaled(100, 30);
	char path[64];
	long ret = 0;

	for (round = 0; round < rounds && !ret; round++) {
		int fd;

		if (i == 0) {
			ret = put_text("/proc/sys/vm/drop_caches",
				       round % 2 ? "2" : "3");
			continue;
		}
		snprintf(path, sizeof(path), W "/many.%d", round);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		close(fd);
	}
	return ret;
}

TEST_F_TIMEOUT(racing, eviction_against_evaluation, 300)
{
	unsigned int i, files = scaled(100, 30);
	char path[64];
	const int n = 4;

	for (i = 0; i < files; i++) {
		snprintf(path, sizeof(path), W "/many.%u", i);
		ASSERT_EQ(0, make_file(path, path));
	}
	ASSERT_EQ(0, ct_activate(self->c));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, ct_call(self->c, fn_parallel, (long)drop_or_use, n,
			     0, 0));
	EXPECT_EQ(n, count_results(n, 0));
	/* an evicted status repeats a record and never loses one */
	for (i = 0; i < files; i++) {
		snprintf(path, sizeof(path), W "/many.%u", i);
		EXPECT_LE(1, audit_count_current(self->c, path));
	}
	/* once used again and dropped twice, none is left */
	ASSERT_EQ(0, put_text("/proc/sys/vm/drop_caches", "2"));
	ASSERT_EQ(0, put_text("/proc/sys/vm/drop_caches", "2"));
	ASSERT_EQ(0, audit_clear());
	for (i = 0; i < files; i++) {
		snprintf(path, sizeof(path), W "/many.%u", i);
		ASSERT_EQ(0, ct_use(self->c, path));
	}
	EXPECT_COUNT(files, audit_count(AUDIT_INTEGRITY_RULE,
					" file=\"" W "/many\\..* ima_ns=%s$",
					self->c->id));
}

static long use_files(int i __maybe_unused)
{
	while (!atomic_load(&sh->stop)) {
		int fd = open(PROG, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return -errno;
		close(fd);
		atomic_fetch_add(&sh->count, 1);
	}
	return 0;
}

TEST_F_TIMEOUT(racing, the_first_and_last_namespace_come_and_go, 300)
{
	struct container *user = ct_start(NULL, (struct ct_opts){});
	unsigned int round;

	ASSERT_NE(NULL, user);
	ASSERT_EQ(0, ct_begin(user, fn_parallel, (long)use_files, 4, 0, 0));
	for (round = 0; round < scaled(40, 10); round++) {
		struct container *c = ct_active(NULL, (struct ct_opts){},
						RULE_EXEC);

		ASSERT_NE(NULL, c);
		ASSERT_EQ(0, ct_exec(c, PROG));
		EXPECT_EQ(1, audit_count_file(c, PROG));
		ct_end(c);
		audit_clear();
	}
	atomic_store(&sh->stop, 1);
	EXPECT_EQ(0, ct_finish(user));
	EXPECT_LT(0, atomic_load(&sh->count));
	ct_end(user);
}

static unsigned long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000UL + t.tv_nsec / 1000000;
}

static long fn_truncate_to(const long *args)
{
	return truncate((const char *)args[0], args[1]) ? -errno : 0;
}

static long fn_use(const long *args)
{
	int fd = open((const char *)args[0], O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

/*
 * A hash that takes long holds up nobody who changes the file, and what was
 * hashed then does not pass for the new contents.
 */
TEST_F_TIMEOUT(racing, truncate_does_not_wait_for_a_hash, 300)
{
	long size = scaled(256, 64) * 1024L * 1024;
	struct container *other = ct_start(NULL, (struct ct_opts){});
	unsigned long hashing;
	bool during = false;
	int tries;

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, ct_activate(self->c));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, make_file(DATA, ""));
	ASSERT_EQ(0, truncate(DATA, size));
	ASSERT_EQ(0, audit_clear());
	hashing = now_ms();
	ASSERT_EQ(0, ct_use(self->c, DATA));
	hashing = now_ms() - hashing;
	EXPECT_COUNT(1, audit_count_file(self->c, DATA));

	/* on a busy machine this task may come too late to meet the hash */
	for (tries = 0; tries < 10 && !during; tries++) {
		ASSERT_EQ(0, truncate(DATA, --size));
		ASSERT_EQ(0, ct_begin(self->c, fn_use, (long)DATA, 0, 0, 0));
		usleep(hashing * 1000 / 5);
		ASSERT_EQ(0, ct_call(other, fn_truncate_to, (long)DATA, --size,
				     0, 0));
		/* long before its end: whoever waited for it would see that */
		usleep(hashing * 1000 / 5);
		during = atomic_load(&self->c->state) == CT_CALL;
		ASSERT_EQ(0, ct_finish(self->c));
	}
	EXPECT_TRUE(during) {
		TH_LOG("hash %lu ms, %d tries", hashing, tries);
	}
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_COUNT(1, audit_count_file(self->c, DATA));
	EXPECT_COUNT(1, audit_count_current(self->c, DATA));
	ct_end(other);
}

TEST_HARNESS_MAIN
