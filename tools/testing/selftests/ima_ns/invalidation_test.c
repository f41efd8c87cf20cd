// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - a file is recorded again after each change, whoever made
 * it and however
 *
 * Copyright (C) 2026 Overlay Team
 *
 * With IMA_NS_DIR=<path> in the environment the files and the layers of the
 * overlay lie there, so that the same tests run on another file system; else
 * on a tmpfs.
 */

#include "common.h"
#include "../kselftest_harness.h"

static char file[PATH_MAX], copy[PATH_MAX];
static char page[4096] __attribute__((aligned(4096)));

static long fn_write(const long *args)
{
	int fd = open((const char *)args[0], O_WRONLY | O_CLOEXEC);
	long ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, "written", 7) != 7)
		ret = -errno;
	close(fd);
	return ret;
}

static long fn_open_trunc(const long *args)
{
	int fd = open((const char *)args[0], O_WRONLY | O_TRUNC | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

static long fn_truncate(const long *args)
{
	return truncate((const char *)args[0], 3) ? -errno : 0;
}

static long fn_ftruncate(const long *args)
{
	int fd = open((const char *)args[0], O_WRONLY | O_CLOEXEC);
	long ret = 0;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, 2))
		ret = -errno;
	close(fd);
	return ret;
}

/*
 * A page that was read through the mapping first (tmpfs), or written, is written
 * again without a fault, so without a change that anybody sees. An instruction
 * that reads and writes may fault as a read.
 */
static char *mapped, mapped_byte;

enum touch { UNTOUCHED, READ, WRITTEN };

/* args: path, enum touch */
static long fn_map(const long *args)
{
	int fd = open((const char *)args[0], O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (pread(fd, &mapped_byte, 1, 0) != 1)
		return -EIO;
	mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		return -errno;
	if (args[1] == WRITTEN)
		__atomic_store_n(mapped, mapped_byte, __ATOMIC_RELAXED);
	else if (args[1] == READ)
		__atomic_load_n(mapped, __ATOMIC_RELAXED);
	return 0;
}

static long fn_change_and_unmap(const long *args)
{
	__atomic_store_n(mapped, mapped_byte + 1, __ATOMIC_RELAXED);
	return munmap(mapped, 4096) ? -errno : 0;
}

static long fn_mmap_write(const long *args)
{
	return fn_map((const long[]){ args[0], UNTOUCHED }) ?:
	       fn_change_and_unmap(NULL);
}

static long fn_direct(const long *args)
{
	int fd = open((const char *)args[0], O_WRONLY | O_DIRECT | O_CLOEXEC);
	long ret = 0;

	if (fd < 0)
		return -errno;
	memset(page, 'd', sizeof(page));
	if (write(fd, page, sizeof(page)) != sizeof(page))
		ret = -errno;
	close(fd);
	return ret;
}

static long fn_punch(const long *args)
{
	int fd = open((const char *)args[0], O_WRONLY | O_CLOEXEC);
	long ret = 0;

	if (fd < 0)
		return -errno;
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096))
		ret = -errno;
	close(fd);
	return ret;
}

static long fn_rename_over(const long *args)
{
	long ret = make_file(copy, "another");

	if (!ret && rename(copy, (const char *)args[0]))
		ret = -errno;
	return ret;
}

/* the backup has the very bytes, in a new inode */
static long fn_restore(const long *args)
{
	long ret = make_file(copy, "original contents of the file");

	if (!ret && rename(copy, (const char *)args[0]))
		ret = -errno;
	return ret;
}

static long fn_rewrite_same(const long *args)
{
	return make_file((const char *)args[0],
			 "original contents of the file");
}

static void place_files(const char *dir)
{
	snprintf(file, sizeof(file), "%s/ima_ns_file", dir);
	snprintf(copy, sizeof(copy), "%s/ima_ns_copy", dir);
}

static const char *base_dir(void)
{
	return getenv("IMA_NS_DIR") ?: W;
}

