/*
 * Kernel mappings outside the direct map, in the KMAP area: first stacks, then device memory.
 *
 * A stack lies in a slot twice its size; the lower half stays unmapped, so running off the end
 * faults instead of writing into a neighbour. Freed stacks stay mapped, a few, for the next thread.
 */
#include "mm/kmap.h"
#include "abi/errno.h"
#include "arch/mmu.h"
#include "core/spinlock.h"
#include "core/tlb.h"
#include "lib/bitmap.h"
#include "mm/frame.h"

#define STACK_SLOT_BYTES (2ull * KERNEL_STACK_BYTES)
#define STACK_SLOTS      65536ul
#define STACK_ORDER      2
#define STACKS_KEPT      16

#define DEVICE_BASE  (KMAP_BASE + STACK_SLOTS * STACK_SLOT_BYTES)
#define DEVICE_PAGES 65536ul /* 256 MiB of device memory at a time */

_Static_assert(KERNEL_STACK_BYTES == PAGE_SIZE << STACK_ORDER, "a stack is one block");

static struct {
	struct spinlock lock;
	uint64_t stacks[BITMAP_WORDS(STACK_SLOTS)];  /* [lock] slots in use */
	uint64_t device[BITMAP_WORDS(DEVICE_PAGES)]; /* [lock] pages in use */
	void *kept[STACKS_KEPT];                     /* [lock] freed stacks, still mapped */
	unsigned kept_count;                         /* [lock] */
} kmap = { .lock = SPINLOCK_INIT("kmap", RANK_KSTACK) };

static uint64_t slot_top(size_t slot)
{
	return KMAP_BASE + (slot + 1) * STACK_SLOT_BYTES;
}

static int stack_map_locked(size_t slot, struct frame *frame)
{
	spin_assert_held(&kmap.lock);
	uint64_t base = slot_top(slot) - KERNEL_STACK_BYTES;
	return mmu_map(mmu_kernel_root(), base, frame_paddr(frame), KERNEL_STACK_BYTES,
		MMU_READ | MMU_WRITE | MMU_GLOBAL, false, frame_table_source());
}

/* Clear the entries of a range; what was mapped first is returned. */
static paddr_t unmap_locked(uint64_t base, uint64_t bytes)
{
	spin_assert_held(&kmap.lock);
	paddr_t first = 0;
	for (uint64_t at = base; at < base + bytes; at += PAGE_SIZE) {
		struct pte *slot;
		if (mmu_slot(mmu_kernel_root(), at, NULL, &slot) || !slot)
			continue;
		if (at == base)
			first = pte_paddr(*slot);
		slot->value = 0;
	}
	return first;
}

static int stack_make(void **top)
{
	struct frame *frame;
	int err = frame_alloc(STACK_ORDER, FRAME_STACK, &frame);
	if (err)
		return err;
	uint64_t flags = spin_lock_irqsave(&kmap.lock);
	size_t slot = bitmap_find_clear(kmap.stacks, STACK_SLOTS, 0);
	err = slot < STACK_SLOTS ? stack_map_locked(slot, frame) : -ENOMEM;
	if (!err) {
		bitmap_set(kmap.stacks, slot);
		*top = (void *)slot_top(slot);
	} else if (slot < STACK_SLOTS) {
		unmap_locked(slot_top(slot) - KERNEL_STACK_BYTES, KERNEL_STACK_BYTES);
	}
	spin_unlock_irqrestore(&kmap.lock, flags);
	if (err)
		frame_put(frame);
	return err;
}

int kstack_alloc(void **top)
{
	bool found = false;
	uint64_t flags = spin_lock_irqsave(&kmap.lock);
	if (kmap.kept_count > 0) {
		*top = kmap.kept[--kmap.kept_count];
		found = true;
	}
	spin_unlock_irqrestore(&kmap.lock, flags);
	return found ? 0 : stack_make(top);
}

