/*
 * mmap, munmap and mprotect: changes to the areas of an address space.
 *
 * Main idea: cut, then work on whole areas. A range that begins or ends inside an area first makes
 * borders there (map_cut), which may fail but which no program can see; after that nothing can
 * fail, and each area lies wholly inside or outside. Afterwards neighbours that are alike merge
 * again. What comes and goes at the end of an area, as most does, takes a shorter way: the area
 * grows (areas_join) or gives some of itself (map_remove).
 *
 * Pages come by faults (fault.c) and go through pages.c; where there is room is areas.c's business.
 */
#include "vm/map.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "lib/assert.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "vm/anon_object.h"
#include "vm/fault.h"
#include "vm/pages.h"

/* Flags that say what an area is; the others only say how to make it. */
#define AREA_FLAGS (MAP_SHARED | MAP_PRIVATE | MAP_GROWSDOWN | MAP_NORESERVE | MAP_LOCKED)

/* What MAP_SHARED_VALIDATE accepts; other types ignore flags that they do not know. */
#define KNOWN_FLAGS                                                                                \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN | MAP_DENYWRITE |        \
		MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK |        \
		MAP_STACK | MAP_HUGETLB | MAP_UNINITIALIZED | MAP_FIXED_NOREPLACE)

/* Where MAP_32BIT places (asm/mman.h: addresses of 31 bits). */
#define LOW_BOTTOM 0x40000000ull
#define LOW_TOP    0x80000000ull

static struct slab_cache area_cache = SLAB_CACHE("area", struct vm_area);

/* ---- areas ------------------------------------------------------------------------------- */

struct vm_area *area_create(struct aspace *aspace, const struct vm_area *like)
{
	struct vm_area *area = slab_alloc(&area_cache);

	if (!area)
		return NULL;
	*area = *like;
	area->aspace = aspace;
	list_init(&area->pager_link);
	if (area->pager)
		area->pager->ops->get(area->pager);
	if (area->pager && area->file)
		area->pager->ops->file_get(area->file);
	return area;
}

void map_dispose(struct list_head *dead)
{
	struct vm_area *area, *following;

	list_for_each_safe(area, following, dead, pager_link) {
		list_del(&area->pager_link);
		if (area->pager && area->file)
			area->pager->ops->file_put(area->file);
		if (area->pager)
			area->pager->ops->put(area->pager);
		slab_free(&area_cache, area);
	}
}

/* Into the pager's list, last: a walk over it (pager.c) that is under way will still meet it. */
void map_grown(struct vm_area *area)
{
	struct pager *pager = area->pager;
	bool is_new;

	if (!pager)
		return;
	spin_lock(&pager->lock);
	is_new = !list_is_linked(&area->pager_link);
	list_del(&area->pager_link);
	list_add_tail(&area->pager_link, &pager->areas);
	spin_unlock(&pager->lock);
	if (is_new && pager->ops->mapped)
		pager->ops->mapped(pager);
}

/* Out of the pager's list, where it need not be. */
static void area_hide(struct vm_area *area)
{
	struct pager *pager = area->pager;
	bool was_shown;

	spin_lock(&pager->lock);
	was_shown = list_is_linked(&area->pager_link);
	list_del(&area->pager_link);
	spin_unlock(&pager->lock);
	if (was_shown && pager->ops->unmapped)
		pager->ops->unmapped(pager);
}

static void area_bury(struct vm_area *area, struct list_head *dead)
{
	if (area->pager)
		area_hide(area);
	list_add(&area->pager_link, dead);
}

int map_cut(struct aspace *aspace, uptr_t at)
{
	struct vm_area *area = areas_at(&aspace->areas, at), *upper;

	if (!area || area->start == at)
		return 0;
	if (aspace->areas.count >= AREAS_MAX)
		return -ENOMEM;
	upper = area_create(aspace, area);
	if (!upper)
		return -ENOMEM;
	areas_split(&aspace->areas, area, at, upper);
	list_init(&upper->pager_link);
	map_grown(upper);
	return 0;
}

int map_cut_both(struct aspace *aspace, uptr_t start, uptr_t end)
{
	int err = map_cut(aspace, start);
	return err < 0 ? err : map_cut(aspace, end);
}

