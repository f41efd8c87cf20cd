/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - whole files
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>

/**
 * file_read - read a regular file
 * @text:	its bytes and a NUL, freed by the caller
 *
 * A pipe or device in its place is not waited for.
 *
 * Return: 0; -EFBIG more than @max bytes; -EINVAL no regular file; the errno of open() or read().
 */
int file_read(const char *path, size_t max, char **text, size_t *size);
/* The same for a name in the folder @dir; a symbolic link is none: -ELOOP. */
int file_read_in(const char *dir, const char *name, size_t max, char **text, size_t *size);

#endif /* FILE_H */
