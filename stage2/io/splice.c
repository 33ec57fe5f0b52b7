/*
 * Moving bytes from file to file.
 *
 * The main idea: bytes are copied through a buffer of the kernel's, a piece after the other, and
 * are taken from where they were only when they have arrived. So nothing is lost where the receiver
 * takes less, which is what holding a pipe is for (io/pipe.h).
 */
#include "io/splice.h"

#include "abi/errno.h"
#include "arch/memory_map.h"
#include "io/pipe.h"
#include "mm/slab.h"

#define STREAM_BYTES 65536 /* read at once from what has no position: it may not be asked again */

static ssize_t moved(size_t total, ssize_t last)
{
	return total ? (ssize_t)total : last;
}

/* ---- pipes ----------------------------------------------------------------------------------- */

static ssize_t write_held(
	struct pipe *from, struct file *to, uint64_t *pos, size_t bytes, char *buf)
{
	size_t total = 0;
	ssize_t part = 0;
	while (total < bytes) {
		struct iter iter;
		iter_kernel(&iter, buf, min(bytes - total, (size_t)PAGE_SIZE));
		ssize_t got = pipe_peek(from, 0, &iter);
		if (got <= 0)
			break;
		iter_kernel(&iter, buf, (size_t)got);
		part = file_write(to, &iter, pos);
		if (part <= 0)
			break;
		pipe_take_held(from, (size_t)part);
		total += (size_t)part;
	}
	return moved(total, part);
}

ssize_t splice_from_pipe(
	struct pipe *from, struct file *to, uint64_t *pos, size_t bytes, bool waits)
{
	char *buf = kmalloc(PAGE_SIZE);
	if (!buf)
		return -ENOMEM;
	ssize_t done = pipe_hold_bytes(from, waits);
	if (done > 0) {
		done = write_held(from, to, pos, bytes, buf);
		pipe_release_bytes(from);
	}
	kfree(buf);
	return done;
}

/* What was read did not all go on: as if it had not been read, where that can be. */
static void unread(struct file *from, uint64_t *pos, size_t bytes)
{
	if (pos)
		*pos -= bytes;
	else if (from->ops->seek)
		file_seek(from, -(int64_t)bytes, SEEK_CUR);
}

static ssize_t fill_held(struct file *from, uint64_t *pos, struct pipe *to, size_t bytes, char *buf,
	size_t buf_bytes)
{
	size_t total = 0;
	ssize_t got = 0, part = 0;
	do {
		struct iter iter;
		iter_kernel(&iter, buf, min(bytes - total, buf_bytes));
		got = file_read(from, &iter, pos);
		if (got <= 0)
			return moved(total, got);
		iter_kernel(&iter, buf, (size_t)got);
		part = pipe_fill(to, &iter);
		if (part < got)
			unread(from, pos, (size_t)(got - max(part, (ssize_t)0)));
		total += (size_t)max(part, (ssize_t)0);
	} while (part == got && total < bytes && from->ops->seek);
	return moved(total, part);
}

ssize_t splice_to_pipe(struct file *from, uint64_t *pos, struct pipe *to, size_t bytes, bool waits)
{
	size_t buf_bytes = from->ops->seek ? PAGE_SIZE : min(bytes, (size_t)STREAM_BYTES);
	char *buf = kmalloc(buf_bytes);
	if (!buf)
		return -ENOMEM;
	ssize_t room = pipe_hold_room(to, waits), done = room;
	if (room > 0) {
		done = fill_held(from, pos, to, min(bytes, (size_t)room), buf, buf_bytes);
		pipe_release_room(to);
	}
	kfree(buf);
	return done;
}

/* Both are held. */
static ssize_t copy_held(struct pipe *from, struct pipe *to, size_t bytes, bool stay, char *buf)
{
	size_t total = 0;
	ssize_t part = 0;
	while (total < bytes) {
		struct iter iter;
		iter_kernel(&iter, buf, min(bytes - total, (size_t)PAGE_SIZE));
		part = pipe_peek(from, stay ? total : 0, &iter);
		if (part <= 0)
			break;
		iter_kernel(&iter, buf, (size_t)part);
		part = pipe_fill(to, &iter);
		if (part <= 0)
			break;
		if (!stay)
			pipe_take_held(from, (size_t)part);
		total += (size_t)part;
	}
	return moved(total, part);
}

/* Who waits for one holds nothing: it is let go, and then both are tried again. */
static ssize_t hold_both(struct pipe *from, struct pipe *to, bool waits)
{
	for (;;) {
		ssize_t room = pipe_hold_room(to, waits);
		if (room < 0)
			return room;
		int held = pipe_hold_bytes(from, false);
		if (held > 0)
			return room;
		pipe_release_room(to);
		if (held != -EAGAIN || !waits)
			return held;
		held = pipe_hold_bytes(from, true);
		if (held <= 0)
			return held;
		pipe_release_bytes(from);
	}
}

ssize_t splice_pipes(struct pipe *from, struct pipe *to, size_t bytes, bool stay, bool waits)
{
	char *buf = kmalloc(PAGE_SIZE);
	if (!buf)
		return -ENOMEM;
	ssize_t done = hold_both(from, to, waits);
	if (done > 0) {
		done = copy_held(from, to, min(bytes, (size_t)done), stay, buf);
		pipe_release_room(to);
		pipe_release_bytes(from);
	}
	kfree(buf);
	return done;
}

/* ---- files ----------------------------------------------------------------------------------- */

static ssize_t copy_part(struct file *from, uint64_t *from_pos, struct file *to, uint64_t *to_pos,
	char *buf, size_t bytes)
{
	struct iter iter;
	iter_kernel(&iter, buf, bytes);
	ssize_t got = file_read(from, &iter, from_pos);
	if (got <= 0)
		return got;
	iter_kernel(&iter, buf, (size_t)got);
	ssize_t put = file_write(to, &iter, to_pos);
	if (put < got)
		unread(from, from_pos, (size_t)(got - max(put, (ssize_t)0)));
	return put;
}

ssize_t splice_files(
	struct file *from, uint64_t *from_pos, struct file *to, uint64_t *to_pos, size_t bytes)
{
	size_t total = 0;
	ssize_t part = 0;
	char *buf = kmalloc(PAGE_SIZE);
	if (!buf)
		return -ENOMEM;
	while (total < bytes) {
		part = copy_part(
			from, from_pos, to, to_pos, buf, min(bytes - total, (size_t)PAGE_SIZE));
		if (part <= 0)
			break;
		total += (size_t)part;
	}
	kfree(buf);
	return moved(total, part);
}
