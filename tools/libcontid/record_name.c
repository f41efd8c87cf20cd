// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names of record types: ours, which libaudit does not know, and libaudit's
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <libaudit.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contid.h"

static const struct {
	int type;
	const char *name;
} ours[] = {
	{ AUDIT_CONTAINER_OP, "CONTAINER_OP" },
	{ AUDIT_CONTAINER_ID, "CONTAINER_ID" },
	{ AUDIT_NS_INFO, "NS_INFO" },
	{ AUDIT_NS_INIT, "NS_INIT" },
	{ AUDIT_NS_DEL, "NS_DEL" },
	{ AUDIT_NS_SET, "NS_SET" },
	{ AUDIT_CONTAINER_CAP, "CONTAINER_CAP" },
};

const char *contid_record_name(int type)
{
	static _Thread_local char unknown[32];
	const char *name;

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (ours[i].type == type)
			return ours[i].name;
	name = audit_msg_type_to_name(type);
	if (name)
		return name;
	snprintf(unknown, sizeof(unknown), "UNKNOWN[%d]", type);
	return unknown;
}

/* all of @text is a decimal number, but for @end behind it */
static int number(const char *text, const char *end)
{
	unsigned long type;
	char *rest;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	type = strtoul(text, &rest, 10);
	if (errno || type > INT_MAX || strcmp(rest, end))
		return -EINVAL;
	return (int)type;
}

int contid_record_type(const char *name)
{
	static const char unknown[] = "UNKNOWN[";
	int type;

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (!strcmp(ours[i].name, name))
			return ours[i].type;
	if (!strncmp(name, unknown, sizeof(unknown) - 1))
		return number(name + sizeof(unknown) - 1, "]");
	if (*name >= '0' && *name <= '9')
		return number(name, "");
	type = audit_name_to_msg_type(name);
	return type < 0 ? -EINVAL : type;
}
