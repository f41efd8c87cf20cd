// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as text, and as CSV
 *
 * Rows go out as they are read, so columns have fixed widths.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "../libcontid/cli/out.h"
#include "report.h"

static const char *color(const struct ir_output *o, enum ir_state state)
{
	if (!o->color)
		return "";
	switch (state) {
	case IR_HOLDS:
		return "\033[32m";
	case IR_FAILED:
		return "\033[1;31m";
	case IR_SKIPPED:
	case IR_WORD:
	case IR_NOTED:
		return "\033[33m";
	}
	return "";
}

static const char *plain(const struct ir_output *o)
{
	return o->color ? "\033[0m" : "";
}

static void put_head(const struct ir_review *r, const struct ir_output *o)
{
	const struct ir_manifest *m = &r->manifest;
	IR_FREE char *sentence = ir_sentence(r), *host = ir_escape(m->host, strlen(m->host));
	IR_FREE char *kernel = ir_escape(m->kernel, strlen(m->kernel));
	IR_FREE char *time = ir_escape(m->time, strlen(m->time));
	bool bold = o->color;

	fprintf(o->file, "%s%s%s%c", bold ? "\033[1m" : "", sentence, plain(o), o->end);
	fprintf(o->file, "host %s, boot %s, kernel %s, collected %s%c", host, m->boot, kernel, time,
		o->end);
}

static void put_checks(const struct ir_review *r, const struct ir_output *o)
{
	fputc(o->end, o->file);
	for (int i = 0; i < IR_CHECKS; i++) {
		const struct ir_check *c = &r->checks[i];

		fprintf(o->file, "%c %-16s %s%-13s%s %s%c", i ? '0' + i : ' ', ir_check_titles[i],
			color(o, c->state), ir_state_words[c->state], plain(o), c->text, o->end);
		for (size_t j = 0; j < c->n_findings; j++)
			fprintf(o->file, "    - %s%c", c->findings[j], o->end);
		if (c->more)
			fprintf(o->file, "    - and %" PRIu64 " more%c", c->more, o->end);
	}
}

static void put_statements(const struct ir_review *r, const struct ir_output *o)
{
	struct ir_statement *s;
	size_t n = ir_statements(r, &s);

	fprintf(o->file, "%cWhat is proven%c", o->end, o->end);
	for (size_t i = 0; i < n; i++)
		fprintf(o->file, "  %-22s %s (%s)%c", s[i].state, s[i].claim, s[i].detail, o->end);
	ir_statements_free(s, n);
}

static void put_banks(const struct ir_review *r, const struct ir_output *o)
{
	fprintf(o->file, "%cPCR 10%c", o->end, o->end);
	for (size_t i = 0; i < r->n_banks; i++) {
		const struct ir_bank *bank = &r->banks[i];
		IR_FREE char *value = NULL;

		if (!bank->hash)
			continue;
		value = ir_hex(r->covered_known ? bank->pcr_covered : bank->pcr, bank->hash->size);
		fprintf(o->file, "  %-10s %s%s%s%c", bank->hash->name, value,
			bank->quoted ? "" : " (not quoted)",
			bank->padded ? " (SHA-1 and zeros)" : "", o->end);
	}
}

static void put_node(const struct ir_node *node, const struct ir_output *o, int indent)
{
	char imans[24];

	fprintf(o->file,
		"%*simans %-8s %" PRIu64 " list, %" PRIu64 " records, %" PRIu64 " matches, %" PRIu64
		" unattributed, %" PRIu64 " violations%c",
		indent, "", ir_imans_text(node->imans, imans), node->count[IR_HOW_LIST],
		node->count[IR_HOW_RECORD], node->count[IR_HOW_MATCH], node->count[IR_HOW_NONE],
		node->violations, o->end);
}

static void put_nodes(const struct ir_review *r, const uint32_t *sorted, uint64_t contid,
		      const struct ir_output *o, int indent)
{
	for (size_t i = ir_nodes_of(r, sorted, contid);
	     i < r->who.n_nodes && r->who.nodes[sorted[i]].contid == contid; i++)
		put_node(&r->who.nodes[sorted[i]], o, indent);
}

static void put_tree(const struct ir_review *r, const struct ir_output *o)
{
	IR_FREE uint32_t *sorted = ir_nodes_sorted(r);
	IR_FREE struct ir_tree_row *rows = NULL;
	size_t n;

	rows = ir_tree(r, &n);
	fprintf(o->file, "%cno container%c", o->end, o->end);
	put_nodes(r, sorted, CONTID_UNSET, o, 4);
	for (size_t i = 0; i < n; i++) {
		const struct ir_container *c = rows[i].container;
		int indent = (int)rows[i].depth * 2;
		IR_FREE char *name = c->name ? ir_escape(c->name, strlen(c->name)) : NULL;

		fprintf(o->file, "%*scontainer %" PRIu64 "%s%s%c", indent, "", c->contid,
			name ? " " : "", name ? name : "", o->end);
		put_nodes(r, sorted, c->contid, o, indent + 4);
	}
}

