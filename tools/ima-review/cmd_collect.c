// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ima-review collect
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "commands.h"

int cmd_collect(struct cli_parse *parse)
{
	struct ir_options o;
	int status;

	ir_options_read(&o, parse, 0);
	if (!o.collect.folder)
		return cli_usage(parse, "needs -o DIR");
	status = ir_collect_run(&o.collect);
	ir_options_free(&o);
	return status;
}
