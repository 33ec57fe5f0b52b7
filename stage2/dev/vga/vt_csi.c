/*
 * Sequences with parameters: ESC [ ... letter. Each letter is a few lines; the switch is the table.
 */
#include "dev/vga/vt_parts.h"
#include "lib/format.h"
#include "lib/string.h"

#define PARAM_MAX 9999

/* ---- colours -------------------------------------------------------------------------------- */

/* The three lowest bits of a colour in the VGA's order: bit 0 is blue. */
static uint8_t vga_colour(uint8_t ansi)
{
	return (uint8_t)((ansi & 2) | (ansi & 1) << 2 | (ansi & 4) >> 2);
}

/* Underlined and dim letters have a colour, where the VGA has nothing better. */
uint8_t vt_colour(const struct vt *vt, const struct vt_pen *pen)
{
	uint8_t letters = vga_colour(pen->colour), background = vga_colour(pen->background);
	bool bright = pen->bold || pen->colour > 7;

	if (pen->underline)
		letters = 0x03;
	if (pen->dim) {
		letters = 0;
		bright = true;
	}
	if (pen->reverse != vt->inverse) {
		uint8_t swap = letters;

		letters = background;
		background = swap;
	}
	return (uint8_t)(letters | (bright ? 8 : 0) | background << 4 | (pen->blink ? 0x80 : 0));
}

/* What is erased has the background of the pen, and nothing else of it. */
uint16_t vt_blank(const struct vt *vt)
{
	const struct vt_pen plain = {
		.colour = vt->cursor.pen.colour & 7,
		.background = vt->cursor.pen.background,
	};

	return GRID_CELL(' ', vt_colour(vt, &plain));
}

/* The nearest of 16 to a colour of three parts, as Linux chooses it. */
static uint8_t nearest(unsigned red, unsigned green, unsigned blue)
{
	unsigned other = max(green, blue), most = max(red, other);
	uint8_t colour =
		(uint8_t)((red > most / 2) | (green > most / 2) << 1 | (blue > most / 2) << 2);

	if (colour == 7 && most <= 0x55)
		return 8;
	return most > 0xaa ? colour | 8 : colour;
}

/* Of 256: 16, a cube of 6 by 6 by 6, greys. */
static uint8_t nearest_of_256(unsigned index)
{
	if (index < 16)
		return (uint8_t)index;
	if (index < 232) {
		index -= 16;
		return nearest(index / 36 * 51, index / 6 % 6 * 51, index % 6 * 51);
	}
	index = (min(index, 255u) - 232) * 10 + 8;
	return nearest(index, index, index);
}

/* ---- sequences with parameters: CSI ... letter ------------------------------------------- */

/* Parameter i; where it is 0 or missing, 1. */
static int count(const struct vt *vt, unsigned i)
{
	return i < VT_PARAMS && vt->params[i] ? vt->params[i] : 1;
}

/* 38 and 48 take their colour from the parameters behind them; *i is moved on to the last. */
static uint8_t colour_param(const struct vt *vt, unsigned *i, uint8_t old)
{
	const uint16_t *p = &vt->params[*i];
	unsigned left = vt->param_count - *i;

	if (left >= 3 && p[1] == 5) {
		*i += 2;
		return nearest_of_256(p[2]);
	}
	if (left >= 5 && p[1] == 2) {
		*i += 4;
		return nearest(min((unsigned)p[2], 255u), min((unsigned)p[3], 255u),
			min((unsigned)p[4], 255u));
	}
	return old;
}

/* Parameters of SGR that set or clear one thing. */
static void pen_attribute(struct vt_pen *pen, unsigned param)
{
	switch (param) {
	case 0:
		*pen = (struct vt_pen){ .colour = 7 };
		break;
	case 1:
		pen->bold = true;
		pen->dim = false;
		break;
	case 2:
		pen->dim = true;
		pen->bold = false;
		break;
	case 22:
		pen->bold = pen->dim = false;
		break;
	case 4:
	case 21: /* underlined twice */
	case 24:
		pen->underline = param != 24;
		break;
	case 5:
	case 25:
		pen->blink = param == 5;
		break;
	case 7:
	case 27:
		pen->reverse = param == 7;
		break;
	case 39:
		pen->colour = 7;
		break;
	case 49:
		pen->background = 0;
		break;
	default:
		break;
	}
}