/* layers of an overlay: of this test alone, IMA_NS_DIR outlives it */
static char lower[PATH_MAX], upper[PATH_MAX], work[PATH_MAX], merged[PATH_MAX];

static long make_layer(char *path, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s.%d", base_dir(), name, getpid());
	return mkdir(path, 0777) ? -errno : 0;
}

static long make_layers(void)
{
	return make_layer(lower, "lower") ?: make_layer(upper, "upper") ?:
	       make_layer(work, "work") ?: make_layer(merged, "merged");
}

static long mount_overlay(void)
{
	char *opts;
	long ret;

	if (asprintf(&opts, "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper,
		     work) < 0)
		return -ENOMEM;
	ret = mount("none", merged, "overlay", 0, opts) ? -errno : 0;
	free(opts);
	return ret;
}

#define SETUP_FILE(_overlay) do {					\
	const char *__dir = base_dir();					\
									\
	SETUP_WORKDIR();						\
	if (_overlay) {							\
		ASSERT_EQ(0, make_layers());				\
		ASSERT_EQ(0, mount_overlay());				\
		__dir = merged;						\
	}								\
	place_files(__dir);						\
	ASSERT_EQ(0, make_file(file, "original contents of the file"));	\
	ASSERT_EQ(0, audit_open());					\
	self->c = ct_active(NULL, (struct ct_opts){}, RULE_READ);	\
	ASSERT_NE(NULL, self->c);					\
	self->sibling = ct_active(NULL, (struct ct_opts){}, NULL);	\
	ASSERT_NE(NULL, self->sibling);					\
	ASSERT_EQ(0, audit_clear());					\
	ASSERT_EQ(0, ct_use(self->c, file));				\
	ASSERT_EQ(0, ct_use(self->c, file));				\
	ASSERT_COUNT(1, audit_count_file(self->c, file));		\
	ASSERT_EQ(1, audit_last_digest_is_true(self->c, file, "sha256")); \
} while (0)

FIXTURE(change)
{
	struct container *c, *sibling;
};

FIXTURE_VARIANT(change)
{
	bool overlay;
	ct_fn how;
};

