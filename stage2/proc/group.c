/*
 * Process groups and sessions: which processes belong together for job control.
 *
 * A group or session is the list of its members, hanging off the number that names it. All under
 * the tree lock.
 */
#include "abi/errno.h"
#include "proc/proc.h"

/* The process that a call means: 0 is the caller. NULL: none. With a reference. */
static struct proc *proc_named(int pid)
{
	struct proc *self = proc_current();

	if (pid < 0)
		return NULL;
	if (pid == 0) {
		proc_get(self);
		return self;
	}
	return pid_proc((uint32_t)pid);
}

static void proc_move_to_group_locked(struct proc *proc, struct pid *group)
{
	struct pid *old = proc->group;

	pid_get(group);
	list_del(&proc->group_link);
	proc->group = group;
	list_add(&proc->group_link, &group->group);
	pid_put(old);
}

/* The group exists within the session, or is to be founded by `proc`. */
static bool group_allowed_locked(const struct proc *proc, struct pid *group)
{
	struct proc *member = list_first(&group->group, struct proc, group_link);

	return group == proc->pid || (member && member->session == proc->session);
}

static int proc_set_group_locked(struct proc *proc, struct pid *group)
{
	struct proc *self = proc_current();

	if (proc != self && proc->parent != self)
		return -ESRCH;
	if (proc != self && proc->session != self->session)
		return -EPERM;
	if (proc != self && proc->executed)
		return -EACCES;
	if (proc->session == proc->pid)
		return -EPERM;
	if (!group || !group_allowed_locked(proc, group))
		return -EPERM;
	proc_move_to_group_locked(proc, group);
	return 0;
}

int proc_set_group(int pid, int group)
{
	struct proc *proc;
	struct pid *target;
	int err;

	if ((group ? group : pid) < 0)
		return -EINVAL;
	proc = proc_named(pid);
	if (!proc)
		return -ESRCH;
	target = pid_find(group ? (uint32_t)group : proc_number(proc));
	proc_tree_lock();
	err = proc_set_group_locked(proc, target);
	proc_tree_unlock();
	if (target)
		pid_put(target);
	proc_put(proc);
	return err;
}

int proc_set_session(void)
{
	struct proc *self = proc_current();
	struct pid *old;

	proc_tree_lock();
	if (self->session == self->pid || !list_empty(&self->pid->group)) {
		proc_tree_unlock();
		return -EPERM;
	}
	terminal_drop_locked(self);
	proc_move_to_group_locked(self, self->pid);
	old = self->session;
	pid_get(self->pid);
	list_del(&self->session_link);
	self->session = self->pid;
	list_add_tail(&self->session_link, &self->pid->session);
	proc_tree_unlock();
	pid_put(old);
	return (int)proc_number(self);
}

int proc_get_group(int pid)
{
	struct proc *proc = proc_named(pid);
	int number;

	if (!proc)
		return -ESRCH;
	proc_tree_lock();
	number = proc->group ? (int)proc->group->number : -ESRCH;
	proc_tree_unlock();
	proc_put(proc);
	return number;
}

int proc_get_session(int pid)
{
	struct proc *proc = proc_named(pid);
	int number;

	if (!proc)
		return -ESRCH;
	proc_tree_lock();
	number = proc->session ? (int)proc->session->number : -ESRCH;
	proc_tree_unlock();
	proc_put(proc);
	return number;
}

/* Somebody in it has a parent who could continue it: one of the session, in another group.
 * `leaving` (or NULL) does not count as the one, and as a parent who inherits its children does. */
static bool group_is_watched_locked(const struct pid *group, const struct proc *leaving)
{
	struct proc *member;

	list_for_each(member, &group->group, group_link) {
		const struct proc *parent = member->parent;

		if (!parent || (leaving && member == leaving))
			continue;
		if (leaving && parent == leaving)
			parent = proc_heir_locked(leaving);
		if (member->state == PROC_ALIVE && parent != proc_init_process() &&
			parent->group != group && parent->session == member->session)
			return true;
	}
	return false;
}

static bool group_has_stopped_locked(const struct pid *group)
{
	struct proc *member;

	list_for_each(member, &group->group, group_link) {
		if (READ_ONCE(member->has_stopped))
			return true;
	}
	return false;
}

bool proc_group_is_orphaned(struct proc *proc)
{
	bool orphaned;

	proc_tree_lock();
	orphaned = !group_is_watched_locked(proc->group, NULL);
	proc_tree_unlock();
	return orphaned;
}

/* The link from parent to proc, in another group, goes: was it the last that watched the group? */
static void link_goes_locked(
	const struct proc *proc, const struct proc *parent, const struct proc *leaving)
{
	struct siginfo hup = siginfo_kernel(SIGHUP), cont = siginfo_kernel(SIGCONT);
	struct pid *group = proc->group;
	struct proc *member;

	if (!parent || parent->group == group || parent->session != proc->session ||
		group_is_watched_locked(group, leaving) || !group_has_stopped_locked(group))
		return;
	list_for_each(member, &group->group, group_link) {
		(void)signal_send_member_locked(member, &hup);
		(void)signal_send_member_locked(member, &cont);
	}
}

void proc_leave_group_locked(struct proc *proc)
{
	struct proc *child;

	link_goes_locked(proc, proc->parent, proc);
	list_for_each(child, &proc->children, sibling)
		link_goes_locked(child, proc, proc);
}
