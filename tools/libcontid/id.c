// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Audit container identifiers - numbers and chains as text
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "contid.h"

int contid_parse(const char *text, uint64_t *id)
{
	unsigned long long value;
	char *end;
	int saved = errno;

	if (!strcmp(text, "unset")) {
		*id = CONTID_UNSET;
		return 0;
	}
	/* strtoull() would take blanks and signs */
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 0);
	if (*end || errno) {
		int err = *end ? -EINVAL : -errno;

		errno = saved;
		return err;
	}
	errno = saved;
	*id = value;
	return 0;
}

int contid_draw(uint64_t *id)
{
	const uint64_t span = CONTID_AUTO_MAX - CONTID_AUTO_MIN + 1;
	uint64_t random;

	do {
		/* never less for so few bytes, but it may wait for the first entropy of the boot */
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -errno;
		/* the last, incomplete span would make its numbers more likely */
	} while (random >= UINT64_MAX - UINT64_MAX % span);
	*id = CONTID_AUTO_MIN + random % span;
	return 0;
}

/* The decimal number at *text, and nothing before it; *text moves behind it. */
static int number(const char **text, uint64_t *id)
{
	const char *c = *text;
	uint64_t value = 0;

	if (!isdigit((unsigned char)*c))
		return -EINVAL;
	for (; isdigit((unsigned char)*c); c++) {
		unsigned int digit = (unsigned int)(*c - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return -EINVAL;
		value = value * 10 + digit;
	}
	*text = c;
	*id = value;
	return 0;
}

static int chains_parse(const char *list, struct contid_chain **chains, size_t *n)
{
	for (bool more = true; more;) {
		bool parent = *list == '^';
		struct contid_chain *chain;
		uint64_t id;
		int err;

		list += parent;
		err = number(&list, &id);
		if (err)
			return err;
		if (!parent) {
			chain = realloc(*chains, (*n + 1) * sizeof(*chain));
			if (!chain)
				return -ENOMEM;
			*chains = chain;
			chain[(*n)++].n = 0;
		} else if (!*n) {
			return -EINVAL;
		}
		chain = *chains + *n - 1;
		if (chain->n == CONTID_CHAIN_MAX)
			return -E2BIG;
		chain->id[chain->n++] = id;
		if (*list && *list != ',')
			return -EINVAL;
		more = *list++ == ',';
	}
	return 0;
}

int contid_chains_parse(const char *list, struct contid_chain **chains, size_t *n)
{
	int err;

	*chains = NULL;
	*n = 0;
	if (!strcmp(list, "-1"))
		return 0;
	err = chains_parse(list, chains, n);
	if (err) {
		free(*chains);
		*chains = NULL;
		*n = 0;
	}
	return err;
}

bool contid_chain_has(const struct contid_chain *chain, uint64_t id)
{
	for (size_t i = 0; i < chain->n; i++)
		if (chain->id[i] == id)
			return true;
	return false;
}
