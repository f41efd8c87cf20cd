// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the records of one event say together
 *
 * Nothing here depends on the order of the records, but for the one choice that the kernel itself
 * makes by order: of several integrity rules the last one is the innermost.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#include "event_build.h"
#include "interpret.h"
#include "record.h"

const char *const contid_kind_names[CONTID_KINDS] = {
	[CONTID_KIND_SYSCALL] = "syscall",     [CONTID_KIND_URING] = "uring",
	[CONTID_KIND_USER] = "user",	       [CONTID_KIND_NET] = "net",
	[CONTID_KIND_CONTAINER] = "container", [CONTID_KIND_NAMESPACE] = "namespace",
	[CONTID_KIND_INTEGRITY] = "integrity", [CONTID_KIND_DAEMON] = "daemon",
	[CONTID_KIND_OTHER] = "other",
};

/* fields of NS_INFO, in the order of enum contid_ns */
static const char *const ns_fields[CONTID_NS_TYPES] = {
	[CONTID_NS_NET] = "netns",	 [CONTID_NS_UTS] = "utsns",   [CONTID_NS_IPC] = "ipcns",
	[CONTID_NS_PID] = "pidns",	 [CONTID_NS_USER] = "userns", [CONTID_NS_MNT] = "mntns",
	[CONTID_NS_CGROUP] = "cgroupns", [CONTID_NS_TIME] = "timens",
};

/* Key of the host's own IMA: the initial user namespace. */
enum { HOST_IMANS = 3 };

/**
 * struct list - a CONTAINER_ID record that has a number
 * @role:	the number
 * @at:		index of the record
 * @sought:	of the first one of a number: @first is what was found
 * @first:	the first chain of all lists with that number, or NULL
 */
struct list {
	unsigned int role;
	size_t at;
	bool sought;
	const struct contid_chain *first;
};

/**
 * struct building - an event in the making
 * @lists:	@n_lists of them, by number, those of one number in the order of the records
 */
struct building {
	struct contid_arena *arena;
	struct contid_event *event;
	struct contid_record *records;
	struct contid_parsed *parsed;
	size_t n;
	struct list *lists;
	size_t n_lists;
};

/* the next record of @type from @from on, or @n */
static size_t next_of(const struct building *b, int type, size_t from)
{
	while (from < b->n && b->records[from].type != type)
		from++;
	return from;
}

static const char *outer_field(const struct building *b, size_t record, const char *name)
{
	long i = contid_record_find(&b->records[record], b->parsed[record].outer, name);

	return i < 0 ? NULL : b->records[record].fields[i].value;
}

static bool is_integrity(int type)
{
	return type >= AUDIT_INTEGRITY_FIRST_MSG && type <= AUDIT_INTEGRITY_LAST_MSG;
}

static enum contid_kind kind_of(int type)
{
	switch (type) {
	case AUDIT_CONTAINER_OP:
	case AUDIT_CONTAINER_CAP:
		return CONTID_KIND_CONTAINER;
	case AUDIT_NS_INIT:
	case AUDIT_NS_SET:
	case AUDIT_NS_DEL:
		return CONTID_KIND_NAMESPACE;
	case AUDIT_NETFILTER_PKT:
		return CONTID_KIND_NET;
	case AUDIT_URINGOP:
		return CONTID_KIND_URING;
	case AUDIT_SYSCALL:
		return CONTID_KIND_SYSCALL;
	}
	if (is_integrity(type))
		return CONTID_KIND_INTEGRITY;
	if (contid_type_is_user(type))
		return CONTID_KIND_USER;
	if (type >= AUDIT_FIRST_DAEMON && type <= AUDIT_LAST_DAEMON)
		return CONTID_KIND_DAEMON;
	return CONTID_KIND_OTHER;
}

