// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Failures as sentences: every cell of the table of operations and errnos
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>

#include "unit.h"
#include "../contid.h"

static const char *sentence(enum contid_op op, int err)
{
	static char text[512];

	return contid_error(text, sizeof(text), op, "pid 4711", err);
}

#define NO_CONTID "this kernel has no audit container ids"
#define BOOT_ONE  "boot a kernel with AUDIT_CONTID"

static const struct {
	enum contid_op op;
	int err, status;
	const char *cause, *name, *remedy;
} cells[] = {
	{ CONTID_OP_SET, ENOENT, 3, NO_CONTID, "ENOENT", BOOT_ONE },
	{ CONTID_OP_SET, ENOSYS, 3, NO_CONTID, "ENOSYS", BOOT_ONE },
	{ CONTID_OP_SET, ENOPROTOOPT, 3,
	  "auditing was switched off at boot, or it is a kernel thread", "ENOPROTOOPT",
	  "remove 'audit=0' from the kernel's command line" },
	{ CONTID_OP_SET, EPERM, 4, "no CAP_AUDIT_CONTROL on the host, and no delegation", "EPERM",
	  "run as root on the host, or get 'capcontid' from 'contid set --cap on'" },
	{ CONTID_OP_SET, EACCES, 4, "no CAP_AUDIT_CONTROL on the host, and no delegation", "EACCES",
	  "run as root on the host, or get 'capcontid' from 'contid set --cap on'" },
	{ CONTID_OP_SET, EBUSY, 4, "it has threads or children already", "EBUSY",
	  "label it before its exec: 'contid run'" },
	{ CONTID_OP_SET, EXDEV, 4, "not a descendant of this process", "EXDEV",
	  "start it with 'contid run'" },
	{ CONTID_OP_SET, EEXIST, 4, "already labelled", "EEXIST",
	  "a label is permanent, start the command anew" },
	{ CONTID_OP_SET, ENOTUNIQ, 4, "the id is in use by another orchestrator, or reserved",
	  "ENOTUNIQ", "take another id, or join through its owner" },
	{ CONTID_OP_SET, ENOSPC, 4, "32 containers around it already", "ENOSPC",
	  "start it from one of the outer ones" },
	{ CONTID_OP_SET, ENOMEM, 4, "out of memory", "ENOMEM", "free some and try again" },
	{ CONTID_OP_SET, EINVAL, 4, "not a legal id", "EINVAL",
	  "take a number from 0 to 18446744073709551614" },
	{ CONTID_OP_SET, ERANGE, 4, "not a legal id", "ERANGE",
	  "take a number from 0 to 18446744073709551614" },
	{ CONTID_OP_SET, ESRCH, 4, "there is no such process any more", "ESRCH",
	  "look for it with 'ps -e'" },
	{ CONTID_OP_SET, ETIMEDOUT, 4, "the kernel does not take the label in time", "ETIMEDOUT",
	  "look at 'auditctl -s', whether the audit backlog is full" },

	{ CONTID_OP_JOIN, ENOSYS, 3, NO_CONTID, "ENOSYS", BOOT_ONE },
	{ CONTID_OP_JOIN, ENOENT, 4, "no live container has this id", "ENOENT",
	  "look at 'contid ls'" },
	{ CONTID_OP_JOIN, ENOPROTOOPT, 3,
	  "auditing was switched off at boot, or it is a kernel thread", "ENOPROTOOPT",
	  "remove 'audit=0' from the kernel's command line" },
	{ CONTID_OP_JOIN, EPERM, 4,
	  "no CAP_AUDIT_CONTROL on the host, or the container was made at another nesting level",
	  "EPERM", "run as root on the host, in the container from which it was made" },
	{ CONTID_OP_JOIN, EACCES, 4, "no CAP_AUDIT_CONTROL on the host", "EACCES",
	  "run as root on the host" },
	{ CONTID_OP_JOIN, EBUSY, 4, "it has threads or children already", "EBUSY",
	  "label it before its exec: 'contid join'" },
	{ CONTID_OP_JOIN, EXDEV, 4, "not a descendant of this process", "EXDEV",
	  "start it with 'contid join'" },
	{ CONTID_OP_JOIN, EEXIST, 4, "already labelled", "EEXIST",
	  "a label is permanent, start the command anew" },
	{ CONTID_OP_JOIN, ENOTUNIQ, 4, "the owner of the container still runs", "ENOTUNIQ",
	  "join through it, or start a container with another id" },
	{ CONTID_OP_JOIN, ENOSPC, 4, "32 containers around it already", "ENOSPC",
	  "start it from one of the outer ones" },
	{ CONTID_OP_JOIN, ENOMEM, 4, "out of memory", "ENOMEM", "free some and try again" },
	{ CONTID_OP_JOIN, EINVAL, 4, "not a legal id", "EINVAL",
	  "take a number from 0 to 18446744073709551614" },
	{ CONTID_OP_JOIN, ERANGE, 4, "not a legal id", "ERANGE",
	  "take a number from 0 to 18446744073709551614" },
	{ CONTID_OP_JOIN, ESRCH, 4, "there is no such process any more", "ESRCH",
	  "look for it with 'ps -e'" },
	{ CONTID_OP_JOIN, ETIMEDOUT, 4, "the kernel does not take the label in time", "ETIMEDOUT",
	  "look at 'auditctl -s', whether the audit backlog is full" },

	{ CONTID_OP_GET, ENOSYS, 3, NO_CONTID, "ENOSYS", BOOT_ONE },
	{ CONTID_OP_CAP, EXDEV, 4, "not a descendant of this process", "EXDEV",
	  "grant it from a process that has started it" },
	{ CONTID_OP_NSID, ENOSYS, 3, "this kernel has no namespace ids", "ENOSYS",
	  "boot a kernel with NS_ID" },
	{ CONTID_OP_RULE, ENOSYS, 3, "this kernel has no audit rules with contid", "ENOSYS",
	  BOOT_ONE },
	{ CONTID_OP_POLICY, EKEYREJECTED, 4, "the kernel has another policy than was written",
	  "EKEYREJECTED", "look at the kernel's log" },
	{ CONTID_OP_STATE, EBADMSG, 4, "no state of ours", "EBADMSG",
	  "remove the file if nothing uses it" },
	{ CONTID_OP_LOG, ENOENT, 4, "no such log", "ENOENT",
	  "start auditd, or give the path of a log" },
};

