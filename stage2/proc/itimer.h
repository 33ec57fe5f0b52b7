#ifndef PROC_ITIMER_H
#define PROC_ITIMER_H
/*
 * The interval timer of a process, ITIMER_REAL: SIGALRM after a time, and then again and again.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sched/timer.h"
#include "sched/work.h"

struct proc;

struct itimer {
	struct timer timer;
	struct work work;     /* what the timer cannot do in an interrupt */
	uint64_t deadline_ns; /* [proc->lock] clock_ns time; 0: off */
	uint64_t interval_ns; /* [proc->lock] 0: once */
	bool used;            /* [proc->lock] it has been set at some time */
};

struct itimer_setting {
	uint64_t left_ns; /* until it fires; 0: off */
	uint64_t interval_ns;
};

void itimer_init(struct itimer *itimer);
/* Of the running process. old may be NULL. May sleep. */
void itimer_set(const struct itimer_setting *setting, struct itimer_setting *old);
void itimer_get(struct itimer_setting *setting);
/* The process ends: no signal comes from here any more. May sleep. */
void itimer_end(struct proc *proc);

#endif
