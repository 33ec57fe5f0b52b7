/*
 * The terminal of the text screen on any bytes: the cursor stays on the screen, the rows that
 * scroll are rows, and a picture that moves and redraws as it is told is what the grid is.
 *
 * links: stage2/dev/vga/vt.c stage2/dev/vga/vt_csi.c stage2/dev/vga/grid.c stage2/dev/vga/cp437.c
 */
#include "dev/vga/vt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint16_t picture[GRID_ROWS][GRID_COLUMNS];

static void check(struct vt *vt)
{
	char answer[VT_ANSWER_BYTES];

	if (vt->cursor.row >= GRID_ROWS || vt->cursor.column >= GRID_COLUMNS ||
		vt->first >= vt->last || vt->last >= GRID_ROWS || vt->param_count > VT_PARAMS)
		abort();
	if (vt_take_answer(vt, answer) > sizeof(answer))
		abort();
	for (; vt->grid.moved > 0; vt->grid.moved--)
		memmove(picture[0], picture[1], sizeof(picture) - sizeof(picture[0]));
	for (unsigned row = 0; row < GRID_ROWS; row++) {
		if (vt->grid.dirty >> row & 1)
			memcpy(picture[row], grid_row(&vt->grid, row), sizeof(picture[row]));
		if (memcmp(picture[row], grid_row(&vt->grid, row), sizeof(picture[row])) != 0)
			abort();
	}
	vt->grid.dirty = 0;
}

/* In pieces: what a sequence is must not depend on where a write ends. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct vt vt, whole;

	vt_init(&vt);
	vt_init(&whole);
	vt_write(&whole, data, bytes);
	for (size_t at = 0, part; at < bytes; at += part) {
		part = 1 + data[at] % 16;
		part = part < bytes - at ? part : bytes - at;
		vt_write(&vt, data + at, part);
		check(&vt);
	}
	for (unsigned row = 0; row < GRID_ROWS; row++)
		if (memcmp(grid_row(&vt.grid, row), grid_row(&whole.grid, row),
			    sizeof(picture[row])))
			abort();
	if (bytes > 2) {
		vt_print(&vt, (const char *)data, bytes, data[0]);
		check(&vt);
	}
	return 0;
}
