// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * State of containers: written as it is read, whatever is in the file
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "own_run.h"
#include "unit.h"
#include "../state.h"

#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct contid_state full = {
	.container = "web-1",
	.bundle = "/run/bundles/\"web\"\n",
	.contid = 18446744073709551614U,
	.parent = 0,
	.pid = 4711,
	.boot = "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
	.ns = { 1, 2, 0, 0xffffffffffffffff, 5, 6, 7, 8 },
	.policy = "web.policy",
	.policy_sha256 = SHA,
	.imans = 0x4b,
	.phase = CONTID_STATE_POLICY_LOADED,
};

static const struct contid_state least = {
	.container = "x",
	.contid = CONTID_UNSET,
	.parent = CONTID_UNSET,
	.boot = "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
};

static char folder[64];

static const char *fresh_folder(void)
{
	strcpy(folder, "/tmp/state-test.XXXXXX");
	unit_true(mkdtemp(folder));
	return folder;
}

static const char *in_folder(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void end_folder(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(folder);
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "w");

	fputs(text, file);
	fclose(file);
}

static void equal(const struct contid_state *a, const struct contid_state *b)
{
	unit_text(a->container, b->container);
	unit_true(!a->bundle == !b->bundle && !a->policy == !b->policy);
	if (a->bundle)
		unit_text(a->bundle, b->bundle);
	if (a->policy)
		unit_text(a->policy, b->policy);
	unit_true(a->contid == b->contid && a->parent == b->parent && a->pid == b->pid);
	unit_text(a->boot, b->boot);
	unit_text(a->policy_sha256, b->policy_sha256);
	unit_bytes(a->ns, b->ns, sizeof(a->ns));
	unit_true(a->imans == b->imans && a->phase == b->phase);
}

static void the_text_is_this(void)
{
	unit_text("{\"schema\":\"contid.state/1\",\"container\":\"web-1\","
		  "\"bundle\":\"/run/bundles/\\\"web\\\"\\n\",\"contid\":\"18446744073709551614\","
		  "\"parent\":\"0\",\"pid\":4711,\"boot\":\"0a1b2c3d-4e5f-6789-abcd-ef0123456789\","
		  "\"ns\":{\"net\":\"0x1\",\"uts\":\"0x2\",\"ipc\":null,"
		  "\"pid\":\"0xffffffffffffffff\",\"user\":\"0x5\",\"mnt\":\"0x6\","
		  "\"cgroup\":\"0x7\",\"time\":\"0x8\"},\"policy\":\"web.policy\","
		  "\"policy_sha256\":\"" SHA "\",\"imans\":\"0x4b\",\"state\":\"policy-loaded\"}\n",
		  state_text(&full));
	unit_text("{\"schema\":\"contid.state/1\",\"container\":\"x\",\"bundle\":null,"
		  "\"contid\":null,\"parent\":null,\"pid\":null,"
		  "\"boot\":\"0a1b2c3d-4e5f-6789-abcd-ef0123456789\","
		  "\"ns\":{\"net\":null,\"uts\":null,\"ipc\":null,\"pid\":null,\"user\":null,"
		  "\"mnt\":null,\"cgroup\":null,\"time\":null},\"policy\":null,"
		  "\"policy_sha256\":null,\"imans\":null,\"state\":\"labelled\"}\n",
		  state_text(&least));
}

static void what_is_written_is_read(void)
{
	static const enum contid_state_phase phases[] = { CONTID_STATE_LABELLED,
							  CONTID_STATE_CREATED,
							  CONTID_STATE_POLICY_LOADED,
							  CONTID_STATE_RUNNING, CONTID_STATE_GONE };
	const char *dir = fresh_folder();
	struct contid_state copy = full, seen;
	struct stat st;

	for (size_t i = 0; i < 5; i++) {
		copy.phase = phases[i];
		unit_int(0, contid_state_write(dir, &copy));
		unit_int(0, contid_state_read(dir, "web-1", &seen));
		equal(&copy, &seen);
		contid_state_free(&seen);
	}
	unit_int(0, stat(in_folder("web-1.json"), &st));
	unit_int(0100600, st.st_mode);
	unit_int(0, contid_state_write(dir, &least));
	unit_int(0, contid_state_read(dir, "x", &seen));
	equal(&least, &seen);
	contid_state_free(&seen);
	unit_int(0, contid_state_remove(dir, &least, NULL));
	unit_int(-ENOENT, contid_state_read(dir, "x", &seen));
	unit_int(-ENOENT, contid_state_remove(dir, &least, NULL));
	end_folder();
}

