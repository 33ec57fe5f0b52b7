/*
 * Stopping and continuing.
 *
 * The main idea: a process has stopped when the last of its threads has come by on its way to user
 * mode and stays here; not before is its parent told, so who has heard of it finds every thread at
 * rest. It goes on in the moment in which SIGCONT is sent: a wait finds that at once, whether or
 * not a thread of it has run since. The signal to the parent, which takes the tree lock, is left to
 * the threads that come back.
 */
#include "proc/stop.h"

#include "proc/exit.h"

bool proc_has_stopped_locked(const struct proc *proc)
{
	const struct uthread *uthread;

	if (likely(!proc->stopped) || proc->has_stopped)
		return false;
	list_for_each(uthread, &proc->threads, link)
		if (!uthread->stopped && !uthread->ended)
			return false;
	return true;
}

static void tell(struct proc *proc, int code, int status)
{
	struct proc *parent = proc->parent;
	const struct sigaction *action;
	struct siginfo info;

	if (!parent)
		return;
	info = proc_child_info(proc, SIGCHLD, code, status);
	action = proc_action(parent, SIGCHLD);
	if (action->handler != SIG_IGN && !(action->flags & SA_NOCLDSTOP))
		(void)signal_send_proc(parent, &info);
	proc_has_news_locked(proc);
	proc_wake_parent_locked(parent);
}

void proc_tell_parent(struct proc *proc)
{
	bool continued;
	int signal = 0;

	proc_tree_lock();
	proc_lock(proc);
	continued = proc->continue_untold;
	proc->continue_untold = false;
	if (proc_has_stopped_locked(proc)) {
		proc->has_stopped = true;
		signal = proc->stopped;
		proc->stop_unwaited = signal;
		proc->continue_unwaited = false;
	}
	proc_unlock(proc);
	if (continued)
		tell(proc, CLD_CONTINUED, SIGCONT);
	if (signal)
		tell(proc, CLD_STOPPED, signal);
	proc_tree_unlock();
}

void proc_stay_stopped(void)
{
	struct uthread *self = uthread_current();
	struct proc *proc = self->proc;
	bool tells, stays;

	proc_lock(proc);
	self->stopped = proc->stopped;
	tells = proc_has_stopped_locked(proc);
	proc_unlock(proc);
	if (tells)
		proc_tell_parent(proc);
	/* Another stop may begin before this thread is back: it is at rest in that one, too. */
	do {
		(void)wait_event(
			&proc->own_wait, WAIT_IDLE, WAIT_FOREVER, READ_ONCE(proc->stopped) == 0);
		proc_lock(proc);
		stays = proc->stopped && !thread_has_work(self->thread, THREAD_WORK_KILL);
		self->stopped = stays;
		tells = proc->continue_untold;
		proc_unlock(proc);
		if (tells)
			proc_tell_parent(proc);
	} while (stays);
}

void proc_stop(int signal)
{
	struct proc *proc = proc_current();
	struct uthread *uthread;
	bool stops;

	proc_lock(proc);
	stops = proc->stop_taken && !proc->exiting;
	proc->stop_taken = false;
	if (stops) {
		proc->stopped = signal;
		list_for_each(uthread, &proc->threads, link)
			thread_set_work(uthread->thread, THREAD_WORK_SIGNAL);
	}
	proc_unlock(proc);
	if (stops)
		proc_stay_stopped();
}

void proc_end_stop_locked(struct proc *proc, bool goes_on)
{
	spin_assert_held(&proc->lock);
	proc->stop_taken = false;
	if (!goes_on)
		proc->continue_untold = proc->continue_unwaited = false;
	else if (proc->stopped)
		proc->continue_untold = proc->continue_unwaited = true;
	if (!proc->stopped)
		return;
	proc->has_stopped = false;
	proc->stop_unwaited = 0;
	proc->stopped = 0;
	wait_wake_all(&proc->own_wait, 0);
}

int proc_stop_status(struct proc *child, int options)
{
	bool take = !(options & WNOWAIT);
	int status = 0;

	proc_lock(child);
	if (child->stop_unwaited && (options & WSTOPPED)) {
		status = WAIT_STATUS_STOPPED(child->stop_unwaited);
		if (take)
			child->stop_unwaited = 0;
	} else if (child->continue_unwaited && (options & WCONTINUED)) {
		status = WAIT_STATUS_CONTINUED;
		if (take)
			child->continue_unwaited = false;
	}
	proc_unlock(child);
	return status;
}

bool proc_has_stop_status(struct proc *child)
{
	bool has;

	proc_lock(child);
	has = child->has_stopped || child->continue_unwaited;
	proc_unlock(child);
	return has;
}
