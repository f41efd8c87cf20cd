// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - what happens at the same time
 * timeout: 600
 * smp: 2
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Each case lets two processes do their part again and again and checks that
 * every single outcome is one of those allowed. A kernel that reports a use
 * after free, a lock order or a warning ends the guest, so the cases count
 * most on a debug kernel.
 */

#include "net.h"

#include <stdatomic.h>

#include "../kselftest_harness.h"

#define ULL(_id)	((unsigned long long)(_id))

FIXTURE(race)
{
	struct actor *w;
	int rounds;
};

FIXTURE_SETUP(race)
{
	SETUP_AUDIT();
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	self->w = actor(NULL);
	ASSERT_NE(NULL, self->w);
	self->rounds = scaled(200, 60);
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(race)
{
	actors_end();
	audit_close();
}

static long ops(const char *op, uint64_t id, int res)
{
	return audit_count(AUDIT_CONTAINER_OP, "op=%s .*contid=%llu .*res=%d$",
			   op, ULL(id), res);
}

static long drops(uint64_t id)
{
	return audit_count(AUDIT_CONTAINER_OP, "op=drop .*old-contid=%llu[, ]",
			   ULL(id));
}

static void begin_label(struct actor *w, struct actor *t, const char *verb,
			uint64_t id)
{
	int len = snprintf(w->text, ACT_TEXT, "%s%llu", verb, ULL(id));

	act_begin(w, fn_put, ACT_ARGS(t->pid, (long)"audit_containerid",
				      (long)w->text, len, 0));
}

/* a spin of a length that differs from round to round */
static void spin(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		__asm__ __volatile__("" ::: "memory");
}

/* all @rounds, and on within reason until @both outcomes were seen */
static bool more(int round, int rounds, bool both)
{
	return round < rounds || (!both && round < 20 * rounds);
}

/* the next spin of a side that was first or not: near where either may be */
static unsigned int balance(unsigned int n, bool first)
{
	if (!first)
		return n - n / 4;
	return n < 1 << 24 ? n + n / 4 + 100 : n;
}

/* shared by the racing processes */
struct shared {
	atomic_int stop;
	atomic_int child;
	atomic_long n;
};

static bool same_id(pid_t a, pid_t b)
{
	char one[ACT_TEXT];

	snprintf(one, sizeof(one), "%s", get(NULL, a, "audit_containerid"));
	return !strcmp(one, get(NULL, b, "audit_containerid"));
}

/*
 * set || the target forks
 */

static long fn_forks(const long *args)
{
	struct shared *s = (void *)args[0];
	pid_t pid;

	for (;;) {
		pid = syscall(SYS_clone, args[1] | SIGCHLD, 0, 0, 0, 0);
		if (pid < 0)
			return -errno;
		if (!pid)
			for (;;)
				pause();
		s->child = pid;
		s->n++;
		sched_yield();
		if (s->stop)
			return 0;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

TEST_F_TIMEOUT(race, set_and_fork, 300)
{
	struct shared *s = act_shared();
	int i, labelled = 0;

	for (i = 0; i < self->rounds; i++) {
		struct actor *t = actor(self->w);
		uint64_t id = fresh_id();
		long ret;
		int tries;

		memset(s, 0, sizeof(*s));
		act_begin(t, fn_forks, ACT_ARGS((long)s, 0));
		for (tries = 0; tries < 200; tries++) {
			ret = label(self->w, t, id);
			ASSERT_TRUE(!ret || ret == -EBUSY) {
				TH_LOG("%ld", ret);
			}
			if (!ret)
				break;
		}
		s->stop = 1;
		ASSERT_EQ(0, act_wait(t));
		/* the last child lives: forked before the label is EBUSY */
		EXPECT_TRUE(same_id(t->pid, s->child));
		labelled += !ret;
		kill(s->child, SIGKILL);
		actor_end(t);
		waitpid(s->child, NULL, 0);
	}
	TH_LOG("%d of %d labelled", labelled, i);
	EXPECT_LT(0, labelled);
}

/* siblings may keep the old label, nothing else breaks */
TEST_F_TIMEOUT(race, set_and_fork_with_CLONE_PARENT, 300)
{
	int i;

	for (i = 0; i < self->rounds; i++) {
		struct actor *t = actor(self->w), *sibling;
		uint64_t id = fresh_id();
		long ret;

		begin_label(self->w, t, "", id);
		spin(i * 50);
		sibling = actor_clone(t, CLONE_PARENT);
		ret = act_wait(self->w);
		ASSERT_LT(0, ret);
		ASSERT_NE(NULL, sibling);
		sibling->parent = self->w;
		if (!strcmp(UNSET_TEXT, contid_of(sibling)))
			EXPECT_EQ(0, label(self->w, sibling, id));
		actor_end(sibling);
		actor_end(t);
		EXPECT_COUNT(1, drops(id));
		audit_clear_entries();
	}
}

/*
 * set || the target starts a thread
 */

static long fn_thread_soon(const long *args)
{
	pthread_t t;

	spin(args[0]);
	return -pthread_create(&t, NULL, thread_sleeps, NULL);
}

TEST_F_TIMEOUT(race, set_and_a_new_thread, 300)
{
	int i, labelled = 0;

	for (i = 0; i < self->rounds; i++) {
		struct actor *t = actor(self->w);
		char one[ACT_TEXT], file[64];
		int tid;
		long ret;

		act_begin(t, fn_thread_soon, ACT_ARGS(i * 100));
		ret = label(self->w, t, fresh_id());
		ASSERT_TRUE(!ret || ret == -EBUSY);
		ASSERT_EQ(0, act_wait(t));
		labelled += !ret;
		snprintf(one, sizeof(one), "%s", contid_of(t));
		EXPECT_EQ(!ret, !!strcmp(UNSET_TEXT, one));
		for (tid = t->pid; tid < t->pid + 16; tid++) {
			const char *text;

			snprintf(file, sizeof(file),
				 "task/%d/audit_containerid", tid);
			text = get(NULL, t->pid, file);
			if (text[0] != '-')
				EXPECT_STREQ(one, text);
		}
		actor_end(t);
	}
	TH_LOG("%d of %d labelled", labelled, i);
}

/*
 * set || the target exits
 */

static long fn_exit_soon(const long *args)
{
	spin(args[0]);
	syscall(SYS_exit_group, 0);
	return -EIO;
}

TEST_F_TIMEOUT(race, set_and_exit, 300)
{
	int i, n = 400, labelled = 0, gone = 0;

	for (i = 0; more(i, self->rounds, labelled && gone); i++) {
		struct actor *t = actor(self->w);
		uint64_t id = fresh_id();
		long ret;

		act_begin(t, fn_exit_soon, ACT_ARGS(n));
		ret = label(self->w, t, id);
		ASSERT_TRUE(!ret || ret == -ESRCH) {
			TH_LOG("%ld", ret);
		}
		ASSERT_LE(0, act(self->w, fn_wait, t->pid));
		t->used = false;
		labelled += !ret;
		gone += !!ret;
		n = balance(n, ret);
		EXPECT_COUNT(!ret, ops("set", id, 1));
		EXPECT_COUNT(0, ops("set", id, 0));
		EXPECT_COUNT(!ret, drops(id));
		audit_clear_entries();
	}
	TH_LOG("%d labelled, %d gone", labelled, gone);
	EXPECT_LT(0, labelled);
	EXPECT_LT(0, gone);
}

/*
 * set || the target execs
 */

static long fn_exec_soon(const long *args)
{
	spin(args[0]);
	execl("/bin/busybox", "sleep", "1000", NULL);
	execl("/bin/sleep", "sleep", "1000", NULL);
	return -errno;
}

TEST_F_TIMEOUT(race, set_and_exec, 300)
{
	int i;

	for (i = 0; i < self->rounds; i++) {
		struct actor *t = actor(self->w);
		uint64_t id = fresh_id();
		char text[32];

		snprintf(text, sizeof(text), "%llu", ULL(id));
		act_begin(t, fn_exec_soon, ACT_ARGS(i * 100));
		ASSERT_EQ(0, label(self->w, t, id));
		EXPECT_STREQ(text, contid_of(t));
		while (!strstr(get(NULL, t->pid, "comm"), "sleep") &&
		       !strstr(get(NULL, t->pid, "comm"), "busybox"))
			sched_yield();
		EXPECT_STREQ(text, contid_of(t));
		actor_end(t);
	}
}

/*
 * set || the target changes its network namespace, and both end
 */

static long fn_unshares(const long *args)
{
	struct shared *s = (void *)args[0];

	while (!s->stop) {
		if (unshare(CLONE_NEWNET))
			return -errno;
		s->n++;
	}
	if (args[1])
		syscall(SYS_exit_group, 0);
	return 0;
}

TEST_F_TIMEOUT(race, set_and_unshare_of_the_netns, 600)
{
	struct shared *s = act_shared();
	int i;

	for (i = 0; i < self->rounds / 10; i++) {
		struct actor *t = actor(self->w);
		uint64_t id = fresh_id();

		memset(s, 0, sizeof(*s));
		act_begin(t, fn_unshares, ACT_ARGS((long)s, i % 2));
		while (!s->n)
			sched_yield();
		ASSERT_EQ(0, label(self->w, t, id));
		s->stop = 1;
		if (!(i % 2)) {
			ASSERT_EQ(0, act_wait(t));
			ASSERT_EQ(0, prepare(t));
			EXPECT_EQ(1, packet_names(t, id));
		}
		actor_end(t);
		EXPECT_COUNT(1, drops(id));
		audit_clear_entries();
	}
}

static long fn_setns_soon(const long *args)
{
	spin(args[2]);
	return fn_setns(args);
}

TEST_F_TIMEOUT(race, set_and_setns_of_the_netns, 300)
{
	struct actor *from = actor_clone(NULL, CLONE_NEWNET);
	struct actor *to = actor_clone(NULL, CLONE_NEWNET);
	int i;

	ASSERT_NE(NULL, from);
	ASSERT_NE(NULL, to);
	ASSERT_EQ(0, prepare(from));
	ASSERT_EQ(0, prepare(to));
	for (i = 0; i < self->rounds / 2; i++) {
		struct actor *t = actor(self->w);
		uint64_t id = fresh_id();

		ASSERT_EQ(0, act(t, fn_setns, from->pid, (long)"net"));
		act_begin(t, fn_setns_soon,
			  ACT_ARGS(to->pid, (long)"net", (i % 50) * 400));
		ASSERT_EQ(0, label(self->w, t, id));
		ASSERT_EQ(0, act_wait(t));
		EXPECT_EQ(0, packet_names(from, id));
		EXPECT_EQ(1, packet_names(to, id));
		actor_end(t);
		EXPECT_COUNT(1, drops(id));
		EXPECT_EQ(0, packet_names(to, id));
		audit_clear_entries();
	}
}

/*
 * Two writers
 */

TEST_F_TIMEOUT(race, two_setters_of_one_target, 300)
{
	struct actor *v = actor(self->w);
	int i;

	for (i = 0; i < self->rounds; i++) {
		struct actor *t = actor(v);
		uint64_t a = fresh_id(), b = fresh_id();
		long ra, rb;

		begin_label(self->w, t, "", a);
		begin_label(v, t, "", b);
		ra = act_wait(self->w);
		rb = act_wait(v);
		EXPECT_TRUE((ra > 0 && rb == -EEXIST) ||
			    (rb > 0 && ra == -EEXIST)) {
			TH_LOG("%ld %ld", ra, rb);
		}
		actor_end(t);
		EXPECT_COUNT(1, drops(a) + drops(b));
		audit_clear_entries();
	}
}

TEST_F_TIMEOUT(race, two_orchestrators_of_one_new_id, 300)
{
	struct actor *v = actor(NULL);
	int i;

	for (i = 0; i < self->rounds; i++) {
		struct actor *t = actor(self->w), *u = actor(v);
		uint64_t id = fresh_id();
		long ra, rb;

		begin_label(self->w, t, "", id);
		begin_label(v, u, "", id);
		ra = act_wait(self->w);
		rb = act_wait(v);
		EXPECT_TRUE((ra > 0 && rb == -ENOTUNIQ) ||
			    (rb > 0 && ra == -ENOTUNIQ)) {
			TH_LOG("%ld %ld", ra, rb);
		}
		actor_end(t);
		actor_end(u);
		EXPECT_COUNT(1, drops(id));
		audit_clear_entries();
	}
}

/* every task that carries the id ends exactly one life in the end */
TEST_F_TIMEOUT(race, inject_and_exit_of_the_last_task, 300)
{
	int i, n = 400, injected = 0, late = 0, fresh = 0;

	for (i = 0; more(i, self->rounds, injected && late); i++) {
		struct actor *t = actor(self->w), *u = actor(self->w);
		uint64_t id = fresh_id();
		long ret, lives;

		ASSERT_EQ(0, label(self->w, t, id));
		act_begin(t, fn_exit_soon, ACT_ARGS(n));
		ret = label(self->w, u, id);
		ASSERT_TRUE(!ret || ret == -ENOTUNIQ) {
			TH_LOG("%ld", ret);
		}
		ASSERT_LE(0, act(self->w, fn_wait, t->pid));
		t->used = false;
		EXPECT_EQ(!ret, !!strcmp(UNSET_TEXT, contid_of(u)));
		lives = drops(id);
		if (ret)
			late++;
		else if (lives)
			fresh++;
		else
			injected++;
		n = balance(n, ret || lives);
		/* no drop while u carries the id of a life it was added to */
		EXPECT_GE(1, lives);
		actor_end(u);
		EXPECT_COUNT(lives + !ret, drops(id));
		audit_clear_entries();
	}
	TH_LOG("%d injected, %d late, %d a new life", injected, late, fresh);
	EXPECT_LT(0, injected);
	EXPECT_LT(0, late);
}

TEST_F_TIMEOUT(race, join_and_exit_of_the_last_task, 300)
{
	int i, n = 400, joined = 0, gone = 0;

	for (i = 0; more(i, self->rounds, joined && gone); i++) {
		struct actor *o = actor(NULL), *t = actor(o);
		struct actor *u = actor(self->w);
		uint64_t id = fresh_id();
		long ret;

		ASSERT_EQ(0, label(o, t, id));
		actor_end(o);
		act_begin(t, fn_exit_soon, ACT_ARGS(n));
		ret = join_id(self->w, u, id);
		ASSERT_TRUE(!ret || ret == -ENOENT) {
			TH_LOG("%ld", ret);
		}
		waitpid(t->pid, NULL, 0);
		t->used = false;
		joined += !ret;
		gone += !!ret;
		n = balance(n, ret);
		actor_end(u);
		EXPECT_COUNT(1, drops(id));
		audit_clear_entries();
	}
	TH_LOG("%d joined, %d gone", joined, gone);
	EXPECT_LT(0, joined);
	EXPECT_LT(0, gone);
}

TEST_F_TIMEOUT(race, join_and_exit_of_the_owner, 300)
{
	int i, n = 400, joined = 0, refused = 0;

	for (i = 0; more(i, self->rounds, joined && refused); i++) {
		struct actor *o = actor(NULL), *t = actor(o);
		struct actor *u = actor(self->w);
		uint64_t id = fresh_id();
		long ret;

		ASSERT_EQ(0, label(o, t, id));
		act_begin(o, fn_exit_soon, ACT_ARGS(n));
		ret = join_id(self->w, u, id);
		ASSERT_TRUE(!ret || ret == -ENOTUNIQ) {
			TH_LOG("%ld", ret);
		}
		waitpid(o->pid, NULL, 0);
		o->used = false;
		joined += !ret;
		refused += !!ret;
		n = balance(n, !ret);
		/* it is gone now */
		EXPECT_EQ(ret ? 0 : -EEXIST, join_id(self->w, u, id));
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
		t->used = false;
		actor_end(u);
		EXPECT_COUNT(1, drops(id));
		audit_clear_entries();
	}
	TH_LOG("%d joined, %d refused", joined, refused);
	EXPECT_LT(0, joined);
	EXPECT_LT(0, refused);
}

TEST_F_TIMEOUT(race, two_joiners_when_the_owner_is_gone, 300)
{
	struct actor *v = actor(NULL);
	int i;

	for (i = 0; i < self->rounds; i++) {
		struct actor *o = actor(NULL), *t = actor(o);
		struct actor *a = actor(self->w), *b = actor(v);
		uint64_t id = fresh_id();
		long ra, rb;

		ASSERT_EQ(0, label(o, t, id));
		actor_end(o);
		begin_label(self->w, a, "join:", id);
		begin_label(v, b, "join:", id);
		ra = act_wait(self->w);
		rb = act_wait(v);
		/* the first is a live owner for the other */
		EXPECT_TRUE((ra > 0 && rb == -ENOTUNIQ) ||
			    (rb > 0 && ra == -ENOTUNIQ)) {
			TH_LOG("%ld %ld", ra, rb);
		}
		actor_end(a);
		actor_end(b);
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
		t->used = false;
		EXPECT_COUNT(1, drops(id));
		audit_clear_entries();
	}
}

/*
 * Two threads of one orchestrator
 */

struct two {
	pid_t pid[2];
	char text[32];
	long ret[2];
};

static void *thread_one(void *arg)
{
	struct two *two = arg;

	two->ret[0] = put(two->pid[0], "audit_containerid", two->text,
			  strlen(two->text), 0);
	return NULL;
}

static long fn_two_threads(const long *args)
{
	struct two *two = (void *)args[0];
	pthread_t t;

	if (pthread_create(&t, NULL, thread_one, two))
		return -EAGAIN;
	two->ret[1] = put(two->pid[1], "audit_containerid", two->text,
			  strlen(two->text), 0);
	pthread_join(t, NULL);
	return 0;
}

TEST_F_TIMEOUT(race, two_threads_of_one_orchestrator, 300)
{
	struct two *two = act_shared();
	int i;

	for (i = 0; i < self->rounds; i++) {
		struct actor *a = actor(self->w), *b = actor(self->w);
		uint64_t id = fresh_id();

		two->pid[0] = a->pid;
		two->pid[1] = b->pid;
		snprintf(two->text, sizeof(two->text), "%llu", ULL(id));
		ASSERT_EQ(0, act(self->w, fn_two_threads, (long)two));
		EXPECT_LT(0, two->ret[0]);
		EXPECT_LT(0, two->ret[1]);
		EXPECT_COUNT(0, drops(id));
		actor_end(a);
		actor_end(b);
		EXPECT_COUNT(1, drops(id));
		audit_clear_entries();
	}
}

/*
 * capcontid || a new thread or process
 */

TEST_F_TIMEOUT(race, capcontid_and_a_new_thread, 300)
{
	int i;

	for (i = 0; i < self->rounds; i++) {
		struct actor *t = actor(self->w);
		char file[64];
		int tid, seen = 0;

		act_begin(t, fn_thread_soon, ACT_ARGS(i * 100));
		ASSERT_EQ(0, set_cap(self->w, t->pid, "1"));
		ASSERT_EQ(0, act_wait(t));
		for (tid = t->pid; tid < t->pid + 16; tid++) {
			const char *text;

			snprintf(file, sizeof(file),
				 "task/%d/audit_capcontainerid", tid);
			text = get(NULL, t->pid, file);
			if (text[0] == '-')
				continue;
			EXPECT_STREQ("1", text);
			seen++;
		}
		EXPECT_EQ(2, seen);
		actor_end(t);
	}
}

/* returns how many of the children had the flag */
static long fn_forks_and_looks(const long *args)
{
	struct shared *s = (void *)args[0];
	int status, held = 0;
	pid_t pid;

	while (!s->stop) {
		pid = fork();
		if (pid < 0)
			return -errno;
		if (!pid)
			_exit(!!strcmp("0", get(NULL, getpid(),
						"audit_capcontainerid")));
		waitpid(pid, &status, 0);
		held += !!status;
		s->n++;
	}
	return held;
}

TEST_F_TIMEOUT(race, capcontid_and_fork, 300)
{
	struct actor *t = actor(self->w);
	struct shared *s = act_shared();
	int i;

	act_begin(t, fn_forks_and_looks, ACT_ARGS((long)s));
	for (i = 0; i < self->rounds; i++) {
		const char *flag = i % 2 ? "0" : "1";
		long before = s->n;

		spin((i % 50) * 400);
		ASSERT_EQ(0, set_cap(self->w, t->pid, flag));
		EXPECT_STREQ(flag,
			     get(NULL, t->pid, "audit_capcontainerid"));
		/* the first may be older than the write */
		while (s->n < before + 2)
			sched_yield();
	}
	s->stop = 1;
	EXPECT_EQ(0, act_wait(t));
}

/*
 * A signal to auditd || SIGNAL_INFO2 || auditd leaves
 */

static long fn_signals(const long *args)
{
	struct shared *s = (void *)args[0];

	while (!s->stop) {
		kill(args[1], SIGUSR1);
		s->n++;
	}
	return 0;
}

TEST_F_TIMEOUT(race, signal_and_SIGNAL_INFO2_and_auditd_leaves, 300)
{
	struct actor *t = actor(self->w), *u = actor(self->w);
	struct actor *z = actor(self->w);
	struct shared *s = act_shared();
	uint64_t a = fresh_id(), b = fresh_id();
	int i;

	signal(SIGUSR1, SIG_IGN);
	ASSERT_EQ(0, label(self->w, t, a));
	ASSERT_EQ(0, label(self->w, u, b));
	act_begin(t, fn_signals, ACT_ARGS((long)s, getpid()));
	act_begin(u, fn_signals, ACT_ARGS((long)s, getpid()));
	for (i = 0; i < self->rounds * 5; i++) {
		ASSERT_EQ(0, audit_ask(i % 3 ? AUDIT_SIGNAL_INFO2 :
					       AUDIT_SIGNAL_INFO));
		if (i % 10)
			continue;
		ASSERT_EQ(0, audit_set(AUDIT_STATUS_PID, 0));
		ASSERT_EQ(0, audit_set(AUDIT_STATUS_PID, getpid()));
	}
	s->stop = 1;
	EXPECT_EQ(0, act_wait(t));
	EXPECT_EQ(0, act_wait(u));
	actor_end(t);
	actor_end(u);
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_PID, 0));
	/* nothing holds them */
	EXPECT_EQ(0, label(self->w, z, a));
	EXPECT_EQ(0, label(self->w, actor(self->w), b));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_PID, getpid()));
}

