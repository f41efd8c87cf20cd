// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace ids - the links /proc/PID/ns/<type>_snum
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"

#include <dirent.h>

#define TEXT_MAX 64

#define SETUP_PROC() do {						\
	if (access("/proc/self/ns/uts_snum", F_OK))			\
		SKIP(return, "needs CONFIG_NS_ID_PROC");		\
} while (0)

static void ns_path(char *path, size_t size, const char *pid,
		    const char *name, const char *suffix)
{
	snprintf(path, size, "/proc/%s/ns/%s%s", pid, name, suffix);
}

/* Length of the text of a link as readlink() returns it, or minus the error. */
static ssize_t read_link(const char *pid, const char *name, const char *suffix,
			 char *text)
{
	char path[64];
	ssize_t len;

	ns_path(path, sizeof(path), pid, name, suffix);
	memset(text, 'x', TEXT_MAX);
	len = readlink(path, text, TEXT_MAX - 1);
	if (len < 0)
		return -errno;
	text[len] = '\0';
	return len;
}

static ssize_t read_snum(const char *pid, const char *name)
{
	char text[TEXT_MAX];

	return read_link(pid, name, "_snum", text);
}

/* Descriptor of what the link leads to, or minus the error. */
static int open_snum(const char *pid, const char *name)
{
	char path[64];
	int fd;

	ns_path(path, sizeof(path), pid, name, "_snum");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A task whose text is asked for, and how. */
FIXTURE(target)
{
	struct ns_holder holder;
	char pid[32];
};

FIXTURE_VARIANT(target)
{
	bool self;
	uint64_t flags;
	bool thread;
};

FIXTURE_VARIANT_ADD(target, self) { .self = true };
FIXTURE_VARIANT_ADD(target, host) { .flags = 0 };
FIXTURE_VARIANT_ADD(target, container) { .flags = NS_ALL_FLAGS };
FIXTURE_VARIANT_ADD(target, thread_of_container)
{
	.flags = NS_ALL_FLAGS,
	.thread = true,
};

FIXTURE_SETUP(target)
{
	self->holder.pid = 0;
	SETUP_PROC();
	if (geteuid())
		SKIP(return, "needs root");
	if (variant->self) {
		strcpy(self->pid, "self");
		return;
	}
	ASSERT_EQ(0, ns_hold(&self->holder, variant->flags));
	if (variant->thread)
		snprintf(self->pid, sizeof(self->pid), "%d/task/%d",
			 self->holder.pid, self->holder.pid);
	else
		snprintf(self->pid, sizeof(self->pid), "%d", self->holder.pid);
}

FIXTURE_TEARDOWN(target)
{
	if (self->holder.pid)
		EXPECT_EQ(0, ns_release(&self->holder));
}

/* 0x and lower-case hex digits, nothing behind them, and the ioctl's number. */
TEST_F(target, text_is_the_id)
{
	char text[TEXT_MAX], want[TEXT_MAX];
	int fd, len, i;
	uint64_t id;

	for (i = 0; i < NS_TYPES; i++) {
		fd = ns_open(self->pid, ns_types[i].name);
		ASSERT_LE(0, fd);
		id = ns_id(fd);
		close(fd);
		EXPECT_EQ(!variant->flags, id == i + 1ULL);
		EXPECT_EQ(!variant->flags, id <= NS_LAST_FIXED_ID);
		len = snprintf(want, sizeof(want), "0x%llx",
			       (unsigned long long)id);
		EXPECT_EQ(len, read_link(self->pid, ns_types[i].name, "_snum",
					 text));
		EXPECT_STREQ(want, text) {
			TH_LOG("%s", ns_types[i].name);
		}
	}
}

/* What is behind it does not depend on the link through which one came. */
TEST_F(target, link_leads_to_the_same_file)
{
	char path[64], plain[TEXT_MAX], text[TEXT_MAX];
	struct stat want, st;
	int fd, other, i;

	for (i = 0; i < NS_TYPES; i++) {
		ns_path(path, sizeof(path), self->pid, ns_types[i].name, "");
		ASSERT_EQ(0, stat(path, &want));
		ns_path(path, sizeof(path), self->pid, ns_types[i].name,
			"_snum");
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(want.st_dev, st.st_dev);
		EXPECT_EQ(want.st_ino, st.st_ino);
		EXPECT_EQ(want.st_mode, st.st_mode);

		fd = open_snum(self->pid, ns_types[i].name);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, fstat(fd, &st));
		EXPECT_EQ(want.st_dev, st.st_dev);
		EXPECT_EQ(want.st_ino, st.st_ino);
		EXPECT_EQ((int)ns_types[i].flag, ioctl(fd, NS_GET_NSTYPE));

		/* The file has the name of its type and inode as ever. */
		other = ns_open(self->pid, ns_types[i].name);
		ASSERT_LE(0, other);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		memset(text, 0, sizeof(text));
		ASSERT_LT(0, readlink(path, text, sizeof(text) - 1));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", other);
		memset(plain, 0, sizeof(plain));
		ASSERT_LT(0, readlink(path, plain, sizeof(plain) - 1));
		EXPECT_STREQ(plain, text);
		EXPECT_EQ(0, strncmp(text, ns_types[i].name,
				     strlen(ns_types[i].name)));
		close(other);
		close(fd);
	}
}

