// SPDX-License-Identifier: GPL-2.0
/*
 * Audit records - several records in one audit_buffer
 *
 * Copyright (C) 2026 Overlay Team
 *
 * An event that belongs to a system call gets its records one after the other
 * from the audit context. Any other event has one record and no place to keep
 * the stamp for a second one, so the buffer itself carries the stamp and the
 * records that go with its own. All are queued at once, in order.
 */

#define pr_fmt(fmt) "audit: " fmt

#include <linux/audit.h>
#include <linux/kernel.h>
#include <net/netlink.h>

#include "audit.h"
#include "audit_records.h"

/* Longest "audit(<time>.<ms>:<serial>): " and the NUL behind the text. */
#define AUDIT_RECORDS_HEAD 48

/**
 * audit_records_of - the records that go with a buffer
 * @ab: the buffer
 *
 * Return: its records, never NULL.
 * Context: any.
 */
struct audit_records *audit_records_of(struct audit_buffer *ab)
{
	return (void *)ab + audit_records_private.offset;
}

/**
 * audit_log_lost_quiet - count a lost record that anybody can provoke
 * @message: text for the kernel log, printed rate limited
 *
 * Unlike audit_log_lost() it never calls audit_panic().
 *
 * Context: any.
 */
void audit_log_lost_quiet(const char *message)
{
	int lost = atomic_inc_return(audit_records_private.lost);

	pr_warn_ratelimited("audit_lost=%u %s\n", lost, message);
}

/**
 * audit_backlog_exceeded - is the queue longer than the backlog limit?
 *
 * Return: true if it is; false also if there is no limit.
 * Context: any.
 */
bool audit_backlog_exceeded(void)
{
	u32 limit = READ_ONCE(*audit_records_private.backlog_limit);

	return limit && skb_queue_len_lockless(audit_records_private.queue) > limit;
}

/**
 * audit_records_new - allocate one more record of the event
 * @r: the records, stamped
 * @type: type of the new record
 * @size: most bytes of text that follow, without NUL
 *
 * Return: the record with the stamp in it, NULL without memory.
 * Context: as the gfp mask of the buffer allows.
 */
struct sk_buff *audit_records_new(const struct audit_records *r, int type,
				  size_t size)
{
	char point[] = ".000:";
	struct sk_buff *skb;
	unsigned int ms;

	skb = nlmsg_new(AUDIT_RECORDS_HEAD + size, r->gfp_mask | __GFP_NOWARN);
	if (!skb)
		return NULL;
	if (!nlmsg_put(skb, 0, 0, type, 0, 0)) {
		kfree_skb(skb);
		return NULL;
	}
	ms = r->time.tv_nsec / NSEC_PER_MSEC;
	point[1] = '0' + ms / 100;
	point[2] = '0' + ms / 10 % 10;
	point[3] = '0' + ms % 10;
	audit_records_text(skb, "audit(");
	audit_records_number(skb, r->time.tv_sec);
	audit_records_text(skb, point);
	audit_records_number(skb, r->serial);
	audit_records_text(skb, "): ");
	return skb;
}

/**
 * audit_records_text - append text to a record
 * @skb: a record of audit_records_new()
 * @text: the text
 *
 * Text beyond the size the record was made for is cut. A format string would
 * take longer to interpret than all else takes that a record needs.
 *
 * Context: any.
 */
void audit_records_text(struct sk_buff *skb, const char *text)
{
	skb_put_data(skb, text, min_t(size_t, strlen(text), skb_tailroom(skb)));
}

/**
 * audit_records_number - append a decimal number to a record
 * @skb: a record of audit_records_new()
 * @number: the number, left out where it does not fit
 *
 * Context: any.
 */
void audit_records_number(struct sk_buff *skb, u64 number)
{
	skb_put(skb, num_to_str(skb_tail_pointer(skb), skb_tailroom(skb),
				number, 0));
}

/**
 * audit_records_add - let a finished record go out with the buffer
 * @r: the records
 * @skb: the record, taken over
 *
 * An active event goes on after this buffer, so there the record follows the
 * one it explains. In an event of its own it comes first: stock tools end the
 * event at some types of main records.
 *
 * Context: any.
 */
void audit_records_add(struct audit_records *r, struct sk_buff *skb)
{
	struct nlmsghdr *nlh = nlmsg_hdr(skb);
	struct sk_buff **end = &r->more;

	/* the length without header that audit_log_end() gives its record */
	nlh->nlmsg_len = skb->len - NLMSG_HDRLEN;
	while (*end)
		end = &(*end)->next;
	*end = skb;
}

/**
 * __audit_records_queue - queue all records of a buffer that has more than one
 * @r: the others
 * @skb: the buffer's own record, taken over
 * @queue: where to
 *
 * Context: any, takes the lock of @queue.
 */
void __audit_records_queue(struct audit_records *r, struct sk_buff *skb,
			   struct sk_buff_head *queue)
{
	struct sk_buff *more, *next;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	if (r->active)
		__skb_queue_tail(queue, skb);
	skb_list_walk_safe(r->more, more, next)
		__skb_queue_tail(queue, more);
	r->more = NULL;
	if (!r->active)
		__skb_queue_tail(queue, skb);
	spin_unlock_irqrestore(&queue->lock, flags);
}
