// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - every error of a write, its place in the
 * order, and whether it is on record
 *
 * Copyright (C) 2026 Overlay Team
 *
 *	test (auditd) -- w, the writer -- t, the target
 */

#include "common.h"
#include "../kselftest_harness.h"

#define OP(_res) "op=set opid=%d contid=%llu old-contid=-1 res=" _res "$"

FIXTURE(write)
{
	struct actor *w, *t;
	uint64_t id;
};

FIXTURE_SETUP(write)
{
	SETUP_AUDIT();
	self->w = actor(NULL);
	ASSERT_NE(NULL, self->w);
	self->t = actor(self->w);
	ASSERT_NE(NULL, self->t);
	self->id = fresh_id();
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(write)
{
	actors_end();
	audit_close();
}

/* number of records about the target's thread group */
static long records(struct actor *t)
{
	return audit_count(AUDIT_CONTAINER_OP, " opid=%d ", t->pid);
}

static long ops(struct actor *t, const char *op, uint64_t id, const char *old,
		int res)
{
	return audit_count(AUDIT_CONTAINER_OP,
			   "op=%s opid=%d contid=%llu old-contid=%s res=%d$",
			   op, t->pid, (unsigned long long)id, old, res);
}

TEST_F(write, the_files_are_their_owners)
{
	static const char *const names[] = {
		"audit_containerid", "audit_capcontainerid",
	};
	char path[64];
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names) * 2; i++) {
		const char *name = names[i / 2];

		if (i % 2)
			snprintf(path, sizeof(path), "/proc/%d/task/%d/%s",
				 self->t->pid, self->t->pid, name);
		else
			snprintf(path, sizeof(path), "/proc/%d/%s",
				 self->t->pid, name);
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(S_IFREG | 0600, st.st_mode) {
			TH_LOG("%s", path);
		}
	}
}

TEST_F(write, a_number_is_a_set)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)self->id);
	EXPECT_STREQ(UNSET_TEXT, contid_of(self->t));
	EXPECT_EQ(0, label(self->w, self->t, self->id));
	EXPECT_STREQ(text, contid_of(self->t));
	EXPECT_STREQ(UNSET_TEXT, contid_of(self->w));
	EXPECT_COUNT(1, ops(self->t, "set", self->id, "-1", 1));
	EXPECT_COUNT(1, records(self->t));
}

TEST_F(write, a_newline_is_allowed)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)self->id);
	EXPECT_EQ(0, label_text(self->w, self->t->pid, text));
	text[strlen(text) - 1] = '\0';
	EXPECT_STREQ(text, contid_of(self->t));
}

TEST_F(write, 0_and_the_last_but_one_are_ids)
{
	struct actor *u = actor(self->w);

	EXPECT_EQ(0, label_text(self->w, self->t->pid, "0"));
	EXPECT_STREQ("0", contid_of(self->t));
	EXPECT_EQ(0, label_text(self->w, u->pid, "18446744073709551614"));
	EXPECT_STREQ("18446744073709551614", contid_of(u));
}

static const struct {
	const char *text;
	int err;
} bad_texts[] = {
	{ "", EINVAL }, { "\n", EINVAL }, { "-1", EINVAL }, { " 7", EINVAL },
	{ "7 ", EINVAL }, { "0x7", EINVAL }, { "7\n\n", EINVAL },
	{ "++7", EINVAL }, { "seven", EINVAL }, { "join:", EINVAL },
	{ "join: 7", EINVAL }, { "join:-1", EINVAL },
	{ "18446744073709551616", ERANGE }, { "join:18446744073709551616", ERANGE },
	/* 73 bytes */
	{ "0000000000000000000000000000000000000000000000000000000000000000000000007", EINVAL },
};

TEST_F(write, malformed_text_is_EINVAL_or_ERANGE_without_record)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_texts); i++)
		EXPECT_EQ(-bad_texts[i].err,
			  label_text(self->w, self->t->pid, bad_texts[i].text)) {
			TH_LOG("text '%s'", bad_texts[i].text);
		}
	EXPECT_COUNT(0, records(self->t));
	EXPECT_STREQ(UNSET_TEXT, contid_of(self->t));
}

