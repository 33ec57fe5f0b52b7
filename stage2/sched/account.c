/*
 * Where CPU time goes.
 *
 * How long a thread ran is known to the nanosecond: the clock is read when the CPU changes threads.
 * Whether it ran its program or the kernel is found by sampling, so that a system call costs
 * nothing: every SAMPLE_NS of a CPU that is not idle, the timer's interrupt looks what it
 * interrupted, and all that the thread ran since it was last looked at counts as that. What is not
 * yet told apart is divided like the rest by who prints it (proc).
 *
 * An idle CPU takes no samples. The tick that is already set goes off once more and is not set
 * again; the first thread to run sets it, unless it is still set.
 */
#include "arch/cpu.h"
#include "core/clock.h"
#include "sched/sched_internal.h"

#define SAMPLE_NS (4 * NS_PER_MS)

static void sample_at(struct run_queue *queue, uint64_t when_ns)
{
	queue->sample_ns = when_ns;
	tick_at(when_ns);
}

void account_switch(struct run_queue *queue, struct thread *from, struct thread *to)
{
	uint64_t now = clock_ns();
	spin_assert_held(&queue->lock);
	queue->switches++;
	from->used.run_ns += now - from->started_ns;
	to->started_ns = now;
	if (from == queue->idle && queue->sample_ns == UINT64_MAX)
		sample_at(queue, now + SAMPLE_NS);
}

static void sample(struct run_queue *queue, struct thread *self, uint64_t now_ns, bool user)
{
	struct run_times *used = &self->used;
	spin_lock(&queue->lock);
	uint64_t run_ns = used->run_ns + now_ns - self->started_ns;
	uint64_t fresh_ns = run_ns - used->user_ns - used->kernel_ns;
	*(user ? &used->user_ns : &used->kernel_ns) += fresh_ns;
	*(user ? &queue->busy.user_ns : &queue->busy.kernel_ns) += fresh_ns;
	spin_unlock(&queue->lock);
	__atomic_fetch_or(&self->arch.work, READ_ONCE(self->tick_work), __ATOMIC_RELAXED);
}

void account_tick(struct run_queue *queue, uint64_t now_ns, bool from_user)
{
	struct thread *self = thread_current();
	if (queue->sample_ns == UINT64_MAX)
		return;
	if (self == queue->idle) {
		queue->sample_ns = UINT64_MAX;
	} else if (now_ns >= queue->sample_ns) {
		sample(queue, self, now_ns, from_user);
		sample_at(queue, now_ns + SAMPLE_NS);
	} else {
		tick_at(queue->sample_ns);
	}
}

void sample_within(uint64_t ns)
{
	uint64_t flags = irq_save();
	struct run_queue *queue = this_cpu()->run_queue;
	uint64_t when_ns = clock_ns() + min(ns, SAMPLE_NS);
	if (when_ns < queue->sample_ns)
		sample_at(queue, when_ns);
	irq_restore(flags);
}

/* Under the lock of its queue. */
static void times_locked(struct thread *thread, struct run_times *times)
{
	uint64_t now = clock_ns();
	*times = thread->used;
	/* The clock of the CPU that it runs on may be a moment ahead. */
	if (READ_ONCE(cpu_get(thread->cpu)->current) == thread && now > thread->started_ns)
		times->run_ns += now - thread->started_ns;
}

void thread_times(struct thread *thread, struct run_times *times)
{
	uint64_t flags;
	struct run_queue *queue = queue_lock_of(thread, &flags);
	times_locked(thread, times);
	spin_unlock_irqrestore(&queue->lock, flags);
}

uint64_t cpu_switches(unsigned cpu)
{
	return READ_ONCE(queue_of_cpu(cpu)->switches);
}

void cpu_times(unsigned cpu, struct run_times *busy, uint64_t *idle_ns)
{
	struct run_queue *queue = queue_of_cpu(cpu);
	struct run_times idle;
	uint64_t now = clock_ns(), flags = spin_lock_irqsave(&queue->lock);
	*busy = queue->busy;
	times_locked(queue->idle, &idle);
	spin_unlock_irqrestore(&queue->lock, flags);
	*idle_ns = idle.run_ns;
	busy->run_ns = now - min(now, idle.run_ns);
}
