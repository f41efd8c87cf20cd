// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - the policy language: rules, read-back, batches, limits, ids
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

#define RULE_NONE	"dont_audit func=BPRM_CHECK \n"
#define MAX_RULES	1024

FIXTURE(active)
{
	struct container *c;
};

FIXTURE_SETUP(active)
{
	SETUP_WORKDIR();
	/* each rule is a record that somebody should read */
	ASSERT_EQ(0, audit_open());
	self->c = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->c);
}

FIXTURE_TEARDOWN(active)
{
	ct_end(self->c);
	audit_close();
}

#define EXPECT_POLICY(_reader, _path, _text) do {			\
	EXPECT_EQ((long)strlen(_text), ct_cat(_reader, _path));		\
	EXPECT_STREQ(_text, ct_out(_reader));				\
} while (0)

TEST_F(active, the_policy_starts_empty)
{
	EXPECT_POLICY(self->c, IMA "/policy", "");
}

/* every option, in the order in which it is shown */
static const char * const shown[] = {
	"audit func=FILE_CHECK \n",
	"audit func=MMAP_CHECK mask=MAY_EXEC \n",
	"audit func=MMAP_CHECK_REQPROT mask=MAY_EXEC \n",
	"audit func=BPRM_CHECK mask=MAY_EXEC uid=0 \n",
	"audit func=CREDS_CHECK \n",
	"audit func=MODULE_CHECK \n",
	"audit func=FIRMWARE_CHECK \n",
	"audit func=POLICY_CHECK \n",
	"audit func=KEXEC_KERNEL_CHECK \n",
	"audit func=KEXEC_INITRAMFS_CHECK \n",
	"audit \n",
	"dont_audit \n",
	"dont_audit func=FILE_CHECK mask=^MAY_READ \n",
	"dont_measure func=FILE_CHECK mask=MAY_WRITE \n",
	"dont_appraise func=FILE_CHECK mask=MAY_APPEND \n",
	"dont_hash func=FILE_CHECK mask=^MAY_EXEC \n",
	"dont_measure func=KEXEC_CMDLINE \n",
	"dont_measure func=KEY_CHECK keyrings=.ima|.evm \n",
	"dont_measure func=CRITICAL_DATA label=selinux|dm-crypt \n",
	"audit fsmagic=0x1021994 \n",
	"audit fsname=tmpfs \n",
	"audit fsuuid=01234567-89ab-cdef-0123-456789abcdef \n",
	"audit uid=1 \n", "audit uid>2 \n", "audit uid<3 \n",
	"audit euid=4 \n", "audit euid>5 \n", "audit euid<6 \n",
	"audit gid=7 \n", "audit gid>8 \n", "audit gid<9 \n",
	"audit egid=10 \n", "audit egid>11 \n", "audit egid<12 \n",
	"audit fowner=13 \n", "audit fowner>14 \n", "audit fowner<15 \n",
	"audit fgroup=16 \n", "audit fgroup>17 \n", "audit fgroup<18 \n",
	"audit func=FILE_CHECK digest_type=verity \n",
	"audit func=FILE_CHECK permit_directio \n",
	"audit func=FILE_CHECK mask=MAY_READ fsmagic=0x1021994 fsname=tmpfs fsuuid=01234567-89ab-cdef-0123-456789abcdef uid=1 gid=2 fowner=3 fgroup=4 digest_type=verity permit_directio \n",
	"dont_audit func=BPRM_CHECK mask=MAY_EXEC euid>1 egid<2 fowner>3 fgroup<4 \n",
};

TEST_F(active, every_option_reads_back_as_it_was_written)
{
	char all[8192] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		EXPECT_EQ(0, ct_load(self->c, IMA "/policy", shown[i])) {
			TH_LOG("rule: %s", shown[i]);
			continue;
		}
		strcat(all, shown[i]);
		/* several loads are concatenated */
		EXPECT_POLICY(self->c, IMA "/policy", all);
	}
}

