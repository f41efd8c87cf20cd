// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which containers may be started
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "../../libcontid/test/unit.h"
#include "../container.h"

static bool may(enum contid_state_phase phase, const char *policy, bool now)
{
	struct contid_state state = { .policy = (char *)policy, .phase = phase };

	unit_int(0, contid_boot_id(state.boot));
	state.boot[0] ^= !now;
	return container_may_start(&state);
}

static void without_its_policy_none_is_started(void)
{
	unit_true(!may(CONTID_STATE_LABELLED, "p", true));
	unit_true(!may(CONTID_STATE_CREATED, "p", true));
	unit_true(may(CONTID_STATE_POLICY_LOADED, "p", true));
	/* the runtime says better that it runs already */
	unit_true(may(CONTID_STATE_RUNNING, "p", true));
}

static void without_a_policy_all_are(void)
{
	unit_true(may(CONTID_STATE_LABELLED, NULL, true));
	unit_true(may(CONTID_STATE_CREATED, NULL, true));
}

static void others_are_none_of_ours(void)
{
	unit_true(may(CONTID_STATE_CREATED, "p", false));
}

static const struct unit_test tests[] = {
	TEST(without_its_policy_none_is_started),
	TEST(without_a_policy_all_are),
	TEST(others_are_none_of_ours),
};

UNIT(tests)
