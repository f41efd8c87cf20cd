/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit tests in user space: KTAP on stdout, one result per claim
 *
 * A test is a function `static void what_is_true(void)` in the table that ends the file; main() is
 * UNIT(). A claim that does not hold shows expected and seen and ends its test. unit_skip() ends
 * one that cannot be made here.
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef UNIT_H
#define UNIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_test {
	const char *name;
	void (*run)(void);
};

#define TEST(NAME)                                                                                 \
	{                                                                                          \
#NAME, NAME                                                                        \
	}

static jmp_buf unit_failed;
static const char *unit_skipped = "";

__attribute__((noreturn)) static inline void unit_fail(const char *file, int line)
{
	printf("# %s:%d\n", file, line);
	longjmp(unit_failed, 1);
}

__attribute__((noreturn, unused)) static void unit_skip(const char *why)
{
	unit_skipped = why;
	longjmp(unit_failed, 2);
}

#define unit_true(CLAIM)                                                                           \
	do {                                                                                       \
		if (!(CLAIM)) {                                                                    \
			printf("# does not hold: %s\n", #CLAIM);                                   \
			unit_fail(__FILE__, __LINE__);                                             \
		}                                                                                  \
	} while (0)

#define unit_int(EXPECTED, SEEN)                                                                   \
	do {                                                                                       \
		intmax_t expected_ = (intmax_t)(EXPECTED), seen_ = (intmax_t)(SEEN);               \
		if (expected_ != seen_) {                                                          \
			printf("# %s: expected %jd, seen %jd\n", #SEEN, expected_, seen_);         \
			unit_fail(__FILE__, __LINE__);                                             \
		}                                                                                  \
	} while (0)

#define unit_text(EXPECTED, SEEN)                                                                  \
	do {                                                                                       \
		const char *expected_ = (EXPECTED), *seen_ = (SEEN);                               \
		if (!seen_ || strcmp(expected_, seen_)) {                                          \
			printf("# %s:\n#   expected %s\n#   seen     %s\n", #SEEN, expected_,      \
			       seen_ ? seen_ : "(null)");                                          \
			unit_fail(__FILE__, __LINE__);                                             \
		}                                                                                  \
	} while (0)

#define unit_bytes(EXPECTED, SEEN, SIZE)                                                           \
	do {                                                                                       \
		if (memcmp(EXPECTED, SEEN, SIZE)) {                                                \
			printf("# %s: other bytes than expected\n", #SEEN);                        \
			unit_fail(__FILE__, __LINE__);                                             \
		}                                                                                  \
	} while (0)

static inline int unit_run(const struct unit_test *tests, size_t n)
{
	volatile int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n", n);
	for (volatile size_t i = 0; i < n; i++) {
		switch (setjmp(unit_failed)) {
		case 0:
			tests[i].run();
			printf("ok %zu %s\n", i + 1, tests[i].name);
			break;
		case 2:
			printf("ok %zu %s # SKIP %s\n", i + 1, tests[i].name, unit_skipped);
			break;
		default:
			printf("not ok %zu %s\n", i + 1, tests[i].name);
			failed = 1;
		}
	}
	return failed;
}

#define UNIT(TESTS)                                                                                \
	int main(void)                                                                             \
	{                                                                                          \
		return unit_run(TESTS, sizeof(TESTS) / sizeof(*(TESTS)));                          \
	}

#endif /* UNIT_H */
