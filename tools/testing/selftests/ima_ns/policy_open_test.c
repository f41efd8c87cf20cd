// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - opening "policy" and the rights it takes
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

#define RULE_NONE	"dont_audit func=BPRM_CHECK \n"

FIXTURE(active)
{
	struct container *c;
};

FIXTURE_SETUP(active)
{
	SETUP_WORKDIR();
	self->c = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->c);
}

FIXTURE_TEARDOWN(active)
{
	ct_end(self->c);
}

TEST_F(active, reading_needs_one_of_two_capabilities)
{
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, false));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/policy"));
	ASSERT_EQ(0, ct_cap(self->c, CAP_SYS_ADMIN, false));
	EXPECT_EQ(-EPERM, ct_open(self->c, IMA "/policy", O_RDONLY));
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, true));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/policy"));
}

TEST_F(active, writing_needs_CAP_MAC_ADMIN)
{
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, false));
	EXPECT_EQ(-EPERM, ct_open(self->c, IMA "/policy", O_WRONLY));
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, true));
	ASSERT_EQ(0, ct_cap(self->c, CAP_SYS_ADMIN, false));
	EXPECT_EQ(0, ct_load(self->c, IMA "/policy", RULE_NONE));
}

TEST_F(active, chmod_by_the_owner_does_not_replace_the_capability)
{
	ASSERT_EQ(0, ct_chmod(self->c, IMA "/policy", 0666));
	ASSERT_EQ(0, ct_seteuid(self->c, 7));
	EXPECT_EQ(-EPERM, ct_open(self->c, IMA "/policy", O_WRONLY));
	EXPECT_EQ(-EPERM, ct_open(self->c, IMA "/policy", O_RDONLY));
}

TEST_F(active, the_mode_comes_before_the_capability)
{
	/* neither mode nor capability: the mode's error */
	ASSERT_EQ(0, ct_seteuid(self->c, 7));
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_WRONLY));
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_RDONLY));
}

TEST_F(active, reading_and_writing_at_once_is_EACCES)
{
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_RDWR));
	/* and leaves no writer behind */
	EXPECT_EQ(0, ct_load(self->c, IMA "/policy", RULE_NONE));
}

TEST_F(active, a_second_writer_is_EBUSY)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBUSY, ct_open(self->c, IMA "/policy", O_WRONLY));
	EXPECT_EQ(-EBUSY, ct_open(self->c, IMA "/policy", O_WRONLY));
	/* readers are let in */
	EXPECT_EQ(0, ct_cat(self->c, IMA "/policy"));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_EQ(0, ct_load(self->c, IMA "/policy", RULE_NONE));
}

TEST_F(active, EPERM_comes_before_EBUSY)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, false));
	EXPECT_EQ(-EPERM, ct_open(self->c, IMA "/policy", O_WRONLY));
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, true));
	EXPECT_EQ(-EBUSY, ct_open(self->c, IMA "/policy", O_WRONLY));
	ASSERT_EQ(0, ct_close(self->c, fd));
	/* the refused ones did not take the place of a writer */
	EXPECT_EQ(0, ct_load(self->c, IMA "/policy", RULE_NONE));
}

TEST_F(active, a_writer_elsewhere_does_not_count)
{
	struct container *other = ct_active(NULL, (struct ct_opts){}, NULL);
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	int host;

	ASSERT_NE(NULL, other);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ct_load(other, IMA "/policy", RULE_NONE));
	host = open(HOST_POLICY, O_WRONLY);
	EXPECT_LE(0, host);
	close(host);
	ct_end(other);
}

TEST_F(active, the_right_is_asked_at_open_only)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, false));
	ASSERT_EQ(0, ct_cap(self->c, CAP_AUDIT_WRITE, false));
	EXPECT_EQ((long)strlen(RULE_EXEC), ct_write(self->c, fd, RULE_EXEC));
	ASSERT_EQ(0, ct_close(self->c, fd));
	ASSERT_LT(0, ct_cat(self->c, IMA "/policy"));
	EXPECT_STREQ(RULE_EXEC, ct_out(self->c));
}

