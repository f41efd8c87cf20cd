// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA namespaces - what the policy of a child has beyond that of the host
 *
 * Copyright (C) 2026 Overlay Team <overlay@localhost>
 *
 * Limits and charges of rules, privileges of whoever opens the policy file, the
 * record of a load, and rules that follow the LSM policy. The rules themselves
 * are the business of ima_policy.c, the file is that of ima_fs.c.
 */

#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/ns_id.h>
#include <linux/sched/mm.h>
#include <linux/sched/user.h>
#include <linux/security.h>
#include <linux/spinlock.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>

#include "ima.h"

/* rules of one namespace, pending ones included */
#define IMA_NS_MAX_RULES	1024

/* policy_update records that one owner of user namespaces may cause */
#define IMA_NS_RECORDS		20
#define IMA_NS_RECORDS_INTERVAL	(5 * HZ)

/* Protects the limits on records of all users; nothing nests inside. */
static DEFINE_SPINLOCK(ima_ns_record_lock);

static void ima_ns_lsm_work(struct work_struct *work)
{
	struct ima_namespace *ns = container_of(work, struct ima_namespace,
						lsm_work);
	struct mem_cgroup *memcg = set_active_memcg(ns->memcg);

	/*
	 * Without memory the rules stay stale. Decisions are right even so:
	 * matching looks up a stale label by itself. So nobody in the container
	 * is killed for it.
	 */
	ima_lsm_update_rules(ns, GFP_KERNEL_ACCOUNT | __GFP_NORETRY |
				 __GFP_NOWARN);
	set_active_memcg(memcg);
}

/**
 * ima_ns_policy_init - set up a policy without rules
 * @ns: namespace that nobody else knows yet
 *
 * Context: any.
 */
void ima_ns_policy_init(struct ima_namespace *ns)
{
	INIT_LIST_HEAD(&ns->default_rules);
	INIT_LIST_HEAD(&ns->policy_rules);
	RCU_INIT_POINTER(ns->rules, &ns->default_rules);
	mutex_init(&ns->rules_mutex);
	INIT_WORK(&ns->lsm_work, ima_ns_lsm_work);
}

/* The LSM policy may have changed when nobody told this namespace. */
static void ima_ns_policy_recheck(struct ima_namespace *ns)
{
	if (ima_policy_has_lsm_cond(ns))
		queue_work(ima_ns_wq, &ns->lsm_work);
}

/**
 * ima_ns_policy_activated - the namespace hears of LSM policy changes from now
 * @ns: namespace, on the list of active ones
 *
 * Rules loaded before may refer to an LSM policy that is gone.
 *
 * Context: process context, may sleep; takes ns->rules_mutex.
 */
void ima_ns_policy_activated(struct ima_namespace *ns)
{
	ima_ns_policy_recheck(ns);
}

/**
 * ima_ns_policy_published - rules came into force
 * @ns: their namespace
 *
 * The LSM policy may have changed between parsing and publishing.
 *
 * Context: process context, may sleep; takes ns->rules_mutex.
 */
void ima_ns_policy_published(struct ima_namespace *ns)
{
	ima_ns_policy_recheck(ns);
}

/**
 * ima_ns_policy_lsm_changed - the LSM policy is another one
 * @ns: active namespace
 *
 * Context: process context, the list of active namespaces is locked.
 */
void ima_ns_policy_lsm_changed(struct ima_namespace *ns)
{
	queue_work(ima_ns_wq, &ns->lsm_work);
}

/**
 * ima_ns_policy_flush - wait until the rules follow the LSM policy
 * @ns: namespace of an open file
 *
 * Context: process context, may sleep; ns->rules_mutex is not held.
 */
void ima_ns_policy_flush(struct ima_namespace *ns)
{
	flush_work(&ns->lsm_work);
}

/**
 * ima_ns_policy_cancel - stop the works of the policy
 * @ns: namespace that ends, off the list of active ones and without open files
 *
 * Context: process context, may sleep; ns->rules_mutex is not held.
 */
