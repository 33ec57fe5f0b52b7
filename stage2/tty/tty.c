/*
 * Terminals as files: reading, writing, waiting, and who may.
 *
 * The main idea: everything happens to the line discipline under the terminal's spinlock, a piece
 * at a time in kernel memory; programs' memory is touched, threads are woken and signals are sent
 * with it released.
 *
 * Requests of ioctl(2): ioctl.c.
 */
#include "tty/tty.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "abi/signal.h"
#include "core/clock.h"
#include "dev/chr.h"
#include "fs/dev/device.h"
#include "fs/vnode.h"
#include "io/poll.h"
#include "lib/string.h"
#include "mm/slab.h"

#define WRITE_CHUNK  256
#define NS_PER_VTIME (100 * NS_PER_MS)
#define POLL_HUNG_UP (POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM)

static struct tty *tty_of(struct terminal *terminal)
{
	return container_of(terminal, struct tty, terminal);
}

static void tty_get_terminal(struct terminal *terminal)
{
	tty_get(tty_of(terminal));
}

static void tty_put_terminal(struct terminal *terminal)
{
	tty_put(tty_of(terminal));
}

static const struct terminal_ops terminal_ops = {
	.get = tty_get_terminal,
	.put = tty_put_terminal,
};

int tty_init(struct tty *tty, const struct tty_ops *ops, uint64_t rdev)
{
	void *in = kmalloc(LDISC_BYTES), *out = kmalloc(LDISC_BYTES);

	if (!in || !out) {
		kfree(in);
		kfree(out);
		return -ENOMEM;
	}
	tty->terminal.ops = &terminal_ops;
	tty->terminal.rdev = rdev;
	tty->ops = ops;
	tty->refs = 1;
	spin_init(&tty->lock, "tty", RANK_TTY);
	wait_queue_init(&tty->readers);
	wait_queue_init(&tty->writers);
	ldisc_init(&tty->ldisc, in, out);
	return 0;
}

void tty_free_buffers(struct tty *tty)
{
	kfree(tty->ldisc.in);
	kfree(tty->ldisc.out.data);
}

void tty_get(struct tty *tty)
{
	__atomic_add_fetch(&tty->refs, 1, __ATOMIC_RELAXED);
}

void tty_put(struct tty *tty)
{
	if (__atomic_sub_fetch(&tty->refs, 1, __ATOMIC_ACQ_REL) == 0)
		tty->ops->destroy(tty);
}

/* ---- the other end -------------------------------------------------------------------------- */

static void signals_send(struct tty *tty, unsigned signals)
{
	if (signals & LDISC_INTR)
		terminal_signal(&tty->terminal, SIGINT);
	if (signals & LDISC_QUIT)
		terminal_signal(&tty->terminal, SIGQUIT);
	if (signals & LDISC_SUSP)
		terminal_signal(&tty->terminal, SIGTSTP);
}

size_t tty_input(struct tty *tty, const void *buf, size_t bytes)
{
	unsigned signals = 0;
	size_t taken;

	spin_lock(&tty->lock);
	taken = ldisc_input(&tty->ldisc, buf, bytes, &signals);
	tty->events++;
	spin_unlock(&tty->lock);
	signals_send(tty, signals);
	wait_wake_all(&tty->readers, POLLIN | POLLRDNORM);
	wait_wake_all(&tty->writers, POLLOUT | POLLWRNORM); /* it may have been stopped */
	tty->ops->kick(tty);
	return taken;
}

size_t tty_take_output(struct tty *tty, void *buf, size_t bytes)
{
	size_t done = 0, part;
	uint8_t *at;

	spin_lock(&tty->lock);
	while (done < bytes && (part = ldisc_to_send(&tty->ldisc, &at)) > 0) {
		part = min(part, bytes - done);
		memcpy((char *)buf + done, at, part);
		ldisc_sent(&tty->ldisc, part);
		done += part;
	}
	spin_unlock(&tty->lock);
	if (done > 0)
		wait_wake_all(&tty->writers, POLLOUT | POLLWRNORM);
	return done;
}

