/*
 * mount(2): new mounts, copies, moves, other flags.
 *
 * Each finds its places first, without locks; then it locks the name that something is mounted upon
 * (so that nobody removes it) and the table, looks again, checks everything, and changes the table,
 * which cannot fail. References that may be the last are dropped at the end, without locks.
 *
 * There is one table for all, and every mount is private: nothing is propagated.
 */
#include "fs/mounting.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/mount.h"
#include "fs/walk.h"
#include "lib/string.h"

/* Flags of mount(2) that belong to the file system, and those that only say what to do. */
#define SB_FLAGS          (MS_RDONLY | MS_SYNCHRONOUS | MS_DIRSYNC | MS_LAZYTIME)
#define PROPAGATION_FLAGS (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)
#define ATIME_FLAGS       (MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME)

/* The flags of the mount itself; a remount that says nothing of atime keeps `old`. */
static uint32_t mount_flags_from(uint32_t flags, uint32_t old)
{
	const uint32_t atime = ST_NOATIME | ST_NODIRATIME | ST_RELATIME;
	uint32_t result = flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);

	if (flags & MS_NOSYMFOLLOW)
		result |= ST_NOSYMFOLLOW;
	if ((flags & MS_REMOUNT) && !(flags & ATIME_FLAGS))
		return result | (old & atime);
	result |= flags & MS_NOATIME ? ST_NOATIME : ST_RELATIME;
	if (flags & MS_NODIRATIME)
		result |= ST_NODIRATIME;
	if (flags & MS_STRICTATIME)
		result &= ~(ST_NOATIME | ST_RELATIME);
	return result;
}

/* ---- the place ------------------------------------------------------------------------------ */

int mount_place_lock(struct path *at)
{
	for (;;) {
		struct vnode *vnode = path_vnode(at);
		struct mount *above;

		mutex_lock(&vnode->lock);
		if (vnode->dead || dentry_removed(at->dentry)) {
			mutex_unlock(&vnode->lock);
			return -ENOENT;
		}
		mounts_lock();
		above = mount_upon(at);
		if (!above)
			return 0;
		mounts_unlock();
		mutex_unlock(&vnode->lock);
		mount_put(above);
		mount_cross_down(at);
	}
}

void mount_place_unlock(const struct path *at)
{
	mounts_unlock();
	mutex_unlock(&path_vnode(at)->lock);
}

/* Directories upon directories, anything else upon anything else. */
static int place_check(const struct path *at, const struct dentry *root)
{
	if (!at->mount->attached)
		return -EINVAL;
	return S_ISDIR(path_vnode(at)->mode) == S_ISDIR(root->vnode->mode) ? 0 : -ENOTDIR;
}

/* Put it there; takes over the mount, and gives it up where it fails. */
static int mount_place(struct mount *mount, struct path *at)
{
	int err = mount_place_lock(at);

	if (!err) {
		err = place_check(at, mount->root);
		if (!err && mount->sb == at->mount->sb && is_mount_root(at))
			err = -EBUSY;
		if (!err)
			mount_attach_locked(mount, at);
		mount_place_unlock(at);
	}
	if (err)
		mount_put(mount);
	return err;
}

/* ---- a new file system ---------------------------------------------------------------------- */

/* Mount all of sb, whose use it takes over, upon *at, or as the root. */
static int mount_whole(struct superblock *sb, const char *source, uint32_t flags, struct path *at)
{
	struct mount *mount;
	int err = mount_create(sb, sb->root_dentry, source, flags, &mount);

	if (err) {
		superblock_unuse(sb);
		return err;
	}
	if (at)
		return mount_place(mount, at);
	mounts_lock();
	mount_attach_locked(mount, NULL);
	mounts_unlock();
	return 0;
}

static int mount_new(struct path *at, const struct mount_request *request)
{
	const struct fs_type *type = request->type ? fs_type_find(request->type) : NULL;
	struct superblock *sb;
	int err;

	if (!type)
		return request->type ? -ENODEV : -EINVAL;
	err = type->instance(request->flags & SB_FLAGS, request->options, &sb);
	if (err)
		return err;
	return mount_whole(sb, request->source ? request->source : "none",
		mount_flags_from(request->flags, 0), at);
}

int mount_add(struct superblock *sb, const char *source, struct path *at)
{
	return mount_whole(sb, source, at ? ST_RELATIME : 0, at);
}

/* ---- MS_BIND -------------------------------------------------------------------------------- */

static int mount_clone(const struct mount *mount, struct dentry *root, struct mount **clone)
{
	int err;

	superblock_use(mount->sb);
	err = mount_create(mount->sb, root, mount->source, mount->flags, clone);
	if (err)
		superblock_unuse(mount->sb); /* not the last: the mount has one */
	return err;
}

/* A copy of `branch` with all that hangs below it, upon `parent`, the copy of what it hangs upon.
 */
static int branch_copy_locked(struct mount *branch, struct mount *parent)
{
	struct mount *at = branch->parent, *copy;

	for (struct mount *m = branch; m; m = mount_next_locked(m, branch)) {
		struct path upon = { .dentry = m->mountpoint };
		int err;

		for (; at != m->parent; at = at->parent)
			parent = parent->parent;
		err = mount_clone(m, m->root, &copy);
		if (err)
			return err;
		upon.mount = parent;
		mount_attach_locked(copy, &upon);
		at = m;
		parent = copy;
	}
	return 0;
}

