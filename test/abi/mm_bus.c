/* Mappings of files that are shorter than they seem, or become so; what shared and private ones
 * see. */
#include "show.h"

#include <signal.h>
#include <sys/wait.h>

#define RW (PROT_READ | PROT_WRITE)
enum { PAGE = 4096 };

static void on_signal(int signo, siginfo_t *info, void *context)
{
	_exit(signo == SIGBUS && info->si_code == BUS_ADRERR       ? 100
		: signo == SIGSEGV && info->si_code == SEGV_MAPERR ? 101
		: signo == SIGSEGV && info->si_code == SEGV_ACCERR ? 102
								   : 103);
}

static void touch(const char *what, volatile char *at, int write)
{
	static const char *const ends[] = { "SIGBUS", "SEGV_MAPERR", "SEGV_ACCERR",
		"something else" };
	int status = 0;

	fflush(stdout);
	if (fork() == 0) {
		if (write)
			*at = 'w';
		_exit(*at);
	}
	wait(&status);
	if (WIFEXITED(status) && WEXITSTATUS(status) >= 100 && WEXITSTATUS(status) < 104)
		printf("%s: %s\n", what, ends[WEXITSTATUS(status) - 100]);
	else
		printf("%s: %#x\n", what, status);
	fflush(stdout);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	int fd = open("f", O_RDWR | O_CREAT, 0600);
	char *shared, *private, *copied, byte = 0;

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	write(fd, "0123456789", 10);
	shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	private = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	touch("first byte", shared, 0);
	touch("behind the end, in the page", shared + 100, 0);
	touch("behind the end, in the page, written", shared + 100, 1);
	touch("page behind the end", shared + PAGE, 0);
	touch("page behind the end, written", shared + PAGE, 1);
	touch("page behind the end, private", private + PAGE, 0);
	touch("page behind the end, private, written", private + PAGE, 1);
	SHOW(write(fd, shared + PAGE, 10));
	SHOW(read(fd, shared + PAGE, 10));

	/* The file grows: the same page is there now. */
	SHOW(ftruncate(fd, 3 * PAGE));
	touch("grown", shared + PAGE, 0);
	shared[PAGE] = 'a';
	SHOW(private[PAGE]);
	SHOW(pread(fd, &byte, 1, PAGE) + byte);

	/* Private copies do not follow the file; what was not copied does. */
	copied = private + 2 * PAGE;
	copied[0] = 'p';
	shared[2 * PAGE] = 's';
	shared[2 * PAGE + 1] = 't';
	SHOW(copied[0] + copied[1]);
	SHOW(pwrite(fd, "z", 1, PAGE));
	SHOW(shared[PAGE] + private[PAGE]);

	/* The file shrinks: pages go from all mappings, private copies too. */
	SHOW(ftruncate(fd, PAGE));
	touch("shrunk", shared + PAGE, 0);
	touch("shrunk, private copy", copied, 0);
	SHOW(ftruncate(fd, 5));
	SHOW(shared[4] + shared[5] + shared[6]);
	SHOW(ftruncate(fd, 3 * PAGE));
	touch("grown again", shared + PAGE, 0);
	SHOW(shared[4] + shared[5] + shared[PAGE]);

	/* A mapping outlives the descriptor and the name. */
	SHOW(close(fd));
	SHOW(unlink("f"));
	shared[0] = 'q';
	SHOW(private[0]);
	mprotect(shared, PAGE, PROT_READ);
	touch("read only", shared, 1);
	mprotect(shared, PAGE, PROT_NONE);
	touch("nothing", shared, 0);
	munmap(shared, PAGE);
	touch("gone", shared, 0);
	touch("the kernel", (char *)0xffffffff80000000, 0);
	return 0;
}
