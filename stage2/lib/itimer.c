/*
 * Interval timers.
 */
#include "lib/itimer.h"
#include "lib/compiler.h"

#define TIME_MAX ((uint64_t)INT64_MAX) /* the end of all clocks */

void itimer_set(struct itimer *itimer, uint64_t when_ns, uint64_t interval_ns)
{
	bool off = when_ns == ITIMER_OFF;
	itimer->when_ns = off ? 0 : min(max(when_ns, (uint64_t)1), TIME_MAX);
	itimer->interval_ns = min(interval_ns, TIME_MAX);
	itimer->fired = false;
}

bool itimer_fire(struct itimer *itimer, uint64_t now_ns)
{
	if (!itimer_runs(itimer) || now_ns < itimer->when_ns)
		return false;
	itimer->fired = true;
	return true;
}

/* How often it was due until now, the first time included: its clock may have been set back. */
static uint64_t times_due(const struct itimer *itimer, uint64_t now_ns)
{
	if (itimer->interval_ns == 0 || now_ns < itimer->when_ns)
		return 1;
	return (now_ns - itimer->when_ns) / itimer->interval_ns + 1;
}

uint64_t itimer_take(struct itimer *itimer, uint64_t now_ns)
{
	if (!itimer->fired)
		return 0;
	uint64_t times = times_due(itimer, now_ns);
	itimer->fired = false;
	if (itimer->interval_ns)
		itimer->when_ns = min(itimer->when_ns + times * itimer->interval_ns, TIME_MAX);
	else
		itimer->when_ns = 0;
	return times;
}

struct itimer_setting itimer_left(const struct itimer *itimer, uint64_t now_ns)
{
	struct itimer next = *itimer;
	(void)itimer_take(&next, now_ns);
	if (next.when_ns == 0)
		return (struct itimer_setting){ .interval_ns = next.interval_ns };
	return (struct itimer_setting){
		.left_ns = max(next.when_ns, now_ns + 1) - now_ns,
		.interval_ns = next.interval_ns,
	};
}
