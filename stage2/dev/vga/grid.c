/*
 * The letters on a text screen. When the whole screen moves up, which is what happens most, nothing
 * is copied: another row becomes the first.
 */
#include "dev/vga/grid.h"

#include "lib/compiler.h"
#include "lib/string.h"

#define LAST_ROW  (GRID_ROWS - 1)
#define ROW_BYTES (GRID_COLUMNS * sizeof(uint16_t))
#define COLOURS   0x7700u /* of a cell, without the bits for bright and blinking */
#define ALL_ROWS  ((1u << GRID_ROWS) - 1)

static void touch(struct grid *grid, unsigned row)
{
	grid->dirty |= 1u << row;
}

uint16_t *grid_row(struct grid *grid, unsigned row)
{
	return grid->cells[(grid->top + row) % GRID_ROWS];
}

void grid_init(struct grid *grid, uint8_t colour)
{
	*grid = (struct grid){ .top = 0 };
	grid_erase_rows(grid, 0, LAST_ROW, GRID_CELL(' ', colour));
}

void grid_put(struct grid *grid, unsigned row, unsigned column, uint16_t cell)
{
	grid_row(grid, row)[column] = cell;
	touch(grid, row);
}

void grid_erase(struct grid *grid, unsigned row, unsigned first, unsigned last, uint16_t blank)
{
	uint16_t *cells = grid_row(grid, row);

	for (unsigned i = first; i <= last; i++)
		cells[i] = blank;
	touch(grid, row);
}

void grid_erase_rows(struct grid *grid, unsigned first, unsigned last, uint16_t blank)
{
	for (unsigned row = first; row <= last; row++)
		grid_erase(grid, row, 0, GRID_COLUMNS - 1, blank);
}

static void row_copy(struct grid *grid, unsigned to, unsigned from)
{
	memcpy(grid_row(grid, to), grid_row(grid, from), ROW_BYTES);
	touch(grid, to);
}

static void roll(struct grid *grid, uint16_t blank)
{
	grid->top = (grid->top + 1) % GRID_ROWS;
	grid->moved++;
	grid->dirty >>= 1;
	grid_erase_rows(grid, LAST_ROW, LAST_ROW, blank);
}

static void scroll_up(struct grid *grid, unsigned first, unsigned last, uint16_t blank)
{
	if (first == 0 && last == LAST_ROW) {
		roll(grid, blank);
		return;
	}
	for (unsigned row = first; row < last; row++)
		row_copy(grid, row, row + 1);
	grid_erase_rows(grid, last, last, blank);
}

static void scroll_down(struct grid *grid, unsigned first, unsigned last, uint16_t blank)
{
	for (unsigned row = last; row > first; row--)
		row_copy(grid, row, row - 1);
	grid_erase_rows(grid, first, first, blank);
}

void grid_scroll(struct grid *grid, unsigned first, unsigned last, int by, uint16_t blank)
{
	int rows = (int)(last - first) + 1;

	for (by = max(by, -rows); by < 0; by++)
		scroll_down(grid, first, last, blank);
	for (by = min(by, rows); by > 0; by--)
		scroll_up(grid, first, last, blank);
}

void grid_shift(struct grid *grid, unsigned row, unsigned column, int by, uint16_t blank)
{
	uint16_t *cells = grid_row(grid, row) + column;
	int count = (int)(GRID_COLUMNS - column);
	int cleared = min(by < 0 ? -by : by, count);
	size_t kept = (size_t)(count - cleared) * sizeof(*cells);

	if (by < 0) {
		memmove(cells, cells + cleared, kept);
		grid_erase(grid, row, (unsigned)(GRID_COLUMNS - cleared), GRID_COLUMNS - 1, blank);
	} else if (by > 0) {
		memmove(cells + cleared, cells, kept);
		grid_erase(grid, row, column, column + (unsigned)cleared - 1, blank);
	}
}

void grid_invert(struct grid *grid)
{
	for (unsigned row = 0; row < GRID_ROWS; row++) {
		uint16_t *cells = grid_row(grid, row);

		for (unsigned i = 0; i < GRID_COLUMNS; i++) {
			uint16_t colours = cells[i] & COLOURS;

			cells[i] &= (uint16_t)~COLOURS;
			cells[i] |= (uint16_t)((colours << 4 | colours >> 4) & COLOURS);
		}
	}
	grid->dirty = ALL_ROWS;
}
