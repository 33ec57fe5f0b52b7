/*
 * Priorities of one thread, of a process group's or a user's: for the CPU (nice values) and for
 * disks.
 *
 * Those for disks are kept for who asks, and inherited; no queue here sorts by them, nor do Linux's
 * but for one of its schedulers.
 */
#include "abi/resource.h"
#include "sys/sys.h"

#define NICE_ZERO 20 /* getpriority returns 20 - nice */

/* What is looked for, what becomes of it, and what was found. */
struct many {
	int which;    /* PRIO_* */
	uint32_t who; /* PRIO_PGRP: a group; PRIO_USER: a user */
	/* Each of the threads, its process locked. The last error stays. */
	int (*visit)(struct uthread *uthread, struct many *many);
	int value;
	int result; /* -ESRCH until somebody was found */
};

static void many_visit(struct uthread *uthread, struct many *many)
{
	int result = many->visit(uthread, many);

	if (many->result == -ESRCH || result)
		many->result = result;
}

static void many_visit_threads(struct proc *proc, struct many *many)
{
	struct uthread *uthread;

	proc_lock(proc);
	if (many->which != PRIO_USER || proc->cred->uid == many->who)
		list_for_each(uthread, &proc->threads, link)
			many_visit(uthread, many);
	proc_unlock(proc);
}

static int many_visit_proc(struct proc *proc, void *many)
{
	many_visit_threads(proc, many);
	return 0;
}

/* who 0: the caller's. The one that came last is the first. */
static void many_visit_group(struct many *many)
{
	struct proc *member;
	struct pid *group;

	proc_tree_lock();
	group = many->who ? pid_find(many->who) : proc_current()->group;
	if (group)
		list_for_each(member, &group->group, group_link)
			many_visit_threads(member, many);
	proc_tree_unlock();
	if (group && many->who)
		pid_put(group);
}

/* who 0: the calling thread, its group, its user. -ESRCH: nobody is; -EINVAL: no such `which`. */
static int many_do(struct many *many, int who)
{
	struct uthread *uthread;
	int err;

	many->who = (uint32_t)who;
	many->result = -ESRCH;
	switch (many->which) {
	case PRIO_PROCESS:
		err = who < 0 ? -ESRCH : uthread_lock((uint32_t)who, &uthread);
		if (err)
			return err;
		many_visit(uthread, many);
		uthread_unlock(uthread);
		return many->result;
	case PRIO_PGRP:
		many_visit_group(many);
		break;
	case PRIO_USER:
		many->who = who ? (uint32_t)who : cred_current()->uid;
		(void)pid_for_each_proc(many_visit_proc, many);
		break;
	default:
		return -EINVAL;
	}
	return many->result;
}

/* ---- nice values ------------------------------------------------------------------------- */

int sys_nice_set(struct uthread *uthread, int nice)
{
	/* RLIMIT_NICE: 1 .. 40 for 19 .. -20. */
	uint64_t least = proc_limit(uthread->proc, RLIMIT_NICE);
	bool allowed;

	nice = max(NICE_MIN, min(nice, NICE_MAX));
	allowed = cred_may(cred_current(), CAP_SYS_NICE) || nice >= uthread->thread->nice ||
	          (uint64_t)(NICE_ZERO - nice) <= least;

	if (!sys_owns(uthread->proc))
		return -EPERM;
	if (!allowed)
		return -EACCES;
	thread_set_nice(uthread->thread, nice);
	return 0;
}

static int nice_set(struct uthread *uthread, struct many *many)
{
	return sys_nice_set(uthread, many->value);
}

static int nice_get(struct uthread *uthread, struct many *many)
{
	many->value = min(many->value, uthread->thread->nice);
	return 0;
}

long sys_getpriority(int which, int who)
{
	struct many many = { .which = which, .visit = nice_get, .value = NICE_MAX };
	int err = many_do(&many, who);

	return err ? err : NICE_ZERO - many.value;
}

long sys_setpriority(int which, int who, int nice)
{
	struct many many = { .which = which, .visit = nice_set, .value = nice };

	return many_do(&many, who);
}

/* ---- disks ------------------------------------------------------------------------------- */

static int io_class(int priority)
{
	return priority >> IOPRIO_CLASS_SHIFT & IOPRIO_CLASS_MASK;
}

static int io_priority_check(int priority)
{
	switch (io_class(priority)) {
	case IOPRIO_CLASS_RT:
		return cred_may_either(cred_current(), CAP_SYS_ADMIN, CAP_SYS_NICE) ? 0 : -EPERM;
	case IOPRIO_CLASS_BE:
	case IOPRIO_CLASS_IDLE:
		return 0;
	case IOPRIO_CLASS_NONE:
		return priority & IOPRIO_LEVEL_MASK ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/* The first error is the end. */
static int io_priority_set(struct uthread *uthread, struct many *many)
{
	const struct cred *self = cred_current(), *other = uthread->proc->cred;

	if (many->result != 0 && many->result != -ESRCH)
		return many->result;
	if (!cred_may(self, CAP_SYS_NICE) && self->euid != other->uid && self->uid != other->uid)
		return -EPERM;
	return io_context_set(&uthread->io, (uint16_t)many->value);
}

/* Among many the most urgent: none counts as one in the middle then. */
static int io_priority_get(struct uthread *uthread, struct many *many)
{
	int found = io_context_priority(uthread->io), least = many->value;

	if (many->result == -ESRCH) {
		many->value = found;
		return 0;
	}
	found = io_class(found) == IOPRIO_CLASS_NONE ? IOPRIO_MIDDLE : found;
	least = io_class(least) == IOPRIO_CLASS_NONE ? IOPRIO_MIDDLE : least;
	many->value = min(found, least);
	return 0;
}

/* Linux counts `which` from 1 here. */
long sys_ioprio_get(int which, int who)
{
	struct many many = { .which = which - 1, .visit = io_priority_get };
	int err = many_do(&many, who);

	return err ? err : many.value;
}

long sys_ioprio_set(int which, int who, int priority)
{
	struct many many = { .which = which - 1, .visit = io_priority_set, .value = priority };
	int err = io_priority_check(priority);

	return err ? err : many_do(&many, who);
}
