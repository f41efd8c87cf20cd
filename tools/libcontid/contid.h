/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libcontid - audit container identifiers, namespace ids, IMA policies of containers, and the
 * events that tell of them
 *
 * Every function that can fail returns 0 or a negative errno, unless it says otherwise; none
 * prints, none changes errno on purpose, none is safe against two threads that use one object.
 * Text is UTF-8 or bytes as the kernel gave them, ended by a NUL.
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_H
#define CONTID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <linux/audit_contid.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* ---- ids (id.c) ---------------------------------------------------------------------------- */

#define CONTID_UNSET	 ((uint64_t)AUDIT_CID_UNSET)
/* Automatic ids have 19 decimal digits: an odd number of them survives converters that decode
 * even-length digits as hex, and they fit a signed 64-bit column.
 */
#define CONTID_AUTO_MIN	 UINT64_C(1000000000000000000)
#define CONTID_AUTO_MAX	 UINT64_C(9220000000000000000)
#define CONTID_CHAIN_MAX 32 /* ids of nested containers, innermost first */

/**
 * struct contid_chain - the ids of a task: its container, the one around it, and so on
 * @n:	how many, 0 to CONTID_CHAIN_MAX; 0 is "no id"
 * @id:	innermost first
 */
struct contid_chain {
	size_t n;
	uint64_t id[CONTID_CHAIN_MAX];
};

/* "unset", decimal, 0x hex or 0 octal; -EINVAL no number, -ERANGE above 2^64-1 */
int contid_parse(const char *text, uint64_t *id);
/* A fresh id between CONTID_AUTO_MIN and CONTID_AUTO_MAX from the kernel's random numbers. */
int contid_draw(uint64_t *id);
/**
 * contid_chains_parse - parse the list of a CONTAINER_ID record
 * @list:	`4,^2,^1` or, for a network namespace, `3,^1,2,^1`; `-1` is no chain at all
 * @chains:	array of @n chains, to be freed by the caller with free()
 *
 * Return: -EINVAL not such a list, -E2BIG a chain of more than CONTID_CHAIN_MAX, -ENOMEM.
 */
int contid_chains_parse(const char *list, struct contid_chain **chains, size_t *n);
/* Whether @id is a member of @chain, at whatever depth. */
bool contid_chain_has(const struct contid_chain *chain, uint64_t id);

/* ---- errors (error.c) ---------------------------------------------------------------------- */

enum contid_op {
	CONTID_OP_SET,	/* a numeric write: contid set, run; contid-oci create */
	CONTID_OP_JOIN, /* a write of join:N: contid join; contid-oci exec */
	CONTID_OP_GET,
	CONTID_OP_CAP, /* audit_capcontainerid, reading or writing */
	CONTID_OP_NSID,
	CONTID_OP_RULE,
	CONTID_OP_POLICY, /* securityfs and the IMA policy of a container */
	CONTID_OP_STATE,
	CONTID_OP_LOG,
	CONTID_OPS,
};

/**
 * contid_error - one line about a failure: object, cause, remedy
 * @buf:	where it goes, @size bytes, always ended by a NUL
 * @object:	what was acted upon, as "pid 4711"; it begins the line
 * @err:	errno, positive or negative
 *
 * The sentences are one table, keyed by operation and errno. An errno that the table lacks gives
 * strerror()'s text and no remedy.
 *
 * Return: @buf, as "pid 4711: not a descendant of this process (EXDEV); start it with 'contid
 * run'".
 */
char *contid_error(char *buf, size_t size, enum contid_op op, const char *object, int err);
/* Exit status of that failure: 3 the kernel lacks the feature, 4 any other. */
int contid_error_status(enum contid_op op, int err);
/* "EXDEV", or "errno 4711" in a static buffer of the calling thread */
const char *contid_errno_name(int err);

/* ---- tasks (proc.c) ------------------------------------------------------------------------ */

/* @pid 0 is the caller. CONTID_UNSET if it has none. -ENOSYS: the kernel has no such file; -ESRCH:
 * no such task.
 */
int contid_get(pid_t pid, uint64_t *id);
/* The errno of the write; -ENOSYS when /proc has the task, but not the file. */
int contid_set(pid_t pid, uint64_t id);
int contid_join(pid_t pid, uint64_t id);
int contid_cap_get(pid_t pid, bool *on);
int contid_cap_set(pid_t pid, bool on);

