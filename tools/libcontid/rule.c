// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Audit rules with contid - parsed, loaded, deleted and listed
 *
 * libaudit knows all fields but ours, so a rule is made by it and contid is appended: 8 bytes in
 * native order in the string buffer, whatever libaudit's version. What a list tells back is decoded
 * here, since libaudit leaves that to auditctl.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <libaudit.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contid.h"
#include "cleanup.h"

#define ARRAY_SIZE(A) (sizeof(A) / sizeof((A)[0]))

#define HEAD	      sizeof(struct audit_rule_data)
/* bytes that a netlink message of libaudit may have */
#define LIMIT	      MAX_AUDIT_MESSAGE_LENGTH
/* the kernel answers at once, or is busy beyond use */
#define ANSWER_MS     10000

/* Older headers lack it, and stock libaudit 3.0.9 has no name for it. */
#ifndef AUDIT_FILTER_URING_EXIT
#define AUDIT_FILTER_URING_EXIT 0x07
#endif

/* What auditctl and libaudit tell each other beside the rule; a later libaudit may hide them. */
extern int _audit_archadded __attribute__((weak));
extern int _audit_syscalladded __attribute__((weak));
extern int _audit_permadded __attribute__((weak));
extern int _audit_exeadded __attribute__((weak));
extern int _audit_filterfsadded __attribute__((weak));
extern unsigned int _audit_elf __attribute__((weak));

struct contid_rule {
	struct audit_rule_data *data;
	bool deletes;
};

/* ---- names -------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned int list;
	bool contid; /* the kernel takes our field there */
} lists[] = {
	{ "exit", AUDIT_FILTER_EXIT, true },	   { "io_uring", AUDIT_FILTER_URING_EXIT, true },
	{ "exclude", AUDIT_FILTER_EXCLUDE, true }, { "user", AUDIT_FILTER_USER, true },
	{ "task", AUDIT_FILTER_TASK, false },	   { "filesystem", AUDIT_FILTER_FS, false },
};

static const struct {
	const char *name;
	unsigned int action;
} actions[] = {
	{ "always", AUDIT_ALWAYS },
	{ "never", AUDIT_NEVER },
};

/* Operations of io_uring by number; libaudit 3.0.9 has no table of them. */
static const char *const uring_ops[] = {
	"nop",
	"readv",
	"writev",
	"fsync",
	"read_fixed",
	"write_fixed",
	"poll_add",
	"poll_remove",
	"sync_file_range",
	"sendmsg",
	"recvmsg",
	"timeout",
	"timeout_remove",
	"accept",
	"async_cancel",
	"link_timeout",
	"connect",
	"fallocate",
	"openat",
	"close",
	"files_update",
	"statx",
	"read",
	"write",
	"fadvise",
	"madvise",
	"send",
	"recv",
	"openat2",
	"epoll_ctl",
	"splice",
	"provide_buffers",
	"remove_buffers",
	"tee",
	"shutdown",
	"renameat",
	"unlinkat",
	"mkdirat",
	"symlinkat",
	"linkat",
	"msg_ring",
	"fsetxattr",
	"setxattr",
	"fgetxattr",
	"getxattr",
	"socket",
	"uring_cmd",
	"send_zc",
	"sendmsg_zc",
	"read_multishot",
	"waitid",
	"futex_wait",
	"futex_wake",
	"futex_waitv",
	"fixed_fd_install",
	"ftruncate",
	"bind",
	"listen",
};

/* -C of auditctl, by the value of field_compare */
static const char *const compares[][2] = {
	[AUDIT_COMPARE_UID_TO_OBJ_UID] = { "uid", "obj_uid" },
	[AUDIT_COMPARE_GID_TO_OBJ_GID] = { "gid", "obj_gid" },
	[AUDIT_COMPARE_EUID_TO_OBJ_UID] = { "euid", "obj_uid" },
	[AUDIT_COMPARE_EGID_TO_OBJ_GID] = { "egid", "obj_gid" },
	[AUDIT_COMPARE_AUID_TO_OBJ_UID] = { "auid", "obj_uid" },
	[AUDIT_COMPARE_SUID_TO_OBJ_UID] = { "suid", "obj_uid" },
	[AUDIT_COMPARE_SGID_TO_OBJ_GID] = { "sgid", "obj_gid" },
	[AUDIT_COMPARE_FSUID_TO_OBJ_UID] = { "fsuid", "obj_uid" },
	[AUDIT_COMPARE_FSGID_TO_OBJ_GID] = { "fsgid", "obj_gid" },
	[AUDIT_COMPARE_UID_TO_AUID] = { "uid", "auid" },
	[AUDIT_COMPARE_UID_TO_EUID] = { "uid", "euid" },
	[AUDIT_COMPARE_UID_TO_FSUID] = { "uid", "fsuid" },
	[AUDIT_COMPARE_UID_TO_SUID] = { "uid", "suid" },
	[AUDIT_COMPARE_AUID_TO_FSUID] = { "auid", "fsuid" },
	[AUDIT_COMPARE_AUID_TO_SUID] = { "auid", "suid" },
	[AUDIT_COMPARE_AUID_TO_EUID] = { "auid", "euid" },
	[AUDIT_COMPARE_EUID_TO_SUID] = { "euid", "suid" },
	[AUDIT_COMPARE_EUID_TO_FSUID] = { "euid", "fsuid" },
	[AUDIT_COMPARE_SUID_TO_FSUID] = { "suid", "fsuid" },
	[AUDIT_COMPARE_GID_TO_EGID] = { "gid", "egid" },
	[AUDIT_COMPARE_GID_TO_FSGID] = { "gid", "fsgid" },
	[AUDIT_COMPARE_GID_TO_SGID] = { "gid", "sgid" },
	[AUDIT_COMPARE_EGID_TO_FSGID] = { "egid", "fsgid" },
	[AUDIT_COMPARE_EGID_TO_SGID] = { "egid", "sgid" },
	[AUDIT_COMPARE_SGID_TO_FSGID] = { "sgid", "fsgid" },
};

