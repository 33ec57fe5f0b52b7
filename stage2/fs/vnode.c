/*
 * Vnodes: counting them, who may use them, what stat says of them. Types differ by their
 * operations; vnode_open chooses those of the open file.
 */
#include "fs/vnode.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "arch/memory_map.h"
#include "core/clock.h"
#include "fs/mount.h"
#include "fs/nameless.h"
#include "fs/notify.h"
#include "fs/superblock.h"
#include "fs/vnode_file.h"
#include "io/pipe.h"
#include "lib/assert.h"
#include "lib/string.h"

#define RELATIME_NS (24 * 3600 * (int64_t)NS_PER_SEC)

void vnode_init(struct vnode *vnode, const struct vnode_ops *ops, struct superblock *sb,
	const struct node_spec *spec, uint64_t ino)
{
	bool dir = S_ISDIR(spec->mode);

	vnode->ops = ops;
	vnode->sb = sb;
	superblock_get(sb);
	vnode->ino = ino;
	vnode->rdev = spec->rdev;
	vnode->refs = 1;
	vnode->mode = spec->mode;
	vnode->uid = spec->uid;
	vnode->gid = spec->gid;
	vnode->nlink = dir ? 2 : 1;
	vnode->atime_ns = vnode->mtime_ns = vnode->ctime_ns = clock_wall_ns();
	mutex_init(&vnode->lock, dir ? "directory" : "vnode", dir ? RANK_VNODE_DIR : RANK_VNODE);
}

void vnode_get(struct vnode *vnode)
{
	__atomic_add_fetch(&vnode->refs, 1, __ATOMIC_RELAXED);
}

