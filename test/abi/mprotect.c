/* mprotect: areas are split and joined; what each page then allows. */
#include "show.h"

#define RW (PROT_READ | PROT_WRITE)
enum { PAGE = 4096 };

static void show_pages(char *area, int count)
{
	char name[16];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "page %d", i);
		show_access(name, area + i * PAGE);
	}
}

int main(void)
{
	char *a = mmap(NULL, 6 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static const unsigned char ret_42[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov eax, 42; ret */

	memset(a, 1, 6 * PAGE);
	SHOW(mprotect(a + PAGE, PAGE, PROT_READ));
	SHOW(mprotect(a + 3 * PAGE, 2 * PAGE, PROT_NONE));
	show_pages(a, 6);
	SHOW(mprotect(a, 5 * PAGE, RW));
	show_pages(a, 6);
	SHOW(a[0] + a[PAGE] + a[4 * PAGE]);

	SHOW(mprotect(a + 1, PAGE, RW));
	SHOW(mprotect(a, 0, RW));
	SHOW(mprotect(a, PAGE, 0x100));
	SHOW(mprotect(a, 1ul << 46, RW));
	SHOW(munmap(a + 2 * PAGE, PAGE));
	SHOW(mprotect(a, 6 * PAGE, PROT_READ));
	show_pages(a, 6);

	memcpy(a + 5 * PAGE, ret_42, sizeof(ret_42));
	SHOW(mprotect(a + 5 * PAGE, PAGE, PROT_READ | PROT_EXEC));
	SHOW(((int (*)(void))(a + 5 * PAGE))());
	return 0;
}
