/*
 * Reading and writing: read(2), write(2) and their relatives, lseek(2).
 */
#include "abi/fcntl.h"
#include "abi/uio.h"
#include "mm/slab.h"
#include "sys/sys.h"

typedef ssize_t transfer_fn(struct file *file, struct iter *iter, uint64_t *pos);

static long fail_with_signal(int signal, long result)
{
	struct siginfo info = siginfo_user(signal, SI_USER);

	(void)signal_send_thread(proc_current(), uthread_current(), &info);
	return result;
}

long sys_interrupted(long result)
{
	debug_assert(result != -EINTR ||
		     thread_has_work(thread_current(), THREAD_WORK_SIGNAL | THREAD_WORK_KILL));
	if (result == -EINTR)
		return -ERESTARTSYS;
	return result == -EINTR_FINAL ? -EINTR : result;
}

/* The receiver has gone, or a limit is reached: the writer is told by a signal too. */
long sys_write_failed(long result)
{
	if (unlikely(result == -EPIPE))
		return fail_with_signal(SIGPIPE, -EPIPE);
	if (unlikely(result == -EFBIG_SIGNAL))
		return fail_with_signal(SIGXFSZ, -EFBIG);
	return result == -EPIPE_SILENT ? -EPIPE : sys_restartable(result);
}

static inline long transfer_file(
	struct file *file, uptr_t buf, size_t count, uint64_t *pos, transfer_fn *fn)
{
	struct iter iter;

	if (unlikely(!file))
		return -EBADF;
	if (unlikely(!user_range_ok(buf, count)))
		return -EFAULT;
	iter_user(&iter, buf, min(count, SYS_TRANSFER_MAX));
	return fn(file, &iter, pos);
}

/* Others may close fd meanwhile. */
static __noinline long transfer_shared(
	int fd, uptr_t buf, size_t count, uint64_t *pos, transfer_fn *fn)
{
	struct fd_ref ref = fd_borrow(proc_current()->files, fd);
	long result = transfer_file(ref.file, buf, count, pos, fn);

	fd_return(ref);
	return result;
}

static inline long transfer(int fd, uptr_t buf, size_t count, uint64_t *pos, transfer_fn *fn)
{
	struct fdtable *files = proc_current()->files;

	if (unlikely(fdtable_shared(files)))
		return transfer_shared(fd, buf, count, pos, fn);
	return transfer_file(fd_own(files, fd), buf, count, pos, fn);
}

long sys_read(int fd, uptr_t buf, size_t count)
{
	return sys_restartable(transfer(fd, buf, count, NULL, file_read));
}

long sys_write(int fd, uptr_t buf, size_t count)
{
	return sys_write_result(transfer(fd, buf, count, NULL, file_write));
}

long sys_pread64(int fd, uptr_t buf, size_t count, int64_t offset)
{
	uint64_t pos = (uint64_t)offset;

	if (offset < 0)
		return -EINVAL;
	return sys_restartable(transfer(fd, buf, count, &pos, file_read));
}

long sys_pwrite64(int fd, uptr_t buf, size_t count, int64_t offset)
{
	uint64_t pos = (uint64_t)offset;

	if (offset < 0)
		return -EINVAL;
	return sys_write_result(transfer(fd, buf, count, &pos, file_write));
}

/* Copies and checks the pieces; cuts them to what one call moves. */
static int pieces_fetch(struct iter_piece *pieces, uptr_t from, size_t count)
{
	uint64_t total = 0;
	int err;

	_Static_assert(sizeof(struct iter_piece) == sizeof(struct iovec), "copied as they are");
	err = copy_from_user(pieces, from, count * sizeof(*pieces));
	for (size_t i = 0; i < count && err == 0; i++) {
		if (pieces[i].bytes > INT64_MAX)
			return -EINVAL;
		if (!user_range_ok(pieces[i].base, pieces[i].bytes))
			return -EFAULT;
		pieces[i].bytes = min(pieces[i].bytes, SYS_TRANSFER_MAX - total);
		total += pieces[i].bytes;
	}
	return err;
}

int sys_pieces_get(struct sys_pieces *pieces, uptr_t from, size_t count, struct iter *iter)
{
	int err;

	pieces->all = pieces->few;
	if (count > SYS_PIECES_FEW)
		pieces->all = kmalloc(count * sizeof(*pieces->all));
	if (!pieces->all)
		return -ENOMEM;
	err = pieces_fetch(pieces->all, from, count);
	if (err)
		sys_pieces_put(pieces);
	else
		iter_user_pieces(iter, pieces->all, count);
	return err;
}

