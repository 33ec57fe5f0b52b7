/*
 * Mutexes: what is not done in place. Free: one exchange takes it. Taken: the waiter sleeps in the
 * queue; unlock wakes the first.
 *
 * DEBUG=1: each thread records the mutexes it holds and asserts ascending rank.
 */
#include "sched/mutex.h"
#include "abi/errno.h"
#include "core/panic.h"
#include "lib/assert.h"

#ifdef DEBUG
void mutex_trace_before(struct mutex *mutex, bool second)
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

void mutex_trace_taken(struct mutex *mutex)
{
	struct thread *self = thread_current();
	assert(self->held_count < ARRAY_SIZE(self->held));
	self->held[self->held_count++] = mutex;
}

void mutex_trace_leave(struct mutex *mutex)
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
#endif

void mutex_wait(struct mutex *mutex)
{
	(void)wait_event(&mutex->waiters, WAIT_UNINTERRUPTIBLE, WAIT_FOREVER, mutex_try(mutex));
}

void mutex_wake(struct mutex *mutex)
{
	wait_wake_one(&mutex->waiters, 0);
}

bool mutex_held(const struct mutex *mutex)
{
	return READ_ONCE(mutex->holder) == thread_current();
}
