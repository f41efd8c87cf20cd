// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - label tasks and name their ids in events
 *
 * Copyright (C) 2026 Overlay Team
 *
 * A task that carries an id points to an object, one for each life of an id.
 * Children inherit the pointer, nobody can take it off. The object lives on
 * while something that will still be written to the log refers to it, so an
 * id in the log never means two containers at once.
 */

#define pr_fmt(fmt) "audit: " fmt

#include <linux/atomic.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/user.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "audit.h"
#include "audit_contid.h"
#include "audit_records.h"

/* Bits of task_struct::audit_contid_flags, changed atomically by others. */
#define AUDIT_CONTID_CAP	0	/* may label in a user namespace */

/* Records of writers without permission, per user and of all. */
#define AUDIT_CONTID_REFUSED	20
#define AUDIT_CONTID_REFUSED_ALL 200
#define AUDIT_CONTID_PERIOD	(5 * HZ)

/**
 * struct audit_contid - one life of an id
 * @id: the number
 * @refs: one for each task that carries the object, child object, captured
 *        target of a signal, subject of an audit context, signal to auditd,
 *        netns entry, and write in progress
 * @users: tasks that carry the object, and writes in progress that gave it
 *         away; 0 is the end of the life, whatever @refs is
 * @parent: the object the writer carried, counted, or NULL. Constant from
 *          publication on and put by the object's own release, so a chain can
 *          be walked with a reference on its first object or under RCU.
 * @depth: ids in the chain, 1 to AUDIT_CONTID_DEPTH
 * @hashed: @node is in audit_contid_hash; under audit_contid_lock
 * @owner: the thread group that made the object or joined it last, counted;
 *         under audit_contid_lock
 * @node: in audit_contid_hash
 * @nets: the entries of the object, &struct audit_contid_net.in_object; under
 *        audit_contid_lock
 * @rcu: frees the object after a grace period
 *
 * A task's pointer is exchanged by its exit without a lock, else under
 * audit_contid_lock. Whoever reads that of another task, or its own, which a
 * writer may replace at any time, uses RCU and takes a reference with
 * inc-not-zero if it keeps the object.
 *
 * Locks, outermost first; the last two are leaves:
 *
 *   tasklist_lock (read)
 *     task_lock() of the target
 *       audit_contid_lock       irqsave
 *   audit_sig_lock              irqsave
 *
 * tasklist_lock is never taken under task_lock(), which would deadlock
 * against prlimit64(). Under them nothing sleeps, asks an LSM or writes a
 * record, and no reference is dropped that may be the last.
 */
struct audit_contid {
	u64			id;
	refcount_t		refs;
	atomic_t		users;
	struct audit_contid	*parent;
	unsigned int		depth;
	bool			hashed;
	struct pid		*owner;
	struct rhash_head	node;
	struct list_head	nets;
	struct rcu_head		rcu;
};

/**
 * struct audit_contid_net - tasks of one object in one network namespace
 * @object: the object, counted while the entry is in the lists
 * @net: the namespace, kept alive by the tasks
 * @tasks: tasks whose audit_contid_net is this entry; the last one takes the
 *         entry out of both lists under audit_contid_lock
 * @in_net: in the list of @net, newest first; changed under audit_contid_lock,
 *          read under RCU in softirq
 * @in_object: in &struct audit_contid.nets; under audit_contid_lock
 * @rcu: frees the entry after a grace period
 *
 * A task's entry is exchanged by its exit without a lock, else under
 * task_lock() and audit_contid_lock. Whoever takes it out lowers its count.
 */
struct audit_contid_net {
	struct audit_contid	*object;
	struct net		*net;
	refcount_t		tasks;
	struct list_head	in_net;
	struct list_head	in_object;
	struct rcu_head		rcu;
};

/**
 * struct audit_contid_pernet - what a network namespace has
 * @entries: list of &struct audit_contid_net.in_net
 */
struct audit_contid_pernet {
	struct list_head	entries;
};

/**
 * struct audit_contid_change - a write to audit_containerid
 * @target: the task to label
 * @req: what was asked for
 * @spare: entry for the target's network namespace, made in advance
 * @fresh: object for a new id, made in advance
 * @nomem: one of the two could not be made
 * @object: the object the target got; the write pins one user and one
 *          reference of it
 * @old: what the target carried before, counted for the record
 * @dead: entries taken out of their lists, whose objects are still to be put
 * @former: owner before a join, to be put
 * @undone: the target was given @object and exited before it took effect
 */
struct audit_contid_change {
	struct task_struct		*target;
	struct audit_contid_request	req;
	struct audit_contid_net		*spare;
	struct audit_contid		*fresh;
	bool				nomem;
	struct audit_contid		*object;
	struct audit_contid		*old;
	struct audit_contid_net		*dead[2];
	struct pid			*former;
	bool				undone;
};

/**
 * struct audit_signal_info2 - reply to AUDIT_SIGNAL_INFO2
 * @uid: login uid of the sender, or its uid
 * @pid: thread group of the sender
 * @cid_len: bytes of the chain in @data
 * @data: the chain without NUL, then the sender's LSM context
 */
struct audit_signal_info2 {
	u32	uid;
	s32	pid;
	u32	cid_len;
	char	data[];
};

/* Protects the hash, owners and all lists of netns entries. See above. */
static DEFINE_SPINLOCK(audit_contid_lock);

/* Protects what audit.c knows of the last signal to auditd, and this. */
static DEFINE_SPINLOCK(audit_sig_lock);
static struct audit_contid *audit_sig_object;
static unsigned int audit_sig_count;

/* Protects the limit in struct user_struct, and the one of all users. */
static DEFINE_SPINLOCK(audit_contid_refused_lock);
static unsigned long audit_contid_begin;
static unsigned int audit_contid_refused;

static const struct rhashtable_params audit_contid_params = {
	.key_len		= sizeof_field(struct audit_contid, id),
	.key_offset		= offsetof(struct audit_contid, id),
	.head_offset		= offsetof(struct audit_contid, node),
	.automatic_shrinking	= true,
};

static struct rhashtable audit_contid_hash;
static unsigned int audit_contid_net_id __read_mostly;
/* Set once, when nothing can fail any more. */
bool audit_contid_ready __read_mostly;

/*
 * Objects
 */

/**
 * audit_contid_alloc - make an object
 * @id: its number
 * @parent: the object it is nested in, or NULL; its reference is taken over
 *          when the object is made
 * @gfp_mask: how to allocate
 *
 * Return: the object with one reference and no users, NULL without memory.
 * Context: as @gfp_mask allows.
 */
struct audit_contid *audit_contid_alloc(u64 id, struct audit_contid *parent,
					gfp_t gfp_mask)
{
	struct audit_contid *object = kzalloc(sizeof(*object), gfp_mask);

	if (!object)
		return NULL;
	object->id = id;
	object->parent = parent;
	object->depth = parent ? parent->depth + 1 : 1;
	refcount_set(&object->refs, 1);
	INIT_LIST_HEAD(&object->nets);
	return object;
}

