// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Quotes: real ones, cut ones, changed ones
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "evidence.h"
#include "quote_vectors.h"

static void a_quote_is_decoded(void)
{
	static const uint8_t nonce[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	struct ir_quote q;

	unit_int(0, ir_quote_decode(ecc_message, sizeof(ecc_message), &q));
	unit_int(0xff544347, q.magic);
	unit_int(0x8018, q.type);
	unit_int(sizeof(nonce), q.nonce_size);
	unit_bytes(nonce, q.nonce, sizeof(nonce));
	unit_int(2, q.selection.n);
	unit_int(0x0004, q.selection.banks[0].alg);
	unit_int(0x000b, q.selection.banks[1].alg);
	unit_int(0x7ff, q.selection.banks[0].selected);
	unit_true(!q.selection_odd);
	unit_int(32, q.digest_size);
}

static void a_quote_cut_anywhere_is_none(void)
{
	for (size_t n = 0; n < sizeof(ecc_message); n++) {
		struct ir_quote q;
		uint8_t *exact = malloc(n + 1);

		memcpy(exact, ecc_message, n);
		exact[n] = 0xff;
		unit_int(-EBADMSG, ir_quote_decode(exact, n, &q));
		free(exact);
	}
}

/* What a size within claims is not what is there. */
static void sizes_within_are_not_trusted(void)
{
	uint8_t changed[sizeof(ecc_message) + 1];
	struct ir_quote q;

	/* size of qualifiedSigner */
	memcpy(changed, ecc_message, sizeof(ecc_message));
	changed[6] = 0xff;
	unit_int(-EBADMSG, ir_quote_decode(changed, sizeof(ecc_message), &q));
	/* size of extraData */
	memcpy(changed, ecc_message, sizeof(ecc_message));
	changed[8 + 34] = 0xff;
	unit_int(-EBADMSG, ir_quote_decode(changed, sizeof(ecc_message), &q));
	/* more than there should be */
	memcpy(changed, ecc_message, sizeof(ecc_message));
	changed[sizeof(ecc_message)] = 0;
	unit_int(-EBADMSG, ir_quote_decode(changed, sizeof(changed), &q));
}

static bool signed_by(const uint8_t *public, size_t public_size, const uint8_t *message,
		      size_t size, const uint8_t *signature, size_t signature_size,
		      const char **error)
{
	struct ir_key key;
	uint16_t hash;
	bool good;

	unit_int(0, ir_key_public(public, public_size, &key));
	unit_true(key.has_attributes);
	unit_true(key.restricted);
	unit_int(0x000b, key.hash);
	good = ir_quote_signed(&key, message, size, signature, signature_size, &hash, error);
	ir_key_free(&key);
	return good;
}

static void signatures_are_checked(void)
{
	const char *error;

	unit_true(signed_by(ecc_public, sizeof(ecc_public), ecc_message, sizeof(ecc_message),
			    ecc_signature, sizeof(ecc_signature), &error));
	unit_true(signed_by(rsa_public, sizeof(rsa_public), rsa_message, sizeof(rsa_message),
			    rsa_signature, sizeof(rsa_signature), &error));
	unit_true(!signed_by(ecc_public, sizeof(ecc_public), rsa_message, sizeof(rsa_message),
			     rsa_signature, sizeof(rsa_signature), &error));
	unit_text("the signature is of another kind than the key", error);
	unit_true(!signed_by(ecc_public, sizeof(ecc_public), rsa_message, sizeof(rsa_message),
			     ecc_signature, sizeof(ecc_signature), &error));
	unit_text("the signature is not by this key over this quote", error);
}

static void every_bit_of_a_quote_is_signed(void)
{
	struct ir_key key;
	uint16_t hash;
	const char *error;
	uint8_t changed[sizeof(ecc_message)];

	unit_int(0, ir_key_public(ecc_public, sizeof(ecc_public), &key));
	for (size_t i = 0; i < sizeof(ecc_message); i++) {
		memcpy(changed, ecc_message, sizeof(changed));
		changed[i] ^= (uint8_t)(1 << i % 8);
		unit_true(!ir_quote_signed(&key, changed, sizeof(changed), ecc_signature,
					   sizeof(ecc_signature), &hash, &error));
	}
	ir_key_free(&key);
}

static void a_signature_cut_or_changed_is_none(void)
{
	struct ir_key key;
	uint16_t hash;
	const char *error;
	uint8_t changed[sizeof(ecc_signature)];

	unit_int(0, ir_key_public(ecc_public, sizeof(ecc_public), &key));
	for (size_t n = 0; n < sizeof(ecc_signature); n++)
		unit_true(!ir_quote_signed(&key, ecc_message, sizeof(ecc_message), ecc_signature, n,
					   &hash, &error));
	for (size_t i = 0; i < sizeof(ecc_signature); i++) {
		memcpy(changed, ecc_signature, sizeof(changed));
		changed[i] ^= 1;
		unit_true(!ir_quote_signed(&key, ecc_message, sizeof(ecc_message), changed,
					   sizeof(changed), &hash, &error));
	}
	/* SHA-1 is too weak, whoever says it */
	memcpy(changed, ecc_signature, sizeof(changed));
	changed[3] = 0x04;
	unit_true(!ir_quote_signed(&key, ecc_message, sizeof(ecc_message), changed, sizeof(changed),
				   &hash, &error));
	unit_text("the hash of the signature is unknown, or too weak", error);
	changed[3] = 0x0c;
	unit_true(!ir_quote_signed(&key, ecc_message, sizeof(ecc_message), changed, sizeof(changed),
				   &hash, &error));
	unit_text("the hash of the signature is not the one of the key", error);
	ir_key_free(&key);
}

static void keys_have_the_tpms_name(void)
{
	struct ir_key key, pem;
	char *name, *text, *with_name;

	unit_int(0, ir_key_file(ecc_public, sizeof(ecc_public), &key));
	name = ir_hex(key.name, key.name_size);
	unit_text(ecc_name, name);
	text = ir_key_pem(&key);
	unit_int(0, ir_key_file((uint8_t *)text, strlen(text), &pem));
	unit_true(ir_key_same(&key, &pem));
	unit_true(!pem.has_attributes);
	unit_int(0, pem.name_size);
	ir_key_free(&pem);
	with_name = ir_text("handle: 0x81004149\nname: %s\n%s", name, text);
	unit_int(0, ir_key_file((uint8_t *)with_name, strlen(with_name), &pem));
	unit_int(key.name_size, pem.name_size);
	unit_bytes(key.name, pem.name, key.name_size);
	ir_key_free(&pem);
	unit_int(-EBADMSG, ir_key_file((uint8_t *)"no key", 6, &pem));
	unit_int(-EBADMSG, ir_key_file((uint8_t *)"-----BEGIN PUBLIC KEY-----\n", 27, &pem));
	for (size_t n = 0; n < sizeof(ecc_public); n++)
		unit_int(-EBADMSG, ir_key_public(ecc_public, n, &pem));
	ir_key_free(&key);
}

/* What stands behind "name:" is a name of that kind of key, or the file is refused. */
static void a_name_that_is_none_is_refused(void)
{
	static const struct {
		const char *name;
		int rc;
	} table[] = {
		{ "name: %s", 0 },
		{ "name:%s\r", 0 },
		{ "name:\t%s ", 0 },
		{ "nickname: x", 0 },
		{ "name:", -EINVAL },
		{ "name: ", -EINVAL },
		{ "name: 000b", -EINVAL },
		{ "name: 000b00", -EINVAL },
		{ "name: 0x%s", -EINVAL },
		{ "name: %sff", -EINVAL },
		{ "name: %s of host", -EINVAL },
		{ "name: ffff%s", -EINVAL },
	};
	struct ir_key key, pem;
	char *text;

	unit_int(0, ir_key_public(ecc_public, sizeof(ecc_public), &key));
	text = ir_key_pem(&key);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const char *hex = strstr(table[i].name, "%s");
		char *file = ir_text("%.*s%s%s\n%s",
				     hex ? (int)(hex - table[i].name) : (int)strlen(table[i].name),
				     table[i].name, hex ? ecc_name : "", hex ? hex + 2 : "", text);

		unit_int(table[i].rc, ir_key_file((uint8_t *)file, strlen(file), &pem));
		unit_int(hex && !table[i].rc ? key.name_size : 0, pem.name_size);
		ir_key_free(&pem);
		free(file);
	}
	free(text);
	ir_key_free(&key);
}

