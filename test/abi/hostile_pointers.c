/* More calls with bad pointers (efault.c has the common ones), and ranges that wrap. */
#include "show.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#define TRY(call, ...)                                                                             \
	do {                                                                                       \
		page[4095] = 'x'; /* a call may have written there before it failed */             \
		long r = syscall(SYS_##call, __VA_ARGS__);                                         \
		printf("%s %s: %s\n", #call, bad[i].name, r < 0 ? strerror(errno) : "accepted");   \
	} while (0)

static void try_pointers(int fd, char *page)
{
	const struct {
		const char *name;
		void *pointer;
	} bad[] = {
		{ "null+8", (void *)8 },
		{ "page end", page + 4095 },
		{ "kernel", (void *)0xffffffff80200000 },
		{ "non-canonical", (void *)0x0123456789abc000 },
		{ "top", (void *)-1l },
		{ "user end", (void *)0x7fffffffefff },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		void *p = bad[i].pointer;
		struct iovec into = { p, 100 };

		TRY(lstat, p, page);
		TRY(statx, AT_FDCWD, ".", 0, 0x7ff, p);
		TRY(openat, AT_FDCWD, p, O_RDONLY);
		TRY(rmdir, p);
		TRY(link, p, "x");
		TRY(link, "f", p);
		TRY(chmod, p, 0644);
		TRY(chown, p, 0, 0);
		TRY(truncate, p, 0);
		TRY(mknod, p, S_IFREG | 0644, 0);
		TRY(pwrite64, fd, p, 10, 0);
		TRY(preadv, fd, p, 1, 0);
		TRY(preadv, fd, &into, 1, 0);
		TRY(pwritev, fd, &into, 1, 0);
		TRY(getgroups, 1, p);
		TRY(prlimit64, 0, RLIMIT_NOFILE, NULL, p);
		TRY(prlimit64, 0, RLIMIT_NOFILE, p, NULL);
		TRY(getrusage, RUSAGE_SELF, p);
		TRY(times, p);
		TRY(time, p);
		TRY(clock_getres, CLOCK_REALTIME, p);
		TRY(clock_nanosleep, CLOCK_REALTIME, 0, p, NULL);
		TRY(sched_getaffinity, 0, 128, p);
		TRY(rt_sigaction, SIGUSR1, NULL, p, 8);
		TRY(rt_sigprocmask, SIG_BLOCK, NULL, p, 8);
		TRY(rt_sigpending, p, 8);
		TRY(sigaltstack, NULL, p);
		TRY(sigaltstack, p, NULL);
		TRY(arch_prctl, 0x1003, p); /* ARCH_GET_FS */
		TRY(ppoll, NULL, 0, p, NULL, 8);
		TRY(ioctl, fd, 0x5401, p); /* TCGETS */
		TRY(faccessat, AT_FDCWD, p, 0);
		TRY(getresuid, p, p, p);
		TRY(munmap, p, 4096);
		TRY(mprotect, p, 4096, PROT_READ);
		TRY(madvise, p, 4096, MADV_DONTNEED);
		fflush(stdout);
	}
	/* A segment base is a pointer, too. */
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if ((long)bad[i].pointer < 0 || (long)bad[i].pointer > 0x7fffffffefff)
			TRY(arch_prctl, 0x1001, bad[i].pointer); /* ARCH_SET_GS */
	}
}

/* Lengths that wrap around, or that no memory has. */
static void try_lengths(int fd, char *page)
{
	lseek(fd, 0, SEEK_SET);
	SHOW(read(fd, page, -1ul));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(read(fd, page + 4000, 1ul << 32));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(write(fd, page + 4000, 4096));
	SHOW(write(fd, (void *)-4096l, 4096));
	SHOW(write(fd, (void *)0x7fffffffe000, 1ul << 47));
	SHOW_MAP(mmap(NULL, -1ul, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW_MAP(mmap(NULL, -4096ul, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW(munmap(page, -1ul));
	SHOW(madvise(page, -1ul, MADV_DONTNEED));
}

int main(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	munmap(page + 4096, 4096);
	page[4095] = 'x';
	if (write(fd, "some text to be read", 20) != 20)
		return 1;
	try_pointers(fd, page);
	try_lengths(fd, page);
	return 0;
}
