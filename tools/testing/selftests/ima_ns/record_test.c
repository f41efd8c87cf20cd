// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - the text of the audit records, byte for byte
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

#define RULE_NONE	"dont_audit func=BPRM_CHECK \n"

#define RE_HEAD		"^audit\\([0-9]+\\.[0-9]{3}:[0-9]+\\): "
#define RE_NAME		"(\"[^\"]*\"|[0-9A-F]+)"
#define RE_SUBJ		"( subj=[^ ]+)?"
/* what audit_log_task_info() writes; %s: uid, gid and their kin */
#define RE_TASK(_id)							\
	" ppid=[0-9]+ pid=[0-9]+ auid=[0-9]+ uid=" _id " gid=" _id	\
	" euid=" _id " suid=" _id " fsuid=" _id " egid=" _id		\
	" sgid=" _id " fsgid=" _id " tty=[^ ]+ ses=[0-9]+ comm=" RE_NAME \
	" exe=" RE_NAME RE_SUBJ
#define RE_FILE		"file=\"" PROG "\" hash=\"sha256:[0-9a-f]{64}\""
#define RE_STATUS(_uid, _cause, _res)					\
	RE_HEAD "pid=[0-9]+ uid=" _uid " auid=[0-9]+ ses=[0-9]+" RE_SUBJ \
	" op=policy_update cause=" _cause " comm=" RE_NAME		\
	" res=" _res " errno=0"

FIXTURE(audited)
{
	struct container *c;
};

FIXTURE_SETUP(audited)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	self->c = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(audited)
{
	ct_end(self->c);
	audit_close();
}

TEST_F(audited, INTEGRITY_RULE_is_the_hosts_text_and_ima_ns)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "ima_ns="));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE,
				    RE_HEAD RE_FILE RE_TASK("0")
				    " ima_ns=%s$", self->c->id));
	/* ids are those of the host */
	EXPECT_EQ(0, strncmp(self->c->id, "0x", 2));
}

TEST_F(audited, INTEGRITY_RULE_shows_the_ids_the_host_knows)
{
	struct container *c = ct_start(NULL, (struct ct_opts){
				       .map = "0 100000 65536" });
	struct container *helper;

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount_and_activate(c));
	helper = ct_helper(c);
	ASSERT_NE(NULL, helper);
	ASSERT_EQ(0, ct_load(helper, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_exec(c, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE,
				    RE_HEAD RE_FILE RE_TASK("100000")
				    " ima_ns=%s$", c->id));
	ct_end(helper);
	ct_end(c);
}

TEST_F(audited, an_untrusted_name_is_hex)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, make_prog(W "/a b", "1"));
	ASSERT_EQ(0, ct_exec(self->c, W "/a b"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE,
				    RE_HEAD "file=2F746D702F696D616E732F612062 hash=\"sha256:[0-9a-f]{64}\""
				    RE_TASK("0") " ima_ns=%s$", self->c->id));
}

TEST_F(audited, INTEGRITY_POLICY_RULE_ends_with_ima_ns)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy",
			     "# comment\n"
			     "audit func=BPRM_CHECK mask=MAY_EXEC uid=0 \n"
			     "\n"
			     "dont_audit func=FILE_CHECK fowner>5 \n"));
	EXPECT_COUNT(2, audit_count(AUDIT_INTEGRITY_POLICY_RULE, "."));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE,
				    RE_HEAD "action=audit func=BPRM_CHECK mask=MAY_EXEC uid=0 res=1 ima_ns=%s$",
				    self->c->id));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE,
				    RE_HEAD "action=dont_audit func=FILE_CHECK fowner>5 res=1 ima_ns=%s$",
				    self->c->id));
}

TEST_F(audited, a_bad_rule_is_recorded_with_res_0)
{
	ASSERT_EQ(-EINVAL, ct_load(self->c, IMA "/policy",
				   "audit nonsense \n"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE, "."));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE,
				    RE_HEAD "action=audit UNKNOWN=nonsense res=0 ima_ns=%s$",
				    self->c->id));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(-EINVAL, ct_load(self->c, IMA "/policy",
				   "measure func=FILE_CHECK \n"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE,
				    RE_HEAD "action=measure func=FILE_CHECK res=0 ima_ns=%s$",
				    self->c->id));
}

