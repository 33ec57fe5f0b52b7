/*
 * Pipes: a ring of pages. `head` counts all bytes ever written, `tail` all ever read; a byte's
 * place is its number modulo the ring. Pages come when they are first written and go when they have
 * been read, but for one, so that a pipe that is used for one message after the other allocates
 * nothing.
 *
 * The pipe's mutex is held while bytes are copied, not while anybody waits. Copying touches the
 * program's memory, so its rank is before that of address spaces.
 */
#include "io/pipe.h"

#include "abi/errno.h"
#include "abi/ioctls.h"
#include "abi/poll.h"
#include "abi/stat.h"
#include "arch/memory_map.h"
#include "core/clock.h"
#include "io/poll.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "vm/uaccess.h"

#define BLOCK_BYTES 4096 /* st_blksize */

struct pipe {
	struct mutex lock;         /* RANK_PIPE */
	uint32_t refs;             /* [a] */
	uint32_t readers, writers; /* [lock] open ends */
	uint64_t opened[2];        /* [lock] ends ever opened: to read, to write */
	uint64_t head, tail;       /* [lock] */
	uint32_t page_count;       /* [lock] a power of two */
	struct frame **pages;      /* [lock] page_count of them, NULL where there is none */
	struct frame *spare;       /* [lock] the last page that was read empty */
	struct wait_queue can_read, can_write, changed; /* changed: an end was opened */
	uint64_t ino;                                   /* [I] */
	int64_t created_ns;                             /* [I] wall time */
};

static struct slab_cache pipe_cache = SLAB_CACHE("pipe", struct pipe);
static uint64_t next_ino = 1; /* [a] */

/* ---- the ring -------------------------------------------------------------------------------- */

static size_t ring_used(const struct pipe *pipe)
{
	return (size_t)(pipe->head - pipe->tail);
}

/* The writer never comes round into the page that is being read: a page has bytes of one round
 * only, and can go when it has been read. So a page that was read in part is no room yet, as on
 * Linux. */
static size_t ring_room(const struct pipe *pipe)
{
	return (size_t)pipe->page_count * PAGE_SIZE -
	       (size_t)(pipe->head - ALIGN_DOWN(pipe->tail, PAGE_SIZE));
}

static struct frame **ring_slot(struct pipe *pipe, uint64_t at)
{
	return &pipe->pages[at / PAGE_SIZE % pipe->page_count];
}

static int ring_page(struct pipe *pipe, struct frame **slot)
{
	if (*slot)
		return 0;
	if (pipe->spare) {
		*slot = pipe->spare;
		pipe->spare = NULL;
		return 0;
	}
	return frame_alloc(0, FRAME_BUFFER, slot);
}

static void ring_page_done(struct pipe *pipe, struct frame **slot)
{
	if (pipe->spare)
		frame_put(*slot);
	else
		pipe->spare = *slot;
	*slot = NULL;
}

