/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - what a bundle asks for, and may have
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bundle.h"

#define REQUEST_POLICY_MAX (1 << 20) /* bytes of a policy, as the kernel has it */

/**
 * struct request - the id and the policy of a container
 * @label:	it gets an id
 * @draw:	any; else @id
 * @policy:	name of its IMA policy, or NULL
 * @text:	the policy, @size bytes
 * @sha256:	of the policy, 64 hex digits
 */
struct request {
	bool label;
	bool draw;
	uint64_t id;
	char *policy;
	char *text;
	size_t size;
	char sha256[65];
};

/**
 * request_make - what is granted of a bundle's annotations
 * @trust:	a number and `none` are honoured
 * @policies:	folder of the policies
 * @note:	what the administrator should know, or NULL; freed by the caller
 * @error:	why it is refused, or NULL; freed by the caller
 *
 * Return: 0, or a negative errno.
 */
int request_make(const struct bundle *bundle, bool trust, const char *policies,
		 struct request *request, char **note, char **error);
void request_free(struct request *request);

#endif /* REQUEST_H */