TEST_F(write, a_position_is_EINVAL_before_EFAULT)
{
	EXPECT_EQ(-EINVAL, act(self->w, fn_put, self->t->pid,
			       (long)"audit_containerid", 1, 3, 1));
	EXPECT_EQ(-EFAULT, act(self->w, fn_put, self->t->pid,
			       (long)"audit_containerid", 1, 3, 0));
	EXPECT_COUNT(0, records(self->t));
}

TEST_F(write, a_kernel_thread_is_ENOPROTOOPT_after_the_text)
{
	EXPECT_EQ(-EFAULT, act(self->w, fn_put, 2, (long)"audit_containerid",
			       1, 3, 0));
	EXPECT_EQ(-EINVAL, label_text(self->w, 2, "x"));
	EXPECT_EQ(-ERANGE, label_text(self->w, 2, "99999999999999999999"));
	EXPECT_EQ(-ENOPROTOOPT, label_text(self->w, 2, UNSET_TEXT));
	EXPECT_EQ(-ENOPROTOOPT, label_text(self->w, 2, "7"));
	EXPECT_EQ(-ENOPROTOOPT, label_text(self->w, 2, "join:7"));
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-ENOPROTOOPT, label_text(self->w, 2, "7"));
	EXPECT_COUNT(0, audit_count(AUDIT_CONTAINER_OP, " opid=2 "));
}

TEST_F(write, unset_is_EINVAL_with_record)
{
	EXPECT_EQ(-EINVAL, label_text(self->w, self->t->pid, UNSET_TEXT));
	EXPECT_EQ(-EINVAL, label_text(self->w, self->t->pid,
				      "join:" UNSET_TEXT));
	EXPECT_COUNT(1, ops(self->t, "set", -1ULL, "-1", 0));
	EXPECT_COUNT(1, ops(self->t, "join", -1ULL, "-1", 0));
	/* a labelled one stays so */
	EXPECT_EQ(0, label(self->w, self->t, self->id));
	EXPECT_EQ(-EINVAL, label_text(self->w, self->t->pid, UNSET_TEXT));
	EXPECT_STRNE(UNSET_TEXT, contid_of(self->t));
}

TEST_F(write, unset_is_EINVAL_before_EPERM)
{
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-EINVAL, label_text(self->w, self->t->pid, UNSET_TEXT));
	EXPECT_COUNT(1, records(self->t));
}

TEST_F(write, without_the_capability_EPERM_with_record)
{
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-EPERM, label(self->w, self->t, self->id));
	EXPECT_EQ(-EPERM, join_id(self->w, self->t, self->id));
	EXPECT_COUNT(1, ops(self->t, "set", self->id, "-1", 0));
	EXPECT_COUNT(1, ops(self->t, "join", self->id, "-1", 0));
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 1));
	EXPECT_EQ(0, label(self->w, self->t, self->id));
}