void tty_hangup(struct tty *tty)
{
	spin_lock(&tty->lock);
	tty->hung_up = true;
	tty->events++;
	spin_unlock(&tty->lock);
	terminal_hangup(&tty->terminal);
	wait_wake_all(&tty->readers, POLL_HUNG_UP);
	wait_wake_all(&tty->writers, POLL_HUNG_UP);
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

static struct read_want read_want(struct tty *tty, size_t bytes)
{
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
	want.hung_up = tty->hung_up;
	spin_unlock(&tty->lock);
	return want;
}

/* Wait until a read has something to take: 0; nothing came in time: -ETIMEDOUT; -EAGAIN, -EINTR. */
static int read_wait(struct tty *tty, size_t bytes, bool nonblock)
{
	uint64_t start_ns = clock_ns();

	for (;;) {
		struct read_want want = read_want(tty, bytes);
		uint64_t deadline_ns = WAIT_FOREVER;
		int err;

		if (want.ready)
			return 0;
		if (want.hung_up || want.first_ns == 0)
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

static size_t read_take(struct tty *tty, void *buf, size_t bytes)
{
	size_t done = 0;

	spin_lock(&tty->lock);
	if (!tty->hung_up && ldisc_is_readable(&tty->ldisc, 1))
		done = ldisc_read(&tty->ldisc, buf, bytes);
	spin_unlock(&tty->lock);
	tty->ops->kick(tty);
	return done;
}

static ssize_t tty_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct tty *tty = file->data;
	size_t bytes = min(iter->remaining, (size_t)LDISC_BYTES);
	ssize_t done;
	void *buf;
	int err;

	if (bytes == 0 || READ_ONCE(tty->hung_up))
		return 0;
	err = terminal_check(&tty->terminal, SIGTTIN);
	if (!err)
		err = read_wait(tty, bytes, READ_ONCE(file->flags) & O_NONBLOCK);
	if (err)
		return err == -ETIMEDOUT ? 0 : err;
	buf = kmalloc(bytes);
	if (!buf)
		return -ENOMEM;
	bytes = read_take(tty, buf, bytes);
	done = bytes ? iter_write(iter, buf, bytes) : 0;
	kfree(buf);
	return done;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool writable(struct tty *tty)
{
	bool can;

	spin_lock(&tty->lock);
	can = tty->hung_up || ldisc_can_output(&tty->ldisc);
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
static int write_chunk(struct tty *tty, const char *buf, size_t bytes, bool nonblock, size_t *done)
{
	*done = 0;
	for (;;) {
		int err;

		if (READ_ONCE(tty->hung_up))
			return -EIO;
		*done += write_some(tty, buf + *done, bytes - *done);
		if (*done == bytes)
			return 0;
		if (nonblock && !writable(tty))
			return -EAGAIN;
		err = wait_event(&tty->writers, WAIT_INTERRUPTIBLE, WAIT_FOREVER, writable(tty));
		if (err)
			return err;
	}
}

static int write_check(struct tty *tty)
{
	if (!(READ_ONCE(tty->ldisc.termios.c_lflag) & TOSTOP))
		return 0;
	return terminal_check(&tty->terminal, SIGTTOU);
}

static ssize_t tty_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct tty *tty = file->data;
	ssize_t total = 0, got;
	int err = write_check(tty);

	if (!err && READ_ONCE(tty->hung_up))
		err = -EIO;
	while (!err && iter->remaining > 0) {
		char chunk[WRITE_CHUNK];
		size_t done;

		got = iter_read(iter, chunk, sizeof(chunk));
		if (got <= 0)
			return total ? total : got;
		err = write_chunk(
			tty, chunk, (size_t)got, READ_ONCE(file->flags) & O_NONBLOCK, &done);
		total += (ssize_t)done;
	}
	return total ? total : err;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static uint32_t tty_poll(struct file *file, struct poll_table *table)
{
	struct tty *tty = file->data;
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
	if (tty->hung_up)
		events |= POLL_HUNG_UP;
	spin_unlock(&tty->lock);
	return events;
}

static long tty_file_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	struct tty *tty = file->data;

	if (READ_ONCE(tty->hung_up))
		return -EIO;
	return tty_ioctl(tty, false, request, arg);
}

static void tty_release(struct file *file)
{
	struct tty *tty = file->data;

	spin_lock(&tty->lock);
	tty->opens--;
	spin_unlock(&tty->lock);
	tty->ops->closed(tty);
	device_release(file);
	tty_put(tty);
}

const struct file_ops tty_file_ops = {
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_file_ioctl,
	.poll = tty_poll,
	.stat = device_stat,
	.release = tty_release,
};

void tty_open(struct file *file, struct tty *tty)
{
	file->data = tty;
	spin_lock(&tty->lock);
	tty->opens++;
	spin_unlock(&tty->lock);
	if (!(file->flags & O_NOCTTY) && file_readable(file))
		terminal_acquire_by_open(&tty->terminal);
}

/* ---- /dev/tty ------------------------------------------------------------------------------- */

static int own_tty_open(struct file *file)
{
	struct terminal *terminal = terminal_current();

	if (!terminal)
		return -ENXIO;
	tty_open(file, tty_of(terminal));
	return 0;
}

static struct device_class own_tty = {
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
	return pty_init();
}
