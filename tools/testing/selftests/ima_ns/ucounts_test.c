// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - the limits user.max_ima_namespaces and user.max_ima_rules
 *
 * Copyright (C) 2026 Overlay Team
 *
 * All containers belong to uids that no other test uses: namespaces that just
 * ended are still counted for a moment.
 */

#include "common.h"
#include "../kselftest_harness.h"

#define MAX_NS		"/proc/sys/user/max_ima_namespaces"
#define MAX_RULES	"/proc/sys/user/max_ima_rules"
#define RULE_NONE	"dont_audit func=BPRM_CHECK \n"

#define OWNER_A		((struct ct_opts){ .owner = 1601, .map = "0 1601 1" })
#define OWNER_B		((struct ct_opts){ .owner = 1602, .map = "0 1602 1" })
#define OWNER_C		((struct ct_opts){ .owner = 1603, .map = "0 1603 1" })

FIXTURE(limits)
{
	long max_ns, max_rules;
};

FIXTURE_SETUP(limits)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	self->max_ns = sysctl_get(MAX_NS);
	self->max_rules = sysctl_get(MAX_RULES);
	ASSERT_LT(0, self->max_ns);
	ASSERT_LT(0, self->max_rules);
}

FIXTURE_TEARDOWN(limits)
{
	sysctl_put(MAX_NS, self->max_ns);
	sysctl_put(MAX_RULES, self->max_rules);
	audit_close();
}

/* teardown of a namespace is asynchronous: retries for some seconds */
static long mount_retry(struct container *c)
{
	unsigned int i;
	long ret;

	for (i = 0; i < scaled(100, 400); i++) {
		ret = ct_mount(c);
		if (ret != -ENOSPC)
			break;
		usleep(100000);
	}
	return ret;
}

static long load_retry(struct container *c, const char *rules)
{
	unsigned int i;
	long ret;

	for (i = 0; i < scaled(100, 400); i++) {
		ret = ct_load(c, IMA "/policy", rules);
		if (ret != -EDQUOT)
			break;
		usleep(100000);
	}
	return ret;
}

TEST_F(limits, the_default_of_max_ima_rules_is_1048576)
{
	EXPECT_EQ(1048576, self->max_rules);
}

TEST_F(limits, the_default_of_max_ima_namespaces_is_that_of_the_others)
{
	EXPECT_EQ(sysctl_get("/proc/sys/user/max_user_namespaces"),
		  self->max_ns);
}

TEST_F(limits, a_mount_over_the_limit_is_ENOSPC)
{
	struct container *a = ct_start(NULL, OWNER_A);
	struct container *b = ct_start(NULL, OWNER_A);

	ASSERT_NE(NULL, a);
	ASSERT_NE(NULL, b);
	ASSERT_EQ(0, sysctl_put(MAX_NS, 0));
	EXPECT_EQ(-ENOSPC, ct_mount(a));
	EXPECT_EQ(-ENOSPC, ct_mount(a));
	ASSERT_EQ(0, sysctl_put(MAX_NS, 1));
	ASSERT_EQ(0, mount_retry(a));
	EXPECT_EQ(-ENOSPC, ct_mount(b));
	/* the counted namespace is not counted again */
	ASSERT_EQ(0, ct_umount(a));
	EXPECT_EQ(0, ct_mount(a));
	EXPECT_EQ(2, ct_put(a, IMA "/active", "1\n"));
	EXPECT_EQ(-ENOSPC, ct_mount(b));
	/* its end makes room */
	ct_end(a);
	EXPECT_EQ(0, mount_retry(b));
	ct_end(b);
}

TEST_F(limits, owners_are_counted_apart)
{
	struct container *a = ct_start(NULL, OWNER_A);
	struct container *b = ct_start(NULL, OWNER_B);

	ASSERT_NE(NULL, a);
	ASSERT_NE(NULL, b);
	ASSERT_EQ(0, sysctl_put(MAX_NS, 1));
	ASSERT_EQ(0, mount_retry(a));
	EXPECT_EQ(0, mount_retry(b));
	ct_end(a);
	ct_end(b);
}

static long fn_sysctl(const long *args)
{
	return sysctl_put((const char *)args[0], args[1]);
}

