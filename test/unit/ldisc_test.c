/*
 * The line discipline: what is typed, what the screen shows, what the program reads.
 *
 * links: stage2/tty/ldisc.c
 */
#include "host.h"
#include "lib/string.h"
#include "tty/ldisc.h"

static uint8_t in_bytes[LDISC_BYTES], out_bytes[LDISC_BYTES];
static struct ldisc tty;
static unsigned signals;

static int setup(void **state)
{
	ldisc_init(&tty, in_bytes, out_bytes);
	signals = 0;
	return 0;
}

static void type(const char *text)
{
	assert_int_equal(ldisc_input(&tty, text, strlen(text), &signals), strlen(text));
}

static void change(uint32_t iflag, uint32_t oflag, uint32_t lflag)
{
	struct termios2 termios = tty.termios;

	termios.c_iflag = iflag;
	termios.c_oflag = oflag;
	termios.c_lflag = lflag;
	ldisc_set_termios(&tty, &termios);
}

#define assert_reads(text)                                                                         \
	do {                                                                                       \
		char line_[LDISC_BYTES];                                                           \
		size_t n_ = ldisc_read(&tty, line_, sizeof(line_));                                \
		assert_int_equal(n_, sizeof(text) - 1);                                            \
		assert_memory_equal(line_, text, n_);                                              \
	} while (0)

#define assert_shows(text)                                                                         \
	do {                                                                                       \
		char screen_[LDISC_BYTES];                                                         \
		size_t n_ = 0, part_;                                                              \
		uint8_t *at_;                                                                      \
		while ((part_ = ldisc_to_send(&tty, &at_)) > 0) {                                  \
			memcpy(screen_ + n_, at_, part_);                                          \
			n_ += part_;                                                               \
			ldisc_sent(&tty, part_);                                                   \
		}                                                                                  \
		assert_int_equal(n_, sizeof(text) - 1);                                            \
		assert_memory_equal(screen_, text, n_);                                            \
	} while (0)

static void a_line_is_read_when_it_has_ended(void **state)
{
	type("ls");
	assert_false(ldisc_is_readable(&tty, 1));
	assert_shows("ls");
	type("\r");
	assert_true(ldisc_is_readable(&tty, 1));
	assert_shows("\r\n");
	assert_reads("ls\n");
	assert_false(ldisc_is_readable(&tty, 1));
}

static void lines_are_read_one_at_a_time(void **state)
{
	char part[2];

	type("one\ntwo\n");
	assert_int_equal(ldisc_input_bytes(&tty), 8);
	assert_int_equal(ldisc_read(&tty, part, 2), 2);
	assert_reads("e\n");
	assert_reads("two\n");
}

static void a_character_is_erased(void **state)
{
	type("ab\x7f");
	assert_shows("ab\b \b");
	type("\x01\x7f");
	assert_shows("^A\b \b\b \b");
	type("\x7f\x7f\x7f");
	assert_shows("\b \b");
	type("c\n");
	assert_reads("c\n");
}

static void a_tab_is_erased_to_where_it_began(void **state)
{
	assert_int_equal(ldisc_output(&tty, "$ ", 2), 2);
	type("a\t\x7f");
	assert_shows("$ a\t\b\b\b\b\b");
}

static void characters_of_utf8_are_erased_whole(void **state)
{
	change(ICRNL | IUTF8, OPOST | ONLCR, tty.termios.c_lflag);
	type("x\xc3\xa9\x7f\n");
	assert_shows("x\xc3\xa9\b \b\r\n");
	assert_reads("x\n");
}

static void words_and_lines_are_erased(void **state)
{
	type("one two  \x17");
	assert_shows("one two  \b \b\b \b\b \b\b \b\b \b");
	type("\x15");
	assert_shows("\b \b\b \b\b \b\b \b");
	type("\n");
	assert_reads("\n");
}

static void an_end_of_file_ends_a_line_or_reads_nothing(void **state)
{
	char part[2];

	type("ab\x04");
	assert_shows("ab");
	assert_reads("ab");
	type("\x04");
	assert_true(ldisc_is_readable(&tty, 1));
	assert_reads("");
	type("ab\x04");
	assert_int_equal(ldisc_read(&tty, part, 2), 2);
	assert_false(ldisc_is_readable(&tty, 1));
}

