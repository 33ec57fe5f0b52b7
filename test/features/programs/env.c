/* Prints its environment. */
#include <stdio.h>

extern char **environ;

int main(void)
{
	for (char **at = environ; *at; at++)
		puts(*at);
	return 0;
}
