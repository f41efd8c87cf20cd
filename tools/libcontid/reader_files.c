// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Files of audit text, and where auditd keeps its own
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader_files.h"

#define DEFAULT_LOG "/var/log/audit/audit.log"
enum { ROTATED_MAX = 999 }; /* num_logs of auditd.conf(5) */

static char *word_of(const char *s)
{
	s += strspn(s, " \t");
	return strndup(s, strcspn(s, " \t\r\n"));
}

int contid_log_path_of(const char *conf, char **path)
{
	FILE *file = fopen(conf, "re");
	char *line = NULL, *found = NULL;
	size_t size = 0;
	int err = 0;

	if (!file && errno != ENOENT)
		return -errno;
	while (file && getline(&line, &size, file) >= 0) {
		char *s = line + strspn(line, " \t");

		if (strncasecmp(s, "log_file", 8))
			continue;
		s += 8 + strspn(s + 8, " \t");
		if (*s != '=')
			continue;
		free(found);
		found = word_of(s + 1);
		if (!found)
			err = -ENOMEM;
	}
	free(line);
	if (file)
		fclose(file);
	if (!found && !err)
		found = strdup(DEFAULT_LOG);
	*path = found;
	return found ? 0 : -ENOMEM;
}

int contid_log_files_of(const char *path, char ***files)
{
	size_t length = strlen(path) + 5, n = 0;
	struct stat st;
	char *name;

	/* auditd keeps the numbers without a hole, the oldest has the highest */
	*files = malloc((ROTATED_MAX + 2) * sizeof(**files) + (ROTATED_MAX + 1) * length);
	if (!*files)
		return -ENOMEM;
	name = (char *)(*files + ROTATED_MAX + 2);
	for (int i = ROTATED_MAX; i > 0; i--) {
		snprintf(name, length, "%s.%d", path, i);
		if (stat(name, &st))
			continue;
		(*files)[n++] = name;
		name += length;
	}
	strcpy(name, path);
	(*files)[n++] = name;
	(*files)[n] = NULL;
	return 0;
}

int contid_log_files(char ***files)
{
	char *path;
	int err = contid_log_path_of("/etc/audit/auditd.conf", &path);

	if (err)
		return err;
	err = contid_log_files_of(path, files);
	free(path);
	return err;
}

static int read_all(struct contid_reader *reader, int fd)
{
	enum { SIZE = 256 * 1024 };
	char *buf = malloc(SIZE);
	int err = buf ? 0 : -ENOMEM;

	while (!err) {
		ssize_t n = read(fd, buf, SIZE);

		if (!n)
			break;
		if (n < 0)
			err = errno == EINTR ? 0 : -errno;
		else
			err = contid_reader_feed(reader, buf, (size_t)n);
	}
	free(buf);
	/* a last line without an end is a line, not the begin of the next file's first */
	return err ? err : contid_reader_feed(reader, "\n", 1);
}

int contid_reader_files(struct contid_reader *reader, const char *const *files)
{
	char **own = NULL;
	int err = 0;

	if (!files) {
		err = contid_log_files(&own);
		if (err)
			return err;
		files = (const char *const *)own;
	}
	for (; *files && !err; files++) {
		int fd = strcmp(*files, "-") ? open(*files, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;

		if (fd < 0) {
			/* rotated away since they were listed */
			err = own && errno == ENOENT && files[1] ? 0 : -errno;
			continue;
		}
		err = read_all(reader, fd);
		if (fd != STDIN_FILENO)
			close(fd);
	}
	free(own);
	return err ? err : contid_reader_flush(reader);
}
