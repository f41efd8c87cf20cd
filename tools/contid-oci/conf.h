/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - its configuration
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>

#define CONF_FILE    "/etc/contid/contid-oci.conf"
#define CONF_TIMEOUT 10
#define CONF_MAX     65536 /* bytes of the file */

/**
 * struct conf - what the administrator wants
 * @runtime:	name or path of the real runtime
 * @trust:	an id, or `none`, of a bundle's annotation is honoured
 * @go_on:	a kernel without the feature is a warning, no failure
 * @timeout:	seconds that a step of ours may take
 * @equiv:	bind mounts are made equivalent to the watched folders they are mounted in
 */
struct conf {
	char *runtime;
	bool trust;
	bool go_on;
	unsigned int timeout;
	bool equiv;
};

/* -EINVAL: *@error, freed by the caller, says which line and why; -ENOMEM. */
int conf_parse(const char *text, size_t size, struct conf *conf, char **error);
/* Without a file all is as by default. A negative errno with *@error, which has the path. */
int conf_read(const char *path, struct conf *conf, char **error);
void conf_free(struct conf *conf);

#endif /* CONF_H */
