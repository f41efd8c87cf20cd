/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ima-review - the measurement lists of a host and its containers, and what a TPM proves of them
 *
 * Evidence is a folder of plain files; manifest.json names them. Whatever is read from it is
 * hostile: every size is checked against what is there.
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef IMA_REVIEW_H
#define IMA_REVIEW_H

#include <contid.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../libcontid/cli/options.h"

/* ---- memory and files (util.c) -------------------------------------------------------------- */

static inline void ir_freep(void *p)
{
	free(*(void **)p);
}
static inline void ir_closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void ir_fclosep(FILE **file)
{
	if (*file)
		fclose(*file);
}
#define IR_FREE	  __attribute__((cleanup(ir_freep)))
#define IR_CLOSE  __attribute__((cleanup(ir_closep)))
#define IR_FCLOSE __attribute__((cleanup(ir_fclosep)))

/* Without memory the program ends, with CLI_SYSTEM and one line; so these never return NULL. */
void *ir_alloc(size_t size); /* zeroed */
void *ir_array(void *old, size_t n, size_t size);
char *ir_copy(const char *text);
__attribute__((format(printf, 1, 2))) char *ir_text(const char *format, ...);
/* cli_escape() of @size bytes; freed by the caller */
char *ir_escape(const char *bytes, size_t size);
char *ir_hex(const uint8_t *bytes, size_t size); /* freed by the caller */
/* Lower or upper case, an even number of digits. Bytes, or -1: no hex, or more than @max bytes. */
ssize_t ir_unhex(const char *text, size_t length, uint8_t *bytes, size_t max);
/* The whole of a file of at most @max bytes: 0, or -EFBIG, or the errno of reading. */
int ir_read_file(int dir, const char *name, size_t max, uint8_t **bytes, size_t *size);
/*
 * A file of the mount that @dir is of, to be read; a descriptor or -errno. Whoever owns a mount
 * namespace may mount other files over those of the kernel.
 */
int ir_open_within(int dir, const char *name);
/* "2026-01-31T12:00:00.000Z" */
void ir_time(char out[32], int64_t sec, unsigned int msec);
/* Decimal number and a newline, as the kernel's counters are; -1 if it is not. */
int64_t ir_number(const char *text);

/* ---- progress on stderr (progress.c) -------------------------------------------------------- */

void ir_progress_on(bool always); /* else only on a terminal */
/* At most five lines a second; @total 0 if unknown. */
void ir_progress(const char *what, uint64_t done, uint64_t total);
void ir_progress_end(void);
/* The most memory that was in use, if progress was asked for. */
void ir_progress_memory(void);

/* ---- hashes (hash.c) ------------------------------------------------------------------------ */

#define IR_DIGEST_MAX 64

struct ir_hash {
	const char *name; /* the kernel's */
	uint16_t tpm;	  /* TPM_ALG_*, or 0 */
	uint8_t size;
	const char *openssl;
};

const struct ir_hash *ir_hash_named(const char *name, size_t length);
const struct ir_hash *ir_hash_of_tpm(uint16_t alg);
/* Whether libcrypto has it here. */
bool ir_hash_works(const struct ir_hash *hash);
/* False if it does not work. */
bool ir_digest(const struct ir_hash *hash, const void *data, size_t size, uint8_t *out);
/* out = H(pcr || digest), in place */
bool ir_extend(const struct ir_hash *hash, uint8_t *pcr, const uint8_t *digest);
bool ir_is_filled(const uint8_t *bytes, size_t size, uint8_t with);

/* ---- measurement lists (list.c, template.c) -------------------------------------------------- */

#define IR_PCR		 10 /* CONFIG_IMA_MEASURE_PCR_IDX */
#define IR_TEMPLATE_MAX	 512
#define IR_DATA_MAX	 (16u << 20)
#define IR_FIELDS	 16
#define IR_LEGACY_DIGEST 20
#define IR_LEGACY_NAME	 256 /* what the name is padded to, its NUL included */

