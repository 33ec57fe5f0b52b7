/*
 * Mutexes. Free: one exchange takes it. Taken: the waiter sleeps in the queue; unlock wakes the
 * first.
 *
 * DEBUG=1: each thread records the mutexes it holds and asserts ascending rank.
 */
#include "sched/mutex.h"
#include "abi/errno.h"
#include "core/panic.h"
#include "lib/assert.h"

#ifdef DEBUG
static void trace_lock(struct mutex *mutex, bool second)
{
	struct thread *self = thread_current();
	assert_may_sleep();
	if (mutex->holder == self)
		panic("mutex %s taken twice", mutex->name);
	for (unsigned i = 0; i < self->held_count; i++)
		if (self->held[i]->rank > mutex->rank ||
			(self->held[i]->rank == mutex->rank && !second))
			panic("lock order: %s (rank %u) taken under %s (rank %u)", mutex->name,
				mutex->rank, self->held[i]->name, self->held[i]->rank);
}

static void trace_locked(struct mutex *mutex)
{
	struct thread *self = thread_current();
	assert(self->held_count < ARRAY_SIZE(self->held));
	self->held[self->held_count++] = mutex;
}

static void trace_unlock(struct mutex *mutex)
{
	struct thread *self = thread_current();
	for (unsigned i = self->held_count; i-- > 0;) {
		if (self->held[i] == mutex) {
			for (self->held_count--; i < self->held_count; i++)
				self->held[i] = self->held[i + 1];
			return;
		}
	}
	panic("mutex %s released, but not held by this thread", mutex->name);
}
#else
static inline void trace_lock(struct mutex *mutex, bool second)
{
}
static inline void trace_locked(struct mutex *mutex)
{
}
static inline void trace_unlock(struct mutex *mutex)
{
}
#endif

void mutex_init(struct mutex *mutex, const char *name, enum lock_rank rank)
{
	mutex->holder = NULL;
	wait_queue_init(&mutex->waiters);
#ifdef DEBUG
	mutex->name = name;
	mutex->rank = rank;
#endif
}

static bool try(struct mutex *mutex)
{
	struct thread *expected = NULL;
	return __atomic_compare_exchange_n(&mutex->holder, &expected, thread_current(), false,
		__ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void lock(struct mutex *mutex, bool second)
{
	trace_lock(mutex, second);
	if (!try(mutex))
		(void)wait_event(&mutex->waiters, WAIT_UNINTERRUPTIBLE, WAIT_FOREVER, try(mutex));
	trace_locked(mutex);
}

void mutex_lock(struct mutex *mutex)
{
	lock(mutex, false);
}

void mutex_lock_second(struct mutex *mutex)
{
	lock(mutex, true);
}

bool mutex_trylock(struct mutex *mutex)
{
	bool taken = try(mutex);
	if (taken)
		trace_locked(mutex);
	return taken;
}

void mutex_unlock(struct mutex *mutex)
{
	assert(mutex->holder == thread_current());
	trace_unlock(mutex);
	__atomic_store_n(&mutex->holder, NULL, __ATOMIC_SEQ_CST);
	if (wait_has_waiters(&mutex->waiters))
		wait_wake_one(&mutex->waiters, 0);
}

bool mutex_held(const struct mutex *mutex)
{
	return READ_ONCE(mutex->holder) == thread_current();
}
