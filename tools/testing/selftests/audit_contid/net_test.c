// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - the ids of a packet's network namespace
 * smp: 2
 *
 * Copyright (C) 2026 Overlay Team
 *
 *	test -- w, in a netns of its own with a rule that logs each packet to
 *	        local port 9 -- a, b, ... labelled, in the same netns
 */

#include "net.h"

#include <stdatomic.h>

#include "../kselftest_harness.h"

#define ULL(_id)	((unsigned long long)(_id))

FIXTURE(net)
{
	struct actor *w, *a, *b;
	uint64_t ida, idb;
};

FIXTURE_SETUP(net)
{
	SETUP_AUDIT();
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	self->w = actor(NULL);
	ASSERT_NE(NULL, self->w);
	ASSERT_EQ(0, act(self->w, fn_unshare, CLONE_NEWNET));
	ASSERT_EQ(0, prepare(self->w));
	self->a = actor(self->w);
	self->b = actor(self->w);
	ASSERT_NE(NULL, self->b);
	self->ida = fresh_id();
	self->idb = fresh_id();
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(net)
{
	actors_end();
	audit_close();
}

TEST_F(net, without_ids_the_event_is_as_ever)
{
	EXPECT_TRUE(matches(packet_event(self->w), "^" PACKET "\n$"));
}

TEST_F(net, ids_come_first_the_newest_in_front)
{
	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	ASSERT_EQ(0, label(self->w, self->b, self->idb));
	EXPECT_TRUE(matches(packet_event(self->w),
			    "^1371 record=1 contid=%llu,%llu\n"
			    PACKET " record=1\n$",
			    ULL(self->idb), ULL(self->ida)));
}

TEST_F(net, chains_are_shown)
{
	struct actor *inner;
	uint64_t id = fresh_id();

	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	inner = actor(self->a);
	ASSERT_EQ(0, label(self->a, inner, id));
	EXPECT_TRUE(matches(packet_event(self->w),
			    "^1371 record=1 contid=%llu,\\^%llu,%llu\n"
			    PACKET " record=1\n$",
			    ULL(id), ULL(self->ida), ULL(self->ida)));
}

TEST_F(net, an_id_is_listed_while_one_of_its_tasks_is_there)
{
	struct actor *child;

	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	child = actor(self->a);
	actor_end(self->a);
	EXPECT_TRUE(matches(packet_event(self->w), "^1371 record=1 contid=%llu\n",
			    ULL(self->ida)));
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	child->used = false;
	EXPECT_TRUE(matches(packet_event(self->w), "^" PACKET "\n$"));
}

TEST_F(net, unshare_moves_the_id)
{
	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	ASSERT_EQ(0, act(self->a, fn_unshare, CLONE_NEWNET));
	EXPECT_TRUE(matches(packet_event(self->w), "^" PACKET "\n$"));
	ASSERT_EQ(0, prepare(self->a));
	EXPECT_TRUE(matches(packet_event(self->a),
			    "^1371 record=1 contid=%llu\n" PACKET " record=1\n$",
			    ULL(self->ida)));
}

TEST_F(net, a_child_with_CLONE_NEWNET_takes_the_id_along)
{
	struct actor *child;

	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	child = actor_clone(self->a, CLONE_NEWNET);
	ASSERT_NE(NULL, child);
	ASSERT_EQ(0, prepare(child));
	EXPECT_TRUE(matches(packet_event(child), "^1371 record=1 contid=%llu\n",
			    ULL(self->ida)));
	actor_end(child);
	EXPECT_TRUE(matches(packet_event(self->w), "^1371 record=1 contid=%llu\n",
			    ULL(self->ida)));
}

static void *thread_setns(void *arg)
{
	long ret = fn_setns(arg);

	if (ret)
		return (void *)ret;
	for (;;)
		pause();
	return NULL;
}

static long fn_thread_setns(const long *args)
{
	static long copy[6];
	pthread_t t;

	memcpy(copy, args, sizeof(copy));
	if (pthread_create(&t, NULL, thread_setns, copy))
		return -EAGAIN;
	usleep(300000);
	return 0;
}

TEST_F(net, setns_moves_the_id_there_and_back)
{
	struct actor *other = actor(NULL);

	ASSERT_EQ(0, act(other, fn_unshare, CLONE_NEWNET));
	ASSERT_EQ(0, prepare(other));
	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	ASSERT_EQ(0, act(self->a, fn_setns, other->pid, (long)"net"));
	EXPECT_TRUE(matches(packet_event(self->w), "^" PACKET "\n$"));
	EXPECT_TRUE(matches(packet_event(other), "^1371 record=1 contid=%llu\n",
			    ULL(self->ida)));
	ASSERT_EQ(0, act(self->a, fn_setns, self->w->pid, (long)"net"));
	EXPECT_TRUE(matches(packet_event(self->w), "^1371 record=1 contid=%llu\n",
			    ULL(self->ida)));
	EXPECT_TRUE(matches(packet_event(other), "^" PACKET "\n$"));
}

TEST_F(net, a_thread_may_be_elsewhere_than_its_process)
{
	struct actor *other = actor(NULL);

	ASSERT_EQ(0, act(other, fn_unshare, CLONE_NEWNET));
	ASSERT_EQ(0, prepare(other));
	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	ASSERT_EQ(0, act(self->a, fn_thread_setns, other->pid, (long)"net"));
	EXPECT_TRUE(matches(packet_event(self->w), "^1371 record=1 contid=%llu\n",
			    ULL(self->ida)));
	EXPECT_TRUE(matches(packet_event(other), "^1371 record=1 contid=%llu\n",
			    ULL(self->ida)));
	actor_end(self->a);
	EXPECT_TRUE(matches(packet_event(self->w), "^" PACKET "\n$"));
	EXPECT_TRUE(matches(packet_event(other), "^" PACKET "\n$"));
}

TEST_F(net, with_1371_excluded_nothing_is_added)
{
	struct rule r;

	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	rule_init(&r, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS);
	rule_value(&r, AUDIT_MSGTYPE, AUDIT_EQUAL, AUDIT_CONTAINER_ID);
	ASSERT_EQ(0, rule_add(&r));
	EXPECT_TRUE(matches(packet_event(self->w), "^" PACKET "\n$"));
	EXPECT_EQ(0, rule_del(&r));
}

TEST_F(net, with_1324_excluded_there_is_no_event)
{
	struct rule r;

	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	rule_init(&r, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS);
	rule_value(&r, AUDIT_MSGTYPE, AUDIT_EQUAL, AUDIT_NETFILTER_PKT);
	ASSERT_EQ(0, rule_add(&r));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, act(self->w, fn_packet));
	EXPECT_COUNT(0, audit_count(AUDIT_NETFILTER_PKT, "."));
	EXPECT_COUNT(0, audit_count(AUDIT_CONTAINER_ID, "."));
	EXPECT_EQ(0, rule_del(&r));
	EXPECT_TRUE(matches(packet_event(self->w), PACKET " record=1\n$"));
}

