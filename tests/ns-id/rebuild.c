// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rebuild - tells from an audit log, and from nothing else, what containers did
 *
 * rebuild [-s WORD] FILE	one fact a line, sorted
 * rebuild [-s WORD] -d FILE	damages what it has read in one place at a time: a record is taken
 *				away, or has the contid of another one; prints the damages that
 *				change no fact
 *
 * TIME is the serial number of an event; with -s the number in the last message "WORD NUMBER"
 * before it. LIFE is an id and which of its lives in this log; 0 if it began before. NS is the id
 * of a namespace. What is not known, or nobody, is "-".
 *
 *	container LIFE in LIFE from TIME to TIME end exit PID|killed
 *	task LIFE pid PID set|join by LIFE at TIME
 *	refused set|join ID pid PID carries ID[,^ID...] by LIFE error NUMBER at TIME
 *	uses LIFE TYPE NS from TIME to TIME
 *	shares TYPE NS LIFE LIFE...
 *	namespace TYPE NS from NS made-by LIFE at TIME ended TIME
 *	enters LIFE pid PID TYPE NS from NS at TIME
 *	rule host|NS by LIFE at TIME res 0|1 TEXT
 *	load host|NS by LIFE at TIME completed|failed
 *	file LIFE PATH HASH policy host|NS by syscall|io_uring|itself at TIME
 *	hits pid PID LIFE by LIFE call NUMBER a1 HEX at TIME
 *	message LIFE at TIME TEXT
 *	packet at TIME reaches LIFE LIFE...
 *	hole SERIAL TEXT	a contradiction: a record is missing, or wrong
 *
 * Events are taken by serial number, since the end of a namespace is written by whoever comes
 * upon it. An event without NS_INFO is one in the namespaces of the host. To notice that a record
 * got lost, each process is followed: it has the container and the namespaces that it had before,
 * at first those of its parent, unless a record tells of a change.
 *
 * libs: -lauparse -laudit -lcap-ng
 */
#define _GNU_SOURCE
#include <auparse.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/nsfs.h>
#include <obstack.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(_a)	    (sizeof(_a) / sizeof((_a)[0]))
#define FIELDS		    8
#define UNKNOWN		    (~0UL)
#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

enum { CGROUP, IPC, MNT, NET, PID, TIME, USER, UTS, TYPES };

static const struct {
	const char *name, *info;
	uint64_t flag, initial;
} types[TYPES] = {
	[CGROUP] = { "cgroup", "cgroupns", 0x2000000, CGROUP_NS_INIT_ID },
	[IPC] = { "ipc", "ipcns", 0x8000000, IPC_NS_INIT_ID },
	[MNT] = { "mnt", "mntns", 0x20000, MNT_NS_INIT_ID },
	[NET] = { "net", "netns", 0x40000000, NET_NS_INIT_ID },
	[PID] = { "pid", "pidns", 0x20000000, PID_NS_INIT_ID },
	[TIME] = { "time", "timens", 0x80, TIME_NS_INIT_ID },
	[USER] = { "user", "userns", 0x10000000, USER_NS_INIT_ID },
	[UTS] = { "uts", "utsns", 0x4000000, UTS_NS_INIT_ID },
};

