/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Audit container identifiers - helpers of the tests: processes that act on
 * command, the audit log and its rules
 *
 * Copyright (C) 2026 Overlay Team
 *
 * An actor is a process that executes calls for the test:
 *
 *	test --act()--> actor A --act()--> A's child B
 *
 * It was forked without exec, so pointers to functions and to static data
 * mean the same in both, and its slot (struct actor) is shared memory. A
 * helper takes the actor that shall act first, NULL being the test itself,
 * and returns a value >= 0 or -errno.
 */
#ifndef AUDIT_CONTID_COMMON_H
#define AUDIT_CONTID_COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <regex.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define __maybe_unused	__attribute__((unused))

#define ARRAY_SIZE(_a)	(sizeof(_a) / sizeof((_a)[0]))

#define UNSET_TEXT	"18446744073709551615"
#define ACT_MAX		512
#define ACT_TEXT	128
#define ACT_SHARED	4096
/* returned by a write that was not answered in time */
#define ACT_TIMEOUT	(-ETIMEDOUT)

static __maybe_unused bool on_debug(void)
{
	const char *flavour = getenv("FLAVOUR");

	return flavour && !strcmp(flavour, "debug");
}

static __maybe_unused unsigned int scaled(unsigned int release,
					  unsigned int debug)
{
	return on_debug() ? debug : release;
}

/*
 * Actors
 */

typedef long (*act_fn)(const long *args);

/**
 * struct actor - a process that acts on command
 * @pid: its pid, seen from the test
 * @parent: the actor that made it, NULL for the test
 * @go: posted to let it execute @fn
 * @done: posted by it when @ret is there
 * @fn: what to execute
 * @args: its arguments
 * @ret: its result
 * @text: text passed in or out
 * @used: the slot is taken
 */
struct actor {
	pid_t pid;
	struct actor *parent;
	sem_t go, done;
	act_fn fn;
	long args[6];
	long ret;
	char text[ACT_TEXT];
	bool used;
};

static struct actor *actors;

static __maybe_unused void act_serve(struct actor *a)
{
	prctl(PR_SET_PDEATHSIG, 0);
	for (;;) {
		while (sem_wait(&a->go))
			;
		a->ret = a->fn(a->args);
		sem_post(&a->done);
	}
}

static __maybe_unused long act_wait(struct actor *a)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += scaled(30, 120);
	while (sem_timedwait(&a->done, &until))
		if (errno != EINTR)
			return ACT_TIMEOUT;
	return a->ret;
}

static __maybe_unused void act_begin(struct actor *a, act_fn fn,
				     const long *args)
{
	a->fn = fn;
	memcpy(a->args, args, sizeof(a->args));
	sem_post(&a->go);
}

#define ACT_ARGS(...) ((const long[6]) { __VA_ARGS__ })

static __maybe_unused long act_array(struct actor *a, act_fn fn,
				     const long *args)
{
	if (!a)
		return fn(args);
	act_begin(a, fn, args);
	return act_wait(a);
}

/* lets @a, or the test if NULL, execute fn(args) and returns the result */
#define act(_a, _fn, ...) act_array(_a, _fn, ACT_ARGS(__VA_ARGS__))

static long fn_spawn(const long *args)
{
	struct actor *child = (struct actor *)args[0];
	unsigned long flags = args[1];
	pid_t pid;

	pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return -errno;
	if (!pid)
		act_serve(child);
	return pid;
}

