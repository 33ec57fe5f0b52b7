#ifndef PROC_PROC_H
#define PROC_PROC_H
/*
 * Processes. A process is a set of threads with an address space, a descriptor table, a place in
 * the file tree, credentials, and what to do about signals.
 *
 * States: ALIVE while it has threads; then ZOMBIE, a record with an exit status, until the parent
 * has waited for it; then it is out of every table and freed with the last reference.
 *
 * Locks: the tree lock (a mutex, one for all) guards kinship, groups, sessions and states.
 * proc->lock (a spinlock) guards threads, signals, limits and the pointers to parts, and is taken
 * under the tree lock. Timers take it in interrupts: proc_lock turns them off. A thread may use its
 * own process's parts without a reference: they change only while no other thread is there to see
 * it (exec, exit), or are replaced by their user.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/resource.h"
#include "abi/signal.h"
#include "core/spinlock.h"
#include "fs/context.h"
#include "io/cred.h"
#include "io/fdtable.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "proc/cpu_timer.h"
#include "proc/interval_timer.h"
#include "proc/io_context.h"
#include "proc/pid.h"
#include "proc/posix_timer.h"
#include "proc/signal.h"
#include "proc/terminal.h"
#include "proc/usage.h"
#include "sched/thread.h"
#include "sched/wait.h"
#include "vm/aspace.h"

#define TIMER_SLACK_NS 50000 /* what a thread has that did not ask for another */

/* The least that oom_score_adj may be: such a process is never killed for want of memory. */
#define OOM_SCORE_ADJ_MIN (-1000)

enum proc_state { PROC_ALIVE, PROC_ZOMBIE, PROC_REAPED };

struct proc {
	uint32_t refs;   /* [a] */
	struct pid *pid; /* [I] reference held */

	/* [tree lock] */
	enum proc_state state;
	struct proc *parent;       /* NULL: pid 1's, and of what the kernel started */
	uint32_t parent_number;    /* its number; 0: none. Read without the lock */
	struct list_head children; /* struct proc.sibling; zombies too */
	struct list_head sibling;
	struct list_head news; /* struct proc.news_link: children with something to wait for */
	struct list_head news_link;
	struct pid *group, *session; /* references held; NULL: reaped */
	struct list_head group_link, session_link;
	struct terminal *terminal; /* controls it; reference held; NULL: none */
	struct pid *lost_group;    /* a leader's: the foreground of a terminal that hung up */
	int exit_signal;           /* what the parent gets at the end; 0: nothing */
	int wait_status;           /* of a zombie, as wait4 gives it */
	uint32_t group_signals;    /* [a] sent to it as one of several: see fork.c */
	bool executed;             /* it has called exec: its parent may not move it to a group */
	struct proc_usage children_usage; /* of children waited for */

	uint32_t child_events;        /* [a] counts what happened to children */
	struct wait_queue child_wait; /* woken when it does */

	struct spinlock lock;     /* RANK_SIGNAL, by proc_lock; guards what follows */
	uint64_t lock_flags;      /* of its holder: for proc_unlock */
	struct list_head threads; /* struct uthread.link */
	uint32_t thread_count;
	struct run_times used;  /* by threads that have gone */
	struct proc_usage told; /* what was said of its usage; memory: once it has none */
	bool exiting;           /* all threads are to exit; with exit_status */
	int exit_status;        /* as wait4 gives it */
	bool stop_taken;        /* a thread is about to stop it; SIGCONT takes that back */
	int stopped;            /* signal that stopped it; 0: it runs. See stop.c: */
	bool has_stopped;       /* all of its threads have, and the parent was told */
	int stop_unwaited;      /* that signal, until it was waited for; else 0 */
	bool continue_unwaited; /* it went on, and was not waited for */
	bool continue_untold;   /* it went on, and its parent was not told */
	char name[16];          /* of its last thread, once that has gone */
	uint32_t charged_uid; /* whose RLIMIT_NPROC its threads and itself count for; 0: nobody's */
	bool nproc_exceeded;  /* it became a user who has too many: no exec while that is so */
	struct signal_queue pending;
	struct rlimit limits[RLIMIT_COUNT];
	struct aspace *aspace; /* references held to all five; NULL once it has exited */
	struct fdtable *files;
	struct fs_context *fs;
	struct cred *cred;
	struct file *exe; /* NULL: none yet */
	struct cpu_timers cpu_timers;
	struct cpu_timer limit_timer; /* RLIMIT_CPU */
	struct clock_timer itimers[ITIMER_COUNT];
	struct posix_timers timers;
	/* Own threads: while stopped; in exec, until the others have gone. */
	struct wait_queue own_wait;

