// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA namespaces - create, activate and free them, and the hooks they add
 *
 * Copyright (C) 2026 Overlay Team
 *
 * A namespace is made by the first mount of securityfs in a user namespace,
 * becomes active when 1 is written to its file "active", and goes with the user
 * namespace.  By then no task, file or mount refers to it: left are readers
 * under RCU, its works and the shrinker of the statuses.
 */

#include <linux/evm.h>
#include <linux/ima_ns.h>
#include <linux/list.h>
#include <linux/lsm_hooks.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <linux/xattr.h>

#include "ima.h"

/* A key that follows each namespace of a loop would patch code all the time */
#define IMA_NS_KEY_DELAY	(60 * HZ)

/* Rules that one user may have in all namespaces, unless the admin sets it */
#define IMA_NS_RULES_PER_USER	1048576

/* Counts the active children; goes down a minute late */
DEFINE_STATIC_KEY_DEFERRED_FALSE(ima_ns_key, IMA_NS_KEY_DELAY);

/* Frees namespaces and updates their rules */
struct workqueue_struct *ima_ns_wq __ro_after_init;

/* Active children.  Inside ns->mutex; no lock but of the workqueue inside. */
static LIST_HEAD(ima_ns_list);
static DEFINE_MUTEX(ima_ns_list_mutex);

/* The part of teardown that needs a grace period first, and time */
static void ima_ns_free_work(struct work_struct *work)
{
	struct ima_namespace *ns = container_of(to_rcu_work(work),
						struct ima_namespace,
						free_work);

	ima_statuses_free(ns);
	ima_ns_policy_free(ns);
	mem_cgroup_put(ns->memcg);
	free_uid(ns->owner);
	dec_ucount(ns->ucounts, UCOUNT_IMA_NAMESPACES);
	mutex_destroy(&ns->mutex);
	mutex_destroy(&ns->rules_mutex);
	kfree(ns);
}

/**
 * ima_ns_create - make an IMA namespace, inactive and not yet published
 * @user_ns: user namespace it is for; not the initial one
 *
 * It is charged to the owner of @user_ns in the parent, as @user_ns itself is:
 * a charge inside would pin @user_ns for ever.
 *
 * Context: process context, may sleep.
 * Return: the namespace, or ERR_PTR: -ENOSPC if the owner has
 * user.max_ima_namespaces already, -ENOMEM.
 */
struct ima_namespace *ima_ns_create(struct user_namespace *user_ns)
{
	struct ima_namespace *ns;
	struct ucounts *ucounts;

	if (!ima_ns_wq)
		return ERR_PTR(-ENOMEM);

	ucounts = inc_ucount(user_ns->parent, user_ns->owner,
			     UCOUNT_IMA_NAMESPACES);
	if (!ucounts)
		return ERR_PTR(-ENOSPC);

	ns = kzalloc(sizeof(*ns), GFP_KERNEL_ACCOUNT);
	if (!ns)
		goto out_ucounts;
	ns->owner = alloc_uid(user_ns->owner);
	if (!ns->owner)
		goto out_ns;

	ns->ucounts = ucounts;
	ns->id = user_ns->ns.ns_id;
	ns->memcg = get_mem_cgroup_from_mm(current->mm);
	mutex_init(&ns->mutex);
	INIT_LIST_HEAD(&ns->active);
	atomic_set(&ns->nr_statuses, 0);
	INIT_RCU_WORK(&ns->free_work, ima_ns_free_work);
	ima_ns_policy_init(ns);
	return ns;

out_ns:
	kfree(ns);
out_ucounts:
	dec_ucount(ucounts, UCOUNT_IMA_NAMESPACES);
	return ERR_PTR(-ENOMEM);
}

/**
 * ima_ns_destroy - free a namespace that was never published
 * @ns: result of ima_ns_create()
 *
 * Context: process context, may sleep.
 */
void ima_ns_destroy(struct ima_namespace *ns)
{
	/* nobody has seen it: no grace period, and the charge is back at once */
	ima_ns_free_work(&ns->free_work.work);
}

/**
 * ima_ns_activate - let the rules of a namespace count, for ever
 * @ns: namespace of an open file, so it cannot go away
 *
 * Context: process context, may sleep.  Takes ns->mutex and, inside, the mutex
 * of the list of active namespaces and the locks of static keys.
 * Return: 0, -EBUSY if it is active already, -ENOMEM.
 */
int ima_ns_activate(struct ima_namespace *ns)
{
	int rc;

	scoped_guard(mutex, &ns->mutex) {
		if (test_bit(IMA_NS_ACTIVE, &ns->flags))
			return -EBUSY;

		rc = ima_statuses_init(ns);
		if (rc)
			return rc;

		/* from here on nothing fails */
		mutex_lock(&ima_ns_list_mutex);
		list_add_tail(&ns->active, &ima_ns_list);
		mutex_unlock(&ima_ns_list_mutex);
		static_branch_deferred_inc(&ima_ns_key);

		/* pairs with ima_ns_active(): who sees it sees the table, too */
		smp_mb__before_atomic();
		set_bit(IMA_NS_ACTIVE, &ns->flags);
	}

	/* the LSM policy may have changed before the notifier knew of us */
	ima_ns_policy_activated(ns);
	return 0;
}

