/* Writes y for ever. Says on stderr if that ends other than by a signal. */
#include <stdio.h>

int main(void)
{
	while (puts("y") >= 0)
		;
	fputs("writing failed\n", stderr);
	return 1;
}
