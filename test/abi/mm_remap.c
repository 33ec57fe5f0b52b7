/* mremap: growing, shrinking, moving; what it refuses. */
#include "show.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
enum { PAGE = 4096 };

static char *remap(void *old, size_t old_bytes, size_t new_bytes, int flags, void *to)
{
	return (char *)syscall(SYS_mremap, old, old_bytes, new_bytes, flags, to);
}

static void show_pages(const char *what, const char *area, int count)
{
	printf("%s:", what);
	for (int i = 0; i < count; i++)
		printf(" %d", can_read(area + i * PAGE) ? -1 : area[i * PAGE]);
	puts("");
}

/* A place with nothing around it. */
static char *room(size_t bytes)
{
	char *at = mmap(NULL, bytes + (64 << 20), PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

	munmap(at, bytes + (64 << 20));
	return at + (32 << 20);
}

static char *make(char *at, int count)
{
	char *area = mmap(at, count * PAGE, RW, ANON | MAP_FIXED, -1, 0);

	for (int i = 0; i < count; i++)
		area[i * PAGE] = i + 1;
	return area;
}

int main(void)
{
	char *at = room(16 << 20), *far = at + (8 << 20), *a, *b;
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	a = make(at, 4);
	SHOW(remap(a, 4 * PAGE, 4 * PAGE, 0, NULL) == a);
	SHOW(remap(a, 4 * PAGE, 6 * PAGE, 0, NULL) == a);
	show_pages("grown", a, 7);
	SHOW(remap(a, 6 * PAGE, 2 * PAGE, 0, NULL) == a);
	show_pages("shrunk", a, 7);
	b = make(a + 2 * PAGE, 1);
	SHOW((long)remap(a, 2 * PAGE, 4 * PAGE, 0, NULL) == -1 ? errno : 0);
	b = remap(a, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE, NULL);
	SHOW(b != a && b != (void *)-1l);
	show_pages("moved", b, 4);
	show_pages("left", a, 4);
	SHOW(remap(b, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, far) == far);
	show_pages("fixed", far, 6);
	make(far + 32 * PAGE, 8);
	SHOW(remap(far, 5 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, far + 34 * PAGE) ==
		far + 34 * PAGE);
	show_pages("over others", far + 32 * PAGE, 9);
	show_pages("left", far, 6);

	/* From the middle of an area; the pieces keep what they had. */
	a = make(at, 9);
	SHOW(remap(a + 3 * PAGE, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, far) == far);
	show_pages("middle", far, 3);
	show_pages("around", a, 9);

	/* A file goes on showing the same pages. */
	for (int i = 0; i < 8; i++) {
		char digit = '0' + i;
		pwrite(fd, &digit, 1, i * PAGE);
	}
	a = mmap(at, 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 2 * PAGE);
	SHOW(remap(a, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, far) == far);
	far[PAGE] = 'x';
	printf("%c%c%c%c\n", far[0], far[PAGE], far[4 * PAGE], far[5 * PAGE]);

	a = make(at, 4);
	SHOW(remap(a + 1, PAGE, PAGE, 0, NULL));
	SHOW(remap(a, PAGE, 0, 0, NULL));
	SHOW(remap(a, PAGE, 2 * PAGE, 8, NULL));
	SHOW(remap(a, PAGE, 2 * PAGE, MREMAP_FIXED, far));
	SHOW(remap(a, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + PAGE));
	SHOW(remap(a, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, far + 1));
	SHOW(remap(a, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, NULL));
	SHOW(remap(a + 40 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL));
	SHOW(remap(a, PAGE, 1ul << 46, MREMAP_MAYMOVE, NULL));
	show_pages("unharmed", a, 4);

	/* To a fixed place: what is left out may be other areas; the old one may be what is there.
	 */
	a = make(at, 6);
	mprotect(a + 2 * PAGE, 4 * PAGE, PROT_READ);
	SHOW(remap(a, 6 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, far) == far);
	show_pages("moved", far, 1);
	SHOW(can_read(a));
	SHOW(can_read(a + 5 * PAGE));
	SHOW(remap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a));
	a = mmap(at, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	SHOW(remap(a, 0, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a));
	SHOW(can_read(a));

	/* What stays, empty, is one with what is around it. */
	a = mmap(at, 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
	SHOW(remap(a + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | 4, far) == far);
	SHOW(remap(a, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, far) == far);

	/* Large, as realloc does it. */
	b = malloc(1 << 20);
	for (int i = 1; i <= 32; i++) {
		b = realloc(b, (size_t)i << 20);
		memset(b + ((size_t)(i - 1) << 20), i, 1 << 20);
	}
	SHOW(b[0] + b[(31 << 20) + 5]);
	free(b);
	return 0;
}
