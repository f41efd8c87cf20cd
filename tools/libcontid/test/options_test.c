// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Command lines: commands, options, operands
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "../cli/options.h"

static char seen[256];

/* what a command got, as "-k=arg" per option, then its operands */
static int note(struct cli_parse *parse)
{
	size_t n = (size_t)snprintf(seen, sizeof(seen), "%s:", parse->command->name);
	int key;

	while ((key = cli_next(parse)) != -1)
		n += (size_t)snprintf(seen + n, sizeof(seen) - n, " -%c%s%s", key,
				      parse->arg ? "=" : "", parse->arg ? parse->arg : "");
	for (int i = 0; i < parse->n_rest; i++)
		n += (size_t)snprintf(seen + n, sizeof(seen) - n, " %s", parse->rest[i]);
	unit_true(!parse->rest[parse->n_rest]);
	return CLI_DONE;
}

static const struct cli_command commands[] = {
	{ "run", note, "COMMAND...", "run a command" },
	{ "show", note, "DIR", "show a folder" },
	{ "rule add", note, "[WORDS...]", "add a rule" },
	{ "rule list", note, "", "list rules" },
};
static const struct cli_option options[] = {
	{ "run", 'i', "id", "N", "the id" },
	{ "show", 'j', "json", NULL, "as JSON" },
	{ "show", 'k', "key", "FILE", "the key" },
	{ "", 'v', "verbose", NULL, "say more" },
};
static const struct cli_program program = { "prog", "does things", 4, commands, 4, options };

#define LINE(...) ((char *[]){ "prog", __VA_ARGS__, NULL })

static int run(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	seen[0] = '\0';
	return cli_main(&program, argc, argv);
}

/* in a child, since a bad line ends the program; what it says is in @text */
static int status_of(char **argv, char *text, size_t size)
{
	int out[2], status;
	ssize_t n;
	pid_t pid;

	unit_int(0, pipe(out));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		exit(run(argv));
	}
	close(out[1]);
	memset(text, 0, size);
	for (size_t have = 0; (n = read(out[0], text + have, size - 1 - have)) > 0;
	     have += (size_t)n)
		;
	close(out[0]);
	unit_int(pid, waitpid(pid, &status, 0));
	return WEXITSTATUS(status);
}

static void options_come_in_both_forms(void)
{
	unit_int(0, run(LINE("show", "-j", "--key=a", "-kb", "--key", "c", "dir")));
	unit_text("show: -j -k=a -k=b -k=c dir", seen);
}

static void options_may_follow_operands(void)
{
	unit_int(0, run(LINE("show", "dir", "--json", "-v")));
	unit_text("show: -j -v dir", seen);
	unit_int(0, run(LINE("show", "--", "--json")));
	unit_text("show: --json", seen);
}

static void another_programs_words_stay_its_own(void)
{
	unit_int(0, run(LINE("run", "--id", "7", "ls", "--id", "-v")));
	unit_text("run: -i=7 ls --id -v", seen);
	unit_int(0, run(LINE("run", "--", "-x")));
	unit_text("run: -x", seen);
	unit_int(0, run(LINE("rule", "add", "a", "-F", "b")));
	unit_text("rule add: a -F b", seen);
}

static void commands_may_be_two_words(void)
{
	unit_int(0, run(LINE("rule", "list", "-v")));
	unit_text("rule list: -v", seen);
}

static void a_bad_line_is_one_line_and_where_to_look(void)
{
	const struct {
		char **argv;
		const char *text;
	} table[] = {
		{ LINE("show", "--nonsense"),
		  "prog: --nonsense: no such option\nTry 'prog show --help'.\n" },
		{ LINE("show", "-x"), "prog: -x: no such option\nTry 'prog show --help'.\n" },
		{ LINE("show", "--json", "-vxk"),
		  "prog: -x: no such option\nTry 'prog show --help'.\n" },
		{ LINE("show", "--json=x"),
		  "prog: --json=x: no such option\nTry 'prog show --help'.\n" },
		{ LINE("show", "--key"),
		  "prog: --key: needs an argument\nTry 'prog show --help'.\n" },
		{ LINE("run", "--json"), "prog: --json: no such option\nTry 'prog run --help'.\n" },
		{ LINE("dance"), "prog: dance: no such command\nTry 'prog --help'.\n" },
		{ LINE("rule"), "prog: rule: no such command\nTry 'prog --help'.\n" },
		{ LINE("--dance"), "prog: --dance: no such option\nTry 'prog --help'.\n" },
		{ (char *[]){ "prog", NULL }, "prog: no command\nTry 'prog --help'.\n" },
	};
	char text[512];

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_int(CLI_USAGE, status_of(table[i].argv, text, sizeof(text)));
		unit_text(table[i].text, text);
	}
}

static void help_is_no_failure(void)
{
	char text[4096];

	unit_int(0, status_of(LINE("--help"), text, sizeof(text)));
	unit_true(strstr(text, "rule add"));
	unit_int(0, status_of(LINE("show", "--help"), text, sizeof(text)));
	unit_true(strstr(text, "-k, --key=FILE"));
	unit_true(!strstr(text, "--id"));
	unit_int(0, status_of(LINE("rule", "--help"), text, sizeof(text)));
	unit_true(strstr(text, "usage: prog rule COMMAND"));
	unit_true(strstr(text, "rule add") && strstr(text, "rule list"));
	unit_true(!strstr(text, "show a folder"));
	unit_int(0, status_of(LINE("--version"), text, sizeof(text)));
	unit_true(!strncmp(text, "prog ", 5));
}

static const struct unit_test tests[] = {
	TEST(options_come_in_both_forms),
	TEST(options_may_follow_operands),
	TEST(another_programs_words_stay_its_own),
	TEST(commands_may_be_two_words),
	TEST(a_bad_line_is_one_line_and_where_to_look),
	TEST(help_is_no_failure),
};

UNIT(tests)
