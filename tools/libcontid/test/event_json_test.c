// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events as JSON, and in the forms that log stores like
 *
 * Copyright (C) 2026 Overlay Team
 */
#include "events.h"

#define RECORDED "../tests/contid/recorded.log"

static const char event[] = "type=SYSCALL " STAMP CALL " key=\"k\" record=1\n"
			    "type=UNKNOWN[1371] " STAMP "record=1 contid=9,^7\n"
			    "type=OBJ_PID " STAMP "opid=502 ocomm=\"sh\" record=2\n"
			    "type=UNKNOWN[1371] " STAMP "record=2 contid=8\n"
			    "type=UNKNOWN[1372] " STAMP
			    "netns=0x2c utsns=0x2 ipcns=0x1 pidns=0x4 userns=0x3 "
			    "mntns=0x2b cgroupns=0x5 timens=0x6\n";

static char *text;

static int export(const struct contid_event *event, void *data)
{
	free(text);
	text = contid_event_export(event, *(enum contid_export *)data);
	return text ? 0 : -1;
}

static const char *exported(const char *lines, enum contid_export format)
{
	read_with(lines, export, &format);
	return text;
}

static void keys_are_in_the_order_of_the_schema(void)
{
	static const char *const keys[] = { "schema",  "time",	 "host",    "boot",   "serial",
					    "kind",    "contid", "chain",   "chains", "targets",
					    "ns",      "imans",	 "subject", "result", "key",
					    "records", "raw" };
	struct json_object *json;
	size_t n = 0;

	read_text(event);
	json = json_tokener_parse(seen[0]);
	json_object_object_foreach(json, key, value)
	{
		(void)value;
		unit_text(keys[n++], key);
	}
	unit_int(sizeof(keys) / sizeof(*keys), n);
	json_object_put(json);
}

static void raw_lines_are_unchanged(void)
{
	read_text("type=USER " STAMP "pid=1 msg='\\x41 \"q\" \t'\x1dUID=\"root\"\n");
	is("[\"type=USER " STAMP "pid=1 msg='\\\\x41 \\\"q\\\" \\t'\\u001dUID=\\\"root\\\"\"]",
	   "raw");
}

static void bytes_that_are_no_text_are_escaped(void)
{
	static const struct {
		const char *bytes, *json;
	} table[] = {
		{ "\xff", "\\\\xff" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "\xe2\x82", "\\\\xe2\\\\x82" },
		{ "\xc0\xaf", "\\\\xc0\\\\xaf" },
		{ "\xe0\x80\x80", "\\\\xe0\\\\x80\\\\x80" },
		{ "\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80" },
		{ "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7" },
		{ "\xf4\x90\x80\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80" },
		{ "\x7f", "\\u007f" },
		{ "\x01", "\\u0001" },
		{ "\\", "\\\\" },
	};
	char line[200], json[60];

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(line, sizeof(line), "type=CWD " STAMP "cwd=\"a%sb\"\n", table[i].bytes);
		snprintf(json, sizeof(json), "\"cwd\":\"a%sb\"", table[i].json);
		read_text(line);
		unit_true(strstr(seen[0], json) != NULL);
	}
}

static void fields_are_text_and_the_first_of_a_name_counts(void)
{
	read_text("type=CONFIG_CHANGE " STAMP "op=set audit_ns_info=1 old=0 list=, x='a b' y=\"c "
		  "d\" old=2 word z= auid=0 res=1\n");
	is("{\"op\":\"set\",\"audit_ns_info\":\"1\",\"old\":\"0\",\"list\":\",\",\"x\":\"a b\","
	   "\"y\":\"c d\",\"z\":\"\",\"auid\":\"0\",\"res\":\"1\"}",
	   "records.0.fields");
}

static void an_access_vector_has_its_point(void)
{
	read_text("type=AVC " STAMP "avc:  denied  { read write } for  pid=5 comm=\"x\" "
		  "scontext=a:b:c tcontext=d:e:f tclass=file permissive=0\n");
	is("\"denied\"", "records.0.fields.seresult");
	is("\"read write\"", "records.0.fields.seperms");
	is("\"file\"", "records.0.fields.tclass");
	is("5", "subject.pid");
}

