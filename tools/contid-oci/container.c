// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-oci - the life of a container
 *
 *	create        label, state `labelled`, record; the runtime creates; `created`; the policy,
 *	              `policy-loaded`
 *	start         the runtime starts; `running`
 *	run, restore  label, state, record; the runtime runs; `running`
 *	run with a    create and start of the runtime, the policy between them; this program is the
 *	policy        foreground
 *	delete        the runtime deletes; record; no state
 *
 * Whatever fails of this, there is no container afterwards.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../libcontid/cleanup.h"
#include "../libcontid/contid.h"
#include "bundle.h"
#include "container.h"
#include "equiv.h"
#include "limit.h"
#include "log.h"
#include "message.h"
#include "request.h"
#include "runtime.h"
#include "terminal.h"

/**
 * struct container - one that is being made
 * @object:	how sentences name it
 * @state:	what becomes its state file
 * @pidfd:	of its first process, or -1
 * @former:	the state file of that name from before; container is NULL if there is none
 * @written:	the state file is ours now
 * @said:	a sentence was said, so none is needed
 * @plain:	the kernel lacks the feature, and the administrator wants the container nevertheless
 */
struct container {
	const struct cmdline *line;
	const struct conf *conf;
	char object[300];
	struct bundle bundle;
	struct request request;
	struct contid_state state;
	int pidfd;
	struct contid_state former;
	bool written;
	bool said;
	bool plain;
};

/* A signal that would end us ends the container in the making. */
static volatile sig_atomic_t stopped_by;

static void on_signal(int number)
{
	stopped_by = number;
}

static void no_signal(int number)
{
	(void)number;
}

