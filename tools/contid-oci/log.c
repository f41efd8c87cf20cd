// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - one sentence on stderr and in the runtime's log
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../libcontid/cleanup.h"
#include "../libcontid/cli/options.h"
#include "../libcontid/cli/out.h"
#include "log.h"

static const char *log_path;
static const char *log_ident; /* of syslog, which journald reads as well */
static enum log_form log_form;

static const char *after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) ? NULL : text + n;
}

void log_open(const char *target, const char *format, const char *runtime)
{
	const char *name = strrchr(runtime, '/');

	name = name ? name + 1 : runtime;
	if (format && !strcmp(format, "json"))
		log_form = LOG_JSON;
	else
		log_form = after(name, "runc") ? LOG_TEXT_RUNC : LOG_TEXT_CRUN;
	log_path = log_ident = NULL;
	if (!target || !*target)
		return;
	log_path = target;
	if (!after(name, "crun"))
		return;
	log_ident = after(target, "syslog:") ? after(target, "syslog:") :
					       after(target, "journald:");
	if (log_ident)
		log_path = NULL;
	else if (after(target, "file:"))
		log_path = after(target, "file:");
}

/* RFC 3339, UTC, with microseconds in JSON, as crun has them. */
static void stamp(char *buf, size_t size, struct timespec now, bool fraction)
{
	char seconds[32];
	struct tm tm;

	gmtime_r(&now.tv_sec, &tm);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	if (fraction)
		snprintf(buf, size, "%s.%06ldZ", seconds, now.tv_nsec / 1000);
	else
		snprintf(buf, size, "%sZ", seconds);
}

static char *json_line(const char *level, const char *text, const char *time)
{
	struct json_object *object = json_object_new_object();
	char *line;

	json_object_object_add(object, "msg", json_object_new_string(text));
	json_object_object_add(object, "level", json_object_new_string(level));
	json_object_object_add(object, "time", json_object_new_string(time));
	if (asprintf(&line, "%s\n",
		     json_object_to_json_string_ext(
			     object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		line = NULL;
	json_object_put(object);
	return line;
}

/* time="…" level=error msg="…", quotes and backslashes escaped */
static char *runc_line(const char *level, const char *text, const char *time)
{
	char *line = NULL;
	size_t size;
	FILE *file = open_memstream(&line, &size);

	if (!file)
		return NULL;
	fprintf(file, "time=\"%s\" level=%s msg=\"", time, level);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		fputc(*text, file);
	}
	fputs("\"\n", file);
	return fclose(file) ? NULL : line;
}

char *log_line(enum log_form form, const char *level, const char *text, struct timespec now)
{
	/* names come from others: no second line, no sequence for a terminal */
	CLEANUP_FREE char *clean = NULL;
	char time[64], *line = NULL;
	char *to;

	clean = strdup(text);
	if (!clean)
		return NULL;
	for (to = clean; *to; to++)
		if ((unsigned char)*to < 0x20 || *to == 0x7f)
			*to = '?';
	stamp(time, sizeof(time), now, form == LOG_JSON);
	switch (form) {
	case LOG_JSON:
		return json_line(level, clean, time);
	case LOG_TEXT_RUNC:
		return runc_line(level, clean, time);
	case LOG_TEXT_CRUN:
		return asprintf(&line, "%s\n", clean) < 0 ? NULL : line;
	}
	return NULL;
}

static void write_log(const char *text)
{
	CLEANUP_FREE char *line = NULL;
	CLEANUP_FD int fd = -1;
	struct timespec now;

	if (log_ident) {
		openlog(log_ident, 0, LOG_USER);
		syslog(LOG_ERR, "%s", text);
		closelog();
	}
	if (!log_path)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	line = log_line(log_form, "error", text, now);
	fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	/* stderr has it in any case */
	if (fd >= 0 && line && write(fd, line, strlen(line)) < 0)
		cli_warn("%s: not written", log_path);
}

/* "contid-oci: …", printable */
static char *sentence(const char *format, va_list args)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *clean = NULL;
	char *whole;

	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		return NULL;
	}
	clean = cli_escape(text, strlen(text));
	return !clean || asprintf(&whole, "contid-oci: %s", clean) < 0 ? NULL : whole;
}

int oci_fail(const char *format, ...)
{
	CLEANUP_FREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = sentence(format, args);
	va_end(args);
	fprintf(stderr, "%s\n", text ? text : "contid-oci: out of memory");
	write_log(text ? text : "contid-oci: out of memory");
	return OCI_FAILED;
}

void oci_warn(const char *format, ...)
{
	CLEANUP_FREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = sentence(format, args);
	va_end(args);
	fprintf(stderr, "%s\n", text ? text : "contid-oci: out of memory");
}
