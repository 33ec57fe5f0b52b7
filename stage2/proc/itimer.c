/*
 * Interval timers.
 *
 * The main idea: the timer fires in an interrupt, where a process's lock may not be taken; so it
 * only queues work, and the signal is sent, and the next round begun, from there. Rounds are
 * counted from the time that was due, so they do not drift.
 */
#include "proc/itimer.h"

#include "core/clock.h"
#include "proc/proc.h"

static void itimer_fire(struct timer *timer)
{
	work_queue(&container_of(timer, struct itimer, timer)->work);
}

/* The deadline has come, unless the setting has changed since. */
static void itimer_work(struct work *work)
{
	struct itimer *itimer = container_of(work, struct itimer, work);
	struct proc *proc = container_of(itimer, struct proc, itimer);
	struct siginfo info = siginfo_kernel(SIGALRM);
	uint64_t now_ns = clock_ns(), next_ns = 0;

	proc_lock(proc);
	if (itimer->deadline_ns == 0 || itimer->deadline_ns > now_ns) {
		proc_unlock(proc);
		return;
	}
	if (itimer->interval_ns) {
		uint64_t rounds = (now_ns - itimer->deadline_ns) / itimer->interval_ns + 1;

		next_ns = itimer->deadline_ns + rounds * itimer->interval_ns;
		timer_start(&itimer->timer, next_ns);
	}
	itimer->deadline_ns = next_ns;
	proc_unlock(proc);
	(void)signal_send_proc(proc, &info);
}

void itimer_init(struct itimer *itimer)
{
	itimer->timer.fn = itimer_fire;
	itimer->work = (struct work)WORK_INIT(itimer_work);
}

static void itimer_get_locked(const struct itimer *itimer, struct itimer_setting *setting)
{
	uint64_t now_ns = clock_ns();

	setting->interval_ns = itimer->interval_ns;
	setting->left_ns = 0;
	/* One that is just about to fire is not off. */
	if (itimer->deadline_ns)
		setting->left_ns = max(itimer->deadline_ns, now_ns + NS_PER_US) - now_ns;
}

void itimer_get(struct itimer_setting *setting)
{
	struct proc *proc = proc_current();

	proc_lock(proc);
	itimer_get_locked(&proc->itimer, setting);
	proc_unlock(proc);
}

void itimer_set(const struct itimer_setting *setting, struct itimer_setting *old)
{
	struct proc *proc = proc_current();
	struct itimer *itimer = &proc->itimer;

	timer_stop(&itimer->timer);
	proc_lock(proc);
	if (old)
		itimer_get_locked(itimer, old);
	itimer->used = true;
	itimer->interval_ns = setting->interval_ns;
	itimer->deadline_ns = setting->left_ns ? clock_ns() + setting->left_ns : 0;
	if (itimer->deadline_ns)
		timer_start(&itimer->timer, itimer->deadline_ns);
	proc_unlock(proc);
}

void itimer_end(struct proc *proc)
{
	struct itimer *itimer = &proc->itimer;
	bool used;

	proc_lock(proc);
	used = itimer->used;
	itimer->deadline_ns = 0;
	proc_unlock(proc);
	if (!used)
		return;
	timer_stop(&itimer->timer);
	/* Work that has begun, or was queued before, still looks at the process. */
	work_flush();
}
