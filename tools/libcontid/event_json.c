// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An event as an object of schema contid.event/1
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>
#include <time.h>

#include "event_parts.h"

char *contid_event_time(const struct contid_event *event, char text[CONTID_TIME_MAX])
{
	time_t sec = (time_t)event->sec;
	/* a log may have seconds that no calendar has */
	struct tm tm = { 0 };
	size_t n;

	gmtime_r(&sec, &tm);
	n = strftime(text, CONTID_TIME_MAX - 8, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, CONTID_TIME_MAX - n, ".%03uZ", event->msec % 1000);
	return text;
}

void contid_json_time(struct contid_json *json, const char *key, const struct contid_event *event)
{
	char text[CONTID_TIME_MAX];

	contid_json_text(json, key, contid_event_time(event, text));
}

void contid_json_innermost(struct contid_json *json, const char *key,
			   const struct contid_chain *chain)
{
	if (chain->n)
		contid_json_id(json, key, chain->id[0]);
	else
		contid_json_null(json, key);
}

void contid_json_chain(struct contid_json *json, const char *key, const struct contid_chain *chain)
{
	contid_json_open(json, key, '[');
	for (size_t i = 0; i < chain->n; i++)
		contid_json_id(json, NULL, chain->id[i]);
	contid_json_close(json, ']');
}

void contid_json_chains(struct contid_json *json, const char *key, const struct contid_event *event)
{
	if (!event->chains) {
		contid_json_null(json, key);
		return;
	}
	contid_json_open(json, key, '[');
	for (size_t i = 0; i < event->n_chains; i++)
		contid_json_chain(json, NULL, &event->chains[i]);
	contid_json_close(json, ']');
}

void contid_json_targets(struct contid_json *json, const char *key,
			 const struct contid_event *event)
{
	contid_json_open(json, key, '[');
	for (size_t i = 0; i < event->n_targets; i++) {
		const struct contid_target *target = &event->targets[i];

		contid_json_open(json, NULL, '{');
		contid_json_number(json, "pid", target->pid);
		contid_json_innermost(json, "contid", &target->chain);
		contid_json_chain(json, "chain", &target->chain);
		contid_json_close(json, '}');
	}
	contid_json_close(json, ']');
}

void contid_json_ns(struct contid_json *json, const char *key, const struct contid_event *event)
{
	if (!event->has_ns) {
		contid_json_null(json, key);
		return;
	}
	contid_json_open(json, key, '{');
	for (int type = 0; type < CONTID_NS_TYPES; type++)
		contid_json_hex(json, contid_ns_names[type], event->ns[type]);
	contid_json_close(json, '}');
}

void contid_json_imans(struct contid_json *json, const char *key, const struct contid_event *event)
{
	if (event->imans)
		contid_json_hex(json, key, event->imans);
	else
		contid_json_null(json, key);
}

const char *contid_event_result(const struct contid_event *event)
{
	return event->result == CONTID_RESULT_YES ? "yes" :
	       event->result == CONTID_RESULT_NO  ? "no" :
						    NULL;
}

static void subject(struct contid_json *json, const struct contid_event *event)
{
	contid_json_open(json, "subject", '{');
	contid_json_number(json, "pid", event->pid);
	contid_json_number(json, "ppid", event->ppid);
	contid_json_number(json, "auid", event->auid);
	contid_json_number(json, "uid", event->uid);
	contid_json_number(json, "gid", event->gid);
	contid_json_number(json, "ses", event->ses);
	contid_json_text(json, "comm", event->comm);
	contid_json_text(json, "exe", event->exe);
	contid_json_text(json, "subj", event->subj);
	contid_json_text(json, "tty", event->tty);
	contid_json_close(json, '}');
}

/* A name that occurs again is left out: readers of JSON take the last one, auparse the first. */
static bool seen(const struct contid_record *record, size_t field)
{
	for (size_t i = 0; i < field; i++)
		if (!strcmp(record->fields[i].name, record->fields[field].name))
			return true;
	return false;
}

static void one_record(struct contid_json *json, const struct contid_record *record)
{
	bool open = false;

	contid_json_open(json, NULL, '{');
	contid_json_number(json, "type", record->type);
	contid_json_text(json, "name", record->name);
	contid_json_open(json, "fields", '{');
	for (size_t i = 0; i < record->n; i++)
		if (!seen(record, i))
			contid_json_text(json, record->fields[i].name, record->fields[i].value);
	contid_json_close(json, '}');
	for (size_t i = 0; i < record->n; i++) {
		if (!record->fields[i].interpreted || seen(record, i))
			continue;
		if (!open)
			contid_json_open(json, "interpreted", '{');
		open = true;
		contid_json_text(json, record->fields[i].name, record->fields[i].interpreted);
	}
	if (open)
		contid_json_close(json, '}');
	contid_json_close(json, '}');
}

char *contid_event_json(const struct contid_event *event)
{
	struct contid_json json = { 0 };

	contid_json_open(&json, NULL, '{');
	contid_json_text(&json, "schema", CONTID_EVENT_SCHEMA);
	contid_json_time(&json, "time", event);
	contid_json_text(&json, "host", event->host);
	contid_json_text(&json, "boot", event->boot);
	contid_json_number(&json, "serial", (int64_t)event->serial);
	contid_json_text(&json, "kind", contid_kind_names[event->kind]);
	contid_json_innermost(&json, "contid", &event->chain);
	contid_json_chain(&json, "chain", &event->chain);
	contid_json_chains(&json, "chains", event);
	contid_json_targets(&json, "targets", event);
	contid_json_ns(&json, "ns", event);
	contid_json_imans(&json, "imans", event);
	subject(&json, event);
	contid_json_text(&json, "result", contid_event_result(event));
	contid_json_text(&json, "key", event->key);
	contid_json_open(&json, "records", '[');
	for (size_t i = 0; i < event->n; i++)
		one_record(&json, &event->records[i]);
	contid_json_close(&json, ']');
	contid_json_open(&json, "raw", '[');
	for (size_t i = 0; i < event->n; i++)
		contid_json_text(&json, NULL, event->records[i].raw);
	contid_json_close(&json, ']');
	contid_json_close(&json, '}');
	return contid_json_end(&json);
}
