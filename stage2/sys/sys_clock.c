/*
 * Setting the wall clock: clock_settime(2), settimeofday(2), adjtimex(2).
 *
 * The clock can be stepped. It is not steered: its rate is the TSC's, measured at boot. So what
 * adjtimex would have steer it is refused; what it only keeps for others is kept.
 */
#include "abi/timex.h"
#include "core/clock.h"
#include "io/timerfd.h"
#include "proc/posix_clock.h"
#include "sched/timer.h"
#include "sys/sys.h"

/* As on Linux, a clock that is set has 30 years before its nanoseconds run out. */
#define WALL_NS_MAX      (INT64_MAX - 30ll * 365 * 24 * 3600 * (int64_t)NS_PER_SEC)
#define MINUTES_WEST_MAX (15 * 60)
#define ERROR_US_MAX     16000000 /* NTP_PHASE_LIMIT: this wrong, nobody knows the time */
#define ERROR_US_PER_S   500      /* a clock left alone gets that much worse */
#define TAI_OFFSET_S_MAX 100000
#define TICK_US          10000
#define FREQ_TOLERANCE   32768000
#define TIME_CONSTANT    2

static struct {
	struct spinlock lock;
	struct timezone zone;                /* [lock] */
	bool zone_was_set;                   /* [lock] the time too, then */
	int64_t maxerror_us, maxerror_at_ns; /* [lock] it was so wrong at that clock_ns */
	int64_t esterror_us;                 /* [lock] */
	int32_t status;                      /* [lock] STA_UNSYNC, STA_NANO */
} wall = {
	.lock = SPINLOCK_INIT("wall clock", RANK_REFS),
	.maxerror_us = ERROR_US_MAX,
	.esterror_us = ERROR_US_MAX,
	.status = STA_UNSYNC,
};

static bool may_set_time(void)
{
	return cred_may(cred_current(), CAP_SYS_TIME);
}

static int wall_check(int64_t ns)
{
	return ns < (int64_t)clock_ns() || ns > WALL_NS_MAX ? -EINVAL : 0;
}

/* How wrong it is then, nobody knows. */
static void wall_step(int64_t ns)
{
	clock_set_wall(ns);
	timers_wall_was_set();
	timerfd_wall_was_set();
	spin_lock(&wall.lock);
	wall.maxerror_us = wall.esterror_us = ERROR_US_MAX;
	wall.status |= STA_UNSYNC;
	spin_unlock(&wall.lock);
}

static int wall_set(int64_t ns)
{
	if (wall_check(ns))
		return -EINVAL;
	wall_step(ns);
	return 0;
}

long sys_clock_settime(int number, uptr_t time)
{
	int64_t ns;
	int err;

	/* CPU time that can be named, by a number of its own, is nobody's to set. */
	if (number < 0)
		return posix_clock_read(number, &ns) ? -EINVAL : -EPERM;
	if (number != CLOCK_REALTIME)
		return -EINVAL;
	err = sys_get_time(time, &ns);
	if (err)
		return err;
	if (ns > WALL_NS_MAX)
		return -EINVAL;
	return may_set_time() ? wall_set(ns) : -EPERM;
}

/* ---- with a time zone ----------------------------------------------------------------------- */

long sys_gettimeofday(uptr_t address, uptr_t zone_address)
{
	struct timeval time = sys_timeval((uint64_t)clock_wall_ns());
	struct timezone zone;

	if (address && put_user(address, &time))
		return -EFAULT;
	if (!zone_address)
		return 0;
	spin_lock(&wall.lock);
	zone = wall.zone;
	spin_unlock(&wall.lock);
	return put_user(zone_address, &zone);
}

/* True if the clock, so far, has shown local time (settimeofday(2): "if this is the first call").
 */
static bool zone_set(const struct timezone *zone)
{
	bool first;

	spin_lock(&wall.lock);
	first = !wall.zone_was_set;
	wall.zone_was_set = true;
	wall.zone = *zone;
	spin_unlock(&wall.lock);
	return first;
}

long sys_settimeofday(uptr_t address, uptr_t zone_address)
{
	struct timezone zone;
	struct timeval time;
	int64_t ns = 0;
	int err = 0;

	if (address && get_user(&time, address))
		return -EFAULT;
	if (zone_address && get_user(&zone, zone_address))
		return -EFAULT;
	if (address && !sys_timeval_ns(&time, &ns))
		return -EINVAL;
	if (ns > WALL_NS_MAX)
		return -EINVAL;
	if (!may_set_time())
		return -EPERM;
	if (zone_address &&
		(zone.tz_minuteswest > MINUTES_WEST_MAX || zone.tz_minuteswest < -MINUTES_WEST_MAX))
		return -EINVAL;
	if (zone_address && zone_set(&zone) && !address && zone.tz_minuteswest != 0)
		err = wall_set(clock_wall_ns() + zone.tz_minuteswest * 60 * (int64_t)NS_PER_SEC);
	return address ? wall_set(ns) : err;
}

/* ---- adjtimex ------------------------------------------------------------------------------- */

