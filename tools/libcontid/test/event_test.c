// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the records of one event say together
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <sys/time.h>

#include "events.h"

#define SIGNAL                                                                                     \
	"type=SYSCALL " STAMP CALL " key=\"sig\" record=1\n"                                       \
	"type=UNKNOWN[1371] " STAMP "record=1 contid=7\n"                                          \
	"type=OBJ_PID " STAMP "opid=502 oauid=1000 ouid=0 oses=2 ocomm=\"sh\" record=2\n"          \
	"type=UNKNOWN[1371] " STAMP "record=2 contid=9,^7\n"                                       \
	"type=OBJ_PID " STAMP "opid=77 oauid=-1 ouid=0 oses=-1 ocomm=\"crond\"\n"                  \
	"type=PROCTITLE " STAMP "proctitle=2D626173\n"

static void the_subject_has_the_id_of_its_call(void)
{
	read_text(SIGNAL);
	is("\"contid.event/1\"", "schema");
	is("\"2023-11-14T22:13:20.123Z\"", "time");
	is("null", "boot");
	is("45", "serial");
	is("\"syscall\"", "kind");
	is("\"7\"", "contid");
	is("[\"7\"]", "chain");
	is("null", "chains");
	is("\"yes\"", "result");
	is("\"sig\"", "key");
	is("{\"pid\":500,\"ppid\":1,\"auid\":-1,\"uid\":0,\"gid\":7,\"ses\":-1,\"comm\":\"sh\","
	   "\"exe\":\"/bin/dash\",\"subj\":\"unconfined\",\"tty\":\"pts0\"}",
	   "subject");
}

static void targets_have_ids_of_their_own(void)
{
	read_text(SIGNAL);
	is("[{\"pid\":502,\"contid\":\"9\",\"chain\":[\"9\",\"7\"]},"
	   "{\"pid\":77,\"contid\":null,\"chain\":[]}]",
	   "targets");
}

/* the lines of @text in the order of the bits of @order: a permutation by insertion */
static char *shuffled(const char *text, unsigned int order)
{
	char *lines[16], *out = calloc(1, strlen(text) + 1), *copy = strdup(text), *save = NULL;
	size_t n = 0;

	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		size_t at = order % (n + 1);

		order /= (unsigned int)(n + 1);
		memmove(lines + at + 1, lines + at, (n - at) * sizeof(*lines));
		lines[at] = l;
		n++;
	}
	for (size_t i = 0; i < n; i++)
		strcat(strcat(out, lines[i]), "\n");
	free(copy);
	return out;
}

/* records and raw come as they were read, the rest does not depend on that */
static void the_order_of_records_does_not_matter(void)
{
	char *text = NULL;

	for (unsigned int order = 0; order < 720; order++) {
		text = shuffled(SIGNAL, order);
		read_text(text);
		is("\"7\"", "contid");
		is("\"syscall\"", "kind");
		is("500", "subject.pid");
		if (!strncmp(member("targets.0"), "{\"pid\":502", 10)) {
			is("[\"9\",\"7\"]", "targets.0.chain");
			is("[]", "targets.1.chain");
		} else {
			is("[]", "targets.0.chain");
			is("[\"9\",\"7\"]", "targets.1.chain");
		}
		free(text);
	}
}

static void a_standalone_event_has_the_id_with_number_one(void)
{
	read_text("type=UNKNOWN[1371] " STAMP "record=1 contid=9,^7\n"
		  "type=USER " STAMP "pid=502 uid=0 auid=1000 ses=2 subj=unconfined msg='op=x "
		  "acct=\"a\" res=success'\n");
	is("\"user\"", "kind");
	is("[\"9\",\"7\"]", "chain");
	is("{\"pid\":502,\"ppid\":-1,\"auid\":1000,\"uid\":0,\"gid\":-1,\"ses\":2,\"comm\":null,"
	   "\"exe\":null,\"subj\":\"unconfined\",\"tty\":null}",
	   "subject");
	is("\"yes\"", "result");
}

static void a_task_without_id_has_none_of_its_targets(void)
{
	read_text("type=SYSCALL " STAMP CALL " key=(null)\n"
		  "type=OBJ_PID " STAMP "opid=502 ocomm=\"sh\" record=1\n"
		  "type=UNKNOWN[1371] " STAMP "record=1 contid=9\n");
	is("null", "contid");
	is("[]", "chain");
	is("null", "key");
	is("\"9\"", "targets.0.contid");
}

