// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measurement lists: every template in every hash, both byte orders, and whatever is cut or lies
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>

#include "../../libcontid/test/unit.h"
#include "../ima-review.h"
#include "build.h"
#include "vectors.h"

static struct ir_list list;
static struct ir_entry entry;
static FILE *opened;

static void open_bytes(const void *bytes, size_t size, const char *hash)
{
	if (opened) {
		ir_list_end(&list);
		fclose(opened);
	}
	/* fmemopen() of nothing fails */
	opened = size ? fmemopen((void *)bytes, size, "r") : fopen("/dev/null", "r");
	unit_true(opened);
	ir_list_begin(&list, opened, ir_hash_named(hash, strlen(hash)));
}

static void digests_are_the_kernels(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *v = &vectors[i];
		const struct ir_hash *hash = ir_hash_named(v->hash, strlen(v->hash));
		uint8_t data[512], want[64], pcr[64] = { 0 }, digest[64], ones[64];
		struct build bytes = { 0 };
		ssize_t n = ir_unhex(v->data, strlen(v->data), data, sizeof(data));

		unit_true(n > 0 && hash);
		ir_unhex(v->digest, strlen(v->digest), want, sizeof(want));
		build_u32(&bytes, 10);
		build_put(&bytes, want, hash->size);
		build_field(&bytes, v->template, strlen(v->template));
		if (!strcmp(v->template, "ima")) {
			build_put(&bytes, data, 20);
			build_field(&bytes, data + 20, (size_t)n - 20);
		} else {
			build_field(&bytes, data, (size_t)n);
		}
		open_bytes(bytes.p, bytes.n, v->hash);
		unit_int(1, ir_list_next(&list, &entry));
		unit_text(v->template, entry.template);
		unit_true(entry.known);
		unit_true(!entry.bad);
		unit_int(10, entry.pcr);
		unit_true(ir_entry_digest(&entry, hash, digest));
		unit_bytes(want, digest, hash->size);
		unit_int(6, entry.path_size);
		unit_bytes("/bin/a", entry.path, 6);
		unit_int(strcmp(v->template, "ima") ? 32 : 20, entry.file_digest_size);
		unit_int(7, entry.file_digest[0]);
		/* PCR 10 after it and after a violation */
		unit_true(ir_extend(hash, pcr, digest));
		memset(ones, 0xff, sizeof(ones));
		unit_true(ir_extend(hash, pcr, ones));
		ir_unhex(v->pcr, strlen(v->pcr), want, sizeof(want));
		unit_bytes(want, pcr, hash->size);
		unit_int(0, ir_list_next(&list, &entry));
		free(bytes.p);
	}
}

static struct build two_entries(bool big_endian)
{
	struct build out = { .big_endian = big_endian }, data = { .big_endian = big_endian };
	uint8_t digest[32] = { 1, 2, 3 };

	build_d_ng(&data, "sha256", digest, 32);
	build_field(&data, "/bin/a", 7);
	build_entry(&out, "sha256", 10, "ima-ng", &data, false, false);
	build_entry(&out, "sha256", 11, "ima-ng", &data, true, false);
	free(data.p);
	return out;
}

static void both_byte_orders_are_read(void)
{
	for (int big = 0; big < 2; big++) {
		struct build bytes = two_entries(big);
		uint8_t digest[64];

		/* the field length within the data of a big-endian list is big-endian, too */
		open_bytes(bytes.p, bytes.n, "sha256");
		unit_int(1, ir_list_next(&list, &entry));
		unit_int(10, entry.pcr);
		unit_int(big, entry.big_endian);
		unit_true(!entry.violation);
		unit_true(ir_entry_digest(&entry, list.hash, digest));
		unit_bytes(entry.digest, digest, 32);
		unit_int(1, ir_list_next(&list, &entry));
		unit_int(11, entry.pcr);
		unit_true(entry.violation);
		unit_int(2, entry.number);
		unit_int(0, ir_list_next(&list, &entry));
		free(bytes.p);
	}
}

static void a_list_cut_anywhere_is_named(void)
{
	struct build bytes = two_entries(false);
	size_t half = bytes.n / 2;

	for (size_t n = 0; n <= bytes.n; n++) {
		int entries = 0, rc;

		open_bytes(bytes.p, n, "sha256");
		while ((rc = ir_list_next(&list, &entry)) == 1)
			entries++;
		unit_int(n / half, entries);
		unit_int(n % half ? -EBADMSG : 0, rc);
		unit_int(n % half != 0, list.error != NULL);
		/* it stays so */
		unit_int(rc, ir_list_next(&list, &entry));
	}
	free(bytes.p);
}

