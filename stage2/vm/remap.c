/*
 * mremap(2): an area that shrinks, grows where it is, or moves with its pages.
 *
 * Main idea: a move makes a second area that shows the same, carries the page-table entries over,
 * and lets the first one go: no page is copied. Tables for the entries are made beforehand, so that
 * nothing can fail halfway. MREMAP_DONTUNMAP leaves the first area there, empty; from an old length
 * of 0 a shared area gets a second one that shows the same.
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "lib/assert.h"
#include "vm/fault.h"
#include "vm/map.h"
#include "vm/pages.h"

/* A call, checked: lengths in whole pages. */
struct remap {
	struct aspace *aspace;
	uptr_t from, to; /* to: with MREMAP_FIXED, or once it is known */
	uint64_t old_bytes, new_bytes;
	unsigned flags;
	struct list_head dead;
};

static int check_fixed(const struct remap *remap)
{
	if (!IS_ALIGNED(remap->to, PAGE_SIZE) || remap->new_bytes > USER_END ||
		remap->to > USER_END - remap->new_bytes || remap->to < USER_BASE)
		return -EINVAL;
	if (remap->from < remap->to + remap->new_bytes &&
		remap->to < remap->from + remap->old_bytes)
		return -EINVAL;
	return 0;
}

static int check_args(const struct remap *remap)
{
	if (remap->flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((remap->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(remap->flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((remap->flags & MREMAP_DONTUNMAP) && remap->old_bytes != remap->new_bytes)
		return -EINVAL;
	if (!IS_ALIGNED(remap->from, PAGE_SIZE) || remap->new_bytes == 0)
		return -EINVAL;
	if (remap->from > USER_END || remap->old_bytes > USER_END - remap->from)
		return -EFAULT;
	return 0;
}

static int remap_cut(struct remap *remap, uptr_t start, uptr_t end)
{
	int err = map_cut(remap->aspace, start);
	return err < 0 ? err : map_cut(remap->aspace, end);
}

static int shrink(struct remap *remap)
{
	uptr_t start = remap->from + remap->new_bytes, end = remap->from + remap->old_bytes;
	int err = remap_cut(remap, start, end);

	if (err == 0)
		map_remove(remap->aspace, start, end, &remap->dead);
	return err;
}

/* Where it is, if the area ends there and what follows is free. */
static bool grow_in_place(struct remap *remap, struct vm_area *area)
{
	uptr_t old_end = remap->from + remap->old_bytes;
	uptr_t new_end = remap->from + remap->new_bytes;

	if (area->end != old_end || new_end > USER_END || new_end < old_end ||
		!areas_free_guarded(&remap->aspace->areas, old_end, new_end))
		return false;
	areas_resize(&remap->aspace->areas, area, area->start, new_end);
	map_grown(area);
	map_merge(remap->aspace, area->start, area->end, &remap->dead);
	return true;
}

/* What is at the fixed place goes, and then what the new length leaves out, in several areas
 * perhaps: as on Linux even if the move then fails. */
static int prepare_fixed(struct remap *remap)
{
	uptr_t end = remap->to + remap->new_bytes;
	int err = check_fixed(remap);

	if (err == 0)
		err = remap_cut(remap, remap->to, end);
	if (err < 0)
		return err;
	map_remove(remap->aspace, remap->to, end, &remap->dead);
	if (remap->new_bytes < remap->old_bytes) {
		err = shrink(remap);
		remap->old_bytes = remap->new_bytes;
	}
	return err;
}

static int find_room(struct remap *remap)
{
	struct aspace *aspace = remap->aspace;

	if (remap->flags & MREMAP_FIXED)
		return 0;
	return areas_place(
		       &aspace->areas, remap->new_bytes, USER_BASE, aspace->mmap_top, &remap->to)
	               ? 0
	               : -ENOMEM;
}

static int move_to(struct remap *remap, struct vm_area *moved)
{
	struct aspace *aspace = remap->aspace;
	uint64_t bytes = min(remap->old_bytes, remap->new_bytes);
	int err;

	err = find_room(remap);
	if (err == 0)
		err = pages_move_prepare(aspace, remap->from, remap->to, bytes);
	if (err < 0)
		return err;
	moved->start = remap->to;
	moved->end = remap->to + remap->new_bytes;
	/* In the tree before the old area goes: its tables are not to be taken for unused. */
	areas_insert(&aspace->areas, moved);
	map_grown(moved);
	pages_move(aspace, remap->from, remap->to, bytes);
	if (remap->flags & MREMAP_DONTUNMAP)
		areas_at(&aspace->areas, remap->from)->flags &= ~(uint32_t)MAP_LOCKED;
	else
		map_remove(aspace, remap->from, remap->from + remap->old_bytes, &remap->dead);
	map_merge(aspace, remap->from, remap->from + remap->old_bytes, &remap->dead);
	map_merge(aspace, remap->to, remap->to + remap->new_bytes, &remap->dead);
	return 0;
}

static int move(struct remap *remap)
{
	struct vm_area *moved;
	int err;

	err = remap_cut(remap, remap->from, remap->from + remap->old_bytes);
	if (err < 0)
		return err;
	moved = area_create(remap->aspace, areas_at(&remap->aspace->areas, remap->from));
	if (!moved)
		return -ENOMEM;
	err = move_to(remap, moved);
	if (err < 0)
		list_add(&moved->pager_link, &remap->dead);
	return err;
}

static int grow_or_move(struct remap *remap, struct vm_area *area)
{
	bool keep = remap->flags & MREMAP_DONTUNMAP;
	uint64_t gone = keep ? 0 : min(remap->old_bytes, remap->new_bytes);
	uint64_t more = remap->new_bytes - gone;
	int err;

	err = map_check_limits(remap->aspace, more, 0, area->prot, area->flags);
	if (err < 0)
		return err;
	if (!(remap->flags & MREMAP_FIXED) && !keep && remap->old_bytes > 0 &&
		grow_in_place(remap, area)) {
		remap->to = remap->from;
		return 0;
	}
	return remap->flags & MREMAP_MAYMOVE ? move(remap) : -ENOMEM;
}

static int remap_locked(struct remap *remap)
{
	struct vm_area *area = areas_at(&remap->aspace->areas, remap->from);
	int err;

	if (!area)
		return -EFAULT;
	if (remap->flags & MREMAP_FIXED) {
		err = prepare_fixed(remap);
		if (err < 0)
			return err;
		/* From a length of 0 nothing overlaps, and yet it may have been there. */
		area = areas_at(&remap->aspace->areas, remap->from);
		if (!area)
			return -EFAULT;
	}
	if (remap->old_bytes == 0 && !(area->flags & MAP_SHARED))
		return -EINVAL;
	if (remap->new_bytes <= remap->old_bytes &&
		!(remap->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))) {
		remap->to = remap->from;
		return remap->new_bytes == remap->old_bytes ? 0 : shrink(remap);
	}
	if (remap->old_bytes > area->end - remap->from)
		return -EFAULT;
	err = grow_or_move(remap, area);
	if (err < 0)
		map_merge(remap->aspace, area->start, remap->from + remap->old_bytes, &remap->dead);
	return err;
}

/* Locked memory is there. */
static bool wants_pages(struct aspace *aspace, uptr_t address)
{
	struct vm_area *area = areas_at(&aspace->areas, address);

	return area && (area->flags & MAP_LOCKED);
}

int aspace_remap(struct aspace *aspace, uptr_t address, uint64_t old_bytes, uint64_t new_bytes,
	unsigned flags, uptr_t *new_address)
{
	struct remap remap = {
		.aspace = aspace,
		.from = address,
		.to = *new_address,
		.old_bytes = ALIGN_UP(old_bytes, PAGE_SIZE),
		.new_bytes = ALIGN_UP(new_bytes, PAGE_SIZE),
		.flags = flags,
	};
	int err;

	err = check_args(&remap);
	if (err < 0)
		return err;
	list_init(&remap.dead);
	mutex_lock(&aspace->lock);
	err = remap_locked(&remap);
	bool fill = err == 0 && wants_pages(aspace, remap.to);
	mutex_unlock(&aspace->lock);
	map_dispose(&remap.dead);
	if (fill)
		(void)aspace_populate(
			aspace, remap.to, remap.to + remap.new_bytes, POPULATE_AS_MAPPED);
	if (err == 0)
		*new_address = remap.to;
	return err;
}