/* An event is of the most telling kind that one of its records has. */
static void set_kind(struct building *b)
{
	static const unsigned char telling[CONTID_KINDS] = {
		[CONTID_KIND_CONTAINER] = 8, [CONTID_KIND_NAMESPACE] = 7,
		[CONTID_KIND_INTEGRITY] = 6, [CONTID_KIND_NET] = 5,
		[CONTID_KIND_URING] = 4,     [CONTID_KIND_SYSCALL] = 3,
		[CONTID_KIND_USER] = 2,	     [CONTID_KIND_DAEMON] = 1,
		[CONTID_KIND_OTHER] = 0,
	};

	b->event->kind = CONTID_KIND_OTHER;
	for (size_t i = 0; i < b->n; i++) {
		enum contid_kind kind = kind_of(b->records[i].type);

		if (telling[kind] > telling[b->event->kind])
			b->event->kind = kind;
	}
}

static int compare_lists(const void *a, const void *b)
{
	const struct list *x = a, *y = b;

	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* One signal to all may have as many targets as there are processes, each with its own number. */
static int set_lists(struct building *b)
{
	size_t n = 0;

	for (size_t i = next_of(b, AUDIT_CONTAINER_ID, 0); i < b->n;
	     i = next_of(b, AUDIT_CONTAINER_ID, i + 1))
		n++;
	if (!n)
		return 0;
	b->lists = contid_arena_get(b->arena, n, sizeof(*b->lists));
	if (!b->lists)
		return -ENOMEM;
	for (size_t i = next_of(b, AUDIT_CONTAINER_ID, 0); i < b->n;
	     i = next_of(b, AUDIT_CONTAINER_ID, i + 1))
		if (b->records[i].role)
			b->lists[b->n_lists++] =
				(struct list){ .role = b->records[i].role, .at = i };
	qsort(b->lists, b->n_lists, sizeof(*b->lists), compare_lists);
	return 0;
}

/* Where the lists with number @role begin: index of the first, or of one with another number. */
static size_t lists_of(const struct building *b, unsigned int role)
{
	size_t from = 0, to = b->n_lists;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (b->lists[middle].role < role)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Its chains, freed by the caller. A list that is none names nobody; the record shows it. */
static int list_parse(const struct building *b, const struct list *list,
		      struct contid_chain **chains, size_t *n)
{
	const char *text = outer_field(b, list->at, "contid");

	*chains = NULL;
	*n = 0;
	return text ? contid_chains_parse(text, chains, n) : -EINVAL;
}

/* All chains of the CONTAINER_ID records with number @role, which are one list, or NULL. */
static int chains_of(const struct building *b, unsigned int role, struct contid_chain **chains,
		     size_t *n)
{
	size_t room = 0;

	*chains = NULL;
	*n = 0;
	for (size_t i = lists_of(b, role); i < b->n_lists && b->lists[i].role == role; i++) {
		struct contid_chain *some, *all = *chains;
		size_t n_some;
		int err = list_parse(b, &b->lists[i], &some, &n_some);

		if (err == -ENOMEM)
			return err;
		if (err)
			continue;
		/* that of nobody is a list, too */
		if (!all || n_some > room - *n) {
			room = 2 * room + n_some;
			all = contid_arena_get(b->arena, room, sizeof(*all));
			if (all && *n)
				memcpy(all, *chains, *n * sizeof(*all));
		}
		if (all && n_some)
			memcpy(all + *n, some, n_some * sizeof(*all));
		free(some);
		if (!all)
			return -ENOMEM;
		*chains = all;
		*n += n_some;
	}
	return 0;
}

/* The first of them, or NULL: looked for once, however many targets have that number. */
static int first_chain_of(const struct building *b, unsigned int role,
			  const struct contid_chain **chain)
{
	size_t begin = lists_of(b, role);
	struct list *list;

	*chain = NULL;
	if (begin == b->n_lists || b->lists[begin].role != role)
		return 0;
	list = &b->lists[begin];
	for (size_t i = begin; !list->sought && i < b->n_lists && b->lists[i].role == role; i++) {
		struct contid_chain *some, *first;
		size_t n_some;

		if (list_parse(b, &b->lists[i], &some, &n_some) == -ENOMEM)
			return -ENOMEM;
		first = n_some ? contid_arena_get(b->arena, 1, sizeof(*first)) : NULL;
		if (first)
			*first = *some;
		free(some);
		if (n_some && !first)
			return -ENOMEM;
		list->first = first;
		if (first)
			break;
	}
	list->sought = true;
	*chain = list->first;
	return 0;
}

/* The number that stands in the record of the subject; a standalone event has but one. */
static unsigned int role_of_subject(const struct building *b)
{
	static const int types[] = { AUDIT_SYSCALL, AUDIT_URINGOP };
	bool active = false;

	for (size_t t = 0; t < sizeof(types) / sizeof(*types); t++) {
		for (size_t i = next_of(b, types[t], 0); i < b->n;
		     i = next_of(b, types[t], i + 1)) {
			active = true;
			if (b->records[i].role)
				return b->records[i].role;
		}
	}
	return active ? 0 : 1;
}

static int set_chains(struct building *b)
{
	struct contid_chain *chains;
	size_t n;
	int err = chains_of(b, role_of_subject(b), &chains, &n);

	if (err)
		return err;
	if (b->event->kind == CONTID_KIND_NET) {
		b->event->chains = chains;
		b->event->n_chains = n;
	}
	/* a packet that reaches several containers is nobody's */
	if (n == 1 || (n && b->event->kind != CONTID_KIND_NET))
		b->event->chain = chains[0];
	return 0;
}

static bool number_of(const char *text, uint64_t max, uint64_t *out)
{
	unsigned long long n;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || *end || n > max)
		return false;
	*out = n;
	return true;
}

static int set_targets(struct building *b)
{
	struct contid_target *targets;
	size_t n = 0;

	for (size_t i = next_of(b, AUDIT_OBJ_PID, 0); i < b->n;
	     i = next_of(b, AUDIT_OBJ_PID, i + 1))
		n++;
	if (!n)
		return 0;
	targets = contid_arena_get(b->arena, n, sizeof(*targets));
	if (!targets)
		return -ENOMEM;
	b->event->targets = targets;
	for (size_t i = next_of(b, AUDIT_OBJ_PID, 0); i < b->n;
	     i = next_of(b, AUDIT_OBJ_PID, i + 1)) {
		struct contid_target *target = &targets[b->event->n_targets++];
		const struct contid_chain *chain;
		uint64_t pid;
		int err = first_chain_of(b, b->records[i].role, &chain);

		if (err)
			return err;
		target->pid = number_of(outer_field(b, i, "opid"), INT32_MAX, &pid) ? (pid_t)pid :
										      -1;
		if (chain)
			target->chain = *chain;
	}
	return 0;
}

static void set_ns(struct building *b)
{
	size_t i = next_of(b, AUDIT_NS_INFO, 0);

	if (i == b->n)
		return;
	b->event->has_ns = true;
	for (int type = 0; type < CONTID_NS_TYPES; type++)
		if (!number_of(outer_field(b, i, ns_fields[type]), UINT64_MAX, &b->event->ns[type]))
			b->event->ns[type] = 0;
}

/* Files first: a load of a policy within the same event is another matter. */
static void set_imans(struct building *b)
{
	bool files = next_of(b, AUDIT_INTEGRITY_RULE, 0) < b->n;

	for (size_t i = 0; i < b->n; i++) {
		const char *id;

		if (files ? b->records[i].type != AUDIT_INTEGRITY_RULE :
			    !is_integrity(b->records[i].type))
			continue;
		id = outer_field(b, i, "ima_ns");
		if (!id)
			b->event->imans = HOST_IMANS;
		else if (!number_of(id, UINT64_MAX, &b->event->imans))
			b->event->imans = 0;
	}
}

/* Records whose pid, uid and so on are not those of the subject. */
static bool is_about_others(int type)
{
	switch (type) {
	case AUDIT_PATH:
	case AUDIT_OBJ_PID:
	case AUDIT_IPC:
	case AUDIT_IPC_SET_PERM:
	case AUDIT_EXECVE:
	case AUDIT_SOCKADDR:
	case AUDIT_NETFILTER_PKT:
	case AUDIT_CONTAINER_ID:
	case AUDIT_NS_INFO:
	case AUDIT_NS_INIT:
	case AUDIT_NS_DEL:
	case AUDIT_NS_SET:
	case AUDIT_INTEGRITY_POLICY_RULE: /* its uid= is a condition of the rule */
		return true;
	}
	return false;
}

/**
 * subject_field - a field of the task that caused the event
 * @inner:	also in the text of a message: programs name other tasks there, if they like
 * @at: @field:	out
 *
 * SYSCALL has the last word, then URINGOP, then whichever record has the field.
 */
static bool subject_field(const struct building *b, const char *name, bool inner, size_t *at,
			  long *field)
{
	static const int first[] = { AUDIT_SYSCALL, AUDIT_URINGOP, -1 };

	for (size_t f = 0; f < sizeof(first) / sizeof(*first); f++) {
		for (size_t i = 0; i < b->n; i++) {
			const struct contid_record *record = &b->records[i];

			if (first[f] >= 0 ? record->type != first[f] :
					    is_about_others(record->type))
				continue;
			*field = contid_record_find(record, inner ? SIZE_MAX : b->parsed[i].outer,
						    name);
			if (*field < 0)
				continue;
			*at = i;
			return true;
		}
	}
	return false;
}

/* -1 also where the record says so: 4294967295 is the kernel's "unset" */
static int64_t subject_number(const struct building *b, const char *name)
{
	uint64_t n;
	size_t at;
	long field;

	if (!subject_field(b, name, false, &at, &field) ||
	    !number_of(b->records[at].fields[field].value, UINT32_MAX - 1, &n))
		return -1;
	return (int64_t)n;
}

static const char *subject_text(const struct building *b, const char *name, bool inner)
{
	size_t at;
	long field;

	if (!subject_field(b, name, inner, &at, &field))
		return NULL;
	return contid_decode(b->arena, b->records[at].fields[field].value,
			     b->parsed[at].quoted[field]);
}

/* text that is never in hex */
static const char *plain_text(const struct building *b, const char *name)
{
	const char *value;
	size_t at;
	long field;

	if (!subject_field(b, name, false, &at, &field))
		return NULL;
	value = b->records[at].fields[field].value;
	return !strcmp(value, "(none)") || !strcmp(value, "(null)") || !strcmp(value, "?") ? NULL :
											     value;
}

static void set_subject(struct building *b)
{
	struct contid_event *event = b->event;

	event->pid = subject_number(b, "pid");
	event->ppid = subject_number(b, "ppid");
	event->ses = subject_number(b, "ses");
	event->auid = subject_number(b, "auid");
	event->uid = subject_number(b, "uid");
	event->gid = subject_number(b, "gid");
	event->comm = subject_text(b, "comm", true);
	event->exe = subject_text(b, "exe", true);
	event->subj = plain_text(b, "subj");
	event->tty = plain_text(b, "tty");
}

static void set_result(struct building *b)
{
	static const struct {
		const char *field, *yes, *no;
	} words[] = {
		{ "success", "yes", "no" },
		{ "res", "1", "0" },
		{ "res", "success", "failed" },
		{ "res", "yes", "no" },
	};
	size_t at;
	long field;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const char *value;

		if (!subject_field(b, words[i].field, true, &at, &field))
			continue;
		value = b->records[at].fields[field].value;
		if (!strcmp(value, words[i].yes))
			b->event->result = CONTID_RESULT_YES;
		else if (!strcmp(value, words[i].no))
			b->event->result = CONTID_RESULT_NO;
		else
			continue;
		return;
	}
}

