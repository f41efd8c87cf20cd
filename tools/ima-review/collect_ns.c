// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Containers, and the lists of their IMA namespaces
 *
 * A mount of securityfs would make an IMA namespace where none is. So only those are entered that
 * are known: a process has securityfs of a user namespace mounted, or the state folder names the
 * IMA namespace of a container that lives.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "../libcontid/enter.h"
#include "ima-review.h"

/* A list of a child is bounded by the kernel; whoever fakes one does not fill our disk. */
#define NS_FILE_MAX (UINT64_C(256) << 20)

struct seen {
	size_t n;
	uint64_t *ids;
};

struct collecting {
	const struct ir_collect *c;
	int dir;
	struct ir_manifest *manifest;
	struct ir_attribution who;
	struct seen namespaces; /* ids of IMA namespaces that were copied */
	struct ir_views views;	/* mount namespaces that were looked through */
	int rc;
};

static bool known(const struct seen *seen, uint64_t id)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->ids[i] == id)
			return true;
	return false;
}

static void learn(struct seen *seen, uint64_t id)
{
	seen->ids = ir_array(seen->ids, seen->n + 1, sizeof(*seen->ids));
	seen->ids[seen->n++] = id;
}

/* ---- the files of one namespace ---- */

static int id_of(int ima, uint64_t *id)
{
	int fd IR_CLOSE = ir_open_within(ima, "id");
	char text[32], *end;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd < 0)
		return fd;
	if (n <= 0)
		return -EBADMSG;
	text[n] = '\0';
	if (strncmp(text, "0x", 2))
		return -EBADMSG;
	errno = 0;
	*id = strtoull(text, &end, 16);
	return !errno && *id && (!*end || !strcmp(end, "\n")) ? 0 : -EBADMSG;
}

#define COUNT "runtime_measurements_count"

