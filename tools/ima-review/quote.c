// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Quotes: decoded with tss2-mu, checked with libcrypto, so a verifier needs no TPM
 *
 * The size given to the decoder is that of the file. Sizes within are its concern, and it knows
 * the room of its structures.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "ima-review.h"
#include "tss.h"

/* ---- PCR values ---- */

/* TPML_PCR_SELECTION and TPML_DIGEST as tpm2-tools writes them: the structures of the library, in
 * little endian, with the room that their arrays have.
 */
#define SELECTION_SIZE 8
#define SELECTIONS     (4 + IR_BANKS * SELECTION_SIZE)
#define DIGESTS	       8
#define DIGEST_SIZE    (2 + IR_DIGEST_MAX)
#define DIGEST_LIST    (4 + DIGESTS * DIGEST_SIZE)
#define PCR_LISTS_MAX  (IR_BANKS * 24)

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static void put32(uint8_t *p, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(n >> 8 * i);
}

static void put16(uint8_t *p, uint16_t n)
{
	p[0] = (uint8_t)n;
	p[1] = (uint8_t)(n >> 8);
}

static int parse_selection(const uint8_t *bytes, struct ir_pcrs *pcrs)
{
	uint32_t n = get32(bytes);

	if (n > IR_BANKS)
		return -EBADMSG;
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *p = bytes + 4 + i * SELECTION_SIZE;

		if (p[2] > 3)
			return -EBADMSG;
		pcrs->banks[i].alg = get16(p);
		for (int j = 0; j < p[2]; j++)
			pcrs->banks[i].selected |= (uint32_t)p[3 + j] << 8 * j;
	}
	pcrs->n = n;
	return 0;
}

int ir_pcrs_parse(const uint8_t *bytes, size_t size, struct ir_pcrs *pcrs)
{
	uint32_t lists, list = 0, in_list = 0, have = 0;
	const uint8_t *p;

	*pcrs = (struct ir_pcrs){ 0 };
	if (size < SELECTIONS + 4 || parse_selection(bytes, pcrs))
		return -EBADMSG;
	lists = get32(bytes + SELECTIONS);
	if (lists > PCR_LISTS_MAX || size != SELECTIONS + 4 + (size_t)lists * DIGEST_LIST)
		return -EBADMSG;
	p = bytes + SELECTIONS + 4;
	for (size_t i = 0; i < pcrs->n; i++) {
		struct ir_bank_pcrs *bank = &pcrs->banks[i];

		for (int pcr = 0; pcr < 24; pcr++) {
			const uint8_t *digest;

			if (!(bank->selected >> pcr & 1))
				continue;
			while (in_list == have) {
				if (list == lists)
					return -EBADMSG;
				have = get32(p + (size_t)list * DIGEST_LIST);
				if (have > DIGESTS)
					return -EBADMSG;
				list++;
				in_list = 0;
			}
			digest = p + (size_t)(list - 1) * DIGEST_LIST + 4 + in_list * DIGEST_SIZE;
			if (get16(digest) > IR_DIGEST_MAX)
				return -EBADMSG;
			bank->size[pcr] = get16(digest);
			memcpy(bank->value[pcr], digest + 2, bank->size[pcr]);
			in_list++;
		}
	}
	return in_list == have && list == lists ? 0 : -EBADMSG;
}

uint8_t *ir_pcrs_bytes(const struct ir_pcrs *pcrs, size_t *size)
{
	uint8_t *bytes = ir_alloc(SELECTIONS + 4 + (size_t)PCR_LISTS_MAX * DIGEST_LIST), *list;
	uint32_t lists = 0, in_list = DIGESTS;

	put32(bytes, (uint32_t)pcrs->n);
	list = bytes + SELECTIONS + 4 - DIGEST_LIST;
	for (size_t i = 0; i < pcrs->n; i++) {
		const struct ir_bank_pcrs *bank = &pcrs->banks[i];
		uint8_t *p = bytes + 4 + i * SELECTION_SIZE;

		put16(p, bank->alg);
		p[2] = 3;
		for (int j = 0; j < 3; j++)
			p[3 + j] = (uint8_t)(bank->selected >> 8 * j);
		for (int pcr = 0; pcr < 24; pcr++) {
			uint8_t *digest;

			if (!(bank->selected >> pcr & 1))
				continue;
			if (in_list == DIGESTS) {
				list += DIGEST_LIST;
				lists++;
				in_list = 0;
			}
			digest = list + 4 + in_list * DIGEST_SIZE;
			put16(digest, (uint16_t)bank->size[pcr]);
			memcpy(digest + 2, bank->value[pcr], bank->size[pcr]);
			put32(list, ++in_list);
		}
	}
	put32(bytes + SELECTIONS, lists);
	*size = SELECTIONS + 4 + (size_t)lists * DIGEST_LIST;
	return bytes;
}

