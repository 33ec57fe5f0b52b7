/*
 * Terminals as files: opening, reading, writing, waiting, and who may.
 */
#include "abi/errno.h"
#include "abi/poll.h"
#include "abi/signal.h"
#include "core/clock.h"
#include "dev/chr.h"
#include "fs/dev/device.h"
#include "fs/vnode.h"
#include "io/poll.h"
#include "mm/slab.h"
#include "tty/tty.h"

#define WRITE_CHUNK  256
#define NS_PER_VTIME (100 * NS_PER_MS)

/* What the file has of the terminal. */
struct tty_file {
	struct tty *tty;  /* reference held */
	uint32_t hangups; /* [I] tty->hangups when it was opened */
};

static struct slab_cache tty_file_cache = SLAB_CACHE("tty_file", struct tty_file);

static bool hung_up(const struct tty_file *file)
{
	return READ_ONCE(file->tty->hangups) != file->hangups;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* What a read waits for, by the settings of this moment. */
struct read_want {
	size_t minimum;    /* bytes; of a line: 1 */
	uint64_t first_ns; /* until the first byte; WAIT_FOREVER */
	uint64_t more_ns;  /* between bytes; WAIT_FOREVER */
	size_t had;        /* bytes that there are */
	uint32_t events;
	bool ready, hung_up;
};

static struct read_want read_want(const struct tty_file *file, size_t bytes)
{
	struct tty *tty = file->tty;
	struct read_want want = { .minimum = 1, .first_ns = WAIT_FOREVER, .more_ns = WAIT_FOREVER };
	const struct ldisc *ldisc = &tty->ldisc;
	uint64_t time_ns;

	spin_lock(&tty->lock);
	time_ns = ldisc->termios.c_cc[VTIME] * NS_PER_VTIME;
	if (!(ldisc->termios.c_lflag & ICANON)) {
		want.had = ldisc_input_bytes(ldisc);
		want.minimum = min((size_t)ldisc->termios.c_cc[VMIN], bytes);
		if (ldisc->termios.c_cc[VMIN] == 0)
			want.first_ns = time_ns;
		else if (time_ns)
			want.more_ns = time_ns;
	}
	want.ready = ldisc_is_readable(ldisc, want.minimum);
	want.events = tty->events;
	want.hung_up = hung_up(file);
	spin_unlock(&tty->lock);
	return want;
}

/* Wait until a read has something to take: 0; nothing came in time, or it has hung up: -ETIMEDOUT;
 * so has the other end: -EIO; -EAGAIN, -EINTR. */
static int read_wait(const struct tty_file *file, size_t bytes, bool nonblock)
{
	struct tty *tty = file->tty;
	uint64_t start_ns = clock_ns();

	for (;;) {
		struct read_want want = read_want(file, bytes);
		uint64_t deadline_ns = WAIT_FOREVER;
		int err;

		if (want.hung_up)
			return READ_ONCE(tty->gone) ? -EIO : -ETIMEDOUT;
		if (want.ready)
			return 0;
		if (want.first_ns == 0)
			return -ETIMEDOUT;
		if (nonblock)
			return want.had ? 0 : -EAGAIN;
		if (want.first_ns != WAIT_FOREVER)
			deadline_ns = start_ns + want.first_ns;
		else if (want.had && want.more_ns != WAIT_FOREVER)
			deadline_ns = clock_ns() + want.more_ns;
		err = wait_event(&tty->readers, WAIT_INTERRUPTIBLE, deadline_ns,
			READ_ONCE(tty->events) != want.events);
		if (err)
			return want.had ? 0 : err;
	}
}

/* False: there is nothing any more; an end of file is something. */
static bool read_take(const struct tty_file *file, void *buf, size_t *bytes)
{
	struct tty *tty = file->tty;
	bool readable;

	spin_lock(&tty->lock);
	readable = !hung_up(file) && ldisc_is_readable(&tty->ldisc, 1);
	if (readable)
		*bytes = ldisc_read(&tty->ldisc, buf, *bytes);
	spin_unlock(&tty->lock);
	if (readable)
		tty->ops->kick(tty);
	return readable;
}

/* What there is to be read; -EAGAIN: another reader has taken it. */
static ssize_t read_once(const struct tty_file *file, struct iter *iter, size_t bytes)
{
	void *buf = kmalloc(bytes);
	ssize_t done = -EAGAIN;

	if (!buf)
		return -ENOMEM;
	if (read_take(file, buf, &bytes))
		done = bytes ? iter_write(iter, buf, bytes) : 0;
	kfree(buf);
	return done;
}

static ssize_t tty_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	const struct tty_file *terminal = file->data;
	size_t bytes = min(iter->remaining, (size_t)LDISC_BYTES);
	ssize_t done;
	int err;

	if (bytes == 0 || hung_up(terminal))
		return 0;
	err = terminal_check(&terminal->tty->terminal, SIGTTIN);
	if (err)
		return err;
	do {
		err = read_wait(terminal, bytes, READ_ONCE(file->flags) & O_NONBLOCK);
		if (err)
			return err == -ETIMEDOUT ? 0 : err;
		done = read_once(terminal, iter, bytes);
	} while (done == -EAGAIN);
	return done;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool writable(const struct tty_file *file)
{
	struct tty *tty = file->tty;
	bool can;

	spin_lock(&tty->lock);
	can = hung_up(file) || ldisc_can_output(&tty->ldisc);
	spin_unlock(&tty->lock);
	return can;
}

/* As much as there is room for. */
static size_t write_some(struct tty *tty, const char *buf, size_t bytes)
{
	size_t done;

	spin_lock(&tty->lock);
	done = ldisc_output(&tty->ldisc, buf, bytes);
	spin_unlock(&tty->lock);
	if (done > 0)
		tty->ops->kick(tty);
	return done;
}

/* All of it, unless that would block, or a signal comes: *done is how much. */
static int write_chunk(
	const struct tty_file *file, const char *buf, size_t bytes, bool nonblock, size_t *done)
{
	*done = 0;
	for (;;) {
		int err;

		if (hung_up(file))
			return -EIO;
		*done += write_some(file->tty, buf + *done, bytes - *done);
		if (*done == bytes)
			return 0;
		if (nonblock && !writable(file))
			return -EAGAIN;
		err = wait_event(
			&file->tty->writers, WAIT_INTERRUPTIBLE, WAIT_FOREVER, writable(file));
		if (err)
			return err;
	}
}

/* What one call writes stays in one piece, however often it has to wait: others wait for their
 * turn. */
static bool turn_take(struct tty *tty)
{
	bool free;

	spin_lock(&tty->lock);
	free = !tty->writing;
	tty->writing = true;
	spin_unlock(&tty->lock);
	return free;
}

static int turn_wait(struct tty *tty, bool nonblock)
{
	if (turn_take(tty))
		return 0;
	if (nonblock)
		return -EAGAIN;
	return wait_event(&tty->writers, WAIT_INTERRUPTIBLE, WAIT_FOREVER, turn_take(tty));
}

static void turn_end(struct tty *tty)
{
	spin_lock(&tty->lock);
	tty->writing = false;
	spin_unlock(&tty->lock);
	wait_wake_all(&tty->writers, POLLOUT | POLLWRNORM);
}

static int write_check(struct tty *tty)
{
	if (!(READ_ONCE(tty->ldisc.termios.c_lflag) & TOSTOP))
		return 0;
	return terminal_check(&tty->terminal, SIGTTOU);
}

static ssize_t write_all(const struct tty_file *file, struct iter *iter, bool nonblock)
{
	ssize_t total = 0, got;
	int err = 0;

	while (!err && iter->remaining > 0) {
		char chunk[WRITE_CHUNK];
		size_t done;

		got = iter_read(iter, chunk, sizeof(chunk));
		if (got <= 0)
			return total ? total : got;
		err = write_chunk(file, chunk, (size_t)got, nonblock, &done);
		total += (ssize_t)done;
	}
	return total ? total : err;
}

static ssize_t tty_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	const struct tty_file *terminal = file->data;
	bool nonblock = READ_ONCE(file->flags) & O_NONBLOCK;
	int err = hung_up(terminal) ? -EIO : write_check(terminal->tty);
	ssize_t done;

	if (!err)
		err = turn_wait(terminal->tty, nonblock);
	if (err)
		return err;
	done = write_all(terminal, iter, nonblock);
	turn_end(terminal->tty);
	return done;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static uint32_t tty_poll(struct file *file, struct poll_table *table)
{
	const struct tty_file *terminal = file->data;
	struct tty *tty = terminal->tty;
	const struct ldisc *ldisc = &tty->ldisc;
	uint32_t events = 0;
	size_t minimum = 1;

	poll_wait(table, &tty->readers);
	poll_wait(table, &tty->writers);
	spin_lock(&tty->lock);
	if (ldisc->termios.c_cc[VTIME] == 0)
		minimum = ldisc->termios.c_cc[VMIN];
	if (ldisc_is_readable(ldisc, minimum))
		events |= POLLIN | POLLRDNORM;
	if (ldisc_can_output(ldisc))
		events |= POLLOUT | POLLWRNORM;
	if (hung_up(terminal))
		events = TTY_POLL_HUNG_UP;
	spin_unlock(&tty->lock);
	return events;
}

static long tty_file_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	const struct tty_file *terminal = file->data;

	if (hung_up(terminal))
		return request == TIOCSPGRP ? -ENOTTY : -EIO;
	return tty_ioctl(terminal->tty, false, request, arg);
}

