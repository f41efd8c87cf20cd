// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Points in time on a command line
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <time.h>

#include "../../libcontid/test/unit.h"
#include "../when.h"

static void rfc_3339_is_read(void)
{
	static const struct {
		const char *text;
		int64_t ms;
	} table[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-25T06:25:38.816Z", INT64_C(1795587938816) },
		{ "2026-11-25T06:25:38.8169999Z", INT64_C(1795587938816) },
		{ "2026-11-25T06:25:38.8Z", INT64_C(1795587938800) },
		{ "2026-11-25t06:25:38z", INT64_C(1795587938000) },
		{ "2026-11-25 06:25:38Z", INT64_C(1795587938000) },
		{ "2026-11-25T07:25:38+01:00", INT64_C(1795587938000) },
		{ "2026-11-25T00:55:38-05:30", INT64_C(1795587938000) },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800000) },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
		{ "9999-12-31T23:59:59Z", INT64_C(253402300799000) },
	};
	int64_t ms;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_int(0, when_parse(table[i].text, &ms));
		unit_int(table[i].ms, ms);
	}
}

static void all_else_is_refused(void)
{
	static const char *const texts[] = {
		"",
		"yesterday",
		"Now",
		"nowx",
		"2026-11-25",
		"2026-11-25T06:25:38",
		"2026-11-25T06:25Z",
		"2026-13-25T06:25:38Z",
		"2026-00-25T06:25:38Z",
		"2026-02-30T06:25:38Z",
		"2025-02-29T06:25:38Z",
		"2026-11-25T24:25:38Z",
		"2026-11-25T06:60:38Z",
		"2026-11-25T06:25:61Z",
		"2026-11-25T06:25:38.Z",
		"2026-11-25T06:25:38ZZ",
		"2026-11-25T06:25:38+0100",
		"2026-11-25T06:25:38+24:00",
		"1969-12-31T23:59:59Z",
		"-026-11-25T06:25:38Z",
		"11/25/2026",
	};
	int64_t ms;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		unit_int(-EINVAL, when_parse(texts[i], &ms));
}

static void words_are_relative_to_now(void)
{
	int64_t now = (int64_t)time(NULL) * 1000, ms;
	time_t sec;
	struct tm tm;

	unit_int(0, when_parse("now", &ms));
	unit_true(ms >= now - 1000 && ms <= now + 5000);
	unit_int(0, when_parse("recent", &ms));
	unit_true(ms >= now - 601000 && ms <= now - 595000);
	unit_int(0, when_parse("boot", &ms));
	unit_true(ms < now);
	unit_int(0, when_parse("today", &ms));
	sec = ms / 1000;
	localtime_r(&sec, &tm);
	unit_int(0, tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
	unit_true(ms <= now + 5000 && ms > now - 25 * 3600 * 1000);
}

static const struct unit_test tests[] = {
	TEST(rfc_3339_is_read),
	TEST(all_else_is_refused),
	TEST(words_are_relative_to_now),
};

UNIT(tests)
