/*
 * Requests of ioctl(2) on terminals: tty_ioctl(4). Each is a few lines; the switch is the table.
 *
 * Refused: line disciplines other than the one there is, and what moves the console's output.
 */
#include "abi/errno.h"
#include "abi/signal.h"
#include "core/clock.h"
#include "lib/string.h"
#include "proc/proc.h"
#include "tty/tty.h"
#include "vm/uaccess.h"

#define BAUD_EXTRA 0x1000 /* CBAUDEX: the second half of the table */
#define BREAK_MS   250    /* of tcsendbreak(3) */

/* The speed that the settings name; of BOTHER, it is there already. */
static uint32_t baud_of(const struct termios2 *termios)
{
	static const uint32_t first[] = { 0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400,
		4800, 9600, 19200, 38400 };
	static const uint32_t extra[] = { 0, 57600, 115200, 230400, 460800, 500000, 576000, 921600,
		1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000 };
	uint32_t code = termios->c_cflag & CBAUD;

	if (code == BOTHER)
		return termios->c_ospeed;
	return code & BAUD_EXTRA ? extra[code & 15] : first[code];
}

static void changed(struct tty *tty)
{
	wait_wake_all(&tty->readers, 0);
	wait_wake_all(&tty->writers, 0);
	tty->ops->kick(tty);
}

static struct termios2 termios_get(struct tty *tty)
{
	struct termios2 termios;

	spin_lock(&tty->lock);
	termios = tty->ldisc.termios;
	spin_unlock(&tty->lock);
	return termios;
}

static int drain(struct tty *tty)
{
	return tty->ops->drain ? tty->ops->drain(tty) : 0;
}

/* May wait for output, and forget input. */
static int termios_set(struct tty *tty, struct termios2 *termios, bool wait, bool flush)
{
	int err = wait ? drain(tty) : 0;

	if (err)
		return err;
	termios->c_ispeed = termios->c_ospeed = baud_of(termios);
	spin_lock(&tty->lock);
	if (flush)
		ldisc_flush_input(&tty->ldisc);
	tty->ops->set(tty, termios);
	ldisc_set_termios(&tty->ldisc, termios);
	tty->events++;
	spin_unlock(&tty->lock);
	changed(tty);
	return 0;
}

/* TCSETS and its relatives: `bytes` of the struct are the program's. */
static long termios_take(struct tty *tty, uint64_t arg, size_t bytes, bool wait, bool flush)
{
	struct termios2 termios = termios_get(tty);
	int err = copy_from_user(&termios, arg, bytes);

	return err ? err : termios_set(tty, &termios, wait, flush);
}

static long termio_get(struct tty *tty, uint64_t arg)
{
	struct termios2 termios = termios_get(tty);
	struct termio old = {
		.c_iflag = (uint16_t)termios.c_iflag,
		.c_oflag = (uint16_t)termios.c_oflag,
		.c_cflag = (uint16_t)termios.c_cflag,
		.c_lflag = (uint16_t)termios.c_lflag,
		.c_line = termios.c_line,
	};

	memcpy(old.c_cc, termios.c_cc, sizeof(old.c_cc));
	return put_user(arg, &old);
}

static void low_bits_set(uint32_t *flags, uint16_t low)
{
	*flags = (*flags & 0xffff0000) | low;
}

/* TCSETA and its relatives: what struct termio has no room for stays. */
static long termio_take(struct tty *tty, uint64_t arg, bool wait, bool flush)
{
	struct termios2 termios = termios_get(tty);
	struct termio old;

	if (get_user(&old, arg))
		return -EFAULT;
	low_bits_set(&termios.c_iflag, old.c_iflag);
	low_bits_set(&termios.c_oflag, old.c_oflag);
	low_bits_set(&termios.c_cflag, old.c_cflag);
	low_bits_set(&termios.c_lflag, old.c_lflag);
	termios.c_line = old.c_line;
	memcpy(termios.c_cc, old.c_cc, sizeof(old.c_cc));
	return termios_set(tty, &termios, wait, flush);
}

static long winsize_get(struct tty *tty, uint64_t arg)
{
	struct winsize winsize;

	spin_lock(&tty->lock);
	winsize = tty->winsize;
	spin_unlock(&tty->lock);
	return put_user(arg, &winsize);
}

