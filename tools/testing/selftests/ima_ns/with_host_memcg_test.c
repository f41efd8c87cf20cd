// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - a container at the limit of its memory
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Statuses are charged to the container. When its memory group is full, they
 * are dropped or not made at all: records may be repeated, but nothing is
 * refused, nobody is killed and the host's records stay the same. The name
 * makes this program run after those that need a host without a policy.
 *
 * timeout: 600
 */

#include "common.h"
#include "../kselftest_harness.h"

#include <linux/membarrier.h>
#include <sys/resource.h>

#define OWNER		54325
#define HOST_RULE	"audit func=MMAP_CHECK mask=MAY_EXEC fowner=54325 \n"
#define RULE_MMAP	"audit func=MMAP_CHECK mask=MAY_EXEC \n"

#define GROUP		"/sys/fs/cgroup/ima_ns_memcg"
#define FILES		2500
/* statuses of all files need half as much again */
#define LIMIT		(128L << 10)

FIXTURE(full)
{
	struct container *c;
	int n;
};

static long fn_open_all(const long *args)
{
	int i, fd;

	for (i = 0; i < args[0]; i++) {
		char path[64];

		snprintf(path, sizeof(path), W "/f.%d", i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		/* the first tells what follows */
		if (!i)
			((long *)args[1])[0] = fd;
		else if (fd != ((long *)args[1])[0] + i)
			return -EBADF;
	}
	return 0;
}

/*
 * Maps each once: an access that needs little memory but for its evaluation.
 * The kernel frees mappings after a grace period: wait for one, else it is they
 * that fill the group.
 */
static long fn_map_all(const long *args)
{
	int i;

	for (i = 0; i < args[0]; i++) {
		void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE,
			       args[1] + i, 0);

		if (p == MAP_FAILED)
			return -errno;
		munmap(p, 4096);
		if (i % 32 == 31 &&
		    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
			return -errno;
	}
	return 0;
}

/* one value of a file with lines "name value"; -errno */
static long group_value(const char *file, const char *name)
{
	long value = -ENOENT;
	char key[32];
	FILE *f = fopen(file, "r");

	if (!f)
		return -errno;
	while (fscanf(f, "%31s %ld", key, &value) == 2) {
		if (!strcmp(key, name))
			break;
		value = -ENOENT;
	}
	fclose(f);
	return value;
}

static bool group_begin(void)
{
	put_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	return !mkdir(GROUP, 0755) || errno == EEXIST;
}

static int group_join(const struct container *c)
{
	char text[32];

	snprintf(text, sizeof(text), "%d\n", c->pid);
	return put_text(GROUP "/cgroup.procs", text);
}

static void group_end(void)
{
	int tries;

	/* its memory may outlive the last process for a moment */
	for (tries = 0; rmdir(GROUP) && errno == EBUSY && tries < 100; tries++)
		usleep(100000);
}

FIXTURE_SETUP(full)
{
	const struct rlimit files = { FILES + 100, FILES + 100 };
	char path[64];
	int i;

	SETUP_WORKDIR();
	ASSERT_EQ(0, access("/sys/fs/cgroup/cgroup.controllers", F_OK));
	ASSERT_EQ(0, audit_open());
	ASSERT_LE(0, ct_cat(NULL, HOST_POLICY));
	if (!strstr(ct_out(NULL), HOST_RULE))
		ASSERT_EQ(0, ct_load(NULL, HOST_POLICY, HOST_RULE));
	self->n = scaled(FILES, 2000);
	for (i = 0; i < self->n; i++) {
		snprintf(path, sizeof(path), W "/f.%d", i);
		ASSERT_EQ(0, make_file(path, path));
		ASSERT_EQ(0, chown(path, OWNER, OWNER));
	}
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	self->c = ct_active(NULL, (struct ct_opts){}, RULE_MMAP);
	ASSERT_NE(NULL, self->c);
	ASSERT_TRUE(group_begin());
}

FIXTURE_TEARDOWN(full)
{
	ct_end(self->c);
	group_end();
	audit_close();
}

TEST_F_TIMEOUT(full, nothing_is_refused_and_nobody_killed_for_a_status, 600)
{
	unsigned char *host, *child;
	char tail[48];
	long *fd = (long *)self->c->buf;
	int i, round;
	long ret = 0;
	size_t e;

	host = calloc(2, self->n);
	ASSERT_NE(NULL, host);
	child = host + self->n;
	ASSERT_EQ(0, ct_call(self->c, fn_open_all, self->n, (long)fd, 0, 0));
	/*
	 * What it holds by now is charged elsewhere and stays there. The limit
	 * of a group in use could kill at once: what the processors keep in
	 * stock for the group counts as used until they have given it back.
	 */
	ASSERT_EQ(0, sysctl_put(GROUP "/memory.max", LIMIT));
	ASSERT_EQ(0, group_join(self->c));
	ASSERT_EQ(0, ct_call(self->c, fn_map_all, 1, fd[0], 0, 0));

	/* a second round meets some statuses and misses others */
	for (round = 0; round < 2 && !ret; round++)
		ret = ct_call(self->c, fn_map_all, self->n, fd[0], 0, 0);
	EXPECT_EQ(0, ret);
	TH_LOG("limit met %ld times, memory %ld of %ld",
	       group_value(GROUP "/memory.events", "max"),
	       sysctl_get(GROUP "/memory.current"),
	       sysctl_get(GROUP "/memory.max"));
	EXPECT_LT(0, group_value(GROUP "/memory.events", "max"));
	EXPECT_EQ(0, group_value(GROUP "/memory.events", "oom"));
	ASSERT_EQ(0, group_value(GROUP "/memory.events", "oom_kill"));

	ASSERT_EQ(0, audit_sync());
	snprintf(tail, sizeof(tail), " ima_ns=%s", self->c->id);
	for (e = 0; e < audit_log_state.n; e++) {
		const struct audit_entry *entry = &audit_log_state.entries[e];
		const char *file = strstr(entry->text, " file=\"" W "/f.");

		if (entry->type != AUDIT_INTEGRITY_RULE || !file)
			continue;
		i = atoi(file + strlen(" file=\"" W "/f."));
		ASSERT_GT(self->n, i);
		if (strstr(entry->text, tail))
			child[i] += child[i] < 100;
		else
			host[i] += host[i] < 100;
	}
	for (i = 0; i < self->n; i++) {
		ASSERT_LE(1, child[i]) {
			TH_LOG("file %d", i);
		}
		ASSERT_EQ(1, host[i]) {
			TH_LOG("file %d", i);
		}
	}
	free(host);
	/* and it ends, as full as it is */
	EXPECT_EQ(0, ct_end(self->c));
}

#define RULES	1000
#define NAME	3000	/* takes 4096 bytes */

static long fn_load_long(const long *args)
{
	static char rule[NAME + 100];
	int i, fd, n;

	n = snprintf(rule, sizeof(rule), "dont_audit func=FILE_CHECK fsname=");
	memset(rule + n, 'x', NAME);
	strcpy(rule + n + NAME, " \n");
	fd = open(IMA "/policy", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (i = 0; i < args[0]; i++) {
		if (write(fd, rule, strlen(rule)) < 0)
			return -errno;
	}
	return close(fd) ? -errno : 0;
}

/* those of nobody with a privilege, who could fill the memory of the host */
TEST(rules_are_charged_to_who_loads_them)
{
	struct ct_opts opts = { .owner = 54326, .map = "0 54326 1" };
	struct container *c;
	long before;

	SETUP_WORKDIR();
	ASSERT_TRUE(group_begin());
	c = ct_active(NULL, opts, NULL);
	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, group_join(c));
	before = group_value(GROUP "/memory.stat", "slab");
	ASSERT_LE(0, before);
	ASSERT_EQ(0, ct_call(c, fn_load_long, RULES, 0, 0, 0));
	/* the statistics may lag behind */
	EXPECT_LE(before + RULES * 2048,
		  group_value(GROUP "/memory.stat", "slab"));
	ct_end(c);
	group_end();
}

TEST_HARNESS_MAIN
