#ifndef FS_NOTIFY_H
#define FS_NOTIFY_H
/*
 * What happens to files, for those who watch them (inotify). The rest of fs says it here: while
 * nobody watches anything that costs a load. Events are IN_* of abi/inotify.h.
 *
 * All may be called with mutexes of fs held, but no spinlock, and by who holds a reference to what
 * they are about. None sleeps.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/inotify.h"
#include "fs/dentry.h"
#include "io/file.h"
#include "lib/compiler.h"

struct superblock;

/* The watches of one vnode: vnode->watches; NULL: it was never watched. */
struct watch_list {
	struct spinlock lock;     /* RANK_REFS */
	struct list_head watches; /* [lock] struct watch.list_link */
};

static inline bool notify_wanted(void)
{
	return unlikely(READ_ONCE(file_watches) != 0);
}

void notify_vnode_slow(struct vnode *vnode, uint32_t event);
void notify_name_slow(struct vnode *dir, const struct name *name, const struct vnode *vnode,
	uint32_t event, uint32_t cookie);
void notify_dentry_slow(struct dentry *dentry, uint32_t event);

/* To a file itself, under whatever name. */
static inline void notify_vnode(struct vnode *vnode, uint32_t event)
{
	if (notify_wanted())
		notify_vnode_slow(vnode, event);
}

/* To a name in a directory, which stands (stood) for vnode. */
static inline void notify_name(
	struct vnode *dir, const struct name *name, const struct vnode *vnode, uint32_t event)
{
	if (notify_wanted())
		notify_name_slow(dir, name, vnode, event, 0);
}

/* To a file by this name: its directory is told, then the file itself. */
static inline void notify_dentry(struct dentry *dentry, uint32_t event)
{
	if (notify_wanted())
		notify_dentry_slow(dentry, event);
}

/* A name was removed, dentry's, to which the caller has a reference. */
void notify_removed(struct vnode *dir, const struct name *name, struct dentry *dentry);
/* A name was moved. victim: what it replaced, or NULL. With exchange call it both ways. */
void notify_moved(struct vnode *from_dir, const struct name *from, struct vnode *to_dir,
	const struct name *to, struct vnode *moved, struct dentry *victim);
/* The last user of a name has gone: if it was the last of its file, that is the file's end. */
void notify_dentry_gone(struct dentry *dentry);

/* A file system is unmounted for good, its vnodes are still there. */
void notify_unmounted(const struct superblock *sb);
/* The vnode is freed. */
void notify_vnode_freed(struct vnode *vnode);

#endif
