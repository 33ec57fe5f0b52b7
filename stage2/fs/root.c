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
#include "lib/string.h"

/* The archive stays: files read their pages from it. */
static struct archive root_archive;

/* The dentry of a directory in the root, made if it is missing. */
static int root_directory(const struct path *root, const char *text, struct dentry **dentry)
{
	const struct node_spec spec = { .mode = S_IFDIR | 0755 };
	const struct name name = { .text = text, .bytes = strlen(text) };
	struct vnode *dir = path_vnode(root), *vnode;
	int err;

	mutex_lock(&dir->lock);
	err = dentry_lookup(root->dentry, &name, dentry);
	if (!err && !(*dentry)->vnode) {
		err = dir->ops->create(dir, &name, &spec, &vnode);
		if (err)
			dentry_put(*dentry);
		else
			dentry_instantiate(*dentry, vnode);
	}
	mutex_unlock(&dir->lock);
	return err;
}

int root_mount_upon(const char *name, struct superblock *sb, const char *source)
{
	struct path root, at;
	int err = mount_root_get(&root);

	if (err)
		return err;
	at.mount = root.mount;
	err = root_directory(&root, name, &at.dentry);
	if (!err) {
		err = mount_add(sb, source, &at, NULL);
		dentry_put(at.dentry);
	}
	path_put(&root);
	return err;
}

static int mount_devices(void)
{
	struct superblock *sb;
	int err = devfs_create(&sb);

	return err ? err : root_mount_upon("dev", sb, "devtmpfs");
}

/* Everything that can fail comes first; then it is mounted. */
static int root_mount(struct archive *archive)
{
	struct superblock *sb;
	int err = tmpfs_create(&sb);

	if (err)
		return err;
	if (archive)
		err = archive_populate(archive, sb);
	if (!err)
		err = mount_add(sb, "rootfs", NULL, NULL);
	if (err)
		return err; /* the file system stays as it is: the machine has no root and will stop
		             */
	return mount_devices();
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