TEST_F(limits, a_container_limits_its_own_descendants)
{
	struct container *outer = ct_start(NULL, (struct ct_opts){});
	struct container *inner;

	ASSERT_NE(NULL, outer);
	inner = ct_start(outer, (struct ct_opts){});
	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, ct_call(outer, fn_sysctl, (long)MAX_NS, 0, 0, 0));
	EXPECT_EQ(-ENOSPC, ct_mount(inner));
	/* but not itself: it is charged to its parent */
	EXPECT_EQ(0, ct_mount(outer));
	ASSERT_EQ(0, ct_call(outer, fn_sysctl, (long)MAX_NS, 1, 0, 0));
	EXPECT_EQ(0, ct_mount(inner));
	ct_end(inner);
	ct_end(outer);
}

TEST_F(limits, nested_namespaces_count_at_every_level)
{
	struct container *outer = ct_start(NULL, OWNER_A);
	struct container *inner;

	ASSERT_NE(NULL, outer);
	inner = ct_start(outer, (struct ct_opts){ .map = "0 0 1" });
	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, sysctl_put(MAX_NS, 1));
	ASSERT_EQ(0, mount_retry(outer));
	EXPECT_EQ(-ENOSPC, ct_mount(inner));
	ASSERT_EQ(0, sysctl_put(MAX_NS, 2));
	EXPECT_EQ(0, ct_mount(inner));
	ct_end(inner);
	ct_end(outer);
}

TEST_F(limits, a_rule_over_the_limit_is_EDQUOT_and_spoils_the_batch)
{
	struct container *a = ct_active(NULL, OWNER_A, NULL);
	long fd;

	ASSERT_NE(NULL, a);
	ASSERT_EQ(0, sysctl_put(MAX_RULES, 3));
	ASSERT_EQ(0, load_retry(a, RULE_NONE));
	fd = ct_open(a, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(a, fd, RULE_NONE));
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(a, fd, RULE_NONE));
	EXPECT_EQ(-EDQUOT, ct_write(a, fd, RULE_NONE));
	ASSERT_EQ(0, ct_close(a, fd));
	EXPECT_EQ((long)strlen(RULE_NONE), ct_cat(a, IMA "/policy"));
	/* what was dropped is not charged */
	EXPECT_EQ(0, ct_load(a, IMA "/policy", RULE_NONE RULE_NONE));
	EXPECT_EQ(-EDQUOT, ct_load(a, IMA "/policy", RULE_NONE));
	ct_end(a);
}

TEST_F(limits, rules_are_charged_to_the_owner_across_namespaces)
{
	struct container *a1 = ct_active(NULL, OWNER_A, NULL);
	struct container *a2 = ct_active(NULL, OWNER_A, NULL);
	struct container *b = ct_active(NULL, OWNER_B, NULL);

	ASSERT_NE(NULL, a1);
	ASSERT_NE(NULL, a2);
	ASSERT_NE(NULL, b);
	ASSERT_EQ(0, sysctl_put(MAX_RULES, 2));
	ASSERT_EQ(0, load_retry(a1, RULE_NONE RULE_NONE));
	EXPECT_EQ(-EDQUOT, ct_load(a2, IMA "/policy", RULE_NONE));
	EXPECT_EQ(0, load_retry(b, RULE_NONE RULE_NONE));
	/* the end of a namespace gives its rules back */
	ct_end(a1);
	EXPECT_EQ(0, load_retry(a2, RULE_NONE RULE_NONE));
	ct_end(a2);
	ct_end(b);
}

TEST_F(limits, a_container_limits_the_rules_of_its_descendants)
{
	struct container *outer = ct_active(NULL, (struct ct_opts){}, NULL);
	struct container *inner;

	ASSERT_NE(NULL, outer);
	inner = ct_active(outer, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, ct_call(outer, fn_sysctl, (long)MAX_RULES, 1, 0, 0));
	EXPECT_EQ(0, ct_load(inner, IMA "/policy", RULE_NONE));
	EXPECT_EQ(-EDQUOT, ct_load(inner, IMA "/policy", RULE_NONE));
	/* its own rules are charged to its parent */
	EXPECT_EQ(0, ct_load(outer, IMA "/policy", RULE_NONE RULE_NONE));
	ct_end(inner);
	ct_end(outer);
}

/*
 * A descriptor that the host keeps outlives the container: it still works, the
 * namespace is still counted, and both end with the descriptor
 */
