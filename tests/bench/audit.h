/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the benchmarks of audit share: its rules, a daemon that counts, processes that do as they
 * are told
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef BENCH_AUDIT_H
#define BENCH_AUDIT_H

#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "bench.h"

#define EVENTS	  1000
#define MAX_AUDIT 9000

static inline int audit_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0)
		die("audit socket");
	return fd;
}

static inline void audit_send(int fd, int type, const void *data, size_t len)
{
	struct {
		struct nlmsghdr head;
		char data[2048];
	} msg = {};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
		char more[2048];
	} ack;

	msg.head.nlmsg_len = NLMSG_LENGTH(len);
	msg.head.nlmsg_type = type;
	msg.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	memcpy(msg.data, data, len);
	if (send(fd, &msg, msg.head.nlmsg_len, 0) < 0)
		die("audit request");
	/* a daemon gets records as well */
	do {
		if (recv(fd, &ack, sizeof(ack), 0) < 0)
			die("audit answer");
	} while (ack.head.nlmsg_type != NLMSG_ERROR);
	errno = -ack.err.error;
	if (errno)
		die("audit request");
}

static inline void audit_enable(bool on)
{
	struct audit_status s = { .mask = AUDIT_STATUS_ENABLED, .enabled = on };
	int fd = audit_open();

	audit_send(fd, AUDIT_SET, &s, sizeof(s));
	close(fd);
}

static inline void audit_rule(int syscall)
{
	struct audit_rule_data r = { .flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS };
	int fd = audit_open();

	r.mask[AUDIT_WORD(syscall)] = AUDIT_BIT(syscall);
	audit_send(fd, AUDIT_ADD_RULE, &r, sizeof(r));
	close(fd);
}

struct server {
	pid_t pid;
	int ask[2], answer[2];
};

static inline void serve(struct server *s, void (*fn)(const char *name))
{
	char name[32];

	if (pipe2(s->ask, O_CLOEXEC) || pipe2(s->answer, O_CLOEXEC))
		die("pipe");
	s->pid = fork();
	if (s->pid < 0)
		die("fork");
	if (s->pid)
		return;
	while (read(s->ask[0], name, sizeof(name)) == sizeof(name)) {
		fn(name);
		fflush(stdout);
		if (write(s->answer[1], "", 1) != 1)
			die("pipe");
	}
	_exit(0);
}

static inline void ask(struct server *s, const char *format, int n)
{
	char name[32] = "", c;

	snprintf(name, sizeof(name), format, n);
	if (write(s->ask[1], name, sizeof(name)) != sizeof(name) || read(s->answer[0], &c, 1) != 1)
		die("a server ended");
}

/* The audit daemon counts records, and writes a byte for every EVENTS ones of the type last. */
static long *records;
static int drained[2];

static inline void be_daemon(int last)
{
	struct audit_status s = { .mask = AUDIT_STATUS_PID, .pid = getpid() };
	int fd = audit_open(), events = 0;
	struct {
		struct nlmsghdr head;
		char data[MAX_AUDIT];
	} msg;

	audit_send(fd, AUDIT_SET, &s, sizeof(s));
	if (write(drained[1], "", 1) != 1)
		die("pipe");
	for (;;) {
		if (recv(fd, &msg, sizeof(msg), 0) < 0)
			die("audit record");
		if (msg.head.nlmsg_type < AUDIT_FIRST_USER_MSG)
			continue;
		++*records;
		if (msg.head.nlmsg_type != last || ++events % EVENTS)
			continue;
		if (write(drained[1], "", 1) != 1)
			die("pipe");
	}
}

static void (*event)(void);

/* Until the daemon has seen the last of them */
static inline void do_events(void)
{
	char c;

	for (int i = 0; i < EVENTS; i++)
		event();
	if (read(drained[0], &c, 1) != 1)
		die("the daemon ended");
}

static inline long cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* The whole, and what of it the task itself has to do: the rest is to hand the records on. */
static inline void events(const char *name)
{
	long whole[ROUNDS], task[ROUNDS], before = *records, t, c;

	do_events();
	sleep(SETTLE);
	for (int i = 0; i < ROUNDS; i++) {
		t = now();
		c = cpu();
		do_events();
		task[i] = (cpu() - c) / EVENTS;
		whole[i] = (now() - t) / EVENTS;
	}
	printf("%s %ld\n", name, middle(whole, ROUNDS));
	printf("%s.task %ld\n", name, middle(task, ROUNDS));
	printf("%s.records %ld\n", name, (*records - before) / ((ROUNDS + 1) * EVENTS));
}

static inline void start_daemon(int last)
{
	pid_t pid;
	char c;

	records = mmap(NULL, sizeof(*records), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (records == MAP_FAILED || pipe2(drained, O_CLOEXEC))
		die("daemon");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		be_daemon(last);
	if (read(drained[0], &c, 1) != 1)
		die("the daemon ended");
}

#endif
