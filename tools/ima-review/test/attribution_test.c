// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who did it: containers, records, matches, and the tree of containers
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <libaudit.h>
#include <sys/time.h>

#include "../../libcontid/test/unit.h"
#include "../ima-review.h"
#include "../report.h"

static struct ir_attribution a;

static void clear(void)
{
	ir_attribution_free(&a);
}

static void containers_are_lines(void)
{
	const struct ir_container *c;
	char *line;

	clear();
	unit_true(ir_container_parse(&a, "{\"contid\":\"1720000000000000001\",\"parent\":\"5\","
					 "\"container\":\"web\",\"imans\":\"0x4b\",\"userns\":"
					 "\"0x4b\",\"command\":\"sh\",\"pids\":3}\n"));
	c = ir_container_find(&a, UINT64_C(1720000000000000001));
	unit_true(c);
	unit_text("web", c->name);
	unit_text("sh", c->command);
	unit_int(5, c->parent);
	unit_int(0x4b, c->imans);
	unit_int(3, c->pids);
	ir_attribution_owners(&a);
	unit_true(c == ir_container_of(&a, 0x4b));
	line = ir_container_line(c);
	clear();
	unit_true(ir_container_parse(&a, line));
	unit_text("web", a.containers[0].name);
	free(line);
}

static void whatever_else_is_no_container(void)
{
	static const char *const lines[] = {
		"",
		"x",
		"[]",
		"{}",
		"{\"contid\":7}",
		"{\"contid\":\"x\"}",
		"{\"contid\":\"unset\"}",
		"{\"contid\":\"7\",\"imans\":75}",
		"{\"contid\":\"7\",\"container\":[]}",
		"{\"contid\":\"99999999999999999999\"}",
		"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		clear();
		unit_true(!ir_container_parse(&a, lines[i]));
	}
}

static void a_namespace_of_two_containers_is_nobodys(void)
{
	clear();
	ir_container_get(&a, 7)->imans = 0x4b;
	ir_attribution_owners(&a);
	unit_int(7, ir_container_of(&a, 0x4b)->contid);
	unit_true(!ir_container_of(&a, 0x4c));
	unit_true(!ir_container_of(&a, 0));
	ir_container_get(&a, 8)->userns = 0x4b;
	ir_attribution_owners(&a);
	unit_true(!ir_container_of(&a, 0x4b));
	ir_container_get(&a, 9)->userns = IR_IMANS_HOST;
	ir_attribution_owners(&a);
	unit_true(!ir_container_of(&a, IR_IMANS_HOST));
	/* both of one container are one owner */
	ir_container_get(&a, 10)->userns = ir_container_get(&a, 10)->imans = 0x50;
	ir_attribution_owners(&a);
	unit_int(10, ir_container_of(&a, 0x50)->contid);
}

/* Ends the test program after so much time of a processor; 0: never. */
static void limit(time_t seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds };

	setitimer(ITIMER_PROF, &timer, NULL);
}

/* As many containers as namespaces; container by container this takes minutes. */
static void owners_are_found_at_once(void)
{
	enum { N = 300000 };

	clear();
	for (uint64_t i = 1; i <= N; i++) {
		ir_container_get(&a, i)->imans = 2 * i + 4;
		ir_container_get(&a, i)->userns = 2 * i + 5;
	}
	ir_attribution_owners(&a);
	limit(5);
	for (uint64_t i = 1; i <= N; i++) {
		unit_int(i, ir_container_of(&a, 2 * i + 4)->contid);
		unit_int(i, ir_container_of(&a, 2 * i + 5)->contid);
	}
	limit(0);
	unit_true(!ir_container_of(&a, 2 * N + 6));
}

static bool rule(const char *file, const char *raw, char **path, size_t *size)
{
	struct contid_field fields[] = { { "file", file, NULL }, { "hash", "sha1:00", NULL } };
	struct contid_record record = { .n = 2, .fields = fields, .raw = raw };
	char *digest;
	bool good = ir_rule_record(&record, path, size, &digest);

	if (good)
		unit_text("sha1:00", digest);
	free(digest);
	return good;
}