static void a_state_is_removed_by_its_container(void)
{
	struct contid_state other[] = { full, full, least, least }, seen, former = full;
	const char *dir = fresh_folder();

	other[0].contid--;
	other[1].boot[0] = 'f';
	/* without an id: another process, if both have one */
	other[2].container = full.container;
	other[3].container = full.container;
	other[3].pid = 12;
	former.pid = 1;
	unit_int(0, contid_state_write(dir, &full));
	for (size_t i = 0; i < 3; i++) {
		unit_int(-ESTALE, contid_state_remove(dir, &other[i], NULL));
		unit_int(-ESTALE, contid_state_remove(dir, &other[i], &former));
		unit_int(-ESTALE, contid_state_rewrite(dir, &other[i]));
		unit_int(0, contid_state_read(dir, "web-1", &seen));
		equal(&full, &seen);
		contid_state_free(&seen);
	}
	former.pid = 2;
	unit_int(0, contid_state_rewrite(dir, &former));
	former.pid = 1;
	unit_int(0, contid_state_remove(dir, &full, &former));
	unit_int(0, contid_state_read(dir, "web-1", &seen));
	equal(&former, &seen);
	contid_state_free(&seen);
	unit_int(0, contid_state_remove(dir, &full, NULL));
	unit_int(-ENOENT, contid_state_remove(dir, &full, &former));
	unit_int(-ENOENT, contid_state_rewrite(dir, &full));
	unit_int(-ENOENT, contid_state_read(dir, "web-1", &seen));

	unit_int(0, contid_state_write(dir, &other[3]));
	other[2].pid = 11;
	unit_int(-ESTALE, contid_state_remove(dir, &other[2], NULL));
	other[2].pid = 0;
	unit_int(0, contid_state_remove(dir, &other[2], NULL));
	/* nobody's any more */
	put("web-1.json", "{");
	unit_int(0, contid_state_remove(dir, &full, NULL));
	unit_int(-ENOENT, contid_state_read(dir, "web-1", &seen));
	end_folder();
}

static int locked_write(void)
{
	return contid_state_write(NULL, &least);
}

static int locked_rewrite(void)
{
	return contid_state_rewrite(NULL, &least);
}

static int locked_remove(void)
{
	return contid_state_remove(NULL, &least, NULL);
}

/* Between a look at a state and what follows from it nobody else changes one. */
static void one_at_a_time_changes_the_folder(void)
{
	static int (*const table[])(void) = { locked_write, locked_rewrite, locked_remove };
	int status, fd;
	pid_t pid;

	own_run();
	unit_int(0, contid_state_write(NULL, &least));
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		fd = open(CONTID_STATE_DIR, O_RDONLY | O_CLOEXEC);
		unit_int(0, flock(fd, LOCK_EX));
		pid = fork();
		if (!pid) {
			/* the lock is of all who have the description */
			close(fd);
			_exit(-table[i]());
		}
		usleep(200000);
		unit_int(0, waitpid(pid, &status, WNOHANG));
		unit_int(0, flock(fd, LOCK_UN));
		unit_int(pid, waitpid(pid, &status, 0));
		unit_int(0, status);
		close(fd);
	}
}

/* Who reads the old file keeps it, and nothing else is in the folder. */
static void writing_is_by_rename(void)
{
	const char *dir = fresh_folder();
	struct stat before, after;
	mode_t mask = umask(0777);
	int fd, files = 0;
	DIR *stream;

	unit_int(0, contid_state_write(dir, &least));
	unit_int(0, stat(in_folder("x.json"), &before));
	/* whatever the mask */
	unit_int(0100600, before.st_mode);
	fd = open(in_folder("x.json"), O_RDONLY);
	unit_int(0, contid_state_write(dir, &least));
	umask(mask);
	unit_int(0, stat(in_folder("x.json"), &after));
	unit_true(before.st_ino != after.st_ino);
	unit_int(0, fstat(fd, &before));
	unit_int(0, before.st_nlink);
	close(fd);
	stream = opendir(dir);
	while (readdir(stream))
		files++;
	closedir(stream);
	unit_int(3, files);
	end_folder();
}

