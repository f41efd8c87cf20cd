// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid run, contid join - a command in a container, labelled before its first instruction
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "commands.h"
#include "unshare.h"

/* as env(1) and timeout(1) have it */
enum { RUN_FAILED = 125, RUN_NO_EXEC = 126, RUN_NOT_FOUND = 127 };

#define TIMEOUT	    10	      /* seconds for the label, as contid-oci has it */
#define POLICY_SIZE (4 << 20) /* 1024 rules of less than a page each */

/**
 * struct run - a container to be
 * @named:	its name was asked for, so it must be kept
 * @name:	of its state
 * @policy:	text of its IMA policy, or NULL
 * @told:	a failure is on stderr already
 * @told_pid:	pipe: the number of the command, which is not the child in a pid namespace
 */
struct run {
	struct contid_launch launch;
	struct contid_state state;
	bool named;
	char name[24];
	int flags;
	char *policy;
	size_t policy_size;
	bool written;
	bool told;
	int told_pid[2];
};

static int exec_failed(const char *command, int err)
{
	cli_fail(0, "%s: %s (%s); %s", command, strerror(err), contid_errno_name(err),
		 err == ENOENT ? "install it, or give its path" :
				 "give a program that may be executed here");
	return err == ENOENT ? RUN_NOT_FOUND : RUN_NO_EXEC;
}

/* ---- policy -------------------------------------------------------------------------------- */

