// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /etc/contid/audisp.conf
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "cleanup.h"
#include "config.h"

static const struct config defaults = {
	.kind = OUTPUT_FILE,
	.path = "/var/log/contid/events.ndjson",
	.queue = QUEUE_DEFAULT,
	.user = "contid",
	.group = "adm",
};

/* NULL, or what is wrong with the value */
static const char *set_name(char *to, size_t size, const char *value)
{
	if (!*value || strlen(value) >= size)
		return "a name, please";
	strcpy(to, value);
	return NULL;
}

static const char *set_output(struct config *config, const char *value)
{
	static const char unix_[] = "unix:";

	if (!strcmp(value, "stdout")) {
		config->kind = OUTPUT_STDOUT;
		return NULL;
	}
	config->kind = OUTPUT_FILE;
	if (!strncmp(value, unix_, sizeof(unix_) - 1)) {
		value += sizeof(unix_) - 1;
		config->kind = OUTPUT_SOCKET;
		if (strlen(value) >= sizeof(((struct sockaddr_un *)0)->sun_path))
			return "the path of a socket has 107 bytes at most";
	}
	if (*value != '/' || strlen(value) >= sizeof(config->path))
		return "an absolute path, unix: and one, or stdout";
	strcpy(config->path, value);
	return NULL;
}

static const char *set_queue(struct config *config, const char *value)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || !n || n > QUEUE_MAX)
		return "a number of records, 1 to 1048576";
	config->queue = n;
	return NULL;
}

static const char *set(struct config *config, const char *key, const char *value)
{
	if (!strcmp(key, "output"))
		return set_output(config, value);
	if (!strcmp(key, "queue"))
		return set_queue(config, value);
	if (!strcmp(key, "user"))
		return set_name(config->user, sizeof(config->user), value);
	if (!strcmp(key, "group"))
		return set_name(config->group, sizeof(config->group), value);
	return "output, queue, user or group";
}

/* without blanks at either end */
static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r\n", end[-1]))
		end--;
	*end = '\0';
	return s;
}

int config_read(const char *path, struct config *config, char *error, size_t size)
{
	CLEANUP_FILE FILE *file = fopen(path, "re");
	CLEANUP_FREE char *line = NULL;
	unsigned int number = 0;
	size_t room = 0;

	*config = defaults;
	if (!file && errno == ENOENT && !strcmp(path, CONFIG_FILE))
		return 0;
	if (!file) {
		int err = -errno;

		snprintf(error, size, "%s: %s; let root and the plugin's user read it", path,
			 strerror(-err));
		return err;
	}
	while (getline(&line, &room, file) >= 0) {
		char *key = trim(line), *value = strchr(key, '=');
		const char *wrong;

		number++;
		if (!*key || *key == '#')
			continue;
		if (value)
			*value++ = '\0';
		wrong = value ? set(config, trim(key), trim(value)) : "KEY = VALUE";
		if (wrong) {
			snprintf(error, size, "%s:%u: %s: expected %s; see contid.conf(5)", path,
				 number, key, wrong);
			return -EINVAL;
		}
	}
	if (ferror(file)) {
		snprintf(error, size, "%s: not readable", path);
		return -EIO;
	}
	return 0;
}
