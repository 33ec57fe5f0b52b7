/*
 * Making, removing and moving names: mkdir, mknod, symlink, link, unlink, rmdir, rename.
 *
 * Each finds the directory, takes its lock, looks the name up under it, checks everything, and then
 * lets the file system change it. Rename takes two directories' locks, ancestors first, otherwise
 * by address; a file system's rename lock keeps "ancestor" true meanwhile.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "fs/fs.h"
#include "fs/notify.h"
#include "fs/superblock.h"
#include "fs/vnode_file.h"
#include "fs/walk.h"
#include "lib/string.h"

/* ---- permissions ------------------------------------------------------------------------- */

bool vnode_is_owner(const struct vnode *vnode, const struct cred *cred)
{
	return cred->fsuid == READ_ONCE(vnode->uid) || cred_may(cred, CAP_FOWNER);
}

int dir_may_create(const struct vnode *dir, const struct cred *cred)
{
	int err = vnode_permission(dir, cred, W_OK | X_OK);

	return dir->dead ? -ENOENT : err;
}

/* May `victim` be removed from dir, as a directory or as a file? The sticky bit: inode(7). */
static int dir_may_remove(
	const struct vnode *dir, const struct vnode *victim, const struct cred *cred, bool want_dir)
{
	int err = vnode_permission(dir, cred, W_OK | X_OK);

	if (err)
		return err;
	if ((dir->mode & S_ISVTX) && !vnode_is_owner(victim, cred) && !vnode_is_owner(dir, cred))
		return -EPERM;
	if (want_dir && !S_ISDIR(victim->mode))
		return -ENOTDIR;
	if (!want_dir && S_ISDIR(victim->mode))
		return -EISDIR;
	return 0;
}

struct node_spec node_spec_for(const struct vnode *dir, const struct fs_call *call, uint32_t mode)
{
	struct node_spec spec = {
		.mode = mode & ~(READ_ONCE(call->context->umask) & S_IRWXUGO),
		.uid = call->cred->fsuid,
		.gid = call->cred->fsgid,
	};

	if (!(dir->mode & S_ISGID))
		return spec;
	spec.gid = dir->gid;
	if (S_ISDIR(mode))
		spec.mode |= S_ISGID;
	/* Nobody makes a program that runs for a group that is not theirs. */
	else if ((mode & S_IXGRP) && !cred_may(call->cred, CAP_FSETID) &&
		 !cred_in_group(call->cred, spec.gid))
		spec.mode &= ~S_ISGID;
	return spec;
}

/* ---- one name ---------------------------------------------------------------------------- */

/* A name in a directory whose lock is held. */
struct place {
	struct walk walk;
	struct last last;
	struct vnode *dir;
	struct dentry *dentry; /* reference held; may be negative */
	int write_err; /* -EROFS: the mount is read-only; else it stays writable meanwhile */
};

static bool last_is_special(const struct last *last)
{
	return last->name.bytes == 0 || name_is_dot(&last->name) || name_is_dotdot(&last->name);
}

/* Find the directory. `special`: the error for a path that ends in ".", ".." or "/"; 0: none. */
static int place_find(
	struct place *place, const struct fs_call *call, const char *path, int special)
{
	int err = walk_begin(&place->walk, call, path);

	if (err)
		return err;
	err = walk_to_last(&place->walk, &place->last);
	if (!err) {
		place->dir = path_vnode(&place->walk.at);
		err = vnode_permission(place->dir, call->cred, X_OK);
	}
	if (!err && last_is_special(&place->last))
		err = special;
	if (err)
		walk_end(&place->walk);
	else
		place->write_err = mount_write_begin(place->walk.at.mount);
	return err;
}

static int place_lookup_locked(struct place *place)
{
	return dentry_lookup(place->walk.at.dentry, &place->last.name, &place->dentry);
}

static int place_lock(struct place *place)
{
	int err;

	mutex_lock(&place->dir->lock);
	err = place_lookup_locked(place);
	if (err)
		mutex_unlock(&place->dir->lock);
	return err;
}