/* Negative values of libaudit's rule functions. */
static const char *const reasons[] = {
	[1] = "an operator such as = is missing",
	[2] = "there is no such field",
	[3] = "it must stand before -S",
	[4] = "there is no such machine type",
	[5] = "there is no such machine type",
	[6] = "this machine has no such number of bits",
	[7] = "it is for the exit list alone",
	[8] = "there is no such record type",
	[9] = "it is for the lists exclude and user alone",
	[10] = "the rule cannot be made",
	[11] = "it is too long",
	[12] = "the exclude list takes msgtype, pid, user and group ids, subj fields, exe and "
	       "contid",
	[13] = "it takes = and != alone",
	[14] = "permissions are of r, w, x and a",
	[15] = "there is no such errno",
	[16] = "there is no such file type",
	[17] = "it is for the exit list alone",
	[19] = "a key needs a watch, system calls or a program before it",
	[20] = "a value is missing",
	[21] = "its value is a number",
	[22] = "a field is missing",
	[24] = "a field is missing",
	[25] = "a value is missing",
	[26] = "there is no such field to compare",
	[27] = "there is no such field to compare with",
	[28] = "a rule has 64 fields at most",
	[29] = "it takes = alone",
	[30] = "this kernel has no such field",
	[31] = "it is for the lists exclude, user and exit",
	[32] = "the list is missing",
	[33] = "these two cannot be compared",
	[34] = "the list does not take it",
	[35] = "this kernel has no such list",
	[36] = "there is no such file system type",
	[37] = "its value is too large",
};

static const char *reason(int rc)
{
	size_t i = rc < 0 ? (size_t)-rc : 0;

	return i < ARRAY_SIZE(reasons) && reasons[i] ? reasons[i] : "libaudit does not take it";
}

static unsigned int list_of(const struct audit_rule_data *data)
{
	return data->flags & ~(unsigned int)AUDIT_FILTER_PREPEND;
}

/* Index into lists, or its end. */
static size_t list_index(unsigned int list)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(lists) && lists[i].list != list)
		i++;
	return i;
}

/* Fields whose value is the number of their bytes in the buffer. */
static bool has_bytes(unsigned int field)
{
	switch (field) {
	case AUDIT_SUBJ_USER:
	case AUDIT_SUBJ_ROLE:
	case AUDIT_SUBJ_TYPE:
	case AUDIT_SUBJ_SEN:
	case AUDIT_SUBJ_CLR:
	case AUDIT_OBJ_USER:
	case AUDIT_OBJ_ROLE:
	case AUDIT_OBJ_TYPE:
	case AUDIT_OBJ_LEV_LOW:
	case AUDIT_OBJ_LEV_HIGH:
	case AUDIT_WATCH:
	case AUDIT_DIR:
	case AUDIT_FILTERKEY:
	case AUDIT_EXE:
	case AUDIT_CONTID:
		return true;
	}
	return false;
}

/* ---- parsing ------------------------------------------------------------------------------ */

struct parser {
	struct audit_rule_data *data;
	char **error;
	bool has_list;
	bool deletes;
	bool syscalls;
	bool watch;
	char keys[AUDIT_MAX_KEY_LEN + 1];
	size_t n_contids;
	struct {
		uint32_t op;
		uint64_t id;
	} contids[AUDIT_MAX_FIELDS];
};

__attribute__((format(printf, 2, 3))) static int refuse(struct parser *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(p->error, format, args) < 0)
		*p->error = NULL;
	va_end(args);
	return *p->error ? -EINVAL : -ENOMEM;
}

static void forget(void)
{
	if (&_audit_archadded)
		_audit_archadded = 0;
	if (&_audit_syscalladded)
		_audit_syscalladded = 0;
	if (&_audit_permadded)
		_audit_permadded = 0;
	if (&_audit_exeadded)
		_audit_exeadded = 0;
	if (&_audit_filterfsadded)
		_audit_filterfsadded = 0;
	if (&_audit_elf)
		_audit_elf = 0;
}

