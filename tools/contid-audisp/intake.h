/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard input to queue, as fast as it comes
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef AUDISP_INTAKE_H
#define AUDISP_INTAKE_H

#include "queue.h"

/**
 * intake - read lines of @fd until its end, then close the queue
 *
 * auditd must never wait for us, so what finds no room is lost. A regular file can wait.
 */
void intake(int fd, struct queue *queue);

#endif /* AUDISP_INTAKE_H */
