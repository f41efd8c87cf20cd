// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * imalist - a folder with the lists that the kernel's IMA would show
 *
 *	imalist FOLDER ALG,ALG... [-lack ALG] < ENTRIES
 *
 * Adds to the lists of FOLDER, one pair for each algorithm, and writes runtime_measurements_count
 *and violations. Entries are lines:
 *	ng PATH [HEX]		ima-ng, of sha256; without HEX the digest of the path
 *	sig PATH SIGNATURE	ima-sig
 *	ima PATH [HEX]		legacy, of sha1
 *	buf NAME HEX		ima-buf
 *	violation PATH		ima-ng
 *	raw TEMPLATE HEX	whatever
 *	many N			N times ng /usr/bin/file-NUMBER
 * With a number before them (`11 ng ...`) it is the PCR. What a TPM gets for each entry goes to
 * standard output, as arguments for tpm2_pcrextend. -lack: the kernel has no such hash.
 *
 * Copyright (C) 2026 Overlay Team
 */
#define _GNU_SOURCE
#include "../../../tools/ima-review/test/build.h"

#define ALGS 8

static char *folder, *algs[ALGS];
static const char *lack = "";
static size_t n_algs;
static FILE *binary[ALGS], *ascii[ALGS];
static unsigned long count, violations;

static FILE *list(const char *form, const char *alg)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s_runtime_measurements_%s", folder, form, alg);
	file = fopen(path, "a");
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

static unsigned long counter(const char *name, unsigned long add)
{
	unsigned long n = 0;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	if (file && fscanf(file, "%lu", &n) != 1)
		n = 0;
	if (file)
		fclose(file);
	file = fopen(path, "w");
	fprintf(file, "%lu\n", n + add);
	fclose(file);
	return n + add;
}

static void hex(FILE *to, const uint8_t *p, size_t n)
{
	while (n--)
		fprintf(to, "%02x", *p++);
}

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned int byte;

	while (sscanf(text + 2 * n, "%2x", &byte) == 1)
		out[n++] = (uint8_t)byte;
	return n;
}

static void add(unsigned int pcr, const char *template, const struct build *data, bool violation,
		const char *shown)
{
	printf("%u:", pcr);
	for (size_t i = 0; i < n_algs; i++) {
		bool padded = !strcmp(algs[i], lack);
		uint8_t digest[64];
		size_t size = build_digest(algs[i], template, data, padded, digest);
		struct build entry = { 0 };

		if (violation)
			memset(digest, 0, sizeof(digest));
		build_entry(&entry, algs[i], pcr, template, data, violation, padded);
		fwrite(entry.p, 1, entry.n, binary[i]);
		free(entry.p);
		fprintf(ascii[i], "%2u ", pcr);
		hex(ascii[i], digest, size);
		fprintf(ascii[i], " %s %s\n", template, shown);
		if (violation)
			memset(digest, 0xff, sizeof(digest));
		printf("%s%s=", i ? "," : "", algs[i]);
		hex(stdout, digest, size);
	}
	printf("\n");
	count++;
	violations += violation;
}

static void add_ng(unsigned int pcr, const char *path, const char *digest_hex, bool violation)
{
	uint8_t digest[64] = { 0 };
	char *shown, text[129] = "";
	struct build data;

	if (digest_hex && *digest_hex)
		unhex(digest_hex, digest);
	else if (!violation)
		build_hash("sha256", path, strlen(path), digest);
	for (int i = 0; i < 32; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
	data = build_ng(path, "sha256", digest, 32);
	if (asprintf(&shown, "sha256:%s %s", text, path) < 0)
		abort();
	add(pcr, "ima-ng", &data, violation, shown);
	free(shown);
	free(data.p);
}

static void line(char *text)
{
	unsigned int pcr = 10;
	char kind[16], a[4096] = "", b[65536] = "", *shown = NULL;
	uint8_t digest[64], bytes[32768];
	struct build data = { 0 };
	int at = 0;
	size_t n;

	if (sscanf(text, "%u %n", &pcr, &at) != 1)
		at = 0;
	if (sscanf(text + at, "%15s %4095s %65535s", kind, a, b) < 2)
		return;
	n = unhex(b, bytes);
	if (!strcmp(kind, "ng")) {
		add_ng(pcr, a, b, false);
	} else if (!strcmp(kind, "violation")) {
		add_ng(pcr, a, NULL, true);
	} else if (!strcmp(kind, "many")) {
		for (unsigned long i = 0, many = strtoul(a, NULL, 10); i < many; i++) {
			snprintf(b, sizeof(b), "/usr/bin/file-%06lu", i);
			add_ng(pcr, b, NULL, false);
		}
	} else if (!strcmp(kind, "sig") || !strcmp(kind, "buf")) {
		bool buf = !strcmp(kind, "buf");
		char text256[65] = "";

		build_hash("sha256", buf ? (void *)bytes : a, buf ? n : strlen(a), digest);
		for (int i = 0; i < 32; i++)
			sprintf(text256 + 2 * i, "%02x", digest[i]);
		data = build_ng(a, "sha256", digest, 32);
		build_field(&data, bytes, n);
		if (asprintf(&shown, "sha256:%s %s %s", text256, a, b) < 0)
			abort();
		add(pcr, buf ? "ima-buf" : "ima-sig", &data, false, shown);
	} else if (!strcmp(kind, "ima")) {
		char text1[41] = "";

		build_hash("sha1", a, strlen(a), digest);
		if (n == 20)
			memcpy(digest, bytes, 20);
		for (int i = 0; i < 20; i++)
			sprintf(text1 + 2 * i, "%02x", digest[i]);
		data = build_legacy(a, digest);
		if (asprintf(&shown, "%s %s", text1, a) < 0)
			abort();
		add(pcr, "ima", &data, false, shown);
	} else if (!strcmp(kind, "raw")) {
		build_put(&data, bytes, n);
		if (asprintf(&shown, "%s", "") < 0)
			abort();
		add(pcr, a, &data, false, shown);
	} else {
		fprintf(stderr, "imalist: %s: no such kind\n", kind);
		exit(1);
	}
	free(shown);
	free(data.p);
}

int main(int argc, char **argv)
{
	char text[131072];

	if (argc < 3) {
		fprintf(stderr, "usage: imalist FOLDER ALG,ALG... [-lack ALG] < ENTRIES\n");
		return 2;
	}
	folder = argv[1];
	if (argc > 4 && !strcmp(argv[3], "-lack"))
		lack = argv[4];
	for (char *alg = strtok(argv[2], ","); alg && n_algs < ALGS; alg = strtok(NULL, ",")) {
		algs[n_algs] = alg;
		binary[n_algs] = list("binary", alg);
		ascii[n_algs] = list("ascii", alg);
		n_algs++;
	}
	while (fgets(text, sizeof(text), stdin))
		line(text);
	for (size_t i = 0; i < n_algs; i++) {
		fclose(binary[i]);
		fclose(ascii[i]);
	}
	counter("runtime_measurements_count", count);
	counter("violations", violations);
	return 0;
}