static void the_folder_is_made(void)
{
	struct stat st;

	fresh_folder();
	rmdir(folder);
	unit_int(0, contid_state_write(folder, &least));
	unit_int(0, stat(folder, &st));
	unit_int(040700, st.st_mode);
	end_folder();
}

static void a_name_is_a_file_name(void)
{
	static const char *const names[] = { "", ".", "..", ".hidden", "a/b", "/", "../x" };
	const char *dir = fresh_folder();
	struct contid_state state = least;
	char longest[260];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		state.container = (char *)names[i];
		unit_int(-EINVAL, contid_state_write(dir, &state));
		unit_int(-EINVAL, contid_state_rewrite(dir, &state));
		unit_int(-EINVAL, contid_state_remove(dir, &state, NULL));
		unit_int(-EINVAL, contid_state_read(dir, names[i], &state));
		state = least;
	}
	memset(longest, 'a', sizeof(longest));
	longest[251] = '\0';
	state.container = longest;
	unit_int(-EINVAL, contid_state_write(dir, &state));
	longest[250] = '\0';
	unit_int(0, contid_state_write(dir, &state));
	end_folder();
}

static void other_texts_are_none(void)
{
#define HEAD "{\"schema\":\"contid.state/1\",\"container\":\"x\","
#define BOOT "\"boot\":\"0a1b2c3d-4e5f-6789-abcd-ef0123456789\","
#define TAIL "\"ns\":{},\"state\":\"created\"}"
	static const char *const table[] = {
		"",
		"null",
		"[]",
		"{}",
		"{\"schema\":\"contid.state/2\",\"container\":\"x\"," BOOT TAIL,
		"{\"schema\":1,\"container\":\"x\"," BOOT TAIL,
		"{\"schema\":\"contid.state/1\"," BOOT TAIL,
		"{\"schema\":\"contid.state/1\",\"container\":\"\"," BOOT TAIL,
		"{\"schema\":\"contid.state/1\",\"container\":\"x\\u0000y\"," BOOT TAIL,
		"{\"schema\":\"contid.state/1\",\"container\":7," BOOT TAIL,
		HEAD TAIL,
		HEAD "\"boot\":\"0a1b2c3d\"," TAIL,
		HEAD "\"boot\":\"0a1b2c3d-4e5f-6789-abcd-ef01234567890\"," TAIL,
		HEAD "\"boot\":\"../1b2c3d-4e5f-6789-abcd-ef0123456789\"," TAIL,
		HEAD BOOT "\"state\":\"created\"}",
		HEAD BOOT "\"ns\":[],\"state\":\"created\"}",
		HEAD BOOT "\"ns\":{\"pid\":1},\"state\":\"created\"}",
		HEAD BOOT "\"ns\":{},\"state\":\"elsewhere\"}",
		HEAD BOOT "\"ns\":{},\"state\":1}",
		HEAD BOOT "\"ns\":{}}",
		HEAD BOOT "\"contid\":7," TAIL,
		HEAD BOOT "\"contid\":\"seven\"," TAIL,
		HEAD BOOT "\"contid\":\"18446744073709551616\"," TAIL,
		HEAD BOOT "\"parent\":7," TAIL,
		HEAD BOOT "\"pid\":\"7\"," TAIL,
		HEAD BOOT "\"pid\":0," TAIL,
		HEAD BOOT "\"pid\":-1," TAIL,
		HEAD BOOT "\"pid\":4294967297," TAIL,
		HEAD BOOT "\"pid\":1e3," TAIL,
		HEAD BOOT "\"imans\":75," TAIL,
		HEAD BOOT "\"policy\":[]," TAIL,
		HEAD BOOT "\"policy_sha256\":\"" SHA "0\"," TAIL,
		HEAD BOOT "\"policy_sha256\":\"E3\"," TAIL,
		HEAD BOOT "\"bundle\":false," TAIL,
		HEAD BOOT TAIL "{}",
		HEAD BOOT TAIL "x",
		HEAD BOOT "\"ns\":{\"pid\":[[[[[[[[[[1]]]]]]]]]]},\"state\":\"created\"}",
	};
	struct contid_state state;

	unit_int(0, state_parse(HEAD BOOT TAIL "\n", strlen(HEAD BOOT TAIL "\n"), &state));
	contid_state_free(&state);
	/* keys of the future */
	unit_int(0, state_parse(HEAD BOOT "\"more\":[1]," TAIL,
				strlen(HEAD BOOT "\"more\":[1]," TAIL), &state));
	contid_state_free(&state);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (state_parse(table[i], strlen(table[i]), &state) != -EBADMSG)
			unit_text("-EBADMSG", table[i]);
		unit_true(!state.container && !state.bundle && !state.policy);
	}
	/* every prefix */
	for (size_t n = 0; n < strlen(HEAD BOOT TAIL); n++)
		unit_int(-EBADMSG, state_parse(HEAD BOOT TAIL, n, &state));
}

