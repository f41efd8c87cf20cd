// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dgramsink - the receiver of a unix datagram socket
 *
 * dgramsink PATH FILE		appends each datagram to FILE, a line each
 * dgramsink -s PATH		receives nothing: a receiver that hangs
 *
 * Returns when the socket is there and goes on in the background; its process id is in PATH.pid.
 * Anybody may send.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void pid_file(const char *path, pid_t pid)
{
	char name[200];
	FILE *file;

	snprintf(name, sizeof(name), "%s.pid", path);
	file = fopen(name, "we");
	if (!file || fprintf(file, "%d\n", pid) < 0 || fclose(file))
		die(name);
}

int main(int argc, char **argv)
{
	bool hangs = argc == 3 && !strcmp(argv[1], "-s");
	const char *path = hangs ? argv[2] : argv[1];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static char text[1 << 20];
	int fd, out = -1;
	pid_t pid;

	if (argc != 3 || strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "usage: dgramsink PATH FILE | dgramsink -s PATH\n");
		return 2;
	}
	if (!hangs) {
		out = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600);
		if (out < 0)
			die(argv[2]);
	}
	unlink(path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0666))
		die(path);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid) {
		pid_file(path, pid);
		return 0;
	}
	while (hangs)
		pause();
	for (;;) {
		ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			die("recv");
		text[n++] = '\n';
		if (write(out, text, (size_t)n) != n)
			die("write");
	}
}
