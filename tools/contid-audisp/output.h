/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where events go: a file, standard output, or a datagram socket
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef AUDISP_OUTPUT_H
#define AUDISP_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

#include "config.h"

/**
 * struct output - an open output
 * @fd:		-1: a socket whose receiver has gone
 * @torn:	the last line is not whole, so the next one begins with a newline
 * @tried:	second of the clock at which the socket was tried last
 */
struct output {
	struct config config;
	int fd;
	bool torn;
	time_t tried;
};

/**
 * output_open - open what the configuration names
 * @uid: @gid:	owner of a file that root opens, -1 for none
 * @error:	what failed, @size bytes
 *
 * Return: 0 or a negative errno; -EPERM the file would be readable by all, -EINVAL it is no file
 * of its own. A socket without a receiver is no failure: it may come.
 */
int output_open(struct output *output, const struct config *config, uid_t uid, gid_t gid,
		char *error, size_t size);
/**
 * output_write - one line by one write
 * @line:	@size bytes, without a newline
 *
 * Return: 0; -EINTR by a signal, with nothing written; another negative errno if it is lost.
 */
int output_write(struct output *output, const char *line, size_t size);
void output_close(struct output *output);

#endif /* AUDISP_OUTPUT_H */
