// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - which accesses are recorded, for whom, and how often
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"

#include <sys/personality.h>

#include "../kselftest_harness.h"

FIXTURE(audited)
{
	struct container *c;
};

FIXTURE_SETUP(audited)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	ASSERT_EQ(0, make_file(DATA, "1"));
	self->c = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(audited)
{
	ct_end(self->c);
	audit_close();
}

TEST_F(audited, without_rules_nothing_is_recorded)
{
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "."));
}

TEST_F(audited, run_run_is_one_record)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
}

TEST_F(audited, run_append_run_run_is_two_records)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, ct_append(self->c, PROG));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(2, audit_count_file(self->c, PROG));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, PROG, "sha256"));
}

TEST_F(audited, the_host_and_a_sibling_are_not_recorded_for_the_child)
{
	struct container *other = ct_active(NULL, (struct ct_opts){}, NULL);

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_exec(NULL, PROG));
	ASSERT_EQ(0, ct_exec(other, PROG));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "."));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	ct_end(other);
}

TEST_F(audited, a_descendant_is_recorded_for_its_ancestors)
{
	struct container *inner = ct_start(self->c, (struct ct_opts){});

	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_exec(inner, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
	/* the ancestor has seen it */
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
	ct_end(inner);
}

TEST_F(audited, dont_audit_of_a_descendant_hides_nothing)
{
	struct container *inner;

	inner = ct_active(self->c, (struct ct_opts){},
			  "dont_audit \n" RULE_EXEC);
	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(inner, PROG));
	EXPECT_COUNT(0, audit_count_file(inner, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	ct_end(inner);
}

TEST_F(audited, a_digest_type_of_a_descendant_changes_no_other_record)
{
	struct container *inner;

	inner = ct_active(self->c, (struct ct_opts){},
			  "audit func=BPRM_CHECK digest_type=verity permit_directio \n");
	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(inner, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	/* not verity: for the ancestor it is the digest of the file */
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE,
				    "hash=\"sha256:0{64}\".* ima_ns=%s$",
				    self->c->id));
	ct_end(inner);
}

/*
 *	host -- outer (inactive) -- middle (no IMA namespace) -- inner (active)
 */
TEST_F(audited, inactive_and_missing_levels_are_skipped)
{
	struct container *outer, *middle, *inner;

	outer = ct_start(NULL, (struct ct_opts){});
	ASSERT_NE(NULL, outer);
	ASSERT_EQ(0, ct_mount(outer));
	middle = ct_start(outer, (struct ct_opts){});
	ASSERT_NE(NULL, middle);
	inner = ct_active(middle, (struct ct_opts){}, RULE_EXEC);
	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(inner, PROG));
	EXPECT_COUNT(1, audit_count_file(inner, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
	ct_end(inner);
	ct_end(middle);
	ct_end(outer);
}

TEST_F(audited, n_namespaces_are_n_records)
{
	struct container *c[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(c); i++) {
		c[i] = ct_active(NULL, (struct ct_opts){}, RULE_EXEC);
		ASSERT_NE(NULL, c[i]);
	}
	ASSERT_EQ(0, audit_clear());
	for (i = 0; i < 2 * ARRAY_SIZE(c); i++)
		ASSERT_EQ(0, ct_exec(c[i % ARRAY_SIZE(c)], PROG));
	for (i = 0; i < ARRAY_SIZE(c); i++)
		EXPECT_COUNT(1, audit_count_file(c[i], PROG));
	EXPECT_COUNT((long)ARRAY_SIZE(c),
		     audit_count(AUDIT_INTEGRITY_RULE, "."));
	/* the end of one takes nothing from the others */
	ct_end(c[0]);
	ASSERT_EQ(0, ct_exec(c[1], PROG));
	EXPECT_COUNT(1, audit_count_file(c[1], PROG));
	for (i = 1; i < ARRAY_SIZE(c); i++)
		ct_end(c[i]);
}

/*
 * Rules
 */

static long fn_mmap_exec(const long *args)
{
	int fd = open((const char *)args[0], O_RDONLY | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return -errno;
	p = mmap(NULL, 4096, args[1], MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return -errno;
	munmap(p, 4096);
	return 0;
}

static long fn_write_open(const long *args)
{
	int fd = open((const char *)args[0], args[1] | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* PROT_READ is to imply PROT_EXEC: the kernel asks for more than the program */
static long fn_mmap_implied(const long *args)
{
	int old = personality(READ_IMPLIES_EXEC);
	const long read_only[] = { args[0], PROT_READ };
	long ret;

	if (old < 0)
		return -errno;
	ret = fn_mmap_exec(read_only);
	personality(old);
	return ret;
}

enum access {
	EXEC, MMAP_EXEC, MMAP_READ, MMAP_IMPLIED, OPEN_READ, OPEN_WRITE,
	OPEN_APPEND, OPEN_BOTH,
};

static long do_access(struct container *c, enum access access)
{
	switch (access) {
	case EXEC:
		return ct_exec(c, PROG);
	case MMAP_EXEC:
		return ct_call(c, fn_mmap_exec, (long)PROG,
			       PROT_READ | PROT_EXEC, 0, 0);
	case MMAP_READ:
		return ct_call(c, fn_mmap_exec, (long)PROG, PROT_READ, 0, 0);
	case MMAP_IMPLIED:
		return ct_call(c, fn_mmap_implied, (long)PROG, 0, 0, 0);
	case OPEN_READ:
		return ct_use(c, PROG);
	case OPEN_WRITE:
		return ct_call(c, fn_write_open, (long)PROG, O_WRONLY, 0, 0);
	case OPEN_APPEND:
		return ct_call(c, fn_write_open, (long)PROG,
			       O_WRONLY | O_APPEND, 0, 0);
	case OPEN_BOTH:
		return ct_call(c, fn_write_open, (long)PROG, O_RDWR, 0, 0);
	}
	return -EINVAL;
}

FIXTURE(rule)
{
	struct container *c;
};

FIXTURE_VARIANT(rule)
{
	const char *rules;
	enum access access;
	int records;
};

#define RULE_VARIANT(_name, _rules, _access, _records)			\
FIXTURE_VARIANT_ADD(rule, _name)					\
{									\
	.rules = _rules, .access = _access, .records = _records,	\
}

RULE_VARIANT(bprm_exec, "audit func=BPRM_CHECK\n", EXEC, 1);
RULE_VARIANT(bprm_read, "audit func=BPRM_CHECK\n", OPEN_READ, 0);
RULE_VARIANT(bprm_mmap, "audit func=BPRM_CHECK\n", MMAP_EXEC, 0);
RULE_VARIANT(creds_exec, "audit func=CREDS_CHECK\n", EXEC, 1);
RULE_VARIANT(bprm_and_creds, "audit func=CREDS_CHECK\naudit func=BPRM_CHECK\n",
	     EXEC, 1);
RULE_VARIANT(mmap_exec, "audit func=MMAP_CHECK mask=MAY_EXEC\n", MMAP_EXEC, 1);
RULE_VARIANT(mmap_read, "audit func=MMAP_CHECK mask=MAY_EXEC\n", MMAP_READ, 0);
RULE_VARIANT(mmap_reqprot, "audit func=MMAP_CHECK_REQPROT\n", MMAP_EXEC, 1);
RULE_VARIANT(mmap_check_implied, "audit func=MMAP_CHECK\n", MMAP_IMPLIED, 1);
RULE_VARIANT(mmap_reqprot_implied, "audit func=MMAP_CHECK_REQPROT\n",
	     MMAP_IMPLIED, 0);
RULE_VARIANT(mmap_reqprot_read, "audit func=MMAP_CHECK_REQPROT\n",
	     MMAP_READ, 0);
RULE_VARIANT(file_read, "audit func=FILE_CHECK mask=MAY_READ\n", OPEN_READ, 1);
RULE_VARIANT(file_write, "audit func=FILE_CHECK mask=MAY_READ\n",
	     OPEN_WRITE, 0);
RULE_VARIANT(file_inmask, "audit func=FILE_CHECK mask=^MAY_READ\n",
	     OPEN_READ, 1);
RULE_VARIANT(write_write, "audit func=FILE_CHECK mask=MAY_WRITE\n",
	     OPEN_WRITE, 1);
RULE_VARIANT(write_read, "audit func=FILE_CHECK mask=MAY_WRITE\n",
	     OPEN_READ, 0);
/* without ^ the mask is exactly this one */
RULE_VARIANT(read_both, "audit func=FILE_CHECK mask=MAY_READ\n",
	     OPEN_BOTH, 0);
RULE_VARIANT(write_both, "audit func=FILE_CHECK mask=MAY_WRITE\n",
	     OPEN_BOTH, 0);
RULE_VARIANT(write_append, "audit func=FILE_CHECK mask=MAY_WRITE\n",
	     OPEN_APPEND, 0);
RULE_VARIANT(inread_both, "audit func=FILE_CHECK mask=^MAY_READ\n",
	     OPEN_BOTH, 1);
RULE_VARIANT(inwrite_both, "audit func=FILE_CHECK mask=^MAY_WRITE\n",
	     OPEN_BOTH, 1);
RULE_VARIANT(inread_write, "audit func=FILE_CHECK mask=^MAY_READ\n",
	     OPEN_WRITE, 0);
RULE_VARIANT(inappend_append, "audit func=FILE_CHECK mask=^MAY_APPEND\n",
	     OPEN_APPEND, 1);
RULE_VARIANT(inappend_write, "audit func=FILE_CHECK mask=^MAY_APPEND\n",
	     OPEN_WRITE, 0);
RULE_VARIANT(uid, "audit func=FILE_CHECK uid=0\n", OPEN_READ, 1);
RULE_VARIANT(uid_other, "audit func=FILE_CHECK uid=1\n", OPEN_READ, 0);
RULE_VARIANT(uid_below, "audit func=FILE_CHECK uid<1\n", OPEN_READ, 1);
RULE_VARIANT(uid_above, "audit func=FILE_CHECK uid>0\n", OPEN_READ, 0);
RULE_VARIANT(gid, "audit func=FILE_CHECK gid=0\n", OPEN_READ, 1);
RULE_VARIANT(gid_other, "audit func=FILE_CHECK gid=4\n", OPEN_READ, 0);
RULE_VARIANT(gid_below, "audit func=FILE_CHECK gid<1\n", OPEN_READ, 1);
RULE_VARIANT(gid_above, "audit func=FILE_CHECK gid>0\n", OPEN_READ, 0);
RULE_VARIANT(euid, "audit func=FILE_CHECK euid=0\n", OPEN_READ, 1);
RULE_VARIANT(euid_below, "audit func=FILE_CHECK euid<1\n", OPEN_READ, 1);
RULE_VARIANT(euid_above, "audit func=FILE_CHECK euid>0\n", OPEN_READ, 0);
RULE_VARIANT(egid, "audit func=FILE_CHECK egid=0\n", OPEN_READ, 1);
RULE_VARIANT(egid_below, "audit func=FILE_CHECK egid<1\n", OPEN_READ, 1);
RULE_VARIANT(egid_above, "audit func=FILE_CHECK egid>0\n", OPEN_READ, 0);
RULE_VARIANT(egid_other, "audit func=FILE_CHECK egid=4\n", OPEN_READ, 0);
RULE_VARIANT(fowner, "audit func=FILE_CHECK fowner=0\n", OPEN_READ, 1);
RULE_VARIANT(fowner_other, "audit func=FILE_CHECK fowner=9\n", OPEN_READ, 0);
RULE_VARIANT(fowner_below, "audit func=FILE_CHECK fowner<1\n", OPEN_READ, 1);
RULE_VARIANT(fowner_above, "audit func=FILE_CHECK fowner>0\n", OPEN_READ, 0);
RULE_VARIANT(fgroup, "audit func=FILE_CHECK fgroup=0\n", OPEN_READ, 1);
RULE_VARIANT(fgroup_other, "audit func=FILE_CHECK fgroup=9\n", OPEN_READ, 0);
RULE_VARIANT(fgroup_below, "audit func=FILE_CHECK fgroup<1\n", OPEN_READ, 1);
RULE_VARIANT(fgroup_above, "audit func=FILE_CHECK fgroup>0\n", OPEN_READ, 0);
RULE_VARIANT(fsuuid_other,
	     "audit func=FILE_CHECK fsuuid=01234567-89ab-cdef-0123-456789abcdef\n",
	     OPEN_READ, 0);
RULE_VARIANT(fsmagic, "audit func=FILE_CHECK fsmagic=0x01021994\n",
	     OPEN_READ, 1);
RULE_VARIANT(fsmagic_other, "audit func=FILE_CHECK fsmagic=0xef53\n",
	     OPEN_READ, 0);
RULE_VARIANT(fsname, "audit func=FILE_CHECK fsname=tmpfs\n", OPEN_READ, 1);
RULE_VARIANT(fsname_other, "audit func=FILE_CHECK fsname=ext4\n",
	     OPEN_READ, 0);
RULE_VARIANT(dont_first, "dont_audit func=FILE_CHECK fowner=0\naudit func=FILE_CHECK\n",
	     OPEN_READ, 0);
RULE_VARIANT(dont_other, "dont_audit func=FILE_CHECK fowner=9\naudit func=FILE_CHECK\n",
	     OPEN_READ, 1);
RULE_VARIANT(dont_late, "audit func=FILE_CHECK\ndont_audit func=FILE_CHECK\n",
	     OPEN_READ, 1);
RULE_VARIANT(dont_measure_is_another_pair,
	     "dont_measure func=FILE_CHECK\naudit func=FILE_CHECK\n",
	     OPEN_READ, 1);
RULE_VARIANT(any, "audit\n", OPEN_READ, 1);

FIXTURE_SETUP(rule)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	self->c = ct_active(NULL, (struct ct_opts){}, variant->rules);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(rule)
{
	ct_end(self->c);
	audit_close();
}

TEST_F(rule, matches_as_it_says)
{
	ASSERT_EQ(0, do_access(self->c, variant->access));
	ASSERT_EQ(0, do_access(self->c, variant->access));
	EXPECT_COUNT(variant->records, audit_count_file(self->c, PROG));
}

/* ids of rules are kernel ids: what the container calls 0 is its owner */
TEST_F(audited, a_rootless_containers_ids_match_its_own_files)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1500,
						.map = "0 1500 1" }, NULL);
	struct container *helper;

	ASSERT_NE(NULL, c);
	helper = ct_helper(c);
	ASSERT_NE(NULL, helper);
	ASSERT_EQ(0, ct_load(helper, IMA "/policy",
			     "audit func=FILE_CHECK uid=0 fowner=0 fgroup=0\n"));
	ASSERT_EQ(0, make_file(W "/own", "1"));
	ASSERT_EQ(0, chown(W "/own", 1500, 1500));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_use(c, W "/own"));
	EXPECT_COUNT(1, audit_count_file(c, W "/own"));
	/* the host's root owns this one; and the helper is another uid */
	ASSERT_EQ(0, ct_use(c, DATA));
	ASSERT_EQ(0, make_file(W "/own2", "1"));
	ASSERT_EQ(0, chown(W "/own2", 1500, 1500));
	ASSERT_EQ(0, ct_use(helper, W "/own2"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
	ct_end(helper);
	ct_end(c);
}

/* real and effective uid, real and effective gid */
static long fn_become(const long *args)
{
	if (setgroups(0, NULL) || setresgid(args[2], args[3], -1) ||
	    setresuid(args[0], args[1], -1))
		return -errno;
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

/* real and effective ids differ: 5 and 6, 7 and 8 */
TEST_F(audited, real_and_effective_ids_are_told_apart)
{
	static const struct {
		const char *word;
		int records;
	} rules[] = {
		{ "uid=5", 1 }, { "uid=6", 0 }, { "euid=6", 1 }, { "euid=5", 0 },
		{ "gid=7", 1 }, { "gid=8", 0 }, { "egid=8", 1 }, { "egid=7", 0 },
		{ "uid<6", 1 }, { "euid>5", 1 }, { "gid<8", 1 }, { "egid>7", 1 },
		{ "uid>5", 0 }, { "euid<6", 0 }, { "gid>7", 0 }, { "egid<8", 0 },
	};
	char rule[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		struct container *c;

		snprintf(rule, sizeof(rule), "audit func=FILE_CHECK %s\n",
			 rules[i].word);
		c = ct_active(NULL, (struct ct_opts){}, rule);
		ASSERT_NE(NULL, c);
		ASSERT_EQ(0, ct_call(c, fn_become, 5, 6, 7, 8));
		ASSERT_EQ(0, ct_use(c, DATA));
		EXPECT_EQ(rules[i].records, audit_count_file(c, DATA)) {
			TH_LOG("%s", rules[i].word);
		}
		ct_end(c);
	}
}

/* < and > compare kernel ids, in which those of a container are a range */
TEST_F(audited, a_comparison_is_one_of_kernel_ids)
{
	struct container *c = ct_start(NULL, (struct ct_opts){
				       .map = "0 100000 65536" });
	struct container *helper;

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount_and_activate(c));
	helper = ct_helper(c);
	ASSERT_NE(NULL, helper);
	ASSERT_EQ(0, ct_load(helper, IMA "/policy",
			     "audit func=FILE_CHECK uid<10\n"));
	ASSERT_EQ(0, audit_clear());
	/* uid 0 inside is 100000, below 100010 */
	ASSERT_EQ(0, ct_use(c, DATA));
	EXPECT_COUNT(1, audit_count_file(c, DATA));
	/* the helper is kernel uid 0: not known inside, but below */
	ASSERT_EQ(0, make_file(DATA, "2"));
	ASSERT_EQ(0, ct_use(helper, DATA));
	EXPECT_COUNT(2, audit_count_file(c, DATA));
	/* uid 20 inside is not */
	ASSERT_EQ(0, make_file(DATA, "3"));
	ASSERT_EQ(0, ct_call(c, fn_become, 20, 20, 20, 20));
	ASSERT_EQ(0, ct_use(c, DATA));
	EXPECT_COUNT(2, audit_count_file(c, DATA));
	ct_end(helper);
	ct_end(c);
}

#ifndef FS_IOC_GETFSUUID
struct fsuuid2 {
	__u8 len;
	__u8 uuid[16];
};

#define FS_IOC_GETFSUUID	_IOR(0x15, 0, struct fsuuid2)
#endif

TEST_F(audited, the_uuid_of_a_file_system_matches)
{
	char rule[128] = "audit func=FILE_CHECK fsuuid=";
	struct fsuuid2 id = {};
	size_t len = strlen(rule);
	int fd = open(W, O_RDONLY | O_DIRECTORY), i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, FS_IOC_GETFSUUID, &id)) {
		TH_LOG("%s", strerror(errno));
	}
	close(fd);
	ASSERT_EQ(16, id.len);
	for (i = 0; i < 16; i++)
		len += sprintf(rule + len, "%s%02x",
			       i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       id.uuid[i]);
	strcpy(rule + len, "\n");
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", rule));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_COUNT(1, audit_count_file(self->c, DATA));
}

static long fn_open_nonblock(const long *args)
{
	return fn_close((const long[]){ open((const char *)args[0], O_RDONLY |
					     O_NONBLOCK | O_CLOEXEC) });
}

TEST_F(audited, only_regular_files_are_recorded)
{
	ASSERT_EQ(0, mkdir(W "/dir", 0755));
	ASSERT_EQ(0, mkfifo(W "/fifo", 0666));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", "audit\n"));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_call(self->c, fn_open_nonblock, (long)(W "/dir"),
			     0, 0, 0));
	ASSERT_EQ(0, ct_call(self->c, fn_open_nonblock, (long)(W "/fifo"),
			     0, 0, 0));
	ASSERT_EQ(0, ct_call(self->c, fn_open_nonblock, (long)"/dev/null",
			     0, 0, 0));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "."));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
}

