/*
 * Open block devices: reading and writing through their page cache, and what ioctl(2) tells of
 * them.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/ioctls.h"
#include "arch/memory_map.h"
#include "fs/dev/block.h"
#include "fs/vnode_file.h"
#include "fs/writeback.h"
#include "lib/errseq.h"
#include "vm/uaccess.h"

/* ---- reading and writing ----------------------------------------------------------------- */

/* Errors of writing that this file has not been told of. */
static int block_error(struct file *file)
{
	return errseq_check(&block_of(file)->pages.errors, &file->mark);
}

static int block_file_sync_range(struct file *file, uint64_t first, uint64_t last)
{
	int err = block_sync(block_of(file), first, last);
	int written = block_error(file);

	return written ? written : err;
}

static int block_file_sync(struct file *file, bool data_only)
{
	return block_file_sync_range(file, 0, UINT64_MAX);
}

static int block_file_start_sync(struct file *file, uint64_t first, uint64_t last, unsigned flags)
{
	struct page_cache *cache = &block_of(file)->pages;
	int err = 0;

	if (flags & SYNC_FILE_RANGE_WAIT_BEFORE) {
		writeback_wait(cache, first, last);
		err = block_error(file);
	}
	if (!err && (flags & SYNC_FILE_RANGE_WRITE))
		writeback_start(cache, first, last);
	if (!err && (flags & SYNC_FILE_RANGE_WAIT_AFTER)) {
		writeback_wait(cache, first, last);
		err = block_error(file);
	}
	return err;
}

/* O_DIRECT: whole blocks, in each piece. */
static bool is_aligned(const struct block *block, const struct iter *iter, uint64_t pos)
{
	uint64_t bits = pos | iter->here | iter->at;
	const struct iter_piece *piece = iter->next;

	for (size_t left = iter->remaining - iter->here; left > 0; piece++) {
		size_t bytes = min(left, (size_t)piece->bytes);

		bits |= bytes ? bytes | piece->base : 0;
		left -= bytes;
	}
	return (bits & (block->disk->block_bytes - 1)) == 0;
}

/* What is dirty there is written, and nothing of it stays in memory. */
static void pages_settle(struct block *block, uint64_t from, uint64_t bytes)
{
	uint64_t first = from / PAGE_SIZE, last = (from + bytes - 1) / PAGE_SIZE;

	writeback_range(&block->pages, first, last);
	page_cache_forget(&block->pages, first, last);
}

/* With O_DIRECT through the page cache as well, but past what is in it. */
static ssize_t block_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct block *block = block_of(file);
	bool direct = READ_ONCE(file->flags) & O_DIRECT;
	uint64_t from = *pos, bytes = iter->remaining;
	ssize_t done;

	if (!direct || bytes == 0)
		return vnode_pages_read(&block->vnode, iter, pos);
	if (!is_aligned(block, iter, from))
		return -EINVAL;
	pages_settle(block, from, bytes);
	done = vnode_pages_read(&block->vnode, iter, pos);
	pages_settle(block, from, bytes);
	return done;
}

/* What has been written is on the device, or in its cache (direct), or on stable storage. */
static int write_through(struct file *file, uint32_t flags, uint64_t from, uint64_t bytes)
{
	if (flags & O_DIRECT)
		pages_settle(block_of(file), from, bytes);
	if (flags & O_DSYNC)
		return block_file_sync_range(
			file, from / PAGE_SIZE, (from + bytes - 1) / PAGE_SIZE);
	return flags & O_DIRECT ? block_error(file) : 0;
}

/* Up to the end of the device, which does not grow. */
static ssize_t write_within(struct block *block, struct iter *iter, uint64_t *pos)
{
	size_t beyond = iter_cut(iter, block->vnode.size - *pos);
	ssize_t done;

	mutex_lock(&block->vnode.lock);
	done = vnode_pages_write_locked(&block->vnode, iter, pos);
	mutex_unlock(&block->vnode.lock);
	iter->remaining += beyond;
	return done;
}

bool block_read_only(const struct block *block)
{
	return block->disk->read_only || READ_ONCE(block->disk->guarded) ||
	       READ_ONCE(block->guarded);
}

static ssize_t block_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct block *block = block_of(file);
	uint32_t flags = READ_ONCE(file->flags);
	uint64_t from = *pos;
	ssize_t done;
	int err;

	if (block_read_only(block))
		return -EPERM;
	if (iter->remaining == 0)
		return 0;
	if (from >= block->vnode.size)
		return -ENOSPC;
	if ((flags & O_DIRECT) && !is_aligned(block, iter, from))
		return -EINVAL;
	done = write_within(block, iter, pos);
	err = done > 0 ? write_through(file, flags, from, (uint64_t)done) : 0;
	return err ? err : done;
}

/* Nothing is to be had: a device is there as a whole. */
static int block_allocate(struct file *file, int mode, uint64_t offset, uint64_t bytes)
{
	return -EOPNOTSUPP;
}

