/*
 * Deferred work: one kernel thread that runs what was queued, in order.
 */
#include "sched/work.h"
#include "lib/assert.h"
#include "sched/wait.h"

static struct {
	struct spinlock lock;   /* RANK_WORK */
	struct list_head queue; /* [lock] */
	uint64_t queued, done;  /* [lock] how many ever */
	struct wait_queue more, finished;
} works = {
	.lock = SPINLOCK_INIT("work", RANK_WORK),
	.queue = LIST_INIT(works.queue),
	.more = WAIT_QUEUE_INIT(works.more),
	.finished = WAIT_QUEUE_INIT(works.finished),
};

static struct work *work_take(void)
{
	uint64_t flags = spin_lock_irqsave(&works.lock);
	struct work *work = list_first(&works.queue, struct work, link);
	if (work) {
		list_del(&work->link);
		work->queued = false;
	}
	spin_unlock_irqrestore(&works.lock, flags);
	return work;
}

static void work_done(void)
{
	uint64_t flags = spin_lock_irqsave(&works.lock);
	works.done++;
	spin_unlock_irqrestore(&works.lock, flags);
	wait_wake_all(&works.finished, 0);
}

static void work_loop(void *unused)
{
	for (;;) {
		struct work *work = work_take();
		if (!work) {
			(void)wait_event(&works.more, WAIT_UNINTERRUPTIBLE, WAIT_FOREVER,
				!list_empty(&works.queue));
			continue;
		}
		work->fn(work);
		work_done();
	}
}

int work_init(void)
{
	return thread_start("work", work_loop, NULL, NULL);
}

void work_queue(struct work *work)
{
	uint64_t flags = spin_lock_irqsave(&works.lock);
	bool added = !work->queued;
	if (added) {
		work->queued = true;
		works.queued++;
		list_add_tail(&work->link, &works.queue);
	}
	spin_unlock_irqrestore(&works.lock, flags);
	if (added)
		wait_wake_one(&works.more, 0);
}

void work_flush(void)
{
	uint64_t target = READ_ONCE(works.queued);
	(void)wait_event(&works.finished, WAIT_UNINTERRUPTIBLE, WAIT_FOREVER,
		READ_ONCE(works.done) >= target);
}
