/*
 * lib/list.h, and the macros of lib/compiler.h.
 */
#include "host.h"
#include "lib/list.h"

struct item {
	int number;
	struct list_head link;
};

/* The list's numbers as decimal digits, walked forwards; backwards must be the same list. */
static int digits(struct list_head *head)
{
	struct item *item;
	int forwards = 0, backwards = 0, place = 1;

	list_for_each(item, head, link)
		forwards = forwards * 10 + item->number;
	for (struct list_head *at = head->prev; at != head; at = at->prev, place *= 10)
		backwards += list_entry(at, struct item, link)->number * place;
	assert_int_equal(forwards, backwards);
	return forwards;
}

static void order_of_adding(void **state)
{
	struct list_head head = LIST_INIT(head);
	struct item a = { 1 }, b = { 2 }, c = { 3 }, d = { 4 };

	assert_true(list_empty(&head));
	assert_null(list_first(&head, struct item, link));
	assert_null(list_last(&head, struct item, link));
	list_add_tail(&a.link, &head);
	list_add_tail(&b.link, &head);
	list_add(&c.link, &head);
	assert_int_equal(digits(&head), 312);
	list_add_tail(&d.link, &a.link);
	assert_int_equal(digits(&head), 3412);
	assert_ptr_equal(list_first(&head, struct item, link), &c);
	assert_ptr_equal(list_last(&head, struct item, link), &b);
}

static void deleting(void **state)
{
	struct list_head head = LIST_INIT(head);
	struct item items[3] = { { 1 }, { 2 }, { 3 } };

	for (int i = 0; i < 3; i++)
		list_add_tail(&items[i].link, &head);
	list_del(&items[1].link);
	assert_int_equal(digits(&head), 13);
	assert_false(list_is_linked(&items[1].link));
	list_del(&items[1].link);
	assert_int_equal(digits(&head), 13);
	list_del(&items[0].link);
	list_del(&items[2].link);
	assert_true(list_empty(&head));
}

static void deleting_while_walking(void **state)
{
	struct list_head head = LIST_INIT(head);
	struct item items[5] = { { 1 }, { 2 }, { 3 }, { 4 }, { 5 } }, *item, *following;

	for (int i = 0; i < 5; i++)
		list_add_tail(&items[i].link, &head);
	list_for_each_safe(item, following, &head, link)
		if (item->number % 2 == 1)
			list_del(&item->link);
	assert_int_equal(digits(&head), 24);
}

static void splicing(void **state)
{
	struct list_head from = LIST_INIT(from), to = LIST_INIT(to);
	struct item a = { 1 }, b = { 2 }, c = { 3 };

	list_splice_tail(&from, &to);
	assert_true(list_empty(&to));
	list_add_tail(&a.link, &to);
	list_add_tail(&b.link, &from);
	list_add_tail(&c.link, &from);
	list_splice_tail(&from, &to);
	assert_true(list_empty(&from));
	assert_int_equal(digits(&to), 123);
}

static void macros_of_compiler_h(void **state)
{
	int evaluated = 0;

	assert_int_equal(min(++evaluated, 7), 1);
	assert_int_equal(max(++evaluated, 1), 2);
	assert_int_equal(evaluated, 2);
	assert_int_equal(ALIGN_UP(4097u, 4096), 8192);
	assert_int_equal(ALIGN_UP(4096u, 4096), 4096);
	assert_true(ALIGN_DOWN(0xffffffffffffffffull, 4096) == 0xfffffffffffff000ull);
	assert_true(IS_ALIGNED(0x2000, 4096) && !IS_ALIGNED(0x2001, 4096));
	assert_int_equal(DIV_ROUND_UP(65, 64), 2);
	assert_int_equal(DIV_ROUND_UP(64, 64), 1);
	assert_true(is_power_of_2(1) && is_power_of_2(1ull << 63));
	assert_false(is_power_of_2(0) || is_power_of_2(6));
	assert_true(BIT(63) == 0x8000000000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_adding),
		cmocka_unit_test(deleting),
		cmocka_unit_test(deleting_while_walking),
		cmocka_unit_test(splicing),
		cmocka_unit_test(macros_of_compiler_h),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