/* The link itself looks like its neighbour. */
TEST_F(target, link_has_owner_and_mode_of_its_neighbour)
{
	struct stat want, st;
	char path[64];
	int i;

	for (i = 0; i < NS_TYPES; i++) {
		ns_path(path, sizeof(path), self->pid, ns_types[i].name, "");
		ASSERT_EQ(0, lstat(path, &want));
		ns_path(path, sizeof(path), self->pid, ns_types[i].name,
			"_snum");
		ASSERT_EQ(0, lstat(path, &st));
		EXPECT_EQ((mode_t)S_IFLNK | 0777, st.st_mode);
		EXPECT_EQ(want.st_mode, st.st_mode);
		EXPECT_EQ(want.st_uid, st.st_uid);
		EXPECT_EQ(want.st_gid, st.st_gid);
		EXPECT_EQ(want.st_size, st.st_size);
	}
}

/* All that was there, each of ours once, and no other. */
TEST_F(target, directory_lists_each_once)
{
	static const char *const old[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children",
		"time", "time_for_children", "user", "uts",
	};
	int seen[ARRAY_SIZE(old)] = { 0 };
	int ours[NS_TYPES] = { 0 }, others = 0;
	struct dirent *de;
	char path[64];
	size_t i;
	DIR *dir;

	ns_path(path, sizeof(path), self->pid, "", "");
	dir = opendir(path);
	ASSERT_NE(NULL, dir);
	while ((de = readdir(dir))) {
		bool known = !strcmp(de->d_name, ".") ||
			     !strcmp(de->d_name, "..");

		for (i = 0; i < ARRAY_SIZE(old); i++)
			if (!strcmp(de->d_name, old[i]))
				known = ++seen[i];
		for (i = 0; i < NS_TYPES; i++) {
			snprintf(path, sizeof(path), "%s_snum",
				 ns_types[i].name);
			if (!strcmp(de->d_name, path)) {
				known = ++ours[i];
				EXPECT_EQ(DT_LNK, de->d_type);
			}
		}
		if (!known) {
			TH_LOG("%s", de->d_name);
			others++;
		}
	}
	closedir(dir);
	for (i = 0; i < ARRAY_SIZE(old); i++)
		EXPECT_EQ(1, seen[i]);
	for (i = 0; i < NS_TYPES; i++)
		EXPECT_EQ(1, ours[i]);
	EXPECT_EQ(0, others);
}

/* What children will be in has no twin. */
TEST_F(target, for_children_has_none)
{
	EXPECT_EQ(-ENOENT, read_snum(self->pid, "pid_for_children"));
	EXPECT_EQ(-ENOENT, read_snum(self->pid, "time_for_children"));
	EXPECT_EQ(-ENOENT, open_snum(self->pid, "pid_for_children"));
	EXPECT_EQ(-ENOENT, open_snum(self->pid, "time_for_children"));
	EXPECT_EQ(-ENOENT, read_snum(self->pid, "uts_snum"));
	EXPECT_EQ(-ENOENT, read_snum(self->pid, ""));
}

