// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * State of containers - one file for each, which links its name to numbers
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "state.h"

static const char *const phases[] = { "labelled", "created", "policy-loaded", "running", "gone" };
#define PHASES (sizeof(phases) / sizeof(*phases))

enum { LEFT = 60 }; /* seconds; a state is written within milliseconds */

static void put_json(struct json_object **object)
{
	json_object_put(*object);
}

#define CLEANUP(FUNCTION) __attribute__((cleanup(FUNCTION)))

void contid_state_free(struct contid_state *state)
{
	free(state->container);
	free(state->bundle);
	free(state->policy);
	*state = (struct contid_state){ 0 };
}

/* ---- text ---------------------------------------------------------------------------------- */

/* Ids are text, since many readers of JSON have 53 bits. */
static bool get_id(struct json_object *object, uint64_t *id)
{
	return json_object_is_type(object, json_type_string) &&
	       !contid_parse(json_object_get_string(object), id);
}

/* NULL, or text without a NUL byte inside */
static bool get_text(struct json_object *object, char **text)
{
	const char *value;

	*text = NULL;
	if (!object)
		return true;
	if (!json_object_is_type(object, json_type_string))
		return false;
	value = json_object_get_string(object);
	if (strlen(value) != (size_t)json_object_get_string_len(object))
		return false;
	*text = strdup(value);
	return *text;
}

static bool all_of(const char *text, const char *set, size_t n)
{
	return strlen(text) == n && strspn(text, set) == n;
}

static bool get_sha256(struct json_object *object, char sha256[65])
{
	const char *text;

	if (!object)
		return true;
	if (!json_object_is_type(object, json_type_string))
		return false;
	text = json_object_get_string(object);
	if (!all_of(text, "0123456789abcdef", 64))
		return false;
	memcpy(sha256, text, 65);
	return true;
}

static bool get_boot(struct json_object *object, char boot[37])
{
	const char *text;

	if (!json_object_is_type(object, json_type_string))
		return false;
	text = json_object_get_string(object);
	if (!all_of(text, "0123456789abcdef-", 36))
		return false;
	memcpy(boot, text, 37);
	return true;
}

static bool get_pid(struct json_object *object, pid_t *pid)
{
	int64_t value;

	if (!object)
		return true;
	if (!json_object_is_type(object, json_type_int))
		return false;
	value = json_object_get_int64(object);
	*pid = (pid_t)value;
	return value > 0 && value <= INT_MAX;
}

static bool get_ns(struct json_object *object, uint64_t ids[CONTID_NS_TYPES])
{
	if (!json_object_is_type(object, json_type_object))
		return false;
	for (int i = 0; i < CONTID_NS_TYPES; i++) {
		struct json_object *id;

		if (json_object_object_get_ex(object, contid_ns_names[i], &id) && id &&
		    !get_id(id, &ids[i]))
			return false;
	}
	return true;
}

static bool get_phase(struct json_object *object, enum contid_state_phase *phase)
{
	if (!json_object_is_type(object, json_type_string))
		return false;
	for (size_t i = 0; i < PHASES; i++) {
		*phase = (enum contid_state_phase)i;
		if (!strcmp(json_object_get_string(object), phases[i]))
			return true;
	}
	return false;
}

static bool get_state(struct json_object *root, struct contid_state *state)
{
	struct json_object *schema;

#define MEMBER(NAME) json_object_object_get(root, NAME)
	if (!json_object_is_type(root, json_type_object))
		return false;
	schema = MEMBER("schema");
	if (!json_object_is_type(schema, json_type_string) ||
	    strcmp(json_object_get_string(schema), STATE_SCHEMA))
		return false;
	state->contid = state->parent = CONTID_UNSET;
	return get_text(MEMBER("container"), &state->container) && state->container &&
	       *state->container && get_text(MEMBER("bundle"), &state->bundle) &&
	       (!MEMBER("contid") || get_id(MEMBER("contid"), &state->contid)) &&
	       (!MEMBER("parent") || get_id(MEMBER("parent"), &state->parent)) &&
	       get_pid(MEMBER("pid"), &state->pid) && get_boot(MEMBER("boot"), state->boot) &&
	       get_ns(MEMBER("ns"), state->ns) && get_text(MEMBER("policy"), &state->policy) &&
	       get_sha256(MEMBER("policy_sha256"), state->policy_sha256) &&
	       (!MEMBER("imans") || get_id(MEMBER("imans"), &state->imans)) &&
	       get_phase(MEMBER("state"), &state->phase);
#undef MEMBER
}