static void several_records_of_one_number_are_one_list(void)
{
	read_text("type=UNKNOWN[1371] " STAMP "record=1 contid=9,^7,8\n"
		  "type=UNKNOWN[1371] " STAMP "record=1 contid=7\n"
		  "type=NETFILTER_PKT " STAMP
		  "mark=0x1 saddr=1.2.3.4 daddr=1.2.3.5 proto=1 record=1\n");
	is("\"net\"", "kind");
	is("null", "contid");
	is("[]", "chain");
	is("[[\"9\",\"7\"],[\"8\"],[\"7\"]]", "chains");
}

static void a_packet_of_one_container_is_its_own(void)
{
	read_text("type=UNKNOWN[1371] " STAMP "record=1 contid=9,^7\n"
		  "type=NETFILTER_PKT " STAMP "mark=0x1 saddr=? daddr=? proto=1 record=1\n");
	is("\"9\"", "contid");
	is("[[\"9\",\"7\"]]", "chains");
	read_text("type=NETFILTER_PKT " STAMP "mark=0x1 saddr=? daddr=? proto=1\n");
	is("null", "contid");
	is("null", "chains");
	/* of nobody, which is on record */
	read_text("type=UNKNOWN[1371] " STAMP "record=1 contid=-1\n"
		  "type=NETFILTER_PKT " STAMP "mark=0x1 saddr=? daddr=? proto=1 record=1\n");
	is("null", "contid");
	is("[]", "chains");
}

static void ids_are_text_up_to_the_largest(void)
{
	read_text("type=SYSCALL " STAMP CALL " key=(null) record=1\n"
		  "type=UNKNOWN[1371] " STAMP "record=1 contid=18446744073709551614,^0\n");
	is("[\"18446744073709551614\",\"0\"]", "chain");
}

static void a_list_that_is_none_names_nobody(void)
{
	static const char *const lists[] = { "-1", "x", "^7", "7,,8", "18446744073709551616", "" };
	char text[1024];

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		snprintf(text, sizeof(text),
			 "type=SYSCALL " STAMP CALL " key=(null) record=1\n"
			 "type=UNKNOWN[1371] " STAMP "record=1 contid=%s\n",
			 lists[i]);
		read_text(text);
		is("null", "contid");
		is("[]", "chain");
	}
}

static void a_message_cannot_speak_for_others(void)
{
	read_text("type=UNKNOWN[1371] " STAMP "record=1 contid=9\n"
		  "type=USER " STAMP "pid=502 uid=33 auid=1000 ses=2 "
		  "msg='text=x pid=1 uid=0 gid=0 ppid=1 subj=root contid=1 record=7 ima_ns=0x7 "
		  "netns=0x7 res=failed'\n");
	is("\"9\"", "contid");
	is("502", "subject.pid");
	is("33", "subject.uid");
	is("-1", "subject.gid");
	is("-1", "subject.ppid");
	is("null", "subject.subj");
	is("null", "ns");
	is("null", "imans");
	is("\"no\"", "result");
}

static void uring_has_its_number_where_the_call_has_none(void)
{
	read_text("type=URINGOP " STAMP
		  "uring_op=18 success=yes exit=4 items=1 ppid=1 pid=501 uid=5 "
		  "gid=6 key=\"ring\" record=1\n"
		  "type=UNKNOWN[1371] " STAMP "record=1 contid=7\n");
	is("\"uring\"", "kind");
	is("\"7\"", "contid");
	is("\"ring\"", "key");
	is("{\"pid\":501,\"ppid\":1,\"auid\":-1,\"uid\":5,\"gid\":6,\"ses\":-1,\"comm\":null,"
	   "\"exe\":null,\"subj\":null,\"tty\":null}",
	   "subject");
	/* labelled in between: the call is later */
	read_text("type=URINGOP " STAMP "uring_op=18 success=no pid=501 key=(null) record=1\n"
		  "type=UNKNOWN[1371] " STAMP "record=1 contid=7\n"
		  "type=SYSCALL " STAMP CALL " key=(null) record=2\n"
		  "type=UNKNOWN[1371] " STAMP "record=2 contid=8,^7\n");
	is("\"uring\"", "kind");
	is("[\"8\",\"7\"]", "chain");
	is("500", "subject.pid");
	is("\"yes\"", "result");
}

