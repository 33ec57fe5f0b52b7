/* The stack grows as it is used, down to its limit; one argument says how it is used up. */
#include "show.h"

static long depth(long bytes)
{
	volatile char frame[4096];

	frame[0] = frame[4095] = 1;
	if (bytes <= 0)
		return frame[0];
	return depth(bytes - 4096) + frame[4095];
}

int main(int argc, char **argv)
{
	volatile char *low;

	if (argc > 1 && !strcmp(argv[1], "overflow")) {
		puts("without end");
		fflush(stdout);
		return depth(1l << 40);
	}
	SHOW(depth(1 << 20));
	SHOW(depth(7 << 20));
	/* A far jump below the stack pointer is growth too, within the limit. */
	low = (volatile char *)&low - (4 << 20);
	*low = 5;
	SHOW(*low);
	SHOW(can_write((char *)&low - (6 << 20)));
	SHOW(can_write((char *)&low - (64 << 20)));
	return 0;
}
