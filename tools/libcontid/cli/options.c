// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Options of our programs
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

const char *cli_name = "contid";

static void say(const char *format, va_list args)
{
	fprintf(stderr, "%s: ", cli_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int cli_fail(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return status;
}

void cli_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

/* " run", or nothing for a program without commands */
static const char *blank_before(const char *command)
{
	return *command ? " " : "";
}

int cli_usage(const struct cli_parse *parse, const char *format, ...)
{
	const char *command = parse->command ? parse->command->name : "";
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fprintf(stderr, "Try '%s%s%s --help'.\n", cli_name, blank_before(command), command);
	return CLI_USAGE;
}

static bool belongs(const struct cli_option *option, const struct cli_command *command)
{
	return !*option->command || !strcmp(option->command, command->name);
}

static bool has_short(const struct cli_option *option)
{
	return option->key > 0 && option->key < 0x100;
}

static int option_text(char *buf, size_t size, const struct cli_option *option)
{
	char letter[8] = "";

	if (has_short(option))
		snprintf(letter, sizeof(letter), "-%c, ", option->key);
	return snprintf(buf, size, "%s--%s%s%s", letter, option->name, option->arg ? "=" : "",
			option->arg ? option->arg : "");
}

static void help_options(const struct cli_program *program, const struct cli_command *command)
{
	char text[128];

	for (size_t i = 0; i < program->n_options; i++) {
		if (!belongs(&program->options[i], command))
			continue;
		option_text(text, sizeof(text), &program->options[i]);
		printf("  %-28s %s\n", text, program->options[i].help);
	}
	printf("  %-28s %s\n", "--help", "this text");
}

static int help_command(const struct cli_program *program, const struct cli_command *command)
{
	printf("usage: %s%s%s [options]%s%s\n\n%s\n\noptions:\n", program->name,
	       blank_before(command->name), command->name, *command->operands ? " " : "",
	       command->operands, command->help);
	help_options(program, command);
	return CLI_DONE;
}

/* `rule` is the first word of "rule add" */
static bool begins(const struct cli_command *command, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(command->name, word, n) && command->name[n] == ' ';
}

/* @word: only commands that begin with it, or NULL for all */
static int help_program(const struct cli_program *program, const char *word)
{
	printf("usage: %s %s%sCOMMAND [options] [--] [args]\n\n%s\n\ncommands:\n", program->name,
	       word ? word : "", word ? " " : "", program->about);
	for (size_t i = 0; i < program->n_commands; i++)
		if (!word || begins(&program->commands[i], word))
			printf("  %-14s %s\n", program->commands[i].name,
			       program->commands[i].help);
	printf("\n'%s COMMAND --help' shows the options of a command; %s(8) is the manual.\n",
	       program->name, program->name);
	return CLI_DONE;
}

/* The block between the markers of the man page, in man(7). */
static void generate_man(const struct cli_program *program)
{
	char text[128];

	for (size_t i = 0; i < program->n_commands; i++) {
		const struct cli_command *command = &program->commands[i];

		printf(".SS %s%s%s [options]%s%s\n%s.\n", program->name,
		       blank_before(command->name), command->name, *command->operands ? " " : "",
		       command->operands, command->help);
		for (size_t j = 0; j < program->n_options; j++) {
			if (!belongs(&program->options[j], command))
				continue;
			option_text(text, sizeof(text), &program->options[j]);
			fputs(".TP\n.B ", stdout);
			for (const char *c = text; *c; c++)
				printf(*c == '-' ? "\\-" : "%c", *c);
			printf("\n%s.\n", program->options[j].help);
		}
	}
	if (*program->commands[0].name)
		printf(".SS %s [COMMAND] \\-\\-help\nshow the commands, or the options of one.\n"
		       ".SS %s \\-\\-version\nshow the version.\n",
		       program->name, program->name);
	else
		fputs(".TP\n.B \\-\\-help\nshow these options.\n", stdout);
}

static void generate_completion(const struct cli_program *program)
{
	char function[64];
	bool commands = *program->commands[0].name;

	snprintf(function, sizeof(function), "_%s", program->name);
	for (char *c = function; *c; c++)
		if (*c == '-')
			*c = '_';
	printf("# bash completion of %s, made of its options.def\n%s()\n{\n", program->name,
	       function);
	fputs("\tlocal words\n\tlocal line=\"${COMP_WORDS[*]:1}\"\n\tcase $line in\n", stdout);
	for (size_t i = program->n_commands; i-- > 0;) {
		const struct cli_command *command = &program->commands[i];

		if (!commands)
			fputs("\t*) words='--help --version", stdout);
		else
			printf("\t'%s '*) words='--help", command->name);
		for (size_t j = 0; j < program->n_options; j++)
			if (belongs(&program->options[j], command))
				printf(" --%s", program->options[j].name);
		fputs("' ;;\n", stdout);
	}
	if (commands) {
		fputs("\t*) words='--help --version", stdout);
		for (size_t i = 0; i < program->n_commands; i++)
			printf(" %s", program->commands[i].name);
		fputs("' ;;\n", stdout);
	}
	printf("\tesac\n"
	       "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	       "\"${COMP_WORDS[COMP_CWORD]}\")\n"
	       "\t[ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "
	       "\"${COMP_WORDS[COMP_CWORD]}\")\n"
	       "}\ncomplete -F %s %s\n",
	       function, program->name);
}

/* How many words of argv are the name of the command, or 0. */
static int names(const struct cli_command *command, int argc, char **argv)
{
	const char *name = command->name;
	int words = 0;

	while (*name) {
		size_t n = strcspn(name, " ");

		if (words >= argc || strlen(argv[words]) != n || strncmp(argv[words], name, n))
			return 0;
		words++;
		name += n;
		name += strspn(name, " ");
	}
	return words;
}

int cli_main(const struct cli_program *program, int argc, char **argv)
{
	struct cli_parse parse = { .program = program };
	int skip = 0;

	cli_name = program->name;
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("%s %s\n", program->name, CONTID_VERSION);
		return CLI_DONE;
	}
	if (argc == 2 && !strcmp(argv[1], "--generate=man")) {
		generate_man(program);
		return CLI_DONE;
	}
	if (argc == 2 && !strcmp(argv[1], "--generate=completion")) {
		generate_completion(program);
		return CLI_DONE;
	}
	if (!*program->commands[0].name) {
		parse.command = &program->commands[0];
	} else {
		if (argc == 2 && !strcmp(argv[1], "--help"))
			return help_program(program, NULL);
		if (argc < 2)
			return cli_usage(&parse, "no command");
		for (size_t i = 0; i < program->n_commands; i++) {
			int words = names(&program->commands[i], argc - 1, argv + 1);

			if (words > skip) {
				parse.command = &program->commands[i];
				skip = words;
			}
			if (argc == 3 && !strcmp(argv[2], "--help") &&
			    begins(&program->commands[i], argv[1]))
				return help_program(program, argv[1]);
		}
		if (!parse.command)
			return cli_usage(&parse, "%s: no such %s", argv[1],
					 argv[1][0] == '-' ? "option" : "command");
	}
	parse.argc = argc - skip;
	parse.argv = argv + skip;
	return parse.command->run(&parse);
}

struct tables {
	struct option *longs;
	char *shorts;
};

/* Whether what follows the first operand is a command line of another program. */
static bool others_words(const struct cli_command *command)
{
	return strstr(command->operands, "COMMAND") || strstr(command->operands, "WORDS");
}

static struct tables *tables_of(struct cli_parse *parse)
{
	const struct cli_program *program = parse->program;
	struct tables *tables = calloc(1, sizeof(*tables));
	size_t n = 0, letters = 0;

	if (!tables)
		return NULL;
	tables->longs = calloc(program->n_options + 2, sizeof(*tables->longs));
	tables->shorts = calloc(program->n_options + 2, 2);
	if (!tables->longs || !tables->shorts)
		return NULL;
	if (others_words(parse->command))
		tables->shorts[letters++] = '+';
	tables->shorts[letters++] = ':';
	for (size_t i = 0; i < program->n_options; i++) {
		const struct cli_option *option = &program->options[i];

		if (!belongs(option, parse->command))
			continue;
		tables->longs[n].name = option->name;
		tables->longs[n].has_arg = option->arg ? required_argument : no_argument;
		tables->longs[n].val = option->key;
		n++;
		if (has_short(option)) {
			tables->shorts[letters++] = (char)option->key;
			if (option->arg)
				tables->shorts[letters++] = ':';
		}
	}
	tables->longs[n].name = "help";
	tables->longs[n].val = 0x7fff;
	optind = 0;
	opterr = 0;
	return tables;
}

/* Within `-vx` getopt_long() stands before the word still; `--json=x` is one word. */
static int unknown_option(const struct cli_parse *parse)
{
	const char *word = parse->argv[optind - 1];

	if (optopt > 0 && optopt < 0x100 && !(word[1] == '-' && strchr(word, '=')))
		return cli_usage(parse, "-%c: no such option", optopt);
	return cli_usage(parse, "%s: no such option", word);
}

int cli_next(struct cli_parse *parse)
{
	struct tables *tables = parse->state;
	int key;

	if (!tables) {
		tables = tables_of(parse);
		if (!tables)
			exit(cli_fail(CLI_SYSTEM, "out of memory"));
		parse->state = tables;
	}
	key = getopt_long(parse->argc, parse->argv, tables->shorts, tables->longs, NULL);
	parse->arg = optarg;
	switch (key) {
	case 0x7fff:
		exit(help_command(parse->program, parse->command));
	case '?':
		exit(unknown_option(parse));
	case ':':
		exit(cli_usage(parse, "%s: needs an argument", parse->argv[optind - 1]));
	case -1:
		parse->rest = parse->argv + optind;
		parse->n_rest = parse->argc - optind;
		free(tables->longs);
		free(tables->shorts);
		free(tables);
		parse->state = NULL;
	}
	return key;
}
