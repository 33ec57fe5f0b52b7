/*
 * The name cache: a hash table of names, each with its parent and its vnode.
 *
 * References. The table holds one of each dentry in it, a child one of its parent, so that only
 * leaves that nobody uses can be forgotten: those whose one reference is the table's. Look-up takes
 * a bucket's lock for a few instructions; nothing on its way is shared by all CPUs.
 *
 * Who changes what. A dentry enters and leaves the table under the lock of its directory's vnode
 * (the shrinker needs no such lock: it removes what nobody knows). Rename takes the dentry out,
 * changes parent and name under the dentry's own lock, and puts it in again; a look-up in between
 * finds nothing and waits for the directory's lock.
 *
 * Locks of rank RANK_REFS are never held together here.
 */
#include "fs/dentry.h"

#include "abi/errno.h"
#include "core/panic.h"
#include "core/random.h"
#include "fs/notify.h"
#include "fs/superblock.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define DENTRY_LOCKS           64
#define DENTRY_BUCKETS_MIN     256
#define DENTRY_BUCKETS_MAX     (1u << 19)
#define DENTRY_FRAMES_A_BUCKET 4

static struct {
	struct dentry **buckets;
	uint64_t mask;
	struct spinlock locks[DENTRY_LOCKS]; /* of bucket n: n % DENTRY_LOCKS */
	struct spinlock lru_lock;
	struct list_head lru;                  /* [lru_lock] oldest first */
	uint64_t count;                        /* [lru_lock] in that list */
	uint32_t renames_begun, renames_ended; /* [a] differ while the tree's shape changes */
} names;

struct hash_key name_key;

static struct slab_cache dentry_cache = SLAB_CACHE("dentry", struct dentry);

static uint64_t dentry_shrink_frames(uint64_t target);
static struct shrinker dentry_shrinker = { .name = "dentry", .shrink = dentry_shrink_frames };

void dentry_init(void)
{
	uint64_t buckets = DENTRY_BUCKETS_MIN;

	while (buckets < frame_total() / DENTRY_FRAMES_A_BUCKET && buckets < DENTRY_BUCKETS_MAX)
		buckets *= 2;
	names.buckets = kzalloc(buckets * sizeof(*names.buckets));
	if (!names.buckets)
		panic("no memory for the name cache");
	names.mask = buckets - 1;
	random_bytes(&name_key, sizeof(name_key));
	for (unsigned i = 0; i < DENTRY_LOCKS; i++)
		spin_init(&names.locks[i], "name bucket", RANK_REFS);
	spin_init(&names.lru_lock, "name lru", RANK_REFS);
	list_init(&names.lru);
	shrinker_add(&dentry_shrinker);
}

/* A name's hash is good as it is; parents, of which there are many with the same names in them,
 * need no more than to be told apart. */
static inline uint64_t place_hash(const struct dentry *parent, const struct name *name)
{
	return name->hash ^ ((uint64_t)parent >> 6) * 0x9e3779b97f4a7c15;
}

static struct spinlock *bucket_lock(uint64_t hash)
{
	return &names.locks[hash & names.mask & (DENTRY_LOCKS - 1)];
}

/* ---- making and freeing -------------------------------------------------------------------- */

static bool name_is_long(const struct dentry *dentry)
{
	return dentry->name != dentry->inline_name;
}

/* What a name's text takes: whole words, the last of them with zeros in it. */
static size_t text_bytes(size_t name_bytes)
{
	return (name_bytes & ~7ul) + 8;
}

static void text_copy(char *to, const char *from, size_t name_bytes)
{
	memset(to + (name_bytes & ~7ul), 0, 8);
	memcpy(to, from, name_bytes);
}

