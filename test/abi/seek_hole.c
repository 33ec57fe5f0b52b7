/* SEEK_DATA, SEEK_HOLE; sparse files, and sizes up to the largest there is. */
#include "show.h"

#define PAGE 4096l
#define MAX  INT64_MAX

static int fd;

static void map_of(const char *what)
{
	long at = 0, data;

	printf("%s:", what);
	while ((data = lseek(fd, at, SEEK_DATA)) >= 0) {
		at = lseek(fd, data, SEEK_HOLE);
		printf(" %ld-%ld", data, at);
		if (at < 0)
			break;
	}
	printf(" %s\n", errno == ENXIO ? "" : strerror(errno));
}

static void seek(void)
{
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	pwrite(fd, "x", 1, 3 * PAGE + 5);
	pwrite(fd, "x", 1, 9 * PAGE);
	ftruncate(fd, 20 * PAGE + 7);
	map_of("two pages");
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 3 * PAGE + 100, SEEK_DATA));
	SHOW(lseek(fd, 3 * PAGE + 100, SEEK_HOLE));
	SHOW(lseek(fd, 4 * PAGE + 100, SEEK_HOLE));
	SHOW(lseek(fd, 10 * PAGE, SEEK_DATA));
	SHOW(lseek(fd, 10 * PAGE, SEEK_HOLE));
	SHOW(lseek(fd, 20 * PAGE + 6, SEEK_HOLE));
	SHOW(lseek(fd, 20 * PAGE + 7, SEEK_HOLE));
	SHOW(lseek(fd, 20 * PAGE + 7, SEEK_DATA));
	SHOW(lseek(fd, -1, SEEK_DATA));
	SHOW(lseek(fd, -1, SEEK_HOLE));
	SHOW(lseek(fd, MAX, SEEK_HOLE));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(lseek(fd, 0, 5));
	SHOW(lseek(fd, 0, -1));
	pwrite(fd, "x", 1, 20 * PAGE);
	map_of("the last");
	SHOW(lseek(fd, 20 * PAGE + 3, SEEK_DATA));
	SHOW(lseek(fd, 20 * PAGE + 3, SEEK_HOLE));
	ftruncate(fd, 9 * PAGE + 1);
	map_of("cut");
	fallocate(fd, 0, 5 * PAGE, 10 * PAGE);
	map_of("room is no data");
	pwrite(fd, "", 1, 12 * PAGE);
	map_of("until it is written");
	fallocate(fd, 3, 3 * PAGE, PAGE);
	map_of("punched");
	fallocate(fd, 3, 9 * PAGE + 5, 3 * PAGE);
	map_of("and in part");
}

static void mappings(void)
{
	volatile char *map = mmap(NULL, 20 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	map[6 * PAGE] = 'x';
	map_of("written through a mapping");
	map[7 * PAGE] = 'y';
	map_of("once more");
	munmap((void *)map, 20 * PAGE);
	ftruncate(fd, 0);
}

static void far(void)
{
	static const long places[] = { (1l << 32) - 1, 1l << 32, (1l << 32) + PAGE, 1l << 44,
		(1l << 52) + 3, MAX - PAGE, MAX - 1 };
	char buf[4] = "";
	struct stat st;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		buf[0] = (char)('a' + i);
		printf("%lx: %ld\n", places[i], (long)pwrite(fd, buf, 1, places[i]));
	}
	/* Linux does not find the very last page. */
	for (long at = 0; at < MAX - 2 * PAGE && (at = lseek(fd, at, SEEK_DATA)) >= 0; at += PAGE)
		printf("data %lx\n", at);
	fstat(fd, &st);
	printf("size %lx blocks %ld\n", (long)st.st_size, (long)st.st_blocks);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		long got = pread(fd, buf, 1, places[i]);

		printf("%ld %c\n", got, buf[0]);
	}
	SHOW(pwrite(fd, "xyz", 1, MAX));
	SHOW(pwrite(fd, "xyz", 2, MAX - 1));
	SHOW(pread(fd, buf, 1, MAX));
	SHOW(pread(fd, buf, 2, MAX - 1));
	SHOW(pread(fd, buf, 1, MAX - 1));
	SHOW(pread(fd, buf, 0, MAX));
	SHOW(pwrite(fd, buf, 0, MAX));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(lseek(fd, 1, SEEK_END));
	SHOW(write(fd, "x", 1));
	SHOW(read(fd, buf, 1));
	SHOW(lseek(fd, -1, SEEK_END));
	SHOW(write(fd, "xy", 2));
	SHOW(write(fd, "x", 1));
	SHOW(read(fd, buf, 0));
	SHOW(lseek(fd, 1, SEEK_CUR));
	SHOW(lseek(fd, -2, SEEK_SET));
	SHOW(lseek(fd, MAX, SEEK_SET));
	SHOW(ftruncate(fd, MAX));
	SHOW(ftruncate(fd, -1));
	SHOW(fcntl(fd, F_SETFL, O_APPEND));
	SHOW(write(fd, "x", 1));
	SHOW(ftruncate(fd, 1l << 40));
	SHOW(write(fd, "x", 1));
	map_of("cut");
	SHOW(fcntl(fd, F_SETFL, 0));
	SHOW(ftruncate(fd, MAX));
	SHOW(lseek(fd, 2l << 40, SEEK_HOLE));
	SHOW(lseek(fd, 0, SEEK_DATA));
}

static void mapped_far(void)
{
	const long at = (MAX & ~(PAGE - 1)) - PAGE;
	char *map;

	SHOW_MAP(map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at));
	map[5] = 'm';
	SHOW(lseek(fd, 2l << 40, SEEK_DATA));
	munmap(map, PAGE);
	SHOW(truncate("file", 1l << 32));
	SHOW(lseek(fd, 0, SEEK_DATA));
}

static void others(void)
{
	int other;

	other = open(".", O_RDONLY);
	SHOW(lseek(other, 0, SEEK_DATA));
	SHOW(lseek(other, 0, SEEK_HOLE));
	close(other);
	other = open("/dev/zero", O_RDONLY);
	SHOW(lseek(other, 0, SEEK_DATA) >= 0);
	close(other);
	other = open("/proc/self/maps", O_RDONLY);
	SHOW(lseek(other, 0, SEEK_DATA));
	close(other);
}

int main(void)
{
	mkdir("seek_hole", 0755);
	chdir("seek_hole");
	fd = open("file", O_RDWR | O_CREAT, 0600);
	seek();
	mappings();
	far();
	mapped_far();
	others();
	return 0;
}
