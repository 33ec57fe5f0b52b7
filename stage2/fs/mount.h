#ifndef FS_MOUNT_H
#define FS_MOUNT_H
/*
 * The mount table: which file system is seen upon which directory. A mount lies upon a dentry of
 * its parent mount; a later one upon the same place hides the earlier.
 */
#include <stdint.h>

#include "fs/dentry.h"
#include "fs/superblock.h"
#include "lib/compiler.h"
#include "lib/list.h"

struct mount {
	struct list_head link;     /* [mount table] */
	struct superblock *sb;     /* [I] reference held */
	struct dentry *root;       /* [I] reference held */
	struct mount *parent;      /* [I] reference held; NULL: the root */
	struct dentry *mountpoint; /* [I] reference held; NULL: the root */
	const char *source;        /* [I] for /proc/mounts; a literal */
	uint32_t refs;             /* [a] the table holds one */
	uint32_t id;               /* [I] */
};

/* A place in the tree of names. Where it is an object of its own, both references are held. */
struct path {
	struct mount *mount;
	struct dentry *dentry;
};

void path_get(const struct path *path);
void path_put(const struct path *path);
static inline struct vnode *path_vnode(const struct path *path)
{
	return path->dentry->vnode;
}

/* Mount a file system; takes over the reference to sb on success. at NULL: as the root. *root, if
 * not NULL, is its root with references for the caller. -ENOMEM, -ENOTDIR, -EBUSY (a second root).
 */
__must_check int mount_add(
	struct superblock *sb, const char *source, const struct path *at, struct path *root);

/* The root mount's root, with references. -ENODEV before it is mounted. */
__must_check int mount_root_get(struct path *root);

/* While something is mounted upon *path, go to its root (references move along). */
void mount_cross_down(struct path *path);
/* From a mount's root to the place it is mounted upon; false at the root mount. */
bool mount_cross_up(struct path *path);

/* The index-th mount, newest first, with a reference; NULL past the end. */
struct mount *mount_at(unsigned index);

void mount_get(struct mount *mount);
void mount_put(struct mount *mount);

#endif
