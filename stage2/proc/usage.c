/*
 * What processes and threads have used. Run time is exact; how it divides into user and system time
 * is known from samples (sched/account.c) and told like theirs, as Linux does it.
 */
#include "proc/usage.h"

#include "proc/proc.h"

/* part / whole of ns. */
static uint64_t share(uint64_t ns, uint64_t part, uint64_t whole)
{
	for (; whole > UINT32_MAX; whole /= 2)
		part /= 2;
	return ns / whole * part + ns % whole * part / whole;
}

void usage_divide(const struct run_times *used, struct proc_usage *told)
{
	uint64_t sampled_ns = used->user_ns + used->kernel_ns;
	uint64_t system_ns = sampled_ns ? share(used->run_ns, used->kernel_ns, sampled_ns) : 0;

	if (used->run_ns <= told->user_ns + told->system_ns)
		return;
	system_ns = min(system_ns, used->run_ns - told->user_ns);
	told->system_ns = max(told->system_ns, system_ns);
	told->user_ns = used->run_ns - told->system_ns;
}

void usage_add(struct proc_usage *sum, const struct proc_usage *usage)
{
	sum->user_ns += usage->user_ns;
	sum->system_ns += usage->system_ns;
	sum->max_resident_pages = max(sum->max_resident_pages, usage->max_resident_pages);
}

static void times_add(struct run_times *sum, struct thread *thread)
{
	struct run_times times;

	thread_times(thread, &times);
	sum->run_ns += times.run_ns;
	sum->user_ns += times.user_ns;
	sum->kernel_ns += times.kernel_ns;
}

static void proc_times_locked(struct proc *proc, struct run_times *times)
{
	struct uthread *uthread;

	spin_assert_held(&proc->lock);
	*times = proc->used;
	list_for_each(uthread, &proc->threads, link)
		times_add(times, uthread->thread);
}

void proc_usage_locked(struct proc *proc, struct proc_usage *usage)
{
	struct run_times times;

	proc_times_locked(proc, &times);
	usage_divide(&times, &proc->told);
	*usage = proc->told;
	if (proc->aspace)
		usage->max_resident_pages =
			max(usage->max_resident_pages, READ_ONCE(proc->aspace->resident_pages));
}

void proc_usage(struct proc *proc, struct proc_usage *usage)
{
	proc_lock(proc);
	proc_usage_locked(proc, usage);
	proc_unlock(proc);
}

void uthread_usage_locked(struct uthread *uthread, struct proc_usage *usage)
{
	struct run_times times;

	spin_assert_held(&uthread->proc->lock);
	thread_times(uthread->thread, &times);
	usage_divide(&times, &uthread->told);
	*usage = uthread->told;
}

uint64_t proc_run_ns_locked(struct proc *proc)
{
	struct run_times times;

	proc_times_locked(proc, &times);
	return times.run_ns;
}

uint64_t thread_run_ns(struct thread *thread)
{
	struct run_times times;

	thread_times(thread, &times);
	return times.run_ns;
}

void usage_keep_locked(struct proc *proc, struct thread *thread)
{
	spin_assert_held(&proc->lock);
	times_add(&proc->used, thread);
}
