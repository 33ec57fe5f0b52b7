/* munmap in all places of an area, and mappings put exactly where others are. */
#include "show.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
enum { PAGE = 4096, PAGES = 8 };

static void show_pages(const char *area)
{
	for (int i = 0; i < PAGES; i++)
		putchar(can_read(area + i * PAGE) ? '.' : '0' + area[i * PAGE]);
	puts("");
	fflush(stdout);
}

int main(void)
{
	char *a = mmap(NULL, PAGES * PAGE, RW, ANON, -1, 0);

	for (int i = 0; i < PAGES; i++)
		a[i * PAGE] = i;
	show_pages(a);
	SHOW(munmap(a, PAGE));
	SHOW(munmap(a + 3 * PAGE, PAGE));
	SHOW(munmap(a + 7 * PAGE, PAGE));
	show_pages(a);
	SHOW(munmap(a, 4 * PAGE));
	show_pages(a);
	SHOW(munmap(a, 4 * PAGE));
	SHOW(mmap(a + 2 * PAGE, 3 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == a + 2 * PAGE);
	show_pages(a);
	SHOW(mmap(a + 5 * PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
	SHOW(errno == EEXIST);
	SHOW(mmap(a, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == a);
	show_pages(a);
	SHOW(munmap(a + 1, PAGE));
	SHOW(munmap(a, 0));
	SHOW(munmap((void *)0xffff800000000000, PAGE));
	SHOW(munmap(a, 1));
	show_pages(a);
	SHOW(munmap(a, PAGES * PAGE));
	show_pages(a);

	/* mremap: larger, perhaps elsewhere; smaller. */
	a = mmap(NULL, 2 * PAGE, RW, ANON, -1, 0);
	a[0] = 5;
	a = mremap(a, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	SHOW(a != MAP_FAILED && a[0] == 5 && a[63 * PAGE] == 0);
	SHOW(mremap(a, 64 * PAGE, PAGE, 0) == a);
	SHOW(can_read(a + PAGE));
	return 0;
}
