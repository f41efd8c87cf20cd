/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IMA namespaces - helpers of the tests: containers driven by remote calls,
 * the audit log, policies, small programs
 *
 * Copyright (C) 2026 Overlay Team
 *
 * A container is a process in a user and mount namespace of its own that
 * executes calls for the test:
 *
 *	test --ct_call()--> container A --ct_call()--> nested container B
 *
 * It was forked from the test without exec, so pointers to functions and to
 * static data mean the same in both, and its slot (struct container) is shared
 * memory. Every helper takes the container that shall act as first argument,
 * NULL being the test itself, and returns a value >= 0 or -errno.
 */
#ifndef IMA_NS_COMMON_H
#define IMA_NS_COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <regex.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <elf.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/if_alg.h>
#include <linux/netlink.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#ifndef NS_GET_ID
#define NS_GET_ID	_IOR(0xb7, 13, uint64_t)
#endif

#define __maybe_unused	__attribute__((unused))

/* working directory: a tmpfs of the test's own mount namespace */
#define W		"/tmp/imans"
/* where each container mounts its securityfs */
#define SEC		W "/sec"
#define IMA		SEC "/integrity/ima"
#define HOST_SEC	"/sys/kernel/security"
#define HOST_POLICY	HOST_SEC "/integrity/ima/policy"
#define PROG		W "/prog"
#define DATA		W "/data"

#define RULE_EXEC	"audit func=BPRM_CHECK mask=MAY_EXEC \n"
#define RULE_READ	"audit func=FILE_CHECK mask=MAY_READ \n"

#define CT_MAX		96
#define CT_BUF		(64 * 1024)

/* a test takes this many times longer, or does this fraction, on a debug kernel */
static __maybe_unused bool on_debug(void)
{
	const char *flavour = getenv("FLAVOUR");

	return flavour && !strcmp(flavour, "debug");
}

static __maybe_unused unsigned int scaled(unsigned int release,
					  unsigned int debug)
{
	return on_debug() ? debug : release;
}

enum ct_state { CT_FREE, CT_BORN, CT_MAPPED, CT_READY, CT_CALL, CT_GONE };

/**
 * struct ct_opts - how to make a container
 * @owner: uid and gid (of the creator's user namespace) that create it
 * @map: text for uid_map and gid_map; NULL is "0 0 65536", "" writes none
 * @gid_map: text for gid_map if it differs from @map
 * @no_mntns: no mount namespace of its own
 */
struct ct_opts {
	uid_t owner;
	const char *map;
	const char *gid_map;
	bool no_mntns;
};

typedef long (*ct_fn)(const long *args);

struct container {
	atomic_int state;
	struct container *parent;
	pid_t pid;
	struct ct_opts opts;
	ct_fn fn;
	long args[5];
	long ret;
	char id[24];		/* of ima/id, without the newline */
	char buf[CT_BUF];
};

static struct container *ct_slots;	/* slot 0 is the test itself */
static int ct_channel[2];		/* for passing descriptors */

static __maybe_unused void ct_init(void)
{
	if (ct_slots)
		return;
	ct_slots = mmap(NULL, CT_MAX * sizeof(*ct_slots),
			PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (ct_slots == MAP_FAILED ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ct_channel)) {
		perror("ct_init");
		exit(1);
	}
}

static __maybe_unused struct container *ct_or_self(struct container *c)
{
	ct_init();
	return c ? c : &ct_slots[0];
}