/* Handlers are gone after an exec, so the runtime has the dispositions that we had. */
static void catch_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE };
	struct sigaction action = { .sa_flags = SA_RESTART }, before;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		action.sa_handler = numbers[i] == SIGPIPE ? no_signal : on_signal;
		if (!sigaction(numbers[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(numbers[i], &action, NULL);
	}
}

static int fail_errno(struct container *c, enum contid_op op, int err)
{
	char text[512];

	c->said = true;
	return oci_fail("%s", contid_error(text, sizeof(text), op, c->object, err));
}

/* ---- before the runtime -------------------------------------------------------------------- */

static void container_free(struct container *c)
{
	bundle_free(&c->bundle);
	request_free(&c->request);
	contid_state_free(&c->state);
	contid_state_free(&c->former);
	if (c->pidfd >= 0)
		close(c->pidfd);
}

#define CLEANUP_CONTAINER __attribute__((cleanup(container_free)))

/* Absolute, since the state outlives our working directory. */
static char *absolute(const char *path)
{
	char *whole = realpath(path, NULL);

	return whole ? whole : strdup(path);
}

static int read_bundle(struct container *c)
{
	CLEANUP_FREE char *why = NULL;
	CLEANUP_FREE char *note = NULL;
	int rc = bundle_read(c->line->bundle, c->line->config, &c->bundle, &why);

	if (rc)
		return oci_fail("%s: %s; give --bundle a folder with a readable config.json",
				c->object, why ? why : strerror(-rc));
	rc = request_make(&c->bundle, c->conf->trust, CONTID_POLICY_DIR, &c->request, &note, &why);
	if (note)
		oci_warn("%s: %s", c->object, note);
	if (rc)
		return oci_fail("%s: %s", c->object, why ? why : strerror(-rc));
	return 0;
}

/* A name that is taken is not taken over. */
static int read_former(struct container *c)
{
	int rc = contid_state_read(NULL, c->line->container, &c->former);

	if (rc == -EINVAL)
		return fail_errno(c, CONTID_OP_STATE, rc);
	if (rc && rc != -ENOENT)
		oci_warn("%s: its state file is unreadable (%s) and is written anew", c->object,
			 contid_errno_name(rc));
	if (!rc && contid_state_live(&c->former))
		return oci_fail("%s: a container of this name runs already (EEXIST); delete it, or "
				"take another name",
				c->object);
	return 0;
}

static int prepare(struct container *c, const struct cmdline *line, const struct conf *conf)
{
	int rc;

	*c = (struct container){ .line = line, .conf = conf, .pidfd = -1 };
	snprintf(c->object, sizeof(c->object), "container %.255s", line->container);
	rc = read_bundle(c);
	if (!rc)
		rc = read_former(c);
	if (rc)
		return rc;
	c->state = (struct contid_state){
		.container = strdup(line->container),
		.bundle = absolute(line->bundle),
		.contid = CONTID_UNSET,
		.parent = CONTID_UNSET,
		.policy = c->request.policy ? strdup(c->request.policy) : NULL,
	};
	memcpy(c->state.policy_sha256, c->request.sha256, sizeof(c->request.sha256));
	if (!c->state.container || (c->request.policy && !c->state.policy))
		return oci_fail("%s: out of memory", c->object);
	rc = contid_boot_id(c->state.boot);
	if (rc)
		return oci_fail("%s: no boot id: %s (%s); mount /proc", c->object, strerror(-rc),
				contid_errno_name(rc));
	/* without it the label fails as well, and says why */
	if (contid_get(0, &c->state.parent))
		c->state.parent = CONTID_UNSET;
	catch_signals();
	return 0;
}

/* ---- the label ----------------------------------------------------------------------------- */

static int write_state(struct container *c, enum contid_state_phase phase)
{
	int rc;

	c->state.phase = phase;
	rc = contid_state_write(NULL, &c->state);
	if (rc)
		return fail_errno(c, CONTID_OP_STATE, rc);
	c->written = true;
	return 0;
}

/* Of a program that runs already, which somebody else may have deleted: then there is none. */
static int rewrite_state(struct container *c, enum contid_state_phase phase)
{
	int rc;

	c->state.phase = phase;
	rc = contid_state_rewrite(NULL, &c->state);
	return rc && rc != -ENOENT && rc != -ESTALE ? fail_errno(c, CONTID_OP_STATE, rc) : 0;
}

/**
 * forget_state - what was there before, if it was there
 *
 * Return: false if the state is somebody else's by now, or somebody else has removed it and told
 * the end of its container.
 */
static bool forget_state(struct container *c)
{
	bool keep = c->former.container && c->former.phase != CONTID_STATE_GONE;
	int rc;

	if (!c->written)
		return false;
	c->written = false;
	rc = contid_state_remove(NULL, &c->state, keep ? &c->former : NULL);
	return rc != -ENOENT && rc != -ESTALE;
}

static int send_message(const char *object, const struct message *message, unsigned int seconds)
{
	int rc = message_send(message, true, seconds);

	if (rc)
		oci_fail("%s: its audit record (%s) was not written: %s (%s); look at 'auditctl "
			 "-s'",
			 object, message->op, strerror(-rc), contid_errno_name(rc));
	return rc;
}

static int send_delete(const struct contid_state *state, const struct conf *conf)
{
	struct message message = { .op = "delete",
				   .container = state->container,
				   .contid = state->contid,
				   .boot = state->boot };

	return message_send(&message, true, conf->timeout);
}

static int first_state(const char *file, const struct contid_state *state, void *data)
{
	struct contid_state *first = data;

	(void)file;
	if (!state)
		return 0;
	first->contid = state->contid;
	memcpy(first->boot, state->boot, sizeof(first->boot));
	return 1;
}

/* The pair that a restored container had: from its image, else from a state of its name. */
static void former_pair(const struct container *c, struct contid_state *pair)
{
	const char *image = c->line->image_path ? c->line->image_path : "checkpoint";

	*pair = (struct contid_state){ .contid = CONTID_UNSET };
	if (contid_state_each(image, first_state, pair) == 1 || !c->former.container)
		return;
	first_state(NULL, &c->former, pair);
}

/* The child is labelled and waits: its state and its record come before its first instruction. */
static int labelled(struct contid_launch *launch, void *data)
{
	struct container *c = data;
	bool restore = c->line->command == COMMAND_RESTORE;
	struct contid_state pair = { .contid = CONTID_UNSET };
	struct message message = { .op = restore ? "restore" : "create",
				   .container = c->line->container,
				   .boot = c->state.boot };

	if (stopped_by)
		return -EINTR;
	c->state.contid = launch->unlabelled ? CONTID_UNSET : launch->id;
	message.contid = c->state.contid;
	if (restore) {
		former_pair(c, &pair);
		message.old_contid = pair.contid;
		message.old_boot = pair.boot;
	}
	if (write_state(c, CONTID_STATE_LABELLED))
		return -EIO;
	if (send_message(c->object, &message, c->conf->timeout)) {
		c->said = true;
		return -EIO;
	}
	return 0;
}

/* Why there is no child. */
static int not_launched(struct container *c, const struct contid_launch *launch, int rc)
{
	enum contid_op op = launch->join ? CONTID_OP_JOIN : CONTID_OP_SET;
	char text[512];

	/* its record said that it is created */
	if (forget_state(c) && !c->said)
		send_delete(&c->state, c->conf);
	if (c->said)
		return OCI_FAILED;
	if (launch->label_errno) {
		c->plain = c->conf->go_on && contid_error_status(op, launch->label_errno) == 3;
		if (!c->plain)
			return fail_errno(c, op, launch->label_errno);
		oci_warn("%s; it goes on without an id%s, as on_error=continue says",
			 contid_error(text, sizeof(text), op, c->object, launch->label_errno),
			 c->request.policy ? " and without its IMA policy" : "");
		return OCI_FAILED;
	}
	if (launch->exec_errno)
		return runtime_missing(launch->argv[0], launch->exec_errno);
	return oci_fail("%s: it was not started: %s (%s); try again", c->object, strerror(-rc),
			contid_errno_name(rc));
}

/* To be waited for after 0. */
static int launch(struct container *c, struct contid_launch *launch, char *const *argv,
		  bool foreground)
{
	int rc;

	*launch = (struct contid_launch){
		.id = c->request.id,
		.draw = c->request.draw,
		.unlabelled = !c->request.label,
		.foreground = foreground,
		.ready = labelled,
		.data = c,
		.argv = argv,
		.timeout = c->conf->timeout,
	};
	rc = contid_launch(launch);
	return rc ? not_launched(c, launch, rc) : 0;
}

/* ---- what was created ---------------------------------------------------------------------- */

/* By a descriptor: by now its number may be another's. */
static void wait_end(const struct container *c, unsigned int seconds)
{
	struct pollfd pollfd = { .fd = c->pidfd, .events = POLLIN };

	if (c->pidfd < 0)
		return;
	syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
	while (poll(&pollfd, 1, (int)seconds * 1000) < 0 && errno == EINTR)
		;
	waitpid(c->state.pid, NULL, WNOHANG);
}

/*
 * Nothing is left of a container of which we failed, or which failed to start. If the runtime does
 * not delete it, its state says how far it came: without its policy no later start lets it run.
 */
static void undo(struct container *c)
{
	int rc = runtime_delete(c->line, c->line->container, c->conf->timeout);

	wait_end(c, c->conf->timeout);
	/* a runtime may refuse as long as a process is there */
	if (rc)
		rc = runtime_delete(c->line, c->line->container, c->conf->timeout);
	if (c->line->pid_file)
		unlink(c->line->pid_file);
	if (rc) {
		oci_fail("%s: the runtime does not delete it either (%s), so its state is kept; "
			 "delete it when the runtime can",
			 c->object, contid_errno_name(rc));
		return;
	}
	contid_state_free(&c->former);
	if (forget_state(c))
		send_delete(&c->state, c->conf);
}

/* Whether the first process has ended: before that it loses its id. */
static bool has_ended(const struct container *c)
{
	struct pollfd pollfd = { .fd = c->pidfd, .events = POLLIN };

	if (c->pidfd < 0)
		return kill(c->state.pid, 0) && errno == ESRCH;
	return poll(&pollfd, 1, 1000) > 0;
}

/**
 * look - pid and namespaces of the first process, which carries the id or is no part of it
 * @runs:	it runs already, so that it may have ended: then the state has no pid
 */
static int look(struct container *c, bool runs)
{
	uint64_t id;
	int rc = runtime_pid(c->line, c->line->container, c->conf->timeout, &c->state.pid);

	if (!rc && !c->state.pid && runs)
		return 0;
	if (!rc && !c->state.pid)
		rc = -ESRCH;
	if (!rc)
		c->pidfd = (int)syscall(SYS_pidfd_open, c->state.pid, 0);
	if (rc)
		return oci_fail("%s: the runtime does not tell its process: %s (%s); try 'state' "
				"of the runtime",
				c->object, strerror(-rc), contid_errno_name(rc));
	if (c->request.label) {
		rc = contid_get(c->state.pid, &id);
		if ((rc || id != c->state.contid) && runs && has_ended(c)) {
			c->state.pid = 0;
			return 0;
		}
		if (rc)
			return fail_errno(c, CONTID_OP_GET, rc);
		if (id != c->state.contid)
			return oci_fail("%s: its process %d carries another id than it was given "
					"(EBADE); look whether a daemon starts it in the runtime's "
					"place",
					c->object, c->state.pid);
	}
	/* a kernel without ids of namespaces has none to tell */
	contid_ns_ids(c->state.pid, c->state.ns);
	return 0;
}

static int load_policy(struct container *c)
{
	struct contid_policy_load load = { .pid = c->state.pid,
					   .text = c->request.text,
					   .size = c->request.size,
					   .timeout = c->conf->timeout };
	int rc;

	if (!c->request.policy)
		return 0;
	rc = contid_policy_load(&load);
	if (!rc) {
		c->state.imans = load.imans;
		return write_state(c, CONTID_STATE_POLICY_LOADED);
	}
	if (rc == -ENOSYS && c->conf->go_on) {
		oci_warn("%s: IMA policy %s: %s; it goes on without, as on_error=continue says",
			 c->object, c->request.policy, load.error ? load.error : strerror(-rc));
		/* none to wait for, and none to be shown */
		free(c->state.policy);
		c->state.policy = NULL;
		*c->state.policy_sha256 = '\0';
		rc = write_state(c, CONTID_STATE_CREATED);
	} else {
		rc = oci_fail("%s: IMA policy %s: %s", c->object, c->request.policy,
			      load.error ? load.error : strerror(-rc));
	}
	free(load.error);
	return rc;
}

static int make_equivalent(struct container *c)
{
	int rc;

	if (!c->conf->equiv)
		return 0;
	rc = equiv_make(&c->bundle, c->line->bundle, c->conf->timeout);
	if (!rc)
		return 0;
	return oci_fail("%s: its mounts are not made equivalent to what is watched: %s (%s); "
			"unlock the audit configuration, or set equiv=no",
			c->object, strerror(-rc), contid_errno_name(rc));
}

/* All that is ours between the runtime's create and its start. */
static int created(struct container *c)
{
	int rc = look(c, false);

	if (!rc)
		rc = write_state(c, CONTID_STATE_CREATED);
	if (!rc)
		rc = load_policy(c);
	if (!rc)
		rc = make_equivalent(c);
	if (!rc && stopped_by)
		rc = oci_fail("%s: stopped by signal %d; start it again", c->object, stopped_by);
	if (rc)
		undo(c);
	return rc;
}

int container_create(const struct cmdline *line, const struct conf *conf)
{
	CLEANUP_CONTAINER struct container c;
	struct contid_launch child;
	int rc = prepare(&c, line, conf);

	if (rc)
		return rc;
	rc = launch(&c, &child, line->argv, false);
	if (rc)
		return c.plain ? runtime_become(line) : rc;
	rc = contid_launch_wait(&child);
	if (rc) {
		if (forget_state(&c))
			send_delete(&c.state, conf);
		return rc;
	}
	return created(&c);
}

/* ---- run ----------------------------------------------------------------------------------- */

/* Whether the process is a child of @parent. */
static bool is_child(pid_t pid, pid_t parent)
{
	CLEANUP_FILE FILE *file = NULL;
	char path[32], line[128];
	int seen = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && !seen && fgets(line, sizeof(line), file))
		sscanf(line, "PPid: %d", &seen);
	return seen == parent;
}

