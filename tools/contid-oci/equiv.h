/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - bind mounts in folders that the host's audit rules watch
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef EQUIV_H
#define EQUIV_H

#include "bundle.h"

/**
 * equiv_make - rules that watch where a folder is mounted watch the folder as well
 * @dir:	folder of the bundle, from which relative paths go
 *
 * Only rules that were there before are told. Files and what is not on the host are left out.
 *
 * Return: -EPERM: the audit configuration is locked; -ETIMEDOUT; the errno of the kernel.
 */
int equiv_make(const struct bundle *bundle, const char *dir, unsigned int seconds);
/* What was unmounted is watched no longer. */
int equiv_trim(unsigned int seconds);

#endif /* EQUIV_H */
