// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - a container in the foreground
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../libcontid/cleanup.h"
#include "terminal.h"

int console_open(struct console *console)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*console = (struct console){ .dir = "/run/contid/tty.XXXXXX", .listener = -1 };
	if (mkdir("/run/contid", 0755) && errno != EEXIST)
		return -errno;
	/* 0700: nobody else connects */
	if (!mkdtemp(console->dir)) {
		*console->dir = '\0';
		return -errno;
	}
	snprintf(console->path, sizeof(console->path), "%s/socket", console->dir);
	strcpy(address.sun_path, console->path);
	console->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (console->listener < 0 ||
	    bind(console->listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(console->listener, 1)) {
		int rc = -errno;

		console_close(console);
		return rc;
	}
	return 0;
}

void console_close(struct console *console)
{
	if (console->listener >= 0)
		close(console->listener);
	console->listener = -1;
	if (*console->path)
		unlink(console->path);
	if (*console->dir)
		rmdir(console->dir);
	*console->path = *console->dir = '\0';
}

/* The descriptor in the ancillary data of one message. */
static int receive_fd(int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char name[256];
	struct iovec data = { name, sizeof(name) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.buf,
				  .msg_controllen = sizeof(control.buf) };
	struct cmsghdr *header;
	int got;

	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EBADMSG;
	memcpy(&got, CMSG_DATA(header), sizeof(got));
	return got;
}

static int wait_readable(int fd, unsigned int seconds)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	int rc = poll(&pollfd, 1, (int)seconds * 1000);

	return rc < 0 ? -errno : rc ? 0 : -ETIMEDOUT;
}

int console_take(struct console *console, unsigned int seconds)
{
	CLEANUP_FD int fd = -1;
	int rc = wait_readable(console->listener, seconds);

	if (rc)
		return rc;
	fd = accept4(console->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = wait_readable(fd, seconds);
	return rc ? rc : receive_fd(fd);
}

/**
 * struct relay - between our terminal, or whatever our input is, and that of the container
 * @saved:	what our terminal was before, if @raw
 * @input:	bytes read and not yet written, @size of them
 */
struct relay {
	int terminal;
	bool raw;
	struct termios saved;
	bool end_of_input;
	char input[4096];
	size_t size;
};

static void resize(const struct relay *relay)
{
	struct winsize size;

	if (!ioctl(STDIN_FILENO, TIOCGWINSZ, &size))
		ioctl(relay->terminal, TIOCSWINSZ, &size);
}

static void relay_begin(struct relay *relay)
{
	struct termios raw;

	if (relay->terminal < 0)
		return;
	fcntl(relay->terminal, F_SETFL, fcntl(relay->terminal, F_GETFL) | O_NONBLOCK);
	if (!tcgetattr(STDIN_FILENO, &relay->saved)) {
		raw = relay->saved;
		cfmakeraw(&raw);
		relay->raw = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	resize(relay);
}

static void write_out(const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(STDOUT_FILENO, text, size);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		/* nobody listens any more: the container is not to hang for it */
		if (n <= 0)
			return;
		text += n;
		size -= (size_t)n;
	}
}

/* All output there is. False: there will be no more. */
static bool drain(struct relay *relay)
{
	char text[4096];
	ssize_t n;

	while ((n = read(relay->terminal, text, sizeof(text))) > 0)
		write_out(text, (size_t)n);
	/* EIO: the container has closed its side */
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void relay_end(struct relay *relay)
{
	if (relay->terminal >= 0) {
		drain(relay);
		close(relay->terminal);
	}
	if (relay->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &relay->saved);
}

static void read_input(struct relay *relay)
{
	ssize_t n = read(STDIN_FILENO, relay->input, sizeof(relay->input));

	if (n > 0)
		relay->size = (size_t)n;
	else if (!n || (errno != EINTR && errno != EAGAIN))
		relay->end_of_input = true;
}

static void write_input(struct relay *relay)
{
	ssize_t n = write(relay->terminal, relay->input, relay->size);

	if (n > 0) {
		relay->size -= (size_t)n;
		memmove(relay->input, relay->input + n, relay->size);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		relay->size = 0;
	}
}

/* Everything that ended; true if @pid did. */
static bool reap(pid_t pid, int *status)
{
	bool ended = false;
	int one;
	pid_t child;

	while ((child = waitpid(-1, &one, WNOHANG)) > 0) {
		if (child != pid)
			continue;
		*status = one;
		ended = true;
	}
	/* never a child of ours, or taken away */
	if (!ended && child < 0 && errno == ECHILD) {
		*status = 125 << 8;
		return true;
	}
	return ended;
}

static bool take_signal(int fd, pid_t pid, const struct relay *relay, int *status)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return false;
	switch (info.ssi_signo) {
	case SIGCHLD:
		return reap(pid, status);
	case SIGWINCH:
		if (relay->terminal < 0)
			break;
		/* its terminal tells it */
		resize(relay);
		return false;
	case SIGURG:
	case SIGPIPE:
		return false;
	}
	kill(pid, (int)info.ssi_signo);
	return false;
}

/* Until @pid has ended. */
static int loop(struct relay *relay, pid_t pid, int signals)
{
	int status = 0;

	/* what ended before the signals were asked for */
	if (reap(pid, &status))
		return status;
	for (;;) {
		bool more = relay->terminal >= 0;
		struct pollfd fds[] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = more ? relay->terminal : -1,
			  .events = (short)(POLLIN | (relay->size ? POLLOUT : 0)) },
			{ .fd = more && !relay->size && !relay->end_of_input ? STDIN_FILENO : -1,
			  .events = POLLIN },
		};

		if (poll(fds, 3, -1) < 0)
			continue;
		if (fds[0].revents && take_signal(signals, pid, relay, &status))
			return status;
		if (fds[1].revents & POLLOUT)
			write_input(relay);
		if (fds[1].revents & ~POLLOUT && !drain(relay)) {
			close(relay->terminal);
			relay->terminal = -1;
		}
		if (fds[2].revents)
			read_input(relay);
	}
}

int foreground_wait(pid_t pid, int terminal)
{
	struct relay relay = { .terminal = terminal };
	CLEANUP_FD int signals = -1;
	sigset_t all, before;
	int status;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	signals = signalfd(-1, &all, SFD_CLOEXEC);
	relay_begin(&relay);
	status = loop(&relay, pid, signals);
	relay_end(&relay);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
