// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a policy: what passes is shown in a form that passes and is shown the same way.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdlib.h>
#include <string.h>

#include "../policy.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct policy policy, again;

	if (!policy_parse((const char *)data, size, &policy)) {
		for (size_t i = 0; i < policy.n; i++) {
			const char *normal = policy.rules[i].normal;

			/* a value may grow by the two characters of 0x */
			if (strlen(normal) > 4000)
				continue;
			if (policy_parse(normal, strlen(normal), &again) || again.n != 1 ||
			    strcmp(again.rules[0].normal, normal))
				abort();
			policy_free(&again);
		}
	} else if (!policy.error || !policy.line) {
		abort();
	}
	policy_free(&policy);
	return 0;
}
