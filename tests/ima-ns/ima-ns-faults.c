// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IMA namespaces - every allocation of a step fails once
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The kernel lets the n-th allocation of a task fail if n is written to its
 * file fail-nth. Each step is done with n = 1, 2, 3, ... in a container of its
 * own until it needs fewer than n allocations. After a failure the same step
 * without failures must succeed, and no access may ever be refused.
 */
#include "../../tools/testing/selftests/ima_ns/common.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_PAGE	"/sys/kernel/debug/fail_page_alloc/"
#define MAX_NTH		400
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static int results, failures;

static void result(bool good, const char *name)
{
	printf("%sok %d %s\n", good ? "" : "not ", ++results, name);
	failures += !good;
}

/* args: step, n. *(int *)args[2] is set to whether a failure was injected */
static long fn_with_failure(const long *args)
{
	long (*step)(void) = (long (*)(void))args[0];
	int *injected = (int *)args[2];
	char text[16] = "";
	long ret;
	int fd;

	fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%ld", args[1]);
	if (write(fd, text, strlen(text)) < 0)
		return -errno;
	ret = step();
	memset(text, 0, sizeof(text));
	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		return -errno;
	*injected = atoi(text) == 0;
	if (write(fd, "0", 1) < 0)
		return -errno;
	close(fd);
	return ret;
}

static long step_mount(void)
{
	return mount("none", SEC, "securityfs", 0, NULL) ? -errno : 0;
}

static long step_activate(void)
{
	return put_text(IMA "/active", "1\n");
}

static long step_load(void)
{
	return put_text(IMA "/policy",
			"audit func=FILE_CHECK mask=MAY_READ fsname=tmpfs uid=0 \n");
}

static long step_use(void)
{
	int fd = open(DATA, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return close(fd) ? -errno : 0;
}

static long step_end(void)
{
	return 0;
}

static const struct {
	const char *name;
	long (*step)(void);
} steps[] = {
	{ "mount", step_mount },
	{ "activation", step_activate },
	{ "load", step_load },
	{ "access", step_use },
	{ "end", step_end },
};

static long fn_step(const long *args)
{
	return ((long (*)(void))args[0])();
}

/* all steps before @target succeed, then @target fails at its n-th allocation */
static bool try_step(size_t target, int n, bool *more)
{
	struct container *c = ct_start(NULL, (struct ct_opts){});
	bool good = false;
	int *injected;
	long ret;
	size_t i;

	if (!c)
		return false;
	injected = (int *)(c->buf + CT_BUF / 2);
	for (i = 0; i < target; i++)
		if (ct_call(c, fn_step, (long)steps[i].step, 0, 0, 0)) {
			printf("# %s without failures failed\n", steps[i].name);
			goto out;
		}
	*injected = 0;
	ret = ct_call(c, fn_with_failure, (long)steps[target].step, n,
		      (long)injected, 0);
	*more = *injected;
	/* opening may lack the memory for a file; IMA never refuses */
	if (ret && ret != -ENOMEM && ret != -ENFILE && ret != -ENOSPC &&
	    ret != -EDQUOT) {
		printf("# %s, allocation %d: %s\n", steps[target].name, n,
		       strerror(-ret));
		goto out;
	}
	if (ret)
		ret = ct_call(c, fn_step, (long)steps[target].step, 0, 0, 0);
	if (ret) {
		printf("# %s, again after allocation %d failed: %s\n",
		       steps[target].name, n, strerror(-ret));
		goto out;
	}
	good = true;
	/* what follows works as if nothing had happened */
	for (i = target + 1; i < ARRAY_SIZE(steps); i++)
		if (ct_call(c, fn_step, (long)steps[i].step, 0, 0, 0)) {
			printf("# %s after a failed %s failed\n",
			       steps[i].name, steps[target].name);
			good = false;
		}
out:
	ct_end(c);
	return good;
}

int main(void)
{
	char name[96];
	size_t i;
	int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	if (!have_ima_ns() || access(FAIL_NTH, W_OK)) {
		printf("1..0 # SKIP no CONFIG_IMA_NS or no fault injection\n");
		return 0;
	}
	printf("1..%zu\n", ARRAY_SIZE(steps) - 1);
	if (workdir_init() || make_file(DATA, "1")) {
		printf("Bail out! no working directory\n");
		return 1;
	}
	put_text(FAILSLAB "ignore-gfp-wait", "N");
	put_text(FAIL_PAGE "ignore-gfp-wait", "N");
	for (i = 0; i + 1 < ARRAY_SIZE(steps); i++) {
		bool more = true, good = true;

		for (n = 1; more && good && n < MAX_NTH; n++)
			good = try_step(i, n, &more);
		snprintf(name, sizeof(name), "%s survives each failure",
			 steps[i].name);
		result(good && n > 2 && n < MAX_NTH, name);
		printf("# %s: %d allocations\n", steps[i].name, n - 2);
	}
	return failures ? 1 : 0;
}
