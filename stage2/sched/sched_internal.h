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
	struct cpu *cpu;         /* [I] whose queue it is */
	struct thread *idle;     /* [I] runs when nothing is ready */
	struct thread *previous; /* own: who was switched away from */
	uint64_t sample_ns; /* own, interrupts off: when the next sample is due; UINT64_MAX: none */
	uint64_t switches;  /* [lock] from one thread to another */
	struct run_times busy; /* [lock] of all threads but the idle one; run_ns is not used */
};

struct timer_queue {
	struct spinlock lock; /* RANK_TIMERS */
	struct {
		struct rb_tree timers; /* [lock] by time */
		struct timer *first;   /* [lock] the earliest; NULL: none */
	} clocks[TIMER_CLOCKS];
	struct timer *running; /* [a] whose function is being called */
	uint64_t armed_ns;     /* own, interrupts off: what the local timer is set to */
};

/* timer.c: make sure that the local timer fires at or before `when_ns`. Own CPU, interrupts off. */
void tick_arm(uint64_t when_ns);
static inline void tick_at(uint64_t when_ns)
{
	if (when_ns < this_cpu()->timers->armed_ns)
		tick_arm(when_ns);
}
void timer_queue_init(struct timer_queue *queue);

/* sched.c: first thing on a new thread's stack. */
void sched_enter(void);
/* sched.c: sleep, unless a wake-up or work that ends it is pending, or *expired ([a]; NULL: it
 * never does), which is set before a wake-up. */
void sched_sleep(uint32_t mode, const bool *expired);
/* sched.c: the local timer fired. */
void sched_tick(uint64_t now_ns, bool from_user);
/* sched.c: the lock of the queue that the thread belongs to: it may move while we look. */
struct run_queue *queue_lock_of(struct thread *thread, uint64_t *flags);
struct run_queue *queue_of_cpu(unsigned id);

/* account.c: this CPU changes from one thread to another; interrupts off, under the queue's lock.
 */
void account_switch(struct run_queue *queue, struct thread *from, struct thread *to);
/* account.c: the local timer fired. */
void account_tick(struct run_queue *queue, uint64_t now_ns, bool from_user);

/* thread.c: what the reaper does with a dead thread, in a thread. */
void thread_reap(struct thread *thread);
/* The record of what runs now: the boot CPU's first thread, or the idle thread of another CPU. */
struct thread *thread_adopt(const char *name);

#endif
