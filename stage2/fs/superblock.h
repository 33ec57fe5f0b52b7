#ifndef FS_SUPERBLOCK_H
#define FS_SUPERBLOCK_H
/*
 * One file system instance: what a mount shows.
 */
#include <stdbool.h>
#include <stdint.h>

#include "fs/vnode.h"
#include "lib/compiler.h"
#include "sched/mutex.h"

struct superblock;

struct superblock_ops {
	const char *name; /* "tmpfs", for /proc/mounts */
	void (*statfs)(struct superblock *sb, struct statfs *statfs);
	/* Write everything to the device; NULL: there is none. */
	int (*sync)(struct superblock *sb);
	/* The last reference has gone: free it. */
	void (*destroy)(struct superblock *sb);
};

struct superblock {
	const struct superblock_ops *ops; /* [I] */
	uint64_t dev;                     /* [I] st_dev */
	uint32_t refs;                    /* [a] mounts and vnodes */
	bool read_only;                   /* [I] */
	bool volatile_names; /* [I] names appear by themselves: that one is absent is not cached */
	bool uncached_names; /* [I] and what one stands for changes: no name is cached */
	struct vnode *root;  /* [I] its reference is the mounts' */
	struct mutex rename_lock; /* RANK_FS_RENAME: the tree's shape, while directories move */
};

/* Fill a zeroed superblock: refs 1, a device number of its own. */
void superblock_init(struct superblock *sb, const struct superblock_ops *ops);
void superblock_get(struct superblock *sb);
void superblock_put(struct superblock *sb);

#endif
