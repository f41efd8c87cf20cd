// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid - containers as the audit system knows them
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "commands.h"
#include "cli/out.h"

#define COMMAND(NAME, RUN, OPERANDS, HELP) { NAME, RUN, OPERANDS, HELP },
#define OPTION(...)
static const struct cli_command cli_commands[] = {
#include "options.def"
};
#undef COMMAND
#undef OPTION
#define COMMAND(...)
#define OPTION(COMMAND, KEY, NAME, ARG, HELP) { COMMAND, KEY, NAME, ARG, HELP },
static const struct cli_option cli_options[] = {
#include "options.def"
};
CLI_PROGRAM("contid", "Audit container ids: label processes, find them, write audit rules for "
		      "them, read what they did.");

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