static long fn_execveat(const long *args)
{
	char *const argv[] = { "prog", NULL };
	pid_t pid = fork();

	if (!pid) {
		syscall(SYS_execveat, args[0], "", argv, argv + 1,
			AT_EMPTY_PATH);
		_exit(99);
	}
	return pid < 0 ? -errno : fn_reap((const long[]){ pid });
}

static long fn_mmap_fd(const long *args)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, args[0],
		       0);

	return p == MAP_FAILED ? -errno : munmap(p, 4096);
}

/* whoever opened it: the one who uses a file counts */
TEST_F(audited, a_descriptor_of_the_host_used_inside_is_recorded)
{
	long fd, passed;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC
			     "audit func=MMAP_CHECK mask=MAY_EXEC\n"));
	ASSERT_EQ(0, make_prog(W "/prog2", "2"));
	fd = ct_open(NULL, PROG, O_RDONLY);
	passed = ct_pass_fd(NULL, fd, self->c);
	ASSERT_LE(0, passed);
	close(fd);
	ASSERT_EQ(0, ct_call(self->c, fn_execveat, passed, 0, 0, 0));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	ct_close(self->c, passed);
	fd = ct_open(NULL, W "/prog2", O_RDONLY);
	passed = ct_pass_fd(NULL, fd, self->c);
	ASSERT_LE(0, passed);
	close(fd);
	ASSERT_EQ(0, ct_call(self->c, fn_mmap_fd, passed, 0, 0, 0));
	EXPECT_COUNT(1, audit_count_file(self->c, W "/prog2"));
	ct_close(self->c, passed);
	EXPECT_COUNT(2, audit_count(AUDIT_INTEGRITY_RULE, "."));
}

