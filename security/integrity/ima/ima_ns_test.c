// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA namespaces - unit tests
 *
 * Copyright (C) 2026 the container integrity developers
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/console.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/evm.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ima.h>
#include <linux/ima_ns.h>
#include <linux/iversion.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/rhashtable.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/shmem_fs.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <linux/xattr.h>

#include "ima.h"

/*
 * The store of statuses. The tests run in a kernel thread, so all objects are
 * charged to the root memory cgroup and lie on its lists.
 */

/* A namespace that is ready for statuses and nothing else. */
static struct ima_namespace *test_ns_create(struct kunit *test)
{
	struct ima_namespace *ns;

	ns = kunit_kzalloc(test, sizeof(*ns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ns);
	KUNIT_ASSERT_EQ(test, ima_statuses_init(ns), 0);

	return ns;
}

static int status_test_init(struct kunit *test)
{
	test->priv = test_ns_create(test);
	return 0;
}

static void status_test_exit(struct kunit *test)
{
	if (test->priv)
		ima_statuses_free(test->priv);
}

/* Let the shrinker look at each of @nr statuses once. */
static unsigned long test_scan(unsigned long nr)
{
	unsigned long dropped = 0;
	int nid;

	for_each_node_state(nid, N_NORMAL_MEMORY) {
		struct shrink_control sc = {
			.gfp_mask = GFP_KERNEL,
			.nid = nid,
			.nr_to_scan = nr,
		};

		dropped += ima_status_scan(NULL, &sc);
	}
	return dropped;
}

static void status_is_at_most_80_bytes(struct kunit *test)
{
	KUNIT_EXPECT_LE(test, sizeof(struct ima_status), 80);
	/* kfree_rcu() needs a small offset, the cookie must not be shared */
	KUNIT_EXPECT_EQ(test, offsetof(struct ima_status, rcu),
			offsetof(struct ima_status, lru));
	KUNIT_EXPECT_GE(test, offsetof(struct ima_status, lru),
			offsetofend(struct ima_status, cookie));
}

static void cookies_are_unique(struct kunit *test)
{
	/* more than one batch of a CPU */
	const int nr = 3 * 4096;
	struct rhashtable *table = &((struct ima_namespace *)test->priv)->statuses;
	u64 cookie, last = 0;
	int i, ascending = 0;

	for (i = 0; i < nr; i++) {
		cookie = ima_status_cookie();
		KUNIT_ASSERT_NE(test, cookie, 0);
		KUNIT_ASSERT_NE(test, cookie, last);
		ascending += cookie > last;
		last = cookie;
	}
	/* only a change of the CPU may go back */
	KUNIT_EXPECT_GT(test, ascending, nr / 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&table->nelems), 0);
}

static void new_status_knows_nothing(struct kunit *test)
{
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	const u64 cookie = ima_status_cookie();
	enum ima_verdict verdict;

	status = ima_status_pin(ns, cookie, &tmp);
	KUNIT_ASSERT_PTR_NE(test, status, &tmp);
	KUNIT_EXPECT_PTR_EQ(test, status->ns, ns);
	KUNIT_EXPECT_EQ(test, status->cookie, cookie);
	KUNIT_EXPECT_EQ(test, status->flags, 0);
	KUNIT_EXPECT_EQ(test, status->marks, 0);
	KUNIT_EXPECT_EQ(test, status->measured_pcrs, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&status->bits), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&status->use), 1);
	for (verdict = IMA_VERDICT_FILE; verdict <= IMA_VERDICT_CREDS; verdict++)
		KUNIT_EXPECT_EQ(test, ima_status_verdict(status, verdict),
				INTEGRITY_UNKNOWN);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 1);

	ima_status_unpin(status, &tmp);
	KUNIT_EXPECT_EQ(test, atomic_read(&status->use), 0);
}

static void status_is_found_again(struct kunit *test)
{
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status, *again, *other;
	const u64 cookie = ima_status_cookie();

	status = ima_status_pin(ns, cookie, &tmp);
	KUNIT_ASSERT_PTR_NE(test, status, &tmp);
	status->flags = IMA_AUDITED;

	again = ima_status_pin(ns, cookie, &tmp);
	KUNIT_EXPECT_PTR_EQ(test, again, status);
	KUNIT_EXPECT_EQ(test, again->flags, IMA_AUDITED);
	KUNIT_EXPECT_EQ(test, atomic_read(&status->use), 2);
	KUNIT_EXPECT_TRUE(test, ima_status_test(status, IMA_STATUS_REFERENCED));
	ima_status_unpin(again, &tmp);

	other = ima_status_pin(ns, ima_status_cookie(), &tmp);
	KUNIT_EXPECT_PTR_NE(test, other, &tmp);
	KUNIT_EXPECT_PTR_NE(test, other, status);
	KUNIT_EXPECT_EQ(test, other->flags, 0);
	ima_status_unpin(other, &tmp);

	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 2);
	ima_status_unpin(status, &tmp);
}

static void namespaces_know_separately(struct kunit *test)
{
	struct ima_namespace *a = test->priv, *b = test_ns_create(test);
	struct ima_status tmp, *in_a, *in_b;
	const u64 cookie = ima_status_cookie();

	in_a = ima_status_pin(a, cookie, &tmp);
	in_b = ima_status_pin(b, cookie, &tmp);
	KUNIT_EXPECT_PTR_NE(test, in_a, &tmp);
	KUNIT_EXPECT_PTR_NE(test, in_b, &tmp);
	KUNIT_EXPECT_PTR_NE(test, in_a, in_b);
	in_a->flags = IMA_AUDITED;
	KUNIT_EXPECT_EQ(test, in_b->flags, 0);
	ima_status_unpin(in_a, &tmp);
	ima_status_unpin(in_b, &tmp);

	/* the end of one leaves the other alone */
	ima_statuses_free(b);
	in_a = ima_status_pin(a, cookie, &tmp);
	KUNIT_EXPECT_EQ(test, in_a->flags, IMA_AUDITED);
	ima_status_unpin(in_a, &tmp);
	KUNIT_EXPECT_EQ(test, atomic_read(&a->nr_statuses), 1);
}

static void many_statuses_do_not_mix(struct kunit *test)
{
	const u64 first = 1, last = 5000;
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	u64 cookie;

	for (cookie = first; cookie <= last; cookie++) {
		status = ima_status_pin(ns, cookie, &tmp);
		/* a temporary one is allowed while the table grows */
		status->measured_pcrs = cookie;
		ima_status_unpin(status, &tmp);
	}
	KUNIT_EXPECT_GT(test, atomic_read(&ns->nr_statuses), last * 9 / 10);
	for (cookie = first; cookie <= last; cookie++) {
		status = ima_status_pin(ns, cookie, &tmp);
		KUNIT_ASSERT_EQ(test, status->cookie, cookie);
		if (status->measured_pcrs)
			KUNIT_ASSERT_EQ(test, status->measured_pcrs, cookie);
		ima_status_unpin(status, &tmp);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->statuses.nelems),
			atomic_read(&ns->nr_statuses));
}

static void unused_status_is_evicted(struct kunit *test)
{
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	const u64 cookie = ima_status_cookie();

	status = ima_status_pin(ns, cookie, &tmp);
	status->flags = IMA_AUDITED;
	ima_status_unpin(status, &tmp);

	KUNIT_EXPECT_EQ(test, test_scan(1), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->statuses.nelems), 0);

	/* what it knew is gone, the action is repeated */
	status = ima_status_pin(ns, cookie, &tmp);
	KUNIT_ASSERT_PTR_NE(test, status, &tmp);
	KUNIT_EXPECT_EQ(test, status->flags, 0);
	ima_status_unpin(status, &tmp);
}

static void referenced_status_has_a_second_chance(struct kunit *test)
{
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	const u64 cookie = ima_status_cookie();
	int i;

	for (i = 0; i < 2; i++) {
		status = ima_status_pin(ns, cookie, &tmp);
		ima_status_unpin(status, &tmp);
	}
	KUNIT_EXPECT_EQ(test, test_scan(1), 0);
	KUNIT_EXPECT_FALSE(test, ima_status_test(status, IMA_STATUS_REFERENCED));
	KUNIT_EXPECT_EQ(test, test_scan(1), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 0);
}

static void dead_inodes_go_first(struct kunit *test)
{
	const int nr = 100;
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	u64 cookie;

	for (cookie = 1; cookie <= nr; cookie++) {
		status = ima_status_pin(ns, cookie, &tmp);
		ima_status_unpin(status, &tmp);
	}
	/* the odd ones are used again */
	for (cookie = 1; cookie <= nr; cookie += 2) {
		status = ima_status_pin(ns, cookie, &tmp);
		status->flags = IMA_AUDITED;
		ima_status_unpin(status, &tmp);
	}
	KUNIT_EXPECT_EQ(test, test_scan(nr), nr / 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), nr / 2);
	for (cookie = 1; cookie <= nr; cookie += 2) {
		status = ima_status_pin(ns, cookie, &tmp);
		KUNIT_EXPECT_EQ(test, status->flags, IMA_AUDITED);
		ima_status_unpin(status, &tmp);
	}
}

static void pinned_status_stays(struct kunit *test)
{
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	int i;

	status = ima_status_pin(ns, ima_status_cookie(), &tmp);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, test_scan(1), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 1);
	ima_status_unpin(status, &tmp);
	KUNIT_EXPECT_EQ(test, test_scan(1), 1);
}

static void claimed_status_is_left_alone(struct kunit *test)
{
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	const u64 cookie = ima_status_cookie();

	status = ima_status_pin(ns, cookie, &tmp);
	status->flags = IMA_AUDITED;
	ima_status_unpin(status, &tmp);

	/* as if teardown had claimed it and were to take it off the lru */
	KUNIT_ASSERT_EQ(test, atomic_cmpxchg(&status->use, 0, -1), 0);
	KUNIT_EXPECT_EQ(test, test_scan(1), 0);

	memset(&tmp, 0xa5, sizeof(tmp));
	KUNIT_EXPECT_PTR_EQ(test, ima_status_pin(ns, cookie, &tmp), &tmp);
	KUNIT_EXPECT_PTR_EQ(test, tmp.ns, ns);
	KUNIT_EXPECT_EQ(test, tmp.cookie, cookie);
	KUNIT_EXPECT_EQ(test, tmp.flags, 0);
	KUNIT_EXPECT_EQ(test, ima_status_verdict(&tmp, IMA_VERDICT_FILE),
			INTEGRITY_UNKNOWN);
	ima_status_unpin(&tmp, &tmp);
	KUNIT_EXPECT_EQ(test, atomic_read(&status->use), -1);

	atomic_set(&status->use, 0);
}