static long winsize_set(struct tty *tty, uint64_t arg)
{
	struct winsize winsize;
	bool differs;

	if (get_user(&winsize, arg))
		return -EFAULT;
	spin_lock(&tty->lock);
	differs = memcmp(&tty->winsize, &winsize, sizeof(winsize)) != 0;
	tty->winsize = winsize;
	spin_unlock(&tty->lock);
	if (differs)
		terminal_signal(&tty->terminal, SIGWINCH);
	return 0;
}

static long flow(struct tty *tty, uint64_t action)
{
	uint8_t byte;

	if (action > TCION)
		return -EINVAL;
	spin_lock(&tty->lock);
	if (action == TCOOFF)
		ldisc_stop(&tty->ldisc);
	else if (action == TCOON)
		ldisc_start(&tty->ldisc);
	else {
		byte = tty->ldisc.termios.c_cc[action == TCIOFF ? VSTOP : VSTART];
		if (byte)
			ring_write(&tty->ldisc.out, &byte, 1);
	}
	spin_unlock(&tty->lock);
	changed(tty);
	return 0;
}

/* A master's input is the terminal's output; its output has arrived. */
static long flush(struct tty *tty, bool master, uint64_t queues)
{
	if (queues > TCIOFLUSH)
		return -EINVAL;
	spin_lock(&tty->lock);
	if (master && queues != TCOFLUSH)
		ldisc_drop_output(&tty->ldisc);
	if (!master && queues != TCOFLUSH)
		ldisc_flush_input(&tty->ldisc);
	if (!master && queues != TCIFLUSH)
		ldisc_flush_output(&tty->ldisc);
	spin_unlock(&tty->lock);
	changed(tty);
	return 0;
}

static long send_break(struct tty *tty, uint64_t ms)
{
	int err;

	if (!tty->ops->set_break)
		return 0;
	tty->ops->set_break(tty, true);
	err = sleep_until(WAIT_INTERRUPTIBLE, clock_ns() + ms * NS_PER_MS);
	tty->ops->set_break(tty, false);
	return err;
}

/* TCSBRK, with an argument, only waits; TCSBRKP's is in tenths of a second. */
static long drain_and_break(struct tty *tty, unsigned request, uint64_t arg)
{
	int err = drain(tty);

	if (err || (request == TCSBRK && arg))
		return err;
	return send_break(tty, arg ? min(arg, (uint64_t)100) * 100 : BREAK_MS);
}

static long break_set(struct tty *tty, bool on)
{
	int err = on ? drain(tty) : 0;

	if (!err && tty->ops->set_break)
		tty->ops->set_break(tty, on);
	return err;
}

