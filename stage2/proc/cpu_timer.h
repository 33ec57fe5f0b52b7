#ifndef PROC_CPU_TIMER_H
#define PROC_CPU_TIMER_H
/*
 * Timers by CPU time: a function called once when a process, or a thread, has run for so long. What
 * struct timer is to the clocks of the wall.
 *
 * They are looked at when a sample of CPU time is taken (sched/account.c), by the thread itself on
 * its way to user mode; the next sample is moved up to the first that is due. So with one thread
 * they are exact but for what a system call takes, with several late by a sample at most.
 *
 * All is guarded by the lock of the process whose time it is, which the caller of the _locked
 * functions holds. Nothing here sleeps.
 */
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/rbtree.h"

struct pid;
struct proc;
struct uthread;

enum cpu_time { CPU_TIME_ALL, CPU_TIME_USER, CPU_TIME_KINDS };

struct cpu_timer {
	struct rb_node node;
	uint64_t when_ns;
	void (*fn)(struct cpu_timer *timer); /* under the lock; may start it again, for later */
	struct rb_tree *queue;               /* it is queued there; NULL: not */
};

/* Of a process or of a thread. */
struct cpu_timers {
	struct rb_tree queues[CPU_TIME_KINDS];
};

void cpu_timers_init(struct cpu_timers *timers);

/* CPU time of a process, of one of its threads (NULL: of all). */
uint64_t cpu_time_locked(struct proc *proc, struct uthread *thread, enum cpu_time kind);

/* Start (or move) a timer, stop it. */
void cpu_timer_start_locked(struct proc *proc, struct uthread *thread, enum cpu_time kind,
	struct cpu_timer *timer, uint64_t when_ns);
void cpu_timer_stop_locked(struct cpu_timer *timer);

/* THREAD_WORK_CPU_TIMERS: run what is due of the running thread and its process. */
void cpu_timers_run(void);
/* A thread enters its process, is the process's last to be asked for its time. */
void cpu_timers_add_thread_locked(struct uthread *thread);
void cpu_timers_drop_thread_locked(struct uthread *thread);

/* Sleep until CPU time, of the running process or one of its threads, is deadline_ns: 0, -EINTR;
 * -EINVAL: the thread is the running one, or has gone. */
__must_check int cpu_time_sleep(const struct pid *thread, enum cpu_time kind, uint64_t deadline_ns);

#endif