/* Take in the area above, and those above that, as long as they are alike. */
static void merge_above(struct aspace *aspace, struct vm_area *area, struct list_head *dead)
{
	struct vm_area *absorbed;

	while ((absorbed = areas_merge_next(&aspace->areas, area))) {
		area_bury(absorbed, dead);
		map_grown(area);
	}
}

void map_merge(struct aspace *aspace, uptr_t start, uptr_t end, struct list_head *dead)
{
	struct vm_area *area = areas_find(&aspace->areas, start ? start - 1 : 0);

	for (; area && area->start < end; area = areas_next(area))
		merge_above(aspace, area, dead);
}

void map_insert(struct aspace *aspace, struct vm_area *area, struct list_head *dead)
{
	struct vm_area *grown = areas_join(&aspace->areas, area);

	if (grown) {
		list_add(&area->pager_link, dead);
		map_grown(grown);
		merge_above(aspace, grown, dead);
	} else {
		areas_insert(&aspace->areas, area);
		map_grown(area);
	}
}

/* [start, end), which has no more pages, is no longer the area's: it is all of it, or its upper, or
 * its lower part. */
static void area_give(struct aspace *aspace, struct vm_area *area, uptr_t start, uptr_t end,
	struct list_head *dead)
{
	if (start > area->start) {
		debug_assert(end == area->end);
		areas_resize(&aspace->areas, area, area->start, start);
	} else if (end < area->end) {
		area->pager_index += (end - start) >> PAGE_SHIFT;
		areas_resize(&aspace->areas, area, end, area->end);
	} else {
		areas_remove(&aspace->areas, area);
		area_bury(area, dead);
	}
}

static uptr_t floor_of(struct vm_area *area, uptr_t start)
{
	struct vm_area *below = areas_prev(area);

	if (area->start < start)
		return start;
	return below ? below->end : 0;
}

static uptr_t ceiling_of(const struct vm_area *area, uptr_t end, const struct vm_area *above)
{
	if (end < area->end)
		return end;
	return above ? above->start : (uptr_t)USER_TABLES_END;
}

/* What lies between the area below that stays and the one above is free then: the table at a border
 * goes with the area that was the last in it. */
void map_remove(struct aspace *aspace, uptr_t start, uptr_t end, struct list_head *dead)
{
	struct vm_area *area = areas_find(&aspace->areas, start), *above;

	if (!area || area->start >= end)
		return;
	uptr_t floor = floor_of(area, start);
	for (; area && area->start < end; area = above) {
		uptr_t from = max(area->start, start), to = min(area->end, end);

		above = areas_next(area);
		pages_unmap(aspace, area, from, to, PAGES_ALL);
		pages_free_tables(aspace, from, to, floor, ceiling_of(area, end, above));
		area_give(aspace, area, from, to, dead);
	}
}

int map_clear(struct aspace *aspace, uptr_t start, uptr_t end, struct list_head *dead)
{
	struct vm_area *area = areas_find(&aspace->areas, start);
	int err = 0;

	if (area && area->start < start && end < area->end)
		err = map_cut(aspace, end);
	if (err == 0)
		map_remove(aspace, start, end, dead);
	return err;
}

/* From below: each area's pages, and then the tables that no area above needs. Of areas that share
 * a table only the last one asks. */
static void unmap_all(struct aspace *aspace, struct list_head *dead)
{
	struct vm_area *area = areas_first(&aspace->areas), *above;
	uptr_t start = area ? area->start : 0;

	for (; area; area = above) {
		above = areas_next(area);
		pages_drop(aspace, area);
		area_bury(area, dead);
		if (above && (above->start ^ (area->end - 1)) < MMU_TABLE_BYTES)
			continue;
		pages_drop_tables(
			aspace, start, area->end, above ? above->start : (uptr_t)USER_TABLES_END);
		start = above ? above->start : 0;
	}
	areas_init(&aspace->areas);
}

void map_destroy(struct aspace *aspace)
{
	struct list_head dead;

	list_init(&dead);
	mutex_lock(&aspace->lock);
	unmap_all(aspace, &dead);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
}

static struct vm_area *area_below(const struct vm_area *area, enum rb_side side)
{
	struct rb_node *node = area->node.child[side];

	return node ? rb_entry(node, struct vm_area, node) : NULL;
}

/* Recursion is as deep as the tree (areas.c). */
static int copy_subtree(struct aspace *child, const struct vm_area *area, struct rb_node **place,
	struct rb_node *up)
{
	struct vm_area *copy;
	int err = 0;