TEST_F(active, one_load_of_all_options_reads_back)
{
	char all[8192] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shown); i++)
		strcat(all, shown[i]);
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", all));
	EXPECT_POLICY(self->c, IMA "/policy", all);
}

TEST_F(active, another_spelling_is_shown_in_the_fixed_form)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy",
			     "  uid=0\tmask=MAY_EXEC   func=BPRM_CHECK audit\n"
			     "dont_audit func=PATH_CHECK fowner=5\n"
			     "audit func=FILE_MMAP fsmagic=ef53\n"));
	EXPECT_POLICY(self->c, IMA "/policy",
		      "audit func=BPRM_CHECK mask=MAY_EXEC uid=0 \n"
		      "dont_audit func=FILE_CHECK fowner=5 \n"
		      "audit func=MMAP_CHECK fsmagic=0xef53 \n");
}

TEST_F(active, actions_of_later_stages_are_EINVAL)
{
	static const char * const rules[] = {
		"measure func=BPRM_CHECK mask=MAY_EXEC \n",
		"measure func=FILE_CHECK \n",
		"measure func=KEY_CHECK \n",
		"hash func=FILE_CHECK mask=MAY_READ \n",
		"appraise func=BPRM_CHECK appraise_type=imasig \n",
		"appraise func=SETXATTR_CHECK appraise_algos=sha256 \n",
		"appraise \n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		EXPECT_EQ(-EINVAL, ct_load(self->c, IMA "/policy", rules[i])) {
			TH_LOG("rule: %s", rules[i]);
		}
	EXPECT_POLICY(self->c, IMA "/policy", "");
}

TEST_F(active, rules_that_make_no_sense_are_EINVAL)
{
	static const char * const rules[] = {
		"func=BPRM_CHECK\n",
		"nonsense\n",
		"audit nonsense\n",
		"audit nonsense=1\n",
		"audit audit\n",
		"audit dont_audit\n",
		"dont_audit audit\n",
		"audit func=NONSENSE\n",
		"audit func=BPRM_CHECK func=BPRM_CHECK\n",
		"audit mask=MAY_FLY\n",
		"audit mask=MAY_READ mask=MAY_READ\n",
		"audit fsmagic=zz\n",
		"audit fsuuid=nonsense\n",
		"audit uid=x\n",
		"audit uid=-1\n",
		"audit uid=4294967295\n",
		"audit uid=4294967296\n",
		"audit uid=1 uid=1\n",
		"audit gid=-1\n",
		"audit fowner=-1\n",
		"audit fgroup=-1\n",
		"audit pcr=10\n",
		"audit template=ima-ng\n",
		"audit appraise_type=imasig\n",
		"audit appraise_algos=sha256\n",
		"audit digest_type=nonsense\n",
		"audit func=KEY_CHECK\n",
		"dont_audit func=KEY_CHECK\n",
		"audit func=KEXEC_CMDLINE\n",
		"audit func=CRITICAL_DATA\n",
		"audit func=SETXATTR_CHECK\n",
		"audit keyrings=.ima\n",
		"audit label=selinux\n",
		/* text of the record */
		"audit fsname=x\035\n",
		"audit fsname=x\033[2J\n",
		"audit fsname=x\r\n",
		"audit fsname=x\177\n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		EXPECT_EQ(-EINVAL, ct_load(self->c, IMA "/policy", rules[i])) {
			TH_LOG("rule: %s", rules[i]);
		}
	EXPECT_POLICY(self->c, IMA "/policy", "");
}

TEST_F(active, one_write_takes_one_rule)
{
	static const char two[] = RULE_EXEC RULE_READ;
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_EXEC), ct_write(self->c, fd, two));
	EXPECT_EQ((long)strlen(RULE_READ),
		  ct_pwrite(self->c, fd, two + strlen(RULE_EXEC),
			    strlen(RULE_READ), -1));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", two);
}

