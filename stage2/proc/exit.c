/*
 * The end of threads and processes.
 *
 * The main idea: a thread leaves by itself. Who wants a process to end marks it (exiting) and gives
 * every thread THREAD_WORK_KILL; each thread then comes by on its way to user mode and calls
 * thread_exit_user. The last one gives back what the process holds and leaves a zombie.
 *
 * The first thread's number is the process's: where it ends before the others, it stays among them
 * as one that has ended, until all go.
 *
 * Waiting for the end of children: wait.c.
 */
#include "proc/exit.h"

#include "abi/errno.h"
#include "abi/time.h"
#include "core/panic.h"
#include "io/user.h"
#include "ipc/sem.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "proc/pidfd.h"
#include "proc/robust.h"
#include "proc/stop.h"
#include "vm/futex.h"
#include "vm/uaccess.h"

static void (*init_exit)(int wait_status);

void proc_set_on_init_exit(void (*fn)(int wait_status))
{
	init_exit = fn;
}

void proc_start_exit_locked(struct proc *proc, int wait_status)
{
	struct uthread *uthread;

	spin_assert_held(&proc->lock);
	if (proc->exiting)
		return;
	proc->exiting = true;
	proc->exit_status = wait_status;
	proc_end_stop_locked(proc, false);
	wait_wake_all(&proc->own_wait, 0);
	list_for_each(uthread, &proc->threads, link)
		thread_set_work(uthread->thread, THREAD_WORK_KILL);
}

void proc_vfork_done(struct proc *proc)
{
	if (!READ_ONCE(proc->vfork_busy))
		return;
	WRITE_ONCE(proc->vfork_busy, false);
	wait_wake_all(&proc->vfork_wait, 0);
}

/* Nobody is there to see it if the address space goes too. */
void thread_clear_tid(struct uthread *self)
{
	uint32_t zero = 0;
	int woken = 0;

	if (self->clear_child_tid == 0 || READ_ONCE(self->proc->aspace->refs) <= 2)
		return;
	if (put_user(self->clear_child_tid, &zero) == 0)
		woken = futex_wake(self->clear_child_tid, true, 1, UINT32_MAX);
	(void)woken;
}

/* Give back files and memory. The running thread's is the last use of them. */
static void proc_drop_parts(struct proc *proc)
{
	struct fdtable *files;
	struct fs_context *fs;
	struct aspace *aspace;
	struct file *exe;

	proc_lock(proc);
	files = proc->files;
	fs = proc->fs;
	aspace = proc->aspace;
	exe = proc->exe;
	proc->told.max_resident_pages =
		max(proc->told.max_resident_pages, READ_ONCE(aspace->resident_pages));
	proc->files = NULL;
	proc->fs = NULL;
	proc->aspace = NULL;
	proc->exe = NULL;
	proc_unlock(proc);
	fdtable_put(files);
	fs_context_leave(fs);
	if (exe)
		file_put(exe);
	aspace_put(aspace);
}

struct siginfo proc_child_info(struct proc *proc, int signal, int code, int status)
{
	struct siginfo info = {
		.si_signo = signal,
		.si_code = code,
		.si_pid = (int32_t)proc_number(proc),
		.si_status = status,
	};
	struct cred *cred = proc_cred_get(proc);
	struct proc_usage usage;

	info.si_uid = cred->uid;
	cred_put(cred);
	proc_usage(proc, &usage);
	info.si_utime = (int64_t)(usage.user_ns / CLOCK_TICK_NS);
	info.si_stime = (int64_t)(usage.system_ns / CLOCK_TICK_NS);
	return info;
}

void proc_wake_parent_locked(struct proc *parent)
{
	__atomic_fetch_add(&parent->child_events, 1, __ATOMIC_RELEASE);
	wait_wake_all(&parent->child_wait, 0);
}

