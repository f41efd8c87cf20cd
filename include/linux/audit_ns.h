/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Audit namespaces - hooks
 *
 * Copyright (C) 2026 Overlay Team
 *
 * <linux/proc_ns.h> includes this file, so it includes next to nothing itself.
 */
#ifndef _LINUX_AUDIT_NS_H
#define _LINUX_AUDIT_NS_H

#include <linux/compiler.h>
#include <linux/ns_common.h>
#include <linux/types.h>

struct audit_context;
struct nsproxy;
struct nsset;
struct user_namespace;

#ifdef CONFIG_AUDIT_NS

/* A member that vanishes when off. */
#define AUDIT_NS_ONLY(...) __VA_ARGS__

/**
 * struct audit_ns_switches - the two sysctls, 0 or 1 each
 * @info: kernel.audit_ns_info, NS_INFO
 * @lifecycle: kernel.audit_ns_lifecycle, NS_INIT, NS_SET and NS_DEL
 *
 * Written under audit_ctl_lock(), read without lock.
 */
struct audit_ns_switches {
	u32 info;
	u32 lifecycle;
};

extern struct audit_ns_switches audit_ns_switches;

void __audit_ns_created(const struct nsproxy *old, const struct nsproxy *new);
void __audit_ns_created_user(struct user_namespace *ns);
void __audit_ns_set(struct nsset *nsset);
void __audit_ns_deleted(const struct ns_common *ns);
void __audit_ns_log(struct audit_context *ctx);
void audit_ns_log_initial(void);

/* ns_alloc_inum(): not every allocator clears the object. */
static inline void audit_ns_alloc(struct ns_common *ns)
{
	ns->audit_announced = false;
}

/* ns_free_inum(), first thing. */
static inline void audit_ns_deleted(const struct ns_common *ns)
{
	if (unlikely(ns->audit_announced))
		__audit_ns_deleted(ns);
}

/* create_new_namespaces(), on success; @old is what the new ones copy. */
static inline void audit_ns_created(unsigned long flags,
				    const struct nsproxy *old,
				    const struct nsproxy *new)
{
	if (flags && unlikely(READ_ONCE(audit_ns_switches.lifecycle)))
		__audit_ns_created(old, new);
}

/* create_user_ns(), on success. */
static inline void audit_ns_created_user(struct user_namespace *ns)
{
	if (unlikely(READ_ONCE(audit_ns_switches.lifecycle)))
		__audit_ns_created_user(ns);
}

/* setns(), when it cannot fail any more and has changed nothing yet. */
static inline void audit_ns_set(struct nsset *nsset)
{
	if (unlikely(READ_ONCE(audit_ns_switches.lifecycle)))
		__audit_ns_set(nsset);
}

/* audit_log_exit(), behind the record of the call and its container id. */
static inline void audit_ns_log(struct audit_context *ctx)
{
	if (unlikely(READ_ONCE(audit_ns_switches.info) |
		     READ_ONCE(audit_ns_switches.lifecycle)))
		__audit_ns_log(ctx);
}

#else /* CONFIG_AUDIT_NS */

#define AUDIT_NS_ONLY(...)

static inline void audit_ns_log_initial(void)
{
}

static inline void audit_ns_alloc(struct ns_common *ns)
{
}

static inline void audit_ns_deleted(const struct ns_common *ns)
{
}

static inline void audit_ns_created(unsigned long flags,
				    const struct nsproxy *old,
				    const struct nsproxy *new)
{
}

static inline void audit_ns_created_user(struct user_namespace *ns)
{
}

static inline void audit_ns_set(struct nsset *nsset)
{
}

static inline void audit_ns_log(struct audit_context *ctx)
{
}

#endif /* CONFIG_AUDIT_NS */

#endif /* _LINUX_AUDIT_NS_H */