/* Order of the fields of NS_INFO and of all our output. */
enum contid_ns {
	CONTID_NS_NET,
	CONTID_NS_UTS,
	CONTID_NS_IPC,
	CONTID_NS_PID,
	CONTID_NS_USER,
	CONTID_NS_MNT,
	CONTID_NS_CGROUP,
	CONTID_NS_TIME,
	CONTID_NS_TYPES,
};
extern const char *const contid_ns_names[CONTID_NS_TYPES]; /* as in /proc/PID/ns */

/* 0 in @ids where the kernel does not tell: never an id. -ENOSYS: it tells none. */
int contid_ns_ids(pid_t pid, uint64_t ids[CONTID_NS_TYPES]);
/* NS_GET_ID of an open nsfs file. */
int contid_ns_id(int fd, uint64_t *id);
/* A boot's UUID, 36 characters and NUL. */
int contid_boot_id(char boot[37]);

/* ---- labelled children (launch.c) ---------------------------------------------------------- */

struct contid_launch_saved;

/**
 * struct contid_launch - a command that carries its id before its first instruction
 * @join:	join the live container @id instead of making it
 * @id:		the id; CONTID_UNSET with @draw
 * @draw:	draw one, and again on ENOTUNIQ, eight times at most; the one taken is in @id
 * @foreground:	the caller stays alive beside the command: the label is written by a short-lived
 *		intermediate under a subreaper, since a living owner keeps others from joining
 * @child:	runs in the child after it was labelled, or NULL; a negative errno ends the launch
 * @ready:	runs in the caller when the child is labelled, has run @child and waits, or NULL; a
 *		negative errno ends the launch and kills the child
 * @data:	argument of all three
 * @argv:	what is execed with execvp(), the environment and every descriptor of the caller
 * @pid:	the child, set before @ready is called
 * @label_errno: the errno of the kernel that refused the label, ETIMEDOUT after @timeout, or 0
 * @exec_errno:	the errno of execvp(), or 0
 * @last:	runs in the child after @ready, as the last thing before its exec, or NULL; a
 *		negative errno ends the launch
 * @unlabelled:	no label at all, the rest as ever
 * @saved:	of contid_launch_wait()
 * @timeout:	seconds that the label may take, or 0 for no limit: the kernel lets its writer wait
 *		while the audit backlog is full. A writer by delegation has no limit, since the
 *		intermediate, by which the label is written with one, would lack its right
 */
struct contid_launch {
	bool join;
	uint64_t id;
	bool draw;
	bool foreground;
	int (*child)(struct contid_launch *launch, void *data);
	int (*ready)(struct contid_launch *launch, void *data);
	void *data;
	char *const *argv;
	pid_t pid;
	int label_errno;
	int exec_errno;
	int (*last)(struct contid_launch *launch, void *data);
	bool unlabelled;
	struct contid_launch_saved *saved;
	unsigned int timeout;
};

/**
 * contid_launch - fork a child that waits on a pipe, label it, let it exec
 *
 * The child gets the caller's signal mask and dispositions. A failure leaves no process behind,
 * and the caller's mask and dispositions as they were; but after @timeout the kernel may hold the
 * intermediate, without a file of the caller's, until the backlog has room. After success all
 * signals are blocked, so that none is lost, until contid_launch_wait() has returned; it must be
 * called.
 *
 * The caller must be able to write audit_containerid of the child, see contid_set(). Callbacks in
 * the child run with all signals blocked.
 *
 * Return: 0 after the exec has succeeded; else the negative errno of the step that failed.
 */
int contid_launch(struct contid_launch *launch);
/**
 * contid_launch_wait - wait for the child and pass on every signal the caller gets meanwhile
 *
 * SIGCHLD, SIGURG and the signals of job control that the kernel itself sends to the whole
 * foreground group are not passed on. If the child is stopped by job control, so is the caller.
 *
 * Return: as a shell has it, 0 to 255: the child's status, or 128 and the signal that ended it.
 */
int contid_launch_wait(struct contid_launch *launch);

/* ---- state of containers (state.c) --------------------------------------------------------- */

#define CONTID_STATE_DIR "/run/contid/oci"

