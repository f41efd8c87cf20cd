// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who did it: container and IMA namespace of a measurement or an audit record
 *
 * Nothing is guessed from time or pid. A host entry is tied to containers only by a record of the
 * same path and the same digest: the same content, no proof of the same act.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <json.h>
#include <libaudit.h>
#include <string.h>
#include <sys/random.h>

#include "ima-review.h"

/* A hostile log may pair every entry with as many containers as it likes. */
#define MATCHES_MAX    (4u << 20)
#define NODES_MAX      (1u << 20)
#define CONTAINERS_MAX (1u << 20)
/* The kernel lists a content of a file once for each PCR and template. */
#define SAME_MAX       64

#ifndef AUDIT_INTEGRITY_POLICY_RULE
#define AUDIT_INTEGRITY_POLICY_RULE 1807
#endif

const char *const ir_how_names[IR_HOWS] = { "list", "record", "match", "none" };

struct ir_slot {
	uint64_t hash;
	uint64_t entry; /* 0: free */
};

/* Keyed, so that nobody can choose ids or paths that meet in the tables. */
static uint64_t seed(void)
{
	static uint64_t value;

	while (!value)
		if (getrandom(&value, sizeof(value), 0) != sizeof(value))
			value = (uint64_t)(uintptr_t)&value;
	return value;
}

static uint64_t mix(uint64_t h)
{
	h ^= seed();
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static uint64_t add_bytes(uint64_t h, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* ---- containers and nodes: arrays, and tables of open addressing into them ---- */

typedef uint64_t (*hash_fn)(const void *array, size_t i);

static uint64_t hash_node(const void *array, size_t i)
{
	const struct ir_node *node = (const struct ir_node *)array + i;

	return mix(node->contid ^ mix(node->imans));
}

static uint64_t hash_container(const void *array, size_t i)
{
	return mix(((const struct ir_container *)array)[i].contid);
}

static void slots_grow(uint32_t **slots, size_t *n_slots, const void *array, size_t n, hash_fn hash)
{
	size_t size = *n_slots;

	if (size && n * 2 < size)
		return;
	size = size ? size * 2 : 64;
	free(*slots);
	*slots = ir_alloc(size * sizeof(**slots));
	*n_slots = size;
	for (size_t i = 0; i < n; i++) {
		size_t at = hash(array, i) & (size - 1);

		while ((*slots)[at])
			at = (at + 1) & (size - 1);
		(*slots)[at] = (uint32_t)i + 1;
	}
}

static struct ir_node *node_find(const struct ir_attribution *a, uint64_t contid, uint64_t imans,
				 size_t *at)
{
	struct ir_node key = { .contid = contid, .imans = imans };

	*at = hash_node(&key, 0) & (a->n_node_slots - 1);
	for (; a->node_slots[*at]; *at = (*at + 1) & (a->n_node_slots - 1)) {
		struct ir_node *node = &a->nodes[a->node_slots[*at] - 1];

		if (node->contid == contid && node->imans == imans)
			return node;
	}
	return NULL;
}

struct ir_node *ir_node_get(struct ir_attribution *a, uint64_t contid, uint64_t imans)
{
	struct ir_node *node;
	size_t at;

	slots_grow(&a->node_slots, &a->n_node_slots, a->nodes, a->n_nodes, hash_node);
	node = node_find(a, contid, imans, &at);
	if (node)
		return node;
	/* the rest is counted as unknown */
	if (a->n_nodes >= NODES_MAX && (contid != CONTID_UNSET || imans))
		return ir_node_get(a, CONTID_UNSET, 0);
	if (a->n_nodes == a->room_nodes) {
		a->room_nodes = a->room_nodes ? a->room_nodes * 2 : 32;
		a->nodes = ir_array(a->nodes, a->room_nodes, sizeof(*a->nodes));
	}
	node = &a->nodes[a->n_nodes++];
	*node = (struct ir_node){ .contid = contid, .imans = imans };
	a->node_slots[at] = (uint32_t)a->n_nodes;
	return node;
}

static size_t container_slot(const struct ir_attribution *a, uint64_t contid)
{
	size_t at = mix(contid) & (a->n_container_slots - 1);

	while (a->container_slots[at] && a->containers[a->container_slots[at] - 1].contid != contid)
		at = (at + 1) & (a->n_container_slots - 1);
	return at;
}

const struct ir_container *ir_container_find(const struct ir_attribution *a, uint64_t contid)
{
	size_t at;

	if (!a->n_container_slots)
		return NULL;
	at = container_slot(a, contid);
	return a->container_slots[at] ? &a->containers[a->container_slots[at] - 1] : NULL;
}

struct ir_container *ir_container_get(struct ir_attribution *a, uint64_t contid)
{
	struct ir_container *container;
	size_t at;

	slots_grow(&a->container_slots, &a->n_container_slots, a->containers, a->n_containers,
		   hash_container);
	at = container_slot(a, contid);
	if (a->container_slots[at])
		return &a->containers[a->container_slots[at] - 1];
	if (a->n_containers >= CONTAINERS_MAX)
		return &a->containers[0];
	if (a->n_containers == a->room_containers) {
		a->room_containers = a->room_containers ? a->room_containers * 2 : 32;
		a->containers = ir_array(a->containers, a->room_containers, sizeof(*a->containers));
	}
	container = &a->containers[a->n_containers++];
	*container = (struct ir_container){ .contid = contid, .parent = CONTID_UNSET };
	a->container_slots[at] = (uint32_t)a->n_containers;
	return container;
}

static int by_imans(const void *x, const void *y)
{
	const struct ir_owner *a = x, *b = y;

	if (a->imans != b->imans)
		return a->imans < b->imans ? -1 : 1;
	return a->container < b->container ? -1 : a->container > b->container;
}

void ir_attribution_owners(struct ir_attribution *a)
{
	size_t n = 0;

	a->owners = ir_array(a->owners, 2 * a->n_containers, sizeof(*a->owners));
	for (size_t i = 0; i < a->n_containers; i++) {
		const struct ir_container *c = &a->containers[i];

		a->owners[n++] = (struct ir_owner){ c->imans, (uint32_t)i };
		if (c->userns != c->imans)
			a->owners[n++] = (struct ir_owner){ c->userns, (uint32_t)i };
	}
	a->n_owners = n;
	if (n)
		qsort(a->owners, n, sizeof(*a->owners), by_imans);
}

const struct ir_container *ir_container_of(const struct ir_attribution *a, uint64_t imans)
{
	size_t low = 0, high = a->n_owners;

	if (!imans || imans == IR_IMANS_HOST)
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (a->owners[middle].imans < imans)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == a->n_owners || a->owners[low].imans != imans ||
	    (low + 1 < a->n_owners && a->owners[low + 1].imans == imans))
		return NULL;
	return &a->containers[a->owners[low].container];
}

void ir_attribution_free(struct ir_attribution *a)
{
	for (size_t i = 0; i < a->n_containers; i++) {
		free(a->containers[i].name);
		free(a->containers[i].command);
	}
	free(a->containers);
	free(a->container_slots);
	free(a->owners);
	free(a->nodes);
	free(a->node_slots);
	free(a->slots);
	free(a->matches);
	*a = (struct ir_attribution){ 0 };
}

/* ---- containers.json ---- */

static bool get_id(struct json_object *object, const char *key, uint64_t *id)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return true;
	return json_object_is_type(value, json_type_string) &&
	       !contid_parse(json_object_get_string(value), id);
}

