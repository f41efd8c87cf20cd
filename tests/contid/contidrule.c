// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contidrule - loads or deletes an audit rule, contid fields included
 *
 * contidrule add|del|refused LIST ACTION [FIELD...]
 *
 * LIST is exit, user, exclude, task or uring, ACTION always or never. A FIELD is contid=N,
 * contid!=N, pid=N, msgtype=N, syscall=N (several may be given; without one all of them),
 * dir=PATH, path=PATH, perm=rwxa or key=TEXT. The fields go to the kernel in the order given.
 * "refused" expects the kernel to refuse the rule with EINVAL.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARRAY_SIZE(_a) (sizeof(_a) / sizeof((_a)[0]))

static struct {
	struct nlmsghdr head;
	struct audit_rule_data rule;
	char strings[4096];
} msg;

static _Noreturn void usage(const char *what)
{
	fprintf(stderr, "contidrule: '%s'? see its source\n", what);
	exit(2);
}

static void field(int type, bool negated, unsigned int value, const void *data, size_t len)
{
	struct audit_rule_data *r = &msg.rule;

	if (r->field_count == AUDIT_MAX_FIELDS || r->buflen + len > sizeof(msg.strings))
		usage("too many fields");
	r->fields[r->field_count] = type;
	r->fieldflags[r->field_count] = negated ? AUDIT_NOT_EQUAL : AUDIT_EQUAL;
	r->values[r->field_count] = data ? len : value;
	memcpy(r->buf + r->buflen, data, len);
	r->buflen += len;
	r->field_count++;
}

static void text(int type, const char *s)
{
	field(type, false, 0, s, strlen(s));
}

static bool parse(const char *arg)
{
	const char *value = strchr(arg, '=');
	unsigned long long n;
	unsigned int perm = 0;
	bool negated;

	if (!value)
		return false;
	negated = value > arg && value[-1] == '!';
	value++;
	n = strtoull(value, NULL, 0);
	if (!strncmp(arg, "contid", 6)) {
		field(AUDIT_CONTID, negated, 0, &n, sizeof(n));
	} else if (!strncmp(arg, "pid", 3)) {
		field(AUDIT_PID, negated, n, NULL, 0);
	} else if (!strncmp(arg, "msgtype", 7)) {
		field(AUDIT_MSGTYPE, negated, n, NULL, 0);
	} else if (!strncmp(arg, "dir=", 4)) {
		text(AUDIT_DIR, value);
	} else if (!strncmp(arg, "path=", 5)) {
		text(AUDIT_WATCH, value);
	} else if (!strncmp(arg, "key=", 4)) {
		text(AUDIT_FILTERKEY, value);
	} else if (!strncmp(arg, "perm=", 5)) {
		for (; *value; value++)
			perm |= *value == 'r' ? AUDIT_PERM_READ :
				*value == 'w' ? AUDIT_PERM_WRITE :
				*value == 'x' ? AUDIT_PERM_EXEC :
						AUDIT_PERM_ATTR;
		field(AUDIT_PERM, false, perm, NULL, 0);
	} else if (!strncmp(arg, "syscall=", 8)) {
		msg.rule.mask[AUDIT_WORD(n)] |= AUDIT_BIT(n);
	} else {
		return false;
	}
	return true;
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		int list;
	} lists[] = {
		{ "exit", AUDIT_FILTER_EXIT },	      { "user", AUDIT_FILTER_USER },
		{ "exclude", AUDIT_FILTER_EXCLUDE },  { "task", AUDIT_FILTER_TASK },
		{ "uring", AUDIT_FILTER_URING_EXIT },
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const char *what = argc > 3 ? argv[1] : "";
	bool refused = !strcmp(what, "refused"), masked = false;
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
		char rest[8192];
	} ack;
	size_t i;
	int nl;

	if (!refused && strcmp(what, "add") && strcmp(what, "del"))
		usage(what);
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		if (!strcmp(argv[2], lists[i].name))
			break;
	if (i == ARRAY_SIZE(lists))
		usage(argv[2]);
	msg.rule.flags = lists[i].list;
	msg.rule.action = strcmp(argv[3], "never") ? AUDIT_ALWAYS : AUDIT_NEVER;
	for (i = 4; i < (size_t)argc; i++)
		if (!parse(argv[i]))
			usage(argv[i]);
	for (i = 0; i < AUDIT_BITMASK_SIZE; i++)
		masked |= msg.rule.mask[i];
	if (!masked)
		memset(msg.rule.mask, 0xff, sizeof(msg.rule.mask));

	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	msg.head.nlmsg_type = strcmp(what, "del") ? AUDIT_ADD_RULE : AUDIT_DEL_RULE;
	msg.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	msg.head.nlmsg_len = NLMSG_LENGTH(sizeof(msg.rule) + msg.rule.buflen);
	if (nl < 0 ||
	    sendto(nl, &msg, msg.head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) <
		    0 ||
	    recv(nl, &ack, sizeof(ack), 0) < 0) {
		perror("contidrule: netlink");
		return 1;
	}
	if (ack.head.nlmsg_type != NLMSG_ERROR) {
		fprintf(stderr, "contidrule: no acknowledgment\n");
		return 1;
	}
	errno = -ack.err.error;
	if (refused)
		return errno != EINVAL;
	if (errno)
		perror("contidrule");
	return !!errno;
}
