// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Serials as ranges
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "../../libcontid/test/unit.h"
#include "../ima-review.h"

static struct ir_serials s;
static uint64_t missing;

static void add(const uint64_t *serials, size_t n)
{
	ir_serials_free(&s);
	for (size_t i = 0; i < n; i++)
		ir_serials_add(&s, serials[i]);
}
#define ADD(...)                                                                                   \
	add((const uint64_t[]){ __VA_ARGS__ },                                                     \
	    sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void no_gap_in_any_order(void)
{
	ADD(1, 2, 3, 4);
	unit_int(0, ir_serials_gaps(&s, &missing));
	ADD(4, 3, 2, 1);
	unit_int(0, ir_serials_gaps(&s, &missing));
	ADD(1, 3, 5, 4, 2);
	unit_int(0, ir_serials_gaps(&s, &missing));
	unit_int(1, s.n);
	ADD(2, 2, 2, 1, 1);
	unit_int(0, ir_serials_gaps(&s, &missing));
	unit_int(0, missing);
}

static void gaps_are_found(void)
{
	ADD(1, 2, 5, 9);
	unit_int(2, ir_serials_gaps(&s, &missing));
	unit_int(5, missing);
	unit_int(3, s.ranges[0].to + 1);
	ADD(9, 5, 2, 1, 7);
	unit_int(3, ir_serials_gaps(&s, &missing));
	unit_int(4, missing);
	ADD(0, UINT64_MAX);
	unit_int(1, ir_serials_gaps(&s, &missing));
	ADD(UINT64_MAX, UINT64_MAX - 1, 0, 1);
	unit_int(1, ir_serials_gaps(&s, &missing));
	unit_int(2, s.n);
}

/* as a set of bits does it */
static void like_a_set(void)
{
	static bool set[2000];
	uint64_t gaps = 0, holes = 0, last = 0;

	ir_serials_free(&s);
	srand(1);
	for (int i = 0; i < 1500; i++) {
		int n = 1 + rand() % 1999;

		set[n] = true;
		ir_serials_add(&s, (uint64_t)n);
	}
	for (uint64_t i = 1; i < 2000; i++) {
		if (!set[i])
			continue;
		if (last && i - last > 1) {
			gaps++;
			holes += i - last - 1;
		}
		last = i;
	}
	unit_int(gaps, ir_serials_gaps(&s, &missing));
	unit_int(holes, missing);
}

static void memory_is_bounded(void)
{
	ir_serials_free(&s);
	for (uint64_t i = 0; i < 100000; i++)
		ir_serials_add(&s, 2 * i + 2);
	unit_int(IR_RANGES, s.n);
	unit_int(99999, ir_serials_gaps(&s, &missing));
	unit_int(99999, missing);
}

static const struct unit_test tests[] = {
	TEST(no_gap_in_any_order),
	TEST(gaps_are_found),
	TEST(like_a_set),
	TEST(memory_is_bounded),
};

UNIT(tests)
