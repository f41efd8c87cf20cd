// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - a container whose records wait for the audit backlog holds
 * up nobody else
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Nobody empties the backlog; a container floods it until its task waits in
 * audit_log_start(). What others do then "at once" is done while it still
 * waits there.
 *
 * smp: 2
 */

#include "common.h"
#include "stall.h"
#include "../kselftest_harness.h"

FIXTURE(stalled)
{
	/* second: another task of late's container */
	struct container *flooder, *late, *early, *second;
	pid_t stall;
};

FIXTURE_SETUP(stalled)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, make_prog(PROG, "1"));
	ASSERT_EQ(0, make_flood());
	self->flooder = ct_active(NULL, (struct ct_opts){}, RULE_READ);
	self->early = ct_active(NULL, (struct ct_opts){}, RULE_READ RULE_EXEC);
	self->late = ct_active(NULL, (struct ct_opts){}, RULE_READ RULE_EXEC);
	ASSERT_NE(NULL, self->flooder);
	ASSERT_NE(NULL, self->early);
	ASSERT_NE(NULL, self->late);
	self->second = ct_helper(self->late);
	ASSERT_NE(NULL, self->second);
	/* this one has its record already */
	ASSERT_EQ(0, ct_exec(self->early, PROG));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 4));
	self->stall = stall_begin();
	ASSERT_LT(0, self->stall);
	ASSERT_TRUE(ct_begin_waits(self->flooder, fn_flood, 0));
}

FIXTURE_TEARDOWN(stalled)
{
	/* before any request to audit: who makes one waits for the backlog */
	stall_end(&self->stall);
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, AUDIT_LIMIT_ALL);
	ct_finish(self->flooder);
	ct_finish(self->late);
	ct_finish(self->second);
	ct_end(self->second);
	ct_end(self->flooder);
	ct_end(self->early);
	ct_end(self->late);
	audit_close();
}

#define THAW() do {							\
	ASSERT_EQ(0, stall_end(&self->stall));				\
	EXPECT_EQ(0, audit_set(AUDIT_STATUS_BACKLOG_LIMIT,		\
			       AUDIT_LIMIT_ALL));			\
	EXPECT_EQ(0, ct_finish(self->flooder));				\
} while (0)

TEST_F_TIMEOUT(stalled, others_use_the_same_file_at_once, 300)
{
	ASSERT_TRUE(ct_begin_waits(self->late, fn_use, (long)PROG));

	EXPECT_EQ(0, ct_exec(self->early, PROG));
	EXPECT_EQ(0, ct_use(self->early, PROG));
	/* the audit daemon is this process, those it runs are not */
	EXPECT_EQ(0, ct_use(NULL, PROG));
	EXPECT_EQ(0, ct_exec(NULL, PROG));
	EXPECT_TRUE(waits_for_backlog(self->late));
	EXPECT_TRUE(waits_for_backlog(self->flooder));

	THAW();
	EXPECT_EQ(0, ct_finish(self->late));
	EXPECT_COUNT(1, audit_count_file(self->late, PROG));
}

TEST_F_TIMEOUT(stalled, others_change_the_same_file_at_once, 300)
{
	char old[SHA256_HEX + 1];

	ASSERT_EQ(0, file_sha256_hex(PROG, old));
	ASSERT_TRUE(ct_begin_waits(self->late, fn_use, (long)PROG));

	EXPECT_EQ(0, chmod(PROG, 0711));
	EXPECT_EQ(0, ct_append(self->early, PROG));
	EXPECT_EQ(0, truncate(PROG, sizeof(struct tiny_program)));
	EXPECT_EQ(0, unlink(W "/flood.0"));
	EXPECT_TRUE(waits_for_backlog(self->late));
	EXPECT_TRUE(waits_for_backlog(self->flooder));

	THAW();
	EXPECT_EQ(0, ct_finish(self->late));
	EXPECT_COUNT(1, audit_count_digest(self->late, PROG, old));
	/* run again, the new contents are recorded */
	EXPECT_EQ(0, ct_exec(self->late, PROG));
	EXPECT_COUNT(1, audit_count_current(self->late, PROG));
	EXPECT_COUNT(2, audit_count_file(self->late, PROG));
}

TEST_F_TIMEOUT(stalled, a_record_on_its_way_is_not_written_twice, 300)
{
	ASSERT_TRUE(ct_begin_waits(self->late, fn_use, (long)PROG));

	EXPECT_EQ(0, ct_call(self->second, fn_use, (long)PROG, 0, 0, 0));
	EXPECT_TRUE(waits_for_backlog(self->late));

	THAW();
	EXPECT_EQ(0, ct_finish(self->late));
	EXPECT_COUNT(1, audit_count_file(self->late, PROG));
	EXPECT_EQ(0, ct_use(self->late, PROG));
	EXPECT_COUNT(1, audit_count_file(self->late, PROG));
}

TEST_F_TIMEOUT(stalled, what_changes_while_its_record_waits_is_recorded_too, 300)
{
	char old[SHA256_HEX + 1];

	ASSERT_EQ(0, file_sha256_hex(PROG, old));
	ASSERT_TRUE(ct_begin_waits(self->late, fn_use, (long)PROG));
	ASSERT_EQ(0, ct_append(NULL, PROG));
	/* the mark of the first belongs to the old contents */
	EXPECT_TRUE(ct_begin_waits(self->second, fn_use, (long)PROG));
	EXPECT_TRUE(waits_for_backlog(self->late));

	THAW();
	EXPECT_EQ(0, ct_finish(self->late));
	EXPECT_EQ(0, ct_finish(self->second));
	EXPECT_COUNT(1, audit_count_digest(self->late, PROG, old));
	EXPECT_COUNT(1, audit_count_current(self->late, PROG));
	EXPECT_COUNT(2, audit_count_file(self->late, PROG));
	EXPECT_EQ(0, ct_use(self->late, PROG));
	EXPECT_COUNT(2, audit_count_file(self->late, PROG));
}

TEST_F_TIMEOUT(stalled, who_is_killed_while_it_waits_leaves_the_record, 300)
{
	long status;

	ASSERT_TRUE(ct_begin_waits(self->second, fn_use, (long)PROG));
	ASSERT_EQ(0, kill(self->second->pid, SIGKILL));
	usleep(100000);
	EXPECT_TRUE(waits_for_backlog(self->second));

	THAW();
	status = fn_reap((const long[]){ self->second->pid });
	self->second->pid = 0;
	atomic_store(&self->second->state, CT_GONE);
	EXPECT_EQ(SIGKILL, status);
	EXPECT_COUNT(1, audit_count_current(self->late, PROG));
	/* and it counts: the next use adds none */
	EXPECT_EQ(0, ct_use(self->late, PROG));
	EXPECT_COUNT(1, audit_count_file(self->late, PROG));
}

TEST_HARNESS_MAIN