/* "exit,always" or "always,exit" */
static int parse_list(struct parser *p, char option, const char *word)
{
	const char *comma = strchr(word, ',');
	bool has_action = false, has_list = false;

	if (p->has_list)
		return refuse(p, "-%c %s: a rule has one list", option, word);
	if (!comma)
		return refuse(p, "-%c %s: a list and an action are wanted, as in exit,always",
			      option, word);
	for (int half = 0; half < 2; half++) {
		const char *name = half ? comma + 1 : word;
		size_t n = half ? strlen(name) : (size_t)(comma - word);

		for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
			if (strlen(lists[i].name) != n || strncmp(lists[i].name, name, n))
				continue;
			p->data->flags = lists[i].list;
			has_list = true;
		}
		for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
			if (strlen(actions[i].name) != n || strncmp(actions[i].name, name, n))
				continue;
			p->data->action = actions[i].action;
			has_action = true;
		}
	}
	if (!has_list)
		return refuse(p,
			      "-%c %s: lists are exit, io_uring, exclude, user, task, filesystem",
			      option, word);
	if (!has_action)
		return refuse(p, "-%c %s: actions are always and never", option, word);
	p->deletes = option == 'd';
	if (option == 'A')
		p->data->flags |= AUDIT_FILTER_PREPEND;
	p->has_list = true;
	return 0;
}

static int parse_contid(struct parser *p, const char *word)
{
	const char *op = word + strlen("contid");
	bool negated = *op == '!';
	const char *value = op + negated + 1;
	size_t i = list_index(list_of(p->data));
	uint64_t id;
	int err;

	if (op[negated] != '=' || *value == '=')
		return refuse(p, "-F %s: contid takes = and != alone", word);
	if (i == ARRAY_SIZE(lists) || !lists[i].contid)
		return refuse(p, "-F %s: contid is for the lists exit, io_uring, exclude and user",
			      word);
	err = contid_parse(value, &id);
	if (err)
		return refuse(p, "-F %s: %s", word,
			      err == -ERANGE ? "above 2^64-1" :
					       "an id is a number (decimal, 0x...) or unset");
	if (p->n_contids == AUDIT_MAX_FIELDS)
		return refuse(p, "-F %s: %s", word, reason(-28));
	p->contids[p->n_contids].op = negated ? AUDIT_NOT_EQUAL : AUDIT_EQUAL;
	p->contids[p->n_contids++].id = id;
	return 0;
}

/* Any other field; libaudit writes into the word it is given. */
static int field(struct parser *p, const char *option, const char *word)
{
	CLEANUP_FREE char *copy = strdup(word);
	unsigned int list = list_of(p->data);
	int rc;

	if (!copy)
		return -ENOMEM;
	/* to libaudit 3.0.9 io_uring is no list; its fields are those of exit, the kernel decides
	 */
	if (list == AUDIT_FILTER_URING_EXIT)
		list = AUDIT_FILTER_EXIT;
	rc = audit_rule_fieldpair_data(&p->data, copy, (int)list);
	return rc ? refuse(p, "%s %s: %s", option, word, reason(rc)) : 0;
}

static int parse_field(struct parser *p, const char *word)
{
	if (!p->has_list)
		return refuse(p, "-F %s: a list (-a) must stand before it", word);
	if (!strncmp(word, "contid", 6) && !strchr("_abcdefghijklmnopqrstuvwxyz", word[6]))
		return parse_contid(p, word);
	if (!strcmp(word, "contid"))
		return refuse(p, "-F %s: %s", word, reason(-1));
	return field(p, "-F", word);
}

static int uring_op(const char *name)
{
	char *end;
	unsigned long n;

	for (size_t i = 0; i < ARRAY_SIZE(uring_ops); i++)
		if (!strcmp(uring_ops[i], name))
			return (int)i;
	n = strtoul(name, &end, 10);
	return *name >= '0' && *name <= '9' && !*end && n < (AUDIT_BITMASK_SIZE - 1) * 32 ? (int)n :
											    -1;
}

static int syscall_add(struct parser *p, const char *name)
{
	if (list_of(p->data) == AUDIT_FILTER_URING_EXIT && strcmp(name, "all")) {
		int op = uring_op(name);

		if (op < 0)
			return -1;
		p->data->mask[op / 32] |= 1U << op % 32;
		return 0;
	}
	return audit_rule_syscallbyname_data(p->data, name);
}

static int parse_syscalls(struct parser *p, const char *word)
{
	CLEANUP_FREE char *copy = strdup(word);
	char *save = NULL;

	if (!copy)
		return -ENOMEM;
	if (!p->has_list)
		return refuse(p, "-S %s: a list (-a) must stand before it", word);
	switch (list_of(p->data)) {
	case AUDIT_FILTER_TASK:
	case AUDIT_FILTER_EXCLUDE:
	case AUDIT_FILTER_USER:
	case AUDIT_FILTER_FS:
		return refuse(p, "-S %s: its list knows no system calls", word);
	}
	if (!*word)
		return refuse(p, "-S: a system call is wanted");
	for (char *name = strtok_r(copy, ",", &save); name; name = strtok_r(NULL, ",", &save))
		if (syscall_add(p, name))
			return refuse(p, "-S %s: there is no such %s", name,
				      list_of(p->data) == AUDIT_FILTER_URING_EXIT ?
					      "operation of io_uring" :
					      "system call on this machine");
	p->syscalls = true;
	if (&_audit_syscalladded)
		_audit_syscalladded = 1;
	return 0;
}

static int parse_compare(struct parser *p, const char *word)
{
	CLEANUP_FREE char *copy = strdup(word);
	int rc;

	if (!copy)
		return -ENOMEM;
	if (!p->has_list)
		return refuse(p, "-C %s: a list (-a) must stand before it", word);
	rc = audit_rule_interfield_comp_data(&p->data, copy, (int)list_of(p->data));
	return rc ? refuse(p, "-C %s: %s", word, reason(rc)) : 0;
}

