#ifndef VGA_VT_PARTS_H
#define VGA_VT_PARTS_H
/*
 * What vt.c and vt_csi.c have of each other.
 */
#include "dev/vga/vt.h"

#define LAST_ROW    (GRID_ROWS - 1)
#define LAST_COLUMN (GRID_COLUMNS - 1)

/* States. */
void vt_ground(struct vt *vt, uint8_t byte);
void vt_swallow_one(struct vt *vt, uint8_t byte);
void vt_csi(struct vt *vt, uint8_t byte);

/* The VGA's colours for letters of this pen; a cell that is erased. */
uint8_t vt_colour(const struct vt *vt, const struct vt_pen *pen);
uint16_t vt_blank(const struct vt *vt);

/* The cursor goes to a place of the screen, to one as programs count them, by so many; it stays on
 * the screen, or in the rows that scroll. */
void vt_cursor_move(struct vt *vt, int row, int column);
void vt_cursor_set(struct vt *vt, int row, int column);
void vt_cursor_step(struct vt *vt, int rows, int columns);
void vt_cursor_save(struct vt *vt);
void vt_cursor_restore(struct vt *vt);

/* An answer, if there is room for it. */
void vt_answer(struct vt *vt, const char *text);

#endif