TEST_F(active, a_rule_without_newline_is_taken_whole)
{
	static const char rule[] = "dont_audit func=BPRM_CHECK";
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	/* no more than was written: a caller that loops would never end */
	EXPECT_EQ((long)strlen(rule), ct_write(self->c, fd, rule));
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	EXPECT_EQ(1, ct_write(self->c, fd, "#"));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_NONE RULE_NONE);
}

TEST_F(active, comments_and_empty_lines_are_taken_and_count_nothing)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	int i;

	ASSERT_LE(0, fd);
	EXPECT_EQ(10, ct_write(self->c, fd, "# comment\n"));
	EXPECT_EQ(1, ct_write(self->c, fd, "\n"));
	EXPECT_EQ(5, ct_write(self->c, fd, " \t \t\n"));
	EXPECT_EQ(5, ct_write(self->c, fd, "  # \n"));
	for (i = 0; i < MAX_RULES + 1; i++)
		ASSERT_EQ(2, ct_write(self->c, fd, "#\n"));
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_NONE);
}

TEST_F(active, an_offset_is_EINVAL)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, ct_pwrite(self->c, fd, RULE_NONE,
				     strlen(RULE_NONE), 1));
	EXPECT_EQ(-EINVAL, ct_pwrite(self->c, fd, RULE_NONE,
				     strlen(RULE_NONE), 4096));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", "");
}

TEST_F(active, a_rule_may_fill_a_page_but_one_byte)
{
	char rule[8193];
	long page = sysconf(_SC_PAGESIZE);
	long fd;

	memset(rule, ' ', sizeof(rule));
	memcpy(rule, RULE_NONE, strlen(RULE_NONE) - 1);
	rule[page - 2] = '\n';
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(page - 1, ct_pwrite(self->c, fd, rule, page - 1, 0));
	/* what follows the first line is for the next write */
	EXPECT_EQ(page - 1, ct_pwrite(self->c, fd, rule, 8192, 0));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_NONE RULE_NONE);
}

TEST_F(active, of_a_longer_write_the_first_page_but_one_byte_counts)
{
	char rule[8193];
	long page = sysconf(_SC_PAGESIZE);
	long fd;

	/* the bad word begins where the kernel does not look any more */
	memset(rule, ' ', sizeof(rule));
	memcpy(rule, RULE_NONE, strlen(RULE_NONE) - 1);
	memcpy(rule + page - 1, "nonsense\n", 9);
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_LT(0, ct_pwrite(self->c, fd, rule, page + 8, 0));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_NONE);
}

TEST_F(active, a_bad_address_is_EFAULT)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EFAULT, ct_call(self->c, fn_pwrite, fd, 16, 8, 0));
	ASSERT_EQ(0, ct_close(self->c, fd));
}

/* a write that failed for another reason than its rule, between two good ones */
TEST_F(active, a_failed_write_spoils_the_batch)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	EXPECT_EQ(-EFAULT, ct_call(self->c, fn_pwrite, fd, 16, 8, 0));
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", "");
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_NONE), ct_write(self->c, fd, RULE_NONE));
	EXPECT_EQ(-EINVAL, ct_pwrite(self->c, fd, RULE_NONE,
				     strlen(RULE_NONE), 1));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", "");
}

TEST_F(active, one_bad_rule_spoils_the_batch)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_EXEC), ct_write(self->c, fd, RULE_EXEC));
	EXPECT_EQ(-EINVAL, ct_write(self->c, fd, "nonsense\n"));
	/* later rules are still parsed, good and bad */
	EXPECT_EQ((long)strlen(RULE_READ), ct_write(self->c, fd, RULE_READ));
	EXPECT_EQ(-EINVAL, ct_write(self->c, fd, "audit nonsense\n"));
	EXPECT_EQ((long)strlen(RULE_READ), ct_write(self->c, fd, RULE_READ));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", "");
	/* the next open file starts clean */
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_EXEC);
	/* a bad batch leaves what is in force alone */
	EXPECT_EQ(-EINVAL, ct_load(self->c, IMA "/policy", "nonsense\n"));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_EXEC);
}

