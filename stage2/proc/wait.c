/*
 * Waiting for children: wait4(2), waitid(2).
 *
 * The main idea: a count of events at the parent. A waiter notes the count, looks at the children
 * that have news under the tree lock, and if there was nothing sleeps until the count has moved on:
 * no event is lost between looking and sleeping.
 */
#include "abi/errno.h"
#include "proc/exit.h"
#include "proc/stop.h"

/* The call concerns this child. */
static bool wait_concerns_locked(const struct proc *child, const struct wait_request *request)
{
	uint32_t options = (uint32_t)request->options;

	/* Nothing but its end can be reported any more. */
	if (child->state == PROC_ZOMBIE && !(options & WEXITED))
		return false;
	/* A child made with another signal than SIGCHLD is waited for only on request. */
	if (!(options & __WALL) && (child->exit_signal != SIGCHLD) != !!(options & __WCLONE))
		return false;
	switch (request->whom) {
	case WAIT_FOR_ONE:
		return proc_number(child) == request->number;
	case WAIT_FOR_GROUP:
		return request->number ? child->group->number == request->number
		                       : child->group == proc_current()->group;
	default:
		return true;
	}
}

/* In the order in which they were made, as Linux finds them. */
void proc_has_news_locked(struct proc *proc)
{
	struct list_head *news = &proc->parent->news, *before;

	list_del(&proc->news_link);
	before = news->prev;
	while (before != news &&
		list_entry(before, struct proc, news_link)->start_ns > proc->start_ns)
		before = before->prev;
	list_add(&proc->news_link, before);
}

static bool has_news_locked(struct proc *proc)
{
	return proc->state == PROC_ZOMBIE || proc_has_stop_status(proc);
}

/* True if the child has something to report; fills result. */
static bool wait_child_locked(struct proc *child, int options, struct wait_result *result)
{
	struct cred *cred;

	if (child->state == PROC_ZOMBIE) {
		result->status = child->wait_status;
	} else {
		result->status = proc_stop_status(child, options);
		if (!result->status)
			return false;
	}
	cred = proc_cred_get(child);
	result->uid = cred->uid;
	cred_put(cred);
	result->pid = (int)proc_number(child);
	proc_usage(child, &result->usage);
	usage_add(&result->usage, &child->children_usage);
	return true;
}

/* True if the child's news are taken; then result is filled. *reaped: its reference, for the caller
 * to put. */
static bool wait_take_locked(struct proc *child, const struct wait_request *request,
	struct wait_result *result, struct proc **reaped)
{
	if (!wait_concerns_locked(child, request) ||
		!wait_child_locked(child, request->options, result))
		return false;
	if (child->state == PROC_ZOMBIE && !(request->options & WNOWAIT)) {
		usage_add(&proc_current()->children_usage, &result->usage);
		proc_reap_locked(child);
		*reaped = child;
	} else if (!has_news_locked(child)) {
		list_del(&child->news_link);
	}
	return true;
}

/* One child is found by its number. */
static int wait_look_at_one_locked(
	const struct wait_request *request, struct wait_result *result, struct proc **reaped)
{
	struct proc *child = pid_proc(request->number);
	int err = -ECHILD;

	if (!child)
		return err;
	if (child->parent == proc_current() && wait_concerns_locked(child, request)) {
		(void)wait_take_locked(child, request, result, reaped);
		err = 0;
	}
	proc_put(child);
	return err;
}

/* 0: result is filled, or there is nothing yet (pid 0). */
static int wait_look_locked(
	const struct wait_request *request, struct wait_result *result, struct proc **reaped)
{
	struct proc *self = proc_current(), *child;

	if (request->whom == WAIT_FOR_ONE)
		return wait_look_at_one_locked(request, result, reaped);
	list_for_each(child, &self->news, news_link)
		if (wait_take_locked(child, request, result, reaped))
			return 0;
	/* Is there anybody to wait for? */
	list_for_each(child, &self->children, sibling)
		if (wait_concerns_locked(child, request))
			return 0;
	return -ECHILD;
}

int proc_wait(const struct wait_request *request, struct wait_result *result)
{
	struct proc *self = proc_current();
	int err;

	for (;;) {
		struct proc *reaped = NULL;
		uint32_t seen = __atomic_load_n(&self->child_events, __ATOMIC_ACQUIRE);

		result->pid = 0;
		proc_tree_lock();
		err = wait_look_locked(request, result, &reaped);
		proc_tree_unlock();
		if (reaped)
			proc_put(reaped);
		if (err || result->pid != 0 || (request->options & WNOHANG))
			return err;
		err = wait_event(&self->child_wait, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			__atomic_load_n(&self->child_events, __ATOMIC_ACQUIRE) != seen);
		if (err)
			return err;
	}
}
