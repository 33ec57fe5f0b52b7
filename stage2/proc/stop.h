#ifndef PROC_STOP_H
#define PROC_STOP_H
/*
 * Stopping and continuing (POSIX, 2.4.3 and waitpid): job control as a process and its parent see
 * it.
 */
#include "lib/compiler.h"
#include "proc/proc.h"

/* A stop signal that the running thread has taken (signal_take) takes effect, unless SIGCONT has
 * come since: its process is to stop. The thread stays until it goes on or is killed. Sleeps. */
void proc_stop(int signal);
/* The running thread stays while its process is stopped. Sleeps. */
void proc_stay_stopped(void);

/* SIGCONT (goes_on) or a kill: the process is not stopped any more. Its lock is held. */
void proc_end_stop_locked(struct proc *proc, bool goes_on);

/* A thread of a process that is to stop has ended: true if all others have stopped by now, and the
 * parent is to be told (proc_tell_parent). The process's lock is held. */
bool proc_has_stopped_locked(const struct proc *proc);
/* Tell the parent of what it was not told yet: that proc goes on, that it has stopped. Sleeps. */
void proc_tell_parent(struct proc *proc);

/* What a parent that waits for stopped (WSTOPPED) and continued (WCONTINUED) children is given of
 * this one, as wait4(2) gives it; 0: nothing. With WNOWAIT it is still there for the next wait. */
int proc_stop_status(struct proc *child, int options);
/* There is, or comes without another word, something for proc_stop_status. */
bool proc_has_stop_status(struct proc *child);

#endif
