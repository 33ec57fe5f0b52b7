/*
 * Load averages, as Linux has them: every five seconds it is counted how many threads run, want to
 * run, or wait for a device, and each average moves towards that number by its part of the way.
 */
#include "sched/load.h"

#include "core/clock.h"
#include "lib/compiler.h"
#include "sched/thread.h"
#include "sched/timer.h"
#include "sched/wait.h"

#define PERIOD_NS (5 * NS_PER_SEC)

/* What stays of an average after a period: exp(-5/60), exp(-5/300), exp(-5/900). */
static const uint64_t keeps[3] = { 1884, 2014, 2037 };

static struct {
	struct timer timer;
	uint64_t averages[3]; /* [a] */
} load;

static void count(struct thread *thread, void *data)
{
	struct thread_counts *counts = data;
	uint32_t state = READ_ONCE(thread->state);

	if (!thread->proc)
		return;
	counts->threads++;
	counts->running += state == THREAD_RUNNING || state == THREAD_READY;
	counts->blocked += state == THREAD_SLEEPING &&
	                   !(READ_ONCE(thread->sleep_mode) & (THREAD_WORK_SIGNAL | THREAD_IDLE));
}

void threads_count(struct thread_counts *counts)
{
	*counts = (struct thread_counts){ 0 };
	thread_for_each(count, counts);
}

static void sample(struct timer *timer)
{
	struct thread_counts counts;
	uint64_t active;

	threads_count(&counts);
	active = (counts.running + counts.blocked) * (uint64_t)LOAD_ONE;
	for (unsigned i = 0; i < 3; i++) {
		uint64_t old = load.averages[i];
		uint64_t new = old *keeps[i] + active *(LOAD_ONE - keeps[i]);

		if (active >= old)
			new += LOAD_ONE - 1; /* or it would never be reached */
		WRITE_ONCE(load.averages[i], new / LOAD_ONE);
	}
	timer_start(timer, clock_ns() + PERIOD_NS);
}

void load_init(void)
{
	load.timer.fn = sample;
	timer_start(&load.timer, clock_ns() + PERIOD_NS);
}

void load_averages(uint64_t averages[3])
{
	for (unsigned i = 0; i < 3; i++)
		averages[i] = READ_ONCE(load.averages[i]);
}
