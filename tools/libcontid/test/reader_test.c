// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines to events: how they are cut, grouped and completed
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "events.h"

#define RECORDED "../tests/contid/recorded.log"

static struct contid_reader *fresh(void)
{
	struct contid_reader *reader;

	forget();
	unit_int(0, contid_reader_new(&reader, test_each, NULL));
	return reader;
}

static void feed(struct contid_reader *reader, const char *text)
{
	unit_int(0, contid_reader_feed(reader, text, strlen(text)));
}

static void interleaved_events_are_told_apart(void)
{
	read_text("type=SYSCALL msg=audit(1700000000.123:45): pid=1\n"
		  "type=SYSCALL msg=audit(1700000000.123:46): pid=2\n"
		  "type=CWD msg=audit(1700000000.123:45): cwd=\"/a\"\n"
		  "type=CWD msg=audit(1700000000.123:46): cwd=\"/b\"\n"
		  "type=PROCTITLE msg=audit(1700000000.123:45): proctitle=\"a\"\n"
		  "type=PATH msg=audit(1700000000.123:45): name=\"late\"\n");
	unit_int(2, n_seen);
	unit_true(strstr(seen[0], "\"serial\":46") && strstr(seen[0], "\"/b\""));
	unit_true(strstr(seen[1], "\"serial\":45") && strstr(seen[1], "\"/a\"") &&
		  strstr(seen[1], "late"));
}

static void hosts_are_told_apart(void)
{
	read_text("node=one type=SYSCALL " STAMP "pid=1\n"
		  "node=two type=SYSCALL " STAMP "pid=2\n"
		  "node=one type=CWD " STAMP "cwd=\"/a\"\n");
	unit_int(2, n_seen);
	unit_true(strstr(seen[0], "\"host\":\"two\""));
	unit_true(strstr(seen[1], "\"host\":\"one\"") && strstr(seen[1], "CWD"));
}

static void a_host_is_its_whole_name(void)
{
	read_text("node=on type=SYSCALL " STAMP "pid=1\n"
		  "node=one type=SYSCALL " STAMP "pid=2\n"
		  "type=SYSCALL " STAMP "pid=3\n");
	unit_int(3, n_seen);
}

static void the_host_is_this_machine_else(void)
{
	char name[256] = "", quoted[260];

	gethostname(name, sizeof(name) - 1);
	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	read_text("type=SYSCALL " STAMP "pid=1\n");
	is(quoted, "host");
}

static void an_event_is_complete_with_its_end(void)
{
	struct contid_reader *reader = fresh();

	feed(reader, "type=SYSCALL " STAMP "pid=1\ntype=EOE " STAMP "\n");
	is("1", "subject.pid");
	is("[{\"type\":1300,\"name\":\"SYSCALL\",\"fields\":{\"pid\":\"1\"}}]", "records");
	contid_reader_free(reader);
}

static void an_event_is_complete_two_seconds_later(void)
{
	struct contid_reader *reader = fresh();

	feed(reader, "type=SYSCALL msg=audit(1700000000.000:45): pid=1\n");
	feed(reader, "type=SYSCALL msg=audit(1700000002.000:46): pid=1\n");
	unit_int(0, n_seen);
	feed(reader, "type=SYSCALL msg=audit(1700000002.001:47): pid=1\n");
	unit_int(1, n_seen);
	/* a call that took an hour has the stamp of its begin, and is complete no sooner */
	feed(reader, "type=SYSCALL msg=audit(1699990000.000:40): pid=1\n"
		     "type=CWD msg=audit(1700000002.002:48): cwd=\"/\"\n"
		     "type=CWD msg=audit(1699990000.000:40): cwd=\"/\"\n");
	unit_int(1, n_seen);
	unit_int(0, contid_reader_flush(reader));
	unit_int(5, n_seen);
	contid_reader_free(reader);
}

/* its stamp is that of its begin, long before what others have done meanwhile */
static void a_long_call_is_one_event(void)
{
	struct contid_reader *reader = fresh();

	feed(reader, "type=CWD msg=audit(1700000000.000:45): cwd=\"/\"\n"
		     "type=EOE msg=audit(1700000000.000:45): \n");
	unit_int(1, n_seen);
	forget();
	feed(reader, "type=SYSCALL msg=audit(1699990000.000:40): pid=1\n"
		     "type=CWD msg=audit(1699990000.000:40): cwd=\"/\"\n"
		     "type=CWD msg=audit(1700000000.001:46): cwd=\"/\"\n"
		     "type=PATH msg=audit(1699990000.000:40): name=\"/\"\n");
	unit_int(0, n_seen);
	unit_int(0, contid_reader_flush(reader));
	unit_int(2, n_seen);
	contid_reader_free(reader);
}

