/*
 * Moving bytes from file to file: sendfile(2), splice(2), tee(2), vmsplice(2), copy_file_range(2).
 */
#include "abi/fcntl.h"
#include "abi/poll.h"
#include "abi/stat.h"
#include "abi/uio.h"
#include "io/pipe.h"
#include "io/splice.h"
#include "net/socket.h"
#include "sys/sys.h"

/* The two files of a call. -EBADF. */
struct ends {
	struct file *in, *out;
};

static int ends_get(struct ends *ends, int in, int out)
{
	int err = sys_file(in, &ends->in);

	if (err)
		return err;
	err = sys_file(out, &ends->out);
	if (err)
		file_put(ends->in);
	return err;
}

static void ends_put(struct ends *ends)
{
	file_put(ends->in);
	file_put(ends->out);
}

static bool ends_open(const struct ends *ends)
{
	return file_readable(ends->in) && file_writable(ends->out);
}

/* An offset that may be missing (address 0), and back. -EFAULT, -EINVAL. */
static int offset_get(uptr_t address, uint64_t *offset)
{
	if (address && get_user(offset, address))
		return -EFAULT;
	return address && *offset > INT64_MAX ? -EINVAL : 0;
}

static int offset_put(uptr_t address, const uint64_t *offset)
{
	return address ? put_user(address, offset) : 0;
}

/* ---- sendfile ------------------------------------------------------------------------------- */

/* As on Linux: from something with a position, never to a file opened for appending. */
static ssize_t send_checked(const struct ends *ends, uptr_t offset, size_t count)
{
	uint64_t pos = 0;
	ssize_t done;

	if (!ends_open(ends))
		return -EBADF;
	if (!ends->in->ops->seek || (ends->out->flags & O_APPEND) || count > INT64_MAX)
		return -EINVAL;
	done = offset_get(offset, &pos);
	if (done)
		return done;
	done = splice_files(
		ends->in, offset ? &pos : NULL, ends->out, NULL, min(count, SYS_TRANSFER_MAX));
	return offset_put(offset, &pos) ? -EFAULT : done;
}

long sys_sendfile(int out, int in, uptr_t offset, size_t count)
{
	struct ends ends;
	long result = ends_get(&ends, in, out);

	if (result)
		return result;
	result = sys_write_result(send_checked(&ends, offset, count));
	ends_put(&ends);
	return result;
}

/* ---- splice, tee ---------------------------------------------------------------------------- */

/* Files that are streams or have a position; not what gives out records, or names. */
static bool can_splice(const struct file *file)
{
	return !file->ops->name && !file->ops->readdir;
}

static bool waits(uint32_t flags, const struct file *pipe_end)
{
	return !(flags & SPLICE_F_NONBLOCK) && !(READ_ONCE(pipe_end->flags) & O_NONBLOCK);
}

static ssize_t splice_checked(
	const struct ends *ends, uint64_t *in_pos, uint64_t *out_pos, size_t count, uint32_t flags)
{
	struct file *in = ends->in, *out = ends->out;
	struct pipe *from = pipe_of(in), *to = pipe_of(out);

	if (!ends_open(ends))
		return -EBADF;
	if (from && to) {
		if (from == to)
			return -EINVAL;
		return splice_pipes(from, to, count, false, waits(flags, in) && waits(flags, out));
	}
	if (from) {
		if (!can_splice(out) || (out->flags & O_APPEND) || (out_pos && !out->ops->seek))
			return -EINVAL;
		return splice_from_pipe(from, out, out_pos, count, waits(flags, in));
	}
	if (!to || !can_splice(in) || (in_pos && !in->ops->seek))
		return -EINVAL;
	/* Of what is no pipe, only sockets do not wait then. */
	if ((flags & SPLICE_F_NONBLOCK) && socket_of(in) && !(file_poll(in, NULL) & POLLIN))
		return -EAGAIN;
	return splice_to_pipe(in, in_pos, to, count, waits(flags, out));
}

static ssize_t splice_ends(
	const struct ends *ends, uptr_t in_offset, uptr_t out_offset, size_t count, uint32_t flags)
{
	uint64_t in_pos = 0, out_pos = 0;
	ssize_t done;
	int err;

	if ((in_offset && pipe_of(ends->in)) || (out_offset && pipe_of(ends->out)))
		return -ESPIPE;
	err = offset_get(out_offset, &out_pos);
	if (err == 0)
		err = offset_get(in_offset, &in_pos);
	if (err)
		return err;
	done = splice_checked(ends, in_offset ? &in_pos : NULL, out_offset ? &out_pos : NULL,
		min(count, SYS_TRANSFER_MAX), flags);
	if (done > 0 && (offset_put(out_offset, &out_pos) || offset_put(in_offset, &in_pos)))
		return -EFAULT;
	return done;
}

long sys_splice(int in, uptr_t in_offset, int out, uptr_t out_offset, size_t count, uint32_t flags)
{
	struct ends ends;
	long result;

	if (count == 0)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	result = ends_get(&ends, in, out);
	if (result)
		return result;
	result = sys_write_result(splice_ends(&ends, in_offset, out_offset, count, flags));
	ends_put(&ends);
	return result;
}

