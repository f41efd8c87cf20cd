// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reports: text, CSV, JSON and HTML say the same
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <sys/time.h>

#include "../commands.h"
#include "evidence.h"

static char *text;
static size_t size;

static struct ir_output output(void)
{
	free(text);
	text = NULL;
	return (struct ir_output){ .file = open_memstream(&text, &size),
				   .entries = true,
				   .end = '\n' };
}

/* What @report says, in text. */
static void said(int (*report)(struct ir_review *, const struct ir_output *))
{
	struct ir_output o = output();

	unit_int(0, report(&review, &o));
	fclose(o.file);
}

static void said_in_html(void)
{
	struct ir_output o = output();

	unit_int(0, ir_report_html(&review, o.file));
	fclose(o.file);
}

static void a_violation_is_one_in_every_report(void)
{
	begin();
	child_violation = true;
	add_boot(boot_pcrs, 10, false);
	review_unquoted(1);
	/* as if an anchor covered it */
	review.namespaces[0].proven = 2;
	said(ir_report_csv);
	unit_true(strstr(text, "\nnamespace,1,10,anchored,"));
	unit_true(strstr(text, "\nnamespace,2,10,violation,"));
	said(ir_report_text);
	unit_true(strstr(text, "      2  10  violation  "));
	said(ir_report_json);
	unit_true(strstr(text, "\"state\":\"violation\""));
	said_in_html();
	unit_true(strstr(text, "class=\"bad\">violation<"));
	end();
}

static char policies[] = "/tmp/report-test.XXXXXX";

/* show --export=keylime of the evidence: its status; what it says in @text. */
static int exported(void)
{
	struct ir_options o = { .export = "keylime", .export_to = policies };
	int old = dup(STDERR_FILENO), file, status;

	strcpy(policies, "/tmp/report-test.XXXXXX");
	unit_true(mkdtemp(policies));
	file = open("/tmp", O_RDWR | O_TMPFILE, 0600);
	dup2(file, STDERR_FILENO);
	o.review = (struct ir_review){ .folder = folder, .dir = -1, .unquoted = true };
	status = ir_options_report(&o, true);
	dup2(old, STDERR_FILENO);
	close(old);
	free(text);
	text = ir_alloc(4096);
	unit_true(pread(file, text, 4095, 0) >= 0);
	close(file);
	review = o.review;
	return status;
}

static void a_list_that_failed_makes_no_policy(void)
{
	char *sentence, *path;

	begin();
	add_boot(boot_pcrs, 10, false);
	add_file("/bin/x", child_digest, 10, false);
	evidence(1);
	unit_int(CLI_DONE, exported());
	path = ir_text("%s/host.json", policies);
	unit_true(!access(path, F_OK));
	unlink(path);
	free(path);
	unit_int(0, rmdir(policies));
	end();
	/* not what was measured */
	list.p[list.n - 5] ^= 1;
	evidence(1);
	unit_int(CLI_NOTHING, exported());
	unit_int(0, rmdir(policies));
	sentence = ir_sentence(&review);
	unit_true(strstr(sentence, "FAILED: replay"));
	unit_true(strstr(text, sentence));
	unit_true(strstr(text, "; no policies are written\n"));
	free(sentence);
	end();
}

/* Ends the test program after so much time of a processor; 0: never. */
static void limit(time_t seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds };

	setitimer(ITIMER_PROF, &timer, NULL);
}

