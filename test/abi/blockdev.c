/* Block devices as files: sizes, the end, what ioctl(2) tells, mappings. /dev/vdb is a disk of 8
 * MiB and three sectors, /dev/vdc one that is read-only. */
#include "show.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#define BLKROSET      0x125d
#define BLKROGET      0x125e
#define BLKRRPART     0x125f
#define BLKGETSIZE    0x1260
#define BLKFLSBUF     0x1261
#define BLKRAGET      0x1263
#define BLKSSZGET     0x1268
#define BLKDISCARD    0x1277
#define BLKIOMIN      0x1278
#define BLKIOOPT      0x1279
#define BLKALIGNOFF   0x127a
#define BLKPBSZGET    0x127b
#define BLKROTATIONAL 0x127e
#define BLKBSZGET     0x80081270
#define BLKGETSIZE64  0x80081272
#define HDIO_GETGEO   0x301
#define SIZE          (8 * 1024 * 1024 + 3 * 512)

static char buffer[65536];

static void sizes(int fd)
{
	static const struct {
		const char *name;
		unsigned request;
	} requests[] = {
		{ "BLKGETSIZE64", BLKGETSIZE64 },
		{ "BLKGETSIZE", BLKGETSIZE },
		{ "BLKSSZGET", BLKSSZGET },
		{ "BLKPBSZGET", BLKPBSZGET },
		{ "BLKBSZGET", BLKBSZGET },
		{ "BLKROGET", BLKROGET },
		{ "BLKIOMIN", BLKIOMIN },
		{ "BLKIOOPT", BLKIOOPT },
		{ "BLKALIGNOFF", BLKALIGNOFF },
		{ "BLKROTATIONAL", BLKROTATIONAL },
		{ "BLKRAGET", BLKRAGET },
	};
	unsigned char geometry[16] = { 0 };
	struct stat st;

	for (unsigned i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		unsigned long value = 0;
		int result = ioctl(fd, requests[i].request, &value);

		printf("%s: %d, %lu\n", requests[i].name, result, value);
		SHOW(ioctl(fd, requests[i].request, (void *)8));
	}
	SHOW(ioctl(fd, HDIO_GETGEO, geometry));
	printf("geometry %d %d %d\n", geometry[0], geometry[1], geometry[2] | geometry[3] << 8);
	SHOW(ioctl(fd, 0x12ff, 0));
	SHOW(fstat(fd, &st));
	printf("mode %o, size %ld, rdev %lx\n", st.st_mode, (long)st.st_size, (long)st.st_rdev);
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(lseek(fd, 1, SEEK_END));
	SHOW(lseek(fd, -1, SEEK_SET));
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, SIZE, SEEK_SET));
	SHOW(lseek(fd, -SIZE, SEEK_CUR));
}

static void ends(int fd)
{
	int append;

	SHOW(pread(fd, buffer, 100, SIZE - 10));
	SHOW(pread(fd, buffer, 100, SIZE));
	SHOW(pread(fd, buffer, 100, SIZE + 10));
	SHOW(pwrite(fd, buffer, 100, SIZE - 10));
	SHOW(pwrite(fd, buffer, 100, SIZE));
	SHOW(pwrite(fd, buffer, 0, SIZE));
	SHOW(pwrite(fd, buffer, 100, SIZE + 10));
	SHOW(pwrite(fd, buffer, 4096, SIZE - 512));
	SHOW(lseek(fd, SIZE - 700, SEEK_SET));
	SHOW(write(fd, buffer, 4096));
	SHOW(write(fd, buffer, 1));
	SHOW(read(fd, buffer, 1));
	SHOW(ftruncate(fd, 0));
	SHOW(truncate("/dev/vdb", 0));
	SHOW(posix_fallocate(fd, 0, 4096));
	SHOW(fallocate(fd, 0, 0, 4096));
	SHOW(append = open("/dev/vdb", O_WRONLY | O_APPEND));
	SHOW(write(append, buffer, 1));
	close(append);
	SHOW(close(open("/dev/vdb", O_WRONLY | O_CREAT | O_TRUNC, 0600)));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(open("/dev/vdb", O_RDONLY | O_DIRECTORY));
	SHOW(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
}

static void contents(int fd)
{
	static const long places[] = { 0, 1, 511, 4095, 4097, 100000, SIZE - 5000, SIZE - 7 };
	char there[16];
	int other;

	for (unsigned i = 0; i < sizeof(places) / sizeof(*places); i++) {
		memset(buffer, 'a' + i, sizeof(buffer));
		SHOW(pwrite(fd, buffer, i % 2 ? 5000 : 7, places[i]));
	}
	SHOW(fsync(fd));
	SHOW(fdatasync(fd));
	SHOW(ioctl(fd, BLKFLSBUF, 0));
	SHOW(other = open("/dev/vdb", O_RDONLY));
	for (unsigned i = 0; i < sizeof(places) / sizeof(*places); i++) {
		memset(there, 0, sizeof(there));
		pread(other, there, 12, places[i] > 4 ? places[i] - 4 : 0);
		printf("%ld: %s\n", places[i], there);
	}
	SHOW(write(other, buffer, 1));
	SHOW(fsync(other));
	close(other);
}

static void mappings(int fd)
{
	char *map = SHOW_MAP(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096));
	char text[8] = "";

	memcpy(map + 10, "mapped", 6);
	SHOW(pread(fd, text, 6, 4106));
	printf("%s\n", text);
	SHOW(msync(map, 8192, MS_SYNC));
	memcpy(map + 10, "again!", 6);
	SHOW(fsync(fd));
	memcpy(map + 10, "third.", 6);
	SHOW(munmap(map, 8192));
	SHOW(fsync(fd));
	SHOW(ioctl(fd, BLKFLSBUF, 0));
	SHOW(pread(fd, text, 6, 4106));
	printf("%s\n", text);
	map = SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, SIZE & ~4095));
	printf("behind the end: %d\n", map[SIZE % 4096]);
	munmap(map, 4096);
	fflush(stdout);
	if (fork() == 0) {
		map = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, SIZE & ~4095);
		_exit(map[4096]);
	}
	int status;
	wait(&status);
	printf("a page behind the end: signal %d\n", WTERMSIG(status));
}

