/*
 * The root file system: made from the archive, mounted, with the device file system upon its /dev.
 */
#include "fs/root.h"

#include "abi/errno.h"
#include "core/log.h"
#include "fs/cpio/archive.h"
#include "fs/cpio/populate.h"
#include "fs/dev/device.h"
#include "fs/mount.h"
#include "fs/superblock.h"
#include "fs/tmpfs/tmpfs.h"
#include "fs/walk.h"
#include "mm/slab.h"

/* The archive stays: files read their pages from it. */
static struct archive root_archive;

/* The directory /dev of a file system that nobody sees yet, made if it is missing. */
static int ensure_dev(struct superblock *sb)
{
	const struct node_spec spec = { .mode = S_IFDIR | 0755 };
	const struct name dev = { .text = "dev", .bytes = 3 };
	struct vnode *vnode = tmpfs_name_find(sb->root, &dev);
	int err;

	if (vnode)
		return S_ISDIR(vnode->mode) ? 0 : -ENOTDIR;
	err = tmpfs_node_create(sb, &spec, &vnode);
	if (err)
		return err;
	err = tmpfs_name_add(sb->root, &dev, vnode);
	vnode_put(vnode);
	return err;
}

static int mount_devices(const struct path *root)
{
	const struct name dev = { .text = "dev", .bytes = 3 };
	struct superblock *sb;
	struct path at = { .mount = root->mount };
	int err = devfs_create(&sb);

	if (err)
		return err;
	mutex_lock(&path_vnode(root)->lock);
	err = dentry_lookup(root->dentry, &dev, &at.dentry);
	mutex_unlock(&path_vnode(root)->lock);
	if (err)
		return err;
	err = mount_add(sb, "devtmpfs", &at, NULL);
	dentry_put(at.dentry);
	return err;
}

/* Everything that can fail comes first; then it is mounted. */
static int root_mount(struct archive *archive)
{
	struct superblock *sb;
	struct path root;
	int err = tmpfs_create(&sb);

	if (err)
		return err;
	if (archive)
		err = archive_populate(archive, sb);
	if (!err)
		err = ensure_dev(sb);
	if (!err)
		err = mount_add(sb, "rootfs", NULL, &root);
	if (err)
		return err; /* the file system stays as it is: the machine has no root and will stop
		             */
	err = mount_devices(&root);
	path_put(&root);
	return err;
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
