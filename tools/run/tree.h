#ifndef RUN_TREE_H
#define RUN_TREE_H
/*
 * A tree of files in memory: what will be the machine's root. Layers are laid one over another;
 * a later entry replaces an earlier one of the same path, except that a directory laid over a
 * directory keeps what is in it. Host program: out of memory ends it with a message.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What hard links share. */
struct inode {
	uint32_t mode; /* as st_mode */
	uint32_t uid, gid;
	uint32_t rdev_major, rdev_minor;
	int64_t mtime; /* seconds since 1970 */
	/* Contents of a file, or a link's target: in memory, or else in a file of the host. */
	uint64_t size;
	const void *data; /* not owned: lives as long as the tree */
	const char *host_path;
	/* Filled by archive_write(). */
	uint32_t first, nlink; /* number of the first node of it; how many there are */
	uint32_t nwritten;
	uint64_t data_offset;
};

struct node {
	struct node *parent; /* the root's is NULL */
	struct node *child;  /* a directory's entries, in no order */
	struct node *sibling;
	struct node *same_hash;
	char *name; /* the last component; "" for the root */
	struct inode *inode;
	uint32_t number; /* filled by archive_write() */
};

struct tree {
	struct node *root;
	struct node **buckets;
	size_t nbuckets, count; /* count: nodes in the buckets, those replaced not counted out */
};

/* An empty tree: a root directory, mode 0755, of user 0. */
struct tree *tree_create(void);

/*
 * Puts a node with an inode of its own at `path` (with or without leading slash; ".." at the end is
 * refused) and returns it. What was there is replaced, unless both are directories: then the old
 * one is returned, its inode untouched. Missing directories on the way are made; symbolic links on
 * the way are followed inside the tree. Ends the program on a path that cannot be.
 */
struct node *tree_put(struct tree *tree, const char *path, uint32_t mode);
/* The same, with the inode of another node: a hard link. */
struct node *tree_put_link(struct tree *tree, const char *path, struct inode *inode);

/* The node at `path`, or NULL. Symbolic links are followed on the way, not at the end. */
struct node *tree_find(struct tree *tree, const char *path);
/* The same, following them at the end, too. */
struct node *tree_follow(struct tree *tree, const char *path);

struct node *tree_put_data(
	struct tree *tree, const char *path, uint32_t mode, const void *data, size_t bytes);
/* Contents come from `host_path`, `bytes` long, read when the archive is written. */
struct node *tree_put_file(
	struct tree *tree, const char *path, uint32_t mode, const char *host_path, uint64_t bytes);

/* Lays over `tree` what is in a host directory or a tar file (by what `path` is): tree_layers.c.
 * Ends the program with a message where it cannot be read. */
void tree_lay(struct tree *tree, const char *path);

/* What every machine has: empty /dev, /proc, /sys; /tmp, /etc/passwd and the like. */
void tree_lay_skeleton(struct tree *tree);

#endif
