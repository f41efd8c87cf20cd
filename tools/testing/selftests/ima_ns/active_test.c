// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - the file "active", and what the files do before and after
 * activation
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

FIXTURE(inactive)
{
	struct container *c;
};

FIXTURE_SETUP(inactive)
{
	SETUP_WORKDIR();
	self->c = ct_start(NULL, (struct ct_opts){});
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, ct_mount(self->c));
}

FIXTURE_TEARDOWN(inactive)
{
	ct_end(self->c);
}

TEST_F(inactive, reads_0_then_1)
{
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("0\n", ct_out(self->c));
	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("1\n", ct_out(self->c));
}

TEST_F(inactive, a_1_without_newline_activates)
{
	ASSERT_EQ(1, ct_put(self->c, IMA "/active", "1"));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("1\n", ct_out(self->c));
}

TEST_F(inactive, length_3_or_more_is_EINVAL)
{
	EXPECT_EQ(-EINVAL, ct_put(self->c, IMA "/active", "01\n"));
	EXPECT_EQ(-EINVAL, ct_put(self->c, IMA "/active", "1\n\n"));
	EXPECT_EQ(-EINVAL, ct_put(self->c, IMA "/active", "1  "));
	EXPECT_EQ(-EINVAL, ct_put(self->c, IMA "/active", "1111"));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("0\n", ct_out(self->c));
}

TEST_F(inactive, anything_but_decimal_1_is_EINVAL)
{
	static const char * const wrong[] = {
		"0", "0\n", "2", "2\n", "9\n", "a\n", "x", "-1", "\n", " ",
		"1x", "\n1", "11", "10",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(-EINVAL, ct_put(self->c, IMA "/active", wrong[i])) {
			TH_LOG("written: \"%s\"", wrong[i]);
		}
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("0\n", ct_out(self->c));
}

/* of two bytes at most; a program may write the NUL of its string, too */
TEST_F(inactive, other_spellings_of_decimal_1_activate)
{
	static const char * const right[] = { "01", "+1", "1\0" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(right); i++) {
		struct container *c = ct_start(NULL, (struct ct_opts){});
		long fd;

		ASSERT_NE(NULL, c);
		ASSERT_EQ(0, ct_mount(c));
		fd = ct_open(c, IMA "/active", O_WRONLY);
		ASSERT_LE(0, fd);
		EXPECT_EQ(2, ct_pwrite(c, fd, right[i], 2, 0)) {
			TH_LOG("written: \"%s\"", right[i]);
		}
		ASSERT_EQ(2, ct_cat(c, IMA "/active"));
		EXPECT_STREQ("1\n", ct_out(c));
		ct_end(c);
	}
}

TEST_F(inactive, an_offset_is_EINVAL)
{
	long fd = ct_open(self->c, IMA "/active", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, ct_pwrite(self->c, fd, "1", 1, 1));
	EXPECT_EQ(-EINVAL, ct_pwrite(self->c, fd, "1\n", 2, 4096));
	EXPECT_EQ(2, ct_pwrite(self->c, fd, "1\n", 2, 0));
	EXPECT_EQ(0, ct_close(self->c, fd));
}

TEST_F(inactive, a_write_of_nothing_does_not_activate)
{
	long fd = ct_open(self->c, IMA "/active", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_GE(0, ct_pwrite(self->c, fd, "", 0, 0));
	EXPECT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("0\n", ct_out(self->c));
}

TEST_F(inactive, a_bad_address_fails_and_does_not_activate)
{
	long fd = ct_open(self->c, IMA "/active", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EFAULT, ct_call(self->c, fn_pwrite, fd, 16, 1, 0));
	EXPECT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("0\n", ct_out(self->c));
}

TEST_F(inactive, a_second_activation_is_EBUSY)
{
	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	EXPECT_EQ(-EBUSY, ct_put(self->c, IMA "/active", "1\n"));
	EXPECT_EQ(-EBUSY, ct_put(self->c, IMA "/active", "1"));
}

/* EPERM before EBUSY before EINVAL: each write violates two or three */
TEST_F(inactive, EPERM_comes_before_EINVAL)
{
	long fd = ct_open(self->c, IMA "/active", O_WRONLY);
	long weak;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, false));
	weak = ct_open(self->c, IMA "/active", O_WRONLY);
	ASSERT_LE(0, weak);
	EXPECT_EQ(-EPERM, ct_write(self->c, weak, "1\n"));
	EXPECT_EQ(-EPERM, ct_write(self->c, weak, "garbage\n"));
	EXPECT_EQ(-EPERM, ct_pwrite(self->c, weak, "1\n", 2, 7));
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, true));
	ASSERT_EQ(2, ct_write(self->c, fd, "1\n"));
	EXPECT_EQ(-EPERM, ct_write(self->c, weak, "1\n"));
	EXPECT_EQ(-EPERM, ct_write(self->c, weak, "garbage\n"));
}