/* opened without the capability, written with it */
static long fn_open_without(const long *args)
{
	char path[64];
	long ret;
	int fd;

	fn_cap(ACT_ARGS(CAP_AUDIT_CONTROL, 0));
	snprintf(path, sizeof(path), "/proc/%ld/audit_containerid", args[0]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	fn_cap(ACT_ARGS(CAP_AUDIT_CONTROL, 1));
	if (fd < 0)
		return -errno;
	if (args[1])
		ret = read(fd, path, sizeof(path));
	else
		ret = pwrite(fd, "7", 1, 0);
	if (ret < 0)
		ret = -errno;
	close(fd);
	return ret;
}

TEST_F(write, the_opener_needs_the_capability_too)
{
	EXPECT_EQ(-EPERM, act(self->w, fn_open_without, self->t->pid, 0));
	EXPECT_COUNT(1, ops(self->t, "set", 7, "-1", 0));
	EXPECT_EQ(-EPERM, act(self->w, fn_open_without, self->t->pid, 1));
}

static long fn_open(const long *args)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/audit_containerid", args[0]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* args: descriptor, text; reads instead without one */
static long fn_use(const long *args)
{
	const char *text = (const char *)args[1];
	char buf[ACT_TEXT];
	ssize_t ret;

	ret = text ? pwrite(args[0], text, strlen(text), 0) :
		     pread(args[0], buf, sizeof(buf), 0);
	return ret < 0 ? -errno : 0;
}

/* opened in the initial user namespace, used in another one */
TEST_F(write, a_privileged_opener_does_not_lend_its_power)
{
	struct actor *m = actor(self->w), *c = actor(m);
	long fd = act(m, fn_open, c->pid);
	long far = act(m, fn_open, self->t->pid);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, far);
	snprintf(m->text, ACT_TEXT, "%llu", (unsigned long long)self->id);
	ASSERT_EQ(0, act(m, fn_unshare, CLONE_NEWUSER));
	ASSERT_EQ(0, fn_map_root(ACT_ARGS(m->pid)));
	/* the namespace's capability alone */
	EXPECT_EQ(-EPERM, act(m, fn_use, fd, (long)m->text));
	EXPECT_EQ(-EPERM, act(m, fn_use, fd, 0));
	/* the flag alone */
	ASSERT_EQ(0, set_cap(self->w, m->pid, "1"));
	ASSERT_EQ(0, act(m, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-EPERM, act(m, fn_use, fd, (long)m->text));
	EXPECT_EQ(-EPERM, act(m, fn_use, fd, 0));
	EXPECT_COUNT(2, ops(c, "set", self->id, "-1", 0));
	/* both: what a holder may, and no more */
	ASSERT_EQ(0, act(m, fn_cap, CAP_AUDIT_CONTROL, 1));
	EXPECT_EQ(-EPERM, act(m, fn_use, fd, (long)"join:7"));
	EXPECT_EQ(-EXDEV, act(m, fn_use, far, (long)m->text));
	EXPECT_EQ(-EPERM, act(m, fn_use, far, 0));
	EXPECT_EQ(0, act(m, fn_use, fd, 0));
	EXPECT_EQ(0, act(m, fn_use, fd, (long)m->text));
	EXPECT_STREQ(m->text, contid_of(c));
	EXPECT_COUNT(1, ops(c, "set", self->id, "-1", 1));
}

TEST_F(write, a_read_needs_the_capability)
{
	EXPECT_STREQ(UNSET_TEXT, get(self->w, self->t->pid, "audit_containerid"));
	EXPECT_STREQ("0", get(self->w, self->t->pid, "audit_capcontainerid"));
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_STREQ("-EPERM", get(self->w, self->t->pid, "audit_containerid"));
	EXPECT_STREQ("-EPERM", get(self->w, self->w->pid, "audit_containerid"));
	EXPECT_STREQ("-EPERM",
		     get(self->w, self->t->pid, "audit_capcontainerid"));
}

static void zombie(struct actor *t)
{
	siginfo_t info;

	act_begin(t, fn_exit_group_now, ACT_ARGS(0));
	while (waitid(P_PID, t->pid, &info, WEXITED | WNOWAIT) && errno == ECHILD)
		if (strchr(get(NULL, t->pid, "stat"), 'Z'))
			break;
}

TEST_F(write, a_zombie_is_ESRCH_without_record_after_EPERM)
{
	zombie(self->t);
	EXPECT_STREQ(UNSET_TEXT, contid_of(self->t));
	EXPECT_EQ(-ESRCH, label(self->w, self->t, self->id));
	EXPECT_EQ(-ESRCH, join_id(self->w, self->t, self->id));
	EXPECT_EQ(-ESRCH, set_cap(self->w, self->t->pid, "1"));
	EXPECT_COUNT(0, records(self->t));
	EXPECT_EQ(-EINVAL, label_text(self->w, self->t->pid, UNSET_TEXT));
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-EPERM, label(self->w, self->t, self->id));
	EXPECT_COUNT(2, records(self->t));
}