int state_parse(const char *text, size_t size, struct contid_state *state)
{
	CLEANUP(put_json) struct json_object *root = NULL;
	struct json_tokener *tokener;
	bool good;

	*state = (struct contid_state){ 0 };
	if (size > STATE_MAX)
		return -EBADMSG;
	tokener = json_tokener_new_ex(8);
	if (!tokener)
		return -ENOMEM;
	root = json_tokener_parse_ex(tokener, text, (int)size);
	/* nothing but blanks behind it */
	good = json_tokener_get_error(tokener) == json_tokener_success;
	for (size_t i = json_tokener_get_parse_end(tokener); good && i < size; i++)
		good = text[i] == '\n' || text[i] == ' ';
	json_tokener_free(tokener);
	if (good && get_state(root, state))
		return 0;
	contid_state_free(state);
	return -EBADMSG;
}

static struct json_object *new_id(uint64_t id, const char *format)
{
	char text[24];

	snprintf(text, sizeof(text), format, (unsigned long long)id);
	return json_object_new_string(text);
}

static struct json_object *new_text(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

char *state_text(const struct contid_state *state)
{
	CLEANUP(put_json) struct json_object *root = json_object_new_object();
	struct json_object *ns = json_object_new_object();
	const char *json;
	char *text;

	if (!root || !ns) {
		json_object_put(ns);
		return NULL;
	}
	for (int i = 0; i < CONTID_NS_TYPES; i++)
		json_object_object_add(ns, contid_ns_names[i],
				       state->ns[i] ? new_id(state->ns[i], "0x%llx") : NULL);
#define ADD(NAME, VALUE) json_object_object_add(root, NAME, VALUE)
	ADD("schema", new_text(STATE_SCHEMA));
	ADD("container", new_text(state->container));
	ADD("bundle", new_text(state->bundle));
	ADD("contid", state->contid == CONTID_UNSET ? NULL : new_id(state->contid, "%llu"));
	ADD("parent", state->parent == CONTID_UNSET ? NULL : new_id(state->parent, "%llu"));
	ADD("pid", state->pid ? json_object_new_int(state->pid) : NULL);
	ADD("boot", new_text(state->boot));
	ADD("ns", ns);
	ADD("policy", new_text(state->policy));
	ADD("policy_sha256", *state->policy_sha256 ? new_text(state->policy_sha256) : NULL);
	ADD("imans", state->imans ? new_id(state->imans, "0x%llx") : NULL);
	ADD("state", new_text(phases[state->phase]));
#undef ADD
	json = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE);
	return !json || asprintf(&text, "%s\n", json) < 0 ? NULL : text;
}

/* ---- files --------------------------------------------------------------------------------- */

static const char *folder(const char *dir)
{
	return dir ? dir : CONTID_STATE_DIR;
}

/* `NAME.json`; a name is what a runtime takes for one, and a file name. */
static int file_name(const char *container, char name[NAME_MAX + 1])
{
	size_t n = strlen(container);

	if (!n || *container == '.' || strchr(container, '/') || n > NAME_MAX - strlen(".json"))
		return -EINVAL;
	snprintf(name, NAME_MAX + 1, "%s.json", container);
	return 0;
}

