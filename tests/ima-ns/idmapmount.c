// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * idmapmount - mounts a directory once more, with the ids of a user namespace
 *
 * idmapmount PID FROM TO
 *
 * FROM appears on TO; owners of its files are mapped by the user namespace of PID: what belongs to
 * 0 there belongs to the root of that namespace here.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

int main(int argc, char *argv[])
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	char path[64];
	int tree, user;

	if (argc != 4) {
		fprintf(stderr, "usage: idmapmount PID FROM TO\n");
		return 2;
	}
	snprintf(path, sizeof(path), "/proc/%s/ns/user", argv[1]);
	user = open(path, O_RDONLY | O_CLOEXEC);
	if (user < 0)
		die(path);
	attr.userns_fd = user;
	tree = syscall(SYS_open_tree, AT_FDCWD, argv[2], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		die(argv[2]);
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)))
		die("idmapmount: mount_setattr");
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, argv[3], MOVE_MOUNT_F_EMPTY_PATH))
		die(argv[3]);
	return 0;
}
