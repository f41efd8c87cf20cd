// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - KUnit tests
 *
 * Copyright (C) 2026 Overlay Team
 */

#include <kunit/test.h>
#include <linux/audit.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "audit_contid.h"

/* Ids nobody in the running system uses. */
#define AUDIT_CONTID_TEST_BASE	0x7465737400000000ULL
#define AUDIT_CONTID_TEST_MANY	100000

/*
 * Text of a write
 */

/* 70 bytes of text */
#define Z70 "0000000000000000000000000000000000000000000000000000000000000000000000"
#define D70 "0123456789012345678901234567890123456789012345678901234567890123456789"

struct audit_contid_parse_case {
	const char *name;
	const char *text;
	size_t count;		/* 0: all of text */
	int err;
	u64 id;
	bool join;
};

static const struct audit_contid_parse_case audit_contid_parse_cases[] = {
	{ "zero", "0", 0, 0, 0 },
	{ "one", "1", 0, 0, 1 },
	{ "newline", "7\n", 0, 0, 7 },
	{ "plus", "+7", 0, 0, 7 },
	{ "plus and newline", "+7\n", 0, 0, 7 },
	{ "leading zeros", "007", 0, 0, 7 },
	{ "largest signed", "9223372036854775807", 0, 0, S64_MAX },
	{ "last but one", "18446744073709551614", 0, 0, U64_MAX - 1 },
	{ "unset", "18446744073709551615", 0, 0, U64_MAX },
	{ "one too many", "18446744073709551616", 0, -ERANGE },
	{ "21 digits", "100000000000000000000", 0, -ERANGE },
	{ "empty", "", 0, -EINVAL },
	{ "newline only", "\n", 0, -EINVAL },
	{ "two newlines", "7\n\n", 0, -EINVAL },
	{ "minus", "-1", 0, -EINVAL },
	{ "plus minus", "+-1", 0, -EINVAL },
	{ "two pluses", "++1", 0, -EINVAL },
	{ "plus only", "+", 0, -EINVAL },
	{ "blank before", " 7", 0, -EINVAL },
	{ "blank behind", "7 ", 0, -EINVAL },
	{ "hex", "0x7", 0, -EINVAL },
	{ "hex digit", "7a", 0, -EINVAL },
	{ "word", "unset", 0, -EINVAL },
	{ "NUL ends the text", "7\0x", 3, 0, 7 },
	{ "NUL in front", "\0007", 2, -EINVAL },
	{ "NUL far before the end", "7", 1000, 0, 7 },
	{ "join", "join:7", 0, 0, 7, true },
	{ "join newline", "join:7\n", 0, 0, 7, true },
	{ "join plus", "join:+7", 0, 0, 7, true },
	{ "join unset", "join:18446744073709551615", 0, 0, U64_MAX, true },
	{ "join too large", "join:18446744073709551616", 0, -ERANGE },
	{ "join nothing", "join:", 0, -EINVAL },
	{ "join minus", "join:-1", 0, -EINVAL },
	{ "join blank", "join: 7", 0, -EINVAL },
	{ "join twice", "join:join:7", 0, -EINVAL },
	{ "blank join", " join:7", 0, -EINVAL },
	{ "plus join", "+join:7", 0, -EINVAL },
	{ "JOIN", "JOIN:7", 0, -EINVAL },
	{ "joi", "joi:7", 0, -EINVAL },
	{ "join without colon", "join7", 0, -EINVAL },
	{ "72 bytes", Z70 "07", 0, 0, 7 },
	{ "73 bytes, valid up to 72", Z70 "07", 73, -EINVAL },
	{ "72 bytes of digits", Z70 "07", 72, 0, 7 },
	{ "long, malformed in 72", Z70 "x7", 1000, -EINVAL },
	{ "long, out of range in 72", D70 "01", 1000,
	  -ERANGE },
};

