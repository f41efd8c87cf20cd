// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - whole events: which records, in which order,
 * and their text
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"

#include <sys/ptrace.h>
#include <linux/io_uring.h>

#include "../kselftest_harness.h"

#define ULL(_id)	((unsigned long long)(_id))
/* the rest of a line */
#define REST		"[^\n]*"
#define SYSCALL_HEAD	"1300 arch=[0-9a-f]+ syscall=[0-9]+ "
#define SYSCALL(_success, _key)						\
	SYSCALL_HEAD "success=" _success " exit=[-0-9]+" REST " key=" _key
#define EOE		"1320[ ]\n"
#define TAIL		"1327 proctitle=" REST "\n" EOE "$"

FIXTURE(event)
{
	struct actor *w, *t;
	uint64_t a, b;
};

FIXTURE_SETUP(event)
{
	SETUP_AUDIT();
	self->w = actor(NULL);
	ASSERT_NE(NULL, self->w);
	self->t = actor(self->w);
	ASSERT_NE(NULL, self->t);
	self->a = fresh_id();
	self->b = fresh_id();
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(event)
{
	actors_end();
	audit_close();
}

static const char *op_event(struct actor *t)
{
	char pattern[64];

	snprintf(pattern, sizeof(pattern), " opid=%d ", t->pid);
	return event_of(AUDIT_CONTAINER_OP, pattern, NULL);
}

TEST_F(event, label_by_an_unlabelled_writer)
{
	ASSERT_EQ(0, label(self->w, self->t, self->a));
	EXPECT_TRUE(matches(op_event(self->t),
			    "^1370 op=set opid=%d contid=%llu old-contid=-1 res=1\n"
			    SYSCALL("yes", "\\(null\\)") "\n"
			    TAIL, self->t->pid, ULL(self->a)));
}

TEST_F(event, label_by_a_labelled_writer)
{
	struct actor *inner;

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	inner = actor(self->t);
	ASSERT_EQ(0, label(self->t, inner, self->b));
	EXPECT_TRUE(matches(op_event(inner),
			    "^1370 op=set opid=%d contid=%llu old-contid=%llu res=1\n"
			    SYSCALL("yes", "\\(null\\)") " record=1\n"
			    "1371 record=1 contid=%llu\n"
			    TAIL, inner->pid, ULL(self->b), ULL(self->a),
			    ULL(self->a)));
}

TEST_F(event, attempted_unset)
{
	ASSERT_EQ(0, label(self->w, self->t, self->a));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(-EINVAL, label_text(self->w, self->t->pid, UNSET_TEXT));
	EXPECT_TRUE(matches(op_event(self->t),
			    "^1370 op=set opid=%d contid=" UNSET_TEXT " old-contid=%llu res=0\n"
			    SYSCALL_HEAD "success=no exit=-22 " REST " key=\\(null\\)\n"
			    TAIL, self->t->pid, ULL(self->a)));
}

TEST_F(event, join_of_a_live_object)
{
	struct actor *u = actor(self->w);

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	ASSERT_EQ(0, join_id(self->w, u, self->a));
	EXPECT_TRUE(matches(op_event(u),
			    "^1370 op=join opid=%d contid=%llu old-contid=-1 res=1\n"
			    SYSCALL("yes", "\\(null\\)") "\n"
			    TAIL, u->pid, ULL(self->a)));
}

static long fn_open(const long *args)
{
	int fd = openat(AT_FDCWD, (const char *)args[0],
			O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* an actor in b inside a */
static struct actor *nested(struct actor *w, struct actor *t, uint64_t a,
			    uint64_t b)
{
	struct actor *inner;

	if (label(w, t, a))
		return NULL;
	inner = actor(t);
	return label(t, inner, b) ? NULL : inner;
}

TEST_F(event, a_rule_is_hit_in_a_nested_container)
{
	struct actor *inner = nested(self->w, self->t, self->a, self->b);
	struct rule r;

	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_openat, "watch"));
	ASSERT_EQ(0, act(inner, fn_open, (long)"/tmp/contid-record"));
	rule_del(&r);
	EXPECT_TRUE(matches(event_of(AUDIT_SYSCALL, "key=\"watch\"", NULL),
			    "^" SYSCALL("yes", "\"watch\"") " record=1\n"
			    "1371 record=1 contid=%llu,\\^%llu\n"
			    "1307 cwd=" REST "\n"
			    "(1302 item=[0-9]" REST "\n)+"
			    TAIL, ULL(self->b), ULL(self->a)));
}

TEST_F(event, a_task_without_id_has_no_CONTAINER_ID)
{
	struct rule r;

	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_openat, "watch"));
	ASSERT_EQ(0, act(self->t, fn_open, (long)"/tmp/contid-record"));
	rule_del(&r);
	EXPECT_TRUE(matches(event_of(AUDIT_SYSCALL, "key=\"watch\"", NULL),
			    "^" SYSCALL("yes", "\"watch\"") "\n"
			    "1307 cwd=" REST "\n"));
	EXPECT_COUNT(0, audit_count(AUDIT_CONTAINER_ID, "."));
}

