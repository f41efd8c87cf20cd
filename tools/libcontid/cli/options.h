/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of our programs - one table per program, options.def, from which getopt_long(), --help,
 * the synopsis of the man page and the completion are made
 *
 * options.def has lines
 *	COMMAND(name, function, "OPERANDS", "what it does")
 *	OPTION(name, 'k', "long-name", "ARG", "what it means")
 * in the order in which help shows them. NAME of a COMMAND is its name on the command line, a word
 * or two ("rule add"); an OPTION names its command, or "" for all commands. A program without
 * commands has one COMMAND named "". Keys above 255 have no short form. ARG is NULL or what help
 * shows. CLI_OUTPUT(name) gives a command the options of out.h.
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { CLI_DONE = 0, CLI_NOTHING = 1, CLI_USAGE = 2, CLI_LACKS = 3, CLI_SYSTEM = 4 };

struct cli_parse;

struct cli_command {
	const char *name;
	int (*run)(struct cli_parse *parse);
	const char *operands;
	const char *help;
};

struct cli_option {
	const char *command;
	int key;
	const char *name;
	const char *arg;
	const char *help;
};

struct cli_program {
	const char *name;
	const char *about;
	size_t n_commands;
	const struct cli_command *commands;
	size_t n_options;
	const struct cli_option *options;
};

/**
 * struct cli_parse - the command line of one command
 * @argc: @argv: words of the command, its name first (as getopt_long() takes them)
 * @arg:	argument of the option that cli_next() returned
 * @rest:	first word that is no option, NULL-ended; valid when cli_next() has returned -1
 */
struct cli_parse {
	const struct cli_program *program;
	const struct cli_command *command;
	int argc;
	char **argv;
	const char *arg;
	int n_rest;
	char **rest;
	void *state;
};

/* Define `static const struct cli_program program` of the options.def beside the source. */
#define CLI_PROGRAM(NAME, ABOUT)                                                                   \
	static const struct cli_program program = { NAME,                                          \
						    ABOUT,                                         \
						    sizeof(cli_commands) / sizeof(*cli_commands),  \
						    cli_commands,                                  \
						    sizeof(cli_options) / sizeof(*cli_options),    \
						    cli_options }

/* Finds the command, answers --help and --version, runs it. Return: exit status. */
int cli_main(const struct cli_program *program, int argc, char **argv);
/**
 * cli_next - the next option of the command
 *
 * Where OPERANDS has COMMAND or WORDS, options end at the first operand: what follows is the
 * command line of another program. Elsewhere they may stand behind operands, and -- ends them. An
 * unknown option or a missing argument prints one line and "Try ...", and exits with CLI_USAGE.
 *
 * Return: key of the option, or -1 at the end.
 */
int cli_next(struct cli_parse *parse);
/* One line "program: ..." and "Try 'program command --help'" on stderr. Return: CLI_USAGE. */
__attribute__((format(printf, 2, 3))) int cli_usage(const struct cli_parse *parse,
						    const char *format, ...);
/* One line "program: ..." on stderr. Return: @status. */
__attribute__((format(printf, 2, 3))) int cli_fail(int status, const char *format, ...);
/* A warning, as cli_fail(), that changes no status. */
__attribute__((format(printf, 1, 2))) void cli_warn(const char *format, ...);
/* Name of the program, for messages. */
extern const char *cli_name;

#endif /* CLI_OPTIONS_H */