/* The parent does not care for its children's ends: no zombies. */
static bool parent_ignores_locked(struct proc *parent)
{
	const struct sigaction *action = proc_action(parent, SIGCHLD);

	return action->handler == SIG_IGN || (action->flags & SA_NOCLDWAIT);
}

void proc_reap_locked(struct proc *proc)
{
	struct pid *group = proc->group, *session = proc->session;

	assert(proc->state == PROC_ZOMBIE);
	proc->state = PROC_REAPED;
	user_uncharge(USER_THREADS, proc->charged_uid, 1);
	proc->charged_uid = 0;
	list_del(&proc->sibling);
	list_del(&proc->news_link);
	list_del(&proc->group_link);
	list_del(&proc->session_link);
	proc->parent = NULL;
	WRITE_ONCE(proc->parent_number, 0);
	proc->group = NULL;
	proc->session = NULL;
	pid_set_proc(proc->pid, NULL);
	pid_put(group);
	pid_put(session);
}

/* A zombie's parent is told; true if nobody is going to wait for it. */
static bool proc_notify_parent_locked(struct proc *proc)
{
	struct proc *parent = proc->parent;
	int status = proc->wait_status;
	struct siginfo info;
	bool ignored;

	if (WIFEXITED(status))
		info = proc_child_info(proc, proc->exit_signal, CLD_EXITED, WEXITSTATUS(status));
	else
		info = proc_child_info(proc, proc->exit_signal, CLD_KILLED, WTERMSIG(status));
	ignored = proc->exit_signal == SIGCHLD && parent_ignores_locked(parent);
	if (proc->exit_signal && !(ignored && proc_action(parent, SIGCHLD)->handler == SIG_IGN))
		(void)signal_send_proc(parent, &info);
	proc_has_news_locked(proc);
	proc_wake_parent_locked(parent);
	return ignored;
}

struct proc *proc_heir_locked(const struct proc *proc)
{
	struct proc *heir = proc->parent;

	while (heir && !(heir->subreaper && heir->state == PROC_ALIVE))
		heir = heir->parent;
	return heir ? heir : proc_init_process();
}

/* The child asked to be told of its parent's end. */
static void send_death_signal(struct proc *child, struct proc *parent)
{
	struct siginfo info = {
		.si_signo = READ_ONCE(child->death_signal),
		.si_code = SI_USER,
		.si_pid = (int32_t)proc_number(parent),
	};
	struct cred *cred;

	if (info.si_signo == 0)
		return;
	cred = proc_cred_get(parent);
	info.si_uid = cred->uid;
	cred_put(cred);
	(void)signal_send_proc(child, &info);
}

/* Orphans get another parent, those that have ended already too. */
static void proc_reparent_children_locked(struct proc *proc, struct list_head *reaped)
{
	struct proc *heir = proc_heir_locked(proc), *child, *next;

	list_for_each_safe(child, next, &proc->children, sibling) {
		list_del(&child->sibling);
		proc_set_parent_locked(child, heir);
		if (list_is_linked(&child->news_link))
			proc_has_news_locked(child);
		child->exit_signal = SIGCHLD;
		send_death_signal(child, proc);
		if (child->state == PROC_ZOMBIE && proc_notify_parent_locked(child)) {
			proc_reap_locked(child);
			list_add_tail(&child->sibling, reaped);
		}
	}
}

static void proc_become_zombie(struct proc *proc)
{
	struct proc *child, *next;
	struct list_head reaped = LIST_INIT(reaped);

	proc_tree_lock();
	terminal_exit_locked(proc);
	proc_leave_group_locked(proc);
	proc_reparent_children_locked(proc, &reaped);
	proc->wait_status = proc->exit_status;
	WRITE_ONCE(proc->state, PROC_ZOMBIE);
	pidfd_notify(proc->pid);
	if (proc_notify_parent_locked(proc)) {
		proc_reap_locked(proc);
		list_add_tail(&proc->sibling, &reaped);
	}
	proc_tree_unlock();
	list_for_each_safe(child, next, &reaped, sibling) {
		list_del(&child->sibling);
		proc_put(child);
	}
}

