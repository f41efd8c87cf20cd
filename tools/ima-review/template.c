// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Templates of measurement lists: fields, template digest, ascii form
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <string.h>

#include "ima-review.h"

static const struct {
	const char *name, *format;
} templates[] = {
	{ "ima", "d|n" },
	{ "ima-ng", "d-ng|n-ng" },
	{ "ima-sig", "d-ng|n-ng|sig" },
	{ "ima-ngv2", "d-ngv2|n-ng" },
	{ "ima-sigv2", "d-ngv2|n-ng|sig" },
	{ "ima-buf", "d-ng|n-ng|buf" },
	{ "ima-modsig", "d-ng|n-ng|sig|d-modsig|modsig" },
	{ "evm-sig", "d-ng|n-ng|evmsig|xattrnames|xattrlengths|xattrvalues|iuid|igid|imode" },
	{ "ima-ns", "nsuuid|d-ng|n-ng|sig" },
	{ "ima-cid", "d-ng|n-ng|cid" },
};

static const struct {
	const char *id;
	enum ir_field_kind kind;
} kinds[] = {
	{ "d", IR_FIELD_DIGEST },	  { "n", IR_FIELD_NAME },
	{ "d-ng", IR_FIELD_DIGEST_NG },	  { "d-ngv2", IR_FIELD_DIGEST_NGV2 },
	{ "n-ng", IR_FIELD_STRING },	  { "sig", IR_FIELD_HEX },
	{ "buf", IR_FIELD_HEX },	  { "d-modsig", IR_FIELD_DIGEST_OR_NONE },
	{ "modsig", IR_FIELD_HEX },	  { "evmsig", IR_FIELD_HEX },
	{ "iuid", IR_FIELD_UINT },	  { "igid", IR_FIELD_UINT },
	{ "imode", IR_FIELD_UINT },	  { "xattrnames", IR_FIELD_STRINGS },
	{ "xattrlengths", IR_FIELD_HEX }, { "xattrvalues", IR_FIELD_HEX },
	{ "nsuuid", IR_FIELD_STRING },	  { "cid", IR_FIELD_STRING },
};

bool ir_template_keylime(const char *name)
{
	return !strcmp(name, "ima") || !strcmp(name, "ima-ng") || !strcmp(name, "ima-sig") ||
	       !strcmp(name, "ima-buf");
}

