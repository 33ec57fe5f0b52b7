#ifndef FS_MOUNTING_H
#define FS_MOUNTING_H
/*
 * What mount(2), umount2(2) and pivot_root(2) share: for fs alone.
 */
#include "fs/fs.h"
#include "fs/mount.h"
#include "lib/compiler.h"

static inline bool may_mount(const struct fs_call *call)
{
	return cred_may(call->cred, CAP_SYS_ADMIN);
}

static inline bool is_mount_root(const struct path *path)
{
	return path->dentry == path->mount->root;
}

/* Lock a place (its vnode) and the table; *at becomes the topmost there (references move along).
 * -ENOENT: the name was removed. */
__must_check int mount_place_lock(struct path *at);
void mount_place_unlock(const struct path *at);

/* Take apart what hangs below `top`, and itself. What is left is a list of mounts (by link) whose
 * references are the caller's: for mounts_drop, which is called without locks. */
void mount_tree_collect_locked(struct mount *top, struct list_head *dead);
void mounts_drop(struct list_head *dead);

#endif
