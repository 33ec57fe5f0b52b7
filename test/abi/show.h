#ifndef ABI_SHOW_H
#define ABI_SHOW_H
/*
 * For programs whose output on two kernels is compared: each line is a call and what it gave.
 * Output must not depend on addresses, times or process numbers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Prints the call as written and its result; -1 with what errno means. Gives the result back. */
#define SHOW(call) show(#call, (errno = 0, (long)(call)))

static inline long show(const char *call, long result)
{
	if (result == -1)
		printf("%s = -1 %s\n", call, strerror(errno));
	else
		printf("%s = %ld\n", call, result);
	fflush(stdout);
	return result;
}

/* The letter of the state in /proc/PID/stat, or a thread's; '?': the file is not there. */
static inline char state_in(const char *path)
{
	char text[512] = "", *end;
	int fd = open(path, O_RDONLY);

	read(fd, text, sizeof(text) - 1);
	close(fd);
	end = strrchr(text, ')');
	return end ? end[2] : '?';
}

/* Waits for a child and prints how it ended. */
static inline void show_end(const char *what, pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	printf("%s: %x\n", what, status);
	fflush(stdout);
}

/* For calls that give an address: prints only whether they gave one. */
#define SHOW_MAP(call) show_map(#call, (call))

static inline void *show_map(const char *call, void *address)
{
	if (address == MAP_FAILED)
		printf("%s = MAP_FAILED %s\n", call, strerror(errno));
	else
		printf("%s = an address\n", call);
	fflush(stdout);
	return address;
}

/* Whether the kernel can read, can write a byte there: 0, or the errno it gives. */
static inline int can_read(const volatile void *address)
{
	int fd = open("can-read", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int result = write(fd, (const void *)address, 1) == 1 ? 0 : errno;

	close(fd);
	return result;
}

static inline int can_write(volatile void *address)
{
	int fd = open("/dev/zero", O_RDONLY);
	char keep = can_read(address) ? 0 : *(volatile char *)address;
	int result = read(fd, (void *)address, 1) == 1 ? 0 : errno;

	if (!result)
		*(volatile char *)address = keep;
	close(fd);
	return result;
}

static inline void show_access(const char *what, volatile void *address)
{
	int r = can_read(address), w = can_write(address);

	printf("%s: read %s, write %s\n", what, r ? strerror(r) : "ok", w ? strerror(w) : "ok");
	fflush(stdout);
}

#endif
