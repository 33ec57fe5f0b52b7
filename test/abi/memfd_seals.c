/* Seals: each of them, against every way to break it. */
#define _GNU_SOURCE
#include "show.h"

#include <sys/uio.h>
#include <sys/wait.h>

#define PAGE 4096
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif

static int make(void)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

	ftruncate(fd, 2 * PAGE);
	return fd;
}

static void attempts(int fd)
{
	static char bytes[3 * PAGE];
	void *map;

	SHOW(pwrite(fd, bytes, 10, 0));
	SHOW(pwrite(fd, bytes, 10, 2 * PAGE - 5));
	SHOW(pwrite(fd, bytes, PAGE + 10, PAGE));
	SHOW(pwrite(fd, bytes, 10, 2 * PAGE));
	SHOW(ftruncate(fd, PAGE));
	SHOW(ftruncate(fd, 3 * PAGE));
	SHOW(ftruncate(fd, 2 * PAGE));
	SHOW(fallocate(fd, 0, 0, PAGE));
	SHOW(fallocate(fd, 0, 2 * PAGE, PAGE));
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 2 * PAGE, PAGE));
	map = SHOW_MAP(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	if (map != MAP_FAILED)
		munmap(map, PAGE);
	map = SHOW_MAP(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
	if (map != MAP_FAILED) {
		SHOW(mprotect(map, PAGE, PROT_READ | PROT_WRITE));
		munmap(map, PAGE);
	}
	map = SHOW_MAP(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	if (map != MAP_FAILED) {
		*(volatile char *)map = 1;
		munmap(map, PAGE);
	}
	ftruncate(fd, 2 * PAGE);
}

static void sealed(const char *name, int seals)
{
	int fd = make();

	printf("-- %s\n", name);
	SHOW(fcntl(fd, F_ADD_SEALS, seals));
	SHOW(fcntl(fd, F_GET_SEALS));
	attempts(fd);
	close(fd);
}

static void with_mappings(void)
{
	int fd = make(), reader;
	char path[64];
	void *map, *copy;

	puts("-- with mappings");
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(mprotect(map, PAGE, PROT_READ));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	SHOW(mprotect(map, PAGE, PROT_READ | PROT_WRITE));
	*(volatile char *)map = 'm';
	if (fork() == 0) {
		/* The child has it mapped, too. */
		usleep(20000);
		_exit(0);
	}
	usleep(2000);
	munmap(map, PAGE);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	wait(NULL);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(fd, F_GET_SEALS));
	close(fd);

	fd = make();
	copy = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(path, O_RDONLY);
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
	SHOW(fcntl(reader, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(reader, F_GET_SEALS));
	munmap(map, PAGE);
	map = SHOW_MAP(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0));
	munmap(copy, PAGE);
	close(fd);
	close(reader);
}

int main(void)
{
	int fd, ends[2];

	setvbuf(stdout, NULL, _IOLBF, 0);
	sealed("nothing", 0);
	sealed("shrink", F_SEAL_SHRINK);
	sealed("grow", F_SEAL_GROW);
	sealed("write", F_SEAL_WRITE);
	sealed("future write", F_SEAL_FUTURE_WRITE);
	sealed("all", F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	with_mappings();

	puts("-- failures");
	fd = make();
	SHOW(fcntl(fd, F_ADD_SEALS, 0x40));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	SHOW(fcntl(fd, F_ADD_SEALS, 0));
	SHOW(fcntl(fd, F_GET_SEALS));
	close(fd);
	fd = memfd_create("plain", 0);
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	close(fd);
	pipe(ends);
	SHOW(fcntl(ends[0], F_GET_SEALS));
	SHOW(fcntl(ends[0], F_ADD_SEALS, 0));
	SHOW(fcntl(ends[1], F_ADD_SEALS, 0));
	SHOW(fcntl(99, F_GET_SEALS));
	return 0;
}