/*
 * The runtime may tell the process of a namesake: of one because of which our own was refused, or
 * of one that was made after its end. Its id tells them apart, without one only whose child it is.
 */
static bool is_another(const struct container *c)
{
	uint64_t id;

	return c->request.label && (contid_get(c->state.pid, &id) || id != c->state.contid);
}

/*
 * In a process of its own: writes the state as soon as the runtime has a process for it. Where that
 * fails nothing is left of the container, and @failed gets a byte before that.
 */
static _Noreturn void watch(struct container *c, pid_t runtime, int failed)
{
	unsigned int wait = 50;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		poll(NULL, 0, (int)wait);
		if (!runtime_pid(c->line, c->line->container, c->conf->timeout, &c->state.pid) &&
		    c->state.pid) {
			c->pidfd = (int)syscall(SYS_pidfd_open, c->state.pid, 0);
			if (!is_another(c))
				break;
			if (c->pidfd >= 0)
				close(c->pidfd);
		}
		wait = wait < 1000 ? wait * 2 : wait;
	}
	contid_ns_ids(c->state.pid, c->state.ns);
	if ((rewrite_state(c, CONTID_STATE_RUNNING) || make_equivalent(c)) &&
	    (c->request.label || is_child(c->state.pid, runtime)) && write(failed, "", 1) == 1)
		undo(c);
	_exit(0);
}

