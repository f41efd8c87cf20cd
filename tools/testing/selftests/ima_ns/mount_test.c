// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - securityfs of a user namespace: mount, tree, owners
 *
 * Copyright (C) 2026 Overlay Team
 */

#include "common.h"
#include "../kselftest_harness.h"

#ifndef FSCONFIG_CMD_CREATE
#define FSCONFIG_CMD_CREATE	6
#endif

struct entry {
	const char *path;
	mode_t mode;
	const char *target;
};

static const struct entry tree[] = {
	{ "", S_IFDIR | 0755, NULL },
	{ "/ima", S_IFLNK | 0444, "integrity/ima" },
	{ "/integrity", S_IFDIR | 0755, NULL },
	{ "/integrity/ima", S_IFDIR | 0755, NULL },
	{ "/integrity/ima/active", S_IFREG | 0640, NULL },
	{ "/integrity/ima/id", S_IFREG | 0444, NULL },
	{ "/integrity/ima/policy", S_IFREG | 0600, NULL },
	{ "/integrity/ima/runtime_measurements_count", S_IFREG | 0440, NULL },
	{ "/integrity/ima/violations", S_IFREG | 0440, NULL },
	{ "/integrity/ima/ascii_runtime_measurements_sha1", S_IFREG | 0440,
	  NULL },
	{ "/integrity/ima/binary_runtime_measurements_sha1", S_IFREG | 0440,
	  NULL },
	{ "/integrity/ima/ascii_runtime_measurements", S_IFLNK | 0444,
	  "ascii_runtime_measurements_sha1" },
	{ "/integrity/ima/binary_runtime_measurements", S_IFLNK | 0444,
	  "binary_runtime_measurements_sha1" },
};

static const char names_of_ima[] =
	"active\n"
	"ascii_runtime_measurements\n"
	"ascii_runtime_measurements_sha1\n"
	"binary_runtime_measurements\n"
	"binary_runtime_measurements_sha1\n"
	"id\n"
	"policy\n"
	"runtime_measurements_count\n"
	"violations\n";

/* checks type, mode, owner and target of every entry as @viewer sees them */
#define EXPECT_TREE(_viewer, _prefix, _uid, _gid) do {			\
	struct stat __st;						\
	char __path[PATH_MAX];						\
	size_t __i;							\
									\
	for (__i = 0; __i < ARRAY_SIZE(tree); __i++) {			\
		const struct entry *__e = &tree[__i];			\
									\
		snprintf(__path, sizeof(__path), "%s%s", _prefix,	\
			 __e->path);					\
		ASSERT_EQ(0, ct_stat(_viewer, __path, &__st)) {		\
			TH_LOG("%s", __path);				\
		}							\
		EXPECT_EQ(__e->mode, __st.st_mode) {			\
			TH_LOG("%s: 0%o", __path, __st.st_mode);	\
		}							\
		EXPECT_EQ((uid_t)(_uid), __st.st_uid) {			\
			TH_LOG("%s", __path);				\
		}							\
		EXPECT_EQ((gid_t)(_gid), __st.st_gid) {			\
			TH_LOG("%s", __path);				\
		}							\
		if (__e->target) {					\
			EXPECT_LT(0, ct_readlink(_viewer, __path));	\
			EXPECT_STREQ(__e->target, ct_out(_viewer));	\
		}							\
	}								\
} while (0)

#define EXPECT_NAMES(_c) do {						\
	EXPECT_EQ(2, ct_list(_c, SEC));					\
	EXPECT_STREQ("ima\nintegrity\n", ct_out(_c));			\
	EXPECT_EQ(1, ct_list(_c, SEC "/integrity"));			\
	EXPECT_STREQ("ima\n", ct_out(_c));				\
	EXPECT_EQ(9, ct_list(_c, IMA));					\
	EXPECT_STREQ(names_of_ima, ct_out(_c));				\
} while (0)

FIXTURE(unmounted)
{
	struct container *c;
};

FIXTURE_SETUP(unmounted)
{
	SETUP_WORKDIR();
	self->c = ct_start(NULL, (struct ct_opts){});
	ASSERT_NE(NULL, self->c);
}

FIXTURE_TEARDOWN(unmounted)
{
	ct_end(self->c);
}

TEST_F(unmounted, the_tree_is_complete_and_has_nothing_else)
{
	ASSERT_EQ(0, ct_mount(self->c));
	EXPECT_NAMES(self->c);
	EXPECT_TREE(self->c, SEC, 0, 0);
}

TEST_F(unmounted, activation_changes_neither_names_nor_modes)
{
	ASSERT_EQ(0, ct_mount_and_activate(self->c));
	EXPECT_NAMES(self->c);
	EXPECT_TREE(self->c, SEC, 0, 0);
}