static void a_message_is_fields_too(void)
{
	read_text("type=USER " STAMP "pid=1 uid=0 auid=4294967295 ses=4294967295 msg='text=mark it "
		  "exe=\"/usr/sbin/auditctl\" hostname=? res=success'\n");
	is("\"mark it\"", "records.0.fields.text");
	is("\"/usr/sbin/auditctl\"", "records.0.fields.exe");
	is("\"success\"", "records.0.fields.res");
	is("\"/usr/sbin/auditctl\"", "subject.exe");
}

static void only_known_fields_are_interpreted(void)
{
	read_text("type=SYSCALL " STAMP
		  "arch=c000003e syscall=62 success=yes exit=0 a0=1 a1=9 pid=1 uid=0 key=\"k\" "
		  "record=1\n"
		  "type=PROCTITLE " STAMP "proctitle=2D626173\n"
		  "type=UNKNOWN[1371] " STAMP "record=1 contid=1234\n"
		  "type=CWD " STAMP "cwd=2F746D702F61FF20\n");
	is("\"x86_64\"", "records.0.interpreted.arch");
	is("\"kill\"", "records.0.interpreted.syscall");
	is("\"SIGKILL\"", "records.0.interpreted.a1");
	is("\"root\"", "records.0.interpreted.uid");
	is("\"(no such member)\"", "records.0.interpreted.success");
	is("\"(no such member)\"", "records.0.interpreted.record");
	is("\"-bas\"", "records.1.interpreted.proctitle");
	is("{\"type\":1371,\"name\":\"CONTAINER_ID\",\"fields\":{\"record\":\"1\",\"contid\":"
	   "\"1234\"}}",
	   "records.2");
	is("\"/tmp/a\\\\xff \"", "records.3.interpreted.cwd");
}

/* of which libauparse makes text without an end */
static void hex_that_was_cut_is_not_interpreted(void)
{
	read_text("type=PROCTITLE " STAMP "proctitle=2F626\n"
		  "type=CWD " STAMP "cwd=2F746D702\n"
		  "type=SOCKADDR " STAMP "saddr=0200\n"
		  "type=SYSCALL " STAMP "uid=x exit=zero a1=\"q\"\n");
	for (int i = 0; i < 4; i++) {
		char path[40];

		snprintf(path, sizeof(path), "records.%d.interpreted", i);
		is("\"(no such member)\"", path);
	}
}

static void what_auditd_interpreted_comes_first(void)
{
	read_text("type=SYSCALL " STAMP
		  "arch=c000003e syscall=62 success=yes uid=4711 key=(null)\x1d"
		  "ARCH=x86_64 SYSCALL=kill UID=\"somebody\"\n");
	is("\"somebody\"", "records.0.interpreted.uid");
	is("\"4711\"", "records.0.fields.uid");
}

static void without_interpretation_there_is_none(void)
{
	struct contid_reader *reader;

	forget();
	unit_int(0, contid_reader_new(&reader, test_each, NULL));
	contid_reader_interpret(reader, false);
	unit_int(0, contid_reader_feed(reader, event, strlen(event)));
	unit_int(0, contid_reader_flush(reader));
	unit_true(!strstr(seen[0], "interpreted"));
	contid_reader_free(reader);
}

static void ndjson_is_the_object(void)
{
	char *json;

	read_text(event);
	json = strdup(seen[0]);
	unit_text(json, exported(event, CONTID_EXPORT_NDJSON));
	free(json);
}

