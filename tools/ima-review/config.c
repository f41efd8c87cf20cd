// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /etc/contid/ima-review.conf: lines `key = value`, `#` begins a comment
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <string.h>

#include "ima-review.h"

static char *trimmed(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		end--;
	*end = '\0';
	return text;
}

static const char *setting(struct ir_config *config, const char *key, const char *value)
{
	char *end;
	unsigned long handle;

	if (!strcmp(key, "tcti")) {
		free(config->tcti);
		config->tcti = ir_copy(value);
		return NULL;
	}
	if (!strcmp(key, "handle")) {
		errno = 0;
		handle = strtoul(value, &end, 0);
		if (errno || end == value || *end || handle >> 24 != 0x81)
			return "not a persistent handle (0x81000000 to 0x81ffffff)";
		config->handle = (uint32_t)handle;
		return NULL;
	}
	return "no such key";
}

int ir_config_read(const char *file, struct ir_config *config, char **error)
{
	IR_FREE uint8_t *bytes = NULL;
	char *line, *next;
	size_t size;
	unsigned int number = 0;
	int rc;

	*error = NULL;
	*config = (struct ir_config){ .handle = IR_HANDLE };
	rc = ir_read_file(AT_FDCWD, file, 65536, &bytes, &size);
	if (rc == -ENOENT)
		return 0;
	if (rc) {
		*error = ir_text("%s: cannot be read: %s", file, strerror(-rc));
		return rc;
	}
	for (line = (char *)bytes; line; line = next) {
		char *value, *comment;
		const char *why;

		number++;
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		comment = strchr(line, '#');
		if (comment)
			*comment = '\0';
		line = trimmed(line);
		if (!*line)
			continue;
		value = strchr(line, '=');
		why = "no '='";
		if (value) {
			*value++ = '\0';
			why = setting(config, trimmed(line), trimmed(value));
		}
		if (why) {
			*error = ir_text("%s:%u: %s: %s", file, number, trimmed(line), why);
			return -EINVAL;
		}
	}
	return 0;
}
