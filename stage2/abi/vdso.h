#ifndef ABI_VDSO_H
#define ABI_VDSO_H
/*
 * What the kernel and the vDSO (vdso/) share: a page of numbers below the vDSO's code, which makes
 * the time of a TSC reading, and a segment whose limit is the number of the CPU.
 */
#include <stdint.h>

/*
 * The clock: ns = ns_base + ((tsc - tsc_base) * mult >> 32). The kernel changes the numbers under
 * the sequence count, which is odd meanwhile; who has read them looks whether it is still the same.
 */
struct vdso_clock {
	uint32_t sequence;   /* [a] */
	uint32_t wall_known; /* [a] wall_offset_ns is set; else ask the kernel */
	uint64_t tsc_base, ns_base, mult;
	int64_t wall_offset_ns; /* [a] wall time less the time since boot */
};

#define VDSO_CPU_SELECTOR 0x7b /* as on Linux; node 0 alone */

#endif