static void other_files_are_none(void)
{
	static char huge[STATE_MAX + 2];
	const char *dir = fresh_folder();
	struct contid_state state;

	put("y.json", HEAD BOOT TAIL);
	unit_int(-EBADMSG, contid_state_read(dir, "y", &state));
	memset(huge, ' ', sizeof(huge) - 1);
	memcpy(huge, HEAD BOOT TAIL, strlen(HEAD BOOT TAIL));
	put("x.json", huge);
	unit_int(-EBADMSG, contid_state_read(dir, "x", &state));
	put("real", HEAD BOOT TAIL);
	unlink(in_folder("x.json"));
	symlink("real", in_folder("x.json"));
	unit_int(-EBADMSG, contid_state_read(dir, "x", &state));
	unlink(in_folder("x.json"));
	mkfifo(in_folder("x.json"), 0600);
	unit_int(-EBADMSG, contid_state_read(dir, "x", &state));
	unlink(in_folder("x.json"));
	end_folder();
	unit_int(-ENOENT, contid_state_read(dir, "x", &state));
}

struct seen {
	int good, bad;
};

static int count(const char *file, const struct contid_state *state, void *data)
{
	struct seen *seen = data;

	if (!strcmp(file, "stop.json"))
		return 5;
	if (state)
		seen->good++;
	else
		seen->bad++;
	return 0;
}

static void all_are_visited(void)
{
	const char *dir = fresh_folder();
	struct seen seen = { 0 };

	contid_state_write(dir, &least);
	contid_state_write(dir, &full);
	put("broken.json", "{");
	put("other.txt", "{");
	put(".7", "{");
	unit_int(0, contid_state_each(dir, count, &seen));
	unit_int(2, seen.good);
	unit_int(1, seen.bad);
	put("stop.json", "{");
	unit_int(5, contid_state_each(dir, count, &seen));
	end_folder();
	unit_int(0, contid_state_each(dir, count, &seen));
}

static void stale_files_are_recognised(void)
{
	struct contid_state state = { .pid = getpid() };

	unit_int(0, contid_boot_id(state.boot));
	if (contid_get(0, &state.contid))
		state.contid = CONTID_UNSET;
	contid_ns_ids(state.pid, state.ns);
	/* without ids of any kind a process cannot be told from a later one */
	if (state.ns[CONTID_NS_PID] || !contid_get(0, &state.contid))
		unit_true(contid_state_live(&state));
	else
		unit_true(!contid_state_live(&state));
	state.boot[0] ^= 1;
	unit_true(!contid_state_live(&state));
	state.boot[0] ^= 1;
	state.ns[CONTID_NS_PID]++;
	unit_true(!contid_state_live(&state));
	state.ns[CONTID_NS_PID]--;
	state.pid = 0x7ffffffe;
	unit_true(!contid_state_live(&state));
	state.pid = 0;
	unit_true(!contid_state_live(&state));
}

