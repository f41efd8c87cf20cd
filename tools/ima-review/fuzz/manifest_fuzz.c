// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a manifest, and as a line about a container
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "../ima-review.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ir_attribution who = { 0 };
	struct ir_manifest manifest;
	char *text = ir_alloc(size + 1), *error = NULL;

	memcpy(text, bytes, size);
	if (!ir_manifest_parse(text, size, &manifest, &error)) {
		free(ir_manifest_text(&manifest));
		ir_manifest_free(&manifest);
	}
	free(error);
	ir_container_parse(&who, text);
	ir_attribution_free(&who);
	free(text);
	return 0;
}
