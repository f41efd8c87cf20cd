// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace ids - links in /proc/PID/ns whose text is the id
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The link <type>_snum differs from the link <type> in name and text alone, so
 * its operations are a copy with another name.
 */

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/ns_id.h>
#include <linux/proc_ns.h>

/* Filled before user space can open /proc, and constant from then on. */
struct proc_ns_operations ns_id_proc_cgroup __ro_after_init;
struct proc_ns_operations ns_id_proc_ipc __ro_after_init;
struct proc_ns_operations ns_id_proc_mnt __ro_after_init;
struct proc_ns_operations ns_id_proc_net __ro_after_init;
struct proc_ns_operations ns_id_proc_pid __ro_after_init;
struct proc_ns_operations ns_id_proc_time __ro_after_init;
struct proc_ns_operations ns_id_proc_user __ro_after_init;
struct proc_ns_operations ns_id_proc_uts __ro_after_init;

static const struct ns_id_proc_link {
	struct proc_ns_operations *ops;
	const struct proc_ns_operations *of;
	const char *name;
} ns_id_proc_links[] = {
	{ &ns_id_proc_cgroup,	&cgroupns_operations,	"cgroup_snum" },
	{ &ns_id_proc_ipc,	&ipcns_operations,	"ipc_snum" },
	{ &ns_id_proc_mnt,	&mntns_operations,	"mnt_snum" },
	{ &ns_id_proc_net,	&netns_operations,	"net_snum" },
	{ &ns_id_proc_pid,	&pidns_operations,	"pid_snum" },
	{ &ns_id_proc_time,	&timens_operations,	"time_snum" },
	{ &ns_id_proc_user,	&userns_operations,	"user_snum" },
	{ &ns_id_proc_uts,	&utsns_operations,	"uts_snum" },
};

/**
 * ns_id_proc_is_link - is the text of this link an id?
 * @ops: operations of a link in /proc/PID/ns
 *
 * Return: true for a link <type>_snum.
 * Context: any.
 */
bool ns_id_proc_is_link(const struct proc_ns_operations *ops)
{
	const struct ns_id_proc_link *link = ns_id_proc_links;

	for (; link < ns_id_proc_links + ARRAY_SIZE(ns_id_proc_links); link++)
		if (link->ops == ops)
			return true;
	return false;
}

/**
 * ns_id_proc_text - the text of a link <type>_snum
 * @ops: operations of any link in /proc/PID/ns
 * @ns: the namespace it leads to
 * @buf: where to, with NUL
 * @size: bytes there
 *
 * Return: bytes of the whole text without NUL; 0, and nothing written, if @ops
 *         are those of another link.
 * Context: any; the caller keeps @ns alive.
 */
int ns_id_proc_text(const struct proc_ns_operations *ops,
		    const struct ns_common *ns, char *buf, size_t size)
{
	if (!ns_id_proc_is_link(ops))
		return 0;
	return snprintf(buf, size, NS_ID_FMT, ns_id_of(ns));
}

static int __init ns_id_proc_init(void)
{
	const struct ns_id_proc_link *link = ns_id_proc_links;

	for (; link < ns_id_proc_links + ARRAY_SIZE(ns_id_proc_links); link++) {
		*link->ops = *link->of;
		link->ops->name = link->name;
	}
	return 0;
}
early_initcall(ns_id_proc_init);
