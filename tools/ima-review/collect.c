// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collecting: first the quote, then the lists, since lists only grow
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libaudit.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "ima-review.h"

#define HOST_LIST_MAX (UINT64_C(4) << 30)
#define RESERVED      16 /* files that follow those of namespaces */

/* Closed by the caller. */
static int open_folder(const char *folder)
{
	struct dirent *d;
	bool empty = true;
	DIR *dir;
	int fd;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return -cli_fail(CLI_SYSTEM, "%s: cannot be made: %s; choose another with -o",
				 folder, strerror(errno));
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return -cli_fail(CLI_SYSTEM, "%s: cannot be opened: %s; choose another with -o",
				 folder, strerror(errno));
	}
	while ((d = readdir(dir)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			empty = false;
	fd = dup(dirfd(dir));
	closedir(dir);
	if (!empty) {
		close(fd);
		return -cli_fail(CLI_SYSTEM,
				 "%s: not empty; evidence is never overwritten, choose another "
				 "with -o",
				 folder);
	}
	return fd;
}

/* @unread: out: 0, -errno of reading, or -ENODATA. */
static int copy(int dir, struct ir_manifest *manifest, const char *name, int from, uint64_t max,
		int *unread)
{
	IR_FREE char *buf = ir_alloc(1 << 16), *what = ir_text("%s, KiB", name);
	struct ir_store store;
	uint64_t done = 0;
	int rc = ir_store_begin(&store, dir, manifest, name), end;

	*unread = 0;
	if (rc)
		return rc;
	while (!rc && !*unread) {
		ssize_t got = read(from, buf, 1 << 16);

		if (got < 0)
			*unread = -errno;
		if (got <= 0)
			break;
		done += (uint64_t)got;
		if (done > max)
			*unread = -ENODATA;
		else
			rc = ir_store_write(&store, buf, (size_t)got);
		ir_progress(what, done >> 10, 0);
	}
	end = ir_store_end(&store);
	return rc ? rc : end;
}

int ir_collect_copy(int dir, struct ir_manifest *manifest, const char *name, int from, uint64_t max)
{
	int unread, rc = copy(dir, manifest, name, from, max, &unread);

	return rc ? rc : unread;
}

int ir_collect_foreign(int dir, struct ir_manifest *manifest, const char *name, int from,
		       uint64_t max)
{
	IR_FREE char *longer = ir_text("longer than %" PRIu64 " bytes", max);
	int unread, rc;

	/* a verifier takes no longer manifest, and containers make namespaces */
	if (manifest->n + RESERVED >= IR_FILES_MAX) {
		ir_manifest_missing(manifest, name, "there are too many files");
		return 0;
	}
	rc = copy(dir, manifest, name, from, max, &unread);
	if (rc || !unread)
		return rc;
	rc = ir_store_drop(dir, manifest, name);
	if (unread != -EACCES && unread != -EPERM)
		ir_manifest_missing(manifest, name,
				    unread == -ENODATA ? longer : strerror(-unread));
	return rc;
}

/* ---- the quote ---- */

static int store(int dir, struct ir_manifest *m, const char *name, const void *bytes, size_t size)
{
	int rc = ir_store_bytes(dir, m, name, bytes, size);

	return rc ? cli_fail(CLI_SYSTEM, "%s: cannot be written: %s; look at the file system", name,
			     strerror(-rc)) :
		    0;
}

static int tpm_fail(int rc, const char *error)
{
	return cli_fail(rc == -ENODEV || rc == -ENOSYS ? CLI_LACKS :
			rc == -ENOENT || rc == -EBADF  ? CLI_NOTHING :
							 CLI_SYSTEM,
			"%s", error ? error : strerror(-rc));
}

struct tpm_session {
	struct ir_tpm *tpm;
	uint8_t *public, *message, *signature;
	size_t public_size, size, signature_size;
};

static void session_end(struct tpm_session *s)
{
	ir_tpm_close(s->tpm);
	free(s->public);
	free(s->message);
	free(s->signature);
}

static int store_quote(const struct tpm_session *s, const struct ir_pcrs *pcrs, int dir,
		       struct ir_manifest *m)
{
	IR_FREE uint8_t *bytes = NULL;
	IR_FREE char *pem = NULL;
	struct ir_key key;
	size_t size;
	int rc;

	if (ir_key_public(s->public, s->public_size, &key))
		return cli_fail(CLI_SYSTEM, "TPM: public part of the key: of an unknown kind");
	pem = ir_key_pem(&key);
	m->ak_name = ir_hex(key.name, key.name_size);
	ir_key_free(&key);
	bytes = ir_pcrs_bytes(pcrs, &size);
	rc = store(dir, m, IR_QUOTE_MSG, s->message, s->size);
	if (!rc)
		rc = store(dir, m, IR_QUOTE_SIG, s->signature, s->signature_size);
	if (!rc)
		rc = store(dir, m, IR_QUOTE_PCRS, bytes, size);
	if (!rc)
		rc = store(dir, m, IR_AK_PUBLIC, s->public, s->public_size);
	if (!rc)
		rc = store(dir, m, IR_AK_PEM, pem, strlen(pem));
	return rc;
}

static int collect_quote(const struct ir_collect *c, int dir, struct ir_manifest *m)
{
	struct tpm_session s __attribute__((cleanup(session_end))) = { 0 };
	IR_FREE char *error = NULL;
	uint8_t own[32];
	const uint8_t *nonce = c->nonce;
	size_t nonce_size = c->nonce_size;
	struct ir_pcrs pcrs;
	int rc;

	if (!nonce) {
		if (getrandom(own, sizeof(own), 0) != sizeof(own))
			return cli_fail(CLI_SYSTEM, "random numbers: %s", strerror(errno));
		nonce = own;
		nonce_size = sizeof(own);
	}
	free(m->nonce);
	m->nonce = ir_hex(nonce, nonce_size);
	rc = ir_tpm_open(c->tcti, &s.tpm, &error);
	if (!rc)
		rc = ir_tpm_key(s.tpm, c->handle, &s.public, &s.public_size, &error);
	if (!rc)
		rc = ir_tpm_banks(s.tpm, &pcrs, &error);
	if (!rc)
		rc = ir_tpm_quote(s.tpm, c->handle, &pcrs, nonce, nonce_size, &s.message, &s.size,
				  &s.signature, &s.signature_size, &error);
	if (!rc)
		rc = ir_tpm_read(s.tpm, &pcrs, &error);
	if (rc)
		return tpm_fail(rc, error);
	for (size_t i = 0; i < pcrs.n; i++)
		m->banks[m->n_banks++] = pcrs.banks[i].alg;
	return store_quote(&s, &pcrs, dir, m);
}

/* ---- the host's lists ---- */

static int64_t counter(int ima, const char *name)
{
	IR_FREE uint8_t *text = NULL;
	size_t size;

	return ir_read_file(ima, name, 64, &text, &size) ? -1 : ir_number((char *)text);
}

static int copy_list(int ima, const char *from, int dir, struct ir_manifest *m, const char *name)
{
	int fd IR_CLOSE = openat(ima, from, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? -errno : ir_collect_copy(dir, m, name, fd, HOST_LIST_MAX);

	return rc ? cli_fail(CLI_SYSTEM,
			     "%s: cannot be copied: %s; run as root, look at the file "
			     "system",
			     from, strerror(-rc)) :
		    0;
}

static bool is_list(const char *name)
{
	return !strncmp(name, "binary_runtime_measurements_", 28) ||
	       !strncmp(name, "ascii_runtime_measurements_", 27);
}

static int collect_lists(const struct ir_collect *c, int dir, struct ir_manifest *m)
{
	IR_FREE char *path = ir_text("%s/integrity/ima", c->securityfs);
	int ima IR_CLOSE = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **names;
	int n, rc = 0, lists = 0;

	if (ima < 0)
		return cli_fail(errno == EACCES ? CLI_SYSTEM : CLI_LACKS,
				"%s: %s; boot a kernel with IMA, mount securityfs, run as root",
				path, strerror(errno));
	m->count_before = counter(ima, "runtime_measurements_count");
	n = scandirat(ima, ".", &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (!rc && is_list(names[i]->d_name)) {
			rc = copy_list(ima, names[i]->d_name, dir, m, names[i]->d_name);
			lists++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	/* a kernel that has them in SHA-1 only */
	if (!rc && !lists) {
		rc = copy_list(ima, "binary_runtime_measurements", dir, m,
			       "binary_runtime_measurements_sha1");
		if (!rc)
			rc = copy_list(ima, "ascii_runtime_measurements", dir, m,
				       "ascii_runtime_measurements_sha1");
	}
	m->count_after = counter(ima, "runtime_measurements_count");
	m->violations = counter(ima, "violations");
	if (!rc && !faccessat(ima, "policy", R_OK, AT_EACCESS)) {
		int fd IR_CLOSE = openat(ima, "policy", O_RDONLY | O_CLOEXEC);

		/* a kernel without IMA_READ_POLICY lets nobody read it */
		if (fd >= 0)
			rc = ir_collect_copy(dir, m, "policy", fd, 64 << 20) ?
				     cli_fail(CLI_SYSTEM, "policy: cannot be copied") :
				     0;
	}
	return rc;
}

/* ---- the rest ---- */

/* Asks the kernel how many records were lost; -1 it does not say. */
static int64_t lost_records(void)
{
	struct audit_reply reply;
	int fd = audit_open();
	int64_t lost = -1;

	if (fd < 0)
		return -1;
	if (audit_request_status(fd) > 0) {
		for (int i = 0; i < 30 && lost < 0; i++) {
			struct pollfd p = { .fd = fd, .events = POLLIN };

			if (poll(&p, 1, 100) > 0 &&
			    audit_get_reply(fd, &reply, GET_REPLY_NONBLOCKING, 0) > 0 &&
			    reply.type == AUDIT_GET)
				lost = reply.status->lost;
		}
	}
	audit_close(fd);
	return lost;
}

/* `contid ls --json` for people, if the program is there; containers.json is what is read. */
static int collect_contid_ls(int dir, struct ir_manifest *m)
{
	int out[2], status;
	pid_t pid;
	int rc;

	if (pipe2(out, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp("contid", "contid", "ls", "--json", "--all", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	if (pid < 0) {
		close(out[0]);
		return -errno;
	}
	rc = ir_collect_copy(dir, m, IR_CONTID_LS, out[0], 256 << 20);
	close(out[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* not installed, or a kernel that it has nothing to show of */
	if (!rc && (!WIFEXITED(status) || WEXITSTATUS(status) > CLI_NOTHING))
		rc = ir_store_drop(dir, m, IR_CONTID_LS);
	return rc;
}

static void about(struct ir_manifest *m)
{
	struct utsname name;
	struct timespec now;
	char when[32];

	uname(&name);
	clock_gettime(CLOCK_REALTIME, &now);
	ir_time(when, now.tv_sec, (unsigned int)(now.tv_nsec / 1000000));
	m->host = ir_escape(name.nodename, strlen(name.nodename));
	m->kernel = ir_text("%s %s", name.release, name.machine);
	m->time = ir_copy(when);
	m->tool = ir_text("ima-review %s", CONTID_VERSION);
	if (contid_boot_id(m->boot))
		m->boot[0] = '\0';
}

static int say(int rc, const char *what)
{
	return rc ? cli_fail(CLI_SYSTEM, "%s: %s; run as root, look at the file system", what,
			     strerror(-rc)) :
		    0;
}

int ir_collect_run(const struct ir_collect *c)
{
	struct ir_manifest m __attribute__((cleanup(ir_manifest_free))) = {
		.lost = -1, .violations = -1, .count_before = -1, .count_after = -1
	};
	IR_FREE char *path = ir_text("%s/integrity/ima", c->securityfs);
	int dir IR_CLOSE = -1;
	int rc = 0;

	if (access(path, F_OK))
		return cli_fail(errno == EACCES ? CLI_SYSTEM : CLI_LACKS,
				"%s: %s; boot a kernel with IMA, mount securityfs, run as root",
				path, strerror(errno));
	dir = open_folder(c->folder);
	if (dir < 0)
		return -dir;
	about(&m);
	m.nonce = ir_copy("");
	if (!c->unquoted)
		rc = collect_quote(c, dir, &m);
	if (!m.ak_name)
		m.ak_name = ir_copy("");
	if (!rc)
		rc = collect_lists(c, dir, &m);
	if (!rc)
		rc = say(ir_collect_namespaces(c, dir, &m), "lists of namespaces");
	if (!rc)
		rc = say(collect_contid_ls(dir, &m), "contid ls");
	if (!rc && !c->no_log)
		rc = say(ir_collect_log(c, dir, &m), "audit log");
	m.lost = lost_records();
	if (!rc)
		rc = say(ir_manifest_write(dir, &m), IR_MANIFEST);
	ir_progress_end();
	/* nothing half-made stays that could be taken for evidence: it has no manifest */
	return rc;
}