static void ecs_has_its_names(void)
{
	unit_text(
		"{\"@timestamp\":\"2023-11-14T22:13:20.123Z\",\"ecs\":{\"version\":\"8.11.0\"},"
		"\"host\":{\"name\":\"h\"},\"event\":{\"id\":\"h/-/1700000000.123:45\","
		"\"action\":\"openat\",\"outcome\":\"success\",\"module\":\"contid\",\"original\":"
		"\"node=h type=SYSCALL " STAMP "arch=c000003e syscall=257 success=yes pid=5 "
		"ppid=4 uid=3 auid=2 comm=\\\"c\\\" exe=\\\"/e\\\" record=1\\n"
		"node=h type=UNKNOWN[1371] " STAMP "record=1 contid=18446744073709551614,^7\"},"
		"\"process\":{\"pid\":5,\"name\":\"c\",\"executable\":\"/"
		"e\",\"parent\":{\"pid\":4}},"
		"\"user\":{\"id\":\"3\",\"audit\":{\"id\":\"2\"}},"
		"\"container\":{\"id\":\"18446744073709551614\"},\"contid\":{\"schema\":"
		"\"contid.event/1\",\"kind\":\"syscall\",\"boot\":null,\"serial\":45,\"chain\":"
		"[\"18446744073709551614\",\"7\"],\"chains\":null,\"targets\":[],\"ns\":null,"
		"\"imans\":null,\"key\":null}}",
		exported("node=h type=SYSCALL " STAMP
			 "arch=c000003e syscall=257 success=yes pid=5 ppid=4 uid=3 "
			 "auid=2 comm=\"c\" exe=\"/e\" record=1\n"
			 "node=h type=UNKNOWN[1371] " STAMP
			 "record=1 contid=18446744073709551614,^7\n",
			 CONTID_EXPORT_ECS));
	/* unknown is null, not -1 */
	exported("type=NETFILTER_PKT " STAMP "mark=0 proto=1\n", CONTID_EXPORT_ECS);
	unit_true(strstr(text, "\"outcome\":\"unknown\"") &&
		  strstr(text, "\"user\":{\"id\":null,") && strstr(text, "\"pid\":null") &&
		  strstr(text, "\"container\":{\"id\":null}"));
}

static void every_row_has_the_same_columns(void)
{
	struct json_object *first, *other;
	char *row = strdup(exported(event, CONTID_EXPORT_JSONEACHROW));

	first = json_tokener_parse(row);
	other = json_tokener_parse(
		exported("type=USER " STAMP "pid=1\n", CONTID_EXPORT_JSONEACHROW));
	unit_int(json_object_object_length(first), json_object_object_length(other));
	json_object_object_foreach(first, key, value)
	{
		struct json_object *same;

		unit_true(json_object_object_get_ex(other, key, &same));
		/* flat */
		unit_true(!json_object_is_type(value, json_type_object));
		/* an id is text */
		if (!strcmp(key, "contid"))
			unit_text("9", json_object_get_string(value));
		if (!strcmp(key, "chain"))
			unit_text("[ \"9\", \"7\" ]", json_object_get_string(value));
		if (!strcmp(key, "target_contid"))
			unit_text("[ \"8\" ]", json_object_get_string(value));
		if (!strcmp(key, "ns_mnt"))
			unit_text("0x2b", json_object_get_string(value));
	}
	json_object_put(first);
	json_object_put(other);
	free(row);
}

static void loki_has_two_labels(void)
{
	struct json_object *body = json_tokener_parse(exported(event, CONTID_EXPORT_LOKI));
	struct json_object *streams, *stream, *labels, *values, *value, *line, *id;

	unit_true(json_object_object_get_ex(body, "streams", &streams));
	stream = json_object_array_get_idx(streams, 0);
	unit_true(json_object_object_get_ex(stream, "stream", &labels));
	unit_int(2, json_object_object_length(labels));
	unit_true(json_object_object_get_ex(labels, "host", &id) &&
		  json_object_object_get_ex(labels, "kind", &id));
	unit_true(json_object_object_get_ex(stream, "values", &values));
	value = json_object_array_get_idx(values, 0);
	unit_text("1700000000123000000",
		  json_object_get_string(json_object_array_get_idx(value, 0)));
	line = json_tokener_parse(json_object_get_string(json_object_array_get_idx(value, 1)));
	unit_true(json_object_object_get_ex(line, "contid", &id));
	unit_text("9", json_object_get_string(id));
	json_object_put(line);
	json_object_put(body);
}

