// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace ids - who may read them, and each error
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"

#include <sys/mman.h>
#include <sys/prctl.h>

static int read_id(int fd)
{
	__u64 id;

	return ioctl(fd, NS_GET_ID, &id) ? errno : 0;
}

/* Descriptors that are no namespace files do not know the call. */
TEST(other_files_give_enotty)
{
	int fds[2], fd;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");

	ASSERT_EQ(0, pipe(fds));
	EXPECT_EQ(ENOTTY, read_id(fds[0]));
	EXPECT_EQ(ENOTTY, read_id(fds[1]));
	close(fds[0]);
	close(fds[1]);

	fd = open("/", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(ENOTTY, read_id(fd));
	close(fd);

	fd = open("/proc/self/status", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(ENOTTY, read_id(fd));
	close(fd);

	/* The directory of the links, and a link instead of its target. */
	fd = open("/proc/self/ns", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(ENOTTY, read_id(fd));
	close(fd);
	fd = open("/proc/self/ns/uts", O_PATH | O_NOFOLLOW);
	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, read_id(fd));
	close(fd);
}

/* A like number of another kind or size is not the call. */
TEST(similar_commands_give_enotty)
{
	int fd = ns_open("self", "uts");
	__u64 id = 0;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, ioctl(fd, _IO(NSIO, 13), &id));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fd, _IOR(NSIO, 13, __u32), &id));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fd, _IOW(NSIO, 13, __u64), &id));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fd, _IOR(NSIO, 99, __u64), &id));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(0, id);
	close(fd);
}

/* An address that cannot be written; one that straddles the end of a page. */
TEST(bad_address_gives_efault)
{
	long page = sysconf(_SC_PAGESIZE);
	int fd = ns_open("self", "uts");
	char *map;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	ASSERT_LE(0, fd);
	map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, mprotect(map + page, page, PROT_READ));

	EXPECT_EQ(-1, ioctl(fd, NS_GET_ID, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(fd, NS_GET_ID, map + page));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(fd, NS_GET_ID, map + page - 4));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, ioctl(fd, NS_GET_ID, map + page - 8));
	munmap(map, 2 * page);
	close(fd);
}

/* The own namespaces, without any privilege. */
TEST(own_namespaces_need_no_right)
{
	pid_t pid;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		int fd, i;

		if (ns_be_nobody() || prctl(PR_SET_DUMPABLE, 1))
			_exit(1);
		for (i = 0; i < NS_TYPES; i++) {
			fd = ns_open("self", ns_types[i].name);
			if (fd < 0 || !ns_id(fd))
				_exit(2);
		}
		_exit(0);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/* Another task's: no file without the right to look at the task. */
TEST(foreign_task_gives_eacces)
{
	pid_t pid;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_be_nobody())
			_exit(1);
		if (ns_open("1", "uts") >= 0)
			_exit(2);
		_exit(errno == EACCES ? 0 : 3);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/* But whoever was given a file may ask it. */
TEST(passed_descriptor_needs_no_right)
{
	struct ns_holder h;
	pid_t pid;
	int fd;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, ns_hold(&h, CLONE_NEWUSER | CLONE_NEWUTS));
	fd = ns_open_pid(h.pid, "uts");
	ASSERT_LE(0, fd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_be_nobody())
			_exit(1);
		_exit(ns_id(fd) > NS_LAST_FIXED_ID ? 0 : 2);
	}
	EXPECT_EQ(0, ns_wait(pid));
	close(fd);
	EXPECT_EQ(0, ns_release(&h));
}

#ifdef __x86_64__

/* ioctl() by the entry for 32-bit programs. */
static long compat_ioctl(int fd, unsigned int cmd, void *arg)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a"(ret)
		     : "a"(54L), "b"((long)fd), "c"((long)cmd),
		       "d"((long)arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

TEST(compat_ioctl_gives_the_same)
{
	int fd, status;
	__u64 *id;
	pid_t pid;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	fd = ns_open("self", "uts");
	ASSERT_LE(0, fd);
	id = mmap(NULL, sizeof(*id), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(MAP_FAILED, id);

	/* Without the entry the instruction is a fault. */
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		long ret = compat_ioctl(fd, NS_GET_ID, id);

		if (ret)
			_exit(1);
		if (compat_ioctl(fd, NS_GET_ID, NULL) != -EFAULT)
			_exit(3);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	if (WIFSIGNALED(status))
		SKIP(return, "needs CONFIG_IA32_EMULATION");
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(ns_id(fd), *id);
	munmap(id, sizeof(*id));
	close(fd);
}

#endif /* __x86_64__ */

/* Nobody who did not ask for it is restricted. */
TEST(default_is_unrestricted)
{
	pid_t pid;
	int fd;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");
	EXPECT_EQ('0', ns_restricted());
	fd = ns_open("self", "uts");
	ASSERT_LE(0, fd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_drop_sys_admin())
			_exit(1);
		_exit(read_id(fd) ? 2 : 0);
	}
	EXPECT_EQ(0, ns_wait(pid));
	close(fd);
}

FIXTURE(restricted)
{
	int fd;
	char old;
};

FIXTURE_SETUP(restricted)
{
	self->fd = -1;
	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");
	if (access(NS_ID_RESTRICT, F_OK))
		SKIP(return, "needs CONFIG_PROC_SYSCTL");
	self->old = ns_restricted();
	self->fd = ns_open("self", "uts");
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ns_restrict("1"));
}

