/* Descriptors through AF_UNIX sockets: what arrives, what is refused, what is cut, what goes. */
#include "sockets.h"

#include <sys/resource.h>

#define MANY 253

static char out[256];

union control {
	struct cmsghdr header;
	char data[CMSG_SPACE(sizeof(int) * 300)];
};

/* Sends `text` with `count` descriptors, the i-th fds[i % given]. */
static long send_fds(int fd, const char *text, const int *fds, int given, int count)
{
	static union control control;
	struct iovec piece = { (char *)text, strlen(text) };
	struct msghdr header = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(sizeof(int) * count) };
	int *data = (int *)CMSG_DATA(&control.header);

	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int) * count),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS };
	for (int i = 0; i < count; i++)
		data[i] = fds[i % given];
	/* musl's own takes less control data than the kernel. */
	return syscall(SYS_sendmsg, fd, &header, MSG_DONTWAIT);
}

/* Receives up to `size` bytes with `room` bytes of control data; the descriptors into fds. */
static int receive_fds(int fd, size_t size, size_t room, int flags, int *fds)
{
	union control control;
	struct iovec piece = { out, size };
	struct msghdr header = {
		.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = room
	};
	long n;
	int count = 0;

	memset(&control, 0, sizeof(control));
	n = recvmsg(fd, &header, flags | MSG_DONTWAIT);
	if (n < 0) {
		printf("recvmsg: %s\n", strerror(errno));
		return 0;
	}
	printf("recvmsg: %ld bytes, flags %#x, control %ld:", n, header.msg_flags,
		(long)header.msg_controllen);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		int in = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));

		printf(" type %d length %ld", c->cmsg_type, (long)c->cmsg_len);
		if (c->cmsg_type == SCM_RIGHTS) {
			memcpy(fds + count, CMSG_DATA(c), in * sizeof(int));
			count += in;
		}
	}
	puts("");
	fflush(stdout);
	return count;
}

static int lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void one(int type)
{
	int fds[2], pipe_fds[2], got[4] = { -1, -1, -1, -1 }, n;
	struct stat a, b;

	socketpair(AF_UNIX, type, 0, fds);
	pipe(pipe_fds);
	SHOW(send_fds(fds[0], "fd", &pipe_fds[1], 1, 1));
	n = receive_fds(fds[1], 10, 100, MSG_CMSG_CLOEXEC, got);
	SHOW(n);
	SHOW(got[0]);
	SHOW(fcntl(got[0], F_GETFD));
	fstat(got[0], &a);
	fstat(pipe_fds[1], &b);
	SHOW(a.st_ino == b.st_ino);
	SHOW(write(got[0], "through", 7));
	SHOW(read(pipe_fds[0], out, 10));
	SHOW(close(got[0]));
	/* Looked at and then taken, it comes twice. */
	SHOW(send_fds(fds[0], "fd", &pipe_fds[1], 1, 1));
	n = receive_fds(fds[1], 10, 100, MSG_PEEK, got);
	n += receive_fds(fds[1], 10, 100, 0, got + 1);
	SHOW(n);
	SHOW(got[0] != got[1]);
	SHOW(fcntl(got[1], F_GETFD));
	close(got[0]);
	close(got[1]);
	/* read(2) takes the bytes and drops the descriptor. */
	SHOW(send_fds(fds[0], "fd", &pipe_fds[1], 1, 1));
	SHOW(close(pipe_fds[1]));
	fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	SHOW(read(pipe_fds[0], out, 1));
	SHOW(read(fds[1], out, 10));
	SHOW(read(pipe_fds[0], out, 1));
	/* So does closing the socket. */
	pipe(got);
	SHOW(send_fds(fds[0], "fd", &got[1], 1, 1));
	close(got[1]);
	fcntl(got[0], F_SETFL, O_NONBLOCK);
	SHOW(read(got[0], out, 1));
	close(fds[1]);
	SHOW(read(got[0], out, 1));
	close(fds[0]);
	close(got[0]);
	close(pipe_fds[0]);
	SHOW(lowest_free());
}

