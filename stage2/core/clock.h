#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H
/*
 * Time since boot and wall time. The clock is the TSC; its rate is measured against a reference
 * clock over the time that booting takes anyway, and again later over a longer span, without a
 * jump.
 */
#include <stdint.h>

#define NS_PER_SEC 1000000000ull
#define NS_PER_MS  1000000ull
#define NS_PER_US  1000ull

/* Once the reference clock and the local timer are there: take the first pair of readings. Then,
 * when some boot work has passed: the rates. clock_refine takes them again (some 100 ms later). */
void clock_init(void);
void clock_calibrate(void);
void clock_refine(void);

/* Nanoseconds since clock_init; never goes backwards. Any context. */
uint64_t clock_ns(void);
/* Nanoseconds from a TSC reading taken earlier (boot stamps), relative to the same zero. */
int64_t clock_from_tsc(uint64_t tsc);
uint64_t clock_tsc_hz(void);
/* Local timer ticks for a span, at least 1. */
uint32_t clock_local_ticks(uint64_t span_ns);

/* Wall time: nanoseconds since 1970; not less than clock_ns, so that no time of it lies before the
 * boot and is negative. Who sets it calls timers_wall_was_set (sched). */
int64_t clock_wall_ns(void);
void clock_set_wall(int64_t ns);
/* What international atomic time is ahead of it; 0 until somebody who knows says so. */
int64_t clock_tai_offset_ns(void);
void clock_set_tai_offset(int64_t ns);
/* What clock_ns is when the wall clock shows `wall_ns`, if nobody sets it meanwhile; 0 if that lies
 * before the boot. The wall clock has been read before. Any context. */
uint64_t clock_from_wall(uint64_t wall_ns);

/* The page that the vDSO reads the clock from, a struct vdso_clock at its start; of the kernel's
 * image. */
const void *clock_page(void);

#endif
