// SPDX-License-Identifier: GPL-2.0
/*
 * Namespace ids - whichever way one comes to an instance, the id is the same
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"

FIXTURE(route)
{
	struct ns_holder holder;
	uint64_t id;
	int fd;
};

FIXTURE_VARIANT(route)
{
	int type;
};

FIXTURE_VARIANT_ADD(route, ipc) {
	.type = 0,
};

FIXTURE_VARIANT_ADD(route, uts) {
	.type = 1,
};

FIXTURE_VARIANT_ADD(route, user) {
	.type = 2,
};

FIXTURE_VARIANT_ADD(route, pid) {
	.type = 3,
};

FIXTURE_VARIANT_ADD(route, cgroup) {
	.type = 4,
};

FIXTURE_VARIANT_ADD(route, time) {
	.type = 5,
};

FIXTURE_VARIANT_ADD(route, net) {
	.type = 6,
};

FIXTURE_VARIANT_ADD(route, mnt) {
	.type = 7,
};

FIXTURE_SETUP(route)
{
	const struct ns_type *type = &ns_types[variant->type];

	self->fd = -1;
	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");
	if (ns_hold(&self->holder, type->flag))
		SKIP(return, "no namespaces of this type");

	self->fd = ns_open_pid(self->holder.pid, type->name);
	ASSERT_LE(0, self->fd);
	self->id = ns_id(self->fd);
	ASSERT_LT(NS_LAST_FIXED_ID, self->id);
}

FIXTURE_TEARDOWN(route)
{
	if (self->fd >= 0) {
		close(self->fd);
		EXPECT_EQ(0, ns_release(&self->holder));
	}
}

/* Read by another process, through a file of its own. */
TEST_F(route, other_process)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		int fd = ns_open_pid(self->holder.pid,
				     ns_types[variant->type].name);

		_exit(fd < 0 || ns_id(fd) != self->id);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/* Asked for twice, and through a descriptor that was duplicated. */
TEST_F(route, again)
{
	int fd = dup(self->fd);

	ASSERT_LE(0, fd);
	EXPECT_EQ(self->id, ns_id(fd));
	EXPECT_EQ(self->id, ns_id(self->fd));
	close(fd);
}

/* By a bind mount of the link, also after the last process has gone. */
TEST_F(route, bind_mount)
{
	char file[] = "/tmp/ns_id_XXXXXX", from[64];
	int fd;

	/* Where nobody else sees the mount. */
	mkdir("/tmp", 0755);
	fd = mkstemp(file);
	ASSERT_LE(0, fd);
	close(fd);
	snprintf(from, sizeof(from), "/proc/%d/ns/%s", self->holder.pid,
		 ns_types[variant->type].name);
	ASSERT_EQ(0, mount(from, file, NULL, MS_BIND, NULL)) {
		TH_LOG("%s", strerror(errno));
		unlink(file);
	}
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(0, ns_release(&self->holder));

	fd = open(file, O_RDONLY | O_CLOEXEC);
	EXPECT_LE(0, fd);
	EXPECT_EQ(self->id, ns_id(fd));
	close(fd);
	EXPECT_EQ(0, umount(file));
	EXPECT_EQ(0, unlink(file));
}

/* By setns(), and then as the own namespace. */
TEST_F(route, setns)
{
	const struct ns_type *type = &ns_types[variant->type];
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		int fd;

		if (setns(self->fd, type->flag))
			_exit(1);
		/* A new mount namespace need not have /proc where we look. */
		fd = ns_open("self", type->children);
		if (fd < 0)
			_exit(2);
		_exit(ns_id(fd) == self->id ? 0 : 3);
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/* By the ioctls of a pidfd. */
TEST_F(route, pidfd)
{
	int fd, pidfd = syscall(SYS_pidfd_open, self->holder.pid, 0);

	ASSERT_LE(0, pidfd);
	fd = ioctl(pidfd, _IO(0xff, ns_types[variant->type].pidfd_ioctl), 0);
	if (fd < 0 && (errno == ENOTTY || errno == EINVAL)) {
		close(pidfd);
		SKIP(return, "no namespace ioctls of pidfds");
	}
	ASSERT_LE(0, fd);
	EXPECT_EQ(self->id, ns_id(fd));
	close(fd);
	close(pidfd);
}

/* A task that is created later is in the same instance. */
TEST_F(route, grandchild)
{
	const struct ns_type *type = &ns_types[variant->type];
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		pid_t child;

		if (setns(self->fd, type->flag))
			_exit(1);
		child = fork();
		if (child < 0)
			_exit(2);
		if (!child)
			_exit(ns_id_of_self(type->name) == self->id ? 0 : 3);
		_exit(ns_wait(child));
	}
	EXPECT_EQ(0, ns_wait(pid));
}

/* The ioctls that lead from one namespace to another arrive at the same. */
TEST(related_namespaces)
{
	struct ns_holder h;
	int user, uts, pid, fd;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");

	if (ns_hold(&h, CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID))
		SKIP(return, "needs user, uts and pid namespaces");
	user = ns_open_pid(h.pid, "user");
	uts = ns_open_pid(h.pid, "uts");
	pid = ns_open_pid(h.pid, "pid");
	ASSERT_LE(0, user);
	ASSERT_LE(0, uts);
	ASSERT_LE(0, pid);

	fd = ioctl(uts, NS_GET_USERNS);
	ASSERT_LE(0, fd);
	EXPECT_EQ(ns_id(user), ns_id(fd));
	close(fd);

	fd = ioctl(pid, NS_GET_PARENT);
	ASSERT_LE(0, fd);
	EXPECT_EQ(ns_id_of_self("pid"), ns_id(fd));
	close(fd);

	fd = ioctl(user, NS_GET_PARENT);
	ASSERT_LE(0, fd);
	EXPECT_EQ(ns_id_of_self("user"), ns_id(fd));
	close(fd);

	close(user);
	close(uts);
	close(pid);
	EXPECT_EQ(0, ns_release(&h));
}

/* The mount namespace has another number as well, which stays what it was. */
TEST(mount_namespace_sequence_is_separate)
{
	__u64 seq = 0, first = 0;
	struct ns_holder h;
	int fd;

	if (!ns_id_available())
		SKIP(return, "needs CONFIG_NS_ID");
	if (geteuid())
		SKIP(return, "needs root");

	fd = ns_open("self", "mnt");
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, NS_GET_MNTNS_ID, &first));
	close(fd);

	ASSERT_EQ(0, ns_hold(&h, CLONE_NEWNS));
	fd = ns_open_pid(h.pid, "mnt");
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ioctl(fd, NS_GET_MNTNS_ID, &seq));
	EXPECT_LT(first, seq);
	EXPECT_LT(NS_LAST_FIXED_ID, ns_id(fd));
	close(fd);
	EXPECT_EQ(0, ns_release(&h));
}

TEST_HARNESS_MAIN
