/*
 * Files by name. Most calls have three forms (path, *at, open file); each pair of them is one
 * function with the others around it.
 */
#include "abi/fcntl.h"
#include "abi/stat.h"
#include "abi/statfs.h"
#include "abi/time.h"
#include "core/clock.h"
#include "mm/slab.h"
#include "sys/sys.h"

/* ---- opening -------------------------------------------------------------------------------- */

static long open_path(int dirfd, uptr_t text, uint32_t flags, uint32_t mode, uint32_t resolve)
{
	struct sys_path path;
	struct file *file;
	int err;

	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	path.call.resolve = resolve;
	/* The root is the base then. */
	if ((resolve & RESOLVE_IN_ROOT) && path.text[0] == '/' && dirfd != AT_FDCWD)
		err = sys_file(dirfd, &path.call.base);
	if (err == 0)
		err = fs_open(&path.call, path.text, flags, mode, &file);
	sys_path_put(&path);
	if (err)
		return sys_restartable(err);
	return sys_install(file, flags & O_CLOEXEC);
}

long sys_openat(int dirfd, uptr_t text, int flags, uint32_t mode)
{
	return open_path(dirfd, text, (uint32_t)flags, mode, 0);
}

long sys_open(uptr_t path, int flags, uint32_t mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_creat(uptr_t path, uint32_t mode)
{
	return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

#define OPEN_FLAGS                                                                                 \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_DSYNC |     \
		O_ASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME |          \
		O_CLOEXEC | O_SYNC | O_PATH | O_TMPFILE)
#define OPEN_PATH_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define RESOLVE_FLAGS                                                                              \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |         \
		RESOLVE_IN_ROOT | RESOLVE_CACHED)

/* Unlike open(2), which does not look at what it does not know. -EINVAL; -EAGAIN: never from the
 * name cache alone. */
