/*
 * Controlling terminals. The main idea: a terminal knows its session and its foreground group, each
 * process knows its terminal, and the tree lock keeps the two in step.
 */
#include "proc/terminal.h"

#include "abi/errno.h"
#include "proc/proc.h"

static bool is_leader(const struct proc *proc)
{
	return proc->session == proc->pid;
}

static void pid_replace(struct pid **place, struct pid *pid)
{
	struct pid *old = *place;

	if (pid)
		pid_get(pid);
	*place = pid;
	if (old)
		pid_put(old);
}

static void group_signal_locked(struct pid *group, int signal)
{
	struct siginfo info = siginfo_kernel(signal);
	struct proc *member;

	if (!group)
		return;
	list_for_each(member, &group->group, group_link)
		(void)signal_send_member_locked(member, &info);
}

struct terminal *terminal_current(void)
{
	struct terminal *terminal;

	proc_tree_lock();
	terminal = proc_current()->terminal;
	if (terminal)
		terminal->ops->get(terminal);
	proc_tree_unlock();
	return terminal;
}

bool terminal_is_current(struct terminal *terminal)
{
	return READ_ONCE(proc_current()->terminal) == terminal;
}

void terminal_inherit_locked(struct proc *child, struct proc *parent)
{
	child->terminal = parent->terminal;
	if (child->terminal)
		child->terminal->ops->get(child->terminal);
}

void terminal_drop_locked(struct proc *proc)
{
	struct terminal *terminal = proc->terminal;

	WRITE_ONCE(proc->terminal, NULL);
	pid_replace(&proc->lost_group, NULL);
	if (terminal)
		terminal->ops->put(terminal);
}

/* It is no longer the terminal of its session. */
static void session_detach_locked(struct terminal *terminal)
{
	struct pid *session = terminal->session;
	struct proc *member;

	terminal->ops->get(terminal); /* the last holder may be among them */
	if (session) {
		list_for_each(member, &session->session, session_link) {
			if (member->terminal == terminal) {
				WRITE_ONCE(member->terminal, NULL);
				terminal->ops->put(terminal);
			}
		}
	}
	pid_replace(&terminal->session, NULL);
	pid_replace(&terminal->group, NULL);
	terminal->ops->put(terminal);
}

static void acquire_locked(struct terminal *terminal)
{
	struct proc *self = proc_current();

	terminal->ops->get(terminal);
	pid_replace(&terminal->session, self->session);
	pid_replace(&terminal->group, self->group);
	pid_replace(&self->lost_group, NULL);
	WRITE_ONCE(self->terminal, terminal);
}

int terminal_acquire(struct terminal *terminal, bool steal)
{
	struct proc *self = proc_current();
	int err = 0;

	proc_tree_lock();
	if (is_leader(self) && terminal->session == self->session)
		goto unlock;
	err = -EPERM;
	if (!is_leader(self) || self->terminal)
		goto unlock;
	if (terminal->session && !(steal && cred_may(self->cred, CAP_SYS_ADMIN)))
		goto unlock;
	session_detach_locked(terminal);
	acquire_locked(terminal);
	err = 0;
unlock:
	proc_tree_unlock();
	return err;
}

void terminal_acquire_by_open(struct terminal *terminal)
{
	struct proc *self = proc_current();

	proc_tree_lock();
	if (is_leader(self) && !self->terminal && !terminal->session)
		acquire_locked(terminal);
	proc_tree_unlock();
}

int terminal_release(struct terminal *terminal)
{
	struct proc *self = proc_current();
	int err = 0;

	proc_tree_lock();
	if (self->terminal != terminal) {
		err = -ENOTTY;
	} else if (is_leader(self)) {
		group_signal_locked(terminal->group, SIGHUP);
		group_signal_locked(terminal->group, SIGCONT);
		session_detach_locked(terminal);
	} else {
		terminal_drop_locked(self);
	}
	proc_tree_unlock();
	return err;
}

static int set_group_locked(struct terminal *terminal, struct pid *group)
{
	struct proc *self = proc_current(), *member;

	if (self->terminal != terminal || terminal->session != self->session)
		return -ENOTTY;
	if (!group)
		return -ESRCH;
	member = list_first(&group->group, struct proc, group_link);
	if (!member || member->session != self->session)
		return -EPERM;
	pid_replace(&terminal->group, group);
	return 0;
}

int terminal_set_group(struct terminal *terminal, int number)
{
	struct pid *group = number > 0 ? pid_find((uint32_t)number) : NULL;
	int err;

	proc_tree_lock();
	err = set_group_locked(terminal, group);
	proc_tree_unlock();
	if (group)
		pid_put(group);
	if (number < 0 && err == -ESRCH)
		err = -EINVAL;
	return err;
}

int terminal_get_group(struct terminal *terminal)
{
	int number;

	proc_tree_lock();
	number = terminal->group ? (int)terminal->group->number : 0;
	proc_tree_unlock();
	return number;
}

int terminal_get_session(struct terminal *terminal, int *number)
{
	int err = -ENOTTY;

	proc_tree_lock();
	if (terminal->session) {
		*number = (int)terminal->session->number;
		err = 0;
	}
	proc_tree_unlock();
	return err;
}

static bool in_background(struct terminal *terminal)
{
	struct proc *self = proc_current();
	bool background;

	proc_tree_lock();
	background =
		self->terminal == terminal && terminal->group && terminal->group != self->group;
	proc_tree_unlock();
	return background;
}

int terminal_check(struct terminal *terminal, int signal)
{
	struct proc *self = proc_current();

	if (!terminal_is_current(terminal) || !in_background(terminal))
		return 0;
	if (proc_action(self, signal)->handler == SIG_IGN ||
		(uthread_current()->blocked & signal_bit(signal)))
		return signal == SIGTTIN ? -EIO : 0;
	if (proc_group_is_orphaned(self))
		return -EIO;
	proc_tree_lock();
	group_signal_locked(self->group, signal);
	proc_tree_unlock();
	return -EINTR;
}

void terminal_signal(struct terminal *terminal, int signal)
{
	proc_tree_lock();
	group_signal_locked(terminal->group, signal);
	proc_tree_unlock();
}

void terminal_hangup(struct terminal *terminal)
{
	struct siginfo hup = siginfo_kernel(SIGHUP), cont = siginfo_kernel(SIGCONT);
	struct pid *session;
	struct proc *leader;

	proc_tree_lock();
	session = terminal->session;
	leader = session ? session->proc : NULL;
	if (leader && leader->terminal == terminal) {
		pid_replace(&leader->lost_group, terminal->group);
		(void)signal_send_proc(leader, &hup);
		(void)signal_send_proc(leader, &cont);
	}
	session_detach_locked(terminal);
	proc_tree_unlock();
}

void terminal_exit_locked(struct proc *proc)
{
	struct terminal *terminal = proc->terminal;

	if (is_leader(proc) && terminal && terminal->session == proc->session) {
		terminal->ops->session_ended(terminal);
		group_signal_locked(terminal->group, SIGHUP);
		session_detach_locked(terminal);
	} else if (is_leader(proc) && proc->lost_group) {
		group_signal_locked(proc->lost_group, SIGHUP);
		group_signal_locked(proc->lost_group, SIGCONT);
	}
	terminal_drop_locked(proc);
}
