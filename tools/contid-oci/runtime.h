/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - what is asked of the real runtime
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <sys/types.h>

#include "cmdline.h"

/* Become the runtime. Returns only if that failed: OCI_FAILED. */
int runtime_become(const struct cmdline *line);
/**
 * runtime_pid - the first process of a container
 * @pid:	0: it has none, or none any more
 *
 * Return: -ENOENT: the runtime does not know the container; -EBADMSG: what it says is no state;
 * -ETIMEDOUT; the errno of its exec.
 */
int runtime_pid(const struct cmdline *line, const char *container, unsigned int seconds,
		pid_t *pid);
/* Pid of an answer to `state`: -EBADMSG. */
int runtime_parse_pid(const char *text, pid_t *pid);
/* Kill and delete. 0, or as runtime_pid(). */
int runtime_delete(const struct cmdline *line, const char *container, unsigned int seconds);
/* Run it beside us without a label. Return: its status, or OCI_FAILED. */
int runtime_run(char *const *argv);
/* A sentence about the runtime that was not executed. Return: OCI_FAILED. */
int runtime_missing(const char *runtime, int err);

#endif /* RUNTIME_H */
