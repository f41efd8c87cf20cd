// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * auparsed - the events of an audit log as libauparse groups them
 *
 * auparsed file FILE		lets the library read it
 * auparsed feed BYTES FILE	feeds it to the library in pieces of that size
 *
 * One line an event: its serial number, then a word per record: the name of its type; behind it
 * ":N" if the record has a field record, "=LIST" if it has one named contid and no opid.
 *
 * libs: -lauparse -laudit -lcap-ng
 */
#include <auparse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(auparse_state_t *au)
{
	printf("%lu", auparse_get_serial(au));
	auparse_first_record(au);
	do {
		const char *name = auparse_get_type_name(au);
		int op = 0;

		if (name)
			printf(" %s", name);
		else
			printf(" UNKNOWN[%d]", auparse_get_type(au));
		/* not auparse_find_field(), which goes on in the next record */
		auparse_first_field(au);
		do {
			name = auparse_get_field_name(au);
			if (!name)
				continue;
			if (!strcmp(name, "opid"))
				op = 1;
			else if (!strcmp(name, "record"))
				printf(":%s", auparse_get_field_str(au));
			else if (!op && !strcmp(name, "contid"))
				printf("=%s", auparse_get_field_str(au));
		} while (auparse_next_field(au) > 0);
	} while (auparse_next_record(au) > 0);
	putchar('\n');
}

static void ready(auparse_state_t *au, auparse_cb_event_t type, void *arg)
{
	(void)arg;
	if (type == AUPARSE_CB_EVENT_READY)
		print(au);
}

static int feed(const char *size, const char *path)
{
	size_t len = strtoul(size, NULL, 10), n;
	char *piece = len ? malloc(len) : NULL;
	FILE *f = fopen(path, "re");
	auparse_state_t *au = auparse_init(AUSOURCE_FEED, NULL);

	if (!piece || !f || !au) {
		perror(path);
		return 1;
	}
	auparse_add_callback(au, ready, NULL, NULL);
	while ((n = fread(piece, 1, len, f)))
		if (auparse_feed(au, piece, n)) {
			perror("auparse_feed");
			return 1;
		}
	auparse_flush_feed(au);
	auparse_destroy(au);
	return ferror(f);
}

int main(int argc, char *argv[])
{
	auparse_state_t *au;
	int got;

	if (argc == 4 && !strcmp(argv[1], "feed"))
		return feed(argv[2], argv[3]);
	if (argc != 3 || strcmp(argv[1], "file")) {
		fprintf(stderr, "usage: auparsed file FILE | feed BYTES FILE\n");
		return 2;
	}
	au = auparse_init(AUSOURCE_FILE, argv[2]);
	if (!au) {
		perror(argv[2]);
		return 1;
	}
	while ((got = auparse_next_event(au)) > 0)
		print(au);
	auparse_destroy(au);
	if (got < 0)
		perror("auparse_next_event");
	return got < 0;
}
