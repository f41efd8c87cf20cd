// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * imareplay - what a PCR must hold after the entries of a measurement list
 *
 * imareplay ALGORITHM [PCR] < binary_runtime_measurements_ALGORITHM
 *
 * Prints the PCR (10) in hex and, on stderr, the number of entries. The kernel does the hashing,
 * so every bank that it knows can be replayed.
 */
#include <linux/if_alg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void need(void *buf, size_t len)
{
	if (fread(buf, 1, len, stdin) != len) {
		fprintf(stderr, "imareplay: the list ends in the middle of an entry\n");
		exit(1);
	}
}

static uint32_t need_length(void)
{
	uint32_t len;

	need(&len, sizeof(len));
	if (len > 1 << 24) {
		fprintf(stderr, "imareplay: not a measurement list\n");
		exit(1);
	}
	return len;
}

int main(int argc, char *argv[])
{
	struct sockaddr_alg addr = { .salg_family = AF_ALG, .salg_type = "hash" };
	static const char *const algs[] = { "sha1", "sha224", "sha256", "sha384", "sha512" };
	static const size_t sizes[] = { 20, 28, 32, 48, 64 };
	unsigned int want = argc > 2 ? atoi(argv[2]) : 10, entries = 0;
	unsigned char state[128] = { 0 }, zero[64] = { 0 };
	size_t i, size = 0;
	uint32_t pcr;
	int alg, op;

	for (i = 0; argc > 1 && i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (!strcmp(argv[1], algs[i]))
			size = sizes[i];
	if (!size) {
		fprintf(stderr, "usage: imareplay sha1|sha224|sha256|sha384|sha512 [PCR] < LIST\n");
		return 2;
	}
	strcpy((char *)addr.salg_name, argv[1]);
	alg = socket(AF_ALG, SOCK_SEQPACKET, 0);
	if (alg < 0 || bind(alg, (struct sockaddr *)&addr, sizeof(addr)) ||
	    (op = accept(alg, NULL, NULL)) < 0) {
		perror("imareplay: AF_ALG");
		return 1;
	}
	while (fread(&pcr, 1, sizeof(pcr), stdin) == sizeof(pcr)) {
		unsigned char *digest = state + size;
		char skip[256];
		uint32_t len;

		need(digest, size);
		for (len = need_length(); len; len -= i) /* template name */
			need(skip, i = len < sizeof(skip) ? len : sizeof(skip));
		for (len = need_length(); len; len -= i) /* template data */
			need(skip, i = len < sizeof(skip) ? len : sizeof(skip));
		if (pcr != want)
			continue;
		/* a violation is logged as zeros and extended as ones */
		if (!memcmp(digest, zero, size))
			memset(digest, 0xff, size);
		if (write(op, state, 2 * size) != (ssize_t)(2 * size) ||
		    read(op, state, size) != (ssize_t)size) {
			perror("imareplay: hash");
			return 1;
		}
		entries++;
	}
	for (i = 0; i < size; i++)
		printf("%02x", state[i]);
	printf("\n");
	fprintf(stderr, "%u entries\n", entries);
	return 0;
}