struct watcher {
	pid_t pid;
	int failed[2];
};

static void begin_watch(struct container *c, pid_t runtime, struct watcher *watcher)
{
	*watcher = (struct watcher){ .failed = { -1, -1 } };
	if (c->line->detach)
		return;
	watcher->pid = pipe2(watcher->failed, O_CLOEXEC | O_NONBLOCK) ? -1 : fork();
	if (!watcher->pid)
		watch(c, runtime, watcher->failed[1]);
	if (watcher->pid < 0)
		oci_warn("%s: its process and namespaces stay unknown%s: %s", c->object,
			 c->conf->equiv ? ", its mounts are not made equivalent" : "",
			 strerror(errno));
}

/* Return: whether the watcher has undone the container. */
static bool end_watch(struct watcher *watcher)
{
	char byte;
	bool failed = read(watcher->failed[0], &byte, 1) == 1;

	if (watcher->pid > 0 && !failed)
		kill(watcher->pid, SIGKILL);
	while (watcher->pid > 0 && waitpid(watcher->pid, NULL, 0) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < 2; i++)
		if (watcher->failed[i] >= 0)
			close(watcher->failed[i]);
	return failed;
}

/* The runtime has deleted it, or was told to. */
static void gone(struct container *c)
{
	int rc;

	contid_state_free(&c->former);
	rc = forget_state(c) ? send_delete(&c->state, c->conf) : 0;
	if (rc)
		oci_warn("%s: the audit record of its end was not written: %s (%s)", c->object,
			 strerror(-rc), contid_errno_name(rc));
	if (c->conf->equiv)
		equiv_trim(c->conf->timeout);
}

