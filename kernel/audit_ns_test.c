// SPDX-License-Identifier: GPL-2.0
/*
 * Audit namespaces - KUnit tests
 *
 * Copyright (C) 2026 Overlay Team
 */

#include <kunit/test.h>
#include <linux/audit.h>
#include <linux/ns_id.h>
#include <linux/string.h>

#include "audit.h"

struct audit_ns_fixture {
	struct ns_common old[AUDIT_NS_TYPES];
	struct ns_common new[AUDIT_NS_TYPES];
	struct audit_ns_instances before;
	struct audit_ns_instances after;
	struct audit_ns_event *list;
};

/* Ids of the old ones are 101 to 108, of the new ones 201 to 208. */
static int audit_ns_test_init(struct kunit *test)
{
	struct audit_ns_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	for (i = 0; i < AUDIT_NS_TYPES; i++) {
		f->old[i].ns_id = 101 + i;
		f->new[i].ns_id = 201 + i;
		f->before.ns[i] = &f->old[i];
		f->after.ns[i] = &f->old[i];
	}
	test->priv = f;
	return 0;
}

static void audit_ns_test_exit(struct kunit *test)
{
	struct audit_ns_fixture *f = test->priv;

	audit_ns_free(&f->list);
}

static void nothing_changed_is_no_event(struct kunit *test)
{
	struct audit_ns_fixture *f = test->priv;

	audit_ns_collect(&f->list, AUDIT_NS_INIT, &f->before, &f->after);
	KUNIT_EXPECT_NULL(test, f->list);
}

static void all_types_come_in_order_of_creation(struct kunit *test)
{
	struct audit_ns_fixture *f = test->priv;
	struct audit_ns_event *e;
	int i;

	for (i = 0; i < AUDIT_NS_TYPES; i++)
		f->after.ns[i] = &f->new[i];
	audit_ns_collect(&f->list, AUDIT_NS_INIT, &f->before, &f->after);
	for (i = 0, e = f->list; i < AUDIT_NS_TYPES; i++, e = e->next) {
		KUNIT_ASSERT_NOT_NULL(test, e);
		KUNIT_EXPECT_EQ(test, e->record, AUDIT_NS_INIT);
		KUNIT_EXPECT_EQ(test, e->type, i);
		KUNIT_EXPECT_EQ(test, e->id, 201 + i);
		KUNIT_EXPECT_EQ(test, e->old, 101 + i);
		KUNIT_EXPECT_TRUE(test, f->new[i].audit_announced);
		KUNIT_EXPECT_FALSE(test, f->old[i].audit_announced);
	}
	KUNIT_EXPECT_NULL(test, e);
}

/* unshare() of user and net: two calls, one list */
static void later_events_are_appended(struct kunit *test)
{
	struct audit_ns_fixture *f = test->priv;

	f->after.ns[AUDIT_NS_USER] = &f->new[AUDIT_NS_USER];
	audit_ns_collect(&f->list, AUDIT_NS_INIT, &f->before, &f->after);
	f->after.ns[AUDIT_NS_USER] = &f->old[AUDIT_NS_USER];
	f->after.ns[AUDIT_NS_NET] = &f->new[AUDIT_NS_NET];
	f->after.ns[AUDIT_NS_MNT] = &f->new[AUDIT_NS_MNT];
	audit_ns_collect(&f->list, AUDIT_NS_INIT, &f->before, &f->after);

	KUNIT_ASSERT_NOT_NULL(test, f->list);
	KUNIT_EXPECT_EQ(test, f->list->type, AUDIT_NS_USER);
	KUNIT_ASSERT_NOT_NULL(test, f->list->next);
	KUNIT_EXPECT_EQ(test, f->list->next->type, AUDIT_NS_MNT);
	KUNIT_ASSERT_NOT_NULL(test, f->list->next->next);
	KUNIT_EXPECT_EQ(test, f->list->next->next->type, AUDIT_NS_NET);
	KUNIT_EXPECT_NULL(test, f->list->next->next->next);
}