/* the packet is a bystander's: a rule on contid neither hides nor shows it */
TEST_F(net, exclude_by_contid_is_false_in_softirq)
{
	static const int ops[] = { AUDIT_EQUAL, AUDIT_NOT_EQUAL };
	struct rule r;
	int i;

	ASSERT_EQ(0, label(self->w, self->a, self->ida));
	for (i = 0; i < 2; i++) {
		rule_init(&r, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS);
		rule_value(&r, AUDIT_MSGTYPE, AUDIT_EQUAL, AUDIT_NETFILTER_PKT);
		rule_contid(&r, ops[i], self->ida);
		ASSERT_EQ(0, rule_add(&r));
		EXPECT_TRUE(matches(packet_event(self->a), PACKET " record=1\n$"));
		EXPECT_EQ(0, rule_del(&r));
	}
}

/* one labelled child per id, all in the netns of the caller */
static long fn_many(const long *args)
{
	uint64_t id = args[1];
	char text[32];
	pid_t pid;
	long i;

	for (i = 0; i < args[0]; i++, id++) {
		pid = fork();
		if (pid < 0)
			return -errno;
		if (!pid)
			for (;;)
				pause();
		snprintf(text, sizeof(text), "%llu", ULL(id));
		if (put(pid, "audit_containerid", text, strlen(text), 0) < 0)
			return -errno;
	}
	return 0;
}

static long fn_kill_children(const long *args)
{
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	signal(SIGTERM, SIG_DFL);
	return 0;
}

/* args: how many at the most */
static long fn_reap(const long *args)
{
	long n = 0;

	while (n < args[0] && waitpid(-1, NULL, 0) > 0)
		n++;
	return n;
}

static long fn_own_group(const long *args)
{
	return setpgid(0, 0) ? -errno : 0;
}