enum ir_field_kind {
	IR_FIELD_DIGEST,	 /* bytes */
	IR_FIELD_DIGEST_NG,	 /* "ALGO:" NUL bytes */
	IR_FIELD_DIGEST_NGV2,	 /* "TYPE:ALGO:" NUL bytes */
	IR_FIELD_DIGEST_OR_NONE, /* as NG, or nothing */
	IR_FIELD_STRING,	 /* text NUL */
	IR_FIELD_NAME,		 /* text, the NUL not written */
	IR_FIELD_STRINGS,	 /* shown as text, whatever it is */
	IR_FIELD_HEX,
	IR_FIELD_UINT,
};

struct ir_field {
	const char *id; /* as in a template's format */
	enum ir_field_kind kind;
	const uint8_t *data;
	uint32_t size;
};

/**
 * struct ir_entry - one entry of a binary list
 * @number:	from 1
 * @digest:	stored template digest, as long as the list's hash
 * @template:	its name
 * @data:	template data, @size bytes, as they are hashed; of `ima`: digest and name, no
 * lengths
 * @legacy:	template `ima`
 * @violation:	the stored digest is zero
 * @known:	the template is one of the kernel's, or made of fields of the kernel
 * @bad:	why the fields are not what the template says, or NULL
 * @hash:	name of the hash of the file, "" if the entry has none
 * @file_digest: @file_digest_size bytes of the file's digest
 * @path:	the event name without its NUL, @path_size bytes
 *
 * Memory belongs to the list and lives until the next entry.
 */
struct ir_entry {
	uint64_t number;
	uint32_t pcr;
	uint8_t digest[IR_DIGEST_MAX];
	char template[IR_TEMPLATE_MAX + 1];
	const uint8_t *data;
	uint32_t size;
	bool legacy;
	bool violation;
	bool big_endian;
	bool known;
	const char *bad;
	size_t n;
	struct ir_field fields[IR_FIELDS];
	char hash[24];
	const uint8_t *file_digest;
	size_t file_digest_size;
	const uint8_t *path;
	size_t path_size;
};

struct ir_list {
	FILE *file;
	const struct ir_hash *hash;
	bool order_known, big_endian;
	uint64_t n;
	uint8_t *data;
	size_t room;
	const char *error; /* what is wrong after entry @n */
};

void ir_list_begin(struct ir_list *list, FILE *file, const struct ir_hash *hash);
/* 1 an entry, 0 the end, -EBADMSG no list from here on (list->error), -EIO */
int ir_list_next(struct ir_list *list, struct ir_entry *entry);
void ir_list_end(struct ir_list *list); /* the file stays open */

/* Fills what follows from template and data. */
void ir_entry_fields(struct ir_entry *entry);
/* @as: the entry with fields of another format. False if its data are not those. */
bool ir_entry_as(const struct ir_entry *entry, const char *format, struct ir_entry *as);
/* The template digest in another hash, as the kernel makes it. */
bool ir_entry_digest(const struct ir_entry *entry, const struct ir_hash *hash, uint8_t *out);
/* The line of the ascii list with its newline, freed by the caller. */
char *ir_entry_ascii(const struct ir_entry *entry, const uint8_t *digest, size_t digest_size,
		     size_t *size);
/* The field @id, or NULL. */
const struct ir_field *ir_entry_field(const struct ir_entry *entry, const char *id);
/* Whether Keylime's parser knows the template. */
bool ir_template_keylime(const char *name);

/**
 * struct ir_ascii - an ascii list
 *
 * A line is `%2d <digest> <template> <fields>`. A name may hold newlines, so whoever knows the
 * entry says how many belong to it.
 */
struct ir_ascii {
	FILE *file;
	uint64_t n;
	char *line;
	size_t room, size;
	const char *error;
	/* of the line */
	unsigned int pcr;
	uint8_t digest[IR_DIGEST_MAX];
	size_t digest_size;
	char template[IR_TEMPLATE_MAX + 1];
	const char *fields;
};

