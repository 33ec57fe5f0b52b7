/*
 * The page cache: finding, filling and changing pages. Dropping them: page_drop.c; what mappings
 * see: page_pager.c; writing them: writeback.c.
 *
 * Filling. A page that is not there is entered LOCKED and not UPTODATE, and then read without any
 * lock; others who want it wait for LOCKED to go. When the read fails, the page leaves the tree.
 * Neighbours that the file system stores behind it are read with it.
 *
 * Changing. A page is DIRTY before it is changed, so that there is room for it, and, if it may have
 * been written meanwhile, once more afterwards: what is changed while it is written is written
 * again.
 *
 * Ending. A page is entered only if the file reaches to it, asked under the tree's lock; truncate
 * sets the size first and then removes pages, so none is left or comes back. A fault that got its
 * page before that still holds its address space's lock, for which vm_pager_unmap waits.
 *
 * User memory is never touched with a lock of this file held, nor with a page LOCKED.
 * The cache's lock is taken before the list's.
 */
#include "fs/page_cache.h"

#include "abi/errno.h"
#include "fs/page_state.h"
#include "fs/vnode.h"
#include "fs/writeback.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/wait.h"

#define WAIT_QUEUES 16 /* a power of two */

/* For states to go, by frame. */
static struct wait_queue page_queues[WAIT_QUEUES];

static struct slab_cache node_cache = SLAB_CACHE("page_tree_node", struct page_tree_node);

static struct page_tree_node *tree_node_alloc(void)
{
	return slab_alloc(&node_cache);
}

static void tree_node_free(struct page_tree_node *node)
{
	slab_free(&node_cache, node);
}

static const struct page_tree_ops tree_ops = {
	.node_alloc = tree_node_alloc,
	.node_free = tree_node_free,
};

static struct shrinker shrinker = { .name = "page cache", .shrink = page_cache_shrink };

void page_cache_init_all(void)
{
	for (unsigned i = 0; i < WAIT_QUEUES; i++)
		wait_queue_init(&page_queues[i]);
	shrinker_add(&shrinker);
}

void page_cache_init(
	struct page_cache *cache, const struct page_cache_ops *ops, struct vnode *vnode)
{
	pager_init(&cache->pager, &page_pager_ops);
	cache->ops = ops;
	cache->vnode = vnode;
	spin_init(&cache->lock, "page cache", RANK_REFS);
	page_tree_init(&cache->tree, &tree_ops);
	cache->pages = cache->dirty = 0;
	cache->put_back = 0;
	cache->read_next = 0;
	cache->errors = 0;
	list_init(&cache->dirty_link);
}

/* ---- states ---------------------------------------------------------------------------------- */

static struct wait_queue *page_queue(const struct frame *frame)
{
	return &page_queues[hash_u64((uint64_t)frame) & (WAIT_QUEUES - 1)];
}

void page_wake(struct frame *frame)
{
	wait_wake_all(page_queue(frame), 0);
}

void page_wait(struct frame *frame, unsigned flags)
{
	(void)!wait_event(page_queue(frame), WAIT_UNINTERRUPTIBLE, WAIT_FOREVER,
		!(__atomic_load_n(&frame->flags, __ATOMIC_ACQUIRE) & flags));
}

static void page_unlock(struct frame *frame)
{
	page_clear(frame, PAGE_LOCKED);
	page_wake(frame);
}

/* ---- the tree ---------------------------------------------------------------------------- */

static __inlined struct frame *find(struct page_cache *cache, uint64_t index)
{
	struct frame *frame;

	spin_lock(&cache->lock);
	frame = page_tree_get(&cache->tree, index);
	if (frame)
		frame_get(frame);
	spin_unlock(&cache->lock);
	return frame;
}

struct frame *page_find(struct page_cache *cache, uint64_t index)
{
	return find(cache, index);
}

