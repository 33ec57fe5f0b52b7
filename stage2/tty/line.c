/*
 * Terminals of lines: the serial port's, the screen's, and /dev/console, which is both.
 *
 * The main idea: bytes are carried between line and line discipline under the terminal's lock, by
 * whoever knows that there are some: a writer, a reader that has made room, or the line's deferred
 * work. Nobody waits for a device on the way.
 *
 * What the console is written goes to the serial port and to the screen. A line's input belongs to
 * its own terminal while that is open, and else to the console; what is typed before anybody has
 * opened either waits in the line.
 */
#include "dev/line.h"
#include "abi/errno.h"
#include "core/clock.h"
#include "dev/chr.h"
#include "fs/dev/device.h"
#include "fs/vnode.h"
#include "lib/assert.h"
#include "sched/mutex.h"
#include "tty/tty.h"
#include "vm/uaccess.h"

#define LINES_MAX   2
#define CHUNK_BYTES 64
#define PIECE_BYTES 256 /* sent with one taking of the lock */
#define PIECES_MAX  64  /* that one call carries: the rest is for deferred work */
#define SHUTDOWN_NS NS_PER_SEC
#define MODEM_OUT   (LINE_DTR | LINE_RTS)

#define CONSOLE_RDEV CHR_RDEV(CHR_MAJOR_CON, 1)
#define TTY0_RDEV    LINE_RDEV(0) /* the terminal on the screen: there is one */
#define TTY1_RDEV    LINE_RDEV(1)

struct line_tty {
	struct tty tty;
	struct line *lines[LINES_MAX]; /* [I] NULL: none. The first sets the pace of output */
	bool is_ready;                 /* [opening] tty is initialised; it then stays for ever */
	bool carrier;                  /* [tty.lock] somebody was at the other end */
};

static struct line_tty own[LINES_MAX]; /* [I] but for what is in them; of line_at(i) */
static struct line_tty console;
static struct mutex opening = MUTEX_INIT(opening, "line tty", RANK_DEVICE);

static struct line_tty *line_tty_of(struct tty *tty)
{
	return container_of(tty, struct line_tty, tty);
}

/* ---- carrying ------------------------------------------------------------------------------- */

static bool is_open(const struct line_tty *terminal)
{
	return READ_ONCE(terminal->tty.opens) > 0;
}

static struct line_tty *own_of(const struct line *line)
{
	for (unsigned i = 0; i < LINES_MAX; i++)
		if (own[i].lines[0] == line)
			return &own[i];
	return NULL;
}

/* Some of what the line has. False: nothing came, or there is no room. */
static bool input_move(struct tty *tty, struct line *line)
{
	char buf[CHUNK_BYTES];
	unsigned signals = 0;
	bool broke;
	size_t bytes;

	spin_lock(&tty->lock);
	broke = line->ops->take_break && line->ops->take_break(line);
	if (broke)
		ldisc_break(&tty->ldisc, &signals);
	bytes = line->ops->read(line, buf, min(ldisc_room(&tty->ldisc), sizeof(buf)));
	if (bytes > 0)
		(void)ldisc_input(&tty->ldisc, buf, bytes, &signals);
	if (broke || bytes > 0)
		tty->events++;
	spin_unlock(&tty->lock);
	if (broke || bytes > 0)
		tty_has_input(tty, signals);
	return bytes > 0;
}

/* One piece to the lines. False: there is none, or the first line takes no more. */
static bool output_move(struct line_tty *terminal)
{
	struct tty *tty = &terminal->tty;
	struct line *line = terminal->lines[0], *also = terminal->lines[1];
	size_t piece, sent;
	uint8_t *at;

	assert(line);
	spin_lock(&tty->lock);
	piece = min(ldisc_to_send(&tty->ldisc, &at), (size_t)PIECE_BYTES);
	sent = piece ? line->ops->write(line, at, piece) : 0;
	if (also && sent > 0 && !is_open(own_of(also)))
		(void)also->ops->write(also, at, sent); /* a screen takes all */
	ldisc_sent(&tty->ldisc, sent);
	spin_unlock(&tty->lock);
	if (sent > 0)
		tty_has_sent(tty);
	return sent > 0 && sent == piece;
}

/* Does the line's input belong to this terminal now? */
static bool takes_input(const struct line_tty *terminal, const struct line *line)
{
	const struct line_tty *its = own_of(line);

	return is_open(terminal) && (terminal == its || !is_open(its));
}

/* A piece of all that is there. False: there may be no more. */
static bool carry(struct line_tty *terminal)
{
	bool moved = false;

	for (unsigned i = 0; i < LINES_MAX && terminal->lines[i]; i++)
		if (takes_input(terminal, terminal->lines[i]))
			moved |= input_move(&terminal->tty, terminal->lines[i]);
	return output_move(terminal) || moved;
}