static const char *error_of(const struct build *bytes)
{
	open_bytes(bytes->p, bytes->n, "sha1");
	unit_int(-EBADMSG, ir_list_next(&list, &entry));
	return list.error;
}

static void lengths_are_never_trusted(void)
{
	static const uint8_t digest[20] = { 1 };
	struct build head = { 0 }, b;

	build_u32(&head, 10);
	build_put(&head, digest, 20);
#define LIKE_HEAD (b = (struct build){ 0 }, build_put(&b, head.p, head.n), (void)0)
	LIKE_HEAD;
	build_u32(&b, 0);
	unit_text("a template's name of impossible length", error_of(&b));
	LIKE_HEAD;
	build_u32(&b, 0x01010101);
	unit_text("a template's name of impossible length", error_of(&b));
	LIKE_HEAD;
	build_u32(&b, UINT32_MAX);
	unit_text("a template's name of impossible length", error_of(&b));
	LIKE_HEAD;
	build_field(&b, "ima-ng", 6);
	build_u32(&b, UINT32_MAX);
	unit_text("template data of more than 16 MiB", error_of(&b));
	LIKE_HEAD;
	build_field(&b, "ima-ng", 6);
	build_u32(&b, IR_DATA_MAX);
	unit_text("it ends within template data", error_of(&b));
	/* not the memory that was claimed */
	unit_true(list.room < 1 << 20);
	LIKE_HEAD;
	build_field(&b, "ima ng", 6);
	unit_text("a template's name that is no word", error_of(&b));
	LIKE_HEAD;
	build_field(&b, "ima", 3);
	build_put(&b, digest, 20);
	build_u32(&b, 256);
	unit_text("a name of template ima longer than 255 bytes", error_of(&b));
}

struct odd {
	const char *template, *data, *bad;
};
static const struct odd odds[] = {
	{ "ima-ng", "", "the template data ends before the length of a field" },
	{ "ima-ng", "ffffffff", "a field is longer than the template data" },
	{ "ima-ng",
	  "00000000"
	  "00000000"
	  "00",
	  "there is more template data than fields" },
	{ "ima-ng",
	  "00000000"
	  "02000000"
	  "6100",
	  "a digest without the name of its hash" },
	{ "ima-ng",
	  "05000000"
	  "7368613100"
	  "02000000"
	  "6100",
	  "a digest without the name of its hash" },
	{ "ima-ng",
	  "06000000"
	  "736861313a00"
	  "02000000"
	  "6100",
	  "a digest of another length than its hash" },
	{ "ima-ng",
	  "06000000"
	  "786861313a00"
	  "02000000"
	  "6100",
	  "a digest of an unknown hash" },
	{ "ima-ngv2",
	  "06000000"
	  "736861313a00"
	  "02000000"
	  "6100",
	  "a digest of an unknown type" },
	{ "ima-ng",
	  "15000000"
	  "6d64353a00"
	  "00000000000000000000000000000000"
	  "01000000"
	  "61",
	  "a text that does not end with its NUL" },
	{ "ima-ng",
	  "15000000"
	  "6d64353a00"
	  "00000000000000000000000000000000"
	  "03000000"
	  "610062",
	  "a text that does not end with its NUL" },
	{ "ima-ng",
	  "15000000"
	  "6d64353a00"
	  "00000000000000000000000000000000"
	  "00000000",
	  "a text that does not end with its NUL" },
	{ "n-ng|iuid",
	  "02000000"
	  "6100"
	  "03000000"
	  "000000",
	  "a number of an odd size" },
};

static void fields_are_what_the_template_says(void)
{
	for (size_t i = 0; i < sizeof(odds) / sizeof(*odds); i++) {
		struct build data = { 0 }, bytes = { 0 };
		uint8_t raw[256];
		ssize_t n = ir_unhex(odds[i].data, strlen(odds[i].data), raw, sizeof(raw));

		unit_true(n >= 0);
		build_put(&data, raw, (size_t)n);
		build_entry(&bytes, "sha1", 10, odds[i].template, &data, false, false);
		open_bytes(bytes.p, bytes.n, "sha1");
		unit_int(1, ir_list_next(&list, &entry));
		unit_true(entry.known);
		unit_text(odds[i].bad, entry.bad);
		free(bytes.p);
		free(data.p);
	}
}

