// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - the host's policy beside those of containers
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Rules of the host stay until the next boot. Those of this program hold for
 * files of one owner only, and its name makes it the last one to run: for the
 * others the host has no policy.
 *
 * smp: 2
 */

#include "common.h"
#include "stall.h"
#include "../kselftest_harness.h"

#define OWNER		54321
#define HOST_RULES	"audit func=BPRM_CHECK mask=MAY_EXEC fowner=54321\n" \
			"audit func=FILE_CHECK mask=MAY_READ fowner=54321\n" \
			"measure func=FILE_CHECK mask=MAY_READ fowner=54322\n"
#define MEASURED	54322
#define HOST_LIST	HOST_SEC "/integrity/ima/ascii_runtime_measurements"

FIXTURE(both)
{
	struct container *c;
};

FIXTURE_SETUP(both)
{
	static const char first[] = "audit func=BPRM_CHECK mask=MAY_EXEC fowner=54321 \n";

	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	ASSERT_LE(0, ct_cat(NULL, HOST_POLICY));
	if (!strstr(ct_out(NULL), first))
		ASSERT_EQ(0, ct_load(NULL, HOST_POLICY, HOST_RULES));
	ASSERT_EQ(0, make_prog(PROG, "1"));
	ASSERT_EQ(0, chown(PROG, OWNER, OWNER));
	ASSERT_EQ(0, make_file(DATA, "1"));
	ASSERT_EQ(0, chown(DATA, OWNER, OWNER));
	self->c = ct_active(NULL, (struct ct_opts){}, NULL);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(both)
{
	ct_end(self->c);
	audit_close();
}

#define EXPECT_FILE(_host, _child, _path) do {				\
	EXPECT_COUNT(_host, audit_count_file(NULL, _path));		\
	EXPECT_COUNT(_child, audit_count_file(self->c, _path));		\
} while (0)

TEST_F_TIMEOUT(both, on_the_host_its_rule_alone_counts, 120)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_exec(NULL, PROG));
	ASSERT_EQ(0, ct_exec(NULL, PROG));
	EXPECT_FILE(1, 0, PROG);
}

TEST_F_TIMEOUT(both, a_container_without_rules_is_recorded_for_the_host, 120)
{
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_FILE(1, 0, PROG);
}

TEST_F_TIMEOUT(both, the_host_is_recorded_first_then_the_child, 120)
{
	size_t i, host = 0, child = 0;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_FILE(1, 1, PROG);
	for (i = 0; i < audit_log_state.n; i++) {
		struct audit_entry *e = &audit_log_state.entries[i];

		if (e->type != AUDIT_INTEGRITY_RULE)
			continue;
		if (strstr(e->text, " ima_ns="))
			child = i + 1;
		else
			host = i + 1;
	}
	EXPECT_LT(0U, host);
	EXPECT_LT(host, child);
}

/* up to the tail both are the same text, and the host's has no ima_ns */
TEST_F_TIMEOUT(both, the_childs_record_is_the_hosts_and_a_tail, 120)
{
	const char *text[2] = {}, *a, *b;
	size_t i, n = 0, len;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, audit_sync());
	for (i = 0; i < audit_log_state.n; i++)
		if (audit_log_state.entries[i].type == AUDIT_INTEGRITY_RULE &&
		    n < 2)
			text[n++] = audit_log_state.entries[i].text;
	ASSERT_EQ(2U, n);
	a = strstr(text[0], " file=") ?: strstr(text[0], "file=");
	b = strstr(text[1], " file=") ?: strstr(text[1], "file=");
	ASSERT_NE(NULL, a);
	ASSERT_NE(NULL, b);
	len = strlen(a);
	EXPECT_EQ(0, strncmp(a, b, len)) {
		audit_dump();
	}
	EXPECT_EQ(0, strncmp(b + len, " ima_ns=0x", 10));
	EXPECT_STREQ(self->c->id, b + len + 8);
}

TEST_F_TIMEOUT(both, a_child_cannot_keep_the_hosts_rule_from_matching, 120)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy",
			     "dont_audit\ndont_measure\ndont_appraise\ndont_hash\n"));
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_FILE(1, 0, PROG);
	EXPECT_FILE(1, 0, DATA);
}

TEST_F_TIMEOUT(both, a_namespace_that_ends_does_not_take_the_record_along, 120)
{
	struct container *c = ct_active(self->c, (struct ct_opts){},
					"dont_audit\n");

	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_exec(c, PROG));
	ct_end(c);
	EXPECT_FILE(1, 0, PROG);
	ASSERT_EQ(0, ct_exec(self->c, PROG));
	EXPECT_FILE(1, 0, PROG);
}

