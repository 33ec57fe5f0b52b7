/*
 * A small process beside one that takes all memory: the large one must go, and the small one, which
 * needs a page now and then, must not notice.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN_BYTES (4 << 20)

/* flags: private memory, or memory that is only free when its process has ended. */
static void eat(int flags)
{
	for (;;) {
		char *block =
			mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

		if (block == MAP_FAILED)
			_exit(3);
		memset(block, 1, 1 << 20);
	}
}

static void eat_private(void)
{
	eat(MAP_PRIVATE);
}

static void eat_shared(void)
{
	eat(MAP_SHARED);
}

/* Each read of a page of zeros costs the kernel a page table, and the program nothing. */
static void eat_tables(void)
{
	size_t bytes = 1ul << 40, step = 2 << 20;
	char *block =
		mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (block == MAP_FAILED)
		_exit(3);
	for (size_t i = 0; i < bytes; i += step)
		(void)*(volatile char *)(block + i);
}

int main(void)
{
	static void (*const kinds[])(void) = { eat_private, eat_shared, eat_tables };
	char *own = malloc(OWN_BYTES);

	memset(own, 1, OWN_BYTES);

	for (int i = 0; i < 6; i++) {
		int status, killed = 0, touched = 0;
		pid_t pid = fork();

		if (pid == 0)
			kinds[i % 3]();
		while (waitpid(pid, &status, WNOHANG) == 0) {
			char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (page != MAP_FAILED) {
				*page = 1;
				munmap(page, 4096);
				touched = 1;
			}
		}
		killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		printf("%s%s\n", killed ? "killed" : "not killed", touched ? "" : ", and so was I");
	}
	return 0;
}