TEST_F(event, with_1371_excluded_there_is_no_record_number)
{
	struct rule r, x;

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	rule_init(&x, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS);
	rule_value(&x, AUDIT_MSGTYPE, AUDIT_EQUAL, AUDIT_CONTAINER_ID);
	ASSERT_EQ(0, rule_add(&x));
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_openat, "watch"));
	ASSERT_EQ(0, act(self->t, fn_open, (long)"/tmp/contid-record"));
	rule_del(&r);
	rule_del(&x);
	EXPECT_TRUE(matches(event_of(AUDIT_SYSCALL, "key=\"watch\"", NULL),
			    "^" SYSCALL("yes", "\"watch\"") "\n1307 "));
	EXPECT_COUNT(0, audit_count(AUDIT_CONTAINER_ID, "."));
}

#define OBJ_PID		"1318 opid=%d oauid=[-0-9]+ ouid=[0-9]+ oses=[-0-9]+"	\
			"( obj=[^[:space:]]+)? ocomm=" RE_NAME

TEST_F(event, a_signalled_task_has_a_CONTAINER_ID_of_its_own)
{
	struct actor *inner = nested(self->w, self->t, self->a, self->b);
	struct rule r;

	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_kill, "sig"));
	ASSERT_EQ(0, act(self->t, fn_kill, inner->pid, SIGCONT));
	rule_del(&r);
	EXPECT_TRUE(matches(event_of(AUDIT_SYSCALL, "key=\"sig\"", NULL),
			    "^" SYSCALL("yes", "\"sig\"") " record=1\n"
			    "1371 record=1 contid=%llu\n"
			    OBJ_PID " record=2\n"
			    "1371 record=2 contid=%llu,\\^%llu\n"
			    TAIL, ULL(self->a), inner->pid, ULL(self->b),
			    ULL(self->a)));
}

TEST_F(event, a_signalled_task_with_the_ids_of_the_subject_is_numbered_too)
{
	struct actor *u;
	struct rule r;

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	u = actor(self->t);
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_kill, "sig"));
	ASSERT_EQ(0, act(self->t, fn_kill, u->pid, SIGCONT));
	rule_del(&r);
	EXPECT_TRUE(matches(event_of(AUDIT_SYSCALL, "key=\"sig\"", NULL),
			    "^" SYSCALL("yes", "\"sig\"") " record=1\n"
			    "1371 record=1 contid=%llu\n"
			    OBJ_PID " record=2\n"
			    "1371 record=2 contid=%llu\n"
			    TAIL, ULL(self->a), u->pid, ULL(self->a)));
}

TEST_F(event, an_unlabelled_sender_leaves_number_1_to_the_target)
{
	struct rule r;

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_kill, "sig"));
	ASSERT_EQ(0, act(self->w, fn_kill, self->t->pid, SIGCONT));
	rule_del(&r);
	EXPECT_TRUE(matches(event_of(AUDIT_SYSCALL, "key=\"sig\"", NULL),
			    "^" SYSCALL("yes", "\"sig\"") "\n"
			    OBJ_PID " record=1\n"
			    "1371 record=1 contid=%llu\n"
			    TAIL, self->t->pid, ULL(self->a)));
}

static long fn_setpgid(const long *args)
{
	return setpgid(args[0], args[1]) ? -errno : 0;
}

static long fn_ignore_usr1(const long *args)
{
	signal(SIGUSR1, SIG_IGN);
	return 0;
}