static void the_next_byte_is_taken_as_it_is(void **state)
{
	type("\x16\x03\n");
	assert_shows("^\b^C\r\n");
	assert_reads("\x03\n");
	assert_int_equal(signals, 0);
}

static void the_line_is_shown_again(void **state)
{
	type("abc\x12");
	assert_shows("abc^R\r\nabc");
}

static void signals_throw_input_and_output_away(void **state)
{
	tty.holds = true;
	ldisc_output(&tty, "text", 4);
	type("half\x03");
	assert_int_equal(signals, LDISC_INTR);
	assert_shows("^C");
	type("\x1c\x1a\n");
	assert_int_equal(signals, LDISC_INTR | LDISC_QUIT | LDISC_SUSP);
	assert_reads("\n");
}

static void signals_throw_no_output_away_that_has_arrived(void **state)
{
	ldisc_output(&tty, "text", 4);
	type("half");
	type("more\x03\n");
	assert_int_equal(signals, LDISC_INTR);
	assert_shows("texthalf^C\r\n");
	assert_reads("\n");
	ldisc_output(&tty, "text", 4);
	ldisc_flush_output(&tty);
	assert_shows("text");
}

static void output_stops_and_goes_on(void **state)
{
	ldisc_output(&tty, "a", 1);
	type("\x13x");
	assert_int_equal(ldisc_output(&tty, "b", 1), 0);
	assert_shows("a");
	type("\x11");
	assert_shows("x");
	assert_int_equal(ldisc_output(&tty, "b", 1), 1);
}

static void a_line_that_has_stopped_holds_what_is_written(void **state)
{
	tty.holds = true;
	ldisc_output(&tty, "a", 1);
	type("\x13");
	assert_int_equal(ldisc_output(&tty, "b", 1), 1);
	assert_shows("");
	type("\x11");
	assert_shows("ab");
}

static void a_break_is_what_the_settings_say(void **state)
{
	type("half");
	ldisc_break(&tty, &signals);
	assert_int_equal(signals, 0);
	type("\n");
	assert_reads("half\0\n");
	change(PARMRK, 0, 0);
	ldisc_break(&tty, &signals);
	assert_reads("\xff\0\0");
	type("gone");
	change(BRKINT, 0, 0);
	ldisc_break(&tty, &signals);
	assert_int_equal(signals, LDISC_INTR);
	assert_false(ldisc_is_readable(&tty, 1));
	change(BRKINT | IGNBRK, 0, 0);
	signals = 0;
	ldisc_break(&tty, &signals);
	assert_int_equal(signals, 0);
}

static void any_byte_starts_output_where_that_is_asked_for(void **state)
{
	change(IXON | IXANY, OPOST, tty.termios.c_lflag);
	type("\x13");
	assert_true(tty.stopped);
	type("x");
	assert_false(tty.stopped);
}

static void output_is_processed(void **state)
{
	ldisc_output(&tty, "a\nb\tc", 5);
	assert_shows("a\r\nb\tc");
	change(0, OPOST | ONOCR | OCRNL | XTABS, 0);
	ldisc_output(&tty, "\r\t|", 3);
	assert_shows("\n       |");
	change(0, 0, 0);
	ldisc_output(&tty, "\n\r\t", 3);
	assert_shows("\n\r\t");
}

static void input_is_translated(void **state)
{
	change(INLCR | ISTRIP, 0, 0);
	type("\n\xe1");
	assert_reads("\ra");
	change(IGNCR, 0, 0);
	type("\r\n");
	assert_reads("\n");
}

static void without_lines_bytes_are_read_as_they_come(void **state)
{
	change(0, 0, 0);
	type("ab\x03\x04");
	assert_int_equal(signals, 0);
	assert_true(ldisc_is_readable(&tty, 4));
	assert_false(ldisc_is_readable(&tty, 5));
	assert_reads("ab\x03\x04");
}

