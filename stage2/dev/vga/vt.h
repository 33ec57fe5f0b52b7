#ifndef VGA_VT_H
#define VGA_VT_H
/*
 * The terminal that a text screen is, to programs TERM=linux: a VT102 with colours and UTF-8, as
 * Linux's console has it (console_codes(4)). Pure: bytes in, a grid of letters, a cursor and
 * answers out. It waits for nothing, locks nothing (its owner does), and also runs on the host.
 * Bytes come from programs: any are fine.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dev/vga/grid.h"
#include "lib/bitmap.h"

#define VT_COLOUR       0x07 /* light grey on black */
#define VT_PARAMS       16
#define VT_ANSWER_BYTES 64

/* What letters look like (SGR). Colours in ANSI's order: bit 0 is red. */
struct vt_pen {
	uint8_t colour, background; /* 0 to 15; to 7 */
	bool bold, dim, underline, blink, reverse;
};

/* What ESC 7 saves. */
struct vt_cursor {
	unsigned row, column;
	bool wraps; /* the last column is written: the next letter begins a line */
	struct vt_pen pen;
	bool graphics[2]; /* G0 and G1: line drawing, else ASCII */
	unsigned charset; /* which of the two */
};

struct vt {
	struct grid grid;
	struct vt_cursor cursor, saved;
	unsigned first, last; /* the rows that scroll */
	bool origin;          /* rows are counted from the first of these */
	bool no_wrap, insert, newline, inverse, hidden;
	bool application_keys; /* for the keyboard: arrows are ESC O A */
	uint64_t tabs[BITMAP_WORDS(GRID_COLUMNS)];
	/* the escape sequence that is being read */
	void (*state)(struct vt *vt, uint8_t byte);
	uint16_t params[VT_PARAMS];
	unsigned param_count;
	uint8_t private; /* '?' and the like in front of the parameters; 0: none */
	/* the character that is being read */
	uint32_t character;
	unsigned missing; /* its bytes still to come */
	/* what was asked (DSR, DA): bytes for the keyboard's input */
	char answer[VT_ANSWER_BYTES];
	size_t answer_bytes;
};

/* As after power on: blank, everything at its default. */
void vt_init(struct vt *vt);
/* What a program writes. */
void vt_write(struct vt *vt, const void *buf, size_t bytes);
/* Text of somebody else, in a colour of its own; it begins a line, and disturbs no sequence. */
void vt_print(struct vt *vt, const char *text, size_t bytes, uint8_t colour);
/* The answers so far, which are gone then: how many bytes. */
size_t vt_take_answer(struct vt *vt, char answer[VT_ANSWER_BYTES]);

#endif
