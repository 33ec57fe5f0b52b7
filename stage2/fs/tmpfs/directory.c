/*
 * tmpfs directories: entries in two trees, by name and by position. A position is a number that
 * grows with each entry made and is never given again, so a listing in pieces sees each entry that
 * stays exactly once, whatever comes and goes meanwhile.
 */
#include "abi/dirent.h"
#include "abi/errno.h"
#include "core/clock.h"
#include "fs/tmpfs/node.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/slab.h"

#define FIRST_POS   2  /* "." and ".." are 0 and 1 */
#define ENTRY_BYTES 20 /* what Linux's tmpfs shows for an entry; there are two in an empty one */

static struct tmpfs_entry *entry_by_name(const struct rb_node *node)
{
	return rb_entry(node, struct tmpfs_entry, by_name);
}

static struct tmpfs_entry *entry_by_pos(const struct rb_node *node)
{
	return rb_entry(node, struct tmpfs_entry, by_pos);
}

static int name_compare(const struct name *a, const struct name *b)
{
	int order = memcmp(a->text, b->text, min(a->bytes, b->bytes));

	return order ? order : (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

static bool name_less(const struct rb_node *a, const struct rb_node *b)
{
	return name_compare(&entry_by_name(a)->name, &entry_by_name(b)->name) < 0;
}

static bool name_before(const struct rb_node *node, const void *name)
{
	return name_compare(&entry_by_name(node)->name, name) < 0;
}

static bool pos_less(const struct rb_node *a, const struct rb_node *b)
{
	return entry_by_pos(a)->pos < entry_by_pos(b)->pos;
}

static bool pos_before(const struct rb_node *node, const void *pos)
{
	return entry_by_pos(node)->pos < *(const uint64_t *)pos;
}

static const struct rb_ops by_name_ops = { .less = name_less };
static const struct rb_ops by_pos_ops = { .less = pos_less };

void tmpfs_directory_init(struct tmpfs_node *node)
{
	rb_init(&node->dir.by_name, &by_name_ops);
	rb_init(&node->dir.by_pos, &by_pos_ops);
	node->dir.last_pos = FIRST_POS - 1;
	node->vnode.size = 2 * ENTRY_BYTES;
}

/* ---- entries ----------------------------------------------------------------------------- */

static struct tmpfs_entry *entry_find(struct vnode *dir, const struct name *name)
{
	struct rb_node *node = rb_lower_bound(&node_of(dir)->dir.by_name, name_before, name);

	if (!node || name_compare(&entry_by_name(node)->name, name) != 0)
		return NULL;
	return entry_by_name(node);
}

/* An entry that is in no directory yet. NULL: no memory. */
static struct tmpfs_entry *entry_alloc(const struct name *name)
{
	struct tmpfs_entry *entry = kmalloc(sizeof(*entry) + name->bytes);

	if (!entry)
		return NULL;
	memcpy(entry + 1, name->text, name->bytes);
	entry->name = (struct name){ .text = (char *)(entry + 1), .bytes = name->bytes };
	return entry;
}

/* Put it in; the entry takes over a reference to the vnode. */
static void entry_insert(struct vnode *dir, struct tmpfs_entry *entry, struct vnode *vnode)
{
	struct tmpfs_node *node = node_of(dir);

	entry->vnode = vnode;
	entry->pos = ++node->dir.last_pos;
	rb_insert(&node->dir.by_name, &entry->by_name);
	rb_insert(&node->dir.by_pos, &entry->by_pos);
	WRITE_ONCE(dir->size, dir->size + ENTRY_BYTES);
	if (S_ISDIR(vnode->mode))
		__atomic_add_fetch(&dir->nlink, 1, __ATOMIC_RELAXED);
	vnode_touch(dir);
}

/* Take it out; entry and reference are the caller's again. */
static struct vnode *entry_take(struct vnode *dir, struct tmpfs_entry *entry)
{
	struct tmpfs_node *node = node_of(dir);
	struct vnode *vnode = entry->vnode;

	rb_erase(&node->dir.by_name, &entry->by_name);
	rb_erase(&node->dir.by_pos, &entry->by_pos);
	WRITE_ONCE(dir->size, dir->size - ENTRY_BYTES);
	if (S_ISDIR(vnode->mode))
		__atomic_sub_fetch(&dir->nlink, 1, __ATOMIC_RELAXED);
	vnode_touch(dir);
	return vnode;
}

static struct vnode *entry_remove(struct vnode *dir, struct tmpfs_entry *entry)
{
	struct vnode *vnode = entry_take(dir, entry);

	kfree(entry);
	return vnode;
}

/* One name less: of a directory it was the only one, and its "." goes as well. */
static void vnode_drop_link(struct vnode *vnode)
{
	uint32_t names = S_ISDIR(vnode->mode) ? 2 : 1;

	if (__atomic_sub_fetch(&vnode->nlink, names, __ATOMIC_RELAXED) > 0)
		tmpfs_uncount_node(tmpfs_of(vnode));
	WRITE_ONCE(vnode->ctime_ns, clock_wall_ns());
	vnode_put(vnode);
}

int tmpfs_link_add(struct vnode *vnode)
{
	int err = vnode->nlink > 0 ? tmpfs_count_node(tmpfs_of(vnode)) : 0;

	if (!err)
		__atomic_add_fetch(&vnode->nlink, 1, __ATOMIC_RELAXED);
	return err;
}

static bool directory_empty(struct vnode *dir)
{
	return rb_empty(&node_of(dir)->dir.by_name);
}

/* ---- operations -------------------------------------------------------------------------- */

static int tmpfs_lookup(struct vnode *dir, const struct name *name, struct vnode **vnode)
{
	struct tmpfs_entry *entry = entry_find(dir, name);

	if (!entry)
		return -ENOENT;
	vnode_get(entry->vnode);
	*vnode = entry->vnode;
	return 0;
}

static int tmpfs_create_node(struct vnode *dir, const struct name *name,
	const struct node_spec *spec, struct vnode **vnode)
{
	struct tmpfs_entry *entry = entry_alloc(name);
	int err;

	if (!entry)
		return -ENOMEM;
	err = tmpfs_node_create(dir->sb, spec, vnode);
	if (err) {
		kfree(entry);
		return err;
	}
	vnode_get(*vnode);
	entry_insert(dir, entry, *vnode);
	return 0;
}

static int tmpfs_create_nameless(
	struct vnode *dir, const struct node_spec *spec, struct vnode **vnode)
{
	int err = tmpfs_node_create(dir->sb, spec, vnode);

	if (!err)
		(*vnode)->nlink = 0;
	return err;
}

static int tmpfs_link(struct vnode *dir, const struct name *name, struct vnode *vnode)
{
	struct tmpfs_entry *entry = entry_alloc(name);
	int err;

	if (!entry)
		return -ENOMEM;
	err = tmpfs_link_add(vnode);
	if (err) {
		kfree(entry);
		return err;
	}
	WRITE_ONCE(vnode->ctime_ns, clock_wall_ns());
	vnode_get(vnode);
	entry_insert(dir, entry, vnode);
	return 0;
}

static int tmpfs_unlink(struct vnode *dir, const struct name *name, struct vnode *vnode)
{
	struct tmpfs_entry *entry = entry_find(dir, name);

	if (!entry)
		return -ENOENT;
	if (S_ISDIR(vnode->mode) && !directory_empty(vnode))
		return -ENOTEMPTY;
	vnode_drop_link(entry_remove(dir, entry));
	return 0;
}

/* Both names stay and change what they stand for. */
static void entries_exchange(
	struct vnode *a_dir, struct tmpfs_entry *a, struct vnode *b_dir, struct tmpfs_entry *b)
{
	struct vnode *vnode = a->vnode;
	bool a_is_dir = S_ISDIR(vnode->mode), b_is_dir = S_ISDIR(b->vnode->mode);

	a->vnode = b->vnode;
	b->vnode = vnode;
	if (a_is_dir != b_is_dir) {
		struct vnode *less = a_is_dir ? a_dir : b_dir;
		struct vnode *more = a_is_dir ? b_dir : a_dir;

		__atomic_sub_fetch(&less->nlink, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&more->nlink, 1, __ATOMIC_RELAXED);
	}
	WRITE_ONCE(a->vnode->ctime_ns, clock_wall_ns());
	WRITE_ONCE(b->vnode->ctime_ns, clock_wall_ns());
	vnode_touch(a_dir);
	vnode_touch(b_dir);
}

static int tmpfs_rename(struct vnode *from_dir, const struct name *from, struct vnode *vnode,
	struct vnode *to_dir, const struct name *to, struct vnode *victim, bool exchange)
{
	struct tmpfs_entry *old = entry_find(from_dir, from);
	struct tmpfs_entry *there = entry_find(to_dir, to);
	struct tmpfs_entry *entry;

	if (!old || (victim && !there))
		return -ENOENT;
	if (exchange) {
		entries_exchange(from_dir, old, to_dir, there);
		return 0;
	}
	if (victim && S_ISDIR(victim->mode) && !directory_empty(victim))
		return -ENOTEMPTY;
	entry = entry_alloc(to);
	if (!entry)
		return -ENOMEM;
	if (there)
		vnode_drop_link(entry_remove(to_dir, there));
	entry_insert(to_dir, entry, entry_remove(from_dir, old));
	WRITE_ONCE(vnode->ctime_ns, clock_wall_ns());
	return 0;
}

static int tmpfs_readdir(struct vnode *dir, uint64_t *pos, struct dir_sink *sink)
{
	struct rb_node *node = rb_lower_bound(&node_of(dir)->dir.by_pos, pos_before, pos);

	for (; node; node = rb_next(node)) {
		struct tmpfs_entry *entry = entry_by_pos(node);

		if (!sink->emit(sink, entry->name.text, entry->name.bytes, entry->vnode->ino,
			    DT_OF_MODE(entry->vnode->mode), entry->pos + 1))
			break;
		*pos = entry->pos + 1;
	}
	return 0;
}

static struct tmpfs_entry *entry_first(struct vnode *dir)
{
	struct rb_node *node = rb_first(&node_of(dir)->dir.by_pos);

	return node ? entry_by_pos(node) : NULL;
}

/* What is in a directory goes into the root before it, so that nothing recurses. */
void tmpfs_remove_all(struct vnode *root)
{
	struct tmpfs_entry *entry, *below;

	while ((entry = entry_first(root)) != NULL) {
		struct vnode *vnode = entry->vnode;

		while (S_ISDIR(vnode->mode) && (below = entry_first(vnode)) != NULL)
			entry_insert(root, below, entry_take(vnode, below));
		vnode_drop_link(entry_remove(root, entry));
	}
}

static void tmpfs_destroy_directory(struct vnode *vnode)
{
	assert(directory_empty(vnode));
	tmpfs_destroy_node(vnode);
}

const struct vnode_ops tmpfs_directory_ops = {
	.lookup = tmpfs_lookup,
	.create = tmpfs_create_node,
	.create_nameless = tmpfs_create_nameless,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.rename = tmpfs_rename,
	.readdir = tmpfs_readdir,
	.setattr = tmpfs_setattr,
	.destroy = tmpfs_destroy_directory,
};

/* ---- filling ----------------------------------------------------------------------------- */

int tmpfs_name_add(struct vnode *dir, const struct name *name, struct vnode *vnode)
{
	struct tmpfs_entry *entry;

	if (entry_find(dir, name))
		return -EEXIST;
	entry = entry_alloc(name);
	if (!entry)
		return -ENOMEM;
	vnode_get(vnode);
	entry_insert(dir, entry, vnode);
	return 0;
}

struct vnode *tmpfs_name_find(struct vnode *dir, const struct name *name)
{
	struct tmpfs_entry *entry = entry_find(dir, name);

	return entry ? entry->vnode : NULL;
}

void tmpfs_name_remove(struct vnode *dir, const struct name *name)
{
	struct tmpfs_entry *entry = entry_find(dir, name);

	assert(entry && !S_ISDIR(entry->vnode->mode));
	vnode_drop_link(entry_remove(dir, entry));
}