static void place_end(struct place *place)
{
	if (!place->write_err)
		mount_write_end(place->walk.at.mount);
	walk_end(&place->walk);
}

static void place_unlock(struct place *place)
{
	mutex_unlock(&place->dir->lock);
	dentry_put(place->dentry);
}

/* May a new name, perhaps of a new directory, be there? */
static int place_check_new(const struct place *place, const struct cred *cred, bool new_dir)
{
	if (place->dentry->vnode)
		return -EEXIST;
	if (place->last.slash && !new_dir)
		return -ENOENT;
	return place->write_err ? place->write_err : dir_may_create(place->dir, cred);
}

/* Not everybody makes devices, but for the one that stands for none (overlayfs' whiteout). */
static bool may_make(const struct cred *cred, const struct node_spec *spec)
{
	return cred_may(cred, CAP_MKNOD) ||
	       !(S_ISBLK(spec->mode) || (S_ISCHR(spec->mode) && spec->rdev));
}

/* made: where it is then, with references for the caller; or NULL. */
static int node_make(const struct fs_call *call, const char *path, uint32_t mode, uint64_t rdev,
	const char *target, struct path *made)
{
	struct place place;
	struct node_spec spec;
	struct vnode *vnode;
	int err = place_find(&place, call, path, -EEXIST);

	if (err)
		return err;
	err = place_lock(&place);
	if (err)
		goto end;
	spec = node_spec_for(place.dir, call, mode);
	spec.rdev = rdev;
	spec.target = target;
	if (S_ISLNK(mode))
		spec.mode = mode;
	err = place_check_new(&place, call->cred, S_ISDIR(mode));
	if (!err && (!place.dir->ops->create || !may_make(call->cred, &spec)))
		err = -EPERM;
	if (!err)
		err = place.dir->ops->create(place.dir, &place.last.name, &spec, &vnode);
	if (!err) {
		dentry_instantiate(place.dentry, vnode);
		notify_name(place.dir, &place.last.name, vnode, IN_CREATE);
	}
	if (!err && made) {
		*made = (struct path){ .mount = place.walk.at.mount, .dentry = place.dentry };
		path_get(made);
	}
	place_unlock(&place);
end:
	place_end(&place);
	return err;
}

int fs_mkdir(const struct fs_call *call, const char *path, uint32_t mode)
{
	return node_make(call, path, S_IFDIR | (mode & (S_IRWXUGO | S_ISVTX)), 0, NULL, NULL);
}

int fs_mknod(const struct fs_call *call, const char *path, uint32_t mode, uint64_t rdev)
{
	bool device = S_ISCHR(mode) || S_ISBLK(mode);

	if ((mode & S_IFMT) == 0)
		mode |= S_IFREG;
	if (S_ISDIR(mode))
		return -EPERM;
	if (!device && !S_ISREG(mode) && !S_ISFIFO(mode) && !S_ISSOCK(mode))
		return -EINVAL;
	return node_make(call, path, mode & (S_IFMT | S_IALLUGO), device ? rdev : 0, NULL, NULL);
}

int fs_symlink(const struct fs_call *call, const char *target, const char *path)
{
	if (target[0] == '\0')
		return -ENOENT;
	return node_make(call, path, S_IFLNK | S_IRWXUGO, 0, target, NULL);
}

int fs_socket_make(const struct fs_call *call, const char *path, uint32_t mode, struct file **file)
{
	struct path made;
	int err = node_make(call, path, mode, 0, NULL, &made);

	if (err)
		return err;
	err = vnode_open(&made, O_PATH, call->cred, file);
	path_put(&made);
	if (err)
		(void)fs_unlink(call, path, 0);
	return err;
}

int fs_socket_find(const struct fs_call *call, const char *path, struct vnode **node)
{
	struct path found;
	struct vnode *vnode;
	int err = path_resolve(call, path, WALK_FOLLOW, &found);

	if (err)
		return err;
	vnode = path_vnode(&found);
	err = vnode_permission(vnode, call->cred, W_OK);
	if (!err && !S_ISSOCK(vnode->mode))
		err = -ECONNREFUSED;
	if (!err) {
		vnode_get(vnode);
		*node = vnode;
	}
	path_put(&found);
	return err;
}

