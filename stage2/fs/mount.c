/*
 * The mount table: a list under a spinlock, looked at only where a dentry says that something is
 * mounted upon it. Mounts are few and stay; unmounting is not here yet.
 */
#include "fs/mount.h"

#include "abi/errno.h"
#include "lib/assert.h"
#include "mm/slab.h"

static struct {
	struct spinlock lock;  /* RANK_REFS */
	struct list_head list; /* [lock] newest first */
	struct mount *root;    /* [lock] */
	uint32_t last_id;      /* [lock] */
} mounts = { .lock = SPINLOCK_INIT("mounts", RANK_REFS), .list = LIST_INIT(mounts.list) };

void mount_get(struct mount *mount)
{
	__atomic_add_fetch(&mount->refs, 1, __ATOMIC_RELAXED);
}

void mount_put(struct mount *mount)
{
	uint32_t left = __atomic_sub_fetch(&mount->refs, 1, __ATOMIC_ACQ_REL);

	assert(left > 0); /* the table's */
}

void path_get(const struct path *path)
{
	mount_get(path->mount);
	dentry_get(path->dentry);
}

void path_put(const struct path *path)
{
	dentry_put(path->dentry);
	mount_put(path->mount);
}

/* Into the table. -EBUSY: there is a root already. */
static int mount_insert(struct mount *mount)
{
	int err = 0;

	spin_lock(&mounts.lock);
	if (!mount->parent && mounts.root)
		err = -EBUSY;
	if (!err) {
		mount->id = ++mounts.last_id;
		list_add(&mount->link, &mounts.list);
		if (mount->parent)
			__atomic_add_fetch(&mount->mountpoint->mounts, 1, __ATOMIC_RELEASE);
		else
			mounts.root = mount;
	}
	spin_unlock(&mounts.lock);
	return err;
}

int mount_add(struct superblock *sb, const char *source, const struct path *at, struct path *root)
{
	struct mount *mount;
	int err;

	if (at && !S_ISDIR(path_vnode(at)->mode))
		return -ENOTDIR;
	mount = kzalloc(sizeof(*mount));
	if (!mount)
		return -ENOMEM;
	*mount = (struct mount){ .sb = sb, .source = source, .refs = 1 };
	vnode_get(sb->root);
	err = dentry_create_root(sb->root, &mount->root);
	if (err) {
		vnode_put(sb->root);
		goto free_mount;
	}
	if (at) {
		path_get(at);
		mount->parent = at->mount;
		mount->mountpoint = at->dentry;
	}
	err = mount_insert(mount);
	if (err)
		goto put_root;
	if (root) {
		*root = (struct path){ .mount = mount, .dentry = mount->root };
		path_get(root);
	}
	return 0;

put_root:
	dentry_put(mount->root);
free_mount:
	kfree(mount);
	return err;
}

int mount_root_get(struct path *root)
{
	struct mount *mount = READ_ONCE(mounts.root);

	if (!mount)
		return -ENODEV;
	*root = (struct path){ .mount = mount, .dentry = mount->root };
	path_get(root);
	return 0;
}

/* What is mounted upon the path, with a reference; NULL: nothing. */
static struct mount *mount_upon(const struct path *path)
{
	struct mount *mount, *found = NULL;

	spin_lock(&mounts.lock);
	list_for_each(mount, &mounts.list, link) {
		if (mount->parent == path->mount && mount->mountpoint == path->dentry) {
			found = mount;
			mount_get(found);
			break;
		}
	}
	spin_unlock(&mounts.lock);
	return found;
}

void mount_cross_down(struct path *path)
{
	while (READ_ONCE(path->dentry->mounts) > 0) {
		struct mount *mount = mount_upon(path);

		if (!mount)
			return;
		dentry_get(mount->root);
		path_put(path);
		*path = (struct path){ .mount = mount, .dentry = mount->root };
	}
}

bool mount_cross_up(struct path *path)
{
	struct path upper = { .mount = path->mount->parent, .dentry = path->mount->mountpoint };

	if (!upper.mount || path->dentry != path->mount->root)
		return false;
	path_get(&upper);
	path_put(path);
	*path = upper;
	return true;
}

struct mount *mount_at(unsigned index)
{
	struct mount *mount, *found = NULL;

	spin_lock(&mounts.lock);
	list_for_each(mount, &mounts.list, link) {
		if (index-- == 0) {
			found = mount;
			mount_get(found);
			break;
		}
	}
	spin_unlock(&mounts.lock);
	return found;
}
