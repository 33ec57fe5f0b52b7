/*
 * The VGA text screen (IBM VGA; registers as in the Intel OpenSource HD Graphics PRM, volume 3).
 *
 * Emulators pay for each access to video memory, so it is only written, and scrolling moves the
 * window that the CRT controller shows down the 32 KiB of memory: one new line is cleared, nothing
 * is copied. At the end of the memory the lines on the screen are written again at its start, from
 * a copy in ordinary memory.
 *
 * No modes are set: the BIOS leaves mode 3. No escape sequences, no scrollback.
 */
#include "dev/vga/vga.h"

#include "abi/errno.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "dev/line.h"
#include "dev/region.h"
#include "lib/string.h"

#define VGA_PADDR   0xb8000
#define VGA_BYTES   0x8000
#define COLUMNS     80
#define ROWS        25
#define CELLS       (VGA_BYTES / 2)
#define LINES       (CELLS / COLUMNS)
#define TAB_COLUMNS 8

#define CRTC_PORT   0x3d4 /* index, data */
#define CRTC_INDEX  0
#define CRTC_DATA   1
#define MISC_PORT   0x3cc /* miscellaneous output, read */
#define MISC_COLOUR 0x01  /* the CRT controller is at 3D4h, memory at B8000h */

enum crtc_register {
	CRTC_START_HIGH = 0x0c,
	CRTC_START_LOW = 0x0d,
	CRTC_CURSOR_HIGH = 0x0e,
	CRTC_CURSOR_LOW = 0x0f,
};

#define COLOUR_PROGRAM 0x07 /* light grey on black */

static const uint8_t level_colours[] = {
	[LOG_ERROR] = 0x0c, /* light red */
	[LOG_WARN] = 0x0e,  /* yellow */
	[LOG_INFO] = 0x07,
	[LOG_DEBUG] = 0x08, /* dark grey */
};

enum escape_state { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CSI };

static struct {
	struct region memory, crtc; /* [I] */
	struct spinlock lock;
	unsigned top;                  /* [lock] line of memory that is the first on the screen */
	unsigned row, column;          /* [lock] cursor; column COLUMNS: the next letter wraps */
	enum escape_state escape;      /* [lock] */
	uint16_t cells[ROWS][COLUMNS]; /* [lock] what is on the screen; row r at (top + r) % ROWS */
} vga = { .lock = SPINLOCK_INIT("vga", RANK_UART) };

static uint8_t crtc_read(enum crtc_register index)
{
	region_write8(&vga.crtc, CRTC_INDEX, index);
	return region_read8(&vga.crtc, CRTC_DATA);
}

static void crtc_write(enum crtc_register index, uint8_t value)
{
	region_write8(&vga.crtc, CRTC_INDEX, index);
	region_write8(&vga.crtc, CRTC_DATA, value);
}

/* ---- the screen ----------------------------------------------------------------------------- */

static uint16_t *row_cells(unsigned row)
{
	return vga.cells[(vga.top + row) % ROWS];
}

static void row_show(unsigned row)
{
	const uint16_t *cells = row_cells(row);
	uint64_t at = (vga.top + row) * COLUMNS * 2;
	uint64_t four;

	for (unsigned i = 0; i < COLUMNS; i += 4) {
		memcpy(&four, &cells[i], sizeof(four));
		region_write64(&vga.memory, at + i * 2, four);
	}
}

static void row_clear(unsigned row)
{
	uint16_t *cells = row_cells(row);

	for (unsigned i = 0; i < COLUMNS; i++)
		cells[i] = COLOUR_PROGRAM << 8 | ' ';
}

/* Show memory from line `top` on. */
static void window_set(unsigned top)
{
	vga.top = top;
	crtc_write(CRTC_START_HIGH, (uint8_t)(top * COLUMNS >> 8));
	crtc_write(CRTC_START_LOW, (uint8_t)(top * COLUMNS));
}

static void scroll(void)
{
	unsigned top = vga.top + 1;

	if (top + ROWS <= LINES) {
		vga.top = top;
		row_clear(ROWS - 1);
		row_show(ROWS - 1);
		window_set(top);
		return;
	}
	/* The end of the memory: begin again at its start; top stays the same modulo ROWS, which
	 * keeps row_cells right. */
	vga.top = top % ROWS;
	row_clear(ROWS - 1);
	for (unsigned row = 0; row < ROWS; row++)
		row_show(row);
	window_set(top % ROWS);
}

static void line_feed(void)
{
	vga.column = 0;
	if (vga.row + 1 < ROWS)
		vga.row++;
	else
		scroll();
}