void ima_ns_policy_cancel(struct ima_namespace *ns)
{
	cancel_work_sync(&ns->lsm_work);
}

/**
 * ima_ns_policy_free - free all rules and their charge
 * @ns: namespace that nobody else knows any more
 *
 * Context: process context, may sleep.
 */
void ima_ns_policy_free(struct ima_namespace *ns)
{
	ima_ns_uncharge_rules(ns, ima_free_rules(&ns->policy_rules));
}

/**
 * ima_ns_policy_may_open - may the opener read or write the policy?
 * @ns: the child whose policy it is
 * @file: the file being opened, for reading or for writing
 *
 * Only a helper of the host may prepare a namespace before its activation. To
 * all others the policy does not exist yet, so this is asked first.
 *
 * Context: process context, may sleep.
 * Return: 0; -EACCES if the namespace is inactive and the opener has no
 * CAP_SYS_ADMIN in the initial user namespace; -EPERM without CAP_MAC_ADMIN, or
 * CAP_SYS_ADMIN for reading, over the user namespace of the super block.
 */
int ima_ns_policy_may_open(struct ima_namespace *ns, struct file *file)
{
	struct user_namespace *user_ns = file_inode(file)->i_sb->s_user_ns;

	if (!ima_ns_active(ns) &&
	    !file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN))
		return -EACCES;

	if (file->f_flags & O_WRONLY) {
		if (!file_ns_capable(file, user_ns, CAP_MAC_ADMIN))
			return -EPERM;
	} else if (security_capable(file->f_cred, user_ns, CAP_MAC_ADMIN,
				    CAP_OPT_NOAUDIT) &&
		   !file_ns_capable(file, user_ns, CAP_SYS_ADMIN)) {
		return -EPERM;
	}
	return 0;
}

/**
 * ima_ns_may_audit - has the opener the audit privilege?
 * @file: open policy file of a child
 *
 * Whoever is root of a container only could flood the log of the host: kernel
 * uid 0, or the capability outside, is needed as well.
 *
 * Context: process context.
 * Return: true if the opener may cause audit records.
 */
bool ima_ns_may_audit(const struct file *file)
{
	const struct cred *cred = file->f_cred;

	if (uid_eq(cred->uid, GLOBAL_ROOT_UID) &&
	    !security_capable(cred, file_inode(file)->i_sb->s_user_ns,
			      CAP_AUDIT_WRITE, CAP_OPT_NOAUDIT))
		return true;
	return !security_capable(cred, &init_user_ns, CAP_AUDIT_WRITE,
				 CAP_OPT_NOAUDIT);
}

/**
 * ima_ns_rule_is_text - may this line be a rule of a child?
 * @rule: the line without its newline
 *
 * Its record repeats parts of it. Control characters would end up in logs and
 * on terminals, and some tools take 0x1d for the end of a record's text. A file
 * is read as a whole, so nothing else has limited the length.
 *
 * Return: true if it is no longer than what can be written, and printable.
 * Context: any.
 */
bool ima_ns_rule_is_text(const char *rule)
{
	const char *p;

	for (p = rule; *p; p++) {
		if (iscntrl(*p) && *p != '\t')
			return false;
	}
	return p - rule < PAGE_SIZE;
}

/**
 * ima_ns_charge_rule - count one more pending rule of a child
 * @batch: batch it will belong to
 *
 * It is charged where the namespace is charged, so the object that holds the
 * count is ns->ucounts.
 *
 * Context: process context, may sleep; takes ns->rules_mutex.
 * Return: 0, or -EDQUOT if the namespace has 1024 rules or the owner of the
 * user namespace has user.max_ima_rules.
 */
int ima_ns_charge_rule(struct ima_policy_batch *batch)
{
	struct user_namespace *user_ns = batch->user_ns;
	struct ima_namespace *ns = batch->ns;

	guard(mutex)(&ns->rules_mutex);

	if (ns->nr_rules >= IMA_NS_MAX_RULES)
		return -EDQUOT;
	if (!inc_ucount(user_ns->parent, user_ns->owner, UCOUNT_IMA_RULES))
		return -EDQUOT;
	ns->nr_rules++;
	return 0;
}