static void room(void)
{
	int fds[2], got[300], n;

	socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	for (size_t bytes = 0; bytes <= CMSG_SPACE(3 * sizeof(int)); bytes += 2) {
		send_fds(fds[0], "three", fds, 2, 3);
		printf("room %zu: ", bytes);
		n = receive_fds(fds[1], 10, bytes, 0, got);
		while (n > 0)
			close(got[--n]);
	}
	SHOW(send_fds(fds[0], "none", fds, 1, 0));
	receive_fds(fds[1], 10, 100, 0, got);
	SHOW(send_fds(fds[0], "many", fds, 1, MANY));
	n = receive_fds(fds[1], 10, sizeof(union control), 0, got);
	SHOW(n);
	while (n > 0)
		close(got[--n]);
	SHOW(send_fds(fds[0], "more", fds, 1, MANY + 1));
	close(fds[0]);
	close(fds[1]);
	SHOW(lowest_free());
}

/* In a stream a message with descriptors ends a read, and begins none before it. */
static void in_a_stream(void)
{
	int fds[2], got[20];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	write(fds[0], "plain ", 6);
	SHOW(send_fds(fds[0], "first ", fds, 1, 1));
	SHOW(send_fds(fds[0], "second ", fds, 1, 2));
	write(fds[0], "after", 5);
	SHOW(receive_fds(fds[1], 100, 100, MSG_PEEK, got));
	SHOW(receive_fds(fds[1], 100, 100, 0, got + 1));
	SHOW(receive_fds(fds[1], 3, 100, 0, got + 2));
	SHOW(receive_fds(fds[1], 100, 100, 0, got + 4));
	SHOW(receive_fds(fds[1], 100, 100, 0, got + 4));
	for (int i = 0; i < 4; i++)
		close(got[i]);
	/* With no bytes there is no message. */
	SHOW(send_fds(fds[0], "", fds, 1, 1));
	SHOW(receive_fds(fds[1], 100, 100, 0, got));
	SHOW(send_fds(fds[0], "x", fds, 1, 1));
	SHOW(write(fds[0], "y", 1));
	SHOW(read(fds[1], out, 10));
	SHOW(read(fds[1], out, 10));
	close(fds[0]);
	close(fds[1]);
	SHOW(lowest_free());
}

static void refused(void)
{
	int fds[2], bad[2] = { 0, 77 }, got[8];
	struct rlimit limit, old;

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	SHOW(send_fds(fds[0], "bad", bad, 2, 2));
	bad[1] = -1;
	SHOW(send_fds(fds[0], "bad", bad, 2, 2));
	SHOW(receive_fds(fds[1], 10, 100, 0, got));
	/* No numbers left: the rest is dropped, and said to be. */
	getrlimit(RLIMIT_NOFILE, &old);
	limit = old;
	limit.rlim_cur = lowest_free() + 2;
	setrlimit(RLIMIT_NOFILE, &limit);
	SHOW(send_fds(fds[0], "four", fds, 2, 4));
	SHOW(receive_fds(fds[1], 10, 100, 0, got));
	setrlimit(RLIMIT_NOFILE, &old);
	close(got[0]);
	close(got[1]);
	/* A file that is only a place can be sent. */
	bad[0] = open("/", O_PATH);
	SHOW(send_fds(fds[0], "path", bad, 1, 1));
	SHOW(receive_fds(fds[1], 10, 100, 0, got));
	SHOW(fcntl(got[0], F_GETFL) & O_PATH);
	close(got[0]);
	close(bad[0]);
	close(fds[0]);
	close(fds[1]);
	SHOW(lowest_free());
}

