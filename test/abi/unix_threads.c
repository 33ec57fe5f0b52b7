/* Many at once: threads and processes on the same AF_UNIX sockets; sums and ends come out right. */
#include "sockets.h"

#include <pthread.h>
#include <signal.h>

enum { MESSAGES = 400, THREADS = 4, CLIENTS = 60 };

static int pair_fds[2], listen_fd;

static pthread_t start(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	pthread_create(&thread, NULL, fn, arg);
	return thread;
}

/* ---- several senders and receivers at one pair ------------------------------------------- */

static void *send_numbers(void *which)
{
	for (long i = 0; i < MESSAGES; i++) {
		long number = (long)which * MESSAGES + i;

		if (send(pair_fds[0], &number, sizeof(number), 0) != sizeof(number))
			abort();
	}
	return NULL;
}

static void *receive_numbers(void *unused)
{
	long sum = 0, number;

	while (recv(pair_fds[1], &number, sizeof(number), MSG_WAITALL) == sizeof(number) &&
		number >= 0)
		sum += number;
	return (void *)sum;
}

static void numbers(int type)
{
	pthread_t senders[THREADS], receivers[THREADS];
	long sum = 0, expected = 0, end = -1;

	socketpair(AF_UNIX, type, 0, pair_fds);
	for (long i = 0; i < THREADS; i++) {
		receivers[i] = start(receive_numbers, NULL);
		senders[i] = start(send_numbers, (void *)i);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(senders[i], NULL);
	for (int i = 0; i < THREADS; i++)
		send(pair_fds[0], &end, sizeof(end), 0);
	for (int i = 0; i < THREADS; i++) {
		void *part;

		pthread_join(receivers[i], &part);
		sum += (long)part;
	}
	for (long i = 0; i < THREADS * MESSAGES; i++)
		expected += i;
	printf("type %d: %s\n", type, sum == expected ? "all numbers" : "numbers are missing");
	fflush(stdout);
	close(pair_fds[0]);
	close(pair_fds[1]);
}

/* ---- clients and servers ----------------------------------------------------------------- */

static void *serve(void *unused)
{
	long served = 0;
	char byte;
	int fd;

	while ((fd = accept(listen_fd, NULL, NULL)) >= 0) {
		if (read(fd, &byte, 1) == 1) {
			byte++;
			write(fd, &byte, 1);
			served++;
		}
		close(fd);
	}
	return (void *)served;
}

static void *ask(void *unused)
{
	long good = 0;

	for (int i = 0; i < CLIENTS; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		char byte = (char)i, answer = 0;

		if (connect_to(fd, "@threads") == 0 && write(fd, &byte, 1) == 1 &&
			read(fd, &answer, 1) == 1)
			good += answer == (char)(byte + 1);
		close(fd);
	}
	return (void *)good;
}

static void clients(void)
{
	pthread_t servers[2], askers[THREADS];
	long good = 0, served = 0;
	void *part;

	listen_fd = listener(SOCK_STREAM, "@threads", 2);
	for (int i = 0; i < 2; i++)
		servers[i] = start(serve, NULL);
	for (int i = 0; i < THREADS; i++)
		askers[i] = start(ask, NULL);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(askers[i], &part);
		good += (long)part;
	}
	shutdown(listen_fd, SHUT_RD);
	for (int i = 0; i < 2; i++) {
		pthread_join(servers[i], &part);
		served += (long)part;
	}
	SHOW(good);
	SHOW(served);
	close(listen_fd);
}

/* ---- two that connect crosswise, and to themselves --------------------------------------- */

static int crossed[2];

static void *connect_across(void *which)
{
	int self = (long)which != 0;

	for (int i = 0; i < 300; i++)
		connect_to(crossed[self], self ? "@cross0" : "@cross1");
	return NULL;
}

static void *disconnect(void *which)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	for (int i = 0; i < 300; i++) {
		connect(crossed[(long)which], &none, sizeof(none));
		send(crossed[(long)which], "x", 1, MSG_DONTWAIT);
	}
	return NULL;
}

