// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The evidence: a folder of plain files, and manifest.json that names them with their sha256
 *
 * manifest.sha256 holds the checksum of manifest.json as sha256sum(1) writes it. Checksums find
 * what changed by accident; what changed on purpose is found by the checks.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <json.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>

#include "ima-review.h"

#define MANIFEST_MAX (4u << 20)
#define WHY_MAX	     200

bool ir_file_name(const char *name)
{
	size_t length = strlen(name);

	if (!length || length > 200 || name[0] == '.')
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '/')
			return false;
	return true;
}

static bool is_sum(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static const char *text_of(struct json_object *object, const char *key, size_t max)
{
	struct json_object *value;
	const char *text;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	if (strlen(text) != (size_t)json_object_get_string_len(value) || strlen(text) > max)
		return NULL;
	return text;
}

/* -1 for null and for what is missing; -2 for what is no such number */
static int64_t number_of(struct json_object *object, const char *key)
{
	struct json_object *value;
	int64_t n;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return -1;
	if (!json_object_is_type(value, json_type_int))
		return -2;
	n = json_object_get_int64(value);
	return n < 0 ? -2 : n;
}

static bool get_text(struct json_object *object, const char *key, size_t max, char **to,
		     char **error)
{
	const char *text = text_of(object, key, max);

	if (!text) {
		*error = ir_text("%s is missing, or no text of at most %zu bytes", key, max);
		return false;
	}
	*to = ir_copy(text);
	return true;
}

static bool get_number(struct json_object *object, const char *key, int64_t *to, char **error)
{
	*to = number_of(object, key);
	if (*to != -2)
		return true;
	*error = ir_text("%s is no number", key);
	return false;
}

static bool get_banks(struct json_object *object, struct ir_manifest *m, char **error)
{
	struct json_object *banks;

	if (!json_object_object_get_ex(object, "banks", &banks) ||
	    !json_object_is_type(banks, json_type_array) ||
	    json_object_array_length(banks) > IR_BANKS) {
		*error = ir_copy("banks is no list of banks");
		return false;
	}
	for (size_t i = 0; i < json_object_array_length(banks); i++) {
		int64_t alg = json_object_get_int64(json_object_array_get_idx(banks, i));

		if (alg <= 0 || alg > UINT16_MAX) {
			*error = ir_copy("banks is no list of algorithm numbers");
			return false;
		}
		m->banks[m->n_banks++] = (uint16_t)alg;
	}
	return true;
}

static bool get_files(struct json_object *object, struct ir_manifest *m, char **error)
{
	struct json_object *files;

	if (!json_object_object_get_ex(object, "files", &files) ||
	    !json_object_is_type(files, json_type_object) ||
	    json_object_object_length(files) > IR_FILES_MAX) {
		*error = ir_copy("files is no map of names to checksums");
		return false;
	}
	m->files = ir_array(NULL, (size_t)json_object_object_length(files), sizeof(*m->files));
	json_object_object_foreach(files, name, value)
	{
		const char *sum = json_object_is_type(value, json_type_string) ?
					  json_object_get_string(value) :
					  "";

		if (!ir_file_name(name)) {
			IR_FREE char *shown = ir_escape(name, strlen(name));

			*error = ir_text("file name %.80s: not a plain one", shown);
			return false;
		}
		if (!is_sum(sum)) {
			*error = ir_text("file %s: no sha256", name);
			return false;
		}
		m->files[m->n].name = ir_copy(name);
		memcpy(m->files[m->n].sha256, sum, 65);
		m->n++;
	}
	return true;
}

/* Collectors before had none. */
static bool get_missing(struct json_object *object, struct ir_manifest *m, char **error)
{
	struct json_object *missing;

	if (!json_object_object_get_ex(object, "missing", &missing))
		return true;
	if (!json_object_is_type(missing, json_type_object) ||
	    json_object_object_length(missing) > IR_MISSING_MAX) {
		*error = ir_copy("missing is no map of names to reasons");
		return false;
	}
	json_object_object_foreach(missing, name, value)
	{
		const char *why = text_of(missing, name, WHY_MAX);

		(void)value;
		if (!ir_file_name(name) || !why) {
			IR_FREE char *shown = ir_escape(name, strlen(name));

			*error = ir_text("missing file %.80s: no plain name, or no reason", shown);
			return false;
		}
		ir_manifest_missing(m, name, why);
	}
	return true;
}

static bool get_all(struct json_object *object, struct ir_manifest *m, char **error)
{
	const char *schema = text_of(object, "schema", 64), *boot = text_of(object, "boot", 36);
	uint8_t nonce[IR_NONCE_MAX];

	if (!schema || strcmp(schema, IR_SCHEMA)) {
		*error = ir_text("schema is not %s", IR_SCHEMA);
		return false;
	}
	if (!boot || boot[strspn(boot, "0123456789abcdef-")]) {
		*error = ir_copy("boot is missing, or no boot id");
		return false;
	}
	snprintf(m->boot, sizeof(m->boot), "%s", boot);
	if (!get_text(object, "host", 256, &m->host, error) ||
	    !get_text(object, "kernel", 256, &m->kernel, error) ||
	    !get_text(object, "time", 40, &m->time, error) ||
	    !get_text(object, "tool", 64, &m->tool, error) ||
	    !get_text(object, "nonce", (size_t)2 * IR_NONCE_MAX, &m->nonce, error) ||
	    !get_text(object, "ak_name", (size_t)2 * (IR_DIGEST_MAX + 2), &m->ak_name, error) ||
	    !get_number(object, "lost", &m->lost, error) ||
	    !get_number(object, "violations", &m->violations, error) ||
	    !get_number(object, "count_before", &m->count_before, error) ||
	    !get_number(object, "count_after", &m->count_after, error) ||
	    !get_banks(object, m, error))
		return false;
	if (ir_unhex(m->nonce, strlen(m->nonce), nonce, sizeof(nonce)) < 0) {
		*error = ir_copy("nonce is no hex");
		return false;
	}
	return get_files(object, m, error) && get_missing(object, m, error);
}

int ir_manifest_parse(const char *text, size_t size, struct ir_manifest *manifest, char **error)
{
	struct json_tokener *tokener;
	struct json_object *object;
	bool whole, good;

	*manifest = (struct ir_manifest){ .lost = -1, .violations = -1 };
	*error = NULL;
	if (size > MANIFEST_MAX || memchr(text, 0, size)) {
		*error = ir_copy("it is too long, or holds a NUL");
		return -EBADMSG;
	}
	tokener = json_tokener_new_ex(8);
	if (!tokener)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, text, (int)size);
	whole = json_tokener_get_error(tokener) == json_tokener_success;
	for (size_t i = whole ? json_tokener_get_parse_end(tokener) : size; i < size; i++)
		whole = whole && (text[i] == '\n' || text[i] == ' ');
	json_tokener_free(tokener);
	if (!whole || !json_object_is_type(object, json_type_object)) {
		*error = ir_copy("it is not one JSON object");
		json_object_put(object);
		return -EBADMSG;
	}
	good = get_all(object, manifest, error);
	json_object_put(object);
	if (good)
		return 0;
	ir_manifest_free(manifest);
	return -EBADMSG;
}

