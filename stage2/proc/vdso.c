/*
 * Mapping the vDSO. Its pages are the kernel image's own, which nobody counts: one object for all
 * programs, whose page 0 is the clock's.
 */
#include "proc/vdso.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "arch/mmu.h"
#include "core/clock.h"
#include "core/random.h"
#include "mm/frame.h"
#include "vm/aspace.h"
#include "vm/pager.h"

static struct frame *vdso_frame(uint64_t index)
{
	if (index == 0)
		return frame_at(kernel_to_phys(clock_page()));
	if (index <= vdso_image_bytes / PAGE_SIZE)
		return frame_at(kernel_to_phys(vdso_image + (index - 1) * PAGE_SIZE));
	return NULL;
}

static int vdso_get_page(struct pager *pager, uint64_t index, bool for_write, struct frame **frame)
{
	*frame = vdso_frame(index);
	return *frame ? 0 : -EFAULT;
}

static void vdso_get_ready(
	struct pager *pager, uint64_t first, unsigned count, struct frame **frames)
{
	for (unsigned i = 0; i < count; i++)
		frames[i] = vdso_frame(first + i);
}

static void vdso_keep(struct pager *pager)
{
}

static void vdso_describe(
	struct pager *pager, uint32_t *rdev, uint64_t *ino, char *path, size_t size)
{
	*rdev = 0;
	*ino = 0;
}

static const struct pager_ops vdso_ops = {
	.get_page = vdso_get_page,
	.get_ready = vdso_get_ready,
	.get = vdso_keep,
	.put = vdso_keep,
	.describe = vdso_describe,
};

static struct pager vdso = {
	.ops = &vdso_ops,
	.lock = SPINLOCK_INIT("vdso", RANK_REFS),
	.areas = LIST_INIT(vdso.areas),
};

/* As on Linux: a few pages above the stack, so that they share its page table. */
static uptr_t vdso_place(const struct aspace *aspace, uptr_t stack_top)
{
	uptr_t end = ALIGN_UP(stack_top + PAGE_SIZE, MMU_TABLE_BYTES);
	uint64_t bytes = PAGE_SIZE + vdso_image_bytes,
		 room = (end - stack_top - PAGE_SIZE) / PAGE_SIZE;

	if (room * PAGE_SIZE <= bytes)
		return 0;
	room -= bytes / PAGE_SIZE;
	return stack_top + PAGE_SIZE + (aspace->fixed_layout ? 0 : random_u64() % room * PAGE_SIZE);
}

int vdso_map(struct aspace *aspace, uptr_t stack_top, uptr_t *address)
{
	struct vm_map_args args = {
		.address = vdso_place(aspace, stack_top),
		.bytes = PAGE_SIZE + vdso_image_bytes,
		.prot = PROT_READ,
		.max_prot = PROT_READ,
		.flags = MAP_PRIVATE,
		.pager = &vdso,
		.name = "[vvar]",
	};
	uptr_t start;
	int err;

	err = aspace_map(aspace, &args, &start);
	if (err)
		return err;
	args.address = start + PAGE_SIZE;
	args.bytes = vdso_image_bytes;
	args.prot = PROT_READ | PROT_EXEC;
	args.max_prot = PROT_READ | PROT_WRITE | PROT_EXEC;
	args.flags |= MAP_FIXED;
	args.offset = PAGE_SIZE;
	args.name = "[vdso]";
	return aspace_map(aspace, &args, address);
}