/* A dentry in no table, refs 1, negative; takes a reference to the parent. -ENOMEM. */
static int dentry_create(struct dentry *parent, const struct name *name, struct dentry **dentry)
{
	struct dentry *d = slab_zalloc(&dentry_cache);

	if (!d)
		return -ENOMEM;
	d->name = d->inline_name;
	if (name->bytes >= DENTRY_INLINE_NAME)
		d->name = kmalloc(text_bytes(name->bytes));
	if (!d->name) {
		slab_free(&dentry_cache, d);
		return -ENOMEM;
	}
	text_copy(d->name, name->text, name->bytes);
	d->name_bytes = (uint32_t)name->bytes;
	d->refs = 1;
	d->parent = parent;
	if (parent)
		dentry_get(parent);
	spin_init(&d->lock, "dentry", RANK_REFS);
	list_init(&d->lru_link);
	list_init(&d->children);
	list_init(&d->sibling);
	*dentry = d;
	return 0;
}

static int dentry_create_alone(const char *text, struct vnode *vnode, struct dentry **dentry)
{
	const struct name name = { .text = text, .bytes = strlen(text) };
	int err = dentry_create(NULL, &name, dentry);

	if (!err)
		(*dentry)->vnode = vnode;
	return err;
}

int dentry_create_root(struct vnode *vnode, struct dentry **dentry)
{
	return dentry_create_alone("/", vnode, dentry);
}

int dentry_create_nameless(const char *text, struct vnode *vnode, struct dentry **dentry)
{
	return dentry_create_alone(text, vnode, dentry);
}

int dentry_create_removed(struct dentry *parent, struct vnode *vnode, struct dentry **dentry)
{
	char text[24];
	const struct name name = { .text = text,
		.bytes = (size_t)snprintf(text, sizeof(text), "#%lu", vnode->ino) };
	int err = dentry_create(parent, &name, dentry);

	if (err)
		return err;
	(*dentry)->vnode = vnode;
	(*dentry)->removed = true;
	return 0;
}

bool dentry_is_nameless(const struct dentry *dentry)
{
	return !dentry->parent && dentry->name[0] != '/';
}

void dentry_free(struct dentry *dentry)
{
	struct dentry *parent;

	do {
		parent = dentry->parent;
		assert(!dentry->hashed);
		notify_dentry_gone(dentry);
		if (dentry->vnode)
			vnode_put(dentry->vnode);
		if (name_is_long(dentry))
			kfree(dentry->name);
		slab_free(&dentry_cache, dentry);
		dentry = parent;
	} while (dentry && __atomic_sub_fetch(&dentry->refs, 1, __ATOMIC_ACQ_REL) == 0);
}

/* ---- the table ------------------------------------------------------------------------------ */

/* Of one length. Names of dentries have zeros behind them, up to the next whole word. The words
 * before the last are out of line: most names are short. */
static __noinline bool words_equal(const char *a, const char *b, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += 8)
		if (__builtin_memcmp(a + at, b + at, 8) != 0)
			return false;
	return true;
}

static inline bool name_equals(const struct name *name, const char *text)
{
	size_t whole = name->bytes & ~7ul;

	return __builtin_memcmp(text + whole, &name->rest, 8) == 0 &&
	       (likely(whole == 0) || words_equal(text, name->text, whole));
}

static inline bool dentry_matches(const struct dentry *dentry, uint64_t hash,
	const struct dentry *parent, const struct name *name)
{
	return dentry->hash == hash && dentry->parent == parent &&
	       dentry->name_bytes == name->bytes && name_equals(name, dentry->name);
}

static __inlined struct dentry *find(struct dentry *parent, const struct name *name)
{
	uint64_t hash = place_hash(parent, name);
	struct spinlock *lock = bucket_lock(hash);
	struct dentry *dentry;

	spin_lock(lock);
	dentry = names.buckets[hash & names.mask];
	while (dentry && !dentry_matches(dentry, hash, parent, name))
		dentry = dentry->hash_next;
	if (dentry) {
		dentry_get(dentry);
		if (!dentry->used)
			WRITE_ONCE(dentry->used, true);
	}
	spin_unlock(lock);
	return dentry;
}

static __noinline struct dentry *find_unhashed(struct dentry *parent, struct name name)
{
	name_complete(&name);
	return find(parent, &name);
}

struct dentry *dentry_find(struct dentry *parent, const struct name *name)
{
	return likely(name->hash) ? find(parent, name) : find_unhashed(parent, *name);
}

