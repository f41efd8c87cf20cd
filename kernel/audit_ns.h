/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Audit namespaces - what audit and the tests share
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef _KERNEL_AUDIT_NS_H
#define _KERNEL_AUDIT_NS_H

#include <linux/audit_ns.h>
#include <linux/types.h>

#ifdef CONFIG_AUDIT_NS

/*
 * The types, in the order in which a system call makes them. Records of one
 * event keep it.
 */
enum audit_ns_type {
	AUDIT_NS_USER,
	AUDIT_NS_MNT,
	AUDIT_NS_UTS,
	AUDIT_NS_IPC,
	AUDIT_NS_PID,
	AUDIT_NS_CGROUP,
	AUDIT_NS_NET,
	AUDIT_NS_TIME,
	AUDIT_NS_TYPES
};

/**
 * struct audit_ns_instances - one instance of each type
 * @ns: the instances, by &enum audit_ns_type; NULL if the type is not
 *      configured. No reference is held.
 */
struct audit_ns_instances {
	struct ns_common *ns[AUDIT_NS_TYPES];
};

/**
 * struct audit_ns_event - what happened to one namespace during a call
 * @next: the next one, or NULL
 * @record: AUDIT_NS_INIT or AUDIT_NS_SET
 * @type: which type of namespace
 * @id: id of the instance that was made or entered
 * @old: id of the instance copied, of the parent, or of the one left
 *
 * Values, never references: to hold a namespace until the call exits would
 * delay its end. On the list of an audit context, which belongs to its task,
 * hence no lock.
 */
struct audit_ns_event {
	struct audit_ns_event	*next;
	int			record;
	enum audit_ns_type	type;
	u64			id;
	u64			old;
};

void audit_ns_own(struct audit_ns_instances *own);
void audit_ns_collect(struct audit_ns_event **list, int record,
		      const struct audit_ns_instances *old,
		      const struct audit_ns_instances *new);
void audit_ns_free(struct audit_ns_event **list);

/* audit_reset_context() */
#define audit_ns_reset(ctx)						\
	do {								\
		if (unlikely((ctx)->ns_events))				\
			audit_ns_free(&(ctx)->ns_events);		\
	} while (0)

/* Of kernel/audit.c, for the sysctls. */
#define AUDIT_NS_STATIC
int audit_do_config_change(char *function_name, u32 *to_change, u32 new);

#else /* CONFIG_AUDIT_NS */

#define audit_ns_reset(ctx) ((void)(ctx))

#define AUDIT_NS_STATIC static

#endif /* CONFIG_AUDIT_NS */

#endif /* _KERNEL_AUDIT_NS_H */
