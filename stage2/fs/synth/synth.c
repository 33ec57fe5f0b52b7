/*
 * The tree of generated files: look-up, listing, links.
 *
 * The one idea: a node is an entry of a table and a key, put together when the name is looked up.
 * Inode numbers are made of the path, so that a name has the same one each time.
 */
#include "fs/synth/synth.h"

#include "abi/dirent.h"
#include "abi/errno.h"
#include "abi/statfs.h"
#include "arch/memory_map.h"
#include "fs/synth/node.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "mm/slab.h"

#define ROOT_INO  1
#define FIRST_POS 2 /* "." and ".." are 0 and 1 */

struct synth_super {
	struct superblock sb;
	const struct synth_fs *fs; /* [I] */
};

static struct slab_cache node_cache = SLAB_CACHE("synth_node", struct synth_node);
static const struct vnode_ops synth_ops, synth_place_ops;

static uint64_t child_ino(const struct vnode *dir, const char *name)
{
	uint64_t ino = dir->ino;

	for (; *name; name++)
		ino = hash_u64(ino ^ (unsigned char)*name);
	return (ino & UINT32_MAX) | 1ull << 31; /* as large as Linux's, and never the root's */
}

static int node_create(
	struct superblock *sb, const struct synth_child *child, uint64_t ino, struct vnode **vnode)
{
	const struct synth_fs *fs = container_of(sb, struct synth_super, sb)->fs;
	const struct synth_entry *entry = child->entry;
	const struct synth_key *key = &child->key;
	struct node_spec spec = { .mode = entry->mode };
	struct synth_node *node = slab_zalloc(&node_cache);

	if (!node)
		return -ENOMEM;
	if (child->mode)
		spec.mode = (entry->mode & S_IFMT) | child->mode;
	if (key->object && fs->owner)
		fs->owner(key, spec.mode, &spec.uid, &spec.gid);
	vnode_init(&node->vnode, entry->follow ? &synth_place_ops : &synth_ops, sb, &spec, ino);
	node->vnode.strict = entry->strict;
	node->entry = entry;
	node->key = *key;
	*vnode = &node->vnode;
	return 0;
}

static void synth_destroy_node(struct vnode *vnode)
{
	slab_free(&node_cache, synth_node_of(vnode));
}

const struct synth_key *synth_file_key(const struct file *file, const struct synth_entry *entry)
{
	const struct synth_node *node;

	if (!file->vnode ||
		(file->vnode->ops != &synth_ops && file->vnode->ops != &synth_place_ops))
		return NULL;
	node = synth_node_of(file->vnode);
	return node->entry == entry ? &node->key : NULL;
}

/* ---- directories ---------------------------------------------------------------------------- */

