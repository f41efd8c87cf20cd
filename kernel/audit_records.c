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
 * audit_records_init - prepare the records of a new buffer
 * @ab: the buffer
 * @ctx: the audit context of the buffer, may be NULL
 * @gfp_mask: how the buffer allocates
 * @type: type of the buffer's own record
 *
 * Context: any.
 */
void audit_records_init(struct audit_buffer *ab, struct audit_context *ctx,
			gfp_t gfp_mask, int type)
{
	struct audit_records *r = audit_records_of(ab);

	r->type = type;
	r->gfp_mask = gfp_mask;
	r->ctx = ctx;
	__skb_queue_head_init(&r->before);
	__skb_queue_head_init(&r->after);
}

/**
 * audit_records_stamp - note the stamp of the event
 * @ab: the buffer
 * @t: time of the event
 * @serial: serial number of the event
 *
 * Context: any.
 */
void audit_records_stamp(struct audit_buffer *ab, const struct timespec64 *t,
			 unsigned int serial)
{
	struct audit_records *r = audit_records_of(ab);

	r->time = *t;
	r->serial = serial;
	r->active = r->ctx && r->ctx->context != AUDIT_CTX_UNUSED;
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

	/* the length without header that audit_log_end() gives its record */
	nlh->nlmsg_len = skb->len - NLMSG_HDRLEN;
	__skb_queue_tail(r->active ? &r->after : &r->before, skb);
}

/**
 * audit_records_queue - queue all records of a buffer
 * @ab: the buffer
 * @skb: the buffer's own record, taken over
 * @queue: where to
 *
 * Context: any, takes the lock of @queue.
 */
void audit_records_queue(struct audit_buffer *ab, struct sk_buff *skb,
			 struct sk_buff_head *queue)
{
	struct audit_records *r = audit_records_of(ab);
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	skb_queue_splice_tail_init(&r->before, queue);
	__skb_queue_tail(queue, skb);
	skb_queue_splice_tail_init(&r->after, queue);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/**
 * audit_records_purge - free the records that were not queued
 * @ab: the buffer
 *
 * Context: any.
 */
void audit_records_purge(struct audit_buffer *ab)
{
	struct audit_records *r = audit_records_of(ab);

	__skb_queue_purge(&r->before);
	__skb_queue_purge(&r->after);
}