static void an_idle_stream_completes_events(void)
{
	struct contid_reader *reader = fresh();

	feed(reader, "type=SYSCALL " STAMP "pid=1\n");
	unit_int(0, contid_reader_age(reader));
	unit_int(0, n_seen);
	nanosleep(&(struct timespec){ .tv_sec = 2, .tv_nsec = 50000000 }, NULL);
	unit_int(0, contid_reader_age(reader));
	unit_int(1, n_seen);
	contid_reader_free(reader);
}

static void lines_may_be_cut_anywhere(void)
{
	static const char text[] = "type=SYSCALL " STAMP "pid=1 comm=\"a b\"\r\n"
				   "type=CWD " STAMP "cwd=\"/\"\n";
	char *whole;

	read_text(text);
	whole = strdup(seen[0]);
	for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
		struct contid_reader *reader = fresh();

		unit_int(0, contid_reader_feed(reader, text, cut));
		unit_int(0, contid_reader_feed(reader, text + cut, sizeof(text) - 1 - cut));
		unit_int(0, contid_reader_flush(reader));
		unit_text(whole, seen[0]);
		contid_reader_free(reader);
	}
	free(whole);
}

static void what_is_no_record_is_passed_over(void)
{
	static const char *const lines[] = {
		"",
		"----",
		"type=SYSCALL",
		"type= msg=audit(1.1:1): x=1",
		"type=NO_SUCH_TYPE msg=audit(1.1:1): x=1",
		"type=-5 msg=audit(1.1:1): x=1",
		"type=99999999999 msg=audit(1.1:1): x=1",
		"type=UNKNOWN[13 msg=audit(1.1:1): x=1",
		"type=SYSCALL msg=audit(1.1000:1): x=1",
		"type=SYSCALL msg=audit(x.1:1): x=1",
		"type=SYSCALL msg=audit(1.1:1 x=1",
		"type=SYSCALL msg=audit(1.1:4294967296): x=1",
		"type=SYSCALL msg=audit(253402300800.0:1): x=1",
		"type=SYSCALL msg=audit(99999999999999999999.0:1): x=1",
		"node= type=SYSCALL msg=audit(1.1:1): x=1",
		"node=type=SYSCALL",
		" type=SYSCALL msg=audit(1.1:1): x=1",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		read_text(lines[i]);
		unit_int(0, n_seen);
	}
	read_text("type=SYSCALL msg=audit(253402300799.999:4294967295): x=1");
	is("\"9999-12-31T23:59:59.999Z\"", "time");
	is("4294967295", "serial");
}

static void a_line_without_end_does_not_grow(void)
{
	struct contid_reader *reader = fresh();
	static char piece[10000];

	memset(piece, 'x', sizeof(piece));
	feed(reader, "type=SYSCALL " STAMP "pid=1\ntype=CWD " STAMP "cwd=");
	for (int i = 0; i < 1000; i++)
		unit_int(0, contid_reader_feed(reader, piece, sizeof(piece)));
	feed(reader, "\ntype=PATH " STAMP "name=\"/\"\n");
	unit_int(0, contid_reader_flush(reader));
	is("1300", "records.0.type");
	is("1302", "records.1.type");
	contid_reader_free(reader);
}

static void a_byte_nul_is_a_blank(void)
{
	static const char text[] = "type=SYSCALL " STAMP "pid=1\0uid=2\n";
	struct contid_reader *reader = fresh();

	unit_int(0, contid_reader_feed(reader, text, sizeof(text) - 1));
	unit_int(0, contid_reader_flush(reader));
	is("2", "subject.uid");
	contid_reader_free(reader);
}

static int counting(const struct contid_event *event, void *data)
{
	(void)event;
	++*(size_t *)data;
	return 0;
}

static void open_events_have_a_limit(void)
{
	struct contid_reader *reader;
	size_t count = 0;
	char line[100];

	unit_int(0, contid_reader_new(&reader, counting, &count));
	contid_reader_interpret(reader, false);
	for (int i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line), "type=SYSCALL msg=audit(1700000000.123:%d): pid=1\n",
			 i);
		feed(reader, line);
	}
	unit_int(20000 - 8192, count);
	unit_int(0, contid_reader_flush(reader));
	unit_int(20000, count);
	contid_reader_free(reader);
}

/* the same stamp on all lines there are */
static void one_event_has_a_limit_of_memory(void)
{
	struct contid_reader *reader;
	size_t count = 0;

	unit_int(0, contid_reader_new(&reader, counting, &count));
	contid_reader_interpret(reader, false);
	for (int i = 0; i < 2000000; i++)
		feed(reader, "type=CWD " STAMP "cwd=\"/\"\n");
	unit_true(count >= 2);
	contid_reader_free(reader);
}