void sys_pieces_put(struct sys_pieces *pieces)
{
	if (pieces->all != pieces->few)
		kfree(pieces->all);
}

static long transfer_pieces(
	struct file *file, uptr_t from, size_t count, uint64_t *pos, transfer_fn *fn)
{
	struct sys_pieces pieces;
	struct iter iter;
	long result;

	if (count > UIO_MAXIOV)
		return -EINVAL;
	result = sys_pieces_get(&pieces, from, count, &iter);
	if (result)
		return result;
	/* Unlike that of write(2), nothing here is no message either. */
	if (iter.remaining == 0 && fn != file_read)
		result = file_writable(file) ? 0 : -EBADF;
	else
		result = fn(file, &iter, pos);
	sys_pieces_put(&pieces);
	return result;
}

static long transfer_vector(int fd, uptr_t from, size_t count, uint64_t *pos, transfer_fn *fn)
{
	struct fd_ref ref = fd_borrow(proc_current()->files, fd);
	long result;

	if (!ref.file)
		return -EBADF;
	result = transfer_pieces(ref.file, from, count, pos, fn);
	fd_return(ref);
	return result;
}

long sys_readv(int fd, uptr_t pieces, size_t count)
{
	return sys_restartable(transfer_vector(fd, pieces, count, NULL, file_read));
}

long sys_writev(int fd, uptr_t pieces, size_t count)
{
	return sys_write_result(transfer_vector(fd, pieces, count, NULL, file_write));
}

/* The high half of the offset is for 32-bit programs: here the low one is all of it. */
long sys_preadv(int fd, uptr_t pieces, size_t count, uint64_t offset_low, uint64_t offset_high)
{
	if (offset_low > INT64_MAX)
		return -EINVAL;
	return sys_restartable(transfer_vector(fd, pieces, count, &offset_low, file_read));
}

long sys_pwritev(int fd, uptr_t pieces, size_t count, uint64_t offset_low, uint64_t offset_high)
{
	if (offset_low > INT64_MAX)
		return -EINVAL;
	return sys_write_result(transfer_vector(fd, pieces, count, &offset_low, file_write));
}

/* ---- with flags ----------------------------------------------------------------------------- */

#define RWF_KNOWN (RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND)

static ssize_t write_append(struct file *file, struct iter *iter, uint64_t *pos)
{
	return file_append(file, iter, pos == NULL);
}

/* An offset of -1 is the file's own position. Nothing here can promise not to wait: RWF_NOWAIT is
 * -EOPNOTSUPP, as for Linux's tmpfs; who polls for completion (RWF_HIPRI) finds it done. */
static long transfer_flags(
	int fd, uptr_t from, size_t count, uint64_t *pos, int flags, transfer_fn *fn)
{
	struct file *file;
	long result = sys_file(fd, &file);

	if (result)
		return result;
	if (*pos == UINT64_MAX)
		pos = NULL;
	else if (*pos > INT64_MAX)
		result = -EINVAL;
	if (result == 0 && (flags & ~RWF_KNOWN))
		result = -EOPNOTSUPP;
	if (result == 0)
		result = transfer_pieces(file, from, count, pos, fn);
	if (result > 0 && fn != file_read && (flags & (RWF_DSYNC | RWF_SYNC))) {
		int err = file_sync(file, !(flags & RWF_SYNC));

		result = err ? err : result;
	}
	file_put(file);
	return result;
}

long sys_preadv2(
	int fd, uptr_t pieces, size_t count, uint64_t offset_low, uint64_t offset_high, int flags)
{
	return sys_restartable(transfer_flags(fd, pieces, count, &offset_low, flags, file_read));
}

long sys_pwritev2(
	int fd, uptr_t pieces, size_t count, uint64_t offset_low, uint64_t offset_high, int flags)
{
	transfer_fn *fn = flags & RWF_APPEND ? write_append : file_write;

	return sys_write_result(transfer_flags(fd, pieces, count, &offset_low, flags, fn));
}

long sys_lseek(int fd, int64_t offset, int whence)
{
	struct file *file;
	long result;

	result = sys_file(fd, &file);
	if (result)
		return result;
	result = file_seek(file, offset, whence);
	file_put(file);
	return result;
}
