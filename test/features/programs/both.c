/* Writes N lines (3) to stdout and to stderr in turn. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int lines = argc > 1 ? atoi(argv[1]) : 3;

	for (int i = 0; i < lines; i++) {
		printf("out %d\n", i);
		fflush(stdout);
		fprintf(stderr, "err %d\n", i);
	}
	return 0;
}
