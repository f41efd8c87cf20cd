// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bundles: what is read of config.json, and what is granted
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../libcontid/contid.h"
#include "../../libcontid/test/unit.h"
#include "../bundle.h"
#include "../request.h"

static struct bundle bundle;
static char *error;

static int parse(const char *text)
{
	return bundle_parse(text, strlen(text), &bundle, &error);
}

static void the_part_that_is_ours_is_read(void)
{
	unit_int(0,
		 parse("{\"process\":{\"terminal\":true},\"root\":{\"path\":\"rootfs\"},"
		       "\"annotations\":{\"io.contid.id\":\"7\",\"io.contid.ima-policy\":\"p\"},"
		       "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"user\"}]},"
		       "\"mounts\":[{\"destination\":\"/"
		       "proc\",\"type\":\"proc\",\"source\":\"proc\"},"
		       "{\"destination\":\"/a\",\"type\":\"bind\",\"source\":\"/x\"},"
		       "{\"destination\":\"/b\",\"source\":\"y\",\"options\":[\"ro\",\"rbind\"]},"
		       "{\"destination\":\"/c\",\"type\":\"bind\"}]}"));
	unit_true(bundle.user_ns && bundle.terminal);
	unit_text("7", bundle.id);
	unit_text("p", bundle.policy);
	unit_text("rootfs", bundle.root);
	unit_int(2, bundle.n_binds);
	unit_text("/x", bundle.binds[0].source);
	unit_text("/a", bundle.binds[0].destination);
	unit_text("y", bundle.binds[1].source);
	unit_text("/b", bundle.binds[1].destination);
	bundle_free(&bundle);
}

static void nothing_of_it_is_needed(void)
{
	static const char *const table[] = {
		"{}",
		"{\"annotations\":null,\"linux\":7,\"mounts\":{},\"process\":[],\"root\":\"x\"}",
		"{\"linux\":{\"namespaces\":[7,null,{\"type\":7},{\"path\":\"user\"}]}}",
		"{\"mounts\":[null,7,\"x\",{\"options\":[7]},{\"options\":\"bind\"}]}",
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_int(0, parse(table[i]));
		unit_true(!bundle.user_ns && !bundle.terminal && !bundle.id && !bundle.policy &&
			  !bundle.n_binds);
		bundle_free(&bundle);
	}
}

static void what_is_none_is_said(void)
{
	static const struct {
		const char *text, *error;
	} table[] = {
		{ "", "it ends early" },
		{ "{", "it ends early" },
		{ "[]", "it is no JSON object" },
		{ "\"x\"", "it is no JSON object" },
		{ "{x}", "it is no JSON: quoted object property name expected" },
		{ "{\"annotations\":{\"io.contid.id\":7}}", "io.contid.id is no text" },
		{ "{\"annotations\":{\"io.contid.id\":null}}", "io.contid.id is no text" },
		{ "{\"annotations\":{\"io.contid.id\":\"7\\u0000\"}}", "io.contid.id is no text" },
		{ "{\"annotations\":{\"io.contid.ima-policy\":[]}}",
		  "io.contid.ima-policy is no text" },
	};
	static char deep[400];

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_int(-EBADMSG, parse(table[i].text));
		unit_text(table[i].error, error);
		free(error);
	}
	memset(deep, '[', sizeof(deep) - 1);
	unit_int(-EBADMSG, parse(deep));
	free(error);
	/* the size counts, not the bytes */
	unit_int(-EBADMSG, bundle_parse("{}", BUNDLE_MAX + 1, &bundle, &error));
	unit_text("it is longer than 16 MiB", error);
	free(error);
}

static char folder[] = "/tmp/bundle-test.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
}

static void a_bundle_is_a_folder(void)
{
	char path[512];

	unit_true(mkdtemp(folder));
	unit_int(-ENOENT, bundle_read(folder, "config.json", &bundle, &error));
	unit_true(strstr(error, folder) && strstr(error, "(ENOENT)"));
	free(error);
	put("config.json", "{\"annotations\":{\"io.contid.id\":\"7\"}}");
	unit_int(0, bundle_read(folder, "config.json", &bundle, &error));
	unit_text("7", bundle.id);
	bundle_free(&bundle);
	snprintf(path, sizeof(path), "%s/config.json", folder);
	unit_int(0, bundle_read("/nonexistent", path, &bundle, &error));
	bundle_free(&bundle);
}

