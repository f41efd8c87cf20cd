// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - who sent auditd a signal, and the hold on its
 * id until somebody has asked
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

#define ULL(_id)	((unsigned long long)(_id))

struct signal_info2 {
	uint32_t uid;
	int32_t pid;
	uint32_t cid_len;
	char data[];
};

FIXTURE(info)
{
	struct actor *w, *t;
	uint64_t id;
	char chain[64];
};

FIXTURE_SETUP(info)
{
	SETUP_AUDIT();
	/* the test is auditd and survives its signals */
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	self->w = actor(NULL);
	self->t = actor(self->w);
	ASSERT_NE(NULL, self->t);
	self->id = fresh_id();
	snprintf(self->chain, sizeof(self->chain), "%llu", ULL(self->id));
	ASSERT_EQ(0, label(self->w, self->t, self->id));
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(info)
{
	actors_end();
	audit_close();
}

static const struct signal_info2 *info2(void)
{
	static char copy[4096];

	if (audit_ask(AUDIT_SIGNAL_INFO2) ||
	    audit_answer.len < sizeof(struct signal_info2))
		return NULL;
	memcpy(copy, audit_answer.data, audit_answer.len);
	return (void *)copy;
}

static bool chain_is(const struct signal_info2 *info, const char *chain)
{
	return info && info->cid_len == strlen(chain) &&
	       !memcmp(info->data, chain, info->cid_len);
}

TEST_F(info, names_the_chain_of_the_sender)
{
	const struct signal_info2 *info;

	ASSERT_EQ(0, act(self->t, fn_kill, getpid(), SIGUSR1));
	info = info2();
	ASSERT_NE(NULL, info);
	EXPECT_EQ(0, info->uid);
	EXPECT_EQ(self->t->pid, info->pid);
	EXPECT_TRUE(chain_is(info, self->chain));
	EXPECT_GE(audit_answer.len, sizeof(*info) + info->cid_len);
	/* said once; who it was stays known */
	info = info2();
	ASSERT_NE(NULL, info);
	EXPECT_EQ(self->t->pid, info->pid);
	EXPECT_EQ(0, info->cid_len);
}

TEST_F(info, names_a_nested_chain)
{
	struct actor *inner = actor(self->t);
	uint64_t id = fresh_id();
	char chain[64];

	ASSERT_EQ(0, label(self->t, inner, id));
	snprintf(chain, sizeof(chain), "%llu,^%llu", ULL(id), ULL(self->id));
	ASSERT_EQ(0, act(inner, fn_kill, getpid(), SIGHUP));
	EXPECT_TRUE(chain_is(info2(), chain));
}

TEST_F(info, a_sender_without_id_has_an_empty_chain)
{
	const struct signal_info2 *info;

	ASSERT_EQ(0, act(self->t, fn_kill, getpid(), SIGUSR2));
	ASSERT_EQ(0, act(self->w, fn_kill, getpid(), SIGUSR2));
	info = info2();
	ASSERT_NE(NULL, info);
	EXPECT_EQ(self->w->pid, info->pid);
	EXPECT_EQ(0, info->cid_len);
}

TEST_F(info, another_signal_is_not_captured)
{
	ASSERT_EQ(0, act(self->t, fn_kill, getpid(), SIGUSR1));
	ASSERT_EQ(0, act(self->w, fn_kill, getpid(), SIGCONT));
	EXPECT_TRUE(chain_is(info2(), self->chain));
}

TEST_F(info, SIGNAL_INFO_keeps_its_layout_and_ends_the_hold)
{
	struct {
		uint32_t uid;
		int32_t pid;
		char ctx[];
	} *info = (void *)audit_answer.data;
	const struct signal_info2 *second;

	ASSERT_EQ(0, act(self->t, fn_kill, getpid(), SIGUSR1));
	ASSERT_EQ(0, audit_ask(AUDIT_SIGNAL_INFO));
	EXPECT_GE(audit_answer.len, 8);
	EXPECT_EQ(0, info->uid);
	EXPECT_EQ(self->t->pid, info->pid);
	second = info2();
	ASSERT_NE(NULL, second);
	EXPECT_EQ(self->t->pid, second->pid);
	EXPECT_EQ(0, second->cid_len);
}

/* 0 if the id can be used again */
static long reuse(struct actor *w, uint64_t id)
{
	struct actor *u = actor(w);
	long ret = label(w, u, id);

	actor_end(u);
	return ret;
}

TEST_F(info, the_hold_keeps_the_id_until_SIGNAL_INFO2)
{
	ASSERT_EQ(0, act(self->t, fn_kill, getpid(), SIGUSR1));
	actor_end(self->t);
	EXPECT_COUNT(1, audit_count(AUDIT_CONTAINER_OP, "op=drop .*old-contid=%s ",
				    self->chain));
	EXPECT_EQ(-ENOTUNIQ, reuse(self->w, self->id));
	EXPECT_TRUE(chain_is(info2(), self->chain));
	EXPECT_EQ(0, reuse(self->w, self->id));
}

TEST_F(info, the_hold_keeps_the_id_until_SIGNAL_INFO)
{
	ASSERT_EQ(0, act(self->t, fn_kill, getpid(), SIGUSR1));
	actor_end(self->t);
	EXPECT_EQ(-ENOTUNIQ, reuse(self->w, self->id));
	ASSERT_EQ(0, audit_ask(AUDIT_SIGNAL_INFO));
	EXPECT_EQ(0, reuse(self->w, self->id));
}

TEST_F(info, the_hold_keeps_the_id_until_the_next_signal)
{
	ASSERT_EQ(0, act(self->t, fn_kill, getpid(), SIGUSR1));
	actor_end(self->t);
	EXPECT_EQ(-ENOTUNIQ, reuse(self->w, self->id));
	ASSERT_EQ(0, act(self->w, fn_kill, getpid(), SIGUSR1));
	EXPECT_EQ(0, reuse(self->w, self->id));
}

TEST_F(info, the_hold_keeps_the_id_until_auditd_leaves)
{
	ASSERT_EQ(0, act(self->t, fn_kill, getpid(), SIGUSR1));
	actor_end(self->t);
	EXPECT_EQ(-ENOTUNIQ, reuse(self->w, self->id));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_PID, 0));
	EXPECT_EQ(0, reuse(self->w, self->id));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_PID, getpid()));
}