#define CHANGE_VARIANT(_name)						\
FIXTURE_VARIANT_ADD(change, tmpfs_##_name)				\
{									\
	.how = fn_##_name,						\
};									\
FIXTURE_VARIANT_ADD(change, overlay_##_name)				\
{									\
	.overlay = true, .how = fn_##_name,				\
}

CHANGE_VARIANT(write);
CHANGE_VARIANT(append);
CHANGE_VARIANT(open_trunc);
CHANGE_VARIANT(truncate);
CHANGE_VARIANT(ftruncate);
CHANGE_VARIANT(mmap_write);
CHANGE_VARIANT(direct);
CHANGE_VARIANT(punch);
CHANGE_VARIANT(rename_over);
CHANGE_VARIANT(restore);
CHANGE_VARIANT(rewrite_same);

FIXTURE_SETUP(change)
{
	SETUP_FILE(variant->overlay);
}

FIXTURE_TEARDOWN(change)
{
	unlink(file);
	ct_end(self->c);
	ct_end(self->sibling);
	audit_close();
}

TEST_F(change, is_recorded_whoever_made_it)
{
	struct container *who[] = { self->c, NULL, self->sibling };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(who); i++) {
		ASSERT_EQ(0, ct_call(who[i], variant->how, (long)file,
				     0, 0, 0));
		ASSERT_EQ(0, ct_use(self->c, file));
		ASSERT_EQ(0, ct_use(self->c, file));
		EXPECT_COUNT((long)i + 2, audit_count_file(self->c, file));
		EXPECT_EQ(1, audit_last_digest_is_true(self->c, file,
						       "sha256"));
	}
}

/* What one namespace saw of a file before it changed is not told to the next. */
FIXTURE(first_look)
{
	struct container *c, *sibling;
};

FIXTURE_VARIANT(first_look)
{
	bool overlay;
};

FIXTURE_VARIANT_ADD(first_look, tmpfs) {};
FIXTURE_VARIANT_ADD(first_look, overlay) { .overlay = true };

FIXTURE_SETUP(first_look)
{
	SETUP_FILE(variant->overlay);
	ASSERT_EQ(0, ct_load(self->sibling, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, make_file(copy, "nobody has looked at this one"));
}

FIXTURE_TEARDOWN(first_look)
{
	unlink(file);
	unlink(copy);
	ct_end(self->c);
	ct_end(self->sibling);
	audit_close();
}

TEST_F(first_look, is_at_what_a_mapping_has_written_beside_another_look)
{
	ASSERT_EQ(0, ct_call(self->c, fn_map, (long)copy, WRITTEN, 0, 0));
	ASSERT_EQ(0, ct_use(self->c, copy));
	ASSERT_COUNT(1, audit_count_file(self->c, copy));
	ASSERT_EQ(0, ct_call(self->c, fn_change_and_unmap, 0, 0, 0, 0));
	ASSERT_EQ(0, ct_use(self->sibling, copy));
	EXPECT_COUNT(1, audit_count_file(self->sibling, copy));
	EXPECT_EQ(1, audit_last_digest_is_true(self->sibling, copy, "sha256"));
}

TEST_F(first_look, is_at_what_a_mapping_has_written_after_another_look)
{
	ASSERT_EQ(0, ct_use(self->c, copy));
	ASSERT_COUNT(1, audit_count_file(self->c, copy));
	ASSERT_EQ(0, ct_call(self->c, fn_map, (long)copy, READ, 0, 0));
	ASSERT_EQ(0, ct_call(self->c, fn_change_and_unmap, 0, 0, 0, 0));
	ASSERT_EQ(0, ct_use(self->sibling, copy));
	EXPECT_COUNT(1, audit_count_file(self->sibling, copy));
	EXPECT_EQ(1, audit_last_digest_is_true(self->sibling, copy, "sha256"));
}

FIXTURE(shared)
{
	struct container *c, *sibling;
};

FIXTURE_SETUP(shared)
{
	SETUP_FILE(false);
}

FIXTURE_TEARDOWN(shared)
{
	unlink(file);
	ct_end(self->c);
	ct_end(self->sibling);
	audit_close();
}

TEST_F(shared, opening_for_writing_alone_is_no_change)
{
	long fd = ct_open(NULL, file, O_RDWR);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_close(NULL, fd));
	fd = ct_open(self->c, file, O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(1, audit_count_file(self->c, file));
}

TEST_F(shared, attributes_are_no_change)
{
	ASSERT_EQ(0, chmod(file, 0600));
	ASSERT_EQ(0, ct_use(self->c, file));
	ASSERT_EQ(0, chown(file, 0, 5));
	ASSERT_EQ(0, ct_use(self->c, file));
	ASSERT_EQ(0, utimensat(AT_FDCWD, file, NULL, 0));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(1, audit_count_file(self->c, file));
}

/* a change by one is recorded anew by each that uses the file */
TEST_F(shared, every_namespace_that_uses_it_records_the_change)
{
	ASSERT_EQ(0, ct_load(self->sibling, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, ct_use(self->sibling, file));
	EXPECT_COUNT(1, audit_count_file(self->sibling, file));
	ASSERT_EQ(0, ct_append(self->sibling, file));
	ASSERT_EQ(0, ct_use(self->c, file));
	ASSERT_EQ(0, ct_use(self->sibling, file));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(2, audit_count_file(self->c, file));
	EXPECT_COUNT(2, audit_count_file(self->sibling, file));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha256"));
	EXPECT_EQ(1, audit_last_digest_is_true(self->sibling, file, "sha256"));
}

TEST_F(shared, security_ima_set_or_removed_by_the_host_is_a_change)
{
	unsigned char digest[34] = { 4, 4 };	/* a sha256 digest follows */
	long n = 1;

	ASSERT_EQ(0, ct_load(self->sibling, IMA "/policy", RULE_READ));
	ASSERT_EQ(0, ct_use(self->sibling, file));
	ASSERT_EQ(0, setxattr(file, "security.ima", digest, sizeof(digest),
			      0));
	ASSERT_EQ(0, ct_use(self->c, file));
	ASSERT_EQ(0, ct_use(self->sibling, file));
	ASSERT_EQ(0, ct_use(self->c, file));
	n++;
	EXPECT_COUNT(n, audit_count_file(self->c, file));
	EXPECT_COUNT(n, audit_count_file(self->sibling, file));
	ASSERT_EQ(0, removexattr(file, "security.ima"));
	ASSERT_EQ(0, ct_use(self->c, file));
	ASSERT_EQ(0, ct_use(self->sibling, file));
	ASSERT_EQ(0, ct_use(self->c, file));
	n++;
	EXPECT_COUNT(n, audit_count_file(self->c, file));
	EXPECT_COUNT(n, audit_count_file(self->sibling, file));
}

TEST_F(shared, the_record_names_the_algorithm_of_security_ima)
{
	unsigned char digest[66] = { 4, 6 };	/* a sha512 digest follows */

	ASSERT_EQ(0, setxattr(file, "security.ima", digest, sizeof(digest),
			      0));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE,
				    "hash=\"sha512:[0-9a-f]{128}\" .* ima_ns=%s$",
				    self->c->id));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha512"));
	ASSERT_EQ(0, ct_append(NULL, file));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha512"));
}

TEST_F(shared, other_attributes_of_the_security_kind_are_no_change)
{
	ASSERT_EQ(0, setxattr(file, "security.other", "1", 1, 0));
	ASSERT_EQ(0, ct_use(self->c, file));
	ASSERT_EQ(0, setxattr(file, "trusted.other", "1", 1, 0));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(1, audit_count_file(self->c, file));
}

/* the first of two writers changes the file, the second is the last to close */
TEST_F(shared, of_two_writers_either_order_of_closing_is_seen)
{
	long a, b;

	a = ct_open(NULL, file, O_WRONLY);
	b = ct_open(self->sibling, file, O_WRONLY);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(1, ct_pwrite(NULL, a, "A", 1, 0));
	ASSERT_EQ(0, ct_close(NULL, a));
	ASSERT_EQ(0, ct_close(self->sibling, b));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(2, audit_count_file(self->c, file));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha256"));

	a = ct_open(NULL, file, O_WRONLY);
	b = ct_open(self->sibling, file, O_WRONLY);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(1, ct_pwrite(self->sibling, b, "B", 1, 0));
	ASSERT_EQ(0, ct_close(NULL, a));
	ASSERT_EQ(0, ct_close(self->sibling, b));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(3, audit_count_file(self->c, file));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha256"));
}

/* used while still open for writing: the state after the last close counts */
TEST_F(shared, a_use_between_write_and_close_does_not_hide_the_change)
{
	long fd = ct_open(self->sibling, file, O_WRONLY);

	ASSERT_LE(0, fd);
	ASSERT_EQ(1, ct_pwrite(self->sibling, fd, "X", 1, 0));
	ASSERT_EQ(0, ct_use(self->c, file));
	ASSERT_EQ(1, ct_pwrite(self->sibling, fd, "Y", 1, 0));
	ASSERT_EQ(0, ct_close(self->sibling, fd));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(1, audit_count_file(self->c, file));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha256"));
}

/* the last reference is dropped by a task of another namespace */
TEST_F(shared, the_last_close_may_happen_elsewhere)
{
	long fd = ct_open(self->c, file, O_WRONLY), passed;

	ASSERT_LE(0, fd);
	ASSERT_EQ(1, ct_pwrite(self->c, fd, "X", 1, 0));
	passed = ct_pass_fd(self->c, fd, self->sibling);
	ASSERT_LE(0, passed);
	ASSERT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(0, ct_close(self->sibling, passed));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(2, audit_count_file(self->c, file));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha256"));
}

/* ... or at the exit of one that never closed it */
static long fn_write_and_exit(const long *args)
{
	pid_t pid = fork();

	if (!pid) {
		int fd = open((const char *)args[0], O_WRONLY);

		_exit(fd < 0 || write(fd, "E", 1) != 1);
	}
	return pid < 0 ? -errno : fn_reap((const long[]){ pid });
}

TEST_F(shared, the_exit_of_a_writer_is_a_close)
{
	ASSERT_EQ(0, ct_call(self->c, fn_write_and_exit, (long)file, 0, 0, 0));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(2, audit_count_file(self->c, file));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha256"));
}

/*
 * ... or a worker of the kernel: the file is left in the queue of a socket that
 * is itself only in its own queue, and the garbage collector closes it.
 */
static long fn_write_and_lose(const long *args)
{
	char ctrl[CMSG_SPACE(2 * sizeof(int))] = {}, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = ctrl, .msg_controllen = sizeof(ctrl),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int s[2], fds[2];
	long ret = 0;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, s))
		return -errno;
	fds[0] = open((const char *)args[0], O_WRONLY | O_CLOEXEC);
	fds[1] = s[1];
	if (fds[0] < 0)
		return -errno;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	if (write(fds[0], "lost", 4) != 4 || sendmsg(s[0], &msg, 0) < 0)
		ret = -errno;
	close(fds[0]);
	close(s[1]);
	close(s[0]);
	return ret;
}