/* `run` and `restore` of the runtime itself. */
static int run_whole(struct container *c)
{
	struct contid_launch child;
	struct watcher watcher;
	int rc = launch(c, &child, c->line->argv, true);

	if (rc)
		return c->plain ? runtime_become(c->line) : rc;
	begin_watch(c, child.pid, &watcher);
	rc = contid_launch_wait(&child);
	if (end_watch(&watcher))
		return OCI_FAILED;
	if (c->line->detach && !rc) {
		rc = look(c, true);
		if (!rc)
			rc = write_state(c, CONTID_STATE_RUNNING);
		if (!rc && c->state.pid)
			rc = make_equivalent(c);
		if (rc)
			undo(c);
		return rc;
	}
	if (!c->line->keep)
		gone(c);
	return rc;
}

static int start(struct container *c)
{
	const char *const words[] = { "start", c->line->container, NULL };
	CLEANUP_FREE char **argv = cmdline_words(c->line, words, true);

	return argv ? runtime_run(argv) : oci_fail("%s: out of memory", c->object);
}

/* The container is created; from here to its end. */
static int run_created(struct container *c, struct console *console)
{
	int terminal = -1, rc;

	if (console) {
		terminal = console_take(console, c->conf->timeout);
		console_close(console);
		if (terminal < 0) {
			rc = oci_fail("%s: the runtime sends no terminal: %s (%s); try again",
				      c->object, strerror(-terminal), contid_errno_name(terminal));
			undo(c);
			return rc;
		}
	}
	rc = start(c);
	if (!rc && !c->line->detach)
		rc = -1;
	if (rc > 0) {
		undo(c);
		return rc;
	}
	if (write_state(c, CONTID_STATE_RUNNING)) {
		undo(c);
		return OCI_FAILED;
	}
	if (!rc)
		return 0;
	rc = foreground_wait(c->state.pid, terminal);
	if (!c->line->keep) {
		runtime_delete(c->line, c->line->container, c->conf->timeout);
		gone(c);
	}
	return rc;
}

/*
 * The runtime's `run` leaves no moment between making the user namespace and executing the
 * program, so it is taken apart. Its first process falls to us, who are its foreground.
 */
