#ifndef ABI_TIMEX_H
#define ABI_TIMEX_H
/*
 * adjtimex(2), as Linux has it on x86-64 (uapi/linux/timex.h).
 */
#include <stdint.h>

#include "abi/time.h"

#define ADJ_OFFSET    0x0001u
#define ADJ_FREQUENCY 0x0002u
#define ADJ_MAXERROR  0x0004u
#define ADJ_ESTERROR  0x0008u
#define ADJ_STATUS    0x0010u
#define ADJ_TIMECONST 0x0020u
#define ADJ_TAI       0x0080u
#define ADJ_SETOFFSET 0x0100u
#define ADJ_MICRO     0x1000u
#define ADJ_NANO      0x2000u /* with ADJ_ADJTIME: only look */
#define ADJ_TICK      0x4000u
#define ADJ_ADJTIME   0x8000u /* adjtime(3) */

#define STA_UNSYNC 0x0040
#define STA_RONLY  0xff00 /* what a program cannot set */
#define STA_NANO   0x2000

#define TIME_OK    0
#define TIME_ERROR 5 /* the clock is not synchronized */

struct timex {
	uint32_t modes;
	uint32_t pad;
	int64_t offset;   /* microseconds, or nanoseconds with STA_NANO */
	int64_t freq;     /* parts per million, 16 bits behind the point */
	int64_t maxerror; /* microseconds */
	int64_t esterror; /* microseconds */
	int32_t status;   /* STA_* */
	int32_t pad2;
	int64_t constant, precision, tolerance;
	struct timeval time; /* tv_usec is nanoseconds with STA_NANO */
	int64_t tick;
	int64_t ppsfreq, jitter;
	int32_t shift;
	int32_t pad3;
	int64_t stabil, jitcnt, calcnt, errcnt, stbcnt;
	int32_t tai; /* seconds */
	int32_t pad4[11];
};
_Static_assert(sizeof(struct timex) == 208, "as Linux");

#endif
