#ifndef VM_AREAS_H
#define VM_AREAS_H
/*
 * The areas of an address space: which ranges are mapped, how, and where there is room. Pure book-
 * keeping: no page tables, no allocation, no locks. The owner's lock (struct aspace.lock) guards a
 * tree and its areas; nothing here sleeps or fails.
 *
 * Areas never overlap and never touch 0. The tree keeps in each subtree the largest gap below one
 * of its areas, so finding room takes logarithmic time.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "lib/types.h"

struct file; /* io's; here it is only carried */

/* Accessible memory stays this far below an area that grows down, as on Linux: 256 pages. */
#define STACK_GUARD_BYTES 0x100000ull

/* What madvise says of an area: in vm_area.flags, where no MAP_* flag of an area is. */
#define AREA_DONTFORK   BIT(30) /* a child does not get it */
#define AREA_WIPEONFORK BIT(31) /* a child gets it empty */

struct vm_area {
	struct rb_node node;         /* [aspace lock] by start */
	struct aspace *aspace;       /* [I] */
	uptr_t start, end;           /* [aspace lock] page-aligned */
	uint32_t prot;               /* [aspace lock] PROT_READ | PROT_WRITE | PROT_EXEC */
	uint32_t max_prot;           /* [I] what mprotect may give: a file opened read-only */
	uint32_t flags;              /* [aspace lock] MAP_SHARED or MAP_PRIVATE, MAP_LOCKED ... */
	struct pager *pager;         /* [I] reference held; NULL: anonymous */
	struct file *file;           /* [I] what was mapped, by name; reference held, or NULL */
	uint64_t pager_index;        /* [aspace lock] page of the object that `start` shows */
	struct list_head pager_link; /* [pager lock] in pager->areas; or in a list of the dead */
	const char *name;            /* [I] "[stack]", "[heap]", "[vdso]" or NULL, for maps */
	bool has_copies;             /* [aspace lock] some of its pages may be anonymous */
	uptr_t run_next;             /* [aspace lock] where the next fault is, if page after page */
	uint32_t run;                /* [aspace lock] is touched; pages that the last one brought */
	uint64_t gap;                /* [aspace lock] free bytes below, guard excluded */
	uint64_t max_gap;            /* [aspace lock] largest gap in the subtree */
};

struct area_tree {
	struct rb_tree tree;
	struct vm_area *last; /* found last: programs touch one area many times in a row */
	uint64_t count;       /* areas */
	uint64_t bytes;       /* their sum */
};

void areas_init(struct area_tree *areas);

/* The first area that ends behind `address`: it contains it or lies above it. NULL: none. */
struct vm_area *areas_search(struct area_tree *areas, uptr_t address);

/* The same, and soon where it is the one that was found last. */
static inline struct vm_area *areas_find(struct area_tree *areas, uptr_t address)
{
	struct vm_area *last = areas->last;

	if (likely(last && last->start <= address && address < last->end))
		return last;
	return areas_search(areas, address);
}

/* The area that contains `address`, or NULL. */
static inline struct vm_area *areas_at(struct area_tree *areas, uptr_t address)
{
	struct vm_area *area = areas_find(areas, address);
	return area && area->start <= address ? area : NULL;
}

struct vm_area *areas_first(const struct area_tree *areas);
struct vm_area *areas_next(const struct vm_area *area);
struct vm_area *areas_prev(const struct vm_area *area);

/* Nothing is mapped in [start, end). */
bool areas_free(struct area_tree *areas, uptr_t start, uptr_t end);

/* As areas_free, and outside the guard of an area above that grows down. */
bool areas_free_guarded(struct area_tree *areas, uptr_t start, uptr_t end);

/* Put in an area whose range is free. */
void areas_insert(struct area_tree *areas, struct vm_area *area);
void areas_remove(struct area_tree *areas, struct vm_area *area);

/* Change the range of an area within the free space around it. Keeps pager_index as it is. */
void areas_resize(struct area_tree *areas, struct vm_area *area, uptr_t start, uptr_t end);

/* Cut `area` in two at `at`, strictly inside: `upper`, the caller's memory, gets the upper part. */
void areas_split(struct area_tree *areas, struct vm_area *area, uptr_t at, struct vm_area *upper);

/* If the area below or the one above touches `area`, whose range is free, and is alike, it grows
 * over that range: returns it, and `area` is not needed any more; else NULL. */
struct vm_area *areas_join(struct area_tree *areas, const struct vm_area *area);

/* If `area` and the one above it touch and are alike, `area` takes it in: returns the one that is
 * no longer in the tree, for the caller to dispose of; else NULL. Stacks never merge. */
struct vm_area *areas_merge_next(struct area_tree *areas, struct vm_area *area);

/* The highest free range of `bytes` within [bottom, top). False: there is none. */
bool areas_place(
	const struct area_tree *areas, uint64_t bytes, uptr_t bottom, uptr_t top, uptr_t *address);

#endif
