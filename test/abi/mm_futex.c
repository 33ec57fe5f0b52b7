/* Futexes between processes that share memory, and what they refuse. */
#include "show.h"

#include <sys/wait.h>
#include <time.h>

enum { WAIT = 0, WAKE = 1, WAIT_BITSET = 9, WAKE_BITSET = 10, PRIVATE = 128, REALTIME = 256 };

static long futex(void *word, int op, int value, void *timeout, unsigned bits)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, bits);
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000l }, NULL);
}

/* Wakes until somebody was there. */
static int wake_until(int *word, int op, unsigned bits)
{
	for (int i = 0; i < 200; i++) {
		if (futex(word, op, 1, NULL, bits) == 1)
			return 1;
		pause_ms(5);
	}
	return 0;
}

int main(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct timespec soon = { .tv_nsec = 1000000 }, past = { 0 }, odd = { .tv_nsec = -1 };
	int status;

	SHOW(futex(shared, WAIT, 1, NULL, 0));
	SHOW(futex(shared, WAIT, 0, &soon, 0));
	SHOW(futex(private, WAIT | PRIVATE, 0, &soon, 0));
	SHOW(futex(private, WAIT_BITSET | PRIVATE, 0, &past, 1));
	SHOW(futex(private, WAIT_BITSET | PRIVATE | REALTIME, 0, &past, 1));
	SHOW(futex(private, WAIT_BITSET | PRIVATE, 0, &past, 0));
	SHOW(futex(private, WAIT, 0, &odd, 0));
	SHOW(futex(private, WAIT | REALTIME, 0, &soon, 0));
	SHOW(futex(shared, WAKE, 1, NULL, 0));
	SHOW(futex((char *)shared + 1, WAIT, 0, NULL, 0));
	SHOW(futex((void *)8, WAIT, 0, NULL, 0));
	SHOW(futex((void *)8, WAKE, 1, NULL, 0));
	SHOW(futex((void *)8, WAKE | PRIVATE, 1, NULL, 0));
	SHOW(futex((void *)-4096l, WAKE | PRIVATE, 1, NULL, 0));
	SHOW(futex(shared, 77, 0, NULL, 0));

	fflush(stdout);
	if (fork() == 0) {
		long first = futex(shared, WAIT, 0, NULL, 0);
		long second = futex(shared + 1, WAIT_BITSET, 0, NULL, 6);
		_exit(first == 0 && second == 0 ? 7 : 8);
	}
	SHOW(wake_until(shared, WAKE, 0));
	pause_ms(50);
	SHOW(futex(shared + 1, WAKE_BITSET, 1, NULL, 1));
	SHOW(wake_until(shared + 1, WAKE_BITSET, 2));
	wait(&status);
	SHOW(WEXITSTATUS(status));

	/* Private words are each process's own, though the address is the same. */
	if (fork() == 0)
		_exit(futex(private, WAIT, 0, &(struct timespec){ .tv_nsec = 100000000 }, 0) < 0
				? errno == ETIMEDOUT
				: 9);
	pause_ms(30);
	SHOW(futex(private, WAKE, 1, NULL, 0));
	wait(&status);
	SHOW(WEXITSTATUS(status));
	return 0;
}