void ir_ascii_begin(struct ir_ascii *ascii, FILE *file);
/* 1 a line, 0 the end, -EBADMSG (ascii->error; the line was read, the next one may be good), -EIO
 */
int ir_ascii_next(struct ir_ascii *ascii, unsigned int newlines);
void ir_ascii_end(struct ir_ascii *ascii);

/* ---- anchors of namespace lists (anchor.c) --------------------------------------------------- */

#define IR_ANCHOR_SIZE 64
enum { IR_ANCHOR_FIRST = 1, IR_ANCHOR_LAST = 2, IR_ANCHOR_CLOSED = 4 };

struct ir_anchor {
	uint64_t entry; /* its number in the host's list */
	size_t next;	/* index of the next one of its namespace, 0 none */
	bool begins;	/* no other of its namespace before it */
	uint64_t epoch; /* how many times a boot_aggregate was before it */
	uint64_t id, parent, count;
	uint8_t flags;
	uint8_t digest[32];
};

/* in the order of the list; found by namespace through a table of the first and the last of each */
struct ir_anchors {
	size_t n, room;
	struct ir_anchor *anchors;
	uint64_t epoch;
	size_t n_ids, n_slots;
	struct ir_anchor_slot *slots;
};

/* The first one of a namespace, NULL none. */
const struct ir_anchor *ir_anchors_first(const struct ir_anchors *anchors, uint64_t id);
/* The one after @anchor of the same namespace. */
const struct ir_anchor *ir_anchors_next(const struct ir_anchors *anchors,
					const struct ir_anchor *anchor);
/* Whether it has the name of an anchor, which anybody may give a keyring. */
bool ir_anchor_named(const struct ir_entry *entry);
/* Whether it has the data of one, whatever its template is called. */
bool ir_anchor_is(const struct ir_entry *entry);
/* NULL, or what is wrong with an entry that ir_anchor_is() or ir_anchor_named(). */
const char *ir_anchor_parse(const struct ir_entry *entry, struct ir_anchor *anchor);
/* NULL, or what is wrong with it after those before; added in either case. */
const char *ir_anchors_add(struct ir_anchors *anchors, const struct ir_anchor *anchor);
/* From here on anchors may be of another kernel. */
void ir_anchors_epoch(struct ir_anchors *anchors);
void ir_anchors_clear(struct ir_anchors *anchors);
/**
 * ir_anchors_check - a namespace's sha256 list against its anchors
 * @list:	binary_runtime_measurements_sha256 of the namespace
 * @proven:	out: entries up to the last anchor that holds
 * @total:	out: entries of the list
 * @error:	out: freed by the caller, why an anchor does not hold
 *
 * Return: how many anchors hold; -ENOENT the namespace has none; -EBADMSG see @error.
 */
int ir_anchors_check(const struct ir_anchors *anchors, uint64_t id, struct ir_list *list,
		     uint64_t *proven, uint64_t *total, char **error);

/* ---- evidence (manifest.c) ------------------------------------------------------------------- */

#define IR_SCHEMA	"ima-review/1"
#define IR_MANIFEST	"manifest.json"
#define IR_MANIFEST_SUM "manifest.sha256"
#define IR_BANKS	16
#define IR_FILES_MAX	10000
#define IR_MISSING_MAX	1000

struct ir_file {
	char *name;
	char sha256[65];
};

/* a file that could not be collected, and why */
struct ir_missing {
	char *name;
	char *why;
};

/**
 * struct ir_manifest - what the evidence is
 * @lost:	audit's counter of lost records, -1 unknown
 * @violations:	the host's counter, -1 unknown
 * @count_before: @count_after: runtime_measurements_count around the reading of the lists, or -1
 * @nonce:	hex, "" without a quote
 * @banks:	names of the banks that were asked for, "" ends
 * @ak_name:	hex, name of the key
 */