/* 20 targets in the group: a block of 16 and the first one on its own */
TEST_F(event, a_group_signal_pairs_each_target_with_its_ids)
{
	struct actor *members[20];
	uint64_t ids[20];
	const char *text, *p;
	int i, labelled = 0, n = 1;
	struct rule r;

	for (i = 0; i < 20; i++) {
		members[i] = actor(self->w);
		ASSERT_NE(NULL, members[i]);
		ASSERT_EQ(0, act(members[i], fn_ignore_usr1));
		ASSERT_EQ(0, act(members[i], fn_setpgid, 0,
				 i ? members[0]->pid : 0));
		ids[i] = i % 3 ? fresh_id() : 0;
		if (ids[i])
			ASSERT_EQ(0, label(self->w, members[i], ids[i]));
		labelled += !!ids[i];
	}
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_kill, "sig"));
	ASSERT_EQ(0, act(self->w, fn_kill, -members[0]->pid, SIGUSR1));
	rule_del(&r);
	text = event_of(AUDIT_SYSCALL, "key=\"sig\"", NULL);
	EXPECT_TRUE(matches(text, "^" SYSCALL("yes", "\"sig\"") "\n"));
	for (p = strstr(text, "\n1318 "); p; p = strstr(p + 1, "\n1318 ")) {
		int opid = atoi(p + strlen("\n1318 opid="));

		for (i = 0; i < 20 && members[i]->pid != opid; i++)
			;
		ASSERT_LT(i, 20);
		if (!ids[i]) {
			EXPECT_TRUE(matches(p, "^\n" OBJ_PID "\n1(318|327) ",
					    opid));
			continue;
		}
		EXPECT_TRUE(matches(p, "^\n" OBJ_PID " record=%d\n"
				    "1371 record=%d contid=%llu\n",
				    opid, n, n, ULL(ids[i])));
		n++;
	}
	EXPECT_EQ(labelled + 1, n);
}

static long fn_attach(const long *args)
{
	if (ptrace(PTRACE_SEIZE, args[0], 0, 0))
		return -errno;
	return 0;
}

TEST_F(event, a_traced_task_has_a_CONTAINER_ID)
{
	struct rule r;

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_ptrace, "trace"));
	ASSERT_EQ(0, act(self->w, fn_attach, self->t->pid));
	rule_del(&r);
	EXPECT_TRUE(matches(event_of(AUDIT_SYSCALL, "key=\"trace\"", NULL),
			    "^" SYSCALL("yes", "\"trace\"") "\n"
			    OBJ_PID " record=1\n"
			    "1371 record=1 contid=%llu\n"
			    TAIL, self->t->pid, ULL(self->a)));
}

TEST_F(event, drop_by_exit_group)
{
	struct actor *inner = nested(self->w, self->t, self->a, self->b);
	char pattern[64];

	ASSERT_NE(NULL, inner);
	ASSERT_LE(0, actor_exit(inner));
	snprintf(pattern, sizeof(pattern), "op=drop opid=%d ", inner->pid);
	EXPECT_TRUE(matches(event_of(AUDIT_CONTAINER_OP, pattern, NULL),
			    "^1370 op=drop opid=%d contid=-1 old-contid=%llu,\\^%llu res=1\n"
			    "1300 arch=[0-9a-f]+ syscall=231 " REST " key=\\(null\\) record=1\n"
			    "1371 record=1 contid=%llu,\\^%llu\n"
			    TAIL, inner->pid, ULL(self->b), ULL(self->a),
			    ULL(self->b), ULL(self->a)));
}

TEST_F(event, drop_in_user_mode_is_standalone)
{
	struct actor *inner = nested(self->w, self->t, self->a, self->b);
	char pattern[64];

	ASSERT_NE(NULL, inner);
	ASSERT_LE(0, actor_end(inner));
	snprintf(pattern, sizeof(pattern), "op=drop opid=%d ", inner->pid);
	EXPECT_TRUE(matches(event_of(AUDIT_CONTAINER_OP, pattern, NULL),
			    "^1371 record=1 contid=%llu,\\^%llu\n"
			    "1370 op=drop opid=%d contid=-1 old-contid=%llu,\\^%llu"
			    RE_TASK " res=1\n$",
			    ULL(self->b), ULL(self->a), inner->pid,
			    ULL(self->b), ULL(self->a)));
}

