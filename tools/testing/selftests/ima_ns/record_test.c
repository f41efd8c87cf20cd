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
	long enabled;
};

FIXTURE_SETUP(audited)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	self->enabled = audit_enabled();
	ASSERT_LE(0, self->enabled);
	ASSERT_EQ(0, make_prog(PROG, "1"));
	self->c = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(audited)
{
	ct_end(self->c);
	audit_set(AUDIT_STATUS_ENABLED, self->enabled);
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
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, PROG, "sha256"));
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
	/* as for the host, what follows the word that is refused is not told */
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE,
				    RE_HEAD "action=measure res=0 ima_ns=%s$",
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

/* loads a rule so many times, for speed with one call */
static long fn_load_often(const long *args)
{
	static const char rule[] = RULE_NONE;
	long i;

	for (i = 0; i < args[0]; i++) {
		int fd = open(IMA "/policy", O_WRONLY | O_CLOEXEC);

		if (fd < 0)
			return -errno;
		if (write(fd, rule, strlen(rule)) < 0 || close(fd))
			return -errno;
	}
	return 0;
}

static struct container *active_of(uid_t owner)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", owner);
	return ct_active(NULL, (struct ct_opts){ .owner = owner, .map = map },
			 NULL);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

#define RECORDS		20	/* in 5 seconds */
#define DROPPED		13	/* as in the text below: decimal behind 0x */

/* 20 records of policy_update in 5 seconds per owner, the rest is counted */
TEST_F(audited, policy_update_is_limited_per_owner)
{
	struct container *a1, *a2, *other;
	unsigned int owner;
	double begin;

	/* a slow machine gets another try, with an owner who starts anew */
	for (owner = 1710; ; owner++) {
		ASSERT_GT(1720, owner) {
			TH_LOG("33 loads do not fit in 5 seconds");
		}
		a1 = active_of(owner);
		ASSERT_NE(NULL, a1);
		a2 = active_of(owner);
		ASSERT_NE(NULL, a2);
		ASSERT_EQ(0, audit_clear());
		begin = now();
		/* all namespaces of the owner count together */
		ASSERT_EQ(0, ct_call(a1, fn_load_often, RECORDS / 2, 0, 0, 0));
		ASSERT_EQ(0, ct_call(a2, fn_load_often,
				     RECORDS / 2 + DROPPED - 1, 0, 0, 0));
		/* and the last one shortly before the end */
		if (now() - begin < 4.6) {
			while (now() - begin < 4.6)
				usleep(10000);
			ASSERT_EQ(0, ct_load(a1, IMA "/policy", RULE_NONE));
			if (now() - begin < 5)
				break;
		}
		ct_end(a1);
		ct_end(a2);
	}
	EXPECT_COUNT(RECORDS, audit_count(AUDIT_INTEGRITY_STATUS, "uid=%u ",
					  owner));
	EXPECT_COUNT(RECORDS / 2, audit_count(AUDIT_INTEGRITY_STATUS,
					      " ima_ns=%s$", a1->id));
	EXPECT_COUNT(RECORDS / 2, audit_count(AUDIT_INTEGRITY_STATUS,
					      " ima_ns=%s$", a2->id));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_STATUS, "dropped="));
	other = active_of(1704);
	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, ct_load(other, IMA "/policy", RULE_NONE));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("1704", "completed", "1")
				    " ima_ns=%s$", other->id));
	/* the 5 seconds began with the first load */
	sleep(2);
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_load(a1, IMA "/policy", RULE_NONE));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("%u", "completed", "1")
				    " dropped=0x13 ima_ns=%s$", owner,
				    a1->id));
	/* once told, the count starts anew */
	ASSERT_EQ(0, ct_load(a1, IMA "/policy", RULE_NONE));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("%u", "completed", "1")
				    " ima_ns=%s$", owner, a1->id));
	ct_end(a1);
	ct_end(a2);
	ct_end(other);
}

/*
 * The 1025th rule is not looked at, so there is nothing to record, although
 * who writes it is privileged.
 */
