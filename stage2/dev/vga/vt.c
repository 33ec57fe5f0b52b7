/*
 * The terminal of the text screen, after Linux's console_codes(4) and ECMA-48.
 *
 * The main idea: a state is the function that takes the next byte. Control characters are obeyed in
 * any state, as on a VT102; all else goes to the state, which acts on the grid by a few primitives.
 *
 * Sequences with parameters: vt_csi.c. Not here: other fonts and palettes (what sets them is
 * swallowed), mouse, scrolling back, LEDs.
 */
#include "dev/vga/cp437.h"
#include "dev/vga/vt_parts.h"
#include "lib/string.h"

#define TAB_COLUMNS   8
#define PALETTE_BYTES 7 /* ESC ] P n rr gg bb */

/* ---- moving --------------------------------------------------------------------------------- */

void vt_cursor_move(struct vt *vt, int row, int column)
{
	int first = vt->origin ? (int)vt->first : 0;
	int last = vt->origin ? (int)vt->last : LAST_ROW;

	vt->cursor.row = (unsigned)min(max(row, first), last);
	vt->cursor.column = (unsigned)min(max(column, 0), LAST_COLUMN);
	vt->cursor.wraps = false;
}

/* By numbers that a program counts from 0. */
void vt_cursor_set(struct vt *vt, int row, int column)
{
	vt_cursor_move(vt, row + (vt->origin ? (int)vt->first : 0), column);
}

void vt_cursor_step(struct vt *vt, int rows, int columns)
{
	vt_cursor_move(vt, (int)vt->cursor.row + rows, (int)vt->cursor.column + columns);
}

static void line_feed(struct vt *vt)
{
	if (vt->cursor.row == vt->last)
		grid_scroll(&vt->grid, vt->first, vt->last, 1, vt_blank(vt));
	else if (vt->cursor.row < LAST_ROW)
		vt->cursor.row++;
	vt->cursor.wraps = false;
}

static void line_feed_reverse(struct vt *vt)
{
	if (vt->cursor.row == vt->first)
		grid_scroll(&vt->grid, vt->first, vt->last, -1, vt_blank(vt));
	else if (vt->cursor.row > 0)
		vt->cursor.row--;
	vt->cursor.wraps = false;
}

static void carriage_return(struct vt *vt)
{
	vt->cursor.column = 0;
	vt->cursor.wraps = false;
}

static void tab(struct vt *vt)
{
	unsigned column = vt->cursor.column;

	while (column < LAST_COLUMN && !bitmap_test(vt->tabs, ++column))
		;
	vt->cursor.column = column;
	vt->cursor.wraps = false;
}

static void tabs_default(struct vt *vt)
{
	memset(vt->tabs, 0, sizeof(vt->tabs));
	for (unsigned column = 0; column < GRID_COLUMNS; column += TAB_COLUMNS)
		bitmap_set(vt->tabs, column);
}

/* ---- letters -------------------------------------------------------------------------------- */

static void glyph_put(struct vt *vt, uint8_t glyph, uint8_t colour)
{
	struct vt_cursor *cursor = &vt->cursor;

	if (cursor->wraps) {
		carriage_return(vt);
		line_feed(vt);
	}
	if (vt->insert)
		grid_shift(&vt->grid, cursor->row, cursor->column, 1, vt_blank(vt));
	grid_put(&vt->grid, cursor->row, cursor->column, GRID_CELL(glyph, colour));
	if (cursor->column < LAST_COLUMN)
		cursor->column++;
	else
		cursor->wraps = !vt->no_wrap;
}

/* What the VT100 draws lines with, from '_' on. */
static uint32_t line_drawing(uint32_t character)
{
	static const uint16_t drawn[] = { 0x00a0, 0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a,
		0x00b0, 0x00b1, 0x2591, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba,
		0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c, 0x2502, 0x2264,
		0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7 };

	if (character < '_' || character >= '_' + ARRAY_SIZE(drawn))
		return character;
	return drawn[character - '_'];
}

static void letter(struct vt *vt, uint32_t character)
{
	uint8_t colour = vt_colour(vt, &vt->cursor.pen);
	unsigned width = cp437_width(character);

	if (vt->cursor.graphics[vt->cursor.charset])
		character = line_drawing(character);
	if (width > 0)
		glyph_put(vt, cp437_glyph(character), colour);
	if (width > 1)
		glyph_put(vt, ' ', colour);
}

/* The first byte of a character of several, or none at all. */
static void utf8_begin(struct vt *vt, uint8_t byte)
{
	if (byte >= 0xc2 && byte < 0xe0) {
		vt->missing = 1;
		vt->character = byte & 0x1f;
	} else if (byte >= 0xe0 && byte < 0xf0) {
		vt->missing = 2;
		vt->character = byte & 0x0f;
	} else if (byte >= 0xf0 && byte < 0xf5) {
		vt->missing = 3;
		vt->character = byte & 0x07;
	} else {
		letter(vt, '?');
	}
}

/* One byte more of it. False: it is none. */
static bool utf8_continue(struct vt *vt, uint8_t byte)
{
	if ((byte & 0xc0) != 0x80) {
		vt->missing = 0;
		letter(vt, '?');
		return false;
	}
	vt->character = vt->character << 6 | (byte & 0x3f);
	if (--vt->missing == 0)
		letter(vt, vt->character);
	return true;
}

/* ---- sequences without parameters ------------------------------------------------------------ */

