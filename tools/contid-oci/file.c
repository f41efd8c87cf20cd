// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - whole files
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../libcontid/cleanup.h"
#include "file.h"

static int read_fd(int fd, size_t max, char **text, size_t *size)
{
	struct stat st;
	size_t room = 0;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	do {
		/* it may grow meanwhile, so what is read counts, not what stat() says */
		if (room - *size < 2) {
			char *bigger = realloc(*text, room + 65536);

			if (!bigger)
				return -ENOMEM;
			*text = bigger;
			room += 65536;
		}
		n = read(fd, *text + *size, room - *size - 1);
		*size += n > 0 ? (size_t)n : 0;
		if (*size > max)
			return -EFBIG;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	(*text)[*size] = '\0';
	return 0;
}

static int read_at(int dir, const char *name, int flags, size_t max, char **text, size_t *size)
{
	CLEANUP_FD int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
	int rc;

	*text = NULL;
	*size = 0;
	if (fd < 0)
		return -errno;
	rc = read_fd(fd, max, text, size);
	if (rc) {
		free(*text);
		*text = NULL;
		*size = 0;
	}
	return rc;
}

int file_read(const char *path, size_t max, char **text, size_t *size)
{
	return read_at(AT_FDCWD, path, 0, max, text, size);
}

int file_read_in(const char *dir, const char *name, size_t max, char **text, size_t *size)
{
	CLEANUP_FD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*text = NULL;
	*size = 0;
	return fd < 0 ? -errno : read_at(fd, name, O_NOFOLLOW, max, text, size);
}
