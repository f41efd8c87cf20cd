// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace ids - KUnit tests
 *
 * Copyright (C) 2026 Overlay Team
 */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/ns_id.h>
#include <linux/proc_ns.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>

#define NS_ID_TEST_THREADS	4
#define NS_ID_TEST_ROUNDS	512

struct ns_id_initial_case {
	const char *name;
	enum init_ns_id id;
	bool built_in;
};

static const struct ns_id_initial_case ns_id_initial_cases[] = {
	{ "ipc", IPC_NS_INIT_ID, IS_ENABLED(CONFIG_SYSVIPC) ||
				 IS_ENABLED(CONFIG_POSIX_MQUEUE) },
	{ "uts", UTS_NS_INIT_ID, true },
	{ "user", USER_NS_INIT_ID, true },
	{ "pid", PID_NS_INIT_ID, true },
	{ "cgroup", CGROUP_NS_INIT_ID, IS_ENABLED(CONFIG_CGROUPS) },
	{ "time", TIME_NS_INIT_ID, IS_ENABLED(CONFIG_TIME_NS) },
	{ "net", NET_NS_INIT_ID, IS_ENABLED(CONFIG_NET) },
	{ "mnt", MNT_NS_INIT_ID, true },
};

static void ns_id_case_desc(const struct ns_id_initial_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ns_id_initial, ns_id_initial_cases, ns_id_case_desc);

/* An initial instance that is configured carries its fixed id. */
static void initial_instance_has_fixed_id(struct kunit *test)
{
	const struct ns_id_initial_case *c = test->param_value;
	struct ns_common *ns = ns_id_initial(c->id);

	KUNIT_ASSERT_EQ(test, !!ns, c->built_in);
	if (ns)
		KUNIT_EXPECT_EQ(test, ns_id_of(ns), (u64)c->id);
}

/* The table has eight different instances and nothing on either side. */
static void initial_table_is_complete(struct kunit *test)
{
	struct ns_common *seen[MNT_NS_INIT_ID + 1] = {};
	int i, j;

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(ns_id_initial_cases), 8);
	KUNIT_EXPECT_NULL(test, ns_id_initial(0));
	KUNIT_EXPECT_NULL(test, ns_id_initial(MNT_NS_INIT_ID + 1));
	KUNIT_EXPECT_NULL(test, ns_id_initial(-1));

	for (i = IPC_NS_INIT_ID; i <= MNT_NS_INIT_ID; i++) {
		seen[i] = ns_id_initial(i);
		for (j = IPC_NS_INIT_ID; j < i; j++) {
			if (seen[i])
				KUNIT_EXPECT_PTR_NE(test, seen[i], seen[j]);
		}
	}
}

/* Freeing gives the inode number back; the id goes on, above the fixed ones. */
static void id_rises_and_is_not_reused(struct kunit *test)
{
	struct ns_common ns = {};
	u64 last = MNT_NS_INIT_ID;
	int i;

	for (i = 0; i < NS_ID_TEST_ROUNDS; i++) {
		KUNIT_ASSERT_EQ(test, ns_alloc_inum(&ns), 0);
		KUNIT_EXPECT_GT(test, ns_id_of(&ns), last);
		last = ns_id_of(&ns);
		ns_free_inum(&ns);
	}
}

/* An object that its allocator did not clear gets a fresh id as well. */
static void stale_memory_gets_a_fresh_id(struct kunit *test)
{
	struct ns_common first = {}, second;

	memset(&second, 0xa5, sizeof(second));
	KUNIT_ASSERT_EQ(test, ns_alloc_inum(&first), 0);
	KUNIT_ASSERT_EQ(test, ns_alloc_inum(&second), 0);
	KUNIT_EXPECT_GT(test, ns_id_of(&second), ns_id_of(&first));
	KUNIT_EXPECT_LT(test, ns_id_of(&second), (u64)S64_MAX);
	ns_free_inum(&second);
	ns_free_inum(&first);
}

struct ns_id_worker {
	struct completion done;
	u64 ids[NS_ID_TEST_ROUNDS];
};

static int ns_id_worker_fn(void *data)
{
	struct ns_id_worker *w = data;
	struct ns_common ns = {};
	int i;

	for (i = 0; i < NS_ID_TEST_ROUNDS; i++) {
		ns_id_assign(&ns);
		w->ids[i] = ns_id_of(&ns);
		if (i % 16 == 0)
			cond_resched();
	}
	complete(&w->done);
	return 0;
}

static int ns_id_cmp(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Concurrent creators never get the same id, and each sees its ids rise. */
static void concurrent_ids_are_unique(struct kunit *test)
{
	const int n = NS_ID_TEST_THREADS * NS_ID_TEST_ROUNDS;
	struct ns_id_worker *w;
	struct task_struct *task;
	int i, started;
	u64 *all;

	w = kunit_kcalloc(test, NS_ID_TEST_THREADS, sizeof(*w), GFP_KERNEL);
	all = kunit_kcalloc(test, n, sizeof(*all), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w);
	KUNIT_ASSERT_NOT_NULL(test, all);

	for (started = 0; started < NS_ID_TEST_THREADS; started++) {
		init_completion(&w[started].done);
		task = kthread_run(ns_id_worker_fn, &w[started], "ns_id_test");
		if (IS_ERR(task))
			break;
	}
	for (i = 0; i < started; i++)
		wait_for_completion(&w[i].done);
	KUNIT_ASSERT_EQ(test, started, NS_ID_TEST_THREADS);

	for (i = 0; i < n; i++) {
		int t = i / NS_ID_TEST_ROUNDS, k = i % NS_ID_TEST_ROUNDS;

		if (k)
			KUNIT_EXPECT_GT(test, w[t].ids[k], w[t].ids[k - 1]);
		all[i] = w[t].ids[k];
	}
	sort(all, n, sizeof(*all), ns_id_cmp, NULL);
	for (i = 1; i < n; i++)
		KUNIT_EXPECT_NE(test, all[i], all[i - 1]);
}

/* The text form is the one that log readers are promised. */
static void text_has_prefix_and_lower_case(struct kunit *test)
{
	char text[24];

	snprintf(text, sizeof(text), NS_ID_FMT, 0xabcULL);
	KUNIT_EXPECT_STREQ(test, text, "0xabc");
	snprintf(text, sizeof(text), NS_ID_FMT, (u64)USER_NS_INIT_ID);
	KUNIT_EXPECT_STREQ(test, text, "0x3");
	snprintf(text, sizeof(text), NS_ID_FMT, U64_MAX);
	KUNIT_EXPECT_STREQ(test, text, "0xffffffffffffffff");
}

/* At boot, so before anybody could set it. */
static void ids_are_not_restricted_by_default(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, ns_id_restricted());
}

static struct kunit_case ns_id_test_cases[] = {
	KUNIT_CASE_PARAM(initial_instance_has_fixed_id, ns_id_initial_gen_params),
	KUNIT_CASE(initial_table_is_complete),
	KUNIT_CASE(id_rises_and_is_not_reused),
	KUNIT_CASE(stale_memory_gets_a_fresh_id),
	KUNIT_CASE(concurrent_ids_are_unique),
	KUNIT_CASE(text_has_prefix_and_lower_case),
	KUNIT_CASE(ids_are_not_restricted_by_default),
	{}
};

static struct kunit_suite ns_id_test_suite = {
	.name = "ns_id",
	.test_cases = ns_id_test_cases,
};

kunit_test_suite(ns_id_test_suite);
