/*
 * Wait queues and timed sleeps.
 *
 * A wake-up takes the waiter out of the queue, so that two wake-ups of one reach two waiters; a
 * waiter whose condition does not hold enters again (wait_event).
 */
#include "sched/wait.h"
#include "abi/errno.h"
#include "core/clock.h"
#include "lib/assert.h"
#include "sched/sched_internal.h"
#include "sched/timer.h"

void wait_add(struct wait_queue *queue, struct wait_entry *entry)
{
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	if (!entry->queued)
		list_add_tail(&entry->link, &queue->entries);
	entry->queued = true;
	spin_unlock_irqrestore(&queue->lock, flags);
	/* In the queue before the condition is looked at: the other half of wait_wake_one. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* One that was woken has been taken out, as the last that was done to it. */
void wait_remove(struct wait_queue *queue, struct wait_entry *entry)
{
	if (!__atomic_load_n(&entry->queued, __ATOMIC_ACQUIRE))
		return;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	list_del(&entry->link);
	entry->queued = false;
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* True if the entry's owner used up a wake-up. An entry with a function of its own stays queued. */
static bool entry_wake_locked(struct wait_queue *queue, struct wait_entry *entry, uint32_t events)
{
	spin_assert_held(&queue->lock);
	if (entry->wake)
		return entry->wake(entry, events);
	thread_wake(entry->thread);
	list_del(&entry->link);
	__atomic_store_n(&entry->queued, false, __ATOMIC_RELEASE);
	return true;
}

void wait_queue_wake_one(struct wait_queue *queue, uint32_t events)
{
	struct wait_entry *entry, *following;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	list_for_each_safe(entry, following, &queue->entries, link)
		if (entry_wake_locked(queue, entry, events))
			break;
	spin_unlock_irqrestore(&queue->lock, flags);
}

void wait_queue_wake_all(struct wait_queue *queue, uint32_t events)
{
	struct wait_entry *entry, *following;
	bool consumed = false;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	list_for_each_safe(entry, following, &queue->entries, link) {
		bool exclusive = entry->exclusive; /* a woken entry is no longer ours to look at */
		if (exclusive && consumed)
			continue;
		if (entry_wake_locked(queue, entry, events) && exclusive)
			consumed = true;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
}

struct sleeper {
	struct timer timer;
	struct thread *thread;
	bool expired; /* [a] */
};

static void sleeper_expire(struct timer *timer)
{
	struct sleeper *sleeper = container_of(timer, struct sleeper, timer);
	__atomic_store_n(&sleeper->expired, true, __ATOMIC_RELEASE);
	thread_wake(sleeper->thread);
}

static int interrupted(enum sleep_mode mode)
{
	return thread_has_work(thread_current(), mode) ? -EINTR : 0;
}

static int sleep_timed(enum sleep_mode mode, uint64_t deadline_ns)
{
	bool wall = deadline_ns & WAIT_WALL;
	uint64_t when_ns = deadline_ns & ~WAIT_WALL;
	struct sleeper sleeper = {
		.timer = { .clock = wall ? TIMER_WALL : TIMER_MONOTONIC, .fn = sleeper_expire },
		.thread = thread_current(),
	};

	if ((wall ? (uint64_t)clock_wall_ns() : clock_ns()) >= when_ns)
		return -ETIMEDOUT;
	timer_start(&sleeper.timer, when_ns);
	sched_sleep(mode, &sleeper.expired);
	timer_stop(&sleeper.timer);
	if (interrupted(mode))
		return -EINTR;
	return sleeper.expired ? -ETIMEDOUT : 0;
}

int wait_sleep(enum sleep_mode mode, uint64_t deadline_ns)
{
	assert_may_sleep();
	if (deadline_ns != WAIT_FOREVER)
		return sleep_timed(mode, deadline_ns);
	sched_sleep(mode, NULL);
	return interrupted(mode);
}

int sleep_until(enum sleep_mode mode, uint64_t deadline_ns)
{
	int err;
	do
		err = wait_sleep(mode, deadline_ns);
	while (!err);
	return err == -ETIMEDOUT ? 0 : err;
}
