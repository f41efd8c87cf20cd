// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records that wait
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../intake.h"
#include "../queue.h"

static struct queue queue;
static char *lines[64];
static bool closed;

static size_t take(size_t max)
{
	return queue_take(&queue, lines, max, 0, &closed);
}

static void the_newest_is_dropped_and_counted(void)
{
	unit_int(0, queue_init(&queue, 3));
	for (int i = 0; i < 5; i++)
		unit_int(i < 3, queue_put(&queue, &"abcde"[i], 1, false));
	unit_int(3, queue_count(&queue));
	/* as long as it is full nothing is told */
	unit_int(0, queue_lost(&queue, false));
	unit_int(3, take(64));
	unit_text("a", lines[0]);
	unit_text("c", lines[2]);
	unit_int(2, queue_lost(&queue, false));
	unit_int(0, queue_lost(&queue, true));
	for (int i = 0; i < 3; i++)
		free(lines[i]);
	queue_free(&queue);
}

static void it_goes_round(void)
{
	unit_int(0, queue_init(&queue, 3));
	for (int i = 0; i < 10; i++) {
		char line[2] = { (char)('0' + i), 0 };

		unit_true(queue_put(&queue, line, 1, false));
		unit_int(1, take(1));
		unit_text(line, lines[0]);
		free(lines[0]);
	}
	queue_free(&queue);
}

static void its_limit_may_change(void)
{
	unit_int(0, queue_init(&queue, 4));
	for (int i = 0; i < 4; i++)
		queue_put(&queue, &"abcd"[i], 1, false);
	free((take(1), lines[0]));
	queue_put(&queue, "e", 1, false);
	/* those that wait stay */
	unit_int(0, queue_limit(&queue, 2));
	unit_true(!queue_put(&queue, "f", 1, false));
	unit_int(3, take(3));
	unit_text("b", lines[0]);
	unit_text("d", lines[2]);
	unit_true(queue_put(&queue, "g", 1, false));
	unit_true(!queue_put(&queue, "h", 1, false));
	for (int i = 0; i < 3; i++)
		free(lines[i]);
	unit_int(0, queue_limit(&queue, 8));
	for (int i = 0; i < 6; i++)
		unit_true(queue_put(&queue, "i", 1, false));
	unit_int(8, take(64));
	unit_text("e", lines[0]);
	unit_text("g", lines[1]);
	for (int i = 0; i < 8; i++)
		free(lines[i]);
	queue_free(&queue);
}

static void closed_means_empty_too(void)
{
	unit_int(0, queue_init(&queue, 4));
	queue_put(&queue, "a", 1, false);
	queue_close(&queue);
	unit_int(1, take(1));
	unit_true(!closed);
	free(lines[0]);
	unit_int(0, take(1));
	unit_true(closed);
	queue_free(&queue);
}

static void *put_one(void *wait)
{
	queue_put(&queue, "b", 1, wait);
	return NULL;
}

static void a_file_can_wait(void)
{
	pthread_t thread;

	unit_int(0, queue_init(&queue, 1));
	queue_put(&queue, "a", 1, true);
	unit_int(0, pthread_create(&thread, NULL, put_one, &queue));
	usleep(50000);
	unit_int(1, take(64));
	free(lines[0]);
	pthread_join(thread, NULL);
	unit_int(1, take(64));
	unit_text("b", lines[0]);
	free(lines[0]);
	unit_int(0, queue_lost(&queue, true));
	queue_free(&queue);
}

static void taken_from(const char *bytes, size_t size)
{
	FILE *file = tmpfile();

	unit_int(size, fwrite(bytes, 1, size, file));
	rewind(file);
	unit_int(0, queue_init(&queue, 64));
	intake(fileno(file), &queue);
	fclose(file);
}

static void input_is_cut_into_lines(void)
{
	static const char text[] = "one\n\ntwo\nthree";

	taken_from(text, sizeof(text) - 1);
	unit_int(3, take(64));
	unit_text("one", lines[0]);
	unit_text("two", lines[1]);
	unit_text("three", lines[2]);
	unit_int(0, take(64));
	unit_true(closed);
	for (int i = 0; i < 3; i++)
		free(lines[i]);
	queue_free(&queue);
}

static void a_line_without_end_is_one_lost_record(void)
{
	size_t size = 3 << 20;
	char *text = malloc(size);

	memset(text, 'x', size);
	memcpy(text, "one\n", 4);
	memcpy(text + size - 5, "\ntwo\n", 5);
	taken_from(text, size);
	unit_int(2, take(64));
	unit_text("one", lines[0]);
	unit_text("two", lines[1]);
	unit_int(1, queue_lost(&queue, true));
	free(lines[0]);
	free(lines[1]);
	queue_free(&queue);
	free(text);
}

static const struct unit_test tests[] = {
	TEST(the_newest_is_dropped_and_counted),
	TEST(it_goes_round),
	TEST(its_limit_may_change),
	TEST(closed_means_empty_too),
	TEST(a_file_can_wait),
	TEST(input_is_cut_into_lines),
	TEST(a_line_without_end_is_one_lost_record),
};

UNIT(tests)