/* Several keys are one field, parted by a byte 1. */
static int parse_key(struct parser *p, const char *word)
{
	size_t n = strlen(p->keys);
	int size = snprintf(p->keys + n, sizeof(p->keys) - n, "%s%s", n ? "\1" : "", word);

	if (!*word)
		return refuse(p, "-k: a key is wanted");
	if (size >= (int)(sizeof(p->keys) - n))
		return refuse(p, "-k %s: keys of a rule are %d bytes at most", word,
			      AUDIT_MAX_KEY_LEN);
	return 0;
}

/* The two fields of a watch; permissions are all, until -p says otherwise. */
static int parse_watch(struct parser *p, char option, const char *word)
{
	CLEANUP_FREE char *pair = NULL;
	size_t n = strlen(word);
	struct stat st;
	int err;

	if (p->has_list)
		return refuse(p, "-%c %s: a watch is a rule of its own, without -a", option, word);
	if (*word != '/' || n >= PATH_MAX || strstr(word, "/../") ||
	    (n >= 3 && !strcmp(word + n - 3, "/..")))
		return refuse(p, "-%c %s: a whole path is wanted, from / on and without ..", option,
			      word);
	while (n > 1 && word[n - 1] == '/')
		n--;
	p->has_list = true;
	p->watch = true;
	p->syscalls = true;
	p->deletes = option == 'W';
	p->data->flags = AUDIT_FILTER_EXIT;
	p->data->action = AUDIT_ALWAYS;
	audit_rule_syscallbyname_data(p->data, "all");
	if (asprintf(&pair, "%s=%.*s", !stat(word, &st) && S_ISDIR(st.st_mode) ? "dir" : "path",
		     (int)n, word) < 0) {
		pair = NULL;
		return -ENOMEM;
	}
	err = field(p, "-w", pair);
	return err ? err : field(p, "-p", "perm=rwxa");
}

static int parse_perm(struct parser *p, const char *word)
{
	int perm = 0;

	if (!p->watch)
		return refuse(p, "-p %s: a watch (-w) must stand before it", word);
	for (const char *c = word; *c; c++) {
		int bit = *c == 'r' ? AUDIT_PERM_READ :
			  *c == 'w' ? AUDIT_PERM_WRITE :
			  *c == 'x' ? AUDIT_PERM_EXEC :
			  *c == 'a' ? AUDIT_PERM_ATTR :
				      0;

		if (!bit)
			return refuse(p, "-p %s: %s", word, reason(-14));
		perm |= bit;
	}
	if (!perm)
		return refuse(p, "-p: %s", reason(-14));
	audit_update_watch_perms(p->data, perm);
	return 0;
}

static int append_contid(struct parser *p, uint32_t op, uint64_t id)
{
	struct audit_rule_data *data;

	if (p->data->field_count >= AUDIT_MAX_FIELDS)
		return refuse(p, "-F contid=%llu: %s", (unsigned long long)id, reason(-28));
	data = realloc(p->data, HEAD + p->data->buflen + sizeof(id));
	if (!data)
		return -ENOMEM;
	p->data = data;
	data->fields[data->field_count] = AUDIT_CONTID;
	data->fieldflags[data->field_count] = op;
	data->values[data->field_count] = sizeof(id);
	memcpy(data->buf + data->buflen, &id, sizeof(id));
	data->buflen += sizeof(id);
	data->field_count++;
	return 0;
}

static int finish(struct parser *p)
{
	if (!p->has_list)
		return refuse(p,
			      "a rule needs a list and an action (-a exit,always) or a watch (-w)");
	/* as auditctl has it, so that either can delete what the other has added */
	if (!p->syscalls && list_of(p->data) != AUDIT_FILTER_TASK) {
		audit_rule_syscallbyname_data(p->data, "all");
		/* a key needs system calls, which are all of them here */
		if (&_audit_syscalladded)
			_audit_syscalladded = 1;
	}
	if (*p->keys) {
		char pair[sizeof(p->keys) + 4];
		int err;

		snprintf(pair, sizeof(pair), "key=%s", p->keys);
		err = field(p, "-k", pair);
		if (err)
			return err;
	}
	for (size_t i = 0; i < p->n_contids; i++) {
		int err = append_contid(p, p->contids[i].op, p->contids[i].id);

		if (err)
			return err;
	}
	if (HEAD + p->data->buflen > LIMIT)
		return refuse(p, "the strings of the rule are too long together");
	return 0;
}

static int parse_words(struct parser *p, int argc, char *const *argv)
{
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i], *value;
		int err;

		if (word[0] != '-' || !word[1] || !strchr("aAdFSCkwWp", word[1]))
			return refuse(p,
				      "%s: not an option of rules (-a -A -d -F -S -C -k -w -W -p)",
				      word);
		value = word[2] ? word + 2 : i + 1 < argc ? argv[++i] : NULL;
		if (!value)
			return refuse(p, "%s: needs an argument", word);
		switch (word[1]) {
		case 'F':
			err = parse_field(p, value);
			break;
		case 'S':
			err = parse_syscalls(p, value);
			break;
		case 'C':
			err = parse_compare(p, value);
			break;
		case 'k':
			err = parse_key(p, value);
			break;
		case 'w':
		case 'W':
			err = parse_watch(p, word[1], value);
			break;
		case 'p':
			err = parse_perm(p, value);
			break;
		default:
			err = parse_list(p, word[1], value);
		}
		if (err)
			return err;
	}
	return finish(p);
}

