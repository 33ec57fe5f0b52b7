#ifndef FS_FS_H
#define FS_FS_H
/*
 * Files by name: what the system calls need. Paths are NUL-terminated kernel copies, at most
 * PATH_MAX bytes with the NUL. All functions may sleep, hold no lock on entry or return, and return
 * 0 (or a count) or -errno exactly as the manual page of the call says.
 */
#include <stdint.h>

#include "fs/context.h"
#include "io/cred.h"
#include "io/file.h"
#include "lib/compiler.h"

struct statfs;
struct vnode;
struct statx;

/* Who asks, and where relative paths begin. */
struct fs_call {
	struct fs_context *context;
	struct cred *cred;
	struct file *base; /* the *at calls' directory; NULL: AT_FDCWD */
	uint32_t resolve;  /* RESOLVE_*: where a path must not lead, openat2(2) */
};

/* Settings, 0 or 1 [a]: in a directory that is everybody's and sticky, links are followed only if
 * they are the caller's or the directory's owner's; a file gets another name only from its owner,
 * or from who may write to it and gains nothing else by it. */
extern uint32_t fs_protected_symlinks, fs_protected_hardlinks;

/* Once at boot, before anything is mounted. */
void fs_init(void);

/* flags as open(2), mode without umask applied. The file carries the status flags. */
__must_check int fs_open(const struct fs_call *call, const char *path, uint32_t flags,
	uint32_t mode, struct file **file);
/* A regular file to execute: not a directory, X permission. -EACCES; -ETXTBSY: somebody has it open
 * for writing, which nobody can as long as the result is there. at_flags as in fs_stat; a link that
 * is not followed is -ELOOP. */
__must_check int fs_open_exec(
	const struct fs_call *call, const char *path, unsigned at_flags, struct file **file);
/* An interpreter is loaded: its file can be written to from now on. */
void fs_exec_loaded(struct file *file);

/* at_flags: AT_SYMLINK_NOFOLLOW; AT_EMPTY_PATH with an empty path: the base itself. */
int fs_stat(const struct fs_call *call, const char *path, unsigned at_flags, struct stat *stat);
/* mask: what is wanted of it, STATX_*. */
int fs_statx(const struct fs_call *call, const char *path, unsigned at_flags, uint32_t mask,
	struct statx *statx);
int fs_statfs(const struct fs_call *call, const char *path, struct statfs *statfs);
int fs_statfs_file(struct file *file, struct statfs *statfs);
/* access: F_OK or bits; judged by the real ids unless AT_EACCESS. */
int fs_access(const struct fs_call *call, const char *path, int access, unsigned at_flags);
/* Bytes put into buf, without a NUL. */
ssize_t fs_readlink(const struct fs_call *call, const char *path, char *buf, size_t size);

int fs_mkdir(const struct fs_call *call, const char *path, uint32_t mode);
/* Regular files, FIFOs, sockets, devices (root only). rdev as in abi/stat.h. */
int fs_mknod(const struct fs_call *call, const char *path, uint32_t mode, uint64_t rdev);
/* The node of a socket: a new one, which must not be there, opened with O_PATH; the one at that
 * path, with a reference, for who may write to it. -ECONNREFUSED: it is no socket. */
__must_check int fs_socket_make(
	const struct fs_call *call, const char *path, uint32_t mode, struct file **file);
__must_check int fs_socket_find(const struct fs_call *call, const char *path, struct vnode **node);
int fs_symlink(const struct fs_call *call, const char *target, const char *path);
/* at_flags: AT_SYMLINK_FOLLOW, AT_EMPTY_PATH for the old path. */
int fs_link(const struct fs_call *from_call, const char *from, const struct fs_call *to_call,
	const char *to, unsigned at_flags);
/* at_flags: AT_REMOVEDIR for rmdir(2). */
int fs_unlink(const struct fs_call *call, const char *path, unsigned at_flags);
/* flags: RENAME_NOREPLACE, RENAME_EXCHANGE. */
int fs_rename(const struct fs_call *from_call, const char *from, const struct fs_call *to_call,
	const char *to, unsigned flags);

/* at_flags as in fs_stat: with AT_EMPTY_PATH these serve fchmod, fchown, futimens as well. */
int fs_chmod(const struct fs_call *call, const char *path, uint32_t mode, unsigned at_flags);
/* uid, gid UINT32_MAX: leave. */
int fs_chown(const struct fs_call *call, const char *path, uint32_t uid, uint32_t gid,
	unsigned at_flags);
/* Nanoseconds since 1970, or one of the two. */
#define FS_TIME_NOW  INT64_MAX
#define FS_TIME_OMIT INT64_MIN
int fs_utimens(const struct fs_call *call, const char *path, int64_t atime_ns, int64_t mtime_ns,
	unsigned at_flags);
int fs_truncate(const struct fs_call *call, const char *path, int64_t bytes);

int fs_chdir(const struct fs_call *call, const char *path); /* fchdir: "" and a base */
int fs_chroot(const struct fs_call *call, const char *path);
/* The working directory's path with its NUL: bytes, -ERANGE, -ENOENT (it was removed). Where it is
 * not below the root the path begins with "(unreachable)", as on Linux. */
ssize_t fs_getcwd(struct fs_context *context, char *buf, size_t size);
/* The same of a place, of an open file, for /proc/PID/cwd, fd, maps; " (deleted)" is added where it
 * was. What is not below the root gets no mark: its path begins where nothing is above it, as on
 * Linux. -EINVAL: the file has no name. */
ssize_t fs_path_text(struct fs_context *context, const struct path *path, char *buf, size_t size);
ssize_t fs_file_path(struct fs_context *context, struct file *file, char *buf, size_t size);

/* A mount's place as it is seen from `root` ("(unreachable)" before it: it is not), and what part
 * of its file system it shows; results as those of fs_path_text. */
ssize_t fs_mount_text(const struct path *root, struct mount *mount, char *buf, size_t size);
ssize_t fs_mount_root_text(struct mount *mount, char *buf, size_t size);

/* mount(2). Strings may be NULL where it has them so, but not the options. */
struct mount_request {
	const char *source, *type;
	uint32_t flags; /* MS_*, without the magic number */
	char *options;  /* taken apart */
};
int fs_mount(const struct fs_call *call, const char *target, const struct mount_request *request);
/* umount2(2). */
int fs_umount(const struct fs_call *call, const char *target, unsigned flags);
/* pivot_root(2). *root and *new, references for the caller: whoever stands at the one is to stand
 * at the other from now on. */
int fs_pivot_root(const struct fs_call *call, const char *new_path, const char *old_path,
	struct path *root, struct path *new);

/* sync(2): all mounted file systems. */
void fs_sync(void);
/* Forget all clean pages, all unused names: /proc/sys/vm/drop_caches. */
void fs_drop_pages(void);
void fs_drop_names(void);

#endif
