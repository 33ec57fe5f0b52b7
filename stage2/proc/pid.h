#ifndef PROC_PID_H
#define PROC_PID_H
/*
 * Process numbers. One number names a thread, a process, a process group and a session, so it stays
 * taken until the last of the four has gone: a counted object.
 */
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/list.h"
#include "sched/wait.h"

#define PID_MAX 32768

struct proc;
struct uthread;

struct pid {
	uint32_t refs;            /* [a] */
	uint32_t number;          /* [I] */
	struct list_head link;    /* [pids lock] hash chain */
	struct proc *proc;        /* [pids lock] the process with this number, until it is reaped */
	struct uthread *thread;   /* [pids lock] the thread with this number, until it exits */
	struct list_head group;   /* [tree lock] struct proc.group_link; the newest member first */
	struct list_head session; /* [tree lock] struct proc.session_link */
	struct wait_queue exit_wait; /* woken when the process with this number has ended */
};

/* A free number, refs 1. -EAGAIN: none is left; -ENOMEM. */
__must_check int pid_alloc(struct pid **pid);
/* Number 0: the group and session of process 1 until it makes its own. A reference. */
struct pid *pid_zero(void);
void pid_get(struct pid *pid);
void pid_put(struct pid *pid);

/* The object of a number that is in use, with a reference; NULL: none. */
struct pid *pid_find(uint32_t number);

/* Connect a number with what it names; NULL disconnects. */
void pid_set_proc(struct pid *pid, struct proc *proc);
void pid_set_thread(struct pid *pid, struct uthread *thread);

/* The process (with a reference) of a number; NULL: none, or reaped. */
struct proc *pid_proc(uint32_t number);
/* The same of an object. */
struct proc *pid_get_proc(struct pid *pid);
/* The process, with a reference, that the thread of this number belongs to, and the thread itself,
 * which may exit at any time: only signal_send_thread uses it, under the process's lock. */
struct proc *pid_thread_proc(uint32_t number, struct uthread **thread);

/* The number that was given out last. */
uint32_t pid_last(void);

/* The first process with a number of at least *number, with a reference, and *number moved behind
 * it; NULL: none. */
struct proc *pid_next_proc(uint32_t *number);
/* Call fn for each process, smallest number first, each with a reference held; fn may sleep. Stops
 * when fn returns other than 0, with that. */
int pid_for_each_proc(int (*fn)(struct proc *proc, void *data), void *data);

#endif