static void unknown_templates_are_known_as_such(void)
{
	static const struct {
		const char *name;
		bool known, keylime;
	} names[] = {
		{ "ima", true, true },
		{ "ima-ng", true, true },
		{ "ima-sig", true, true },
		{ "ima-buf", true, true },
		{ "ima-ngv2", true, false },
		{ "ima-cid", true, false },
		{ "ima-ns", true, false },
		{ "n-ng|d-ng", true, false },
		{ "n-ng|xyz", false, false },
		{ "ima-xyz", false, false },
		{ "|", false, false },
		{ "d-ng|", false, false },
		{ "imaa", false, false },
		{ "n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|n-ng|"
		  "n-ng",
		  false, false },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct build data = { 0 }, bytes = { 0 };
		uint8_t zero[20] = { 0 };

		build_put(&data, "", 0);
		if (!strcmp(names[i].name, "ima")) {
			build_put(&data, zero, 20);
			build_field(&data, "/a", 2);
		}
		build_entry(&bytes, "sha1", 10, names[i].name, &data, false, false);
		open_bytes(bytes.p, bytes.n, "sha1");
		unit_int(1, ir_list_next(&list, &entry));
		unit_int(names[i].known, entry.known);
		unit_int(names[i].keylime, ir_template_keylime(names[i].name));
		free(bytes.p);
		free(data.p);
	}
}

/* A format is in no digest: one that takes name or digest from an entry is refused. */
static void formats_hide_nothing(void)
{
	static const uint8_t digest[32] = { 7 }, sig[] = { 3, 2, 4, 0, 1 };
	static const struct {
		const char *format;
		bool has_sig, hides;
	} table[] = {
		{ "d-ng|n-ng", false, false },
		{ "d-ng|sig", false, true },
		{ "sig|n-ng", false, true },
		{ "sig|sig", false, true },
		{ "d|n-ng", false, true },
		{ "d-ng|cid", false, true },
		{ "d-ng|n-ng|sig", true, false },
		{ "d-ng|n-ng|evmsig", true, false },
		{ "d-ng|n-ng|buf", true, false },
		{ "d-ng|sig|n-ng", true, false }, /* no text: broken by itself */
		{ "d-ng|sig|sig", true, true },
		{ "buf|n-ng|buf", true, true },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct build data = build_ng("/bin/a", "sha256", digest, 32), bytes = { 0 };

		if (table[i].has_sig)
			build_field(&data, sig, sizeof(sig));
		build_entry(&bytes, "sha1", 10, table[i].format, &data, false, false);
		open_bytes(bytes.p, bytes.n, "sha1");
		unit_int(1, ir_list_next(&list, &entry));
		unit_true(entry.known);
		if (table[i].hides)
			unit_text("its format hides the name or the digest that its data have",
				  entry.bad);
		else if (strcmp(table[i].format, "d-ng|sig|n-ng"))
			unit_true(!entry.bad && entry.path_size == 6 &&
				  entry.file_digest_size == 32);
		free(bytes.p);
		free(data.p);
	}
}

/* Fields of the kernel in an order of their own are as good as any. */
static void other_formats_stay(void)
{
	static const uint8_t digest[32] = { 7 }, sig[] = { 3, 2, 4, 0, 1 };
	struct build data = { 0 }, bytes = { 0 };

	build_field(&data, "/bin/a", 7);
	build_d_ng(&data, "sha256", digest, 32);
	build_entry(&bytes, "sha1", 10, "n-ng|d-ng", &data, false, false);
	data.n = 0;
	build_d_ng(&data, "sha256", digest, 32);
	build_field(&data, sig, sizeof(sig));
	build_entry(&bytes, "sha1", 10, "d-ng|sig", &data, false, false);
	data.n = 0;
	build_d_ng(&data, "sha256", digest, 32);
	build_field(&data, "", 0);
	build_entry(&bytes, "sha1", 10, "d-ng|sig", &data, false, false);
	open_bytes(bytes.p, bytes.n, "sha1");
	for (int i = 0; i < 3; i++) {
		unit_int(1, ir_list_next(&list, &entry));
		unit_true(entry.known && !entry.bad);
	}
	free(bytes.p);
	free(data.p);
}

