// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Options that several commands have
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "commands.h"

static void read_nonce(struct ir_options *o, const char *text)
{
	ssize_t size = ir_unhex(text, strlen(text), o->nonce, sizeof(o->nonce));

	if (size <= 0)
		exit(cli_usage(o->parse, "--nonce=%s: not 1 to 64 bytes in hex", text));
	o->review.nonce = o->collect.nonce = o->nonce;
	o->review.nonce_size = o->collect.nonce_size = (size_t)size;
}

static void read_log(struct ir_options *o, const char *file)
{
	o->logs = ir_array(o->logs, o->n_logs + 2, sizeof(*o->logs));
	o->logs[o->n_logs++] = file;
	o->logs[o->n_logs] = NULL;
	o->collect.logs = o->logs;
}

static void read_option(struct ir_options *o, int key, const char *arg)
{
	switch (key) {
	case KEY_PROGRESS:
		o->progress = true;
		return;
	case KEY_ALGORITHM:
		if (strcmp(arg, "ecc") && strcmp(arg, "rsa"))
			exit(cli_usage(o->parse, "--algorithm=%s: ecc or rsa", arg));
		o->algorithm = arg;
		return;
	case KEY_AUTH:
		o->auth_file = arg;
		return;
	case KEY_JSON_ONLY:
		o->json = true;
		return;
	case KEY_TCTI:
		o->tcti = arg;
		return;
	case KEY_HANDLE:
		o->handle = arg;
		return;
	case KEY_CONFIG:
		o->config_file = arg;
		return;
	case KEY_NONCE:
		read_nonce(o, arg);
		return;
	case KEY_UNQUOTED:
		o->review.unquoted = o->collect.unquoted = true;
		return;
	case KEY_AK:
		o->review.ak_file = arg;
		return;
	case KEY_TREE:
		o->tree = true;
		return;
	case KEY_HTML:
		o->html = arg;
		return;
	case KEY_EVENTS:
		o->events = true;
		return;
	case KEY_EXPORT:
		if (strcmp(arg, "keylime"))
			exit(cli_usage(o->parse, "--export=%s: keylime", arg));
		o->export = arg;
		return;
	case KEY_EXPORT_TO:
		o->export_to = arg;
		return;
	case KEY_SECURITYFS:
		o->collect.securityfs = arg;
		return;
	case KEY_STATE:
		o->collect.state_dir = arg;
		return;
	case KEY_LOG:
		read_log(o, arg);
		return;
	case KEY_NO_LOG:
		o->collect.no_log = true;
		return;
	case 'o':
		o->collect.folder = arg;
		return;
	}
	cli_out_option(&o->out, o->parse, key);
}

void ir_options_read(struct ir_options *o, struct cli_parse *parse, int operands)
{
	IR_FREE char *error = NULL;
	int key, found = 0;

	*o = (struct ir_options){ .parse = parse, .config_file = IR_CONFIG, .export_to = "." };
	o->collect.securityfs = IR_SECURITYFS;
	o->collect.state_dir = CONTID_STATE_DIR;
	o->review.dir = -1;
	cli_out_init(&o->out);
	for (;;) {
		while ((key = cli_next(parse)) != -1)
			read_option(o, key, parse->arg);
		/* options may follow the operand, unless `--` came before it */
		if (!parse->n_rest || found == operands || !strcmp(parse->rest[-1], "--"))
			break;
		o->review.folder = parse->rest[0];
		found++;
		parse->argv = parse->rest;
		parse->argc = parse->n_rest;
	}
	for (int i = 0; i < parse->n_rest && found < operands; i++, found++) {
		o->review.folder = parse->rest[0];
		parse->rest++;
		parse->n_rest--;
	}
	if (found < operands)
		exit(cli_usage(parse, "%s: needs %s", parse->command->name,
			       parse->command->operands));
	if (parse->n_rest)
		exit(cli_usage(parse, "%s: one operand too many", parse->rest[0]));
	if (ir_config_read(o->config_file, &o->config, &error))
		exit(cli_fail(CLI_SYSTEM, "%s", error));
	o->collect.tcti = ir_options_tcti(o);
	o->collect.handle = ir_options_handle(o);
	ir_progress_on(o->progress);
}

const char *ir_options_tcti(const struct ir_options *o)
{
	const char *env = getenv("TPM2TOOLS_TCTI");

	return o->tcti ? o->tcti : env && *env ? env : o->config.tcti;
}

uint32_t ir_options_handle(const struct ir_options *o)
{
	unsigned long handle;
	char *end;

	if (!o->handle)
		return o->config.handle;
	errno = 0;
	handle = strtoul(o->handle, &end, 0);
	if (errno || end == o->handle || *end || handle >> 24 != 0x81)
		exit(cli_usage(o->parse,
			       "--handle=%s: not a persistent handle (0x81000000 to 0x81ffffff)",
			       o->handle));
	return (uint32_t)handle;
}

void ir_options_free(struct ir_options *o)
{
	ir_progress_memory();
	ir_review_free(&o->review);
	free(o->config.tcti);
	free(o->logs);
}

static int write_html(struct ir_options *o)
{
	FILE *file = strcmp(o->html, "-") ? fopen(o->html, "we") : stdout;
	int rc;

	if (!file)
		return cli_fail(CLI_SYSTEM, "%s: cannot be written: %s; choose another file",
				o->html, strerror(errno));
	rc = ir_report_html(&o->review, file);
	if (fflush(file) || ferror(file))
		rc = -EIO;
	if (file != stdout && fclose(file))
		rc = -EIO;
	return rc ? cli_fail(CLI_SYSTEM, "%s: cannot be written: %s; look at the file system",
			     o->html, strerror(-rc)) :
		    CLI_DONE;
}

static int write_report(struct ir_options *o, bool entries)
{
	struct ir_output output = {
		.file = o->out.file,
		.color = o->out.color,
		.tree = o->tree,
		.entries = entries,
		.events = o->events,
		.end = o->out.end,
	};
	int rc = o->out.format == CLI_JSON ? ir_report_json(&o->review, &output) :
		 o->out.format == CLI_CSV  ? ir_report_csv(&o->review, &output) :
					     ir_report_text(&o->review, &output);

	if (fflush(output.file) || ferror(output.file))
		rc = -EIO;
	return rc ? cli_fail(CLI_SYSTEM, "output: cannot be written: %s", strerror(-rc)) : CLI_DONE;
}

int ir_options_report(struct ir_options *o, bool entries)
{
	IR_FREE char *error = NULL, *why = NULL;
	int rc = ir_review_run(&o->review, &error), status;

	if (rc)
		return cli_fail(rc == -ENOSYS  ? CLI_LACKS :
				rc == -EBADMSG ? CLI_NOTHING :
						 CLI_SYSTEM,
				"%s", error);
	status = ir_review_status(&o->review);
	if (o->export) {
		/* a policy allows what the list has: of a list that failed, whatever somebody put
		 * there */
		if (status) {
			IR_FREE char *sentence = ir_sentence(&o->review);

			return cli_fail(status, "%s; no policies are written", sentence);
		}
		if (ir_report_keylime(&o->review, o->export_to, &why))
			return cli_fail(CLI_SYSTEM, "%s", why);
		if (o->review.other_templates)
			cli_warn("the host's list has %llu entries of templates that Keylime does "
				 "not parse; it fails on such a list",
				 (unsigned long long)o->review.other_templates);
		return status;
	}
	rc = o->html ? write_html(o) : write_report(o, entries);
	return rc ? rc : status;
}