/*
 * The writer is killed
 */

TEST_F_TIMEOUT(race, set_and_kill_of_the_writer, 300)
{
	int i;

	for (i = 0; i < self->rounds; i++) {
		struct actor *o = actor(NULL), *t = actor(o);
		uint64_t id = fresh_id();
		long set;

		begin_label(o, t, "", id);
		spin((i % 50) * 400);
		actor_end(o);
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
		t->used = false;
		set = ops("set", id, 1);
		EXPECT_COUNT(set, drops(id));
		EXPECT_GE(1, set);
		audit_clear_entries();
	}
}

/*
 * The writer is stopped after it has let go of its locks
 *
 * What it does next is to write its record, and for that it waits while the
 * queue is longer than the limit. kauditd, which would empty the queue, gets
 * no time: it is bound to a processor where a task of a higher class spins.
 * Everybody else is bound to the other one.
 */

#define FAIR_SERVER	"/sys/kernel/debug/sched/fair_server/cpu1/runtime"
#define QUEUE_LIMIT	4
#define STOPPED_ROUNDS	3
#define STOPPED_TRIES	40

static long bind_to(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(pid, sizeof(set), &set) ? -errno : 0;
}

static pid_t find_kauditd(void)
{
	pid_t pid;

	for (pid = 2; pid < 1000; pid++)
		if (!strcmp(get(NULL, pid, "comm"), "kauditd\n"))
			return pid;
	return -ESRCH;
}

