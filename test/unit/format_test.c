/*
 * lib/format.h against libc: every flag with widths and precisions on interesting numbers, and the
 * edges of the buffer.
 */
#include "host.h"
#include "lib/compiler.h"

#include <limits.h>

size_t scnprintf(char *buffer, size_t bytes, const char *format, ...);

/* Formats are put together at run time here. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-zero-length"
#pragma GCC diagnostic ignored "-Wformat-truncation"

#define same(...)                                                                                  \
	do {                                                                                       \
		char ours_[256], theirs_[256];                                                     \
		int length_ = snprintf(theirs_, sizeof(theirs_), __VA_ARGS__);                     \
		assert_int_equal(cor_snprintf(ours_, sizeof(ours_), __VA_ARGS__), length_);        \
		assert_string_equal(ours_, theirs_);                                               \
	} while (0)

static const char *const numbers[] = { "", "0", "3", "12", "25" };
static const char *const precisions[] = { "", ".", ".0", ".1", ".5", ".24" };

/* "%FLAGS WIDTH PRECISION" of every kind; flags as a set of bits. */
static void make_format(char *format, unsigned flags, unsigned width, unsigned precision,
	const char *size_and_conversion)
{
	static const char letters[] = "0-+ #";
	char *at = format;

	*at++ = '%';
	for (unsigned i = 0; i < 5; i++)
		if (flags >> i & 1)
			*at++ = letters[i];
	sprintf(at, "%s%s%s", numbers[width], precisions[precision], size_and_conversion);
}

static void numbers_match_libc(void **state)
{
	static const long values[] = { 0, 1, -1, 7, 8, -42, 255, 256, 65536, INT_MAX, INT_MIN,
		LONG_MAX, LONG_MIN, 0x123456789abcdef };
	static const char *const conversions[] = { "d", "i", "u", "x", "X", "o", "ld", "lu", "lx",
		"lX", "lo", "lld", "llx", "zd", "zu", "td", "jd", "jx", "hd", "hu", "hx", "hhd",
		"hhu", "hhx" };

	for (unsigned flags = 0; flags < 32; flags++)
		for (unsigned w = 0; w < ARRAY_SIZE(numbers); w++)
			for (unsigned p = 0; p < ARRAY_SIZE(precisions); p++)
				for (unsigned c = 0; c < ARRAY_SIZE(conversions); c++) {
					char format[32];

					if (numbers[w][0] == '0')
						continue;
					make_format(format, flags, w, p, conversions[c]);
					for (unsigned v = 0; v < ARRAY_SIZE(values); v++)
						same(format, values[v]);
				}
}

static void text_matches_libc(void **state)
{
	same("");
	same("no conversion");
	same("%%|%5s|%-5s|%.2s|%.0s|%5.1s|%s", "abc", "abc", "abc", "abc", "abc", "");
	same("%c|%3c|%-3c|", 'x', 'y', 'z');
	same("%*d|%-*d|%*d|%.*d|%.*d", 5, 1, 5, 2, -5, 3, 4, 4, -1, 5);
	same("%*.*s|", 6, 2, "abc");
	same("%p", (void *)0xdeadbeef);
	same("%20p|%-20p|", (void *)0x1000, (void *)0x2000);
	same("%s %d %s %lu %s", "a", 1, "b", 2ul, "c");
}

static void a_precision_bounds_what_is_read(void **state)
{
	const char letters[3] = { 'a', 'b', 'c' };
	char buffer[8];

	assert_int_equal(cor_snprintf(buffer, sizeof(buffer), "%.3s", letters), 3);
	assert_string_equal(buffer, "abc");
}

static void null_is_printed(void **state)
{
	char buffer[32];
	const char *volatile none = NULL;

	cor_snprintf(buffer, sizeof(buffer), "%s %p", none, (void *)none);
	assert_string_equal(buffer, "(null) 0x0");
}

static void unknown_conversions_stand_as_written(void **state)
{
	char buffer[32];
	const char *volatile format = "%y %5.3lq %";

	cor_snprintf(buffer, sizeof(buffer), format);
	assert_string_equal(buffer, "%y %5.3lq %");
}

static void output_is_cut_and_terminated(void **state)
{
	for (size_t bytes = 0; bytes < 16; bytes++) {
		char ours[16], theirs[16];

		memset(ours, '#', sizeof(ours));
		memset(theirs, '#', sizeof(theirs));
		assert_int_equal(cor_snprintf(ours, bytes, "%d-%s", 12345, "text"),
			snprintf(theirs, bytes, "%d-%s", 12345, "text"));
		assert_memory_equal(ours, theirs, sizeof(ours));
	}
	assert_int_equal(cor_snprintf(NULL, 0, "%s", "four"), 4);
}

static void scnprintf_returns_what_is_there(void **state)
{
	char buffer[6];

	assert_int_equal(scnprintf(buffer, sizeof(buffer), "abc"), 3);
	assert_int_equal(scnprintf(buffer, sizeof(buffer), "abcdefgh"), 5);
	assert_string_equal(buffer, "abcde");
	assert_int_equal(scnprintf(buffer, 1, "abc"), 0);
	assert_int_equal(scnprintf(buffer, 0, "abc"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_match_libc),
		cmocka_unit_test(text_matches_libc),
		cmocka_unit_test(a_precision_bounds_what_is_read),
		cmocka_unit_test(null_is_printed),
		cmocka_unit_test(unknown_conversions_stand_as_written),
		cmocka_unit_test(output_is_cut_and_terminated),
		cmocka_unit_test(scnprintf_returns_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
