/*
 * Open files of vnodes: directories, paths (O_PATH), and the choice among all kinds. Regular files
 * are in regular.c, devices in fs/dev.
 */
#include "fs/vnode_file.h"

#include "abi/dirent.h"
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "arch/memory_map.h"
#include "fs/dev/block.h"
#include "fs/dev/device.h"
#include "fs/fifo.h"
#include "fs/notify.h"
#include "fs/superblock.h"
#include "lib/compiler.h"

int vnode_file_stat(struct file *file, struct stat *stat)
{
	vnode_stat(file->vnode, stat);
	return 0;
}

/* Values of file->holds. */
enum { HOLDS_NOTHING, HOLDS_WRITER, HOLDS_RUN };

/* Who writes to a regular file keeps it from being run, and the mount from becoming read-only. */
static int writer_begin(const struct path *path)
{
	int err = vnode_write_begin(path_vnode(path));

	if (err)
		return err;
	err = mount_write_begin(path->mount);
	if (err)
		vnode_write_end(path_vnode(path));
	return err;
}

static void writer_end(struct vnode *vnode, struct mount *mount)
{
	mount_write_end(mount);
	vnode_write_end(vnode);
}

int path_truncate(const struct path *path, uint64_t bytes)
{
	int err = writer_begin(path);

	if (err)
		return err;
	err = vnode_truncate(path_vnode(path), bytes);
	if (!err)
		notify_dentry(path->dentry, IN_MODIFY);
	writer_end(path_vnode(path), path->mount);
	return err;
}

void vnode_file_let_go(struct file *file)
{
	if (file->holds == HOLDS_WRITER)
		writer_end(file->vnode, file->mount);
	else if (file->holds == HOLDS_RUN)
		vnode_run_end(file->vnode);
	file->holds = HOLDS_NOTHING;
}

int vnode_file_run(struct file *file)
{
	int err = vnode_run_begin(file->vnode);

	if (!err)
		file->holds = HOLDS_RUN;
	return err;
}

void vnode_file_release(struct file *file)
{
	vnode_file_let_go(file);
	vnode_put(file->vnode);
	dentry_put(file->dentry);
	mount_put(file->mount);
}

/* ---- directories ------------------------------------------------------------------------- */

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

/* Nothing is stored anywhere but in memory, unless the file system says otherwise. */
int vnode_file_sync(struct file *file, bool data_only)
{
	struct superblock *sb = file->vnode->sb;

	return sb->ops->sync ? sb->ops->sync(sb) : 0;
}

int vnode_file_start_sync(struct file *file, uint64_t first, uint64_t last, unsigned flags)
{
	return 0;
}

static const struct file_ops directory_file_ops = {
	.read = directory_read,
	.seek = directory_seek,
	.readdir = directory_readdir,
	.stat = vnode_file_stat,
	.sync = vnode_file_sync,
	.start_sync = vnode_file_start_sync,
	.release = vnode_file_release,
};

/* ---- all --------------------------------------------------------------------------------- */

/* O_PATH: a place, not a file. */
static uint32_t path_poll(struct file *file, struct poll_table *table)
{
	return POLLNVAL;
}

static const struct file_ops path_file_ops = {
	.poll = path_poll,
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
	else if (S_ISBLK(vnode->mode))
		*ops = &block_file_ops;
	else if (S_ISFIFO(vnode->mode))
		*ops = &fifo_file_ops;
	else
		return -ENXIO;
	return 0;
}

/* The open file, counted as a writer. -EROFS, -ETXTBSY, -ENOMEM. */
static int file_make(const struct path *path, const struct file_ops *ops, uint32_t flags,
	struct cred *cred, struct file **file)
{
	bool writer = S_ISREG(path_vnode(path)->mode) && !(flags & O_PATH) &&
	              (flags & O_ACCMODE) != O_RDONLY;
	int err = writer ? writer_begin(path) : 0;

	if (err)
		return err;
	err = file_create(ops, flags, cred, NULL, file);
	if (err) {
		if (writer)
			writer_end(path_vnode(path), path->mount);
		return err;
	}
	(*file)->vnode = path_vnode(path);
	(*file)->dentry = path->dentry;
	(*file)->mount = path->mount;
	(*file)->holds = writer ? HOLDS_WRITER : HOLDS_NOTHING;
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
	else if (S_ISBLK(vnode->mode) && !(flags & O_PATH))
		err = block_open(f);
	else if (S_ISFIFO(vnode->mode) && !(flags & O_PATH))
		err = fifo_open(f);
	else if (vnode->ops->open && !(flags & O_PATH))
		err = vnode->ops->open(f);
	if (err) {
		f->ops = &path_file_ops; /* whose release undoes what was done here, and no more */
		f->flags |= O_PATH;
		file_put(f);
		return err;
	}
	f->flags &= ~(O_NOCTTY | O_EXCL);
	if (!(flags & O_PATH))
		notify_dentry(path->dentry, IN_OPEN);
	*file = f;
	return 0;
}
