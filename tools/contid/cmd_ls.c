// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid ls - live containers, from /proc and the state folder
 *
 * /proc shows only the innermost id of a process. Who is around it is said by the state of the
 * container, else by the record that was written when it was made.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli/out.h"
#include "commands.h"

#define HOST_USER 3 /* id of the initial user namespace, in every boot */

/**
 * struct container - one id
 * @pids:	its processes, in the order of their numbers
 * @pid:	the one that stands for all: the first of its state, or the lowest; 0 without any
 * @parent:	CONTID_UNSET: none, or unknown
 * @known:	somebody has told the parent, even if it is none
 * @shown:	a row of the tree has it
 */
struct container {
	uint64_t id;
	size_t n_pids;
	pid_t *pids;
	pid_t pid;
	uint64_t parent;
	bool known;
	bool shown;
	char *name;
	char *policy;
	uint64_t imans;
	bool has_state;
};

struct list {
	size_t n;
	struct container *containers;
	bool all;
	bool ns;
	struct cli_out out;
};

static _Noreturn void no_memory(void)
{
	exit(cli_fail(CLI_SYSTEM, "out of memory"));
}

static struct container *find(const struct list *list, uint64_t id)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->containers[i].id == id)
			return &list->containers[i];
	return NULL;
}

static struct container *get(struct list *list, uint64_t id)
{
	struct container *c = find(list, id);

	if (c)
		return c;
	c = realloc(list->containers, (list->n + 1) * sizeof(*c));
	if (!c)
		no_memory();
	list->containers = c;
	c += list->n++;
	*c = (struct container){ .id = id, .parent = CONTID_UNSET };
	return c;
}

/* ---- where it comes from ------------------------------------------------------------------- */

static int scan_proc(struct list *list)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (!dir)
		return cli_fail(CLI_SYSTEM, "/proc: %s; mount it", strerror(errno));
	while ((entry = readdir(dir))) {
		struct container *c;
		uint64_t id;
		pid_t pid, *pids;

		/* a delegated reader is told of its own processes alone */
		if (!pid_parse(entry->d_name, &pid) || contid_get(pid, &id) || id == CONTID_UNSET)
			continue;
		c = get(list, id);
		pids = realloc(c->pids, (c->n_pids + 1) * sizeof(*pids));
		if (!pids)
			no_memory();
		c->pids = pids;
		pids[c->n_pids++] = pid;
	}
	closedir(dir);
	return 0;
}

static char *copy(const char *text)
{
	char *out = text ? strdup(text) : NULL;

	if (text && !out)
		no_memory();
	return out;
}

static int add_state(const char *file, const struct contid_state *state, void *data)
{
	struct list *list = data;
	struct container *c;
	bool live;

	if (!state) {
		cli_warn("%s/%s: not a state of ours; remove it if nothing uses it",
			 CONTID_STATE_DIR, file);
		return 0;
	}
	live = contid_state_live(state);
	c = find(list, state->contid);
	if (!live && !(list->all && !c && state->contid != CONTID_UNSET))
		return 0;
	c = get(list, state->contid);
	if (c->has_state)
		return 0;
	c->has_state = true;
	c->pid = live ? state->pid : 0;
	c->known = true;
	c->parent = state->parent;
	c->name = copy(state->container);
	c->policy = copy(state->policy);
	c->imans = state->imans;
	return 0;
}

static int64_t boot_time(void)
{
	CLEANUP_FILE FILE *file = fopen("/proc/stat", "re");
	char line[256];
	long long at;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "btime %lld", &at) == 1)
			return at;
	return INT64_MAX;
}

/* Parents by the newest record that made or joined a container, of this boot. */
struct makers {
	struct list *list;
	int64_t boot;
};

