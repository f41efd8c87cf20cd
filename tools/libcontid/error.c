// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Failures as sentences - object, cause, remedy, one table for all programs
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "contid.h"

struct sentence {
	int err;
	bool lacks; /* exit status 3: the kernel has no such feature */
	const char *cause;
	const char *remedy;
};

#define NO_CONTID "this kernel has no audit container ids", "boot a kernel with AUDIT_CONTID"
#define NO_AUDIT                                                                                   \
	"auditing was switched off at boot, or it is a kernel thread",                             \
		"remove 'audit=0' from the kernel's command line"
#define NO_RIGHT                                                                                   \
	"no CAP_AUDIT_CONTROL on the host, and no delegation",                                     \
		"run as root on the host, or get 'capcontid' from 'contid set --cap on'"
#define NO_NUMBER "not a legal id", "take a number from 0 to 18446744073709551614"
#define NO_MEMORY "out of memory", "free some and try again"
#define GONE	  "there is no such process any more", "look for it with 'ps -e'"
#define DEPTH	  "32 containers around it already", "start it from one of the outer ones"
#define LABELLED  "already labelled", "a label is permanent, start the command anew"
#define BACKLOG                                                                                    \
	"the kernel does not take the label in time",                                              \
		"look at 'auditctl -s', whether the audit backlog is full"
#define TREE "it has threads or children already", "label it before its exec: 'contid run'"

static const struct sentence set[] = {
	{ ENOSYS, true, NO_CONTID },
	{ ENOENT, true, NO_CONTID },
	{ ENOPROTOOPT, true, NO_AUDIT },
	{ EPERM, false, NO_RIGHT },
	{ EACCES, false, NO_RIGHT },
	{ EBUSY, false, TREE },
	{ EXDEV, false, "not a descendant of this process", "start it with 'contid run'" },
	{ EEXIST, false, LABELLED },
	{ ENOTUNIQ, false, "the id is in use by another orchestrator, or reserved",
	  "take another id, or join through its owner" },
	{ ENOSPC, false, DEPTH },
	{ ENOMEM, false, NO_MEMORY },
	{ EINVAL, false, NO_NUMBER },
	{ ERANGE, false, NO_NUMBER },
	{ ESRCH, false, GONE },
	{ ETIMEDOUT, false, BACKLOG },
	{},
};

static const struct sentence join[] = {
	{ ENOSYS, true, NO_CONTID },
	{ ENOENT, false, "no live container has this id", "look at 'contid ls'" },
	{ ENOPROTOOPT, true, NO_AUDIT },
	{ EPERM, false,
	  "no CAP_AUDIT_CONTROL on the host, or the container was made at another nesting level",
	  "run as root on the host, in the container from which it was made" },
	{ EACCES, false, "no CAP_AUDIT_CONTROL on the host", "run as root on the host" },
	{ EBUSY, false, "it has threads or children already",
	  "label it before its exec: 'contid join'" },
	{ EXDEV, false, "not a descendant of this process", "start it with 'contid join'" },
	{ EEXIST, false, LABELLED },
	{ ENOTUNIQ, false, "the owner of the container still runs",
	  "join through it, or start a container with another id" },
	{ ENOSPC, false, DEPTH },
	{ ENOMEM, false, NO_MEMORY },
	{ EINVAL, false, NO_NUMBER },
	{ ERANGE, false, NO_NUMBER },
	{ ESRCH, false, GONE },
	{ ETIMEDOUT, false, BACKLOG },
	{},
};

static const struct sentence get[] = {
	{ ENOSYS, true, NO_CONTID },
	{ EPERM, false, NO_RIGHT },
	{ EACCES, false, NO_RIGHT },
	{ EINVAL, false, "no process id", "give a number from 1 to 4194304" },
	{ ENOMEM, false, NO_MEMORY },
	{ ESRCH, false, GONE },
	{},
};

static const struct sentence cap[] = {
	{ ENOSYS, true, NO_CONTID },
	{ ENOENT, true, NO_CONTID },
	{ ENOPROTOOPT, true, NO_AUDIT },
	{ EPERM, false, NO_RIGHT },
	{ EACCES, false, NO_RIGHT },
	{ EXDEV, false, "not a descendant of this process",
	  "grant it from a process that has started it" },
	{ ENOMEM, false, NO_MEMORY },
	{ EINVAL, false, "neither on nor off", "say 'on' or 'off'" },
	{ ESRCH, false, GONE },
	{},
};

static const struct sentence nsid[] = {
	{ ENOSYS, true, "this kernel has no namespace ids", "boot a kernel with NS_ID" },
	{ ENOTTY, true, "this kernel has no namespace ids, or it is no namespace",
	  "boot a kernel with NS_ID" },
	{ EPERM, false, "namespace ids are hidden by kernel.ns_id_restrict",
	  "run as root on the host" },
	{ EACCES, false, "no right to look at this process", "run as root on the host" },
	{ ENOMEM, false, NO_MEMORY },
	{ ESRCH, false, GONE },
	{},
};

