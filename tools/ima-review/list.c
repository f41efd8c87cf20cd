// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measurement lists, binary and ascii, one entry at a time
 *
 * A binary entry is pcr, template digest, length and name of the template, and length and bytes of
 * the template data; numbers have 32 bits in the byte order of the machine, or in little endian
 * with ima_canonical_fmt. Template `ima` has a digest of 20 bytes, then length and bytes of a name.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "ima-review.h"

void ir_list_begin(struct ir_list *list, FILE *file, const struct ir_hash *hash)
{
	*list = (struct ir_list){ .file = file, .hash = hash };
}

void ir_list_end(struct ir_list *list)
{
	free(list->data);
	list->data = NULL;
}

static uint32_t order(const struct ir_list *list, const uint8_t *p)
{
	return list->big_endian ?
		       (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] :
		       (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static int broken(struct ir_list *list, const char *error)
{
	if (ferror(list->file))
		return -EIO;
	list->error = error;
	return -EBADMSG;
}

/* In steps, so that memory is taken for what is there and not for what a length claims. */
static bool read_data(struct ir_list *list, size_t at, uint32_t size)
{
	const size_t step = 65536;

	while (size) {
		size_t want = size < step ? size : step;

		if (list->room < at + want) {
			list->room = (at + want) * 2;
			list->data = ir_array(list->data, list->room, 1);
		}
		if (fread(list->data + at, 1, want, list->file) != want)
			return false;
		at += want;
		size -= (uint32_t)want;
	}
	return true;
}

static bool read_number(struct ir_list *list, uint32_t *number)
{
	uint8_t bytes[4];

	if (fread(bytes, 1, sizeof(bytes), list->file) != sizeof(bytes))
		return false;
	*number = order(list, bytes);
	return true;
}

/* The length of the template's name is small in one byte order only. */
static void find_order(struct ir_list *list, const uint8_t *length)
{
	if (list->order_known)
		return;
	list->big_endian = false;
	if (order(list, length) > IR_TEMPLATE_MAX) {
		list->big_endian = true;
		if (order(list, length) > IR_TEMPLATE_MAX)
			list->big_endian = false;
	}
	list->order_known = true;
}

static int read_legacy(struct ir_list *list, struct ir_entry *entry)
{
	uint32_t length;

	if (!read_data(list, 0, IR_LEGACY_DIGEST))
		return broken(list, "it ends within a digest of template ima");
	if (!read_number(list, &length))
		return broken(list, "it ends before the length of a name");
	if (length >= IR_LEGACY_NAME)
		return broken(list, "a name of template ima longer than 255 bytes");
	if (!read_data(list, IR_LEGACY_DIGEST, length))
		return broken(list, "it ends within a name");
	entry->size = IR_LEGACY_DIGEST + length;
	return 0;
}

int ir_list_next(struct ir_list *list, struct ir_entry *entry)
{
	uint8_t head[4], length[4];
	uint32_t size;
	size_t got;
	int rc;

	if (list->error)
		return -EBADMSG;
	got = fread(head, 1, sizeof(head), list->file);
	if (!got && !ferror(list->file))
		return 0;
	if (got != sizeof(head))
		return broken(list, "it ends within the PCR of an entry");
	if (fread(entry->digest, 1, list->hash->size, list->file) != list->hash->size)
		return broken(list, "it ends within a template digest");
	if (fread(length, 1, sizeof(length), list->file) != sizeof(length))
		return broken(list, "it ends before the length of a template's name");
	find_order(list, length);
	entry->pcr = order(list, head);
	entry->big_endian = list->big_endian;
	size = order(list, length);
	if (!size || size > IR_TEMPLATE_MAX)
		return broken(list, "a template's name of impossible length");
	if (fread(entry->template, 1, size, list->file) != size)
		return broken(list, "it ends within a template's name");
	entry->template[size] = '\0';
	for (uint32_t i = 0; i < size; i++)
		if (entry->template[i] <= ' ' || entry->template[i] > '~')
			return broken(list, "a template's name that is no word");
	entry->legacy = !strcmp(entry->template, "ima");
	if (entry->legacy) {
		rc = read_legacy(list, entry);
		if (rc)
			return rc;
	} else {
		if (!read_number(list, &entry->size))
			return broken(list, "it ends before the length of template data");
		if (entry->size > IR_DATA_MAX)
			return broken(list, "template data of more than 16 MiB");
		if (!read_data(list, 0, entry->size))
			return broken(list, "it ends within template data");
	}
	if (!list->data) { /* no data at all */
		list->room = 1;
		list->data = ir_alloc(1);
	}
	entry->data = list->data;
	entry->number = ++list->n;
	entry->violation = ir_is_filled(entry->digest, list->hash->size, 0);
	ir_entry_fields(entry);
	return 1;
}

void ir_ascii_begin(struct ir_ascii *ascii, FILE *file)
{
	*ascii = (struct ir_ascii){ .file = file };
}

void ir_ascii_end(struct ir_ascii *ascii)
{
	free(ascii->line);
	ascii->line = NULL;
}

#define LINE_MAX_SIZE (4 * (size_t)IR_DATA_MAX)

/* A line with @newlines newlines within it; the last line of a file needs its own, too. */
static int read_line(struct ir_ascii *ascii, unsigned int newlines)
{
	ascii->size = 0;
	for (;;) {
		int c = getc_unlocked(ascii->file);

		if (c == EOF) {
			if (ferror(ascii->file))
				return -EIO;
			if (!ascii->size)
				return 0;
			ascii->error = "it ends within a line";
			return -EBADMSG;
		}
		if (ascii->size + 2 > ascii->room) {
			ascii->room = ascii->room ? ascii->room * 2 : 512;
			ascii->line = ir_array(ascii->line, ascii->room, 1);
		}
		if (ascii->size == LINE_MAX_SIZE) {
			ascii->error = "a line longer than any entry";
			return -EBADMSG;
		}
		ascii->line[ascii->size++] = (char)c;
		ascii->line[ascii->size] = '\0';
		if (c == '\n' && !newlines--)
			return 1;
	}
}

int ir_ascii_next(struct ir_ascii *ascii, unsigned int newlines)
{
	const char *p;
	size_t length;
	ssize_t size;
	int rc;

	ascii->error = NULL;
	rc = read_line(ascii, newlines);
	if (rc != 1)
		return rc;
	ascii->n++;
	p = ascii->line;
	if (*p == ' ')
		p++;
	ascii->pcr = 0;
	for (length = 0; p[length] >= '0' && p[length] <= '9' && length < 9; length++)
		ascii->pcr = ascii->pcr * 10 + (unsigned int)(p[length] - '0');
	if (!length || p[length] != ' ') {
		ascii->error = "a line that does not begin with a PCR";
		return -EBADMSG;
	}
	p += length + 1;
	length = strcspn(p, " \n");
	size = ir_unhex(p, length, ascii->digest, sizeof(ascii->digest));
	if (size <= 0 || p[length] != ' ') {
		ascii->error = "a line without a template digest";
		return -EBADMSG;
	}
	ascii->digest_size = (size_t)size;
	p += length + 1;
	length = strcspn(p, " \n");
	if (!length || length > IR_TEMPLATE_MAX) {
		ascii->error = "a line without a template's name";
		return -EBADMSG;
	}
	memcpy(ascii->template, p, length);
	ascii->template[length] = '\0';
	ascii->fields = p + length;
	return 1;
}
