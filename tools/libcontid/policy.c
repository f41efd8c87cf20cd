// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * IMA policies of containers - may a container have this policy?
 *
 * The kernel has the last word; this parser is there to name the line, and the reason that the
 * kernel keeps to itself. It is no wider than the kernel's, so whoever passes here fails there only
 * for what cannot be known beforehand: labels of the LSM, ids that are not mapped, what was not
 * built in.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contid.h"
#include "policy.h"

/* Conditions, in the order in which the kernel shows them. */
enum slot {
	FUNC,
	MASK,
	FSMAGIC,
	FSNAME,
	KEYRINGS,
	LABEL,
	FSUUID,
	UID,
	EUID,
	GID,
	EGID,
	FOWNER,
	FGROUP,
	OBJ_USER,
	OBJ_ROLE,
	OBJ_TYPE,
	SUBJ_USER,
	SUBJ_ROLE,
	SUBJ_TYPE,
	DIGEST_TYPE,
	PERMIT_DIRECTIO,
	APPRAISE_FLAG,
	SLOTS,
};

#define BIT(SLOT)      (1U << (SLOT))
#define LSM_CONDITIONS (BIT(SUBJ_TYPE + 1) - BIT(OBJ_USER))
#define ID_CONDITIONS  (BIT(FGROUP + 1) - BIT(UID))

/**
 * struct rule - a rule being parsed
 * @seen:	conditions it has
 * @value:	their values in the spelling of the kernel
 * @op:		`=`, `<` or `>`
 */
struct rule {
	const char *action;
	const struct func *func;
	unsigned int seen;
	char *value[SLOTS];
	char op[SLOTS];
};

static const char *const actions[] = { "audit", "dont_audit", "dont_measure", "dont_appraise",
				       "dont_hash" };
static const char *const later_actions[] = { "measure", "appraise", "hash" };

/**
 * struct func - a hook
 * @takes:	conditions that a rule for it may have
 * @measure:	only action dont_measure is left of those that it knows
 */
static const struct func {
	const char *name;
	const char *shown;
	unsigned int takes;
	bool measure;
} funcs[] = {
#define FILES (~(BIT(KEYRINGS) | BIT(LABEL)))
	{ "FILE_CHECK", "FILE_CHECK", FILES, false },
	{ "PATH_CHECK", "FILE_CHECK", FILES, false },
	{ "MMAP_CHECK", "MMAP_CHECK", FILES, false },
	{ "FILE_MMAP", "MMAP_CHECK", FILES, false },
	{ "MMAP_CHECK_REQPROT", "MMAP_CHECK_REQPROT", FILES, false },
	{ "BPRM_CHECK", "BPRM_CHECK", FILES, false },
	{ "CREDS_CHECK", "CREDS_CHECK", FILES, false },
	{ "FIRMWARE_CHECK", "FIRMWARE_CHECK", FILES, false },
	{ "POLICY_CHECK", "POLICY_CHECK", FILES, false },
	{ "MODULE_CHECK", "MODULE_CHECK", FILES & ~BIT(DIGEST_TYPE), false },
	{ "KEXEC_KERNEL_CHECK", "KEXEC_KERNEL_CHECK", FILES & ~BIT(DIGEST_TYPE), false },
	{ "KEXEC_INITRAMFS_CHECK", "KEXEC_INITRAMFS_CHECK", FILES & ~BIT(DIGEST_TYPE), false },
	{ "KEXEC_CMDLINE", "KEXEC_CMDLINE",
	  BIT(FUNC) | BIT(FSMAGIC) | BIT(FSNAME) | BIT(FSUUID) | ID_CONDITIONS | LSM_CONDITIONS |
		  BIT(APPRAISE_FLAG),
	  true },
	{ "KEY_CHECK", "KEY_CHECK",
	  BIT(FUNC) | BIT(UID) | BIT(GID) | BIT(KEYRINGS) | BIT(APPRAISE_FLAG), true },
	{ "CRITICAL_DATA", "CRITICAL_DATA",
	  BIT(FUNC) | BIT(UID) | BIT(GID) | BIT(LABEL) | BIT(APPRAISE_FLAG), true },
};
static const struct func no_func = { "", "", FILES, false };

/* A reason, with words of the policy made printable by quote(). */
__attribute__((format(printf, 2, 3))) static int bad(char **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(error, format, args) < 0)
		*error = NULL;
	va_end(args);
	return -EINVAL;
}

struct quoted {
	char text[160];
};

/* A word for a message: cut, and bytes that are not ASCII as \xNN. */
static struct quoted quote(const char *word)
{
	struct quoted quoted;
	char *to = quoted.text;

