// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IMA policies of containers: what passes, what does not and why, and how the kernel shows it
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <unistd.h>

#include "unit.h"
#include "../contid.h"
#include "../policy.h"

/* Rules of a policy in the kernel's form, a line each. */
static const char *normal(const char *text)
{
	static char out[4096];
	struct policy policy;
	char *to = out;

	if (policy_parse(text, strlen(text), &policy)) {
		snprintf(out, sizeof(out), "line %u: %s", policy.line, policy.error);
	} else {
		*to = '\0';
		for (size_t i = 0; i < policy.n; i++)
			to += sprintf(to, "%s\n", policy.rules[i].normal);
	}
	policy_free(&policy);
	return out;
}

static void rules_are_shown_as_the_kernel_does(void)
{
	static const struct {
		const char *rule, *shown;
	} table[] = {
		{ "audit", "audit \n" },
		{ "uid=0\tmask=MAY_EXEC  func=BPRM_CHECK audit",
		  "audit func=BPRM_CHECK mask=MAY_EXEC uid=0 \n" },
		{ "dont_audit func=PATH_CHECK mask=^MAY_READ",
		  "dont_audit func=FILE_CHECK mask=^MAY_READ \n" },
		{ "audit func=FILE_MMAP mask=MAY_WRITE",
		  "audit func=MMAP_CHECK mask=MAY_WRITE \n" },
		{ "audit func=MMAP_CHECK_REQPROT mask=MAY_APPEND",
		  "audit func=MMAP_CHECK_REQPROT mask=MAY_APPEND \n" },
		{ "dont_audit fsmagic=0x01021994", "dont_audit fsmagic=0x1021994 \n" },
		{ "dont_audit fsmagic=EF53", "dont_audit fsmagic=0xef53 \n" },
		{ "dont_audit fsmagic=+ffffffffffffffff",
		  "dont_audit fsmagic=0xffffffffffffffff \n" },
		{ "audit fsname=overlay", "audit fsname=overlay \n" },
		{ "audit fsuuid=0A1B2C3D-4e5f-6789-ABCD-ef0123456789",
		  "audit fsuuid=0a1b2c3d-4e5f-6789-abcd-ef0123456789 \n" },
		{ "audit fgroup<5 fowner>007 egid=1 euid=+2",
		  "audit euid=2 egid=1 fowner>7 fgroup<5 \n" },
		{ "audit gid>4294967294 uid<0", "audit uid<0 gid>4294967294 \n" },
		{ "audit subj_type=c obj_role=b obj_user=a subj_user=d subj_role=e obj_type=f",
		  "audit obj_user=a obj_role=b obj_type=f subj_user=d subj_role=e subj_type=c \n" },
		{ "audit permit_directio digest_type=verity func=CREDS_CHECK",
		  "audit func=CREDS_CHECK digest_type=verity permit_directio \n" },
		{ "dont_appraise appraise_flag=check_blacklist", "dont_appraise \n" },
		{ "dont_hash func=POLICY_CHECK", "dont_hash func=POLICY_CHECK \n" },
		{ "audit func=FIRMWARE_CHECK", "audit func=FIRMWARE_CHECK \n" },
		{ "audit func=MODULE_CHECK", "audit func=MODULE_CHECK \n" },
		{ "audit func=KEXEC_KERNEL_CHECK", "audit func=KEXEC_KERNEL_CHECK \n" },
		{ "audit func=KEXEC_INITRAMFS_CHECK", "audit func=KEXEC_INITRAMFS_CHECK \n" },
		{ "dont_measure func=KEXEC_CMDLINE fsname=tmpfs euid=1",
		  "dont_measure func=KEXEC_CMDLINE fsname=tmpfs euid=1 \n" },
		{ "dont_measure func=KEY_CHECK uid=1 gid=2 keyrings=.ima|_ima",
		  "dont_measure func=KEY_CHECK keyrings=.ima|_ima uid=1 gid=2 \n" },
		{ "dont_measure label=selinux|dm func=CRITICAL_DATA",
		  "dont_measure func=CRITICAL_DATA label=selinux|dm \n" },
		{ "# comment\n\n \t\n  # another\naudit uid=1\n\n  audit uid=2 \n",
		  "audit uid=1 \naudit uid=2 \n" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		unit_text(table[i].shown, normal(table[i].rule));
		/* what the kernel shows is a policy that it shows the same way */
		unit_text(table[i].shown, normal(table[i].shown));
	}
}

static void bad_rules_are_named(void)
{
	static const struct {
		const char *text;
		const char *error;
	} table[] = {
		{ "measure", "measure; audit, dont_audit" },
		{ "appraise func=BPRM_CHECK", "appraise; audit" },
		{ "hash", "hash; audit" },
		{ "uid=0 measure", "measure; audit" },
		{ "audit dont_audit", "dont_audit: the rule has the action audit already" },
		{ "audit audit", "audit: the rule has the action audit already" },
		{ "uid=0", "no action" },
		{ "audit uid=0 uid=1", "uid is given twice" },
		{ "audit fsname=a fsname=b", "fsname is given twice" },
		{ "audit permit_directio permit_directio", "permit_directio is given twice" },
		{ "audit uid=0 euid=1", "either uid or euid" },
		{ "audit gid=0 egid=1", "either gid or egid" },
		{ "audit uid=4294967295", "'4294967295' is no user or group id" },
		{ "audit uid=18446744073709551616", "is no user or group id" },
		{ "audit uid=-1", "'-1' is no user or group id" },
		{ "audit uid=0x1", "is no user or group id" },
		{ "audit uid=1a", "is no user or group id" },
		{ "audit uid=+", "is no user or group id" },
		{ "audit uid=", "uid has no value" },
		{ "audit uid", "'uid' is neither" },
		{ "audit uid!=1", "'uid!=1' is neither" },
		{ "audit fowner", "'fowner' is neither" },
		{ "audit obj_type", "'obj_type' is neither" },
		{ "audit obj_type=", "obj_type has no value" },
		{ "audit func<BPRM_CHECK", "'func<BPRM_CHECK' is neither" },
		{ "audit func=bprm_check", "no hook has the name 'bprm_check'" },
		{ "audit func=POST_SETATTR", "cannot be asked for" },
		{ "audit func=SETXATTR_CHECK", "needs the action appraise" },
		{ "audit func=KEY_CHECK", "goes with dont_measure only" },
		{ "audit func=KEXEC_CMDLINE", "goes with dont_measure only" },
		{ "audit func=CRITICAL_DATA", "goes with dont_measure only" },
		{ "dont_measure func=KEXEC_CMDLINE mask=MAY_READ", "mask does not go with" },
		{ "dont_measure func=KEY_CHECK fsname=a", "fsname does not go with" },
		{ "dont_measure func=KEY_CHECK subj_type=a", "subj_type does not go with" },
		{ "dont_measure func=CRITICAL_DATA keyrings=a",
		  "keyrings= goes with func=KEY_CHECK" },
		{ "dont_measure label=a", "label= goes with func=CRITICAL_DATA" },
		{ "dont_measure func=KEY_CHECK keyrings=a||b", "an item of the list is empty" },
		{ "dont_measure func=KEY_CHECK keyrings=a|", "an item of the list is empty" },
		{ "audit func=MODULE_CHECK digest_type=verity", "digest_type does not go with" },
		{ "audit digest_type=ima", "it can be verity only" },
		{ "audit mask=MAY_EXEC|MAY_READ", "is none of MAY_EXEC" },
		{ "audit mask=^^MAY_EXEC", "is none of MAY_EXEC" },
		{ "audit mask=MAY_EXECUTE", "is none of MAY_EXEC" },
		{ "audit fsmagic=xyz", "is no hexadecimal number" },
		{ "audit fsmagic=0x", "is no hexadecimal number" },
		{ "audit fsmagic=10000000000000000", "is no hexadecimal number" },
		{ "audit fsuuid=0a1b2c3d", "is no UUID" },
		{ "audit fsuuid=0a1b2c3d-4e5f-6789-abcd-ef012345678g", "is no UUID" },
		{ "audit fsuuid=0a1b2c3d-4e5f-6789-abcd-ef01234567890", "is no UUID" },
		{ "audit fsname=0123456789012345678901234567890123456789012345678901234567890123",
		  "longer than any name" },
		{ "audit pcr=10", "pcr= belongs to actions" },
		{ "audit template=ima-ng", "template= belongs to actions" },
		{ "audit appraise_type=imasig", "appraise_type= belongs to actions" },
		{ "audit appraise_algos=sha256", "appraise_algos= belongs to actions" },
		{ "audit nonsense", "'nonsense' is neither an action nor a condition" },
		{ "audit \xff\xfe", "'\\xff\\xfe' is neither" },
		{ "/etc/ima/policy", "not names of other policies" },
		{ "  /etc/ima/policy", "not names of other policies" },
		{ "audit\r", "control character 0x0d in column 6" },
		{ "# \x1b[1m", "control character 0x1b in column 3" },
		{ "audit\x7f", "control character 0x7f" },
	};
	unsigned int rules, line;
	char text[256], *error;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		/* blank and comment lines count */
		snprintf(text, sizeof(text), "# policy\n\naudit uid=5\n%s\nmeasure\n",
			 table[i].text);
		unit_int(-EINVAL, contid_policy_check(text, strlen(text), &rules, &line, &error));
		unit_int(4, line);
		if (!strstr(error, table[i].error))
			unit_text(table[i].error, error);
		free(error);
	}
}

