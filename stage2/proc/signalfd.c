/*
 * Signals read from a file.
 *
 * Waiting is the difficulty: a file is polled for the signals of whoever polls, and an epoll set
 * may outlive the process that put the file in. So one does not wait at the process but at one of a
 * few queues that are there for ever, chosen by the process's number; who is woken for another's
 * signal looks and waits again.
 */
#include "proc/signalfd.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "abi/signalfd.h"
#include "abi/stat.h"
#include "io/poll.h"
#include "mm/slab.h"
#include "proc/proc.h"

#define QUEUE(n) [n] = WAIT_QUEUE_INIT(queues[n])
static struct wait_queue queues[] = { QUEUE(0), QUEUE(1), QUEUE(2), QUEUE(3), QUEUE(4), QUEUE(5),
	QUEUE(6), QUEUE(7) };

struct signalfd {
	sigset_t wanted; /* [a] */
};

static struct slab_cache signalfd_cache = SLAB_CACHE("signalfd", struct signalfd);
static const struct file_ops signalfd_ops;

static struct wait_queue *queue_of(const struct proc *proc)
{
	return &queues[proc_number(proc) % ARRAY_SIZE(queues)];
}

/* The process's lock is held, and whoever waits enters the queue before he looks under it. */
void signalfd_notify_locked(struct proc *proc)
{
	struct wait_queue *queue = queue_of(proc);

	spin_assert_held(&proc->lock);
	if (unlikely(!list_empty(&queue->entries)))
		wait_wake_all(queue, POLLIN);
}

/* The fields that this kind of signal has (signalfd(2)). */
static void fill(struct signalfd_siginfo *to, const struct siginfo *from)
{
	bool by_kernel = from->si_code > SI_USER && from->si_code < SI_KERNEL;

	*to = (struct signalfd_siginfo){
		.ssi_signo = (uint32_t)from->si_signo,
		.ssi_errno = from->si_errno,
		.ssi_code = from->si_code,
	};
	if (from->si_code == SI_TIMER) {
		to->ssi_tid = (uint32_t)from->si_timerid;
		to->ssi_overrun = (uint32_t)from->si_overrun;
	} else if (by_kernel && (SIGNALS_FAULT & signal_bit(from->si_signo))) {
		to->ssi_addr = from->si_addr;
	} else {
		to->ssi_pid = (uint32_t)from->si_pid;
		to->ssi_uid = from->si_uid;
	}
	if (by_kernel && from->si_signo == SIGCHLD) {
		to->ssi_status = from->si_status;
		to->ssi_utime = (uint64_t)from->si_utime;
		to->ssi_stime = (uint64_t)from->si_stime;
	} else if (from->si_code < 0) {
		to->ssi_ptr = from->rt_value;
		to->ssi_int = (int32_t)from->rt_value;
	}
}

/* ---- the file -------------------------------------------------------------------------------- */

/* Waits for the first, takes what else is there. */
static ssize_t signalfd_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct signalfd *signalfd = file->data;
	struct signalfd_siginfo out;
	struct siginfo info;
	ssize_t done = 0, copied;
	int err;

	if (iter->remaining < sizeof(out))
		return -EINVAL;
	while (iter->remaining >= sizeof(out)) {
		bool waits = done == 0 && !(READ_ONCE(file->flags) & O_NONBLOCK);

		if (!signal_take_wanted(READ_ONCE(signalfd->wanted), &info)) {
			if (!waits)
				break;
			err = wait_event(queue_of(proc_current()), WAIT_INTERRUPTIBLE, WAIT_FOREVER,
				signal_take_wanted(READ_ONCE(signalfd->wanted), &info));
			if (err)
				return err;
		}
		fill(&out, &info);
		copied = iter_write(iter, &out, sizeof(out));
		if (copied != sizeof(out))
			return done ? done : -EFAULT;
		done += copied;
	}
	return done ? done : -EAGAIN;
}

static uint32_t signalfd_poll(struct file *file, struct poll_table *table)
{
	struct signalfd *signalfd = file->data;

	poll_wait(table, queue_of(proc_current()));
	return signal_pending_any(READ_ONCE(signalfd->wanted)) ? POLLIN : 0;
}

static int signalfd_stat(struct file *file, struct stat *stat)
{
	file_stat_anonymous(file, stat);
	return 0;
}

static void signalfd_info(struct file *file, struct file_info *info)
{
	const struct signalfd *signalfd = file->data;

	file_info_print(info, "sigmask:\t%016lx\n", READ_ONCE(signalfd->wanted));
}

static void signalfd_release(struct file *file)
{
	slab_free(&signalfd_cache, file->data);
}

static const struct file_ops signalfd_ops = {
	.name = "[signalfd]",
	.read = signalfd_read,
	.poll = signalfd_poll,
	.stat = signalfd_stat,
	.info = signalfd_info,
	.release = signalfd_release,
};

int signalfd_create(sigset_t wanted, uint32_t flags, struct cred *cred, struct file **file)
{
	struct signalfd *signalfd = slab_alloc(&signalfd_cache);
	int err;

	if (!signalfd)
		return -ENOMEM;
	signalfd->wanted = wanted & ~SIGNALS_UNBLOCKABLE;
	err = file_create(&signalfd_ops, O_RDWR | flags, cred, signalfd, file);
	if (err)
		slab_free(&signalfd_cache, signalfd);
	return err;
}

/* What waits now may be among the new ones. */
int signalfd_set(struct file *file, sigset_t wanted)
{
	struct signalfd *signalfd = file->data;
	struct proc *self = proc_current();

	if (file->ops != &signalfd_ops)
		return -EINVAL;
	WRITE_ONCE(signalfd->wanted, wanted & ~SIGNALS_UNBLOCKABLE);
	proc_lock(self);
	signalfd_notify_locked(self);
	proc_unlock(self);
	return 0;
}
