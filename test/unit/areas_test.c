/*
 * The tree of an address space's areas against a naive model: one byte a page.
 *
 * links: stage2/vm/areas.c
 */
#include "host.h"

#include <stdlib.h>

#include "abi/mman.h"
#include "vm/areas.h"

#define PAGE  4096ull
#define PAGES 2048 /* of the model: addresses [0, PAGES * PAGE) */
#define GUARD (STACK_GUARD_BYTES / PAGE)

static struct area_tree areas;
static uint8_t model[PAGES]; /* 0: free, else the area's kind */

static struct vm_area *area_new(uint64_t first, uint64_t count, uint32_t prot, uint32_t flags)
{
	struct vm_area *area = calloc(1, sizeof(*area));

	assert_non_null(area);
	area->start = first * PAGE;
	area->end = (first + count) * PAGE;
	area->prot = prot;
	area->flags = flags;
	return area;
}

static struct vm_area *add(uint64_t first, uint64_t count, uint32_t prot, uint32_t flags)
{
	struct vm_area *area = area_new(first, count, prot, flags);

	areas_insert(&areas, area);
	return area;
}

static int setup(void **state)
{
	areas_init(&areas);
	memset(model, 0, sizeof(model));
	return 0;
}

static int teardown(void **state)
{
	struct vm_area *area;

	while ((area = areas_first(&areas))) {
		areas_remove(&areas, area);
		free(area);
	}
	return 0;
}

static void find_is_first_that_ends_behind(void **state)
{
	struct vm_area *low = add(16, 2, 1, MAP_PRIVATE), *high = add(32, 4, 1, MAP_PRIVATE);

	assert_ptr_equal(areas_find(&areas, 0), low);
	assert_ptr_equal(areas_find(&areas, 17 * PAGE + 5), low);
	assert_ptr_equal(areas_find(&areas, 18 * PAGE), high);
	assert_ptr_equal(areas_find(&areas, 36 * PAGE - 1), high);
	assert_null(areas_find(&areas, 36 * PAGE));
	assert_null(areas_at(&areas, 18 * PAGE));
	assert_ptr_equal(areas_at(&areas, 16 * PAGE), low);
	assert_true(areas_free(&areas, 18 * PAGE, 32 * PAGE));
	assert_false(areas_free(&areas, 18 * PAGE, 32 * PAGE + 1));
	assert_false(areas_free(&areas, 17 * PAGE, 18 * PAGE));
	assert_int_equal(areas.count, 2);
	assert_int_equal(areas.bytes, 6 * PAGE);
}

static void split_keeps_what_the_object_shows(void **state)
{
	struct vm_area *area = add(16, 8, 3, MAP_PRIVATE), *upper = area_new(0, 1, 0, 0);

	area->pager = (struct pager *)&areas;
	area->pager_index = 100;
	areas_split(&areas, area, 19 * PAGE, upper);
	assert_int_equal(area->end, 19 * PAGE);
	assert_int_equal(upper->start, 19 * PAGE);
	assert_int_equal(upper->end, 24 * PAGE);
	assert_int_equal(upper->pager_index, 103);
	assert_int_equal(upper->prot, 3);
	assert_ptr_equal(areas_next(area), upper);
	assert_ptr_equal(areas_merge_next(&areas, area), upper);
	assert_int_equal(area->end, 24 * PAGE);
	assert_int_equal(areas.bytes, 8 * PAGE);
	free(upper);
}

static void only_alike_neighbours_merge(void **state)
{
	static char object[2];
	struct vm_area *low = add(16, 2, 3, MAP_PRIVATE), *high = add(18, 2, 3, MAP_PRIVATE);

	high->prot = 1;
	assert_null(areas_merge_next(&areas, low));
	high->prot = 3;
	high->name = "[heap]";
	assert_null(areas_merge_next(&areas, low));
	high->name = NULL;
	high->max_prot = 7;
	assert_null(areas_merge_next(&areas, low));
	high->max_prot = 0;
	high->pager = (struct pager *)object;
	assert_null(areas_merge_next(&areas, low));
	low->pager = (struct pager *)object;
	high->pager_index = 1;
	assert_null(areas_merge_next(&areas, low));
	high->pager_index = 2;
	assert_ptr_equal(areas_merge_next(&areas, low), high);
	assert_null(areas_merge_next(&areas, low));
	free(high);
}