struct ir_manifest {
	char *host, *kernel, *time, *tool;
	char boot[37];
	int64_t lost, violations, count_before, count_after;
	char *nonce;
	char *ak_name;
	uint16_t banks[IR_BANKS];
	size_t n_banks;
	size_t n;
	struct ir_file *files;
	size_t n_missing;
	struct ir_missing *missing;
};

/* A plain name: no slash, no dot in front, printable ASCII, at most 200 bytes. */
bool ir_file_name(const char *name);
int ir_manifest_parse(const char *text, size_t size, struct ir_manifest *manifest, char **error);
char *ir_manifest_text(const struct ir_manifest *manifest);
void ir_manifest_free(struct ir_manifest *manifest);
const struct ir_file *ir_manifest_file(const struct ir_manifest *manifest, const char *name);
/* Names a file that could not be collected. Once it is stored it is missing no more. */
void ir_manifest_missing(struct ir_manifest *manifest, const char *name, const char *why);
/* Why it is missing, NULL if it is not. */
const char *ir_manifest_why(const struct ir_manifest *manifest, const char *name);
/* Opens a regular file of the folder, never a link; NULL with errno. */
FILE *ir_evidence_open(int dir, const char *name);
/* SHA-256 of a file in hex; progress is shown. */
int ir_evidence_sum(int dir, const char *name, char out[65]);

/* A file that is being written into the evidence. */
struct ir_store {
	struct ir_manifest *manifest;
	char *name;
	FILE *file;
	void *sum;
};
int ir_store_begin(struct ir_store *store, int dir, struct ir_manifest *manifest, const char *name);
int ir_store_write(struct ir_store *store, const void *bytes, size_t size);
int ir_store_end(struct ir_store *store);
int ir_store_bytes(int dir, struct ir_manifest *manifest, const char *name, const void *bytes,
		   size_t size);
/* Takes the last file away again. */
int ir_store_drop(int dir, struct ir_manifest *manifest, const char *name);
/* manifest.json and its checksum */
int ir_manifest_write(int dir, struct ir_manifest *manifest);

/* ---- serials of the audit log (serial.c) ----------------------------------------------------- */

#define IR_RANGES 4096

struct ir_range {
	uint64_t from, to;
};
/* Serials seen, as ranges; records come out of order, so a gap is one only in the end. */
struct ir_serials {
	size_t n;
	struct ir_range *ranges;
	uint64_t given_up; /* serials missing between ranges that had to be merged */
	uint64_t gaps_given_up;
};
void ir_serials_add(struct ir_serials *serials, uint64_t serial);
/* How many gaps, and how many serials are missing in them. */
uint64_t ir_serials_gaps(const struct ir_serials *serials, uint64_t *missing);
void ir_serials_free(struct ir_serials *serials);

/* ---- who did it (attribution.c) -------------------------------------------------------------- */

#define IR_IMANS_HOST 3

enum ir_how { IR_HOW_LIST, IR_HOW_RECORD, IR_HOW_MATCH, IR_HOW_NONE, IR_HOWS };
extern const char *const ir_how_names[IR_HOWS];

/* What is counted of one container under the policy of one IMA namespace. */
struct ir_node {
	uint64_t contid; /* CONTID_UNSET: none */
	uint64_t imans;	 /* 0 unknown */
	uint64_t count[IR_HOWS];
	uint64_t violations;
};

struct ir_container {
	uint64_t contid, parent; /* CONTID_UNSET: unknown, or none */
	char *name;
	char *command;
	uint64_t imans; /* of its user namespace, from the state folder; 0 unknown */
	uint64_t userns;
	int64_t pids;
};

/* a host entry, and a container that has a record of the same path and digest */
struct ir_match {
	uint64_t entry;
	uint32_t node;
};

/* a user namespace, and the index of a container that it belongs to */
struct ir_owner {
	uint64_t imans;
	uint32_t container;
};