static void stack_unmake(void *top)
{
	uint64_t base = (uint64_t)top - KERNEL_STACK_BYTES;
	uint64_t flags = spin_lock_irqsave(&kmap.lock);
	paddr_t paddr = unmap_locked(base, KERNEL_STACK_BYTES);
	spin_unlock_irqrestore(&kmap.lock, flags);

	/* The slot stays taken until no CPU can use the old translation. */
	tlb_flush_kernel(base, KERNEL_STACK_BYTES);
	frame_put(frame_at(paddr));
	flags = spin_lock_irqsave(&kmap.lock);
	bitmap_clear(kmap.stacks, (base - KMAP_BASE) / STACK_SLOT_BYTES);
	spin_unlock_irqrestore(&kmap.lock, flags);
}

void kstack_free(void *top)
{
	bool kept = false;
	uint64_t flags = spin_lock_irqsave(&kmap.lock);
	if (kmap.kept_count < STACKS_KEPT) {
		kmap.kept[kmap.kept_count++] = top;
		kept = true;
	}
	spin_unlock_irqrestore(&kmap.lock, flags);
	if (!kept)
		stack_unmake(top);
}

uint64_t kstack_drain(void)
{
	uint64_t freed = 0;
	for (;;) {
		void *top = NULL;
		uint64_t flags = spin_lock_irqsave(&kmap.lock);
		if (kmap.kept_count > 0)
			top = kmap.kept[--kmap.kept_count];
		spin_unlock_irqrestore(&kmap.lock, flags);
		if (!top)
			return freed;
		stack_unmake(top);
		freed += 1ull << STACK_ORDER;
	}
}

bool kstack_is_guard(uint64_t address)
{
	if (address < KMAP_BASE || address >= DEVICE_BASE)
		return false;
	return (address - KMAP_BASE) % STACK_SLOT_BYTES < STACK_SLOT_BYTES - KERNEL_STACK_BYTES;
}

int kmap_device(paddr_t paddr, size_t bytes, volatile void **address)
{
	paddr_t first = ALIGN_DOWN(paddr, (paddr_t)PAGE_SIZE);
	size_t pages = DIV_ROUND_UP(paddr + bytes - first, PAGE_SIZE);
	int err = -ENOMEM;
	uint64_t flags = spin_lock_irqsave(&kmap.lock);
	size_t page = bitmap_find_clear_range(kmap.device, DEVICE_PAGES, 0, pages);
	uint64_t base = DEVICE_BASE + page * PAGE_SIZE;
	if (page < DEVICE_PAGES) {
		err = mmu_map(mmu_kernel_root(), base, first, pages * PAGE_SIZE,
			MMU_READ | MMU_WRITE | MMU_UNCACHED | MMU_GLOBAL, false,
			frame_table_source());
		if (err)
			unmap_locked(base, pages * PAGE_SIZE);
		else
			bitmap_set_range(kmap.device, page, pages);
	}
	spin_unlock_irqrestore(&kmap.lock, flags);
	if (!err)
		*address = (volatile void *)(base + (paddr - first));
	return err;
}

void kunmap_device(volatile void *address, size_t bytes)
{
	uint64_t base = ALIGN_DOWN((uint64_t)address, (uint64_t)PAGE_SIZE);
	size_t pages = DIV_ROUND_UP((uint64_t)address + bytes - base, PAGE_SIZE);
	uint64_t flags = spin_lock_irqsave(&kmap.lock);
	unmap_locked(base, pages * PAGE_SIZE);
	spin_unlock_irqrestore(&kmap.lock, flags);
	tlb_flush_kernel(base, pages * PAGE_SIZE);
	flags = spin_lock_irqsave(&kmap.lock);
	bitmap_clear_range(kmap.device, (base - DEVICE_BASE) / PAGE_SIZE, pages);
	spin_unlock_irqrestore(&kmap.lock, flags);
}