/* Up to `bytes` out of the iter; returns what was moved, or an error if that is nothing. */
static ssize_t ring_put(struct pipe *pipe, struct iter *iter, size_t bytes)
{
	size_t done = 0;
	while (done < bytes) {
		size_t offset = pipe->head % PAGE_SIZE,
		       part = min(bytes - done, PAGE_SIZE - offset);
		struct frame **slot = ring_slot(pipe, pipe->head);
		int err = ring_page(pipe, slot);
		ssize_t n = err ? err : iter_read(iter, (char *)frame_virt(*slot) + offset, part);
		if (n <= 0)
			return done ? (ssize_t)done : n;
		pipe->head += (uint64_t)n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t ring_take(struct pipe *pipe, struct iter *iter)
{
	size_t done = 0, bytes = min(iter->remaining, ring_used(pipe));
	while (done < bytes) {
		size_t offset = pipe->tail % PAGE_SIZE,
		       part = min(bytes - done, PAGE_SIZE - offset);
		struct frame **slot = ring_slot(pipe, pipe->tail);
		ssize_t n = iter_write(iter, (char *)frame_virt(*slot) + offset, part);
		if (n <= 0)
			return done ? (ssize_t)done : n;
		pipe->tail += (uint64_t)n;
		done += (size_t)n;
		if (pipe->tail % PAGE_SIZE == 0 || pipe->tail == pipe->head)
			ring_page_done(pipe, slot);
	}
	if (ring_used(pipe) == 0)
		pipe->head = pipe->tail = 0;
	return (ssize_t)done;
}

static void ring_clear(struct pipe *pipe)
{
	for (uint32_t i = 0; i < pipe->page_count; i++) {
		if (pipe->pages[i])
			frame_put(pipe->pages[i]);
		pipe->pages[i] = NULL;
	}
	if (pipe->spare)
		frame_put(pipe->spare);
	pipe->spare = NULL;
	pipe->head = pipe->tail = 0;
	pipe->opened[0] = pipe->opened[1] = 0;
}

/* ---- pipes ----------------------------------------------------------------------------------- */

int pipe_create(struct pipe **result)
{
	struct pipe *pipe = slab_zalloc(&pipe_cache);
	if (!pipe)
		return -ENOMEM;
	pipe->page_count = PIPE_BYTES / PAGE_SIZE;
	pipe->pages = kzalloc(pipe->page_count * sizeof(struct frame *));
	if (!pipe->pages) {
		slab_free(&pipe_cache, pipe);
		return -ENOMEM;
	}
	mutex_init(&pipe->lock, "pipe", RANK_PIPE);
	wait_queue_init(&pipe->can_read);
	wait_queue_init(&pipe->can_write);
	wait_queue_init(&pipe->changed);
	pipe->refs = 1;
	pipe->ino = __atomic_fetch_add(&next_ino, 1, __ATOMIC_RELAXED);
	pipe->created_ns = clock_wall_ns();
	*result = pipe;
	return 0;
}

void pipe_get(struct pipe *pipe)
{
	__atomic_add_fetch(&pipe->refs, 1, __ATOMIC_RELAXED);
}

void pipe_put(struct pipe *pipe)
{
	if (__atomic_sub_fetch(&pipe->refs, 1, __ATOMIC_ACQ_REL))
		return;
	ring_clear(pipe);
	kfree(pipe->pages);
	slab_free(&pipe_cache, pipe);
}

static bool reads(uint32_t flags)
{
	return (flags & O_ACCMODE) != O_WRONLY;
}

static bool writes(uint32_t flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* Wait for the first end of the other side; one that came and went again counts. */
static int wait_for_other(struct pipe *pipe, uint32_t flags, const uint64_t opened[2])
{
	if (reads(flags) == writes(flags) || (flags & O_NONBLOCK))
		return 0;
	if (reads(flags))
		return wait_event(&pipe->changed, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			READ_ONCE(pipe->writers) > 0 || READ_ONCE(pipe->opened[1]) != opened[1]);
	return wait_event(&pipe->changed, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
		READ_ONCE(pipe->readers) > 0 || READ_ONCE(pipe->opened[0]) != opened[0]);
}

static void end_add(struct pipe *pipe, uint32_t flags)
{
	pipe->readers += reads(flags);
	pipe->writers += writes(flags);
	pipe->opened[0] += reads(flags);
	pipe->opened[1] += writes(flags);
}

int pipe_attach(struct pipe *pipe, uint32_t flags)
{
	int err = 0;
	mutex_lock(&pipe->lock);
	uint64_t opened[2] = { pipe->opened[0], pipe->opened[1] };
	if (!reads(flags) && (flags & O_NONBLOCK) && pipe->readers == 0)
		err = -ENXIO;
	else
		end_add(pipe, flags);
	mutex_unlock(&pipe->lock);
	if (err)
		return err;
	wait_wake_all(&pipe->changed, 0);
	err = wait_for_other(pipe, flags, opened);
	if (err)
		pipe_detach(pipe, flags);
	return err;
}

void pipe_detach(struct pipe *pipe, uint32_t flags)
{
	mutex_lock(&pipe->lock);
	pipe->readers -= reads(flags);
	pipe->writers -= writes(flags);
	if (pipe->readers + pipe->writers == 0)
		ring_clear(pipe); /* what nobody has read is gone with the last end */
	mutex_unlock(&pipe->lock);
	wait_wake_all(&pipe->can_read, POLLIN | POLLHUP);
	wait_wake_all(&pipe->can_write, POLLOUT | POLLERR);
}

/* One attempt to read: bytes, 0 at the end, -EAGAIN where there is nothing yet. */
static ssize_t read_once(struct pipe *pipe, struct iter *iter)
{
	ssize_t done = -EAGAIN;
	mutex_lock(&pipe->lock);
	bool was_full = ring_room(pipe) < PIPE_BUF;
	if (ring_used(pipe) > 0)
		done = ring_take(pipe, iter);
	else if (pipe->writers == 0)
		done = 0;
	mutex_unlock(&pipe->lock);
	if (done > 0 && was_full)
		wait_wake_all(&pipe->can_write, POLLOUT | POLLWRNORM);
	return done;
}

static ssize_t pipe_read(struct pipe *pipe, uint32_t flags, struct iter *iter)
{
	if (iter->remaining == 0)
		return 0;
	for (;;) {
		ssize_t done = read_once(pipe, iter);
		if (done != -EAGAIN || (flags & O_NONBLOCK))
			return done;
		int err = wait_event(&pipe->can_read, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			READ_ONCE(pipe->head) != READ_ONCE(pipe->tail) ||
				READ_ONCE(pipe->writers) == 0);
		if (err)
			return err;
	}
}

/* Room for all of a small write, which must stay in one piece; for anything of a large one. */
static size_t wanted_room(const struct iter *iter, bool small)
{
	return small ? iter->remaining : 1;
}

static ssize_t write_once(struct pipe *pipe, struct iter *iter, bool small)
{
	ssize_t done = -EAGAIN;
	mutex_lock(&pipe->lock);
	size_t room = ring_room(pipe);
	if (pipe->readers == 0)
		done = -EPIPE;
	else if (room >= wanted_room(iter, small))
		done = ring_put(pipe, iter, min(iter->remaining, room));
	mutex_unlock(&pipe->lock);
	if (done > 0)
		wait_wake_all(&pipe->can_read, POLLIN | POLLRDNORM);
	return done;
}

static ssize_t pipe_write(struct pipe *pipe, uint32_t flags, struct iter *iter)
{
	bool small = iter->remaining <= PIPE_BUF;
	size_t total = 0;
	while (iter->remaining > 0) {
		ssize_t done = write_once(pipe, iter, small);
		if (done > 0) {
			total += (size_t)done;
			continue;
		}
		if (done == -EAGAIN && !(flags & O_NONBLOCK))
			done = wait_event(&pipe->can_write, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
				ring_room(pipe) >= wanted_room(iter, small) ||
					READ_ONCE(pipe->readers) == 0);
		if (done)
			return total ? (ssize_t)total : done;
	}
	return (ssize_t)total;
}

static uint32_t pipe_poll(struct pipe *pipe, uint32_t flags, struct poll_table *table)
{
	uint32_t events = 0;
	if (reads(flags))
		poll_wait(table, &pipe->can_read);
	if (writes(flags))
		poll_wait(table, &pipe->can_write);
	mutex_lock(&pipe->lock);
	if (reads(flags)) {
		events |= ring_used(pipe) > 0 ? POLLIN | POLLRDNORM : 0;
		/* A FIFO that nobody has opened to write yet has not hung up. */
		events |= pipe->writers == 0 && pipe->opened[1] > 0 ? POLLHUP : 0;
	}
	if (writes(flags)) {
		events |= ring_room(pipe) >= PIPE_BUF ? POLLOUT | POLLWRNORM : 0;
		events |= pipe->readers == 0 ? POLLERR : 0;
	}
	mutex_unlock(&pipe->lock);
	return events;
}

static long pipe_ioctl(struct pipe *pipe, unsigned request, uint64_t arg)
{
	if (request != FIONREAD)
		return -ENOTTY;
	mutex_lock(&pipe->lock);
	int used = (int)ring_used(pipe);
	mutex_unlock(&pipe->lock);
	return put_user(arg, &used);
}

long pipe_room(const struct pipe *pipe)
{
	return (long)READ_ONCE(pipe->page_count) * PAGE_SIZE;
}

/* Move what is in the ring to the start of another. */
static void ring_move(struct pipe *pipe, struct frame **pages, uint32_t count)
{
	uint64_t first = pipe->tail / PAGE_SIZE, last = DIV_ROUND_UP(pipe->head, PAGE_SIZE);
	for (uint64_t page = first; page < last; page++)
		pages[page - first] = pipe->pages[page % pipe->page_count];
	pipe->head -= first * PAGE_SIZE;
	pipe->tail -= first * PAGE_SIZE;
	kfree(pipe->pages);
	pipe->pages = pages;
	pipe->page_count = count;
}

long pipe_resize(struct pipe *pipe, uint64_t bytes)
{
	if (bytes > PIPE_BYTES_MAX)
		return bytes > INT32_MAX ? -EINVAL : -EPERM;
	uint32_t count = 1;
	while ((uint64_t)count * PAGE_SIZE < bytes)
		count *= 2;
	struct frame **pages = kzalloc(count * sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	mutex_lock(&pipe->lock);
	bool fits = DIV_ROUND_UP(pipe->head, PAGE_SIZE) - pipe->tail / PAGE_SIZE <= count;
	if (fits)
		ring_move(pipe, pages, count);
	mutex_unlock(&pipe->lock);
	if (!fits) {
		kfree(pages);
		return -EBUSY;
	}
	wait_wake_all(&pipe->can_write, POLLOUT | POLLWRNORM);
	return pipe_room(pipe);
}

/* ---- the files of pipe2(2) ------------------------------------------------------------------- */

ssize_t pipe_file_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	return pipe_read(file->data, READ_ONCE(file->flags), iter);
}

ssize_t pipe_file_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	return pipe_write(file->data, READ_ONCE(file->flags), iter);
}

uint32_t pipe_file_poll(struct file *file, struct poll_table *table)
{
	return pipe_poll(file->data, file->flags, table);
}

long pipe_file_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	return pipe_ioctl(file->data, request, arg);
}

static int end_stat(struct file *file, struct stat *stat)
{
	const struct pipe *pipe = file->data;
	int64_t seconds = pipe->created_ns / (int64_t)NS_PER_SEC;
	uint64_t rest_ns = (uint64_t)(pipe->created_ns % (int64_t)NS_PER_SEC);
	*stat = (struct stat){
		.st_ino = pipe->ino,
		.st_nlink = 1,
		.st_mode = S_IFIFO | 0600,
		.st_uid = file->cred->fsuid,
		.st_gid = file->cred->fsgid,
		.st_blksize = BLOCK_BYTES,
		.st_atime = seconds,
		.st_atime_nsec = rest_ns,
		.st_mtime = seconds,
		.st_mtime_nsec = rest_ns,
		.st_ctime = seconds,
		.st_ctime_nsec = rest_ns,
	};
	return 0;
}

static void end_release(struct file *file)
{
	pipe_detach(file->data, file->flags);
	pipe_put(file->data);
}

static int end_reopen(struct file *file, uint32_t flags, struct cred *cred, struct file **again);

static const struct file_ops pipe_ops = {
	.read = pipe_file_read,
	.write = pipe_file_write,
	.poll = pipe_file_poll,
	.ioctl = pipe_file_ioctl,
	.stat = end_stat,
	.reopen = end_reopen,
	.release = end_release,
};

struct pipe *pipe_of(struct file *file)
{
	return file->ops->read == pipe_file_read ? file->data : NULL;
}

static int end_create(struct pipe *pipe, uint32_t flags, struct cred *cred, struct file **file)
{
	int err = file_create(&pipe_ops, flags, cred, pipe, file);
	if (err)
		return err;
	pipe_get(pipe);
	mutex_lock(&pipe->lock);
	end_add(pipe, flags);
	mutex_unlock(&pipe->lock);
	return 0;
}

/* Unlike a FIFO it waits for nobody. */
static int end_reopen(struct file *file, uint32_t flags, struct cred *cred, struct file **again)
{
	return end_create(file->data, flags, cred, again);
}

int pipe_create_files(uint32_t flags, struct cred *cred, struct file **reader, struct file **writer)
{
	struct pipe *pipe;
	int err = pipe_create(&pipe);
	if (err)
		return err;
	err = end_create(pipe, O_RDONLY | flags, cred, reader);
	if (!err) {
		err = end_create(pipe, O_WRONLY | flags, cred, writer);
		if (err)
			file_put(*reader);
	}
	pipe_put(pipe);
	return err;
}