/*
 * The audit privilege
 */

TEST_F(active, an_audit_rule_needs_CAP_AUDIT_WRITE)
{
	long fd;

	ASSERT_EQ(0, ct_cap(self->c, CAP_AUDIT_WRITE, false));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	EXPECT_EQ(-EPERM, ct_write(self->c, fd, RULE_EXEC));
	/* that spoiled the batch, the good rule included */
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/policy"));
}

static long fn_setruid(const long *args)
{
	return setresuid(args[0], -1, -1) ? -errno : 0;
}

TEST_F(active, an_audit_rule_needs_the_real_uid_of_the_hosts_root)
{
	ASSERT_EQ(0, ct_call(self->c, fn_setruid, 7, 0, 0, 0));
	EXPECT_EQ(-EPERM, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_call(self->c, fn_setruid, 0, 0, 0, 0));
	EXPECT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
}

FIXTURE(unprivileged)
{
	struct container *c;
};

FIXTURE_VARIANT(unprivileged)
{
	struct ct_opts opts;
};

FIXTURE_VARIANT_ADD(unprivileged, rootless)
{
	.opts = { .owner = 1500, .map = "0 1500 1" },
};

FIXTURE_VARIANT_ADD(unprivileged, shifted_root)
{
	.opts = { .map = "0 100000 65536" },
};

FIXTURE_SETUP(unprivileged)
{
	SETUP_WORKDIR();
	self->c = ct_active(NULL, variant->opts, NULL);
	ASSERT_NE(NULL, self->c);
}

FIXTURE_TEARDOWN(unprivileged)
{
	ct_end(self->c);
}

TEST_F(unprivileged, audit_rules_are_EPERM_from_write)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPERM, ct_write(self->c, fd, RULE_EXEC));
	EXPECT_EQ(-EPERM, ct_write(self->c, fd, RULE_READ));
	/* the first word that is wrong decides */
	EXPECT_EQ(-EPERM, ct_write(self->c, fd, "audit nonsense\n"));
	EXPECT_EQ(-EINVAL, ct_write(self->c, fd, "nonsense audit\n"));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/policy"));
}

TEST_F(unprivileged, dont_rules_need_no_privilege)
{
	static const char rules[] =
		"dont_audit func=BPRM_CHECK \n"
		"dont_measure func=FILE_CHECK \n"
		"dont_appraise func=FILE_CHECK \n"
		"dont_hash func=FILE_CHECK \n";

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", rules));
	ASSERT_LT(0, ct_cat(self->c, IMA "/policy"));
	EXPECT_STREQ(rules, ct_out(self->c));
}

/* a helper of the host that joined the namespace and kept kernel uid 0 */
TEST_F(unprivileged, a_helper_with_kernel_uid_0_may_set_audit_rules)
{
	struct container *helper = ct_helper(self->c);

	ASSERT_NE(NULL, helper);
	EXPECT_EQ(0, ct_load(helper, IMA "/policy", RULE_EXEC));
	ASSERT_LT(0, ct_cat(self->c, IMA "/policy"));
	EXPECT_STREQ(RULE_EXEC, ct_out(self->c));
	ASSERT_EQ(0, ct_cap(helper, CAP_AUDIT_WRITE, false));
	EXPECT_EQ(-EPERM, ct_load(helper, IMA "/policy", RULE_EXEC));
	ct_end(helper);
}

