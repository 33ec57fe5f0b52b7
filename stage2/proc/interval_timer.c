/*
 * Interval timers of a process.
 *
 * As on Linux, ITIMER_REAL stands still until its SIGALRM is taken, so one that nobody takes costs
 * nothing, and if it is ignored that is the end; the other two go on.
 */
#include "proc/interval_timer.h"

#include "abi/time.h"
#include "core/clock.h"
#include "proc/exit.h"
#include "proc/proc.h"

static const int signals[ITIMER_COUNT] = {
	[ITIMER_REAL] = SIGALRM,
	[ITIMER_VIRTUAL] = SIGVTALRM,
	[ITIMER_PROF] = SIGPROF,
};

static const struct posix_clock clocks[ITIMER_COUNT] = {
	[ITIMER_REAL] = { .base = CLOCK_BASE_MONOTONIC },
	[ITIMER_VIRTUAL] = { .base = CLOCK_BASE_CPU, .kind = CPU_TIME_USER },
	[ITIMER_PROF] = { .base = CLOCK_BASE_CPU, .kind = CPU_TIME_ALL },
};

static void interval_timer_fired(struct clock_timer *timer)
{
	struct proc *proc = timer->proc;
	unsigned which = (unsigned)(timer - proc->itimers);
	struct siginfo info = siginfo_kernel(signals[which]);

	(void)signal_send_locked(proc, NULL, &info);
	if (which != ITIMER_REAL)
		(void)clock_timer_take_locked(timer, 0);
}

void interval_timer_alarm_taken_locked(struct proc *proc)
{
	(void)clock_timer_take_locked(&proc->itimers[ITIMER_REAL], 0);
}

static void interval_timer_get_locked(const struct clock_timer *timer, struct itimer_setting *left)
{
	*left = clock_timer_left_locked(timer);
	if (timer->state.fired)
		left->left_ns = 0;
	else if (left->left_ns) /* what is told in microseconds is not off */
		left->left_ns = max(left->left_ns, (uint64_t)NS_PER_US);
}

void interval_timer_get(unsigned which, struct itimer_setting *setting)
{
	struct proc *proc = proc_current();

	proc_lock(proc);
	interval_timer_get_locked(&proc->itimers[which], setting);
	proc_unlock(proc);
}

void interval_timer_set(
	unsigned which, const struct itimer_setting *setting, struct itimer_setting *old)
{
	struct proc *proc = proc_current();
	struct clock_timer *timer = &proc->itimers[which];
	bool off = setting->left_ns == 0;
	int err;

	proc_lock(proc);
	if (old)
		interval_timer_get_locked(timer, old);
	err = clock_timer_set_locked(
		timer, false, off ? ITIMER_OFF : setting->left_ns, off ? 0 : setting->interval_ns);
	proc_unlock(proc);
	(void)err; /* the clocks are the process's, and never go */
}

/* ---- RLIMIT_CPU ----------------------------------------------------------------------------- */

void cpu_limit_set_locked(struct proc *proc)
{
	uint64_t seconds = proc->limits[RLIMIT_CPU].rlim_cur;

	cpu_timer_stop_locked(&proc->limit_timer);
	if (seconds < INT64_MAX / NS_PER_SEC)
		cpu_timer_start_locked(
			proc, NULL, CPU_TIME_ALL, &proc->limit_timer, seconds * NS_PER_SEC);
}

/* As on Linux the soft limit moves up with each warning. */
static void cpu_limit_reached(struct cpu_timer *timer)
{
	struct proc *proc = container_of(timer, struct proc, limit_timer);
	struct rlimit *limit = &proc->limits[RLIMIT_CPU];
	struct siginfo warning = siginfo_kernel(SIGXCPU);

	if (limit->rlim_max != RLIM_INFINITY && timer->when_ns / NS_PER_SEC >= limit->rlim_max) {
		proc_start_exit_locked(proc, SIGKILL);
		return;
	}
	(void)signal_send_locked(proc, NULL, &warning);
	limit->rlim_cur++;
	cpu_limit_set_locked(proc);
}

/* --------------------------------------------------------------------------------------------- */

void interval_timers_init(struct proc *proc)
{
	for (unsigned which = 0; which < ITIMER_COUNT; which++)
		clock_timer_init(&proc->itimers[which], proc, &clocks[which], interval_timer_fired);
	proc->limit_timer.fn = cpu_limit_reached;
}

void interval_timers_end(struct proc *proc)
{
	proc_lock(proc);
	for (unsigned which = 0; which < ITIMER_COUNT; which++)
		clock_timer_off_locked(&proc->itimers[which]);
	cpu_timer_stop_locked(&proc->limit_timer);
	proc_unlock(proc);
	clock_timer_end(&proc->itimers[ITIMER_REAL]);
}
