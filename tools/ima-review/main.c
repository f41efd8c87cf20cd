// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ima-review - the measurement lists of a host and its containers, and what a TPM proves of them
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "commands.h"

#define COMMAND(NAME, FUNCTION, OPERANDS, HELP) { NAME, FUNCTION, OPERANDS, HELP },
#define OPTION(COMMAND, KEY, NAME, ARG, HELP)
static const struct cli_command cli_commands[] = {
#include "options.def"
};
#undef COMMAND
#undef OPTION
#define COMMAND(NAME, FUNCTION, OPERANDS, HELP)
#define OPTION(COMMAND, KEY, NAME, ARG, HELP) { COMMAND, KEY, NAME, ARG, HELP },
static const struct cli_option cli_options[] = {
#include "options.def"
};

CLI_PROGRAM("ima-review",
	    "The measurement lists of a host and its containers, and what a TPM proves of them.");

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