TEST_F(audited, without_the_privilege_rules_are_not_recorded)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1701,
						.map = "0 1701 1" }, NULL);

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_load(c, IMA "/policy", RULE_NONE));
	EXPECT_EQ(-EPERM, ct_load(c, IMA "/policy", RULE_EXEC));
	EXPECT_EQ(-EINVAL, ct_load(c, IMA "/policy", "nonsense\n"));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_POLICY_RULE, "."));
	/* the loads are */
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("1701", "completed", "1")
				    " ima_ns=%s$", c->id));
	EXPECT_COUNT(2, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("1701", "failed", "0")
				    " ima_ns=%s$", c->id));
	EXPECT_COUNT(3, audit_count(AUDIT_INTEGRITY_STATUS, "."));
	ct_end(c);
}

TEST_F(audited, a_load_without_a_write_is_not_recorded)
{
	struct container *c = ct_active(NULL, (struct ct_opts){ .owner = 1702,
						.map = "0 1702 1" }, NULL);
	long fd;

	ASSERT_NE(NULL, c);
	fd = ct_open(c, IMA "/policy", O_WRONLY);
	ASSERT_EQ(0, ct_close(c, fd));
	ASSERT_EQ(0, ct_cat(c, IMA "/policy"));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_STATUS, "."));
	/* a comment is a write, and no valid rule */
	ASSERT_EQ(0, ct_load(c, IMA "/policy", "# comment\n"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("1702", "failed", "0")
				    " ima_ns=%s$", c->id));
	ct_end(c);
}

/* 20 records of policy_update in 5 seconds per owner, the rest is counted */
TEST_F_TIMEOUT(audited, policy_update_is_limited_per_owner, 120)
{
	const struct ct_opts a = { .owner = 1703, .map = "0 1703 1" };
	const struct ct_opts b = { .owner = 1704, .map = "0 1704 1" };
	struct container *a1 = ct_active(NULL, a, NULL);
	struct container *a2 = ct_active(NULL, a, NULL);
	struct container *other = ct_active(NULL, b, NULL);
	int i;

	ASSERT_NE(NULL, a1);
	ASSERT_NE(NULL, a2);
	ASSERT_NE(NULL, other);
	for (i = 0; i < 27; i++)
		ASSERT_EQ(0, ct_load(i % 2 ? a1 : a2, IMA "/policy",
				     RULE_NONE));
	EXPECT_COUNT(20, audit_count(AUDIT_INTEGRITY_STATUS, "uid=1703 "));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_STATUS, "dropped="));
	ASSERT_EQ(0, ct_load(other, IMA "/policy", RULE_NONE));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("1704", "completed", "1")
				    " ima_ns=%s$", other->id));
	sleep(6);
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_load(a1, IMA "/policy", RULE_NONE));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("1703", "completed", "1")
				    " dropped=(0x)?7 ima_ns=%s$", a1->id));
	/* once told, the count starts anew */
	ASSERT_EQ(0, ct_load(a1, IMA "/policy", RULE_NONE));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("1703", "completed", "1")
				    " ima_ns=%s$", a1->id));
	ct_end(a1);
	ct_end(a2);
	ct_end(other);
}

TEST_F(audited, activation_and_mount_write_no_integrity_record)
{
	struct container *c = ct_active(NULL, (struct ct_opts){}, NULL);

	ASSERT_NE(NULL, c);
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_STATUS, "."));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "."));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_POLICY_RULE, "."));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_PCR, "."));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_DATA, "."));
	ct_end(c);
}

/* a reader while the file is open for writing, and the reverse */
TEST_F(audited, a_situation_only_a_child_sees_writes_no_violation)
{
	long w, r;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, make_file(DATA, "1"));
	ASSERT_EQ(0, audit_clear());
	w = ct_open(self->c, DATA, O_WRONLY);
	ASSERT_LE(0, w);
	r = ct_open(self->c, DATA, O_RDONLY);
	ASSERT_LE(0, r);
	ct_close(self->c, w);
	w = ct_open(self->c, DATA, O_WRONLY);
	ASSERT_LE(0, w);
	ct_close(self->c, w);
	ct_close(self->c, r);
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_PCR, "."));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_DATA, "."));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_STATUS, "."));
}

/*
 * Events
 */

static unsigned int serial_of(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon ? strtoul(colon + 1, NULL, 10) : 0;
}

