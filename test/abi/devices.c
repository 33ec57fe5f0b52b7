/* /dev/null, zero, full, random: what they give, and mappings of zero, which are memory. */
#include "show.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

/* A child writes a byte into each of two pages of both. */
static void show_shared(volatile char *own, volatile char *shared)
{
	if (fork() == 0) {
		own[5] = own[5000] = shared[5] = shared[5000] = 1;
		_exit(0);
	}
	wait(NULL);
	printf("own %d %d, shared %d %d\n", own[5], own[5000], shared[5], shared[5000]);
	fflush(stdout);
}

static void map_zero(void)
{
	int both = open("/dev/zero", O_RDWR), reads = open("/dev/zero", O_RDONLY);
	int writes = open("/dev/zero", O_WRONLY);
	char *own = SHOW_MAP(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, both, 0));
	char *shared = SHOW_MAP(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, both, 0));
	char *far =
		SHOW_MAP(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, reads, 4096L << 20));
	char *constant = SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_SHARED, reads, 0));

	show_shared(own, shared);
	far[0] = 1;
	SHOW(mprotect(constant, 4096, PROT_READ | PROT_WRITE));
	SHOW(madvise(shared, 8192, MADV_DONTNEED));
	SHOW(shared[5]);
	SHOW(msync(shared, 8192, MS_SYNC));
	SHOW_MAP(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reads, 0));
	SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, writes, 0));
	SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, both, 1));
	SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open("/dev/null", O_RDWR), 0));
	SHOW(close(both) + close(reads) + close(writes));
	SHOW(shared[5]);
}

static void show_poll(const char *device)
{
	struct pollfd one = { .fd = open(device, O_RDWR), .events = -1 };

	printf("%s: poll %d", device, poll(&one, 1, 0));
	printf(", events %x\n", one.revents);
	fflush(stdout);
	close(one.fd);
}

int main(void)
{
	char buffer[100];
	int fd, zeros = 0;

	memset(buffer, 1, sizeof(buffer));
	fd = open("/dev/null", O_RDWR);
	SHOW(read(fd, buffer, 10));
	SHOW(write(fd, buffer, 10));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(ioctl(fd, TIOCGWINSZ, buffer));
	SHOW(isatty(fd));
	close(fd);
	fd = open("/dev/zero", O_RDWR);
	SHOW(read(fd, buffer, sizeof(buffer)));
	for (size_t i = 0; i < sizeof(buffer); i++)
		zeros += buffer[i] == 0;
	SHOW(zeros);
	SHOW(write(fd, buffer, 10));
	close(fd);
	fd = open("/dev/full", O_RDWR);
	SHOW(read(fd, buffer, 10));
	SHOW(write(fd, buffer, 10));
	SHOW(write(fd, buffer, 0));
	close(fd);
	map_zero();
	show_poll("/dev/null");
	show_poll("/dev/full");
	show_poll("/dev/random");
	show_poll("/dev/urandom");
	SHOW(open("/dev/missing", O_RDONLY));
	SHOW(unlink("/dev/missing"));
	SHOW(chdir("/dev"));
	SHOW(access("null", R_OK | W_OK));
	return 0;
}
