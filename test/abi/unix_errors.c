/* What the calls for sockets refuse, and with which error. */
#include "sockets.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/uio.h>

#define BAD ((void *)8)

static char out[100];

static void making(void)
{
	int fds[2];

	SHOW(syscall(SYS_socket, AF_UNIX, 0, 0));
	SHOW(syscall(SYS_socket, AF_UNIX, SOCK_RDM, 0));
	SHOW(syscall(SYS_socket, AF_UNIX, 7, 0));
	SHOW(syscall(SYS_socket, AF_UNIX, 11, 0));
	SHOW(syscall(SYS_socket, AF_UNIX, 15, 0));
	SHOW(syscall(SYS_socket, AF_UNIX, -1, 0));
	SHOW(syscall(SYS_socket, AF_UNIX, SOCK_STREAM | 0x100, 0));
	SHOW(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 1));
	SHOW(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 2));
	SHOW(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, -1));
	SHOW(syscall(SYS_socket, AF_UNSPEC, SOCK_STREAM, 0));
	SHOW(syscall(SYS_socket, -1, SOCK_STREAM, 0));
	SHOW(syscall(SYS_socket, 46, SOCK_STREAM, 0));
	SHOW(syscall(SYS_socket, 1000, SOCK_STREAM, 0));
	close(3);
	SHOW(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, BAD));
	SHOW(syscall(SYS_socketpair, AF_UNIX, SOCK_RDM, 0, fds));
	SHOW(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM | 0x200, 0, fds));
	SHOW(syscall(SYS_socketpair, 46, SOCK_STREAM, 0, fds));
	SHOW(dup(0));
	close(3);
}

static void no_numbers(void)
{
	struct rlimit old, limit = { 4, 0 };
	int fds[2] = { -1, -1 }, l, c;

	getrlimit(RLIMIT_NOFILE, &old);
	limit.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	SHOW(fds[0]);
	SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	close(3);
	/* A connection that finds no number is not lost. */
	limit.rlim_cur = 5;
	setrlimit(RLIMIT_NOFILE, &limit);
	l = listener(SOCK_STREAM, "@full", 1);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(c, "@full"));
	SHOW(accept(l, NULL, NULL));
	setrlimit(RLIMIT_NOFILE, &old);
	SHOW(accept(l, NULL, NULL));
	close(5);
	close(l);
	close(c);
}

static void no_socket(int fd, const char *what)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct msghdr header = { 0 };
	socklen_t bytes = sizeof(un);
	int value = 0;

	printf("%s\n", what);
	SHOW(bind(fd, (struct sockaddr *)&un, 10));
	SHOW(listen(fd, 1));
	SHOW(accept(fd, NULL, NULL));
	SHOW(connect(fd, (struct sockaddr *)&un, 10));
	SHOW(getsockname(fd, (struct sockaddr *)&un, &bytes));
	SHOW(getpeername(fd, (struct sockaddr *)&un, &bytes));
	SHOW(send(fd, "x", 1, 0));
	SHOW(recv(fd, out, 1, 0));
	SHOW(sendmsg(fd, &header, 0));
	SHOW(recvmsg(fd, &header, 0));
	SHOW(shutdown(fd, SHUT_RD));
	SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &bytes));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)));
}

static void addresses(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), s = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/tmp/x" };
	socklen_t bytes = sizeof(un);

	SHOW(bind(fd, BAD, 10));
	SHOW(bind(fd, (struct sockaddr *)&un, 0));
	SHOW(bind(fd, (struct sockaddr *)&un, 1));
	SHOW(bind(fd, (struct sockaddr *)&un, 111));
	SHOW(bind(fd, (struct sockaddr *)&un, 128));
	SHOW(bind(fd, (struct sockaddr *)&un, 129));
	SHOW(bind(fd, (struct sockaddr *)&un, -1));
	SHOW(connect(fd, BAD, 10));
	SHOW(connect(fd, (struct sockaddr *)&un, 0));
	SHOW(connect(fd, (struct sockaddr *)&un, 1));
	SHOW(connect(fd, (struct sockaddr *)&un, 2));
	SHOW(connect(s, (struct sockaddr *)&un, 2));
	SHOW(connect(fd, (struct sockaddr *)&un, 111));
	SHOW(connect(fd, (struct sockaddr *)&un, 129));
	SHOW(sendto(fd, "x", 1, 0, BAD, 10));
	SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&un, 2));
	SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&un, 129));
	SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&un, 0));
	un.sun_family = 2;
	SHOW(bind(fd, (struct sockaddr *)&un, sizeof(un)));
	SHOW(bind(fd, (struct sockaddr *)&un, 2));
	SHOW(connect(fd, (struct sockaddr *)&un, sizeof(un)));
	SHOW(connect(s, (struct sockaddr *)&un, sizeof(un)));
	SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&un, sizeof(un)));
	un.sun_family = AF_UNSPEC;
	SHOW(connect(s, (struct sockaddr *)&un, sizeof(un)));
	SHOW(getsockname(fd, BAD, &bytes));
	SHOW(getsockname(fd, (struct sockaddr *)&un, BAD));
	bytes = -1;
	SHOW(getsockname(fd, (struct sockaddr *)&un, &bytes));
	bytes = 0;
	SHOW(getsockname(fd, (struct sockaddr *)&un, &bytes));
	SHOW(bytes);
	SHOW(getpeername(fd, (struct sockaddr *)&un, &bytes));
	close(fd);
	close(s);
}

