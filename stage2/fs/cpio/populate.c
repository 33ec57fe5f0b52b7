/*
 * From archive members to tmpfs nodes: by the index if the archive begins with one, else by walking
 * the cpio headers. The two give the same tree.
 *
 * The index is read in one piece. Headers are read through a window: on a disk each large file
 * costs a request, so an archive without an index belongs into memory.
 */
#include "fs/cpio/populate.h"

#include "abi/errno.h"
#include "arch/memory_map.h"
#include "core/clock.h"
#include "core/log.h"
#include "fs/cpio/index.h"
#include "fs/cpio/newc.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/rbtree.h"
#include "lib/string.h"
#include "mm/slab.h"

#define WINDOW_BYTES 32768u     /* a small archive's index in one request of the disk */
#define INDEX_MAX    (4u << 20) /* bytes: what kmalloc gives */

static void log_damage(const struct archive_error *error)
{
	log_error("archive: %s %llu: %s at offset %llu", error->unit,
		(unsigned long long)error->number, error->what, (unsigned long long)error->offset);
}

/* A node's times are the archive's, as far as nanoseconds reach: the year 2262. */
static void node_set_time(struct vnode *vnode, int64_t seconds)
{
	const int64_t limit = INT64_MAX / (int64_t)NS_PER_SEC;

	seconds = max(min(seconds, limit), -limit);
	vnode->atime_ns = vnode->mtime_ns = vnode->ctime_ns = seconds * (int64_t)NS_PER_SEC;
}

/* A node with its contents, without a name. */
static int node_make(struct archive *archive, struct superblock *sb, const struct node_spec *spec,
	uint64_t offset, uint64_t bytes, int64_t mtime, struct vnode **vnode)
{
	int err = tmpfs_node_create(sb, spec, vnode);

	if (err)
		return err;
	if (S_ISREG(spec->mode) || S_ISLNK(spec->mode))
		tmpfs_set_contents(*vnode, archive, offset, bytes);
	node_set_time(*vnode, mtime);
	return 0;
}

/* ---- by the index ------------------------------------------------------------------------ */

/* One entry; nodes[] has those before it. */
static int index_enter(struct archive *archive, struct superblock *sb,
	const struct archive_names *names, uint32_t number, struct vnode **nodes)
{
	const struct archive_entry *entry = &names->entries[number];
	const struct name name = {
		.text = names->names + entry->name_offset,
		.bytes = entry->name_bytes,
	};
	struct vnode *dir = nodes[entry->parent];
	const struct node_spec spec = {
		.mode = entry->mode,
		.uid = entry->uid,
		.gid = entry->gid,
		.rdev = rdev_make(entry->rdev >> 8, entry->rdev & 0xff),
	};
	int err = 0;

	if (entry->link != number) {
		nodes[number] = nodes[entry->link];
		err = tmpfs_name_add(dir, &name, nodes[number]);
		return err ? err : tmpfs_link_add(nodes[number]);
	}
	err = node_make(
		archive, sb, &spec, entry->data_offset, entry->size, entry->mtime, &nodes[number]);
	if (err)
		return err;
	err = tmpfs_name_add(dir, &name, nodes[number]);
	vnode_put(nodes[number]);
	return err;
}

static void root_set(struct vnode *root, uint32_t mode, uint32_t uid, uint32_t gid)
{
	root->mode = S_IFDIR | (mode & S_IALLUGO);
	root->uid = uid;
	root->gid = gid;
}

static int index_populate(
	struct archive *archive, struct superblock *sb, const struct archive_names *names)
{
	const struct archive_entry *root = &names->entries[0];
	struct vnode **nodes = kmalloc(names->header->count * sizeof(struct vnode *));
	int err = 0;

	if (!nodes)
		return -ENOMEM;
	nodes[0] = sb->root;
	root_set(sb->root, root->mode, root->uid, root->gid);
	for (uint32_t i = 1; i < names->header->count; i++) {
		err = index_enter(archive, sb, names, i, nodes);
		if (err) {
			log_error("archive: entry %u: %s (error %d)", i,
				err == -EEXIST ? "name is there twice" : "cannot be entered", err);
			break;
		}
	}
	/* Entering a name has moved its directory's times. */
	for (uint32_t i = 0; !err && i < names->header->count; i++)
		if (S_ISDIR(names->entries[i].mode))
			node_set_time(nodes[i], names->entries[i].mtime);
	kfree(nodes);
	return err == -EEXIST ? -EINVAL : err;
}

/* ---- by the headers ---------------------------------------------------------------------- */

