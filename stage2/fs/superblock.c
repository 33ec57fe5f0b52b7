/*
 * File system instances: counting and numbering them; their kinds.
 */
#include "fs/superblock.h"

#include "abi/stat.h"
#include "fs/dentry.h"
#include "fs/notify.h"
#include "lib/string.h"

/* Numbers of file systems without a device: major 0. The root is 0:1 as nobody sees 0:0. */
static uint32_t last_minor; /* [a] */

void superblock_init(struct superblock *sb, const struct superblock_ops *ops, const char *name)
{
	sb->ops = ops;
	sb->name = name;
	sb->refs = 1;
	sb->uses = 1;
	sb->dev = rdev_make(0, __atomic_add_fetch(&last_minor, 1, __ATOMIC_RELAXED));
	list_init(&sb->mounts);
	spin_init(&sb->mounts_lock, "mounts of a superblock", RANK_REFS);
	mutex_init(&sb->rename_lock, "rename", RANK_FS_RENAME);
}

int superblock_set_root(struct superblock *sb, struct vnode *root)
{
	int err = dentry_create_root(root, &sb->root_dentry);

	if (!err)
		sb->root = root;
	return err;
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

void superblock_use(struct superblock *sb)
{
	__atomic_add_fetch(&sb->uses, 1, __ATOMIC_RELAXED);
}

void superblock_unuse(struct superblock *sb)
{
	if (__atomic_sub_fetch(&sb->uses, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	notify_unmounted(sb);
	dentry_forget_all(sb);
	if (sb->ops->end)
		sb->ops->end(sb);
	dentry_put(sb->root_dentry);
	superblock_put(sb);
}

/* ---- kinds ---------------------------------------------------------------------------------- */

/* [I] once programs run */
static struct list_head types = LIST_INIT(types);

void fs_type_add(struct fs_type *type)
{
	list_add_tail(&type->link, &types);
}

const struct fs_type *fs_type_find(const char *name)
{
	const struct fs_type *type;

	list_for_each(type, &types, link) {
		if (strcmp(type->name, name) == 0)
			return type;
	}
	return NULL;
}

const struct fs_type *fs_type_at(unsigned index)
{
	const struct fs_type *type;

	list_for_each(type, &types, link) {
		if (index-- == 0)
			return type;
	}
	return NULL;
}