TEST_F(audited, a_descriptor_of_the_child_used_outside_is_not_recorded)
{
	long fd, passed;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC
			     "audit func=MMAP_CHECK mask=MAY_EXEC\n"));
	fd = ct_open(self->c, PROG, O_RDONLY);
	passed = ct_pass_fd(self->c, fd, NULL);
	ASSERT_LE(0, passed);
	ASSERT_EQ(0, ct_call(NULL, fn_mmap_fd, passed, 0, 0, 0));
	ASSERT_EQ(0, ct_call(NULL, fn_execveat, passed, 0, 0, 0));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "."));
	close(passed);
	ct_close(self->c, fd);
}

/* leaves the host's tree: only @args[0] stays, as the root */
static long fn_pivot(const long *args)
{
	const char *root = (const char *)args[0];

	/* the initial root file system cannot be pivoted away, so cover it */
	if (mount(root, root, NULL, MS_BIND, NULL) || chdir(root) ||
	    mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") ||
	    mount("/inner", "/inner", NULL, MS_BIND, NULL) ||
	    chdir("/inner") || syscall(SYS_pivot_root, ".", ".") ||
	    umount2(".", MNT_DETACH) || chdir("/"))
		return -errno;
	return 0;
}

TEST_F(audited, after_pivot_root_the_path_is_that_of_the_containers_tree)
{
	ASSERT_EQ(0, mkdir(W "/root", 0755));
	ASSERT_EQ(0, mkdir(W "/root/inner", 0755));
	ASSERT_EQ(0, make_prog(W "/root/inner/prog", "1"));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_call(self->c, fn_pivot, (long)(W "/root"), 0, 0, 0));
	EXPECT_EQ(-ENOENT, ct_open(self->c, W, O_RDONLY));
	ASSERT_EQ(0, ct_exec(self->c, "/prog"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
	EXPECT_COUNT(1, audit_count_file(self->c, "/prog"));
}

TEST_F(audited, rules_count_from_the_close_on)
{
	long fd = ct_open(self->c, IMA "/policy", O_WRONLY);

	ASSERT_LE(0, fd);
	ASSERT_LT(0, ct_write(self->c, fd, RULE_EXEC));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "."));
	ASSERT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
}