/* A directory below a directory, with a reference; NULL: none without a closer look. */
static inline struct dentry *find_directory(
	struct dentry *parent, const struct name *name, const struct cred *cred)
{
	struct dentry *child;

	if (vnode_may_search(parent->vnode, cred))
		return NULL;
	child = find(parent, name);
	if (!child || (child->vnode && S_ISDIR(child->vnode->mode) && !READ_ONCE(child->mounts)))
		return child;
	dentry_put(child);
	return NULL;
}

void dentry_descend(
	struct dentry **at, const char **text, const struct cred *cred, struct name *name)
{
	struct dentry *dir = *at, *child;
	bool is_directory = S_ISDIR(dir->vnode->mode); /* and so are those that are found */
	const char *from = *text, *next;

	for (;; from = next) {
		while (*from == '/')
			from++;
		if (unlikely(!name_scan(from, name)))
			name_measure(from, name);
		next = from + name->bytes;
		if (*from == '.' || name->bytes > NAME_MAX)
			break;
		while (*next == '/')
			next++;
		if (*next == '\0' || !is_directory)
			break;
		child = find_directory(dir, name, cred);
		if (!child)
			break;
		dentry_put(dir);
		dir = child;
	}
	*at = dir;
	*text = from + name->bytes;
}

/* Whose name it is. Its place does not change: its directory is locked, or nobody else knows it. */
static struct superblock *dentry_superblock(const struct dentry *dentry)
{
	return dentry->parent->vnode->sb;
}

/* Into the table, with a reference for it. */
static void dentry_hash(struct dentry *dentry)
{
	struct name name = { .text = dentry->name, .bytes = dentry->name_bytes };
	struct spinlock *lock;
	uint64_t hash;

	name_complete(&name);
	hash = place_hash(dentry->parent, &name);
	lock = bucket_lock(hash);
	dentry_get(dentry);
	spin_lock(lock);
	dentry->hash = hash;
	dentry->hash_next = names.buckets[hash & names.mask];
	names.buckets[hash & names.mask] = dentry;
	dentry->hashed = true;
	spin_unlock(lock);
	spin_lock(&names.lru_lock);
	list_add_tail(&dentry->lru_link, &names.lru);
	list_add_tail(&dentry->sibling, &dentry->parent->children);
	names.count++;
	dentry_superblock(dentry)->names++;
	spin_unlock(&names.lru_lock);
}

/* Out of its bucket, if it is there and, unless `refs` is 0, nobody but `refs` holders know it. */
static bool bucket_remove(struct dentry *dentry, uint32_t refs)
{
	uint64_t hash = READ_ONCE(dentry->hash);
	struct spinlock *lock = bucket_lock(hash);
	struct dentry **link;
	bool removed;

	spin_lock(lock);
	removed = dentry->hashed && dentry->hash == hash &&
	          (refs == 0 || READ_ONCE(dentry->refs) == refs);
	if (removed) {
		link = &names.buckets[hash & names.mask];
		while (*link != dentry)
			link = &(*link)->hash_next;
		*link = dentry->hash_next;
		dentry->hashed = false;
	}
	spin_unlock(lock);
	return removed;
}

/* Off the list and rid of the table's reference, after bucket_remove. */
static void dentry_forget(struct dentry *dentry)
{
	spin_lock(&names.lru_lock);
	list_del(&dentry->lru_link);
	list_del(&dentry->sibling);
	names.count--;
	dentry_superblock(dentry)->names--;
	spin_unlock(&names.lru_lock);
	dentry_put(dentry);
}

static void table_leave(struct dentry *dentry)
{
	if (bucket_remove(dentry, 0))
		dentry_forget(dentry);
}

void dentry_unhash(struct dentry *dentry)
{
	WRITE_ONCE(dentry->removed, true);
	table_leave(dentry);
}

