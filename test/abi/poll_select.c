/* poll and select: what they say of which descriptor, what they write, and what they refuse. */
#include "show.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>

#define MANY 100

static void show_poll(const char *what, struct pollfd *fds, nfds_t count, int timeout)
{
	int result = poll(fds, count, timeout);

	printf("%s: %d%s", what, result, result < 0 ? strerror(errno) : "");
	for (nfds_t i = 0; i < count && i < 8; i++)
		printf(" %#x", (unsigned short)fds[i].revents);
	putchar('\n');
}

static void poll_kinds(void)
{
	int ends[2], closed[2], event = eventfd(0, 0), path = open("/", O_PATH);
	int file = open("poll-file", O_RDWR | O_CREAT, 0600);
	struct pollfd fds[8];

	SHOW(pipe(ends));
	SHOW(pipe(closed));
	close(closed[1]);
	fds[0] = (struct pollfd){ ends[0], POLLIN, 0x7777 };
	fds[1] = (struct pollfd){ ends[1], POLLOUT | POLLIN, 0 };
	fds[2] = (struct pollfd){ closed[0], 0, 0 };
	fds[3] = (struct pollfd){ -3, POLLIN, 0x7777 };
	fds[4] = (struct pollfd){ 1000, POLLIN, 0 };
	fds[5] = (struct pollfd){ path, POLLIN, 0 };
	fds[6] = (struct pollfd){ file, POLLIN | POLLOUT | POLLPRI, 0 };
	fds[7] = (struct pollfd){ event, POLLIN | POLLOUT, 0 };
	show_poll("kinds", fds, 8, -1);
	show_poll("only what waits", fds, 1, 0);
	show_poll("a while", fds, 1, 5);
	SHOW(write(ends[1], "x", 1));
	show_poll("a byte", fds, 1, -1);
	fds[0].events = POLLRDNORM;
	show_poll("as normal data", fds, 1, -1);
	fds[0].events = POLLPRI;
	show_poll("nothing urgent", fds, 1, 0);
	fds[1].fd = ends[0];
	fds[1].events = POLLIN;
	show_poll("one of two, the same file", fds, 2, -1);
	close(ends[0]);
	fds[1] = (struct pollfd){ ends[1], 0, 0 };
	show_poll("nobody reads", fds + 1, 1, -1);
	SHOW(eventfd_write(event, 1));
	fds[0] = (struct pollfd){ event, POLLRDNORM | POLLWRNORM, 0 };
	show_poll("a counter has no normal data", fds, 1, 0);
	show_poll("none at all", fds, 0, 1);
	close(ends[1]);
	close(closed[0]);
	close(event);
	close(path);
	close(file);
	unlink("poll-file");
}

static void poll_errors(void)
{
	struct rlimit limit;
	struct pollfd one = { 0, POLLIN, 0 };

	getrlimit(RLIMIT_NOFILE, &limit);
	SHOW(poll(NULL, 0, 0));
	SHOW(poll(NULL, 1, 0));
	SHOW(poll((void *)0xffff800000000000, 1, 0));
	SHOW(poll(&one, limit.rlim_cur + 1, 0));
	SHOW(poll(&one, (nfds_t)-1, 0));
	/* The program's memory may be read but not written. */
	struct pollfd *page =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page->fd = 1000;
	page->events = POLLIN;
	mprotect(page, 4096, PROT_READ);
	SHOW(poll(page, 1, 0));
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
	munmap(page, 4096);
}

/* ---- many descriptors, and somebody who makes one of them ready -------------------------- */

static int many[MANY];

static void *wake_one(void *which)
{
	uint64_t one = 1;

	usleep(20000);
	if (write(many[(long)which], &one, sizeof(one)) != sizeof(one))
		puts("cannot write");
	return NULL;
}

static void many_wait(long which, int with_select)
{
	struct pollfd fds[MANY];
	fd_set in;
	pthread_t thread;
	int result, found = -1, last = 0;

	FD_ZERO(&in);
	for (int i = 0; i < MANY; i++) {
		fds[i] = (struct pollfd){ many[i], POLLIN, 0 };
		FD_SET(many[i], &in);
		last = many[i] > last ? many[i] : last;
	}
	pthread_create(&thread, NULL, wake_one, (void *)which);
	result = with_select ? select(last + 1, &in, NULL, NULL, NULL) : poll(fds, MANY, -1);
	for (int i = 0; i < MANY; i++)
		if (with_select ? FD_ISSET(many[i], &in) : fds[i].revents)
			found = i;
	pthread_join(thread, NULL);
	printf("%s of %d: %d, number %d\n", with_select ? "select" : "poll", MANY, result, found);
	uint64_t count;
	if (read(many[which], &count, sizeof(count)) != sizeof(count))
		puts("cannot read");
}

