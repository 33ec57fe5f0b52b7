/* Sets in sets, one of several that wait, times in nanoseconds, many events at once. */
#include "show.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>

static int add(int set, int fd, uint32_t events)
{
	struct epoll_event event = { events, { .u64 = (uint64_t)fd } };

	return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

static void signal_it(int fd)
{
	uint64_t one = 1;

	write(fd, &one, sizeof(one));
}

static void clear(int fd)
{
	uint64_t n;

	read(fd, &n, sizeof(n));
}

static int ready(int set)
{
	struct epoll_event event;

	return epoll_wait(set, &event, 1, 0);
}

static void depth(void)
{
	int sets[8], others[8];

	for (int i = 0; i < 8; i++) {
		sets[i] = epoll_create1(0);
		others[i] = epoll_create1(0);
	}
	for (int i = 1; i < 7; i++)
		SHOW(add(sets[i], sets[i - 1], EPOLLIN));
	for (int i = 1; i < 7; i++)
		SHOW(add(others[i - 1], others[i], EPOLLIN));
	SHOW(add(sets[1], sets[3], EPOLLIN));
	SHOW(add(sets[3], sets[3], EPOLLIN));
	SHOW(add(sets[4], others[0], EPOLLIN));
	SHOW(add(sets[0], others[3], EPOLLIN));
	/* Room again when a link goes. */
	SHOW(epoll_ctl(sets[4], EPOLL_CTL_DEL, sets[3], NULL));
	SHOW(add(sets[5], sets[4], EPOLLIN));
	SHOW(add(sets[3], sets[5], EPOLLIN));
	for (int i = 0; i < 8; i++) {
		close(sets[i]);
		close(others[i]);
	}
}

static void through(void)
{
	int file = eventfd(0, EFD_NONBLOCK), inner = epoll_create1(0), outer = epoll_create1(0);
	struct pollfd both[2] = { { inner, POLLIN, 0 }, { outer, POLLIN | POLLOUT, 0 } };
	struct epoll_event event;

	add(inner, file, EPOLLIN);
	SHOW(add(outer, inner, EPOLLIN));
	SHOW(ready(outer));
	signal_it(file);
	SHOW(poll(both, 2, 0));
	printf("%#x %#x\n", both[0].revents, both[1].revents);
	SHOW(epoll_wait(outer, &event, 1, 0));
	printf("event %#x, the inner set %d\n", event.events, (int)event.data.u64 == inner);
	SHOW(ready(outer));
	clear(file);
	SHOW(ready(outer));
	SHOW(ready(inner));
	/* Edges of the inner set. */
	event = (struct epoll_event){ EPOLLIN | EPOLLET, { .u64 = 1 } };
	SHOW(epoll_ctl(outer, EPOLL_CTL_MOD, inner, &event));
	signal_it(file);
	SHOW(ready(outer));
	SHOW(ready(outer));
	/* What the inner one goes on to have is no new edge. */
	SHOW(ready(inner));
	SHOW(ready(outer));
	signal_it(file);
	SHOW(ready(outer));
	clear(file);
	/* The inner set goes, and with it what it was to the outer one. */
	signal_it(file);
	close(inner);
	SHOW(ready(outer));
	inner = epoll_create1(0);
	add(inner, file, EPOLLIN);
	SHOW(add(outer, inner, EPOLLIN));
	SHOW(ready(outer));
	close(outer);
	SHOW(ready(inner));
	close(file);
	SHOW(ready(inner));
	close(inner);
}

static void *signal_later(void *fd)
{
	usleep(10000);
	signal_it((int)(long)fd);
	return NULL;
}

static void waiting(void)
{
	int file = eventfd(0, EFD_NONBLOCK), sets[5];
	struct epoll_event event;
	pthread_t thread;

	for (int i = 0; i < 5; i++) {
		sets[i] = epoll_create1(0);
		add(sets[i], i ? sets[i - 1] : file, EPOLLIN);
	}
	pthread_create(&thread, NULL, signal_later, (void *)(long)file);
	SHOW(epoll_wait(sets[4], &event, 1, 5000));
	pthread_join(thread, NULL);
	for (int i = 0; i < 5; i++)
		close(sets[i]);
	close(file);
}

static int shared_file;
static uint32_t how;
static volatile int woken, entered;

static void *wait_for_it(void *unused)
{
	int set = epoll_create1(0);
	struct epoll_event event;

	add(set, shared_file, EPOLLIN | EPOLLET | how);
	__atomic_add_fetch(&entered, 1, __ATOMIC_SEQ_CST);
	if (epoll_wait(set, &event, 1, 300) == 1)
		__atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
	close(set);
	return NULL;
}

static void herd(const char *name, uint32_t flag)
{
	pthread_t threads[4];

	how = flag;
	woken = entered = 0;
	shared_file = eventfd(0, EFD_NONBLOCK);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, wait_for_it, NULL);
	while (entered < 4)
		usleep(1000);
	usleep(20000);
	signal_it(shared_file);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	printf("%s: %d of 4\n", name, woken);
	close(shared_file);
}

