// SPDX-License-Identifier: GPL-2.0
/*
 * Audit namespaces - records of the namespaces a task is in, makes, enters and
 * leaves behind
 *
 * Copyright (C) 2026 Overlay Team
 *
 * What a call does to namespaces is collected while it runs and written when
 * its SYSCALL record has been: stock tools take the first record of an event
 * for its kind. The end of a namespace comes at any time, in any context and
 * at the hands of whoever dropped the last reference, so NS_DEL is an event of
 * its own and names no task.
 */

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/init.h>
#include <linux/ipc_namespace.h>
#include <linux/kernel.h>
#include <linux/mnt_namespace.h>
#include <linux/ns_id.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/time_namespace.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include <net/net_namespace.h>

#include "audit.h"

struct audit_ns_switches audit_ns_switches __read_mostly;

static const struct {
	unsigned int flag;
	enum init_ns_id initial;
} audit_ns_types[AUDIT_NS_TYPES] = {
	[AUDIT_NS_USER]		= { CLONE_NEWUSER,	USER_NS_INIT_ID },
	[AUDIT_NS_MNT]		= { CLONE_NEWNS,	MNT_NS_INIT_ID },
	[AUDIT_NS_UTS]		= { CLONE_NEWUTS,	UTS_NS_INIT_ID },
	[AUDIT_NS_IPC]		= { CLONE_NEWIPC,	IPC_NS_INIT_ID },
	[AUDIT_NS_PID]		= { CLONE_NEWPID,	PID_NS_INIT_ID },
	[AUDIT_NS_CGROUP]	= { CLONE_NEWCGROUP,	CGROUP_NS_INIT_ID },
	[AUDIT_NS_NET]		= { CLONE_NEWNET,	NET_NS_INIT_ID },
	[AUDIT_NS_TIME]		= { CLONE_NEWTIME,	TIME_NS_INIT_ID },
};

/* A type that is not configured has its initial instance alone. */
static u64 audit_ns_id(const struct audit_ns_instances *all,
		       enum audit_ns_type type)
{
	const struct ns_common *ns = all->ns[type];

	return ns ? ns_id_of(ns) : audit_ns_types[type].initial;
}

/* The instances of @nsp; pid and time are those of the children. */
static void audit_ns_instances(struct audit_ns_instances *all,
			       const struct nsproxy *nsp,
			       struct user_namespace *user_ns)
{
	*all = (struct audit_ns_instances) { .ns = {
		[AUDIT_NS_USER]	= &user_ns->ns,
		[AUDIT_NS_MNT]	= nsp->mnt_ns ? from_mnt_ns(nsp->mnt_ns) : NULL,
		[AUDIT_NS_UTS]	= &nsp->uts_ns->ns,
		[AUDIT_NS_IPC]	= nsp->ipc_ns ? &nsp->ipc_ns->ns : NULL,
		[AUDIT_NS_PID]	= &nsp->pid_ns_for_children->ns,
		[AUDIT_NS_NET]	= nsp->net_ns ? &nsp->net_ns->ns : NULL,
		[AUDIT_NS_CGROUP] = IS_ENABLED(CONFIG_CGROUPS) ?
				    &nsp->cgroup_ns->ns : NULL,
		[AUDIT_NS_TIME]	= IS_ENABLED(CONFIG_TIME_NS) ?
				  &nsp->time_ns_for_children->ns : NULL,
	} };
}

/**
 * audit_ns_own - the instances that current is in
 * @own: set to them; pid is the active one, time the effective one
 *
 * Context: a task with an nsproxy. The instances stay as long as current does
 *          not leave them.
 */
void audit_ns_own(struct audit_ns_instances *own)
{
	audit_ns_instances(own, current->nsproxy, current_user_ns());
	own->ns[AUDIT_NS_PID] = &task_active_pid_ns(current)->ns;
	if (IS_ENABLED(CONFIG_TIME_NS))
		own->ns[AUDIT_NS_TIME] = &current->nsproxy->time_ns->ns;
}

/**
 * audit_ns_collect - note each instance that differs
 * @list: where to add the events, at the end
 * @record: AUDIT_NS_INIT or AUDIT_NS_SET
 * @old: the instances copied or left
 * @new: the instances made or entered; each made one is marked as announced,
 *       so that its end is recorded
 *
 * Without memory the event is counted as lost, and its end is not recorded.
 *
 * Context: may sleep; the caller keeps all instances alive and @new from
 *          others.
 */
