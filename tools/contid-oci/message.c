// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - the audit record that links a container's name to numbers
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libcontid/cleanup.h"
#include "../libcontid/contid.h"
#include "limit.h"
#include "message.h"

char *message_text(const struct message *message)
{
	/* hex if need be, as readers expect of vm= */
	CLEANUP_FREE char *vm =
		audit_encode_nv_string("vm", message->container, strlen(message->container));
	char contid[48] = "", old[96] = "", *text;

	if (!vm)
		return NULL;
	if (message->contid != CONTID_UNSET)
		snprintf(contid, sizeof(contid), " contid=%llu",
			 (unsigned long long)message->contid);
	if (message->old_boot && *message->old_boot && message->old_contid != CONTID_UNSET)
		snprintf(old, sizeof(old), " old-contid=%llu old-boot=%s",
			 (unsigned long long)message->old_contid, message->old_boot);
	return asprintf(&text, "virt=contid op=%s %s%s boot=%s%s", message->op, vm, contid,
			message->boot, old) < 0 ?
		       NULL :
		       text;
}

/**
 * struct sending - one record
 * @tty:	the caller's terminal as records have it, empty: none; the sender has no file of it
 */
struct sending {
	char *text;
	bool good;
	char tty[64];
};

static void find_tty(char *tty, size_t size)
{
	char path[64];

	for (int fd = 0; fd < 3; fd++)
		if (!ttyname_r(fd, path, sizeof(path))) {
			snprintf(tty, size, "%s", strncmp(path, "/dev/", 5) ? path : path + 5);
			return;
		}
}

static int send_text(void *data)
{
	struct sending *sending = data;
	int fd = audit_open(), err;

	if (fd < 0)
		return errno;
	err = audit_log_user_message(fd, AUDIT_VIRT_CONTROL, sending->text, NULL, NULL,
				     *sending->tty ? sending->tty : NULL, sending->good);
	/* libaudit takes a kernel that refuses for one that does not audit */
	return err > 0 ? 0 : err < 0 ? errno : ECONNREFUSED;
}

int message_send(const struct message *message, bool good, unsigned int seconds)
{
	CLEANUP_FREE char *text = message_text(message);
	struct sending sending = { .text = text, .good = good };

	find_tty(sending.tty, sizeof(sending.tty));
	return text ? limit_call(send_text, &sending, seconds) : -ENOMEM;
}
