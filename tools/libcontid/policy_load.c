// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * IMA policies of containers - the helper that gives one to a user namespace
 *
 * It joins the user namespace and nothing else, and stays kernel uid 0: rules that audit are for a
 * writer whom the host trusts. All capabilities it has there come from joining. The mount of
 * securityfs belongs to a mount namespace of its own and is attached nowhere, so no path leads to
 * it and nothing of it is left when the helper ends.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contid.h"
#include "enter.h"
#include "held.h"
#include "policy.h"

#define TIMEOUT	      10
#define INITIAL_USER  0xEFFFFFFDU /* inode of the initial user namespace, PROC_USER_INIT_INO */
#define READ_BACK_MAX (8 << 20)

/* What the helper says, in one write: shorter than PIPE_BUF. */
struct answer {
	int rc;
	uint64_t imans;
	char error[512];
};

__attribute__((format(printf, 3, 4))) static int fail(struct answer *answer, int rc,
						      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(answer->error, sizeof(answer->error), format, args);
	va_end(args);
	answer->rc = rc;
	return rc;
}

/* The first thing that fails, with the words of the kernel. */
static int fail_errno(struct answer *answer, const char *what)
{
	int rc = -errno;

	return fail(answer, rc, "%s: %s (%s)", what, strerror(-rc), contid_errno_name(rc));
}

/* ---- in the helper ------------------------------------------------------------------------- */

static int enter(struct answer *answer, int pidfd)
{
	return enter_user_ns(pidfd) ?
		       fail_errno(answer,
				  "a mount namespace in the user namespace of the container") :
		       0;
}

