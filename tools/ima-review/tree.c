// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Containers by chain
 *
 * A hostile log may claim that containers are each other's parents: whoever is not reached from a
 * container without a parent is shown as one without.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "report.h"

struct order {
	const struct ir_container *container;
	uint64_t parent;
};

static int by_parent(const void *x, const void *y)
{
	const struct order *a = x, *b = y;

	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	if (a->container->contid != b->container->contid)
		return a->container->contid < b->container->contid ? -1 : 1;
	return 0;
}

static size_t first_child(const struct order *order, size_t n, uint64_t parent)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order[middle].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct walk {
	const struct order *order;
	size_t n, rows;
	struct ir_tree_row *out;
	bool *done;
};

/* Chains have at most CONTID_CHAIN_MAX members, so deeper ones end here. */
static void put(struct walk *walk, size_t i, unsigned int depth)
{
	uint64_t id = walk->order[i].container->contid;

	if (walk->done[i])
		return;
	walk->done[i] = true;
	walk->out[walk->rows++] = (struct ir_tree_row){ walk->order[i].container, depth };
	if (depth >= CONTID_CHAIN_MAX)
		return;
	for (size_t c = first_child(walk->order, walk->n, id);
	     c < walk->n && walk->order[c].parent == id; c++)
		put(walk, c, depth + 1);
}

struct ir_tree_row *ir_tree(const struct ir_review *r, size_t *rows)
{
	const struct ir_attribution *a = &r->who;
	IR_FREE struct order *order = ir_array(NULL, a->n_containers, sizeof(*order));
	struct walk walk = { .order = order, .n = a->n_containers };
	IR_FREE bool *done = ir_alloc(a->n_containers + 1);

	walk.out = ir_array(NULL, a->n_containers, sizeof(*walk.out));
	walk.done = done;
	for (size_t i = 0; i < a->n_containers; i++) {
		order[i].container = &a->containers[i];
		order[i].parent = a->containers[i].parent;
		/* a parent that nobody has seen is none */
		if (order[i].parent != CONTID_UNSET && !ir_container_find(a, order[i].parent))
			order[i].parent = CONTID_UNSET;
	}
	qsort(order, walk.n, sizeof(*order), by_parent);
	for (size_t i = first_child(order, walk.n, CONTID_UNSET); i < walk.n; i++)
		put(&walk, i, 0);
	for (size_t i = 0; i < walk.n; i++)
		put(&walk, i, 0);
	*rows = walk.rows;
	return walk.out;
}

static const struct ir_review *sorting;

static int by_node(const void *x, const void *y)
{
	const struct ir_node *a = &sorting->who.nodes[*(const uint32_t *)x];
	const struct ir_node *b = &sorting->who.nodes[*(const uint32_t *)y];

	if (a->contid != b->contid)
		return a->contid < b->contid ? -1 : 1;
	return a->imans < b->imans ? -1 : a->imans > b->imans;
}

uint32_t *ir_nodes_sorted(const struct ir_review *r)
{
	uint32_t *sorted = ir_array(NULL, r->who.n_nodes, sizeof(*sorted));

	for (size_t i = 0; i < r->who.n_nodes; i++)
		sorted[i] = (uint32_t)i;
	sorting = r;
	qsort(sorted, r->who.n_nodes, sizeof(*sorted), by_node);
	return sorted;
}

size_t ir_nodes_of(const struct ir_review *r, const uint32_t *sorted, uint64_t contid)
{
	size_t low = 0, high = r->who.n_nodes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->who.nodes[sorted[middle]].contid < contid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
