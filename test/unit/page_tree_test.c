/*
 * lib/page_tree.h against a plain list of entries, at indices from 0 to UINT64_MAX, with nodes that
 * cannot be had at every possible moment, and every node accounted for.
 */
#include "host.h"

#include "abi/errno.h"
#include "lib/page_tree.h"

#include <stdlib.h>

#define MAX 400

static long nodes;           /* allocated now */
static long nodes_until_oom; /* allocations that succeed; negative: all */

static struct page_tree_node *node_alloc(void)
{
	struct page_tree_node *node;

	if (nodes_until_oom == 0)
		return NULL;
	nodes_until_oom--;
	node = malloc(sizeof(*node));
	memset(node, 0xa5, sizeof(*node));
	nodes++;
	return node;
}

static void node_free(struct page_tree_node *node)
{
	nodes--;
	free(node);
}

static const struct page_tree_ops ops = { .node_alloc = node_alloc, .node_free = node_free };

struct item {
	uint64_t index;
	bool tags[PAGE_TREE_TAGS];
};

static struct item items[MAX];
static unsigned count;

static int setup(void **state)
{
	nodes = 0;
	nodes_until_oom = -1;
	count = 0;
	return 0;
}

static struct item *model_find(uint64_t index)
{
	for (unsigned i = 0; i < MAX; i++)
		if (items[i].tags[PAGE_TREE_PRESENT] && items[i].index == index)
			return &items[i];
	return NULL;
}

static struct item *model_next(uint64_t from, unsigned tag)
{
	struct item *best = NULL;

	for (unsigned i = 0; i < MAX; i++)
		if (items[i].tags[tag] && items[i].index >= from &&
			(!best || items[i].index < best->index))
			best = &items[i];
	return best;
}

/* Often near one another, often far apart, with the ends. */
static uint64_t random_index(void)
{
	switch (host_random_below(6)) {
	case 0:
		return host_random_below(130);
	case 1:
		return 4090 + host_random_below(12);
	case 2:
		return UINT64_MAX - host_random_below(70);
	case 3:
		return host_random() >> host_random_below(64);
	case 4:
		return 1ull << host_random_below(64);
	default:
		return (1ull << (6 * (1 + host_random_below(10)))) - host_random_below(3);
	}
}

static void change(struct page_tree *tree)
{
	uint64_t index = random_index();
	struct item *item = model_find(index);
	enum page_tree_tag tag = host_random_below(2) ? PAGE_TREE_DIRTY : PAGE_TREE_WRITEBACK;

	if (!item && !items[count].tags[PAGE_TREE_PRESENT]) {
		item = &items[count];
		*item = (struct item){ .index = index, .tags = { true } };
		assert_int_equal(page_tree_insert(tree, index, item), 0);
	} else if (item && host_random_below(3) == 0) {
		assert_ptr_equal(page_tree_remove(tree, index), item);
		memset(item->tags, 0, sizeof(item->tags));
	} else if (item) {
		assert_int_equal(page_tree_insert(tree, index, item), -EEXIST);
		if (item->tags[tag])
			page_tree_tag_clear(tree, index, tag);
		else
			page_tree_tag_set(tree, index, tag);
		item->tags[tag] = !item->tags[tag];
	} else {
		assert_null(page_tree_remove(tree, index));
	}
	count = (count + 1) % MAX;
}

static void check(const struct page_tree *tree)
{
	for (unsigned tag = 0; tag < PAGE_TREE_TAGS; tag++) {
		uint64_t from = random_index(), index = from;
		struct item *expected = model_next(from, tag);

		assert_ptr_equal(page_tree_next(tree, tag, &index), expected);
		assert_true(index == (expected ? expected->index : from));
		assert_int_equal(page_tree_tagged(tree, tag), model_next(0, tag) != NULL);
	}
	for (int i = 0; i < 4; i++) {
		uint64_t index = random_index();
		struct item *item = model_find(index);

		assert_ptr_equal(page_tree_get(tree, index), item);
		for (unsigned tag = 0; tag < PAGE_TREE_TAGS; tag++)
			assert_int_equal(
				page_tree_tag_test(tree, index, tag), item && item->tags[tag]);
	}
}

