/*
 * The VGA text screen (IBM VGA; registers as in the Intel OpenSource HD Graphics PRM, volume 3).
 *
 * What is to be seen is the grid of a terminal (vt.h) in ordinary memory; here it is shown.
 * Emulators pay for each access to video memory, so it is only written, and only rows that differ;
 * and when the screen moves up, the window that the CRT controller shows moves down the 32 KiB of
 * memory. At the end of the memory all rows are written again at its start.
 *
 * No modes are set: the BIOS leaves mode 3.
 */
#include "dev/vga/vga.h"

#include "abi/errno.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "dev/line.h"
#include "dev/region.h"
#include "dev/vga/vt.h"
#include "lib/ring.h"
#include "lib/string.h"

#define VGA_PADDR   0xb8000
#define VGA_BYTES   0x8000
#define ROW_BYTES   (GRID_COLUMNS * 2)
#define LINES       (VGA_BYTES / ROW_BYTES)
#define INPUT_BYTES 256

#define CRTC_PORT   0x3d4 /* index, data */
#define CRTC_INDEX  0
#define CRTC_DATA   1
#define MISC_PORT   0x3cc /* miscellaneous output, read */
#define MISC_COLOUR 0x01  /* the CRT controller is at 3D4h, memory at B8000h */

enum crtc_register {
	CRTC_CURSOR_FORM = 0x0a, /* its first scan line, and CURSOR_OFF */
	CRTC_START_HIGH = 0x0c,
	CRTC_START_LOW = 0x0d,
	CRTC_CURSOR_HIGH = 0x0e,
	CRTC_CURSOR_LOW = 0x0f,
};

#define CURSOR_OFF 0x20

static const uint8_t level_colours[] = {
	[LOG_ERROR] = 0x0c, /* light red */
	[LOG_WARN] = 0x0e,  /* yellow */
	[LOG_INFO] = 0x07,
	[LOG_DEBUG] = 0x08, /* dark grey */
};

/* Not in the struct, whose other members are initialised: the image would carry them. */
static uint8_t input_bytes[INPUT_BYTES]; /* [vga.lock] */
static struct vt terminal;               /* [vga.lock] what is to be seen */

static struct {
	struct region memory, crtc; /* [I] */
	struct spinlock lock;
	struct ring input;   /* [lock] what was typed, and answers of the terminal */
	unsigned top;        /* [lock] line of memory that is the first on the screen */
	unsigned cursor;     /* [lock] cell of memory where it is shown */
	uint8_t cursor_form; /* [I] as the BIOS has it */
	bool hidden;         /* [lock] the cursor is not shown */
} vga = {
	.lock = SPINLOCK_INIT("vga", RANK_UART),
	.input = { .data = input_bytes, .bytes = INPUT_BYTES },
};

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

static void row_show(unsigned row)
{
	const uint16_t *cells = grid_row(&terminal.grid, row);
	uint64_t at = (vga.top + row) * ROW_BYTES;
	uint64_t four;

	for (unsigned i = 0; i < GRID_COLUMNS; i += 4) {
		memcpy(&four, &cells[i], sizeof(four));
		region_write64(&vga.memory, at + i * 2, four);
	}
}

/* A register pair of the CRT controller: a cell of memory. */
static void crtc_write_cell(enum crtc_register high, unsigned cell)
{
	crtc_write(high, (uint8_t)(cell >> 8));
	crtc_write(high + 1, (uint8_t)cell);
}

static void cursor_show(void)
{
	unsigned at = (vga.top + terminal.cursor.row) * GRID_COLUMNS + terminal.cursor.column;

	if (terminal.hidden != vga.hidden) {
		vga.hidden = terminal.hidden;
		crtc_write(CRTC_CURSOR_FORM, vga.cursor_form | (vga.hidden ? CURSOR_OFF : 0));
	}
	if (at == vga.cursor)
		return;
	vga.cursor = at;
	crtc_write_cell(CRTC_CURSOR_HIGH, at);
}

/* The screen becomes what the terminal's grid is. */
static void screen_show(void)
{
	struct grid *grid = &terminal.grid;
	unsigned top = vga.top + grid->moved;

	if (top + GRID_ROWS > LINES) {
		top = 0;
		grid->dirty = ~0u;
	}
	grid->moved = 0;
	if (top != vga.top) {
		vga.top = top;
		crtc_write_cell(CRTC_START_HIGH, top * GRID_COLUMNS);
	}
	for (unsigned row = 0; row < GRID_ROWS; row++)
		if (grid->dirty >> row & 1)
			row_show(row);
	grid->dirty = 0;
	cursor_show();
}

/* ---- who writes ----------------------------------------------------------------------------- */

static void vga_log(struct log_sink *sink, enum log_level level, const char *text, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&vga.lock);

	vt_print(&terminal, text, bytes, level_colours[level]);
	screen_show();
	spin_unlock_irqrestore(&vga.lock, flags);
}

static void vga_log_panic(struct log_sink *sink, const char *text, size_t bytes)
{
	vt_print(&terminal, text, bytes, level_colours[LOG_ERROR]);
	screen_show();
}

static struct log_sink vga_sink = {
	.name = "screen",
	.max_level = LOG_INFO,
	.write = vga_log,
	.write_panic = vga_log_panic,
};

static struct line vga_line;

/* What there is no room for is lost, as keys are at any keyboard. */
void vga_type(const char *text, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&vga.lock);

	if (ring_free(&vga.input) >= bytes)
		ring_write(&vga.input, text, bytes);
	spin_unlock_irqrestore(&vga.lock, flags);
	line_notify(&vga_line);
}

bool vga_wants_application_keys(void)
{
	return READ_ONCE(terminal.application_keys);
}

static size_t vga_line_write(struct line *line, const void *buf, size_t bytes)
{
	char answer[VT_ANSWER_BYTES];
	uint64_t flags = spin_lock_irqsave(&vga.lock);
	size_t answered;

	vt_write(&terminal, buf, bytes);
	answered = vt_take_answer(&terminal, answer);
	screen_show();
	spin_unlock_irqrestore(&vga.lock, flags);
	if (answered > 0)
		vga_type(answer, answered);
	return bytes;
}

static size_t vga_line_read(struct line *line, void *buf, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&vga.lock);
	size_t done = ring_read(&vga.input, buf, bytes);

	spin_unlock_irqrestore(&vga.lock, flags);
	return done;
}

static const struct line_ops vga_line_ops = {
	.write = vga_line_write,
	.read = vga_line_read,
};

static struct line vga_line = {
	.name = "tty1",
	.rdev = LINE_RDEV(1),
	.rows = GRID_ROWS,
	.columns = GRID_COLUMNS,
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
	vga.cursor_form = crtc_read(CRTC_CURSOR_FORM) & (uint8_t)~CURSOR_OFF;
	vt_init(&terminal);
	crtc_write_cell(CRTC_START_HIGH, 0);
	screen_show();
	log_sink_add(&vga_sink);
	line_register(&vga_line);
	return 0;

release_crtc:
	region_release(&vga.crtc);
	return err;
}
