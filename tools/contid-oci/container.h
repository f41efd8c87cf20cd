/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - the life of a container: what is done beside the runtime
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTAINER_H
#define CONTAINER_H

#include "../libcontid/contid.h"
#include "cmdline.h"
#include "conf.h"

/* Each is one command. Return: exit status of this program. */
int container_create(const struct cmdline *line, const struct conf *conf);
int container_run(const struct cmdline *line, const struct conf *conf); /* restore as well */
int container_exec(const struct cmdline *line, const struct conf *conf);
int container_start(const struct cmdline *line, const struct conf *conf);
int container_delete(const struct cmdline *line, const struct conf *conf);
int container_checkpoint(const struct cmdline *line, const struct conf *conf);

/* Whether a container in this state may be started: the policy that it was to have is in force. */
bool container_may_start(const struct contid_state *state);

#endif /* CONTAINER_H */