/* 19 digits and a comma each: 384 are 7679 bytes, a full record */
TEST_F_TIMEOUT(net, a_long_list_splits_and_is_cut_after_four_records, 600)
{
	struct actor *m = actor(self->w);
	int n = 385;
	long lost;
	size_t i;

	actor_end(self->a);
	actor_end(self->b);
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 0));
	ASSERT_EQ(0, act(m, fn_own_group));
	ASSERT_EQ(0, act(m, fn_many, n, 2000000000000000000L));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_FAILURE, AUDIT_FAIL_PANIC));
	lost = audit_lost();
	EXPECT_TRUE(matches(packet_event(self->w),
			    "^1371 record=1 contid=2000000000000000384,[0-9,]*\n"
			    "1371 record=1 contid=2000000000000000000\n"
			    PACKET " record=1\n$"));
	EXPECT_EQ(lost, audit_lost());
	for (i = 0; i < audit_log_state.n; i++)
		EXPECT_GE(7680 + 80, strlen(audit_log_state.entries[i].text));

	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 0));
	/* some at a time: an answer is waited for */
	for (; n < 5000; n += 355)
		ASSERT_EQ(0, act(m, fn_many, 355, 2000000000000000000L + n));
	ASSERT_EQ(5000, n);
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	EXPECT_TRUE(matches(packet_event(self->w),
			    "^(1371 record=1 contid=2[0-9,]*\n){4}"
			    PACKET " record=1\n$"));
	EXPECT_EQ(lost + 1, audit_lost());
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_FAILURE, AUDIT_FAIL_PRINTK));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 0));
	ASSERT_EQ(0, act(m, fn_kill_children));
	for (; n > 0; n -= 250)
		ASSERT_EQ(250, act(m, fn_reap, 250));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	EXPECT_TRUE(matches(packet_event(self->w), "^" PACKET "\n$"));
}

/* args: pid whose netns to send in, where to stop. It stays outside. */
static long fn_flood(const long *args)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	atomic_int *stop = (void *)args[1];
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	char path[64];
	int there, out;
	long n = 0;

	snprintf(path, sizeof(path), "/proc/%ld/ns/net", args[0]);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET))
		return -errno;
	close(there);
	/* only the socket keeps the namespace */
	out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (out < 0 || setns(home, CLONE_NEWNET))
		return -errno;
	close(home);
	while (!*stop) {
		sendto(out, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&to,
		       sizeof(to));
		stop[1] = ++n;
	}
	close(out);
	return n;
}

/*
 *	f, sends -- socket --> netns of a -- a, labelled and the only task
 *
 * a leaves, then f closes the socket, with packets on their way
 */
TEST_F_TIMEOUT(net, packets_while_the_last_task_and_the_netns_leave, 300)
{
	struct actor *f = actor(NULL);
	atomic_int *s = act_shared();
	int i;

	for (i = 0; i < (int)scaled(50, 20); i++) {
		struct actor *a = actor(self->w);
		uint64_t id = fresh_id();
		long all, named;
		int before;

		ASSERT_EQ(0, act(a, fn_unshare, CLONE_NEWNET));
		ASSERT_EQ(0, prepare(a));
		ASSERT_EQ(0, label(self->w, a, id));
		s[0] = 0;
		s[1] = 0;
		act_begin(f, fn_flood, ACT_ARGS(a->pid, (long)s));
		while (s[1] < 5)
			sched_yield();
		actor_end(a);
		/* some more into a namespace without tasks */
		before = s[1];
		while (s[1] < before + 5)
			sched_yield();
		s[0] = 1;
		ASSERT_LE(10, act_wait(f));
		EXPECT_COUNT(1, audit_count(AUDIT_CONTAINER_OP,
					    "op=drop .*old-contid=%llu ",
					    ULL(id)));
		/* each packet is answered that nobody listens */
		all = audit_count(AUDIT_NETFILTER_PKT, "proto=");
		named = audit_count(AUDIT_NETFILTER_PKT,
				    "proto=(17|1) record=1$");
		/* each that is named has its record, as has the op=drop */
		EXPECT_LT(0, named);
		EXPECT_LT(named, all);
		EXPECT_COUNT(named + 1,
			     audit_count(AUDIT_CONTAINER_ID,
					 "record=1 contid=%llu$", ULL(id)));
		audit_clear_entries();
	}
}

TEST_HARNESS_MAIN