/**
 * ima_ns_uncharge_rules - undo ima_ns_charge_rule()
 * @ns: the child
 * @count: number of rules
 *
 * Context: process context, may sleep; takes ns->rules_mutex.
 */
void ima_ns_uncharge_rules(struct ima_namespace *ns, unsigned int count)
{
	mutex_lock(&ns->rules_mutex);
	ns->nr_rules -= count;
	mutex_unlock(&ns->rules_mutex);

	while (count--)
		dec_ucount(ns->ucounts, UCOUNT_IMA_RULES);
}

/*
 * Whoever may create user namespaces can load policies in a loop.
 *
 * Return: true if the record may be written; *dropped is then the number of
 * those of the same owner that were left out since the last one.
 */
static bool ima_ns_record_allowed(struct user_struct *owner,
				  unsigned int *dropped)
{
	bool allowed;

	spin_lock(&ima_ns_record_lock);
	if (!owner->ima_ns_records ||
	    time_after(jiffies, owner->ima_ns_begin + IMA_NS_RECORDS_INTERVAL)) {
		owner->ima_ns_begin = jiffies;
		owner->ima_ns_records = 0;
	}
	allowed = owner->ima_ns_records < IMA_NS_RECORDS;
	if (allowed) {
		owner->ima_ns_records++;
		*dropped = owner->ima_ns_dropped;
		owner->ima_ns_dropped = 0;
	} else {
		owner->ima_ns_dropped++;
	}
	spin_unlock(&ima_ns_record_lock);
	return allowed;
}

/*
 * The twin of integrity_audit_message(), with fields of namespaces at the end.
 * The number of records left out is decimal; 0x in front of it keeps log readers
 * from taking an even number of digits for hex encoded text.
 *
 * Return: false if there is no audit to write it.
 */
static bool integrity_audit_message_ns(const struct ima_namespace *ns,
				       const char *op, const char *cause,
				       int result, int errno,
				       unsigned int dropped)
{
	struct audit_buffer *ab;
	char name[TASK_COMM_LEN];

	ab = integrity_audit_log_start(audit_context(), GFP_KERNEL,
				       AUDIT_INTEGRITY_STATUS);
	if (!ab)
		return false;
	audit_log_format(ab, "pid=%d uid=%u auid=%u ses=%u",
			 task_pid_nr(current),
			 from_kuid(&init_user_ns, current_uid()),
			 from_kuid(&init_user_ns, audit_get_loginuid(current)),
			 audit_get_sessionid(current));
	audit_log_task_context(ab);
	audit_log_format(ab, " op=%s cause=%s comm=", op, cause);
	audit_log_untrustedstring(ab, get_task_comm(name, current));
	audit_log_format(ab, " res=%d errno=%d", !result, errno);
	if (dropped) {
		audit_log_format(ab, " dropped=0x");
		audit_log_format(ab, "%u", dropped);
	}
	audit_log_format(ab, " ima_ns=" NS_ID_FMT, ima_ns_id(ns));
	audit_contid_log_standalone(ab);
	audit_log_end(ab);
	return true;
}

/**
 * ima_ns_record_load - record that a policy of a child was loaded, or not
 * @ns: the child
 * @cause: "completed" or "failed"
 * @good: the rules come into force
 *
 * At most 20 records in 5 seconds are written for all namespaces of one owner.
 *
 * Context: process context, may sleep; no lock is held.
 */
void ima_ns_record_load(struct ima_namespace *ns, const char *cause, bool good)
{
	unsigned int dropped;

	if (!ima_ns_record_allowed(ns->owner, &dropped))
		return;
	if (integrity_audit_message_ns(ns, "policy_update", cause, !good, 0,
				       dropped))
		return;

	/* the next one tells */
	spin_lock(&ima_ns_record_lock);
	ns->owner->ima_ns_dropped += dropped;
	spin_unlock(&ima_ns_record_lock);
}
