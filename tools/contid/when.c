// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Points in time on a command line
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "when.h"

static int64_t clock_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t midnight(void)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * 1000;
}

/* exactly @digits digits, at most @max; NULL else */
static const char *number(const char *s, int digits, int min, int max, int *out)
{
	*out = 0;
	while (digits--) {
		if (*s < '0' || *s > '9')
			return NULL;
		*out = *out * 10 + *s++ - '0';
	}
	return *out < min || *out > max ? NULL : s;
}

static const char *sign(const char *s, const char *one_of)
{
	return s && *s && strchr(one_of, *s) ? s + 1 : NULL;
}

/* `Z`, or how far the clock is ahead of UTC, in minutes */
static const char *zone(const char *s, int *minutes)
{
	int hour, minute;
	bool behind = *s == '-';

	*minutes = 0;
	if (*s == 'Z' || *s == 'z')
		return s + 1;
	s = sign(s, "+-");
	s = s ? number(s, 2, 0, 23, &hour) : NULL;
	s = sign(s, ":");
	s = s ? number(s, 2, 0, 59, &minute) : NULL;
	if (s)
		*minutes = (hour * 60 + minute) * (behind ? -1 : 1);
	return s;
}

static int rfc3339(const char *s, int64_t *ms)
{
	struct tm tm = { 0 }, date;
	int year, month, minutes, fraction = 0, scale = 100;
	time_t sec;

	s = number(s, 4, 1970, 9999, &year);
	s = sign(s, "-");
	s = s ? number(s, 2, 1, 12, &month) : NULL;
	s = sign(s, "-");
	s = s ? number(s, 2, 1, 31, &tm.tm_mday) : NULL;
	s = sign(s, "Tt ");
	s = s ? number(s, 2, 0, 23, &tm.tm_hour) : NULL;
	s = sign(s, ":");
	s = s ? number(s, 2, 0, 59, &tm.tm_min) : NULL;
	s = sign(s, ":");
	s = s ? number(s, 2, 0, 60, &tm.tm_sec) : NULL;
	if (!s)
		return -EINVAL;
	if (*s == '.') {
		if (*++s < '0' || *s > '9')
			return -EINVAL;
		for (; *s >= '0' && *s <= '9'; s++, scale /= 10)
			fraction += (*s - '0') * scale;
	}
	s = zone(s, &minutes);
	if (!s || *s)
		return -EINVAL;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	/* 31 February becomes a day of March */
	date = (struct tm){ .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday };
	timegm(&date);
	if (date.tm_mday != tm.tm_mday)
		return -EINVAL;
	sec = timegm(&tm);
	*ms = ((int64_t)sec - (int64_t)minutes * 60) * 1000 + fraction;
	return 0;
}

int when_parse(const char *text, int64_t *ms)
{
	if (!strcmp(text, "now"))
		*ms = clock_ms(CLOCK_REALTIME);
	else if (!strcmp(text, "recent"))
		*ms = clock_ms(CLOCK_REALTIME) - 10 * 60 * 1000;
	else if (!strcmp(text, "today"))
		*ms = midnight();
	else if (!strcmp(text, "boot"))
		*ms = clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_BOOTTIME);
	else
		return rfc3339(text, ms);
	return 0;
}