static void *close_it(void *fd)
{
	usleep(20000);
	close((int)(long)fd);
	return NULL;
}

/* The file stays while it is waited for; the deadline comes. */
static void closed_meanwhile(void)
{
	int event = eventfd(0, 0);
	struct pollfd fds = { event, POLLIN, 0 };
	pthread_t thread;

	pthread_create(&thread, NULL, close_it, (void *)(long)event);
	int result = poll(&fds, 1, 60);
	pthread_join(thread, NULL);
	printf("closed meanwhile: %d\n", result >= 0);
}

static void many_descriptors(void)
{
	for (int i = 0; i < MANY; i++)
		many[i] = eventfd(0, 0);
	many_wait(0, 0);
	many_wait(9, 0);
	many_wait(MANY - 1, 0);
	many_wait(0, 1);
	many_wait(MANY - 1, 1);
	closed_meanwhile();
	for (int i = 0; i < MANY; i++)
		close(many[i]);
}

/* ---- select ------------------------------------------------------------------------------ */

static unsigned long word_of(const fd_set *set)
{
	unsigned long word;

	memcpy(&word, set, sizeof(word));
	return word;
}

static void show_select(const char *what, int count, unsigned long in, unsigned long out,
	unsigned long except, struct timeval *timeout)
{
	fd_set sets[3] = { 0 };
	unsigned long words[3] = { in, out, except };

	for (int i = 0; i < 3; i++)
		memcpy(&sets[i], &words[i], sizeof(words[i]));
	int result = select(count, in ? &sets[0] : NULL, out ? &sets[1] : NULL,
		except ? &sets[2] : NULL, timeout);
	printf("%s: %d %s in %#lx out %#lx except %#lx\n", what, result,
		result < 0 ? strerror(errno) : "", word_of(&sets[0]), word_of(&sets[1]),
		word_of(&sets[2]));
}

static void select_sets(void)
{
	struct timeval none = { 0, 0 }, little = { 0, 3000 }, wrong = { -1, 0 },
		       odd = { 0, 2000000 };
	int ends[2];

	/* At known numbers: 20 reads, 21 writes. */
	SHOW(pipe(ends));
	SHOW(dup2(ends[0], 20));
	SHOW(dup2(ends[1], 21));
	close(ends[0]);
	close(ends[1]);
	show_select("nothing to read", 22, 1 << 20, 0, 0, &none);
	show_select("room to write", 22, 1 << 20, 1 << 21, 0, NULL);
	show_select("the same in all sets", 22, 1 << 21, 1 << 21, 1 << 21, &none);
	SHOW(write(21, "x", 1));
	show_select("both", 22, 1 << 20, 1 << 21, 1 << 20, NULL);
	show_select("beyond the count", 20, 1 << 20 | 1 << 21, 0, 0, &none);
	show_select("just within", 21, 1 << 20 | 1 << 21, 0, 0, &none);
	show_select("not open", 30, 1 << 25 | 1 << 20, 0, 0, &none);
	show_select("not open, to write", 30, 1 << 20, 1 << 26, 0, &none);
	show_select("a negative count", -1, 1 << 20, 0, 0, &none);
	show_select("none", 0, 0, 0, 0, &little);
	show_select("a wrong timeout", 22, 1 << 20, 0, 0, &wrong);
	show_select("more than a second of microseconds", 22, 1 << 20, 0, 0, &odd);
	close(21);
	char byte;
	SHOW(read(20, &byte, 1));
	show_select("hung up", 22, 1 << 20, 0, 1 << 20, NULL);
	SHOW(syscall(SYS_select, 22, 8, 0, 0, 0));
	SHOW(syscall(SYS_select, 22, 0, 0, 0, 8));
	SHOW(syscall(SYS_select, 0, 8, 0, 0, &none));
	close(20);
}

static void on_alarm(int signo)
{
}

/* A signal that the mask of pselect lets in ends it, and the mask is the old one again. */
static void with_mask(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct timespec little = { 0, 2000000 };
	sigset_t blocked, none, now;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	raise(SIGUSR1);
	SHOW(pselect(0, NULL, NULL, NULL, &little, NULL));
	SHOW(pselect(0, NULL, NULL, NULL, NULL, &none));
	raise(SIGUSR1);
	SHOW(ppoll(NULL, 0, &little, NULL));
	SHOW(ppoll(NULL, 0, NULL, &none));
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("blocked again: %d\n", sigismember(&now, SIGUSR1));
	SHOW(syscall(SYS_ppoll, 0, 0, &little, &none, 3));
	SHOW(syscall(SYS_ppoll, 0, 0, &little, 8, 8));
}

int main(void)
{
	poll_kinds();
	poll_errors();
	many_descriptors();
	select_sets();
	with_mask();
	return 0;
}