static void full_table_gives_temporary_ones(struct kunit *test)
{
	const int room = 10;
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	u64 cookie;

	ns->statuses.max_elems = room;
	for (cookie = 1; cookie <= room; cookie++) {
		status = ima_status_pin(ns, cookie, &tmp);
		KUNIT_EXPECT_PTR_NE(test, status, &tmp);
		ima_status_unpin(status, &tmp);
	}
	status = ima_status_pin(ns, cookie, &tmp);
	KUNIT_EXPECT_PTR_EQ(test, status, &tmp);
	KUNIT_EXPECT_EQ(test, tmp.cookie, cookie);
	ima_status_unpin(status, &tmp);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), room);

	/* those inside still serve, and an eviction makes room again */
	status = ima_status_pin(ns, 1, &tmp);
	KUNIT_EXPECT_PTR_NE(test, status, &tmp);
	ima_status_unpin(status, &tmp);
	KUNIT_EXPECT_EQ(test, test_scan(room), room - 1);
	status = ima_status_pin(ns, cookie, &tmp);
	KUNIT_EXPECT_PTR_NE(test, status, &tmp);
	ima_status_unpin(status, &tmp);
}

/* A thread that works on a namespace until it is told to stop. */
struct test_thread {
	struct ima_namespace *ns;
	struct mutex *lock;	/* of each cookie, as iints have one */
	unsigned long rounds;
	unsigned long wrong;
	unsigned long work;	/* statuses pinned or dropped */
};

/* Until a thread has done something: the machine may be busy. */
static void test_thread_wait(const struct test_thread *thread)
{
	int i;

	for (i = 0; i < 3000 && !READ_ONCE(thread->rounds); i++)
		msleep(20);
}

#define TEST_COOKIES	16

static int test_shrinker_thread(void *arg)
{
	struct test_thread *thread = arg;

	while (!kthread_should_stop()) {
		thread->work += test_scan(2 * TEST_COOKIES);
		thread->rounds++;
		cond_resched();
	}
	return 0;
}

static int test_pin_thread(void *arg)
{
	struct test_thread *thread = arg;

	while (!kthread_should_stop()) {
		u64 cookie = 1 + thread->rounds++ % TEST_COOKIES;
		struct mutex *lock = &thread->lock[cookie - 1];
		struct ima_status tmp, *status;

		status = ima_status_pin(thread->ns, cookie, &tmp);
		mutex_lock(lock);
		/* nobody but users of this cookie ever wrote to it */
		if (status->cookie != cookie || status->ns != thread->ns ||
		    (status->gen_data && status->gen_data != cookie) ||
		    atomic_read(&status->use) < 1)
			thread->wrong++;
		status->gen_data = cookie;
		mutex_unlock(lock);
		thread->work += status != &tmp;
		ima_status_unpin(status, &tmp);
		cond_resched();
	}
	return 0;
}

static void pins_race_with_eviction(struct kunit *test)
{
	struct mutex *lock;
	struct test_thread threads[3] = {};
	struct task_struct *tasks[ARRAY_SIZE(threads)];
	int i;

	lock = kunit_kcalloc(test, TEST_COOKIES, sizeof(*lock), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, lock);
	for (i = 0; i < TEST_COOKIES; i++)
		mutex_init(&lock[i]);

	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		threads[i].ns = test->priv;
		threads[i].lock = lock;
		tasks[i] = kthread_run(i ? test_pin_thread : test_shrinker_thread,
				       &threads[i], "ima-ns-test/%d", i);
	}
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (!IS_ERR(tasks[i]))
			test_thread_wait(&threads[i]);
	msleep(300);
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		KUNIT_EXPECT_FALSE(test, IS_ERR(tasks[i]));
		if (!IS_ERR(tasks[i]))
			kthread_stop(tasks[i]);
	}
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		KUNIT_EXPECT_GT(test, threads[i].rounds, 0);
		KUNIT_EXPECT_GT(test, threads[i].work, 0);
		KUNIT_EXPECT_EQ(test, threads[i].wrong, 0);
	}
	for (i = 0; i < TEST_COOKIES; i++)
		mutex_destroy(&lock[i]);
}

static void teardown_frees_all(struct kunit *test)
{
	const u64 nr = 20000;
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp;
	u64 cookie;

	for (cookie = 1; cookie <= nr; cookie++)
		ima_status_unpin(ima_status_pin(ns, cookie, &tmp), &tmp);
	ima_statuses_free(ns);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 0);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(ns->statuses.tbl));
	/* nothing is left on the lru */
	KUNIT_EXPECT_EQ(test, test_scan(nr), 0);
}

/* A quadratic walk would take hours; a linear one takes about a second. */
static void million_statuses_end_in_time(struct kunit *test)
{
	const int nr = 1000000, limit = 30;
	struct ima_namespace *ns = test->priv;
	struct ima_status tmp, *status;
	ktime_t begun;
	u64 cookie;
	int kept = 0;

	for (cookie = 1; cookie <= nr; cookie++) {
		status = ima_status_pin(ns, cookie, &tmp);
		/* a temporary one is allowed while the table grows */
		kept += status != &tmp;
		ima_status_unpin(status, &tmp);
		if (cookie % 1024 == 0)
			cond_resched();
	}
	KUNIT_EXPECT_GT(test, kept, nr / 10 * 9);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), kept);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->statuses.nelems), kept);

	begun = ktime_get();
	ima_statuses_free(ns);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begun),
			limit * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 0);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(ns->statuses.tbl));
	KUNIT_EXPECT_EQ(test, test_scan(nr), 0);
}

static void teardown_races_with_eviction(struct kunit *test)
{
	struct test_thread thread = {};
	struct task_struct *task;
	struct ima_namespace *ns;
	struct ima_status tmp;
	u64 cookie;
	int round;

	task = kthread_run(test_shrinker_thread, &thread, "ima-ns-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (round = 0; round < 20; round++) {
		/* really freed below: KASAN sees an access that comes late */
		ns = kzalloc(sizeof(*ns), GFP_KERNEL);
		if (!ns)
			break;
		KUNIT_EXPECT_EQ(test, ima_statuses_init(ns), 0);
		for (cookie = 1; cookie <= 500; cookie++)
			ima_status_unpin(ima_status_pin(ns, cookie, &tmp), &tmp);
		/* with one CPU nobody else runs unless this one sleeps */
		test_thread_wait(&thread);
		if (round % 2)
			msleep(20);
		ima_statuses_free(ns);
		KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 0);
		kfree(ns);
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, round, 20);
	KUNIT_EXPECT_GT(test, thread.rounds, 0);
}

static void teardown_before_activation(struct kunit *test)
{
	struct ima_namespace *ns;

	ns = kunit_kzalloc(test, sizeof(*ns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ns);
	ima_statuses_free(ns);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(ns->statuses.tbl));
}

static struct kunit_case status_test_cases[] = {
	KUNIT_CASE(status_is_at_most_80_bytes),
	KUNIT_CASE(cookies_are_unique),
	KUNIT_CASE(new_status_knows_nothing),
	KUNIT_CASE(status_is_found_again),
	KUNIT_CASE(namespaces_know_separately),
	KUNIT_CASE(many_statuses_do_not_mix),
	KUNIT_CASE(unused_status_is_evicted),
	KUNIT_CASE(referenced_status_has_a_second_chance),
	KUNIT_CASE(dead_inodes_go_first),
	KUNIT_CASE(pinned_status_stays),
	KUNIT_CASE(claimed_status_is_left_alone),
	KUNIT_CASE(full_table_gives_temporary_ones),
	KUNIT_CASE_SLOW(pins_race_with_eviction),
	KUNIT_CASE_SLOW(teardown_frees_all),
	KUNIT_CASE_SLOW(million_statuses_end_in_time),
	KUNIT_CASE_SLOW(teardown_races_with_eviction),
	KUNIT_CASE(teardown_before_activation),
	{}
};

static struct kunit_suite status_test_suite = {
	.name = "ima-ns-status",
	.init = status_test_init,
	.exit = status_test_exit,
	.test_cases = status_test_cases,
};

/*
 * Generations.
 */

static void each_change_changes_the_sum(struct kunit *test)
{
	struct ima_iint_cache *iint;
	u64 last, gen;
	int i;

	iint = kunit_kzalloc(test, sizeof(*iint), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, iint);
	last = ima_gen_data(iint);
	for (i = 0; i < 100; i++) {
		atomic64_inc_return(i % 3 ? &iint->gen_content :
					  &iint->gen_xattr);
		gen = ima_gen_data(iint);
		KUNIT_EXPECT_GT(test, gen, last);
		last = gen;
	}
	KUNIT_EXPECT_EQ(test, last, 100);

	/* attributes are no data */
	atomic64_inc_return(&iint->gen_attr);
	KUNIT_EXPECT_EQ(test, ima_gen_data(iint), last);

	/* more than 32 bits, or the owner of a file could come around */
	atomic64_set(&iint->gen_content, U32_MAX);
	gen = ima_gen_data(iint);
	atomic64_inc_return(&iint->gen_content);
	KUNIT_EXPECT_EQ(test, ima_gen_data(iint), gen + 1);
}