static void paths_are_as_the_list_has_them(void)
{
	struct contid_record none = { 0 };
	char *path, *digest;
	size_t size;

	unit_true(rule("/bin/a", "x: file=\"/bin/a\" hash=\"sha1:00\"", &path, &size));
	unit_text("/bin/a", path);
	/* hex digits in quotes are a name */
	unit_true(rule("AB", "x: file=\"AB\" hash=\"sha1:00\"", &path, &size));
	unit_text("AB", path);
	unit_true(rule("2F612062", "x: file=2F612062 hash=\"sha1:00\"", &path, &size));
	unit_text("/a_b", path);
	unit_int(4, size);
	/* neither: taken as it is */
	unit_true(rule("/x", "x: file=/x hash=\"sha1:00\"", &path, &size));
	unit_text("/x", path);
	/* a NUL within hex does not end it */
	unit_true(rule("2F0061", "x: file=2F0061 hash=\"sha1:00\"", &path, &size));
	unit_int(3, size);
	unit_true(!ir_rule_record(&none, &path, &size, &digest));
}

static void tables_hold_what_they_are_given(void)
{
	clear();
	for (uint64_t i = 0; i < 10000; i++)
		ir_node_get(&a, i % 1000, i / 1000 + 1)->count[IR_HOW_RECORD]++;
	unit_int(10000, a.n_nodes);
	for (uint64_t i = 0; i < 10000; i++)
		unit_int(1, ir_node_get(&a, i % 1000, i / 1000 + 1)->count[IR_HOW_RECORD]);
	unit_int(10000, a.n_nodes);
	for (uint64_t i = 0; i < 10000; i++)
		ir_container_get(&a, i)->pids = (int64_t)i;
	for (uint64_t i = 0; i < 10000; i++)
		unit_int(i, ir_container_find(&a, i)->pids);
	unit_true(!ir_container_find(&a, 10000));
}

/* An entry and a record of it, and the record again. */
static void matches_are_found_once(void)
{
	static const uint8_t digest[20] = { 0xab };
	struct ir_entry entry = { .number = 5,
				  .hash = "sha1",
				  .file_digest = digest,
				  .file_digest_size = 20,
				  .path = (const uint8_t *)"/bin/a",
				  .path_size = 6 };
	struct contid_field fields[] = {
		{ "file", "/bin/a", NULL },
		{ "hash", "sha1:ab00000000000000000000000000000000000000", NULL },
		{ "ima_ns", "0x4b", NULL },
	};
	struct contid_record record = {
		.type = AUDIT_INTEGRITY_RULE, .n = 3, .fields = fields, .raw = "x: file=\"/bin/a\""
	};
	struct contid_event event = { .n = 1, .records = &record };
	const struct ir_match *match;
	size_t n;

	clear();
	ir_attribution_entry(&a, &entry);
	/* nobody's */
	ir_attribution_event(&a, &event);
	unit_int(0, a.n_matches);
	event.chain = (struct contid_chain){ .n = 2, .id = { 9, 7 } };
	for (int i = 0; i < 3000; i++)
		ir_attribution_event(&a, &event);
	/* by the host's policy */
	record.n = 2;
	ir_attribution_event(&a, &event);
	/* another content */
	fields[1].value = "sha1:ac00000000000000000000000000000000000000";
	ir_attribution_event(&a, &event);
	ir_attribution_done(&a);
	match = ir_attribution_matches(&a, 5, &n);
	unit_int(2, n);
	unit_int(9, a.nodes[match[0].node].contid);
	unit_int(0x4b, a.nodes[match[0].node].imans);
	unit_int(IR_IMANS_HOST, a.nodes[match[1].node].imans);
	ir_attribution_matches(&a, 4, &n);
	unit_int(0, n);
	unit_int(7, ir_container_find(&a, 9)->parent);
	/* a violation has no content to be the same as */
	entry.violation = true;
	entry.number = 6;
	n = a.used;
	ir_attribution_entry(&a, &entry);
	unit_int(n, a.used);
}

