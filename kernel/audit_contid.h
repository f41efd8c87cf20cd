/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Audit container identifiers - between audit_contid.c and the audit files
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef _KERNEL_AUDIT_CONTID_H
#define _KERNEL_AUDIT_CONTID_H

#include <linux/audit_contid.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct audit_context;
struct audit_field;

/* Slots of a struct audit_aux_data_pids, AUDIT_AUX_PIDS there. */
#define AUDIT_CONTID_SLOTS	16

/* Most ids in a chain. */
#define AUDIT_CONTID_DEPTH	32
/* Most bytes of a chain as text: 20 digits each, ",^" between them. */
#define AUDIT_CONTID_CHAIN	(AUDIT_CONTID_DEPTH * 22 - 2)
/*
 * Most bytes of a list in one CONTAINER_ID record, and most such records in
 * the event of a packet. A record longer than 8560 bytes is cut on its way to
 * auditd, a line longer than 8970 by it.
 */
#define AUDIT_CONTID_LIST	7680
#define AUDIT_CONTID_LIST_RECORDS 4

/* Most bytes of a write that are looked at. */
#define AUDIT_CONTID_TEXT	72

#ifdef CONFIG_AUDIT_CONTID

/**
 * struct audit_contid_context - what an audit context keeps for its event
 * @subject: object whose CONTAINER_ID was written, or that an exiting task
 *           left behind; counted
 * @subject_n: N of @subject's CONTAINER_ID, 0 if none was written yet
 * @n: last N given out in this event
 * @target: object of the task in target_pid; counted
 *
 * Belongs to the task, hence no lock.
 */
struct audit_contid_context {
	struct audit_contid *subject;
	unsigned int subject_n;
	unsigned int n;
	struct audit_contid *target;
};

/**
 * struct audit_contid_slots - the objects of a block of signalled tasks
 * @object: object of the task in target_pid[i] of the block; counted, or NULL
 */
struct audit_contid_slots {
	struct audit_contid *object[AUDIT_CONTID_SLOTS];
};

void audit_contid_init(void);

void __audit_contid_reset(struct audit_contid_context *c);
void audit_contid_target_set(struct audit_context *ctx, struct task_struct *t);
void audit_contid_slot_set(struct audit_contid_slots *slots, int i,
			   struct task_struct *t);
void audit_contid_slots_put(struct audit_contid_slots *slots);

void audit_contid_log_subject(struct audit_buffer *ab);
void audit_contid_log_object(struct audit_buffer *ab,
			     const struct audit_contid *object);

/*
 * audit_reset_context() of a context that is no dummy: members are set in no
 * other, but for the object that an exiting task leaves. That is put at the end
 * of the context.
 */
static inline void audit_contid_reset(struct audit_contid_context *c)
{
	if (unlikely(c->subject || c->target || c->n))
		__audit_contid_reset(c);
}

int audit_contid_field_unpack(struct audit_field *f, u32 len, void **bufp,
			      size_t *remain);
u32 audit_contid_field_pack(const struct audit_field *f, void **bufp);
bool audit_contid_field_differs(const struct audit_field *a,
				const struct audit_field *b);
int audit_contid_field_match(const struct audit_field *f);

bool audit_contid_signal(struct task_struct *t, kuid_t *uid, pid_t *pid,
			 u32 *secid);
void audit_contid_signal_release(void);
void audit_contid_signal_answered(const pid_t *pid, pid_t told);
int audit_contid_signal_reply(const kuid_t *uid, const pid_t *pid,
			      const u32 *secid, char **data, u32 *len);

/* What the KUnit tests need of the inside. */

/**
 * struct audit_contid_request - a write in binary form
 * @id: the number
 * @join: "join:" stood before it
 */
struct audit_contid_request {
	u64 id;
	bool join;
};

int audit_contid_parse(const char *text, size_t count,
		       struct audit_contid_request *req);
int audit_contid_parse_cap(const char *text, size_t count, u32 *value);

struct audit_contid *audit_contid_alloc(u64 id, struct audit_contid *parent,
					gfp_t gfp_mask);
extern bool audit_contid_ready;
int audit_contid_insert(struct audit_contid *object);
struct audit_contid *audit_contid_find_get(u64 id);
void audit_contid_put(struct audit_contid *object);

int audit_contid_print(const struct audit_contid *object, char *buf, int size);
bool audit_contid_contains(const struct audit_contid *object, u64 id);

struct audit_contid_net *audit_contid_net_alloc(struct audit_contid *object,
						gfp_t gfp_mask);
void audit_contid_net_list(struct audit_contid_net *entry,
			   struct list_head *list);
void audit_contid_net_free(struct audit_contid_net *entry);
int audit_contid_list_print(const struct list_head *list,
			    const struct list_head **pos, char *buf, int size);

#else /* CONFIG_AUDIT_CONTID */

static inline void audit_contid_init(void)
{
}

static inline void audit_contid_target_set(struct audit_context *ctx,
					   struct task_struct *t)
{
}

static inline void audit_contid_log_subject(struct audit_buffer *ab)
{
}

static inline int audit_contid_field_unpack(struct audit_field *f, u32 len,
					    void **bufp, size_t *remain)
{
	return -EINVAL;
}

static inline u32 audit_contid_field_pack(const struct audit_field *f,
					  void **bufp)
{
	return 0;
}

static inline bool audit_contid_field_differs(const struct audit_field *a,
					      const struct audit_field *b)
{
	return true;
}

static inline int audit_contid_field_match(const struct audit_field *f)
{
	return 0;
}

static inline bool audit_contid_signal(struct task_struct *t, kuid_t *uid,
				       pid_t *pid, u32 *secid)
{
	return false;
}

static inline void audit_contid_signal_release(void)
{
}

static inline void audit_contid_signal_answered(const pid_t *pid, pid_t told)
{
}

static inline int audit_contid_signal_reply(const kuid_t *uid,
					    const pid_t *pid, const u32 *secid,
					    char **data, u32 *len)
{
	return -EINVAL;
}

#endif /* CONFIG_AUDIT_CONTID */

#endif /* _KERNEL_AUDIT_CONTID_H */
