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

static long fn_mmap_write(const long *args)
{
	int fd = open((const char *)args[0], O_RDWR | O_CLOEXEC);
	char *p;

	if (fd < 0)
		return -errno;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return -errno;
	p[0]++;
	munmap(p, 4096);
	return 0;
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

TEST_F_TIMEOUT(change, is_recorded_whoever_made_it, 120)
{
	struct container *who[] = { self->c, NULL, self->sibling };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(who); i++) {
		ASSERT_EQ(0, ct_call(who[i], variant->how, (long)file,
				     0, 0, 0));
		ASSERT_EQ(0, ct_use(self->c, file));
		ASSERT_EQ(0, ct_use(self->c, file));
		EXPECT_COUNT((long)i + 2, audit_count_file(self->c, file));
	}
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

	a = ct_open(NULL, file, O_WRONLY);
	b = ct_open(self->sibling, file, O_WRONLY);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(1, ct_pwrite(self->sibling, b, "B", 1, 0));
	ASSERT_EQ(0, ct_close(NULL, a));
	ASSERT_EQ(0, ct_close(self->sibling, b));
	ASSERT_EQ(0, ct_use(self->c, file));
	EXPECT_COUNT(3, audit_count_file(self->c, file));
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
	/* copied up and changed above */
	ASSERT_EQ(0, ct_append(self->c, above));
	ASSERT_EQ(0, ct_use(self->c, above));
	EXPECT_COUNT(3, audit_count_file(self->c, above));
	/* and changed in the upper layer */
	ASSERT_EQ(0, ct_append(NULL, in_upper));
	ASSERT_EQ(0, ct_use(self->c, above));
	EXPECT_COUNT(4, audit_count_file(self->c, above));
}

TEST_HARNESS_MAIN