static bool get_name(struct json_object *object, const char *key, char **text)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return true;
	if (!json_object_is_type(value, json_type_string))
		return false;
	free(*text);
	*text = ir_copy(json_object_get_string(value));
	return true;
}

bool ir_container_parse(struct ir_attribution *a, const char *line)
{
	struct json_tokener *tokener = json_tokener_new_ex(4);
	struct json_object *object, *pids;
	uint64_t contid = CONTID_UNSET;
	bool good;

	if (!tokener)
		exit(cli_fail(CLI_SYSTEM, "out of memory"));
	object = json_tokener_parse_ex(tokener, line, -1);
	good = json_tokener_get_error(tokener) == json_tokener_success &&
	       json_object_is_type(object, json_type_object);
	json_tokener_free(tokener);
	if (good && get_id(object, "contid", &contid) && contid != CONTID_UNSET) {
		struct ir_container *c = ir_container_get(a, contid);

		good = get_id(object, "parent", &c->parent) && get_id(object, "imans", &c->imans) &&
		       get_id(object, "userns", &c->userns) &&
		       get_name(object, "container", &c->name) &&
		       get_name(object, "command", &c->command);
		if (json_object_object_get_ex(object, "pids", &pids))
			c->pids = json_object_get_int64(pids);
	} else {
		good = false;
	}
	json_object_put(object);
	return good;
}

static void put_id(struct json_object *object, const char *key, uint64_t id, const char *format)
{
	char text[24];

	snprintf(text, sizeof(text), format, id);
	json_object_object_add(object, key, json_object_new_string(text));
}

static void put_name(struct json_object *object, const char *key, const char *name)
{
	if (name) {
		IR_FREE char *text = ir_escape(name, strlen(name));

		json_object_object_add(object, key, json_object_new_string(text));
	}
}

