/*
 * open(2): finding or making the file, asking for permission, and the open file itself.
 *
 * With O_CREAT the last component is looked up under its directory's lock, so that two callers
 * cannot both make it.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "fs/fs.h"
#include "fs/notify.h"
#include "fs/superblock.h"
#include "fs/vnode_file.h"
#include "fs/walk.h"

/* Flags that an open file keeps and fcntl(F_GETFL) shows. */
#define OPEN_KEEPS                                                                                 \
	(O_ACCMODE | O_APPEND | O_NONBLOCK | O_DSYNC | O_SYNC | O_ASYNC | O_DIRECT | O_LARGEFILE | \
		O_NOATIME | O_PATH | O_DIRECTORY | O_NOFOLLOW | O_TMPFILE_BIT)
#define OPEN_PASSES     (O_NOCTTY | O_EXCL) /* known to a device while it is opened */
#define OPEN_PATH_KEEPS (O_PATH | O_DIRECTORY | O_NOFOLLOW)

struct open_request {
	const struct fs_call *call;
	uint32_t flags;
	uint32_t mode;
	int write_err; /* -EROFS: nothing can be made there */
	bool created;
	struct file *reopened; /* what a link led to that has no place; NULL: a place it is */
};

/* Which of R_OK | W_OK the flags ask for. Access mode 3 counts as both. */
static unsigned open_access(uint32_t flags)
{
	unsigned access = 0;

	if ((flags & O_ACCMODE) != O_WRONLY)
		access |= R_OK;
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC))
		access |= W_OK;
	return access;
}

/* Make the file that `negative` says is not there. The directory's lock is held. */
static int open_create_locked(
	struct open_request *request, struct dentry *negative, const struct name *name)
{
	struct vnode *dir = negative->parent->vnode;
	struct node_spec spec =
		node_spec_for(dir, request->call, S_IFREG | (request->mode & S_IALLUGO));
	struct vnode *vnode;
	int err = request->write_err;

	if (!err)
		err = dir_may_create(dir, request->call->cred);
	if (err)
		return err;
	err = dir->ops->create ? dir->ops->create(dir, name, &spec, &vnode) : -EACCES;
	if (err)
		return err;
	dentry_instantiate(negative, vnode);
	notify_name(dir, name, vnode, IN_CREATE);
	request->created = true;
	return 0;
}

/* The last component with O_CREAT, in a directory that may be searched: what is there, or a new
 * file. */
static int open_or_create(struct open_request *request, struct walk *walk, const struct name *name,
	struct path *child)
{
	struct dentry *parent = walk->at.dentry;
	struct dentry *dentry;
	int err;

	request->write_err = mount_write_begin(walk->at.mount);
	mutex_lock(&parent->vnode->lock);
	err = dentry_lookup(parent, name, &dentry);
	if (!err && !dentry->vnode) {
		err = open_create_locked(request, dentry, name);
		if (err)
			dentry_put(dentry);
	}
	mutex_unlock(&parent->vnode->lock);
	if (!request->write_err)
		mount_write_end(walk->at.mount);
	if (err)
		return err;
	*child = (struct path){ .mount = walk->at.mount, .dentry = dentry };
	mount_get(child->mount);
	mount_cross_down(child);
	return walk_check_step(walk, child);
}

/* One try at the last component; -EISDIR where O_CREAT names a directory by its form. */
static int open_step(
	struct open_request *request, struct walk *walk, struct last *last, struct path *child)
{
	bool plain =
		last->name.bytes > 0 && !name_is_dot(&last->name) && !name_is_dotdot(&last->name);
	int err;

	if (!(request->flags & O_CREAT) || walk_has_arrived(walk, last))
		return walk_step(walk, &last->name, child);
	err = vnode_permission(path_vnode(&walk->at), request->call->cred, X_OK);
	if (err)
		return err;
	if (last->slash || (!plain && !(request->flags & O_EXCL)))
		return -EISDIR;
	if (!plain)
		return -EEXIST;
	return open_or_create(request, walk, &last->name, child);
}

/* A file that has no place is what it is, and may be only its owner's. */
static int nameless_check(const struct open_request *request, struct file *file)
{
	struct stat stat;
	int err = request->flags & O_DIRECTORY ? -ENOTDIR : file_stat(file, &stat);

	if (err || (request->flags & O_PATH))
		return err;
	return mode_permission(stat.st_mode, stat.st_uid, stat.st_gid, request->call->cred,
		open_access(request->flags));
}

/* The last component is a link: go on with what it stands for. Takes over the references of *link.
 */
static int open_link(struct open_request *request, struct walk *walk, struct path *link)
{
	int err = walk_follow_last(walk, link);

	if (!walk->nameless)
		return err;
	err = nameless_check(request, walk->nameless);
	if (!err)
		err = file_reopen(walk->nameless, request->flags & OPEN_KEEPS, request->call->cred,
			&request->reopened);
	return err;
}

/* From the text to an existing file that is no link to be followed; or it has been reopened. */
static int open_resolve(struct open_request *request, const char *path, struct path *result)
{
	struct walk walk;
	struct last last;
	uint32_t flags = request->flags;
	int err = walk_begin(&walk, request->call, path);

	if (err)
		return err;
	for (;;) {
		err = walk_to_last(&walk, &last);
		if (!err)
			err = open_step(request, &walk, &last, result);
		if (err)
			break;
		if (!dentry_is_link(result->dentry) || walk_has_arrived(&walk, &last))
			break;
		if ((flags & O_CREAT) && (flags & O_EXCL))
			break;
		if ((flags & O_NOFOLLOW) && !last.slash)
			break;
		if (last.slash)
			walk.rest = "/";
		err = open_link(request, &walk, result);
		if (err || request->reopened)
			goto end;
	}
	if (!err)
		err = walk_check_end(&walk, result);
	if (err)
		goto end;
	if (!result->dentry->vnode)
		err = -ENOENT;
	else if (last.slash && !S_ISDIR(path_vnode(result)->mode))
		err = -ENOTDIR;
	else
		goto end;
	path_put(result);
end:
	walk_end(&walk);
	return err;
}

