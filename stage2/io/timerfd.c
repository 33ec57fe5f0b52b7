/*
 * Timers as files.
 *
 * A timer fires in an interrupt, and then stands still until it is read (lib/itimer.h).
 *
 * One that a step of the wall clock cancels remembers how many steps there had been. While there
 * have been more, it has that to tell, to its next reader, instead of anything else.
 */
#include "io/timerfd.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "abi/stat.h"
#include "abi/timerfd.h"
#include "core/clock.h"
#include "io/poll.h"
#include "mm/slab.h"
#include "sched/timer.h"

struct timerfd {
	struct spinlock lock; /* RANK_REFS; taken in interrupts */
	struct itimer state;  /* [lock] */
	struct timer timer;   /* [lock] */
	int number;           /* [I] CLOCK_* */
	bool wall;            /* [I] that is the wall clock */
	int set_flags;        /* [lock] TFD_TIMER_* */
	struct wait_queue changed;

	bool cancels;          /* [steps.lock; read anywhere] */
	uint64_t seen_steps;   /* [steps.lock; read anywhere] */
	struct list_head link; /* [steps.lock] in steps.timers, if it cancels */
};

/* Steps of the wall clock. */
static struct {
	struct spinlock lock;
	uint64_t count;          /* [lock; read anywhere] */
	struct list_head timers; /* [lock] struct timerfd.link */
} steps = { .lock = SPINLOCK_INIT("timerfd steps", RANK_REFS), .timers = LIST_INIT(steps.timers) };

static struct slab_cache timerfd_cache = SLAB_CACHE("timerfd", struct timerfd);
static const struct file_ops timerfd_ops;

/* ---- steps ----------------------------------------------------------------------------------- */

static void cancels_set(struct timerfd *timer, bool cancels)
{
	uint64_t flags = spin_lock_irqsave(&steps.lock);
	timer->cancels = cancels;
	list_del(&timer->link);
	if (cancels)
		list_add_tail(&timer->link, &steps.timers);
	spin_unlock_irqrestore(&steps.lock, flags);
}

static bool is_cancelled(const struct timerfd *timer)
{
	return READ_ONCE(timer->cancels) && READ_ONCE(timer->seen_steps) != READ_ONCE(steps.count);
}

/* True once for any number of steps. */
static bool cancel_take(struct timerfd *timer)
{
	if (!is_cancelled(timer))
		return false;
	uint64_t flags = spin_lock_irqsave(&steps.lock);
	bool cancelled = timer->seen_steps != steps.count;
	WRITE_ONCE(timer->seen_steps, steps.count);
	spin_unlock_irqrestore(&steps.lock, flags);
	return cancelled;
}

void timerfd_wall_was_set(void)
{
	struct timerfd *timer;
	uint64_t flags = spin_lock_irqsave(&steps.lock);
	WRITE_ONCE(steps.count, steps.count + 1);
	list_for_each(timer, &steps.timers, link)
		wait_wake_all(&timer->changed, POLLIN);
	spin_unlock_irqrestore(&steps.lock, flags);
}

/* ---- the timer ------------------------------------------------------------------------------- */

/* By the clock that it runs by now: a span is not moved by steps. */
static uint64_t now_locked(const struct timerfd *timer)
{
	return timer->timer.clock == TIMER_WALL ? (uint64_t)clock_wall_ns() : clock_ns();
}

static void start_locked(struct timerfd *timer)
{
	if (itimer_runs(&timer->state))
		timer_start(&timer->timer, timer->state.when_ns);
}

static void on_timer(struct timer *expired)
{
	struct timerfd *timer = container_of(expired, struct timerfd, timer);
	uint64_t flags = spin_lock_irqsave(&timer->lock);
	bool fired = itimer_fire(&timer->state, now_locked(timer));
	spin_unlock_irqrestore(&timer->lock, flags);
	if (fired)
		wait_wake_all(&timer->changed, POLLIN);
}

static bool is_due(const struct timerfd *timer)
{
	return READ_ONCE(timer->state.fired) || is_cancelled(timer);
}

/* What there is to be read: 1: *times; -ECANCELED, and what was due is forgotten; 0: nothing. */
static int times_take(struct timerfd *timer, uint64_t *times)
{
	bool cancelled = cancel_take(timer);
	uint64_t flags = spin_lock_irqsave(&timer->lock);
	if (cancelled && timer->state.fired)
		itimer_set(&timer->state, ITIMER_OFF, timer->state.interval_ns);
	*times = itimer_take(&timer->state, now_locked(timer));
	if (*times)
		start_locked(timer);
	spin_unlock_irqrestore(&timer->lock, flags);
	return cancelled ? -ECANCELED : *times > 0;
}

