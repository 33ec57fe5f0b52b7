#ifndef PROC_INTERVAL_TIMER_H
#define PROC_INTERVAL_TIMER_H
/*
 * The three interval timers of a process, setitimer(2), and the limit of its CPU time, RLIMIT_CPU.
 * which: ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF; the signal is SIGALRM, SIGVTALRM, SIGPROF.
 */
#include "lib/itimer.h"
#include "proc/clock_timer.h"

struct proc;

void interval_timers_init(struct proc *proc);
/* Of the running process. old may be NULL. */
void interval_timer_set(
	unsigned which, const struct itimer_setting *setting, struct itimer_setting *old);
void interval_timer_get(unsigned which, struct itimer_setting *setting);
/* A SIGALRM that was sent to the process has been taken: the next one may come. */
void interval_timer_alarm_taken_locked(struct proc *proc);
/* The process ends: no signal comes from here any more. */
void interval_timers_end(struct proc *proc);

/* RLIMIT_CPU has been set. SIGXCPU comes when it is reached and with each second more, SIGKILL at
 * the hard limit. Lock held. */
void cpu_limit_set_locked(struct proc *proc);

#endif
