/* AF_UNIX streams: connections, bytes, ends, what reads and writes give in each state. */
#include "sockets.h"

#include <signal.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static char out[70000], big[70000];

static void pair_of_streams(void)
{
	int fds[2];
	struct stat st;

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	SHOW(fds[0]);
	SHOW(fds[1]);
	SHOW(fstat(fds[0], &st));
	printf("mode %o links %d size %ld uid %d gid %d\n", st.st_mode, (int)st.st_nlink,
		(long)st.st_size, st.st_uid, st.st_gid);
	SHOW(fcntl(fds[0], F_GETFL));
	SHOW(fcntl(fds[0], F_GETFD));
	show_names("pair", fds[0]);
	show_poll("new", fds[0]);
	SHOW(write(fds[0], "hello", 5));
	show_poll("with 5 bytes", fds[1]);
	SHOW(read(fds[1], out, 3));
	SHOW(read(fds[1], out + 3, 10));
	printf("%.5s\n", out);
	SHOW(send(fds[1], "back", 4, 0));
	SHOW(recv(fds[0], out, 2, MSG_PEEK));
	SHOW(recv(fds[0], out, 10, MSG_PEEK));
	SHOW(recv(fds[0], out, 10, 0));
	printf("%.4s\n", out);
	SHOW(recv(fds[0], out, 10, MSG_DONTWAIT));
	SHOW(write(fds[0], "x", 0));
	SHOW(read(fds[1], out, 0));
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	SHOW(lseek(fds[0], 0, SEEK_SET));
	SHOW(pread(fds[0], out, 1, 0));
	SHOW(pwrite(fds[0], out, 1, 0));
	SHOW(fsync(fds[0]));
	SHOW(ftruncate(fds[0], 0));
	SHOW(close(fds[0]));
	show_poll("hung up", fds[1]);
	SHOW(read(fds[1], out, 10));
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(fds[1], "x", 1));
	SHOW(send(fds[1], "x", 1, MSG_NOSIGNAL));
	SHOW(write(fds[1], "x", 0));
	SHOW(close(fds[1]));
}

/* Many small writes are one stream; a large one arrives whole. */
static void amounts(void)
{
	int fds[2], n = -1;
	struct iovec pieces[3] = { { big, 10 }, { big + 10, 0 }, { big + 10, 20 } };
	long total = 0;

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 256);
	for (int i = 0; i < 100; i++)
		total += write(fds[0], big + i, 1);
	SHOW(total);
	SHOW(ioctl(fds[1], FIONREAD, &n));
	SHOW(n);
	SHOW(read(fds[1], out, 40));
	SHOW(read(fds[1], out + 40, 100));
	SHOW(memcmp(out, big, 100));
	SHOW(writev(fds[0], pieces, 3));
	SHOW(readv(fds[1], pieces, 1));
	SHOW(recv(fds[1], out, 30, MSG_WAITALL | MSG_DONTWAIT));
	SHOW(writev(fds[0], pieces, 0));
	SHOW(write(fds[0], big, sizeof(big)));
	SHOW(recv(fds[1], out, sizeof(out), MSG_WAITALL));
	SHOW(memcmp(out, big, sizeof(big)));
	/* As it comes, in pieces that fit nothing. */
	SHOW(write(fds[0], big, 50000));
	total = 0;
	while (total < 50000)
		total += read(fds[1], out + total, 777);
	SHOW(memcmp(out, big, 50000));
	SHOW(ioctl(fds[0], TIOCOUTQ, &n));
	SHOW(n);
	SHOW(ioctl(fds[0], TCGETS, out));
	close(fds[0]);
	close(fds[1]);
}

