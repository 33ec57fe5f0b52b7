#ifndef FS_PAGE_CACHE_H
#define FS_PAGE_CACHE_H
/*
 * The page cache: the pages of one file, by number. It is what read, write and mappings of the file
 * share; the file system fills pages, is asked for room before a page is changed, and, where it can
 * write, gets the changed ones back (fs/writeback.h).
 *
 * A page is a frame of owner FRAME_PAGE_CACHE (or FRAME_RESERVED: a page of the archive in memory,
 * used where it lies; references to it are not counted). Its states are bits of frame->flags:
 *
 *   LOCKED     being filled; who needs it waits
 *   UPTODATE   its contents are the file's
 *   DIRTY      differs from what the file system stores; kept until that is changed
 *   WRITEBACK  being written; it may become DIRTY again meanwhile
 *   USED       found since reclaim last looked
 *   UNWRITTEN  zeros, for which there is room: a hole to whoever asks where the data is
 *   SHARED     was given to a shared writable mapping: bytes behind the end may have been written
 *
 * One reference to the frame is the cache's; each mapping and each user has one more, so that a
 * page with one reference is nobody's. Clean pages without users can be dropped at any time.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "lib/compiler.h"
#include "lib/page_tree.h"
#include "mm/frame.h"
#include "vm/iter.h"
#include "vm/pager.h"

#define PAGE_LOCKED    1u
#define PAGE_UPTODATE  2u
#define PAGE_DIRTY     4u
#define PAGE_WRITEBACK 8u
#define PAGE_USED      16u
#define PAGE_SHARED    32u
#define PAGE_UNWRITTEN 64u

/* Pages that are read together where a file's pages lie together. */
#define PAGE_CACHE_BATCH 32

struct blk_batch;
struct vnode;
struct page_cache;

struct page_cache_ops {
	/* How many pages from `index` on the file system stores, one behind another; 0: a hole. Any
	 * number is right that is not too large. Does not sleep. */
	uint64_t (*stored)(struct page_cache *cache, uint64_t index);
	/* A frame that holds the page already, with a reference, its cache.mapping set to this
	 * cache (one that has a mapping is another's); NULL: read it. The operation may be missing.
	 */
	struct frame *(*borrow)(struct page_cache *cache, uint64_t index);
	/* Fill `count` frames with the stored pages from `index` on, bytes behind the file's stored
	 * end with zeros. -EIO. Sleeps. */
	int (*read)(
		struct page_cache *cache, uint64_t index, struct frame **frames, unsigned count);
	/* Write pages to where they are stored: `count` of them, by rising number (cache.index),
	 * not always neighbours. `io` is memory for it. The first error. Sleeps, but neither waits
	 * for memory nor takes the vnode's lock: who has it may wait for pages to become clean.
	 * Missing: there is nowhere to write, and a page that became dirty stays so. */
	int (*write)(struct page_cache *cache, struct frame **frames, unsigned count,
		struct blk_batch *io);
	/* Where pages are not written: room for one more page that differs from what is stored; and
	 * for that many pages no more. Called under the tree's lock. -ENOSPC. */
	int (*reserve)(struct page_cache *cache);
	void (*unreserve)(struct page_cache *cache, uint64_t pages);
	/* How many pages are read together where the reader jumps about; 0: as many as else. */
	unsigned scattered_batch;
};

struct page_cache {
	struct pager pager;               /* what mappings of the file see */
	const struct page_cache_ops *ops; /* [I] */
	struct vnode *vnode;              /* [I] whose pages these are; holds no reference */
	struct spinlock lock;             /* RANK_REFS */
	struct page_tree tree;            /* [lock] page number -> struct frame */
	uint64_t pages;                   /* [lock] in the tree */
	uint64_t dirty;                   /* [lock] of them DIRTY, where they are written */
	uint32_t put_back;                /* [lock] how often dirty pages were taken, not written */
	uint64_t read_next;               /* [a] the page behind those read last */
	uint32_t errors;                  /* [a] of writing pages (lib/errseq.h) */
	struct list_head dirty_link;      /* [writeback's lock] among those with dirty pages */
	uint64_t dirtied_ns;              /* [writeback's lock] since when */
};

/* Once at boot. */
void page_cache_init_all(void);
/* Pages of all files that are clean: those that nobody uses can be dropped. */
uint64_t page_cache_clean_pages(void);

void page_cache_init(
	struct page_cache *cache, const struct page_cache_ops *ops, struct vnode *vnode);
/* Drop all pages; nobody uses or maps the file any more. */
void page_cache_destroy(struct page_cache *cache);

enum page_want {
	PAGE_TO_READ,  /* a hole gives no page: *frame NULL */
	PAGE_TO_MAP,   /* a hole gives a page of zeros, clean */
	PAGE_TO_WRITE, /* the page is dirty: room for it has been reserved. Even behind the end; the
	                * vnode's lock is held */
	PAGE_TO_SHARE, /* the same for a mapping, not behind the end */
};
/* Page `index`, its contents valid, with a reference. -EFAULT (at or behind the end of the file as
 * it is now; not PAGE_TO_WRITE), -EIO, -ENOMEM, -ENOSPC. Sleeps; no spinlock is held. */
__must_check int page_cache_get(
	struct page_cache *cache, uint64_t index, enum page_want want, struct frame **frame);
/* The page of PAGE_TO_WRITE has been changed, after it was given: it may have been written in
 * between. */
void page_cache_changed(struct page_cache *cache, struct frame *frame);

/* Copy from iter into the file at pos, within one page, as far as it goes: bytes, or -EFAULT,
 * -ENOSPC ... The caller holds the vnode's lock and changes the size. */
ssize_t page_cache_write(struct page_cache *cache, uint64_t pos, struct iter *iter);

/* The file ends at `bytes` now (vnode->size is set): drop what is behind, from mappings too, and
 * zero the rest of the last page. The vnode's lock is held. */
void page_cache_truncate(struct page_cache *cache, uint64_t bytes);
/* The file, which ended at `bytes`, is about to grow: what a mapping wrote behind the end goes. */
void page_cache_zero_tail(struct page_cache *cache, uint64_t bytes);
/* Pages [first, last] of a file that is only in memory, also those behind its end. allocate: there
 * is room for what will be written into them; -ENOSPC, -ENOMEM, -EIO, -EINTR_FINAL, nothing is kept
 * then. punch: they are dropped, from mappings too. The vnode's lock is held. Sleep. */
__must_check int page_cache_allocate(struct page_cache *cache, uint64_t first, uint64_t last);
void page_cache_punch(struct page_cache *cache, uint64_t first, uint64_t last);
/* The first page in [index, end) that has data, or that is a hole; end: none. */
uint64_t page_cache_seek(struct page_cache *cache, uint64_t index, uint64_t end, bool hole);
/* Drop the clean pages [first, last] that nobody uses: what is stored may have changed. Sleeps. */
void page_cache_forget(struct page_cache *cache, uint64_t first, uint64_t last);

/* Drop up to `target` clean pages that nobody uses, the longest unused first; frames freed. Sleeps.
 */
uint64_t page_cache_shrink(uint64_t target);

#endif