static bool is_evidence(const char *name)
{
	static const char *const names[] = { "active",
					     "policy",
					     COUNT,
					     "violations",
					     "hash",
					     "template_name",
					     "runtime_measurements_dropped" };

	if (!strncmp(name, "binary_runtime_measurements_", 28) ||
	    !strncmp(name, "ascii_runtime_measurements_", 27))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

#define MOUNTED_OVER "another file is mounted over it"

static int copy_file(int dir, struct ir_manifest *m, int ima, uint64_t id, const char *file,
		     uint64_t max)
{
	IR_FREE char *name = ir_text("ns-0x%" PRIx64 ".%s", id, file);
	const char *why = ir_manifest_why(m, name);
	int fd IR_CLOSE = -1;

	/* from another mount of the same, or of no use in any: it would be read in vain each time
	 */
	if (ir_manifest_file(m, name) || (why && strcmp(why, MOUNTED_OVER)))
		return 0;
	fd = ir_open_within(ima, file);
	if (fd >= 0)
		return ir_collect_foreign(dir, m, name, fd, max);
	/* lists of a namespace that is not active cannot be opened, or read */
	if (fd != -EACCES && fd != -EPERM && fd != -ENOENT)
		ir_manifest_missing(m, name, fd == -EXDEV ? MOUNTED_OVER : strerror(-fd));
	return 0;
}

static bool has_list(const struct ir_manifest *m, uint64_t id)
{
	IR_FREE char *prefix = ir_text("ns-0x%" PRIx64 ".binary_", id);

	for (size_t i = 0; i < m->n; i++)
		if (!strncmp(m->files[i].name, prefix, strlen(prefix)))
			return true;
	return false;
}

int ir_collect_namespace(int dir, struct ir_manifest *m, int ima, uint64_t id, uint64_t max)
{
	struct dirent **names;
	int n, rc = 0;

	/* lists only grow: a count that is read before them has no entry that they lack */
	if (!has_list(m, id))
		rc = copy_file(dir, m, ima, id, COUNT, max);
	n = scandirat(ima, ".", &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (!rc && is_evidence(names[i]->d_name) && strcmp(names[i]->d_name, COUNT) &&
		    ir_file_name(names[i]->d_name))
			rc = copy_file(dir, m, ima, id, names[i]->d_name, max);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return rc;
}

static bool lacks(const struct ir_manifest *m, uint64_t id)
{
	IR_FREE char *prefix = ir_text("ns-0x%" PRIx64 ".", id);

	for (size_t i = 0; i < m->n_missing; i++)
		if (!strncmp(m->missing[i].name, prefix, strlen(prefix)) &&
		    !strcmp(m->missing[i].why, MOUNTED_OVER))
			return true;
	/* beyond that nothing is named */
	return m->n_missing == IR_MISSING_MAX;
}

/*
 * @ima: integrity/ima of a namespace's securityfs. The namespace is known when nothing of it is
 * hidden: what a container has hidden in one mount may be seen in another.
 */
static void copy_namespace(struct collecting *work, int ima)
{
	uint64_t id;
	int rc = id_of(ima, &id);

	if (rc == -EXDEV)
		ir_manifest_missing(work->manifest, "ns-unknown.id", MOUNTED_OVER);
	if (rc || work->rc || known(&work->namespaces, id))
		return;
	work->rc = ir_collect_namespace(work->dir, work->manifest, ima, id, NS_FILE_MAX);
	if (!lacks(work->manifest, id))
		learn(&work->namespaces, id);
}

/* ---- mounts that are there ---- */

static int open_in(int root, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* @point: as in mountinfo. The container owns the path, so it is resolved within its root. */
static void copy_mount(struct collecting *work, int root, const char *point)
{
	IR_FREE char *path = ir_text("%s/integrity/ima", point);
	int ima IR_CLOSE = open_in(root, path);
	struct statfs fs;

	if (ima >= 0 && !fstatfs(ima, &fs) && fs.f_type == SECURITYFS_MAGIC)
		copy_namespace(work, ima);
}

/* Octal escapes of mountinfo, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' &&
		    text[2] <= '7' && text[3] >= '0' && text[3] <= '7') {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* The fifth word of a line whose type, behind " - ", is securityfs. */
static char *mount_point(char *line)
{
	char *type = strstr(line, " - "), *point = line, *end;

	if (!type || strncmp(type + 3, "securityfs ", 11))
		return NULL;
	for (int i = 0; i < 4; i++) {
		point = strchr(point, ' ');
		if (!point)
			return NULL;
		point++;
	}
	end = strchr(point, ' ');
	if (!end)
		return NULL;
	*end = '\0';
	unescape(point);
	return point;
}

/* A container with a root for each of its tasks does not hold us up. */
#define VIEWS_MAX 64

int ir_views_add(struct ir_views *views, int task)
{
	struct ir_view view;
	struct stat mnt;
	struct statx root;
	unsigned int same = 0;

	if (fstatat(task, "ns/mnt", &mnt, 0) ||
	    statx(task, "root", 0, STATX_INO | STATX_MNT_ID, &root))
		return -errno;
	view = (struct ir_view){ .ns = mnt.st_ino,
				 .mount = root.stx_mnt_id,
				 .dev = (uint64_t)root.stx_dev_major << 32 | root.stx_dev_minor,
				 .inode = root.stx_ino };
	for (size_t i = 0; i < views->n; i++) {
		if (!memcmp(&views->views[i], &view, sizeof(view)))
			return 0;
		same += views->views[i].ns == view.ns;
	}
	if (same == VIEWS_MAX)
		return -ENOSPC;
	if (views->n == views->room) {
		views->room = views->room ? views->room * 2 : 64;
		views->views = ir_array(views->views, views->room, sizeof(*views->views));
	}
	views->views[views->n++] = view;
	return 1;
}

static void look_at_mounts(struct collecting *work, int task)
{
	int root IR_CLOSE = -1, info;
	IR_FCLOSE FILE *file = NULL;
	IR_FREE char *line = NULL;
	size_t size = 0;
	int new = ir_views_add(&work->views, task);

	if (new == -ENOSPC)
		ir_manifest_missing(work->manifest, "ns-unknown.mounts",
				    "too many tasks of a mount namespace have a root of their own");
	if (new != 1)
		return;
	info = openat(task, "mountinfo", O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return;
	file = fdopen(info, "r");
	while (file && getline(&line, &size, file) > 0) {
		const char *point = mount_point(line);

		if (!point)
			continue;
		if (root < 0)
			root = openat(task, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root >= 0)
			copy_mount(work, root, point);
	}
}

/* ---- namespaces that the state folder knows ---- */

/* The root of a mount that is attached nowhere, made in the user namespace of @pidfd. */
static int mount_detached(int pidfd)
{
	int fs, mount;

	mount = enter_user_ns(pidfd);
	if (mount)
		return mount;
	fs = (int)syscall(SYS_fsopen, "securityfs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	return mount < 0 ? -errno : mount;
}

static void send_fd(int to, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = room,
			      .msg_controllen = sizeof(room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	sendmsg(to, &msg, 0);
}

static int receive_fd(int from)
{
	char room[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = room,
			      .msg_controllen = sizeof(room) };
	struct cmsghdr *c;
	int fd;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

static void enter_namespace(struct collecting *work, const struct contid_state *state)
{
	int pidfd IR_CLOSE = (int)syscall(SYS_pidfd_open, state->pid, 0);
	int root IR_CLOSE = -1, ima IR_CLOSE = -1, ends[2];
	uint64_t ids[CONTID_NS_TYPES];
	pid_t child;

	/* the process still has the user namespace that was recorded: it has an IMA namespace */
	if (pidfd < 0 || contid_ns_ids(state->pid, ids) || ids[CONTID_NS_USER] != state->imans ||
	    !contid_state_live(state))
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return;
	child = fork();
	if (!child) {
		int fd = mount_detached(pidfd);

		if (fd >= 0)
			send_fd(ends[1], fd);
		_exit(fd < 0);
	}
	close(ends[1]);
	if (child > 0) {
		root = receive_fd(ends[0]);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	if (root < 0)
		return;
	ima = open_in(root, "integrity/ima");
	if (ima >= 0)
		copy_namespace(work, ima);
}

static int from_state(const char *file, const struct contid_state *state, void *data)
{
	struct collecting *work = data;
	struct ir_container *c;

	(void)file;
	if (!state || !contid_state_live(state))
		return 0;
	c = ir_container_get(&work->who, state->contid);
	free(c->name);
	c->name = ir_copy(state->container);
	c->parent = state->parent;
	c->imans = state->imans;
	if (!c->userns)
		c->userns = state->ns[CONTID_NS_USER];
	if (state->imans && state->imans != IR_IMANS_HOST &&
	    !known(&work->namespaces, state->imans))
		enter_namespace(work, state);
	return work->rc;
}

/* ---- processes ---- */

static void look_at_task(struct collecting *work, pid_t pid, int task)
{
	uint64_t contid, ids[CONTID_NS_TYPES];
	struct ir_container *c;

	if (contid_get(pid, &contid) || contid == CONTID_UNSET)
		return;
	c = ir_container_get(&work->who, contid);
	if (!c->pids++) {
		IR_FREE uint8_t *comm = NULL;
		size_t size;

		if (!contid_ns_ids(pid, ids) && ids[CONTID_NS_USER] != IR_IMANS_HOST)
			c->userns = ids[CONTID_NS_USER];
		if (!ir_read_file(task, "comm", 64, &comm, &size) && size > 1) {
			comm[size - 1] = '\0';
			c->command = ir_copy((char *)comm);
		}
	}
}

static void look_at_tasks(struct collecting *work)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	uint64_t n = 0;

	while (proc && !work->rc && (d = readdir(proc))) {
		char *end;
		long pid = strtol(d->d_name, &end, 10);
		int task IR_CLOSE = -1;

		if (pid <= 0 || *end)
			continue;
		task = openat(dirfd(proc), d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (task < 0)
			continue;
		look_at_task(work, (pid_t)pid, task);
		look_at_mounts(work, task);
		ir_progress("processes", ++n, 0);
	}
	if (proc)
		closedir(proc);
}

static void say_missing(const struct ir_manifest *m)
{
	const size_t most = 20;

	for (size_t i = 0; i < m->n_missing && i < most; i++)
		cli_warn("%s: not in the evidence: %s; look into that container",
			 m->missing[i].name, m->missing[i].why);
	if (m->n_missing > most)
		cli_warn("%zu more files are not in the evidence: see %s", m->n_missing - most,
			 IR_MANIFEST);
}

int ir_collect_namespaces(const struct ir_collect *c, int dir, struct ir_manifest *manifest)
{
	struct collecting work = { .c = c, .dir = dir, .manifest = manifest };
	struct ir_store store;
	int rc;

	/*
	 * No state folder, nothing known of containers by name. It comes first: a mount of our own
	 * has all that there is, and in those of a container things may be hidden.
	 */
	if (!access(c->state_dir, F_OK))
		work.rc = contid_state_each(c->state_dir, from_state, &work);
	/* the host's own list is collected elsewhere */
	if (!work.rc)
		look_at_tasks(&work);
	rc = work.rc;
	say_missing(manifest);
	if (!rc)
		rc = ir_store_begin(&store, dir, manifest, IR_CONTAINERS);
	if (!rc) {
		int end;

		for (size_t i = 0; !rc && i < work.who.n_containers; i++) {
			IR_FREE char *line = ir_container_line(&work.who.containers[i]);

			rc = ir_store_write(&store, line, strlen(line));
		}
		end = ir_store_end(&store);
		rc = rc ? rc : end;
	}
	ir_attribution_free(&work.who);
	free(work.namespaces.ids);
	free(work.views.views);
	return rc;
}
