/* Linked with glibc, statically. */
#include <gnu/libc-version.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(void)
{
	char text[64];
	time_t zero = 0;

	setlocale(LC_ALL, "");
	strftime(text, sizeof(text), "%Y-%m-%d", gmtime(&zero));
	printf("glibc %s, %s\n", gnu_get_libc_version()[0] == '2' ? "2" : "?", text);
	return 0;
}
