// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - files opened through io_uring: by workers of the kernel, and
 * with the credentials of somebody else
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Whose access it is follows from the credentials the operation runs with, not
 * from the task that submits it or carries it out.
 */

#include "common.h"

#include <linux/io_uring.h>

#include "../kselftest_harness.h"

#ifndef AUDIT_URINGOP
#define AUDIT_URINGOP		1336
#endif
#ifndef AUDIT_FILTER_URING_EXIT
#define AUDIT_FILTER_URING_EXIT	0x07
#endif

#define DATA2	W "/data2"

struct ring {
	int fd;
	struct io_uring_params p;
	char *rings;
	struct io_uring_sqe *sqes;
};

static long ring_init(struct ring *r)
{
	size_t size;

	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, 4, &r->p);
	if (r->fd < 0)
		return -errno;
	size = r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe);
	if (size < r->p.sq_off.array + r->p.sq_entries * sizeof(__u32))
		size = r->p.sq_off.array + r->p.sq_entries * sizeof(__u32);
	r->rings = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
	r->sqes = mmap(NULL, r->p.sq_entries * sizeof(*r->sqes),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		       r->fd, IORING_OFF_SQES);
	if (r->rings == MAP_FAILED || r->sqes == MAP_FAILED)
		return -errno;
	return 0;
}

static atomic_uint *ring_index(struct ring *r, unsigned int offset)
{
	return (atomic_uint *)(r->rings + offset);
}

/*
 * One open for reading and the close of what it gave. @personality: of
 * IORING_REGISTER_PERSONALITY, or 0. Return: 0 or -errno
 */
static long ring_use(struct ring *r, const char *path, int personality)
{
	atomic_uint *sq_tail = ring_index(r, r->p.sq_off.tail);
	atomic_uint *cq_head = ring_index(r, r->p.cq_off.head);
	unsigned int tail = atomic_load(sq_tail), head = atomic_load(cq_head);
	unsigned int slot = tail & *ring_index(r, r->p.sq_off.ring_mask);
	struct io_uring_cqe *cqe;
	long ret;

	/* ASYNC: by a worker, not within the system call */
	r->sqes[slot] = (struct io_uring_sqe) {
		.opcode = IORING_OP_OPENAT, .flags = IOSQE_ASYNC,
		.fd = AT_FDCWD, .addr = (unsigned long)path,
		.open_flags = O_RDONLY | O_CLOEXEC, .personality = personality,
	};
	((__u32 *)(r->rings + r->p.sq_off.array))[slot] = slot;
	atomic_store(sq_tail, tail + 1);
	while (atomic_load(ring_index(r, r->p.cq_off.tail)) == head)
		if (syscall(SYS_io_uring_enter, r->fd, atomic_load(sq_tail) !=
			    atomic_load(ring_index(r, r->p.sq_off.head)), 1,
			    IORING_ENTER_GETEVENTS, NULL, 0) < 0 &&
		    errno != EINTR)
			return -errno;
	cqe = (struct io_uring_cqe *)(r->rings + r->p.cq_off.cqes) +
	      (head & *ring_index(r, r->p.cq_off.ring_mask));
	ret = cqe->res;
	atomic_store(cq_head, head + 1);
	return ret < 0 ? ret : fn_close((const long[]){ ret });
}

static long ring_personality(struct ring *r)
{
	long id = syscall(SYS_io_uring_register, r->fd,
			  IORING_REGISTER_PERSONALITY, NULL, 0);

	return id < 0 ? -errno : id;
}

FIXTURE(audited)
{
	struct container *c;
	long enabled;
};

FIXTURE_SETUP(audited)
{
	SETUP_WORKDIR();
	ASSERT_EQ(0, audit_open());
	self->enabled = audit_enabled();
	ASSERT_LE(0, self->enabled);
	ASSERT_EQ(0, make_file(DATA, "1"));
	ASSERT_EQ(0, make_file(DATA2, "2"));
	self->c = ct_active(NULL, (struct ct_opts){}, RULE_READ);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, audit_clear());
}

FIXTURE_TEARDOWN(audited)
{
	ct_end(self->c);
	audit_set(AUDIT_STATUS_ENABLED, self->enabled);
	audit_close();
}

/* opens a file twice through a ring of its own */
static long fn_use_by_ring(const long *args)
{
	struct ring ring;
	long ret = ring_init(&ring);

	if (!ret)
		ret = ring_use(&ring, (const char *)args[0], 0);
	if (!ret)
		ret = ring_use(&ring, (const char *)args[0], 0);
	close(ring.fd);
	return ret;
}

