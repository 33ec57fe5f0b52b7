/*
 * Terminals, seen from their other end: bytes arrive and leave, the line hangs up.
 *
 * The main idea: everything happens to the line discipline under the terminal's spinlock, a piece
 * at a time in kernel memory; programs' memory is touched, threads are woken and signals are sent
 * with it released.
 */
#include "tty/tty.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "abi/signal.h"
#include "lib/string.h"
#include "mm/slab.h"

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

/* Files that are open now have lost it. What was typed for them is gone; what they wrote is not. */
static void files_lose(struct tty *tty)
{
	if (tty->ops->never_hangs_up)
		return;
	spin_lock(&tty->lock);
	tty->hangups++;
	tty->events++;
	tty->exclusive = false;
	ldisc_flush_input(&tty->ldisc);
	ldisc_start(&tty->ldisc);
	if (!tty->keeps_settings)
		ldisc_set_termios(&tty->ldisc, &tty->initial);
	spin_unlock(&tty->lock);
}

static void losers_wake(struct tty *tty)
{
	wait_wake_all(&tty->readers, TTY_POLL_HUNG_UP);
	wait_wake_all(&tty->writers, TTY_POLL_HUNG_UP);
}

static void tty_session_ended(struct terminal *terminal)
{
	struct tty *tty = tty_of(terminal);

	if (!tty->ops->session_hangs_up)
		return;
	files_lose(tty);
	losers_wake(tty);
}

static const struct terminal_ops terminal_ops = {
	.get = tty_get_terminal,
	.put = tty_put_terminal,
	.session_ended = tty_session_ended,
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
	tty->initial = tty->ldisc.termios;
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
	if (__atomic_sub_fetch(&tty->refs, 1, __ATOMIC_ACQ_REL) == 0 && tty->ops->destroy)
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

void tty_has_input(struct tty *tty, unsigned signals)
{
	signals_send(tty, signals);
	wait_wake_all(&tty->readers, POLLIN | POLLRDNORM);
	wait_wake_all(&tty->writers, POLLOUT | POLLWRNORM); /* it may have been stopped */
}

size_t tty_input(struct tty *tty, const void *buf, size_t bytes)
{
	unsigned signals = 0;
	size_t taken;

	spin_lock(&tty->lock);
	taken = ldisc_input(&tty->ldisc, buf, bytes, &signals);
	tty->events++;
	spin_unlock(&tty->lock);
	tty_has_input(tty, signals);
	tty->ops->kick(tty);
	return taken;
}

void tty_has_sent(struct tty *tty)
{
	wait_wake_all(&tty->writers, POLLOUT | POLLWRNORM);
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
		tty_has_sent(tty);
	return done;
}

void tty_hangup(struct tty *tty)
{
	files_lose(tty);
	terminal_hangup(&tty->terminal); /* the signal comes before the end that a reader sees */
	losers_wake(tty);
}

void tty_hangup_current(void)
{
	struct terminal *terminal = terminal_current();

	if (!terminal)
		return;
	tty_hangup(tty_of(terminal));
	tty_put(tty_of(terminal));
}