TEST_F(inactive, EBUSY_comes_before_EINVAL)
{
	long fd;

	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	EXPECT_EQ(-EBUSY, ct_put(self->c, IMA "/active", "0\n"));
	EXPECT_EQ(-EBUSY, ct_put(self->c, IMA "/active", "2\n"));
	EXPECT_EQ(-EBUSY, ct_put(self->c, IMA "/active", "garbage\n"));
	fd = ct_open(self->c, IMA "/active", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBUSY, ct_pwrite(self->c, fd, "1\n", 2, 1));
	EXPECT_EQ(0, ct_close(self->c, fd));
}

TEST_F(inactive, the_capability_is_the_openers)
{
	long strong = ct_open(self->c, IMA "/active", O_WRONLY);

	ASSERT_LE(0, strong);
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, false));
	EXPECT_EQ(2, ct_write(self->c, strong, "1\n"));
}

TEST_F(inactive, CAP_SYS_ADMIN_does_not_stand_in)
{
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, false));
	EXPECT_EQ(-EPERM, ct_put(self->c, IMA "/active", "1\n"));
}

TEST_F(inactive, CAP_MAC_ADMIN_alone_is_enough)
{
	ASSERT_EQ(0, ct_cap(self->c, CAP_SYS_ADMIN, false));
	EXPECT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
}

static const char * const files_0440[] = {
	IMA "/ascii_runtime_measurements",
	IMA "/ascii_runtime_measurements_sha1",
	IMA "/binary_runtime_measurements",
	IMA "/binary_runtime_measurements_sha1",
	IMA "/runtime_measurements_count",
	IMA "/violations",
};

#define EXPECT_CLOSED_TO_STRANGERS(_c) do {				\
	size_t __i;							\
									\
	EXPECT_EQ(-EACCES, ct_open(_c, IMA "/active", O_WRONLY));	\
	EXPECT_EQ(-EACCES, ct_open(_c, IMA "/active", O_RDONLY));	\
	EXPECT_EQ(-EACCES, ct_open(_c, IMA "/policy", O_RDONLY));	\
	EXPECT_EQ(-EACCES, ct_open(_c, IMA "/policy", O_WRONLY));	\
	for (__i = 0; __i < ARRAY_SIZE(files_0440); __i++)		\
		EXPECT_EQ(-EACCES, ct_open(_c, files_0440[__i],		\
					   O_RDONLY)) {			\
			TH_LOG("%s", files_0440[__i]);			\
		}							\
	EXPECT_LT(0, ct_cat(_c, IMA "/id"));				\
} while (0)

TEST_F(inactive, another_user_of_the_container_gets_EACCES)
{
	ASSERT_EQ(0, ct_stranger(self->c, 7));
	EXPECT_CLOSED_TO_STRANGERS(self->c);
}

TEST_F(inactive, another_user_gets_EACCES_after_activation_too)
{
	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_EQ(0, ct_stranger(self->c, 7));
	EXPECT_CLOSED_TO_STRANGERS(self->c);
}

/* 0640 and 0440: the group of the container's root may read */
TEST_F(inactive, another_uid_with_the_group_of_root_may_read)
{
	size_t i;

	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_EQ(0, ct_seteuid(self->c, 7));
	EXPECT_EQ(2, ct_cat(self->c, IMA "/active"));
	for (i = 0; i < ARRAY_SIZE(files_0440); i++)
		EXPECT_LE(0, ct_cat(self->c, files_0440[i])) {
			TH_LOG("%s", files_0440[i]);
		}
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/active", O_WRONLY));
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_RDONLY));
}

TEST_F(inactive, chmod_by_the_owner_does_not_replace_the_capability)
{
	long fd;

	ASSERT_EQ(0, ct_chmod(self->c, IMA "/active", 0666));
	ASSERT_EQ(0, ct_seteuid(self->c, 7));
	fd = ct_open(self->c, IMA "/active", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPERM, ct_write(self->c, fd, "1\n"));
	EXPECT_EQ(0, ct_close(self->c, fd));
	EXPECT_EQ(2, ct_cat(self->c, IMA "/active"));
}

