/*
 * Interval timers by any clock.
 */
#include "proc/clock_timer.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "proc/proc.h"

static bool by_cpu_time(const struct clock_timer *timer)
{
	return timer->clock.base == CLOCK_BASE_CPU;
}

/* The thread whose time it is; NULL: the process's. -ESRCH. */
static int thread_locked(const struct clock_timer *timer, struct uthread **thread)
{
	*thread = NULL;
	if (timer->clock.thread)
		*thread = proc_thread_locked(timer->proc, timer->clock.thread);
	return timer->clock.thread && !*thread ? -ESRCH : 0;
}

/* By the clock that it runs by now. */
static uint64_t now_locked(const struct clock_timer *timer)
{
	struct uthread *thread;

	if (!by_cpu_time(timer))
		return timer->timer.clock == TIMER_WALL ? (uint64_t)clock_wall_ns() : clock_ns();
	if (thread_locked(timer, &thread))
		return 0;
	return cpu_time_locked(timer->proc, thread, timer->clock.kind);
}

static void start_locked(struct clock_timer *timer)
{
	struct uthread *thread;

	if (!itimer_runs(&timer->state))
		return;
	if (!by_cpu_time(timer)) {
		timer->started = true;
		timer_start(&timer->timer, timer->state.when_ns);
	} else if (thread_locked(timer, &thread) == 0) {
		cpu_timer_start_locked(timer->proc, thread, timer->clock.kind, &timer->cpu_timer,
			timer->state.when_ns);
	}
}

static void fire_locked(struct clock_timer *timer)
{
	if (itimer_fire(&timer->state, now_locked(timer)))
		timer->fired(timer);
}

/* In an interrupt. If it was set anew meanwhile it is not due. */
static void on_timer(struct timer *timer)
{
	struct clock_timer *self = container_of(timer, struct clock_timer, timer);

	proc_lock(self->proc);
	fire_locked(self);
	proc_unlock(self->proc);
}

static void on_cpu_timer(struct cpu_timer *timer)
{
	fire_locked(container_of(timer, struct clock_timer, cpu_timer));
}

void clock_timer_init(struct clock_timer *timer, struct proc *proc, const struct posix_clock *clock,
	void (*fired)(struct clock_timer *timer))
{
	*timer = (struct clock_timer){
		.proc = proc,
		.clock = *clock,
		.timer.fn = on_timer,
		.cpu_timer.fn = on_cpu_timer,
		.fired = fired,
	};
}

void clock_timer_off_locked(struct clock_timer *timer)
{
	itimer_set(&timer->state, ITIMER_OFF, 0);
	timer_dequeue(&timer->timer);
	cpu_timer_stop_locked(&timer->cpu_timer);
}

int clock_timer_set_locked(
	struct clock_timer *timer, bool absolute, uint64_t ns, uint64_t interval_ns)
{
	bool wall = timer->clock.base == CLOCK_BASE_WALL && absolute;
	struct uthread *thread;
	uint64_t now_ns;

	if (thread_locked(timer, &thread))
		return -ESRCH;
	clock_timer_off_locked(timer);
	timer->timer.clock = wall ? TIMER_WALL : TIMER_MONOTONIC;
	now_ns = now_locked(timer);
	if (ns != ITIMER_OFF && absolute)
		ns -= min(ns, (uint64_t)timer->clock.ahead_ns);
	else if (ns != ITIMER_OFF)
		ns = min(ns, (uint64_t)INT64_MAX - now_ns) + now_ns;
	itimer_set(&timer->state, ns, interval_ns);
	start_locked(timer);
	return 0;
}

struct itimer_setting clock_timer_left_locked(const struct clock_timer *timer)
{
	struct uthread *thread;

	if (thread_locked(timer, &thread))
		return (struct itimer_setting){ .interval_ns = timer->state.interval_ns };
	return itimer_left(&timer->state, now_locked(timer));
}

uint64_t clock_timer_take_locked(struct clock_timer *timer, uint64_t ahead_ns)
{
	uint64_t times = itimer_take(&timer->state, now_locked(timer) + ahead_ns);

	if (times)
		start_locked(timer);
	return times;
}

void clock_timer_end(struct clock_timer *timer)
{
	if (timer->started)
		timer_stop(&timer->timer);
	posix_clock_put(&timer->clock);
}
