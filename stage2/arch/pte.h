#ifndef ARCH_PTE_H
#define ARCH_PTE_H
/*
 * Leaf entries of page tables (SDM 3A, table 4-20). Upper rooms see a struct pte through the
 * accessors below only; they are here, not in x86/mmu.c, so that they cost a few instructions.
 *
 * An entry is empty when never set; present when the CPU may use it. One that is not present may
 * carry a software value for the owner.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct pte {
	uint64_t value;
};

/* Protection and properties of a mapping. The numbers are the entry's own bits, but for MMU_EXEC.
 */
#define MMU_READ     0x001u
#define MMU_WRITE    0x002u
#define MMU_USER     0x004u
#define MMU_UNCACHED 0x018u /* device memory */
#define MMU_GLOBAL   0x100u
#define MMU_EXEC     0x200u
#define MMU_BITS     (MMU_READ | MMU_WRITE | MMU_USER | MMU_UNCACHED | MMU_GLOBAL)

#define PTE_PRESENT  BIT(0)
#define PTE_ACCESSED BIT(5)
#define PTE_DIRTY    BIT(6)
#define PTE_NX       BIT(63)
#define PTE_ADDRESS  0x000ffffffffff000ull

/* What this machine's entries may have: set by cpu_init. */
extern struct pte_features {
	uint64_t nx;      /* PTE_NX, or 0 */
	uint64_t allowed; /* of MMU_BITS */
} pte_features;

static inline bool pte_empty(struct pte pte)
{
	return pte.value == 0;
}

static inline bool pte_present(struct pte pte)
{
	return pte.value & PTE_PRESENT;
}

static inline struct pte pte_make(paddr_t paddr, unsigned prot)
{
	uint64_t value = paddr | PTE_PRESENT | PTE_ACCESSED | (prot & pte_features.allowed);

	return (struct pte){ prot & MMU_EXEC ? value : value | pte_features.nx };
}

static inline paddr_t pte_paddr(struct pte pte)
{
	return pte.value & PTE_ADDRESS;
}

/* 0 where it is not present. */
static inline unsigned pte_prot(struct pte pte)
{
	if (!pte_present(pte))
		return 0;
	return ((unsigned)pte.value & MMU_BITS) | (pte.value & PTE_NX ? 0 : MMU_EXEC);
}

static inline bool pte_dirty(struct pte pte)
{
	return pte.value & PTE_DIRTY;
}

static inline bool pte_accessed(struct pte pte)
{
	return pte.value & PTE_ACCESSED;
}

/* Was the page used since the last time? The CPU notes it again once its TLB is flushed. */
static inline bool pte_take_accessed(struct pte *slot)
{
	return __atomic_fetch_and(&slot->value, ~PTE_ACCESSED, __ATOMIC_RELAXED) & PTE_ACCESSED;
}

/* A software value > 0, of 63 bits, in an entry that the CPU takes for missing; and back. */
static inline struct pte pte_make_soft(uint64_t value)
{
	return (struct pte){ value << 1 };
}

static inline uint64_t pte_soft(struct pte pte)
{
	return pte.value >> 1;
}

#endif
