/*
 * The root file system: made from the archive, mounted, with the device file system upon its /dev.
 */
#include "fs/root.h"

#include "abi/errno.h"
#include "abi/statfs.h"
#include "core/log.h"
#include "fs/cpio/archive.h"
#include "fs/cpio/populate.h"
#include "fs/dev/device.h"
#include "fs/mount.h"
#include "fs/superblock.h"
#include "fs/tmpfs/tmpfs.h"
#include "fs/walk.h"
#include "lib/string.h"

/* The archive stays: files read their pages from it. */
static struct archive root_archive;

/* The dentry of a name in a directory, which is made if it is missing. */
static int directory_get(const struct path *at, const struct name *name, struct dentry **dentry)
{
	const struct node_spec spec = { .mode = S_IFDIR | 0755 };
	struct vnode *dir = path_vnode(at), *vnode;
	int err;

	mutex_lock(&dir->lock);
	err = dentry_lookup(at->dentry, name, dentry);
	if (!err && !(*dentry)->vnode) {
		err = dir->ops->create(dir, name, &spec, &vnode);
		if (err)
			dentry_put(*dentry);
		else
			dentry_instantiate(*dentry, vnode);
	}
	mutex_unlock(&dir->lock);
	return err;
}

/* One step down from *at, whose references move along. */
static int directory_enter(struct path *at, const struct name *name)
{
	struct dentry *child;
	int err = directory_get(at, name, &child);

	if (err)
		return err;
	dentry_put(at->dentry);
	at->dentry = child;
	mount_cross_down(at);
	return S_ISDIR(path_vnode(at)->mode) ? 0 : -ENOTDIR;
}

int root_mount_upon(const char *path, struct superblock *sb, const char *source)
{
	struct path at;
	int err = mount_root_get(&at);

	if (err) {
		superblock_unuse(sb);
		return err;
	}
	while (!err && *path) {
		const char *slash = strchr(path, '/');
		struct name name = { .text = path,
			.bytes = slash ? (size_t)(slash - path) : strlen(path) };

		err = directory_enter(&at, &name);
		path += name.bytes + (slash != NULL);
	}
	if (err)
		superblock_unuse(sb);
	else
		err = mount_add(sb, source, &at);
	path_put(&at);
	return err;
}

/* Everything that can fail comes first; then it is mounted. */
static int root_mount(struct archive *archive)
{
	const struct tmpfs_options options = tmpfs_options_default();
	struct superblock *sb;
	int err = tmpfs_create("rootfs", TMPFS_MAGIC, &options, &sb);

	if (err)
		return err;
	sb->root->mode = S_IFDIR | 0755; /* unless the archive says otherwise */
	if (archive)
		err = archive_populate(archive, sb);
	if (err) {
		superblock_unuse(sb);
		return err;
	}
	err = mount_add(sb, "rootfs", NULL);
	return err ? err : devfs_mount();
}

int root_mount_archive_memory(paddr_t paddr, uint64_t bytes)
{
	root_archive = (struct archive){ .memory = paddr, .bytes = bytes };
	return root_mount(&root_archive);
}

int root_mount_archive_disk(struct blk_device *disk, uint64_t offset, uint64_t bytes)
{
	root_archive = (struct archive){ .disk = disk, .disk_offset = offset, .bytes = bytes };
	return root_mount(&root_archive);
}

int root_mount_empty(void)
{
	return root_mount(NULL);
}