static int audit_contid_insert_locked(struct audit_contid *object)
{
	int err;

	lockdep_assert_held(&audit_contid_lock);
	err = rhashtable_insert_fast(&audit_contid_hash, &object->node,
				     audit_contid_params);
	if (err)
		return -ENOMEM;
	object->hashed = true;
	return 0;
}

static void audit_contid_remove_locked(struct audit_contid *object)
{
	lockdep_assert_held(&audit_contid_lock);
	if (!object->hashed)
		return;
	rhashtable_remove_fast(&audit_contid_hash, &object->node,
			       audit_contid_params);
	object->hashed = false;
}

/* Nobody takes the last reference of a hashed object without the lock. */
static struct audit_contid *audit_contid_find_locked(u64 id)
{
	lockdep_assert_held(&audit_contid_lock);
	return rhashtable_lookup_fast(&audit_contid_hash, &id,
				      audit_contid_params);
}

/**
 * audit_contid_insert - make an object known by its id
 * @object: an object whose id is not known
 *
 * Return: 0, or -ENOMEM if the hash could not take it.
 * Context: any, takes audit_contid_lock.
 */
int audit_contid_insert(struct audit_contid *object)
{
	int err;

	scoped_guard(spinlock_irqsave, &audit_contid_lock)
		err = audit_contid_insert_locked(object);
	return err;
}

/**
 * audit_contid_find_get - find an object by its id
 * @id: the number
 *
 * Return: the object with a reference, or NULL if the id is free.
 * Context: any, takes audit_contid_lock.
 */
struct audit_contid *audit_contid_find_get(u64 id)
{
	struct audit_contid *object;

	scoped_guard(spinlock_irqsave, &audit_contid_lock) {
		object = audit_contid_find_locked(id);
		if (object)
			refcount_inc(&object->refs);
	}
	return object;
}

/**
 * audit_contid_put - drop a reference
 * @object: the object, or NULL
 *
 * The last one frees the id. The parent follows in a loop, since a chain of
 * objects may end at once.
 *
 * Context: any; audit_contid_lock is not held. A caller may hold tasklist_lock
 *          for reading.
 */
void audit_contid_put(struct audit_contid *object)
{
	struct audit_contid *parent;
	bool last;

	for (; object; object = parent) {
		if (refcount_dec_not_one(&object->refs))
			return;
		scoped_guard(spinlock_irqsave, &audit_contid_lock) {
			last = refcount_dec_and_test(&object->refs);
			if (last)
				audit_contid_remove_locked(object);
		}
		if (!last)
			return;
		WARN_ON_ONCE(!list_empty(&object->nets));
		parent = object->parent;
		put_pid(object->owner);
		kfree_rcu(object, rcu);
	}
}

static struct audit_contid *audit_contid_tryget(struct audit_contid __rcu **p)
{
	struct audit_contid *object;

	guard(rcu)();
	/* An object that ends here was replaced before: look again. */
	do {
		object = rcu_dereference(*p);
	} while (object && !refcount_inc_not_zero(&object->refs));
	return object;
}

static struct audit_contid *audit_contid_task_get(struct task_struct *task)
{
	return audit_contid_tryget(&task->audit_contid);
}

/* The object of current: once its exit took the pointer, what it left behind. */
static struct audit_contid *audit_contid_current_get(void)
{
	struct audit_contid *object = audit_contid_task_get(current);
	struct audit_context *ctx = audit_context();

	if (!object && ctx && ctx->contid.subject) {
		object = ctx->contid.subject;
		refcount_inc(&object->refs);
	}
	return object;
}

/*
 * Text
 */

/**
 * audit_contid_print - print a chain
 * @object: the innermost object, referenced or under RCU
 * @buf: where to, may be NULL if @size is 0
 * @size: bytes in @buf
 *
 * Return: bytes of the whole chain without NUL, at most AUDIT_CONTID_CHAIN,
 *         even if @size is less.
 * Context: any.
 */
int audit_contid_print(const struct audit_contid *object, char *buf, int size)
{
	char text[24] = ",^", *id = text + 2, *from = id;
	int len = 0, n, room;

	for (; object; object = object->parent) {
		n = id - from + num_to_str(id, text + sizeof(text) - id,
					   object->id, 0);
		room = size - 1 - len;
		if (room >= 0) {
			memcpy(buf + len, from, min(n, room));
			buf[len + min(n, room)] = '\0';
		}
		len += n;
		from = text;
	}
	return len;
}

/**
 * audit_contid_list_print - print one record's worth of a netns list
 * @list: the list
 * @pos: in: the entry after which to go on, @list to begin; out: the last one
 *       printed
 * @buf: where to
 * @size: bytes in @buf; never more than AUDIT_CONTID_LIST and a NUL are used
 *
 * A chain is never broken.
 *
 * Return: bytes printed without NUL, 0 if nothing is left or fits.
 * Context: any, under RCU.
 */
int audit_contid_list_print(const struct list_head *list,
			    const struct list_head **pos, char *buf, int size)
{
	int len = 0;

	size = min(size, AUDIT_CONTID_LIST + 1);
	for (;;) {
		const struct list_head *next;
		struct audit_contid_net *entry;
		int comma = !!len;
		int room = size - len - comma;
		int n;

		next = rcu_dereference(list_next_rcu(*pos));
		if (next == list)
			break;
		entry = list_entry(next, struct audit_contid_net, in_net);
		n = audit_contid_print(entry->object, buf + len + comma,
				       max(room, 0));
		if (n >= room)
			break;
		if (comma)
			buf[len] = ',';
		len += comma + n;
		*pos = next;
	}
	return len;
}

/* An upper limit of what audit_contid_list_print() prints after @pos. */
static int audit_contid_list_size(const struct list_head *list,
				  const struct list_head *pos)
{
	struct audit_contid_net *entry;
	int size = 0;

	for (pos = rcu_dereference(list_next_rcu(pos));
	     pos != list && size < AUDIT_CONTID_LIST;
	     pos = rcu_dereference(list_next_rcu(pos))) {
		entry = list_entry(pos, struct audit_contid_net, in_net);
		size += entry->object->depth * 22;
	}
	return min(size, AUDIT_CONTID_LIST);
}

static int audit_contid_check_length(const char *text, size_t count)
{
	/* The text goes on behind what was looked at. */
	if (count > AUDIT_CONTID_TEXT && strlen(text) == AUDIT_CONTID_TEXT)
		return -EINVAL;
	return 0;
}

/**
 * audit_contid_parse - understand a write to audit_containerid
 * @text: the first AUDIT_CONTID_TEXT bytes of it and a NUL
 * @count: bytes of the whole write
 * @req: result
 *
 * Return: 0; -EINVAL for malformed, empty or too long text; -ERANGE for a
 *         number above 2^64-1.
 * Context: any.
 */
int audit_contid_parse(const char *text, size_t count,
		       struct audit_contid_request *req)
{
	static const char join[] = "join:";
	const char *number = text;
	int err;

	req->join = str_has_prefix(text, join);
	if (req->join)
		number += strlen(join);
	err = kstrtou64(number, 10, &req->id);
	return err ?: audit_contid_check_length(text, count);
}

