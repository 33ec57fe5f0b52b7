/*
 * Page tables of a program: unmapping, changing rights, sharing at fork.
 *
 * Main idea: the order that keeps every CPU honest. An entry is cleared first; then the TLBs are
 * flushed; only then are frames (and tables) given back, because until the flush another CPU may go
 * on using them. A struct gather holds what waits for the flush; it is on the stack and never
 * fails: when it is full it flushes in between.
 *
 * Nothing here decides what a page should be: that is fault.c.
 */
#include "vm/pages.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "core/tlb.h"
#include "lib/assert.h"

/* In the kernel image, so it belongs to nobody and its references need not be counted. */
static uint8_t zero_page[PAGE_SIZE] __aligned(PAGE_SIZE);

paddr_t zero_page_paddr(void)
{
	return kernel_to_phys(zero_page);
}

static paddr_t any_paddr(struct pte pte)
{
	return pte_present(pte) ? pte_paddr(pte) : pte_soft(pte) << PAGE_SHIFT;
}

struct frame *pte_frame(struct pte pte)
{
	paddr_t paddr = any_paddr(pte);
	return paddr == zero_page_paddr() ? NULL : frame_at(paddr);
}

/* The word `mapped` of a frame lies at the same place for all owners of user pages. */
_Static_assert(offsetof(struct frame, anon.mapped) == offsetof(struct frame, cache.mapped),
	"mapped counts user mappings of anonymous and of file pages");

static void frame_unmap(struct aspace *aspace, struct frame *frame)
{
	__atomic_fetch_sub(&frame->anon.mapped, 1, __ATOMIC_RELAXED);
	aspace->anon_pages -= frame->owner == FRAME_ANON;
	aspace->resident_pages--;
}

/* The CPU sets accessed and dirty bits at any time: take the entry and its bits in one step. */
static struct pte slot_take(struct pte *slot)
{
	return (struct pte){ __atomic_exchange_n(&slot->value, 0, __ATOMIC_RELAXED) };
}

int pages_leaves_find(struct aspace *aspace, uptr_t base)
{
	int err = mmu_slot(aspace->root, base, &aspace->tables, &aspace->leaves);

	if (err == 0)
		aspace->leaves_base = base;
	return err;
}

void pages_replace(
	struct aspace *aspace, uptr_t address, struct pte *slot, struct frame *frame, unsigned prot)
{
	struct frame *old = pte_frame(slot_take(slot));

	tlb_flush_user(aspace, address, PAGE_SIZE);
	pages_set(aspace, slot, frame, prot);
	if (old) {
		frame_unmap(aspace, old);
		frame_put(old);
	}
}

/* What waits for a flush of [start, end). */
#define GATHER_FRAMES 32
struct gather {
	struct aspace *aspace;
	uptr_t start, end;
	unsigned count;
	struct frame *frames[GATHER_FRAMES];
};

static void gather_flush(struct gather *gather)
{
	if (gather->start < gather->end)
		tlb_flush_user(gather->aspace, gather->start, gather->end - gather->start);
	for (unsigned i = 0; i < gather->count; i++)
		frame_put(gather->frames[i]);
	gather->count = 0;
	gather->start = gather->end;
}

static void gather_range(struct gather *gather, uptr_t address)
{
	if (gather->start == gather->end)
		gather->start = address;
	gather->end = address + PAGE_SIZE;
}

static void gather_frame(struct gather *gather, struct frame *frame)
{
	gather->frames[gather->count++] = frame;
	if (gather->count == GATHER_FRAMES)
		gather_flush(gather);
}

/* A walk over the entries of a range that are not empty. Within one table slots are side by side,
 * so only once a table it goes down from the root. */
struct slots {
	paddr_t root;
	uptr_t address; /* of the slot behind `slot` */
	uptr_t end;
	struct pte *slot, *stop; /* next one to look at, and the first of another table */
};

static inline struct slots slots_begin(paddr_t root, uptr_t start, uptr_t end)
{
	return (struct slots){ .root = root, .address = start, .end = end };
}

static bool slots_next_table(struct slots *slots)
{
	unsigned count = 0;

	slots->slot = mmu_slots(slots->root, &slots->address, slots->end, &count);
	slots->stop = slots->slot + count;
	return slots->slot;
}