static void xattrs_concern_children_only(struct kunit *test)
{
	struct ima_namespace *ns;
	struct ima_iint_cache *iint;
	u64 host, child;

	ns = kunit_kzalloc(test, sizeof(*ns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ns);
	iint = kunit_kzalloc(test, sizeof(*iint), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, iint);

	host = ima_gen_status(iint, &init_ima_ns);
	child = ima_gen_status(iint, ns);
	atomic64_inc_return(&iint->gen_xattr);
	KUNIT_EXPECT_EQ(test, ima_gen_status(iint, &init_ima_ns), host);
	KUNIT_EXPECT_EQ(test, ima_gen_status(iint, ns), child + 1);

	atomic64_inc_return(&iint->gen_content);
	KUNIT_EXPECT_EQ(test, ima_gen_status(iint, &init_ima_ns), host + 1);
	KUNIT_EXPECT_EQ(test, ima_gen_status(iint, ns), child + 2);
}

static void verdicts_do_not_touch_each_other(struct kunit *test)
{
	struct ima_status status;
	enum ima_verdict verdict, other;

	ima_status_init(&status, &init_ima_ns, 1);
	status.marks = IMA_MARK_AUDIT;
	for (verdict = IMA_VERDICT_FILE; verdict <= IMA_VERDICT_CREDS;
	     verdict++) {
		ima_status_set_verdict(&status, verdict, INTEGRITY_FAIL);
		for (other = IMA_VERDICT_FILE; other <= IMA_VERDICT_CREDS;
		     other++)
			KUNIT_EXPECT_EQ(test, ima_status_verdict(&status, other),
					other <= verdict ? INTEGRITY_FAIL :
							   INTEGRITY_UNKNOWN);
	}
	ima_status_set_verdict(&status, IMA_VERDICT_MMAP, INTEGRITY_PASS);
	KUNIT_EXPECT_EQ(test, ima_status_verdict(&status, IMA_VERDICT_MMAP),
			INTEGRITY_PASS);
	KUNIT_EXPECT_EQ(test, status.marks, IMA_MARK_AUDIT);
}

/* Hooks of one change, the names are those of security/security.c */
struct change_test {
	const char *desc;
	int (*change)(struct file *file, const char *name);
	const char *name;	/* attribute */
	bool key;		/* EVM has one */
	int content;
	int xattr;
	int attr;
};

static int change_path_truncate(struct file *file, const char *name)
{
	return security_path_truncate(&file->f_path);
}

static int change_file_truncate(struct file *file, const char *name)
{
	return security_file_truncate(file);
}

static int change_post_setattr_mode(struct file *file, const char *name)
{
	security_inode_post_setattr(&nop_mnt_idmap, file_dentry(file),
				    ATTR_MODE | ATTR_CTIME);
	return 0;
}

static int change_post_setattr_size(struct file *file, const char *name)
{
	security_inode_post_setattr(&nop_mnt_idmap, file_dentry(file),
				    ATTR_SIZE | ATTR_MTIME);
	return 0;
}

static int change_setxattr(struct file *file, const char *name)
{
	u8 value[2 + SHA256_DIGEST_SIZE] = {
		IMA_XATTR_DIGEST_NG, HASH_ALGO_SHA256,
	};

	return security_inode_setxattr(&nop_mnt_idmap, file_dentry(file), name,
				       value, sizeof(value), 0);
}

static int change_post_setxattr(struct file *file, const char *name)
{
	security_inode_post_setxattr(file_dentry(file), name, "", 0, 0);
	return 0;
}

static int change_removexattr(struct file *file, const char *name)
{
	return security_inode_removexattr(&nop_mnt_idmap, file_dentry(file),
					  name);
}

static int change_post_removexattr(struct file *file, const char *name)
{
	security_inode_post_removexattr(file_dentry(file), name);
	return 0;
}

static int change_set_acl(struct file *file, const char *name)
{
	return security_inode_set_acl(&nop_mnt_idmap, file_dentry(file), name,
				      NULL);
}

static int change_post_set_acl(struct file *file, const char *name)
{
	security_inode_post_set_acl(file_dentry(file), name, NULL);
	return 0;
}

static int change_remove_acl(struct file *file, const char *name)
{
	return security_inode_remove_acl(&nop_mnt_idmap, file_dentry(file),
					 name);
}

static int change_post_remove_acl(struct file *file, const char *name)
{
	security_inode_post_remove_acl(&nop_mnt_idmap, file_dentry(file), name);
	return 0;
}

/* The hooks before a change, and the one for attributes, are appraisal's */
#define PRE		IS_ENABLED(CONFIG_IMA_APPRAISE)
/* As in evm.h, which cannot be included beside ima.h */
#define EVM_INIT_X509			0x0002
#define EVM_ALLOW_METADATA_WRITES	0x0004
extern int evm_initialized;

/* What EVM protects counts once EVM has a key */
#define WITH_EVM	IS_ENABLED(CONFIG_EVM)
#define WITH_ACL	(WITH_EVM && IS_ENABLED(CONFIG_FS_POSIX_ACL))

static const struct change_test change_tests[] = {
	{ "path_truncate", change_path_truncate, .content = 1 },
	{ "file_truncate", change_file_truncate, .content = 1 },
	{ "post_setattr, mode", change_post_setattr_mode, .attr = PRE },
	{ "post_setattr, size", change_post_setattr_size,
	  .content = 1, .attr = PRE },

	{ "setxattr security.ima", change_setxattr, XATTR_NAME_IMA,
	  .xattr = PRE },
	{ "post_setxattr security.ima", change_post_setxattr, XATTR_NAME_IMA,
	  .xattr = 1 },
	{ "removexattr security.ima", change_removexattr, XATTR_NAME_IMA,
	  .xattr = PRE },
	{ "post_removexattr security.ima", change_post_removexattr,
	  XATTR_NAME_IMA, .xattr = 1 },

	{ "post_setxattr security.capability", change_post_setxattr,
	  XATTR_NAME_CAPS },
	{ "post_removexattr security.capability", change_post_removexattr,
	  XATTR_NAME_CAPS },
	{ "set_acl", change_set_acl, XATTR_NAME_POSIX_ACL_ACCESS },
	{ "post_set_acl", change_post_set_acl, XATTR_NAME_POSIX_ACL_ACCESS },
	{ "remove_acl", change_remove_acl, XATTR_NAME_POSIX_ACL_DEFAULT },
	{ "post_remove_acl", change_post_remove_acl,
	  XATTR_NAME_POSIX_ACL_DEFAULT },

	{ "setxattr security.capability, key", change_setxattr,
	  XATTR_NAME_CAPS, .key = true, .xattr = PRE && WITH_EVM },
	{ "post_setxattr security.capability, key", change_post_setxattr,
	  XATTR_NAME_CAPS, .key = true, .xattr = WITH_EVM },
	{ "removexattr security.capability, key", change_removexattr,
	  XATTR_NAME_CAPS, .key = true, .xattr = PRE && WITH_EVM },
	{ "post_removexattr security.capability, key", change_post_removexattr,
	  XATTR_NAME_CAPS, .key = true, .xattr = WITH_EVM },
	{ "post_setxattr security.evm, key", change_post_setxattr,
	  XATTR_NAME_EVM, .key = true, .xattr = WITH_EVM },
	{ "set_acl, key", change_set_acl, XATTR_NAME_POSIX_ACL_ACCESS,
	  .key = true, .xattr = PRE && WITH_ACL },
	{ "post_set_acl, key", change_post_set_acl,
	  XATTR_NAME_POSIX_ACL_ACCESS, .key = true, .xattr = WITH_ACL },
	{ "remove_acl, key", change_remove_acl, XATTR_NAME_POSIX_ACL_DEFAULT,
	  .key = true, .xattr = PRE && WITH_ACL },
	{ "post_remove_acl, key", change_post_remove_acl,
	  XATTR_NAME_POSIX_ACL_DEFAULT, .key = true, .xattr = WITH_ACL },
	{ "setxattr user.name, key", change_setxattr, "user.name",
	  .key = true },
	{ "post_setxattr user.name, key", change_post_setxattr, "user.name",
	  .key = true },
};

static void change_test_desc(const struct change_test *change, char *desc)
{
	strscpy(desc, change->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(change, change_tests, change_test_desc);

static struct file *test_file(struct kunit *test)
{
	struct file *file = shmem_file_setup("ima-ns-test", PAGE_SIZE, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	return file;
}

static struct ima_iint_cache *test_iint(struct kunit *test, struct file *file)
{
	struct ima_iint_cache *iint;

	inode_lock(file_inode(file));
	iint = ima_inode_get(file_inode(file));
	inode_unlock(file_inode(file));
	KUNIT_ASSERT_NOT_NULL(test, iint);
	return iint;
}

/* A hook that is called by another task */
struct test_call {
	const struct change_test *change;
	struct file *file;
	int rc;
	struct completion done;
};

static int test_call_thread(void *arg)
{
	struct test_call *call = arg;

	call->rc = call->change->change(call->file, call->change->name);
	complete_all(&call->done);
	return 0;
}

/* The mutex is held all the time, as if another container hashed the file. */
static void change_counts_without_the_mutex(struct kunit *test)
{
	const struct change_test *change = test->param_value;
	const int saved = WITH_EVM ? evm_initialized : 0;
	struct file *file = test_file(test);
	struct ima_iint_cache *iint = test_iint(test, file);
	struct test_call call = { .change = change, .file = file };
	struct task_struct *task;

	init_completion(&call.done);
	if (WITH_EVM && change->key)
		evm_initialized |= EVM_INIT_X509 | EVM_ALLOW_METADATA_WRITES;

	mutex_lock(&iint->mutex);
	task = kthread_run(test_call_thread, &call, "ima-ns-test");
	if (!IS_ERR(task))
		KUNIT_EXPECT_NE_MSG(test,
				    wait_for_completion_timeout(&call.done,
								60 * HZ), 0,
				    "waits for the mutex");
	mutex_unlock(&iint->mutex);
	if (!IS_ERR(task))
		wait_for_completion(&call.done);
	if (WITH_EVM)
		evm_initialized = saved;

	KUNIT_EXPECT_FALSE(test, IS_ERR(task));
	KUNIT_EXPECT_EQ(test, call.rc, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_content),
			change->content);
	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_xattr), change->xattr);
	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_attr), change->attr);
	fput(file);
}

