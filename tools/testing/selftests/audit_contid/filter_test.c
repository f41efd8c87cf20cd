// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - the field contid of audit rules
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

FIXTURE(filter)
{
	/* w labels t as outer, t labels inner */
	struct actor *w, *t, *inner;
	uint64_t outer_id, inner_id;
	struct rule r;
};

FIXTURE_SETUP(filter)
{
	SETUP_AUDIT();
	self->w = actor(NULL);
	self->t = actor(self->w);
	ASSERT_NE(NULL, self->t);
	self->outer_id = fresh_id();
	self->inner_id = fresh_id();
	ASSERT_EQ(0, label(self->w, self->t, self->outer_id));
	self->inner = actor(self->t);
	ASSERT_NE(NULL, self->inner);
	ASSERT_EQ(0, label(self->t, self->inner, self->inner_id));
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(filter)
{
	rule_del(&self->r);
	actors_end();
	audit_close();
}

static long fn_sethostname(const long *args)
{
	return syscall(SYS_sethostname, "", -1L) ? -errno : 0;
}

/* events of one failing call by @a under @r */
static long hits(struct actor *a)
{
	long before = audit_count(AUDIT_SYSCALL, " pid=%d .*key=\"contid\"",
				  a->pid);

	act(a, fn_sethostname);
	return audit_count(AUDIT_SYSCALL, " pid=%d .*key=\"contid\"",
			   a->pid) - before;
}

static void exit_rule(struct rule *r, int op, uint64_t id)
{
	rule_init(r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_syscall(r, SYS_sethostname);
	rule_contid(r, op, id);
	rule_text(r, AUDIT_FILTERKEY, "contid");
}

TEST_F(filter, equal_matches_any_member_of_the_chain)
{
	exit_rule(&self->r, AUDIT_EQUAL, self->outer_id);
	ASSERT_EQ(0, rule_add(&self->r));
	EXPECT_EQ(0, hits(self->w));
	EXPECT_EQ(1, hits(self->t));
	EXPECT_EQ(1, hits(self->inner));
}

TEST_F(filter, equal_does_not_match_from_outside)
{
	exit_rule(&self->r, AUDIT_EQUAL, self->inner_id);
	ASSERT_EQ(0, rule_add(&self->r));
	EXPECT_EQ(0, hits(self->w));
	EXPECT_EQ(0, hits(self->t));
	EXPECT_EQ(1, hits(self->inner));
}

TEST_F(filter, not_equal_is_the_negation)
{
	exit_rule(&self->r, AUDIT_NOT_EQUAL, self->outer_id);
	ASSERT_EQ(0, rule_add(&self->r));
	EXPECT_EQ(1, hits(self->w));
	EXPECT_EQ(0, hits(self->t));
	EXPECT_EQ(0, hits(self->inner));
}

TEST_F(filter, unset_matches_tasks_without_id)
{
	exit_rule(&self->r, AUDIT_EQUAL, AUDIT_CID_UNSET);
	ASSERT_EQ(0, rule_add(&self->r));
	EXPECT_EQ(1, hits(self->w));
	EXPECT_EQ(0, hits(self->t));
	EXPECT_EQ(0, hits(self->inner));
}

TEST_F(filter, not_unset_matches_tasks_with_id)
{
	exit_rule(&self->r, AUDIT_NOT_EQUAL, AUDIT_CID_UNSET);
	ASSERT_EQ(0, rule_add(&self->r));
	EXPECT_EQ(0, hits(self->w));
	EXPECT_EQ(1, hits(self->t));
	EXPECT_EQ(1, hits(self->inner));
}

TEST_F(filter, several_fields_must_all_match)
{
	rule_init(&self->r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_syscall(&self->r, SYS_sethostname);
	rule_contid(&self->r, AUDIT_EQUAL, self->outer_id);
	rule_contid(&self->r, AUDIT_NOT_EQUAL, self->inner_id);
	rule_text(&self->r, AUDIT_FILTERKEY, "contid");
	ASSERT_EQ(0, rule_add(&self->r));
	EXPECT_EQ(0, hits(self->w));
	EXPECT_EQ(1, hits(self->t));
	EXPECT_EQ(0, hits(self->inner));
}

TEST_F(filter, all_64_bits_count)
{
	exit_rule(&self->r, AUDIT_EQUAL, self->outer_id ^ (1ULL << 63));
	ASSERT_EQ(0, rule_add(&self->r));
	EXPECT_EQ(0, hits(self->t));
}

TEST_F(filter, a_task_that_exits_still_matches)
{
	rule_init(&self->r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_syscall(&self->r, SYS_exit_group);
	rule_contid(&self->r, AUDIT_EQUAL, self->outer_id);
	rule_text(&self->r, AUDIT_FILTERKEY, "contid");
	ASSERT_EQ(0, rule_add(&self->r));
	ASSERT_LE(0, actor_exit(self->inner));
	EXPECT_COUNT(1, audit_count(AUDIT_SYSCALL,
				    " pid=%d .*key=\"contid\" record=1$",
				    self->inner->pid));
}

/*
 * What is refused
 */

static const struct {
	const char *name;
	unsigned int list;
	int op;
	size_t len;
	int err;
} loads[] = {
	{ "exit", AUDIT_FILTER_EXIT, AUDIT_EQUAL, 8, 0 },
	{ "io_uring exit", AUDIT_FILTER_URING_EXIT, AUDIT_NOT_EQUAL, 8, 0 },
	{ "exclude", AUDIT_FILTER_EXCLUDE, AUDIT_EQUAL, 8, 0 },
	{ "user", AUDIT_FILTER_USER, AUDIT_NOT_EQUAL, 8, 0 },
	{ "task", AUDIT_FILTER_TASK, AUDIT_EQUAL, 8, EINVAL },
	{ "filesystem", AUDIT_FILTER_FS, AUDIT_EQUAL, 8, EINVAL },
	{ "less", AUDIT_FILTER_EXIT, AUDIT_LESS_THAN, 8, EINVAL },
	{ "greater", AUDIT_FILTER_EXIT, AUDIT_GREATER_THAN, 8, EINVAL },
	{ "not greater", AUDIT_FILTER_EXIT, AUDIT_LESS_THAN_OR_EQUAL, 8, EINVAL },
	{ "not less", AUDIT_FILTER_EXIT, AUDIT_GREATER_THAN_OR_EQUAL, 8, EINVAL },
	{ "mask", AUDIT_FILTER_EXIT, AUDIT_BIT_MASK, 8, EINVAL },
	{ "test", AUDIT_FILTER_EXIT, AUDIT_BIT_TEST, 8, EINVAL },
	{ "empty", AUDIT_FILTER_EXIT, AUDIT_EQUAL, 0, EINVAL },
	{ "4 bytes", AUDIT_FILTER_EXIT, AUDIT_EQUAL, 4, EINVAL },
	{ "7 bytes", AUDIT_FILTER_EXIT, AUDIT_EQUAL, 7, EINVAL },
	{ "9 bytes", AUDIT_FILTER_EXIT, AUDIT_EQUAL, 9, EINVAL },
	{ "16 bytes", AUDIT_FILTER_EXIT, AUDIT_EQUAL, 16, EINVAL },
};

TEST_F(filter, four_lists_two_operators_eight_bytes_else_EINVAL)
{
	char value[16] = "contid";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		rule_init(&self->r, loads[i].list, AUDIT_ALWAYS);
		rule_all_syscalls(&self->r);
		rule_bytes(&self->r, AUDIT_CONTID, loads[i].op, value,
			   loads[i].len);
		EXPECT_EQ(-loads[i].err, rule_add(&self->r)) {
			TH_LOG("%s", loads[i].name);
		}
		if (!loads[i].err)
			EXPECT_EQ(0, rule_del(&self->r));
	}
}

TEST_F(filter, a_short_buffer_is_EINVAL)
{
	rule_init(&self->r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_all_syscalls(&self->r);
	rule_contid(&self->r, AUDIT_EQUAL, self->outer_id);
	self->r.data.buflen -= 1;
	EXPECT_EQ(-EINVAL, rule_add(&self->r));
	/* the bytes of two fields in the space of one */
	self->r.data.buflen = 8;
	rule_value(&self->r, AUDIT_CONTID, AUDIT_EQUAL, 8);
	EXPECT_EQ(-EINVAL, rule_add(&self->r));
}

/*
 * Listing and deleting
 */

/* the n-th listed rule, NULL if there are fewer */
static const struct audit_rule_data *listed(int n)
{
	static char copy[16384];
	int ack;

	if (audit_send(AUDIT_LIST_RULES, NULL, 0))
		return NULL;
	audit_answer.type = 0;
	for (;;) {
		long got = audit_receive(scaled(10000, 40000), &ack);

		if (got <= 0)
			return NULL;
		if (got != 3)
			continue;
		if (audit_answer.type != AUDIT_LIST_RULES)
			return n < 0 ? (void *)copy : NULL;
		if (!n--)
			memcpy(copy, audit_answer.data, audit_answer.len);
	}
}

/* NLMSG_DONE is no record and no answer of ours: it ends the list */
static bool list_has(const struct rule *r)
{
	const struct audit_rule_data *d;
	int i;

	for (i = 0; (d = listed(i)); i++)
		if (!memcmp(d, &r->data, sizeof(r->data) + r->data.buflen))
			return true;
	return false;
}

TEST_F(filter, a_rule_lists_back_as_loaded)
{
	struct rule *r = &self->r;

	rule_init(r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_syscall(r, SYS_openat);
	rule_text(r, AUDIT_DIR, "/tmp");
	rule_value(r, AUDIT_PERM, AUDIT_EQUAL, 6);
	rule_text(r, AUDIT_FILTERKEY, "contid");
	rule_contid(r, AUDIT_EQUAL, self->outer_id);
	rule_contid(r, AUDIT_NOT_EQUAL, AUDIT_CID_UNSET);
	ASSERT_EQ(0, rule_add(r));
	EXPECT_TRUE(list_has(r));
	ASSERT_EQ(0, rule_del(r));
	EXPECT_FALSE(list_has(r));

	/* in front of the strings */
	rule_init(r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_syscall(r, SYS_openat);
	rule_contid(r, AUDIT_EQUAL, self->outer_id);
	rule_text(r, AUDIT_DIR, "/tmp");
	rule_value(r, AUDIT_PERM, AUDIT_EQUAL, 6);
	rule_text(r, AUDIT_FILTERKEY, "contid");
	ASSERT_EQ(0, rule_add(r));
	EXPECT_TRUE(list_has(r));
}

TEST_F(filter, rules_that_differ_in_the_upper_half_are_two)
{
	struct rule other;

	exit_rule(&self->r, AUDIT_EQUAL, 0x0000000700000007ULL);
	exit_rule(&other, AUDIT_EQUAL, 0x0000000800000007ULL);
	ASSERT_EQ(0, rule_add(&self->r));
	EXPECT_EQ(-EEXIST, rule_add(&self->r));
	EXPECT_EQ(-ENOENT, rule_del(&other));
	EXPECT_EQ(0, rule_add(&other));
	EXPECT_TRUE(list_has(&self->r));
	EXPECT_TRUE(list_has(&other));
	EXPECT_EQ(0, rule_del(&other));
	EXPECT_TRUE(list_has(&self->r));
	EXPECT_FALSE(list_has(&other));
}

static long fn_touch(const long *args)
{
	int fd = openat(AT_FDCWD, (const char *)args[0],
			O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

TEST_F(filter, with_dir_perm_and_key)
{
	rule_init(&self->r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_all_syscalls(&self->r);
	mkdir("/tmp/contid-dir", 0700);
	rule_text(&self->r, AUDIT_DIR, "/tmp/contid-dir");
	rule_value(&self->r, AUDIT_PERM, AUDIT_EQUAL, 2 | 8);
	rule_contid(&self->r, AUDIT_EQUAL, self->outer_id);
	rule_text(&self->r, AUDIT_FILTERKEY, "contid");
	ASSERT_EQ(0, rule_add(&self->r));
	ASSERT_EQ(0, act(self->t, fn_touch, (long)"/tmp/contid-dir/a"));
	ASSERT_EQ(0, act(self->w, fn_touch, (long)"/tmp/contid-dir/b"));
	ASSERT_EQ(0, act(self->t, fn_touch, (long)"/tmp/contid-other"));
	EXPECT_COUNT(1, audit_count(AUDIT_SYSCALL,
				    "key=\"contid\" record=1$"));
	EXPECT_COUNT(1, audit_count(AUDIT_SYSCALL, "key=\"contid\""));
}

/* a watch is set anew when its file comes and goes: the field is kept */
TEST_F(filter, a_watch_keeps_the_field_when_its_file_is_made)
{
	unlink("/tmp/contid-watch");
	rule_init(&self->r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_all_syscalls(&self->r);
	rule_text(&self->r, AUDIT_WATCH, "/tmp/contid-watch");
	rule_value(&self->r, AUDIT_PERM, AUDIT_EQUAL, 2 | 8);
	rule_contid(&self->r, AUDIT_EQUAL, self->outer_id);
	rule_text(&self->r, AUDIT_FILTERKEY, "contid");
	ASSERT_EQ(0, rule_add(&self->r));
	ASSERT_EQ(0, act(self->w, fn_touch, (long)"/tmp/contid-watch"));
	ASSERT_EQ(0, act(self->t, fn_touch, (long)"/tmp/contid-watch"));
	ASSERT_EQ(0, act(self->w, fn_touch, (long)"/tmp/contid-watch"));
	EXPECT_COUNT(1, audit_count(AUDIT_SYSCALL, "key=\"contid\" record=1$"));
	EXPECT_COUNT(1, audit_count(AUDIT_SYSCALL, "key=\"contid\""));
	EXPECT_TRUE(list_has(&self->r));
	EXPECT_EQ(0, rule_del(&self->r));
	EXPECT_FALSE(list_has(&self->r));
}

/*
 * The other lists
 */

static long fn_user(const long *args)
{
	struct {
		struct nlmsghdr head;
		char text[32];
	} msg = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(16),
			.nlmsg_type = AUDIT_USER,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.text = "contid says it",
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = sendto(fd, &msg, msg.head.nlmsg_len, 0,
		     (struct sockaddr *)&kernel, sizeof(kernel));
	close(fd);
	return ret < 0 ? -errno : 0;
}

TEST_F(filter, the_user_list_asks_for_the_sender)
{
	rule_init(&self->r, AUDIT_FILTER_USER, AUDIT_NEVER);
	rule_contid(&self->r, AUDIT_EQUAL, self->outer_id);
	ASSERT_EQ(0, rule_add(&self->r));
	ASSERT_EQ(0, act(self->inner, fn_user));
	EXPECT_COUNT(0, audit_count(AUDIT_USER, "contid says it"));
	ASSERT_EQ(0, act(self->w, fn_user));
	EXPECT_COUNT(1, audit_count(AUDIT_USER, "contid says it"));
}

TEST_F(filter, the_exclude_list_asks_for_current)
{
	rule_init(&self->r, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS);
	rule_value(&self->r, AUDIT_MSGTYPE, AUDIT_EQUAL, AUDIT_USER);
	rule_contid(&self->r, AUDIT_EQUAL, self->inner_id);
	ASSERT_EQ(0, rule_add(&self->r));
	ASSERT_EQ(0, act(self->inner, fn_user));
	EXPECT_COUNT(0, audit_count(AUDIT_USER, "contid says it"));
	ASSERT_EQ(0, act(self->t, fn_user));
	EXPECT_COUNT(1, audit_count(AUDIT_USER, "contid says it"));
}

TEST_F(filter, the_kernel_says_that_it_knows_the_field)
{
	struct audit_status s;

	ASSERT_EQ(0, audit_ask(AUDIT_GET));
	memcpy(&s, audit_answer.data, sizeof(s));
	EXPECT_TRUE(s.feature_bitmap & AUDIT_FEATURE_BITMAP_CONTAINERID);
}

TEST_HARNESS_MAIN