static void set_locked(struct timerfd *timer, int flags, const struct itimer_setting *setting)
{
	bool absolute = flags & TFD_TIMER_ABSTIME;
	uint64_t when_ns = setting->left_ns ? setting->left_ns : ITIMER_OFF;
	timer_dequeue(&timer->timer);
	timer->timer.clock = timer->wall && absolute ? TIMER_WALL : TIMER_MONOTONIC;
	timer->set_flags = flags;
	if (!absolute && setting->left_ns)
		when_ns = min(setting->left_ns + clock_ns(), (uint64_t)INT64_MAX);
	itimer_set(&timer->state, when_ns, setting->interval_ns);
	start_locked(timer);
}

static struct timerfd *timerfd_of(struct file *file)
{
	return file->ops == &timerfd_ops ? file->data : NULL;
}

int timerfd_set(struct file *file, int flags, const struct itimer_setting *setting,
	struct itimer_setting *old)
{
	const int cancel_flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	struct timerfd *timer = timerfd_of(file);
	if (!timer)
		return -EINVAL;
	cancels_set(timer, timer->wall && (flags & cancel_flags) == cancel_flags);
	uint64_t irq_flags = spin_lock_irqsave(&timer->lock);
	*old = itimer_left(&timer->state, now_locked(timer));
	set_locked(timer, flags, setting);
	spin_unlock_irqrestore(&timer->lock, irq_flags);
	return setting->left_ns && cancel_take(timer) ? -ECANCELED : 0;
}

int timerfd_get(struct file *file, struct itimer_setting *setting)
{
	struct timerfd *timer = timerfd_of(file);
	if (!timer)
		return -EINVAL;
	uint64_t flags = spin_lock_irqsave(&timer->lock);
	*setting = itimer_left(&timer->state, now_locked(timer));
	spin_unlock_irqrestore(&timer->lock, flags);
	return 0;
}

int timerfd_clock(struct file *file)
{
	struct timerfd *timer = timerfd_of(file);
	return timer ? timer->number : -EINVAL;
}

/* ---- the file -------------------------------------------------------------------------------- */

static ssize_t timerfd_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct timerfd *timer = file->data;
	uint64_t times;
	if (iter->remaining < sizeof(times))
		return -EINVAL;
	int got = times_take(timer, &times);
	if (!got && (READ_ONCE(file->flags) & O_NONBLOCK))
		return -EAGAIN;
	if (!got) {
		int err = wait_event(&timer->changed, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			(got = times_take(timer, &times)) != 0);
		if (err)
			return err;
	}
	if (got < 0)
		return got;
	return iter_write(iter, &times, sizeof(times)) == sizeof(times) ? (ssize_t)sizeof(times)
	                                                                : -EFAULT;
}

static uint32_t timerfd_poll(struct file *file, struct poll_table *table)
{
	struct timerfd *timer = file->data;
	poll_wait(table, &timer->changed);
	return is_due(timer) ? POLLIN : 0;
}

static int timerfd_stat(struct file *file, struct stat *stat)
{
	file_stat_anonymous(file, stat);
	return 0;
}

static void print_time(struct file_info *info, const char *name, uint64_t ns)
{
	file_info_print(info, "%s: (%lu, %lu)\n", name, ns / (uint64_t)NS_PER_SEC,
		ns % (uint64_t)NS_PER_SEC);
}

static void timerfd_info(struct file *file, struct file_info *info)
{
	struct timerfd *timer = file->data;
	uint64_t flags = spin_lock_irqsave(&timer->lock);
	uint64_t now_ns = now_locked(timer);
	struct itimer state = timer->state;
	int set_flags = timer->set_flags;
	spin_unlock_irqrestore(&timer->lock, flags);
	struct itimer_setting left = itimer_left(&state, now_ns);
	file_info_print(info, "clockid: %d\nticks: %lu\nsettime flags: 0%o\n", timer->number,
		itimer_take(&state, now_ns), (unsigned)set_flags);
	print_time(info, "it_value", left.left_ns);
	print_time(info, "it_interval", left.interval_ns);
}

static void timerfd_release(struct file *file)
{
	struct timerfd *timer = file->data;
	cancels_set(timer, false);
	timer_stop(&timer->timer);
	slab_free(&timerfd_cache, timer);
}

static const struct file_ops timerfd_ops = {
	.name = "[timerfd]",
	.read = timerfd_read,
	.poll = timerfd_poll,
	.stat = timerfd_stat,
	.info = timerfd_info,
	.release = timerfd_release,
};

int timerfd_create(int number, bool wall, uint32_t flags, struct cred *cred, struct file **file)
{
	struct timerfd *timer = slab_zalloc(&timerfd_cache);
	if (!timer)
		return -ENOMEM;
	spin_init(&timer->lock, "timerfd", RANK_REFS);
	wait_queue_init(&timer->changed);
	list_init(&timer->link);
	timer->timer.fn = on_timer;
	timer->number = number;
	timer->wall = wall;
	timer->seen_steps = READ_ONCE(steps.count);
	int err = file_create(&timerfd_ops, O_RDWR | flags, cred, timer, file);
	if (err)
		slab_free(&timerfd_cache, timer);
	return err;
}
