/*
 * Path resolution: from a text to a place in the tree of names.
 *
 * The one idea: a symbolic link is text. Following one makes a new text of its target and what was
 * left, and goes on; so there is no recursion, and forty links are the limit, as on Linux.
 *
 * A step asks the name cache first and takes the directory's lock only for a name that is not
 * cached.
 */
#include "fs/walk.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "fs/superblock.h"
#include "lib/string.h"
#include "mm/slab.h"

#define LINKS_MAX 40

uint32_t fs_protected_symlinks = 1;

/* Where relative paths begin. */
static int walk_base(const struct fs_call *call, struct path *base)
{
	struct file *file = call->base;

	if (!file) {
		fs_context_cwd(call->context, base);
		return 0;
	}
	if (!file->dentry)
		return -ENOTDIR;
	*base = (struct path){ .mount = file->mount, .dentry = file->dentry };
	path_get(base);
	return 0;
}

static int walk_begin_scoped(struct walk *walk)
{
	int err = walk_base(walk->call, &walk->scope);

	if (err)
		return err;
	if (!S_ISDIR(path_vnode(&walk->scope)->mode))
		err = -ENOTDIR;
	else if (walk->rest[0] == '/' && (walk->call->resolve & RESOLVE_BENEATH))
		err = -EXDEV;
	if (err) {
		path_put(&walk->scope);
		return err;
	}
	walk->at = walk->scope;
	path_get(&walk->at);
	walk->version = dentry_tree_begin();
	return 0;
}

int walk_begin(struct walk *walk, const struct fs_call *call, const char *path)
{
	int err = 0;

	*walk = (struct walk){ .call = call, .rest = path };
	if (path[0] == '\0')
		return -ENOENT;
	if (unlikely(walk_is_scoped(walk)))
		err = walk_begin_scoped(walk);
	else if (path[0] == '/')
		fs_context_root(call->context, &walk->at);
	else
		err = walk_base(call, &walk->at);
	return err;
}

void walk_end(struct walk *walk)
{
	path_put(&walk->at);
	if (walk->nameless)
		file_put(walk->nameless);
	if (walk_is_scoped(walk))
		path_put(&walk->scope);
	kfree(walk->text);
}

/* What "/" and the highest ".." are. */
static void walk_root(struct walk *walk, struct path *root)
{
	if (unlikely(walk_is_scoped(walk))) {
		*root = walk->scope;
		path_get(root);
	} else {
		fs_context_root(walk->call->context, root);
	}
}

int walk_check_step(struct walk *walk, struct path *child)
{
	if (!(walk->call->resolve & RESOLVE_NO_XDEV) || child->mount == walk->at.mount)
		return 0;
	path_put(child);
	return -EXDEV;
}

/* A directory on the way may have been moved meanwhile. */
int walk_check_scope(struct walk *walk, struct path *end)
{
	struct path at = *end;
	bool within;

	path_get(&at);
	do {
		within = at.mount == walk->scope.mount &&
		         dentry_is_below(at.dentry, walk->scope.dentry);
	} while (!within && mount_leave(&at));
	path_put(&at);
	if (within)
		return 0;
	path_put(end);
	return -EXDEV;
}

/* Of what a bind mount shows a directory may have been moved out: then there is no way up. */
static bool is_connected(const struct path *path)
{
	struct mount *mount = path->mount;

	return mount->root == mount->sb->root_dentry || dentry_is_below(path->dentry, mount->root);
}

/* Up, but not above the root. -ENOENT: not from there; -EXDEV: RESOLVE_BENEATH. Out of line: a step
 * down does without its places. */
static __noinline int walk_up(struct walk *walk, struct path *child)
{
	struct path root;
	struct dentry *parent;
	bool at_root;

	*child = walk->at;
	path_get(child);
	walk_root(walk, &root);
	do
		at_root = child->dentry == root.dentry && child->mount == root.mount;
	while (!at_root && mount_cross_up(child));
	path_put(&root);
	if (at_root && (walk->call->resolve & RESOLVE_BENEATH)) {
		path_put(child);
		return -EXDEV;
	}
	if (!at_root && child->dentry != child->mount->root) {
		parent = dentry_parent(child->dentry);
		dentry_put(child->dentry);
		child->dentry = parent;
		if (!is_connected(child)) {
			path_put(child);
			return -ENOENT;
		}
	}
	mount_cross_down(child);
	/* Who is moved up meanwhile would step over the scope without seeing it. */
	if (unlikely(walk_is_scoped(walk)) && dentry_tree_retry(walk->version)) {
		path_put(child);
		return -EAGAIN;
	}
	return 0;
}

