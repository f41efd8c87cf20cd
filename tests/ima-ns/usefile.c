// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usefile - uses a file in one way and prints the name of the error, 0 without one
 *
 * usefile read|write FILE	opens it; write appends a byte
 * usefile direct FILE		opens it with O_DIRECT and reads
 * usefile directwrite FILE	opens it with O_DIRECT and overwrites its first block
 * usefile exec FILE		executes it
 * usefile mmap FILE		maps it for execution
 * usefile mmapwritten FILE	the same while another mapping can write it
 * usefile mprotect FILE	maps it for reading, then makes that executable
 * usefile create FILE		open() makes it, with one byte
 * usefile mknod FILE		mknod() makes it, empty
 * usefile tmpfile FILE		O_TMPFILE makes it, with one byte; it is linked, then closed
 * usefile module FILE		finit_module()
 * usefile buffer FILE		init_module() of its content
 * usefile verity FILE		switches fs-verity on; prints the digest instead of 0
 * usefile writers FILE		many times over: two writers close it at the same moment, then
 *				it is opened for reading; best on ext4, where the close of one
 *				that has truncated takes a while
 * usefile readers FILE		many times over: it is changed, then opened for reading by four
 *				at the same moment
 *
 * The exit status is 0, 2 for wrong arguments.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fsverity.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK	4096
#define WRITES	50
#define BLOCKS	64
#define READS	100
#define READERS 4

static _Alignas(BLOCK) char block[BLOCK];
static const char *path;

/* Each of these returns 0 or an error number */

static int use(int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);
	int rc = 0;

	if (fd < 0)
		return errno;
	if ((flags & O_ACCMODE) == O_RDONLY)
		rc = read(fd, block, BLOCK) < 0 ? errno : 0;
	else
		rc = write(fd, block, flags & O_DIRECT ? BLOCK : 1) < 0 ? errno : 0;
	return close(fd) ? errno : rc;
}

static int exec(void)
{
	int err = 0, pipes[2];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	pid = fork();
	if (!pid) {
		execl(path, path, NULL);
		err = errno;
		_exit(write(pipes[1], &err, sizeof(err)) != sizeof(err));
	}
	close(pipes[1]);
	if (pid < 0 || read(pipes[0], &err, sizeof(err)) < 0)
		err = errno;
	waitpid(pid, NULL, 0);
	return err;
}

static int map(int open_flags, int prot, int flags, void **at)
{
	int fd = open(path, open_flags | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	*at = mmap(NULL, BLOCK, prot, flags, fd, 0);
	if (*at == MAP_FAILED)
		err = errno;
	close(fd);
	return err;
}

static int make_tmpfile(void)
{
	char dir[256], link[64];
	int fd, rc = 0;

	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = 0;
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	/* the change cookie goes with the time of change, which has to become another one */
	usleep(100000);
	if (write(fd, block, 1) != 1 || linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
		rc = errno;
	close(fd);
	return rc;
}

static int module(bool buffer)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long rc;

	if (fd < 0)
		return errno;
	if (buffer) {
		/* its first page: too short a module never gets to IMA */
		rc = read(fd, block, BLOCK) < 0 ? -1 : syscall(SYS_init_module, block, BLOCK, "");
	} else {
		rc = syscall(SYS_finit_module, fd, "", 0);
	}
	return rc ? errno : 0;
}

static int verity(void)
{
	struct fsverity_enable_arg arg = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.block_size = BLOCK,
	};
	struct fsverity_digest *digest = (void *)block;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, FS_IOC_ENABLE_VERITY, &arg))
		return errno;
	digest->digest_size = 64;
	if (ioctl(fd, FS_IOC_MEASURE_VERITY, digest))
		return errno;
	for (unsigned int i = 0; i < digest->digest_size; i++)
		printf("%02x", digest->digest[i]);
	puts("");
	exit(0);
}

static atomic_int arrived, rounds;

/* spinning, so that both go on at the same moment */
static void meet(int count)
{
	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < count)
		;
}

