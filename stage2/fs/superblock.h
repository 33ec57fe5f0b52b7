#ifndef FS_SUPERBLOCK_H
#define FS_SUPERBLOCK_H
/*
 * One file system instance: what mounts show; and the kinds of file systems there are.
 *
 * Two counts. `uses` are mounts, and whoever keeps the instance to be mounted again: with the last
 * one nobody can reach a name of it any more, so the name cache forgets it and ops->end takes its
 * tree apart. `refs` are its vnodes, which may live a moment longer, and all uses together: with
 * the last one its memory goes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "fs/vnode.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "sched/mutex.h"

struct dentry;
struct superblock;

struct superblock_ops {
	void (*statfs)(struct superblock *sb, struct statfs *statfs);
	/* The options that it has, each with a comma before it, into buf: "" is in it already.
	 * Missing: none. */
	void (*show_options)(struct superblock *sb, char *buf, size_t size);
	/* mount(2) with MS_REMOUNT: new options. Missing: there are none. -EINVAL: changes nothing.
	 */
	int (*remount)(struct superblock *sb, char *options);
	/* Write everything to the device; NULL: there is none. */
	int (*sync)(struct superblock *sb);
	/* The last use has gone: let go of all vnodes but the root. May be missing. Sleeps. */
	void (*end)(struct superblock *sb);
	/* The last reference has gone: free it. */
	void (*destroy)(struct superblock *sb);
};

struct superblock {
	const struct superblock_ops *ops; /* [I] */
	const char *name;                 /* [I] its kind, for /proc/mounts */
	uint64_t dev;                     /* [I] st_dev */
	uint32_t refs;                    /* [a] */
	uint32_t uses;                    /* [a] */
	uint32_t flags;      /* [a] MS_RDONLY, MS_SYNCHRONOUS ...; written under the mounts' lock */
	bool volatile_names; /* [I] names appear by themselves: that one is absent is not cached */
	bool uncached_names; /* [I] and what one stands for changes: no name is cached */
	struct vnode *root;  /* [I] root_dentry's */
	struct dentry *root_dentry;  /* [I] reference held until the last use goes */
	uint64_t names;              /* [name list] cached ones */
	struct list_head mounts;     /* [mounts_lock] struct mount.sb_link, detached ones too */
	struct spinlock mounts_lock; /* RANK_REFS */
	struct mutex rename_lock;    /* RANK_FS_RENAME: the tree's shape, while directories move */
};

/* Fill a zeroed superblock: refs and uses 1, a device number of its own. */
void superblock_init(struct superblock *sb, const struct superblock_ops *ops, const char *name);
/* Then give it its root, whose reference it takes over on success. -ENOMEM. */
__must_check int superblock_set_root(struct superblock *sb, struct vnode *root);
void superblock_get(struct superblock *sb);
void superblock_put(struct superblock *sb);
/* One use more; one less, which may sleep and is called without locks. */
void superblock_use(struct superblock *sb);
void superblock_unuse(struct superblock *sb);

static inline bool superblock_read_only(const struct superblock *sb)
{
	return READ_ONCE(sb->flags) & 1; /* MS_RDONLY */
}

/* A kind of file system, as mount(2) names it. */
struct fs_type {
	struct list_head link;
	const char *name; /* [I] */
	bool device;      /* [I] it lies on a block device */
	/* An instance with a use for the caller: a new one with these flags (MS_RDONLY ...), or the
	 * only one that there is. options: text with commas, may be ""; it is taken apart. -EINVAL,
	 * -ENOMEM. Sleeps. */
	int (*instance)(uint32_t flags, char *options, struct superblock **sb);
};

/* Add one, which must live for ever; at boot, before programs run. */
void fs_type_add(struct fs_type *type);
/* By name; by index, in the order of adding. NULL: none. */
const struct fs_type *fs_type_find(const char *name);
const struct fs_type *fs_type_at(unsigned index);

#endif
