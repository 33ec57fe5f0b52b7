/*
 * Pseudo terminals (pty(7)): a terminal whose other end is a file, the master, that opening
 * /dev/ptmx gives. The terminal is /dev/pts/N for as long as its master is open.
 *
 * The master needs no line discipline of its own: what it writes is typed at the terminal, what it
 * reads is what the terminal shows; in packet mode (ioctl_tty(2), TIOCPKT) with a byte in front, or
 * a byte that says what has happened.
 */
#include "abi/errno.h"
#include "abi/poll.h"
#include "abi/signal.h"
#include "dev/chr.h"
#include "fs/dev/device.h"
#include "fs/fs.h"
#include "io/poll.h"
#include "lib/format.h"
#include "mm/slab.h"
#include "proc/proc.h"
#include "tty/tty.h"
#include "vm/uaccess.h"

#define PTYS_MAX    256
#define MAJOR_PTS   136
#define GROUP_TTY   5 /* Debian's */
#define NAME_BYTES  12
#define CHUNK_BYTES 256

struct pty {
	struct tty tty;
	uint32_t index;           /* [I] */
	bool locked;              /* [tty.lock] the terminal may not be opened yet */
	bool was_opened;          /* [tty.lock] the terminal has been open once */
	bool packets;             /* [tty.lock] it reads packets */
	struct wait_queue master; /* who reads and writes at the other end */
};

static struct {
	struct spinlock lock;       /* RANK_REFS */
	struct pty *ptys[PTYS_MAX]; /* [lock] NULL: free. No references */
} numbers = { .lock = SPINLOCK_INIT("ptys", RANK_REFS) };

static struct slab_cache pty_cache = SLAB_CACHE("pty", struct pty);

static struct pty *pty_of(struct tty *tty)
{
	return container_of(tty, struct pty, tty);
}

/* ---- the table ------------------------------------------------------------------------------ */

/* The lowest free number. -ENOSPC. */
static int table_insert(struct pty *pty)
{
	int err = -ENOSPC;

	spin_lock(&numbers.lock);
	for (uint32_t i = 0; i < PTYS_MAX; i++) {
		if (!numbers.ptys[i]) {
			numbers.ptys[i] = pty;
			pty->index = i;
			err = 0;
			break;
		}
	}
	spin_unlock(&numbers.lock);
	return err;
}

static void table_remove(struct pty *pty)
{
	spin_lock(&numbers.lock);
	numbers.ptys[pty->index] = NULL;
	spin_unlock(&numbers.lock);
}

/* With a reference, unless the last one is just going; NULL: there is none. */
static struct pty *table_find(uint64_t index)
{
	struct pty *pty = NULL;
	uint32_t refs;

