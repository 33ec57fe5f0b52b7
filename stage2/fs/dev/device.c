/*
 * Character devices as files. A device works on kernel memory and knows no program, so bytes go
 * through a buffer of a page, or of several for large transfers. The file's data is the device.
 */
#include "fs/dev/device.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/poll.h"
#include "arch/memory_map.h"
#include "dev/chr.h"
#include "fs/dev/memory.h"
#include "fs/vnode_file.h"
#include "io/poll.h"
#include "mm/slab.h"

#define TRANSFER_MAX (16 * PAGE_SIZE)

static size_t transfer_bytes(const struct iter *iter)
{
	return min(iter->remaining, (size_t)TRANSFER_MAX);
}

/* One read of the device: a stream gives what it has. */
static ssize_t chr_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct chr_device *chr = file->data;
	size_t bytes = transfer_bytes(iter);
	char *buf = kmalloc(bytes ? bytes : 1);
	ssize_t got, copied;

	if (!buf)
		return -ENOMEM;
	got = chr->ops->read(chr, buf, bytes, READ_ONCE(file->flags) & O_NONBLOCK);
	if (got > 0) {
		copied = iter_write(iter, buf, (size_t)got);
		got = copied; /* bytes that the program's memory could not take are lost, as on
		                 Linux */
	}
	kfree(buf);
	return got;
}

static ssize_t chr_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct chr_device *chr = file->data;
	size_t size = transfer_bytes(iter);
	char *buf = kmalloc(size ? size : 1);
	ssize_t done = 0;

	if (!buf)
		return -ENOMEM;
	while (iter->remaining > 0) {
		ssize_t bytes = iter_read(iter, buf, min(iter->remaining, size));
		ssize_t put = bytes;

		if (bytes > 0)
			put = chr->ops->write(
				chr, buf, (size_t)bytes, READ_ONCE(file->flags) & O_NONBLOCK);
		if (put <= 0) {
			if (done == 0)
				done = put;
			break;
		}
		done += put;
		if (put < bytes)
			break;
	}
	kfree(buf);
	return done;
}

static uint32_t chr_poll(struct file *file, struct poll_table *table)
{
	struct chr_device *chr = file->data;

	poll_wait(table, chr->readers);
	if (chr->writers != chr->readers)
		poll_wait(table, chr->writers);
	return chr->ops->poll(chr);
}

static int chr_sync(struct file *file, bool data_only)
{
	struct chr_device *chr = file->data;

	return chr->ops->drain ? chr->ops->drain(chr) : -EINVAL;
}

static void chr_release(struct file *file)
{
	chr_close(file->data);
	vnode_file_release(file);
}

static const struct file_ops chr_file_ops = {
	.read = chr_read,
	.write = chr_write,
	.poll = chr_poll,
	.stat = vnode_file_stat,
	.sync = chr_sync,
	.release = chr_release,
};

/* [I] once programs run */
static struct list_head classes = LIST_INIT(classes);

void device_class_add(struct device_class *class)
{
	list_add_tail(&class->link, &classes);
}

const struct device_class *device_class_at(unsigned index)
{
	const struct device_class *class;

	list_for_each(class, &classes, link) {
		if (index-- == 0)
			return class;
	}
	return NULL;
}

static const struct device_class *class_of(uint64_t rdev)
{
	const struct device_class *class;

	list_for_each(class, &classes, link) {
		if (rdev >= class->rdev && rdev - class->rdev < class->count)
			return class;
	}
	return NULL;
}

int device_stat(struct file *file, struct stat *stat)
{
	return vnode_file_stat(file, stat);
}

void device_release(struct file *file)
{
	vnode_file_release(file);
}

int device_file_ops(uint64_t rdev, const struct file_ops **ops)
{
	const struct device_class *class = class_of(rdev);

	*ops = class ? class->ops : memory_device_ops(rdev);
	if (!*ops && chr_find_rdev(rdev))
		*ops = &chr_file_ops;
	return *ops ? 0 : -ENXIO;
}

int device_open(struct file *file)
{
	const struct device_class *class = class_of(file->vnode->rdev);
	struct chr_device *chr = NULL;

	if (class)
		return class->open(file);
	if (file->ops != &chr_file_ops)
		return 0;
	chr = chr_find_rdev(file->vnode->rdev);
	file->data = chr;
	return chr ? chr_open(chr) : -ENXIO;
}
