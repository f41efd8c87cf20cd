// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - what a bundle says
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libcontid/cleanup.h"
#include "bundle.h"
#include "file.h"

#define DEPTH 64 /* of arrays and objects; a bundle has eight */

static int bad(char **error, const char *what, const char *why)
{
	if (asprintf(error, "%s %s", what, why) < 0)
		*error = NULL;
	return -EBADMSG;
}

void bundle_free(struct bundle *bundle)
{
	free(bundle->id);
	free(bundle->policy);
	free(bundle->root);
	for (size_t i = 0; i < bundle->n_binds; i++) {
		free(bundle->binds[i].source);
		free(bundle->binds[i].destination);
	}
	free(bundle->binds);
	*bundle = (struct bundle){ 0 };
}

/* A member of an object; NULL if there is none, or no object. */
static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

/* A string without a NUL byte inside, else NULL. */
static const char *text_of(struct json_object *object)
{
	const char *text;

	if (!json_object_is_type(object, json_type_string))
		return NULL;
	text = json_object_get_string(object);
	return strlen(text) == (size_t)json_object_get_string_len(object) ? text : NULL;
}

static bool is_text(struct json_object *object, const char *text)
{
	const char *value = text_of(object);

	return value && !strcmp(value, text);
}

static size_t length(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

/* An annotation is text; what is none is not passed over as if it were not there. */
static int get_annotation(struct json_object *root, const char *name, char **value, char **error)
{
	struct json_object *annotations = member(root, "annotations");
	struct json_object *object;

	if (!json_object_is_type(annotations, json_type_object) ||
	    !json_object_object_get_ex(annotations, name, &object))
		return 0;
	if (!text_of(object))
		return bad(error, name, "is no text");
	*value = strdup(text_of(object));
	return *value ? 0 : -ENOMEM;
}

static bool has_user_ns(struct json_object *root)
{
	struct json_object *list = member(member(root, "linux"), "namespaces");

	for (size_t i = 0; i < length(list); i++)
		if (is_text(member(json_object_array_get_idx(list, i), "type"), "user"))
			return true;
	return false;
}

static bool is_bind(struct json_object *mount)
{
	struct json_object *options = member(mount, "options");

	if (is_text(member(mount, "type"), "bind"))
		return true;
	for (size_t i = 0; i < length(options); i++) {
		struct json_object *option = json_object_array_get_idx(options, i);

		if (is_text(option, "bind") || is_text(option, "rbind"))
			return true;
	}
	return false;
}

static int get_binds(struct json_object *root, struct bundle *bundle)
{
	struct json_object *mounts = member(root, "mounts");

	if (!length(mounts))
		return 0;
	bundle->binds = calloc(length(mounts), sizeof(*bundle->binds));
	if (!bundle->binds)
		return -ENOMEM;
	for (size_t i = 0; i < length(mounts); i++) {
		struct json_object *mount = json_object_array_get_idx(mounts, i);
		const char *source = text_of(member(mount, "source"));
		const char *destination = text_of(member(mount, "destination"));
		struct bundle_bind *bind = &bundle->binds[bundle->n_binds];

		if (!source || !destination || !is_bind(mount))
			continue;
		bundle->n_binds++;
		bind->source = strdup(source);
		bind->destination = strdup(destination);
		if (!bind->source || !bind->destination)
			return -ENOMEM;
	}
	return 0;
}

static int get_root(struct json_object *root, struct bundle *bundle)
{
	const char *path = text_of(member(member(root, "root"), "path"));

	if (!path)
		return 0;
	bundle->root = strdup(path);
	return bundle->root ? 0 : -ENOMEM;
}

static int get_bundle(struct json_object *root, struct bundle *bundle, char **error)
{
	int rc;

	if (!json_object_is_type(root, json_type_object))
		return bad(error, "it", "is no JSON object");
	bundle->user_ns = has_user_ns(root);
	bundle->terminal = json_object_get_boolean(member(member(root, "process"), "terminal"));
	rc = get_annotation(root, BUNDLE_ID, &bundle->id, error);
	if (!rc)
		rc = get_annotation(root, BUNDLE_POLICY, &bundle->policy, error);
	if (!rc)
		rc = get_root(root, bundle);
	if (!rc)
		rc = get_binds(root, bundle);
	return rc;
}

int bundle_parse(const char *text, size_t size, struct bundle *bundle, char **error)
{
	struct json_tokener *tokener;
	struct json_object *root;
	int rc;

	*bundle = (struct bundle){ 0 };
	*error = NULL;
	if (size > BUNDLE_MAX)
		return bad(error, "it", "is longer than 16 MiB");
	tokener = json_tokener_new_ex(DEPTH);
	if (!tokener)
		return -ENOMEM;
	root = json_tokener_parse_ex(tokener, text, (int)size);
	if (json_tokener_get_error(tokener) == json_tokener_success)
		rc = get_bundle(root, bundle, error);
	else if (json_tokener_get_error(tokener) == json_tokener_continue)
		rc = bad(error, "it", "ends early");
	else
		rc = bad(error, "it is no JSON:",
			 json_tokener_error_desc(json_tokener_get_error(tokener)));
	json_object_put(root);
	json_tokener_free(tokener);
	if (rc)
		bundle_free(bundle);
	return rc;
}

int bundle_read(const char *dir, const char *config, struct bundle *bundle, char **error)
{
	CLEANUP_FREE char *path = NULL;
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *why = NULL;
	size_t size;
	int rc;

	*bundle = (struct bundle){ 0 };
	*error = NULL;
	if (asprintf(&path, "%s%s%s", *config == '/' ? "" : dir, *config == '/' ? "" : "/",
		     config) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	rc = file_read(path, BUNDLE_MAX, &text, &size);
	if (!rc)
		rc = bundle_parse(text, size, bundle, &why);
	if (rc && asprintf(error, "%s: %s (%s)", path, why ? why : strerror(-rc),
			   strerrorname_np(-rc)) < 0)
		*error = NULL;
	return rc;
}
