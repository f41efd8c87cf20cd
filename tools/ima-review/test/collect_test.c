// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collecting the files of a namespace: what its container hides or makes too long is named, and
 * ends nothing
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../ima-review.h"

#define ID 0x4b

static const char *const files[] = {
	"active", "ascii_runtime_measurements_sha256", "binary_runtime_measurements_sha256",
	"policy", "runtime_measurements_count",	       "unknown"
};
#define FILES (sizeof(files) / sizeof(*files))

static char source[64], evidence[64];
static int ima, dir;
static struct ir_manifest m;

static void begin(void)
{
	ir_manifest_free(&m);
	strcpy(source, "/tmp/collect-test.XXXXXX");
	strcpy(evidence, "/tmp/collect-test.XXXXXX");
	unit_true(mkdtemp(source) && mkdtemp(evidence));
	ima = open(source, O_RDONLY | O_DIRECTORY);
	dir = open(evidence, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < FILES; i++) {
		int fd = openat(ima, files[i], O_WRONLY | O_CREAT, 0600);

		unit_true(write(fd, "12345678\n", 9) == 9);
		close(fd);
	}
}

static void end(void)
{
	for (size_t i = 0; i < m.n; i++)
		unit_true(!unlinkat(dir, m.files[i].name, 0));
	for (size_t i = 0; i < FILES; i++)
		unlinkat(ima, files[i], 0);
	close(ima);
	close(dir);
	/* nothing that the manifest does not have */
	unit_true(!rmdir(evidence));
	unit_true(!rmdir(source));
}

static int collect(uint64_t max)
{
	return ir_collect_namespace(dir, &m, ima, ID, max);
}

static void a_namespace_is_copied(void)
{
	begin();
	unit_int(0, collect(9));
	unit_int(FILES - 1, m.n);
	unit_int(0, m.n_missing);
	/* whatever is measured meanwhile is on the lists, and not counted */
	unit_text("ns-0x4b.runtime_measurements_count", m.files[0].name);
	unit_true(!ir_manifest_file(&m, "ns-0x4b.unknown"));
	/* the same again */
	unit_int(0, collect(9));
	unit_int(FILES - 1, m.n);
	end();
}

static void a_file_that_is_too_long_ends_nothing(void)
{
	char *text;

	begin();
	unit_true(write(openat(ima, "policy", O_WRONLY), "1234567890", 10) == 10);
	unit_int(0, collect(9));
	unit_int(FILES - 2, m.n);
	unit_int(1, m.n_missing);
	unit_text("ns-0x4b.policy", m.missing[0].name);
	unit_text("longer than 9 bytes", m.missing[0].why);
	/* nor is it read again */
	unit_true(!unlinkat(ima, "policy", 0) && !symlinkat("active", ima, "policy"));
	unit_int(0, collect(9));
	unit_text("longer than 9 bytes", m.missing[0].why);
	m.host = m.kernel = m.time = m.tool = m.nonce = m.ak_name = NULL;
	text = ir_manifest_text(&m);
	unit_true(strstr(text, "\"ns-0x4b.policy\":\"longer than 9 bytes\""));
	free(text);
	end();
}

static void too_many_files_end_nothing(void)
{
	begin();
	m.files = ir_array(NULL, IR_FILES_MAX, sizeof(*m.files));
	for (m.n = 0; m.n < IR_FILES_MAX - 17; m.n++)
		m.files[m.n] = (struct ir_file){ .name = ir_text("f%zu", m.n) };
	unit_int(0, collect(9));
	unit_int(IR_FILES_MAX - 16, m.n);
	unit_int(FILES - 2, m.n_missing);
	unit_text("there are too many files", m.missing[0].why);
	while (m.n > 1)
		free(m.files[--m.n].name);
	free(m.files[0].name);
	m.files[0].name = ir_copy("ns-0x4b.runtime_measurements_count");
	end();
}

enum { MAY_NOT = 77 };

