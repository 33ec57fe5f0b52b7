/* sendmsg and recvmsg in pieces and with names; many at once by sendmmsg and recvmmsg. */
#include "sockets.h"

#include <sys/uio.h>
#include <time.h>

#define MANY 8

static char out[MANY][32];
static struct sockaddr_un names[MANY];
static struct iovec pieces[MANY];
static struct mmsghdr headers[MANY];

static struct msghdr header_of(
	struct sockaddr_un *name, socklen_t bytes, struct iovec *iov, int count, int flags)
{
	return (struct msghdr){ .msg_name = name,
		.msg_namelen = bytes,
		.msg_iov = iov,
		.msg_iovlen = count,
		.msg_flags = flags };
}

static void pieces_and_names(void)
{
	int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t bytes;
	struct sockaddr_un un = address("@b", &bytes), from;
	struct iovec in[3] = { { "one ", 4 }, { "", 0 }, { "two", 3 } };
	char first[3], second[10] = "";
	struct iovec to[2] = { { first, 3 }, { second, 10 } };
	struct msghdr header = header_of(&un, bytes, in, 3, 0);

	bind_to(a, "@a");
	bind_to(b, "@b");
	SHOW(sendmsg(a, &header, 0));
	header = header_of(&from, sizeof(from), to, 2, 0x1234);
	SHOW(recvmsg(b, &header, 0));
	printf("%.3s|%s flags %#x\n", first, second, header.msg_flags);
	show_address("from", &from, header.msg_namelen);
	/* A name that has no room is cut, and one that nobody wants is none. */
	header = header_of(&un, bytes, in, 3, 0);
	sendmsg(a, &header, 0);
	memset(&from, 'x', sizeof(from));
	header = header_of(&from, 3, to, 1, 0);
	SHOW(recvmsg(b, &header, 0));
	SHOW(header.msg_flags);
	SHOW(header.msg_namelen);
	printf("%.4s\n", (char *)&from + 2);
	header = header_of(&un, bytes, in, 0, 0);
	SHOW(sendmsg(a, &header, 0));
	header = header_of(NULL, 77, to, 2, 0);
	SHOW(recvmsg(b, &header, 0));
	SHOW(header.msg_namelen);
	SHOW(recvmsg(b, &header, MSG_DONTWAIT));
	SHOW(recvmsg(b, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
	SHOW(header.msg_flags);
	close(a);
	close(b);
}

static void prepare(void)
{
	for (int i = 0; i < MANY; i++) {
		pieces[i] = (struct iovec){ out[i], sizeof(out[i]) };
		headers[i].msg_hdr = (struct msghdr){ .msg_name = &names[i],
			.msg_namelen = sizeof(names[i]),
			.msg_iov = &pieces[i],
			.msg_iovlen = 1 };
		headers[i].msg_len = 999;
		memset(out[i], 0, sizeof(out[i]));
	}
}

static void show_many(long n)
{
	for (long i = 0; i < n; i++) {
		printf("%u: %s flags %#x\n", headers[i].msg_len, out[i],
			headers[i].msg_hdr.msg_flags);
		show_address(" from", &names[i], headers[i].msg_hdr.msg_namelen);
	}
	if (n >= 0 && n < MANY)
		printf("then %u\n", headers[n].msg_len);
	fflush(stdout);
}

static long send_many(int fd, int count)
{
	for (int i = 0; i < count; i++) {
		snprintf(out[i], sizeof(out[i]), "message %d", i);
		pieces[i] = (struct iovec){ out[i], strlen(out[i]) };
		headers[i].msg_hdr = (struct msghdr){ .msg_iov = &pieces[i], .msg_iovlen = 1 };
		headers[i].msg_len = 999;
	}
	return syscall(SYS_sendmmsg, fd, headers, count, 0);
}

static void many(void)
{
	int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct timespec limit = { 20, 0 };

	bind_to(a, "@a");
	bind_to(b, "@b");
	connect_to(a, "@b");
	SHOW(send_many(a, 4));
	SHOW(headers[3].msg_len);
	prepare();
	show_many(SHOW(syscall(SYS_recvmmsg, b, headers, 3, 0, NULL)));
	prepare();
	show_many(SHOW(syscall(SYS_recvmmsg, b, headers, MANY, MSG_DONTWAIT, NULL)));
	prepare();
	SHOW(syscall(SYS_recvmmsg, b, headers, MANY, MSG_DONTWAIT, NULL));
	send_many(a, 2);
	prepare();
	show_many(SHOW(syscall(SYS_recvmmsg, b, headers, MANY, MSG_WAITFORONE, NULL)));
	send_many(a, 2);
	prepare();
	SHOW(syscall(SYS_recvmmsg, b, headers, 2, 0, &limit));
	SHOW(limit.tv_sec == 19);
	limit.tv_nsec = 1000000000;
	SHOW(syscall(SYS_recvmmsg, b, headers, 2, 0, &limit));
	limit = (struct timespec){ 0, 0 };
	send_many(a, 2);
	SHOW(syscall(SYS_recvmmsg, b, headers, 2, 0, &limit));
	SHOW(recv(b, out, sizeof(out), MSG_DONTWAIT));
	/* An error after some messages: those that went count. */
	headers[2].msg_hdr.msg_iov = (void *)8;
	headers[0].msg_hdr.msg_name = headers[1].msg_hdr.msg_name = NULL;
	headers[2].msg_hdr.msg_name = NULL;
	SHOW(syscall(SYS_sendmmsg, a, headers, 3, 0));
	SHOW(syscall(SYS_sendmmsg, a, headers + 2, 1, 0));
	SHOW(syscall(SYS_recvmmsg, b, headers, 3, MSG_DONTWAIT, NULL));
	SHOW(syscall(SYS_recvmmsg, b, headers, 0, MSG_DONTWAIT, NULL));
	SHOW(syscall(SYS_sendmmsg, a, headers, 0, 0));
	SHOW(syscall(SYS_sendmmsg, a, (void *)8, 1, 0));
	SHOW(syscall(SYS_recvmmsg, a, (void *)8, 1, MSG_DONTWAIT, NULL));
	SHOW(syscall(SYS_recvmmsg, 99, headers, 1, MSG_DONTWAIT, NULL));
	SHOW(syscall(SYS_sendmmsg, 0, headers, 1, 0));
	close(a);
	close(b);
}

/* The error that ends a batch is kept for the next call. */
static void kept_error(void)
{
	int fds[2];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	write(fds[0], "good", 4);
	write(fds[0], "lost", 4);
	prepare();
	pieces[1].iov_base = (void *)8;
	SHOW(syscall(SYS_recvmmsg, fds[1], headers, 2, 0, NULL));
	SHOW(syscall(SYS_recvmmsg, fds[1], headers, 2, MSG_DONTWAIT, NULL));
	SHOW(syscall(SYS_recvmmsg, fds[1], headers, 2, MSG_DONTWAIT, NULL));
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	pieces_and_names();
	many();
	kept_error();
	return 0;
}
