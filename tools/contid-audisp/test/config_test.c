// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration of the plugin, and the files that are installed with it
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../config.h"

static struct config config;
static char error[512];

static int read_text(const char *text)
{
	char path[] = "/tmp/config_test.XXXXXX";
	int fd = mkstemp(path), err;

	dprintf(fd, "%s", text);
	close(fd);
	err = config_read(path, &config, error, sizeof(error));
	unlink(path);
	return err;
}

static void are_defaults(void)
{
	unit_int(OUTPUT_FILE, config.kind);
	unit_text("/var/log/contid/events.ndjson", config.path);
	unit_int(16384, config.queue);
	unit_text("contid", config.user);
	unit_text("adm", config.group);
}

static void an_empty_file_means_the_defaults(void)
{
	unit_int(0, read_text("\n  # output = stdout\n"));
	are_defaults();
}

static void the_installed_file_says_the_defaults(void)
{
	memset(&config, 0, sizeof(config));
	unit_int(0, config_read("contid-audisp/audisp.conf", &config, error, sizeof(error)));
	are_defaults();
}

static void every_key_is_read(void)
{
	unit_int(0,
		 read_text("output = unix:/run/x.socket\nqueue=7\n user = a\t\ngroup =  b  \r\n"));
	unit_int(OUTPUT_SOCKET, config.kind);
	unit_text("/run/x.socket", config.path);
	unit_int(7, config.queue);
	unit_text("a", config.user);
	unit_text("b", config.group);
	unit_int(0, read_text("output = stdout"));
	unit_int(OUTPUT_STDOUT, config.kind);
	unit_int(0, read_text("output = stdout\noutput = /a b/c\n"));
	unit_int(OUTPUT_FILE, config.kind);
	unit_text("/a b/c", config.path);
}

static void a_wrong_line_is_named(void)
{
	static const char *const lines[] = {
		"output = relative",
		"output =",
		"output = unix:x",
		"queue = 0",
		"queue = -1",
		"queue = 1048577",
		"queue = 10k",
		"queue =",
		"user =",
		"group =",
		"colour = red",
		"output stdout",
		"= x",
	};
	char text[512];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(text, sizeof(text), "# one\nqueue = 5\n%s\n", lines[i]);
		unit_int(-EINVAL, read_text(text));
		unit_true(strstr(error, ":3: ") && strstr(error, "expected"));
	}
	memset(text, 'x', sizeof(text));
	memcpy(text, "output = /", 10);
	text[sizeof(text) - 1] = '\0';
	unit_int(-EINVAL, read_text(text));
	memcpy(text, "output = unix:/", 15);
	text[15 + 107] = '\0';
	unit_int(-EINVAL, read_text(text));
	text[15 + 106] = '\0';
	unit_int(0, read_text(text));
}

static void only_the_usual_file_may_be_missing(void)
{
	unit_int(-ENOENT, config_read("/nonexistent", &config, error, sizeof(error)));
	unit_true(strstr(error, "/nonexistent: No such file") != NULL);
}

/* as auditd reads it: at most two arguments */
static void auditd_takes_the_plugin(void)
{
	FILE *file = fopen("contid-audisp/contid.conf", "re");
	char line[200], key[40], value[120];
	unsigned int seen = 0;

	unit_true(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		static const char *const want[][2] = { { "active", "no" },
						       { "direction", "out" },
						       { "path", "/usr/sbin/contid-audisp" },
						       { "type", "always" },
						       { "format", "string" } };

		if (*line == '#')
			continue;
		unit_int(2, sscanf(line, "%39s = %119s", key, value));
		for (size_t i = 0; i < 5; i++) {
			if (strcmp(key, want[i][0]))
				continue;
			unit_text(want[i][1], value);
			seen |= 1u << i;
		}
	}
	unit_int(31, seen);
	fclose(file);
}

static const struct unit_test tests[] = {
	TEST(an_empty_file_means_the_defaults),
	TEST(the_installed_file_says_the_defaults),
	TEST(every_key_is_read),
	TEST(a_wrong_line_is_named),
	TEST(only_the_usual_file_may_be_missing),
	TEST(auditd_takes_the_plugin),
};

UNIT(tests)
