/*
 * File system instances: counting and numbering them.
 */
#include "fs/superblock.h"

#include "abi/stat.h"

/* Numbers of file systems without a device: major 0. The root is 0:1 as nobody sees 0:0. */
static uint32_t last_minor; /* [a] */

void superblock_init(struct superblock *sb, const struct superblock_ops *ops)
{
	sb->ops = ops;
	sb->refs = 1;
	sb->dev = rdev_make(0, __atomic_add_fetch(&last_minor, 1, __ATOMIC_RELAXED));
	mutex_init(&sb->rename_lock, "rename", RANK_FS_RENAME);
}

void superblock_get(struct superblock *sb)
{
	__atomic_add_fetch(&sb->refs, 1, __ATOMIC_RELAXED);
}

void superblock_put(struct superblock *sb)
{
	if (__atomic_sub_fetch(&sb->refs, 1, __ATOMIC_ACQ_REL) == 0)
		sb->ops->destroy(sb);
}