/* R, S, D, Z, ... as in /proc/PID/stat, 0 if it is gone */
static char state_of(pid_t pid)
{
	char *end, text[ACT_TEXT];

	snprintf(text, sizeof(text), "%s", get(NULL, pid, "stat"));
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : 0;
}

/**
 * struct stopper - how the writer is stopped
 * @s: tells that the spinner spins
 * @kauditd: pid of kauditd
 * @spinner: pid of the spinner, 0 if there is none
 * @filler: fills the queue, and waits then as does whoever sends something
 * @rounds: how often the writer waited all the time
 * @tries: how often it was tried
 */
struct stopper {
	struct shared *s;
	pid_t kauditd, spinner;
	struct actor *filler;
	int rounds, tries;
};

FIXTURE(stopped)
{
	struct stopper st;
};

FIXTURE_SETUP(stopped)
{
	int fd = open(FAIR_SERVER, O_WRONLY | O_CLOEXEC);

	SETUP_AUDIT();
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	ASSERT_EQ(0, bind_to(0, 0));
	self->st.kauditd = find_kauditd();
	ASSERT_LT(0, self->st.kauditd);
	/* two processors, and a kernel thread that may be bound */
	ASSERT_EQ(0, bind_to(self->st.kauditd, 1));
	/* else lower classes get some of each second, and more tries are used */
	if (fd >= 0) {
		EXPECT_EQ(1, write(fd, "0", 1));
		close(fd);
	}
	self->st.s = act_shared();
	self->st.filler = actor(NULL);
	ASSERT_NE(NULL, self->st.filler);
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_BACKLOG_WAIT_TIME, 6000));
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(stopped)
{
	if (self->st.spinner > 0)
		kill(self->st.spinner, SIGKILL);
	actors_end();
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 0);
	audit_close();
}