static long fn_xattr(const long *args)
{
	if (args[2] ? setxattr((const char *)args[0], (const char *)args[1],
			       (const void *)args[2], args[3], 0) :
		      removexattr((const char *)args[0],
				  (const char *)args[1]))
		return -errno;
	return 0;
}

/*
 * Attributes of integrity: as today, before and after activation, whoever owns
 * the file and whoever is root of the container
 */

static const struct {
	const char *name;
	unsigned char value[34];
} protected[] = {
	{ "security.ima", { 4, 4 } },	/* a sha256 digest follows */
	{ "security.evm", { 3, 2 } },	/* EVM takes nothing but signatures */
};

static const uid_t file_owners[] = { 0, 1500, 70000 };

#define EXPECT_PROTECTED(_c, _when) do {				\
	unsigned char __now[64], __other[34] = { 4, 4, 9 };		\
	size_t __i, __j;						\
	char __path[64];						\
									\
	for (__i = 0; __i < ARRAY_SIZE(file_owners); __i++)		\
		for (__j = 0; __j < ARRAY_SIZE(protected); __j++) {	\
			snprintf(__path, sizeof(__path), W "/of-%u",	\
				 file_owners[__i]);			\
			memcpy((_c)->buf, __other, sizeof(__other));	\
			strcpy((_c)->buf + 64, __path);			\
			EXPECT_EQ(-EPERM, ct_call(_c, fn_xattr,		\
				  (long)((_c)->buf + 64),		\
				  (long)protected[__j].name,		\
				  (long)(_c)->buf, sizeof(__other))) {	\
				TH_LOG("set %s of %s %s",		\
				       protected[__j].name, __path, _when); \
			}						\
			EXPECT_EQ(-EPERM, ct_call(_c, fn_xattr,		\
				  (long)((_c)->buf + 64),		\
				  (long)protected[__j].name, 0, 0)) {	\
				TH_LOG("remove %s of %s %s",		\
				       protected[__j].name, __path, _when); \
			}						\
			EXPECT_EQ(34, getxattr(__path,			\
					       protected[__j].name,	\
					       __now, sizeof(__now)));	\
			EXPECT_EQ(0, memcmp(__now, protected[__j].value, 34)); \
		}							\
} while (0)

TEST_F(audited, security_ima_and_evm_cannot_be_written_inside)
{
	static const struct ct_opts opts[] = {
		{},
		{ .map = "0 1500 1" },
		{ .owner = 1500, .map = "0 1500 1" },
	};
	char path[64];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(file_owners); i++) {
		snprintf(path, sizeof(path), W "/of-%u", file_owners[i]);
		ASSERT_EQ(0, make_file(path, "1"));
		ASSERT_EQ(0, chown(path, file_owners[i], file_owners[i]));
		for (j = 0; j < ARRAY_SIZE(protected); j++)
			ASSERT_EQ(0, setxattr(path, protected[j].name,
					      protected[j].value, 34, 0)) {
				TH_LOG("%s: %s", protected[j].name,
				       strerror(errno));
			}
	}
	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		struct container *c = ct_start(NULL, opts[i]);

		ASSERT_NE(NULL, c);
		EXPECT_PROTECTED(c, "before the mount");
		ASSERT_EQ(0, ct_mount(c));
		EXPECT_PROTECTED(c, "while inactive");
		ASSERT_EQ(2, ct_put(c, IMA "/active", "1\n"));
		EXPECT_PROTECTED(c, "while active");
		ct_end(c);
	}
}

TEST_HARNESS_MAIN
