// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - who may use the files: descriptors that travel, openers and
 * writers with different rights
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

/*
 *	host
 *	 +-- outer -- inner
 *	 +-- sibling
 */
FIXTURE(family)
{
	struct container *outer, *inner, *sibling;
};

FIXTURE_SETUP(family)
{
	SETUP_WORKDIR();
	self->outer = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->outer);
	self->inner = ct_active(self->outer, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->inner);
	self->sibling = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->sibling);
}

FIXTURE_TEARDOWN(family)
{
	ct_end(self->inner);
	ct_end(self->outer);
	ct_end(self->sibling);
}

static long fn_openat(const long *args)
{
	int fd = openat(args[0], (const char *)args[1], args[2] | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static long fn_fstatat(const long *args)
{
	struct stat st;

	return fstatat(args[0], (const char *)args[1], &st, 0) ? -errno : 0;
}

/* @user opens @name below the mounted tree of @owner */
static long open_below(struct container *owner, struct container *user,
		       const char *name, int flags)
{
	long dir = ct_open(owner, SEC, O_RDONLY | O_DIRECTORY);
	long passed = ct_pass_fd(owner, dir, user);
	long ret;

	ct_close(owner, dir);
	if (passed < 0)
		return passed;
	ret = ct_call(user, fn_openat, passed, (long)name, flags, 0);
	ct_close(user, passed);
	return ret;
}

TEST_F(family, an_ancestor_may_open)
{
	long fd;

	fd = open_below(self->inner, self->outer, "integrity/ima/id", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_LT(0, ct_read(self->outer, fd));
	EXPECT_EQ(0, strncmp(self->inner->id, ct_out(self->outer),
			     strlen(self->inner->id)));
	ct_close(self->outer, fd);
	fd = open_below(self->inner, NULL, "integrity/ima/policy", O_RDONLY);
	EXPECT_LE(0, fd);
	ct_close(NULL, fd);
	fd = open_below(self->outer, NULL, "ima/active", O_RDONLY);
	EXPECT_LE(0, fd);
	ct_close(NULL, fd);
}

TEST_F(family, a_sibling_gets_EACCES)
{
	EXPECT_EQ(-EACCES, open_below(self->outer, self->sibling,
				      "integrity/ima/id", O_RDONLY));
	EXPECT_EQ(-EACCES, open_below(self->outer, self->sibling,
				      "integrity/ima/active", O_WRONLY));
	EXPECT_EQ(-EACCES, open_below(self->outer, self->sibling,
				      "integrity", O_RDONLY | O_DIRECTORY));
	EXPECT_EQ(-EACCES, open_below(self->outer, self->sibling,
				      "integrity/ima/policy", O_RDONLY));
}

TEST_F(family, a_descendant_gets_EACCES)
{
	EXPECT_EQ(-EACCES, open_below(self->outer, self->inner,
				      "integrity/ima/id", O_RDONLY));
	EXPECT_EQ(-EACCES, open_below(self->outer, self->inner,
				      "integrity/ima/active", O_WRONLY));
	EXPECT_EQ(-EACCES, open_below(self->outer, self->inner,
				      "integrity/ima/policy", O_RDONLY));
}

TEST_F(family, chmod_does_not_let_strangers_in)
{
	ASSERT_EQ(0, ct_chmod(self->outer, IMA "/policy", 0666));
	ASSERT_EQ(0, ct_chmod(self->outer, IMA "/active", 0666));
	EXPECT_EQ(-EACCES, open_below(self->outer, self->sibling,
				      "integrity/ima/policy", O_RDONLY));
	EXPECT_EQ(-EACCES, open_below(self->outer, self->inner,
				      "integrity/ima/policy", O_WRONLY));
	EXPECT_EQ(-EACCES, open_below(self->outer, self->inner,
				      "integrity/ima/active", O_RDONLY));
}

TEST_F(family, a_directory_descriptor_passed_on_gives_no_look_inside)
{
	long dir = ct_open(self->outer, IMA, O_RDONLY | O_DIRECTORY);
	long passed;

	ASSERT_LE(0, dir);
	passed = ct_pass_fd(self->outer, dir, self->sibling);
	ASSERT_LE(0, passed);
	EXPECT_EQ(-EACCES, ct_call(self->sibling, fn_fstatat, passed,
				   (long)"id", 0, 0));
	ct_close(self->sibling, passed);
}

static long fn_fchmod(const long *args)
{
	return fchmod(args[0], 0777) ? -errno : 0;
}

static long fn_fchown(const long *args)
{
	return fchown(args[0], -1, 0) ? -errno : 0;
}

/* all containers here have the same owner, and so have the files */
TEST_F(family, a_descriptor_passed_on_gives_no_right_to_change_attributes)
{
	static const char * const paths[] = { IMA, IMA "/policy" };
	struct container *to[] = { self->sibling, self->inner };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		long fd = ct_open(self->outer, paths[i], O_RDONLY);

		ASSERT_LE(0, fd);
		EXPECT_EQ(0, ct_call(self->outer, fn_fchown, fd, 0, 0, 0));
		for (j = 0; j < ARRAY_SIZE(to); j++) {
			long passed = ct_pass_fd(self->outer, fd, to[j]);

			ASSERT_LE(0, passed);
			EXPECT_EQ(-EACCES, ct_call(to[j], fn_fchmod, passed,
						   0, 0, 0));
			EXPECT_EQ(-EACCES, ct_call(to[j], fn_fchown, passed,
						   0, 0, 0));
			ct_close(to[j], passed);
		}
		ct_close(self->outer, fd);
	}
}

/* the id read through a descriptor is that of the tree it came from */
TEST_F(family, a_descriptor_keeps_its_namespace_when_read)
{
	struct container *to[] = { self->sibling, self->inner, NULL };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		long fd = ct_open(self->outer, IMA "/id", O_RDONLY);
		long passed = ct_pass_fd(self->outer, fd, to[i]);

		ASSERT_LE(0, passed);
		ASSERT_LT(0, ct_read(to[i], passed));
		EXPECT_EQ(0, strncmp(self->outer->id, ct_out(to[i]),
				     strlen(self->outer->id)));
		ct_close(to[i], passed);
		ct_close(self->outer, fd);
	}
}

/* sideways, down and up: the rules land where the descriptor was opened */
TEST_F(family, a_policy_written_elsewhere_lands_where_it_was_opened)
{
	struct container *to[] = { self->sibling, self->inner, NULL };
	static const char rule[] = "dont_audit func=BPRM_CHECK \n";
	char want[256] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		long fd = ct_open(self->outer, IMA "/policy", O_WRONLY);
		long passed = ct_pass_fd(self->outer, fd, to[i]);

		ASSERT_LE(0, passed);
		ASSERT_EQ(0, ct_close(self->outer, fd));
		EXPECT_EQ((long)strlen(rule), ct_write(to[i], passed, rule));
		EXPECT_EQ(0, ct_close(to[i], passed));
		strcat(want, rule);
		ASSERT_EQ((long)strlen(want),
			  ct_cat(self->outer, IMA "/policy"));
		EXPECT_STREQ(want, ct_out(self->outer));
	}
	EXPECT_EQ(0, ct_cat(self->sibling, IMA "/policy"));
	EXPECT_EQ(0, ct_cat(self->inner, IMA "/policy"));
}

