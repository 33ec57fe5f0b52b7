/*
 * Uses memory in each way there is: private and shared mappings, of nothing and of a file, moved,
 * cut, protected; children that share and write; a file that grows, shrinks and goes. Ends with all
 * of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 600 };

static char *map(int flags, int fd)
{
	return mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static void child(char *private, char *shared, char *file)
{
	if (fork() == 0) {
		memset(private, 3, PAGES * PAGE / 2);
		memset(shared, 4, PAGES * PAGE / 3);
		file[5 * PAGE] = 5;
		private = mremap(private, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
		_exit(private[PAGE] != 3);
	}
}

int main(void)
{
	int fd = open("/tmp/churn", O_RDWR | O_CREAT, 0600), status, failed = 0;
	char *private = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *shared = map(MAP_SHARED | MAP_ANONYMOUS, -1);

	ftruncate(fd, PAGES * PAGE);
	char *file = map(MAP_SHARED, fd), *copy = map(MAP_PRIVATE, fd);
	memset(private, 1, PAGES * PAGE);
	memset(file, 2, PAGES * PAGE);
	memset(copy, 3, PAGES * PAGE / 4);
	unlink("/tmp/churn");
	for (int i = 0; i < 6; i++)
		child(private, shared, file);
	munmap(private + 100 * PAGE, 7 * PAGE);
	mprotect(private + 200 * PAGE, 9 * PAGE, PROT_NONE);
	ftruncate(fd, PAGES / 2 * PAGE);
	madvise(private + 300 * PAGE, 50 * PAGE, MADV_DONTNEED);
	while (wait(&status) > 0)
		failed += status != 0;
	return private[0] == 1 && shared[0] == 4 && file[5 * PAGE] == 5 && copy[0] == 3 ? failed
	                                                                                : 99;
}
