/*
 * tmpfs regular files: all their pages are in the page cache, and those that were written stay
 * there. What was never written and is not the archive's is a hole.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "arch/memory_map.h"
#include "fs/cpio/archive.h"
#include "fs/tmpfs/node.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/string.h"

static struct tmpfs_node *cache_node(struct page_cache *cache)
{
	return container_of(cache, struct tmpfs_node, file.pages);
}

static uint64_t contents_stored(struct page_cache *cache, uint64_t index)
{
	uint64_t pages = DIV_ROUND_UP(READ_ONCE(cache_node(cache)->file.archive_bytes), PAGE_SIZE);

	return index < pages ? pages - index : 0;
}

/* A whole page of an archive in memory is used as it lies there. Its record is ours if nobody else
 * has it: a damaged archive may let two files overlap. */
static struct frame *contents_borrow(struct page_cache *cache, uint64_t index)
{
	struct tmpfs_node *node = cache_node(cache);
	struct frame *frame;
	void *none = NULL;

	if ((index + 1) * PAGE_SIZE > READ_ONCE(node->file.archive_bytes))
		return NULL;
	frame = archive_frame(node->file.archive, node->file.archive_offset + index * PAGE_SIZE);
	if (!frame || !__atomic_compare_exchange_n(&frame->cache.mapping, &none, (void *)cache,
			      false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return NULL;
	return frame;
}

static int contents_read(
	struct page_cache *cache, uint64_t index, struct frame **frames, unsigned count)
{
	struct tmpfs_node *node = cache_node(cache);
	uint64_t offset = index * PAGE_SIZE;
	uint64_t end = READ_ONCE(node->file.archive_bytes);
	uint64_t bytes = offset < end ? end - offset : 0; /* it may just have been truncated */

	return archive_read_frames(node->file.archive, node->file.archive_offset + offset, frames,
		count, min(bytes, (uint64_t)count * PAGE_SIZE));
}

static int contents_reserve(struct page_cache *cache)
{
	struct tmpfs *fs = tmpfs_of(cache->vnode);

	return tmpfs_count(&fs->pages, &fs->pages_max);
}

static void contents_unreserve(struct page_cache *cache, uint64_t pages)
{
	__atomic_sub_fetch(&tmpfs_of(cache->vnode)->pages, pages, __ATOMIC_RELAXED);
}

static const struct page_cache_ops tmpfs_cache_ops = {
	.stored = contents_stored,
	.borrow = contents_borrow,
	.read = contents_read,
	.reserve = contents_reserve,
	.unreserve = contents_unreserve,
};

void tmpfs_file_init(struct tmpfs_node *node)
{
	page_cache_init(&node->file.pages, &tmpfs_cache_ops, &node->vnode);
	node->vnode.pages = &node->file.pages;
	node->vnode.sealable = true;
	node->vnode.seals = F_SEAL_SEAL;
}

static int tmpfs_truncate(struct vnode *vnode, uint64_t bytes)
{
	struct tmpfs_node *node = node_of(vnode);

	if (bytes > vnode->size) {
		page_cache_zero_tail(vnode->pages, vnode->size);
		WRITE_ONCE(vnode->size, bytes);
	} else {
		if (bytes < node->file.archive_bytes)
			WRITE_ONCE(node->file.archive_bytes, bytes);
		WRITE_ONCE(vnode->size, bytes);
		page_cache_truncate(vnode->pages, bytes);
	}
	return 0;
}

/* Zeros from `start` on, within one page; nothing to do where there is a hole. */
static int zero_part(struct vnode *vnode, uint64_t start, uint64_t end)
{
	uint64_t index = start / PAGE_SIZE;
	struct frame *frame;
	int err;

	if (start >= end)
		return 0;
	err = page_cache_get(vnode->pages, index, PAGE_TO_READ, &frame);
	if (err || !frame)
		return err;
	frame_put(frame);
	err = page_cache_get(vnode->pages, index, PAGE_TO_WRITE, &frame);
	if (err)
		return err;
	memset((char *)frame_virt(frame) + start % PAGE_SIZE, 0, end - start);
	frame_put(frame);
	return 0;
}

/* Whole pages of the archive cannot become holes: they become zeros. */
static int zero_archive(struct vnode *vnode, uint64_t first, uint64_t end)
{
	int err = 0;

	for (uint64_t index = first; !err && index < end; index++)
		err = zero_part(vnode, index * PAGE_SIZE, (index + 1) * PAGE_SIZE);
	return err;
}

static int tmpfs_punch(struct vnode *vnode, uint64_t start, uint64_t end)
{
	uint64_t stored = contents_stored(vnode->pages, 0);
	uint64_t first = DIV_ROUND_UP(start, PAGE_SIZE), last = end / PAGE_SIZE; /* not itself */
	int err = zero_part(vnode, start, min(end, first * PAGE_SIZE));

	if (!err && last >= first)
		err = zero_part(vnode, last * PAGE_SIZE, end);
	if (!err)
		err = zero_archive(vnode, first, min(last, stored));
	first = max(first, stored);
	if (!err && first < last)
		page_cache_punch(vnode->pages, first, last - 1);
	return err;
}

static int tmpfs_allocate(struct vnode *vnode, int mode, uint64_t start, uint64_t end)
{
	uint64_t first = start / PAGE_SIZE, last = (end - 1) / PAGE_SIZE;
	uint64_t most = READ_ONCE(tmpfs_of(vnode)->pages_max);

	if (mode & FALLOC_FL_PUNCH_HOLE)
		return tmpfs_punch(vnode, start, end);
	if (most && last - first >= most)
		return -ENOSPC; /* without a long try */
	return page_cache_allocate(vnode->pages, first, last);
}

static uint64_t tmpfs_blocks(struct vnode *vnode)
{
	struct tmpfs_node *node = node_of(vnode);
	uint64_t stored = DIV_ROUND_UP(READ_ONCE(node->file.archive_bytes), PAGE_SIZE);

	return max(stored, READ_ONCE(node->file.pages.pages)) * (PAGE_SIZE / 512);
}

static void tmpfs_destroy_file(struct vnode *vnode)
{
	page_cache_destroy(vnode->pages);
	tmpfs_destroy_node(vnode);
}

const struct vnode_ops tmpfs_file_ops = {
	.setattr = tmpfs_setattr,
	.truncate = tmpfs_truncate,
	.allocate = tmpfs_allocate,
	.blocks = tmpfs_blocks,
	.destroy = tmpfs_destroy_file,
};
