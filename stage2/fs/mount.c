/*
 * The mount table: the list of all mounts, their tree, and the hash table of places that walks look
 * into.
 *
 * An entry of the hash table has its parent and its mountpoint for as long as it is in there, so
 * the bucket's lock is enough to find it. Who goes up from a mount takes the mount's lock.
 *
 * That a mount is not in use is decided under its bucket's lock: new references come from there, or
 * from one that somebody has.
 */
#include "fs/mount.h"

#include "abi/errno.h"
#include "abi/mount.h"
#include "lib/assert.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/mutex.h"

#define BUCKETS 64

static struct {
	struct mutex lock;    /* RANK_MOUNTS */
	struct list_head all; /* [lock] struct mount.link, oldest first */
	struct mount *root;   /* [lock; read without] */
	uint32_t last_id;     /* [lock] */
	struct bucket {
		struct spinlock lock;    /* RANK_REFS */
		struct list_head places; /* [lock] struct mount.place_link */
	} buckets[BUCKETS];
} mounts = {
	.lock = MUTEX_INIT(mounts.lock, "mounts", RANK_MOUNTS),
	.all = LIST_INIT(mounts.all),
};

void mount_init_all(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_init(&mounts.buckets[i].lock, "mount bucket", RANK_REFS);
		list_init(&mounts.buckets[i].places);
	}
}

void mounts_lock(void)
{
	mutex_lock(&mounts.lock);
}

void mounts_unlock(void)
{
	mutex_unlock(&mounts.lock);
}

/* ---- counting ------------------------------------------------------------------------------- */

static void mount_destroy(struct mount *mount)
{
	struct superblock *sb = mount->sb;

	assert(!mount->parent && mount->writers == 0);
	spin_lock(&sb->mounts_lock);
	list_del(&mount->sb_link);
	spin_unlock(&sb->mounts_lock);
	dentry_put(mount->root);
	kfree(mount->source);
	kfree(mount);
	superblock_unuse(sb);
}

void mount_put(struct mount *mount)
{
	if (READ_ONCE(mount->expiring))
		WRITE_ONCE(mount->expiring, false);
	mount_put_no_expire(mount);
}

