// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as NDJSON: objects of one `type` each, the report itself first
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <json.h>
#include <string.h>

#include "report.h"

#define REPORT_SCHEMA "ima-review.report/1"

static void text(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, value ? json_object_new_string(value) : NULL);
}

static void number(struct json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

/* 64 bits are text: many readers have 53 */
static struct json_object *contid_of(uint64_t contid)
{
	char buf[24];

	return contid == CONTID_UNSET ? NULL : json_object_new_string(ir_contid_text(contid, buf));
}

static struct json_object *imans_of(uint64_t imans)
{
	char buf[24];

	return imans ? json_object_new_string(ir_imans_text(imans, buf)) : NULL;
}

static struct json_object *object(const char *type)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	text(o, "type", type);
	return o;
}

static int put(const struct ir_output *o, struct json_object *row)
{
	fputs(json_object_to_json_string_ext(row, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE),
	      o->file);
	fputc(o->end, o->file);
	json_object_put(row);
	return ferror(o->file) ? -EIO : 0;
}

static void put_report(const struct ir_review *r, const struct ir_output *o)
{
	struct json_object *row = object("report");
	const struct ir_manifest *m = &r->manifest;
	IR_FREE char *sentence = ir_sentence(r), *host = ir_escape(m->host, strlen(m->host));
	IR_FREE char *kernel = ir_escape(m->kernel, strlen(m->kernel));
	IR_FREE char *time = ir_escape(m->time, strlen(m->time));

	text(row, "schema", REPORT_SCHEMA);
	text(row, "verdict", sentence);
	number(row, "status", (uint64_t)ir_review_status(r));
	json_object_object_add(row, "pinned", json_object_new_boolean(r->pinned));
	json_object_object_add(row, "unquoted", json_object_new_boolean(r->unquoted));
	text(row, "host", host);
	text(row, "boot", m->boot);
	text(row, "kernel", kernel);
	text(row, "time", time);
	text(row, "key", r->key_name);
	number(row, "entries", r->entries);
	json_object_object_add(row, "covered",
			       r->covered_known ? json_object_new_uint64(r->covered) : NULL);
	number(row, "violations", r->violations);
	number(row, "events", r->events);
	number(row, "records", r->records);
	number(row, "gaps", r->gaps);
	number(row, "missing", r->missing);
	json_object_object_add(row, "lost", m->lost < 0 ? NULL : json_object_new_int64(m->lost));
	put(o, row);
}

static void put_checks(const struct ir_review *r, const struct ir_output *o)
{
	for (int i = 0; i < IR_CHECKS; i++) {
		const struct ir_check *c = &r->checks[i];
		struct json_object *row = object("check"), *list = json_object_new_array();

		number(row, "check", (uint64_t)i);
		text(row, "title", ir_check_titles[i]);
		text(row, "state", ir_state_words[c->state]);
		text(row, "text", c->text);
		for (size_t j = 0; j < c->n_findings; j++)
			json_object_array_add(list, json_object_new_string(c->findings[j]));
		json_object_object_add(row, "findings", list);
		number(row, "more", c->more);
		put(o, row);
	}
}

static void put_statements(const struct ir_review *r, const struct ir_output *o)
{
	struct ir_statement *s;
	size_t n = ir_statements(r, &s);

	for (size_t i = 0; i < n; i++) {
		struct json_object *row = object("statement");

		text(row, "claim", s[i].claim);
		text(row, "state", s[i].state);
		text(row, "detail", s[i].detail);
		put(o, row);
	}
	ir_statements_free(s, n);
}

static void put_banks(const struct ir_review *r, const struct ir_output *o)
{
	for (size_t i = 0; i < r->n_banks; i++) {
		const struct ir_bank *bank = &r->banks[i];
		struct json_object *row = object("bank");
		IR_FREE char *all = NULL, *covered = NULL;

		number(row, "algorithm", bank->alg);
		text(row, "name", bank->hash ? bank->hash->name : NULL);
		json_object_object_add(row, "quoted", json_object_new_boolean(bank->quoted));
		json_object_object_add(row, "listed", json_object_new_boolean(bank->listed));
		json_object_object_add(row, "padded", json_object_new_boolean(bank->padded));
		number(row, "entries", bank->entries);
		if (bank->hash) {
			all = ir_hex(bank->pcr, bank->hash->size);
			if (r->covered_known)
				covered = ir_hex(bank->pcr_covered, bank->hash->size);
		}
		text(row, "pcr10", all);
		text(row, "pcr10_covered", covered);
		put(o, row);
	}
}

static void put_containers(const struct ir_review *r, const struct ir_output *o)
{
	IR_FREE struct ir_tree_row *rows = NULL;
	size_t n;

	rows = ir_tree(r, &n);
	for (size_t i = 0; i < n; i++) {
		const struct ir_container *c = rows[i].container;
		struct json_object *row = object("container");
		IR_FREE char *name = c->name ? ir_escape(c->name, strlen(c->name)) : NULL;

		json_object_object_add(row, "contid", contid_of(c->contid));
		json_object_object_add(row, "parent", contid_of(c->parent));
		number(row, "depth", rows[i].depth);
		text(row, "name", name);
		json_object_object_add(row, "imans", imans_of(c->imans));
		put(o, row);
	}
}

