// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A log that is being written, and rotated
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../follow.h"

static char folder[64], path[80], older[80], oldest[80];
static uint64_t serials[64];
static size_t n, step;
static volatile sig_atomic_t stop;

static void put(const char *file, int serial)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0600);

	unit_true(fd >= 0);
	dprintf(fd,
		"type=USER msg=audit(1700000000.000:%d): pid=1\n"
		"type=EOE msg=audit(1700000000.000:%d): \n",
		serial, serial);
	close(fd);
}

static int each(const struct contid_event *event, void *data)
{
	(void)data;
	serials[n++] = event->serial;
	return 0;
}

/* What happens between two looks at the log: one step each time. */
static int idle(void)
{
	switch (step++) {
	case 0:
		put(path, 2);
		break;
	case 1: /* rotated once */
		rename(path, older);
		put(older, 3);
		put(path, 4);
		break;
	case 2: /* for a moment there is none */
		rename(older, oldest);
		rename(path, older);
		break;
	case 3: /* and once more: what was read is .2 now, and .1 is new */
		rename(older, oldest);
		put(older, 5);
		put(path, 6);
		break;
	case 4: /* emptied */
		unit_int(0, truncate(path, 0));
		break;
	case 5:
		put(path, 7);
		break;
	default:
		stop = 1;
	}
	return 0;
}

static void run(bool old)
{
	struct contid_reader *reader;

	n = step = 0;
	stop = 0;
	unlink(older);
	unlink(oldest);
	unlink(path);
	put(path, 1);
	unit_int(0, contid_reader_new(&reader, each, NULL));
	unit_int(0, follow(reader, path, old, idle, &stop));
	contid_reader_free(reader);
}

static void nothing_is_missed_or_twice(void)
{
	run(true);
	unit_int(7, n);
	for (size_t i = 0; i < n; i++)
		unit_int(i + 1, serials[i]);
}

static void it_may_begin_at_the_end(void)
{
	run(false);
	unit_int(6, n);
	unit_int(2, serials[0]);
}

static void a_missing_log_is_an_error(void)
{
	unit_int(-ENOENT, follow(NULL, "/nonexistent", true, idle, &stop));
}

static const struct unit_test tests[] = {
	TEST(nothing_is_missed_or_twice),
	TEST(it_may_begin_at_the_end),
	TEST(a_missing_log_is_an_error),
};

int main(void)
{
	int failed;

	strcpy(folder, "/tmp/follow_test.XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(older, sizeof(older), "%s/log.1", folder);
	snprintf(oldest, sizeof(oldest), "%s/log.2", folder);
	failed = unit_run(tests, sizeof(tests) / sizeof(*tests));
	unlink(path);
	unlink(older);
	unlink(oldest);
	return rmdir(folder) || failed;
}
