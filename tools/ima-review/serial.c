// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Serials of audit events, as ranges
 *
 * The kernel gives a serial when the first record of an event is made and sends records when they
 * are done, so serials come out of order, by any distance. Memory stays bounded: with too many
 * gaps at a time the lowest two ranges become one and their gap is given up.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "ima-review.h"

/* The first range that ends at or behind @serial - 1. */
static size_t place(const struct ir_serials *s, uint64_t serial)
{
	size_t low = 0, high = s->n;

	/* nearly always the last one */
	if (s->n && s->ranges[s->n - 1].from <= serial)
		low = s->n - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->ranges[middle].to < serial && serial - s->ranges[middle].to > 1)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void ir_serials_add(struct ir_serials *s, uint64_t serial)
{
	size_t i = place(s, serial);
	struct ir_range *r;

	if (!s->ranges)
		s->ranges = ir_array(NULL, IR_RANGES + 1, sizeof(*s->ranges));
	r = &s->ranges[i];
	if (i < s->n && serial >= r->from && serial <= r->to)
		return;
	if (i < s->n && serial == r->to + 1 && r->to != UINT64_MAX) {
		r->to = serial;
		if (i + 1 < s->n && s->ranges[i + 1].from == serial + 1) {
			r->to = s->ranges[i + 1].to;
			memmove(r + 1, r + 2, (s->n - i - 2) * sizeof(*r));
			s->n--;
		}
		return;
	}
	if (i < s->n && r->from == serial + 1) {
		r->from = serial;
		return;
	}
	memmove(r + 1, r, (s->n - i) * sizeof(*r));
	*r = (struct ir_range){ serial, serial };
	s->n++;
	if (s->n <= IR_RANGES)
		return;
	r = s->ranges;
	s->given_up += r[1].from - r[0].to - 1;
	s->gaps_given_up++;
	r[1].from = r[0].from;
	memmove(r, r + 1, (s->n - 1) * sizeof(*r));
	s->n--;
}

uint64_t ir_serials_gaps(const struct ir_serials *s, uint64_t *missing)
{
	*missing = s->given_up;
	for (size_t i = 1; i < s->n; i++)
		*missing += s->ranges[i].from - s->ranges[i - 1].to - 1;
	return s->gaps_given_up + (s->n ? s->n - 1 : 0);
}

void ir_serials_free(struct ir_serials *s)
{
	free(s->ranges);
	*s = (struct ir_serials){ 0 };
}
