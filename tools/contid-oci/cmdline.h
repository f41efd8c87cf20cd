/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - the command line of an OCI runtime, as crun and runc take it
 *
 * It is the runtime's and is passed on as it is; it is read to learn what is asked for, and of
 * which container.
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CMDLINE_H
#define CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

enum command {
	COMMAND_OTHER, /* passed on unread */
	COMMAND_CREATE,
	COMMAND_RUN,
	COMMAND_RESTORE,
	COMMAND_EXEC,
	COMMAND_START,
	COMMAND_DELETE,
	COMMAND_CHECKPOINT,
	COMMANDS,
};
extern const char *const command_names[COMMANDS];

/**
 * struct cmdline - what a command line says
 * @argc: @argv:	the whole of it, ended by NULL; argv[0] is the program
 * @command_at:	index of the command, 0 if there is none
 * @log: @log_format:	options before the command, or NULL
 * @container:	name of the container, or NULL
 * @container_at:	its index
 * @bundle:	`.` unless given
 * @config:	name of the bundle's file, config.json unless given
 * @pid_file: @console_socket: @image_path:	options of the command, or NULL
 * @detach: @keep: @regex:	options of the command
 * @problem:	why the command line is not understood, or empty
 */
struct cmdline {
	int argc;
	char **argv;
	int command_at;
	enum command command;
	const char *log;
	const char *log_format;
	const char *container;
	int container_at;
	const char *bundle;
	const char *config;
	const char *pid_file;
	const char *console_socket;
	const char *image_path;
	bool detach;
	bool keep;
	bool regex;
	char problem[160];
};

void cmdline_parse(int argc, char **argv, struct cmdline *line);
/**
 * cmdline_words - another command with the same options before it
 * @words:	the command and its options, ended by NULL
 * @log:	with --log and --log-format too; a question leaves no trace in the log of what was
 *		asked for
 *
 * Return: argv that is ended by NULL, to be freed by free(), its words not; NULL without memory.
 */
char **cmdline_words(const struct cmdline *line, const char *const *words, bool log);
/**
 * cmdline_create - `run` as `create`
 * @extra:	one more option, or NULL
 *
 * Without what belongs to running: --detach, --keep, --no-subreaper. As above otherwise, but that
 * the log stays and words may be new: the whole is freed by cmdline_free_create().
 */
char **cmdline_create(const struct cmdline *line, const char *extra);
void cmdline_free_create(char **argv);

#endif /* CMDLINE_H */
