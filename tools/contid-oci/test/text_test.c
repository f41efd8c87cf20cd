// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is written elsewhere and read there: lines of the runtime's log, audit records, pids
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../libcontid/contid.h"
#include "../../libcontid/test/unit.h"
#include "../limit.h"
#include "../log.h"
#include "../message.h"
#include "../runtime.h"

static const struct timespec when = { .tv_sec = 1700000000, .tv_nsec = 12345 };

static void a_line_of_the_log_is_the_runtimes(void)
{
	unit_text("{\"msg\":\"a \\\"b\\\"/\\\\\",\"level\":\"error\","
		  "\"time\":\"2023-11-14T22:13:20.000012Z\"}\n",
		  log_line(LOG_JSON, "error", "a \"b\"/\\", when));
	unit_text("a \"b\"\n", log_line(LOG_TEXT_CRUN, "error", "a \"b\"", when));
	unit_text("time=\"2023-11-14T22:13:20Z\" level=error msg=\"a \\\"b\\\\\"\n",
		  log_line(LOG_TEXT_RUNC, "error", "a \"b\\", when));
	/* one line is one line */
	unit_text("a?b?c\n", log_line(LOG_TEXT_CRUN, "error", "a\nb\033c", when));
}

static char *file_of(const char *path)
{
	static char text[1024];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* The sentence goes to stderr and, behind what is there, to the log. */
static void a_failure_is_one_sentence(void)
{
	char log[] = "/tmp/log-test.XXXXXX", err[] = "/tmp/err-test.XXXXXX";
	char target[64], *text;
	int fd = mkstemp(err), saved = dup(2);

	close(mkstemp(log));
	snprintf(target, sizeof(target), "file:%s", log);
	dup2(fd, 2);
	log_open(target, "json", "/usr/bin/crun");
	unit_int(125, oci_fail("%s: %d", "x\n", 7));
	log_open(log, NULL, "runc");
	unit_int(125, oci_fail("again"));
	log_open(NULL, NULL, "runc");
	unit_int(125, oci_fail("unlogged"));
	oci_warn("warned");
	dup2(saved, 2);
	unit_text("contid-oci: x\\x0a: 7\ncontid-oci: again\ncontid-oci: unlogged\n"
		  "contid-oci: warned\n",
		  file_of(err));
	text = file_of(log);
	unit_true(strstr(text, "{\"msg\":\"contid-oci: x\\\\x0a: 7\",\"level\":\"error\","));
	unit_true(strstr(text, " level=error msg=\"contid-oci: again\"\n"));
	unit_true(!strstr(text, "unlogged") && !strstr(text, "warned"));
	unlink(log);
	unlink(err);
}

static void a_record_has_name_and_number(void)
{
	struct message message = { .op = "create",
				   .container = "web-1",
				   .contid = 1720000000000000001,
				   .boot = "0a1b2c3d-4e5f-6789-abcd-ef0123456789" };

	unit_text("virt=contid op=create vm=\"web-1\" contid=1720000000000000001 "
		  "boot=0a1b2c3d-4e5f-6789-abcd-ef0123456789",
		  message_text(&message));
	message.op = "restore";
	message.old_contid = 3;
	message.old_boot = "1a1b2c3d-4e5f-6789-abcd-ef0123456789";
	unit_text("virt=contid op=restore vm=\"web-1\" contid=1720000000000000001 "
		  "boot=0a1b2c3d-4e5f-6789-abcd-ef0123456789 old-contid=3 "
		  "old-boot=1a1b2c3d-4e5f-6789-abcd-ef0123456789",
		  message_text(&message));
	message.old_boot = "";
	message.contid = CONTID_UNSET;
	message.op = "delete";
	/* a name that would look like another field is hex */
	message.container = "a\" contid=7";
	unit_text("virt=contid op=delete vm=612220636F6E7469643D37 "
		  "boot=0a1b2c3d-4e5f-6789-abcd-ef0123456789",
		  message_text(&message));
}

static void a_pid_is_that_of_the_state(void)
{
	static const struct {
		const char *text;
		int rc;
		pid_t pid;
	} table[] = {
		{ "{\"ociVersion\":\"1.0.0\",\"id\":\"x\",\"pid\":4711,\"status\":\"created\"}", 0,
		  4711 },
		{ "{\"pid\": 4711}", 0, 4711 },
		{ "{\"pid\":4711,\"status\":\"stopped\"}", 0, 0 },
		{ "{\"pid\":0,\"status\":\"stopped\"}", 0, 0 },
		{ "{}", 0, 0 },
		{ "{\"pid\":\"4711\"}", -EBADMSG, 0 },
		{ "{\"pid\":-1}", -EBADMSG, 0 },
		{ "{\"pid\":4294967297}", -EBADMSG, 0 },
		{ "{\"pid\":null}", -EBADMSG, 0 },
		{ "[4711]", -EBADMSG, 0 },
		{ "4711", -EBADMSG, 0 },
		{ "", -EBADMSG, 0 },
	};
	pid_t pid;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_int(table[i].rc, runtime_parse_pid(table[i].text, &pid));
		unit_int(table[i].pid, pid);
	}
}

