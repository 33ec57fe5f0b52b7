/*
 * Advisory locks: fcntl(2)'s record locks and flock(2).
 */
#include "abi/fcntl.h"
#include "abi/stat.h"
#include "io/lock.h"
#include "sys/sys.h"

/* Where l_start counts from. */
static int lock_origin(struct file *file, int whence, int64_t *origin)
{
	struct stat stat;
	int err = 0;

	*origin = 0;
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		*origin = (int64_t)READ_ONCE(file->pos);
		break;
	case SEEK_END:
		err = file_stat(file, &stat);
		if (err == 0)
			*origin = stat.st_size;
		break;
	default:
		return -EINVAL;
	}
	return err;
}

/* A negative length is what lies before the start; 0 reaches to the end of all files. */
static int lock_range_from(struct file *file, const struct flock *flock, struct lock_range *range)
{
	int64_t first, last;
	int err = lock_origin(file, flock->l_whence, &first);

	if (err)
		return err;
	if (__builtin_add_overflow(first, flock->l_start, &first))
		return -EOVERFLOW;
	if (first < 0)
		return -EINVAL;
	last = INT64_MAX;
	if (flock->l_len > 0 && __builtin_add_overflow(first, flock->l_len - 1, &last))
		return -EOVERFLOW;
	if (flock->l_len < 0) {
		last = first - 1;
		if (__builtin_add_overflow(first, flock->l_len, &first))
			return -EINVAL;
	}
	if (first < 0)
		return -EINVAL;
	*range = (struct lock_range){
		.first = (uint64_t)first,
		.last = (uint64_t)last,
		.pid = proc_number(proc_current()),
	};
	return 0;
}

static int lock_type_from(struct file *file, const struct flock *flock, struct lock_range *range)
{
	switch (flock->l_type) {
	case F_RDLCK:
		range->type = LOCK_SHARED;
		return file_readable(file) ? 0 : -EBADF;
	case F_WRLCK:
		range->type = LOCK_EXCLUSIVE;
		return file_writable(file) ? 0 : -EBADF;
	case F_UNLCK:
		range->type = LOCK_NONE;
		return 0;
	default:
		return -EINVAL;
	}
}

static long lock_test(
	struct file *file, void *owner, struct flock *flock, struct lock_range *range, uptr_t to)
{
	lock_test_record(file, owner, range);
	if (range->type == LOCK_NONE) {
		flock->l_type = F_UNLCK;
	} else {
		flock->l_type = range->type == LOCK_SHARED ? F_RDLCK : F_WRLCK;
		flock->l_whence = SEEK_SET;
		flock->l_start = (int64_t)range->first;
		flock->l_len =
			range->last == INT64_MAX ? 0 : (int64_t)(range->last - range->first + 1);
		flock->l_pid = (int32_t)range->pid;
	}
	return put_user(to, flock);
}

/* Closing a descriptor gives up the locks. If another thread closed it while this one waited, the
 * lock has come too late for that, and nobody would ever give it up. */
static int lock_set_for(
	int fd, struct file *file, void *owner, const struct lock_range *range, bool wait)
{
	struct file *now = NULL;
	int err;

	err = lock_set_record(file, owner, range, wait);
	if (err || range->type == LOCK_NONE || owner == file)
		return err;
	err = sys_file(fd, &now);
	if (now != file) {
		lock_release_records(file, owner);
		err = -EBADF;
	}
	if (now)
		file_put(now);
	return err;
}

long sys_fcntl_lock(int fd, struct file *file, int command, uptr_t address)
{
	bool open = command >= F_OFD_GETLK;
	void *owner = open ? (void *)file : proc_current()->files;
	struct lock_range range;
	struct flock flock;
	int err;

	if (get_user(&flock, address))
		return -EFAULT;
	if (open && flock.l_pid != 0)
		return -EINVAL;
	err = lock_range_from(file, &flock, &range);
	if (err)
		return err;
	if (open)
		range.pid = LOCK_PID_NONE;
	if (command == F_GETLK || command == F_OFD_GETLK) {
		if (flock.l_type != F_RDLCK && flock.l_type != F_WRLCK)
			return -EINVAL;
		range.type = flock.l_type == F_RDLCK ? LOCK_SHARED : LOCK_EXCLUSIVE;
		return lock_test(file, owner, &flock, &range, address);
	}
	err = lock_type_from(file, &flock, &range);
	if (err == 0)
		err = lock_set_for(
			fd, file, owner, &range, command == F_SETLKW || command == F_OFD_SETLKW);
	return sys_restartable(err);
}

long sys_flock(int fd, int operation)
{
	bool wait = !(operation & LOCK_NB);
	enum lock_type type;
	struct file *file;
	long result;

	switch (operation & ~LOCK_NB) {
	case LOCK_SH:
		type = LOCK_SHARED;
		break;
	case LOCK_EX:
		type = LOCK_EXCLUSIVE;
		break;
	case LOCK_UN:
		type = LOCK_NONE;
		break;
	default:
		return -EINVAL;
	}
	result = sys_file_opened(fd, &file);
	if (result)
		return result;
	result = sys_restartable(lock_set_whole(file, type, wait));
	file_put(file);
	return result;
}
