// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - allocations that fail, one after the other
 * flavours: debug
 * timeout: 600
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "net.h"

#include <stdatomic.h>

#include "../kselftest_harness.h"

#define ULL(_id)	((unsigned long long)(_id))
/* more allocations than any of the calls makes */
#define NTH_MAX		400

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_PAGE	"/sys/kernel/debug/fail_page_alloc/"

FIXTURE(fault)
{
	struct actor *w;
};

static int set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = fd < 0 || write(fd, text, 1) != 1;

	close(fd);
	return ret;
}

FIXTURE_SETUP(fault)
{
	if (access("/proc/thread-self/fail-nth", W_OK))
		SKIP(return, "CONFIG_FAULT_INJECTION is not built");
	/* allocations that may sleep shall fail too */
	ASSERT_EQ(0, set(FAILSLAB "ignore-gfp-wait", "N"));
	/* a stack for each takes longer than all the rest */
	ASSERT_EQ(0, set(FAILSLAB "verbose", "0"));
	ASSERT_EQ(0, set(FAIL_PAGE "verbose", "0"));
	SETUP_AUDIT();
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	self->w = actor(NULL);
	ASSERT_NE(NULL, self->w);
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(fault)
{
	actors_end();
	audit_close();
}

/* the next @nth allocation of this thread fails */
static void fail_nth(int nth)
{
	char text[16];
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);

	if (write(fd, text, snprintf(text, sizeof(text), "%d", nth)) < 0)
		text[0] = '\0';
	close(fd);
}

/* true if fewer allocations were made than the one that should fail */
static bool fail_pending(void)
{
	char text[16] = "";
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	bool pending = read(fd, text, sizeof(text) - 1) > 0 && atoi(text) > 0;

	if (write(fd, "0", 1) < 0)
		pending = true;
	close(fd);
	return pending;
}

/* args: pid, text, length, nth, where to tell that nothing failed any more */
static long fn_put_failing(const long *args)
{
	char path[64];
	long ret;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/audit_containerid", args[0]);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	fail_nth(args[3]);
	ret = pwrite(fd, (const char *)args[1], args[2], 0) < 0 ? -errno : 0;
	*(int *)args[4] = fail_pending();
	close(fd);
	return ret;
}

static void put_failing(struct __test_metadata *_metadata, struct actor *w,
			const char *verb, uint64_t id)
{
	int *done = act_shared();
	int nth, nomem = 0;

	for (nth = 1; nth < NTH_MAX && !*done; nth++) {
		struct actor *t = actor(w);
		int len = snprintf(w->text, ACT_TEXT, "%s%llu", verb, ULL(id));
		long ret;

		ASSERT_NE(NULL, t);
		ret = act(w, fn_put_failing, t->pid, (long)w->text, len, nth,
			  (long)done);
		ASSERT_TRUE(!ret || ret == -ENOMEM) {
			TH_LOG("allocation %d: %ld", nth, ret);
		}
		EXPECT_EQ(!ret, !!strcmp(UNSET_TEXT, contid_of(t)));
		nomem += !!ret;
		actor_end(t);
	}
	EXPECT_TRUE(*done);
	EXPECT_LT(0, nomem);
	TH_LOG("%d allocations, %d of them needed", nth - 2, nomem);
}

TEST_F_TIMEOUT(fault, set_is_done_or_ENOMEM, 600)
{
	put_failing(_metadata, self->w, "", fresh_id());
}

TEST_F_TIMEOUT(fault, join_is_done_or_ENOMEM, 600)
{
	struct actor *t = actor(self->w);
	uint64_t id = fresh_id();

	ASSERT_EQ(0, label(self->w, t, id));
	put_failing(_metadata, self->w, "join:", id);
}

/*
 * Other allocations come and go with what is in caches, so from one call to the
 * next the one in question may be skipped, or meant twice: until it was met.
 */