static void empty(struct page_tree *tree)
{
	uint64_t index = 0;
	struct item *item;

	while ((item = page_tree_next(tree, PAGE_TREE_PRESENT, &index))) {
		assert_true(item->index == index);
		assert_ptr_equal(page_tree_remove(tree, index), item);
		memset(item->tags, 0, sizeof(item->tags));
	}
	assert_null(model_next(0, PAGE_TREE_PRESENT));
	assert_null(tree->root);
	assert_int_equal(nodes, 0);
}

static void random_changes_match_the_model(void **state)
{
	struct page_tree tree;

	host_random_seed(8);
	page_tree_init(&tree, &ops);
	for (int round = 0; round < 10; round++) {
		for (int step = 0; step < 3000; step++) {
			change(&tree);
			check(&tree);
		}
		empty(&tree);
	}
}

/* Fails the first, second, ... allocation; each time the tree must be as it was. */
static void without_memory_nothing_changes(void **state)
{
	static const uint64_t present[] = { 0, 77, 1ull << 40 };
	static const uint64_t wanted[] = { 1, 64, 4096, (1ull << 40) + 64, UINT64_MAX };
	int entry;

	for (unsigned p = 0; p <= ARRAY_SIZE(present); p++)
		for (unsigned w = 0; w < ARRAY_SIZE(wanted); w++) {
			struct page_tree tree;
			long before, allowed = 0;

			page_tree_init(&tree, &ops);
			for (unsigned i = 0; i < p; i++)
				assert_int_equal(page_tree_insert(&tree, present[i], &entry), 0);
			before = nodes;
			for (;; allowed++) {
				int error;

				nodes_until_oom = allowed;
				error = page_tree_insert(&tree, wanted[w], &entry);
				nodes_until_oom = -1;
				if (!error)
					break;
				assert_int_equal(error, -ENOMEM);
				assert_int_equal(nodes, before);
				assert_null(page_tree_get(&tree, wanted[w]));
				for (unsigned i = 0; i < p; i++)
					assert_ptr_equal(page_tree_get(&tree, present[i]), &entry);
			}
			assert_true(allowed <= 20);
			assert_ptr_equal(page_tree_remove(&tree, wanted[w]), &entry);
			assert_int_equal(nodes, before);
			for (unsigned i = 0; i < p; i++)
				assert_ptr_equal(page_tree_remove(&tree, present[i]), &entry);
			assert_int_equal(nodes, 0);
		}
}

static void small_files_take_one_node(void **state)
{
	struct page_tree tree;
	int entry;

	page_tree_init(&tree, &ops);
	for (uint64_t i = 0; i < 64; i++)
		assert_int_equal(page_tree_insert(&tree, i, &entry), 0);
	assert_int_equal(nodes, 1);
	assert_int_equal(page_tree_insert(&tree, 64, &entry), 0);
	assert_int_equal(nodes, 3);
	page_tree_remove(&tree, 64);
	assert_int_equal(nodes, 1);
	for (uint64_t i = 0; i < 64; i++)
		page_tree_remove(&tree, i);
	assert_int_equal(nodes, 0);
}

static void tags_want_an_entry(void **state)
{
	struct page_tree tree;
	int entry;

	page_tree_init(&tree, &ops);
	expect_kernel_assert((page_tree_tag_set(&tree, 0, PAGE_TREE_DIRTY), 0));
	assert_int_equal(page_tree_insert(&tree, 3, &entry), 0);
	expect_kernel_assert((page_tree_tag_clear(&tree, 2, PAGE_TREE_DIRTY), 0));
	assert_false(page_tree_tag_test(&tree, 2, PAGE_TREE_DIRTY));
	page_tree_remove(&tree, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(random_changes_match_the_model, setup),
		cmocka_unit_test_setup(without_memory_nothing_changes, setup),
		cmocka_unit_test_setup(small_files_take_one_node, setup),
		cmocka_unit_test_setup(tags_want_an_entry, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
