/* Areas that grow down: how far, and what stops them. Each touch in a child of its own. */
#include "show.h"

#include <sys/resource.h>
#include <sys/wait.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
enum { PAGE = 4096, GUARD = 256 * PAGE };

static void touch(const char *what, volatile char *at)
{
	int status = 0;

	fflush(stdout);
	if (fork() == 0) {
		*at = 1;
		_exit(*at);
	}
	wait(&status);
	printf("%s: %s\n", what, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "written");
	fflush(stdout);
}

/* A stack of 4 pages with 64 MiB of nothing below. */
static char *make_stack(void)
{
	char *room = mmap(NULL, 65 << 20, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	char *at = room + (64 << 20);

	munmap(room, 65 << 20);
	return mmap(at, 4 * PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
}

int main(void)
{
	struct rlimit limit;
	char *stack = make_stack();

	touch("in it", stack);
	touch("a page below", stack - 1);
	touch("1 MiB below", stack - (1 << 20));
	touch("7 MiB below", stack - (7 << 20));
	touch("beyond the limit", stack - (9 << 20));
	touch("above it", stack + 4 * PAGE);

	/* Something below: the guard of 256 pages stays free, unless nobody can touch it anyway. */
	char *below = mmap(stack - GUARD - 8 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	touch("down to the guard", below + PAGE + GUARD);
	touch("into the guard", below + PAGE + GUARD - PAGE);
	touch("what is below", below);
	mprotect(below, PAGE, PROT_NONE);
	touch("into the guard of nothing", below + PAGE + GUARD - PAGE);
	touch("down to nothing", below + PAGE);
	munmap(below, PAGE);

	getrlimit(RLIMIT_STACK, &limit);
	limit.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_STACK, &limit);
	touch("within a smaller limit", stack - (1 << 19));
	touch("beyond a smaller limit", stack - (1 << 20));
	touch("the program's own, beyond it", (char *)&limit - (2 << 20));

	/* Nothing is placed right below a stack. */
	munmap(stack, 4 * PAGE);
	return 0;
}