static void exclusive_rules(void)
{
	int file = eventfd(0, 0), set = epoll_create1(0), other = epoll_create1(0);
	struct epoll_event event = { EPOLLIN | EPOLLEXCLUSIVE, { .u64 = 1 } };

	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, file, &event));
	SHOW(epoll_ctl(set, EPOLL_CTL_MOD, file, &event));
	event.events = EPOLLIN;
	SHOW(epoll_ctl(set, EPOLL_CTL_MOD, file, &event));
	SHOW(epoll_ctl(set, EPOLL_CTL_DEL, file, &event));
	event.events = EPOLLIN | EPOLLEXCLUSIVE;
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, other, &event));
	event.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, file, &event));
	event.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLPRI;
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, file, &event));
	event.events = EPOLLIN | EPOLLOUT | EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLET;
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, file, &event));
	SHOW(epoll_wait(set, &event, 1, 0));
	printf("%#x\n", event.events);
	/* Bits that mean nothing are no error. */
	event.events = 0x00fff000 | EPOLLOUT | EPOLLWAKEUP;
	SHOW(epoll_ctl(other, EPOLL_CTL_ADD, file, &event));
	SHOW(epoll_wait(other, &event, 1, 0));
	printf("%#x\n", event.events);
	close(file);
	close(set);
	close(other);
}

static volatile int alarms;

static void on_alarm(int number)
{
	alarms++;
}

static long wait2(int set, struct timespec *timeout, const sigset_t *mask, size_t bytes)
{
	struct epoll_event event;

	return syscall(441, set, &event, 1, timeout, mask, bytes);
}

static void nanoseconds(void)
{
	struct timespec soon = { 0, 1000 }, bad = { 0, 1000000000 }, now = { 0, 0 };
	int file = eventfd(1, 0), set = epoll_create1(0);
	struct sigaction action = { .sa_handler = on_alarm };
	sigset_t blocked, none;

	SHOW(wait2(set, &soon, NULL, 0));
	SHOW(wait2(set, &now, NULL, 0));
	SHOW(wait2(set, &bad, NULL, 0));
	SHOW(wait2(set, (void *)8, NULL, 0));
	SHOW(wait2(set, &soon, (void *)8, 8));
	SHOW(wait2(99, &soon, NULL, 0));
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	SHOW(wait2(set, &soon, &none, 4));
	raise(SIGALRM);
	SHOW(wait2(set, NULL, &none, 8));
	SHOW(alarms);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	add(set, file, EPOLLIN);
	SHOW(wait2(set, NULL, NULL, 0));
	close(file);
	close(set);
}

static void many(void)
{
	static struct epoll_event events[300];
	int set = epoll_create1(0), files[200];

	for (int i = 0; i < 200; i++) {
		files[i] = eventfd(1, 0);
		add(set, files[i], EPOLLIN);
	}
	SHOW(epoll_wait(set, events, 300, 0));
	SHOW(epoll_wait(set, events, 150, 0));
	SHOW(epoll_wait(set, events, 150, 0));
	SHOW(epoll_wait(set, (void *)8, 10, 0));
	SHOW(epoll_wait(set, events, 300, 0));
	for (int i = 0; i < 200; i++)
		close(files[i]);
	SHOW(epoll_wait(set, events, 300, 0));
	close(set);
}

static void info(void)
{
	int set = epoll_create1(0), file = eventfd(5, 0);
	char path[64], text[512], *line;
	ssize_t n;
	int in;

	struct epoll_event event = { EPOLLIN | EPOLLET, { .u64 = 0xabcdef } };

	dup2(file, 40);
	epoll_ctl(set, EPOLL_CTL_ADD, 40, &event);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", i ? file : set);
		in = open(path, O_RDONLY);
		n = read(in, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
			if (strncmp(line, "tfd", 3) == 0)
				line[58] = '\0';
			if (strncmp(line, "mnt_id", 6) && strncmp(line, "ino", 3) &&
				strncmp(line, "eventfd-id", 10))
				printf("%s\n", line);
		}
		close(in);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", i ? file : set);
		n = readlink(path, text, sizeof(text));
		printf("%.*s\n", (int)n, text);
	}
}

int main(void)
{
	struct rlimit limit = { 1024, 1024 };

	setrlimit(RLIMIT_NOFILE, &limit);
	setvbuf(stdout, NULL, _IOLBF, 0);
	depth();
	through();
	waiting();
	herd("each", 0);
	herd("exclusive", EPOLLEXCLUSIVE);
	exclusive_rules();
	nanoseconds();
	many();
	info();
	return 0;
}
