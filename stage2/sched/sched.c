/*
 * The scheduler: which thread runs on a CPU.
 *
 * Each CPU has a queue of ready threads, first come, first served. A thread runs until it sleeps,
 * yields, or its slice has ended while others wait. With nobody ready the CPU's idle thread halts
 * it; with nobody waiting there is no tick.
 *
 * Sleeping is a handshake: a thread decides to sleep (wait.c), and whoever wakes it may come before
 * it does. thread_wake on a thread that still runs leaves a mark, `wake_pending`, and the sleep
 * ends at once.
 *
 * The queue's lock is taken before the switch and released after it, on the new stack: nobody can
 * run the old thread elsewhere while its registers are being saved. A dead thread's stack is freed
 * by the reaper, because a thread cannot free the stack it stands on.
 */
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/mmu.h"
#include "arch/trap.h"
#include "core/clock.h"
#include "lib/assert.h"
#include "sched/load.h"
#include "sched/sched_internal.h"
#include "sched/wait.h"

#define SLICE_NS 4000000ll
/* What one step of nice makes of a slice. */
#define NICE_LONGER_NS  1400000ll
#define NICE_SHORTER_NS 184000ll

static struct run_queue queues[CPU_MAX];
static struct timer_queue timers[CPU_MAX];

static struct run_queue *own_queue(void)
{
	return this_cpu()->run_queue;
}

struct run_queue *queue_of_cpu(unsigned id)
{
	return &queues[id];
}

static inline struct run_queue *lock_queue_of(struct thread *thread, uint64_t *flags)
{
	for (;;) {
		struct run_queue *queue = &queues[READ_ONCE(thread->cpu)];
		*flags = spin_lock_irqsave(&queue->lock);
		if (queue == &queues[thread->cpu])
			return queue;
		spin_unlock_irqrestore(&queue->lock, *flags);
	}
}

struct run_queue *queue_lock_of(struct thread *thread, uint64_t *flags)
{
	return lock_queue_of(thread, flags);
}

void thread_set_nice(struct thread *thread, int nice)
{
	WRITE_ONCE(thread->nice, nice);
}

uint64_t thread_slice_ns(const struct thread *thread)
{
	int nice = READ_ONCE(thread->nice);

	if (likely(nice == 0))
		return SLICE_NS;
	return (uint64_t)(SLICE_NS - nice * (nice < 0 ? NICE_LONGER_NS : NICE_SHORTER_NS));
}

/* When the running thread's turn is over, if others wait: counted from when it got the CPU. */
static uint64_t slice_end_ns(const struct thread *running)
{
	return running->started_ns + thread_slice_ns(running);
}

static inline void enqueue_locked(struct run_queue *queue, struct thread *thread)
{
	spin_assert_held(&queue->lock);
	struct cpu *cpu = queue->cpu;
	bool is_first = list_empty(&queue->ready), is_idle = cpu->current == queue->idle;
	thread->state = THREAD_READY;
	list_add_tail(&thread->run_link, &queue->ready);
	if (is_idle)
		WRITE_ONCE(cpu->need_resched, 1);
	if (!is_first)
		return; /* the CPU knows that somebody waits */
	if (cpu != this_cpu())
		ipi_send(cpu->apic_id, TRAP_IPI_RESCHED);
	else if (!is_idle)
		tick_at(slice_end_ns(cpu->current));
}

static struct thread *pick_locked(struct run_queue *queue, struct thread *current)
{
	spin_assert_held(&queue->lock);
	if (list_empty(&queue->ready))
		return current->state == THREAD_RUNNING ? current : queue->idle;
	struct thread *next = list_first(&queue->ready, struct thread, run_link);
	list_del(&next->run_link);
	return next;
}

/* After the switch, on the new thread's stack. */
static void switch_finish(void)
{
	struct run_queue *queue = own_queue();
	struct thread *previous = queue->previous;
	bool dead = previous && previous->state == THREAD_DEAD;
	queue->previous = NULL;
	spin_unlock(&queue->lock);
	if (dead)
		thread_reap(previous);
}

/* Interrupts off. */
static void switch_locked(struct run_queue *queue)
{
	spin_assert_held(&queue->lock);
	struct cpu *cpu = this_cpu();
	struct thread *current = cpu->current;

	WRITE_ONCE(cpu->need_resched, 0);
	if (current->state == THREAD_RUNNING && current != queue->idle &&
		!list_empty(&queue->ready)) {
		current->state = THREAD_READY;
		list_add_tail(&current->run_link, &queue->ready);
	}
	struct thread *next = pick_locked(queue, current);
	next->state = THREAD_RUNNING;
	if (next == current) {
		spin_unlock(&queue->lock);
		return;
	}
	account_switch(queue, current, next);
	queue->previous = current;
	cpu->current = next;
	if (!list_empty(&queue->ready))
		tick_at(slice_end_ns(next));
	if (next->aspace)
		on_aspace_switch(next->aspace);
	arch_thread_switch(&current->arch, &next->arch);
	switch_finish();
}