int dentry_lookup(struct dentry *parent, const struct name *name, struct dentry **dentry)
{
	struct vnode *dir = parent->vnode;
	struct vnode *vnode = NULL;
	struct dentry *found = dentry_find(parent, name);
	int err;

	debug_assert(mutex_held(&dir->lock));
	if (found)
		goto done;
	err = dentry_create(parent, name, &found);
	if (err)
		return err;
	err = dir->ops->lookup(dir, name, &vnode);
	if (err && err != -ENOENT) {
		dentry_put(found);
		return err;
	}
	found->vnode = vnode;
	/* A name would keep a directory that is gone. */
	if (!dir->dead && !dir->sb->uncached_names && (vnode || !dir->sb->volatile_names))
		dentry_hash(found);
done:
	*dentry = found;
	return 0;
}

void dentry_instantiate(struct dentry *dentry, struct vnode *vnode)
{
	assert(!dentry->vnode);
	__atomic_store_n(&dentry->vnode, vnode, __ATOMIC_RELEASE);
	if (!dentry->hashed)
		dentry_hash(dentry);
}

/* ---- the shape of the tree --------------------------------------------------------------- */

struct dentry *dentry_parent(struct dentry *dentry)
{
	struct dentry *parent;

	spin_lock(&dentry->lock);
	parent = dentry->parent ? dentry->parent : dentry;
	dentry_get(parent);
	spin_unlock(&dentry->lock);
	return parent;
}

bool dentry_is_below(struct dentry *dentry, struct dentry *above)
{
	bool found;

	dentry_get(dentry);
	while (dentry != above && dentry->parent) {
		struct dentry *parent = dentry_parent(dentry);

		dentry_put(dentry);
		dentry = parent;
	}
	found = dentry == above;
	dentry_put(dentry);
	return found;
}

uint32_t dentry_tree_begin(void)
{
	uint32_t begun = __atomic_load_n(&names.renames_begun, __ATOMIC_ACQUIRE);

	while (__atomic_load_n(&names.renames_ended, __ATOMIC_ACQUIRE) != begun) {
		cpu_relax();
		begun = __atomic_load_n(&names.renames_begun, __ATOMIC_ACQUIRE);
	}
	return begun;
}

bool dentry_tree_retry(uint32_t begun)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return READ_ONCE(names.renames_begun) != begun;
}

static int long_name_alloc(const struct dentry *dentry, char **name)
{
	*name = NULL;
	if (dentry->name_bytes < DENTRY_INLINE_NAME)
		return 0;
	*name = kmalloc(text_bytes(dentry->name_bytes));
	return *name ? 0 : -ENOMEM;
}

int dentry_rename_prepare(struct dentry_rename *rename, struct dentry *from, struct dentry *to)
{
	int err = long_name_alloc(to, &rename->from_name);

	if (err)
		return err;
	err = long_name_alloc(from, &rename->to_name);
	if (err)
		kfree(rename->from_name);
	return err;
}

void dentry_rename_cancel(struct dentry_rename *rename)
{
	kfree(rename->from_name);
	kfree(rename->to_name);
}

/* Give the dentry a place: parent (whose reference it takes over) and name. `memory` is for a long
 * name; returns memory that is no longer needed, and the old parent. */
static char *dentry_place(struct dentry *dentry, struct dentry **parent, const char *name,
	uint32_t name_bytes, char *memory)
{
	char *old_memory = name_is_long(dentry) ? dentry->name : NULL;
	struct dentry *old_parent = dentry->parent;

	spin_lock(&dentry->lock);
	dentry->name = memory ? memory : dentry->inline_name;
	text_copy(dentry->name, name, name_bytes);
	dentry->name_bytes = name_bytes;
	dentry->parent = *parent;
	spin_unlock(&dentry->lock);
	*parent = old_parent;
	return old_memory;
}

void dentry_rename(
	struct dentry_rename *rename, struct dentry *from, struct dentry *to, bool exchange)
{
	char name[NAME_MAX + 1];
	uint32_t name_bytes = from->name_bytes;
	struct dentry *parent = to->parent;
	char *old_memory;

	memcpy(name, from->name, name_bytes);
	dentry_get(parent);
	table_leave(from);
	if (exchange)
		table_leave(to);
	else
		dentry_unhash(to);