static long fn_user_message(const long *args)
{
	struct {
		struct nlmsghdr head;
		char text[64];
	} msg = {
		.head = {
			.nlmsg_type = args[0],
			.nlmsg_flags = NLM_F_REQUEST,
		},
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	ssize_t ret;

	if (fd < 0)
		return -errno;
	snprintf(msg.text, sizeof(msg.text), "%s", (const char *)args[1]);
	msg.head.nlmsg_len = NLMSG_LENGTH(strlen(msg.text) + 1);
	ret = sendto(fd, &msg, msg.head.nlmsg_len, 0,
		     (struct sockaddr *)&kernel, sizeof(kernel));
	close(fd);
	return ret < 0 ? -errno : 0;
}

#define USER_TEXT "pid=%d uid=0 auid=[0-9]+ ses=[0-9]+( subj=[^[:space:]]+)? msg='%s'\n"

TEST_F(event, a_user_message_follows_its_CONTAINER_ID)
{
	struct actor *inner = nested(self->w, self->t, self->a, self->b);

	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, act(inner, fn_user_message, AUDIT_USER,
			 (long)"contid says hello"));
	EXPECT_TRUE(matches(event_of(AUDIT_USER, "contid says hello", NULL),
			    "^1371 record=1 contid=%llu,\\^%llu\n"
			    "1005 " USER_TEXT "$",
			    ULL(self->b), ULL(self->a), inner->pid,
			    "contid says hello"));
	ASSERT_EQ(0, act(inner, fn_user_message, AUDIT_FIRST_USER_MSG2 + 5,
			 (long)"contid says so too"));
	EXPECT_TRUE(matches(event_of(AUDIT_FIRST_USER_MSG2 + 5, "so too", NULL),
			    "^1371 record=1 contid=%llu,\\^%llu\n"
			    "2105 " USER_TEXT "$",
			    ULL(self->b), ULL(self->a), inner->pid,
			    "contid says so too"));
}

TEST_F(event, a_user_message_without_id_is_as_ever)
{
	ASSERT_EQ(0, act(self->t, fn_user_message, AUDIT_USER,
			 (long)"contid says nothing"));
	EXPECT_TRUE(matches(event_of(AUDIT_USER, "contid says nothing", NULL),
			    "^1005 " USER_TEXT "$", self->t->pid,
			    "contid says nothing"));
}

TEST_F(event, a_grant_in_a_container)
{
	struct actor *inner;

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	inner = actor(self->t);
	ASSERT_EQ(0, set_cap(self->t, inner->pid, "1"));
	EXPECT_TRUE(matches(event_of(AUDIT_CONTAINER_CAP, ".", NULL),
			    "^1376 opid=%d capcontid=1 old-capcontid=0 res=1\n"
			    SYSCALL("yes", "\\(null\\)") " record=1\n"
			    "1371 record=1 contid=%llu\n"
			    TAIL, inner->pid, ULL(self->a)));
}

/* an exit rule "never" takes SYSCALL away, the label stays on record */
TEST_F(event, a_rule_never_leaves_CONTAINER_OP_alone)
{
	struct rule r;

	rule_init(&r, AUDIT_FILTER_EXIT, AUDIT_NEVER);
	rule_all_syscalls(&r);
	rule_value(&r, AUDIT_PID, AUDIT_EQUAL, self->w->pid);
	ASSERT_EQ(0, rule_add(&r));
	ASSERT_EQ(0, label(self->w, self->t, self->a));
	rule_del(&r);
	EXPECT_TRUE(matches(op_event(self->t),
			    "^1370 op=set opid=%d contid=%llu old-contid=-1 res=1\n$",
			    self->t->pid, ULL(self->a)));
}

/* with a task rule "never" a writer has no audit context */
TEST_F(event, without_context_CONTAINER_OP_has_a_subject)
{
	struct actor *w, *t, *inner;
	struct rule r;

	rule_init(&r, AUDIT_FILTER_TASK, AUDIT_NEVER);
	ASSERT_EQ(0, rule_add(&r));
	w = actor(NULL);
	t = actor(w);
	inner = actor(t);
	rule_del(&r);
	ASSERT_NE(NULL, inner);
	actor_end(inner);
	ASSERT_EQ(0, label(w, t, self->a));
	EXPECT_TRUE(matches(op_event(t),
			    "^1370 op=set opid=%d contid=%llu old-contid=-1"
			    RE_TASK " res=1\n$", t->pid, ULL(self->a)));
}

