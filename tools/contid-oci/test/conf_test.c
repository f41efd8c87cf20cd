// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration: each key, each mistake by its line
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../conf.h"

static void without_lines_all_is_as_by_default(void)
{
	struct conf conf;
	char *error;

	unit_int(0, conf_parse("", 0, &conf, &error));
	unit_text("crun", conf.runtime);
	unit_true(!conf.trust && !conf.go_on && !conf.equiv);
	unit_int(10, conf.timeout);
	conf_free(&conf);
	unit_int(0, conf_read("/nonexistent/contid-oci.conf", &conf, &error));
	unit_text("crun", conf.runtime);
	conf_free(&conf);
}

static void every_key_is_read(void)
{
	static const char text[] =
		"# comment\n\n runtime = /opt/my runtime \n"
		"trust_annotations=yes\non_error=continue\ntimeout=600\r\nequiv=yes";
	struct conf conf;
	char *error;

	unit_int(0, conf_parse(text, strlen(text), &conf, &error));
	unit_text("/opt/my runtime", conf.runtime);
	unit_true(conf.trust && conf.go_on && conf.equiv);
	unit_int(600, conf.timeout);
	conf_free(&conf);
}

/* The shipped file, and the same with its lines in force. */
static void the_shipped_file_is_the_default(void)
{
	struct conf conf;
	char *error, *text = NULL;
	size_t size;
	FILE *in = fopen("contid-oci/contid-oci.conf", "r"), *out = open_memstream(&text, &size);
	char line[256];

	unit_true(in);
	unit_int(0, conf_read("contid-oci/contid-oci.conf", &conf, &error));
	conf_free(&conf);
	while (fgets(line, sizeof(line), in))
		fputs(line + (line[0] == '#' && line[1] != ' '), out);
	fclose(in);
	fclose(out);
	unit_int(0, conf_parse(text, size, &conf, &error));
	unit_text("crun", conf.runtime);
	unit_true(!conf.trust && !conf.go_on && !conf.equiv && conf.timeout == 10);
	unit_int(5, ({
			 int keys = 0;

			 for (size_t i = 0; i < size; i++)
				 keys += (!i || text[i - 1] == '\n') && text[i] >= 'a';
			 keys;
		 }));
	free(text);
	conf_free(&conf);
}

static void mistakes_are_named(void)
{
	static const struct {
		const char *text, *error;
	} table[] = {
		{ "x", "line 1: a line is KEY=VALUE" },
		{ "\n\nfoo=1", "line 3: no such key; there are runtime, trust_annotations, "
			       "on_error, timeout, equiv" },
		{ "=1", "line 1: no such key; there are runtime, trust_annotations, on_error, "
			"timeout, equiv" },
		{ "runtime=", "line 1: runtime= needs a name or a path" },
		{ "trust_annotations=1", "line 1: it is yes or no" },
		{ "trust_annotations=", "line 1: it is yes or no" },
		{ "equiv=YES", "line 1: it is yes or no" },
		{ "on_error=ignore", "line 1: it is abort or continue" },
		{ "timeout=0", "line 1: it is a number of seconds, 1 to 600" },
		{ "timeout=601", "line 1: it is a number of seconds, 1 to 600" },
		{ "timeout=10s", "line 1: it is a number of seconds, 1 to 600" },
		{ "timeout=-1", "line 1: it is a number of seconds, 1 to 600" },
		{ "timeout=99999999999999999999", "line 1: it is a number of seconds, 1 to 600" },
		{ "timeout=", "line 1: it is a number of seconds, 1 to 600" },
	};
	struct conf conf;
	char *error;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_int(-EINVAL, conf_parse(table[i].text, strlen(table[i].text), &conf, &error));
		unit_text(table[i].error, error);
		free(error);
		conf_free(&conf);
	}
	unit_int(-EINVAL, conf_parse("equiv=yes\0timeout=0", 19, &conf, &error));
	unit_text("line 1: it has a NUL byte", error);
	free(error);
	conf_free(&conf);
}

static void a_file_is_a_regular_one(void)
{
	char path[] = "/tmp/conf-test.XXXXXX", *error;
	struct conf conf;
	FILE *file;

	unit_true(mkdtemp(path));
	unit_int(-EINVAL, conf_read(path, &conf, &error));
	unit_true(strstr(error, path));
	free(error);
	conf_free(&conf);
	rmdir(path);
	unit_int(0, mkfifo(path, 0600));
	unit_int(-EINVAL, conf_read(path, &conf, &error));
	free(error);
	conf_free(&conf);
	unlink(path);
	file = fopen(path, "w");
	for (int i = 0; i < CONF_MAX / 2 + 1; i++)
		fputs("# ", file);
	fclose(file);
	unit_int(-EFBIG, conf_read(path, &conf, &error));
	free(error);
	conf_free(&conf);
	unlink(path);
}

static const struct unit_test tests[] = {
	TEST(without_lines_all_is_as_by_default),
	TEST(every_key_is_read),
	TEST(the_shipped_file_is_the_default),
	TEST(mistakes_are_named),
	TEST(a_file_is_a_regular_one),
};

UNIT(tests)