static int open_folder(const char *dir)
{
	int fd = open(folder(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The folder and, for the usual one, its parent: what is in it is nobody else's business. */
static int make_folder(const char *dir)
{
	if (!dir && mkdir("/run/contid", 0755) && errno != EEXIST)
		return -errno;
	if (mkdir(folder(dir), 0700) && errno != EEXIST)
		return -errno;
	return 0;
}

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

static void put_dir(DIR **stream)
{
	if (*stream)
		closedir(*stream);
}

/* Whether it is what a writer that was killed has left: it is old, and its writer gone. */
static bool is_left(int folder_fd, const char *name)
{
	struct stat st;
	char *end;
	long pid;

	if (*name != '.' || name[1] < '1' || name[1] > '9')
		return false;
	pid = strtol(name + 1, &end, 10);
	if (*end || pid > INT_MAX || !kill((pid_t)pid, 0) || errno != ESRCH)
		return false;
	/* a writer in another pid namespace has a number that says nothing here */
	return !fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
	       st.st_mtime < time(NULL) - LEFT;
}

static void remove_left(int folder_fd)
{
	int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(put_dir) DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (fd >= 0 && !stream)
		close(fd);
	while (stream && (entry = readdir(stream)))
		if (is_left(folder_fd, entry->d_name))
			unlinkat(folder_fd, entry->d_name, 0);
}

/* In a file of its own, whose name is put in @fresh. */
static int write_fresh(int folder_fd, const struct contid_state *state, char fresh[32])
{
	CLEANUP_FREE char *text = state_text(state);
	CLEANUP_FD int fd = -1;
	int rc;

	if (!text)
		return -ENOMEM;
	/* begins with a dot, so it is no name of a container; two writers have two */
	snprintf(fresh, 32, ".%ld", (long)getpid());
	/* one that is there is of a writer that was killed, or a trap in the folder of an image */
	unlinkat(folder_fd, fresh, 0);
	fd = openat(folder_fd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	rc = fchmod(fd, 0600) ? -errno : write_all(fd, text, strlen(text));
	if (rc)
		unlinkat(folder_fd, fresh, 0);
	return rc;
}

/*
 * Nobody writes between somebody's look at a state and its removal; ends when @folder_fd is closed.
 * The folder of an image may be somebody else's, who would keep us waiting.
 */
static void lock(const char *dir, int folder_fd)
{
	while (!dir && flock(folder_fd, LOCK_EX) && errno == EINTR)
		;
}

int contid_state_write(const char *dir, const struct contid_state *state)
{
	CLEANUP_FD int folder_fd = -1;
	char name[NAME_MAX + 1], fresh[32];
	int rc = file_name(state->container, name);

	if (rc)
		return rc;
	rc = make_folder(dir);
	if (rc)
		return rc;
	folder_fd = open_folder(dir);
	if (folder_fd < 0)
		return folder_fd;
	/* others, as that of an image, are not ours to clean */
	if (!dir)
		remove_left(folder_fd);
	rc = write_fresh(folder_fd, state, fresh);
	if (rc)
		return rc;
	lock(dir, folder_fd);
	if (renameat(folder_fd, fresh, folder_fd, name)) {
		rc = -errno;
		unlinkat(folder_fd, fresh, 0);
	}
	return rc;
}

static int read_file(int folder_fd, const char *name, struct contid_state *state)
{
	/* a device or a pipe in this place is not waited for */
	CLEANUP_FD
	int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	CLEANUP_FREE char *text = NULL;
	struct stat st;
	size_t size = 0;
	int rc;

	if (fd < 0)
		return errno == ELOOP ? -EBADMSG : -errno;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	text = malloc(STATE_MAX + 1);
	if (!text)
		return -ENOMEM;
	while (size <= STATE_MAX) {
		ssize_t n = read(fd, text + size, STATE_MAX + 1 - size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		size += (size_t)n;
	}
	rc = state_parse(text, size, state);
	if (!rc) {
		char own[NAME_MAX + 1];

		/* a state is that of the container whose name its file has */
		if (file_name(state->container, own) || strcmp(own, name)) {
			contid_state_free(state);
			rc = -EBADMSG;
		}
	}
	return rc;
}

int contid_state_read(const char *dir, const char *container, struct contid_state *state)
{
	CLEANUP_FD int folder_fd = -1;
	char name[NAME_MAX + 1];
	int rc = file_name(container, name);

	*state = (struct contid_state){ 0 };
	if (rc)
		return rc;
	folder_fd = open_folder(dir);
	if (folder_fd < 0)
		return folder_fd;
	return read_file(folder_fd, name, state);
}

/* 0 if the file tells of the same container as @state, or of none */
static int compare(int folder_fd, const char *name, const struct contid_state *state)
{
	struct contid_state there;
	int rc = read_file(folder_fd, name, &there);

	if (rc)
		return rc == -EBADMSG ? 0 : rc;
	if (there.contid != state->contid || strcmp(there.boot, state->boot))
		rc = -ESTALE;
	/* those without an id have processes of their own */
	else if (there.contid == CONTID_UNSET && there.pid && state->pid && there.pid != state->pid)
		rc = -ESTALE;
	contid_state_free(&there);
	return rc;
}

/*
 * Puts @fresh or nothing in the place of @state, if that is still there; nothing, too, if @fresh
 * cannot be written and @anyway is set.
 */
static int replace(const char *dir, const struct contid_state *state,
		   const struct contid_state *fresh, bool anyway)
{
	CLEANUP_FD int folder_fd = -1;
	char name[NAME_MAX + 1], file[32];
	int rc = file_name(state->container, name);

	if (rc)
		return rc;
	folder_fd = open_folder(dir);
	if (folder_fd < 0)
		return folder_fd;
	rc = fresh ? write_fresh(folder_fd, fresh, file) : 0;
	if (rc && !anyway)
		return rc;
	if (rc)
		fresh = NULL;
	lock(dir, folder_fd);
	rc = compare(folder_fd, name, state);
	if (!rc &&
	    (fresh ? renameat(folder_fd, file, folder_fd, name) : unlinkat(folder_fd, name, 0)))
		rc = -errno;
	if (rc && fresh)
		unlinkat(folder_fd, file, 0);
	return rc;
}

int contid_state_rewrite(const char *dir, const struct contid_state *state)
{
	return replace(dir, state, state, false);
}

int contid_state_remove(const char *dir, const struct contid_state *state,
			const struct contid_state *former)
{
	/* rather none than one that has ended */
	return replace(dir, state, former, true);
}

int contid_state_each(const char *dir,
		      int (*each)(const char *file, const struct contid_state *state, void *data),
		      void *data)
{
	CLEANUP(put_dir) DIR *stream = opendir(folder(dir));
	struct dirent *entry;

	/* no folder, no container */
	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	while (errno = 0, (entry = readdir(stream))) {
		size_t n = strlen(entry->d_name);
		struct contid_state state;
		int rc;

		if (*entry->d_name == '.' || n <= 5 || strcmp(entry->d_name + n - 5, ".json"))
			continue;
		rc = read_file(dirfd(stream), entry->d_name, &state);
		/* removed since */
		if (rc == -ENOENT)
			continue;
		rc = each(entry->d_name, rc ? NULL : &state, data);
		contid_state_free(&state);
		if (rc)
			return rc;
	}
	return -errno;
}

/* A zombie keeps its number and shows its namespaces. */
static bool has_ended(pid_t pid)
{
	CLEANUP_FD int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&pollfd, 1, 0) > 0;
}

/*
 * The pid namespace is the one that a process cannot leave, and the id the one thing it cannot
 * shed. A container that shares the host's pid namespace is told from a process that got its
 * number later by the id alone.
 */
bool contid_state_live(const struct contid_state *state)
{
	uint64_t ids[CONTID_NS_TYPES] = { 0 }, id;
	char boot[37];
	int rc;

	if (!state->pid || contid_boot_id(boot) || strcmp(boot, state->boot) ||
	    has_ended(state->pid))
		return false;
	rc = contid_ns_ids(state->pid, ids);
	if (rc && rc != -ENOSYS)
		return false;
	if (state->ns[CONTID_NS_PID] && ids[CONTID_NS_PID] != state->ns[CONTID_NS_PID])
		return false;
	rc = contid_get(state->pid, &id);
	if (rc)
		return (rc == -ENOSYS || rc == -EPERM || rc == -EACCES) && state->ns[CONTID_NS_PID];
	return id == state->contid;
}