/* Nobody waits for it yet, or its parent does not care. */
static void a_zombie_does_not_live(void)
{
	struct contid_state state = { .pid = fork() };
	siginfo_t info;
	bool lived;

	if (!state.pid)
		for (;;)
			pause();
	unit_int(0, contid_boot_id(state.boot));
	if (contid_get(state.pid, &state.contid))
		state.contid = CONTID_UNSET;
	contid_ns_ids(state.pid, state.ns);
	lived = contid_state_live(&state);
	/* without ids of any kind none does */
	unit_true(lived || !state.ns[CONTID_NS_PID]);
	kill(state.pid, SIGKILL);
	waitid(P_PID, (id_t)state.pid, &info, WEXITED | WNOWAIT);
	lived = contid_state_live(&state);
	waitpid(state.pid, NULL, 0);
	unit_true(!lived);
}

/* The folder of an image may be somebody else's, who guesses our number. */
static void what_lies_in_the_way_is_not_written_to(void)
{
	const char *dir = fresh_folder();
	char fresh[32];
	struct stat st;
	int fd = open(in_folder("precious"), O_WRONLY | O_CREAT, 0600);

	unit_int(3, write(fd, "abc", 3));
	close(fd);
	snprintf(fresh, sizeof(fresh), ".%ld", (long)getpid());
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	unit_int(0, linkat(fd, "precious", fd, fresh, 0));
	unit_int(0, contid_state_write(dir, &least));
	unit_int(0, stat(in_folder("precious"), &st));
	unit_int(3, st.st_size);
	/* an open() for writing would wait for a reader */
	unit_int(0, mkfifoat(fd, fresh, 0600));
	alarm(10);
	unit_int(0, contid_state_write(dir, &least));
	alarm(0);
	close(fd);
	end_folder();
}

/* A file of the usual folder, so many seconds old. */
static void put_old(const char *name, int age)
{
	struct timespec now[2];
	int dir = open(CONTID_STATE_DIR, O_RDONLY | O_DIRECTORY), fd;

	clock_gettime(CLOCK_REALTIME, &now[0]);
	now[0].tv_sec -= age;
	now[1] = now[0];
	fd = openat(dir, name, O_WRONLY | O_CREAT, 0600);
	unit_int(0, futimens(fd, now));
	close(fd);
	close(dir);
}

static bool is_there(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), CONTID_STATE_DIR "/%s", name);
	return !access(path, F_OK);
}

static void what_killed_writers_left_is_removed(void)
{
	char dead[16], young[16], alive[16];
	const char *dir;
	pid_t pids[2];

	own_run();
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(0);
	}
	for (int i = 0; i < 2; i++)
		waitpid(pids[i], NULL, 0);
	snprintf(dead, sizeof(dead), ".%d", pids[0]);
	snprintf(young, sizeof(young), ".%d", pids[1]);
	snprintf(alive, sizeof(alive), ".%d", getppid());
	unit_int(0, contid_state_write(NULL, &least));
	put_old(dead, 3600);
	put_old(young, 1);
	put_old(alive, 3600);
	put_old(".other", 3600);
	put_old("y.json", 3600);
	unit_int(0, contid_state_write(NULL, &least));
	unit_true(!is_there(dead));
	unit_true(is_there(young) && is_there(alive) && is_there(".other"));
	unit_true(is_there("x.json") && is_there("y.json"));
	/* the folder of an image is another's */
	dir = fresh_folder();
	put(dead, "");
	unit_int(0, utimensat(AT_FDCWD, in_folder(dead), (const struct timespec[2]){ 0 }, 0));
	unit_int(0, contid_state_write(dir, &least));
	unit_int(0, access(in_folder(dead), F_OK));
	end_folder();
}

static const struct unit_test tests[] = {
	TEST(the_text_is_this),
	TEST(what_is_written_is_read),
	TEST(a_state_is_removed_by_its_container),
	TEST(one_at_a_time_changes_the_folder),
	TEST(writing_is_by_rename),
	TEST(the_folder_is_made),
	TEST(a_name_is_a_file_name),
	TEST(other_texts_are_none),
	TEST(other_files_are_none),
	TEST(all_are_visited),
	TEST(stale_files_are_recognised),
	TEST(what_lies_in_the_way_is_not_written_to),
	TEST(what_killed_writers_left_is_removed),
	TEST(a_zombie_does_not_live),
};

UNIT(tests)
