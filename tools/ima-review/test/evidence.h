/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Evidence for tests: a folder with a host's list, that of namespace 0x4b, PCRs and a manifest
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <fcntl.h>
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../ima-review.h"
#include "build.h"

#define BOOT "0a1b2c3d-4e5f-6789-abcd-ef0123456789"

static char folder[] = "/tmp/replay-test.XXXXXX";
static struct ir_review review;
static struct build list;
static uint8_t boot_pcrs[320], child_digest[32], forged_digest[32];
static int64_t count_before, count_after; /* -2: as many as there are */
static uint64_t ascii_lines;
static const char *anchor_template; /* what is written for that of anchors */
static uint8_t anchor_flags;
static bool child_listed;	  /* the evidence has its list */
static const char *child_missing; /* why its policy is not there */
static const char *audit_log;	  /* text of the log, or NULL */
static bool child_violation;	  /* the namespace's list has one, behind its entry */

/* An entry of ima-ng for content that hashes to @digest. */
static inline void add_file(const char *path, const uint8_t digest[32], uint32_t pcr,
			    bool violation)
{
	struct build data = build_ng(path, "sha256", digest, 32);

	build_entry(&list, "sha256", pcr, "ima-ng", &data, violation, false);
	free(data.p);
}

static inline void add_boot(const uint8_t pcrs[320], uint32_t pcr, bool violation)
{
	uint8_t digest[32];

	build_hash("sha256", pcrs, 320, digest);
	add_file("boot_aggregate", digest, pcr, violation);
}

/* An anchor of namespace 0x4b: one entry, @running. */
static inline void add_anchor(const uint8_t running[32], uint32_t pcr)
{
	uint8_t bytes[64] = { 1, anchor_flags, 0, 0, 0x0b }, digest[32];
	struct build data = { 0 };

	bytes[8] = 0x4b;
	bytes[16] = 3;
	bytes[24] = 1;
	memcpy(bytes + 32, running, 32);
	build_hash("sha256", bytes, sizeof(bytes), digest);
	build_d_ng(&data, "sha256", digest, 32);
	build_field(&data, "ima_ns:0x4b", sizeof("ima_ns:0x4b"));
	build_field(&data, bytes, sizeof(bytes));
	build_entry(&list, "sha256", pcr, anchor_template, &data, false, false);
	free(data.p);
}

/* A key that a user adds to a keyring of this name. */
static inline void add_key(const char *keyring, size_t key_size)
{
	uint8_t key[256] = { 0x30 }, digest[32];
	struct build data = { 0 };

	build_hash("sha256", key, key_size, digest);
	build_d_ng(&data, "sha256", digest, 32);
	build_field(&data, keyring, strlen(keyring) + 1);
	build_field(&data, key, key_size);
	build_entry(&list, "sha256", 10, "ima-buf", &data, false, false);
	free(data.p);
}

/* The list of the namespace: one entry. The digest that runs over it in @running. */
static inline struct build child(uint8_t first, uint8_t running[32])
{
	uint8_t digest[64] = { first }, extended[32 + 64] = { 0 };
	struct build own = { 0 }, data = build_ng("/bin/x", "sha256", digest, 32);

	build_entry(&own, "sha256", 10, "ima-ng", &data, false, false);
	build_digest("sha256", "ima-ng", &data, false, extended + 32);
	build_hash("sha256", extended, 64, running);
	if (child_violation)
		build_entry(&own, "sha256", 10, "ima-ng", &data, true, false);
	free(data.p);
	return own;
}

static inline void begin(void)
{
	list.n = 0;
	count_before = count_after = -2;
	ascii_lines = UINT64_MAX;
	anchor_template = "ima-buf";
	anchor_flags = IR_ANCHOR_FIRST;
	child_listed = true;
	child_missing = NULL;
	audit_log = NULL;
	child_violation = false;
	memset(boot_pcrs, 0x11, sizeof(boot_pcrs));
	free(child(1, child_digest).p);
	free(child(2, forged_digest).p);
}