static int three(const struct contid_event *event, void *data)
{
	return counting(event, data) + 3;
}

static void a_callback_may_end_it(void)
{
	struct contid_reader *reader;
	size_t count = 0;

	unit_int(0, contid_reader_new(&reader, three, &count));
	feed(reader,
	     "type=CWD msg=audit(1.1:1): cwd=\"/\"\ntype=CWD msg=audit(1.1:2): cwd=\"/\"\n");
	unit_int(3, contid_reader_flush(reader));
	unit_int(1, count);
	contid_reader_free(reader);
}

static void the_boot_is_what_was_told(void)
{
	struct contid_reader *reader = fresh();

	unit_int(-EINVAL, contid_reader_boot(reader, "123456789012345678901234567890123456789"));
	unit_int(0, contid_reader_boot(reader, "2b8f060e-02c2-4755-ab76-b1eae6a00bb2"));
	feed(reader, "type=SYSCALL " STAMP "pid=1\n");
	unit_int(0, contid_reader_flush(reader));
	is("\"2b8f060e-02c2-4755-ab76-b1eae6a00bb2\"", "boot");
	contid_reader_free(reader);
}

static void this_boot_is_for_its_own_events(void)
{
	struct contid_reader *reader = fresh();
	char line[200], boot[37], quoted[40];

	unit_int(0, contid_boot_id(boot));
	snprintf(quoted, sizeof(quoted), "\"%s\"", boot);
	unit_int(0, contid_reader_this_boot(reader));
	snprintf(line, sizeof(line), "type=SYSCALL msg=audit(%jd.001:1): pid=1\n",
		 (intmax_t)time(NULL) + 1);
	feed(reader, line);
	unit_int(0, contid_reader_flush(reader));
	is(quoted, "boot");
	forget();
	/* before it began */
	feed(reader, "type=SYSCALL msg=audit(1000000000.001:1): pid=1\n");
	unit_int(0, contid_reader_flush(reader));
	is("null", "boot");
	forget();
	snprintf(line, sizeof(line), "node=elsewhere type=SYSCALL msg=audit(%jd.001:1): pid=1\n",
		 (intmax_t)time(NULL) + 1);
	feed(reader, line);
	unit_int(0, contid_reader_flush(reader));
	is("null", "boot");
	contid_reader_free(reader);
}

static void files_are_read_one_after_the_other(void)
{
	static const char *const files[] = { RECORDED, RECORDED, NULL };
	static const char *const none[] = { RECORDED, "/nonexistent", NULL };
	static const char *const folder[] = { "/", NULL };
	struct contid_reader *reader;
	size_t count = 0;

	unit_int(0, contid_reader_new(&reader, counting, &count));
	unit_int(0, contid_reader_files(reader, files + 1));
	unit_int(134, count);
	unit_int(-ENOENT, contid_reader_files(reader, none));
	unit_int(-EISDIR, contid_reader_files(reader, folder));
	contid_reader_free(reader);
}

/* a file whose last line has no end */
static void a_file_ends_its_last_line(void)
{
	char a[] = "/tmp/reader_test.XXXXXX", b[] = "/tmp/reader_test.XXXXXX";
	const char *const files[] = { a, b, NULL };
	struct contid_reader *reader = fresh();
	int fa = mkstemp(a), fb = mkstemp(b);

	dprintf(fa, "type=SYSCALL " STAMP "pid=1");
	dprintf(fb, "type=CWD " STAMP "cwd=\"/\"\n");
	unit_int(0, contid_reader_files(reader, files));
	is("1307", "records.1.type");
	contid_reader_free(reader);
	close(fa);
	close(fb);
	unlink(a);
	unlink(b);
}

static const struct unit_test tests[] = {
	TEST(interleaved_events_are_told_apart),
	TEST(hosts_are_told_apart),
	TEST(a_host_is_its_whole_name),
	TEST(a_long_call_is_one_event),
	TEST(the_host_is_this_machine_else),
	TEST(an_event_is_complete_with_its_end),
	TEST(an_event_is_complete_two_seconds_later),
	TEST(an_idle_stream_completes_events),
	TEST(lines_may_be_cut_anywhere),
	TEST(what_is_no_record_is_passed_over),
	TEST(a_line_without_end_does_not_grow),
	TEST(a_byte_nul_is_a_blank),
	TEST(open_events_have_a_limit),
	TEST(one_event_has_a_limit_of_memory),
	TEST(a_callback_may_end_it),
	TEST(the_boot_is_what_was_told),
	TEST(this_boot_is_for_its_own_events),
	TEST(files_are_read_one_after_the_other),
	TEST(a_file_ends_its_last_line),
};

UNIT(tests)
