/*
 * What system calls, faults and processes cost, in ticks of the TSC: under -icount shift=0 those
 *are executed instructions. Each line is a name and the cheapest of several rounds, for one
 *operation.
 *
 *	calls [NAME COUNT]	all, or one of them COUNT times: for a profile
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 5
#define FAULTS 256
#define PAGE   4096

static int zero, null, file;
static char *self;
static char buffer[65536];

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

static void null_call(void)
{
	syscall(SYS_getppid);
}

static void read_1(void)
{
	(void)!read(zero, buffer, 1);
}

static void write_1(void)
{
	(void)!write(null, buffer, 1);
}

static void read_file_1(void)
{
	(void)!pread(file, buffer, 1, 0);
}

static void read_file_page(void)
{
	(void)!pread(file, buffer, PAGE, 0);
}

static void write_file_page(void)
{
	(void)!pwrite(file, buffer, PAGE, 0);
}

static void open_close(void)
{
	close(open("/tmp/bench/file", O_RDONLY));
}

static void stat_path(void)
{
	struct stat st;

	stat("/tmp/bench/file", &st);
}

static void create_unlink(void)
{
	close(open("/tmp/bench/new", O_RDWR | O_CREAT, 0600));
	unlink("/tmp/bench/new");
}

static void map_unmap(void)
{
	munmap(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), PAGE);
}

static void faults(int flags, int fd)
{
	char *at = mmap(NULL, FAULTS * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | flags, fd, 0);

	for (int i = 0; i < FAULTS; i++)
		*(volatile char *)(at + i * PAGE) = (flags & MAP_ANONYMOUS) ? 1 : at[i * PAGE];
	munmap(at, FAULTS * PAGE);
}

static void anonymous_faults(void)
{
	faults(MAP_ANONYMOUS, -1);
}

static void file_read_faults(void)
{
	char *at = mmap(NULL, FAULTS * PAGE, PROT_READ, MAP_SHARED, file, 0);

	for (int i = 0; i < FAULTS; i++)
		(void)*(volatile char *)(at + i * PAGE);
	munmap(at, FAULTS * PAGE);
}

static void file_write_faults(void)
{
	faults(0, file);
}

static void wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		puts("a child failed");
		exit(1);
	}
}

static void fork_exit(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	wait_for(pid);
}

static void exec_self(void)
{
	execl(self, self, "exit", (char *)0);
	_exit(127);
}

static void vfork_exec(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		exec_self();
	wait_for(pid);
}

static void fork_exec(void)
{
	pid_t pid = fork();

	if (pid == 0)
		exec_self();
	wait_for(pid);
}

static void pipe_byte(void)
{
	int fds[2];

	if (pipe(fds) || write(fds[1], buffer, 1) != 1 || read(fds[0], buffer, 1) != 1) {
		puts("a pipe failed");
		exit(1);
	}
	close(fds[0]);
	close(fds[1]);
}

static void yield(void)
{
	syscall(SYS_sched_yield);
}

static const struct {
	const char *name;
	void (*run)(void);
	int times, operations;
} benches[] = {
	{ "null call", null_call, 100, 1 },
	{ "sched_yield alone", yield, 100, 1 },
	{ "read 1 byte of /dev/zero", read_1, 100, 1 },
	{ "write 1 byte to /dev/null", write_1, 100, 1 },
	{ "pread 1 byte of a file", read_file_1, 100, 1 },
	{ "pread 4 KiB of a file", read_file_page, 100, 1 },
	{ "pwrite 4 KiB to a file", write_file_page, 100, 1 },
	{ "open and close", open_close, 100, 1 },
	{ "stat", stat_path, 100, 1 },
	{ "create and unlink", create_unlink, 100, 1 },
	{ "mmap and munmap", map_unmap, 100, 1 },
	{ "anonymous page fault", anonymous_faults, 1, FAULTS },
	{ "file page fault, read", file_read_faults, 1, FAULTS },
	{ "file page fault, write", file_write_faults, 1, FAULTS },
	{ "pipe, write, read, close", pipe_byte, 100, 1 },
	{ "fork, exit, wait", fork_exit, 10, 1 },
	{ "fork, exec, exit, wait", fork_exec, 10, 1 },
	{ "vfork, exec, exit, wait", vfork_exec, 10, 1 },
};

static uint64_t measure(unsigned which)
{
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks(), spent;

		for (int i = 0; i < benches[which].times; i++)
			benches[which].run();
		spent = (ticks() - start) / benches[which].times / benches[which].operations;
		best = spent < best ? spent : best;
	}
	return best;
}

static void files_make(void)
{
	mkdir("/tmp", 0777);
	mkdir("/tmp/bench", 0777);
	zero = open("/dev/zero", O_RDONLY);
	null = open("/dev/null", O_WRONLY);
	file = open("/tmp/bench/file", O_RDWR | O_CREAT, 0600);
	for (int i = 0; i < FAULTS; i++)
		(void)!pwrite(file, buffer, PAGE, (off_t)i * PAGE);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0;
	self = (char *)getauxval(AT_EXECFN);
	files_make();
	for (unsigned i = 0; i < sizeof(benches) / sizeof(*benches); i++) {
		if (argc == 3 && strcmp(benches[i].name, argv[1]))
			continue;
		if (argc == 3) {
			for (int times = atoi(argv[2]); times > 0; times--)
				benches[i].run();
			continue;
		}
		printf("%s: %llu\n", benches[i].name, (unsigned long long)measure(i));
		fflush(stdout);
	}
	return 0;
}