/* The page is valid: reclaim may drop it, as long as it is clean. */
static void page_list(struct page_cache *cache, struct frame *frame)
{
	spin_lock(&cache->lock);
	if (frame->cache.mapping == cache && !page_is(frame, PAGE_DIRTY))
		lru_add(frame, false);
	spin_unlock(&cache->lock);
}

/* A page of the tree becomes dirty, for which there is room. */
static void page_mark_dirty_locked(struct page_cache *cache, struct frame *frame)
{
	page_set(frame, PAGE_DIRTY);
	page_tree_tag_set(&cache->tree, frame->cache.index, PAGE_TREE_DIRTY);
	if (cache->ops->write)
		writeback_dirtied_locked(cache);
}

static int page_reserve_locked(struct page_cache *cache)
{
	return cache->ops->reserve ? cache->ops->reserve(cache) : 0;
}

int page_insert(
	struct page_cache *cache, uint64_t index, struct frame *frame, unsigned flags, bool beyond)
{
	int err = 0;

	frame->flags = (uint16_t)(flags & ~PAGE_DIRTY);
	frame->cache.mapping = cache;
	frame->cache.index = index;
	frame->cache.mapped = 0;
	list_init(&frame->link);
	spin_lock(&cache->lock);
	if (!beyond && !page_index_in_file(cache, index))
		err = -EFAULT;
	if (!err)
		err = page_tree_insert(&cache->tree, index, frame);
	if (!err && (flags & PAGE_DIRTY)) {
		err = page_reserve_locked(cache);
		if (err)
			page_tree_remove(&cache->tree, index);
		else
			page_mark_dirty_locked(cache, frame);
	}
	if (!err) {
		cache->pages++;
		frame_get(frame);
	} else {
		frame->cache.mapping = NULL;
	}
	spin_unlock(&cache->lock);
	return err;
}

void page_remove_locked(struct page_cache *cache, struct frame *frame)
{
	spin_assert_held(&cache->lock);
	page_tree_remove(&cache->tree, frame->cache.index);
	cache->pages--;
	if (page_is(frame, PAGE_DIRTY)) {
		if (cache->ops->unreserve)
			cache->ops->unreserve(cache, 1);
		if (cache->ops->write)
			writeback_dropped_locked(cache);
	}
	lru_remove(frame);
	__atomic_store_n(&frame->cache.mapping, NULL, __ATOMIC_RELEASE);
	frame_put(frame);
}

/* The page is about to be changed: it must be kept, and there must be room to keep it. -EAGAIN: it
 * has left the tree meanwhile. */
static int page_dirty(struct page_cache *cache, struct frame *frame)
{
	int err = 0;

	if ((READ_ONCE(frame->flags) & (PAGE_DIRTY | PAGE_UNWRITTEN)) == PAGE_DIRTY)
		return 0;
	spin_lock(&cache->lock);
	if (frame->cache.mapping != cache)
		err = -EAGAIN;
	else if (!page_is(frame, PAGE_DIRTY))
		err = page_reserve_locked(cache);
	if (!err) {
		page_clear(frame, PAGE_UNWRITTEN);
		if (!page_is(frame, PAGE_DIRTY)) {
			page_mark_dirty_locked(cache, frame);
			lru_remove(frame);
		}
	}
	spin_unlock(&cache->lock);
	return err;
}

