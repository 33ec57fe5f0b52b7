/*
 * What mappings of a file see: its page cache as an object of vm.
 *
 * A shared mapping that may write shows only DIRTY pages: get_page makes them so before they are
 * shown, and a page that is written loses the right to be written to in all mappings, after it has
 * lost DIRTY (writeback.c). So no change is missed, and the CPU's dirty bits need not be collected.
 */
#include "abi/errno.h"
#include "fs/page_state.h"
#include "fs/superblock.h"
#include "fs/vnode.h"

static struct page_cache *cache_of(struct pager *pager)
{
	return container_of(pager, struct page_cache, pager);
}

static int pager_get_page(struct pager *pager, uint64_t index, bool for_write, struct frame **frame)
{
	struct page_cache *cache = cache_of(pager);
	int err;

	if (!page_index_in_file(cache, index))
		return -EFAULT;
	err = page_cache_get(cache, index, for_write ? PAGE_TO_SHARE : PAGE_TO_MAP, frame);
	if (!err && for_write)
		page_set(*frame, PAGE_SHARED);
	return err;
}

static void pager_get_ready(
	struct pager *pager, uint64_t first, unsigned count, struct frame **frames)
{
	struct page_cache *cache = cache_of(pager);

	spin_lock(&cache->lock);
	for (unsigned i = 0; i < count; i++) {
		struct frame *frame = NULL;

		if (page_index_in_file(cache, first + i))
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
static void pager_set_dirty(struct pager *pager, struct frame *frame)
{
	vnode_touch(cache_of(pager)->vnode);
}

static void pager_get(struct pager *pager)
{
	vnode_get(cache_of(pager)->vnode);
}

static void pager_put(struct pager *pager)
{
	vnode_put(cache_of(pager)->vnode);
}

static void pager_describe(
	struct pager *pager, uint32_t *rdev, uint64_t *ino, char *path, size_t size)
{
	struct vnode *vnode = cache_of(pager)->vnode;

	*rdev = (uint32_t)vnode->sb->dev;
	*ino = vnode->ino;
	if (size > 0)
		path[0] = '\0';
}

const struct pager_ops page_pager_ops = {
	.get_page = pager_get_page,
	.get_ready = pager_get_ready,
	.set_dirty = pager_set_dirty,
	.get = pager_get,
	.put = pager_put,
	.file_get = file_get,
	.file_put = file_put,
	.describe = pager_describe,
};
