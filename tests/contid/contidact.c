// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contidact - what a scenario needs and a shell cannot do
 *
 * contidact uring FILE		opens FILE by OPENAT of io_uring, inside io_uring_enter()
 * contidact uring-worker FILE	opens it by OPENAT2 of io_uring in a worker, which stays: says
 *				"ready", ends with its standard input
 * contidact trace PID		attaches to a process and leaves
 * contidact many FIRST N	N children in the network namespace of the caller, labelled FIRST,
 *				FIRST + 1, ...; says "ready", ends with its standard input
 * contidact refused UID PID N	as UID, without capabilities, N writes to audit_containerid of PID;
 *				prints how many were EPERM and the whole seconds it took
 * contidact daemon		is auditd, says "ready"; answers SIGUSR1 with that to SIGNAL_INFO2,
 *				"info2 UID PID LENGTH CHAIN REST", SIGUSR2 with SIGNAL_INFO,
 *				"info UID PID REST"; ends with SIGTERM
 * contidact status WHAT [N]	prints or sets the status of audit: lost (prints only), enabled,
 *failure, backlog (its limit), wait (for room in it, in ticks) contidact ask TYPE
 *sends an audit command without payload and prints the name of the error, 0 without one
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "contidact: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void ready_until_eof(void)
{
	char c;

	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0 || errno == EINTR)
		;
}

static void uring_open(const char *path, int op, int flags)
{
	struct io_uring_params p = {};
	struct open_how how = { .flags = O_RDONLY };
	unsigned int *array, *tail;
	struct io_uring_sqe *sqe;
	char *sq;
	int fd;

	fd = syscall(SYS_io_uring_setup, 4, &p);
	if (fd < 0)
		die("io_uring_setup");
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		  IORING_OFF_SQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   IORING_OFF_SQES);
	if (sq == MAP_FAILED || (void *)sqe == MAP_FAILED)
		die("rings");
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = AT_FDCWD;
	sqe->addr = (unsigned long)path;
	if (op == IORING_OP_OPENAT2) {
		sqe->len = sizeof(how);
		sqe->addr2 = (unsigned long)&how;
	}
	sqe->flags = flags;
	array = (unsigned int *)(sq + p.sq_off.array);
	tail = (unsigned int *)(sq + p.sq_off.tail);
	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		die("io_uring_enter");
}

