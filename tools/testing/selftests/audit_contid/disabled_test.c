// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - with audit switched off for the boot
 * cmdline: audit=0
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

FIXTURE(disabled)
{
	struct actor *w, *t;
};

FIXTURE_SETUP(disabled)
{
	char cmdline[4096] = "";
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);

	if (!have_contid())
		SKIP(return, "CONFIG_AUDIT_CONTID is not built");
	if (fd < 0 || read(fd, cmdline, sizeof(cmdline) - 1) < 0 ||
	    !strstr(cmdline, "audit=0"))
		SKIP(return, "not booted with audit=0");
	close(fd);
	self->w = actor(NULL);
	ASSERT_NE(NULL, self->w);
	self->t = actor(self->w);
	ASSERT_NE(NULL, self->t);
}

FIXTURE_TEARDOWN(disabled)
{
	actors_end();
}

TEST_F(disabled, a_write_is_ENOPROTOOPT_after_the_text)
{
	EXPECT_EQ(-EINVAL, label_text(self->w, self->t->pid, "x"));
	EXPECT_EQ(-ERANGE, label_text(self->w, self->t->pid,
				      "99999999999999999999"));
	EXPECT_EQ(-EFAULT, act(self->w, fn_put, self->t->pid,
			       (long)"audit_containerid", 1, 3, 0));
	EXPECT_EQ(-ENOPROTOOPT, label_text(self->w, self->t->pid, "7"));
	EXPECT_EQ(-ENOPROTOOPT, label_text(self->w, self->t->pid, "join:7"));
	EXPECT_EQ(-ENOPROTOOPT, label_text(self->w, self->t->pid, UNSET_TEXT));
	EXPECT_EQ(-ENOPROTOOPT, set_cap(self->w, self->t->pid, "1"));
	EXPECT_EQ(-ENOPROTOOPT, set_cap(self->w, self->t->pid, "2"));
	/* before the permission */
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-ENOPROTOOPT, label_text(self->w, self->t->pid, "7"));
}

TEST_F(disabled, a_read_works)
{
	EXPECT_STREQ(UNSET_TEXT, contid_of(self->t));
	EXPECT_STREQ("0", get(NULL, self->t->pid, "audit_capcontainerid"));
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_STREQ("-EPERM", get(self->w, self->t->pid, "audit_containerid"));
}

TEST_F(disabled, fork_and_namespaces_work)
{
	struct actor *child = actor_clone(self->t, CLONE_NEWNET);

	ASSERT_NE(NULL, child);
	EXPECT_EQ(0, act(child, fn_unshare, CLONE_NEWNET));
	EXPECT_STREQ(UNSET_TEXT, contid_of(child));
}

TEST_HARNESS_MAIN
