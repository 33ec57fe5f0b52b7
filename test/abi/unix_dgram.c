/* AF_UNIX datagrams: boundaries, addresses, peers that come and go, how many may wait. */
#include "sockets.h"

static char out[300000], big[300000];

static int bound(const char *name)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (bind_to(fd, name))
		printf("bind %s: %s\n", name, strerror(errno));
	return fd;
}

static void show_from(int fd, int flags)
{
	struct sockaddr_un un;
	socklen_t bytes = sizeof(un);
	long n;

	memset(out, 0, 64);
	n = SHOW(recvfrom(fd, out, 32, flags, (struct sockaddr *)&un, &bytes));
	if (n >= 0)
		show_address(out, &un, bytes);
}

static void boundaries(void)
{
	int fds[2], n = -1;
	struct stat st;

	SHOW(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	SHOW(fstat(fds[0], &st));
	printf("mode %o\n", st.st_mode);
	show_poll("new", fds[0]);
	SHOW(write(fds[0], "one", 3));
	SHOW(write(fds[0], "", 0));
	SHOW(write(fds[0], "three", 5));
	SHOW(ioctl(fds[1], FIONREAD, &n));
	SHOW(n);
	show_poll("three wait", fds[1]);
	SHOW(recv(fds[1], out, 2, MSG_PEEK));
	SHOW(recv(fds[1], out, 2, MSG_PEEK | MSG_TRUNC));
	SHOW(recv(fds[1], out, 2, 0));
	SHOW(recv(fds[1], out, 10, 0));
	SHOW(recv(fds[1], out, 3, MSG_TRUNC));
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	SHOW(send(fds[0], big, 100000, 0));
	SHOW(ioctl(fds[1], FIONREAD, &n));
	SHOW(n);
	SHOW(recv(fds[1], out, sizeof(out), MSG_WAITALL));
	SHOW(memcmp(out, big, 100000));
	SHOW(send(fds[0], big, 212960, MSG_DONTWAIT));
	SHOW(send(fds[0], big, 212961, MSG_DONTWAIT));
	SHOW(read(fds[1], out, sizeof(out)));
	SHOW(read(fds[1], out, 0));
	SHOW(recv(fds[1], out, 10, MSG_OOB));
	SHOW(send(fds[1], out, 10, MSG_OOB));
	close(fds[0]);
	close(fds[1]);
}

static void addresses(void)
{
	int a = bound("@a"), b = bound("/tmp/b"), nameless = socket(AF_UNIX, SOCK_DGRAM, 0);

	SHOW(send_to(a, "/tmp/b", "from a", 6, 0));
	show_from(b, MSG_PEEK);
	show_from(b, 0);
	SHOW(send_to(b, "@a", "from b", 6, 0));
	show_from(a, 0);
	SHOW(send_to(nameless, "@a", "nameless", 8, 0));
	show_from(a, 0);
	SHOW(send(nameless, "x", 1, 0));
	SHOW(send_to(nameless, "@none", "x", 1, 0));
	SHOW(send_to(nameless, "/tmp/none", "x", 1, 0));
	SHOW(send_to(a, "@a", "to myself", 9, 0));
	show_from(a, 0);
	/* The name is the sender's when the message is read. */
	SHOW(send_to(nameless, "@a", "named later", 11, 0));
	SHOW(bind_to(nameless, "@late"));
	show_from(a, 0);
	close(nameless);
	SHOW(send_to(b, "@a", "closed", 6, 0));
	SHOW(close(b));
	show_from(a, 0);
	SHOW(send_to(a, "/tmp/b", "x", 1, 0));
	unlink("/tmp/b");
	close(a);
}

static void peers(void)
{
	int a = bound("@a"), b = bound("@b"), c = bound("@c"), error = -1;
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	socklen_t bytes = sizeof(error);

	SHOW(connect_to(a, "@b"));
	show_names("a", a);
	SHOW(write(a, "1", 1));
	show_from(b, 0);
	/* b takes messages of everybody as long as it is not connected itself. */
	SHOW(send_to(c, "@b", "2", 1, 0));
	show_from(b, 0);
	SHOW(connect_to(b, "@a"));
	SHOW(send_to(c, "@b", "3", 1, 0));
	SHOW(connect_to(c, "@b"));
	SHOW(send_to(a, "@c", "4", 1, 0));
	show_from(c, 0);
	/* Another peer: what has come is lost, and the old peer is told. */
	SHOW(write(b, "5", 1));
	SHOW(connect_to(a, "@c"));
	SHOW(recv(a, out, 10, MSG_DONTWAIT));
	show_poll("b, whose peer has left", b);
	SHOW(getsockopt(b, SOL_SOCKET, SO_ERROR, &error, &bytes));
	SHOW(error);
	SHOW(write(b, "6", 1));
	SHOW(connect(a, &none, 1));
	SHOW(connect(a, &none, sizeof(none)));
	show_names("a, disconnected", a);
	SHOW(write(a, "x", 1));
	SHOW(connect(a, &none, 2));
	/* A peer that has gone. */
	SHOW(connect_to(c, "@a"));
	SHOW(send_to(a, "@c", "7", 1, 0));
	SHOW(close(a));
	show_poll("c, whose peer has gone", c);
	show_names("c", c);
	SHOW(write(c, "x", 1));
	SHOW(recv(c, out, 10, MSG_DONTWAIT));
	SHOW(write(c, "x", 1));
	show_names("c", c);
	/* b's peer has gone too, and nothing waits there. */
	SHOW(write(b, "x", 1));
	SHOW(write(b, "x", 1));
	close(b);
	close(c);
}

static void pair_ends(void)
{
	int fds[2];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	SHOW(write(fds[0], "kept", 4));
	SHOW(close(fds[0]));
	show_poll("peer closed, 4 bytes", fds[1]);
	SHOW(recv(fds[1], out, 10, 0));
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	SHOW(write(fds[1], "x", 1));
	SHOW(write(fds[1], "x", 1));
	close(fds[1]);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	SHOW(write(fds[0], "kept", 4));
	SHOW(shutdown(fds[1], SHUT_RD));
	show_poll("it shut reading", fds[1]);
	show_poll("peer shut reading", fds[0]);
	SHOW(write(fds[0], "x", 1));
	SHOW(recv(fds[1], out, 10, 0));
	SHOW(recv(fds[1], out, 10, 0));
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	SHOW(shutdown(fds[0], SHUT_WR));
	show_poll("it shut writing", fds[0]);
	SHOW(write(fds[0], "x", 1));
	SHOW(shutdown(fds[0], SHUT_RD));
	show_poll("it shut both", fds[0]);
	close(fds[0]);
	close(fds[1]);
}

/* Eleven messages may wait at a socket that is not connected with the sender. */
static void queue_limit(void)
{
	int a = bound("@a"), b = socket(AF_UNIX, SOCK_DGRAM, 0), n = 0;

	connect_to(b, "@a");
	show_poll("sender, none waits", b);
	while (send(b, "x", 1, MSG_DONTWAIT) == 1)
		n++;
	SHOW(n);
	SHOW(send(b, "x", 1, MSG_DONTWAIT));
	show_poll("sender, queue full", b);
	SHOW(send_to(a, "@a", "to myself", 9, MSG_DONTWAIT));
	SHOW(recv(a, out, 10, 0));
	show_poll("sender, one less waits", b);
	SHOW(recv(a, out, 10, 0));
	show_poll("sender, two less wait", b);
	SHOW(send(b, "x", 1, MSG_DONTWAIT));
	SHOW(send(b, "x", 1, MSG_DONTWAIT));
	close(a);
	close(b);
}

static void listening(void)
{
	int a = bound("@a"), c = socket(AF_UNIX, SOCK_STREAM, 0);

	SHOW(listen(a, 1));
	SHOW(accept(a, NULL, NULL));
	SHOW(connect_to(c, "@a"));
	SHOW(bind_to(c, "@a"));
	close(a);
	close(c);
	a = bound("/tmp/a");
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(c, "/tmp/a"));
	close(a);
	close(c);
	unlink("/tmp/a");
	a = SHOW(socket(AF_UNIX, SOCK_RAW, 0));
	close(a);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 13 + i / 256);
	boundaries();
	addresses();
	peers();
	pair_ends();
	queue_limit();
	listening();
	return 0;
}
