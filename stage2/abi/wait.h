#ifndef ABI_WAIT_H
#define ABI_WAIT_H
/*
 * wait4(2): options and the status word (uapi/linux/wait.h).
 */
#define WNOHANG     0x00000001
#define WUNTRACED   0x00000002
#define WSTOPPED    WUNTRACED
#define WEXITED     0x00000004
#define WCONTINUED  0x00000008
#define WNOWAIT     0x01000000
#define __WNOTHREAD 0x20000000
#define __WALL      0x40000000
#define __WCLONE    0x80000000u

/* waitid(2): whom. */
#define P_ALL   0
#define P_PID   1
#define P_PGID  2
#define P_PIDFD 3

/* The status word: made by the kernel, taken apart by who waits. */
#define WAIT_STATUS_EXITED(code)    (((code)&0xff) << 8)
#define WAIT_STATUS_STOPPED(signal) ((signal) << 8 | 0x7f)
#define WAIT_STATUS_CONTINUED       0xffff
#define WAIT_STATUS_CORE            0x80 /* flag beside a signal number: the action was "core" */

#define WIFSTOPPED(status)  (((status)&0xff) == 0x7f)
#define WSTOPSIG(status)    WEXITSTATUS(status)
#define WIFEXITED(status)   (((status)&0x7f) == 0)
#define WEXITSTATUS(status) (((status) >> 8) & 0xff)
#define WIFSIGNALED(status) (((status)&0x7f) != 0 && ((status)&0x7f) != 0x7f)
#define WTERMSIG(status)    ((status)&0x7f)

#endif
