// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - inheritance, ownership, and the end of a life
 *
 * Copyright (C) 2026 Overlay Team
 *
 * smp: 2
 */

#include "common.h"
#include "../kselftest_harness.h"

#define ULL(_id)	((unsigned long long)(_id))

FIXTURE(life)
{
	struct actor *w, *t;
	uint64_t id;
	char text[32];
};

FIXTURE_SETUP(life)
{
	SETUP_AUDIT();
	/* orphans come here */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	self->w = actor(NULL);
	self->t = actor(self->w);
	ASSERT_NE(NULL, self->t);
	self->id = fresh_id();
	snprintf(self->text, sizeof(self->text), "%llu", ULL(self->id));
	ASSERT_EQ(0, label(self->w, self->t, self->id));
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(life)
{
	actors_end();
	audit_close();
}

static long drops(uint64_t id)
{
	return audit_count(AUDIT_CONTAINER_OP,
			   "op=drop .*contid=-1 old-contid=%llu[, ]", ULL(id));
}

/* ends an actor whose parent is gone */
static void end_orphan(struct actor *a)
{
	kill(a->pid, SIGKILL);
	waitpid(a->pid, NULL, __WALL);
	a->used = false;
}

/*
 * Inheritance
 */

TEST_F(life, fork_inherits)
{
	EXPECT_STREQ(self->text, contid_of(actor(self->t)));
	EXPECT_STREQ(self->text, contid_of(actor(actor(self->t))));
	EXPECT_STREQ(UNSET_TEXT, contid_of(actor(self->w)));
}

TEST_F(life, CLONE_PARENT_inherits_from_the_forking_task)
{
	struct actor *sibling = actor_clone(self->t, CLONE_PARENT);

	ASSERT_NE(NULL, sibling);
	sibling->parent = self->w;
	EXPECT_STREQ(self->text, contid_of(sibling));
}

TEST_F(life, CLONE_VM_and_CLONE_NEW_inherit)
{
	static const unsigned long flags[] = {
		CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNS, CLONE_NEWNET,
		CLONE_NEWIPC, CLONE_NEWUTS, CLONE_FILES, CLONE_FS,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct actor *a = actor_clone(self->t, flags[i]);

		ASSERT_NE(NULL, a) {
			TH_LOG("flag %lx: %s", flags[i], strerror(errno));
		}
		EXPECT_STREQ(self->text, contid_of(a));
	}
}

static long fn_vfork(const long *args)
{
	char path[64], text[32] = "";
	pid_t pid = vfork();
	int fd;

	if (!pid)
		_exit(0);
	snprintf(path, sizeof(path), "/proc/%d/audit_containerid", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	waitpid(pid, NULL, 0);
	/* the zombie reads as unset */
	return strcmp(text, UNSET_TEXT);
}

TEST_F(life, a_vforked_zombie_reads_as_unset)
{
	EXPECT_EQ(0, act(self->t, fn_vfork));
}

static long fn_clone3(const long *args)
{
	struct clone_args ca = { .exit_signal = SIGCHLD };
	pid_t pid = syscall(SYS_clone3, &ca, sizeof(ca));

	if (!pid)
		for (;;)
			pause();
	return pid < 0 ? -errno : pid;
}

TEST_F(life, clone3_inherits)
{
	long pid = act(self->t, fn_clone3);

	ASSERT_LT(0, pid);
	EXPECT_STREQ(self->text, get(NULL, pid, "audit_containerid"));
	kill(pid, SIGKILL);
}

TEST_F(life, threads_inherit)
{
	char path[64], text[32] = "";
	int tid, fd = -1;

	ASSERT_EQ(0, act(self->t, fn_thread));
	for (tid = self->t->pid + 1; fd < 0 && tid < self->t->pid + 64; tid++) {
		snprintf(path, sizeof(path), "/proc/%d/task/%d/audit_containerid",
			 self->t->pid, tid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	ASSERT_LE(0, fd);
	EXPECT_LT(0, read(fd, text, sizeof(text) - 1));
	EXPECT_STREQ(self->text, text);
	close(fd);
}

static long fn_exec_cat(const long *args)
{
	int fd = open((const char *)args[0], O_CREAT | O_TRUNC | O_WRONLY, 0600);

	dup2(fd, 1);
	execl("/bin/busybox", "cat", "/proc/self/audit_containerid", NULL);
	execl("/bin/cat", "cat", "/proc/self/audit_containerid", NULL);
	return -errno;
}

TEST_F(life, exec_keeps_it)
{
	char text[32] = "";
	int fd;

	act_begin(self->t, fn_exec_cat, ACT_ARGS((long)"/tmp/contid-exec"));
	/* the reader in the container has no right of its own: EPERM is no text */
	ASSERT_LE(0, act(self->w, fn_wait, self->t->pid));
	self->t->used = false;
	fd = open("/tmp/contid-exec", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_LT(0, read(fd, text, sizeof(text) - 1));
	close(fd);
	EXPECT_STREQ(self->text, text);
}

TEST_F(life, setuid_and_unshare_keep_it)
{
	EXPECT_EQ(0, act(self->t, fn_unshare, CLONE_NEWNS | CLONE_NEWNET |
			 CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID));
	EXPECT_STREQ(self->text, contid_of(self->t));
	EXPECT_EQ(0, act(self->t, fn_setuid, 1000));
	EXPECT_STREQ(self->text, contid_of(self->t));
	EXPECT_EQ(0, act(self->t, fn_unshare, CLONE_NEWUSER));
	EXPECT_STREQ(self->text, contid_of(self->t));
}

TEST_F(life, a_double_fork_keeps_it)
{
	struct actor *daemon = actor(actor(self->t));

	actor_end(daemon->parent);
	EXPECT_STREQ(self->text, contid_of(daemon));
	EXPECT_COUNT(0, drops(self->id));
	actor_end(self->t);
	EXPECT_STREQ(self->text, contid_of(daemon));
	EXPECT_COUNT(0, drops(self->id));
	end_orphan(daemon);
	EXPECT_COUNT(1, drops(self->id));
}

/*
 * Ownership
 */

TEST_F(life, the_owner_injects)
{
	struct actor *u = actor(self->w);

	EXPECT_EQ(0, label(self->w, u, self->id));
	EXPECT_STREQ(self->text, contid_of(u));
	actor_end(self->t);
	EXPECT_COUNT(0, drops(self->id));
	actor_end(u);
	EXPECT_COUNT(1, drops(self->id));
}

static void *thread_labels(void *arg)
{
	const long *args = arg;

	return (void *)put(args[0], "audit_containerid", (const char *)args[1],
			   args[2], 0);
}

static long fn_label_by_thread(const long *args)
{
	long copy[3] = { args[0], args[1], args[2] };
	pthread_t t;
	void *ret;

	if (pthread_create(&t, NULL, thread_labels, copy))
		return -EAGAIN;
	pthread_join(t, &ret);
	return (long)ret;
}

TEST_F(life, any_thread_of_the_owner_injects)
{
	struct actor *u = actor(self->w);

	snprintf(u->text, ACT_TEXT, "%s", self->text);
	EXPECT_EQ((long)strlen(self->text),
		  act(self->w, fn_label_by_thread, u->pid, (long)u->text,
		      strlen(self->text)));
	EXPECT_STREQ(self->text, contid_of(u));
}

TEST_F(life, a_child_of_the_owner_is_not_the_owner)
{
	struct actor *child = actor(self->w), *u = actor(child);

	EXPECT_EQ(-ENOTUNIQ, label(child, u, self->id));
	EXPECT_EQ(-ENOTUNIQ, join_id(child, u, self->id));
}

TEST_F(life, the_owner_may_join)
{
	struct actor *u = actor(self->w);

	EXPECT_EQ(0, join_id(self->w, u, self->id));
	EXPECT_STREQ(self->text, contid_of(u));
	EXPECT_EQ(0, label(self->w, actor(self->w), self->id));
}

TEST_F(life, a_join_needs_an_owner_that_is_gone_and_takes_over)
{
	struct actor *next = actor(NULL), *u = actor(next), *v = actor(next);
	struct actor *third = actor(NULL), *x = actor(third);

	EXPECT_EQ(-ENOTUNIQ, join_id(next, u, self->id));
	/* a zombie is gone */
	act_begin(self->w, fn_exit_group_now, ACT_ARGS(0));
	while (!strchr(get(NULL, self->w->pid, "stat"), 'Z'))
		usleep(1000);
	EXPECT_EQ(-ENOTUNIQ, label(next, u, self->id));
	EXPECT_EQ(0, join_id(next, u, self->id));
	EXPECT_STREQ(self->text, contid_of(u));
	/* now next owns it */
	EXPECT_EQ(0, label(next, v, self->id));
	EXPECT_EQ(-ENOTUNIQ, join_id(third, x, self->id));
	EXPECT_EQ(-ENOTUNIQ, label(third, x, self->id));
	waitpid(self->w->pid, NULL, 0);
	self->w->used = false;
	actor_end(u);
	actor_end(v);
	EXPECT_COUNT(0, drops(self->id));
	end_orphan(self->t);
	EXPECT_COUNT(1, drops(self->id));
}

/* an exec of the owner changes nothing: it goes on in a shell script */
static long fn_exec_label(const long *args)
{
	char command[128];

	snprintf(command, sizeof(command), "echo %s >/proc/%ld/audit_containerid",
		 (const char *)args[1], args[0]);
	execl("/bin/busybox", "sh", "-c", command, NULL);
	execl("/bin/sh", "sh", "-c", command, NULL);
	return -errno;
}

TEST_F(life, exec_keeps_ownership)
{
	struct actor *u = actor(self->w);
	int status;

	snprintf(u->text, ACT_TEXT, "%s", self->text);
	act_begin(self->w, fn_exec_label, ACT_ARGS(u->pid, (long)u->text));
	ASSERT_EQ(self->w->pid, waitpid(self->w->pid, &status, 0));
	self->w->used = false;
	EXPECT_EQ(0, status);
	EXPECT_STREQ(self->text, contid_of(u));
}

/*
 * Drop and reuse
 */

static long fn_pthread_exit_leader(const long *args)
{
	syscall(SYS_exit, 0);
	return -EIO;
}

TEST_F(life, the_last_thread_drops)
{
	ASSERT_EQ(0, act(self->t, fn_thread));
	act_begin(self->t, fn_pthread_exit_leader, ACT_ARGS(0));
	while (!strchr(get(NULL, self->t->pid, "stat"), 'Z'))
		usleep(1000);
	EXPECT_COUNT(0, drops(self->id));
	/* the leader has gone, the process has not */
	EXPECT_STREQ(UNSET_TEXT, contid_of(self->t));
	EXPECT_EQ(-ESRCH, label(self->w, self->t, fresh_id()));
	actor_end(self->t);
	EXPECT_COUNT(1, drops(self->id));
}

TEST_F(life, one_drop_per_life_before_the_next_one)
{
	struct actor *u;
	size_t i;
	int life, want_drop = 1, order_ok = 1;

	for (life = 0; life < 20; life++) {
		u = actor(self->w);
		if (life % 2)
			actor_exit(self->t);
		else
			actor_end(self->t);
		ASSERT_EQ(0, label(self->w, u, self->id));
		self->t = u;
	}
	ASSERT_EQ(0, audit_sync());
	for (i = 0; i < audit_log_state.n; i++) {
		struct audit_entry *e = &audit_log_state.entries[i];

		if (e->type != AUDIT_CONTAINER_OP || !strstr(e->text, self->text))
			continue;
		order_ok &= !!strstr(e->text, want_drop ? "op=drop" : "op=set");
		want_drop = !want_drop;
	}
	EXPECT_TRUE(order_ok) {
		audit_dump();
	}
	EXPECT_COUNT(20, drops(self->id));
}

TEST_F(life, a_parent_drops_before_its_child_and_is_free_with_it)
{
	struct actor *inner = actor(self->t), *u = actor(self->w);
	uint64_t id = fresh_id();

	ASSERT_EQ(0, label(self->t, inner, id));
	actor_end(self->t);
	EXPECT_COUNT(1, drops(self->id));
	EXPECT_COUNT(0, drops(id));
	EXPECT_EQ(-ENOTUNIQ, label(self->w, u, self->id));
	end_orphan(inner);
	EXPECT_COUNT(1, drops(id));
	EXPECT_EQ(0, label(self->w, u, self->id));
	EXPECT_EQ(0, label(self->w, actor(self->w), id));
}

/*
 * Delegation
 */

TEST_F(life, in_a_user_namespace_flag_and_capability_are_needed)
{
	struct actor *m = actor(self->w), *c, *inner, *sibling = actor(self->w);
	uint64_t a = fresh_id(), b = fresh_id();

	c = actor(m);
	/* the namespace's capability alone */
	ASSERT_EQ(0, act(m, fn_unshare, CLONE_NEWUSER));
	ASSERT_EQ(0, fn_map_root(ACT_ARGS(m->pid)));
	EXPECT_EQ(-EPERM, label(m, c, a));
	EXPECT_EQ(-EPERM, set_cap(m, c->pid, "1"));
	EXPECT_STREQ("-EPERM", get(m, c->pid, "audit_containerid"));
	EXPECT_STREQ("-EPERM", get(m, m->pid, "audit_containerid"));
	/* the flag alone */
	ASSERT_EQ(0, set_cap(self->w, m->pid, "1"));
	ASSERT_EQ(0, act(m, fn_cap, CAP_AUDIT_CONTROL, 0));
	EXPECT_EQ(-EPERM, label(m, c, a));
	EXPECT_STREQ("-EPERM", get(m, m->pid, "audit_containerid"));
	/* both; c and inner stay in the namespace of the host and are readable */
	ASSERT_EQ(0, act(m, fn_cap, CAP_AUDIT_CONTROL, 1));
	EXPECT_EQ(0, label(m, c, a));
	EXPECT_STREQ(contid_of(c), get(m, c->pid, "audit_containerid"));
	EXPECT_STREQ(UNSET_TEXT, get(m, m->pid, "audit_containerid"));
	/* what is no descendant is out of reach */
	EXPECT_STREQ("-EPERM", get(m, sibling->pid, "audit_containerid"));
	EXPECT_STREQ("-EPERM", get(m, self->w->pid, "audit_containerid"));
	EXPECT_EQ(-EXDEV, label(m, sibling, b));
	/* no join, a number in use is ENOTUNIQ, the flag can be passed on */
	inner = actor(m);
	EXPECT_EQ(-EPERM, join_id(m, inner, a));
	EXPECT_EQ(-ENOTUNIQ, label(m, inner, self->id));
	EXPECT_EQ(0, label(m, inner, a));
	EXPECT_EQ(0, set_cap(m, inner->pid, "1"));
	/* revoked */
	ASSERT_EQ(0, set_cap(self->w, m->pid, "0"));
	EXPECT_EQ(-EPERM, label(m, actor(m), b));
}

TEST_F(life, threads_have_the_flag_children_do_not)
{
	struct actor *child;
	int tid, seen = 0;
	char file[64];

	ASSERT_EQ(0, act(self->t, fn_thread));
	ASSERT_EQ(0, set_cap(self->w, self->t->pid, "1"));
	ASSERT_EQ(0, act(self->t, fn_thread));
	child = actor(self->t);
	for (tid = self->t->pid; tid < self->t->pid + 64; tid++) {
		const char *text;

		snprintf(file, sizeof(file), "task/%d/audit_capcontainerid", tid);
		text = get(NULL, self->t->pid, file);
		if (text[0] == '-')
			continue;
		seen++;
		EXPECT_STREQ("1", text);
	}
	EXPECT_EQ(3, seen);
	EXPECT_STREQ("0", get(NULL, child->pid, "audit_capcontainerid"));
}

TEST_HARNESS_MAIN
