// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * auditlog - writes audit records to a file, one line each
 *
 * auditlog [-m] FILE
 * auditlog -s TEXT
 * auditlog -y FILE SECONDS
 *
 * -s sends one record of type USER with TEXT: what happened before it is logged before it.
 * -y sends one with a text of its own, and returns when it is in FILE; status 1 if that is not in
 * time. One sent while the kernel has no daemon yet is held back, so it is sent again every second.
 *
 * Takes the place of auditd, or listens beside it (-m). Returns when it is ready and goes on in
 * the background; its process id is in FILE.pid. A line is what auditd writes:
 *
 *	type=INTEGRITY_RULE msg=audit(1700000000.123:45): file="/bin/true" ...
 *
 * Records without a name here are type=<number>. Each line is on file before the next is read.
 * AUDIT_BUFFER=BYTES makes its receive buffer smaller than the usual 8 MiB.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* longer than any record of the kernel: MAX_AUDIT_MESSAGE_LENGTH of libaudit */
#define MAX_RECORD 8970

static const struct {
	int type;
	const char *name;
} names[] = {
	{ AUDIT_SYSCALL, "SYSCALL" },
	{ AUDIT_PATH, "PATH" },
	{ AUDIT_CONFIG_CHANGE, "CONFIG_CHANGE" },
	{ AUDIT_CWD, "CWD" },
	{ AUDIT_EXECVE, "EXECVE" },
	{ AUDIT_EOE, "EOE" },
	{ AUDIT_PROCTITLE, "PROCTITLE" },
	{ AUDIT_USER, "USER" },
	{ AUDIT_INTEGRITY_DATA, "INTEGRITY_DATA" },
	{ AUDIT_INTEGRITY_METADATA, "INTEGRITY_METADATA" },
	{ AUDIT_INTEGRITY_STATUS, "INTEGRITY_STATUS" },
	{ AUDIT_INTEGRITY_HASH, "INTEGRITY_HASH" },
	{ AUDIT_INTEGRITY_PCR, "INTEGRITY_PCR" },
	{ AUDIT_INTEGRITY_RULE, "INTEGRITY_RULE" },
	{ AUDIT_INTEGRITY_EVM_XATTR, "INTEGRITY_EVM_XATTR" },
	{ AUDIT_INTEGRITY_POLICY_RULE, "INTEGRITY_POLICY_RULE" },
};

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static void send_to_kernel(int nl, int type, const void *data, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	static unsigned int seq;
	struct {
		struct nlmsghdr head;
		char data[1024];
	} msg = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(len),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST,
			.nlmsg_seq = ++seq,
		},
	};

	if (len > sizeof(msg.data)) {
		errno = E2BIG;
		die("auditlog: text");
	}
	memcpy(msg.data, data, len);
	if (sendto(nl, &msg, msg.head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		die("auditlog: send");
}

static void write_record(int out, int type, const char *text, int len)
{
	char line[MAX_RECORD + 64];
	size_t i, n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			break;
	if (i < sizeof(names) / sizeof(names[0]))
		n = sprintf(line, "type=%s msg=", names[i].name);
	else
		n = sprintf(line, "type=%d msg=", type);
	if (len > MAX_RECORD)
		len = MAX_RECORD;
	len = strnlen(text, len);
	memcpy(line + n, text, len);
	n += len;
	if (line[n - 1] != '\n')
		line[n++] = '\n';
	if (write(out, line, n) != (ssize_t)n)
		die("auditlog: write");
}

static int audit_socket(void)
{
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (nl < 0)
		die("auditlog: netlink");
	return nl;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Whether @mark comes in the rest of the file; what cannot be a part of it is not kept. */
static bool comes(int fd, const char *mark)
{
	static char buf[1 << 16];
	static size_t kept;
	size_t length = strlen(mark);
	ssize_t n;

	while ((n = read(fd, buf + kept, sizeof(buf) - kept)) > 0) {
		size_t all = kept + n;

		if (memmem(buf, all, mark, length))
			return true;
		kept = all < length ? all : length - 1;
		memmove(buf, buf + all - kept, kept);
	}
	return false;
}

static int sync_with(const char *file, int seconds)
{
	int nl = audit_socket(), fd = open(file, O_RDONLY | O_CLOEXEC);
	double begun = now(), sent = begun - 1;
	unsigned long long random;
	useconds_t pause = 1000;
	char mark[40];

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		die(file);
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		die("auditlog: getrandom");
	snprintf(mark, sizeof(mark), "sync-%016llx", random);
	do {
		if (now() - sent >= 1) {
			send_to_kernel(nl, AUDIT_USER, mark, strlen(mark) + 1);
			sent = now();
		}
		if (comes(fd, mark))
			return 0;
		usleep(pause);
		if (pause < 50000)
			pause *= 2;
	} while (now() - begun < seconds);
	return 1;
}

int main(int argc, char *argv[])
{
	static char buf[MAX_RECORD + 4096];
	bool beside = argc == 3 && !strcmp(argv[1], "-m");
	const char *file = argv[argc - 1];
	int nl, out, size = 8 << 20, ready[2];
	char path[4096], byte = 0;
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = beside ? 1 << (AUDIT_NLGRP_READLOG - 1) : 0,
	};
	FILE *f;

	if (argc == 3 && !strcmp(argv[1], "-s")) {
		send_to_kernel(audit_socket(), AUDIT_USER, argv[2], strlen(argv[2]) + 1);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "-y"))
		return sync_with(argv[2], atoi(argv[3]));
	if (argc != 2 + beside) {
		fprintf(stderr, "usage: auditlog [-m] FILE | -s TEXT | -y FILE SECONDS\n");
		return 2;
	}
	if (pipe(ready))
		die("auditlog: pipe");
	switch (fork()) {
	case -1:
		die("auditlog: fork");
	case 0:
		break;
	default:
		close(ready[1]);
		return read(ready[0], &byte, 1) == 1 ? 0 : 1;
	}

	setsid();
	if (getenv("AUDIT_BUFFER"))
		size = atoi(getenv("AUDIT_BUFFER"));
	nl = audit_socket();
	if (bind(nl, (struct sockaddr *)&addr, sizeof(addr)))
		die("auditlog: netlink");
	if (setsockopt(nl, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die("auditlog: receive buffer");
	out = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (out < 0)
		die(file);
	if (!beside)
		send_to_kernel(nl, AUDIT_SET,
			       &(struct audit_status){ .mask = AUDIT_STATUS_ENABLED |
							       AUDIT_STATUS_PID |
							       AUDIT_STATUS_BACKLOG_LIMIT,
						       .enabled = 1,
						       .pid = getpid(),
						       .backlog_limit = 65536 },
			       sizeof(struct audit_status));
	snprintf(path, sizeof(path), "%s.pid", file);
	f = fopen(path, "w");
	if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f))
		die(path);
	if (write(ready[1], &byte, 1) != 1)
		die("auditlog: pipe");
	close(ready[1]);
	close(0);
	close(1);

	for (;;) {
		ssize_t n = recv(nl, buf, sizeof(buf), 0);
		struct nlmsghdr *head = (struct nlmsghdr *)buf;

		if (n < 0 && (errno == EINTR || errno == ENOBUFS))
			continue;
		if (n < 0)
			die("auditlog: recv");
		/* the kernel's nlmsg_len leaves the head out in audit records */
		if (n < (ssize_t)sizeof(*head) ||
		    (head->nlmsg_type < AUDIT_FIRST_USER_MSG && head->nlmsg_type != AUDIT_USER))
			continue;
		write_record(out, head->nlmsg_type, NLMSG_DATA(head), n - NLMSG_HDRLEN);
	}
}
