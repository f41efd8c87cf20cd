/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contid-oci - one sentence on stderr and in the runtime's log, as the runtime would write it
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <time.h>

#define OCI_FAILED 125 /* exit status of a failure of ours */

/* How runtimes write a line. */
enum log_form { LOG_JSON, LOG_TEXT_CRUN, LOG_TEXT_RUNC };

/**
 * log_open - where failures are written, besides stderr
 * @target:	argument of --log, or NULL: a path, for crun also file:PATH, syslog:ID, journald:ID
 * @format:	argument of --log-format, or NULL
 * @runtime:	name of the runtime, whose form is used
 */
void log_open(const char *target, const char *format, const char *runtime);
/* One line of that form with its newline, freed by the caller; NULL without memory. */
char *log_line(enum log_form form, const char *level, const char *text, struct timespec now);
/* A sentence without newline. Return: OCI_FAILED. */
__attribute__((format(printf, 1, 2))) int oci_fail(const char *format, ...);
/* The same for what does not end the program; to stderr alone. */
__attribute__((format(printf, 1, 2))) void oci_warn(const char *format, ...);

#endif /* LOG_H */
