/*
 * durable write DEVICE FROM TO SEED     writes chunks of random bytes at random places, again and
 *                                       again; after every 16th fsync, and then "synced N"
 * durable check FILE FROM TO SEED N     are the first N chunks there, as far as none of the next 64
 *                                       reached over them?
 *
 * FROM and TO are MiB. What is written follows from SEED alone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_MAX 100000
#define AHEAD     64

static uint64_t state;

static uint64_t next(void)
{
	state += 0x9e3779b97f4a7c15;
	uint64_t x = state;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static size_t chunk(char *bytes, uint64_t from, uint64_t to, uint64_t *at)
{
	size_t count = 1 + next() % CHUNK_MAX;

	*at = from + next() % (to - from - count);
	for (size_t i = 0; i < count; i += 8) {
		uint64_t value = next();
		memcpy(bytes + i, &value, 8);
	}
	return count;
}

static void write_all(const char *path, uint64_t from, uint64_t to)
{
	static char bytes[CHUNK_MAX + 8];
	int fd = open(path, O_RDWR);
	uint64_t at;

	for (int n = 1;; n++) {
		size_t count = chunk(bytes, from, to, &at);

		if (pwrite(fd, bytes, count, at) != (ssize_t)count)
			exit(1);
		if (n % 16 == 0) {
			if (fsync(fd))
				exit(1);
			printf("synced %d\n", n);
			fflush(stdout);
		}
	}
}

static int check(const char *path, uint64_t from, uint64_t to, int n)
{
	char *wanted = calloc(1, to - from), *there = malloc(to - from);
	char *counts = calloc(1, to - from);
	static char bytes[CHUNK_MAX + 8];
	int fd = open(path, O_RDONLY);
	uint64_t at, bad = 0;

	for (int i = 0; i < n + AHEAD; i++) {
		size_t count = chunk(bytes, from, to, &at);

		if (i < n)
			memcpy(wanted + at - from, bytes, count);
		memset(counts + at - from, i < n, count);
	}
	if (pread(fd, there, to - from, from) != (ssize_t)(to - from))
		return 1;
	for (uint64_t i = 0; i < to - from; i++)
		bad += counts[i] && wanted[i] != there[i];
	printf("%lu bytes lost\n", bad);
	return bad != 0;
}

int main(int argc, char **argv)
{
	uint64_t from = strtoul(argv[3], NULL, 10) << 20, to = strtoul(argv[4], NULL, 10) << 20;

	state = strtoul(argv[5], NULL, 10);
	if (strcmp(argv[1], "write") == 0)
		write_all(argv[2], from, to);
	return check(argv[2], from, to, atoi(argv[6]));
}
