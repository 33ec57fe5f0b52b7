/*
 * Timers that a process makes.
 *
 * The main idea: a timer has one entry for a queue of signals. When it fires the entry is queued;
 * until that is taken the timer stands still, and then the expiries that were missed are counted
 * all at once. If the signal is ignored it counts and goes on by itself, not faster than a tick.
 */
#include "proc/posix_timer.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "mm/slab.h"
#include "proc/clock_timer.h"
#include "proc/proc.h"

#define TICK_NS (4 * NS_PER_MS)

struct posix_timer {
	struct rb_node node; /* [proc->lock] struct posix_timers.by_id */
	int32_t id;          /* [I] */
	int32_t notify;      /* [I] SIGEV_* */
	struct pid *target; /* [I] thread that gets the signal, reference held; NULL: the process */
	struct clock_timer clock;
	struct queued_info *entry; /* [I]; in a queue: [proc->lock] */
	uint64_t missed;           /* [proc->lock] expiries that nobody has been told of */
	int32_t overrun;           /* [proc->lock] of the signal that was taken last */
};

static struct slab_cache timer_cache = SLAB_CACHE("posix_timer", struct posix_timer);

static bool timer_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, const struct posix_timer, node)->id <
	       rb_entry(b, const struct posix_timer, node)->id;
}

static const struct rb_ops timer_order = { .less = timer_less };

void posix_timers_init(struct posix_timers *timers)
{
	rb_init(&timers->by_id, &timer_order);
}

static bool timer_before(const struct rb_node *node, const void *id)
{
	return rb_entry(node, const struct posix_timer, node)->id < *(const int32_t *)id;
}

static struct posix_timer *timer_find_locked(struct proc *proc, int32_t id)
{
	struct rb_node *node = rb_lower_bound(&proc->timers.by_id, timer_before, &id);
	struct posix_timer *timer = node ? rb_entry(node, struct posix_timer, node) : NULL;

	spin_assert_held(&proc->lock);
	return timer && timer->id == id ? timer : NULL;
}

/* ---- firing --------------------------------------------------------------------------------- */

static void timer_fired(struct clock_timer *clock)
{
	struct posix_timer *timer = container_of(clock, struct posix_timer, clock);
	struct proc *proc = clock->proc;
	struct uthread *target = NULL;

	if (timer->notify == SIGEV_NONE)
		return;
	/* It was set anew while its signal waits: that stands for this expiry too. */
	if (list_is_linked(&timer->entry->link)) {
		timer->missed++;
		return;
	}
	if (timer->target) {
		target = proc_thread_locked(proc, timer->target);
		if (!target)
			return; /* it stands still for good */
	}
	if (!signal_queue_entry_locked(proc, target, timer->entry))
		timer->missed += clock_timer_take_locked(clock, TICK_NS);
}

void posix_timer_taken_locked(struct posix_timer *timer, struct siginfo *info)
{
	uint64_t times = clock_timer_take_locked(&timer->clock, info ? 0 : TICK_NS);

	if (!info) {
		timer->missed += times;
		return;
	}
	timer->missed += times ? times - 1 : 0;
	timer->overrun = (int32_t)min(timer->missed, (uint64_t)INT32_MAX);
	timer->missed = 0;
	info->si_overrun = timer->overrun;
}

/* ---- making and deleting -------------------------------------------------------------------- */

/* A thread of the running process gets the signal. */
static int timer_set_target(struct posix_timer *timer, int32_t number)
{
	struct proc *proc = proc_current();
	struct pid *target = number > 0 ? pid_find((uint32_t)number) : NULL;
	bool ours;

	if (!target)
		return -EINVAL;
	proc_lock(proc);
	ours = proc_thread_locked(proc, target) != NULL;
	proc_unlock(proc);
	if (!ours) {
		pid_put(target);
		return -EINVAL;
	}
	timer->target = target;
	return 0;
}

static int timer_set_event(struct posix_timer *timer, const struct sigevent *event)
{
	timer->notify = event->sigev_notify;
	timer->entry->timer = timer;
	timer->entry->info = (struct siginfo){
		.si_signo = event->sigev_signo,
		.si_code = SI_TIMER,
		.si_value = event->sigev_value,
	};
	switch (event->sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		return signal_valid(event->sigev_signo) ? 0 : -EINVAL;
	case SIGEV_THREAD_ID:
		if (!signal_valid(event->sigev_signo))
			return -EINVAL;
		return timer_set_target(timer, event->sigev_thread_id);
	default:
		return -EINVAL;
	}
}

/* Memory for a timer, with what it tells. */
static int timer_alloc(const struct sigevent *event, struct posix_timer **result)
{
	struct posix_timer *timer = slab_zalloc(&timer_cache);
	int err = -EAGAIN;

	if (!timer)
		return err;
	timer->entry = queued_info_create();
	if (!timer->entry)
		goto free_timer;
	err = timer_set_event(timer, event);
	if (err)
		goto free_entry;
	*result = timer;
	return 0;

free_entry:
	queued_info_free(timer->entry);
free_timer:
	slab_free(&timer_cache, timer);
	return err;
}