/* a host process that is not root, with the capabilities @drop taken away */
static long load_as_1234(struct container *c, int drop)
{
	char path[PATH_MAX];
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/policy", c->pid);
	pid = fork();
	if (!pid) {
		const long keep[] = { drop, false };
		struct __user_cap_header_struct head = {
			_LINUX_CAPABILITY_VERSION_3, 0 };
		struct __user_cap_data_struct data[2];

		prctl(PR_SET_KEEPCAPS, 1);
		if (setresuid(1234, 1234, 1234) ||
		    syscall(SYS_capget, &head, data))
			_exit(99);
		data[0].effective = data[0].permitted;
		data[1].effective = data[1].permitted;
		if (syscall(SYS_capset, &head, data) ||
		    (drop >= 0 && fn_cap(keep)))
			_exit(98);
		_exit(-ct_load(NULL, path, RULE_EXEC));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

TEST_F(unprivileged, CAP_AUDIT_WRITE_on_the_host_is_the_privilege)
{
	EXPECT_EQ(-EPERM, load_as_1234(self->c, CAP_AUDIT_WRITE));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/policy"));
	EXPECT_EQ(0, load_as_1234(self->c, -1));
	ASSERT_LT(0, ct_cat(self->c, IMA "/policy"));
	EXPECT_STREQ(RULE_EXEC, ct_out(self->c));
}

/*
 * Before activation
 */

FIXTURE(inactive)
{
	struct container *c;
	char policy[64];
};

FIXTURE_SETUP(inactive)
{
	SETUP_WORKDIR();
	self->c = ct_start(NULL, (struct ct_opts){});
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, ct_mount(self->c));
	snprintf(self->policy, sizeof(self->policy),
		 "/proc/%d/root" IMA "/policy", self->c->pid);
}

FIXTURE_TEARDOWN(inactive)
{
	ct_end(self->c);
}

TEST_F(inactive, the_hosts_admin_prepares_rules_that_activation_puts_in_force)
{
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	EXPECT_EQ(-EACCES, ct_open(NULL, self->policy, O_RDWR));
	ASSERT_EQ(0, ct_load(NULL, self->policy, RULE_EXEC));
	ASSERT_LT(0, ct_cat(NULL, self->policy));
	EXPECT_STREQ(RULE_EXEC, ct_out(NULL));
	/* inside the file stays closed and the rules do nothing */
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_RDONLY));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "file=\"" PROG "\""));
	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_LT(0, ct_cat(self->c, IMA "/policy"));
	EXPECT_STREQ(RULE_EXEC, ct_out(self->c));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "file=\"" PROG "\""));
	audit_close();
}

TEST_F(inactive, without_CAP_SYS_ADMIN_the_hosts_root_gets_EACCES)
{
	ASSERT_EQ(0, ct_cap(NULL, CAP_SYS_ADMIN, false));
	EXPECT_EQ(-EACCES, ct_open(NULL, self->policy, O_RDONLY));
	EXPECT_EQ(-EACCES, ct_open(NULL, self->policy, O_WRONLY));
	ASSERT_EQ(0, ct_cap(NULL, CAP_SYS_ADMIN, true));
	EXPECT_EQ(0, ct_cat(NULL, self->policy));
}

/*
 * The owner of a user namespace has every capability in it, so this one belongs
 * to another uid than that of the host's root.
 */
TEST_F(inactive, CAP_MAC_ADMIN_is_needed_in_addition)
{
	struct container *c = ct_start(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" });
	char path[64];

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount(c));
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/policy", c->pid);
	ASSERT_EQ(0, ct_cap(NULL, CAP_MAC_ADMIN, false));
	EXPECT_EQ(-EPERM, ct_open(NULL, path, O_WRONLY));
	/* CAP_SYS_ADMIN, needed anyway, lets it read */
	EXPECT_EQ(0, ct_cat(NULL, path));
	ASSERT_EQ(0, ct_cap(NULL, CAP_MAC_ADMIN, true));
	EXPECT_EQ(0, ct_load(NULL, path, RULE_NONE));
	ct_end(c);
}

TEST_F(inactive, a_container_above_is_no_exception)
{
	struct container *inner = ct_start(self->c, (struct ct_opts){});
	char path[64];

	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, ct_mount(inner));
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/policy", inner->pid);
	EXPECT_EQ(-EACCES, ct_open(self->c, path, O_RDONLY));
	EXPECT_EQ(-EACCES, ct_open(self->c, path, O_WRONLY));
	ct_end(inner);
}

TEST_F(inactive, a_joined_helper_is_no_exception)
{
	struct container *helper = ct_helper(self->c);

	ASSERT_NE(NULL, helper);
	EXPECT_EQ(-EACCES, ct_open(helper, IMA "/policy", O_WRONLY));
	ct_end(helper);
}

TEST_HARNESS_MAIN
