/*
 * The sparse array: a radix tree with six bits of the index a level.
 *
 * A node's bits of a tag say which of its slots have the tag somewhere below; they are exact at
 * each level, so a search never goes down in vain but once. "There is something in the slot" is a
 * tag like the others. No node is ever empty, and the root has an entry outside its first slot,
 * unless it is a leaf: the tree is as low as it can be.
 */
#include "lib/page_tree.h"
#include "abi/errno.h"
#include "lib/assert.h"
#include "lib/string.h"

#define BITS      6
#define TOP_LEVEL 10 /* 11 levels of 6 bits hold 64 */

static unsigned slot_of(const struct page_tree_node *node, uint64_t index)
{
	return index >> (BITS * node->level) & (PAGE_TREE_SLOTS - 1);
}

/* Can an index stand below a root of this level? */
static bool level_covers(unsigned level, uint64_t index)
{
	return level >= TOP_LEVEL || index >> (BITS * (level + 1)) == 0;
}

static bool tree_covers(const struct page_tree *tree, uint64_t index)
{
	return tree->root && level_covers(tree->root->level, index);
}

/* Marks a slot, and the slots above it, which may bear the mark already. */
static void mark(struct page_tree_node *node, unsigned slot, enum page_tree_tag tag)
{
	for (; node; slot = node->slot, node = node->parent)
		node->tags[tag] |= BIT(slot);
}

/* Takes the mark from a slot, and from those above it that have it from there alone. */
static void unmark(struct page_tree_node *node, unsigned slot, enum page_tree_tag tag)
{
	for (; node; slot = node->slot, node = node->parent) {
		node->tags[tag] &= ~BIT(slot);
		if (node->tags[tag])
			break;
	}
}

static struct page_tree_node *node_create(struct page_tree *tree, unsigned level)
{
	struct page_tree_node *node = tree->ops->node_alloc();

	if (!node)
		return NULL;
	memset(node, 0, sizeof(*node));
	node->level = (uint8_t)level;
	return node;
}

static void node_attach(struct page_tree_node *node, struct page_tree_node *parent, unsigned slot)
{
	node->parent = parent;
	node->slot = (uint8_t)slot;
	parent->slots[slot] = node;
	for (unsigned tag = 0; tag < PAGE_TREE_TAGS; tag++)
		if (node->tags[tag])
			parent->tags[tag] |= BIT(slot);
}

/* Frees `node` and what is above it as far as that is empty, then levels that nothing needs. */
static void prune(struct page_tree *tree, struct page_tree_node *node)
{
	while (node && !node->tags[PAGE_TREE_PRESENT]) {
		struct page_tree_node *parent = node->parent;

		if (parent)
			parent->slots[node->slot] = NULL;
		else
			tree->root = NULL;
		tree->ops->node_free(node);
		node = parent;
	}
	while (tree->root && tree->root->level > 0 && tree->root->tags[PAGE_TREE_PRESENT] == 1) {
		struct page_tree_node *old = tree->root;

		tree->root = old->slots[0];
		tree->root->parent = NULL;
		tree->ops->node_free(old);
	}
}

/* Makes the tree so high that it covers an index. */
static int grow(struct page_tree *tree, uint64_t index)
{
	unsigned level = 0;

	if (!tree->root) {
		while (!level_covers(level, index))
			level++;
		tree->root = node_create(tree, level);
		return tree->root ? 0 : -ENOMEM;
	}
	while (!tree_covers(tree, index)) {
		struct page_tree_node *top = node_create(tree, tree->root->level + 1u);

		if (!top)
			return -ENOMEM;
		node_attach(tree->root, top, 0);
		tree->root = top;
	}
	return 0;
}

