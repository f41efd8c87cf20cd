// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid - what its commands share
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>

#include "commands.h"

int fail_op(enum contid_op op, int err, const char *format, ...)
{
	char object[512], text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(object, sizeof(object), format, args);
	va_end(args);
	return cli_fail(contid_error_status(op, err), "%s",
			contid_error(text, sizeof(text), op, object, err));
}

bool pid_parse(const char *text, pid_t *pid)
{
	char *end;
	long value;

	if (*text < '0' || *text > '9')
		return false;
	value = strtol(text, &end, 10);
	*pid = (pid_t)value;
	return !*end && value > 0 && value <= INT_MAX;
}

void note_even(uint64_t id)
{
	char text[24];

	if (id != CONTID_UNSET && snprintf(text, sizeof(text), "%" PRIu64, id) % 2 == 0)
		cli_warn("id %s has an even number of digits, which laurel takes for hex; "
			 "'--id auto' draws one that it leaves alone",
			 text);
}
