#ifndef FS_TMPFS_NODE_H
#define FS_TMPFS_NODE_H
/*
 * tmpfs's own structures: for tmpfs alone.
 */
#include "fs/page_cache.h"
#include "fs/superblock.h"
#include "fs/vnode.h"
#include "lib/rbtree.h"

struct archive;

struct tmpfs {
	struct superblock sb;
	uint64_t magic;            /* [I] for statfs */
	uint32_t mode, uid, gid;   /* [I] the root's, as the options had them */
	uint64_t pages, pages_max; /* [a] that differ from the archive; 0: no limit */
	uint64_t nodes,
		nodes_max; /* [a] each name but a file's first counts as well; 0: no limit */
	uint64_t last_ino; /* [a] */
};

/* A name in a directory. Position: where readdir finds it; never used twice. */
struct tmpfs_entry {
	struct rb_node by_name, by_pos; /* [directory's lock] */
	uint64_t pos;                   /* [I] */
	struct vnode *vnode;            /* [directory's lock] reference held */
	struct name name;               /* [I] text behind this struct */
};

struct tmpfs_node {
	struct vnode vnode;
	union {
		struct {
			struct page_cache pages;
			struct archive *archive; /* [I] NULL: none */
			uint64_t archive_offset; /* [I] */
			uint64_t archive_bytes;  /* [vnode's lock; read anywhere] what is still the
			                            archive's */
		} file;
		struct {
			struct rb_tree by_name, by_pos; /* [vnode's lock] struct tmpfs_entry */
			uint64_t last_pos;              /* [vnode's lock] */
		} dir;
		struct {
			char *target; /* [a] kmalloc'ed, vnode.size bytes; NULL: not yet read */
			struct archive *archive; /* [I] where to read it; NULL: nowhere */
			uint64_t archive_offset; /* [I] */
		} link;
	};
};

static inline struct tmpfs *tmpfs_of(struct vnode *vnode)
{
	return container_of(vnode->sb, struct tmpfs, sb);
}
static inline struct tmpfs_node *node_of(struct vnode *vnode)
{
	return container_of(vnode, struct tmpfs_node, vnode);
}

/* directory.c */
void tmpfs_directory_init(struct tmpfs_node *node);
/* Remove all names, of a file system that nobody sees any more. */
void tmpfs_remove_all(struct vnode *root);
/* file.c */
extern const struct vnode_ops tmpfs_file_ops;
void tmpfs_file_init(struct tmpfs_node *node);
/* node.c: what all types have in common. */
int tmpfs_setattr(struct vnode *vnode, const struct attributes *attributes);
void tmpfs_destroy_node(struct vnode *vnode);
/* One more of what is limited. -ENOSPC. */
__must_check int tmpfs_count(uint64_t *count, const uint64_t *limit);
/* Names take memory as nodes do. -ENOSPC. */
__must_check int tmpfs_count_node(struct tmpfs *fs);
void tmpfs_uncount_node(struct tmpfs *fs);

#endif