static void pen_set(struct vt *vt)
{
	struct vt_pen *pen = &vt->cursor.pen;

	for (unsigned i = 0; i < vt->param_count; i++) {
		unsigned param = vt->params[i];

		if (param == 38)
			pen->colour = colour_param(vt, &i, pen->colour);
		else if (param == 48)
			pen->background = colour_param(vt, &i, pen->background) & 7;
		else if (param >= 30 && param < 38)
			pen->colour = (uint8_t)(param - 30);
		else if (param >= 40 && param < 48)
			pen->background = (uint8_t)(param - 40);
		else if (param >= 90 && param < 98)
			pen->colour = (uint8_t)(param - 90 + 8);
		else if (param >= 100 && param < 108)
			pen->background = (uint8_t)(param - 100);
		else
			pen_attribute(pen, param);
	}
}

static void mode_set(struct vt *vt, bool on)
{
	for (unsigned i = 0; i < vt->param_count; i++) {
		unsigned mode = vt->params[i];

		if (vt->private == '?' && mode == 1) {
			vt->application_keys = on;
		} else if (vt->private == '?' && mode == 5 && vt->inverse != on) {
			vt->inverse = on;
			grid_invert(&vt->grid);
		} else if (vt->private == '?' && mode == 6) {
			vt->origin = on;
			vt_cursor_set(vt, 0, 0);
		} else if (vt->private == '?' && mode == 7) {
			vt->no_wrap = !on;
			vt->cursor.wraps &= on;
		} else if (vt->private == '?' && mode == 25) {
			vt->hidden = !on;
		} else if (!vt->private && mode == 4) {
			vt->insert = on;
		} else if (!vt->private && mode == 20) {
			vt->newline = on;
		}
	}
}

static void display_erase(struct vt *vt)
{
	struct vt_cursor *cursor = &vt->cursor;
	unsigned which = vt->params[0];

	if (which == 0) {
		grid_erase(&vt->grid, cursor->row, cursor->column, LAST_COLUMN, vt_blank(vt));
		grid_erase_rows(&vt->grid, cursor->row + 1, LAST_ROW, vt_blank(vt));
	} else if (which == 1) {
		if (cursor->row > 0)
			grid_erase_rows(&vt->grid, 0, cursor->row - 1, vt_blank(vt));
		grid_erase(&vt->grid, cursor->row, 0, cursor->column, vt_blank(vt));
	} else if (which <= 3) {
		grid_erase_rows(&vt->grid, 0, LAST_ROW, vt_blank(vt));
	}
	cursor->wraps = false;
}

static void line_erase(struct vt *vt)
{
	struct vt_cursor *cursor = &vt->cursor;
	unsigned which = vt->params[0];

	if (which <= 2)
		grid_erase(&vt->grid, cursor->row, which == 0 ? cursor->column : 0,
			which == 1 ? cursor->column : LAST_COLUMN, vt_blank(vt));
	cursor->wraps = false;
}

/* Lines come in (out: by < 0) at the cursor; those below move. */
static void lines_insert(struct vt *vt, int by)
{
	if (vt->cursor.row <= vt->last)
		grid_scroll(&vt->grid, vt->cursor.row, vt->last, -by, vt_blank(vt));
	vt->cursor.wraps = false;
}

static void letters_insert(struct vt *vt, int by)
{
	grid_shift(&vt->grid, vt->cursor.row, vt->cursor.column, by, vt_blank(vt));
	vt->cursor.wraps = false;
}

static void letters_erase(struct vt *vt)
{
	unsigned last = vt->cursor.column + (unsigned)count(vt, 0) - 1;

	grid_erase(&vt->grid, vt->cursor.row, vt->cursor.column, min(last, (unsigned)LAST_COLUMN),
		vt_blank(vt));
	vt->cursor.wraps = false;
}

