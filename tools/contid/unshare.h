/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid - namespaces of the container that `contid run` starts
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef UNSHARE_H
#define UNSHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct contid_launch;

/* Flags (CLONE_NEW...) of "net,pid". False: @bad, @size bytes, is a word that names none. */
bool unshare_parse(const char *list, int *flags, char *bad, size_t size);
/* In the child, before it has anything else: leaves the old ones. */
int unshare_leave(int flags);
/* In the caller, @pid waits in its new user namespace: the ids that we have are the same in it. */
int unshare_map(pid_t pid);
/*
 * In the child, at last. With CLONE_NEWPID the child stays outside, waits, passes signals on and
 * ends as the command does; this returns in a child of it, the first of its pid namespace, whose
 * number (a pid_t) is written to @told.
 */
int unshare_enter(struct contid_launch *launch, int flags, int told);

#endif /* UNSHARE_H */
