#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H
/*
 * Signals: sending, masks, actions. Delivery happens on the way back to user mode (deliver.c).
 *
 * A signal is pending at a thread or at its process. Sending sets the bit and, unless the signal
 * has no effect, ends the interruptible sleep of a thread that does not block it. A fatal signal
 * takes effect at once: every thread of the process gets THREAD_WORK_KILL.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/signal.h"
#include "arch/trap.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct posix_timer;
struct proc;
struct uthread;

/* Results of an interrupted system call that the delivery of a signal turns into -EINTR or into the
 * call made again (RIP - 2: SYSCALL and INT 0x14 are both two bytes long). Never seen by a program.
 */
#define ERESTARTSYS    512 /* again, unless a handler without SA_RESTART ran */
#define ERESTARTNOINTR 513 /* again, after all handlers */
#define ERESTARTNOHAND 514 /* again, unless a handler ran */

struct signal_queue {
	sigset_t set;           /* which are pending */
	struct list_head infos; /* struct queued_info, in order of arrival; may lack some of set */
	uint32_t count;         /* of infos */
};

/* A signal with what is known of it. Of a timer it is the only one, and comes back to it when the
 * signal is taken. */
struct queued_info {
	struct list_head link;
	struct siginfo info;
	struct posix_timer *timer; /* [proc->lock] NULL: freed when it is taken */
};
__must_check struct queued_info *queued_info_create(void); /* NULL: no memory */
void queued_info_free(struct queued_info *entry);

static inline sigset_t signal_bit(int signal)
{
	return 1ull << (signal - 1);
}
#define SIGNALS_FAULT                                                                              \
	(signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGTRAP) |     \
		signal_bit(SIGFPE) | signal_bit(SIGSYS))
#define SIGNALS_UNBLOCKABLE (signal_bit(SIGKILL) | signal_bit(SIGSTOP))

static inline bool signal_valid(int signal)
{
	return signal >= 1 && signal <= SIGNAL_COUNT;
}

/* What kill(2) of the running program looks like to the receiver; signals of the kernel. */
struct siginfo siginfo_user(int signal, int code);
struct siginfo siginfo_kernel(int signal);
/* All of it, as the program has it. -EFAULT. */
__must_check int siginfo_put(uptr_t address, const struct siginfo *info);

/* Send to a process, to one thread. signal 0: nothing is sent. -EAGAIN: a real-time signal whose
 * siginfo cannot be kept. Never sleep; not from interrupts. */
int signal_send_proc(struct proc *proc, const struct siginfo *info);
/* The same for one of several that it is sent to, under the tree lock. */
int signal_send_member_locked(struct proc *proc, const struct siginfo *info);
/* Send under proc's lock, to a thread of proc or (NULL) to proc itself. */
int signal_send_locked(struct proc *proc, struct uthread *target, const struct siginfo *info);
/* An entry that is in no queue. False: the signal has no effect; it was not queued. Lock held. */
bool signal_queue_entry_locked(
	struct proc *proc, struct uthread *target, struct queued_info *entry);
/* -ESRCH: the thread is no longer one of proc's. */
int signal_send_thread(struct proc *proc, struct uthread *thread, const struct siginfo *info);
/* A signal that the running thread has brought upon itself: neither blocked nor ignored, or it ends
 * the process. */
void signal_force(const struct siginfo *info);
/* May the running process send `signal` to proc: kill(2)'s rule. -EPERM. */
__must_check int signal_permission(struct proc *proc, int signal);

/* Send to a process, if the running one may. -EINVAL, -EPERM, -EAGAIN. */
int signal_kill_one(struct proc *proc, const struct siginfo *info);
/* kill(2) by number, group (negative), own group (0) or all (-1). -ESRCH, -EPERM, -EINVAL. */
int signal_kill(int pid, int signal);
/* tgkill(2); tgid -1: tkill(2). */
int signal_kill_thread(int tgid, int tid, const struct siginfo *info);
/* rt_sigqueueinfo(2), rt_tgsigqueueinfo(2): what the receiver sees is the sender's to say. -EPERM
 * also if it looks like what the kernel or kill(2) says, unless it is to itself. */
int signal_queue(int pid, const struct siginfo *info);
int signal_queue_thread(int tgid, int tid, const struct siginfo *info);
bool siginfo_pretends(const struct siginfo *info);

/* The running thread's mask: replaced; signals that have become deliverable are. SIGKILL and
 * SIGSTOP are never blocked. Returns the old one. */
sigset_t signal_set_mask(sigset_t mask);
/* The same until the next signal was delivered, or the call has ended without one: sigsuspend,
 * ppoll. signal_restore_mask puts the old mask back unless a handler's frame is going to. */
void signal_set_mask_until_return(sigset_t mask);
void signal_restore_mask(void);
/* Of the set, signals of the process that `self` will not take, though it may have been chosen to:
 * each is handed on to another thread that does not block it. Its lock is held. */
void signal_retarget_locked(struct proc *proc, const struct uthread *self, sigset_t set);
/* Blocked and pending. */
sigset_t signal_pending(void);

/* sigaction(2): both may be NULL. -EINVAL. */
int signal_set_action(int signal, const struct sigaction *change, struct sigaction *previous);
/* A child's actions are its parent's, whose lock is held. CLONE_CLEAR_SIGHAND, exec: what had a
 * handler has its default action; what was ignored still is. */
void signal_copy_actions(struct proc *to, const struct proc *from);
void signal_clear_handlers(struct proc *proc);
/* exec: handlers become the default, ignored stay ignored; no alternate stack. The process's timers
 * have ended. */
void signal_exec(struct proc *proc);
/* sigtimedwait(2): take one pending signal of the set. Its number; -EAGAIN (deadline), -EINTR. */
int signal_wait(sigset_t set, uint64_t deadline_ns, struct siginfo *info);

/* sigaltstack(2) of the running thread; rsp: its user stack pointer. -EINVAL, -EPERM, -ENOMEM. */
int signal_set_stack(const struct sigaltstack *change, struct sigaltstack *previous, uptr_t rsp);

/* Take the first pending signal of the set, blocked or not: false: there is none. And whether there
 * is one. */
bool signal_take_wanted(sigset_t set, struct siginfo *info);
bool signal_pending_any(sigset_t set);

void signal_queue_init(struct signal_queue *queue);
/* Forget what is pending. Lock held, or nobody else knows the queue any more. */
void signal_queue_flush(struct signal_queue *queue);

/* Take the next deliverable signal off the running thread and its process; 0: none. *action is what
 * to do with it, as it was (SA_RESETHAND has been carried out). */
int signal_take(struct siginfo *info, struct sigaction *action);

enum signal_default { SIGNAL_TERMINATE, SIGNAL_CORE, SIGNAL_IGNORE, SIGNAL_STOP, SIGNAL_CONTINUE };
enum signal_default signal_default_action(int signal);

#endif