/* Whoever enters a namespace does not answer for its end. */
static void an_entered_instance_is_not_announced(struct kunit *test)
{
	struct audit_ns_fixture *f = test->priv;

	f->after.ns[AUDIT_NS_NET] = &f->new[AUDIT_NS_NET];
	audit_ns_collect(&f->list, AUDIT_NS_SET, &f->before, &f->after);
	KUNIT_ASSERT_NOT_NULL(test, f->list);
	KUNIT_EXPECT_EQ(test, f->list->record, AUDIT_NS_SET);
	KUNIT_EXPECT_EQ(test, f->list->id, 201 + AUDIT_NS_NET);
	KUNIT_EXPECT_FALSE(test, f->new[AUDIT_NS_NET].audit_announced);
}

/* No configuration lacks mount namespaces; the one type stands for all. */
static void a_type_not_configured_has_its_initial_id(struct kunit *test)
{
	struct audit_ns_fixture *f = test->priv;

	f->before.ns[AUDIT_NS_MNT] = NULL;
	f->after.ns[AUDIT_NS_MNT] = &f->new[AUDIT_NS_MNT];
	audit_ns_collect(&f->list, AUDIT_NS_SET, &f->before, &f->after);
	KUNIT_ASSERT_NOT_NULL(test, f->list);
	KUNIT_EXPECT_EQ(test, f->list->old, MNT_NS_INIT_ID);
}

static void freed_list_is_empty(struct kunit *test)
{
	struct audit_ns_fixture *f = test->priv;

	f->after.ns[AUDIT_NS_UTS] = &f->new[AUDIT_NS_UTS];
	audit_ns_collect(&f->list, AUDIT_NS_INIT, &f->before, &f->after);
	KUNIT_EXPECT_NOT_NULL(test, f->list);
	audit_ns_free(&f->list);
	KUNIT_EXPECT_NULL(test, f->list);
	audit_ns_free(&f->list);
	KUNIT_EXPECT_NULL(test, f->list);
}

/* uts and time objects come with whatever their memory held before. */
static void a_fresh_instance_is_not_announced(struct kunit *test)
{
	struct ns_common ns;

	memset(&ns, 0xff, sizeof(ns));
	audit_ns_alloc(&ns);
	KUNIT_EXPECT_FALSE(test, ns.audit_announced);
}

/* The task that runs the tests is a kernel thread in the initial instances. */
static void own_instances_are_the_initial_ones(struct kunit *test)
{
	static const enum init_ns_id id[] = {
		[AUDIT_NS_USER] = USER_NS_INIT_ID,
		[AUDIT_NS_MNT] = MNT_NS_INIT_ID,
		[AUDIT_NS_UTS] = UTS_NS_INIT_ID,
		[AUDIT_NS_IPC] = IPC_NS_INIT_ID,
		[AUDIT_NS_PID] = PID_NS_INIT_ID,
		[AUDIT_NS_CGROUP] = CGROUP_NS_INIT_ID,
		[AUDIT_NS_NET] = NET_NS_INIT_ID,
		[AUDIT_NS_TIME] = TIME_NS_INIT_ID,
	};
	struct audit_ns_instances own;
	int i;

	audit_ns_own(&own);
	for (i = 0; i < AUDIT_NS_TYPES; i++)
		KUNIT_EXPECT_PTR_EQ(test, own.ns[i], ns_id_initial(id[i]));
}

/* Both sysctls are 0 at boot. */
static void nothing_is_on_by_default(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, audit_ns_switches.info, 0);
	KUNIT_EXPECT_EQ(test, audit_ns_switches.lifecycle, 0);
}

static struct kunit_case audit_ns_test_cases[] = {
	KUNIT_CASE(nothing_changed_is_no_event),
	KUNIT_CASE(all_types_come_in_order_of_creation),
	KUNIT_CASE(later_events_are_appended),
	KUNIT_CASE(an_entered_instance_is_not_announced),
	KUNIT_CASE(a_type_not_configured_has_its_initial_id),
	KUNIT_CASE(freed_list_is_empty),
	KUNIT_CASE(a_fresh_instance_is_not_announced),
	KUNIT_CASE(own_instances_are_the_initial_ones),
	KUNIT_CASE(nothing_is_on_by_default),
	{}
};

static struct kunit_suite audit_ns_test_suite = {
	.name = "audit_ns",
	.init = audit_ns_test_init,
	.exit = audit_ns_test_exit,
	.test_cases = audit_ns_test_cases,
};

kunit_test_suite(audit_ns_test_suite);
