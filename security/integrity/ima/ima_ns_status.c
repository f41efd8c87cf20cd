// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA namespaces - what each namespace knows about each inode
 *
 * Copyright (C) 2026 the container integrity developers
 *
 * A child namespace keeps its statuses in a hash table keyed by the cookie of
 * the iint. Neither side points to the other: freeing an inode touches no
 * namespace, and freeing a namespace touches no inode. A status of an inode
 * that is gone is never found again, so it is among the first that the shrinker
 * drops.
 *
 * status->use counts the pins. Whoever moves it from 0 to -1 owns the status
 * from then on and is the only one that may take it off the lru and out of the
 * table; everybody else leaves it alone. The shrinker claims under the lru
 * lock and collects its statuses in a private list; teardown claims while it
 * walks the table. So a status that is found at -1 may be on a list that the
 * finder holds no lock for.
 */
#include <kunit/visibility.h>
#include <linux/atomic.h>
#include <linux/cookie.h>
#include <linux/hash.h>
#include <linux/list_lru.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "ima.h"

/*
 * Bucket arrays are not charged to anybody, so they are bounded: 8 MiB of
 * buckets, twice as many statuses. Beyond that evaluations use temporary ones.
 */
#define IMA_STATUS_MAX_BUCKETS	BIT(20)

/* statuses that teardown looks at between two chances to be scheduled */
#define IMA_STATUS_WALK_BATCH	256

/* how long teardown waits for the shrinker before it looks again */
#define IMA_STATUS_WAIT		(HZ / 10)

static struct kmem_cache *ima_status_cache __ro_after_init;
static struct shrinker *ima_status_shrinker __ro_after_init;

/* every status that is in a table, but for those just added or claimed */
static struct list_lru ima_status_lru;

DEFINE_COOKIE(ima_status_cookies);

/*
 * Multiply-shift: cheaper than jhash for a single 64-bit key. The lower half of
 * the factor is random, so that nobody can choose inodes that share a bucket;
 * the fixed upper half spreads the consecutive cookies of one CPU.
 */
static u32 ima_status_hash(const void *key, u32 len, u32 seed)
{
	const u64 factor = (GOLDEN_RATIO_64 & ~(u64)U32_MAX) | seed | 1;

	return (*(const u64 *)key * factor) >> 32;
}

static int ima_status_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct ima_status *status = obj;

	return status->cookie != *(const u64 *)arg->key;
}

/* constant, so that a lookup is compiled inline without indirect calls */
static const struct rhashtable_params ima_status_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct ima_status, cookie),
	.head_offset = offsetof(struct ima_status, node),
	.max_size = IMA_STATUS_MAX_BUCKETS,
	.automatic_shrinking = true,
	.hashfn = ima_status_hash,
	.obj_cmpfn = ima_status_cmp,
};

/**
 * ima_status_cookie - draw the number of a new iint
 *
 * Context: process, softirq or hardirq; does not sleep.
 * Return: a number that was never returned before, never 0.
 */
u64 ima_status_cookie(void)
{
	u64 cookie;

	preempt_disable();
	cookie = gen_cookie_next(&ima_status_cookies);
	preempt_enable();

	return cookie;
}

/* Give back one object of @ns, which may be gone as soon as this is done. */
static void ima_status_uncount(struct ima_namespace *ns)
{
	/*
	 * The last access to the namespace: teardown frees it once it reads 0.
	 * The wake-up uses nothing but the address.
	 */
	if (atomic_dec_and_test(&ns->nr_statuses))
		wake_up_var(&ns->nr_statuses);
}

static bool ima_status_claim(struct ima_status *status)
{
	return atomic_cmpxchg(&status->use, 0, -1) == 0;
}

/* Nobody finds it any more but who is looking at it already. */
static void ima_status_unhash(struct ima_status *status)
{
	WARN_ON_ONCE(rhashtable_remove_fast(&status->ns->statuses,
					    &status->node, ima_status_params));
}

/* Free a status that teardown has claimed and taken off the lru. */
static void ima_status_drop(struct ima_status *status)
{
	struct ima_namespace *ns = status->ns;

	ima_status_unhash(status);
	/* a lookup may still be looking at it, and the walk of teardown */
	kfree_rcu(status, rcu);
	ima_status_uncount(ns);
}

/* Out of line, so that ima_status_pin() saves no registers for it. */
static noinline struct ima_status *ima_status_create(struct ima_namespace *ns,
						     u64 cookie,
						     struct ima_status *tmp)
{
	struct ima_status *status, *other;

