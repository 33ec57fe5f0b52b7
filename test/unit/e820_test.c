/*
 * The memory map: odd maps one by one, then random ones against a model that looks at each byte of
 * a small address space.
 *
 * links: stage2/arch/x86/e820.c
 */
#include "arch/e820.h"
#include "arch/memory_map.h"
#include "host.h"

#define PAGES(n) ((uint64_t)(n)*PAGE_SIZE)

static struct mem_range ranges[BOOT_MEM_MAX];

static struct boot_mem usable(uint64_t base, uint64_t bytes)
{
	return (struct boot_mem){ base, bytes, BOOT_MEM_USABLE, BOOT_MEM_ENABLED };
}

static struct boot_mem reserved(uint64_t base, uint64_t bytes)
{
	return (struct boot_mem){ base, bytes, BOOT_MEM_RESERVED, BOOT_MEM_ENABLED };
}

static void assert_range(size_t i, uint64_t start, uint64_t end)
{
	assert_int_equal(ranges[i].start, start);
	assert_int_equal(ranges[i].end, end);
}

static void empty_map(void **state)
{
	(void)state;
	assert_int_equal(e820_usable(NULL, 0, ranges), 0);
}

static void qemu_map(void **state)
{
	const struct boot_mem map[] = {
		usable(0, 0x9fc00),
		reserved(0x9fc00, 0x400),
		reserved(0xf0000, 0x10000),
		usable(0x100000, 0xfedd000),
		reserved(0xffdd000, 0x23000),
		reserved(0xfffc0000, 0x40000),
		reserved(0xfd00000000, 0x300000000),
	};

	(void)state;
	assert_int_equal(e820_usable(map, 7, ranges), 2);
	assert_range(0, 0, 0x9f000);
	assert_range(1, 0x100000, 0xffdd000);
}

static void unsorted_and_adjacent(void **state)
{
	const struct boot_mem map[] = {
		usable(PAGES(8), PAGES(2)),
		usable(PAGES(1), PAGES(3)),
		usable(PAGES(4), PAGES(4)),
	};

	(void)state;
	assert_int_equal(e820_usable(map, 3, ranges), 1);
	assert_range(0, PAGES(1), PAGES(10));
}

static void halves_of_a_page_make_a_page(void **state)
{
	const struct boot_mem map[] = {
		usable(PAGES(1), 100),
		usable(PAGES(1) + 100, PAGE_SIZE - 100),
	};

	(void)state;
	assert_int_equal(e820_usable(map, 2, ranges), 1);
	assert_range(0, PAGES(1), PAGES(2));
}

static void restrictive_wins(void **state)
{
	const struct boot_mem map[] = {
		reserved(PAGES(4) + 1, 1),
		usable(0, PAGES(10)),
		{ PAGES(6), PAGES(1), 77, BOOT_MEM_ENABLED }, /* a type nobody knows */
		usable(PAGES(6), PAGES(1)),
	};

	(void)state;
	assert_int_equal(e820_usable(map, 4, ranges), 3);
	assert_range(0, 0, PAGES(4));
	assert_range(1, PAGES(5), PAGES(6));
	assert_range(2, PAGES(7), PAGES(10));
}

static void nothing_but_parts_of_pages(void **state)
{
	const struct boot_mem map[] = { usable(PAGES(1) + 1, PAGES(1)), usable(PAGES(9), 4095) };

	(void)state;
	assert_int_equal(e820_usable(map, 2, ranges), 0);
}

static void no_length_is_nothing(void **state)
{
	const struct boot_mem map[] = {
		usable(PAGES(1), PAGES(2)),
		reserved(PAGES(2), 0),
		usable(PAGES(9), 0),
	};

	(void)state;
	assert_int_equal(e820_usable(map, 3, ranges), 1);
	assert_range(0, PAGES(1), PAGES(3));
}

static void past_the_end(void **state)
{
	const struct boot_mem map[] = {
		usable(PAGES(1), UINT64_MAX),
		reserved(PAGES(8), UINT64_MAX - 5),
		reserved(UINT64_MAX - 5, 100),
		usable(DIRECT_MAP_BYTES, PAGES(1)),
	};

	(void)state;
	assert_int_equal(e820_usable(map, 4, ranges), 1);
	assert_range(0, PAGES(1), PAGES(8));
	assert_int_equal(e820_usable(map, 1, ranges), 1);
	assert_range(0, PAGES(1), DIRECT_MAP_BYTES);
	assert_int_equal(e820_usable(map + 2, 2, ranges), 0);
}

