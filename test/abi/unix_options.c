/* getsockopt and setsockopt on AF_UNIX sockets. */
#include "sockets.h"

static void get(int fd, const char *name, int option, socklen_t room)
{
	int value = -77;
	socklen_t bytes = room;
	int err = getsockopt(fd, SOL_SOCKET, option, &value, &bytes);

	if (err)
		printf("get %s: %s\n", name, strerror(errno));
	else
		printf("get %s: %d, %u bytes\n", name, value, (unsigned)bytes);
	fflush(stdout);
}

static void set(int fd, const char *name, int option, int value)
{
	int err = setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value));

	printf("set %s to %d: %s\n", name, value, err ? strerror(errno) : "ok");
	if (!err)
		get(fd, name, option, sizeof(value));
	fflush(stdout);
}

#define GET(option)        get(fd, #option, option, sizeof(int))
#define SET(option, value) set(fd, #option, option, value)

static void kinds(int type)
{
	int fd = socket(AF_UNIX, type, 0), on = 1;

	printf("type %d\n", type);
	GET(SO_TYPE);
	GET(SO_DOMAIN);
	GET(SO_PROTOCOL);
	GET(SO_ACCEPTCONN);
	GET(SO_ERROR);
	GET(SO_SNDBUF);
	GET(SO_RCVBUF);
	GET(SO_SNDLOWAT);
	GET(SO_RCVLOWAT);
	SET(SO_TYPE, 1);
	SET(SO_DOMAIN, 1);
	SET(SO_PROTOCOL, 1);
	SET(SO_ERROR, 1);
	SET(SO_SNDLOWAT, 1);
	SET(SO_ACCEPTCONN, 1);
	SET(SO_PEERCRED, 1);
	SET(SO_REUSEADDR, 7);
	SET(SO_REUSEADDR, 0);
	SET(SO_KEEPALIVE, 1);
	SET(SO_BROADCAST, 1);
	SET(SO_OOBINLINE, 1);
	SET(SO_DONTROUTE, 1);
	SET(SO_DEBUG, 1);
	SET(SO_PASSCRED, 5);
	SET(SO_PASSCRED, 0);
	SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 3));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 8));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, -1));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)8, 4));
	SHOW(setsockopt(fd, SOL_SOCKET, 9999, &on, 4));
	SHOW(setsockopt(fd, 6, 1, &on, 4));
	get(fd, "SO_TYPE, 2 bytes", SO_TYPE, 2);
	get(fd, "SO_TYPE, 0 bytes", SO_TYPE, 0);
	get(fd, "SO_TYPE, 100 bytes", SO_TYPE, 100);
	get(fd, "SO_TYPE, -1 bytes", SO_TYPE, -1);
	get(fd, "9999", 9999, 4);
	SHOW(getsockopt(fd, 6, 1, &on, &(socklen_t){ 4 }));
	SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &on, (void *)8));
	SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, (void *)8, &(socklen_t){ 4 }));
	close(fd);
}

static void buffers(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	SET(SO_SNDBUF, 10000);
	SET(SO_SNDBUF, 0);
	SET(SO_SNDBUF, 100000000);
	SET(SO_SNDBUF, -1);
	SET(SO_RCVBUF, 10000);
	SET(SO_RCVBUF, 0);
	SET(SO_RCVBUF, 100000000);
	SET(SO_SNDBUFFORCE, 1000000);
	GET(SO_SNDBUF);
	SET(SO_SNDBUFFORCE, -5);
	GET(SO_SNDBUF);
	SET(SO_SNDBUFFORCE, 0x7fffffff);
	GET(SO_SNDBUF);
	SET(SO_RCVBUFFORCE, 1000000);
	GET(SO_RCVBUF);
	SET(SO_RCVLOWAT, 100);
	SET(SO_RCVLOWAT, 0);
	SET(SO_RCVLOWAT, -1);
	if (fork() == 0) {
		setuid(1000);
		SET(SO_SNDBUFFORCE, 1000);
		SET(SO_RCVBUFFORCE, 1000);
		SET(SO_DEBUG, 0);
		SET(SO_DEBUG, 1);
		_exit(0);
	}
	wait(NULL);
	close(fd);
}