static void put_number(struct json_object *object, const char *key, int64_t n)
{
	json_object_object_add(object, key, n < 0 ? NULL : json_object_new_int64(n));
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text ? text : ""));
}

char *ir_manifest_text(const struct ir_manifest *m)
{
	struct json_object *object = json_object_new_object(), *files = json_object_new_object(),
			   *banks = json_object_new_array();
	char *text;

	put_text(object, "schema", IR_SCHEMA);
	put_text(object, "tool", m->tool);
	put_text(object, "host", m->host);
	put_text(object, "boot", m->boot);
	put_text(object, "kernel", m->kernel);
	put_text(object, "time", m->time);
	put_text(object, "nonce", m->nonce);
	put_text(object, "ak_name", m->ak_name);
	for (size_t i = 0; i < m->n_banks; i++)
		json_object_array_add(banks, json_object_new_int(m->banks[i]));
	json_object_object_add(object, "banks", banks);
	put_number(object, "lost", m->lost);
	put_number(object, "violations", m->violations);
	put_number(object, "count_before", m->count_before);
	put_number(object, "count_after", m->count_after);
	for (size_t i = 0; i < m->n; i++)
		put_text(files, m->files[i].name, m->files[i].sha256);
	json_object_object_add(object, "files", files);
	if (m->n_missing) {
		struct json_object *missing = json_object_new_object();

		for (size_t i = 0; i < m->n_missing; i++)
			put_text(missing, m->missing[i].name, m->missing[i].why);
		json_object_object_add(object, "missing", missing);
	}
	text = ir_text("%s\n",
		       json_object_to_json_string_ext(
			       object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return text;
}

void ir_manifest_free(struct ir_manifest *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->files[i].name);
	free(m->files);
	for (size_t i = 0; i < m->n_missing; i++) {
		free(m->missing[i].name);
		free(m->missing[i].why);
	}
	free(m->missing);
	free(m->host);
	free(m->kernel);
	free(m->time);
	free(m->tool);
	free(m->nonce);
	free(m->ak_name);
	*m = (struct ir_manifest){ .lost = -1, .violations = -1 };
}

const struct ir_file *ir_manifest_file(const struct ir_manifest *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->files[i].name, name))
			return &m->files[i];
	return NULL;
}

