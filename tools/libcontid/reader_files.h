/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where auditd keeps its log
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_READER_FILES_H
#define CONTID_READER_FILES_H

#include "contid.h"

/* Path of the log that the auditd.conf @conf names, or the usual one; freed by the caller. */
int contid_log_path_of(const char *conf, char **path);
/* As contid_log_files(), of the log at @path. */
int contid_log_files_of(const char *path, char ***files);

#endif /* CONTID_READER_FILES_H */
