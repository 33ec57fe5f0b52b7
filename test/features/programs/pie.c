/* A static PIE: prints whether two runs of it would lie at different places. */
#include <stdint.h>
#include <stdio.h>

static int here;

int main(void)
{
	printf("%d\n", (uintptr_t)&here > 0x100000000);
	printf("%p\n", (void *)&here);
	return 0;
}