TEST_F(unmounted, mount_without_CAP_SYS_ADMIN_is_EPERM)
{
	ASSERT_EQ(0, ct_cap(self->c, CAP_SYS_ADMIN, false));
	EXPECT_EQ(-EPERM, ct_mount(self->c));
	ASSERT_EQ(0, ct_cap(self->c, CAP_SYS_ADMIN, true));
	EXPECT_EQ(0, ct_mount(self->c));
}

TEST_F(unmounted, mount_in_a_foreign_mount_namespace_is_EPERM)
{
	struct container *c;

	c = ct_start(NULL, (struct ct_opts){ .no_mntns = true });
	ASSERT_NE(NULL, c);
	EXPECT_EQ(-EPERM, ct_mount(c));
	ct_end(c);
}

TEST_F(unmounted, a_child_has_an_instance_of_its_own)
{
	struct container *other = ct_start(NULL, (struct ct_opts){});
	char id[32];

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, ct_mount(self->c));
	ASSERT_EQ(0, ct_mount(other));
	ASSERT_LT(0, ct_cat(self->c, IMA "/id"));
	snprintf(id, sizeof(id), "%s", ct_out(self->c));
	ASSERT_LT(0, ct_cat(other, IMA "/id"));
	EXPECT_STRNE(id, ct_out(other));
	/* one is switched on, the other is not */
	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_EQ(2, ct_cat(other, IMA "/active"));
	EXPECT_STREQ("0\n", ct_out(other));
	ct_end(other);
}

TEST_F(unmounted, a_second_mount_shows_the_same_instance)
{
	ASSERT_EQ(0, mkdir(W "/second", 0755));
	ASSERT_EQ(0, ct_mount(self->c));
	ASSERT_EQ(0, ct_mount_at(self->c, W "/second"));
	ASSERT_EQ(2, ct_put(self->c, W "/second/ima/active", "1\n"));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("1\n", ct_out(self->c));
}

TEST_F(unmounted, umount_keeps_the_namespace)
{
	char id[32];

	ASSERT_EQ(0, ct_mount(self->c));
	ASSERT_LT(0, ct_cat(self->c, IMA "/id"));
	snprintf(id, sizeof(id), "%s", ct_out(self->c));
	/* inactive stays inactive */
	ASSERT_EQ(0, ct_umount(self->c));
	EXPECT_EQ(-ENOENT, ct_open(self->c, IMA "/active", O_RDONLY));
	ASSERT_EQ(0, ct_mount(self->c));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("0\n", ct_out(self->c));
	/* active stays active, with the same id and rules */
	ASSERT_EQ(2, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_EQ(0, ct_load(self->c, IMA "/policy", RULE_EXEC));
	ASSERT_EQ(0, ct_umount(self->c));
	ASSERT_EQ(0, ct_mount(self->c));
	EXPECT_NAMES(self->c);
	EXPECT_TREE(self->c, SEC, 0, 0);
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("1\n", ct_out(self->c));
	EXPECT_EQ(-EBUSY, ct_put(self->c, IMA "/active", "1\n"));
	ASSERT_LT(0, ct_cat(self->c, IMA "/policy"));
	EXPECT_STREQ(RULE_EXEC, ct_out(self->c));
	ASSERT_LT(0, ct_cat(self->c, IMA "/id"));
	EXPECT_STREQ(id, ct_out(self->c));
	EXPECT_EQ(0, ct_cat(self->c, IMA "/ascii_runtime_measurements"));
}

TEST_F(unmounted, an_open_file_survives_the_umount)
{
	long fd;

	ASSERT_EQ(0, ct_mount(self->c));
	fd = ct_open(self->c, IMA "/active", O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_call(self->c, fn_umount, (long)SEC, MNT_DETACH, 0, 0));
	EXPECT_EQ(2, ct_write(self->c, fd, "1\n"));
	EXPECT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(0, ct_mount(self->c));
	ASSERT_EQ(2, ct_cat(self->c, IMA "/active"));
	EXPECT_STREQ("1\n", ct_out(self->c));
}

TEST_F(unmounted, the_owner_is_id_0_of_the_namespace)
{
	struct container *c;
	char path[PATH_MAX];

	c = ct_start(NULL, (struct ct_opts){
		.map = "0 100000 65536", .gid_map = "0 200000 65536" });
	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount(c));
	EXPECT_TREE(c, SEC, 0, 0);
	/* the same seen from the host */
	snprintf(path, sizeof(path), "/proc/%d/root" SEC, c->pid);
	EXPECT_TREE(NULL, path, 100000, 200000);
	ct_end(c);
}

