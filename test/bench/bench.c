/*
 * What the kernel's operations cost. --help says how it is called.
 *
 * A line of output is the name of a row and, for each round, the ticks of the TSC for one
 * operation: under QEMU's -icount shift=0 those are executed instructions. Nothing is written
 * before all rows have run, so that no device answers meanwhile. The first round, which nobody
 * sees, brings in what is there ever after.
 *
 * The no-op around what is counted tells a plugin of QEMU's, which knows its bytes, when to count.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 64
#define NOT_THERE  UINT64_MAX

const char *self;
char buffer[16 * PAGE];

static const char help[] = "rows [options] [ROW...]\n"
			   "  -t N      N times as often as usual (1)\n"
			   "  -r N      N rounds (7)\n"
			   "  --list    the rows: name, operations in a go, text\n";

const struct row rows[] = {
	{ "null", "null call", null_call, 3000, 1 },
	{ "read-zero", "read 1 byte of /dev/zero", read_1, 2000, 1, zero_open, .end = fd_close },
	{ "write-null", "write 1 byte to /dev/null", write_1, 2000, 1, null_open, .end = fd_close },
	{ "pread-1", "read 1 byte of a cached file", pread_1, 1000, 1, file_open,
		.end = file_close },
	{ "pread-4k", "read 4 KiB of a cached file", pread_page, 300, 1, file_open,
		.end = file_close },
	{ "pwrite-4k", "write 4 KiB to a cached file", pwrite_page, 300, 1, file_open,
		.end = file_close },
	{ "yield", "sched_yield, alone", yield_alone, 2000, 1 },
	{ "yield-2", "sched_yield, to another process", yield_both, 600, 1, yielder_start,
		.end = yielder_stop },
	{ "pipe", "pipe round trip", echo_byte, 100, 1, pipe_start, .end = echo_stop },
	{ "unix", "unix socket round trip", echo_byte, 100, 1, unix_start, .end = echo_stop },
	{ "futex", "futex round trip", futex_turn, 100, 1, futex_start, .end = futex_stop },
	{ "ring-2", "ring of 2 processes, a hop", ring_hop, 192, 1, ring_start, 2,
		.end = ring_stop },
	{ "ring-16", "ring of 16", ring_hop, 192, 1, ring_start, 16, .end = ring_stop },
	{ "ring-96", "ring of 96", ring_hop, 192, 1, ring_start, 96, .end = ring_stop },
	{ "signal", "signal to self, handled", signal_self, 400, 1, signal_catch },
	{ "fork", "fork, exit, wait", fork_exit, 40, 1 },
	{ "fork-10", "the same with 10 live processes", fork_exit, 40, 1, sleepers_start, 10,
		.end = sleepers_stop },
	{ "fork-100", "with 100", fork_exit, 40, 1, sleepers_start, 100, .end = sleepers_stop },
	{ "fork-1000", "with 1000", fork_exit, 40, 1, sleepers_start, 1000, .end = sleepers_stop },
	{ "fork-exec", "fork, exec, exit, wait", fork_exec, 20, 1 },
	{ "vfork-exec", "vfork, exec, exit, wait", vfork_exec, 20, 1 },
	{ "thread", "thread, create and join", thread_join, 50, 1 },
	{ "fault-anon", "fault, anonymous page", touch, 256, 2, .before = pages_map,
		.after = pages_unmap },
	{ "fault-cow", "fault, copy on write", touch, 256, 2, .before = cow_prepare,
		.after = cow_end },
	{ "fault-file", "fault, cached file page, read", read_pages, 256, 4, mapped_file_open,
		.before = file_map_shared, .after = pages_unmap, .end = file_close },
	{ "fault-copy", "fault, cached file page, written", touch, 256, 2, mapped_file_open,
		.before = file_map_private, .after = pages_unmap, .end = file_close },
	{ "map", "mmap, munmap", map_unmap, 100, 1, neighbour_map, .end = neighbour_unmap },
	{ "map-touch", "mmap, touch, munmap", map_touch_unmap, 200, 1, neighbour_map,
		.end = neighbour_unmap },
	{ "unmap", "munmap, a page", unmap_each, 256, 2, .before = pages_fill,
		.after = pages_unmap },
	{ "brk", "brk, grow and shrink", brk_grow_shrink, 100, 1, brk_prepare },
	{ "open", "open, close", open_close, 200, 1, file_open, .end = file_close },
	{ "stat-1", "stat, 1 component", stat_path, 300, 1, path_make, 1, .end = path_remove },
	{ "stat-10", "stat, 10 components", stat_path, 200, 1, path_make, 10, .end = path_remove },
	{ "create", "create, write 4 KiB, close, unlink", create_unlink, 100, 1 },
	{ "pipe-make", "pipe, write, read, close", pipe_make, 100, 1 },
	{ "poll", "poll, 1000 descriptors, first ready", poll_many, 10, 1, many_open, 1000,
		.end = many_close },
	{ "poll-last", "poll, last ready", poll_many, 10, 1, many_open_last, 1000,
		.end = many_close },
	{ "select", "select, first ready", select_many, 10, 1, many_open, 1000, .end = many_close },
	{ "epoll", "epoll_wait, first ready", epoll_many, 300, 1, epoll_open, 1000,
		.end = epoll_close },
};
const unsigned row_count = sizeof(rows) / sizeof(*rows);

void fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

static inline void mark_begin(void)
{
	__asm__ volatile("nopl 0x436f7201(%%rax)" ::: "memory");
}

static inline void mark_end(void)
{
	__asm__ volatile("nopl 0x436f7202(%%rax)" ::: "memory");
}

static uint64_t go(const struct row *row, unsigned times, bool marked)
{
	uint64_t start, spent;

	if (row->before)
		row->before(times);
	if (marked)
		mark_begin();
	start = ticks();
	row->run(times);
	spent = ticks() - start;
	if (marked)
		mark_end();
	if (row->after)
		row->after(times);
	return spent;
}

/* How often something is done may not change how it is done: a supply keeps its size. */
static uint64_t round_of(const struct row *row, unsigned often, bool marked)
{
	unsigned goes = row->before ? row->goes * often : row->goes;
	unsigned times = row->before ? row->times : row->times * often;
	uint64_t spent = 0;

	for (unsigned i = 0; i < goes; i++)
		spent += go(row, times, marked);
	return spent / goes / times;
}

