/*
 * Pages that come and go, at places of our choice where it matters: what a fault or a mapping costs
 * depends on whether there is a page table for it already.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_PAGES 256
#define PLACE      ((void *)0x200000000) /* where a page table begins */

static char *pages;
static int file;

static void map(unsigned count, int protection, int flags, int fd)
{
	pages = mmap(PLACE, (size_t)count * PAGE, protection, flags | MAP_FIXED, fd, 0);
	if (pages == MAP_FAILED)
		fail("mmap");
}

void pages_map(unsigned times)
{
	map(times, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

void pages_unmap(unsigned times)
{
	munmap(pages, (size_t)times * PAGE);
}

void touch(unsigned times)
{
	for (char *page = pages; times--; page += PAGE)
		*(volatile char *)page = 1;
}

void pages_fill(unsigned times)
{
	pages_map(times);
	touch(times);
}

/* ---- copy on write: a child that sleeps shares the pages --------------------------------- */

static int cow_child, cow_pipe;

void cow_prepare(unsigned times)
{
	int ends[2];

	pages_fill(times);
	if (pipe(ends))
		fail("pipe");
	cow_child = fork();
	if (cow_child < 0)
		fail("fork");
	if (cow_child == 0) {
		close(ends[1]);
		read(ends[0], buffer, 1);
		_exit(0);
	}
	close(ends[0]);
	cow_pipe = ends[1];
}

void cow_end(unsigned times)
{
	close(cow_pipe);
	waitpid(cow_child, 0, 0);
	pages_unmap(times);
}

/* ---- pages of a file --------------------------------------------------------------------- */

bool mapped_file_open(unsigned of)
{
	if (!file_open(0))
		return false;
	file = open("/tmp/bench/file", O_RDWR);
	for (unsigned i = 0; i < FILE_PAGES; i++)
		if (pwrite(file, buffer, PAGE, (off_t)i * PAGE) != PAGE)
			return false;
	return true;
}

void file_map_shared(unsigned times)
{
	map(times, PROT_READ, MAP_SHARED, file);
}

void file_map_private(unsigned times)
{
	map(times, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
}

void read_pages(unsigned times)
{
	for (const char *page = pages; times--; page += PAGE)
		(void)*(const volatile char *)page;
}

/* ---- mappings ---------------------------------------------------------------------------- */

/* A neighbour of what is mapped next, of another kind, so that they are not made one. */
bool neighbour_map(unsigned of)
{
	pages = mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return false;
	read_pages(1);
	return true;
}

void neighbour_unmap(void)
{
	pages_unmap(1);
}

static long map_one(void)
{
	long at = call6(
		SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at < 0)
		fail("mmap");
	return at;
}

void map_unmap(unsigned times)
{
	while (times--)
		call3(SYS_munmap, map_one(), PAGE, 0);
}

void map_touch_unmap(unsigned times)
{
	while (times--) {
		long at = map_one();

		*(volatile char *)at = 1;
		call3(SYS_munmap, at, PAGE, 0);
	}
}

void unmap_each(unsigned times)
{
	while (times--)
		call3(SYS_munmap, (long)pages + (long)times * PAGE, PAGE, 0);
}

static long heap_end;

bool brk_prepare(unsigned of)
{
	heap_end = call3(SYS_brk, 0, 0, 0);
	return heap_end > 0;
}

void brk_grow_shrink(unsigned times)
{
	while (times--) {
		call3(SYS_brk, heap_end + 16 * PAGE, 0, 0);
		call3(SYS_brk, heap_end, 0, 0);
	}
}