TEST_F(shared, a_worker_of_the_kernel_may_close_last)
{
	unsigned int i;

	ASSERT_EQ(0, ct_call(self->c, fn_write_and_lose, (long)file, 0, 0, 0));
	for (i = 0; i < scaled(200, 800); i++) {
		ASSERT_EQ(0, ct_use(self->c, file));
		if (audit_count_file(self->c, file) != 1)
			break;
		usleep(100000);
	}
	EXPECT_COUNT(2, audit_count_file(self->c, file));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, file, "sha256"));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(2, audit_count_file(self->c, file));
}

/*
 * On an id-mapped mount the rules compare what the container sees
 */

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP	0x00100000
#endif

/* a tmpfs at @path whose id 0 is the id 0 of @owner_of_map */
static long mount_idmapped(const char *path, struct container *owner_of_map)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	char ns[64];
	int tree, fd;
	long ret = 0;

	snprintf(ns, sizeof(ns), "/proc/%d/ns/user", owner_of_map->pid);
	fd = open(ns, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || mount("none", path, "tmpfs", 0, "mode=1777"))
		return -errno;
	attr.userns_fd = fd;
	tree = syscall(SYS_open_tree, AT_FDCWD, path,
		       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 ||
	    syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr,
		    sizeof(attr)) ||
	    syscall(SYS_move_mount, tree, "", AT_FDCWD, path,
		    MOVE_MOUNT_F_EMPTY_PATH))
		ret = -errno;
	close(tree);
	close(fd);
	return ret;
}