/* more records than the queue may have; waits before the last one is sent */
static long fn_fill(const long *args __maybe_unused)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		char text[16];
	} m = {
		.head = {
			.nlmsg_len = sizeof(m),
			.nlmsg_type = AUDIT_USER_AVC,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.text = "fills the queue",
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	long ret = fd < 0 ? -errno : 0;
	int i;

	for (i = 0; !ret && i < QUEUE_LIMIT + 2; i++)
		if (sendto(fd, &m, sizeof(m), 0, (struct sockaddr *)&kernel,
			   sizeof(kernel)) < 0)
			ret = -errno;
	close(fd);
	return ret;
}

static long stop_kauditd(struct stopper *st)
{
	struct sched_param fifo = { .sched_priority = 1 };
	long ret;
	int i;

	ret = audit_set(AUDIT_STATUS_BACKLOG_LIMIT, QUEUE_LIMIT) ?: audit_sync();
	if (ret)
		return ret;
	st->s->child = 0;
	st->spinner = fork();
	if (!st->spinner) {
		if (bind_to(0, 1) || sched_setscheduler(0, SCHED_FIFO, &fifo))
			_exit(1);
		st->s->child = 1;
		for (;;)
			spin(1000);
	}
	if (st->spinner < 0)
		return -errno;
	while (!st->s->child)
		if (waitpid(st->spinner, NULL, WNOHANG))
			return -ECHILD;
	act_begin(st->filler, fn_fill, ACT_ARGS(0));
	for (i = 0; i < 100000 && state_of(st->filler->pid) != 'D'; i++)
		sched_yield();
	return i < 100000 ? 0 : -ETIMEDOUT;
}

static void resume_kauditd(struct stopper *st)
{
	kill(st->spinner, SIGKILL);
	waitpid(st->spinner, NULL, 0);
	st->spinner = 0;
}

/* lets @w label @t, until @t is labelled and @w waits */
static long stop_writer(struct stopper *st, struct actor *w,
			struct actor *t, uint64_t id)
{
	char text[32];
	long ret;
	int i;

	snprintf(text, sizeof(text), "%llu", ULL(id));
	ret = stop_kauditd(st);
	if (ret)
		return ret;
	begin_label(w, t, "", id);
	for (i = 0; i < 100000 && strcmp(text, contid_of(t)); i++)
		sched_yield();
	/* it may have waited already, and not long enough */
	for (; i < 100000 && state_of(w->pid) != 'D' && sem_trywait(&w->done);
	     i++)
		sched_yield();
	if (i < 100000 && state_of(w->pid) != 'D')
		sem_post(&w->done);
	return i < 100000 ? 0 : -ETIMEDOUT;
}

/* goes on; counts the round if the writer waited all the time */
static long resume_writer(struct stopper *st, struct actor *w)
{
	st->rounds += state_of(w->pid) == 'D';
	st->tries++;
	resume_kauditd(st);
	return audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 0) ?: act_wait(st->filler);
}