/* Root of a mount of securityfs that is attached nowhere. */
static int mount_securityfs(struct answer *answer)
{
	int fd = fsopen("securityfs", FSOPEN_CLOEXEC), root;

	if (fd < 0)
		return fail_errno(answer, "securityfs");
	if (fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
		/* all capabilities are there: then only a file system not for containers refuses */
		if (errno == EPERM)
			return fail(answer, -ENOSYS,
				    "this kernel has no IMA namespaces: securityfs cannot be "
				    "mounted in a user namespace (ENOSYS); boot a kernel with "
				    "CONFIG_IMA_NS");
		if (errno == ENOSPC)
			return fail(answer, -ENOSPC,
				    "the owner of the user namespace has as many IMA namespaces "
				    "as it may (ENOSPC); raise user.max_ima_namespaces");
		return fail_errno(answer, "mounting securityfs");
	}
	root = fsmount(fd, FSMOUNT_CLOEXEC,
		       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (root < 0)
		return fail_errno(answer, "mounting securityfs");
	close(fd);
	return root;
}

static int open_file(struct answer *answer, int root, const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "integrity/ima/%s", name);
	fd = openat(root, path, flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return fail(answer, -ENOSYS,
			    "this kernel has no IMA namespaces: %s is missing (ENOSYS); boot a "
			    "kernel with CONFIG_IMA_NS",
			    path);
	if (errno == EBUSY)
		return fail(answer, -EBUSY,
			    "the policy is being written by another process, or can be written "
			    "once only (EBUSY)");
	return fail_errno(answer, path);
}

/* The whole file and a NUL, freed by the caller. */
static int read_file(struct answer *answer, int root, const char *name, char **text, size_t *size)
{
	size_t room = 0;
	int fd = open_file(answer, root, name, O_RDONLY);
	ssize_t n;

	*text = NULL;
	*size = 0;
	if (fd < 0)
		return fd;
	do {
		if (room - *size < 2) {
			char *bigger = room < READ_BACK_MAX ? realloc(*text, room + 65536) : NULL;

			if (!bigger)
				return fail(answer, -ENOMEM, "%s: too long to be read", name);
			*text = bigger;
			room += 65536;
		}
		n = read(fd, *text + *size, room - *size - 1);
		*size += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return fail_errno(answer, name);
	(*text)[*size] = '\0';
	close(fd);
	return 0;
}

static int read_id(struct answer *answer, int root)
{
	char *text, *end;
	size_t size;
	int rc = read_file(answer, root, "id", &text, &size);

	if (rc)
		return rc;
	answer->imans = strtoull(text, &end, 0);
	if (end == text || *end != '\n')
		return fail(answer, -EBADMSG, "the id of the IMA namespace is no number: %.32s",
			    text);
	free(text);
	return 0;
}

/* Whether it was active before. */
static int activate(struct answer *answer, int root, bool *active)
{
	char *text;
	size_t size;
	int fd, rc = read_file(answer, root, "active", &text, &size);

	if (rc)
		return rc;
	*active = text[0] == '1';
	free(text);
	if (*active)
		return 0;
	fd = open_file(answer, root, "active", O_WRONLY);
	if (fd < 0)
		return fd;
	if (write(fd, "1", 1) == 1) {
		close(fd);
		return 0;
	}
	/* by another helper, since it was read */
	if (errno == EBUSY) {
		*active = true;
		close(fd);
		return 0;
	}
	return fail_errno(answer, "activating the IMA namespace");
}

/*
 * The policy in force begins with these rules. First match wins, so rules behind them change
 * nothing about what they say; those are somebody else's who shares the user namespace.
 */
static int compare(struct answer *answer, int root, const struct policy *policy, size_t *in_force)
{
	struct policy seen;
	char *text;
	size_t size;
	int rc;

	*in_force = SIZE_MAX;
	rc = read_file(answer, root, "policy", &text, &size);
	if (rc)
		return rc;
	rc = policy_parse(text, size, &seen);
	if (rc)
		return fail(answer, -EKEYREJECTED,
			    "the kernel shows a policy that is not understood, in line %u: %s",
			    seen.line, seen.error ? seen.error : "no memory");
	*in_force = seen.n;
	for (size_t i = 0; i < policy->n; i++) {
		const char *other = i < seen.n ? seen.rules[i].normal : "nothing";

		if (strcmp(policy->rules[i].normal, other))
			return fail(answer, -EKEYREJECTED,
				    "rule %zu of the policy reads back otherwise: expected "
				    "'%.160s', seen '%.160s'",
				    i + 1, policy->rules[i].normal, other);
	}
	policy_free(&seen);
	free(text);
	return 0;
}

static unsigned int line_of(const char *text, const char *at)
{
	unsigned int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static int write_rule(struct answer *answer, int fd, const struct policy_rule *rule,
		      const char *text)
{
	unsigned int line = line_of(text, rule->text);
	ssize_t n;

	do {
		n = write(fd, rule->text, rule->size);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)rule->size)
		return 0;
	if (n >= 0)
		return fail(answer, -EIO, "line %u: the kernel took %zd of %zu characters", line, n,
			    rule->size);
	switch (errno) {
	case EPERM:
		return fail(answer, -EPERM,
			    "line %u: no privilege to audit (EPERM); run as root on the host",
			    line);
	case EDQUOT:
		return fail(answer, -EDQUOT,
			    "line %u: more rules than this user namespace or its owner may have "
			    "(EDQUOT); shorten the policy, or raise user.max_ima_rules",
			    line);
	case EINVAL:
		return fail(answer, -EINVAL,
			    "line %u: the kernel refuses this rule (EINVAL); look for an id that "
			    "the user namespace does not map, or a label that the LSM does not "
			    "know",
			    line);
	}
	return fail(answer, -errno, "line %u: the kernel refuses this rule: %s (%s)", line,
		    strerror(errno), contid_errno_name(errno));
}

/* Close commits, and reports no error. */
static int write_policy(struct answer *answer, int root, const struct policy *policy,
			const char *text)
{
	int fd = open_file(answer, root, "policy", O_WRONLY);
	int rc = 0;

	if (fd < 0)
		return fd;
	for (size_t i = 0; !rc && i < policy->n; i++)
		rc = write_rule(answer, fd, &policy->rules[i], text);
	close(fd);
	return rc;
}

/*
 * A user namespace that somebody else activated before, as another container of a pod does, keeps
 * the policy it has: one that is wanted again is there, an other one is not added, since rules
 * that are already there would hide it, and it would change containers that run.
 */
static int work(struct answer *answer, int pidfd, const struct policy *policy, const char *text)
{
	bool active;
	size_t in_force;
	int root, rc = enter(answer, pidfd);

	if (rc)
		return rc;
	root = mount_securityfs(answer);
	if (root < 0)
		return root;
	rc = activate(answer, root, &active);
	if (!rc)
		rc = read_id(answer, root);
	if (!rc && active) {
		rc = compare(answer, root, policy, &in_force);
		if (!rc)
			return 0;
		if (rc != -EKEYREJECTED || in_force)
			return fail(answer, rc == -EKEYREJECTED ? -EEXIST : rc,
				    "the user namespace is shared, and has another policy already "
				    "(EEXIST); use the same for all containers in it");
		answer->error[0] = '\0';
	}
	if (!rc || rc == -EKEYREJECTED)
		rc = write_policy(answer, root, policy, text);
	return rc ? rc : compare(answer, root, policy, &in_force);
}

/* ---- in the caller ------------------------------------------------------------------------- */

static _Noreturn void helper(int out, int pidfd, const struct policy *policy, const char *text)
{
	struct answer answer = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	held_keep(out, pidfd);
	answer.rc = work(&answer, pidfd, policy, text);
	if (write(out, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
		_exit(1);
	_exit(0);
}

/* What the helper says within the time, or why not. */
static void listen_to(struct answer *answer, int in, unsigned int seconds)
{
	int64_t end = held_now() + (int64_t)seconds * 1000;
	ssize_t n;

	for (;;) {
		struct pollfd poll_in = { .fd = in, .events = POLLIN };
		int64_t left = end - held_now();
		int rc = poll(&poll_in, 1, left > 0 ? (int)left : 0);

		if (rc < 0 && errno == EINTR)
			continue;
		if (rc < 0)
			fail_errno(answer, "waiting for the helper");
		else if (!rc)
			fail(answer, -ETIMEDOUT,
			     "the IMA policy is not loaded after %u s (ETIMEDOUT)", seconds);
		else
			break;
		return;
	}
	n = read(in, answer, sizeof(*answer));
	if (n != (ssize_t)sizeof(*answer))
		fail(answer, -EIO, "the helper that loads the IMA policy ended early (EIO)");
	answer->error[sizeof(answer->error) - 1] = '\0';
}

static void in_helper(struct answer *answer, int pidfd, const struct policy *policy,
		      const struct contid_policy_load *load)
{
	int pipes[2];
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC)) {
		fail_errno(answer, "a pipe");
		return;
	}
	child = fork();
	if (!child)
		helper(pipes[1], pidfd, policy, load->text);
	close(pipes[1]);
	if (child < 0)
		fail_errno(answer, "a helper process");
	else
		listen_to(answer, pipes[0], load->timeout ? load->timeout : TIMEOUT);
	close(pipes[0]);
	if (child < 0)
		return;
	kill(child, SIGKILL);
	/* each rule is an audit record: one that the kernel holds is not waited for */
	if (held_ends(child, 1))
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
}

/* A user namespace that is not the caller's and not the host's */
static int has_own_user_ns(struct answer *answer, pid_t pid)
{
	struct stat own, other;
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	if (stat(path, &other))
		return fail_errno(answer, path);
	if (stat("/proc/self/ns/user", &own))
		return fail_errno(answer, "/proc/self/ns/user");
	if (other.st_ino != INITIAL_USER && other.st_ino != own.st_ino)
		return 0;
	return fail(answer, -EINVAL,
		    "pid %d has no user namespace of its own (EINVAL); an IMA policy needs one",
		    pid);
}

int contid_policy_load(struct contid_policy_load *load)
{
	struct answer answer = { 0 };
	struct policy policy;
	int pidfd = -1;

	load->imans = 0;
	load->error = NULL;
	answer.rc = policy_parse(load->text, load->size, &policy);
	if (answer.rc)
		fail(&answer, answer.rc, "line %u: %s", policy.line,
		     policy.error ? policy.error : strerror(-answer.rc));
	else if (!policy.n)
		fail(&answer, -EINVAL, "the policy has no rule");
	else
		/* before its namespaces are looked at: the number may become another's */
		pidfd = (int)syscall(SYS_pidfd_open, load->pid, 0);
	if (!answer.rc && pidfd < 0)
		fail_errno(&answer, "the process of the container");
	if (!answer.rc && !has_own_user_ns(&answer, load->pid))
		in_helper(&answer, pidfd, &policy, load);
	if (pidfd >= 0)
		close(pidfd);
	policy_free(&policy);
	load->imans = answer.imans;
	if (answer.rc && *answer.error)
		load->error = strdup(answer.error);
	return answer.rc;
}
