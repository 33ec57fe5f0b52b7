#ifndef HOST_SPINLOCK_H
#define HOST_SPINLOCK_H
/*
 * Spinlocks for kernel code on the host, where one thread runs: they check that they are taken
 * once, released once, and held where a _locked function wants it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "arch/cpu.h"
#include "core/lock_rank.h"
#include "lib/assert.h"

struct spinlock {
	bool held;
};

#define SPINLOCK_INIT(name, rank)                                                                  \
	{                                                                                          \
		.held = false                                                                      \
	}

static inline void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	lock->held = false;
}

static inline void spin_lock(struct spinlock *lock)
{
	assert(!lock->held);
	lock->held = true;
}

static inline void spin_unlock(struct spinlock *lock)
{
	assert(lock->held);
	lock->held = false;
}

static inline uint64_t spin_lock_irqsave(struct spinlock *lock)
{
	spin_lock(lock);
	return 0;
}

static inline void spin_unlock_irqrestore(struct spinlock *lock, uint64_t flags)
{
	spin_unlock(lock);
}

static inline void spin_assert_held(struct spinlock *lock)
{
	assert(lock->held);
}

static inline void assert_may_sleep(void)
{
}

static inline void lock_trace_irq_enter(void)
{
}

static inline void lock_trace_irq_exit(void)
{
}

#endif