static int rule_new(struct audit_rule_data *data, bool deletes, struct contid_rule **rule)
{
	*rule = malloc(sizeof(**rule));
	if (!*rule)
		return -ENOMEM;
	**rule = (struct contid_rule){ data, deletes };
	return 0;
}

int contid_rule_parse(int argc, char *const *argv, struct contid_rule **rule, char **error)
{
	struct parser p = { .data = calloc(1, HEAD), .error = error };
	int err;

	*rule = NULL;
	*error = NULL;
	if (!p.data)
		return -ENOMEM;
	/* libaudit would explain itself on stderr */
	set_aumessage_mode(MSG_QUIET, DBG_NO);
	forget();
	err = parse_words(&p, argc, argv);
	if (!err)
		err = rule_new(p.data, p.deletes, rule);
	if (err)
		free(p.data);
	return err;
}

bool contid_rule_deletes(const struct contid_rule *rule)
{
	return rule->deletes;
}

const void *contid_rule_data(const struct contid_rule *rule, size_t *size)
{
	*size = HEAD + rule->data->buflen;
	return rule->data;
}

void contid_rule_free(struct contid_rule *rule)
{
	if (rule)
		free(rule->data);
	free(rule);
}

/* ---- the kernel's form back into ours ------------------------------------------------------ */

int contid_rule_decode(const void *bytes, size_t size, struct contid_rule **rule)
{
	struct audit_rule_data *data;
	size_t used = 0;
	int err;

	*rule = NULL;
	if (size < HEAD || size > HEAD + UINT32_MAX)
		return -EBADMSG;
	data = malloc(size);
	if (!data)
		return -ENOMEM;
	memcpy(data, bytes, size);
	err = data->field_count > AUDIT_MAX_FIELDS || data->buflen > size - HEAD ? -EBADMSG : 0;
	for (uint32_t i = 0; !err && i < data->field_count; i++) {
		if (!has_bytes(data->fields[i]))
			continue;
		if (data->values[i] > data->buflen - used ||
		    (data->fields[i] == AUDIT_CONTID && data->values[i] != sizeof(uint64_t)))
			err = -EBADMSG;
		else
			used += data->values[i];
	}
	if (!err && used != data->buflen)
		err = -EBADMSG;
	if (!err)
		err = rule_new(data, false, rule);
	if (err)
		free(data);
	return err;
}

bool contid_rule_has(const struct contid_rule *rule, const uint64_t *id)
{
	const struct audit_rule_data *data = rule->data;
	const char *bytes = data->buf;

	for (uint32_t i = 0; i < data->field_count; i++) {
		uint64_t value;

		if (!has_bytes(data->fields[i]))
			continue;
		if (data->fields[i] == AUDIT_CONTID) {
			memcpy(&value, bytes, sizeof(value));
			if (!id || value == *id)
				return true;
		}
		bytes += data->values[i];
	}
	return false;
}

/* A word of a rules file: contid_rule_split() gives the bytes back. */
static void put_bytes(FILE *out, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else if (strchr(" '\"\\#", c))
			fprintf(out, "\\%c", c);
		else
			fputc(c, out);
	}
}

static void put_arch(FILE *out, uint32_t value)
{
	static const char *const bits[] = { "b64", "b32" };
	int machine;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		machine = audit_determine_machine(bits[i]);
		if (machine >= 0 && audit_machine_to_elf(machine) == value) {
			fputs(bits[i], out);
			return;
		}
	}
	machine = audit_elf_to_machine(value);
	if (machine >= 0 && audit_machine_to_name(machine))
		fputs(audit_machine_to_name(machine), out);
	else
		fprintf(out, "0x%x", value);
}

static void put_perm(FILE *out, uint32_t value)
{
	if (value & AUDIT_PERM_READ)
		fputc('r', out);
	if (value & AUDIT_PERM_WRITE)
		fputc('w', out);
	if (value & AUDIT_PERM_EXEC)
		fputc('x', out);
	if (value & AUDIT_PERM_ATTR)
		fputc('a', out);
}

static void put_name_or_number(FILE *out, const char *name, uint32_t value)
{
	if (name)
		fputs(name, out);
	else
		fprintf(out, "%u", value);
}

static void put_exit(FILE *out, int value)
{
	const char *name = value < 0 && value > -4096 ? audit_errno_to_name(-value) : NULL;

	if (name)
		fprintf(out, "-%s", name);
	else
		fprintf(out, "%d", value);
}

static void put_value(FILE *out, uint32_t field, uint32_t value)
{
	switch (field) {
	case AUDIT_ARCH:
		put_arch(out, value);
		break;
	case AUDIT_PERM:
		put_perm(out, value);
		break;
	case AUDIT_MSGTYPE:
		put_name_or_number(out, audit_msg_type_to_name((int)value), value);
		break;
	case AUDIT_FILETYPE:
		put_name_or_number(out, audit_ftype_to_name((int)value), value);
		break;
	case AUDIT_FSTYPE:
		put_name_or_number(out, audit_fstype_to_name((int)value), value);
		break;
	case AUDIT_EXIT:
		put_exit(out, (int)value);
		break;
	case AUDIT_UID:
	case AUDIT_EUID:
	case AUDIT_SUID:
	case AUDIT_FSUID:
	case AUDIT_LOGINUID:
	case AUDIT_OBJ_UID:
	case AUDIT_SESSIONID:
		put_name_or_number(out, value == UINT32_MAX ? "unset" : NULL, value);
		break;
	case AUDIT_ARG0:
	case AUDIT_ARG1:
	case AUDIT_ARG2:
	case AUDIT_ARG3:
		fprintf(out, "0x%x", value);
		break;
	default:
		fprintf(out, "%u", value);
	}
}