static void audit_contid_parse_desc(const struct audit_contid_parse_case *c,
				    char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(audit_contid_parse, audit_contid_parse_cases,
		  audit_contid_parse_desc);

static void parse_follows_the_text_rules(struct kunit *test)
{
	const struct audit_contid_parse_case *c = test->param_value;
	struct audit_contid_request req = { };
	int err = audit_contid_parse(c->text, c->count ?: strlen(c->text), &req);

	KUNIT_ASSERT_EQ(test, err, c->err);
	if (err)
		return;
	KUNIT_EXPECT_EQ(test, req.id, c->id);
	KUNIT_EXPECT_EQ(test, req.join, c->join);
}

struct audit_contid_cap_case {
	const char *name;
	const char *text;
	size_t count;
	int err;
	u32 value;
};

static const struct audit_contid_cap_case audit_contid_cap_cases[] = {
	{ "0", "0", 0, 0, 0 },
	{ "1", "1", 0, 0, 1 },
	{ "1 newline", "1\n", 0, 0, 1 },
	{ "plus 1", "+1", 0, 0, 1 },
	{ "2", "2", 0, 0, 2 },
	{ "largest", "4294967295", 0, 0, U32_MAX },
	{ "too large", "4294967296", 0, -ERANGE },
	{ "far too large", "18446744073709551616", 0, -ERANGE },
	{ "minus", "-1", 0, -EINVAL },
	{ "empty", "", 0, -EINVAL },
	{ "hex", "0x1", 0, -EINVAL },
	{ "blank", "1 ", 0, -EINVAL },
	{ "join", "join:1", 0, -EINVAL },
	{ "72 bytes", Z70 "01", 72, 0, 1 },
	{ "73 bytes", Z70 "01", 73, -EINVAL },
	{ "long, out of range", D70 "01", 80, -ERANGE },
};

static void audit_contid_cap_desc(const struct audit_contid_cap_case *c,
				  char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(audit_contid_cap, audit_contid_cap_cases,
		  audit_contid_cap_desc);

static void parse_cap_follows_the_text_rules(struct kunit *test)
{
	const struct audit_contid_cap_case *c = test->param_value;
	u32 value = 0;
	int err = audit_contid_parse_cap(c->text, c->count ?: strlen(c->text),
					 &value);

	KUNIT_ASSERT_EQ(test, err, c->err);
	if (!err)
		KUNIT_EXPECT_EQ(test, value, c->value);
}

/*
 * Chains
 */

static void audit_contid_test_put(void *object)
{
	audit_contid_put(object);
}

/* A chain of @depth ids, the outermost @id, each further one larger by @step. */
static struct audit_contid *chain(struct kunit *test, int depth, u64 id,
				  u64 step)
{
	struct audit_contid *object = NULL, *inner;

	for (; depth; depth--, id += step) {
		inner = audit_contid_alloc(id, object, GFP_KERNEL);
		if (!inner) {
			audit_contid_put(object);
			break;
		}
		object = inner;
	}
	KUNIT_ASSERT_EQ(test, depth, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test,
							audit_contid_test_put,
							object), 0);
	return object;
}

static void chain_of_one_is_the_id(struct kunit *test)
{
	char buf[AUDIT_CONTID_CHAIN + 1];

	KUNIT_EXPECT_EQ(test, audit_contid_print(chain(test, 1, 0, 0), buf,
						 sizeof(buf)), 1);
	KUNIT_EXPECT_STREQ(test, buf, "0");
	audit_contid_print(chain(test, 1, U64_MAX - 1, 0), buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "18446744073709551614");
}

static void chain_is_innermost_first(struct kunit *test)
{
	char buf[AUDIT_CONTID_CHAIN + 1];

	audit_contid_print(chain(test, 2, 7, 2), buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "9,^7");
	audit_contid_print(chain(test, 3, 1, 1), buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "3,^2,^1");
}

static void chain_of_32_fits(struct kunit *test)
{
	struct audit_contid *object = chain(test, AUDIT_CONTID_DEPTH,
					    U64_MAX - 1, -1);
	char *buf = kunit_kzalloc(test, AUDIT_CONTID_CHAIN + 1, GFP_KERNEL);
	char *p = buf;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, AUDIT_CONTID_CHAIN, 702);
	KUNIT_EXPECT_EQ(test, audit_contid_print(object, buf,
						 AUDIT_CONTID_CHAIN + 1), 702);
	KUNIT_EXPECT_EQ(test, strlen(buf), 702);
	for (i = AUDIT_CONTID_DEPTH - 1; i >= 0; i--) {
		char id[24];
		int len = scnprintf(id, sizeof(id), "%s%llu",
				    p == buf ? "" : ",^", U64_MAX - 1 - i);

		KUNIT_ASSERT_EQ(test, strncmp(p, id, len), 0);
		p += len;
	}
}