static void the_action_is_what_was_done(void)
{
	static const struct {
		const char *lines, *action;
	} table[] = {
		{ "type=UNKNOWN[1370] " STAMP "op=join opid=1 contid=1 old-contid=-1 res=1\n",
		  "join" },
		{ "type=UNKNOWN[1376] " STAMP "opid=1 capcontid=1 old-capcontid=0 res=1\n", "cap" },
		{ "type=SYSCALL " STAMP "arch=c000003e syscall=62 pid=1\n", "kill" },
		{ "type=SYSCALL " STAMP "pid=1\n", NULL },
		{ "type=URINGOP " STAMP "uring_op=18 pid=1\n", "18" },
		{ "type=SYSCALL " STAMP "pid=1\ntype=UNKNOWN[1375] " STAMP "res=1\n", "NS_SET" },
		{ "type=UNKNOWN[1371] " STAMP "record=1 contid=1\ntype=USER_LOGIN " STAMP "pid=1\n",
		  "USER_LOGIN" },
	};
	char want[60];

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(want, sizeof(want), "\"action\":%s%s%s,", table[i].action ? "\"" : "",
			 table[i].action ? table[i].action : "null", table[i].action ? "\"" : "");
		exported(table[i].lines, CONTID_EXPORT_ECS);
		unit_true(strstr(text, want) != NULL);
	}
}

/* every even-length number of ours has a prefix, and no record of ours has file= */
static int ours_survive_converters(const struct contid_event *event, void *data)
{
	for (size_t i = 0; i < event->n; i++) {
		const struct contid_record *record = &event->records[i];

		if (record->type < AUDIT_CONTAINER_OP || record->type > AUDIT_CONTAINER_CAP)
			continue;
		++*(size_t *)data;
		for (size_t j = 0; j < record->n; j++)
			if (!strcmp(record->fields[j].name, "file"))
				return -1;
	}
	return 0;
}

static void no_record_of_ours_has_a_file(void)
{
	static const char *const files[] = { RECORDED, NULL };
	struct contid_reader *reader;
	size_t n = 0;

	unit_int(0, contid_reader_new(&reader, ours_survive_converters, &n));
	unit_int(0, contid_reader_files(reader, files));
	unit_int(126, n);
	contid_reader_free(reader);
}

static void types_have_names_both_ways(void)
{
	static const struct {
		int type;
		const char *name;
	} table[] = {
		{ 1370, "CONTAINER_OP" },
		{ 1371, "CONTAINER_ID" },
		{ 1372, "NS_INFO" },
		{ 1373, "NS_INIT" },
		{ 1374, "NS_DEL" },
		{ 1375, "NS_SET" },
		{ 1376, "CONTAINER_CAP" },
		{ 1300, "SYSCALL" },
		{ 1336, "URINGOP" },
		{ 1805, "INTEGRITY_RULE" },
		{ 1807, "INTEGRITY_POLICY_RULE" },
		{ 1377, "UNKNOWN[1377]" },
	};
	char number[20];

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_text(table[i].name, contid_record_name(table[i].type));
		unit_int(table[i].type, contid_record_type(table[i].name));
		snprintf(number, sizeof(number), "%d", table[i].type);
		unit_int(table[i].type, contid_record_type(number));
		snprintf(number, sizeof(number), "UNKNOWN[%d]", table[i].type);
		unit_int(table[i].type, contid_record_type(number));
	}
	unit_true(contid_record_type("NONSENSE") < 0);
	unit_true(contid_record_type("1371x") < 0);
	unit_true(contid_record_type("UNKNOWN[]") < 0);
	unit_true(contid_record_type("UNKNOWN[1]]") < 0);
	unit_true(contid_record_type("4294967296") < 0);
}

static const struct unit_test tests[] = {
	TEST(keys_are_in_the_order_of_the_schema),
	TEST(raw_lines_are_unchanged),
	TEST(bytes_that_are_no_text_are_escaped),
	TEST(fields_are_text_and_the_first_of_a_name_counts),
	TEST(an_access_vector_has_its_point),
	TEST(a_message_is_fields_too),
	TEST(only_known_fields_are_interpreted),
	TEST(hex_that_was_cut_is_not_interpreted),
	TEST(what_auditd_interpreted_comes_first),
	TEST(without_interpretation_there_is_none),
	TEST(ndjson_is_the_object),
	TEST(ecs_has_its_names),
	TEST(every_row_has_the_same_columns),
	TEST(loki_has_two_labels),
	TEST(the_action_is_what_was_done),
	TEST(no_record_of_ours_has_a_file),
	TEST(types_have_names_both_ways),
};

UNIT(tests)
