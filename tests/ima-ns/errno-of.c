// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * errno-of - does one thing and prints the name of the error, 0 without one
 *
 * errno-of id FILE		asks a namespace file for its id
 * errno-of mount TYPE DIR	mounts a file system without a device
 * errno-of write FILE TEXT	writes the text and a newline to a file
 *
 * The exit status is 0, 2 for wrong arguments or if FILE cannot be opened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#define NS_GET_ID _IOR(0xb7, 13, uint64_t)

static int file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		fprintf(stderr, "errno-of: %s: %s\n", path, strerror(errno));
	return fd;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	uint64_t id;
	int fd, rc;

	if (!strcmp(what, "id")) {
		fd = file(argv[2], O_RDONLY);
		if (fd < 0)
			return 2;
		rc = ioctl(fd, NS_GET_ID, &id);
	} else if (!strcmp(what, "mount") && argc == 4) {
		rc = mount("none", argv[3], argv[2], 0, NULL);
	} else if (!strcmp(what, "write") && argc == 4) {
		fd = file(argv[2], O_WRONLY);
		if (fd < 0)
			return 2;
		rc = dprintf(fd, "%s\n", argv[3]) < 0;
	} else {
		fprintf(stderr, "errno-of: see its source\n");
		return 2;
	}
	puts(rc ? strerrorname_np(errno) : "0");
	return 0;
}
