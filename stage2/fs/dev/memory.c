/*
 * The devices that are nothing but behaviour: null, zero, full, random, urandom (mem(4),
 * random(4)).
 */
#include "fs/dev/memory.h"

#include "abi/errno.h"
#include "abi/ioctls.h"
#include "abi/poll.h"
#include "arch/memory_map.h"
#include "core/clock.h"
#include "core/random.h"
#include "fs/vnode_file.h"
#include "mm/slab.h"
#include "sched/thread.h"
#include "vm/uaccess.h"

static ssize_t null_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	return 0;
}

/* All of it is gone. */
static ssize_t null_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	ssize_t bytes = (ssize_t)iter->remaining;

	iter->remaining = 0;
	return bytes;
}

static ssize_t zero_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	return iter->remaining ? iter_zero(iter, iter->remaining) : 0;
}

static int zero_pager(struct file *file, struct pager **pager)
{
	*pager = NULL;
	return 0;
}

/* Also where there is nothing to write, as on Linux. */
static ssize_t full_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	return -ENOSPC;
}

/* There are numbers at any time; entropy is wanted only before there are good ones. */
static uint32_t random_poll(struct file *file, struct poll_table *table)
{
	return random_ready() ? POLLIN | POLLRDNORM : POLLOUT | POLLWRNORM;
}

static ssize_t random_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	ssize_t done = 0;
	char *page = kmalloc(PAGE_SIZE);

	if (!page)
		return -ENOMEM;
	while (iter->remaining > 0 && !thread_has_work(thread_current(), THREAD_WORK_KILL)) {
		size_t bytes = min(iter->remaining, (size_t)PAGE_SIZE);
		ssize_t copied;

		random_bytes(page, bytes);
		copied = iter_write(iter, page, bytes);
		if (copied <= 0) {
			if (done == 0)
				done = copied;
			break;
		}
		done += copied;
	}
	kfree(page);
	return done;
}

/* What is written is mixed in and not believed. */
static ssize_t random_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	char chunk[64];
	ssize_t done = 0;

	while (iter->remaining > 0) {
		ssize_t copied = iter_read(iter, chunk, min(iter->remaining, sizeof(chunk)));

		if (copied <= 0)
			return done ? done : copied;
		random_add(chunk, (size_t)copied, 0);
		done += copied;
	}
	return done;
}

static long entropy_credit(int32_t bits)
{
	if (bits < 0)
		return -EINVAL;
	random_add(NULL, 0, (unsigned)bits);
	return 0;
}

/* RNDADDENTROPY: bytes that are believed. */
static long entropy_add(uptr_t address)
{
	int32_t numbers[2]; /* bits, bytes */
	char chunk[64];

	if (get_user(&numbers, address))
		return -EFAULT;
	if (numbers[0] < 0)
		return -EINVAL;
	if (numbers[1] < 0)
		return -EFAULT;
	address += sizeof(numbers);
	for (size_t left = (size_t)numbers[1], bytes; left > 0; left -= bytes, address += bytes) {
		bytes = min(left, sizeof(chunk));
		if (copy_from_user(chunk, address, bytes))
			return -EFAULT;
		random_add(chunk, bytes, 0);
		if (thread_has_work(thread_current(), THREAD_WORK_KILL))
			return -EINTR;
	}
	return entropy_credit(numbers[0]);
}

/* There is no pool that could be emptied: what has come in stays. */
static long random_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	const int32_t known = random_ready() ? RANDOM_READY_BITS : 0;
	uint64_t now = clock_ns();
	int32_t bits;

	if (request == RNDGETENTCNT)
		return put_user(arg, &known);
	switch (request) {
	case RNDADDTOENTCNT:
	case RNDADDENTROPY:
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
	case RNDRESEEDCRNG:
		if (!cred_may(on_caller_wanted(NULL), CAP_SYS_ADMIN))
			return -EPERM;
		break;
	default:
		return -EINVAL;
	}
	if (request == RNDADDENTROPY)
		return entropy_add(arg);
	if (request == RNDADDTOENTCNT)
		return get_user(&bits, arg) ? -EFAULT : entropy_credit(bits);
	if (request != RNDRESEEDCRNG)
		return 0;
	if (!random_ready())
		return -ENODATA;
	random_add(&now, sizeof(now), 0);
	return 0;
}

/* Any position is as good as another. */
static int64_t null_seek(struct file *file, int64_t offset, int whence)
{
	file->pos = 0;
	return 0;
}

#define DEVICE_FILE_OPS .stat = vnode_file_stat, .release = vnode_file_release, .seek = null_seek

static const struct file_ops null_ops = { .read = null_read, .write = null_write, DEVICE_FILE_OPS };
static const struct file_ops zero_ops = {
	.read = zero_read, .write = null_write, .pager = zero_pager, DEVICE_FILE_OPS
};
static const struct file_ops full_ops = { .read = zero_read, .write = full_write, DEVICE_FILE_OPS };
static const struct file_ops random_ops = { .read = random_read,
	.write = random_write,
	.poll = random_poll,
	.ioctl = random_ioctl,
	DEVICE_FILE_OPS };
static const struct file_ops urandom_ops = {
	.read = random_read, .write = random_write, .ioctl = random_ioctl, DEVICE_FILE_OPS
};

static const struct memory_device devices[] = {
	{ "null", 3, &null_ops },
	{ "zero", 5, &zero_ops },
	{ "full", 7, &full_ops },
	{ "random", 8, &random_ops },
	{ "urandom", 9, &urandom_ops },
};

const struct memory_device *memory_device_at(unsigned index)
{
	return index < ARRAY_SIZE(devices) ? &devices[index] : NULL;
}

const struct file_ops *memory_device_ops(uint64_t rdev)
{
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
		if (rdev == rdev_make(MEMORY_MAJOR, devices[i].minor))
			return devices[i].ops;
	return NULL;
}
