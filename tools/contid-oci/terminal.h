/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - a container in the foreground: its terminal, its signals, its end
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <sys/types.h>

/**
 * struct console - where the runtime sends the terminal of a container
 * @path:	of the socket
 */
struct console {
	char dir[40];
	char path[64];
	int listener;
};

int console_open(struct console *console);
/* The terminal, a descriptor; -ETIMEDOUT: none was sent; -EBADMSG: what was sent is none. */
int console_take(struct console *console, unsigned int seconds);
void console_close(struct console *console);

/**
 * foreground_wait - be the container's foreground until its first process ends
 * @pid:	that process, a child of ours or of nobody but us
 * @terminal:	its terminal, or -1; closed
 *
 * Signals are passed on, but for those that tell of children and windows; the size of the window
 * is. Return: as a shell has it, 0 to 255.
 */
int foreground_wait(pid_t pid, int terminal);

#endif /* TERMINAL_H */