	/* a full memcg makes this fail: no process is killed for a status */
	status = kmem_cache_alloc_lru(ima_status_cache, &ima_status_lru,
				      GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	if (!status)
		goto temporary;

	ima_status_init(status, ns, cookie);
	INIT_LIST_HEAD(&status->lru);
	atomic_inc(&ns->nr_statuses);

	rcu_read_lock();
	other = rhashtable_lookup_get_insert_fast(&ns->statuses, &status->node,
						  ima_status_params);
	if (!other) {
		rcu_read_unlock();
		/*
		 * Others may find and pin it by now, but nobody can claim it
		 * before it is on the lru, as the pin of this task is held.
		 */
		list_lru_add_obj(&ima_status_lru, &status->lru);
		return status;
	}

	/* another task was faster; or ENOMEM, E2BIG, EBUSY: no room */
	if (IS_ERR(other) || !atomic_inc_unless_negative(&other->use))
		other = NULL;
	rcu_read_unlock();

	kmem_cache_free(ima_status_cache, status);
	ima_status_uncount(ns);
	if (other)
		return other;

temporary:
	ima_status_init(tmp, ns, cookie);
	return tmp;
}

/**
 * ima_status_find - find the status of an inode without keeping it
 * @ns: active child namespace; the credentials of the caller pin it
 * @cookie: number of the iint, not 0
 *
 * Context: the mutex of the iint is held, which protects the contents, and
 * rcu_read_lock(), which protects the memory.
 * Return: the status, to be read only, maybe on its way out of the table; NULL
 * if there is none.
 */
/* a call less on the way of every access: __flatten */
const struct ima_status *__flatten ima_status_find(struct ima_namespace *ns,
						   u64 cookie)
{
	struct ima_status *status;

	status = rhashtable_lookup(&ns->statuses, &cookie, ima_status_params);
	if (status)
		ima_status_set(status, IMA_STATUS_REFERENCED);
	return status;
}

/**
 * ima_status_pin - find or create the status of an inode, and keep it
 * @ns: active child namespace; the credentials of the caller pin it
 * @cookie: number of the iint, not 0
 * @tmp: serves as status if there is none and none can be made: no memory,
 *	charge refused, table full, or the one there is being freed. It is
 *	forgotten after the evaluation, so a record may be repeated.
 *
 * The contents are protected by the mutex of the iint, see struct ima_status.
 *
 * Context: process, may sleep; no lock of the inode is held.
 * Return: a status that stays until ima_status_unpin(), or @tmp, initialised.
 */
struct ima_status *ima_status_pin(struct ima_namespace *ns, u64 cookie,
				  struct ima_status *tmp)
{
	struct ima_status *status;

	rcu_read_lock();
	status = rhashtable_lookup(&ns->statuses, &cookie, ima_status_params);
	if (unlikely(!status)) {
		rcu_read_unlock();
		return ima_status_create(ns, cookie, tmp);
	}
	if (unlikely(!atomic_inc_unless_negative(&status->use))) {
		rcu_read_unlock();
		ima_status_init(tmp, ns, cookie);
		return tmp;
	}
	rcu_read_unlock();

	ima_status_set(status, IMA_STATUS_REFERENCED);

	return status;
}

/**
 * ima_status_unpin - let go of a status
 * @status: what ima_status_pin() returned; not to be used afterwards
 * @tmp: what was passed to it; nothing is done if this is @status
 *
 * Context: any; does not sleep.
 */
void ima_status_unpin(struct ima_status *status, struct ima_status *tmp)
{
	if (status == tmp)
		return;

	/* what was done to it comes before a claim, and so before its end */
	smp_mb__before_atomic();
	atomic_dec(&status->use);
}

/* Called under the lru lock; @arg is the list for what is claimed. */
static enum lru_status ima_status_isolate(struct list_head *item,
					  struct list_lru_one *list,
					  spinlock_t *lock, void *arg)
{
	struct ima_status *status = container_of(item, struct ima_status, lru);
	int use = atomic_read(&status->use);

	/* teardown owns it and takes it off the lru itself */
	if (use < 0)
		return LRU_SKIP;

	if (use > 0)
		return LRU_ROTATE;

	if (ima_status_test_and_clear(status, IMA_STATUS_REFERENCED))
		return LRU_ROTATE;

	if (!ima_status_claim(status))
		return LRU_SKIP;

	list_lru_isolate_move(list, item, arg);
	return LRU_REMOVED;
}

static unsigned long ima_status_count(struct shrinker *shrinker,
				      struct shrink_control *sc)
{
	return list_lru_shrink_count(&ima_status_lru, sc) ?: SHRINK_EMPTY;
}

/**
 * ima_status_scan - drop statuses that were not used since the last scan
 * @shrinker: not used
 * @sc: node, memcg and number of statuses to look at
 *
 * Context: reclaim, may sleep; takes the lru lock and, after it, bucket locks.
 * Return: number of statuses dropped.
 */
VISIBLE_IF_KUNIT
unsigned long ima_status_scan(struct shrinker *shrinker,
			      struct shrink_control *sc)
{
	struct ima_status *status, *next;
	unsigned long dropped;
	LIST_HEAD(claimed);

