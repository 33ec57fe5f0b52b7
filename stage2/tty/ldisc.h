#ifndef TTY_LDISC_H
#define TTY_LDISC_H
/*
 * The line discipline: what lies between the keys that somebody presses and the bytes that a
 * program reads, and between what a program writes and what a screen shows. Pure: bytes in, bytes
 * out, signals out. It waits for nothing, locks nothing (its owner does) and also runs on the host.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ioctls.h"
#include "abi/termios.h"
#include "lib/bitmap.h"
#include "lib/ring.h"

#define LDISC_BYTES 4096 /* of each buffer; a line is no longer than this, its end included */

/* Signals that input asks for. */
#define LDISC_INTR 1u
#define LDISC_QUIT 2u
#define LDISC_SUSP 4u

struct ldisc {
	struct termios2 termios;
	uint8_t *in;                               /* [I] LDISC_BYTES */
	uint64_t marks[BITMAP_WORDS(LDISC_BYTES)]; /* ends of lines in `in` */
	/* Counts of bytes, ever: read up to tail, whole lines up to canon_head, arrived up to
	 * head. */
	uint32_t tail, canon_head, head;
	bool lnext;            /* the next byte is taken as it is */
	bool stopped;          /* output waits: where it is, or behind out_stop */
	bool holds;            /* [I] where it is, and more of it comes: a wire has buffers */
	size_t out_stop;       /* else, while stopped: what was in `out` by then still goes */
	size_t echo_start;     /* where output stood before the input that is being taken */
	unsigned column;       /* where output stands, */
	unsigned canon_column; /* and where the line that is typed began */
	struct ring out;       /* to the screen: output and echo */
	uint8_t status;        /* TIOCPKT_ bits of what has happened; the owner clears them */
};

/* A terminal with Linux's settings at its start, and buffers of LDISC_BYTES each. */
void ldisc_init(struct ldisc *ldisc, void *in, void *out);

/* New settings. Between lines and bytes, what has been typed becomes readable. */
void ldisc_set_termios(struct ldisc *ldisc, const struct termios2 *termios);

/* Typed bytes, as many as there is room for: how many were taken. Signals are added to *signals.
 * Without room for an echo, there is none. */
size_t ldisc_input(struct ldisc *ldisc, const void *buf, size_t bytes, unsigned *signals);
/* How many bytes would surely be taken. */
size_t ldisc_room(const struct ldisc *ldisc);
/* A break on the wire: it is a signal, a NUL, or nothing, by the settings. */
void ldisc_break(struct ldisc *ldisc, unsigned *signals);

/* Written bytes, as many as there is room for: how many were taken; 0 while it waits with the
 * writer. */
size_t ldisc_output(struct ldisc *ldisc, const void *buf, size_t bytes);
bool ldisc_can_output(const struct ldisc *ldisc);

/* Is there something to read: a line; else `minimum` bytes. */
bool ldisc_is_readable(const struct ldisc *ldisc, size_t minimum);
/* A line, or as much of one as fits: how many bytes; 0: an end of file was typed. Without lines:
 * the bytes there are. Call it only where something is to be read. */
size_t ldisc_read(struct ldisc *ldisc, void *buf, size_t bytes);
/* Bytes that could be read, for FIONREAD. */
size_t ldisc_input_bytes(const struct ldisc *ldisc);

/* What the screen is to get next: one piece of it at *at; ldisc_sent when it has been shown. */
size_t ldisc_to_send(const struct ldisc *ldisc, uint8_t **at);
void ldisc_sent(struct ldisc *ldisc, size_t bytes);

/* Output stops, goes on. */
void ldisc_stop(struct ldisc *ldisc);
void ldisc_start(struct ldisc *ldisc);

void ldisc_flush_input(struct ldisc *ldisc);
/* Output that waits for its wire. Without one (a pty) it counts as having arrived: it stays, and
 * only who reads there can drop it. */
void ldisc_flush_output(struct ldisc *ldisc);
void ldisc_drop_output(struct ldisc *ldisc);

#endif
