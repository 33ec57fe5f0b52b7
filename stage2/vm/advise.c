/*
 * madvise(2). What an advice does is a row of a table; holes are skipped, and said at the end.
 *
 * Advice about what will be read or written out changes nothing here: nothing is swapped, and pages
 * of files are read as they are needed.
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "vm/fault.h"
#include "vm/map.h"
#include "vm/pages.h"

/* What an advice does to a range within one area. */
typedef int advise_fn(struct aspace *aspace, struct vm_area *area, uptr_t start, uptr_t end);

struct advice {
	int number;
	advise_fn *fn;            /* NULL: nothing */
	uint32_t set, clear;      /* flags of areas */
	enum populate_how how;    /* to fill, where populate is set */
	bool populate, anonymous; /* only private anonymous memory may have the flags */
};

/* The pages go; anonymous memory is zeros again, a file's pages come back from the file. */
static int advise_dontneed(struct aspace *aspace, struct vm_area *area, uptr_t start, uptr_t end)
{
	if (area->flags & MAP_LOCKED)
		return -EINVAL;
	pages_unmap(aspace, area, start, end, PAGES_ALL);
	return 0;
}

/* May be done at any time before the next write, so now. */
static int advise_free(struct aspace *aspace, struct vm_area *area, uptr_t start, uptr_t end)
{
	return area->pager ? -EINVAL : advise_dontneed(aspace, area, start, end);
}

static const struct advice advices[] = {
	{ .number = MADV_NORMAL },
	{ .number = MADV_RANDOM },
	{ .number = MADV_SEQUENTIAL },
	{ .number = MADV_WILLNEED },
	{ .number = MADV_DONTNEED, .fn = advise_dontneed },
	{ .number = MADV_FREE, .fn = advise_free },
	{ .number = MADV_DONTFORK, .set = AREA_DONTFORK },
	{ .number = MADV_DOFORK, .clear = AREA_DONTFORK },
	{ .number = MADV_HUGEPAGE },
	{ .number = MADV_NOHUGEPAGE },
	{ .number = MADV_DONTDUMP },
	{ .number = MADV_DODUMP },
	{ .number = MADV_WIPEONFORK, .set = AREA_WIPEONFORK, .anonymous = true },
	{ .number = MADV_KEEPONFORK, .clear = AREA_WIPEONFORK },
	{ .number = MADV_COLD },
	{ .number = MADV_PAGEOUT },
	{ .number = MADV_POPULATE_READ, .populate = true, .how = POPULATE_TO_READ },
	{ .number = MADV_POPULATE_WRITE, .populate = true, .how = POPULATE_TO_WRITE },
};

static const struct advice *advice_find(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
		if (advices[i].number == number)
			return &advices[i];
	return NULL;
}

static int advise_area(struct aspace *aspace, struct vm_area *area, uptr_t start, uptr_t end,
	const struct advice *advice)
{
	if (advice->anonymous && (area->pager || (area->flags & MAP_SHARED)))
		return -EINVAL;
	area->flags = (area->flags & ~advice->clear) | advice->set;
	return advice->fn ? advice->fn(aspace, area, start, end) : 0;
}

static int advise_range(
	struct aspace *aspace, uptr_t start, uptr_t end, const struct advice *advice)
{
	struct vm_area *area = areas_find(&aspace->areas, start);
	int result = 0;

	while (start < end) {
		if (!area || area->start >= end)
			return -ENOMEM;
		if (area->start > start)
			result = -ENOMEM;
		int err = advise_area(
			aspace, area, max(start, area->start), min(end, area->end), advice);
		if (err < 0)
			return err;
		start = area->end;
		area = areas_next(area);
	}
	return result;
}

/* Advice that changes flags needs whole areas. */
static int advise_locked(struct aspace *aspace, uptr_t start, uptr_t end,
	const struct advice *advice, struct list_head *dead)
{
	bool cut = advice->set || advice->clear;
	int err = cut ? map_cut_both(aspace, start, end) : 0;

	if (err == 0)
		err = advise_range(aspace, start, end, advice);
	if (cut)
		map_merge(aspace, start, end, dead);
	return err;
}

static int advise_populate(
	struct aspace *aspace, uptr_t start, uptr_t end, const struct advice *advice)
{
	switch (aspace_populate(aspace, start, end, advice->how)) {
	case FAULT_OK:
		return 0;
	case FAULT_ACCESS:
		return -EINVAL;
	case FAULT_BUS:
		return -EFAULT;
	default:
		return -ENOMEM;
	}
}

int aspace_advise(struct aspace *aspace, uptr_t address, uint64_t bytes, int number)
{
	const struct advice *advice = advice_find(number);
	struct list_head dead;
	uptr_t end;
	int err;

	if (!advice)
		return -EINVAL;
	end = address + ALIGN_UP(bytes, PAGE_SIZE);
	if (!IS_ALIGNED(address, PAGE_SIZE) || end < address || (bytes > 0 && end == address))
		return -EINVAL;
	if (bytes == 0)
		return 0;
	if (advice->populate)
		return advise_populate(aspace, address, end, advice);
	list_init(&dead);
	mutex_lock(&aspace->lock);
	err = advise_locked(aspace, address, end, advice, &dead);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	return err;
}
