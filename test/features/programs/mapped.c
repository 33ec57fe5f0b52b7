/*
 * mapped FILE MIB: fills the first MIB of FILE through a shared mapping, page by page and then
 * again at random, and syncs it. Each page begins with its number and how often it was written.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	size_t pages = strtoul(argv[2], NULL, 10) << 8;
	int fd = open(argv[1], O_RDWR);
	char *map = mmap(NULL, pages << 12, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uint64_t x = 1;

	if (map == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	for (size_t i = 0; i < pages; i++) {
		((uint64_t *)(map + (i << 12)))[0] = i;
		((uint64_t *)(map + (i << 12)))[1] = 1;
	}
	for (size_t i = 0; i < pages / 4; i++) {
		x = x * 6364136223846793005 + 1442695040888963407;
		((uint64_t *)(map + ((x >> 33) % pages << 12)))[1]++;
	}
	if (msync(map, pages << 12, MS_SYNC)) {
		perror("msync");
		return 1;
	}
	printf("synced\n");
	return 0;
}
