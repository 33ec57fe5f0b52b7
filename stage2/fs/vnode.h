#ifndef FS_VNODE_H
#define FS_VNODE_H
/*
 * A vnode is one file, whatever its type and its file system: attributes, operations, and for a
 * regular file its pages. Names are not its business: a dentry is a name for a vnode.
 *
 * References: each dentry, open file, mapping, and (in tmpfs) each directory entry holds one. With
 * the last one the file system's destroy is called.
 *
 * Attributes are written under `lock` and read without it: each is one aligned word.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/stat.h"
#include "fs/name.h"
#include "io/file.h"
#include "io/kept.h"
#include "lib/compiler.h"
#include "sched/mutex.h"

#define FILE_MAX INT64_MAX /* bytes of a file */

struct vnode;
struct mount;
struct superblock;
struct page_cache;
struct path;
struct statfs;

/* What create makes. */
struct node_spec {
	uint32_t mode; /* type and permission bits */
	uint32_t uid, gid;
	uint64_t rdev;      /* of a device */
	const char *target; /* of a symbolic link, NUL-terminated; else NULL */
};

/*
 * A file system's operations. All may sleep. Those on a directory are called with its lock held (of
 * rename: both, and the file system's rename lock where they differ); permissions, name lengths and
 * types have been checked. Results of type struct vnode carry a reference for the caller. An
 * operation that fails has changed nothing. A NULL operation: what it stands for gives -EPERM,
 * readlink -EINVAL.
 */
struct vnode_ops {
	/* -ENOENT: no such name. */
	int (*lookup)(struct vnode *dir, const struct name *name, struct vnode **vnode);
	/* A new node of any type under a name that is not there. */
	int (*create)(struct vnode *dir, const struct name *name, const struct node_spec *spec,
		struct vnode **vnode);
	/* The same without a name. Missing: -EOPNOTSUPP. The directory is not locked. */
	int (*create_nameless)(
		struct vnode *dir, const struct node_spec *spec, struct vnode **vnode);
	/* Another name for a file that is no directory, whose lock is held as well. -EMLINK. */
	int (*link)(struct vnode *dir, const struct name *name, struct vnode *vnode);
	/* Remove the name of a file or of an empty directory (-ENOTEMPTY; its lock is held as
	 * well). */
	int (*unlink)(struct vnode *dir, const struct name *name, struct vnode *vnode);
	/* Move `vnode` from one name to another; `victim` (or NULL) is what was there: it goes, or
	 * with `exchange` takes the old name. A victim that is a directory is empty (-ENOTEMPTY).
	 */
	int (*rename)(struct vnode *from_dir, const struct name *from, struct vnode *vnode,
		struct vnode *to_dir, const struct name *to, struct vnode *victim, bool exchange);
	/* The target into buf, not NUL-terminated; its length, cut to size. */
	ssize_t (*readlink)(struct vnode *vnode, char *buf, size_t size);
	/* The place that a symbolic link leads to, with references for the caller, where it is more
	 * than a text: /proc/PID/fd. Missing: the text is followed. */
	int (*follow)(struct vnode *link, struct path *path);
	/* Besides follow, which gave -ENXIO: the link leads to an open file that has no place; a
	 * reference for the caller. */
	int (*nameless)(struct vnode *link, struct file **file);
	/* Emit entries from *pos on, "." and ".." not among them: positions are 2 and above, grow,
	 * and are never used again for another entry. */
	int (*readdir)(struct vnode *dir, uint64_t *pos, struct dir_sink *sink);
	/* Store attributes (already permitted) and move ctime; vnode->lock is held. */
	int (*setattr)(struct vnode *vnode, const struct attributes *attributes);
	/* Change the size of a regular file; vnode->lock is held. */
	int (*truncate)(struct vnode *vnode, uint64_t bytes);
	/* Make room for bytes [start, end) of a regular file, also behind its end, or
	 * (FALLOC_FL_PUNCH_HOLE) give it back: zeros are read there then. The size stays. Missing:
	 * -EOPNOTSUPP. vnode->lock is held. */
	int (*allocate)(struct vnode *vnode, int mode, uint64_t start, uint64_t end);
	/* A file is being opened (not with O_PATH), its permission bits allow it: may refuse, and
	 * set file->ops and data. Missing: the operations of its type. */
	int (*open)(struct file *file);
	/* 512-byte blocks that it takes, for stat. */
	uint64_t (*blocks)(struct vnode *vnode);
	/* The last reference has gone: free it. */
	void (*destroy)(struct vnode *vnode);
};