/* Copies of what hangs below `from`, where it is seen from `root`, upon its copy `top`. */
static int tree_copy_locked(struct mount *from, struct dentry *root, struct mount *top)
{
	struct mount *child;
	int err = 0;

	list_for_each(child, &from->children, sibling) {
		if (!err && dentry_is_below(child->mountpoint, root))
			err = branch_copy_locked(child, top);
	}
	return err;
}

static int bind_locked(
	const struct path *from, const struct path *at, bool tree, struct list_head *dead)
{
	struct mount *top;
	int err = place_check(at, from->dentry);

	if (!from->mount->attached)
		err = -EINVAL;
	if (!err && dentry_removed(from->dentry))
		err = -ENOENT;
	if (!err)
		err = mount_clone(from->mount, from->dentry, &top);
	if (err)
		return err;
	if (tree)
		err = tree_copy_locked(from->mount, from->dentry, top);
	if (err)
		mount_tree_collect_locked(top, dead);
	else
		mount_attach_locked(top, at);
	return err;
}

static int mount_bind(const struct fs_call *call, const char *source, struct path *at, bool tree)
{
	struct list_head dead = LIST_INIT(dead);
	struct path from;
	int err;

	if (!source || !source[0])
		return -EINVAL;
	err = path_resolve(call, source, WALK_FOLLOW, &from);
	if (err)
		return err;
	err = mount_place_lock(at);
	if (!err) {
		err = bind_locked(&from, at, tree, &dead);
		mount_place_unlock(at);
		mounts_drop(&dead);
	}
	path_put(&from);
	return err;
}

/* ---- MS_MOVE -------------------------------------------------------------------------------- */

static bool is_above(const struct mount *above, const struct mount *mount)
{
	while (mount && mount != above)
		mount = mount->parent;
	return mount == above;
}

static int move_locked(const struct path *from, const struct path *at)
{
	struct mount *mount = from->mount;

	if (!at->mount->attached || !mount->attached || !is_mount_root(from) || !mount->parent)
		return -EINVAL;
	if (S_ISDIR(path_vnode(at)->mode) != S_ISDIR(path_vnode(from)->mode))
		return -EINVAL;
	if (is_above(mount, at->mount))
		return -ELOOP;
	mount_detach_locked(mount);
	mount_attach_locked(mount, at);
	return 0;
}

static int mount_move(const struct fs_call *call, const char *source, struct path *at)
{
	struct path from;
	int err;

	if (!source || !source[0])
		return -EINVAL;
	err = path_resolve(call, source, WALK_FOLLOW, &from);
	if (err)
		return err;
	err = mount_place_lock(at);
	if (!err) {
		err = move_locked(&from, at);
		mount_place_unlock(at);
	}
	path_put(&from);
	return err;
}

/* ---- MS_REMOUNT and the rest ---------------------------------------------------------------- */

static int remount_locked(const struct path *at, const struct mount_request *request)
{
	uint32_t flags = mount_flags_from(request->flags, at->mount->flags);
	struct superblock *sb = at->mount->sb;
	uint32_t sb_flags = request->flags & SB_FLAGS, old = sb->flags;
	int err;

	if (!at->mount->attached || !is_mount_root(at))
		return -EINVAL;
	if (request->flags & MS_BIND)
		return mount_set_flags(at->mount, flags);
	err = superblock_set_flags(sb, sb_flags);
	if (!err && sb->ops->remount)
		err = sb->ops->remount(sb, request->options);
	else if (!err && request->options[0])
		err = -EINVAL;
	if (err)
		return superblock_set_flags(sb, old) ? -EBUSY : err;
	return mount_set_flags(at->mount, flags);
}

static int remount(const struct path *at, const struct mount_request *request)
{
	int err;

	mounts_lock();
	err = remount_locked(at, request);
	mounts_unlock();
	return err;
}

/* Every mount is private already; what else there is would have to be built. */
static int set_propagation(const struct path *at, uint32_t flags)
{
	if (!is_mount_root(at) || (flags & ~(MS_REC | MS_SILENT)) != MS_PRIVATE)
		return -EINVAL;
	return 0;
}

static int mount_at_path(
	const struct fs_call *call, const struct mount_request *request, struct path *at)
{
	uint32_t flags = request->flags;

	if (flags & MS_NOUSER)
		return -EINVAL;
	if (!may_mount(call))
		return -EPERM;
	if (flags & MS_REMOUNT)
		return remount(at, request);
	if (flags & MS_BIND)
		return mount_bind(call, request->source, at, flags & MS_REC);
	if (flags & PROPAGATION_FLAGS)
		return set_propagation(at, flags);
	if (flags & MS_MOVE)
		return mount_move(call, request->source, at);
	return mount_new(at, request);
}

int fs_mount(const struct fs_call *call, const char *target, const struct mount_request *request)
{
	struct path at;
	int err = path_resolve(call, target, WALK_FOLLOW, &at);

	if (err)
		return err;
	err = mount_at_path(call, request, &at);
	path_put(&at);
	return err;
}
