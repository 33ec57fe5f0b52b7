#ifndef SCHED_LOAD_H
#define SCHED_LOAD_H
/*
 * How much there is to do: the threads of programs, and the averages of those that have to wait.
 */
#include <stdint.h>

struct thread_counts {
	unsigned threads;
	unsigned running; /* and those that could, were there a CPU */
	unsigned blocked; /* asleep until something comes that no signal ends */
};
/* Of programs, now. Any context. */
void threads_count(struct thread_counts *counts);

/* Once at boot, with timers and threads there. */
void load_init(void);

#define LOAD_ONE 2048u /* a load of 1 */
/* Over a minute, five, and fifteen. */
void load_averages(uint64_t averages[3]);

#endif