static void print_tells_the_length_it_had_no_room_for(struct kunit *test)
{
	struct audit_contid *object = chain(test, 3, 100, 100);
	char buf[8];

	KUNIT_EXPECT_EQ(test, audit_contid_print(object, NULL, 0), 13);
	memset(buf, 'x', sizeof(buf));
	KUNIT_EXPECT_EQ(test, audit_contid_print(object, buf, 6), 13);
	KUNIT_EXPECT_STREQ(test, buf, "300,^");
	KUNIT_EXPECT_EQ(test, buf[6], 'x');
}

/*
 * Lists
 */

static void audit_contid_test_free(void *entry)
{
	audit_contid_net_free(entry);
}

static void add(struct kunit *test, struct list_head *list,
		struct audit_contid *object)
{
	struct audit_contid_net *entry = audit_contid_net_alloc(object,
								GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, entry);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test,
							audit_contid_test_free,
							entry), 0);
	audit_contid_net_list(entry, list);
}

static int print_list(const struct list_head *list,
		      const struct list_head **pos, char *buf, int size)
{
	guard(rcu)();
	return audit_contid_list_print(list, pos, buf, size);
}

static void list_is_newest_first(struct kunit *test)
{
	struct audit_contid *outer = chain(test, 1, 1, 0);
	char *buf = kunit_kzalloc(test, 9000, GFP_KERNEL);
	const struct list_head *pos;
	LIST_HEAD(list);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	pos = &list;
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 0);

	add(test, &list, chain(test, 2, 1, 1));
	add(test, &list, outer);
	add(test, &list, chain(test, 2, 1, 2));
	pos = &list;
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 11);
	KUNIT_EXPECT_STREQ(test, buf, "3,^1,1,2,^1");
	KUNIT_EXPECT_PTR_EQ(test, pos->next, &list);
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 0);
}

/* 15 bytes and a comma each: 480 of them are 7679 bytes, one more is too many */
static void list_splits_at_7680_bytes(struct kunit *test)
{
	struct audit_contid *object = chain(test, 1, 100000000000000ULL, 0);
	char *buf = kunit_kzalloc(test, 9000, GFP_KERNEL);
	const struct list_head *pos;
	LIST_HEAD(list);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < 480; i++)
		add(test, &list, object);
	pos = &list;
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 7679);
	KUNIT_EXPECT_PTR_EQ(test, pos->next, &list);

	add(test, &list, object);
	pos = &list;
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 7679);
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 15);
	KUNIT_EXPECT_STREQ(test, buf, "100000000000000");
	KUNIT_EXPECT_PTR_EQ(test, pos->next, &list);
}

/* exactly 7680 bytes: 479 of 16 bytes with comma, one of 16 without */
static void list_of_7680_bytes_is_one_record(struct kunit *test)
{
	struct audit_contid *object = chain(test, 1, 100000000000000ULL, 0);
	char *buf = kunit_kzalloc(test, 9000, GFP_KERNEL);
	const struct list_head *pos;
	LIST_HEAD(list);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	add(test, &list, chain(test, 1, 1000000000000000ULL, 0));
	for (i = 0; i < 479; i++)
		add(test, &list, object);
	pos = &list;
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 7680);
	KUNIT_EXPECT_PTR_EQ(test, pos->next, &list);
}

static void list_splits_at_chain_borders(struct kunit *test)
{
	struct audit_contid *deep = chain(test, AUDIT_CONTID_DEPTH,
					  U64_MAX - 1, -1);
	char *buf = kunit_kzalloc(test, 9000, GFP_KERNEL);
	const struct list_head *pos;
	LIST_HEAD(list);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < 12; i++)
		add(test, &list, deep);
	pos = &list;
	/* 10 chains of 702 bytes and 9 commas; an 11th would be 7732 */
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 7029);
	KUNIT_EXPECT_EQ(test, strncmp(buf, "18446744073709551583,^", 22), 0);
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, 9000), 1405);
	KUNIT_EXPECT_EQ(test, strncmp(buf, "18446744073709551583,^", 22), 0);
}

static void list_without_room_for_a_chain_prints_nothing(struct kunit *test)
{
	const struct list_head *pos;
	LIST_HEAD(list);
	char buf[5];

	add(test, &list, chain(test, 2, 10, 10));
	pos = &list;
	KUNIT_EXPECT_EQ(test, print_list(&list, &pos, buf, sizeof(buf)), 0);
	KUNIT_EXPECT_PTR_EQ(test, pos, &list);
}