/* A rule's key: of the call, else of the operation, else of the rule that was changed. */
static void set_key(struct building *b)
{
	static const int types[] = { AUDIT_SYSCALL, AUDIT_URINGOP, AUDIT_CONFIG_CHANGE };

	for (size_t t = 0; t < sizeof(types) / sizeof(*types) && !b->event->key; t++) {
		for (size_t i = next_of(b, types[t], 0); i < b->n && !b->event->key;
		     i = next_of(b, types[t], i + 1)) {
			long field = contid_record_find(&b->records[i], SIZE_MAX, "key");

			if (field >= 0)
				b->event->key = contid_decode(b->arena,
							      b->records[i].fields[field].value,
							      b->parsed[i].quoted[field]);
		}
	}
}

int contid_event_build(struct contid_arena *arena, const struct contid_event_source *source,
		       struct contid_event *event)
{
	struct building b = { .arena = arena, .event = event };
	struct contid_head head;
	int err = 0;

	*event = (struct contid_event){ .host = source->host, .boot = source->boot };
	b.records = contid_arena_get(arena, source->n, sizeof(*b.records));
	b.parsed = contid_arena_get(arena, source->n, sizeof(*b.parsed));
	if (!b.records || !b.parsed)
		return -ENOMEM;
	for (size_t i = 0; i < source->n; i++) {
		if (!contid_head_parse(source->lines[i], &head))
			continue;
		err = contid_record_parse(arena, source->lines[i], &head, &b.records[b.n],
					  &b.parsed[b.n]);
		if (err)
			return err;
		b.n++;
		event->sec = head.sec;
		event->msec = head.msec;
		event->serial = head.serial;
		if (head.node)
			event->host = contid_arena_text(arena, head.node, head.node_size);
		if (!event->host)
			return -ENOMEM;
	}
	event->n = b.n;
	event->records = b.records;
	set_kind(&b);
	err = set_lists(&b);
	if (!err)
		err = set_chains(&b);
	if (!err)
		err = set_targets(&b);
	if (err)
		return err;
	set_ns(&b);
	set_imans(&b);
	set_subject(&b);
	set_result(&b);
	set_key(&b);
	return source->interpreter ?
		       contid_interpret(source->interpreter, arena, b.records, b.parsed, b.n) :
		       0;
}