static bool again(struct stopper *st)
{
	return st->rounds < STOPPED_ROUNDS && st->tries < STOPPED_TRIES;
}

/* one op=set and behind it one op=drop */
static bool one_life(uint64_t id)
{
	long set = -1, drop = -1;
	char a[64], b[64];
	size_t i;

	if (ops("set", id, 1) != 1 || drops(id) != 1)
		return false;
	snprintf(a, sizeof(a), " contid=%llu ", ULL(id));
	snprintf(b, sizeof(b), " old-contid=%llu", ULL(id));
	for (i = 0; i < audit_log_state.n; i++) {
		const char *text = audit_log_state.entries[i].text;

		if (strstr(text, "op=set ") && strstr(text, a))
			set = i;
		if (strstr(text, "op=drop ") && strstr(text, b))
			drop = i;
	}
	return set >= 0 && set < drop;
}

static void kill_and_reap(struct actor *a)
{
	kill(a->pid, SIGKILL);
	waitpid(a->pid, NULL, 0);
	a->used = false;
}

static long fn_ignore_children(const long *args __maybe_unused)
{
	return signal(SIGCHLD, SIG_IGN) == SIG_ERR ? -errno : 0;
}

/* @t, a child that @w does not wait for, is gone */
static void kill_and_look(struct actor *t)
{
	kill(t->pid, SIGKILL);
	while (state_of(t->pid))
		sched_yield();
	t->used = false;
}