/**
 * audit_contid_parse_cap - understand a write to audit_capcontainerid
 * @text: the first AUDIT_CONTID_TEXT bytes of it and a NUL
 * @count: bytes of the whole write
 * @value: result, any 32-bit number
 *
 * Return: 0; -EINVAL for malformed, empty or too long text; -ERANGE for a
 *         number above 2^32-1.
 * Context: any.
 */
int audit_contid_parse_cap(const char *text, size_t count, u32 *value)
{
	int err = kstrtou32(text, 10, value);

	return err ?: audit_contid_check_length(text, count);
}

/*
 * Records
 */

/* Gives the event of @ab a CONTAINER_ID, tells whether there is one now. */
static bool audit_contid_add_id(struct audit_buffer *ab, unsigned int n,
				const struct audit_contid *object)
{
	struct audit_records *r = audit_records_of(ab);
	struct sk_buff *skb;

	if (!audit_filter(AUDIT_CONTAINER_ID, AUDIT_FILTER_EXCLUDE))
		return false;
	skb = audit_records_new(r, AUDIT_CONTAINER_ID, 32 + object->depth * 22);
	if (!skb) {
		audit_log_lost("out of memory for the ids of a record");
		return false;
	}
	audit_records_text(skb, "record=");
	audit_records_number(skb, n);
	audit_records_text(skb, " contid=");
	skb_put(skb, audit_contid_print(object, skb_tail_pointer(skb),
					skb_tailroom(skb)));
	audit_records_add(r, skb);
	return true;
}

/* The same for a record that is an event of its own. */
static void audit_contid_add_alone(struct audit_buffer *ab,
				   const struct audit_contid *object)
{
	struct audit_records *r;

	if (!ab || !object)
		return;
	r = audit_records_of(ab);
	if (r->active || !audit_contid_add_id(ab, 1, object))
		return;
	/* The text of user messages is not ours, and our own need no number. */
	if (r->type >= AUDIT_INTEGRITY_DATA && r->type < AUDIT_KERNEL)
		audit_log_format(ab, " record=1");
}

/**
 * audit_contid_log_standalone - name the ids of current in a standalone event
 * @ab: the buffer of a user message or of an integrity record, its text
 *      complete; may be NULL
 *
 * Does nothing in an event that gets a SYSCALL or URINGOP record.
 *
 * Context: process context.
 */
void audit_contid_log_standalone(struct audit_buffer *ab)
{
	struct audit_contid *object;

	if (!ab || audit_records_of(ab)->active)
		return;
	object = audit_contid_current_get();
	audit_contid_add_alone(ab, object);
	audit_contid_put(object);
}

/**
 * audit_contid_log_subject - name the ids of current in its system call event
 * @ab: the buffer of a SYSCALL or URINGOP record, its text complete
 *
 * An event with both has one CONTAINER_ID that both refer to, unless current
 * was labelled in between.
 *
 * Context: process context; does not sleep if @ab was started with GFP_ATOMIC.
 */
void audit_contid_log_subject(struct audit_buffer *ab)
{
	struct audit_contid_context *c = &audit_context()->contid;
	struct audit_contid *object;

	/* each event comes here, most of them are of no container */
	if (likely(!rcu_access_pointer(current->audit_contid) && !c->subject))
		return;
	object = audit_contid_current_get();
	if (!object)
		return;
	if (c->subject_n && c->subject == object) {
		if (!audit_filter(AUDIT_CONTAINER_ID, AUDIT_FILTER_EXCLUDE))
			goto out;
	} else {
		if (!audit_contid_add_id(ab, c->n + 1, object))
			goto out;
		c->subject_n = ++c->n;
		swap(c->subject, object);
	}
	audit_log_format(ab, " record=%u", c->subject_n);
out:
	audit_contid_put(object);
}

/**
 * audit_contid_log_object - name the ids of a signalled or traced task
 * @ab: the buffer of an OBJ_PID record, its text complete
 * @object: object of the task when it was captured, or NULL
 *
 * Context: as @ab was started.
 */
void audit_contid_log_object(struct audit_buffer *ab,
			     const struct audit_contid *object)
{
	struct audit_contid_context *c = &audit_records_of(ab)->ctx->contid;

	if (object && audit_contid_add_id(ab, c->n + 1, object))
		audit_log_format(ab, " record=%u", ++c->n);
}

static struct list_head *audit_contid_net_entries(struct net *net)
{
	struct audit_contid_pernet *pernet;

	pernet = net_generic(net, audit_contid_net_id);
	return &pernet->entries;
}

/**
 * audit_contid_log_net - name the ids of all tasks of a network namespace
 * @ab: the buffer of a packet's record, its text complete and started with a
 *      mask that does not sleep; may be NULL
 * @net: the namespace
 *
 * Anybody can send packets, so what is left out is counted as lost but never
 * panics.
 *
 * Context: any, also softirq.
 */
