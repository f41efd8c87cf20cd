// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - the command line of an OCI runtime
 *
 * crun takes options as getopt_long() does (`-bDIR`, `--bun=DIR`), runc as Go does (`-bundle DIR`);
 * what follows is the union of both, which leaves only nonsense ambiguous.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"

const char *const command_names[COMMANDS] = {
	[COMMAND_CREATE] = "create",	     [COMMAND_RUN] = "run",
	[COMMAND_RESTORE] = "restore",	     [COMMAND_EXEC] = "exec",
	[COMMAND_START] = "start",	     [COMMAND_DELETE] = "delete",
	[COMMAND_CHECKPOINT] = "checkpoint",
};

/* Where options may stand: a bit for each command, and one for "before the command". */
#define GLOBAL (1U << COMMAND_OTHER)
#define CR     (1U << COMMAND_CREATE)
#define RU     (1U << COMMAND_RUN)
#define RE     (1U << COMMAND_RESTORE)
#define EX     (1U << COMMAND_EXEC)
#define DE     (1U << COMMAND_DELETE)
#define CH     (1U << COMMAND_CHECKPOINT)
#define ALL    (~0U)

enum use {
	USE_NOT,
	USE_LOG,
	USE_LOG_FORMAT,
	USE_BUNDLE,
	USE_CONFIG,
	USE_PID_FILE,
	USE_CONSOLE_SOCKET,
	USE_IMAGE_PATH,
	USE_DETACH,
	USE_KEEP,
	USE_REGEX,
	USE_NO_SUBREAPER,
};

/**
 * struct option - one of crun's or runc's
 * @letter:	its short form, or 0
 * @value:	it has one, in the same word or in the next
 */
struct option {
	unsigned int where;
	const char *name;
	char letter;
	bool value;
	enum use use;
};

static const struct option options[] = {
	{ GLOBAL, "log", 0, true, USE_LOG },
	{ GLOBAL, "log-format", 0, true, USE_LOG_FORMAT },
	{ GLOBAL, "log-level", 0, true, USE_NOT },
	{ GLOBAL, "root", 0, true, USE_NOT },
	{ GLOBAL, "rootless", 0, true, USE_NOT },
	{ GLOBAL, "cgroup-manager", 0, true, USE_NOT },
	{ GLOBAL, "criu", 0, true, USE_NOT },
	{ GLOBAL, "debug", 0, false, USE_NOT },
	{ GLOBAL, "systemd-cgroup", 0, false, USE_NOT },
	{ GLOBAL, "version", 'v', false, USE_NOT },
	{ ALL, "help", 'h', false, USE_NOT },
	{ ALL & ~GLOBAL, "usage", 0, false, USE_NOT },

	{ CR | RU | RE, "bundle", 'b', true, USE_BUNDLE },
	{ CR | RU, "config", 'f', true, USE_CONFIG },
	{ CR | RU | RE | EX, "console-socket", 0, true, USE_CONSOLE_SOCKET },
	{ CR | RU | RE | EX, "pid-file", 0, true, USE_PID_FILE },
	{ CR | RU | RE, "no-pivot", 0, false, USE_NOT },
	{ CR | RU, "no-new-keyring", 0, false, USE_NOT },
	{ CR | RU | EX, "preserve-fds", 0, true, USE_NOT },
	{ CR | RU | RE, "no-subreaper", 0, false, USE_NO_SUBREAPER },
	{ RU | RE | EX, "detach", 'd', false, USE_DETACH },
	{ RU, "keep", 0, false, USE_KEEP },

	{ RE | CH, "image-path", 0, true, USE_IMAGE_PATH },
	{ RE | CH, "work-path", 0, true, USE_NOT },
	{ RE | CH, "tcp-established", 0, false, USE_NOT },
	{ RE | CH, "ext-unix-sk", 0, false, USE_NOT },
	{ RE | CH, "shell-job", 0, false, USE_NOT },
	{ RE | CH, "file-locks", 0, false, USE_NOT },
	{ RE | CH, "lazy-pages", 0, false, USE_NOT },
	{ RE | CH, "auto-dedup", 0, false, USE_NOT },
	{ RE | CH, "empty-ns", 0, true, USE_NOT },
	{ RE | CH, "status-fd", 0, true, USE_NOT },
	{ RE | CH, "manage-cgroups-mode", 0, true, USE_NOT },
	{ RE, "lsm-profile", 0, true, USE_NOT },
	{ RE, "lsm-mount-context", 0, true, USE_NOT },
	{ CH, "parent-path", 0, true, USE_NOT },
	{ CH, "page-server", 0, true, USE_NOT },
	{ CH, "leave-running", 'R', false, USE_NOT },
	{ CH, "pre-dump", 0, false, USE_NOT },

	{ EX, "cwd", 0, true, USE_NOT },
	{ EX, "env", 'e', true, USE_NOT },
	{ EX, "tty", 't', false, USE_NOT },
	{ EX, "user", 'u', true, USE_NOT },
	{ EX, "additional-gids", 'g', true, USE_NOT },
	{ EX, "process", 'p', true, USE_NOT },
	{ EX, "process-label", 0, true, USE_NOT },
	{ EX, "apparmor", 0, true, USE_NOT },
	{ EX, "no-new-privs", 0, false, USE_NOT },
	{ EX, "cap", 'c', true, USE_NOT },
	{ EX, "cgroup", 0, true, USE_NOT },
	{ EX, "ignore-paused", 0, false, USE_NOT },

	{ DE, "force", 'f', false, USE_NOT },
	{ DE, "regex", 'r', false, USE_REGEX },
};
#define OPTIONS (sizeof(options) / sizeof(*options))