void audit_ns_collect(struct audit_ns_event **list, int record,
		      const struct audit_ns_instances *old,
		      const struct audit_ns_instances *new)
{
	enum audit_ns_type type;

	while (*list)
		list = &(*list)->next;

	for (type = 0; type < AUDIT_NS_TYPES; type++) {
		struct audit_ns_event *event;

		if (new->ns[type] == old->ns[type])
			continue;
		event = kmalloc(sizeof(*event), GFP_KERNEL);
		if (!event) {
			audit_log_lost("out of memory for a namespace record");
			continue;
		}
		event->next = NULL;
		event->record = record;
		event->type = type;
		event->id = audit_ns_id(new, type);
		event->old = audit_ns_id(old, type);
		if (record == AUDIT_NS_INIT)
			new->ns[type]->audit_announced = true;
		*list = event;
		list = &event->next;
	}
}

/**
 * audit_ns_free - forget what was collected
 * @list: the events, none afterwards
 *
 * Context: any.
 */
void audit_ns_free(struct audit_ns_event **list)
{
	struct audit_ns_event *event;

	while ((event = *list)) {
		*list = event->next;
		kfree(event);
	}
}

/*
 * Collecting takes the stamp of the event at once: it marks the event to be
 * recorded whatever rules select the call, and lets what is made have a lower
 * serial than its end.
 */
static void audit_ns_changed(int record, const struct audit_ns_instances *old,
			     const struct audit_ns_instances *new)
{
	struct audit_context *ctx = audit_context();
	struct timespec64 time;
	unsigned int serial;

	/* without a rule nothing is written: no log of all that browsers do */
	if (!audit_enabled || audit_dummy_context())
		return;
	if (!memcmp(old, new, sizeof(*old)))
		return;
	if (auditsc_get_stamp(ctx, &time, &serial))
		audit_ns_collect(&ctx->ns_events, record, old, new);
}

/* Seven of the types; they are made all or none. */
void __audit_ns_created(const struct nsproxy *old, const struct nsproxy *new)
{
	struct audit_ns_instances before, after;

	audit_ns_instances(&before, old, current_user_ns());
	audit_ns_instances(&after, new, current_user_ns());
	audit_ns_changed(AUDIT_NS_INIT, &before, &after);
}

/* The eighth is made by itself, before the others. */
void __audit_ns_created_user(struct user_namespace *ns)
{
	struct audit_ns_instances before, after;

	audit_ns_own(&before);
	after = before;
	before.ns[AUDIT_NS_USER] = &ns->parent->ns;
	after.ns[AUDIT_NS_USER] = &ns->ns;
	audit_ns_changed(AUDIT_NS_INIT, &before, &after);
}

void __audit_ns_set(struct nsset *nsset)
{
	const struct cred *cred = nsset_cred(nsset) ?: current_cred();
	struct audit_ns_instances before, after;

	audit_ns_instances(&before, current->nsproxy, current_user_ns());
	audit_ns_instances(&after, nsset->nsproxy, cred->user_ns);
	audit_ns_changed(AUDIT_NS_SET, &before, &after);
}

static void audit_ns_log_event(struct audit_buffer *ab, unsigned int flag,
			       u64 id, u64 old)
{
	audit_log_format(ab, "namespace_type=0x%x namespace_id=" NS_ID_FMT
			 " old-namespace_id=" NS_ID_FMT " res=1",
			 flag, id, old);
}

/* Any context, softirq included: the last reference may go anywhere. */
void __audit_ns_deleted(const struct ns_common *ns)
{
	struct audit_buffer *ab;

	if (!READ_ONCE(audit_ns_switches.lifecycle) || !audit_enabled)
		return;
	ab = audit_log_start(NULL, GFP_ATOMIC, AUDIT_NS_DEL);
	if (!ab)
		return;
	audit_log_format(ab, "namespace_type=0x%x namespace_id=" NS_ID_FMT
			 " res=1", ns->ops->type, ns_id_of(ns));
	audit_log_end(ab);
}

