/*
 * From an object to all its mappings: reverse mapping of file pages.
 *
 * The lock order is the difficulty. Areas are guarded by their address space's lock, which sleeps;
 * the list of an object's areas by a spinlock, below it. So the walk cannot hold the list and look
 * into an area. It goes thus:
 *
 *   1. Under the pager's lock: step over the next area with a cursor, an entry of our own in the
 * list, and take a reference to the area's address space. One that is being destroyed is left
 * alone: its pages go anyway.
 *   2. Without it: lock the address space.
 *   3. Under both: is the entry before the cursor still an area of this address space? Then it is
 *      alive, for only the holder of its address space's lock takes an area out. Unmap its pages.
 *      Otherwise it has gone meanwhile, and its pages with it.
 *
 * Nothing is missed, because whatever comes to show more of the object (a new mapping, the upper
 * part of a cut, an area that has taken in its neighbour) enters the list at its end (map.c), in
 * front of every cursor. Several walks may be under way; each steps over the cursors of the others.
 */
#include "vm/pager.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "arch/memory_map.h"
#include "vm/aspace.h"
#include "vm/pages.h"

void pager_init(struct pager *pager, const struct pager_ops *ops)
{
	pager->ops = ops;
	spin_init(&pager->lock, "pager", RANK_REFS);
	list_init(&pager->areas);
}

int pager_write_map_begin(struct pager *pager)
{
	int err = 0;

	spin_lock(&pager->lock);
	if (pager->write_denied)
		err = -EPERM;
	else
		pager->write_maps++;
	spin_unlock(&pager->lock);
	return err;
}

void pager_write_map_end(struct pager *pager)
{
	spin_lock(&pager->lock);
	pager->write_maps--;
	spin_unlock(&pager->lock);
}

/* A cursor of a walk is an area without flags. */
int pager_deny_write(struct pager *pager)
{
	struct vm_area *area;
	int err = 0;

	spin_lock(&pager->lock);
	if (pager->write_maps > 0)
		err = -EBUSY;
	list_for_each(area, &pager->areas, pager_link) {
		if ((area->flags & MAP_SHARED) && (area->max_prot & PROT_WRITE))
			err = -EBUSY;
	}
	if (!err)
		pager->write_denied = true;
	spin_unlock(&pager->lock);
	return err;
}

/* A cursor is an area without an address space. */
static struct vm_area *link_area(struct list_head *link)
{
	return list_entry(link, struct vm_area, pager_link);
}

/* Step 1. NULL: the end; the cursor has been taken out. */
static struct aspace *cursor_step(struct pager *pager, struct vm_area *cursor)
{
	struct list_head *next = cursor->pager_link.next;

	list_del(&cursor->pager_link);
	for (; next != &pager->areas; next = next->next) {
		struct aspace *aspace = link_area(next)->aspace;
		if (aspace && aspace_try_get(aspace)) {
			list_add(&cursor->pager_link, next);
			return aspace;
		}
	}
	return NULL;
}

/* Step 3. Other cursors may stand in between. */
static struct vm_area *cursor_area(
	struct pager *pager, const struct vm_area *cursor, const struct aspace *aspace)
{
	struct list_head *prev = cursor->pager_link.prev;

	while (prev != &pager->areas && !link_area(prev)->aspace)
		prev = prev->prev;
	if (prev == &pager->areas || link_area(prev)->aspace != aspace)
		return NULL;
	return link_area(prev);
}

/* Something that is done to a part of an area; its address space is locked. */
typedef void area_fn(struct vm_area *area, uptr_t start, uptr_t end);

static void do_overlap(struct vm_area *area, uint64_t first, uint64_t last, area_fn *fn)
{
	uint64_t pages = (area->end - area->start) >> PAGE_SHIFT;

	if (last < area->pager_index || first >= area->pager_index + pages)
		return;
	uint64_t from = max(first, area->pager_index) - area->pager_index;
	uint64_t to = min(last - area->pager_index, pages - 1) + 1;
	fn(area, area->start + (from << PAGE_SHIFT), area->start + (to << PAGE_SHIFT));
}

static bool aspace_lock_for_walk(struct aspace *aspace, bool wait)
{
	if (!wait)
		return mutex_trylock(&aspace->lock);
	mutex_lock(&aspace->lock);
	return true;
}

/* False: some address space was passed over. */
static bool for_each_mapping(
	struct pager *pager, uint64_t first, uint64_t last, bool wait, area_fn *fn)
{
	struct vm_area cursor = { .aspace = NULL };
	struct aspace *aspace;
	bool all = true;

	spin_lock(&pager->lock);
	list_add(&cursor.pager_link, &pager->areas);
	while ((aspace = cursor_step(pager, &cursor))) {
		spin_unlock(&pager->lock);
		if (aspace_lock_for_walk(aspace, wait)) {
			spin_lock(&pager->lock);
			struct vm_area *area = cursor_area(pager, &cursor, aspace);
			spin_unlock(&pager->lock);
			if (area)
				do_overlap(area, first, last, fn);
			mutex_unlock(&aspace->lock);
		} else {
			all = false;
		}
		aspace_put_later(aspace);
		spin_lock(&pager->lock);
	}
	spin_unlock(&pager->lock);
	return all;
}

static void unmap_all(struct vm_area *area, uptr_t start, uptr_t end)
{
	pages_unmap(area->aspace, area, start, end, PAGES_ALL);
}

static void unmap_object(struct vm_area *area, uptr_t start, uptr_t end)
{
	pages_unmap(area->aspace, area, start, end, PAGES_OF_OBJECT);
}

void vm_pager_unmap(struct pager *pager, uint64_t first, uint64_t last, bool even_copies)
{
	(void)for_each_mapping(pager, first, last, true, even_copies ? unmap_all : unmap_object);
}

static void write_protect(struct vm_area *area, uptr_t start, uptr_t end)
{
	if (area->flags & MAP_SHARED)
		pages_write_protect(area->aspace, area, start, end);
}

bool vm_pager_protect(struct pager *pager, uint64_t first, uint64_t last, bool wait)
{
	return for_each_mapping(pager, first, last, wait, write_protect);
}

static void unmap_used(struct vm_area *area, uptr_t start, uptr_t end)
{
	if (!(area->flags & MAP_LOCKED))
		unmap_object(area, start, end);
}

/* One page. */
static void unmap_unused(struct vm_area *area, uptr_t start, uptr_t end)
{
	if (!pages_take_accessed(area->aspace, start))
		unmap_used(area, start, end);
}

void vm_pager_try_unmap(struct pager *pager, uint64_t index, bool even_used)
{
	(void)for_each_mapping(pager, index, index, false, even_used ? unmap_used : unmap_unused);
}
