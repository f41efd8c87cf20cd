// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contidbench - instructions per operation, and memory per audit container identifier
 *
 * Copyright (C) 2026 Overlay Team
 *
 * Prints lines "name value", each the median of several rounds or the average of many operations.
 *
 *	contidbench tasks	fork+exit, vfork+exec, set and find beside 1 to 100,000 ids
 *	contidbench moves	setns of a task whose id is in 1 and in 1,000 network namespaces
 *	contidbench events	a system call that a rule audits, without and with an id
 *	contidbench packets	a packet that a rule logs, without and with ids in the namespace
 *
 * tasks runs on vanilla, too: there the tasks wait all the same, without an id. All the tasks that
 * carry the ids wait before the first one has an id, so beside 100,000 ids a fork finds as many
 * processes as beside one.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "audit.h"

#define FORKS 5000
#define EXECS 2000
#define SETS  101
#define FINDS 1000
#define MOVES 200
#define CROWD 100000

static const int counts[] = { 1, 1000, CROWD };

static int proc;

/*
 * Numbers
 */

/* All ids have 19 digits, so all cost the same to read. */
static unsigned long long id(int n)
{
	return 1000000000000000000ULL + n * 92233720368547ULL;
}

static int open_id(pid_t pid)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "%d/audit_containerid", pid);
	fd = openat(proc, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	return fd;
}

static void label(pid_t pid, int n)
{
	int fd = open_id(pid);

	if (dprintf(fd, "%llu", id(n)) < 0)
		die("set");
	close(fd);
}

/*
 * A process that waits and is as small as one can be: it shares everything with its parent, the
 * stack, too, which it does not touch.
 */
static pid_t waiter_in(int namespaces)
{
	register long stack __asm__("r10") = 0;
	long pid;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 2f\n"
			 "1:\tmov %[pause], %%eax\n\t"
			 "syscall\n\t"
			 "jmp 1b\n"
			 "2:"
			 : "=a"(pid)
			 : "a"(SYS_clone),
			   "D"((long)(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGCHLD |
				      namespaces)),
			   "S"(0L), "d"(0L), "r"(stack), [pause] "i"(SYS_pause)
			 : "rcx", "r8", "r9", "r11", "memory");
	if (pid < 0) {
		errno = -pid;
		die("clone");
	}
	return pid;
}

static pid_t waiter(void)
{
	return waiter_in(0);
}

/*
 * contidbench tasks
 */

static void do_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		_exit(0);
	if (waitpid(pid, NULL, 0) != pid)
		die("waitpid");
}

static void do_exec(void)
{
	run_nothing("/usr/local/bin/contidbench");
}

static void forks(const char *name)
{
	printf("fork.%s %ld\n", name, average(do_fork, FORKS));
	printf("spawn.%s %ld\n", name, average(do_exec, EXECS));
}

/* One more id, on a child that has none */
static void set(int n)
{
	long samples[SETS], begin, none;
	char text[24];

	for (int i = 0; i < SETS; i++) {
		begin = now();
		samples[i] = now() - begin;
	}
	none = middle(samples, SETS);
	for (int i = 0; i < SETS; i++) {
		pid_t pid = waiter();
		int fd = open_id(pid), len = snprintf(text, sizeof(text), "%llu", id(CROWD + i));

		begin = now();
		if (write(fd, text, len) != len)
			die("set");
		samples[i] = now() - begin - none;
		close(fd);
		kill(pid, SIGKILL);
		if (waitpid(pid, NULL, 0) != pid)
			die("waitpid");
	}
	printf("set.%d %ld\n", n, middle(samples, SETS));
}

/* Ids of somebody else: every write finds the object and is refused. */
static char others[FINDS][24];
static int target = -1;

static void do_find(void)
{
	for (int i = 0; i < FINDS; i++)
		if (write(target, others[i], strlen(others[i])) >= 0 || errno != ENOTUNIQ)
			die("find");
}

static void find(const char *name)
{
	int n = atoi(name);

	if (target < 0)
		target = open_id(waiter());
	for (int i = 0; i < FINDS; i++)
		snprintf(others[i], sizeof(others[i]), "%llu", id((long)i * n / FINDS));
	printf("find.%d %ld\n", n, median(do_find, 1) / FINDS);
}