TEST_F_TIMEOUT(stopped, the_target_and_its_netns_end, 300)
{
	while (again(&self->st)) {
		struct actor *w = actor(NULL), *t = actor(w);
		uint64_t id = fresh_id();

		ASSERT_EQ(0, act(w, fn_ignore_children));
		ASSERT_EQ(0, act(t, fn_unshare, CLONE_NEWNET));
		ASSERT_EQ(0, stop_writer(&self->st, w, t, id));
		kill_and_look(t);
		ASSERT_EQ(0, resume_writer(&self->st, w));
		EXPECT_LT(0, act_wait(w));
		EXPECT_TRUE(one_life(id)) audit_dump();
		kill_and_reap(w);
		audit_clear_entries();
	}
	EXPECT_EQ(STOPPED_ROUNDS, self->st.rounds);
}

TEST_F_TIMEOUT(stopped, the_target_is_reparented, 300)
{
	while (again(&self->st)) {
		struct actor *w = actor(NULL), *m = actor(w), *t = actor(m);
		uint64_t id = fresh_id();

		ASSERT_EQ(0, act(w, fn_ignore_children));
		ASSERT_EQ(0, stop_writer(&self->st, w, t, id));
		kill_and_look(m);
		ASSERT_EQ(0, resume_writer(&self->st, w));
		EXPECT_LT(0, act_wait(w));
		EXPECT_EQ(0, drops(id));
		kill_and_reap(t);
		EXPECT_TRUE(one_life(id)) audit_dump();
		kill_and_reap(w);
		audit_clear_entries();
	}
	EXPECT_EQ(STOPPED_ROUNDS, self->st.rounds);
}

