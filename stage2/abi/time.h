#ifndef ABI_TIME_H
#define ABI_TIME_H
/*
 * Times and clocks, as Linux has them on x86-64 (uapi/linux/time.h).
 */
#include <stdint.h>

struct timespec {
	int64_t tv_sec;
	int64_t tv_nsec; /* 0 .. 999,999,999 */
};

struct timeval {
	int64_t tv_sec;
	int64_t tv_usec;
};

struct itimerval {
	struct timeval it_interval;
	struct timeval it_value;
};
#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2
#define ITIMER_COUNT   3

struct timezone {
	int32_t tz_minuteswest;
	int32_t tz_dsttime;
};

struct utimbuf {
	int64_t actime;
	int64_t modtime;
};

/* times(2), in ticks of CLOCK_TICKS_PER_SEC. */
struct tms {
	int64_t tms_utime, tms_stime, tms_cutime, tms_cstime;
};
#define CLOCK_TICKS_PER_SEC 100
#define CLOCK_TICK_NS       (1000000000ul / CLOCK_TICKS_PER_SEC)

#define CLOCK_REALTIME           0
#define CLOCK_MONOTONIC          1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID  3
#define CLOCK_MONOTONIC_RAW      4
#define CLOCK_REALTIME_COARSE    5
#define CLOCK_MONOTONIC_COARSE   6
#define CLOCK_BOOTTIME           7
#define CLOCK_REALTIME_ALARM     8
#define CLOCK_BOOTTIME_ALARM     9
#define CLOCK_TAI                11

#define TIMER_ABSTIME 1 /* clock_nanosleep, timer_settime: a time, not a span */

struct itimerspec {
	struct timespec it_interval;
	struct timespec it_value;
};

/* utimensat: tv_nsec values with a meaning of their own. */
#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

#endif
