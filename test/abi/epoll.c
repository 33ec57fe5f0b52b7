/* epoll and eventfd: levels, edges, one-shots, files that go, counters. */
#include "show.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>

static int ep;

static void control(int command, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };
	int result = epoll_ctl(ep, command, fd, &event);

	printf("epoll_ctl(%d, %#x, %lu) = %d %s\n", command, events, (unsigned long)data, result,
		result ? strerror(errno) : "");
	fflush(stdout);
}

static void wait_now(void)
{
	struct epoll_event events[8];
	int n = epoll_wait(ep, events, 8, 0);

	printf("ready: %d", n);
	for (int i = 0; i < n; i++)
		printf(" (%#x, %lu)", events[i].events, (unsigned long)events[i].data.u64);
	printf("\n");
	fflush(stdout);
}

static void counters(void)
{
	uint64_t value = 5;
	int fd;

	SHOW((fd = eventfd(3, EFD_NONBLOCK)) >= 0);
	SHOW(read(fd, &value, 4));
	SHOW(read(fd, &value, 8));
	SHOW(value);
	SHOW(read(fd, &value, 8));
	SHOW(write(fd, &(uint64_t){ 7 }, 8));
	SHOW(write(fd, &(uint64_t){ 1 }, 8));
	SHOW(write(fd, &(uint64_t){ UINT64_MAX - 9 }, 8));
	SHOW(write(fd, &(uint64_t){ UINT64_MAX }, 8));
	SHOW(write(fd, "abc", 3));
	SHOW(read(fd, &value, 8));
	SHOW(value);
	close(fd);
	SHOW((fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK)) >= 0);
	for (int i = 0; i < 3; i++)
		SHOW(read(fd, &value, 8));
	SHOW(value);
	close(fd);
	SHOW(eventfd(0, 1 << 20));
}

static void *adder(void *fd)
{
	struct timespec t = { .tv_nsec = 20000000 };

	nanosleep(&t, NULL);
	(void)!write((int)(long)fd, &(uint64_t){ 4 }, 8);
	return NULL;
}

static void on_alarm(int signal)
{
}

int main(void)
{
	struct epoll_event events[2];
	int fds[2], other[2], fd, copy;
	uint64_t value;
	pthread_t thread;
	sigset_t none;

	counters();
	SHOW((ep = epoll_create1(EPOLL_CLOEXEC)) >= 0);
	SHOW(fcntl(ep, F_GETFD));
	SHOW(epoll_create1(1));
	SHOW(epoll_create(0));
	SHOW(pipe(fds));
	control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 10);
	control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 10);
	control(EPOLL_CTL_MOD, fds[1], EPOLLOUT, 11);
	control(EPOLL_CTL_DEL, fds[1], 0, 0);
	control(99, fds[1], 0, 0);
	control(EPOLL_CTL_ADD, 99, EPOLLIN, 0);
	SHOW((fd = open("regular", O_RDWR | O_CREAT, 0600)) >= 0);
	control(EPOLL_CTL_ADD, fd, EPOLLIN, 0);
	close(fd);
	SHOW(epoll_wait(ep, events, 0, 0));
	SHOW(epoll_wait(ep, (void *)8, 1, 0));
	SHOW(epoll_wait(fds[0], events, 1, 0));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, fds[1], (void *)8));
	wait_now();
	control(EPOLL_CTL_ADD, fds[1], EPOLLOUT, 11);
	wait_now();
	SHOW(write(fds[1], "abc", 3));
	wait_now();
	wait_now();
	control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLET, 12);
	control(EPOLL_CTL_MOD, fds[1], EPOLLOUT | EPOLLET, 13);
	wait_now();
	wait_now();
	SHOW(write(fds[1], "d", 1));
	wait_now();
	control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT, 14);
	wait_now();
	wait_now();
	control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT, 15);
	wait_now();
	control(EPOLL_CTL_DEL, fds[1], 0, 0);

	/* A watch goes with the last number of its file, not before. */
	SHOW(pipe(other));
	control(EPOLL_CTL_ADD, other[0], EPOLLIN, 20);
	SHOW(write(other[1], "x", 1));
	SHOW((copy = dup(other[0])) >= 0);
	close(other[0]);
	wait_now();
	close(copy);
	wait_now();
	close(other[1]);

	/* Hang-up is reported unasked. */
	control(EPOLL_CTL_MOD, fds[0], 0, 30);
	close(fds[1]);
	wait_now();
	close(fds[0]);

	/* Waiting: for another thread, for the time, for a signal. */
	SHOW((fd = eventfd(0, 0)) >= 0);
	control(EPOLL_CTL_ADD, fd, EPOLLIN, 40);
	pthread_create(&thread, NULL, adder, (void *)(long)fd);
	SHOW(epoll_wait(ep, events, 2, 5000));
	SHOW(events[0].data.u64);
	pthread_join(thread, NULL);
	SHOW(read(fd, &value, 8));
	SHOW(value);
	SHOW(epoll_wait(ep, events, 2, 10));
	signal(SIGALRM, on_alarm);
	sigemptyset(&none);
	sigaddset(&none, SIGALRM);
	sigprocmask(SIG_BLOCK, &none, NULL);
	sigemptyset(&none);
	alarm(1);
	SHOW(epoll_pwait(ep, events, 2, 5000, &none));
	close(ep);
	return 0;
}