/* the n-th record of @type, from 0 */
static const char *record(int type, size_t n)
{
	size_t i;

	for (i = 0; i < audit_log_state.n; i++)
		if (audit_log_state.entries[i].type == type && !n--)
			return audit_log_state.entries[i].text;
	return NULL;
}

static size_t index_of(const char *text)
{
	size_t i;

	for (i = 0; i < audit_log_state.n; i++)
		if (audit_log_state.entries[i].text == text)
			break;
	return i;
}

TEST_F(audited, in_a_syscall_event_the_records_come_before_SYSCALL)
{
	const char *rule, *syscall = NULL;
	size_t i;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	audit_set(AUDIT_STATUS_ENABLED, 0);
	rule = record(AUDIT_INTEGRITY_RULE, 0);
	ASSERT_NE(NULL, rule);
	for (i = 0; i < audit_log_state.n; i++)
		if (audit_log_state.entries[i].type == AUDIT_SYSCALL &&
		    serial_of(audit_log_state.entries[i].text) ==
		    serial_of(rule))
			syscall = audit_log_state.entries[i].text;
	ASSERT_NE(NULL, syscall) {
		audit_dump();
	}
	EXPECT_LT(index_of(rule), index_of(syscall));
}

TEST_F(audited, without_an_event_each_record_stands_alone)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC RULE_READ));
	audit_set(AUDIT_STATUS_ENABLED, 0);
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE,
				    RE_HEAD RE_FILE RE_TASK("0")
				    " ima_ns=%s$", self->c->id));
	EXPECT_COUNT(0, audit_count(AUDIT_SYSCALL, "."));
}

/*
 *	host -- a -- b -- c: one exec, one record for each, outermost first
 */
TEST_F(audited, nested_levels_are_recorded_outermost_first)
{
	struct container *b, *c;
	const char *text[3];
	size_t i;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	b = ct_active(self->c, (struct ct_opts){}, RULE_EXEC);
	ASSERT_NE(NULL, b);
	c = ct_active(b, (struct ct_opts){}, RULE_EXEC);
	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(c, PROG));
	EXPECT_COUNT(3, audit_count(AUDIT_INTEGRITY_RULE,
				    RE_HEAD RE_FILE RE_TASK("0")
				    " ima_ns=0x[0-9a-f]+$"));
	audit_set(AUDIT_STATUS_ENABLED, 0);
	for (i = 0; i < 3; i++) {
		text[i] = record(AUDIT_INTEGRITY_RULE, i);
		ASSERT_NE(NULL, text[i]);
		EXPECT_EQ(serial_of(text[0]), serial_of(text[i]));
	}
	EXPECT_STREQ(self->c->id, strstr(text[0], " ima_ns=") + 8);
	EXPECT_STREQ(b->id, strstr(text[1], " ima_ns=") + 8);
	EXPECT_STREQ(c->id, strstr(text[2], " ima_ns=") + 8);
	ct_end(c);
	ct_end(b);
}

TEST_F_TIMEOUT(audited, each_of_32_nested_levels_is_recorded_once, 300)
{
	struct container *level[32];
	int i;

	level[0] = self->c;
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	for (i = 1; i < 32; i++) {
		level[i] = ct_active(level[i - 1], (struct ct_opts){},
				     RULE_EXEC);
		ASSERT_NE(NULL, level[i]) {
			TH_LOG("level %d: %s", i, strerror(errno));
		}
	}
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(level[31], PROG));
	ASSERT_EQ(0, ct_exec(level[31], PROG));
	for (i = 0; i < 32; i++)
		EXPECT_COUNT(1, audit_count_file(level[i], PROG));
	EXPECT_COUNT(32, audit_count(AUDIT_INTEGRITY_RULE, "file=\"" PROG));
	/* a process further out adds nothing; after a change its levels do */
	ASSERT_EQ(0, ct_exec(level[15], PROG));
	EXPECT_COUNT(32, audit_count(AUDIT_INTEGRITY_RULE, "file=\"" PROG));
	ASSERT_EQ(0, ct_append(NULL, PROG));
	ASSERT_EQ(0, ct_exec(level[15], PROG));
	EXPECT_COUNT(48, audit_count(AUDIT_INTEGRITY_RULE, "file=\"" PROG));
	for (i = 31; i > 0; i--)
		ct_end(level[i]);
}

TEST_HARNESS_MAIN
