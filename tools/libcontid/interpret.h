/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libauparse makes of the fields that it knows
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_INTERPRET_H
#define CONTID_INTERPRET_H

#include "arena.h"
#include "contid.h"

struct contid_interpreter;

/* NULL without memory. */
struct contid_interpreter *contid_interpreter_new(void);
void contid_interpreter_free(struct contid_interpreter *interpreter);
/**
 * contid_interpret - set `interpreted` of the fields
 * @records:	@n of them, in the order of the lines
 *
 * A record that libauparse does not read as we do stays as it is. Return: 0 or -ENOMEM.
 */
int contid_interpret(struct contid_interpreter *interpreter, struct contid_arena *arena,
		     struct contid_record *records, size_t n);

#endif /* CONTID_INTERPRET_H */