static bool actors_map(void)
{
	void *map;

	if (actors)
		return true;
	map = mmap(NULL, ACT_MAX * sizeof(*actors) + ACT_SHARED,
		   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return false;
	actors = map;
	return true;
}

/* memory that the test and all actors made from now on share, zeroed */
static __maybe_unused void *act_shared(void)
{
	return actors_map() ? memset(actors + ACT_MAX, 0, ACT_SHARED) : NULL;
}

/* a child of @parent; @flags are those of clone() */
static __maybe_unused struct actor *actor_clone(struct actor *parent,
						unsigned long flags)
{
	struct actor *a = NULL;
	long pid;
	int i;

	if (!actors_map())
		return NULL;
	for (i = 0; i < ACT_MAX && !a; i++)
		if (!actors[i].used)
			a = &actors[i];
	if (!a)
		return NULL;
	memset(a, 0, sizeof(*a));
	sem_init(&a->go, 1, 0);
	sem_init(&a->done, 1, 0);
	a->parent = parent;
	pid = act(parent, fn_spawn, (long)a, flags);
	if (pid < 0) {
		errno = -pid;
		return NULL;
	}
	a->pid = pid;
	a->used = true;
	return a;
}

static __maybe_unused struct actor *actor(struct actor *parent)
{
	return actor_clone(parent, 0);
}

static long fn_wait(const long *args)
{
	int status;

	if (waitpid(args[0], &status, __WALL) != args[0])
		return -errno;
	return status;
}

static long fn_exit_group_now(const long *args)
{
	syscall(SYS_exit_group, args[0]);
	return -EIO;
}

/* ends @a and waits for it; its own children stay */
static __maybe_unused long actor_end(struct actor *a)
{
	long status;

	if (!a || !a->used)
		return 0;
	kill(a->pid, SIGKILL);
	status = act(a->parent, fn_wait, a->pid);
	a->used = false;
	return status;
}

/* lets @a leave by exit_group() */
static __maybe_unused long actor_exit(struct actor *a)
{
	long status;

	act_begin(a, fn_exit_group_now, ACT_ARGS(0));
	status = act(a->parent, fn_wait, a->pid);
	a->used = false;
	return status;
}

/* end of a test, which may have forgotten some */
static __maybe_unused void actors_end(void)
{
	int i;

	if (!actors)
		return;
	/* else the records of their children come in the next test */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < ACT_MAX; i++)
		if (actors[i].used)
			kill(actors[i].pid, SIGKILL);
	for (i = 0; i < ACT_MAX; i++)
		actors[i].used = false;
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
}

/*
 * The files
 */

static long put(int pid, const char *file, const char *text, size_t len,
		off_t pos)
{
	char path[64];
	ssize_t ret;
	int fd;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	else
		snprintf(path, sizeof(path), "/proc/self/%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = pwrite(fd, text, len, pos);
	if (ret < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static long fn_put(const long *args)
{
	return put(args[0], (const char *)args[1], (const char *)args[2],
		   args[3], args[4]);
}

/*
 * Writes @text to audit_containerid of @pid (0: its own). Return: 0 if all of
 * it was taken, else -errno
 */
static __maybe_unused long label_text(struct actor *a, pid_t pid,
				      const char *text)
{
	static char shared[ACT_TEXT];
	char *copy = a ? a->text : shared;
	size_t len = strlen(text);
	long ret;

	snprintf(copy, ACT_TEXT, "%s", text);
	ret = act(a, fn_put, pid, (long)"audit_containerid", (long)copy, len, 0);
	return ret == (long)len ? 0 : ret < 0 ? ret : -EIO;
}

static __maybe_unused long label(struct actor *a, struct actor *target,
				 uint64_t id)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)id);
	return label_text(a, target->pid, text);
}

static __maybe_unused long join_id(struct actor *a, struct actor *target,
				   uint64_t id)
{
	char text[32];

	snprintf(text, sizeof(text), "join:%llu", (unsigned long long)id);
	return label_text(a, target->pid, text);
}

static __maybe_unused long set_cap(struct actor *a, pid_t pid, const char *text)
{
	static char shared[ACT_TEXT];
	char *copy = a ? a->text : shared;
	size_t len = strlen(text);
	long ret;

	snprintf(copy, ACT_TEXT, "%s", text);
	ret = act(a, fn_put, pid, (long)"audit_capcontainerid", (long)copy, len,
		  0);
	return ret == (long)len ? 0 : ret < 0 ? ret : -EIO;
}

static long fn_get(const long *args)
{
	char *out = (char *)args[2];
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", args[0],
		 (const char *)args[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, out, ACT_TEXT - 1);
	if (len < 0)
		len = -errno;
	else
		out[len] = '\0';
	close(fd);
	return len;
}

