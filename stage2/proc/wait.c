/*
 * Waiting for children: wait4(2).
 *
 * The main idea: a count of events at the parent. A waiter notes the count, looks at all children
 * under the tree lock, and if there was nothing sleeps until the count has moved on: no event is
 * lost between looking and sleeping.
 */
#include "abi/errno.h"
#include "proc/exit.h"

/* The call's pid argument concerns this child. */
static bool wait_concerns_locked(const struct proc *child, int pid, int options)
{
	const struct proc *self = proc_current();

	/* A child made with another signal than SIGCHLD is waited for only on request. */
	if (!((uint32_t)options & __WALL) &&
		(child->exit_signal != SIGCHLD) != !!((uint32_t)options & __WCLONE))
		return false;
	if (pid > 0)
		return proc_number(child) == (uint32_t)pid;
	if (pid == 0)
		return child->group == self->group;
	return pid == -1 || child->group->number == (uint32_t)-pid;
}

static void usage_add(struct proc_usage *sum, const struct proc_usage *usage)
{
	sum->run_ns += usage->run_ns;
	sum->max_resident_pages = max(sum->max_resident_pages, usage->max_resident_pages);
}

/* True if the child has something to report; fills result. */
static bool wait_child_locked(struct proc *child, int options, struct wait_result *result)
{
	if (child->state == PROC_ZOMBIE) {
		result->status = child->wait_status;
	} else if ((options & WUNTRACED) && child->stop_report) {
		result->status = WAIT_STATUS_STOPPED(child->stop_report);
		child->stop_report = 0;
	} else if ((options & WCONTINUED) && child->continue_report) {
		result->status = WAIT_STATUS_CONTINUED;
		child->continue_report = false;
	} else {
		return false;
	}
	result->pid = (int)proc_number(child);
	proc_usage(child, &result->usage);
	usage_add(&result->usage, &child->children_usage);
	return true;
}

/* One look at all children. 0: result is filled, or there is nothing yet (pid 0). *reaped: a child
 * whose reference the caller must put. */
static int wait_look_locked(int pid, int options, struct wait_result *result, struct proc **reaped)
{
	struct proc *self = proc_current(), *child;
	int err = -ECHILD;

	list_for_each(child, &self->children, sibling) {
		if (!wait_concerns_locked(child, pid, options))
			continue;
		err = 0;
		if (!wait_child_locked(child, options, result))
			continue;
		if (child->state == PROC_ZOMBIE) {
			usage_add(&self->children_usage, &result->usage);
			proc_reap_locked(child);
			*reaped = child;
		}
		return 0;
	}
	return err;
}

int proc_wait(int pid, int options, struct wait_result *result)
{
	struct proc *self = proc_current();
	int err;

	if (pid == INT32_MIN)
		return -ESRCH;
	for (;;) {
		struct proc *reaped = NULL;
		uint32_t seen = __atomic_load_n(&self->child_events, __ATOMIC_ACQUIRE);

		result->pid = 0;
		proc_tree_lock();
		err = wait_look_locked(pid, options, result, &reaped);
		proc_tree_unlock();
		if (reaped)
			proc_put(reaped);
		if (err || result->pid != 0 || (options & WNOHANG))
			return err;
		err = wait_event(&self->child_wait, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			__atomic_load_n(&self->child_events, __ATOMIC_ACQUIRE) != seen);
		if (err)
			return err;
	}
}
