/* The program break: grows, shrinks, and what comes back is zero. */
#include "show.h"

static char *set(char *to)
{
	return (char *)syscall(SYS_brk, to);
}

int main(void)
{
	enum { PAGE = 4096 };
	char *start = set(NULL);
	char *page = (char *)(((long)start + PAGE - 1) & -PAGE);
	long sum = 0;

	SHOW(start != NULL);
	SHOW(set(start + 100000) - start);
	memset(start, 1, 100000);
	SHOW(set(NULL) - start);
	SHOW(set(start + 10) - start);
	SHOW(start[9]);
	show_access("above", page + 2 * PAGE);
	SHOW(set(start + 100000) - start);
	for (char *at = page + PAGE; at < start + 100000; at++)
		sum += *at;
	SHOW(sum);
	SHOW(set(start - PAGE) - start);
	SHOW(set((char *)1) - start);
	SHOW(set(start + (1l << 46)) - start);
	SHOW(set(start) - start);
	return 0;
}
