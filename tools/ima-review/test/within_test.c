// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of the kernel are read, and not what a container has mounted over them
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../ima-review.h"

static char folder[64];

static int made(void)
{
	int dir, fd;

	strcpy(folder, "/tmp/within-test.XXXXXX");
	unit_true(mkdtemp(folder));
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	fd = openat(dir, "id", O_WRONLY | O_CREAT, 0600);
	close(fd);
	close(openat(dir, "fake", O_WRONLY | O_CREAT, 0600));
	unit_true(!symlinkat("fake", dir, "link"));
	return dir;
}

static void gone(int dir)
{
	unlinkat(dir, "id", 0);
	unlinkat(dir, "fake", 0);
	unlinkat(dir, "link", 0);
	close(dir);
	rmdir(folder);
}

static void only_plain_names_lead_somewhere(void)
{
	int dir = made(), fd = ir_open_within(dir, "id");

	unit_true(fd >= 0);
	close(fd);
	unit_int(-ENOENT, ir_open_within(dir, "none"));
	unit_int(-ELOOP, ir_open_within(dir, "link"));
	unit_int(-EXDEV, ir_open_within(dir, "/etc/passwd"));
	unit_int(-EXDEV, ir_open_within(dir, "../x"));
	gone(dir);
}

static void what_is_mounted_over_a_file_is_not_it(void)
{
	int dir = made(), status;
	char id[80], fake[80];
	pid_t child;

	snprintf(id, sizeof(id), "%s/id", folder);
	snprintf(fake, sizeof(fake), "%s/fake", folder);
	child = fork();
	if (!child) {
		/* whoever may not mount has nothing to test */
		if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount(fake, id, NULL, MS_BIND, NULL))
			_exit(0);
		_exit(ir_open_within(open(folder, O_RDONLY | O_DIRECTORY), "id") != -EXDEV);
	}
	waitpid(child, &status, 0);
	gone(dir);
	unit_int(0, status);
}

static const struct unit_test tests[] = {
	TEST(only_plain_names_lead_somewhere),
	TEST(what_is_mounted_over_a_file_is_not_it),
};

UNIT(tests)