void audit_contid_log_net(struct audit_buffer *ab, struct net *net)
{
	const struct list_head *list, *pos;
	struct audit_records *r;
	struct sk_buff *skb;
	int n = 0;

	if (!ab || !audit_contid_ready)
		return;

	rcu_read_lock();
	list = audit_contid_net_entries(net);
	if (list_empty(list) ||
	    !audit_filter(AUDIT_CONTAINER_ID, AUDIT_FILTER_EXCLUDE))
		goto out;
	if (audit_backlog_exceeded()) {
		audit_log_lost_quiet("no ids of a packet, backlog limit exceeded");
		goto out;
	}

	r = audit_records_of(ab);
	pos = list;
	while (rcu_dereference(list_next_rcu(pos)) != list) {
		int len;

		if (n == AUDIT_CONTID_LIST_RECORDS) {
			audit_log_lost_quiet("too many ids in the namespace of a packet");
			break;
		}
		skb = audit_records_new(r, AUDIT_CONTAINER_ID,
					32 + audit_contid_list_size(list, pos));
		if (!skb) {
			audit_log_lost_quiet("no ids of a packet, out of memory");
			break;
		}
		audit_records_text(skb, "record=1 contid=");
		len = audit_contid_list_print(list, &pos, skb_tail_pointer(skb),
					      skb_tailroom(skb));
		if (!len) {
			/* the list has just become longer where we stand */
			kfree_skb(skb);
			audit_log_lost_quiet("no ids of a packet, they change");
			break;
		}
		skb_put(skb, len);
		audit_records_add(r, skb);
		n++;
	}
	if (n)
		audit_log_format(ab, " record=1");
out:
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(audit_contid_log_net);

static void audit_contid_log_chain(struct audit_buffer *ab,
				   const struct audit_contid *object)
{
	const char *fmt = "%llu";

	if (!object)
		audit_log_format(ab, "-1");
	for (; object; object = object->parent) {
		audit_log_format(ab, fmt, object->id);
		fmt = ",^%llu";
	}
}

/* Ends a record of ours; @object is what a standalone event belongs to. */
static void audit_contid_log_end(struct audit_buffer *ab,
				 const struct audit_contid *object, bool done)
{
	if (!audit_records_of(ab)->active)
		audit_log_task_info(ab);
	audit_log_format(ab, " res=%d", done);
	audit_contid_add_alone(ab, object);
	audit_log_end(ab);
}

/* The last task of @object has gone. */
static void audit_contid_log_drop(const struct audit_contid *object, pid_t opid)
{
	struct audit_buffer *ab;

	if (!audit_enabled)
		return;
	ab = audit_log_start(audit_context(), GFP_KERNEL, AUDIT_CONTAINER_OP);
	if (!ab)
		return;
	audit_log_format(ab, "op=drop opid=%d contid=-1 old-contid=", opid);
	audit_contid_log_chain(ab, object);
	audit_contid_log_end(ab, object, true);
}

static void audit_contid_log_op(const struct audit_contid_change *c, bool done)
{
	struct audit_contid *object;
	struct audit_buffer *ab;

	ab = audit_log_start(audit_context(), GFP_KERNEL, AUDIT_CONTAINER_OP);
	if (!ab)
		return;
	audit_log_format(ab, "op=%s opid=%d contid=%llu old-contid=",
			 c->req.join ? "join" : "set",
			 task_tgid_nr(c->target), c->req.id);
	audit_contid_log_chain(ab, c->old);
	object = audit_contid_current_get();
	audit_contid_log_end(ab, object, done);
	audit_contid_put(object);
}

static void audit_contid_log_cap(struct task_struct *target, u32 value,
				 bool old, bool done)
{
	struct audit_contid *object;
	struct audit_buffer *ab;

	ab = audit_log_start(audit_context(), GFP_KERNEL, AUDIT_CONTAINER_CAP);
	if (!ab)
		return;
	audit_log_format(ab, "opid=%d capcontid=%u old-capcontid=%d",
			 task_tgid_nr(target), value, old);
	object = audit_contid_current_get();
	audit_contid_log_end(ab, object, done);
	audit_contid_put(object);
}

/* One more within the period that has begun? */
static bool audit_contid_within(unsigned long *begin, unsigned int *n,
				unsigned int limit)
{
	lockdep_assert_held(&audit_contid_refused_lock);
	if (!*n || !time_in_range(jiffies, *begin,
				  *begin + AUDIT_CONTID_PERIOD - 1)) {
		*begin = jiffies;
		*n = 0;
	}
	if (*n >= limit)
		return false;
	++*n;
	return true;
}

/*
 * Is this write to be recorded? Anybody can fail for want of permission, so
 * a user gets a limited number of records of that kind, and so do all users:
 * root in a container can be any of its users.
 */
static bool audit_contid_may_report(bool permitted)
{
	struct user_struct *user = current_user();

	if (!audit_enabled)
		return false;
	if (permitted)
		return true;

	scoped_guard(spinlock, &audit_contid_refused_lock) {
		if (audit_contid_within(&user->audit_contid_begin,
					&user->audit_contid_refused,
					AUDIT_CONTID_REFUSED) &&
		    audit_contid_within(&audit_contid_begin,
					&audit_contid_refused,
					AUDIT_CONTID_REFUSED_ALL))
			return true;
	}
	audit_log_lost_quiet("too many refused writes of an audit container id");
	return false;
}

/* Ends @n uses of @object by tasks of thread group @opid. */
static void audit_contid_unuse(struct audit_contid *object, int n, pid_t opid)
{
	if (atomic_sub_and_test(n, &object->users))
		audit_contid_log_drop(object, opid);
}

/*
 * Network namespaces
 */

/**
 * audit_contid_net_alloc - make an entry that is in no list
 * @object: its object, not counted here; NULL to set it later
 * @gfp_mask: how to allocate
 *
 * Return: the entry, NULL without memory.
 * Context: as @gfp_mask allows.
 */
struct audit_contid_net *audit_contid_net_alloc(struct audit_contid *object,
						gfp_t gfp_mask)
{
	struct audit_contid_net *entry = kzalloc(sizeof(*entry), gfp_mask);

	if (entry)
		entry->object = object;
	return entry;
}

/**
 * audit_contid_net_list - put an entry at the head of a netns list
 * @entry: the entry
 * @list: the list
 *
 * Context: any, the list is not changed by others meanwhile.
 */
void audit_contid_net_list(struct audit_contid_net *entry,
			   struct list_head *list)
{
	list_add_rcu(&entry->in_net, list);
}

/**
 * audit_contid_net_free - free an entry nobody sees any more
 * @entry: the entry, or NULL
 *
 * Context: any.
 */
void audit_contid_net_free(struct audit_contid_net *entry)
{
	kfree(entry);
}

/*
 * The entry of @object in @net would be in the list of either. A host may have
 * very many objects in one namespace, a container may make very many namespaces
 * for its object: walked side by side, the shorter list ends the search.
 */
static struct audit_contid_net *
audit_contid_net_find_locked(struct audit_contid *object, struct net *net)
{
	const struct list_head *nets = &object->nets, *a = nets;
	const struct list_head *objects = audit_contid_net_entries(net);
	const struct list_head *b = objects;

	lockdep_assert_held(&audit_contid_lock);
	while ((a = a->next) != nets && (b = b->next) != objects) {
		struct audit_contid_net *entry;

		entry = list_entry(a, struct audit_contid_net, in_object);
		if (entry->net == net)
			return entry;
		entry = list_entry(b, struct audit_contid_net, in_net);
		if (entry->object == object)
			return entry;
	}
	return NULL;
}

/* The same with its count raised, or made of @spare. */
static struct audit_contid_net *
audit_contid_net_get_locked(struct audit_contid *object, struct net *net,
			    struct audit_contid_net **spare)
{
	struct audit_contid_net *entry = audit_contid_net_find_locked(object, net);

	if (entry) {
		refcount_inc(&entry->tasks);
		return entry;
	}
	entry = *spare;
	if (!entry)
		return NULL;
	*spare = NULL;
	refcount_inc(&object->refs);
	entry->object = object;
	entry->net = net;
	refcount_set(&entry->tasks, 1);
	list_add(&entry->in_object, &object->nets);
	audit_contid_net_list(entry, audit_contid_net_entries(net));
	return entry;
}

static void audit_contid_net_unlink_locked(struct audit_contid_net *entry)
{
	lockdep_assert_held(&audit_contid_lock);
	list_del(&entry->in_object);
	list_del_rcu(&entry->in_net);
}

/* After unlock: the object at once, else the id would stay reserved. */
static void audit_contid_net_bury(struct audit_contid_net *entry)
{
	if (!entry)
		return;
	audit_contid_put(entry->object);
	kfree_rcu(entry, rcu);
}

/* A task that has ended goes, without the locks of the functions below. */
static void audit_contid_net_leave(struct audit_contid_net *entry)
{
	bool last;

	if (!entry || refcount_dec_not_one(&entry->tasks))
		return;
	scoped_guard(spinlock_irqsave, &audit_contid_lock) {
		last = refcount_dec_and_test(&entry->tasks);
		if (last)
			audit_contid_net_unlink_locked(entry);
	}
	if (last)
		audit_contid_net_bury(entry);
}

/*
 * Gives @task the entry of @object in @net, or none if either is NULL. An
 * entry that has lost its last task is unlinked and left in @dead for
 * audit_contid_net_bury(). False if there was no memory for the new one.
 */
static bool audit_contid_net_exchange_locked(struct task_struct *task,
					     struct audit_contid *object,
					     struct net *net,
					     struct audit_contid_net **spare,
					     struct audit_contid_net **dead)
{
	struct audit_contid_net *old, *new = NULL;

	lockdep_assert_held(&task->alloc_lock);
	lockdep_assert_held(&audit_contid_lock);
	*dead = NULL;
	if (object && net) {
		/* exit cannot end the entry's last count without the lock */
		old = READ_ONCE(task->audit_contid_net);
		if (old && old->object == object && old->net == net)
			return true;
		new = audit_contid_net_get_locked(object, net, spare);
	}
	old = xchg(&task->audit_contid_net, new);
	if (old && refcount_dec_and_test(&old->tasks)) {
		audit_contid_net_unlink_locked(old);
		*dead = old;
	}
	return new || !object || !net;
}

static struct net *audit_contid_net_of(struct task_struct *task)
{
	lockdep_assert_held(&task->alloc_lock);
	return task->nsproxy ? task->nsproxy->net_ns : NULL;
}

/**
 * __audit_contid_switch_net - follow a task to its network namespace
 * @p: current, or a child that does not run yet
 *
 * Without memory the task belongs to no list until its next change of
 * namespaces.
 *
 * Context: process context, may sleep; takes task_lock() and
 *          audit_contid_lock.
 */
void __audit_contid_switch_net(struct task_struct *p)
{
	struct audit_contid_net *spare, *dead;
	struct audit_contid *object;
	bool done;

	spare = audit_contid_net_alloc(NULL, GFP_KERNEL);
	task_lock(p);
	scoped_guard(spinlock_irqsave, &audit_contid_lock) {
		object = rcu_dereference_protected(p->audit_contid,
						   lockdep_is_held(&audit_contid_lock));
		done = audit_contid_net_exchange_locked(p, object,
							audit_contid_net_of(p),
							&spare, &dead);
	}
	task_unlock(p);
	audit_contid_net_bury(dead);
	audit_contid_net_free(spare);
	if (!done)
		audit_log_lost("out of memory for the ids of a network namespace");
}

static int __net_init audit_contid_net_init(struct net *net)
{
	INIT_LIST_HEAD(audit_contid_net_entries(net));
	return 0;
}

static void __net_exit audit_contid_net_exit(struct net *net)
{
	WARN_ON_ONCE(!list_empty(audit_contid_net_entries(net)));
}

static struct pernet_operations audit_contid_net_ops = {
	.init	= audit_contid_net_init,
	.exit	= audit_contid_net_exit,
	.id	= &audit_contid_net_id,
	.size	= sizeof(struct audit_contid_pernet),
};

/*
 * Life of a task
 */

/**
 * __audit_contid_fork - let a child inherit
 * @p: the child, attached to no pid yet
 * @clone_flags: CLONE_* of the fork
 *
 * Labelling holds tasklist_lock for reading, so the object of current and its
 * entry do not change here.
 *
 * Context: atomic, tasklist_lock is held for writing; takes no lock.
 */
void __audit_contid_fork(struct task_struct *p, __u64 clone_flags)
{
	struct audit_contid_net *entry = current->audit_contid_net;
	struct audit_contid *object;

	if (p->flags & PF_KTHREAD)
		return;
	if (clone_flags & CLONE_THREAD)
		p->audit_contid_flags = READ_ONCE(current->audit_contid_flags);

	object = rcu_dereference_protected(current->audit_contid,
					   lockdep_is_held(&tasklist_lock));
	if (!object)
		return;
	atomic_inc(&object->users);
	refcount_inc(&object->refs);
	rcu_assign_pointer(p->audit_contid, object);
	if (entry && p->nsproxy->net_ns == entry->net) {
		refcount_inc(&entry->tasks);
		p->audit_contid_net = entry;
	}
}

/**
 * __audit_contid_exit - take the object from a task that ends
 * @tsk: current
 *
 * signal->live was lowered before: a writer that does not see that yet had its
 * object found here, one that does takes it back.
 *
 * The records of the exit itself are still to come, so the audit context keeps
 * the reference, and with it the id, until they are out.
 *
 * Context: process context, may sleep.
 */
void __audit_contid_exit(struct task_struct *tsk)
{
	struct audit_context *ctx = audit_context();
	struct audit_contid *object;

	object = unrcu_pointer(xchg(&tsk->audit_contid, NULL));
	/* a writer took it back in the meantime, and the entry with it */
	if (!object)
		return;

	audit_contid_net_leave(xchg(&tsk->audit_contid_net, NULL));

	if (ctx && ctx->contid.subject == object) {
		audit_contid_put(object);
	} else if (ctx) {
		audit_contid_put(ctx->contid.subject);
		ctx->contid.subject = object;
		ctx->contid.subject_n = 0;
	}
	audit_contid_unuse(object, 1, task_tgid_nr(tsk));
	if (!ctx)
		audit_contid_put(object);
}

/**
 * __audit_contid_reset - forget the event of an audit context
 * @c: part of the context
 *
 * Context: process context.
 */
void __audit_contid_reset(struct audit_contid_context *c)
{
	audit_contid_put(c->subject);
	audit_contid_put(c->target);
	*c = (struct audit_contid_context) { };
}

/**
 * audit_contid_target_set - capture the object of a signalled or traced task
 * @ctx: current's audit context
 * @t: the task
 *
 * Context: any that may be under a read-locked tasklist_lock.
 */
void audit_contid_target_set(struct audit_context *ctx, struct task_struct *t)
{
	audit_contid_put(ctx->contid.target);
	ctx->contid.target = audit_contid_task_get(t);
}

/**
 * audit_contid_slot_set - capture the object of a further signalled task
 * @slots: part of a block of such tasks
 * @i: number of the task in the block, from 0; its slot is empty
 * @t: the task
 *
 * Context: any that may be under a read-locked tasklist_lock.
 */
void audit_contid_slot_set(struct audit_contid_slots *slots, int i,
			   struct task_struct *t)
{
	slots->object[i] = audit_contid_task_get(t);
}

/**
 * audit_contid_slots_put - drop the references of a block
 * @slots: part of the block, which is about to be freed
 *
 * Context: process context.
 */
void audit_contid_slots_put(struct audit_contid_slots *slots)
{
	int i;

	for (i = 0; i < AUDIT_CONTID_SLOTS; i++)
		audit_contid_put(slots->object[i]);
}

/*
 * Writes and reads
 */

/* Is current's thread group an ancestor of @t's? Under RCU or tasklist_lock. */
static bool audit_contid_descends(struct task_struct *t)
{
	/* a task that was reaped points to whatever its parent was then */
	if (!pid_alive(t))
		return false;
	t = t->group_leader;
	while (t->pid) {
		t = rcu_dereference_check(t->real_parent,
					  lockdep_is_held(&tasklist_lock));
		t = t->group_leader;
		if (same_thread_group(t, current))
			return true;
	}
	return false;
}

/* The opener is asked too: a descriptor that was passed on gives no power. */
static bool audit_contid_permitted(struct file *file, bool delegated)
{
	struct user_namespace *ns = current_user_ns();

	if (current->flags & PF_KTHREAD)
		return false;
	if (ns != &init_user_ns &&
	    !(delegated && test_bit(AUDIT_CONTID_CAP,
				    &current->audit_contid_flags)))
		return false;
	return ns_capable(ns, CAP_AUDIT_CONTROL) &&
	       file_ns_capable(file, ns, CAP_AUDIT_CONTROL);
}

static bool audit_contid_readable(struct file *file, struct task_struct *task)
{
	if (!audit_contid_permitted(file, true))
		return false;
	if (current_user_ns() == &init_user_ns ||
	    same_thread_group(task, current))
		return true;
	guard(rcu)();
	return audit_contid_descends(task);
}

/* Does somebody of the thread group run? Under tasklist_lock. */
static bool audit_contid_owner_lives(struct pid *owner)
{
	struct task_struct *task = pid_task(owner, PIDTYPE_TGID);

	return task && atomic_read(&task->signal->live);
}

/* The object for the target, one user and reference for it and for us. */
static int audit_contid_set_locked(struct audit_contid_change *c,
				   struct audit_contid *mine)
{
	struct audit_contid *object = audit_contid_find_locked(c->req.id);
	int err;

	if (object) {
		if (object->owner != task_tgid(current) ||
		    object->parent != mine || !atomic_read(&object->users))
			return -ENOTUNIQ;
		if (c->nomem)
			return -ENOMEM;
		if (!atomic_add_unless(&object->users, 2, 0))
			return -ENOTUNIQ;
		refcount_add(2, &object->refs);
		c->object = object;
		return 0;
	}

	if (c->nomem)
		return -ENOMEM;
	object = c->fresh;
	err = audit_contid_insert_locked(object);
	if (err)
		return err;
	if (mine) {
		refcount_inc(&mine->refs);
		object->parent = mine;
		object->depth = mine->depth + 1;
	}
	object->owner = get_pid(task_tgid(current));
	atomic_set(&object->users, 2);
	refcount_set(&object->refs, 2);
	c->object = object;
	return 0;
}

static int audit_contid_join_locked(struct audit_contid_change *c,
				    struct audit_contid *mine)
{
	struct audit_contid *object = audit_contid_find_locked(c->req.id);

	if (!object || !atomic_read(&object->users))
		return -ENOENT;
	if (object->owner != task_tgid(current) &&
	    audit_contid_owner_lives(object->owner))
		return -ENOTUNIQ;
	if (object->parent != mine)
		return -EPERM;
	if (c->nomem)
		return -ENOMEM;
	if (!atomic_add_unless(&object->users, 2, 0))
		return -ENOENT;
	refcount_add(2, &object->refs);
	c->object = object;
	return 0;
}

/*
 * Point of no return of a write. The target may exit at any moment: its exit
 * lowers signal->live, then takes the pointer, so one of us sees the other.
 */
static int audit_contid_publish_locked(struct audit_contid_change *c,
				       struct audit_contid *was)
{
	struct task_struct *target = c->target;
	struct audit_contid __rcu **p = &target->audit_contid;
	struct audit_contid *seen;

	audit_contid_net_exchange_locked(target, c->object,
					 audit_contid_net_of(target),
					 &c->spare, &c->dead[0]);
	seen = unrcu_pointer(cmpxchg(p, RCU_INITIALIZER(was),
				     RCU_INITIALIZER(c->object)));
	if (seen == was) {
		smp_mb();	/* pairs with atomic_dec_and_test() in do_exit() */
		if (atomic_read(&target->signal->live))
			return 0;
		seen = unrcu_pointer(cmpxchg(p, RCU_INITIALIZER(c->object),
					     RCU_INITIALIZER(was)));
		/* the exit hook has the label, and will take it off */
		if (seen != c->object)
			return 0;
	}

	audit_contid_net_exchange_locked(target, NULL, NULL, &c->spare,
					 &c->dead[1]);
	if (c->object == c->fresh)
		audit_contid_remove_locked(c->object);
	c->undone = true;
	return -ESRCH;
}

static int audit_contid_label_locked(struct audit_contid_change *c)
{
	struct task_struct *target = c->target;
	struct audit_contid *mine, *was;
	int err;

	lockdep_assert_held(&tasklist_lock);
	lockdep_assert_held(&target->alloc_lock);
	lockdep_assert_held(&audit_contid_lock);

	mine = rcu_dereference_protected(current->audit_contid,
					 lockdep_is_held(&audit_contid_lock));
	was = rcu_dereference_protected(target->audit_contid,
					lockdep_is_held(&audit_contid_lock));

	if (target->exit_state || !atomic_read(&target->signal->live))
		return -ESRCH;
	/* its last reference is not dropped without the lock */
	if (was)
		refcount_inc(&was->refs);
	c->old = was;

	if (!list_empty(&target->children) || !thread_group_leader(target) ||
	    get_nr_threads(target) > 1)
		return -EBUSY;
	if (same_thread_group(target, current) || !audit_contid_descends(target))
		return -EXDEV;
	if (was != mine)
		return -EEXIST;
	if (mine && mine->depth >= AUDIT_CONTID_DEPTH)
		return -ENOSPC;

	err = c->req.join ? audit_contid_join_locked(c, mine) :
			    audit_contid_set_locked(c, mine);
	if (err)
		return err;
	err = audit_contid_publish_locked(c, was);
	if (!err && c->req.join) {
		c->former = c->object->owner;
		c->object->owner = get_pid(task_tgid(current));
	}
	return err;
}

static int audit_contid_label(struct audit_contid_change *c)
{
	int err;

	c->spare = audit_contid_net_alloc(NULL, GFP_KERNEL);
	if (!c->req.join)
		c->fresh = audit_contid_alloc(c->req.id, NULL, GFP_KERNEL);
	c->nomem = !c->spare || (!c->req.join && !c->fresh);

	read_lock(&tasklist_lock);
	task_lock(c->target);
	scoped_guard(spinlock_irqsave, &audit_contid_lock)
		err = audit_contid_label_locked(c);
	task_unlock(c->target);
	read_unlock(&tasklist_lock);

	audit_contid_net_bury(c->dead[0]);
	audit_contid_net_bury(c->dead[1]);
	audit_contid_net_free(c->spare);
	put_pid(c->former);
	/* never published, or else c->object */
	if (c->fresh != c->object)
		audit_contid_put(c->fresh);
	return err;
}

/* Ends a write to which audit_contid_label() gave an object. */
static void audit_contid_release(struct audit_contid_change *c)
{
	pid_t opid = task_tgid_nr(c->target);

	if (c->object && c->undone) {
		/* a fresh one was never seen, so its end is not told either */
		if (c->object != c->fresh)
			audit_contid_unuse(c->object, 2, opid);
		audit_contid_put(c->object);
	} else if (c->object) {
		audit_contid_unuse(c->object, 1, opid);
	}
	audit_contid_put(c->object);
	audit_contid_put(c->old);
}

static int audit_contid_copy_text(char *text, const char __user *ubuf,
				  size_t count)
{
	size_t len = min_t(size_t, count, AUDIT_CONTID_TEXT);

	if (copy_from_user(text, ubuf, len))
		return -EFAULT;
	text[len] = '\0';
	return 0;
}

/**
 * audit_contid_write - label a task
 * @file: the open audit_containerid of @target
 * @target: the task
 * @ubuf: text, "<u64>" or "join:<u64>"
 * @count: bytes of it
 * @pos: position in the file
 *
 * Return: @count, or
 *  -ESRCH: the target has ended;
 *  -EINVAL: @pos is not 0, malformed text, or the number that means unset;
 *  -EFAULT: text not readable;
 *  -ERANGE: number above 2^64-1;
 *  -ENOPROTOOPT: audit is not initialised, or a kernel thread;
 *  -EPERM: no permission, or join of an object of another level;
 *  -EBUSY: the target has children or threads, or is a thread;
 *  -EXDEV: the target does not descend from the writer;
 *  -EEXIST: the target carries another object than the writer;
 *  -ENOSPC: the writer's chain is full;
 *  -ENOTUNIQ: the id is known and not to be had by this writer;
 *  -ENOENT: no life of the id to join;
 *  -ENOMEM: no memory.
 * Context: process context, may sleep; no lock is held.
 */
ssize_t audit_contid_write(struct file *file, struct task_struct *target,
			   const char __user *ubuf, size_t count, loff_t pos)
{
	struct audit_contid_change c = { .target = target };
	char text[AUDIT_CONTID_TEXT + 1];
	bool permitted;
	int err;

	if (pos)
		return -EINVAL;
	err = audit_contid_copy_text(text, ubuf, count);
	if (!err)
		err = audit_contid_parse(text, count, &c.req);
	if (err)
		return err;
	if (!audit_contid_ready || target->flags & PF_KTHREAD)
		return -ENOPROTOOPT;

	/* asked first because it also decides which records are limited */
	permitted = audit_contid_permitted(file, !c.req.join);
	if (c.req.id == AUDIT_CID_UNSET)
		err = -EINVAL;
	else if (!permitted)
		err = -EPERM;
	if (err)
		c.old = audit_contid_task_get(target);
	else
		err = audit_contid_label(&c);

	/* what the target carried before */
	if (!err && c.old) {
		audit_contid_unuse(c.old, 1, task_tgid_nr(target));
		audit_contid_put(c.old);
	}
	/* op=set comes before any op=drop of this life: we hold a user */
	if (err != -ESRCH && audit_contid_may_report(permitted))
		audit_contid_log_op(&c, !err);
	audit_contid_release(&c);
	return err ?: count;
}

/**
 * audit_contid_read - show the innermost id of a task
 * @file: the open audit_containerid of @task
 * @task: the task
 * @buf: where to
 * @size: bytes in @buf, at least 21
 *
 * Return: bytes of the number without NUL, -EPERM without permission.
 * Context: process context.
 */
int audit_contid_read(struct file *file, struct task_struct *task, char *buf,
		      int size)
{
	const struct audit_contid *object;
	u64 id = AUDIT_CID_UNSET;

	if (!audit_contid_readable(file, task))
		return -EPERM;
	scoped_guard(rcu) {
		object = rcu_dereference(task->audit_contid);
		if (object)
			id = object->id;
	}
	return scnprintf(buf, size, "%llu", id);
}

static bool audit_contid_has_cap(struct task_struct *task)
{
	return test_bit(AUDIT_CONTID_CAP, &task->audit_contid_flags) &&
	       atomic_read(&task->signal->live);
}

/* The flag belongs to the process, a thread just being made included. */
static int audit_contid_set_cap(struct task_struct *target, bool held, bool *old)
{
	struct task_struct *t;
	int err = 0;

	read_lock(&tasklist_lock);
	*old = audit_contid_has_cap(target);
	if (!pid_alive(target) || !atomic_read(&target->signal->live)) {
		err = -ESRCH;
	} else if (same_thread_group(target, current) ||
		   !audit_contid_descends(target)) {
		err = -EXDEV;
	} else {
		for_each_thread(target, t)
			assign_bit(AUDIT_CONTID_CAP, &t->audit_contid_flags,
				   held);
	}
	read_unlock(&tasklist_lock);
	return err;
}

/**
 * audit_contid_write_cap - pass on or take back the right to label
 * @file: the open audit_capcontainerid of @target
 * @target: a task of the process
 * @ubuf: text, "1" or "0"
 * @count: bytes of it
 * @pos: position in the file
 *
 * Return: @count, or
 *  -ESRCH: the target has ended;
 *  -EINVAL: @pos is not 0, malformed text, or a number above 1;
 *  -EFAULT: text not readable;
 *  -ERANGE: number above 2^32-1;
 *  -ENOPROTOOPT: audit is not initialised, or a kernel thread;
 *  -EPERM: no permission;
 *  -EXDEV: the target does not descend from the writer.
 * Context: process context, may sleep; no lock is held.
 */
ssize_t audit_contid_write_cap(struct file *file, struct task_struct *target,
			       const char __user *ubuf, size_t count,
			       loff_t pos)
{
	char text[AUDIT_CONTID_TEXT + 1];
	bool permitted, old;
	u32 value;
	int err;

	if (pos)
		return -EINVAL;
	err = audit_contid_copy_text(text, ubuf, count);
	if (!err)
		err = audit_contid_parse_cap(text, count, &value);
	if (err)
		return err;
	if (!audit_contid_ready || target->flags & PF_KTHREAD)
		return -ENOPROTOOPT;

	old = audit_contid_has_cap(target);
	permitted = audit_contid_permitted(file, true);
	if (value > 1)
		err = -EINVAL;
	else if (!permitted)
		err = -EPERM;
	else
		err = audit_contid_set_cap(target, value, &old);
	if (err != -ESRCH && audit_contid_may_report(permitted))
		audit_contid_log_cap(target, value, old, !err);
	return err ?: count;
}

/**
 * audit_contid_read_cap - may a process label in its user namespace?
 * @file: the open audit_capcontainerid of @task
 * @task: a task of the process
 *
 * Return: 1 if it holds the flag, 0 if not, -EPERM without permission.
 * Context: process context.
 */
int audit_contid_read_cap(struct file *file, struct task_struct *task)
{
	if (!audit_contid_readable(file, task))
		return -EPERM;
	return audit_contid_has_cap(task);
}

/*
 * Rules
 */

/**
 * audit_contid_contains - is an id in a chain?
 * @object: the innermost object, referenced or under RCU; NULL is no chain
 * @id: the number
 *
 * Return: true if a member of the chain has the id; for AUDIT_CID_UNSET, if
 *         there is no chain.
 * Context: any.
 */
bool audit_contid_contains(const struct audit_contid *object, u64 id)
{
	if (id == AUDIT_CID_UNSET)
		return !object;
	for (; object; object = object->parent)
		if (object->id == id)
			return true;
	return false;
}

/**
 * audit_contid_field_match - does current fulfil a field of a rule?
 * @f: the field
 *
 * In an interrupt current is a bystander, and no answer is right.
 *
 * Return: 1 if it does, else 0.
 * Context: any.
 */
int audit_contid_field_match(const struct audit_field *f)
{
	struct audit_contid *object;
	struct audit_context *ctx;

	if (!in_task())
		return 0;
	guard(rcu)();
	object = rcu_dereference(current->audit_contid);
	ctx = audit_context();
	if (!object && ctx)
		object = ctx->contid.subject;
	return audit_comparator(audit_contid_contains(object, f->contid),
				f->op, true);
}

/**
 * audit_contid_field_unpack - take the value of a field from a rule's buffer
 * @f: the field
 * @len: bytes the rule says the value has
 * @bufp: where the buffer goes on, moved
 * @remain: bytes left in the buffer, lowered
 *
 * Return: 0, or -EINVAL if it is not 8 bytes or the buffer is too short.
 * Context: any.
 */
int audit_contid_field_unpack(struct audit_field *f, u32 len, void **bufp,
			      size_t *remain)
{
	if (len != sizeof(f->contid) || len > *remain)
		return -EINVAL;
	memcpy(&f->contid, *bufp, len);
	*bufp += len;
	*remain -= len;
	return 0;
}

/**
 * audit_contid_field_pack - put the value of a field into a rule's buffer
 * @f: the field
 * @bufp: where to, moved
 *
 * Return: bytes written.
 * Context: any.
 */
u32 audit_contid_field_pack(const struct audit_field *f, void **bufp)
{
	memcpy(*bufp, &f->contid, sizeof(f->contid));
	*bufp += sizeof(f->contid);
	return sizeof(f->contid);
}

/**
 * audit_contid_field_differs - do two fields have different values?
 * @a: a field
 * @b: another
 *
 * Return: true if any of the 64 bits differs.
 * Context: any.
 */
bool audit_contid_field_differs(const struct audit_field *a,
				const struct audit_field *b)
{
	return a->contid != b->contid;
}

/*
 * Signals to auditd
 */

/**
 * audit_contid_signal - note who sends auditd a signal
 * @t: the receiver
 * @uid: where audit.c keeps the login uid of the sender, or its uid
 * @pid: where it keeps the thread group of the sender
 * @secid: where it keeps the LSM id of the sender
 *
 * Until somebody asks, the object is held, and its id not used again.
 *
 * Return: true, everything is noted.
 * Context: any that may be under a read-locked tasklist_lock; takes
 *          audit_sig_lock.
 */
bool audit_contid_signal(struct task_struct *t, kuid_t *uid, pid_t *pid,
			 u32 *secid)
{
	struct audit_contid *object = audit_contid_current_get();
	kuid_t auid = audit_get_loginuid(current);
	u32 id = 0;

	security_current_getsecid_subj(&id);
	scoped_guard(spinlock_irqsave, &audit_sig_lock) {
		/* a connection that ends drops the hold after this, or sees it */
		if (auditd_test_task(t)) {
			*uid = uid_valid(auid) ? auid : current_uid();
			*pid = task_tgid_nr(current);
			*secid = id;
			swap(audit_sig_object, object);
			audit_sig_count++;
		}
	}
	audit_contid_put(object);
	return true;
}

/**
 * audit_contid_signal_release - end the hold of the last signal to auditd
 *
 * Context: any, takes audit_sig_lock.
 */
void audit_contid_signal_release(void)
{
	struct audit_contid *object = NULL;

	scoped_guard(spinlock_irqsave, &audit_sig_lock)
		swap(audit_sig_object, object);
	audit_contid_put(object);
}

/**
 * audit_contid_signal_answered - end the hold of a signal that was told
 * @pid: where audit.c keeps the thread group of the sender
 * @told: the one that was told
 *
 * For AUDIT_SIGNAL_INFO. The hold stays if somebody else has sent a signal
 * since: that one is still to be asked for.
 *
 * Context: any, takes audit_sig_lock.
 */
void audit_contid_signal_answered(const pid_t *pid, pid_t told)
{
	struct audit_contid *object = NULL;

	scoped_guard(spinlock_irqsave, &audit_sig_lock) {
		if (*pid == told)
			swap(audit_sig_object, object);
	}
	audit_contid_put(object);
}

/**
 * audit_contid_signal_reply - answer AUDIT_SIGNAL_INFO2
 * @uid: where audit.c keeps the login uid of the sender, or its uid
 * @pid: where it keeps the thread group of the sender
 * @secid: where it keeps the LSM id of the sender
 * @data: result, to be freed with kfree()
 * @len: bytes of it
 *
 * Ends the hold if it is still of the same signal.
 *
 * Return: 0; -ENOMEM; an error of the LSM.
 * Context: process context, may sleep; takes audit_sig_lock.
 */
int audit_contid_signal_reply(const kuid_t *uid, const pid_t *pid,
			      const u32 *secid, char **data, u32 *len)
{
	struct audit_signal_info2 head = { };
	struct audit_signal_info2 *info;
	struct audit_contid *object, *held = NULL;
	char *ctx = NULL;
	unsigned int count;
	u32 ctx_len = 0;
	u32 id;
	int err = 0;

	scoped_guard(spinlock_irqsave, &audit_sig_lock) {
		head.uid = from_kuid(&init_user_ns, *uid);
		head.pid = *pid;
		id = *secid;
		count = audit_sig_count;
		object = audit_sig_object;
		if (object)
			refcount_inc(&object->refs);
	}

	if (id)
		err = security_secid_to_secctx(id, &ctx, &ctx_len);
	if (err)
		goto out;
	if (object)
		head.cid_len = audit_contid_print(object, NULL, 0);

	/* one more byte for the NUL that is printed and not sent */
	*len = struct_size(info, data, head.cid_len + ctx_len);
	info = kzalloc(*len + 1, GFP_KERNEL);
	if (info) {
		*info = head;
		if (object)
			audit_contid_print(object, info->data,
					   head.cid_len + 1);
		memcpy(info->data + head.cid_len, ctx, ctx_len);
		*data = (char *)info;
	} else {
		err = -ENOMEM;
	}
	if (id)
		security_release_secctx(ctx, ctx_len);

	scoped_guard(spinlock_irqsave, &audit_sig_lock) {
		if (!err && count == audit_sig_count)
			swap(audit_sig_object, held);
	}
	audit_contid_put(held);
out:
	audit_contid_put(object);
	return err;
}

/**
 * audit_contid_init - make labelling possible
 *
 * Without memory every write is -ENOPROTOOPT.
 *
 * Context: boot, may sleep.
 */
void __init audit_contid_init(void)
{
	int err = rhashtable_init(&audit_contid_hash, &audit_contid_params);

	if (!err) {
		err = register_pernet_subsys(&audit_contid_net_ops);
		if (err)
			rhashtable_destroy(&audit_contid_hash);
	}
	if (err)
		pr_err("no audit container identifiers: %pe\n", ERR_PTR(err));
	else
		audit_contid_ready = true;
}
