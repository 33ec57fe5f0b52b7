/*
 * sharers OPERATIONS: processes that change a disk together, each byte by one of them, though pages
 * are shared: through read and write, a mapping, fsync, msync, BLKFLSBUF. Each knows what its bytes
 * must be, looks now and then, and at the end writes them to a second disk: then both are the same.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHARERS   6
#define BYTES     (12 << 20)
#define PIECE     64 /* of each in turn */
#define PIECES    (BYTES / PIECE / SHARERS)
#define BLKFLSBUF 0x1261

static unsigned char (*known)[PIECE];
static char *map;
static int fd, self;

static long place(long piece)
{
	return (piece * SHARERS + self) * PIECE;
}

static void must(int good, const char *what, long at)
{
	if (good)
		return;
	printf("%d: %s at %lx\n", self, what, at);
	fflush(stdout);
	_exit(1);
}

static void look(long piece)
{
	unsigned char found[PIECE];

	must(pread(fd, found, PIECE, place(piece)) == PIECE, "cannot read", place(piece));
	must(!memcmp(found, known[piece], PIECE), "read something else", place(piece));
	must(!memcmp(map + place(piece), known[piece], PIECE), "mapped something else",
		place(piece));
}

static void change(long piece, int through_map)
{
	int bytes = 1 + (int)(random() % PIECE);

	for (int i = 0; i < bytes; i++)
		known[piece][i] = (unsigned char)random();
	if (through_map)
		memcpy(map + place(piece), known[piece], (size_t)bytes);
	else
		must(pwrite(fd, known[piece], (size_t)bytes, place(piece)) == bytes, "cannot write",
			place(piece));
}

static void settle(long operation)
{
	if (operation % 211 == 0)
		must(fsync(fd) == 0, "cannot fsync", 0);
	if (operation % 307 == 0)
		must(msync(map, BYTES, MS_SYNC) == 0, "cannot msync", 0);
	if (operation % 503 == 0)
		must(ioctl(fd, BLKFLSBUF, 0) == 0, "cannot flush", 0);
	if (operation % 101 == 0)
		madvise(map + random() % (BYTES / 4096 / 2) * 4096, BYTES / 4, MADV_DONTNEED);
}

static void share(long operations)
{
	int second = open("/dev/vdc", O_RDWR);

	srandom((unsigned)self);
	known = calloc(PIECES, PIECE);
	fd = open("/dev/vdb", O_RDWR);
	must(fd >= 0 && second >= 0, "cannot open", 0);
	map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(map != MAP_FAILED, "cannot map", 0);
	for (long i = 1; i <= operations; i++) {
		if (i % 3)
			change(random() % PIECES, i & 1);
		else
			look(random() % PIECES);
		settle(i);
	}
	for (long i = 0; i < PIECES; i++) {
		look(i);
		must(pwrite(second, known[i], PIECE, place(i)) == PIECE, "cannot tell", place(i));
	}
	must(fsync(fd) == 0 && fsync(second) == 0, "cannot fsync", 0);
}

int main(int argc, char **argv)
{
	int status, bad = 0;

	for (self = 0; self < SHARERS; self++) {
		if (fork() == 0) {
			share(argc > 1 ? atol(argv[1]) : 1000);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		bad |= status;
	puts(bad ? "wrong" : "agreed");
	return bad != 0;
}