struct ir_slot;
struct ir_attribution {
	size_t n_nodes, room_nodes;
	struct ir_node *nodes;
	uint32_t *node_slots;
	size_t n_node_slots;
	size_t n_containers, room_containers;
	struct ir_container *containers;
	uint32_t *container_slots;
	size_t n_container_slots;
	size_t n_owners;
	struct ir_owner *owners; /* sorted */
	/* host entries by path and digest */
	size_t n_slots, used;
	struct ir_slot *slots;
	size_t n_matches, room_matches;
	struct ir_match *matches;
	bool sorted;
	uint64_t matches_lost;
};

void ir_attribution_free(struct ir_attribution *a);
struct ir_node *ir_node_get(struct ir_attribution *a, uint64_t contid, uint64_t imans);
struct ir_container *ir_container_get(struct ir_attribution *a, uint64_t contid);
const struct ir_container *ir_container_find(const struct ir_attribution *a, uint64_t contid);
/* Once all containers are known, for ir_container_of(). */
void ir_attribution_owners(struct ir_attribution *a);
/* The container that owns the user namespace whose id is @imans; NULL: none, or more than one. */
const struct ir_container *ir_container_of(const struct ir_attribution *a, uint64_t imans);
/* A line of containers.json; false if it is not one. */
bool ir_container_parse(struct ir_attribution *a, const char *line);
char *ir_container_line(const struct ir_container *container);
/* Remember a host entry for matches. */
void ir_attribution_entry(struct ir_attribution *a, const struct ir_entry *entry);
/* Count the records of an event, and find host entries that match. */
void ir_attribution_event(struct ir_attribution *a, const struct contid_event *event);
/* Who a record speaks of. */
void ir_attribution_record(const struct ir_attribution *a, const struct contid_event *event,
			   const struct contid_record *record, uint64_t *contid, uint64_t *imans,
			   enum ir_how *how);
/* Matches of a host entry; call ir_attribution_done() before. */
const struct ir_match *ir_attribution_matches(const struct ir_attribution *a, uint64_t entry,
					      size_t *n);
void ir_attribution_done(struct ir_attribution *a);
/* Path and "ALGO:HEX" of an INTEGRITY_RULE record, freed by the caller; false if it has none. */
bool ir_rule_record(const struct contid_record *record, char **path, size_t *path_size,
		    char **digest);

/* ---- quotes (quote.c, tss.c) ----------------------------------------------------------------- */

#define IR_PCRS	      11 /* 0 to 10 */
#define IR_NONCE_MAX  64
#define IR_QUOTE_MSG  "quote.msg"
#define IR_QUOTE_SIG  "quote.sig"
#define IR_QUOTE_PCRS "quote.pcrs"
#define IR_AK_PUBLIC  "ak.pub"
#define IR_AK_PEM     "ak.pem"

struct ir_bank_pcrs {
	uint16_t alg;
	uint32_t selected; /* bit N: PCR N */
	size_t size[24];
	uint8_t value[24][IR_DIGEST_MAX];
};
struct ir_pcrs {
	size_t n;
	struct ir_bank_pcrs banks[IR_BANKS];
};

/* PCR values as tpm2_quote writes them with -o, which tpm2_checkquote reads with -f. */
int ir_pcrs_parse(const uint8_t *bytes, size_t size, struct ir_pcrs *pcrs);
uint8_t *ir_pcrs_bytes(const struct ir_pcrs *pcrs, size_t *size);
const struct ir_bank_pcrs *ir_pcrs_bank(const struct ir_pcrs *pcrs, uint16_t alg);

/**
 * struct ir_quote - a quote, decoded
 * @message:	TPMS_ATTEST as it was signed
 * @hash:	of the signature
 * @selection:	banks and PCRs in the order of the quote; no values
 * @digest:	over the selected PCRs, @digest_size bytes
 */
struct ir_quote {
	uint32_t magic;
	uint16_t type;
	uint8_t nonce[IR_NONCE_MAX + 8];
	size_t nonce_size;
	struct ir_pcrs selection;
	bool selection_odd; /* more banks or PCRs than we know */
	uint8_t digest[IR_DIGEST_MAX];
	size_t digest_size;
	uint64_t clock;
	uint32_t resets, restarts;
};