static char *ascii_of(const char *template)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *v = &vectors[i];
		struct build data = { 0 }, bytes = { 0 };
		uint8_t raw[512], zero[2] = { 0xab, 0xcd };
		size_t size;
		ssize_t n;

		if (strcmp(v->template, template))
			continue;
		n = ir_unhex(v->data, strlen(v->data), raw, sizeof(raw));
		if (!strcmp(template, "ima")) {
			build_put(&data, raw, 20);
			build_field(&data, raw + 20, (size_t)n - 20);
		} else {
			build_put(&data, raw, (size_t)n);
		}
		build_entry(&bytes, "sha1", 9, template, &data, false, false);
		open_bytes(bytes.p, bytes.n, "sha1");
		unit_int(1, ir_list_next(&list, &entry));
		return ir_entry_ascii(&entry, zero, 2, &size);
	}
	return NULL;
}

static void ascii_is_as_the_kernel_shows_it(void)
{
#define SEVENS "0707070707070707070707070707070707070707"
#define SHA256 "sha256:" SEVENS "070707070707070707070707"
#define NINES  "09090909090909090909090909090909"
	unit_text(" 9 abcd ima " SEVENS " /bin/a\n", ascii_of("ima"));
	unit_text(" 9 abcd ima-ng " SHA256 " /bin/a\n", ascii_of("ima-ng"));
	unit_text(" 9 abcd ima-sig " SHA256 " /bin/a 030204aabb\n", ascii_of("ima-sig"));
	unit_text(" 9 abcd ima-buf " SHA256 " /bin/a 627566\n", ascii_of("ima-buf"));
	unit_text(" 9 abcd ima-ngv2 verity:" SHA256 " /bin/a\n", ascii_of("ima-ngv2"));
	unit_text(" 9 abcd ima-sigv2 ima:" SHA256 " /bin/a \n", ascii_of("ima-sigv2"));
	unit_text(" 9 abcd ima-modsig " SHA256 " /bin/a  sha512:" NINES NINES NINES NINES
		  " 736967\n",
		  ascii_of("ima-modsig"));
	unit_text(" 9 abcd evm-sig " SHA256 " /bin/a  security.ima 01000000 78 1000 1001 33261\n",
		  ascii_of("evm-sig"));
	unit_text(" 9 abcd ima-ns 01234567-89ab-8cde-8000-00000000004b " SHA256 " /bin/a \n",
		  ascii_of("ima-ns"));
	unit_text(" 9 abcd ima-cid " SHA256 " /bin/a 4,^2\n", ascii_of("ima-cid"));
}

static void ascii_lines_are_read(void)
{
	static char text[] = "10 0123 ima-ng sha1:00 /a\n"
			     " 9 ff ima-ng sha1:00 /with\nnewline\n"
			     "x 00 ima-ng\n"
			     "10 0 ima-ng y\n"
			     "10 00\n"
			     "10 00 \n"
			     "10 00 ima-ng end";
	struct ir_ascii a;
	FILE *file = fmemopen(text, sizeof(text) - 1, "r");

	ir_ascii_begin(&a, file);
	unit_int(1, ir_ascii_next(&a, 0));
	unit_int(10, a.pcr);
	unit_int(2, a.digest_size);
	unit_int(0x23, a.digest[1]);
	unit_text("ima-ng", a.template);
	unit_text(" sha1:00 /a\n", a.fields);
	unit_int(1, ir_ascii_next(&a, 1));
	unit_int(9, a.pcr);
	unit_text(" sha1:00 /with\nnewline\n", a.fields);
	unit_int(-EBADMSG, ir_ascii_next(&a, 0));
	unit_text("a line that does not begin with a PCR", a.error);
	unit_int(-EBADMSG, ir_ascii_next(&a, 0));
	unit_text("a line without a template digest", a.error);
	unit_int(-EBADMSG, ir_ascii_next(&a, 0));
	unit_text("a line without a template digest", a.error);
	unit_int(-EBADMSG, ir_ascii_next(&a, 0));
	unit_text("a line without a template's name", a.error);
	unit_int(-EBADMSG, ir_ascii_next(&a, 0));
	unit_text("it ends within a line", a.error);
	ir_ascii_end(&a);
	fclose(file);
}

static const struct unit_test tests[] = {
	TEST(digests_are_the_kernels),
	TEST(both_byte_orders_are_read),
	TEST(a_list_cut_anywhere_is_named),
	TEST(lengths_are_never_trusted),
	TEST(fields_are_what_the_template_says),
	TEST(unknown_templates_are_known_as_such),
	TEST(formats_hide_nothing),
	TEST(other_formats_stay),
	TEST(ascii_is_as_the_kernel_shows_it),
	TEST(ascii_lines_are_read),
};

UNIT(tests)