	bool subreaper;           /* [tree lock] orphans below it become its children */
	int death_signal;         /* [a] it gets this when its parent ends; 0: nothing */
	bool dumpable;            /* [a] others of its user may look into it */
	uint32_t persona;         /* [a] personality(2): PER_LINUX32, ADDR_NO_RANDOMIZE */
	uint64_t oom_deadline_ns; /* oom.c's own: until when its end is waited for; 0: not yet */
	int oom_score_adj;        /* [a] OOM_SCORE_ADJ_MIN to 1000: see oom.c */
	int oom_score_adj_min;    /* [a] CAP_SYS_RESOURCE alone makes it less */
	bool vfork_busy;          /* [a] uses its parent's address space; the parent waits */
	struct wait_queue vfork_wait;
	uint64_t start_ns; /* [I] */
	bool is_init;      /* [I] signals it has no handler for do not touch it */
	/* [lock] What to do about signals: of those in the set; about the others, the default.
	 * Last, and filled only as far as the set says: few programs care for more than a few. */
	sigset_t acted;
	struct sigaction actions[SIGNAL_COUNT];
};

/* The part of a thread that belongs to this room: struct thread.user. */
struct uthread {
	struct thread *thread;        /* [I] */
	struct proc *proc;            /* [I] */
	struct pid *tid;              /* [I] reference held */
	struct list_head link;        /* [proc->lock] struct proc.threads */
	struct signal_queue pending;  /* [proc->lock] */
	struct cpu_timers cpu_timers; /* [proc->lock] */
	sigset_t blocked;             /* [proc->lock] written by its thread alone */
	sigset_t saved_blocked;       /* own: the mask to go back to, if restore_blocked */
	bool restore_blocked;
	struct proc_usage told;       /* [proc->lock] what was said of its usage */
	uint64_t restart_deadline_ns; /* own: of a sleep that is made again; 0: none */
	struct sigaltstack altstack;  /* own */
	struct sem_undos *sem_undos;  /* own: to be taken back at its end; NULL: nothing yet */
	uptr_t clear_child_tid;       /* own: cleared and woken at exit; 0: nothing */
	uptr_t robust_list;           /* own: head of the list of held robust futexes */
	uptr_t set_child_tid;         /* own: where clone wanted the child's number; 0: nowhere */
	struct io_context *io;        /* [proc->lock] set once; reference held; NULL: none yet */
	uint64_t timer_slack_ns;      /* own: for who asks; timers here are exact */
	bool stopped;                 /* [proc->lock] it stays here while its process is stopped */
	bool ended;        /* [proc->lock] the first thread, while others live: see exit.c */
	bool no_new_privs; /* own: set-user-ID bits give it no rights */
	/* own: the process's credentials when it last went to user mode, reference held; NULL: it
	 * has not been there. Another thread may replace the process's at any time. */
	struct cred *cred;
	sigset_t waited; /* [proc->lock] sigtimedwait waits for these, blocked or not */
	/* own: the last exception, for a handler's sigcontext */
	uint64_t fault_vector, fault_error;
	uptr_t fault_address;
};

/* Its lock is held, or one look is enough. */
static inline const struct sigaction *proc_action(const struct proc *proc, int signal)
{
	static const struct sigaction by_default;

	return proc->acted & signal_bit(signal) ? &proc->actions[signal - 1] : &by_default;
}

/* The running thread's process; NULL in a kernel thread. */
static inline struct proc *proc_current(void)
{
	return thread_current()->proc;
}
static inline struct uthread *uthread_current(void)
{
	return thread_current()->user;
}
static inline uint32_t proc_number(const struct proc *proc)
{
	return proc->pid->number;
}

void proc_get(struct proc *proc);
void proc_put(struct proc *proc);

