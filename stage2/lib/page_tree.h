#ifndef LIB_PAGE_TREE_H
#define LIB_PAGE_TREE_H
/*
 * A sparse array: from a 64-bit index to a pointer, with a few tags an entry, and quick search for
 * the next entry that has a tag. The page cache keeps a file's pages in one, by page number.
 *
 * It is a tree of nodes with 64 slots, as high as its largest index needs: one node for indices
 * below 64, two levels below 4096, and so on. The owner's lock guards a tree: readers may share it,
 * whoever changes an entry or a tag has it alone. Nothing here locks or sleeps, unless the owner's
 * node_alloc does.
 */
#include "lib/compiler.h"

#include <stdbool.h>
#include <stdint.h>

#define PAGE_TREE_SLOTS 64

/* Every entry has the first tag, and no other when it is new. */
enum page_tree_tag {
	PAGE_TREE_PRESENT,
	PAGE_TREE_DIRTY,
	PAGE_TREE_WRITEBACK,
	PAGE_TREE_TAGS,
};

struct page_tree_node {
	struct page_tree_node *parent;
	uint8_t slot;  /* in the parent */
	uint8_t level; /* 0: its slots hold entries; otherwise nodes of one level less */
	uint64_t tags[PAGE_TREE_TAGS]; /* a bit a slot: something below has the tag */
	void *slots[PAGE_TREE_SLOTS];
};

struct page_tree_ops {
	/* Room for one node, contents undefined; NULL where there is none. */
	struct page_tree_node *(*node_alloc)(void);
	void (*node_free)(struct page_tree_node *node);
};

struct page_tree {
	struct page_tree_node *root; /* NULL: empty */
	const struct page_tree_ops *ops;
};

/* An empty tree. A tree is empty again, and has no node, once its last entry was removed. */
static inline void page_tree_init(struct page_tree *tree, const struct page_tree_ops *ops)
{
	tree->root = (void *)0;
	tree->ops = ops;
}

/* Puts an entry, not NULL, at an index. -EEXIST where there is one already, -ENOMEM where a node
 * could not be had; the tree is as before then. Takes at most 20 nodes, one on average. */
__must_check int page_tree_insert(struct page_tree *tree, uint64_t index, void *entry);

/* The entry at an index, or NULL. */
void *page_tree_get(const struct page_tree *tree, uint64_t index);

/* Takes the entry at an index out and returns it; NULL where there is none. */
void *page_tree_remove(struct page_tree *tree, uint64_t index);

/* Sets, clears, reads a tag of the entry at an index, which must be there (reading: or not). */
void page_tree_tag_set(struct page_tree *tree, uint64_t index, enum page_tree_tag tag);
void page_tree_tag_clear(struct page_tree *tree, uint64_t index, enum page_tree_tag tag);
bool page_tree_tag_test(const struct page_tree *tree, uint64_t index, enum page_tree_tag tag);

/* Does any entry have the tag? */
static inline bool page_tree_tagged(const struct page_tree *tree, enum page_tree_tag tag)
{
	return tree->root && tree->root->tags[tag];
}

/* The first entry with the tag at or behind *index, which becomes its index; NULL, and *index as it
 * was, where there is none. With PAGE_TREE_PRESENT that is any entry. To go on behind an entry, add
 * 1 to its index (and stop at UINT64_MAX); the tree may change in between. */
void *page_tree_next(const struct page_tree *tree, enum page_tree_tag tag, uint64_t *index);

#endif
