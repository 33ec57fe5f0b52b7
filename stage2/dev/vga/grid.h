#ifndef VGA_GRID_H
#define VGA_GRID_H
/*
 * The letters on a text screen, in memory, and what moves them about. Pure; it also notes what a
 * picture of it has to catch up with: how far everything has moved up, and then which rows differ.
 *
 * Rows and columns count from 0. Those that functions are given must be on the screen, and first <=
 * last.
 */
#include <stdint.h>

#define GRID_ROWS    25
#define GRID_COLUMNS 80

/* A cell is as the VGA has it: the letter in code page 437, and its colours above it. */
#define GRID_CELL(glyph, colour) ((uint16_t)((colour) << 8 | (uint8_t)(glyph)))

struct grid {
	uint16_t cells[GRID_ROWS][GRID_COLUMNS]; /* row r is at (top + r) % GRID_ROWS */
	unsigned top;
	unsigned moved; /* rows that have gone out at the top, since the picture was brought up to
	                   date */
	uint32_t dirty; /* a bit for each row that differs */
};

/* All blank, in this colour. */
void grid_init(struct grid *grid, uint8_t colour);

uint16_t *grid_row(struct grid *grid, unsigned row);
void grid_put(struct grid *grid, unsigned row, unsigned column, uint16_t cell);

/* Rows from first to last move up (by < 0: down) by so many; what comes in is `blank`. */
void grid_scroll(struct grid *grid, unsigned first, unsigned last, int by, uint16_t blank);
/* The cells of a row from `column` on move right (by < 0: left) by so many. */
void grid_shift(struct grid *grid, unsigned row, unsigned column, int by, uint16_t blank);
/* Cells of a row from first to last. */
void grid_erase(struct grid *grid, unsigned row, unsigned first, unsigned last, uint16_t blank);
/* Rows from first to last. */
void grid_erase_rows(struct grid *grid, unsigned first, unsigned last, uint16_t blank);
/* All colours of background and letters change places. */
void grid_invert(struct grid *grid);

#endif