TEST_F(shared, a_file_of_an_id_mapped_mount_has_the_ids_that_are_seen)
{
	const struct ct_opts opts = { .map = "0 100000 65536" };
	struct container *map = ct_start(NULL, opts), *c, *helper;
	const char *own = W "/mapped/own", *other = W "/mapped/other";
	static const ct_fn how[] = {
		fn_write, fn_truncate, fn_append, fn_rename_over,
	};
	struct stat st;
	size_t i;

	ASSERT_NE(NULL, map);
	ASSERT_EQ(0, mkdir(W "/mapped", 0777));
	ASSERT_EQ(0, mount_idmapped(W "/mapped", map));
	snprintf(copy, sizeof(copy), "%s", W "/mapped/copy");
	c = ct_start(NULL, opts);
	ASSERT_NE(NULL, c);
	ASSERT_EQ(0, ct_mount_and_activate(c));
	helper = ct_helper(c);
	ASSERT_NE(NULL, helper);
	ASSERT_EQ(0, ct_load(helper, IMA "/policy",
			     "audit func=FILE_CHECK mask=MAY_READ fowner=0 fgroup=0 \n"));
	/* made inside: id 0 there, 100000 here, 0 on the file system */
	ASSERT_LE(0, ct_close(c, ct_call(c, fn_open, (long)own,
					 O_WRONLY | O_CREAT, 0666, 0)));
	ASSERT_LE(0, ct_close(c, ct_call(c, fn_open, (long)other,
					 O_WRONLY | O_CREAT, 0666, 0)));
	ASSERT_EQ(0, chown(other, 100005, 100005));
	ASSERT_EQ(0, stat(own, &st));
	ASSERT_EQ(100000U, st.st_uid);
	ASSERT_EQ(0, ct_stat(c, own, &st));
	ASSERT_EQ(0U, st.st_uid);
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_use(c, other));
	ASSERT_EQ(0, ct_use(c, own));
	ASSERT_EQ(0, ct_use(c, own));
	EXPECT_COUNT(0, audit_count_file(c, other));
	EXPECT_COUNT(1, audit_count_file(c, own));
	for (i = 0; i < ARRAY_SIZE(how); i++) {
		ASSERT_EQ(0, ct_call(c, how[i], (long)own, 0, 0, 0));
		ASSERT_EQ(0, ct_use(c, own));
		ASSERT_EQ(0, ct_use(c, own));
		EXPECT_COUNT((long)i + 2, audit_count_file(c, own));
		EXPECT_EQ(1, audit_last_digest_is_true(c, own, "sha256"));
	}
	ct_end(helper);
	ct_end(c);
	ct_end(map);
}

