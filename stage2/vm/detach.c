/*
 * Taking out what was mapped of one object at once: shmdt(2).
 */
#include "abi/errno.h"
#include "vm/map.h"

static bool shows_from(const struct vm_area *area, uptr_t base, const struct pager *pager,
	const struct pager_ops *ops)
{
	if (!area->pager || area->pager->ops != ops || (pager && area->pager != pager))
		return false;
	return area->start - (area->pager_index << PAGE_SHIFT) == base;
}

int aspace_detach(struct aspace *aspace, uptr_t base, const struct pager_ops *ops)
{
	struct vm_area *area, *above;
	struct pager *pager = NULL;
	struct list_head dead;

	list_init(&dead);
	mutex_lock(&aspace->lock);
	for (area = areas_find(&aspace->areas, base); area; area = above) {
		above = areas_next(area);
		if (!shows_from(area, base, pager, ops))
			continue;
		pager = area->pager;
		map_remove(aspace, area->start, area->end, &dead);
	}
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	return pager ? 0 : -EINVAL;
}