static void tasks(void)
{
	static struct server none, with, finder;
	static pid_t crowd[CROWD];
	bool labels = !access("/proc/self/audit_containerid", F_OK);
	long before;
	int n = 1;

	/* from 4096 on, to find a pid takes one step more */
	put("/proc/sys/kernel/ns_last_pid", "5000");
	put("/proc/sys/kernel/pid_max", "1000000");
	put("/proc/sys/kernel/threads-max", "200000");
	serve(&none, forks);
	serve(&with, forks);
	serve(&finder, find);
	ask(&none, "idle", 0);
	/* the server that has an id is one of those that do */
	crowd[0] = with.pid;
	for (int i = 1; i < CROWD; i++)
		crowd[i] = waiter();
	if (!labels) {
		ask(&none, "none", 0);
		ask(&with, "id", 0);
		return;
	}
	before = slab_bytes();
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		audit_enable(false);
		for (; n <= counts[i]; n++)
			label(crowd[n - 1], n - 1);
		set(counts[i]);
		ask(&finder, "%d", counts[i]);
		audit_enable(true);
		ask(&none, "none.%d", counts[i]);
		ask(&with, "id.%d", counts[i]);
	}
	printf("memory %ld\n", (slab_bytes() - before) / CROWD);
	/* the end of the guest ends them all */
}

/*
 * contidbench moves
 */

static int nets[2];

static void do_move(void)
{
	if (setns(nets[1], CLONE_NEWNET) || setns(nets[0], CLONE_NEWNET))
		die("setns");
}

static void move(const char *name)
{
	static int more;

	if (!more) {
		for (int i = 1; i >= 0; i--) {
			if (unshare(CLONE_NEWNET))
				die("unshare");
			nets[i] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
			if (nets[i] < 0)
				die("/proc/self/ns/net");
		}
	}
	for (; more < atoi(name) - 1; more++)
		waiter_in(CLONE_NEWNET);
	printf("move.%s %ld\n", name, average(do_move, MOVES));
}

static void moves(void)
{
	struct server s;

	serve(&s, move);
	label(s.pid, 0);
	ask(&s, "%d", 1);
	ask(&s, "%d", 1000);
}

/*
 * contidbench events, contidbench packets
 */

static void do_getppid(void)
{
	syscall(SYS_getppid);
}

static void do_send(void)
{
	static int fd = -1;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	if (fd < 0)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* the rule drops it, so that nothing but the record remains */
	if (sendto(fd, "", 1, 0, (struct sockaddr *)&to, sizeof(to)) >= 0 || errno != EPERM)
		die("sendto");
}

static void syscalls(void)
{
	struct server s;

	event = do_getppid;
	start_daemon(AUDIT_EOE);
	serve(&s, events);
	audit_rule(SYS_getppid);
	ask(&s, "event.none", 0);
	label(s.pid, 0);
	ask(&s, "event.id", 0);
}

static void packets(void)
{
	struct server s;

	event = do_send;
	if (system("nft 'add table ip bench;"
		   "add chain ip bench out { type filter hook output priority 0; };"
		   "add rule ip bench out udp dport 9 log level audit drop'"))
		die("nft");
	start_daemon(AUDIT_NETFILTER_PKT);
	serve(&s, events);
	ask(&s, "packet.none", 0);
	for (int i = 0; i < 3; i++)
		label(waiter(), i);
	ask(&s, "packet.ids", 0);
}

int main(int argc, char *argv[])
{
	const char *what = argc == 2 ? argv[1] : "";

	if (!strcmp(what, "nothing"))
		return 0;
	fix_addresses(argv);
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		die("/proc");
	if (!strcmp(what, "tasks")) {
		tasks();
	} else if (!strcmp(what, "moves")) {
		moves();
	} else if (!strcmp(what, "events")) {
		syscalls();
	} else if (!strcmp(what, "packets")) {
		packets();
	} else {
		fprintf(stderr, "usage: contidbench tasks|moves|events|packets\n");
		return 2;
	}
	return 0;
}
