// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * signalinfo - is the audit daemon until somebody sends it SIGUSR2, then asks who that was
 *
 * signalinfo FILE
 *
 * Writes its process id to FILE when it is the daemon. Prints the payload of the answer to
 * AUDIT_SIGNAL_INFO2 as decimal bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

static void ask(int nl, int type, const void *data, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		char data[256];
	} msg = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(len),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
	};

	if (len)
		memcpy(msg.data, data, len);
	if (sendto(nl, &msg, msg.head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		die("signalinfo: send");
}

/* The next message of @type; records of events are passed over. Return: bytes of its payload. */
static int answer(int nl, int type, char *buf, size_t size, char **payload)
{
	struct nlmsghdr *head = (struct nlmsghdr *)buf;

	for (;;) {
		ssize_t n = recv(nl, buf, size, 0);

		if (n < (ssize_t)sizeof(*head))
			die("signalinfo: receive");
		if (head->nlmsg_type == NLMSG_ERROR) {
			struct nlmsgerr *e = NLMSG_DATA(head);

			errno = -e->error;
			if (errno)
				die("signalinfo: refused");
		}
		if (head->nlmsg_type == type) {
			*payload = NLMSG_DATA(head);
			return head->nlmsg_len - NLMSG_HDRLEN;
		}
	}
}

int main(int argc, char *argv[])
{
	struct audit_status status = {
		.mask = AUDIT_STATUS_PID,
		.pid = getpid(),
	};
	char buf[16384], *payload;
	int nl, i, len, sig;
	sigset_t set;
	FILE *f;

	if (argc != 2) {
		fprintf(stderr, "usage: signalinfo FILE\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (nl < 0)
		die("signalinfo: netlink");
	ask(nl, AUDIT_SET, &status, sizeof(status));
	answer(nl, NLMSG_ERROR, buf, sizeof(buf), &payload);
	f = fopen(argv[1], "w");
	if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f))
		die(argv[1]);
	sigwait(&set, &sig);
	ask(nl, AUDIT_SIGNAL_INFO2, NULL, 0);
	len = answer(nl, AUDIT_SIGNAL_INFO2, buf, sizeof(buf), &payload);
	for (i = 0; i < len; i++)
		printf("%s%u", i ? " " : "", (unsigned char)payload[i]);
	putchar('\n');
	return 0;
}