TEST_F_TIMEOUT(stopped, the_writer_is_labelled, 300)
{
	while (again(&self->st)) {
		struct actor *w = actor(NULL), *t = actor(w);
		uint64_t id = fresh_id(), own = fresh_id();

		ASSERT_EQ(0, act(w, fn_ignore_children));
		ASSERT_EQ(0, stop_writer(&self->st, w, t, id));
		/* with a child it could not be */
		kill_and_look(t);
		EXPECT_EQ(0, label(NULL, w, own));
		ASSERT_EQ(0, resume_writer(&self->st, w));
		EXPECT_LT(0, act_wait(w));
		EXPECT_TRUE(one_life(id)) audit_dump();
		kill_and_reap(w);
		EXPECT_TRUE(one_life(own)) audit_dump();
		audit_clear_entries();
	}
	EXPECT_EQ(STOPPED_ROUNDS, self->st.rounds);
}

TEST_F_TIMEOUT(stopped, the_writer_is_killed, 300)
{
	while (again(&self->st)) {
		struct actor *w = actor(NULL), *t = actor(w);
		uint64_t id = fresh_id();

		ASSERT_EQ(0, act(w, fn_ignore_children));
		ASSERT_EQ(0, stop_writer(&self->st, w, t, id));
		kill(w->pid, SIGKILL);
		kill_and_look(t);
		ASSERT_EQ(0, resume_writer(&self->st, w));
		kill_and_reap(w);
		EXPECT_TRUE(one_life(id)) audit_dump();
		audit_clear_entries();
	}
	EXPECT_EQ(STOPPED_ROUNDS, self->st.rounds);
}

TEST_HARNESS_MAIN