static void put_file(int dir, const char *name, const void *bytes, size_t size)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	unit_true(write(fd, bytes, size) == (ssize_t)size);
	close(fd);
}

/* Check 1 of a real quote, its key pinned by a file that holds @pin. */
static void review_pinned(const void *pin, size_t size)
{
	char *error = NULL, *ak;
	int dir;

	begin();
	add_boot(boot_pcrs, 10, false);
	evidence(1);
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	put_file(dir, IR_QUOTE_MSG, ecc_message, sizeof(ecc_message));
	put_file(dir, IR_QUOTE_SIG, ecc_signature, sizeof(ecc_signature));
	put_file(dir, IR_AK_PUBLIC, ecc_public, sizeof(ecc_public));
	put_file(dir, "pin", pin, size);
	ak = ir_text("%s/pin", folder);
	review = (struct ir_review){ .folder = folder, .dir = -1, .ak_file = ak };
	unit_int(0, ir_review_run(&review, &error));
	unlinkat(dir, IR_QUOTE_MSG, 0);
	unlinkat(dir, IR_QUOTE_SIG, 0);
	unlinkat(dir, IR_AK_PUBLIC, 0);
	unlinkat(dir, "pin", 0);
	close(dir);
	free(ak);
}

static void a_pin_without_a_name_is_told(void)
{
	const struct ir_check *check = &review.checks[IR_CHECK_SIGNATURE];
	struct ir_key key;
	char *text, *with_name;

	unit_int(0, ir_key_public(ecc_public, sizeof(ecc_public), &key));
	text = ir_key_pem(&key);
	with_name = ir_text("name: %s\n%s", ecc_name, text);
	review_pinned(text, strlen(text));
	unit_int(IR_HOLDS, check->state);
	unit_int(1, check->n_findings);
	unit_true(strstr(check->findings[0], "the pinned key has no name"));
	end();
	review_pinned(with_name, strlen(with_name));
	unit_int(IR_HOLDS, check->state);
	unit_int(0, check->n_findings);
	end();
	/* all of the public area */
	review_pinned(ecc_public, sizeof(ecc_public));
	unit_int(IR_HOLDS, check->state);
	unit_int(0, check->n_findings);
	end();
	free(text);
	free(with_name);
	ir_key_free(&key);
}

