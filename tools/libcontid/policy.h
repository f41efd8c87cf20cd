/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IMA policies of containers - what policy.c and policy_load.c share
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef POLICY_H
#define POLICY_H

#include <stddef.h>

/**
 * struct policy_rule - one rule
 * @text:	as it was written, @size bytes, no newline; points into the policy
 * @normal:	as the kernel shows it: its order of options, its spelling, a blank after each
 */
struct policy_rule {
	const char *text;
	size_t size;
	char *normal;
};

/**
 * struct policy - a policy that was looked through
 * @line:	number of the first bad line, from 1
 * @error:	why it is bad, or NULL
 */
struct policy {
	struct policy_rule *rules;
	size_t n;
	unsigned int line;
	char *error;
};

/* As contid_policy_check(), but a policy without rules is one. @policy is filled in any case. */
int policy_parse(const char *text, size_t size, struct policy *policy);
void policy_free(struct policy *policy);

#endif /* POLICY_H */
