/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a block leaves behind when it ends: descriptors are closed, memory is freed
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_CLEANUP_H
#define CONTID_CLEANUP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* errno is kept, since the value that a function returns may come from it */
static inline void cleanup_fd(const int *fd)
{
	int err = errno;

	if (*fd >= 0)
		close(*fd);
	errno = err;
}

static inline void cleanup_free(void *p)
{
	int err = errno;

	free(*(void **)p);
	errno = err;
}

static inline void cleanup_file(FILE **file)
{
	int err = errno;

	if (*file)
		fclose(*file);
	errno = err;
}

#define CLEANUP_FD   __attribute__((cleanup(cleanup_fd)))
#define CLEANUP_FREE __attribute__((cleanup(cleanup_free)))
#define CLEANUP_FILE __attribute__((cleanup(cleanup_file)))

#endif /* CONTID_CLEANUP_H */
