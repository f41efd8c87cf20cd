// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The TPM software stack, loaded on first use
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dlfcn.h>
#include <string.h>

#include "ima-review.h"
#include "tss.h"

struct symbol {
	const char *name;
	void **to;
};

static struct ir_tss tss;

static bool load(const char *library, const char *package, const struct symbol *symbols, size_t n,
		 char **error)
{
	/* never closed: its functions are used until the end */
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	if (!handle) {
		*error = ir_text("%s: cannot be loaded: %s; install %s", library, dlerror(),
				 package);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		*symbols[i].to = dlsym(handle, symbols[i].name);
		if (!*symbols[i].to) {
			*error = ir_text("%s: has no %s; install tpm2-tss 3 or newer", library,
					 symbols[i].name);
			return false;
		}
	}
	return true;
}

#define SYMBOL(NAME) { #NAME, (void **)&tss.NAME },
#define COUNT(TABLE) (sizeof(TABLE) / sizeof(*(TABLE)))

const struct ir_tss *ir_tss_mu(char **error)
{
	static const struct symbol symbols[] = { IR_TSS_MU(SYMBOL) };
	static bool loaded;

	*error = NULL;
	/* what it says of bad structures and of TCTIs that do not work is said by us, once */
	if (!loaded && setenv("TSS2_LOG", "all+none", 0))
		*error = ir_text("TSS2_LOG: cannot be set: %s", strerror(errno));
	else if (!loaded)
		loaded = load("libtss2-mu.so.0", "libtss2-mu0", symbols, COUNT(symbols), error);
	return loaded ? &tss : NULL;
}

const struct ir_tss *ir_tss_all(char **error)
{
	static const struct symbol rc[] = { IR_TSS_RC(SYMBOL) };
	static const struct symbol loader[] = { IR_TSS_LOADER(SYMBOL) };
	static const struct symbol esys[] = { IR_TSS_ESYS(SYMBOL) };
	static bool loaded;

	if (!ir_tss_mu(error))
		return NULL;
	if (!loaded)
		loaded =
			load("libtss2-rc.so.0", "libtss2-rc0", rc, COUNT(rc), error) &&
			load("libtss2-tctildr.so.0", "libtss2-tctildr0", loader, COUNT(loader),
			     error) &&
			load("libtss2-esys.so.0", "libtss2-esys-3.0.2-0", esys, COUNT(esys), error);
	return loaded ? &tss : NULL;
}

int ir_tss_decoder(char **error)
{
	return ir_tss_mu(error) ? 0 : -ENOSYS;
}
