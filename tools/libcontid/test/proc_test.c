// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of tasks in /proc, on whatever kernel this runs; tests/contid and tests/ns-id have ours
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "../contid.h"

#define NO_PID 0x7ffffff0 /* above PID_MAX_LIMIT */

/* ours has the file, any other has not; root reads it */
static bool ours(void)
{
	return !access("/proc/self/audit_containerid", F_OK);
}

static void a_kernel_without_the_files_is_told_from_a_task_that_is_gone(void)
{
	uint64_t id = 7;
	bool on;

	unit_int(-ESRCH, contid_get(NO_PID, &id));
	unit_int(-ESRCH, contid_get(-1, &id));
	unit_int(-ESRCH, contid_set(NO_PID, 1));
	unit_int(-ESRCH, contid_join(NO_PID, 1));
	unit_int(-ESRCH, contid_cap_get(NO_PID, &on));
	unit_int(-ESRCH, contid_cap_set(NO_PID, true));
	if (ours())
		return;
	unit_int(-ENOSYS, contid_get(0, &id));
	unit_int(-ENOSYS, contid_get(getpid(), &id));
	unit_int(-ENOSYS, contid_set(0, 1));
	unit_int(-ENOSYS, contid_join(0, 1));
	unit_int(-ENOSYS, contid_cap_get(0, &on));
	unit_int(-ENOSYS, contid_cap_set(0, false));
	unit_int(7, id);
}

static void a_process_that_has_ended_is_gone(void)
{
	uint64_t id, ids[CONTID_NS_TYPES];
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	unit_int(-ESRCH, contid_get(pid, &id));
	unit_int(-ESRCH, contid_ns_ids(pid, ids));
}

static void namespaces_have_ids_or_the_kernel_lacks_them(void)
{
	uint64_t ids[CONTID_NS_TYPES], id;
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int err = contid_ns_id(fd, &id);

	if (err == -ENOTTY) {
		unit_int(-ENOSYS, contid_ns_ids(0, ids));
		for (int i = 0; i < CONTID_NS_TYPES; i++)
			unit_int(0, ids[i]);
	} else {
		unit_int(0, err);
		unit_int(0, contid_ns_ids(getpid(), ids));
		unit_true(ids[CONTID_NS_NET] == id && id);
	}
	close(fd);
	unit_int(-ESRCH, contid_ns_ids(NO_PID, ids));
}

static void what_is_no_namespace_has_no_id(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	uint64_t id = 7;

	unit_int(-ENOTTY, contid_ns_id(fd, &id));
	close(fd);
	unit_int(-EBADF, contid_ns_id(-1, &id));
	unit_int(7, id);
}

static void names_are_those_of_proc_in_the_order_of_the_records(void)
{
	static const char *const names[] = { "net",  "uts", "ipc",    "pid",
					     "user", "mnt", "cgroup", "time" };

	unit_int(CONTID_NS_TYPES, sizeof(names) / sizeof(*names));
	for (int i = 0; i < CONTID_NS_TYPES; i++)
		unit_text(names[i], contid_ns_names[i]);
}

static void a_boot_has_one_id(void)
{
	char a[37], b[37];

	unit_int(0, contid_boot_id(a));
	unit_int(0, contid_boot_id(b));
	unit_int(36, strlen(a));
	unit_text(a, b);
	unit_true(a[8] == '-' && a[23] == '-');
}

static const struct unit_test tests[] = {
	TEST(a_kernel_without_the_files_is_told_from_a_task_that_is_gone),
	TEST(a_process_that_has_ended_is_gone),
	TEST(namespaces_have_ids_or_the_kernel_lacks_them),
	TEST(what_is_no_namespace_has_no_id),
	TEST(names_are_those_of_proc_in_the_order_of_the_records),
	TEST(a_boot_has_one_id),
};

UNIT(tests)