static int open_how_check(const struct open_how *how)
{
	bool makes = how->flags & (O_CREAT | O_TMPFILE_BIT);

	if ((how->flags & ~(uint64_t)OPEN_FLAGS) || (how->resolve & ~(uint64_t)RESOLVE_FLAGS))
		return -EINVAL;
	if ((how->resolve & RESOLVE_BENEATH) && (how->resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (how->mode & ~(uint64_t)(makes ? S_IALLUGO : 0))
		return -EINVAL;
	if ((how->flags & O_PATH) && (how->flags & ~(uint64_t)OPEN_PATH_FLAGS))
		return -EINVAL;
	return (how->resolve & RESOLVE_CACHED) && (makes || (how->flags & O_TRUNC)) ? -EAGAIN : 0;
}

long sys_openat2(int dirfd, uptr_t path, uptr_t address, size_t bytes)
{
	struct open_how how;
	int err = sys_get_struct(&how, sizeof(how), OPEN_HOW_BYTES_MIN, address, bytes);

	if (err == 0)
		err = open_how_check(&how);
	if (err)
		return err;
	return open_path(
		dirfd, path, (uint32_t)how.flags, (uint32_t)how.mode, (uint32_t)how.resolve);
}

/* ---- attributes ----------------------------------------------------------------------------- */

static int stat_path(int dirfd, uptr_t text, uint32_t flags, struct stat *stat)
{
	struct sys_path path;
	int err;

	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	err = fs_stat(&path.call, path.text, flags, stat);
	sys_path_put(&path);
	return err;
}

long sys_newfstatat(int dirfd, uptr_t path, uptr_t buf, int flags)
{
	struct stat stat;
	int err;

	if ((uint32_t)flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	err = stat_path(dirfd, path, (uint32_t)flags, &stat);
	return err ? err : put_user(buf, &stat);
}

long sys_stat(uptr_t path, uptr_t stat)
{
	return sys_newfstatat(AT_FDCWD, path, stat, 0);
}

long sys_lstat(uptr_t path, uptr_t stat)
{
	return sys_newfstatat(AT_FDCWD, path, stat, AT_SYMLINK_NOFOLLOW);
}

long sys_fstat(int fd, uptr_t buf)
{
	struct stat stat;
	struct file *file;
	int err;

	err = sys_file(fd, &file);
	if (err)
		return err;
	err = file_stat(file, &stat);
	file_put(file);
	return err ? err : put_user(buf, &stat);
}

long sys_statx(int dirfd, uptr_t path, int flags, uint32_t mask, uptr_t buf)
{
	struct sys_path found;
	struct statx statx;
	int err;

	if ((uint32_t)flags &
		~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE))
		return -EINVAL;
	if (((uint32_t)flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
		(mask & STATX__RESERVED))
		return -EINVAL;
	err = sys_path_get(&found, dirfd, path);
	if (err)
		return err;
	err = fs_statx(&found.call, found.text, (uint32_t)flags, mask, &statx);
	sys_path_put(&found);
	return err ? err : put_user(buf, &statx);
}

long sys_statfs(uptr_t text, uptr_t buf)
{
	struct statfs statfs;
	struct sys_path path;
	int err;

	err = sys_path_get(&path, AT_FDCWD, text);
	if (err)
		return err;
	err = fs_statfs(&path.call, path.text, &statfs);
	sys_path_put(&path);
	return err ? err : put_user(buf, &statfs);
}

long sys_faccessat2(int dirfd, uptr_t text, int mode, int flags)
{
	struct sys_path path;
	int err;

	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	if ((uint32_t)flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	err = fs_access(&path.call, path.text, mode, (uint32_t)flags);
	sys_path_put(&path);
	return err;
}

long sys_faccessat(int dirfd, uptr_t path, int mode)
{
	return sys_faccessat2(dirfd, path, mode, 0);
}

long sys_access(uptr_t path, int mode)
{
	return sys_faccessat2(AT_FDCWD, path, mode, 0);
}

long sys_fchmodat(int dirfd, uptr_t text, uint32_t mode)
{
	struct sys_path path;
	int err;

	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	err = fs_chmod(&path.call, path.text, mode & S_IALLUGO, 0);
	sys_path_put(&path);
	return err;
}

long sys_chmod(uptr_t path, uint32_t mode)
{
	return sys_fchmodat(AT_FDCWD, path, mode);
}

/* Who asks about an open file: the calls by name with an empty path. */
static int call_on_fd(int fd, struct fs_call *call)
{
	int err;

	*call = sys_call_here();
	err = sys_file(fd, &call->base);
	if (err == 0 && (call->base->flags & O_PATH)) {
		file_put(call->base);
		err = -EBADF;
	}
	return err;
}

long sys_fchmod(int fd, uint32_t mode)
{
	struct fs_call call;
	int err;

	err = call_on_fd(fd, &call);
	if (err)
		return err;
	err = fs_chmod(&call, "", mode & S_IALLUGO, AT_EMPTY_PATH);
	file_put(call.base);
	return err;
}

long sys_fchownat(int dirfd, uptr_t text, uint32_t uid, uint32_t gid, int flags)
{
	struct sys_path path;
	int err;

	if ((uint32_t)flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	err = fs_chown(&path.call, path.text, uid, gid, (uint32_t)flags);
	sys_path_put(&path);
	return err;
}

long sys_chown(uptr_t path, uint32_t uid, uint32_t gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_lchown(uptr_t path, uint32_t uid, uint32_t gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(int fd, uint32_t uid, uint32_t gid)
{
	struct fs_call call;
	int err;

	err = call_on_fd(fd, &call);
	if (err)
		return err;
	err = fs_chown(&call, "", uid, gid, AT_EMPTY_PATH);
	file_put(call.base);
	return err;
}

/* ---- times ---------------------------------------------------------------------------------- */

static int time_from_spec(const struct timespec *spec, int64_t *ns)
{
	if (spec->tv_nsec == UTIME_NOW) {
		*ns = FS_TIME_NOW;
	} else if (spec->tv_nsec == UTIME_OMIT) {
		*ns = FS_TIME_OMIT;
	} else if (spec->tv_nsec < 0 || spec->tv_nsec >= (int64_t)NS_PER_SEC) {
		return -EINVAL;
	} else {
		int64_t limit = INT64_MAX / (int64_t)NS_PER_SEC - 1;
		int64_t sec = min(max(spec->tv_sec, -limit), limit);

		*ns = sec * (int64_t)NS_PER_SEC + spec->tv_nsec;
	}
	return 0;
}

/* text 0: the file of dirfd itself. */
static long set_times(int dirfd, uptr_t text, const struct timespec specs[2], uint32_t flags)
{
	struct sys_path path;
	struct fs_call call;
	int64_t atime, mtime;
	int err;

	err = time_from_spec(&specs[0], &atime);
	if (err == 0)
		err = time_from_spec(&specs[1], &mtime);
	if (err)
		return err;
	if (text == 0) {
		err = call_on_fd(dirfd, &call);
		if (err)
			return err;
		err = fs_utimens(&call, "", atime, mtime, AT_EMPTY_PATH);
		file_put(call.base);
		return err;
	}
	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	err = fs_utimens(&path.call, path.text, atime, mtime, flags);
	sys_path_put(&path);
	return err;
}

long sys_utimensat(int dirfd, uptr_t path, uptr_t times, int flags)
{
	struct timespec specs[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };

	if (times && copy_from_user(specs, times, sizeof(specs)))
		return -EFAULT;
	/* As on Linux nobody looks then what it is about. */
	if (specs[0].tv_nsec == UTIME_OMIT && specs[1].tv_nsec == UTIME_OMIT)
		return 0;
	if ((uint32_t)flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (path == 0 && (flags || dirfd == AT_FDCWD))
		return dirfd == AT_FDCWD ? -EFAULT : -EINVAL;
	return set_times(dirfd, path, specs, (uint32_t)flags);
}

long sys_futimesat(int dirfd, uptr_t path, uptr_t times)
{
	struct timespec specs[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	struct timeval values[2];

	if (times && copy_from_user(values, times, sizeof(values)))
		return -EFAULT;
	for (int i = 0; times && i < 2; i++) {
		if (values[i].tv_usec < 0 || values[i].tv_usec >= 1000000)
			return -EINVAL;
		specs[i].tv_sec = values[i].tv_sec;
		specs[i].tv_nsec = values[i].tv_usec * (int64_t)NS_PER_US;
	}
	if (path == 0 && dirfd == AT_FDCWD)
		return -EFAULT;
	return set_times(dirfd, path, specs, 0);
}

long sys_utimes(uptr_t path, uptr_t times)
{
	return sys_futimesat(AT_FDCWD, path, times);
}

long sys_utime(uptr_t path, uptr_t times)
{
	struct timespec specs[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	struct utimbuf values;

	if (times && get_user(&values, times))
		return -EFAULT;
	if (times) {
		specs[0] = (struct timespec){ .tv_sec = values.actime };
		specs[1] = (struct timespec){ .tv_sec = values.modtime };
	}
	return path ? set_times(AT_FDCWD, path, specs, 0) : -EFAULT;
}

/* ---- names ---------------------------------------------------------------------------------- */

long sys_mkdirat(int dirfd, uptr_t text, uint32_t mode)
{
	struct sys_path path;
	int err;

	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	err = fs_mkdir(&path.call, path.text, mode);
	sys_path_put(&path);
	return err;
}

long sys_mkdir(uptr_t path, uint32_t mode)
{
	return sys_mkdirat(AT_FDCWD, path, mode);
}

long sys_mknodat(int dirfd, uptr_t text, uint32_t mode, uint32_t dev)
{
	struct sys_path path;
	int err;

	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	err = fs_mknod(&path.call, path.text, mode, dev);
	sys_path_put(&path);
	return err;
}

long sys_mknod(uptr_t path, uint32_t mode, uint32_t dev)
{
	return sys_mknodat(AT_FDCWD, path, mode, dev);
}

long sys_unlinkat(int dirfd, uptr_t text, int flags)
{
	struct sys_path path;
	int err;

	if ((uint32_t)flags & ~AT_REMOVEDIR)
		return -EINVAL;
	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	err = fs_unlink(&path.call, path.text, (uint32_t)flags);
	sys_path_put(&path);
	return err;
}

long sys_unlink(uptr_t path)
{
	return sys_unlinkat(AT_FDCWD, path, 0);
}

long sys_rmdir(uptr_t path)
{
	return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

typedef int two_paths_fn(const struct fs_call *from_call, const char *from,
	const struct fs_call *to_call, const char *to, unsigned flags);

static long with_two_paths(int from_dirfd, uptr_t from_text, int to_dirfd, uptr_t to_text,
	uint32_t flags, two_paths_fn *fn)
{
	struct sys_path from, to;
	int err;

	err = sys_path_get(&from, from_dirfd, from_text);
	if (err)
		return err;
	err = sys_path_get(&to, to_dirfd, to_text);
	if (err)
		goto put_from;
	err = fn(&from.call, from.text, &to.call, to.text, flags);
	sys_path_put(&to);
put_from:
	sys_path_put(&from);
	return err;
}

long sys_renameat2(int from_dirfd, uptr_t from, int to_dirfd, uptr_t to, uint32_t flags)
{
	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	return with_two_paths(from_dirfd, from, to_dirfd, to, flags, fs_rename);
}

long sys_renameat(int from_dirfd, uptr_t from, int to_dirfd, uptr_t to)
{
	return sys_renameat2(from_dirfd, from, to_dirfd, to, 0);
}

long sys_rename(uptr_t from, uptr_t to)
{
	return sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

long sys_linkat(int from_dirfd, uptr_t from, int to_dirfd, uptr_t to, int flags)
{
	if ((uint32_t)flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return with_two_paths(from_dirfd, from, to_dirfd, to, (uint32_t)flags, fs_link);
}

long sys_link(uptr_t from, uptr_t to)
{
	return sys_linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

long sys_symlinkat(uptr_t target, int dirfd, uptr_t text)
{
	struct sys_path contents, path;
	int err;

	err = sys_path_get(&contents, AT_FDCWD, target);
	if (err)
		return err;
	err = sys_path_get(&path, dirfd, text);
	if (err)
		goto put_contents;
	err = fs_symlink(&path.call, contents.text, path.text);
	sys_path_put(&path);
put_contents:
	sys_path_put(&contents);
	return err;
}

long sys_symlink(uptr_t target, uptr_t path)
{
	return sys_symlinkat(target, AT_FDCWD, path);
}

long sys_readlinkat(int dirfd, uptr_t text, uptr_t buf, int size)
{
	struct sys_path path;
	char *target;
	long result;

	if (size <= 0)
		return -EINVAL;
	target = kmalloc(PATH_MAX);
	if (!target)
		return -ENOMEM;
	result = sys_path_get(&path, dirfd, text);
	if (result)
		goto free_target;
	result = fs_readlink(&path.call, path.text, target, min((size_t)size, (size_t)PATH_MAX));
	sys_path_put(&path);
	if (result > 0 && copy_to_user(buf, target, (size_t)result))
		result = -EFAULT;
free_target:
	kfree(target);
	return result;
}

long sys_readlink(uptr_t path, uptr_t buf, int size)
{
	return sys_readlinkat(AT_FDCWD, path, buf, size);
}

long sys_truncate(uptr_t text, int64_t bytes)
{
	struct sys_path path;
	int err;

	if (bytes < 0)
		return -EINVAL;
	err = sys_path_get(&path, AT_FDCWD, text);
	if (err)
		return err;
	err = fs_truncate(&path.call, path.text, bytes);
	sys_path_put(&path);
	return sys_write_result(err);
}

/* ---- where a process stands ----------------------------------------------------------------- */

long sys_chdir(uptr_t text)
{
	struct sys_path path;
	int err;

	err = sys_path_get(&path, AT_FDCWD, text);
	if (err)
		return err;
	err = fs_chdir(&path.call, path.text);
	sys_path_put(&path);
	return err;
}

long sys_fchdir(int fd)
{
	struct fs_call call = sys_call_here();
	int err;

	err = sys_file(fd, &call.base);
	if (err)
		return err;
	err = fs_chdir(&call, "");
	file_put(call.base);
	return err;
}

long sys_getcwd(uptr_t buf, size_t size)
{
	char *path = kmalloc(PATH_MAX);
	long result;

	if (!path)
		return -ENOMEM;
	result = fs_getcwd(proc_current()->fs, path, PATH_MAX);
	if (result > 0 && (size_t)result > size)
		result = -ERANGE;
	if (result > 0 && copy_to_user(buf, path, (size_t)result))
		result = -EFAULT;
	kfree(path);
	return result;
}

long sys_umask(uint32_t mask)
{
	return __atomic_exchange_n(&proc_current()->fs->umask, mask & S_IRWXUGO, __ATOMIC_RELAXED);
}
