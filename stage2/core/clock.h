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

/* Wall time: nanoseconds since 1970. clock_set_wall is settimeofday. */
int64_t clock_wall_ns(void);
void clock_set_wall(int64_t ns);

/* The page that the vDSO reads the clock from, a struct vdso_clock at its start; of the kernel's
 * image. */
const void *clock_page(void);

#endif