TEST_F(event, without_context_the_writers_id_comes_first)
{
	struct actor *w, *t, *inner;
	struct rule r;

	rule_init(&r, AUDIT_FILTER_TASK, AUDIT_NEVER);
	ASSERT_EQ(0, rule_add(&r));
	w = actor(NULL);
	t = actor(w);
	ASSERT_EQ(0, label(w, t, self->a));
	inner = actor(t);
	rule_del(&r);
	ASSERT_EQ(0, label(t, inner, self->b));
	EXPECT_TRUE(matches(op_event(inner),
			    "^1371 record=1 contid=%llu\n"
			    "1370 op=set opid=%d contid=%llu old-contid=%llu"
			    RE_TASK " res=1\n$", ULL(self->a), inner->pid,
			    ULL(self->b), ULL(self->a)));
	EXPECT_EQ(0, set_cap(t, inner->pid, "1"));
	EXPECT_TRUE(matches(event_of(AUDIT_CONTAINER_CAP, ".", NULL),
			    "^1371 record=1 contid=%llu\n"
			    "1376 opid=%d capcontid=1 old-capcontid=0"
			    RE_TASK " res=1\n$", ULL(self->a), inner->pid));
	/* and the end, without context too */
	ASSERT_LE(0, actor_exit(inner));
	EXPECT_COUNT(1, audit_count(AUDIT_CONTAINER_OP,
				    "op=drop opid=%d contid=-1 old-contid=%llu,\\^%llu"
				    RE_TASK " res=1$", inner->pid,
				    ULL(self->b), ULL(self->a)));
}

/*
 * io_uring: IORING_OP_OPENAT inside io_uring_enter()
 */

static long fn_uring_open(const long *args)
{
	struct io_uring_params p = {};
	struct io_uring_sqe *sqe;
	unsigned int *array, *tail;
	char *sq;
	int fd;

	fd = syscall(SYS_io_uring_setup, 4, &p);
	if (fd < 0)
		return -errno;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4,
		  PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE,
		   MAP_SHARED, fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || (void *)sqe == MAP_FAILED)
		return -errno;
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_OPENAT;
	sqe->fd = AT_FDCWD;
	sqe->addr = (unsigned long)args[0];
	sqe->open_flags = O_RDONLY;
	sqe->flags = args[1];
	array = (unsigned int *)(sq + p.sq_off.array);
	tail = (unsigned int *)(sq + p.sq_off.tail);
	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL,
		    0) != 1)
		return -errno;
	return 0;
}

TEST_F(event, URINGOP_and_SYSCALL_of_one_call_share_a_CONTAINER_ID)
{
	struct rule r, u;

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	ASSERT_EQ(0, rule_watch_syscall(&r, SYS_io_uring_enter, "ring"));
	rule_init(&u, AUDIT_FILTER_URING_EXIT, AUDIT_ALWAYS);
	rule_all_syscalls(&u);
	ASSERT_EQ(0, rule_add(&u));
	ASSERT_EQ(0, act(self->t, fn_uring_open, (long)"/proc/version", 0));
	rule_del(&r);
	rule_del(&u);
	EXPECT_TRUE(matches(event_of(AUDIT_URINGOP, "uring_op=18", NULL),
			    "^1336 uring_op=18 " REST " record=1\n"
			    "1371 record=1 contid=%llu\n"
			    SYSCALL_HEAD REST " record=1\n"
			    "(13(02|07) " REST "\n)*"
			    TAIL, ULL(self->a)));
}

/* a worker has an event of its own, without PROCTITLE */
TEST_F(event, URINGOP_of_a_worker)
{
	struct rule u;

	ASSERT_EQ(0, label(self->w, self->t, self->a));
	rule_init(&u, AUDIT_FILTER_URING_EXIT, AUDIT_ALWAYS);
	rule_all_syscalls(&u);
	ASSERT_EQ(0, rule_add(&u));
	ASSERT_EQ(0, act(self->t, fn_uring_open, (long)"/proc/version",
			 IOSQE_ASYNC));
	rule_del(&u);
	EXPECT_TRUE(matches(event_of(AUDIT_URINGOP, "uring_op=18", NULL),
			    "^1336 uring_op=18 " REST " record=1\n"
			    "1371 record=1 contid=%llu\n"
			    "(13(02|07) " REST "\n)*"
			    EOE "$", ULL(self->a)));
}

TEST_HARNESS_MAIN