TEST_F(audited, a_rule_over_the_limit_is_not_recorded)
{
	/* that of user 0 may tell how many records an earlier test lost */
	struct container *c = active_of(1705), *helper;
	long fd;
	int i;

	ASSERT_NE(NULL, c);
	helper = ct_helper(c);
	ASSERT_NE(NULL, helper);
	fd = ct_open(helper, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	for (i = 0; i < 1023; i++)
		ASSERT_LT(0, ct_write(helper, fd, RULE_NONE));
	ASSERT_EQ(0, audit_clear());
	ASSERT_LT(0, ct_write(helper, fd, RULE_EXEC));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE, "."));
	EXPECT_EQ(-EDQUOT, ct_write(helper, fd, RULE_EXEC));
	EXPECT_EQ(-EDQUOT, ct_write(helper, fd, "nonsense\n"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE, "."));
	ASSERT_EQ(0, ct_close(helper, fd));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    RE_STATUS("0", "failed", "0")
				    " ima_ns=%s$", c->id));
	ct_end(helper);
	ct_end(c);
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

static long fn_read_direct(const long *args)
{
	static char page[4096] __attribute__((aligned(4096)));
	int fd = open((const char *)args[0], O_RDONLY | O_DIRECT | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, page, sizeof(page));
	close(fd);
	return len < 0 ? -errno : len;
}

#define EXPECT_NO_INTEGRITY_FAILURE() do {				\
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_DATA, "."));	\
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_METADATA, "."));	\
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_PCR, "."));		\
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_EVM_XATTR, "."));	\
} while (0)

/* without fs-verity there is nothing to record, and nothing to refuse */
TEST_F(audited, no_verity_digest_is_no_failure_for_a_child)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy",
			     "audit func=FILE_CHECK mask=MAY_READ digest_type=verity \n"));
	ASSERT_EQ(0, make_file(DATA, "1"));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_use(self->c, DATA));
	ASSERT_LT(0, ct_cat(self->c, DATA));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "."));
	EXPECT_NO_INTEGRITY_FAILURE();
}

/* a file opened with O_DIRECT is not read: as for the host, zeros tell so */
TEST_F(audited, an_open_with_O_DIRECT_is_no_failure_for_a_child)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, make_file(DATA, "1"));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(1, ct_call(self->c, fn_read_direct, (long)DATA, 0, 0, 0));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE,
				    RE_HEAD "file=\"" DATA "\" hash=\"sha256:0{64}\""
				    RE_TASK("0") " ima_ns=%s$", self->c->id));
	EXPECT_NO_INTEGRITY_FAILURE();
}

/* what audit leaves out is recorded the next time */
TEST_F(audited, a_record_that_was_excluded_is_made_up_for)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, audit_rule(AUDIT_ADD_RULE, AUDIT_FILTER_EXCLUDE,
				AUDIT_NEVER, AUDIT_INTEGRITY_RULE, -1));
	EXPECT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, audit_rule(AUDIT_DEL_RULE, AUDIT_FILTER_EXCLUDE,
				AUDIT_NEVER, AUDIT_INTEGRITY_RULE, -1));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE, "."));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, PROG, "sha256"));
}

/*
 * Events
 */

static size_t index_of(const char *text)
{
	size_t i;

	for (i = 0; i < audit_log_state.n; i++)
		if (audit_log_state.entries[i].text == text)
			break;
	return i;
}

/* the SYSCALL record of the event that has @text */
static const char *syscall_of(const char *text)
{
	size_t i;

	for (i = 0; text && i < audit_log_state.n; i++)
		if (audit_log_state.entries[i].type == AUDIT_SYSCALL &&
		    serial_of(audit_log_state.entries[i].text) ==
		    serial_of(text))
			return audit_log_state.entries[i].text;
	return NULL;
}

/* the event of @_text is of this system call and has these records */
#define EXPECT_EVENT(_text, _syscall, _types) do {			\
	const char *__syscall = syscall_of(_text);			\
	char __nr[32];							\
									\
	ASSERT_NE(NULL, _text) {					\
		audit_dump();						\
	}								\
	ASSERT_NE(NULL, __syscall) {					\
		audit_dump();						\
	}								\
	snprintf(__nr, sizeof(__nr), " syscall=%d ", (int)(_syscall));	\
	EXPECT_NE(NULL, strstr(__syscall, __nr)) {			\
		TH_LOG("%s", __syscall);				\
	}								\
	EXPECT_LT(index_of(_text), index_of(__syscall));		\
	EXPECT_STREQ(_types, audit_event_types(serial_of(_text)));	\
} while (0)