/* Only the last writer changes the generation; one before it leaves a note. */
static void last_writer_counts(struct kunit *test)
{
	struct file *file = test_file(test);
	struct inode *inode = file_inode(file);
	struct ima_iint_cache *iint = test_iint(test, file);

	KUNIT_ASSERT_TRUE(test, file->f_mode & FMODE_WRITE);

	/* written since, or the file cannot tell */
	inode_inc_iversion(inode);
	atomic_set(&inode->i_writecount, 1);
	security_file_release(file);
	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_content), 1);

	atomic_set(&inode->i_writecount, 2);
	security_file_release(file);
	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_content), 1);
	KUNIT_EXPECT_TRUE(test, test_bit(IMA_CHANGED, &iint->atomic_flags));

	/* the last one finds the file as it was collected, and the note */
	if (IS_I_VERSION(inode))
		atomic64_set(&iint->version, inode_peek_iversion(inode));
	atomic_set(&inode->i_writecount, 1);
	security_file_release(file);
	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_content), 2);
	KUNIT_EXPECT_FALSE(test, test_bit(IMA_CHANGED, &iint->atomic_flags));

	/* and now nothing, unless the file cannot tell */
	if (IS_I_VERSION(inode))
		atomic64_set(&iint->version,
			     inode_query_iversion(inode));
	security_file_release(file);
	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_content),
			IS_I_VERSION(inode) ? 2 : 3);

	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_xattr), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&iint->gen_attr), 0);
	atomic_set(&inode->i_writecount, 0);
	fput(file);
}

static struct kunit_case generation_test_cases[] = {
	KUNIT_CASE(each_change_changes_the_sum),
	KUNIT_CASE(xattrs_concern_children_only),
	KUNIT_CASE(verdicts_do_not_touch_each_other),
	KUNIT_CASE_PARAM(change_counts_without_the_mutex, change_gen_params),
	KUNIT_CASE(last_writer_counts),
	{}
};

static struct kunit_suite generation_test_suite = {
	.name = "ima-ns-generation",
	.test_cases = generation_test_cases,
};

/*
 * Real user namespaces in a chain, each with an IMA namespace.
 */

#define TEST_MAX_DEPTH	33

struct test_chain {
	const struct cred *cred[TEST_MAX_DEPTH];
	int depth;
	long namespaces;	/* of the initial user namespace's root, before */
};

/* Number of IMA namespaces that are charged to root in the initial one */
static long test_count(enum ucount_type type)
{
	struct ucounts *ucounts = alloc_ucounts(&init_user_ns, GLOBAL_ROOT_UID);
	long count;

	if (!ucounts)
		return -1;
	count = atomic_long_read(&ucounts->ucount[type]);
	put_ucounts(ucounts);
	return count;
}

static int chain_test_init(struct kunit *test)
{
	struct test_chain *chain;

	chain = kunit_kzalloc(test, sizeof(*chain), GFP_KERNEL);
	if (!chain)
		return -ENOMEM;
	chain->namespaces = test_count(UCOUNT_IMA_NAMESPACES);
	test->priv = chain;
	return 0;
}

/* All goes with the credentials: user namespaces, IMA namespaces, rules. */
static void test_end(struct kunit *test)
{
	struct test_chain *chain = test->priv;
	int i;

	while (chain->depth)
		put_cred(chain->cred[--chain->depth]);
	for (i = 0; i < 500; i++) {
		if (test_count(UCOUNT_IMA_NAMESPACES) == chain->namespaces)
			break;
		msleep(20);
	}
	KUNIT_EXPECT_EQ(test, test_count(UCOUNT_IMA_NAMESPACES),
			chain->namespaces);
	KUNIT_EXPECT_EQ(test, test_count(UCOUNT_IMA_RULES), 0);
}

static void chain_test_exit(struct kunit *test)
{
	if (test->priv)
		test_end(test);
}

static struct user_namespace *test_user_ns(struct kunit *test, int depth)
{
	struct test_chain *chain = test->priv;

	return chain->cred[depth - 1]->user_ns;
}

static struct ima_namespace *test_ima_ns(struct kunit *test, int depth)
{
	return ima_ns_of(test_user_ns(test, depth));
}

/* A user namespace below the last one; its id 0 is @first in the initial one. */
static struct user_namespace *test_unshare(struct kunit *test, u32 first)
{
	struct test_chain *chain = test->priv;
	const struct cred *old = NULL;
	struct user_namespace *user_ns;
	struct cred *cred;
	int rc;

	KUNIT_ASSERT_LT(test, chain->depth, TEST_MAX_DEPTH);
	if (chain->depth)
		old = override_creds(chain->cred[chain->depth - 1]);
	cred = prepare_creds();
	if (old)
		revert_creds(old);
	KUNIT_ASSERT_NOT_NULL(test, cred);

	rc = create_user_ns(cred);
	if (rc)
		put_cred(cred);
	KUNIT_ASSERT_EQ(test, rc, 0);
	chain->cred[chain->depth++] = cred;

	user_ns = cred->user_ns;
	user_ns->uid_map = init_user_ns.uid_map;
	user_ns->gid_map = init_user_ns.gid_map;
	if (first) {
		user_ns->uid_map.extent[0].lower_first = first;
		user_ns->uid_map.extent[0].count = 10;
		user_ns->gid_map.extent[0].lower_first = first;
		user_ns->gid_map.extent[0].count = 10;
	}
	return user_ns;
}

/* As the first mount of securityfs does it */
static struct ima_namespace *test_install(struct kunit *test,
					  struct user_namespace *user_ns)
{
	struct ima_namespace *ns = ima_ns_create(user_ns);

	KUNIT_ASSERT_FALSE(test, IS_ERR(ns));
	ima_ns_install(user_ns, ns);
	return ns;
}

static ssize_t test_parse(struct ima_policy_batch *batch, const char *text)
{
	char rule[256];
	ssize_t rc;

	strscpy(rule, text);
	mutex_lock(&batch->mutex);
	rc = ima_parse_add_rule(batch, rule);
	mutex_unlock(&batch->mutex);
	return rc;
}

/* As a writer with the audit privilege does it */
static void test_load(struct kunit *test, struct user_namespace *user_ns,
		      const char *text)
{
	struct ima_policy_batch batch;

	ima_policy_batch_init(&batch, ima_ns_of(user_ns), user_ns);
	batch.may_audit = true;
	KUNIT_EXPECT_EQ(test, test_parse(&batch, text), strlen(text) + 1);
	if (!list_empty(&batch.rules))
		ima_update_policy(&batch);
}

/* What the opener's user namespace reads of one rule */
static const char *test_show(struct kunit *test, struct list_head *rule,
			     struct user_namespace *user_ns)
{
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	struct cred *cred = kunit_kzalloc(test, sizeof(*cred), GFP_KERNEL);
	struct seq_file m = { .size = 512, .file = file };

	m.buf = kunit_kzalloc(test, m.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_ASSERT_NOT_NULL(test, cred);
	KUNIT_ASSERT_NOT_NULL(test, m.buf);
	cred->user_ns = user_ns;
	file->f_cred = cred;
	KUNIT_EXPECT_EQ(test, ima_policy_show(&m, rule), 0);
	KUNIT_EXPECT_FALSE(test, seq_has_overflowed(&m));
	return m.buf;
}

/*
 * The policy.
 */

struct rule_test {
	const char *text;
	const char *shown;	/* NULL: as written */
	int error;
	bool available;
};

#define SHOWN(_text)		{ .text = _text, .available = true }
#define SHOWN_AS(_text, _shown)	\
	{ .text = _text, .shown = _shown, .available = true }
#define SHOWN_IF(_config, _text)	\
	{ .text = _text, .error = -EINVAL, .available = IS_ENABLED(_config) }
#define WRONG(_text)		{ .text = _text, .error = -EINVAL }

static const struct rule_test rule_tests[] = {
	/* actions */
	SHOWN("measure "),
	SHOWN("dont_measure "),
	SHOWN("audit "),
	SHOWN("dont_audit "),
	SHOWN("hash "),
	SHOWN("dont_hash "),
	SHOWN("appraise "),
	SHOWN("dont_appraise "),
	/* hooks */
	SHOWN("audit func=FILE_CHECK "),
	SHOWN("audit func=MMAP_CHECK "),
	SHOWN("audit func=MMAP_CHECK_REQPROT "),
	SHOWN("audit func=BPRM_CHECK "),
	SHOWN("audit func=CREDS_CHECK "),
	SHOWN("audit func=MODULE_CHECK "),
	SHOWN("audit func=FIRMWARE_CHECK "),
	SHOWN("audit func=KEXEC_KERNEL_CHECK "),
	SHOWN("audit func=KEXEC_INITRAMFS_CHECK "),
	SHOWN("audit func=POLICY_CHECK "),
	SHOWN("measure func=KEXEC_CMDLINE "),
	SHOWN_AS("audit func=PATH_CHECK ", "audit func=FILE_CHECK "),
	SHOWN_AS("audit func=FILE_MMAP ", "audit func=MMAP_CHECK "),
	SHOWN_IF(CONFIG_IMA_MEASURE_ASYMMETRIC_KEYS,
		 "measure func=KEY_CHECK keyrings=.ima|.evm "),
	SHOWN("measure func=CRITICAL_DATA label=selinux|dm "),
	/* conditions */
	SHOWN("audit mask=MAY_EXEC "),
	SHOWN("audit mask=MAY_READ "),
	SHOWN("audit mask=MAY_WRITE "),
	SHOWN("audit mask=MAY_APPEND "),
	SHOWN("audit mask=^MAY_READ "),
	SHOWN("dont_audit fsmagic=0x9fa0 "),
	SHOWN_AS("dont_audit fsmagic=01021994 ", "dont_audit fsmagic=0x1021994 "),
	SHOWN("audit fsname=tmpfs "),
	SHOWN("audit fsuuid=8bcbe394-4f13-4144-be8e-5aa9ea2ce2f6 "),
	SHOWN("audit uid=0 "),
	SHOWN("audit uid>1000 "),
	SHOWN("audit uid<1000 "),
	SHOWN("audit euid=5 "),
	SHOWN("audit euid>5 "),
	SHOWN("audit euid<5 "),
	SHOWN("audit gid=6 "),
	SHOWN("audit gid>6 "),
	SHOWN("audit gid<6 "),
	SHOWN("audit egid=7 "),
	SHOWN("audit egid>7 "),
	SHOWN("audit egid<7 "),
	SHOWN("audit fowner=8 "),
	SHOWN("audit fowner>8 "),
	SHOWN("audit fowner<8 "),
	SHOWN("audit fgroup=9 "),
	SHOWN("audit fgroup>9 "),
	SHOWN("audit fgroup<9 "),
	/* what is for the host only */
	SHOWN("measure pcr=11 "),
	SHOWN("measure template=ima-sig "),
	SHOWN_AS("measure digest_type=verity template=ima-ngv2 ",
		 "measure template=ima-ngv2 digest_type=verity "),
	SHOWN("appraise appraise_type=imasig "),
	SHOWN("appraise func=BPRM_CHECK appraise_algos=sha256 "),
	SHOWN("appraise appraise_type=imasig permit_directio "),
	/* order and blanks */
	SHOWN_AS("  audit\tuid=0  func=BPRM_CHECK mask=MAY_EXEC",
		 "audit func=BPRM_CHECK mask=MAY_EXEC uid=0 "),
	SHOWN("audit func=BPRM_CHECK mask=MAY_EXEC fsmagic=0xef53 "
	      "uid=0 gid=1 fowner=2 fgroup=3 "),
	/* errors */
	WRONG("audit audit "),
	WRONG("dont_audit audit "),
	WRONG("frobnicate "),
	WRONG("func=FILE_CHECK "),
	WRONG("audit func=NO_CHECK "),
	WRONG("audit mask=MAY_DANCE "),
	WRONG("audit uid=root "),
	WRONG("audit uid=0 uid=0 "),
	WRONG("audit fsmagic=xyz "),
	WRONG("audit colour=red "),
	WRONG("measure pcr=99 "),
	WRONG("measure template=no-such "),
	WRONG("audit template=ima-sig "),
};

static void rule_test_desc(const struct rule_test *rule, char *desc)
{
	strscpy(desc, rule->text, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rule, rule_tests, rule_test_desc);

static void rule_is_shown_as_written(struct kunit *test)
{
	const struct rule_test *rule = test->param_value;
	struct ima_policy_batch batch;
	const char *shown, *expected = rule->shown ?: rule->text;
	ssize_t rc;

	/* never comes into force */
	ima_policy_batch_init(&batch, &init_ima_ns, &init_user_ns);
	rc = test_parse(&batch, rule->text);
	if (!rule->available) {
		KUNIT_EXPECT_EQ(test, rc, rule->error);
		KUNIT_EXPECT_TRUE(test, list_empty(&batch.rules));
	} else {
		KUNIT_EXPECT_EQ(test, rc, strlen(rule->text) + 1);
		KUNIT_EXPECT_FALSE(test, list_empty(&batch.rules));
	}
	if (!list_empty(&batch.rules)) {
		shown = test_show(test, batch.rules.next, &init_user_ns);
		KUNIT_EXPECT_EQ(test, strlen(shown), strlen(expected) + 1);
		KUNIT_EXPECT_TRUE_MSG(test, !strncmp(shown, expected,
						     strlen(expected)),
				      "shown: %s", shown);
		KUNIT_EXPECT_EQ(test, shown[strlen(shown) - 1], '\n');
	}
	ima_delete_rules(&batch);
}

static void comments_count_nothing(struct kunit *test)
{
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns = test_install(test, user_ns);
	struct ima_policy_batch batch;

	ima_policy_batch_init(&batch, ns, user_ns);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "# audit"), 8);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, ""), 1);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, " \t"), 3);
	/* one rule at a time: the rest is for the next call */
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "\ndont_audit"), 1);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 0);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "dont_audit\naudit"), 11);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 1);
	ima_delete_rules(&batch);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 0);
}

