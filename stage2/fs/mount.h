#ifndef FS_MOUNT_H
#define FS_MOUNT_H
/*
 * The mount table: which part of which file system is seen upon which name. A mount lies upon a
 * dentry of its parent mount, never upon one that another lies upon already: a later one lies upon
 * that one's root.
 *
 * One mutex guards the shape of the table. Walks do not take it: they look into a hash table of
 * places, with a spinlock a bucket, where a dentry says that something is mounted upon it, and up
 * from a mount under the mount's own spinlock.
 *
 * A mount that is taken out of the table lives on for those who use it: nothing leads to it, and
 * nothing leads up from it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/statfs.h"
#include "core/spinlock.h"
#include "fs/dentry.h"
#include "fs/superblock.h"
#include "lib/compiler.h"
#include "lib/list.h"

/* Flags of a mount: those that statfs(2) shows ... */
#define MOUNT_FLAGS                                                                                \
	(ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME | ST_NODIRATIME | ST_RELATIME | \
		ST_NOSYMFOLLOW)
/* ... and one of ours: writers wait, while it is found out whether there are any. */
#define MOUNT_HOLD 0x80000000u

struct mount {
	struct superblock *sb;     /* [I] one use of it */
	struct dentry *root;       /* [I] reference held; of a bind, any name of the file system */
	char *source;              /* [I] for /proc/mounts; kmalloc'ed */
	uint32_t id;               /* [I] */
	uint32_t refs;             /* [a] the table holds one */
	uint32_t flags;            /* [a] written under the mounts' lock */
	uint32_t writers;          /* [a] */
	bool expiring;             /* [a] MNT_EXPIRE has marked it; a use takes that back */
	bool attached;             /* [mounts' lock] in the table */
	struct spinlock lock;      /* RANK_REFS; with the mounts' lock: */
	struct mount *parent;      /* [lock] reference held; NULL: the root, or in no table */
	struct dentry *mountpoint; /* [lock] reference held; NULL as parent */
	struct list_head place_link; /* [bucket] by parent and mountpoint */
	struct list_head link;       /* [mounts' lock] all in the table, oldest first */
	struct list_head children;   /* [mounts' lock] struct mount.sibling, oldest first */
	struct list_head sibling;    /* [mounts' lock] */
	struct list_head sb_link;    /* [sb->mounts_lock] */
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

/* Once at boot. */
void mount_init_all(void);

static inline void mount_get(struct mount *mount)
{
	__atomic_add_fetch(&mount->refs, 1, __ATOMIC_RELAXED);
}
/* Both may sleep. Any use takes back the mark of MNT_EXPIRE, but not that by who sets it. */
void mount_put(struct mount *mount);
void mount_put_no_expire(struct mount *mount);

/* The root mount's root, with references. -ENODEV before it is mounted. */
__must_check int mount_root_get(struct path *root);

/* While something is mounted upon *path, go to its root (references move along). */
void mount_cross_down(struct path *path);
/* From anywhere in a mount to the place it is mounted upon; false at the root mount, and of one
 * that is in no table. */
bool mount_leave(struct path *path);
/* The same from a mount's root alone. */
static inline bool mount_cross_up(struct path *path)
{
	return path->dentry == path->mount->root && mount_leave(path);
}

/* ---- writing ----------------------------------------------------------------------------- */

static inline bool mount_read_only(const struct mount *mount)
{
	return (READ_ONCE(mount->flags) & ST_RDONLY) || superblock_read_only(mount->sb);
}
/* Whoever changes something through the mount does so between these two: it does not become
 * read-only meanwhile. -EROFS. */
__must_check int mount_write_begin(struct mount *mount);
void mount_write_end(struct mount *mount);

/* Replace the flags of a mount, of a superblock (MS_*). -EBUSY: it would become read-only, and has
 * writers. The mounts' lock is held. */
__must_check int mount_set_flags(struct mount *mount, uint32_t flags);
__must_check int superblock_set_flags(struct superblock *sb, uint32_t flags);

/* ---- the table; mounts_lock is held where it is not said otherwise ----------------------- */

void mounts_lock(void); /* RANK_MOUNTS */
void mounts_unlock(void);

/* A mount in no table, refs 1. Takes over the use of sb on success. -ENOMEM. No lock. */
__must_check int mount_create(struct superblock *sb, struct dentry *root, const char *source,
	uint32_t flags, struct mount **mount);
/* The kernel's own, at boot: mount sb, whose use it takes over in any case, upon a directory (NULL:
 * as the root). -ENOMEM, -ENOTDIR, -ENOENT. No lock. */
__must_check int mount_add(struct superblock *sb, const char *source, struct path *at);
/* Put it, with what hangs below it, upon a place where nothing is mounted (upon NULL: it is the
 * root); what is not yet in the table enters it, and its references become the table's. */
void mount_attach_locked(struct mount *mount, const struct path *upon);
/* Take it off its place, for another or for good. What hangs below it stays there. */
void mount_detach_locked(struct mount *mount);
/* Out of the list of all, detached before; the table's reference is the caller's now. */
void mount_leave_locked(struct mount *mount);
/* The same as detach and leave, if nobody but the caller, with one reference, uses it. -EBUSY. */
__must_check int mount_remove_unused_locked(struct mount *mount);
/* What lies upon the path, with a reference; NULL: nothing. Any lock. */
struct mount *mount_upon(const struct path *path);
/* The next of `top` and all that hangs below it, a mount before those upon it; NULL: that was the
 * last. */
struct mount *mount_next_locked(struct mount *mount, struct mount *top);
/* Call fn for each mount, oldest first; it must not sleep for long. Takes the lock. */
void mount_for_each(void (*fn)(struct mount *mount, void *data), void *data);

#endif