/* No record means that all are initial. */
static void audit_ns_log_info(struct audit_context *ctx)
{
	struct audit_ns_instances own;
	enum audit_ns_type type;
	struct audit_buffer *ab;
	bool initial = true;

	/* audit_free() comes before exit_task_namespaces() in do_exit() */
	if (!current->nsproxy)
		return;
	audit_ns_own(&own);
	for (type = 0; type < AUDIT_NS_TYPES; type++)
		initial &= audit_ns_id(&own, type) == audit_ns_types[type].initial;
	if (initial)
		return;

	ab = audit_log_start(ctx, GFP_KERNEL, AUDIT_NS_INFO);
	if (!ab)
		return;
	audit_log_format(ab, "netns=" NS_ID_FMT " utsns=" NS_ID_FMT
			 " ipcns=" NS_ID_FMT " pidns=" NS_ID_FMT
			 " userns=" NS_ID_FMT " mntns=" NS_ID_FMT
			 " cgroupns=" NS_ID_FMT " timens=" NS_ID_FMT,
			 audit_ns_id(&own, AUDIT_NS_NET),
			 audit_ns_id(&own, AUDIT_NS_UTS),
			 audit_ns_id(&own, AUDIT_NS_IPC),
			 audit_ns_id(&own, AUDIT_NS_PID),
			 audit_ns_id(&own, AUDIT_NS_USER),
			 audit_ns_id(&own, AUDIT_NS_MNT),
			 audit_ns_id(&own, AUDIT_NS_CGROUP),
			 audit_ns_id(&own, AUDIT_NS_TIME));
	audit_log_end(ab);
}

void __audit_ns_log(struct audit_context *ctx)
{
	struct audit_ns_event *event;

	if (READ_ONCE(audit_ns_switches.info))
		audit_ns_log_info(ctx);
	if (!READ_ONCE(audit_ns_switches.lifecycle))
		return;
	for (event = ctx->ns_events; event; event = event->next) {
		struct audit_buffer *ab = audit_log_start(ctx, GFP_KERNEL,
							  event->record);

		if (!ab)
			continue;
		audit_ns_log_event(ab, audit_ns_types[event->type].flag,
				   event->id, event->old);
		audit_log_end(ab);
	}
}

/**
 * audit_ns_log_initial - record the instances of the host, once per boot
 *
 * To be called when kernel.audit_ns_lifecycle or audit was switched; does
 * nothing before both are on. The mount and network instances are older than
 * audit, so none of the eight can be recorded when it is made.
 *
 * Context: may sleep, audit_ctl_lock() held.
 */
void audit_ns_log_initial(void)
{
	static bool done;
	enum init_ns_id id;

	if (done || !audit_ns_switches.lifecycle || !audit_enabled)
		return;
	done = true;
	for (id = IPC_NS_INIT_ID; id <= MNT_NS_INIT_ID; id++) {
		enum audit_ns_type type = 0;
		struct audit_buffer *ab;

		if (!ns_id_initial(id))
			continue;
		ab = audit_log_start(NULL, GFP_KERNEL, AUDIT_NS_INIT);
		if (!ab)
			continue;
		while (audit_ns_types[type].initial != id)
			type++;
		audit_ns_log_event(ab, audit_ns_types[type].flag, id, 0);
		audit_log_end(ab);
	}
}

/*
 * The mode bits let pass the kuid 0 of any user namespace, and a switch of
 * audit is not theirs.
 */
static int audit_ns_sysctl(const struct ctl_table *table, int write,
			   void *buffer, size_t *lenp, loff_t *ppos)
{
	u32 *on = table->data;
	int rc, value = READ_ONCE(*on);
	struct ctl_table copy = *table;

	if (write && !capable(CAP_AUDIT_CONTROL))
		return -EPERM;
	copy.data = &value;
	rc = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (rc || !write)
		return rc;

	audit_ctl_lock();
	if (value != *on || audit_enabled == AUDIT_LOCKED)
		rc = audit_do_config_change((char *)table->procname, on, value);
	audit_ns_log_initial();
	audit_ctl_unlock();
	return rc;
}

static struct ctl_table audit_ns_sysctls[] = {
	{
		.procname	= "audit_ns_info",
		.data		= &audit_ns_switches.info,
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= audit_ns_sysctl,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
	{
		.procname	= "audit_ns_lifecycle",
		.data		= &audit_ns_switches.lifecycle,
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= audit_ns_sysctl,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
};

static int __init audit_ns_init(void)
{
	register_sysctl_init("kernel", audit_ns_sysctls);
	return 0;
}
core_initcall(audit_ns_init);