void page_cache_changed(struct page_cache *cache, struct frame *frame)
{
	if (!cache->ops->write)
		return;
	/* The change is seen before the look at DIRTY: whoever clears it later writes the change.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	(void)!page_dirty(cache, frame);
}

/* ---- filling ----------------------------------------------------------------------------- */

/* Who maps a page has its address space locked: the fault asks for memory when it is not. */
static bool may_reclaim(enum page_want want)
{
	return want == PAGE_TO_READ || want == PAGE_TO_WRITE;
}

int page_alloc(enum page_want want, bool zeroed, struct frame **frame)
{
	for (int tries = 0;; tries++) {
		int err = zeroed ? frame_alloc_zeroed(FRAME_PAGE_CACHE, frame)
		                 : frame_alloc(0, FRAME_PAGE_CACHE, frame);

		if (!err || tries > 0 || !may_reclaim(want) || frame_reclaim(PAGE_CACHE_BATCH) == 0)
			return err;
	}
}

/* A frame that is complete already: enter it. Takes over the reference. */
static int fill_with(
	struct page_cache *cache, uint64_t index, struct frame *frame, unsigned flags, bool beyond)
{
	int err = page_insert(cache, index, frame, PAGE_UPTODATE | flags, beyond);

	if (!err && frame->owner == FRAME_PAGE_CACHE)
		page_list(cache, frame);
	frame_put(frame);
	return err;
}

/* The batch was read, or not: let the others see it. Gives up our references. */
static void fill_end(struct page_cache *cache, struct frame **frames, unsigned count, int err)
{
	for (unsigned i = 0; i < count; i++) {
		if (err) {
			spin_lock(&cache->lock);
			page_remove_locked(cache, frames[i]);
			spin_unlock(&cache->lock);
		} else {
			page_set(frames[i], PAGE_UPTODATE);
			page_list(cache, frames[i]);
		}
		page_unlock(frames[i]);
		frame_put(frames[i]);
	}
}

/* As many as are stored; few where the reader jumps about. */
static uint64_t batch_size(struct page_cache *cache, uint64_t index, uint64_t stored)
{
	unsigned scattered = cache->ops->scattered_batch;
	bool jumps = scattered && index != 0 && index != READ_ONCE(cache->read_next);

	return min(stored, (uint64_t)(jumps ? scattered : PAGE_CACHE_BATCH));
}

/* Read stored pages from `index` on, up to the first that is there already. Memory is asked for
 * only for the first: whoever waits for memory holds no page that others wait for, with their
 * address spaces locked, perhaps. What is read ahead takes what is free. */
static int fill_by_reading(
	struct page_cache *cache, uint64_t index, uint64_t stored, enum page_want want)
{
	struct frame *frames[PAGE_CACHE_BATCH];
	uint64_t wanted = batch_size(cache, index, stored);
	unsigned count = 0;
	int err = 0;

	while (count < wanted) {
		err = page_alloc(count == 0 ? want : PAGE_TO_MAP, false, &frames[count]);
		if (err)
			break;
		err = page_insert(cache, index + count, frames[count], PAGE_LOCKED, false);
		if (err) {
			frame_put(frames[count]);
			break;
		}
		count++;
	}
	if (count == 0)
		return err;
	WRITE_ONCE(cache->read_next, index + count);
	err = cache->ops->read(cache, index, frames, count);
	fill_end(cache, frames, count, err);
	return err;
}

/* Bring page `index` in. -EEXIST: somebody else just did. */
static int page_fill(struct page_cache *cache, uint64_t index, enum page_want want)
{
	uint64_t stored = cache->ops->stored(cache, index);
	struct frame *frame = NULL;
	int err;

	if (stored == 0) {
		err = page_alloc(want, true, &frame);
		if (err)
			return err;
		return fill_with(cache, index, frame, want >= PAGE_TO_WRITE ? PAGE_DIRTY : 0,
			want == PAGE_TO_WRITE);
	}
	if (cache->ops->borrow)
		frame = cache->ops->borrow(cache, index);
	if (frame)
		return fill_with(cache, index, frame, 0, false);
	err = fill_by_reading(cache, index, stored, want);
	/* Perhaps only a neighbour cannot be read. */
	return err == -EIO && stored > 1 ? fill_by_reading(cache, index, 1, want) : err;
}

/* Bring it in and find it. Out of line: what is there already does not pay for it. */
static __noinline int page_bring(
	struct page_cache *cache, uint64_t index, enum page_want want, struct frame **frame)
{
	int err;

	do {
		*frame = NULL;
		if (want == PAGE_TO_READ && cache->ops->stored(cache, index) == 0)
			return 0;
		err = page_fill(cache, index, want);
		if (err && err != -EEXIST)
			return err;
		*frame = find(cache, index);
	} while (!*frame);
	return 0;
}

/* The page is valid, and what it is wanted for may be done to it. */
static __inlined int page_ready(struct page_cache *cache, struct frame *frame, enum page_want want)
{
	if (unlikely(!page_is(frame, PAGE_UPTODATE | PAGE_USED))) {
		page_wait(frame, PAGE_LOCKED);
		if (!page_is(frame, PAGE_UPTODATE))
			return -EIO;
		page_set(frame, PAGE_USED);
	}
	if (want >= PAGE_TO_WRITE || (want == PAGE_TO_MAP && page_is(frame, PAGE_UNWRITTEN)))
		return page_dirty(cache, frame);
	return 0;
}

int page_cache_get(
	struct page_cache *cache, uint64_t index, enum page_want want, struct frame **frame)
{
	int err;

	do {
		*frame = find(cache, index);
		err = unlikely(!*frame) ? page_bring(cache, index, want, frame) : 0;
		if (err || !*frame)
			continue;
		err = page_ready(cache, *frame, want);
		if (err)
			frame_put(*frame);
	} while (err == -EAGAIN);
	return err;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The page is there, or comes from where it is stored: change a part of it. */
static int change_part(struct page_cache *cache, uint64_t index, const char *bytes, size_t count)
{
	struct frame *frame;
	int err = page_cache_get(cache, index, PAGE_TO_WRITE, &frame);

	if (err)
		return err;
	memcpy(frame_virt(frame), bytes, count);
	page_cache_changed(cache, frame);
	frame_put(frame);
	return 0;
}

/* A whole page that is not there: it is filled before anybody can see it, so it need be neither
 * zeroed nor read first. */
static ssize_t write_fresh(struct page_cache *cache, uint64_t index, struct iter *iter)
{
	struct frame *frame;
	ssize_t copied;
	char *bytes;
	int err = page_alloc(PAGE_TO_WRITE, false, &frame);

	if (err)
		return err;
	bytes = frame_virt(frame);
	copied = iter_read(iter, bytes, PAGE_SIZE);
	if (copied <= 0) {
		frame_put(frame);
		return copied;
	}
	if (copied < (ssize_t)PAGE_SIZE && cache->ops->stored(cache, index) > 0) {
		err = -EEXIST;
	} else {
		memset(bytes + copied, 0, PAGE_SIZE - (size_t)copied);
		frame_get(frame);
		err = fill_with(cache, index, frame, PAGE_DIRTY, true);
	}
	if (err == -EEXIST)
		err = change_part(cache, index, bytes, (size_t)copied);
	frame_put(frame);
	return err ? err : copied;
}

static bool page_present(struct page_cache *cache, uint64_t index)
{
	bool present;

	spin_lock(&cache->lock);
	present = page_tree_get(&cache->tree, index) != NULL;
	spin_unlock(&cache->lock);
	return present;
}

ssize_t page_cache_write(struct page_cache *cache, uint64_t pos, struct iter *iter)
{
	uint64_t index = pos / PAGE_SIZE;
	size_t offset = pos % PAGE_SIZE;
	struct frame *frame;
	ssize_t copied;
	int err = writeback_throttle(cache);

	if (err)
		return err;
	if (offset == 0 && iter->remaining >= PAGE_SIZE && !page_present(cache, index))
		return write_fresh(cache, index, iter);
	err = page_cache_get(cache, index, PAGE_TO_WRITE, &frame);
	if (err)
		return err;
	copied = iter_read(iter, (char *)frame_virt(frame) + offset, PAGE_SIZE - offset);
	page_cache_changed(cache, frame);
	frame_put(frame);
	return copied;
}