TEST_F(info, a_signal_to_somebody_else_is_not_held)
{
	ASSERT_EQ(0, act(self->t, fn_kill, self->w->pid, SIGCONT));
	actor_end(self->t);
	EXPECT_EQ(0, reuse(self->w, self->id));
}

static long fn_ask_info2(const long *args)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
		char rest[256];
	} msg = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(0),
			.nlmsg_type = AUDIT_SIGNAL_INFO2,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	long ret = 0;

	if (fd < 0)
		return -errno;
	if (sendto(fd, &msg, msg.head.nlmsg_len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		ret = -errno;
	if (!ret && recv(fd, &msg, sizeof(msg), 0) < 0)
		ret = -errno;
	if (!ret)
		ret = msg.head.nlmsg_type == NLMSG_ERROR ? msg.err.error : 0;
	close(fd);
	return ret;
}

TEST_F(info, without_CAP_AUDIT_CONTROL_EPERM)
{
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-EPERM, act(self->w, fn_ask_info2));
}

TEST_F(info, in_another_user_namespace_ECONNREFUSED)
{
	ASSERT_EQ(0, act(self->t, fn_unshare, CLONE_NEWUSER));
	EXPECT_EQ(-ECONNREFUSED, act(self->t, fn_ask_info2));
}

TEST_F(info, in_another_pid_namespace_EPERM)
{
	struct actor *u;

	ASSERT_EQ(0, act(self->w, fn_unshare, CLONE_NEWPID));
	u = actor(self->w);
	ASSERT_NE(NULL, u);
	EXPECT_EQ(-EPERM, act(u, fn_ask_info2));
}

TEST_HARNESS_MAIN
