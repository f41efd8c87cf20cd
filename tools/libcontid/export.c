// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events in the forms that log stores like
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#include "event_parts.h"

const char *const contid_export_names[CONTID_EXPORTS] = {
	[CONTID_EXPORT_NDJSON] = "ndjson",
	[CONTID_EXPORT_ECS] = "ecs",
	[CONTID_EXPORT_JSONEACHROW] = "jsoneachrow",
	[CONTID_EXPORT_LOKI] = "loki",
};

/* (host, boot, time, serial) as one key */
static void event_key(struct contid_json *json, const char *key, const struct contid_event *event)
{
	char stamp[64];
	char *text;

	snprintf(stamp, sizeof(stamp), "%" PRId64 ".%03u:%" PRIu64, event->sec, event->msec,
		 event->serial);
	if (asprintf(&text, "%s/%s/%s", event->host, event->boot ? event->boot : "-", stamp) < 0) {
		json->failed = true;
		return;
	}
	contid_json_text(json, key, text);
	free(text);
}

static const char *field_or(const struct contid_event *event, int type, const char *name,
			    const char *otherwise)
{
	for (size_t i = 0; i < event->n; i++) {
		const struct contid_record *record = &event->records[i];

		for (size_t j = 0; record->type == type && j < record->n; j++)
			if (!strcmp(record->fields[j].name, name))
				return record->fields[j].interpreted ?
					       record->fields[j].interpreted :
					       record->fields[j].value;
	}
	return otherwise;
}

const char *contid_event_action(const struct contid_event *event)
{
	const struct contid_record *record;

	switch (event->kind) {
	case CONTID_KIND_CONTAINER:
		return field_or(event, AUDIT_CONTAINER_OP, "op", "cap");
	case CONTID_KIND_SYSCALL:
		return field_or(event, AUDIT_SYSCALL, "syscall", NULL);
	case CONTID_KIND_URING:
		return field_or(event, AUDIT_URINGOP, "uring_op", NULL);
	default:
		break;
	}
	for (record = event->records; record < event->records + event->n; record++) {
		switch (record->type) {
		case AUDIT_CONTAINER_ID:
		case AUDIT_SYSCALL:
		case AUDIT_NS_INFO:
			continue;
		}
		return record->name;
	}
	return event->n ? event->records[0].name : NULL;
}

static void number_or_null(struct contid_json *json, const char *key, int64_t number)
{
	if (number < 0)
		contid_json_null(json, key);
	else
		contid_json_number(json, key, number);
}

static void text_of_number(struct contid_json *json, const char *key, int64_t number)
{
	if (number < 0)
		contid_json_null(json, key);
	else
		contid_json_id(json, key, (uint64_t)number);
}

static void raw(struct contid_json *json, const char *key, const struct contid_event *event)
{
	size_t size = 1;
	char *text, *to;

	for (size_t i = 0; i < event->n; i++)
		size += strlen(event->records[i].raw) + 1;
	text = to = malloc(size);
	if (!text) {
		json->failed = true;
		return;
	}
	*text = '\0';
	for (size_t i = 0; i < event->n; i++) {
		if (i)
			*to++ = '\n';
		to = stpcpy(to, event->records[i].raw);
	}
	contid_json_text(json, key, text);
	free(text);
}

/* Elastic Common Schema; what it has no place for is under contid */
static char *ecs(const struct contid_event *event)
{
	struct contid_json json = { 0 };

	contid_json_open(&json, NULL, '{');
	contid_json_time(&json, "@timestamp", event);
	contid_json_open(&json, "ecs", '{');
	contid_json_text(&json, "version", "8.11.0");
	contid_json_close(&json, '}');
	contid_json_open(&json, "host", '{');
	contid_json_text(&json, "name", event->host);
	contid_json_close(&json, '}');
	contid_json_open(&json, "event", '{');
	event_key(&json, "id", event);
	contid_json_text(&json, "action", contid_event_action(event));
	contid_json_text(&json, "outcome",
			 event->result == CONTID_RESULT_YES ? "success" :
			 event->result == CONTID_RESULT_NO  ? "failure" :
							      "unknown");
	contid_json_text(&json, "module", "contid");
	raw(&json, "original", event);
	contid_json_close(&json, '}');
	contid_json_open(&json, "process", '{');
	number_or_null(&json, "pid", event->pid);
	contid_json_text(&json, "name", event->comm);
	contid_json_text(&json, "executable", event->exe);
	contid_json_open(&json, "parent", '{');
	number_or_null(&json, "pid", event->ppid);
	contid_json_close(&json, '}');
	contid_json_close(&json, '}');
	contid_json_open(&json, "user", '{');
	text_of_number(&json, "id", event->uid);
	contid_json_open(&json, "audit", '{');
	text_of_number(&json, "id", event->auid);
	contid_json_close(&json, '}');
	contid_json_close(&json, '}');
	contid_json_open(&json, "container", '{');
	contid_json_innermost(&json, "id", &event->chain);
	contid_json_close(&json, '}');
	contid_json_open(&json, "contid", '{');
	contid_json_text(&json, "schema", CONTID_EVENT_SCHEMA);
	contid_json_text(&json, "kind", contid_kind_names[event->kind]);
	contid_json_text(&json, "boot", event->boot);
	contid_json_number(&json, "serial", (int64_t)event->serial);
	contid_json_chain(&json, "chain", &event->chain);
	contid_json_chains(&json, "chains", event);
	contid_json_targets(&json, "targets", event);
	contid_json_ns(&json, "ns", event);
	contid_json_imans(&json, "imans", event);
	contid_json_text(&json, "key", event->key);
	contid_json_close(&json, '}');
	contid_json_close(&json, '}');
	return contid_json_end(&json);
}

