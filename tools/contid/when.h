/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points in time on a command line
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_WHEN_H
#define CONTID_WHEN_H

#include <stdint.h>

/**
 * when_parse - milliseconds since 1970 of what somebody has written
 * @text:	RFC 3339 with seconds, fraction and zone (`2026-11-25T06:25:38.816Z`, `...+01:00`),
 *or now, recent (ten minutes ago), today (midnight in the local zone), boot
 *
 * Return: 0, or -EINVAL.
 */
int when_parse(const char *text, int64_t *ms);

#endif /* CONTID_WHEN_H */