	if (!area)
		return 0;
	copy = area_create(child, area);
	if (!copy)
		return -ENOMEM;
	copy->flags &= ~(uint32_t)MAP_LOCKED;
	copy->node = (struct rb_node){ .parent = up, .red = area->node.red };
	*place = &copy->node;
	for (enum rb_side side = RB_LEFT; side <= RB_RIGHT && !err; side++)
		err = copy_subtree(
			child, area_below(area, side), &copy->node.child[side], &copy->node);
	return err;
}

/* The same areas make the same tree: it need not be built one by one. */
int map_copy(struct aspace *child, const struct aspace *parent)
{
	const struct rb_node *root = parent->areas.tree.root;

	child->areas.count = parent->areas.count;
	child->areas.bytes = parent->areas.bytes;
	return root ? copy_subtree(child, rb_entry((struct rb_node *)root, struct vm_area, node),
			      &child->areas.tree.root, NULL)
	            : 0;
}

void map_publish(struct aspace *aspace)
{
	struct vm_area *area = areas_first(&aspace->areas);

	for (; area; area = areas_next(area))
		map_grown(area);
}

/* ---- limits ------------------------------------------------------------------------------ */

uint32_t aspace_overcommit;

static bool is_accounted(uint32_t prot, uint32_t flags)
{
	return (prot & PROT_WRITE) && !(flags & (MAP_SHARED | MAP_NORESERVE));
}

static bool is_more_than_all(uint64_t bytes)
{
	return bytes >> PAGE_SHIFT > frame_total() && !READ_ONCE(aspace_overcommit);
}

static bool overcommits(uint64_t bytes, uint32_t prot, uint32_t flags)
{
	return is_accounted(prot, flags) && is_more_than_all(bytes);
}

static bool exceeds(uint64_t limit, uint64_t used, uint64_t more)
{
	return used > limit || more > limit - used;
}

/* What RLIMIT_DATA counts: what the program may write and is its own, but for stacks. */
static bool is_data(uint32_t prot, uint32_t flags)
{
	return (prot & PROT_WRITE) && !(flags & (MAP_SHARED | MAP_GROWSDOWN));
}

/* Sums that are wanted seldom are made when they are. */
static uint64_t data_bytes(const struct aspace *aspace)
{
	uint64_t sum = 0;

	for (struct vm_area *area = areas_first(&aspace->areas); area; area = areas_next(area))
		if (is_data(area->prot, area->flags))
			sum += area->end - area->start;
	return sum;
}

static bool exceeds_data(const struct aspace *aspace, uint64_t bytes, uint32_t prot, uint32_t flags)
{
	return aspace->data_limit_bytes != UINT64_MAX && is_data(prot, flags) &&
	       exceeds(aspace->data_limit_bytes, data_bytes(aspace), bytes);
}

int map_check_limits(const struct aspace *aspace, uint64_t bytes, uint64_t replaced_bytes,
	uint32_t prot, uint32_t flags)
{
	uint64_t more = bytes - replaced_bytes;

	if (aspace->areas.count >= AREAS_MAX ||
		exceeds(aspace->size_limit_bytes, aspace->areas.bytes, more) ||
		exceeds_data(aspace, more, prot, flags))
		return -ENOMEM;
	if ((flags & MAP_LOCKED) && exceeds(aspace->lock_limit_bytes, locked_bytes(aspace), bytes))
		return -EAGAIN;
	return overcommits(bytes, prot, flags) ? -ENOMEM : 0;
}

/* ---- mmap -------------------------------------------------------------------------------- */

static int check_type(const struct vm_map_args *args)
{
	switch (args->flags & MAP_TYPE) {
	case MAP_PRIVATE:
	case MAP_SHARED:
		break;
	case MAP_SHARED_VALIDATE:
		if (!args->pager)
			return -EINVAL;
		if (args->flags & ~KNOWN_FLAGS)
			return -EOPNOTSUPP;
		break;
	default:
		return -EINVAL;
	}
	if ((args->flags & MAP_GROWSDOWN) && (args->pager || (args->flags & MAP_SHARED)))
		return -EINVAL;
	/* There are no huge pages to be had, ever: what Linux says when its pool is empty. */
	return args->flags & MAP_HUGETLB ? -ENOMEM : 0;
}

