/*
 * Regular files: reading and writing through the page cache, and where they have holes.
 *
 * A read takes no lock of the file: it copies from pages that it holds, as far as the size it sees.
 * A write holds the vnode's lock, so that writes are whole with regard to each other and O_APPEND
 * appends.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "arch/memory_map.h"
#include "fs/nameless.h"
#include "fs/page_cache.h"
#include "fs/vnode_file.h"

/* Copy from one page: bytes, 0 at the end of the file, -errno if nothing was copied. */
static ssize_t read_page(struct vnode *vnode, struct iter *iter, uint64_t pos)
{
	uint64_t size = READ_ONCE(vnode->size);
	size_t offset = pos % PAGE_SIZE;
	struct frame *frame;
	ssize_t copied;
	size_t bytes;
	int err;

	if (pos >= size)
		return 0;
	bytes = min((size_t)PAGE_SIZE - offset, iter->remaining);
	bytes = min(bytes, (size_t)(size - pos));
	err = page_cache_get(vnode->pages, pos / PAGE_SIZE, PAGE_TO_READ, &frame);
	if (err)
		return err == -EFAULT ? 0 : err; /* truncated meanwhile */
	if (!frame)
		return iter_zero(iter, bytes);
	copied = iter_write(iter, (char *)frame_virt(frame) + offset, bytes);
	frame_put(frame);
	return copied;
}

ssize_t vnode_pages_read(struct vnode *vnode, struct iter *iter, uint64_t *pos)
{
	ssize_t done = 0;

	while (iter->remaining > 0) {
		ssize_t copied = read_page(vnode, iter, *pos);

		if (copied <= 0) {
			if (copied < 0 && done == 0)
				return copied;
			break;
		}
		*pos += (uint64_t)copied;
		done += copied;
	}
	return done;
}

static ssize_t regular_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	ssize_t done = vnode_pages_read(file->vnode, iter, pos);

	if (done >= 0 && !(READ_ONCE(file->flags) & O_NOATIME))
		vnode_touch_atime(file->vnode, file->mount);
	return done;
}

ssize_t vnode_pages_write_locked(struct vnode *vnode, struct iter *iter, uint64_t *pos)
{
	ssize_t done = 0;

	if (*pos > vnode->size)
		page_cache_zero_tail(vnode->pages, vnode->size);
	while (iter->remaining > 0) {
		size_t bytes = min(iter->remaining, (size_t)(PAGE_SIZE - *pos % PAGE_SIZE));
		ssize_t copied = seals_check_write(vnode, *pos, bytes);

		if (copied == 0)
			copied = page_cache_write(vnode->pages, *pos, iter);
		if (copied <= 0) {
			if (done == 0)
				return copied;
			break;
		}
		*pos += (uint64_t)copied;
		done += copied;
		if (*pos > vnode->size)
			WRITE_ONCE(vnode->size, *pos);
	}
	return done;
}

/* From pos on, up to RLIMIT_FSIZE and the largest size. */
static ssize_t write_within(struct vnode *vnode, struct iter *iter, uint64_t *pos)
{
	uint64_t limit = on_size_limit_wanted();
	size_t beyond;
	ssize_t done;

	if (*pos >= limit)
		return -EFBIG_SIGNAL;
	if (*pos >= FILE_MAX)
		return -EFBIG;
	beyond = iter_cut(iter, min(limit, (uint64_t)FILE_MAX) - *pos);
	done = vnode_pages_write_locked(vnode, iter, pos);
	iter->remaining += beyond;
	return done;
}

static ssize_t regular_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct vnode *vnode = file->vnode;
	ssize_t done;

	if (iter->remaining == 0)
		return 0;
	mutex_lock(&vnode->lock);
	if ((READ_ONCE(file->flags) & O_APPEND) || *pos == FILE_POS_END)
		*pos = vnode->size;
	done = write_within(vnode, iter, pos);
	if (done > 0)
		vnode_modified(vnode);
	mutex_unlock(&vnode->lock);
	return done;
}

/* The next data, or the next hole, from a place within the file on. The file's end is a hole. */
static int64_t seek_contents(struct vnode *vnode, int64_t offset, bool hole)
{
	int64_t size = (int64_t)READ_ONCE(vnode->size);
	uint64_t end = DIV_ROUND_UP((uint64_t)size, PAGE_SIZE), index;

	if (offset < 0 || offset >= size)
		return -ENXIO;
	index = page_cache_seek(vnode->pages, (uint64_t)offset / PAGE_SIZE, end, hole);
	if (index == end)
		return hole ? size : -ENXIO;
	return max(offset, (int64_t)(index * PAGE_SIZE));
}

static int64_t regular_seek(struct file *file, int64_t offset, int whence)
{
	int64_t base = 0;

	if (whence == SEEK_DATA || whence == SEEK_HOLE) {
		offset = seek_contents(file->vnode, offset, whence == SEEK_HOLE);
		if (offset < 0)
			return offset;
	} else if (whence == SEEK_CUR) {
		base = (int64_t)file->pos;
	} else if (whence == SEEK_END) {
		base = (int64_t)READ_ONCE(file->vnode->size);
	} else if (whence != SEEK_SET) {
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &base) || base < 0)
		return -EINVAL;
	file->pos = (uint64_t)base;
	return base;
}

static int regular_pager(struct file *file, struct pager **pager)
{
	*pager = &file->vnode->pages->pager;
	(*pager)->ops->get(*pager);
	return 0;
}

static int regular_truncate(struct file *file, uint64_t bytes)
{
	return vnode_truncate(file->vnode, bytes);
}

/* A hole is written into; room may be for more than the file is. */
static int allocate_check(const struct vnode *vnode, int mode, uint64_t end)
{
	int err;

	if (!vnode->ops->allocate || (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)))
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE)
		return seals_check_write(vnode, 0, 0);
	err = vnode_may_grow(vnode, end);
	return !err && end > vnode->size ? seals_check_size(vnode, end) : err;
}

static int regular_allocate(struct file *file, int mode, uint64_t offset, uint64_t bytes)
{
	struct vnode *vnode = file->vnode;
	uint64_t end = offset + bytes;
	int err;

	mutex_lock(&vnode->lock);
	err = allocate_check(vnode, mode, end);
	if (!err)
		err = vnode->ops->allocate(vnode, mode, offset, end);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > vnode->size) {
		page_cache_zero_tail(vnode->pages, vnode->size);
		WRITE_ONCE(vnode->size, end);
	}
	if (!err)
		vnode_modified(vnode);
	mutex_unlock(&vnode->lock);
	return err;
}

const struct file_ops regular_file_ops = {
	.read = regular_read,
	.write = regular_write,
	.seek = regular_seek,
	.pager = regular_pager,
	.stat = vnode_file_stat,
	.truncate = regular_truncate,
	.sync = vnode_file_sync,
	.start_sync = vnode_file_start_sync,
	.allocate = regular_allocate,
	.release = vnode_file_release,
};
