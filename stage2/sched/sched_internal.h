#ifndef SCHED_SCHED_INTERNAL_H
#define SCHED_SCHED_INTERNAL_H
/*
 * What the files of this room share.
 */
#include "core/spinlock.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "sched/thread.h"
#include "sched/timer.h"

struct run_queue {
	struct spinlock lock;    /* RANK_RUN_QUEUE */
	struct list_head ready;  /* [lock] */
	struct thread *idle;     /* [I] runs when nothing is ready */
	struct thread *previous; /* own: who was switched away from */
	uint64_t slice_end_ns; /* [lock] of the running thread, when others wait; else UINT64_MAX */
};

struct timer_queue {
	struct spinlock lock;  /* RANK_TIMERS */
	struct rb_tree timers; /* [lock] by time */
	struct timer *first;   /* [lock] the earliest; NULL: none */
	struct timer *running; /* [a] whose function is being called */
	uint64_t armed_ns;     /* own, interrupts off: what the local timer is set to */
};

/* timer.c: make sure that the local timer fires at or before `when_ns`. Own CPU, interrupts off. */
void tick_at(uint64_t when_ns);
void timer_queue_init(struct timer_queue *queue);

/* sched.c: first thing on a new thread's stack. */
void sched_enter(void);
/* sched.c: sleep unless a wake-up is pending or may_sleep (called under the queue's lock) says no.
 */
bool sched_sleep(bool (*may_sleep)(struct thread *thread, void *data), void *data);
/* sched.c: the local timer fired. */
void sched_tick(uint64_t now_ns);

/* thread.c: what the reaper does with a dead thread, in a thread. */
void thread_reap(struct thread *thread);
/* The record of what runs now: the boot CPU's first thread, or the idle thread of another CPU. */
struct thread *thread_adopt(const char *name);

#endif