enum contid_state_phase {
	CONTID_STATE_LABELLED,
	CONTID_STATE_CREATED,
	CONTID_STATE_POLICY_LOADED,
	CONTID_STATE_RUNNING,
	CONTID_STATE_GONE,
};

/**
 * struct contid_state - what is known of one container, as kept in <dir>/<container>.json
 * @container:	its name, as the runtime was given it
 * @bundle:	its bundle, or NULL
 * @contid:	its id
 * @parent:	id of the container of whoever made it, or CONTID_UNSET
 * @pid:	its first process, or 0 as long as there is none
 * @boot:	boot in which it was made
 * @ns:		ids of the namespaces of @pid, 0 unknown
 * @policy:	name of its IMA policy, or NULL
 * @policy_sha256: 64 hex digits, or empty
 * @imans:	id of its IMA namespace, 0 if it has none
 * @phase:	how far it came
 *
 * Members that are pointers are owned by the structure; contid_state_free() frees them, not it.
 */
struct contid_state {
	char *container;
	char *bundle;
	uint64_t contid;
	uint64_t parent;
	pid_t pid;
	char boot[37];
	uint64_t ns[CONTID_NS_TYPES];
	char *policy;
	char policy_sha256[65];
	uint64_t imans;
	enum contid_state_phase phase;
};

/* All of these take the folder; NULL is CONTID_STATE_DIR, which is made (0700) when missing. */
int contid_state_write(const char *dir, const struct contid_state *state); /* by rename, 0600 */
/* The same if it is still there: -ENOENT or -ESTALE as of contid_state_remove(). */
int contid_state_rewrite(const char *dir, const struct contid_state *state);
/* -ENOENT none, -EBADMSG no state of ours, -EINVAL a name that is no file name */
int contid_state_read(const char *dir, const char *container, struct contid_state *state);
/*
 * A name may have become another container's: with -ESTALE its state is kept. -ENOENT if somebody
 * else has removed it. In its place comes @former, of the same name, if it is not NULL.
 */
int contid_state_remove(const char *dir, const struct contid_state *state,
			const struct contid_state *former);
/* Calls @each for every readable state; unreadable files are passed as @state NULL. */
int contid_state_each(const char *dir,
		      int (*each)(const char *file, const struct contid_state *state, void *data),
		      void *data);
/* Whether the container of @state lives: same boot, and the namespaces of its process are its own.
 */
bool contid_state_live(const struct contid_state *state);
void contid_state_free(struct contid_state *state);

/* ---- audit rules (rule.c) ------------------------------------------------------------------ */

struct contid_rule; /* struct audit_rule_data and what the kernel does not tell */

/**
 * contid_rule_parse - make a rule of the words of an auditctl line
 * @argc: how many words
 * @argv: `-a exit,always -F arch=b64 -S openat -F contid=42 -k key`: auditctl's -a, -A, -d, -F,
 *	-S, -C, -k, -w, -W, -p; contid= and contid!= take an id as contid_parse() does
 * @error: the offending word and why, freed by the caller, on failure
 *
 * The contid fields of the rule stand behind all others, wherever they stood in the words: a stock
 * auditctl does not step over their bytes and would garble a string that follows.
 *
 * Return: -EINVAL not a rule, -ENOMEM.
 */
int contid_rule_parse(int argc, char *const *argv, struct contid_rule **rule, char **error);
/* Whether its words were of deletion, -d or -W. */
bool contid_rule_deletes(const struct contid_rule *rule);
/* @error is a whole sentence, see contid_error(), that names the field which the kernel refuses. */
int contid_rule_add(const struct contid_rule *rule, char **error);
int contid_rule_delete(const struct contid_rule *rule, char **error);
/* Calls @each with the text of every rule in the kernel, as contid_rule_parse() takes it. */
int contid_rule_list(int (*each)(const struct contid_rule *rule, const char *text, void *data),
		     void *data);