static void child_has_fewer_actions(struct kunit *test)
{
	static const char * const rejected[] = {
		"measure", "hash", "appraise",
	};
	static const char * const accepted[] = {
		"dont_measure", "dont_hash", "dont_appraise", "dont_audit",
	};
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns = test_install(test, user_ns);
	struct ima_policy_batch batch;
	int i;

	ima_policy_batch_init(&batch, ns, user_ns);
	KUNIT_EXPECT_FALSE(test, batch.may_audit);
	for (i = 0; i < ARRAY_SIZE(rejected); i++)
		KUNIT_EXPECT_EQ(test, test_parse(&batch, rejected[i]), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(accepted); i++)
		KUNIT_EXPECT_GT(test, test_parse(&batch, accepted[i]), 0);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "audit"), -EPERM);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, ARRAY_SIZE(accepted));
	batch.may_audit = true;
	KUNIT_EXPECT_GT(test, test_parse(&batch, "audit"), 0);
	for (i = 0; i < ARRAY_SIZE(rejected); i++)
		KUNIT_EXPECT_EQ(test, test_parse(&batch, rejected[i]), -EINVAL);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, ARRAY_SIZE(accepted) + 1);
	KUNIT_EXPECT_EQ(test, test_count(UCOUNT_IMA_RULES), ns->nr_rules);
	ima_delete_rules(&batch);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 0);
	KUNIT_EXPECT_EQ(test, test_count(UCOUNT_IMA_RULES), 0);
}

static void rule_1025_is_one_too_many(struct kunit *test)
{
	const int max = 1024;
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns = test_install(test, user_ns);
	struct ima_policy_batch one, two;
	int i;

	/* loaded and pending ones of several batches count together */
	for (i = 0; i < 4; i++)
		test_load(test, user_ns, "dont_audit uid=7");
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 4);
	ima_policy_batch_init(&one, ns, user_ns);
	ima_policy_batch_init(&two, ns, user_ns);
	for (i = 4; i < max; i++)
		KUNIT_ASSERT_GT(test, test_parse(i % 2 ? &one : &two,
						 "dont_audit"), 0);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, max);
	KUNIT_EXPECT_EQ(test, test_parse(&one, "dont_audit"), -EDQUOT);
	KUNIT_EXPECT_EQ(test, test_parse(&two, "dont_audit"), -EDQUOT);
	/* the quota goes before the contents, and comments need none */
	KUNIT_EXPECT_EQ(test, test_parse(&two, "# comment"), 10);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, max);
	KUNIT_EXPECT_EQ(test, test_count(UCOUNT_IMA_RULES), max);

	ima_delete_rules(&two);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 4 + (max - 4) / 2);
	KUNIT_EXPECT_GT(test, test_parse(&one, "dont_audit"), 0);
	ima_delete_rules(&one);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 4);
	KUNIT_EXPECT_EQ(test, test_count(UCOUNT_IMA_RULES), 4);
}

static void rules_of_a_user_are_limited(struct kunit *test)
{
	const long saved = init_user_ns.ucount_max[UCOUNT_IMA_RULES];
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns = test_install(test, user_ns);
	struct ima_policy_batch batch;

	KUNIT_EXPECT_EQ(test, saved, 1048576);
	ima_policy_batch_init(&batch, ns, user_ns);
	init_user_ns.ucount_max[UCOUNT_IMA_RULES] = 2;
	KUNIT_EXPECT_GT(test, test_parse(&batch, "dont_audit"), 0);
	KUNIT_EXPECT_GT(test, test_parse(&batch, "dont_audit"), 0);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "dont_audit"), -EDQUOT);
	init_user_ns.ucount_max[UCOUNT_IMA_RULES] = saved;
	KUNIT_EXPECT_GT(test, test_parse(&batch, "dont_audit"), 0);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 3);
	ima_delete_rules(&batch);
}

static void namespaces_of_a_user_are_limited(struct kunit *test)
{
	const long saved = init_user_ns.ucount_max[UCOUNT_IMA_NAMESPACES];
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns;

	init_user_ns.ucount_max[UCOUNT_IMA_NAMESPACES] =
		test_count(UCOUNT_IMA_NAMESPACES);
	ns = ima_ns_create(user_ns);
	init_user_ns.ucount_max[UCOUNT_IMA_NAMESPACES] = saved;
	KUNIT_EXPECT_PTR_EQ(test, ns, ERR_PTR(-ENOSPC));

	/* one that is never published gives back its charge */
	ns = ima_ns_create(user_ns);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ns));
	ima_ns_destroy(ns);
}

static void ids_are_translated(struct kunit *test)
{
	static const char text[] = "audit uid=0 gid=0 fowner=0 fgroup=0 ";
	struct user_namespace *user_ns = test_unshare(test, 1500);
	struct ima_namespace *ns = test_install(test, user_ns);
	struct ima_policy_batch batch, host;

	ima_policy_batch_init(&batch, ns, user_ns);
	batch.may_audit = true;
	KUNIT_EXPECT_GT(test, test_parse(&batch, text), 0);
	KUNIT_ASSERT_FALSE(test, list_empty(&batch.rules));
	KUNIT_EXPECT_STREQ(test, test_show(test, batch.rules.next, user_ns),
			   "audit uid=0 gid=0 fowner=0 fgroup=0 \n");
	KUNIT_EXPECT_STREQ(test, test_show(test, batch.rules.next, &init_user_ns),
			   "audit uid=1500 gid=1500 fowner=1500 fgroup=1500 \n");

	/* not mapped: no rule can have them */
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "audit uid=10"), -EINVAL);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "audit gid=10"), -EINVAL);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "audit fowner=1500"), -EINVAL);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "audit fgroup=1500"), -EINVAL);
	ima_delete_rules(&batch);

	/* and are shown as overflow id */
	ima_policy_batch_init(&host, &init_ima_ns, &init_user_ns);
	KUNIT_EXPECT_GT(test, test_parse(&host, text), 0);
	KUNIT_ASSERT_FALSE(test, list_empty(&host.rules));
	KUNIT_EXPECT_STREQ(test, test_show(test, host.rules.next, user_ns),
			   "audit uid=65534 gid=65534 fowner=65534 fgroup=65534 \n");
	ima_delete_rules(&host);
}

static void flags_follow_the_policy(struct kunit *test)
{
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns = test_install(test, user_ns);

	KUNIT_EXPECT_EQ(test, ns->policy_flag, 0);
	KUNIT_EXPECT_EQ(test, ns->funcs, 0);

	test_load(test, user_ns, "dont_audit uid=1");
	KUNIT_EXPECT_EQ(test, ns->policy_flag, 0);

	test_load(test, user_ns, "audit func=BPRM_CHECK");
	KUNIT_EXPECT_EQ(test, ns->policy_flag, IMA_AUDIT);
	KUNIT_EXPECT_TRUE(test, test_bit(BPRM_CHECK, &ns->funcs));
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 2);
}

