#ifndef VM_PAGES_H
#define VM_PAGES_H
/*
 * The page tables of one address space: taking pages out, changing their rights. For vm's own
 * files.
 *
 * The caller holds the aspace's lock, or is its last user. A leaf entry in the user half is empty;
 * or present, and then holds a reference to its frame, unless that is the page of zeros; or not
 * present and soft, in areas of PROT_NONE: the frame is kept, the CPU may not use it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/mman.h"
#include "arch/mmu.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "vm/areas.h"
#include "vm/aspace.h"

/* The page of zeros: what anonymous memory shows that was read and never written. Has no record. */
paddr_t zero_page_paddr(void);

/* The frame an entry that is not empty refers to; NULL: the page of zeros. */
struct frame *pte_frame(struct pte pte);

/* Rights of the CPU for an area; without MMU_WRITE for a page that must not be written in place. */
static inline unsigned area_mmu_prot(const struct vm_area *area)
{
	unsigned prot = MMU_USER | MMU_READ;

	if (area->prot & PROT_WRITE)
		prot |= MMU_WRITE;
	if (area->prot & PROT_EXEC)
		prot |= MMU_EXEC;
	return prot;
}

/* Make aspace->leaves the table that begins with address `base`; it is made if missing: -ENOMEM. */
__must_check int pages_leaves_find(struct aspace *aspace, uptr_t base);

/* The slot of a page; tables that are missing are made: -ENOMEM. Faults come close together: the
 * table of the last one is at hand. */
__must_check static inline int pages_slot(struct aspace *aspace, uptr_t address, struct pte **slot)
{
	uptr_t base = ALIGN_DOWN(address, MMU_TABLE_BYTES);

	if (unlikely(!aspace->leaves || aspace->leaves_base != base)) {
		int err = pages_leaves_find(aspace, base);
		if (err < 0)
			return err;
	}
	*slot = &aspace->leaves[(address - base) >> PAGE_SHIFT];
	return 0;
}

static inline void slot_write(struct pte *slot, struct pte pte)
{
	__atomic_store_n(&slot->value, pte.value, __ATOMIC_RELEASE);
}

/* One more mapping of it. */
static inline void frame_map(struct aspace *aspace, struct frame *frame)
{
	__atomic_fetch_add(&frame->anon.mapped, 1, __ATOMIC_RELAXED);
	aspace->anon_pages += frame->owner == FRAME_ANON;
	if (++aspace->resident_pages > aspace->resident_peak)
		aspace->resident_peak = aspace->resident_pages;
}

/* Fill an empty slot. Takes over the caller's reference to the frame (NULL: the page of zeros). */
static inline void pages_set(
	struct aspace *aspace, struct pte *slot, struct frame *frame, unsigned prot)
{
	if (frame)
		frame_map(aspace, frame);
	slot_write(slot, pte_make(frame ? frame_paddr(frame) : zero_page_paddr(), prot));
}

/* Replace the frame in a present slot at `address`, flush, and put the old one. */
void pages_replace(struct aspace *aspace, uptr_t address, struct pte *slot, struct frame *frame,
	unsigned prot);

/* Which pages of an area pages_unmap takes. */
enum pages_which { PAGES_ALL, PAGES_OF_OBJECT /* not the private copies */ };

/* Take the area's pages in [start, end) out and put their frames. May sleep if asked to put the
 * last reference to a page-cache page; never takes another lock of vm. */
void pages_unmap(struct aspace *aspace, const struct vm_area *area, uptr_t start, uptr_t end,
	enum pages_which which);

/* Bring present entries in [start, end) in line with area->prot. Rights to write come back by
 * faults. */
void pages_protect(struct aspace *aspace, const struct vm_area *area, uptr_t start, uptr_t end);

/* The area's pages in [start, end) are not written any more without a fault; they count as not used
 * since. */
void pages_write_protect(
	struct aspace *aspace, const struct vm_area *area, uptr_t start, uptr_t end);

/* Was the page used since this was last asked? */
bool pages_take_accessed(struct aspace *aspace, uptr_t address);

/* mremap: make the tables for moving the pages of [from, from + bytes) to `to`, -ENOMEM; then move
 * them. Nothing may be mapped there. */
__must_check int pages_move_prepare(struct aspace *aspace, uptr_t from, uptr_t to, uint64_t bytes);
void pages_move(struct aspace *aspace, uptr_t from, uptr_t to, uint64_t bytes);

/* The end of what the user half of the tables maps: one page above USER_END. */
#define USER_TABLES_END BIT(47)

/* [start, end) has been unmapped and lies in a free gap [floor, ceiling): give back the tables that
 * mapped it and map nothing outside the gap. Without areas above, ceiling is USER_TABLES_END. */
void pages_free_tables(
	struct aspace *aspace, uptr_t start, uptr_t end, uptr_t floor, uptr_t ceiling);

/* The same two for an address space that no CPU has loaded, and that is about to go: nothing needs
 * to be flushed. */
void pages_drop(struct aspace *aspace, const struct vm_area *area);
void pages_drop_tables(struct aspace *aspace, uptr_t start, uptr_t end, uptr_t ceiling);

/* Share an area's private pages with a child at fork; both lose the right to write. -ENOMEM. */
int pages_share(struct aspace *parent, struct aspace *child, const struct vm_area *area);

#endif
