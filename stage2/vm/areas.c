/*
 * The ordered tree of an address space's areas.
 *
 * Main idea: an area owns the gap below it. Its size is kept up to date by the few functions that
 * change a range, and the largest one of each subtree by the tree itself, so that the highest gap
 * that is large enough is found by going down once, right side first.
 *
 * It knows no page tables and no pagers' lists: map.c keeps those in step.
 */
#include "vm/areas.h"

#include "abi/mman.h"
#include "arch/memory_map.h"
#include "lib/assert.h"

static struct vm_area *area_of(const struct rb_node *node)
{
	return node ? rb_entry((struct rb_node *)node, struct vm_area, node) : NULL;
}

static bool area_less(const struct rb_node *a, const struct rb_node *b)
{
	return area_of(a)->start < area_of(b)->start;
}

static uint64_t subtree_gap(const struct rb_node *node)
{
	return node ? area_of(node)->max_gap : 0;
}

static void area_update(struct rb_node *node)
{
	uint64_t below = max(subtree_gap(node->child[RB_LEFT]), subtree_gap(node->child[RB_RIGHT]));
	area_of(node)->max_gap = max(area_of(node)->gap, below);
}

static const struct rb_ops area_ops = { .less = area_less, .update = area_update };

void areas_init(struct area_tree *areas)
{
	rb_init(&areas->tree, &area_ops);
	areas->last = NULL;
	areas->count = 0;
	areas->bytes = 0;
}

static bool ends_before(const struct rb_node *node, const void *address)
{
	return area_of(node)->end <= *(const uptr_t *)address;
}

struct vm_area *areas_search(struct area_tree *areas, uptr_t address)
{
	struct vm_area *last = area_of(rb_lower_bound(&areas->tree, ends_before, &address));

	if (last)
		areas->last = last;
	return last;
}

struct vm_area *areas_first(const struct area_tree *areas)
{
	return area_of(rb_first(&areas->tree));
}

struct vm_area *areas_next(const struct vm_area *area)
{
	return area_of(rb_next(&area->node));
}

struct vm_area *areas_prev(const struct vm_area *area)
{
	return area_of(rb_prev(&area->node));
}

/* Where the room below an area ends: an area that grows down keeps a guard. */
static uptr_t guarded_start(const struct vm_area *area)
{
	if (!(area->flags & MAP_GROWSDOWN))
		return area->start;
	return area->start > STACK_GUARD_BYTES ? area->start - STACK_GUARD_BYTES : 0;
}

bool areas_free(struct area_tree *areas, uptr_t start, uptr_t end)
{
	struct vm_area *area = areas_find(areas, start);
	return !area || end <= area->start;
}

bool areas_free_guarded(struct area_tree *areas, uptr_t start, uptr_t end)
{
	struct vm_area *area = areas_find(areas, start);
	return !area || end <= guarded_start(area);
}

static uint64_t gap_below(const struct vm_area *area, const struct vm_area *below)
{
	uptr_t floor = below ? below->end : 0;
	return guarded_start(area) > floor ? guarded_start(area) - floor : 0;
}

/* The gap below `area` changed, because it or the one below it did. */
static void gap_changed(struct area_tree *areas, struct vm_area *area)
{
	if (!area)
		return;
	area->gap = gap_below(area, areas_prev(area));
	rb_update(&areas->tree, &area->node);
}

/* The area above, whose gap changes too, becomes an ancestor of the new one: it is on the way that
 * the tree brings up to date. */
void areas_insert(struct area_tree *areas, struct vm_area *area)
{
	struct vm_area *above = areas_find(areas, area->start);
	struct vm_area *below = above ? areas_prev(above) : area_of(rb_last(&areas->tree));

	debug_assert(area->start < area->end && (!above || area->end <= above->start));
	area->gap = gap_below(area, below);
	if (above)
		above->gap = gap_below(above, area);
	rb_insert(&areas->tree, &area->node);
	areas->count++;
	areas->bytes += area->end - area->start;
}

void areas_remove(struct area_tree *areas, struct vm_area *area)
{
	struct vm_area *above = areas_next(area);

	rb_erase(&areas->tree, &area->node);
	areas->last = NULL;
	areas->count--;
	areas->bytes -= area->end - area->start;
	gap_changed(areas, above);
}

