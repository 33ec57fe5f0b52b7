#ifndef DEV_LINE_H
#define DEV_LINE_H
/*
 * Lines: what terminals hang on. A serial port is one, and a screen with its keyboard. A line moves
 * bytes and knows nothing of what they mean; the line discipline, and who may read, are tty's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sched/work.h"

#define LINE_RDEV(minor) (4u << 8 | (minor)) /* in Linux's encoding: tty1 is 4:1, ttyS0 is 4:64 */

/* Modem lines, as in TIOCMGET. */
#define LINE_DTR 0x002u
#define LINE_RTS 0x004u
#define LINE_CTS 0x020u
#define LINE_DCD 0x040u /* carrier: somebody is at the other end */
#define LINE_RI  0x080u
#define LINE_DSR 0x100u

struct line_settings {
	uint32_t speed;     /* bits a second */
	uint8_t bits;       /* of a character, 5 to 8 */
	bool two_stop_bits; /* else one */
	bool parity, odd;   /* a parity bit, and which */
	bool flow;          /* CTS holds us */
	bool modem;         /* changes of the carrier are told */
};

struct line;

/* None sleeps; all are called from threads, under spinlocks of RANK_TTY. */
struct line_ops {
	/* Bytes to be sent, as many as there is room for: how many were taken. Where it was not
	 * all, line_notify follows when there is room. */
	size_t (*write)(struct line *line, const void *buf, size_t bytes);
	/* Bytes that have come: how many, 0 for none. line_notify follows when there are more. */
	size_t (*read)(struct line *line, void *buf, size_t bytes);
	/* Some of what was taken has not left the machine. Missing: never. */
	bool (*is_sending)(struct line *line);
	/* Those that it can have, *settings is changed to. Missing: it has none. */
	void (*set)(struct line *line, struct line_settings *settings);
	/* LINE_ bits that are on; DTR and RTS are set to `on` where `mask` has them. Missing, as is
	 * the next one: a line without modem lines. */
	unsigned (*modem)(struct line *line, unsigned mask, unsigned on);
	void (*set_break)(struct line *line, bool on);
	/* Has a break come since the last time? Missing: no. */
	bool (*take_break)(struct line *line);
};

struct line {
	const char *name;           /* [I] of its terminal: "ttyS0" */
	uint64_t rdev;              /* [I] */
	uint16_t rows, columns;     /* [I] 0: not known */
	const struct line_ops *ops; /* [I] */
	struct work work;           /* the terminal's; fn NULL: it has none yet */
};

/* For drivers, at boot: a line that lives for ever. */
void line_register(struct line *line);
/* Bytes or room have come, a break, or the carrier has changed. Any context. */
void line_notify(struct line *line);

/* The index-th; NULL: there are no more. */
struct line *line_at(unsigned index);

#endif
