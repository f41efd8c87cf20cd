/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Audit container identifiers - hooks
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The uapi header <linux/audit.h> includes this file, so neither
 * <linux/audit.h> nor <linux/sched.h> can be included here. What looks into
 * struct task_struct is a macro for that reason.
 */
#ifndef _LINUX_AUDIT_CONTID_H
#define _LINUX_AUDIT_CONTID_H

#include <uapi/linux/audit_contid.h>

struct audit_buffer;
struct audit_contid;
struct audit_contid_net;
struct file;
struct net;
struct task_struct;

#ifdef CONFIG_AUDIT_CONTID

/* Members, labels and calls, or entries of a list, that vanish when off. */
#define AUDIT_CONTID_ONLY(...) __VA_ARGS__
#define AUDIT_CONTID_ENTRY(...) __VA_ARGS__,

#define AUDIT_CONTID_FEATURES AUDIT_FEATURE_BITMAP_CONTAINERID

extern const struct file_operations proc_audit_containerid_operations;
extern const struct file_operations proc_audit_capcontainerid_operations;

void __audit_contid_fork(struct task_struct *p, __u64 clone_flags);
void __audit_contid_exit(struct task_struct *tsk);
void __audit_contid_switch_net(struct task_struct *p);

/* copy_process(), before anything can fail: the copy owns nothing yet. */
#define audit_contid_fork_init(p)					\
	do {								\
		struct task_struct *__p = (p);				\
									\
		RCU_INIT_POINTER(__p->audit_contid, NULL);		\
		__p->audit_contid_net = NULL;				\
		__p->audit_contid_flags = 0;				\
	} while (0)

/* copy_process(), when it cannot fail any more, tasklist_lock held. */
#define audit_contid_fork(p, clone_flags)				\
	do {								\
		if (unlikely((unsigned long)				\
			     rcu_access_pointer(current->audit_contid) | \
			     current->audit_contid_flags))		\
			__audit_contid_fork(p, clone_flags);		\
	} while (0)

/* copy_process(), before the child runs. */
#define audit_contid_post_fork(p, clone_flags)				\
	do {								\
		if (unlikely((clone_flags) & CLONE_NEWNET))		\
			audit_contid_switch_net(p);			\
	} while (0)

/* do_exit(), after the decrement of signal->live, before audit_free(). */
#define audit_contid_exit(tsk)						\
	do {								\
		struct task_struct *__tsk = (tsk);			\
									\
		if (unlikely(rcu_access_pointer(__tsk->audit_contid)))	\
			__audit_contid_exit(__tsk);			\
	} while (0)

/* switch_task_namespaces(), the old nsproxy not yet put. */
#define audit_contid_switch_net(p)					\
	do {								\
		struct task_struct *__p = (p);				\
									\
		if (unlikely(rcu_access_pointer(__p->audit_contid)))	\
			__audit_contid_switch_net(__p);			\
	} while (0)

int audit_contid_read(struct file *file, struct task_struct *task, char *buf,
		      int size);
ssize_t audit_contid_write(struct file *file, struct task_struct *target,
			   const char __user *ubuf, size_t count, loff_t pos);
int audit_contid_read_cap(struct file *file, struct task_struct *task);
ssize_t audit_contid_write_cap(struct file *file, struct task_struct *target,
			       const char __user *ubuf, size_t count,
			       loff_t pos);

void audit_contid_log_net(struct audit_buffer *ab, struct net *net);
void audit_contid_log_standalone(struct audit_buffer *ab);

#else /* CONFIG_AUDIT_CONTID */

#define AUDIT_CONTID_ONLY(...)
#define AUDIT_CONTID_ENTRY(...)

#define AUDIT_CONTID_FEATURES 0

static inline void audit_contid_fork_init(struct task_struct *p)
{
}

static inline void audit_contid_fork(struct task_struct *p, __u64 clone_flags)
{
}

static inline void audit_contid_post_fork(struct task_struct *p,
					  __u64 clone_flags)
{
}

static inline void audit_contid_exit(struct task_struct *tsk)
{
}

static inline void audit_contid_switch_net(struct task_struct *p)
{
}

static inline void audit_contid_log_net(struct audit_buffer *ab,
					struct net *net)
{
}

static inline void audit_contid_log_standalone(struct audit_buffer *ab)
{
}

#endif /* CONFIG_AUDIT_CONTID */

#endif /* _LINUX_AUDIT_CONTID_H */
