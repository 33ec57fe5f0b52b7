/* AF_UNIX sequenced packets: connections as of streams, boundaries as of datagrams. */
#include "sockets.h"

#include <sys/uio.h>

static char out[1000];

static long receive(int fd, size_t room, int flags)
{
	struct iovec piece = { out, room };
	struct msghdr header = { .msg_iov = &piece, .msg_iovlen = 1 };
	long n = recvmsg(fd, &header, flags);

	printf("recvmsg %zu: %ld %s flags %#x\n", room, n, n < 0 ? strerror(errno) : "",
		n < 0 ? 0 : header.msg_flags);
	fflush(stdout);
	return n;
}

static void pair(void)
{
	int fds[2], n = -1;

	SHOW(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds));
	show_poll("new", fds[0]);
	SHOW(write(fds[0], "first", 5));
	SHOW(send(fds[0], "second", 6, MSG_EOR));
	SHOW(send(fds[0], "", 0, 0));
	SHOW(send_to(fds[0], "@ignored", "third", 5, 0));
	SHOW(ioctl(fds[1], FIONREAD, &n));
	SHOW(n);
	receive(fds[1], 3, MSG_PEEK);
	receive(fds[1], 3, 0);
	receive(fds[1], 100, 0);
	receive(fds[1], 100, 0);
	receive(fds[1], 100, MSG_WAITALL);
	receive(fds[1], 100, MSG_DONTWAIT);
	SHOW(write(fds[0], "last", 4));
	SHOW(close(fds[0]));
	show_poll("peer closed, 4 bytes", fds[1]);
	receive(fds[1], 100, 0);
	receive(fds[1], 100, 0);
	receive(fds[1], 100, MSG_DONTWAIT);
	/* No signal, unlike a stream. */
	SHOW(write(fds[1], "x", 1));
	SHOW(send(fds[1], "x", 1, 0));
	close(fds[1]);
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
	write(fds[0], "unread", 6);
	close(fds[1]);
	show_poll("peer closed with unread bytes", fds[0]);
	SHOW(send(fds[0], "x", 1, 0));
	SHOW(send(fds[0], "x", 1, 0));
	close(fds[0]);
}

static void shut_down(void)
{
	int fds[2];

	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
	SHOW(write(fds[0], "kept", 4));
	SHOW(shutdown(fds[0], SHUT_WR));
	show_poll("peer shut writing", fds[1]);
	SHOW(write(fds[0], "x", 1));
	receive(fds[1], 10, 0);
	receive(fds[1], 10, 0);
	SHOW(shutdown(fds[0], SHUT_RD));
	show_poll("it shut both", fds[0]);
	show_poll("peer shut both", fds[1]);
	SHOW(write(fds[1], "x", 1));
	close(fds[0]);
	close(fds[1]);
}

static void connections(void)
{
	int l = socket(AF_UNIX, SOCK_SEQPACKET, 0), c = socket(AF_UNIX, SOCK_SEQPACKET, 0), a;
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	SHOW(write(c, "x", 1));
	SHOW(read(c, out, 1));
	show_poll("unconnected", c);
	SHOW(bind_to(l, "/tmp/seq"));
	SHOW(listen(l, 0));
	show_poll("listening", l);
	SHOW(read(l, out, 1));
	SHOW(connect_to(s, "/tmp/seq"));
	SHOW(connect_to(c, "/tmp/seq"));
	SHOW(write(c, "early", 5));
	show_poll("listener with a client", l);
	a = SHOW(accept(l, NULL, NULL));
	receive(a, 100, 0);
	SHOW(send_to(a, "/tmp/none", "address ignored", 15, 0));
	receive(c, 100, 0);
	show_names("accepted", a);
	show_names("client", c);
	close(a);
	close(c);
	close(s);
	close(l);
	unlink("/tmp/seq");
}

int main(void)
{
	pair();
	shut_down();
	connections();
	return 0;
}
