// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Command lines of crun and runc: which command, which container, which options
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "../../libcontid/test/unit.h"
#include "../cmdline.h"

/* Words of a text, split at blanks. */
static char **words(const char *text, int *argc)
{
	static char *argv[64];
	static char copy[1024];
	char *rest = copy, *word;

	*argc = 0;
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, " ")))
		argv[(*argc)++] = word;
	argv[*argc] = NULL;
	return argv;
}

static struct cmdline parse(const char *text)
{
	struct cmdline line;
	int argc;
	char **argv = words(text, &argc);

	cmdline_parse(argc, argv, &line);
	return line;
}

static const char *text_of(const char *value)
{
	return value ? value : "-";
}

/* Everything in one line. */
static const char *seen(const char *text)
{
	static char out[512];
	struct cmdline line = parse(text);

	if (*line.problem) {
		snprintf(out, sizeof(out), "%s", line.problem);
		return out;
	}
	snprintf(out, sizeof(out), "%s %s in %s/%s pid %s tty %s image %s log %s %s%s%s%s",
		 text_of(command_names[line.command]), text_of(line.container), line.bundle,
		 line.config, text_of(line.pid_file), text_of(line.console_socket),
		 text_of(line.image_path), text_of(line.log), text_of(line.log_format),
		 line.detach ? " detach" : "", line.keep ? " keep" : "",
		 line.regex ? " regex" : "");
	return out;
}

static void commands_and_options_are_found(void)
{
#define PLAIN " in ./config.json pid - tty - image - log - -"
	static const struct {
		const char *line, *seen;
	} table[] = {
		{ "crun create x", "create x" PLAIN },
		{ "crun --root /run/r --log-format json --log=/l --systemd-cgroup create -b /b x",
		  "create x in /b/config.json pid - tty - image - log /l json" },
		/* as conmon calls it */
		{ "crun --log-format=json --log=/l --cgroup-manager cgroupfs create --bundle /b "
		  "--pid-file /p --console-socket /s x",
		  "create x in /b/config.json pid /p tty /s image - log /l json" },
		{ "runc -log /l -debug run -bundle /b -d --keep x",
		  "run x in /b/config.json pid - tty - image - log /l - detach keep" },
		{ "crun run -db/b -f other.json x",
		  "run x in /b/other.json pid - tty - image - log - - detach" },
		{ "crun run -b=/b --pid-f=/p x",
		  "run x in /b/config.json pid /p tty - image - log - -" },
		{ "runc create x --bundle /b",
		  "create x in /b/config.json pid - tty - image - log - -" },
		{ "runc run --detach=false x", "run x" PLAIN },
		{ "runc run --no-subreaper --no-pivot --preserve-fds 3 x", "run x" PLAIN },
		{ "crun create -- -x", "create -x" PLAIN },
		{ "runc restore --image-path /i --empty-ns network --work-path w x",
		  "restore x in ./config.json pid - tty - image /i log - -" },
		{ "crun exec -t -u 0 -e A=b --cwd / x /bin/sh --bundle /y -d", "exec x" PLAIN },
		{ "crun exec --detach --pid-file /p --process /s x",
		  "exec x in ./config.json pid /p tty - image - log - - detach" },
		{ "crun exec -dtu root x id", "exec x" PLAIN " detach" },
		{ "crun exec --tty=true x", "exec x" PLAIN },
		{ "crun exec --console-socket=/s --cap CAP_KILL --apparmor a -g 5 x y",
		  "exec x in ./config.json pid - tty /s image - log - -" },
		{ "crun start x", "start x" PLAIN },
		{ "crun delete --force x", "delete x" PLAIN },
		{ "crun delete -f -r .*", "delete .*" PLAIN " regex" },
		{ "runc checkpoint --image-path=/i --leave-running x",
		  "checkpoint x in ./config.json pid - tty - image /i log - -" },
		/* new options of the runtime: the container is the last word */
		{ "crun create --new value x", "create x" PLAIN },
		{ "crun create --new=value x", "create x" PLAIN },
		{ "crun exec --new=value x y", "exec x" PLAIN },
		/* passed on */
		{ "crun", "- -" PLAIN },
		{ "crun --version", "- -" PLAIN },
		{ "crun --root", "- -" PLAIN },
		{ "crun list create", "- -" PLAIN },
		{ "crun --log /l kill x 9", "- - in ./config.json pid - tty - image - log /l -" },
		{ "crun --strange list", "- -" PLAIN },
		{ "crun state run", "- -" PLAIN },
		{ "crun --root create state x", "- -" PLAIN },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		unit_text(table[i].seen, seen(table[i].line));
}

/* What is not understood is not passed on as if it were nothing. */
static void what_is_not_understood_is_said(void)
{
	static const struct {
		const char *line, *problem;
	} table[] = {
		{ "crun create", "create names no container" },
		{ "crun create --bundle", "create names no container" },
		{ "crun create --bundle /b", "create names no container" },
		{ "crun exec -t", "exec names no container" },
		{ "crun exec --new value x y", "option --new is not known" },
		{ "crun exec -z x y", "option -z is not known" },
		{ "crun --strange create x", "option --strange is not known" },
		{ "crun --strange value run x", "option --strange is not known" },
		{ "crun --log- /l create x", "option --log- is not known" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		unit_text(table[i].problem, seen(table[i].line));
}

static const char *joined(char **argv)
{
	static char out[512];

	*out = '\0';
	for (size_t i = 0; argv[i]; i++)
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s", i ? " " : "",
			 argv[i]);
	return out;
}

static void other_commands_keep_the_options_before(void)
{
	const char *const state[] = { "state", "x", NULL };
	struct cmdline line = parse(
		"crun --root /r --log /l --debug --log-format=json --rootless true create -b /b x");
	char **argv = cmdline_words(&line, state, false);

	unit_text("crun --root /r --debug --rootless true state x", joined(argv));
	free(argv);
	argv = cmdline_words(&line, state, true);
	unit_text("crun --root /r --log /l --debug --log-format=json --rootless true state x",
		  joined(argv));
	free(argv);
}

static void run_becomes_create(void)
{
	static const struct {
		const char *run, *create;
	} table[] = {
		{ "crun run x", "crun create --console-socket=/s x" },
		{ "crun --root /r run --detach --bundle /b --keep --no-subreaper --no-pivot x",
		  "crun --root /r create --console-socket=/s --bundle=/b --no-pivot x" },
		{ "crun run -db /b -f c --preserve-fds 3 x",
		  "crun create --console-socket=/s --bundle=/b --config=c --preserve-fds=3 x" },
		{ "runc run -bundle /b -- -x",
		  "runc create --console-socket=/s --bundle=/b -- -x" },
		{ "crun run --new=1 x", "crun create --console-socket=/s --new=1 x" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct cmdline line = parse(table[i].run);
		char **argv = cmdline_create(&line, "--console-socket=/s");

		unit_text(table[i].create, joined(argv));
		cmdline_free_create(argv);
	}
}

static const struct unit_test tests[] = {
	TEST(commands_and_options_are_found),
	TEST(what_is_not_understood_is_said),
	TEST(other_commands_keep_the_options_before),
	TEST(run_becomes_create),
};

UNIT(tests)
