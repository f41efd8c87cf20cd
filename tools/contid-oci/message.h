/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - the audit record that links a container's name to numbers
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct message - AUDIT_VIRT_CONTROL of one command
 * @op:		create, restore, exec, delete
 * @container:	its name
 * @contid:	its id; CONTID_UNSET prints no number
 * @boot:	boot in which it was made
 * @old_contid: @old_boot:	the pair that it had before a restore; @old_boot empty: none
 */
struct message {
	const char *op;
	const char *container;
	uint64_t contid;
	const char *boot;
	uint64_t old_contid;
	const char *old_boot;
};

/* Text of the record but for what libaudit adds; freed by the caller; NULL without memory. */
char *message_text(const struct message *message);
/**
 * message_send - send it, within @seconds: the kernel lets a sender wait when the backlog is full
 *
 * Return: -EPROTONOSUPPORT, -ECONNREFUSED: no auditing here; -EPERM; -ETIMEDOUT; -ENOMEM.
 */
int message_send(const struct message *message, bool good, unsigned int seconds);

#endif /* MESSAGE_H */