/* records that are of use, and of each the fields that are */
static const struct wanted {
	int type;
	bool ours; /* to be damaged */
	const char *fields[FIELDS];
} wanted[] = {
	{ AUDIT_USER, false, {} },
	{ AUDIT_SYSCALL, false, { "syscall", "success", "exit", "a1", "ppid", "pid", "record" } },
	{ AUDIT_URINGOP, false, { "success", "ppid", "pid", "record" } },
	{ AUDIT_OBJ_PID, true, { "opid", "record" } },
	{ AUDIT_NETFILTER_PKT, false, { "record" } },
	{ AUDIT_CONTAINER_OP, true, { "op", "opid", "contid", "old-contid", "res" } },
	{ AUDIT_CONTAINER_ID, true, { "record", "contid" } },
	{ AUDIT_NS_INFO,
	  true,
	  { "cgroupns", "ipcns", "mntns", "netns", "pidns", "timens", "userns", "utsns" } },
	{ AUDIT_NS_INIT, true, { "namespace_type", "namespace_id", "old-namespace_id" } },
	{ AUDIT_NS_SET, true, { "namespace_type", "namespace_id", "old-namespace_id" } },
	{ AUDIT_NS_DEL, true, { "namespace_type", "namespace_id" } },
	{ AUDIT_INTEGRITY_STATUS, true, { "op", "cause", "ima_ns", "record" } },
	{ AUDIT_INTEGRITY_RULE, true, { "file", "hash", "ima_ns", "record" } },
	{ AUDIT_INTEGRITY_POLICY_RULE, true, { "res", "ima_ns", "record" } },
};

struct record {
	const struct wanted *is;
	char *values[FIELDS];
	char *text; /* of a message, or of a rule of a policy */
	bool gone;  /* taken away on purpose */
};

struct event {
	unsigned long serial;
	struct record *records;
	size_t count;
};

/* The lists below have the newest element first. */
struct life {
	struct life *next, *outer;
	uint64_t id;
	unsigned int number;
	unsigned long from, to;
	int last; /* process, 0 if it was killed */
};

struct use {
	struct use *next;
	struct life *life;
	int type;
	uint64_t ns;
	unsigned long from, to;
};

struct space {
	struct space *next;
	int type;
	uint64_t id, from;
	struct life *maker;
	unsigned long made, ended;
};

/* where a child starts that clone() made in namespaces of its own */
struct birth {
	struct birth *next;
	uint64_t in[TYPES];
};

struct task {
	struct task *next;
	int pid;
	struct life *life;
	bool placed; /* the next two are known */
	uint64_t own[TYPES];
	uint64_t children[TYPES];
	struct birth *births;
};

struct line {
	struct line *next;
	char *text;
};

/* what one event says of its task */
struct subject {
	const struct record *call;
	struct life *life;
	bool ends; /* a call that does not return */
	uint64_t in[TYPES];
};

static struct event *events;
static size_t event_count;
static const char *clock_word;

/* What is known up to the event at hand; all of it is in the pool. */
static struct obstack pool;
static struct life *lives;
static struct use *uses;
static struct space *spaces;
static struct task *tasks;
static struct line *lines;
static unsigned long now, serial;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "rebuild: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void *made(size_t size)
{
	return memset(obstack_alloc(&pool, size), 0, size);
}

/* puts a new element at the front of a list */
#define NEW(_list)                                                                                 \
	({                                                                                         \
		typeof(*(_list)) _new = made(sizeof(*_new));                                       \
		_new->next = *(_list);                                                             \
		*(_list) = _new;                                                                   \
		_new;                                                                              \
	})

static char *text(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	obstack_vprintf(&pool, format, args);
	va_end(args);
	obstack_1grow(&pool, '\0');
	return obstack_finish(&pool);
}

#define say(...)	   (NEW(&lines)->text = text(__VA_ARGS__))
#define hole(_format, ...) say("hole %lu " _format, serial, ##__VA_ARGS__)

static const char *time_text(unsigned long time)
{
	return time == UNKNOWN ? "-" : text("%lu", time);
}

static const char *life_text(const struct life *life)
{
	return life ? text("%" PRIu64 "/%u", life->id, life->number) : "-";
}

static const char *space_text(uint64_t id)
{
	return id ? text("0x%" PRIx64, id) : "-";
}

/* a chain as records have it */
static const char *chain_text(const struct life *life)
{
	if (!life)
		return "-1";
	return life->outer ? text("%" PRIu64 ",^%s", life->id, chain_text(life->outer)) :
			     text("%" PRIu64, life->id);
}

/* Fields of records */