void areas_resize(struct area_tree *areas, struct vm_area *area, uptr_t start, uptr_t end)
{
	bool start_moves = start != area->start, end_moves = end != area->end;

	areas->bytes += (end - start) - (area->end - area->start);
	area->start = start;
	area->end = end;
	if (start_moves)
		gap_changed(areas, area);
	if (end_moves)
		gap_changed(areas, areas_next(area));
}

void areas_split(struct area_tree *areas, struct vm_area *area, uptr_t at, struct vm_area *upper)
{
	debug_assert(area->start < at && at < area->end);
	*upper = (struct vm_area){
		.aspace = area->aspace,
		.start = at,
		.end = area->end,
		.prot = area->prot,
		.max_prot = area->max_prot,
		.flags = area->flags,
		.pager = area->pager,
		.file = area->file,
		.pager_index = area->pager_index + ((at - area->start) >> PAGE_SHIFT),
		.name = area->name,
		.has_copies = area->has_copies,
	};
	areas_resize(areas, area, area->start, at);
	areas_insert(areas, upper);
}

static bool area_continues(const struct vm_area *area, const struct vm_area *above)
{
	if (area->end != above->start || area->prot != above->prot ||
		area->max_prot != above->max_prot || area->flags != above->flags ||
		area->pager != above->pager || area->file != above->file ||
		area->name != above->name)
		return false;
	if (area->flags & MAP_GROWSDOWN)
		return false;
	return !area->pager ||
	       area->pager_index + ((area->end - area->start) >> PAGE_SHIFT) == above->pager_index;
}

struct vm_area *areas_join(struct area_tree *areas, const struct vm_area *area)
{
	struct vm_area *above = areas_find(areas, area->start);
	struct vm_area *below = above ? areas_prev(above) : area_of(rb_last(&areas->tree));

	if (below && area_continues(below, area)) {
		areas_resize(areas, below, below->start, area->end);
		return below;
	}
	if (above && area_continues(area, above)) {
		above->pager_index = area->pager_index;
		areas_resize(areas, above, area->start, above->end);
		return above;
	}
	return NULL;
}

struct vm_area *areas_merge_next(struct area_tree *areas, struct vm_area *area)
{
	struct vm_area *above = areas_next(area);

	if (!above || !area_continues(area, above))
		return NULL;
	area->has_copies |= above->has_copies;
	areas_remove(areas, above);
	areas_resize(areas, area, area->start, above->end);
	return above;
}

/* The top `bytes` of what [floor, ceiling) and [bottom, top) share, if that is enough. */
static bool place_between(
	uptr_t floor, uptr_t ceiling, const uptr_t window[2], uint64_t bytes, uptr_t *address)
{
	uptr_t low = max(floor, window[0]), high = min(ceiling, window[1]);

	if (low > high || high - low < bytes)
		return false;
	*address = high - bytes;
	return true;
}

/* Recursion is as deep as the tree: 2 * log2(65536 areas) = 32 small frames at most. */
static bool place_below(
	const struct rb_node *node, const uptr_t window[2], uint64_t bytes, uptr_t *address)
{
	if (subtree_gap(node) < bytes || !node)
		return false;

	const struct vm_area *area = area_of(node);
	uptr_t ceiling = guarded_start(area);

	if (area->start < window[1] && place_below(node->child[RB_RIGHT], window, bytes, address))
		return true;
	if (area->gap >= bytes &&
		place_between(ceiling - area->gap, ceiling, window, bytes, address))
		return true;
	return area->start > window[0] && place_below(node->child[RB_LEFT], window, bytes, address);
}

bool areas_place(
	const struct area_tree *areas, uint64_t bytes, uptr_t bottom, uptr_t top, uptr_t *address)
{
	const uptr_t window[2] = { bottom, top };
	struct vm_area *highest = area_of(rb_last(&areas->tree));

	/* The room above the highest area is nobody's gap. */
	if (place_between(highest ? highest->end : 0, UINT64_MAX, window, bytes, address))
		return true;
	return place_below(areas->tree.root, window, bytes, address);
}
