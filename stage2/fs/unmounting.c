/*
 * umount2(2), pivot_root(2): mounts leave their places.
 */
#include "fs/mounting.h"

#include "abi/errno.h"
#include "abi/mount.h"
#include "fs/walk.h"

/* ---- trees ---------------------------------------------------------------------------------- */

void mount_tree_collect_locked(struct mount *top, struct list_head *dead)
{
	struct mount *mount;

	if (top->parent)
		mount_detach_locked(top);
	mount_leave_locked(top);
	list_add_tail(&top->link, dead);
	/* The list grows while it is gone through. */
	list_for_each(mount, dead, link) {
		struct mount *child, *next;

		list_for_each_safe(child, next, &mount->children, sibling) {
			mount_detach_locked(child);
			mount_leave_locked(child);
			list_add_tail(&child->link, dead);
		}
	}
}

void mounts_drop(struct list_head *dead)
{
	struct mount *mount, *next;

	list_for_each_safe(mount, next, dead, link) {
		list_del(&mount->link);
		mount_put(mount);
	}
}

/* ---- umount --------------------------------------------------------------------------------- */

/* The process's own root is not unmounted, but made read-only. */
static int umount_own_root(struct mount *mount)
{
	struct superblock *sb = mount->sb;

	return superblock_set_flags(sb, sb->flags | MS_RDONLY);
}

static bool is_own_root(const struct fs_call *call, const struct mount *mount)
{
	struct path root;
	bool same;

	fs_context_root(call->context, &root);
	same = root.mount == mount;
	path_put(&root);
	return same;
}

/* Marked by the first call, gone with the second, if nobody has used it in between. */
static int expire_locked(struct mount *mount)
{
	if (READ_ONCE(mount->refs) != 2)
		return -EBUSY;
	return __atomic_exchange_n(&mount->expiring, true, __ATOMIC_RELAXED) ? 0 : -EAGAIN;
}

/* Whose reference to the mount is one of the caller's. */
static int umount_locked(struct mount *mount, unsigned flags, bool own_root, struct list_head *dead)
{
	int err = 0;

	if (!mount->attached)
		return -EINVAL;
	if (flags & MNT_EXPIRE)
		err = own_root || (flags & (MNT_FORCE | MNT_DETACH)) ? -EINVAL
		                                                     : expire_locked(mount);
	if (err)
		return err;
	if (own_root && !(flags & MNT_DETACH))
		return umount_own_root(mount);
	if (!mount->parent)
		return -EINVAL;
	if (flags & MNT_DETACH) {
		mount_tree_collect_locked(mount, dead);
		return 0;
	}
	err = mount_remove_unused_locked(mount);
	if (!err)
		list_add_tail(&mount->link, dead);
	return err;
}

int fs_umount(const struct fs_call *call, const char *target, unsigned flags)
{
	struct list_head dead = LIST_INIT(dead);
	struct path at;
	bool own_root;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = path_resolve(call, target, flags & UMOUNT_NOFOLLOW ? 0 : WALK_FOLLOW, &at);
	if (err)
		return err;
	mount_cross_down(&at); /* "." where something lies upon it */
	if (!may_mount(call))
		err = -EPERM;
	else if (!is_mount_root(&at))
		err = -EINVAL;
	if (!err) {
		own_root = is_own_root(call, at.mount);
		mounts_lock();
		err = umount_locked(at.mount, flags, own_root, &dead);
		mounts_unlock();
	}
	dentry_put(at.dentry);
	mount_put_no_expire(at.mount);
	mounts_drop(&dead);
	return err;
}

/* ---- pivot_root ----------------------------------------------------------------------------- */

static bool is_reachable(const struct path *path, const struct path *root)
{
	struct mount *mount = path->mount;
	struct dentry *dentry = path->dentry;

	while (mount != root->mount && mount->parent) {
		dentry = mount->mountpoint;
		mount = mount->parent;
	}
	return mount == root->mount && dentry_is_below(dentry, root->dentry);
}

static int pivot_check(const struct path *root, const struct path *new, const struct path *old)
{
	if (!root->mount->attached || !new->mount->attached)
		return -EINVAL;
	if (!new->mount->parent)
		return -EINVAL; /* the first of all mounts stays where it is */
	if (dentry_removed(new->dentry) || path_vnode(new)->dead)
		return -ENOENT;
	if (new->mount == root->mount || old->mount == root->mount)
		return -EBUSY;
	if (!is_mount_root(root) || !root->mount->parent || !is_mount_root(new))
		return -EINVAL;
	return is_reachable(old, new) && is_reachable(new, root) ? 0 : -EINVAL;
}

static void pivot_locked(const struct path *root, const struct path *new, const struct path *old)
{
	struct path upon = { .mount = root->mount->parent, .dentry = root->mount->mountpoint };

	path_get(&upon);
	mount_detach_locked(new->mount);
	mount_detach_locked(root->mount);
	mount_attach_locked(new->mount, &upon);
	mount_attach_locked(root->mount, old);
	path_put(&upon); /* not the last: the new root lies there */
}

static int pivot(const struct path *root, const struct path *new, struct path *old)
{
	int err = mount_place_lock(old);

	if (err)
		return err;
	err = pivot_check(root, new, old);
	if (!err)
		pivot_locked(root, new, old);
	mount_place_unlock(old);
	return err;
}

static int resolve_directory(const struct fs_call *call, const char *path, struct path *found)
{
	int err = path_resolve(call, path, WALK_FOLLOW, found);

	if (err || S_ISDIR(path_vnode(found)->mode))
		return err;
	path_put(found);
	return -ENOTDIR;
}

int fs_pivot_root(const struct fs_call *call, const char *new_path, const char *old_path,
	struct path *root, struct path *new)
{
	struct path old;
	int err;

	if (!may_mount(call))
		return -EPERM;
	err = resolve_directory(call, new_path, new);
	if (err)
		return err;
	err = resolve_directory(call, old_path, &old);
	if (err)
		goto put_new;
	fs_context_root(call->context, root);
	err = pivot(root, new, &old);
	path_put(&old);
	if (!err)
		return 0;
	path_put(root);
put_new:
	path_put(new);
	return err;
}