static void cell_put(char letter, uint8_t colour)
{
	uint16_t cell = (uint16_t)(colour << 8 | (uint8_t)letter);

	if (vga.column == COLUMNS)
		line_feed();
	row_cells(vga.row)[vga.column] = cell;
	region_write16(&vga.memory, ((vga.top + vga.row) * COLUMNS + vga.column) * 2, cell);
	vga.column++;
}

static void cursor_show(void)
{
	unsigned column = vga.column < COLUMNS ? vga.column : COLUMNS - 1;
	unsigned at = (vga.top + vga.row) * COLUMNS + column;

	crtc_write(CRTC_CURSOR_HIGH, (uint8_t)(at >> 8));
	crtc_write(CRTC_CURSOR_LOW, (uint8_t)at);
}

/* ESC and what follows it, up to the letter that ends it (ECMA-48, 5.4). True if swallowed. */
static bool escape_swallow(char letter)
{
	switch (vga.escape) {
	case ESCAPE_NONE:
		if (letter == '\033')
			vga.escape = ESCAPE_BEGUN;
		return letter == '\033';
	case ESCAPE_BEGUN:
		vga.escape = letter == '[' ? ESCAPE_CSI : ESCAPE_NONE;
		return true;
	case ESCAPE_CSI:
		if (letter >= '@' && letter <= '~')
			vga.escape = ESCAPE_NONE;
		return true;
	}
	return false;
}

static void letter_put(char letter, uint8_t colour)
{
	if (escape_swallow(letter))
		return;
	switch (letter) {
	case '\n':
		line_feed();
		break;
	case '\r':
		vga.column = 0;
		break;
	case '\b':
		if (vga.column > 0)
			vga.column--;
		break;
	case '\t':
		do
			cell_put(' ', colour);
		while (vga.column % TAB_COLUMNS != 0);
		break;
	default:
		if ((uint8_t)letter >= ' ')
			cell_put(letter, colour);
	}
}

static void text_put_locked(const char *text, size_t bytes, uint8_t colour)
{
	for (size_t i = 0; i < bytes; i++)
		letter_put(text[i], colour);
	cursor_show();
}

/* ---- who writes ----------------------------------------------------------------------------- */

static void vga_log(struct log_sink *sink, enum log_level level, const char *text, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&vga.lock);

	text_put_locked(text, bytes, level_colours[level]);
	spin_unlock_irqrestore(&vga.lock, flags);
}

static void vga_log_panic(struct log_sink *sink, const char *text, size_t bytes)
{
	text_put_locked(text, bytes, level_colours[LOG_ERROR]);
}

static struct log_sink vga_sink = {
	.name = "screen",
	.max_level = LOG_INFO,
	.write = vga_log,
	.write_panic = vga_log_panic,
};

static size_t vga_line_write(struct line *line, const void *buf, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&vga.lock);

	text_put_locked(buf, bytes, COLOUR_PROGRAM);
	spin_unlock_irqrestore(&vga.lock, flags);
	return bytes;
}

static size_t vga_line_read(struct line *line, void *buf, size_t bytes)
{
	return 0;
}

static const struct line_ops vga_line_ops = {
	.write = vga_line_write,
	.read = vga_line_read,
};

static struct line vga_line = {
	.name = "tty1",
	.rdev = LINE_RDEV(1),
	.rows = ROWS,
	.columns = COLUMNS,
	.ops = &vga_line_ops,
};

/* ---- start ---------------------------------------------------------------------------------- */

/* The cursor register keeps what is written; where nothing is, the bus reads as ones. */
static bool crtc_is_there(void)
{
	crtc_write(CRTC_CURSOR_LOW, 0x5a);
	if (crtc_read(CRTC_CURSOR_LOW) != 0x5a)
		return false;
	crtc_write(CRTC_CURSOR_LOW, 0x25);
	return crtc_read(CRTC_CURSOR_LOW) == 0x25;
}

static bool mode_is_colour(void)
{
	struct region misc;
	uint8_t mode;

	if (region_claim_ports("vga misc", MISC_PORT, 1, &misc))
		return false;
	mode = region_read8(&misc, 0);
	region_release(&misc);
	return mode != 0xff && (mode & MISC_COLOUR);
}

int vga_init(void)
{
	int err;

	if (!mode_is_colour())
		return -ENODEV;
	err = region_claim_ports("vga", CRTC_PORT, 2, &vga.crtc);
	if (err)
		return err;
	err = crtc_is_there() ? 0 : -ENODEV;
	if (err)
		goto release_crtc;
	err = region_claim_mmio("vga", VGA_PADDR, VGA_BYTES, &vga.memory);
	if (err)
		goto release_crtc;
	for (unsigned row = 0; row < ROWS; row++) {
		row_clear(row);
		row_show(row);
	}
	window_set(0);
	log_sink_add(&vga_sink);
	line_register(&vga_line);
	return 0;

release_crtc:
	region_release(&vga.crtc);
	return err;
}
