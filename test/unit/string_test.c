/*
 * lib/string.h against libc, on short strings over two letters, where ends and equal stretches meet
 * in every way.
 */
#include "host.h"

#include <stdlib.h>

#define MAX 24

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

/* A string on the heap, exactly as long as it is, so that ASan sees a byte read past its end. */
static char *random_string(void)
{
	size_t length = host_random_below(MAX);
	char *s = malloc(length + 1);

	assert_non_null(s);
	for (size_t i = 0; i < length; i++)
		s[i] = host_random_below(8) == 0 ? (char)0xe4 : 'a';
	s[length] = 0;
	return s;
}

static void compare_matches_libc(void **state)
{
	host_random_seed(1);
	for (int i = 0; i < 20000; i++) {
		char *a = random_string(), *b = random_string();
		size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
		size_t max = host_random_below(MAX + 4);

		assert_int_equal(cor_strlen(a), strlen(a));
		assert_int_equal(cor_strnlen(a, max), strnlen(a, max));
		assert_int_equal(sign(cor_strcmp(a, b)), sign(strcmp(a, b)));
		assert_int_equal(sign(cor_strncmp(a, b, max)), sign(strncmp(a, b, max)));
		assert_int_equal(sign(cor_memcmp(a, b, n)), sign(memcmp(a, b, n)));
		free(a);
		free(b);
	}
}

static void search_matches_libc(void **state)
{
	static const int sought[] = { 'a', 0xe4, (char)0xe4, 0, 'x', 'a' + 256 };

	host_random_seed(2);
	for (int i = 0; i < 5000; i++) {
		char *s = random_string();

		for (size_t k = 0; k < sizeof(sought) / sizeof(sought[0]); k++) {
			assert_ptr_equal(cor_strchr(s, sought[k]), strchr(s, sought[k]));
			assert_ptr_equal(cor_strrchr(s, sought[k]), strrchr(s, sought[k]));
			assert_ptr_equal(cor_memchr(s, sought[k], strlen(s)),
				memchr(s, sought[k], strlen(s)));
		}
		free(s);
	}
}

static void memcmp_takes_bytes_unsigned(void **state)
{
	const unsigned char a[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 0x80 };
	const unsigned char b[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 0x7f };

	assert_true(cor_memcmp(a, b, 16) > 0);
	assert_int_equal(cor_memcmp(a, b, 8), 0);
	assert_int_equal(cor_memcmp(a, b, 0), 0);
}

static void strnlen_and_strncmp_stop_at_max(void **state)
{
	char *s = malloc(3); /* no NUL: ASan would see the fourth byte read */

	memcpy(s, "abc", 3);
	assert_int_equal(cor_strnlen(s, 3), 3);
	assert_int_equal(cor_strncmp(s, "abcd", 3), 0);
	free(s);
}

static void strlcpy_terminates_and_tells_the_length(void **state)
{
	char to[4] = "xyz";

	assert_int_equal(cor_strlcpy(to, "hello", 0), 5);
	assert_string_equal(to, "xyz");
	assert_int_equal(cor_strlcpy(to, "hello", 1), 5);
	assert_string_equal(to, "");
	assert_int_equal(cor_strlcpy(to, "hello", 4), 5);
	assert_string_equal(to, "hel");
	assert_int_equal(cor_strlcpy(to, "abc", 4), 3);
	assert_string_equal(to, "abc");
	assert_int_equal(cor_strlcpy(to, "", 4), 0);
	assert_string_equal(to, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compare_matches_libc),
		cmocka_unit_test(search_matches_libc),
		cmocka_unit_test(memcmp_takes_bytes_unsigned),
		cmocka_unit_test(strnlen_and_strncmp_stop_at_max),
		cmocka_unit_test(strlcpy_terminates_and_tells_the_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
