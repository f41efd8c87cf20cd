// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - which accesses are recorded, for whom, and how often
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
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

TEST_F_TIMEOUT(audited, n_namespaces_are_n_records, 120)
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

enum access { EXEC, MMAP_EXEC, MMAP_READ, OPEN_READ, OPEN_WRITE };

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
	case OPEN_READ:
		return ct_use(c, PROG);
	case OPEN_WRITE:
		return ct_call(c, fn_write_open, (long)PROG, O_WRONLY, 0, 0);
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
RULE_VARIANT(file_read, "audit func=FILE_CHECK mask=MAY_READ\n", OPEN_READ, 1);
RULE_VARIANT(file_write, "audit func=FILE_CHECK mask=MAY_READ\n",
	     OPEN_WRITE, 0);
RULE_VARIANT(file_inmask, "audit func=FILE_CHECK mask=^MAY_READ\n",
	     OPEN_READ, 1);
RULE_VARIANT(uid, "audit func=FILE_CHECK uid=0\n", OPEN_READ, 1);
RULE_VARIANT(uid_other, "audit func=FILE_CHECK uid=1\n", OPEN_READ, 0);
RULE_VARIANT(uid_below, "audit func=FILE_CHECK uid<1\n", OPEN_READ, 1);
RULE_VARIANT(uid_above, "audit func=FILE_CHECK uid>0\n", OPEN_READ, 0);
RULE_VARIANT(gid, "audit func=FILE_CHECK gid=0\n", OPEN_READ, 1);
RULE_VARIANT(egid_other, "audit func=FILE_CHECK egid=4\n", OPEN_READ, 0);
RULE_VARIANT(fowner, "audit func=FILE_CHECK fowner=0\n", OPEN_READ, 1);
RULE_VARIANT(fowner_other, "audit func=FILE_CHECK fowner=9\n", OPEN_READ, 0);
RULE_VARIANT(fgroup, "audit func=FILE_CHECK fgroup=0\n", OPEN_READ, 1);
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

/* as today, before and after activation, whatever the owner */
TEST_F(audited, security_ima_and_evm_cannot_be_written_inside)
{
	static const char * const names[] = { "security.ima", "security.evm" };
	struct container *inactive = ct_start(NULL, (struct ct_opts){});
	struct container *c[] = { self->c, inactive };
	unsigned char digest[34] = { 4, 4 };
	size_t i, j;

	ASSERT_NE(NULL, inactive);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		for (j = 0; j < ARRAY_SIZE(c); j++) {
			memcpy(c[j]->buf, digest, sizeof(digest));
			EXPECT_EQ(-EPERM, ct_call(c[j], fn_xattr, (long)DATA,
						  (long)names[i],
						  (long)c[j]->buf,
						  sizeof(digest)));
			EXPECT_GT(0, ct_call(c[j], fn_xattr, (long)DATA,
					     (long)names[i], 0, 0));
		}
	ct_end(inactive);
}

TEST_HARNESS_MAIN
