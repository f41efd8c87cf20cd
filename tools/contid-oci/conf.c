// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - its configuration: KEY=VALUE, a line each
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "file.h"

static int set_switch(bool *value, const char *text, const char *on, const char *off)
{
	*value = !strcmp(text, on);
	return *value || !strcmp(text, off) ? 0 : -EINVAL;
}

static int set_timeout(unsigned int *seconds, const char *text)
{
	char *end;
	unsigned long value;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	value = strtoul(text, &end, 10);
	*seconds = (unsigned int)value;
	return *end || value < 1 || value > 600 ? -EINVAL : 0;
}

/* Why not, or NULL. */
static const char *set(struct conf *conf, const char *key, const char *value)
{
	if (!strcmp(key, "runtime")) {
		if (!*value)
			return "runtime= needs a name or a path";
		free(conf->runtime);
		conf->runtime = strdup(value);
		return conf->runtime ? NULL : "out of memory";
	}
	if (!strcmp(key, "trust_annotations"))
		return set_switch(&conf->trust, value, "yes", "no") ? "it is yes or no" : NULL;
	if (!strcmp(key, "on_error"))
		return set_switch(&conf->go_on, value, "continue", "abort") ?
			       "it is abort or continue" :
			       NULL;
	if (!strcmp(key, "timeout"))
		return set_timeout(&conf->timeout, value) ? "it is a number of seconds, 1 to 600" :
							    NULL;
	if (!strcmp(key, "equiv"))
		return set_switch(&conf->equiv, value, "yes", "no") ? "it is yes or no" : NULL;
	return "no such key; there are runtime, trust_annotations, on_error, timeout, equiv";
}

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text;
}

static const char *set_line(struct conf *conf, char *line)
{
	char *equals;

	line = trim(line);
	if (!*line || *line == '#')
		return NULL;
	equals = strchr(line, '=');
	if (!equals)
		return "a line is KEY=VALUE";
	*equals = '\0';
	return set(conf, trim(line), trim(equals + 1));
}

void conf_free(struct conf *conf)
{
	free(conf->runtime);
	*conf = (struct conf){ 0 };
}

int conf_parse(const char *text, size_t size, struct conf *conf, char **error)
{
	char *copy, *rest, *line;
	unsigned int number = 0;
	const char *why = NULL;
	int rc = 0;

	*error = NULL;
	*conf = (struct conf){ .runtime = strdup("crun"), .timeout = CONF_TIMEOUT };
	copy = strndup(text, size);
	if (!copy || !conf->runtime) {
		free(copy);
		return -ENOMEM;
	}
	if (strlen(copy) != size)
		why = "it has a NUL byte";
	rest = copy;
	while (!why && (line = strsep(&rest, "\n"))) {
		number++;
		why = set_line(conf, line);
	}
	if (why) {
		rc = -EINVAL;
		if (asprintf(error, "line %u: %s", number ? number : 1, why) < 0)
			*error = NULL;
	}
	free(copy);
	return rc;
}

int conf_read(const char *path, struct conf *conf, char **error)
{
	char *text = NULL, *why = NULL;
	size_t size = 0;
	int rc = file_read(path, CONF_MAX, &text, &size);

	*error = NULL;
	if (rc && rc != -ENOENT) {
		*conf = (struct conf){ 0 };
		if (asprintf(error, "%s: %s", path, strerror(-rc)) < 0)
			*error = NULL;
		return rc;
	}
	rc = conf_parse(text ? text : "", size, conf, &why);
	if (rc && asprintf(error, "%s: %s", path, why ? why : strerror(-rc)) < 0)
		*error = NULL;
	free(text);
	free(why);
	return rc;
}