static void put_table(const struct ir_review *r, const struct ir_output *o)
{
	IR_FREE uint32_t *sorted = ir_nodes_sorted(r);

	fprintf(o->file, "%c%-20s  %-10s  %9s  %9s  %9s  %9s  %9s%c", o->end, "CONTID", "IMANS",
		"LIST", "RECORD", "MATCH", "NONE", "VIOLATION", o->end);
	for (size_t i = 0; i < r->who.n_nodes; i++) {
		const struct ir_node *node = &r->who.nodes[sorted[i]];
		char contid[24], imans[24];

		fprintf(o->file,
			"%-20s  %-10s  %9" PRIu64 "  %9" PRIu64 "  %9" PRIu64 "  %9" PRIu64
			"  %9" PRIu64 "%c",
			ir_contid_text(node->contid, contid), ir_imans_text(node->imans, imans),
			node->count[IR_HOW_LIST], node->count[IR_HOW_RECORD],
			node->count[IR_HOW_MATCH], node->count[IR_HOW_NONE], node->violations,
			o->end);
	}
}

static void put_namespaces(const struct ir_review *r, const struct ir_output *o)
{
	if (!r->n_namespaces)
		return;
	fprintf(o->file, "%c%-10s  %9s  %9s  %9s  %s%c", o->end, "IMANS", "ENTRIES", "PROVEN",
		"ANCHORS", "STATE", o->end);
	for (size_t i = 0; i < r->n_namespaces; i++) {
		const struct ir_namespace *ns = &r->namespaces[i];
		char imans[24];

		fprintf(o->file, "%-10s  %9" PRIu64 "  %9" PRIu64 "  %9" PRIu64 "  %s%c",
			ir_imans_text(ns->id, imans), ns->entries, ns->proven, ns->anchors,
			ns->note ? ns->note : "-", o->end);
	}
}

struct rows {
	struct ir_review *r;
	const struct ir_output *o;
};

/* "1,2,3": containers of the matches, or their IMA namespaces; freed by the caller */
static char *matched(const struct ir_review *r, const struct ir_shown *shown, bool imans)
{
	char *text = NULL, buf[24];
	size_t size;
	FILE *to;

	if (!shown->n)
		return ir_copy(imans ? "0x3" : "-");
	to = open_memstream(&text, &size);
	if (!to)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	for (size_t i = 0; i < shown->n; i++) {
		const struct ir_node *node = &r->who.nodes[shown->matches[i].node];

		if (i)
			fputc(',', to);
		fputs(imans ? ir_imans_text(node->imans, buf) : ir_contid_text(node->contid, buf),
		      to);
	}
	if (fclose(to))
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	return text;
}

static int put_entry(const struct ir_shown *shown, void *data)
{
	const struct rows *rows = data;
	const struct ir_entry *entry = shown->entry;
	IR_FREE char *digest = ir_digest_text(entry), *path = ir_path_text(entry);
	IR_FREE char *contid = matched(rows->r, shown, false);
	IR_FREE char *imans = matched(rows->r, shown, true);

	fprintf(rows->o->file, "%7" PRIu64 "  %2u  %-15s  %-6s  %-20s  %-8s  %-10s %s  %s%c",
		entry->number, entry->pcr, shown->state, ir_how_names[shown->how], contid, imans,
		entry->template, digest, path, rows->o->end);
	return ferror(rows->o->file) ? -EIO : 0;
}

static int put_own_entry(const struct ir_namespace *ns, const struct ir_entry *entry, void *data)
{
	const struct rows *rows = data;
	IR_FREE char *digest = ir_digest_text(entry), *path = ir_path_text(entry);
	char contid[24], imans[24];

	fprintf(rows->o->file, "%7" PRIu64 "  %2u  %-15s  %-6s  %-20s  %-8s  %-10s %s  %s%c",
		entry->number, entry->pcr, ir_own_state(ns, entry), ir_how_names[IR_HOW_LIST],
		ir_contid_text(ns->contid, contid), ir_imans_text(ns->id, imans), entry->template,
		digest, path, rows->o->end);
	return ferror(rows->o->file) ? -EIO : 0;
}

