/*
 * The page cache: room for pages before they are written, and where there are any.
 */
#include "abi/errno.h"
#include "fs/page_state.h"
#include "fs/vnode.h"
#include "sched/thread.h"

/* ---- fallocate(2) --------------------------------------------------------------------------- */

/* A page that is not there; one that is new goes into the list. */
static int allocate_new(struct page_cache *cache, uint64_t index, struct list_head *new)
{
	struct frame *frame;
	int err = page_alloc(PAGE_TO_WRITE, true, &frame);

	if (err)
		return err;
	err = page_insert(cache, index, frame, PAGE_UPTODATE | PAGE_DIRTY | PAGE_UNWRITTEN, true);
	if (!err)
		list_add_tail(&frame->link, new);
	frame_put(frame);
	return err;
}

/* One that is stored, or there and clean, becomes dirty; one that is dirty has its room. */
static int allocate_one(struct page_cache *cache, uint64_t index, struct list_head *new)
{
	struct frame *frame = page_find(cache, index);
	bool there = frame != NULL, dirty = frame && page_is(frame, PAGE_DIRTY);
	int err = 0;

	if (frame)
		frame_put(frame);
	if (dirty)
		return 0;
	if (!there && cache->ops->stored(cache, index) == 0)
		return allocate_new(cache, index, new);
	err = page_cache_get(cache, index, PAGE_TO_WRITE, &frame);
	if (!err)
		frame_put(frame);
	return err;
}

/* Pages that are only in memory are in no list while they are dirty, so they can be in this one;
 * nobody takes them out of the tree as long as the vnode is locked. */
int page_cache_allocate(struct page_cache *cache, uint64_t first, uint64_t last)
{
	struct list_head new = LIST_INIT(new);
	struct frame *frame, *next;
	int err = 0;

	for (uint64_t index = first; !err && index <= last; index++) {
		if (thread_has_work(thread_current(), THREAD_WORK_SIGNAL | THREAD_WORK_KILL))
			err = -EINTR_FINAL;
		else
			do
				err = allocate_one(cache, index, &new);
			while (err == -EEXIST); /* a fault was faster */
	}
	list_for_each_safe(frame, next, &new, link) {
		list_del(&frame->link);
		if (!err)
			continue;
		spin_lock(&cache->lock);
		if (page_is(frame, PAGE_UNWRITTEN))
			page_remove_locked(cache, frame);
		spin_unlock(&cache->lock);
	}
	return err;
}

/* ---- lseek(2) ------------------------------------------------------------------------------- */

static bool page_is_data(struct page_cache *cache, uint64_t index)
{
	struct frame *frame;
	bool data;

	spin_lock(&cache->lock);
	frame = page_tree_get(&cache->tree, index);
	data = frame && !page_is(frame, PAGE_UNWRITTEN);
	spin_unlock(&cache->lock);
	return data;
}

static uint64_t seek_hole(struct page_cache *cache, uint64_t index, uint64_t end)
{
	while (index < end) {
		uint64_t stored = cache->ops->stored(cache, index);

		if (stored == 0 && !page_is_data(cache, index))
			return index;
		index += stored ? stored : 1;
	}
	return end;
}

static uint64_t seek_data(struct page_cache *cache, uint64_t index, uint64_t end)
{
	struct frame *frame;
	bool data;

	while (index < end && cache->ops->stored(cache, index) == 0) {
		spin_lock(&cache->lock);
		frame = page_tree_next(&cache->tree, PAGE_TREE_PRESENT, &index);
		data = frame && !page_is(frame, PAGE_UNWRITTEN);
		spin_unlock(&cache->lock);
		if (!frame)
			return end;
		if (data)
			break;
		index++;
	}
	return min(index, end);
}

uint64_t page_cache_seek(struct page_cache *cache, uint64_t index, uint64_t end, bool hole)
{
	return hole ? seek_hole(cache, index, end) : seek_data(cache, index, end);
}
