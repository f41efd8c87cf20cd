/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - steps that end in time: in a process of their own
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef LIMIT_H
#define LIMIT_H

#include <stddef.h>
#include <sys/types.h>

/**
 * limit_wait - wait for a child as long as @seconds, then kill it
 *
 * Return: exit status; 128 and the signal; -ETIMEDOUT; -ECHILD.
 */
int limit_wait(pid_t pid, unsigned int seconds);
/**
 * limit_run - run a program, with nothing to read and nothing said
 * @out:	what it writes to its stdout, at most 1 MiB, and a NUL, freed by the caller; or NULL
 *
 * Return: as above; -ENOENT and other errnos of execvp(); -EFBIG.
 */
int limit_run(char *const *argv, unsigned int seconds, char **out);
/* Run @work in a child; it returns an errno. Return: 0, that errno, negative, or as above. */
int limit_call(int (*work)(void *data), void *data, unsigned int seconds);

#endif /* LIMIT_H */
