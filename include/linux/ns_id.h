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

#endif /* _LINUX_NS_ID_H */