/* A name that is not cached. */
static __noinline int walk_look_up(
	struct walk *walk, const struct name *name, struct dentry **dentry)
{
	struct dentry *parent = walk->at.dentry;
	int err;

	if (walk->call->resolve & RESOLVE_CACHED)
		return -EAGAIN;
	mutex_lock(&parent->vnode->lock);
	err = dentry_lookup(parent, name, dentry);
	mutex_unlock(&parent->vnode->lock);
	return err;
}

static int walk_down(struct walk *walk, const struct name *name, struct path *child)
{
	int err = 0;

	child->dentry = dentry_find(walk->at.dentry, name);
	if (unlikely(!child->dentry))
		err = walk_look_up(walk, name, &child->dentry);
	if (err)
		return err;
	child->mount = walk->at.mount;
	mount_get(child->mount);
	mount_cross_down(child);
	return 0;
}

int walk_step(struct walk *walk, const struct name *name, struct path *child)
{
	struct vnode *dir = path_vnode(&walk->at);
	int err = 0;

	if (name->bytes > 0 && !S_ISDIR(dir->mode))
		return -ENOTDIR;
	if (name->bytes > 0)
		err = vnode_may_search(dir, walk->call->cred);
	if (err)
		return err;
	if (name->bytes == 0 || name_is_dot(name)) {
		*child = walk->at;
		path_get(child);
		return 0;
	}
	err = name_is_dotdot(name) ? walk_up(walk, child) : walk_down(walk, name, child);
	return err ? err : walk_check_step(walk, child);
}

/* Make the text to go: the link's target and then the rest. */
static int walk_expand(struct walk *walk, struct vnode *link)
{
	size_t rest_bytes = strlen(walk->rest);
	char *text = kmalloc(PATH_MAX + rest_bytes + 1);
	ssize_t target_bytes;
	int err;

	if (!text)
		return -ENOMEM;
	target_bytes = link->ops->readlink ? link->ops->readlink(link, text, PATH_MAX) : -EINVAL;
	err = target_bytes < 0 ? (int)target_bytes : 0;
	if (target_bytes == 0)
		err = -ENOENT;
	if (target_bytes == PATH_MAX)
		err = -ENAMETOOLONG;
	if (err) {
		kfree(text);
		return err;
	}
	memcpy(text + target_bytes, walk->rest, rest_bytes + 1);
	kfree(walk->text);
	walk->text = text;
	walk->rest = text;
	return 0;
}

/* The link leads to a place and not to a text: the walk goes on there. Or to a file that has none,
 * where the walk ends. */
static int walk_jump(struct walk *walk, struct vnode *link)
{
	struct path place;
	int err = link->ops->follow(link, &place);

	if (err == -ENXIO && link->ops->nameless)
		err = walk->rest[0] == '\0' ? link->ops->nameless(link, &walk->nameless) : -ENOTDIR;
	if (walk->nameless)
		return -ENXIO;
	if (!err)
		err = walk_check_step(walk, &place);
	if (err)
		return err;
	if (walk->rest[0] != '\0' && !S_ISDIR(path_vnode(&place)->mode)) {
		path_put(&place);
		return -ENOTDIR;
	}
	path_put(&walk->at);
	walk->at = place;
	return 0;
}

/* The walk is to go on at the root. */
static int walk_from_root(struct walk *walk)
{
	struct path root;
	int err;

	if (walk->call->resolve & RESOLVE_BENEATH)
		return -EXDEV;
	walk_root(walk, &root);
	err = walk_check_step(walk, &root);
	if (err)
		return err;
	path_put(&walk->at);
	walk->at = root;
	return 0;
}

/* May the link be followed? magic: it leads to a place. */
static int walk_may_follow(struct walk *walk, const struct path *link, bool magic)
{
	uint32_t resolve = walk->call->resolve;

	if (++walk->links > LINKS_MAX || (READ_ONCE(link->mount->flags) & ST_NOSYMFOLLOW))
		return -ELOOP;
	if (likely(!resolve))
		return 0;
	if ((resolve & RESOLVE_NO_SYMLINKS) || (magic && (resolve & RESOLVE_NO_MAGICLINKS)))
		return -ELOOP;
	if (magic && (resolve & RESOLVE_CACHED))
		return -EAGAIN;
	return magic && walk_is_scoped(walk) ? -EXDEV : 0;
}

