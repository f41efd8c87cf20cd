// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers and chains as text
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>

#include "unit.h"
#include "../contid.h"

#define MAX "18446744073709551615"

static void a_number_may_have_any_base(void)
{
	static const struct {
		const char *text;
		int err;
		uint64_t id;
	} table[] = {
		{ "0", 0, 0 },
		{ "42", 0, 42 },
		{ "0x2a", 0, 42 },
		{ "0X2A", 0, 42 },
		{ "052", 0, 42 },
		{ "unset", 0, CONTID_UNSET },
		{ MAX, 0, UINT64_MAX },
		{ "0xffffffffffffffff", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "99999999999999999999999x", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "1\n", -EINVAL, 0 },
		{ "09", -EINVAL, 0 },
		{ "0x", -EINVAL, 0 },
		{ "2a", -EINVAL, 0 },
		{ "UNSET", -EINVAL, 0 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		uint64_t id = 0;

		printf("# '%s'\n", table[i].text);
		errno = 4711;
		unit_int(table[i].err, contid_parse(table[i].text, &id));
		unit_true(id == table[i].id);
		unit_int(4711, errno);
	}
}

static void drawn_ids_have_nineteen_digits(void)
{
	uint64_t seen[1000];

	for (size_t i = 0; i < 1000; i++) {
		unit_int(0, contid_draw(&seen[i]));
		unit_true(seen[i] >= CONTID_AUTO_MIN && seen[i] <= CONTID_AUTO_MAX);
		for (size_t j = 0; j < i; j++)
			unit_true(seen[i] != seen[j]);
	}
}

static void drawn_ids_come_from_all_of_the_range(void)
{
	unsigned int tenths[10] = { 0 };

	for (size_t i = 0; i < 2000; i++) {
		uint64_t id;

		contid_draw(&id);
		tenths[(id - CONTID_AUTO_MIN) / ((CONTID_AUTO_MAX - CONTID_AUTO_MIN) / 10 + 1)]++;
	}
	/* 200 each are expected, so this is seven times the standard deviation */
	for (size_t i = 0; i < 10; i++)
		unit_true(tenths[i] > 105 && tenths[i] < 295);
}

static void a_list_is_parsed_into_chains(void)
{
	struct contid_chain *chains;
	size_t n;

	unit_int(0, contid_chains_parse("4,^2,^1", &chains, &n));
	unit_int(1, n);
	unit_int(3, chains[0].n);
	unit_true(chains[0].id[0] == 4 && chains[0].id[1] == 2 && chains[0].id[2] == 1);
	free(chains);

	unit_int(0, contid_chains_parse("3,^1,2,^1," MAX, &chains, &n));
	unit_int(3, n);
	unit_int(2, chains[0].n);
	unit_int(2, chains[1].n);
	unit_int(1, chains[2].n);
	unit_true(chains[0].id[0] == 3 && chains[0].id[1] == 1);
	unit_true(chains[1].id[0] == 2 && chains[1].id[1] == 1);
	unit_true(chains[2].id[0] == UINT64_MAX);
	free(chains);
}

static void minus_one_is_no_chain(void)
{
	struct contid_chain *chains;
	size_t n = 7;

	unit_int(0, contid_chains_parse("-1", &chains, &n));
	unit_int(0, n);
	unit_true(!chains);
}

static void what_is_no_list_is_refused(void)
{
	static const char *const table[] = {
		"",
		"^1",
		"1,",
		",1",
		"1,,2",
		"1,^",
		"1^2",
		"1, 2",
		" 1",
		"1 ",
		"-1,",
		"1,-1",
		"0x1",
		"1,^^2",
		"1\n",
		"unset",
		"1,^2,",
		"1;2",
		"18446744073709551616",
		"1,^99999999999999999999",
	};
	struct contid_chain *chains;
	size_t n;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		printf("# '%s'\n", table[i]);
		unit_int(-EINVAL, contid_chains_parse(table[i], &chains, &n));
		unit_true(!chains && !n);
	}
}

static void a_chain_has_32_members_at_most(void)
{
	struct contid_chain *chains;
	char list[512] = "0";
	size_t n;

	for (int i = 1; i < CONTID_CHAIN_MAX; i++)
		sprintf(list + strlen(list), ",^%d", i);
	unit_int(0, contid_chains_parse(list, &chains, &n));
	unit_int(1, n);
	unit_int(CONTID_CHAIN_MAX, chains[0].n);
	free(chains);
	strcat(list, ",^32");
	unit_int(-E2BIG, contid_chains_parse(list, &chains, &n));
	unit_true(!chains && !n);
}

static void membership_is_at_any_depth(void)
{
	struct contid_chain chain = { 3, { 4, 2, UINT64_MAX } };

	unit_true(contid_chain_has(&chain, 4));
	unit_true(contid_chain_has(&chain, 2));
	unit_true(contid_chain_has(&chain, UINT64_MAX));
	unit_true(!contid_chain_has(&chain, 0));
	chain.n = 0;
	unit_true(!contid_chain_has(&chain, 4));
}

static const struct unit_test tests[] = {
	TEST(a_number_may_have_any_base),
	TEST(drawn_ids_have_nineteen_digits),
	TEST(drawn_ids_come_from_all_of_the_range),
	TEST(a_list_is_parsed_into_chains),
	TEST(minus_one_is_no_chain),
	TEST(what_is_no_list_is_refused),
	TEST(a_chain_has_32_members_at_most),
	TEST(membership_is_at_any_depth),
};

UNIT(tests)
