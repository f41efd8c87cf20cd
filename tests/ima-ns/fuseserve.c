// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuseserve - a FUSE file system with one file
 *
 * fuseserve DIR
 *
 * Mounts it on DIR and returns; the server goes on in the background until DIR is unmounted. The
 * file, DIR/file, can be read and executed by all; its owner is the root of the mounting user
 * namespace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILE_NODE 2

static const char contents[] = "contents of the file\n";
static int dev;

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static void reply(const struct fuse_in_header *in, int error, const void *data, size_t len)
{
	struct fuse_out_header out = {
		.len = sizeof(out) + len,
		.error = error,
		.unique = in->unique,
	};
	struct iovec iov[] = {
		{ &out, sizeof(out) },
		{ (void *)data, len },
	};

	/* the caller may have been killed meanwhile */
	if (writev(dev, iov, 2) < 0 && errno != ENOENT)
		die("/dev/fuse");
}

static struct fuse_attr attr_of(uint64_t node)
{
	bool file = node == FILE_NODE;

	return (struct fuse_attr){
		.ino = node,
		.nlink = file ? 1 : 2,
		.size = file ? sizeof(contents) - 1 : 0,
		.mode = file ? S_IFREG | 0755 : S_IFDIR | 0755,
	};
}

static void answer(const struct fuse_in_header *in)
{
	const void *arg = in + 1;

	switch (in->opcode) {
	case FUSE_INIT: {
		struct fuse_init_out out = {
			.major = FUSE_KERNEL_VERSION,
			.minor = FUSE_KERNEL_MINOR_VERSION,
			.max_write = 4096,
		};

		reply(in, 0, &out, sizeof(out));
		break;
	}
	case FUSE_LOOKUP: {
		struct fuse_entry_out out = {
			.nodeid = FILE_NODE,
			.attr = attr_of(FILE_NODE),
			.entry_valid = 3600,
			.attr_valid = 3600,
		};

		if (strcmp(arg, "file"))
			reply(in, -ENOENT, NULL, 0);
		else
			reply(in, 0, &out, sizeof(out));
		break;
	}
	case FUSE_GETATTR: {
		struct fuse_attr_out out = {
			.attr = attr_of(in->nodeid),
			.attr_valid = 3600,
		};

		reply(in, 0, &out, sizeof(out));
		break;
	}
	case FUSE_OPEN:
	case FUSE_OPENDIR: {
		struct fuse_open_out out = {};

		reply(in, 0, &out, sizeof(out));
		break;
	}
	case FUSE_READ: {
		const struct fuse_read_in *read_in = arg;
		size_t len = sizeof(contents) - 1;
		size_t from = read_in->offset < len ? read_in->offset : len;

		len -= from;
		if (len > read_in->size)
			len = read_in->size;
		reply(in, 0, contents + from, len);
		break;
	}
	case FUSE_FLUSH:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		reply(in, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(in, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char *argv[])
{
	static char buf[FUSE_MIN_READ_BUFFER + 65536];
	char opts[128];

	if (argc != 2) {
		fprintf(stderr, "usage: fuseserve DIR\n");
		return 2;
	}
	dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (dev < 0)
		die("/dev/fuse");
	snprintf(opts, sizeof(opts), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", dev);
	if (mount("fuseserve", argv[1], "fuse", MS_NOSUID | MS_NODEV, opts))
		die(argv[1]);
	/* requests wait until the server reads them */
	if (daemon(0, 0))
		die("fuseserve: daemon");
	for (;;) {
		ssize_t n = read(dev, buf, sizeof(buf));

		if (n >= (ssize_t)sizeof(struct fuse_in_header))
			answer((void *)buf);
		else if (errno == ENODEV)
			return 0;
		else if (errno != EINTR && errno != ENOENT)
			return 1;
	}
}