static int ask(const char *id, const char *policy, bool user_ns, bool trust,
	       struct request *request, char **note)
{
	struct bundle asked = { .id = (char *)id, .policy = (char *)policy, .user_ns = user_ns };

	return request_make(&asked, trust, folder, request, note, &error);
}

static void ids_are_granted_to_the_trusted(void)
{
	static const struct {
		const char *id;
		bool trust;
		bool label, draw;
		uint64_t is;
		bool note;
	} table[] = {
		{ NULL, false, true, true, CONTID_UNSET, false },
		{ NULL, true, true, true, CONTID_UNSET, false },
		{ "auto", false, true, true, CONTID_UNSET, false },
		{ "auto", true, true, true, CONTID_UNSET, false },
		{ "1720000000000000001", false, true, true, CONTID_UNSET, true },
		{ "1720000000000000001", true, true, false, 1720000000000000001, false },
		{ "0x10", true, true, false, 16, true },
		{ "0", true, true, false, 0, false },
		{ "none", false, true, true, CONTID_UNSET, true },
		{ "none", true, false, false, CONTID_UNSET, false },
	};
	static const char *const wrong[] = {
		"",   "seven", "unset", "18446744073709551615", "18446744073709551616",
		"-1", "7 ",    "NONE"
	};
	struct request request;
	char *note;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_int(0, ask(table[i].id, NULL, false, table[i].trust, &request, &note));
		unit_int(table[i].label, request.label);
		unit_int(table[i].draw, request.draw);
		unit_true(table[i].is == request.id);
		unit_int(table[i].note, note != NULL);
		unit_true(!error && !request.policy);
		free(note);
		request_free(&request);
	}
	/* trusted or not: a mistake is no wish */
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		for (int trust = 0; trust < 2; trust++) {
			unit_int(-EINVAL, ask(wrong[i], NULL, false, trust, &request, &note));
			unit_true(strstr(error, "neither a number nor auto nor none"));
			free(error);
		}
}

static void policies_are_plain_files_of_one_folder(void)
{
	static const char *const wrong[] = { "",    ".",	 "..",	   "/etc/passwd",
					     "a/b", "../policy", ".hidden" };
	struct request request;
	char path[512], *note;

	put("policy", "audit\n");
	put("bad", "audit\n\nmeasure\n");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		unit_int(-EINVAL, ask(NULL, wrong[i], true, true, &request, &note));
		unit_true(strstr(error, "no plain file name (EINVAL)"));
		free(error);
	}
	unit_int(-EINVAL, ask(NULL, "policy", false, true, &request, &note));
	unit_true(strstr(error, "the container has no user namespace (EINVAL)"));
	free(error);
	unit_int(-ENOENT, ask(NULL, "missing", true, true, &request, &note));
	free(error);
	unit_int(-EINVAL, ask(NULL, "bad", true, true, &request, &note));
	unit_true(strstr(error, "/bad, line 3: a container cannot have the action measure"));
	free(error);
	snprintf(path, sizeof(path), "%s/link", folder);
	unit_int(0, symlink("policy", path));
	unit_int(-ELOOP, ask(NULL, "link", true, true, &request, &note));
	free(error);
	unlink(path);
	unit_int(0, mkdir(path, 0700));
	unit_int(-EINVAL, ask(NULL, "link", true, true, &request, &note));
	free(error);
	rmdir(path);
	unit_int(0, ask(NULL, "policy", true, false, &request, &note));
	unit_text("policy", request.policy);
	unit_int(6, request.size);
	unit_bytes("audit\n", request.text, 6);
	unit_text("8818d016bf6ad2955510ea05054b6287e0b6732ac22a6c323fcda06476d04a72",
		  request.sha256);
	request_free(&request);
	for (size_t i = 0; i < 3; i++) {
		static const char *const files[] = { "policy", "bad", "config.json" };

		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

static const struct unit_test tests[] = {
	TEST(the_part_that_is_ours_is_read),  TEST(nothing_of_it_is_needed),
	TEST(what_is_none_is_said),	      TEST(a_bundle_is_a_folder),
	TEST(ids_are_granted_to_the_trusted), TEST(policies_are_plain_files_of_one_folder),
};

UNIT(tests)