/* The chains of a packet in one flat list: a column has no room for more. */
static void members(struct contid_json *json, const char *key, const struct contid_event *event)
{
	const struct contid_chain *chains = event->chains ? event->chains : &event->chain;
	size_t n = event->chains ? event->n_chains : 1;

	contid_json_open(json, key, '[');
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < chains[i].n; j++)
			contid_json_id(json, NULL, chains[i].id[j]);
	contid_json_close(json, ']');
}

/* ClickHouse: the same flat columns in every row */
static char *row(const struct contid_event *event)
{
	static const char *const ns[CONTID_NS_TYPES] = {
		[CONTID_NS_NET] = "ns_net",	  [CONTID_NS_UTS] = "ns_uts",
		[CONTID_NS_IPC] = "ns_ipc",	  [CONTID_NS_PID] = "ns_pid",
		[CONTID_NS_USER] = "ns_user",	  [CONTID_NS_MNT] = "ns_mnt",
		[CONTID_NS_CGROUP] = "ns_cgroup", [CONTID_NS_TIME] = "ns_time",
	};
	struct contid_json json = { 0 };

	contid_json_open(&json, NULL, '{');
	contid_json_time(&json, "time", event);
	contid_json_text(&json, "host", event->host);
	contid_json_text(&json, "boot", event->boot);
	contid_json_number(&json, "serial", (int64_t)event->serial);
	contid_json_text(&json, "kind", contid_kind_names[event->kind]);
	contid_json_text(&json, "action", contid_event_action(event));
	contid_json_innermost(&json, "contid", &event->chain);
	members(&json, "chain", event);
	contid_json_open(&json, "target_pid", '[');
	for (size_t i = 0; i < event->n_targets; i++)
		contid_json_number(&json, NULL, event->targets[i].pid);
	contid_json_close(&json, ']');
	contid_json_open(&json, "target_contid", '[');
	for (size_t i = 0; i < event->n_targets; i++)
		contid_json_innermost(&json, NULL, &event->targets[i].chain);
	contid_json_close(&json, ']');
	for (int type = 0; type < CONTID_NS_TYPES; type++) {
		if (event->has_ns)
			contid_json_hex(&json, ns[type], event->ns[type]);
		else
			contid_json_null(&json, ns[type]);
	}
	contid_json_imans(&json, "imans", event);
	contid_json_number(&json, "pid", event->pid);
	contid_json_number(&json, "ppid", event->ppid);
	contid_json_number(&json, "auid", event->auid);
	contid_json_number(&json, "uid", event->uid);
	contid_json_number(&json, "gid", event->gid);
	contid_json_number(&json, "ses", event->ses);
	contid_json_text(&json, "comm", event->comm);
	contid_json_text(&json, "exe", event->exe);
	contid_json_text(&json, "subj", event->subj);
	contid_json_text(&json, "tty", event->tty);
	contid_json_text(&json, "result", contid_event_result(event));
	contid_json_text(&json, "key", event->key);
	raw(&json, "raw", event);
	contid_json_close(&json, '}');
	return contid_json_end(&json);
}

/* A body of Loki's push call; a label is an index, and ids would be one each. */
static char *loki(const struct contid_event *event)
{
	char *line = contid_event_json(event);
	struct contid_json json = { 0 };
	char nanoseconds[40];

	if (!line)
		return NULL;
	snprintf(nanoseconds, sizeof(nanoseconds), "%" PRId64 "%03u000000", event->sec,
		 event->msec);
	contid_json_open(&json, NULL, '{');
	contid_json_open(&json, "streams", '[');
	contid_json_open(&json, NULL, '{');
	contid_json_open(&json, "stream", '{');
	contid_json_text(&json, "host", event->host);
	contid_json_text(&json, "kind", contid_kind_names[event->kind]);
	contid_json_close(&json, '}');
	contid_json_open(&json, "values", '[');
	contid_json_open(&json, NULL, '[');
	contid_json_text(&json, NULL, nanoseconds);
	contid_json_text(&json, NULL, line);
	contid_json_close(&json, ']');
	contid_json_close(&json, ']');
	contid_json_close(&json, '}');
	contid_json_close(&json, ']');
	contid_json_close(&json, '}');
	free(line);
	return contid_json_end(&json);
}

char *contid_event_export(const struct contid_event *event, enum contid_export format)
{
	switch (format) {
	case CONTID_EXPORT_NDJSON:
		return contid_event_json(event);
	case CONTID_EXPORT_ECS:
		return ecs(event);
	case CONTID_EXPORT_JSONEACHROW:
		return row(event);
	case CONTID_EXPORT_LOKI:
		return loki(event);
	case CONTID_EXPORTS:
		break;
	}
	return NULL;
}