FIXTURE_TEARDOWN(restricted)
{
	char old[2] = { self->old };

	if (self->fd < 0)
		return;
	EXPECT_EQ(0, ns_restrict(old));
	close(self->fd);
}

/* The host's administrator still sees all ids. */
TEST_F(restricted, administrator_reads)
{
	EXPECT_EQ('1', ns_restricted());
	EXPECT_EQ(0, read_id(self->fd));
}

/* Without CAP_SYS_ADMIN: not even the own ones. */
TEST_F(restricted, unprivileged_gets_eperm)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_drop_sys_admin())
			_exit(1);
		if (read_id(self->fd) != EPERM)
			_exit(2);
		/* Commands that are not the call are still not known. */
		if (ioctl(self->fd, _IO(NSIO, 13)) != -1 || errno != ENOTTY)
			_exit(3);
		/* The neighbours are not concerned. */
		if (ioctl(self->fd, NS_GET_NSTYPE) != CLONE_NEWUTS)
			_exit(4);
		_exit(0);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/* Root of the machine, but in a process id namespace of a container. */
TEST_F(restricted, other_pid_namespace_gets_eperm)
{
	pid_t pid = ns_fork(CLONE_NEWPID);

	if (pid < 0)
		SKIP(return, "needs pid namespaces");
	if (!pid)
		_exit(read_id(self->fd) == EPERM ? 0 : 1);
	EXPECT_EQ(0, ns_wait(pid));
}

/* Root of a user namespace. */
TEST_F(restricted, root_of_a_user_namespace_gets_eperm)
{
	pid_t pid = ns_fork(CLONE_NEWUSER);

	if (pid < 0)
		SKIP(return, "needs user namespaces");
	if (!pid)
		_exit(read_id(self->fd) == EPERM ? 0 : 1);
	EXPECT_EQ(0, ns_wait(pid));
}

/* A descriptor for which the right was asked before is asked again. */
TEST_F(restricted, takes_effect_on_open_files_and_ends)
{
	pid_t pid;

	ASSERT_EQ(0, ns_restrict("0"));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_drop_sys_admin())
			_exit(1);
		_exit(read_id(self->fd) ? 2 : 0);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

TEST_F(restricted, values_other_than_0_and_1_give_einval)
{
	EXPECT_EQ(EINVAL, ns_restrict("2"));
	EXPECT_EQ(EINVAL, ns_restrict("-1"));
	EXPECT_EQ(EINVAL, ns_restrict("x"));
	EXPECT_EQ(EINVAL, ns_restrict("4294967296"));
	EXPECT_EQ('1', ns_restricted());
}

TEST_F(restricted, write_without_capability_gives_eperm)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_drop_sys_admin())
			_exit(1);
		if (ns_restrict("0") != EPERM)
			_exit(2);
		_exit(ns_restricted() == '1' ? 0 : 3);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/* Kernel user id 0, all capabilities over a user namespace of its own. */
TEST_F(restricted, write_by_root_of_a_user_namespace_gives_eperm)
{
	pid_t pid = ns_fork(CLONE_NEWUSER);

	if (pid < 0)
		SKIP(return, "needs user namespaces");
	if (!pid)
		_exit(ns_restrict("0") == EPERM ? 0 : 1);
	EXPECT_EQ(0, ns_wait(pid));
}

TEST_F(restricted, file_mode_keeps_others_from_writing)
{
	struct stat st;
	pid_t pid;

	ASSERT_EQ(0, stat(NS_ID_RESTRICT, &st));
	EXPECT_EQ(0644, st.st_mode & 07777);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (ns_be_nobody())
			_exit(1);
		if (ns_restricted() != '1')
			_exit(2);
		_exit(ns_restrict("0") == EACCES ? 0 : 3);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

TEST_HARNESS_MAIN
