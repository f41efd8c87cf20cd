/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options that several commands have
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef IR_COMMANDS_H
#define IR_COMMANDS_H

#include "../libcontid/cli/out.h"
#include "ima-review.h"

enum {
	KEY_PROGRESS = 0x500,
	KEY_ALGORITHM,
	KEY_AUTH,
	KEY_JSON_ONLY,
	KEY_TCTI,
	KEY_HANDLE,
	KEY_CONFIG,
	KEY_NONCE,
	KEY_UNQUOTED,
	KEY_AK,
	KEY_TREE,
	KEY_HTML,
	KEY_EVENTS,
	KEY_EXPORT,
	KEY_EXPORT_TO,
	KEY_SECURITYFS,
	KEY_STATE,
	KEY_LOG,
	KEY_NO_LOG,
};

#define TPM_OPTIONS(COMMAND)                                                                       \
	OPTION(COMMAND, KEY_TCTI, "tcti", "NAME:CONF",                                             \
	       "how to reach the TPM; default TPM2TOOLS_TCTI, else the configuration, else what "  \
	       "the loader finds")                                                                 \
	OPTION(COMMAND, KEY_HANDLE, "handle", "HANDLE",                                            \
	       "persistent handle of the key; default 0x81004149, or the configuration")           \
	OPTION(COMMAND, KEY_CONFIG, "config", "FILE",                                              \
	       "configuration; default /etc/contid/ima-review.conf")
#define NONCE_OPTION(COMMAND)                                                                      \
	OPTION(COMMAND, KEY_NONCE, "nonce", "HEX",                                                 \
	       "the verifier's question, 1 to 64 bytes; without it freshness is not proven")
#define UNQUOTED_OPTION(COMMAND)                                                                   \
	OPTION(COMMAND, KEY_UNQUOTED, "unquoted", NULL,                                            \
	       "no quote: checks 1, 2 and 4 are left out, 5 without PCRs, and nothing is proven")
#define COLLECT_OPTIONS(COMMAND)                                                                   \
	OPTION(COMMAND, KEY_LOG, "log", "FILE",                                                    \
	       "audit log instead of auditd's own since boot; may be given more than once")        \
	OPTION(COMMAND, KEY_NO_LOG, "no-log", NULL, "leave the audit log out")                     \
	OPTION(COMMAND, KEY_SECURITYFS, "securityfs", "DIR",                                       \
	       "where the host's securityfs is; default /sys/kernel/security")                     \
	OPTION(COMMAND, KEY_STATE, "state", "DIR",                                                 \
	       "state folder of containers; default /run/contid/oci")                              \
	UNQUOTED_OPTION(COMMAND)
#define VERIFY_OPTIONS(COMMAND)                                                                    \
	OPTION(COMMAND, KEY_AK, "ak", "FILE",                                                      \
	       "public key that must have signed: PEM, TPM2B_PUBLIC, or what enroll prints; "      \
	       "without it the key of the evidence is taken, unpinned")                            \
	NONCE_OPTION(COMMAND)                                                                      \
	UNQUOTED_OPTION(COMMAND)
#define REPORT_OPTIONS(COMMAND)                                                                    \
	OPTION(COMMAND, KEY_TREE, "tree", NULL,                                                    \
	       "containers by chain, below them their IMA namespaces, with counts")                \
	OPTION(COMMAND, KEY_HTML, "html", "FILE",                                                  \
	       "write the report as one HTML file, without scripts and foreign references")        \
	OPTION(COMMAND, KEY_EVENTS, "events", NULL,                                                \
	       "also every audit record, with container and IMA namespace")                        \
	OPTION(COMMAND, KEY_EXPORT, "export", "keylime",                                           \
	       "write runtime policies, one for the host and one for each container")              \
	OPTION(COMMAND, KEY_EXPORT_TO, "export-to", "DIR",                                         \
	       "folder for --export; default: the present one")                                    \
	CLI_OUTPUT(COMMAND)

/* What the options of a command said. */
struct ir_options {
	struct cli_parse *parse;
	struct cli_out out;
	struct ir_collect collect;
	struct ir_review review;
	struct ir_config config;
	const char *config_file, *tcti, *handle;
	const char *algorithm, *auth_file;
	bool json, tree, events, unquoted, progress;
	const char *html, *export, *export_to;
	uint8_t nonce[IR_NONCE_MAX];
	const char **logs;
	size_t n_logs;
};

/* Reads them all; a bad one ends the program. @operands: how many there must be. */
void ir_options_read(struct ir_options *options, struct cli_parse *parse, int operands);
/* How to reach the TPM, NULL the loader's default. */
const char *ir_options_tcti(const struct ir_options *options);
uint32_t ir_options_handle(const struct ir_options *options);
/* Verify and write what was asked for. Exit status. */
int ir_options_report(struct ir_options *options, bool entries);
void ir_options_free(struct ir_options *options);

#endif /* IR_COMMANDS_H */