struct vnode {
	const struct vnode_ops *ops; /* [I] */
	struct superblock *sb;       /* [I] */
	struct page_cache *pages;    /* [I] of a regular file; else NULL */
	struct watch_list *watches;  /* [a] of inotify; NULL: it never had any */
	struct pipe *pipe;           /* [lock] of a FIFO that was opened; else NULL */
	uint64_t ino;                /* [I] */
	uint64_t rdev;               /* [I] of a device */
	uint32_t refs;               /* [a] */
	uint32_t mode;               /* [lock] type (immutable) and permission bits */
	uint32_t uid, gid;           /* [lock] */
	uint32_t nlink;              /* [lock, and the directories' that name it] */
	bool linkable;               /* [lock] it never had a name and may get one: O_TMPFILE */
	bool sealable;               /* [I] it can have seals, fcntl(2) */
	bool strict;                 /* [I] root, too, is held to the owner's permission bits */
	uint32_t seals;              /* [lock; read anywhere] F_SEAL_* */
	bool dead;     /* [lock] a directory that was removed: nothing is made in it */
	uint64_t size; /* [lock] bytes */
	int64_t atime_ns, mtime_ns, ctime_ns; /* [lock] since 1970 */
	int64_t btime_ns;                     /* [I] when it was made; 0: nobody knows */
	int32_t writers;   /* [a] of a regular file: open for writing; below 0: so many run it */
	struct mutex lock; /* RANK_VNODE_DIR of a directory, else RANK_VNODE */
};

/* Writing to it changes its file system: it is no device, FIFO or socket. */
static inline bool vnode_is_stored(const struct vnode *vnode)
{
	return S_ISREG(vnode->mode) || S_ISDIR(vnode->mode) || S_ISLNK(vnode->mode);
}

/* Fill a zeroed vnode: refs 1, times now. */
void vnode_init(struct vnode *vnode, const struct vnode_ops *ops, struct superblock *sb,
	const struct node_spec *spec, uint64_t ino);
void vnode_get(struct vnode *vnode);
void vnode_put(struct vnode *vnode);
/* A reference where one may have been the last a moment ago: false if it was. */
bool vnode_try_get(struct vnode *vnode);

/* May `cred` do this: bits as of access(2), R_OK | W_OK | X_OK. -EACCES; -EROFS: the file system is
 * read-only. What a mount forbids is not asked here. */
__must_check int vnode_permission(
	const struct vnode *vnode, const struct cred *cred, unsigned access);
/* The same by mode and owners alone. */
__must_check int mode_permission(
	uint32_t mode, uint32_t uid, uint32_t gid, const struct cred *cred, unsigned access);
/* For looking up names in a directory. */
static inline int vnode_may_search(const struct vnode *dir, const struct cred *cred)
{
	return likely(cred_may_either(cred, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH))
	               ? 0
	               : vnode_permission(dir, cred, X_OK);
}
/* Who owns the file, or has CAP_FOWNER. */
bool vnode_is_owner(const struct vnode *vnode, const struct cred *cred);
void vnode_stat(struct vnode *vnode, struct stat *stat);
/* mtime and ctime are now; the caller holds the lock. */
void vnode_touch(struct vnode *vnode);
/* The same of a program's writing, which takes set-user-ID and set-group-ID away. */
void vnode_modified(struct vnode *vnode);
/* May it grow to that size? RLIMIT_FSIZE. -EFBIG_SIGNAL. */
__must_check int vnode_may_grow(const struct vnode *vnode, uint64_t bytes);
/* What is left of the mode when somebody else than root writes, when the owner changes. */
uint32_t vnode_mode_without_ids(const struct vnode *vnode, const struct cred *cred);
/* A read has happened through this mount: atime, where its flags want it (mount(2), MS_RELATIME).
 */
void vnode_touch_atime(struct vnode *vnode, const struct mount *mount);
/* A file is written to, or it is run and nobody may write to it; not both. -ETXTBSY. */
__must_check int vnode_write_begin(struct vnode *vnode);
void vnode_write_end(struct vnode *vnode);
__must_check int vnode_run_begin(struct vnode *vnode);
void vnode_run_end(struct vnode *vnode);
/* -EISDIR, -EINVAL (not a regular file), -EFBIG_SIGNAL. */
__must_check int vnode_truncate(struct vnode *vnode, uint64_t bytes);
/* Change attributes; the caller has asked for permission, and writes to the mount. -EPERM. */
__must_check int vnode_setattr(struct vnode *vnode, const struct attributes *attributes);
/* proc: RLIMIT_FSIZE of the running process. */
uint64_t on_size_limit_wanted(void);
/* What a setattr operation does to the vnode itself. Lock held. */
void vnode_store_attributes(struct vnode *vnode, const struct attributes *attributes);

#endif