/* Another mount of the namespace has what is hidden in this one. */
static int hidden(void)
{
	char policy[100], count[100], fake[100];

	snprintf(policy, sizeof(policy), "%s/policy", source);
	snprintf(count, sizeof(count), "%s/runtime_measurements_count", source);
	snprintf(fake, sizeof(fake), "%s/unknown", source);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(fake, policy, NULL, MS_BIND, NULL) || mount(fake, count, NULL, MS_BIND, NULL))
		return MAY_NOT;
	ima = open(source, O_RDONLY | O_DIRECTORY);
	if (collect(9) || m.n != FILES - 3 || m.n_missing != 2 ||
	    strcmp(m.missing[0].name, "ns-0x4b.runtime_measurements_count") ||
	    strcmp(m.missing[1].name, "ns-0x4b.policy") ||
	    strcmp(m.missing[1].why, "another file is mounted over it"))
		return 1;
	if (umount(policy) || umount(count) || collect(9))
		return 2;
	/* a count of later than the lists is none of them */
	if (!ir_manifest_file(&m, "ns-0x4b.policy") || m.n != FILES - 2 || m.n_missing != 1 ||
	    !ir_manifest_why(&m, "ns-0x4b.runtime_measurements_count"))
		return 3;
	return 0;
}

static void what_is_mounted_over_a_file_is_named(void)
{
	int status;
	pid_t child;

	begin();
	child = fork();
	if (!child)
		_exit(hidden());
	waitpid(child, &status, 0);
	/* what the child has copied */
	for (size_t i = 0; i < FILES; i++) {
		char *name = ir_text("ns-0x4b.%s", files[i]);

		unlinkat(dir, name, 0);
		free(name);
	}
	ir_manifest_free(&m);
	end();
	if (status == MAY_NOT << 8)
		unit_skip("who may not mount has nothing to hide with");
	unit_int(0, status);
}

static void evidence_that_cannot_be_written_ends_it(void)
{
	begin();
	/* as a folder that somebody else fills */
	unit_true(!mkdirat(dir, "ns-0x4b.policy", 0700));
	unit_int(-EEXIST, collect(9));
	unlinkat(dir, "ns-0x4b.policy", AT_REMOVEDIR);
	end();
}

/* A chrooted task does not stand for the others of its mount namespace. */
static void each_root_is_a_view_of_its_own(void)
{
	struct ir_views views = { 0 };
	int own = open("/proc/self", O_RDONLY | O_DIRECTORY), ready[2], go[2], task, seen;
	char roots[70][sizeof("/tmp/collect-test.XXXXXX")] = { "" }, path[32], byte = 'n';
	int results[70];
	pid_t child;

	unit_int(1, ir_views_add(&views, own));
	unit_int(0, ir_views_add(&views, own));
	/* all at a time, since inodes are used again */
	for (int i = 0; i < 70; i++) {
		char *root = roots[i];

		strcpy(root, "/tmp/collect-test.XXXXXX");
		unit_true(mkdtemp(root) && !pipe(ready) && !pipe(go));
		child = fork();
		if (!child) {
			close(go[1]);
			byte = chroot(root) ? 'n' : 'y';
			_exit(write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1));
		}
		unit_int(1, read(ready[0], &byte, 1));
		snprintf(path, sizeof(path), "/proc/%d", child);
		task = open(path, O_RDONLY | O_DIRECTORY);
		seen = ir_views_add(&views, task);
		close(task);
		close(go[1]);
		close(go[0]);
		close(ready[0]);
		close(ready[1]);
		waitpid(child, NULL, 0);
		if (byte == 'n')
			break;
		results[i] = seen;
	}
	for (int i = 0; i < 70; i++)
		rmdir(roots[i]);
	for (int i = 0; byte == 'y' && i < 70; i++)
		unit_int(i < 63 ? 1 : -ENOSPC, results[i]);
	unit_int(0, ir_views_add(&views, own));
	close(own);
	free(views.views);
	if (byte == 'n')
		unit_skip("who may not chroot has one root");
}

static const struct unit_test tests[] = {
	TEST(a_namespace_is_copied),	      TEST(a_file_that_is_too_long_ends_nothing),
	TEST(too_many_files_end_nothing),     TEST(what_is_mounted_over_a_file_is_named),
	TEST(each_root_is_a_view_of_its_own), TEST(evidence_that_cannot_be_written_ends_it),
};

UNIT(tests)
