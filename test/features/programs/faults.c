/*
 * faults SCENARIO: does the same again and again, and each time another of the kernel's allocations
 * fails, from the first to the last there is. Each time it must work, or fail with an errno that
 * stands for want of memory, or be killed; and afterwards the process has what it had before.
 * Prints how many allocations failed. Wants the DEBUG kernel.
 */
#include "scenarios.h"

#define PR_COR_FAIL      0x436f7201
#define PR_COR_FAIL_LEFT 0x436f7202
#define MOST             3000

/* What the process has: its lowest free descriptor, and how many areas of memory. */
static int descriptors(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static int areas(void)
{
	static char text[1 << 16];
	int fd = open("/proc/self/maps", O_RDONLY), lines = 0;
	ssize_t bytes;

	while ((bytes = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < bytes; i++)
			lines += text[i] == '\n';
	close(fd);
	return lines;
}

static int is_want(int err)
{
	return err == -ENOMEM || err == -EAGAIN || err == -ENOSPC || err == -ENOBUFS ||
	       err == -ENFILE || err == -EFAULT || err == -EIO || err == -ENOLCK;
}

/* In a child, which may be killed: 0 no allocation was left to fail, 1 one failed, 2 a mistake. */
static int attempt(int (*run)(void), unsigned n)
{
	int before = descriptors(), had = areas(), err, left;

	prctl(PR_COR_FAIL, n);
	err = run();
	left = prctl(PR_COR_FAIL_LEFT);
	prctl(PR_COR_FAIL, 0);
	if (left > 0 && err) {
		printf("nothing failed at %u, and yet: %s\n", n, strerror(-err));
		return 2;
	}
	if (err && !is_want(err)) {
		printf("at %u: %s\n", n, strerror(-err));
		return 2;
	}
	if (descriptors() != before || areas() != had) {
		printf("at %u: something is left\n", n);
		return 2;
	}
	if (run() && left == 0) {
		printf("at %u: the next time fails too: %s\n", n, strerror(errno));
		return 2;
	}
	return left == 0;
}

static int try(int (*run)(void), unsigned n)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int result = attempt(run, n);

		fflush(stdout);
		_exit(result);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("fork");
		return 2;
	}
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGSEGV ||
		                       WTERMSIG(status) == SIGBUS
		               ? 1
		               : 2;
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	unsigned n = 1, result = 1;

	setvbuf(stdout, NULL, _IOFBF, 1024);
	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "nothing")) /* what exec starts: the old program's count goes on */
		return prctl(PR_COR_FAIL_LEFT) > 0 ? 0 : 1;
	if (prctl(PR_COR_FAIL, 0)) {
		puts("this is not the DEBUG kernel");
		return 2;
	}
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		if (strcmp(argv[1], scenarios[i].name))
			continue;
		while (result == 1 && n < MOST)
			result = try(scenarios[i].run, n++);
		printf("%s: %u allocations failed, one after another\n", argv[1], n - 2);
		return result != 0 || n <= 2;
	}
	return 2;
}