/* A key, from a TPM2B_PUBLIC or from PEM. */
struct ir_key {
	void *pkey; /* EVP_PKEY */
	bool has_attributes;
	bool restricted; /* signs only what the TPM itself made */
	uint16_t hash;	 /* of its scheme, 0 any */
	uint8_t name[IR_DIGEST_MAX + 2];
	size_t name_size;
	const char *type;
};

int ir_quote_decode(const uint8_t *message, size_t size, struct ir_quote *quote);
int ir_key_public(const uint8_t *bytes, size_t size, struct ir_key *key);
/*
 * PEM, TPM2B_PUBLIC, or what enroll prints: PEM with a line "name: HEX" before it. -EBADMSG no key;
 * -EINVAL a key, and a line of a name that is none.
 */
int ir_key_file(const uint8_t *bytes, size_t size, struct ir_key *key);
char *ir_key_pem(const struct ir_key *key);
void ir_key_free(struct ir_key *key);
bool ir_key_same(const struct ir_key *a, const struct ir_key *b);
/**
 * ir_quote_signed - whether @message was signed by @key
 * @signature:	TPMT_SIGNATURE, @signature_size bytes
 * @hash:	out: TPM_ALG of the signature's hash
 * @error:	out: why not, static
 */
bool ir_quote_signed(const struct ir_key *key, const uint8_t *message, size_t size,
		     const uint8_t *signature, size_t signature_size, uint16_t *hash,
		     const char **error);
/* Loads what decodes structures: 0, or -ENOSYS and why in a text freed by the caller. */
int ir_tss_decoder(char **error);

/* ---- the TPM (tpm.c) ------------------------------------------------------------------------- */

#define IR_HANDLE UINT32_C(0x81004149)

struct ir_tpm;
/* -ENODEV none; -ENOSYS a library is missing; -EACCES. @error freed by the caller. */
int ir_tpm_open(const char *tcti, struct ir_tpm **tpm, char **error);
void ir_tpm_close(struct ir_tpm *tpm);
/* @public TPM2B_PUBLIC, freed by the caller; -ENOENT nothing there, -EBADF another kind of key */
int ir_tpm_key(struct ir_tpm *tpm, uint32_t handle, uint8_t **public, size_t *size, char **error);
int ir_tpm_enroll(struct ir_tpm *tpm, uint32_t handle, const char *algorithm, const char *auth,
		  size_t auth_size, char **error);
/* Banks that have PCRs 0 to 10, as a selection. */
int ir_tpm_banks(struct ir_tpm *tpm, struct ir_pcrs *selection, char **error);
int ir_tpm_quote(struct ir_tpm *tpm, uint32_t handle, const struct ir_pcrs *selection,
		 const uint8_t *nonce, size_t nonce_size, uint8_t **message, size_t *size,
		 uint8_t **signature, size_t *signature_size, char **error);
int ir_tpm_read(struct ir_tpm *tpm, struct ir_pcrs *pcrs, char **error);

/* ---- the review (review.c, replay.c) --------------------------------------------------------- */

enum ir_state {
	IR_HOLDS,
	IR_FAILED,
	IR_SKIPPED,
	IR_WORD,  /* the kernel's word */
	IR_NOTED, /* to be looked at */
};

#define IR_FINDINGS 20
enum {
	IR_CHECK_EVIDENCE,
	IR_CHECK_SIGNATURE,
	IR_CHECK_STRUCTURE,
	IR_CHECK_REPLAY,
	IR_CHECK_PREFIX,
	IR_CHECK_BOOT,
	IR_CHECK_FORMS,
	IR_CHECK_NAMESPACES,
	IR_CHECK_AUDIT,
	IR_CHECKS
};