static void region_set(struct vt *vt)
{
	unsigned first = (unsigned)count(vt, 0) - 1;
	unsigned last = vt->params[1] ? vt->params[1] - 1u : LAST_ROW;

	if (first >= last || last > LAST_ROW)
		return;
	vt->first = first;
	vt->last = last;
	vt_cursor_set(vt, 0, 0);
}

static void tabs_clear(struct vt *vt)
{
	if (vt->params[0] == 0)
		bitmap_clear(vt->tabs, vt->cursor.column);
	else if (vt->params[0] == 3)
		memset(vt->tabs, 0, sizeof(vt->tabs));
}

static void report(struct vt *vt)
{
	char text[16];

	if (vt->params[0] == 5)
		vt_answer(vt, "\033[0n");
	if (vt->params[0] != 6)
		return;
	snprintf(text, sizeof(text), "\033[%u;%uR",
		vt->cursor.row + 1 - (vt->origin ? vt->first : 0), vt->cursor.column + 1);
	vt_answer(vt, text);
}

/* size: the table of what the letters mean. */
static void csi_do(struct vt *vt, uint8_t letter)
{
	int row = (int)vt->cursor.row, column = (int)vt->cursor.column;

	switch (letter) {
	case '@':
		letters_insert(vt, count(vt, 0));
		break;
	case 'A':
		vt_cursor_step(vt, -count(vt, 0), 0);
		break;
	case 'B':
	case 'e':
		vt_cursor_step(vt, count(vt, 0), 0);
		break;
	case 'C':
	case 'a':
		vt_cursor_step(vt, 0, count(vt, 0));
		break;
	case 'D':
		vt_cursor_step(vt, 0, -count(vt, 0));
		break;
	case 'E':
		vt_cursor_move(vt, row + count(vt, 0), 0);
		break;
	case 'F':
		vt_cursor_move(vt, row - count(vt, 0), 0);
		break;
	case 'G':
	case '`':
		vt_cursor_move(vt, row, count(vt, 0) - 1);
		break;
	case 'H':
	case 'f':
		vt_cursor_set(vt, count(vt, 0) - 1, count(vt, 1) - 1);
		break;
	case 'd':
		vt_cursor_set(vt, count(vt, 0) - 1, column);
		break;
	case 'J':
		display_erase(vt);
		break;
	case 'K':
		line_erase(vt);
		break;
	case 'L':
		lines_insert(vt, count(vt, 0));
		break;
	case 'M':
		lines_insert(vt, -count(vt, 0));
		break;
	case 'P':
		letters_insert(vt, -count(vt, 0));
		break;
	case 'X':
		letters_erase(vt);
		break;
	case 'c':
		if (vt->params[0] == 0)
			vt_answer(vt, "\033[?6c");
		break;
	case 'g':
		tabs_clear(vt);
		break;
	case 'm':
		pen_set(vt);
		break;
	case 'n':
		report(vt);
		break;
	case 'r':
		region_set(vt);
		break;
	case 's':
		vt_cursor_save(vt);
		break;
	case 'u':
		vt_cursor_restore(vt);
		break;
	default:
		break;
	}
}

/* Up to the letter of a sequence that is not known. */
static void csi_ignore(struct vt *vt, uint8_t byte)
{
	if (byte >= '@')
		vt->state = vt_ground;
}

void vt_csi(struct vt *vt, uint8_t byte)
{
	uint16_t *param = &vt->params[vt->param_count];

	if (byte >= '0' && byte <= '9') {
		*param = (uint16_t)min(*param * 10 + (byte - '0'), PARAM_MAX);
	} else if (byte == ';') {
		if (vt->param_count < VT_PARAMS - 1)
			vt->param_count++;
		else
			vt->state = csi_ignore;
	} else if (byte >= '<' && byte <= '?') {
		vt->private = byte;
	} else if (byte == '[') { /* a function key's, typed back at us */
		vt->state = vt_swallow_one;
	} else if (byte < '@') {
		vt->state = csi_ignore;
	} else {
		vt->state = vt_ground;
		vt->param_count++;
		if (byte == 'h' || byte == 'l')
			mode_set(vt, byte == 'h');
		else if (!vt->private)
			csi_do(vt, byte);
	}
}