static int check_range(const struct vm_map_args *args, uint64_t *bytes)
{
	if (args->bytes == 0 || !IS_ALIGNED(args->offset, PAGE_SIZE))
		return -EINVAL;
	*bytes = ALIGN_UP(args->bytes, PAGE_SIZE);
	if (*bytes == 0 || *bytes > USER_END)
		return -ENOMEM;
	if (args->pager && args->offset > INT64_MAX - *bytes)
		return -EOVERFLOW;
	return args->prot & PROT_ALL & ~args->max_prot ? -EACCES : 0;
}

static int place_fixed(struct aspace *aspace, uptr_t start, uint64_t bytes, uint32_t flags)
{
	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (start > USER_END - bytes)
		return -ENOMEM;
	if (start < USER_BASE)
		return -EPERM;
	if ((flags & MAP_FIXED_NOREPLACE) && !areas_free(&aspace->areas, start, start + bytes))
		return -EEXIST;
	return 0;
}

/* The hint where it is free, else the highest room: of MAP_32BIT's where that is asked for; above
 * mmap_top only when nothing is left below. */
static int place_free(
	struct aspace *aspace, uptr_t hint, uint64_t bytes, uint32_t flags, uptr_t *start)
{
	struct area_tree *areas = &aspace->areas;
	uptr_t end = flags & MAP_32BIT ? LOW_TOP : USER_END;
	bool placed;

	hint = ALIGN_DOWN(hint, PAGE_SIZE);
	if (hint)
		hint = max(hint, (uptr_t)USER_BASE);
	if (hint && bytes <= end && hint <= end - bytes &&
		areas_free_guarded(areas, hint, hint + bytes)) {
		*start = hint;
		return 0;
	}
	if (flags & MAP_32BIT)
		placed = areas_place(areas, bytes, LOW_BOTTOM, LOW_TOP, start);
	else
		placed = areas_place(areas, bytes, USER_BASE, aspace->mmap_top, start) ||
		         areas_place(areas, bytes, aspace->mmap_top, USER_END, start);
	return placed ? 0 : -ENOMEM;
}