static void every_cell_has_its_sentence(void)
{
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		char expected[512];

		snprintf(expected, sizeof(expected), "pid 4711: %s (%s); %s", cells[i].cause,
			 cells[i].name, cells[i].remedy);
		unit_text(expected, sentence(cells[i].op, cells[i].err));
		unit_text(expected, sentence(cells[i].op, -cells[i].err));
		unit_int(cells[i].status, contid_error_status(cells[i].op, cells[i].err));
		unit_int(cells[i].status, contid_error_status(cells[i].op, -cells[i].err));
	}
}

static void every_sentence_has_a_cause_and_a_remedy_on_one_line(void)
{
	for (int op = 0; op < CONTID_OPS; op++) {
		for (int err = 1; err < 140; err++) {
			const char *text = sentence((enum contid_op)op, err);
			char name[40];

			snprintf(name, sizeof(name), " (%s)", contid_errno_name(err));
			unit_true(!strchr(text, '\n'));
			unit_true(strstr(text, name));
			unit_true(!strstr(text, "(null)"));
			/* what the table lacks has no remedy and is no lack of the kernel's */
			if (!strchr(text, ';'))
				unit_int(4, contid_error_status((enum contid_op)op, err));
		}
	}
}

static void an_unknown_errno_has_the_text_of_the_system(void)
{
	unit_text("pid 4711: Too many open files (EMFILE)", sentence(CONTID_OP_SET, EMFILE));
	unit_text("pid 4711: Unknown error 4711 (errno 4711)", sentence(CONTID_OP_SET, -4711));
	unit_text("errno 0", contid_errno_name(0));
	unit_text("EXDEV", contid_errno_name(-EXDEV));
	unit_int(4, contid_error_status(CONTID_OP_SET, 4711));
	unit_int(4, contid_error_status(CONTID_OPS, ENOSYS));
}

static void a_small_buffer_is_not_overrun(void)
{
	char text[12] = "###########";

	contid_error(text, 8, CONTID_OP_SET, "pid 4711", EXDEV);
	unit_bytes("pid 471\0###", text, 12);
}

static const struct unit_test tests[] = {
	TEST(every_cell_has_its_sentence),
	TEST(every_sentence_has_a_cause_and_a_remedy_on_one_line),
	TEST(an_unknown_errno_has_the_text_of_the_system),
	TEST(a_small_buffer_is_not_overrun),
};

UNIT(tests)
