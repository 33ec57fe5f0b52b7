#ifndef SYS_SYS_H
#define SYS_SYS_H
/*
 * System calls: one thin handler each, sys_NAME, with the arguments of abi/syscalls.def. A handler
 * fetches from user memory, calls down, and returns the value or -errno; it decides nothing that a
 * lower room could. Handlers run in the calling thread, interrupts on, no lock held; all may sleep.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/errno.h"
#include "abi/time.h"
#include "fs/fs.h"
#include "lib/assert.h"
#include "lib/compiler.h"
#include "lib/itimer.h"
#include "lib/types.h"
#include "proc/proc.h"
#include "vm/uaccess.h"

/* The prototypes. */
#define SYSCALL0(number, name)                         long sys_##name(void);
#define SYSCALL1(number, name, t1, a1)                 long sys_##name(t1 a1);
#define SYSCALL2(number, name, t1, a1, t2, a2)         long sys_##name(t1 a1, t2 a2);
#define SYSCALL3(number, name, t1, a1, t2, a2, t3, a3) long sys_##name(t1 a1, t2 a2, t3 a3);
#define SYSCALL4(number, name, t1, a1, t2, a2, t3, a3, t4, a4)                                     \
	long sys_##name(t1 a1, t2 a2, t3 a3, t4 a4);
#define SYSCALL5(number, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                             \
	long sys_##name(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5);
#define SYSCALL6(number, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)                     \
	long sys_##name(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6);
#include "abi/syscalls.def"

/* The name of a call; NULL: there is no such number. For traces. */
const char *sys_name(uint32_t number);

/* ---- what handlers share -------------------------------------------------------------------- */

/* The most that one read or write moves, as in Linux: an int of bytes, in whole pages. */
#define SYS_TRANSFER_MAX 0x7ffff000ul

/* An interrupted call that is made again unless a handler without SA_RESTART runs. Delivery settles
 * that on the way out, also where the signal has meanwhile gone to another thread: the thread's
 * pending work, which has interrupted it, says that there is something to deliver. */
long sys_interrupted(long result);
static inline long sys_restartable(long result)
{
	return likely(result >= 0) ? result : sys_interrupted(result);
}
/* The same of a write, whose -EPIPE comes with a signal unless the file says otherwise, and of what
 * else may meet RLIMIT_FSIZE. */
long sys_write_failed(long result);
static inline long sys_write_result(long result)
{
	return likely(result >= 0) ? result : sys_write_failed(result);
}

/* The pieces of readv and the like, in an iter. count is at most UIO_MAXIOV; what is more than
 * SYS_TRANSFER_MAX together is cut off. -EFAULT, -EINVAL, -ENOMEM; on success sys_pieces_put is
 * due. */
#define SYS_PIECES_FEW 8
struct sys_pieces {
	struct iter_piece few[SYS_PIECES_FEW], *all;
};
__must_check int sys_pieces_get(
	struct sys_pieces *pieces, uptr_t from, size_t count, struct iter *iter);
void sys_pieces_put(struct sys_pieces *pieces);

/* Give a new file the lowest free number, within RLIMIT_NOFILE: the number. Takes over the caller's
 * reference in any case: where there is no number the file is closed. -EMFILE, -ENOMEM. */
__must_check int sys_install(struct file *file, bool cloexec);

/* The file of a descriptor, with a reference. -EBADF. */
__must_check int sys_file(int fd, struct file **file);
/* The same for a call that needs an open file: -EBADF also for one opened with O_PATH. */
__must_check int sys_file_opened(int fd, struct file **file);

/* F_GETLK, F_OFD_GETLK and the like of fcntl(2); `file` is what fd stood for. */
long sys_fcntl_lock(int fd, struct file *file, int command, uptr_t address);

/* May the running thread change how proc, which is locked, is scheduled, or look into it: with
 * CAP_SYS_NICE, or who has its ids. */
bool sys_owns(struct proc *proc);
/* The end of a change: the caller's process gets `cred`, whose reference this takes over. -EAGAIN:
 * its new user has too many threads. */
long sys_cred_install(struct cred *cred);
/* The options of prctl(2) about capabilities. -EINVAL, -EPERM, -ENOMEM. */
long sys_capability_control(int option, uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5);
/* A thread, its process locked, gets a nice value, cut to what there is. -EPERM: it is somebody
 * else's; -EACCES: it would be less than the caller may give. */
__must_check int sys_nice_set(struct uthread *uthread, int nice);

/* A path argument: a kernel copy, and who asks. */
struct sys_path {
	struct fs_call call; /* base: reference held, or NULL */
	char *text;          /* short_text, or kmalloc'ed */
	char short_text[128];
};
/* dirfd as in the *at calls; it is looked at only where the path is relative. -EFAULT,
 * -ENAMETOOLONG, -EBADF, -ENOMEM; on success sys_path_put is due. */
__must_check int sys_path_get(struct sys_path *path, int dirfd, uptr_t text);
void sys_path_put(struct sys_path *path);

/* Who asks, without a base. */
struct fs_call sys_call_here(void);

/* Times: nanoseconds, from a timespec in the program's memory. -EFAULT, -EINVAL (negative, or a
 * billion nanoseconds and more). Longer than 292 years is as good as for ever: cut. */
__must_check int sys_get_time(uptr_t address, int64_t *ns);
__must_check int sys_put_time(uptr_t address, int64_t ns);
struct timespec sys_timespec(int64_t ns);
struct timeval sys_timeval(uint64_t ns);
/* False: negative, or a million microseconds and more. */
bool sys_timeval_ns(const struct timeval *time, int64_t *ns);
__must_check int sys_get_itimerspec(uptr_t address, struct itimer_setting *setting);
__must_check int sys_put_itimerspec(uptr_t address, const struct itimer_setting *setting);

/* A structure that may have grown: `bytes` of it are the program's, `known` ours, with zeros where
 * the program's ends; what is beyond ours must be 0. -EINVAL (shorter than `least`), -E2BIG,
 * -EFAULT. */
__must_check int sys_get_struct(void *to, size_t known, size_t least, uptr_t from, size_t bytes);

/* What a program says of a signal that it sends. -EFAULT. */
__must_check int sys_get_siginfo(uptr_t address, int signal, struct siginfo *info);

/* The deadline that is span_ns away. */
uint64_t sys_deadline_after(uint64_t span_ns);
/* The deadline of a sleep of `span_ns`; of a call that is made again after a signal without a
 * handler: the one that it had. WAIT_FOREVER stays. */
uint64_t sys_deadline(uint64_t span_ns);
/* The same by another clock than clock_ns, which shows now_ns. */
uint64_t sys_deadline_from(uint64_t now_ns, uint64_t span_ns);
/* The deadline of a timespec in the program's memory; 0: at once; WAIT_FOREVER: address 0. -EFAULT,
 * -EINVAL. */
__must_check int sys_timeout(uptr_t timeout, uint64_t *deadline_ns);
/* What is left of it goes there, as on Linux, if it can be written. */
void sys_timeout_left(uptr_t timeout, uint64_t deadline_ns);
/* The result of an interrupted sleep that has a deadline: it is made again with the same one. */
long sys_sleep_interrupted(uint64_t deadline_ns);

/* ppoll, pselect, epoll_pwait: wait with another signal mask (address 0: with one's own), -EINVAL,
 * -EFAULT. Then: put the old one back, unless a signal ended the wait, whose delivery does it. */
__must_check int sys_mask_install(uptr_t sigmask, size_t set_bytes);
long sys_mask_finish(long result);

#endif
