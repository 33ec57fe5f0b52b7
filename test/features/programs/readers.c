/*
 * readers PROCESSES READS: so many processes read single sectors of /dev/vdb, past the page cache,
 * each READS of them, one after another. Prints "all were read".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECTOR = 512, SECTORS = 16384 };

static int read_some(unsigned seed, long reads)
{
	int fd = open("/dev/vdb", O_RDONLY | O_DIRECT);
	void *sector;

	if (fd < 0 || posix_memalign(&sector, SECTOR, SECTOR))
		return 1;
	srandom(seed);
	while (reads-- > 0)
		if (pread(fd, sector, SECTOR, random() % SECTORS * SECTOR) != SECTOR)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	int status, bad = argc != 3;

	for (int i = 0; !bad && i < atoi(argv[1]); i++)
		if (fork() == 0)
			_exit(read_some((unsigned)i, atol(argv[2])));
	while (wait(&status) > 0)
		bad |= status;
	if (!bad)
		puts("all were read");
	return bad != 0;
}
