// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace ids - each instance has one of its own, and none comes twice
 *
 * Copyright (C) 2026 Overlay Team
 *
 * smp: 2
 */

#include "common.h"

#include <sys/mman.h>

#define ROUNDS		1000
#define ROUNDS_REUSE	300

struct round {
	uint64_t id[NS_TYPES];
};

static int cmp_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* In a child that is in new namespaces of all types: note their ids. */
static int one_round(struct round *r)
{
	pid_t pid;
	int i;

	pid = ns_fork(NS_ALL_FLAGS);
	if (pid < 0)
		return errno;
	if (!pid) {
		for (i = 0; i < NS_TYPES; i++) {
			r->id[i] = ns_id_of_self(ns_types[i].name);
			if (!r->id[i])
				_exit(1);
		}
		_exit(0);
	}
	return ns_wait(pid);
}

static int worker(struct round *r, int rounds, int cpu)
{
	cpu_set_t set;
	int i, ret;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return 1;
	for (i = 0; i < rounds; i++) {
		ret = one_round(&r[i]);
		if (ret) {
			fprintf(stderr, "# cpu %d round %d: %d\n", cpu, i, ret);
			return 1;
		}
	}
	return 0;
}

/* Every type of the initial namespaces shows its fixed id. */
TEST(initial_instances_have_fixed_ids)
{
	int i, n = 0;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");

	for (i = 0; i < NS_TYPES; i++) {
		int fd = ns_open("1", ns_types[i].name);

		ASSERT_LE(0, fd) {
			TH_LOG("%s: %s", ns_types[i].name, strerror(errno));
		}
		EXPECT_EQ(i + 1, ns_id(fd)) {
			TH_LOG("type %s", ns_types[i].name);
		}
		close(fd);
		n++;
	}
	EXPECT_EQ(8, n);
}

FIXTURE(creators)
{
	int cpus;
	size_t count;
	size_t size;
	struct round *rounds;
};

FIXTURE_SETUP(creators)
{
	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");

	self->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (self->cpus < 2)
		SKIP(return, "needs two processors");
	self->count = ROUNDS;
	/* A kernel that looks for errors takes minutes for all of them. */
	if (getenv("FLAVOUR") && !strcmp(getenv("FLAVOUR"), "debug"))
		self->count /= 4;
	self->size = sizeof(struct round) * self->count * self->cpus;
	self->rounds = mmap(NULL, self->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->rounds);
}

FIXTURE_TEARDOWN(creators)
{
	if (self->rounds)
		munmap(self->rounds, self->size);
}

/* On all CPUs at once: unique over all types, and rising for each creator. */
TEST_F_TIMEOUT(creators, on_all_cpus_get_unique_rising_ids, 600)
{
	size_t n = 0, i;
	uint64_t *all;
	pid_t *pids;
	int cpu, t;

	pids = calloc(self->cpus, sizeof(*pids));
	all = calloc(1, self->size);
	ASSERT_NE(NULL, pids);
	ASSERT_NE(NULL, all);

	for (cpu = 0; cpu < self->cpus; cpu++) {
		pids[cpu] = fork();
		ASSERT_LE(0, pids[cpu]);
		if (!pids[cpu])
			_exit(worker(self->rounds + cpu * self->count,
				     self->count, cpu));
	}
	for (cpu = 0; cpu < self->cpus; cpu++)
		EXPECT_EQ(0, ns_wait(pids[cpu]));

	for (cpu = 0; cpu < self->cpus; cpu++) {
		struct round *r = self->rounds + cpu * self->count;
		uint64_t last = NS_LAST_FIXED_ID;

		for (i = 0; i < self->count; i++) {
			uint64_t highest = last;

			for (t = 0; t < NS_TYPES; t++) {
				/* All of a round are younger than the last. */
				ASSERT_LT(last, r[i].id[t]) {
					TH_LOG("cpu %d round %zu type %s", cpu,
					       i, ns_types[t].name);
				}
				if (r[i].id[t] > highest)
					highest = r[i].id[t];
				all[n++] = r[i].id[t];
			}
			last = highest;
		}
	}

	EXPECT_EQ(self->cpus * self->count * NS_TYPES, n);
	qsort(all, n, sizeof(*all), cmp_u64);
	for (i = 1; i < n; i++)
		ASSERT_NE(all[i - 1], all[i]);
	free(all);
	free(pids);
}

