#ifndef VM_MAP_H
#define VM_MAP_H
/*
 * Areas and pages together: for vm's own files. The caller holds the aspace's lock unless said
 * otherwise.
 *
 * Putting the last reference to an object may take any lock of the file system's, so it is never
 * done under the aspace's lock: areas that go are collected in a list and disposed of after
 * unlocking.
 */
#include "lib/compiler.h"
#include "lib/list.h"
#include "vm/aspace.h"

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

/* A new area of `aspace`, in no tree, with a reference to its pager. NULL: no memory. */
struct vm_area *area_create(struct aspace *aspace, const struct vm_area *like);
/* Without the aspace's lock: free the areas in the list and put their pagers. */
void map_dispose(struct list_head *dead);

/* Make `at` a border between areas, if it lies inside one. -ENOMEM. Changes nothing that a program
 * can see. */
__must_check int map_cut(struct aspace *aspace, uptr_t at);
__must_check int map_cut_both(struct aspace *aspace, uptr_t start, uptr_t end);

/* Put an area in place; it and its neighbours merge where they can. Areas absorbed: to dead. */
void map_insert(struct aspace *aspace, struct vm_area *area, struct list_head *dead);

/* `area` shows more of its object than before: a walk over the object's areas must meet it. */
void map_grown(struct vm_area *area);

/* Unmap [start, end), which may begin and end inside areas, but not inside one: then map_cut comes
 * first. Areas of which nothing is left go to `dead`. */
void map_remove(struct aspace *aspace, uptr_t start, uptr_t end, struct list_head *dead);
/* The same for any range. -ENOMEM: it is a hole in an area, of which there cannot be one more. */
__must_check int map_clear(struct aspace *aspace, uptr_t start, uptr_t end, struct list_head *dead);

/* All areas of an address space that no CPU has loaded and nobody uses: their pages and tables go,
 * and they are disposed of. */
void map_destroy(struct aspace *aspace);

/* Merge what can be merged from the area before `start` up to the one at `end`. */
void map_merge(struct aspace *aspace, uptr_t start, uptr_t end, struct list_head *dead);

/* The limits for a mapping that takes the place of replaced_bytes of others: number of areas,
 * RLIMIT_AS, RLIMIT_DATA, and that no single writable mapping exceeds all memory (overcommit as
 * Linux's heuristic has it): -ENOMEM. RLIMIT_MEMLOCK, of what is MAP_LOCKED: -EAGAIN. */
__must_check int map_check_limits(const struct aspace *aspace, uint64_t bytes,
	uint64_t replaced_bytes, uint32_t prot, uint32_t flags);
/* Of all areas that are MAP_LOCKED. */
uint64_t locked_bytes(const struct aspace *aspace);

/* Fork: the parent's areas, without their pages, in a child that has none; not yet in their pagers'
 * lists. -ENOMEM: some of them, and the tree is good for map_destroy alone. */
__must_check int map_copy(struct aspace *child, const struct aspace *parent);
/* Put all areas of a new address space in their pagers' lists. */
void map_publish(struct aspace *aspace);

/* Are the pages of a new mapping with these flags to be there at once? */
bool map_wants_pages(const struct aspace *aspace, uint32_t flags);

#endif
