// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid events - an ausearch that knows our records
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/audit.h>

#include "cleanup.h"
#include "cli/options.h"
#include "cli/out.h"
#include "contid.h"
#include "follow.h"
#include "when.h"

int cmd_events(struct cli_parse *parse);

enum form { FORM_LINE, FORM_CSV, FORM_RAW, FORM_EXPORT };

/**
 * struct search - what is asked for, and what has come of it
 * @type:	number of a record, or -1
 * @key:	of a rule, or NULL
 * @since: @until: ms
 */
struct search {
	bool has_id;
	uint64_t id;
	int type;
	const char *key;
	int64_t since, until;
	enum form form;
	enum contid_export export;
	struct cli_out out;
	size_t found;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* Keys of several rules that saw the same call stand together, with a byte 1 between. */
static bool has_key(const char *keys, const char *key)
{
	size_t n = strlen(key);

	while (keys) {
		size_t length = strcspn(keys, "\001");

		if (length == n && !strncmp(keys, key, n))
			return true;
		keys = keys[length] ? keys + length + 1 : NULL;
	}
	return false;
}

static bool has_type(const struct contid_event *event, int type)
{
	for (size_t i = 0; i < event->n; i++)
		if (event->records[i].type == type)
			return true;
	return false;
}

static int64_t stamp(const struct contid_event *event)
{
	return event->sec * 1000 + event->msec;
}

/* What has no subject in a container is that of none. */
static bool has_id(const struct search *search, const struct contid_event *event)
{
	if (search->id == CONTID_UNSET)
		return !event->chain.n;
	return contid_event_has(event, search->id);
}

static bool matches(const struct search *search, const struct contid_event *event)
{
	return stamp(event) >= search->since && stamp(event) <= search->until &&
	       (!search->has_id || has_id(search, event)) &&
	       (search->type < 0 || has_type(event, search->type)) &&
	       (!search->key || has_key(event->key, search->key));
}

/* all ids that the event names its subject by, in @file */
static void put_chain(FILE *file, const struct contid_chain *chain)
{
	for (size_t i = 0; i < chain->n; i++)
		fprintf(file, "%s%" PRIu64, i ? ",^" : "", chain->id[i]);
}

static char *chain_text(const struct contid_event *event)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	put_chain(file, &event->chain);
	for (size_t i = 0; i < event->n_chains && !event->chain.n; i++) {
		fputs(i ? "," : "", file);
		put_chain(file, &event->chains[i]);
	}
	fclose(file);
	return text;
}

static void number_text(int64_t number, char text[24])
{
	snprintf(text, 24, "%" PRId64, number);
}

/* `> 4711 in 7`: whom it hit */
static void put_targets(FILE *file, const struct contid_event *event)
{
	for (size_t i = 0; i < event->n_targets; i++) {
		fprintf(file, "%s%d", i ? ", " : " > ", event->targets[i].pid);
		if (event->targets[i].chain.n) {
			fputs(" in ", file);
			put_chain(file, &event->targets[i].chain);
		}
	}
}

/* A field of a log that may be anybody's. */
static int put_text(FILE *file, const char *before, const char *field)
{
	CLEANUP_FREE char *text = cli_escape(field, strlen(field));

	if (!text)
		return -ENOMEM;
	fprintf(file, "%s%s", before, text);
	return 0;
}

/* What a reader of a label event wants to see first: who got, or lost, which id. */
static int put_label(FILE *file, const struct contid_event *event)
{
	const char *opid = contid_event_field(event, AUDIT_CONTAINER_OP, "opid");
	const char *id = contid_event_field(event, AUDIT_CONTAINER_OP, "contid");
	const char *old = contid_event_field(event, AUDIT_CONTAINER_OP, "old-contid");
	bool ended;

	if (!opid || !id || !old)
		return 0;
	ended = !strcmp(id, "-1");
	return put_text(file, " ", ended ? old : id) ||
			       put_text(file, ended ? " of " : " to ", opid) ?
		       -ENOMEM :
		       0;
}

static const char *field_of(const struct contid_record *record, const char *name)
{
	for (size_t i = 0; i < record->n; i++)
		if (!strcmp(record->fields[i].name, name))
			return record->fields[i].interpreted ? record->fields[i].interpreted :
							       record->fields[i].value;
	return NULL;
}

/* `/bin/tool for 0x3,0x4b`: the file, and whose policies asked; without ima_ns= it is the host's.
 */
static int put_file(FILE *file, const struct contid_event *event)
{
	const char *before = NULL;

	for (size_t i = 0; i < event->n; i++) {
		const struct contid_record *record = &event->records[i];
		const char *name = field_of(record, "file"), *ns = field_of(record, "ima_ns");

		if (record->type != AUDIT_INTEGRITY_RULE || !name)
			continue;
		if (!before || strcmp(before, name)) {
			if (put_text(file, " ", name))
				return -ENOMEM;
			fputs(" for ", file);
		} else {
			fputc(',', file);
		}
		if (put_text(file, "", ns ? ns : "0x3"))
			return -ENOMEM;
		before = name;
	}
	return 0;
}

