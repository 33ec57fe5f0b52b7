/*
 * Open files: making, counting, and the checked way to their operations.
 *
 * The one idea: callers never look at ops; each entry here checks access mode and offset, and says
 * what a missing operation means. A file whose operations cannot seek is a stream: it has no
 * position, and so no lock is held while a read of it sleeps.
 */
#include "io/file.h"

#include "abi/errno.h"
#include "abi/inotify.h"
#include "abi/poll.h"
#include "abi/stat.h"
#include "arch/memory_map.h"
#include "io/epoll.h"
#include "io/lock.h"
#include "io/pipe.h"
#include "lib/format.h"
#include "mm/slab.h"

uint32_t file_watches;

static const uint32_t asks = FILE_ASK;

static struct slab_cache file_cache = SLAB_CACHE("file", struct file);

int file_create(const struct file_ops *ops, uint32_t flags, struct cred *cred, void *data,
	struct file **file)
{
	struct file *f = slab_zalloc(&file_cache);

	if (!f)
		return -ENOMEM;
	f->ops = ops;
	f->events = &asks;
	f->refs = 1;
	f->flags = flags;
	f->data = data;
	f->cred = cred;
	cred_get(cred);
	list_init(&f->watches);
	mutex_init(&f->pos_lock, "file_pos", RANK_FILE_POS);
	*file = f;
	return 0;
}

uint64_t files_open(void)
{
	return READ_ONCE(file_cache.in_use);
}

void file_get(struct file *file)
{
	__atomic_add_fetch(&file->refs, 1, __ATOMIC_RELAXED);
}

/* All that those who watch files cost where there are none. */
static inline void file_event(struct file *file, uint32_t event)
{
	if (unlikely(READ_ONCE(file_watches) != 0) && file->vnode)
		on_file_event(file, event);
}

static void file_close(struct file *file)
{
	file_event(file, file_writable(file) ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	lock_release_own(file);
	if (!list_empty(&file->watches))
		epoll_forget(file);
	if (file->ops->release)
		file->ops->release(file);
	cred_put(file->cred);
	slab_free(&file_cache, file);
}

/* A release may drop the last reference to other files, theirs to others again (descriptors that
 * are on their way in sockets): those wait for their turn, or the stack would grow with them. */
static __noinline void file_close_in_turn(struct file *file)
{
	struct thread *self = thread_current();
	struct file *next = file;

	if (self->closing) {
		file->closing_next = *self->closing;
		*self->closing = file;
		return;
	}
	self->closing = &next;
	while ((file = next) != NULL) {
		next = file->closing_next;
		file_close(file);
	}
	self->closing = NULL;
}

void file_put(struct file *file)
{
	if (__atomic_sub_fetch(&file->refs, 1, __ATOMIC_ACQ_REL) == 0)
		file_close_in_turn(file);
}

typedef ssize_t file_transfer(struct file *file, struct iter *iter, uint64_t *pos);

static __noinline ssize_t file_transfer_locked(
	struct file *file, struct iter *iter, file_transfer *transfer)
{
	ssize_t done;

	mutex_lock(&file->pos_lock);
	done = transfer(file, iter, &file->pos);
	mutex_unlock(&file->pos_lock);
	return done;
}

/* Run a read or write at *pos, or at the file's own position, which is nobody else's if there is no
 * other reference; a stream has one, and does not look at it. */
static inline ssize_t file_transfer_at(
	struct file *file, struct iter *iter, uint64_t *pos, file_transfer *transfer)
{
	uint64_t at = pos ? *pos : READ_ONCE(file->pos);

	if (!file->ops->seek)
		return pos ? -ESPIPE : transfer(file, iter, &file->pos);
	/* One of the two sums is negative. */
	if (unlikely((int64_t)(at | (at + iter->remaining)) < 0))
		return -EINVAL;
	if (!pos && READ_ONCE(file->refs) > 1)
		return file_transfer_locked(file, iter, transfer);
	return transfer(file, iter, pos ? pos : &file->pos);
}

/* What a file without the operation says of it. */
static int file_lacks(const struct file *file)
{
	return file->flags & O_PATH ? -EBADF : -EINVAL;
}

ssize_t file_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	if (!file_mode_reads(file))
		return -EBADF;
	if (unlikely(!file->ops->read))
		return file_lacks(file);
	ssize_t done = file_transfer_at(file, iter, pos, file->ops->read);
	if (unlikely(READ_ONCE(file_watches)) && done > 0)
		file_event(file, IN_ACCESS);
	return done;
}

ssize_t file_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	if (!file_mode_writes(file))
		return -EBADF;
	if (unlikely(!file->ops->write))
		return file_lacks(file);
	ssize_t done = file_transfer_at(file, iter, pos, file->ops->write);
	if (unlikely(READ_ONCE(file_watches)) && done > 0)
		file_event(file, IN_MODIFY);
	return done;
}

ssize_t file_append(struct file *file, struct iter *iter, bool moves)
{
	uint64_t pos = FILE_POS_END;
	ssize_t done;

	if (!file_writable(file) || !file->ops->write || !file->ops->seek)
		return file_write(file, iter, moves ? NULL : &pos);
	mutex_lock(&file->pos_lock);
	done = file->ops->write(file, iter, &pos);
	if (done > 0 && moves)
		file->pos = pos;
	mutex_unlock(&file->pos_lock);
	if (done > 0)
		file_event(file, IN_MODIFY);
	return done;
}

