// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - what a bundle asks for, and may have
 *
 * Whoever writes the bundle may be a tenant. A tenant chooses neither the number that others have,
 * nor to have none; and of the policies it chooses those in one folder.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libcontid/cleanup.h"
#include "../libcontid/contid.h"
#include "file.h"
#include "request.h"

__attribute__((format(printf, 2, 3))) static void put(char **text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(text, format, args) < 0)
		*text = NULL;
	va_end(args);
}

void request_free(struct request *request)
{
	free(request->policy);
	free(request->text);
	*request = (struct request){ 0 };
}

static int digits(uint64_t id)
{
	int n = 1;

	while (id /= 10)
		n++;
	return n;
}

static int take_id(const char *text, bool trust, struct request *request, char **note, char **error)
{
	bool none = text && !strcmp(text, "none");
	uint64_t id = CONTID_UNSET;

	request->label = request->draw = true;
	if (!text || !strcmp(text, "auto"))
		return 0;
	if (!none && (contid_parse(text, &id) || id == CONTID_UNSET)) {
		put(error,
		    "annotation " BUNDLE_ID "=%.64s: neither a number nor auto nor none (EINVAL); "
		    "correct the bundle",
		    text);
		return -EINVAL;
	}
	if (!trust) {
		put(note,
		    "annotation " BUNDLE_ID "=%.64s is not honoured, since trust_annotations is "
		    "no; an id is drawn",
		    text);
		return 0;
	}
	request->label = !none;
	request->draw = false;
	request->id = id;
	if (!none && digits(id) % 2 == 0)
		put(note,
		    "id %llu has an even number of digits, which some converters of logs take for "
		    "hexadecimal text",
		    (unsigned long long)id);
	return 0;
}

static int sha256(const char *text, size_t size, char hex[65])
{
	unsigned char digest[32];

	if (!EVP_Digest(text, size, digest, NULL, EVP_sha256(), NULL))
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(digest); i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	return 0;
}

static bool is_file_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) <= NAME_MAX;
}

static int take_policy(const struct bundle *bundle, const char *policies, struct request *request,
		       char **error)
{
	CLEANUP_FREE char *why = NULL;
	const char *name = bundle->policy;
	unsigned int line;
	int rc;

	if (!name)
		return 0;
	if (!is_file_name(name)) {
		put(error,
		    "annotation " BUNDLE_POLICY "=%.64s: no plain file name (EINVAL); name a file "
		    "in %s",
		    name, policies);
		return -EINVAL;
	}
	if (!bundle->user_ns) {
		put(error,
		    "IMA policy %.64s: the container has no user namespace (EINVAL); start it "
		    "with one, as podman does with --userns=auto",
		    name);
		return -EINVAL;
	}
	rc = file_read_in(policies, name, REQUEST_POLICY_MAX, &request->text, &request->size);
	if (rc) {
		put(error, "IMA policy %s/%.64s: %s (%s); %s", policies, name, strerror(-rc),
		    contid_errno_name(rc),
		    rc == -ENOENT ? "put it there, or correct the annotation" :
				    "it has to be a regular file of at most 1 MiB");
		return rc;
	}
	rc = contid_policy_check(request->text, request->size, NULL, &line, &why);
	if (rc) {
		put(error, "IMA policy %s/%.64s, line %u: %s (%s); correct it", policies, name,
		    line, why ? why : strerror(-rc), contid_errno_name(rc));
		return rc;
	}
	request->policy = strdup(name);
	if (!request->policy)
		return -ENOMEM;
	return sha256(request->text, request->size, request->sha256);
}

int request_make(const struct bundle *bundle, bool trust, const char *policies,
		 struct request *request, char **note, char **error)
{
	int rc;

	*request = (struct request){ .id = CONTID_UNSET };
	*note = NULL;
	*error = NULL;
	rc = take_id(bundle->id, trust, request, note, error);
	if (!rc)
		rc = take_policy(bundle, policies, request, error);
	if (rc)
		request_free(request);
	return rc;
}
