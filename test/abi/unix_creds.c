/* Who is at the other end: credentials with messages, of connections, and who may lie. */
#include "sockets.h"

#include <grp.h>

static char out[64];

union control {
	struct cmsghdr header;
	char data[256];
};

static long send_creds(int fd, const char *text, pid_t pid, uid_t uid, gid_t gid)
{
	union control control;
	struct iovec piece = { (char *)text, strlen(text) };
	struct msghdr header = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(sizeof(struct ucred)) };
	struct ucred creds = { pid, uid, gid };

	memset(&control, 0, sizeof(control));
	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(creds)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_CREDENTIALS };
	memcpy(CMSG_DATA(&control.header), &creds, sizeof(creds));
	return sendmsg(fd, &header, 0);
}

static const char *whose(pid_t pid)
{
	return pid == getpid()    ? "mine"
	       : pid == getppid() ? "my parent's"
	       : pid              ? "another's"
	                          : "0";
}

static void receive(int fd, size_t size, size_t room)
{
	union control control;
	struct iovec piece = { out, size };
	struct msghdr header = {
		.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = room
	};
	struct cmsghdr *c;
	struct ucred creds;
	long n;

	memset(out, 0, sizeof(out));
	memset(&control, 0, sizeof(control));
	n = recvmsg(fd, &header, MSG_DONTWAIT);
	printf("recvmsg: %ld %s, flags %#x, control %ld", n, n < 0 ? strerror(errno) : out,
		n < 0 ? 0 : header.msg_flags, n < 0 ? 0 : (long)header.msg_controllen);
	c = n < 0 ? NULL : CMSG_FIRSTHDR(&header);
	if (c) {
		memcpy(&creds, CMSG_DATA(c), sizeof(creds));
		printf(", type %d length %ld", c->cmsg_type, (long)c->cmsg_len);
		if (c->cmsg_len == CMSG_LEN(sizeof(creds)))
			printf(": pid %s uid %u gid %u", whose(creds.pid), creds.uid, creds.gid);
	}
	puts("");
	fflush(stdout);
}

static void show_peer(const char *what, int fd)
{
	struct ucred creds = { 0, 0, 0 };
	socklen_t bytes = sizeof(creds);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &creds, &bytes))
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: pid %s uid %d gid %d, %u bytes\n", what, whose(creds.pid),
			(int)creds.uid, (int)creds.gid, (unsigned)bytes);
	fflush(stdout);
}

static void passing(int type)
{
	int fds[2], on = 1, off = 0;
	socklen_t bytes = sizeof(on);

	socketpair(AF_UNIX, type, 0, fds);
	write(fds[0], "before", 6);
	SHOW(setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	SHOW(getsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, &bytes));
	SHOW(on);
	write(fds[0], "after", 5);
	receive(fds[1], 60, 100);
	receive(fds[1], 60, 100);
	/* The receiver need not be told who it is that says nothing. */
	SHOW(send_creds(fds[0], "told", getpid(), 0, 0));
	receive(fds[1], 60, 100);
	SHOW(send_creds(fds[0], "as another", getppid(), 7, 8));
	receive(fds[1], 60, 100);
	for (size_t room = 0; room <= 40; room += 8) {
		write(fds[0], "cut", 3);
		printf("room %zu: ", room);
		receive(fds[1], 60, room);
	}
	/* Without a place for them they are said to be missing; recv says nothing. */
	write(fds[0], "recv", 4);
	SHOW(recv(fds[1], out, 10, 0));
	SHOW(setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &off, sizeof(off)));
	SHOW(send_creds(fds[0], "unasked", getpid(), 0, 0));
	receive(fds[1], 60, 100);
	close(fds[0]);
	close(fds[1]);
}

/* A read of a stream ends where another sender begins, if it asks who they are. */
static void mixed(void)
{
	int fds[2], on = 1;

	for (int asks = 0; asks < 2; asks++) {
		socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
		setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
		write(fds[0], "parent ", 7);
		write(fds[0], "parent ", 7);
		if (fork() == 0) {
			write(fds[0], "child ", 6);
			_exit(0);
		}
		wait(NULL);
		send_creds(fds[0], "other ", getpid(), 5, 6);
		write(fds[0], "parent ", 7);
		on = asks;
		setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
		for (int i = 0; i < 5; i++)
			receive(fds[1], 60, 100);
		close(fds[0]);
		close(fds[1]);
	}
}