static void a_nul_ends_no_policy(void)
{
	unsigned int line;
	char *error;

	unit_int(-EINVAL, contid_policy_check("audit\n\0measure", 14, NULL, &line, &error));
	unit_int(2, line);
	unit_text("control character 0x00 in column 1", error);
	free(error);
}

static void a_policy_has_a_rule(void)
{
	static const char *const table[] = { "", "\n", "# nothing\n" };
	unsigned int line;
	char *error;

	for (size_t i = 0; i < 3; i++) {
		unit_int(-EINVAL,
			 contid_policy_check(table[i], strlen(table[i]), NULL, &line, &error));
		unit_int(1, line);
		unit_text("the policy has no rule", error);
		free(error);
	}
}

static void more_rules_than_1024_are_too_many(void)
{
	static char text[1025 * 6 + 1];
	unsigned int rules, line;
	char *error;

	for (int i = 0; i < 1025; i++)
		memcpy(text + i * 6, "audit\n", 6);
	unit_int(0, contid_policy_check(text, 1024 * 6, &rules, &line, &error));
	unit_int(1024, rules);
	unit_true(!error);
	unit_int(-EDQUOT, contid_policy_check(text, 1025 * 6, &rules, &line, &error));
	unit_int(1025, line);
	unit_text("more than 1024 rules", error);
	free(error);
}