	preempt_disable();
	__atomic_add_fetch(&names.renames_begun, 1, __ATOMIC_SEQ_CST);
	old_memory = dentry_place(from, &parent, to->name, to->name_bytes, rename->from_name);
	kfree(old_memory);
	if (exchange) {
		old_memory = dentry_place(to, &parent, name, name_bytes, rename->to_name);
		kfree(old_memory);
	} else {
		kfree(rename->to_name);
	}
	__atomic_add_fetch(&names.renames_ended, 1, __ATOMIC_RELEASE);
	preempt_enable();

	dentry_put(parent);
	dentry_hash(from);
	if (exchange)
		dentry_hash(to);
}

bool dentry_removed(const struct dentry *dentry)
{
	return READ_ONCE(dentry->removed);
}

/* ---- mounts --------------------------------------------------------------------------------- */

void dentry_mounts_add(struct dentry *dentry)
{
	__atomic_add_fetch(&dentry->mounts, 1, __ATOMIC_RELEASE);
	if (dentry->parent && !dentry->hashed)
		dentry_hash(dentry);
}

void dentry_mounts_sub(struct dentry *dentry)
{
	uint32_t left = __atomic_sub_fetch(&dentry->mounts, 1, __ATOMIC_RELEASE);

	if (left == 0 && dentry->parent && dentry->vnode->sb->uncached_names)
		table_leave(dentry);
}

/* ---- giving memory back ------------------------------------------------------------------ */

/* The oldest name, with a reference; it goes to the end of the list. NULL: none. */
static struct dentry *lru_take(void)
{
	struct dentry *dentry;

	spin_lock(&names.lru_lock);
	dentry = list_first(&names.lru, struct dentry, lru_link);
	if (dentry) {
		dentry_get(dentry);
		list_del(&dentry->lru_link);
		list_add_tail(&dentry->lru_link, &names.lru);
	}
	spin_unlock(&names.lru_lock);
	return dentry;
}

void dentry_forget_all(struct superblock *sb)
{
	while (READ_ONCE(sb->names) > 0) {
		struct dentry *dentry = lru_take();
		bool ours;

		if (!dentry)
			break;
		spin_lock(&dentry->lock);
		ours = dentry_superblock(dentry) == sb;
		spin_unlock(&dentry->lock);
		if (ours && bucket_remove(dentry, 0))
			dentry_forget(dentry);
		dentry_put(dentry);
	}
}

/* One that is in the table, with a reference; NULL: none is any more. */
static struct dentry *child_find(struct dentry *dentry)
{
	struct dentry *child, *found = NULL;

	spin_lock(&names.lru_lock);
	list_for_each(child, &dentry->children, sibling) {
		if (READ_ONCE(child->hashed)) {
			found = child;
			dentry_get(found);
			break;
		}
	}
	spin_unlock(&names.lru_lock);
	return found;
}

void dentry_forget_children(struct dentry *dentry)
{
	struct dentry *child;

	assert(dentry->vnode->dead);
	while ((child = child_find(dentry)) != NULL) {
		if (bucket_remove(child, 0))
			dentry_forget(child);
		dentry_put(child);
	}
}

/* Look once at each name there is now; with `even_used` also at those found since the last time. */
static uint64_t shrink_pass(uint64_t target, bool even_used)
{
	uint64_t freed = 0;

	for (uint64_t left = READ_ONCE(names.count); left > 0 && freed < target; left--) {
		struct dentry *dentry = lru_take();

		if (!dentry)
			break;
		if (dentry->used && !even_used) {
			WRITE_ONCE(dentry->used, false);
		} else if (bucket_remove(dentry, 2)) {
			dentry_forget(dentry);
			freed++;
		}
		dentry_put(dentry);
	}
	return freed;
}

uint64_t dentry_shrink(uint64_t target)
{
	bool all = target == UINT64_MAX;
	uint64_t freed = 0, pass;

	do {
		pass = shrink_pass(target - freed, all);
		freed += pass;
	} while (pass > 0 && freed < target);
	return freed;
}

static uint64_t dentry_shrink_frames(uint64_t target)
{
	uint64_t before = frame_free_count();

	dentry_shrink(target * (PAGE_SIZE / sizeof(struct dentry)));
	slab_drain();
	return frame_free_count() > before ? frame_free_count() - before : 0;
}