static ssize_t tee_ends(const struct ends *ends, size_t count, uint32_t flags)
{
	struct pipe *from = pipe_of(ends->in), *to = pipe_of(ends->out);

	if (!ends_open(ends))
		return -EBADF;
	if (!from || !to || from == to)
		return -EINVAL;
	return splice_pipes(from, to, min(count, SYS_TRANSFER_MAX), true,
		waits(flags, ends->in) && waits(flags, ends->out));
}

long sys_tee(int in, int out, size_t count, uint32_t flags)
{
	struct ends ends;
	long result;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (count == 0)
		return 0;
	result = ends_get(&ends, in, out);
	if (result)
		return result;
	result = sys_write_result(tee_ends(&ends, count, flags));
	ends_put(&ends);
	return result;
}

/* ---- vmsplice ------------------------------------------------------------------------------- */

/* The program's pages are copied, so it may use them again at once. */
static ssize_t memory_to_pipe(struct pipe *pipe, struct iter *iter, bool wait)
{
	ssize_t done = pipe_hold_room(pipe, wait);

	if (done <= 0)
		return done;
	done = pipe_fill(pipe, iter);
	pipe_release_room(pipe);
	return done;
}

static ssize_t memory_from_pipe(struct pipe *pipe, struct iter *iter, bool wait)
{
	ssize_t done = pipe_hold_bytes(pipe, wait);

	if (done <= 0)
		return done;
	done = pipe_peek(pipe, 0, iter);
	if (done > 0)
		pipe_take_held(pipe, (size_t)done);
	pipe_release_bytes(pipe);
	return done;
}

static ssize_t vmsplice_pieces(struct file *file, uptr_t from, size_t count, uint32_t flags)
{
	struct pipe *pipe = pipe_of(file);
	struct sys_pieces pieces;
	struct iter iter;
	ssize_t result;

	if (!pipe)
		return -EBADF;
	if (count > UIO_MAXIOV)
		return -EINVAL;
	result = sys_pieces_get(&pieces, from, count, &iter);
	if (result)
		return result;
	if (iter.remaining == 0)
		result = 0;
	else if (file_writable(file))
		result = memory_to_pipe(pipe, &iter, waits(flags, file));
	else
		result = memory_from_pipe(pipe, &iter, waits(flags, file));
	sys_pieces_put(&pieces);
	return result;
}

long sys_vmsplice(int fd, uptr_t pieces, size_t count, uint32_t flags)
{
	struct file *file;
	long result;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	result = sys_file_opened(fd, &file);
	if (result)
		return result;
	result = sys_write_result(vmsplice_pieces(file, pieces, count, flags));
	file_put(file);
	return result;
}

/* ---- copy_file_range ------------------------------------------------------------------------ */

/* Between regular files of one file system; not within one where the ranges meet. */
static int copy_check(const struct ends *ends, uint64_t from, uint64_t to, size_t *count)
{
	struct stat in, out;
	int err = file_stat(ends->in, &in);

	if (!err)
		err = file_stat(ends->out, &out);
	if (err)
		return err;
	if (S_ISDIR(in.st_mode) || S_ISDIR(out.st_mode))
		return -EISDIR;
	if (!S_ISREG(in.st_mode) || !S_ISREG(out.st_mode))
		return -EINVAL;
	if (!ends_open(ends) || (ends->out->flags & O_APPEND))
		return -EBADF;
	if (in.st_dev != out.st_dev)
		return -EXDEV;
	if (from + *count < from || to + *count < to)
		return -EOVERFLOW;
	if (from > INT64_MAX || to > INT64_MAX)
		return -EINVAL;
	*count = min(*count, (size_t)(max((uint64_t)in.st_size, from) - from));
	if (in.st_ino == out.st_ino && from < to + *count && to < from + *count)
		return -EINVAL;
	return 0;
}

static ssize_t copy_range(
	const struct ends *ends, uptr_t in_offset, uptr_t out_offset, size_t count)
{
	uint64_t from = READ_ONCE(ends->in->pos), to = READ_ONCE(ends->out->pos);
	ssize_t done;

	if ((in_offset && get_user(&from, in_offset)) || (out_offset && get_user(&to, out_offset)))
		return -EFAULT;
	done = copy_check(ends, from, to, &count);
	if (done || count == 0)
		return done;
	done = splice_files(ends->in, in_offset ? &from : NULL, ends->out, out_offset ? &to : NULL,
		min(count, SYS_TRANSFER_MAX));
	if (done > 0 && (offset_put(in_offset, &from) || offset_put(out_offset, &to)))
		return -EFAULT;
	return done;
}

long sys_copy_file_range(
	int in, uptr_t in_offset, int out, uptr_t out_offset, size_t count, uint32_t flags)
{
	struct ends ends;
	long result;

	result = ends_get(&ends, in, out);
	if (result)
		return result;
	if (flags)
		result = -EINVAL;
	else
		result = sys_restartable(copy_range(&ends, in_offset, out_offset, count));
	ends_put(&ends);
	return result;
}