/* What is there may not be what the flags want. */
static int open_check(const struct open_request *request, const struct path *path)
{
	struct vnode *vnode = path_vnode(path);
	uint32_t flags = request->flags;

	if (request->created)
		return 0;
	if ((flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	if ((flags & O_DIRECTORY) && !S_ISDIR(vnode->mode))
		return -ENOTDIR;
	if (flags & O_PATH)
		return 0;
	if (S_ISLNK(vnode->mode))
		return -ELOOP;
	if (S_ISDIR(vnode->mode) && ((open_access(flags) & W_OK) || (flags & O_CREAT)))
		return -EISDIR;
	if ((S_ISCHR(vnode->mode) || S_ISBLK(vnode->mode)) &&
		(READ_ONCE(path->mount->flags) & ST_NODEV))
		return -EACCES;
	if ((flags & O_NOATIME) && !vnode_is_owner(vnode, request->call->cred))
		return -EPERM;
	return vnode_permission(vnode, request->call->cred, open_access(flags));
}

static int open_file(struct open_request *request, const struct path *path, struct file **file)
{
	uint32_t keep = request->flags & O_PATH ? OPEN_PATH_KEEPS : OPEN_KEEPS | OPEN_PASSES;
	bool truncate = (request->flags & O_TRUNC) && S_ISREG(path_vnode(path)->mode);
	int err = open_check(request, path);

	/* Files in memory are nowhere else than in the page cache. */
	if (!err && (keep & request->flags & O_DIRECT) && !S_ISBLK(path_vnode(path)->mode))
		err = -EINVAL;
	if (!err && truncate && !request->created)
		err = path_truncate(path, 0);
	if (err)
		return err;
	return vnode_open(path, request->flags & keep, request->call->cred, file);
}

/* A new file without a name in the directory. */
static int tmpfile_create(struct open_request *request, const struct path *dir, struct path *made)
{
	struct vnode *vnode = path_vnode(dir);
	struct node_spec spec =
		node_spec_for(vnode, request->call, S_IFREG | (request->mode & S_IALLUGO));
	struct vnode *new;
	int err = vnode_permission(vnode, request->call->cred, W_OK | X_OK);

	if (!err && !vnode->ops->create_nameless)
		err = -EOPNOTSUPP;
	if (!err)
		err = vnode->ops->create_nameless(vnode, &spec, &new);
	if (err)
		return err;
	new->linkable = !(request->flags & O_EXCL);
	made->mount = dir->mount;
	err = dentry_create_removed(dir->dentry, new, &made->dentry);
	if (err)
		vnode_put(new);
	else
		mount_get(made->mount);
	return err;
}

static int open_tmpfile(struct open_request *request, const char *path, struct path *made)
{
	unsigned walk = request->flags & O_NOFOLLOW ? 0 : WALK_FOLLOW;
	struct path dir;
	int err;

	if (!(request->flags & O_DIRECTORY) || !(open_access(request->flags & ~O_TRUNC) & W_OK))
		return -EINVAL;
	err = path_resolve(request->call, path, walk, &dir);
	if (err)
		return err;
	if (!S_ISDIR(path_vnode(&dir)->mode))
		err = -ENOTDIR;
	if (!err)
		err = mount_write_begin(dir.mount);
	if (err)
		goto put;
	err = tmpfile_create(request, &dir, made);
	mount_write_end(dir.mount);
	request->created = true;
put:
	path_put(&dir);
	return err;
}

int fs_open(const struct fs_call *call, const char *path, uint32_t flags, uint32_t mode,
	struct file **file)
{
	struct open_request request = { .call = call, .flags = flags, .mode = mode };
	struct path found;
	int err;

	if (flags & O_PATH)
		request.flags &= OPEN_PATH_KEEPS;
	else if ((flags & O_CREAT) && (flags & O_DIRECTORY))
		return -EINVAL;
	if (request.flags & O_TMPFILE_BIT)
		err = open_tmpfile(&request, path, &found);
	else
		err = open_resolve(&request, path, &found);
	if (err || request.reopened) {
		*file = request.reopened;
		return err;
	}
	err = open_file(&request, &found, file);
	path_put(&found);
	return err;
}

int fs_open_exec(
	const struct fs_call *call, const char *path, unsigned at_flags, struct file **file)
{
	struct path found;
	struct file *f;
	int err = path_resolve(call, path, walk_flags(at_flags), &found);

	if (err)
		return err;
	if (S_ISLNK(path_vnode(&found)->mode))
		err = -ELOOP;
	else if (!S_ISREG(path_vnode(&found)->mode) || (READ_ONCE(found.mount->flags) & ST_NOEXEC))
		err = -EACCES;
	if (!err)
		err = vnode_permission(path_vnode(&found), call->cred, X_OK);
	if (!err)
		err = vnode_open(&found, O_RDONLY | O_LARGEFILE, call->cred, &f);
	path_put(&found);
	if (err)
		return err;
	err = vnode_file_run(f);
	if (err)
		file_put(f);
	else
		*file = f;
	return err;
}

void fs_exec_loaded(struct file *file)
{
	vnode_file_let_go(file);
}