static const struct synth_entry *entry_find(const struct synth_entry *table, const char *name)
{
	for (; table && table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static int synth_lookup(struct vnode *dir, const struct name *name, struct vnode **vnode)
{
	const struct synth_node *node = synth_node_of(dir);
	struct synth_child child = { .key = node->key };
	char text[NAME_MAX + 1];
	int err = node->entry->permit ? node->entry->permit(&node->key) : 0;

	if (err)
		return err;
	memcpy(text, name->text, name->bytes);
	text[name->bytes] = '\0';
	child.entry = entry_find(node->entry->children, text);
	if (!child.entry)
		err = node->entry->generated
		              ? node->entry->generated->lookup(&node->key, text, &child)
		              : -ENOENT;
	return err ? err : node_create(dir->sb, &child, child_ino(dir, text), vnode);
}

static bool emit_entry(struct vnode *dir, struct dir_sink *sink, const char *name, uint32_t mode,
	uint64_t *pos, uint64_t next)
{
	if (!sink->emit(
		    sink, name, strlen(name), child_ino(dir, name), (mode & S_IFMT) >> 12, next))
		return false;
	*pos = next;
	return true;
}

/* Positions: the table's entries by their index, then the others by theirs. */
static int synth_readdir(struct vnode *dir, uint64_t *pos, struct dir_sink *sink)
{
	const struct synth_node *node = synth_node_of(dir);
	const struct synth_entry *entry = node->entry->children;
	uint64_t at = FIRST_POS;
	struct synth_child child;

	if (node->entry->permit && node->entry->permit(&node->key))
		return -ENOENT;
	for (; entry && entry->name; entry++, at++)
		if (*pos <= at && !emit_entry(dir, sink, entry->name, entry->mode, pos, at + 1))
			return 0;
	if (!node->entry->generated)
		return 0;
	while (*pos - at < INT64_MAX &&
		node->entry->generated->next(&node->key, *pos - at, &child) == 0)
		if (!emit_entry(
			    dir, sink, child.name, child.entry->mode, pos, at + child.position + 1))
			break;
	return 0;
}

/* Nothing is made here. That the name is not there is what Linux says. */
static int synth_make(struct vnode *dir, const struct name *name, const struct node_spec *spec,
	struct vnode **vnode)
{
	return -ENOENT;
}

static int synth_link(struct vnode *dir, const struct name *name, struct vnode *vnode)
{
	return -ENOENT;
}

/* ---- links ---------------------------------------------------------------------------------- */

static ssize_t synth_readlink(struct vnode *vnode, char *buf, size_t size)
{
	const struct synth_node *node = synth_node_of(vnode);
	struct synth_text text = { .bytes = 0 };
	int err = node->entry->permit ? node->entry->permit(&node->key) : 0;

	if (!err)
		err = node->entry->read(&node->key, &text);
	if (!err && text.failed)
		err = -ENOMEM;
	if (!err)
		memcpy(buf, text.buf, min(text.bytes, size));
	kfree(text.buf);
	return err ? err : (ssize_t)min(text.bytes, size);
}

static int synth_follow(struct vnode *vnode, struct path *path)
{
	const struct synth_node *node = synth_node_of(vnode);
	int err = node->entry->permit ? node->entry->permit(&node->key) : 0;

	return err ? err : node->entry->follow(&node->key, path);
}

static int synth_nameless(struct vnode *vnode, struct file **file)
{
	const struct synth_node *node = synth_node_of(vnode);

	return node->entry->nameless ? node->entry->nameless(&node->key, file) : -ENXIO;
}

/* ---- the file system ------------------------------------------------------------------------ */

/* O_TRUNC: a text that is written has no old contents. */
static int synth_truncate(struct vnode *vnode, uint64_t bytes)
{
	return 0;
}

static const struct vnode_ops synth_ops = {
	.lookup = synth_lookup,
	.create = synth_make,
	.link = synth_link,
	.readdir = synth_readdir,
	.readlink = synth_readlink,
	.truncate = synth_truncate,
	.open = synth_file_open,
	.destroy = synth_destroy_node,
};

/* A link to a place: reading it gives a text, following it does not go by that. */
static const struct vnode_ops synth_place_ops = {
	.readlink = synth_readlink,
	.follow = synth_follow,
	.nameless = synth_nameless,
	.open = synth_file_open,
	.destroy = synth_destroy_node,
};

static void synth_statfs(struct superblock *sb, struct statfs *statfs)
{
	statfs->f_type = (int64_t)container_of(sb, struct synth_super, sb)->fs->magic;
}

static void synth_destroy(struct superblock *sb)
{
	kfree(container_of(sb, struct synth_super, sb));
}

static const struct superblock_ops super_ops = { .statfs = synth_statfs, .destroy = synth_destroy };

int synth_create(const struct synth_fs *fs, struct superblock **sb)
{
	const struct synth_child root_child = { .entry = &fs->root };
	struct synth_super *super = kzalloc(sizeof(*super));
	struct vnode *root;
	int err;

	if (!super)
		return -ENOMEM;
	super->fs = fs;
	superblock_init(&super->sb, &super_ops, fs->name);
	super->sb.uncached_names = true;
	err = node_create(&super->sb, &root_child, ROOT_INO, &root);
	if (err)
		goto put;
	err = superblock_set_root(&super->sb, root);
	if (err) {
		vnode_put(root);
		goto put;
	}
	*sb = &super->sb;
	return 0;

put:
	superblock_put(&super->sb);
	return err;
}