static void claims(int fd)
{
	int one, two;

	SHOW(one = open("/dev/vdb", O_RDONLY | O_EXCL));
	SHOW(open("/dev/vdb", O_RDWR | O_EXCL));
	SHOW(two = open("/dev/vdb", O_RDONLY));
	printf("flags %x\n", fcntl(one, F_GETFL) & ~0100000);
	close(two);
	close(one);
	SHOW(one = open("/dev/vdb", O_RDONLY | O_EXCL));
	close(one);
	SHOW(open("/dev/vdb", O_CREAT | O_EXCL, 0600));
	SHOW(mknod("node", S_IFBLK | 0600, 0xfe10));
	SHOW(one = open("node", O_RDONLY));
	close(one);
	SHOW(mknod("none", S_IFBLK | 0600, 0xfef0));
	SHOW(open("none", O_RDONLY));
	SHOW(close(open("none", O_PATH)));
}

static void discards(int fd)
{
	uint64_t range[2] = { 8192, 8192 };
	uint64_t bad[2] = { 100, 512 }, beyond[2] = { SIZE - 512, 1024 };
	int reader = open("/dev/vdb", O_RDONLY);

	memset(buffer, 'x', sizeof(buffer));
	SHOW(pwrite(fd, buffer, 20480, 4096));
	SHOW(ioctl(fd, BLKDISCARD, range));
	SHOW(ioctl(fd, BLKDISCARD, bad));
	SHOW(ioctl(fd, BLKDISCARD, beyond));
	SHOW(ioctl(fd, BLKDISCARD, (void *)8));
	SHOW(ioctl(reader, BLKDISCARD, range));
	SHOW(pread(fd, buffer, 20480, 4096));
	printf("kept: %d, gone: %d, kept: %d\n", buffer[4095], buffer[4096], buffer[12288]);
	close(reader);
}

static void read_only(void)
{
	int fd, value = 0;

	SHOW(fd = open("/dev/vdc", O_RDWR));
	SHOW(ioctl(fd, BLKROGET, &value));
	printf("read-only: %d\n", value);
	SHOW(write(fd, "x", 1));
	SHOW(pwrite(fd, "x", 0, 0));
	SHOW(read(fd, buffer, 10));
	SHOW(fsync(fd));
	close(fd);
	SHOW(access("/dev/vdc", W_OK));
}

static void others(void)
{
	int status, fd = open("/dev/vdb", O_RDONLY);

	fflush(stdout);
	if (fork() == 0) {
		setuid(1000);
		SHOW(open("/dev/vdb", O_RDONLY));
		SHOW(pread(fd, buffer, 1, 0));
		SHOW(ioctl(fd, BLKFLSBUF, 0));
		SHOW(ioctl(fd, BLKRRPART, 0));
		exit(0);
	}
	wait(&status);
	SHOW(ioctl(fd, BLKRRPART, 0));
	close(fd);
}

int main(void)
{
	int fd;

	SHOW(fd = open("/dev/vdb", O_RDWR));
	sizes(fd);
	ends(fd);
	contents(fd);
	mappings(fd);
	claims(fd);
	discards(fd);
	close(fd);
	read_only();
	others();
	return 0;
}
