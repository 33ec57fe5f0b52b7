/*
 * What files are like, by name: stat, access, readlink, chmod, chown, utimens, truncate, statfs.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/statfs.h"
#include "core/clock.h"
#include "fs/fs.h"
#include "fs/notify.h"
#include "fs/superblock.h"
#include "fs/vnode_file.h"
#include "fs/walk.h"
#include "io/kept.h"
#include "lib/string.h"

/* What a path leads to that stands for an open file: stat(2) of /dev/stdin, where that is a pipe.
 */
static int stat_nameless(struct file *file, struct stat *stat)
{
	int err = file_stat(file, stat);

	file_put(file);
	return err;
}

int fs_stat(const struct fs_call *call, const char *path, unsigned at_flags, struct stat *stat)
{
	struct file *nameless;
	struct path found;
	int err;

	if (at_flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (path[0] == '\0' && (at_flags & AT_EMPTY_PATH) && call->base)
		return file_stat(call->base, stat);
	err = path_resolve_file(call, path, walk_flags(at_flags), &found, &nameless);
	if (err)
		return err;
	if (nameless)
		return stat_nameless(nameless, stat);
	vnode_stat(path_vnode(&found), stat);
	path_put(&found);
	return 0;
}

static struct statx_timestamp statx_time(int64_t sec, uint64_t nsec)
{
	return (struct statx_timestamp){ .tv_sec = sec, .tv_nsec = (uint32_t)nsec };
}

static struct statx statx_from(const struct stat *stat)
{
	return (struct statx){
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = (uint32_t)stat->st_blksize,
		.stx_nlink = (uint32_t)stat->st_nlink,
		.stx_uid = stat->st_uid,
		.stx_gid = stat->st_gid,
		.stx_mode = (uint16_t)stat->st_mode,
		.stx_ino = stat->st_ino,
		.stx_size = (uint64_t)stat->st_size,
		.stx_blocks = (uint64_t)stat->st_blocks,
		.stx_atime = statx_time(stat->st_atime, stat->st_atime_nsec),
		.stx_mtime = statx_time(stat->st_mtime, stat->st_mtime_nsec),
		.stx_ctime = statx_time(stat->st_ctime, stat->st_ctime_nsec),
		.stx_rdev_major = rdev_major(stat->st_rdev),
		.stx_rdev_minor = rdev_minor(stat->st_rdev),
		.stx_dev_major = rdev_major(stat->st_dev),
		.stx_dev_minor = rdev_minor(stat->st_dev),
	};
}

/* What stat(2) does not tell. */
static void statx_place(const struct path *path, uint32_t mask, struct statx *statx)
{
	struct vnode *vnode = path_vnode(path);

	statx->stx_mask |= STATX_MNT_ID;
	statx->stx_mnt_id = path->mount->id;
	statx->stx_attributes_mask = STATX_ATTR_MOUNT_ROOT;
	if (path->dentry == path->mount->root)
		statx->stx_attributes = STATX_ATTR_MOUNT_ROOT;
	if ((mask & STATX_BTIME) && vnode->btime_ns) {
		statx->stx_mask |= STATX_BTIME;
		statx->stx_btime = statx_time(vnode->btime_ns / (int64_t)NS_PER_SEC,
			(uint64_t)vnode->btime_ns % NS_PER_SEC);
	}
}

int fs_statx(const struct fs_call *call, const char *path, unsigned at_flags, uint32_t mask,
	struct statx *statx)
{
	bool base = path[0] == '\0' && (at_flags & AT_EMPTY_PATH) && call->base;
	struct path found = { 0 };
	struct file *nameless;
	struct stat stat;
	int err = 0;

	if (!base) {
		err = path_resolve_file(call, path, walk_flags(at_flags), &found, &nameless);
		if (!err && nameless)
			err = stat_nameless(nameless, &stat);
		else if (!err)
			vnode_stat(path_vnode(&found), &stat);
	} else {
		err = file_stat(call->base, &stat);
		if (!err && call->base->dentry) {
			found = (struct path){ call->base->mount, call->base->dentry };
			path_get(&found);
		}
	}
	if (err)
		return err;
	*statx = statx_from(&stat);
	if (found.dentry) {
		statx_place(&found, mask, statx);
		path_put(&found);
	}
	return 0;
}

/* access(2) asks for the real ids: a copy of the credentials that acts as them. */
static int access_as_real(
	const struct fs_call *call, const char *path, int access, unsigned at_flags)
{
	struct fs_call real = *call;
	int err = cred_copy(call->cred, &real.cred);

	if (err)
		return err;
	cred_act_real(real.cred);
	err = fs_access(&real, path, access, at_flags | AT_EACCESS);
	cred_put(real.cred);
	return err;
}

static int access_nameless(struct file *file, const struct cred *cred, unsigned access)
{
	struct stat stat;
	int err = stat_nameless(file, &stat);

	return err ? err : mode_permission(stat.st_mode, stat.st_uid, stat.st_gid, cred, access);
}

int fs_access(const struct fs_call *call, const char *path, int access, unsigned at_flags)
{
	const struct cred *cred = call->cred;
	struct file *nameless;
	struct path found;
	struct vnode *vnode;
	int err;

	if (access & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	if (at_flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!(at_flags & AT_EACCESS) && !cred_acts_real(cred))
		return access_as_real(call, path, access, at_flags);
	err = path_resolve_file(call, path, walk_flags(at_flags), &found, &nameless);
	if (err)
		return err;
	if (nameless)
		return access_nameless(nameless, cred, (unsigned)access);
	vnode = path_vnode(&found);
	if ((access & X_OK) && S_ISREG(vnode->mode) && (READ_ONCE(found.mount->flags) & ST_NOEXEC))
		err = -EACCES;
	else
		err = vnode_permission(vnode, cred, (unsigned)access);
	if (!err && (access & W_OK) && vnode_is_stored(vnode) && mount_read_only(found.mount))
		err = -EROFS;
	path_put(&found);
	return err;
}

ssize_t fs_readlink(const struct fs_call *call, const char *path, char *buf, size_t size)
{
	struct path found;
	struct vnode *vnode;
	ssize_t bytes = path_resolve(call, path, WALK_EMPTY, &found);

	if (bytes)
		return bytes;
	vnode = path_vnode(&found);
	if (!S_ISLNK(vnode->mode) || !vnode->ops->readlink)
		bytes = path[0] == '\0' ? -ENOENT : -EINVAL;
	else
		bytes = vnode->ops->readlink(vnode, buf, size);
	if (bytes >= 0)
		vnode_touch_atime(vnode, found.mount);
	path_put(&found);
	return bytes;
}

/* ---- changing them ----------------------------------------------------------------------- */

/* What is to be changed: a file of a file system, whose mount is not read-only until target_change,
 * or what is kept of one that has no place. */
struct target {
	struct path path;
	struct file *nameless; /* NULL: it has a place */
	struct vnode *vnode;   /* whose rights count */
	struct vnode like;     /* as that of one without a place */
};

/* Takes over the reference. */
static int target_nameless(struct target *target, struct file *file)
{
	const struct kept_attributes *kept;

	if (!file->ops->kept) {
		file_put(file);
		return -EOPNOTSUPP;
	}
	kept = file->ops->kept(file);
	target->nameless = file;
	target->like = (struct vnode){ .mode = kept->mode, .uid = kept->uid, .gid = kept->gid };
	target->vnode = &target->like;
	return 0;
}

static int target_find(
	const struct fs_call *call, const char *path, unsigned at_flags, struct target *target)
{
	struct file *nameless;
	int err;

	target->nameless = NULL;
	if (path[0] == '\0' && (at_flags & AT_EMPTY_PATH) && call->base && !call->base->dentry) {
		file_get(call->base);
		return target_nameless(target, call->base);
	}
	err = path_resolve_file(call, path, walk_flags(at_flags), &target->path, &nameless);
	if (err)
		return err;
	if (nameless)
		return target_nameless(target, nameless);
	target->vnode = path_vnode(&target->path);
	err = mount_write_begin(target->path.mount);
	if (err)
		path_put(&target->path);
	return err;
}

/* err: it is not allowed; event: what it is for those who watch, or 0. */
static int target_change(
	struct target *target, int err, const struct attributes *attributes, uint32_t event)
{
	struct file *nameless = target->nameless;

	if (nameless) {
		if (!err)
			kept_change(nameless->ops->kept(nameless), attributes);
		file_put(nameless);
		return err;
	}
	if (!err)
		err = vnode_setattr(target->vnode, attributes);
	if (!err && event)
		notify_dentry(target->path.dentry, event);
	mount_write_end(target->path.mount);
	path_put(&target->path);
	return err;
}

static int chmod_check(const struct vnode *vnode, const struct cred *cred, uint32_t mode,
	struct attributes *change)
{
	*change = (struct attributes){ .set = ATTR_MODE, .mode = mode };
	if (S_ISLNK(vnode->mode))
		return -EOPNOTSUPP;
	if (!vnode_is_owner(vnode, cred))
		return -EPERM;
	if (!cred_may(cred, CAP_FSETID) && !cred_in_group(cred, vnode->gid))
		change->mode &= ~S_ISGID;
	return 0;
}

int fs_chmod(const struct fs_call *call, const char *path, uint32_t mode, unsigned at_flags)
{
	struct attributes change;
	struct target target;
	int err = target_find(call, path, at_flags, &target);

	if (err)
		return err;
	err = chmod_check(target.vnode, call->cred, mode, &change);
	return target_change(&target, err, &change, IN_ATTRIB);
}

/* A new owner takes set-user-ID and set-group-ID away from a program: chown(2). */
static int chown_check(const struct vnode *vnode, const struct cred *cred, uint32_t uid,
	uint32_t gid, struct attributes *change)
{
	*change = (struct attributes){ .uid = uid, .gid = gid, .mode = vnode->mode };
	if (uid != UINT32_MAX)
		change->set |= ATTR_UID;
	if (gid != UINT32_MAX)
		change->set |= ATTR_GID;
	if (!cred_may(cred, CAP_CHOWN)) {
		if ((change->set & ATTR_UID) && (uid != vnode->uid || cred->fsuid != uid))
			return -EPERM;
		if ((change->set & ATTR_GID) &&
			(cred->fsuid != vnode->uid || !cred_in_group(cred, gid)))
			return -EPERM;
	}
	if (!S_ISDIR(vnode->mode))
		change->mode = vnode_mode_without_ids(vnode, cred);
	if (change->mode != vnode->mode) {
		change->set |= ATTR_MODE;
		if (!vnode_is_owner(vnode, cred))
			return -EPERM;
	}
	return 0;
}

int fs_chown(
	const struct fs_call *call, const char *path, uint32_t uid, uint32_t gid, unsigned at_flags)
{
	struct attributes change;
	struct target target;
	int err;

	if (at_flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = target_find(call, path, at_flags, &target);
	if (err)
		return err;
	err = chown_check(target.vnode, call->cred, uid, gid, &change);
	return target_change(
		&target, err, &change, uid != UINT32_MAX || gid != UINT32_MAX ? IN_ATTRIB : 0);
}

/* Anybody who may write may set both times to now; other times are the owner's to set. */
static int utimens_check(const struct vnode *vnode, const struct cred *cred, int64_t atime_ns,
	int64_t mtime_ns, struct attributes *change)
{
	int64_t now = clock_wall_ns();
	int err;

	*change = (struct attributes){ .atime_ns = atime_ns, .mtime_ns = mtime_ns };
	if (!vnode_is_owner(vnode, cred)) {
		if (atime_ns != FS_TIME_NOW || mtime_ns != FS_TIME_NOW)
			return -EPERM;
		err = vnode_permission(vnode, cred, W_OK);
		if (err)
			return err;
	}
	if (atime_ns != FS_TIME_OMIT)
		change->set |= ATTR_ATIME;
	if (mtime_ns != FS_TIME_OMIT)
		change->set |= ATTR_MTIME;
	if (atime_ns == FS_TIME_NOW)
		change->atime_ns = now;
	if (mtime_ns == FS_TIME_NOW)
		change->mtime_ns = now;
	return 0;
}

/* A time that is set alone looks like the access that sets it otherwise. */
static uint32_t utimens_event(int64_t atime_ns, int64_t mtime_ns)
{
	if (atime_ns == FS_TIME_OMIT)
		return IN_MODIFY;
	return mtime_ns == FS_TIME_OMIT ? IN_ACCESS : IN_ATTRIB;
}

int fs_utimens(const struct fs_call *call, const char *path, int64_t atime_ns, int64_t mtime_ns,
	unsigned at_flags)
{
	struct attributes change;
	struct target target;
	int err;

	if (at_flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (atime_ns == FS_TIME_OMIT && mtime_ns == FS_TIME_OMIT)
		return 0;
	err = target_find(call, path, at_flags, &target);
	if (err)
		return err;
	err = utimens_check(target.vnode, call->cred, atime_ns, mtime_ns, &change);
	return target_change(&target, err, &change, utimens_event(atime_ns, mtime_ns));
}

static int truncate_path(const struct path *path, const struct cred *cred, uint64_t bytes)
{
	struct vnode *vnode = path_vnode(path);
	int err;

	if (S_ISDIR(vnode->mode))
		return -EISDIR;
	if (!S_ISREG(vnode->mode))
		return -EINVAL;
	err = mount_write_begin(path->mount);
	if (err)
		return err;
	err = vnode_permission(vnode, cred, W_OK);
	if (!err)
		err = path_truncate(path, bytes);
	mount_write_end(path->mount);
	return err;
}

int fs_truncate(const struct fs_call *call, const char *path, int64_t bytes)
{
	struct path found;
	int err;

	if (bytes < 0)
		return -EINVAL;
	err = path_resolve(call, path, WALK_FOLLOW, &found);
	if (err)
		return err;
	err = truncate_path(&found, call->cred, (uint64_t)bytes);
	path_put(&found);
	return err;
}

/* ---- the file system --------------------------------------------------------------------- */

static void statfs_mount(struct mount *mount, struct statfs *statfs)
{
	struct superblock *sb = mount->sb;

	memset(statfs, 0, sizeof(*statfs));
	statfs->f_bsize = statfs->f_frsize = PAGE_SIZE;
	statfs->f_namelen = NAME_MAX;
	statfs->f_fsid[0] = (int32_t)sb->dev;
	statfs->f_flags = ST_VALID | (READ_ONCE(mount->flags) & MOUNT_FLAGS);
	/* The two have the same values. */
	statfs->f_flags |= READ_ONCE(sb->flags) & (ST_RDONLY | ST_SYNCHRONOUS);
	sb->ops->statfs(sb, statfs);
}

int fs_statfs(const struct fs_call *call, const char *path, struct statfs *statfs)
{
	struct path found;
	int err = path_resolve(call, path, WALK_FOLLOW, &found);

	if (err)
		return err;
	statfs_mount(found.mount, statfs);
	path_put(&found);
	return 0;
}

/* What has no place is, on Linux, in a file system of its kind. */
static int statfs_nameless(struct file *file, struct statfs *statfs)
{
	struct stat stat;
	int err = file_stat(file, &stat);

	*statfs = (struct statfs){
		.f_type = S_ISFIFO(stat.st_mode)   ? PIPEFS_MAGIC
		          : S_ISSOCK(stat.st_mode) ? SOCKFS_MAGIC
		                                   : ANON_INODE_FS_MAGIC,
		.f_bsize = PAGE_SIZE,
		.f_frsize = PAGE_SIZE,
		.f_namelen = NAME_MAX,
		.f_flags = ST_VALID,
	};
	return err;
}

int fs_statfs_file(struct file *file, struct statfs *statfs)
{
	if (!file->mount)
		return statfs_nameless(file, statfs);
	statfs_mount(file->mount, statfs);
	return 0;
}