TEST_F(inactive, policy_and_lists_cannot_be_opened)
{
	static const char * const files[] = {
		"ascii_runtime_measurements", "ascii_runtime_measurements_sha1",
		"binary_runtime_measurements",
		"binary_runtime_measurements_sha1",
	};
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), IMA "/%s", files[i]);
		EXPECT_EQ(-EACCES, ct_open(self->c, path, O_RDONLY)) {
			TH_LOG("%s", path);
		}
	}
	/* without CAP_SYS_ADMIN over the host, whose root this container has */
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_RDONLY));
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_WRONLY));
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_RDWR));
}

TEST_F(inactive, the_policy_exists_EACCES_comes_before_EPERM)
{
	ASSERT_EQ(0, ct_cap(self->c, CAP_MAC_ADMIN, false));
	ASSERT_EQ(0, ct_cap(self->c, CAP_SYS_ADMIN, false));
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_RDONLY));
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/policy", O_WRONLY));
}

TEST_F(inactive, counts_open_but_do_not_read)
{
	static const char * const files[] = {
		IMA "/runtime_measurements_count", IMA "/violations",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		long fd = ct_open(self->c, files[i], O_RDONLY);

		ASSERT_LE(0, fd);
		EXPECT_EQ(-EACCES, ct_read(self->c, fd));
		/* the same descriptor answers once the namespace is active */
		if (i)
			ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
		if (i) {
			EXPECT_EQ(2, ct_read(self->c, fd));
			EXPECT_STREQ("0\n", ct_out(self->c));
		}
		EXPECT_EQ(0, ct_close(self->c, fd));
	}
}

TEST_F(inactive, after_activation_every_entry_reads)
{
	char names[4096], path[PATH_MAX], *name, *rest = names;
	int n = 0;

	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_LT(0, ct_list(self->c, IMA));
	snprintf(names, sizeof(names), "%s", ct_out(self->c));
	while ((name = strsep(&rest, "\n")) && *name) {
		snprintf(path, sizeof(path), IMA "/%s", name);
		EXPECT_LE(0, ct_cat(self->c, path)) {
			TH_LOG("cat %s", path);
		}
		n++;
	}
	EXPECT_LE(9, n);
}

TEST_F(inactive, after_activation_lists_are_empty_and_counts_0)
{
	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/ascii_runtime_measurements"));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/ascii_runtime_measurements_sha1"));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/binary_runtime_measurements"));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/binary_runtime_measurements_sha1"));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/policy"));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/violations"));
	EXPECT_STREQ("0\n", ct_out(self->c));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/runtime_measurements_count"));
	EXPECT_STREQ("0\n", ct_out(self->c));
}

TEST_F(inactive, the_id_is_that_of_the_user_namespace)
{
	char path[64], text[32];
	uint64_t id = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", self->c->pid);
	fd = open(path, O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, NS_GET_ID, &id));
	close(fd);
	EXPECT_LT(8U, id);
	snprintf(text, sizeof(text), "0x%llx\n", (unsigned long long)id);
	ASSERT_EQ((long)strlen(text), ct_cat(self->c, IMA "/id"));
	EXPECT_STREQ(text, ct_out(self->c));
	/* and stays the same */
	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_EQ((long)strlen(text), ct_cat(self->c, IMA "/id"));
	EXPECT_STREQ(text, ct_out(self->c));
}

TEST_F(inactive, the_id_cannot_be_written)
{
	/* CAP_DAC_OVERRIDE passes the mode; there is nothing behind it */
	long fd = ct_open(self->c, IMA "/id", O_WRONLY);

	if (fd >= 0) {
		EXPECT_EQ(-EINVAL, ct_write(self->c, fd, "1"));
		EXPECT_EQ(0, ct_close(self->c, fd));
	}
	ASSERT_EQ(0, ct_seteuid(self->c, 7));
	EXPECT_EQ(-EACCES, ct_open(self->c, IMA "/id", O_WRONLY));
}

/* no way to take the host's own state for a namespace */
TEST(the_host_has_neither_active_nor_id)
{
	if (!have_ima_ns())
		SKIP(return, "CONFIG_IMA_NS is not built");
	EXPECT_EQ(0, access(HOST_SEC "/integrity/ima/policy", F_OK));
	EXPECT_EQ(-1, access(HOST_SEC "/integrity/ima/active", F_OK));
	EXPECT_EQ(-1, access(HOST_SEC "/integrity/ima/id", F_OK));
	EXPECT_EQ(-1, access(HOST_SEC "/integrity/ima/hash", F_OK));
	EXPECT_EQ(-1, access(HOST_SEC "/integrity/ima/template_name", F_OK));
}

TEST_HARNESS_MAIN