static int put_id(const char *pid, const char *id)
{
	char path[64];
	int fd, rc;

	snprintf(path, sizeof(path), "/proc/%s/audit_containerid", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = write(fd, id, strlen(id)) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

static void many(unsigned long long id, long n)
{
	char pid_text[16], id_text[32];

	signal(SIGTERM, SIG_IGN);
	/* children in a group of their own can be ended at once */
	if (setpgid(0, 0))
		die("setpgid");
	for (; n > 0; n--, id++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid) {
			signal(SIGTERM, SIG_DFL);
			for (;;)
				pause();
		}
		snprintf(pid_text, sizeof(pid_text), "%d", pid);
		snprintf(id_text, sizeof(id_text), "%llu", id);
		if (put_id(pid_text, id_text))
			die("label");
	}
	ready_until_eof();
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
}

static void refused(uid_t uid, const char *pid, long n)
{
	struct timespec from, to;
	long eperm = 0;
	int fd;
	char path[64];

	/* the file has mode 0600: opened as root, which the opener's capability is part of */
	snprintf(path, sizeof(path), "/proc/%s/audit_containerid", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	if (setresuid(uid, uid, uid))
		die("setresuid");
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (; n > 0; n--)
		eperm += pwrite(fd, "7", 1, 0) < 0 && errno == EPERM;
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%ld %ld\n", eperm, (long)(to.tv_sec - from.tv_sec));
}

/* the answer to a command; records that arrive in between are dropped */
static ssize_t ask(int nl, int type, char *buf, size_t size)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr head = {
		.nlmsg_len = NLMSG_LENGTH(0),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST,
	};
	struct nlmsghdr *got = (struct nlmsghdr *)buf;

	if (sendto(nl, &head, head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		die("ask");
	for (;;) {
		ssize_t len = recv(nl, buf, size - 1, 0);

		if (len < 0 && (errno == EINTR || errno == ENOBUFS))
			continue;
		if (len < (ssize_t)sizeof(*got))
			die("answer");
		if (got->nlmsg_type == NLMSG_ERROR) {
			printf("error %d\n", ((struct nlmsgerr *)NLMSG_DATA(got))->error);
			return -1;
		}
		if (got->nlmsg_type == type)
			return got->nlmsg_len - NLMSG_HDRLEN;
	}
}

/* text that may hold anything: what cannot be printed is shown as ? */
static void put_text(const char *text, ssize_t len)
{
	putchar(' ');
	putchar('"');
	for (; len > 0; len--, text++)
		putchar(*text > ' ' && *text < 127 ? *text : '?');
	putchar('"');
}

static void set_status(int nl, struct audit_status status)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		struct audit_status status;
	} set = {
		.head = {
			.nlmsg_len = sizeof(set), .nlmsg_type = AUDIT_SET,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.status = status,
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
		char rest[1024];
	} ack;

	if (sendto(nl, &set, sizeof(set), 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		die("AUDIT_SET");
	/* records may come in between */
	do {
		if (recv(nl, &ack, sizeof(ack), 0) < 0)
			die("AUDIT_SET");
	} while (ack.head.nlmsg_type != NLMSG_ERROR);
	errno = -ack.err.error;
	if (errno)
		die("AUDIT_SET");
}

static int audit_socket(void)
{
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (nl < 0)
		die("netlink");
	return nl;
}

static bool status(const char *what, const char *value)
{
	struct audit_status s = {};
	const struct {
		const char *name;
		unsigned int mask;
		__u32 *member;
	} table[] = {
		{ "lost", 0, &s.lost },
		{ "enabled", AUDIT_STATUS_ENABLED, &s.enabled },
		{ "failure", AUDIT_STATUS_FAILURE, &s.failure },
		{ "backlog", AUDIT_STATUS_BACKLOG_LIMIT, &s.backlog_limit },
		{ "wait", AUDIT_STATUS_BACKLOG_WAIT_TIME, &s.backlog_wait_time },
	}, *row = table;
	static char buf[65536];
	int nl = audit_socket();

	while (strcmp(row->name, what))
		if (++row == table + sizeof(table) / sizeof(*table))
			return false;
	if (value) {
		s.mask = row->mask;
		*row->member = atoi(value);
		set_status(nl, s);
		return s.mask;
	}
	if (ask(nl, AUDIT_GET, buf, sizeof(buf)) < 0)
		exit(1);
	memcpy(&s, buf + NLMSG_HDRLEN, sizeof(s));
	printf("%u\n", *row->member);
	return true;
}

static void be_daemon(void)
{
	int nl = audit_socket();
	static char buf[65536];
	sigset_t sigs;
	int sig;

	sigemptyset(&sigs);
	sigaddset(&sigs, SIGUSR1);
	sigaddset(&sigs, SIGUSR2);
	sigaddset(&sigs, SIGTERM);
	sigprocmask(SIG_BLOCK, &sigs, NULL);
	set_status(nl, (struct audit_status){
			       .mask = AUDIT_STATUS_ENABLED | AUDIT_STATUS_PID,
			       .enabled = 1,
			       .pid = getpid(),
		       });
	puts("ready");
	fflush(stdout);
	while (!sigwait(&sigs, &sig) && sig != SIGTERM) {
		int type = sig == SIGUSR1 ? AUDIT_SIGNAL_INFO2 : AUDIT_SIGNAL_INFO;
		ssize_t len = ask(nl, type, buf, sizeof(buf));
		const char *p = buf + NLMSG_HDRLEN;
		unsigned int v[3];

		if (len < 0)
			goto next;
		memcpy(v, p, sizeof(v));
		if (type == AUDIT_SIGNAL_INFO) {
			printf("info %u %d", v[0], (int)v[1]);
			put_text(p + 8, len - 8);
		} else if (len < 12 || v[2] > len - 12) {
			printf("info2 of %zd bytes, length %u\n", len, v[2]);
		} else {
			printf("info2 %u %d %u", v[0], (int)v[1], v[2]);
			put_text(p + 12, v[2]);
			put_text(p + 12 + v[2], len - 12 - v[2]);
		}
		putchar('\n');
next:
		fflush(stdout);
	}
}

static void ask_once(int type)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
		char rest[65536];
	} in;
	struct nlmsghdr head = {
		.nlmsg_len = NLMSG_LENGTH(0),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST,
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int nl = audit_socket();
	int err = 0;

	if (sendto(nl, &head, head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0 ||
	    recv(nl, &in, sizeof(in), 0) < 0)
		err = errno;
	else if (in.head.nlmsg_type == NLMSG_ERROR)
		err = -in.err.error;
	puts(err ? strerrorname_np(err) : "0");
}

int main(int argc, char *argv[])
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "uring") && argc == 3) {
		uring_open(argv[2], IORING_OP_OPENAT, 0);
	} else if (!strcmp(what, "uring-worker") && argc == 3) {
		uring_open(argv[2], IORING_OP_OPENAT2, IOSQE_ASYNC);
		ready_until_eof();
	} else if (!strcmp(what, "trace") && argc == 3) {
		if (ptrace(PTRACE_SEIZE, atoi(argv[2]), 0, 0))
			die("ptrace");
	} else if (!strcmp(what, "many") && argc == 4) {
		many(strtoull(argv[2], NULL, 10), atol(argv[3]));
	} else if (!strcmp(what, "refused") && argc == 5) {
		refused(atoi(argv[2]), argv[3], atol(argv[4]));
	} else if (!strcmp(what, "daemon") && argc == 2) {
		be_daemon();
	} else if (!strcmp(what, "status") && (argc == 3 || argc == 4)) {
		return !status(argv[2], argv[3]);
	} else if (!strcmp(what, "ask") && argc == 3) {
		ask_once(atoi(argv[2]));
	} else {
		fprintf(stderr, "contidact: see its source\n");
		return 2;
	}
	return 0;
}