/* text of @file of @pid as @a reads it, "-errno" if it cannot */
static __maybe_unused const char *get(struct actor *a, pid_t pid,
				      const char *file)
{
	static char shared[4][ACT_TEXT];
	static int next;
	char *mine = shared[next++ % 4];
	char *out = a ? a->text : mine;
	long len;

	out[0] = '\0';
	len = act(a, fn_get, pid, (long)file, (long)out);
	if (len < 0)
		snprintf(mine, ACT_TEXT, "-%s", strerrorname_np(-len));
	else if (a)
		snprintf(mine, ACT_TEXT, "%s", out);
	return mine;
}

static __maybe_unused const char *contid_of(struct actor *target)
{
	return get(NULL, target->pid, "audit_containerid");
}

/* a number no other test of this boot uses */
static __maybe_unused uint64_t fresh_id(void)
{
	static uint64_t next;

	if (!next) {
		struct timespec now;

		clock_gettime(CLOCK_BOOTTIME, &now);
		next = 1000000000000000001ULL + now.tv_sec * 1000000007ULL +
		       now.tv_nsec;
	}
	return next += 2;
}

/*
 * Small calls
 */

static __maybe_unused long fn_unshare(const long *args)
{
	return unshare(args[0]) ? -errno : 0;
}

/* args: pid in whose namespace to go, its name in /proc/PID/ns */
static __maybe_unused long fn_setns(const long *args)
{
	char path[64];
	long ret;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/ns/%s", args[0],
		 (const char *)args[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = setns(fd, 0) ? -errno : 0;
	close(fd);
	return ret;
}

/* ids 0 to 65535 of the new user namespace of a process are those outside */
static __maybe_unused long fn_map_root(const long *args)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/uid_map", args[0]);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0 0 65536", 9) != 9)
		return -errno;
	close(fd);
	return 0;
}

static __maybe_unused long fn_kill(const long *args)
{
	return kill(args[0], args[1]) ? -errno : 0;
}

static __maybe_unused long fn_setuid(const long *args)
{
	return setresuid(args[0], args[0], args[0]) ? -errno : 0;
}

static void *thread_sleeps(void *arg __maybe_unused)
{
	for (;;)
		pause();
	return NULL;
}

static __maybe_unused long fn_thread(const long *args __maybe_unused)
{
	pthread_t t;

	return -pthread_create(&t, NULL, thread_sleeps, NULL);
}

/* drops or raises a capability in the effective set */
static __maybe_unused long fn_cap(const long *args)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	int cap = args[0];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	if (args[1])
		data[cap / 32].effective |= 1U << (cap % 32);
	else
		data[cap / 32].effective &= ~(1U << (cap % 32));
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

/*
 * Audit log: this process is the audit daemon; if there is one already, it
 * listens to the multicast group.
 */

struct audit_entry {
	int type;
	char *text;
};

static struct {
	int fd;
	bool daemon;
	unsigned int seq;
	size_t n, size;
	struct audit_entry *entries;
} audit_log_state = { .fd = -1 };

#define AUDIT_RCVBUF		(64 << 20)