TEST_F_TIMEOUT(both, options_of_a_child_do_not_reach_the_hosts_record, 120)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy",
			     "audit func=FILE_CHECK digest_type=verity permit_directio\n"));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_COUNT(1, audit_count_file(NULL, DATA));
	EXPECT_COUNT(0, audit_count(AUDIT_INTEGRITY_RULE,
				    "hash=\"[a-z0-9]+:0+\" .* exe=\"[^\"]*\"( subj=[^ ]+)?$"));
}

TEST_F_TIMEOUT(both, a_change_is_recorded_again_for_both, 120)
{
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	ASSERT_EQ(0, ct_append(NULL, DATA));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	ASSERT_EQ(0, ct_use(NULL, DATA));
	EXPECT_FILE(2, 2, DATA);
}

/* H7: the host's status ignores xattrs unless its policy appraises */
TEST_F_TIMEOUT(both, security_ima_renews_the_childs_record_not_the_hosts, 120)
{
	unsigned char digest[34] = { 4, 4 };

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	ASSERT_EQ(0, setxattr(DATA, "security.ima", digest, sizeof(digest),
			      0));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_FILE(1, 2, DATA);
}

TEST_F_TIMEOUT(both, of_two_writers_either_order_of_closing_is_seen, 120)
{
	long a, b;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	a = ct_open(NULL, DATA, O_WRONLY);
	b = ct_open(self->c, DATA, O_WRONLY);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(1, ct_pwrite(NULL, a, "A", 1, 0));
	ASSERT_EQ(0, ct_close(NULL, a));
	ASSERT_EQ(0, ct_close(self->c, b));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_FILE(2, 2, DATA);
}

/* the records of a host's load have neither limit nor tail */
TEST_F_TIMEOUT(both, the_hosts_own_load_is_recorded_as_ever, 120)
{
	ASSERT_EQ(0, ct_load(NULL, HOST_POLICY,
			     "dont_audit func=FILE_CHECK fowner=54323\n"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_POLICY_RULE,
				    ": action=dont_audit func=FILE_CHECK fowner=54323 res=1$"));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_STATUS,
				    " op=policy_update cause=completed comm=[^ ]+ res=1 errno=0$"));
}

TEST_F_TIMEOUT(both, many_loads_by_a_child_do_not_limit_the_host, 120)
{
	int i;

	for (i = 0; i < 25; i++)
		ASSERT_EQ(0, ct_load(self->c, IMA "/policy",
				     "dont_audit func=KEXEC_KERNEL_CHECK\n"));
	ASSERT_EQ(0, audit_clear());
	for (i = 0; i < 25; i++)
		ASSERT_EQ(-EINVAL, ct_load(NULL, HOST_POLICY, "nonsense\n"));
	EXPECT_COUNT(25, audit_count(AUDIT_INTEGRITY_STATUS,
				     " op=policy_update cause=failed comm=[^ ]+ res=0 errno=0$"));
}

/* H3: the host's status is part of the inode, a child's may be dropped */
TEST_F_TIMEOUT(both, what_is_evicted_repeats_the_childs_record_not_the_hosts, 120)
{
	int i;

	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_FILE(1, 1, DATA);
	/* a status that was used is passed over once */
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, put_text("/proc/sys/vm/drop_caches", "2"));
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_FILE(1, 2, DATA);
	ASSERT_EQ(0, ct_use(self->c, DATA));
	EXPECT_FILE(1, 2, DATA);
}

static struct shared {
	atomic_int writers;
} *sh;

/* both hold the file open for writing, both write, then both close */
static long fn_write_and_close(const long *args)
{
	int fd = open(DATA, O_WRONLY | O_APPEND | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, args, 1) == 1 ? 0 : -errno;
	atomic_fetch_add(&sh->writers, 1);
	while (atomic_load(&sh->writers) < 2)
		sched_yield();
	return close(fd) ? -errno : ret;
}

