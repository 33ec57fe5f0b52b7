/*
 * Random reads, writes, truncations and mapped stores of one file, beside a model of it in memory:
 * they must never differ. What is printed are sums, the same in every run.
 */
#include "show.h"

#define MAX_BYTES (40 * 4096)

static uint64_t seed = 7;
static unsigned char model[MAX_BYTES], buffer[MAX_BYTES];
static size_t size;

static unsigned below(unsigned limit)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(seed >> 33) % limit;
}

static void check(int fd, const char *after)
{
	struct stat st;
	ssize_t got = pread(fd, buffer, sizeof(buffer), 0);

	fstat(fd, &st);
	if (got != (ssize_t)size || st.st_size != (off_t)size) {
		printf("after %s: %zd bytes, %ld in stat, %zu expected\n", after, got,
			(long)st.st_size, size);
		exit(1);
	}
	for (size_t i = 0; i < size; i++)
		if (buffer[i] != model[i]) {
			printf("after %s: byte %zu is %d, not %d\n", after, i, buffer[i], model[i]);
			exit(1);
		}
}

static void random_write(int fd, int append)
{
	size_t at = append ? size : below(MAX_BYTES), bytes = below(3) ? below(3 * 4096) : 4096;

	if (below(3) == 0)
		at &= ~4095ul;
	if (append)
		at = size;
	if (at + bytes > MAX_BYTES)
		bytes = MAX_BYTES - at;
	for (size_t i = 0; i < bytes; i++)
		buffer[i] = (unsigned char)below(256);
	if (at > size && bytes)
		memset(model + size, 0, at - size);
	memcpy(model + at, buffer, bytes);
	if (bytes && at + bytes > size)
		size = at + bytes;
	if ((append ? write(fd, buffer, bytes) : pwrite(fd, buffer, bytes, (off_t)at)) !=
		(ssize_t)bytes)
		perror("write");
}

static void random_truncate(int fd)
{
	size_t bytes = below(MAX_BYTES + 1);

	if (bytes > size)
		memset(model + size, 0, bytes - size);
	size = bytes;
	if (ftruncate(fd, (off_t)bytes))
		perror("ftruncate");
}

/* Not behind the end, in the last page: Linux's tmpfs shows such bytes when the file grows. */
static void random_store(unsigned char *map)
{
	for (int i = 0; i < 20 && size > 0; i++) {
		size_t at = below((unsigned)size);

		map[at] = model[at] = (unsigned char)below(256);
	}
}

static void check_map(const unsigned char *map)
{
	if (memcmp(map, model, size)) {
		printf("the mapping differs\n");
		exit(1);
	}
}

int main(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600), append = open("f", O_WRONLY | O_APPEND);
	unsigned char *map = mmap(NULL, MAX_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned char *copy = mmap(NULL, MAX_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	uint64_t sum = 0;

	if (map == MAP_FAILED || copy == MAP_FAILED)
		return 1;
	for (int i = 0; i < 3000; i++) {
		switch (below(5)) {
		case 0:
			random_write(append, 1);
			check(fd, "append");
			break;
		case 1:
		case 2:
			random_write(fd, 0);
			check(fd, "write");
			break;
		case 3:
			random_truncate(fd);
			check(fd, "truncate");
			break;
		default:
			random_store(map);
			check(fd, "store");
			break;
		}
		if (below(4) == 0)
			check_map(map);
		for (size_t j = 0; j < size; j += 97)
			sum = sum * 31 + model[j];
		if (i % 200 == 199)
			printf("%d: %zu bytes, sum %lx\n", i, size, sum);
	}
	/* Reading a file into its own mapping, and writing from it. */
	size = MAX_BYTES;
	SHOW(ftruncate(fd, MAX_BYTES));
	memset(map, 'm', MAX_BYTES);
	SHOW(pread(fd, map + 4096, 8192, 0));
	SHOW(pwrite(fd, map + 100, 20000, 8192));
	SHOW(map[30000] == 'm' && map[MAX_BYTES - 1] == 'm');
	copy[5000] = 'p';
	SHOW(map[5000]);
	SHOW(ftruncate(fd, 4096));
	SHOW(can_read(copy + 5000));
	SHOW(ftruncate(fd, 8192));
	SHOW(copy[5000]);
	SHOW(close(fd));
	SHOW(unlink("f"));
	SHOW(map[0]);
	return 0;
}
