/*
 * Ticket locks, and the record of held locks that DEBUG=1 keeps.
 *
 * A thread that holds a lock cannot be switched away, so the locks a CPU holds are its own: the
 * record is a small stack for each CPU. An interrupt handler begins a fresh section of it.
 */
#include "core/spinlock.h"
#include "arch/trap.h"
#include "lib/assert.h"
#include "lib/hash.h"

#ifdef DEBUG
#include "core/panic.h"

#define HELD_MAX 16

struct lock_trace {
	unsigned count, irq_base;
	unsigned irq_bases[4], irq_nesting;
	struct spinlock *held[HELD_MAX];
};

static struct lock_trace traces[CPU_MAX];
static uint64_t preempt_seed; /* [a] 0: no forced preemption */

void lock_trace_before(struct spinlock *lock, bool irqs_were_on)
{
	struct cpu *cpu = this_cpu();
	struct lock_trace *trace = &traces[cpu->id];

	if (lock->holder == cpu->id + 1)
		panic("lock %s taken twice", lock->name);
	if (cpu->irq_depth > 0)
		lock->used_in_irq = true;
	else if (lock->used_in_irq && irqs_were_on && irq_enabled())
		panic("lock %s is used by interrupt handlers: take it with interrupts off",
			lock->name);
	if (trace->count > trace->irq_base) {
		struct spinlock *last = trace->held[trace->count - 1];
		if (last->rank >= lock->rank && !(last->nests && lock->nests))
			panic("lock order: %s (rank %u) taken under %s (rank %u)", lock->name,
				lock->rank, last->name, last->rank);
	}
}

void lock_trace_taken(struct spinlock *lock)
{
	struct lock_trace *trace = &traces[this_cpu()->id];
	assert(trace->count < HELD_MAX);
	trace->held[trace->count++] = lock;
	lock->holder = this_cpu()->id + 1;
}

void lock_trace_leave(struct spinlock *lock)
{
	struct lock_trace *trace = &traces[this_cpu()->id];
	if (lock->holder != this_cpu()->id + 1)
		panic("lock %s released, but not held by this CPU", lock->name);
	lock->holder = 0;
	for (unsigned i = trace->count; i-- > trace->irq_base;) {
		if (trace->held[i] == lock) {
			for (trace->count--; i < trace->count; i++)
				trace->held[i] = trace->held[i + 1];
			return;
		}
	}
	panic("lock %s released in another context than it was taken in", lock->name);
}

void lock_trace_irq_enter(void)
{
	struct lock_trace *trace = &traces[this_cpu()->id];
	assert(trace->irq_nesting < ARRAY_SIZE(trace->irq_bases));
	trace->irq_bases[trace->irq_nesting++] = trace->irq_base;
	trace->irq_base = trace->count;
}

void lock_trace_irq_exit(void)
{
	struct lock_trace *trace = &traces[this_cpu()->id];
	if (trace->count != trace->irq_base)
		panic("an interrupt handler kept lock %s", trace->held[trace->count - 1]->name);
	trace->irq_base = trace->irq_bases[--trace->irq_nesting];
}

void spin_assert_held(struct spinlock *lock)
{
	if (lock->holder != this_cpu()->id + 1)
		panic("lock %s must be held here", lock->name);
}

void assert_may_sleep(void)
{
	uint64_t flags = irq_save();
	struct cpu *cpu = this_cpu();
	struct lock_trace *trace = &traces[cpu->id];
	if (trace->count > trace->irq_base)
		panic("sleeping with lock %s held", trace->held[trace->count - 1]->name);
	if (cpu->irq_depth > 0 || cpu->preempt_count > 0)
		panic("sleeping in an interrupt or with preemption off");
	irq_restore(flags);
}

/* One release of a lock in eight is a point where the thread is preempted. */
void lock_trace_preempt(void)
{
	if (preempt_seed == 0 || !this_cpu()->current)
		return;
	preempt_seed = hash_u64(preempt_seed);
	if (preempt_seed % 8 == 0)
		WRITE_ONCE(this_cpu()->need_resched, 1);
}

void spin_set_preempt_seed(uint64_t seed)
{
	preempt_seed = seed;
}
#else
void spin_set_preempt_seed(uint64_t seed)
{
	(void)seed;
}
#endif

void spin_wait(struct spinlock *lock, uint16_t ticket)
{
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}

bool spin_trylock(struct spinlock *lock)
{
	preempt_disable();
	uint16_t owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED), expected = owner;
	if (!__atomic_compare_exchange_n(&lock->next, &expected, (uint16_t)(owner + 1), false,
		    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		preempt_enable();
		return false;
	}
	lock_trace_taken(lock);
	return true;
}

/* With interrupts off nothing is switched here, and nothing is lost by that: what sets need_resched
 * then is the idle thread, which looks before it halts, or another CPU, whose interrupt waits. So
 * who turns both off turns interrupts on first again, as spin_unlock_irqrestore does. */
void preempt_now(void)
{
	if (!irq_enabled())
		return;
	irq_disable();
	if (this_cpu()->preempt_count == 0 && this_cpu()->irq_depth == 0)
		on_resched();
	irq_enable();
}
