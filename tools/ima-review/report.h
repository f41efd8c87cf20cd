/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the reports share
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef IR_REPORT_H
#define IR_REPORT_H

#include <inttypes.h>

#include "ima-review.h"

/* "1720000000000000001", or "-" */
static inline const char *ir_contid_text(uint64_t contid, char buf[24])
{
	if (contid == CONTID_UNSET)
		return "-";
	snprintf(buf, 24, "%" PRIu64, contid);
	return buf;
}

/* "0x4b", or "-" */
static inline const char *ir_imans_text(uint64_t imans, char buf[24])
{
	if (!imans)
		return "-";
	snprintf(buf, 24, "0x%" PRIx64, imans);
	return buf;
}

/* "sha256:<hex>", freed by the caller */
static inline char *ir_digest_text(const struct ir_entry *entry)
{
	IR_FREE char *hex = NULL;

	if (!entry->file_digest)
		return ir_copy("-");
	hex = ir_hex(entry->file_digest, entry->file_digest_size);
	return ir_text("%s:%s", entry->hash, hex);
}

/* Escaped, freed by the caller. */
static inline char *ir_path_text(const struct ir_entry *entry)
{
	return entry->path ? ir_escape((const char *)entry->path, entry->path_size) : ir_copy("-");
}

/* The state of an entry of a namespace's list, the same in every report. */
static inline const char *ir_own_state(const struct ir_namespace *ns, const struct ir_entry *entry)
{
	return entry->violation		   ? "violation" :
	       entry->number <= ns->proven ? "anchored" :
					     "kernel's word";
}

/**
 * struct ir_tree - containers in the order of a tree
 * @depth:	of @containers[i]
 * @nodes:	of a container are those whose contid it is, see ir_tree_nodes()
 */
struct ir_tree_row {
	const struct ir_container *container; /* NULL: what belongs to no container */
	unsigned int depth;
};
/* Each container once, parents before children, siblings by id. Freed by the caller. */
struct ir_tree_row *ir_tree(const struct ir_review *review, size_t *n);
/* Indexes of nodes sorted by contid and imans; freed by the caller. */
uint32_t *ir_nodes_sorted(const struct ir_review *review);
/* The first of @sorted that belongs to @contid, or n_nodes. */
size_t ir_nodes_of(const struct ir_review *review, const uint32_t *sorted, uint64_t contid);

#endif /* IR_REPORT_H */
