/*
 * Scheduling: policies, CPUs.
 *
 * There is one policy, SCHED_OTHER: threads take turns, and a nice value says how long a turn is.
 * One CPU runs programs so far.
 */
#include "abi/resource.h"
#include "abi/sched.h"
#include "core/clock.h"
#include "sys/sys.h"

#define CPUS 1ull

long sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

bool sys_owns(struct proc *proc)
{
	const struct cred *self = cred_current();

	spin_assert_held(&proc->lock);
	return cred_may(self, CAP_SYS_NICE) || self->euid == proc->cred->uid ||
	       self->euid == proc->cred->euid;
}

/* ---- policies ---------------------------------------------------------------------------- */

/* A thread that the caller may change (change), or just see. */
static int with_thread(int tid, bool change)
{
	struct uthread *uthread;
	int err;

	if (tid < 0)
		return -EINVAL;
	err = uthread_lock((uint32_t)tid, &uthread);
	if (err)
		return err;
	err = change && !sys_owns(uthread->proc) ? -EPERM : 0;
	uthread_unlock(uthread);
	return err;
}

static int set_policy(int tid, int policy, uptr_t param)
{
	int32_t priority;

	if (tid < 0 || param == 0)
		return -EINVAL;
	if (get_user(&priority, param))
		return -EFAULT;
	if (policy != SCHED_OTHER || priority != 0)
		return -EINVAL;
	return with_thread(tid, true);
}

long sys_sched_setscheduler(int tid, int policy, uptr_t param)
{
	return set_policy(tid, policy, param);
}

long sys_sched_setparam(int tid, uptr_t param)
{
	return set_policy(tid, SCHED_OTHER, param);
}

long sys_sched_getscheduler(int tid)
{
	int err = with_thread(tid, false);

	return err ? err : SCHED_OTHER;
}

long sys_sched_getparam(int tid, uptr_t param)
{
	int32_t priority = 0;
	int err;

	if (param == 0)
		return -EINVAL;
	err = with_thread(tid, false);
	return err ? err : put_user(param, &priority);
}

/* The range of what is not there is known all the same, as on Linux. */
long sys_sched_get_priority_max(int policy)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return 99;
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_sched_get_priority_min(int policy)
{
	long most = sys_sched_get_priority_max(policy);

	return most > 0 ? 1 : most;
}

long sys_sched_rr_get_interval(int tid, uptr_t interval)
{
	struct uthread *uthread;
	uint64_t slice_ns;
	int err;

	if (tid < 0)
		return -EINVAL;
	err = uthread_lock((uint32_t)tid, &uthread);
	if (err)
		return err;
	slice_ns = thread_slice_ns(uthread->thread);
	uthread_unlock(uthread);
	return sys_put_time(interval, (int64_t)slice_ns);
}

long sys_sched_getattr(int tid, uptr_t address, uint32_t size, uint32_t flags)
{
	struct sched_attr attr = { .policy = SCHED_OTHER };
	struct uthread *uthread;
	int err;

	if (address == 0 || tid < 0 || size > PAGE_SIZE || size < SCHED_ATTR_BYTES_MIN || flags)
		return -EINVAL;
	err = uthread_lock((uint32_t)tid, &uthread);
	if (err)
		return err;
	attr.nice = uthread->thread->nice;
	uthread_unlock(uthread);
	attr.size = min(size, (uint32_t)sizeof(attr));
	return copy_to_user(address, &attr, attr.size);
}

long sys_sched_setattr(int tid, uptr_t address, uint32_t flags)
{
	struct sched_attr attr = { 0 };
	struct uthread *uthread;
	int err;

	if (address == 0 || tid < 0 || flags)
		return -EINVAL;
	if (copy_from_user(&attr, address, SCHED_ATTR_BYTES_MIN))
		return -EFAULT;
	if (attr.size != 0 && attr.size < SCHED_ATTR_BYTES_MIN)
		return -E2BIG;
	if (attr.policy != SCHED_OTHER || attr.flags || attr.priority)
		return -EINVAL;
	err = uthread_lock((uint32_t)tid, &uthread);
	if (err)
		return err;
	err = sys_nice_set(uthread, attr.nice);
	uthread_unlock(uthread);
	return err;
}

/* ---- CPUs -------------------------------------------------------------------------------- */

long sys_sched_getaffinity(int tid, uint32_t bytes, uptr_t mask)
{
	uint64_t cpus = CPUS;
	int err;

	if (bytes < sizeof(cpus) || bytes % sizeof(cpus))
		return -EINVAL;
	err = tid < 0 ? -ESRCH : with_thread(tid, false);
	if (err)
		return err;
	return put_user(mask, &cpus) ? -EFAULT : (long)sizeof(cpus);
}

/* The threads of programs are all on the CPUs there are: a mask without these is no place to be. */
long sys_sched_setaffinity(int tid, uint32_t bytes, uptr_t mask)
{
	uint64_t cpus = 0;
	int err;

	if (copy_from_user(&cpus, mask, min(bytes, (uint32_t)sizeof(cpus))))
		return -EFAULT;
	err = tid < 0 ? -ESRCH : with_thread(tid, true);
	if (err)
		return err;
	return cpus & CPUS ? 0 : -EINVAL;
}

long sys_getcpu(uptr_t cpu, uptr_t node, uptr_t unused)
{
	uint32_t id = READ_ONCE(thread_current()->cpu), zero = 0;

	if (cpu && put_user(cpu, &id))
		return -EFAULT;
	if (node && put_user(node, &zero))
		return -EFAULT;
	return 0;
}
