/*
 * Pipes: a queue of bytes in pages, one of which stays when it has been read, so that a pipe that
 * is used for one message after the other allocates nothing.
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
#include "io/kept.h"
#include "io/page_queue.h"
#include "io/poll.h"
#include "mm/slab.h"
#include "vm/uaccess.h"

#define BLOCK_BYTES 4096 /* st_blksize */
#define PIPE_PAGES  (PIPE_BYTES / PAGE_SIZE)

struct pipe {
	struct mutex lock;               /* RANK_PIPE */
	uint32_t refs;                   /* [a] */
	uint32_t readers, writers;       /* [lock] open ends */
	uint64_t opened[2];              /* [lock] ends ever opened: to read, to write */
	struct page_queue bytes;         /* [lock] */
	struct frame *pages[PIPE_PAGES]; /* [lock] its array, until it is resized */
	bool bytes_held, room_held;      /* [lock] somebody splices: others wait */
	struct wait_queue can_read, can_write, changed; /* changed: an end was opened */
	uint64_t ino;                                   /* [I] */
	struct kept_attributes kept;                    /* of a pipe without a node */
};

static struct slab_cache pipe_cache = SLAB_CACHE("pipe", struct pipe);
static uint64_t next_ino = 1; /* [a] */

/* ---- pipes ----------------------------------------------------------------------------------- */

int pipe_create(struct pipe **result)
{
	struct pipe *pipe = slab_zalloc(&pipe_cache);
	if (!pipe)
		return -ENOMEM;
	pipe->bytes.keeps_page = true;
	page_queue_lend(&pipe->bytes, pipe->pages, PIPE_PAGES);
	mutex_init(&pipe->lock, "pipe", RANK_PIPE);
	wait_queue_init(&pipe->can_read);
	wait_queue_init(&pipe->can_write);
	wait_queue_init(&pipe->changed);
	pipe->refs = 1;
	pipe->ino = __atomic_fetch_add(&next_ino, 1, __ATOMIC_RELAXED);
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
	page_queue_destroy(&pipe->bytes);
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

/* Whether the first end of the other side is to be waited for. */
static bool lacks_other_locked(const struct pipe *pipe, uint32_t flags)
{
	if (reads(flags) == writes(flags) || (flags & O_NONBLOCK))
		return false;
	return reads(flags) ? pipe->writers == 0 : pipe->readers == 0;
}

/* One that came and went again counts. */
static int wait_for_other(struct pipe *pipe, uint32_t flags, const uint64_t opened[2])
{
	if (reads(flags))
		return wait_event(&pipe->changed, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			READ_ONCE(pipe->opened[1]) != opened[1]);
	return wait_event(&pipe->changed, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
		READ_ONCE(pipe->opened[0]) != opened[0]);
}

static void end_add(struct pipe *pipe, uint32_t flags)
{
	pipe->readers += reads(flags);
	pipe->writers += writes(flags);
	pipe->opened[0] += reads(flags);
	pipe->opened[1] += writes(flags);
}

int pipe_attach(struct pipe *pipe, struct file *file)
{
	uint32_t flags = file->flags;
	int err = 0;
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	mutex_lock(&pipe->lock);
	uint64_t opened[2] = { pipe->opened[0], pipe->opened[1] };
	bool waits = lacks_other_locked(pipe, flags);
	if (!reads(flags) && (flags & O_NONBLOCK) && pipe->readers == 0)
		err = -ENXIO;
	else
		end_add(pipe, flags);
	/* A reader that did not wait has not hung up before it has seen a writer. */
	if (pipe->writers == 0 && (flags & O_NONBLOCK))
		WRITE_ONCE(file->mark, (uint32_t)opened[1]);
	mutex_unlock(&pipe->lock);
	if (err)
		return err;
	wait_wake_all(&pipe->changed, 0);
	err = waits ? wait_for_other(pipe, flags, opened) : 0;
	if (err)
		pipe_detach(pipe, flags);
	return err;
}

void pipe_detach(struct pipe *pipe, uint32_t flags)
{
	mutex_lock(&pipe->lock);
	pipe->readers -= reads(flags);
	pipe->writers -= writes(flags);
	if (pipe->readers + pipe->writers == 0) {
		/* What nobody has read is gone with the last end. */
		page_queue_clear(&pipe->bytes);
		pipe->opened[0] = pipe->opened[1] = 0;
	}
	mutex_unlock(&pipe->lock);
	wait_wake_all(&pipe->can_read, POLLIN | POLLHUP);
	wait_wake_all(&pipe->can_write, POLLOUT | POLLERR);
}

static ssize_t take(struct page_queue *queue, struct iter *iter)
{
	ssize_t done = page_queue_copy(queue, 0, iter, min(iter->remaining, queue->used));
	if (done > 0)
		page_queue_drop(queue, (size_t)done);
	return done;
}

/* Worth a try, without the lock: to read; to write so many bytes. */
static bool may_read(const struct pipe *pipe)
{
	return !READ_ONCE(pipe->bytes_held) &&
	       (READ_ONCE(pipe->bytes.used) > 0 || READ_ONCE(pipe->writers) == 0);
}

static bool may_write(const struct pipe *pipe, size_t bytes)
{
	return !READ_ONCE(pipe->room_held) &&
	       (page_queue_room(&pipe->bytes) >= bytes || READ_ONCE(pipe->readers) == 0);
}

/* One attempt to read: bytes, 0 at the end, -EAGAIN where there is nothing yet. */
static ssize_t read_once(struct pipe *pipe, struct iter *iter)
{
	ssize_t done = -EAGAIN;
	mutex_lock(&pipe->lock);
	if (unlikely(pipe->bytes_held))
		;
	else if (pipe->bytes.used > 0)
		done = take(&pipe->bytes, iter);
	else if (pipe->writers == 0)
		done = 0;
	bool has_room = page_queue_room(&pipe->bytes) >= PIPE_BUF;
	mutex_unlock(&pipe->lock);
	/* Also where there was room before: a writer that looks meanwhile, without the lock, may
	 * see less than there is. */
	if (done > 0 && has_room && wait_has_waiters(&pipe->can_write))
		wait_queue_wake_all(&pipe->can_write, POLLOUT | POLLWRNORM);
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
		int err = wait_event(
			&pipe->can_read, WAIT_INTERRUPTIBLE, WAIT_FOREVER, may_read(pipe));
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
	size_t room = page_queue_room(&pipe->bytes);
	if (unlikely(pipe->room_held))
		;
	else if (pipe->readers == 0)
		done = -EPIPE;
	else if (room >= wanted_room(iter, small))
		done = page_queue_put(&pipe->bytes, iter, min(iter->remaining, room));
	mutex_unlock(&pipe->lock);
	if (done > 0 && wait_has_waiters(&pipe->can_read))
		wait_queue_wake_all(&pipe->can_read, POLLIN | POLLRDNORM);
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
				may_write(pipe, wanted_room(iter, small)));
		if (done)
			return total ? (ssize_t)total : done;
	}
	return (ssize_t)total;
}

