/* Private mappings of files: contents, the end of the file, copy on write. */
#include "show.h"

#define RW (PROT_READ | PROT_WRITE)
enum { PAGE = 4096 };

int main(void)
{
	char buffer[PAGE], *a, *b;
	int fd = open("f", O_RDWR | O_CREAT, 0600), other;
	long sum = 0;

	for (int i = 0; i < PAGE; i++)
		buffer[i] = 'a' + i % 26;
	SHOW(write(fd, buffer, PAGE));
	SHOW(write(fd, buffer, 100));
	a = SHOW_MAP(mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
	SHOW(memcmp(a, buffer, PAGE));
	SHOW(memcmp(a + PAGE, buffer, 100));
	for (int i = 100; i < PAGE; i++)
		sum += a[PAGE + i];
	SHOW(sum);

	/* What is written to the mapping stays in it. */
	a[0] = 'X';
	SHOW(pread(fd, buffer, 1, 0));
	SHOW(buffer[0]);
	b = SHOW_MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE));
	SHOW(b[0] == 'a' && b[99] == a[PAGE + 99]);
	SHOW_MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1));
	/* A page that nobody has written to shows what the file is now. */
	SHOW(pwrite(fd, "N", 1, PAGE));
	SHOW(b[0]);
	SHOW(a[0]);

	other = open("f", O_WRONLY);
	SHOW_MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, other, 0));
	other = open("f", O_RDONLY);
	SHOW(munmap(a, PAGE));
	a = SHOW_MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE, other, 0));
	a[1] = 'Y';
	SHOW(a[1]);
	SHOW_MAP(mmap(NULL, PAGE, RW, MAP_SHARED, other, 0));
	SHOW(close(fd));
	SHOW(close(other));
	SHOW(a[2]);
	SHOW(unlink("f"));
	SHOW(a[3]);
	SHOW(b[1]);
	fd = open(".", O_RDONLY);
	SHOW_MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
	return 0;
}