/* then SYSCALL and its companions, PROCTITLE and the end of the event */
TEST_F(audited, in_a_syscall_event_the_records_come_before_SYSCALL)
{
	long fd;

	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	ASSERT_EQ(0, audit_clear());
	fd = ct_open(self->c, IMA "/policy", O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_LT(0, ct_pwrite(self->c, fd, RULE_EXEC, strlen(RULE_EXEC), -1));
	ASSERT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE, "."));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS, "."));
	audit_set(AUDIT_STATUS_ENABLED, 0);
	EXPECT_EVENT(audit_record(AUDIT_INTEGRITY_POLICY_RULE, 0), SYS_write,
		     "1807 1300 1327 1320 ");
	EXPECT_EVENT(audit_record(AUDIT_INTEGRITY_STATUS, 0), SYS_close,
		     "1802 1300 1327 1320 ");
	EXPECT_EVENT(audit_record(AUDIT_INTEGRITY_RULE, 0), SYS_execve,
		     "1805 1300 1309 1327 1320 ");
}

/* all records of one type are events of their own, without a companion */
#define EXPECT_ALONE(_type, _n) do {					\
	char __alone[16];						\
	size_t __i;							\
									\
	snprintf(__alone, sizeof(__alone), "%d ", _type);		\
	EXPECT_COUNT(_n, audit_count(_type, "."));			\
	for (__i = 0; __i < (_n); __i++) {				\
		const char *__text = audit_record(_type, __i);		\
									\
		ASSERT_NE(NULL, __text);				\
		EXPECT_STREQ(__alone,					\
			     audit_event_types(serial_of(__text)));	\
	}								\
} while (0)

TEST_F(audited, without_an_event_each_record_stands_alone)
{
	struct container *b, *c;

	b = ct_active(self->c, (struct ct_opts){}, RULE_EXEC);
	ASSERT_NE(NULL, b);
	c = ct_active(b, (struct ct_opts){}, RULE_EXEC);
	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 0));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC RULE_READ));
	EXPECT_ALONE(AUDIT_INTEGRITY_POLICY_RULE, 2);
	EXPECT_ALONE(AUDIT_INTEGRITY_STATUS, 1);
	ASSERT_EQ(0, ct_exec(c, PROG));
	EXPECT_ALONE(AUDIT_INTEGRITY_RULE, 3);
	EXPECT_COUNT(3, audit_count(AUDIT_INTEGRITY_RULE,
				    RE_HEAD RE_FILE RE_TASK("0")
				    " ima_ns=0x[0-9a-f]+$"));
	EXPECT_COUNT(0, audit_count(AUDIT_SYSCALL, "."));
	ct_end(c);
	ct_end(b);
}

/* audit is on, but a rule keeps this task from having events */
TEST_F(audited, a_task_that_is_never_audited_has_standalone_records)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, audit_rule(AUDIT_ADD_RULE, AUDIT_FILTER_TASK, AUDIT_NEVER,
				0, -1));
	EXPECT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, audit_rule(AUDIT_DEL_RULE, AUDIT_FILTER_TASK, AUDIT_NEVER,
				0, -1));
	EXPECT_ALONE(AUDIT_INTEGRITY_RULE, 1);
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE,
				    RE_HEAD RE_FILE RE_TASK("0")
				    " ima_ns=%s$", self->c->id));
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
		text[i] = audit_record(AUDIT_INTEGRITY_RULE, i);
		ASSERT_NE(NULL, text[i]);
		EXPECT_EQ(serial_of(text[0]), serial_of(text[i]));
	}
	EXPECT_STREQ(self->c->id, strstr(text[0], " ima_ns=") + 8);
	EXPECT_STREQ(b->id, strstr(text[1], " ima_ns=") + 8);
	EXPECT_STREQ(c->id, strstr(text[2], " ima_ns=") + 8);
	ct_end(c);
	ct_end(b);
}

TEST_F(audited, each_of_32_nested_levels_is_recorded_once)
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
