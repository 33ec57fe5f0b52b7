/* Bad pointers to each call: an error, never harm. Each call gets a row of them. */
#include "show.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#define TRY(call, ...)                                                                             \
	do {                                                                                       \
		long r = syscall(SYS_##call, __VA_ARGS__);                                         \
		printf("%s %s: %s\n", #call, bad[i].name, r < 0 ? strerror(errno) : "accepted");   \
	} while (0)

int main(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct {
		const char *name;
		void *pointer;
	} bad[] = {
		{ "null+8", (void *)8 },
		{ "unmapped", (void *)0x5000000000 },
		{ "page end", page + 4095 },
		{ "kernel", (void *)0xffffffff80200000 },
		{ "direct map", (void *)0xffff800000001000 },
		{ "non-canonical", (void *)0x0000900000000000 },
		{ "top", (void *)-1l },
		{ "user end", (void *)0x7fffffffefff },
	};
	int fd = open("f", O_RDWR | O_CREAT, 0600), dir = open(".", O_RDONLY);

	munmap(page + 4096, 4096);
	page[4095] = 'x'; /* a string without its end, a struct cut in two */
	if (write(fd, "some text to be read", 20) != 20)
		return 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		void *p = bad[i].pointer;

		lseek(fd, 0, SEEK_SET);
		TRY(read, fd, p, 10);
		TRY(write, fd, p, 10);
		TRY(pread64, fd, p, 10, 0);
		TRY(open, p, O_RDONLY);
		TRY(stat, p, page);
		TRY(stat, ".", p);
		TRY(fstat, fd, p);
		TRY(newfstatat, AT_FDCWD, ".", p, 0);
		TRY(access, p, 0);
		TRY(chdir, p);
		TRY(mkdir, p, 0755);
		TRY(rename, "missing", p);
		TRY(symlink, p, "x");
		TRY(readlink, p, page, 10);
		TRY(unlink, p);
		TRY(getcwd, p, 100);
		lseek(dir, 0, SEEK_SET);
		TRY(getdents64, dir, p, 1000);
		TRY(readv, fd, p, 1);
		TRY(writev, fd, p, 1);
		TRY(uname, p);
		TRY(sysinfo, p);
		TRY(getrlimit, RLIMIT_STACK, p);
		TRY(gettimeofday, p, NULL);
		TRY(nanosleep, p, NULL);
		TRY(clock_gettime, CLOCK_REALTIME, p);
		TRY(getrandom, p, 10, 0);
		TRY(rt_sigaction, 10, p, NULL, 8);
		TRY(rt_sigprocmask, 0, p, NULL, 8);
		TRY(poll, p, 1, 0);
		TRY(wait4, -1, p, 0, NULL);
		TRY(execve, p, NULL, NULL);
		TRY(execve, "/abi/die", p, NULL);
		TRY(utimensat, AT_FDCWD, "f", p, 0);
		TRY(statfs, p, page);
		TRY(futex, p, 0, 1, NULL, NULL, 0);
	}
	return 0;
}
