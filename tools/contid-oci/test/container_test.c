// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of a container's state, whatever the runtime does: a script stands in its place, and
 * other functions in the place of those that send audit records
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../libcontid/test/own_run.h"
#include "../../libcontid/test/unit.h"
#include "../container.h"

#define RUNTIME "/run/runtime"
#define CALLS	"/run/calls"   /* command lines of the runtime */
#define RECORDS "/run/records" /* texts of audit records */
#define SAID	"/run/said"    /* our sentences */
#define PID	"/run/pid"     /* number of the program, from the runtime */
#define STATE	CONTID_STATE_DIR "/web.json"

static void add(const char *path, const char *text)
{
	FILE *file = fopen(path, "a");

	fprintf(file, "%s\n", text);
	fclose(file);
}

int audit_open(void)
{
	return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

int audit_log_user_message(int fd, int type, const char *message, const char *hostname,
			   const char *addr, const char *tty, int result)
{
	(void)fd, (void)hostname, (void)addr, (void)tty, (void)result;
	if (type == AUDIT_VIRT_CONTROL)
		add(RECORDS, message);
	return 1;
}

static int equivalence; /* the answer of the kernel */

int audit_make_equivalent(int fd, const char *mount_point, const char *subtree)
{
	(void)fd, (void)mount_point, (void)subtree;
	return equivalence;
}

int audit_trim_subtrees(int fd)
{
	(void)fd;
	return 1;
}

/* A new file, whatever was there: nothing is written to what a link leads to. */
static FILE *new_file(const char *path, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	unit_true(fd >= 0);
	return fdopen(fd, "w");
}

/* A runtime that does @script, in which $c is its command. */
static void runtime(const char *script)
{
	FILE *file = new_file(RUNTIME, 0700);

	fprintf(file,
		"#!/bin/sh\n"
		"echo \"$*\" >>" CALLS "\n"
		"for c; do case $c in create | run | state | start | delete) break ;; esac; done\n"
		"%s\n",
		script);
	fclose(file);
}

/* Nothing there but the runtime. */
static void fresh(const char *script)
{
	own_run();
	unlink(CALLS);
	unlink(RECORDS);
	unlink(SAID);
	unlink(PID);
	unlink(STATE);
	mkdir("/run/bundle", 0700);
	runtime(script);
}

/* Annotations of the bundle, what else it has, and a policy that it may name. */
static void bundle_with(const char *annotations, const char *more)
{
	static bool policies;
	FILE *file;

	if (!policies) {
		unit_int(0, mount("none", "/etc", "tmpfs", 0, "mode=755"));
		unit_int(0, mkdir("/etc/contid", 0755));
		unit_int(0, mkdir(CONTID_POLICY_DIR, 0755));
		add(CONTID_POLICY_DIR "/programs", "audit func=BPRM_CHECK");
	}
	policies = true;
	file = new_file("/run/bundle/config.json", 0600);
	fprintf(file,
		"{\"annotations\": {\"io.contid.id\": \"none\"%s}, "
		"\"linux\": {\"namespaces\": [{\"type\": \"user\"}]}%s}\n",
		annotations, more);
	fclose(file);
}

static void bundle(const char *annotations)
{
	bundle_with(annotations, "");
}

/* How many lines of a file have @text. */
static int lines_with(const char *path, const char *text)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	int n = 0;

	while (file && fgets(line, sizeof(line), file))
		n += !!strstr(line, text);
	if (file)
		fclose(file);
	return n;
}

/* A command line in a process of its own, which may become the runtime: its status. */
static int oci(const char *words)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		struct conf conf = { .trust = true, .timeout = 5, .equiv = true };
		char *copy = strdup(words), *argv[16] = { (char *)RUNTIME }, *save = NULL;
		int argc = 1, said = open(SAID, O_WRONLY | O_CREAT | O_APPEND, 0600);
		struct cmdline line;

		dup2(said, STDOUT_FILENO);
		dup2(said, STDERR_FILENO);
		for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
			argv[argc++] = w;
		cmdline_parse(argc, argv, &line);
		switch (line.command) {
		case COMMAND_CREATE:
			_exit(container_create(&line, &conf));
		case COMMAND_RUN:
			_exit(container_run(&line, &conf));
		case COMMAND_START:
			_exit(container_start(&line, &conf));
		case COMMAND_DELETE:
			_exit(container_delete(&line, &conf));
		default:
			_exit(99);
		}
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* A process that is a container of the name, and its state. */
static pid_t live_container(void)
{
	struct contid_state state = { .container = (char *)"web", .phase = CONTID_STATE_RUNNING };

	state.pid = fork();
	if (!state.pid)
		for (;;)
			pause();
	unit_int(0, contid_boot_id(state.boot));
	contid_ns_ids(state.pid, state.ns);
	if (contid_get(state.pid, &state.contid))
		state.contid = CONTID_UNSET;
	unit_int(0, contid_state_write(NULL, &state));
	return state.pid;
}