/* The directory's lock is held; the vnode's own is taken: its last name may be going. */
static int link_locked(struct place *place, struct vnode *vnode)
{
	int err;

	mutex_lock(&vnode->lock);
	err = vnode->nlink == 0 && !vnode->linkable ? -ENOENT : 0;
	if (!err)
		err = place->dir->ops->link(place->dir, &place->last.name, vnode);
	if (!err)
		vnode->linkable = false;
	mutex_unlock(&vnode->lock);
	if (err)
		return err;
	vnode_get(vnode);
	dentry_instantiate(place->dentry, vnode);
	return 0;
}

uint32_t fs_protected_hardlinks = 1;

/* Else who waits for a fault to be found in a program that runs as somebody else could keep it. */
static bool may_link(const struct vnode *vnode, const struct cred *cred)
{
	const uint32_t as_group = S_ISGID | S_IXGRP;
	uint32_t mode = READ_ONCE(vnode->mode);

	if (!READ_ONCE(fs_protected_hardlinks) || vnode_is_owner(vnode, cred))
		return true;
	return S_ISREG(mode) && !(mode & S_ISUID) && (mode & as_group) != as_group &&
	       !vnode_permission(vnode, cred, R_OK | W_OK);
}

/* The file at `old` gets another name. */
static int link_path(const struct path *old, const struct fs_call *call, const char *to)
{
	struct vnode *vnode = path_vnode(old);
	struct place place;
	int err = place_find(&place, call, to, -EEXIST);

	if (err)
		return err;
	err = place_lock(&place);
	if (err)
		goto end;
	err = place_check_new(&place, call->cred, false);
	if ((!err || err == -EACCES) && place.walk.at.mount != old->mount)
		err = -EXDEV;
	else if ((!err || err == -EACCES) && !may_link(vnode, call->cred))
		err = -EPERM;
	if (!err && (S_ISDIR(vnode->mode) || !place.dir->ops->link))
		err = -EPERM;
	if (!err)
		err = link_locked(&place, vnode);
	if (!err) {
		notify_vnode(vnode, IN_ATTRIB);
		notify_name(place.dir, &place.last.name, vnode, IN_CREATE);
	}
	place_unlock(&place);
end:
	place_end(&place);
	return err;
}