uint32_t pipe_file_poll(struct file *file, struct poll_table *table)
{
	struct pipe *pipe = file->data;
	uint32_t flags = file->flags;
	uint32_t events = 0;
	if (reads(flags))
		poll_wait(table, &pipe->can_read);
	if (writes(flags))
		poll_wait(table, &pipe->can_write);
	mutex_lock(&pipe->lock);
	if (reads(flags)) {
		events |= pipe->bytes.used > 0 ? POLLIN | POLLRDNORM : 0;
		bool seen = (uint32_t)pipe->opened[1] != READ_ONCE(file->mark);
		events |= pipe->writers == 0 && seen ? POLLHUP : 0;
	}
	if (writes(flags)) {
		events |= page_queue_room(&pipe->bytes) >= PIPE_BUF ? POLLOUT | POLLWRNORM : 0;
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
	int used = (int)pipe->bytes.used;
	mutex_unlock(&pipe->lock);
	return put_user(arg, &used);
}

long pipe_room(const struct pipe *pipe)
{
	return (long)READ_ONCE(pipe->bytes.page_count) * PAGE_SIZE;
}

long pipe_resize(struct pipe *pipe, uint64_t bytes)
{
	if (bytes > PIPE_BYTES_MAX)
		return bytes > INT32_MAX ? -EINVAL : -EPERM;
	uint32_t count = 1;
	while ((uint64_t)count * PAGE_SIZE < bytes)
		count *= 2;
	mutex_lock(&pipe->lock);
	int err = pipe->room_held ? -EBUSY : page_queue_resize(&pipe->bytes, count);
	mutex_unlock(&pipe->lock);
	if (err)
		return err;
	wait_wake_all(&pipe->can_write, POLLOUT | POLLWRNORM);
	return pipe_room(pipe);
}

/* ---- splicing ---------------------------------------------------------------------------- */

/* 1: held; 0: the end; -EAGAIN. */
static int try_hold_bytes(struct pipe *pipe)
{
	int held = -EAGAIN;
	mutex_lock(&pipe->lock);
	if (!pipe->bytes_held && pipe->bytes.used > 0)
		held = 1;
	else if (!pipe->bytes_held && pipe->writers == 0)
		held = 0;
	if (held > 0)
		pipe->bytes_held = true;
	mutex_unlock(&pipe->lock);
	return held;
}

int pipe_hold_bytes(struct pipe *pipe, bool waits)
{
	for (;;) {
		int held = try_hold_bytes(pipe);
		if (held != -EAGAIN || !waits)
			return held;
		int err = wait_event(
			&pipe->can_read, WAIT_INTERRUPTIBLE, WAIT_FOREVER, may_read(pipe));
		if (err)
			return err;
	}
}

ssize_t pipe_peek(struct pipe *pipe, size_t skip, struct iter *iter)
{
	mutex_lock(&pipe->lock);
	size_t bytes = min(iter->remaining, pipe->bytes.used - skip);
	ssize_t done = page_queue_copy(&pipe->bytes, skip, iter, bytes);
	mutex_unlock(&pipe->lock);
	return done;
}

void pipe_take_held(struct pipe *pipe, size_t bytes)
{
	mutex_lock(&pipe->lock);
	page_queue_drop(&pipe->bytes, bytes);
	mutex_unlock(&pipe->lock);
	wait_wake_all(&pipe->can_write, POLLOUT | POLLWRNORM);
}

void pipe_release_bytes(struct pipe *pipe)
{
	mutex_lock(&pipe->lock);
	pipe->bytes_held = false;
	mutex_unlock(&pipe->lock);
	wait_wake_all(&pipe->can_read, POLLIN | POLLRDNORM);
}

/* Room: how much is held; -EAGAIN, -EPIPE. */
static ssize_t try_hold_room(struct pipe *pipe)
{
	ssize_t held = -EAGAIN;
	mutex_lock(&pipe->lock);
	if (!pipe->room_held && pipe->readers == 0)
		held = -EPIPE;
	else if (!pipe->room_held && page_queue_room(&pipe->bytes) > 0)
		held = (ssize_t)page_queue_room(&pipe->bytes);
	if (held > 0)
		pipe->room_held = true;
	mutex_unlock(&pipe->lock);
	return held;
}

ssize_t pipe_hold_room(struct pipe *pipe, bool waits)
{
	for (;;) {
		ssize_t held = try_hold_room(pipe);
		if (held != -EAGAIN || !waits)
			return held;
		int err = wait_event(
			&pipe->can_write, WAIT_INTERRUPTIBLE, WAIT_FOREVER, may_write(pipe, 1));
		if (err)
			return err;
	}
}

ssize_t pipe_fill(struct pipe *pipe, struct iter *iter)
{
	mutex_lock(&pipe->lock);
	size_t bytes = min(iter->remaining, page_queue_room(&pipe->bytes));
	ssize_t done = page_queue_put(&pipe->bytes, iter, bytes);
	mutex_unlock(&pipe->lock);
	wait_wake_all(&pipe->can_read, POLLIN | POLLRDNORM);
	return done;
}

void pipe_release_room(struct pipe *pipe)
{
	mutex_lock(&pipe->lock);
	pipe->room_held = false;
	mutex_unlock(&pipe->lock);
	wait_wake_all(&pipe->can_write, POLLOUT | POLLWRNORM);
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

long pipe_file_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	return pipe_ioctl(file->data, request, arg);
}

static int end_stat(struct file *file, struct stat *stat)
{
	const struct pipe *pipe = file->data;
	*stat = (struct stat){
		.st_ino = pipe->ino,
		.st_nlink = 1,
		.st_blksize = BLOCK_BYTES,
	};
	kept_stat(&pipe->kept, stat);
	return 0;
}

static struct kept_attributes *end_kept(struct file *file)
{
	struct pipe *pipe = file->data;
	return &pipe->kept;
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
	.kept = end_kept,
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

static void path_release(struct file *file)
{
	pipe_put(file->data);
}

/* O_PATH: the pipe is shown, but is not open; so this is no end of it. */
static const struct file_ops pipe_path_ops = {
	.stat = end_stat,
	.kept = end_kept,
	.reopen = end_reopen,
	.release = path_release,
};

/* Unlike a FIFO it waits for nobody. */
static int end_reopen(struct file *file, uint32_t flags, struct cred *cred, struct file **again)
{
	int err;
	if (!(flags & O_PATH))
		return end_create(file->data, flags, cred, again);
	err = file_create(&pipe_path_ops, flags, cred, file->data, again);
	if (!err)
		pipe_get(file->data);
	return err;
}

int pipe_create_files(uint32_t flags, struct cred *cred, struct file **reader, struct file **writer)
{
	struct pipe *pipe;
	int err = pipe_create(&pipe);
	if (err)
		return err;
	kept_init(&pipe->kept, S_IFIFO | 0600, cred, clock_wall_ns());
	err = end_create(pipe, O_RDONLY | flags, cred, reader);
	if (!err) {
		err = end_create(pipe, O_WRONLY | flags, cred, writer);
		if (err)
			file_put(*reader);
	}
	pipe_put(pipe);
	return err;
}