static const char *field(const struct record *r, const char *name)
{
	for (int i = 0; i < FIELDS && r->is->fields[i]; i++)
		if (!strcmp(r->is->fields[i], name))
			return r->values[i];
	return NULL;
}

static uint64_t number(const struct record *r, const char *name)
{
	const char *value = field(r, name);

	return value ? strtoull(value, NULL, 0) : 0;
}

static const char *policy(const struct record *r)
{
	return field(r, "ima_ns") ?: "host";
}

/* the next record of a type, the first one after NULL */
static struct record *next(const struct event *e, int type, const struct record *r)
{
	size_t i = r ? r - e->records + 1 : 0;

	for (; i < e->count; i++)
		if (e->records[i].is->type == type && !e->records[i].gone)
			return &e->records[i];
	return NULL;
}

/* Containers */

static struct life *newest(uint64_t id)
{
	struct life *life = lives;

	while (life && life->id != id)
		life = life->next;
	return life;
}

static struct life *begin(uint64_t id, struct life *outer, unsigned long from)
{
	const struct life *older = newest(id);
	struct life *life = NEW(&lives);

	life->id = id;
	life->outer = outer;
	life->number = from == UNKNOWN ? 0 : older ? older->number + 1 : 1;
	life->from = from;
	life->to = UNKNOWN;
	return life;
}

/* whose chain it is */
static struct life *life_of(const char *chain)
{
	const char *rest = strstr(chain, ",^");
	uint64_t id = strtoull(chain, NULL, 10);
	struct life *life = newest(id);

	if (!life)
		life = begin(id, rest ? life_of(rest + 2) : NULL, UNKNOWN);
	if (strcmp(chain, chain_text(life)))
		hole("%s is not %s", chain, chain_text(life));
	return life;
}

/* the one that the CONTAINER_ID with this number names */
static struct life *named(const struct event *e, uint64_t n)
{
	const struct record *r = NULL;

	while ((r = next(e, AUDIT_CONTAINER_ID, r)))
		if (number(r, "record") == n)
			return life_of(field(r, "contid"));
	hole("no CONTAINER_ID has the number %" PRIu64, n);
	return NULL;
}

static struct life *named_by(const struct event *e, const struct record *r)
{
	return field(r, "record") ? named(e, number(r, "record")) : NULL;
}

/* Each CONTAINER_ID has a record that refers to it, but for events that have no number at all. */
static void check_numbers(const struct event *e, const struct subject *s)
{
	const struct record *id = NULL;

	while ((id = next(e, AUDIT_CONTAINER_ID, id))) {
		bool referred = !s->call;

		for (size_t i = 0; i < e->count; i++) {
			const struct record *r = &e->records[i];

			if (r->is != id->is && !r->gone && field(r, "record"))
				referred |= number(r, "record") == number(id, "record");
		}
		if (!referred)
			hole("nothing refers to the CONTAINER_ID of %s", field(id, "contid"));
	}
}

/* Namespaces */

static int type_of(const struct record *r)
{
	uint64_t flag = number(r, "namespace_type");
	int type = 0;

	while (type < TYPES && types[type].flag != flag)
		type++;
	if (type == TYPES) {
		hole("namespace_type %" PRIx64, flag);
		type = 0;
	}
	return type;
}

static struct space *space(int type, uint64_t id)
{
	struct space *s = spaces;

	while (s && (s->type != type || s->id != id))
		s = s->next;
	if (!s) {
		s = NEW(&spaces);
		s->type = type;
		s->id = id;
		s->made = UNKNOWN;
		s->ended = UNKNOWN;
	}
	return s;
}

static void use(struct life *life, int type, uint64_t ns)
{
	struct use *u = uses;

	if (ns != types[type].initial && space(type, ns)->ended != UNKNOWN)
		hole("%s 0x%" PRIx64 " was used after its end", types[type].name, ns);
	if (!life)
		return;
	while (u && (u->life != life || u->type != type || u->ns != ns))
		u = u->next;
	if (!u) {
		u = NEW(&uses);
		u->life = life;
		u->type = type;
		u->ns = ns;
		u->from = now;
	}
	u->to = now;
}

