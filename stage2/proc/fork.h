#ifndef PROC_FORK_H
#define PROC_FORK_H
/*
 * New processes and threads: clone(2); and what they share no longer: unshare(2).
 */
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct clone_args {
	uint64_t flags; /* CLONE_*, of clone3 too, and the exit signal in the low byte */
	uptr_t stack;   /* 0: the caller's */
	uptr_t parent_tid, child_tid, tls;
	uptr_t pidfd; /* CLONE_PIDFD: where the descriptor goes */
};

/* The new number; with CLONE_VFORK after the child has called exec or ended. -EAGAIN, -ENOMEM,
 * -EINVAL (flags that do not go together, or that are not supported), -EPERM. */
__must_check int proc_clone(const struct clone_args *args);

/* The running process has its own of CLONE_FILES, CLONE_FS, CLONE_SYSVSEM from now on. -ENOMEM;
 * -EINVAL: other flags, other threads, or with CLONE_VM others in its memory. Sleeps. */
__must_check int proc_unshare(uint64_t flags);

#endif
