/*
 * hello: the smallest program, without any libc. Two system calls; it runs on Linux as well.
 *
 * The kernel starts a program at _start, its stack as the System V ABI has it.
 */
static const char text[] = "Hello from a program of its own.\n";

static long call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

__attribute__((noreturn)) void _start(void);

void _start(void)
{
	enum { WRITE = 1, EXIT = 60 };
	long written = call(WRITE, 1, (long)text, sizeof(text) - 1);

	for (;;)
		call(EXIT, written != sizeof(text) - 1, 0, 0);
}
