// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace ids - one number per namespace instance, never used twice
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The inode number of a namespace is recycled, so two log lines with the same
 * number may mean two containers. The id counts instances of all types in one
 * space and never goes back: a single number names one instance during one
 * boot.
 */

#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/init.h>
#include <linux/ipc_namespace.h>
#include <linux/mnt_namespace.h>
#include <linux/ns_id.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/sysctl.h>
#include <linux/time_namespace.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include <net/net_namespace.h>

/* The last id given out. 64 bits outlast the machine at any rate. */
static atomic64_t ns_id_last = ATOMIC64_INIT(MNT_NS_INIT_ID);

static int ns_id_restrict __read_mostly;

/**
 * ns_id_assign - give a new namespace instance its id
 * @ns: the instance, not yet visible to anybody else
 *
 * Context: any, takes no lock.
 */
void ns_id_assign(struct ns_common *ns)
{
	ns->ns_id = atomic64_inc_return(&ns_id_last);
}

/**
 * ns_id_restricted - may only the host's administrator read ids?
 *
 * Return: true if kernel.ns_id_restrict is 1.
 * Context: any.
 */
bool ns_id_restricted(void)
{
	return READ_ONCE(ns_id_restrict);
}

/**
 * ns_id_initial - the initial instance that has a fixed id
 * @id: one of the fixed ids
 *
 * Return: the instance, or NULL if its type is not configured or @id is not
 *         one of the fixed ids. Initial instances are never freed.
 * Context: any, after the first mount namespace was created.
 */
struct ns_common *ns_id_initial(enum init_ns_id id)
{
	/* The same conditions as those of init_nsproxy. */
	static struct ns_common *const initial[] = {
		[IPC_NS_INIT_ID]	= IS_ENABLED(CONFIG_POSIX_MQUEUE) ||
					  IS_ENABLED(CONFIG_SYSVIPC) ?
					  &init_ipc_ns.ns : NULL,
		[UTS_NS_INIT_ID]	= &init_uts_ns.ns,
		[USER_NS_INIT_ID]	= &init_user_ns.ns,
		[PID_NS_INIT_ID]	= &init_pid_ns.ns,
		[CGROUP_NS_INIT_ID]	= IS_ENABLED(CONFIG_CGROUPS) ?
					  &init_cgroup_ns.ns : NULL,
		[TIME_NS_INIT_ID]	= IS_ENABLED(CONFIG_TIME_NS) ?
					  &init_time_ns.ns : NULL,
		[NET_NS_INIT_ID]	= IS_ENABLED(CONFIG_NET) ?
					  &init_net.ns : NULL,
	};

	/* The only one that is allocated, and private to fs/. */
	if (id == MNT_NS_INIT_ID)
		return from_mnt_ns(init_nsproxy.mnt_ns);
	if (id >= ARRAY_SIZE(initial))
		return NULL;
	return initial[id];
}

/*
 * A task with CAP_SYS_ADMIN over a user namespace of its own may be kuid 0 and
 * so pass the mode bits; the switch is for the whole machine.
 */
static int ns_id_restrict_handler(const struct ctl_table *table, int write,
				  void *buffer, size_t *lenp, loff_t *ppos)
{
	if (write && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return proc_dointvec_minmax(table, write, buffer, lenp, ppos);
}

static struct ctl_table ns_id_sysctls[] = {
	{
		.procname	= "ns_id_restrict",
		.data		= &ns_id_restrict,
		.maxlen		= sizeof(ns_id_restrict),
		.mode		= 0644,
		.proc_handler	= ns_id_restrict_handler,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
};

/*
 * The initial network and mount namespaces have passed through ns_alloc_inum()
 * and hold ids from the counter until now; user space never sees those.
 */
static int __init ns_id_init(void)
{
	enum init_ns_id id;

	for (id = IPC_NS_INIT_ID; id <= MNT_NS_INIT_ID; id++) {
		struct ns_common *ns = ns_id_initial(id);

		if (ns)
			ns->ns_id = id;
	}

	register_sysctl_init("kernel", ns_id_sysctls);
	return 0;
}
early_initcall(ns_id_init);
