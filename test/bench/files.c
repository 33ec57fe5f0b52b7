/*
 * Files on the machine's root, which is in memory on both kernels.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char file_path[] = "/tmp/bench/file", new_path[] = "/tmp/bench/new";
static int fd;

bool file_open(unsigned of)
{
	fd = open(file_path, O_RDWR | O_CREAT, 0600);
	return fd >= 0 && pwrite(fd, buffer, PAGE, 0) == PAGE;
}

void file_close(void)
{
	close(fd);
	unlink(file_path);
}

void open_close(unsigned times)
{
	while (times--)
		call3(SYS_close, call3(SYS_open, (long)file_path, O_RDONLY, 0), 0, 0);
}

void create_unlink(unsigned times)
{
	while (times--) {
		long new = call3(SYS_open, (long)new_path, O_RDWR | O_CREAT | O_EXCL, 0600);

		if (call3(SYS_write, new, (long)buffer, PAGE) != PAGE)
			fail("create");
		call3(SYS_close, new, 0, 0);
		call3(SYS_unlink, (long)new_path, 0, 0);
	}
}

void pread_1(unsigned times)
{
	while (times--)
		call6(SYS_pread64, fd, (long)buffer, 1, 0, 0, 0);
}

void pread_page(unsigned times)
{
	while (times--)
		call6(SYS_pread64, fd, (long)buffer, PAGE, 0, 0, 0);
}

void pwrite_page(unsigned times)
{
	while (times--)
		call6(SYS_pwrite64, fd, (long)buffer, PAGE, 0, 0, 0);
}

/* ---- stat of a path with so many components ---------------------------------------------- */

static char path[256];

bool path_make(unsigned of)
{
	path[0] = 0;
	for (unsigned i = 1; i < of; i++) {
		sprintf(path + strlen(path), "/level%u", i);
		if (mkdir(path, 0755))
			return false;
	}
	strcat(path, "/bench");
	close(open(path, O_RDWR | O_CREAT, 0600));
	return true;
}

void path_remove(void)
{
	unlink(path);
	for (char *end; (end = strrchr(path, '/')) != path;) {
		*end = 0;
		rmdir(path);
	}
}

void stat_path(unsigned times)
{
	struct stat st;

	while (times--)
		if (call3(SYS_stat, (long)path, (long)&st, 0))
			fail("stat");
}

/* ---- a pipe ------------------------------------------------------------------------------ */

void pipe_make(unsigned times)
{
	while (times--) {
		int ends[2];

		call3(SYS_pipe, (long)ends, 0, 0);
		call3(SYS_write, ends[1], (long)buffer, 1);
		call3(SYS_read, ends[0], (long)buffer, 1);
		call3(SYS_close, ends[0], 0, 0);
		call3(SYS_close, ends[1], 0, 0);
	}
}