static void shut_down(void)
{
	int fds[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	SHOW(write(fds[0], "last", 4));
	SHOW(shutdown(fds[0], SHUT_WR));
	show_poll("it shut writing", fds[0]);
	show_poll("peer shut writing, 4 bytes", fds[1]);
	SHOW(write(fds[0], "x", 1));
	SHOW(read(fds[1], out, 10));
	SHOW(read(fds[1], out, 10));
	show_poll("peer shut writing", fds[1]);
	SHOW(write(fds[1], "still", 5));
	SHOW(read(fds[0], out, 10));
	SHOW(shutdown(fds[1], SHUT_WR));
	show_poll("both shut writing", fds[0]);
	SHOW(shutdown(fds[0], 7));
	SHOW(shutdown(fds[0], -1));
	close(fds[0]);
	close(fds[1]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	SHOW(write(fds[0], "kept", 4));
	SHOW(shutdown(fds[1], SHUT_RD));
	show_poll("it shut reading, 4 bytes", fds[1]);
	show_poll("peer shut reading", fds[0]);
	SHOW(write(fds[0], "x", 1));
	SHOW(read(fds[1], out, 10));
	SHOW(read(fds[1], out, 10));
	SHOW(shutdown(fds[1], SHUT_RDWR));
	show_poll("it shut both", fds[1]);
	close(fds[0]);
	close(fds[1]);
}

/* What was not read is lost, and the other end is told. */
static void lost(void)
{
	int fds[2], error = -1;
	socklen_t bytes = sizeof(error);

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	write(fds[0], "unread", 6);
	close(fds[1]);
	show_poll("peer closed with unread bytes", fds[0]);
	SHOW(read(fds[0], out, 10));
	SHOW(read(fds[0], out, 10));
	close(fds[0]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	write(fds[0], "unread", 6);
	write(fds[1], "to be read", 10);
	close(fds[1]);
	SHOW(read(fds[0], out, 4));
	SHOW(read(fds[0], out, 10));
	SHOW(getsockopt(fds[0], SOL_SOCKET, SO_ERROR, &error, &bytes));
	SHOW(error);
	SHOW(read(fds[0], out, 10));
	close(fds[0]);
}

static void connections(void)
{
	int l, c, a;
	struct sockaddr_un un;
	socklen_t bytes = sizeof(un);

	l = SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW(listen(l, 1));
	SHOW(bind_to(l, "/tmp/stream"));
	show_poll("bound", l);
	SHOW(accept(l, NULL, NULL));
	SHOW(listen(l, 1));
	SHOW(listen(l, 5));
	show_poll("listening", l);
	SHOW(read(l, out, 1));
	SHOW(write(l, out, 1));
	c = SHOW(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	show_poll("unconnected", c);
	SHOW(read(c, out, 1));
	SHOW(write(c, "x", 1));
	SHOW(shutdown(c, SHUT_RD));
	SHOW(close(c));
	c = SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW(connect_to(c, "/tmp/stream"));
	show_names("client before accept", c);
	show_poll("client before accept", c);
	show_poll("listener with a client", l);
	SHOW(write(c, "early", 5));
	SHOW(connect_to(c, "/tmp/stream"));
	SHOW(bind_to(c, "@client"));
	a = SHOW(accept(l, (struct sockaddr *)&un, &bytes));
	show_address("accepted", &un, bytes);
	show_names("accepted", a);
	show_names("client", c);
	SHOW(read(a, out, 10));
	SHOW(write(a, "reply", 5));
	SHOW(recvfrom(c, out, 10, 0, (struct sockaddr *)&un, &bytes));
	show_address("from", &un, bytes);
	SHOW(send_to(c, "/tmp/stream", "x", 1, 0));
	SHOW(listen(c, 1));
	SHOW(connect_to(l, "/tmp/stream"));
	SHOW(bind_to(l, "@other"));
	SHOW(close(l));
	SHOW(write(c, "x", 1));
	SHOW(close(a));
	SHOW(read(c, out, 10));
	close(c);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(c, "/tmp/stream"));
	SHOW(send_to(c, "/tmp/stream", "x", 1, 0));
	close(c);
	unlink("/tmp/stream");
}

/* Whoever is not accepted is told when the listener goes. */
static void not_accepted(void)
{
	int l = listener(SOCK_STREAM, "@gone", 4), c = socket(AF_UNIX, SOCK_STREAM, 0), flags;

	SHOW(connect_to(c, "@gone"));
	SHOW(write(c, "lost", 4));
	SHOW(close(l));
	show_poll("never accepted", c);
	SHOW(read(c, out, 1));
	SHOW(read(c, out, 1));
	close(c);
	/* And who goes before it is accepted has left what it sent. */
	l = listener(SOCK_STREAM, "@gone", 4);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	connect_to(c, "@gone");
	write(c, "left", 4);
	close(c);
	c = SHOW(accept4(l, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
	flags = fcntl(c, F_GETFL);
	SHOW(flags);
	SHOW(fcntl(c, F_GETFD));
	SHOW(read(c, out, 10));
	SHOW(read(c, out, 10));
	close(c);
	SHOW(syscall(SYS_accept4, l, NULL, NULL, 1));
	fcntl(l, F_SETFL, O_NONBLOCK);
	SHOW(accept(l, NULL, NULL));
	SHOW(shutdown(l, SHUT_RD));
	show_poll("listener shut", l);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(c, "@gone"));
	close(c);
	close(l);
}

static void send_a_file(void)
{
	int fds[2], file = open("/tmp/file", O_RDWR | O_CREAT, 0600);
	off_t offset = 100;

	write(file, big, 20000);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	SHOW(sendfile(fds[0], file, &offset, 10000));
	SHOW(offset);
	SHOW(recv(fds[1], out, 10000, MSG_WAITALL));
	SHOW(memcmp(out, big + 100, 10000));
	SHOW(sendfile(file, fds[0], NULL, 10));
	close(fds[0]);
	close(fds[1]);
	close(file);
	unlink("/tmp/file");
}

/* Between pipes and sockets without a buffer of the program's. */
static void splices(void)
{
	int fds[2], ends[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	pipe(ends);
	SHOW(write(ends[1], big, 5000));
	SHOW(splice(ends[0], NULL, fds[0], NULL, 3000, 0));
	SHOW(splice(ends[0], NULL, fds[0], NULL, 3000, 0));
	SHOW(recv(fds[1], out, 2500, MSG_WAITALL));
	SHOW(splice(fds[1], NULL, ends[1], NULL, 10000, 0));
	SHOW(splice(fds[1], NULL, ends[1], NULL, 10000, SPLICE_F_NONBLOCK));
	SHOW(read(ends[0], out + 2500, 5000));
	SHOW(memcmp(out, big, 5000));
	SHOW(splice(fds[0], NULL, fds[1], NULL, 10, 0));
	close(fds[0]);
	SHOW(splice(fds[1], NULL, ends[1], NULL, 10, 0));
	write(ends[1], "x", 1);
	SHOW(splice(ends[0], NULL, fds[1], NULL, 10, 0));
	close(fds[1]);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	pair_of_streams();
	amounts();
	shut_down();
	lost();
	connections();
	not_accepted();
	send_a_file();
	splices();
	return 0;
}
