#ifndef FS_PAGE_STATE_H
#define FS_PAGE_STATE_H
/*
 * States of pages, waiting for them, and the list of clean pages: for the page cache's own files.
 */
#include "fs/page_cache.h"
#include "fs/vnode.h"

static inline bool page_is(const struct frame *frame, unsigned flags)
{
	return (__atomic_load_n(&frame->flags, __ATOMIC_ACQUIRE) & flags) == flags;
}

static inline void page_set(struct frame *frame, unsigned flags)
{
	__atomic_or_fetch(&frame->flags, (uint16_t)flags, __ATOMIC_RELEASE);
}

static inline void page_clear(struct frame *frame, unsigned flags)
{
	__atomic_and_fetch(&frame->flags, (uint16_t)~flags, __ATOMIC_RELEASE);
}

/* Sleep until none of these states holds; after clearing one, wake who waits. */
void page_wait(struct frame *frame, unsigned flags);
void page_wake(struct frame *frame);

/* The list of clean pages; under the cache's lock. Adding one that is in it does nothing, nor does
 * removing one that is not. first: it is the next to be dropped. */
void lru_add(struct frame *frame, bool first);
void lru_remove(struct frame *frame);

/* The page at `index`, with a reference; NULL: there is none. */
struct frame *page_find(struct page_cache *cache, uint64_t index);
/* A frame for a page; contents undefined unless zeroed. -ENOMEM. */
__must_check int page_alloc(enum page_want want, bool zeroed, struct frame **frame);
/* Enter a page in the states `flags`; the cache gets a reference of its own. beyond: even behind
 * the end of the file. -EEXIST, -EFAULT (behind the end), -ENOMEM, and -ENOSPC for one that is
 * DIRTY. */
__must_check int page_insert(
	struct page_cache *cache, uint64_t index, struct frame *frame, unsigned flags, bool beyond);
/* Take a page out of the tree and give up the cache's reference. The cache's lock is held, nobody
 * fills or writes the page. */
void page_remove_locked(struct page_cache *cache, struct frame *frame);

/* Does the file reach to this page? */
static inline bool page_index_in_file(const struct page_cache *cache, uint64_t index)
{
	return index < DIV_ROUND_UP(READ_ONCE(cache->vnode->size), PAGE_SIZE);
}

/* page_pager.c */
extern const struct pager_ops page_pager_ops;

#endif