void sched_switch(void)
{
	uint64_t flags = irq_save();
	struct run_queue *queue = own_queue();
	spin_lock(&queue->lock);
	switch_locked(queue);
	irq_restore(flags);
}

void on_resched(void)
{
	if (!this_cpu()->run_queue) {
		WRITE_ONCE(this_cpu()->need_resched, 0);
		return;
	}
	sched_switch();
}

void sched_yield(void)
{
	if (!list_empty(&own_queue()->ready))
		sched_switch();
}

/* First function of every thread (thread.c passes it to arch_thread_init). */
void sched_enter(void)
{
	switch_finish();
	irq_enable();
}

void sched_sleep(uint32_t mode, const bool *expired)
{
	struct thread *self = thread_current();
	/* Before the work is looked at: who sets some looks at the mode afterwards. */
	WRITE_ONCE(self->sleep_mode, (uint8_t)mode);
	uint64_t flags = irq_save();
	struct run_queue *queue = own_queue();
	spin_lock(&queue->lock);
	bool stays = self->wake_pending || thread_has_work(self, mode) ||
	             (expired && READ_ONCE(*expired));
	self->wake_pending = 0;
	if (stays) {
		spin_unlock(&queue->lock);
	} else {
		self->state = THREAD_SLEEPING;
		switch_locked(queue);
	}
	irq_restore(flags);
	WRITE_ONCE(self->sleep_mode, 0);
}

bool thread_wake(struct thread *thread)
{
	uint64_t flags;
	struct run_queue *queue = lock_queue_of(thread, &flags);
	bool slept = thread->state == THREAD_SLEEPING;
	if (slept)
		enqueue_locked(queue, thread);
	else if (thread->state != THREAD_DEAD)
		thread->wake_pending = 1;
	spin_unlock_irqrestore(&queue->lock, flags);
	return slept;
}

void thread_run(struct thread *thread)
{
	uint64_t flags;
	struct run_queue *queue = lock_queue_of(thread, &flags);
	enqueue_locked(queue, thread);
	spin_unlock_irqrestore(&queue->lock, flags);
}

__noreturn void thread_exit(void)
{
	irq_disable();
	struct run_queue *queue = own_queue();
	spin_lock(&queue->lock);
	thread_current()->state = THREAD_DEAD;
	switch_locked(queue);
	__builtin_unreachable();
}

void thread_set_work(struct thread *thread, uint32_t work)
{
	arch_work_set(&thread->arch, work);
	if (READ_ONCE(thread->sleep_mode) & work)
		thread_wake(thread);
	/* Running in user mode on another CPU: make it come into the kernel. */
	struct cpu *cpu = cpu_get(READ_ONCE(thread->cpu));
	if (cpu != this_cpu() && READ_ONCE(cpu->current) == thread)
		ipi_send(cpu->apic_id, TRAP_IPI_RESCHED);
}

void thread_clear_work(struct thread *thread, uint32_t work)
{
	arch_work_clear(&thread->arch, work);
}

/* timer.c calls it from the local timer's interrupt. */
void sched_tick(uint64_t now_ns, bool from_user)
{
	struct run_queue *queue = own_queue();
	if (!queue)
		return;
	account_tick(queue, now_ns, from_user);
	if (list_empty(&queue->ready))
		return;
	uint64_t end_ns = slice_end_ns(thread_current());
	if (now_ns >= end_ns)
		WRITE_ONCE(this_cpu()->need_resched, 1);
	else
		tick_at(end_ns);
}

static __noreturn void idle_loop(void *unused)
{
	for (;;) {
		irq_disable();
		if (READ_ONCE(this_cpu()->need_resched)) {
			sched_switch();
			irq_enable();
		} else {
			cpu_idle();
		}
	}
}

static void queue_init(struct cpu *cpu)
{
	struct run_queue *queue = &queues[cpu->id];
	spin_init(&queue->lock, "run-queue", RANK_RUN_QUEUE);
	list_init(&queue->ready);
	queue->cpu = cpu;
	queue->sample_ns = UINT64_MAX;
	timer_queue_init(&timers[cpu->id]);
	cpu->timers = &timers[cpu->id];
	cpu->run_queue = queue;
}

int sched_init(void)
{
	struct cpu *cpu = this_cpu();
	struct thread *idle;

	queue_init(cpu);
	cpu->current = thread_adopt("main");
	int err = thread_create("idle/0", idle_loop, NULL, false, &idle);
	if (err)
		return err;
	idle->state = THREAD_READY; /* never queued: picked when nothing else is */
	cpu->run_queue->idle = idle;
	cpu->preempt_count = 0;
	load_init();
	return 0;
}

__noreturn void sched_run_idle(void)
{
	struct cpu *cpu = this_cpu();
	queue_init(cpu);
	cpu->current = thread_adopt("idle");
	cpu->run_queue->idle = cpu->current;
	cpu->preempt_count = 0;
	__atomic_store_n(&cpu->online, 1, __ATOMIC_SEQ_CST);
	mmu_flush_all(); /* shootdowns before this moment left this CPU out */
	idle_loop(NULL);
}