static long fn_write_late(const long *args)
{
	struct actor *t = (struct actor *)args[0];
	char path[64];
	long ret;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/audit_containerid", t->pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	ret = pwrite(fd, (void *)1, 3, args[1]) < 0 ? -errno : 0;
	if (ret == -ESRCH)
		ret = read(fd, path, sizeof(path)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

TEST_F(write, a_reaped_target_is_ESRCH_before_EINVAL_and_EFAULT)
{
	EXPECT_EQ(-ESRCH, act(self->w, fn_write_late, (long)self->t, 1));
	self->t->used = false;
}

TEST_F(write, a_target_with_a_child_is_EBUSY)
{
	struct actor *child = actor(self->t);

	EXPECT_EQ(-EBUSY, label(self->w, self->t, self->id));
	EXPECT_EQ(-EBUSY, join_id(self->w, self->t, self->id));
	EXPECT_COUNT(1, ops(self->t, "set", self->id, "-1", 0));
	EXPECT_COUNT(1, ops(self->t, "join", self->id, "-1", 0));
	/* a zombie counts as well */
	act_begin(child, fn_exit_group_now, ACT_ARGS(0));
	while (!strchr(get(NULL, child->pid, "stat"), 'Z'))
		usleep(1000);
	EXPECT_EQ(-EBUSY, label(self->w, self->t, self->id));
	EXPECT_LE(0, act(self->t, fn_wait, child->pid));
	child->used = false;
	EXPECT_EQ(0, label(self->w, self->t, self->id));
}

static long fn_thread_id(const long *args)
{
	char path[64];

	/* the only other thread of the group */
	for (int tid = args[0] + 1; tid < args[0] + 64; tid++) {
		snprintf(path, sizeof(path), "/proc/%ld/task/%d", args[0], tid);
		if (!access(path, F_OK))
			return tid;
	}
	return -ESRCH;
}

TEST_F(write, a_target_with_a_thread_or_a_thread_is_EBUSY)
{
	long tid;

	ASSERT_EQ(0, act(self->t, fn_thread));
	EXPECT_EQ(-EBUSY, label(self->w, self->t, self->id));
	tid = fn_thread_id(ACT_ARGS(self->t->pid));
	ASSERT_LT(0, tid);
	EXPECT_EQ(-EBUSY, label_text(self->w, tid, "7"));
	EXPECT_COUNT(1, ops(self->t, "set", self->id, "-1", 0));
	EXPECT_COUNT(1, ops(self->t, "set", 7, "-1", 0));
}

TEST_F(write, self_is_EXDEV_or_with_a_child_EBUSY)
{
	/* t has neither child nor thread */
	EXPECT_EQ(-EXDEV, label_text(self->t, self->t->pid, "7"));
	EXPECT_COUNT(1, ops(self->t, "set", 7, "-1", 0));
	/* w has */
	EXPECT_EQ(-EBUSY, label_text(self->w, self->w->pid, "7"));
	EXPECT_COUNT(1, ops(self->w, "set", 7, "-1", 0));
	ASSERT_EQ(0, act(self->t, fn_thread));
	EXPECT_EQ(-EBUSY, label_text(self->t, self->t->pid, "7"));
}

TEST_F(write, no_descendant_is_EXDEV_before_EEXIST)
{
	struct actor *sibling = actor(self->w), *deep;

	EXPECT_EQ(-EXDEV, label(sibling, self->t, self->id));
	EXPECT_EQ(0, label(self->w, self->t, self->id));
	EXPECT_EQ(-EXDEV, label(sibling, self->t, self->id));
	EXPECT_EQ(-EXDEV, join_id(sibling, self->t, self->id));
	EXPECT_COUNT(1, audit_count(AUDIT_CONTAINER_OP,
				    "op=set opid=%d contid=%llu old-contid=%llu res=0$",
				    self->t->pid, (unsigned long long)self->id,
				    (unsigned long long)self->id));
	/* any depth */
	deep = actor(actor(actor(sibling)));
	EXPECT_EQ(0, label(self->w, deep, fresh_id()));
}

TEST_F(write, another_object_is_EEXIST_also_with_the_same_id)
{
	char old[32];

	snprintf(old, sizeof(old), "%llu", (unsigned long long)self->id);
	ASSERT_EQ(0, label(self->w, self->t, self->id));
	EXPECT_EQ(-EEXIST, label(self->w, self->t, self->id));
	EXPECT_EQ(-EEXIST, label(self->w, self->t, self->id + 1));
	EXPECT_EQ(-EEXIST, join_id(self->w, self->t, self->id));
	EXPECT_COUNT(1, ops(self->t, "set", self->id, old, 0));
	EXPECT_COUNT(1, ops(self->t, "set", self->id + 1, old, 0));
	EXPECT_COUNT(1, ops(self->t, "join", self->id, old, 0));
}

TEST_F(write, EEXIST_comes_before_ENOTUNIQ_and_ENOENT)
{
	struct actor *other = actor(NULL), *theirs = actor(other);
	uint64_t id = fresh_id();

	ASSERT_EQ(0, label(self->w, self->t, self->id));
	ASSERT_EQ(0, label(other, theirs, id));
	EXPECT_EQ(-EEXIST, label(self->w, self->t, id));
	EXPECT_EQ(-EEXIST, join_id(self->w, self->t, fresh_id()));
}

/* the innermost of 32 containers in @w, init of a pid namespace */
static struct actor *chain_of_32(struct actor *w, uint64_t first)
{
	struct actor *outer = w;
	int i;

	for (i = 0; outer && i < 32; i++) {
		struct actor *inner;

		inner = actor_clone(outer, i < 31 ? 0 : CLONE_NEWPID);
		if (!inner || label(outer, inner, i ? fresh_id() : first))
			return NULL;
		outer = inner;
	}
	return outer;
}

/* the caller's pid in the namespace of /proc */
static long fn_pid(const long *args)
{
	char text[16] = "";

	return readlink("/proc/self", text, sizeof(text) - 1) < 0 ? -errno :
								    atol(text);
}

/* a child of @parent, which is in a pid namespace of its own */
static struct actor *actor_inside(struct actor *parent)
{
	struct actor *a = parent ? actor(parent) : NULL;

	if (a)
		a->pid = act(a, fn_pid);
	return a;
}

/* a child of @init that comes from elsewhere and has no id: an orphan */
static struct actor *actor_adopted(struct actor *init)
{
	struct actor *visitor = actor(NULL), *parent, *a;

	if (act(visitor, fn_setns, init->pid, (long)"pid"))
		return NULL;
	parent = actor(visitor);
	a = actor_inside(parent);
	if (!a)
		return NULL;
	actor_end(parent);
	a->parent = init;
	return a;
}

/* such a writer's own children all have its id */
TEST_F(write, EEXIST_comes_before_ENOSPC)
{
	struct actor *init = chain_of_32(self->w, fresh_id()), *orphan;

	ASSERT_NE(NULL, init);
	orphan = actor_adopted(init);
	ASSERT_NE(NULL, orphan);
	EXPECT_STREQ(UNSET_TEXT, contid_of(orphan));
	EXPECT_EQ(-EEXIST, label(init, orphan, self->id));
	EXPECT_EQ(-EEXIST, join_id(init, orphan, self->id));
	EXPECT_COUNT(1, ops(orphan, "set", self->id, "-1", 0));
	EXPECT_COUNT(1, ops(orphan, "join", self->id, "-1", 0));
	EXPECT_EQ(-ENOSPC, label(init, actor_inside(init), self->id));
}

TEST_F(write, a_33rd_id_is_ENOSPC_before_ENOTUNIQ)
{
	uint64_t first = fresh_id(), id = fresh_id();
	struct actor *outer = chain_of_32(self->w, first);
	struct actor *inner = actor_inside(outer);

	ASSERT_NE(NULL, inner);
	EXPECT_EQ(-ENOSPC, label(outer, inner, id));
	EXPECT_EQ(-ENOSPC, label(outer, inner, first));
	EXPECT_EQ(-ENOSPC, join_id(outer, inner, id));
	EXPECT_COUNT(1, audit_count(AUDIT_CONTAINER_OP,
				    "op=set opid=%d contid=%llu old-contid=[0-9]+(,\\^[0-9]+){31} res=0$",
				    inner->pid, (unsigned long long)id));
}

TEST_F(write, an_id_of_another_owner_is_ENOTUNIQ)
{
	struct actor *other = actor(NULL), *theirs = actor(other);

	ASSERT_EQ(0, label(self->w, self->t, self->id));
	EXPECT_EQ(-ENOTUNIQ, label(other, theirs, self->id));
	EXPECT_EQ(-ENOTUNIQ, join_id(other, theirs, self->id));
	EXPECT_COUNT(1, ops(theirs, "set", self->id, "-1", 0));
	EXPECT_COUNT(1, ops(theirs, "join", self->id, "-1", 0));
	/* also when the owner is gone: a number never takes over */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	actor_end(self->w);
	EXPECT_EQ(-ENOTUNIQ, label(other, theirs, self->id));
	EXPECT_EQ(0, join_id(other, theirs, self->id));
}

/* the owner was labelled since: its new containers are one level deeper */
TEST_F(write, an_id_of_another_level_is_ENOTUNIQ_or_join_EPERM)
{
	struct actor *orphan = actor(self->t), *u;
	uint64_t outer = fresh_id();

	ASSERT_EQ(0, label(self->w, orphan, self->id));
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	actor_end(self->t);
	ASSERT_EQ(0, label(NULL, self->w, outer));
	u = actor(self->w);
	EXPECT_EQ(-ENOTUNIQ, label(self->w, u, self->id));
	EXPECT_EQ(-EPERM, join_id(self->w, u, self->id));
	EXPECT_COUNT(1, audit_count(AUDIT_CONTAINER_OP,
				    "op=join opid=%d contid=%llu old-contid=%llu res=0$",
				    u->pid, (unsigned long long)self->id,
				    (unsigned long long)outer));
}

TEST_F(write, a_join_is_ENOTUNIQ_before_EPERM)
{
	struct actor *other = actor(NULL), *theirs = actor(other), *u;
	uint64_t outer = fresh_id();
	char old[32];

	snprintf(old, sizeof(old), "%llu", (unsigned long long)outer);
	ASSERT_EQ(0, label(other, theirs, self->id));
	actor_end(self->t);
	ASSERT_EQ(0, label(NULL, self->w, outer));
	u = actor(self->w);
	/* the owner lives, and the writer is a level deeper */
	EXPECT_EQ(-ENOTUNIQ, join_id(self->w, u, self->id));
	EXPECT_COUNT(1, ops(u, "join", self->id, old, 0));
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	actor_end(other);
	EXPECT_EQ(-EPERM, join_id(self->w, u, self->id));
	EXPECT_COUNT(2, ops(u, "join", self->id, old, 0));
}

TEST_F(write, a_reserved_id_is_ENOTUNIQ_or_join_ENOENT)
{
	struct actor *inner = actor(self->t), *u = actor(self->w);
	uint64_t nested = fresh_id();

	/* the inner object keeps the outer one when its tasks are gone */
	actor_end(inner);
	ASSERT_EQ(0, label(self->w, self->t, self->id));
	inner = actor(self->t);
	ASSERT_EQ(0, label(self->t, inner, nested));
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	actor_end(self->t);
	EXPECT_COUNT(1, audit_count(AUDIT_CONTAINER_OP, "op=drop opid=%d ",
				    self->t->pid));
	EXPECT_EQ(-ENOTUNIQ, label(self->w, u, self->id));
	EXPECT_EQ(-ENOENT, join_id(self->w, u, self->id));
	/* with it the id is free again */
	kill(inner->pid, SIGKILL);
	ASSERT_EQ(inner->pid, waitpid(inner->pid, NULL, 0));
	inner->used = false;
	EXPECT_EQ(0, label(self->w, u, self->id));
}

TEST_F(write, a_join_of_an_unknown_id_is_ENOENT)
{
	EXPECT_EQ(-ENOENT, join_id(self->w, self->t, self->id));
	EXPECT_COUNT(1, ops(self->t, "join", self->id, "-1", 0));
}

TEST_F(write, with_audit_off_labelling_works_without_record)
{
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 0));
	EXPECT_EQ(0, label(self->w, self->t, self->id));
	EXPECT_EQ(-EEXIST, label(self->w, self->t, self->id));
	EXPECT_STRNE(UNSET_TEXT, contid_of(self->t));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	EXPECT_COUNT(0, records(self->t));
}