/* By its name, or the beginning of one that has no other. */
static const struct option *by_name(unsigned int where, const char *name, size_t n)
{
	const struct option *found = NULL;

	for (size_t i = 0; i < OPTIONS; i++) {
		if (!(options[i].where & where) || strncmp(options[i].name, name, n))
			continue;
		if (strlen(options[i].name) == n)
			return &options[i];
		if (found)
			return NULL;
		found = &options[i];
	}
	return n ? found : NULL;
}

static const struct option *by_letter(unsigned int where, char letter)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].where & where && options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* `--tty=false`, as Go has it */
static bool is_on(const char *value)
{
	static const char *const off[] = { "0", "f", "F", "false", "FALSE", "False" };

	for (size_t i = 0; value && i < sizeof(off) / sizeof(*off); i++)
		if (!strcmp(value, off[i]))
			return false;
	return true;
}

static void use(struct cmdline *line, const struct option *option, const char *value)
{
	switch (option->use) {
	case USE_LOG:
		line->log = value;
		break;
	case USE_LOG_FORMAT:
		line->log_format = value;
		break;
	case USE_BUNDLE:
		line->bundle = value;
		break;
	case USE_CONFIG:
		line->config = value;
		break;
	case USE_PID_FILE:
		line->pid_file = value;
		break;
	case USE_CONSOLE_SOCKET:
		line->console_socket = value;
		break;
	case USE_IMAGE_PATH:
		line->image_path = value;
		break;
	case USE_DETACH:
		line->detach = is_on(value);
		break;
	case USE_KEEP:
		line->keep = is_on(value);
		break;
	case USE_REGEX:
		line->regex = is_on(value);
		break;
	case USE_NO_SUBREAPER:
	case USE_NOT:
		break;
	}
}

/**
 * struct word - an option of a command line
 * @option:	NULL: not known
 * @value:	of the option, or NULL
 * @words:	how many it takes, 1 or 2
 */
struct word {
	const struct option *option;
	const char *value;
	int words;
};

typedef void (*each_fn)(void *data, const struct word *word, const char *text);

/* Letters in one word, of which the last may have a value. */
static int letters(unsigned int where, const char *text, const char *next, each_fn each, void *data)
{
	struct word word = { .words = 1 };

	for (const char *c = text + 1; *c; c++) {
		word.option = by_letter(where, *c);
		word.value = NULL;
		if (word.option && word.option->value) {
			word.value = c[1] ? c + 1 + (c[1] == '=') : next;
			word.words = c[1] || !next ? 1 : 2;
			each(data, &word, text);
			return word.words;
		}
		each(data, &word, text);
		if (!word.option || c[1] == '=')
			break;
	}
	return 1;
}

/* One word that begins with a hyphen. Return: how many words it takes. */
static int take(unsigned int where, const char *text, const char *next, each_fn each, void *data)
{
	const char *name = text + 1 + (text[1] == '-');
	size_t n = strcspn(name, "=");
	struct word word = { .words = 1 };

	/* letters, unless it is a name with one hyphen */
	if (text[1] != '-') {
		word.option = n > 1 ? by_name(where, name, n) : NULL;
		if (!word.option || strlen(word.option->name) != n)
			return letters(where, text, next, each, data);
	}
	word.option = by_name(where, name, n);
	if (name[n])
		word.value = name + n + 1;
	else if (word.option && word.option->value && next) {
		word.value = next;
		word.words = 2;
	}
	each(data, &word, text);
	return word.words;
}