static int fails(void *data)
{
	return *(int *)data;
}

static int sleeps(void *data)
{
	(void)data;
	return pause();
}

/* Whether a descriptor of ours is one of the step's, or it writes where we do. */
static int has(void *data)
{
	struct stat null, out;

	if (fcntl(*(int *)data, F_GETFD) >= 0)
		return EMFILE;
	return stat("/dev/null", &null) || fstat(STDERR_FILENO, &out) ||
			       null.st_rdev != out.st_rdev ?
		       EBADF :
		       0;
}

static void a_step_holds_no_file_of_ours(void)
{
	int fd[2];

	unit_int(0, pipe(fd));
	unit_int(0, limit_call(has, &fd[1], 10));
	unit_int(1, write(fd[1], "", 1));
	close(fd[0]);
	close(fd[1]);
}

static time_t seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void steps_end_in_time(void)
{
	char *const says[] = { "sh", "-c", "echo said; echo err >&2; exit 3", NULL };
	char *const good[] = { "sh", "-c", "echo said; cat", NULL };
	char *const hangs[] = { "sh", "-c", "echo said; trap '' TERM; sleep 100", NULL };
	char *const silent[] = { "sh", "-c", "exec >&-; sleep 100", NULL };
	char *const endless[] = { "cat", "/dev/zero", NULL };
	char *const missing[] = { "/nonexistent/runtime", NULL };
	int rc = ENOTUNIQ;
	time_t begun;
	char *out;

	unit_int(3, limit_run(says, 10, &out));
	unit_true(!out);
	unit_int(0, limit_run(good, 10, &out));
	unit_text("said\n", out);
	free(out);
	unit_int(0, limit_run(good, 10, NULL));
	unit_int(-ENOENT, limit_run(missing, 10, &out));
	unit_int(-EFBIG, limit_run(endless, 10, &out));
	begun = seconds();
	unit_int(-ETIMEDOUT, limit_run(hangs, 1, &out));
	unit_int(-ETIMEDOUT, limit_run(silent, 1, &out));
	unit_int(-ETIMEDOUT, limit_run(hangs, 1, NULL));
	unit_int(-ETIMEDOUT, limit_call(sleeps, NULL, 1));
	unit_true(seconds() - begun < 12);
	unit_int(-ENOTUNIQ, limit_call(fails, &rc, 10));
	rc = 0;
	unit_int(0, limit_call(fails, &rc, 10));
}

static const struct unit_test tests[] = {
	TEST(a_line_of_the_log_is_the_runtimes),
	TEST(a_failure_is_one_sentence),
	TEST(a_record_has_name_and_number),
	TEST(a_pid_is_that_of_the_state),
	TEST(steps_end_in_time),
	TEST(a_step_holds_no_file_of_ours),
};

UNIT(tests)