static uint32_t get32(const uint8_t *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] :
		     (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* The fields of a format; false if the kernel has no such field, or not that many. */
static bool fields_of(struct ir_entry *entry, const char *format)
{
	entry->n = 0;
	for (;;) {
		size_t length = strcspn(format, "|"), i;

		for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (strlen(kinds[i].id) == length && !memcmp(kinds[i].id, format, length))
				break;
		if (i == sizeof(kinds) / sizeof(*kinds) || entry->n == IR_FIELDS)
			return false;
		entry->fields[entry->n].id = kinds[i].id;
		entry->fields[entry->n].kind = kinds[i].kind;
		entry->n++;
		if (!format[length])
			return true;
		format += length + 1;
	}
}

static bool template_known(struct ir_entry *entry)
{
	for (size_t i = 0; i < sizeof(templates) / sizeof(*templates); i++)
		if (!strcmp(templates[i].name, entry->template))
			return fields_of(entry, templates[i].format);
	/* ima_template_fmt= puts the format in the place of the name */
	return strchr(entry->template, '|') && fields_of(entry, entry->template);
}

static const char *split(struct ir_entry *entry)
{
	const uint8_t *p = entry->data;
	uint32_t left = entry->size;

	if (entry->legacy) {
		entry->fields[0].data = p;
		entry->fields[0].size = IR_LEGACY_DIGEST;
		entry->fields[1].data = p + IR_LEGACY_DIGEST;
		entry->fields[1].size = left - IR_LEGACY_DIGEST;
		return NULL;
	}
	for (size_t i = 0; i < entry->n; i++) {
		uint32_t size;

		if (left < 4)
			return "the template data ends before the length of a field";
		size = get32(p, entry->big_endian);
		p += 4;
		left -= 4;
		if (size > left)
			return "a field is longer than the template data";
		entry->fields[i].data = p;
		entry->fields[i].size = size;
		p += size;
		left -= size;
	}
	return left ? "there is more template data than fields" : NULL;
}

/* "sha256:" NUL digest, or "verity:sha256:" NUL digest */
static const char *parse_digest(struct ir_entry *entry, const struct ir_field *field, bool main)
{
	const uint8_t *end = memchr(field->data, 0, field->size);
	const char *text = (const char *)field->data, *colon;
	const struct ir_hash *hash;
	size_t length, size;

	if (!end || end == field->data || end[-1] != ':')
		return "a digest without the name of its hash";
	length = (size_t)(end - field->data) - 1;
	if (field->kind == IR_FIELD_DIGEST_NGV2) {
		colon = memchr(text, ':', length);
		if (!colon || !((colon - text == 3 && !memcmp(text, "ima", 3)) ||
				(colon - text == 6 && !memcmp(text, "verity", 6))))
			return "a digest of an unknown type";
		length -= (size_t)(colon + 1 - text);
		text = colon + 1;
	}
	hash = ir_hash_named(text, length);
	if (!hash)
		return "a digest of an unknown hash";
	size = field->size - (size_t)(end + 1 - field->data);
	if (size != hash->size)
		return "a digest of another length than its hash";
	if (main) {
		snprintf(entry->hash, sizeof(entry->hash), "%s", hash->name);
		entry->file_digest = end + 1;
		entry->file_digest_size = size;
	}
	return NULL;
}

static const char *parse_field(struct ir_entry *entry, const struct ir_field *field)
{
	const uint8_t *nul;

	switch (field->kind) {
	case IR_FIELD_DIGEST:
		snprintf(entry->hash, sizeof(entry->hash), "sha1");
		entry->file_digest = field->data;
		entry->file_digest_size = field->size;
		return NULL;
	case IR_FIELD_DIGEST_OR_NONE:
		return field->size ? parse_digest(entry, field, false) : NULL;
	case IR_FIELD_DIGEST_NG:
	case IR_FIELD_DIGEST_NGV2:
		return parse_digest(entry, field, true);
	case IR_FIELD_NAME:
		if (memchr(field->data, 0, field->size))
			return "a name with a NUL";
		entry->path = field->data;
		entry->path_size = field->size;
		return NULL;
	case IR_FIELD_STRING:
		nul = memchr(field->data, 0, field->size);
		if (!nul || nul != field->data + field->size - 1)
			return "a text that does not end with its NUL";
		if (!strcmp(field->id, "n-ng")) {
			entry->path = field->data;
			entry->path_size = field->size - 1;
		}
		return NULL;
	case IR_FIELD_UINT:
		/* without a file there is none */
		if (field->size && field->size != 1 && field->size != 2 && field->size != 4 &&
		    field->size != 8)
			return "a number of an odd size";
		return NULL;
	case IR_FIELD_STRINGS:
		if (field->size && !memchr(field->data, 0, field->size))
			return "a text without its NUL";
		return NULL;
	case IR_FIELD_HEX:
		return NULL;
	}
	return NULL;
}

static void forget(struct ir_entry *entry)
{
	entry->bad = NULL;
	entry->hash[0] = '\0';
	entry->file_digest = NULL;
	entry->file_digest_size = 0;
	entry->path = NULL;
	entry->path_size = 0;
}

/* NULL, or why the data are not those fields. */
static const char *parse(struct ir_entry *entry)
{
	const char *bad = split(entry);

	forget(entry);
	if (bad) {
		entry->n = 0;
		return bad;
	}
	for (size_t i = 0; i < entry->n; i++) {
		const char *one = parse_field(entry, &entry->fields[i]);

		if (one && !bad)
			bad = one;
	}
	return bad;
}

bool ir_entry_as(const struct ir_entry *entry, const char *format, struct ir_entry *as)
{
	*as = *entry;
	return !as->legacy && fields_of(as, format) && !parse(as);
}

/*
 * No digest covers the format, and the data say no more than where a field ends: under a format of
 * as many fields that calls a name a signature, an entry has no name to be found by. So one is
 * refused if a template of the kernel gives its data another name or digest than it does itself.
 *
 * What cannot be told: which of two formats it was that have name and digest in common, since sig,
 * evmsig, modsig, buf and xattrs are bytes of any kind (ima-sig without a signature is ima-buf
 * without a buffer); and whether the text behind a digest is a name or, as in d-ng|nsuuid, was
 * meant as another: such a format is refused.
 */
static bool hides(const struct ir_entry *entry)
{
	for (size_t i = 0; i < sizeof(templates) / sizeof(*templates); i++) {
		struct ir_entry as;

		/* of template ima the data have no lengths */
		if (strcmp(templates[i].name, "ima") &&
		    ir_entry_as(entry, templates[i].format, &as) &&
		    (as.path != entry->path || as.path_size != entry->path_size ||
		     as.file_digest != entry->file_digest))
			return true;
	}
	return false;
}

void ir_entry_fields(struct ir_entry *entry)
{
	entry->known = template_known(entry);
	if (!entry->known) {
		entry->n = 0;
		forget(entry);
		return;
	}
	entry->bad = parse(entry);
	if (!entry->bad && strchr(entry->template, '|') && hides(entry))
		entry->bad = "its format hides the name or the digest that its data have";
}

const struct ir_field *ir_entry_field(const struct ir_entry *entry, const char *id)
{
	for (size_t i = 0; i < entry->n; i++)
		if (!strcmp(entry->fields[i].id, id))
			return &entry->fields[i];
	return NULL;
}

bool ir_entry_digest(const struct ir_entry *entry, const struct ir_hash *hash, uint8_t *out)
{
	uint8_t padded[IR_LEGACY_DIGEST + IR_LEGACY_NAME] = { 0 };

	if (!entry->legacy)
		return ir_digest(hash, entry->data, entry->size, out);
	if (entry->size > sizeof(padded))
		return false;
	memcpy(padded, entry->data, entry->size);
	return ir_digest(hash, padded, sizeof(padded), out);
}

static void put_hex(FILE *to, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		fputc(digits[bytes[i] >> 4], to);
		fputc(digits[bytes[i] & 15], to);
	}
}

