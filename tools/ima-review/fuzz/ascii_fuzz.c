// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as an ascii list; the first says how many newlines an entry has
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "../ima-review.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ir_ascii ascii;
	FILE *file;
	int rc;

	if (size < 2)
		return 0;
	file = fmemopen((void *)(bytes + 1), size - 1, "r");
	ir_ascii_begin(&ascii, file);
	do {
		rc = ir_ascii_next(&ascii, bytes[0] & 3);
	} while (rc == 1 || (rc == -EBADMSG && !feof(file)));
	ir_ascii_end(&ascii);
	fclose(file);
	return 0;
}
