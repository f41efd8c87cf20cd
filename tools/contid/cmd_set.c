// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid set, contid get - the id of a process, its namespaces, its right to label
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cli/out.h"
#include "commands.h"

static int set_cap(struct cli_parse *parse, pid_t pid, const char *cap)
{
	bool on = !strcmp(cap, "on");
	int err;

	if (!on && strcmp(cap, "off"))
		return cli_usage(parse, "--cap=%s: on or off", cap);
	if (parse->n_rest != 1)
		return cli_usage(parse, "--cap goes without an id");
	err = contid_cap_set(pid, on);
	return err ? fail_op(CONTID_OP_CAP, err, "pid %d", pid) : CLI_DONE;
}

int cmd_set(struct cli_parse *parse)
{
	const char *cap = NULL;
	uint64_t id;
	pid_t pid;
	int key, err;

	while ((key = cli_next(parse)) != -1)
		cap = parse->arg;
	if (!parse->n_rest || parse->n_rest > 2)
		return cli_usage(parse, "a process and an id are wanted");
	if (!pid_parse(parse->rest[0], &pid))
		return cli_usage(parse, "%s: not the number of a process", parse->rest[0]);
	if (cap)
		return set_cap(parse, pid, cap);
	if (parse->n_rest != 2)
		return cli_usage(parse, "a process and an id are wanted");
	err = contid_parse(parse->rest[1], &id);
	if (err)
		return fail_op(CONTID_OP_SET, err, "id %s", parse->rest[1]);
	err = contid_set(pid, id);
	if (err == -EINVAL || err == -ENOTUNIQ)
		return fail_op(CONTID_OP_SET, err, "pid %d, id %s", pid, parse->rest[1]);
	if (err)
		return fail_op(CONTID_OP_SET, err, "pid %d", pid);
	note_even(id);
	return CLI_DONE;
}

static int get_id(struct cli_out *out, pid_t pid, const char *of)
{
	static const struct cli_column columns[] = { { "pid", "PID", CLI_NUMBER },
						     { "contid", "CONTID", CLI_TEXT } };
	char text[24] = "unset";
	uint64_t id;
	int err = contid_get(pid, &id);

	if (err)
		return fail_op(CONTID_OP_GET, err, "pid %s", of);
	if (id != CONTID_UNSET)
		snprintf(text, sizeof(text), "%" PRIu64, id);
	/* alone it is for a shell: no title */
	if (out->format == CLI_TABLE) {
		printf("%s%c", text, out->end);
	} else {
		const char *const values[] = { of, id == CONTID_UNSET ? NULL : text };

		cli_out_begin(out, columns, 2);
		cli_out_row(out, values);
	}
	err = cli_out_end(out);
	if (err)
		return cli_fail(CLI_SYSTEM, "standard output: %s", strerror(-err));
	return id == CONTID_UNSET ? CLI_NOTHING : CLI_DONE;
}

static int get_ns(struct cli_out *out, pid_t pid, const char *of)
{
	static const struct cli_column columns[] = { { "namespace", "NAMESPACE", CLI_TEXT },
						     { "id", "ID", CLI_TEXT } };
	uint64_t ids[CONTID_NS_TYPES];
	int err = contid_ns_ids(pid, ids);

	if (err)
		return fail_op(CONTID_OP_NSID, err, "pid %s", of);
	cli_out_begin(out, columns, 2);
	for (int i = 0; i < CONTID_NS_TYPES; i++) {
		char text[24];
		const char *const values[] = { contid_ns_names[i], ids[i] ? text : NULL };

		snprintf(text, sizeof(text), "0x%" PRIx64, ids[i]);
		cli_out_row(out, values);
	}
	err = cli_out_end(out);
	return err ? cli_fail(CLI_SYSTEM, "standard output: %s", strerror(-err)) : CLI_DONE;
}

static int get_cap(struct cli_out *out, pid_t pid, const char *of)
{
	static const struct cli_column columns[] = { { "pid", "PID", CLI_NUMBER },
						     { "capcontid", "CAPCONTID", CLI_RAW } };
	bool on;
	int err = contid_cap_get(pid, &on);

	if (err)
		return fail_op(CONTID_OP_CAP, err, "pid %s", of);
	if (out->format == CLI_TABLE) {
		printf("%s%c", on ? "on" : "off", out->end);
	} else {
		const char *const values[] = { of, on ? "true" : "false" };

		cli_out_begin(out, columns, 2);
		cli_out_row(out, values);
	}
	err = cli_out_end(out);
	return err ? cli_fail(CLI_SYSTEM, "standard output: %s", strerror(-err)) : CLI_DONE;
}

int cmd_get(struct cli_parse *parse)
{
	bool ns = false, cap = false;
	struct cli_out out;
	char of[16];
	pid_t pid;
	int key;

	cli_out_init(&out);
	while ((key = cli_next(parse)) != -1) {
		if (key == 'n')
			ns = true;
		else if (key == 'c')
			cap = true;
		else
			cli_out_option(&out, parse, key);
	}
	if (parse->n_rest > 1)
		return cli_usage(parse, "%s: one process at a time", parse->rest[1]);
	if (ns && cap)
		return cli_usage(parse, "--ns and --cap: one at a time");
	pid = getpid();
	if (parse->n_rest && !pid_parse(parse->rest[0], &pid))
		return cli_usage(parse, "%s: not the number of a process", parse->rest[0]);
	snprintf(of, sizeof(of), "%d", pid);
	return ns ? get_ns(&out, pid, of) : cap ? get_cap(&out, pid, of) : get_id(&out, pid, of);
}
