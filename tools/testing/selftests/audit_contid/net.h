/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Audit container identifiers - packets on record in a network namespace
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The rule hangs at the input hook, which runs in softirq for loopback.
 */
#ifndef AUDIT_CONTID_NET_H
#define AUDIT_CONTID_NET_H

#include "common.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#define PACKET		"1324 mark=0x[0-9a-f]+ saddr=127.0.0.1 daddr=127.0.0.1 proto=17"

/*
 * nftables by hand: one table, one chain at the input hook, one rule
 */

struct batch {
	char buf[4096];
	size_t len;
	struct nlmsghdr *head;
};

static void message(struct batch *b, int type, int flags, int family, int res)
{
	struct nfgenmsg *nf;

	b->head = (struct nlmsghdr *)(b->buf + b->len);
	b->head->nlmsg_type = type;
	b->head->nlmsg_flags = NLM_F_REQUEST | flags;
	b->head->nlmsg_len = NLMSG_LENGTH(sizeof(*nf));
	nf = NLMSG_DATA(b->head);
	nf->nfgen_family = family;
	nf->version = NFNETLINK_V0;
	nf->res_id = htons(res);
	b->len += NLMSG_ALIGN(b->head->nlmsg_len);
}

static struct nlattr *attr(struct batch *b, int type, const void *data,
			   size_t len)
{
	struct nlattr *a = (struct nlattr *)(b->buf + b->len);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy((char *)a + NLA_HDRLEN, data, len);
	b->len += NLA_ALIGN(a->nla_len);
	b->head->nlmsg_len = b->buf + b->len - (char *)b->head;
	return a;
}

static void text_attr(struct batch *b, int type, const char *text)
{
	attr(b, type, text, strlen(text) + 1);
}

static void u32_attr(struct batch *b, int type, uint32_t value)
{
	value = htonl(value);
	attr(b, type, &value, sizeof(value));
}

static struct nlattr *nest(struct batch *b, int type)
{
	return attr(b, type | NLA_F_NESTED, "", 0);
}

static void nest_end(struct batch *b, struct nlattr *a)
{
	a->nla_len = b->buf + b->len - (char *)a;
}

#define NFT(_msg) (NFNL_SUBSYS_NFTABLES << 8 | (_msg))

static long fn_log_packets(const long *args)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlattr *list, *elem, *data;
	struct batch b = {};
	struct nlmsghdr *h;
	long ret = 0;
	char in[4096];
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd < 0)
		return -errno;
	message(&b, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	message(&b, NFT(NFT_MSG_NEWTABLE), NLM_F_CREATE, NFPROTO_IPV4, 0);
	text_attr(&b, NFTA_TABLE_NAME, "contid");
	message(&b, NFT(NFT_MSG_NEWCHAIN), NLM_F_CREATE, NFPROTO_IPV4, 0);
	text_attr(&b, NFTA_CHAIN_TABLE, "contid");
	text_attr(&b, NFTA_CHAIN_NAME, "in");
	list = nest(&b, NFTA_CHAIN_HOOK);
	u32_attr(&b, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_IN);
	u32_attr(&b, NFTA_HOOK_PRIORITY, 0);
	nest_end(&b, list);
	text_attr(&b, NFTA_CHAIN_TYPE, "filter");
	message(&b, NFT(NFT_MSG_NEWRULE), NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK,
		NFPROTO_IPV4, 0);
	text_attr(&b, NFTA_RULE_TABLE, "contid");
	text_attr(&b, NFTA_RULE_CHAIN, "in");
	list = nest(&b, NFTA_RULE_EXPRESSIONS);
	elem = nest(&b, NFTA_LIST_ELEM);
	text_attr(&b, NFTA_EXPR_NAME, "log");
	data = nest(&b, NFTA_EXPR_DATA);
	u32_attr(&b, NFTA_LOG_LEVEL, NFT_LOGLEVEL_AUDIT);
	nest_end(&b, data);
	nest_end(&b, elem);
	nest_end(&b, list);
	message(&b, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	if (sendto(fd, b.buf, b.len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0 || recv(fd, in, sizeof(in), 0) < 0)
		ret = -errno;
	h = (struct nlmsghdr *)in;
	if (!ret && h->nlmsg_type == NLMSG_ERROR)
		ret = ((struct nlmsgerr *)NLMSG_DATA(h))->error;
	close(fd);
	return ret;
}

static long fn_lo_up(const long *args)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	long ret = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		ret = -errno;
	ifr.ifr_flags |= IFF_UP;
	if (!ret && ioctl(fd, SIOCSIFFLAGS, &ifr))
		ret = -errno;
	close(fd);
	return ret;
}

/* one datagram to a local port */
static long fn_packet(const long *args)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int in = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	long ret = 0;
	char c;

	if (in < 0 || out < 0 || bind(in, (struct sockaddr *)&to, sizeof(to)) ||
	    sendto(out, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    recv(in, &c, 1, 0) < 0)
		ret = -errno;
	close(in);
	close(out);
	return ret;
}

static long prepare(struct actor *a)
{
	return act(a, fn_lo_up) ?: act(a, fn_log_packets);
}

static const char *packet_event(struct actor *a)
{
	if (audit_clear() || act(a, fn_packet))
		return "no packet";
	return event_of(AUDIT_NETFILTER_PKT, "saddr=127.0.0.1", NULL);
}

/* 1 if a packet in @a's namespace names @id alone, 0 if it names none */
static __maybe_unused int packet_names(struct actor *a, uint64_t id)
{
	const char *event = packet_event(a);
	char named[80];

	snprintf(named, sizeof(named), "1371 record=1 contid=%llu\n1324 ",
		 (unsigned long long)id);
	if (!strncmp(event, named, strlen(named)))
		return 1;
	if (!strncmp(event, "1324 ", 5))
		return 0;
	printf("# seen:\n# %s\n# expected:\n# %s\n", event, named);
	return -EBADMSG;
}

#endif /* AUDIT_CONTID_NET_H */
