#ifndef VM_ANON_OBJECT_H
#define VM_ANON_OBJECT_H
/*
 * Pages in memory alone that several address spaces see, filled with zeros on first use: what
 * stands behind MAP_SHARED | MAP_ANONYMOUS, and behind shared memory of System V.
 */
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/page_tree.h"
#include "sched/mutex.h"
#include "vm/pager.h"

/* For who has one in an object of its own, and pager_ops of its own. */
struct anon_object {
	struct pager pager;
	uint64_t npages;        /* [I] */
	struct mutex lock;      /* RANK_PAGE_CACHE */
	struct page_tree pages; /* [lock] struct frame, a reference each */
	uint64_t present;       /* [lock] how many that are */
};

void anon_object_init(struct anon_object *object, uint64_t npages, const struct pager_ops *ops);
/* Nobody maps it any more: its frames go. */
void anon_object_clear(struct anon_object *object);

/* For the pager_ops. */
__must_check int anon_object_get_page(
	struct pager *pager, uint64_t index, bool for_write, struct frame **frame);
void anon_object_set_dirty(struct pager *pager, struct frame *frame);

/* Memory of `npages` for a mapping, with one reference for the caller, dropped with
 * (*pager)->ops->put. It belongs to its references; its frames go with the last one. -ENOMEM. */
__must_check int anon_object_create(uint64_t npages, struct pager **pager);

#endif
