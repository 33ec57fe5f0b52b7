#ifndef FS_INOTIFY_H
#define FS_INOTIFY_H
/*
 * inotify(7): watches of files, and the file that their events are read from.
 */
#include <stdint.h>

#include "abi/inotify.h"
#include "fs/fs.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/rbtree.h"

struct inotify;
struct vnode;

/* One watch of one vnode for one inotify. */
struct watch {
	struct list_head list_link; /* [vnode's list lock] */
	struct list_head all_link;  /* [all watches' lock] */
	struct rb_node node;        /* [inotify's lock] by wd */
	struct inotify *inotify;    /* [I] while it is in the vnode's list */
	struct vnode *vnode;        /* [I] reference held */
	uint32_t refs;              /* [a] */
	uint32_t mask;              /* [vnode's list lock] IN_* that are asked for, how to watch */
	bool ended;                 /* [vnode's list lock] IN_ONESHOT, and it has had its event */
	int32_t wd;                 /* [I] */
};

/* Queue an event of a watch; its vnode's list is locked. name NULL: none. */
void inotify_tell_locked(
	const struct watch *watch, uint32_t event, uint32_t cookie, const struct name *name);
/* Out of everything; the file says so (IN_IGNORED) if `tells`. The vnode's list is not locked.
 * False: somebody else has done it. */
bool watch_end(struct watch *watch, bool tells);
void watch_get(struct watch *watch);
void watch_put(struct watch *watch);
/* A watch of a vnode of the file system, with a reference; NULL: none. */
struct watch *watch_of_superblock(const struct superblock *sb);

/* A file with refs 1. flags: O_NONBLOCK. -EMFILE: the user has too many; -ENOMEM. */
__must_check int inotify_create(uint32_t flags, struct cred *cred, struct file **file);
/* inotify_add_watch(2): the watch's number. -EINVAL (mask, no such file), -EEXIST, -ENOSPC (the
 * user has too many), and what finding the path gives. */
int inotify_add(struct file *file, const struct fs_call *call, const char *path, uint32_t mask);
/* Is it one that inotify_add_watch(2) takes? */
bool inotify_mask_ok(uint32_t mask);
/* -EINVAL: no such file, no such number. */
int inotify_remove(struct file *file, int32_t wd);

/* /proc/sys/fs/inotify; that of events counts for those that are made from now on. */
struct inotify_limits {
	uint32_t queued_events, instances, watches; /* [a] */
};
extern struct inotify_limits inotify_limits;

#endif
