/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of one event - taken piece by piece, given back at once
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_ARENA_H
#define CONTID_ARENA_H

#include <stddef.h>

struct contid_arena_block;

/**
 * struct contid_arena - all zero is an empty one
 * @first:	blocks, the one that is being filled first
 * @used:	bytes of it that are taken
 */
struct contid_arena {
	struct contid_arena_block *first;
	size_t used;
};

/* Zeroed memory for @n objects of @size bytes, aligned for any type; NULL without memory. */
void *contid_arena_get(struct contid_arena *arena, size_t n, size_t size);
/* A copy of @size bytes with a NUL behind them. */
char *contid_arena_text(struct contid_arena *arena, const char *text, size_t size);
/* Forgets all; keeps one block of ordinary size for the next event. */
void contid_arena_reset(struct contid_arena *arena);
void contid_arena_free(struct contid_arena *arena);

#endif /* CONTID_ARENA_H */
