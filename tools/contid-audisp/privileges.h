/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the plugin inherits from auditd and gives away
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef AUDISP_PRIVILEGES_H
#define AUDISP_PRIVILEGES_H

#include <sys/types.h>

#include "config.h"

/* Signal mask and dispositions, umask, environment and folder as a program expects them. */
int inherited_reset(void);
/* Ids of the user and group of the configuration; -1 both if we are not root. -ENOENT none. */
int privileges_ids(const struct config *config, uid_t *uid, gid_t *gid, char *error, size_t size);
/* Become that user and group, without any capability, for good. Nothing if @uid is -1. */
int privileges_drop(uid_t uid, gid_t gid);

#endif /* AUDISP_PRIVILEGES_H */
