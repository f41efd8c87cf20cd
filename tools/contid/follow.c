// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A log that is being written, and rotated
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "follow.h"

enum { NAP_MS = 200, ROTATED_MAX = 999 };

static int drain(struct contid_reader *reader, int fd)
{
	static char buf[128 * 1024];

	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));
		int err;

		if (!n)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		err = n < 0 ? -errno : contid_reader_feed(reader, buf, (size_t)n);
		if (err)
			return err;
	}
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Logs between the one that was being read and the one of now, should several have been rotated. */
static int between(struct contid_reader *reader, const char *path, const struct stat *old)
{
	struct stat st;
	int age = 1;

	for (;; age++) {
		CLEANUP_FREE char *name = NULL;

		if (age > ROTATED_MAX || asprintf(&name, "%s.%d", path, age) < 0)
			return 0;
		/* deleted since */
		if (stat(name, &st))
			return 0;
		if (same(&st, old))
			break;
	}
	while (--age > 0) {
		CLEANUP_FREE char *name = NULL;
		CLEANUP_FD int fd = -1;
		int err;

		if (asprintf(&name, "%s.%d", path, age) < 0)
			return -ENOMEM;
		fd = open(name, O_RDONLY | O_CLOEXEC);
		err = fd < 0 ? 0 : drain(reader, fd);
		if (err)
			return err;
	}
	return 0;
}

int follow(struct contid_reader *reader, const char *path, bool old, int (*idle)(void),
	   const volatile sig_atomic_t *stop)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat held, st;
	int err;

	if (fd < 0 || fstat(fd, &held) || (!old && lseek(fd, 0, SEEK_END) < 0))
		return -errno;
	for (;;) {
		err = drain(reader, fd);
		if (!err)
			err = contid_reader_age(reader);
		if (!err)
			err = idle();
		if (err || *stop)
			break;
		/* while it is being rotated there is none */
		if (!stat(path, &st) && !same(&st, &held)) {
			/* whoever rotates has written his last to the old one */
			err = drain(reader, fd);
			if (!err)
				err = between(reader, path, &held);
			if (err)
				break;
			close(fd);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd < 0 || fstat(fd, &held))
				return -errno;
			continue;
		}
		if (!fstat(fd, &st) && st.st_size < lseek(fd, 0, SEEK_CUR))
			lseek(fd, 0, SEEK_SET);
		nanosleep(&(struct timespec){ .tv_nsec = NAP_MS * 1000000L }, NULL);
	}
	return err;
}
