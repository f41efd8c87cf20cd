// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory of one event
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { BLOCK = 64 * 1024 };

struct contid_arena_block {
	struct contid_arena_block *next;
	size_t size;
	alignas(max_align_t) char data[];
};

static struct contid_arena_block *block_new(struct contid_arena *arena, size_t size)
{
	struct contid_arena_block *block;

	if (size < BLOCK)
		size = BLOCK;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	block->next = arena->first;
	arena->first = block;
	arena->used = 0;
	return block;
}

void *contid_arena_get(struct contid_arena *arena, size_t n, size_t size)
{
	struct contid_arena_block *block = arena->first;
	size_t bytes;
	void *out;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		return NULL;
	bytes = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!block || block->size - arena->used < bytes)
		block = block_new(arena, bytes);
	if (!block)
		return NULL;
	out = block->data + arena->used;
	arena->used += bytes;
	return memset(out, 0, bytes);
}

char *contid_arena_text(struct contid_arena *arena, const char *text, size_t size)
{
	char *out = contid_arena_get(arena, size + 1, 1);

	return out ? memcpy(out, text, size) : NULL;
}

void contid_arena_reset(struct contid_arena *arena)
{
	struct contid_arena_block *kept = NULL;

	while (arena->first) {
		struct contid_arena_block *block = arena->first;

		arena->first = block->next;
		if (!kept && block->size == BLOCK) {
			kept = block;
			kept->next = NULL;
		} else {
			free(block);
		}
	}
	arena->first = kept;
	arena->used = 0;
}

void contid_arena_free(struct contid_arena *arena)
{
	contid_arena_reset(arena);
	free(arena->first);
	arena->first = NULL;
}
