/*
 * tree: the machine's root, put together in memory.
 *
 * Idea: one hash table from (directory, name) to node serves every look-up, so that laying a
 * Debian of 20,000 files over another stays linear. Nodes that are replaced are left to the end of
 * the program; this tool lives for milliseconds.
 *
 * It reads no file: contents stay where they are until archive.c writes them.
 */
#include "tree.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"

enum { LINKS_MAX = 40 }; /* as Linux: more than these on one path is a loop */

static size_t hash(const struct node *dir, const char *name, size_t len)
{
	uint64_t value = (uintptr_t)dir >> 4;

	for (size_t i = 0; i < len; i++)
		value = (value ^ (unsigned char)name[i]) * 0x100000001b3; /* FNV-1a */
	return value ^ value >> 32;
}

static struct node *lookup(struct tree *tree, struct node *dir, const char *name, size_t len)
{
	struct node *node = tree->buckets[hash(dir, name, len) & (tree->nbuckets - 1)];

	for (; node; node = node->same_hash)
		if (node->parent == dir && strlen(node->name) == len &&
			!memcmp(node->name, name, len))
			return node;
	return NULL;
}

static void table_add(struct tree *tree, struct node *node)
{
	size_t at = hash(node->parent, node->name, strlen(node->name)) & (tree->nbuckets - 1);

	node->same_hash = tree->buckets[at];
	tree->buckets[at] = node;
}

static void table_grow(struct tree *tree)
{
	struct node **old = tree->buckets;
	size_t nold = tree->nbuckets;

	tree->nbuckets *= 2;
	tree->buckets = must_alloc(tree->nbuckets * sizeof(*old));
	for (size_t i = 0; i < nold; i++) {
		for (struct node *node = old[i], *next; node; node = next) {
			next = node->same_hash;
			table_add(tree, node);
		}
	}
}

static struct inode *inode_create(uint32_t mode)
{
	struct inode *inode = must_alloc(sizeof(*inode));

	inode->mode = mode;
	return inode;
}

static struct node *node_create(
	struct node *parent, const char *name, size_t len, struct inode *inode)
{
	struct node *node = must_alloc(sizeof(*node));

	node->name = must_alloc(len + 1);
	memcpy(node->name, name, len);
	node->parent = parent;
	node->inode = inode;
	return node;
}

static struct node *child_add(
	struct tree *tree, struct node *dir, const char *name, size_t len, struct inode *inode)
{
	struct node *node;

	if (tree->count >= tree->nbuckets)
		table_grow(tree);
	node = node_create(dir, name, len, inode);
	node->sibling = dir->child;
	dir->child = node;
	table_add(tree, node);
	tree->count++;
	return node;
}

struct tree *tree_create(void)
{
	struct tree *tree = must_alloc(sizeof(*tree));

	tree->nbuckets = 256;
	tree->buckets = must_alloc(tree->nbuckets * sizeof(*tree->buckets));
	tree->root = node_create(NULL, "", 0, inode_create(S_IFDIR | 0755));
	tree->count = 1;
	return tree;
}

/* The target of a symbolic link as a string with its NUL. Links carry their target in memory. */
static char *link_target(const struct node *node)
{
	char *target = must_alloc(node->inode->size + 1);

	memcpy(target, node->inode->data, node->inode->size);
	return target;
}

/*
 * Walks `path` from `dir` and returns the node of its last component, or NULL; with `make`,
 * missing directories are made. Follows links, the last component's too.
 */
static struct node *walk(
	struct tree *tree, struct node *dir, const char *path, int make, int *links)
{
	const char *end;
	struct node *next;

	if (*path == '/')
		dir = tree->root;
	for (; *path; path = end) {
		path += strspn(path, "/");
		end = path + strcspn(path, "/");
		if (end == path || (end == path + 1 && *path == '.'))
			continue;
		if (end == path + 2 && !memcmp(path, "..", 2)) {
			dir = dir->parent ? dir->parent : dir;
			continue;
		}
		next = lookup(tree, dir, path, end - path);
		if (!next && make)
			next = child_add(tree, dir, path, end - path, inode_create(S_IFDIR | 0755));
		if (next && S_ISLNK(next->inode->mode)) {
			if (++*links > LINKS_MAX)
				return NULL;
			next = walk(tree, dir, link_target(next), make, links);
		}
		if (!next || (*end && !S_ISDIR(next->inode->mode)))
			return NULL;
		dir = next;
	}
	return dir;
}

/* Splits off the last component: *name points into `path`; returns the directory's node. */
static struct node *walk_parent(
	struct tree *tree, const char *path, int make, const char **name, size_t *len)
{
	size_t end = strlen(path), start;
	int links = 0;
	char *dir;

	while (end && path[end - 1] == '/')
		end--;
	start = end;
	while (start && path[start - 1] != '/')
		start--;
	*name = path + start;
	*len = end - start;
	dir = must_alloc(start + 1);
	memcpy(dir, path, start);
	return walk(tree, tree->root, dir, make, &links);
}

struct node *tree_find(struct tree *tree, const char *path)
{
	const char *name;
	size_t len;
	struct node *dir = walk_parent(tree, path, 0, &name, &len);

	if (!dir || !len || (len == 1 && *name == '.'))
		return dir;
	return lookup(tree, dir, name, len);
}

struct node *tree_follow(struct tree *tree, const char *path)
{
	int links = 0;

	return walk(tree, tree->root, path, 0, &links);
}

/* Takes a node out of its directory and out of the table. What was in it is out of reach then. */
static void child_remove(struct tree *tree, struct node *node)
{
	size_t at = hash(node->parent, node->name, strlen(node->name)) & (tree->nbuckets - 1);
	struct node **link;

	for (link = &tree->buckets[at]; *link != node; link = &(*link)->same_hash)
		;
	*link = node->same_hash;
	for (link = &node->parent->child; *link != node; link = &(*link)->sibling)
		;
	*link = node->sibling;
}

struct node *tree_put_link(struct tree *tree, const char *path, struct inode *inode)
{
	const char *name;
	size_t len;
	struct node *dir = walk_parent(tree, path, 1, &name, &len), *old;

	if (strlen(path) > PATH_MAX / 2)
		die(STATUS_FAILED, "%s: path too long", path);
	if (!dir || !S_ISDIR(dir->inode->mode))
		die(STATUS_FAILED, "%s: something on the way is not a directory", path);
	if (dir == tree->root && (!len || (len == 1 && *name == '.')) && S_ISDIR(inode->mode))
		return tree->root;
	if (!len || (len <= 2 && !strncmp(name, "..", len)))
		die(STATUS_FAILED, "%s: not a path that a file can have", path);

	old = lookup(tree, dir, name, len);
	if (old && S_ISDIR(old->inode->mode) && S_ISDIR(inode->mode))
		return old;
	if (old)
		child_remove(tree, old);
	return child_add(tree, dir, name, len, inode);
}

struct node *tree_put(struct tree *tree, const char *path, uint32_t mode)
{
	return tree_put_link(tree, path, inode_create(mode));
}

struct node *tree_put_data(
	struct tree *tree, const char *path, uint32_t mode, const void *data, size_t bytes)
{
	struct node *node = tree_put(tree, path, mode);

	node->inode->data = data;
	node->inode->size = bytes;
	return node;
}

struct node *tree_put_file(
	struct tree *tree, const char *path, uint32_t mode, const char *host_path, uint64_t bytes)
{
	struct node *node = tree_put(tree, path, mode);

	node->inode->host_path = must_strdup(host_path);
	node->inode->size = bytes;
	return node;
}
