/*
 * The device file system: a tmpfs whose root directory also has a node for each character device.
 * Devices appear when their drivers find them, so the directory looks at the registry when it is
 * asked for a name it does not have, and before it is listed.
 */
#include "abi/errno.h"
#include "dev/chr.h"
#include "fs/dev/device.h"
#include "fs/dev/memory.h"
#include "fs/mount.h"
#include "fs/superblock.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/string.h"

static int node_add(struct vnode *dir, const char *text, const struct node_spec *spec)
{
	const struct name name = { .text = text, .bytes = strlen(text) };
	struct vnode *vnode;
	int err;

	if (tmpfs_name_find(dir, &name))
		return 0;
	err = tmpfs_node_create(dir->sb, spec, &vnode);
	if (err)
		return err;
	err = tmpfs_name_add(dir, &name, vnode);
	vnode_put(vnode);
	return err;
}

/* Nodes for the devices that have come since. */
static int devices_add(struct vnode *dir)
{
	struct chr_device *chr;
	int err = 0;

	for (unsigned i = 0; !err && (chr = chr_at(i)) != NULL; i++) {
		const struct node_spec spec = { .mode = S_IFCHR | 0600, .rdev = chr->rdev };

		err = node_add(dir, chr->name, &spec);
	}
	return err;
}

static int devfs_lookup(struct vnode *dir, const struct name *name, struct vnode **vnode)
{
	int err = tmpfs_directory_ops.lookup(dir, name, vnode);

	if (err != -ENOENT)
		return err;
	err = devices_add(dir);
	return err ? err : tmpfs_directory_ops.lookup(dir, name, vnode);
}

static int devfs_readdir(struct vnode *dir, uint64_t *pos, struct dir_sink *sink)
{
	int err = devices_add(dir);

	return err ? err : tmpfs_directory_ops.readdir(dir, pos, sink);
}

static struct vnode_ops devfs_root_ops; /* tmpfs's, but for two; set at boot */

static int memory_devices_add(struct vnode *dir)
{
	const struct memory_device *device;
	int err = 0;

	for (unsigned i = 0; !err && (device = memory_device_at(i)) != NULL; i++) {
		const struct node_spec spec = {
			.mode = S_IFCHR | 0666,
			.rdev = rdev_make(MEMORY_MAJOR, device->minor),
		};

		err = node_add(dir, device->name, &spec);
	}
	return err;
}

static int links_add(struct vnode *dir)
{
	static const struct {
		const char *name, *target;
	} links[] = {
		{ "fd", "/proc/self/fd" },
		{ "stdin", "/proc/self/fd/0" },
		{ "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" },
	};
	int err = 0;

	for (unsigned i = 0; !err && i < ARRAY_SIZE(links); i++) {
		const struct node_spec spec = {
			.mode = S_IFLNK | 0777,
			.target = links[i].target,
		};

		err = node_add(dir, links[i].name, &spec);
	}
	return err;
}

static struct superblock *devfs; /* [I] the one there is */

/* The directory of that name, or the root; NULL: there is none. */
static struct vnode *directory_of(const char *text)
{
	struct name name = { .text = text, .bytes = text ? strlen(text) : 0 };
	struct vnode *vnode = NULL;

	if (!text)
		return devfs->root;
	mutex_lock(&devfs->root->lock);
	vnode = tmpfs_name_find(devfs->root, &name); /* directories stay */
	mutex_unlock(&devfs->root->lock);
	return vnode;
}

int devfs_add(const char *dir_name, const char *name, const struct node_spec *spec)
{
	struct vnode *dir = directory_of(dir_name);
	int err;

	if (!dir)
		return -ENOENT;
	mutex_lock(&dir->lock);
	err = node_add(dir, name, spec);
	mutex_unlock(&dir->lock);
	return err;
}

/* The root as programs see it, with a reference; NULL: it is not mounted. */
static struct dentry *root_dentry(void)
{
	struct mount *mount;
	struct dentry *root = NULL;

	for (unsigned i = 0; !root && (mount = mount_at(i)) != NULL; i++) {
		if (mount->sb == devfs) {
			root = mount->root;
			dentry_get(root);
		}
		mount_put(mount);
	}
	return root;
}

/* A cached name is forgotten; its directory is locked. */
static void name_forget_locked(struct dentry *dir, const struct name *name)
{
	struct dentry *dentry = dir ? dentry_find(dir, name) : NULL;

	if (dentry) {
		dentry_unhash(dentry);
		dentry_put(dentry);
	}
}

void devfs_remove(const char *dir_name, const char *text)
{
	const struct name name = { .text = text, .bytes = strlen(text) };
	struct vnode *dir = directory_of(dir_name);
	struct dentry *root = root_dentry(), *parent = root;

	if (root && dir_name) {
		const struct name below = { .text = dir_name, .bytes = strlen(dir_name) };

		parent = dentry_find(root, &below);
	}
	mutex_lock(&dir->lock);
	if (tmpfs_name_find(dir, &name))
		tmpfs_name_remove(dir, &name);
	name_forget_locked(parent, &name);
	mutex_unlock(&dir->lock);
	if (parent != root)
		dentry_put(parent);
	dentry_put(root);
}

int devfs_create(struct superblock **sb)
{
	struct vnode *root;
	int err = tmpfs_create(sb);

	if (err)
		return err;
	devfs_root_ops = tmpfs_directory_ops;
	devfs_root_ops.lookup = devfs_lookup;
	devfs_root_ops.readdir = devfs_readdir;
	devfs = *sb;
	root = (*sb)->root;
	root->ops = &devfs_root_ops;
	(*sb)->volatile_names = true;
	err = memory_devices_add(root);
	if (!err)
		err = links_add(root);
	if (!err)
		err = devices_add(root);
	return err;
}