/* A file of several names, by the numbers that its members share. */
struct link {
	struct rb_node node;
	uint64_t part, dev, ino;
	struct vnode *vnode; /* its name holds the reference */
};

struct walk_state {
	struct newc_walk walk;
	struct archive *archive;
	struct superblock *sb;
	struct rb_tree links;
	struct newc_member member;
	char *window; /* bytes of an archive on a disk */
	uint64_t window_start, window_bytes;
};

static int link_compare(const struct link *a, const struct link *b)
{
	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return (a->ino > b->ino) - (a->ino < b->ino);
}

static bool link_less(const struct rb_node *a, const struct rb_node *b)
{
	return link_compare(rb_entry(a, struct link, node), rb_entry(b, struct link, node)) < 0;
}

static bool link_before(const struct rb_node *node, const void *key)
{
	return link_compare(rb_entry(node, struct link, node), key) < 0;
}

static const struct rb_ops link_ops = { .less = link_less };

static struct link member_link(const struct newc_member *member)
{
	return (struct link){
		.part = member->part,
		.dev = (uint64_t)member->dev_major << 32 | member->dev_minor,
		.ino = member->ino,
	};
}

static struct vnode *link_find(struct walk_state *state)
{
	struct link key = member_link(&state->member);
	struct rb_node *node = rb_lower_bound(&state->links, link_before, &key);

	if (!node || link_compare(rb_entry(node, struct link, node), &key) != 0)
		return NULL;
	return rb_entry(node, struct link, node)->vnode;
}

static int link_remember(struct walk_state *state, struct vnode *vnode)
{
	struct link *link = kmalloc(sizeof(*link));

	if (!link)
		return -ENOMEM;
	*link = member_link(&state->member);
	link->vnode = vnode;
	vnode_get(vnode);
	rb_insert(&state->links, &link->node);
	return 0;
}

static void links_free(struct rb_tree *links)
{
	struct rb_node *node;

	while ((node = rb_first(links)) != NULL) {
		rb_erase(links, node);
		vnode_put(rb_entry(node, struct link, node)->vnode);
		kfree(rb_entry(node, struct link, node));
	}
}

/* The directory of the member, made where the archive left it out, and the last component. */
static int member_place(struct walk_state *state, struct vnode **dir, struct name *name)
{
	const struct node_spec spec = { .mode = S_IFDIR | 0755 };
	const char *rest = state->member.path;
	struct vnode *child;
	int err;

	*dir = state->sb->root;
	for (;;) {
		if (!newc_component(rest, &name->text, &name->bytes, &rest))
			return -EINVAL;
		if (*rest == '\0')
			return 0;
		child = tmpfs_name_find(*dir, name);
		if (!child) {
			err = tmpfs_node_create(state->sb, &spec, &child);
			if (err)
				return err;
			err = tmpfs_name_add(*dir, name, child);
			vnode_put(child);
			if (err)
				return err;
		}
		if (!S_ISDIR(child->mode))
			return -ENOTDIR;
		*dir = child;
	}
}

/* Later members take the place of earlier ones. 1: a directory that stays, with new attributes. */
static int member_replace(struct walk_state *state, struct vnode *dir, const struct name *name)
{
	const struct newc_member *member = &state->member;
	struct vnode *there = name->bytes == 0 ? state->sb->root : tmpfs_name_find(dir, name);

	if (!there)
		return 0;
	if (S_ISDIR(there->mode) && S_ISDIR(member->mode)) {
		root_set(there, member->mode, member->uid, member->gid);
		node_set_time(there, member->mtime);
		return 1;
	}
	if (S_ISDIR(there->mode))
		return -EISDIR;
	tmpfs_name_remove(dir, name);
	return 0;
}

static int member_make(struct walk_state *state, struct vnode **vnode)
{
	const struct newc_member *member = &state->member;
	const struct node_spec spec = {
		.mode = member->mode,
		.uid = member->uid,
		.gid = member->gid,
		.rdev = rdev_make(member->rdev_major, member->rdev_minor),
	};

	return node_make(state->archive, state->sb, &spec, member->data_offset, member->size,
		member->mtime, vnode);
}

/* Another name of a file that is there; the member that has contents brings them. */
static int member_link_to(struct walk_state *state, struct vnode *vnode)
{
	const struct newc_member *member = &state->member;
	int err;

	if ((vnode->mode & S_IFMT) != (member->mode & S_IFMT))
		return -EINVAL;
	if (S_ISREG(vnode->mode) && member->size > 0)
		tmpfs_set_contents(vnode, state->archive, member->data_offset, member->size);
	err = tmpfs_link_add(vnode);
	if (!err)
		vnode_get(vnode);
	return err;
}