static bool again(int nth, const int *done, int missed, int *rounds)
{
	return nth < 4 * NTH_MAX && (!*done || (!missed && --*rounds > 0));
}

/* @t, the only task with @id, ends, and nothing else holds the id */
static void id_is_free_after(struct __test_metadata *_metadata,
			     struct actor *w, struct actor *t, uint64_t id)
{
	actor_end(t);
	EXPECT_COUNT(1, audit_count(AUDIT_CONTAINER_OP,
				    "op=drop .*old-contid=%llu ", ULL(id)));
	EXPECT_EQ(0, label(w, actor(w), id));
}

static long fn_unshare_failing(const long *args)
{
	long ret;

	fail_nth(args[0]);
	ret = unshare(CLONE_NEWNET) ? -errno : 0;
	*(int *)args[1] = fail_pending();
	return ret;
}

TEST_F_TIMEOUT(fault, unshare_keeps_the_id_and_leaves_no_entry, 600)
{
	struct actor *t = actor(self->w);
	int *done = act_shared();
	uint64_t id = fresh_id();
	int nth, missed = 0, rounds = 10;
	char text[32];

	snprintf(text, sizeof(text), "%llu", ULL(id));
	ASSERT_EQ(0, label_text(self->w, t->pid, text));
	for (nth = 1; again(nth, done, missed, &rounds);
	     nth = *done ? 1 : nth + 1) {
		long lost = audit_lost();

		if (act(t, fn_unshare_failing, nth, (long)done))
			continue;
		lost = audit_lost() - lost;
		ASSERT_EQ(0, prepare(t));
		if (packet_names(t, id))
			continue;
		missed++;
		EXPECT_LT(0, lost);
		/* the next change tries again */
		ASSERT_EQ(0, act(t, fn_unshare, CLONE_NEWNET));
		ASSERT_EQ(0, prepare(t));
		EXPECT_EQ(1, packet_names(t, id));
	}
	EXPECT_STREQ(text, contid_of(t));
	EXPECT_TRUE(*done);
	EXPECT_EQ(1, packet_names(t, id));
	EXPECT_LE(1, missed);
	id_is_free_after(_metadata, self->w, t, id);
}

/* args: pid, "net", nth, where to tell that nothing failed any more */
static long fn_setns_failing(const long *args)
{
	long ret;

	fail_nth(args[2]);
	ret = fn_setns(args);
	*(int *)args[3] = fail_pending();
	return ret;
}

TEST_F_TIMEOUT(fault, setns_moves_the_id_or_counts_it_as_lost, 600)
{
	struct actor *home = actor_clone(NULL, CLONE_NEWNET);
	struct actor *away = actor_clone(NULL, CLONE_NEWNET);
	struct actor *t = actor(self->w);
	int *done = act_shared();
	uint64_t id = fresh_id();
	int nth, missed = 0, rounds = 10;

	ASSERT_NE(NULL, home);
	ASSERT_NE(NULL, away);
	ASSERT_EQ(0, prepare(home));
	ASSERT_EQ(0, prepare(away));
	ASSERT_EQ(0, act(t, fn_setns, home->pid, (long)"net"));
	ASSERT_EQ(0, label(self->w, t, id));
	for (nth = 1; again(nth, done, missed, &rounds);
	     nth = *done ? 1 : nth + 1) {
		long ret, lost = audit_lost();

		ret = act(t, fn_setns_failing, away->pid, (long)"net", nth,
			  (long)done);
		lost = audit_lost() - lost;
		EXPECT_EQ(!!ret, packet_names(home, id));
		EXPECT_EQ(!ret && !lost, packet_names(away, id));
		missed += lost;
		/* the next change tries again */
		ASSERT_EQ(0, act(t, fn_setns, home->pid, (long)"net"));
		EXPECT_EQ(1, packet_names(home, id));
	}
	EXPECT_TRUE(*done);
	EXPECT_LE(1, missed);
	id_is_free_after(_metadata, self->w, t, id);
}