static int run_in_steps(struct container *c)
{
	bool terminal = c->bundle.terminal && !c->line->detach && !c->line->console_socket;
	struct console console = { .listener = -1 };
	struct contid_launch child;
	char option[96];
	char **argv;
	int rc;

	if (terminal) {
		rc = console_open(&console);
		if (rc)
			return oci_fail("%s: no socket for its terminal: %s (%s); look at "
					"/run/contid",
					c->object, strerror(-rc), contid_errno_name(rc));
		snprintf(option, sizeof(option), "--console-socket=%s", console.path);
	}
	if (!c->line->detach)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	argv = cmdline_create(c->line, terminal ? option : NULL);
	rc = argv ? launch(c, &child, argv, true) : oci_fail("%s: out of memory", c->object);
	if (!rc) {
		rc = contid_launch_wait(&child);
		if (rc) {
			if (forget_state(c))
				send_delete(&c->state, c->conf);
		} else {
			rc = created(c);
		}
		if (!rc)
			rc = run_created(c, terminal ? &console : NULL);
	}
	console_close(&console);
	cmdline_free_create(argv);
	return c->plain ? runtime_become(c->line) : rc;
}

int container_run(const struct cmdline *line, const struct conf *conf)
{
	CLEANUP_CONTAINER struct container c;
	int rc = prepare(&c, line, conf);

	if (rc)
		return rc;
	if (!c.request.policy)
		return run_whole(&c);
	if (line->command == COMMAND_RESTORE)
		return oci_fail("%s: IMA policy %s: a restored container runs at once, before a "
				"policy can be loaded (EOPNOTSUPP); create it anew, or restore it "
				"without " BUNDLE_POLICY,
				c.object, c.request.policy);
	return run_in_steps(&c);
}

/* ---- the others ---------------------------------------------------------------------------- */

static int session(struct contid_launch *launch, void *data)
{
	struct container *c = data;
	struct message message = { .op = "exec",
				   .container = c->line->container,
				   .contid = launch->id,
				   .boot = c->state.boot };

	if (!send_message(c->object, &message, c->conf->timeout))
		return 0;
	c->said = true;
	return -EIO;
}

/*
 * Somebody else's session may be joining at this moment, through an intermediate that lives for
 * milliseconds. An owner that lives longer keeps its container.
 */
static int join(struct container *c, struct contid_launch *child)
{
	unsigned int left = c->conf->timeout < 2 ? 20 : 40;
	uint64_t id = child->id;
	int rc;

	for (;;) {
		child->id = id;
		rc = contid_launch(child);
		if (rc != -ENOTUNIQ || !child->label_errno || !left--)
			return rc;
		poll(NULL, 0, 50);
	}
}

int container_exec(const struct cmdline *line, const struct conf *conf)
{
	CLEANUP_CONTAINER struct container c = { .line = line, .conf = conf, .pidfd = -1 };
	struct contid_launch child = { .join = true,
				       .foreground = true,
				       .ready = session,
				       .data = &c,
				       .argv = line->argv,
				       .timeout = conf->timeout };
	pid_t pid;
	int rc = runtime_pid(line, line->container, conf->timeout, &pid);

	snprintf(c.object, sizeof(c.object), "container %.255s", line->container);
	/* the runtime says it better */
	if (rc == -ENOENT || (!rc && !pid))
		return runtime_become(line);
	if (rc == -ETIMEDOUT || rc == -EBADMSG)
		return oci_fail("%s: the runtime does not tell its process: %s (%s); try 'state' "
				"of the runtime",
				c.object, strerror(-rc), contid_errno_name(rc));
	if (rc)
		return runtime_missing(line->argv[0], rc);
	rc = contid_get(pid, &child.id);
	if (rc && conf->go_on && contid_error_status(CONTID_OP_GET, rc) == 3) {
		char text[512];

		oci_warn("%s; the session has no id, as on_error=continue says",
			 contid_error(text, sizeof(text), CONTID_OP_GET, c.object, rc));
		return runtime_become(line);
	}
	if (rc)
		return fail_errno(&c, CONTID_OP_GET, rc);
	/* a container without an id has sessions without */
	if (child.id == CONTID_UNSET)
		return runtime_become(line);
	rc = contid_boot_id(c.state.boot);
	if (!rc)
		rc = join(&c, &child);
	if (!rc)
		return contid_launch_wait(&child);
	rc = not_launched(&c, &child, rc);
	return c.plain ? runtime_become(line) : rc;
}

/* The state of a container that we made; false after a sentence, or without one. */
static bool own_state(const struct cmdline *line, struct contid_state *state)
{
	int rc = contid_state_read(NULL, line->container, state);

	if (rc && rc != -ENOENT && rc != -EINVAL)
		oci_warn("container %.255s: its state file is unreadable (%s)", line->container,
			 contid_errno_name(rc));
	return !rc;
}

