/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid - its commands, one file each
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <stdbool.h>
#include <sys/types.h>

#include "cli/options.h"
#include "contid.h"

/* Each returns the exit status. */
int cmd_run(struct cli_parse *parse);
int cmd_join(struct cli_parse *parse);
int cmd_set(struct cli_parse *parse);
int cmd_get(struct cli_parse *parse);
int cmd_ls(struct cli_parse *parse);
int cmd_rule_add(struct cli_parse *parse);
int cmd_rule_del(struct cli_parse *parse);
int cmd_rule_list(struct cli_parse *parse);
int cmd_rule_record(struct cli_parse *parse);
int cmd_events(struct cli_parse *parse);
int cmd_status(struct cli_parse *parse);

/* The sentence of a failure on stderr. Return: its exit status. */
__attribute__((format(printf, 3, 4))) int fail_op(enum contid_op op, int err, const char *format,
						  ...);
/* Number of a process, from 1 on, and nothing else. */
bool pid_parse(const char *text, pid_t *pid);
/* One line, if an explicit id has an even number of digits. */
void note_even(uint64_t id);

#endif /* COMMANDS_H */