static void neighbours_grow_over_what_continues_them(void **state)
{
	static char object;
	struct vm_area *low = add(16, 2, 3, MAP_PRIVATE), *high = add(32, 4, 3, MAP_PRIVATE);
	struct vm_area *area = area_new(18, 3, 3, MAP_PRIVATE);

	assert_ptr_equal(areas_join(&areas, area), low);
	assert_int_equal(low->end, 21 * PAGE);
	assert_int_equal(high->gap, 11 * PAGE);
	area->start = 30 * PAGE;
	area->end = 32 * PAGE;
	assert_ptr_equal(areas_join(&areas, area), high);
	assert_int_equal(high->start, 30 * PAGE);
	assert_int_equal(high->gap, 9 * PAGE);
	assert_int_equal(areas.count, 2);
	assert_int_equal(areas.bytes, 11 * PAGE);
	area->start = 29 * PAGE;
	area->end = 30 * PAGE;
	area->prot = 1;
	assert_null(areas_join(&areas, area));
	area->prot = 3;
	area->pager = high->pager = (struct pager *)&object;
	high->pager_index = 5;
	assert_null(areas_join(&areas, area));
	area->pager_index = 4;
	assert_ptr_equal(areas_join(&areas, area), high);
	assert_int_equal(high->pager_index, 4);
	free(area);
}

static void stacks_never_merge(void **state)
{
	struct vm_area *low = add(16, 2, 3, MAP_PRIVATE | MAP_GROWSDOWN);

	add(18, 2, 3, MAP_PRIVATE | MAP_GROWSDOWN);
	assert_null(areas_merge_next(&areas, low));
}

static void placement_keeps_below_stacks(void **state)
{
	uptr_t address;

	add(1000, 10, 3, MAP_PRIVATE | MAP_GROWSDOWN);
	assert_true(areas_place(&areas, PAGE, 16 * PAGE, 1005 * PAGE, &address));
	assert_int_equal(address, (1000 - GUARD - 1) * PAGE);
	assert_true(areas_free(&areas, 999 * PAGE, 1000 * PAGE));
	assert_false(areas_free_guarded(&areas, 999 * PAGE, 1000 * PAGE));
	assert_true(areas_free_guarded(&areas, 16 * PAGE, (1000 - GUARD) * PAGE));
	assert_false(areas_place(&areas, PAGE, (1000 - GUARD) * PAGE, 1005 * PAGE, &address));
}

static void placement_is_highest_and_bounded(void **state)
{
	uptr_t address;

	assert_true(areas_place(&areas, 4 * PAGE, 16 * PAGE, 100 * PAGE, &address));
	assert_int_equal(address, 96 * PAGE);
	add(90, 10, 3, MAP_PRIVATE);
	add(50, 30, 3, MAP_PRIVATE);
	assert_true(areas_place(&areas, 10 * PAGE, 16 * PAGE, 100 * PAGE, &address));
	assert_int_equal(address, 80 * PAGE);
	assert_true(areas_place(&areas, 11 * PAGE, 16 * PAGE, 100 * PAGE, &address));
	assert_int_equal(address, 39 * PAGE);
	assert_true(areas_place(&areas, 34 * PAGE, 16 * PAGE, 100 * PAGE, &address));
	assert_int_equal(address, 16 * PAGE);
	assert_false(areas_place(&areas, 35 * PAGE, 16 * PAGE, 100 * PAGE, &address));
	assert_true(areas_place(&areas, 2 * PAGE, 16 * PAGE, 85 * PAGE, &address));
	assert_int_equal(address, 83 * PAGE);
}

/* ---- against the model ------------------------------------------------------------------- */

