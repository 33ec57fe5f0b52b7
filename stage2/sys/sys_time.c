/*
 * Clocks and sleeping.
 */
#include "abi/time.h"
#include "core/clock.h"
#include "sys/sys.h"

#define COARSE_NS 4000000 /* what Linux with 250 ticks a second says of its coarse clocks */

/* As on Linux, a clock that is set has 30 years before its nanoseconds run out. */
#define WALL_NS_MAX (INT64_MAX - 30ll * 365 * 24 * 3600 * (int64_t)NS_PER_SEC)

/* The time of a clock. -EINVAL: there is no such clock. */
static int clock_read(int clock, int64_t *ns)
{
	struct proc_usage usage;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = clock_wall_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = (int64_t)clock_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		proc_usage(proc_current(), &usage);
		*ns = (int64_t)usage.run_ns;
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = (int64_t)thread_run_ns(thread_current());
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_clock_gettime(int clock, uptr_t time)
{
	int64_t ns;
	int err;

	err = clock_read(clock, &ns);
	return err ? err : sys_put_time(time, ns);
}

long sys_clock_getres(int clock, uptr_t resolution)
{
	bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
	int64_t ns;
	int err;

	err = clock_read(clock, &ns);
	if (err || resolution == 0)
		return err;
	return sys_put_time(resolution, coarse ? COARSE_NS : 1);
}

long sys_clock_settime(int clock, uptr_t time)
{
	int64_t ns;
	int err;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	err = sys_get_time(time, &ns);
	if (err)
		return err;
	if (ns > WALL_NS_MAX)
		return -EINVAL;
	if (cred_current()->euid != 0)
		return -EPERM;
	clock_set_wall(ns);
	return 0;
}

long sys_gettimeofday(uptr_t address, uptr_t zone)
{
	int64_t us = clock_wall_ns() / (int64_t)NS_PER_US;
	struct timeval time = { .tv_sec = us / 1000000, .tv_usec = us % 1000000 };
	struct timezone utc = { 0 };

	if (address && put_user(address, &time))
		return -EFAULT;
	return zone ? put_user(zone, &utc) : 0;
}

long sys_time(uptr_t address)
{
	int64_t seconds = clock_wall_ns() / (int64_t)NS_PER_SEC;

	if (address && put_user(address, &seconds))
		return -EFAULT;
	return seconds;
}

long sys_times(uptr_t address)
{
	const uint64_t tick_ns = NS_PER_SEC / CLOCK_TICKS_PER_SEC;
	struct proc *self = proc_current();
	struct proc_usage usage;
	struct tms times = { 0 };

	proc_usage(self, &usage);
	times.tms_utime = (int64_t)(usage.run_ns / tick_ns);
	proc_tree_lock();
	times.tms_cutime = (int64_t)(self->children_usage.run_ns / tick_ns);
	proc_tree_unlock();
	if (address && put_user(address, &times))
		return -EFAULT;
	return (long)(clock_ns() / tick_ns);
}

/* ---- interval timers ------------------------------------------------------------------------- */

static uint64_t ns_from_timeval(const struct timeval *time)
{
	int64_t seconds = min(time->tv_sec, (int64_t)1 << 32);

	return (uint64_t)seconds * NS_PER_SEC + (uint64_t)time->tv_usec * NS_PER_US;
}

static struct timeval timeval_from_ns(uint64_t ns)
{
	return (struct timeval){
		.tv_sec = (int64_t)(ns / NS_PER_SEC),
		.tv_usec = (int64_t)(ns % NS_PER_SEC / NS_PER_US),
	};
}

static bool timeval_ok(const struct timeval *time)
{
	return time->tv_sec >= 0 && time->tv_usec >= 0 && time->tv_usec < 1000000;
}

static long put_itimer(uptr_t address, const struct itimer_setting *setting)
{
	struct itimerval value = {
		.it_interval = timeval_from_ns(setting->interval_ns),
		.it_value = timeval_from_ns(setting->left_ns),
	};

	return put_user(address, &value);
}

/* Timers that count CPU time are not there. */
long sys_getitimer(int which, uptr_t address)
{
	struct itimer_setting setting;

	if (which != ITIMER_REAL)
		return -EINVAL;
	itimer_get(&setting);
	return put_itimer(address, &setting);
}

long sys_setitimer(int which, uptr_t address, uptr_t old_value)
{
	struct itimerval value = { 0 };
	struct itimer_setting setting, old;

	if (which != ITIMER_REAL)
		return -EINVAL;
	if (address && get_user(&value, address))
		return -EFAULT;
	if (!timeval_ok(&value.it_value) || !timeval_ok(&value.it_interval))
		return -EINVAL;
	setting.left_ns = ns_from_timeval(&value.it_value);
	setting.interval_ns = ns_from_timeval(&value.it_interval);
	itimer_set(&setting, &old);
	return old_value ? put_itimer(old_value, &old) : 0;
}

/* What was left, in seconds: half a second and more counts as one, and so does anything at all. */
long sys_alarm(uint32_t seconds)
{
	struct itimer_setting setting = { .left_ns = seconds * NS_PER_SEC }, old;

	itimer_set(&setting, &old);
	if (old.left_ns && old.left_ns < NS_PER_SEC)
		return 1;
	return (long)((old.left_ns + NS_PER_SEC / 2) / NS_PER_SEC);
}

/* ---- sleeping ------------------------------------------------------------------------------- */

/* remaining 0: the program does not want to know. */
static long sleep_for(uint64_t span_ns, uptr_t remaining)
{
	uint64_t deadline_ns = sys_deadline(span_ns), now_ns;

	if (sleep_until(WAIT_INTERRUPTIBLE, deadline_ns) == 0)
		return 0;
	now_ns = clock_ns();
	if (remaining && sys_put_time(remaining, (int64_t)(max(deadline_ns, now_ns) - now_ns)))
		return -EFAULT;
	return sys_sleep_interrupted(deadline_ns);
}

/* Until a clock shows a time. A step of the wall clock during the sleep is not followed. */
static long sleep_until_time(int clock, int64_t time_ns)
{
	int64_t now_ns;
	int err;

	err = clock_read(clock, &now_ns);
	if (err)
		return err;
	if (time_ns <= now_ns)
		return 0;
	if (sleep_until(WAIT_INTERRUPTIBLE, clock_ns() + (uint64_t)(time_ns - now_ns)) == 0)
		return 0;
	return -ERESTARTNOHAND;
}

long sys_nanosleep(uptr_t request, uptr_t remaining)
{
	int64_t ns;
	int err;

	err = sys_get_time(request, &ns);
	return err ? err : sleep_for((uint64_t)ns, remaining);
}

long sys_clock_nanosleep(int clock, int flags, uptr_t request, uptr_t remaining)
{
	int64_t ns, now_ns;
	int err;

	/* CPU-time clocks cannot be slept on here. */
	if (clock == CLOCK_THREAD_CPUTIME_ID || clock == CLOCK_PROCESS_CPUTIME_ID)
		return clock == CLOCK_THREAD_CPUTIME_ID ? -EINVAL : -EOPNOTSUPP;
	err = clock_read(clock, &now_ns);
	if (err == 0 && clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC &&
		clock != CLOCK_BOOTTIME)
		err = -EOPNOTSUPP;
	if (err == 0)
		err = sys_get_time(request, &ns);
	if (err)
		return err;
	if (flags & TIMER_ABSTIME)
		return sleep_until_time(clock, ns);
	return sleep_for((uint64_t)ns, remaining);
}