static bool state_is_there(struct contid_state *state)
{
	return !contid_state_read(NULL, "web", state);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* As `delete --force` of a namesake of another --root does, which the runtime does not know. */
static void a_delete_of_a_namesake_is_not_that_of_who_lives(void)
{
	static const char *const namesakes[] = {
		"[ $c != state ]",
		"[ $c != state ] || echo '{\"pid\":0,\"status\":\"stopped\"}'",
		"[ $c != state ] || echo '{\"pid\":1,\"status\":\"running\"}'",
	};

	for (size_t i = 0; i < sizeof(namesakes) / sizeof(*namesakes); i++) {
		struct contid_state state;
		bool live;
		pid_t pid;

		fresh(namesakes[i]);
		pid = live_container();
		unit_true(state_is_there(&state));
		/* else the kernel tells too little to know who lives */
		live = contid_state_live(&state);
		contid_state_free(&state);
		unit_int(0, oci("--root /run/other delete --force web"));
		end(pid);
		unit_int(1, lines_with(CALLS, "--root /run/other delete --force web"));
		if (!live)
			continue;
		unit_true(state_is_there(&state));
		unit_int(pid, state.pid);
		contid_state_free(&state);
		unit_int(0, lines_with(RECORDS, "op=delete"));
	}
}

/* A runtime that does not answer as it should may well have deleted it. */
static void a_delete_by_who_cannot_be_asked_is_a_delete(void)
{
	struct contid_state state;
	pid_t pid;

	fresh("[ $c != state ] || echo nonsense");
	pid = live_container();
	unit_int(0, oci("delete --force web"));
	end(pid);
	unit_true(!state_is_there(&state));
	unit_int(1, lines_with(RECORDS, "op=delete"));
}

static void a_delete_of_who_lives_is_its_end(void)
{
	char script[128];
	struct contid_state state;
	pid_t pid;

	fresh("");
	pid = live_container();
	/* a runtime need not wait for the end of what it kills */
	snprintf(script, sizeof(script),
		 "[ $c != state ] || echo '{\"pid\":%d,\"status\":\"running\"}'", pid);
	runtime(script);
	unit_int(0, oci("delete --force web"));
	end(pid);
	unit_true(!state_is_there(&state));
	unit_int(1, lines_with(RECORDS, "op=delete vm=\"web\""));
}

static void a_delete_of_what_ended_removes_its_state(void)
{
	struct contid_state state;

	/* nor does the runtime know it any more */
	fresh("[ $c != state ]");
	end(live_container());
	unit_int(0, oci("delete --force web"));
	unit_true(!state_is_there(&state));
	unit_int(1, lines_with(RECORDS, "op=delete vm=\"web\""));
	unit_int(0, lines_with(SAID, ""));
}

#define POLICY ", \"io.contid.ima-policy\": \"programs\""
#define CREATE "create --bundle /run/bundle web"

static void what_the_runtime_does_not_delete_does_not_start_without_its_policy(void)
{
	struct contid_state state;

	/* its process is not told, so it has no policy, and it stays */
	fresh("[ $c = create ] || [ $c = start ]");
	bundle(POLICY);
	unit_int(125, oci(CREATE));
	unit_int(1, lines_with(RECORDS, "op=create"));
	unit_int(0, lines_with(RECORDS, "op=delete"));
	unit_true(state_is_there(&state));
	unit_text("programs", state.policy);
	unit_true(state.phase < CONTID_STATE_POLICY_LOADED);
	contid_state_free(&state);
	unit_int(1, lines_with(SAID, "container web: the runtime does not delete it either"));
	unit_int(125, oci("start web"));
	unit_int(0, lines_with(CALLS, "start web"));
	unit_int(1, lines_with(SAID, "was never loaded"));
	/* a runtime that answers again */
	runtime("");
	unit_int(0, oci("delete --force web"));
	unit_true(!state_is_there(&state));
	unit_int(1, lines_with(RECORDS, "op=delete"));
}

static void of_what_the_runtime_deletes_nothing_is_left(void)
{
	struct contid_state state;

	fresh("[ $c != state ]");
	bundle(POLICY);
	unit_int(125, oci(CREATE));
	unit_true(!state_is_there(&state));
	unit_int(1, lines_with(RECORDS, "op=create"));
	unit_int(1, lines_with(RECORDS, "op=delete"));
	unit_int(1, lines_with(SAID, ""));
}

/* It has ended before the runtime is asked, and is kept until its delete. */
static void a_detached_program_may_be_short(void)
{
	struct contid_state state;

	fresh("[ $c != state ] || echo '{\"pid\":0,\"status\":\"stopped\"}'");
	bundle("");
	unit_int(0, oci("run --detach --bundle /run/bundle web"));
	unit_int(0, lines_with(SAID, ""));
	unit_int(0, lines_with(CALLS, "delete"));
	unit_true(state_is_there(&state));
	unit_int(CONTID_STATE_RUNNING, state.phase);
	unit_int(0, state.pid);
	unit_true(!contid_state_live(&state));
	contid_state_free(&state);
	unit_int(0, oci("delete web"));
	unit_true(!state_is_there(&state));
	unit_int(1, lines_with(RECORDS, "op=create"));
	unit_int(1, lines_with(RECORDS, "op=delete"));
}

/* What was created waits for its start, so it has a process. */
static void what_was_created_has_not_ended(void)
{
	struct contid_state state;

	fresh("[ $c != state ] || echo '{\"pid\":0,\"status\":\"stopped\"}'");
	bundle("");
	unit_int(125, oci(CREATE));
	unit_int(1, lines_with(SAID, "the runtime does not tell its process"));
	unit_true(!state_is_there(&state));
}

/* Two have told apart which of them ends it: who finds its state. */
static void an_end_is_told_once(void)
{
	struct contid_state state;

	/* `delete --force` of somebody else, beside a `run` */
	fresh("[ $c != run ] || rm " STATE);
	bundle("");
	unit_int(0, oci("run --bundle /run/bundle web"));
	unit_true(!state_is_there(&state));
	unit_int(1, lines_with(RECORDS, "op=create"));
	unit_int(0, lines_with(RECORDS, "op=delete"));
	fresh("");
	unit_int(0, oci("run --bundle /run/bundle web"));
	unit_true(!state_is_there(&state));
	unit_int(1, lines_with(RECORDS, "op=delete"));
}

/* As the state of another container of the name, made in the meantime. */
#define TAKE                                                                                       \
	"sed 's/\"contid\":null/\"contid\":\"7\"/' " STATE " >/run/other && "                      \
	"mv /run/other " STATE

static void of_who_has_taken_the_name_nothing_is_removed(void)
{
	static const char *const table[][3] = {
		{ "[ $c != run ] || { " TAKE "; }", "run --bundle /run/bundle web", "" },
		{ "[ $c != create ] || { " TAKE "; exit 3; }", CREATE, "" },
		{ "[ $c != state ] || { " TAKE "; exit 3; }", CREATE, "" },
		{ "[ $c != delete ] || { " TAKE "; }", "delete --force web", "live" },
	};
	struct contid_state state;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		fresh(table[i][0]);
		bundle("");
		if (*table[i][2])
			end(live_container());
		oci(table[i][1]);
		unit_int(0, lines_with(RECORDS, "op=delete"));
		unit_true(state_is_there(&state));
		unit_int(7, (long long)state.contid);
		contid_state_free(&state);
	}
}