static __maybe_unused long audit_send(int type, const void *data, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	static char buf[NLMSG_SPACE(4096)];
	struct nlmsghdr *head = (struct nlmsghdr *)buf;

	memset(buf, 0, sizeof(buf));
	head->nlmsg_len = NLMSG_LENGTH(len);
	head->nlmsg_type = type;
	head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head->nlmsg_seq = ++audit_log_state.seq;
	if (len)
		memcpy(NLMSG_DATA(head), data, len);
	if (sendto(audit_log_state.fd, buf, head->nlmsg_len, 0,
		   (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

static void audit_keep(int type, const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (audit_log_state.n == audit_log_state.size) {
		audit_log_state.size = audit_log_state.size * 2 + 64;
		audit_log_state.entries =
			realloc(audit_log_state.entries, audit_log_state.size *
				sizeof(*audit_log_state.entries));
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	audit_log_state.entries[audit_log_state.n++] = (struct audit_entry){
		.type = type, .text = copy,
	};
}

/* what a command was answered with */
static struct {
	int type;
	size_t len;
	char data[16384];
} audit_answer;

/*
 * Receives one datagram. Return: 1 kept a record, 2 an acknowledgment with
 * its result in @ack, 3 an answer in audit_answer, 4 an acknowledgment that
 * nobody waits for any more, 0 nothing within @ms, else -errno.
 */
static long audit_receive(int ms, int *ack)
{
	struct pollfd pfd = { .fd = audit_log_state.fd, .events = POLLIN };
	static char buf[16384];
	struct nlmsghdr *head = (struct nlmsghdr *)buf;
	ssize_t len;

	if (poll(&pfd, 1, ms) <= 0)
		return 0;
	len = recv(audit_log_state.fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (len < 0)
		return -errno;
	if (len < (ssize_t)sizeof(*head))
		return -EBADMSG;
	if (head->nlmsg_type == NLMSG_ERROR) {
		struct nlmsgerr *e = NLMSG_DATA(head);

		/* a record may overtake the acknowledgment of its message */
		if (e->msg.nlmsg_seq != audit_log_state.seq)
			return 4;
		*ack = e->error;
		return 2;
	}
	if (head->nlmsg_type < AUDIT_FIRST_USER_MSG &&
	    head->nlmsg_type != AUDIT_USER && head->nlmsg_type != AUDIT_LOGIN) {
		audit_answer.type = head->nlmsg_type;
		audit_answer.len = head->nlmsg_len - NLMSG_HDRLEN;
		memcpy(audit_answer.data, NLMSG_DATA(head), audit_answer.len);
		return 3;
	}
	/* records do not count their header in nlmsg_len */
	audit_keep(head->nlmsg_type, NLMSG_DATA(head), len - NLMSG_HDRLEN);
	return 1;
}

static __maybe_unused long audit_request(int type, const void *data, size_t len)
{
	long ret = audit_send(type, data, len);
	int ack;

	while (!ret) {
		long got = audit_receive(scaled(10000, 40000), &ack);

		if (got == 2)
			return ack;
		if (got <= 0)
			return got ?: -ETIMEDOUT;
	}
	return ret;
}

/* a command with an answer of the same type, which is in audit_answer then */
static __maybe_unused long audit_ask(int type)
{
	long ret;
	int ack;

	audit_answer.type = 0;
	ret = audit_request(type, NULL, 0);
	while (!ret && audit_answer.type != type) {
		long got = audit_receive(scaled(10000, 40000), &ack);

		if (got <= 0)
			return got ?: -ETIMEDOUT;
	}
	return ret;
}

/* one member of struct audit_status; Return: 0 or -errno */
static __maybe_unused long audit_set(unsigned int mask, unsigned int value)
{
	struct audit_status s = {
		.mask = mask, .enabled = value, .pid = value,
		.backlog_limit = value, .failure = value, .rate_limit = value,
		.backlog_wait_time = value,
	};

	return audit_request(AUDIT_SET, &s, sizeof(s));
}

static __maybe_unused long audit_lost(void)
{
	struct audit_status s;
	long ret = audit_ask(AUDIT_GET);

	if (ret)
		return ret;
	memcpy(&s, audit_answer.data, sizeof(s));
	return s.lost;
}

static __maybe_unused void audit_clear_entries(void)
{
	while (audit_log_state.n)
		free(audit_log_state.entries[--audit_log_state.n].text);
}

/* waits until all records written so far have arrived here */
static __maybe_unused long audit_sync(void)
{
	int tries = scaled(30, 120);
	static unsigned int count;
	char mark[64];
	long got = 0;
	int ack;

	snprintf(mark, sizeof(mark), "contid mark %d.%u", getpid(), ++count);
	for (;;) {
		struct audit_entry *last;

		/* one that overtakes news of the daemon waits for the next */
		if (!got && tries--)
			got = audit_send(AUDIT_USER_AVC, mark,
					 strlen(mark) + 1);
		else if (!got)
			got = -ETIMEDOUT;
		if (got < 0)
			return got;
		got = audit_receive(1000, &ack);
		if (got == 2 && ack)
			return ack;
		if (got != 1)
			continue;
		last = &audit_log_state.entries[audit_log_state.n - 1];
		if (last->type == AUDIT_USER_AVC && strstr(last->text, mark)) {
			free(last->text);
			audit_log_state.n--;
			return 0;
		}
	}
}

static __maybe_unused long audit_clear(void)
{
	long ret = audit_sync();

	audit_clear_entries();
	return ret;
}

static __maybe_unused long audit_open(void)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	int size = AUDIT_RCVBUF;
	long ret;

	audit_log_state.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				    NETLINK_AUDIT);
	if (audit_log_state.fd < 0)
		return -errno;
	setsockopt(audit_log_state.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 0);
	ret = audit_set(AUDIT_STATUS_PID, getpid());
	audit_log_state.daemon = !ret;
	if (ret == -EEXIST) {
		self.nl_groups = 1U << (AUDIT_NLGRP_READLOG - 1);
		ret = bind(audit_log_state.fd, (struct sockaddr *)&self,
			   sizeof(self)) ? -errno : 0;
	}
	if (!ret)
		ret = audit_set(AUDIT_STATUS_ENABLED, 1);
	return ret ?: audit_clear();
}

static __maybe_unused void audit_close(void)
{
	if (audit_log_state.fd < 0)
		return;
	audit_set(AUDIT_STATUS_ENABLED, 0);
	if (audit_log_state.daemon)
		audit_set(AUDIT_STATUS_PID, 0);
	audit_clear_entries();
	close(audit_log_state.fd);
	audit_log_state.fd = -1;
}

/* number of records of @type so far whose text matches; -errno */
static __maybe_unused __attribute__((format(printf, 2, 3)))
long audit_count(int type, const char *pattern, ...)
{
	char text[2048];
	long ret, n = 0;
	va_list args;
	regex_t re;
	size_t i;

	va_start(args, pattern);
	vsnprintf(text, sizeof(text), pattern, args);
	va_end(args);
	ret = audit_sync();
	if (ret)
		return ret;
	if (regcomp(&re, text, REG_EXTENDED | REG_NOSUB))
		return -EINVAL;
	for (i = 0; i < audit_log_state.n; i++) {
		struct audit_entry *e = &audit_log_state.entries[i];

		n += e->type == type && !regexec(&re, e->text, 0, NULL, 0);
	}
	regfree(&re);
	return n;
}

static __maybe_unused void audit_dump(void)
{
	size_t i, from = audit_log_state.n > 60 ? audit_log_state.n - 60 : 0;

	for (i = from; i < audit_log_state.n; i++)
		printf("# type=%d %.1000s\n", audit_log_state.entries[i].type,
		       audit_log_state.entries[i].text);
}

/* for the harness: compares a count and shows the records if it is another */
#define __COUNT(_check, _expected, _count) do {				\
	long __want = (_expected), __got = (_count);			\
	if (__want != __got)						\
		audit_dump();						\
	_check(__want, __got);						\
} while (0)
#define EXPECT_COUNT(_expected, _count)	__COUNT(EXPECT_EQ, _expected, _count)
#define ASSERT_COUNT(_expected, _count)	__COUNT(ASSERT_EQ, _expected, _count)

/*
 * Events
 */

static __maybe_unused unsigned int serial_of(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon ? strtoul(colon + 1, NULL, 10) : 0;
}

/*
 * Writes the event with the first record of @type that matches as one line
 * per record, "<type> <text without the stamp>\n", in the order of arrival.
 * The types of @but are left out, a list that ends with 0.
 */
static __maybe_unused const char *event_of(int type, const char *pattern,
					   const int *but)
{
	static char out[64 * 1024];
	unsigned int serial = 0;
	size_t i, len = 0;
	regex_t re;

	out[0] = '\0';
	if (audit_sync() || regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB))
		return out;
	for (i = 0; i < audit_log_state.n && !serial; i++) {
		struct audit_entry *e = &audit_log_state.entries[i];

		if (e->type == type && !regexec(&re, e->text, 0, NULL, 0))
			serial = serial_of(e->text);
	}
	regfree(&re);
	for (i = 0; serial && i < audit_log_state.n; i++) {
		struct audit_entry *e = &audit_log_state.entries[i];
		const char *body = strstr(e->text, "): ");
		const int *b;

		if (serial_of(e->text) != serial)
			continue;
		for (b = but; b && *b && *b != e->type; b++)
			;
		if (b && *b)
			continue;
		len += snprintf(out + len, sizeof(out) - len, "%d %s\n",
				e->type, body ? body + 3 : e->text);
		if (len >= sizeof(out))
			break;
	}
	return out;
}

static __maybe_unused bool matches(const char *text, const char *pattern, ...)
{
	char full[8192];
	va_list args;
	regex_t re;
	bool ret;

	va_start(args, pattern);
	vsnprintf(full, sizeof(full), pattern, args);
	va_end(args);
	if (regcomp(&re, full, REG_EXTENDED | REG_NOSUB))
		return false;
	ret = !regexec(&re, text, 0, NULL, 0);
	regfree(&re);
	if (!ret)
		printf("# seen:\n# %s\n# expected:\n# %s\n", text, full);
	return ret;
}

/* what audit_log_task_info() writes */
#define RE_NAME		"(\"[^\"]*\"|[0-9A-F]+)"
#define RE_TASK								\
	" ppid=[0-9]+ pid=[0-9]+ auid=[0-9]+ uid=[0-9]+ gid=[0-9]+"	\
	" euid=[0-9]+ suid=[0-9]+ fsuid=[0-9]+ egid=[0-9]+ sgid=[0-9]+"	\
	" fsgid=[0-9]+ tty=[^ ]+ ses=[0-9]+ comm=" RE_NAME		\
	" exe=(" RE_NAME "|\\(null\\))( subj=[^ ]+)?"

/*
 * Rules
 */

struct rule {
	struct audit_rule_data data;
	char buf[256];
};

static __maybe_unused void rule_init(struct rule *r, unsigned int list,
				     unsigned int action)
{
	memset(r, 0, sizeof(*r));
	r->data.flags = list;
	r->data.action = action;
}

static __maybe_unused void rule_syscall(struct rule *r, unsigned int nr)
{
	r->data.mask[nr / 32] |= 1U << (nr % 32);
}

static __maybe_unused void rule_all_syscalls(struct rule *r)
{
	memset(r->data.mask, 0xff, sizeof(r->data.mask));
	/* the uppermost bits stand for classes of calls and do not list back */
	r->data.mask[AUDIT_BITMASK_SIZE - 1] = 0xffff;
}

static __maybe_unused void rule_value(struct rule *r, int field, int op,
				      unsigned int value)
{
	int i = r->data.field_count++;

	r->data.fields[i] = field;
	r->data.fieldflags[i] = op;
	r->data.values[i] = value;
}

static __maybe_unused void rule_bytes(struct rule *r, int field, int op,
				      const void *bytes, size_t len)
{
	memcpy(r->buf + r->data.buflen, bytes, len);
	r->data.buflen += len;
	rule_value(r, field, op, len);
}

static __maybe_unused void rule_text(struct rule *r, int field,
				     const char *text)
{
	rule_bytes(r, field, AUDIT_EQUAL, text, strlen(text));
}

static __maybe_unused void rule_contid(struct rule *r, int op, uint64_t id)
{
	rule_bytes(r, AUDIT_CONTID, op, &id, sizeof(id));
}

static __maybe_unused long rule_send(int command, const struct rule *r)
{
	return audit_request(command, &r->data,
			     sizeof(r->data) + r->data.buflen);
}

#define rule_add(_r) rule_send(AUDIT_ADD_RULE, _r)
#define rule_del(_r) rule_send(AUDIT_DEL_RULE, _r)

/* every call of @nr is an event with a key, so that audit contexts are live */
static __maybe_unused long rule_watch_syscall(struct rule *r, unsigned int nr,
					      const char *key)
{
	rule_init(r, AUDIT_FILTER_EXIT, AUDIT_ALWAYS);
	rule_syscall(r, nr);
	rule_text(r, AUDIT_FILTERKEY, key);
	return rule_add(r);
}

static __maybe_unused bool have_contid(void)
{
	return !access("/proc/self/audit_containerid", F_OK);
}

#define SETUP_AUDIT() do {						\
	if (!have_contid())						\
		SKIP(return, "CONFIG_AUDIT_CONTID is not built");	\
	ASSERT_EQ(0, audit_open());					\
} while (0)

#endif /* AUDIT_CONTID_COMMON_H */
