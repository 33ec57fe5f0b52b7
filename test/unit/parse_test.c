/*
 * lib/parse.h: numbers at the borders of 64 bits, and what is no number; options.
 */
#include "host.h"

#include "abi/errno.h"
#include "lib/parse.h"

static void good_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ "18446744073709551615", UINT64_MAX },
		{ "0xffffffffffffffff", UINT64_MAX },
		{ "0XaBc", 0xabc },
		{ "01777777777777777777777", UINT64_MAX },
		{ "00", 0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
		uint64_t value = 99;

		assert_int_equal(parse_u64(good[i].text, &value), 0);
		assert_true(value == good[i].value);
	}
}

static void bad_numbers(void **state)
{
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", -EINVAL },
		{ "-1", -EINVAL },
		{ "+1", -EINVAL },
		{ " 1", -EINVAL },
		{ "1 ", -EINVAL },
		{ "0x", -EINVAL },
		{ "x1", -EINVAL },
		{ "08", -EINVAL },
		{ "12a", -EINVAL },
		{ "18446744073709551616", -ERANGE },
		{ "99999999999999999999999", -ERANGE },
		{ "0x10000000000000000", -ERANGE },
		{ "99999999999999999999999z", -EINVAL },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		uint64_t value = 99;

		assert_int_equal(parse_u64(bad[i].text, &value), bad[i].error);
		assert_true(value == 99);
	}
}

static void sizes(void **state)
{
	uint64_t bytes = 99;

	assert_int_equal(parse_size("64", &bytes), 0);
	assert_true(bytes == 64);
	assert_int_equal(parse_size("4K", &bytes), 0);
	assert_true(bytes == 4096);
	assert_int_equal(parse_size("0x10M", &bytes), 0);
	assert_true(bytes == 16 << 20);
	assert_int_equal(parse_size("3T", &bytes), 0);
	assert_true(bytes == 3ull << 40);
	assert_int_equal(parse_size("4k", &bytes), 0);
	assert_true(bytes == 4096);
	assert_int_equal(parse_size("15E", &bytes), 0);
	assert_true(bytes == 15ull << 60);
	assert_int_equal(parse_size("1p", &bytes), 0);
	assert_true(bytes == 1ull << 50);
	bytes = 99;
	assert_int_equal(parse_size("K", &bytes), -EINVAL);
	assert_int_equal(parse_size("4KB", &bytes), -EINVAL);
	assert_int_equal(parse_size("4x", &bytes), -EINVAL);
	assert_int_equal(parse_size("16E", &bytes), -ERANGE);
	assert_int_equal(parse_size("16777216T", &bytes), -ERANGE);
	assert_int_equal(parse_size("18446744073709551616K", &bytes), -ERANGE);
	assert_true(bytes == 99);
}

static void options(void **state)
{
	const char *cmdline = "  quiet log=debug\tlogs=1 init=/a=b empty= log=info x";
	char value[8] = "before";

	assert_int_equal(parse_option(cmdline, "log", value, sizeof(value)), 0);
	assert_string_equal(value, "info");
	assert_int_equal(parse_option(cmdline, "quiet", value, sizeof(value)), 0);
	assert_string_equal(value, "");
	assert_int_equal(parse_option(cmdline, "init", value, sizeof(value)), 0);
	assert_string_equal(value, "/a=b");
	assert_int_equal(parse_option(cmdline, "empty", value, sizeof(value)), 0);
	assert_string_equal(value, "");
	assert_int_equal(parse_option(cmdline, "x", value, sizeof(value)), 0);
	strcpy(value, "before");
	assert_int_equal(parse_option(cmdline, "qui", value, sizeof(value)), -ENOENT);
	assert_int_equal(parse_option(cmdline, "debug", value, sizeof(value)), -ENOENT);
	assert_int_equal(parse_option("", "log", value, sizeof(value)), -ENOENT);
	assert_int_equal(parse_option(cmdline, "log", value, 4), -ERANGE);
	assert_string_equal(value, "before");
	assert_int_equal(parse_option(cmdline, "log", value, 5), 0);
}

static void option_lists(void **state)
{
	char text[] = ",,size=10%,ro,=x,mode=,,a=b=c,";
	static const struct {
		const char *name, *value;
	} wanted[] = {
		{ "size", "10%" },
		{ "ro", NULL },
		{ "", "x" },
		{ "mode", "" },
		{ "a", "b=c" },
	};
	char empty[] = "", *at = empty, *name, *value;

	assert_false(parse_next_option(&at, &name, &value));
	at = text;
	for (unsigned i = 0; i < ARRAY_SIZE(wanted); i++) {
		assert_true(parse_next_option(&at, &name, &value));
		assert_string_equal(name, wanted[i].name);
		assert_int_equal(!value, !wanted[i].value);
		if (value)
			assert_string_equal(value, wanted[i].value);
	}
	assert_false(parse_next_option(&at, &name, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_numbers),
		cmocka_unit_test(bad_numbers),
		cmocka_unit_test(sizes),
		cmocka_unit_test(options),
		cmocka_unit_test(option_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