static struct kunit_case policy_test_cases[] = {
	KUNIT_CASE_PARAM(rule_is_shown_as_written, rule_gen_params),
	KUNIT_CASE(comments_count_nothing),
	KUNIT_CASE(child_has_fewer_actions),
	KUNIT_CASE(rule_1025_is_one_too_many),
	KUNIT_CASE(rules_of_a_user_are_limited),
	KUNIT_CASE(namespaces_of_a_user_are_limited),
	KUNIT_CASE(ids_are_translated),
	KUNIT_CASE(flags_follow_the_policy),
	{}
};

static struct kunit_suite policy_test_suite = {
	.name = "ima-ns-policy",
	.init = chain_test_init,
	.exit = chain_test_exit,
	.test_cases = policy_test_cases,
};

/*
 * Evaluation, down to the point where a record would be written.
 */

/* Open a file at the inner end of the chain */
static int test_open(struct kunit *test, struct file *file)
{
	struct test_chain *chain = test->priv;
	const struct cred *old = NULL;
	int rc;

	if (chain->depth)
		old = override_creds(chain->cred[chain->depth - 1]);
	rc = security_file_post_open(file, MAY_READ);
	if (old)
		revert_creds(old);
	return rc;
}

static bool test_audited(struct ima_namespace *ns, struct file *file)
{
	struct ima_iint_cache *iint = ima_iint_find(file_inode(file));
	struct ima_status tmp, *status;
	bool audited;

	if (!iint)
		return false;
	status = ima_status_pin(ns, iint->cookie, &tmp);
	mutex_lock(&iint->mutex);
	audited = (status->flags & IMA_AUDITED) &&
		  status->gen_data == ima_gen_status(iint, ns);
	mutex_unlock(&iint->mutex);
	ima_status_unpin(status, &tmp);
	return audited;
}

/* Levels of the whole path, the host's included */
static const int path_tests[] = { 1, 4, 5, 34 };

static void path_test_desc(const int *levels, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d levels", *levels);
}

KUNIT_ARRAY_PARAM(path, path_tests, path_test_desc);

/* What happens while the first record of a test is on its way */
static struct test_report {
	struct file *file;
	unsigned int calls;
	unsigned int locked;	/* calls with the mutex of the iint held */
	bool change;
	bool open;
	bool lost;
} report;

static bool test_report(struct ima_level *level, const unsigned char *filename)
{
	struct ima_iint_cache *iint = ima_iint_find(file_inode(report.file));

	report.locked += mutex_is_locked(&iint->mutex);
	if (report.calls++)
		return !report.lost;

	if (report.change)
		security_path_truncate(&report.file->f_path);
	/* as another task of the same namespace */
	if (report.open)
		security_file_post_open(report.file, MAY_READ);
	return !report.lost;
}

static int evaluation_test_init(struct kunit *test)
{
	int rc = chain_test_init(test);

	memset(&report, 0, sizeof(report));
	kunit_activate_static_stub(test, ima_audit_measurement, test_report);
	return rc;
}

/* An active namespace that audits what is opened */
static struct ima_namespace *test_auditor(struct kunit *test)
{
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns = test_install(test, user_ns);

	KUNIT_ASSERT_EQ(test, ima_ns_activate(ns), 0);
	test_load(test, user_ns, "audit func=FILE_CHECK");
	return ns;
}

/* Marks of reports under way */
static u8 test_marks(struct ima_namespace *ns, struct file *file)
{
	struct ima_iint_cache *iint = ima_iint_find(file_inode(file));
	struct ima_status tmp, *status;
	u8 marks;

	status = ima_status_pin(ns, iint->cookie, &tmp);
	marks = READ_ONCE(status->marks);
	ima_status_unpin(status, &tmp);
	return marks;
}

static void change_while_reporting_is_reported(struct kunit *test)
{
	struct ima_namespace *ns = test_auditor(test);
	struct file *file = test_file(test);

	report.file = file;
	report.change = true;
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 1);
	KUNIT_EXPECT_FALSE(test, test_audited(ns, file));
	KUNIT_EXPECT_EQ(test, test_marks(ns, file), 0);

	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 2);
	KUNIT_EXPECT_TRUE(test, test_audited(ns, file));
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 2);
	KUNIT_EXPECT_EQ(test, report.locked, 0);
	fput(file);
}

static void old_mark_does_not_suppress(struct kunit *test)
{
	struct ima_namespace *ns = test_auditor(test);
	struct file *file = test_file(test);

	report.file = file;
	report.change = true;
	report.open = true;
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	/* both contents, and the first report does not undo the second */
	KUNIT_EXPECT_EQ(test, report.calls, 2);
	KUNIT_EXPECT_TRUE(test, test_audited(ns, file));
	KUNIT_EXPECT_EQ(test, test_marks(ns, file), 0);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 2);
	KUNIT_EXPECT_EQ(test, report.locked, 0);
	fput(file);
}

static void mark_suppresses_a_second_report(struct kunit *test)
{
	struct ima_namespace *ns = test_auditor(test);
	struct file *file = test_file(test);

	report.file = file;
	report.open = true;
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 1);
	KUNIT_EXPECT_TRUE(test, test_audited(ns, file));
	KUNIT_EXPECT_EQ(test, test_marks(ns, file), 0);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 1);
	fput(file);
}

static void lost_record_is_tried_again(struct kunit *test)
{
	struct ima_namespace *ns = test_auditor(test);
	struct file *file = test_file(test);

	report.file = file;
	report.lost = true;
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 1);
	KUNIT_EXPECT_FALSE(test, test_audited(ns, file));
	KUNIT_EXPECT_EQ(test, test_marks(ns, file), 0);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 2);
	report.lost = false;
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 3);
	fput(file);
}

/* Digests that an inode has */
static int test_digests(struct file *file)
{
	struct ima_iint_cache *iint = ima_iint_find(file_inode(file));
	struct ima_digest *digest;
	int count = 0;

	if (!iint)
		return 0;
	mutex_lock(&iint->mutex);
	for (digest = iint->digests; digest; digest = digest->next)
		count++;
	mutex_unlock(&iint->mutex);
	return count;
}

/* A file that counts how often it is read */
static const struct file_operations *real_fops;
static int test_reads;

static ssize_t test_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	test_reads++;
	return real_fops->read_iter(iocb, to);
}

static const struct file_operations test_fops = {
	.read_iter = test_read_iter,
};

static void one_hash_serves_all_levels(struct kunit *test)
{
	const int depth = *(const int *)test->param_value - 1;
	const int other = ima_hash_algo == HASH_ALGO_SHA1 ? HASH_ALGO_SHA256 :
							    HASH_ALGO_SHA1;
	struct file *file = test_file(test);
	struct ima_iint_cache *iint;
	struct ima_digest *digest, *again;
	const char *cause;
	int i;

	real_fops = file->f_op;
	file->f_op = &test_fops;
	test_reads = 0;
	report.file = file;
	for (i = 0; i < depth; i++)
		test_auditor(test);

	for (i = 1; i <= 3; i++) {
		KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
		KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
		KUNIT_EXPECT_EQ(test, report.calls, i * depth);
		KUNIT_EXPECT_EQ(test, test_digests(file), !!depth);
		/* a page is one read */
		KUNIT_EXPECT_EQ(test, test_reads, depth ? i : 0);
		KUNIT_EXPECT_EQ(test, security_path_truncate(&file->f_path), 0);
	}

	/* another algorithm is another hash; the same one is not */
	iint = test_iint(test, file);
	test_reads = 0;
	mutex_lock(&iint->mutex);
	ima_digests_drop(iint, U64_MAX);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test,
				ima_collect_measurement(iint, file, NULL, 0,
							i ? other :
							ima_hash_algo, false,
							ima_gen_data(iint),
							&digest, &cause), 0);
		KUNIT_EXPECT_EQ(test,
				ima_collect_measurement(iint, file, NULL, 0,
							i ? other :
							ima_hash_algo, false,
							ima_gen_data(iint),
							&again, &cause), 0);
		KUNIT_EXPECT_PTR_EQ(test, digest, again);
		ima_digest_put(digest);
		ima_digest_put(again);
	}
	mutex_unlock(&iint->mutex);
	KUNIT_EXPECT_EQ(test, test_digests(file), 2);
	KUNIT_EXPECT_EQ(test, test_reads, 2);

	file->f_op = real_fops;
	fput(file);
}

/* What BPF programs and others in the kernel ask for */
static void exported_hashes_are_the_hosts(struct kunit *test)
{
	const int saved = init_ima_ns.policy_flag;
	struct ima_namespace *ns = test_auditor(test);
	struct file *file = test_file(test);
	struct inode *inode = file_inode(file);
	struct ima_iint_cache *iint;
	struct ima_digest *digest;
	char hash[HASH_MAX_DIGESTSIZE];
	const char *cause;
	int flag, rc;

	report.file = file;
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_TRUE(test, test_audited(ns, file));
	KUNIT_ASSERT_EQ(test, test_digests(file), 1);
	iint = test_iint(test, file);

	for (flag = 0; flag < 2; flag++) {
		if (flag)
			init_ima_ns.policy_flag |= IMA_AUDIT;
		KUNIT_EXPECT_EQ(test, ima_inode_hash(inode, hash, sizeof(hash)),
				-EOPNOTSUPP);
		/* this one may compute it, and does so as the host */
		memset(hash, 0, sizeof(hash));
		KUNIT_EXPECT_EQ(test, ima_file_hash(file, hash, sizeof(hash)),
				ima_hash_algo);
		KUNIT_EXPECT_MEMEQ(test, hash, iint->digests->hash.digest,
				   hash_digest_size[ima_hash_algo]);
		/* which nobody keeps */
		KUNIT_EXPECT_EQ(test, ima_inode_hash(inode, hash, sizeof(hash)),
				-EOPNOTSUPP);
	}

	/* the host's level has one */
	mutex_lock(&iint->mutex);
	rc = ima_host_collect(iint, file, &digest, &cause);
	mutex_unlock(&iint->mutex);
	KUNIT_EXPECT_EQ(test, rc, 0);
	if (!rc)
		ima_digest_put(digest);
	KUNIT_EXPECT_EQ(test, ima_inode_hash(inode, hash, sizeof(hash)),
			ima_hash_algo);
	init_ima_ns.policy_flag = saved;
	if (!saved)
		KUNIT_EXPECT_EQ(test, ima_inode_hash(inode, hash, sizeof(hash)),
				-EOPNOTSUPP);
	fput(file);
}