static struct ir_missing *find_missing(const struct ir_manifest *m, const char *name)
{
	for (size_t i = 0; i < m->n_missing; i++)
		if (!strcmp(m->missing[i].name, name))
			return &m->missing[i];
	return NULL;
}

const char *ir_manifest_why(const struct ir_manifest *m, const char *name)
{
	const struct ir_missing *missing = find_missing(m, name);

	return missing ? missing->why : NULL;
}

void ir_manifest_missing(struct ir_manifest *m, const char *name, const char *why)
{
	if (m->n_missing == IR_MISSING_MAX || find_missing(m, name))
		return;
	m->missing = ir_array(m->missing, m->n_missing + 1, sizeof(*m->missing));
	m->missing[m->n_missing++] =
		(struct ir_missing){ ir_copy(name), ir_escape(why, strlen(why)) };
}

static void not_missing(struct ir_manifest *m, const char *name)
{
	struct ir_missing *missing = find_missing(m, name);

	if (!missing)
		return;
	free(missing->name);
	free(missing->why);
	*missing = m->missing[--m->n_missing];
}

FILE *ir_evidence_open(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	FILE *file;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return NULL;
	}
	file = fdopen(fd, "r");
	if (!file)
		close(fd);
	else
		setvbuf(file, NULL, _IOFBF, 65536);
	return file;
}

static EVP_MD_CTX *sum_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	return ctx;
}

static void sum_end(EVP_MD_CTX *ctx, char out[65])
{
	uint8_t digest[32];
	char *text;

	EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
	text = ir_hex(digest, sizeof(digest));
	memcpy(out, text, 65);
	free(text);
}

int ir_evidence_sum(int dir, const char *name, char out[65])
{
	IR_FCLOSE FILE *file = ir_evidence_open(dir, name);
	IR_FREE char *what = ir_text("checksum of %s, MiB", name);
	IR_FREE uint8_t *buf = ir_alloc(1 << 16);
	EVP_MD_CTX *ctx;
	struct stat st;
	uint64_t done = 0;
	size_t got;
	bool bad;

	if (!file)
		return -errno;
	if (fstat(fileno(file), &st))
		return -errno;
	ctx = sum_new();
	while ((got = fread(buf, 1, 1 << 16, file)) > 0) {
		EVP_DigestUpdate(ctx, buf, got);
		done += got;
		if (!(done & 0xfffff))
			ir_progress(what, done >> 20, (uint64_t)st.st_size >> 20);
	}
	bad = ferror(file);
	sum_end(ctx, out);
	return bad ? -EIO : 0;
}

int ir_store_begin(struct ir_store *store, int dir, struct ir_manifest *manifest, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	*store = (struct ir_store){ .manifest = manifest, .name = ir_copy(name) };
	store->file = fdopen(fd, "w");
	if (!store->file)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	store->sum = sum_new();
	return 0;
}

int ir_store_write(struct ir_store *store, const void *bytes, size_t size)
{
	EVP_DigestUpdate(store->sum, bytes, size);
	return fwrite(bytes, 1, size, store->file) == size ? 0 : -errno;
}

int ir_store_end(struct ir_store *store)
{
	struct ir_manifest *m = store->manifest;
	int rc = fclose(store->file) ? -errno : 0;

	not_missing(m, store->name);
	m->files = ir_array(m->files, m->n + 1, sizeof(*m->files));
	m->files[m->n].name = store->name;
	sum_end(store->sum, m->files[m->n].sha256);
	m->n++;
	return rc;
}

int ir_store_bytes(int dir, struct ir_manifest *manifest, const char *name, const void *bytes,
		   size_t size)
{
	struct ir_store store;
	int rc = ir_store_begin(&store, dir, manifest, name), end;

	if (rc)
		return rc;
	rc = ir_store_write(&store, bytes, size);
	end = ir_store_end(&store);
	return rc ? rc : end;
}

int ir_store_drop(int dir, struct ir_manifest *m, const char *name)
{
	if (m->n && !strcmp(m->files[m->n - 1].name, name))
		free(m->files[--m->n].name);
	return unlinkat(dir, name, 0) ? -errno : 0;
}

int ir_manifest_write(int dir, struct ir_manifest *manifest)
{
	IR_FREE char *text = ir_manifest_text(manifest), *sum = NULL;
	struct ir_manifest own = { 0 };
	int rc = ir_store_bytes(dir, &own, IR_MANIFEST, text, strlen(text));

	if (!rc) {
		sum = ir_text("%s  %s\n", own.files[0].sha256, IR_MANIFEST);
		rc = ir_store_bytes(dir, &own, IR_MANIFEST_SUM, sum, strlen(sum));
	}
	ir_manifest_free(&own);
	return rc;
}
