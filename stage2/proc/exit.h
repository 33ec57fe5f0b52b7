#ifndef PROC_EXIT_H
#define PROC_EXIT_H
/*
 * The end of threads and processes, and waiting for it.
 */
#include "abi/wait.h"
#include "lib/compiler.h"
#include "proc/proc.h"

/* End the running thread; with its last thread the process ends with `wait_status` (as wait4 gives
 * it), or with what a signal or exit_group had set before. */
__noreturn void thread_exit_user(int wait_status);
/* End the running process: all threads. */
__noreturn void proc_exit_group(int wait_status);
/* All threads are to exit. The process's lock is held. No effect if it is exiting already. */
void proc_start_exit_locked(struct proc *proc, int wait_status);

/* The address space loses the running thread, which was to clear its number there: clear it, and
 * wake who waits for that (pthread_join). */
void thread_clear_tid(struct uthread *self);

/* The child has stopped using its parent's address space (exec, exit). */
void proc_vfork_done(struct proc *proc);

/* Take a zombie out of all tables. The tree lock is held; the reference that the tables had is the
 * caller's to put. */
void proc_reap_locked(struct proc *proc);

/* Which children, and what of them. */
struct wait_request {
	enum { WAIT_FOR_ANY, WAIT_FOR_ONE, WAIT_FOR_GROUP } whom;
	uint32_t number; /* of the child, or of the group; group 0: the caller's */
	int options;     /* WEXITED, WSTOPPED, WCONTINUED; WNOHANG, WNOWAIT, __WALL, __WCLONE */
	bool nonblock;   /* the caller's own: WNOHANG comes from a descriptor that does not block */
};

struct wait_result {
	int pid;    /* 0: WNOHANG, and nothing to report */
	int status; /* as wait4(2) gives it */
	uint32_t uid;
	struct proc_usage usage;
};

/* wait4(2), waitid(2). WNOWAIT: what is reported is still there for the next wait. -ECHILD, -EINTR.
 * May sleep. */
__must_check int proc_wait(const struct wait_request *request, struct wait_result *result);

/* There is something to wait for of proc. The tree lock is held. */
void proc_has_news_locked(struct proc *proc);

/* What a parent is sent about proc: signal, CLD_EXITED and the like, exit status or signal. */
struct siginfo proc_child_info(struct proc *proc, int signal, int code, int status);
/* Something has happened to a child of parent: who waits looks again. The tree lock is held. */
void proc_wake_parent_locked(struct proc *parent);

/* Called, never to return, with the wait status of process 1 when it ends. Set before it starts. */
void proc_set_on_init_exit(void (*fn)(int wait_status));

#endif