TEST_F_TIMEOUT(both, what_two_writers_leave_that_close_at_once_is_recorded, 300)
{
	unsigned int round, rounds = scaled(200, 40);
	struct container *writer;

	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, sh);
	/* containers made before do not see it */
	ct_end(self->c);
	self->c = ct_active(NULL, (struct ct_opts){}, RULE_READ);
	writer = ct_start(NULL, (struct ct_opts){});
	ASSERT_NE(NULL, self->c);
	ASSERT_NE(NULL, writer);
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, ct_use(self->c, DATA));
		ASSERT_EQ(0, audit_clear());
		atomic_store(&sh->writers, 0);
		ASSERT_EQ(0, ct_begin(self->c, fn_write_and_close, round,
				      0, 0, 0));
		ASSERT_EQ(0, ct_begin(writer, fn_write_and_close, round,
				      0, 0, 0));
		ASSERT_EQ(0, ct_finish(self->c));
		ASSERT_EQ(0, ct_finish(writer));
		ASSERT_EQ(0, ct_use(self->c, DATA));
		ASSERT_COUNT(1, audit_count_current(self->c, DATA));
		ASSERT_COUNT(1, audit_count_current(NULL, DATA));
		EXPECT_FILE(1, 1, DATA);
	}
	ct_end(writer);
}

TEST_F_TIMEOUT(both, n_namespaces_and_the_host_are_n_and_one_records, 300)
{
	struct container *c[16];
	unsigned int i, round, n = scaled(16, 8), rounds = scaled(5, 2);

	for (i = 0; i < n; i++) {
		c[i] = ct_active(NULL, (struct ct_opts){}, RULE_EXEC);
		ASSERT_NE(NULL, c[i]);
	}
	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, ct_append(NULL, PROG));
		ASSERT_EQ(0, audit_clear());
		for (i = 0; i < n; i++)
			ASSERT_EQ(0, ct_begin(c[i], fn_exec, (long)PROG,
					      0, 0, 0));
		for (i = 0; i < n; i++)
			EXPECT_EQ(0, ct_finish(c[i]));
		EXPECT_COUNT(1, audit_count_file(NULL, PROG));
		for (i = 0; i < n; i++)
			EXPECT_COUNT(1, audit_count_file(c[i], PROG));
		EXPECT_COUNT(1, audit_count_current(NULL, PROG));
	}
	for (i = 0; i < n; i++)
		ct_end(c[i]);
}

/*
 * Entries of the host's list for a file with the contents of @same, another one
 * because a look at the file itself would make an entry; -errno
 */
static long listed(const char *path, const char *same)
{
	char want[PATH_MAX + 128], line[PATH_MAX + 256], hex[SHA256_HEX + 1];
	long ret = file_sha256_hex(same, hex), n = 0;
	FILE *f = fopen(HOST_LIST, "r");

	if (ret || !f)
		return ret ?: -errno;
	snprintf(want, sizeof(want), " sha256:%s %s\n", hex, path);
	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, want);
	fclose(f);
	return n;
}

#define COPY		W "/copy"

TEST_F_TIMEOUT(both, the_host_measures_while_a_childs_record_waits, 300)
{
	struct container *flooder;
	pid_t stall;

	ASSERT_EQ(0, make_flood());
	ASSERT_EQ(0, make_file(COPY, "1"));
	ASSERT_EQ(0, chown(DATA, MEASURED, MEASURED));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_READ));
	flooder = ct_active(NULL, (struct ct_opts){}, RULE_READ);
	ASSERT_NE(NULL, flooder);
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 4));
	stall = stall_begin();
	EXPECT_LT(0, stall);
	EXPECT_TRUE(ct_begin_waits(flooder, fn_flood, 0));

	EXPECT_TRUE(ct_begin_waits(self->c, fn_use, (long)DATA));
	/* what the host asks for comes before the child's record */
	EXPECT_EQ(1, listed(DATA, COPY));
	EXPECT_EQ(0, ct_append(NULL, DATA));
	EXPECT_EQ(0, ct_append(NULL, COPY));
	EXPECT_EQ(0, listed(DATA, COPY));
	EXPECT_EQ(0, ct_use(NULL, DATA));
	EXPECT_EQ(1, listed(DATA, COPY));
	EXPECT_TRUE(waits_for_backlog(self->c));

	EXPECT_EQ(0, stall_end(&stall));
	EXPECT_EQ(0, audit_set(AUDIT_STATUS_BACKLOG_LIMIT, AUDIT_LIMIT_ALL));
	EXPECT_EQ(0, ct_finish(self->c));
	EXPECT_EQ(0, ct_finish(flooder));
	EXPECT_COUNT(1, audit_count_file(self->c, DATA));
	ct_end(flooder);
}

TEST_HARNESS_MAIN
