#ifndef PROC_CLOCK_TIMER_H
#define PROC_CLOCK_TIMER_H
/*
 * An interval timer of a process by any clock that has timers: what setitimer(2) and
 * timer_create(2) are made of. All is guarded by the process's lock, which the caller of the
 * _locked functions holds. Nothing sleeps.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/itimer.h"
#include "proc/posix_clock.h"
#include "sched/timer.h"

struct proc;

struct clock_timer {
	struct proc *proc;        /* [I] */
	struct posix_clock clock; /* [I] */
	struct itimer state;
	bool started;               /* `timer` was in a queue at some time */
	struct timer timer;         /* by clocks that go on */
	struct cpu_timer cpu_timer; /* by CPU time */
	/* It has fired. Under the lock, in an interrupt or in a thread of the process. */
	void (*fired)(struct clock_timer *timer);
};

/* Takes over the parts of the clock. */
void clock_timer_init(struct clock_timer *timer, struct proc *proc, const struct posix_clock *clock,
	void (*fired)(struct clock_timer *timer));
/* To a time of the clock, or to a span from now; the second is not moved by steps of the clock.
 * ITIMER_OFF: off. -ESRCH: the thread whose time it is has gone. */
__must_check int clock_timer_set_locked(
	struct clock_timer *timer, bool absolute, uint64_t ns, uint64_t interval_ns);
struct itimer_setting clock_timer_left_locked(const struct clock_timer *timer);
/* Take what has come of it, as itimer_take; it fires again in ahead_ns at the earliest. */
uint64_t clock_timer_take_locked(struct clock_timer *timer, uint64_t ahead_ns);
/* Off. On another CPU it may still be about to fire, and then finds that it is off. */
void clock_timer_off_locked(struct clock_timer *timer);
/* It is off; when this returns nothing of it runs any more. Without the lock. */
void clock_timer_end(struct clock_timer *timer);

#endif