static bool model_free(uint64_t first, uint64_t count)
{
	for (uint64_t i = first; i < first + count; i++)
		if (model[i])
			return false;
	return true;
}

/* The highest free run of `count` pages in [bottom, top), or PAGES. */
static uint64_t model_place(uint64_t count, uint64_t bottom, uint64_t top)
{
	for (uint64_t first = top - count + 1; count <= top - bottom && first-- > bottom;)
		if (model_free(first, count))
			return first;
	return PAGES;
}

static void check_same(void)
{
	uint64_t pages = 0, count = 0;

	for (uint64_t i = 0; i < PAGES; i++) {
		struct vm_area *area = areas_at(&areas, i * PAGE);
		assert_int_equal(area ? area->prot : 0, model[i]);
		pages += model[i] != 0;
	}
	for (struct vm_area *area = areas_first(&areas); area; area = areas_next(area))
		count++;
	assert_int_equal(areas.bytes, pages * PAGE);
	assert_int_equal(areas.count, count);
}

static void cut_at(uint64_t page)
{
	struct vm_area *area = areas_at(&areas, page * PAGE), *upper;

	if (!area || area->start == page * PAGE)
		return;
	upper = area_new(0, 1, 0, 0);
	areas_split(&areas, area, page * PAGE, upper);
}

static void remove_range(uint64_t first, uint64_t count)
{
	struct vm_area *area, *next;

	cut_at(first);
	cut_at(first + count);
	area = areas_find(&areas, first * PAGE);
	for (; area && area->start < (first + count) * PAGE; area = next) {
		next = areas_next(area);
		areas_remove(&areas, area);
		free(area);
	}
	memset(model + first, 0, count);
}

static void add_or_join(uint64_t first, uint64_t count, uint32_t prot)
{
	struct vm_area *area = area_new(first, count, prot, MAP_PRIVATE);

	if (host_random_below(2) && areas_join(&areas, area))
		free(area);
	else
		areas_insert(&areas, area);
}

static void merge_all(void)
{
	struct vm_area *area = areas_first(&areas), *absorbed;

	while (area) {
		absorbed = areas_merge_next(&areas, area);
		if (absorbed)
			free(absorbed);
		else
			area = areas_next(area);
	}
}

static void random_changes_match_model(void **state)
{
	host_random_seed(7);
	for (int round = 0; round < 4000; round++) {
		uint64_t first = 16 + host_random_below(PAGES - 80);
		uint64_t count = 1 + host_random_below(60);
		uint8_t prot = (uint8_t)(1 + host_random_below(3));

		switch (host_random_below(4)) {
		case 0:
			remove_range(first, count);
			break;
		case 1:
			remove_range(first, count);
			add_or_join(first, count, prot);
			memset(model + first, prot, count);
			break;
		case 2:
			merge_all();
			break;
		default: {
			uint64_t bottom = host_random_below(PAGES / 2), want;
			uint64_t top = PAGES / 2 + host_random_below(PAGES / 2);
			uptr_t address = PAGES * PAGE;
			bool found = areas_place(
				&areas, count * PAGE, bottom * PAGE, top * PAGE, &address);

			want = model_place(count, bottom, top);
			assert_int_equal(found, want != PAGES);
			assert_int_equal(address, want * PAGE);
			if (found && address >= 16 * PAGE) {
				add(address / PAGE, count, prot, MAP_PRIVATE);
				memset(model + address / PAGE, prot, count);
			}
		}
		}
		if (round % 16 == 0)
			check_same();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(find_is_first_that_ends_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(split_keeps_what_the_object_shows, setup, teardown),
		cmocka_unit_test_setup_teardown(only_alike_neighbours_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(
			neighbours_grow_over_what_continues_them, setup, teardown),
		cmocka_unit_test_setup_teardown(stacks_never_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(placement_keeps_below_stacks, setup, teardown),
		cmocka_unit_test_setup_teardown(placement_is_highest_and_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(random_changes_match_model, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
