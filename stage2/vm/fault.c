/*
 * Page faults.
 *
 * What a page is, by its area and its entry in the page table:
 *
 *   area                entry            read                        write
 *   anonymous           empty            the page of zeros, shared   a page of its own, zeroed
 *                       page of zeros    -                           a page of its own, zeroed
 *   private, of object  empty            the object's page           a copy
 *                       object's page    -                           a copy
 *   either of these     anonymous page   -                           in place if this is its only
 *                       (after a fork)                               user, else a copy
 *   shared              empty            the object's page           the object's page, writable
 *                       read-only        -                           the object is asked again,
 * then the same page, writable
 *
 * Reads of untouched anonymous memory see one page of zeros, as on Linux, so that a program that
 * reads a large table of which it writes little pays for what it writes. A write that comes later
 * costs a second fault; most first touches are writes.
 *
 * A program that touches anonymous memory page after page gets some of it ahead.
 *
 * A read of a file page maps up to 15 neighbours that the page cache has ready (fault-around), for
 * programs run through their text.
 *
 * Locks: the aspace's lock is held throughout, also while the object reads its page from disk.
 * Between getting a page from its object and mapping it nobody can take it out of the mappings
 * unseen: vm_pager_unmap takes the same lock.
 *
 * Faults in the kernel are resolved only where the instruction has a fix-up, in a thread that may
 * sleep: anything else is the kernel's own mistake, and the verdict leads to a panic.
 */
#include "vm/fault.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "arch/cpu.h"
#include "arch/trap.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "sched/thread.h"
#include "vm/aspace.h"
#include "vm/pages.h"

#define AROUND_PAGES 16  /* of a fault-around window, aligned to its size */
#define RUN_MAX      16u /* pages of anonymous memory that one fault brings */

struct fault {
	struct aspace *aspace;
	struct vm_area *area;
	uptr_t address; /* of the page */
	unsigned access;
	struct pte *slot;
};

/* What -errno from an object or an allocation means to the program. */
static int verdict_of(int err)
{
	if (err == 0)
		return FAULT_OK;
	return err == -ENOMEM ? FAULT_NO_MEMORY : FAULT_BUS;
}

static uint64_t object_index(const struct fault *fault)
{
	return fault->area->pager_index + ((fault->address - fault->area->start) >> PAGE_SHIFT);
}

/* ---- anonymous pages --------------------------------------------------------------------- */

static int anon_zeroed(struct frame **frame)
{
	int err = frame_alloc_zeroed(FRAME_ANON, frame);

	if (err == 0)
		(*frame)->anon.mapped = 0;
	return err;
}

static int anon_copy(const struct frame *from, struct frame **frame)
{
	int err = frame_alloc(0, FRAME_ANON, frame);

	if (err < 0)
		return err;
	(*frame)->anon.mapped = 0;
	memcpy(frame_virt(*frame), frame_virt(from), PAGE_SIZE);
	return 0;
}

/* A program that touches page after page gets the next ones too, each time twice as many as the
 * last: so no more than half of them is for nothing. As far as the slots lie side by side. */
static void fault_ahead(struct fault *fault, unsigned prot)
{
	struct vm_area *area = fault->area;
	unsigned run = fault->address == area->run_next ? min(2 * area->run, RUN_MAX) : 1;
	uptr_t at = fault->address + PAGE_SIZE;
	uptr_t end = min(fault->address + run * PAGE_SIZE, area->end);
	struct pte *slot = fault->slot + 1;
	struct frame *frame;

	for (; at < end && at % MMU_TABLE_BYTES != 0 && pte_empty(*slot); at += PAGE_SIZE, slot++) {
		if (READ_ONCE(frame_low) || anon_zeroed(&frame))
			break;
		pages_set(fault->aspace, slot, frame, prot);
	}
	area->run = run;
	area->run_next = at;
}

