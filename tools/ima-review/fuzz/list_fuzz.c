// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a binary list: every entry is decoded, hashed and shown
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "../ima-review.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct ir_hash *hash = ir_hash_named("sha1", 4);
	struct ir_anchors anchors = { 0 };
	struct ir_anchor anchor;
	struct ir_entry entry;
	struct ir_list list;
	uint8_t digest[IR_DIGEST_MAX];
	FILE *file;
	size_t n;

	if (!size)
		return 0;
	file = fmemopen((void *)bytes, size, "r");
	ir_list_begin(&list, file, hash);
	while (ir_list_next(&list, &entry) == 1) {
		ir_entry_digest(&entry, hash, digest);
		free(ir_entry_ascii(&entry, entry.digest, hash->size, &n));
		if (ir_anchor_is(&entry) && !ir_anchor_parse(&entry, &anchor))
			ir_anchors_add(&anchors, &anchor);
	}
	ir_list_end(&list);
	ir_anchors_clear(&anchors);
	fclose(file);
	return 0;
}