static const char *operator_of(uint32_t flags)
{
	const char *op = audit_operator_to_symbol((int)flags);

	return op ? op : "?";
}

static void put_keys(FILE *out, const char *keys, size_t n)
{
	for (size_t at = 0; at <= n;) {
		const char *end = memchr(keys + at, 1, n - at);
		size_t size = end ? (size_t)(end - keys) - at : n - at;

		fputs(" -k ", out);
		if (size)
			put_bytes(out, keys + at, size);
		else
			fputs("''", out);
		at += size + 1;
	}
}

/* One field; @bytes is where its bytes stand, if it has some. */
static void put_field(FILE *out, const struct audit_rule_data *data, uint32_t i, const char *bytes)
{
	uint32_t field = data->fields[i], value = data->values[i];
	const char *name = audit_field_to_name((int)field);
	const char *op = operator_of(data->fieldflags[i]);
	uint64_t id;

	if (field == AUDIT_CONTID) {
		memcpy(&id, bytes, sizeof(id));
		if (id == CONTID_UNSET)
			fprintf(out, " -F contid%sunset", op);
		else
			fprintf(out, " -F contid%s%llu", op, (unsigned long long)id);
	} else if (field == AUDIT_FILTERKEY && data->fieldflags[i] == AUDIT_EQUAL) {
		put_keys(out, bytes, value);
	} else if (field == AUDIT_FIELD_COMPARE && value && value < ARRAY_SIZE(compares)) {
		fprintf(out, " -C %s%s%s", compares[value][0], op, compares[value][1]);
	} else {
		if (name)
			fprintf(out, " -F %s%s", name, op);
		else
			fprintf(out, " -F f%u%s", field, op);
		if (has_bytes(field))
			put_bytes(out, bytes, value);
		else
			put_value(out, field, value);
	}
}

static bool is_all(const struct audit_rule_data *data)
{
	for (int i = 0; i < AUDIT_BITMASK_SIZE - 1; i++)
		if (data->mask[i] != UINT32_MAX)
			return false;
	return true;
}

static void put_syscalls(FILE *out, const struct audit_rule_data *data)
{
	bool uring = list_of(data) == AUDIT_FILTER_URING_EXIT;
	int machine = audit_detect_machine();
	char sep = ' ';

	if (!uring && list_of(data) != AUDIT_FILTER_EXIT)
		return;
	fputs(" -S", out);
	if (is_all(data)) {
		fputs(" all", out);
		return;
	}
	for (uint32_t i = 0; i < data->field_count; i++)
		if (data->fields[i] == AUDIT_ARCH && data->fieldflags[i] == AUDIT_EQUAL)
			machine = audit_elf_to_machine(data->values[i]);
	for (int n = 0; n < AUDIT_BITMASK_SIZE * 32; n++) {
		const char *name;

		if (!(data->mask[n / 32] & 1U << n % 32))
			continue;
		name = !uring				 ? audit_syscall_to_name(n, machine) :
		       (size_t)n < ARRAY_SIZE(uring_ops) ? uring_ops[n] :
							   NULL;
		fputc(sep, out);
		put_name_or_number(out, name, (uint32_t)n);
		sep = ',';
	}
	if (sep == ' ')
		fputs(" none", out);
}

static void put_rule(FILE *out, const struct audit_rule_data *data)
{
	size_t list = list_index(list_of(data));
	const char *bytes = data->buf;
	/* arch decides what the names of system calls mean, so they come after it */
	uint32_t before_syscalls = 0;

	fprintf(out, "-%c ", data->flags & AUDIT_FILTER_PREPEND ? 'A' : 'a');
	put_name_or_number(out,
			   data->action == AUDIT_ALWAYS ? "always" :
			   data->action == AUDIT_NEVER	? "never" :
							  NULL,
			   data->action);
	fputc(',', out);
	put_name_or_number(out, list < ARRAY_SIZE(lists) ? lists[list].name : NULL, list_of(data));
	for (uint32_t i = 0; i < data->field_count; i++)
		if (data->fields[i] == AUDIT_ARCH)
			before_syscalls = i + 1;
	for (uint32_t i = 0; i <= data->field_count; i++) {
		if (i == before_syscalls)
			put_syscalls(out, data);
		if (i == data->field_count)
			break;
		put_field(out, data, i, bytes);
		if (has_bytes(data->fields[i]))
			bytes += data->values[i];
	}
}

