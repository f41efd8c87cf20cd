// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ima-review enroll
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <json.h>
#include <string.h>

#include "commands.h"

static void print(const struct ir_options *o, const struct ir_key *key, uint32_t handle)
{
	IR_FREE char *name = ir_hex(key->name, key->name_size), *pem = ir_key_pem(key);
	IR_FREE char *at = ir_text("0x%08x", handle);
	struct json_object *object;

	if (!o->json) {
		printf("handle: %s\nkind: %s\nname: %s\n%s", at, key->type, name, pem);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "handle", json_object_new_string(at));
	json_object_object_add(object, "kind", json_object_new_string(key->type));
	json_object_object_add(object, "name", json_object_new_string(name));
	json_object_object_add(object, "pem", json_object_new_string(pem));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/* The key that is there, else a new one. */
static int find_or_make(const struct ir_options *o, struct ir_tpm *tpm, uint8_t **public,
			size_t *size, char **error)
{
	IR_FREE uint8_t *auth = NULL;
	uint32_t handle = ir_options_handle(o);
	size_t auth_size = 0;
	int rc = ir_tpm_key(tpm, handle, public, size, error);

	if (rc != -ENOENT)
		return rc;
	free(*error);
	*error = NULL;
	if (o->auth_file) {
		rc = ir_read_file(AT_FDCWD, o->auth_file, 1024, &auth, &auth_size);
		if (rc) {
			*error = ir_text("%s: cannot be read: %s", o->auth_file, strerror(-rc));
			return rc;
		}
		if (auth_size && auth[auth_size - 1] == '\n')
			auth_size--;
	}
	rc = ir_tpm_enroll(tpm, handle, o->algorithm, (char *)auth, auth_size, error);
	if (auth)
		explicit_bzero(auth, auth_size);
	return rc ? rc : ir_tpm_key(tpm, handle, public, size, error);
}

int cmd_enroll(struct cli_parse *parse)
{
	IR_FREE uint8_t *public = NULL;
	IR_FREE char *error = NULL;
	struct ir_options o;
	struct ir_tpm *tpm;
	struct ir_key key;
	size_t size;
	int rc;

	ir_options_read(&o, parse, 0);
	rc = ir_tpm_open(ir_options_tcti(&o), &tpm, &error);
	if (!rc) {
		rc = find_or_make(&o, tpm, &public, &size, &error);
		ir_tpm_close(tpm);
	}
	if (!rc && ir_key_public(public, size, &key)) {
		rc = -EBADMSG;
		error = ir_copy("TPM: the key is of an unknown kind");
	}
	if (!rc) {
		print(&o, &key, ir_options_handle(&o));
		ir_key_free(&key);
	}
	ir_options_free(&o);
	if (rc)
		return cli_fail(rc == -ENODEV || rc == -ENOSYS ? CLI_LACKS : CLI_SYSTEM, "%s",
				error ? error : strerror(-rc));
	return fflush(stdout) ? CLI_SYSTEM : CLI_DONE;
}