static void ct_set(struct container *c, int state)
{
	atomic_store(&c->state, state);
	syscall(SYS_futex, &c->state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* waits until the state is another than @state; false after @seconds */
static bool ct_wait_not(struct container *c, int state, unsigned int seconds)
{
	const struct timespec second = { .tv_sec = 1 };
	unsigned int waited = 0;

	while (atomic_load(&c->state) == state) {
		if (syscall(SYS_futex, &c->state, FUTEX_WAIT, state, &second,
			    NULL, 0) && errno == ETIMEDOUT &&
		    ++waited >= seconds)
			return false;
	}
	return true;
}

/* starts a call and does not wait for it; only one at a time per container */
static __maybe_unused long ct_begin(struct container *c, ct_fn fn,
				    long a, long b, long d, long e)
{
	const long args[5] = { a, b, d, e };

	if (atomic_load(&c->state) != CT_READY)
		return -ESRCH;
	c->fn = fn;
	memcpy(c->args, args, sizeof(args));
	ct_set(c, CT_CALL);
	return 0;
}

static __maybe_unused long ct_finish(struct container *c)
{
	if (!ct_wait_not(c, CT_CALL, scaled(60, 240)))
		return -ETIMEDOUT;
	return c->ret;
}

static __maybe_unused long ct_call(struct container *c, ct_fn fn,
				   long a, long b, long d, long e)
{
	const long args[5] = { a, b, d, e };
	long ret;

	if (!c)
		return fn(args);
	ret = ct_begin(c, fn, a, b, d, e);
	return ret ? ret : ct_finish(c);
}

static void ct_serve(struct container *c)
{
	ct_set(c, CT_READY);
	while (ct_wait_not(c, CT_READY, 3600)) {
		if (atomic_load(&c->state) != CT_CALL)
			break;
		c->ret = c->fn(c->args);
		ct_set(c, CT_READY);
	}
}

static long put_text(const char *path, const char *text)
{
	long ret = 0;
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

static const char *ct_map(const struct container *c)
{
	return c->opts.map ? c->opts.map : "0 0 65536";
}

static bool become_id(uid_t id)
{
	return !setgroups(0, NULL) && !setresgid(id, id, id) &&
	       !setresuid(id, id, id);
}

static void ct_born(struct container *c)
{
	int flags = CLONE_NEWUSER | (c->opts.no_mntns ? 0 : CLONE_NEWNS);

	if (c->opts.owner && !become_id(c->opts.owner))
		goto fail;
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(flags))
		goto fail;
	prctl(PR_SET_DUMPABLE, 1);
	ct_set(c, CT_BORN);
	if (!ct_wait_not(c, CT_BORN, 60))
		goto fail;
	if (*ct_map(c) && (setresgid(0, 0, 0) || setresuid(0, 0, 0)))
		goto fail;
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	c->ret = 0;
	ct_serve(c);
	_exit(0);
fail:
	c->ret = -errno;
	ct_set(c, CT_GONE);
	_exit(1);
}

/* runs in the creator: fork, write the maps */
static long fn_start(const long *args)
{
	struct container *c = (struct container *)args[0];
	char path[64];
	long ret = 0;
	pid_t pid;

	atomic_store(&c->state, CT_FREE);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		ct_born(c);
	c->pid = pid;
	if (!ct_wait_not(c, CT_FREE, 60))
		return -ETIMEDOUT;
	if (atomic_load(&c->state) == CT_GONE)
		return c->ret;
	if (*ct_map(c)) {
		snprintf(path, sizeof(path), "/proc/%d/uid_map", c->pid);
		ret = put_text(path, ct_map(c));
		snprintf(path, sizeof(path), "/proc/%d/gid_map", c->pid);
		if (!ret)
			ret = put_text(path, c->opts.gid_map ?: ct_map(c));
	}
	ct_set(c, ret ? CT_GONE : CT_MAPPED);
	if (!ret && (!ct_wait_not(c, CT_MAPPED, 60) ||
		     atomic_load(&c->state) == CT_GONE))
		ret = c->ret ?: -ETIMEDOUT;
	return ret;
}

static long fn_reap(const long *args)
{
	int status;

	if (waitpid(args[0], &status, 0) < 0)
		return -errno;
	return status;
}

/* the container's process ends; its namespaces with it */
static __maybe_unused long ct_end(struct container *c)
{
	long ret;

	if (!c || !c->pid)
		return 0;
	ct_set(c, CT_GONE);
	ret = ct_call(c->parent, fn_reap, c->pid, 0, 0, 0);
	c->pid = 0;
	return ret;
}

/* Return: the container, not mounted yet; NULL with errno set */
static __maybe_unused struct container *
ct_start(struct container *parent, struct ct_opts opts)
{
	struct container *c;
	long ret;
	int i;

	ct_init();
	for (i = 1; i < CT_MAX && ct_slots[i].pid; i++)
		;
	if (i == CT_MAX) {
		errno = EMFILE;
		return NULL;
	}
	c = &ct_slots[i];
	memset(c, 0, offsetof(struct container, buf));
	c->parent = parent;
	c->opts = opts;
	ret = ct_call(parent, fn_start, (long)c, 0, 0, 0);
	if (ret) {
		if (c->pid > 0)
			ct_end(c);
		c->pid = 0;
		errno = -ret;
		return NULL;
	}
	return c;
}

/*
 * Files
 */

static const char *ct_text(struct container *c, const char *text)
{
	return strcpy(ct_or_self(c)->buf, text);
}

static long fn_open(const long *args)
{
	int fd = open((const char *)args[0], args[1] | O_CLOEXEC, args[2]);

	return fd < 0 ? -errno : fd;
}

static __maybe_unused long ct_open(struct container *c, const char *path,
				   int flags)
{
	return ct_call(c, fn_open, (long)ct_text(c, path), flags, 0644, 0);
}

static long fn_close(const long *args)
{
	return close(args[0]) ? -errno : 0;
}

static __maybe_unused long ct_close(struct container *c, long fd)
{
	return fd < 0 ? fd : ct_call(c, fn_close, fd, 0, 0, 0);
}

static long fn_pwrite(const long *args)
{
	ssize_t ret;

	if (args[3] < 0)
		ret = write(args[0], (const void *)args[1], args[2]);
	else
		ret = pwrite(args[0], (const void *)args[1], args[2], args[3]);
	return ret < 0 ? -errno : ret;
}

/* @offset -1: at the file position */
static __maybe_unused long ct_pwrite(struct container *c, long fd,
				     const void *data, size_t len, long offset)
{
	struct container *slot = ct_or_self(c);

	if (len > sizeof(slot->buf))
		return -E2BIG;
	memcpy(slot->buf, data, len);
	return ct_call(c, fn_pwrite, fd, (long)slot->buf, len, offset);
}

/* one write() at the file position 0, as a policy wants it */
static __maybe_unused long ct_write(struct container *c, long fd,
				    const char *text)
{
	return ct_pwrite(c, fd, text, strlen(text), 0);
}

static long fn_read(const long *args)
{
	char *buf = (char *)args[1];
	ssize_t got, all = 0;

	do {
		got = read(args[0], buf + all, args[2] - 1 - all);
		if (got < 0)
			return -errno;
		all += got;
	} while (got && all < args[2] - 1);
	buf[all] = '\0';
	return all;
}

/* Return: length; the text is in ct_out() */
static __maybe_unused long ct_read(struct container *c, long fd)
{
	struct container *slot = ct_or_self(c);

	return ct_call(c, fn_read, fd, (long)slot->buf, sizeof(slot->buf), 0);
}

static __maybe_unused const char *ct_out(struct container *c)
{
	return ct_or_self(c)->buf;
}

static __maybe_unused long ct_cat(struct container *c, const char *path)
{
	long fd = ct_open(c, path, O_RDONLY);
	long ret;

	if (fd < 0)
		return fd;
	ret = ct_read(c, fd);
	ct_close(c, fd);
	return ret;
}

/* reads a file of the working directory once, so that a read rule sees it */
static __maybe_unused long ct_use(struct container *c, const char *path)
{
	return ct_close(c, ct_open(c, path, O_RDONLY));
}

/* open, one write, close: the first error of the three, else the write's length */
static __maybe_unused long ct_put(struct container *c, const char *path,
				  const char *text)
{
	long fd = ct_open(c, path, O_WRONLY);
	long ret, err;

	if (fd < 0)
		return fd;
	ret = ct_write(c, fd, text);
	err = ct_close(c, fd);
	return ret >= 0 && err < 0 ? err : ret;
}

/* one open file, one write() per line: the first error; close always happens */
static __maybe_unused long ct_load(struct container *c, const char *path,
				   const char *rules)
{
	long fd = ct_open(c, path, O_WRONLY);
	long ret = 0, err;

	if (fd < 0)
		return fd;
	while (*rules && ret >= 0) {
		size_t len = strcspn(rules, "\n");

		len += rules[len] == '\n';
		ret = ct_pwrite(c, fd, rules, len, 0);
		if (ret >= 0 && (size_t)ret != len)
			ret = -EIO;
		rules += len;
	}
	err = ct_close(c, fd);
	return ret < 0 ? ret : err;
}

static long fn_stat(const long *args)
{
	if (lstat((const char *)args[0], (struct stat *)args[1]))
		return -errno;
	return 0;
}

static __maybe_unused long ct_stat(struct container *c, const char *path,
				   struct stat *st)
{
	char *buf = ct_or_self(c)->buf;
	long ret;

	ct_text(c, path);
	ret = ct_call(c, fn_stat, (long)buf, (long)(buf + PATH_MAX), 0, 0);
	memcpy(st, buf + PATH_MAX, sizeof(*st));
	return ret;
}

static long fn_readlink(const long *args)
{
	char *buf = (char *)args[0];
	ssize_t len = readlink(buf, buf + PATH_MAX, PATH_MAX - 1);

	if (len < 0)
		return -errno;
	memmove(buf, buf + PATH_MAX, len);
	buf[len] = '\0';
	return len;
}

static __maybe_unused long ct_readlink(struct container *c, const char *path)
{
	return ct_call(c, fn_readlink, (long)ct_text(c, path), 0, 0, 0);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static long fn_list(const long *args)
{
	char *buf = (char *)args[0];
	struct dirent **names;
	size_t len = 0;
	int i, n;

	n = scandir(buf, &names, NULL, by_name);
	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		if (strcmp(names[i]->d_name, ".") &&
		    strcmp(names[i]->d_name, ".."))
			len += snprintf(buf + len, CT_BUF - len, "%s\n",
					names[i]->d_name);
		free(names[i]);
	}
	free(names);
	buf[len] = '\0';
	return n - 2;
}

/* names of a directory, sorted, one a line, in ct_out() */
static __maybe_unused long ct_list(struct container *c, const char *path)
{
	return ct_call(c, fn_list, (long)ct_text(c, path), 0, 0, 0);
}

static long fn_chmod(const long *args)
{
	return chmod((const char *)args[0], args[1]) ? -errno : 0;
}

static __maybe_unused long ct_chmod(struct container *c, const char *path,
				    mode_t mode)
{
	return ct_call(c, fn_chmod, (long)ct_text(c, path), mode, 0, 0);
}

static long fn_mount(const long *args)
{
	if (mount("none", (const char *)args[0], "securityfs", 0, NULL))
		return -errno;
	return 0;
}

static __maybe_unused long ct_mount_at(struct container *c, const char *path)
{
	return ct_call(c, fn_mount, (long)ct_text(c, path), 0, 0, 0);
}

static __maybe_unused long ct_mount(struct container *c)
{
	return ct_mount_at(c, SEC);
}

static long fn_umount(const long *args)
{
	return umount2((const char *)args[0], args[1]) ? -errno : 0;
}

static __maybe_unused long ct_umount(struct container *c)
{
	return ct_call(c, fn_umount, (long)ct_text(c, SEC), 0, 0, 0);
}

/* sends the descriptor of one container to another; Return: its number there */
static long fn_send_fd(const long *args)
{
	char ctrl[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = ctrl, .msg_controllen = sizeof(ctrl),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fd = args[0];

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(ct_channel[0], &msg, 0) < 0 ? -errno : 0;
}

static long fn_receive_fd(const long *args __maybe_unused)
{
	char ctrl[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = ctrl, .msg_controllen = sizeof(ctrl),
	};
	int fd;

	if (recvmsg(ct_channel[1], &msg, MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	if (!CMSG_FIRSTHDR(&msg))
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static __maybe_unused long ct_pass_fd(struct container *from, long fd,
				      struct container *to)
{
	long ret = ct_call(from, fn_send_fd, fd, 0, 0, 0);

	return ret ? ret : ct_call(to, fn_receive_fd, 0, 0, 0, 0);
}

/*
 * Credentials
 */

static long fn_cap(const long *args)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {};
	int cap = args[0];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	if (args[1])
		data[cap / 32].effective |= 1U << (cap % 32);
	else
		data[cap / 32].effective &= ~(1U << (cap % 32));
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

/* switches an effective capability off or on again */
static __maybe_unused long ct_cap(struct container *c, int cap, bool on)
{
	return ct_call(c, fn_cap, cap, on, 0, 0);
}

static long fn_seteuid(const long *args)
{
	long ret = setresuid(-1, args[0], -1) ? -errno : 0;

	prctl(PR_SET_DUMPABLE, 1);
	return ret;
}

static __maybe_unused long ct_seteuid(struct container *c, uid_t uid)
{
	return ct_call(c, fn_seteuid, uid, 0, 0, 0);
}

static long fn_join(const long *args)
{
	char path[64];
	long ret = 0;
	int user, mnt;

	snprintf(path, sizeof(path), "/proc/%ld/ns/user", args[0]);
	user = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%ld/ns/mnt", args[0]);
	mnt = open(path, O_RDONLY | O_CLOEXEC);
	if (user < 0 || mnt < 0 || setns(user, CLONE_NEWUSER) ||
	    setns(mnt, CLONE_NEWNS))
		ret = -errno;
	close(user);
	close(mnt);
	return ret;
}

static void ct_helper_born(struct container *c, struct container *target)
{
	const long args[] = { target->pid };

	c->ret = fn_join(args);
	if (c->ret) {
		ct_set(c, CT_GONE);
		_exit(1);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ct_serve(c);
	_exit(0);
}

/* a process of the host's root that has joined @target and kept its uid */
static __maybe_unused struct container *ct_helper(struct container *target)
{
	struct container *c;
	pid_t pid;
	int i;

	for (i = 1; i < CT_MAX && ct_slots[i].pid; i++)
		;
	if (i == CT_MAX)
		return NULL;
	c = &ct_slots[i];
	memset(c, 0, offsetof(struct container, buf));
	pid = fork();
	if (pid < 0)
		return NULL;
	if (!pid)
		ct_helper_born(c, target);
	c->pid = pid;
	if (!ct_wait_not(c, CT_FREE, 60) || c->state == CT_GONE) {
		errno = -c->ret;
		c->pid = 0;
		return NULL;
	}
	return c;
}

/*
 * Programs and data files
 */

#if defined(__x86_64__)
static const unsigned char exit_0[] = {
	0x31, 0xff,				/* xor  %edi,%edi */
	0xb8, 0x3c, 0x00, 0x00, 0x00,		/* mov  $60,%eax */
	0x0f, 0x05,				/* syscall */
};
#define PROG_MACHINE	EM_X86_64
#elif defined(__aarch64__)
static const unsigned char exit_0[] = {
	0x00, 0x00, 0x80, 0xd2,			/* mov  x0,#0 */
	0xa8, 0x0b, 0x80, 0xd2,			/* mov  x8,#93 */
	0x01, 0x00, 0x00, 0xd4,			/* svc  #0 */
};
#define PROG_MACHINE	EM_AARCH64
#else
#error "the program of the tests is not known for this architecture"
#endif

struct tiny_program {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	unsigned char code[sizeof(exit_0)];
};

/* the smallest program: exits with 0; its contents differ by @salt */
static __maybe_unused long make_prog(const char *path, const char *salt)
{
	const unsigned long base = 0x400000;
	struct tiny_program p = {
		.ehdr = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				     ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC, .e_machine = PROG_MACHINE,
			.e_version = EV_CURRENT,
			.e_entry = base + offsetof(struct tiny_program, code),
			.e_phoff = offsetof(struct tiny_program, phdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
		},
		.phdr = {
			.p_type = PT_LOAD, .p_flags = PF_R | PF_X,
			.p_vaddr = base, .p_paddr = base,
			.p_filesz = sizeof(p), .p_memsz = sizeof(p),
			.p_align = 0x1000,
		},
	};
	long ret = 0;
	int fd;

	memcpy(p.code, exit_0, sizeof(exit_0));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0755) || write(fd, &p, sizeof(p)) < 0 ||
	    write(fd, salt, strlen(salt)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static __maybe_unused long make_file(const char *path, const char *text)
{
	long ret = 0;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0666) || write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static long fn_append(const long *args)
{
	long ret = 0;
	int fd;

	fd = open((const char *)args[0], O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, "+", 1) != 1)
		ret = -errno;
	close(fd);
	return ret;
}

/* a program changed so still runs */
static __maybe_unused long ct_append(struct container *c, const char *path)
{
	return ct_call(c, fn_append, (long)ct_text(c, path), 0, 0, 0);
}

static long fn_exec(const long *args)
{
	const char *path = (const char *)args[0];
	char *const argv[] = { (char *)path, NULL };
	char *const envp[] = { NULL };
	int status;
	pid_t pid;

	pid = vfork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		execve(path, argv, envp);
		_exit(128 + (errno & 0x7f));
	}
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	if (!WIFEXITED(status))
		return -EINTR;
	status = WEXITSTATUS(status);
	return status > 128 ? -(status - 128) : status;
}

static __maybe_unused long ct_exec(struct container *c, const char *path)
{
	return ct_call(c, fn_exec, (long)ct_text(c, path), 0, 0, 0);
}

/*
 * Namespaces
 */

/* the securityfs is mounted already; reads the id; -errno of what fails first */
static __maybe_unused long ct_activate(struct container *c)
{
	long ret = ct_put(c, IMA "/active", "1\n");

	if (ret >= 0)
		ret = ct_cat(c, IMA "/id");
	if (ret < 0)
		return ret;
	snprintf(c->id, sizeof(c->id), "%.*s", (int)strcspn(ct_out(c), "\n"),
		 ct_out(c));
	return 0;
}

static __maybe_unused long ct_mount_and_activate(struct container *c)
{
	return ct_mount(c) ?: ct_activate(c);
}

/* a container with a mounted, active IMA namespace and this policy (or NULL) */
static __maybe_unused struct container *
ct_active(struct container *parent, struct ct_opts opts, const char *policy)
{
	struct container *c = ct_start(parent, opts);
	long ret;

	if (!c)
		return NULL;
	ret = ct_mount_and_activate(c);
	if (ret >= 0 && policy)
		ret = ct_load(c, IMA "/policy", policy);
	if (ret < 0) {
		ct_end(c);
		errno = -ret;
		return NULL;
	}
	return c;
}

static __maybe_unused bool have_ima_ns(void)
{
	return !access("/proc/sys/user/max_ima_namespaces", F_OK);
}

/* a mount namespace of our own, with a tmpfs at W; 0 or -errno */
static __maybe_unused long workdir_init(void)
{
	ct_init();
	umask(022);
	mkdir("/tmp", 01777);
	mkdir(W, 0755);
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", W, "tmpfs", 0, "mode=1777") ||
	    mkdir(SEC, 0755))
		return -errno;
	return 0;
}

static __maybe_unused long sysctl_put(const char *path, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", value);
	return put_text(path, text);
}

static __maybe_unused long sysctl_get(const char *path)
{
	char text[32] = "";
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	return len < 0 ? -errno : atol(text);
}

/*
 * Audit log: this process is the audit daemon; if there is one already, it
 * listens to the multicast group.
 */

struct audit_entry {
	int type;
	char *text;
};

static struct {
	int fd;
	bool daemon;
	unsigned int seq;
	size_t n, size;
	struct audit_entry *entries;
} audit_log_state = { .fd = -1 };

#define AUDIT_LIMIT_ALL		0
#define AUDIT_RCVBUF		(64 << 20)

static __maybe_unused long audit_send(int type, const void *data, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char buf[NLMSG_SPACE(2048)] = {};
	struct nlmsghdr *head = (struct nlmsghdr *)buf;

	head->nlmsg_len = NLMSG_LENGTH(len);
	head->nlmsg_type = type;
	head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head->nlmsg_seq = ++audit_log_state.seq;
	memcpy(NLMSG_DATA(head), data, len);
	if (sendto(audit_log_state.fd, buf, head->nlmsg_len, 0,
		   (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

static void audit_keep(int type, const char *text, size_t len)
{
	if (audit_log_state.n == audit_log_state.size) {
		audit_log_state.size = audit_log_state.size * 2 + 64;
		audit_log_state.entries =
			realloc(audit_log_state.entries, audit_log_state.size *
				sizeof(*audit_log_state.entries));
	}
	audit_log_state.entries[audit_log_state.n++] = (struct audit_entry){
		.type = type, .text = strndup(text, len),
	};
}

/*
 * Receives one datagram. Return: 1 kept a record, 2 the acknowledgment of
 * the last request with its result in @ack, 3 that of an earlier one, 0 nothing
 * within @ms, else -errno.
 */
static long audit_receive(int ms, int *ack)
{
	struct pollfd pfd = { .fd = audit_log_state.fd, .events = POLLIN };
	static char buf[16384];
	struct nlmsghdr *head = (struct nlmsghdr *)buf;
	ssize_t len;

	if (poll(&pfd, 1, ms) <= 0)
		return 0;
	len = recv(audit_log_state.fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (len < 0)
		return -errno;
	if (len < (ssize_t)sizeof(*head))
		return -EBADMSG;
	if (head->nlmsg_type == NLMSG_ERROR) {
		*ack = ((struct nlmsgerr *)NLMSG_DATA(head))->error;
		return head->nlmsg_seq == audit_log_state.seq ? 2 : 3;
	}
	/* audit messages do not count their header in nlmsg_len */
	audit_keep(head->nlmsg_type, NLMSG_DATA(head), len - NLMSG_HDRLEN);
	return 1;
}

static __maybe_unused long audit_request(int type, const void *data,
					 size_t len)
{
	long ret = audit_send(type, data, len);
	int ack;

	while (!ret) {
		long got = audit_receive(10000, &ack);

		if (got == 2)
			return ack;
		if (got <= 0)
			return got ?: -ETIMEDOUT;
	}
	return ret;
}

/* one member of struct audit_status; Return: 0 or -errno */
static __maybe_unused long audit_set(unsigned int mask, unsigned int value)
{
	struct audit_status s = {
		.mask = mask, .enabled = value, .pid = value,
		.backlog_limit = value, .failure = value, .rate_limit = value,
		.backlog_wait_time = value,
	};

	return audit_request(AUDIT_SET, &s, sizeof(s));
}

static __maybe_unused void audit_clear_entries(void)
{
	while (audit_log_state.n)
		free(audit_log_state.entries[--audit_log_state.n].text);
}

/*
 * Waits until all records written so far have arrived here. A record that is
 * sent while the kernel still takes us for no daemon is held back until there is
 * another one, so the mark is repeated.
 */
static __maybe_unused long audit_sync(void)
{
	unsigned int quiet = 0;
	static unsigned int count;
	char mark[64];
	long got;
	int ack;

	snprintf(mark, sizeof(mark), "ima_ns mark %d.%u;", getpid(), ++count);
	got = audit_send(AUDIT_USER_AVC, mark, strlen(mark) + 1);
	if (got)
		return got;
	for (;;) {
		struct audit_entry *last;

		got = audit_receive(1000, &ack);
		if (!got) {
			if (++quiet == scaled(30, 120))
				return -ETIMEDOUT;
			got = audit_send(AUDIT_USER_AVC, mark,
					 strlen(mark) + 1);
			if (got)
				return got;
			continue;
		}
		if (got < 0)
			return got;
		if (got == 2 && ack)
			return ack;
		if (got != 1)
			continue;
		last = &audit_log_state.entries[audit_log_state.n - 1];
		if (last->type == AUDIT_USER_AVC &&
		    strstr(last->text, "ima_ns mark ")) {
			bool found = strstr(last->text, mark);

			free(last->text);
			audit_log_state.n--;
			if (found)
				return 0;
		}
	}
}

static __maybe_unused long audit_clear(void)
{
	long ret = audit_sync();

	audit_clear_entries();
	return ret;
}

static __maybe_unused long audit_open(void)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	int size = AUDIT_RCVBUF;
	long ret;
	int tries;

	audit_log_state.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				    NETLINK_AUDIT);
	if (audit_log_state.fd < 0)
		return -errno;
	setsockopt(audit_log_state.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, AUDIT_LIMIT_ALL);
	/* containers of a test that was aborted may hold its socket for a while */
	for (tries = 0; tries < 50; tries++) {
		ret = audit_set(AUDIT_STATUS_PID, getpid());
		if (ret != -EEXIST)
			break;
		usleep(100000);
	}
	audit_log_state.daemon = !ret;
	if (ret == -EEXIST) {
		socklen_t len = sizeof(self);

		/* the address that the first request got */
		getsockname(audit_log_state.fd, (struct sockaddr *)&self, &len);
		self.nl_groups = 1U << (AUDIT_NLGRP_READLOG - 1);
		ret = bind(audit_log_state.fd, (struct sockaddr *)&self,
			   sizeof(self)) ? -errno : 0;
	}
	return ret ?: audit_clear();
}

static __maybe_unused void audit_close(void)
{
	if (audit_log_state.fd < 0)
		return;
	if (audit_log_state.daemon)
		audit_set(AUDIT_STATUS_PID, 0);
	audit_clear_entries();
	close(audit_log_state.fd);
	audit_log_state.fd = -1;
}

/* number of records of @type so far whose text matches; -errno */
static __maybe_unused __attribute__((format(printf, 2, 3)))
long audit_count(int type, const char *pattern, ...)
{
	char text[2048];
	long ret, n = 0;
	va_list args;
	regex_t re;
	size_t i;

	va_start(args, pattern);
	vsnprintf(text, sizeof(text), pattern, args);
	va_end(args);
	ret = audit_sync();
	if (ret)
		return ret;
	if (regcomp(&re, text, REG_EXTENDED | REG_NOSUB))
		return -EINVAL;
	for (i = 0; i < audit_log_state.n; i++) {
		struct audit_entry *e = &audit_log_state.entries[i];

		n += e->type == type && !regexec(&re, e->text, 0, NULL, 0);
	}
	regfree(&re);
	return n;
}

static __maybe_unused void audit_dump(void)
{
	size_t i, from = audit_log_state.n > 60 ? audit_log_state.n - 60 : 0;

	for (i = from; i < audit_log_state.n; i++)
		printf("# type=%d %s\n", audit_log_state.entries[i].type,
		       audit_log_state.entries[i].text);
}

/*
 * Records of a file that the policy of @c caused (NULL: of the host); how the
 * text looks exactly is the business of record_test.c
 */
static __maybe_unused long audit_count_file(struct container *c,
					    const char *path)
{
	char head[PATH_MAX + 16], tail[48];
	long ret = audit_sync(), n = 0;
	size_t i;

	if (ret)
		return ret;
	snprintf(head, sizeof(head), ": file=\"%s\" ", path);
	snprintf(tail, sizeof(tail), " ima_ns=%s", c ? c->id : "");
	for (i = 0; i < audit_log_state.n; i++) {
		struct audit_entry *e = &audit_log_state.entries[i];
		const char *own = strstr(e->text, " ima_ns=");

		if (e->type == AUDIT_INTEGRITY_RULE && strstr(e->text, head))
			n += c ? own && !strcmp(own, tail) : !own;
	}
	return n;
}

/* for the harness: compares a count and shows the records if it is another */
#define __COUNT(_check, _expected, _count) do {				\
	long __want = (_expected), __got = (_count);			\
	if (__want != __got)						\
		audit_dump();						\
	_check(__want, __got);						\
} while (0)
#define EXPECT_COUNT(_expected, _count)	__COUNT(EXPECT_EQ, _expected, _count)
#define ASSERT_COUNT(_expected, _count)	__COUNT(ASSERT_EQ, _expected, _count)

/* fixture set-up: every test needs the feature and a working directory */
#define SETUP_WORKDIR() do {						\
	if (!have_ima_ns())						\
		SKIP(return, "CONFIG_IMA_NS is not built");		\
	ASSERT_EQ(0, workdir_init());					\
} while (0)

/*
 * More credentials
 */

static long fn_stranger(const long *args)
{
	if (setgroups(0, NULL) || setresgid(-1, args[0], -1) ||
	    setresuid(-1, args[0], -1))
		return -errno;
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

/* acts as another user from now on: uid, gid and groups */
static __maybe_unused long ct_stranger(struct container *c, uid_t id)
{
	return ct_call(c, fn_stranger, id, 0, 0, 0);
}

/*
 * Digests
 */

/* the digest of a file as the test sees it, as hex; 0 or -errno */
static __maybe_unused long digest_of(const char *path, const char *algo,
				     char *hex)
{
	struct sockaddr_alg addr = { .salg_family = AF_ALG,
				     .salg_type = "hash" };
	int file, tfm = -1, op = -1;
	unsigned char digest[64];
	static char buf[65536];
	ssize_t len, i;
	long ret = 0;

	snprintf((char *)addr.salg_name, sizeof(addr.salg_name), "%s", algo);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0)
		tfm = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (tfm >= 0 && !bind(tfm, (struct sockaddr *)&addr, sizeof(addr)))
		op = accept4(tfm, NULL, NULL, SOCK_CLOEXEC);
	if (op < 0) {
		ret = -errno;
		goto out;
	}
	while ((len = read(file, buf, sizeof(buf))) > 0)
		if (send(op, buf, len, MSG_MORE) != len)
			break;
	if (len || send(op, buf, 0, 0)) {
		ret = -errno;
		goto out;
	}
	len = read(op, digest, sizeof(digest));
	if (len <= 0)
		ret = -errno;
	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
out:
	if (op >= 0)
		close(op);
	if (tfm >= 0)
		close(tfm);
	if (file >= 0)
		close(file);
	return ret;
}

/*
 * Does the last record of @path that the policy of @c caused (NULL: of the
 * host) carry the digest which the file has now? Return: 1, 0, -ENOENT without
 * any record, or another -errno
 */
static __maybe_unused long audit_last_digest_is_true(struct container *c,
						     const char *path,
						     const char *algo)
{
	char head[PATH_MAX + 16], want[192], hex[129] = "";
	long ret = digest_of(path, algo, hex);
	const char *last = NULL;
	size_t i;

	if (!ret)
		ret = audit_sync();
	if (ret)
		return ret;
	snprintf(head, sizeof(head), ": file=\"%s\" ", path);
	snprintf(want, sizeof(want), " hash=\"%s:%s\" ", algo, hex);
	for (i = 0; i < audit_log_state.n; i++) {
		struct audit_entry *e = &audit_log_state.entries[i];
		const char *own = strstr(e->text, " ima_ns=");

		if (e->type == AUDIT_INTEGRITY_RULE && strstr(e->text, head) &&
		    (c ? own && !strcmp(own + 8, c->id) : !own))
			last = e->text;
	}
	if (!last)
		return -ENOENT;
	if (strstr(last, want))
		return 1;
	printf("# wanted%s\n# in %s\n", want, last);
	return 0;
}

/*
 * More of audit
 */

/* 1 if audit is enabled, 0 if not, or -errno */
static __maybe_unused long audit_enabled(void)
{
	struct {
		struct nlmsghdr head;
		struct audit_status status;
		char more[16384];
	} msg;
	long ret = audit_send(AUDIT_GET, NULL, 0), enabled = -1;
	bool acked = false;

	/* the answer comes from a thread, before or behind the acknowledgment */
	while (!ret && (!acked || enabled < 0)) {
		struct pollfd pfd = { .fd = audit_log_state.fd,
				      .events = POLLIN };
		ssize_t len;

		if (poll(&pfd, 1, 30000) <= 0)
			return -ETIMEDOUT;
		len = recv(audit_log_state.fd, &msg, sizeof(msg), MSG_DONTWAIT);
		if (len < (ssize_t)sizeof(msg.head))
			return len < 0 ? -errno : -EBADMSG;
		if (msg.head.nlmsg_type == AUDIT_GET) {
			enabled = msg.status.enabled;
		} else if (msg.head.nlmsg_type == NLMSG_ERROR) {
			if (msg.head.nlmsg_seq != audit_log_state.seq)
				continue;
			ret = ((struct nlmsgerr *)NLMSG_DATA(&msg.head))->error;
			acked = true;
		} else {
			audit_keep(msg.head.nlmsg_type, NLMSG_DATA(&msg.head),
				   len - NLMSG_HDRLEN);
		}
	}
	return ret ?: enabled;
}

/*
 * @op: AUDIT_ADD_RULE or AUDIT_DEL_RULE; @msgtype 0: without a field; @bit:
 * system call or operation, -1 for all
 */
static __maybe_unused long audit_rule(int op, unsigned int filter,
				      unsigned int action,
				      unsigned int msgtype, int bit)
{
	struct audit_rule_data rule = {
		.flags = filter, .action = action, .field_count = !!msgtype,
		.fields = { AUDIT_MSGTYPE }, .values = { msgtype },
		.fieldflags = { AUDIT_EQUAL },
	};

	if (bit < 0)
		memset(rule.mask, 0xff, sizeof(rule.mask));
	else
		rule.mask[AUDIT_WORD(bit)] = AUDIT_BIT(bit);
	return audit_request(op, &rule, sizeof(rule));
}

static __maybe_unused unsigned int serial_of(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon ? strtoul(colon + 1, NULL, 10) : 0;
}

/* the n-th record of @type, from 0 */
static __maybe_unused const char *audit_record(int type, size_t n)
{
	size_t i;

	for (i = 0; i < audit_log_state.n; i++)
		if (audit_log_state.entries[i].type == type && !n--)
			return audit_log_state.entries[i].text;
	return NULL;
}

/* the types of the records of one event, in order: "1805 1300 1327 1320 " */
static __maybe_unused const char *audit_event_types(unsigned int serial)
{
	static char types[1024];
	size_t i, len = 0;

	types[0] = '\0';
	for (i = 0; i < audit_log_state.n && len < sizeof(types) - 16; i++)
		if (serial_of(audit_log_state.entries[i].text) == serial)
			len += sprintf(types + len, "%d ",
				       audit_log_state.entries[i].type);
	return types;
}

/*
 * The kernel's messages
 */

/* a descriptor that will read what is printed from now on */
static __maybe_unused long kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

/* how many of the lines up to now hold @text */
static __maybe_unused long kmsg_count(long fd, const char *text)
{
	char line[8192];
	ssize_t len;
	long n = 0;

	for (;;) {
		len = read(fd, line, sizeof(line) - 1);
		if (len < 0 && errno == EPIPE)	/* overwritten before read */
			continue;
		if (len <= 0)
			return !len || errno == EAGAIN ? n : -errno;
		line[len] = '\0';
		n += !!strstr(line, text);
	}
}

/*
 * Digests: what is recorded is of the contents that were used
 */

#define SHA256_HEX	64

/* @hex: SHA256_HEX lower-case digits and a NUL; 0 or -errno */
static __maybe_unused long file_sha256_hex(const char *path, char *hex)
{
	return digest_of(path, "sha256", hex);
}

/*
 * Records of a file with just this digest that the policy of @c caused (NULL:
 * of the host); -errno
 */
static __maybe_unused long audit_count_digest(struct container *c,
					      const char *path,
					      const char *hex)
{
	if (c)
		return audit_count(AUDIT_INTEGRITY_RULE,
				   " file=\"%s\" hash=\"sha256:%s\" .* ima_ns=%s$",
				   path, hex, c->id);
	return audit_count(AUDIT_INTEGRITY_RULE,
			   " file=\"%s\" hash=\"sha256:%s\" .* exe=\"[^\"]*\"( subj=[^ ]+)?$",
			   path, hex);
}

/* the same for the contents that the file has now */
static __maybe_unused long audit_count_current(struct container *c,
					       const char *path)
{
	char hex[SHA256_HEX + 1];
	long ret = file_sha256_hex(path, hex);

	return ret ?: audit_count_digest(c, path, hex);
}

#ifndef WITHOUT_HARNESS	/* a program that is no kselftest */
/*
 * A remote call that does not come back fails the test after 60 seconds (240 on
 * a debug kernel); the harness, which would only say that time is up, waits
 * longer. Its limit is read where a test is defined.
 */
#include "../kselftest_harness.h"
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300
#endif

#endif /* IMA_NS_COMMON_H */