/* Who is not root may have no more in flight than files open. */
static void too_many(void)
{
	int fds[2], pair[2], sent = 0;
	struct rlimit limit = { 32, 32 };

	if (fork() == 0) {
		setrlimit(RLIMIT_NOFILE, &limit);
		setgid(1234);
		setuid(1234);
		socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
		socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
		while (send_fds(fds[0], "x", pair, 1, 10) == 1)
			sent++;
		SHOW(sent);
		SHOW(send_fds(fds[0], "x", pair, 1, 1));
		SHOW(recv(fds[1], out, 1, 0));
		SHOW(send_fds(fds[0], "x", pair, 1, 1));
		_exit(0);
	}
	wait(NULL);
}

static int hung_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	/* What closes it may take its time. */
	return poll(&p, 1, 10000) == 1 && (p.revents & POLLHUP);
}

/* Sockets that only messages hold go, with all that they hold: seen at a pipe's other end. */
static void cycles(void)
{
	int fds[2], other[2], ends[2], got[4];

	/* In its own queue. */
	pipe(ends);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	SHOW(send_fds(fds[0], "x", &ends[1], 1, 1));
	SHOW(send_fds(fds[0], "x", &fds[1], 1, 1));
	close(ends[1]);
	close(fds[1]);
	close(fds[0]);
	SHOW(hung_up(ends[0]));
	close(ends[0]);
	/* Two, each in the other's. */
	pipe(ends);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	SHOW(send_fds(fds[0], "x", &fds[0], 1, 1));
	SHOW(send_fds(fds[1], "x", &fds[1], 1, 1));
	SHOW(send_fds(fds[1], "x", &ends[1], 1, 1));
	close(ends[1]);
	close(fds[0]);
	close(fds[1]);
	/* That none is closed afterwards is what would keep them. */
	socketpair(AF_UNIX, SOCK_DGRAM, 0, other);
	close(other[0]);
	SHOW(hung_up(ends[0]));
	close(ends[0]);
	/* With a listener that has not accepted. */
	pipe(ends);
	fds[0] = listener(SOCK_STREAM, "@cycle", 1);
	fds[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	connect_to(fds[1], "@cycle");
	SHOW(send_fds(fds[1], "x", &fds[0], 1, 1));
	SHOW(send_fds(fds[1], "x", &ends[1], 1, 1));
	close(ends[1]);
	close(fds[0]);
	close(fds[1]);
	SHOW(hung_up(ends[0]));
	close(ends[0]);
	/* One that can still be had stays. */
	SHOW(send_fds(other[1], "x", &other[1], 1, 1));
	socketpair(AF_UNIX, SOCK_STREAM, 0, other + 0);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	SHOW(send_fds(other[0], "x", fds, 2, 2));
	SHOW(send_fds(fds[0], "y", &fds[1], 1, 1));
	close(fds[0]);
	close(fds[1]);
	pipe(ends);
	close(ends[0]);
	close(ends[1]);
	SHOW(receive_fds(other[1], 10, 100, 0, got));
	SHOW(receive_fds(got[1], 10, 100, 0, got + 2));
	SHOW(write(got[0], "alive", 5));
	SHOW(read(got[2], out, 10));
	close(other[0]);
	close(other[1]);
	for (int i = 0; i < 3; i++)
		close(got[i]);
}

/* Each in a message that waits at the next: they go without the stack's growing. */
static void chain(void)
{
	int ends[2], fds[2], next[2];

	pipe(ends);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	send_fds(fds[0], "x", &ends[1], 1, 1);
	close(ends[1]);
	for (int i = 0; i < 2000; i++) {
		close(fds[0]);
		socketpair(AF_UNIX, SOCK_DGRAM, 0, next);
		send_fds(next[0], "x", &fds[1], 1, 1);
		close(fds[1]);
		fds[0] = next[0];
		fds[1] = next[1];
	}
	close(fds[0]);
	close(fds[1]);
	SHOW(hung_up(ends[0]));
	close(ends[0]);
	SHOW(lowest_free());
}

int main(void)
{
	one(SOCK_STREAM);
	one(SOCK_DGRAM);
	one(SOCK_SEQPACKET);
	room();
	in_a_stream();
	refused();
	too_many();
	cycles();
	chain();
	return 0;
}