/* Its name keeps the container that had it before, if that is not deleted. */
static void what_is_not_created_leaves_what_was_there(void)
{
	struct contid_state state;

	fresh("[ $c != create ] || exit 3");
	bundle("");
	end(live_container());
	unit_int(3, oci(CREATE));
	unit_true(state_is_there(&state));
	unit_int(CONTID_STATE_RUNNING, state.phase);
	unit_true(state.pid > 0);
	contid_state_free(&state);
	unit_int(1, lines_with(RECORDS, "op=create"));
	unit_int(1, lines_with(RECORDS, "op=delete"));
}

/* What fails beside a program that runs already ends it, and is the result. */
static void nothing_runs_unwatched(void)
{
	struct contid_state state;
	int errors[] = { 0, -EPERM };
	char script[512];

	mkdir("/run/source", 0700);
	mkdir("/run/root", 0700);
	mkdir("/run/root/data", 0700);
	for (size_t i = 0; i < 2; i++) {
		/* as long as it is not killed, it is seen to run, and ends well */
		snprintf(script, sizeof(script),
			 "case $c in\n"
			 "run) sleep %d & echo $! >" PID ".new; mv " PID ".new " PID
			 "; wait $! ;;\n"
			 "state) [ -e " PID " ] && echo \"{\\\"pid\\\":$(cat " PID
			 "),\\\"status\\\":\\\"running\\\"}\" ;;\n"
			 "esac",
			 errors[i] ? 60 : 2);
		fresh(script);
		bundle_with("", ", \"root\": {\"path\": \"/run/root\"}, \"mounts\": "
				"[{\"destination\": \"/data\", \"source\": \"/run/source\", "
				"\"type\": \"bind\", \"options\": [\"bind\"]}]");
		equivalence = errors[i];
		unit_int(errors[i] ? 125 : 0, oci("run --bundle /run/bundle web"));
		unit_int(!!errors[i], lines_with(SAID, "are not made equivalent"));
		unit_int(!!errors[i], lines_with(CALLS, "delete"));
		unit_true(!state_is_there(&state));
		unit_int(1, lines_with(RECORDS, "op=create"));
		unit_int(1, lines_with(RECORDS, "op=delete"));
	}
	equivalence = 0;
}