TEST_F(active, a_close_without_a_rule_changes_nothing)
{
	long fd;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", "# only a comment\n"));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_EXEC);
}

TEST_F(active, rules_of_an_open_file_are_not_shown)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ((long)strlen(RULE_EXEC), ct_write(self->c, fd, RULE_EXEC));
	EXPECT_POLICY(self->c, IMA "/policy", "");
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_EXEC);
}

static long fn_exit_with_open_policy(const long *args)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		long fd = fn_open(args);

		_exit(fd < 0 || write(fd, RULE_EXEC, strlen(RULE_EXEC)) < 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

TEST_F(active, the_end_of_the_writer_is_a_close)
{
	ASSERT_EQ(0, ct_call(self->c, fn_exit_with_open_policy,
			     (long)(IMA "/policy"), O_WRONLY, 0, 0));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_EXEC);
}

/* many rules with one call, for speed; returns how many writes succeeded */
static long fn_write_rules(const long *args)
{
	const char *rule = (const char *)args[1];
	long i;

	for (i = 0; i < args[2]; i++)
		if (write(args[0], rule, strlen(rule)) != (ssize_t)strlen(rule))
			break;
	return i;
}

static long write_rules(struct container *c, long fd, const char *rule, long n)
{
	return ct_call(c, fn_write_rules, fd, (long)rule, n, 0);
}

TEST_F(active, the_1025th_rule_is_EDQUOT_and_spoils_the_batch)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	ASSERT_EQ(MAX_RULES, write_rules(self->c, fd, RULE_NONE, MAX_RULES));
	EXPECT_EQ(-EDQUOT, ct_write(self->c, fd, RULE_NONE));
	EXPECT_EQ(-EDQUOT, ct_write(self->c, fd, RULE_NONE));
	/* nor is it looked at whether the rule is good; a comment is free */
	EXPECT_EQ(-EDQUOT, ct_write(self->c, fd, "nonsense\n"));
	EXPECT_EQ(2, ct_write(self->c, fd, "#\n"));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_POLICY(self->c, IMA "/policy", "");
	/* the dropped rules are not counted any more */
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(MAX_RULES, write_rules(self->c, fd, RULE_NONE, MAX_RULES));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_EQ(MAX_RULES * (long)strlen(RULE_NONE),
		  ct_cat(self->c, IMA "/policy"));
}

TEST_F(active, the_limit_counts_loaded_and_pending_rules)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	ASSERT_EQ(1000, write_rules(self->c, fd, RULE_NONE, 1000));
	ASSERT_EQ(0, ct_close(self->c, fd));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(24, write_rules(self->c, fd, RULE_NONE, 25));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_EQ(1000 * (long)strlen(RULE_NONE),
		  ct_cat(self->c, IMA "/policy"));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(24, write_rules(self->c, fd, RULE_NONE, 24));
	ASSERT_EQ(0, ct_close(self->c, fd));
	EXPECT_EQ(-EDQUOT, ct_load(self->c, IMA "/policy", RULE_NONE));
	EXPECT_EQ(1024 * (long)strlen(RULE_NONE),
		  ct_cat(self->c, IMA "/policy"));
}

TEST_F(active, bad_rules_are_not_counted)
{
	long fd;
	int i;

	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	for (i = 0; i < 100; i++)
		ASSERT_EQ(-EINVAL, ct_write(self->c, fd, "nonsense\n"));
	ASSERT_EQ(MAX_RULES, write_rules(self->c, fd, RULE_NONE, MAX_RULES));
	EXPECT_EQ(-EDQUOT, ct_write(self->c, fd, RULE_NONE));
	ASSERT_EQ(0, ct_close(self->c, fd));
}

/*
 * Labels of a security module; this kernel has none that knows labels
 */

static const char * const lsm_words[] = {
	"obj_user=", "obj_role=", "obj_type=",
	"subj_user=", "subj_role=", "subj_type=",
};

