/*
 * Timers that signal: setitimer(2), alarm(2), timer_create(2).
 */
#include "abi/time.h"
#include "core/clock.h"
#include "proc/interval_timer.h"
#include "proc/posix_timer.h"
#include "sys/sys.h"

/* ---- interval timers ------------------------------------------------------------------------- */

static long put_itimer(uptr_t address, const struct itimer_setting *setting)
{
	struct itimerval value = {
		.it_interval = sys_timeval(setting->interval_ns),
		.it_value = sys_timeval(setting->left_ns),
	};

	return put_user(address, &value);
}

long sys_getitimer(int which, uptr_t address)
{
	struct itimer_setting setting;

	if ((unsigned)which >= ITIMER_COUNT)
		return -EINVAL;
	interval_timer_get((unsigned)which, &setting);
	return put_itimer(address, &setting);
}

long sys_setitimer(int which, uptr_t address, uptr_t old_value)
{
	struct itimerval value = { 0 };
	struct itimer_setting setting, old;
	int64_t left_ns, interval_ns;

	if ((unsigned)which >= ITIMER_COUNT)
		return -EINVAL;
	if (address && get_user(&value, address))
		return -EFAULT;
	if (!sys_timeval_ns(&value.it_value, &left_ns) ||
		!sys_timeval_ns(&value.it_interval, &interval_ns))
		return -EINVAL;
	setting = (struct itimer_setting){ (uint64_t)left_ns, (uint64_t)interval_ns };
	interval_timer_set((unsigned)which, &setting, &old);
	return old_value ? put_itimer(old_value, &old) : 0;
}

/* What was left, in seconds: half a second and more counts as one, and so does anything at all. */
long sys_alarm(uint32_t seconds)
{
	struct itimer_setting setting = { .left_ns = seconds * NS_PER_SEC }, old;

	interval_timer_set(ITIMER_REAL, &setting, &old);
	if (old.left_ns && old.left_ns < NS_PER_SEC)
		return 1;
	return (long)((old.left_ns + NS_PER_SEC / 2) / NS_PER_SEC);
}

/* ---- timers with numbers --------------------------------------------------------------------- */

long sys_timer_create(int clock, uptr_t user_event, uptr_t user_id)
{
	struct sigevent event;
	int32_t id;
	int err;

	if (user_event && get_user(&event, user_event))
		return -EFAULT;
	err = posix_timer_create(clock, user_event ? &event : NULL, &id);
	if (err)
		return err;
	err = put_user(user_id, &id);
	if (err)
		(void)posix_timer_delete(id);
	return err;
}

int sys_get_itimerspec(uptr_t address, struct itimer_setting *setting)
{
	int64_t left_ns, interval_ns;
	int err;

	err = sys_get_time(address + offsetof(struct itimerspec, it_value), &left_ns);
	if (err == 0)
		err = sys_get_time(
			address + offsetof(struct itimerspec, it_interval), &interval_ns);
	if (err)
		return err;
	*setting = (struct itimer_setting){ (uint64_t)left_ns, (uint64_t)interval_ns };
	return 0;
}

int sys_put_itimerspec(uptr_t address, const struct itimer_setting *setting)
{
	struct itimerspec value = {
		.it_interval = sys_timespec((int64_t)setting->interval_ns),
		.it_value = sys_timespec((int64_t)setting->left_ns),
	};

	return put_user(address, &value);
}

long sys_timer_settime(int32_t id, int flags, uptr_t address, uptr_t old_value)
{
	struct itimer_setting setting, old;
	int err;

	if (address == 0)
		return -EINVAL;
	err = sys_get_itimerspec(address, &setting);
	if (err == 0)
		err = posix_timer_set(id, flags & TIMER_ABSTIME, &setting, &old);
	if (err == 0 && old_value)
		err = sys_put_itimerspec(old_value, &old);
	return err;
}

long sys_timer_gettime(int32_t id, uptr_t address)
{
	struct itimer_setting setting;
	int err;

	err = posix_timer_get(id, &setting);
	return err ? err : sys_put_itimerspec(address, &setting);
}

long sys_timer_getoverrun(int32_t id)
{
	return posix_timer_overrun(id);
}

long sys_timer_delete(int32_t id)
{
	return posix_timer_delete(id);
}