static long fn_refused(const long *args)
{
	char path[64];
	int i, n = 0;

	snprintf(path, sizeof(path), "/proc/%ld/audit_containerid", args[0]);
	for (i = 0; i < args[1]; i++)
		n += put(args[0], "audit_containerid", "7", 1, 0) == -EPERM;
	return n;
}

/* real uid counts, so drop the capability and change only that */
static long fn_ruid(const long *args)
{
	return syscall(SYS_setresuid, args[0], -1, -1) ? -errno : 0;
}

TEST_F_TIMEOUT(write, refused_writes_are_on_record_20_times_in_5_seconds, 300)
{
	struct actor *other = actor(NULL);
	long lost = audit_lost();

	ASSERT_LE(0, lost);
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_FAILURE, AUDIT_FAIL_PANIC));
	ASSERT_EQ(0, act(self->w, fn_ruid, 12345));
	ASSERT_EQ(0, act(self->w, fn_cap, CAP_AUDIT_CONTROL, 0));
	ASSERT_EQ(0, act(other, fn_ruid, 12346));
	ASSERT_EQ(0, act(other, fn_cap, CAP_AUDIT_CONTROL, 0));
	sleep(6);
	EXPECT_EQ(60, act(self->w, fn_refused, self->t->pid, 60));
	EXPECT_COUNT(20, records(self->t));
	EXPECT_EQ(lost + 40, audit_lost());
	/* another user is not affected */
	EXPECT_EQ(1, act(other, fn_refused, other->pid, 1));
	EXPECT_COUNT(1, records(other));
	sleep(6);
	EXPECT_EQ(1, act(self->w, fn_refused, self->t->pid, 1));
	EXPECT_COUNT(21, records(self->t));
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_FAILURE, AUDIT_FAIL_PRINTK));
}