static inline void end(void)
{
	static const char *const names[] = { "binary_runtime_measurements_sha256",
					     "ascii_runtime_measurements_sha256",
					     "ns-0x4b.binary_runtime_measurements_sha256",
					     IR_QUOTE_PCRS,
					     IR_AUDIT_LOG,
					     IR_MANIFEST,
					     IR_MANIFEST_SUM };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlinkat(review.dir, names[i], 0);
	ir_review_free(&review);
	rmdir(folder);
}

/* Its ascii form, up to @ascii_lines; how many entries it has. */
static inline int64_t add_ascii(int dir, struct ir_manifest *m)
{
	FILE *file = fmemopen(list.p, list.n, "r");
	struct build ascii = { 0 };
	struct ir_entry entry;
	struct ir_list own;

	ir_list_begin(&own, file, ir_hash_named("sha256", 6));
	while (ir_list_next(&own, &entry) == 1) {
		size_t size;
		char *line = ir_entry_ascii(&entry, entry.digest, 32, &size);

		if (own.n <= ascii_lines)
			build_put(&ascii, line, size);
		free(line);
	}
	unit_true(!ir_store_bytes(dir, m, "ascii_runtime_measurements_sha256", ascii.p, ascii.n));
	ir_list_end(&own);
	fclose(file);
	free(ascii.p);
	return (int64_t)own.n;
}

/* The lists as evidence, with the PCRs of @boot_pcrs; @first: of the namespace's list. */
static inline void evidence(uint8_t first)
{
	struct ir_manifest m = { .lost = -1, .violations = -1, .boot = BOOT };
	struct ir_pcrs pcrs = { .n = 1, .banks = { { .alg = 0x000b, .selected = 0x7ff } } };
	struct build own = child(first, (uint8_t[32]){ 0 });
	int64_t entries;
	uint8_t *bytes;
	size_t size;
	int dir;

	strcpy(folder, "/tmp/replay-test.XXXXXX");
	unit_true(mkdtemp(folder));
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	m.host = ir_copy("h");
	m.kernel = ir_copy("k");
	m.time = ir_copy("t");
	m.tool = ir_copy("t");
	m.nonce = ir_copy("");
	m.ak_name = ir_copy("");
	for (int pcr = 0; pcr < 11; pcr++) {
		pcrs.banks[0].size[pcr] = 32;
		if (pcr < 10)
			memcpy(pcrs.banks[0].value[pcr], boot_pcrs + 32 * pcr, 32);
	}
	bytes = ir_pcrs_bytes(&pcrs, &size);
	unit_true(!ir_store_bytes(dir, &m, IR_QUOTE_PCRS, bytes, size));
	unit_true(!ir_store_bytes(dir, &m, "binary_runtime_measurements_sha256", list.p, list.n));
	entries = add_ascii(dir, &m);
	m.count_before = count_before == -2 ? entries : count_before;
	m.count_after = count_after == -2 ? entries : count_after;
	if (child_listed)
		unit_true(!ir_store_bytes(dir, &m, "ns-0x4b.binary_runtime_measurements_sha256",
					  own.p, own.n));
	if (audit_log)
		unit_true(!ir_store_bytes(dir, &m, IR_AUDIT_LOG, audit_log, strlen(audit_log)));
	if (child_missing)
		ir_manifest_missing(&m, "ns-0x4b.policy", child_missing);
	unit_true(!ir_manifest_write(dir, &m));
	ir_manifest_free(&m);
	free(own.p);
	free(bytes);
	close(dir);
}

/* All of it without a quote. */
static inline void review_unquoted(uint8_t first)
{
	char *error = NULL;

	evidence(first);
	review = (struct ir_review){ .folder = folder, .dir = -1, .unquoted = true };
	unit_true(!ir_review_run(&review, &error));
}

#endif /* EVIDENCE_H */