/*
 * Rules
 */

static void a_chain_contains_each_of_its_members(struct kunit *test)
{
	struct audit_contid *object = chain(test, 3, 1, 1);
	u64 id;

	for (id = 0; id < 5; id++)
		KUNIT_EXPECT_EQ(test, audit_contid_contains(object, id),
				id >= 1 && id <= 3);
}

static void the_upper_half_of_an_id_counts(struct kunit *test)
{
	struct audit_contid *object = chain(test, 1, 0x100000007ULL, 0);

	KUNIT_EXPECT_FALSE(test, audit_contid_contains(object, 7));
	KUNIT_EXPECT_TRUE(test, audit_contid_contains(object, 0x100000007ULL));
}

static void unset_means_no_object(struct kunit *test)
{
	struct audit_contid *object = chain(test, 1, 7, 0);

	KUNIT_EXPECT_FALSE(test, audit_contid_contains(object,
						       AUDIT_CID_UNSET));
	KUNIT_EXPECT_TRUE(test, audit_contid_contains(NULL, AUDIT_CID_UNSET));
	KUNIT_EXPECT_FALSE(test, audit_contid_contains(NULL, 7));
}

static void a_field_is_8_bytes(struct kunit *test)
{
	u64 in[2] = { 0x0123456789abcdefULL, 7 }, out[2] = { };
	struct audit_field f = { }, g = { };
	size_t remain = sizeof(in);
	void *p = in;

	KUNIT_EXPECT_EQ(test, audit_contid_field_unpack(&f, 4, &p, &remain),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, audit_contid_field_unpack(&f, 9, &p, &remain),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, audit_contid_field_unpack(&f, 0, &p, &remain),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, audit_contid_field_unpack(&f, 8, &p, &remain), 0);
	KUNIT_EXPECT_EQ(test, f.contid, in[0]);
	KUNIT_EXPECT_PTR_EQ(test, p, (void *)&in[1]);
	KUNIT_EXPECT_EQ(test, remain, 8);
	remain = 7;
	KUNIT_EXPECT_EQ(test, audit_contid_field_unpack(&g, 8, &p, &remain),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, remain, 7);

	p = out;
	KUNIT_EXPECT_EQ(test, audit_contid_field_pack(&f, &p), 8);
	KUNIT_EXPECT_PTR_EQ(test, p, (void *)&out[1]);
	KUNIT_EXPECT_EQ(test, out[0], in[0]);
	KUNIT_EXPECT_EQ(test, out[1], 0);

	g.contid = f.contid ^ BIT_ULL(63);
	KUNIT_EXPECT_TRUE(test, audit_contid_field_differs(&f, &g));
	g.contid = f.contid;
	KUNIT_EXPECT_FALSE(test, audit_contid_field_differs(&f, &g));
}

/*
 * The hash
 */