/*
 * audit_capcontainerid
 */

#define CAP_RECORD "^audit\\([^)]*\\): opid=%d capcontid=%s old-capcontid=%d res=%d$"

static long caps(struct actor *t, const char *value, int old, int res)
{
	return audit_count(AUDIT_CONTAINER_CAP, CAP_RECORD, t->pid, value, old,
			   res);
}

TEST_F(write, the_flag_is_granted_and_revoked)
{
	EXPECT_STREQ("0", get(NULL, self->t->pid, "audit_capcontainerid"));
	EXPECT_EQ(0, set_cap(self->w, self->t->pid, "1\n"));
	EXPECT_STREQ("1", get(NULL, self->t->pid, "audit_capcontainerid"));
	EXPECT_EQ(0, set_cap(self->w, self->t->pid, "+0"));
	EXPECT_STREQ("0", get(NULL, self->t->pid, "audit_capcontainerid"));
	EXPECT_COUNT(1, caps(self->t, "1", 0, 1));
	EXPECT_COUNT(1, caps(self->t, "0", 1, 1));
}

TEST_F(write, the_errors_of_the_flag_in_their_order)
{
	struct actor *sibling = actor(self->w);

	EXPECT_EQ(-EINVAL, set_cap(self->w, self->t->pid, "-1"));
	EXPECT_EQ(-EINVAL, set_cap(self->w, self->t->pid, ""));
	EXPECT_EQ(-ERANGE, set_cap(self->w, self->t->pid, "4294967296"));
	EXPECT_EQ(-EINVAL, act(self->w, fn_put, self->t->pid,
			       (long)"audit_capcontainerid", 1, 3, 1));
	EXPECT_EQ(-EFAULT, act(self->w, fn_put, self->t->pid,
			       (long)"audit_capcontainerid", 1, 3, 0));
	EXPECT_EQ(-ENOPROTOOPT, set_cap(self->w, 2, "2"));
	EXPECT_COUNT(0, audit_count(AUDIT_CONTAINER_CAP, "."));

	EXPECT_EQ(-EINVAL, set_cap(self->w, self->t->pid, "4294967295"));
	EXPECT_COUNT(1, caps(self->t, "4294967295", 0, 0));
	EXPECT_EQ(-EXDEV, set_cap(sibling, self->t->pid, "1"));
	EXPECT_EQ(-EXDEV, set_cap(self->t, self->t->pid, "1"));
	EXPECT_COUNT(2, caps(self->t, "1", 0, 0));
	ASSERT_EQ(0, act(sibling, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-EINVAL, set_cap(sibling, self->t->pid, "2"));
	EXPECT_EQ(-EPERM, set_cap(sibling, self->t->pid, "1"));
	EXPECT_COUNT(1, caps(self->t, "2", 0, 0));
	EXPECT_COUNT(3, caps(self->t, "1", 0, 0));
}

TEST_F(write, the_flag_needs_no_single_threaded_childless_target)
{
	ASSERT_NE(NULL, actor(self->t));
	ASSERT_EQ(0, act(self->t, fn_thread));
	EXPECT_EQ(0, set_cap(self->w, self->t->pid, "1"));
}

TEST_HARNESS_MAIN
