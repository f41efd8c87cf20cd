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

struct audit_buffer;
struct audit_context;

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
 * @before: finished records that go out before the buffer's own
 * @after: finished records that go out after it
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
	struct sk_buff_head	before;
	struct sk_buff_head	after;
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
void audit_records_init(struct audit_buffer *ab, struct audit_context *ctx,
			gfp_t gfp_mask, int type);
void audit_records_stamp(struct audit_buffer *ab, const struct timespec64 *t,
			 unsigned int serial);
struct sk_buff *audit_records_new(const struct audit_records *r, int type,
				  size_t size);
void audit_records_text(struct sk_buff *skb, const char *text);
void audit_records_number(struct sk_buff *skb, u64 number);
void audit_records_add(struct audit_records *r, struct sk_buff *skb);
void audit_records_queue(struct audit_buffer *ab, struct sk_buff *skb,
			 struct sk_buff_head *queue);
void audit_records_purge(struct audit_buffer *ab);

#else /* CONFIG_AUDIT_CONTID */

#define AUDIT_RECORDS_ONLY(...)

static inline void audit_records_init(struct audit_buffer *ab,
				      struct audit_context *ctx,
				      gfp_t gfp_mask, int type)
{
}

static inline void audit_records_stamp(struct audit_buffer *ab,
				       const struct timespec64 *t,
				       unsigned int serial)
{
}

static inline void audit_records_queue(struct audit_buffer *ab,
				       struct sk_buff *skb,
				       struct sk_buff_head *queue)
{
	skb_queue_tail(queue, skb);
}

static inline void audit_records_purge(struct audit_buffer *ab)
{
}

#endif /* CONFIG_AUDIT_CONTID */

#endif /* _KERNEL_AUDIT_RECORDS_H */