TEST_F(active, an_undefined_label_is_EINVAL_in_the_first_policy)
{
	char rule[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lsm_words); i++) {
		snprintf(rule, sizeof(rule), "dont_audit %sx_t \n",
			 lsm_words[i]);
		EXPECT_EQ(-EINVAL, ct_load(self->c, IMA "/policy", rule)) {
			TH_LOG("rule: %s", rule);
		}
	}
	EXPECT_POLICY(self->c, IMA "/policy", "");
	/* a rule that waits for its load is no policy yet */
	EXPECT_EQ(-EINVAL, ct_load(self->c, IMA "/policy",
				   RULE_NONE "dont_audit obj_type=x_t \n"));
	EXPECT_POLICY(self->c, IMA "/policy", "");
}

TEST_F(active, an_undefined_label_later_is_inactive_and_not_shown)
{
	char rule[64];
	size_t i;

	ASSERT_EQ(0, make_file(DATA, "1"));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_NONE));
	for (i = 0; i < ARRAY_SIZE(lsm_words); i++) {
		snprintf(rule, sizeof(rule), "audit func=FILE_CHECK %sx_t \n",
			 lsm_words[i]);
		EXPECT_EQ(0, ct_load(self->c, IMA "/policy", rule)) {
			TH_LOG("rule: %s", rule);
		}
		EXPECT_POLICY(self->c, IMA "/policy", RULE_NONE);
	}
	/* such a rule matches nothing, nor does it hide the next one */
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_COUNT(0, audit_count_file(self->c, DATA));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy",
			     "dont_audit func=FILE_CHECK subj_type=x_t \n"
			     RULE_READ));
	EXPECT_POLICY(self->c, IMA "/policy", RULE_NONE RULE_READ);
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_COUNT(1, audit_count_file(self->c, DATA));
}

TEST_F(active, a_rule_with_an_undefined_label_is_counted)
{
	long fd;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_NONE));
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(MAX_RULES - 1, write_rules(self->c, fd,
					     "dont_audit obj_type=x_t \n",
					     MAX_RULES - 1));
	EXPECT_EQ(-EDQUOT, ct_write(self->c, fd, RULE_NONE));
	ASSERT_EQ(0, ct_close(self->c, fd));
}

/*
 * Messages of the kernel
 */

TEST_F(active, a_child_prints_nothing)
{
	static const char * const loads[] = {
		RULE_NONE, "nonsense\n", "measure func=FILE_CHECK \n",
		"audit func=NONSENSE \n", "audit fsuuid=x \n",
		"appraise func=SETXATTR_CHECK appraise_algos=sha256,nohash \n",
		"dont_appraise appraise_algos=nohash \n",
		"measure template=nonsense \n", "audit obj_type=x_t \n",
		"measure func=FILE_CHECK template=ima \n",
		"measure func=FILE_CHECK digest_type=verity \n",
		"appraise appraise_type=imasig|modsig \n",
		"audit keyrings=.ima \n", "dont_measure func=KEY_CHECK keyrings=| \n",
		W "/missing\n", "/\n", "# nothing\n", "audit uid=x \n",
	};
	long log = kmsg_open();
	int host;
	size_t i;

	ASSERT_LE(0, log);
	for (i = 0; i < ARRAY_SIZE(loads); i++)
		ct_load(self->c, IMA "/policy", loads[i]);
	EXPECT_EQ(0, kmsg_count(log, "ima:"));
	/* the host does; this load changes nothing */
	host = open(HOST_POLICY, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, host);
	EXPECT_EQ(10, write(host, "# nothing\n", 10));
	ASSERT_EQ(0, close(host));
	EXPECT_EQ(1, kmsg_count(log, "ima: policy update failed"));
	close(log);
}

/*
 * Ids
 */

