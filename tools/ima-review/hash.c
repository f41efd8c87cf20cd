// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hashes by the kernel's name, the TPM's number and libcrypto's name
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <openssl/evp.h>
#include <string.h>

#include "ima-review.h"

/* hash_algo_name[] of the kernel */
static const struct ir_hash hashes[] = {
	{ "sha1", 0x0004, 20, "SHA1" },
	{ "sha256", 0x000b, 32, "SHA256" },
	{ "sha384", 0x000c, 48, "SHA384" },
	{ "sha512", 0x000d, 64, "SHA512" },
	{ "sm3", 0x0012, 32, "SM3" },
	{ "sha3-256", 0x0027, 32, "SHA3-256" },
	{ "sha3-384", 0x0028, 48, "SHA3-384" },
	{ "sha3-512", 0x0029, 64, "SHA3-512" },
	{ "md4", 0, 16, NULL },
	{ "md5", 0, 16, NULL },
	{ "rmd128", 0, 16, NULL },
	{ "rmd160", 0, 20, NULL },
	{ "rmd256", 0, 32, NULL },
	{ "rmd320", 0, 40, NULL },
	{ "sha224", 0, 28, "SHA224" },
	{ "wp256", 0, 32, NULL },
	{ "wp384", 0, 48, NULL },
	{ "wp512", 0, 64, NULL },
	{ "tgr128", 0, 16, NULL },
	{ "tgr160", 0, 20, NULL },
	{ "tgr192", 0, 24, NULL },
	{ "streebog256", 0, 32, NULL },
	{ "streebog512", 0, 64, NULL },
};
#define HASHES (sizeof(hashes) / sizeof(*hashes))

const struct ir_hash *ir_hash_named(const char *name, size_t length)
{
	for (size_t i = 0; i < HASHES; i++)
		if (strlen(hashes[i].name) == length && !memcmp(hashes[i].name, name, length))
			return &hashes[i];
	return NULL;
}

const struct ir_hash *ir_hash_of_tpm(uint16_t alg)
{
	for (size_t i = 0; alg && i < HASHES; i++)
		if (hashes[i].tpm == alg)
			return &hashes[i];
	return NULL;
}

/* fetching costs more than hashing: once per hash */
static const EVP_MD *fetched(const struct ir_hash *hash)
{
	static EVP_MD *mds[HASHES];
	size_t i = (size_t)(hash - hashes);

	if (!mds[i] && hash->openssl)
		mds[i] = EVP_MD_fetch(NULL, hash->openssl, NULL);
	return mds[i];
}

bool ir_hash_works(const struct ir_hash *hash)
{
	return fetched(hash) != NULL;
}

static EVP_MD_CTX *begun(const struct ir_hash *hash)
{
	static EVP_MD_CTX *ctx;
	const EVP_MD *md = fetched(hash);

	if (!ctx)
		ctx = EVP_MD_CTX_new();
	return ctx && md && EVP_DigestInit_ex(ctx, md, NULL) ? ctx : NULL;
}

bool ir_digest(const struct ir_hash *hash, const void *data, size_t size, uint8_t *out)
{
	EVP_MD_CTX *ctx = begun(hash);

	return ctx && EVP_DigestUpdate(ctx, data, size) && EVP_DigestFinal_ex(ctx, out, NULL);
}

bool ir_extend(const struct ir_hash *hash, uint8_t *pcr, const uint8_t *digest)
{
	EVP_MD_CTX *ctx = begun(hash);

	return ctx && EVP_DigestUpdate(ctx, pcr, hash->size) &&
	       EVP_DigestUpdate(ctx, digest, hash->size) && EVP_DigestFinal_ex(ctx, pcr, NULL);
}

bool ir_is_filled(const uint8_t *bytes, size_t size, uint8_t with)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != with)
			return false;
	return true;
}
