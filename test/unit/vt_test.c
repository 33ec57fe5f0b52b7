/*
 * The terminal of the text screen: what a program writes, what is to be seen, where the cursor is.
 *
 * links: stage2/dev/vga/vt.c stage2/dev/vga/vt_csi.c stage2/dev/vga/grid.c stage2/dev/vga/cp437.c
 */
#include "host.h"

#include "dev/vga/cp437.h"
#include "dev/vga/vt.h"
#include "lib/string.h"

static struct vt vt;

static int setup(void **state)
{
	vt_init(&vt);
	return 0;
}

static void show(const char *text)
{
	vt_write(&vt, text, strlen(text));
}

/* The letters of a row, without the blanks at its end. */
static const char *row(unsigned number)
{
	static char text[GRID_COLUMNS + 1];
	size_t length = 0;

	for (unsigned i = 0; i < GRID_COLUMNS; i++) {
		text[i] = (char)grid_row(&vt.grid, number)[i];
		if (text[i] != ' ')
			length = i + 1;
	}
	text[length] = '\0';
	return text;
}

static unsigned colour(unsigned number, unsigned column)
{
	return grid_row(&vt.grid, number)[column] >> 8;
}

#define assert_row(number, text) assert_string_equal(row(number), text)
#define assert_cursor(row_, column_)                                                               \
	do {                                                                                       \
		assert_int_equal(vt.cursor.row, row_);                                             \
		assert_int_equal(vt.cursor.column, column_);                                       \
	} while (0)

static void letters_and_lines(void **state)
{
	show("one\r\ntwo\nthree\b\bX");
	assert_row(0, "one");
	assert_row(1, "two");
	assert_row(2, "   thrXe");
	assert_cursor(2, 7);
	show("\r\tT");
	assert_row(2, "   thrXeT");
}

static void a_full_line_wraps_with_the_next_letter(void **state)
{
	for (int i = 0; i < GRID_COLUMNS; i++)
		show("x");
	assert_cursor(0, 79);
	show("\r");
	assert_cursor(0, 0);
	show("\033[80Gyz");
	assert_row(1, "z");
	assert_cursor(1, 1);
	show("\033[?7l\033[1;80Habc");
	assert_cursor(0, 79);
	assert_int_equal((char)grid_row(&vt.grid, 0)[79], 'c');
}

static void the_screen_scrolls(void **state)
{
	for (int i = 0; i < GRID_ROWS; i++)
		show("\r\nline");
	show("\r\nlast");
	assert_row(0, "line");
	assert_row(GRID_ROWS - 1, "last");
	assert_int_equal(vt.grid.moved, 2);
	show("\033[H\033M");
	assert_row(0, "");
	assert_row(1, "line");
	assert_row(GRID_ROWS - 1, "line");
}

static void a_region_scrolls(void **state)
{
	show("top\r\n1\r\n2\r\n3\r\nbottom\033[2;4r");
	assert_cursor(0, 0);
	show("\033[4;1H\n");
	assert_row(0, "top");
	assert_row(1, "2");
	assert_row(2, "3");
	assert_row(3, "");
	assert_row(4, "bottom");
	show("\033[2;1H\033M");
	assert_row(1, "");
	assert_row(2, "2");
	show("\033[?6h\033[1;1HX\033[99;1HY");
	assert_row(1, "X");
	assert_row(3, "Y");
	show("\033[?6l\033[5;1H\n");
	assert_row(4, "bottom");
	assert_cursor(5, 0);
	show("\033[r\033[9;3r"); /* the second is none */
	assert_int_equal(vt.last, GRID_ROWS - 1);
}

static void lines_and_letters_come_and_go(void **state)
{
	show("abcdef\r\nsecond\r\nthird\033[1;3H\033[2P");
	assert_row(0, "abef");
	show("\033[2@");
	assert_row(0, "ab  ef");
	show("\033[3X");
	assert_row(0, "ab   f");
	show("\033[L");
	assert_row(0, "");
	assert_row(1, "ab   f");
	show("\033[2M");
	assert_row(0, "second");
	assert_row(1, "third");
	show("\033[1;1H\033[4hIN\033[4l");
	assert_row(0, "INsecond");
	show("\033[999@");
	assert_row(0, "IN");
}

static void parts_are_erased(void **state)
{
	show("aaaa\r\nbbbb\r\ncccc\033[2;3H\033[K");
	assert_row(1, "bb");
	show("\033[1K");
	assert_row(1, "");
	show("\033[J");
	assert_row(2, "");
	assert_row(0, "aaaa");
	show("\033[1J");
	assert_row(0, "");
	show("text\033[2J");
	assert_row(1, "");
}

static void the_cursor_goes_where_it_is_sent(void **state)
{
	show("\033[5;10H");
	assert_cursor(4, 9);
	show("\033[2A\033[3B\033[4C\033[D");
	assert_cursor(5, 12);
	show("\033[99;99H");
	assert_cursor(GRID_ROWS - 1, GRID_COLUMNS - 1);
	show("\033[99A\033[999D");
	assert_cursor(0, 0);
	show("\033[3d\033[7G\0337\033[H\033[31m\0338");
	assert_cursor(2, 6);
	assert_int_equal(vt.cursor.pen.colour, 7);
	show("\033[s\033[E\033[u\033[2F");
	assert_cursor(0, 0);
	show("\033[3g\033[5G\033H\r\tx");
	assert_row(0, "    x");
}

