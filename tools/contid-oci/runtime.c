// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - what is asked of the real runtime
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libcontid/cleanup.h"
#include "../libcontid/contid.h"
#include "limit.h"
#include "log.h"
#include "runtime.h"

int runtime_missing(const char *runtime, int err)
{
	return oci_fail("runtime %s: %s (%s); name another one in /etc/contid/contid-oci.conf, "
			"or install it",
			runtime, strerror(abs(err)), contid_errno_name(err));
}

int runtime_become(const struct cmdline *line)
{
	execvp(line->argv[0], line->argv);
	return runtime_missing(line->argv[0], errno);
}

int runtime_parse_pid(const char *text, pid_t *pid)
{
	struct json_object *root = json_tokener_parse(text), *object;
	int64_t value = -1;

	*pid = 0;
	if (json_object_is_type(root, json_type_object)) {
		/* the specification lets a stopped container have none */
		if (!json_object_object_get_ex(root, "pid", &object))
			value = 0;
		else if (json_object_is_type(object, json_type_int))
			value = json_object_get_int64(object);
		/* runc keeps the number of a process that ended */
		if (value > 0 && json_object_object_get_ex(root, "status", &object) &&
		    json_object_is_type(object, json_type_string) &&
		    !strcmp(json_object_get_string(object), "stopped"))
			value = 0;
	}
	json_object_put(root);
	if (value < 0 || value > INT_MAX)
		return -EBADMSG;
	*pid = (pid_t)value;
	return 0;
}

/* The runtime asked about a container: its status, or a negative errno. */
static int ask(const struct cmdline *line, const char *const *words, unsigned int seconds,
	       char **out)
{
	CLEANUP_FREE char **argv = cmdline_words(line, words, false);

	return argv ? limit_run(argv, seconds, out) : -ENOMEM;
}

int runtime_pid(const struct cmdline *line, const char *container, unsigned int seconds, pid_t *pid)
{
	const char *const words[] = { "state", container, NULL };
	CLEANUP_FREE char *out = NULL;
	int rc = ask(line, words, seconds, &out);

	*pid = 0;
	if (rc)
		return rc > 0 ? -ENOENT : rc;
	return runtime_parse_pid(out, pid);
}

int runtime_delete(const struct cmdline *line, const char *container, unsigned int seconds)
{
	const char *const words[] = { "delete", "--force", container, NULL };
	int rc = ask(line, words, seconds, NULL);

	return rc > 0 ? -ENOENT : rc;
}

int runtime_run(char *const *argv)
{
	struct contid_launch launch = { .id = CONTID_UNSET, .unlabelled = true, .argv = argv };
	int rc = contid_launch(&launch);

	return rc ? runtime_missing(argv[0], rc) : contid_launch_wait(&launch);
}