	*to++ = '\'';
	for (size_t i = 0; word[i]; i++) {
		unsigned char c = (unsigned char)word[i];

		if (i == 32) {
			to = stpcpy(to, "...");
			break;
		}
		if (c < 0x20 || c > 0x7e)
			to += sprintf(to, "\\x%02x", c);
		else
			*to++ = (char)c;
	}
	*to++ = '\'';
	*to = '\0';
	return quoted;
}

static const char *one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(word, list[i]))
			return list[i];
	return NULL;
}

/* As the kernel's kstrtoul(): one plus sign, 0x in base 16, nothing else around the digits. */
static bool number(const char *text, unsigned int base, uint64_t max, uint64_t *value)
{
	*value = 0;
	if (*text == '+')
		text++;
	if (base == 16 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned int digit;

		if (*text >= '0' && *text <= '9')
			digit = (unsigned int)(*text - '0');
		else if (*text >= 'a' && *text <= 'f')
			digit = (unsigned int)(*text - 'a') + 10;
		else if (*text >= 'A' && *text <= 'F')
			digit = (unsigned int)(*text - 'A') + 10;
		else
			return false;
		if (digit >= base || *value > (max - digit) / base)
			return false;
		*value = *value * base + digit;
	}
	return true;
}

static int copy(char **value, const char *text)
{
	*value = strdup(text);
	return *value ? 0 : -ENOMEM;
}

static int take_func(struct rule *rule, const char *text, char **value, char **error)
{
	if (!strcmp(text, "POST_SETATTR") || !strcmp(text, "NONE"))
		return bad(error, "func=%s cannot be asked for", text);
	if (!strcmp(text, "SETXATTR_CHECK"))
		return bad(error, "func=SETXATTR_CHECK needs the action appraise, which a "
				  "container cannot have");
	for (size_t i = 0; i < sizeof(funcs) / sizeof(*funcs); i++) {
		if (strcmp(text, funcs[i].name))
			continue;
		rule->func = &funcs[i];
		return copy(value, funcs[i].shown);
	}
	return bad(error, "func=: no hook has the name %s", quote(text).text);
}

static int take_mask(struct rule *rule, const char *text, char **value, char **error)
{
	static const char *const masks[] = { "MAY_EXEC", "MAY_WRITE", "MAY_READ", "MAY_APPEND" };

	(void)rule;
	if (!one_of(text + (*text == '^'), masks, 4))
		return bad(error,
			   "mask=%s is none of MAY_EXEC, MAY_WRITE, MAY_READ, MAY_APPEND, with or "
			   "without ^",
			   quote(text).text);
	return copy(value, text);
}

static int take_fsmagic(struct rule *rule, const char *text, char **value, char **error)
{
	uint64_t magic;

	(void)rule;
	if (!number(text, 16, UINT64_MAX, &magic))
		return bad(error, "fsmagic=%s is no hexadecimal number", quote(text).text);
	return asprintf(value, "0x%llx", (unsigned long long)magic) < 0 ? -ENOMEM : 0;
}

static int take_text(struct rule *rule, const char *text, char **value, char **error)
{
	(void)rule;
	(void)error;
	return copy(value, text);
}

/* No file system has such a long name; the kernel would show it cut, so it could not be compared.
 */
static int take_fsname(struct rule *rule, const char *text, char **value, char **error)
{
	(void)rule;
	if (strlen(text) > 63)
		return bad(error, "fsname=%s is longer than any name of a file system",
			   quote(text).text);
	return copy(value, text);
}

static int take_list(struct rule *rule, const char *text, char **value, char **error)
{
	(void)rule;
	for (const char *item = text;; item++) {
		size_t n = strcspn(item, "|");

		if (!n)
			return bad(error, "%s: an item of the list is empty", quote(text).text);
		item += n;
		if (!*item)
			return copy(value, text);
	}
}

static int take_fsuuid(struct rule *rule, const char *text, char **value, char **error)
{
	char uuid[37];
	size_t n = strlen(text);

	(void)rule;
	for (size_t i = 0; i < n && n == 36; i++) {
		char c = text[i];
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

		if (c >= 'A' && c <= 'F') {
			c = (char)(c + 'a' - 'A');
			digit = true;
		}
		if (hyphen ? c != '-' : !digit)
			n = 0;
		else
			uuid[i] = c;
	}
	if (n != 36)
		return bad(error, "fsuuid=%s is no UUID", quote(text).text);
	uuid[36] = '\0';
	return copy(value, uuid);
}

static int take_id(struct rule *rule, const char *text, char **value, char **error)
{
	uint64_t id;

	(void)rule;
	/* the largest is no id */
	if (!number(text, 10, UINT32_MAX - 1, &id))
		return bad(error, "%s is no user or group id", quote(text).text);
	return asprintf(value, "%llu", (unsigned long long)id) < 0 ? -ENOMEM : 0;
}