static void put_uint(FILE *to, const struct ir_field *field, bool big)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < field->size; i++)
		value = value << 8 | field->data[big ? i : field->size - 1 - i];
	fprintf(to, "%" PRIu64, value);
}

char *ir_entry_ascii(const struct ir_entry *entry, const uint8_t *digest, size_t digest_size,
		     size_t *size)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, size);

	if (!to)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	fprintf(to, "%2u ", entry->pcr);
	put_hex(to, digest, digest_size);
	fprintf(to, " %s", entry->template);
	for (size_t i = 0; i < entry->n; i++) {
		const struct ir_field *field = &entry->fields[i];
		const uint8_t *p = field->data;
		uint32_t left = field->size;
		size_t length;

		fputc(' ', to);
		if (!left)
			continue;
		switch (field->kind) {
		case IR_FIELD_DIGEST_NG:
		case IR_FIELD_DIGEST_NGV2:
		case IR_FIELD_DIGEST_OR_NONE:
			length = strnlen((const char *)p, left);
			fwrite(p, 1, length, to);
			p += length;
			left -= (uint32_t)length;
			if (left) {
				p++;
				left--;
			}
			put_hex(to, p, left);
			break;
		case IR_FIELD_DIGEST:
		case IR_FIELD_HEX:
			put_hex(to, p, left);
			break;
		case IR_FIELD_STRING:
		case IR_FIELD_STRINGS:
		case IR_FIELD_NAME:
			fwrite(p, 1, strnlen((const char *)p, left), to);
			break;
		case IR_FIELD_UINT:
			put_uint(to, field, entry->big_endian);
			break;
		}
	}
	fputc('\n', to);
	if (fclose(to))
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	return text;
}