static void half_a_line_becomes_readable_between_modes(void **state)
{
	uint32_t lines = tty.termios.c_lflag;

	type("ab");
	change(0, 0, 0);
	assert_true(ldisc_is_readable(&tty, 2));
	change(0, 0, lines);
	assert_true(ldisc_is_readable(&tty, 1));
	assert_reads("ab");
}

static void a_line_that_is_too_long_loses_its_end(void **state)
{
	static char line[LDISC_BYTES + 100], back[LDISC_BYTES];

	memset(line, 'x', sizeof(line));
	assert_int_equal(ldisc_input(&tty, line, sizeof(line), &signals), sizeof(line));
	ldisc_drop_output(&tty);
	type("\n");
	assert_int_equal(ldisc_read(&tty, back, sizeof(back)), LDISC_BYTES);
	assert_int_equal(back[LDISC_BYTES - 1], '\n');
	assert_int_equal(back[LDISC_BYTES - 2], 'x');
}

static void whole_lines_that_nobody_reads_hold_the_sender(void **state)
{
	static char line[LDISC_BYTES];

	memset(line, '\n', sizeof(line));
	assert_int_equal(ldisc_input(&tty, line, sizeof(line), &signals), LDISC_BYTES - 1);
	assert_int_equal(ldisc_room(&tty), 0);
	assert_reads("\n");
	assert_int_equal(ldisc_room(&tty), 1);
}

static void random_input_never_breaks_it(void **state)
{
	uint32_t seed = 1;
	char out[100];
	uint8_t *at;

	for (unsigned i = 0; i < 200000; i++) {
		seed = seed * 1103515245 + 12345;
		uint8_t byte = seed >> 16 & (seed >> 30 ? 0x1f : 0xff);

		ldisc_input(&tty, &byte, 1, &signals);
		if (seed % 4099 == 0)
			change(seed >> 8, seed >> 12, seed >> 4);
		if (seed % 31 == 0)
			ldisc_sent(&tty, ldisc_to_send(&tty, &at));
		if (seed % 37 == 0 && ldisc_is_readable(&tty, 1))
			ldisc_read(&tty, out, seed % sizeof(out));
		assert_in_range(tty.head - tty.tail, 0, LDISC_BYTES);
		assert_in_range(tty.canon_head - tty.tail, 0, LDISC_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_is_read_when_it_has_ended, setup),
		cmocka_unit_test_setup(lines_are_read_one_at_a_time, setup),
		cmocka_unit_test_setup(a_character_is_erased, setup),
		cmocka_unit_test_setup(a_tab_is_erased_to_where_it_began, setup),
		cmocka_unit_test_setup(characters_of_utf8_are_erased_whole, setup),
		cmocka_unit_test_setup(words_and_lines_are_erased, setup),
		cmocka_unit_test_setup(an_end_of_file_ends_a_line_or_reads_nothing, setup),
		cmocka_unit_test_setup(the_next_byte_is_taken_as_it_is, setup),
		cmocka_unit_test_setup(the_line_is_shown_again, setup),
		cmocka_unit_test_setup(signals_throw_input_and_output_away, setup),
		cmocka_unit_test_setup(signals_throw_no_output_away_that_has_arrived, setup),
		cmocka_unit_test_setup(output_stops_and_goes_on, setup),
		cmocka_unit_test_setup(a_line_that_has_stopped_holds_what_is_written, setup),
		cmocka_unit_test_setup(a_break_is_what_the_settings_say, setup),
		cmocka_unit_test_setup(any_byte_starts_output_where_that_is_asked_for, setup),
		cmocka_unit_test_setup(output_is_processed, setup),
		cmocka_unit_test_setup(input_is_translated, setup),
		cmocka_unit_test_setup(without_lines_bytes_are_read_as_they_come, setup),
		cmocka_unit_test_setup(half_a_line_becomes_readable_between_modes, setup),
		cmocka_unit_test_setup(a_line_that_is_too_long_loses_its_end, setup),
		cmocka_unit_test_setup(whole_lines_that_nobody_reads_hold_the_sender, setup),
		cmocka_unit_test_setup(random_input_never_breaks_it, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