static void put_nodes(const struct ir_review *r, const struct ir_output *o)
{
	IR_FREE uint32_t *sorted = ir_nodes_sorted(r);

	for (size_t i = 0; i < r->who.n_nodes; i++) {
		const struct ir_node *node = &r->who.nodes[sorted[i]];
		struct json_object *row = object("counts");

		json_object_object_add(row, "contid", contid_of(node->contid));
		json_object_object_add(row, "imans", imans_of(node->imans));
		for (int how = 0; how < IR_HOWS; how++)
			number(row, ir_how_names[how], node->count[how]);
		number(row, "violations", node->violations);
		put(o, row);
	}
}

static void put_namespaces(const struct ir_review *r, const struct ir_output *o)
{
	for (size_t i = 0; i < r->n_namespaces; i++) {
		const struct ir_namespace *ns = &r->namespaces[i];
		struct json_object *row = object("namespace");

		json_object_object_add(row, "imans", imans_of(ns->id));
		number(row, "entries", ns->entries);
		number(row, "proven", ns->proven);
		number(row, "anchors", ns->anchors);
		number(row, "violations", ns->violations);
		text(row, "state", ns->note);
		put(o, row);
	}
}

struct rows {
	struct ir_review *r;
	const struct ir_output *o;
};

static struct json_object *measurement(const char *list, const struct ir_entry *entry,
				       const char *state, enum ir_how how)
{
	struct json_object *row = object("measurement");
	IR_FREE char *digest = ir_digest_text(entry), *path = ir_path_text(entry);

	text(row, "list", list);
	number(row, "entry", entry->number);
	number(row, "pcr", entry->pcr);
	text(row, "template", entry->template);
	text(row, "digest", entry->file_digest ? digest : NULL);
	text(row, "path", entry->path ? path : NULL);
	text(row, "state", state);
	json_object_object_add(row, "violation", json_object_new_boolean(entry->violation));
	text(row, "how", ir_how_names[how]);
	return row;
}

static void attributed(struct json_object *row, uint64_t contid, uint64_t imans)
{
	json_object_object_add(row, "contid", contid_of(contid));
	json_object_object_add(row, "imans", imans_of(imans));
}

static int put_entry(const struct ir_shown *shown, void *data)
{
	const struct rows *rows = data;
	struct json_object *row = measurement("host", shown->entry, shown->state, shown->how);
	const struct ir_node *first = shown->n ? &rows->r->who.nodes[shown->matches[0].node] : NULL;

	/* one of several would be a guess */
	attributed(row, shown->n == 1 ? first->contid : CONTID_UNSET,
		   shown->n == 1 ? first->imans :
		   shown->n	 ? 0 :
				   IR_IMANS_HOST);
	if (shown->n) {
		struct json_object *list = json_object_new_array();

		for (size_t i = 0; i < shown->n; i++) {
			const struct ir_node *node = &rows->r->who.nodes[shown->matches[i].node];
			struct json_object *one = json_object_new_object();

			attributed(one, node->contid, node->imans);
			json_object_array_add(list, one);
		}
		json_object_object_add(row, "matches", list);
	}
	return put(rows->o, row);
}

static int put_own_entry(const struct ir_namespace *ns, const struct ir_entry *entry, void *data)
{
	const struct rows *rows = data;
	struct json_object *row =
		measurement("namespace", entry, ir_own_state(ns, entry), IR_HOW_LIST);

	attributed(row, ns->contid, ns->id);
	return put(rows->o, row);
}

static int put_event(const struct contid_event *event, void *data)
{
	const struct rows *rows = data;
	char when[32];
	int rc = 0;

	ir_time(when, event->sec, event->msec);
	for (size_t i = 0; !rc && i < event->n; i++) {
		struct json_object *row = object("record");
		uint64_t contid, imans;
		enum ir_how how;

		ir_attribution_record(&rows->r->who, event, &event->records[i], &contid, &imans,
				      &how);
		text(row, "time", when);
		number(row, "serial", event->serial);
		text(row, "record", event->records[i].name);
		text(row, "how", ir_how_names[how]);
		attributed(row, contid, imans);
		rc = put(rows->o, row);
	}
	return rc;
}

int ir_report_json(struct ir_review *r, const struct ir_output *o)
{
	struct rows rows = { r, o };
	int rc = 0;

	put_report(r, o);
	put_checks(r, o);
	put_statements(r, o);
	put_banks(r, o);
	put_containers(r, o);
	put_nodes(r, o);
	put_namespaces(r, o);
	if (o->entries) {
		rc = ir_review_entries(r, put_entry, &rows);
		if (!rc)
			rc = ir_review_namespace_entries(r, put_own_entry, &rows);
	}
	if (!rc && o->events) {
		rc = ir_review_events(r, put_event, &rows);
		if (rc == -ENOENT)
			rc = 0;
	}
	return rc;
}
