// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - stands in the place of an OCI runtime, so that what it starts has an id
 *
 * The command line is the runtime's. Of our own are --help and --version, alone.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libcontid/cli/options.h"
#include "cmdline.h"
#include "conf.h"
#include "container.h"
#include "log.h"
#include "runtime.h"

#define NAME "contid-oci"

enum { OCI_KEY_VERSION = 0x100 };

static int oci_help(struct cli_parse *parse);

static const struct cli_command cli_commands[] = {
#define COMMAND(NAME, RUN, OPERANDS, HELP) { NAME, RUN, OPERANDS, HELP },
#define OPTION(COMMAND, KEY, LONG, ARG, HELP)
#include "options.def"
#undef COMMAND
#undef OPTION
};

static const struct cli_option cli_options[] = {
#define COMMAND(NAME, RUN, OPERANDS, HELP)
#define OPTION(COMMAND, KEY, LONG, ARG, HELP) { COMMAND, KEY, LONG, ARG, HELP },
#include "options.def"
#undef COMMAND
#undef OPTION
};

CLI_PROGRAM(NAME, "an OCI runtime whose containers have audit container ids");

static int oci_help(struct cli_parse *parse)
{
	while (cli_next(parse) >= 0)
		;
	return CLI_DONE;
}

/* The runtime that the program is called by, as in contid-oci-runc; or NULL. */
static const char *called_by(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	const char *name = slash ? slash + 1 : argv0;
	size_t n = strlen(NAME "-");

	return !strncmp(name, NAME "-", n) && name[n] ? name + n : NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int run(const struct cmdline *line, const struct conf *conf)
{
	if (*line->problem)
		return oci_fail("%s (EINVAL); " NAME " has to know which container it is, see " NAME
				"(8)",
				line->problem);
	switch (line->command) {
	case COMMAND_CREATE:
		return container_create(line, conf);
	case COMMAND_RUN:
	case COMMAND_RESTORE:
		return container_run(line, conf);
	case COMMAND_EXEC:
		return container_exec(line, conf);
	case COMMAND_START:
		return container_start(line, conf);
	case COMMAND_DELETE:
		return container_delete(line, conf);
	case COMMAND_CHECKPOINT:
		return container_checkpoint(line, conf);
	case COMMAND_OTHER:
	case COMMANDS:
		break;
	}
	return runtime_become(line);
}

int main(int argc, char **argv)
{
	const char *runtime = argc ? called_by(argv[0]) : NULL;
	struct cmdline line;
	struct conf conf;
	char *error;
	int rc;

	cli_name = NAME;
	if (argc == 2 && (!strcmp(argv[1], "--help") || !strncmp(argv[1], "--generate=", 11)))
		return cli_main(&program, argc, argv);
	if (argc < 2)
		return cli_usage(&(struct cli_parse){ .program = &program }, "no command");
	cmdline_parse(argc, argv, &line);
	log_open(line.log, line.log_format, runtime ? runtime : "crun");
	rc = conf_read(CONF_FILE, &conf, &error);
	if (rc)
		return oci_fail("%s; correct it, see " NAME "(8)", error ? error : CONF_FILE);
	if (!runtime)
		runtime = conf.runtime;
	log_open(line.log, line.log_format, runtime);
	if (!strncmp(base_name(runtime), NAME, strlen(NAME)))
		return oci_fail(
			"runtime %s is this program (ELOOP); name the real one in " CONF_FILE,
			runtime);
	argv[0] = (char *)runtime;
	/* engines ask the runtime, people ask us: both get what they look for */
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf(NAME " %s\n", CONTID_VERSION);
		fflush(stdout);
	}
	rc = run(&line, &conf);
	conf_free(&conf);
	return rc;
}