static int put_event(const struct contid_event *event, void *data)
{
	const struct rows *rows = data;
	char when[32], contid_buf[24], imans_buf[24];

	ir_time(when, event->sec, event->msec);
	for (size_t i = 0; i < event->n; i++) {
		uint64_t contid, imans;
		enum ir_how how;

		ir_attribution_record(&rows->r->who, event, &event->records[i], &contid, &imans,
				      &how);
		fprintf(rows->o->file, "%s  %10" PRIu64 "  %-6s  %-20s  %-8s  %s%c", when,
			event->serial, ir_how_names[how], ir_contid_text(contid, contid_buf),
			ir_imans_text(imans, imans_buf), event->records[i].name, rows->o->end);
	}
	return ferror(rows->o->file) ? -EIO : 0;
}

int ir_report_text(struct ir_review *r, const struct ir_output *o)
{
	struct rows rows = { r, o };
	int rc = 0;

	put_head(r, o);
	put_checks(r, o);
	put_statements(r, o);
	put_banks(r, o);
	if (o->tree)
		put_tree(r, o);
	else
		put_table(r, o);
	put_namespaces(r, o);
	if (o->entries) {
		fprintf(o->file, "%c%7s  %2s  %-15s  %-6s  %-20s  %-8s  %-10s %s%c", o->end,
			"ENTRY", "PC", "STATE", "HOW", "CONTID", "IMANS", "TEMPLATE",
			"DIGEST  PATH", o->end);
		rc = ir_review_entries(r, put_entry, &rows);
		if (!rc)
			rc = ir_review_namespace_entries(r, put_own_entry, &rows);
	}
	if (!rc && o->events) {
		fprintf(o->file, "%c%-24s  %10s  %-6s  %-20s  %-8s  %s%c", o->end, "TIME", "SERIAL",
			"HOW", "CONTID", "IMANS", "RECORD", o->end);
		rc = ir_review_events(r, put_event, &rows);
		if (rc == -ENOENT)
			rc = 0;
	}
	return rc;
}

/* ---- CSV: measurements ---- */

static const struct cli_column csv_columns[] = {
	{ "list", "list", CLI_TEXT },	  { "entry", "entry", CLI_NUMBER },
	{ "pcr", "pcr", CLI_NUMBER },	  { "state", "state", CLI_TEXT },
	{ "how", "how", CLI_TEXT },	  { "contid", "contid", CLI_TEXT },
	{ "imans", "imans", CLI_TEXT },	  { "template", "template", CLI_TEXT },
	{ "digest", "digest", CLI_TEXT }, { "path", "path", CLI_TEXT },
};
#define CSV_COLUMNS (sizeof(csv_columns) / sizeof(*csv_columns))

struct csv {
	struct ir_review *r;
	struct cli_out out;
};

static void csv_row(struct csv *csv, const char *list, const struct ir_entry *entry,
		    const char *state, enum ir_how how, const char *contid, const char *imans)
{
	IR_FREE char *digest = ir_digest_text(entry);
	/* as bytes: the output escapes them itself */
	IR_FREE char *path =
		entry->path ? ir_text("%.*s", (int)entry->path_size, (const char *)entry->path) :
			      ir_copy("");
	char number[24], pcr[12];
	const char *const values[CSV_COLUMNS] = {
		list,  number,		pcr,	state, ir_how_names[how], contid,
		imans, entry->template, digest, path
	};

	snprintf(number, sizeof(number), "%" PRIu64, entry->number);
	snprintf(pcr, sizeof(pcr), "%u", entry->pcr);
	cli_out_row(&csv->out, values);
}

static int csv_entry(const struct ir_shown *shown, void *data)
{
	struct csv *csv = data;
	IR_FREE char *contid = matched(csv->r, shown, false);
	IR_FREE char *imans = matched(csv->r, shown, true);

	csv_row(csv, "host", shown->entry, shown->state, shown->how,
		strcmp(contid, "-") ? contid : "", imans);
	return 0;
}

static int csv_own_entry(const struct ir_namespace *ns, const struct ir_entry *entry, void *data)
{
	struct csv *csv = data;
	char contid[24] = "", imans[24];

	csv_row(csv, "namespace", entry, ir_own_state(ns, entry), IR_HOW_LIST,
		ns->contid == CONTID_UNSET ? "" : ir_contid_text(ns->contid, contid),
		ir_imans_text(ns->id, imans));
	return 0;
}

int ir_report_csv(struct ir_review *r, const struct ir_output *o)
{
	struct csv csv = { .r = r };
	int rc, end;

	cli_out_init(&csv.out);
	csv.out.file = o->file;
	csv.out.format = CLI_CSV;
	csv.out.end = o->end;
	cli_out_begin(&csv.out, csv_columns, CSV_COLUMNS);
	rc = ir_review_entries(r, csv_entry, &csv);
	if (!rc)
		rc = ir_review_namespace_entries(r, csv_own_entry, &csv);
	end = cli_out_end(&csv.out);
	return rc ? rc : end;
}