/* Nobody knows it any more. entry NULL: it is still in a queue. */
static void timer_free(struct posix_timer *timer)
{
	clock_timer_end(&timer->clock);
	if (timer->entry)
		queued_info_free(timer->entry);
	if (timer->target)
		pid_put(timer->target);
	slab_free(&timer_cache, timer);
}

/* Give it a number: -EAGAIN. */
static int timer_insert_locked(struct proc *proc, struct posix_timer *timer)
{
	struct posix_timers *timers = &proc->timers;

	if (timers->count >= proc->limits[RLIMIT_SIGPENDING].rlim_cur)
		return -EAGAIN;
	while (timer_find_locked(proc, timers->next_id))
		timers->next_id = timers->next_id == INT32_MAX ? 0 : timers->next_id + 1;
	timer->id = timers->next_id;
	timers->next_id = timer->id == INT32_MAX ? 0 : timer->id + 1;
	timers->count++;
	timer->entry->info.si_timerid = timer->id;
	rb_insert(&timers->by_id, &timer->node);
	return 0;
}

int posix_timer_create(int number, const struct sigevent *event, int32_t *id)
{
	const struct sigevent alarm = { .sigev_signo = SIGALRM, .sigev_notify = SIGEV_SIGNAL };
	struct proc *proc = proc_current();
	struct posix_timer *timer;
	struct posix_clock clock;
	int err;

	err = posix_clock_get(number, &clock);
	if (err)
		return err;
	err = timer_alloc(event ? event : &alarm, &timer);
	if (err) {
		posix_clock_put(&clock);
		return err;
	}
	clock_timer_init(&timer->clock, proc, &clock, timer_fired);
	proc_lock(proc);
	err = timer_insert_locked(proc, timer);
	*id = timer->id;
	if (!event)
		timer->entry->info.si_value = (uint64_t)timer->id;
	proc_unlock(proc);
	if (err)
		timer_free(timer);
	return err;
}

static void timer_remove_locked(struct proc *proc, struct posix_timer *timer)
{
	rb_erase(&proc->timers.by_id, &timer->node);
	proc->timers.count--;
	clock_timer_off_locked(&timer->clock);
	/* A signal that was sent stays, and is its own from now on. */
	timer->entry->timer = NULL;
	if (list_is_linked(&timer->entry->link))
		timer->entry = NULL;
}

int posix_timer_delete(int32_t id)
{
	struct proc *proc = proc_current();
	struct posix_timer *timer;

	proc_lock(proc);
	timer = timer_find_locked(proc, id);
	if (timer)
		timer_remove_locked(proc, timer);
	proc_unlock(proc);
	if (!timer)
		return -EINVAL;
	timer_free(timer);
	return 0;
}

void posix_timers_end(struct proc *proc)
{
	struct posix_timer *timer;
	struct rb_node *node;

	while ((node = rb_first(&proc->timers.by_id))) {
		timer = rb_entry(node, struct posix_timer, node);
		proc_lock(proc);
		timer_remove_locked(proc, timer);
		proc_unlock(proc);
		timer_free(timer);
	}
}

/* ---- using ---------------------------------------------------------------------------------- */

static int timer_set_locked(struct posix_timer *timer, bool absolute,
	const struct itimer_setting *setting, struct itimer_setting *old)
{
	bool off = setting->left_ns == 0;

	if (old)
		*old = clock_timer_left_locked(&timer->clock);
	timer->missed = 0;
	timer->overrun = 0;
	return clock_timer_set_locked(&timer->clock, absolute, off ? ITIMER_OFF : setting->left_ns,
		off ? 0 : setting->interval_ns);
}

int posix_timer_set(
	int32_t id, bool absolute, const struct itimer_setting *setting, struct itimer_setting *old)
{
	struct proc *proc = proc_current();
	struct posix_timer *timer;
	int err = -EINVAL;

	proc_lock(proc);
	timer = timer_find_locked(proc, id);
	if (timer)
		err = timer_set_locked(timer, absolute, setting, old);
	proc_unlock(proc);
	return err;
}

int posix_timer_get(int32_t id, struct itimer_setting *setting)
{
	struct proc *proc = proc_current();
	struct posix_timer *timer;

	proc_lock(proc);
	timer = timer_find_locked(proc, id);
	if (timer)
		*setting = clock_timer_left_locked(&timer->clock);
	proc_unlock(proc);
	return timer ? 0 : -EINVAL;
}

int posix_timer_overrun(int32_t id)
{
	struct proc *proc = proc_current();
	struct posix_timer *timer;
	int overrun = -EINVAL;

	proc_lock(proc);
	timer = timer_find_locked(proc, id);
	if (timer)
		overrun = timer->overrun;
	proc_unlock(proc);
	return overrun;
}