static const struct sentence rule[] = {
	{ ENOSYS, true, "this kernel has no audit rules with contid",
	  "boot a kernel with AUDIT_CONTID" },
	{ EPROTONOSUPPORT, true, "this kernel has no auditing", "boot a kernel with AUDIT" },
	{ EAFNOSUPPORT, true, "this kernel has no auditing", "boot a kernel with AUDIT" },
	{ ECONNREFUSED, true, "auditing is not reachable from here",
	  "run in the network namespace of the host, and without 'audit=0'" },
	{ EPERM, false, "no CAP_AUDIT_CONTROL, or the configuration is locked by 'auditctl -e 2'",
	  "run as root on the host, or reboot to unlock" },
	{ EEXIST, false, "the kernel has this rule already", "look at 'contid rule list'" },
	{ ENOENT, false, "the kernel has no such rule, or a file of it is missing",
	  "look at 'contid rule list'" },
	{ ENOTDIR, false, "a folder of its path is none", "give the path of a folder or file" },
	{ EINVAL, false, "the kernel refuses it", "look at contid(8) for what a list takes" },
	{ E2BIG, false, "too long", "give shorter strings or fewer fields" },
	{ EBADMSG, false, "the kernel's copy of the rule makes no sense",
	  "use kernel and tools of one version" },
	{ ENOMEM, false, NO_MEMORY },
	{ ETIMEDOUT, false, "the kernel does not answer", "look at the kernel's log" },
	{},
};

static const struct sentence policy[] = {
	{ ENOSYS, true, "this kernel has no IMA namespaces", "boot a kernel with IMA_NS" },
	{ ENODEV, true, "this kernel has no securityfs for containers",
	  "boot a kernel with IMA_NS" },
	{ ENOENT, false, "no such policy, or IMA is not in this kernel",
	  "look into " CONTID_POLICY_DIR ", and at 'contid status'" },
	{ EPERM, false, "no right to load a policy there",
	  "run as root on the host, with CAP_AUDIT_WRITE for rules with 'audit'" },
	{ EACCES, false, "no right to load a policy there", "run as root on the host" },
	{ EINVAL, false, "not a policy that a container can have",
	  "look at what a policy may have in contid-oci(8); a user namespace of its own is "
	  "needed" },
	{ EBUSY, false, "another process has the policy open", "wait for it" },
	{ EDQUOT, false, "more rules than a container may have", "join rules, 1024 are the limit" },
	{ E2BIG, false, "a rule of a page or more", "split the rule" },
	{ EKEYREJECTED, false, "the kernel has another policy than was written",
	  "look at the kernel's log" },
	{ ETIMEDOUT, false, "loading took too long", "look at the kernel's log" },
	{ ENOSPC, false, "the limit on IMA namespaces is reached",
	  "end a container, or raise user.max_ima_namespaces" },
	{ ENOMEM, false, NO_MEMORY },
	{ ESRCH, false, GONE },
	{},
};

static const struct sentence state[] = {
	{ ENOENT, false, "no state of such a container", "look at 'contid ls'" },
	{ EBADMSG, false, "no state of ours", "remove the file if nothing uses it" },
	{ EINVAL, false, "no name for a container", "a name is a plain file name" },
	{ EACCES, false, "no right to the state folder", "run as root" },
	{ EPERM, false, "no right to the state folder", "run as root" },
	{ EROFS, false, "the state folder cannot be written", "mount /run as a tmpfs" },
	{ ENOSPC, false, "no room for the state", "make room in /run" },
	{ ENOMEM, false, NO_MEMORY },
	{},
};

static const struct sentence log_[] = {
	{ ENOENT, false, "no such log", "start auditd, or give the path of a log" },
	{ EACCES, false, "no right to read the log", "run as root" },
	{ EPERM, false, "no right to read the log", "run as root" },
	{ EINVAL, false, "not an audit log", "give a file that auditd has written" },
	{ EBADMSG, false, "not an audit log", "give a file that auditd has written" },
	{ ENOMEM, false, NO_MEMORY },
	{},
};

static const struct sentence *const sentences[CONTID_OPS] = {
	[CONTID_OP_SET] = set,	     [CONTID_OP_JOIN] = join,	[CONTID_OP_GET] = get,
	[CONTID_OP_CAP] = cap,	     [CONTID_OP_NSID] = nsid,	[CONTID_OP_RULE] = rule,
	[CONTID_OP_POLICY] = policy, [CONTID_OP_STATE] = state, [CONTID_OP_LOG] = log_,
};

static const struct sentence *find(enum contid_op op, int err)
{
	err = abs(err);
	if ((unsigned int)op < CONTID_OPS)
		for (const struct sentence *s = sentences[op]; s->err; s++)
			if (s->err == err)
				return s;
	return NULL;
}

const char *contid_errno_name(int err)
{
	static _Thread_local char text[32];
	const char *name = strerrorname_np(abs(err));

	/* strerrorname_np(0) is "0" */
	if (name && err)
		return name;
	snprintf(text, sizeof(text), "errno %d", abs(err));
	return text;
}

char *contid_error(char *buf, size_t size, enum contid_op op, const char *object, int err)
{
	const struct sentence *s = find(op, err);

	if (s)
		snprintf(buf, size, "%s: %s (%s); %s", object, s->cause, contid_errno_name(err),
			 s->remedy);
	else
		snprintf(buf, size, "%s: %s (%s)", object, strerror(abs(err)),
			 contid_errno_name(err));
	return buf;
}

int contid_error_status(enum contid_op op, int err)
{
	const struct sentence *s = find(op, err);

	return s && s->lacks ? 3 : 4;
}