/* The first of several containers would be a guess; they are known all the same. */
static void a_packet_to_several_containers_is_nobodys(void)
{
	struct contid_chain chains[] = { { .n = 2, .id = { 9, 7 } }, { .n = 1, .id = { 8 } } };
	struct contid_record record = { .type = AUDIT_NETFILTER_PKT };
	struct contid_event event = { .n = 1, .records = &record, .n_chains = 2, .chains = chains };
	uint64_t contid, imans;
	enum ir_how how;

	clear();
	ir_attribution_record(&a, &event, &record, &contid, &imans, &how);
	unit_true(contid == CONTID_UNSET);
	unit_int(IR_HOW_NONE, how);
	ir_attribution_event(&a, &event);
	unit_int(7, ir_container_find(&a, 9)->parent);
	unit_true(ir_container_find(&a, 8));
	/* to one it is that one's */
	event.chain = chains[0];
	event.n_chains = 1;
	ir_attribution_record(&a, &event, &record, &contid, &imans, &how);
	unit_int(9, contid);
	unit_int(IR_HOW_RECORD, how);
}

/* Repeating what is the same takes no room: 3000 runs of two files in turn. */
static void repetition_takes_no_memory(void)
{
	static uint8_t digests[64][20];
	char hashes[64][48], paths[64][16];

	clear();
	for (uint64_t i = 0; i < 64; i++) {
		struct ir_entry entry = { .number = i + 1, .hash = "sha1" };

		digests[i][0] = (uint8_t)i;
		snprintf(paths[i], sizeof(paths[i]), "/bin/%d", (int)i);
		snprintf(hashes[i], sizeof(hashes[i]), "sha1:%02x%038d", (int)i, 0);
		entry.file_digest = digests[i];
		entry.file_digest_size = 20;
		entry.path = (uint8_t *)paths[i];
		entry.path_size = strlen(paths[i]);
		ir_attribution_entry(&a, &entry);
	}
	for (int i = 0; i < 64 * 1000; i++) {
		struct contid_field fields[] = { { "file", paths[i % 64], NULL },
						 { "hash", hashes[i % 64], NULL } };
		struct contid_record record = {
			.type = AUDIT_INTEGRITY_RULE, .n = 2, .fields = fields, .raw = " file=\""
		};
		struct contid_event event = { .n = 1,
					      .records = &record,
					      .chain = { .n = 1, .id = { 7 } } };

		ir_attribution_event(&a, &event);
	}
	ir_attribution_done(&a);
	unit_int(64, a.n_matches);
	unit_int(1024, a.room_matches);
}

static void the_tree_has_each_container_once(void)
{
	struct ir_review r = { 0 };
	struct ir_tree_row *rows;
	size_t n;

	ir_container_get(&r.who, 1);
	ir_container_get(&r.who, 3)->parent = 2;
	ir_container_get(&r.who, 2)->parent = 1;
	ir_container_get(&r.who, 4)->parent = 99; /* nobody has seen it */
	ir_container_get(&r.who, 6)->parent = 5;  /* each other's parents */
	ir_container_get(&r.who, 5)->parent = 6;
	ir_container_get(&r.who, 8)->parent = 8;
	rows = ir_tree(&r, &n);
	unit_int(7, n);
	unit_int(1, rows[0].container->contid);
	unit_int(2, rows[1].container->contid);
	unit_int(1, rows[1].depth);
	unit_int(3, rows[2].container->contid);
	unit_int(2, rows[2].depth);
	unit_int(4, rows[3].container->contid);
	unit_int(0, rows[3].depth);
	free(rows);
	ir_attribution_free(&r.who);
}

static const struct unit_test tests[] = {
	TEST(containers_are_lines),
	TEST(whatever_else_is_no_container),
	TEST(a_namespace_of_two_containers_is_nobodys),
	TEST(owners_are_found_at_once),
	TEST(paths_are_as_the_list_has_them),
	TEST(tables_hold_what_they_are_given),
	TEST(matches_are_found_once),
	TEST(a_packet_to_several_containers_is_nobodys),
	TEST(repetition_takes_no_memory),
	TEST(the_tree_has_each_container_once),
};

UNIT(tests)
