/*
 * The device file systems: devtmpfs, a tmpfs whose root directory also has a node for each
 * character device, and devpts upon its directory pts, a tmpfs with the terminals that there are.
 * There is one of each, however often it is mounted.
 *
 * Devices appear when their drivers find them, so devtmpfs looks at the registry when it is asked
 * for a name it does not have, and before it is listed.
 */
#include "abi/errno.h"
#include "abi/statfs.h"
#include "dev/chr.h"
#include "fs/dentry.h"
#include "fs/dev/block.h"
#include "fs/dev/device.h"
#include "fs/dev/memory.h"
#include "fs/root.h"
#include "fs/superblock.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/parse.h"
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

static int blocks_add(struct vnode *dir)
{
	struct block *block;
	int err = 0;

	for (unsigned i = 0; !err && (block = block_at(i)) != NULL; i++) {
		const struct node_spec spec = { .mode = S_IFBLK | 0600, .rdev = block->rdev };

		err = node_add(dir, block->name, &spec);
		vnode_put(&block->vnode);
	}
	return err;
}

/* Nodes for the character devices that have come since. */
static int chrs_add(struct vnode *dir)
{
	struct chr_device *chr;
	int err = 0;

	for (unsigned i = 0; !err && (chr = chr_at(i)) != NULL; i++) {
		const struct node_spec spec = { .mode = S_IFCHR | 0600, .rdev = chr->rdev };

		err = node_add(dir, chr->name, &spec);
	}
	return err;
}

/* A disk is looked for partitions when somebody asks for a name that nothing else has. */
static int devfs_lookup(struct vnode *dir, const struct name *name, struct vnode **vnode)
{
	int err = tmpfs_directory_ops.lookup(dir, name, vnode);

	if (err == -ENOENT && !(err = chrs_add(dir)))
		err = tmpfs_directory_ops.lookup(dir, name, vnode);
	if (err == -ENOENT && !(err = blocks_add(dir)))
		err = tmpfs_directory_ops.lookup(dir, name, vnode);
	return err;
}

static int devfs_readdir(struct vnode *dir, uint64_t *pos, struct dir_sink *sink)
{
	int err = chrs_add(dir);

	if (!err)
		err = blocks_add(dir);
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

/* ---- nodes of other rooms -------------------------------------------------------------------- */

/* [I] each with a use of ours: they never end */
static struct superblock *devfs, *devpts;

/* NULL: there is no such tree. */
static struct superblock *tree_of(const char *dir)
{
	if (!dir)
		return devfs;
	return strcmp(dir, "pts") == 0 ? devpts : NULL;
}

int devfs_add(const char *dir, const char *name, const struct node_spec *spec)
{
	struct superblock *sb = tree_of(dir);
	int err;

	if (!sb)
		return -ENOENT;
	mutex_lock(&sb->root->lock);
	err = node_add(sb->root, name, spec);
	mutex_unlock(&sb->root->lock);
	return err;
}

void devfs_remove(const char *dir, const char *text)
{
	const struct name name = { .text = text, .bytes = strlen(text) };
	struct superblock *sb = tree_of(dir);
	struct dentry *dentry;

	mutex_lock(&sb->root->lock);
	if (tmpfs_name_find(sb->root, &name))
		tmpfs_name_remove(sb->root, &name);
	dentry = dentry_find(sb->root_dentry, &name);
	if (dentry)
		dentry_unhash(dentry);
	mutex_unlock(&sb->root->lock);
	if (dentry)
		dentry_put(dentry);
}

/* ---- the file systems ------------------------------------------------------------------------ */

/* As on Linux, mounting it again is a remount of the one there is. */
static int devfs_instance(uint32_t flags, char *options, struct superblock **sb)
{
	int err = devfs->ops->remount(devfs, options);

	if (err)
		return err;
	superblock_use(devfs);
	*sb = devfs;
	return 0;
}

/* What it has, and no other. */
static bool devpts_has(const char *name, const char *value)
{
	static const struct {
		const char *name, *value;
	} has[] = {
		{ "gid", "5" },
		{ "mode", "620" },
		{ "mode", "0620" },
		{ "ptmxmode", "666" },
		{ "ptmxmode", "0666" },
	};

	if (!value)
		return strcmp(name, "newinstance") ==
		       0; /* there is no other kind on Linux either */
	for (unsigned i = 0; i < ARRAY_SIZE(has); i++)
		if (strcmp(name, has[i].name) == 0 && strcmp(value, has[i].value) == 0)
			return true;
	return false;
}

static int devpts_instance(uint32_t flags, char *options, struct superblock **sb)
{
	char *name, *value;

	while (parse_next_option(&options, &name, &value))
		if (!devpts_has(name, value))
			return -EINVAL;
	superblock_use(devpts);
	*sb = devpts;
	return 0;
}

static void devpts_show_options(struct superblock *sb, char *buf, size_t size)
{
	strlcpy(buf, ",gid=5,mode=620,ptmxmode=666", size);
}

static struct fs_type types[] = {
	{ .name = "devtmpfs", .instance = devfs_instance },
	{ .name = "devpts", .instance = devpts_instance },
};

/* /dev/shm, where libraries keep POSIX shared memory and semaphores. */
static int shm_mount(void)
{
	struct tmpfs_options options = tmpfs_options_default();
	struct superblock *shm;
	int err = tmpfs_create("tmpfs", TMPFS_MAGIC, &options, &shm);

	return err ? err : root_mount_upon("dev/shm", shm, "tmpfs");
}

static int trees_create(void)
{
	struct tmpfs_options options = tmpfs_options_default();
	int err;

	options.mode = 0755;
	err = tmpfs_create("devtmpfs", TMPFS_MAGIC, &options, &devfs);
	options.pages_max = options.nodes_max = 0;
	return err ? err : tmpfs_create("devpts", DEVPTS_MAGIC, &options, &devpts);
}

int devfs_mount(void)
{
	static struct superblock_ops devpts_ops;
	int err = trees_create();

	if (err)
		return err;
	devfs_root_ops = tmpfs_directory_ops;
	devfs_root_ops.lookup = devfs_lookup;
	devfs_root_ops.readdir = devfs_readdir;
	devfs->root->ops = &devfs_root_ops;
	devfs->volatile_names = devpts->volatile_names = true;
	devpts_ops = tmpfs_superblock_ops;
	devpts_ops.show_options = devpts_show_options;
	devpts_ops.remount = NULL;
	devpts->ops = &devpts_ops;
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++)
		fs_type_add(&types[i]);
	err = memory_devices_add(devfs->root);
	if (!err)
		err = links_add(devfs->root);
	if (!err)
		err = chrs_add(devfs->root);
	superblock_use(devfs);
	superblock_use(devpts);
	if (!err)
		err = root_mount_upon("dev", devfs, "devtmpfs");
	if (!err)
		err = root_mount_upon("dev/pts", devpts, "devpts");
	return err ? err : shm_mount();
}