static void a_line_is_shorter_than_a_page(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *text = malloc(page + 6), *error;
	unsigned int line;

	memset(text, ' ', page + 6);
	memcpy(text, "audit\naudit", 11);
	/* the second line has page - 1 characters, then page */
	unit_int(0, contid_policy_check(text, page + 5, NULL, &line, &error));
	unit_int(-E2BIG, contid_policy_check(text, page + 6, NULL, &line, &error));
	unit_int(2, line);
	unit_true(strstr(error, "shorter than a page"));
	free(error);
	free(text);
}

static void the_last_line_needs_no_newline(void)
{
	unsigned int rules, line;
	char *error;

	unit_int(0, contid_policy_check("audit\ndont_audit", 16, &rules, &line, &error));
	unit_int(2, rules);
}

/* A policy for the host's user namespace, or for no process, is no policy of a container. */
static void a_user_namespace_is_needed(void)
{
	struct contid_policy_load load = { .pid = getpid(), .text = "audit\n", .size = 6 };

	unit_int(-EINVAL, contid_policy_load(&load));
	unit_true(strstr(load.error, "no user namespace of its own"));
	free(load.error);
	load.pid = 0x7ffffffe;
	unit_int(-ESRCH, contid_policy_load(&load));
	unit_true(strstr(load.error, "ESRCH"));
	free(load.error);
	load.text = "audit\nmeasure";
	load.size = 13;
	unit_int(-EINVAL, contid_policy_load(&load));
	unit_true(strstr(load.error, "line 2: a container cannot have"));
	free(load.error);
}

static const struct unit_test tests[] = {
	TEST(rules_are_shown_as_the_kernel_does),
	TEST(bad_rules_are_named),
	TEST(a_nul_ends_no_policy),
	TEST(a_policy_has_a_rule),
	TEST(more_rules_than_1024_are_too_many),
	TEST(a_line_is_shorter_than_a_page),
	TEST(the_last_line_needs_no_newline),
	TEST(a_user_namespace_is_needed),
};

UNIT(tests)
