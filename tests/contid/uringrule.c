// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uringrule - records all operations of io_uring, as auditctl -a always,io_uring -S all -F key=KEY
 *
 * uringrule KEY
 *
 * Debian's auditctl does not know the list, but its -D empties it.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		struct audit_rule_data rule;
		char key[AUDIT_MAX_KEY_LEN];
	} msg = {
		.head = {
			.nlmsg_len = sizeof(msg),
			.nlmsg_type = AUDIT_ADD_RULE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.rule = {
			.flags = AUDIT_FILTER_URING_EXIT,
			.action = AUDIT_ALWAYS,
			.field_count = 1,
			.fields = { AUDIT_FILTERKEY },
			.fieldflags = { AUDIT_EQUAL },
		},
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[sizeof(msg)];
	} ack;
	int nl;

	if (argc != 2 || strlen(argv[1]) > sizeof(msg.key)) {
		fprintf(stderr, "usage: uringrule KEY\n");
		return 2;
	}
	memset(msg.rule.mask, 0xff, sizeof(msg.rule.mask));
	/* the uppermost bits stand for classes of calls */
	msg.rule.mask[AUDIT_BITMASK_SIZE - 1] = 0xffff;
	msg.rule.buflen = strlen(argv[1]);
	msg.rule.values[0] = msg.rule.buflen;
	memcpy(msg.rule.buf, argv[1], msg.rule.buflen);

	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (nl < 0 ||
	    sendto(nl, &msg, sizeof(msg), 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0 ||
	    recv(nl, &ack, sizeof(ack), 0) < (ssize_t)NLMSG_LENGTH(sizeof(ack.error))) {
		perror("uringrule: netlink");
		return 2;
	}
	errno = -ack.error.error;
	if (errno)
		perror("uringrule: refused");
	return !!errno;
}