TEST_F(unmounted, without_id_0_in_the_map_nobody_owns_the_files)
{
	struct container *c;
	char path[PATH_MAX];

	c = ct_start(NULL, (struct ct_opts){ .map = "" });
	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount(c));
	EXPECT_TREE(c, SEC, 65534, 65534);
	EXPECT_LT(0, ct_cat(c, IMA "/id"));
	EXPECT_EQ(-EACCES, ct_open(c, IMA "/active", O_WRONLY));
	snprintf(path, sizeof(path), "/proc/%d/root" IMA "/active", c->pid);
	/* not even the host's root: the mode check fails for invalid ids */
	EXPECT_EQ(-EACCES, ct_open(NULL, path, O_WRONLY));
	/* a map written afterwards counts from the next first mount on */
	snprintf(path, sizeof(path), "/proc/%d/uid_map", c->pid);
	ASSERT_EQ(0, put_text(path, "0 0 65536"));
	snprintf(path, sizeof(path), "/proc/%d/gid_map", c->pid);
	ASSERT_EQ(0, put_text(path, "0 0 65536"));
	EXPECT_TREE(c, SEC, 65534, 65534);
	ASSERT_EQ(0, ct_umount(c));
	ASSERT_EQ(0, ct_mount(c));
	EXPECT_TREE(c, SEC, 0, 0);
	EXPECT_EQ(2, ct_put(c, IMA "/active", "1\n"));
	ct_end(c);
}

/* the map of this one has ids, but not 0 */
TEST_F(unmounted, a_map_without_id_0_gives_the_files_no_owner)
{
	struct container *c = ct_start(NULL, (struct ct_opts){ .map = "" });
	char path[64];

	ASSERT_NE(NULL, c);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", c->pid);
	ASSERT_EQ(0, put_text(path, "1 1500 1"));
	snprintf(path, sizeof(path), "/proc/%d/gid_map", c->pid);
	ASSERT_EQ(0, put_text(path, "1 1500 1"));
	ASSERT_EQ(0, ct_mount(c));
	EXPECT_TREE(c, SEC, 65534, 65534);
	EXPECT_LT(0, ct_cat(c, IMA "/id"));
	EXPECT_EQ(-EACCES, ct_open(c, IMA "/active", O_WRONLY));
	ct_end(c);
}

TEST_F(unmounted, each_of_the_two_maps_gives_its_id)
{
	struct container *c;
	char path[64];

	c = ct_start(NULL, (struct ct_opts){ .map = "" });
	ASSERT_NE(NULL, c);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", c->pid);
	ASSERT_EQ(0, put_text(path, "0 0 65536"));
	ASSERT_EQ(0, ct_mount(c));
	EXPECT_TREE(c, SEC, 0, 65534);
	ct_end(c);
	c = ct_start(NULL, (struct ct_opts){ .map = "" });
	ASSERT_NE(NULL, c);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", c->pid);
	ASSERT_EQ(0, put_text(path, "0 0 65536"));
	ASSERT_EQ(0, ct_mount(c));
	EXPECT_TREE(c, SEC, 65534, 0);
	ct_end(c);
}

static long fn_fsopen(const long *args __maybe_unused)
{
	long fd = syscall(SYS_fsopen, "securityfs", 0);

	return fd < 0 ? -errno : fd;
}

