#ifndef FS_VNODE_FILE_H
#define FS_VNODE_FILE_H
/*
 * Open files of vnodes, and what the calls by name share: for fs alone.
 */
#include "fs/fs.h"
#include "fs/mount.h"
#include "fs/vnode.h"
#include "lib/compiler.h"

/* An open file for what the path leads to, by the operations of its type: regular file, directory,
 * device. Takes references of its own. May sleep. -ENXIO: no such device; -EROFS;
 * -ETXTBSY; -ENOMEM. */
__must_check int vnode_open(
	const struct path *path, uint32_t flags, struct cred *cred, struct file **file);

/* truncate(2) of what may be written to. -EROFS, -ETXTBSY, and as vnode_truncate. */
__must_check int path_truncate(const struct path *path, uint64_t bytes);
/* It does not count as a writer, or as what is run, any more. To be run: -ETXTBSY, it is open for
 * writing. */
void vnode_file_let_go(struct file *file);
__must_check int vnode_file_run(struct file *file);

/* Shared parts of file_ops. */
int vnode_file_stat(struct file *file, struct stat *stat);
int vnode_file_sync(struct file *file, bool data_only);
int vnode_file_start_sync(struct file *file, uint64_t first, uint64_t last, unsigned flags);
void vnode_file_release(struct file *file);

/* regular.c */
extern const struct file_ops regular_file_ops;
/* Read and write the pages of a vnode, moving *pos: bytes, or -errno if there were none. To write,
 * the vnode's lock is held; the file grows. */
ssize_t vnode_pages_read(struct vnode *vnode, struct iter *iter, uint64_t *pos);
ssize_t vnode_pages_write_locked(struct vnode *vnode, struct iter *iter, uint64_t *pos);

/* A name may be made in dir (lock held). -EACCES, -ENOENT (it was removed). */
__must_check int dir_may_create(const struct vnode *dir, const struct cred *cred);
/* A new node in dir: the caller's ids, the mode less the umask, set-group-ID handed down. */
struct node_spec node_spec_for(const struct vnode *dir, const struct fs_call *call, uint32_t mode);

#endif