/* Is the user namespace of a policy that of the task, or one around it? */
static bool applies(const struct subject *s, uint64_t policy)
{
	uint64_t user = s->in[USER];

	while (user && user != policy && user != types[USER].initial)
		user = space(USER, user)->from;
	return !user || user == policy;
}

/* Processes */

static struct task *task(int pid)
{
	struct task *t = tasks;

	while (t && t->pid != pid)
		t = t->next;
	return t;
}

static struct task *new_task(int pid, struct life *life)
{
	struct task *t = NEW(&tasks);

	t->pid = pid;
	t->life = life;
	return t;
}

static void forget(const struct task *gone)
{
	struct task **t = &tasks;

	while (*t != gone)
		t = &(*t)->next;
	*t = gone->next;
}

/* where the child of a process is that has not been seen before */
static const uint64_t *birthplace(struct task *parent, const struct subject *s)
{
	for (struct birth **b = &parent->births; *b; b = &(*b)->next) {
		const struct birth *found = *b;

		if (!memcmp(found->in, s->in, sizeof(s->in))) {
			*b = found->next;
			return found->in;
		}
	}
	return parent->children;
}

/*
 * Where the process and its children are after this event: an instance that the caller entered is
 * its own, but for pid and time namespaces, which begin with a child, the latter with exec, too.
 */
static void change(struct task *t, struct birth **birth, const struct record *r, bool clone)
{
	int type = type_of(r);
	uint64_t id = number(r, "namespace_id");

	if (clone) {
		if (!*birth) {
			*birth = NEW(&t->births);
			memcpy((*birth)->in, t->children, sizeof(t->children));
		}
		(*birth)->in[type] = id;
		return;
	}
	t->children[type] = id;
	if (type != PID && type != TIME)
		t->own[type] = id;
}

static void move(const struct event *e, const struct subject *s, struct task *t)
{
	const char *exit = field(s->call, "exit");
	const struct record *r = NULL;
	struct birth *birth = NULL;

	if (!exit || *exit == '-')
		return;
	/* clone() returns the child, the others 0 */
	while ((r = next(e, AUDIT_NS_INIT, r)))
		change(t, &birth, r, strcmp(exit, "0"));
	while ((r = next(e, AUDIT_NS_SET, r)))
		change(t, &birth, r, false);
}

static void follow(const struct event *e, const struct subject *s)
{
	int pid = number(s->call, "pid");
	struct task *parent = task(number(s->call, "ppid"));
	struct task *t = task(pid);

	/* a number that is used again: its process was killed */
	if (t && t->life && t->life != s->life && t->life->to != UNKNOWN) {
		forget(t);
		t = NULL;
	}
	if (!t)
		t = new_task(pid, parent ? parent->life : s->life);
	if (!t->placed) {
		bool known = parent && parent->placed;

		memcpy(t->own, known ? birthplace(parent, s) : s->in, sizeof(t->own));
		memcpy(t->children, t->own, sizeof(t->own));
		t->placed = true;
	}

	move(e, s, t);
	if (s->life != t->life)
		hole("process %d of %s is in %s", pid, life_text(t->life), life_text(s->life));
	for (int type = 0; type < TYPES; type++) {
		uint64_t in = s->in[type];

		if (in != t->own[type] && (type != TIME || in != t->children[type]))
			hole("process %d came from %s 0x%" PRIx64 " to 0x%" PRIx64, pid,
			     types[type].name, t->own[type], in);
		t->own[type] = in;
		if (type != PID && type != TIME)
			t->children[type] = in;
	}
	t->life = s->life;
	if (s->ends)
		forget(t);
}

/* Records, one function for each */

