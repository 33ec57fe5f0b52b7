#ifndef SCHED_MUTEX_H
#define SCHED_MUTEX_H
/*
 * Mutexes: locks whose waiters sleep. Threads only. The holder may sleep. Waiters are woken first
 * come, first served, but who comes just then may be faster.
 *
 * mutex_unlock looks for waiters after it has let go, so who unlocks must itself hold a reference
 * to what the mutex lies in: it must not be the next holder that frees it.
 */
#include "core/lock_rank.h"
#include "core/spinlock.h"
#include "sched/wait.h"

struct mutex {
	struct thread *holder; /* [a] NULL: free */
	struct wait_queue waiters;
#ifdef DEBUG
	const char *name;
	enum lock_rank rank;
#endif
};

#ifdef DEBUG
#define MUTEX_INIT(mutex, mutex_name, mutex_rank)                                                  \
	{                                                                                          \
		.waiters = WAIT_QUEUE_INIT((mutex).waiters), .name = (mutex_name),                 \
		.rank = (mutex_rank)                                                               \
	}
#else
#define MUTEX_INIT(mutex, mutex_name, mutex_rank)                                                  \
	{                                                                                          \
		.waiters = WAIT_QUEUE_INIT((mutex).waiters)                                        \
	}
#endif

void mutex_init(struct mutex *mutex, const char *name, enum lock_rank rank);
void mutex_lock(struct mutex *mutex);
/* The same while another of this rank is held, in the order that the rank's owner lays down. */
void mutex_lock_second(struct mutex *mutex);
bool mutex_trylock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);     /* a full barrier */
bool mutex_held(const struct mutex *mutex); /* by the running thread */

#endif
