/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libauparse makes of the fields that it knows
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_INTERPRET_H
#define CONTID_INTERPRET_H

#include "record.h"

struct contid_interpreter;

/* NULL without memory. */
struct contid_interpreter *contid_interpreter_new(void);
void contid_interpreter_free(struct contid_interpreter *interpreter);
/**
 * contid_interpret - set `interpreted` of the fields
 * @records: @parsed: @n of them
 *
 * A value that libauparse might take for something else than it is stays as it is. Return: 0 or
 * -ENOMEM.
 */
int contid_interpret(struct contid_interpreter *interpreter, struct contid_arena *arena,
		     struct contid_record *records, const struct contid_parsed *parsed, size_t n);

#endif /* CONTID_INTERPRET_H */