/* proc->lock, with interrupts off. Any context. */
static inline void proc_lock(struct proc *proc)
{
	uint64_t flags = spin_lock_irqsave(&proc->lock);

	proc->lock_flags = flags;
}
static inline void proc_unlock(struct proc *proc)
{
	spin_unlock_irqrestore(&proc->lock, proc->lock_flags);
}

/* The tree lock. */
void proc_tree_lock(void);
void proc_tree_unlock(void);
/* Who inherits the children of proc: its nearest ancestor that asked for orphans, or process 1.
 * Tree lock held. */
struct proc *proc_heir_locked(const struct proc *proc);
/* Process 1, who inherits orphans. NULL before it was started. */
struct proc *proc_init_process(void);

/* A process without threads, not in the tree; pid taken, limits as Linux's init has them. Its parts
 * are NULL. -EAGAIN, -ENOMEM. */
__must_check int proc_create(struct proc **proc);
/* A process that never ran. */
void proc_destroy(struct proc *proc);
/* A thread for proc, not running, not in its list; pid NULL: the process's own. -ENOMEM; -EAGAIN:
 * there are as many threads as the size of memory allows. */
__must_check int uthread_create(struct proc *proc, struct pid *pid, const char *name,
	void (*entry)(void *), void *arg, struct uthread **uthread);
void uthread_destroy(struct uthread *uthread); /* one that never ran */
/* What is left of a thread that has gone out of all tables. */
void uthread_free(struct uthread *uthread);
/* Put a process into the tree, as a child of its maker (NULL: of nobody) or as its sibling, and a
 * thread into its process. The first under the tree lock; the second fails with -EINTR if the
 * process is exiting, or the running thread of it; with -EAGAIN if its user has too many. */
void proc_add_locked(struct proc *proc, struct proc *maker, bool sibling);
__must_check int uthread_add(struct uthread *uthread);
/* The running process has another user: its threads count for that one. -EAGAIN: no memory. Its
 * lock is held. */
__must_check int proc_charge_locked(struct proc *proc, uint32_t uid);
/* A child, its credentials and limits set, counts for its user. -EAGAIN: there are too many. */
__must_check int proc_charge_child(struct proc *child);
/* RLIMIT_NPROC does not forbid it. */
bool proc_may_exec(struct proc *proc);

/* The thread with this number (0: the running one), its process locked: both stay until
 * uthread_unlock. -ESRCH. */
__must_check int uthread_lock(uint32_t number, struct uthread **uthread);
void uthread_unlock(struct uthread *uthread);
/* The thread of that number in the process, while it is locked; NULL: none. */
struct uthread *proc_thread_locked(struct proc *proc, const struct pid *tid);

/* The credentials of a process, with a reference. */
struct cred *proc_cred_get(struct proc *proc);
/* Other credentials for a process, whose lock is held: takes over the reference; the old ones are
 * the caller's. Each of its threads uses them from its next system call on. */
void proc_set_cred_locked(struct proc *proc, struct cred *cred);
/* On the way to user mode: the thread's credentials are those of its process. */
void uthread_renew_cred(struct uthread *self);
/* The running thread's, for the time of the call; no reference. */
static inline struct cred *cred_current(void)
{
	return uthread_current()->cred;
}

/* How likely it is that it must go where there is no memory: 0 (never) to 1333. */
unsigned proc_oom_score(struct proc *proc);
/* As many threads are the most that there are to be. */
uint64_t threads_max(void);
uint64_t proc_limit(struct proc *proc, enum rlimit_resource resource);

/* Groups and sessions: setpgid(2), setsid(2), getpgid(2), getsid(2); 0 means the caller. */
int proc_set_group(int pid, int group);
int proc_set_session(void);
int proc_get_group(int pid);
int proc_get_session(int pid);
/* Its group is not to be stopped by a terminal (POSIX, 2.4.3): nobody would continue it. Sleeps. */
bool proc_group_is_orphaned(struct proc *proc);
/* proc ends, its children still its own: a group that it leaves orphaned and that has stopped
 * members gets SIGHUP and SIGCONT. Tree lock held. */
void proc_leave_group_locked(struct proc *proc);
/* A process that is in no list of siblings gets a parent. Tree lock held. */
void proc_set_parent_locked(struct proc *proc, struct proc *parent);

#endif