static void label(const struct record *r, const struct subject *s)
{
	const char *op = field(r, "op"), *error = s->call ? field(s->call, "exit") : NULL;
	uint64_t id = number(r, "contid");
	int pid = number(r, "opid");
	struct life *life = newest(id);
	bool set = !strcmp(op, "set");
	struct task *t = task(pid);

	if (!number(r, "res")) {
		say("refused %s %" PRIu64 " pid %d carries %s by %s error %s at %lu", op, id, pid,
		    field(r, "old-contid"), life_text(s->life), error ? error + 1 : "-", now);
		return;
	}
	if (strcmp(field(r, "old-contid"), chain_text(s->life)))
		hole("%s labels %s", chain_text(s->life), field(r, "old-contid"));
	if (!life || life->to != UNKNOWN) {
		if (!set)
			hole("%" PRIu64 " was joined and does not live", id);
		life = begin(id, s->life, set ? now : UNKNOWN);
	} else if (life->outer != s->life) {
		hole("%s was given by %s", life_text(life), life_text(s->life));
	}
	if (!t)
		t = new_task(pid, life);
	t->life = life;
	say("task %s pid %d %s by %s at %lu", life_text(life), pid, op, life_text(s->life), now);
}

static void drop(const struct record *r, const struct subject *s)
{
	struct life *life = life_of(field(r, "old-contid"));

	if (s->life != life)
		hole("%s ended at the hands of %s", life_text(life), life_text(s->life));
	if (life->to != UNKNOWN)
		hole("%s ended twice", life_text(life));
	life->to = now;
	life->last = s->call ? number(r, "opid") : 0;
}

static void init(const struct record *r, const struct subject *s)
{
	struct space *new = space(type_of(r), number(r, "namespace_id"));

	if (new->made != UNKNOWN)
		hole("0x%" PRIx64 " was made twice", new->id);
	new->from = number(r, "old-namespace_id");
	new->maker = s->life;
	new->made = now;
}

static void set(const struct record *r, const struct subject *s)
{
	say("enters %s pid %s %s %s from %s at %lu", life_text(s->life),
	    s->call ? field(s->call, "pid") : "-", types[type_of(r)].name, field(r, "namespace_id"),
	    field(r, "old-namespace_id"), now);
}

static void del(const struct record *r)
{
	struct space *old = space(type_of(r), number(r, "namespace_id"));

	if (old->ended != UNKNOWN)
		hole("0x%" PRIx64 " ended twice", old->id);
	old->ended = now;
}

static void rule(const struct record *r, const struct subject *s)
{
	say("rule %s by %s at %lu res %s %s", policy(r), life_text(s->life), now, field(r, "res"),
	    r->text);
}

static void load(const struct record *r, const struct subject *s)
{
	const char *op = field(r, "op");

	if (op && !strcmp(op, "policy_update"))
		say("load %s by %s at %lu %s", policy(r), life_text(s->life), now,
		    field(r, "cause"));
}

static void file(const struct event *e, const struct record *r, const struct subject *s)
{
	const char *how = "itself";

	if (next(e, AUDIT_URINGOP, NULL))
		how = "io_uring";
	else if (s->call)
		how = "syscall";

	if (s->call && field(r, "ima_ns") && !applies(s, number(r, "ima_ns")))
		hole("a policy of %s for a task in 0x%" PRIx64, policy(r), s->in[USER]);
	say("file %s %s %s policy %s by %s at %lu", life_text(s->life), field(r, "file"),
	    field(r, "hash"), policy(r), how, now);
}

static void object(const struct event *e, const struct record *r, const struct subject *s)
{
	if (s->call && s->call->is->type == AUDIT_SYSCALL)
		say("hits pid %s %s by %s call %s a1 %s at %lu", field(r, "opid"),
		    life_text(named_by(e, r)), life_text(s->life), field(s->call, "syscall"),
		    field(s->call, "a1"), now);
}