static void show_timeout(int fd, int option)
{
	struct timeval tv = { -1, -1 };
	socklen_t bytes = sizeof(tv);

	SHOW(getsockopt(fd, SOL_SOCKET, option, &tv, &bytes));
	printf("%ld.%06ld, %u bytes\n", (long)tv.tv_sec, (long)tv.tv_usec, (unsigned)bytes);
	fflush(stdout);
}

static void set_timeout(int fd, int option, long sec, long usec)
{
	struct timeval tv = { sec, usec };

	printf("timeout %ld.%06ld\n", sec, usec);
	SHOW(setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv)));
	show_timeout(fd, option);
}

static void timeouts(void)
{
	int fds[2];
	char byte;
	struct timeval tv = { 0, 0 };

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	show_timeout(fds[0], SO_RCVTIMEO);
	/* Multiples of Linux's tick. */
	set_timeout(fds[0], SO_RCVTIMEO, 5, 0);
	set_timeout(fds[0], SO_SNDTIMEO, 0, 500000);
	set_timeout(fds[0], SO_RCVTIMEO, 0, 1000000);
	set_timeout(fds[0], SO_RCVTIMEO, 0, -1);
	set_timeout(fds[0], SO_RCVTIMEO, 0, 20000);
	SHOW(read(fds[0], &byte, 1));
	SHOW(recv(fds[0], &byte, 1, MSG_WAITALL));
	set_timeout(fds[0], SO_RCVTIMEO, -1, 0);
	SHOW(read(fds[0], &byte, 1));
	set_timeout(fds[0], SO_RCVTIMEO, 0, 0);
	SHOW(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, 8));
	SHOW(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, (void *)8, sizeof(tv)));
	close(fds[0]);
	close(fds[1]);
}

static void lingering(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct linger linger = { 5, 7 };
	socklen_t bytes = sizeof(linger);

	SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	SHOW(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &bytes));
	printf("%d %d\n", linger.l_onoff, linger.l_linger);
	linger.l_onoff = 0;
	linger.l_linger = 9;
	SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	SHOW(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &bytes));
	printf("%d %d\n", linger.l_onoff, linger.l_linger);
	SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, 4));
	close(fd);
}

static void states(void)
{
	int fd = listener(SOCK_STREAM, "@options", 1), fds[2];
	struct sockaddr_un un;
	socklen_t bytes = sizeof(un);

	GET(SO_ACCEPTCONN);
	SHOW(getsockopt(fd, SOL_SOCKET, SO_PEERNAME, &un, &bytes));
	fds[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	connect_to(fds[0], "@options");
	bytes = 5;
	SHOW(getsockopt(fds[0], SOL_SOCKET, SO_PEERNAME, &un, &bytes));
	SHOW(bytes);
	bytes = 10;
	SHOW(getsockopt(fds[0], SOL_SOCKET, SO_PEERNAME, &un, &bytes));
	show_address("peer's name", &un, bytes);
	bytes = 11;
	SHOW(getsockopt(fds[0], SOL_SOCKET, SO_PEERNAME, &un, &bytes));
	close(fds[0]);
	close(fd);
}

/* A read waits for as much as SO_RCVLOWAT says. */
static void low_water(void)
{
	int fds[2], three = 3;
	char out[10];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	setsockopt(fds[1], SOL_SOCKET, SO_RCVLOWAT, &three, sizeof(three));
	if (fork() == 0) {
		write(fds[0], "a", 1);
		write(fds[0], "b", 1);
		until_asleep(getppid());
		write(fds[0], "cd", 2);
		_exit(0);
	}
	SHOW(read(fds[1], out, sizeof(out)));
	wait(NULL);
	write(fds[0], "x", 1);
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	kinds(SOCK_STREAM);
	kinds(SOCK_DGRAM);
	buffers();
	timeouts();
	lingering();
	states();
	low_water();
	return 0;
}
