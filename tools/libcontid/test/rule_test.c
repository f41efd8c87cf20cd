// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Audit rules, byte for byte as the kernel takes them
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <libaudit.h>

#include "unit.h"
#include "../contid.h"

#define HEAD sizeof(struct audit_rule_data)

static struct contid_rule *parsed(const char *line)
{
	struct contid_rule *rule;
	char *error, **argv;
	int argc;

	printf("# %s\n", line);
	unit_int(0, contid_rule_split(line, &argc, &argv));
	if (contid_rule_parse(argc, argv, &rule, &error)) {
		printf("# %s\n", error);
		unit_fail(__FILE__, __LINE__);
	}
	free(argv);
	return rule;
}

static const char *refused(const char *line)
{
	static char text[512];
	struct contid_rule *rule;
	char *error, **argv;
	int argc;

	printf("# %s\n", line);
	unit_int(0, contid_rule_split(line, &argc, &argv));
	unit_int(-EINVAL, contid_rule_parse(argc, argv, &rule, &error));
	unit_true(!rule && error);
	snprintf(text, sizeof(text), "%s", error);
	free(error);
	free(argv);
	return text;
}

/* What is expected of a rule: written down, not computed by the code under test. */
struct field {
	uint32_t field, op, value;
};
struct expected {
	const char *line;
	uint32_t flags, action;
	size_t n;
	struct field fields[8];
	size_t size;
	const char *bytes;
};

#define EQ AUDIT_EQUAL
#define NE AUDIT_NOT_EQUAL
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define U64_42	     "\x2a\0\0\0\0\0\0\0"
#define U64_HIGH     "\x08\x07\x06\x05\x04\x03\x02\x01"
#define U64_LAST_BUT "\xfe\xff\xff\xff\xff\xff\xff\xff"
#else
#define U64_42	     "\0\0\0\0\0\0\0\x2a"
#define U64_HIGH     "\x01\x02\x03\x04\x05\x06\x07\x08"
#define U64_LAST_BUT "\xff\xff\xff\xff\xff\xff\xff\xfe"
#endif
#define U64_UNSET "\xff\xff\xff\xff\xff\xff\xff\xff"

static const struct expected table[] = {
	{ "-a exit,always -F contid=42", 4, 2, 1, { { 27, EQ, 8 } }, 8, U64_42 },
	{ "-a always,exit -F contid!=0x0102030405060708", 4, 2, 1, { { 27, NE, 8 } }, 8, U64_HIGH },
	{ "-a io_uring,always -F contid=unset", 7, 2, 1, { { 27, EQ, 8 } }, 8, U64_UNSET },
	{ "-a never,exclude -F msgtype=1300 -F contid=18446744073709551614",
	  5,
	  0,
	  2,
	  { { 12, EQ, 1300 }, { 27, EQ, 8 } },
	  8,
	  U64_LAST_BUT },
	{ "-a user,never -F pid!=7 -F contid=42",
	  0,
	  0,
	  2,
	  { { 0, NE, 7 }, { 27, EQ, 8 } },
	  8,
	  U64_42 },
	{ "-A exit,always -F contid=42", 0x14, 2, 1, { { 27, EQ, 8 } }, 8, U64_42 },
	/* wherever it stands in the words, contid comes last, behind the key too */
	{ "-a exit,always -F contid=42 -F dir=/etc -F perm=wa -F uid=0 -k watch",
	  4,
	  2,
	  5,
	  { { 107, EQ, 4 }, { 106, EQ, 10 }, { 1, EQ, 0 }, { 210, EQ, 5 }, { 27, EQ, 8 } },
	  17,
	  "/etcwatch" U64_42 },
	{ "-a exit,always -F contid=42 -F contid!=0x102030405060708 -F path=/etc/passwd -k a -k b",
	  4,
	  2,
	  4,
	  { { 105, EQ, 11 }, { 210, EQ, 3 }, { 27, EQ, 8 }, { 27, NE, 8 } },
	  30,
	  "/etc/passwda\1b" U64_42 U64_HIGH },
	{ "-a exit,always -F subj_type=x -F contid=42 -F exit=-EACCES -F success=0",
	  4,
	  2,
	  4,
	  { { 15, EQ, 1 }, { 103, EQ, (uint32_t)-13 }, { 104, EQ, 0 }, { 27, EQ, 8 } },
	  9,
	  "x" U64_42 },
	{ "-a exit,always -C auid!=obj_uid -F contid=42",
	  4,
	  2,
	  2,
	  { { 111, NE, 5 }, { 27, EQ, 8 } },
	  8,
	  U64_42 },
	{ "-a exit,always -F a0&0x80 -F auid>=1000 -F auid!=unset -F contid=42",
	  4,
	  2,
	  4,
	  { { 200, AUDIT_BIT_MASK, 128 },
	    { 9, AUDIT_GREATER_THAN_OR_EQUAL, 1000 },
	    { 9, NE, UINT32_MAX },
	    { 27, EQ, 8 } },
	  8,
	  U64_42 },
	/* without contid any rule of auditctl */
	{ "-w /etc/ -p wa -k etc",
	  4,
	  2,
	  3,
	  { { 107, EQ, 4 }, { 106, EQ, 10 }, { 210, EQ, 3 } },
	  7,
	  "/etcetc" },
	{ "-w /etc/passwd", 4, 2, 2, { { 105, EQ, 11 }, { 106, EQ, 15 } }, 11, "/etc/passwd" },
	{ "-a task,never", 1, 0, 0, { { 0 } }, 0, "" },
	{ "-a always,filesystem -F fstype=0x74726163", 6, 2, 1, { { 26, EQ, 0x74726163 } }, 0, "" },
	{ "-aexit,always -Fcontid=42 -kx",
	  4,
	  2,
	  2,
	  { { 210, EQ, 1 }, { 27, EQ, 8 } },
	  9,
	  "x" U64_42 },
};