static void measure(const struct row *row, unsigned often, unsigned rounds, uint64_t *result)
{
	result[0] = NOT_THERE;
	if (row->begin && !row->begin(row->of))
		return;
	round_of(row, 1, false);
	for (unsigned i = 0; i < rounds; i++)
		result[i] = round_of(row, often, true);
	if (row->end)
		row->end();
}

/* Each row has a process of its own, so that it costs the same whatever was measured before it. */
static void measure_apart(const struct row *row, unsigned often, unsigned rounds, uint64_t *result)
{
	int pid = fork(), status;

	if (pid == 0) {
		measure(row, often, rounds, result);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		fail(row->name);
}

static void print(const struct row *row, unsigned rounds, const uint64_t *result)
{
	printf("%s:", row->name);
	if (result[0] == NOT_THERE)
		printf(" not there");
	else
		for (unsigned i = 0; i < rounds; i++)
			printf(" %llu", (unsigned long long)result[i]);
	putchar('\n');
}

static bool is_wanted(const struct row *row, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(row->name, *names))
			return true;
	return false;
}

static int list(void)
{
	for (unsigned i = 0; i < row_count; i++)
		printf("%s %u %s\n", rows[i].name, rows[i].times, rows[i].text);
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void run(unsigned often, unsigned rounds, char **names)
{
	uint64_t(*results)[ROUNDS_MAX] = mmap(0, row_count * sizeof(*results),
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t start = ticks(), start_ns = now_ns();

	if (results == MAP_FAILED)
		fail("mmap");
	for (unsigned i = 0; i < row_count; i++)
		if (is_wanted(&rows[i], names))
			measure_apart(&rows[i], often, rounds, results[i]);
	start_ns = now_ns() - start_ns;
	start = ticks() - start;
	for (unsigned i = 0; i < row_count; i++)
		if (is_wanted(&rows[i], names))
			print(&rows[i], rounds, results[i]);
	printf("ticks in a second: %.0f\n", (double)start / (double)start_ns * 1e9);
}

int main(int argc, char **argv)
{
	unsigned often = 1, rounds = 7;

	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0;
	self = (const char *)getauxval(AT_EXECFN);
	for (argv++; *argv && **argv == '-'; argv++) {
		if (!strcmp(*argv, "--list"))
			return list();
		if (!strcmp(*argv, "-t") && argv[1])
			often = (unsigned)atoi(*++argv);
		else if (!strcmp(*argv, "-r") && argv[1])
			rounds = (unsigned)atoi(*++argv);
		else
			often = 0;
	}
	if (often < 1 || rounds < 1 || rounds > ROUNDS_MAX) {
		fputs(help, stderr);
		return 2;
	}
	mkdir("/tmp/bench", 0700);
	run(often, rounds, argv);
	rmdir("/tmp/bench");
	return 0;
}
