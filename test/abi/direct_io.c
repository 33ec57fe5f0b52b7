/* O_DIRECT of disks, and where there is none: files in memory, sockets, devices; and other status
 * flags. */
#include "show.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static void set(const char *what, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	printf("%s: ", what);
	SHOW(fcntl(fd, F_SETFL, flags | O_DIRECT));
	printf("  %s\n", fcntl(fd, F_GETFL) & O_DIRECT ? "direct" : "not direct");
}

static void status(void)
{
	int pair[2], fd;

	fd = open("file", O_RDWR);
	set("file", fd);
	close(fd);
	fd = open("/dev/null", O_RDWR);
	set("null", fd);
	close(fd);
	fd = open(".", O_RDONLY);
	set("directory", fd);
	close(fd);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	set("socket", pair[0]);
}

static void others(void)
{
	int fd;

	chmod(".", 0777);
	chmod("file", 0666);
	if (setuid(7))
		return;
	SHOW(open("file", O_RDONLY | O_NOATIME));
	SHOW(fd = open("file", O_RDONLY));
	SHOW(fcntl(fd, F_SETFL, O_NOATIME));
	SHOW(fcntl(fd, F_SETFL, O_APPEND));
	SHOW(fcntl(fd, F_GETFL) & (O_APPEND | O_NOATIME));
}

/* Each piece of a vector is whole blocks. */
static void vectors(int fd, char *page)
{
	struct iovec halves[] = { { page, 256 }, { page + 256, 256 } };
	struct iovec blocks[] = { { page, 512 }, { page + 1024, 1024 } };
	struct iovec odd[] = { { page, 512 }, { page + 513, 512 } };

	SHOW(preadv(fd, halves, 2, 0));
	SHOW(preadv(fd, blocks, 2, 0));
	SHOW(preadv(fd, odd, 2, 0));
	SHOW(pwritev(fd, odd, 2, 0));
}

/* Past the page cache, whole blocks alone; what others see is the same. */
static void disk(void)
{
	static char memory[8192 + 512];
	char *page = memory + (512 - (uintptr_t)memory % 512) % 512;
	int direct, plain;

	SHOW(direct = open("/dev/vdb", O_RDWR | O_DIRECT));
	SHOW(plain = open("/dev/vdb", O_RDWR));
	printf("%d\n", fcntl(direct, F_GETFL) & O_DIRECT);
	memset(page, 'd', 4096);
	SHOW(pwrite(plain, "through the cache", 17, 8192));
	SHOW(pread(direct, page, 512, 8192));
	printf("%.17s\n", page);
	memset(page, 'd', 4096);
	SHOW(pwrite(direct, page, 1024, 8704));
	SHOW(pread(plain, page, 17, 8192));
	printf("%.17s\n", page);
	SHOW(pread(plain, page, 4, 8704));
	printf("%.4s\n", page);
	SHOW(pwrite(direct, page, 100, 0));
	SHOW(pwrite(direct, page, 512, 100));
	SHOW(pwrite(direct, page + 1, 512, 0));
	SHOW(pread(direct, page, 100, 0));
	SHOW(pread(direct, page, 512, 100));
	SHOW(pread(direct, page + 1, 512, 0));
	SHOW(pread(direct, page, 0, 1));
	SHOW(pread(direct, page, 4096, 8 << 20));
	SHOW(pwrite(direct, page, 4096, 8 << 20));
	SHOW(pread(direct, page, 4096, (8 << 20) - 512));
	vectors(direct, page);
	SHOW(fcntl(direct, F_SETFL, 0));
	SHOW(pread(direct, page, 100, 8300));
	SHOW(fcntl(plain, F_SETFL, O_DIRECT));
	SHOW(pread(plain, page, 100, 8300));
	close(direct);
	close(plain);
}

int main(void)
{
	int fd;

	mkdir("direct_io", 0755);
	chdir("direct_io");
	mkfifo("fifo", 0600);
	close(open("file", O_RDWR | O_CREAT, 0600));
	SHOW(open("file", O_RDWR | O_DIRECT));
	SHOW(open("new", O_RDWR | O_CREAT | O_DIRECT, 0600));
	SHOW(access("new", F_OK));
	SHOW(open("file", O_RDWR | O_DIRECT | O_TRUNC));
	SHOW(open(".", O_TMPFILE | O_RDWR | O_DIRECT, 0600));
	SHOW(open(".", O_RDONLY | O_DIRECT));
	SHOW(open("missing", O_RDONLY | O_DIRECT));
	SHOW(open("/dev/null", O_RDWR | O_DIRECT));
	SHOW(open("/dev/zero", O_RDWR | O_DIRECT));
	SHOW(open("/proc/self/status", O_RDONLY | O_DIRECT));
	SHOW(open("fifo", O_RDWR | O_DIRECT));
	SHOW(fd = open("file", O_PATH | O_DIRECT));
	close(fd);
	status();
	disk();
	others();
	return 0;
}
