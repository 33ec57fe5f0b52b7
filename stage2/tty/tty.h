#ifndef TTY_TTY_H
#define TTY_TTY_H
/*
 * Terminals: a line discipline with readers and writers, a size, and job control. What is at the
 * other end, a master or a serial port, is said by operations.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/ioctls.h"
#include "core/spinlock.h"
#include "io/file.h"
#include "lib/compiler.h"
#include "proc/terminal.h"
#include "sched/wait.h"
#include "tty/ldisc.h"

struct tty;

struct tty_ops {
	/* Something is there to be sent, or input has room again, or both. Sleeps where the other
	 * end is a device. No locks held. */
	void (*kick)(struct tty *tty);
	/* Wait until all has been sent: 0, -EINTR, -EIO. NULL: what is in the buffer has arrived.
	 */
	int (*drain)(struct tty *tty);
	/* An open file of it has gone; called after tty->opens was counted down. */
	void (*closed)(struct tty *tty);
	void (*destroy)(struct tty *tty); /* the last reference has gone; does not sleep */
};

struct tty {
	struct terminal terminal;
	const struct tty_ops *ops; /* [I] */
	uint32_t refs;             /* [a] */
	struct spinlock lock;      /* RANK_TTY */
	struct ldisc ldisc;        /* [lock] */
	struct winsize winsize;    /* [lock] */
	uint32_t opens;            /* [lock] files that are open */
	uint32_t events;           /* [lock] counts what a reader may wait for */
	bool hung_up;              /* [lock] the other end has gone for good */
	struct wait_queue readers, writers;
};

/* Fill a zeroed terminal: refs 1. -ENOMEM. */
__must_check int tty_init(struct tty *tty, const struct tty_ops *ops, uint64_t rdev);
/* Give back what tty_init took, for destroy. */
void tty_free_buffers(struct tty *tty);
void tty_get(struct tty *tty);
void tty_put(struct tty *tty);

/* The other end: bytes arrive; how many were taken. What is to be sent: copied to buf, and gone.
 * Both may sleep (for signals). */
size_t tty_input(struct tty *tty, const void *buf, size_t bytes);
size_t tty_take_output(struct tty *tty, void *buf, size_t bytes);
/* It hangs up: readers see the end, writers get -EIO, the session SIGHUP. May sleep. */
void tty_hangup(struct tty *tty);

/* Opening one by its node: takes over the reference. May become the controlling terminal. */
void tty_open(struct file *file, struct tty *tty);
extern const struct file_ops tty_file_ops;
/* Requests that are the same at both ends. master: the file is the other end's, which no job
 * control holds up. -ENOTTY: another request. */
long tty_ioctl(struct tty *tty, bool master, unsigned request, uint64_t arg);

/* /dev/tty, /dev/ptmx, /dev/pts, and the console; once, when the root is there. -ENOMEM. */
__must_check int tty_init_all(void);
__must_check int pty_init(void);

#endif
