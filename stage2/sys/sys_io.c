/*
 * Reading and writing: read(2), write(2) and their relatives, sendfile(2), lseek(2).
 */
#include "abi/fcntl.h"
#include "abi/uio.h"
#include "mm/slab.h"
#include "sys/sys.h"

typedef ssize_t transfer_fn(struct file *file, struct iter *iter, uint64_t *pos);

/* The receiver has gone: the writer is told by a signal too. */
long sys_write_result(long result)
{
	struct siginfo info;

	if (likely(result != -EPIPE))
		return result == -EPIPE_SILENT ? -EPIPE : sys_restartable(result);
	info = siginfo_user(SIGPIPE, SI_USER);
	(void)signal_send_thread(proc_current(), uthread_current(), &info);
	return result;
}

static inline long transfer(int fd, uptr_t buf, size_t count, uint64_t *pos, transfer_fn *fn)
{
	struct fd_ref ref = fd_borrow(proc_current()->files, fd);
	struct iter iter;
	long result = -EFAULT;

	if (!ref.file)
		return -EBADF;
	if (user_range_ok(buf, count)) {
		iter_user(&iter, buf, min(count, SYS_TRANSFER_MAX));
		result = fn(ref.file, &iter, pos);
	}
	fd_return(ref);
	return result;
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
	if (iter.remaining == 0 && fn == file_write)
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

/* ---- sendfile ------------------------------------------------------------------------------- */

/* Move up to `bytes` through the buffer. *pos (NULL: the file's own) is moved by what was written.
 */
static ssize_t send_part(struct file *out, struct file *in, uint64_t *pos, char *buf, size_t bytes)
{
	uint64_t start = pos ? *pos : 0;
	struct iter iter;
	ssize_t got, put;

	iter_kernel(&iter, buf, bytes);
	got = file_read(in, &iter, pos);
	if (got <= 0)
		return got;
	iter_kernel(&iter, buf, (size_t)got);
	put = file_write(out, &iter, NULL);
	if (pos)
		*pos = start + (uint64_t)max(put, (ssize_t)0);
	else if (put < got)
		file_seek(in, max(put, (ssize_t)0) - got, SEEK_CUR);
	return put;
}

static ssize_t send_all(struct file *out, struct file *in, uint64_t *pos, size_t count)
{
	size_t done = 0;
	ssize_t part = 0;
	char *buf = kmalloc(PAGE_SIZE);

	if (!buf)
		return -ENOMEM;
	while (done < count) {
		part = send_part(out, in, pos, buf, min(count - done, (size_t)PAGE_SIZE));
		if (part <= 0)
			break;
		done += (size_t)part;
	}
	kfree(buf);
	return done ? (ssize_t)done : part;
}

/* As on Linux: from something with a position, never to a file opened for appending. */
static ssize_t send_checked(struct file *out, struct file *in, uptr_t offset, size_t count)
{
	uint64_t pos = 0;
	ssize_t done;

	if (!file_readable(in) || !file_writable(out))
		return -EBADF;
	if (!in->ops->seek || (out->flags & O_APPEND))
		return -EINVAL;
	if (offset && get_user(&pos, offset))
		return -EFAULT;
	if (pos > INT64_MAX)
		return -EINVAL;
	done = send_all(out, in, offset ? &pos : NULL, min(count, SYS_TRANSFER_MAX));
	if (offset && put_user(offset, &pos))
		return -EFAULT;
	return done;
}

long sys_sendfile(int out_fd, int in_fd, uptr_t offset, size_t count)
{
	struct file *in, *out;
	long result;

	result = sys_file(in_fd, &in);
	if (result)
		return result;
	result = sys_file(out_fd, &out);
	if (result)
		goto put_in;
	result = sys_write_result(send_checked(out, in, offset, count));
	file_put(out);
put_in:
	file_put(in);
	return result;
}
