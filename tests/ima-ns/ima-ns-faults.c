// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IMA namespaces - every allocation of a step fails once
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The kernel lets the n-th allocation of a task fail if n is written to its
 * file fail-nth. Each step is done with n = 1, 2, 3, ... until it needs fewer
 * than n allocations. After a failure the same step without failures must
 * succeed. IMA refuses no access: what opening a file in a container without
 * rules survives, it survives in one with rules. No failure costs a record, the
 * host's is never repeated.
 *
 * The host's rule stays until the next boot, and failures are slow: this needs
 * a guest of its own.
 */
#define WITHOUT_HARNESS
#include "../../tools/testing/selftests/ima_ns/common.h"

#define FAIL_NTH      "/proc/thread-self/fail-nth"
#define FAILSLAB      "/sys/kernel/debug/failslab/"
#define FAIL_PAGE     "/sys/kernel/debug/fail_page_alloc/"
#define STATUS_SLAB   "/sys/kernel/slab/ima_status/failslab"
#define MAX_NTH	      400
#define OWNER	      54777
/* an error of open() itself, which any file may give */
#define OPEN_FAILED   1000
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

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

/* once the file is open there is but one reason to fail */
static long step_activate(void)
{
	int fd = open(IMA "/active", O_WRONLY | O_CLOEXEC);
	long ret = 0;

	if (fd < 0)
		return OPEN_FAILED + errno;
	if (write(fd, "1\n", 2) != 2)
		ret = -errno;
	close(fd);
	return ret;
}

static long step_load(void)
{
	return put_text(IMA "/policy", "audit func=FILE_CHECK mask=MAY_READ fsname=tmpfs uid=0 \n");
}

