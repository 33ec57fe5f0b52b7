/* Futexes that are moved from one word to another, and condition variables that do so. */
#include "show.h"

/* musl-gcc has no linux headers. */
#define FUTEX_REQUEUE             3
#define FUTEX_WAIT_PRIVATE        128
#define FUTEX_WAKE_PRIVATE        129
#define FUTEX_REQUEUE_PRIVATE     131
#define FUTEX_CMP_REQUEUE_PRIVATE 132

#include <pthread.h>
#include <sched.h>
#include <time.h>

#define SLEEPERS 5

static uint32_t from, to;
static int ended;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int arrived, open_gate;

static long futex(
	uint32_t *word, int op, uint32_t value, uintptr_t value2, uint32_t *word2, uint32_t value3)
{
	return syscall(SYS_futex, word, op, value, value2, word2, value3);
}

static void *sleeper(void *arg)
{
	long result = futex(&from, FUTEX_WAIT_PRIVATE, 0, (uintptr_t)arg, NULL, 0);

	if (result == -1)
		printf("a sleeper: %s\n", strerror(errno));
	__atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void wait_for_ended(int count)
{
	while (__atomic_load_n(&ended, __ATOMIC_SEQ_CST) < count)
		sched_yield();
}

static void pause_a_moment(void)
{
	struct timespec moment = { .tv_nsec = 50000000 };

	nanosleep(&moment, NULL);
}

static void moves(void)
{
	struct timespec soon = { .tv_nsec = 300000000 };
	pthread_t threads[SLEEPERS], late;

	for (int i = 0; i < SLEEPERS; i++)
		pthread_create(&threads[i], NULL, sleeper, NULL);
	pause_a_moment();
	SHOW(futex(&from, FUTEX_CMP_REQUEUE_PRIVATE, 1, 100, &to, 7));
	SHOW(futex(&from, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, &to, 0));
	wait_for_ended(1);
	SHOW(futex(&to, FUTEX_WAKE_PRIVATE, 100, 0, NULL, 0));
	wait_for_ended(3);
	SHOW(futex(&from, FUTEX_REQUEUE_PRIVATE, 0, 1, &to, 0));
	SHOW(futex(&from, FUTEX_WAKE_PRIVATE, 100, 0, NULL, 0));
	wait_for_ended(4);
	SHOW(futex(&to, FUTEX_WAKE_PRIVATE, 100, 0, NULL, 0));
	for (int i = 0; i < SLEEPERS; i++)
		pthread_join(threads[i], NULL);

	/* One that is moved keeps its deadline. */
	pthread_create(&late, NULL, sleeper, &soon);
	pause_a_moment();
	SHOW(futex(&from, FUTEX_REQUEUE_PRIVATE, 0, 1, &to, 0));
	pthread_join(late, NULL);
	SHOW(futex(&to, FUTEX_WAKE_PRIVATE, 100, 0, NULL, 0));

	SHOW(futex(&from, FUTEX_REQUEUE_PRIVATE, -1, 1, &to, 0));
	SHOW(futex(&from, FUTEX_REQUEUE_PRIVATE, 1, -1, &to, 0));
	SHOW(futex((void *)((char *)&from + 1), FUTEX_REQUEUE_PRIVATE, 1, 1, &to, 0));
	SHOW(futex(&from, FUTEX_REQUEUE, 1, 1, (void *)8, 0));
	SHOW(futex((void *)8, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &to, 0));
}

static void *wait_at_gate(void *arg)
{
	pthread_mutex_lock(&mutex);
	arrived++;
	while (!open_gate)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void broadcast(void)
{
	pthread_t threads[20];

	for (int i = 0; i < 20; i++)
		pthread_create(&threads[i], NULL, wait_at_gate, NULL);
	for (int all = 0; !all;) {
		sched_yield();
		pthread_mutex_lock(&mutex);
		all = arrived == 20;
		pthread_mutex_unlock(&mutex);
	}
	pthread_mutex_lock(&mutex);
	open_gate = 1;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 20; i++)
		pthread_join(threads[i], NULL);
	puts("all went through the gate");
}

int main(void)
{
	moves();
	broadcast();
	return 0;
}
