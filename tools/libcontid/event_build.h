/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the records of one event say together
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_EVENT_BUILD_H
#define CONTID_EVENT_BUILD_H

#include "arena.h"
#include "contid.h"

struct contid_interpreter;

/**
 * struct contid_event_source - lines of one event
 * @lines:	@n of them, all with the same node and stamp
 * @host:	for records without a node
 * @boot:	or NULL
 * @interpreter: or NULL: no field is interpreted
 */
struct contid_event_source {
	size_t n;
	const char *const *lines;
	const char *host;
	const char *boot;
	struct contid_interpreter *interpreter;
};

/* All of @event is in @arena, or is @source's. Return: 0, or -ENOMEM. */
int contid_event_build(struct contid_arena *arena, const struct contid_event_source *source,
		       struct contid_event *event);

#endif /* CONTID_EVENT_BUILD_H */