/* The next one, and its address; NULL: no more. */
static inline struct pte *slots_next(struct slots *slots, uptr_t *address)
{
	do {
		while (slots->slot < slots->stop) {
			struct pte *slot = slots->slot++;

			*address = slots->address;
			slots->address += PAGE_SIZE;
			if (!pte_empty(*slot))
				return slot;
		}
	} while (slots_next_table(slots));
	return NULL;
}

static bool is_private_copy(const struct frame *frame)
{
	return !frame || frame->owner == FRAME_ANON;
}

/* A page that a shared mapping changed: its object must know before the page is let go. */
static void tell_dirty(const struct vm_area *area, struct pte pte, struct frame *frame)
{
	if ((area->flags & MAP_SHARED) && pte_present(pte) && pte_dirty(pte) && frame)
		area->pager->ops->set_dirty(area->pager, frame);
}

void pages_unmap(struct aspace *aspace, const struct vm_area *area, uptr_t start, uptr_t end,
	enum pages_which which)
{
	struct gather gather = { .aspace = aspace };
	bool copies_stay = which == PAGES_OF_OBJECT && !(area->flags & MAP_SHARED);
	struct slots slots = slots_begin(aspace->root, start, end);
	struct pte *slot;
	uptr_t address;

	while ((slot = slots_next(&slots, &address))) {
		struct frame *frame = pte_frame(*slot);

		if (copies_stay && is_private_copy(frame))
			continue;
		struct pte pte = slot_take(slot);
		gather_range(&gather, address);
		if (!frame)
			continue;
		tell_dirty(area, pte, frame);
		frame_unmap(aspace, frame);
		gather_frame(&gather, frame);
	}
	gather_flush(&gather);
}

/* Rights of a present or soft page under the area's new prot: writing in place is kept, never
 * given. */
static struct pte protected_pte(const struct vm_area *area, struct pte pte)
{
	if (area->prot == PROT_NONE)
		return pte_make_soft(any_paddr(pte) >> PAGE_SHIFT);

	unsigned prot = area_mmu_prot(area);
	if (!pte_present(pte) || !(pte_prot(pte) & MMU_WRITE))
		prot &= ~MMU_WRITE;
	return pte_make(any_paddr(pte), prot);
}

void pages_protect(struct aspace *aspace, const struct vm_area *area, uptr_t start, uptr_t end)
{
	struct slots slots = slots_begin(aspace->root, start, end);
	struct gather gather = { .aspace = aspace };
	struct pte *slot;
	uptr_t address;

	while ((slot = slots_next(&slots, &address))) {
		struct pte pte = slot_take(slot);

		tell_dirty(area, pte, pte_frame(pte));
		slot_write(slot, protected_pte(area, pte));
		gather_range(&gather, address);
	}
	gather_flush(&gather);
}

void pages_write_protect(
	struct aspace *aspace, const struct vm_area *area, uptr_t start, uptr_t end)
{
	struct slots slots = slots_begin(aspace->root, start, end);
	struct gather gather = { .aspace = aspace };
	struct pte *slot;
	uptr_t address;

	while ((slot = slots_next(&slots, &address))) {
		struct pte pte = *slot;

		if (!pte_present(pte) || !(pte_prot(pte) & MMU_WRITE))
			continue;
		pte = slot_take(slot);
		tell_dirty(area, pte, pte_frame(pte));
		slot_write(slot, pte_make(pte_paddr(pte), pte_prot(pte) & ~MMU_WRITE));
		(void)pte_take_accessed(slot);
		gather_range(&gather, address);
	}
	gather_flush(&gather);
}

bool pages_take_accessed(struct aspace *aspace, uptr_t address)
{
	struct pte *slot;

	if (mmu_slot(aspace->root, address, NULL, &slot) || !slot || !pte_present(*slot) ||
		!pte_take_accessed(slot))
		return false;
	tlb_flush_user(aspace, address, PAGE_SIZE);
	return true;
}

/* Tables that mmu_free_tables lets go wait here for the flush, linked through their frame records.
 */
struct table_gather {
	struct page_source source;
	struct list_head pages;
};

static void table_gather_free(struct page_source *source, paddr_t page)
{
	struct table_gather *gather = container_of(source, struct table_gather, source);
	list_add(&frame_at(page)->link, &gather->pages);
}

