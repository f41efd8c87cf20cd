// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ima-review show, and live: collect, verify and show at once
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>

#include "commands.h"

int cmd_show(struct cli_parse *parse)
{
	struct ir_options o;
	int status;

	ir_options_read(&o, parse, 1);
	status = ir_options_report(&o, true);
	ir_options_free(&o);
	return status;
}

/* A folder of plain files. */
static void remove_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *d;

	while (dir && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			unlinkat(dirfd(dir), d->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(folder);
}

int cmd_live(struct cli_parse *parse)
{
	struct ir_options o;
	char folder[] = "/tmp/ima-review.XXXXXX";
	int status;

	ir_options_read(&o, parse, 0);
	if (!o.collect.folder && !mkdtemp(folder))
		return cli_fail(CLI_SYSTEM, "/tmp: %s; give a folder with -o", strerror(errno));
	if (!o.collect.folder)
		o.collect.folder = folder;
	/* collector and verifier are one, so what it verifies is fresh */
	if (!o.review.nonce) {
		o.review.nonce_size = o.collect.nonce_size = 32;
		if (getrandom(o.nonce, 32, 0) != 32)
			return cli_fail(CLI_SYSTEM, "random numbers: %s; try again",
					strerror(errno));
		o.review.nonce = o.collect.nonce = o.nonce;
	}
	o.review.folder = o.collect.folder;
	status = ir_collect_run(&o.collect);
	if (!status)
		status = ir_options_report(&o, true);
	if (o.collect.folder == folder)
		remove_folder(folder);
	ir_options_free(&o);
	return status;
}