/* The rule as the kernel takes it, @size bytes of struct audit_rule_data; owned by the rule. */
const void *contid_rule_data(const struct contid_rule *rule, size_t *size);
/* Whether it has a field contid= or contid!= with @id, or with any if @id is NULL. */
bool contid_rule_has(const struct contid_rule *rule, const uint64_t *id);
/* A rule of struct audit_rule_data, which may come from anywhere; -EBADMSG its lengths lie. */
int contid_rule_decode(const void *data, size_t size, struct contid_rule **rule);
/* Text of the rule, freed by the caller, one line that contid_rule_split() cuts into its words. */
char *contid_rule_text(const struct contid_rule *rule);
/**
 * contid_rule_split - the words of a line of a rules file
 * @line:	words parted by blanks; quotes hold blanks, a backslash takes the next character as
 *		it is, `\xNN` is a byte; a # at the begin of a word ends the line
 * @argv:	NULL-ended, one piece of memory, freed by the caller with free()
 *
 * Return: -EINVAL an open quote, a backslash at the end, `\x00`; -ENOMEM.
 */
int contid_rule_split(const char *line, int *argc, char ***argv);
void contid_rule_free(struct contid_rule *rule);
/* Feature bitmap of the running kernel has AUDIT_FEATURE_BITMAP_CONTAINERID: 0, or -ENOSYS; -EPERM
 * no right to ask.
 */
int contid_rule_probe(void);

/* ---- IMA policies of containers (policy.c, policy_load.c) ----------------------------------- */

#define CONTID_POLICY_DIR   "/etc/contid/policies"
#define CONTID_POLICY_RULES 1024 /* a child may have that many */

/**
 * contid_policy_check - check a policy against what a container may have
 * @text:	the policy, @size bytes, one rule a line
 * @rules:	how many rules it has, or NULL
 * @line:	number of the first bad line, from 1
 * @error:	why, freed by the caller
 *
 * Return: 0, -EINVAL, -EDQUOT more than CONTID_POLICY_RULES, -E2BIG a line of a page or more.
 */
int contid_policy_check(const char *text, size_t size, unsigned int *rules, unsigned int *line,
			char **error);
/**
 * struct contid_policy_load - an IMA policy for the user namespace of a waiting process
 * @pid:	process in that user namespace
 * @text:	the policy, @size bytes
 * @timeout:	seconds until the helper is killed, 0 for 10
 * @imans:	out: id of the IMA namespace
 * @error:	out: what failed and where, freed by the caller, or NULL
 *
 * A helper process joins the user namespace by pidfd and keeps its kernel uid 0, makes a mount
 * namespace of its own, mounts securityfs, activates, writes rule by rule, closes, reads back,
 * compares and exits. The container's mounts are not touched.
 */
struct contid_policy_load {
	pid_t pid;
	const char *text;
	size_t size;
	unsigned int timeout;
	uint64_t imans;
	char *error;
};
/* -EINVAL also: @pid is in the initial user namespace. -EKEYREJECTED: it reads back otherwise. */
int contid_policy_load(struct contid_policy_load *load);

/* ---- events (reader.c, event.c, event_json.c, export.c) ------------------------------------- */

/* Name of a record type: ours, else libaudit's, else "UNKNOWN[N]" in a buffer of the thread. */
const char *contid_record_name(int type);
/* The reverse, for either name, `UNKNOWN[N]` or a number; -EINVAL none of these. */
int contid_record_type(const char *name);

struct contid_field {
	const char *name;
	const char *value;	 /* as the record has it, quotes removed, hex left */
	const char *interpreted; /* NULL where auparse has nothing better than the value */
};

/**
 * struct contid_record - one record of an event
 * @type:	number
 * @name:	contid_record_name() of it
 * @role:	N of its ` record=N`, or 0
 * @n:		number of @fields, in the order of the record; type, time and node left out
 * @raw:	the line as it was read
 */
struct contid_record {
	int type;
	const char *name;
	unsigned int role;
	size_t n;
	const struct contid_field *fields;
	const char *raw;
};

enum contid_kind {
	CONTID_KIND_SYSCALL,
	CONTID_KIND_URING,
	CONTID_KIND_USER,
	CONTID_KIND_NET,
	CONTID_KIND_CONTAINER,
	CONTID_KIND_NAMESPACE,
	CONTID_KIND_INTEGRITY,
	CONTID_KIND_DAEMON,
	CONTID_KIND_OTHER,
	CONTID_KINDS,
};
extern const char *const contid_kind_names[CONTID_KINDS];

/* a process that the event acted upon: OBJ_PID and its CONTAINER_ID */
struct contid_target {
	pid_t pid;
	struct contid_chain chain;
};

enum contid_result { CONTID_RESULT_NONE, CONTID_RESULT_YES, CONTID_RESULT_NO };

