// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where auditd keeps its log
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "../reader_files.h"

static char folder[64];

static const char *in(const char *name)
{
	static char path[8][128];
	static int at;
	char *out = path[at++ % 8];

	snprintf(out, sizeof(path[0]), "%s/%s", folder, name);
	return out;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(in(name), "w");

	unit_true(file != NULL);
	fputs(text, file);
	fclose(file);
}

static const char *path_of(const char *conf)
{
	static char *path;

	put("conf", conf);
	free(path);
	unit_int(0, contid_log_path_of(in("conf"), &path));
	return path;
}

static void the_configuration_names_it(void)
{
	unit_text("/x/y.log", path_of("# log_file = /no\nlog_file = /x/y.log\nlog_group = adm\n"));
	unit_text("/x/y.log", path_of("  LOG_FILE=/x/y.log  \n"));
	unit_text("/b", path_of("log_file = /a\nlog_file = /b\n"));
}

static void else_it_is_the_usual_one(void)
{
	char *path;

	unit_text("/var/log/audit/audit.log", path_of("log_filex = /x\nlog_file\n"));
	unit_int(0, contid_log_path_of(in("nothing"), &path));
	unit_text("/var/log/audit/audit.log", path);
	free(path);
}

static void old_logs_come_first(void)
{
	char **files;

	put("log", "");
	put("log.1", "");
	put("log.2", "");
	put("log.10", "");
	put("log.gz", "");
	unit_int(0, contid_log_files_of(in("log"), &files));
	unit_text(in("log.10"), files[0]);
	unit_text(in("log.2"), files[1]);
	unit_text(in("log.1"), files[2]);
	unit_text(in("log"), files[3]);
	unit_true(!files[4]);
	free(files);
}

static const struct unit_test tests[] = {
	TEST(the_configuration_names_it),
	TEST(else_it_is_the_usual_one),
	TEST(old_logs_come_first),
};

int main(void)
{
	char command[128];
	int failed;

	strcpy(folder, "/tmp/reader_files_test.XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	failed = unit_run(tests, sizeof(tests) / sizeof(*tests));
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) || failed;
}
