#ifndef ARCH_MMU_H
#define ARCH_MMU_H
/*
 * Page tables. Four levels of 512 entries (SDM 3A 4.5); the upper half is the same in all of them.
 *
 * Nothing here takes a lock: the owner of a table (kmap for the kernel's, an address space for its
 * own) does. Walkers take memory for tables from a page_source that the caller passes in, so this
 * room knows no allocator. Leaf entries: arch/pte.h. After a present entry was changed or removed
 * the caller must flush the TLBs (core/tlb.h) before the frame is used for something else.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/memory_map.h"
#include "arch/pte.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define MMU_TABLE_BYTES (512ull * PAGE_SIZE) /* what one table of leaf entries maps */

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

/* The slots for [*vaddr, end), as far as they lie side by side in one table: the first, and how
 * many. Where tables are missing *vaddr moves on to the first that is there. NULL: none. */
struct pte *mmu_slots(paddr_t root, uint64_t *vaddr, uint64_t end, unsigned *count);

/* Map [vaddr, vaddr + bytes) to paddr on, with the largest pages that alignment and the CPU allow
 * (large: false keeps to 4 KiB). All page-aligned; nothing may be mapped there. -ENOMEM leaves what
 * was mapped so far. */
__must_check int mmu_map(paddr_t root, uint64_t vaddr, paddr_t paddr, uint64_t bytes, unsigned prot,
	bool large, struct page_source *source);

/* Give back the tables, not the leaves, that map part of [start, end) and nothing outside
 * [floor, ceiling), in which all leaf entries are empty; full of zeros, as they came. Looks at what
 * maps [start, end) alone. */
void mmu_free_tables(paddr_t root, uint64_t start, uint64_t end, uint64_t floor, uint64_t ceiling,
	struct page_source *source);

/* A new root table with the kernel's half in it; free it again (user half must be freed first).
 * Pages go back to the source full of zeros, as they came. */
__must_check int mmu_root_create(struct page_source *source, paddr_t *root);
void mmu_root_destroy(paddr_t root, struct page_source *source);

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
 * mmu_init_kernel: the image with its permissions, and the top-level entries of the upper half;
 * memory_end: behind all memory there is.
 * mmu_map_direct: memory [start, end), page-aligned, into the direct map, with large pages; the
 * image's alias there is no more writable than the image. Called for each range of memory. Then
 * mmu_switch(mmu_kernel_root()) leaves the boot tables. Until then pages from `source` must lie
 * below 1 GiB, which is all that the boot tables map.
 */
__must_check int mmu_init_kernel(paddr_t memory_end, struct page_source *source);
__must_check int mmu_map_direct(paddr_t start, paddr_t end, struct page_source *source);
paddr_t mmu_kernel_root(void);
/* The first address behind the kernel image and its bss. */
const void *mmu_kernel_end(void);

#endif
