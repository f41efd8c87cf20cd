// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as config.json of a bundle, and what is granted of its annotations.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <stdlib.h>
#include <string.h>

#include "../../libcontid/contid.h"
#include "../bundle.h"
#include "../request.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct bundle bundle;
	struct request request;
	char *note, *error;

	if (bundle_parse((const char *)data, size, &bundle, &error)) {
		if (!error || bundle.id || bundle.policy || bundle.root || bundle.binds)
			abort();
		free(error);
		return 0;
	}
	for (size_t i = 0; i < bundle.n_binds; i++)
		if (!bundle.binds[i].source || !bundle.binds[i].destination)
			abort();
	for (int trust = 0; trust < 2; trust++) {
		/* no folder, so that no file is read */
		int rc = request_make(&bundle, trust, "/nonexistent", &request, &note, &error);

		if (rc ? !error : bundle.policy || (request.draw && request.id != CONTID_UNSET))
			abort();
		/* a tenant chooses nothing */
		if (!rc && !trust && (!request.label || !request.draw))
			abort();
		request_free(&request);
		free(note);
		free(error);
	}
	bundle_free(&bundle);
	return 0;
}