FIXTURE(kept)
{
	struct container *a, *b;
	long max_ns;
};

FIXTURE_SETUP(kept)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	self->max_ns = sysctl_get(MAX_NS);
	ASSERT_LT(0, self->max_ns);
	ASSERT_EQ(0, sysctl_put(MAX_NS, 1));
	self->a = ct_start(NULL, OWNER_C);
	ASSERT_NE(NULL, self->a);
	self->b = ct_start(NULL, OWNER_C);
	ASSERT_NE(NULL, self->b);
	ASSERT_EQ(0, mount_retry(self->a));
}

FIXTURE_TEARDOWN(kept)
{
	ct_end(self->a);
	ct_end(self->b);
	sysctl_put(MAX_NS, self->max_ns);
	audit_close();
}

#define EXPECT_COUNTED_UNTIL_CLOSE(_fd) do {				\
	EXPECT_EQ(-ENOSPC, ct_mount(self->b));				\
	ASSERT_EQ(0, close(_fd));					\
	EXPECT_EQ(0, mount_retry(self->b));				\
} while (0)

TEST_F(kept, a_descriptor_of_active_works_on)
{
	long fd = ct_open(self->a, IMA "/active", O_RDWR);
	long passed = ct_pass_fd(self->a, fd, NULL);
	char text[4] = "";

	ASSERT_LE(0, passed);
	ct_end(self->a);
	EXPECT_EQ(2, pread(passed, text, sizeof(text), 0));
	EXPECT_STREQ("0\n", text);
	EXPECT_EQ(2, pwrite(passed, "1\n", 2, 0));
	EXPECT_EQ(2, pread(passed, text, sizeof(text), 0));
	EXPECT_STREQ("1\n", text);
	EXPECT_COUNTED_UNTIL_CLOSE(passed);
}

TEST_F(kept, a_descriptor_of_policy_works_on)
{
	long w, r, writer, reader;

	ASSERT_EQ(2, ct_put(self->a, IMA "/active", "1\n"));
	w = ct_open(self->a, IMA "/policy", O_WRONLY);
	writer = ct_pass_fd(self->a, w, NULL);
	r = ct_open(self->a, IMA "/policy", O_RDONLY);
	reader = ct_pass_fd(self->a, r, NULL);
	ASSERT_LE(0, writer);
	ASSERT_LE(0, reader);
	ct_end(self->a);
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(NULL, writer, RULE_NONE));
	ASSERT_EQ(0, close(writer));
	EXPECT_EQ((long)strlen(RULE_NONE), ct_read(NULL, reader));
	EXPECT_STREQ(RULE_NONE, ct_out(NULL));
	EXPECT_COUNTED_UNTIL_CLOSE(reader);
}

static long fn_open_tree(const long *args)
{
	long fd = syscall(SYS_open_tree, AT_FDCWD, (const char *)args[0],
			  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

TEST_F(kept, a_mount_works_on)
{
	long fd = ct_call(self->a, fn_open_tree, (long)SEC, 0, 0, 0);
	long passed = ct_pass_fd(self->a, fd, NULL);
	int file;

	ASSERT_LE(0, passed);
	ct_end(self->a);
	file = openat(passed, "integrity/ima/active", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, file);
	EXPECT_EQ(2, write(file, "1\n", 2));
	ASSERT_EQ(0, close(file));
	file = openat(passed, "ima/policy", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, file);
	EXPECT_EQ(0, ct_read(NULL, file));
	ASSERT_EQ(0, close(file));
	EXPECT_COUNTED_UNTIL_CLOSE(passed);
}

TEST_F(limits, the_end_of_many_namespaces_leaves_no_charge)
{
	unsigned int i, n = scaled(50, 10);
	struct container *c;

	ASSERT_EQ(0, sysctl_put(MAX_NS, 1));
	ASSERT_EQ(0, sysctl_put(MAX_RULES, 2));
	for (i = 0; i < n; i++) {
		c = ct_start(NULL, OWNER_B);
		ASSERT_NE(NULL, c);
		ASSERT_EQ(0, mount_retry(c));
		ASSERT_EQ(2, ct_put(c, IMA "/active", "1\n"));
		ASSERT_EQ(0, load_retry(c, RULE_NONE RULE_NONE));
		ct_end(c);
	}
}

TEST_HARNESS_MAIN
