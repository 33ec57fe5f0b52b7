#ifndef SCHED_MUTEX_H
#define SCHED_MUTEX_H
/*
 * Mutexes: locks whose waiters sleep. Threads only. The holder may sleep. Waiters are woken first
 * come, first served, but who comes just then may be faster.
 *
 * What a free mutex takes is done in place.
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

static inline void mutex_init(struct mutex *mutex, const char *name, enum lock_rank rank)
{
	*mutex = (struct mutex)MUTEX_INIT(*mutex, name, rank);
}

/* What is left to do where a mutex is taken already, or has waiters. */
void mutex_wait(struct mutex *mutex);
void mutex_wake(struct mutex *mutex);

#ifdef DEBUG
void mutex_trace_before(struct mutex *mutex, bool second);
void mutex_trace_taken(struct mutex *mutex);
void mutex_trace_leave(struct mutex *mutex);
#else
static inline void mutex_trace_before(struct mutex *mutex, bool second)
{
}
static inline void mutex_trace_taken(struct mutex *mutex)
{
}
static inline void mutex_trace_leave(struct mutex *mutex)
{
}
#endif

static inline bool mutex_try(struct mutex *mutex)
{
	struct thread *expected = NULL;

	return __atomic_compare_exchange_n(&mutex->holder, &expected, thread_current(), false,
		__ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void mutex_take(struct mutex *mutex, bool second)
{
	mutex_trace_before(mutex, second);
	if (unlikely(!mutex_try(mutex)))
		mutex_wait(mutex);
	mutex_trace_taken(mutex);
}

static inline void mutex_lock(struct mutex *mutex)
{
	mutex_take(mutex, false);
}

/* The same while another of this rank is held, in the order that the rank's owner lays down. */
static inline void mutex_lock_second(struct mutex *mutex)
{
	mutex_take(mutex, true);
}

static inline bool mutex_trylock(struct mutex *mutex)
{
	bool taken = mutex_try(mutex);

	if (taken)
		mutex_trace_taken(mutex);
	return taken;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	mutex_trace_leave(mutex);
	__atomic_store_n(&mutex->holder, NULL, __ATOMIC_SEQ_CST);
	if (unlikely(wait_has_waiters(&mutex->waiters)))
		mutex_wake(mutex);
}

bool mutex_held(const struct mutex *mutex); /* by the running thread */

#endif
