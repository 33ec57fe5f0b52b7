#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H
/*
 * Balanced binary trees whose links are members of what is sorted: a red-black tree. Nothing is
 * allocated; insert, erase and each search take a number of steps that grows as the logarithm.
 * Elements that are equal stay in the order in which they were inserted. The owner's lock guards a
 * tree; nothing here locks, sleeps or fails.
 *
 * A tree may keep a summary of each subtree in its root (the largest gap between areas, say): then
 * `update` makes the summary of one node out of the node itself and its two children.
 */
#include "lib/compiler.h"

#include <stdbool.h>

enum rb_side { RB_LEFT, RB_RIGHT };

struct rb_node {
	struct rb_node *parent;
	struct rb_node *child[2]; /* by enum rb_side */
	bool red;
};

struct rb_ops {
	/* Does a stand before b? */
	bool (*less)(const struct rb_node *a, const struct rb_node *b);
	/* Remakes the summary of `node`; its children's are right. NULL: no summaries. */
	void (*update)(struct rb_node *node);
};

struct rb_tree {
	struct rb_node *root;
	const struct rb_ops *ops;
};

/* An empty tree. */
static inline void rb_init(struct rb_tree *tree, const struct rb_ops *ops)
{
	tree->root = (void *)0;
	tree->ops = ops;
}

static inline bool rb_empty(const struct rb_tree *tree)
{
	return !tree->root;
}

/* Puts a node that is in no tree behind all that it is not less than. */
void rb_insert(struct rb_tree *tree, struct rb_node *node);

/* Takes a node out. Its own links are stale afterwards. */
void rb_erase(struct rb_tree *tree, struct rb_node *node);

/* After a node's own part of the summary changed: remakes it from the node up to the root. What
 * `less` looks at must not change while a node is in the tree, unless the order stays the same. */
void rb_update(struct rb_tree *tree, struct rb_node *node);

/* First and last in order; NULL in an empty tree. */
struct rb_node *rb_first(const struct rb_tree *tree);
struct rb_node *rb_last(const struct rb_tree *tree);

/* The neighbours in order; NULL at either end. */
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* The first node that is not before `key`, or NULL. `before` says of a node whether it is, and must
 * be true for a first part of the order and false for the rest. */
struct rb_node *rb_lower_bound(const struct rb_tree *tree,
	bool (*before)(const struct rb_node *node, const void *key), const void *key);

/* The struct a node is a member of. */
#define rb_entry(node, type, member) container_of(node, type, member)

/* `node` is each node in order; the tree must not change meanwhile. */
#define rb_for_each(node, tree) for (node = rb_first(tree); node; node = rb_next(node))

#endif