static int take_digest_type(struct rule *rule, const char *text, char **value, char **error)
{
	(void)rule;
	if (strcmp(text, "verity"))
		return bad(error, "digest_type=%s: it can be verity only", quote(text).text);
	return copy(value, text);
}

/**
 * struct condition - one that a rule may have
 * @ops:	operators that may follow the name; NULL: the name is all
 */
static const struct condition {
	const char *name;
	const char *ops;
	int (*take)(struct rule *rule, const char *text, char **value, char **error);
} conditions[SLOTS] = {
	[FUNC] = { "func", "=", take_func },
	[MASK] = { "mask", "=", take_mask },
	[FSMAGIC] = { "fsmagic", "=", take_fsmagic },
	[FSNAME] = { "fsname", "=", take_fsname },
	[KEYRINGS] = { "keyrings", "=", take_list },
	[LABEL] = { "label", "=", take_list },
	[FSUUID] = { "fsuuid", "=", take_fsuuid },
	[UID] = { "uid", "=<>", take_id },
	[EUID] = { "euid", "=<>", take_id },
	[GID] = { "gid", "=<>", take_id },
	[EGID] = { "egid", "=<>", take_id },
	[FOWNER] = { "fowner", "=<>", take_id },
	[FGROUP] = { "fgroup", "=<>", take_id },
	[OBJ_USER] = { "obj_user", "=", take_text },
	[OBJ_ROLE] = { "obj_role", "=", take_text },
	[OBJ_TYPE] = { "obj_type", "=", take_text },
	[SUBJ_USER] = { "subj_user", "=", take_text },
	[SUBJ_ROLE] = { "subj_role", "=", take_text },
	[SUBJ_TYPE] = { "subj_type", "=", take_text },
	[DIGEST_TYPE] = { "digest_type", "=", take_digest_type },
	[PERMIT_DIRECTIO] = { "permit_directio", NULL, NULL },
	/* the kernel takes it and does nothing about it */
	[APPRAISE_FLAG] = { "appraise_flag", "=", take_text },
};

static int take_action(struct rule *rule, const char *word, char **error)
{
	const char *action = one_of(word, actions, sizeof(actions) / sizeof(*actions));

	if (!action)
		return bad(error,
			   "a container cannot have the action %s; audit, dont_audit, "
			   "dont_measure, dont_appraise and dont_hash it can",
			   word);
	if (rule->action)
		return bad(error, "%s: the rule has the action %s already", word, rule->action);
	rule->action = action;
	return 0;
}

static int take_condition(struct rule *rule, enum slot slot, char op, const char *text,
			  char **error)
{
	const struct condition *condition = &conditions[slot];
	int rc;

	if (rule->seen & BIT(slot))
		return bad(error, "%s is given twice", condition->name);
	rule->seen |= BIT(slot);
	rule->op[slot] = op;
	if (!condition->take)
		return 0;
	if (!*text)
		return bad(error, "%s has no value", condition->name);
	rc = condition->take(rule, text, &rule->value[slot], error);
	return rc;
}

