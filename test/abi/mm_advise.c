/* madvise about fork; mremap that leaves, that doubles; RLIMIT_DATA. */
#include "show.h"

#include <sys/resource.h>
#include <sys/wait.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
enum { PAGE = 4096 };

static char *make(int count, int flags)
{
	char *area = mmap(NULL, count * PAGE, RW, MAP_ANONYMOUS | flags, -1, 0);

	for (int i = 0; i < count; i++)
		area[i * PAGE] = i + 1;
	return area;
}

static void show_pages(const char *what, const char *area, int count)
{
	printf("%s:", what);
	for (int i = 0; i < count; i++)
		printf(" %d", can_read(area + i * PAGE) ? -1 : area[i * PAGE]);
	puts("");
	fflush(stdout);
}

static void in_child(const char *what, const char *area, int count)
{
	if (fork() == 0) {
		show_pages(what, area, count);
		_exit(0);
	}
	wait(NULL);
}

static void about_fork(void)
{
	char *area = make(6, MAP_PRIVATE), *shared = make(2, MAP_SHARED);
	int fd = open("f", O_RDWR | O_CREAT, 0600);
	char *file;

	ftruncate(fd, PAGE);
	file = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	SHOW(madvise(area + PAGE, PAGE, MADV_DONTFORK));
	SHOW(madvise(area + 3 * PAGE, 2 * PAGE, 18)); /* MADV_WIPEONFORK */
	in_child("the child has", area, 6);
	show_pages("the parent has", area, 6);
	SHOW(madvise(area, 6 * PAGE, MADV_DOFORK));
	SHOW(madvise(area, 6 * PAGE, 19)); /* MADV_KEEPONFORK */
	in_child("the next child has", area, 6);
	SHOW(madvise(shared, PAGE, 18));
	SHOW(madvise(file, PAGE, 18));
	SHOW(madvise(shared, PAGE, MADV_DONTFORK));
	in_child("of shared memory", shared, 2);
	SHOW(madvise(area, PAGE, 99));
	SHOW(madvise(area + 1, PAGE, MADV_DONTFORK));
}

static char *remap(void *old, size_t old_bytes, size_t new_bytes, int flags)
{
	return (char *)syscall(SYS_mremap, old, old_bytes, new_bytes, flags, NULL);
}

static void about_remap(void)
{
	char *area = make(4, MAP_PRIVATE), *shared = make(3, MAP_SHARED), *other;

	other = remap(area, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | 4); /* MREMAP_DONTUNMAP */
	SHOW(other != area && other != MAP_FAILED);
	show_pages("moved", other, 4);
	show_pages("left behind", area, 4);
	SHOW((long)remap(area, 4 * PAGE, 4 * PAGE, 4));
	SHOW((long)remap(area, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | 4));
	SHOW((long)remap(area, 0, 4 * PAGE, MREMAP_MAYMOVE));
	other = remap(shared, 0, 2 * PAGE, MREMAP_MAYMOVE);
	SHOW(other != shared && other != MAP_FAILED);
	other[PAGE] = 77;
	show_pages("the first", shared, 3);
	show_pages("the second", other, 2);
	SHOW((long)remap(shared, 0, 2 * PAGE, 0));
}

static void about_data(void)
{
	struct rlimit limit = { 4 << 20, 8 << 20 };
	char *area = mmap(NULL, 16 << 20, PROT_READ, ANON, -1, 0);

	SHOW(setrlimit(RLIMIT_DATA, &limit));
	SHOW_MAP(mmap(NULL, 3 << 20, RW, ANON, -1, 0));
	SHOW_MAP(mmap(NULL, 3 << 20, RW, ANON, -1, 0));
	SHOW_MAP(mmap(NULL, 8 << 20, PROT_READ, ANON, -1, 0));
	SHOW_MAP(mmap(NULL, 8 << 20, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	SHOW(mprotect(area, 16 << 20, RW));
	SHOW(mprotect(area, PAGE, RW));
	SHOW(sbrk(2 << 20) == (void *)-1);
}

/* What is mapped is brought in, holes or not; the first error of these counts, then the holes. */
static void about_populate(void)
{
	char *area = mmap(NULL, 6 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char there[6];

	munmap(area, PAGE);
	munmap(area + 2 * PAGE, PAGE);
	SHOW(madvise(area, 6 * PAGE, 22)); /* MADV_POPULATE_READ */
	SHOW(mincore(area + 3 * PAGE, 3 * PAGE, there));
	SHOW(there[0] + there[1] + there[2]);
	SHOW(madvise(area, 6 * PAGE, 23)); /* MADV_POPULATE_WRITE */
	mprotect(area + 4 * PAGE, PAGE, PROT_NONE);
	SHOW(madvise(area, 6 * PAGE, 22));
	SHOW(madvise(area, 2 * PAGE, 22));
	SHOW(madvise(area + PAGE, PAGE, 22));
}

int main(void)
{
	about_populate();
	about_fork();
	about_remap();
	about_data();
	return 0;
}