static int walk_follow(struct walk *walk, struct path *link)
{
	struct vnode *vnode = path_vnode(link);
	bool magic = vnode->ops->follow != NULL;
	int err = walk_may_follow(walk, link, magic);

	if (!err)
		err = magic ? walk_jump(walk, vnode) : walk_expand(walk, vnode);
	path_put(link);
	if (!err && !magic && walk->rest[0] == '/')
		err = walk_from_root(walk);
	return err;
}

/* Where anybody may put links, one that somebody else put there may be a trap. */
static bool link_is_trusted(const struct walk *walk, const struct path *link)
{
	const uint32_t shared = S_ISVTX | S_IWOTH;
	const struct vnode *dir = path_vnode(&walk->at);
	uint32_t uid = READ_ONCE(path_vnode(link)->uid);

	return !READ_ONCE(fs_protected_symlinks) || (READ_ONCE(dir->mode) & shared) != shared ||
	       uid == walk->call->cred->fsuid || uid == READ_ONCE(dir->uid);
}

int walk_follow_last(struct walk *walk, struct path *link)
{
	if (link_is_trusted(walk, link))
		return walk_follow(walk, link);
	path_put(link);
	return -EACCES;
}

/* A component that is not the last: into it. Most have been gone already (dentry_descend). */
static __noinline int walk_enter(struct walk *walk, const struct name *name)
{
	struct path child;
	int err = walk_step(walk, name, &child);

	if (err)
		return err;
	if (dentry_is_link(child.dentry))
		return walk_follow(walk, &child);
	if (!child.dentry->vnode)
		err = -ENOENT;
	else if (!S_ISDIR(child.dentry->vnode->mode))
		err = -ENOTDIR;
	if (err) {
		path_put(&child);
		return err;
	}
	path_put(&walk->at);
	walk->at = child;
	return 0;
}

int walk_to_last(struct walk *walk, struct last *last)
{
	for (;;) {
		int err;

		dentry_descend(&walk->at.dentry, &walk->rest, walk->call->cred, &last->name);
		if (last->name.bytes > NAME_MAX)
			return -ENAMETOOLONG;
		last->slash = *walk->rest == '/';
		while (*walk->rest == '/')
			walk->rest++;
		if (*walk->rest == '\0')
			return last->name.bytes == 0 || S_ISDIR(path_vnode(&walk->at)->mode)
			               ? 0
			               : -ENOTDIR;
		walk->rest--; /* a link's target needs the '/' behind it */
		err = walk_enter(walk, &last->name);
		if (err)
			return err;
	}
}

/* From the last component to what it stands for. */
static int walk_finish(struct walk *walk, unsigned flags, struct path *result)
{
	for (;;) {
		struct last last;
		int err = walk_to_last(walk, &last);

		if (!err)
			err = walk_step(walk, &last.name, result);
		if (err)
			return err;
		if (dentry_is_link(result->dentry) && !walk_has_arrived(walk, &last) &&
			((flags & WALK_FOLLOW) || last.slash)) {
			if (last.slash)
				walk->rest = "/";
			err = walk_follow_last(walk, result);
			if (err)
				return err;
			continue;
		}
		if (!result->dentry->vnode)
			err = -ENOENT;
		else if (last.slash && !S_ISDIR(result->dentry->vnode->mode))
			err = -ENOTDIR;
		if (err)
			path_put(result);
		return err;
	}
}

int path_resolve_file(const struct fs_call *call, const char *path, unsigned flags,
	struct path *result, struct file **nameless)
{
	struct walk walk;
	int err;

	*nameless = NULL;
	if (path[0] == '\0' && (flags & WALK_EMPTY))
		return walk_base(call, result);
	err = walk_begin(&walk, call, path);
	if (err)
		return err;
	err = walk_finish(&walk, flags, result);
	if (!err) {
		err = walk_check_end(&walk, result);
	} else if (walk.nameless) {
		*nameless = walk.nameless;
		*result = (struct path){ 0 };
		walk.nameless = NULL;
		err = 0;
	}
	walk_end(&walk);
	return err;
}

int path_resolve(const struct fs_call *call, const char *path, unsigned flags, struct path *result)
{
	struct file *nameless;
	int err = path_resolve_file(call, path, flags, result, &nameless);

	if (nameless) {
		file_put(nameless);
		err = -EINVAL;
	}
	return err;
}
