/*
 * The page cache: finding, filling, changing and dropping pages.
 *
 * Filling. A page that is not there is entered LOCKED and not UPTODATE, and then read without any
 * lock; others who want it wait for LOCKED to go. When the read fails, the page leaves the tree.
 * Neighbours that the file system stores behind it are read with it.
 *
 * Ending. A page is entered only if the file reaches to it, asked under the tree's lock; truncate
 * sets the size first and then removes pages, so none is left or comes back. A fault that got its
 * page before that still holds its address space's lock, for which vm_pager_unmap waits.
 *
 * Dropping. Clean pages are in one list, the oldest first. Reclaim takes a reference to the page's
 * vnode while it holds the list's lock: a vnode takes its pages off the list before it is freed.
 *
 * User memory is never touched with a lock of this file held, nor with a page LOCKED.
 * The cache's lock is taken before the list's.
 */
#include "fs/page_cache.h"

#include "abi/errno.h"
#include "fs/superblock.h"
#include "fs/vnode.h"
#include "lib/assert.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/wait.h"

#define WAIT_QUEUES 16 /* a power of two */

static struct {
	struct spinlock lock;   /* RANK_LRU */
	struct list_head pages; /* [lock] frame->link of clean pages, the oldest first */
	uint64_t count;         /* [lock] */
	struct wait_queue waits[WAIT_QUEUES]; /* for LOCKED to go, by frame */
} lru = { .lock = SPINLOCK_INIT("page lru", RANK_LRU), .pages = LIST_INIT(lru.pages) };

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

static const struct pager_ops cache_pager_ops;

void page_cache_init_all(void)
{
	for (unsigned i = 0; i < WAIT_QUEUES; i++)
		wait_queue_init(&lru.waits[i]);
	shrinker_add(&shrinker);
}

void page_cache_init(
	struct page_cache *cache, const struct page_cache_ops *ops, struct vnode *vnode)
{
	pager_init(&cache->pager, &cache_pager_ops);
	cache->ops = ops;
	cache->vnode = vnode;
	spin_init(&cache->lock, "page cache", RANK_REFS);
	page_tree_init(&cache->tree, &tree_ops);
	cache->pages = 0;
	cache->error = 0;
}

/* ---- states ---------------------------------------------------------------------------------- */

static bool page_is(const struct frame *frame, unsigned flags)
{
	return (__atomic_load_n(&frame->flags, __ATOMIC_ACQUIRE) & flags) == flags;
}

static void page_set(struct frame *frame, unsigned flags)
{
	__atomic_or_fetch(&frame->flags, (uint16_t)flags, __ATOMIC_RELEASE);
}

static void page_clear(struct frame *frame, unsigned flags)
{
	__atomic_and_fetch(&frame->flags, (uint16_t)~flags, __ATOMIC_RELEASE);
}

static struct wait_queue *page_waits(const struct frame *frame)
{
	return &lru.waits[hash_u64((uint64_t)frame) & (WAIT_QUEUES - 1)];
}

static void page_unlock(struct frame *frame)
{
	page_clear(frame, PAGE_LOCKED);
	wait_wake_all(page_waits(frame), 0);
}

static void page_wait(struct frame *frame)
{
	int err = wait_event(page_waits(frame), WAIT_UNINTERRUPTIBLE, WAIT_FOREVER,
		!page_is(frame, PAGE_LOCKED));

	assert(!err);
}

/* ---- the list of clean pages --------------------------------------------------------------------
 */

static void lru_add(struct frame *frame)
{
	spin_lock(&lru.lock);
	list_add_tail(&frame->link, &lru.pages);
	lru.count++;
	spin_unlock(&lru.lock);
}

/* No effect on a page that is not in it. */
static void lru_remove(struct frame *frame)
{
	spin_lock(&lru.lock);
	if (list_is_linked(&frame->link)) {
		list_del(&frame->link);
		lru.count--;
	}
	spin_unlock(&lru.lock);
}

/* ---- the tree ---------------------------------------------------------------------------------
 */

static struct frame *page_find(struct page_cache *cache, uint64_t index)
{
	struct frame *frame;

	spin_lock(&cache->lock);
	frame = page_tree_get(&cache->tree, index);
	if (frame)
		frame_get(frame);
	spin_unlock(&cache->lock);
	return frame;
}

static bool index_in_file(const struct page_cache *cache, uint64_t index)
{
	return index < DIV_ROUND_UP(READ_ONCE(cache->vnode->size), PAGE_SIZE);
}

/* The page is valid: reclaim may drop it, as long as it is clean. */
static void page_list(struct page_cache *cache, struct frame *frame)
{
	spin_lock(&cache->lock);
	if (frame->cache.mapping == cache && !page_is(frame, PAGE_DIRTY))
		lru_add(frame);
	spin_unlock(&cache->lock);
}

/* Enter a page in the states `flags`; the cache gets a reference of its own. beyond: even behind
 * the end of the file. -EEXIST, -EFAULT, -ENOMEM, and -ENOSPC for one that is DIRTY. */
static int page_insert(
	struct page_cache *cache, uint64_t index, struct frame *frame, unsigned flags, bool beyond)
{
	int err = 0;

