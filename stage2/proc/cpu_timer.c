/*
 * Timers by CPU time.
 *
 * The main idea: only the threads whose time it is can make a timer due, so it is they who look.
 * While there is a timer each of them gets THREAD_WORK_CPU_TIMERS with every sample of its CPU
 * time; when none is left that ends by itself.
 */
#include "proc/cpu_timer.h"

#include "abi/errno.h"
#include "proc/proc.h"

static bool cpu_timer_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, const struct cpu_timer, node)->when_ns <
	       rb_entry(b, const struct cpu_timer, node)->when_ns;
}

static const struct rb_ops cpu_timer_order = { .less = cpu_timer_less };

void cpu_timers_init(struct cpu_timers *timers)
{
	for (unsigned kind = 0; kind < CPU_TIME_KINDS; kind++)
		rb_init(&timers->queues[kind], &cpu_timer_order);
}

static bool cpu_timers_empty(const struct cpu_timers *timers)
{
	return rb_empty(&timers->queues[CPU_TIME_ALL]) && rb_empty(&timers->queues[CPU_TIME_USER]);
}

uint64_t cpu_time_locked(struct proc *proc, struct uthread *thread, enum cpu_time kind)
{
	struct proc_usage usage;

	if (kind == CPU_TIME_ALL)
		return thread ? thread_run_ns(thread->thread) : proc_run_ns_locked(proc);
	if (thread)
		uthread_usage_locked(thread, &usage);
	else
		proc_usage_locked(proc, &usage);
	return usage.user_ns;
}

static void watch_thread(struct uthread *uthread)
{
	WRITE_ONCE(uthread->thread->tick_work, THREAD_WORK_CPU_TIMERS);
}

void cpu_timer_start_locked(struct proc *proc, struct uthread *thread, enum cpu_time kind,
	struct cpu_timer *timer, uint64_t when_ns)
{
	struct cpu_timers *timers = thread ? &thread->cpu_timers : &proc->cpu_timers;
	uint64_t now_ns = cpu_time_locked(proc, thread, kind);
	struct uthread *uthread;

	cpu_timer_stop_locked(timer);
	timer->when_ns = when_ns;
	timer->queue = &timers->queues[kind];
	rb_insert(timer->queue, &timer->node);
	list_for_each(uthread, &proc->threads, link) {
		if (!thread || uthread == thread)
			watch_thread(uthread);
	}
	sample_within(max(when_ns, now_ns) - now_ns);
}

void cpu_timer_stop_locked(struct cpu_timer *timer)
{
	if (timer->queue)
		rb_erase(timer->queue, &timer->node);
	timer->queue = NULL;
}

static struct cpu_timer *first_timer(const struct rb_tree *queue)
{
	struct rb_node *node = rb_first(queue);

	return node ? rb_entry(node, struct cpu_timer, node) : NULL;
}

/* Returns how long the rest has to run. */
static uint64_t run_queue_locked(struct proc *proc, struct uthread *thread, enum cpu_time kind)
{
	struct cpu_timers *timers = thread ? &thread->cpu_timers : &proc->cpu_timers;
	struct rb_tree *queue = &timers->queues[kind];
	struct cpu_timer *timer;
	uint64_t now_ns;

	if (rb_empty(queue))
		return UINT64_MAX;
	now_ns = cpu_time_locked(proc, thread, kind);
	while ((timer = first_timer(queue)) && timer->when_ns <= now_ns) {
		cpu_timer_stop_locked(timer);
		timer->fn(timer);
	}
	return timer ? timer->when_ns - now_ns : UINT64_MAX;
}

void cpu_timers_run(void)
{
	struct uthread *self = uthread_current();
	struct proc *proc = self->proc;
	uint64_t left_ns = UINT64_MAX;

	proc_lock(proc);
	for (enum cpu_time kind = 0; kind < CPU_TIME_KINDS; kind++) {
		left_ns = min(left_ns, run_queue_locked(proc, NULL, kind));
		left_ns = min(left_ns, run_queue_locked(proc, self, kind));
	}
	if (cpu_timers_empty(&proc->cpu_timers) && cpu_timers_empty(&self->cpu_timers))
		WRITE_ONCE(self->thread->tick_work, 0);
	else
		sample_within(left_ns);
	proc_unlock(proc);
}

void cpu_timers_add_thread_locked(struct uthread *thread)
{
	if (!cpu_timers_empty(&thread->proc->cpu_timers))
		watch_thread(thread);
}

void cpu_timers_drop_thread_locked(struct uthread *thread)
{
	struct cpu_timer *timer;

	for (unsigned kind = 0; kind < CPU_TIME_KINDS; kind++) {
		while ((timer = first_timer(&thread->cpu_timers.queues[kind])))
			cpu_timer_stop_locked(timer);
	}
	WRITE_ONCE(thread->thread->tick_work, 0);
}

/* ---- sleeping ------------------------------------------------------------------------------- */

struct cpu_sleeper {
	struct cpu_timer timer;
	struct wait_queue wait;
	bool expired; /* [a] */
};

static void cpu_sleeper_expire(struct cpu_timer *timer)
{
	struct cpu_sleeper *sleeper = container_of(timer, struct cpu_sleeper, timer);

	WRITE_ONCE(sleeper->expired, true);
	wait_wake_all(&sleeper->wait, 0);
}

static int cpu_sleeper_start_locked(struct cpu_sleeper *sleeper, const struct pid *tid,
	enum cpu_time kind, uint64_t deadline_ns)
{
	struct proc *self = proc_current();
	struct uthread *thread = tid ? proc_thread_locked(self, tid) : NULL;

	if (tid && (!thread || thread == uthread_current()))
		return -EINVAL;
	/* If nobody runs, nobody would find that it is due already. */
	if (cpu_time_locked(self, thread, kind) >= deadline_ns)
		sleeper->expired = true;
	else
		cpu_timer_start_locked(self, thread, kind, &sleeper->timer, deadline_ns);
	return 0;
}

int cpu_time_sleep(const struct pid *thread, enum cpu_time kind, uint64_t deadline_ns)
{
	struct cpu_sleeper sleeper = { .timer.fn = cpu_sleeper_expire };
	struct proc *self = proc_current();
	int err;

	wait_queue_init(&sleeper.wait);
	proc_lock(self);
	err = cpu_sleeper_start_locked(&sleeper, thread, kind, deadline_ns);
	proc_unlock(self);
	if (err)
		return err;
	err = wait_event(
		&sleeper.wait, WAIT_INTERRUPTIBLE, WAIT_FOREVER, READ_ONCE(sleeper.expired));
	proc_lock(self);
	cpu_timer_stop_locked(&sleeper.timer);
	proc_unlock(self);
	return err;
}
