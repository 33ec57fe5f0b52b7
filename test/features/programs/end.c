/* Ends as the argument says: a number is a status, a word a way to die. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "0";

	if (!strcmp(how, "segv"))
		*(volatile int *)8 = 1;
	else if (!strcmp(how, "abort"))
		abort();
	else if (!strcmp(how, "never"))
		for (;;)
			pause();
	else if (!strcmp(how, "spin"))
		for (;;)
			;
	return atoi(how);
}
