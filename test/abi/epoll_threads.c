/* Several threads wait for one set, each for one event at a time: none is left lying. */
#define _GNU_SOURCE
#include "show.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define THREADS 4
#define ROUNDS  400

static int set, taken;

static int load(void)
{
	return __atomic_load_n(&taken, __ATOMIC_SEQ_CST);
}

/* Who has one leaves the others of the round to the others. */
static void *takes(void *unused)
{
	struct epoll_event event;
	uint64_t value;

	for (;;) {
		if (epoll_wait(set, &event, 1, -1) != 1)
			continue;
		read(event.data.fd, &value, sizeof(value));
		int mine = __atomic_fetch_add(&taken, 1, __ATOMIC_SEQ_CST);

		while (load() < (mine / THREADS + 1) * THREADS)
			usleep(100);
	}
	return NULL;
}

static int round_done(int round)
{
	for (int i = 0; i < 20000; i++) {
		if (load() == (round + 1) * THREADS)
			return 1;
		usleep(100);
	}
	return 0;
}

static void rounds(uint32_t how)
{
	struct epoll_event event = { .events = EPOLLIN | how };
	int fds[THREADS], round = 0;
	uint64_t one = 1;

	for (int i = 0; i < THREADS; i++) {
		fds[i] = event.data.fd = eventfd(0, 0);
		epoll_ctl(set, EPOLL_CTL_ADD, fds[i], &event);
	}
	for (; round < ROUNDS; round++) {
		for (int i = 0; i < THREADS; i++)
			write(fds[i], &one, sizeof(one));
		if (!round_done(round))
			break;
	}
	printf("rounds: %d\n", round);
}

int main(void)
{
	pthread_t thread;

	set = epoll_create1(0);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, takes, NULL);
	usleep(10000);
	rounds(EPOLLET);
	return 0;
}