/* Nobody carries for ever what others write, or what comes without an end. */
static void line_kick(struct tty *tty)
{
	struct line_tty *terminal = line_tty_of(tty);
	unsigned pieces = 0;

	while (pieces < PIECES_MAX && carry(terminal))
		pieces++;
	if (pieces == PIECES_MAX)
		line_notify(terminal->lines[0]);
}

/* The last file has gone: who opens it next finds the settings as they were at first. What is typed
 * from now on is the console's. */
static void line_closed(struct tty *tty)
{
	spin_lock(&tty->lock);
	if (tty->opens == 0) {
		tty->exclusive = false;
		if (!tty->keeps_settings)
			ldisc_set_termios(&tty->ldisc, &tty->initial);
	}
	spin_unlock(&tty->lock);
	if (console.is_ready && tty != &console.tty)
		line_kick(&console.tty);
}

static bool has_output(struct tty *tty)
{
	bool has;

	spin_lock(&tty->lock);
	has = ring_used(&tty->ldisc.out) > 0;
	spin_unlock(&tty->lock);
	return has;
}

/* The chip has no interrupt for its very last bit: it is asked every millisecond. */
static int line_drain(struct tty *tty)
{
	struct line *line = line_tty_of(tty)->lines[0];
	int err = wait_event(&tty->writers, WAIT_INTERRUPTIBLE, WAIT_FOREVER, !has_output(tty));

	while (!err && line->ops->is_sending && line->ops->is_sending(line))
		err = sleep_until(WAIT_INTERRUPTIBLE, clock_ns() + NS_PER_MS);
	return err;
}

/* A terminal that was stopped keeps what it has. */
void line_tty_shutdown(void)
{
	struct line_tty *terminals[] = { &console, &own[0], &own[1] };
	uint64_t deadline_ns = clock_ns() + SHUTDOWN_NS;

	for (size_t i = 0; i < ARRAY_SIZE(terminals); i++) {
		struct tty *tty = &terminals[i]->tty;

		if (!READ_ONCE(terminals[i]->is_ready) || READ_ONCE(tty->ldisc.stopped))
			continue;
		(void)wait_event(
			&tty->writers, WAIT_UNINTERRUPTIBLE, deadline_ns, !has_output(tty));
	}
}

/* ---- carrier and settings ------------------------------------------------------------------- */

static bool has_carrier(const struct line_tty *terminal)
{
	struct line *line = terminal->lines[0];

	return !line->ops->modem || (line->ops->modem(line, 0, 0) & LINE_DCD);
}

static bool carrier_matters(const struct line_tty *terminal)
{
	return !(READ_ONCE(terminal->tty.ldisc.termios.c_cflag) & CLOCAL);
}

/* Has it changed? Then who waits for it is woken, and without it the line hangs up. */
static void carrier_check(struct line_tty *terminal)
{
	struct tty *tty = &terminal->tty;
	bool had, has;

	spin_lock(&tty->lock);
	had = terminal->carrier;
	has = terminal->carrier = has_carrier(terminal);
	spin_unlock(&tty->lock);
	if (has && !had)
		wait_wake_all(&tty->readers, 0);
	if (had && !has)
		tty_hangup(tty);
}

static void line_set(struct tty *tty, struct termios2 *termios)
{
	struct line_tty *terminal = line_tty_of(tty);
	struct line *line = terminal->lines[0];
	const struct termios2 *old = &tty->ldisc.termios;
	uint32_t cflag = termios->c_cflag;
	struct line_settings settings = {
		.speed = termios->c_ospeed,
		.bits = (uint8_t)(5 + (cflag & CSIZE) / CS6),
		.two_stop_bits = cflag & CSTOPB,
		.parity = cflag & PARENB,
		.odd = cflag & PARODD,
		.flow = cflag & CRTSCTS,
		.modem = !(cflag & CLOCAL),
	};

	if (!line->ops->set)
		return;
	line->ops->set(line, &settings);
	if (settings.speed != termios->c_ospeed) {
		termios->c_cflag = (cflag & ~(uint32_t)CBAUD) | (old->c_cflag & CBAUD);
		termios->c_ispeed = termios->c_ospeed = settings.speed;
	}
	if (settings.modem)
		terminal->carrier = has_carrier(terminal);
}

/* The console's settings are not the serial port's: it takes that as it is. */
static void console_set(struct tty *tty, struct termios2 *termios)
{
}

static void line_set_break(struct tty *tty, bool on)
{
	struct line *line = line_tty_of(tty)->lines[0];

	if (line->ops->set_break)
		line->ops->set_break(line, on);
}