static void attributes(void **state)
{
	const struct boot_mem map[] = {
		{ PAGES(0), PAGES(4), BOOT_MEM_USABLE, BOOT_MEM_ENABLED },
		{ PAGES(1), PAGES(1), BOOT_MEM_RESERVED, 0 }, /* not enabled: not there */
		{ PAGES(8), PAGES(4), BOOT_MEM_USABLE, 0 },
		{ PAGES(3), PAGES(4), BOOT_MEM_USABLE, BOOT_MEM_ENABLED | BOOT_MEM_NONVOLATILE },
	};

	(void)state;
	assert_int_equal(e820_usable(map, 4, ranges), 1);
	assert_range(0, PAGES(0), PAGES(3));
}

static void full_table(void **state)
{
	static struct boot_mem map[BOOT_MEM_MAX + 1];

	(void)state;
	for (int i = 0; i < BOOT_MEM_MAX; i++) /* last first, a page between each */
		map[i] = usable(PAGES(2 * (BOOT_MEM_MAX - i)), PAGES(1));
	map[BOOT_MEM_MAX] = reserved(0, UINT64_MAX); /* past the limit: not looked at */
	assert_int_equal(e820_usable(map, BOOT_MEM_MAX + 1, ranges), BOOT_MEM_MAX);
	for (int i = 0; i < BOOT_MEM_MAX; i++)
		assert_range(i, PAGES(2 * (i + 1)), PAGES(2 * (i + 1) + 1));
}

/* The model: one byte of `ok` for each 512 bytes of 64 pages. Entries have borders of that grain.
 */
#define GRAIN  512
#define GRAINS (64 * PAGE_SIZE / GRAIN)

static void model(const struct boot_mem *map, size_t count, unsigned char *ok)
{
	memset(ok, 0, GRAINS);
	for (size_t i = 0; i < count; i++)
		for (uint64_t g = 0; g < map[i].bytes / GRAIN; g++)
			if (map[i].type == BOOT_MEM_USABLE)
				ok[map[i].base / GRAIN + g] |= 1;
			else
				ok[map[i].base / GRAIN + g] |= 2;
}

static int model_page(const unsigned char *ok, size_t page)
{
	for (size_t g = 0; g < PAGE_SIZE / GRAIN; g++)
		if (ok[page * (PAGE_SIZE / GRAIN) + g] != 1)
			return 0;
	return 1;
}

static void assert_like_model(const struct boot_mem *map, size_t count)
{
	static unsigned char ok[GRAINS];
	size_t n = e820_usable(map, count, ranges);
	size_t i = 0;

	model(map, count, ok);
	for (size_t page = 0; page < 64; page++) {
		while (i < n && ranges[i].end <= PAGES(page))
			i++;
		int in = i < n && ranges[i].start <= PAGES(page);
		assert_int_equal(in, model_page(ok, page));
	}
	for (i = 1; i < n; i++)
		assert_true(ranges[i - 1].end < ranges[i].start);
}

static void random_maps(void **state)
{
	struct boot_mem map[12];

	(void)state;
	host_random_seed(20);
	for (int round = 0; round < 20000; round++) {
		size_t count = host_random_below(13);

		for (size_t i = 0; i < count; i++) {
			uint64_t first = host_random_below(GRAINS);
			uint64_t grains = host_random_below(GRAINS - first + 1);

			map[i] = host_random_below(3) ? usable(first * GRAIN, grains * GRAIN)
			                              : reserved(first * GRAIN, grains / 4 * GRAIN);
		}
		assert_like_model(map, count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_map),
		cmocka_unit_test(qemu_map),
		cmocka_unit_test(unsorted_and_adjacent),
		cmocka_unit_test(halves_of_a_page_make_a_page),
		cmocka_unit_test(restrictive_wins),
		cmocka_unit_test(nothing_but_parts_of_pages),
		cmocka_unit_test(no_length_is_nothing),
		cmocka_unit_test(past_the_end),
		cmocka_unit_test(attributes),
		cmocka_unit_test(full_table),
		cmocka_unit_test(random_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
