#ifndef LIB_ITIMER_H
#define LIB_ITIMER_H
/*
 * Interval timers: when one is due, how often it was, what is left. By which clock, and what
 * happens then, is its owner's business, who also locks it.
 *
 * One that is due fires, and stands still until somebody takes what has come of it. Only then the
 * next time is reckoned, from the one that was due: so it does not drift, and what nobody looks at
 * costs nothing.
 */
#include <stdbool.h>
#include <stdint.h>

struct itimer {
	uint64_t when_ns;     /* next due, by its clock; 0: off */
	uint64_t interval_ns; /* 0: once */
	bool fired;           /* it was due, and nobody has taken it yet */
};

/* As programs see it: how long until it fires (0: off), and how often. */
struct itimer_setting {
	uint64_t left_ns, interval_ns;
};

/* Off with when_ns UINT64_MAX; a time that has passed is due at once. */
#define ITIMER_OFF UINT64_MAX
void itimer_set(struct itimer *itimer, uint64_t when_ns, uint64_t interval_ns);

/* It is to fire at when_ns. */
static inline bool itimer_runs(const struct itimer *itimer)
{
	return itimer->when_ns != 0 && !itimer->fired;
}

/* Fire, if it runs and is due. */
bool itimer_fire(struct itimer *itimer, uint64_t now_ns);

/* How often it was due until now, since it was last taken; 0: it has not fired. Afterwards it runs
 * until the next time, or is off. */
uint64_t itimer_take(struct itimer *itimer, uint64_t now_ns);

/* What is left until the next time; of one that has fired too, if it has an interval. At least 1
 * while it is not off. */
struct itimer_setting itimer_left(const struct itimer *itimer, uint64_t now_ns);

#endif
