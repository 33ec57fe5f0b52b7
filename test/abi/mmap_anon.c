/* Anonymous memory: zero at first, protections, what is refused. */
#include "show.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
enum { PAGE = 4096, MANY = 64 << 20 };

int main(void)
{
	char *a = SHOW_MAP(mmap(NULL, 3 * PAGE, RW, ANON, -1, 0)), *big;
	long sum = 0;

	SHOW((long)a % PAGE);
	for (int i = 0; i < 3 * PAGE; i++)
		sum += a[i];
	SHOW(sum);
	memset(a, 7, 3 * PAGE);
	SHOW(a[0] + a[PAGE] + a[3 * PAGE - 1]);
	show_access("rw", a);
	show_access("none", mmap(NULL, PAGE, PROT_NONE, ANON, -1, 0));
	show_access("read only", mmap(NULL, PAGE, PROT_READ, ANON, -1, 0));
	SHOW_MAP(mmap(NULL, 0, RW, ANON, -1, 0));
	SHOW_MAP(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0));
	SHOW_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0));
	SHOW_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE, 99, 0));
	SHOW_MAP(mmap(NULL, 1ul << 48, RW, ANON, -1, 0));
	SHOW_MAP(mmap((void *)1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	SHOW_MAP(mmap((void *)0xffff800000000000, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	SHOW_MAP(mmap(NULL, 1, RW, ANON, -1, 0));

	/* A hint is followed where there is room. */
	SHOW(mmap((void *)0x10000000, PAGE, RW, ANON, -1, 0) == (void *)0x10000000);
	SHOW(mmap((void *)0x10000000, PAGE, RW, ANON, -1, 0) == (void *)0x10000000);

	/* Much of it, touched here and there. */
	big = mmap(NULL, MANY, RW, ANON | MAP_NORESERVE, -1, 0);
	for (long i = 0; i < MANY; i += 1 << 20)
		big[i] = i >> 20;
	sum = 0;
	for (long i = 0; i < MANY; i += 1 << 20)
		sum += big[i];
	SHOW(sum);
	SHOW(munmap(big, MANY));
	show_access("unmapped", big);
	SHOW(madvise(a, 3 * PAGE, MADV_DONTNEED));
	SHOW(a[0] + a[PAGE] + a[3 * PAGE - 1]);
	return 0;
}
