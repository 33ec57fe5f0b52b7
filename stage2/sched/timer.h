#ifndef SCHED_TIMER_H
#define SCHED_TIMER_H
/*
 * Timers: a function called once at a time of clock_ns(). One facility for sleeps, timeouts,
 * slices. Each CPU has a queue ordered by time; the local timer is armed for its first.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/rbtree.h"

struct timer {
	struct rb_node node;
	uint64_t when_ns;
	void (*fn)(struct timer
			*timer);   /* interrupts off; may wake threads, may start the timer again */
	struct timer_queue *queue; /* [a] it is queued there; NULL: not */
};

/* Start (or move) a timer. Any context, under locks of rank below RANK_TIMERS. */
void timer_start(struct timer *timer, uint64_t when_ns);
/* Stop it. When it returns fn is not running and will not. True if it had not yet fired. Must not
 * be called from fn, nor under a lock that fn takes. */
bool timer_stop(struct timer *timer);

#endif
