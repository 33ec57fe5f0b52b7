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

void wait_queue_init(struct wait_queue *queue)
{
	spin_init(&queue->lock, "wait", RANK_WAIT);
	list_init(&queue->entries);
}

void wait_add(struct wait_queue *queue, struct wait_entry *entry)
{
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	if (!list_is_linked(&entry->link))
		list_add_tail(&entry->link, &queue->entries);
	spin_unlock_irqrestore(&queue->lock, flags);
}

void wait_remove(struct wait_queue *queue, struct wait_entry *entry)
{
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	list_del(&entry->link);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* True if the entry's owner used up a wake-up. An entry with a function of its own stays queued. */
static bool entry_wake_locked(struct wait_queue *queue, struct wait_entry *entry, uint32_t events)
{
	spin_assert_held(&queue->lock);
	if (entry->wake)
		return entry->wake(entry, events);
	list_del(&entry->link);
	thread_wake(entry->thread);
	return true;
}

void wait_wake_one(struct wait_queue *queue, uint32_t events)
{
	struct wait_entry *entry, *following;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	list_for_each_safe(entry, following, &queue->entries, link)
		if (entry_wake_locked(queue, entry, events))
			break;
	spin_unlock_irqrestore(&queue->lock, flags);
}

void wait_wake_all(struct wait_queue *queue, uint32_t events)
{
	struct wait_entry *entry, *following;
	bool consumed = false;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	list_for_each_safe(entry, following, &queue->entries, link) {
		if (entry->exclusive && consumed)
			continue;
		if (entry_wake_locked(queue, entry, events) && entry->exclusive)
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

/* Is there work that ends a sleep of this mode? */
static bool interrupted(const struct thread *self, enum sleep_mode mode)
{
	if (mode == WAIT_UNINTERRUPTIBLE)
		return false;
	uint32_t ends = THREAD_WORK_KILL | (mode == WAIT_INTERRUPTIBLE ? THREAD_WORK_SIGNAL : 0);
	return thread_has_work(self, ends);
}

static bool may_sleep(struct thread *self, void *data)
{
	const struct sleeper *sleeper = data;
	return !interrupted(self, (enum sleep_mode)self->sleep_mode) &&
	       !(sleeper && READ_ONCE(sleeper->expired));
}

int wait_sleep(enum sleep_mode mode, uint64_t deadline_ns)
{
	struct thread *self = thread_current();
	bool timed = deadline_ns != WAIT_FOREVER, wall = timed && (deadline_ns & WAIT_WALL);
	uint64_t when_ns = wall ? deadline_ns & ~WAIT_WALL : deadline_ns;
	struct sleeper sleeper = {
		.timer = { .clock = wall ? TIMER_WALL : TIMER_MONOTONIC, .fn = sleeper_expire },
		.thread = self,
	};

	assert_may_sleep();
	if (timed && (wall ? (uint64_t)clock_wall_ns() : clock_ns()) >= when_ns)
		return -ETIMEDOUT;
	WRITE_ONCE(self->sleep_mode, mode);
	if (timed)
		timer_start(&sleeper.timer, when_ns);
	sched_sleep(may_sleep, timed ? &sleeper : NULL);
	if (timed)
		timer_stop(&sleeper.timer);
	WRITE_ONCE(self->sleep_mode, WAIT_UNINTERRUPTIBLE);

	if (interrupted(self, mode))
		return -EINTR;
	return timed && sleeper.expired ? -ETIMEDOUT : 0;
}

int sleep_until(enum sleep_mode mode, uint64_t deadline_ns)
{
	int err;
	do
		err = wait_sleep(mode, deadline_ns);
	while (!err);
	return err == -ETIMEDOUT ? 0 : err;
}