bool vnode_try_get(struct vnode *vnode)
{
	uint32_t refs = READ_ONCE(vnode->refs);

	while (refs != 0)
		if (__atomic_compare_exchange_n(&vnode->refs, &refs, refs + 1, false,
			    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	return false;
}

void vnode_put(struct vnode *vnode)
{
	struct superblock *sb = vnode->sb;

	if (__atomic_sub_fetch(&vnode->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	if (vnode->pipe)
		pipe_put(vnode->pipe);
	if (vnode->watches)
		notify_vnode_freed(vnode);
	vnode->ops->destroy(vnode);
	superblock_put(sb);
}

static bool mode_grants(
	uint32_t mode, uint32_t uid, uint32_t gid, const struct cred *cred, unsigned access)
{
	if (cred->fsuid == uid)
		mode >>= 6;
	else if (cred_in_group(cred, gid))
		mode >>= 3;
	return !(access & ~mode & 7);
}

int mode_permission(
	uint32_t mode, uint32_t uid, uint32_t gid, const struct cred *cred, unsigned access)
{
	if (mode_grants(mode, uid, gid, cred, access))
		return 0;
	if (cred_may(cred, CAP_DAC_OVERRIDE) &&
		(!(access & X_OK) || S_ISDIR(mode) || (mode & 0111)))
		return 0;
	if (cred_may(cred, CAP_DAC_READ_SEARCH) &&
		(S_ISDIR(mode) ? !(access & W_OK) : access == R_OK))
		return 0;
	return -EACCES;
}

int vnode_permission(const struct vnode *vnode, const struct cred *cred, unsigned access)
{
	if ((access & W_OK) && vnode_is_stored(vnode) && superblock_read_only(vnode->sb))
		return -EROFS;
	if (vnode->strict && !mode_grants(vnode->mode, vnode->uid, vnode->gid, cred, access))
		return -EACCES;
	return mode_permission(
		READ_ONCE(vnode->mode), READ_ONCE(vnode->uid), READ_ONCE(vnode->gid), cred, access);
}

void vnode_stat(struct vnode *vnode, struct stat *stat)
{
	*stat = (struct stat){
		.st_dev = vnode->sb->dev,
		.st_ino = vnode->ino,
		.st_nlink = READ_ONCE(vnode->nlink),
		.st_mode = READ_ONCE(vnode->mode),
		.st_uid = READ_ONCE(vnode->uid),
		.st_gid = READ_ONCE(vnode->gid),
		.st_rdev = vnode->rdev,
		.st_size = (int64_t)READ_ONCE(vnode->size),
		.st_blksize = PAGE_SIZE,
	};
	if (vnode->ops->blocks)
		stat->st_blocks = (int64_t)vnode->ops->blocks(vnode);
	time_split(READ_ONCE(vnode->atime_ns), &stat->st_atime, &stat->st_atime_nsec);
	time_split(READ_ONCE(vnode->mtime_ns), &stat->st_mtime, &stat->st_mtime_nsec);
	time_split(READ_ONCE(vnode->ctime_ns), &stat->st_ctime, &stat->st_ctime_nsec);
}

void vnode_touch(struct vnode *vnode)
{
	int64_t now = clock_wall_ns();

	WRITE_ONCE(vnode->mtime_ns, now);
	WRITE_ONCE(vnode->ctime_ns, now);
}

void vnode_touch_atime(struct vnode *vnode, const struct mount *mount)
{
	unsigned flags = READ_ONCE(mount->flags);
	int64_t atime = READ_ONCE(vnode->atime_ns);
	int64_t now;

	if ((flags & (ST_NOATIME | ST_RDONLY)) || superblock_read_only(vnode->sb) ||
		((flags & ST_NODIRATIME) && S_ISDIR(vnode->mode)))
		return;
	now = clock_wall_ns();
	if (!(flags & ST_RELATIME) || atime <= READ_ONCE(vnode->mtime_ns) ||
		atime <= READ_ONCE(vnode->ctime_ns) || now - atime >= RELATIME_NS)
		WRITE_ONCE(vnode->atime_ns, now);
}

uint32_t vnode_mode_without_ids(const struct vnode *vnode, const struct cred *cred)
{
	uint32_t mode = vnode->mode & ~S_ISUID;

	/* Without the right to execute it stands for something else (mandatory locks, once). */
	if ((mode & S_IXGRP) || (!cred_may(cred, CAP_FSETID) && !cred_in_group(cred, vnode->gid)))
		mode &= ~S_ISGID;
	return mode;
}

void vnode_modified(struct vnode *vnode)
{
	if (unlikely(vnode->mode & (S_ISUID | S_ISGID)) && S_ISREG(vnode->mode)) {
		const struct cred *cred = on_caller_wanted(NULL);

		if (!cred_may(cred, CAP_FSETID))
			WRITE_ONCE(vnode->mode, vnode_mode_without_ids(vnode, cred));
	}
	vnode_touch(vnode);
}

/* One more of a kind, of which `step` is the sign. */
static int writers_add(struct vnode *vnode, int step)
{
	int32_t old = READ_ONCE(vnode->writers);

	do {
		if (old * step < 0)
			return -ETXTBSY;
	} while (!__atomic_compare_exchange_n(
		&vnode->writers, &old, old + step, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return 0;
}

int vnode_write_begin(struct vnode *vnode)
{
	return writers_add(vnode, 1);
}

void vnode_write_end(struct vnode *vnode)
{
	__atomic_sub_fetch(&vnode->writers, 1, __ATOMIC_RELEASE);
}

int vnode_run_begin(struct vnode *vnode)
{
	return writers_add(vnode, -1);
}

void vnode_run_end(struct vnode *vnode)
{
	__atomic_add_fetch(&vnode->writers, 1, __ATOMIC_RELEASE);
}

int vnode_may_grow(const struct vnode *vnode, uint64_t bytes)
{
	return bytes > vnode->size && bytes > on_size_limit_wanted() ? -EFBIG_SIGNAL : 0;
}

int vnode_truncate(struct vnode *vnode, uint64_t bytes)
{
	int err;

	if (S_ISDIR(vnode->mode))
		return -EISDIR;
	if (!S_ISREG(vnode->mode) || !vnode->ops->truncate)
		return -EINVAL;
	mutex_lock(&vnode->lock);
	err = vnode_may_grow(vnode, bytes);
	if (!err)
		err = seals_check_size(vnode, bytes);
	if (!err)
		err = vnode->ops->truncate(vnode, bytes);
	if (!err)
		vnode_modified(vnode);
	mutex_unlock(&vnode->lock);
	return err;
}

int vnode_setattr(struct vnode *vnode, const struct attributes *attributes)
{
	int err;

	if (!vnode->ops->setattr)
		return -EPERM;
	mutex_lock(&vnode->lock);
	err = vnode->ops->setattr(vnode, attributes);
	mutex_unlock(&vnode->lock);
	return err;
}

void vnode_store_attributes(struct vnode *vnode, const struct attributes *attributes)
{
	assert(mutex_held(&vnode->lock));
	if (attributes->set & ATTR_MODE)
		WRITE_ONCE(vnode->mode, (vnode->mode & S_IFMT) | (attributes->mode & S_IALLUGO));
	if (attributes->set & ATTR_UID)
		WRITE_ONCE(vnode->uid, attributes->uid);
	if (attributes->set & ATTR_GID)
		WRITE_ONCE(vnode->gid, attributes->gid);
	if (attributes->set & ATTR_ATIME)
		WRITE_ONCE(vnode->atime_ns, attributes->atime_ns);
	if (attributes->set & ATTR_MTIME)
		WRITE_ONCE(vnode->mtime_ns, attributes->mtime_ns);
	WRITE_ONCE(vnode->ctime_ns, clock_wall_ns());
}