TEST_F(family, activation_through_a_passed_descriptor)
{
	struct container *c = ct_start(NULL, (struct ct_opts){});
	long fd, passed;

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount(c));
	fd = ct_open(c, IMA "/active", O_WRONLY);
	passed = ct_pass_fd(c, fd, self->sibling);
	ASSERT_LE(0, passed);
	EXPECT_EQ(2, ct_write(self->sibling, passed, "1\n"));
	ct_close(self->sibling, passed);
	ASSERT_EQ(2, ct_cat(c, IMA "/active"));
	EXPECT_STREQ("1\n", ct_out(c));
	ct_end(c);
}

TEST_F(family, a_weak_opener_is_not_helped_by_a_strong_writer)
{
	struct container *c = ct_start(NULL, (struct ct_opts){});
	long fd, passed;

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount(c));
	ASSERT_EQ(0, ct_cap(c, CAP_MAC_ADMIN, false));
	fd = ct_open(c, IMA "/active", O_WRONLY);
	ASSERT_LE(0, fd);
	passed = ct_pass_fd(c, fd, NULL);
	ASSERT_LE(0, passed);
	EXPECT_EQ(-EPERM, ct_write(NULL, passed, "1\n"));
	close(passed);
	/* also not by regaining the capability */
	ASSERT_EQ(0, ct_cap(c, CAP_MAC_ADMIN, true));
	EXPECT_EQ(-EPERM, ct_write(c, fd, "1\n"));
	ct_end(c);
}

TEST_F(family, a_strong_opener_lets_a_weak_writer_act)
{
	struct container *c = ct_start(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" });
	char path[PATH_MAX];
	long fd, passed;

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount(c));
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/active", c->pid);
	fd = ct_open(NULL, path, O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_cap(c, CAP_MAC_ADMIN, false));
	passed = ct_pass_fd(NULL, fd, c);
	ASSERT_LE(0, passed);
	close(fd);
	EXPECT_EQ(2, ct_write(c, passed, "1\n"));
	ct_close(c, passed);
	ct_end(c);
}

/* audit rules: the opener's rights count, in both directions */
TEST_F(family, the_audit_privilege_is_the_openers)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" }, NULL);
	char path[PATH_MAX];
	long fd, passed;

	ASSERT_NE(NULL, c);
	/* opened by the rootless container, written by the host's root */
	fd = ct_open(c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	passed = ct_pass_fd(c, fd, NULL);
	ASSERT_LE(0, passed);
	EXPECT_EQ(-EPERM, ct_write(NULL, passed, RULE_EXEC));
	close(passed);
	ASSERT_EQ(0, ct_close(c, fd));
	EXPECT_EQ(0, ct_cat(c, IMA "/policy"));
	/* opened by the host's root, written by the container */
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/policy", c->pid);
	fd = ct_open(NULL, path, O_WRONLY);
	ASSERT_LE(0, fd);
	passed = ct_pass_fd(NULL, fd, c);
	ASSERT_LE(0, passed);
	close(fd);
	EXPECT_EQ((long)strlen(RULE_EXEC), ct_write(c, passed, RULE_EXEC));
	ASSERT_EQ(0, ct_close(c, passed));
	ASSERT_LT(0, ct_cat(c, IMA "/policy"));
	EXPECT_STREQ(RULE_EXEC, ct_out(c));
	ct_end(c);
}

/* a read-only policy descriptor opened with the right keeps working */
TEST_F(family, a_policy_opened_by_the_host_reads_the_containers_rules)
{
	char path[PATH_MAX];
	long fd, passed;

	ASSERT_EQ(0, ct_load(self->outer, IMA "/policy", RULE_EXEC));
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/policy",
		 self->outer->pid);
	fd = ct_open(NULL, path, O_RDONLY);
	ASSERT_LE(0, fd);
	passed = ct_pass_fd(NULL, fd, self->sibling);
	ASSERT_LE(0, passed);
	ASSERT_LT(0, ct_read(self->sibling, passed));
	EXPECT_STREQ(RULE_EXEC, ct_out(self->sibling));
	ct_close(self->sibling, passed);
	close(fd);
}

TEST_HARNESS_MAIN