static void a_label_is_of_the_container_kind(void)
{
	read_text("type=UNKNOWN[1370] " STAMP
		  "op=set opid=501 contid=18446744073709551615 old-contid=7 res=0\n"
		  "type=SYSCALL " STAMP "arch=c000003e syscall=1 success=no exit=-22 " SUBJECT
		  " key=(null)\n");
	is("\"container\"", "kind");
	is("\"no\"", "result");
	is("null", "contid");
	/* an exit returns nothing, so the record has the last word */
	read_text("type=UNKNOWN[1370] " STAMP "op=drop opid=502 contid=-1 old-contid=9,^7 res=1\n"
		  "type=SYSCALL " STAMP "arch=c000003e syscall=231 a0=0 " SUBJECT
		  " key=(null) record=1\n"
		  "type=UNKNOWN[1371] " STAMP "record=1 contid=9,^7\n");
	is("\"yes\"", "result");
	is("\"9\"", "contid");
	read_text("type=UNKNOWN[1376] " STAMP "opid=178 capcontid=1 old-capcontid=0 " SUBJECT
		  " res=1\n");
	is("\"container\"", "kind");
	is("500", "subject.pid");
}

static void namespaces_are_those_of_ns_info(void)
{
	read_text("type=SYSCALL " STAMP CALL " key=(null)\n"
		  "type=UNKNOWN[1372] " STAMP "netns=0x2c utsns=0x2 ipcns=0x1 pidns=0x4 "
		  "userns=0xffffffffffffffff mntns=0x2b cgroupns=0x5 timens=0x6\n"
		  "type=UNKNOWN[1373] " STAMP
		  "namespace_type=0x20000 namespace_id=0x2b old-namespace_id=0x8 res=1\n");
	is("\"namespace\"", "kind");
	is("{\"net\":\"0x2c\",\"uts\":\"0x2\",\"ipc\":\"0x1\",\"pid\":\"0x4\","
	   "\"user\":\"0xffffffffffffffff\",\"mnt\":\"0x2b\",\"cgroup\":\"0x5\",\"time\":\"0x6\"}",
	   "ns");
	read_text("type=UNKNOWN[1374] " STAMP "namespace_type=0x20000 namespace_id=0x2b res=1\n");
	is("\"namespace\"", "kind");
	is("null", "ns");
}

static void the_innermost_policy_is_that_of_the_last_rule(void)
{
#define RULE "type=INTEGRITY_RULE " STAMP "file=\"/x\" hash=\"sha256:ab\" " SUBJECT
	read_text(RULE "\n" RULE " ima_ns=0x4b\n"
		       "type=SYSCALL " STAMP CALL " key=(null)\n");
	is("\"integrity\"", "kind");
	is("\"0x4b\"", "imans");
	read_text(RULE "\n");
	is("\"0x3\"", "imans");
	read_text(RULE " ima_ns=0x4b\n" RULE " ima_ns=0x4c record=1\n"
		       "type=UNKNOWN[1371] " STAMP "record=1 contid=7\n");
	is("\"0x4c\"", "imans");
	is("\"7\"", "contid");
	/* a load within the event does not decide about the file */
	read_text(RULE " ima_ns=0x4b\n"
		       "type=INTEGRITY_POLICY_RULE " STAMP "action=audit uid=0 res=1\n");
	is("\"0x4b\"", "imans");
	read_text("type=INTEGRITY_POLICY_RULE " STAMP
		  "action=audit func=BPRM_CHECK uid>7 res=1 ima_ns=0x4d\n");
	is("\"0x4d\"", "imans");
	is("\"7\"", "records.0.fields.uid>");
	is("\"BPRM_CHECK\"", "records.0.fields.func");
	is("-1", "subject.uid");
	read_text("type=INTEGRITY_STATUS " STAMP "pid=901 uid=0 auid=1000 ses=3 op=policy_update "
		  "cause=not completed comm=\"sh\" res=1 errno=0 dropped=0x12 ima_ns=0x4e\n");
	is("\"0x4e\"", "imans");
	is("\"0x12\"", "records.0.fields.dropped");
	is("\"not completed\"", "records.0.fields.cause");
	read_text(RULE " ima_ns=nonsense\n");
	is("null", "imans");
	read_text("type=SYSCALL " STAMP CALL " key=(null)\n");
	is("null", "imans");
}

