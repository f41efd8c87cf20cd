// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words of the command line: numbers of processes, lists of namespaces
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <sched.h>

#include "../../libcontid/test/unit.h"
#include "../commands.h"
#include "../unshare.h"

static void a_process_has_a_plain_number(void)
{
	static const char *const bad[] = { "",
					   "0",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "0x1",
					   "1x",
					   "self",
					   "2147483648",
					   "99999999999999999999" };
	pid_t pid;

	unit_true(pid_parse("1", &pid) && pid == 1);
	unit_true(pid_parse("2147483647", &pid) && pid == 2147483647);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		printf("# '%s'\n", bad[i]);
		unit_true(!pid_parse(bad[i], &pid));
	}
}

static void namespaces_have_the_names_of_proc(void)
{
	static const struct {
		const char *list;
		int flags;
	} good[] = {
		{ "net", CLONE_NEWNET },
		{ "uts", CLONE_NEWUTS },
		{ "ipc", CLONE_NEWIPC },
		{ "pid", CLONE_NEWPID },
		{ "user", CLONE_NEWUSER },
		{ "mnt", CLONE_NEWNS },
		{ "cgroup", CLONE_NEWCGROUP },
		{ "time", CLONE_NEWTIME },
		{ "net,net", CLONE_NEWNET },
		{ "user,mnt,pid", CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID },
	};
	static const struct {
		const char *list, *word;
	} bad[] = {
		{ "", "" },
		{ "net,", "" },
		{ ",net", "" },
		{ "net,nett", "nett" },
		{ "ne", "ne" },
		{ "NET", "NET" },
		{ "net mnt", "net mnt" },
		{ "net,mount,pid", "mount" },
	};
	char word[16];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int flags = 0;

		unit_true(unshare_parse(good[i].list, &flags, word, sizeof(word)));
		unit_int(good[i].flags, flags);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int flags = 0;

		unit_true(!unshare_parse(bad[i].list, &flags, word, sizeof(word)));
		unit_text(bad[i].word, word);
	}
}

static const struct unit_test tests[] = {
	TEST(a_process_has_a_plain_number),
	TEST(namespaces_have_the_names_of_proc),
};

UNIT(tests)
