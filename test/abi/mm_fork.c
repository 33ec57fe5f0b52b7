/* Memory over fork: private memory parts at the first write, shared memory never. */
#include "show.h"

#include <sys/wait.h>

#define RW (PROT_READ | PROT_WRITE)
enum { PAGE = 4096, PAGES = 40 };

static char *map(int flags)
{
	return mmap(NULL, PAGES * PAGE, RW, flags | MAP_ANONYMOUS, -1, 0);
}

static int sum(const char *area)
{
	int total = 0;

	for (int i = 0; i < PAGES; i++)
		total += area[i * PAGE];
	return total;
}

/* Runs fn in a child; shows what it returns. */
#define IN_CHILD(expression)                                                                       \
	do {                                                                                       \
		int status = -1;                                                                   \
		fflush(stdout);                                                                    \
		if (fork() == 0)                                                                   \
			_exit(expression);                                                         \
		wait(&status);                                                                     \
		printf("child %s: %#x\n", #expression, status);                                    \
	} while (0)

static int write_all(char *area, char value)
{
	for (int i = 0; i < PAGES; i++)
		area[i * PAGE] = value;
	return sum(area);
}

/* Children of children, each with its own change; the oldest writes last. */
static int chain(char *area, int depth)
{
	int status = 0;

	if (depth == 0)
		return area[0];
	area[0]++;
	if (fork() == 0)
		_exit(chain(area, depth - 1));
	wait(&status);
	return WEXITSTATUS(status) == area[0] + depth - 1 ? area[0] + depth - 1 : 99;
}

int main(void)
{
	char *private = map(MAP_PRIVATE), *shared = map(MAP_SHARED), *later;
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	if (ftruncate(fd, PAGES * PAGE))
		return 1;
	char *file = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE, fd, 0);
	char *file_shared = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, fd, 0);

	write_all(private, 1);
	IN_CHILD(sum(private));
	IN_CHILD(write_all(private, 2));
	SHOW(sum(private));
	IN_CHILD(write_all(shared, 3));
	SHOW(sum(shared));
	IN_CHILD(write_all(file, 1));
	SHOW(sum(file));
	IN_CHILD(write_all(file_shared, 2));
	SHOW(sum(file_shared));
	SHOW(sum(file));
	IN_CHILD(chain(private, 5));
	SHOW(private[0]);

	/* What the child takes away is still the parent's. */
	IN_CHILD(munmap(private, PAGES * PAGE));
	IN_CHILD(mprotect(private, PAGES * PAGE, PROT_NONE));
	IN_CHILD(madvise(private, PAGES * PAGE, MADV_DONTNEED) + sum(private));
	SHOW(sum(private));
	IN_CHILD(madvise(shared, PAGES * PAGE, MADV_DONTNEED) + sum(shared));
	SHOW(sum(shared));

	/* Rights that are taken away before the fork stay away, and come back after it. */
	SHOW(mprotect(private, PAGES * PAGE, PROT_READ));
	IN_CHILD(can_write(private) == EFAULT);
	IN_CHILD(mprotect(private, PAGES * PAGE, RW) + write_all(private, 2));
	SHOW(mprotect(private, PAGES * PAGE, RW));
	SHOW(sum(private));
	later = map(MAP_SHARED);
	IN_CHILD(write_all(later, 1));
	SHOW(sum(later));
	IN_CHILD(brk(0) == -1 ? 1 : *(char *)sbrk(PAGE));
	return 0;
}
