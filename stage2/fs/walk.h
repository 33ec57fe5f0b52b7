#ifndef FS_WALK_H
#define FS_WALK_H
/*
 * Path resolution, step by step. A walk stands at a directory with the rest of the text before it.
 * Calls that make, remove or rename a name stop before the last component; the others go through to
 * the end.
 *
 * All may sleep; no locks are held on entry or return.
 */
#include "fs/fs.h"
#include "fs/mount.h"
#include "lib/compiler.h"

#define WALK_FOLLOW 1u /* a symbolic link as the last component is followed */
#define WALK_EMPTY  2u /* an empty path is the base itself (AT_EMPTY_PATH) */

/* Of a call that follows links unless it says otherwise. */
static inline unsigned walk_flags(unsigned at_flags)
{
	return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW) |
	       (at_flags & AT_EMPTY_PATH ? WALK_EMPTY : 0);
}

struct walk {
	const struct fs_call *call;
	struct path at;    /* references held */
	struct path scope; /* references held: where RESOLVE_BENEATH, RESOLVE_IN_ROOT keep it */
	uint32_t version;  /* of the tree of names, when such a walk began */
	const char *rest;  /* text that is still to be gone */
	char *text;        /* kmalloc'ed: what `rest` points into once a link was followed */
	unsigned links;    /* followed so far */
	/* The last link led to this file, which has no place, so the walk ended with -ENXIO;
	 * reference held. */
	struct file *nameless;
};

/* The last component. bytes 0: there is none, the path is "/" (or empty, or ends in a link to
 * that). */
struct last {
	struct name name;
	bool slash; /* a '/' behind it: it must be a directory */
};

/* Stand at the root, the base or the working directory. walk_end after success only. -ENOENT
 * (empty), -ENOTDIR. */
__must_check int walk_begin(struct walk *walk, const struct fs_call *call, const char *path);
void walk_end(struct walk *walk);

/* Go to the directory of the last component: walk->at. -ENOENT, -ENOTDIR, -EACCES, -ELOOP,
 * -ENAMETOOLONG ... */
__must_check int walk_to_last(struct walk *walk, struct last *last);
/* One step from walk->at: *child gets references; its dentry may be negative. Links are not
 * followed. */
__must_check int walk_step(struct walk *walk, const struct name *name, struct path *child);
/* A link that is the last component: its target comes before the rest; takes over the references
 * of *link. -ELOOP; -EACCES: it is not to be trusted. */
__must_check int walk_follow_last(struct walk *walk, struct path *link);

/* The mount of *child, which a step from walk->at found, and the end of the way, are what the call
 * allows. -EXDEV: they are not, and the references are put. */
__must_check int walk_check_step(struct walk *walk, struct path *child);
__must_check int walk_check_scope(struct walk *walk, struct path *end);

/* It may not leave its base. */
static inline bool walk_is_scoped(const struct walk *walk)
{
	return walk->call->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT);
}

static inline int walk_check_end(struct walk *walk, struct path *end)
{
	return unlikely(walk_is_scoped(walk)) ? walk_check_scope(walk, end) : 0;
}

/* The whole way; the result exists, references for the caller. -EINVAL: it is an open file that has
 * no place. */
__must_check int path_resolve(
	const struct fs_call *call, const char *path, unsigned flags, struct path *result);

/* The same where a file that has no place will do: 0, and *nameless with a reference for the
 * caller and *result without any; or *nameless is NULL. */
__must_check int path_resolve_file(const struct fs_call *call, const char *path, unsigned flags,
	struct path *result, struct file **nameless);

/* A link has led to something that is no directory: it is the end, and there is no last component.
 * It may be a link that a descriptor stands for (O_PATH), which is not followed then. */
static inline bool walk_has_arrived(const struct walk *walk, const struct last *last)
{
	return last->name.bytes == 0 && !S_ISDIR(path_vnode(&walk->at)->mode);
}

static inline bool name_is_dot(const struct name *name)
{
	return name->bytes == 1 && name->text[0] == '.';
}
static inline bool name_is_dotdot(const struct name *name)
{
	return name->bytes == 2 && name->text[0] == '.' && name->text[1] == '.';
}
static inline bool dentry_is_link(const struct dentry *dentry)
{
	return dentry->vnode && S_ISLNK(dentry->vnode->mode);
}

#endif