static void tty_release(struct file *file)
{
	struct tty_file *terminal = file->data;
	struct tty *tty = terminal->tty;

	spin_lock(&tty->lock);
	tty->opens--;
	spin_unlock(&tty->lock);
	tty->ops->closed(tty);
	device_release(file);
	tty_put(tty);
	slab_free(&tty_file_cache, terminal);
}

const struct file_ops tty_file_ops = {
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_file_ioctl,
	.poll = tty_poll,
	.stat = device_stat,
	.release = tty_release,
};

int tty_open(struct file *file, struct tty *tty, bool may_control)
{
	struct tty_file *terminal = slab_alloc(&tty_file_cache);
	int err = terminal ? 0 : -ENOMEM;

	if (err)
		goto put;
	spin_lock(&tty->lock);
	if (tty->exclusive && tty->opens > 0 && !cred_may(file->cred, CAP_SYS_ADMIN))
		err = -EBUSY;
	else if (tty->ops->open)
		err = tty->ops->open(tty);
	if (!err)
		tty->opens++;
	*terminal = (struct tty_file){ .tty = tty, .hangups = tty->hangups };
	spin_unlock(&tty->lock);
	if (err)
		goto free_file;
	file->data = terminal;
	if (may_control && !(file->flags & O_NOCTTY) && file_readable(file))
		terminal_acquire_by_open(&tty->terminal);
	return 0;

free_file:
	slab_free(&tty_file_cache, terminal);
put:
	tty_put(tty);
	return err;
}

/* ---- /dev/tty ------------------------------------------------------------------------------- */

static int own_tty_open(struct file *file)
{
	struct terminal *terminal = terminal_current();

	if (!terminal)
		return -ENXIO;
	return tty_open(file, container_of(terminal, struct tty, terminal), false);
}

static struct device_class own_tty = {
	.name = "/dev/tty",
	.rdev = CHR_RDEV(CHR_MAJOR_CON, 0),
	.count = 1,
	.ops = &tty_file_ops,
	.open = own_tty_open,
};

int tty_init_all(void)
{
	const struct node_spec node = { .mode = S_IFCHR | 0666, .rdev = own_tty.rdev };
	int err = devfs_add(NULL, "tty", &node);

	if (err)
		return err;
	device_class_add(&own_tty);
	err = pty_init();
	return err ? err : line_tty_init();
}