static int put_line(struct search *search, const struct contid_event *event)
{
	FILE *file = search->out.file;
	bool red = search->out.color && event->result == CONTID_RESULT_NO;
	CLEANUP_FREE char *chain = chain_text(event), *what = NULL, *comm = NULL;
	const char *action = contid_event_action(event), *result = contid_event_result(event);
	char time[CONTID_TIME_MAX], pid[24] = "-";

	what = cli_escape(action ? action : "-", strlen(action ? action : "-"));
	comm = cli_escape(event->comm ? event->comm : "-", strlen(event->comm ? event->comm : "-"));
	if (!chain || !what || !comm)
		return -ENOMEM;
	contid_event_time(event, time);
	if (event->pid >= 0)
		number_text(event->pid, pid);
	fprintf(file, "%s %-6" PRIu64 " %-9s %-19s %6s %-15s %s%-3s%s %s", time, event->serial,
		contid_kind_names[event->kind], *chain ? chain : "-", pid, comm,
		red ? "\033[31m" : "", result ? result : "-", red ? "\033[0m" : "", what);
	if (put_label(file, event))
		return -ENOMEM;
	put_targets(file, event);
	if (put_file(file, event) || (event->key && put_text(file, " key=", event->key)))
		return -ENOMEM;
	fputc(search->out.end, file);
	return 0;
}

