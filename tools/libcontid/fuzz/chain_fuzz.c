// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists of chains from anywhere: what is taken is what was written, no more and no less
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../contid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Leading zeros are the one thing that writing does not give back. */
static char *without_zeros(const char *list)
{
	char *text = malloc(strlen(list) + 1), *to = text;
	bool begin = true;

	for (; *list; list++) {
		if (begin && *list == '0' && list[1] >= '0' && list[1] <= '9')
			continue;
		begin = *list == ',' || *list == '^';
		*to++ = *list;
	}
	*to = '\0';
	return text;
}

static void check(const char *list, const struct contid_chain *chains, size_t n)
{
	char *expected = without_zeros(list), *seen;
	size_t size;
	FILE *out = open_memstream(&seen, &size);

	for (size_t i = 0; i < n; i++) {
		if (!chains[i].n || chains[i].n > CONTID_CHAIN_MAX)
			abort();
		for (size_t j = 0; j < chains[i].n; j++) {
			fprintf(out, "%s%s%" PRIu64, i || j ? "," : "", j ? "^" : "",
				chains[i].id[j]);
			if (!contid_chain_has(&chains[i], chains[i].id[j]))
				abort();
		}
	}
	fclose(out);
	if (strcmp(expected, seen))
		abort();
	free(expected);
	free(seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct contid_chain *chains;
	uint64_t id;
	size_t n;

	memcpy(text, data, size);
	text[size] = '\0';
	if (!contid_chains_parse(text, &chains, &n)) {
		if (n)
			check(text, chains, n);
		else if (strcmp(text, "-1") || chains)
			abort();
		free(chains);
	} else if (chains || n) {
		abort();
	}
	contid_parse(text, &id);
	free(text);
	return 0;
}
