/*
 * lib/bitmap.h against an array of bools, with lengths around the borders of words. The bits behind
 * the end of the map are all set or all clear, and must make no difference.
 */
#include "host.h"
#include "lib/bitmap.h"

#define MAX 200

struct model {
	size_t nbits;
	uint64_t map[BITMAP_WORDS(MAX)];
	bool bit[MAX];
};

static void model_init(struct model *model, size_t nbits, unsigned density)
{
	model->nbits = nbits;
	memset(model->map, host_random() & 1 ? 0xff : 0, sizeof(model->map));
	for (size_t i = 0; i < nbits; i++) {
		model->bit[i] = host_random_below(10) < density;
		if (model->bit[i])
			bitmap_set(model->map, i);
		else
			bitmap_clear(model->map, i);
	}
}

static size_t model_find(const struct model *model, size_t from, size_t count, bool value)
{
	for (size_t i = from; i + count <= model->nbits; i++) {
		size_t k = 0;

		while (k < count && model->bit[i + k] == value)
			k++;
		if (k == count)
			return i;
	}
	return model->nbits;
}

static void check(const struct model *model)
{
	size_t n = model->nbits, count = 0;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(bitmap_test(model->map, i), model->bit[i]);
		count += model->bit[i];
	}
	assert_int_equal(bitmap_count(model->map, n), count);
	for (size_t from = 0; from <= n; from++) {
		size_t run = 1 + host_random_below(70);

		assert_int_equal(
			bitmap_find_set(model->map, n, from), model_find(model, from, 1, true));
		assert_int_equal(
			bitmap_find_clear(model->map, n, from), model_find(model, from, 1, false));
		assert_int_equal(bitmap_find_clear_range(model->map, n, from, run),
			model_find(model, from, run, false));
	}
}

static void searches_match_the_model(void **state)
{
	static const size_t lengths[] = { 1, 2, 63, 64, 65, 127, 128, 129, MAX };
	static struct model model;

	host_random_seed(5);
	for (unsigned l = 0; l < ARRAY_SIZE(lengths); l++)
		for (unsigned density = 0; density <= 10; density++) {
			model_init(&model, lengths[l], density);
			check(&model);
		}
}

static void ranges_match_the_model(void **state)
{
	static struct model model;

	host_random_seed(6);
	model_init(&model, MAX, 5);
	for (int i = 0; i < 2000; i++) {
		size_t first = host_random_below(MAX + 1);
		size_t count = host_random_below(MAX - first + 1);
		bool value = host_random() & 1;

		if (value)
			bitmap_set_range(model.map, first, count);
		else
			bitmap_clear_range(model.map, first, count);
		for (size_t k = first; k < first + count; k++)
			model.bit[k] = value;
		if (i % 50 == 0)
			check(&model);
	}
}

static void a_map_of_nothing(void **state)
{
	uint64_t map[1] = { ~0ull };

	assert_int_equal(bitmap_find_set(map, 0, 0), 0);
	assert_int_equal(bitmap_find_clear(map, 0, 0), 0);
	assert_int_equal(bitmap_find_clear_range(map, 0, 0, 1), 0);
	assert_int_equal(bitmap_count(map, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_match_the_model),
		cmocka_unit_test(ranges_match_the_model),
		cmocka_unit_test(a_map_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