static int add_maker(const struct contid_event *event, void *data)
{
	struct makers *makers = data;

	/* the second is rounded, and the first container is later than the first second */
	if (event->sec < makers->boot)
		return 0;
	for (size_t i = 0; i < event->n; i++) {
		const struct contid_record *record = &event->records[i];
		const char *op = NULL, *id = NULL, *old = NULL, *res = NULL;
		struct contid_chain *chains;
		struct container *c;
		uint64_t number;
		size_t n;

		if (record->type != AUDIT_CONTAINER_OP)
			continue;
		for (size_t j = 0; j < record->n; j++) {
			const struct contid_field *f = &record->fields[j];

			if (!strcmp(f->name, "op"))
				op = f->value;
			else if (!strcmp(f->name, "contid"))
				id = f->value;
			else if (!strcmp(f->name, "old-contid"))
				old = f->value;
			else if (!strcmp(f->name, "res"))
				res = f->value;
		}
		if (!op || !id || !old || !res || strcmp(res, "1") ||
		    (strcmp(op, "set") && strcmp(op, "join")) || contid_parse(id, &number))
			continue;
		c = find(makers->list, number);
		if (!c || c->has_state || contid_chains_parse(old, &chains, &n))
			continue;
		/* what the process had before is what its maker has */
		c->parent = n ? chains[0].id[0] : CONTID_UNSET;
		c->known = true;
		free(chains);
	}
	return 0;
}

static void ask_log(struct list *list)
{
	struct makers makers = { list, boot_time() };
	struct contid_reader *reader;
	bool unknown = false;

	for (size_t i = 0; i < list->n; i++)
		unknown |= !list->containers[i].known;
	/* no log is no failure: what nobody tells stays flat */
	if (!unknown || contid_reader_new(&reader, add_maker, &makers))
		return;
	contid_reader_files(reader, NULL);
	contid_reader_free(reader);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static const struct cli_column columns[] = {
	{ "contid", "CONTID", CLI_TEXT }, { "name", "NAME", CLI_TEXT },
	{ "parent", "PARENT", CLI_TEXT }, { "pids", "PIDS", CLI_RAW },
	{ "userns", "USERNS", CLI_TEXT }, { "imans", "IMANS", CLI_TEXT },
	{ "policy", "POLICY", CLI_TEXT }, { "command", "COMMAND", CLI_TEXT },
	{ "netns", "NETNS", CLI_TEXT },	  { "utsns", "UTSNS", CLI_TEXT },
	{ "ipcns", "IPCNS", CLI_TEXT },	  { "pidns", "PIDNS", CLI_TEXT },
	{ "mntns", "MNTNS", CLI_TEXT },	  { "cgroupns", "CGROUPNS", CLI_TEXT },
	{ "timens", "TIMENS", CLI_TEXT },
};
enum { COLUMNS = 8, COLUMNS_NS = sizeof(columns) / sizeof(*columns) };
static const enum contid_ns ns_columns[] = { CONTID_NS_NET, CONTID_NS_UTS, CONTID_NS_IPC,
					     CONTID_NS_PID, CONTID_NS_MNT, CONTID_NS_CGROUP,
					     CONTID_NS_TIME };

static char *pids_text(const struct container *c)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		no_memory();
	for (size_t i = 0; i < c->n_pids; i++)
		fprintf(out, "%c%d", i ? ',' : '[', c->pids[i]);
	fputs(c->n_pids ? "]" : "[]", out);
	if (fclose(out))
		no_memory();
	return text;
}

/* The words of its process, or NULL. */
static char *command_text(const struct container *c)
{
	CLEANUP_FD int fd = -1;
	char path[32], text[4096];
	ssize_t n;

	if (!c->pid)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", c->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return NULL;
	while (n && !text[n - 1])
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	text[n] = '\0';
	return copy(text);
}

static const char *hex(char text[24], uint64_t id)
{
	snprintf(text, 24, "0x%" PRIx64, id);
	return id ? text : NULL;
}