static int take_word(struct rule *rule, const char *word, char **error)
{
	static const char *const others[] = { "pcr", "template", "appraise_type",
					      "appraise_algos" };
	size_t n = strcspn(word, "=<>");

	if (one_of(word, actions, sizeof(actions) / sizeof(*actions)) ||
	    one_of(word, later_actions, sizeof(later_actions) / sizeof(*later_actions)))
		return take_action(rule, word, error);
	for (enum slot slot = 0; slot < SLOTS; slot++) {
		const struct condition *condition = &conditions[slot];

		if (strlen(condition->name) != n || strncmp(word, condition->name, n))
			continue;
		if (!condition->ops && !word[n])
			return take_condition(rule, slot, '\0', "", error);
		if (condition->ops && word[n] && strchr(condition->ops, word[n]))
			return take_condition(rule, slot, word[n], word + n + 1, error);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (word[n] == '=' && strlen(others[i]) == n && !strncmp(word, others[i], n))
			return bad(error, "%s= belongs to actions that a container cannot have",
				   others[i]);
	return bad(error, "%s is neither an action nor a condition", quote(word).text);
}

/* What fits together: ima_validate_rule() of the kernel. */
static int validate(const struct rule *rule, char **error)
{
	const struct func *func = rule->func;

	if (!rule->action)
		return bad(error, "the rule has no action");
	/* they share one place in the kernel's rule */
	if ((rule->seen & BIT(UID) && rule->seen & BIT(EUID)) ||
	    (rule->seen & BIT(GID) && rule->seen & BIT(EGID)))
		return bad(error, "a rule has either %s or e%s, not both",
			   rule->seen & BIT(UID) && rule->seen & BIT(EUID) ? "uid" : "gid",
			   rule->seen & BIT(UID) && rule->seen & BIT(EUID) ? "uid" : "gid");
	if (func->measure && strcmp(rule->action, "dont_measure"))
		return bad(error, "func=%s goes with dont_measure only", func->name);
	for (enum slot slot = 0; slot < SLOTS; slot++) {
		if (!(rule->seen & BIT(slot) & ~func->takes))
			continue;
		if (slot == KEYRINGS || slot == LABEL)
			return bad(error, "%s= goes with func=%s only", conditions[slot].name,
				   slot == LABEL ? "CRITICAL_DATA" : "KEY_CHECK");
		return bad(error, "%s does not go with func=%s", conditions[slot].name, func->name);
	}
	return 0;
}

/* The form of ima_policy_show(). */
static int normalise(const struct rule *rule, char **normal)
{
	size_t size;
	FILE *file = open_memstream(normal, &size);

	if (!file)
		return -ENOMEM;
	fprintf(file, "%s ", rule->action);
	for (enum slot slot = 0; slot < SLOTS; slot++) {
		if (!(rule->seen & BIT(slot)) || slot == APPRAISE_FLAG)
			continue;
		if (rule->value[slot])
			fprintf(file, "%s%c%s ", conditions[slot].name, rule->op[slot],
				rule->value[slot]);
		else
			fprintf(file, "%s ", conditions[slot].name);
	}
	return fclose(file) ? -ENOMEM : 0;
}

/* @line is changed. */
static int parse_rule(char *line, char **normal, char **error)
{
	struct rule rule = { .func = &no_func };
	char *rest = line, *word;
	int rc = 0;

	while (!rc && (word = strsep(&rest, " \t")))
		if (*word)
			rc = take_word(&rule, word, error);
	if (!rc)
		rc = validate(&rule, error);
	if (!rc)
		rc = normalise(&rule, normal);
	for (enum slot slot = 0; slot < SLOTS; slot++)
		free(rule.value[slot]);
	return rc;
}

static int add_rule(struct policy *policy, const char *text, size_t size, char *normal)
{
	/* a power of two fills up */
	if (!(policy->n & (policy->n - 1))) {
		struct policy_rule *rules =
			reallocarray(policy->rules, policy->n ? policy->n * 2 : 1, sizeof(*rules));

		if (!rules) {
			free(normal);
			return -ENOMEM;
		}
		policy->rules = rules;
	}
	policy->rules[policy->n++] = (struct policy_rule){ text, size, normal };
	return 0;
}

static int parse_line(struct policy *policy, const char *text, size_t size)
{
	char *line, *normal = NULL;
	size_t blank = 0;
	int rc;

	if (size >= (size_t)sysconf(_SC_PAGESIZE)) {
		bad(&policy->error, "%zu characters; a line has to be shorter than a page", size);
		return -E2BIG;
	}
	for (size_t i = 0; i < size; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
			return bad(&policy->error, "control character 0x%02x in column %zu",
				   (unsigned char)text[i], i + 1);
	while (blank < size && (text[blank] == ' ' || text[blank] == '\t'))
		blank++;
	if (blank == size || text[blank] == '#')
		return 0;
	if (text[blank] == '/')
		return bad(&policy->error, "a policy holds rules, not names of other policies");
	line = strndup(text, size);
	if (!line)
		return -ENOMEM;
	rc = parse_rule(line, &normal, &policy->error);
	free(line);
	if (rc) {
		free(normal);
		return rc;
	}
	if (policy->n == CONTID_POLICY_RULES) {
		free(normal);
		bad(&policy->error, "more than %d rules", CONTID_POLICY_RULES);
		return -EDQUOT;
	}
	return add_rule(policy, text, size, normal);
}

int policy_parse(const char *text, size_t size, struct policy *policy)
{
	*policy = (struct policy){ 0 };
	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t n = end ? (size_t)(end - text) : size;
		int rc;

		policy->line++;
		rc = parse_line(policy, text, n);
		if (rc)
			return rc;
		n += end ? 1 : 0;
		text += n;
		size -= n;
	}
	policy->line = 0;
	return 0;
}

void policy_free(struct policy *policy)
{
	for (size_t i = 0; i < policy->n; i++)
		free(policy->rules[i].normal);
	free(policy->rules);
	free(policy->error);
	*policy = (struct policy){ 0 };
}

int contid_policy_check(const char *text, size_t size, unsigned int *rules, unsigned int *line,
			char **error)
{
	struct policy policy;
	int rc = policy_parse(text, size, &policy);

	*error = NULL;
	if (!rc && !policy.n) {
		policy.line = 1;
		rc = bad(&policy.error, "the policy has no rule");
	}
	if (rules)
		*rules = (unsigned int)policy.n;
	*line = policy.line;
	*error = policy.error;
	policy.error = NULL;
	policy_free(&policy);
	return rc;
}