void mount_put_no_expire(struct mount *mount)
{
	if (__atomic_sub_fetch(&mount->refs, 1, __ATOMIC_ACQ_REL) == 0)
		mount_destroy(mount);
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

int mount_create(struct superblock *sb, struct dentry *root, const char *source, uint32_t flags,
	struct mount **mount)
{
	struct mount *m = kzalloc(sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->source = kmalloc(strlen(source) + 1);
	if (!m->source) {
		kfree(m);
		return -ENOMEM;
	}
	memcpy(m->source, source, strlen(source) + 1);
	m->sb = sb;
	m->root = root;
	dentry_get(root);
	m->flags = flags & MOUNT_FLAGS;
	m->refs = 1;
	spin_init(&m->lock, "mount", RANK_REFS);
	list_init(&m->place_link);
	list_init(&m->link);
	list_init(&m->children);
	list_init(&m->sibling);
	list_init(&m->sb_link);
	spin_lock(&sb->mounts_lock);
	list_add_tail(&m->sb_link, &sb->mounts);
	spin_unlock(&sb->mounts_lock);
	*mount = m;
	return 0;
}

/* ---- places --------------------------------------------------------------------------------- */

static struct bucket *bucket_of(const struct mount *parent, const struct dentry *mountpoint)
{
	uint64_t hash = hash_u64((uint64_t)parent ^ hash_u64((uint64_t)mountpoint));

	return &mounts.buckets[hash % BUCKETS];
}

struct mount *mount_upon(const struct path *path)
{
	struct bucket *bucket = bucket_of(path->mount, path->dentry);
	struct mount *mount, *found = NULL;

	spin_lock(&bucket->lock);
	list_for_each(mount, &bucket->places, place_link) {
		if (mount->parent == path->mount && mount->mountpoint == path->dentry) {
			found = mount;
			mount_get(found);
			break;
		}
	}
	spin_unlock(&bucket->lock);
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

bool mount_leave(struct path *path)
{
	struct mount *mount = path->mount;
	struct path upper;

	spin_lock(&mount->lock);
	upper = (struct path){ .mount = mount->parent, .dentry = mount->mountpoint };
	if (upper.mount)
		path_get(&upper);
	spin_unlock(&mount->lock);
	if (!upper.mount)
		return false;
	path_put(path);
	*path = upper;
	return true;
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

/* ---- the tree ------------------------------------------------------------------------------- */

static void enter_all_locked(struct mount *top)
{
	for (struct mount *mount = top; mount; mount = mount_next_locked(mount, top)) {
		if (mount->attached)
			continue;
		mount->attached = true;
		mount->id = ++mounts.last_id;
		list_add_tail(&mount->link, &mounts.all);
	}
}

void mount_attach_locked(struct mount *mount, const struct path *upon)
{
	struct bucket *bucket;

	assert(mutex_held(&mounts.lock) && !mount->parent);
	if (!upon) {
		assert(!mounts.root);
		enter_all_locked(mount);
		WRITE_ONCE(mounts.root, mount);
		return;
	}
	path_get(upon);
	spin_lock(&mount->lock);
	mount->parent = upon->mount;
	mount->mountpoint = upon->dentry;
	spin_unlock(&mount->lock);
	list_add_tail(&mount->sibling, &upon->mount->children);
	if (upon->mount->attached)
		enter_all_locked(mount);
	bucket = bucket_of(upon->mount, upon->dentry);
	spin_lock(&bucket->lock);
	list_add(&mount->place_link, &bucket->places);
	spin_unlock(&bucket->lock);
	dentry_mounts_add(upon->dentry);
}

/* What follows the removal from the bucket. Neither reference is the last: the table has one of the
 * parent, or whoever takes it apart, and the name cache one of a name. */
static void place_left_locked(struct mount *mount)
{
	struct path upon = { .mount = mount->parent, .dentry = mount->mountpoint };

	spin_lock(&mount->lock);
	mount->parent = NULL;
	mount->mountpoint = NULL;
	spin_unlock(&mount->lock);
	list_del(&mount->sibling);
	dentry_mounts_sub(upon.dentry);
	path_put(&upon);
}

void mount_detach_locked(struct mount *mount)
{
	struct bucket *bucket = bucket_of(mount->parent, mount->mountpoint);

	assert(mutex_held(&mounts.lock));
	spin_lock(&bucket->lock);
	list_del(&mount->place_link);
	spin_unlock(&bucket->lock);
	place_left_locked(mount);
}

void mount_leave_locked(struct mount *mount)
{
	assert(mutex_held(&mounts.lock) && !mount->parent);
	list_del(&mount->link);
	mount->attached = false;
}

int mount_remove_unused_locked(struct mount *mount)
{
	struct bucket *bucket = bucket_of(mount->parent, mount->mountpoint);
	bool unused;

	assert(mutex_held(&mounts.lock));
	spin_lock(&bucket->lock);
	unused = __atomic_load_n(&mount->refs, __ATOMIC_ACQUIRE) == 2;
	if (unused)
		list_del(&mount->place_link);
	spin_unlock(&bucket->lock);
	if (!unused)
		return -EBUSY;
	place_left_locked(mount);
	mount_leave_locked(mount);
	return 0;
}

struct mount *mount_next_locked(struct mount *mount, struct mount *top)
{
	if (!list_empty(&mount->children))
		return list_first(&mount->children, struct mount, sibling);
	while (mount != top && mount->sibling.next == &mount->parent->children)
		mount = mount->parent;
	return mount == top ? NULL : list_entry(mount->sibling.next, struct mount, sibling);
}

void mount_for_each(void (*fn)(struct mount *mount, void *data), void *data)
{
	struct mount *mount;

	mounts_lock();
	list_for_each(mount, &mounts.all, link)
		fn(mount, data);
	mounts_unlock();
}

/* ---- writing -------------------------------------------------------------------------------- */

int mount_write_begin(struct mount *mount)
{
	__atomic_add_fetch(&mount->writers, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&mount->flags, __ATOMIC_SEQ_CST) & MOUNT_HOLD)
		cpu_relax();
	if (!mount_read_only(mount))
		return 0;
	mount_write_end(mount);
	return -EROFS;
}

void mount_write_end(struct mount *mount)
{
	__atomic_sub_fetch(&mount->writers, 1, __ATOMIC_RELEASE);
}

/* Between the two no new writer gets through: preemption is off. */
static void hold(struct mount *mount)
{
	__atomic_or_fetch(&mount->flags, MOUNT_HOLD, __ATOMIC_SEQ_CST);
}

static bool has_writers(const struct mount *mount)
{
	return __atomic_load_n(&mount->writers, __ATOMIC_SEQ_CST) > 0;
}

int mount_set_flags(struct mount *mount, uint32_t flags)
{
	uint32_t old = mount->flags;
	int err = 0;

	assert(mutex_held(&mounts.lock));
	preempt_disable();
	hold(mount);
	if ((flags & ~old & ST_RDONLY) && has_writers(mount))
		err = -EBUSY;
	__atomic_store_n(&mount->flags, err ? old : flags & MOUNT_FLAGS, __ATOMIC_RELEASE);
	preempt_enable();
	return err;
}

int superblock_set_flags(struct superblock *sb, uint32_t flags)
{
	bool closes = flags & ~sb->flags & MS_RDONLY;
	struct mount *mount;
	int err = 0;

	assert(mutex_held(&mounts.lock));
	spin_lock(&sb->mounts_lock); /* mounts that are made or go meanwhile wait */
	list_for_each(mount, &sb->mounts, sb_link) {
		hold(mount);
		if (closes && has_writers(mount))
			err = -EBUSY;
	}
	if (!err)
		__atomic_store_n(&sb->flags, flags, __ATOMIC_SEQ_CST);
	list_for_each(mount, &sb->mounts, sb_link)
		__atomic_and_fetch(&mount->flags, ~MOUNT_HOLD, __ATOMIC_RELEASE);
	spin_unlock(&sb->mounts_lock);
	return err;
}