/* A text is cut as any link's, and nothing is written behind its end. */
TEST_F(target, short_buffer_cuts_the_text)
{
	char want[TEXT_MAX], text[TEXT_MAX], path[64];
	ssize_t len, size;

	len = read_link(self->pid, "uts", "_snum", want);
	ASSERT_LE(3, len);
	ns_path(path, sizeof(path), self->pid, "uts", "_snum");
	for (size = 1; size <= len + 1; size++) {
		ssize_t expected = size < len ? size : len;

		memset(text, '#', sizeof(text));
		EXPECT_EQ(expected, readlink(path, text, size));
		EXPECT_EQ(0, memcmp(want, text, expected));
		EXPECT_EQ('#', text[expected]);
	}
	EXPECT_EQ(-1, readlink(path, text, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, readlink(path, (char *)1, 16));
	EXPECT_EQ(EFAULT, errno);
}

static int enter_by_snum(const char *pid, const struct ns_type *type)
{
	char theirs[TEXT_MAX], mine[TEXT_MAX], path[64];
	pid_t child;
	int fd;

	fd = open_snum(pid, type->name);
	if (fd < 0)
		return 1;
	if (read_link(pid, type->name, "_snum", theirs) < 0)
		return 2;
	if (setns(fd, type->flag))
		return 3;
	close(fd);
	/* A pid namespace is that of the children. */
	child = fork();
	if (child < 0)
		return 4;
	if (child)
		return ns_wait(child);
	snprintf(path, sizeof(path), "/proc/self/ns/%s_snum", type->name);
	fd = readlink(path, mine, sizeof(mine) - 1);
	if (fd < 0)
		_exit(5);
	mine[fd] = '\0';
	_exit(strcmp(mine, theirs) ? 6 : 0);
}

/* What was opened can be entered, and the text follows. */
TEST(setns_takes_the_file)
{
	struct ns_holder h;
	char pid[16];
	int i;

	SETUP_PROC();
	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, ns_hold(&h, NS_ALL_FLAGS));
	snprintf(pid, sizeof(pid), "%d", h.pid);
	for (i = 0; i < NS_TYPES; i++) {
		pid_t child = fork();

		ASSERT_LE(0, child);
		if (!child)
			_exit(enter_by_snum(pid, &ns_types[i]));
		EXPECT_EQ(0, ns_wait(child)) {
			TH_LOG("%s", ns_types[i].name);
		}
	}
	EXPECT_EQ(0, ns_release(&h));
}

