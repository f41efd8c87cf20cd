// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drawn ids that are in use: no kernel can be made to refuse what is drawn, so this program has
 * other functions in the place of those that write to /proc
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "../contid.h"

static int refusals, refusal, asked;
static uint64_t ids[32];

int contid_set(pid_t pid, uint64_t id)
{
	if (kill(pid, 0))
		return -ESRCH;
	ids[asked++] = id;
	return asked <= refusals ? refusal : 0;
}

int contid_join(pid_t pid, uint64_t id)
{
	return contid_set(pid, id);
}

static int launch(struct contid_launch *launch, int n, int err)
{
	char *const argv[] = { "true", NULL };
	int rc;

	launch->argv = argv;
	asked = 0;
	refusals = n;
	refusal = err;
	rc = contid_launch(launch);
	if (!rc)
		unit_int(0, contid_launch_wait(launch));
	unit_int(-1, waitpid(-1, NULL, WNOHANG));
	return rc;
}

static void an_id_in_use_is_drawn_again(void)
{
	for (int n = 0; n <= 8; n++) {
		struct contid_launch l = { .draw = true };

		unit_int(0, launch(&l, n, -ENOTUNIQ));
		unit_int(n + 1, asked);
		unit_true(l.id == ids[n] && l.id >= CONTID_AUTO_MIN && l.id <= CONTID_AUTO_MAX);
		for (int i = 0; i < n; i++)
			unit_true(ids[i] != l.id);
		unit_int(0, l.label_errno);
	}
}

static void eight_times_and_no_more(void)
{
	struct contid_launch l = { .draw = true };

	unit_int(-ENOTUNIQ, launch(&l, 9, -ENOTUNIQ));
	unit_int(9, asked);
	unit_int(ENOTUNIQ, l.label_errno);
}

static void an_id_that_was_given_is_not_replaced(void)
{
	struct contid_launch l = { .id = 42 }, join = { .id = 43, .join = true };

	unit_int(-ENOTUNIQ, launch(&l, 1, -ENOTUNIQ));
	unit_int(1, asked);
	unit_true(l.id == 42);
	unit_int(-ENOTUNIQ, launch(&join, 1, -ENOTUNIQ));
	unit_int(1, asked);
	unit_true(ids[0] == 43);
}

static void no_other_refusal_is_tried_again(void)
{
	static const int errs[] = { EPERM, EEXIST, EBUSY, ENOMEM, ESRCH };

	for (size_t i = 0; i < sizeof(errs) / sizeof(*errs); i++) {
		struct contid_launch l = { .draw = true };

		unit_int(-errs[i], launch(&l, 1, -errs[i]));
		unit_int(1, asked);
		unit_int(errs[i], l.label_errno);
	}
}

/* The intermediate has drawn it, the caller is told. */
static void the_caller_learns_the_id_of_an_intermediate(void)
{
	struct contid_launch l = { .draw = true, .foreground = true }, refused = l;

	unit_int(0, launch(&l, 3, -ENOTUNIQ));
	unit_true(l.id >= CONTID_AUTO_MIN && l.id <= CONTID_AUTO_MAX);
	unit_int(-EPERM, launch(&refused, 1, -EPERM));
	unit_int(EPERM, refused.label_errno);
	unit_int(0, refused.exec_errno);
}

static const struct unit_test tests[] = {
	TEST(an_id_in_use_is_drawn_again),
	TEST(eight_times_and_no_more),
	TEST(an_id_that_was_given_is_not_replaced),
	TEST(no_other_refusal_is_tried_again),
	TEST(the_caller_learns_the_id_of_an_intermediate),
};

UNIT(tests)