static void an_id_is_known_until_its_last_reference(struct kunit *test)
{
	struct audit_contid *object, *found;
	u64 id = AUDIT_CONTID_TEST_BASE;

	KUNIT_EXPECT_NULL(test, audit_contid_find_get(id));
	object = audit_contid_alloc(id, NULL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_NULL(test, audit_contid_find_get(id));
	KUNIT_EXPECT_EQ(test, audit_contid_insert(object), 0);
	found = audit_contid_find_get(id);
	KUNIT_EXPECT_PTR_EQ(test, found, object);
	audit_contid_put(object);
	object = audit_contid_find_get(id);
	KUNIT_EXPECT_PTR_EQ(test, found, object);
	audit_contid_put(object);
	audit_contid_put(found);
	KUNIT_EXPECT_NULL(test, audit_contid_find_get(id));
}

static void a_parent_is_known_while_it_has_a_child(struct kunit *test)
{
	u64 id = AUDIT_CONTID_TEST_BASE;
	struct audit_contid *outer, *inner;

	outer = audit_contid_alloc(id, NULL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, outer);
	inner = audit_contid_alloc(id + 1, outer, GFP_KERNEL);
	if (!inner)
		audit_contid_put(outer);
	KUNIT_ASSERT_NOT_NULL(test, inner);
	KUNIT_EXPECT_EQ(test, audit_contid_insert(outer), 0);
	KUNIT_EXPECT_EQ(test, audit_contid_insert(inner), 0);
	outer = audit_contid_find_get(id);
	KUNIT_EXPECT_NOT_NULL(test, outer);
	audit_contid_put(outer);
	audit_contid_put(inner);
	KUNIT_EXPECT_NULL(test, audit_contid_find_get(id + 1));
	KUNIT_EXPECT_NULL(test, audit_contid_find_get(id));
}

/* Nanoseconds to find each of @n ids that lie @apart from each other. */
static u64 find_all(struct kunit *test, int n, int apart)
{
	struct audit_contid *object;
	u64 begin = ktime_get_ns();
	int i;

	for (i = 0; i < n; i++) {
		object = audit_contid_find_get(AUDIT_CONTID_TEST_BASE +
					       (u64)i * apart);
		if (!object)
			break;
		audit_contid_put(object);
	}
	KUNIT_EXPECT_EQ(test, i, n);
	return ktime_get_ns() - begin;
}

/*
 * A list would be 1,000 times slower among 100,000 objects than among 100.
 * The limit leaves room for caches and for a busy machine.
 */
static void a_lookup_costs_the_same_among_100000(struct kunit *test)
{
	struct audit_contid *object;
	u64 few = U64_MAX, many = U64_MAX;
	int i, n = 0;

	for (; n < AUDIT_CONTID_TEST_MANY; n++) {
		if (n == 100)
			for (i = 0; i < 10; i++)
				few = min(few, find_all(test, 100, 1));
		object = audit_contid_alloc(AUDIT_CONTID_TEST_BASE + n, NULL,
					    GFP_KERNEL);
		if (!object)
			break;
		if (audit_contid_insert(object)) {
			audit_contid_put(object);
			break;
		}
		if (n % 1000 == 0)
			cond_resched();
	}
	KUNIT_EXPECT_EQ(test, n, AUDIT_CONTID_TEST_MANY);
	for (i = 0; i < 10; i++)
		many = min(many, find_all(test, 100, n / 100));
	KUNIT_EXPECT_LT(test, many, 50 * few + 100000);
	kunit_info(test, "100 lookups: %llu ns among 100, %llu ns among %d\n",
		   few, many, n);

	for (i = 0; i < n; i++) {
		object = audit_contid_find_get(AUDIT_CONTID_TEST_BASE + i);
		if (!object)
			break;
		audit_contid_put(object);
		audit_contid_put(object);
		if (i % 1000 == 0)
			cond_resched();
	}
	KUNIT_EXPECT_EQ(test, i, n);
	KUNIT_EXPECT_NULL(test, audit_contid_find_get(AUDIT_CONTID_TEST_BASE));
}

static struct kunit_case audit_contid_cases[] = {
	KUNIT_CASE_PARAM(parse_follows_the_text_rules,
			 audit_contid_parse_gen_params),
	KUNIT_CASE_PARAM(parse_cap_follows_the_text_rules,
			 audit_contid_cap_gen_params),
	KUNIT_CASE(chain_of_one_is_the_id),
	KUNIT_CASE(chain_is_innermost_first),
	KUNIT_CASE(chain_of_32_fits),
	KUNIT_CASE(print_tells_the_length_it_had_no_room_for),
	KUNIT_CASE(list_is_newest_first),
	KUNIT_CASE(list_splits_at_7680_bytes),
	KUNIT_CASE(list_of_7680_bytes_is_one_record),
	KUNIT_CASE(list_splits_at_chain_borders),
	KUNIT_CASE(list_without_room_for_a_chain_prints_nothing),
	KUNIT_CASE(a_chain_contains_each_of_its_members),
	KUNIT_CASE(the_upper_half_of_an_id_counts),
	KUNIT_CASE(unset_means_no_object),
	KUNIT_CASE(a_field_is_8_bytes),
	KUNIT_CASE(an_id_is_known_until_its_last_reference),
	KUNIT_CASE(a_parent_is_known_while_it_has_a_child),
	KUNIT_CASE_SLOW(a_lookup_costs_the_same_among_100000),
	{ }
};

/* booted with audit=0 there is no hash to look into */
static int audit_contid_test_init(struct kunit *test)
{
	if (!audit_contid_ready)
		kunit_skip(test, "auditing is off");
	return 0;
}

static struct kunit_suite audit_contid_suite = {
	.name = "audit_contid",
	.init = audit_contid_test_init,
	.test_cases = audit_contid_cases,
};

kunit_test_suite(audit_contid_suite);
