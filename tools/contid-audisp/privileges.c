// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the plugin inherits from auditd and gives away
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privileges.h"

int inherited_reset(void)
{
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		if (signal != SIGKILL && signal != SIGSTOP)
			sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL))
		return -errno;
	umask(0027);
	if (clearenv() || setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1))
		return -ENOMEM;
	return chdir("/") ? -errno : 0;
}

int privileges_ids(const struct config *config, uid_t *uid, gid_t *gid, char *error, size_t size)
{
	const struct passwd *user;
	const struct group *group;

	*uid = (uid_t)-1;
	*gid = (gid_t)-1;
	if (geteuid())
		return 0;
	user = getpwnam(config->user);
	if (!user) {
		snprintf(error, size, "user %s: none of this name; run systemd-sysusers",
			 config->user);
		return -ENOENT;
	}
	group = getgrnam(config->group);
	if (!group) {
		snprintf(error, size,
			 "group %s: none of this name; make it, or name another in "
			 "contid.conf(5)",
			 config->group);
		return -ENOENT;
	}
	*uid = user->pw_uid;
	*gid = group->gr_gid;
	return 0;
}

int privileges_drop(uid_t uid, gid_t gid)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	if (uid == (uid_t)-1)
		return 0;
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_change_id((int)uid, (int)gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING))
		return -EPERM;
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT))
		return -EPERM;
	/* it must have worked, whatever the library says */
	return capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE || !setuid(0) ? -EPERM : 0;
}