char *contid_rule_text(const struct contid_rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put_rule(out, rule->data);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads what stands behind a backslash. */
static int unescape(const char **line, char *c)
{
	const char *s = *line;

	if (!*s)
		return -EINVAL;
	*c = *s;
	*line = s + 1;
	if (*s != 'x' || hex_of(s[1]) < 0 || hex_of(s[2]) < 0)
		return 0;
	*c = (char)(hex_of(s[1]) * 16 + hex_of(s[2]));
	*line = s + 3;
	return *c ? 0 : -EINVAL;
}

/* One word; the line and the place to write are moved on. */
static int split_word(const char **line, char **to)
{
	const char *s = *line;
	char quote = '\0';

	while (*s && (quote || !strchr(" \t\r\n", *s))) {
		char c = *s++;

		if (c == quote) {
			quote = '\0';
			continue;
		}
		if (!quote && (c == '\'' || c == '"')) {
			quote = c;
			continue;
		}
		if (c == '\\' && quote != '\'') {
			int err = unescape(&s, &c);

			if (err)
				return err;
		}
		*(*to)++ = c;
	}
	*(*to)++ = '\0';
	*line = s;
	return quote ? -EINVAL : 0;
}

int contid_rule_split(const char *line, int *argc, char ***argv)
{
	/* a word takes two bytes at least, itself and a blank; what is written is never longer than
	 * what is read
	 */
	size_t size = strlen(line), most = size / 2 + 2;
	char **words = malloc(most * sizeof(*words) + size + 1);
	char *to = (char *)(words + most);

	*argc = 0;
	*argv = NULL;
	if (!words)
		return -ENOMEM;
	for (;;) {
		int err;

		line += strspn(line, " \t\r\n");
		if (!*line || *line == '#')
			break;
		words[(*argc)++] = to;
		err = split_word(&line, &to);
		if (err) {
			free(words);
			*argc = 0;
			return err;
		}
	}
	words[*argc] = NULL;
	*argv = words;
	return 0;
}

/* ---- the kernel ---------------------------------------------------------------------------- */

int contid_rule_probe(void)
{
	CLEANUP_FD int fd = -1;
	int err;

	set_aumessage_mode(MSG_QUIET, DBG_NO);
	if (audit_get_features() & AUDIT_FEATURE_BITMAP_CONTAINERID)
		return 0;
	/* no answer is no feature to libaudit */
	fd = audit_open();
	if (fd < 0)
		return -ENOSYS;
	err = audit_request_status(fd);
	return err == -EPERM ? -EPERM : -ENOSYS;
}

static int rule_send(const struct contid_rule *rule, bool add)
{
	struct audit_rule_data *data = rule->data;
	CLEANUP_FD int fd = -1;
	unsigned int list = list_of(data);
	int rc;

	set_aumessage_mode(MSG_QUIET, DBG_NO);
	fd = audit_open();
	if (fd < 0)
		return -errno;
	rc = add   ? audit_add_rule_data(fd, data, (int)data->flags, (int)data->action) :
		     /* the kernel forgets that a rule was put in front */
		     audit_delete_rule_data(fd, data, (int)list, (int)data->action);
	return rc > 0 ? 0 : rc ? rc : -EPROTO;
}

/* A rule of one field of another, and of one that no rule in the kernel has. */
static struct contid_rule *part(const struct audit_rule_data *data, uint32_t wanted)
{
	struct audit_rule_data *one = calloc(1, HEAD + data->buflen);
	const char *bytes = data->buf;
	struct contid_rule *rule;

	if (!one)
		return NULL;
	one->flags = list_of(data);
	one->action = data->action;
	memcpy(one->mask, data->mask, sizeof(one->mask));
	for (uint32_t i = 0; i <= wanted; i++) {
		uint32_t size = has_bytes(data->fields[i]) ? data->values[i] : 0;

		if (i == wanted) {
			one->fields[one->field_count] = data->fields[i];
			one->fieldflags[one->field_count] = data->fieldflags[i];
			one->values[one->field_count] = data->values[i];
			one->field_count++;
			memcpy(one->buf + one->buflen, bytes, size);
			one->buflen += size;
		}
		bytes += size;
	}
	one->fields[one->field_count] = AUDIT_PID;
	one->fieldflags[one->field_count] = AUDIT_EQUAL;
	one->values[one->field_count++] = INT32_MAX;
	if (rule_new(one, true, &rule)) {
		free(one);
		return NULL;
	}
	return rule;
}

/*
 * The kernel says that a rule is bad, and not where. It checks a rule that is to be deleted just
 * as one to be added, so each field is tried alone, in the deletion of a rule that does not exist:
 * -ENOENT means that the field is fine. This leaves attempts to delete on record (res=0), but no
 * rule is touched. Return: index of the field, or the number of fields: it is none alone.
 */
static uint32_t offending(const struct audit_rule_data *data, int err)
{
	/* its only fields are fstype and key, so the deletion could hit a rule */
	if (list_of(data) == AUDIT_FILTER_FS)
		return data->field_count;
	for (uint32_t i = 0; i < data->field_count; i++) {
		struct contid_rule *rule = part(data, i);
		int seen = rule ? rule_send(rule, false) : 0;

		contid_rule_free(rule);
		if (seen == err)
			return i;
	}
	return data->field_count;
}

/* Fields that name files are what a path that is not there is blamed on. */
static uint32_t with_path(const struct audit_rule_data *data)
{
	uint32_t i = 0;

	while (i < data->field_count && data->fields[i] != AUDIT_WATCH &&
	       data->fields[i] != AUDIT_DIR && data->fields[i] != AUDIT_EXE)
		i++;
	return i;
}

static void explain(const struct contid_rule *rule, bool add, int err, char **error)
{
	const struct audit_rule_data *data = rule->data;
	uint32_t i = data->field_count;
	CLEANUP_FREE char *text = NULL;
	char object[512], sentence[1024];
	size_t size;
	FILE *out;

	if (err == -EINVAL)
		i = offending(data, err);
	else if (add && (err == -ENOENT || err == -ENOTDIR || err == -EACCES || err == -ELOOP))
		i = with_path(data);
	out = open_memstream(&text, &size);
	if (!out)
		return;
	if (i < data->field_count) {
		const char *bytes = data->buf;

		for (uint32_t j = 0; j < i; j++)
			bytes += has_bytes(data->fields[j]) ? data->values[j] : 0;
		put_field(out, data, i, bytes);
	} else {
		fputc(' ', out);
		put_rule(out, data);
	}
	if (fclose(out))
		return;
	snprintf(object, sizeof(object), "%s '%s'", i < data->field_count ? "field" : "rule",
		 text + 1);
	*error = strdup(contid_error(sentence, sizeof(sentence), CONTID_OP_RULE, object, err));
}

static int wait_for_answer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int rc = poll(&p, 1, ANSWER_MS);

	if (rc < 0)
		return errno == EINTR ? 0 : -errno;
	return rc ? 0 : -ETIMEDOUT;
}

