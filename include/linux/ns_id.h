/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Namespace ids - one number per namespace instance, never used twice
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef _LINUX_NS_ID_H
#define _LINUX_NS_ID_H

#include <linux/ns_common.h>
#include <linux/types.h>

/*
 * The text form of an id wherever one is shown: 0x plus lower-case hex. The
 * prefix keeps log readers from taking an even number of digits for hex
 * encoded text.
 */
#define NS_ID_FMT "0x%llx"

#ifdef CONFIG_NS_ID

#include <uapi/linux/nsfs.h>

void ns_id_assign(struct ns_common *ns);
bool ns_id_restricted(void);
struct ns_common *ns_id_initial(enum init_ns_id id);

/**
 * ns_id_of - the id of a namespace instance
 * @ns: the instance
 *
 * Return: the id, 0 for an anonymous mount namespace.
 * Context: any; the caller keeps @ns alive.
 */
static inline u64 ns_id_of(const struct ns_common *ns)
{
	return ns->ns_id;
}

/* Labels of the ioctl in fs/nsfs.c, absent when the feature is off. */
#define NS_ID_CASE case NS_GET_ID:
#define NS_ID_CASE_NR case _IOC_NR(NS_GET_ID):

#else /* CONFIG_NS_ID */

static inline void ns_id_assign(struct ns_common *ns)
{
}

static inline bool ns_id_restricted(void)
{
	return false;
}

static inline u64 ns_id_of(const struct ns_common *ns)
{
	return 0;
}

#define NS_ID_CASE
#define NS_ID_CASE_NR

#endif /* CONFIG_NS_ID */

struct proc_ns_operations;

#ifdef CONFIG_NS_ID_PROC

bool ns_id_proc_is_link(const struct proc_ns_operations *ops);
int ns_id_proc_text(const struct proc_ns_operations *ops,
		    const struct ns_common *ns, char *buf, size_t size);

extern struct proc_ns_operations ns_id_proc_cgroup;
extern struct proc_ns_operations ns_id_proc_ipc;
extern struct proc_ns_operations ns_id_proc_mnt;
extern struct proc_ns_operations ns_id_proc_net;
extern struct proc_ns_operations ns_id_proc_pid;
extern struct proc_ns_operations ns_id_proc_time;
extern struct proc_ns_operations ns_id_proc_user;
extern struct proc_ns_operations ns_id_proc_uts;

/* The links at the end of ns_entries[] in fs/proc/namespaces.c. */
#define NS_ID_PROC_ENTRIES						\
	&ns_id_proc_cgroup, &ns_id_proc_ipc, &ns_id_proc_mnt,		\
	&ns_id_proc_net, &ns_id_proc_pid, &ns_id_proc_time,		\
	&ns_id_proc_user, &ns_id_proc_uts,

#else /* CONFIG_NS_ID_PROC */

static inline bool ns_id_proc_is_link(const struct proc_ns_operations *ops)
{
	return false;
}

static inline int ns_id_proc_text(const struct proc_ns_operations *ops,
				  const struct ns_common *ns, char *buf,
				  size_t size)
{
	return 0;
}

#define NS_ID_PROC_ENTRIES

#endif /* CONFIG_NS_ID_PROC */

#endif /* _LINUX_NS_ID_H */