static int fault_anon(struct fault *fault)
{
	unsigned prot = area_mmu_prot(fault->area);
	struct frame *frame = NULL;

	if (fault->access & FAULT_WRITE) {
		int err = anon_zeroed(&frame);
		if (err < 0)
			return verdict_of(err);
	} else {
		prot &= ~MMU_WRITE;
	}
	pages_set(fault->aspace, fault->slot, frame, prot);
	if (frame && !(fault->access & FAULT_ALONE))
		fault_ahead(fault, prot);
	return FAULT_OK;
}

/* ---- pages of objects -------------------------------------------------------------------- */

/* Map what the object has ready around the fault, the faulting page too. True if that was there.
 * Out of line: its array is no other fault's. */
static __noinline bool fault_around(struct fault *fault)
{
	const struct vm_area *area = fault->area;
	unsigned prot = area_mmu_prot(area) & ~MMU_WRITE;
	uptr_t start = ALIGN_DOWN(fault->address, AROUND_PAGES * PAGE_SIZE);
	uptr_t end = min(start + AROUND_PAGES * PAGE_SIZE, area->end);
	struct frame *frames[AROUND_PAGES];

	if (!area->pager->ops->get_ready)
		return false;
	start = max(start, area->start);
	unsigned count = (unsigned)((end - start) >> PAGE_SHIFT);
	uint64_t skip = (fault->address - start) >> PAGE_SHIFT;
	area->pager->ops->get_ready(area->pager, object_index(fault) - skip, count, frames);

	/* The window does not cross a table of 512, so its slots are side by side. */
	struct pte *slot = fault->slot - skip;
	for (unsigned i = 0; i < count; i++, slot++) {
		if (!frames[i])
			continue;
		if (pte_empty(*slot))
			pages_set(fault->aspace, slot, frames[i], prot);
		else
			frame_put(frames[i]);
	}
	return pte_present(*fault->slot);
}

/* The object's own page. A shared mapping may write to it only once the object has agreed. */
static int fault_object(struct fault *fault)
{
	struct pager *pager = fault->area->pager;
	unsigned prot = area_mmu_prot(fault->area);
	struct frame *frame;
	int err;

	if (!(fault->access & FAULT_WRITE)) {
		if (fault_around(fault))
			return FAULT_OK;
		prot &= ~MMU_WRITE;
	}
	err = pager->ops->get_page(pager, object_index(fault), fault->access & FAULT_WRITE, &frame);
	if (err < 0)
		return verdict_of(err);
	pages_set(fault->aspace, fault->slot, frame, prot);
	return FAULT_OK;
}

/* First touch of a private page by a write: a copy, without mapping the object's page at all. */
static int fault_object_copy(struct fault *fault)
{
	struct pager *pager = fault->area->pager;
	struct frame *original, *copy;
	int err;

	err = pager->ops->get_page(pager, object_index(fault), false, &original);
	if (err < 0)
		return verdict_of(err);
	err = anon_copy(original, &copy);
	frame_put(original);
	if (err < 0)
		return verdict_of(err);
	pages_set(fault->aspace, fault->slot, copy, area_mmu_prot(fault->area));
	return FAULT_OK;
}

/* ---- writes to a page that is mapped read-only ------------------------------------------- */

/* Right to write the page that is there already. */
static void make_writable(struct fault *fault)
{
	*fault->slot = pte_make(pte_paddr(*fault->slot), area_mmu_prot(fault->area));
	mmu_flush_page(fault->address);
}

static int upgrade_shared(struct fault *fault)
{
	struct pager *pager = fault->area->pager;
	struct frame *frame;
	int err;

	err = pager->ops->get_page(pager, object_index(fault), true, &frame);
	if (err < 0)
		return verdict_of(err);
	if (frame == pte_frame(*fault->slot)) {
		make_writable(fault);
		frame_put(frame);
	} else {
		pages_replace(fault->aspace, fault->address, fault->slot, frame,
			area_mmu_prot(fault->area));
	}
	return FAULT_OK;
}