/* What would steer the clock is refused, unless it is left as it is. */
static bool timex_steers(const struct timex *timex)
{
	uint32_t modes = timex->modes;

	return ((modes & ADJ_OFFSET) && timex->offset != 0) ||
	       ((modes & ADJ_FREQUENCY) && timex->freq != 0) ||
	       ((modes & ADJ_TICK) && timex->tick != TICK_US) || (modes & ADJ_TIMECONST) ||
	       ((modes & ADJ_STATUS) && (timex->status & ~(STA_UNSYNC | STA_RONLY)));
}

/* ADJ_SETOFFSET: what the clock will show. */
static int timex_step(const struct timex *timex, int64_t *to_ns)
{
	int64_t unit = timex->modes & ADJ_NANO ? 1 : (int64_t)NS_PER_US, by_ns;

	if (timex->time.tv_usec < 0 || timex->time.tv_usec >= (int64_t)NS_PER_SEC / unit)
		return -EINVAL;
	if (__builtin_mul_overflow(timex->time.tv_sec, (int64_t)NS_PER_SEC, &by_ns) ||
		__builtin_add_overflow(by_ns, timex->time.tv_usec * unit, &by_ns) ||
		__builtin_add_overflow(by_ns, clock_wall_ns(), to_ns))
		return -EINVAL;
	return wall_check(*to_ns);
}

static int64_t maxerror_locked(void)
{
	int64_t seconds = ((int64_t)clock_ns() - wall.maxerror_at_ns) / (int64_t)NS_PER_SEC;

	return min(wall.maxerror_us + seconds * ERROR_US_PER_S, (int64_t)ERROR_US_MAX);
}

static int64_t error_limited(int64_t us)
{
	return min(max(us, (int64_t)0), (int64_t)ERROR_US_MAX);
}

static void timex_apply_locked(const struct timex *timex)
{
	uint32_t modes = timex->modes;

	if (modes & ADJ_STATUS)
		wall.status = (wall.status & STA_RONLY) | (timex->status & ~STA_RONLY);
	if (modes & ADJ_NANO)
		wall.status |= STA_NANO;
	if (modes & ADJ_MICRO)
		wall.status &= ~STA_NANO;
	if (modes & ADJ_MAXERROR) {
		wall.maxerror_us = error_limited(timex->maxerror);
		wall.maxerror_at_ns = (int64_t)clock_ns();
	}
	if (modes & ADJ_ESTERROR)
		wall.esterror_us = error_limited(timex->esterror);
	if ((modes & ADJ_TAI) && timex->constant >= 0 && timex->constant <= TAI_OFFSET_S_MAX)
		clock_set_tai_offset(timex->constant * (int64_t)NS_PER_SEC);
}

static void timex_fill_locked(struct timex *timex)
{
	uint32_t modes = timex->modes;

	if (maxerror_locked() == ERROR_US_MAX)
		wall.status |= STA_UNSYNC;
	*timex = (struct timex){
		.modes = modes,
		.maxerror = maxerror_locked(),
		.esterror = wall.esterror_us,
		.status = wall.status,
		.constant = TIME_CONSTANT,
		.precision = 1,
		.tolerance = FREQ_TOLERANCE,
		.time = sys_timeval((uint64_t)clock_wall_ns()),
		.tick = TICK_US,
		.tai = (int32_t)(clock_tai_offset_ns() / (int64_t)NS_PER_SEC),
	};
	if (wall.status & STA_NANO)
		timex->time.tv_usec = clock_wall_ns() % (int64_t)NS_PER_SEC;
}

/* Everything is checked, then changed. */
static int timex_check(const struct timex *timex, int64_t *step_to_ns)
{
	if (timex->modes & ADJ_ADJTIME) {
		if (!(timex->modes & ADJ_OFFSET))
			return -EINVAL;
		if (timex->modes & ADJ_NANO)
			return 0;
		if (!may_set_time())
			return -EPERM;
		return timex->offset ? -EINVAL : 0;
	}
	if (timex->modes && !may_set_time())
		return -EPERM;
	if (timex_steers(timex))
		return -EINVAL;
	return timex->modes & ADJ_SETOFFSET ? timex_step(timex, step_to_ns) : 0;
}

long sys_adjtimex(uptr_t address)
{
	struct timex timex;
	int64_t step_to_ns = 0; /* no step */
	int err, state;

	if (get_user(&timex, address))
		return -EFAULT;
	err = timex_check(&timex, &step_to_ns);
	if (err)
		return err;
	if (step_to_ns)
		wall_step(step_to_ns);
	spin_lock(&wall.lock);
	if (!(timex.modes & ADJ_ADJTIME))
		timex_apply_locked(&timex);
	timex_fill_locked(&timex);
	state = wall.status & STA_UNSYNC ? TIME_ERROR : TIME_OK;
	spin_unlock(&wall.lock);
	return put_user(address, &timex) ? -EFAULT : state;
}

long sys_clock_adjtime(int number, uptr_t address)
{
	struct timex timex;
	int64_t ns;

	if (number == CLOCK_REALTIME)
		return sys_adjtimex(address);
	if (get_user(&timex, address))
		return -EFAULT;
	return number >= 0 && posix_clock_read(number, &ns) ? -EINVAL : -EOPNOTSUPP;
}
