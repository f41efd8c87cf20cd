// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - a policy loaded from a file by its path
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

#define RULE_NONE	"dont_audit func=BPRM_CHECK \n"
#define RULES		W "/rules"
#define MIB		(1024 * 1024)

FIXTURE(active)
{
	struct container *c;
};

FIXTURE_SETUP(active)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	self->c = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->c);
}

FIXTURE_TEARDOWN(active)
{
	ct_end(self->c);
	audit_close();
}

#define EXPECT_POLICY(_c, _text) do {					\
	EXPECT_EQ((long)strlen(_text), ct_cat(_c, IMA "/policy"));	\
	EXPECT_STREQ(_text, ct_out(_c));				\
} while (0)

TEST_F(active, the_rules_of_the_file_are_loaded)
{
	ASSERT_EQ(0, make_file(RULES, "# comment\n" RULE_EXEC "\n" RULE_READ));
	EXPECT_EQ((long)strlen(RULES "\n"),
		  ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(self->c, RULE_EXEC RULE_READ);
	EXPECT_EQ((long)strlen(RULES), ct_put(self->c, IMA "/policy", RULES));
	EXPECT_POLICY(self->c, RULE_EXEC RULE_READ RULE_EXEC RULE_READ);
}

TEST_F(active, paths_and_rules_mix_in_a_batch)
{
	long fd;

	ASSERT_EQ(0, make_file(RULES, RULE_READ));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	EXPECT_EQ((long)strlen(RULES "\n"),
		  ct_write(self->c, fd, RULES "\n"));
	EXPECT_EQ((long)strlen(RULE_EXEC), ct_write(self->c, fd, RULE_EXEC));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, RULE_NONE RULE_READ RULE_EXEC);
}

TEST_F(active, a_bad_rule_in_the_file_spoils_the_batch)
{
	long fd;

	ASSERT_EQ(0, make_file(RULES, RULE_EXEC "nonsense\n" RULE_READ));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	EXPECT_EQ(-EINVAL, ct_write(self->c, fd, RULES "\n"));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, "");
}

/* what can be written at once limits a line of a file, too */
TEST_F(active, a_line_of_the_file_has_at_most_a_page)
{
	long page = sysconf(_SC_PAGESIZE);
	static const char start[] = "audit fsname=";
	char *text = malloc(page + 3);

	ASSERT_NE(NULL, text);
	memset(text, 'x', page + 1);
	memcpy(text, start, strlen(start));
	/* as long as the longest write, which needs no newline */
	strcpy(text + page - 1, "\n");
	ASSERT_EQ(0, make_file(RULES, text));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULES "\n"));
	text[page - 1] = 'x';
	strcpy(text + page, "\n");
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, make_file(RULES, text));
	EXPECT_EQ(-EINVAL, ct_load(self->c, IMA "/policy", RULES "\n"));
	/* also as the last one without newline */
	text[page] = '\0';
	ASSERT_EQ(0, make_file(RULES, text));
	EXPECT_EQ(-EINVAL, ct_load(self->c, IMA "/policy", RULES "\n"));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_POLICY_RULE, "."));
	free(text);
}

TEST_F(active, a_missing_file_is_ENOENT)
{
	EXPECT_EQ(-ENOENT, ct_put(self->c, IMA "/policy", W "/missing\n"));
	EXPECT_POLICY(self->c, "");
}

TEST_F(active, a_file_the_writer_may_not_read_is_EACCES)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" }, NULL);

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, make_file(RULES, RULE_NONE));
	ASSERT_EQ(0, chmod(RULES, 0600));
	EXPECT_EQ(-EACCES, ct_put(c, IMA "/policy", RULES "\n"));
	ASSERT_EQ(0, chmod(RULES, 0644));
	EXPECT_EQ((long)strlen(RULES "\n"),
		  ct_put(c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(c, RULE_NONE);
	ct_end(c);
}

/* the descriptor may come from elsewhere: the path is looked up by who writes */
TEST_F(active, the_file_is_read_with_the_credentials_of_the_writer)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" }, NULL);
	char path[PATH_MAX];
	long fd, passed;

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, make_file(RULES, RULE_NONE));
	ASSERT_EQ(0, chmod(RULES, 0600));
	/* opened by the host's root, written by the rootless container */
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/policy", c->pid);
	fd = ct_open(NULL, path, O_WRONLY);
	ASSERT_LE(0, fd);
	passed = ct_pass_fd(NULL, fd, c);
	ASSERT_LE(0, passed);
	close(fd);
	EXPECT_EQ(-EACCES, ct_write(c, passed, RULES "\n"));
	ASSERT_EQ(0, ct_close(c, passed));
	EXPECT_POLICY(c, "");
	/* the reverse */
	fd = ct_open(c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	passed = ct_pass_fd(c, fd, NULL);
	ASSERT_LE(0, passed);
	ASSERT_EQ(0, ct_close(c, fd));
	EXPECT_EQ((long)strlen(RULES "\n"),
		  ct_write(NULL, passed, RULES "\n"));
	ASSERT_EQ(0, ct_close(NULL, passed));
	EXPECT_POLICY(c, RULE_NONE);
	ct_end(c);
}