/* Nobody else maps it, and nobody else holds it for a moment (a copy in another address space that
 * is being taken out still counts as a user). */
static bool sole_user(const struct frame *frame)
{
	return frame->owner == FRAME_ANON && __atomic_load_n(&frame->refs, __ATOMIC_ACQUIRE) == 1;
}

static int fault_write_protected(struct fault *fault)
{
	struct frame *old = pte_frame(*fault->slot), *new;
	int err;

	if (fault->area->flags & MAP_SHARED)
		return upgrade_shared(fault);
	if (old && sole_user(old)) {
		make_writable(fault);
		return FAULT_OK;
	}
	err = old ? anon_copy(old, &new) : anon_zeroed(&new);
	if (err < 0)
		return verdict_of(err);
	pages_replace(fault->aspace, fault->address, fault->slot, new, area_mmu_prot(fault->area));
	return FAULT_OK;
}

/* ---- which area, and may it -------------------------------------------------------------- */

/* Memory that a stack may not come close to: accessible, and itself no stack. */
static bool stack_collides(const struct vm_area *below, uptr_t start)
{
	if (!below || (below->flags & MAP_GROWSDOWN) || below->prot == PROT_NONE)
		return below && below->end > start;
	return start < below->end + STACK_GUARD_BYTES;
}

/* `area` lies above the address: if it is a stack, let it grow down to there. */
static __noinline bool stack_grow(struct aspace *aspace, struct vm_area *area, uptr_t start)
{
	uint64_t more = area->start - start;

	if (!(area->flags & MAP_GROWSDOWN) || start < USER_BASE)
		return false;
	if (area->end - start > aspace->stack_limit_bytes ||
		more > aspace->size_limit_bytes -
				min(aspace->areas.bytes, aspace->size_limit_bytes))
		return false;
	if (stack_collides(areas_prev(area), start))
		return false;
	areas_resize(&aspace->areas, area, start, area->end);
	return true;
}

static int find_area(struct fault *fault)
{
	struct vm_area *area = areas_find(&fault->aspace->areas, fault->address);

	if (!area)
		return FAULT_NO_MAPPING;
	if (area->start > fault->address && !stack_grow(fault->aspace, area, fault->address))
		return FAULT_NO_MAPPING;
	fault->area = area;
	return FAULT_OK;
}

/* On x86 what may be written or executed may be read. */
static bool access_allowed(const struct vm_area *area, unsigned access)
{
	if ((access & FAULT_FORCE) && (area->flags & MAP_PRIVATE))
		return area->prot != PROT_NONE;
	if (access & FAULT_WRITE)
		return area->prot & PROT_WRITE;
	if (access & FAULT_FETCH)
		return area->prot & PROT_EXEC;
	return area->prot != PROT_NONE;
}

static int resolve(struct fault *fault)
{
	struct vm_area *area = fault->area;
	struct pte pte = *fault->slot;
	bool write = fault->access & FAULT_WRITE;

	area->has_copies |= write;

	if (pte_empty(pte)) {
		if (!area->pager)
			return fault_anon(fault);
		if (write && (area->flags & MAP_PRIVATE))
			return fault_object_copy(fault);
		return fault_object(fault);
	}
	if (write && !(pte_prot(pte) & MMU_WRITE))
		return fault_write_protected(fault);
	/* Somebody else was faster, or this CPU's TLB had the entry of a moment ago. */
	mmu_flush_page(fault->address);
	return FAULT_OK;
}

int aspace_fault_locked(struct aspace *aspace, uptr_t address, unsigned access)
{
	struct fault fault = {
		.aspace = aspace,
		.address = ALIGN_DOWN(address, PAGE_SIZE),
		.access = access,
	};
	int verdict, err;

	if (unlikely(aspace->reaped))
		return FAULT_NO_MEMORY;
	verdict = find_area(&fault);
	if (verdict != FAULT_OK)
		return verdict;
	if (!access_allowed(fault.area, access))
		return FAULT_ACCESS;
	err = pages_slot(aspace, fault.address, &fault.slot);
	if (err < 0)
		return verdict_of(err);
	return resolve(&fault);
}

