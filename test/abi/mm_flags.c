/* mmap's flags, one by one and together; fixed places, limits. */
#include "show.h"

#include <sys/resource.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
enum { PAGE = 4096 };

#define MAP(flags, fd) show_map(#flags ", " #fd, mmap(NULL, PAGE, RW, flags, fd, 0))

static void show_limit(const char *name, int which, unsigned long limit, size_t bytes)
{
	struct rlimit old, set;
	void *area;

	getrlimit(which, &old);
	set = old;
	set.rlim_cur = limit;
	setrlimit(which, &set);
	area = mmap(NULL, bytes, RW, ANON | MAP_NORESERVE, -1, 0);
	setrlimit(which, &old);
	printf("%s %lu, %zu bytes: %s\n", name, limit, bytes,
		area == MAP_FAILED ? strerror(errno) : "mapped");
	if (area != MAP_FAILED)
		munmap(area, bytes);
}

/* What a mapping takes the place of does not count twice. */
static void replace(void)
{
	size_t bytes = 64 << 20;
	char *area = mmap(NULL, bytes, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	struct rlimit old, set;

	getrlimit(RLIMIT_AS, &old);
	set = (struct rlimit){ 80 << 20, old.rlim_max };
	setrlimit(RLIMIT_AS, &set);
	SHOW_MAP(mmap(area, bytes, RW, ANON | MAP_NORESERVE | MAP_FIXED, -1, 0));
	SHOW_MAP(mmap(NULL, bytes, RW, ANON | MAP_NORESERVE, -1, 0));
	SHOW_MAP(mmap(area + bytes / 2, bytes, RW, ANON | MAP_NORESERVE | MAP_FIXED, -1, 0));
	setrlimit(RLIMIT_AS, &old);
	munmap(area, bytes);
}

int main(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600), reader, writer;
	char *a, *b;
	char *low = (char *)0x50000000;

	ftruncate(fd, 3 * PAGE);
	reader = open("f", O_RDONLY);
	writer = open("f", O_WRONLY);
	MAP(ANON, -1);
	MAP(MAP_SHARED | MAP_ANONYMOUS, -1);
	MAP(ANON | MAP_GROWSDOWN, -1);
	MAP(ANON | MAP_STACK | MAP_NORESERVE, -1);
	MAP(ANON | MAP_POPULATE, -1);
	MAP(ANON | MAP_DENYWRITE | MAP_EXECUTABLE, -1);
	MAP(MAP_SHARED | MAP_GROWSDOWN | MAP_ANONYMOUS, -1);
	MAP(0x03 | MAP_ANONYMOUS, -1);
	MAP(0x04 | MAP_ANONYMOUS, -1);
	MAP(MAP_PRIVATE, fd);
	MAP(MAP_SHARED, fd);
	MAP(0x03, fd);
	MAP(0x03 | 0x800000, fd);
	MAP(MAP_SHARED | 0x800000, fd);
	MAP(MAP_SHARED, reader);
	MAP(MAP_PRIVATE, reader);
	MAP(MAP_PRIVATE, writer);
	MAP(MAP_SHARED, writer);
	MAP(MAP_PRIVATE | MAP_GROWSDOWN, fd);
	MAP(MAP_PRIVATE, open(".", O_RDONLY));

	a = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
	SHOW(mprotect(a, PAGE, RW));
	a = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, reader, 0);
	SHOW(mprotect(a, PAGE, RW));
	SHOW_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 1));

	a = mmap(NULL, 8 * PAGE, RW, ANON, -1, 0);
	SHOW(mmap(a + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == a + PAGE);
	SHOW_MAP(mmap(a + PAGE, PAGE, RW, ANON | 0x100000, -1, 0)); /* MAP_FIXED_NOREPLACE */
	munmap(a + 2 * PAGE, PAGE);
	SHOW(mmap(a + 2 * PAGE, PAGE, RW, ANON | 0x100000, -1, 0) == a + 2 * PAGE);
	munmap(a + 2 * PAGE, PAGE);
	SHOW(mmap(a + 2 * PAGE, PAGE, RW, ANON, -1, 0) == a + 2 * PAGE);
	SHOW(mmap(a + 2 * PAGE, PAGE, RW, ANON, -1, 0) == a + 2 * PAGE);
	b = mmap(NULL, PAGE, RW, ANON | MAP_32BIT, -1, 0);
	SHOW(b != MAP_FAILED && (unsigned long)b < 0x80000000);
	/* A hint counts there, too, as long as all of it is of 31 bits. */
	SHOW(mmap(low, 2 * PAGE, RW, ANON | MAP_32BIT, -1, 0));
	b = mmap(low + PAGE, PAGE, RW, ANON | MAP_32BIT, -1, 0);
	SHOW(b != MAP_FAILED && b != low + PAGE && (unsigned long)b < 0x80000000);
	b = mmap((char *)0x80000000 - PAGE, 2 * PAGE, RW, ANON | MAP_32BIT, -1, 0);
	SHOW(b != MAP_FAILED && (unsigned long)b < 0x80000000 - PAGE);
	SHOW(mmap((char *)0x20000000, PAGE, RW, ANON | MAP_32BIT, -1, 0));
	SHOW_MAP(mmap(NULL, 1ul << 40, RW, ANON | MAP_32BIT | MAP_NORESERVE, -1, 0));
	/* Less than a page is no hint; a page below the lowest is the lowest. */
	SHOW((unsigned long)mmap((void *)5, PAGE, RW, ANON, -1, 0) > 0x100000000);
	SHOW(mmap((void *)PAGE, PAGE, RW, ANON, -1, 0));

	/* The highest place that is free: below what was placed before, until there is a hole. */
	a = mmap(NULL, 16 * PAGE, PROT_NONE, ANON, -1, 0);
	b = mmap(NULL, 4 * PAGE, PROT_READ, ANON, -1, 0);
	SHOW(a - b);
	munmap(a + 4 * PAGE, 4 * PAGE);
	SHOW((char *)mmap(NULL, 5 * PAGE, RW, ANON, -1, 0) - a);
	SHOW((char *)mmap(NULL, 3 * PAGE, RW, ANON, -1, 0) - a);
	SHOW((char *)mmap(NULL, PAGE, RW, ANON, -1, 0) - a);

	show_limit("RLIMIT_AS", RLIMIT_AS, 64 << 20, 1 << 20);
	show_limit("RLIMIT_AS", RLIMIT_AS, 64 << 20, 128 << 20);
	replace();
	SHOW_MAP(mmap(NULL, 1ul << 42, RW, ANON, -1, 0));
	SHOW_MAP(mmap(NULL, 1ul << 42, RW, ANON | MAP_NORESERVE, -1, 0));
	SHOW_MAP(mmap(NULL, 1ul << 42, PROT_READ, ANON, -1, 0));
	SHOW_MAP(mmap(NULL, 1ul << 42, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	a = SHOW_MAP(mmap(NULL, 1ul << 42, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
	SHOW(a[1ul << 41] = 5);
	SHOW(a[1ul << 41]);
	SHOW_MAP(mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, INT64_MAX - PAGE + 1));
	SHOW_MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, INT64_MAX - 2 * PAGE + 1));
	SHOW(mprotect(a, 0, 99));
	SHOW(mprotect(a, PAGE, 99));
	return 0;
}
