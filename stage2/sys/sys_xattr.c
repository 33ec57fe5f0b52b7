/*
 * Extended attributes: no file of Cor's has any, and none can be given one.
 *
 * The calls are there so that programs are told so: ls and cp take "not supported" for an answer,
 * but report "no such call" as a fault. The file is looked for all the same.
 */
#include "abi/fcntl.h"
#include "abi/stat.h"
#include "sys/sys.h"

/* 0 where the file is there. */
static int look_for(uptr_t text, unsigned at_flags)
{
	struct sys_path path;
	struct stat stat;
	int err;

	err = sys_path_get(&path, AT_FDCWD, text);
	if (err)
		return err;
	err = fs_stat(&path.call, path.text, at_flags, &stat);
	sys_path_put(&path);
	return err;
}

static int look_for_file(int fd)
{
	struct file *file;
	int err;

	err = sys_file(fd, &file);
	if (err == 0)
		file_put(file);
	return err;
}

static long unsupported(int err)
{
	return err ? err : -EOPNOTSUPP;
}

long sys_setxattr(uptr_t path, uptr_t name, uptr_t value, size_t bytes, int flags)
{
	return unsupported(look_for(path, 0));
}

long sys_lsetxattr(uptr_t path, uptr_t name, uptr_t value, size_t bytes, int flags)
{
	return unsupported(look_for(path, AT_SYMLINK_NOFOLLOW));
}

long sys_fsetxattr(int fd, uptr_t name, uptr_t value, size_t bytes, int flags)
{
	return unsupported(look_for_file(fd));
}

long sys_getxattr(uptr_t path, uptr_t name, uptr_t value, size_t bytes)
{
	return unsupported(look_for(path, 0));
}

long sys_lgetxattr(uptr_t path, uptr_t name, uptr_t value, size_t bytes)
{
	return unsupported(look_for(path, AT_SYMLINK_NOFOLLOW));
}

long sys_fgetxattr(int fd, uptr_t name, uptr_t value, size_t bytes)
{
	return unsupported(look_for_file(fd));
}

long sys_listxattr(uptr_t path, uptr_t list, size_t bytes)
{
	return look_for(path, 0);
}

long sys_llistxattr(uptr_t path, uptr_t list, size_t bytes)
{
	return look_for(path, AT_SYMLINK_NOFOLLOW);
}

long sys_flistxattr(int fd, uptr_t list, size_t bytes)
{
	return look_for_file(fd);
}

long sys_removexattr(uptr_t path, uptr_t name)
{
	return unsupported(look_for(path, 0));
}

long sys_lremovexattr(uptr_t path, uptr_t name)
{
	return unsupported(look_for(path, AT_SYMLINK_NOFOLLOW));
}

long sys_fremovexattr(int fd, uptr_t name)
{
	return unsupported(look_for_file(fd));
}