/* Attributes are the third word: fixedTPM 2, fixedParent 0x10, sensitiveDataOrigin 0x20,
 * restricted 0x10000, decrypt 0x20000, sign 0x40000.
 */
static void only_restricted_keys_count(void)
{
	static const uint32_t flips[] = { 0x2, 0x10, 0x20, 0x10000, 0x20000, 0x40000 };

	for (size_t i = 0; i < sizeof(flips) / sizeof(*flips); i++) {
		uint8_t changed[sizeof(ecc_public)];
		struct ir_key key;

		memcpy(changed, ecc_public, sizeof(changed));
		for (int b = 0; b < 4; b++)
			changed[2 + 4 + b] ^= (uint8_t)(flips[i] >> (24 - 8 * b));
		if (ir_key_public(changed, sizeof(changed), &key))
			continue;
		unit_true(!key.restricted);
		ir_key_free(&key);
	}
}

static void pcrs_are_as_tpm2_quote_writes_them(void)
{
	struct ir_pcrs pcrs;
	uint8_t *bytes;
	size_t size;

	unit_int(0, ir_pcrs_parse(quote_pcrs, sizeof(quote_pcrs), &pcrs));
	unit_int(2, pcrs.n);
	unit_int(20, ir_pcrs_bank(&pcrs, 4)->size[10]);
	unit_int(32, ir_pcrs_bank(&pcrs, 0xb)->size[10]);
	unit_int(0, ir_pcrs_bank(&pcrs, 0xb)->size[11]);
	unit_true(!ir_pcrs_bank(&pcrs, 0xc));
	bytes = ir_pcrs_bytes(&pcrs, &size);
	unit_int(sizeof(quote_pcrs), size);
	unit_bytes(quote_pcrs, bytes, size);
	free(bytes);
}

static void pcrs_cut_or_changed_are_none(void)
{
	uint8_t changed[sizeof(quote_pcrs)];
	struct ir_pcrs pcrs;

	for (size_t n = 0; n < sizeof(quote_pcrs); n++)
		unit_int(-EBADMSG, ir_pcrs_parse(quote_pcrs, n, &pcrs));
#define CHANGE(AT, VALUE)                                                                          \
	(memcpy(changed, quote_pcrs, sizeof(changed)), changed[AT] = (VALUE),                      \
	 ir_pcrs_parse(changed, sizeof(changed), &pcrs))
	unit_int(-EBADMSG, CHANGE(0, 17)); /* banks */
	unit_int(-EBADMSG, CHANGE(3, 0xff));
	unit_int(-EBADMSG, CHANGE(4 + 2, 4));	 /* bytes of a selection */
	unit_int(-EBADMSG, CHANGE(4 + 3, 0xfe)); /* one PCR fewer than values */
	unit_int(-EBADMSG, CHANGE(4 + 5, 0xff)); /* eight more */
	unit_int(-EBADMSG, CHANGE(132, 2));	 /* lists */
	unit_int(-EBADMSG, CHANGE(135, 0x80));
	unit_int(-EBADMSG, CHANGE(136, 9));  /* values of a list */
	unit_int(-EBADMSG, CHANGE(140, 65)); /* bytes of a value */
}

static const struct unit_test tests[] = {
	TEST(a_quote_is_decoded),
	TEST(a_quote_cut_anywhere_is_none),
	TEST(sizes_within_are_not_trusted),
	TEST(signatures_are_checked),
	TEST(every_bit_of_a_quote_is_signed),
	TEST(a_signature_cut_or_changed_is_none),
	TEST(keys_have_the_tpms_name),
	TEST(a_name_that_is_none_is_refused),
	TEST(a_pin_without_a_name_is_told),
	TEST(only_restricted_keys_count),
	TEST(pcrs_are_as_tpm2_quote_writes_them),
	TEST(pcrs_cut_or_changed_are_none),
};

UNIT(tests)
