/*
 * Event counters. The count changes under a spinlock; the eight bytes are copied outside it.
 */
#include "io/eventfd.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "abi/stat.h"
#include "io/poll.h"
#include "mm/slab.h"

#define COUNT_MAX (UINT64_MAX - 1)

struct eventfd {
	struct spinlock lock; /* RANK_REFS */
	uint64_t count;       /* [lock] */
	uint32_t events;      /* [lock; read without] what polls say of that count */
	bool semaphore;       /* [I] */
	uint32_t id;          /* [I] for fdinfo */
	struct wait_queue changed;
};

static uint32_t next_id; /* [a] */
static struct slab_cache eventfd_cache = SLAB_CACHE("eventfd", struct eventfd);

static void count_set_locked(struct eventfd *event, uint64_t count)
{
	uint32_t readable = count > 0 ? POLLIN : 0;
	uint32_t writable = count < COUNT_MAX ? POLLOUT : 0;
	event->count = count;
	WRITE_ONCE(event->events, readable | writable);
}

static bool count_take(struct eventfd *event, uint64_t *taken)
{
	uint64_t flags = spin_lock_irqsave(&event->lock);
	*taken = event->semaphore && event->count ? 1 : event->count;
	count_set_locked(event, event->count - *taken);
	spin_unlock_irqrestore(&event->lock, flags);
	return *taken > 0;
}

static bool count_add(struct eventfd *event, uint64_t n)
{
	uint64_t flags = spin_lock_irqsave(&event->lock);
	bool fits = n <= COUNT_MAX - event->count;
	if (fits)
		count_set_locked(event, event->count + n);
	spin_unlock_irqrestore(&event->lock, flags);
	return fits;
}

static ssize_t eventfd_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct eventfd *event = file->data;
	uint64_t taken = 0;
	if (iter->remaining < sizeof(taken))
		return -EINVAL;
	if (!count_take(event, &taken)) {
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		int err = wait_event(&event->changed, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			count_take(event, &taken));
		if (err)
			return err;
	}
	wait_wake_all(&event->changed, POLLOUT);
	return iter_write(iter, &taken, sizeof(taken)) == sizeof(taken) ? (ssize_t)sizeof(taken)
	                                                                : -EFAULT;
}

static ssize_t eventfd_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct eventfd *event = file->data;
	uint64_t n;
	if (iter->remaining < sizeof(n))
		return -EINVAL;
	ssize_t copied = iter_read(iter, &n, sizeof(n));
	if (copied != sizeof(n))
		return -EFAULT;
	if (n == UINT64_MAX)
		return -EINVAL;
	if (!count_add(event, n)) {
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		int err = wait_event(
			&event->changed, WAIT_INTERRUPTIBLE, WAIT_FOREVER, count_add(event, n));
		if (err)
			return err;
	}
	wait_wake_all(&event->changed, POLLIN);
	return sizeof(n);
}

static uint32_t eventfd_poll(struct file *file, struct poll_table *table)
{
	struct eventfd *event = file->data;
	poll_wait(table, &event->changed);
	return READ_ONCE(event->events);
}

static int eventfd_stat(struct file *file, struct stat *stat)
{
	file_stat_anonymous(file, stat);
	return 0;
}

static void eventfd_info(struct file *file, struct file_info *info)
{
	const struct eventfd *event = file->data;
	file_info_print(
		info, "eventfd-count: %16lx\neventfd-id: %u\n", READ_ONCE(event->count), event->id);
}

static void eventfd_release(struct file *file)
{
	slab_free(&eventfd_cache, file->data);
}

static const struct file_ops eventfd_ops = {
	.name = "[eventfd]",
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.stat = eventfd_stat,
	.info = eventfd_info,
	.release = eventfd_release,
};

int eventfd_create(
	uint64_t initial, bool semaphore, uint32_t flags, struct cred *cred, struct file **file)
{
	struct eventfd *event = slab_zalloc(&eventfd_cache);
	if (!event)
		return -ENOMEM;
	spin_init(&event->lock, "eventfd", RANK_REFS);
	wait_queue_init(&event->changed);
	count_set_locked(event, initial);
	event->semaphore = semaphore;
	event->id = __atomic_fetch_add(&next_id, 1, __ATOMIC_RELAXED);
	int err = file_create(&eventfd_ops, O_RDWR | flags, cred, event, file);
	if (err) {
		slab_free(&eventfd_cache, event);
		return err;
	}
	(*file)->events = &event->events;
	return 0;
}