/* written below a mounted overlay: the merged file has other bytes */
TEST_F(shared, a_change_of_the_lower_file_is_seen_above)
{
	char under[PATH_MAX + 8], above[PATH_MAX + 8], in_upper[PATH_MAX + 8];

	ASSERT_EQ(0, make_layers());
	snprintf(under, sizeof(under), "%s/below", lower);
	snprintf(above, sizeof(above), "%s/below", merged);
	snprintf(in_upper, sizeof(in_upper), "%s/below", upper);
	ASSERT_EQ(0, make_file(under, "1"));
	ct_end(self->c);
	ASSERT_EQ(0, mount_overlay());
	self->c = ct_active(NULL, (struct ct_opts){}, RULE_READ);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_use(self->c, above));
	ASSERT_EQ(0, ct_use(self->c, above));
	EXPECT_COUNT(1, audit_count_file(self->c, above));
	ASSERT_EQ(0, ct_append(NULL, under));
	ASSERT_EQ(0, ct_use(self->c, above));
	EXPECT_COUNT(2, audit_count_file(self->c, above));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, above, "sha256"));
	/* copied up and changed above */
	ASSERT_EQ(0, ct_append(self->c, above));
	ASSERT_EQ(0, ct_use(self->c, above));
	EXPECT_COUNT(3, audit_count_file(self->c, above));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, above, "sha256"));
	/* and changed in the upper layer */
	ASSERT_EQ(0, ct_append(NULL, in_upper));
	ASSERT_EQ(0, ct_use(self->c, above));
	EXPECT_COUNT(4, audit_count_file(self->c, above));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, above, "sha256"));
}

/* no digest is kept of a direct read, yet a change after it counts */
TEST_F(shared, a_change_below_is_seen_after_a_direct_read)
{
	char under[PATH_MAX + 8], above[PATH_MAX + 8];
	long fd;

	ASSERT_EQ(0, make_layers());
	snprintf(under, sizeof(under), "%s/below", lower);
	snprintf(above, sizeof(above), "%s/below", merged);
	ASSERT_EQ(0, make_file(under, "1"));
	ct_end(self->c);
	ASSERT_EQ(0, mount_overlay());
	self->c = ct_active(NULL, (struct ct_opts){}, RULE_READ);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, audit_clear());
	fd = ct_open(self->c, above, O_RDONLY | O_DIRECT);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ct_close(self->c, fd));
	ASSERT_EQ(0, ct_append(NULL, under));
	ASSERT_EQ(0, audit_clear());
	ASSERT_EQ(0, ct_use(self->c, above));
	EXPECT_COUNT(1, audit_count_file(self->c, above));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, above, "sha256"));
}

TEST_HARNESS_MAIN
