/*
 * Open files of vnodes: regular files on the page cache, directories, paths (O_PATH), and the
 * choice among them. Devices are in fs/dev.
 *
 * A read takes no lock of the file: it copies from pages that it holds, as far as the size it sees.
 * A write holds the vnode's lock, so that writes are whole with regard to each other and O_APPEND
 * appends.
 */
#include "fs/vnode_file.h"

#include "abi/dirent.h"
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "arch/memory_map.h"
#include "fs/dev/device.h"
#include "fs/fifo.h"
#include "fs/nameless.h"
#include "fs/page_cache.h"
#include "fs/superblock.h"
#include "lib/compiler.h"

int vnode_file_stat(struct file *file, struct stat *stat)
{
	vnode_stat(file->vnode, stat);
	return 0;
}

/* Who writes to regular files keeps the mount from becoming read-only. */
static bool counts_as_writer(const struct vnode *vnode, uint32_t flags)
{
	return S_ISREG(vnode->mode) && !(flags & O_PATH) && (flags & O_ACCMODE) != O_RDONLY;
}

void vnode_file_release(struct file *file)
{
	if (counts_as_writer(file->vnode, file->flags))
		mount_write_end(file->mount);
	vnode_put(file->vnode);
	dentry_put(file->dentry);
	mount_put(file->mount);
}

/* ---- regular files
 * ------------------------------------------------------------------------------- */

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

static ssize_t regular_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	ssize_t done = 0;

	while (iter->remaining > 0) {
		ssize_t copied = read_page(file->vnode, iter, *pos);

		if (copied <= 0) {
			if (copied < 0 && done == 0)
				return copied;
			break;
		}
		*pos += (uint64_t)copied;
		done += copied;
	}
	if (!(READ_ONCE(file->flags) & O_NOATIME))
		vnode_touch_atime(file->vnode, file->mount);
	return done;
}

/* Lock held. Bytes, or -errno if nothing was written. */
static ssize_t write_locked(struct vnode *vnode, struct iter *iter, uint64_t *pos)
{
	ssize_t done = 0;

	if (*pos > vnode->size)
		page_cache_zero_tail(vnode->pages, vnode->size);
	while (iter->remaining > 0) {
		size_t bytes = min(iter->remaining, (size_t)(PAGE_SIZE - *pos % PAGE_SIZE));
		ssize_t copied = seals_check_write(vnode, *pos, bytes);

		if (*pos >= (uint64_t)INT64_MAX - PAGE_SIZE)
			copied = -EFBIG;
		else if (copied == 0)
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

/* A write by somebody else than root takes set-user-ID and set-group-ID away. */
static void write_drops_ids(struct vnode *vnode, const struct cred *cred)
{
	if ((vnode->mode & (S_ISUID | S_ISGID)) && !cred_is_root(cred))
		WRITE_ONCE(vnode->mode, vnode->mode & ~(S_ISUID | S_ISGID));
}

static ssize_t regular_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct vnode *vnode = file->vnode;
	ssize_t done = 0;

	if (iter->remaining == 0)
		return 0;
	mutex_lock(&vnode->lock);
	if (READ_ONCE(file->flags) & O_APPEND)
		*pos = vnode->size;
	done = write_locked(vnode, iter, pos);
	if (done > 0) {
		write_drops_ids(vnode, file->cred);
		vnode_touch(vnode);
	}
	mutex_unlock(&vnode->lock);
	return done;
}

/* The whole file counts as data: SEEK_HOLE is its end. */
static int64_t regular_seek(struct file *file, int64_t offset, int whence)
{
	int64_t size = (int64_t)READ_ONCE(file->vnode->size);
	int64_t base = 0;

	if (whence == SEEK_CUR)
		base = (int64_t)file->pos;
	else if (whence == SEEK_END)
		base = size;
	else if (whence == SEEK_DATA || whence == SEEK_HOLE) {
		if (offset < 0 || offset >= size)
			return -ENXIO;
		if (whence == SEEK_HOLE)
			offset = size;
	} else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset > 0 && base > INT64_MAX - offset)
		return -EINVAL;
	if (base + offset < 0)
		return -EINVAL;
	file->pos = (uint64_t)(base + offset);
	return base + offset;
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

/* Nothing is stored anywhere but in memory, unless the file system says otherwise. */
static int regular_sync(struct file *file, bool data_only)
{
	struct superblock *sb = file->vnode->sb;

	return sb->ops->sync ? sb->ops->sync(sb) : 0;
}

/* Plain fallocate(2): the pages are there afterwards, so that writes into them find room. */
static int allocate_locked(struct vnode *vnode, uint64_t offset, uint64_t bytes)
{
	for (uint64_t index = offset / PAGE_SIZE; index <= (offset + bytes - 1) / PAGE_SIZE;
		index++) {
		struct frame *frame;
		int err = page_cache_get(vnode->pages, index, PAGE_TO_WRITE, &frame);

		if (err)
			return err;
		frame_put(frame);
	}
	return 0;
}

static int regular_allocate(struct file *file, int mode, uint64_t offset, uint64_t bytes)
{
	struct vnode *vnode = file->vnode;
	uint64_t end = offset + bytes;
	int err;

	if (mode & ~FALLOC_FL_KEEP_SIZE)
		return -EOPNOTSUPP;
	if (end > (uint64_t)INT64_MAX - PAGE_SIZE)
		return -EFBIG;
	mutex_lock(&vnode->lock);
	err = end > vnode->size ? seals_check_size(vnode, end) : 0;
	if (!err)
		err = allocate_locked(vnode, offset, bytes);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > vnode->size) {
		page_cache_zero_tail(vnode->pages, vnode->size);
		WRITE_ONCE(vnode->size, end);
	}
	if (!err)
		vnode_touch(vnode);
	mutex_unlock(&vnode->lock);
	return err;
}

