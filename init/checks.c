/*
 * checks: a machine without a job proves itself. A handful of things that every program leans on,
 * each tried once from here, outside the kernel.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/mman.h"
#include "abi/wait.h"
#include "init.h"
#include "sys.h"

#define PATH "/tmp/init-check"
#define TEXT "written by init"

static char child_stack[8192] __attribute__((aligned(16)));

static int check_file(void)
{
	char back[sizeof(TEXT)] = "";
	long fd = sys3(open, PATH, O_RDWR | O_CREAT | O_EXCL, 0600);
	int good = fd >= 0 && sys3(write, fd, TEXT, sizeof(TEXT)) == sizeof(TEXT) &&
	           sys3(lseek, fd, 0, SEEK_SET) == 0 &&
	           sys3(read, fd, back, sizeof(back)) == sizeof(TEXT) && text_equal(back, TEXT);

	sys1(close, fd);
	return good && sys1(unlink, PATH) == 0 && sys3(open, PATH, O_RDONLY, 0) == -ENOENT;
}

static int check_memory(void)
{
	enum { BYTES = 1 << 20 };
	char *area = (char *)sys6(
		mmap, 0, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int good = (long)area > 0;

	for (long i = 0; good && i < BYTES; i += 4096) {
		good = area[i] == 0;
		area[i] = 1;
	}
	return good && sys2(munmap, area, BYTES) == 0;
}

static int check_bad_pointer(void)
{
	return sys3(write, CONSOLE_FD, 8, 1) == -EFAULT &&
	       sys3(write, CONSOLE_FD, 0xffff800000000000, 1) == -EFAULT &&
	       sys3(write, 99, "", 1) == -EBADF;
}

static int check_time(void)
{
	enum { MONOTONIC = 1 };
	int64_t before[2], after[2];

	if (sys2(clock_gettime, MONOTONIC, before))
		return 0;
	pause_1ms();
	return sys2(clock_gettime, MONOTONIC, after) == 0 &&
	       (after[0] - before[0]) * 1000000000 + after[1] - before[1] >= 1000000;
}

static void child(void *argument)
{
	*(int *)argument = 1;
	sys1(exit, 42);
}

static int check_child(void)
{
	volatile int ran = 0;
	int status = 0;
	long pid = spawn(child, (void *)&ran, child_stack + sizeof(child_stack));

	return pid > 0 && ran && sys4(wait4, pid, &status, 0, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 42;
}

int checks_run(void)
{
	static const struct {
		const char *failure;
		int (*run)(void);
	} checks[] = {
		{ "FAILED: a file does not give back what was written", check_file },
		{ "FAILED: fresh memory is not there, or not zero", check_memory },
		{ "FAILED: a bad pointer or descriptor is not refused", check_bad_pointer },
		{ "FAILED: time does not pass as it should", check_time },
		{ "FAILED: a child does not run and end", check_child },
	};
	int failed = 0;

	for (unsigned i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		if (checks[i].run())
			continue;
		say(checks[i].failure, 0);
		failed++;
	}
	return failed;
}