/* A namesake is not ended because something of ours fails: its process is not of our runtime. */
static void a_failure_does_not_end_a_namesake(void)
{
	char script[256];
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	snprintf(script, sizeof(script),
		 "case $c in run) sleep 1; exit 1 ;; state) echo '{\"pid\":%d,\"status\":"
		 "\"running\"}' ;; esac",
		 pid);
	fresh(script);
	equivalence = -EPERM;
	unit_int(1, oci("run --bundle /run/bundle web"));
	equivalence = 0;
	unit_int(1, lines_with(SAID, "are not made equivalent"));
	unit_int(0, lines_with(CALLS, "delete"));
	unit_int(0, kill(pid, 0));
	unit_int(0, waitpid(pid, NULL, WNOHANG));
	end(pid);
}

/* Of what has started without its state there is nothing to say, so it ends. */
static void what_cannot_be_told_does_not_run(void)
{
	fresh("[ $c != start ] || { rm " STATE "; mkdir " STATE "; }");
	end(live_container());
	unit_int(125, oci("start web"));
	rmdir(STATE);
	unit_int(1, lines_with(SAID, "container web: "));
	unit_int(1, lines_with(CALLS, "delete --force web"));
	unit_int(1, lines_with(RECORDS, "op=delete"));
}

static const struct unit_test tests[] = {
	TEST(a_delete_of_a_namesake_is_not_that_of_who_lives),
	TEST(a_delete_by_who_cannot_be_asked_is_a_delete),
	TEST(a_delete_of_who_lives_is_its_end),
	TEST(a_delete_of_what_ended_removes_its_state),
	TEST(what_the_runtime_does_not_delete_does_not_start_without_its_policy),
	TEST(of_what_the_runtime_deletes_nothing_is_left),
	TEST(a_detached_program_may_be_short),
	TEST(what_was_created_has_not_ended),
	TEST(an_end_is_told_once),
	TEST(of_who_has_taken_the_name_nothing_is_removed),
	TEST(what_is_not_created_leaves_what_was_there),
	TEST(nothing_runs_unwatched),
	TEST(a_failure_does_not_end_a_namesake),
	TEST(what_cannot_be_told_does_not_run),
};

UNIT(tests)