static int64_t block_seek(struct file *file, int64_t offset, int whence)
{
	int64_t size = (int64_t)block_of(file)->vnode.size;
	int64_t base = whence == SEEK_CUR ? (int64_t)file->pos : whence == SEEK_END ? size : 0;

	if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END)
		return -EINVAL;
	if (__builtin_add_overflow(base, offset, &base) || base < 0 || base > size)
		return -EINVAL;
	file->pos = (uint64_t)base;
	return base;
}

static int block_pager(struct file *file, struct pager **pager)
{
	*pager = &block_of(file)->pages.pager;
	(*pager)->ops->get(*pager);
	return 0;
}

static void block_release(struct file *file)
{
	block_close(file);
	vnode_file_release(file);
}

/* ---- ioctl ---------------------------------------------------------------------------------- */

static long put_int(uint64_t arg, uint32_t value)
{
	return put_user(arg, &value);
}

static long put_long(uint64_t arg, uint64_t value)
{
	return put_user(arg, &value);
}

static long put_short(uint64_t arg, uint16_t value)
{
	return put_user(arg, &value);
}

/* A geometry that fits, as for all disks of today. */
static long geometry_get(const struct block *block, uint64_t arg)
{
	const uint64_t heads = 16, sectors = 63;
	struct hd_geometry geometry = {
		.heads = heads,
		.sectors = sectors,
		.cylinders = (uint16_t)(block->disk->sectors / (heads * sectors)),
		.start = block->start,
	};

	return put_user(arg, &geometry);
}

/* [start, bytes] in the program's memory. */
static long discard(struct file *file, uint64_t arg)
{
	struct block *block = block_of(file);
	uint64_t range[2], mask = block->disk->block_bytes - 1;

	if (!file_writable(file))
		return -EBADF;
	if (block->disk->discard_max == 0)
		return -EOPNOTSUPP;
	if (block_read_only(block))
		return -EPERM;
	if (copy_from_user(range, arg, sizeof(range)))
		return -EFAULT;
	if (((range[0] | range[1]) & mask) || range[1] > block->vnode.size ||
		range[0] > block->vnode.size - range[1] || range[1] == 0)
		return -EINVAL;
	writeback_range(&block->pages, range[0] / PAGE_SIZE, (range[0] + range[1] - 1) / PAGE_SIZE);
	page_cache_forget(
		&block->pages, range[0] / PAGE_SIZE, (range[0] + range[1] - 1) / PAGE_SIZE);
	return blk_discard(block->disk, block->start + (range[0] >> BLK_SECTOR_SHIFT),
		range[1] >> BLK_SECTOR_SHIFT);
}

static long guard(struct block *block, uint64_t arg)
{
	int32_t on;

	if (get_user(&on, arg))
		return -EFAULT;
	if (block->number)
		WRITE_ONCE(block->guarded, on != 0);
	else
		WRITE_ONCE(block->disk->guarded, on != 0);
	return 0;
}

static long admin_only(struct file *file, unsigned request, uint64_t arg)
{
	struct block *block = block_of(file);

	if (!cred_may(on_caller_wanted(NULL), CAP_SYS_ADMIN))
		return -EACCES;
	if (request == BLKROSET)
		return guard(block, arg);
	if (request == BLKRRPART)
		return block_scan_again(block);
	(void)block_sync(block, 0, UINT64_MAX);
	page_cache_forget(&block->pages, 0, UINT64_MAX);
	return 0;
}

/* What Linux would buffer it in: the largest block, up to a page, that it is made of. */
static uint32_t buffer_bytes(const struct block *block)
{
	uint32_t bytes = block->disk->block_bytes;

	while (bytes < PAGE_SIZE && !(block->vnode.size & bytes))
		bytes *= 2;
	return bytes;
}

static long block_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	struct block *block = block_of(file);
	struct blk_device *disk = block->disk;

	switch (request) {
	case BLKGETSIZE64:
		return put_long(arg, block->vnode.size);
	case BLKGETSIZE:
		return put_long(arg, block->sectors);
	case BLKSSZGET:
	case BLKPBSZGET:
	case BLKIOMIN:
		return put_int(arg, disk->block_bytes);
	case BLKIOOPT:
	case BLKALIGNOFF:
	case BLKDISCARDZEROES:
		return put_int(arg, 0);
	case BLKBSZGET:
		return put_int(arg, buffer_bytes(block));
	case BLKROGET:
		return put_int(arg, block_read_only(block));
	case BLKROTATIONAL:
		return put_short(arg, 1); /* nobody says that it is not */
	case BLKRAGET:
		return put_long(arg, PAGE_CACHE_BATCH * PAGE_SIZE / BLK_SECTOR_BYTES);
	case HDIO_GETGEO:
		return geometry_get(block, arg);
	case BLKDISCARD:
		return discard(file, arg);
	case BLKFLSBUF:
	case BLKROSET:
	case BLKRRPART:
		return admin_only(file, request, arg);
	default:
		return -ENOTTY;
	}
}

const struct file_ops block_file_ops = {
	.read = block_read,
	.write = block_write,
	.seek = block_seek,
	.ioctl = block_ioctl,
	.pager = block_pager,
	.stat = vnode_file_stat,
	.sync = block_file_sync,
	.start_sync = block_file_start_sync,
	.allocate = block_allocate,
	.release = block_release,
};