/* The innermost keeps the whole chain, and lets it go in one loop. */
static void chain_ends_in_one_go(struct kunit *test)
{
	struct test_chain *chain = test->priv;
	struct file *file = test_file(test);
	int i;

	report.file = file;
	for (i = 0; i < TEST_MAX_DEPTH; i++)
		test_auditor(test);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, TEST_MAX_DEPTH);

	/* outermost first: nothing ends */
	for (i = 0; i < TEST_MAX_DEPTH - 1; i++)
		put_cred(chain->cred[i]);
	chain->cred[0] = chain->cred[TEST_MAX_DEPTH - 1];
	chain->depth = 1;
	rcu_barrier();
	msleep(100);
	KUNIT_EXPECT_EQ(test, test_count(UCOUNT_IMA_NAMESPACES),
			chain->namespaces + TEST_MAX_DEPTH);
	KUNIT_EXPECT_EQ(test, test_count(UCOUNT_IMA_RULES), TEST_MAX_DEPTH);

	/* all levels still count */
	KUNIT_EXPECT_EQ(test, security_path_truncate(&file->f_path), 0);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, report.calls, 2 * TEST_MAX_DEPTH);

	test_end(test);
	KUNIT_EXPECT_EQ(test, test_scan(2 * TEST_MAX_DEPTH), 0);
	fput(file);
}

static int test_open_thread(void *arg)
{
	struct test_thread *thread = arg;

	while (!kthread_should_stop()) {
		if (security_file_post_open(report.file, MAY_READ))
			thread->wrong++;
		thread->rounds++;
		cond_resched();
	}
	return 0;
}

static void key_follows_the_namespaces(struct kunit *test)
{
	struct test_thread thread = {};
	struct file *file = test_file(test);
	struct task_struct *task;
	int round;

	report.file = file;
	/* one that a minute ago was of another test */
	static_key_deferred_flush(&ima_ns_key);

	/* a task of the host runs through the branch while it changes */
	task = kthread_run(test_open_thread, &thread, "ima-ns-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	test_thread_wait(&thread);
	for (round = 1; round <= 20; round++) {
		KUNIT_EXPECT_FALSE(test, ima_ns_any_active());
		test_auditor(test);
		KUNIT_EXPECT_TRUE(test, ima_ns_any_active());
		KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
		KUNIT_EXPECT_EQ(test, report.calls, round);

		test_end(test);
		/* no code is patched yet: the next one may come at once */
		KUNIT_EXPECT_EQ(test, ima_ns_any_active(),
				IS_ENABLED(CONFIG_JUMP_LABEL));
		static_key_deferred_flush(&ima_ns_key);
	}
	KUNIT_EXPECT_FALSE(test, ima_ns_any_active());
	kthread_stop(task);
	KUNIT_EXPECT_GT(test, thread.rounds, 0);
	KUNIT_EXPECT_EQ(test, thread.wrong, 0);
	KUNIT_EXPECT_EQ(test, report.calls, 20);
	fput(file);
}

static struct kunit_case evaluation_test_cases[] = {
	KUNIT_CASE(change_while_reporting_is_reported),
	KUNIT_CASE(old_mark_does_not_suppress),
	KUNIT_CASE(mark_suppresses_a_second_report),
	KUNIT_CASE(lost_record_is_tried_again),
	KUNIT_CASE_PARAM(one_hash_serves_all_levels, path_gen_params),
	KUNIT_CASE(exported_hashes_are_the_hosts),
	KUNIT_CASE(chain_ends_in_one_go),
	KUNIT_CASE_SLOW(key_follows_the_namespaces),
	{}
};

static struct kunit_suite evaluation_test_suite = {
	.name = "ima-ns-evaluation",
	.init = evaluation_test_init,
	.exit = chain_test_exit,
	.test_cases = evaluation_test_cases,
};

/*
 * The policy file of a child.
 */

static struct vfsmount *test_mount(struct kunit *test)
{
	struct test_chain *chain = test->priv;
	const struct cred *old;
	struct vfsmount *mnt;

	old = override_creds(chain->cred[chain->depth - 1]);
	mnt = vfs_kern_mount(get_fs_type("securityfs"), 0, "securityfs", NULL);
	revert_creds(old);
	KUNIT_ASSERT_FALSE(test, IS_ERR(mnt));
	return mnt;
}

static struct file *test_open_policy(struct kunit *test, struct vfsmount *mnt,
				     int flags)
{
	struct test_chain *chain = test->priv;
	const struct cred *old;
	struct file *file;

	old = override_creds(chain->cred[chain->depth - 1]);
	file = file_open_root_mnt(mnt, "integrity/ima/policy", flags, 0);
	revert_creds(old);
	return file;
}

static umode_t test_policy_mode(struct kunit *test, struct vfsmount *mnt)
{
	struct file *file = test_open_policy(test, mnt, O_RDONLY);
	umode_t mode;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	mode = file_inode(file)->i_mode;
	__fput_sync(file);
	return mode & 07777;
}

/* One load only, unless the kernel is built to take more */
static void policy_file_closes_for_ever(struct kunit *test)
{
	const bool appendable = IS_ENABLED(CONFIG_IMA_WRITE_POLICY);
	const umode_t mode = appendable ? 0600 : 0400;
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct vfsmount *mnt = test_mount(test);
	struct ima_namespace *ns = ima_ns_of(user_ns);
	struct inode *inode;
	struct file *file;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, ns);
	KUNIT_ASSERT_EQ(test, ima_ns_activate(ns), 0);
	KUNIT_EXPECT_EQ(test, test_policy_mode(test, mnt), 0600);

	/* a bad batch closes nothing, and there is one writer at a time */
	file = test_open_policy(test, mnt, O_WRONLY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_PTR_EQ(test, test_open_policy(test, mnt, O_WRONLY),
			    (struct file *)ERR_PTR(-EBUSY));
	KUNIT_EXPECT_PTR_EQ(test, test_open_policy(test, mnt, O_RDWR),
			    (struct file *)ERR_PTR(-EACCES));
	__fput_sync(file);
	KUNIT_EXPECT_EQ(test, test_policy_mode(test, mnt), 0600);

	file = test_open_policy(test, mnt, O_WRONLY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_GT(test, test_parse(file->private_data, "dont_audit"), 0);
	inode = file_inode(file);
	__fput_sync(file);
	KUNIT_EXPECT_EQ(test, ns->nr_rules, 1);
	KUNIT_EXPECT_EQ(test, test_policy_mode(test, mnt), mode);

	file = test_open_policy(test, mnt, O_WRONLY);
	if (appendable)
		__fput_sync(file);
	else
		KUNIT_EXPECT_PTR_EQ(test, file,
				    (struct file *)ERR_PTR(-EBUSY));

	/* the next instance remembers; the bit tells the last one from it */
	inode->i_mode |= S_ISVTX;
	for (i = 0; i < 500; i++) {
		mntput(mnt);
		msleep(20);
		mnt = test_mount(test);
		if (!(test_policy_mode(test, mnt) & S_ISVTX))
			break;
	}
	KUNIT_EXPECT_PTR_EQ(test, ima_ns_of(user_ns), ns);
	KUNIT_EXPECT_EQ(test, test_policy_mode(test, mnt), mode);
	file = test_open_policy(test, mnt, O_WRONLY);
	if (appendable)
		__fput_sync(file);
	else
		KUNIT_EXPECT_PTR_EQ(test, file,
				    (struct file *)ERR_PTR(-EBUSY));
	mntput(mnt);
}

static struct kunit_case file_test_cases[] = {
	KUNIT_CASE(policy_file_closes_for_ever),
	{}
};

static struct kunit_suite file_test_suite = {
	.name = "ima-ns-file",
	.init = chain_test_init,
	.exit = chain_test_exit,
	.test_cases = file_test_cases,
};

/*
 * Records. Without an audit daemon records go to the kernel log;
 * a console catches them.
 */

static char log_text[64 * 1024];
static size_t log_len;

static void test_console_write(struct console *con, const char *text,
			       unsigned int len)
{
	len = min_t(size_t, len, sizeof(log_text) - 1 - log_len);
	memcpy(log_text + log_len, text, len);
	/* the reader looks at what is counted only */
	smp_store_release(&log_len, log_len + len);
}

static struct console test_console = {
	.name = "imatest",
	.write = test_console_write,
};

static int saved_interval;

static int record_test_init(struct kunit *test)
{
	int rc;

	if (!IS_ENABLED(CONFIG_AUDIT))
		kunit_skip(test, "no audit records here");
	rc = chain_test_init(test);
	if (rc)
		return rc;
	memset(log_text, 0, sizeof(log_text));
	log_len = 0;
	saved_interval = printk_ratelimit_state.interval;
	printk_ratelimit_state.interval = 0;
	/* cleared when it was unregistered */
	test_console.flags = CON_ENABLED;
	register_console(&test_console);
	return 0;
}

static void record_test_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	unregister_console(&test_console);
	printk_ratelimit_state.interval = saved_interval;
	chain_test_exit(test);
}

/* Number of records of a type; a last one tells that all are in the log. */
static int test_records(struct kunit *test, int type)
{
	static int serial;
	char mark[40], pattern[24];
	struct audit_buffer *ab;
	const char *p, *end;
	int i, count = 0;

	snprintf(mark, sizeof(mark), "ima_ns_test=%d", ++serial);
	ab = audit_log_start(NULL, GFP_KERNEL, AUDIT_KERNEL);
	if (!ab)
		kunit_skip(test, "no audit records here");
	audit_log_format(ab, "%s", mark);
	audit_log_end(ab);
	for (i = 0; i < 250; i++) {
		end = strstr(log_text, mark);
		if (end)
			break;
		msleep(20);
	}
	if (!end)
		kunit_skip(test, "audit records do not go to the kernel log");

	snprintf(pattern, sizeof(pattern), "type=%d ", type);
	for (p = log_text; (p = strstr(p, pattern)) && p < end; p++)
		count++;
	return count;
}

/* End of the line of the n-th record of a type, from 0; test_records() first */
static const char *test_record_end(struct kunit *test, int type, int n)
{
	char pattern[24];
	const char *p = log_text - 1, *line_end;
	char *line;

	snprintf(pattern, sizeof(pattern), "type=%d ", type);
	do {
		p = strstr(p + 1, pattern);
		if (!p)
			return "";
	} while (n--);
	line_end = strchrnul(p, '\n');
	line = kunit_kzalloc(test, line_end - p + 1, GFP_KERNEL);
	if (!line)
		return "";
	memcpy(line, p, line_end - p);
	return line;
}

static bool ends_with(const char *text, const char *tail)
{
	size_t len = strlen(text), tail_len = strlen(tail);

	return len >= tail_len && !strcmp(text + len - tail_len, tail);
}

static const char *test_tail(struct kunit *test, const char *before,
			     const struct ima_namespace *ns)
{
	const size_t size = 64;
	char *tail = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tail);
	snprintf(tail, size, "%s ima_ns=0x%llx", before, ima_ns_id(ns));
	return tail;
}

