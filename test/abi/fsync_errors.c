/* A disk that cannot write the sector at 4 MiB, nor read the one at 2 MiB: who is told, and how
 * often. /dev/vdd is it. */
#include "show.h"

#define BAD_WRITE (4 << 20)
#define BAD_READ  (2 << 20)

static char buffer[8192];

static void once_each(void)
{
	int a = open("/dev/vdd", O_RDWR), b = open("/dev/vdd", O_RDWR), c;

	SHOW(pwrite(a, buffer, 4096, BAD_WRITE));
	SHOW(fsync(a));
	SHOW(fsync(a));
	SHOW(fsync(b));
	SHOW(fsync(b));
	SHOW(c = open("/dev/vdd", O_RDWR));
	SHOW(fsync(c));
	/* Elsewhere all is well. */
	SHOW(pwrite(a, buffer, 4096, BAD_WRITE + 65536));
	SHOW(fsync(a));
	SHOW(pwrite(a, buffer, 100, BAD_WRITE + 100));
	SHOW(fdatasync(b));
	SHOW(fdatasync(c));
	SHOW(fsync(a));
	SHOW(fsync(a));
	close(a);
	close(b);
	close(c);
}

/* Nobody was told yet: who comes later is. */
static void told_later(void)
{
	int a = open("/dev/vdd", O_RDWR), b;

	SHOW(pwrite(a, buffer, 4096, BAD_WRITE));
	sync();
	SHOW(b = open("/dev/vdd", O_RDONLY));
	SHOW(fsync(b));
	SHOW(fsync(b));
	SHOW(fsync(a));
	close(a);
	close(b);
}

static void synchronous(void)
{
	int a = open("/dev/vdd", O_RDWR | O_SYNC), b = open("/dev/vdd", O_RDWR | O_DSYNC);

	SHOW(pwrite(a, buffer, 4096, BAD_WRITE));
	SHOW(pwrite(a, buffer, 4096, BAD_WRITE - 65536));
	SHOW(pwrite(b, buffer, 4096, BAD_WRITE));
	SHOW(fsync(a));
	SHOW(fsync(b));
	close(a);
	close(b);
}

static void mapped(void)
{
	int fd = open("/dev/vdd", O_RDWR);
	char *map = SHOW_MAP(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, BAD_WRITE));

	map[0]++;
	SHOW(msync(map, 4096, MS_SYNC));
	SHOW(msync(map, 4096, MS_SYNC));
	map[1]++;
	SHOW(fsync(fd));
	SHOW(munmap(map, 4096));
	close(fd);
}

static void ranges(void)
{
	int fd = open("/dev/vdd", O_RDWR), pipes[2];

	SHOW(pwrite(fd, buffer, 4096, BAD_WRITE));
	SHOW(sync_file_range(fd, 0, 4096, 7));
	SHOW(sync_file_range(fd, BAD_WRITE, 4096, SYNC_FILE_RANGE_WRITE));
	SHOW(sync_file_range(fd, BAD_WRITE, 4096, SYNC_FILE_RANGE_WAIT_AFTER));
	SHOW(sync_file_range(fd, BAD_WRITE, 4096, SYNC_FILE_RANGE_WAIT_BEFORE));
	SHOW(fsync(fd));
	SHOW(sync_file_range(fd, 0, 0, 7));
	SHOW(sync_file_range(fd, -1, 0, 7));
	SHOW(sync_file_range(fd, 0, -1, 7));
	SHOW(sync_file_range(fd, 1, INT64_MAX, 7));
	SHOW(sync_file_range(fd, 0, 0, 8));
	SHOW(sync_file_range(99, 0, 0, 7));
	pipe(pipes);
	SHOW(sync_file_range(pipes[0], 0, 0, 7));
	SHOW(fsync(pipes[0]));
	close(fd);
}

static void reading(void)
{
	int fd = open("/dev/vdd", O_RDONLY);

	SHOW(pread(fd, buffer, 4096, BAD_READ));
	SHOW(pread(fd, buffer, 8192, BAD_READ - 4096));
	SHOW(pread(fd, buffer, 4096, BAD_READ + 4096));
	SHOW(pread(fd, buffer, 4096, BAD_READ));
	SHOW(fsync(fd));
	close(fd);
	SHOW(fd = open("/dev/vdd", O_RDWR));
	SHOW(pwrite(fd, buffer, 10, BAD_READ + 10));
	SHOW(pwrite(fd, buffer, 4096, BAD_READ));
	SHOW(fsync(fd));
	SHOW(pread(fd, buffer, 4096, BAD_READ));
	close(fd);
}

int main(void)
{
	once_each();
	told_later();
	synchronous();
	mapped();
	ranges();
	reading();
	return 0;
}