TEST_F(audited, an_open_by_a_worker_is_one_record)
{
	ASSERT_EQ(0, ct_call(self->c, fn_use_by_ring, (long)DATA, 0, 0, 0));
	EXPECT_COUNT(1, audit_count_file(self->c, DATA));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
	EXPECT_EQ(1, audit_last_digest_is_true(self->c, DATA, "sha256"));
	/* the host's workers have nothing to do with the child's rules */
	ASSERT_EQ(0, ct_call(NULL, fn_use_by_ring, (long)DATA2, 0, 0, 0));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
}

TEST_F(audited, in_an_io_uring_event_the_record_comes_before_URINGOP)
{
	const char *rule, *op, *types;

	ASSERT_EQ(0, audit_set(AUDIT_STATUS_ENABLED, 1));
	ASSERT_EQ(0, audit_rule(AUDIT_ADD_RULE, AUDIT_FILTER_URING_EXIT,
				AUDIT_ALWAYS, 0, IORING_OP_OPENAT));
	EXPECT_EQ(0, audit_clear());
	EXPECT_EQ(0, ct_call(self->c, fn_use_by_ring, (long)DATA, 0, 0, 0));
	ASSERT_EQ(0, audit_rule(AUDIT_DEL_RULE, AUDIT_FILTER_URING_EXIT,
				AUDIT_ALWAYS, 0, IORING_OP_OPENAT));
	EXPECT_COUNT(1, audit_count_file(self->c, DATA));
	rule = audit_record(AUDIT_INTEGRITY_RULE, 0);
	ASSERT_NE(NULL, rule);
	types = audit_event_types(serial_of(rule));
	EXPECT_EQ(0, strncmp(types, "1805 1336 ", 10)) {
		TH_LOG("%s", types);
	}
	EXPECT_EQ(NULL, strstr(types, "1300 "));
	/* both opens are events, and one of them is recorded */
	op = audit_record(AUDIT_URINGOP, 1);
	ASSERT_NE(NULL, op) {
		audit_dump();
	}
	EXPECT_EQ(NULL, audit_record(AUDIT_INTEGRITY_RULE, 1));
}

/*
 * Personalities: @args[0] is the container, the result that of the ring
 */

/* the host's credentials, used by a task that has entered the container */
static long fn_host_personality(const long *args)
{
	struct container *c = (struct container *)args[0];
	const long join[] = { c->pid };
	struct ring ring;
	long id, ret = ring_init(&ring);

	if (ret)
		return ret;
	id = ring_personality(&ring);
	if (id < 0)
		return id;
	ret = fn_join(join);
	if (!ret)
		ret = ring_use(&ring, DATA, id);
	if (!ret)
		ret = ring_use(&ring, DATA2, 0);
	return ret;
}

/*
 * The container's credentials, used by a task of the host: a process with the
 * same descriptors enters the container and registers them
 */
static long fn_child_personality(const long *args)
{
	struct container *c = (struct container *)args[0];
	const long join[] = { c->pid };
	struct ring ring;
	long ret = ring_init(&ring);
	int status;
	pid_t pid;

	if (ret)
		return ret;
	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (!pid)
		_exit(fn_join(join) ? 0 : (int)ring_personality(&ring));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status) < 1 ||
	    WEXITSTATUS(status) > 100)
		return -ENOEXEC;
	ret = ring_use(&ring, DATA, WEXITSTATUS(status));
	if (!ret)
		ret = ring_use(&ring, DATA2, 0);
	return ret;
}

/* in a process of its own, since it changes its namespaces */
static long in_process(ct_fn fn, struct container *c)
{
	const long args[] = { (long)c };
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(-fn(args));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

TEST_F(audited, a_personality_of_the_host_acts_for_the_host)
{
	ASSERT_EQ(0, in_process(fn_host_personality, self->c));
	EXPECT_COUNT(0, audit_count_file(self->c, DATA));
	/* its own credentials are those of the container */
	EXPECT_COUNT(1, audit_count_file(self->c, DATA2));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
}

TEST_F(audited, a_personality_of_the_container_acts_for_it)
{
	ASSERT_EQ(0, in_process(fn_child_personality, self->c));
	EXPECT_COUNT(1, audit_count_file(self->c, DATA));
	EXPECT_COUNT(0, audit_count_file(self->c, DATA2));
	EXPECT_COUNT(1, audit_count(AUDIT_INTEGRITY_RULE, "."));
}

TEST_HARNESS_MAIN