static long step_use(void)
{
	int fd = open(DATA, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return close(fd) ? -errno : 0;
}

static const struct {
	const char *name;
	long (*step)(void);
	int errors[3];
} steps[] = {
	{ "mount", step_mount, { ENOMEM, ENOSPC } },
	{ "activation", step_activate, { ENOMEM } },
	{ "load", step_load, { ENOMEM, ENFILE, EDQUOT } },
	{ "access", step_use, { ENOMEM, ENFILE } },
};

static long fn_step(const long *args)
{
	return ((long (*)(void))args[0])();
}

static bool allowed(size_t target, long ret)
{
	const int *errors = steps[target].errors;
	size_t i;

	if (!ret || ret == OPEN_FAILED + ENOMEM || ret == OPEN_FAILED + ENFILE)
		return true;
	for (i = 0; i < ARRAY_SIZE(steps[0].errors) && errors[i]; i++)
		if (ret == -errors[i])
			return true;
	return false;
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
	ret = ct_call(c, fn_with_failure, (long)steps[target].step, n, (long)injected, 0);
	*more = *injected;
	if (!allowed(target, ret)) {
		printf("# %s, allocation %d: %ld\n", steps[target].name, n, ret);
		goto out;
	}
	if (ret)
		ret = ct_call(c, fn_step, (long)steps[target].step, 0, 0, 0);
	if (ret) {
		printf("# %s, again after allocation %d failed: %s\n", steps[target].name, n,
		       strerror(-ret));
		goto out;
	}
	good = true;
	/* what follows works as if nothing had happened */
	for (i = target + 1; i < ARRAY_SIZE(steps); i++)
		if (ct_call(c, fn_step, (long)steps[i].step, 0, 0, 0)) {
			printf("# %s after a failed %s failed\n", steps[i].name,
			       steps[target].name);
			good = false;
		}
out:
	ct_end(c);
	return good;
}

/* a file that nobody has used yet */
static bool new_data(void)
{
	unlink(DATA);
	if (make_file(DATA, "1") || chown(DATA, OWNER, OWNER) || audit_clear()) {
		printf("# no new file\n");
		return false;
	}
	return true;
}

/* without memory for the path the record has the last component alone */
static long count_data(struct container *c)
{
	long child = audit_count(AUDIT_INTEGRITY_RULE, " file=\"[^\"]*data\" .* ima_ns=%s$", c->id);

	if (*c->id)
		return child;
	return audit_count(AUDIT_INTEGRITY_RULE, " file=\"[^\"]*data\" ") -
	       audit_count(AUDIT_INTEGRITY_RULE, " file=\"[^\"]*data\" .* ima_ns=");
}

static struct container on_host;

/* Return: false if a record is missing or, of the host's, repeated */
static bool try_access(struct container *c, bool rules, int n, bool *injected, bool *refused)
{
	int *flag = (int *)(c->buf + CT_BUF / 2);
	long ret, host, child;

	if (!new_data())
		return false;
	*flag = 0;
	ret = ct_call(c, fn_with_failure, (long)step_use, n, (long)flag, 0);
	*injected = *flag;
	*refused = ret;
	if (!allowed(ARRAY_SIZE(steps) - 1, ret)) {
		printf("# access, allocation %d: %ld\n", n, ret);
		return false;
	}
	/* what could not be recorded then is recorded now */
	ret = ct_call(c, fn_step, (long)step_use, 0, 0, 0);
	host = count_data(&on_host);
	child = count_data(c);
	if (!ret && host == 1 && (rules ? child >= 1 : !child))
		return true;
	printf("# after allocation %d: %ld, records: host %ld, child %ld\n", n, ret, host, child);
	audit_dump();
	return false;
}

/*
 * A slab that happens to be full needs a page more, so what is refused with
 * rules only is tried again: by chance it is not refused three times.
 */
static bool accesses(struct container *rules, struct container *none)
{
	bool more[2] = { true, true }, refused[2];
	int n, tries, most = 0;

	for (n = 1; (more[0] || more[1]) && n < MAX_NTH; n++) {
		for (tries = 0; tries < 3; tries++) {
			if (!try_access(none, false, n, &more[0], &refused[0]) ||
			    !try_access(rules, true, n, &more[1], &refused[1]))
				return false;
			if (!refused[1] || refused[0])
				break;
		}
		if (tries == 3) {
			printf("# allocation %d: refused with rules alone\n", n);
			return false;
		}
		if (refused[1])
			most = n;
	}
	printf("# access: %d allocations, the last one to refuse is %d\n", n - 2, most);
	/* those that do not refuse are IMA's, and there are some */
	return n < MAX_NTH && most && n - 2 > most;
}

/* in this order: without the filter every cache would fail */
static void inject(bool on)
{
	if (!on)
		put_text(FAILSLAB "probability", "0");
	put_text(STATUS_SLAB, on ? "1" : "0");
	put_text(FAILSLAB "cache-filter", on ? "Y" : "N");
	put_text(FAILSLAB "times", on ? "-1" : "1");
	if (on)
		put_text(FAILSLAB "probability", "100");
}

/* no status can be made: all is repeated for the child, nothing for the host */
static bool no_status(struct container *c)
{
	long ret = 0, host, child;
	int i;

	if (access(STATUS_SLAB, W_OK) || !new_data()) {
		printf("# no " STATUS_SLAB ": slab_nomerge is missing\n");
		return false;
	}
	inject(true);
	for (i = 0; i < 3 && !ret; i++)
		ret = ct_call(c, fn_step, (long)step_use, 0, 0, 0);
	inject(false);
	host = count_data(&on_host);
	child = count_data(c);
	printf("# %ld, records: host %ld, child %ld\n", ret, host, child);
	if (ret || host != 1 || child != 3)
		return false;
	/* with memory it is remembered */
	for (i = 0; i < 2; i++)
		ct_call(c, fn_step, (long)step_use, 0, 0, 0);
	return count_data(&on_host) == 1 && count_data(c) == 4;
}

int main(void)
{
	struct container *rules, *none;
	char name[96];
	size_t i;
	int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	if (!have_ima_ns() || access(FAIL_NTH, W_OK)) {
		printf("1..0 # SKIP no CONFIG_IMA_NS or no fault injection\n");
		return 0;
	}
	printf("1..%zu\n", ARRAY_SIZE(steps) + 1);
	if (workdir_init() || audit_open() || make_file(DATA, "1") ||
	    ct_load(NULL, HOST_POLICY, "audit func=FILE_CHECK mask=MAY_READ fowner=54777\n")) {
		printf("Bail out! no working directory, audit or host rule\n");
		return 1;
	}
	put_text(FAILSLAB "ignore-gfp-wait", "N");
	put_text(FAIL_PAGE "ignore-gfp-wait", "N");
	put_text(FAILSLAB "verbose", "0");
	put_text(FAIL_PAGE "verbose", "0");
	for (i = 0; i + 1 < ARRAY_SIZE(steps); i++) {
		bool more = true, good = true;

		for (n = 1; more && good && n < MAX_NTH; n++)
			good = try_step(i, n, &more);
		snprintf(name, sizeof(name), "%s survives each failure", steps[i].name);
		result(good && n > 2 && n < MAX_NTH, name);
		printf("# %s: %d allocations\n", steps[i].name, n - 2);
	}
	rules = ct_active(NULL, (struct ct_opts){},
			  "audit func=FILE_CHECK mask=MAY_READ fsname=tmpfs uid=0\n");
	none = ct_active(NULL, (struct ct_opts){}, NULL);
	result(rules && none && accesses(rules, none),
	       "no failure refuses an access or costs a record");
	result(rules && no_status(rules),
	       "without statuses the child's record is repeated, not the host's");
	if (rules)
		ct_end(rules);
	if (none)
		ct_end(none);
	audit_close();
	return failures ? 1 : 0;
}