static void memory(int type)
{
	int fds[2];
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec pieces[2] = { { page + 4096 - 10, 10 }, { BAD, 10 } };

	munmap(page + 4096, 4096);
	socketpair(AF_UNIX, type, 0, fds);
	SHOW(write(fds[0], BAD, 10));
	SHOW(write(fds[0], page + 4096 - 10, 20));
	SHOW(send(fds[0], page + 4096, 1, 0));
	SHOW(writev(fds[0], pieces, 2));
	SHOW(send(fds[0], (void *)0xffff800000000000, 10, 0));
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	SHOW(write(fds[0], "0123456789", 10));
	SHOW(recv(fds[1], (void *)0xffff800000000000, 10, 0));
	SHOW(recv(fds[1], BAD, 10, 0));
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	SHOW(write(fds[0], "0123456789", 10));
	SHOW(recv(fds[1], page + 4096 - 5, 10, MSG_PEEK));
	SHOW(recv(fds[1], page + 4096 - 5, 10, 0));
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	close(fds[0]);
	close(fds[1]);
	munmap(page, 4096);
}

static void messages(void)
{
	int fds[2], n;
	struct iovec piece = { "x", 1 }, huge = { out, (size_t)1 << 63 };
	char control[CMSG_SPACE(64)] __attribute__((aligned(8)));
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct msghdr header = { .msg_iov = &piece, .msg_iovlen = 1 };

	socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	SHOW(syscall(SYS_sendmsg, fds[0], BAD, 0));
	SHOW(syscall(SYS_recvmsg, fds[1], BAD, 0));
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0x80000000));
	SHOW(syscall(SYS_recvmsg, fds[1], &header, 0x80000000));
	header.msg_iovlen = 1025;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	SHOW(syscall(SYS_recvmsg, fds[1], &header, MSG_DONTWAIT));
	header.msg_iovlen = 1;
	header.msg_iov = BAD;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	header.msg_iov = &huge;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	header.msg_iov = &piece;
	header.msg_name = BAD;
	header.msg_namelen = 10;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	header.msg_namelen = -1;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	SHOW(syscall(SYS_recvmsg, fds[1], &header, MSG_DONTWAIT));
	header.msg_name = NULL;
	header.msg_namelen = 0;
	/* Control data: too short, too long, of another kind. */
	header.msg_control = control;
	memset(control, 0, sizeof(control));
	for (n = 1; n < 16; n += 7) {
		header.msg_controllen = n;
		SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	}
	header.msg_controllen = sizeof(control);
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	c->cmsg_len = 15;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	c->cmsg_len = sizeof(control) + 1;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	c->cmsg_len = sizeof(control);
	c->cmsg_level = 77;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = 77;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	c->cmsg_type = 2;
	c->cmsg_len = CMSG_LEN(sizeof(struct ucred)) - 1;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	header.msg_control = BAD;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	header.msg_controllen = 30000;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	header.msg_controllen = 0;
	SHOW(syscall(SYS_sendmsg, fds[0], &header, 0));
	SHOW(recv(fds[1], out, 10, MSG_DONTWAIT));
	close(fds[0]);
	close(fds[1]);
}

/* Unknown flags are not looked at. */
static void flags(void)
{
	int fds[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	SHOW(send(fds[0], "x", 1, MSG_MORE | MSG_CONFIRM | MSG_DONTROUTE | MSG_EOR | 0x00800000));
	SHOW(recv(fds[1], out, 1, MSG_ERRQUEUE));
	SHOW(send(fds[0], "x", 1, MSG_OOB | MSG_DONTWAIT) == -1 && errno == EBADF);
	close(fds[0]);
	close(fds[1]);
}

/* SIGPIPE comes with a stream, unless it is not wanted, and not with packets. */
static volatile int signals;

static void count(int signal)
{
	signals++;
}

static void sigpipe(int type)
{
	int fds[2];
	struct iovec piece = { "x", 1 };
	struct msghdr header = { .msg_iov = &piece, .msg_iovlen = 1 };

	signal(SIGPIPE, count);
	signals = 0;
	socketpair(AF_UNIX, type, 0, fds);
	close(fds[1]);
	SHOW(write(fds[0], "x", 1));
	SHOW(signals);
	SHOW(writev(fds[0], &piece, 1));
	SHOW(signals);
	SHOW(send(fds[0], "x", 1, 0));
	SHOW(signals);
	SHOW(send(fds[0], "x", 1, MSG_NOSIGNAL));
	SHOW(signals);
	SHOW(sendmsg(fds[0], &header, 0));
	SHOW(signals);
	SHOW(sendmsg(fds[0], &header, MSG_NOSIGNAL));
	SHOW(signals);
	close(fds[0]);
}

int main(void)
{
	int pipe_fds[2];

	making();
	no_numbers();
	no_socket(99, "no file");
	no_socket(open("/dev/null", O_RDWR), "a device");
	pipe(pipe_fds);
	no_socket(pipe_fds[0], "a pipe");
	no_socket(open("/", O_PATH), "a place");
	addresses();
	memory(SOCK_STREAM);
	memory(SOCK_DGRAM);
	messages();
	flags();
	sigpipe(SOCK_STREAM);
	sigpipe(SOCK_SEQPACKET);
	return 0;
}