static long fn_fscreate(const long *args)
{
	if (syscall(SYS_fsconfig, args[0], FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	return 0;
}

TEST_F(unmounted, a_mount_completed_by_an_ancestor_is_EINVAL)
{
	long fd = ct_call(self->c, fn_fsopen, 0, 0, 0, 0);
	long passed;

	ASSERT_LE(0, fd);
	passed = ct_pass_fd(self->c, fd, NULL);
	ASSERT_LE(0, passed);
	EXPECT_EQ(-EINVAL, ct_call(NULL, fn_fscreate, passed, 0, 0, 0));
	close(passed);
	ct_close(self->c, fd);
	/* nothing is left behind: the container's own mount works */
	ASSERT_EQ(0, ct_mount_and_activate(self->c));
	EXPECT_NAMES(self->c);
}

TEST_F(unmounted, a_mount_completed_by_a_descendant_fails)
{
	struct container *inner = ct_start(self->c, (struct ct_opts){});
	long fd = ct_call(self->c, fn_fsopen, 0, 0, 0, 0);
	long passed;

	ASSERT_NE(NULL, inner);
	ASSERT_LE(0, fd);
	passed = ct_pass_fd(self->c, fd, inner);
	ASSERT_LE(0, passed);
	/* the VFS asks first, for rights the descendant does not have */
	EXPECT_EQ(-EPERM, ct_call(inner, fn_fscreate, passed, 0, 0, 0));
	ASSERT_EQ(0, ct_mount(inner));
	ASSERT_EQ(0, ct_mount(self->c));
	ct_end(inner);
}

TEST_F(unmounted, a_mount_started_on_the_host_does_not_give_the_hosts_files)
{
	long fd = fn_fsopen(NULL), passed;

	ASSERT_LE(0, fd);
	passed = ct_pass_fd(NULL, fd, self->c);
	ASSERT_LE(0, passed);
	EXPECT_EQ(-EPERM, ct_call(self->c, fn_fscreate, passed, 0, 0, 0));
	close(fd);
}

static long fn_mkdir(const long *args)
{
	return mkdir((const char *)args[0], 0755) ? -errno : 0;
}

static long fn_unlink(const long *args)
{
	return unlink((const char *)args[0]) ? -errno : 0;
}

static long fn_overlay(const long *args)
{
	if (mount("none", (const char *)args[0], "overlay", 0,
		  (const char *)args[1]))
		return -errno;
	return 0;
}

TEST_F(unmounted, nothing_can_be_added_or_removed)
{
	ASSERT_EQ(0, ct_mount(self->c));
	EXPECT_EQ(-EPERM, ct_call(self->c, fn_mkdir, (long)(SEC "/dir"),
				  0, 0, 0));
	EXPECT_EQ(-EPERM, ct_call(self->c, fn_unlink, (long)(IMA "/active"),
				  0, 0, 0));
	EXPECT_GT(0, ct_open(self->c, IMA "/new", O_WRONLY | O_CREAT));
	EXPECT_NAMES(self->c);
}

TEST_F(unmounted, it_cannot_be_a_layer_of_overlayfs)
{
	ASSERT_EQ(0, mkdir(W "/upper", 0755));
	ASSERT_EQ(0, mkdir(W "/work", 0755));
	ASSERT_EQ(0, mkdir(W "/merged", 0755));
	ASSERT_EQ(0, ct_mount(self->c));
	EXPECT_EQ(-EINVAL, ct_call(self->c, fn_overlay, (long)(W "/merged"),
				   (long)("lowerdir=" SEC ",upperdir=" W
					  "/upper,workdir=" W "/work"), 0, 0));
}

static long fn_execute(const long *args)
{
	execl((const char *)args[0], (const char *)args[0], NULL);
	return -errno;
}

static long fn_map_executable(const long *args)
{
	int fd = open((const char *)args[0], O_RDONLY | O_CLOEXEC);
	void *at;

	if (fd < 0)
		return -errno;
	at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	return at == MAP_FAILED ? -errno : 0;
}

/* whoever owns a file may make it executable: the mount is not */
TEST_F(unmounted, nothing_in_it_is_executed)
{
	long id = (long)(IMA "/id");

	ASSERT_EQ(0, ct_mount(self->c));
	ASSERT_EQ(0, ct_chmod(self->c, IMA "/id", 0755));
	EXPECT_EQ(-EACCES, ct_call(self->c, fn_execute, id, 0, 0, 0));
	EXPECT_EQ(-EPERM, ct_call(self->c, fn_map_executable, id, 0, 0, 0));
}

TEST_F(unmounted, the_hosts_instance_keeps_working_in_a_container)
{
	struct stat st;

	ASSERT_EQ(0, ct_mount(self->c));
	/* inherited like a bind mount of LXC; kuid 0 passes the modes */
	EXPECT_EQ(0, ct_stat(self->c, HOST_POLICY, &st));
	EXPECT_LT(0, ct_cat(self->c, HOST_SEC "/integrity/ima/violations"));
	EXPECT_EQ(-EPERM, ct_open(self->c, HOST_POLICY, O_RDONLY));
	EXPECT_GT(0, ct_stat(self->c, HOST_SEC "/integrity/ima/active", &st));
}

TEST_F(unmounted, the_hosts_mount_gives_the_hosts_instance)
{
	struct stat a, b;

	ASSERT_EQ(0, ct_mount(self->c));
	ASSERT_EQ(0, ct_mount(NULL));
	ASSERT_EQ(0, stat(SEC, &a));
	ASSERT_EQ(0, stat(HOST_SEC, &b));
	EXPECT_EQ(b.st_dev, a.st_dev);
	EXPECT_EQ(-1, access(IMA "/active", F_OK));
	ASSERT_EQ(0, umount(SEC));
	/* the entries are still there: the pin was not the test's */
	EXPECT_EQ(0, access(HOST_POLICY, F_OK));
}

TEST_F(unmounted, a_nested_namespace_has_its_own)
{
	struct container *inner;

	ASSERT_EQ(0, ct_mount_and_activate(self->c));
	inner = ct_start(self->c, (struct ct_opts){});
	ASSERT_NE(NULL, inner);
	ASSERT_EQ(0, ct_mount_and_activate(inner));
	EXPECT_STRNE(self->c->id, inner->id);
	EXPECT_NAMES(inner);
	EXPECT_TREE(inner, SEC, 0, 0);
	ct_end(inner);
}

TEST_HARNESS_MAIN
