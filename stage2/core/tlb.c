/*
 * TLB shootdown. One at a time: the initiator writes the range, interrupts the CPUs concerned and
 * waits until each has flushed. A CPU that waits for its turn serves the one before it, so two
 * initiators never wait for each other.
 */
#include "core/tlb.h"
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/mmu.h"
#include "arch/trap.h"
#include "core/spinlock.h"
#include "lib/assert.h"

#define FLUSH_ALL_PAGES 32 /* beyond this many, forgetting everything is cheaper */

static struct {
	struct spinlock lock;
	uint64_t start, bytes; /* [lock] the range; user if below the direct map */
	void *aspace;          /* [lock] NULL: kernel addresses */
	uint64_t waiting;      /* [a] bit per CPU that has yet to flush */
} shootdown = { .lock = SPINLOCK_INIT("tlb", RANK_TLB) };

static void flush_local(void *aspace, uint64_t start, uint64_t bytes)
{
	if (bytes / PAGE_SIZE > FLUSH_ALL_PAGES) {
		if (aspace)
			mmu_flush_user();
		else
			mmu_flush_all();
		return;
	}
	for (uint64_t at = start; at < start + bytes; at += PAGE_SIZE)
		mmu_flush_page(at);
}

void tlb_ipi(void)
{
	uint64_t own = BIT(this_cpu()->id);
	if (!(__atomic_load_n(&shootdown.waiting, __ATOMIC_ACQUIRE) & own))
		return;
	flush_local(shootdown.aspace, shootdown.start, shootdown.bytes);
	__atomic_fetch_and(&shootdown.waiting, ~own, __ATOMIC_RELEASE);
}

/* CPUs other than this one that may hold such translations. */
static uint64_t targets(void *aspace)
{
	uint64_t mask = 0;
	/* The entry is changed before we look who has it loaded: a CPU that loads it after that
	 * reads it new. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (unsigned id = 0; id < cpu_count(); id++) {
		struct cpu *cpu = cpu_get(id);
		if (cpu == this_cpu() || !READ_ONCE(cpu->online))
			continue;
		if (!aspace || READ_ONCE(cpu->aspace) == aspace)
			mask |= BIT(id);
	}
	return mask;
}

static void shoot(uint64_t mask, void *aspace, uint64_t start, uint64_t bytes)
{
	assert(irq_enabled()); /* others may wait for us in turn */
	while (!spin_trylock(&shootdown.lock)) {
		uint64_t flags = irq_save();
		tlb_ipi();
		irq_restore(flags);
		cpu_relax();
	}
	shootdown.start = start;
	shootdown.bytes = bytes;
	shootdown.aspace = aspace;
	__atomic_store_n(&shootdown.waiting, mask, __ATOMIC_RELEASE);
	for (unsigned id = 0; id < cpu_count(); id++)
		if (mask & BIT(id))
			ipi_send(cpu_get(id)->apic_id, TRAP_IPI_TLB);
	while (__atomic_load_n(&shootdown.waiting, __ATOMIC_ACQUIRE))
		cpu_relax();
	spin_unlock(&shootdown.lock);
}

/* Out of line: one CPU alone does not pay for it. */
static __noinline void flush_others(void *aspace, uint64_t start, uint64_t bytes)
{
	uint64_t mask = targets(aspace);

	if (mask)
		shoot(mask, aspace, start, bytes);
}

static void flush(void *aspace, uint64_t start, uint64_t bytes)
{
	preempt_disable();
	if (!aspace || this_cpu()->aspace == aspace)
		flush_local(aspace, start, bytes);
	if (cpu_count() > 1)
		flush_others(aspace, start, bytes);
	preempt_enable();
}

void tlb_flush_kernel(uint64_t start, uint64_t bytes)
{
	flush(NULL, start, bytes);
}

void tlb_flush_user(void *aspace, uint64_t start, uint64_t bytes)
{
	assert(aspace);
	flush(aspace, start, bytes);
}
