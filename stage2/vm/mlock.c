/*
 * Locked memory: mlock(2), mlockall(2).
 *
 * Nothing is ever swapped out, so a lock has two effects: pages are brought in at once, and what is
 * locked counts against RLIMIT_MEMLOCK. It is a flag of an area, MAP_LOCKED. The sum is made when
 * it is wanted: few programs lock anything.
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "vm/fault.h"
#include "vm/map.h"

static uint64_t locked_within(const struct aspace *aspace, uptr_t start, uptr_t end)
{
	uint64_t sum = 0;

	for (struct vm_area *area = areas_first(&aspace->areas); area; area = areas_next(area))
		if ((area->flags & MAP_LOCKED) && area->start < end && area->end > start)
			sum += min(area->end, end) - max(area->start, start);
	return sum;
}

uint64_t locked_bytes(const struct aspace *aspace)
{
	return locked_within(aspace, 0, USER_END);
}

/* The areas of a range get the flag, or lose it, up to the first hole: -ENOMEM. */
static int set_range(struct aspace *aspace, uptr_t start, uptr_t end, uint32_t flag)
{
	struct vm_area *area = areas_at(&aspace->areas, start);

	while (start < end) {
		if (!area || area->start > start)
			return -ENOMEM;
		area->flags = (area->flags & ~(uint32_t)MAP_LOCKED) | flag;
		start = area->end;
		area = areas_next(area);
	}
	return 0;
}

static int set_locked(
	struct aspace *aspace, uptr_t start, uptr_t end, uint32_t flag, struct list_head *dead)
{
	int err = map_cut_both(aspace, start, end);

	if (err == 0)
		err = set_range(aspace, start, end, flag);
	map_merge(aspace, start, end, dead);
	return err;
}

/* The pages of the range: [*address, *end). -EINVAL: it wraps. */
static int page_range(uptr_t *address, uint64_t bytes, uptr_t *end)
{
	uptr_t start = ALIGN_DOWN(*address, PAGE_SIZE);

	*end = ALIGN_UP(*address + bytes, PAGE_SIZE);
	if (*end < start)
		return -EINVAL;
	*address = start;
	return 0;
}

/* Within the limit: what of the range is locked already does not count twice. */
static bool may_lock(struct aspace *aspace, uptr_t start, uptr_t end)
{
	uint64_t others = locked_bytes(aspace) - locked_within(aspace, start, end);

	return others + (end - start) <= aspace->lock_limit_bytes;
}

int aspace_lock(
	struct aspace *aspace, uptr_t address, uint64_t bytes, uint64_t limit_bytes, bool fill)
{
	uptr_t start = address, end;
	struct list_head dead;
	int err;

	err = page_range(&start, bytes, &end);
	if (err || start == end)
		return err;
	list_init(&dead);
	mutex_lock(&aspace->lock);
	aspace->lock_limit_bytes = limit_bytes;
	err = -ENOMEM;
	if (may_lock(aspace, start, end))
		err = set_locked(aspace, start, end, MAP_LOCKED, &dead);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	if (err || !fill)
		return err;
	switch (aspace_populate(aspace, start, end, POPULATE_AS_MAPPED)) {
	case FAULT_OK:
		return 0;
	case FAULT_NO_MEMORY:
		return -EAGAIN;
	default:
		return -ENOMEM;
	}
}

int aspace_unlock(struct aspace *aspace, uptr_t address, uint64_t bytes)
{
	uptr_t start = address, end;
	struct list_head dead;
	int err;

	err = page_range(&start, bytes, &end);
	if (err || start == end)
		return err;
	list_init(&dead);
	mutex_lock(&aspace->lock);
	err = set_locked(aspace, start, end, 0, &dead);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	return err;
}

static enum lock_future future_of(unsigned flags)
{
	if (!(flags & MCL_FUTURE))
		return LOCK_FUTURE_NOT;
	return flags & MCL_ONFAULT ? LOCK_FUTURE_ON_FAULT : LOCK_FUTURE_PAGES;
}

/* Every area is whole, so nothing can fail. */
static void set_all(struct aspace *aspace, uint32_t flag, struct list_head *dead)
{
	for (struct vm_area *area = areas_first(&aspace->areas); area; area = areas_next(area))
		area->flags = (area->flags & ~(uint32_t)MAP_LOCKED) | flag;
	map_merge(aspace, 0, USER_END, dead);
}

int aspace_lock_all(struct aspace *aspace, unsigned flags, uint64_t limit_bytes)
{
	bool current = flags & MCL_CURRENT;
	struct list_head dead;
	int err = 0;

	list_init(&dead);
	mutex_lock(&aspace->lock);
	aspace->lock_limit_bytes = limit_bytes;
	if (current && aspace->areas.bytes > limit_bytes)
		err = -ENOMEM;
	if (err == 0)
		aspace->lock_future = future_of(flags);
	if (err == 0 && (current || flags == 0))
		set_all(aspace, current ? MAP_LOCKED : 0, &dead);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	/* What cannot be had is not said, as on Linux. */
	if (err == 0 && current && !(flags & MCL_ONFAULT))
		(void)aspace_populate(aspace, 0, USER_END, POPULATE_AS_MAPPED);
	return err;
}

void aspace_set_lock_limit(struct aspace *aspace, uint64_t limit_bytes)
{
	mutex_lock(&aspace->lock);
	aspace->lock_limit_bytes = limit_bytes;
	mutex_unlock(&aspace->lock);
}
