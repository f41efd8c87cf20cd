// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uringopen - opens a file by io_uring
 *
 * uringopen [-a] FILE
 *
 * The operation runs within io_uring_enter, with -a in a worker of io_uring. The status is 0 if the
 * file could be opened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

static void *map(int fd, size_t size, off_t what)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, what);

	if (p == MAP_FAILED)
		die("uringopen: mmap");
	return p;
}

int main(int argc, char *argv[])
{
	int worker = argc == 3 && !strcmp(argv[1], "-a");
	struct io_uring_params p = {};
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	unsigned int *tail;
	char *sq, *cq;
	int fd;

	if (argc != 2 + worker) {
		fprintf(stderr, "usage: uringopen [-a] FILE\n");
		return 2;
	}
	fd = syscall(SYS_io_uring_setup, 1, &p);
	if (fd < 0)
		die("uringopen: io_uring_setup");
	sq = map(fd, p.sq_off.array + p.sq_entries * sizeof(unsigned int), IORING_OFF_SQ_RING);
	cq = map(fd, p.cq_off.cqes + p.cq_entries * sizeof(*cqe), IORING_OFF_CQ_RING);
	sqe = map(fd, p.sq_entries * sizeof(*sqe), IORING_OFF_SQES);

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_OPENAT;
	sqe->fd = AT_FDCWD;
	sqe->addr = (unsigned long)argv[1 + worker];
	sqe->open_flags = O_RDONLY;
	sqe->flags = worker ? IOSQE_ASYNC : 0;
	*(unsigned int *)(sq + p.sq_off.array) = 0;
	tail = (unsigned int *)(sq + p.sq_off.tail);
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		die("uringopen: io_uring_enter");
	cqe = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	if (cqe->res < 0) {
		errno = -cqe->res;
		perror(argv[1 + worker]);
	}
	return cqe->res < 0;
}
