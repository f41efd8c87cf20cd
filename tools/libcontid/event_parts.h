/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parts of an event in JSON that several forms of output share
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_EVENT_PARTS_H
#define CONTID_EVENT_PARTS_H

#include "contid.h"
#include "json_text.h"

#define CONTID_EVENT_SCHEMA "contid.event/1"

/* RFC 3339, UTC, milliseconds */
void contid_json_time(struct contid_json *json, const char *key, const struct contid_event *event);
/* innermost id or null */
void contid_json_innermost(struct contid_json *json, const char *key,
			   const struct contid_chain *chain);
/* list of ids, innermost first */
void contid_json_chain(struct contid_json *json, const char *key, const struct contid_chain *chain);
/* list of lists, or null */
void contid_json_chains(struct contid_json *json, const char *key,
			const struct contid_event *event);
void contid_json_targets(struct contid_json *json, const char *key,
			 const struct contid_event *event);
/* map of names to `0x...`, or null */
void contid_json_ns(struct contid_json *json, const char *key, const struct contid_event *event);
/* `0x...`, null if unknown */
void contid_json_imans(struct contid_json *json, const char *key, const struct contid_event *event);

#endif /* CONTID_EVENT_PARTS_H */
