/*
 * Clocks and sleeping.
 */
#include "abi/time.h"
#include "core/clock.h"
#include "proc/posix_clock.h"
#include "sys/sys.h"

long sys_clock_gettime(int clock, uptr_t time)
{
	int64_t ns;
	int err;

	err = posix_clock_read(clock, &ns);
	return err ? err : sys_put_time(time, ns);
}

long sys_clock_getres(int clock, uptr_t resolution)
{
	int64_t ns;
	int err;

	err = posix_clock_resolution(clock, &ns);
	if (err || resolution == 0)
		return err;
	return sys_put_time(resolution, ns);
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
	struct proc *self = proc_current();
	struct proc_usage usage;
	struct tms times = { 0 };

	proc_usage(self, &usage);
	times.tms_utime = (int64_t)(usage.user_ns / CLOCK_TICK_NS);
	times.tms_stime = (int64_t)(usage.system_ns / CLOCK_TICK_NS);
	proc_tree_lock();
	times.tms_cutime = (int64_t)(self->children_usage.user_ns / CLOCK_TICK_NS);
	times.tms_cstime = (int64_t)(self->children_usage.system_ns / CLOCK_TICK_NS);
	proc_tree_unlock();
	if (address && put_user(address, &times))
		return -EFAULT;
	return (long)(clock_ns() / CLOCK_TICK_NS);
}

/* ---- sleeping ------------------------------------------------------------------------------- */

/* remaining 0: the program does not want to know. */
static long sleep_for(const struct posix_clock *clock, uint64_t span_ns, uptr_t remaining)
{
	uint64_t deadline_ns = sys_deadline_from(posix_clock_now(clock), span_ns), now_ns;
	int err;

	err = posix_clock_sleep(clock, deadline_ns);
	if (err != -EINTR)
		return err;
	now_ns = posix_clock_now(clock);
	if (remaining && sys_put_time(remaining, (int64_t)(max(deadline_ns, now_ns) - now_ns)))
		return -EFAULT;
	return sys_sleep_interrupted(deadline_ns);
}

long sys_nanosleep(uptr_t request, uptr_t remaining)
{
	const struct posix_clock monotonic = { .base = CLOCK_BASE_MONOTONIC };
	int64_t ns;
	int err;

	err = sys_get_time(request, &ns);
	return err ? err : sleep_for(&monotonic, (uint64_t)ns, remaining);
}

long sys_clock_nanosleep(int number, int flags, uptr_t request, uptr_t remaining)
{
	struct posix_clock clock;
	int64_t ns;
	long result;

	if (number == CLOCK_THREAD_CPUTIME_ID)
		return -EOPNOTSUPP;
	result = posix_clock_get(number, &clock);
	if (result)
		return result;
	result = sys_get_time(request, &ns);
	if (result == 0 && (flags & TIMER_ABSTIME)) {
		result = posix_clock_sleep(&clock, (uint64_t)ns);
		result = result == -EINTR ? -ERESTARTNOHAND : result;
	} else if (result == 0) {
		/* A span is one, however the clock is set meanwhile. */
		if (clock.base == CLOCK_BASE_WALL)
			clock.base = CLOCK_BASE_MONOTONIC;
		result = sleep_for(&clock, (uint64_t)ns, remaining);
	}
	posix_clock_put(&clock);
	return result;
}