char *ir_container_line(const struct ir_container *c)
{
	struct json_object *object = json_object_new_object();
	char *text;

	put_id(object, "contid", c->contid, "%" PRIu64);
	if (c->parent != CONTID_UNSET)
		put_id(object, "parent", c->parent, "%" PRIu64);
	put_name(object, "container", c->name);
	put_name(object, "command", c->command);
	if (c->imans)
		put_id(object, "imans", c->imans, "0x%" PRIx64);
	if (c->userns)
		put_id(object, "userns", c->userns, "0x%" PRIx64);
	json_object_object_add(object, "pids", json_object_new_int64(c->pids));
	text = ir_text("%s\n",
		       json_object_to_json_string_ext(
			       object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return text;
}

/* ---- host entries by path and digest ---- */

static uint64_t key_of(const uint8_t *path, size_t path_size, const char *hash, size_t hash_size,
		       const uint8_t *digest, size_t digest_size)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed();

	h = add_bytes(h, path, path_size);
	h = add_bytes(h, "", 1);
	h = add_bytes(h, hash, hash_size);
	h = add_bytes(h, "", 1);
	return mix(add_bytes(h, digest, digest_size));
}

/* False: the same file with the same content is there as often as is looked at. */
static bool slot_put(struct ir_attribution *a, uint64_t hash, uint64_t entry)
{
	size_t at = hash & (a->n_slots - 1);
	unsigned int same = 0;

	for (; a->slots[at].entry; at = (at + 1) & (a->n_slots - 1))
		if (a->slots[at].hash == hash && ++same == SAME_MAX)
			return false;
	a->slots[at] = (struct ir_slot){ hash, entry };
	return true;
}

void ir_attribution_entry(struct ir_attribution *a, const struct ir_entry *entry)
{
	if (!entry->path || !entry->file_digest || entry->violation)
		return;
	if ((a->used + 1) * 2 > a->n_slots) {
		struct ir_slot *old = a->slots;
		size_t n = a->n_slots;

		a->n_slots = n ? n * 2 : 1024;
		a->slots = ir_alloc(a->n_slots * sizeof(*a->slots));
		for (size_t i = 0; i < n; i++)
			if (old[i].entry)
				slot_put(a, old[i].hash, old[i].entry);
		free(old);
	}
	if (slot_put(a,
		     key_of(entry->path, entry->path_size, entry->hash, strlen(entry->hash),
			    entry->file_digest, entry->file_digest_size),
		     entry->number))
		a->used++;
	else
		a->matches_lost++;
}

/* ---- records ---- */

/* Paths with odd characters are hex; others are in quotes. An absolute path is never hex. */
bool ir_rule_record(const struct contid_record *record, char **path, size_t *path_size,
		    char **digest)
{
	const char *file = NULL, *hash = NULL;
	size_t length;

	*path = *digest = NULL;
	for (size_t i = 0; i < record->n; i++) {
		if (!file && !strcmp(record->fields[i].name, "file"))
			file = record->fields[i].value;
		else if (!hash && !strcmp(record->fields[i].name, "hash"))
			hash = record->fields[i].value;
	}
	if (!file || !hash)
		return false;
	length = strlen(file);
	*path = ir_alloc(length + 1);
	*path_size = length;
	if (record->raw && strstr(record->raw, " file=\"")) {
		memcpy(*path, file, length);
	} else {
		ssize_t size = ir_unhex(file, length, (uint8_t *)*path, length);

		if (size <= 0) {
			memcpy(*path, file, length);
		} else {
			*path_size = (size_t)size;
			(*path)[size] = '\0';
		}
	}
	/* as the list has them */
	for (size_t i = 0; i < *path_size; i++)
		if ((*path)[i] == ' ')
			(*path)[i] = '_';
	*digest = ir_copy(hash);
	return true;
}

static const char *field(const struct contid_record *record, const char *name)
{
	for (size_t i = 0; i < record->n; i++)
		if (!strcmp(record->fields[i].name, name))
			return record->fields[i].value;
	return NULL;
}

static bool is_integrity(int type)
{
	return type == AUDIT_INTEGRITY_RULE || type == AUDIT_INTEGRITY_POLICY_RULE ||
	       type == AUDIT_INTEGRITY_STATUS || type == AUDIT_INTEGRITY_DATA ||
	       type == AUDIT_INTEGRITY_PCR;
}

void ir_attribution_record(const struct ir_attribution *a, const struct contid_event *event,
			   const struct contid_record *record, uint64_t *contid, uint64_t *imans,
			   enum ir_how *how)
{
	const struct contid_chain *chain = &event->chain;
	const struct ir_container *container;
	const char *text;

	*imans = 0;
	/* a process acted upon has an id of its own, in the order of its records */
	if (record->type == AUDIT_OBJ_PID) {
		size_t n = 0;

		for (size_t i = 0; &event->records[i] < record; i++)
			n += event->records[i].type == AUDIT_OBJ_PID;
		chain = n < event->n_targets ? &event->targets[n].chain : NULL;
	}
	/* a packet that reaches several containers has no chain: one of them would be a guess */
	*contid = chain && chain->n ? chain->id[0] : CONTID_UNSET;
	*how = *contid == CONTID_UNSET ? IR_HOW_NONE : IR_HOW_RECORD;
	if (is_integrity(record->type)) {
		text = field(record, "ima_ns");
		if (!text || contid_parse(text, imans))
			*imans = text ? 0 : IR_IMANS_HOST;
		return;
	}
	if (record->type == AUDIT_OBJ_PID)
		return;
	if (event->has_ns && event->ns[CONTID_NS_USER]) {
		*imans = event->ns[CONTID_NS_USER];
		return;
	}
	container = *contid == CONTID_UNSET ? NULL : ir_container_find(a, *contid);
	if (container)
		*imans = container->imans;
}

static void chain_learn(struct ir_attribution *a, const struct contid_chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		struct ir_container *c = ir_container_get(a, chain->id[i]);

		if (i + 1 < chain->n)
			c->parent = chain->id[i + 1];
	}
}

