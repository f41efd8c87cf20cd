// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ima-review verify
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "commands.h"

int cmd_verify(struct cli_parse *parse)
{
	struct ir_options o;
	int status;

	ir_options_read(&o, parse, 1);
	status = ir_options_report(&o, false);
	ir_options_free(&o);
	return status;
}