	frame->flags = (uint16_t)flags;
	frame->cache.mapping = cache;
	frame->cache.index = index;
	frame->cache.mapped = 0;
	list_init(&frame->link);
	spin_lock(&cache->lock);
	if (!beyond && !index_in_file(cache, index))
		err = -EFAULT;
	if (!err)
		err = page_tree_insert(&cache->tree, index, frame);
	if (!err && (flags & PAGE_DIRTY)) {
		err = cache->ops->reserve(cache);
		if (err)
			page_tree_remove(&cache->tree, index);
		else
			page_tree_tag_set(&cache->tree, index, PAGE_TREE_DIRTY);
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

/* Take a page out of the tree and give up the cache's reference. Lock held. */
static void page_remove_locked(struct page_cache *cache, struct frame *frame)
{
	spin_assert_held(&cache->lock);
	page_tree_remove(&cache->tree, frame->cache.index);
	cache->pages--;
	if (page_is(frame, PAGE_DIRTY))
		cache->ops->unreserve(cache, 1);
	lru_remove(frame);
	__atomic_store_n(&frame->cache.mapping, NULL, __ATOMIC_RELEASE);
	frame_put(frame);
}

/* The page is about to be changed: it must be kept, and there must be room to keep it. */
static int page_dirty(struct page_cache *cache, struct frame *frame)
{
	int err = 0;

	if (page_is(frame, PAGE_DIRTY))
		return 0;
	spin_lock(&cache->lock);
	if (frame->cache.mapping != cache)
		err = -EFAULT; /* truncated meanwhile */
	else if (!page_is(frame, PAGE_DIRTY))
		err = cache->ops->reserve(cache);
	if (!err && !page_is(frame, PAGE_DIRTY)) {
		page_set(frame, PAGE_DIRTY);
		page_tree_tag_set(&cache->tree, frame->cache.index, PAGE_TREE_DIRTY);
		lru_remove(frame);
	}
	spin_unlock(&cache->lock);
	return err;
}

/* ---- filling ------------------------------------------------------------------------------------
 */

static int page_alloc(bool zeroed, struct frame **frame)
{
	for (int tries = 0;; tries++) {
		int err = zeroed ? frame_alloc_zeroed(FRAME_PAGE_CACHE, frame)
		                 : frame_alloc(0, FRAME_PAGE_CACHE, frame);

		if (!err || tries > 0 || frame_reclaim(PAGE_CACHE_BATCH) == 0)
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
			page_set(frames[i], PAGE_ERROR);
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

/* Read stored pages from `index` on, up to the first that is there already. */
static int fill_by_reading(struct page_cache *cache, uint64_t index, uint64_t stored)
{
	struct frame *frames[PAGE_CACHE_BATCH];
	unsigned count = 0;
	int err = 0;

	while (count < PAGE_CACHE_BATCH && count < stored) {
		err = page_alloc(false, &frames[count]);
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
		err = page_alloc(true, &frame);
		if (err)
			return err;
		return fill_with(cache, index, frame, want >= PAGE_TO_WRITE ? PAGE_DIRTY : 0,
			want == PAGE_TO_WRITE);
	}
	if (cache->ops->borrow)
		frame = cache->ops->borrow(cache, index);
	if (frame)
		return fill_with(cache, index, frame, 0, false);
	err = fill_by_reading(cache, index, stored);
	/* Perhaps only a neighbour cannot be read. */
	return err == -EIO && stored > 1 ? fill_by_reading(cache, index, 1) : err;
}

int page_cache_get(
	struct page_cache *cache, uint64_t index, enum page_want want, struct frame **frame)
{
	struct frame *found;
	int err;

	while (!(found = page_find(cache, index))) {
		if (want == PAGE_TO_READ && cache->ops->stored(cache, index) == 0) {
			*frame = NULL;
			return 0;
		}
		err = page_fill(cache, index, want);
		if (err && err != -EEXIST)
			return err;
	}
	if (!page_is(found, PAGE_UPTODATE))
		page_wait(found);
	err = page_is(found, PAGE_UPTODATE) ? 0 : -EIO;
	if (!err && !page_is(found, PAGE_USED))
		page_set(found, PAGE_USED);
	if (!err && want >= PAGE_TO_WRITE)
		err = page_dirty(cache, found);
	if (err)
		frame_put(found);
	else
		*frame = found;
	return err;
}

/* ---- writing
 * -------------------------------------------------------------------------------------- */

/* A whole page into a hole: it is filled before anybody can see it, so it need not be zeroed first.
 */
static ssize_t write_fresh(struct page_cache *cache, uint64_t index, struct iter *iter)
{
	struct frame *frame, *there;
	char *bytes;
	ssize_t copied;
	int err = page_alloc(false, &frame);

	if (err)
		return err;
	bytes = frame_virt(frame);
	copied = iter_read(iter, bytes, PAGE_SIZE);
	if (copied <= 0) {
		frame_put(frame);
		return copied;
	}
	memset(bytes + copied, 0, PAGE_SIZE - (size_t)copied);
	frame_get(frame);
	err = fill_with(cache, index, frame, PAGE_DIRTY, true);
	if (err == -EEXIST) {
		err = page_cache_get(cache, index, PAGE_TO_WRITE, &there);
		if (!err) {
			memcpy(frame_virt(there), bytes, (size_t)copied);
			frame_put(there);
		}
	}
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
	int err;

	if (offset == 0 && iter->remaining >= PAGE_SIZE && cache->ops->stored(cache, index) == 0 &&
		!page_present(cache, index))
		return write_fresh(cache, index, iter);
	err = page_cache_get(cache, index, PAGE_TO_WRITE, &frame);
	if (err)
		return err;
	copied = iter_read(iter, (char *)frame_virt(frame) + offset, PAGE_SIZE - offset);
	frame_put(frame);
	return copied;
}

/* ---- ending
 * --------------------------------------------------------------------------------------- */

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

/* Remove all pages from `index` on. */
static void pages_drop(struct page_cache *cache, uint64_t index)
{
	struct frame *frame;

	while ((frame = page_next(cache, &index)) != NULL) {
		page_wait(frame);
		spin_lock(&cache->lock);
		if (frame->cache.mapping == cache)
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
	pages_drop(cache, first);
	if (offset == 0)
		return;
	frame = page_find(cache, bytes / PAGE_SIZE);
	if (!frame)
		return;
	page_wait(frame);
	memset((char *)frame_virt(frame) + offset, 0, PAGE_SIZE - offset);
	frame_put(frame);
}

void page_cache_destroy(struct page_cache *cache)
{
	assert(list_empty(&cache->pager.areas));
	pages_drop(cache, 0);
}

/* ---- giving memory back
 * ---------------------------------------------------------------------------- */

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

/* Drop the page if nobody but the caller uses it. Takes over the references. */
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
	frame_put(frame);
	vnode_put(cache->vnode);
	return dropped;
}

uint64_t page_cache_shrink(uint64_t target)
{
	bool all = target == UINT64_MAX;
	uint64_t freed = 0;

	/* Twice round the list: a page that was used goes the second time. */
	for (uint64_t left = 2 * READ_ONCE(lru.count); left > 0 && freed < target; left--) {
		struct page_cache *cache;
		struct frame *frame;

		if (!lru_take(&frame, &cache))
			break;
		if (!frame)
			continue;
		if (page_is(frame, PAGE_USED) && !all) {
			page_clear(frame, PAGE_USED);
			frame_put(frame);
			vnode_put(cache->vnode);
		} else {
			freed += page_try_drop(cache, frame);
		}
	}
	return freed;
}

uint64_t page_cache_clean_pages(void)
{
	return READ_ONCE(lru.count);
}

/* ---- what mappings see
 * ------------------------------------------------------------------------------ */

static struct page_cache *cache_of(struct pager *pager)
{
	return container_of(pager, struct page_cache, pager);
}

static int cache_pager_get_page(
	struct pager *pager, uint64_t index, bool for_write, struct frame **frame)
{
	struct page_cache *cache = cache_of(pager);
	int err;

	if (!index_in_file(cache, index))
		return -EFAULT;
	err = page_cache_get(cache, index, for_write ? PAGE_TO_SHARE : PAGE_TO_MAP, frame);
	if (!err && for_write)
		page_set(*frame, PAGE_SHARED);
	return err;
}

static void cache_pager_get_ready(
	struct pager *pager, uint64_t first, unsigned count, struct frame **frames)
{
	struct page_cache *cache = cache_of(pager);

	spin_lock(&cache->lock);
	for (unsigned i = 0; i < count; i++) {
		struct frame *frame = NULL;

		if (index_in_file(cache, first + i))
			frame = page_tree_get(&cache->tree, first + i);
		if (frame && !page_is(frame, PAGE_UPTODATE))
			frame = NULL;
		if (frame)
			frame_get(frame);
		frames[i] = frame;
	}
	spin_unlock(&cache->lock);
}

/* Room was reserved when the page was given out for writing, so that this cannot fail. */
static void cache_pager_set_dirty(struct pager *pager, struct frame *frame)
{
	vnode_touch(cache_of(pager)->vnode);
}

static void cache_pager_get(struct pager *pager)
{
	vnode_get(cache_of(pager)->vnode);
}

static void cache_pager_put(struct pager *pager)
{
	vnode_put(cache_of(pager)->vnode);
}

static void cache_pager_describe(
	struct pager *pager, uint32_t *rdev, uint64_t *ino, char *path, size_t size)
{
	struct vnode *vnode = cache_of(pager)->vnode;

	*rdev = (uint32_t)vnode->sb->dev;
	*ino = vnode->ino;
	if (size > 0)
		path[0] = '\0';
}

static const struct pager_ops cache_pager_ops = {
	.get_page = cache_pager_get_page,
	.get_ready = cache_pager_get_ready,
	.set_dirty = cache_pager_set_dirty,
	.get = cache_pager_get,
	.put = cache_pager_put,
	.file_get = file_get,
	.file_put = file_put,
	.describe = cache_pager_describe,
};