const struct ir_bank_pcrs *ir_pcrs_bank(const struct ir_pcrs *pcrs, uint16_t alg)
{
	for (size_t i = 0; i < pcrs->n; i++)
		if (pcrs->banks[i].alg == alg)
			return &pcrs->banks[i];
	return NULL;
}

/* ---- the quote ---- */

static void selection_of(const TPML_PCR_SELECTION *from, struct ir_quote *quote)
{
	for (UINT32 i = 0; i < from->count && i < TPM2_NUM_PCR_BANKS; i++) {
		const TPMS_PCR_SELECTION *s = &from->pcrSelections[i];
		struct ir_bank_pcrs *bank = &quote->selection.banks[i];

		bank->alg = s->hash;
		for (int j = 0; j < s->sizeofSelect && j < TPM2_PCR_SELECT_MAX; j++) {
			if (j < 3)
				bank->selected |= (uint32_t)s->pcrSelect[j] << 8 * j;
			else if (s->pcrSelect[j])
				quote->selection_odd = true;
		}
		for (UINT32 k = 0; k < i; k++)
			if (quote->selection.banks[k].alg == bank->alg)
				quote->selection_odd = true;
		quote->selection.n = i + 1;
	}
	if (from->count > TPM2_NUM_PCR_BANKS)
		quote->selection_odd = true;
}

int ir_quote_decode(const uint8_t *message, size_t size, struct ir_quote *quote)
{
	IR_FREE char *error = NULL;
	const struct ir_tss *tss = ir_tss_mu(&error);
	TPMS_ATTEST attest = { 0 };
	const TPMS_QUOTE_INFO *info = &attest.attested.quote;
	size_t offset = 0;

	*quote = (struct ir_quote){ 0 };
	if (!tss)
		return -ENOSYS;
	if (tss->Tss2_MU_TPMS_ATTEST_Unmarshal(message, size, &offset, &attest) || offset != size)
		return -EBADMSG;
	quote->magic = attest.magic;
	quote->type = attest.type;
	if (attest.extraData.size > sizeof(quote->nonce))
		return -EBADMSG;
	quote->nonce_size = attest.extraData.size;
	memcpy(quote->nonce, attest.extraData.buffer, attest.extraData.size);
	quote->clock = attest.clockInfo.clock;
	quote->resets = attest.clockInfo.resetCount;
	quote->restarts = attest.clockInfo.restartCount;
	if (attest.type != TPM2_ST_ATTEST_QUOTE)
		return 0;
	selection_of(&info->pcrSelect, quote);
	if (info->pcrDigest.size > sizeof(quote->digest))
		return -EBADMSG;
	quote->digest_size = info->pcrDigest.size;
	memcpy(quote->digest, info->pcrDigest.buffer, info->pcrDigest.size);
	return 0;
}

/* ---- keys ---- */

