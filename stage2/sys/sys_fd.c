/*
 * Descriptors: close(2), dup(2), fcntl(2), ioctl(2), and what is done to an open file as a whole.
 */
#include "abi/fcntl.h"
#include "abi/ioctls.h"
#include "abi/sched.h"
#include "abi/statfs.h"
#include "fs/nameless.h"
#include "io/pipe.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "net/socket.h"
#include "proc/fork.h"
#include "sys/sys.h"

#define STATUS_FLAGS        (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)
#define CLOSE_RANGE_CLOEXEC 4u
#define CLOSE_RANGE_UNSHARE 2u

static uint64_t fd_limit(void)
{
	return proc_limit(proc_current(), RLIMIT_NOFILE);
}

long sys_close(int fd)
{
	return fd_close(proc_current()->files, fd);
}

long sys_close_range(uint32_t first, uint32_t last, uint32_t flags)
{
	struct fdtable *files;
	uint32_t end;
	int unshare_err = 0;

	if (first > last || (flags & ~(CLOSE_RANGE_CLOEXEC | CLOSE_RANGE_UNSHARE)))
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE)
		unshare_err = proc_unshare(CLONE_FILES);
	if (unshare_err)
		return unshare_err;
	files = proc_current()->files;
	end = (uint32_t)min((uint64_t)last, fdtable_end(files));
	for (uint32_t fd = first; fd <= end; fd++) {
		/* Numbers that are not open are passed over. */
		int err = flags & CLOSE_RANGE_CLOEXEC ? fd_set_cloexec(files, (int)fd, true)
		                                      : fd_close(files, (int)fd);

		if (err && err != -EBADF)
			return err;
	}
	return 0;
}

/* The lowest free number from `lowest` on for what fd stands for. */
static long fd_duplicate(int fd, int lowest, bool cloexec)
{
	struct file *file;
	int err, new_fd;

	err = sys_file(fd, &file);
	if (err)
		return err;
	err = fd_install(proc_current()->files, file, lowest, fd_limit(), cloexec, &new_fd);
	if (err) {
		file_put(file);
		return err;
	}
	return new_fd;
}

static long fd_duplicate_at(int fd, int new_fd, bool cloexec)
{
	struct file *file;
	int err;

	err = sys_file(fd, &file);
	if (err)
		return err;
	if (new_fd < 0)
		err = -EBADF;
	else
		err = fd_install_at(proc_current()->files, file, new_fd, fd_limit(), cloexec);
	if (err) {
		file_put(file);
		return err;
	}
	return new_fd;
}

long sys_dup(int fd)
{
	return fd_duplicate(fd, 0, false);
}

long sys_dup2(int fd, int new_fd)
{
	struct file *file;
	int err;

	if (fd != new_fd)
		return fd_duplicate_at(fd, new_fd, false);
	err = sys_file(fd, &file);
	if (err)
		return err;
	file_put(file);
	return new_fd;
}

long sys_dup3(int fd, int new_fd, int flags)
{
	if (((uint32_t)flags & ~O_CLOEXEC) || fd == new_fd)
		return -EINVAL;
	return fd_duplicate_at(fd, new_fd, (uint32_t)flags & O_CLOEXEC);
}

/* Files that Linux has give a signal when they are ready (O_ASYNC), and that here do not; others
 * have nothing to do with that flag. */
static bool lacks_signal(struct file *file)
{
	return pipe_of(file) || socket_of(file) || (file->vnode && S_ISCHR(file->vnode->mode));
}

static int status_check(struct file *file, uint32_t flags)
{
	if ((flags & ~READ_ONCE(file->flags) & O_ASYNC) && lacks_signal(file))
		return -EINVAL;
	if ((flags & O_DIRECT) && !(file->vnode && S_ISBLK(file->vnode->mode)))
		return -EINVAL;
	if ((flags & ~READ_ONCE(file->flags) & O_NOATIME) && file->vnode &&
		!vnode_is_owner(file->vnode, cred_current()))
		return -EPERM;
	return 0;
}

static void file_set_status(struct file *file, uint32_t flags)
{
	uint32_t old = READ_ONCE(file->flags);

	while (!__atomic_compare_exchange_n(&file->flags, &old,
		(old & ~STATUS_FLAGS) | (flags & STATUS_FLAGS), true, __ATOMIC_RELAXED,
		__ATOMIC_RELAXED))
		;
}

/* Commands that are about the file, not the descriptor. */
static long fcntl_file(int fd, struct file *file, int command, uint64_t arg)
{
	int err;

	if ((file->flags & O_PATH) && command != F_GETFL)
		return -EBADF;
	switch (command) {
	case F_GETFL:
		return READ_ONCE(file->flags) &
		       ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	case F_SETFL:
		err = status_check(file, (uint32_t)arg);
		if (err == 0)
			file_set_status(file, (uint32_t)arg);
		return err;
	case F_GETPIPE_SZ:
		return pipe_of(file) ? pipe_room(pipe_of(file)) : -EBADF;
	case F_SETPIPE_SZ:
		return pipe_of(file) ? pipe_resize(pipe_of(file), arg) : -EBADF;
	case F_ADD_SEALS:
		return arg > UINT32_MAX ? -EINVAL : file_add_seals(file, (uint32_t)arg);
	case F_GET_SEALS:
		return file_get_seals(file);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return sys_fcntl_lock(fd, file, command, arg);
	default:
		return -EINVAL;
	}
}

