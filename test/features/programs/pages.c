/* pages FILE MIB: does FILE hold what mapped(.c) wrote there? */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t pages = strtoul(argv[2], NULL, 10) << 8, bad = 0;
	uint64_t *count = calloc(pages, 8), x = 1, page[512];
	int fd = open(argv[1], O_RDONLY);

	for (size_t i = 0; i < pages; i++)
		count[i] = 1;
	for (size_t i = 0; i < pages / 4; i++) {
		x = x * 6364136223846793005 + 1442695040888963407;
		count[(x >> 33) % pages]++;
	}
	for (size_t i = 0; i < pages; i++)
		bad += pread(fd, page, 4096, i << 12) != 4096 || page[0] != i ||
		       page[1] != count[i];
	printf("%zu pages differ\n", bad);
	return bad != 0;
}
