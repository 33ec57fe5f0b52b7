/*
 * Red-black trees. The rules: the root is black; a red node has black children; each way from a
 * node down to an empty place has the same number of black nodes. So no way is more than twice as
 * long as another. Inserting may break the second rule, erasing the third; the two fix functions
 * put it right with at most three rotations.
 *
 * Children are an array by side, so that each case is written once and not again for its mirror
 * image: `side` is where the node stands, !side the other one. An empty place is NULL and black.
 */
#include "lib/rbtree.h"

#include <stddef.h>

static bool is_red(const struct rb_node *node)
{
	return node && node->red;
}

static enum rb_side side_of(const struct rb_node *node, const struct rb_node *parent)
{
	return node == parent->child[RB_RIGHT] ? RB_RIGHT : RB_LEFT;
}

static void node_update(struct rb_tree *tree, struct rb_node *node)
{
	if (tree->ops->update)
		tree->ops->update(node);
}

void rb_update(struct rb_tree *tree, struct rb_node *node)
{
	if (!tree->ops->update)
		return;
	for (; node; node = node->parent)
		tree->ops->update(node);
}

/* Hangs `new` (or nothing) into the place of `old`. */
static void replace(struct rb_tree *tree, const struct rb_node *old, struct rb_node *new)
{
	if (old->parent)
		old->parent->child[side_of(old, old->parent)] = new;
	else
		tree->root = new;
	if (new)
		new->parent = old->parent;
}

/* `node` goes down on `side`; its child on the other side takes its place. */
static void rotate(struct rb_tree *tree, struct rb_node *node, enum rb_side side)
{
	struct rb_node *up = node->child[!side];
	struct rb_node *inner = up->child[side];

	replace(tree, node, up);
	node->child[!side] = inner;
	if (inner)
		inner->parent = node;
	up->child[side] = node;
	node->parent = up;
	node_update(tree, node);
	node_update(tree, up);
}

/* `node` is red, and perhaps its parent is, too. */
static void insert_fix(struct rb_tree *tree, struct rb_node *node)
{
	while (is_red(node->parent)) {
		struct rb_node *parent = node->parent;
		struct rb_node *grand = parent->parent;
		enum rb_side side = side_of(parent, grand);
		struct rb_node *uncle = grand->child[!side];

		if (is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			grand->red = true;
			node = grand;
			continue;
		}
		if (node == parent->child[!side]) {
			rotate(tree, parent, side);
			parent = node;
		}
		parent->red = false;
		grand->red = true;
		rotate(tree, grand, !side);
		break;
	}
	tree->root->red = false;
}

void rb_insert(struct rb_tree *tree, struct rb_node *node)
{
	struct rb_node **place = &tree->root;
	struct rb_node *parent = NULL;

	while (*place) {
		parent = *place;
		place = &parent->child[tree->ops->less(node, parent) ? RB_LEFT : RB_RIGHT];
	}
	*node = (struct rb_node){ .parent = parent, .red = true };
	*place = node;
	rb_update(tree, node);
	insert_fix(tree, node);
}

/* The ways through `node`, a child of `parent` and perhaps NULL, have one black node too few. */
static void erase_fix(struct rb_tree *tree, struct rb_node *node, struct rb_node *parent)
{
	while (parent && !is_red(node)) {
		enum rb_side side = side_of(node, parent);
		struct rb_node *sibling = parent->child[!side];

		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			rotate(tree, parent, side);
			sibling = parent->child[!side];
		}
		if (!is_red(sibling->child[RB_LEFT]) && !is_red(sibling->child[RB_RIGHT])) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			continue;
		}
		if (!is_red(sibling->child[!side])) {
			rotate(tree, sibling, !side);
			sibling = parent->child[!side];
		}
		sibling->red = parent->red;
		parent->red = false;
		sibling->child[!side]->red = false;
		rotate(tree, parent, side);
		return;
	}
	if (node)
		node->red = false;
}

static struct rb_node *outermost(struct rb_node *node, enum rb_side side)
{
	while (node && node->child[side])
		node = node->child[side];
	return node;
}

/* Puts the next node in order, which has no left child, into the place and colour of `node`, which
 * has both. Returns the parent of the place that became free. */
static struct rb_node *replace_by_next(
	struct rb_tree *tree, struct rb_node *node, struct rb_node *next)
{
	struct rb_node *parent = next->parent;

	if (parent == node) {
		parent = next;
	} else {
		replace(tree, next, next->child[RB_RIGHT]);
		next->child[RB_RIGHT] = node->child[RB_RIGHT];
		next->child[RB_RIGHT]->parent = next;
	}
	next->child[RB_LEFT] = node->child[RB_LEFT];
	next->child[RB_LEFT]->parent = next;
	next->red = node->red;
	replace(tree, node, next);
	return parent;
}

void rb_erase(struct rb_tree *tree, struct rb_node *node)
{
	struct rb_node *child, *parent;
	bool red;

	if (node->child[RB_LEFT] && node->child[RB_RIGHT]) {
		struct rb_node *next = outermost(node->child[RB_RIGHT], RB_LEFT);

		child = next->child[RB_RIGHT];
		red = next->red;
		parent = replace_by_next(tree, node, next);
	} else {
		child = node->child[node->child[RB_LEFT] ? RB_LEFT : RB_RIGHT];
		red = node->red;
		parent = node->parent;
		replace(tree, node, child);
	}
	rb_update(tree, parent);
	if (!red)
		erase_fix(tree, child, parent);
}

struct rb_node *rb_first(const struct rb_tree *tree)
{
	return outermost(tree->root, RB_LEFT);
}

struct rb_node *rb_last(const struct rb_tree *tree)
{
	return outermost(tree->root, RB_RIGHT);
}

/* Down into the subtree on that side; where there is none, up to the first node that this one is
 * not on that side of. */
static struct rb_node *neighbour(const struct rb_node *node, enum rb_side side)
{
	if (node->child[side])
		return outermost(node->child[side], !side);
	while (node->parent && side_of(node, node->parent) == side)
		node = node->parent;
	return node->parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, RB_RIGHT);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, RB_LEFT);
}

struct rb_node *rb_lower_bound(const struct rb_tree *tree,
	bool (*before)(const struct rb_node *node, const void *key), const void *key)
{
	struct rb_node *found = NULL;
	struct rb_node *node = tree->root;

	while (node) {
		if (before(node, key)) {
			node = node->child[RB_RIGHT];
		} else {
			found = node;
			node = node->child[RB_LEFT];
		}
	}
	return found;
}
