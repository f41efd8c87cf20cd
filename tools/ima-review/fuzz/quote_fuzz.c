// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as each file of a quote
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "../ima-review.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ir_quote quote;
	struct ir_pcrs pcrs;
	struct ir_key key;
	const char *error;
	uint16_t hash;
	uint8_t *text = ir_alloc(size + 1);
	size_t n;

	/* as ir_read_file() gives it */
	for (size_t i = 0; i < size; i++)
		text[i] = bytes[i];
	ir_quote_decode(text, size, &quote);
	if (!ir_pcrs_parse(text, size, &pcrs))
		free(ir_pcrs_bytes(&pcrs, &n));
	if (!ir_key_file(text, size, &key)) {
		ir_quote_signed(&key, text, size, text, size, &hash, &error);
		free(ir_key_pem(&key));
		ir_key_free(&key);
	}
	free(text);
	return 0;
}