const char *contid_event_field(const struct contid_event *event, int type, const char *name)
{
	for (size_t i = 0; i < event->n; i++) {
		long field;

		if (event->records[i].type != type)
			continue;
		field = contid_record_find(&event->records[i], SIZE_MAX, name);
		if (field >= 0)
			return event->records[i].fields[field].value;
	}
	return NULL;
}

/* what a CONTAINER_OP gives, or ends, or tried to */
static bool is_labelled(const struct contid_event *event, uint64_t id)
{
	static const char *const fields[] = { "contid", "old-contid" };
	bool found = false;

	for (size_t i = 0; i < 2 && event->kind == CONTID_KIND_CONTAINER && !found; i++) {
		const char *list = contid_event_field(event, AUDIT_CONTAINER_OP, fields[i]);
		struct contid_chain *chains = NULL;
		size_t n = 0;

		if (!list || contid_chains_parse(list, &chains, &n))
			continue;
		for (size_t j = 0; j < n; j++)
			found |= contid_chain_has(&chains[j], id);
		free(chains);
	}
	return found;
}

bool contid_event_has(const struct contid_event *event, uint64_t id)
{
	if (contid_chain_has(&event->chain, id))
		return true;
	for (size_t i = 0; i < event->n_chains; i++)
		if (contid_chain_has(&event->chains[i], id))
			return true;
	for (size_t i = 0; i < event->n_targets; i++)
		if (contid_chain_has(&event->targets[i].chain, id))
			return true;
	return is_labelled(event, id);
}
