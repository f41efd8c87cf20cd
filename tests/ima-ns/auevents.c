// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * auevents - the events of an audit log as libauparse groups them
 *
 * auevents FILE
 *
 * One line an event: its serial number, then a word per record: the name of its type, with
 * "=VALUE" behind it if the record has a field ima_ns.
 *
 * libs: -lauparse -laudit -lcap-ng
 */
#include <auparse.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char *argv[])
{
	auparse_state_t *au;
	int got;

	if (argc != 2) {
		fprintf(stderr, "usage: auevents FILE\n");
		return 2;
	}
	au = auparse_init(AUSOURCE_FILE, argv[1]);
	if (!au) {
		perror(argv[1]);
		return 1;
	}
	while ((got = auparse_next_event(au)) > 0) {
		printf("%lu", auparse_get_serial(au));
		auparse_first_record(au);
		do {
			const char *name = auparse_get_type_name(au);

			printf(" %s", name ? name : "UNKNOWN");
			/* not auparse_find_field(), which goes on in the next record */
			auparse_first_field(au);
			do {
				name = auparse_get_field_name(au);
				if (name && !strcmp(name, "ima_ns"))
					printf("=%s", auparse_get_field_str(au));
			} while (auparse_next_field(au) > 0);
		} while (auparse_next_record(au) > 0);
		putchar('\n');
	}
	auparse_destroy(au);
	if (got < 0)
		perror("auparse_next_event");
	return got < 0;
}