static void check_bytes(const struct expected *e, const struct contid_rule *rule)
{
	const struct audit_rule_data *data;
	size_t size;

	data = contid_rule_data(rule, &size);
	unit_int(HEAD + e->size, size);
	unit_int(e->flags, data->flags);
	unit_int(e->action, data->action);
	unit_int(e->n, data->field_count);
	unit_int(e->size, data->buflen);
	for (size_t i = 0; i < e->n; i++) {
		unit_int(e->fields[i].field, data->fields[i]);
		unit_int(e->fields[i].op, data->fieldflags[i]);
		unit_int(e->fields[i].value, data->values[i]);
	}
	for (size_t i = e->n; i < AUDIT_MAX_FIELDS; i++)
		unit_true(!data->fields[i] && !data->fieldflags[i] && !data->values[i]);
	unit_bytes(e->bytes, data->buf, e->size);
	for (int i = 0; i < AUDIT_BITMASK_SIZE; i++)
		unit_int(e->flags == 1 ? 0 : UINT32_MAX, data->mask[i]);
}

static void rules_are_as_the_kernel_takes_them(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct contid_rule *rule = parsed(table[i].line);

		check_bytes(&table[i], rule);
		contid_rule_free(rule);
	}
}

static void system_calls_follow_the_architecture(void)
{
	struct contid_rule *rule = parsed("-a exit,always -F arch=x86_64 -S openat,close -S 9");
	const struct audit_rule_data *data;
	uint32_t mask[AUDIT_BITMASK_SIZE] = { 0 };
	size_t size;

	data = contid_rule_data(rule, &size);
	mask[257 / 32] |= 1U << 257 % 32;
	mask[0] |= 1U << 3 | 1U << 9;
	unit_bytes(mask, data->mask, sizeof(mask));
	unit_int(AUDIT_ARCH_X86_64, data->values[0]);
	contid_rule_free(rule);

	/* what one rule had does not stick to the next */
	rule = parsed("-a exit,always -F arch=i386 -S openat");
	data = contid_rule_data(rule, &size);
	memset(mask, 0, sizeof(mask));
	mask[295 / 32] |= 1U << 295 % 32;
	unit_bytes(mask, data->mask, sizeof(mask));
	contid_rule_free(rule);
}

