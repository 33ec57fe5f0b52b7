/*
 * The keyboard: scan codes of a US keyboard, and what a terminal is typed.
 *
 * links: stage2/dev/ps2/keys.c
 */
#include "host.h"

#include "dev/ps2/keys.h"
#include "lib/string.h"

static struct keys keys;
static bool application;

static int setup(void **state)
{
	keys = (struct keys){ 0 };
	application = false;
	return 0;
}

/* What the codes type, all together. */
#define assert_types(codes, wanted)                                                                \
	do {                                                                                       \
		char all_[64], text_[KEYS_TEXT_BYTES];                                             \
		size_t n_ = 0, part_;                                                              \
		for (size_t i_ = 0; i_ < sizeof(codes) - 1; i_++) {                                \
			part_ = keys_take(&keys, (uint8_t)(codes)[i_], application, text_);        \
			memcpy(all_ + n_, text_, part_);                                           \
			n_ += part_;                                                               \
		}                                                                                  \
		assert_int_equal(n_, sizeof(wanted) - 1);                                          \
		assert_memory_equal(all_, wanted, n_);                                             \
	} while (0)

static void keys_type_their_letters(void **state)
{
	assert_types("\x1e\x9e\x30\xb0\x02\x82\x39\x1c\x0e\x01\x0f\x2b", "ab1 \r\x7f\033\t\\");
	assert_types("\x2a\x1e\x9e\x02\xaa\x1e", "A!a");
	assert_types("\x36\x28\xb6\x28", "\"'");
}

static void caps_lock_is_for_letters(void **state)
{
	assert_types("\x3a\xba\x1e\x02", "A1");
	assert_int_equal(keys.leds, KEYS_LED_CAPS);
	assert_types("\x2a\x1e\x02\xaa", "a!");
	assert_types("\x3a\xba\x1e", "a");
}

static void ctrl_and_alt(void **state)
{
	assert_types("\x1d\x2e\x9d\x2e", "\x03"
					 "c");
	assert_types("\xe0\x1d\x39\x1a\x03\x04\x0c\x35\x0e\xe0\x9d", "\0\033\0\033\x1f\x1f\b");
	assert_types("\x38\x10\xb8\x10", "\033qq");
	assert_types("\xe0\x38\x10\xe0\xb8\x10", "\033qq");
	assert_types("\x2a\x0f\xaa", "\033\t");
}

static void arrows_and_their_neighbours(void **state)
{
	assert_types("\xe0\x48\xe0\xc8\xe0\x50\xe0\x4b\xe0\x4d", "\033[A\033[B\033[D\033[C");
	assert_types("\xe0\x47\xe0\x4f\xe0\x49\xe0\x51\xe0\x52\xe0\x53",
		"\033[1~\033[4~\033[5~\033[6~\033[2~\033[3~");
	/* With num lock the keyboard puts a shift around them that nobody pressed. */
	assert_types("\xe0\x2a\xe0\x48\xe0\xc8\xe0\xaa\x1e", "\033[Aa");
	application = true;
	assert_types("\xe0\x48\xe0\x47", "\033OA\033[1~");
}

static void the_keypad(void **state)
{
	assert_types(
		"\x47\x48\x4c\x53\x4a\x4e\x37\xe0\x35\xe0\x1c", "\033[1~\033[A\033[G\033[3~-+*/\r");
	assert_types("\x45\xc5\x47\x52\x53", "70.");
	assert_int_equal(keys.leds, KEYS_LED_NUM);
}

static void function_keys_type(void **state)
{
	assert_types("\x3b\x3f\x40\x44\x57\x58", "\033[[A\033[[E\033[17~\033[21~\033[23~\033[24~");
	assert_types("\x2a\x3b\x42\x43\xaa", "\033[25~\033[34~");
}

static void what_means_nothing(void **state)
{
	assert_types("\xe1\x1d\x45\xe1\x9d\xc5\x1e", "a"); /* pause */
	assert_types("\xe0\x5b\xe0\xdb\xe0\x37\x54\x7f\xff\xfa\x1e", "a");
}

static void any_codes_are_fine(void **state)
{
	char text[KEYS_TEXT_BYTES];

	for (int i = 0; i < 1000000; i++)
		assert_in_range(
			keys_take(&keys, (uint8_t)host_random(), i & 1, text), 0, KEYS_TEXT_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keys_type_their_letters, setup),
		cmocka_unit_test_setup(caps_lock_is_for_letters, setup),
		cmocka_unit_test_setup(ctrl_and_alt, setup),
		cmocka_unit_test_setup(arrows_and_their_neighbours, setup),
		cmocka_unit_test_setup(the_keypad, setup),
		cmocka_unit_test_setup(function_keys_type, setup),
		cmocka_unit_test_setup(what_means_nothing, setup),
		cmocka_unit_test_setup(any_codes_are_fine, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