static void across(int type)
{
	pthread_t threads[4];

	for (long i = 0; i < 2; i++) {
		crossed[i] = socket(AF_UNIX, type, 0);
		bind_to(crossed[i], i ? "@cross1" : "@cross0");
		if (type != SOCK_DGRAM)
			listen(crossed[i], 4);
	}
	for (long i = 0; i < 2; i++) {
		threads[i] = start(connect_across, (void *)i);
		threads[2 + i] = start(disconnect, (void *)i);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	printf("type %d: crossed\n", type);
	fflush(stdout);
	close(crossed[0]);
	close(crossed[1]);
}

/* ---- ends that close while others use them ----------------------------------------------- */

static void *use(void *fd)
{
	char buf[1000] = "";

	while (send((int)(long)fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL) > 0 ||
		errno == EAGAIN)
		recv((int)(long)fd, buf, sizeof(buf), MSG_DONTWAIT);
	return NULL;
}

static void closing(int type)
{
	for (int i = 0; i < 40; i++) {
		int fds[2];
		pthread_t threads[2];

		socketpair(AF_UNIX, type, 0, fds);
		threads[0] = start(use, (void *)(long)fds[0]);
		threads[1] = start(use, (void *)(long)fds[0]);
		close(fds[1]);
		pthread_join(threads[0], NULL);
		pthread_join(threads[1], NULL);
		close(fds[0]);
	}
	printf("type %d: closed\n", type);
	fflush(stdout);
}

/* ---- a descriptor that is closed while somebody waits at it ------------------------------ */

static volatile pid_t waiting;

static void *receive_one(void *fd)
{
	char out[10] = "";
	long n;

	waiting = syscall(SYS_gettid);
	n = recv((int)(long)fd, out, sizeof(out), 0);
	printf("received %ld %s\n", n, n < 0 ? strerror(errno) : out);
	fflush(stdout);
	return NULL;
}

static void ignore(int signal)
{
}

static void closed_under(int type)
{
	int fds[2];
	pthread_t thread;

	for (int ends = 0; ends < 2; ends++) {
		socketpair(AF_UNIX, type, 0, fds);
		waiting = 0;
		thread = start(receive_one, (void *)(long)fds[0]);
		while (!waiting)
			sched_yield();
		until_asleep(waiting);
		close(fds[0]);
		SHOW(recv(fds[0], fds, 1, 0));
		if (!ends)
			write(fds[1], "still", 5);
		else
			shutdown(fds[1], SHUT_WR);
		/* A datagram socket does not hear of that; a signal ends the wait. */
		if (ends && type == SOCK_DGRAM)
			pthread_kill(thread, SIGUSR1);
		pthread_join(thread, NULL);
		close(fds[1]);
	}
}

/* ---- descriptors of the sockets they are sent through, both ways at once ----------------- */

static void send_self(int through, int fd)
{
	union {
		struct cmsghdr header;
		char data[CMSG_SPACE(sizeof(int))];
	} control = { { .cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS } };
	struct iovec piece = { "x", 1 };
	struct msghdr header = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	sendmsg(through, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void *make_cycles(void *unused)
{
	char control[64];

	for (int i = 0; i < 150; i++) {
		char byte;
		struct iovec piece = { &byte, 1 };
		struct msghdr header = { .msg_iov = &piece,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		int fds[2], got;

		socketpair(AF_UNIX, i % 2 ? SOCK_STREAM : SOCK_DGRAM, 0, fds);
		send_self(fds[0], fds[0]);
		send_self(fds[0], fds[1]);
		send_self(fds[1], fds[0]);
		send_self(fds[1], fds[1]);
		if (i % 3 == 0 && recvmsg(fds[1], &header, i % 2 ? MSG_PEEK : 0) == 1 &&
			CMSG_FIRSTHDR(&header)) {
			memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof(got));
			close(got);
		}
		close(fds[0]);
		close(fds[1]);
	}
	return NULL;
}

static void cycles(void)
{
	pthread_t threads[THREADS];
	int fd;

	for (int i = 0; i < THREADS; i++)
		threads[i] = start(make_cycles, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	fd = dup(0);
	SHOW(fd);
	close(fd);
}

int main(void)
{
	numbers(SOCK_STREAM);
	numbers(SOCK_DGRAM);
	numbers(SOCK_SEQPACKET);
	clients();
	across(SOCK_DGRAM);
	across(SOCK_STREAM);
	closing(SOCK_STREAM);
	closing(SOCK_SEQPACKET);
	closing(SOCK_DGRAM);
	signal(SIGUSR1, ignore);
	siginterrupt(SIGUSR1, 1);
	closed_under(SOCK_STREAM);
	closed_under(SOCK_SEQPACKET);
	closed_under(SOCK_DGRAM);
	cycles();
	return 0;
}