static EVP_PKEY *made(const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *key = NULL;

	if (ctx && params && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *ecc_key(const TPMT_PUBLIC *public)
{
	const TPM2B_ECC_PARAMETER *x = &public->unique.ecc.x, *y = &public->unique.ecc.y;
	const char *group;
	size_t size;
	uint8_t point[1 + 2 * 66] = { 4 };
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key = NULL;

	switch (public->parameters.eccDetail.curveID) {
	case TPM2_ECC_NIST_P256:
		group = "P-256";
		size = 32;
		break;
	case TPM2_ECC_NIST_P384:
		group = "P-384";
		size = 48;
		break;
	case TPM2_ECC_NIST_P521:
		group = "P-521";
		size = 66;
		break;
	default:
		return NULL;
	}
	if (x->size > size || y->size > size)
		return NULL;
	memcpy(point + 1 + size - x->size, x->buffer, x->size);
	memcpy(point + 1 + 2 * size - y->size, y->buffer, y->size);
	build = OSSL_PARAM_BLD_new();
	if (build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size))
		key = made("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

static EVP_PKEY *rsa_key(const TPMT_PUBLIC *public)
{
	const TPM2B_PUBLIC_KEY_RSA *modulus = &public->unique.rsa;
	UINT32 exponent = public->parameters.rsaDetail.exponent;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(modulus->buffer, modulus->size, NULL), *e = BN_new();
	EVP_PKEY *key = NULL;

	if (build && n && e && modulus->size >= 128 &&
	    BN_set_word(e, exponent ? exponent : 65537) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
		key = made("RSA", build);
	BN_free(n);
	BN_free(e);
	OSSL_PARAM_BLD_free(build);
	return key;
}

static bool name_of(const struct ir_tss *tss, const TPMT_PUBLIC *public, struct ir_key *key)
{
	const struct ir_hash *hash = ir_hash_of_tpm(public->nameAlg);
	uint8_t bytes[sizeof(TPMT_PUBLIC)];
	size_t offset = 0;

	if (!hash || tss->Tss2_MU_TPMT_PUBLIC_Marshal(public, bytes, sizeof(bytes), &offset) ||
	    !ir_digest(hash, bytes, offset, key->name + 2))
		return false;
	key->name[0] = (uint8_t)(public->nameAlg >> 8);
	key->name[1] = (uint8_t) public->nameAlg;
	key->name_size = hash->size + 2u;
	return true;
}

int ir_key_public(const uint8_t *bytes, size_t size, struct ir_key *key)
{
	const TPMA_OBJECT need = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT |
				 TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
				 TPMA_OBJECT_SENSITIVEDATAORIGIN;
	IR_FREE char *error = NULL;
	const struct ir_tss *tss = ir_tss_mu(&error);
	TPM2B_PUBLIC public = { 0 };
	const TPMT_PUBLIC *area = &public.publicArea;
	size_t offset = 0;

	*key = (struct ir_key){ 0 };
	if (!tss)
		return -ENOSYS;
	if (tss->Tss2_MU_TPM2B_PUBLIC_Unmarshal(bytes, size, &offset, &public) || offset != size)
		return -EBADMSG;
	switch (area->type) {
	case TPM2_ALG_ECC:
		key->pkey = ecc_key(area);
		key->type = "ECC";
		if (area->parameters.eccDetail.scheme.scheme == TPM2_ALG_ECDSA)
			key->hash = area->parameters.eccDetail.scheme.details.ecdsa.hashAlg;
		break;
	case TPM2_ALG_RSA:
		key->pkey = rsa_key(area);
		key->type = "RSA";
		if (area->parameters.rsaDetail.scheme.scheme == TPM2_ALG_RSASSA ||
		    area->parameters.rsaDetail.scheme.scheme == TPM2_ALG_RSAPSS)
			key->hash = area->parameters.rsaDetail.scheme.details.rsassa.hashAlg;
		break;
	}
	if (!key->pkey || !name_of(tss, area, key)) {
		ir_key_free(key);
		return -EBADMSG;
	}
	key->has_attributes = true;
	key->restricted = (area->objectAttributes & need) == need &&
			  !(area->objectAttributes & TPMA_OBJECT_DECRYPT);
	return 0;
}

/* "name: 000b..." in what enroll prints; false if there is such a line and no name of a key in it
 */
static bool named(const char *text, struct ir_key *key)
{
	const struct ir_hash *hash;
	const char *line = text;
	ssize_t size;

	while (line && strncmp(line, "name:", 5)) {
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	if (!line)
		return true;
	line += 5;
	line += strspn(line, " \t");
	size = ir_unhex(line, strcspn(line, " \t\r\n"), key->name, sizeof(key->name));
	hash = size > 2 ? ir_hash_of_tpm((uint16_t)(key->name[0] << 8 | key->name[1])) : NULL;
	line += strcspn(line, " \t\r\n");
	line += strspn(line, " \t\r");
	if (!hash || size != hash->size + 2 || (*line && *line != '\n'))
		return false;
	key->name_size = (size_t)size;
	return true;
}

int ir_key_file(const uint8_t *bytes, size_t size, struct ir_key *key)
{
	BIO *bio;
	int type;

	*key = (struct ir_key){ 0 };
	if (!memmem(bytes, size, "-----BEGIN ", 11))
		return ir_key_public(bytes, size, key);
	bio = BIO_new_mem_buf(bytes, (int)size);
	key->pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	if (!key->pkey)
		return -EBADMSG;
	type = EVP_PKEY_get_base_id(key->pkey);
	key->type = type == EVP_PKEY_EC ? "ECC" : type == EVP_PKEY_RSA ? "RSA" : NULL;
	if (!key->type) {
		ir_key_free(key);
		return -EBADMSG;
	}
	if (!named((const char *)bytes, key)) {
		ir_key_free(key);
		return -EINVAL;
	}
	return 0;
}

char *ir_key_pem(const struct ir_key *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long size;

	if (!bio || !PEM_write_bio_PUBKEY(bio, key->pkey))
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	size = BIO_get_mem_data(bio, &data);
	text = ir_text("%.*s", (int)size, data);
	BIO_free(bio);
	return text;
}

void ir_key_free(struct ir_key *key)
{
	EVP_PKEY_free(key->pkey);
	*key = (struct ir_key){ 0 };
}

bool ir_key_same(const struct ir_key *a, const struct ir_key *b)
{
	return a->pkey && b->pkey && EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}

/* ---- the signature ---- */

/* r and s as the DER that libcrypto wants */
static uint8_t *ecdsa_der(const TPMS_SIGNATURE_ECC *from, int *size)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(from->signatureR.buffer, from->signatureR.size, NULL);
	BIGNUM *s = BN_bin2bn(from->signatureS.buffer, from->signatureS.size, NULL);
	uint8_t *der = NULL;

	if (!sig || !r || !s || !ECDSA_SIG_set0(sig, r, s)) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(sig);
		return NULL;
	}
	*size = i2d_ECDSA_SIG(sig, &der);
	ECDSA_SIG_free(sig);
	return *size > 0 ? der : NULL;
}

static bool verified(EVP_PKEY *pkey, const struct ir_hash *hash, int padding,
		     const uint8_t *message, size_t size, const uint8_t *sig, size_t sig_size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool good;

	good = ctx &&
	       EVP_DigestVerifyInit_ex(ctx, &pctx, hash->openssl, NULL, NULL, pkey, NULL) == 1;
	if (good && padding)
		good = EVP_PKEY_CTX_set_rsa_padding(pctx, padding) == 1;
	if (good && padding == RSA_PKCS1_PSS_PADDING)
		good = EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_AUTO) == 1;
	good = good && EVP_DigestVerify(ctx, sig, sig_size, message, size) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

bool ir_quote_signed(const struct ir_key *key, const uint8_t *message, size_t size,
		     const uint8_t *signature, size_t signature_size, uint16_t *alg,
		     const char **error)
{
	IR_FREE char *why = NULL;
	const struct ir_tss *tss = ir_tss_mu(&why);
	TPMT_SIGNATURE sig = { 0 };
	const struct ir_hash *hash;
	const char *type;
	uint8_t *der = NULL;
	size_t offset = 0;
	int padding = 0, der_size = 0;
	bool good;

	*error = "the signature is no TPMT_SIGNATURE";
	if (!tss ||
	    tss->Tss2_MU_TPMT_SIGNATURE_Unmarshal(signature, signature_size, &offset, &sig) ||
	    offset != signature_size)
		return false;
	switch (sig.sigAlg) {
	case TPM2_ALG_ECDSA:
		type = "ECC";
		*alg = sig.signature.ecdsa.hash;
		break;
	case TPM2_ALG_RSASSA:
		type = "RSA";
		padding = RSA_PKCS1_PADDING;
		*alg = sig.signature.rsassa.hash;
		break;
	case TPM2_ALG_RSAPSS:
		type = "RSA";
		padding = RSA_PKCS1_PSS_PADDING;
		*alg = sig.signature.rsapss.hash;
		break;
	default:
		*error = "the signature is neither ECDSA nor RSASSA nor RSAPSS";
		return false;
	}
	hash = ir_hash_of_tpm(*alg);
	*error = "the hash of the signature is unknown, or too weak";
	if (!hash || *alg == TPM2_ALG_SHA1 || !ir_hash_works(hash))
		return false;
	*error = "the hash of the signature is not the one of the key";
	if (key->hash && key->hash != *alg)
		return false;
	*error = "the signature is of another kind than the key";
	if (strcmp(type, key->type))
		return false;
	*error = "the signature is not by this key over this quote";
	if (padding)
		return verified(key->pkey, hash, padding, message, size,
				sig.signature.rsassa.sig.buffer, sig.signature.rsassa.sig.size);
	der = ecdsa_der(&sig.signature.ecdsa, &der_size);
	good = der && verified(key->pkey, hash, 0, message, size, der, (size_t)der_size);
	OPENSSL_free(der);
	return good;
}
