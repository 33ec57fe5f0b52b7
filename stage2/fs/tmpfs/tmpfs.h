#ifndef FS_TMPFS_H
#define FS_TMPFS_H
/*
 * tmpfs: files in memory. Also the root, whose files begin with the contents of the root archive: a
 * page of such a file is the archive's until it is written.
 *
 * Unless mount(2) says otherwise, at most half of memory is used for contents, and half as many
 * nodes and further names of files as there are frames; then -ENOSPC.
 */
#include <stdint.h>

#include "fs/superblock.h"
#include "fs/vnode.h"
#include "lib/compiler.h"

struct archive;

/* What mount(2) may ask of one. */
struct tmpfs_options {
	uint64_t pages_max, nodes_max; /* 0: no limit */
	uint32_t mode, uid, gid;       /* of the root */
};
/* What they are where nobody asks: half of memory, 01777, root's. */
struct tmpfs_options tmpfs_options_default(void);
/* Those that `text` ("size=10%,mode=755") has, into *options; takes it apart. -EINVAL. */
__must_check int tmpfs_options_parse(char *text, struct tmpfs_options *options);

/* An empty file system of the kind `name`. refs and uses 1. -ENOMEM. */
__must_check int tmpfs_create(const char *name, uint64_t magic, const struct tmpfs_options *options,
	struct superblock **sb);
/* Kind "tmpfs" of file systems. */
void tmpfs_init(void);

/* Operations, for a file system that changes some of them. */
extern const struct superblock_ops tmpfs_superblock_ops;
extern const struct vnode_ops tmpfs_directory_ops;

/* For filling a file system that nobody sees yet: no locks. */

/* A node that has no name yet, with a reference for the caller. A link's target may be missing.
 * -ENOMEM, -ENOSPC. */
__must_check int tmpfs_node_create(
	struct superblock *sb, const struct node_spec *spec, struct vnode **vnode);
/* A name for a node. -EEXIST, -ENOMEM. */
__must_check int tmpfs_name_add(struct vnode *dir, const struct name *name, struct vnode *vnode);
/* A file has one name more. -ENOSPC. */
__must_check int tmpfs_link_add(struct vnode *vnode);
/* The node of a name, without a reference; NULL: none. */
struct vnode *tmpfs_name_find(struct vnode *dir, const struct name *name);
/* Remove a name of a file. */
void tmpfs_name_remove(struct vnode *dir, const struct name *name);
/* An empty regular file gets its contents: `bytes` at `offset` of the archive, which lives for
 * ever. */
void tmpfs_set_contents(
	struct vnode *vnode, struct archive *archive, uint64_t offset, uint64_t bytes);

#endif