/* "3,^1,2" are two chains */
static void packet(const struct event *e, const struct record *r)
{
	const struct record *id = NULL;
	const char *list = "";

	while ((id = next(e, AUDIT_CONTAINER_ID, id))) {
		const char *chain = field(id, "contid"), *end = chain;

		do {
			end = strchr(end, ',');
			if (end && *++end == '^')
				continue;
			list = text("%s %s", list,
				    life_text(life_of(
					    end ? text("%.*s", (int)(end - chain) - 1, chain) :
						  chain)));
			chain = end;
		} while (end);
	}
	if (field(r, "record") && !*list)
		hole("a packet reaches nobody");
	say("packet at %lu reaches%s", now, *list ? list : " -");
}

static bool tick(const struct record *r)
{
	size_t len = clock_word ? strlen(clock_word) : 0;

	if (!len || strncmp(r->text, clock_word, len) || r->text[len] != ' ')
		return false;
	now = strtoul(r->text + len, NULL, 10);
	return true;
}

static void message(const struct record *r, const struct subject *s)
{
	if (!tick(r))
		say("message %s at %lu %s", life_text(s->life), now, r->text);
}

/* Events */

/* A record outside of any call has its CONTAINER_ID beside it, a packet those of its receivers. */
static struct life *alone(const struct event *e)
{
	const struct record *id = next(e, AUDIT_CONTAINER_ID, NULL);

	if (next(e, AUDIT_NETFILTER_PKT, NULL))
		return NULL;
	for (size_t i = 0; i < e->count; i++)
		if (!e->records[i].gone && field(&e->records[i], "record"))
			return named(e, 1);
	return id ? named(e, 1) : NULL;
}

static struct subject subject_of(const struct event *e)
{
	/* it speaks for the operation of io_uring inside of it, too */
	const struct record *call = next(e, AUDIT_SYSCALL, NULL) ?: next(e, AUDIT_URINGOP, NULL);
	const struct record *info = next(e, AUDIT_NS_INFO, NULL);
	struct subject s = { .call = call };

	s.life = call ? named_by(e, call) : alone(e);
	s.ends = call && !field(call, "success");
	for (int type = 0; type < TYPES; type++)
		s.in[type] = info ? number(info, types[type].info) : types[type].initial;
	return s;
}

static void tell_record(const struct event *e, const struct record *r, const struct subject *s)
{
	switch (r->is->type) {
	case AUDIT_CONTAINER_OP:
		if (strcmp(field(r, "op"), "drop"))
			label(r, s);
		break;
	case AUDIT_NS_INIT:
		init(r, s);
		break;
	case AUDIT_NS_SET:
		set(r, s);
		break;
	case AUDIT_NS_DEL:
		del(r);
		break;
	case AUDIT_INTEGRITY_POLICY_RULE:
		rule(r, s);
		break;
	case AUDIT_INTEGRITY_STATUS:
		load(r, s);
		break;
	case AUDIT_INTEGRITY_RULE:
		file(e, r, s);
		break;
	case AUDIT_OBJ_PID:
		object(e, r, s);
		break;
	case AUDIT_NETFILTER_PKT:
		packet(e, r);
		break;
	case AUDIT_USER:
		message(r, s);
		break;
	}
}

static void tell_event(const struct event *e)
{
	const struct record *r = NULL;
	struct subject s;

	serial = e->serial;
	if (!clock_word)
		now = serial;
	s = subject_of(e);
	check_numbers(e, &s);
	if (s.life && s.life->to != UNKNOWN && !s.ends)
		hole("%s acts after its end", life_text(s.life));
	for (size_t i = 0; i < e->count; i++)
		if (!e->records[i].gone)
			tell_record(e, &e->records[i], &s);
	if (s.call) {
		for (int type = 0; type < TYPES; type++)
			use(s.life, type, s.in[type]);
		follow(e, &s);
	}
	while ((r = next(e, AUDIT_CONTAINER_OP, r)))
		if (!strcmp(field(r, "op"), "drop"))
			drop(r, &s);
}

