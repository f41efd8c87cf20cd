/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measurement lists as the kernel makes them, for tests; hashed by libcrypto without our code
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef BUILD_H
#define BUILD_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct build {
	uint8_t *p;
	size_t n;
	bool big_endian;
};

/* Room for @n bytes and one, in powers of two. */
static inline size_t build_room(size_t n)
{
	size_t room = 64;

	while (room <= n)
		room *= 2;
	return room;
}

static inline void build_put(struct build *b, const void *bytes, size_t size)
{
	if (!b->p || build_room(b->n + size) != build_room(b->n))
		b->p = realloc(b->p, build_room(b->n + size));
	if (size)
		memcpy(b->p + b->n, bytes, size);
	b->n += size;
}

static inline void build_u32(struct build *b, uint32_t n)
{
	uint8_t bytes[4];

	for (int i = 0; i < 4; i++)
		bytes[b->big_endian ? 3 - i : i] = (uint8_t)(n >> 8 * i);
	build_put(b, bytes, sizeof(bytes));
}

static inline void build_field(struct build *b, const void *bytes, size_t size)
{
	build_u32(b, (uint32_t)size);
	build_put(b, bytes, size);
}

static inline size_t build_hash(const char *hash, const void *bytes, size_t size, uint8_t *out)
{
	unsigned int n = 0;

	if (EVP_Digest(bytes, size, out, &n, EVP_get_digestbyname(hash), NULL) != 1)
		abort();
	return n;
}

/* d-ng: "sha256:" NUL digest */
static inline void build_d_ng(struct build *data, const char *hash, const uint8_t *digest,
			      size_t size)
{
	struct build field = { 0 };

	build_put(&field, hash, strlen(hash));
	build_put(&field, ":", 2);
	build_put(&field, digest, size);
	build_field(data, field.p, field.n);
	free(field.p);
}

/* Template data of ima-ng. */
static inline struct build build_ng(const char *path, const char *hash, const uint8_t *digest,
				    size_t size)
{
	struct build data = { 0 };

	build_d_ng(&data, hash, digest, size);
	build_field(&data, path, strlen(path) + 1);
	return data;
}

/* Of ima: digest and name, as in the list. */
static inline struct build build_legacy(const char *path, const uint8_t digest[20])
{
	struct build data = { 0 };

	build_put(&data, digest, 20);
	build_field(&data, path, strlen(path));
	return data;
}

/* The template digest that the kernel would store; @padded: it lacks the hash. */
static inline size_t build_digest(const char *hash, const char *template, const struct build *data,
				  bool padded, uint8_t out[64])
{
	uint8_t legacy[276] = { 0 };
	const void *bytes = data->p;
	size_t size = data->n, full = (size_t)EVP_MD_get_size(EVP_get_digestbyname(hash));

	if (!strcmp(template, "ima")) {
		memcpy(legacy, data->p, 20);
		memcpy(legacy + 20, data->p + 24, data->n - 24);
		bytes = legacy;
		size = sizeof(legacy);
	}
	memset(out, 0, 64);
	build_hash(padded ? "sha1" : hash, bytes, size, out);
	return full;
}

static inline void build_entry(struct build *list, const char *hash, uint32_t pcr,
			       const char *template, const struct build *data, bool violation,
			       bool padded)
{
	uint8_t digest[64] = { 0 };
	size_t size = build_digest(hash, template, data, padded, digest);

	if (violation)
		memset(digest, 0, sizeof(digest));
	build_u32(list, pcr);
	build_put(list, digest, size);
	build_u32(list, (uint32_t)strlen(template));
	build_put(list, template, strlen(template));
	if (strcmp(template, "ima"))
		build_u32(list, (uint32_t)data->n);
	build_put(list, data->p, data->n);
}

#endif /* BUILD_H */