int page_tree_insert(struct page_tree *tree, uint64_t index, void *entry)
{
	struct page_tree_node *node = NULL;
	int error = grow(tree, index);

	if (error)
		goto prune;
	node = tree->root;
	while (node->level > 0) {
		unsigned slot = slot_of(node, index);

		if (!node->slots[slot]) {
			struct page_tree_node *child = node_create(tree, node->level - 1u);

			error = -ENOMEM;
			if (!child)
				goto prune;
			node_attach(child, node, slot);
		}
		node = node->slots[slot];
	}
	if (node->slots[slot_of(node, index)])
		return -EEXIST;
	node->slots[slot_of(node, index)] = entry;
	mark(node, slot_of(node, index), PAGE_TREE_PRESENT);
	return 0;

prune:
	prune(tree, node);
	return error;
}

/* The node of level 0 that an index belongs to, or NULL. */
static __inlined struct page_tree_node *leaf_find(const struct page_tree *tree, uint64_t index)
{
	struct page_tree_node *node = tree_covers(tree, index) ? tree->root : NULL;

	while (node && node->level > 0)
		node = node->slots[slot_of(node, index)];
	return node;
}

void *page_tree_get(const struct page_tree *tree, uint64_t index)
{
	const struct page_tree_node *leaf = leaf_find(tree, index);

	return leaf ? leaf->slots[slot_of(leaf, index)] : NULL;
}

void *page_tree_remove(struct page_tree *tree, uint64_t index)
{
	struct page_tree_node *leaf = leaf_find(tree, index);
	unsigned slot;
	void *entry;

	if (!leaf)
		return NULL;
	slot = slot_of(leaf, index);
	entry = leaf->slots[slot];
	if (!entry)
		return NULL;
	leaf->slots[slot] = NULL;
	for (unsigned tag = 0; tag < PAGE_TREE_TAGS; tag++)
		unmark(leaf, slot, tag);
	prune(tree, leaf);
	return entry;
}

void page_tree_tag_set(struct page_tree *tree, uint64_t index, enum page_tree_tag tag)
{
	struct page_tree_node *leaf = leaf_find(tree, index);

	assert(leaf && leaf->slots[slot_of(leaf, index)]);
	mark(leaf, slot_of(leaf, index), tag);
}

void page_tree_tag_clear(struct page_tree *tree, uint64_t index, enum page_tree_tag tag)
{
	struct page_tree_node *leaf = leaf_find(tree, index);

	assert(leaf && leaf->slots[slot_of(leaf, index)] && tag != PAGE_TREE_PRESENT);
	unmark(leaf, slot_of(leaf, index), tag);
}

bool page_tree_tag_test(const struct page_tree *tree, uint64_t index, enum page_tree_tag tag)
{
	const struct page_tree_node *leaf = leaf_find(tree, index);

	return leaf && leaf->tags[tag] & BIT(slot_of(leaf, index));
}

/* The first index behind all that stand below `node` as `index` does; 0 if there is none. */
static uint64_t index_behind(const struct page_tree_node *node, uint64_t index)
{
	unsigned shift = BITS * (node->level + 1u);

	return node->level >= TOP_LEVEL ? 0 : ((index >> shift) + 1) << shift;
}

void *page_tree_next(const struct page_tree *tree, enum page_tree_tag tag, uint64_t *index)
{
	uint64_t at = *index;
	struct page_tree_node *node = tree_covers(tree, at) ? tree->root : NULL;

	while (node) {
		unsigned shift = BITS * node->level;
		unsigned slot = slot_of(node, at);
		uint64_t marked = node->tags[tag] & ~0ull << slot;
		unsigned next;

		if (!marked) {
			at = index_behind(node, at);
			node = at && tree_covers(tree, at) ? tree->root : NULL;
			continue;
		}
		next = (unsigned)__builtin_ctzll(marked);
		if (next != slot)
			at = ((at >> shift) + (next - slot)) << shift;
		if (node->level == 0) {
			*index = at;
			return node->slots[next];
		}
		node = node->slots[next];
	}
	return NULL;
}
