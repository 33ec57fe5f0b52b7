/*
 * tmpfs: its nodes. A directory entry holds a reference to its node, so a node lives as long as it
 * has a name or is open.
 */
#include "fs/tmpfs/node.h"
#include "abi/errno.h"
#include "fs/cpio/archive.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/string.h"
#include "mm/slab.h"

static struct slab_cache node_cache = SLAB_CACHE("tmpfs_node", struct tmpfs_node);

/* Read a link's target from the archive, once; of two that do, the first one's stays. */
static int link_load(struct tmpfs_node *node)
{
	size_t bytes = (size_t)node->vnode.size;
	char *none = NULL, *target = kmalloc(bytes + 1);
	int err;

	if (!target)
		return -ENOMEM;
	err = archive_read(node->link.archive, node->link.archive_offset, target, bytes);
	if (!err && __atomic_compare_exchange_n(&node->link.target, &none, target, false,
			    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return 0;
	kfree(target);
	return err;
}

static ssize_t tmpfs_readlink(struct vnode *vnode, char *buf, size_t size)
{
	struct tmpfs_node *node = node_of(vnode);
	size_t bytes = min((size_t)vnode->size, size);
	int err = 0;

	if (!__atomic_load_n(&node->link.target, __ATOMIC_ACQUIRE))
		err = link_load(node);
	if (err)
		return err;
	memcpy(buf, node->link.target, bytes);
	return (ssize_t)bytes;
}

/* Links, devices, FIFOs, sockets. */
static const struct vnode_ops tmpfs_special_ops = {
	.readlink = tmpfs_readlink,
	.setattr = tmpfs_setattr,
	.destroy = tmpfs_destroy_node,
};

int tmpfs_setattr(struct vnode *vnode, const struct attributes *attributes)
{
	vnode_store_attributes(vnode, attributes);
	return 0;
}

static int link_set_target(struct tmpfs_node *node, const char *target)
{
	size_t bytes = strlen(target);

	node->link.target = kmalloc(bytes + 1);
	if (!node->link.target)
		return -ENOMEM;
	memcpy(node->link.target, target, bytes);
	node->vnode.size = bytes;
	return 0;
}

void tmpfs_set_contents(
	struct vnode *vnode, struct archive *archive, uint64_t offset, uint64_t bytes)
{
	struct tmpfs_node *node = node_of(vnode);

	if (S_ISLNK(vnode->mode)) {
		node->link.archive = archive;
		node->link.archive_offset = offset;
	} else {
		node->file.archive = archive;
		node->file.archive_offset = offset;
		node->file.archive_bytes = bytes;
	}
	vnode->size = bytes;
}

static const struct vnode_ops *node_ops(uint32_t mode)
{
	if (S_ISREG(mode))
		return &tmpfs_file_ops;
	return S_ISDIR(mode) ? &tmpfs_directory_ops : &tmpfs_special_ops;
}

int tmpfs_count(uint64_t *count, const uint64_t *limit)
{
	uint64_t most = READ_ONCE(*limit);

	if (__atomic_add_fetch(count, 1, __ATOMIC_RELAXED) <= most || most == 0)
		return 0;
	__atomic_sub_fetch(count, 1, __ATOMIC_RELAXED);
	return -ENOSPC;
}

int tmpfs_count_node(struct tmpfs *fs)
{
	return tmpfs_count(&fs->nodes, &fs->nodes_max);
}

void tmpfs_uncount_node(struct tmpfs *fs)
{
	__atomic_sub_fetch(&fs->nodes, 1, __ATOMIC_RELAXED);
}

int tmpfs_node_create(struct superblock *sb, const struct node_spec *spec, struct vnode **vnode)
{
	struct tmpfs *fs = container_of(sb, struct tmpfs, sb);
	struct tmpfs_node *node;
	int err = tmpfs_count_node(fs);

	if (err)
		return err;
	err = -ENOMEM;
	node = slab_zalloc(&node_cache);
	if (!node)
		goto uncount;
	if (S_ISLNK(spec->mode) && spec->target) {
		err = link_set_target(node, spec->target);
		if (err)
			goto free_node;
	}
	vnode_init(&node->vnode, node_ops(spec->mode), sb, spec,
		__atomic_add_fetch(&fs->last_ino, 1, __ATOMIC_RELAXED));
	node->vnode.btime_ns = node->vnode.ctime_ns;
	if (S_ISDIR(spec->mode))
		tmpfs_directory_init(node);
	else if (S_ISREG(spec->mode))
		tmpfs_file_init(node);
	*vnode = &node->vnode;
	return 0;

free_node:
	slab_free(&node_cache, node);
uncount:
	tmpfs_uncount_node(fs);
	return err;
}

void tmpfs_destroy_node(struct vnode *vnode)
{
	struct tmpfs_node *node = node_of(vnode);

	tmpfs_uncount_node(tmpfs_of(vnode));
	if (S_ISLNK(vnode->mode))
		kfree(node->link.target);
	slab_free(&node_cache, node);
}
