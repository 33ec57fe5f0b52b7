#ifndef CORE_SPINLOCK_H
#define CORE_SPINLOCK_H
/*
 * Spinlocks: ticket locks. Holding one keeps preemption off; the irqsave forms keep interrupts off
 * as well, and are required for a lock that an interrupt handler also takes.
 *
 * DEBUG=1 keeps a list of the locks each CPU holds, asserts ascending rank (core/lock_rank.h), no
 * recursion, unlock by the holder, and refuses the plain form for a lock ever taken in an
 * interrupt.
 */
#include <stdbool.h>
#include <stdint.h>

#include "arch/cpu.h"
#include "core/lock_rank.h"
#include "lib/compiler.h"

struct spinlock {
	uint16_t next;  /* [a] ticket that the next comer takes */
	uint16_t owner; /* [a] ticket that may enter */
#ifdef DEBUG
	uint16_t rank;
	bool used_in_irq; /* once taken by a handler: never again with interrupts on */
	bool nests;       /* may be taken under others that do: their owner lays down the order */
	uint32_t holder;  /* CPU id + 1; 0: free */
	const char *name;
#endif
};

#ifdef DEBUG
#define SPINLOCK_INIT(lock_name, lock_rank)                                                        \
	{                                                                                          \
		.rank = (lock_rank), .name = (lock_name)                                           \
	}
#else
#define SPINLOCK_INIT(lock_name, lock_rank)                                                        \
	{                                                                                          \
		0                                                                                  \
	}
#endif

static inline void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

/* It may be taken under locks of its own and of higher rank that this was said of too: their owner
 * has laid down an order among them. */
#ifdef DEBUG
static inline void spin_set_nests(struct spinlock *lock)
{
	lock->nests = true;
}
#else
static inline void spin_set_nests(struct spinlock *lock)
{
}
#endif

/* What DEBUG=1 does at each step; nothing in a release build. */
#ifdef DEBUG
void lock_trace_before(struct spinlock *lock, bool irqs_were_on);
void lock_trace_taken(struct spinlock *lock);
void lock_trace_leave(struct spinlock *lock);
void lock_trace_preempt(void);
/* At the top of a _locked function. */
void spin_assert_held(struct spinlock *lock);
/* This context may sleep: no spinlock held, not in an interrupt. */
void assert_may_sleep(void);
/* An interrupt handler starts (ends): ranks of what it interrupted do not bind it. */
void lock_trace_irq_enter(void);
void lock_trace_irq_exit(void);
#else
static inline void lock_trace_before(struct spinlock *lock, bool irqs_were_on)
{
}
static inline void lock_trace_taken(struct spinlock *lock)
{
}
static inline void lock_trace_leave(struct spinlock *lock)
{
}
static inline void lock_trace_preempt(void)
{
}
static inline void spin_assert_held(struct spinlock *lock)
{
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

/* DEBUG: preempt at points drawn from this seed (kernel command line: sched_seed=N). */
void spin_set_preempt_seed(uint64_t seed);

/* A switch of threads is due that was put off. */
void preempt_now(void);

/* No thread switch on this CPU between the two; they nest. preempt_enable switches if due. */
static inline void preempt_disable(void)
{
	__asm__ volatile("incl %%gs:%c0" ::"i"(offsetof(struct cpu, preempt_count))
			 : "memory", "cc");
}

static inline void preempt_enable(void)
{
	bool zero;

	lock_trace_preempt();
	__asm__ volatile("decl %%gs:%c1"
			 : "=@ccz"(zero)
			 : "i"(offsetof(struct cpu, preempt_count))
			 : "memory");
	if (zero && unlikely(cpu_needs_resched()))
		preempt_now();
}

/* Somebody else has the lock: wait for one's turn. */
void spin_wait(struct spinlock *lock, uint16_t ticket);

static inline void ticket_take(struct spinlock *lock)
{
	uint16_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	if (unlikely(__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket))
		spin_wait(lock, ticket);
}

/* Nobody else writes owner meanwhile, and x86's stores are in order: one instruction. */
static inline void ticket_pass(struct spinlock *lock)
{
	__atomic_signal_fence(__ATOMIC_RELEASE);
	lock->owner++;
}

static inline void spin_lock(struct spinlock *lock)
{
	preempt_disable();
	lock_trace_before(lock, true);
	ticket_take(lock);
	lock_trace_taken(lock);
}

static inline void spin_unlock(struct spinlock *lock)
{
	lock_trace_leave(lock);
	ticket_pass(lock);
	preempt_enable();
}

/* Returns RFLAGS for the matching spin_unlock_irqrestore. */
static inline uint64_t spin_lock_irqsave(struct spinlock *lock)
{
	uint64_t flags = irq_save();

	preempt_disable();
	lock_trace_before(lock, false);
	ticket_take(lock);
	lock_trace_taken(lock);
	return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *lock, uint64_t flags)
{
	lock_trace_leave(lock);
	ticket_pass(lock);
	irq_restore(flags);
	preempt_enable();
}

bool spin_trylock(struct spinlock *lock);

#endif