static void each_kind_has_its_name(void)
{
	static const struct {
		const char *type, *kind;
	} table[] = {
		{ "SYSCALL", "syscall" },	   { "URINGOP", "uring" },
		{ "USER_LOGIN", "user" },	   { "VIRT_CONTROL", "user" },
		{ "NETFILTER_PKT", "net" },	   { "CONTAINER_OP", "container" },
		{ "CONTAINER_CAP", "container" },  { "NS_INIT", "namespace" },
		{ "NS_SET", "namespace" },	   { "NS_DEL", "namespace" },
		{ "INTEGRITY_RULE", "integrity" }, { "1805", "integrity" },
		{ "DAEMON_START", "daemon" },	   { "SECCOMP", "other" },
		{ "UNKNOWN[1999]", "other" },	   { "CONFIG_CHANGE", "other" },
	};
	char text[200], kind[40];

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(text, sizeof(text), "type=%s " STAMP "a=b\n", table[i].type);
		snprintf(kind, sizeof(kind), "\"%s\"", table[i].kind);
		read_text(text);
		is(kind, "kind");
	}
}

static void names_in_hex_are_decoded(void)
{
	read_text("type=SYSCALL " STAMP
		  "success=yes pid=1 comm=612062 exe=2F746D702F61FF20 tty=(none) key=61016263\n");
	is("\"a b\"", "subject.comm");
	is("\"/tmp/a\\\\xff \"", "subject.exe");
	is("null", "subject.tty");
	is("\"a\\u0001bc\"", "key");
	is("\"612062\"", "records.0.fields.comm");
	/* in quotes it is a name of hex digits */
	read_text("type=SYSCALL " STAMP "success=yes pid=1 comm=\"616263\" key=(null)\n");
	is("\"616263\"", "subject.comm");
	/* what was cut, or is no hex, stays as it is */
	read_text("type=SYSCALL " STAMP "success=yes pid=1 comm=6162636 exe=/bin/shh key=6g\n");
	is("\"6162636\"", "subject.comm");
	is("\"/bin/shh\"", "subject.exe");
	is("\"6g\"", "key");
}

static int look(const struct contid_event *event, void *data)
{
	(void)data;
	n_seen++;
	unit_text("502", contid_event_field(event, 1318, "opid"));
	unit_text("7", contid_event_field(event, AUDIT_CONTAINER_ID, "contid"));
	unit_true(!contid_event_field(event, 1318, "contid"));
	unit_true(!contid_event_field(event, 1, "contid"));
	unit_true(contid_event_has(event, 7));
	unit_true(contid_event_has(event, 9));
	unit_true(!contid_event_has(event, 8));
	unit_true(!contid_event_has(event, 79));
	return 0;
}

static void the_field_of_a_record_is_found(void)
{
	read_with(SIGNAL, look, NULL);
	unit_int(1, n_seen);
	n_seen = 0;
}

static int has_seven(const struct contid_event *event, void *data)
{
	*(int *)data += contid_event_has(event, 7);
	return 0;
}

static void members_of_all_chains_are_found(void)
{
	static const char *const with[] = {
		"type=UNKNOWN[1371] " STAMP "record=1 contid=9,^8,^7\ntype=USER " STAMP "pid=1\n",
		"type=UNKNOWN[1371] " STAMP "record=1 contid=9,6,^7\ntype=NETFILTER_PKT " STAMP
		"mark=0 record=1\n",
		"type=UNKNOWN[1370] " STAMP "op=set opid=5 contid=7 old-contid=-1 res=1\n",
		"type=UNKNOWN[1370] " STAMP "op=drop opid=5 contid=-1 old-contid=9,^7 res=1\n",
	};
	int found = 0;

	for (size_t i = 0; i < sizeof(with) / sizeof(*with); i++) {
		read_with(with[i], has_seven, &found);
		unit_int(i + 1, found);
	}
}