/* Whoever removes its state tells its end: its `run` in the foreground may be about to. */
static void deleted(const struct contid_state *state, const struct conf *conf)
{
	int rc;

	/* from here to its record no signal ends us */
	catch_signals();
	rc = contid_state_remove(NULL, state, NULL);
	if (rc == -ENOENT || rc == -ESTALE)
		return;
	rc = send_delete(state, conf);
	if (rc)
		oci_warn("container %.255s: the audit record of its end was not written: %s (%s)",
			 state->container, strerror(-rc), contid_errno_name(rc));
}

bool container_may_start(const struct contid_state *state)
{
	char boot[37];

	if (!state->policy || state->phase >= CONTID_STATE_POLICY_LOADED)
		return true;
	/* of another boot: another container, which has none of ours */
	return !contid_boot_id(boot) && strcmp(boot, state->boot);
}

int container_start(const struct cmdline *line, const struct conf *conf)
{
	struct contid_state state;
	char text[512], object[300];
	int rc, status;

	if (!own_state(line, &state))
		return runtime_become(line);
	/* its create was killed before it could load the policy, or undo what it had made */
	if (!container_may_start(&state)) {
		rc = oci_fail(
			"container %.255s: its IMA policy %.64s was never loaded (ECANCELED); "
			"delete it, and create it again",
			line->container, state.policy);
		contid_state_free(&state);
		return rc;
	}
	status = runtime_run(line->argv);
	state.phase = CONTID_STATE_RUNNING;
	rc = status ? 0 : contid_state_rewrite(NULL, &state);
	/* somebody has deleted it meanwhile */
	if (rc && rc != -ENOENT && rc != -ESTALE) {
		snprintf(object, sizeof(object), "container %.255s", line->container);
		status = oci_fail("%s",
				  contid_error(text, sizeof(text), CONTID_OP_STATE, object, rc));
		/* a runtime may refuse as long as a process is there */
		if (!runtime_delete(line, line->container, conf->timeout) ||
		    !runtime_delete(line, line->container, conf->timeout))
			deleted(&state, conf);
	}
	contid_state_free(&state);
	return status;
}

/*
 * Names are a runtime's own, for each --root of it: a state that lives is of a namesake if the
 * runtime does not know the name, or has another process for it. Who cannot be asked says nothing.
 */
static bool is_of_namesake(const struct cmdline *line, const struct conf *conf,
			   const struct contid_state *state)
{
	pid_t pid;
	int rc;

	if (!contid_state_live(state))
		return false;
	rc = runtime_pid(line, line->container, conf->timeout, &pid);
	if (rc ? rc != -ENOENT : pid == state->pid)
		return false;
	/* it may have ended since it was looked at */
	return contid_state_live(state);
}

struct sweep {
	const struct cmdline *line;
	const struct conf *conf;
};

/* Those that the runtime knows no longer. */
static int sweep_one(const char *file, const struct contid_state *state, void *data)
{
	const struct sweep *sweep = data;
	pid_t pid;

	(void)file;
	if (state && !contid_state_live(state) &&
	    runtime_pid(sweep->line, state->container, sweep->conf->timeout, &pid) == -ENOENT)
		deleted(state, sweep->conf);
	return 0;
}

int container_delete(const struct cmdline *line, const struct conf *conf)
{
	struct sweep sweep = { line, conf };
	struct contid_state state = { 0 };
	int status;

	if (!line->regex && (!own_state(line, &state) || is_of_namesake(line, conf, &state)))
		return runtime_become(line);
	status = runtime_run(line->argv);
	if (!status && line->regex)
		contid_state_each(NULL, sweep_one, &sweep);
	else if (!status)
		deleted(&state, conf);
	if (!status && conf->equiv)
		equiv_trim(conf->timeout);
	contid_state_free(&state);
	return status;
}

/* Name and number go with the image, so that a restore elsewhere can tell them. */
int container_checkpoint(const struct cmdline *line, const struct conf *conf)
{
	struct contid_state state;
	int rc, status;

	(void)conf;
	if (!own_state(line, &state))
		return runtime_become(line);
	status = runtime_run(line->argv);
	if (!status) {
		rc = contid_state_write(line->image_path ? line->image_path : "checkpoint", &state);
		if (rc)
			oci_warn("container %.255s: its id is not kept in the image: %s (%s)",
				 line->container, strerror(-rc), contid_errno_name(rc));
	}
	contid_state_free(&state);
	return status;
}
