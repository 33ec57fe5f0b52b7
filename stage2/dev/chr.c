/*
 * The registry of character devices, and the counting of opens. The list has a spinlock, so that it
 * can be searched anywhere; opening and closing, which may sleep, go one at a time under a mutex.
 * Devices are never taken out.
 */
#include "dev/chr.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "sched/mutex.h"

static struct {
	struct spinlock lock;
	struct list_head devices;  /* [lock] in order of registration */
	struct wait_queue changed; /* woken after each registration */
	struct mutex open_mutex;   /* guards chr_device.opens and the order of open and close */
} chrs = {
	.lock = SPINLOCK_INIT("chr", RANK_REFS),
	.devices = LIST_INIT(chrs.devices),
	.changed = WAIT_QUEUE_INIT(chrs.changed),
	.open_mutex = MUTEX_INIT(chrs.open_mutex, "chr open", RANK_DEVICE),
};

int chr_open(struct chr_device *chr)
{
	int err = 0;

	mutex_lock(&chrs.open_mutex);
	if (chr->opens == 0 && chr->ops->open)
		err = chr->ops->open(chr);
	if (!err)
		chr->opens++;
	mutex_unlock(&chrs.open_mutex);
	return err;
}

void chr_close(struct chr_device *chr)
{
	mutex_lock(&chrs.open_mutex);
	assert(chr->opens > 0);
	chr->opens--;
	if (chr->opens == 0 && chr->ops->close)
		chr->ops->close(chr);
	mutex_unlock(&chrs.open_mutex);
}

/* The first device that matches: by name, else by number, else by position. */
static struct chr_device *search(const char *name, const uint64_t *rdev, unsigned index)
{
	struct chr_device *chr, *found = NULL;
	uint64_t flags = spin_lock_irqsave(&chrs.lock);

	list_for_each(chr, &chrs.devices, link) {
		bool match = name   ? strcmp(chr->name, name) == 0
		             : rdev ? chr->rdev == *rdev
		                    : index-- == 0;

		if (match) {
			found = chr;
			break;
		}
	}
	spin_unlock_irqrestore(&chrs.lock, flags);
	return found;
}

struct chr_device *chr_find(const char *name)
{
	return search(name, NULL, 0);
}

struct chr_device *chr_find_rdev(uint64_t rdev)
{
	return search(NULL, &rdev, 0);
}

struct chr_device *chr_at(unsigned index)
{
	return search(NULL, NULL, index);
}

void chr_register(struct chr_device *chr)
{
	uint64_t flags;

	assert(chr->name[0] && chr->ops->read && chr->ops->write && chr->ops->poll);
	wait_queue_init(&chr->queues[0]);
	wait_queue_init(&chr->queues[1]);
	if (!chr->readers)
		chr->readers = &chr->queues[0];
	if (!chr->writers)
		chr->writers = &chr->queues[1];
	chr->opens = 0;
	flags = spin_lock_irqsave(&chrs.lock);
	list_add_tail(&chr->link, &chrs.devices);
	spin_unlock_irqrestore(&chrs.lock, flags);
	wait_wake_all(&chrs.changed, 0);
}

struct chr_device *chr_wait(const char *name, uint64_t timeout_ns)
{
	struct chr_device *chr = NULL;
	int err = wait_event(&chrs.changed, WAIT_KILLABLE, clock_ns() + timeout_ns,
		(chr = chr_find(name)) != NULL);

	return err ? NULL : chr;
}