static void each_use(void *data, const struct word *word, const char *text)
{
	struct cmdline *line = data;

	if (word->option)
		use(line, word->option, word->value);
	else if (!word->value)
		/* whether the next word is its value cannot be told */
		snprintf(line->problem, sizeof(line->problem), "option %.64s is not known", text);
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

static void find_command(struct cmdline *line)
{
	int at = 1;

	while (at < line->argc && is_option(line->argv[at]) && strcmp(line->argv[at], "--"))
		at += take(GLOBAL, line->argv[at], line->argv[at + 1], each_use, line);
	if (at < line->argc && !strcmp(line->argv[at], "--"))
		at++;
	if (at >= line->argc)
		return;
	line->command_at = at;
	for (int i = COMMAND_OTHER + 1; i < COMMANDS; i++)
		if (!strcmp(line->argv[at], command_names[i]))
			line->command = (enum command)i;
}

/* Whether one of these words may be a command that is not to be passed on unread. */
static bool may_be_ours(const struct cmdline *line)
{
	for (int at = 1; at < line->argc; at++)
		for (int i = COMMAND_OTHER + 1; i < COMMANDS; i++)
			if (!strcmp(line->argv[at], command_names[i]))
				return true;
	return false;
}

void cmdline_parse(int argc, char **argv, struct cmdline *line)
{
	bool more = true;
	int at;

	*line = (struct cmdline){
		.argc = argc, .argv = argv, .bundle = ".", .config = "config.json"
	};
	find_command(line);
	if (*line->problem && !may_be_ours(line))
		*line->problem = '\0';
	if (line->command == COMMAND_OTHER || *line->problem)
		return;
	for (at = line->command_at + 1; at < argc;) {
		if (more && is_option(argv[at])) {
			if (!strcmp(argv[at], "--")) {
				more = false;
				at++;
				continue;
			}
			at += take(1U << line->command, argv[at], argv[at + 1], each_use, line);
			continue;
		}
		line->container = argv[at];
		line->container_at = at++;
		/* the rest is the session's */
		if (line->command == COMMAND_EXEC)
			break;
	}
	/* other commands have one operand, the last one, whatever an option before it means */
	if (line->command != COMMAND_EXEC)
		*line->problem = '\0';
	if (!*line->problem && !line->container)
		snprintf(line->problem, sizeof(line->problem), "%s names no container",
			 command_names[line->command]);
}

char **cmdline_words(const struct cmdline *line, const char *const *words, bool log)
{
	size_t n = 0;
	char **argv;

	while (words[n])
		n++;
	argv = calloc((size_t)line->command_at + n + 1, sizeof(*argv));
	if (!argv)
		return NULL;
	n = 0;
	argv[n++] = line->argv[0];
	for (int at = 1; at < line->command_at;) {
		struct cmdline seen = { 0 };
		int taken = 1;

		if (is_option(line->argv[at]))
			taken = take(GLOBAL, line->argv[at], line->argv[at + 1], each_use, &seen);
		for (int i = 0; i < taken; i++)
			if (log || (!seen.log && !seen.log_format))
				argv[n++] = line->argv[at + i];
		at += taken;
	}
	for (size_t i = 0; words[i]; i++)
		argv[n++] = (char *)words[i];
	return argv;
}

/* The words of a new command line. */
struct build {
	char **argv;
	size_t n;
	bool failed;
};

static void add(struct build *build, char *word)
{
	if (!word)
		build->failed = true;
	else
		build->argv[build->n++] = word;
}

static void each_create(void *data, const struct word *word, const char *text)
{
	struct build *build = data;
	char *out = NULL;

	if (!word->option) {
		add(build, strdup(text));
		return;
	}
	if (word->option->use == USE_DETACH || word->option->use == USE_KEEP ||
	    word->option->use == USE_NO_SUBREAPER)
		return;
	if (word->value ? asprintf(&out, "--%s=%s", word->option->name, word->value) < 0 :
			  asprintf(&out, "--%s", word->option->name) < 0)
		out = NULL;
	add(build, out);
}

char **cmdline_create(const struct cmdline *line, const char *extra)
{
	struct build build = { 0 };
	size_t room = 3;

	/* a word of letters becomes as many words */
	for (int at = 0; at < line->argc; at++)
		room += strlen(line->argv[at]) + 1;
	build.argv = calloc(room, sizeof(*build.argv));
	if (!build.argv)
		return NULL;
	for (int at = 0; at < line->command_at; at++)
		add(&build, strdup(line->argv[at]));
	add(&build, strdup(command_names[COMMAND_CREATE]));
	if (extra)
		add(&build, strdup(extra));
	for (int at = line->command_at + 1; at < line->argc;) {
		if (!is_option(line->argv[at]) || !strcmp(line->argv[at], "--"))
			add(&build, strdup(line->argv[at++]));
		else
			at += take(1U << COMMAND_RUN, line->argv[at], line->argv[at + 1],
				   each_create, &build);
	}
	if (build.failed) {
		cmdline_free_create(build.argv);
		return NULL;
	}
	return build.argv;
}

void cmdline_free_create(char **argv)
{
	for (size_t i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}
