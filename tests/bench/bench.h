/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the benchmark programs share. They run in a guest whose clock counts instructions (qemu
 * -icount shift=0): a nanosecond is one instruction.
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 15
#define SETTLE 5

static inline _Noreturn void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

static inline void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd))
		die(path);
}

static inline long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static inline int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return x < y ? -1 : x > y;
}

static inline long middle(long *values, int count)
{
	qsort(values, count, sizeof(values[0]), compare);
	return values[count / 2];
}

/* Runs this program with the argument "nothing" */
static inline void run_nothing(const char *path)
{
	int status;
	pid_t pid = vfork();

	if (pid < 0)
		die("vfork");
	if (!pid) {
		execl(path, program_invocation_short_name, "nothing", NULL);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("exec");
}

static inline long median(void (*op)(void), int count)
{
	long rounds[ROUNDS], begin;

	/* what goes on in the background ends; asleep, the clock jumps */
	op();
	sleep(SETTLE);
	op();
	for (int i = 0; i < ROUNDS; i++) {
		begin = now();
		for (int n = 0; n < count; n++)
			op();
		rounds[i] = (now() - begin) / count;
	}
	return middle(rounds, ROUNDS);
}

/* Grace periods and what they free belong to it, and a median of rounds may catch one more. */
static inline long average(void (*op)(void), int count)
{
	long begin;

	op();
	sleep(SETTLE);
	for (int i = 0; i < count / 20; i++)
		op();
	begin = now();
	for (int i = 0; i < count; i++)
		op();
	return (now() - begin) / count;
}

/* Bytes of all objects in use; first, what can be given back is given back. */
static inline long slab_bytes(void)
{
	unsigned long active, total, size;
	char line[512], name[64];
	long sum = 0;
	FILE *f;

	(void)!system("for i in 1 2 3; do echo 2 > /proc/sys/vm/drop_caches; "
		      "for s in /sys/kernel/slab/*/shrink; do echo 1 > $s; done; sleep 1; done");
	f = fopen("/proc/slabinfo", "re");
	if (!f)
		die("/proc/slabinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lu %lu %lu", name, &active, &total, &size) == 4)
			sum += active * size;
	fclose(f);
	return sum;
}

/* Where the stack happens to lie decides on how many page tables a fork copies. */
static inline void fix_addresses(char *argv[])
{
	if (personality(0xffffffff) & ADDR_NO_RANDOMIZE)
		return;
	personality(ADDR_NO_RANDOMIZE);
	execv("/proc/self/exe", argv);
	die("/proc/self/exe");
}

#endif
