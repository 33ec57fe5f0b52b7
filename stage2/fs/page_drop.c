/*
 * The page cache: dropping pages, at the end of a file and when memory is wanted.
 *
 * Clean pages are in one list, the oldest first. Reclaim takes a reference to the page's vnode
 * while it holds the list's lock: a vnode takes its pages off the list before it is freed.
 *
 * Reclaim runs under any locks that a thread in want of memory has, so it waits for none: pages
 * that are mapped are taken out of the mappings whose address spaces can be locked at once, and
 * dirty ones are left to the thread that writes them.
 */
#include "fs/page_state.h"
#include "fs/vnode.h"
#include "fs/writeback.h"
#include "lib/assert.h"
#include "lib/string.h"

static struct {
	struct spinlock lock;   /* RANK_LRU */
	struct list_head pages; /* [lock] frame->link of clean pages, the oldest first */
	uint64_t count;         /* [lock] */
} lru = { .lock = SPINLOCK_INIT("page lru", RANK_LRU), .pages = LIST_INIT(lru.pages) };

void lru_add(struct frame *frame, bool first)
{
	spin_lock(&lru.lock);
	if (!list_is_linked(&frame->link)) {
		list_add(&frame->link, first ? &lru.pages : lru.pages.prev);
		lru.count++;
	}
	spin_unlock(&lru.lock);
}

void lru_remove(struct frame *frame)
{
	spin_lock(&lru.lock);
	if (list_is_linked(&frame->link)) {
		list_del(&frame->link);
		lru.count--;
	}
	spin_unlock(&lru.lock);
}

uint64_t page_cache_clean_pages(void)
{
	return READ_ONCE(lru.count);
}

/* ---- the end of a file ------------------------------------------------------------------- */

void page_cache_zero_tail(struct page_cache *cache, uint64_t bytes)
{
	size_t offset = bytes % PAGE_SIZE;
	struct frame *frame = offset ? page_find(cache, bytes / PAGE_SIZE) : NULL;

	if (!frame)
		return;
	if (page_is(frame, PAGE_SHARED))
		memset((char *)frame_virt(frame) + offset, 0, PAGE_SIZE - offset);
	frame_put(frame);
}

/* The first page at or behind *index, with a reference. */
static struct frame *page_next(struct page_cache *cache, uint64_t *index)
{
	struct frame *frame;

	spin_lock(&cache->lock);
	frame = page_tree_next(&cache->tree, PAGE_TREE_PRESENT, index);
	if (frame)
		frame_get(frame);
	spin_unlock(&cache->lock);
	return frame;
}

/* Remove the pages [index, last]. */
static void pages_drop(struct page_cache *cache, uint64_t index, uint64_t last)
{
	struct frame *frame;

	while (index <= last && (frame = page_next(cache, &index)) != NULL) {
		if (index > last) {
			frame_put(frame);
			break;
		}
		page_wait(frame, PAGE_LOCKED | PAGE_WRITEBACK);
		spin_lock(&cache->lock);
		if (frame->cache.mapping == cache && !page_is(frame, PAGE_WRITEBACK))
			page_remove_locked(cache, frame);
		spin_unlock(&cache->lock);
		frame_put(frame);
	}
}

void page_cache_truncate(struct page_cache *cache, uint64_t bytes)
{
	uint64_t first = DIV_ROUND_UP(bytes, PAGE_SIZE);
	size_t offset = bytes % PAGE_SIZE;
	struct frame *frame;

	vm_pager_unmap(&cache->pager, first, UINT64_MAX, true);
	pages_drop(cache, first, UINT64_MAX);
	if (offset == 0)
		return;
	frame = page_find(cache, bytes / PAGE_SIZE);
	if (!frame)
		return;
	page_wait(frame, PAGE_LOCKED);
	memset((char *)frame_virt(frame) + offset, 0, PAGE_SIZE - offset);
	frame_put(frame);
}

void page_cache_destroy(struct page_cache *cache)
{
	assert(list_empty(&cache->pager.areas));
	pages_drop(cache, 0, UINT64_MAX);
}

/* A fault that has one of the pages still holds its address space's lock, for which the second step
 * waits; one that comes between the steps gets a new page. */
void page_cache_punch(struct page_cache *cache, uint64_t first, uint64_t last)
{
	pages_drop(cache, first, last);
	vm_pager_unmap(&cache->pager, first, last, false);
}

/* ---- clean pages ------------------------------------------------------------------------- */

/* Drop the page if nobody but the caller, with one reference, uses it. */
static bool page_try_drop(struct page_cache *cache, struct frame *frame)
{
	bool dropped = false;

	spin_lock(&cache->lock);
	if (frame->cache.mapping == cache && READ_ONCE(frame->refs) == 2 &&
		!(READ_ONCE(frame->flags) & (PAGE_LOCKED | PAGE_DIRTY | PAGE_WRITEBACK))) {
		page_remove_locked(cache, frame);
		dropped = true;
	}
	spin_unlock(&cache->lock);
	return dropped;
}

void page_cache_forget(struct page_cache *cache, uint64_t first, uint64_t last)
{
	struct frame *frame;

	while (first <= last && (frame = page_next(cache, &first)) != NULL) {
		if (first <= last)
			page_try_drop(cache, frame);
		frame_put(frame);
		first++;
	}
}

/* The oldest clean page, with references to it and to its vnode; it goes to the end of the list.
 * False: there is none. *frame NULL: its vnode is going away; look again. */
static bool lru_take(struct frame **frame, struct page_cache **cache)
{
	struct frame *oldest;

	spin_lock(&lru.lock);
	oldest = list_first(&lru.pages, struct frame, link);
	if (oldest) {
		list_del(&oldest->link);
		list_add_tail(&oldest->link, &lru.pages);
		*cache = oldest->cache.mapping;
		*frame = vnode_try_get((*cache)->vnode) ? oldest : NULL;
		if (*frame)
			frame_get(oldest);
	}
	spin_unlock(&lru.lock);
	return oldest != NULL;
}

/* Drop the page if it was not used since reclaim last looked, or anyway. */
static bool page_reclaim(struct page_cache *cache, struct frame *frame, bool even_used)
{
	if (!even_used && page_is(frame, PAGE_USED)) {
		page_clear(frame, PAGE_USED);
		return false;
	}
	if (READ_ONCE(frame->cache.mapped) > 0)
		vm_pager_try_unmap(&cache->pager, frame->cache.index, even_used);
	return page_try_drop(cache, frame);
}

/* Look at `count` pages, from the oldest on. */
static uint64_t lru_pass(uint64_t target, uint64_t count, bool even_used)
{
	uint64_t freed = 0;

	for (; count > 0 && freed < target; count--) {
		struct page_cache *cache;
		struct frame *frame;

		if (!lru_take(&frame, &cache))
			break;
		if (!frame)
			continue;
		freed += page_reclaim(cache, frame, even_used);
		frame_put(frame);
		vnode_put(cache->vnode);
	}
	return freed;
}

/* Once round the list, then what becomes clean meanwhile, which comes first in it; what was used
 * goes only where there is nothing else. */
uint64_t page_cache_shrink(uint64_t target)
{
	bool all = target == UINT64_MAX;
	uint64_t freed = lru_pass(target, READ_ONCE(lru.count), all), cleaned;

	while (freed == 0 && !all && (cleaned = writeback_for_memory()) > 0)
		freed = lru_pass(target, cleaned, false);
	if (freed == 0 && !all)
		freed = lru_pass(target, READ_ONCE(lru.count), true);
	return freed;
}