static void file_record_names_the_namespace(struct kunit *test)
{
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns = test_install(test, user_ns);
	struct ima_digest *digest;
	struct ima_level level = {};
	const char *record;

	digest = kunit_kzalloc(test, sizeof(*digest) + HASH_MAX_DIGESTSIZE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, digest);
	digest->hash.algo = HASH_ALGO_SHA1;
	digest->hash.length = hash_digest_size[HASH_ALGO_SHA1];
	level.digest = digest;

	level.ns = &init_ima_ns;
	KUNIT_EXPECT_TRUE(test, ima_audit_measurement(&level, "/of the host"));
	level.ns = ns;
	KUNIT_EXPECT_TRUE(test, ima_audit_measurement(&level, "/x"));
	KUNIT_ASSERT_EQ(test, test_records(test, AUDIT_INTEGRITY_RULE), 2);

	record = test_record_end(test, AUDIT_INTEGRITY_RULE, 0);
	/* a name with a blank is hex */
	KUNIT_EXPECT_NOT_NULL(test, strstr(record,
					   "): file=2F6F662074686520686F7374"
					   " hash=\"sha1:000000000000000000000"
					   "0000000000000000000\" "));
	KUNIT_EXPECT_NULL(test, strstr(record, "ima_ns"));

	record = test_record_end(test, AUDIT_INTEGRITY_RULE, 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(record, "): file=\"/x\" hash="));
	KUNIT_EXPECT_TRUE_MSG(test, ends_with(record, test_tail(test, "", ns)),
			      "%s", record);
}

static void rule_record_names_the_namespace(struct kunit *test)
{
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct ima_namespace *ns = test_install(test, user_ns);
	struct ima_policy_batch batch;
	const char *record;

	/* without the audit privilege there is none */
	ima_policy_batch_init(&batch, ns, user_ns);
	KUNIT_EXPECT_GT(test, test_parse(&batch, "dont_audit"), 0);
	batch.may_audit = true;
	KUNIT_EXPECT_GT(test, test_parse(&batch, "dont_audit uid>5"), 0);
	KUNIT_EXPECT_EQ(test, test_parse(&batch, "audit x=y"), -EINVAL);
	ima_delete_rules(&batch);
	ima_policy_batch_init(&batch, &init_ima_ns, &init_user_ns);
	KUNIT_EXPECT_GT(test, test_parse(&batch, "audit"), 0);
	ima_delete_rules(&batch);
	if (!test_records(test, AUDIT_INTEGRITY_POLICY_RULE))
		kunit_skip(test, "integrity_audit is off");
	KUNIT_ASSERT_EQ(test, test_records(test, AUDIT_INTEGRITY_POLICY_RULE), 3);

	record = test_record_end(test, AUDIT_INTEGRITY_POLICY_RULE, 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(record, "): action=\"dont_audit\" "
						   "uid>\"5\" ") ?:
				    strstr(record, "): action=dont_audit "
						   "uid>5 "));
	KUNIT_EXPECT_TRUE_MSG(test, ends_with(record,
					      test_tail(test, " res=1", ns)),
			      "%s", record);
	record = test_record_end(test, AUDIT_INTEGRITY_POLICY_RULE, 1);
	KUNIT_EXPECT_TRUE_MSG(test, ends_with(record,
					      test_tail(test, " res=0", ns)),
			      "%s", record);
	record = test_record_end(test, AUDIT_INTEGRITY_POLICY_RULE, 2);
	KUNIT_EXPECT_TRUE_MSG(test, ends_with(record, " res=1"), "%s", record);
}

static void each_level_decides(struct kunit *test)
{
	const int depth = *(const int *)test->param_value - 1;
	struct user_namespace *user_ns;
	struct file *file;
	int i;

	for (i = 1; i <= depth; i++) {
		user_ns = test_unshare(test, 0);
		KUNIT_EXPECT_EQ(test, user_ns->level, i);
		KUNIT_ASSERT_EQ(test,
				ima_ns_activate(test_install(test, user_ns)), 0);
		test_load(test, user_ns, "audit func=FILE_CHECK");
	}

	file = test_file(test);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	for (i = 1; i <= depth; i++)
		KUNIT_EXPECT_TRUE_MSG(test,
				      test_audited(test_ima_ns(test, i), file),
				      "level %d", i);
	KUNIT_EXPECT_EQ(test, test_records(test, AUDIT_INTEGRITY_RULE), depth);
	KUNIT_EXPECT_EQ(test, test_digests(file), !!depth);

	/* known by all: nothing is reported */
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, test_records(test, AUDIT_INTEGRITY_RULE), depth);

	/* stale for all: each reports again */
	KUNIT_EXPECT_EQ(test, security_path_truncate(&file->f_path), 0);
	for (i = 1; i <= depth; i++)
		KUNIT_EXPECT_FALSE(test,
				   test_audited(test_ima_ns(test, i), file));
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, test_records(test, AUDIT_INTEGRITY_RULE),
			2 * depth);

	/* outermost first */
	for (i = 0; i < 2 * depth; i++) {
		const char *tail = test_tail(test, "",
					     test_ima_ns(test, i % depth + 1));

		KUNIT_EXPECT_TRUE(test, ends_with(test_record_end(test,
								  AUDIT_INTEGRITY_RULE,
								  i), tail));
	}
	fput(file);
}

static void levels_without_policy_are_skipped(struct kunit *test)
{
	struct user_namespace *outer, *middle, *inner, *last;
	struct ima_namespace *ns;
	struct file *file;

	outer = test_unshare(test, 0);
	KUNIT_ASSERT_EQ(test, ima_ns_activate(test_install(test, outer)), 0);
	test_load(test, outer, "audit func=FILE_CHECK");
	/* no IMA namespace */
	middle = test_unshare(test, 0);
	KUNIT_EXPECT_NULL(test, ima_ns_of(middle));
	/* not active */
	inner = test_unshare(test, 0);
	test_install(test, inner);
	test_load(test, inner, "audit func=FILE_CHECK");
	/* active, other hook */
	last = test_unshare(test, 0);
	KUNIT_ASSERT_EQ(test, ima_ns_activate(test_install(test, last)), 0);
	test_load(test, last, "audit func=BPRM_CHECK");

	file = test_file(test);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, test_records(test, AUDIT_INTEGRITY_RULE), 1);
	KUNIT_EXPECT_TRUE(test, test_audited(ima_ns_of(outer), file));
	ns = ima_ns_of(last);
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 0);

	/* rules that were loaded before count from activation on */
	KUNIT_EXPECT_EQ(test, ima_ns_activate(ima_ns_of(inner)), 0);
	KUNIT_EXPECT_EQ(test, ima_ns_activate(ima_ns_of(inner)), -EBUSY);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, test_records(test, AUDIT_INTEGRITY_RULE), 2);
	KUNIT_EXPECT_TRUE(test, test_audited(ima_ns_of(inner), file));
	fput(file);
}

static void first_match_wins(struct kunit *test)
{
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct file *file = test_file(test);

	KUNIT_ASSERT_EQ(test, ima_ns_activate(test_install(test, user_ns)), 0);
	test_load(test, user_ns, "dont_audit fsmagic=0x01021994");
	test_load(test, user_ns, "audit func=FILE_CHECK");
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, test_records(test, AUDIT_INTEGRITY_RULE), 0);
	KUNIT_EXPECT_FALSE(test, test_audited(ima_ns_of(user_ns), file));
	fput(file);
}

static void eviction_repeats_a_record(struct kunit *test)
{
	struct user_namespace *user_ns = test_unshare(test, 0);
	struct file *file = test_file(test);
	struct ima_namespace *ns;

	ns = test_install(test, user_ns);
	KUNIT_ASSERT_EQ(test, ima_ns_activate(ns), 0);
	test_load(test, user_ns, "audit func=FILE_CHECK");
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	while (test_scan(1))
		;
	KUNIT_EXPECT_EQ(test, atomic_read(&ns->nr_statuses), 0);
	KUNIT_EXPECT_EQ(test, test_open(test, file), 0);
	KUNIT_EXPECT_EQ(test, test_records(test, AUDIT_INTEGRITY_RULE), 2);
	fput(file);
}

static struct kunit_case record_test_cases[] = {
	KUNIT_CASE(file_record_names_the_namespace),
	KUNIT_CASE(rule_record_names_the_namespace),
	KUNIT_CASE_PARAM(each_level_decides, path_gen_params),
	KUNIT_CASE(levels_without_policy_are_skipped),
	KUNIT_CASE(first_match_wins),
	KUNIT_CASE(eviction_repeats_a_record),
	{}
};

static struct kunit_suite record_test_suite = {
	.name = "ima-ns-record",
	.init = record_test_init,
	.exit = record_test_exit,
	.test_cases = record_test_cases,
};

kunit_test_suites(&status_test_suite, &generation_test_suite,
		  &policy_test_suite, &evaluation_test_suite,
		  &file_test_suite, &record_test_suite);