	spin_lock(&numbers.lock);
	if (index < PTYS_MAX)
		pty = numbers.ptys[index];
	if (pty) {
		refs = READ_ONCE(pty->tty.refs);
		while (refs > 0 && !__atomic_compare_exchange_n(&pty->tty.refs, &refs, refs + 1,
					   false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			;
		if (refs == 0)
			pty = NULL;
	}
	spin_unlock(&numbers.lock);
	return pty;
}

/* ---- the terminal's view of its master ------------------------------------------------------- */

static int pty_open(struct tty *tty)
{
	struct pty *pty = pty_of(tty);

	if (pty->locked || tty->gone)
		return -EIO;
	pty->was_opened = true;
	return 0;
}

static void pty_kick(struct tty *tty)
{
	wait_wake_all(&pty_of(tty)->master, POLLIN | POLLPRI | POLLRDNORM | POLLOUT | POLLWRNORM);
}

/* There is no wire: neither a speed that matters, nor frames. */
static void pty_set(struct tty *tty, struct termios2 *termios)
{
	termios->c_cflag = (termios->c_cflag & ~(uint32_t)(CSIZE | PARENB)) | CS8 | CREAD;
}

static void pty_closed(struct tty *tty)
{
	wait_wake_all(&pty_of(tty)->master, POLLHUP);
}

static void pty_destroy(struct tty *tty)
{
	struct pty *pty = pty_of(tty);

	table_remove(pty);
	tty_free_buffers(tty);
	slab_free(&pty_cache, pty);
}

static const struct tty_ops pty_ops = {
	.open = pty_open,
	.kick = pty_kick,
	.set = pty_set,
	.closed = pty_closed,
	.destroy = pty_destroy,
};

/* The number may be another terminal's by now: a node that has been removed is nobody's. Asked
 * while there is a reference, for as long as which the number is this terminal's alone. */
static int slave_open(struct file *file)
{
	struct pty *pty = table_find(file->vnode->rdev - CHR_RDEV(MAJOR_PTS, 0));

	if (!pty)
		return -EIO;
	if (READ_ONCE(file->vnode->nlink) > 0)
		return tty_open(file, &pty->tty, true);
	tty_put(&pty->tty);
	return -EIO;
}

/* ---- the master ------------------------------------------------------------------------------ */

/* The terminal was open, and no file of it is any more. */
static bool slave_gone(const struct pty *pty)
{
	return READ_ONCE(pty->was_opened) && READ_ONCE(pty->tty.opens) == 0;
}

static bool has_status(struct pty *pty)
{
	return READ_ONCE(pty->packets) && READ_ONCE(pty->tty.ldisc.status);
}

static bool has_output(struct pty *pty)
{
	uint8_t *at;
	bool has;

	spin_lock(&pty->tty.lock);
	has = ldisc_to_send(&pty->tty.ldisc, &at) > 0;
	spin_unlock(&pty->tty.lock);
	return has || has_status(pty);
}

/* What has happened, as a packet; then it is told. 0: nothing has. */
static uint8_t status_take(struct pty *pty)
{
	uint8_t status;

	spin_lock(&pty->tty.lock);
	status = pty->tty.ldisc.status;
	pty->tty.ldisc.status = 0;
	spin_unlock(&pty->tty.lock);
	return status;
}

/* Output, or a packet: how many bytes. */
static size_t master_take(struct pty *pty, uint8_t *buf, size_t bytes)
{
	size_t done;

	if (!READ_ONCE(pty->packets))
		return tty_take_output(&pty->tty, buf, bytes);
	buf[0] = status_take(pty);
	if (buf[0])
		return 1;
	done = tty_take_output(&pty->tty, buf + 1, bytes - 1);
	return done || bytes == 1 ? done + 1 : 0; /* of one byte, only that data follows */
}

static bool has_room(struct pty *pty)
{
	bool has;

	spin_lock(&pty->tty.lock);
	has = ldisc_room(&pty->tty.ldisc) > 0;
	spin_unlock(&pty->tty.lock);
	return has;
}

/* Something is there (true), or the end is (false). -EAGAIN, -EINTR. */
static int master_wait_output(struct pty *pty, bool nonblock)
{
	if (has_output(pty))
		return 0;
	if (slave_gone(pty))
		return -EIO;
	if (nonblock)
		return -EAGAIN;
	return wait_event(
		&pty->master, WAIT_INTERRUPTIBLE, WAIT_FOREVER, has_output(pty) || slave_gone(pty));
}

/* What there is; 0: nothing any more, or the end. */
static ssize_t master_read_once(struct pty *pty, struct iter *iter, size_t bytes)
{
	uint8_t *buf = kmalloc(bytes);
	ssize_t done;

	if (!buf)
		return -ENOMEM;
	bytes = master_take(pty, buf, bytes);
	done = bytes ? iter_write(iter, buf, bytes) : 0;
	kfree(buf);
	return done;
}

static ssize_t master_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct pty *pty = file->data;
	size_t bytes = min(iter->remaining, (size_t)LDISC_BYTES);
	ssize_t done = 0;

	while (done == 0 && bytes > 0) {
		int err = master_wait_output(pty, READ_ONCE(file->flags) & O_NONBLOCK);

		if (err)
			return err;
		done = master_read_once(pty, iter, bytes);
	}
	return done;
}

/* All of it, unless that would block, or a signal comes: *done is how much. */
static int master_write_chunk(
	struct pty *pty, const char *buf, size_t bytes, bool nonblock, size_t *done)
{
	*done = 0;
	for (;;) {
		int err;

		*done += tty_input(&pty->tty, buf + *done, bytes - *done);
		if (*done == bytes)
			return 0;
		if (slave_gone(pty))
			return -EIO; /* nobody is there to make room */
		if (nonblock)
			return -EAGAIN;
		err = wait_event(&pty->master, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			has_room(pty) || slave_gone(pty));
		if (err)
			return err;
	}
}

static ssize_t master_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct pty *pty = file->data;
	ssize_t total = 0, got;
	int err = 0;

	while (!err && iter->remaining > 0) {
		char chunk[CHUNK_BYTES];
		size_t done;

		got = iter_read(iter, chunk, sizeof(chunk));
		if (got <= 0)
			return total ? total : got;
		err = master_write_chunk(
			pty, chunk, (size_t)got, READ_ONCE(file->flags) & O_NONBLOCK, &done);
		total += (ssize_t)done;
	}
	return total ? total : err;
}

static uint32_t master_poll(struct file *file, struct poll_table *table)
{
	struct pty *pty = file->data;
	uint32_t events = 0;

	poll_wait(table, &pty->master);
	if (has_output(pty))
		events |= POLLIN | POLLRDNORM;
	if (has_status(pty))
		events |= POLLPRI;
	if (has_room(pty))
		events |= POLLOUT | POLLWRNORM;
	if (slave_gone(pty))
		events |= POLLHUP;
	return events;
}

static long lock_set(struct pty *pty, uint64_t arg)
{
	int32_t on;

	if (get_user(&on, arg))
		return -EFAULT;
	spin_lock(&pty->tty.lock);
	pty->locked = on != 0;
	spin_unlock(&pty->tty.lock);
	return 0;
}