static void letters_have_colours(void **state)
{
	show("a\033[31mb\033[1mc\033[0;44md\033[7me\033[m\033[4mf\033[;2mg\033[95;5mh");
	assert_int_equal(colour(0, 0), 0x07);
	assert_int_equal(colour(0, 1), 0x04);
	assert_int_equal(colour(0, 2), 0x0c);
	assert_int_equal(colour(0, 3), 0x17);
	assert_int_equal(colour(0, 4), 0x71);
	assert_int_equal(colour(0, 5), 0x03);
	assert_int_equal(colour(0, 6), 0x08);
	assert_int_equal(colour(0, 7), 0x88);
	show("\r\n\033[m\033[38;5;196mi\033[38;2;0;128;0;48;5;21mj\033[39;49mk");
	assert_int_equal(colour(1, 0), 0x0c);
	assert_int_equal(colour(1, 1), 0x12);
	assert_int_equal(colour(1, 2), 0x07);
	show("\033[41m\033[K");
	assert_int_equal(colour(1, 10), 0x47);
	show("\033[?5h");
	assert_int_equal(colour(0, 0), 0x70);
	show("\033[m\rl\033[?5l");
	assert_int_equal(colour(1, 0), 0x07);
}

static void letters_of_other_alphabets(void **state)
{
	show("\xc3\xa9\xe2\x94\x80\xe2\x82\xac\xf0\x9f\x98\x80|");
	assert_row(0, "\x82\xc4\x45? |");
	show("\r\n\xc3(\xff\xe2\x94"
	     "a\xcc\x81|");
	assert_row(1, "?(??a|");
	show("\r\n\033)0\016lqk\017lqk\033(0x\033(Bx");
	assert_row(2, "\xda\xc4\xbflqk\xb3x");
	assert_int_equal(cp437_glyph(0x263a), 1);
	assert_int_equal(cp437_width(0x4e00), 2);
}

static void questions_are_answered(void **state)
{
	char answer[VT_ANSWER_BYTES];

	show("\033[3;4H\033[6n\033[5n\033[c");
	assert_int_equal(vt_take_answer(&vt, answer), 6 + 4 + 5);
	assert_memory_equal(answer, "\033[3;4R\033[0n\033[?6c", 15);
	assert_int_equal(vt_take_answer(&vt, answer), 0);
	for (int i = 0; i < 1000; i++)
		show("\033[6n");
	assert_in_range(vt_take_answer(&vt, answer), 1, VT_ANSWER_BYTES);
}

static void what_is_not_known_is_swallowed(void **state)
{
	show("a\033]0;title\ab\033]P1aabbccc\033]Rd\033[>0;1me\033[1;2!pf\033P+q\033\\g\033[["
	     "Ah\033%Gi"
	     "\033[?2004hj\033[12\x18k\033=l\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18mm");
	assert_row(0, "abcdefghijklm");
	show("\033[?25l\033[?1h");
	assert_true(vt.hidden && vt.application_keys);
	show("\033c");
	assert_false(vt.hidden || vt.application_keys);
	show("\033#8");
	assert_int_equal((char)grid_row(&vt.grid, 24)[79], 'E');
}

static void text_of_the_log_begins_a_line(void **state)
{
	show("half\033[3");
	vt_print(&vt, "log\n", 4, 0x0e);
	show("1mred");
	assert_row(0, "half");
	assert_row(1, "log");
	assert_row(2, "red");
	assert_int_equal(colour(1, 0), 0x0e);
	assert_int_equal(colour(2, 0), 0x04);
}

/* A picture that is moved and redrawn only as it is told is what the grid is. */
static void a_picture_can_follow(void **state)
{
	static uint16_t picture[GRID_ROWS][GRID_COLUMNS];
	static const char *const pieces[] = { "a line\r\n", "\n", "\033[5;9r", "\033[r", "\033M",
		"\033[3L", "\033[2M", "\033[7;7H", "\033[2P", "\033[J", "\033[24;1H",
		"long long text ", "\033[?5h", "\033[?5l", "\033[4h", "\033[4l", "\033[44m",
		"\033[m" };

	for (unsigned i = 0; i < 20000; i++) {
		struct grid *grid = &vt.grid;

		show(pieces[host_random() % ARRAY_SIZE(pieces)]);
		if (host_random() % 4)
			continue;
		for (; grid->moved > 0; grid->moved--)
			memmove(picture[0], picture[1], sizeof(picture) - sizeof(picture[0]));
		for (unsigned r = 0; r < GRID_ROWS; r++)
			if (grid->dirty >> r & 1)
				memcpy(picture[r], grid_row(grid, r), sizeof(picture[r]));
		grid->dirty = 0;
		for (unsigned r = 0; r < GRID_ROWS; r++)
			assert_memory_equal(picture[r], grid_row(grid, r), sizeof(picture[r]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(letters_and_lines, setup),
		cmocka_unit_test_setup(a_full_line_wraps_with_the_next_letter, setup),
		cmocka_unit_test_setup(the_screen_scrolls, setup),
		cmocka_unit_test_setup(a_region_scrolls, setup),
		cmocka_unit_test_setup(lines_and_letters_come_and_go, setup),
		cmocka_unit_test_setup(parts_are_erased, setup),
		cmocka_unit_test_setup(the_cursor_goes_where_it_is_sent, setup),
		cmocka_unit_test_setup(letters_have_colours, setup),
		cmocka_unit_test_setup(letters_of_other_alphabets, setup),
		cmocka_unit_test_setup(questions_are_answered, setup),
		cmocka_unit_test_setup(what_is_not_known_is_swallowed, setup),
		cmocka_unit_test_setup(text_of_the_log_begins_a_line, setup),
		cmocka_unit_test_setup(a_picture_can_follow, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