struct ir_check {
	enum ir_state state;
	char *text;
	size_t n_findings;
	char *findings[IR_FINDINGS];
	uint64_t more; /* findings that had no room */
};

/* flags of a host entry */
enum {
	IR_ENTRY_VIOLATION = 1,
	IR_ENTRY_BAD = 2, /* digest, template or field */
	IR_ENTRY_OTHER_PCR = 4,
	IR_ENTRY_ANCHOR = 8,
	IR_ENTRY_TEMPLATE = 16, /* one that Keylime does not parse */
};

struct ir_bank {
	const struct ir_hash *hash;
	uint16_t alg;
	const struct ir_bank_pcrs *pcrs; /* as read, NULL if the bank was not quoted */
	bool quoted;
	bool listed;	  /* the kernel has a list of it */
	bool padded;	  /* the kernel lacks the hash: SHA-1 and zeros */
	bool style_known; /* @padded is sure */
	uint64_t entries, violations, bad;
	uint8_t pcr[IR_DIGEST_MAX];	    /* PCR 10 after all entries */
	uint8_t pcr_covered[IR_DIGEST_MAX]; /* after the covered prefix */
};

struct ir_namespace {
	uint64_t id;
	uint64_t contid; /* of the container that owns it, or CONTID_UNSET */
	uint64_t entries, proven, violations, anchors;
	int64_t count;
	bool listed;
	const char *note;
};

struct ir_review {
	/* asked */
	const char *folder;
	const char *ak_file;
	const uint8_t *nonce;
	size_t nonce_size;
	bool unquoted;
	/* seen */
	int dir;
	struct ir_manifest manifest;
	struct ir_check checks[IR_CHECKS];
	bool have_quote, have_list, pinned;
	bool attributes_pinned; /* the pinned key came with its TPM's name, or all of its public
				   area */
	struct ir_quote quote;
	uint16_t quote_hash;
	struct ir_pcrs pcrs;
	struct ir_key key;
	char *key_name;
	size_t n_banks;
	struct ir_bank banks[IR_BANKS];
	uint64_t entries; /* of the host's list */
	uint64_t violations;
	uint64_t bad;
	uint64_t other_templates;
	bool covered_known;
	uint64_t covered;   /* entries up to which the quote proves */
	uint64_t other_pcr; /* of those, the ones that it does not prove */
	uint8_t *flags;	    /* of each entry */
	size_t room_flags;
	struct ir_anchors anchors;
	uint64_t bad_anchors; /* of the host's list: made by the kernel, and not as it makes them */
	size_t n_namespaces;
	struct ir_namespace *namespaces;
	struct ir_attribution who;
	uint64_t events, records;
	uint64_t gaps, missing, daemons;
	const struct ir_hash *list_hash; /* of the list that is shown */
};

extern const char *const ir_state_words[];
extern const char *const ir_check_titles[IR_CHECKS];
__attribute__((format(printf, 3, 4))) void ir_check_set(struct ir_check *check, enum ir_state state,
							const char *format, ...);
__attribute__((format(printf, 2, 3))) void ir_finding(struct ir_check *check, const char *format,
						      ...);
/* Runs all checks. 0, or -errno and why: nothing could be judged. */
int ir_review_run(struct ir_review *review, char **error);
void ir_review_lists(struct ir_review *review);	      /* checks 3 to 6 */
void ir_review_namespaces(struct ir_review *review);  /* check 7 */
int ir_review_status(const struct ir_review *review); /* exit status */
void ir_review_free(struct ir_review *review);

/* 7.5: what is proven */
struct ir_statement {
	const char *claim;
	const char *state; /* one word or two */
	char *detail;
};
size_t ir_statements(const struct ir_review *review, struct ir_statement **statements);
void ir_statements_free(struct ir_statement *statements, size_t n);
/* The first line: one sentence about all of it; freed by the caller. */
char *ir_sentence(const struct ir_review *review);