static long packets_set(struct pty *pty, uint64_t arg)
{
	int32_t on;

	if (get_user(&on, arg))
		return -EFAULT;
	spin_lock(&pty->tty.lock);
	if (on && !pty->packets)
		pty->tty.ldisc.status = 0;
	pty->packets = on != 0;
	spin_unlock(&pty->tty.lock);
	return 0;
}

static long packets_get(struct pty *pty, uint64_t arg)
{
	int32_t on = READ_ONCE(pty->packets);

	return put_user(arg, &on);
}

static long signal_send(struct pty *pty, uint64_t signal)
{
	if (signal != SIGINT && signal != SIGQUIT && signal != SIGTSTP)
		return -EINVAL;
	terminal_signal(&pty->tty.terminal, (int)signal);
	return 0;
}

static long lock_get(struct pty *pty, uint64_t arg)
{
	int32_t on = READ_ONCE(pty->locked);

	return put_user(arg, &on);
}

/* A descriptor of the terminal, without its name being asked for by the program. */
static long peer_open(struct pty *pty, uint32_t flags)
{
	struct proc *proc = proc_current();
	struct fs_call call = { .context = proc->fs, .cred = cred_current() };
	struct file *file;
	char path[24];
	int err, fd;

	snprintf(path, sizeof(path), "/dev/pts/%u", pty->index);
	err = fs_open(&call, path, flags & (O_ACCMODE | O_NONBLOCK | O_NOCTTY), 0, &file);
	if (err)
		return err;
	err = fd_install(
		proc->files, file, 0, proc_limit(proc, RLIMIT_NOFILE), flags & O_CLOEXEC, &fd);
	if (err)
		file_put(file);
	return err ? err : fd;
}

static long master_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	struct pty *pty = file->data;

	switch (request) {
	case TIOCGPTN:
		return put_user(arg, &pty->index);
	case TIOCSPTLCK:
		return lock_set(pty, arg);
	case TIOCGPTLCK:
		return lock_get(pty, arg);
	case TIOCGPTPEER:
		return peer_open(pty, (uint32_t)arg);
	case TIOCPKT:
		return packets_set(pty, arg);
	case TIOCGPKT:
		return packets_get(pty, arg);
	case TIOCSIG:
		return signal_send(pty, arg);
	default:
		return tty_ioctl(&pty->tty, true, request, arg);
	}
}

static void master_release(struct file *file)
{
	struct pty *pty = file->data;
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "%u", pty->index);
	devfs_remove("pts", name);
	spin_lock(&pty->tty.lock);
	pty->tty.gone = true;
	spin_unlock(&pty->tty.lock);
	tty_hangup(&pty->tty);
	device_release(file);
	tty_put(&pty->tty);
}

static const struct file_ops master_ops = {
	.read = master_read,
	.write = master_write,
	.ioctl = master_ioctl,
	.poll = master_poll,
	.stat = device_stat,
	.release = master_release,
};

static int node_add(const struct pty *pty, const struct cred *cred)
{
	const struct node_spec spec = {
		.mode = S_IFCHR | 0620,
		.uid = cred->fsuid,
		.gid = GROUP_TTY,
		.rdev = pty->tty.terminal.rdev,
	};
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "%u", pty->index);
	return devfs_add("pts", name, &spec);
}

static int master_open(struct file *file)
{
	struct pty *pty = slab_zalloc(&pty_cache);
	int err;

	if (!pty)
		return -ENOMEM;
	pty->locked = true;
	wait_queue_init(&pty->master);
	err = tty_init(&pty->tty, &pty_ops, 0);
	if (err)
		goto free_pty;
	err = table_insert(pty);
	if (err)
		goto free_buffers;
	pty->tty.terminal.rdev = CHR_RDEV(MAJOR_PTS, pty->index);
	err = node_add(pty, file->cred);
	if (err)
		goto remove;
	file->data = pty;
	return 0;

remove:
	table_remove(pty);
free_buffers:
	tty_free_buffers(&pty->tty);
free_pty:
	slab_free(&pty_cache, pty);
	return err;
}

static struct device_class slaves = {
	.name = "pts",
	.rdev = CHR_RDEV(MAJOR_PTS, 0),
	.count = PTYS_MAX,
	.ops = &tty_file_ops,
	.open = slave_open,
};

static struct device_class masters = {
	.name = "/dev/ptmx",
	.rdev = CHR_RDEV(CHR_MAJOR_CON, 2),
	.count = 1,
	.ops = &master_ops,
	.open = master_open,
};

int pty_init(void)
{
	const struct node_spec ptmx = { .mode = S_IFCHR | 0666, .rdev = masters.rdev };
	int err = devfs_add(NULL, "ptmx", &ptmx);

	if (!err)
		err = devfs_add("pts", "ptmx", &ptmx);
	if (err)
		return err;
	device_class_add(&slaves);
	device_class_add(&masters);
	return 0;
}
