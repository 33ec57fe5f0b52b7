/*
 * The devices that are nothing but behaviour: null, zero, full, random, urandom (mem(4),
 * random(4)).
 */
#include "fs/dev/memory.h"

#include "abi/errno.h"
#include "abi/ioctls.h"
#include "abi/poll.h"
#include "arch/memory_map.h"
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

	while (iter->remaining > 0 && !thread_has_work(thread_current(), THREAD_WORK_KILL)) {
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
static long entropy_add(struct file *file, uptr_t address)
{
	int32_t numbers[2]; /* bits, bytes */
	size_t bytes;
	struct iter iter;
	ssize_t mixed;

	if (get_user(&numbers, address))
		return -EFAULT;
	if (numbers[0] < 0)
		return -EINVAL;
	address += sizeof(numbers);
	bytes = (size_t)numbers[1];
	if (!user_range_ok(address, bytes))
		return -EFAULT;
	iter_user(&iter, address, bytes);
	mixed = random_write(file, &iter, NULL);
	return mixed == numbers[1] ? entropy_credit(numbers[0]) : -EFAULT;
}

static long entropy_control(struct file *file, unsigned request, uint64_t arg)
{
	int32_t bits;

	switch (request) {
	case RNDADDENTROPY:
		return entropy_add(file, arg);
	case RNDADDTOENTCNT:
		return get_user(&bits, arg) ? -EFAULT : entropy_credit(bits);
	case RNDRESEEDCRNG: /* what has come in is mixed in by whoever reads */
		return random_ready() ? 0 : -ENODATA;
	default: /* there is no pool that could be emptied */
		return 0;
	}
}

static long random_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	const uint32_t known = random_ready() ? RANDOM_READY_BITS : 0;

	switch (request) {
	case RNDGETENTCNT:
		return put_user(arg, &known);
	case RNDADDTOENTCNT:
	case RNDADDENTROPY:
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
	case RNDRESEEDCRNG:
		return cred_may(on_caller_wanted(NULL), CAP_SYS_ADMIN)
		               ? entropy_control(file, request, arg)
		               : -EPERM;
	default:
		return -EINVAL;
	}
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
