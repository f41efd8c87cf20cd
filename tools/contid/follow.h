/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log that is being written, and rotated
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_FOLLOW_H
#define CONTID_FOLLOW_H

#include <signal.h>

#include "contid.h"

/**
 * follow - feed a reader with what is written to a log, until told to stop
 * @path:	the log; PATH.1 and so on are what it was before
 * @old:	begin with what it holds already
 * @idle:	called whenever all that is there has been read; other than 0 ends it
 * @stop:	set by a signal
 *
 * Return: 0, a negative errno, or what @idle or the reader's callback has returned.
 */
int follow(struct contid_reader *reader, const char *path, bool old, int (*idle)(void),
	   const volatile sig_atomic_t *stop);

#endif /* CONTID_FOLLOW_H */
