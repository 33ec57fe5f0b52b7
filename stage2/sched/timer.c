/*
 * Timers: each CPU's queue is a tree ordered by time; the local timer is set for its first entry or
 * the end of the running thread's slice, whichever is earlier.
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
	rb_init(&queue->timers, &timer_order);
	queue->first = NULL;
	queue->armed_ns = UINT64_MAX;
}

#define LONG_WAY_NS  (50 * NS_PER_MS)
#define MARGIN_SHIFT 5 /* the measured rate is better than 1 in 32 */

void tick_at(uint64_t when_ns)
{
	struct timer_queue *queue = this_cpu()->timers;
	if (when_ns >= queue->armed_ns)
		return;
	uint64_t now = clock_ns();
	uint64_t span_ns = when_ns > now ? when_ns - now : 0;
	if (span_ns > LONG_WAY_NS)
		span_ns -= span_ns >> MARGIN_SHIFT;
	queue->armed_ns = when_ns;
	local_timer_arm(clock_local_ticks(span_ns));
}

static void first_update_locked(struct timer_queue *queue)
{
	spin_assert_held(&queue->lock);
	struct rb_node *node = rb_first(&queue->timers);
	queue->first = node ? rb_entry(node, struct timer, node) : NULL;
}

static void insert_locked(struct timer_queue *queue, struct timer *timer, uint64_t when_ns)
{
	spin_assert_held(&queue->lock);
	timer->when_ns = when_ns;
	timer->queue = queue;
	rb_insert(&queue->timers, &timer->node);
	if (!queue->first || when_ns < queue->first->when_ns)
		queue->first = timer;
}

static void remove_locked(struct timer_queue *queue, struct timer *timer)
{
	spin_assert_held(&queue->lock);
	rb_erase(&queue->timers, &timer->node);
	__atomic_store_n(&timer->queue, NULL, __ATOMIC_RELEASE);
	if (queue->first == timer)
		first_update_locked(queue);
}

/* Take it out of the queue it is in, whichever CPU's that is. */
static bool timer_dequeue(struct timer *timer)
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
	insert_locked(queue, timer, when_ns);
	bool earliest = queue->first == timer;
	spin_unlock(&queue->lock);
	if (earliest)
		tick_at(when_ns);
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

/* The earliest timer if it is due, taken out and marked as running. */
static struct timer *take_due(struct timer_queue *queue, uint64_t now)
{
	spin_lock(&queue->lock);
	struct timer *timer = queue->first;
	if (timer && timer->when_ns <= now) {
		/* In this order: timer_stop, on another CPU, finds it here or there. */
		__atomic_store_n(&queue->running, timer, __ATOMIC_RELEASE);
		remove_locked(queue, timer);
	} else {
		timer = NULL;
	}
	spin_unlock(&queue->lock);
	return timer;
}

void on_tick(void)
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
	uint64_t next = queue->first ? queue->first->when_ns : UINT64_MAX;
	spin_unlock(&queue->lock);
	if (next != UINT64_MAX)
		tick_at(next);
	sched_tick(now);
	lock_trace_irq_exit();
}