/* as on the host: a file that may have been cut off is not taken */
TEST_F(active, a_last_line_without_newline_is_EINVAL)
{
	ASSERT_EQ(0, make_file(RULES, RULE_NONE "dont_audit"));
	EXPECT_EQ(-EINVAL, ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(self->c, "");
}

TEST_F(active, a_NUL_in_the_file_is_EINVAL_and_spoils_the_batch)
{
	static const char text[] = RULE_NONE "dont_audit \0 uid=0 \n" RULE_NONE;
	int file = open(RULES, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	long fd;

	ASSERT_LE(0, file);
	ASSERT_EQ((ssize_t)sizeof(text) - 1,
		  write(file, text, sizeof(text) - 1));
	close(file);
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	EXPECT_EQ(-EINVAL, ct_write(self->c, fd, RULES "\n"));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, "");
}

TEST_F(active, something_else_than_a_file_is_refused)
{
	ASSERT_EQ(0, mkdir(RULES, 0755));
	EXPECT_GT(0, ct_put(self->c, IMA "/policy", RULES "\n"));
	ASSERT_EQ(0, rmdir(RULES));
	ASSERT_EQ(0, symlink("/dev/zero", RULES));
	EXPECT_GT(0, ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(self->c, "");
}

TEST_F(active, audit_rules_in_a_file_need_the_privilege)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" }, NULL);

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, make_file(RULES, RULE_NONE RULE_EXEC));
	EXPECT_EQ(-EPERM, ct_put(c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(c, "");
	ct_end(c);
}

/* a policy of @size bytes whose only rule stands in its last line */
static long make_big(size_t size)
{
	char *text = malloc(size + 1);
	long ret;
	size_t i;

	if (!text)
		return -ENOMEM;
	for (i = 0; i < size; i++)
		text[i] = i % 64 == 63 ? '\n' : '#';
	text[size - strlen(RULE_NONE) - 1] = '\n';
	strcpy(text + size - strlen(RULE_NONE), RULE_NONE);
	ret = make_file(RULES, text);
	free(text);
	return ret;
}

TEST_F(active, one_MiB_is_the_limit)
{
	ASSERT_EQ(0, make_big(MIB + 1));
	EXPECT_EQ(-EFBIG, ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(self->c, "");
	ASSERT_EQ(0, make_big(MIB));
	EXPECT_EQ((long)strlen(RULES "\n"),
		  ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(self->c, RULE_NONE);
}

/* only comments, so that the host's policy stays what it is */
TEST_F(active, the_host_reads_more_than_one_MiB)
{
	char *text = malloc(MIB + 2);

	ASSERT_NE(NULL, text);
	memset(text, '#', MIB + 1);
	text[MIB / 2] = '\n';
	text[MIB] = '\n';
	text[MIB + 1] = '\0';
	ASSERT_EQ(0, make_file(RULES, text));
	free(text);
	EXPECT_EQ(-EFBIG, ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_EQ((long)strlen(RULES "\n"),
		  ct_put(NULL, HOST_POLICY, RULES "\n"));
}

TEST_F(active, a_sparse_giant_is_refused_without_being_read)
{
	ASSERT_EQ(0, make_file(RULES, RULE_NONE));
	ASSERT_EQ(0, truncate(RULES, 1L << 30));
	EXPECT_EQ(-EFBIG, ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(self->c, "");
}

TEST_F(active, the_limit_of_1024_rules_holds_for_files)
{
	static char text[1025 * sizeof(RULE_NONE)];
	size_t len = strlen(RULE_NONE), i;

	for (i = 0; i < 1025; i++)
		strcpy(text + i * len, RULE_NONE);
	ASSERT_EQ(0, make_file(RULES, text));
	EXPECT_EQ(-EDQUOT, ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_POLICY(self->c, "");
	text[1024 * len] = '\0';
	ASSERT_EQ(0, make_file(RULES, text));
	EXPECT_EQ((long)strlen(RULES "\n"),
		  ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_EQ(1024 * (long)len, ct_cat(self->c, IMA "/policy"));
}

static long fn_chroot(const long *args)
{
	return chroot((const char *)args[0]) ? -errno : 0;
}

/* the root is the writer's: the same path is another file for the others */
TEST_F(active, the_path_starts_at_the_writers_root)
{
	long fd, reader;

	ASSERT_EQ(0, mkdir(W "/root", 0755));
	ASSERT_EQ(0, make_file(W "/root/rules", RULE_READ));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOENT, ct_write(self->c, fd, "/rules\n"));
	ASSERT_EQ(0, ct_close(self->c, fd));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	reader = ct_open(self->c, IMA "/policy", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, reader);
	ASSERT_EQ(0, ct_call(self->c, fn_chroot, (long)(W "/root"), 0, 0, 0));
	EXPECT_EQ((long)strlen("/rules\n"), ct_write(self->c, fd, "/rules\n"));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_LT(0, ct_read(self->c, reader));
	EXPECT_STREQ(RULE_READ, ct_out(self->c));
}

/* the file that is read is itself looked at by the policy in force */
TEST_F(active, reading_the_file_is_audited_by_a_POLICY_CHECK_rule)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy",
			     "audit func=POLICY_CHECK \n"));
	ASSERT_EQ(0, make_file(RULES, RULE_NONE));
	ASSERT_EQ((long)strlen(RULES "\n"),
		  ct_put(self->c, IMA "/policy", RULES "\n"));
	EXPECT_COUNT(1, audit_count_file(self->c, RULES));
}

TEST_HARNESS_MAIN