/* Neither the text nor the file of a task that one may not look at. */
TEST(foreign_task_gives_eacces)
{
	pid_t pid;

	SETUP_PROC();
	if (geteuid())
		SKIP(return, "needs root");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		int i;

		if (ns_be_nobody())
			_exit(1);
		for (i = 0; i < NS_TYPES; i++) {
			if (read_snum("1", ns_types[i].name) != -EACCES)
				_exit(2);
			if (open_snum("1", ns_types[i].name) != -EACCES)
				_exit(3);
			/* The own ones are readable without any right. */
			if (read_snum("self", ns_types[i].name) < 3)
				_exit(4);
		}
		_exit(0);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/*
 * A dead task that nobody has waited for has left all namespaces but those that
 * its credentials and its process id keep. All is as with the neighbour.
 */
TEST(zombie_gives_enoent)
{
	char text[TEXT_MAX], pid_text[16];
	siginfo_t info;
	int fd, i;
	pid_t pid;

	SETUP_PROC();
	if (geteuid())
		SKIP(return, "needs root");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(0);
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	for (i = 0; i < NS_TYPES; i++) {
		const char *name = ns_types[i].name;
		bool kept = ns_types[i].flag & (CLONE_NEWUSER | CLONE_NEWPID);

		if (kept) {
			EXPECT_LT(0, read_link(pid_text, name, "", text));
			EXPECT_EQ(3, read_snum(pid_text, name));
			fd = open_snum(pid_text, name);
			EXPECT_EQ(ns_id_of_self(name), ns_id(fd));
			close(fd);
			continue;
		}
		EXPECT_EQ(-ENOENT, read_link(pid_text, name, "", text));
		EXPECT_EQ(-ENOENT, read_snum(pid_text, name));
		EXPECT_EQ(-ENOENT, open_snum(pid_text, name));
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/* The link and its directory are still held when the task is gone. */
TEST(gone_task_gives_eacces)
{
	char text[TEXT_MAX], path[64];
	struct ns_holder h;
	int link, plain, dir;

	SETUP_PROC();
	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, ns_hold(&h, 0));
	snprintf(path, sizeof(path), "/proc/%d/ns", h.pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, dir);
	link = openat(dir, "uts_snum", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	plain = openat(dir, "uts", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	ASSERT_LE(0, link);
	ASSERT_LE(0, plain);
	EXPECT_EQ(3, readlinkat(link, "", text, sizeof(text)));
	EXPECT_EQ(0, ns_release(&h));

	EXPECT_EQ(-1, readlinkat(plain, "", text, sizeof(text)));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, readlinkat(link, "", text, sizeof(text)));
	EXPECT_EQ(EACCES, errno);
	/* There is no more a link to be found. */
	EXPECT_EQ(-1, readlinkat(dir, "uts_snum", text, sizeof(text)));
	EXPECT_EQ(ENOENT, errno);
	close(plain);
	close(link);
	close(dir);
}

FIXTURE(restricted)
{
	char old;
};

FIXTURE_SETUP(restricted)
{
	self->old = 0;
	SETUP_PROC();
	if (geteuid())
		SKIP(return, "needs root");
	self->old = ns_restricted();
	ASSERT_EQ(0, ns_restrict("1"));
}

FIXTURE_TEARDOWN(restricted)
{
	char old[2] = { self->old };

	if (self->old)
		EXPECT_EQ(0, ns_restrict(old));
}

/*
 * No text, for the own namespaces neither; the files and the texts of the
 * neighbours are not concerned.
 */
static int all_texts_give_eperm(void)
{
	char text[TEXT_MAX];
	int fd, i;

	for (i = 0; i < NS_TYPES; i++) {
		const char *name = ns_types[i].name;

		if (read_snum("self", name) != -EPERM)
			return 10 + i;
		if (read_link("self", name, "", text) < 0)
			return 20 + i;
		fd = open_snum("self", name);
		if (fd < 0)
			return 30 + i;
		if (ioctl(fd, NS_GET_NSTYPE) != (int)ns_types[i].flag)
			return 40 + i;
		if (ns_id(fd) || errno != EPERM)
			return 50 + i;
		close(fd);
	}
	return 0;
}

TEST_F(restricted, administrator_reads)
{
	int i;

	for (i = 0; i < NS_TYPES; i++)
		EXPECT_EQ(3, read_snum("self", ns_types[i].name));
}

TEST_F(restricted, unprivileged_gets_eperm)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_drop_sys_admin())
			_exit(1);
		_exit(all_texts_give_eperm());
	}
	EXPECT_EQ(0, ns_wait(pid));
}

TEST_F(restricted, other_pid_namespace_gets_eperm)
{
	pid_t pid = ns_fork(CLONE_NEWPID);

	if (pid < 0)
		SKIP(return, "needs pid namespaces");
	if (!pid)
		_exit(all_texts_give_eperm());
	EXPECT_EQ(0, ns_wait(pid));
}

TEST_F(restricted, root_of_a_user_namespace_gets_eperm)
{
	pid_t pid = ns_fork(CLONE_NEWUSER);

	if (pid < 0)
		SKIP(return, "needs user namespaces");
	if (!pid)
		_exit(all_texts_give_eperm());
	EXPECT_EQ(0, ns_wait(pid));
}

/* Whoever may not look at the task learns no more than before. */
TEST_F(restricted, foreign_task_gives_eacces)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_be_nobody())
			_exit(1);
		if (read_snum("1", "uts") != -EACCES)
			_exit(2);
		if (open_snum("1", "uts") != -EACCES)
			_exit(3);
		_exit(read_snum("self", "uts") == -EPERM ? 0 : 4);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

TEST_F(restricted, ends_with_the_switch)
{
	pid_t pid;

	ASSERT_EQ(0, ns_restrict("0"));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_be_nobody())
			_exit(1);
		_exit(read_snum("self", "uts") == 3 ? 0 : 2);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

TEST_HARNESS_MAIN