/* Typing into one's own terminal; some may into any. */
static long type_byte(struct tty *tty, uint64_t arg)
{
	char byte;

	if (!terminal_is_current(&tty->terminal) && !cred_may(cred_current(), CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(&byte, arg))
		return -EFAULT;
	(void)tty_input(tty, &byte, 1); /* without room it is lost */
	return 0;
}

static long exclusive_set(struct tty *tty, bool on)
{
	spin_lock(&tty->lock);
	tty->exclusive = on;
	spin_unlock(&tty->lock);
	return 0;
}

static long discipline_set(uint64_t arg)
{
	int32_t number;

	if (get_user(&number, arg))
		return -EFAULT;
	return number == 0 ? 0 : -EINVAL;
}

static long hang_up(struct tty *tty)
{
	if (!cred_may(cred_current(), CAP_SYS_ADMIN))
		return -EPERM;
	tty_hangup(tty);
	return 0;
}

/* A master's input is the terminal's output. */
static long put_input_count(struct tty *tty, bool master, uint64_t arg)
{
	int32_t count;

	spin_lock(&tty->lock);
	count = (int32_t)(master ? ring_used(&tty->ldisc.out) : ldisc_input_bytes(&tty->ldisc));
	spin_unlock(&tty->lock);
	return put_user(arg, &count);
}

/* What waits to be sent. A pty has no wire: its output has arrived. */
static long put_output_count(struct tty *tty, uint64_t arg)
{
	int32_t count = 0;

	spin_lock(&tty->lock);
	if (tty->ops->drain)
		count = (int32_t)ring_used(&tty->ldisc.out);
	spin_unlock(&tty->lock);
	return put_user(arg, &count);
}

static long put_number(uint64_t arg, int number)
{
	return put_user(arg, &number);
}

static long group_set(struct tty *tty, uint64_t arg)
{
	int32_t group;

	if (get_user(&group, arg))
		return -EFAULT;
	return terminal_set_group(&tty->terminal, group);
}

static long session_get(struct tty *tty, uint64_t arg)
{
	int number;
	int err = terminal_get_session(&tty->terminal, &number);

	return err ? err : put_number(arg, number);
}

/* Who it belongs to: asked for at the terminal's own end, only by its own session. */
static long session_ioctl(struct tty *tty, bool master, unsigned request, uint64_t arg)
{
	if (request == TIOCSCTTY)
		return terminal_acquire(&tty->terminal, arg == 1);
	if (request == TIOCNOTTY)
		return master ? -ENOTTY : terminal_release(&tty->terminal);
	if (request == TIOCSPGRP)
		return group_set(tty, arg);
	if (!master && !terminal_is_current(&tty->terminal))
		return -ENOTTY;
	if (request == TIOCGSID)
		return session_get(tty, arg);
	return put_number(arg, terminal_get_group(&tty->terminal));
}

/* Those that a process in the background may not make: it is stopped. */
static bool changes_terminal(unsigned request)
{
	switch (request) {
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
	case TCSBRK:
	case TCSBRKP:
	case TIOCSBRK:
	case TIOCCBRK:
	case TIOCSETD:
	case TCXONC:
	case TCFLSH:
	case TIOCSPGRP:
		return true;
	default:
		return false;
	}
}

long tty_ioctl(struct tty *tty, bool master, unsigned request, uint64_t arg)
{
	const size_t plain = sizeof(struct termios);
	struct termios2 termios;
	int err = 0;

	if (!master && changes_terminal(request))
		err = terminal_check(&tty->terminal, SIGTTOU);
	if (err)
		return err == -EIO && request == TIOCSPGRP ? -ENOTTY : err;
	switch (request) {
	case TCGETS:
	case TCGETS2:
		termios = termios_get(tty);
		return copy_to_user(arg, &termios, request == TCGETS ? plain : sizeof(termios));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return termios_take(tty, arg, plain, request != TCSETS, request == TCSETSF);
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return termios_take(
			tty, arg, sizeof(struct termios2), request != TCSETS2, request == TCSETSF2);
	case TCGETA:
		return termio_get(tty, arg);
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
		return termio_take(tty, arg, request != TCSETA, request == TCSETAF);
	case TIOCGWINSZ:
		return winsize_get(tty, arg);
	case TIOCSWINSZ:
		return winsize_set(tty, arg);
	case TIOCGPGRP:
	case TIOCSPGRP:
	case TIOCGSID:
	case TIOCSCTTY:
	case TIOCNOTTY:
		return session_ioctl(tty, master, request, arg);
	case TCSBRK:
	case TCSBRKP:
		return drain_and_break(tty, request, arg);
	case TIOCSBRK:
	case TIOCCBRK:
		return break_set(tty, request == TIOCSBRK);
	case TCXONC:
		return flow(tty, arg);
	case TCFLSH:
		return flush(tty, master, arg);
	case FIONREAD:
		return put_input_count(tty, master, arg);
	case TIOCOUTQ:
		return put_output_count(tty, arg);
	case TIOCEXCL:
	case TIOCNXCL:
		return exclusive_set(tty, request == TIOCEXCL);
	case TIOCGEXCL:
		return put_number(arg, READ_ONCE(tty->exclusive));
	case TIOCGETD:
		return put_number(arg, 0);
	case TIOCSETD:
		return discipline_set(arg);
	case TIOCGDEV:
		return put_number(arg, (int)tty->terminal.rdev);
	case TIOCSTI:
		return type_byte(tty, arg);
	case TIOCVHANGUP:
		return hang_up(tty);
	default:
		return tty->ops->ioctl ? tty->ops->ioctl(tty, request, arg) : -ENOTTY;
	}
}
