/* mlock, mlockall and what they count; mincore; msync. */
#include "show.h"

#include <sys/resource.h>
#include <sys/wait.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
enum { PAGE = 4096 };

static char *map(size_t pages, int flags)
{
	return mmap(NULL, pages * PAGE, RW, ANON | flags, -1, 0);
}

static void limit(unsigned long bytes)
{
	struct rlimit limit = { bytes, bytes };

	SHOW(setrlimit(RLIMIT_MEMLOCK, &limit));
}

static void show_core(const char *what, void *area, size_t pages)
{
	unsigned char vector[64];

	memset(vector, 9, sizeof(vector));
	printf("%s: mincore = %d %s:", what, mincore(area, pages * PAGE, vector), strerror(errno));
	for (size_t i = 0; i < pages; i++)
		printf(" %d", vector[i] == 9 ? 9 : vector[i] & 1);
	puts("");
	errno = 0;
}

static long locked_kb(void)
{
	char line[256];
	long kb = -1;
	FILE *status = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof(line), status))
		sscanf(line, "VmLck: %ld kB", &kb);
	fclose(status);
	return kb;
}

static void resident(void)
{
	char *area = map(8, 0), *file, *more;
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	area[PAGE] = area[3 * PAGE] = 1;
	show_core("touched 1 and 3", area, 8);
	SHOW(madvise(area + PAGE, PAGE, MADV_DONTNEED));
	show_core("given back 1", area, 8);
	SHOW(madvise(area, 4 * PAGE, 23)); /* MADV_POPULATE_WRITE */
	show_core("populated 0 to 3", area, 8);
	SHOW(mprotect(area + 6 * PAGE, PAGE, PROT_READ));
	SHOW(madvise(area + 5 * PAGE, 2 * PAGE, 23));
	SHOW(madvise(area + 6 * PAGE, PAGE, 22)); /* MADV_POPULATE_READ */
	munmap(area + 7 * PAGE, PAGE);
	SHOW(madvise(area + 6 * PAGE, 2 * PAGE, 22));
	SHOW(mincore(area, 8 * PAGE, (void *)area));
	SHOW(mincore(area + 1, PAGE, (void *)area));
	SHOW(mincore(area, PAGE, (void *)8));
	SHOW(mincore(area, 0, (void *)8));
	SHOW(mincore((void *)(1ul << 62), PAGE, (void *)area));
	ftruncate(fd, 2 * PAGE);
	pwrite(fd, "x", 1, 0);
	pwrite(fd, "x", 1, PAGE);
	file = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);
	show_core("a file's pages", file, 3);
	SHOW(madvise(file, 3 * PAGE, 22));
	SHOW(msync(file, 3 * PAGE, MS_SYNC));
	SHOW(msync(file, 3 * PAGE, MS_ASYNC));
	SHOW(msync(file, 3 * PAGE, MS_ASYNC | MS_SYNC));
	SHOW(msync(file, PAGE, 8));
	SHOW(msync(file + 1, PAGE, MS_SYNC));
	SHOW(msync(file, 0, MS_SYNC));
	SHOW(msync(file, -PAGE, MS_SYNC));
	munmap(file + PAGE, PAGE);
	SHOW(msync(file, 3 * PAGE, MS_SYNC));
	SHOW(msync(file + PAGE, PAGE, MS_SYNC));
	SHOW(mlock(file, 1));
	SHOW(msync(file, PAGE, MS_INVALIDATE));
	SHOW(munlock(file, 1));
	SHOW(msync(file, PAGE, MS_INVALIDATE));
	more = mmap(NULL, 4 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
	show_core("MAP_POPULATE", more, 4);
}

static void lock_as_root(void)
{
	char *area = map(8, 0), *none;

	SHOW(mlock(area + 100, PAGE));
	show_core("locked", area, 3);
	SHOW(locked_kb());
	SHOW(madvise(area, PAGE, MADV_DONTNEED));
	SHOW(syscall(SYS_mlock2, area + 4 * PAGE, PAGE, 1)); /* MLOCK_ONFAULT */
	show_core("on fault", area + 4 * PAGE, 1);
	SHOW(syscall(SYS_mlock2, area + 4 * PAGE, PAGE, 2));
	SHOW(munlock(area, 8 * PAGE));
	SHOW(locked_kb());
	munmap(area + 2 * PAGE, PAGE);
	SHOW(mlock(area, 4 * PAGE));
	SHOW(munlock(area, 4 * PAGE));
	SHOW(mlock(area, 0));
	SHOW(mlock((void *)-PAGE, 2 * PAGE));
	none = mmap(NULL, PAGE, PROT_NONE, ANON, -1, 0);
	SHOW(mlock(none, PAGE));
	SHOW(munlock(none, PAGE));
	SHOW(mlockall(0));
	SHOW(mlockall(8));
	SHOW(mlockall(4));
	munlock(area, 2 * PAGE);
	SHOW(mlockall(MCL_FUTURE));
	area = map(2, 0);
	show_core("future", area, 2);
	SHOW(locked_kb());
	SHOW(munlockall());
	SHOW(locked_kb());
	SHOW(mlockall(MCL_CURRENT));
	SHOW(locked_kb() > 0);
	if (fork() == 0) {
		SHOW(locked_kb());
		exit(0);
	}
	wait(NULL);
	SHOW(munlockall());
}

static void lock_with_limit(void)
{
	char *area = map(32, 0), *more;

	limit(4 * PAGE);
	SHOW(setuid(1000));
	SHOW(mlock(area, 5 * PAGE));
	SHOW(mlock(area, 4 * PAGE));
	SHOW(mlock(area + 2 * PAGE, 2 * PAGE));
	SHOW(mlock(area + 4 * PAGE, PAGE));
	more = map(1, MAP_LOCKED);
	printf("one more: %s\n", more == MAP_FAILED ? strerror(errno) : "mapped");
	SHOW(munlock(area + 3 * PAGE, PAGE));
	more = map(1, MAP_LOCKED);
	printf("in its place: %s\n", more == MAP_FAILED ? strerror(errno) : "mapped");
	SHOW((long)mremap(more, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	SHOW(mlockall(MCL_CURRENT));
	limit(0);
	SHOW(mlock(area, PAGE));
	SHOW(mlockall(MCL_CURRENT));
	SHOW((long)map(1, MAP_LOCKED));
	SHOW(munlock(area, PAGE));
}

int main(void)
{
	resident();
	lock_as_root();
	lock_with_limit();
	return 0;
}
