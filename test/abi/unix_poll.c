/* poll, select and epoll on AF_UNIX sockets: what they say, and that they wake up. */
#include "sockets.h"

#include <sys/epoll.h>
#include <sys/select.h>

static char big[300000];

static void fill(int fd)
{
	while (send(fd, big, 10000, MSG_DONTWAIT) > 0)
		;
}

static void drain(int fd)
{
	while (recv(fd, big, sizeof(big), MSG_DONTWAIT) > 0)
		;
}

static const char *events_text(unsigned events)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s%s%s%s%s", events & EPOLLIN ? " IN" : "",
		events & EPOLLOUT ? " OUT" : "", events & EPOLLERR ? " ERR" : "",
		events & EPOLLHUP ? " HUP" : "", events & EPOLLRDHUP ? " RDHUP" : "");
	return text;
}

static void show_epoll(const char *what, int set)
{
	struct epoll_event events[8];
	int n = epoll_wait(set, events, 8, 0);

	printf("epoll %s: %d", what, n);
	for (int i = 0; i < n; i++)
		printf(",%s", events_text(events[i].events));
	puts("");
	fflush(stdout);
}

static void add(int set, int fd, unsigned events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event))
		printf("epoll_ctl: %s\n", strerror(errno));
}

static void full(int type)
{
	int fds[2], set = epoll_create1(0), edges = epoll_create1(0);

	socketpair(AF_UNIX, type, 0, fds);
	add(set, fds[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP);
	add(edges, fds[0], EPOLLOUT | EPOLLET);
	show_epoll("edges, new", edges);
	fill(fds[0]);
	show_poll("full", fds[0]);
	show_epoll("full", set);
	show_epoll("edges, full", edges);
	drain(fds[1]);
	show_poll("drained", fds[0]);
	show_epoll("drained", set);
	show_epoll("edges, drained", edges);
	show_epoll("edges, again", edges);
	shutdown(fds[1], SHUT_WR);
	show_epoll("peer shut writing", set);
	close(fds[1]);
	show_epoll("peer closed", set);
	show_epoll("edges, peer closed", edges);
	close(fds[0]);
	show_epoll("closed", set);
	close(set);
	close(edges);
}

static void readable_edges(void)
{
	int fds[2], set = epoll_create1(0);

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	add(set, fds[1], EPOLLIN | EPOLLRDHUP | EPOLLET);
	show_epoll("nothing yet", set);
	write(fds[0], "a", 1);
	show_epoll("a byte", set);
	show_epoll("a byte, again", set);
	write(fds[0], "b", 1);
	show_epoll("another", set);
	read(fds[1], big, 1);
	show_epoll("one read", set);
	shutdown(fds[0], SHUT_WR);
	show_epoll("shut", set);
	close(fds[0]);
	show_epoll("closed", set);
	close(fds[1]);
	close(set);
}

static void listeners(void)
{
	int l = listener(SOCK_STREAM, "@poll", 4), set = epoll_create1(0), c, a;

	add(set, l, EPOLLIN);
	show_epoll("listener", set);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	connect_to(c, "@poll");
	show_epoll("listener, a client", set);
	a = accept(l, NULL, NULL);
	show_epoll("listener, accepted", set);
	close(a);
	close(c);
	close(l);
	close(set);
}

static void selects(void)
{
	int fds[2];
	fd_set in, out, except;
	struct timeval none = { 0, 0 };

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	write(fds[0], "x", 1);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&except);
	for (int i = 0; i < 2; i++) {
		FD_SET(fds[i], &in);
		FD_SET(fds[i], &out);
		FD_SET(fds[i], &except);
	}
	SHOW(select(fds[1] + 1, &in, &out, &except, &none));
	for (int i = 0; i < 2; i++)
		printf("%d: in %d out %d except %d\n", i, !!FD_ISSET(fds[i], &in),
			!!FD_ISSET(fds[i], &out), !!FD_ISSET(fds[i], &except));
	fflush(stdout);
	close(fds[0]);
	close(fds[1]);
}

/* The sender to a full queue hears when there is room again, whoever made it. */
static void full_queue(void)
{
	int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);
	int c = socket(AF_UNIX, SOCK_DGRAM, 0), set = epoll_create1(0);

	bind_to(a, "@a");
	bind_to(c, "@c");
	connect_to(b, "@a");
	add(set, b, EPOLLOUT | EPOLLET);
	show_epoll("sender", set);
	while (send(b, "x", 1, MSG_DONTWAIT) == 1)
		;
	show_epoll("sender, full", set);
	recv(a, big, 1, 0);
	recv(a, big, 1, 0);
	show_epoll("sender, room", set);
	while (send(b, "x", 1, MSG_DONTWAIT) == 1)
		;
	show_epoll("sender, full again", set);
	/* With another peer there is room. */
	connect_to(b, "@c");
	show_epoll("sender, another peer", set);
	while (send(b, "x", 1, MSG_DONTWAIT) == 1)
		;
	close(c);
	show_epoll("sender, peer gone", set);
	close(a);
	close(b);
	close(set);
}

/* Who waits is woken, by each kind of event. */
static void wakes(const char *what, int fd, short events, void (*act)(int), int arg)
{
	struct pollfd p = { .fd = fd, .events = events };
	pid_t parent = getpid(), child = fork();

	if (child == 0) {
		until_asleep(parent);
		act(arg);
		_exit(0);
	}
	poll(&p, 1, 20000);
	printf("woken by %s:%s\n", what, events_text(p.revents));
	fflush(stdout);
	waitpid(child, NULL, 0);
}

static void act_write(int fd)
{
	write(fd, "x", 1);
}

static void act_drain(int fd)
{
	drain(fd);
}

static void act_shut(int fd)
{
	shutdown(fd, SHUT_WR);
}

static void act_shut_reading(int fd)
{
	shutdown(fd, SHUT_RD);
}

static void act_connect(int unused)
{
	connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "@wake");
}

static void woken(void)
{
	int fds[2], l;

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	wakes("a write", fds[0], POLLIN, act_write, fds[1]);
	drain(fds[0]);
	fill(fds[0]);
	wakes("a read", fds[0], POLLOUT, act_drain, fds[1]);
	wakes("shutdown, writing", fds[0], POLLIN, act_shut, fds[1]);
	wakes("shutdown, its own", fds[1], POLLIN, act_shut_reading, fds[1]);
	close(fds[0]);
	close(fds[1]);
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
	wakes("a packet", fds[0], POLLIN, act_write, fds[1]);
	close(fds[0]);
	close(fds[1]);
	l = listener(SOCK_STREAM, "@wake", 1);
	wakes("a connection", l, POLLIN, act_connect, 0);
	close(l);
}

int main(void)
{
	full(SOCK_STREAM);
	full(SOCK_DGRAM);
	full(SOCK_SEQPACKET);
	readable_edges();
	listeners();
	selects();
	full_queue();
	woken();
	return 0;
}