	dropped = list_lru_shrink_walk(&ima_status_lru, sc, ima_status_isolate,
				       &claimed);

	if (list_empty(&claimed))
		return dropped;

	/*
	 * Reclaim wants the memory now, not after some grace period: a memcg at
	 * its limit gives up after a few rounds without success and kills. So
	 * one grace period for all of them is waited for here.
	 */
	list_for_each_entry(status, &claimed, lru)
		ima_status_unhash(status);
	synchronize_rcu_expedited();
	list_for_each_entry_safe(status, next, &claimed, lru) {
		struct ima_namespace *ns = status->ns;

		kmem_cache_free(ima_status_cache, status);
		ima_status_uncount(ns);
	}

	return dropped;
}

/**
 * ima_statuses_init - prepare a namespace for statuses
 * @ns: child namespace that is being activated
 *
 * Context: process, may sleep; @ns->mutex is held.
 * Return: 0 or the error of rhashtable_init().
 */
int ima_statuses_init(struct ima_namespace *ns)
{
	atomic_set(&ns->nr_statuses, 0);

	return rhashtable_init(&ns->statuses, &ima_status_params);
}

/*
 * Claim and free what one walk through the table meets, and return how many
 * that were. A walk may miss some: what is removed or moved by a resize changes
 * the position of others.
 */
static unsigned long ima_statuses_walk(struct ima_namespace *ns)
{
	struct rhashtable_iter iter;
	struct ima_status *status;
	unsigned long dropped = 0;
	int batch;

	rhashtable_walk_enter(&ns->statuses, &iter);
	do {
		rhashtable_walk_start(&iter);
		for (batch = 0; batch < IMA_STATUS_WALK_BATCH; batch++) {
			status = rhashtable_walk_next(&iter);
			if (!status)
				break;
			/* resized: the walk goes on in the new table */
			if (IS_ERR(status))
				continue;
			if (!ima_status_claim(status))
				continue;
			list_lru_del_obj(&ima_status_lru, &status->lru);
			ima_status_drop(status);
			dropped++;
		}
		rhashtable_walk_stop(&iter);
		cond_resched();
	} while (status);
	rhashtable_walk_exit(&iter);

	return dropped;
}

/**
 * ima_statuses_free - free all statuses of a namespace, and their table
 * @ns: child namespace that no task, file or mount can reach any more, since at
 *	least one grace period; need not have been activated
 *
 * Only the shrinker may still be at work on statuses of @ns.
 *
 * Context: process, may sleep; no locks are held.
 */
void ima_statuses_free(struct ima_namespace *ns)
{
	if (!rcu_access_pointer(ns->statuses.tbl))
		return;

	/* acquire: all that the shrinker did to the table comes before */
	while (atomic_read_acquire(&ns->nr_statuses)) {
		if (ima_statuses_walk(ns))
			continue;
		wait_var_event_timeout(&ns->nr_statuses,
				       !atomic_read(&ns->nr_statuses),
				       IMA_STATUS_WAIT);
	}

	rhashtable_free_and_destroy(&ns->statuses, NULL, NULL);
	RCU_INIT_POINTER(ns->statuses.tbl, NULL);
}

/**
 * ima_status_cache_init - create what the statuses of all namespaces share
 *
 * Slab cache, lru and shrinker.
 *
 * Context: process, may sleep; once, at boot.
 * Return: 0 or -ENOMEM.
 */
int __init ima_status_cache_init(void)
{
	int rc = -ENOMEM;

	/* there is one per inode and namespace: keep it small */
	BUILD_BUG_ON(sizeof(struct ima_status) > 80);

	ima_status_cache = KMEM_CACHE(ima_status,
				      SLAB_ACCOUNT | SLAB_RECLAIM_ACCOUNT);
	if (!ima_status_cache)
		return rc;

	ima_status_shrinker = shrinker_alloc(SHRINKER_NUMA_AWARE |
					     SHRINKER_MEMCG_AWARE,
					     "ima-status");
	if (!ima_status_shrinker)
		goto free_cache;

	rc = list_lru_init_memcg(&ima_status_lru, ima_status_shrinker);
	if (rc)
		goto free_shrinker;

	ima_status_shrinker->count_objects = ima_status_count;
	ima_status_shrinker->scan_objects = ima_status_scan;
	shrinker_register(ima_status_shrinker);

	return 0;

free_shrinker:
	shrinker_free(ima_status_shrinker);
free_cache:
	kmem_cache_destroy(ima_status_cache);
	return rc;
}
