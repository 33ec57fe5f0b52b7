#ifndef ARCH_MMU_H
#define ARCH_MMU_H
/*
 * Page tables. Four levels of 512 entries (SDM 3A 4.5); the upper half is the same in all of them.
 *
 * Nothing here takes a lock: the owner of a table (kmap for the kernel's, an address space for its
 * own) does. Walkers take memory for tables from a page_source that the caller passes in, so this
 * room knows no allocator. A leaf entry is seen by upper rooms as struct pte only through the
 * accessors below. After a present entry was changed or removed the caller must flush the TLBs
 * (core/tlb.h) before the frame is used for something else.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/memory_map.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct pte {
	uint64_t value;
};

/* Protection and properties of a mapping. */
#define MMU_READ     1u
#define MMU_WRITE    2u
#define MMU_EXEC     4u
#define MMU_USER     8u
#define MMU_GLOBAL   16u
#define MMU_UNCACHED 32u /* device memory */

struct page_source {
	/* A zeroed page for a table. -ENOMEM. */
	int (*alloc)(struct page_source *source, paddr_t *page);
	void (*free)(struct page_source *source, paddr_t page);
};

/* The direct map. */
static inline void *phys_to_virt(paddr_t paddr)
{
	return (void *)(DIRECT_MAP_BASE + paddr);
}

static inline paddr_t virt_to_phys(const void *direct)
{
	return (uint64_t)direct - DIRECT_MAP_BASE;
}

/* Physical address of a symbol of the kernel image. */
static inline paddr_t kernel_to_phys(const void *symbol)
{
	return (uint64_t)symbol - KERNEL_BASE;
}

/*
 * The slot of the 4 KiB leaf entry for `vaddr` under the root table at `root`. With a source,
 * missing tables are made (-ENOMEM possible); with source NULL a missing table gives *slot NULL and
 * 0. -EEXIST where a large page is in the way.
 */
__must_check int mmu_slot(
	paddr_t root, uint64_t vaddr, struct page_source *source, struct pte **slot);

/* The first slot at or after *vaddr, below end, whose entry is not empty; sets *vaddr to its
 * address. NULL: none. Skips missing tables quickly. */
struct pte *mmu_next(paddr_t root, uint64_t *vaddr, uint64_t end);

/* Map [vaddr, vaddr + bytes) to paddr on, with the largest pages that alignment and the CPU allow
 * (large: false keeps to 4 KiB). All page-aligned; nothing may be mapped there. -ENOMEM leaves what
 * was mapped so far. */
__must_check int mmu_map(paddr_t root, uint64_t vaddr, paddr_t paddr, uint64_t bytes, unsigned prot,
	bool large, struct page_source *source);

/* Give back the tables, not the leaves, that map part of [start, end) and nothing outside
 * [floor, ceiling), in which all leaf entries are empty. Looks at what maps [start, end) alone. */
void mmu_free_tables(paddr_t root, uint64_t start, uint64_t end, uint64_t floor, uint64_t ceiling,
	struct page_source *source);

/* A new root table with the kernel's half in it; free it again (user half must be freed first). */
__must_check int mmu_root_create(struct page_source *source, paddr_t *root);
void mmu_root_destroy(paddr_t root, struct page_source *source);

/* Leaf entries. A pte is empty when never set; pte_present when the CPU may use it. An entry that
 * is not present may carry a software value (pte_make_soft: 63 bits) for the owner. */
static inline bool pte_empty(struct pte pte)
{
	return pte.value == 0;
}
static inline bool pte_present(struct pte pte)
{
	return pte.value & 1;
}
/* A software value > 0 in an entry that the CPU takes for missing; and back. */
static inline struct pte pte_make_soft(uint64_t value)
{
	return (struct pte){ value << 1 };
}
static inline uint64_t pte_soft(struct pte pte)
{
	return pte.value >> 1;
}
struct pte pte_make(paddr_t paddr, unsigned prot);
paddr_t pte_paddr(struct pte pte);
unsigned pte_prot(struct pte pte);
bool pte_accessed(struct pte pte);
bool pte_dirty(struct pte pte);

/* This CPU's TLB. Other CPUs: core/tlb.h. */
static inline void mmu_flush_page(uint64_t vaddr)
{
	__asm__ volatile("invlpg (%0)" ::"r"(vaddr) : "memory");
}
void mmu_flush_user(void); /* all entries that are not global */
void mmu_flush_all(void);

/* Load CR3. */
void mmu_switch(paddr_t root);

/*
 * The kernel's final tables, in this order:
 * mmu_init_kernel: the image with its permissions, and the top-level entries of the upper half.
 * mmu_map_direct: memory [start, end), page-aligned, into the direct map, with large pages; the
 * image's alias there is no more writable than the image. Called for each range of memory. Then
 * mmu_switch(mmu_kernel_root()) leaves the boot tables. Until then pages from `source` must lie
 * below 1 GiB, which is all that the boot tables map.
 */
__must_check int mmu_init_kernel(struct page_source *source);
__must_check int mmu_map_direct(paddr_t start, paddr_t end, struct page_source *source);
paddr_t mmu_kernel_root(void);
/* The first address behind the kernel image and its bss. */
const void *mmu_kernel_end(void);

#endif