int fs_link(const struct fs_call *from_call, const char *from, const struct fs_call *to_call,
	const char *to, unsigned at_flags)
{
	unsigned flags = (at_flags & AT_SYMLINK_FOLLOW ? WALK_FOLLOW : 0) |
	                 (at_flags & AT_EMPTY_PATH ? WALK_EMPTY : 0);
	struct path old;
	int err;

	if (at_flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if ((at_flags & AT_EMPTY_PATH) && !cred_may(from_call->cred, CAP_DAC_READ_SEARCH))
		return -ENOENT;
	err = path_resolve(from_call, from, flags, &old);
	if (err)
		return err;
	err = link_path(&old, to_call, to);
	path_put(&old);
	return err;
}

/* ---- removing ---------------------------------------------------------------------------- */

/* A directory that goes, whose lock is held: nothing may be made in it from now on. */
static void dir_set_dead(struct dentry *dentry)
{
	struct vnode *vnode = dentry->vnode;

	if (!S_ISDIR(vnode->mode) || vnode->nlink > 0)
		return;
	vnode->dead = true;
	dentry_forget_children(dentry);
}

/* Remove the name, the directory's lock held; the victim's own lock is taken. */
static int place_remove_locked(struct place *place, const struct cred *cred, bool want_dir)
{
	struct vnode *victim = place->dentry->vnode;
	int err;

	if (!victim)
		return -ENOENT;
	if (place->last.slash && !want_dir)
		return S_ISDIR(victim->mode) ? -EISDIR : -ENOTDIR;
	err = dir_may_remove(place->dir, victim, cred, want_dir);
	if (err)
		return err;
	if (!place->dir->ops->unlink)
		return -EPERM;
	mutex_lock_second(&victim->lock); /* a child after its parent; who mounts upon it waits */
	if (READ_ONCE(place->dentry->mounts) > 0)
		err = -EBUSY;
	if (!err)
		err = place->dir->ops->unlink(place->dir, &place->last.name, victim);
	if (!err) {
		dir_set_dead(place->dentry);
		dentry_unhash(place->dentry);
		notify_removed(place->dir, &place->last.name, place->dentry);
	}
	mutex_unlock(&victim->lock);
	return err;
}

/* What rmdir says of a path without a name of its own. */
static int rmdir_special(const char *path)
{
	size_t bytes = strlen(path);

	while (bytes > 1 && path[bytes - 1] == '/')
		bytes--;
	if (bytes == 1 && path[0] == '/')
		return -EBUSY;
	if (bytes >= 2 && path[bytes - 1] == '.' && path[bytes - 2] == '.')
		return -ENOTEMPTY;
	return -EINVAL;
}

int fs_unlink(const struct fs_call *call, const char *path, unsigned at_flags)
{
	bool want_dir = at_flags & AT_REMOVEDIR;
	struct place place;
	int err;

	if (at_flags & ~AT_REMOVEDIR)
		return -EINVAL;
	err = place_find(&place, call, path, want_dir ? rmdir_special(path) : -EISDIR);
	if (err)
		return err;
	err = place.write_err ? place.write_err : place_lock(&place);
	if (!err) {
		err = place_remove_locked(&place, call->cred, want_dir);
		place_unlock(&place);
	}
	place_end(&place);
	return err;
}

/* ---- rename ------------------------------------------------------------------------------ */

/* Both directories' locks: an ancestor before what is below it, otherwise by address. */
static void rename_lock(struct place *from, struct place *to)
{
	struct dentry *a = from->walk.at.dentry, *b = to->walk.at.dentry;
	bool swap;

	if (from->dir == to->dir) {
		mutex_lock(&from->dir->lock);
		return;
	}
	mutex_lock(&from->dir->sb->rename_lock);
	swap = dentry_is_below(a, b) || (!dentry_is_below(b, a) && to->dir < from->dir);
	mutex_lock(swap ? &to->dir->lock : &from->dir->lock);
	mutex_lock_second(swap ? &from->dir->lock : &to->dir->lock);
}

static void rename_unlock(struct place *from, struct place *to)
{
	mutex_unlock(&from->dir->lock);
	if (from->dir == to->dir)
		return;
	mutex_unlock(&to->dir->lock);
	mutex_unlock(&from->dir->sb->rename_lock);
}

/* A name that is moved out of `place` to be at `to`, which holds `there` or nothing. */
static int rename_check_one(const struct place *place, const struct place *to,
	const struct vnode *there, const struct cred *cred)
{
	struct vnode *moved = place->dentry->vnode;
	int err;

	err = dir_may_remove(place->dir, moved, cred, S_ISDIR(moved->mode));
	if (err)
		return err;
	if (!there)
		err = dir_may_create(to->dir, cred);
	/* A directory whose ".." changes must be writable itself. */
	if (!err && S_ISDIR(moved->mode) && place->dir != to->dir)
		err = vnode_permission(moved, cred, W_OK);
	return err;
}

static int rename_check(
	const struct place *from, const struct place *to, unsigned flags, const struct cred *cred)
{
	struct vnode *moved = from->dentry->vnode, *victim = to->dentry->vnode;
	bool exchange = flags & RENAME_EXCHANGE;
	int err;

	if (!moved || (exchange && !victim))
		return -ENOENT;
	if (victim && (flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (exchange && to->last.slash && !S_ISDIR(victim->mode))
		return -ENOTDIR;
	if (!S_ISDIR(moved->mode) && (from->last.slash || (!exchange && to->last.slash)))
		return -ENOTDIR;
	/* Within one directory neither can be above the other; and only two have the rename lock.
	 */
	if (from->dir != to->dir) {
		if (dentry_is_below(to->walk.at.dentry, from->dentry))
			return -EINVAL;
		if (victim && dentry_is_below(from->walk.at.dentry, to->dentry))
			return exchange ? -EINVAL : -ENOTEMPTY;
	}
	err = rename_check_one(from, to, victim, cred);
	if (err || !victim)
		return err;
	if (exchange)
		return rename_check_one(to, from, moved, cred);
	return dir_may_remove(to->dir, victim, cred, S_ISDIR(moved->mode));
}

/* A directory's lock comes before a file's, those of two alike by address: no directory among them
 * is above the other, and both are below those that are locked. */
static bool locks_before(const struct vnode *a, const struct vnode *b)
{
	return S_ISDIR(a->mode) == S_ISDIR(b->mode) ? a < b : S_ISDIR(a->mode);
}

/* What moves, and what it meets (or NULL): who mounts upon either waits. */
static void moved_lock(struct vnode *moved, struct vnode *victim)
{
	struct vnode *second = victim;

	if (victim && locks_before(victim, moved)) {
		mutex_lock_second(&victim->lock);
		second = moved;
	} else {
		mutex_lock_second(&moved->lock);
	}
	if (second)
		mutex_lock_second(&second->lock);
}

static void moved_unlock(struct vnode *moved, struct vnode *victim)
{
	mutex_unlock(&moved->lock);
	if (victim)
		mutex_unlock(&victim->lock);
}

/* The change itself; the directories' locks are held. */
static int rename_apply(struct place *from, struct place *to, bool exchange)
{
	struct vnode *moved = from->dentry->vnode, *victim = to->dentry->vnode;
	struct dentry_rename names;
	int err;

	if (!from->dir->ops->rename)
		return -EPERM;
	err = dentry_rename_prepare(&names, from->dentry, to->dentry);
	if (err)
		return err;
	moved_lock(moved, victim);
	if (READ_ONCE(from->dentry->mounts) > 0 || READ_ONCE(to->dentry->mounts) > 0)
		err = -EBUSY;
	else
		err = from->dir->ops->rename(from->dir, &from->last.name, moved, to->dir,
			&to->last.name, victim, exchange);
	if (err) {
		moved_unlock(moved, victim);
		dentry_rename_cancel(&names);
		return err;
	}
	if (victim && !exchange)
		dir_set_dead(to->dentry);
	dentry_rename(&names, from->dentry, to->dentry, exchange);
	moved_unlock(moved, victim);
	notify_moved(from->dir, &from->last.name, to->dir, &to->last.name, moved,
		exchange || !victim ? NULL : to->dentry);
	if (exchange)
		notify_moved(to->dir, &to->last.name, from->dir, &from->last.name, victim, NULL);
	return 0;
}

static int rename_locked(
	struct place *from, struct place *to, unsigned flags, const struct cred *cred)
{
	int err = place_lookup_locked(from);

	if (err)
		return err;
	err = place_lookup_locked(to);
	if (err)
		goto put_from;
	err = rename_check(from, to, flags, cred);
	/* Two names of one file: nothing to do. */
	if (!err && from->dentry->vnode != to->dentry->vnode)
		err = rename_apply(from, to, flags & RENAME_EXCHANGE);
	dentry_put(to->dentry);
put_from:
	dentry_put(from->dentry);
	return err;
}

int fs_rename(const struct fs_call *from_call, const char *from_path, const struct fs_call *to_call,
	const char *to_path, unsigned flags)
{
	struct place from, to;
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	err = place_find(&from, from_call, from_path, 0);
	if (err)
		return err;
	err = place_find(&to, to_call, to_path, 0);
	if (err)
		goto end_from;
	if (from.walk.at.mount != to.walk.at.mount) {
		err = -EXDEV;
	} else if (last_is_special(&from.last)) {
		err = -EBUSY;
	} else if (last_is_special(&to.last)) {
		err = flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	} else if (from.write_err) {
		err = from.write_err;
	} else {
		rename_lock(&from, &to);
		err = rename_locked(&from, &to, flags, to_call->cred);
		rename_unlock(&from, &to);
	}
	place_end(&to);
end_from:
	place_end(&from);
	return err;
}
