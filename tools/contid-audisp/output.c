// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where events go
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "output.h"

enum { FILE_MODE = 0640, FOLDER_MODE = 0750 };

/* The folder of the file, if it is the only thing missing. */
static void make_folder(const char *path, uid_t uid, gid_t gid)
{
	CLEANUP_FREE char *copy = strdup(path);
	const char *folder = copy ? dirname(copy) : "/";

	if (!mkdir(folder, FOLDER_MODE) && uid != (uid_t)-1 && chown(folder, uid, gid))
		rmdir(folder);
}

/* A log is nobody's business but its group's, and never a way to write elsewhere. */
static int check_file(int fd, uid_t uid, gid_t gid)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return -EINVAL;
	if (uid != (uid_t)-1 && fchown(fd, uid, gid))
		return -errno;
	if ((st.st_mode & 0777) != FILE_MODE && fchmod(fd, FILE_MODE) && (st.st_mode & 0027))
		return -EPERM;
	return 0;
}

static int open_file(const char *path, uid_t uid, gid_t gid)
{
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			  O_CLOEXEC;
	int fd, err;

	make_folder(path, uid, gid);
	fd = open(path, flags, FILE_MODE);
	if (fd < 0)
		return errno == ENXIO || errno == ELOOP ? -EINVAL : -errno;
	err = check_file(fd, uid, gid);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 1 << 20, err;

	if (fd < 0)
		return -errno;
	/* events of thousands of targets */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

int output_open(struct output *output, const struct config *config, uid_t uid, gid_t gid,
		char *error, size_t size)
{
	int fd = -1;

	switch (config->kind) {
	case OUTPUT_STDOUT:
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		fd = fd < 0 ? -errno : fd;
		break;
	case OUTPUT_FILE:
		fd = open_file(config->path, uid, gid);
		break;
	case OUTPUT_SOCKET:
		fd = open_socket(config->path);
		if (fd < 0)
			fd = -1;
		break;
	}
	if (fd < 0 && config->kind != OUTPUT_SOCKET) {
		snprintf(error, size, "%s: %s%s",
			 config->kind == OUTPUT_STDOUT ? "standard output" : config->path,
			 fd == -EINVAL ? "not a file of its own; give a plain one" :
			 fd == -EPERM  ? "others may read it; chmod 0640" :
					 strerror(-fd),
			 fd == -EINVAL || fd == -EPERM ? "" : "; give another output");
		return fd;
	}
	*output = (struct output){ .config = *config, .fd = fd, .tried = now() };
	return 0;
}

static int write_socket(struct output *output, const char *line, size_t size)
{
	int err;

	/* a receiver that is away is looked for once a second */
	if (output->fd < 0 && output->tried != now()) {
		output->tried = now();
		output->fd = open_socket(output->config.path);
	}
	if (output->fd < 0)
		return -ENOTCONN;
	if (send(output->fd, line, size, MSG_NOSIGNAL) >= 0)
		return 0;
	err = -errno;
	if (err != -EINTR && err != -EMSGSIZE) {
		close(output->fd);
		output->fd = -1;
	}
	return err;
}

int output_write(struct output *output, const char *line, size_t size)
{
	struct iovec parts[] = { { "\n", output->torn ? 1 : 0 },
				 { (char *)line, size },
				 { "\n", 1 } };
	size_t whole = parts[0].iov_len + size + 1;
	ssize_t n;

	if (output->config.kind == OUTPUT_SOCKET)
		return write_socket(output, line, size);
	n = writev(output->fd, parts, 3);
	if (n < 0)
		return -errno;
	output->torn = n ? (size_t)n != whole : output->torn;
	return (size_t)n == whole ? 0 : -ENOSPC;
}

void output_close(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	output->fd = -1;
}
