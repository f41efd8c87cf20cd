// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid-audisp - plugin of auditd that turns audit records into events, one JSON object a line
 *
 * Three threads: one reads standard input at once, so that auditd never waits; the first one makes
 * events and writes them; one gets the signals.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "cli/options.h"
#include "intake.h"
#include "output.h"
#include "privileges.h"
#include "worker.h"

int audisp_run(struct cli_parse *parse);

#define COMMAND(NAME, RUN, OPERANDS, HELP) { NAME, RUN, OPERANDS, HELP },
#define OPTION(...)
static const struct cli_command cli_commands[] = {
#include "options.def"
};
#undef COMMAND
#undef OPTION
#define COMMAND(...)
#define OPTION(COMMAND, KEY, NAME, ARG, HELP) { COMMAND, KEY, NAME, ARG, HELP },
static const struct cli_option cli_options[] = {
#include "options.def"
};
CLI_PROGRAM("contid-audisp", "auditd plugin: audit records to events, one JSON object a line");

/* From the end of the input, or SIGTERM, on: what is not written by then never will be. */
static const struct timespec last_moment = { .tv_sec = 1, .tv_nsec = 700000000 };

static struct queue queue;
static struct worker worker = { .queue = &queue };
static pthread_t worker_thread;
static sigset_t signals;

static _Noreturn void end_soon(void)
{
	struct timespec left = last_moment;

	while (nanosleep(&left, &left))
		;
	syslog(LOG_WARNING, "output: slow; %zu records are not written", queue_count(&queue));
	_exit(CLI_DONE);
}

static void *intake_main(void *unused)
{
	(void)unused;
	intake(STDIN_FILENO, &queue);
	worker.end = 1;
	pthread_kill(worker_thread, SIGUSR1);
	end_soon();
}

static void *signals_main(void *unused)
{
	int signal;

	(void)unused;
	while (!sigwait(&signals, &signal)) {
		if (signal == SIGHUP)
			worker.reload = 1;
		else
			worker.end = 1;
		queue_wake(&queue);
		/* it may be in a write that does not end */
		pthread_kill(worker_thread, SIGUSR1);
		if (signal != SIGHUP)
			end_soon();
	}
	return NULL;
}

static void interrupt(int signal)
{
	(void)signal;
}

static int threads_start(void)
{
	struct sigaction action = { .sa_handler = interrupt };
	pthread_t thread;
	sigset_t usr1;
	int err;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	worker_thread = pthread_self();
	/* the others have both blocked, so the one that writes gets the interruption */
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	err = sigprocmask(SIG_BLOCK, &signals, NULL) ? errno : 0;
	if (!err)
		err = pthread_create(&thread, NULL, intake_main, NULL);
	if (!err)
		err = pthread_create(&thread, NULL, signals_main, NULL);
	pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
	return -err;
}

static int fail(const char *text)
{
	syslog(LOG_ERR, "%s", text);
	return cli_fail(CLI_SYSTEM, "%s", text);
}

int audisp_run(struct cli_parse *parse)
{
	const char *file = CONFIG_FILE;
	struct config config;
	char error[512];
	uid_t uid;
	gid_t gid;
	int key;

	while ((key = cli_next(parse)) != -1)
		if (key == 'c')
			file = parse->arg;
	if (parse->n_rest)
		return cli_usage(parse, "%s: no operands", *parse->rest);
	/* the folder is changed to / below */
	worker.config = *file == '/' ? file : realpath(file, NULL);
	if (!worker.config)
		return cli_fail(CLI_SYSTEM, "%s: %s; give a file as in contid.conf(5)", file,
				strerror(errno));
	if (inherited_reset())
		return fail("inherited signals and environment: not reset");
	openlog("contid-audisp", LOG_PID, LOG_DAEMON);
	if (config_read(worker.config, &config, error, sizeof(error)) ||
	    privileges_ids(&config, &uid, &gid, error, sizeof(error)) ||
	    output_open(&worker.output, &config, uid, gid, error, sizeof(error)))
		return fail(error);
	if (privileges_drop(uid, gid))
		return fail("privileges: not given away");
	if (queue_init(&queue, config.queue))
		return fail("queue: no memory");
	if (threads_start())
		return fail("threads: not started");
	if (worker_run(&worker))
		return fail("out of memory");
	return CLI_DONE;
}

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