static const char * const id_words[] = {
	"uid=", "uid>", "uid<", "euid=", "euid>", "euid<",
	"gid=", "gid>", "gid<", "egid=", "egid>", "egid<",
	"fowner=", "fowner>", "fowner<", "fgroup=", "fgroup>", "fgroup<",
};

TEST_F(active, an_id_outside_of_the_map_is_EINVAL)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" }, NULL);
	char rule[64];
	size_t i;

	ASSERT_NE(NULL, c);
	for (i = 0; i < ARRAY_SIZE(id_words); i++) {
		snprintf(rule, sizeof(rule), "dont_audit %s1 \n", id_words[i]);
		EXPECT_EQ(-EINVAL, ct_load(c, IMA "/policy", rule)) {
			TH_LOG("rule: %s", rule);
		}
		snprintf(rule, sizeof(rule), "dont_audit %s1500 \n",
			 id_words[i]);
		EXPECT_EQ(-EINVAL, ct_load(c, IMA "/policy", rule)) {
			TH_LOG("rule: %s", rule);
		}
		snprintf(rule, sizeof(rule), "dont_audit %s0 \n", id_words[i]);
		EXPECT_EQ(0, ct_load(c, IMA "/policy", rule)) {
			TH_LOG("rule: %s", rule);
		}
	}
	ct_end(c);
}

#define IDS_0	"dont_audit uid=0 gid=0 fowner=0 fgroup=0 \n"
#define IDS_1500 "dont_audit uid=1500 gid=1500 fowner=1500 fgroup=1500 \n"

TEST_F(active, ids_are_shown_as_the_reader_knows_them)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" }, NULL);
	char path[64];

	ASSERT_NE(NULL, c);
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/policy", c->pid);
	/* whoever writes, the words are in the terms of the container */
	ASSERT_EQ(0, ct_load(c, IMA "/policy", IDS_0));
	EXPECT_POLICY(c, IMA "/policy", IDS_0);
	EXPECT_POLICY(NULL, path, IDS_1500);
	ASSERT_EQ(0, ct_load(NULL, path, IDS_0));
	EXPECT_POLICY(c, IMA "/policy", IDS_0 IDS_0);
	EXPECT_POLICY(NULL, path, IDS_1500 IDS_1500);
	EXPECT_EQ(-EINVAL, ct_load(NULL, path, IDS_1500));
	ct_end(c);
}

TEST_F(active, ids_are_translated_at_every_level)
{
	struct container *outer, *inner;
	char path[64];

	outer = ct_start(NULL, (struct ct_opts){ .map = "0 100000 1000" });
	ASSERT_NE(NULL, outer);
	inner = ct_active(outer, (struct ct_opts){ .map = "0 500 10" }, NULL);
	ASSERT_NE(NULL, inner);
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/policy", inner->pid);
	ASSERT_EQ(0, ct_load(inner, IMA "/policy",
			     "dont_audit euid>3 egid<4 fowner>5 fgroup<6 \n"));
	EXPECT_POLICY(inner, IMA "/policy",
		      "dont_audit euid>3 egid<4 fowner>5 fgroup<6 \n");
	EXPECT_POLICY(outer, path,
		      "dont_audit euid>503 egid<504 fowner>505 fgroup<506 \n");
	EXPECT_POLICY(NULL, path,
		      "dont_audit euid>100503 egid<100504 fowner>100505 fgroup<100506 \n");
	ct_end(inner);
	ct_end(outer);
}

/* a descriptor shows what its opener may see, whoever reads it */
TEST_F(active, ids_are_those_of_the_opener)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" }, NULL);
	long fd, passed;

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_load(c, IMA "/policy", IDS_0));
	fd = ct_open(c, IMA "/policy", O_RDONLY);
	passed = ct_pass_fd(c, fd, NULL);
	ASSERT_LE(0, passed);
	ASSERT_LT(0, ct_read(NULL, passed));
	EXPECT_STREQ(IDS_0, ct_out(NULL));
	close(passed);
	ct_end(c);
}

TEST_HARNESS_MAIN