static void write_once(int round, bool truncate)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	ssize_t rc = fd < 0 ? -1 : 0;

	meet(6 * round + 2);
	if (truncate && !rc) {
		rc = ftruncate(fd, 0);
		for (int i = 0; !rc && i < BLOCKS; i++)
			rc = write(fd, block, BLOCK) < 0;
	} else if (!rc) {
		rc = write(fd, block, 1) < 0;
	}
	if (rc)
		perror("usefile");
	meet(6 * round + 4);
	close(fd);
	meet(6 * round + 6);
}

static void *writer(void *arg)
{
	for (int round = 0; round < WRITES; round++) {
		/* the reader of the last round is done */
		while (atomic_load(&rounds) < round)
			;
		write_once(round, false);
	}
	return arg;
}

static int writers(void)
{
	pthread_t thread;
	int fd, err;

	err = pthread_create(&thread, NULL, writer, NULL);
	for (int round = 0; !err && round < WRITES; round++) {
		write_once(round, true);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return errno;
		close(fd);
		atomic_store(&rounds, round + 1);
	}
	return err;
}

static atomic_int failed;

static void *reader(void *arg)
{
	for (int round = 1; round <= READS; round++) {
		int fd;

		while (atomic_load(&rounds) < round)
			;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			atomic_store(&failed, errno);
		else
			close(fd);
		atomic_fetch_add(&arrived, 1);
	}
	return arg;
}

static int readers(void)
{
	pthread_t thread;
	int err = 0;

	for (int i = 0; !err && i < READERS; i++)
		err = pthread_create(&thread, NULL, reader, NULL);
	for (int round = 1; !err && round <= READS; round++) {
		err = use(O_WRONLY | O_APPEND);
		atomic_store(&rounds, round);
		while (atomic_load(&arrived) < READERS * round)
			usleep(1000);
		err = err ?: atomic_load(&failed);
	}
	return err;
}

static int run(const char *how)
{
	void *at;
	int err;

	if (!strcmp(how, "read"))
		return use(O_RDONLY);
	if (!strcmp(how, "write"))
		return use(O_WRONLY | O_APPEND);
	if (!strcmp(how, "direct"))
		return use(O_RDONLY | O_DIRECT);
	if (!strcmp(how, "directwrite"))
		return use(O_RDWR | O_DIRECT);
	if (!strcmp(how, "exec"))
		return exec();
	if (!strcmp(how, "mmap"))
		return map(O_RDONLY, PROT_READ | PROT_EXEC, MAP_PRIVATE, &at);
	if (!strcmp(how, "mmapwritten"))
		return map(O_RDWR, PROT_READ | PROT_WRITE, MAP_SHARED, &at) ?:
			       map(O_RDONLY, PROT_READ | PROT_EXEC, MAP_PRIVATE, &at);
	if (!strcmp(how, "mprotect")) {
		err = map(O_RDONLY, PROT_READ, MAP_PRIVATE, &at);
		return err ?: mprotect(at, BLOCK, PROT_READ | PROT_EXEC) ? errno : 0;
	}
	if (!strcmp(how, "create"))
		return use(O_WRONLY | O_CREAT | O_EXCL);
	if (!strcmp(how, "mknod"))
		return mknod(path, S_IFREG | 0644, 0) ? errno : 0;
	if (!strcmp(how, "tmpfile"))
		return make_tmpfile();
	if (!strcmp(how, "module"))
		return module(false);
	if (!strcmp(how, "buffer"))
		return module(true);
	if (!strcmp(how, "verity"))
		return verity();
	if (!strcmp(how, "writers"))
		return writers();
	if (!strcmp(how, "readers"))
		return readers();
	fprintf(stderr, "usefile: see its source\n");
	exit(2);
}

int main(int argc, char **argv)
{
	int err;

	if (argc != 3) {
		fprintf(stderr, "usefile: see its source\n");
		return 2;
	}
	path = argv[2];
	memset(block, '1', sizeof(block));
	err = run(argv[1]);
	puts(err ? strerrorname_np(err) : "0");
	return 0;
}
