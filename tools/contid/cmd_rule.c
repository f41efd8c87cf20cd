// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid rule - audit rules with contid, and what is recorded of namespaces
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "cli/out.h"
#include "commands.h"

/* ---- add, del ------------------------------------------------------------------------------ */

/* @where: "FILE:7: ", or nothing for the words of the command line */
static int change(int argc, char *const *argv, bool add, const char *where)
{
	struct contid_rule *rule;
	char *error = NULL;
	int status = CLI_DONE;
	int err = contid_rule_parse(argc, argv, &rule, &error);

	if (err) {
		cli_fail(0, "%s%s", where, error ? error : "out of memory");
		free(error);
		return err == -ENOMEM ? CLI_SYSTEM : CLI_USAGE;
	}
	if (add && !contid_rule_deletes(rule))
		err = contid_rule_add(rule, &error);
	else
		err = contid_rule_delete(rule, &error);
	if (err) {
		status = contid_error_status(CONTID_OP_RULE, err);
		cli_fail(0, "%s%s", where, error ? error : strerror(-err));
	}
	free(error);
	contid_rule_free(rule);
	return status;
}

/* Every line, even after one that failed: a mistake in one rule is no reason to watch nothing. */
static int change_file(const char *file, bool add)
{
	CLEANUP_FILE FILE *in = fopen(file, "re");
	CLEANUP_FREE char *line = NULL;
	size_t size = 0;
	int worst = CLI_DONE;

	if (!in)
		return cli_fail(CLI_SYSTEM,
				"%s: %s (%s); give a readable file of rules, or a folder", file,
				strerror(errno), contid_errno_name(errno));
	for (unsigned int n = 1; getline(&line, &size, in) >= 0; n++) {
		char where[512], **argv;
		int argc, status;

		snprintf(where, sizeof(where), "%s:%u: ", file, n);
		if (contid_rule_split(line, &argc, &argv)) {
			cli_fail(0, "%sa quote or a backslash is left open", where);
			worst = CLI_USAGE > worst ? CLI_USAGE : worst;
			continue;
		}
		status = argc ? change(argc, argv, add, where) : CLI_DONE;
		worst = status > worst ? status : worst;
		free(argv);
	}
	if (ferror(in))
		return cli_fail(CLI_SYSTEM, "%s: %s", file, strerror(errno));
	return worst;
}

/* A file, or the *.rules of a folder in the order of their names. */
static int change_files(const char *path, bool add)
{
	char pattern[4096];
	int worst = CLI_DONE;
	struct stat st;
	glob_t found;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return change_file(path, add);
	snprintf(pattern, sizeof(pattern), "%s/*.rules", path);
	/* no file is no rule */
	if (glob(pattern, 0, NULL, &found))
		return CLI_DONE;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int status = change_file(found.gl_pathv[i], add);

		worst = status > worst ? status : worst;
	}
	globfree(&found);
	return worst;
}

/* Words begin with a dash, so they are not options of ours: only --file and --help are. */
static int change_words(struct cli_parse *parse, bool add)
{
	bool ours = parse->argc > 1 &&
		    (!strncmp(parse->argv[1], "--", 2) || !strncmp(parse->argv[1], "-f", 2));
	const char *file = NULL;
	int key, status;

	if (!ours) {
		if (parse->argc < 2)
			return cli_usage(parse,
					 "a rule is wanted, as in -a exit,always -F contid=42");
		status = change(parse->argc - 1, parse->argv + 1, add, "");
		if (status == CLI_USAGE)
			fprintf(stderr, "Try '%s %s --help'.\n", cli_name, parse->command->name);
		return status;
	}
	while ((key = cli_next(parse)) != -1)
		file = parse->arg;
	if (file && parse->n_rest)
		return cli_usage(parse, "%s: --file goes without words", parse->rest[0]);
	if (file)
		return change_files(file, add);
	if (!parse->n_rest)
		return cli_usage(parse, "a rule is wanted, as in -a exit,always -F contid=42");
	return change(parse->n_rest, parse->rest, add, "");
}

int cmd_rule_add(struct cli_parse *parse)
{
	return change_words(parse, true);
}

int cmd_rule_del(struct cli_parse *parse)
{
	return change_words(parse, false);
}

/* ---- list ---------------------------------------------------------------------------------- */

struct listing {
	struct cli_out out;
	const uint64_t *id;
	size_t n;
};

