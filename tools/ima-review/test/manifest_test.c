// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The manifest and the configuration
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <fcntl.h>
#include <unistd.h>

#include "../../libcontid/test/unit.h"
#include "../ima-review.h"

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD                                                                                       \
	"{\"schema\":\"ima-review/1\",\"tool\":\"t\",\"host\":\"h\",\"boot\":\"b\",\"kernel\":"    \
	"\"k\",\"time\":\"t\","
#define MIDDLE                                                                                     \
	"\"nonce\":\"00ff\",\"ak_name\":\"\",\"banks\":[4,11],\"lost\":null,\"violations\":0,"     \
	"\"count_before\":1,\"count_after\":2,"
#define FILES(NAME, VALUE) "\"files\":{\"" NAME "\":\"" VALUE "\"}}"
#define MISSING(MAP)	   "\"files\":{},\"missing\":" MAP "}"

static struct ir_manifest m;
static char *error;

static int parse(const char *text)
{
	ir_manifest_free(&m);
	return ir_manifest_parse(text, strlen(text), &m, &error);
}

static void what_is_written_is_read(void)
{
	char *text;

	unit_int(0, parse(HEAD MIDDLE FILES("quote.msg", SUM) "\n"));
	unit_text("h", m.host);
	unit_int(-1, m.lost);
	unit_int(0, m.violations);
	unit_int(2, m.count_after);
	unit_int(2, m.n_banks);
	unit_int(11, m.banks[1]);
	unit_text("quote.msg", m.files[0].name);
	unit_text(SUM, ir_manifest_file(&m, "quote.msg")->sha256);
	unit_true(!ir_manifest_file(&m, "quote"));
	text = ir_manifest_text(&m);
	unit_int(0, parse(text));
	unit_text("k", m.kernel);
	unit_int(1, m.n);
	unit_int(0, m.n_missing);
	/* what could not be collected */
	ir_manifest_missing(&m, "ns-0x4b.policy", "hidden");
	ir_manifest_missing(&m, "ns-0x4b.policy", "again");
	text = ir_manifest_text(&m);
	unit_int(0, parse(text));
	unit_int(1, m.n_missing);
	unit_text("ns-0x4b.policy", m.missing[0].name);
	unit_text("hidden", m.missing[0].why);
}

static void whatever_is_wrong_is_named(void)
{
	static const struct {
		const char *text, *error;
	} table[] = {
		{ "", "it is not one JSON object" },
		{ "[]", "it is not one JSON object" },
		{ HEAD MIDDLE FILES("a", SUM) "x", "it is not one JSON object" },
		{ HEAD, "it is not one JSON object" },
		{ "{\"schema\":\"ima-review/2\"}", "schema is not ima-review/1" },
		{ "{\"schema\":\"ima-review/1\"}", "boot is missing, or no boot id" },
		{ "{\"schema\":\"ima-review/1\",\"boot\":\"\\u001b[2J\"}",
		  "boot is missing, or no boot id" },
		{ HEAD "\"nonce\":1}", "nonce is missing, or no text of at most 128 bytes" },
		{ HEAD "\"nonce\":\"0g\",\"ak_name\":\"\",\"banks\":[]}", "nonce is no hex" },
		{ HEAD "\"nonce\":\"\",\"ak_name\":\"\",\"lost\":\"x\"}", "lost is no number" },
		{ HEAD "\"nonce\":\"\",\"ak_name\":\"\",\"lost\":-1}", "lost is no number" },
		{ HEAD "\"nonce\":\"\",\"ak_name\":\"\"}", "banks is no list of banks" },
		{ HEAD "\"nonce\":\"\",\"ak_name\":\"\",\"banks\":[1,2,3,4,5,6,7,8,9,10,11,12,13,"
		       "14,15,16,17]}",
		  "banks is no list of banks" },
		{ HEAD "\"nonce\":\"\",\"ak_name\":\"\",\"banks\":[70000]}",
		  "banks is no list of algorithm numbers" },
		{ HEAD MIDDLE "\"files\":[]}", "files is no map of names to checksums" },
		{ HEAD MIDDLE FILES("a", "00"), "file a: no sha256" },
		{ HEAD MIDDLE FILES("../a", SUM), "file name ../a: not a plain one" },
		{ HEAD MIDDLE FILES(".a", SUM), "file name .a: not a plain one" },
		{ HEAD MIDDLE FILES("a/b", SUM), "file name a/b: not a plain one" },
		{ HEAD MIDDLE FILES("/a", SUM), "file name /a: not a plain one" },
		{ HEAD MIDDLE FILES("", SUM), "file name : not a plain one" },
		{ HEAD MIDDLE FILES("a\\u0000b", SUM), "file name a: not a plain one" },
		{ HEAD MIDDLE FILES("a b", SUM), "file name a b: not a plain one" },
		{ HEAD MIDDLE MISSING("[]"), "missing is no map of names to reasons" },
		{ HEAD MIDDLE MISSING("{\"a\":1}"), "missing file a: no plain name, or no reason" },
		{ HEAD MIDDLE MISSING("{\"a/b\":\"c\"}"),
		  "missing file a/b: no plain name, or no reason" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		int rc = parse(table[i].text);

		/* json-c ends a key at its NUL: a name that is good then is that name */
		if (strstr(table[i].text, "\\u0000") && !rc)
			continue;
		unit_int(-EBADMSG, rc);
		unit_text(table[i].error, error);
	}
	unit_int(-EBADMSG, ir_manifest_parse("{\0}", 3, &m, &error));
}

static int config(const char *text, struct ir_config *c)
{
	char path[] = "/tmp/ir-config.XXXXXX";
	int fd = mkstemp(path), rc;

	unit_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	rc = ir_config_read(path, c, &error);
	unlink(path);
	return rc;
}

static void configuration(void)
{
	struct ir_config c;

	unit_int(0, ir_config_read("/nonexistent", &c, &error));
	unit_int(IR_HANDLE, c.handle);
	unit_int(0, config("# none\n\n tcti = swtpm:path=/a b # not this\nhandle=0x81010002", &c));
	unit_text("swtpm:path=/a b", c.tcti);
	unit_int(0x81010002, c.handle);
	unit_int(-EINVAL, config("handle = 0x80000000\n", &c));
	unit_true(strstr(error, ":1: handle: not a persistent handle"));
	unit_int(-EINVAL, config("\nhandle\n", &c));
	unit_true(strstr(error, ":2: handle: no '='"));
	unit_int(-EINVAL, config("x = 1\n", &c));
	unit_true(strstr(error, ":1: x: no such key"));
}

static void numbers(void)
{
	unit_int(0, ir_number("0\n"));
	unit_int(12, ir_number("12"));
	unit_int(-1, ir_number(""));
	unit_int(-1, ir_number("-1"));
	unit_int(-1, ir_number(" 1"));
	unit_int(-1, ir_number("1x"));
	unit_int(-1, ir_number("99999999999999999999"));
}

static void hex(void)
{
	uint8_t bytes[2];

	unit_int(2, ir_unhex("aBf0", 4, bytes, 2));
	unit_int(0xab, bytes[0]);
	unit_int(-1, ir_unhex("abc", 3, bytes, 2));
	unit_int(-1, ir_unhex("abcdef", 6, bytes, 2));
	unit_int(-1, ir_unhex("0g", 2, bytes, 2));
	unit_int(0, ir_unhex("", 0, bytes, 2));
}

static const struct unit_test tests[] = {
	TEST(what_is_written_is_read),
	TEST(whatever_is_wrong_is_named),
	TEST(configuration),
	TEST(numbers),
	TEST(hex),
};

UNIT(tests)
