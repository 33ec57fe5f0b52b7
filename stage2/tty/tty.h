#ifndef TTY_TTY_H
#define TTY_TTY_H
/*
 * Terminals: a line discipline with readers and writers, a size, and job control. What is at the
 * other end, a master or a line (dev/line.h), is said by operations.
 *
 * Files of a terminal, and who may use them: file.c. Requests of ioctl(2): ioctl.c. Pseudo
 * terminals: pty.c. Those of lines, and /dev/console: line.c.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/ioctls.h"
#include "abi/poll.h"
#include "core/spinlock.h"
#include "io/file.h"
#include "lib/compiler.h"
#include "proc/terminal.h"
#include "sched/wait.h"
#include "tty/ldisc.h"

/* What poll(2) says of a file that has lost it. */
#define TTY_POLL_HUNG_UP (POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM)

struct tty;

struct tty_ops {
	bool session_hangs_up; /* the end of its session's leader hangs it up */
	bool never_hangs_up;   /* nothing does */
	/* May it be opened now: 0, -EIO. Under the lock; it is counted next. Missing: yes. */
	int (*open)(struct tty *tty);
	/* Something is there to be sent, or input has room again, or both. No locks held; may
	 * sleep. */
	void (*kick)(struct tty *tty);
	/* Wait until what was written has left: 0, -EINTR. Missing: it leaves at once. */
	int (*drain)(struct tty *tty);
	/* New settings, before they are those of the line discipline: changed to those that can be.
	 * Under the lock. */
	void (*set)(struct tty *tty, struct termios2 *termios);
	/* A break on the wire. Missing: there is no wire. */
	void (*set_break)(struct tty *tty, bool on);
	/* Requests of its own; -ENOTTY: another. Missing: none. */
	long (*ioctl)(struct tty *tty, unsigned request, uint64_t arg);
	/* An open file of it has gone; called after tty->opens was counted down. */
	void (*closed)(struct tty *tty);
	/* The last reference has gone; does not sleep. Missing: the terminal stays. */
	void (*destroy)(struct tty *tty);
};

struct tty {
	struct terminal terminal;
	const struct tty_ops *ops; /* [I] */
	uint32_t refs;             /* [a] */
	struct spinlock lock;      /* RANK_TTY */
	struct ldisc ldisc;        /* [lock] */
	struct winsize winsize;    /* [lock] */
	uint32_t opens;            /* [lock] files that are open, of no use any more or not */
	uint32_t events;           /* [lock] counts what a reader may wait for */
	uint32_t hangups;          /* [lock] files opened before the last one are of no use */
	bool gone;                 /* [lock] so has the other end, for good */
	bool writing;              /* [lock] somebody writes: others wait */
	bool exclusive;            /* [lock] only CAP_SYS_ADMIN may open it once more */
	bool keeps_settings;       /* [I] when it hangs up; else they are again: */
	struct termios2 initial;   /* [I] */
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
/* The same in pieces, for who takes bytes under tty->lock: ldisc_input was called and said
 * `signals`; room has come for output. Not under the lock. */
void tty_has_input(struct tty *tty, unsigned signals);
void tty_has_sent(struct tty *tty);
/* It hangs up: files that are open now read the end and write -EIO, the session gets SIGHUP. Who
 * opens it later has it anew. May sleep. */
void tty_hangup(struct tty *tty);
/* The same for the controlling terminal of the running process, if it has one. */
void tty_hangup_current(void);

/* A file of it is opened: takes over the reference, in any case. It may become the controlling
 * terminal. -EBUSY (another has it for itself), -EIO, -ENOMEM. */
__must_check int tty_open(struct file *file, struct tty *tty, bool may_control);
extern const struct file_ops tty_file_ops;
/* Requests that are the same at both ends. master: the file is the other end's, which no job
 * control holds up. -ENOTTY: another request. */
long tty_ioctl(struct tty *tty, bool master, unsigned request, uint64_t arg);

/* /dev/tty, /dev/ptmx, /dev/pts, the lines and the console; once, when the root is there. -ENOMEM.
 */
__must_check int tty_init_all(void);
__must_check int pty_init(void);
__must_check int line_tty_init(void);
/* Before the devices come to rest: what lines still have to send is sent, for a second at most. */
void line_tty_shutdown(void);

#endif