/* Containers that all used a file; with a copy of the text for each this takes minutes. */
static void a_file_of_many_containers_is_one_row(void)
{
	enum { N = 200000 };
	const char *at;
	size_t n = 0;

	begin();
	add_boot(boot_pcrs, 10, false);
	add_file("/bin/x", child_digest, 10, false);
	review_unquoted(1);
	review.who.matches = ir_array(NULL, N, sizeof(*review.who.matches));
	for (uint32_t i = 0; i < N; i++) {
		uint32_t node = (uint32_t)(ir_node_get(&review.who, UINT64_C(1) << 60 | i, 0x4b) -
					   review.who.nodes);

		review.who.matches[review.who.n_matches++] = (struct ir_match){ 2, node };
	}
	review.who.sorted = true;
	limit(5);
	said(ir_report_csv);
	limit(5);
	at = strstr(text, "\nhost,2,");
	unit_true(at);
	for (const char *end = strchr(at + 1, '\n'); at < end; at++)
		n += *at == ',';
	/* of the columns, between containers, and between namespaces */
	unit_int(9 + 2 * (N - 1), n);
	unit_true(strstr(text, ",\"1152921504606846976,1152921504606846977,"));
	unit_true(strstr(text, ",1152921504607046975\",\"0x4b,0x4b,"));
	said_in_html();
	limit(0);
	unit_true(strstr(text, ">1152921504606846976 in 0x4b, 1152921504606846977 in 0x4b, "));
	unit_true(strstr(text, ", 1152921504607046975 in 0x4b (match)</td>"));
	unit_true(strstr(text, ">host (none)</td>"));
	end();
}

/* A file that changes with every run. */
static void each_digest_is_allowed_once(void)
{
	enum { N = 60000 };
	uint8_t digest[32] = { 0 };
	char *path, *error;
	uint8_t *policy;
	size_t n = 0;

	begin();
	add_boot(boot_pcrs, 10, false);
	for (int i = 0; i < 2 * N; i++) {
		memcpy(digest, &(int){ i % N }, sizeof(int));
		add_file("/bin/x", digest, 10, false);
	}
	review_unquoted(1);
	strcpy(policies, "/tmp/report-test.XXXXXX");
	unit_true(mkdtemp(policies));
	limit(5);
	unit_int(0, ir_report_keylime(&review, policies, &error));
	limit(0);
	path = ir_text("%s/host.json", policies);
	unit_int(0, ir_read_file(AT_FDCWD, path, 64 << 20, &policy, &size));
	unlink(path);
	free(path);
	unit_int(0, rmdir(policies));
	for (size_t i = 11; i < size; i++)
		n += !memcmp(policy + i - 11, "0000000000\"", 11);
	unit_int(N, n);
	free(policy);
	end();
}

/* Keylime would take an empty policy for one that allows nothing. */
static void a_container_without_files_has_no_policy(void)
{
	static const char log[] =
		"type=SYSCALL msg=audit(1700000000.100:1): arch=c000003e syscall=87 success=yes "
		"exit=0 pid=2 comm=\"x\" exe=\"/bin/x\" key=(null) record=1\n"
		"type=CONTAINER_ID msg=audit(1700000000.100:1): record=1 contid=5\n"
		"type=EOE msg=audit(1700000000.100:1):\n"
		"type=INTEGRITY_RULE msg=audit(1700000001.100:2): file=\"/bin/x\" "
		"hash=\"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" "
		"pid=3 record=1\n"
		"type=CONTAINER_ID msg=audit(1700000001.100:2): record=1 contid=6\n"
		"type=EOE msg=audit(1700000001.100:2):\n";
	char *host, *five, *six, *error;

	begin();
	audit_log = log;
	add_boot(boot_pcrs, 10, false);
	review_unquoted(1);
	strcpy(policies, "/tmp/report-test.XXXXXX");
	unit_true(mkdtemp(policies));
	unit_int(0, ir_report_keylime(&review, policies, &error));
	host = ir_text("%s/host.json", policies);
	five = ir_text("%s/contid-5.json", policies);
	six = ir_text("%s/contid-6.json", policies);
	unit_int(0, unlink(host));
	unit_int(0, unlink(six));
	unit_int(-1, unlink(five));
	unit_int(0, rmdir(policies));
	free(host);
	free(five);
	free(six);
	end();
}

static const struct unit_test tests[] = {
	TEST(a_violation_is_one_in_every_report),      TEST(a_list_that_failed_makes_no_policy),
	TEST(a_file_of_many_containers_is_one_row),    TEST(each_digest_is_allowed_once),
	TEST(a_container_without_files_has_no_policy),
};

UNIT(tests)
