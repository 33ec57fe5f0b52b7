/*
 * sockets OPERATIONS SEED: several processes and threads do random things with one set of sockets
 * of AF_UNIX: make, connect, name, send through each other (descriptors of themselves too, large
 * and small, from bad memory), shut, close. Open sockets are left as they are. Prints "done".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_FD = 10, FDS = 40, PROCESSES = 3, THREADS = 3, AREA = 300000 };

static char *area;
static int operations;

static uint64_t random64(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static unsigned below(uint64_t *state, unsigned limit)
{
	return random64(state) % limit;
}

static int some_fd(uint64_t *state)
{
	return FIRST_FD + below(state, FDS);
}

static int some_type(uint64_t *state)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	return types[below(state, 3)] | SOCK_NONBLOCK;
}

static void keep(uint64_t *state, int fd)
{
	if (fd < 0)
		return;
	dup2(fd, some_fd(state));
	close(fd);
}

static socklen_t some_address(uint64_t *state, struct sockaddr_un *un)
{
	unsigned which = below(state, 6);

	memset(un, 0, sizeof(*un));
	un->sun_family = below(state, 50) ? AF_UNIX : below(state, 50);
	snprintf(un->sun_path + (which % 2), 20, "/tmp/s%u", which / 2);
	return below(state, 30) ? offsetof(struct sockaddr_un, sun_path) + 9 : below(state, 130);
}

static size_t some_size(uint64_t *state)
{
	static const size_t limits[] = { 2, 100, 5000, 70000, AREA };

	return below(state, limits[below(state, 5)]);
}

static void *some_memory(uint64_t *state)
{
	return below(state, 20) ? area : (void *)(random64(state) >> below(state, 64));
}

static void make(uint64_t *state)
{
	int fds[2];

	if (below(state, 3) == 0) {
		keep(state, socket(AF_UNIX, some_type(state), 0));
	} else if (socketpair(AF_UNIX, some_type(state), 0, fds) == 0) {
		keep(state, fds[0]);
		keep(state, fds[1]);
	}
}

static void name(uint64_t *state)
{
	struct sockaddr_un un;
	socklen_t bytes = some_address(state, &un);
	int fd = some_fd(state);

	switch (below(state, 6)) {
	case 0:
		unlink(un.sun_path);
		break;
	case 1:
		bind(fd, (struct sockaddr *)&un, bytes);
		break;
	case 2:
		listen(fd, below(state, 5));
		break;
	case 3:
		keep(state, accept4(fd, NULL, NULL, below(state, 2) ? SOCK_NONBLOCK : 0));
		break;
	default:
		connect(fd, (struct sockaddr *)&un, bytes);
	}
}

static void send_message(uint64_t *state)
{
	struct sockaddr_un un;
	union {
		struct cmsghdr header;
		char data[CMSG_SPACE(sizeof(int) * 8)];
	} control;
	struct iovec pieces[2] = { { some_memory(state), some_size(state) },
		{ some_memory(state), some_size(state) } };
	struct msghdr header = { .msg_iov = pieces, .msg_iovlen = below(state, 3) };
	int count = 1 + below(state, 8);

	if (below(state, 2)) {
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = below(state, 10) ? SCM_RIGHTS : below(state, 5);
		for (int i = 0; i < count; i++)
			((int *)CMSG_DATA(&control.header))[i] = some_fd(state);
	}
	if (below(state, 3) == 0) {
		header.msg_name = &un;
		header.msg_namelen = some_address(state, &un);
	}
	sendmsg(some_fd(state), &header, MSG_NOSIGNAL | (below(state, 10) ? MSG_DONTWAIT : 0));
}

static void receive_message(uint64_t *state)
{
	char control[256];
	struct sockaddr_un un;
	struct iovec piece = { some_memory(state), some_size(state) };
	struct msghdr header = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = below(state, sizeof(control)),
		.msg_name = below(state, 2) ? &un : NULL,
		.msg_namelen = sizeof(un) };
	int flags = MSG_DONTWAIT | (below(state, 4) ? 0 : MSG_PEEK) |
	            (below(state, 4) ? 0 : MSG_WAITALL) | (below(state, 8) ? 0 : MSG_TRUNC);

	if (recvmsg(some_fd(state), &header, flags) < 0)
		return;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++)
			keep(state, ((int *)CMSG_DATA(c))[i]);
	}
}

static void options(uint64_t *state)
{
	int value = random64(state) >> below(state, 64);
	char out[300];
	socklen_t bytes = below(state, sizeof(out));
	struct timeval brief = { 0, 1000 };

	switch (below(state, 4)) {
	case 0:
		setsockopt(some_fd(state), SOL_SOCKET, below(state, 80), &value, sizeof(value));
		break;
	case 1:
		getsockopt(some_fd(state), SOL_SOCKET, below(state, 80), out, &bytes);
		break;
	case 2:
		setsockopt(some_fd(state), SOL_SOCKET, below(state, 2) ? SO_RCVTIMEO : SO_SNDTIMEO,
			&brief, sizeof(brief));
		break;
	default:
		setsockopt(some_fd(state), SOL_SOCKET, SO_PASSCRED, &value, sizeof(value));
	}
}

static void watch(uint64_t *state)
{
	struct pollfd fds[8];
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int set = epoll_create1(0);

	for (int i = 0; i < 8; i++) {
		fds[i] = (struct pollfd){ .fd = some_fd(state), .events = POLLIN | POLLOUT };
		epoll_ctl(set, EPOLL_CTL_ADD, fds[i].fd, &event);
	}
	poll(fds, 8, below(state, 2));
	epoll_wait(set, &event, 1, 0);
	keep(state, set);
}

static void step(uint64_t *state)
{
	switch (below(state, 12)) {
	case 0:
		make(state);
		break;
	case 1:
	case 2:
		name(state);
		break;
	case 3:
	case 4:
	case 5:
		send_message(state);
		break;
	case 6:
	case 7:
		receive_message(state);
		break;
	case 8:
		options(state);
		break;
	case 9:
		watch(state);
		break;
	case 10:
		shutdown(some_fd(state), below(state, 3));
		break;
	default:
		close(some_fd(state));
	}
}

static void *work(void *seed)
{
	uint64_t state = (uint64_t)seed;

	for (int i = 0; i < operations; i++)
		step(&state);
	return NULL;
}

/* Whoever waits for something that does not come is woken now and then. */
static void ring(int signal)
{
}

static void process(uint64_t seed)
{
	struct sigaction action = { .sa_handler = ring };
	pthread_t threads[THREADS];

	sigaction(SIGALRM, &action, NULL);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)(seed * 100 + i));
	for (int i = 0; i < THREADS; i++) {
		void *unused;

		/* The first that sleeps gets it: in the end all have. */
		while (pthread_tryjoin_np(threads[i], &unused)) {
			for (int k = i; k < THREADS; k++)
				pthread_kill(threads[k], SIGALRM);
			usleep(2000);
		}
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	uint64_t seed = strtoull(argv[2], NULL, 0);

	operations = atoi(argv[1]);
	area = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < FDS / 2; i++) {
		int fds[2];

		socketpair(AF_UNIX, some_type(&seed), 0, fds);
		dup2(fds[0], FIRST_FD + 2 * i);
		dup2(fds[1], FIRST_FD + 2 * i + 1);
		close(fds[0]);
		close(fds[1]);
	}
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			process(seed + i);
	while (wait(NULL) > 0)
		;
	unlink("/tmp/s0");
	unlink("/tmp/s1");
	unlink("/tmp/s2");
	puts("done");
	return 0;
}
