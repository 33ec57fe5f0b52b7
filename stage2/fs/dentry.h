#ifndef FS_DENTRY_H
#define FS_DENTRY_H
/*
 * The name cache. A dentry is one name in one directory and the vnode behind it, or none: a
 * negative entry remembers that the name is not there. Dentries point at their parents, so they
 * form the tree that ".." and getcwd walk.
 *
 * A table hashed by parent and name finds them. The table holds one reference of each dentry in it;
 * it gives up those that nobody else holds when memory is short. A dentry is negative or positive
 * for life, except that a negative one becomes positive when the name is made. A name that is
 * removed leaves the table; who holds the dentry keeps a nameless, but valid, object.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "fs/vnode.h"
#include "lib/compiler.h"
#include "lib/list.h"

#define DENTRY_INLINE_NAME 40

struct dentry {
	struct dentry *hash_next;  /* [bucket] */
	uint64_t hash;             /* [bucket] of parent and name */
	uint32_t refs;             /* [a] */
	bool hashed;               /* [bucket] in the table */
	bool removed;              /* [a] its name was removed */
	bool used;                 /* [a] found since the shrinker last looked */
	uint32_t mounts;           /* [a] mounts upon it */
	struct vnode *vnode;       /* [a] reference held; NULL: negative. Set once */
	struct spinlock lock;      /* RANK_REFS; parent and name, which rename changes */
	struct dentry *parent;     /* [lock, bucket] reference held; a root's is itself, not held */
	char *name;                /* [lock, bucket] NUL-terminated; inline_name, or kmalloc'ed; */
	uint32_t name_bytes;       /* [lock, bucket] with zeros behind it up to a whole word */
	struct list_head lru_link; /* [lru] all in the table */
	struct list_head children; /* [lru] those in the table whose parent it is: */
	struct list_head sibling;  /* [lru] */
	char inline_name[DENTRY_INLINE_NAME];
};

/* Set up the table; once at boot. */
void dentry_init(void);

/* The root of a file system, not in the table; takes over the vnode's reference on success.
 * -ENOMEM.
 */
__must_check int dentry_create_root(struct vnode *vnode, struct dentry **dentry);

/* The same for a file without a name, of which `text` is shown. */
__must_check int dentry_create_nameless(
	const char *text, struct vnode *vnode, struct dentry **dentry);
/* The same of a file that looks as if its name in `parent` had been removed: "#" and its number. */
__must_check int dentry_create_removed(
	struct dentry *parent, struct vnode *vnode, struct dentry **dentry);
/* Is it one of those without a parent? */
bool dentry_is_nameless(const struct dentry *dentry);

static inline void dentry_get(struct dentry *dentry)
{
	__atomic_add_fetch(&dentry->refs, 1, __ATOMIC_RELAXED);
}
/* The last reference has gone: free it, and up the tree what nobody holds then. */
void dentry_free(struct dentry *dentry);
static inline void dentry_put(struct dentry *dentry)
{
	if (__atomic_sub_fetch(&dentry->refs, 1, __ATOMIC_ACQ_REL) == 0)
		dentry_free(dentry);
}

/* The cached dentry of a name, positive or negative, with a reference; NULL: not known. Never
 * sleeps. */
struct dentry *dentry_find(struct dentry *parent, const struct name *name);

/* From *at, a directory whose reference moves along, down a path: as long as what comes is the name
 * of a cached directory that `cred` may enter, that nothing is mounted upon, and that is not the
 * last. *name is the component that needs a closer look (bytes 0: none is left; they may be more
 * than NAME_MAX), *text what is behind it. Never sleeps. */
void dentry_descend(
	struct dentry **at, const char **text, const struct cred *cred, struct name *name);

/* The dentry of a name, asking the file system if it is not cached: positive or negative. The
 * parent's vnode lock is held. -ENOMEM, -EIO ... */
__must_check int dentry_lookup(
	struct dentry *parent, const struct name *name, struct dentry **dentry);

/* The name was made: the negative dentry shows `vnode`, whose reference it takes over. Directory
 * lock held. */
void dentry_instantiate(struct dentry *dentry, struct vnode *vnode);

/* The name was removed: the dentry leaves the table. Directory lock held. */
void dentry_unhash(struct dentry *dentry);

/* Rename: `from` takes the place of `to` (which leaves the table), or with exchange both change
 * places. May not fail, so the memory is prepared first: dentry_rename_prepare, then the file
 * system's rename, then dentry_rename or dentry_rename_cancel. Directory locks held. */
struct dentry_rename {
	char *from_name, *to_name; /* memory for long names, or NULL */
};
__must_check int dentry_rename_prepare(
	struct dentry_rename *rename, struct dentry *from, struct dentry *to);
void dentry_rename(
	struct dentry_rename *rename, struct dentry *from, struct dentry *to, bool exchange);
void dentry_rename_cancel(struct dentry_rename *rename);

/* The parent, with a reference; of a root: itself. */
struct dentry *dentry_parent(struct dentry *dentry);
/* Is `dentry` at or below `above`? Stable while the file system's rename lock is held. */
bool dentry_is_below(struct dentry *dentry, struct dentry *above);

/* Was the name removed? */
bool dentry_removed(const struct dentry *dentry);

/* Something has been mounted upon it; no more. As long as something is, even a name that is not to
 * be cached stays known. */
void dentry_mounts_add(struct dentry *dentry);
void dentry_mounts_sub(struct dentry *dentry);

/* The file system ends, nobody uses its names: forget all. Sleeps. */
void dentry_forget_all(struct superblock *sb);

/* A directory has been removed: forget the names that are known not to be in it, each of which
 * keeps it. Its lock is held, and it is dead, so that no more come. May sleep. */
void dentry_forget_children(struct dentry *dentry);
/* Forget up to `target` cached names that nobody uses (UINT64_MAX: all). Returns how many went. May
 * sleep: vnodes go with them. */
uint64_t dentry_shrink(uint64_t target);

/* Changes while a name or place in the tree does: who reads several dentries as one path tries
 * again. */
uint32_t dentry_tree_begin(void);
bool dentry_tree_retry(uint32_t begun);

#endif