static void liars(void)
{
	int fds[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	SHOW(send_creds(fds[0], "x", 0, 0, 0));
	SHOW(send_creds(fds[0], "x", 999999, 0, 0));
	SHOW(send_creds(fds[0], "x", -1, 0, 0));
	SHOW(send_creds(fds[0], "x", getpid(), -1, 0));
	if (fork() == 0) {
		setgroups(0, NULL);
		setresgid(100, 200, 300);
		setresuid(100, 200, 300);
		SHOW(send_creds(fds[0], "x", getpid(), 100, 100));
		SHOW(send_creds(fds[0], "x", getpid(), 200, 300));
		SHOW(send_creds(fds[0], "x", getpid(), 300, 200));
		SHOW(send_creds(fds[0], "x", getpid(), 400, 200));
		SHOW(send_creds(fds[0], "x", getpid(), 200, 0));
		SHOW(send_creds(fds[0], "x", getppid(), 200, 200));
		_exit(0);
	}
	wait(NULL);
	close(fds[0]);
	close(fds[1]);
}

static void as_somebody(void)
{
	gid_t groups[3] = { 11, 12, 13 };

	setgroups(3, groups);
	setresgid(1000, 2000, 0);
	setresuid(1001, 2001, 0);
}

static void show_groups(const char *what, int fd, socklen_t room)
{
	gid_t groups[8] = { 0 };
	socklen_t bytes = room;
	int err = getsockopt(fd, SOL_SOCKET, 59, groups, &bytes); /* SO_PEERGROUPS */

	printf("%s: %s, %u bytes:", what, err ? strerror(errno) : "ok", (unsigned)bytes);
	for (unsigned i = 0; !err && i < bytes / sizeof(gid_t); i++)
		printf(" %u", groups[i]);
	puts("");
	fflush(stdout);
}

/* SO_PEERCRED: who connected, who listened, who made the pair; at that time. */
static void connections(void)
{
	int fds[2], l, c, d;

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	show_peer("pair", fds[0]);
	if (fork() == 0) {
		show_peer("pair, in the child", fds[0]);
		_exit(0);
	}
	wait(NULL);
	setgroups(2, (gid_t[]){ 3, 4 });
	show_groups("pair's groups", fds[0], 32);
	close(fds[0]);
	close(fds[1]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	show_groups("pair's groups", fds[0], 32);
	show_groups("no room", fds[0], 4);
	close(fds[0]);
	close(fds[1]);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	show_peer("unconnected", c);
	show_groups("unconnected", c, 32);
	close(c);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	show_peer("pair of datagrams", fds[0]);
	close(fds[0]);
	close(fds[1]);
	c = socket(AF_UNIX, SOCK_DGRAM, 0);
	d = socket(AF_UNIX, SOCK_DGRAM, 0);
	bind_to(d, "@d");
	connect_to(c, "@d");
	show_peer("connected datagrams", c);
	close(c);
	close(d);

	l = listener(SOCK_STREAM, "@creds", 4);
	show_peer("listener", l);
	if (fork() == 0) {
		as_somebody();
		c = socket(AF_UNIX, SOCK_STREAM, 0);
		connect_to(c, "@creds");
		show_peer("child's connection", c);
		write(c, "early", 5);
		_exit(0);
	}
	wait(NULL);
	c = accept(l, NULL, NULL);
	show_peer("accepted", c);
	show_groups("accepted", c, 32);
	close(c);
	close(l);
}

/* What is sent before accept carries who sent it, as nobody knows yet who will ask. */
static void before_accept(void)
{
	int l = listener(SOCK_STREAM, "@early", 4), c = socket(AF_UNIX, SOCK_STREAM, 0), a, on = 1;

	setsockopt(l, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	connect_to(c, "@early");
	if (fork() == 0) {
		as_somebody();
		write(c, "early", 5);
		_exit(0);
	}
	wait(NULL);
	a = accept(l, NULL, NULL);
	on = 0;
	SHOW(getsockopt(a, SOL_SOCKET, SO_PASSCRED, &on, &(socklen_t){ sizeof(on) }));
	SHOW(on);
	write(c, "late", 4);
	receive(a, 60, 100);
	receive(a, 60, 100);
	close(a);
	close(c);
	close(l);
}

int main(void)
{
	passing(SOCK_STREAM);
	passing(SOCK_DGRAM);
	passing(SOCK_SEQPACKET);
	mixed();
	liars();
	connections();
	before_accept();
	return 0;
}
