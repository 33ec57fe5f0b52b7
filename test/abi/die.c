/* die HOW: ends in one of the ways in which a program can end. */
#include "show.h"

#include <signal.h>

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	printf("dying by %s\n", how);
	fflush(stdout);
	if (!strcmp(how, "null"))
		*(volatile int *)8 = 1;
	else if (!strcmp(how, "readonly"))
		*(volatile char *)how = *(volatile char *)"text", *(volatile char *)&main = 1;
	else if (!strcmp(how, "noexec"))
		((void (*)(void))argv[0])();
	else if (!strcmp(how, "kernel"))
		*(volatile int *)0xffffffff80000000 = 1;
	else if (!strcmp(how, "noncanonical"))
		*(volatile int *)0x0123456789abcdef = 1;
	else if (!strcmp(how, "jump"))
		((void (*)(void))0x0123456789abcdef)();
	else if (!strcmp(how, "divide"))
		__asm__ volatile("idivl %0" : : "r"(0), "a"(1), "d"(0));
	else if (!strcmp(how, "illegal"))
		__asm__ volatile("ud2");
	else if (!strcmp(how, "breakpoint"))
		__asm__ volatile("int3");
	else if (!strcmp(how, "privileged"))
		__asm__ volatile("hlt");
	else if (!strcmp(how, "port"))
		__asm__ volatile("outb %%al, $0x80" : : "a"(0));
	else if (!strcmp(how, "interrupt"))
		__asm__ volatile("int $0x90");
	else if (!strcmp(how, "abort"))
		abort();
	else if (!strcmp(how, "term"))
		kill(getpid(), SIGTERM);
	else if (!strcmp(how, "kill"))
		kill(getpid(), SIGKILL);
	else if (!strcmp(how, "exit"))
		syscall(SYS_exit, 256 + 77);
	else if (!strcmp(how, "group"))
		syscall(SYS_exit_group, 78);
	puts("still here");
	return 0;
}
