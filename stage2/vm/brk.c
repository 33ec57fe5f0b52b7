/*
 * brk: the heap, an area that grows and shrinks at its upper end.
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "vm/fault.h"
#include "vm/map.h"

static bool brk_allowed(struct aspace *aspace, uint32_t flags, uptr_t old_end, uptr_t new_end)
{
	uint64_t data = aspace->data_end - aspace->data_start;

	if (new_end > USER_END - PAGE_SIZE ||
		new_end - aspace->brk_start + data > aspace->data_limit_bytes)
		return false;
	/* One page more, so that the heap never touches what is above it. */
	if (!areas_free_guarded(&aspace->areas, old_end, new_end + PAGE_SIZE))
		return false;
	return map_check_limits(aspace, new_end - old_end, 0, PROT_WRITE, flags) == 0;
}

static int brk_grow(struct aspace *aspace, uptr_t old_end, uptr_t new_end, struct list_head *dead)
{
	const struct vm_area like = {
		.start = old_end,
		.end = new_end,
		.prot = PROT_READ | PROT_WRITE,
		.max_prot = PROT_ALL,
		.flags = MAP_PRIVATE | (aspace->lock_future ? MAP_LOCKED : 0),
		.name = "[heap]",
	};
	struct vm_area *area;

	if (!brk_allowed(aspace, like.flags, old_end, new_end))
		return -ENOMEM;
	area = area_create(aspace, &like);
	if (!area)
		return -ENOMEM;
	map_insert(aspace, area, dead);
	return 0;
}

static int brk_move(struct aspace *aspace, uptr_t new_brk, struct list_head *dead)
{
	uptr_t old_end = ALIGN_UP(aspace->brk, PAGE_SIZE);
	uptr_t new_end = ALIGN_UP(new_brk, PAGE_SIZE);

	if (new_brk < aspace->brk_start || new_brk > USER_END)
		return -ENOMEM;
	if (new_end < old_end)
		return map_clear(aspace, new_end, old_end, dead);
	return new_end > old_end ? brk_grow(aspace, old_end, new_end, dead) : 0;
}

uptr_t aspace_brk(struct aspace *aspace, uptr_t new_brk)
{
	struct list_head dead;
	uptr_t old_brk, brk;
	bool fill;

	list_init(&dead);
	mutex_lock(&aspace->lock);
	old_brk = aspace->brk;
	if (brk_move(aspace, new_brk, &dead) == 0)
		aspace->brk = new_brk;
	brk = aspace->brk;
	fill = brk > old_brk && map_wants_pages(aspace, 0);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	if (fill)
		(void)aspace_populate(
			aspace, ALIGN_DOWN(old_brk, PAGE_SIZE), brk, POPULATE_AS_MAPPED);
	return brk;
}