static long fn_fork_failing(const long *args)
{
	pid_t pid;

	fail_nth(args[0]);
	pid = syscall(SYS_clone, args[2] | SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		_exit(0);
	*(int *)args[1] = fail_pending();
	if (pid < 0)
		return -errno;
	waitpid(pid, NULL, 0);
	return 0;
}

TEST_F_TIMEOUT(fault, a_failed_fork_leaves_nothing_behind, 600)
{
	static const unsigned long flags[] = { 0, CLONE_NEWNET };
	size_t i;
	int nth;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct actor *t = actor(self->w);
		int *done = act_shared();
		uint64_t id = fresh_id();

		ASSERT_EQ(0, label(self->w, t, id));
		for (nth = 1; nth < 4 * NTH_MAX && !*done; nth++)
			act(t, fn_fork_failing, nth, (long)done, flags[i]);
		EXPECT_TRUE(*done);
		/* no child left a count */
		id_is_free_after(_metadata, self->w, t, id);
	}
}

/* args: process group, nth, where to tell that nothing failed any more */
static long fn_kill_failing(const long *args)
{
	long ret;

	fail_nth(args[1]);
	ret = kill(-args[0], SIGUSR1) ? -errno : 0;
	*(int *)args[2] = fail_pending();
	return ret;
}

static long fn_new_group(const long *args __maybe_unused)
{
	return setpgid(0, 0) ? -errno : 0;
}

static long fn_join_group(const long *args)
{
	return setpgid(0, args[0]) ? -errno : 0;
}

static struct outcome {
	atomic_int signals;
	int done;
} *outcome;

static void count_signal(int sig __maybe_unused)
{
	outcome->signals++;
}

static long fn_count_signals(const long *args)
{
	outcome = (void *)args[0];
	return signal(SIGUSR1, count_signal) == SIG_ERR ? -errno : 0;
}

/* 20 targets: one in the context, 16 in the first block, 3 in the second */
TEST_F_TIMEOUT(fault, a_kill_without_memory_for_the_targets_holds_no_id, 600)
{
	struct outcome *o = act_shared();
	uint64_t id[20], sender = fresh_id();
	struct actor *k = actor(NULL), *t[20];
	int nth, i, nomem = 0;
	struct rule r;

	for (i = 0; i < 20; i++) {
		t[i] = actor(self->w);
		ASSERT_NE(NULL, t[i]);
		ASSERT_EQ(0, i ? act(t[i], fn_join_group, t[0]->pid) :
				 act(t[i], fn_new_group));
		ASSERT_EQ(0, act(t[i], fn_count_signals, (long)o));
		id[i] = fresh_id();
		ASSERT_EQ(0, label(self->w, t[i], id[i]));
	}
	ASSERT_EQ(0, label(NULL, k, sender));
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_kill, "fault"));
	for (nth = 1; nth < 4 * NTH_MAX && !o->done; nth++) {
		o->signals = 0;
		/* the first needs no block, and one success is enough */
		ASSERT_EQ(0, act(k, fn_kill_failing, t[0]->pid, nth,
				 (long)&o->done));
		/* a signal is handled before the target answers */
		for (i = 0; i < 20; i++)
			ASSERT_EQ(0, act(t[i], fn_count_signals, (long)o));
		/* who finds no block gets no signal */
		EXPECT_LE(19, o->signals);
		nomem += o->signals < 20;
		audit_clear();
	}
	EXPECT_TRUE(o->done);
	EXPECT_EQ(2, nomem);
	ASSERT_EQ(0, rule_del(&r));
	for (i = 0; i < 20; i++)
		actor_end(t[i]);
	actor_end(k);
	/* free for another life, so nothing holds it */
	for (i = 0; i < 20; i++)
		EXPECT_EQ(0, label(self->w, actor(self->w), id[i]));
	EXPECT_EQ(0, label(self->w, actor(self->w), sender));
}

TEST_HARNESS_MAIN