static int member_enter(struct walk_state *state)
{
	struct newc_member *member = &state->member;
	bool shared = member->nlink > 1 && !S_ISDIR(member->mode);
	struct vnode *dir, *vnode;
	struct name name = { 0 };
	int err = member_place(state, &dir, &name);

	if (err)
		return err;
	vnode = shared ? link_find(state) : NULL;
	err = member_replace(state, dir, &name);
	if (err)
		return err > 0 ? 0 : err;
	if (vnode) {
		err = member_link_to(state, vnode);
	} else {
		err = member_make(state, &vnode);
		if (!err && shared)
			err = link_remember(state, vnode);
	}
	if (err)
		return err;
	err = tmpfs_name_add(dir, &name, vnode);
	vnode_put(vnode);
	return err;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* Move the window to where `offset` is. */
static int window_fill(struct walk_state *state, uint64_t offset)
{
	uint64_t start = ALIGN_DOWN(offset, PAGE_SIZE);
	uint64_t bytes = min(state->archive->bytes - start, (uint64_t)WINDOW_BYTES);
	int err = archive_read(state->archive, start, state->window, bytes);

	state->window_start = start;
	state->window_bytes = err ? 0 : bytes;
	return err;
}

/* The walk's reader: many small reads of neighbouring bytes become one of the disk. */
static int walk_read(struct newc_walk *walk, uint64_t offset, void *buf, size_t bytes)
{
	struct walk_state *state = container_of(walk, struct walk_state, walk);
	int err;

	if (!state->archive->disk)
		return archive_read(state->archive, offset, buf, bytes);
	while (bytes > 0) {
		uint64_t at = offset - state->window_start;
		size_t here;

		if (offset < state->window_start || at >= state->window_bytes) {
			err = window_fill(state, offset);
			if (err)
				return err;
			continue;
		}
		here = (size_t)min((uint64_t)bytes, state->window_bytes - at);
		memcpy(buf, state->window + at, here);
		buf = (char *)buf + here;
		offset += here;
		bytes -= here;
	}
	return 0;
}

static int populate_by_index(struct walk_state *state)
{
	const struct newc_member *member = &state->member;
	struct archive_names names;
	struct archive_error error = { 0 };
	void *index;
	int err;

	if (member->size > INDEX_MAX) {
		log_error("archive: an index of %llu bytes is too large",
			(unsigned long long)member->size);
		return -EINVAL;
	}
	index = kmalloc(max(member->size, (uint64_t)1));
	if (!index)
		return -ENOMEM;
	err = walk_read(&state->walk, member->data_offset, index, member->size);
	if (!err)
		err = archive_index_check(
			index, member->size, state->archive->bytes, &names, &error);
	if (!err)
		err = index_populate(state->archive, state->sb, &names);
	else if (err == -EINVAL)
		log_damage(&error);
	kfree(index);
	return err;
}

static int populate_by_walk(struct walk_state *state)
{
	struct archive_error error = { 0 };
	int err = 0;

	while (!err) {
		err = member_enter(state);
		if (err) {
			log_error("archive: member %llu: %s cannot be entered (error %d)",
				(unsigned long long)state->walk.number - 1, state->member.path,
				err);
			return err;
		}
		err = newc_next(&state->walk, &state->member, &error);
	}
	if (error.what)
		log_damage(&error);
	return err == 1 ? 0 : err;
}

int archive_populate(struct archive *archive, struct superblock *sb)
{
	struct walk_state *state = kzalloc(sizeof(*state));
	struct archive_error error = { 0 };
	int err = -ENOMEM;

	if (!state)
		return err;
	state->archive = archive;
	state->sb = sb;
	state->walk = (struct newc_walk){ .read = walk_read, .bytes = archive->bytes };
	rb_init(&state->links, &link_ops);
	if (archive->disk)
		state->window = kmalloc(WINDOW_BYTES);
	if (archive->disk && !state->window)
		goto free_state;
	err = newc_next(&state->walk, &state->member, &error);
	if (error.what)
		log_damage(&error);
	if (err)
		goto free_window;
	if (strcmp(state->member.path, ARCHIVE_INDEX_NAME) == 0)
		err = populate_by_index(state);
	else
		err = populate_by_walk(state);

free_window:
	kfree(state->window);
	links_free(&state->links);
free_state:
	kfree(state);
	return err == 1 ? 0 : err;
}
