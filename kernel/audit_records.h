/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Audit records - several records in one audit_buffer
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef _KERNEL_AUDIT_RECORDS_H
#define _KERNEL_AUDIT_RECORDS_H

#include <linux/atomic.h>
#include <linux/gfp_types.h>
#include <linux/skbuff.h>
#include <linux/time64.h>

#include "audit.h"

struct audit_buffer;

#ifdef CONFIG_AUDIT_CONTID

/* Code of audit.c that vanishes when off. */
#define AUDIT_RECORDS_ONLY(...) __VA_ARGS__

/**
 * struct audit_records - what an audit_buffer sends beside its own record
 * @time: time of the event
 * @serial: serial number of the event
 * @type: type of the buffer's own record
 * @active: the event belongs to a system call or io_uring operation, which
 *          writes further records after this one
 * @gfp_mask: how the buffer allocates
 * @ctx: the audit context the buffer was started with, or NULL
 * @more: list of finished records that go out with the buffer's own, or NULL:
 *        behind it in an active event, which goes on, before it else
 *
 * Owned by whoever owns the buffer, hence no lock.
 */
struct audit_records {
	struct timespec64	time;
	unsigned int		serial;
	int			type;
	bool			active;
	gfp_t			gfp_mask;
	struct audit_context	*ctx;
	struct sk_buff		*more;
};

/**
 * struct audit_records_private - what audit.c keeps to itself
 * @offset: bytes from a &struct audit_buffer to its &struct audit_records
 * @lost: number of lost records
 * @queue: records on their way to auditd
 * @backlog_limit: how many may be there, 0 is no limit
 */
struct audit_records_private {
	size_t			offset;
	atomic_t		*lost;
	struct sk_buff_head	*queue;
	const u32		*backlog_limit;
};

extern const struct audit_records_private audit_records_private;

struct audit_records *audit_records_of(struct audit_buffer *ab);
void audit_log_lost_quiet(const char *message);
bool audit_backlog_exceeded(void);
struct sk_buff *audit_records_new(const struct audit_records *r, int type,
				  size_t size);
void audit_records_text(struct sk_buff *skb, const char *text);
void audit_records_number(struct sk_buff *skb, u64 number);
void audit_records_add(struct audit_records *r, struct sk_buff *skb);
void __audit_records_queue(struct audit_records *r, struct sk_buff *skb,
			   struct sk_buff_head *queue);

/*
 * Each record of each event passes these four, so they are inline and do as
 * little as they can. audit.c alone can name the member of its buffer.
 */

/* audit_buffer_alloc(): @type of the buffer's own record, its @gfp_mask */
#define audit_records_init(ab, ctx, gfp_mask, type) \
	__audit_records_init(&(ab)->records, ctx, gfp_mask, type)

static inline void __audit_records_init(struct audit_records *r,
					struct audit_context *ctx,
					gfp_t gfp_mask, int type)
{
	r->type = type;
	r->gfp_mask = gfp_mask;
	r->ctx = ctx;
	r->more = NULL;
}

/* audit_log_start(): time and serial number of the event */
#define audit_records_stamp(ab, time, serial) \
	__audit_records_stamp(&(ab)->records, time, serial)

static inline void __audit_records_stamp(struct audit_records *r,
					 const struct timespec64 *time,
					 unsigned int serial)
{
	r->time = *time;
	r->serial = serial;
	r->active = r->ctx && r->ctx->context != AUDIT_CTX_UNUSED;
}

/* audit_log_end(): @skb is the buffer's own record, taken over */
#define audit_records_queue(ab, skb, queue)				\
	do {								\
		if (likely(!(ab)->records.more))			\
			skb_queue_tail(queue, skb);			\
		else							\
			__audit_records_queue(&(ab)->records, skb, queue); \
	} while (0)

/* audit_buffer_free(): what was not queued */
#define audit_records_purge(ab)						\
	do {								\
		if (unlikely((ab)->records.more))			\
			kfree_skb_list((ab)->records.more);		\
	} while (0)

#else /* CONFIG_AUDIT_CONTID */

#define AUDIT_RECORDS_ONLY(...)

#define audit_records_init(ab, ...) ((void)(ab))
#define audit_records_stamp(ab, ...) ((void)(ab))
#define audit_records_queue(ab, skb, queue) ((void)(ab), skb_queue_tail(queue, skb))
#define audit_records_purge(ab) ((void)(ab))

#endif /* CONFIG_AUDIT_CONTID */

#endif /* _KERNEL_AUDIT_RECORDS_H */
