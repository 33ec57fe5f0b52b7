/*
 * lib/rbtree.h: random inserts and erases against a sorted array, with every rule of red-black
 * trees, every link and every subtree's summary looked at after each step.
 */
#include "host.h"
#include "lib/rbtree.h"

#define MAX 300

struct item {
	unsigned key;
	unsigned order; /* of insertion: tells equal keys apart */
	unsigned sum;   /* of the keys of the subtree */
	struct rb_node link;
};

static struct item *item_of(const struct rb_node *node)
{
	return rb_entry((struct rb_node *)(uintptr_t)node, struct item, link);
}

static bool item_less(const struct rb_node *a, const struct rb_node *b)
{
	return item_of(a)->key < item_of(b)->key;
}

static void item_update(struct rb_node *node)
{
	struct item *item = item_of(node);

	item->sum = item->key;
	for (int side = 0; side < 2; side++)
		if (node->child[side])
			item->sum += item_of(node->child[side])->sum;
}

static const struct rb_ops ops = { .less = item_less, .update = item_update };
static const struct rb_ops ops_without_update = { .less = item_less };

/* Checks a subtree and returns its number of black nodes on each way down. */
static int check_node(const struct rb_node *node, const struct rb_node *parent, unsigned *sum)
{
	unsigned sums[2] = { 0, 0 };
	int black[2];

	*sum = 0;
	if (!node)
		return 0;
	assert_ptr_equal(node->parent, parent);
	assert_false(node->red && parent && parent->red);
	for (int side = 0; side < 2; side++)
		black[side] = check_node(node->child[side], node, &sums[side]);
	assert_int_equal(black[0], black[1]);
	*sum = item_of(node)->key + sums[0] + sums[1];
	assert_int_equal(item_of(node)->sum, *sum);
	return black[0] + !node->red;
}

static void check_tree(const struct rb_tree *tree, struct item *const *sorted, unsigned count)
{
	struct rb_node *node;
	unsigned i = 0, sum;

	assert_true(!tree->root || !tree->root->red);
	check_node(tree->root, NULL, &sum);
	rb_for_each(node, tree) {
		assert_true(i < count);
		assert_ptr_equal(item_of(node), sorted[i++]);
	}
	assert_int_equal(i, count);
	for (node = rb_last(tree); node; node = rb_prev(node))
		assert_ptr_equal(item_of(node), sorted[--i]);
	assert_int_equal(i, 0);
}

/* Behind all of the same key. */
static unsigned sorted_insert(struct item **sorted, unsigned count, struct item *item)
{
	unsigned at = count;

	for (; at > 0 && sorted[at - 1]->key > item->key; at--)
		sorted[at] = sorted[at - 1];
	sorted[at] = item;
	return count + 1;
}

static void random_changes_match_a_sorted_array(void **state)
{
	static struct item items[MAX], *sorted[MAX], *unused[MAX];
	unsigned count = 0;
	struct rb_tree tree;

	host_random_seed(7);
	rb_init(&tree, &ops);
	for (unsigned i = 0; i < MAX; i++)
		unused[i] = &items[i];
	for (int step = 0; step < 20000; step++) {
		/* The tree's size swings between empty and full. */
		bool growing = step / 1000 % 2 == 0;
		bool insert = host_random_below(10) < (growing ? 7 : 3);

		if (insert && count < MAX) {
			struct item *item = unused[count];

			item->key = (unsigned)host_random_below(step % 3 ? 1000 : 5);
			rb_insert(&tree, &item->link);
			count = sorted_insert(sorted, count, item);
		} else if (!insert && count > 0) {
			unsigned at = (unsigned)host_random_below(count);

			rb_erase(&tree, &sorted[at]->link);
			unused[--count] = sorted[at];
			memmove(&sorted[at], &sorted[at + 1], (count - at) * sizeof(sorted[0]));
		}
		check_tree(&tree, sorted, count);
	}
}

static bool before(const struct rb_node *node, const void *key)
{
	return item_of(node)->key < *(const unsigned *)key;
}

static void lower_bound(void **state)
{
	static struct item items[] = { { 10 }, { 20, 1 }, { 20, 2 }, { 30 } };
	static const struct {
		unsigned key;
		int found;
	} cases[] = { { 0, 0 }, { 10, 0 }, { 11, 1 }, { 20, 1 }, { 21, 3 }, { 30, 3 }, { 31, -1 } };
	struct rb_tree tree;
	unsigned any = 0;

	rb_init(&tree, &ops_without_update);
	assert_null(rb_lower_bound(&tree, before, &any));
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++)
		rb_insert(&tree, &items[i].link);
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rb_node *node = rb_lower_bound(&tree, before, &cases[i].key);

		if (cases[i].found < 0)
			assert_null(node);
		else
			assert_ptr_equal(node, &items[cases[i].found].link);
	}
}

static void sorted_input_stays_balanced(void **state)
{
	static struct item items[4096];
	struct rb_tree tree;
	unsigned deepest = 0;

	rb_init(&tree, &ops_without_update);
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++) {
		items[i].key = i;
		rb_insert(&tree, &items[i].link);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++) {
		unsigned depth = 0;

		for (struct rb_node *node = &items[i].link; node; node = node->parent)
			depth++;
		deepest = max(deepest, depth);
	}
	assert_true(deepest <= 2 * 12 + 1); /* twice the logarithm of 4097 */
}

static void summaries_follow_a_change(void **state)
{
	static struct item items[50];
	struct rb_tree tree;
	unsigned sum;

	rb_init(&tree, &ops);
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++) {
		items[i].key = 10 * i;
		rb_insert(&tree, &items[i].link);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++) {
		items[i].key += 3; /* the order stays */
		rb_update(&tree, &items[i].link);
		check_node(tree.root, NULL, &sum);
	}
}

static void an_empty_tree(void **state)
{
	struct rb_tree tree;

	rb_init(&tree, &ops);
	assert_true(rb_empty(&tree));
	assert_null(rb_first(&tree));
	assert_null(rb_last(&tree));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_changes_match_a_sorted_array),
		cmocka_unit_test(lower_bound),
		cmocka_unit_test(sorted_input_stays_balanced),
		cmocka_unit_test(summaries_follow_a_change),
		cmocka_unit_test(an_empty_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