static void match_add(struct ir_attribution *a, uint64_t entry, uint32_t node)
{
	/* N runs of one file make N records in a row */
	for (size_t i = a->n_matches, look = 8; i-- > 0 && look--;)
		if (a->matches[i].entry == entry && a->matches[i].node == node)
			return;
	/* the same again and again takes no more room */
	if (a->n_matches == a->room_matches) {
		ir_attribution_done(a);
		if (a->n_matches >= MATCHES_MAX) {
			a->matches_lost++;
			return;
		}
		if (a->n_matches >= a->room_matches / 2) {
			a->room_matches = a->room_matches ? a->room_matches * 2 : 1024;
			a->matches = ir_array(a->matches, a->room_matches, sizeof(*a->matches));
		}
	}
	a->matches[a->n_matches++] = (struct ir_match){ entry, node };
	a->sorted = false;
}

static void match_rule(struct ir_attribution *a, const struct contid_record *record,
		       uint64_t contid, uint64_t imans)
{
	IR_FREE char *path = NULL, *text = NULL;
	uint8_t digest[IR_DIGEST_MAX];
	size_t path_size, at;
	ssize_t size;
	char *colon;
	uint64_t hash;
	uint32_t node;

	if (!a->n_slots || !ir_rule_record(record, &path, &path_size, &text))
		return;
	colon = strchr(text, ':');
	if (!colon)
		return;
	size = ir_unhex(colon + 1, strlen(colon + 1), digest, sizeof(digest));
	if (size <= 0)
		return;
	hash = key_of((uint8_t *)path, path_size, text, (size_t)(colon - text), digest,
		      (size_t)size);
	node = (uint32_t)(ir_node_get(a, contid, imans) - a->nodes);
	for (at = hash & (a->n_slots - 1); a->slots[at].entry; at = (at + 1) & (a->n_slots - 1))
		if (a->slots[at].hash == hash)
			match_add(a, a->slots[at].entry, node);
}

void ir_attribution_event(struct ir_attribution *a, const struct contid_event *event)
{
	chain_learn(a, &event->chain);
	for (size_t i = 0; i < event->n_chains; i++)
		chain_learn(a, &event->chains[i]);
	for (size_t i = 0; i < event->n_targets; i++)
		chain_learn(a, &event->targets[i].chain);
	for (size_t i = 0; i < event->n; i++) {
		const struct contid_record *record = &event->records[i];
		uint64_t contid, imans;
		enum ir_how how;

		ir_attribution_record(a, event, record, &contid, &imans, &how);
		ir_node_get(a, contid, imans)->count[how]++;
		if (record->type == AUDIT_INTEGRITY_RULE && how == IR_HOW_RECORD)
			match_rule(a, record, contid, imans);
	}
}

static int by_entry(const void *x, const void *y)
{
	const struct ir_match *a = x, *b = y;

	if (a->entry != b->entry)
		return a->entry < b->entry ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

void ir_attribution_done(struct ir_attribution *a)
{
	size_t n = 0;

	if (a->sorted || !a->n_matches)
		return;
	qsort(a->matches, a->n_matches, sizeof(*a->matches), by_entry);
	for (size_t i = 0; i < a->n_matches; i++)
		if (!n || by_entry(&a->matches[n - 1], &a->matches[i]))
			a->matches[n++] = a->matches[i];
	a->n_matches = n;
	a->sorted = true;
}

const struct ir_match *ir_attribution_matches(const struct ir_attribution *a, uint64_t entry,
					      size_t *n)
{
	size_t low = 0, high = a->n_matches, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (a->matches[middle].entry < entry)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < a->n_matches && a->matches[end].entry == entry; end++)
		;
	*n = end - low;
	return &a->matches[low];
}