/* Goes through the host's list again. @each returns other than 0 to end it. */
struct ir_shown {
	const struct ir_entry *entry;
	const char *state; /* "proven" "violation" "after the quote" ... */
	enum ir_how how;
	size_t n;
	const struct ir_match *matches;
	uint8_t flags;
};
int ir_review_entries(struct ir_review *review, int (*each)(const struct ir_shown *, void *),
		      void *data);
/* Goes through lists of namespaces. */
int ir_review_namespace_entries(struct ir_review *review,
				int (*each)(const struct ir_namespace *, const struct ir_entry *,
					    void *),
				void *data);
/* Goes through the audit log again. */
int ir_review_events(struct ir_review *review, contid_event_fn each, void *data);

/* ---- reports --------------------------------------------------------------------------------- */

struct ir_output {
	FILE *file;
	bool color;
	bool tree, entries, events;
	char end;
	bool csv;
};
int ir_report_text(struct ir_review *review, const struct ir_output *output);
int ir_report_json(struct ir_review *review, const struct ir_output *output);
int ir_report_csv(struct ir_review *review, const struct ir_output *output);
int ir_report_html(struct ir_review *review, FILE *file);
/* Keylime's runtime policies: host.json and contid-N.json in @folder. */
int ir_report_keylime(struct ir_review *review, const char *folder, char **error);

/* ---- collecting (collect.c, collect_ns.c, collect_log.c) ------------------------------------- */

#define IR_SECURITYFS "/sys/kernel/security"
#define IR_CONTAINERS "containers.json"
#define IR_CONTID_LS  "contid-ls.json"
#define IR_AUDIT_LOG  "audit.log"

struct ir_collect {
	const char *folder;
	const char *tcti;
	uint32_t handle;
	const uint8_t *nonce;
	size_t nonce_size;
	bool unquoted;
	const char *securityfs;
	const char *state_dir;
	const char *const *logs; /* all of them; NULL: auditd's own since boot */
	bool no_log;
};
/* Exit status; says on stderr what failed. */
int ir_collect_run(const struct ir_collect *collect);
int ir_collect_namespaces(const struct ir_collect *collect, int dir, struct ir_manifest *manifest);
/* Files of an IMA namespace, whose integrity/ima @ima is; fails only if they cannot be written. */
int ir_collect_namespace(int dir, struct ir_manifest *manifest, int ima, uint64_t id, uint64_t max);
/* What a task sees of a mount namespace: as much as is below its root. */
struct ir_view {
	uint64_t ns, mount, dev, inode;
};
struct ir_views {
	size_t n, room;
	struct ir_view *views;
};
/* @task: /proc/PID. 1 a new one, 0 known, -ENOSPC too many of one mount namespace, -errno */
int ir_views_add(struct ir_views *views, int task);
int ir_collect_log(const struct ir_collect *collect, int dir, struct ir_manifest *manifest);
/* Copies a file of unknown size, at most @max bytes. -ENODATA: longer than that. */
int ir_collect_copy(int dir, struct ir_manifest *manifest, const char *name, int from,
		    uint64_t max);
/*
 * The same of a file that is not the host's. What cannot be read, or is longer, is left out and
 * named as missing: it must not end the collection. Fails only if the evidence cannot be written.
 */
int ir_collect_foreign(int dir, struct ir_manifest *manifest, const char *name, int from,
		       uint64_t max);

/* ---- configuration (config.c) ---------------------------------------------------------------- */

#define IR_CONFIG "/etc/contid/ima-review.conf"
struct ir_config {
	char *tcti;
	uint32_t handle;
};
/* A missing file is an empty one. -EINVAL with the line and why. */
int ir_config_read(const char *file, struct ir_config *config, char **error);

/* ---- commands -------------------------------------------------------------------------------- */

int cmd_enroll(struct cli_parse *parse);
int cmd_collect(struct cli_parse *parse);
int cmd_verify(struct cli_parse *parse);
int cmd_show(struct cli_parse *parse);
int cmd_live(struct cli_parse *parse);

#endif /* IMA_REVIEW_H */