/* The last thread of a process, already out of its list. */
static void proc_end(struct proc *proc)
{
	if (proc == proc_init_process()) {
		init_exit(proc->exit_status);
		panic("process 1 has ended, and nobody stopped the machine");
	}
	interval_timers_end(proc);
	posix_timers_end(proc);
	proc_drop_parts(proc);
	aspace_put(aspace_install(NULL));
	proc_vfork_done(proc);
	proc_become_zombie(proc);
}

/* Out of the process's list; true if it was the last. */
static bool uthread_leave(struct uthread *self, int wait_status)
{
	struct proc *proc = self->proc;
	struct uthread *rest;
	bool last, tells;

	pid_set_thread(self->tid, NULL);
	proc_lock(proc);
	list_del(&self->link);
	usage_keep_locked(proc, self->thread);
	cpu_timers_drop_thread_locked(self);
	signal_queue_flush(&self->pending); /* timers may have theirs in it */
	signal_retarget_locked(proc, self, ~self->blocked);
	last = --proc->thread_count == 0;
	if (!last) {
		user_uncharge(USER_THREADS, proc->charged_uid, 1);
		fdtable_put(proc->files); /* the others still hold it */
		rest = list_first(&proc->threads, struct uthread, link);
		if (proc->thread_count == 1 && rest && rest->ended)
			proc_start_exit_locked(proc, wait_status);
	}
	if (last)
		strlcpy(proc->name, self->thread->name, sizeof(proc->name));
	if (last && !proc->exiting) {
		proc->exiting = true;
		proc->exit_status = wait_status;
	}
	wait_wake_all(&proc->own_wait, 0);
	tells = !last && proc_has_stopped_locked(proc);
	if (tells)
		proc_get(proc); /* when the others go on, they may end, too */
	proc_unlock(proc);
	if (tells) {
		proc_tell_parent(proc);
		proc_put(proc);
	}
	return last;
}

/* What others may wait for: once is enough. */
static void uthread_let_go(struct uthread *self)
{
	robust_list_release();
	self->robust_list = 0;
	thread_clear_tid(self);
	self->clear_child_tid = 0;
	sem_undos_put(self->sem_undos);
	self->sem_undos = NULL;
}

/* Until all are to end; or the others, for one of them executes a program and takes the number
 * over. */
static void uthread_stay(struct uthread *self)
{
	struct proc *proc = self->proc;
	bool tells;
	int killed;

	uthread_let_go(self);
	proc_lock(proc);
	self->ended = proc->thread_count > 1;
	if (self->ended)
		signal_retarget_locked(proc, self, ~self->blocked);
	tells = proc_has_stopped_locked(proc);
	proc_unlock(proc);
	if (tells)
		proc_tell_parent(proc);
	killed = wait_event(&proc->own_wait, WAIT_IDLE, WAIT_FOREVER, !self->ended);
	(void)killed;
}

void thread_exit_user(int wait_status)
{
	struct uthread *self = uthread_current();
	struct thread *thread = self->thread;

	if (self->tid == self->proc->pid && !thread_has_work(thread, THREAD_WORK_KILL))
		uthread_stay(self);
	thread_will_exit();
	uthread_let_go(self);
	if (uthread_leave(self, wait_status))
		proc_end(self->proc);
	else
		aspace_put(aspace_install(NULL));
	/* From here on it is a kernel thread: the process may be gone. */
	thread->proc = NULL;
	thread->user = NULL;
	uthread_free(self);
	thread_exit();
}

void proc_exit_group(int wait_status)
{
	struct proc *proc = proc_current();

	proc_lock(proc);
	proc_start_exit_locked(proc, wait_status);
	proc_unlock(proc);
	thread_exit_user(wait_status);
}
