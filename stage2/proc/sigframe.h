#ifndef PROC_SIGFRAME_H
#define PROC_SIGFRAME_H
/*
 * The frame of a signal handler on the program's stack, as Linux lays it out.
 */
#include <stddef.h>

#include "abi/signal.h"
#include "arch/trap.h"
#include "lib/compiler.h"

/* Push a frame for the handler of `action` and make `frame` enter it. The mask is not changed. May
 * sleep. -EFAULT: the stack cannot take it; nothing has changed but user memory. */
__must_check int sigframe_push(
	struct trap_frame *frame, const struct siginfo *info, const struct sigaction *action);

/* rt_sigreturn(2): back to what was interrupted: registers, FPU, mask, alternate stack. -EFAULT:
 * what lies there is no frame. */
__must_check int sigframe_pop(struct trap_frame *frame);

/* What a frame takes at most, for AT_MINSIGSTKSZ. */
size_t sigframe_bytes_max(void);

#endif
