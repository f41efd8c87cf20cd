// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory, text, files
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "../libcontid/cli/out.h"
#include "ima-review.h"

static void *checked(void *p)
{
	if (!p)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	return p;
}

void *ir_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *ir_array(void *old, size_t n, size_t size)
{
	return checked(reallocarray(old, n ? n : 1, size));
}

char *ir_copy(const char *text)
{
	return checked(strdup(text));
}

char *ir_text(const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	return checked(n < 0 ? NULL : text);
}

char *ir_escape(const char *bytes, size_t size)
{
	return checked(cli_escape(bytes, size));
}

char *ir_hex(const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *text = ir_alloc(size * 2 + 1);

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return text;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

ssize_t ir_unhex(const char *text, size_t length, uint8_t *bytes, size_t max)
{
	if (length % 2 || length / 2 > max)
		return -1;
	for (size_t i = 0; i < length; i += 2) {
		int high = nibble(text[i]), low = nibble(text[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (ssize_t)(length / 2);
}

int ir_read_file(int dir, const char *name, size_t max, uint8_t **bytes, size_t *size)
{
	int fd IR_CLOSE = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	uint8_t *buf IR_FREE = NULL;
	size_t room = 4096, n = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t got;

		buf = ir_array(buf, room + 1, 1);
		got = read(fd, buf + n, room - n);
		if (got < 0)
			return -errno;
		if (!got)
			break;
		n += (size_t)got;
		if (n > max)
			return -EFBIG;
		if (n == room)
			room *= 2;
	}
	buf[n] = 0;
	*size = n;
	*bytes = buf;
	buf = NULL;
	return 0;
}

int ir_open_within(int dir, const char *name)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV |
					   RESOLVE_NO_SYMLINKS };
	int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

void ir_time(char out[32], int64_t sec, unsigned int msec)
{
	time_t when = (time_t)sec;
	struct tm tm = { 0 };
	char text[24];

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, 32, "%s.%03uZ", text, msec % 1000);
}

int64_t ir_number(const char *text)
{
	char *end;
	long long n;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || (*end && strcmp(end, "\n")))
		return -1;
	return n;
}