static const struct cli_column columns[] = {
	{ "time", NULL, CLI_TEXT },	{ "host", NULL, CLI_TEXT },   { "boot", NULL, CLI_TEXT },
	{ "serial", NULL, CLI_NUMBER }, { "kind", NULL, CLI_TEXT },   { "contid", NULL, CLI_TEXT },
	{ "chain", NULL, CLI_TEXT },	{ "pid", NULL, CLI_NUMBER },  { "ppid", NULL, CLI_NUMBER },
	{ "auid", NULL, CLI_NUMBER },	{ "uid", NULL, CLI_NUMBER },  { "gid", NULL, CLI_NUMBER },
	{ "ses", NULL, CLI_NUMBER },	{ "comm", NULL, CLI_TEXT },   { "exe", NULL, CLI_TEXT },
	{ "result", NULL, CLI_TEXT },	{ "action", NULL, CLI_TEXT }, { "key", NULL, CLI_TEXT },
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static int put_csv(struct search *search, const struct contid_event *event)
{
	CLEANUP_FREE char *chain = chain_text(event);
	const int64_t numbers[] = { event->pid, event->ppid, event->auid,
				    event->uid, event->gid,  event->ses };
	char time[CONTID_TIME_MAX], serial[24], id[24], texts[6][24];
	const char *row[COLUMNS] = {
		time,
		event->host,
		event->boot,
		serial,
		contid_kind_names[event->kind],
		event->chain.n ? id : NULL,
		chain,
	};
	size_t n = 7;

	if (!chain)
		return -ENOMEM;
	contid_event_time(event, time);
	snprintf(serial, sizeof(serial), "%" PRIu64, event->serial);
	if (event->chain.n)
		snprintf(id, sizeof(id), "%" PRIu64, event->chain.id[0]);
	for (size_t i = 0; i < 6; i++) {
		number_text(numbers[i], texts[i]);
		row[n++] = texts[i];
	}
	row[n++] = event->comm;
	row[n++] = event->exe;
	row[n++] = contid_event_result(event);
	row[n++] = contid_event_action(event);
	row[n++] = event->key;
	cli_out_row(&search->out, row);
	return 0;
}

static int put_raw(struct search *search, const struct contid_event *event)
{
	for (size_t i = 0; i < event->n; i++) {
		fputs(event->records[i].raw, search->out.file);
		fputc(search->out.end, search->out.file);
	}
	return 0;
}

static int put_export(struct search *search, const struct contid_event *event)
{
	CLEANUP_FREE char *text = contid_event_export(event, search->export);

	if (!text)
		return -ENOMEM;
	fputs(text, search->out.file);
	fputc(search->out.end, search->out.file);
	return 0;
}

static int each(const struct contid_event *event, void *data)
{
	static int (*const put[])(struct search *, const struct contid_event *) = {
		[FORM_LINE] = put_line,
		[FORM_CSV] = put_csv,
		[FORM_RAW] = put_raw,
		[FORM_EXPORT] = put_export,
	};
	struct search *search = data;
	int err;

	if (!matches(search, event))
		return 0;
	search->found++;
	err = put[search->form](search, event);
	if (err)
		return err;
	return ferror(search->out.file) ? -EIO : 0;
}

static int flush_output(void)
{
	return fflush(stdout) ? -EIO : 0;
}

static void option_time(struct cli_parse *parse, const char *name, int64_t *ms)
{
	if (when_parse(parse->arg, ms))
		exit(cli_usage(parse, "--%s=%s: no time; RFC 3339, now, recent, today or boot",
			       name, parse->arg));
}

static enum contid_export option_export(struct cli_parse *parse)
{
	for (int i = 0; i < CONTID_EXPORTS; i++)
		if (!strcmp(parse->arg, contid_export_names[i]))
			return (enum contid_export)i;
	exit(cli_usage(parse, "--export=%s: ndjson, ecs, jsoneachrow or loki", parse->arg));
}

/* Which of the files it was: the reader tells the errno alone. */
static int failed(const char *const *files, int err)
{
	const char *object = files && *files ? *files : "log of auditd";
	char text[512];

	for (; files && *files; files++) {
		CLEANUP_FD int fd = strcmp(*files, "-") ? open(*files, O_RDONLY | O_CLOEXEC) : -1;

		if (fd < 0 && strcmp(*files, "-") && errno == -err) {
			object = *files;
			break;
		}
	}
	return cli_fail(contid_error_status(CONTID_OP_LOG, err), "%s",
			contid_error(text, sizeof(text), CONTID_OP_LOG, object, err));
}

/* All that was rotated away before, then the log itself and what will be written to it. */
static int follow_log(struct contid_reader *reader, const char *const *files, bool old)
{
	struct sigaction action = { .sa_handler = stop };
	const char *path;
	int err = 0;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	for (; old && files[1] && !err; files++) {
		const char *const one[] = { *files, NULL };

		err = contid_reader_files(reader, one);
		/* rotated out of existence meanwhile */
		if (err == -ENOENT)
			err = 0;
	}
	while (files[1])
		files++;
	path = *files;
	if (!err)
		err = follow(reader, path, old, flush_output, &stopped);
	return err ? err : contid_reader_flush(reader);
}

int cmd_events(struct cli_parse *parse)
{
	struct search search = { .type = -1, .since = INT64_MIN, .until = INT64_MAX };
	CLEANUP_FREE char **own = NULL;
	const char *const *files;
	struct contid_reader *reader;
	bool tail = false, raw = false, export = false;
	int key, err;

	cli_out_init(&search.out);
	while ((key = cli_next(parse)) != -1) {
		if (cli_out_option(&search.out, parse, key))
			continue;
		switch (key) {
		case 'i':
			if (contid_parse(parse->arg, &search.id))
				return cli_usage(parse, "--id=%s: no id", parse->arg);
			search.has_id = true;
			break;
		case 't':
			search.type = contid_record_type(parse->arg);
			if (search.type < 0)
				return cli_usage(parse, "--type=%s: no type of record", parse->arg);
			break;
		case 'k':
			search.key = parse->arg;
			break;
		case 's':
			option_time(parse, "since", &search.since);
			break;
		case 'u':
			option_time(parse, "until", &search.until);
			break;
		case 'f':
			tail = true;
			break;
		case 'r':
			raw = true;
			break;
		case 'e':
			export = true;
			search.export = option_export(parse);
			break;
		}
	}
	if (raw + export + (search.out.format != CLI_TABLE) > 1)
		return cli_usage(parse, "--raw, --export and --format: one of them");
	if (tail && (parse->n_rest > 1 || (parse->n_rest && !strcmp(*parse->rest, "-"))))
		return cli_usage(parse, "--follow: one file at most, and no standard input");
	if (search.out.format == CLI_JSON) {
		export = true;
		search.export = CONTID_EXPORT_NDJSON;
	}
	search.form = raw			   ? FORM_RAW :
		      export			   ? FORM_EXPORT :
		      search.out.format == CLI_CSV ? FORM_CSV :
						     FORM_LINE;
	if (search.form == FORM_CSV)
		cli_out_begin(&search.out, columns, COLUMNS);

	files = (const char *const *)parse->rest;
	if (!parse->n_rest) {
		err = contid_log_files(&own);
		if (err)
			return failed(NULL, err);
		files = (const char *const *)own;
	}
	err = contid_reader_new(&reader, each, &search);
	if (err)
		return failed(NULL, err);
	contid_reader_interpret(reader, !raw);
	if (own)
		contid_reader_this_boot(reader);
	err = tail ? follow_log(reader, files, search.since != INT64_MIN) :
		     contid_reader_files(reader, files);
	contid_reader_free(reader);
	if (!err)
		err = flush_output();
	if (err == -EIO && ferror(stdout))
		return cli_fail(CLI_SYSTEM, "standard output: not written");
	if (err)
		return failed(files, err);
	return search.found ? CLI_DONE : CLI_NOTHING;
}