/**
 * struct contid_event - what the records of one (time, serial) say together
 * @sec: @msec: @serial: stamp, UTC
 * @host:	node= of the records, else the name of this machine
 * @boot:	boot id, or NULL for a log of unknown boots
 * @chain:	of the subject; n is 0 if it has no id
 * @chains:	all chains of a packet event, @n_chains of them; else NULL
 * @has_ns:	the event has NS_INFO; @ns is its ids
 * @imans:	key of the IMA namespace; 0 unknown, 3 the host
 * @pid: @ppid: @ses: @auid: @uid: @gid: -1 when no record says it
 * @comm: @exe: @subj: @tty: decoded, NULL when no record says it
 * @key:	rule key, or NULL
 *
 * All memory belongs to the reader and lives until the callback returns.
 */
struct contid_event {
	int64_t sec;
	unsigned int msec;
	uint64_t serial;
	const char *host;
	const char *boot;
	enum contid_kind kind;
	struct contid_chain chain;
	size_t n_chains;
	const struct contid_chain *chains;
	size_t n_targets;
	const struct contid_target *targets;
	bool has_ns;
	uint64_t ns[CONTID_NS_TYPES];
	uint64_t imans;
	int64_t pid, ppid, ses, auid, uid, gid;
	const char *comm, *exe, *subj, *tty;
	enum contid_result result;
	const char *key;
	size_t n;
	const struct contid_record *records;
};

/* The field of the first record of @type that has it, or NULL. */
const char *contid_event_field(const struct contid_event *event, int type, const char *name);
/* A word for what was done: the operation on a container, the call, else the type of the record;
 * NULL if no record tells.
 */
const char *contid_event_action(const struct contid_event *event);
#define CONTID_TIME_MAX 40
/* Time of the event in RFC 3339, UTC, milliseconds. Return: @text. */
char *contid_event_time(const struct contid_event *event, char text[CONTID_TIME_MAX]);
/* "yes", "no", or NULL where no record says it. */
const char *contid_event_result(const struct contid_event *event);
/* Whether @id is in the chain of the subject, of a packet or of a target, or is given or ended. */
bool contid_event_has(const struct contid_event *event, uint64_t id);

struct contid_reader;
/* A callback that returns other than 0 ends the reading, with that value. */
typedef int (*contid_event_fn)(const struct contid_event *event, void *data);

/**
 * contid_reader_new - a reader of audit text
 * @reader:	out
 * @each:	gets every event, in the order of completion
 * @data:	for @each
 */
int contid_reader_new(struct contid_reader **reader, contid_event_fn each, void *data);
/* Boot id that all events get; NULL (as it starts): unknown. */
int contid_reader_boot(struct contid_reader *reader, const char *boot);
/* The same with the id of this boot, for events of this host since it was booted alone. */
int contid_reader_this_boot(struct contid_reader *reader);
/* Whether fields get `interpreted` (as it starts); without it reading is several times as fast. */
void contid_reader_interpret(struct contid_reader *reader, bool on);
/* Feed bytes of a stream; lines may be cut anywhere. */
int contid_reader_feed(struct contid_reader *reader, const char *text, size_t size);
/* Events without a new record for two seconds are complete. To be called when the stream is idle.
 */
int contid_reader_age(struct contid_reader *reader);
/* End of the stream: whatever is left is complete. */
int contid_reader_flush(struct contid_reader *reader);
/* Read whole files (NULL-ended; `-` is standard input), or with NULL auditd's own logs, then flush.
 */
int contid_reader_files(struct contid_reader *reader, const char *const *files);
/* auditd's own logs, oldest first, NULL-ended, in one piece of memory to be freed by the caller. */
int contid_log_files(char ***files);
void contid_reader_free(struct contid_reader *reader);

/* One JSON object of schema contid.event/1 without a newline, freed by the caller. */
char *contid_event_json(const struct contid_event *event);

enum contid_export {
	CONTID_EXPORT_NDJSON,
	CONTID_EXPORT_ECS,
	CONTID_EXPORT_JSONEACHROW,
	CONTID_EXPORT_LOKI,
	CONTID_EXPORTS,
};
extern const char *const contid_export_names[CONTID_EXPORTS];
/* One line of that format without a newline, freed by the caller. */
char *contid_event_export(const struct contid_event *event, enum contid_export format);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* CONTID_H */
