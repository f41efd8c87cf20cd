// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a state file: what is read is written in a form that reads the same.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdlib.h>
#include <string.h>

#include "../state.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct contid_state state, again;
	char *text, *second;

	if (state_parse((const char *)data, size, &state))
		return 0;
	text = state_text(&state);
	if (!text)
		abort();
	/* escapes make it longer than what was read */
	if (strlen(text) <= STATE_MAX) {
		if (state_parse(text, strlen(text), &again))
			abort();
		second = state_text(&again);
		if (!second || strcmp(text, second))
			abort();
		free(second);
		contid_state_free(&again);
	}
	free(text);
	contid_state_free(&state);
	return 0;
}
