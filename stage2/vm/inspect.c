/*
 * Looking at an address space without changing it: mincore(2), /proc/PID/smaps, and what msync(2)
 * needs to know.
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "vm/map.h"
#include "vm/pages.h"

#define READY_MAX 16 /* pages that a pager is asked for at a time */

/* Pages of the object that are in memory, whether or not they are mapped here. */
static void object_resident(
	const struct vm_area *area, uptr_t start, size_t npages, uint8_t *vector)
{
	struct pager *pager = area->pager;
	uint64_t index = area->pager_index + ((start - area->start) >> PAGE_SHIFT);
	struct frame *frames[READY_MAX];

	if (!pager || !pager->ops->get_ready)
		return;
	for (size_t done = 0; done < npages; done += READY_MAX) {
		unsigned count = (unsigned)min(npages - done, (size_t)READY_MAX);

		pager->ops->get_ready(pager, index + done, count, frames);
		for (unsigned i = 0; i < count; i++) {
			if (!frames[i])
				continue;
			vector[done + i] = 1;
			frame_put(frames[i]);
		}
	}
}

static void area_resident(const struct vm_area *area, uptr_t start, uptr_t end, uint8_t *vector)
{
	size_t npages = (end - start) >> PAGE_SHIFT;
	const struct pte *slots;
	uptr_t at = start;
	unsigned count;

	memset(vector, 0, npages);
	object_resident(area, start, npages, vector);
	while ((slots = mmu_slots(area->aspace->root, &at, end, &count))) {
		for (unsigned i = 0; i < count; i++, at += PAGE_SIZE)
			if (!pte_empty(slots[i]))
				vector[(at - start) >> PAGE_SHIFT] = 1;
	}
}

int aspace_resident(struct aspace *aspace, uptr_t address, size_t npages, uint8_t *vector)
{
	uptr_t end = address + (npages << PAGE_SHIFT);
	struct vm_area *area;
	int err = 0;

	mutex_lock(&aspace->lock);
	area = areas_at(&aspace->areas, address);
	while (address < end && err == 0) {
		if (!area || area->start > address) {
			err = -ENOMEM;
			break;
		}
		uptr_t stop = min(end, area->end);
		area_resident(area, address, stop, vector);
		vector += (stop - address) >> PAGE_SHIFT;
		address = stop;
		area = areas_next(area);
	}
	mutex_unlock(&aspace->lock);
	return err;
}

static void page_add_usage(struct pte pte, struct area_usage *usage)
{
	const struct frame *frame = pte_frame(pte);
	uint32_t users = frame ? max(READ_ONCE(frame->anon.mapped), 1u) : 0;
	bool anonymous = frame && frame->owner == FRAME_ANON;
	bool dirty = anonymous || pte_dirty(pte);

	if (!frame)
		return; /* the page of zeros is nobody's */
	usage->resident++;
	usage->anonymous += anonymous;
	usage->referenced += pte_present(pte) && pte_accessed(pte);
	if (users > 1)
		*(dirty ? &usage->shared_dirty : &usage->shared_clean) += 1;
	else
		*(dirty ? &usage->private_dirty : &usage->private_clean) += 1;
	usage->share += PAGE_SIZE / users;
	if (dirty)
		usage->share_dirty += PAGE_SIZE / users;
}

void area_add_usage(const struct vm_area *area, struct area_usage *usage)
{
	const struct pte *slots;
	uptr_t at = area->start;
	unsigned count;

	assert(mutex_held(&area->aspace->lock));
	while ((slots = mmu_slots(area->aspace->root, &at, area->end, &count))) {
		for (unsigned i = 0; i < count; i++, at += PAGE_SIZE)
			if (!pte_empty(slots[i]))
				page_add_usage(slots[i], usage);
	}
}

int aspace_view(struct aspace *aspace, uptr_t address, struct area_view *view)
{
	struct vm_area *area;

	mutex_lock(&aspace->lock);
	area = areas_find(&aspace->areas, address);
	if (area) {
		*view = (struct area_view){
			.start = area->start,
			.end = area->end,
			.flags = area->flags,
			.pager = area->pager,
			.file = area->file,
		};
		if (view->pager) {
			view->pager->ops->get(view->pager);
			if (view->file)
				view->pager->ops->file_get(view->file);
		}
	}
	mutex_unlock(&aspace->lock);
	return area ? 0 : -ENOENT;
}

void area_view_put(struct area_view *view)
{
	if (view->file)
		view->pager->ops->file_put(view->file);
	if (view->pager)
		view->pager->ops->put(view->pager);
}