void vt_answer(struct vt *vt, const char *text)
{
	size_t bytes = strlen(text);

	if (bytes > sizeof(vt->answer) - vt->answer_bytes)
		return;
	memcpy(vt->answer + vt->answer_bytes, text, bytes);
	vt->answer_bytes += bytes;
}

/* Up to the end of a string that means nothing here: BEL, or ESC \, whose ESC begins anew. */
static void swallow_string(struct vt *vt, uint8_t byte)
{
}

void vt_swallow_one(struct vt *vt, uint8_t byte)
{
	vt->state = vt_ground;
}

static void swallow_palette(struct vt *vt, uint8_t byte)
{
	if (++vt->param_count == PALETTE_BYTES)
		vt->state = vt_ground;
}

static void system_command(struct vt *vt, uint8_t byte)
{
	vt->param_count = 0;
	vt->state = byte == 'P' ? swallow_palette : byte == 'R' ? vt_ground : swallow_string;
}

static void designate_g0(struct vt *vt, uint8_t byte)
{
	vt->cursor.graphics[0] = byte == '0';
	vt->state = vt_ground;
}

static void designate_g1(struct vt *vt, uint8_t byte)
{
	vt->cursor.graphics[1] = byte == '0';
	vt->state = vt_ground;
}

static void screen_test(struct vt *vt, uint8_t byte)
{
	if (byte == '8')
		grid_erase_rows(&vt->grid, 0, LAST_ROW, GRID_CELL('E', VT_COLOUR));
	vt->state = vt_ground;
}

void vt_cursor_save(struct vt *vt)
{
	vt->saved = vt->cursor;
}

void vt_cursor_restore(struct vt *vt)
{
	vt->cursor = vt->saved;
}

static void escape(struct vt *vt, uint8_t byte)
{
	vt->state = vt_ground;
	switch (byte) {
	case '[':
		memset(vt->params, 0, sizeof(vt->params));
		vt->param_count = 0;
		vt->private = 0;
		vt->state = vt_csi;
		return;
	case ']':
		vt->state = system_command;
		return;
	case 'P':
	case 'X':
	case '^':
	case '_':
		vt->state = swallow_string;
		return;
	case '(':
		vt->state = designate_g0;
		return;
	case ')':
		vt->state = designate_g1;
		return;
	case '#':
		vt->state = screen_test;
		return;
	case '%':
	case '*':
	case '+':
		vt->state = vt_swallow_one;
		return;
	case 'E':
		carriage_return(vt);
		line_feed(vt);
		return;
	case 'D':
		line_feed(vt);
		return;
	case 'M':
		line_feed_reverse(vt);
		return;
	case 'H':
		bitmap_set(vt->tabs, vt->cursor.column);
		return;
	case 'Z':
		vt_answer(vt, "\033[?6c");
		return;
	case '7':
		vt_cursor_save(vt);
		return;
	case '8':
		vt_cursor_restore(vt);
		return;
	case 'c':
		vt_init(vt);
		return;
	default: /* keypad modes, and what is not known */
		return;
	}
}

/* ---- bytes ---------------------------------------------------------------------------------- */

void vt_ground(struct vt *vt, uint8_t byte)
{
	letter(vt, byte);
}

static void control(struct vt *vt, uint8_t byte)
{
	switch (byte) {
	case '\a':
		if (vt->state == swallow_string)
			vt->state = vt_ground;
		break;
	case '\b':
		vt_cursor_step(vt, 0, -1);
		break;
	case '\t':
		tab(vt);
		break;
	case '\n':
	case '\v':
	case '\f':
		line_feed(vt);
		if (vt->newline)
			carriage_return(vt);
		break;
	case '\r':
		carriage_return(vt);
		break;
	case 0x0e: /* SO */
	case 0x0f: /* SI */
		vt->cursor.charset = byte == 0x0e;
		break;
	case 0x18: /* CAN */
	case 0x1a: /* SUB */
		vt->state = vt_ground;
		break;
	case 0x1b:
		vt->state = escape;
		break;
	default:
		break;
	}
}

static void take(struct vt *vt, uint8_t byte)
{
	if (vt->missing > 0 && utf8_continue(vt, byte))
		return;
	if (byte < ' ' || byte == 0x7f)
		control(vt, byte);
	else if (byte >= 0x80 && vt->state == vt_ground)
		utf8_begin(vt, byte);
	else
		vt->state(vt, byte);
}

void vt_write(struct vt *vt, const void *buf, size_t bytes)
{
	const uint8_t *text = buf;

	for (size_t i = 0; i < bytes; i++)
		take(vt, text[i]);
}

void vt_print(struct vt *vt, const char *text, size_t bytes, uint8_t colour)
{
	if (vt->cursor.column > 0) {
		carriage_return(vt);
		line_feed(vt);
	}
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '\n') {
			carriage_return(vt);
			line_feed(vt);
		} else if (text[i] == '\t') {
			tab(vt);
		} else if ((uint8_t)text[i] >= ' ') {
			glyph_put(vt, (uint8_t)text[i], colour);
		}
	}
}

size_t vt_take_answer(struct vt *vt, char text[VT_ANSWER_BYTES])
{
	size_t bytes = vt->answer_bytes;

	memcpy(text, vt->answer, bytes);
	vt->answer_bytes = 0;
	return bytes;
}

void vt_init(struct vt *vt)
{
	*vt = (struct vt){
		.last = LAST_ROW,
		.cursor.pen.colour = 7,
		.cursor.graphics[1] = true,
		.state = vt_ground,
	};
	vt->saved = vt->cursor;
	tabs_default(vt);
	grid_init(&vt->grid, VT_COLOUR);
}
