/* Takes memory and uses it until there is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	long mib = 0;
	char *block;

	while ((block = malloc(1 << 20))) {
		memset(block, 1, 1 << 20);
		mib++;
	}
	printf("refused after %ld MiB\n", mib);
	return 3;
}
