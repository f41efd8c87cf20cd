/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * State of containers - the text of a state file
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef STATE_H
#define STATE_H

#include "contid.h"

#define STATE_SCHEMA "contid.state/1"
#define STATE_MAX    65536 /* bytes of a state file */

/* -EBADMSG: not such a text; -ENOMEM. @state is empty then. */
int state_parse(const char *text, size_t size, struct contid_state *state);
/* One JSON object and a newline, freed by the caller; NULL without memory. */
char *state_text(const struct contid_state *state);

#endif /* STATE_H */