static const struct file_ops regular_file_ops = {
	.read = regular_read,
	.write = regular_write,
	.seek = regular_seek,
	.pager = regular_pager,
	.stat = vnode_file_stat,
	.truncate = regular_truncate,
	.sync = regular_sync,
	.allocate = regular_allocate,
	.release = vnode_file_release,
};

/* ---- directories
 * --------------------------------------------------------------------------------- */

static ssize_t directory_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	return -EISDIR;
}

/* "." and ".." are positions 0 and 1; the file system's entries follow. */
static bool emit_dots(struct file *file, struct dir_sink *sink)
{
	struct dentry *parent;
	bool taken;

	if (file->pos == 0) {
		if (!sink->emit(sink, ".", 1, file->vnode->ino, DT_DIR, 1))
			return false;
		file->pos = 1;
	}
	if (file->pos == 1) {
		parent = dentry_parent(file->dentry);
		taken = sink->emit(sink, "..", 2, parent->vnode->ino, DT_DIR, 2);
		dentry_put(parent);
		if (!taken)
			return false;
		file->pos = 2;
	}
	return true;
}

static int directory_readdir(struct file *file, struct dir_sink *sink)
{
	struct vnode *dir = file->vnode;
	int err = 0;

	mutex_lock(&dir->lock);
	if (dir->dead)
		err = -ENOENT;
	else if (emit_dots(file, sink))
		err = dir->ops->readdir(dir, &file->pos, sink);
	mutex_unlock(&dir->lock);
	vnode_touch_atime(dir, file->mount);
	return err;
}

static int64_t directory_seek(struct file *file, int64_t offset, int whence)
{
	if (whence != SEEK_CUR && whence != SEEK_SET)
		return -EINVAL;
	if (whence == SEEK_CUR && __builtin_add_overflow(offset, (int64_t)file->pos, &offset))
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->pos = (uint64_t)offset;
	return offset;
}

static int directory_sync(struct file *file, bool data_only)
{
	return regular_sync(file, data_only);
}

static const struct file_ops directory_file_ops = {
	.read = directory_read,
	.seek = directory_seek,
	.readdir = directory_readdir,
	.stat = vnode_file_stat,
	.sync = directory_sync,
	.release = vnode_file_release,
};

/* ---- all
 * -------------------------------------------------------------------------------------------- */

/* O_PATH: a place, not a file. */
static const struct file_ops path_file_ops = {
	.stat = vnode_file_stat,
	.release = vnode_file_release,
};

/* The operations of an opened vnode. A socket is connected to, not opened. */
static int ops_for(struct vnode *vnode, uint32_t flags, const struct file_ops **ops)
{
	if (flags & O_PATH)
		*ops = &path_file_ops;
	else if (S_ISREG(vnode->mode))
		*ops = &regular_file_ops;
	else if (S_ISDIR(vnode->mode))
		*ops = &directory_file_ops;
	else if (S_ISCHR(vnode->mode))
		return device_file_ops(vnode->rdev, ops);
	else if (S_ISFIFO(vnode->mode))
		*ops = &fifo_file_ops;
	else
		return -ENXIO;
	return 0;
}

/* The open file, counted as a writer of its mount. -EROFS, -ENOMEM. */
static int file_make(const struct path *path, const struct file_ops *ops, uint32_t flags,
	struct cred *cred, struct file **file)
{
	bool writer = counts_as_writer(path_vnode(path), flags);
	int err = writer ? mount_write_begin(path->mount) : 0;

	if (err)
		return err;
	err = file_create(ops, flags, cred, NULL, file);
	if (err) {
		if (writer)
			mount_write_end(path->mount);
		return err;
	}
	(*file)->vnode = path_vnode(path);
	(*file)->dentry = path->dentry;
	(*file)->mount = path->mount;
	vnode_get((*file)->vnode);
	path_get(path);
	return 0;
}

int vnode_open(const struct path *path, uint32_t flags, struct cred *cred, struct file **file)
{
	struct vnode *vnode = path_vnode(path);
	const struct file_ops *ops;
	struct file *f;
	int err = ops_for(vnode, flags, &ops);

	if (!err)
		err = file_make(path, ops, flags, cred, &f);
	if (err)
		return err;
	if (S_ISCHR(vnode->mode) && !(flags & O_PATH))
		err = device_open(f);
	else if (S_ISFIFO(vnode->mode) && !(flags & O_PATH))
		err = fifo_open(f);
	else if (vnode->ops->open && !(flags & O_PATH))
		err = vnode->ops->open(f);
	if (err) {
		f->ops = &path_file_ops; /* whose release undoes what was done here, and no more */
		file_put(f);
		return err;
	}
	f->flags &= ~O_NOCTTY;
	*file = f;
	return 0;
}