/* The inode number comes back when a namespace has ended, the id does not. */
TEST(recycled_inode_has_a_new_id)
{
	uint64_t ids[ROUNDS_REUSE], inodes[ROUNDS_REUSE];
	int i, j, recycled = 0;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");

	for (i = 0; i < ROUNDS_REUSE; i++) {
		struct ns_holder h;
		struct stat st;
		int fd;

		ASSERT_EQ(0, ns_hold(&h, CLONE_NEWUTS));
		fd = ns_open_pid(h.pid, "uts");
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, fstat(fd, &st));
		ids[i] = ns_id(fd);
		inodes[i] = st.st_ino;
		close(fd);
		ASSERT_EQ(0, ns_release(&h));
	}
	for (i = 0; i < ROUNDS_REUSE; i++) {
		for (j = 0; j < i; j++) {
			ASSERT_NE(ids[j], ids[i]);
			recycled += inodes[j] == inodes[i];
		}
	}
	/* Else the loop has shown nothing. */
	EXPECT_LT(0, recycled);
}

/* A clone() that fails after some namespaces were made leaves a gap only. */
TEST(failed_clone_uses_up_ids)
{
	uint64_t before, after;
	char buf[32] = "";
	int fd, len;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");

	fd = open("/proc/sys/user/max_net_namespaces", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		SKIP(return, "needs user.max_net_namespaces");
	len = read(fd, buf, sizeof(buf) - 1);
	ASSERT_LT(0, len);

	ASSERT_EQ(0, unshare(CLONE_NEWUTS));
	before = ns_id_of_self("uts");
	ASSERT_EQ(1, pwrite(fd, "0", 1, 0));
	EXPECT_EQ(-1, unshare(CLONE_NEWUTS | CLONE_NEWNET));
	EXPECT_EQ(ENOSPC, errno);
	EXPECT_EQ(len, pwrite(fd, buf, len, 0));
	EXPECT_EQ(before, ns_id_of_self("uts"));
	ASSERT_EQ(0, unshare(CLONE_NEWUTS));
	after = ns_id_of_self("uts");
	EXPECT_LT(before, after);
	close(fd);
}

static int make_anonymous_mounts(void)
{
	int tree, fs, mnt;

	tree = syscall(SYS_open_tree, AT_FDCWD, "/",
		       1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);
	if (tree < 0)
		return errno;
	close(tree);

	fs = syscall(SYS_fsopen, "tmpfs", 1 /* FSOPEN_CLOEXEC */);
	if (fs < 0)
		return errno;
	if (syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL,
		    0))
		return errno;
	mnt = syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, 0);
	if (mnt < 0)
		return errno;
	close(mnt);
	close(fs);
	return 0;
}

/*
 * The anonymous mount namespaces of open_tree() and fsmount() are not
 * instances anybody can enter, and take no id. Somebody else may create a
 * namespace in between, so try more than once.
 */
TEST(anonymous_mount_namespaces_take_no_id)
{
	uint64_t before, after;
	int i;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");

	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, unshare(CLONE_NEWUTS));
		before = ns_id_of_self("uts");
		ASSERT_EQ(0, make_anonymous_mounts());
		ASSERT_EQ(0, unshare(CLONE_NEWUTS));
		after = ns_id_of_self("uts");
		ASSERT_NE(0, before);
		ASSERT_LT(before, after);
		if (after == before + 1)
			break;
	}
	EXPECT_EQ(before + 1, after);
}

TEST_HARNESS_MAIN