static int policy_open(const char *file, char *path, size_t size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	snprintf(path, size, "%s", file);
	if (fd < 0 && errno == ENOENT && !strchr(file, '/')) {
		snprintf(path, size, "%s/%s", CONTID_POLICY_DIR, file);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

static int policy_digest(struct run *run)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n;

	if (!EVP_Digest(run->policy, run->policy_size, digest, &n, EVP_sha256(), NULL))
		return -ENOMEM;
	for (unsigned int i = 0; i < n && i < 32; i++)
		sprintf(run->state.policy_sha256 + 2 * i, "%02x", digest[i]);
	return 0;
}

static int policy_read(struct run *run, const char *file)
{
	char path[4096];
	CLEANUP_FD int fd = policy_open(file, path, sizeof(path));
	CLEANUP_FREE char *error = NULL;
	const char *slash = strrchr(path, '/');
	unsigned int line;
	ssize_t n;
	int err;

	run->policy = malloc(POLICY_SIZE + 1);
	if (!run->policy)
		return cli_fail(RUN_FAILED, "out of memory");
	while (fd >= 0 && run->policy_size <= POLICY_SIZE &&
	       (n = read(fd, run->policy + run->policy_size, POLICY_SIZE + 1 - run->policy_size))) {
		if (n < 0) {
			fd = -1;
			break;
		}
		run->policy_size += (size_t)n;
	}
	if (fd < 0) {
		fail_op(CONTID_OP_POLICY, errno, "%s", path);
		return RUN_FAILED;
	}
	if (run->policy_size > POLICY_SIZE)
		return cli_fail(RUN_FAILED, "%s: a policy of more than 4 MiB; shorten it", path);
	err = contid_policy_check(run->policy, run->policy_size, NULL, &line, &error);
	if (err)
		return cli_fail(RUN_FAILED, "%s: line %u: %s", path, line,
				error ? error : strerror(-err));
	run->state.policy = strdup(slash ? slash + 1 : path);
	if (!run->state.policy || policy_digest(run))
		return cli_fail(RUN_FAILED, "out of memory");
	return 0;
}

static int policy_load(struct run *run)
{
	struct contid_policy_load load = { .pid = run->launch.pid,
					   .text = run->policy,
					   .size = run->policy_size };
	int err = contid_policy_load(&load);

	if (err) {
		run->told = true;
		if (load.error)
			cli_fail(0, "policy %s: %s", run->state.policy, load.error);
		else
			fail_op(CONTID_OP_POLICY, err, "policy %s", run->state.policy);
		free(load.error);
		return err;
	}
	free(load.error);
	run->state.imans = load.imans;
	run->state.phase = CONTID_STATE_POLICY_LOADED;
	return 0;
}

/* ---- state --------------------------------------------------------------------------------- */

/* Before anything is started: it is a file name, and no live container has it. */
static int name_check(const struct run *run)
{
	struct contid_state other;
	int err = contid_state_read(NULL, run->state.container, &other);
	bool taken = !err && contid_state_live(&other);

	if (!err)
		contid_state_free(&other);
	if (taken)
		return cli_fail(RUN_FAILED,
				"name %s: a live container has it; take another, or end that one",
				run->state.container);
	if (err == -EINVAL) {
		fail_op(CONTID_OP_STATE, err, "name %s", run->state.container);
		return RUN_FAILED;
	}
	return 0;
}

/* Without a name nothing is lost that /proc does not tell, except who is whose parent. */
static int state_write(struct run *run)
{
	int err;

	if (contid_ns_ids(run->state.pid, run->state.ns))
		memset(run->state.ns, 0, sizeof(run->state.ns));
	err = contid_state_write(NULL, &run->state);
	run->written |= !err;
	if (err && (run->named || run->policy)) {
		run->told = true;
		fail_op(CONTID_OP_STATE, err, "%s/%s.json", CONTID_STATE_DIR, run->state.container);
		return err;
	}
	return 0;
}

/* ---- run ----------------------------------------------------------------------------------- */

static int in_child(struct contid_launch *launch, void *data)
{
	const struct run *run = data;

	(void)launch;
	return unshare_leave(run->flags);
}

static int at_last(struct contid_launch *launch, void *data)
{
	const struct run *run = data;

	return unshare_enter(launch, run->flags, run->told_pid[1]);
}

static int in_caller(struct contid_launch *launch, void *data)
{
	struct run *run = data;
	int err = 0;

	run->state.contid = launch->id;
	run->state.pid = launch->pid;
	if (!run->named)
		snprintf(run->name, sizeof(run->name), "%" PRIu64, launch->id);
	if (run->flags & CLONE_NEWUSER)
		err = unshare_map(launch->pid);
	if (!err)
		err = state_write(run);
	if (!err && run->policy) {
		err = policy_load(run);
		if (!err)
			err = state_write(run);
	}
	return err;
}

static int run_failed(const struct run *run, int err)
{
	const struct contid_launch *launch = &run->launch;

	if (launch->label_errno == EINVAL || launch->label_errno == ENOTUNIQ)
		fail_op(CONTID_OP_SET, err, "id %" PRIu64, launch->id);
	else if (launch->label_errno)
		fail_op(CONTID_OP_SET, err, "%s", *launch->argv);
	else if (launch->exec_errno)
		return exec_failed(*launch->argv, launch->exec_errno);
	else if (!run->told)
		cli_fail(0, "%s: not started%s: %s (%s)", *launch->argv,
			 run->flags ? " in namespaces of its own" : "", strerror(-err),
			 contid_errno_name(err));
	return RUN_FAILED;
}

static int run(struct run *run)
{
	int status;

	if (pipe2(run->told_pid, O_CLOEXEC))
		return cli_fail(RUN_FAILED, "pipe: %s", strerror(errno));
	status = contid_launch(&run->launch);
	close(run->told_pid[1]);
	/* without a pid namespace nobody has written, and this is the end of the pipe */
	if (!status && read(run->told_pid[0], &run->state.pid, sizeof(pid_t)) < 0)
		run->state.pid = run->launch.pid;
	close(run->told_pid[0]);
	if (!status) {
		/* the exec may have changed the time namespace */
		run->state.phase = CONTID_STATE_RUNNING;
		if (run->written)
			state_write(run);
		status = contid_launch_wait(&run->launch);
	} else {
		status = run_failed(run, status);
	}
	if (run->written)
		contid_state_remove(NULL, &run->state, NULL);
	return status;
}

static int run_id(struct cli_parse *parse, struct run *run, const char *text)
{
	int err;

	run->launch.draw = !strcmp(text, "auto");
	if (run->launch.draw)
		return 0;
	err = contid_parse(text, &run->launch.id);
	if (err)
		return cli_usage(parse, "--id=%s: a number from 0 to 2^64-2, or auto", text);
	return 0;
}

int cmd_run(struct cli_parse *parse)
{
	struct run r = { .launch = { .draw = true,
				     .foreground = true,
				     .timeout = TIMEOUT,
				     .child = in_child,
				     .ready = in_caller,
				     .last = at_last },
			 .state = { .contid = CONTID_UNSET, .parent = CONTID_UNSET } };
	const char *policy = NULL;
	char bad[32];
	int key, status = 0;

	r.launch.data = &r;
	r.state.container = r.name;
	while (!status && (key = cli_next(parse)) != -1) {
		if (key == 'i') {
			status = run_id(parse, &r, parse->arg);
		} else if (key == 'n') {
			r.named = true;
			r.state.container = (char *)parse->arg;
		} else if (key == 'u') {
			if (!unshare_parse(parse->arg, &r.flags, bad, sizeof(bad)))
				status = cli_usage(parse, "--unshare=%s: '%s' is no namespace",
						   parse->arg, bad);
		} else if (key == 'p') {
			policy = parse->arg;
		}
	}
	if (status)
		return status;
	if (!parse->n_rest)
		return cli_usage(parse, "a command is wanted");
	if (policy && !(r.flags & CLONE_NEWUSER))
		return cli_usage(parse, "--ima-policy needs --unshare=user, whose policy it is");
	status = r.named ? name_check(&r) : 0;
	if (status)
		return status;
	if (!r.launch.draw)
		note_even(r.launch.id);
	r.launch.argv = parse->rest;
	status = policy ? policy_read(&r, policy) : 0;
	if (!status) {
		contid_get(0, &r.state.parent);
		contid_boot_id(r.state.boot);
		status = run(&r);
	}
	free(r.policy);
	free(r.state.policy);
	return status;
}

/* ---- join ---------------------------------------------------------------------------------- */

/* Whether a process has the id, as far as /proc tells us. */
static bool is_live(uint64_t id)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		uint64_t other;
		pid_t pid;

		found = pid_parse(entry->d_name, &pid) && !contid_get(pid, &other) && other == id;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* The id that a number means: one itself, or that of the process with this number. */
static int join_id(struct cli_parse *parse, const char *text, bool as_id, bool as_pid, uint64_t *id)
{
	uint64_t number, of_process = CONTID_UNSET;
	pid_t pid;
	int err = contid_parse(text, &number);

	if (err)
		return cli_usage(parse, "%s: neither an id nor the number of a process", text);
	*id = number;
	err = pid_parse(text, &pid) ? contid_get(pid, &of_process) : -ESRCH;
	if (as_pid && err) {
		fail_op(CONTID_OP_GET, err, "pid %s", text);
		return RUN_FAILED;
	}
	if (as_pid && of_process == CONTID_UNSET)
		return cli_fail(RUN_FAILED, "pid %s: it is in no container; look at 'contid ls'",
				text);
	if (as_id || of_process == CONTID_UNSET)
		return 0;
	if (!as_pid && of_process != number && is_live(number))
		return cli_usage(parse,
				 "%s: an id, and a process of container %" PRIu64
				 "; say --id or --pid",
				 text, of_process);
	*id = of_process;
	return 0;
}

int cmd_join(struct cli_parse *parse)
{
	struct contid_launch launch = { .join = true, .foreground = true, .timeout = TIMEOUT };
	bool as_id = false, as_pid = false;
	int key, err;

	while ((key = cli_next(parse)) != -1) {
		as_id |= key == 'i';
		as_pid |= key == 'p';
	}
	if (as_id && as_pid)
		return cli_usage(parse, "--id and --pid: one at a time");
	if (parse->n_rest < 1)
		return cli_usage(parse, "a container and a command are wanted");
	err = join_id(parse, parse->rest[0], as_id, as_pid, &launch.id);
	if (err)
		return err;
	launch.argv = parse->rest + 1;
	/* getopt_long() ends at the container, so this is still there */
	if (*launch.argv && !strcmp(*launch.argv, "--"))
		launch.argv++;
	if (!*launch.argv)
		return cli_usage(parse, "a command is wanted");
	err = contid_launch(&launch);
	if (!err)
		return contid_launch_wait(&launch);
	if (launch.exec_errno)
		return exec_failed(*launch.argv, launch.exec_errno);
	if (launch.label_errno)
		fail_op(CONTID_OP_JOIN, err, "container %" PRIu64, launch.id);
	else
		cli_fail(0, "%s: not started: %s (%s)", *launch.argv, strerror(-err),
			 contid_errno_name(err));
	return RUN_FAILED;
}