/**
 * ima_ns_lsm_policy_changed - let each active child update its rules
 *
 * Context: process context, may sleep; takes the mutex of the list and only
 * queues works under it.
 */
void ima_ns_lsm_policy_changed(void)
{
	struct ima_namespace *ns;

	guard(mutex)(&ima_ns_list_mutex);
	list_for_each_entry(ns, &ima_ns_list, active)
		ima_ns_policy_lsm_changed(ns);
}

/**
 * ima_ns_release - a user namespace ends, and with it its IMA namespace
 * @user_ns: user namespace without references
 *
 * Called in a loop over whole chains of ancestors, so it waits for no grace
 * period.
 *
 * Context: process context, may sleep.
 */
void ima_ns_release(struct user_namespace *user_ns)
{
	struct ima_namespace *ns = ima_ns_of(user_ns);

	if (!ns)
		return;

	if (test_and_clear_bit(IMA_NS_ACTIVE, &ns->flags)) {
		mutex_lock(&ima_ns_list_mutex);
		list_del(&ns->active);
		mutex_unlock(&ima_ns_list_mutex);
		static_branch_slow_dec_deferred(&ima_ns_key);
	}
	/* off the list nobody queues it again */
	ima_ns_policy_cancel(ns);
	queue_rcu_work(ima_ns_wq, &ns->free_work);
}

/*
 * Changes of extended attributes count once they have happened.  A digest or
 * verdict made between the hook before the change and the change itself is of
 * the old attributes.
 */
static void ima_ns_xattr_changed(struct dentry *dentry, const char *name)
{
	struct inode *inode = d_backing_inode(dentry);
	struct ima_iint_cache *iint;

	if (!S_ISREG(inode->i_mode))
		return;

	iint = ima_iint_find(inode);
	if (iint && (!strcmp(name, XATTR_NAME_IMA) ||
		     evm_revalidate_status(name)))
		atomic64_inc_return(&iint->gen_xattr);
}

static void ima_ns_post_setxattr(struct dentry *dentry, const char *name,
				 const void *value, size_t size, int flags)
{
	ima_ns_xattr_changed(dentry, name);
}

static void ima_ns_post_removexattr(struct dentry *dentry, const char *name)
{
	ima_ns_xattr_changed(dentry, name);
}

static void ima_ns_post_set_acl(struct dentry *dentry, const char *acl_name,
				struct posix_acl *kacl)
{
	ima_ns_xattr_changed(dentry, acl_name);
}

static void ima_ns_post_remove_acl(struct mnt_idmap *idmap,
				   struct dentry *dentry, const char *acl_name)
{
	ima_ns_xattr_changed(dentry, acl_name);
}

static struct security_hook_list ima_ns_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(inode_post_setxattr, ima_ns_post_setxattr),
	LSM_HOOK_INIT(inode_post_removexattr, ima_ns_post_removexattr),
	LSM_HOOK_INIT(inode_post_set_acl, ima_ns_post_set_acl),
	LSM_HOOK_INIT(inode_post_remove_acl, ima_ns_post_remove_acl),
};

/* With IMA appraisal, ima_appraise.c has this hook; an LSM has it once */
static void ima_ns_post_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
				int ia_valid)
{
	struct inode *inode = d_backing_inode(dentry);
	struct ima_iint_cache *iint;

	if (!(ia_valid & ATTR_SIZE) || !S_ISREG(inode->i_mode))
		return;

	iint = ima_iint_find(inode);
	if (iint)
		atomic64_inc_return(&iint->gen_content);
}

static struct security_hook_list ima_ns_setattr_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(inode_post_setattr, ima_ns_post_setattr),
};

/**
 * init_ima_ns_lsm - register the hooks that only IMA namespaces need
 * @lsmid: identity of IMA
 *
 * Context: boot.
 */
void __init init_ima_ns_lsm(const struct lsm_id *lsmid)
{
	security_add_hooks(ima_ns_hooks, ARRAY_SIZE(ima_ns_hooks), lsmid);
	if (!IS_ENABLED(CONFIG_IMA_APPRAISE))
		security_add_hooks(ima_ns_setattr_hooks,
				   ARRAY_SIZE(ima_ns_setattr_hooks), lsmid);
}

static int __init ima_ns_init(void)
{
	struct workqueue_struct *wq;
	int rc;

	rc = ima_status_cache_init();
	if (rc)
		return rc;

	wq = alloc_workqueue("ima_ns", WQ_UNBOUND, 0);
	if (!wq)
		return -ENOMEM;

	/* fork_init() gave every type half the number of threads */
	init_user_ns.ucount_max[UCOUNT_IMA_RULES] = IMA_NS_RULES_PER_USER;
	ima_ns_wq = wq;
	return 0;
}
fs_initcall(ima_ns_init);