int aspace_fault(struct aspace *aspace, uptr_t address, unsigned access)
{
	struct oom_tries tries = { 0 };
	int verdict;

	if (unlikely(READ_ONCE(frame_low)))
		frame_keep_reserve();
	do {
		mutex_lock(&aspace->lock);
		verdict = aspace_fault_locked(aspace, address, access);
		mutex_unlock(&aspace->lock);
	} while (verdict == FAULT_NO_MEMORY && (frame_reclaim(AROUND_PAGES) > 0 || on_oom(&tries)));
	return verdict;
}

/* ---- many pages at once ------------------------------------------------------------------ */

static unsigned populate_access(const struct vm_area *area, enum populate_how how)
{
	bool copied = (area->prot & PROT_WRITE) && !(area->flags & MAP_SHARED);

	return how == POPULATE_TO_WRITE || (how == POPULATE_AS_MAPPED && copied) ? FAULT_WRITE : 0;
}

/* What to do next: the part of [*start, *end) that lies in one area. False: there is none. */
static bool populate_next(
	struct aspace *aspace, uptr_t *start, uptr_t *end, enum populate_how how, unsigned *access)
{
	struct vm_area *area;

	mutex_lock(&aspace->lock);
	area = areas_find(&aspace->areas, *start);
	if (area) {
		*start = max(*start, area->start);
		*end = min(*end, area->end);
		*access = populate_access(area, how);
	}
	mutex_unlock(&aspace->lock);
	return area && *start < *end;
}

int aspace_populate(struct aspace *aspace, uptr_t start, uptr_t end, enum populate_how how)
{
	int verdict = FAULT_OK;
	unsigned access = 0;
	bool hole = false;

	while (start < end && (verdict == FAULT_OK || how == POPULATE_AS_MAPPED)) {
		uptr_t at = start, stop = end;
		int now = FAULT_OK;

		if (!populate_next(aspace, &at, &stop, how, &access)) {
			hole = true;
			break;
		}
		hole |= at > start;
		for (; at < stop && now == FAULT_OK; at += PAGE_SIZE)
			now = aspace_fault(aspace, at, access | FAULT_ALONE);
		if (now == FAULT_NO_MEMORY)
			return now;
		verdict = verdict == FAULT_OK ? now : verdict;
		start = stop;
	}
	/* As on Linux what is mapped comes first. */
	return hole && verdict == FAULT_OK && how != POPULATE_AS_MAPPED ? FAULT_NO_MAPPING
	                                                                : verdict;
}

/* ---- the trap ---------------------------------------------------------------------------- */

/* The kernel touched a user address where it meant to, and the thread may sleep. */
static bool kernel_access_ok(const struct trap_frame *frame)
{
	return trap_has_fixup(frame) && (frame->rflags & RFLAGS_IF) &&
	       this_cpu()->preempt_count == 0;
}

int on_page_fault(struct trap_frame *frame, uptr_t address)
{
	struct thread *thread = thread_current();
	bool user = trap_from_user(frame);
	int verdict;

	if (address >= USER_END || !thread || !thread->aspace)
		return FAULT_NO_MAPPING;
	if (!user && !kernel_access_ok(frame))
		return FAULT_NO_MAPPING;
	/* A program's instruction on the CPU's own behalf (a stack that IRET reads, in QEMU's
	 * emulator), or a broken entry: no page that could be brought in makes it go on. */
	if ((user && !(frame->error & FAULT_USER)) || (frame->error & FAULT_RESERVED))
		return FAULT_ACCESS;
	irq_enable();
	verdict = aspace_fault(thread->aspace, address, frame->error & (FAULT_WRITE | FAULT_FETCH));
	irq_disable();
	return verdict;
}
