/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IMA namespaces - the hook of the user namespace
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef _LINUX_IMA_NS_H
#define _LINUX_IMA_NS_H

struct user_namespace;

#ifdef CONFIG_IMA_NS
/* Entries of the table of limits in kernel/ucount.c */
#define IMA_NS_UCOUNT_ENTRIES			\
	UCOUNT_ENTRY("max_ima_namespaces"),	\
	UCOUNT_ENTRY("max_ima_rules"),

void ima_ns_release(struct user_namespace *user_ns);
#else
#define IMA_NS_UCOUNT_ENTRIES

static inline void ima_ns_release(struct user_namespace *user_ns)
{
}
#endif /* CONFIG_IMA_NS */

#endif /* _LINUX_IMA_NS_H */