long sys_fcntl(int fd, int command, uint64_t arg)
{
	struct fdtable *files = proc_current()->files;
	struct file *file;
	bool cloexec;
	long result;

	result = sys_file(fd, &file);
	if (result)
		return result;
	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (arg >= fd_limit())
			result = -EINVAL;
		else
			result = fd_duplicate(fd, (int)arg, command == F_DUPFD_CLOEXEC);
		break;
	case F_GETFD:
		result = fd_get_cloexec(files, fd, &cloexec);
		if (result == 0)
			result = cloexec ? FD_CLOEXEC : 0;
		break;
	case F_SETFD:
		result = fd_set_cloexec(files, fd, arg & FD_CLOEXEC);
		break;
	default:
		result = fcntl_file(fd, file, command, arg);
	}
	file_put(file);
	return result;
}

/* File systems in memory have no state on a disk to be kept still. */
static long freeze(uint32_t request)
{
	if (!cred_may(cred_current(), CAP_SYS_ADMIN))
		return -EPERM;
	return request == FIFREEZE ? -EOPNOTSUPP : -EINVAL;
}

static long ioctl_file(struct file *file, int fd, uint32_t request, uint64_t arg)
{
	int32_t on;

	switch (request) {
	case FIOCLEX:
		return fd_set_cloexec(proc_current()->files, fd, true);
	case FIONCLEX:
		return fd_set_cloexec(proc_current()->files, fd, false);
	case FIONBIO:
		if (get_user(&on, arg))
			return -EFAULT;
		file_set_status(
			file, (READ_ONCE(file->flags) & ~O_NONBLOCK) | (on ? O_NONBLOCK : 0));
		return 0;
	case FIFREEZE:
	case FITHAW:
		return freeze(request);
	default:
		return sys_restartable(file_ioctl(file, request, arg));
	}
}

long sys_ioctl(int fd, uint32_t request, uint64_t arg)
{
	struct file *file;
	long result;

	result = sys_file_opened(fd, &file);
	if (result)
		return result;
	result = ioctl_file(file, fd, request, arg);
	file_put(file);
	return result;
}

static long file_sync_fd(int fd, bool data_only)
{
	struct file *file;
	long result;

	result = sys_file(fd, &file);
	if (result)
		return result;
	result = file_sync(file, data_only);
	file_put(file);
	return result;
}

long sys_fsync(int fd)
{
	return file_sync_fd(fd, false);
}

long sys_fdatasync(int fd)
{
	return file_sync_fd(fd, true);
}

long sys_sync(void)
{
	fs_sync();
	return 0;
}

long sys_syncfs(int fd)
{
	struct file *file;
	int err;

	err = sys_file_opened(fd, &file);
	if (err)
		return err;
	file_put(file);
	fs_sync();
	return 0;
}

long sys_sync_file_range(int fd, int64_t offset, int64_t bytes, uint32_t flags)
{
	struct file *file;
	int err;

	err = sys_file(fd, &file);
	if (err)
		return err;
	err = file_start_sync(file, offset, bytes, flags);
	file_put(file);
	return err;
}

long sys_ftruncate(int fd, int64_t bytes)
{
	struct file *file;
	long result;

	result = sys_file(fd, &file);
	if (result)
		return result;
	result = sys_write_result(file_truncate(file, bytes));
	file_put(file);
	return result;
}

long sys_fallocate(int fd, int mode, int64_t offset, int64_t bytes)
{
	struct file *file;
	long result;

	result = sys_file(fd, &file);
	if (result)
		return result;
	result = sys_write_result(file_allocate(file, mode, offset, bytes));
	file_put(file);
	return result;
}

/* As sys_fadvise64. */
long sys_readahead(int fd, int64_t offset, size_t count)
{
	struct file *file;
	long result;

	result = sys_file_opened(fd, &file);
	if (result)
		return result;
	if (!file_readable(file))
		result = -EBADF;
	else if (!file->ops->pager)
		result = -EINVAL;
	file_put(file);
	return result;
}

/* Advice about future reads: checked, and not followed. */
long sys_fadvise64(int fd, int64_t offset, size_t bytes, int advice)
{
	struct file *file;
	long result;

	result = sys_file_opened(fd, &file);
	if (result)
		return result;
	if (!file->ops->seek)
		result = -ESPIPE;
	else if ((int64_t)bytes < 0 || advice < 0 || advice > 5)
		result = -EINVAL;
	file_put(file);
	return result;
}

/* ---- files in memory ------------------------------------------------------------------------ */

#define MEMFD_PREFIX "memfd:"

long sys_memfd_create(uptr_t name, uint32_t flags)
{
	const size_t prefix = sizeof(MEMFD_PREFIX) - 1;
	char text[NAME_MAX + 1] = MEMFD_PREFIX;
	struct file *file;
	ssize_t length;
	int err;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	length = copy_string_from_user(text + prefix, name, sizeof(text) - prefix);
	if (length < 0)
		return length == -ENAMETOOLONG ? -EINVAL : length;
	err = nameless_create(text, 0777, flags & MFD_ALLOW_SEALING, cred_current(), &file);
	return err ? err : sys_install(file, flags & MFD_CLOEXEC);
}

long sys_fstatfs(int fd, uptr_t buf)
{
	struct statfs statfs;
	struct file *file;
	int err;

	err = sys_file(fd, &file);
	if (err)
		return err;
	err = fs_statfs_file(file, &statfs);
	file_put(file);
	return err ? err : put_user(buf, &statfs);
}