static void operations_of_io_uring_have_names(void)
{
	struct contid_rule *rule = parsed("-a io_uring,always -S openat,listen -S 60 -F contid=42");
	const struct audit_rule_data *data;
	uint32_t mask[AUDIT_BITMASK_SIZE] = { 0 };
	size_t size;

	data = contid_rule_data(rule, &size);
	mask[0] |= 1U << 18;
	mask[57 / 32] |= 1U << 57 % 32;
	mask[60 / 32] |= 1U << 60 % 32;
	unit_bytes(mask, data->mask, sizeof(mask));
	unit_text("-a always,io_uring -S openat,listen,60 -F contid=42", contid_rule_text(rule));
	contid_rule_free(rule);
}

static void what_contid_cannot_be_is_refused_before_the_kernel(void)
{
	static const struct {
		const char *line, *error;
	} bad[] = {
		{ "-a exit,always -F contid>5", "-F contid>5: contid takes = and != alone" },
		{ "-a exit,always -F contid>=5", "-F contid>=5: contid takes = and != alone" },
		{ "-a exit,always -F contid<5", "-F contid<5: contid takes = and != alone" },
		{ "-a exit,always -F contid&5", "-F contid&5: contid takes = and != alone" },
		{ "-a exit,always -F contid==5", "-F contid==5: contid takes = and != alone" },
		{ "-a exit,always -F contid", "-F contid: an operator such as = is missing" },
		{ "-a exit,always -F contid=",
		  "-F contid=: an id is a number (decimal, 0x...) or unset" },
		{ "-a exit,always -F contid=-1",
		  "-F contid=-1: an id is a number (decimal, 0x...) or unset" },
		{ "-a exit,always -F contid=18446744073709551616",
		  "-F contid=18446744073709551616: above 2^64-1" },
		{ "-a task,always -F contid=5",
		  "-F contid=5: contid is for the lists exit, io_uring, exclude and user" },
		{ "-a filesystem,never -F contid=5",
		  "-F contid=5: contid is for the lists exit, io_uring, exclude and user" },
		{ "-F contid=5 -a exit,always", "-F contid=5: a list (-a) must stand before it" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		unit_text(bad[i].error, refused(bad[i].line));
}

static void other_mistakes_are_named(void)
{
	static const struct {
		const char *line, *error;
	} bad[] = {
		{ "", "a rule needs a list and an action (-a exit,always) or a watch (-w)" },
		{ "-F uid=0", "-F uid=0: a list (-a) must stand before it" },
		{ "-a exit", "-a exit: a list and an action are wanted, as in exit,always" },
		{ "-a exit,sometimes", "-a exit,sometimes: actions are always and never" },
		{ "-a entry,always",
		  "-a entry,always: lists are exit, io_uring, exclude, user, task, filesystem" },
		{ "-a exit,always -a exit,always", "-a exit,always: a rule has one list" },
		{ "-a exit,always -F nosuch=1", "-F nosuch=1: there is no such field" },
		{ "-a exit,always -F uid", "-F uid: an operator such as = is missing" },
		{ "-a exit,always -F perm=zz", "-F perm=zz: permissions are of r, w, x and a" },
		{ "-a exit,always -F arch=b65", "-F arch=b65: there is no such machine type" },
		{ "-a exit,always -S nosuch",
		  "-S nosuch: there is no such system call on this machine" },
		{ "-a io_uring,always -S nosuch",
		  "-S nosuch: there is no such operation of io_uring" },
		{ "-a user,always -S openat", "-S openat: its list knows no system calls" },
		{ "-a exit,always -S all -F arch=b64", "-F arch=b64: it must stand before -S" },
		{ "-a exit,always -F msgtype=1300",
		  "-F msgtype=1300: it is for the lists exclude and user alone" },
		{ "-a exclude,always -F dir=/x",
		  "-F dir=/x: the exclude list takes msgtype, pid, "
		  "user and group ids, subj fields, exe and contid" },
		{ "-a exit,always -C uid=nosuch",
		  "-C uid=nosuch: there is no such field to compare with" },
		{ "-w etc", "-w etc: a whole path is wanted, from / on and without .." },
		{ "-w /etc/../usr",
		  "-w /etc/../usr: a whole path is wanted, from / on and without .." },
		{ "-a exit,always -w /etc", "-w /etc: a watch is a rule of its own, without -a" },
		{ "-a exit,always -p wa", "-p wa: a watch (-w) must stand before it" },
		{ "-w /etc -p zz", "-p zz: permissions are of r, w, x and a" },
		{ "-a exit,always -S", "-S: needs an argument" },
		{ "-D", "-D: not an option of rules (-a -A -d -F -S -C -k -w -W -p)" },
		{ "nonsense", "nonsense: not an option of rules (-a -A -d -F -S -C -k -w -W -p)" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		unit_text(bad[i].error, refused(bad[i].line));
}

static void a_rule_has_64_fields_at_most(void)
{
	struct contid_rule *rule;
	char line[2048] = "-a exit,always";

	/* the last place is left to the field that libaudit does not know */
	for (int i = 0; i < 63; i++)
		strcat(line, " -F pid=1");
	rule = parsed(strcat(line, " -F contid=42"));
	contid_rule_free(rule);
	unit_text("-F contid=43: a rule has 64 fields at most",
		  refused(strcat(line, " -F contid=43")));
	line[strlen(line) - strlen(" -F contid=42 -F contid=43")] = '\0';
	unit_text("-F pid=2: a rule has 64 fields at most", refused(strcat(line, " -F pid=2")));
}

static void keys_have_256_bytes_at_most(void)
{
	char line[512] = "-a exit,always -k ", key[300];
	struct contid_rule *rule;

	memset(key, 'k', sizeof(key));
	key[256] = '\0';
	rule = parsed(strcat(line, key));
	contid_rule_free(rule);
	strcat(line, "k");
	refused(line);
}

static void deletion_is_marked(void)
{
	struct contid_rule *rule = parsed("-d exit,always -F contid=42");

	unit_true(contid_rule_deletes(rule));
	contid_rule_free(rule);
	rule = parsed("-W /etc");
	unit_true(contid_rule_deletes(rule));
	contid_rule_free(rule);
	rule = parsed("-a exit,always -F contid=42");
	unit_true(!contid_rule_deletes(rule));
	contid_rule_free(rule);
}

/* Text of a rule is a line that gives the same rule. */
static void text_is_parsed_back(void)
{
	static const struct {
		const char *line, *text;
	} lines[] = {
		{ "-a exit,always -F contid=0x2a", "-a always,exit -S all -F contid=42" },
		{ "-A exit,never -F contid!=unset", "-A never,exit -S all -F contid!=unset" },
		{ "-a exclude,always -F msgtype=CWD -F contid=1",
		  "-a always,exclude -F msgtype=CWD -F contid=1" },
		{ "-a exclude,always -F msgtype=1371", "-a always,exclude -F msgtype=1371" },
		{ "-a user,always -F uid=0 -F contid=1", "-a always,user -F uid=0 -F contid=1" },
		{ "-a exit,always -F arch=b64 -S openat,read -F contid=1 -k x",
		  "-a always,exit -F arch=b64 -S read,openat -k x -F contid=1" },
		{ "-a exit,always -F arch=b32 -S open -F uid=0",
		  "-a always,exit -F arch=b32 -S open -F uid=0" },
		{ "-a exit,always -F uid=0 -F arch=b64 -S open",
		  "-a always,exit -F uid=0 -F arch=b64 -S open" },
		{ "-w /etc -p wa -k etc", "-a always,exit -S all -F dir=/etc -F perm=wa -k etc" },
		{ "-a exit,always -F path=/a\\ b -k 'two words' -k \"it's\" -k x\\\\y",
		  "-a always,exit -S all -F path=/a\\ b -k two\\ words -k it\\'s -k x\\\\y" },
		{ "-a exit,always -k \\x0a\\x7f#", "-a always,exit -S all -k \\x0a\\x7f\\#" },
		{ "-a exit,always -F exit=-EPERM -F exit!=5 -F success=1",
		  "-a always,exit -S all -F exit=-EPERM -F exit!=5 -F success=1" },
		{ "-a exit,always -F auid>=1000 -F auid!=-1 -F sessionid!=unset",
		  "-a always,exit -S all -F auid>=1000 -F auid!=unset -F sessionid!=unset" },
		{ "-a exit,always -F a1&=0xff -F a2<5 -F a3<=6",
		  "-a always,exit -S all -F a1&=0xff -F a2<0x5 -F a3<=0x6" },
		{ "-a exit,always -C uid!=euid -F filetype=dir -F inode=7 -F devmajor=8",
		  "-a always,exit -S all -C uid!=euid -F filetype=dir -F inode=7 -F devmajor=8" },
		{ "-a exit,always -F subj_user=a -F obj_lev_low=s0 -F ppid=1 -F pers=2",
		  "-a always,exit -S all -F subj_user=a -F obj_lev_low=s0 -F ppid=1 -F pers=2" },
		{ "-a never,task", "-a never,task" },
		{ "-a never,filesystem -F fstype=tracefs",
		  "-a never,filesystem -F fstype=tracefs" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct contid_rule *rule = parsed(lines[i].line), *again, *decoded;
		char *text = contid_rule_text(rule);
		const void *a, *b, *c;
		size_t size, size2, size3;

		unit_text(lines[i].text, text);
		again = parsed(text);
		a = contid_rule_data(rule, &size);
		b = contid_rule_data(again, &size2);
		unit_int(size, size2);
		unit_bytes(a, b, size);
		unit_int(0, contid_rule_decode(a, size, &decoded));
		c = contid_rule_data(decoded, &size3);
		unit_int(size, size3);
		unit_bytes(a, c, size);
		unit_text(text, contid_rule_text(decoded));
		contid_rule_free(rule);
		contid_rule_free(again);
		contid_rule_free(decoded);
		free(text);
	}
}

static void every_comparison_is_parsed_back(void)
{
	static const char *const pairs[] = {
		"uid=obj_uid",	"gid=obj_gid",	"euid=obj_uid",	 "egid=obj_gid",  "auid=obj_uid",
		"suid=obj_uid", "sgid=obj_gid", "fsuid=obj_uid", "fsgid=obj_gid", "uid=auid",
		"uid=euid",	"uid=fsuid",	"uid=suid",	 "auid=fsuid",	  "auid=suid",
		"auid=euid",	"euid=suid",	"euid=fsuid",	 "suid=fsuid",	  "gid=egid",
		"gid=fsgid",	"gid=sgid",	"egid=fsgid",	 "egid=sgid",	  "sgid=fsgid",
	};

	unit_int(AUDIT_MAX_FIELD_COMPARE, sizeof(pairs) / sizeof(*pairs));
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const struct audit_rule_data *data;
		char line[64], text[64];
		struct contid_rule *rule;
		size_t size;

		snprintf(line, sizeof(line), "-a exit,always -C %s", pairs[i]);
		snprintf(text, sizeof(text), "-a always,exit -S all -C %s", pairs[i]);
		rule = parsed(line);
		data = contid_rule_data(rule, &size);
		unit_int(i + 1, data->values[0]);
		unit_text(text, contid_rule_text(rule));
		contid_rule_free(rule);
	}
}

static void lengths_that_lie_are_found(void)
{
	struct contid_rule *rule = parsed("-a exit,always -F path=/etc/passwd -k key -F contid=42");
	struct contid_rule *decoded;
	struct audit_rule_data *copy;
	size_t size;
	const void *data = contid_rule_data(rule, &size);

	copy = malloc(size);
#define LIES(CHANGE)                                                                               \
	do {                                                                                       \
		memcpy(copy, data, size);                                                          \
		CHANGE;                                                                            \
		unit_int(-EBADMSG, contid_rule_decode(copy, size, &decoded));                      \
		unit_true(!decoded);                                                               \
	} while (0)

	LIES(copy->field_count = AUDIT_MAX_FIELDS + 1);
	LIES(copy->field_count = UINT32_MAX);
	LIES(copy->field_count = 2); /* bytes that are nobody's */
	LIES(copy->buflen++);
	LIES(copy->buflen--);
	LIES(copy->buflen = UINT32_MAX);
	LIES(copy->values[0] = UINT32_MAX);
	LIES(copy->values[0]++);
	LIES(copy->values[1]--);
	LIES(copy->values[2] = 7);
	LIES(copy->values[2] = 0);
	for (size_t n = 0; n < size; n++) {
		unit_int(-EBADMSG, contid_rule_decode(data, n, &decoded));
		unit_true(!decoded);
	}
	unit_int(0, contid_rule_decode(data, size, &decoded));
	contid_rule_free(decoded);
	free(copy);
	contid_rule_free(rule);
}

static void a_rule_knows_its_ids(void)
{
	struct contid_rule *rule = parsed("-a exit,always -k k -F contid=42 -F contid!=7");
	uint64_t id = 42;

	unit_true(contid_rule_has(rule, NULL));
	unit_true(contid_rule_has(rule, &id));
	id = 7;
	unit_true(contid_rule_has(rule, &id));
	id = 42ULL << 32;
	unit_true(!contid_rule_has(rule, &id));
	contid_rule_free(rule);
	rule = parsed("-a exit,always -k k");
	unit_true(!contid_rule_has(rule, NULL));
	contid_rule_free(rule);
}

static void lines_are_split_into_words(void)
{
	static const struct {
		const char *line;
		int n;
		const char *words[5];
	} lines[] = {
		{ "", 0, { NULL } },
		{ "  \t\n", 0, { NULL } },
		{ "# a comment", 0, { NULL } },
		{ "a b#c # d", 2, { "a", "b#c" } },
		{ " a  b\r\n", 2, { "a", "b" } },
		{ "a\\ b 'c d' \"e f\"", 3, { "a b", "c d", "e f" } },
		{ "a'b'\"c\"d", 1, { "abcd" } },
		{ "'' \"\" x", 3, { "", "", "x" } },
		{ "'a\"b' \"c'd\"", 2, { "a\"b", "c'd" } },
		{ "\\'a \\\"b \\\\c '\\d' \"\\e\"", 5, { "'a", "\"b", "\\c", "\\d", "e" } },
		{ "\\x41\\x0a\\x4 \\xzz", 2, { "A\nx4", "xzz" } },
		{ "\\#a", 1, { "#a" } },
	};
	static const char *const bad[] = { "'a", "a\"", "a\\", "a \\x00", "\"a\\" };
	char **argv;
	int argc;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		printf("# %s\n", lines[i].line);
		unit_int(0, contid_rule_split(lines[i].line, &argc, &argv));
		unit_int(lines[i].n, argc);
		for (int j = 0; j < argc; j++)
			unit_text(lines[i].words[j], argv[j]);
		unit_true(!argv[argc]);
		free(argv);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		unit_int(-EINVAL, contid_rule_split(bad[i], &argc, &argv));
		unit_true(!argc && !argv);
	}
}

/* Where the kernel of the machine has no such field it must be said before a rule is sent. */
static void without_the_feature_the_kernel_is_not_asked(void)
{
	struct contid_rule *rule;
	char *error;
	int probe = contid_rule_probe(), err;

	if (!probe)
		return;
	rule = parsed("-a exit,always -F contid=42");
	err = contid_rule_add(rule, &error);
	unit_int(probe, err);
	unit_true(error);
	printf("# %s\n", error);
	unit_true(strstr(error, "rule '-a always,exit -S all -F contid=42': "));
	free(error);
	contid_rule_free(rule);
}

static const struct unit_test tests[] = {
	TEST(rules_are_as_the_kernel_takes_them),
	TEST(system_calls_follow_the_architecture),
	TEST(operations_of_io_uring_have_names),
	TEST(what_contid_cannot_be_is_refused_before_the_kernel),
	TEST(other_mistakes_are_named),
	TEST(a_rule_has_64_fields_at_most),
	TEST(keys_have_256_bytes_at_most),
	TEST(deletion_is_marked),
	TEST(text_is_parsed_back),
	TEST(every_comparison_is_parsed_back),
	TEST(lengths_that_lie_are_found),
	TEST(a_rule_knows_its_ids),
	TEST(lines_are_split_into_words),
	TEST(without_the_feature_the_kernel_is_not_asked),
};

UNIT(tests)
