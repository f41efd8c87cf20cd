// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules from anywhere: whatever decodes has a text, the text splits, and a line of a rules file is
 * split or refused
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdlib.h>
#include <string.h>

#include "../contid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void split(const char *line, int at_least)
{
	char **argv;
	int argc;

	if (!contid_rule_split(line, &argc, &argv)) {
		size_t bytes = 0;

		for (int i = 0; i < argc; i++)
			bytes += strlen(argv[i]);
		/* never more than there was; every word is in its place */
		if (bytes > strlen(line) || argv[argc] || argc < at_least)
			abort();
		free(argv);
	} else if (at_least) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct contid_rule *rule;
	char *line = malloc(size + 1);

	memcpy(line, data, size);
	line[size] = '\0';
	split(line, 0);
	free(line);
	if (!contid_rule_decode(data, size, &rule)) {
		size_t same;
		const void *copy = contid_rule_data(rule, &same);
		char *text = contid_rule_text(rule);
		const uint64_t id = 42;

		if (!text || strchr(text, '\n') || same > size)
			abort();
		/* buflen alone says how long a rule is: what follows is not of it */
		if (memcmp(copy, data, same))
			abort();
		contid_rule_has(rule, &id);
		/* bytes of a string may be 0, which no line can have */
		if (!strstr(text, "\\x00"))
			split(text, 2);
		free(text);
		contid_rule_free(rule);
	}
	return 0;
}
