// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - bind mounts in folders that the host's audit rules watch
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../libcontid/cleanup.h"
#include "equiv.h"
#include "limit.h"

/* A path as it is written, or from @dir on. */
static char *from(const char *dir, const char *path)
{
	char *whole;

	return asprintf(&whole, "%s%s%s", *path == '/' ? "" : dir, *path == '/' ? "" : "/", path) <
			       0 ?
		       NULL :
		       whole;
}

/*
 * Path on the host of a folder in the container. Its links lead where they lead inside: who writes
 * the image does not choose a folder of the host.
 */
static int host_path(const char *root, const char *inside, char path[PATH_MAX])
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	CLEANUP_FD int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int fd = -1;
	char link[32];
	ssize_t n;

	if (root_fd < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, root_fd, inside, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	return 0;
}

struct making {
	const struct bundle *bundle;
	const char *dir;
};

static int make_one(int audit, const struct bundle *bundle, const char *dir,
		    const struct bundle_bind *bind)
{
	CLEANUP_FREE char *source = from(dir, bind->source);
	CLEANUP_FREE char *root = from(dir, bundle->root);
	char target[PATH_MAX];
	struct stat st;
	int rc;

	if (!source || !root)
		return ENOMEM;
	if (stat(source, &st) || !S_ISDIR(st.st_mode) || host_path(root, bind->destination, target))
		return 0;
	rc = audit_make_equivalent(audit, target, source);
	return rc < 0 ? -rc : 0;
}

static int make_all(void *data)
{
	const struct making *making = data;
	int audit = audit_open(), rc = 0;

	if (audit < 0)
		return errno;
	for (size_t i = 0; !rc && i < making->bundle->n_binds; i++)
		rc = make_one(audit, making->bundle, making->dir, &making->bundle->binds[i]);
	return rc;
}

int equiv_make(const struct bundle *bundle, const char *dir, unsigned int seconds)
{
	struct making making = { bundle, dir };

	return bundle->root && bundle->n_binds ? limit_call(make_all, &making, seconds) : 0;
}

static int trim(void *data)
{
	int audit = audit_open(), rc;

	(void)data;
	if (audit < 0)
		return errno;
	rc = audit_trim_subtrees(audit);
	return rc < 0 ? -rc : 0;
}

int equiv_trim(unsigned int seconds)
{
	return limit_call(trim, NULL, seconds);
}