enum { MANY = 30000 };

struct many {
	size_t events, targets, with_own, chains, in_order;
};

/* what read_many() wrote: the ids are the number of the turn */
static int count_many(const struct contid_event *event, void *data)
{
	struct many *many = data;

	many->events++;
	many->targets += event->n_targets;
	for (size_t i = 0; i < event->n_targets; i++) {
		const struct contid_target *target = &event->targets[i];

		many->with_own += target->chain.n == 2 && target->chain.id[1] == 7 &&
				  target->chain.id[0] == (uint64_t)target->pid;
	}
	many->chains += event->n_chains;
	for (size_t i = 0; i < event->n_chains; i++)
		many->in_order += event->chains[i].id[0] == i + 1;
	return 0;
}

/* @first, then @line @n times with the number of the turn in the place of each %1$d. */
static struct many read_many(const char *first, const char *line, int n)
{
	/* of the processor, so that a busy machine fails nothing; a fraction of a second is used */
	static const struct itimerval limit = { .it_value.tv_sec = 3 }, none = { 0 };
	struct contid_reader *reader;
	struct many many = { 0 };
	char text[512];

	unit_int(0, contid_reader_new(&reader, count_many, &many));
	contid_reader_interpret(reader, false);
	setitimer(ITIMER_PROF, &limit, NULL);
	unit_int(0, contid_reader_feed(reader, first, strlen(first)));
	for (int i = 1; i <= n; i++) {
		int size = snprintf(text, sizeof(text), line, i);

		unit_int(0, contid_reader_feed(reader, text, (size_t)size));
	}
	unit_int(0, contid_reader_flush(reader));
	setitimer(ITIMER_PROF, &none, NULL);
	contid_reader_free(reader);
	unit_int(1, many.events);
	return many;
}

/* a signal to all processes of a full container */
static void many_targets_are_read_in_one_pass(void)
{
	struct many many = read_many("type=SYSCALL " STAMP CALL " key=(null)\n",
				     "type=OBJ_PID " STAMP "opid=%1$d ocomm=\"sh\" record=%1$d\n"
				     "type=UNKNOWN[1371] " STAMP "record=%1$d contid=%1$d,^7\n",
				     MANY);

	unit_int(MANY, many.targets);
	unit_int(MANY, many.with_own);
	/* of one number, with nothing to be found */
	many = read_many("type=SYSCALL " STAMP CALL " key=(null)\n",
			 "type=OBJ_PID " STAMP "opid=%1$d ocomm=\"sh\" record=1\n"
			 "type=UNKNOWN[1371] " STAMP "record=1 contid=-1\n",
			 MANY);
	unit_int(MANY, many.targets);
	unit_int(0, many.with_own);
}

static void many_lists_of_one_number_are_in_order(void)
{
	struct many many = read_many("type=NETFILTER_PKT " STAMP "saddr=? daddr=? record=1\n",
				     "type=UNKNOWN[1371] " STAMP "record=1 contid=%1$d,^7\n", MANY);

	unit_int(MANY, many.chains);
	unit_int(MANY, many.in_order);
}

static const struct unit_test tests[] = {
	TEST(the_subject_has_the_id_of_its_call),
	TEST(targets_have_ids_of_their_own),
	TEST(the_order_of_records_does_not_matter),
	TEST(a_standalone_event_has_the_id_with_number_one),
	TEST(a_task_without_id_has_none_of_its_targets),
	TEST(several_records_of_one_number_are_one_list),
	TEST(a_packet_of_one_container_is_its_own),
	TEST(ids_are_text_up_to_the_largest),
	TEST(a_list_that_is_none_names_nobody),
	TEST(a_message_cannot_speak_for_others),
	TEST(uring_has_its_number_where_the_call_has_none),
	TEST(a_label_is_of_the_container_kind),
	TEST(namespaces_are_those_of_ns_info),
	TEST(the_innermost_policy_is_that_of_the_last_rule),
	TEST(each_kind_has_its_name),
	TEST(names_in_hex_are_decoded),
	TEST(the_field_of_a_record_is_found),
	TEST(members_of_all_chains_are_found),
	TEST(many_targets_are_read_in_one_pass),
	TEST(many_lists_of_one_number_are_in_order),
};

UNIT(tests)
