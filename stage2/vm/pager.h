#ifndef VM_PAGER_H
#define VM_PAGER_H
/*
 * Mapped objects: what stands behind a mapping of a file (or of a device, or of shared memory).
 * vm owns this contract; fs fills it with the page cache.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "mm/frame.h"

struct pager;
struct file; /* io's; here it is only carried */

/* Called with an address space's lock held, except put. */
struct pager_ops {
	/* The frame of page `index`, with a reference for the caller, its contents valid.
	 * for_write: a shared writable mapping is about to change it. May sleep. -EFAULT beyond the
	 * end, -EIO, -ENOMEM, -ENOSPC. */
	int (*get_page)(struct pager *pager, uint64_t index, bool for_write, struct frame **frame);
	/* Pages [first, first + count), count <= 16, as far as they can be had at once, each with a
	 * reference and valid contents; frames[i] NULL for the others and for those beyond the end.
	 * Reads nothing. Missing: no page is ever ready. */
	void (*get_ready)(
		struct pager *pager, uint64_t first, unsigned count, struct frame **frames);
	/* A shared writable mapping has changed the page (its dirty bit was found set). Does not
	 * sleep. */
	void (*set_dirty)(struct pager *pager, struct frame *frame);
	/* One reference more. Does not sleep. */
	void (*get)(struct pager *pager);
	/* One less. Called without locks of vm; may sleep. */
	void (*put)(struct pager *pager);
	/* One more, one less of the file that was mapped, which an area names besides the object.
	 * Missing: areas of the object have none. As get and put otherwise. */
	void (*file_get)(struct file *file);
	void (*file_put)(struct file *file);
	/* One area more, one less shows the object, in the running thread's name. Missing: nobody
	 * counts them. Do not sleep. */
	void (*mapped)(struct pager *pager);
	void (*unmapped)(struct pager *pager);
	/* What /proc/PID/maps shows: device and inode number, and the path of an object that is not
	 * mapped through a file, cut to size. */
	void (*describe)(
		struct pager *pager, uint32_t *rdev, uint64_t *ino, char *path, size_t size);
};

/* Embedded in the object (fs: a file's page cache). areas: all user mappings of it, for reverse
 * mapping: truncate and reclaim unmap through vm_pager_unmap. */
struct pager {
	const struct pager_ops *ops;
	struct spinlock lock;   /* RANK_REFS */
	struct list_head areas; /* [lock] struct vm_area.pager_link */
	uint32_t write_maps;    /* [lock] being made: shared mappings that may write */
	bool write_denied;      /* [lock] there is no such mapping, and never will be */
};

void pager_init(struct pager *pager, const struct pager_ops *ops);

/* A shared mapping that may write is made between these two. -EPERM: there is to be none. */
__must_check int pager_write_map_begin(struct pager *pager);
void pager_write_map_end(struct pager *pager);
/* From now on there is none. -EBUSY: there is one. */
__must_check int pager_deny_write(struct pager *pager);

/* Remove pages [first, last] of the object from all user mappings (truncate: also private copies if
 * even_copies). When it returns no program can reach them, unless it faults them in again: the
 * caller first sees to it that get_page no longer gives them. May sleep; takes address spaces'
 * locks, so the caller holds neither those nor anything of higher rank, its page-cache lock among
 * them. */
void vm_pager_unmap(struct pager *pager, uint64_t first, uint64_t last, bool even_copies);

/* The pages are about to be written to where they are stored: shared mappings lose the right to
 * write them, so that the next write asks get_page again. What was written before is in the pages
 * when it returns. May sleep; locks as above, unless wait is false: then address spaces whose lock
 * is taken are passed over, and the result is false. */
bool vm_pager_protect(struct pager *pager, uint64_t first, uint64_t last, bool wait);

/* Memory is wanted: take one page out of all mappings, except of locked memory, of address spaces
 * whose lock is taken and, unless even_used, of those that have used it since this was last asked.
 * May sleep, but waits for no lock. */
void vm_pager_try_unmap(struct pager *pager, uint64_t index, bool even_used);

#endif