static int show_rule(const struct contid_rule *rule, const char *text, void *data)
{
	struct listing *listing = data;
	const char *const values[] = { text };

	if (listing->id && !contid_rule_has(rule, listing->id))
		return 0;
	listing->n++;
	/* a table of one column without a title is a rules file */
	if (listing->out.format == CLI_TABLE)
		printf("%s%c", text, listing->out.end);
	else
		cli_out_row(&listing->out, values);
	return 0;
}

int cmd_rule_list(struct cli_parse *parse)
{
	static const struct cli_column columns[] = { { "rule", "RULE", CLI_TEXT } };
	struct listing listing = { .n = 0 };
	uint64_t id;
	int key, err;

	cli_out_init(&listing.out);
	while ((key = cli_next(parse)) != -1) {
		if (key != 'i') {
			cli_out_option(&listing.out, parse, key);
			continue;
		}
		if (contid_parse(parse->arg, &id))
			return cli_usage(parse, "--id=%s: not an id", parse->arg);
		listing.id = &id;
	}
	if (parse->n_rest)
		return cli_usage(parse, "%s: no operands", parse->rest[0]);
	if (listing.out.format != CLI_TABLE)
		cli_out_begin(&listing.out, columns, 1);
	err = contid_rule_list(show_rule, &listing);
	if (err)
		return fail_op(CONTID_OP_RULE, err, "rules");
	err = cli_out_end(&listing.out);
	if (err)
		return cli_fail(CLI_SYSTEM, "standard output: %s", strerror(-err));
	return listing.n ? CLI_DONE : CLI_NOTHING;
}

/* ---- record -------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *path;
} records[] = {
	{ "ns-info", "/proc/sys/kernel/audit_ns_info" },
	{ "ns-lifecycle", "/proc/sys/kernel/audit_ns_lifecycle" },
};
enum { RECORDS = sizeof(records) / sizeof(*records) };

static int record_failed(size_t i, int err)
{
	if (err == ENOENT)
		return cli_fail(
			CLI_LACKS,
			"%s: this kernel records no namespaces (ENOENT); boot a kernel with "
			"AUDIT_NS",
			records[i].name);
	if (err == EPERM || err == EACCES)
		return cli_fail(
			CLI_SYSTEM,
			"%s: no CAP_AUDIT_CONTROL on the host, or the configuration is locked "
			"by 'auditctl -e 2' (%s); run as root on the host, or reboot to unlock",
			records[i].name, contid_errno_name(err));
	return cli_fail(CLI_SYSTEM, "%s: %s (%s)", records[i].name, strerror(err),
			contid_errno_name(err));
}

static int record_show(struct cli_out *out, size_t from, size_t to)
{
	static const struct cli_column columns[] = { { "record", "RECORD", CLI_TEXT },
						     { "on", "ON", CLI_RAW } };
	int err;

	cli_out_begin(out, columns, 2);
	for (size_t i = from; i < to; i++) {
		CLEANUP_FD int fd = open(records[i].path, O_RDONLY | O_CLOEXEC);
		char value = '0';
		const char *values[] = { records[i].name, NULL };

		if (fd < 0 || read(fd, &value, 1) != 1)
			return record_failed(i, errno);
		values[1] = out->format == CLI_TABLE ? (value == '1' ? "on" : "off") :
						       (value == '1' ? "true" : "false");
		cli_out_row(out, values);
	}
	err = cli_out_end(out);
	return err ? cli_fail(CLI_SYSTEM, "standard output: %s", strerror(-err)) : CLI_DONE;
}

static int record_set(size_t i, bool on)
{
	CLEANUP_FD int fd = open(records[i].path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, on ? "1\n" : "0\n", 2) != 2)
		return record_failed(i, errno);
	return CLI_DONE;
}

int cmd_rule_record(struct cli_parse *parse)
{
	struct cli_out out;
	size_t i = 0;
	bool on;
	int key;

	cli_out_init(&out);
	while ((key = cli_next(parse)) != -1)
		cli_out_option(&out, parse, key);
	if (!parse->n_rest)
		return record_show(&out, 0, RECORDS);
	while (i < RECORDS && strcmp(records[i].name, parse->rest[0]))
		i++;
	if (i == RECORDS || parse->n_rest > 2)
		return cli_usage(parse, "%s: ns-info or ns-lifecycle",
				 parse->rest[i == RECORDS ? 0 : 2]);
	if (parse->n_rest == 1)
		return record_show(&out, i, i + 1);
	on = !strcmp(parse->rest[1], "on");
	if (!on && strcmp(parse->rest[1], "off"))
		return cli_usage(parse, "%s: on or off", parse->rest[1]);
	return record_set(i, on);
}
