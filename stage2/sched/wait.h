#ifndef SCHED_WAIT_H
#define SCHED_WAIT_H
/*
 * Wait queues: how a thread sleeps until a condition holds.
 *
 *   err = wait_event(&queue, WAIT_INTERRUPTIBLE, deadline_ns, condition);
 *
 * The condition is checked after the thread has entered the queue, so a wake-up between check and
 * sleep is not lost. It is an expression evaluated several times, without the queue's lock.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "lib/list.h"
#include "sched/thread.h"

/* What pending work (sched/thread.h) ends a sleep, with -EINTR. */
enum sleep_mode {
	WAIT_UNINTERRUPTIBLE = 0,
	WAIT_KILLABLE = THREAD_WORK_KILL,
	WAIT_INTERRUPTIBLE = THREAD_WORK_KILL | THREAD_WORK_SIGNAL,
	/* Killable, by a thread that has nothing to do: it is no load. */
	WAIT_IDLE = THREAD_WORK_KILL | THREAD_IDLE,
};

/* Deadlines are times of clock_ns(); with WAIT_WALL set, of the wall clock: its steps are followed.
 */
#define WAIT_FOREVER UINT64_MAX
#define WAIT_WALL    BIT(63)

struct wait_queue {
	struct spinlock lock;
	struct list_head entries; /* [lock] */
};

/* One waiter. With `wake` set it is called, under the queue's lock, instead of waking the thread
 * (poll, epoll, futex); it returns true if it consumed a wake-up of wait_wake_one. */
struct wait_entry {
	struct list_head link; /* [queue lock] */
	bool queued;           /* [queue lock; read without] */
	struct thread *thread;
	bool (*wake)(struct wait_entry *entry, uint32_t events);
	bool exclusive; /* of those that are, wait_wake_all wakes until one has consumed it */
};

#define WAIT_QUEUE_INIT(queue)                                                                     \
	{                                                                                          \
		.lock = SPINLOCK_INIT("wait", RANK_WAIT), .entries = LIST_INIT((queue).entries)    \
	}

static inline void wait_queue_init(struct wait_queue *queue)
{
	spin_init(&queue->lock, "wait", RANK_WAIT);
	list_init(&queue->entries);
}

/* Is there anybody to wake? Only for who has changed the condition before a full barrier
 * (mutex_unlock is one): a waiter that is not seen here sees the change. */
static inline bool wait_has_waiters(const struct wait_queue *queue)
{
	return READ_ONCE(queue->entries.next) != &queue->entries;
}

/* Wake one or all, after the condition has been changed. events: what became ready (POLLIN ... )
 * for entries with a `wake` function, 0 if that does not matter. Any context. A waiter that is not
 * seen here has not yet entered, and sees the change when it has. */
void wait_queue_wake_one(struct wait_queue *queue, uint32_t events);
void wait_queue_wake_all(struct wait_queue *queue, uint32_t events);

static inline void wait_wake_one(struct wait_queue *queue, uint32_t events)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (wait_has_waiters(queue))
		wait_queue_wake_one(queue, events);
}

static inline void wait_wake_all(struct wait_queue *queue, uint32_t events)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (wait_has_waiters(queue))
		wait_queue_wake_all(queue, events);
}

/* The pieces of wait_event. wait_add: enter the queue, or stay in it (entry->wake may be set
 * before). A wake-up takes the entry out. wait_remove: leave, if still in. wait_sleep: sleep until
 * woken, until the deadline or a signal: 0, -ETIMEDOUT, -EINTR; 0 may also come for
 * no reason. */
void wait_add(struct wait_queue *queue, struct wait_entry *entry);
void wait_remove(struct wait_queue *queue, struct wait_entry *entry);
int wait_sleep(enum sleep_mode mode, uint64_t deadline_ns);

#define WAIT_ENTRY_INIT(entry)                                                                     \
	{                                                                                          \
		.link = LIST_INIT((entry).link), .thread = thread_current()                        \
	}

/* 0 once the condition holds (checked first: no sleep if it does), -EINTR, -ETIMEDOUT. */
#define wait_event(queue_, mode_, deadline_ns_, condition_)                                        \
	__extension__({                                                                            \
		int wait_result_ = 0;                                                              \
		if (!(condition_)) {                                                               \
			struct wait_entry wait_entry_ = WAIT_ENTRY_INIT(wait_entry_);              \
			for (;;) {                                                                 \
				wait_add((queue_), &wait_entry_);                                  \
				if (condition_) {                                                  \
					wait_result_ = 0;                                          \
					break;                                                     \
				}                                                                  \
				if (wait_result_ != 0)                                             \
					break;                                                     \
				wait_result_ = wait_sleep((mode_), (deadline_ns_));                \
				if (likely(condition_)) {                                          \
					wait_result_ = 0;                                          \
					break;                                                     \
				}                                                                  \
			}                                                                          \
			wait_remove((queue_), &wait_entry_);                                       \
		}                                                                                  \
		wait_result_;                                                                      \
	})

/* Sleep until the deadline. 0, -EINTR. */
int sleep_until(enum sleep_mode mode, uint64_t deadline_ns);

#endif
