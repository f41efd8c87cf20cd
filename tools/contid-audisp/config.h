/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/contid/audisp.conf
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef AUDISP_CONFIG_H
#define AUDISP_CONFIG_H

#include <stddef.h>

#define CONFIG_FILE "/etc/contid/audisp.conf"
enum { QUEUE_DEFAULT = 16384, QUEUE_MAX = 1 << 20 };

enum output_kind { OUTPUT_FILE, OUTPUT_STDOUT, OUTPUT_SOCKET };

/**
 * struct config - what the file says
 * @kind:	of the output
 * @path:	of a file or a socket
 * @queue:	records that may wait
 * @user: @group: who the plugin becomes, if root has started it
 */
struct config {
	enum output_kind kind;
	char path[256];
	size_t queue;
	char user[64];
	char group[64];
};

/**
 * config_read - read the file @path
 * @error:	what is wrong and where, @size bytes
 *
 * A file that is missing is an empty one, if it is the usual one. Return: 0 or a negative errno;
 * -EINVAL a line that is none of ours.
 */
int config_read(const char *path, struct config *config, char *error, size_t size);

#endif /* AUDISP_CONFIG_H */