static int place(
	struct aspace *aspace, const struct vm_map_args *args, uint64_t bytes, uptr_t *start)
{
	if (!(args->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
		return place_free(aspace, args->address, bytes, args->flags, start);
	*start = args->address;
	return place_fixed(aspace, *start, bytes, args->flags);
}

static uint64_t mapped_within(struct aspace *aspace, uptr_t start, uptr_t end)
{
	struct vm_area *area = areas_find(&aspace->areas, start);
	uint64_t sum = 0;

	for (; area && area->start < end; area = areas_next(area))
		sum += min(area->end, end) - max(area->start, start);
	return sum;
}

static int map_locked(struct aspace *aspace, const struct vm_map_args *args, struct vm_area *area,
	struct list_head *dead)
{
	uint64_t bytes = area->end, replaced = 0;
	uptr_t start;
	int err;

	err = place(aspace, args, bytes, &start);
	if (err < 0)
		return err;
	if (args->flags & MAP_FIXED)
		replaced = mapped_within(aspace, start, start + bytes);
	err = map_check_limits(aspace, bytes, replaced, area->prot, area->flags);
	if (err == 0 && replaced)
		err = map_clear(aspace, start, start + bytes, dead);
	if (err < 0)
		return err;
	area->start = start;
	area->end = start + bytes;
	map_insert(aspace, area, dead);
	return 0;
}

/* The new area, at [0, bytes) until its place is known. */
static int create_for(struct aspace *aspace, const struct vm_map_args *args, uint64_t bytes,
	struct vm_area **area)
{
	bool shared = args->flags & MAP_SHARED;
	struct vm_area like = {
		.end = bytes,
		.prot = args->prot & PROT_ALL,
		.max_prot = args->max_prot,
		.flags = (args->flags & AREA_FLAGS & ~MAP_TYPE) |
		         (shared ? MAP_SHARED : MAP_PRIVATE),
		.pager = args->pager,
		.file = args->pager && args->pager->ops->file_get ? args->file : NULL,
		.pager_index = args->pager ? args->offset >> PAGE_SHIFT : 0,
		.name = args->name,
	};
	struct pager *object = NULL;

	if (shared && !args->pager) {
		if (!(args->flags & MAP_NORESERVE) && is_more_than_all(bytes))
			return -ENOMEM;
		int err = anon_object_create(bytes >> PAGE_SHIFT, &object);
		if (err < 0)
			return err;
		like.pager = object;
	}
	*area = area_create(aspace, &like);
	if (object)
		object->ops->put(object);
	return *area ? 0 : -ENOMEM;
}

bool map_wants_pages(const struct aspace *aspace, uint32_t flags)
{
	if (aspace->lock_future == LOCK_FUTURE_PAGES || (flags & MAP_LOCKED))
		return true;
	return (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
}

int aspace_map(struct aspace *aspace, const struct vm_map_args *args, uptr_t *address)
{
	struct list_head dead;
	struct vm_area *area;
	uint64_t bytes;
	int err;

	err = check_range(args, &bytes);
	if (err < 0)
		return err;
	err = check_type(args);
	if (err < 0)
		return err;
	err = create_for(aspace, args, bytes, &area);
	if (err < 0)
		return err;

	list_init(&dead);
	mutex_lock(&aspace->lock);
	area->flags |= aspace->lock_future ? MAP_LOCKED : 0;
	err = map_locked(aspace, args, area, &dead);
	if (err < 0)
		list_add(&area->pager_link, &dead);
	else
		*address = area->start;
	bool fill = map_wants_pages(aspace, args->flags);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	if (err == 0 && fill)
		(void)aspace_populate(aspace, *address, *address + bytes, POPULATE_AS_MAPPED);
	return err;
}

/* ---- munmap ------------------------------------------------------------------------------ */

int aspace_unmap(struct aspace *aspace, uptr_t address, uint64_t bytes)
{
	struct list_head dead;
	uptr_t end;
	int err;

	if (!IS_ALIGNED(address, PAGE_SIZE) || bytes == 0 || address > USER_END ||
		bytes > USER_END - address)
		return -EINVAL;
	end = address + ALIGN_UP(bytes, PAGE_SIZE);
	list_init(&dead);
	mutex_lock(&aspace->lock);
	err = map_clear(aspace, address, end, &dead);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	return err;
}

/* ---- mprotect ---------------------------------------------------------------------------- */

static int protect_area(struct aspace *aspace, struct vm_area *area, uint32_t prot)
{
	uint64_t bytes = area->end - area->start;

	if (prot & ~area->max_prot)
		return -EACCES;
	if (!(area->prot & PROT_WRITE) && (overcommits(bytes, prot, area->flags) ||
						  exceeds_data(aspace, bytes, prot, area->flags)))
		return -ENOMEM;
	if (area->prot == prot)
		return 0;
	area->prot = prot;
	pages_protect(aspace, area, area->start, area->end);
	return 0;
}

/* Area by area, up to the first hole or refusal, as Linux does it. */
static int protect_range(struct aspace *aspace, uptr_t start, uptr_t end, uint32_t prot)
{
	struct vm_area *area = areas_at(&aspace->areas, start);

	while (start < end) {
		if (!area || area->start > start)
			return -ENOMEM;
		int err = protect_area(aspace, area, prot);
		if (err < 0)
			return err;
		start = area->end;
		area = areas_next(area);
	}
	return 0;
}

static int protect_locked(
	struct aspace *aspace, uptr_t start, uptr_t end, uint32_t prot, struct list_head *dead)
{
	struct vm_area *first = areas_at(&aspace->areas, start);
	int err;

	if (!first)
		return -ENOMEM;
	if (prot & PROT_GROWSDOWN) {
		if (!(first->flags & MAP_GROWSDOWN))
			return -EINVAL;
		start = first->start;
	}
	err = map_cut_both(aspace, start, end);
	if (err == 0)
		err = protect_range(aspace, start, end, prot & PROT_ALL);
	map_merge(aspace, start, end, dead);
	return err;
}

int aspace_protect(struct aspace *aspace, uptr_t address, uint64_t bytes, uint32_t prot)
{
	uptr_t end = address + ALIGN_UP(bytes, PAGE_SIZE);
	struct list_head dead;
	int err;

	if (!IS_ALIGNED(address, PAGE_SIZE))
		return -EINVAL;
	if (bytes == 0)
		return 0;
	if (end <= address)
		return -ENOMEM;
	if (prot & ~(PROT_ALL | PROT_SEM | PROT_GROWSDOWN))
		return -EINVAL;
	list_init(&dead);
	mutex_lock(&aspace->lock);
	err = protect_locked(aspace, address, end, prot, &dead);
	mutex_unlock(&aspace->lock);
	map_dispose(&dead);
	return err;
}