void pages_free_tables(
	struct aspace *aspace, uptr_t start, uptr_t end, uptr_t floor, uptr_t ceiling)
{
	struct table_gather gather = { .source.free = table_gather_free };
	struct page_source *source = &aspace->tables;
	struct frame *frame, *following;

	list_init(&gather.pages);
	aspace->leaves = NULL;
	mmu_free_tables(aspace->root, start, end, floor, ceiling, &gather.source);
	if (list_empty(&gather.pages))
		return;
	/* Any INVLPG drops the CPU's cached upper entries too (SDM 3A 4.10.4.1). */
	tlb_flush_user(aspace, start, PAGE_SIZE);
	list_for_each_safe(frame, following, &gather.pages, link) {
		list_del(&frame->link);
		source->free(source, frame_paddr(frame));
	}
}

void pages_drop(struct aspace *aspace, const struct vm_area *area)
{
	struct slots slots = slots_begin(aspace->root, area->start, area->end);
	struct pte *slot;
	uptr_t address;

	while ((slot = slots_next(&slots, &address))) {
		struct pte pte = *slot;
		struct frame *frame = pte_frame(pte);

		slot->value = 0;
		if (!frame)
			continue;
		tell_dirty(area, pte, frame);
		frame_unmap(aspace, frame);
		frame_put(frame);
	}
}

void pages_drop_tables(struct aspace *aspace, uptr_t start, uptr_t end, uptr_t ceiling)
{
	mmu_free_tables(aspace->root, start, end, 0, ceiling, &aspace->tables);
}

int pages_move_prepare(struct aspace *aspace, uptr_t from, uptr_t to, uint64_t bytes)
{
	struct slots slots = slots_begin(aspace->root, from, from + bytes);
	struct pte *target;
	uptr_t address;
	int err = 0;

	while (slots_next(&slots, &address)) {
		err = mmu_slot(aspace->root, to + (address - from), &aspace->tables, &target);
		if (err < 0) {
			pages_free_tables(aspace, to, to + bytes, to, to + bytes);
			break;
		}
	}
	return err;
}

void pages_move(struct aspace *aspace, uptr_t from, uptr_t to, uint64_t bytes)
{
	struct slots slots = slots_begin(aspace->root, from, from + bytes);
	struct pte *slot, *target;
	uptr_t address;

	while ((slot = slots_next(&slots, &address))) {
		int err = mmu_slot(aspace->root, to + (address - from), NULL, &target);
		assert(err == 0 && target);
		slot_write(target, slot_take(slot));
	}
	tlb_flush_user(aspace, from, bytes);
}

/* One page of a private area: the child's slot gets it, the parent's loses the right to write. */
static int share_slot(struct aspace *child, uptr_t address, struct pte *slot)
{
	struct frame *frame = pte_frame(*slot);
	struct pte *copy;
	int err;

	err = mmu_slot(child->root, address, &child->tables, &copy);
	if (err < 0)
		return err;
	if (pte_present(*slot) && (pte_prot(*slot) & MMU_WRITE)) {
		struct pte pte = slot_take(slot);
		slot_write(slot, pte_make(pte_paddr(pte), pte_prot(pte) & ~MMU_WRITE));
	}
	frame_get(frame);
	frame_map(child, frame);
	/* Without accessed and dirty bits, which are the parent's. */
	slot_write(copy, pte_present(*slot) ? pte_make(pte_paddr(*slot), pte_prot(*slot)) : *slot);
	return 0;
}

int pages_share(struct aspace *parent, struct aspace *child, const struct vm_area *area)
{
	struct slots slots = slots_begin(parent->root, area->start, area->end);
	struct gather gather = { .aspace = parent };
	struct pte *slot;
	uptr_t address;
	int err = 0;

	while ((slot = slots_next(&slots, &address))) {
		struct frame *frame = pte_frame(*slot);

		/* The object's own pages come back by a fault, and so does the page of zeros. */
		if (!frame || frame->owner != FRAME_ANON)
			continue;
		err = share_slot(child, address, slot);
		if (err < 0)
			break;
		gather_range(&gather, address);
	}
	gather_flush(&gather);
	return err;
}