int64_t file_seek(struct file *file, int64_t offset, int whence)
{
	int64_t pos;

	if (file->flags & O_PATH)
		return -EBADF;
	if (!file->ops->seek)
		return -ESPIPE;
	mutex_lock(&file->pos_lock);
	pos = file->ops->seek(file, offset, whence);
	mutex_unlock(&file->pos_lock);
	return pos;
}

long file_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	if (file->flags & O_PATH)
		return -EBADF;
	return file->ops->ioctl ? file->ops->ioctl(file, request, arg) : -ENOTTY;
}

uint32_t file_poll_ask(struct file *file, struct poll_table *table)
{
	if (!file->ops->poll)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	return file->ops->poll(file, table);
}

int file_stat(struct file *file, struct stat *stat)
{
	return file->ops->stat ? file->ops->stat(file, stat) : -EBADF;
}

void file_stat_anonymous(struct file *file, struct stat *stat)
{
	*stat = (struct stat){
		.st_ino = 1,
		.st_nlink = 1,
		.st_mode = 0600,
		.st_uid = file->cred->fsuid,
		.st_gid = file->cred->fsgid,
		.st_blksize = 4096,
	};
}

void file_info_print(struct file_info *info, const char *format, ...)
{
	char line[160];
	va_list args;
	int bytes;

	va_start(args, format);
	bytes = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	info->write(info, line, min((size_t)bytes, sizeof(line) - 1));
}

int file_readdir(struct file *file, struct dir_sink *sink)
{
	int err;

	if (file->flags & O_PATH)
		return -EBADF;
	if (!file->ops->readdir)
		return -ENOTDIR;
	mutex_lock(&file->pos_lock);
	err = file->ops->readdir(file, sink);
	mutex_unlock(&file->pos_lock);
	if (!err)
		file_event(file, IN_ACCESS);
	return err;
}

int file_truncate(struct file *file, int64_t bytes)
{
	if (bytes < 0)
		return -EINVAL;
	if (file->flags & O_PATH)
		return -EBADF;
	if (!file_writable(file) || !file->ops->truncate)
		return -EINVAL;
	int err = file->ops->truncate(file, (uint64_t)bytes);
	if (!err)
		file_event(file, IN_MODIFY);
	return err;
}

int file_reopen(struct file *file, uint32_t flags, struct cred *cred, struct file **again)
{
	return file->ops->reopen ? file->ops->reopen(file, flags, cred, again) : -ENXIO;
}

int file_sync(struct file *file, bool data_only)
{
	if (file->flags & O_PATH)
		return -EBADF;
	return file->ops->sync ? file->ops->sync(file, data_only) : -EINVAL;
}

int file_start_sync(struct file *file, int64_t offset, int64_t bytes, unsigned flags)
{
	const unsigned known =
		SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	int64_t end;

	if (file->flags & O_PATH)
		return -EBADF;
	if ((flags & ~known) || offset < 0 || bytes < 0 ||
		__builtin_add_overflow(offset, bytes, &end))
		return -EINVAL;
	if (!file->ops->start_sync)
		return -ESPIPE;
	end = bytes ? end - 1 : INT64_MAX;
	return file->ops->start_sync(
		file, (uint64_t)offset / PAGE_SIZE, (uint64_t)end / PAGE_SIZE, flags);
}

/* What goes together. */
static int allocate_check_mode(int mode)
{
	const int all = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE |
	                FALLOC_FL_ZERO_RANGE | FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;
	const int alone = FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE;

	if (mode & ~all)
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) &&
		((mode & FALLOC_FL_ZERO_RANGE) || !(mode & FALLOC_FL_KEEP_SIZE)))
		return -EOPNOTSUPP;
	if ((mode & alone) && (mode & (mode - 1)))
		return -EINVAL;
	if ((mode & FALLOC_FL_UNSHARE_RANGE) &&
		(mode & ~(FALLOC_FL_UNSHARE_RANGE | FALLOC_FL_KEEP_SIZE)))
		return -EINVAL;
	return 0;
}

int file_allocate(struct file *file, int mode, int64_t offset, int64_t bytes)
{
	int err = offset < 0 || bytes <= 0 ? -EINVAL : allocate_check_mode(mode);

	if (file->flags & O_PATH)
		return -EBADF;
	if (err)
		return err;
	if (!file_writable(file))
		return -EBADF;
	if (!file->ops->allocate)
		return pipe_of(file) ? -ESPIPE : -ENODEV;
	if (offset > INT64_MAX - bytes)
		return -EFBIG;
	err = file->ops->allocate(file, mode, (uint64_t)offset, (uint64_t)bytes);
	if (!err)
		file_event(file, IN_MODIFY);
	return err;
}

int file_pager(struct file *file, struct pager **pager)
{
	if (file->flags & O_PATH)
		return -EBADF;
	return file->ops->pager ? file->ops->pager(file, pager) : -ENODEV;
}

int file_read_exact(struct file *file, uint64_t pos, void *buf, size_t bytes)
{
	struct iter iter;

	iter_kernel(&iter, buf, bytes);
	while (iter.remaining > 0) {
		ssize_t got = file->ops->read ? file->ops->read(file, &iter, &pos) : -EINVAL;

		if (got < 0)
			return (int)got;
		if (got == 0)
			return -ENOEXEC;
	}
	file_event(file, IN_ACCESS);
	return 0;
}
