/*
 * core/symbols.h on a small table.
 *
 * links: stage2/core/symbols.c
 */
#include "host.h"

#include "arch/memory_map.h"
#include "core/symbols.h"

const uint32_t symbol_count = 3;
const uint32_t symbol_text_end = 0x3000;
const uint32_t symbol_offsets[] = { 0x1000, 0x1010, 0x2000 };
const uint32_t symbol_name_offsets[] = { 0, 6, 13 };
const char symbol_names[] = "first\0second\0third";

static void names_and_offsets(void **state)
{
	static const struct {
		uint64_t at;
		const char *name;
		uint64_t offset;
	} cases[] = {
		{ 0x1000, "first", 0 },
		{ 0x100f, "first", 15 },
		{ 0x1010, "second", 0 },
		{ 0x1fff, "second", 0xfef },
		{ 0x2000, "third", 0 },
		{ 0x2fff, "third", 0xfff },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t offset = 99;

		assert_string_equal(symbol_find(KERNEL_BASE + cases[i].at, &offset), cases[i].name);
		assert_int_equal(offset, cases[i].offset);
	}
}

static void outside_the_text(void **state)
{
	static const uint64_t outside[] = { 0, 0x1000, KERNEL_BASE, KERNEL_BASE + 0xfff,
		KERNEL_BASE + 0x3000, UINT64_MAX };
	uint64_t offset;

	for (unsigned i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_null(symbol_find(outside[i], &offset));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_offsets),
		cmocka_unit_test(outside_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