static void show(struct list *list, struct container *c, int depth)
{
	const char *values[COLUMNS_NS] = { 0 };
	char id[128], parent[24], userns[24], imans[24], ns[7][24];
	CLEANUP_FREE char *pids = pids_text(c);
	CLEANUP_FREE char *command = command_text(c);
	uint64_t ids[CONTID_NS_TYPES] = { 0 };

	c->shown = true;
	if (c->pid && contid_ns_ids(c->pid, ids))
		memset(ids, 0, sizeof(ids));
	/* the tree is for the eye: other forms have the parent */
	snprintf(id, sizeof(id), "%*s%" PRIu64, list->out.format == CLI_TABLE ? 2 * depth : 0, "",
		 c->id);
	snprintf(parent, sizeof(parent), "%" PRIu64, c->parent);
	values[0] = id;
	values[1] = c->name;
	values[2] = c->parent == CONTID_UNSET ? NULL : parent;
	values[3] = pids;
	values[4] = hex(userns, ids[CONTID_NS_USER]);
	/* whoever shares the host's user namespace has its IMA; of others only the state knows */
	values[5] = hex(imans, c->imans				? c->imans :
			       ids[CONTID_NS_USER] == HOST_USER ? HOST_USER :
								  0);
	values[6] = c->policy;
	values[7] = command;
	for (size_t i = 0; i < sizeof(ns_columns) / sizeof(*ns_columns); i++)
		values[8 + i] = hex(ns[i], ids[ns_columns[i]]);
	cli_out_row(&list->out, values);
}

static void show_below(struct list *list, uint64_t parent, int depth)
{
	for (size_t i = 0; i < list->n; i++) {
		struct container *c = &list->containers[i];

		if (c->shown || c->parent != parent)
			continue;
		show(list, c, depth);
		show_below(list, c->id, depth + 1);
	}
}

static void show_tree(struct list *list)
{
	size_t n = list->n;

	/* one that has ended but has others inside keeps its place */
	for (size_t i = 0; i < n; i++)
		if (list->containers[i].parent != CONTID_UNSET)
			get(list, list->containers[i].parent);
	show_below(list, CONTID_UNSET, 0);
	/* parents that name each other come from nobody but a forged state; they are not hidden */
	for (size_t i = 0; i < list->n; i++)
		if (!list->containers[i].shown) {
			show(list, &list->containers[i], 0);
			show_below(list, list->containers[i].id, 1);
		}
}

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

/* Oldest first, as far as the numbers of their processes tell; those without one at the end. */
static int by_pid(const void *a, const void *b)
{
	const struct container *x = a, *y = b;

	if (!x->n_pids != !y->n_pids)
		return !x->n_pids ? 1 : -1;
	if (x->n_pids && x->pids[0] != y->pids[0])
		return x->pids[0] < y->pids[0] ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->containers[i].pids);
		free(list->containers[i].name);
		free(list->containers[i].policy);
	}
	free(list->containers);
}

int cmd_ls(struct cli_parse *parse)
{
	__attribute__((cleanup(list_free))) struct list list = { 0 };
	bool tree = false;
	uint64_t id;
	int key, err;

	cli_out_init(&list.out);
	while ((key = cli_next(parse)) != -1) {
		if (key == 't')
			tree = true;
		else if (key == 'n')
			list.ns = true;
		else if (key == 'a')
			list.all = true;
		else
			cli_out_option(&list.out, parse, key);
	}
	if (parse->n_rest)
		return cli_usage(parse, "%s: no operands", parse->rest[0]);
	/* who may not read its own id would see an empty list, and take it for true */
	err = contid_get(0, &id);
	if (err)
		return fail_op(CONTID_OP_GET, err, "this process");
	err = scan_proc(&list);
	if (err)
		return err;
	err = contid_state_each(NULL, add_state, &list);
	if (err && err != -EACCES)
		return fail_op(CONTID_OP_STATE, err, "%s", CONTID_STATE_DIR);
	for (size_t i = 0; i < list.n; i++) {
		struct container *c = &list.containers[i];

		if (!c->n_pids)
			continue;
		qsort(c->pids, c->n_pids, sizeof(pid_t), by_number);
		c->pid = c->pid ? c->pid : c->pids[0];
	}
	if (list.n)
		qsort(list.containers, list.n, sizeof(*list.containers), by_pid);
	cli_out_begin(&list.out, columns, list.ns ? COLUMNS_NS : COLUMNS);
	if (tree) {
		ask_log(&list);
		show_tree(&list);
	} else {
		for (size_t i = 0; i < list.n; i++)
			show(&list, &list.containers[i], 0);
	}
	err = cli_out_end(&list.out);
	if (err)
		return cli_fail(CLI_SYSTEM, "standard output: %s", strerror(-err));
	return list.n ? CLI_DONE : CLI_NOTHING;
}
