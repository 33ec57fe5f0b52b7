#ifndef SCHED_TIMER_H
#define SCHED_TIMER_H
/*
 * Timers: a function called once at a time of clock_ns(), or of the wall clock, whose steps they
 * follow. One facility for sleeps, timeouts, slices. Each CPU has a queue ordered by time; the
 * local timer is armed for its first.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/rbtree.h"

enum timer_clock { TIMER_MONOTONIC, TIMER_WALL, TIMER_CLOCKS };

struct timer {
	struct rb_node node;
	enum timer_clock clock; /* [I] */
	uint64_t when_ns;       /* by that clock */
	void (*fn)(struct timer
			*timer);   /* interrupts off; may wake threads, may start the timer again */
	struct timer_queue *queue; /* [a] it is queued there; NULL: not */
};

/* Start (or move) a timer. Any context, under locks of rank below RANK_TIMERS. */
void timer_start(struct timer *timer, uint64_t when_ns);
/* Take it out of its queue; fn may be running on another CPU. True if it had not yet fired. */
bool timer_dequeue(struct timer *timer);
/* Stop it. When it returns fn is not running and will not. True if it had not yet fired. Must not
 * be called from fn, nor under a lock that fn takes. */
bool timer_stop(struct timer *timer);

/* The wall clock has been set: timers that go by it are looked at again, on all CPUs. */
void timers_wall_was_set(void);

#endif