static int by_life(const void *a, const void *b)
{
	const struct life *x = *(struct life *const *)a, *y = *(struct life *const *)b;

	return x->id != y->id ? (x->id < y->id ? -1 : 1) : (int)x->number - (int)y->number;
}

static void tell_shared(const struct space *s)
{
	struct life *who[4096];
	const char *list = "";
	size_t n = 0;

	for (const struct use *u = uses; u && n < ARRAY_SIZE(who); u = u->next)
		if (u->type == s->type && u->ns == s->id)
			who[n++] = u->life;
	if (n < 2)
		return;
	qsort(who, n, sizeof(*who), by_life);
	for (size_t i = 0; i < n; i++)
		list = text("%s %s", list, life_text(who[i]));
	say("shares %s 0x%" PRIx64 "%s", types[s->type].name, s->id, list);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* all facts as one text, to be freed */
static char *tell(void)
{
	char *result = NULL, **sorted;
	size_t size, n = 0;
	FILE *out = open_memstream(&result, &size);

	if (!out)
		die("memory");
	obstack_init(&pool);
	lives = NULL;
	uses = NULL;
	spaces = NULL;
	tasks = NULL;
	lines = NULL;
	now = 0;
	for (size_t i = 0; i < event_count; i++)
		tell_event(&events[i]);

	for (const struct life *l = lives; l; l = l->next)
		say("container %s in %s from %s to %s end %s", life_text(l), life_text(l->outer),
		    time_text(l->from), time_text(l->to),
		    l->to == UNKNOWN ? "-" :
		    l->last	     ? text("exit %d", l->last) :
				       "killed");
	for (const struct use *u = uses; u; u = u->next)
		say("uses %s %s 0x%" PRIx64 " from %lu to %lu", life_text(u->life),
		    types[u->type].name, u->ns, u->from, u->to);
	for (const struct space *s = spaces; s; s = s->next) {
		tell_shared(s);
		say("namespace %s 0x%" PRIx64 " from %s made-by %s at %s ended %s",
		    types[s->type].name, s->id, space_text(s->from), life_text(s->maker),
		    time_text(s->made), time_text(s->ended));
	}

	for (const struct line *l = lines; l; l = l->next)
		n++;
	sorted = made((n + 1) * sizeof(*sorted));
	n = 0;
	for (const struct line *l = lines; l; l = l->next)
		sorted[n++] = l->text;
	qsort(sorted, n, sizeof(*sorted), by_text);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s\n", sorted[i]);
	if (fclose(out))
		die("memory");
	obstack_free(&pool, NULL);
	return result;
}

/* Damage */

static char *other_chain(const char *than)
{
	for (size_t i = 0; i < event_count; i++) {
		const struct record *r = NULL;

		while ((r = next(&events[i], AUDIT_CONTAINER_ID, r)))
			if (strcmp(field(r, "contid"), than))
				return (char *)field(r, "contid");
	}
	return NULL;
}

/* the value that names a container, as a place to change it */
static char **chain_place(struct record *r)
{
	char **found = NULL;

	for (int i = 0; i < FIELDS && r->is->fields[i]; i++)
		if (strstr(r->is->fields[i], "contid") && r->values[i] &&
		    strcmp(r->values[i], "-1") && !found)
			found = &r->values[i];
	return found;
}

static void damage(void)
{
	char *whole = tell(), *damaged, *was, *other;
	unsigned int count = 0;

	for (size_t i = 0; i < event_count; i++) {
		for (size_t j = 0; j < events[i].count; j++) {
			struct record *r = &events[i].records[j];
			char **chain;

			if (!r->is->ours)
				continue;
			count++;
			r->gone = true;
			damaged = tell();
			r->gone = false;
			if (!strcmp(whole, damaged))
				printf("%lu without type %d\n", events[i].serial, r->is->type);
			free(damaged);

			chain = chain_place(r);
			other = chain ? other_chain(*chain) : NULL;
			if (!other)
				continue;
			count++;
			was = *chain;
			*chain = other;
			damaged = tell();
			*chain = was;
			if (!strcmp(whole, damaged))
				printf("%lu with type %d of %s\n", events[i].serial, r->is->type,
				       other);
			free(damaged);
		}
	}
	free(whole);
	fprintf(stderr, "rebuild: %u damages\n", count);
}

/* The log */

/* the text of a record between two marks, "" without */
static char *between(const char *record, const char *from, const char *to)
{
	const char *begin = record ? strstr(record, from) : NULL;
	const char *end = begin ? strstr(begin + strlen(from), to) : NULL;
	char *s;

	s = end ? strndup(begin + strlen(from), end - begin - strlen(from)) : strdup("");
	if (!s)
		die("memory");
	return s;
}

/* A name of a file may be in hexadecimal; a hash is in quotes. */
static char *value(auparse_state_t *au, const char *name)
{
	const char *raw = strcmp(name, "file") ? auparse_get_field_str(au) :
						 auparse_interpret_field(au);
	size_t len;
	char *s;

	if (!raw)
		raw = "";
	len = strlen(raw);
	if (len > 1 && *raw == '"' && raw[len - 1] == '"') {
		raw++;
		len -= 2;
	}
	s = strndup(raw, len);
	if (!s)
		die("memory");
	return s;
}

static void read_record(auparse_state_t *au, struct event *e)
{
	int type = auparse_get_type(au);
	struct record *r;
	size_t i = 0;

	while (i < ARRAY_SIZE(wanted) && wanted[i].type != type)
		i++;
	if (i == ARRAY_SIZE(wanted))
		return;
	e->records = reallocarray(e->records, e->count + 1, sizeof(*r));
	if (!e->records)
		die("memory");
	r = &e->records[e->count++];
	*r = (struct record){ .is = &wanted[i] };
	if (type == AUDIT_USER)
		r->text = between(auparse_get_record_text(au), " msg='", "'");
	else if (type == AUDIT_INTEGRITY_POLICY_RULE)
		r->text = between(auparse_get_record_text(au), "): ", " res=");
	/* not auparse_find_field(), which goes on in the next record */
	auparse_first_field(au);
	do {
		const char *name = auparse_get_field_name(au);

		for (i = 0; name && i < FIELDS && r->is->fields[i]; i++)
			if (!strcmp(name, r->is->fields[i]) && !r->values[i])
				r->values[i] = value(au, name);
	} while (auparse_next_field(au) > 0);
}

static int by_serial(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

static void read_log(const char *path)
{
	auparse_state_t *au = auparse_init(AUSOURCE_FILE, path);
	int got;

	if (!au)
		die(path);
	while ((got = auparse_next_event(au)) > 0) {
		struct event *e;

		events = reallocarray(events, event_count + 1, sizeof(*events));
		if (!events)
			die("memory");
		e = &events[event_count++];
		*e = (struct event){ .serial = auparse_get_serial(au) };
		auparse_first_record(au);
		do
			read_record(au, e);
		while (auparse_next_record(au) > 0);
	}
	if (got < 0)
		die(path);
	auparse_destroy(au);
	qsort(events, event_count, sizeof(*events), by_serial);
}

int main(int argc, char *argv[])
{
	bool damages = false;
	int opt;

	while ((opt = getopt(argc, argv, "s:d")) != -1) {
		if (opt == 's')
			clock_word = optarg;
		else if (opt == 'd')
			damages = true;
		else
			return 2;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: rebuild [-s WORD] [-d] FILE\n");
		return 2;
	}
	read_log(argv[optind]);
	if (damages)
		damage();
	else
		fputs(tell(), stdout);
	return 0;
}