static long line_ioctl(struct tty *tty, unsigned request, uint64_t arg)
{
	struct line *line = line_tty_of(tty)->lines[0];
	uint32_t bits = 0, mask = MODEM_OUT;

	if (!line->ops->modem)
		return -ENOTTY;
	if (request == TIOCMGET) {
		bits = line->ops->modem(line, 0, 0);
		return put_user(arg, &bits);
	}
	if (request != TIOCMSET && request != TIOCMBIS && request != TIOCMBIC)
		return -ENOTTY;
	if (get_user(&bits, arg))
		return -EFAULT;
	if (request != TIOCMSET)
		mask &= bits;
	(void)line->ops->modem(line, mask, request == TIOCMBIC ? 0 : bits);
	return 0;
}

static const struct tty_ops line_ops = {
	.session_hangs_up = true,
	.kick = line_kick,
	.drain = line_drain,
	.set = line_set,
	.set_break = line_set_break,
	.ioctl = line_ioctl,
	.closed = line_closed,
};

static const struct tty_ops console_ops = {
	.never_hangs_up = true,
	.kick = line_kick,
	.drain = line_drain,
	.set = console_set,
	.closed = line_closed,
};

/* ---- opening -------------------------------------------------------------------------------- */

static void line_work(struct work *work)
{
	struct line_tty *terminal = own_of(container_of(work, struct line, work));

	if (READ_ONCE(terminal->is_ready)) {
		if (carrier_matters(terminal))
			carrier_check(terminal);
		line_kick(&terminal->tty);
	}
	if (READ_ONCE(console.is_ready))
		line_kick(&console.tty);
}

/* As Linux has them at the start. */
static void settings_begin(struct line_tty *terminal)
{
	const struct line *line = terminal->lines[0];
	struct termios2 *termios = &terminal->tty.initial;

	if (line->ops->set) {
		terminal->tty.ldisc.holds = terminal->tty.keeps_settings = true;
		termios->c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL;
		termios->c_ispeed = termios->c_ospeed = 115200;
	} else {
		termios->c_cflag |= HUPCL | CLOCAL;
		termios->c_iflag |= IUTF8;
	}
	ldisc_set_termios(&terminal->tty.ldisc, termios);
	terminal->tty.winsize = (struct winsize){ .ws_row = line->rows, .ws_col = line->columns };
}

/* Buffers and settings, when it is opened for the first time. */
static int line_tty_ready(struct line_tty *terminal, uint64_t rdev)
{
	int err = 0;

	mutex_lock(&opening);
	if (!terminal->is_ready)
		err = tty_init(
			&terminal->tty, terminal == &console ? &console_ops : &line_ops, rdev);
	if (!err && !terminal->is_ready) {
		settings_begin(terminal);
		WRITE_ONCE(terminal->is_ready, true);
	}
	mutex_unlock(&opening);
	return err;
}

static struct line_tty *line_tty_find(uint64_t rdev)
{
	for (unsigned i = 0; i < LINES_MAX; i++)
		if (own[i].lines[0] && own[i].lines[0]->rdev == rdev)
			return &own[i];
	return NULL;
}

static int line_tty_open(struct file *file)
{
	uint64_t rdev = file->vnode->rdev;
	bool is_zero = rdev == TTY0_RDEV, is_console = rdev == CONSOLE_RDEV;
	struct line_tty *terminal =
		is_console ? &console : line_tty_find(is_zero ? TTY1_RDEV : rdev);
	int err;

	if (!terminal || !terminal->lines[0])
		return -ENODEV;
	err = line_tty_ready(terminal, is_zero ? TTY1_RDEV : rdev);
	if (!err && !(file->flags & O_NONBLOCK))
		err = wait_event(&terminal->tty.readers, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			!carrier_matters(terminal) || has_carrier(terminal));
	if (err)
		return err;
	tty_get(&terminal->tty);
	err = tty_open(file, &terminal->tty, !is_zero && !is_console);
	if (!err)
		line_kick(&terminal->tty); /* what was typed before */
	return err;
}

/* ---- start ---------------------------------------------------------------------------------- */

static int node_add(struct device_class *class, const char *name, uint64_t rdev)
{
	const struct node_spec node = { .mode = S_IFCHR | 0600, .rdev = rdev };

	*class = (struct device_class){
		.name = name,
		.rdev = rdev,
		.count = 1,
		.ops = &tty_file_ops,
		.open = line_tty_open,
	};
	device_class_add(class);
	return devfs_add(NULL, name, &node);
}

int line_tty_init(void)
{
	static struct device_class classes[LINES_MAX], console_class, tty0_class;
	struct line *line;
	int err = node_add(&console_class, "console", CONSOLE_RDEV);

	console_class.name = "/dev/console";
	for (unsigned i = 0; !err && (line = line_at(i)) != NULL; i++) {
		own[i].lines[0] = console.lines[i] = line;
		line->work.fn = line_work;
		err = node_add(&classes[i], line->name, line->rdev);
		if (!err && line->rdev == TTY1_RDEV)
			err = node_add(&tty0_class, "tty0", TTY0_RDEV);
	}
	return err;
}
