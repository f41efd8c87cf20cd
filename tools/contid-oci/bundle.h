/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - what a bundle says: config.json of the OCI runtime specification
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef BUNDLE_H
#define BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#define BUNDLE_MAX    (16 << 20) /* bytes of config.json */
#define BUNDLE_ID     "io.contid.id"
#define BUNDLE_POLICY "io.contid.ima-policy"

/* A folder of the host in the container; @destination is a path in the container. */
struct bundle_bind {
	char *source;
	char *destination;
};

/**
 * struct bundle - the part of it that is ours
 * @user_ns:	the container has a user namespace, its own or one that is named
 * @terminal:	its process has a terminal
 * @id:		annotation io.contid.id, or NULL
 * @policy:	annotation io.contid.ima-policy, or NULL
 * @root:	path of the root file system as it is written, or NULL
 */
struct bundle {
	bool user_ns;
	bool terminal;
	char *id;
	char *policy;
	char *root;
	size_t n_binds;
	struct bundle_bind *binds;
};

/* -EBADMSG: *@error, freed by the caller, says what is wrong; -ENOMEM. @bundle is empty then. */
int bundle_parse(const char *text, size_t size, struct bundle *bundle, char **error);
/* @config is a path, from @dir on unless absolute. The errno of the file also. */
int bundle_read(const char *dir, const char *config, struct bundle *bundle, char **error);
void bundle_free(struct bundle *bundle);

#endif /* BUNDLE_H */
