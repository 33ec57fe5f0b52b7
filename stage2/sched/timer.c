/*
 * Timers: each CPU's queue is a tree for each clock, ordered by time; the local timer is set for
 * the first entry of all or the end of the running thread's slice, whichever is earlier.
 *
 * The hardware is set late and seldom: only when something earlier than what it is set for comes
 * in. When it fires too early, because the entry it was set for was stopped meanwhile, it is just
 * set again. That is also how a long way is gone: the local timer's rate was measured in a hurry,
 * and it may be early but not late, so it is set for a little less.
 */
#include "sched/timer.h"
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/trap.h"
#include "core/clock.h"
#include "lib/compiler.h"
#include "sched/sched_internal.h"

static bool timer_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, const struct timer, node)->when_ns <
	       rb_entry(b, const struct timer, node)->when_ns;
}

static const struct rb_ops timer_order = { .less = timer_less };

void timer_queue_init(struct timer_queue *queue)
{
	spin_init(&queue->lock, "timers", RANK_TIMERS);
	for (unsigned clock = 0; clock < TIMER_CLOCKS; clock++) {
		rb_init(&queue->clocks[clock].timers, &timer_order);
		queue->clocks[clock].first = NULL;
	}
	queue->armed_ns = UINT64_MAX;
}

#define LONG_WAY_NS  (50 * NS_PER_MS)
#define MARGIN_SHIFT 5 /* the measured rate is better than 1 in 32 */

void tick_arm(uint64_t when_ns)
{
	uint64_t now = clock_ns();
	uint64_t span_ns = when_ns > now ? when_ns - now : 0;
	if (span_ns > LONG_WAY_NS)
		span_ns -= span_ns >> MARGIN_SHIFT;
	this_cpu()->timers->armed_ns = when_ns;
	local_timer_arm(clock_local_ticks(span_ns));
}

/* When a timer is due by clock_ns(), as the wall clock stands now. */
static uint64_t due_ns(const struct timer *timer)
{
	return timer->clock == TIMER_WALL ? clock_from_wall(timer->when_ns) : timer->when_ns;
}

/* When the first of all is; UINT64_MAX: there is none. */
static uint64_t next_due_locked(struct timer_queue *queue)
{
	uint64_t next = UINT64_MAX;
	spin_assert_held(&queue->lock);
	for (unsigned clock = 0; clock < TIMER_CLOCKS; clock++) {
		struct timer *first = queue->clocks[clock].first;
		if (first)
			next = min(next, due_ns(first));
	}
	return next;
}

/* True if it is the first of its clock's. */
static bool insert_locked(struct timer_queue *queue, struct timer *timer, uint64_t when_ns)
{
	spin_assert_held(&queue->lock);
	struct timer **first = &queue->clocks[timer->clock].first;
	timer->when_ns = when_ns;
	timer->queue = queue;
	rb_insert(&queue->clocks[timer->clock].timers, &timer->node);
	if (*first && when_ns >= (*first)->when_ns)
		return false;
	*first = timer;
	return true;
}

static void remove_locked(struct timer_queue *queue, struct timer *timer)
{
	spin_assert_held(&queue->lock);
	struct timer **first = &queue->clocks[timer->clock].first;
	rb_erase(&queue->clocks[timer->clock].timers, &timer->node);
	__atomic_store_n(&timer->queue, NULL, __ATOMIC_RELEASE);
	if (*first == timer) {
		struct rb_node *node = rb_first(&queue->clocks[timer->clock].timers);
		*first = node ? rb_entry(node, struct timer, node) : NULL;
	}
}

bool timer_dequeue(struct timer *timer)
{
	for (;;) {
		struct timer_queue *queue = __atomic_load_n(&timer->queue, __ATOMIC_ACQUIRE);
		if (!queue)
			return false;
		uint64_t flags = spin_lock_irqsave(&queue->lock);
		bool here = timer->queue == queue;
		if (here)
			remove_locked(queue, timer);
		spin_unlock_irqrestore(&queue->lock, flags);
		if (here)
			return true;
	}
}

void timer_start(struct timer *timer, uint64_t when_ns)
{
	timer_dequeue(timer);
	uint64_t flags = irq_save();
	struct timer_queue *queue = this_cpu()->timers;
	spin_lock(&queue->lock);
	bool first = insert_locked(queue, timer, when_ns);
	uint64_t due = due_ns(timer);
	spin_unlock(&queue->lock);
	if (first)
		tick_at(due);
	irq_restore(flags);
}

void timers_wall_was_set(void)
{
	uint64_t flags = irq_save();
	for (unsigned id = 0; id < cpu_count(); id++) {
		struct cpu *cpu = cpu_get(id);
		if (cpu == this_cpu())
			tick_at(0);
		else if (READ_ONCE(cpu->online))
			ipi_send(cpu->apic_id, TRAP_IPI_RESCHED);
	}
	irq_restore(flags);
}

bool timer_stop(struct timer *timer)
{
	bool pending = timer_dequeue(timer);
	for (unsigned id = 0; id < cpu_count(); id++) {
		struct timer_queue *queue = cpu_get(id)->timers;
		while (queue && __atomic_load_n(&queue->running, __ATOMIC_ACQUIRE) == timer)
			cpu_relax();
	}
	return pending;
}

/* A timer that is due, taken out and marked as running. */
static struct timer *take_due(struct timer_queue *queue, uint64_t now)
{
	struct timer *due = NULL;
	spin_lock(&queue->lock);
	for (unsigned clock = 0; clock < TIMER_CLOCKS && !due; clock++) {
		struct timer *first = queue->clocks[clock].first;
		if (first && due_ns(first) <= now)
			due = first;
	}
	if (due) {
		/* In this order: timer_stop, on another CPU, finds it here or there. */
		__atomic_store_n(&queue->running, due, __ATOMIC_RELEASE);
		remove_locked(queue, due);
	}
	spin_unlock(&queue->lock);
	return due;
}

void on_tick(bool from_user)
{
	struct timer_queue *queue = this_cpu()->timers;
	if (!queue)
		return; /* the calibration's count ran out */
	lock_trace_irq_enter();
	queue->armed_ns = UINT64_MAX;
	uint64_t now = clock_ns();
	for (struct timer *timer; (timer = take_due(queue, now));) {
		timer->fn(timer);
		__atomic_store_n(&queue->running, NULL, __ATOMIC_RELEASE);
		now = clock_ns();
	}
	spin_lock(&queue->lock);
	uint64_t next = next_due_locked(queue);
	spin_unlock(&queue->lock);
	if (next != UINT64_MAX)
		tick_at(next);
	sched_tick(now, from_user);
	lock_trace_irq_exit();
}