struct listed {
	size_t n;
	struct contid_rule **rules;
};

static void listed_free(struct listed *list)
{
	for (size_t i = 0; i < list->n; i++)
		contid_rule_free(list->rules[i]);
	free(list->rules);
}

/* All rules first: a callback that deletes would disturb the list under way. */
static int collect(struct listed *list)
{
	CLEANUP_FD int fd = -1;
	int rc;

	set_aumessage_mode(MSG_QUIET, DBG_NO);
	fd = audit_open();
	if (fd < 0)
		return -errno;
	rc = audit_request_rules_list_data(fd);
	if (rc <= 0)
		return rc ? rc : -EPROTO;
	for (;;) {
		struct audit_reply reply;
		struct contid_rule **rules;
		int err = wait_for_answer(fd);

		if (err)
			return err;
		rc = audit_get_reply(fd, &reply, GET_REPLY_NONBLOCKING, 0);
		if (rc == -EAGAIN || rc == -EINTR || rc == 0)
			continue;
		if (rc < 0)
			return rc;
		if (reply.type == NLMSG_DONE)
			return 0;
		if (reply.type == NLMSG_ERROR && reply.error->error)
			return reply.error->error;
		if (reply.type != AUDIT_LIST_RULES)
			continue;
		rules = realloc(list->rules, (list->n + 1) * sizeof(*rules));
		if (!rules)
			return -ENOMEM;
		list->rules = rules;
		err = contid_rule_decode(reply.ruledata, (size_t)reply.len, &rules[list->n]);
		if (err)
			return err;
		list->n++;
	}
}

static bool same(const struct contid_rule *a, const struct contid_rule *b)
{
	size_t n, m;
	const struct audit_rule_data *x = contid_rule_data(a, &n), *y = contid_rule_data(b, &m);

	return n == m && list_of(x) == list_of(y) &&
	       !memcmp(&x->action, &y->action, n - offsetof(struct audit_rule_data, action));
}

/*
 * Others may have loaded a rule with contid in front of other fields, which no words of ours give.
 * It is the same rule when its text is parsed to the same bytes.
 */
static int delete_in_other_order(const struct contid_rule *rule)
{
	__attribute__((cleanup(listed_free))) struct listed list = { 0 };
	int err = collect(&list);

	for (size_t i = 0; !err && i < list.n; i++) {
		CLEANUP_FREE char *text = contid_rule_text(list.rules[i]);
		CLEANUP_FREE char *error = NULL;
		CLEANUP_FREE char **argv = NULL;
		struct contid_rule *parsed = NULL;
		bool found;
		int argc;

		if (!text)
			return -ENOMEM;
		if (contid_rule_split(text, &argc, &argv) ||
		    contid_rule_parse(argc, argv, &parsed, &error))
			continue;
		found = same(parsed, rule);
		contid_rule_free(parsed);
		if (found)
			return rule_send(list.rules[i], false);
	}
	return err ? err : -ENOENT;
}

static int change(const struct contid_rule *rule, bool add, char **error)
{
	int err = 0;

	*error = NULL;
	/* a kernel without the field would only say that the rule is bad */
	if (contid_rule_has(rule, NULL))
		err = contid_rule_probe();
	if (!err)
		err = rule_send(rule, add);
	if (err == -ENOENT && !add && contid_rule_has(rule, NULL))
		err = delete_in_other_order(rule);
	if (err)
		explain(rule, add, err, error);
	return err;
}

int contid_rule_add(const struct contid_rule *rule, char **error)
{
	return change(rule, true, error);
}

int contid_rule_delete(const struct contid_rule *rule, char **error)
{
	return change(rule, false, error);
}

int contid_rule_list(int (*each)(const struct contid_rule *rule, const char *text, void *data),
		     void *data)
{
	__attribute__((cleanup(listed_free))) struct listed list = { 0 };
	int err = collect(&list);

	for (size_t i = 0; !err && i < list.n; i++) {
		CLEANUP_FREE char *text = contid_rule_text(list.rules[i]);

		err = text ? each(list.rules[i], text, data) : -ENOMEM;
	}
	return err;
}
