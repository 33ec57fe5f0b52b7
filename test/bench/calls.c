/*
 * Calls that one thread makes for itself.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MANY_MAX 1000

static int fd;

void null_call(unsigned times)
{
	while (times--)
		call0(SYS_getppid);
}

bool zero_open(unsigned of)
{
	fd = open("/dev/zero", O_RDONLY);
	return fd >= 0;
}

void read_1(unsigned times)
{
	while (times--)
		call3(SYS_read, fd, (long)buffer, 1);
}

bool null_open(unsigned of)
{
	fd = open("/dev/null", O_WRONLY);
	return fd >= 0;
}

void write_1(unsigned times)
{
	while (times--)
		call3(SYS_write, fd, (long)buffer, 1);
}

void fd_close(void)
{
	close(fd);
}

void yield_alone(unsigned times)
{
	while (times--)
		call0(SYS_sched_yield);
}

/* ---- signals --------------------------------------------------------------------------------- */

static int own_pid;

static void caught(int signal)
{
}

bool signal_catch(unsigned of)
{
	own_pid = getpid();
	return signal(SIGUSR1, caught) != SIG_ERR;
}

void signal_self(unsigned times)
{
	while (times--)
		call3(SYS_kill, own_pid, SIGUSR1, 0);
}

/* ---- many descriptors, one of them ready ----------------------------------------------------- */

static struct pollfd polled[MANY_MAX];
static fd_set wanted;
static unsigned many;

static bool open_with_ready(unsigned of, unsigned ready)
{
	struct rlimit limit = { of + 64, of + 64 };

	many = of;
	setrlimit(RLIMIT_NOFILE, &limit);
	FD_ZERO(&wanted);
	for (unsigned i = 0; i < of; i++) {
		polled[i].fd = eventfd(i == ready, 0);
		polled[i].events = POLLIN;
		if (polled[i].fd < 0 || polled[i].fd >= FD_SETSIZE)
			return false;
		FD_SET(polled[i].fd, &wanted);
	}
	return true;
}

bool many_open(unsigned of)
{
	return open_with_ready(of, 0);
}

bool many_open_last(unsigned of)
{
	return open_with_ready(of, of - 1);
}

void many_close(void)
{
	for (unsigned i = 0; i < many; i++)
		close(polled[i].fd);
}

void poll_many(unsigned times)
{
	while (times--)
		if (call3(SYS_poll, (long)polled, many, -1) != 1)
			fail("poll");
}

void select_many(unsigned times)
{
	while (times--) {
		fd_set in = wanted;

		if (call6(SYS_select, polled[many - 1].fd + 1, (long)&in, 0, 0, 0, 0) != 1)
			fail("select");
	}
}

static int set;

bool epoll_open(unsigned of)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (!many_open(of))
		return false;
	set = epoll_create1(0);
	for (unsigned i = 0; i < of; i++) {
		event.data.u32 = i;
		if (epoll_ctl(set, EPOLL_CTL_ADD, polled[i].fd, &event))
			return false;
	}
	return true;
}

void epoll_close(void)
{
	close(set);
	many_close();
}

void epoll_many(unsigned times)
{
	struct epoll_event events[16];

	while (times--)
		if (call6(SYS_epoll_wait, set, (long)events, 16, -1, 0, 0) != 1)
			fail("epoll_wait");
}
