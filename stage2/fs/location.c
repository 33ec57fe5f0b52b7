/*
 * Where a process stands, and the way back from a place to its path: chdir, chroot, getcwd.
 *
 * A path is written from its end: each step up puts a name before what is there. A rename meanwhile
 * could mix two paths; then the reading begins again.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "fs/fs.h"
#include "fs/walk.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"

static int resolve_directory(const struct fs_call *call, const char *path, struct path *found)
{
	struct file *nameless;
	int err = path_resolve_file(call, path, WALK_FOLLOW | WALK_EMPTY, found, &nameless);

	if (err)
		return err;
	if (nameless) {
		file_put(nameless);
		return -ENOTDIR;
	}
	if (!S_ISDIR(path_vnode(found)->mode))
		err = -ENOTDIR;
	if (!err)
		err = vnode_permission(path_vnode(found), call->cred, X_OK);
	if (err)
		path_put(found);
	return err;
}

int fs_chdir(const struct fs_call *call, const char *path)
{
	struct path found;
	int err = path[0] == '\0' && !call->base ? -ENOENT : resolve_directory(call, path, &found);

	if (!err)
		fs_context_set_cwd(call->context, &found);
	return err;
}

int fs_chroot(const struct fs_call *call, const char *path)
{
	struct path found;
	int err = path[0] == '\0' ? -ENOENT : resolve_directory(call, path, &found);

	if (err)
		return err;
	if (!cred_may(call->cred, CAP_SYS_CHROOT)) {
		path_put(&found);
		return -EPERM;
	}
	fs_context_set_root(call->context, &found);
	return 0;
}

/* A buffer that is filled from its end. */
struct backwards {
	char *start, *at;
};

static int backwards_put(struct backwards *text, const char *from, size_t bytes)
{
	if ((size_t)(text->at - text->start) < bytes)
		return -ENAMETOOLONG;
	text->at -= bytes;
	memcpy(text->at, from, bytes);
	return 0;
}

/* Put "/name" of the path's dentry before the text and go up. */
static int backwards_step(struct backwards *text, struct path *path)
{
	struct dentry *dentry = path->dentry;
	struct dentry *parent;
	char name[NAME_MAX];
	size_t bytes;
	int err;

	spin_lock(&dentry->lock);
	bytes = dentry->name_bytes;
	memcpy(name, dentry->name, bytes);
	spin_unlock(&dentry->lock);
	err = backwards_put(text, name, bytes);
	if (!err)
		err = backwards_put(text, "/", 1);
	if (err)
		return err;
	parent = dentry_parent(dentry);
	dentry_put(dentry);
	path->dentry = parent;
	return 0;
}

/* The whole path of *path, whose references it takes over. *reached: it lies below the root. root
 * NULL: the path within its file system. */
static int backwards_path(
	struct backwards *text, struct path *path, const struct path *root, bool *reached)
{
	char *end = text->at;
	int err = 0;

	*reached = !root;
	while (!err) {
		if (root && path->dentry == root->dentry && path->mount == root->mount) {
			*reached = true;
			break;
		}
		if (root && path->dentry == path->mount->root) {
			if (!mount_cross_up(path))
				break;
		} else if (path->dentry->parent) {
			err = backwards_step(text, path);
		} else {
			/* It was moved out of what the mount shows: no name of it counts. */
			if (root)
				text->at = end;
			break;
		}
	}
	if (!err && text->at == end)
		err = backwards_put(text, "/", 1);
	path_put(path);
	return err;
}

/* What a path gets beside its names: before it where it does not lie below the root, and behind. */
struct affixes {
	const char *beyond, *behind;
};

/* For those who must not take it for a path that lies below the root. */
static const struct affixes far_marked = { "(unreachable)", "" };

/* Path text into buf, NUL-terminated; bytes with the NUL, -ERANGE, -ENOMEM. */
static ssize_t path_text(const struct path *root, const struct path *path, struct affixes affixes,
	char *buf, size_t size)
{
	char *work = kmalloc(PATH_MAX + 1);
	struct backwards text;
	struct path at;
	uint32_t version;
	ssize_t bytes;
	bool reached;

	if (!work)
		return -ENOMEM;
	do {
		version = dentry_tree_begin();
		text = (struct backwards){ .start = work, .at = work + PATH_MAX };
		*text.at = '\0';
		at = *path;
		path_get(&at);
		bytes = backwards_put(&text, affixes.behind, strlen(affixes.behind));
		if (!bytes)
			bytes = backwards_path(&text, &at, root, &reached);
	} while (dentry_tree_retry(version));
	if (!bytes && !reached)
		bytes = backwards_put(&text, affixes.beyond, strlen(affixes.beyond));
	if (!bytes) {
		bytes = work + PATH_MAX + 1 - text.at;
		if ((size_t)bytes > size)
			bytes = -ERANGE;
		else
			memcpy(buf, text.at, (size_t)bytes);
	}
	kfree(work);
	return bytes;
}

static ssize_t path_text_in(struct fs_context *context, const struct path *path,
	struct affixes affixes, char *buf, size_t size)
{
	struct path root;
	ssize_t bytes;

	fs_context_root(context, &root);
	bytes = path_text(&root, path, affixes, buf, size);
	path_put(&root);
	return bytes;
}

ssize_t fs_getcwd(struct fs_context *context, char *buf, size_t size)
{
	struct path cwd;
	ssize_t bytes;

	fs_context_cwd(context, &cwd);
	if (path_vnode(&cwd)->dead)
		bytes = -ENOENT;
	else
		bytes = path_text_in(context, &cwd, far_marked, buf, size);
	path_put(&cwd);
	return bytes;
}

/* Nothing leads to it. */
static ssize_t nameless_text(const struct dentry *dentry, char *buf, size_t size)
{
	size_t bytes = (size_t)snprintf(buf, size, "/%s (deleted)", dentry->name) + 1;

	return bytes > size ? -ERANGE : (ssize_t)bytes;
}

ssize_t fs_path_text(struct fs_context *context, const struct path *path, char *buf, size_t size)
{
	if (dentry_is_nameless(path->dentry))
		return nameless_text(path->dentry, buf, size);

	const struct affixes affixes = { "", dentry_removed(path->dentry) ? " (deleted)" : "" };

	return path_text_in(context, path, affixes, buf, size);
}

ssize_t fs_mount_text(const struct path *root, struct mount *mount, char *buf, size_t size)
{
	const struct path path = { .mount = mount, .dentry = mount->root };

	return path_text(root, &path, far_marked, buf, size);
}

ssize_t fs_mount_root_text(struct mount *mount, char *buf, size_t size)
{
	const struct path path = { .mount = mount, .dentry = mount->root };
	const struct affixes affixes = { "", dentry_removed(path.dentry) ? "//deleted" : "" };

	return path_text(NULL, &path, affixes, buf, size);
}

ssize_t fs_file_path(struct fs_context *context, struct file *file, char *buf, size_t size)
{
	struct path path = { .mount = file->mount, .dentry = file->dentry };

	return path.dentry ? fs_path_text(context, &path, buf, size) : -EINVAL;
}
